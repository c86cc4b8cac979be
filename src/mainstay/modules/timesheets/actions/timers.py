"""The timer on the page of an issue; on a task's page the room of projects has it."""

from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.modules.issues.api import Issue
from mainstay.modules.projects.api import StartTimer, end_timer, run_timer


@action(label="Start timer", icon="player-play", grant="update")
async def start_timer(ctx: Context, issue: Issue, data: StartTimer) -> Issue:
    """Run your timer on this issue; one that runs elsewhere stops first."""
    await run_timer(ctx, data, issue_id=issue.id)
    return issue


@action(label="Stop timer", icon="player-stop", grant="update")
async def stop_timer(ctx: Context, issue: Issue) -> Issue:
    """Stop your timer on this issue."""
    await end_timer(ctx, issue_id=issue.id)
    return issue

"""What reaching a milestone does to its project: the next phase, review, and back to work."""

from collections.abc import Sequence

from mainstay.kernel.context import Context
from mainstay.modules.milestones import rules
from mainstay.modules.milestones.actions.rights import Touched
from mainstay.modules.milestones.entities import Milestone
from mainstay.modules.milestones.scopes import course_of, milestones_of
from mainstay.modules.projects.api import Project, move_project
from mainstay.modules.projects.kinds import ProjectStatus

IMPORTING = "scrum.importing"


async def move_projects(ctx: Context, found: Sequence[Touched[Milestone]]) -> None:
    """Bring the projects of milestones that were begun, reached or reopened where they belong."""
    by_project: dict[int, list[Touched[Milestone]]] = {}
    for one in found:
        live = one.record.deleted_at is None
        if live and one.was("status") != one.record.status:
            by_project.setdefault(one.record.project_id, []).append(one)
    for project_id in sorted(by_project):
        # Loaded, and so locked, before its milestones are counted: of two people who complete
        # the last two at once, the second one sees both.
        project = await ctx.get(Project, project_id, anywhere=True)
        await _move(ctx, project, by_project[project_id])


async def _move(ctx: Context, project: Project, moved: Sequence[Touched[Milestone]]) -> None:
    reached = [one.record for one in moved if one.record.status == "completed"]
    begun = [one.record for one in moved if one.record.status in ("in_progress", "review")]
    again = [one for one in moved if one.was("status") == "completed"]
    if reached:
        await _reached(ctx, project, reached)
    elif begun and project.status == "planning":
        move_project(ctx, project, milestone_id=begun[0].id, status="active")
    elif again and project.status == "review":
        move_project(ctx, project, milestone_id=again[0].record.id, status="active")


async def _reached(ctx: Context, project: Project, reached: Sequence[Milestone]) -> None:
    """Move a project on because of milestones that were reached in it."""
    known = [row for row in await milestones_of(ctx, project.id) if row[1] != "cancelled"]
    waiting = {phase for phase, status in known if status != "completed"}
    done = {phase for phase, _ in known if phase is not None} - waiting
    phase = project.current_phase_id
    if any(one.phase_id for one in reached):
        course = await course_of(ctx, project.category_id)
        held = [one for one in waiting if one is not None]
        for one in reached:
            if one.phase_id:
                phase = rules.next_phase(course, phase, one.phase_id, held, done) or phase
    status: ProjectStatus | None = None
    # What is moved in from elsewhere says what was reached there, before its tasks are here.
    if project.status in ("planning", "active") and not ctx.notes.get(IMPORTING):
        status = "active" if waiting else "review"
        status = None if status == project.status else status
    if status or phase != project.current_phase_id:
        move_project(ctx, project, milestone_id=reached[-1].id, phase_id=phase, status=status)

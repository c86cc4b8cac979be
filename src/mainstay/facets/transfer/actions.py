"""What can be done with a running import: stop it, go on with it."""

from mainstay.facets.transfer.entities import ImportRun
from mainstay.facets.transfer.load import JOB
from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict


def _running(run: ImportRun) -> str | None:
    """Return why the import cannot be stopped."""
    return None if run.state in ("waiting", "running") else f"This import is {run.state} already."


def _resumable(run: ImportRun) -> str | None:
    """Return why the import cannot go on."""
    if run.state not in ("stopped", "failed", "running", "waiting"):
        return f"This import is {run.state} already."
    return None if run.done < run.total else "Every row was read already."


@action(icon="player-stop", allowed=_running, grant="read")
async def stop(ctx: Context, run: ImportRun) -> ImportRun:
    """Stop an import after the batch it is at; what was imported stays."""
    run.state, run.finished_at = "stopped", ctx.now
    return run


@action(icon="player-play", allowed=_resumable, grant="read")
async def resume(ctx: Context, run: ImportRun) -> ImportRun:
    """Go on with an import that was stopped, failed, or lost its server."""
    if not run.stored:
        raise Conflict("This file was imported by a command. Run the same command again.")
    run.state, run.message, run.finished_at = "running", "", None
    await ctx.later(JOB, {"run": run.id}, key=f"{JOB}:{run.id}:{run.done}:{run.version}")
    return run

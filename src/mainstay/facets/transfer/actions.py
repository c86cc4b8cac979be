"""What can be done with a running import: stop it, go on with it."""

import msgspec

from mainstay.facets.transfer.entities import ImportRun
from mainstay.facets.transfer.load import JOB
from mainstay.facets.transfer.takeback import JOB as TAKE_BACK
from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict
from mainstay.kernel.scope import require


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


def _undoable(run: ImportRun) -> str | None:
    """Return why the import cannot be taken back."""
    if run.state not in ("done", "stopped", "failed"):
        return f"This import is {run.state}."
    return None if run.change_sets else "It changed nothing."


@action(label="Take back", icon="arrow-back-up", danger=True, allowed=_undoable, grant="read")
async def take_back(ctx: Context, run: ImportRun) -> ImportRun:
    """Undo what this import did: new records go to the bin, changed ones become what they were.

    What somebody has changed since stays as it is, and is said afterwards.
    """
    require(ctx.me, ctx.registry.noun(run.resource).permission("update"))
    run.state, run.message, run.finished_at = "undoing", "", None
    await ctx.later(
        TAKE_BACK,
        {"run": run.id, "person": msgspec.to_builtins(ctx.me)},
        key=f"{TAKE_BACK}:{run.id}:{run.version}",
    )
    return run


@action(icon="player-play", allowed=_resumable, grant="read")
async def resume(ctx: Context, run: ImportRun) -> ImportRun:
    """Go on with an import that was stopped, failed, or lost its server."""
    if not run.stored:
        raise Conflict("This file was imported by a command. Run the same command again.")
    run.state, run.message, run.finished_at = "running", "", None
    await ctx.later(JOB, {"run": run.id}, key=f"{JOB}:{run.id}:{run.done}:{run.version}")
    return run

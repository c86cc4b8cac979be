"""What can be done with a move: stop it, go on with it, take it back."""

import msgspec

from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict
from mainstay.kernel.scope import require
from mainstay.modules.importers.entities import MoveRun
from mainstay.modules.importers.running import BACK, BEGIN, JOB


def _running(run: MoveRun) -> str | None:
    """Return why the move cannot be stopped."""
    return None if run.state in ("waiting", "running") else f"This move is {run.state} already."


def _resumable(run: MoveRun) -> str | None:
    """Return why the move cannot go on."""
    if run.state not in ("stopped", "failed"):
        return f"This move is {run.state}."
    return None


def _undoable(run: MoveRun) -> str | None:
    """Return why the move cannot be taken back."""
    if run.state not in ("done", "stopped", "failed"):
        return f"This move is {run.state}."
    return None if run.change_sets else "It changed nothing."


@action(icon="player-stop", allowed=_running, grant="begin")
async def stop(ctx: Context, run: MoveRun) -> MoveRun:
    """Stop a move after the batch it is at; what came in stays, and it can go on later."""
    run.state, run.finished_at = "stopped", ctx.now
    return run


@action(label="Go on", icon="player-play", allowed=_resumable, grant="begin")
async def resume(ctx: Context, run: MoveRun) -> MoveRun:
    """Go on with a move where it stopped; nothing comes in twice."""
    if not run.stored:
        raise Conflict("This file was moved in by a command. Run the same command again.")
    run.state, run.message, run.finished_at = "running", "", None
    await ctx.later(JOB, {"run": run.id}, key=f"{JOB}:{run.id}:{run.done}:{run.version}")
    return run


@action(label="Take back", icon="arrow-back-up", danger=True, allowed=_undoable, grant="begin")
async def take_back(ctx: Context, run: MoveRun) -> MoveRun:
    """Undo all of this move: what it made goes to the bin, what it changed becomes what it was.

    What somebody has changed since stays as it is, and is said afterwards.
    """
    require(ctx.me, BEGIN)
    run.state, run.message, run.finished_at = "undoing", "", None
    await ctx.later(
        BACK,
        {"run": run.id, "person": msgspec.to_builtins(ctx.me)},
        key=f"{BACK}:{run.id}:{run.version}",
    )
    return run

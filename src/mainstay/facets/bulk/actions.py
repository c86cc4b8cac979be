"""What is done with bulk changes: start one, stop it, go on, take it back."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta, Struct

from mainstay.facets.bulk import runs
from mainstay.facets.bulk.deeds import deed_of, may
from mainstay.facets.bulk.entities import BulkRun
from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.kernel.problems import Invalid, invalid
from mainstay.kernel.scope import require


class Start(Struct, forbid_unknown_fields=True):
    """Which records, and what is done to them."""

    resource: Annotated[str, Meta(description="Of what: projects.task.")]
    deed: Annotated[str, Meta(description="update, delete, restore or a verb's name.")]
    values: Annotated[
        dict[str, Any],
        Meta(description="For update: set, add and remove; for a verb: what it asks for."),
    ] = {}
    ids: Annotated[list[int], Meta(description="The records.")] = []
    query: Annotated[
        str | None, Meta(description="Instead of ids: all that match, like status=todo.")
    ] = None


@action(label="Change many", icon="stack-2")
async def start(ctx: Context, data: Start) -> BulkRun:
    """Do the same to many records, in the background; each is done or refused by itself."""
    if data.resource not in ctx.registry.nouns:
        raise invalid("resource", "names nothing that is here")
    deed = deed_of(ctx.registry.nouns[data.resource], data.deed, data.values)
    may(ctx.me, deed)
    ids = data.ids
    if data.query is not None:
        if ids:
            raise Invalid("Send ids or a query, not both.")
        pairs = parse_qsl(data.query)
        ids = await runs.matching(ctx.workspace, ctx.me, deed.noun, pairs)
    return await runs.begin(ctx, deed, ids)


def _running(run: BulkRun) -> str | None:
    """Return why the run cannot be stopped."""
    return None if run.state in runs.OPEN else f"This change is {run.state} already."


def _resumable(run: BulkRun) -> str | None:
    """Return why the run cannot go on."""
    if run.state not in ("stopped", "failed"):
        return f"This change is {run.state}."
    return None if run.done < run.total else "Every record was done already."


def _undoable(run: BulkRun) -> str | None:
    """Return why the run cannot be taken back."""
    if run.state not in ("done", "stopped", "failed"):
        return f"This change is {run.state}."
    return None if run.change_sets else "It changed nothing."


@action(icon="player-stop", allowed=_running, grant="start")
async def stop(ctx: Context, run: BulkRun) -> BulkRun:
    """Stop after the batch it is at; what was changed stays, and can be taken back."""
    run.state, run.finished_at = "stopped", ctx.now
    return run


@action(icon="player-play", allowed=_resumable, grant="start")
async def resume(ctx: Context, run: BulkRun) -> BulkRun:
    """Go on with the records that were not done yet."""
    may(ctx.me, deed_of(ctx.registry.noun(run.resource), run.deed, run.values))
    run.state, run.message, run.finished_at = "running", "", None
    payload = {"run": run.id}
    await ctx.later(runs.JOB, payload, key=f"{runs.JOB}:{run.id}:{run.done}:{run.version}")
    return run


@action(label="Take back", icon="arrow-back-up", danger=True, allowed=_undoable, grant="start")
async def take_back(ctx: Context, run: BulkRun) -> BulkRun:
    """Undo what it changed; what somebody has changed since stays as it is, and is said."""
    require(ctx.me, ctx.registry.noun(run.resource).permission("update"))
    run.state, run.message, run.finished_at = "undoing", "", None
    payload = {"run": run.id, "person": msgspec.to_builtins(ctx.me)}
    await ctx.later(runs.UNDO, payload, key=f"{runs.UNDO}:{run.id}:{run.version}")
    return run

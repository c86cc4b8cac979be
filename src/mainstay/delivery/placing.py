"""Putting records into a column and between two others: what a drop on a board asks for."""

from typing import Any

from litestar import Response, post
from msgspec import Struct

from mainstay.delivery.rest import Rq, json_body, known_version, noun_of, record_id, write
from mainstay.kernel import perform
from mainstay.kernel.context import Context, public
from mainstay.kernel.place import Placing, place


class Placed(Struct, kw_only=True):
    """The records that were moved, and the change set that takes it back, if anything moved."""

    change_set: int | None
    items: list[Any]


@post("/api/{room:str}/{plural:str}/{record:str}/place", status_code=200)
async def place_record(request: Rq) -> Response[bytes]:
    """Put a record into a column and between two others."""
    noun, one = noun_of(request), record_id(request)
    wanted: Placing = perform.decoded(Placing, await json_body(request))
    if wanted.version is None:
        wanted.version = known_version(request)

    async def work(ctx: Context) -> Placed:
        """Move it, and what comes along."""
        moved = await place(ctx, noun, one, wanted)
        await ctx.settle()
        items = [public(noun, entity, ctx.me) for entity in moved]
        return Placed(change_set=ctx.to_undo or None, items=items)

    return await write(request, work, body=await request.body())


ROUTES = [place_record]

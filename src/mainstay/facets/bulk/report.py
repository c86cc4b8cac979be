"""What became of a bulk change: how many records, which were refused and why."""

from typing import Any

from mainstay.delivery.cells import full_title_of
from mainstay.facets.bulk.entities import BulkRun
from mainstay.kernel.context import Context
from mainstay.kernel.noun import Noun


async def report(ctx: Context, run: BulkRun) -> dict[str, Any]:
    """Return the refused records with their titles, as far as this person may see them."""
    noun = ctx.registry.nouns.get(run.resource)
    ids = [fault["id"] for fault in run.faults]
    names = await titles(ctx, noun, ids) if noun else {}
    faults = [
        {
            "href": f"/{noun.path}/{fault['id']}" if noun and fault["id"] in names else "",
            "title": names.get(fault["id"], str(fault["id"])),
            "reason": fault["reason"],
        }
        for fault in run.faults
    ]
    return {"run": run, "faults": faults, "of": noun}


async def titles(ctx: Context, noun: Noun, ids: list[int]) -> dict[int, str]:
    """Return what some records are called."""
    if not ids or not ctx.can(noun.permission("read")):
        return {}
    asked = {"id__in": ",".join(str(one) for one in ids), "limit": str(len(ids)), "deleted": "with"}
    found, _next = await ctx.reader.entities(ctx.connection, noun, ctx.ask(noun, asked), ctx.me)
    return {row.id: full_title_of(noun, row) for row in found}

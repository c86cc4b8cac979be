"""`mainstay audit`: seal the log, and find out whether anybody has tampered with it."""

from typing import Any

import rich_click as click

from mainstay.cli import out

CHANGED = "The log does not match: rows were changed or cut off, or an older backup was restored."


@click.group()
def audit() -> None:
    """Seal and verify the log of changes."""


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def verify(terms: out.Terms, as_json: bool) -> int:
    """Look for edited, deleted or cut-off rows of the log."""
    found: dict[str, Any] = out.run(_verify(terms))
    if as_json:
        out.say_json(found)
    else:
        out.say(f"{found['rows']} rows are sealed; the anchor is {found['anchor'] or 'missing'}.")
        for fault in found["faults"]:
            out.say(f"  {fault}")
        out.say(CHANGED if found["faults"] else "The log is whole.")
    return out.REFUSED if found["faults"] else out.DONE


async def _verify(terms: out.Terms) -> dict[str, Any]:
    from mainstay import app
    from mainstay.kernel.context import Context
    from mainstay.kernel.housekeeping import anchor_path, read_anchor
    from mainstay.kernel.scope import SYSTEM

    ws = await app.open_workspace(terms.settings())
    try:
        path = anchor_path(ws)
        noted = read_anchor(path) if path else None

        async def look(ctx: Context) -> dict[str, Any]:
            """Verify, and read the newest seal."""
            faults = await ws.log.verify(ctx.connection, noted)
            newest = await ws.log.last_seal(ctx.connection)
            return {"rows": newest.rows, "hash": newest.hash, "faults": faults}

        found = await ws.look(SYSTEM, look, slow=True)
        return found | {"anchor": str(path) if noted else None}
    finally:
        await ws.close()


@audit.command("seal")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def seal(terms: out.Terms, as_json: bool) -> None:
    """Chain what was logged since the last seal, and note the seal outside the database."""
    found = out.run(_seal(terms))
    if as_json:
        out.say_json(found)
    else:
        out.say(f"{found['rows']} rows are sealed. Noted in {found['anchor']}: {found['hash']}")


async def _seal(terms: out.Terms) -> dict[str, Any]:
    from mainstay import app
    from mainstay.kernel import housekeeping
    from mainstay.kernel.context import Context
    from mainstay.kernel.scope import SYSTEM

    ws = await app.open_workspace(terms.settings())
    try:

        async def work(ctx: Context) -> Any:
            """Seal everything, a part at a time."""
            await housekeeping.seal(ctx, {})
            return await ws.log.last_seal(ctx.connection)

        newest = await ws.run(SYSTEM, work, slow=True)
        await housekeeping.anchor(ws, {})
        path = housekeeping.anchor_path(ws)
        return {"rows": newest.rows, "hash": newest.hash, "anchor": str(path) if path else None}
    finally:
        await ws.close()

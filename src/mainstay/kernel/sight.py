"""Who may see a record: asked of other people than the one who acts."""

from collections.abc import Iterable

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import Me
from mainstay.kernel.storage.base import rows


async def people(ctx: Context, ids: Iterable[int]) -> list[Me]:
    """Return those of these people who may sign in, each with what they may do."""
    wanted = sorted(set(ids))
    found: list[Me] = []
    for module in ctx.registry.modules.values():
        if module.people is not None and wanted:
            found += await module.people(ctx, wanted)
    return found


async def who_see(ctx: Context, noun: Noun, record_id: int, ids: Iterable[int]) -> set[int]:
    """Return which of these people may see a record, each by their own rights and scope."""
    asked = set(ids)
    found = {ctx.me.id} & asked if ctx.me.id and ctx.can(noun.permission("read")) else set()
    groups: dict[frozenset[str], list[int]] = {}
    for me in await people(ctx, asked - found):
        if me.id and me.can(noun.permission("read")):
            groups.setdefault(ctx.reader.limits(noun, me), []).append(me.id)
    for limits, members in groups.items():
        found |= await _seeing(ctx, noun, record_id, members, limits)
    return {one for one in found if one}


async def _seeing(
    ctx: Context, noun: Noun, record_id: int, members: list[int], limits: frozenset[str]
) -> set[int]:
    """Ask once for all people whose sight is limited in the same way."""
    if not limits or noun.resource.scope is None:
        return set(members)
    person = ctx.registry.tables["identity.user"].alias("person")
    scope = ctx.registry.scope_condition(noun, person.c.id, limits=limits)
    assert scope is not None
    chosen = sa.select(person.c.id).select_from(person.join(noun.table, sa.true()))
    chosen = chosen.where(noun.table.c.id == record_id, person.c.id.in_(members), scope)
    return {row[0] for row in await rows(ctx.connection, chosen)}

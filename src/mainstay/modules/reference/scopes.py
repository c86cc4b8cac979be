"""Where a word is used: a count over every resource that may refer to it."""

from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.fields import Links
from mainstay.kernel.noun import Noun
from mainstay.kernel.storage.base import prepare

ID = sa.BigInteger()


async def uses(ctx: Context, noun: Noun, record_id: int) -> dict[str, int]:
    """Return how many live records of each resource refer to a record, whoever may see them."""

    def build() -> Any:
        """Count each way to refer to it, in one statement."""
        return prepare(ctx.connection.engine, sa.union_all(*_counts(ctx, noun)))

    ready = ctx.reader.shape(("uses", noun.key), build)
    found: dict[str, int] = {}
    for key, count in await ctx.connection.fetch(ready.sql, ready.bind({"record": record_id})):
        if count:
            found[key] = found.get(key, 0) + count
    return found


def _counts(ctx: Context, noun: Noun) -> list[Any]:
    """Return a count for each field of any resource that refers to such records."""
    record = sa.bindparam("record", type_=ID)
    found: list[Any] = []
    for other in ctx.registry.nouns.values():
        c, number = other.table.c, sa.func.count().label("number")
        key = sa.literal_column(f"'{other.key}'", sa.Text()).label("key")
        for name, kind in other.refs.items():
            if kind.target == noun.key:
                found.append(
                    sa.select(key, number).where(c[name] == record, c.deleted_at.is_(None))
                )
        for name, item in other.links.items():
            if isinstance(item.kind, Links) and item.kind.target == noun.key:
                link = other.link_tables[name]
                mine = sa.select(link.c.owner_id).where(link.c.target_id == record)
                found.append(sa.select(key, number).where(c.id.in_(mine), c.deleted_at.is_(None)))
    return found

"""What is asked while somebody writes: who can be named here."""

from msgspec import Struct

from mainstay.facets.comments.entities import Comment
from mainstay.facets.comments.scopes import INTERNAL, PERSON, may_see
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Links
from mainstay.kernel.module import question
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import require

OFFERED = 8
LOOKED_AT = 300


class About(Struct):
    """The record that is talked about, the letters typed so far, and who shall read it."""

    entity: str
    record_id: int
    q: str = ""
    internal: bool = False


class Person(Struct):
    """Somebody who can be named: who they are, and the name they sign in with."""

    id: int
    name: str
    username: str


@question(label="Who can be mentioned")
async def mentionable(ctx: Context, ask: About) -> list[Person]:
    """Find people to mention in a comment: only those who may read it, the involved ones first."""
    noun, record = await perform.worn(ctx, "comments", ask.entity, ask.record_id)
    require(ctx.me, "comments.comment.create")
    if ask.internal:
        require(ctx.me, INTERNAL)
    people = ctx.registry.nouns[PERSON]
    first = await _involved(ctx, noun, record) if not ask.q.strip() else []
    known = await _found(ctx, people, ask.q)
    known.sort(key=lambda one: (one.id not in first, one.name.casefold()))
    ids = [one.id for one in known]
    seeing = set(await may_see(ctx, noun, ask.record_id, ids, internal=ask.internal))
    return [one for one in known if one.id in seeing][:OFFERED]


async def _found(ctx: Context, people: Noun, q: str) -> list[Person]:
    """Return active people whose name begins like the letters, within the asking one's sight."""
    asked = {"q": q[:80], "status": "active", "sort": "display_name", "limit": LOOKED_AT}
    if not q.strip():
        asked.pop("q")
    found, _ = await ctx.reader.entities(ctx.connection, people, ctx.ask(people, asked), ctx.me)
    read = ((getattr(one, "display_name", ""), getattr(one, "username", "")) for one in found)
    return [
        Person(one.id, name or user, user) for one, (name, user) in zip(found, read, strict=True)
    ]


async def _involved(ctx: Context, noun: Noun, record: Entity) -> set[int]:
    """Return who stands on the record and who has talked about it."""
    names = [n for n, k in noun.refs.items() if k.target == PERSON]
    found = {getattr(record, name) for name in names}
    for name, item in noun.links.items():
        if isinstance(item.kind, Links) and item.kind.target == PERSON:
            found |= set(getattr(record, name))
    kind = ctx.registry.noun(Comment)
    asked = {"entity": noun.key, "record_id": record.id, "sort": "-id", "limit": 50}
    said, _ = await ctx.reader.entities(ctx.connection, kind, ctx.ask(kind, asked), ctx.me)
    return {one for one in (*found, *(comment.created_by for comment in said)) if one}

"""A small house to import into: people, crates, and things of every kind of field."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from sqlalchemy.schema import CreateIndex, CreateTable

from mainstay.facets.transfer import MODULE as TRANSFER
from mainstay.kernel import search
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Dec, Json, Links, Real, Ref, Text, Whole
from mainstay.kernel.module import ImportPreset, Module, Resource
from mainstay.kernel.problems import Conflict
from mainstay.kernel.registry import Registry
from mainstay.kernel.workspace import Workspace, engine_for

Name = Annotated[str, Text(200, least=1)]
Email = Annotated[str, Text(200, normal=str.lower)]
CrateRef = Annotated[int, Ref(target="store.crate")]
People = Annotated[list[int], Links(target="identity.user")]
UserRef = Annotated[int, Ref(target="identity.user")]
Size = Annotated[
    Literal["small", "in_between", "large"], Choice(ordered=True, aliases=(("big", "large"),))
]
Words = Annotated[str, Text(100_000, lines=True)]
Money = Annotated[Decimal, Dec(15, 2, least=Decimal(-1000))]
Weight = Annotated[float, Real(least=-1e9)]
Count = Annotated[int, Whole(least=-1000)]
Pay = Annotated[Decimal, Dec(15, 2, group="pay")]


class User(Entity, kw_only=True):
    """A person."""

    __unique__: ClassVar = (("email",),)
    name: Name
    email: Email = ""
    wage: Pay | None = None
    password: Annotated[str, Text(50, secret=True)] = ""


class Crate(Entity, kw_only=True):
    """Where things are."""

    __unique__: ClassVar = (("code",),)
    code: Annotated[str, Text(20, normal=str.upper)]
    name: Name


class Thing(Entity, kw_only=True):
    """What is kept."""

    __unique__: ClassVar = (("crate_id", "code"),)
    crate_id: CrateRef | None = None
    code: Annotated[str, Text(40)] = ""
    title: Name
    note: Words = ""
    remark: Words | None = None
    owner_id: UserRef | None = None
    people: People = []
    size: Size = "small"
    price: Money | None = None
    weight: Weight | None = None
    pieces: Count = 0
    ready: bool = False
    due: date | None = None
    seen_at: datetime | None = None
    facts: Annotated[dict[str, int], Json()] = {}
    words: list[str] = []


class Plain(Entity, kw_only=True):
    """A word of any kind."""

    text: Words
    other: Words | None = None


async def put(ctx: Context, thing: Thing) -> Thing:
    """Number a thing, and refuse what is cursed."""
    if "cursed" in thing.title:
        raise Conflict("Cursed things are not kept.")
    if not thing.code:
        number = await ctx.next_number(f"thing:{thing.crate_id or 0}")
        thing.code = f"T-{number:03}"
    return await ctx.create(thing)


def convert(row: Mapping[str, str], name: str) -> dict[str, Any]:
    """Read a row of the ledger."""
    crate, _, _ = row["mark"].partition("-")
    return {
        "crate": {"code": crate},
        "code": row["mark"],
        "title": row["what"],
        "weight": float(row["kg"]),
    }


def parents(values: list[dict[str, Any]], name: str) -> list[tuple[str, dict[str, Any]]]:
    """Make the crates."""
    codes = dict.fromkeys(value["crate"]["code"] for value in values)
    return [("store.crate", {"code": code, "name": f"Crate {code}"}) for code in codes]


WRITTEN = (
    *("title", "note", "remark", "owner_id", "people", "size", "price", "weight"),
    *("pieces", "ready", "due", "seen_at", "facts", "words"),
)
LEDGER = ImportPreset(
    "ledger",
    "The harbour's ledger.",
    frozenset({"mark", "what", "kg"}),
    convert,
    ("crate_id", "code"),
    parents,
)
STORE = Module(
    "store",
    "Things in crates.",
    resources=(
        Resource(Crate, "store/crates", write=("code", "name")),
        Resource(
            Thing,
            "store/things",
            write=WRITTEN,
            create_only=("crate_id",),
            search=("title",),
            create=put,
            imports=(LEDGER,),
        ),
        Resource(Plain, "store/plains", write=("text", "other")),
    ),
)
IDENTITY = Module(
    "identity",
    "People.",
    resources=(Resource(User, "identity/users", write=("name", "email", "wage")),),
)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Workspace]:
    """Open a workspace with its tables made anew."""
    ws = Workspace(Registry((IDENTITY, TRANSFER, STORE)), engine_for(url))
    await ws.open()
    made: list[str] = []
    for table in ws.registry.metadata.sorted_tables:
        made.append(str(CreateTable(table, if_not_exists=True).compile(dialect=ws.engine.dialect)))
        made += [
            str(CreateIndex(index, if_not_exists=True).compile(dialect=ws.engine.dialect))
            for index in table.indexes
        ]
    for noun in ws.registry.nouns.values():
        made += search.create(noun, ws.engine.name)
    await ws.engine.script(made)
    try:
        yield ws
    finally:
        await ws.close()

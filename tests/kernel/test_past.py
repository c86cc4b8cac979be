"""The past from the log: replaying to an instant equals the state then, on both engines."""

import random
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
import sqlalchemy as sa

from mainstay.kernel import perform
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Day, Dec, Json, Links, Ref, Text
from mainstay.kernel.module import Module, Resource
from mainstay.kernel.past import known_since, readable, records_at
from mainstay.kernel.problems import Denied, Invalid
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me, Scope, Scoping
from mainstay.kernel.workspace import Workspace, engine_for
from tests.modules.projects.conftest import PEOPLE, build

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


class Shelf(Entity, kw_only=True):
    """A place for boxes."""

    name: Annotated[str, Text(50)] = ""


class Box(Entity, kw_only=True):
    """Something that is kept."""

    shelf_id: Annotated[int, Ref(target="store.shelf")]
    label: Annotated[str, Text(50)]
    state: Annotated[Literal["new", "used", "broken"], Choice()] = "new"
    due: Annotated[date, Day()] | None = None
    worth: Annotated[Decimal, Dec(10, 2)] | None = None
    owners: Annotated[list[int], Links(target="identity.user")] = []
    notes: Annotated[dict[str, Any], Json()] = {}
    pin: Annotated[str, Text(20, secret=True)] = ""
    phone: Annotated[str, Text(20, personal=True)] = ""
    price: Annotated[Decimal, Dec(10, 2, group="pay")] | None = None
    turns: int = 0

    __index__: ClassVar = (("shelf_id", "state"),)


def _kept(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.created_by == s.me


STORE = Module(
    "store",
    "Boxes on shelves.",
    resources=(
        Resource(Shelf, "store/shelves", write=("name",)),
        Resource(
            Box,
            "store/boxes",
            write=("label", "state", "due", "worth", "owners", "notes", "pin", "phone", "price"),
            create_only=("shelf_id",),
            derived=("turns",),
            scope=Scope(_kept, "You made it."),
        ),
    ),
)
ROOMS = (PEOPLE, STORE)
NAMES = ("label", "state", "due", "worth", "owners", "notes")


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Workspace]:
    """An empty store on each engine."""
    servers, name = None, f"past_{uuid.uuid4().hex[:16]}"
    if request.param == "postgres":
        servers = request.getfixturevalue("postgres")
        template = await servers.template("past", lambda url: build(url, ROOMS))
        url = await servers.create_database(name, template=template)
    else:
        url = str(tmp_path / "past.db")
        await build(url, ROOMS)
    ws = Workspace(Registry(ROOMS), engine_for(url), clock=FixedClock(NOW))
    await ws.open()
    yield ws
    await ws.close()
    if servers:
        await servers.drop_database(name)


async def made(ws: Workspace, key: str, me: Me = SYSTEM, **data: Any) -> int:
    noun = ws.registry.noun(key)
    return (await ws.run(me, lambda ctx: perform.create(ctx, noun, data))).id


async def at(ws: Workspace, when: datetime, shelf: int, me: Me = SYSTEM, **more: Any) -> Any:
    noun = ws.registry.noun("store.box")
    return await ws.look(
        me, lambda ctx: records_at(ctx, noun, when, within=("shelf_id", shelf), **more)
    )


def value(chance: random.Random, name: str, keepers: list[int]) -> Any:
    if name == "owners":
        return chance.sample(keepers, chance.randint(0, len(keepers)))
    if name == "notes":
        return (
            {"a": chance.randint(0, 9), "b": [chance.choice("xyz")]}
            if chance.random() < 0.8
            else {}
        )
    return {
        "label": f"Box {chance.randint(0, 99)}",
        "state": chance.choice(["new", "used", "broken"]),
        "due": chance.choice([None, "2026-12-01", "2027-02-28"]),
        "worth": chance.choice([None, "0.10", "12.50", "99999.99"]),
    }[name]


class History:
    """Boxes on a shelf to which things happen by chance, by every way in which records change."""

    def __init__(self, ws: Workspace, shelf: int, keepers: list[int], seed: int) -> None:
        self.ws, self.shelf, self.keepers = ws, shelf, keepers
        self.noun, self.chance = ws.registry.noun("store.box"), random.Random(seed)
        self.boxes: list[int] = []
        self.sets: list[int] = []

    async def step(self, ctx: Any) -> None:
        """Create, edit once or twice, put into the bin or take out of it."""
        roll, noun = self.chance.random(), self.noun
        self.sets.append(ctx.change_set)
        if roll < 0.25 or not self.boxes:
            new = await perform.create(ctx, noun, {"shelf_id": self.shelf, "label": "New"})
            self.boxes.append(new.id)
            return
        one = self.chance.choice(self.boxes)
        if (await ctx.load(noun, one, deleted="with")).deleted_at is not None:
            await perform.restore(ctx, noun, one)
        elif roll < 0.4:
            await perform.delete(ctx, noun, one)
        else:
            names = self.chance.sample(NAMES, self.chance.randint(1, 3))
            values = {name: value(self.chance, name, self.keepers) for name in names}
            await perform.update(ctx, noun, one, values)
            if roll > 0.85:
                await perform.update(ctx, noun, one, {"label": "Twice"})

    async def now(self) -> dict[int, dict[str, Any]]:
        """Return the boxes as they are, read as any verb would read them."""

        async def read(ctx: Any) -> Any:
            ask = ctx.ask(self.noun, {"shelf_id": self.shelf, "limit": 100, "sort": "id"})
            found, _more = await ctx.reader.entities(ctx.connection, self.noun, ask, SYSTEM)
            return {one.id: {name: getattr(one, name) for name in NAMES} for one in found}

        return await self.ws.look(SYSTEM, read)


@pytest.mark.parametrize("seed", range(3))
async def test_replaying_the_log_to_a_date_equals_the_state_then(
    store: Workspace, seed: int
) -> None:
    """Random histories, with snapshots taken along; the log tells each of them again."""
    keepers = [await made(store, "identity.user", display_name=str(n)) for n in range(3)]
    shelf, other = [await made(store, "store.shelf", name=str(n)) for n in range(2)]
    await made(store, "store.box", shelf_id=other, label="Elsewhere")
    past, clock = History(store, shelf, keepers, seed), store.clock
    snaps: list[tuple[datetime, Any]] = []
    for number in range(40):
        if number % 7 == 6:
            await store.undo(SYSTEM, past.sets.pop())
        else:
            await store.run(SYSTEM, past.step)
        if number % 3 == 0:
            snaps.append((clock.now(), await past.now()))
            clock.advance(timedelta(seconds=1))
        clock.advance(timedelta(minutes=past.chance.choice([0, 0, 7, 90])))
    for when, known in snaps:
        assert await at(store, when, shelf, names=NAMES) == known
    assert await at(store, NOW - timedelta(1), shelf) == {}


async def test_only_what_may_be_seen_and_told(store: Workspace) -> None:
    noun, clock = store.registry.noun("store.box"), store.clock
    ann, bob = (
        Me(id=n, name="x", grants=frozenset({"store.*.read", "store.*.create"})) for n in (1, 2)
    )
    for me in (ann, bob):
        await made(store, "identity.user", display_name=str(me.id))
    shelf = await made(store, "store.shelf", name="S")
    data = {"label": "Ann's", "pin": "1234", "phone": "555"}
    mine = await made(store, "store.box", ann, shelf_id=shelf, **data)
    theirs = await made(store, "store.box", bob, shelf_id=shelf, label="Bob's")
    then = clock.now()
    clock.advance(timedelta(hours=1))
    change = {"label": "Later", "pin": "9", "phone": "777", "price": "5.00"}
    await store.run(SYSTEM, lambda ctx: perform.update(ctx, noun, mine, change))
    seen = await at(store, then, shelf, ann)
    assert (list(seen), seen[mine]["label"]) == ([mine], "Ann's")
    assert not {"pin", "phone", "price", "turns", "version"} & seen[mine].keys()
    assert sorted(await at(store, then, shelf)) == [mine, theirs]
    with pytest.raises(Invalid, match="pin of boxes cannot be told"):
        await at(store, then, shelf, ann, names=("pin",))
    with pytest.raises(Denied):
        await at(store, then, shelf, Me(id=1, grants=frozenset()))
    paid = Me(id=1, grants=frozenset({"store.*.read", "store.box.read_pay"}))
    assert "price" in await store.look(paid, lambda ctx: names_of(ctx, noun))
    assert await store.look(SYSTEM, known_since) is None


async def names_of(ctx: Any, noun: Any) -> tuple[str, ...]:
    return readable(ctx, noun)

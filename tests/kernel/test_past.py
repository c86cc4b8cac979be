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
from mainstay.kernel.past import gather, known_since, readable, records_at, turns_of
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
    inside_id: Annotated[int, Ref(target="store.box")] | None = None

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
            write=(
                *("shelf_id", "label", "state", "due", "worth", "owners", "notes"),
                *("pin", "phone", "price", "inside_id"),
            ),
            derived=("turns",),
            scope=Scope(_kept, "You made it."),
        ),
    ),
)
ROOMS = (PEOPLE, STORE)
NAMES = ("label", "state", "due", "worth", "owners", "notes")
PLAIN = ("label", "state", "due", "worth")


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


class Counted:
    """A connection that counts what it is asked."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.engine, self.asked = inner, inner.engine, 0

    async def fetch(self, *args: Any) -> Any:
        self.asked += 1
        return await self.inner.fetch(*args)


async def turns(
    ws: Workspace,
    since: datetime,
    shelf: int,
    names: Any = PLAIN,
    until: Any = None,
    me: Any = None,
) -> Any:
    noun, upto = ws.registry.noun("store.box"), until or ws.clock.now()
    return await ws.look(
        me or SYSTEM,
        lambda ctx: turns_of(ctx, noun, since, upto, within=("shelf_id", shelf), names=names),
    )


def replayed(past: Any, until: datetime) -> dict[int, Any]:
    """Return what is on the shelf at an instant, by playing the turns one after the other."""
    held = dict(past.start)
    for turn in past.turns:
        if turn.at <= until:
            assert held.get(turn.record_id) == turn.before
            held[turn.record_id] = turn.after
    live = {key: one for key, one in held.items() if one and one["deleted_at"] is None}
    return {key: {name: one[name] for name in PLAIN} for key, one in live.items()}


async def test_every_change_since_an_instant_leads_to_what_was_there(store: Workspace) -> None:
    """Boxes move between shelves too: each shelf tells only of what was on it, whatever left."""
    keepers = [await made(store, "identity.user", display_name="K")]
    shelf, other = [await made(store, "store.shelf", name=str(n)) for n in range(2)]
    past, clock, chance = History(store, shelf, keepers, 11), store.clock, random.Random(5)
    snaps: list[tuple[datetime, Any]] = []
    for number in range(60):
        if number % 9 == 8:
            await store.undo(SYSTEM, past.sets.pop())
        elif number % 4 == 3:
            box, to = chance.choice(past.boxes), chance.choice([shelf, other])

            async def move(ctx: Any, box: int = box, to: int = to) -> None:
                one = await ctx.load(store.registry.noun("store.box"), box, deleted="with")
                one.shelf_id = to

            await store.run(SYSTEM, move)
        else:
            await store.run(SYSTEM, past.step)
        now = {key: {n: one[n] for n in PLAIN} for key, one in (await past.now()).items()}
        snaps.append((clock.now(), now))
        clock.advance(timedelta(minutes=chance.choice([1, 7, 90])))
        if number == 30:
            await store.run(SYSTEM, lambda ctx: store.log.seal(ctx.connection, ctx.now))
            clock.advance(timedelta(minutes=1))
    for begin in (0, 12, 31, 45):
        told = await turns(store, snaps[begin][0], shelf)
        for when, known in snaps[begin:]:
            assert replayed(told, when) == known
    early = await turns(store, snaps[0][0], shelf, until=snaps[40][0])
    assert replayed(early, snaps[40][0]) == snaps[40][1]
    assert [t for t in (await turns(store, snaps[0][0], shelf)).turns if t.at <= snaps[40][0]] == (
        early.turns
    )
    told = await turns(store, snaps[0][0], other)
    assert all(
        (turn.before or turn.after)["shelf_id"] == other  # nothing of what it was elsewhere
        for turn in told.turns
    )


async def test_turns_are_told_in_four_statements_and_only_of_what_may_be_seen(
    store: Workspace,
) -> None:
    ann = Me(id=1, name="x", grants=frozenset({"store.*.read", "store.*.create"}))
    await made(store, "identity.user", display_name="Ann")
    shelf = await made(store, "store.shelf", name="S")
    begin = store.clock.now() - timedelta(1)
    for number in range(3):
        await made(store, "store.box", shelf_id=shelf, label=str(number), state="new")
    mine = await made(store, "store.box", ann, shelf_id=shelf, label="Ann's", state="used")
    few = await turns(store, begin, shelf)
    assert [turn.record_id for turn in (await turns(store, begin, shelf, me=ann)).turns] == [mine]
    assert [turn.verb for turn in few.turns] == ["create"] * 4
    with pytest.raises(Invalid, match="pin of boxes cannot be told"):
        await turns(store, begin, shelf, names=("pin",))
    with pytest.raises(Denied):
        await turns(store, begin, shelf, me=Me(id=1, grants=frozenset()))

    async def count(ctx: Any) -> int:
        ctx.connection = Counted(ctx.connection)
        noun = store.registry.noun("store.box")
        await turns_of(ctx, noun, begin, ctx.now, within=("shelf_id", shelf), names=PLAIN)
        return ctx.connection.asked

    assert await store.look(SYSTEM, count) == 4


async def test_what_leaves_in_the_running_unit_of_work_is_told(store: Workspace) -> None:
    """Nothing of it is in the log yet: what was there all the time, what came, what came back."""
    shelf, other = [await made(store, "store.shelf", name=str(n)) for n in range(2)]
    old, back = [await made(store, "store.box", shelf_id=shelf, label=n) for n in ("Old", "Back")]
    since = store.clock.now()
    store.clock.advance(timedelta(hours=1))
    new = await made(store, "store.box", shelf_id=shelf, label="New")
    noun = store.registry.noun("store.box")
    within = ("shelf_id", shelf)

    async def work(ctx: Any) -> Any:
        boxes = await ctx.load_all(noun, [old, back, new])
        for to in (other, shelf):
            boxes[old].shelf_id = boxes[new].shelf_id = other
            boxes[back].shelf_id = to
            await ctx.flush()
        return await turns_of(ctx, noun, since, ctx.now, within=within, names=PLAIN)

    store.clock.advance(timedelta(hours=1))
    told = await store.run(SYSTEM, work)
    assert sorted(told.start) == [old, back]
    left = {turn.record_id for turn in told.turns if turn.after is None}
    assert left == {old, back, new}
    assert replayed(told, store.clock.now()).keys() == {back}
    later = await turns(store, since, shelf)
    assert [(t.record_id, t.before, t.after) for t in later.turns] == [
        (t.record_id, t.before, t.after) for t in told.turns
    ]


async def bin_or_take_out(ctx: Any, verb: str, holders: list[int]) -> None:
    """Let go of what is inside, then put the holders into the bin, or take them out of it."""
    found = await ctx.load_all(ctx.registry.noun(Box), holders, deleted="with")
    if verb == "delete":
        for one in await ctx.all(Box, inside_id__isnull=False, limit=100):
            one.inside_id = None if one.inside_id in holders else one.inside_id
    for one in found.values():
        await getattr(ctx, verb)(one)


async def gathered(ctx: Any, holders: list[int]) -> int:
    """Take holders out of the bin with what was inside; return how much that asked."""
    await bin_or_take_out(ctx, "restore", holders)
    inner, ctx.connection = ctx.connection, Counted(ctx.connection)
    await gather(ctx, ctx.changes, ("store.shelf", "store.box"), "inside_id")
    counted, ctx.connection = ctx.connection, inner
    return counted.asked


async def test_what_comes_back_gathers_what_let_go_of_it_in_two_statements(
    store: Workspace,
) -> None:
    noun, shelf = store.registry.noun(Box), await made(store, "store.shelf", name="S")
    for many in (1, 6):
        holders, parts = [], {}
        for _each in range(many):
            holder = await made(store, "store.box", shelf_id=shelf, label="Holder")
            holders.append(holder)
            inside = {"shelf_id": shelf, "inside_id": holder, "label": "Part"}
            parts[holder] = [await made(store, "store.box", **inside) for _ in "123"]
        moved, gone, _stays = parts[holders[0]]
        for again in (False, True):  # the last time that they were binned counts
            await store.run(SYSTEM, lambda c, h=holders: bin_or_take_out(c, "delete", h))
            if again:  # one is put elsewhere since, one is binned since
                change = {"inside_id": parts[holders[-1]][2]}
                await store.run(SYSTEM, lambda c, m=moved, v=change: perform.update(c, noun, m, v))
                await store.run(SYSTEM, lambda c, g=gone: perform.delete(c, noun, g))
            assert await store.run(SYSTEM, lambda c, h=holders: gathered(c, h)) == 2
        held = {holder: set(inside) for holder, inside in parts.items()}
        held[holders[0]] -= {moved, gone}
        for holder, wanted in held.items():
            found = await store.look(SYSTEM, lambda c, h=holder: c.all(Box, inside_id=h))
            assert {one.id for one in found} == wanted


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

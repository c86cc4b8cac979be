"""The order that people make by hand: kept by many at once, and where there is no room left."""

import asyncio
import random
from itertools import pairwise
from typing import Any

import pytest

from mainstay.kernel import perform, place
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.place import Other, Placing
from mainstay.kernel.problems import Invalid, NotFound, Stale
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace

TASK = "projects.task"
CARDS = 12


@pytest.fixture
async def cards(workspace: Workspace) -> list[int]:
    """A project with cards that all wait in one column."""
    project, task = (workspace.registry.noun(f"projects.{name}") for name in ("project", "task"))

    async def work(ctx: Context) -> list[int]:
        one = await perform.create(ctx, project, {"name": "Harbour"})
        made = []
        for number in range(CARDS):
            data = {"project_id": one.id, "title": f"T{number}", "story_points": number}
            made.append((await perform.create(ctx, task, data)).id)
        return made

    return await workspace.run(SYSTEM, work)


async def column(ws: Workspace, status: str = "todo") -> dict[int, Any]:
    """The cards of a column in their order."""
    asked = {"status": status, "sort": "sort_order", "limit": 1000}
    page = await ws.page(SYSTEM, TASK, {**asked, "fields": "sort_order,version"})
    return {item.id: item for item in page.items}


async def put(ws: Workspace, card: int, status: str = "todo", **more: Any) -> list[Entity]:
    """Drop a card."""
    wanted = Placing(column={"status": status}, **more)
    return await ws.run(SYSTEM, lambda ctx: place.place(ctx, ctx.registry.noun(TASK), card, wanted))


async def squeeze(ws: Workspace, numbers: list[float]) -> None:
    """Give the cards numbers that nobody would choose."""

    async def work(ctx: Context) -> None:
        for one in await ctx.all(ctx.registry.noun(TASK).entity, sort="id"):
            one.sort_order = numbers[one.id % len(numbers)]  # type: ignore[attr-defined]

    await ws.run(SYSTEM, work)


async def test_a_card_stands_where_it_was_dropped(workspace: Workspace, cards: list[int]) -> None:
    a, b, c, d = cards[:4]
    await put(workspace, d, after=a, before=b)
    assert list(await column(workspace))[:4] == [a, d, b, c]
    await put(workspace, c, before=a)
    assert list(await column(workspace))[:4] == [c, a, d, b]
    await put(workspace, a)
    assert list(await column(workspace))[-1] == a
    (moved,) = await put(workspace, b, "in_progress", after=a)
    assert (moved.status, list(await column(workspace, "in_progress"))) == ("in_progress", [b])
    await put(workspace, c, "in_progress", after=a, before=b)
    assert list(await column(workspace, "in_progress")) == [c, b], "the left neighbour has gone"


async def test_cards_that_are_moved_together_stay_together(
    workspace: Workspace, cards: list[int]
) -> None:
    first, *rest = cards[5], cards[2], cards[9]
    known = await column(workspace)
    others = [Other(id=one, version=known[one].version) for one in rest]
    await put(workspace, first, after=cards[0], others=others)
    left = [one for one in cards[1:] if one not in (first, *rest)]
    assert list(await column(workspace)) == [cards[0], first, *rest, *left]
    await put(workspace, first, "review", others=[Other(id=one) for one in rest])
    assert list(await column(workspace, "review")) == [first, *rest]


async def test_one_change_set_takes_all_of_it_back(workspace: Workspace, cards: list[int]) -> None:
    before = list(await column(workspace))

    async def work(ctx: Context) -> int:
        wanted = Placing(column={"status": "done"}, others=[Other(id=cards[4])])
        await place.place(ctx, ctx.registry.noun(TASK), cards[7], wanted)
        return ctx.change_set

    await workspace.undo(SYSTEM, await workspace.run(SYSTEM, work))
    assert (list(await column(workspace)), await column(workspace, "done")) == (before, {})


@pytest.mark.parametrize(
    "numbers", [[0.0], [5.0], [1.0, 1.0 + 1e-9], [1e14], [3.0, 3.0, 4.0]], ids=str
)
async def test_where_there_is_no_room_some_is_made(
    workspace: Workspace, cards: list[int], numbers: list[float]
) -> None:
    await squeeze(workspace, numbers)
    chance = random.Random(4)
    for _ in range(30):
        before = await column(workspace)
        mover, neighbour = chance.sample(list(before), 2)
        side = chance.choice(("after", "before"))
        await put(workspace, mover, **{side: neighbour})
        now = await column(workspace)
        order = [one for one in before if one != mover]
        order.insert(order.index(neighbour) + (side == "after"), mover)
        assert list(now) == order
        changed = {one for one in now if now[one].version != before[one].version}
        assert changed <= {mover}, "making room is no change of the others"


async def test_a_long_column_is_numbered_anew(
    workspace: Workspace, cards: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "WINDOW", 3)
    await squeeze(workspace, [7.0])
    await put(workspace, cards[-1], after=cards[0])
    assert list(await column(workspace)) == [cards[0], cards[-1], *cards[1:-1]]
    numbers = [item.sort_order for item in (await column(workspace)).values()]
    assert min(b - a for a, b in pairwise(numbers)) > 100


@pytest.mark.parametrize("numbers", [None, [1.0, 1.0 + 1e-8]], ids=["roomy", "tight"])
async def test_nobody_is_lost_when_many_drag_at_once(
    workspace: Workspace, cards: list[int], numbers: list[float] | None
) -> None:
    if numbers:
        await squeeze(workspace, numbers)
    chance = random.Random(7)
    for _ in range(12):
        before = list(await column(workspace))
        movers = chance.sample(before, 5)
        chosen = {one: chance.choice([n for n in before if n != one]) for one in movers}
        await asyncio.gather(*(put(workspace, one, after=n) for one, n in chosen.items()))
        now = list(await column(workspace))
        assert sorted(now) == sorted(cards)
        still = [one for one in now if one not in movers]
        assert still == [one for one in before if one not in movers]
        for mover, neighbour in chosen.items():
            if neighbour not in movers:
                between = now[now.index(neighbour) + 1 : now.index(mover)]
                assert now.index(mover) > now.index(neighbour)
                assert set(between) <= set(movers)


async def test_two_people_between_the_same_two_cards_both_get_a_place(
    workspace: Workspace, cards: list[int]
) -> None:
    a, b, *_rest, c, d = cards
    places = [put(workspace, one, after=a, before=b) for one in (c, d)]
    await asyncio.gather(*places)
    found = await column(workspace)
    assert set(list(found)[1:3]) == {c, d}
    assert next(iter(found)) == a
    assert len({item.sort_order for item in found.values()}) == CARDS


async def test_what_cannot_be_placed_is_refused(workspace: Workspace, cards: list[int]) -> None:
    a, b, *_ = cards
    with pytest.raises(Stale):
        await put(workspace, a, after=b, version=9)
    with pytest.raises(NotFound):
        await put(workspace, 10**6)
    with pytest.raises(Invalid, match="each record once"):
        await put(workspace, a, others=[Other(id=a)])
    with pytest.raises(Invalid, match="must be one of"):
        await put(workspace, a, "nowhere")
    with pytest.raises(Invalid, match="reason is required"):
        await put(workspace, a, "blocked")
    with pytest.raises(Invalid, match="taken only"):
        await put(workspace, a, "review", values={"reason": "no"})
    (moved,) = await put(workspace, a, "blocked", values={"reason": "Low tide"})
    assert moved.blocked_reason == "Low tide"
    noun = workspace.registry.noun(TASK)
    hours = Placing(column={"estimated_hours": "many"})
    with pytest.raises(Invalid, match="estimated_hours must be a decimal"):
        await workspace.run(SYSTEM, lambda ctx: place.place(ctx, noun, a, hours))
    for column_ in ({}, {"status": "todo", "priority": "low"}):
        wanted = Placing(column=column_)
        with pytest.raises(Invalid, match="column"):
            await workspace.run(SYSTEM, lambda ctx, w=wanted: place.place(ctx, noun, a, w))

"""The order of a backlog: moved by hand, by two people at once, in pages; and epics."""

import asyncio
import random

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound, Problem
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.scrum import rules, views
from mainstay.modules.scrum.actions.backlog import guard

ON_ONE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


async def test_new_work_stands_at_the_end_and_moves_where_it_is_put(stage):
    a, b, c, d, e = await stage.tasks("ABCDE")
    assert await stage.order() == "ABCDE"
    assert {(await stage.fresh(one)).backlog_order for one in (a, e)} == {0.0}
    await stage.rank(e, "bob", after_id=a.id)
    assert await stage.order() == "AEBCD"
    await stage.rank(a, before_id=c.id)
    assert await stage.order() == "EBACD"
    await stage.tasks("F")
    await stage.rank(d, to="top", others=[b.id])
    assert await stage.order() == "DBEACF"
    await stage.rank(d, to="bottom", others=[e.id])
    assert await stage.order() == "BACFDE"
    await stage.undo()
    assert await stage.order() == "DBEACF"
    await stage.add("G", "bob", after_id=b.id, story_points=3)
    await stage.add("H", to="top")
    await stage.add("I")
    assert await stage.order() == "HDBGEACFI"
    # Moving is an edit of those that move, and of nobody else.
    assert (await stage.fresh(a)).version == 2
    assert (await stage.fresh(c)).version == 1


async def test_a_place_has_room_for_any_number_of_moves(stage, monkeypatch):
    a, b, *rest = await stage.tasks("ABCD")
    monkeypatch.setattr(rules, "NARROW", 400.0)  # two moves to one place use its room up
    for one in (*rest, *rest):
        await stage.rank(one, after_id=a.id)
    assert await stage.order() == "ADCB"
    places = [(await stage.fresh(one)).backlog_order for one in (a, *reversed(rest), b)]
    assert places == sorted(set(places))


@ON_ONE
async def test_work_goes_into_a_sprint_at_its_place_and_back(stage):
    one = await stage.sprint()
    a, b, c, d = await stage.tasks("ABCD")
    await stage.rank(c, "bob", sprint_id=one.id, others=[a.id])
    assert (await stage.order(), await stage.order(one.id)) == ("BD", "AC")
    await stage.rank(b, sprint_id=one.id, after_id=a.id)
    assert (await stage.order(), await stage.order(one.id)) == ("D", "ABC")
    await stage.rank(a, sprint_id=0, after_id=d.id)
    assert (await stage.order(), await stage.order(one.id)) == ("DA", "BC")
    await stage.add("E", sprint_id=one.id, before_id=b.id)
    assert await stage.order(one.id) == "EBC"
    await stage.undo()
    assert await stage.order(one.id) == "BC"
    # What the task was to go beside has left the list meanwhile: said, and nothing moved.
    with pytest.raises(Conflict, match="moved away or deleted meanwhile"):
        await stage.rank(d, after_id=b.id)
    await stage.bin(a)
    with pytest.raises(Conflict, match="Nothing was moved"):
        await stage.rank(d, after_id=a.id)
    with pytest.raises(Conflict, match="deleted meanwhile"):
        await stage.rank(d, to="top", others=[a.id])
    # Of two neighbours the one that is still there is enough.
    await stage.rank(c, sprint_id=0)
    await stage.rank(c, after_id=a.id, before_id=d.id)
    assert await stage.order() == "CD"


@ON_ONE
async def test_strangers_and_other_projects_stay_out(stage):
    (a,) = await stage.tasks("A")
    other = await stage.samples.record(stage.noun("projects.project"))
    foreign = await stage.make("projects.task", "", project_id=other.id, title="X")
    for wrong, refusal in (
        (stage.rank(a, "cli", to="top"), Denied),
        (stage.rank(a, "sam", to="top"), NotFound),
        (stage.rank(a, "", to="top", others=[foreign.id]), Invalid),
        (stage.rank(a, to="top", others=[foreign.id]), Conflict),
        (stage.rank(a, after_id=foreign.id), Conflict),
        (stage.add("B", "cli"), Denied),
        (stage.add("B", "sam"), Problem),
        (stage.add("B", after_id=foreign.id), Conflict),
        (stage.ask("backlog", "sam", project_id=stage.project.id), NotFound),
    ):
        with pytest.raises(refusal):
            await wrong
    assert await stage.order() == "A"


async def test_two_people_who_drag_at_once_lose_nothing(stage):
    one = await stage.sprint()
    tasks = await stage.tasks("ABCDEFGHIJ")
    chance = random.Random(7)
    moves = []
    for turn in range(30):
        moved, beside = chance.sample(tasks, 2)
        where = {"sprint_id": chance.choice((0, one.id))} if turn % 5 == 0 else {}
        way = chance.choice(("after_id", "before_id"))
        moves.append((moved, {way: beside.id, **where}, chance.choice(("ann", "bob"))))
    moves += [(tasks[n], {"to": end}, "ann") for n in (0, 5) for end in ("top", "bottom")]

    async def drag(moved, where, who) -> str:
        try:
            await stage.rank(moved, who, **where)
        except Conflict as refusal:
            return refusal.detail
        return ""

    done = await asyncio.gather(*(drag(*one) for one in moves), *(stage.task(one) for one in "KLM"))
    said = {one for one in done if isinstance(one, str) and one}
    assert all("meanwhile" in one or "Try again" in one for one in said)
    whole = await stage.order() + await stage.order(one.id)
    assert sorted(whole) == list("ABCDEFGHIJKLM")
    placed = [await stage.fresh(one) for one in tasks]
    places = [one.backlog_order for one in placed if one.backlog_order]
    assert len(set(places)) == len(places)


async def test_pages_go_on_where_they_ended_and_filters_hold(stage):
    epic = await stage.task("Epic", type="epic")
    label = await stage.make("projects.label", project_id=stage.project.id, name="ui")
    tasks = await stage.tasks("ABCDEFGH", story_points=2)
    await stage.rank(tasks[7], to="top")
    await stage.change(tasks[1], epic_id=epic.id, labels=[label.id], assignee_id=stage.me("bob").id)
    await stage.change(tasks[2], status="done")
    await stage.change(tasks[3], title="100% sure_x", story_points=None)
    seen, after, asked = "", "", {"project_id": stage.project.id, "limit": 3}
    while True:
        page = await stage.ask("backlog", after=after, **asked)
        seen += "".join(one.title[0] for one in page.items)
        if not (after := page.next):
            break
    assert seen == "HAB1EFG"
    first = await stage.ask("backlog", **asked)
    assert (first.count, first.points, first.unestimated) == (7, 12.0, 1)
    for more, titles in (
        ({"epic_id": epic.id}, "B"),
        ({"epic_id": 0, "assignee_id": 0}, "HA1EFG"),
        ({"label_id": label.id}, "B"),
        ({"assignee_id": stage.me("bob").id}, "B"),
        ({"q": "0% s"}, "1"),
        ({"q": "e_x"}, "1"),
        ({"q": "_"}, "1"),
        ({"q": tasks[0].code.lower()}, "A"),
    ):
        found = await stage.ask("backlog", project_id=stage.project.id, **more)
        assert "".join(one.title[0] for one in found.items) == titles, more
    with pytest.raises(Problem, match="cursor"):
        await stage.ask("backlog", project_id=stage.project.id, after="x")


@ON_ONE
async def test_epics_hold_stories_of_their_own_project(stage):
    epic, other = await stage.task("Epic", type="epic"), await stage.task("Two", type="epic")
    (a, b) = await stage.tasks("AB", story_points=3)
    away = await stage.samples.record(stage.noun("projects.project"))
    foreign = await stage.make("projects.task", "", project_id=away.id, title="X", type="epic")
    await stage.change(a, "bob", epic_id=epic.id)
    for wrong in (
        stage.change(b, epic_id=a.id),
        stage.change(b, "", epic_id=foreign.id),
        stage.change(other, epic_id=epic.id),
        stage.change(a, type="epic"),
        stage.task("C", epic_id=b.id),
    ):
        with pytest.raises(Invalid, match="epic"):
            await wrong
    with pytest.raises(Invalid, match="must stay epic"):
        await stage.change(epic, type="story")
    await stage.change(a, epic_id=other.id)
    moved = stage.last
    await stage.change(epic, type="story")
    with pytest.raises(Invalid, match="must be an epic"):
        await stage.undo("ann", moved)
    await stage.bin(other)
    assert (await stage.fresh(a)).epic_id is None
    await stage.restore(other)
    assert (await stage.fresh(a)).epic_id == other.id


@ON_ONE
async def test_what_moves_no_task_costs_the_guard_nothing(stage):
    (a,) = await stage.tasks("A")

    async def work(ctx) -> None:
        noun = ctx.registry.noun("projects.task")
        await perform.update(ctx, noun, a.id, {"title": "B"})
        await perform.create(ctx, noun, {"project_id": stage.project.id, "title": "C"})
        await ctx.flush()
        kept, ctx.connection = ctx.connection, None
        await guard(ctx, ctx.changes)
        ctx.connection = kept

    await stage.ws.run(SYSTEM, work)


@ON_ONE
async def test_a_planning_page_shows_a_large_sprint_in_parts(stage, monkeypatch):
    sprint = await stage.sprint()
    await stage.tasks("ABCDE", sprint_id=sprint.id)
    monkeypatch.setattr(views, "SHOWN", 2)
    asked = {"sprint": str(sprint.id), "project": str(stage.project.id)}
    shown = await stage.ws.look(
        stage.me("ann"), lambda ctx: views.planning_page(ctx, {**asked, "q": "none"})
    )
    section = shown["section"]
    assert ([one.title for one in section.items], section.sums.tasks) == (["A", "B"], 5)
    onward = asked | {"sprint_id": str(sprint.id), "after": section.next}
    rest = await stage.ws.look(stage.me("ann"), lambda ctx: views.rows_page(ctx, onward))
    assert [one.title for one in rest["page"].items] == ["C", "D", "E"]


@ON_ONE
async def test_ranking_names_a_task_that_is_not_there(stage):
    (a,) = await stage.tasks("A")
    with pytest.raises(Conflict, match="There is no task 999, or you may not see it"):
        await stage.rank(a, to="top", others=[999])

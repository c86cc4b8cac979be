"""What waits for what: never in a circle, on both engines, whoever links and however."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Duplicate, Invalid, NotFound
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.projects import rules
from tests.modules.projects.conftest import LEAD

PAIRS = st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), max_size=30)


@given(PAIRS)
def test_links_that_close_no_circle_never_make_one(pairs):
    """Add random links one by one, refusing as the rule does; what is kept can be put in order."""
    kept: dict[int, list[int]] = {}
    for later, earlier in pairs:
        tried = {**kept, later: [*kept.get(later, []), earlier]}
        found = rules.circle(tried, later)
        if not found:
            kept = tried
            continue
        assert found[0] == found[-1] == later
        assert len(set(found[:-1])) == len(found) - 1
        assert all(b in tried[a] for a, b in itertools.pairwise(found))
    ready: set[int] = set()
    while len(ready) < 7:
        fresh = {n for n in range(1, 8) if n not in ready and set(kept.get(n, ())) <= ready}
        assert fresh, f"{kept} cannot be put in order"
        ready |= fresh


async def tasks_of(workspace, me, project, count=4):
    return [
        await workspace.create("task", me, project_id=project.id, title=f"Step {n}")
        for n in range(count)
    ]


async def link(workspace, me, later, earlier, **more):
    data = {"task_id": later.id, "depends_on_id": earlier.id, **more}
    return await workspace.create("task_dependency", me, **data)


async def test_a_link_is_refused_to_itself_twice_and_in_a_circle(workspace):
    ann, *_, project = await workspace.team()
    one, two, three, four = await tasks_of(workspace, ann, project)
    with pytest.raises(Invalid) as refusal:
        await link(workspace, ann, one, one)
    assert refusal.value.errors[0].field == "depends_on_id"
    await link(workspace, ann, four, one, type="start_to_start", lag_days=-2)
    with pytest.raises(Duplicate, match="waits for that one already"):
        await link(workspace, ann, four, one)
    with pytest.raises(Conflict, match="TASK-001 → TASK-004 → TASK-001"):
        await link(workspace, ann, one, four)
    await link(workspace, ann, two, four)
    await link(workspace, ann, three, two)
    with pytest.raises(Conflict, match="TASK-001 → TASK-003 → TASK-002 → TASK-004 → TASK-001"):
        await link(workspace, ann, one, three)
    assert len(await workspace.seen("task_dependency", ann)) == 3


async def test_the_bin_undo_and_many_at_once_close_no_circle_either(workspace):
    ann, *_, project = await workspace.team()
    one, two, *_rest = await tasks_of(workspace, ann, project)
    first = await link(workspace, ann, two, one)
    await workspace.delete(first, ann)
    second = await link(workspace, ann, one, two)
    with pytest.raises(Conflict, match="in a circle"):
        await workspace.restore(first, ann)
    await workspace.delete(second, ann)
    await workspace.restore(first, ann)
    noun = workspace.ws.registry.noun("projects.task_dependency")
    both = perform.Bulk(
        create=[
            {"task_id": _rest[0].id, "depends_on_id": _rest[1].id},
            {"task_id": _rest[1].id, "depends_on_id": _rest[0].id},
        ]
    )
    with pytest.raises(Conflict, match="in a circle"):
        await workspace.ws.run(ann, lambda ctx: perform.bulk(ctx, noun, both))
    assert await workspace.seen("task_dependency", ann) == [first.id]


async def test_two_people_cannot_close_a_circle_between_them(workspace):
    ann, bob, *_, project = await workspace.team()
    tasks = await tasks_of(workspace, ann, project, 6)
    for one, two in zip(tasks[::2], tasks[1::2], strict=True):
        ends = await asyncio.gather(
            link(workspace, ann, one, two),
            link(workspace, bob, two, one),
            return_exceptions=True,
        )
        assert sorted(isinstance(end, Conflict) for end in ends) == [False, True], ends


async def test_only_between_tasks_one_sees_and_by_those_who_work_there(workspace):
    ann, bob, vic, sam, project = await workspace.team()
    one, two, *_ = await tasks_of(workspace, ann, project)
    with pytest.raises(Denied):
        await link(workspace, vic, one, two)
    other = await workspace.create("project", sam_leads(sam), name="Elsewhere")
    theirs = await workspace.create("task", sam_leads(sam), project_id=other.id, title="Hidden")
    with pytest.raises(Invalid, match="may not see it"):
        await link(workspace, bob, one, theirs)
    await workspace.act(other, "add_member", sam_leads(sam), user_id=bob.id, role="viewer")
    across = await link(workspace, bob, one, theirs)
    assert across.depends_on_id == theirs.id
    with pytest.raises(Denied, match="as viewer"):
        await link(workspace, bob, theirs, two)
    # The circle runs through a task that Ann may not see: she is told so without its name.
    await link(workspace, SYSTEM, theirs, two)
    with pytest.raises(Conflict, match="TASK-002 → TASK-001 → a hidden task → TASK-002"):
        await link(workspace, ann, two, one)


def sam_leads(sam):
    return type(sam)(id=sam.id, name=sam.name, grants=frozenset(LEAD))


async def waits(workspace, *tasks):
    kept = [await workspace.fresh(task) for task in tasks]
    return [task.blocker_count for task in kept]


async def test_open_earlier_tasks_hold_a_start_by_the_type_of_their_link(workspace):
    ann, *_, project = await workspace.team()
    first, *later = await tasks_of(workspace, ann, project, 6)
    kinds = (
        "finish_to_start",
        "start_to_start",
        "finish_to_finish",
        "start_to_finish",
        "relates_to",
    )
    links = [
        await link(workspace, ann, task, first, type=kind)
        for task, kind in zip(later, kinds, strict=True)
    ]
    assert await waits(workspace, *later) == [1, 1, 0, 0, 0]
    assert (await workspace.fresh(first)).waiter_count == 4
    await workspace.act(first, "start", ann)
    assert await waits(workspace, *later) == [1, 0, 0, 0, 0]
    await workspace.act(first, "block", ann, reason="No cable")
    assert await waits(workspace, *later) == [1, 1, 0, 0, 0]
    await workspace.act(first, "complete", ann)
    assert await waits(workspace, *later) == [0, 0, 0, 0, 0]
    await workspace.act(first, "reopen", ann)
    await workspace.delete(first, ann)
    assert await waits(workspace, *later) == [0, 0, 0, 0, 0]
    await workspace.restore(first, ann)
    await workspace.update(links[4], ann, type="finish_to_start")
    await workspace.delete(links[0], ann)
    assert await waits(workspace, *later) == [0, 1, 0, 0, 1]
    kept = await workspace.fresh(first)
    assert (kept.waiter_count, (await workspace.fresh(later[0])).version) == (4, 1)
    assert await workspace.seen("task", ann, **{"is": "waiting"}) == [later[1].id, later[4].id]


async def test_a_link_that_only_relates_closes_no_circle_until_it_is_more(workspace):
    ann, *_, project = await workspace.team()
    one, two, *_ = await tasks_of(workspace, ann, project)
    await link(workspace, ann, one, two)
    related = await link(workspace, ann, two, one, type="relates_to")
    assert await waits(workspace, one, two) == [1, 0]
    with pytest.raises(Conflict, match="TASK-002 → TASK-001 → TASK-002"):
        await workspace.update(related, ann, type="start_to_start")


async def test_a_blocked_task_knows_why(workspace):
    ann, bob, _vic, sam, project = await workspace.team()
    one, two, *_ = await tasks_of(workspace, ann, project)
    leader = sam_leads(sam)
    other = await workspace.create("project", leader, name="Elsewhere")
    theirs = await workspace.create("task", leader, project_id=other.id, title="Secret")
    await link(workspace, ann, one, two, lag_days=2)
    await link(workspace, SYSTEM, one, theirs, type="start_to_finish")
    found = await workspace.ask("blockers", bob, task_id=one.id)
    assert found.waits == 1
    said = [(b.task_id, b.code, b.title, b.status, b.holds, b.lag_days) for b in found.blockers]
    assert said == [
        (two.id, "TASK-002", "Step 1", "todo", "start", 2),
        (None, "", "", "todo", "end", 0),
    ]
    with pytest.raises(NotFound):
        await workspace.ask("blockers", leader, task_id=one.id)
    await workspace.act(two, "complete", ann)
    await workspace.act(theirs, "start", leader)
    assert (await workspace.ask("blockers", bob, task_id=one.id)).blockers == []


async def refusing(workspace, me, project, how="refuse"):
    await workspace.update(project, me, settings={"blocked_start": how})


async def held(workspace):
    """Return a team, its tasks, the first of which waits for the second and a hidden one."""
    ann, bob, _vic, sam, project = await workspace.team()
    tasks = await tasks_of(workspace, ann, project)
    leader = sam_leads(sam)
    other = await workspace.create("project", leader, name="Elsewhere")
    theirs = await workspace.create("task", leader, project_id=other.id, title="Secret")
    await link(workspace, ann, tasks[0], tasks[1])
    await link(workspace, SYSTEM, tasks[0], theirs)
    await refusing(workspace, ann, project)
    return ann, bob, leader, project, tasks, theirs


async def test_a_project_may_refuse_to_start_what_waits_whatever_way(workspace):
    ann, bob, _leader, _project, (one, two, three, _four), _theirs = await held(workspace)
    noun = workspace.ws.registry.noun("projects.task")
    bulk = perform.Bulk(update=[{"id": task.id, "status": "in_progress"} for task in (one, three)])
    for attempt in (
        lambda: workspace.act(one, "start", bob),
        lambda: workspace.act(one, "submit_for_review", bob),
        lambda: workspace.act(one, "complete", bob),
        lambda: workspace.act(one, "move", bob, status="testing"),
        lambda: workspace.update(one, bob, status="in_progress"),
        lambda: workspace.ws.run(bob, lambda ctx: perform.bulk(ctx, noun, bulk)),
    ):
        with pytest.raises(Conflict) as refusal:
            await attempt()
        assert refusal.value.detail == (
            "TASK-001 cannot be started: it waits for TASK-002 Step 1, and for tasks you may not "
            "see. Finish them first, take the links away, or let the project only warn about it."
        )
    assert (await workspace.fresh(three)).status == "todo"
    await link(workspace, ann, three, two)
    with pytest.raises(Conflict, match=r"2 of these tasks wait for others .*: TASK-001; TASK-003"):
        await workspace.ws.run(bob, lambda ctx: perform.bulk(ctx, noun, bulk))
    with pytest.raises(Conflict, match=r"TASK-003 cannot .* for TASK-002 Step 1\."):
        await workspace.act(three, "start", bob)
    await workspace.act(two, "complete", ann)
    with pytest.raises(Conflict, match="waits for a task you may not see"):
        await workspace.act(one, "start", bob)


async def test_what_is_finished_in_the_same_go_holds_nothing_and_an_undo_is_let_through(workspace):
    ann, bob, leader, project, (one, two, _three, four), theirs = await held(workspace)
    noun = workspace.ws.registry.noun("projects.task")
    # Blocked, cancelled and back is no start; an undo is not refused either.
    await workspace.act(one, "block", bob, reason="Waiting")
    await workspace.act(theirs, "complete", leader)
    # What it waits for may be finished in the same unit of work.
    both = perform.Bulk(
        update=[{"id": one.id, "status": "in_progress"}, {"id": two.id, "status": "done"}]
    )

    async def together(ctx):
        await perform.bulk(ctx, noun, both)
        return ctx.change_set

    change_set = await workspace.ws.run(bob, together)
    assert (await workspace.fresh(one)).status == "in_progress"
    await workspace.ws.undo(bob, change_set)
    assert await waits(workspace, one) == [1]
    await refusing(workspace, ann, project, "warn")
    await workspace.act(one, "start", bob)
    history = await workspace.ws.look(
        SYSTEM, lambda ctx: workspace.ws.log.history(ctx.connection, noun, one.id)
    )
    assert [event["name"] for event in history[0].events] == ["projects.TaskStartedBlocked"]
    assert history[0].events[0]["data"]["blockers"] == 1
    await workspace.act(four, "start", bob)


async def test_a_blocker_that_ends_while_its_link_is_made_holds_nothing(workspace):
    ann, bob, *_, project = await workspace.team()
    tasks = await tasks_of(workspace, ann, project, 8)
    for later, earlier in zip(tasks[::2], tasks[1::2], strict=True):
        await asyncio.gather(
            link(workspace, ann, later, earlier), workspace.act(earlier, "complete", bob)
        )
        assert await waits(workspace, later) == [0]


async def test_many_links_cost_the_same_as_a_few(workspace, counted):
    ann, *_, project = await workspace.team()
    noun = workspace.ws.registry.noun("projects.task_dependency")
    costs = []
    for count in (20, 60):
        tasks = await tasks_of(workspace, ann, project, count)
        made = [noun.entity(task_id=b.id, depends_on_id=a.id) for a, b in itertools.pairwise(tasks)]
        counted.clear()
        await workspace.ws.run(ann, lambda ctx, m=made: ctx.create_many(m))
        costs.append(len(counted))
        assert sum(await waits(workspace, *tasks)) == count - 1
    assert costs[0] == costs[1], costs

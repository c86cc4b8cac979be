"""What waits for what: never in a circle, on both engines, whoever links and however."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Duplicate, Invalid
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

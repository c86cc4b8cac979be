"""Many records changed: the refused lose nothing for the others, and all of it can be undone."""

from typing import Any

import pytest

from mainstay.facets.bulk import runs
from mainstay.facets.bulk.batch import Batch, Refusals
from mainstay.facets.bulk.deeds import deed_of
from mainstay.facets.bulk.entities import BulkRun
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace

TASK = "projects.task"


class Yard:
    """A workspace with some tasks, and short words for what is done to them."""

    def __init__(self, ws: Workspace, me: Me, tasks: list[int]) -> None:
        self.ws, self.me, self.tasks = ws, me, tasks
        self.noun = ws.registry.noun(TASK)

    async def start(self, deed: str, me: Me | None = None, **data: Any) -> BulkRun:
        """Start a run, as a program does."""
        noun = self.ws.registry.noun(BulkRun)
        wanted = {"resource": TASK, "deed": deed, **data}
        who = me or self.me
        made = await self.ws.run(
            who, lambda ctx: perform.act(ctx, noun, noun.actions["start"], None, wanted)
        )
        assert isinstance(made, BulkRun)
        return made

    async def act(self, run: BulkRun, verb: str) -> None:
        noun = self.ws.registry.noun(BulkRun)
        await self.ws.run(
            self.me, lambda ctx: perform.act(ctx, noun, noun.actions[verb], run.id, {})
        )

    async def work(self) -> None:
        """Let the background work until nothing is left."""
        while await self.ws.turn():
            pass

    async def now(self, run: BulkRun) -> BulkRun:
        return await runs.found(self.ws, run.id)

    async def statuses(self) -> list[str]:
        page = await self.ws.page(
            SYSTEM, TASK, {"fields": "status", "sort": "id", "limit": "1000", "deleted": "with"}
        )
        return [row.status for row in page.items]

    async def update(self, task: int, **data: Any) -> None:
        await self.ws.run(SYSTEM, lambda ctx: perform.update(ctx, self.noun, task, data))

    async def limit(self, most: int) -> None:
        noun = self.ws.registry.noun("views.column_limit")
        data = {"entity": TASK, "field": "status", "value": "review", "most": most}
        await self.ws.run(SYSTEM, lambda ctx: perform.create(ctx, noun, data))


@pytest.fixture
async def yard(workspace: Workspace) -> Yard:
    registry = workspace.registry

    async def make(ctx: Context) -> tuple[int, list[int]]:
        user = {"email": "ada@example.com", "username": "ada", "first_name": "Ada"}
        ada = await perform.create(ctx, registry.noun("identity.user"), user)
        project = await perform.create(
            ctx, registry.noun("projects.project"), {"name": "Quay", "code": "QUAY"}
        )
        tasks = [
            await perform.create(
                ctx, registry.noun(TASK), {"title": f"Pile {n}", "project_id": project.id}
            )
            for n in range(6)
        ]
        return ada.id, [task.id for task in tasks]

    ada, tasks = await workspace.run(SYSTEM, make)
    return Yard(workspace, Me(id=ada, name="Ada", grants=frozenset({"*"})), tasks)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make three records a batch, and let Ada act in the background."""
    monkeypatch.setattr(runs, "BATCH", 3)


@pytest.fixture(autouse=True)
def acting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def acting(_: Workspace, kept: Me) -> Me:
        return kept

    monkeypatch.setattr(Workspace, "acting", acting)


async def test_a_run_changes_all_and_takes_all_back_but_what_was_changed_since(
    yard: Yard,
) -> None:
    run = await yard.start("update", ids=yard.tasks, values={"set": {"status": "backlog"}})
    await yard.work()
    run = await yard.now(run)
    assert (run.state, run.done, run.changed, run.failed) == ("done", 6, 6, 0)
    assert await yard.statuses() == ["backlog"] * 6
    assert len(run.change_sets) == 2

    await yard.update(yard.tasks[1], status="in_progress")
    await yard.act(run, "take_back")
    await yard.work()
    run = await yard.now(run)
    assert run.state == "undone"
    assert "1 changes were left" in run.message
    assert await yard.statuses() == ["todo", "in_progress", *["todo"] * 4]


async def test_refused_records_are_named_and_lose_nothing_for_the_others(yard: Yard) -> None:
    missing = 999_999
    ids = [yard.tasks[0], missing, *yard.tasks[1:]]
    run = await yard.start("update", ids=ids, values={"set": {"status": "backlog"}})
    await yard.work()
    run = await yard.now(run)
    assert (run.state, run.done, run.changed, run.failed) == ("done", 7, 6, 1)
    assert run.faults[0]["id"] == missing
    assert "no task 999999" in run.faults[0]["reason"]


async def test_what_only_a_rule_at_the_end_refuses_is_done_as_far_as_it_goes(
    yard: Yard,
) -> None:
    await yard.limit(4)
    run = await yard.start("update", ids=yard.tasks, values={"set": {"status": "review"}})
    await yard.work()
    run = await yard.now(run)
    assert (run.state, run.done, run.changed, run.failed) == ("done", 6, 4, 2)
    assert (await yard.statuses()).count("review") == 4


async def test_a_run_that_broke_off_goes_on_where_it_was(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await yard.start("update", ids=yard.tasks, values={"set": {"status": "backlog"}})
    deed = deed_of(yard.noun, "update", run.values)
    broken = runs.Going(yard.ws, yard.me, deed, run.id, run.ids, 0)
    await broken.go(0)  # one batch, then the power fails
    assert (await yard.now(run)).done == 3
    # A second process that has seen an older state writes nothing.
    stale = runs.Going(yard.ws, yard.me, deed, run.id, run.ids, 0)
    with pytest.raises(runs.Elsewhere):
        await stale.go(60)
    await yard.work()
    run = await yard.now(run)
    assert (run.state, run.done, run.changed) == ("done", 6, 6)


async def test_a_stopped_run_stops_and_goes_on_when_asked(yard: Yard) -> None:
    run = await yard.start("update", ids=yard.tasks, values={"set": {"status": "backlog"}})
    await yard.act(run, "stop")
    await yard.work()
    assert (await yard.now(run)).done == 0
    noun = yard.ws.registry.noun(BulkRun)
    narrow = Me(id=yard.me.id, grants=frozenset({"bulk.*", "projects.task.read"}))
    with pytest.raises(Denied, match=r"projects\.task\.update"):
        await yard.ws.run(
            narrow, lambda ctx: perform.act(ctx, noun, noun.actions["resume"], run.id, {})
        )
    await yard.act(run, "resume")
    await yard.work()
    assert (await yard.now(run)).changed == 6
    with pytest.raises(Conflict):
        await yard.act(run, "resume")


async def test_values_are_added_to_lists_and_removed_from_them(yard: Yard) -> None:
    noun = yard.ws.registry.noun("tags.tag")

    async def make(ctx: Context) -> list[int]:
        return [(await perform.create(ctx, noun, {"name": name})).id for name in "abc"]

    old, wet, new = await yard.ws.run(SYSTEM, make)
    await yard.update(yard.tasks[0], tags=[old, wet])
    values = {"add": {"tags": [new]}, "remove": {"tags": [old]}}
    await yard.start("update", ids=yard.tasks[:2], values=values)
    await yard.work()
    page = await yard.ws.page(SYSTEM, TASK, {"tags": str(new), "include": "tags", "sort": "id"})
    assert [[tag["id"] for tag in row["tags"]] for row in page.items] == [[wet, new], [new]]


async def test_all_that_match_are_found_within_what_may_be_seen(yard: Yard) -> None:
    await yard.update(yard.tasks[0], status="done")
    run = await yard.start("delete", query="status=todo")
    assert run.total == 5
    grants = ("bulk.bulk_run.start", "projects.task.read", "projects.task.delete")
    stranger = Me(id=10**6, grants=frozenset(grants))
    with pytest.raises(Invalid, match="at least one"):
        await yard.start("delete", me=stranger, query="status=todo")


async def test_nobody_does_to_many_what_they_may_not_do_to_one(yard: Yard) -> None:
    reader = Me(id=yard.me.id, grants=frozenset({"bulk.*", "projects.task.read"}))
    with pytest.raises(Denied):
        await yard.start("delete", me=reader, ids=yard.tasks)
    with pytest.raises(NotFound):
        await yard.start("no_such_verb", ids=yard.tasks)
    with pytest.raises(Invalid, match="cannot be written"):
        await yard.start("update", ids=yard.tasks, values={"set": {"version": 7}})
    for odd in (5, None, [[1]], "abc"):
        with pytest.raises(Invalid, match="must be a list"):
            await yard.start("update", ids=yard.tasks, values={"add": {"tags": odd}})


async def test_a_batch_at_once_takes_all_or_nothing(yard: Yard) -> None:
    deed = deed_of(yard.noun, "update", {"set": {"status": "backlog"}})
    batch = Batch(yard.ws, yard.me, deed, versions={yard.tasks[0]: 99})

    async def note(_ctx: Context, _changes: Any) -> None:
        """Note nothing."""

    with pytest.raises(Refusals):
        await batch.once(yard.tasks, note)
    assert await yard.statuses() == ["todo"] * 6

"""Checklists and their items: order, validation, kept counts, results; on both engines."""

import asyncio
import random
from contextlib import contextmanager
from datetime import date

import pytest

from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound
from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.modules.checklists import rules
from mainstay.modules.checklists.entities import Checklist, ChecklistItem, TaskResult
from mainstay.modules.checklists.scopes import lines_of


async def test_in_order_means_one_after_the_other_by_every_way(bench):
    made, (one, two, three) = await bench.checklist("Lock", "Measure", "Sign", mode="sequential")
    with pytest.raises(Conflict, match=r"“Lock” comes before “Measure”\. Complete it first"):
        await bench.act("ada", two, "complete")
    with pytest.raises(Conflict, match="“Lock” comes before “Sign”"):
        await bench.update("ada", three, status="completed")
    await bench.act("ada", one, "complete")
    first = bench.change
    await bench.act("ben", two, "complete")
    with pytest.raises(Conflict, match="“Measure” is completed already and comes after “Lock”"):
        await bench.act("ada", one, "reopen")
    with pytest.raises(Conflict, match="Reopen “Measure” first"):
        await bench.undo("ada", first)
    with pytest.raises(Conflict, match="“Measure” is completed already and comes after “Sign”"):
        await bench.act("ada", three, "move", before_id=two.id)
    # What is not required holds nothing up, and what is put away neither.
    await bench.update("ada", three, required=False)
    await bench.act("ada", three, "move", before_id=one.id)
    gone = await bench.create("ada", "checklist_item", checklist_id=made.id, name="Forgotten")
    await bench.act("ada", gone, "move", after_id=two.id)
    await bench.delete("ada", gone)
    last = await bench.create("ada", "checklist_item", checklist_id=made.id, name="Last")
    await bench.act("ada", last, "complete")
    await bench.act("ada", last, "reopen")
    await bench.restore("ada", gone)
    with pytest.raises(Conflict, match="“Forgotten” comes before “Last”"):
        await bench.act("ada", last, "complete")
    await bench.act("ada", gone, "complete")
    await bench.act("ada", last, "complete")
    seen = await bench.fresh(made)
    assert (seen.status, seen.item_count, seen.done_count) == ("completed", 5, 4)


async def test_a_list_becomes_sequential_only_when_it_is_in_order(bench):
    made, (_, two) = await bench.checklist("First", "Second")
    await bench.act("ada", two, "complete")
    with pytest.raises(Conflict, match="“Second” is completed already and comes after “First”"):
        await bench.update("ada", made, mode="sequential")


async def test_an_item_waits_for_another_of_its_list_and_never_in_a_circle(bench):
    _, (one, two) = await bench.checklist("Dig", "Pour")
    _, (other,) = await bench.checklist("Elsewhere")
    await bench.update("ada", two, depends_on_id=one.id)
    with pytest.raises(Conflict, match="“Dig” comes before “Pour”"):
        await bench.act("ada", two, "complete")
    with pytest.raises(Conflict, match="“Dig” → “Pour” → “Dig”"):
        await bench.update("ada", one, depends_on_id=two.id)
    with pytest.raises(Conflict, match="“Dig” → “Dig”"):
        await bench.update("ada", one, depends_on_id=one.id)
    with pytest.raises(Invalid, match="same checklist"):
        await bench.update("ada", one, depends_on_id=other.id)
    await bench.act("ada", one, "complete")
    await bench.act("ada", two, "complete")


async def test_validation_is_by_somebody_else_and_counts_only_then(bench):
    made, (item,) = await bench.checklist("Torque", needs_validation=True)
    item = await bench.act("ada", item, "complete")
    assert (item.status, item.is_completed) == ("completed", False)
    assert (await bench.fresh(made)).status == "in_progress"
    with pytest.raises(Denied, match="completed this item yourself"):
        await bench.act("ada", item, "validate")
    with pytest.raises(Denied, match="take the validation away"):
        await bench.update("ada", item, needs_validation=False)
    for who, kind in (("vera", Denied), ("carl", Denied), ("eve", NotFound)):
        with pytest.raises(kind):
            await bench.act(who, item, "validate")
    sent = await bench.act("ben", item, "reject", reason="The torque wrench was not set.")
    assert (sent.status, sent.reason) == ("in_progress", "The torque wrench was not set.")
    assert sent.completed_by is None
    again = await bench.act("ada", item, "complete")
    assert again.reason == ""
    done = await bench.act("ben", item, "validate")
    assert (done.is_completed, done.validated_by) == (True, bench.people["ben"].id)
    assert (await bench.fresh(made)).is_completed
    # Without validation it would count at once: only whoever leads may say so.
    await bench.act("ada", item, "reopen")
    await bench.act("ada", item, "complete")
    changed = await bench.update("lead", item, needs_validation=False)
    assert changed.is_completed


async def test_undoing_the_tick_takes_a_later_validation_along(bench):
    made, (item,) = await bench.checklist("Torque", needs_validation=True)
    await bench.act("ada", item, "complete")
    ticked = bench.change
    await bench.act("ben", item, "validate")
    await bench.undo("ada", ticked)
    item = await bench.fresh(item)
    assert (item.status, item.is_completed, item.validated_at) == ("pending", False, None)
    assert not (await bench.fresh(made)).is_completed


async def test_a_blocked_item_says_why_and_is_not_completed(bench):
    made, (item, _) = await bench.checklist("Permit", "Dig")
    with pytest.raises(Conflict, match="Blocking needs a reason"):
        await bench.update("ada", item, status="blocked")
    with pytest.raises(Invalid):
        await bench.act("ada", item, "block", reason="   ")
    blocked = await bench.act("ada", item, "block", reason="The city has not answered.")
    assert (await bench.fresh(made)).status == "blocked"
    with pytest.raises(Conflict, match="Unblock it first"):
        await bench.act("ada", blocked, "complete")
    with pytest.raises(Conflict, match="Unblock it first"):
        await bench.update("ada", blocked, status="completed")
    free = await bench.act("ada", item, "unblock")
    assert (free.status, free.reason) == ("pending", "")


async def test_completing_the_last_required_item_leaves_a_result_and_undo_takes_it_back(bench):
    made, (one, two) = await bench.checklist("Lock", "Measure", due_date=date(2026, 11, 18))
    await bench.create("ada", "checklist_item", checklist_id=made.id, name="Photo", required=False)
    bench.later(hours=2)
    await bench.act("ada", one, "complete")
    bench.later(hours=22)  # 9:30 of the day after it was due
    await bench.act("ben", two, "complete")
    (result,) = await bench.every(TaskResult)
    seen = await bench.fresh(made)
    assert (seen.status, seen.completed_by) == ("completed", bench.people["ben"].id)
    assert (result.task_id, result.result_type, result.result_id) == (
        bench.task,
        "checklists.checklist",
        made.id,
    )
    assert result.user_id == bench.people["ben"].id
    assert result.performance_metrics == {
        "checklist": "Sign off",
        "items": 3,
        "done": 2,
        "required": 2,
        "validated": 0,
        "on_time": False,
        "late_items": 1,
        "hours_open": 24.0,
        "hours_between_items": 22.0,
    }
    log = await bench.crowd.call("ada", "GET", f"/api/checklists/checklists/{made.id}/history")
    said = [event["name"] for row in log.json()["items"] for event in row["events"] or ()]
    assert said == ["checklists.ChecklistCompleted"]


async def test_undo_reopening_and_the_bin_take_a_result_back(bench):
    made, (one, two) = await bench.checklist("Lock", "Measure")
    await bench.act("ada", one, "complete")
    await bench.act("ben", two, "complete")
    done = bench.change
    await bench.undo("ben", done)
    assert await bench.every(TaskResult) == []
    seen = await bench.fresh(made)
    assert (seen.status, seen.is_completed, seen.completed_at) == ("in_progress", False, None)
    # Reopening takes it back too, and taking that back brings the same one again.
    await bench.act("ben", two, "complete")
    (result,) = await bench.every(TaskResult)
    await bench.act("ada", one, "reopen")
    reopened = bench.change
    assert await bench.every(TaskResult) == []
    await bench.undo("ada", reopened)
    assert [one.id for one in await bench.every(TaskResult)] == [result.id]
    # It goes with its checklist, and comes back with it.
    await bench.delete("ada", made)
    assert await bench.every(TaskResult) == []
    await bench.restore("ada", made)
    (again,) = await bench.every(TaskResult)
    assert again.result_id == made.id


async def test_only_who_works_in_the_project_changes_anything(bench):
    made, (item,) = await bench.checklist("Lock")
    for who in ("vera", "carl"):
        with pytest.raises(Denied):
            await bench.act(who, item, "complete")
        with pytest.raises(Denied):
            await bench.create(who, "checklist_item", checklist_id=made.id, name="Mine")
    with pytest.raises(NotFound):
        await bench.act("eve", item, "complete")
    with pytest.raises(Invalid, match="may not see it"):
        await bench.create("eve", "checklist", task_id=bench.task, name="Mine")
    # Somebody whose role lets them write everywhere is still a reader where they are a viewer.
    member = bench.ws.registry.noun("projects.project_member")
    await bench.ws.run(
        bench.me(""),
        lambda ctx: ctx.create(
            member.entity(project_id=bench.project, user_id=bench.people["eve"].id, role="viewer")
        ),
    )
    for verb in ("complete", "start"):
        with pytest.raises(Denied, match="as viewer"):
            await bench.act("eve", item, verb)
    with pytest.raises(Denied, match="as viewer"):
        await bench.delete("eve", made)


async def test_who_shall_do_it_must_be_able_to_see_it(bench):
    _, (item,) = await bench.checklist("Lock")
    eve = bench.people["eve"].id
    with pytest.raises(Invalid, match="must be a member of the project"):
        await bench.update("ada", item, assignee_id=eve)
    await bench.update("lead", item, assignee_id=eve)
    assert (await bench.ask("eve", "my_checklists")).open_count == 1
    await bench.update("ada", item, assignee_id=bench.people["carl"].id)


async def test_two_at_once_cannot_pass_the_order_nor_count_wrong(bench):
    made, (one, two) = await bench.checklist("Lock", "Measure", mode="sequential")
    await bench.act("ada", one, "complete")
    ends = await asyncio.gather(
        bench.act("ada", one, "reopen"), bench.act("ben", two, "complete"), return_exceptions=True
    )
    assert sorted(isinstance(end, Conflict) for end in ends) == [False, True], ends
    made, items = await bench.checklist(*"abcdefgh")
    await asyncio.gather(
        *(bench.act(("ada", "ben")[n % 2], item, "complete") for n, item in enumerate(items))
    )
    seen = await bench.fresh(made)
    assert (seen.done_count, seen.is_completed) == (8, True)
    results = await bench.every(TaskResult, result_id=made.id)
    assert len(results) == 1


async def test_kept_counts_equal_counted_ones_after_random_histories(bench):
    """Do whatever comes to mind; what is refused changes nothing, what is kept adds up."""
    chance = random.Random(20261118)
    lists = [await bench.checklist("a", "b", "c", mode=mode) for mode in ("sequential", "parallel")]
    items = [item for _, some in lists for item in some]
    changes: list[tuple[str, int]] = []
    verbs = ("complete", "complete", "complete", "reopen", "block", "unblock", "start", "validate")
    done = refused = 0
    for _ in range(90):
        who, item = chance.choice(("ada", "ben")), chance.choice(items)
        deed = chance.choice(("verb", "verb", "verb", "edit", "bin", "back", "move", "undo"))
        try:
            if deed == "verb":
                verb = chance.choice(verbs)
                more = {"reason": "Rain"} if verb == "block" else {}
                await bench.act(who, item, verb, **more)
            elif deed == "edit":
                name = chance.choice(("required", "needs_validation"))
                await bench.update("lead", item, **{name: chance.random() < 0.7})
            elif deed == "bin":
                await bench.delete(who, item)
            elif deed == "back":
                await bench.restore(who, item)
            elif deed == "move":
                await bench.act(who, item, "move", before_id=chance.choice(items).id)
            elif changes:
                who, change = changes.pop(chance.randrange(len(changes)))
                await bench.undo(who, change)
                continue
            if deed != "edit":
                changes.append((who, bench.change))
            done += 1
        except (Conflict, Denied, Invalid, NotFound):
            refused += 1
    assert done > 30
    assert refused > 10
    await adds_up(bench)


async def adds_up(bench):
    async def look(ctx: Context) -> None:
        lists = await ctx.all(Checklist, anywhere=True)
        lines = await lines_of(ctx, [one.id for one in lists])
        results = await ctx.all(TaskResult, anywhere=True)
        for one in lists:
            items = [line.item for line in lines.get(one.id, [])]
            tally = rules.tally(items)
            kept = (one.item_count, one.done_count, one.status, one.is_completed)
            assert kept == (tally.items, tally.done, tally.status, tally.completed)
            assert rules.out_of_order(items, sequential=one.mode == "sequential") is None
            mine = [result for result in results if result.result_id == one.id]
            assert len(mine) == tally.completed
        for item in await ctx.all(ChecklistItem, anywhere=True):
            waits = item.needs_validation and item.validated_at is None
            assert item.is_completed == (item.status == "completed" and not waits)

    await bench.ws.look(bench.me(""), look)


async def test_two_hundred_items_take_as_many_statements_as_ten(bench, monkeypatch):
    counts = {}
    for size in (10, 200):
        made, _ = await bench.checklist()

        async def work(ctx, made=made, size=size):
            items = [
                ChecklistItem(checklist_id=made.id, name=f"Item {n}", sort_order=n + 1.0)
                for n in range(size)
            ]
            for item in items:
                item.status, item.completed_at = "completed", ctx.now
                item.is_completed, item.assignee_id = True, bench.people["ben"].id
            await ctx.create_many(items)
            return items

        with counting(monkeypatch) as seen:
            await bench.run("ada", work)
        counts[size] = len(seen)
        assert (await bench.fresh(made)).done_count == size
        with counting(monkeypatch) as seen:
            await bench.ask("ada", "task_work", task_id=bench.task)
        counts[size, "read"] = len(seen)
    assert counts[10] == counts[200], counts
    assert counts[10, "read"] == counts[200, "read"], counts


@contextmanager
def counting(monkeypatch):
    """Count the statements of units of work and of reads while it lasts."""
    seen = []
    with monkeypatch.context() as patch:
        for kind in (PostgresConnection, SqliteConnection):
            for name in ("fetch", "run", "many"):
                patch.setattr(kind, name, counted(getattr(kind, name), seen))
        yield seen


def counted(whole, seen):
    async def counts(own, sql, *args):
        seen.append(sql)
        return await whole(own, sql, *args)

    return counts

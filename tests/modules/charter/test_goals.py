"""Goals: their flow, who supports them, and how many of their tasks are done."""

import pytest

from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection
from tests.modules.charter.conftest import ON_SQLITE, Charter


async def tasks(charter: Charter, goal: int | None, *statuses: str) -> list[dict]:
    return [
        await charter.add("tasks", title=f"Task {n}", goal_id=goal, status=status)
        for n, status in enumerate(statuses)
    ]


async def counted(charter: Charter, goal: int) -> tuple[int, int, float]:
    found = await charter.get("goals", goal)
    return found["task_count"], found["done_count"], round(found["progress"], 3)


async def test_a_goal_counts_its_tasks(charter):
    goal = (await charter.add("goals", title="Light in every room"))["id"]
    other = (await charter.add("goals", title="Warm water"))["id"]
    made = await tasks(charter, goal, "done", "todo", "cancelled")
    assert await counted(charter, goal) == (3, 1, 0.333)
    done = await charter.act("tasks", made[1]["id"], "complete")
    # 2 of 3 = 0.667
    assert await counted(charter, goal) == (3, 2, 0.667)
    await charter.edit("tasks", made[0]["id"], goal_id=other)
    assert await counted(charter, goal) == (2, 1, 0.5)
    assert await counted(charter, other) == (1, 1, 1.0)
    await charter.undo(done["change"])
    assert await counted(charter, goal) == (2, 0, 0.0)
    await charter.crowd.call("ada", "DELETE", f"/api/projects/tasks/{made[2]['id']}", status=200)
    assert await counted(charter, goal) == (1, 0, 0.0)
    assert (await charter.get("goals", goal))["version"] == 1
    said = await charter.ask("charter", "goal_progress", project_id=charter.project)
    assert [(g["title"], g["total"], g["completed"], g["percentage"]) for g in said["goals"]] == [
        ("Light in every room", 1, 0, 0),
        ("Warm water", 1, 1, 100),
    ]


@pytest.fixture
def statements(monkeypatch) -> list[str]:
    """Every statement that runs."""
    seen: list[str] = []

    def spy(kind, name):
        plain = getattr(kind, name)

        async def wrapped(self, sql, *args):
            seen.append(sql)
            return await plain(self, sql, *args)

        monkeypatch.setattr(kind, name, wrapped)

    for kind in (SqliteConnection, PostgresConnection):
        for name in ("fetch", "run", "many"):
            spy(kind, name)
    return seen


async def test_many_tasks_cost_no_more_statements_than_few(charter, statements):
    goal = (await charter.add("goals", title="Light"))["id"]
    made = await tasks(charter, goal, *["todo"] * 15)
    counts = []
    for few in (made[:2], made[2:]):
        statements.clear()
        update = [{"id": one["id"], "status": "done"} for one in few]
        await charter.crowd.call(
            "ada", "POST", "/api/projects/tasks/bulk", json={"update": update}, status=200
        )
        counts.append(sum("charter_goal" in sql for sql in statements))
    # The goal is locked and counted once, however many of its tasks were changed.
    assert counts == [2, 2]
    assert await counted(charter, goal) == (15, 15, 1.0)


async def test_a_binned_goal_lets_its_tasks_go_and_undo_brings_them_back(charter):
    goal = (await charter.add("goals", title="Light"))["id"]
    made = await tasks(charter, goal, "done", "todo")
    answer = await charter.crowd.call("ada", "DELETE", f"/api/projects/goals/{goal}", status=200)
    assert [(await charter.get("tasks", one["id"]))["goal_id"] for one in made] == [None, None]
    await charter.undo(answer.headers["x-change-set"])
    assert [(await charter.get("tasks", one["id"]))["goal_id"] for one in made] == [goal, goal]
    assert await counted(charter, goal) == (2, 1, 0.5)


@ON_SQLITE
async def test_the_flow_of_a_goal(charter):
    goal = (await charter.add("goals", title="Light"))["id"]
    for verb, status in (("start", "active"), ("hold", "on_hold"), ("start", "active")):
        assert (await charter.act("goals", goal, verb))["status"] == status
    assert (await charter.act("goals", goal, "complete"))["status"] == "completed"
    said = await charter.act("goals", goal, "hold", code=409)
    assert said["detail"] == "This goal is completed. Reopen it first."
    refused = await charter.crowd.call(
        "ada", "PATCH", f"/api/projects/goals/{goal}", json={"status": "cancelled"}, status=409
    )
    assert "Reopen it first" in refused.json()["detail"]
    assert (await charter.act("goals", goal, "reopen"))["status"] == "active"
    await charter.act("goals", goal, "cancel", "vera", code=403)


@ON_SQLITE
async def test_only_support_admin_or_manager_may_support_a_goal(charter):
    admin, ben = charter.id("admin"), charter.id("ben")
    said = await charter.add("goals", code=422, title="Light", support_employee_id=ben)
    (error,) = said["errors"]
    assert error["field"] == "support_employee_id"
    assert error["message"] == "must be somebody with the role support, admin or manager"
    goal = await charter.add("goals", title="Light", support_employee_id=admin)
    await charter.edit("goals", goal["id"], code=422, support_employee_id=ben)
    await charter.edit("goals", goal["id"], support_employee_id=None)


async def test_strangers_see_nothing_and_readers_change_nothing(charter):
    goal = (await charter.add("goals", title="Light"))["id"]
    assert (await charter.get("goals", goal, "vera"))["title"] == "Light"
    await charter.get("goals", goal, "eve", code=404)
    await charter.edit("goals", goal, "eve", code=404, title="Mine")
    for who in ("vera", "carl"):
        await charter.edit("goals", goal, who, code=403, title="Mine")
    await charter.add("goals", "eve", code=422, title="Smuggled in")
    await charter.ask("charter", "goal_progress", "eve", code=404, project_id=charter.project)
    # Who sees two projects may still not let the tasks of one be done for a goal of the other.
    other = await charter.another()
    there = (await charter.add("goals", "lead", project_id=other, title="There"))["id"]
    said = await charter.add("tasks", "lead", code=422, title="Task", goal_id=there)
    assert said["errors"][0]["field"] == "goal_id"
    assert (await charter.ask("charter", "goal_progress", "eve"))["goals"] == []
    html = await charter.page(f"/projects/goals/{goal}", "vera")
    assert "No tasks are done for this goal yet." in html

"""Issues over HTTP: codes, flow, rights, duplicates, tasks, parts and the score."""

from datetime import timedelta

import pytest

from mainstay.kernel.scope import SYSTEM
from mainstay.modules.issues.scopes import refresh_scores
from tests.modules.issues.conftest import ON_SQLITE

GRID = [
    {"priority": p, "severity": s, "impact_users": n, flag: True}
    for p, s, n, flag in [
        ("lowest", "trivial", 0, "security"),
        ("low", "minor", 10, "performance"),
        ("medium", "major", 101, "regression"),
        ("high", "critical", 1001, "security"),
        ("highest", "blocker", 11, "regression"),
    ]
]


@ON_SQLITE
async def test_codes_count_by_project_and_go_on_above_given_ones(issues):
    codes = [(await issues.add(f"No light {n}"))["code"] for n in range(2)]
    assert codes == ["ISS-001", "ISS-002"]
    other = await issues.another(issue_prefix="BUG")
    assert (await issues.add("Dark", "lead", project_id=other))["code"] == "BUG-001"
    given = {"project_id": other, "title": "Darker", "code": "BUG-040"}
    await issues.call("lead", "POST", "issues/issues", 201, json=given)
    await issues.call("lead", "POST", "issues/issues", 409, json=given)
    assert (await issues.add("Night", "lead", project_id=other))["code"] == "BUG-041"
    # A client chooses no code, and no member one that would lead the numbers far astray.
    said = await issues.add("Mine", "carl", code=422, code_="ISS-050")
    assert said["errors"][0]["field"] == "code"
    assert "1000 beyond" in (await issues.add("Far", code=422, code_="ISS-999999998"))["detail"]
    assert (await issues.add("Near", code_="ISS-900"))["code"] == "ISS-900"
    assert (await issues.add("Next"))["code"] == "ISS-901"
    assert (await issues.add("Moved", "lead", code_="OLD-48213"))["code"] == "OLD-48213"


@ON_SQLITE
async def test_an_ending_fits_by_whatever_way(issues):
    one, other = [(await issues.add(f"Light {n}"))["id"] for n in "ab"]
    for wrong in (
        {"status": "cancelled", "resolution": "fixed"},
        {"status": "resolved", "resolution": "duplicate"},
        {"status": "in_progress", "resolution": "fixed"},
    ):
        said = await issues.edit(one, code=422, **wrong)
        assert said["errors"][0]["field"] == "resolution"
        bulk = {"update": [{"id": one, **wrong}]}
        await issues.call("ada", "POST", "issues/issues/bulk", 422, json=bulk)
    for wrong in ("fixed", "duplicate"):
        await issues.add("Old", code=422, status="cancelled", resolution=wrong)
    # What comes from elsewhere may have been a duplicate of what did not come along.
    old = {"status": "closed", "resolution": "duplicate", "origin": "import"}
    assert (await issues.add("Old", **old))["resolution"] == "duplicate"
    await issues.act(one, "mark_duplicate", original_id=other)
    (link,) = (await issues.call("ada", "GET", "issues/links", 200))["items"]
    path = f"issues/links/{link['id']}"
    said = await issues.call("ada", "DELETE", path, 409)
    assert "ISS-001 is resolved as a duplicate" in said["detail"]
    await issues.call("ada", "PATCH", path, 409, json={"type": "relates_to"})
    # Whoever says that it ended otherwise lets go of the original, and of the link.
    fixed = await issues.edit(one, resolution="fixed")
    assert (await issues.get(one))["duplicate_of_id"] is None
    assert (await issues.call("ada", "GET", "issues/links", 200))["items"] == []
    await issues.undo(fixed["change"])
    assert (await issues.get(one))["duplicate_of_id"] == other
    # In the bin the original takes the link with it, and brings it back.
    await issues.call("ada", "DELETE", f"issues/issues/{other}", 200)
    await issues.call("ada", "POST", f"issues/issues/{other}/restore", 200, json={})
    assert len((await issues.call("ada", "GET", "issues/links", 200))["items"]) == 1


async def test_a_first_answer_goes_with_what_it_was(issues):
    """Undone or deleted, a start or a comment is no answer; the next one that there is, is."""
    one = (await issues.add("No light", "ben"))["id"]
    about = {"entity": "issues.issue", "record_id": one, "body": "We look."}

    async def say(who: str, **more) -> dict:
        return await issues.call(who, "POST", "comments/comments", 201, json={**about, **more})

    async def answered():
        found = await issues.get(one)
        return found["first_response_at"], found["sla_response"]

    begun = await issues.act(one, "start")
    assert (await issues.get(one))["started_at"] == (await answered())[0] is not None
    await issues.undo(begun["change"])
    assert await answered() == (None, "running")
    assert (await issues.get(one))["started_at"] is None
    first = await say("ada")
    assert await answered() == (first["created_at"], "met")
    for who, more in (("ben", {}), ("carl", {}), ("lead", {"internal": True})):
        await say(who, **more)
    # An administrator is no member, but works everywhere.
    second, third = await say("admin"), await say("ada")
    gone = await issues.call("ada", "DELETE", f"comments/comments/{first['id']}", 200)
    assert await answered() == (second["created_at"], "met")
    await issues.undo(gone["change"])
    assert await answered() == (first["created_at"], "met")
    await issues.undo(first["change"])
    await issues.undo(second["change"], "admin")
    assert await answered() == (third["created_at"], "met")
    await issues.undo(third["change"])
    assert await answered() == (None, "running")


@ON_SQLITE
async def test_a_task_goes_where_it_may(issues):
    """The sprint and the person are handed on only where that can be; a binned sprint is left."""

    async def sprint(name: str) -> str:
        days = {"start_date": str(today), "end_date": str(today + timedelta(days=9))}
        data = {"project_id": issues.project, "name": name, **days}
        return (await issues.call("lead", "POST", "scrum/sprints", 201, json=data))["id"]

    async def made(who: str, verb: str = "make_task", **data) -> tuple:
        issue = await issues.add("No light", **data)
        done = await issues.act(issue["id"], verb, who)
        task = await issues.call("lead", "GET", f"projects/tasks/{done['task_id']}", 200)
        return task["sprint_id"], task["assignee_id"]

    today = issues.crowd.ws.clock.now().date()
    now, later, left = [await sprint(name) for name in ("Now", "Later", "Left")]
    await issues.call("lead", "POST", f"scrum/sprints/{now}/start", 200, json={})
    assert await made("ada", sprint_id=now) == (None, None)
    assert await made("lead", sprint_id=now) == (now, None)
    assert await made("ada", sprint_id=later) == (later, None)
    held = [(await issues.add("Held", sprint_id=left))["id"] for _ in "ab"]
    await issues.call("ada", "DELETE", f"issues/issues/{held[1]}", 200)
    gone = await issues.call("lead", "DELETE", f"scrum/sprints/{left}", 200)
    assert (await issues.get(held[0]))["sprint_id"] is None
    await issues.call("ada", "POST", f"issues/issues/{held[1]}/restore", 200, json={})
    assert (await issues.get(held[1]))["sprint_id"] is None
    await issues.undo(gone["change"], "lead")
    assert (await issues.get(held[0]))["sprint_id"] == left
    # Who has left the project is not brought back by a task for their issue.
    ben = issues.id("ben")
    issue = await issues.add("No light", assignee_id=ben)
    pair = {"project_id": issues.project, "user_id": ben}
    (member,) = (await issues.call("lead", "GET", "projects/members", 200, params=pair))["items"]
    await issues.call("lead", "DELETE", f"projects/members/{member['id']}", 200)
    done = await issues.act(issue["id"], "make_task", "lead")
    task = await issues.call("lead", "GET", f"projects/tasks/{done['task_id']}", 200)
    assert task["assignee_id"] is None
    assert (await issues.call("lead", "GET", "projects/members", 200, params=pair))["items"] == []


@ON_SQLITE
async def test_the_way_of_an_issue(issues):
    made = await issues.add("No light", impact_users=11)
    one = made["id"]
    assert (made["status"], made["resolution"], made["reporter_id"]) == (
        "open",
        "unresolved",
        issues.id("ada"),
    )
    assert (await issues.act(one, "start"))["status"] == "in_progress"
    said = await issues.act(one, "resolve", code=422, resolution="unresolved")
    assert said["errors"][0]["field"] == "resolution"
    assert "resolution" in (await issues.edit(one, code=422, status="resolved"))["detail"]
    await issues.edit(one, code=422, resolution="fixed")
    await issues.act(one, "close", code=409)
    done = await issues.act(one, "resolve", resolution="wont_fix")
    assert (done["status"], done["resolution"]) == ("resolved", "wont_fix")
    assert done["resolved_at"]
    await issues.edit(one, code=409, status="in_progress")
    closed = await issues.act(one, "close")
    assert closed["closed_at"]
    again = await issues.act(one, "reopen")
    assert (again["status"], again["resolution"]) == ("reopened", "unresolved")
    assert again["resolved_at"] is again["closed_at"] is None
    await issues.undo(again["change"])
    back = await issues.get(one)
    assert (back["status"], back["resolution"], back["closed_at"]) == (
        "closed",
        "wont_fix",
        closed["closed_at"],
    )
    gone = await issues.add("Nothing")
    assert (await issues.act(gone["id"], "cancel"))["closed_at"]
    assert (await issues.act(gone["id"], "reopen"))["closed_at"] is None


@ON_SQLITE
async def test_guards_hold_in_bulk(issues):
    one = (await issues.add("One"))["id"]
    bulk = {"update": [{"id": one, "status": "closed"}]}
    await issues.call("ada", "POST", "issues/issues/bulk", 422, json=bulk)
    bulk = {"update": [{"id": one, "status": "done", "resolution": "fixed"}]}
    await issues.call("ada", "POST", "issues/issues/bulk", 200, json=bulk)
    found = await issues.get(one)
    assert (found["status"], bool(found["resolved_at"]), bool(found["closed_at"])) == (
        "closed",
        True,
        True,
    )
    bulk = {"create": [{"project_id": issues.project, "title": "Old", "status": "resolved"}]}
    await issues.call("ada", "POST", "issues/issues/bulk", 422, json=bulk)


@ON_SQLITE
async def test_who_may_do_what(issues):
    mine = await issues.add("Seen by a client", "carl")
    assert (await issues.get(mine["id"], "carl"))["code"] == mine["code"]
    for field, value in {"priority": "highest", "assignee_id": issues.id("ada")}.items():
        said = await issues.add("Mine first", "carl", code=422, **{field: value})
        assert said["errors"][0]["field"] == field
    await issues.add("As somebody else", "carl", code=422, reporter_id=issues.id("ada"))
    await issues.edit(mine["id"], "carl", code=403, title="Worse")
    await issues.act(mine["id"], "triage", "carl", code=403)
    await issues.add("Only looking", "vera", code=403)
    await issues.get(mine["id"], "vera")
    await issues.edit(mine["id"], "vera", code=403, title="Worse")
    # A stranger to the project: no sight, no issue there, no word about it.
    await issues.get(mine["id"], "eve", code=404)
    await issues.edit(mine["id"], "eve", code=404, title="Worse")
    await issues.add("From outside", "eve", code=422)
    for path in ("workarounds", "test_cases"):
        part = {"issue_id": mine["id"], "title": "Part"}
        await issues.call("eve", "POST", f"issues/{path}", 422, json=part)
        await issues.call("carl", "POST", f"issues/{path}", 403, json=part)
        await issues.call("ada", "POST", f"issues/{path}", 201, json=part)
    # A task of another project cannot be named, and assigning lets in by leaders only.
    other = await issues.another()
    task = {"project_id": other, "title": "Elsewhere"}
    made = await issues.call("lead", "POST", "projects/tasks", 201, json=task)
    await issues.edit(mine["id"], "lead", code=422, task_id=made["id"])
    await issues.act(mine["id"], "assign", code=422, user_id=issues.id("eve"))
    await issues.act(mine["id"], "assign", "lead", user_id=issues.id("eve"))
    await issues.get(mine["id"], "eve")


async def test_the_score_follows_every_write_and_the_days(issues):
    # medium 50 + major 30
    made = await issues.add("No light")
    assert made["priority_score"] == 80
    one = made["id"]
    # high 75 + major 30 + 11 people 10 + security 25
    edited = await issues.edit(one, priority="high", impact_users=11, security=True)
    assert edited["priority_score"] == 140
    await issues.undo(edited["change"])
    assert (await issues.get(one))["priority_score"] == 80
    ended = await issues.add("Over", resolution="fixed", status="resolved")
    ws, now = issues.crowd.ws, issues.crowd.ws.clock.now()
    counted = []
    for days in (7, 8, 15, 31, 31):
        later = now + timedelta(days=days, minutes=1)
        touched = await ws.run(SYSTEM, lambda ctx, at=later: refresh_scores(ctx, at))
        counted.append((touched, (await issues.get(one))["priority_score"]))
    # One issue grows at more than 7, 14 and 30 days; what has ended gets no older.
    assert counted == [(0, 80), (1, 85), (1, 90), (1, 100), (0, 100)]
    found = await issues.get(one)
    assert found["version"] == 3
    assert (await issues.get(ended["id"]))["priority_score"] == 80
    said = await issues.ask("priority_score", issue_id=one)
    assert (said["score"], {part["name"]: part["points"] for part in said["parts"]}) == (
        80,
        {
            "priority": 50,
            "severity": 30,
            "age": 0,
            "impact_users": 0,
            "security": 0,
            "performance": 0,
            "regression": 0,
        },
    )
    await issues.ask("priority_score", "eve", code=404, issue_id=one)
    await scored_by_both(issues, ws)


async def scored_by_both(issues, ws):
    """The expression of the database and the rule say the same of each issue."""
    create = [{"project_id": issues.project, "title": "Same", **one} for one in GRID]
    await issues.call("ada", "POST", "issues/issues/bulk", 200, json={"create": create})
    found = (await ws.page(SYSTEM, "issues.issue", {"title": "Same"})).items
    # 0+0+25, 25+10+15, 50+30+20+20, 75+40+30+25, 100+50+10+20
    assert sorted(issue.priority_score for issue in found) == [25, 50, 120, 170, 180]
    await ws.run(SYSTEM, lambda ctx: refresh_scores(ctx, ctx.now))
    assert await ws.run(SYSTEM, lambda ctx: refresh_scores(ctx, ctx.now)) == 0
    summary = await issues.ask("issue_summary", project_id=issues.project)
    hours = {line["severity"]: line["resolution_hours"] for line in summary["severities"]}
    assert hours["major"] == pytest.approx(0.0, abs=0.05)
    assert hours["minor"] is None
    again = (await ws.page(SYSTEM, "issues.issue", {"title": "Same"})).items
    assert [one.priority_score for one in again] == [one.priority_score for one in found]


async def test_a_duplicate_is_linked_and_never_in_a_circle(issues):
    a, b, c = [(await issues.add(f"Light {n}"))["id"] for n in "abc"]
    await issues.act(a, "mark_duplicate", code=422, original_id=a)
    done = await issues.act(a, "mark_duplicate", original_id=b)
    assert (done["status"], done["resolution"], done["duplicate_of_id"]) == (
        "resolved",
        "duplicate",
        b,
    )
    await issues.act(b, "mark_duplicate", original_id=c)
    said = await issues.act(c, "mark_duplicate", code=409, original_id=a)
    assert "ISS-003 → ISS-001 → ISS-002 → ISS-003" in said["detail"]
    around = await issues.ask("issue_links", issue_id=b)
    assert [(one["words"], one["code"]) for one in around["links"]] == [
        ("Duplicates", "ISS-003"),
        ("Is duplicated by", "ISS-001"),
    ]
    assert [(one["code"], one["watchers"]) for one in around["duplicates"]] == [
        ("ISS-001", [issues.id("ada")])
    ]
    # Reopening takes the link away; undoing the reopening brings both back.
    again = await issues.act(a, "reopen")
    assert again["duplicate_of_id"] is None
    assert (await issues.ask("issue_links", issue_id=a))["links"] == []
    await issues.undo(again["change"])
    assert (await issues.get(a))["duplicate_of_id"] == b
    # After a reopening, the way round may have closed meanwhile: the undo says so.
    again = await issues.act(a, "reopen")
    await issues.act(c, "mark_duplicate", original_id=a)
    said = await issues.undo(again["change"], code=409)
    assert "duplicates of one another" in said["detail"]


@ON_SQLITE
async def test_an_issue_follows_its_task(issues):
    one = await issues.add("No light", description="In the hall")
    made = await issues.act(one["id"], "make_task")
    task = await issues.call("ada", "GET", f"projects/tasks/{made['task_id']}", 200)
    assert (task["title"], task["type"], task["description"]) == ("No light", "bug", "In the hall")
    assert task["code"] in (await issues.act(one["id"], "make_task", code=409))["detail"]
    path = f"projects/tasks/{task['id']}"
    await issues.call("ada", "POST", f"{path}/start", 200, json={})
    assert (await issues.get(one["id"]))["status"] == "in_progress"
    done = await issues.call("ada", "POST", f"{path}/complete", 200, json={})
    found = await issues.get(one["id"])
    assert (found["status"], found["resolution"]) == ("resolved", "fixed")
    # One change set: taking the task back takes the issue back.
    await issues.undo(done["change"])
    assert (await issues.get(one["id"]))["status"] == "in_progress"
    await issues.call("ada", "POST", f"{path}/complete", 200, json={})
    await issues.call("ada", "POST", f"{path}/reopen", 200, json={})
    assert (await issues.get(one["id"]))["status"] == "reopened"
    assert one["code"] in await issues.page(f"/{path}")


@ON_SQLITE
async def test_a_test_keeps_its_last_run_and_a_log_is_kept_line_by_line(issues):
    one = (await issues.add("No light"))["id"]
    test = await issues.call(
        "ada", "POST", "issues/test_cases", 201, json={"issue_id": one, "title": "Switch it on"}
    )
    assert (test["last_result"], test["last_run_at"]) == ("not_executed", None)
    path = f"issues/test_cases/{test['id']}/record_result"
    ran = await issues.call("ben", "POST", path, 200, json={"result": "failed"})
    assert (ran["last_result"], ran["last_run_by"]) == ("failed", issues.id("ben"))
    assert ran["last_run_at"]
    await issues.call("carl", "POST", path, 403, json={"result": "passed"})
    text = "2026-11-02T11:41:07Z ERROR [lamp] burnt\n  at hall.py:3\nWARN flicker"
    await issues.act(one, "add_log", text=text, source="house")
    found = await issues.call(
        "ada", "GET", "issues/log_entries", 200, params={"issue_id": one, "sort": "id"}
    )
    assert [(e["level"], e["source"], e["message"]) for e in found["items"]] == [
        ("error", "lamp", "burnt\n  at hall.py:3"),
        ("warn", "house", "flicker"),
    ]
    await issues.act(one, "add_log", code=422, text="  \n ")


@ON_SQLITE
async def test_measures_by_severity(issues):
    await issues.add("Open", severity="critical")
    one = await issues.add("Over", severity="critical", assignee_id=issues.id("ada"))
    await issues.act(one["id"], "resolve", resolution="fixed")
    await issues.add("Small", severity="minor")
    found = await issues.ask("issue_summary", project_id=issues.project)
    assert (found["open"], found["total"], found["untriaged"], found["unassigned"]) == (2, 3, 2, 2)
    lines = [(s["severity"], s["total"], s["open"]) for s in found["severities"]]
    assert lines == [("critical", 2, 1), ("minor", 1, 1)]
    assert found["severities"][0]["resolution_hours"] == pytest.approx(0.0, abs=0.05)
    assert (await issues.ask("issue_summary", "eve"))["total"] == 0
    times = await issues.ask("issue_times", issue_id=one["id"])
    assert (times["age_days"], times["close_hours"]) == (0, None)

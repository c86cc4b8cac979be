"""The first look at new issues: the queue, one decision in one change, and two people at once."""

from mainstay.kernel.scope import SYSTEM
from mainstay.modules.issues.questions.similar import SimilarAsk, similar
from tests.modules.issues.conftest import ON_SQLITE


async def queue(issues, who: str = "ada") -> list[str]:
    return [one["code"] for one in (await issues.ask("triage_queue", who))["waiting"]]


@ON_SQLITE
async def test_the_queue_is_what_nobody_has_looked_at_the_most_urgent_first(issues):
    await issues.add("Small", severity="minor")
    worst = await issues.add("Bad", severity="blocker")
    begun = await issues.add("Begun")
    await issues.act(begun["id"], "start")
    assert await queue(issues) == ["ISS-002", "ISS-001"]
    assert await queue(issues, "eve") == []
    who = issues.id("ben")
    done = await issues.act(
        worst["id"], "triage", severity="critical", priority="high", assignee_id=who
    )
    # high 75 + critical 40
    assert (done["assignee_id"], done["priority_score"], done["triaged_by"]) == (
        who,
        115,
        issues.id("ada"),
    )
    assert await queue(issues) == ["ISS-001"]
    await issues.undo(done["change"])
    back = await issues.get(worst["id"])
    assert (back["severity"], back["assignee_id"], back["triaged_at"]) == ("blocker", None, None)
    assert back["priority_score"] == 100
    assert await queue(issues) == ["ISS-002", "ISS-001"]


@ON_SQLITE
async def test_each_decision_is_one_change_that_can_be_taken_back(issues):
    first = (await issues.add("Light in the hall is off"))["id"]
    twin = (await issues.add("Light in the hall stays off"))["id"]
    await issues.act(twin, "triage", code=422, decision="duplicate")
    done = await issues.act(twin, "triage", decision="duplicate", original_id=first)
    assert (done["status"], done["duplicate_of_id"]) == ("resolved", first)
    await issues.undo(done["change"])
    back = await issues.get(twin)
    assert (back["status"], back["duplicate_of_id"], back["triaged_at"]) == ("open", None, None)
    assert (await issues.ask("issue_links", issue_id=twin))["links"] == []
    task = await issues.act(twin, "triage", decision="task", severity="critical")
    assert task["task_id"]
    await issues.undo(task["change"])
    assert (await issues.get(twin))["task_id"] is None
    await issues.call("ada", "GET", f"projects/tasks/{task['task_id']}", 404)
    dropped = await issues.act(twin, "triage", decision="cancel")
    assert dropped["status"] == "cancelled"
    # Two people do not take the same issue: the second is told who was faster.
    one = (await issues.add("Again"))["id"]
    await issues.act(one, "triage", severity="minor")
    said = await issues.act(one, "triage", "ben", code=409, severity="blocker")
    assert said["detail"].startswith("Ada Example has triaged ISS-003 already")
    assert (await issues.get(one))["severity"] == "minor"


@ON_SQLITE
async def test_the_page_shows_one_issue_and_what_is_like_it(issues):
    assert "Every new issue has been looked at" in await issues.page("/issues/triage")
    await issues.add("Light in the hall is off", description="<b>dark</b>")
    await issues.add("The light of the hall stays off", severity="blocker")
    page = await issues.page("/issues/triage")
    assert "The light of the hall stays off" in page
    assert "Same as this" in page
    assert "&lt;b&gt;" in await issues.page("/issues/triage?at=1")
    await issues.page("/issues/triage?at=x", code=404)
    await issues.page("/issues/triage", "carl", code=403)


async def test_similar_issues_are_found_within_sight(issues):
    titles = [
        "Light in the hall stays off",
        "Invoice has the wrong number",
        "Lampe im Flur geht nicht an",
        "ログイン画面が表示されない",
    ]
    for title in titles:
        await issues.add(title)
    other = await issues.another()
    await issues.add("Light in the hall stays off for ever", "lead", project_id=other)

    async def like(title: str, who: str = "ada", **more: object) -> list[str]:
        return [one["title"] for one in await issues.ask("similar", who, title=title, **more)]

    assert await like("hall lights stay off") == titles[:1]
    assert len(await like("hall lights stay off", "lead")) == 2
    assert await like("hall lights stay off", "lead", project_id=issues.project) == titles[:1]
    assert await like("hall lights stay off", "eve") == []
    assert await like("Flurlampe geht nicht mehr an") == titles[2:3]
    assert await like("ログインの画面が出ない") == titles[3:]
    assert await like("wrong invoice numbers") == titles[1:2]
    assert await like("coffee machine leaks") == []
    assert await like('\'; DROP TABLE "x" OR * NEAR(') == []


@ON_SQLITE
async def test_finding_similar_ones_asks_no_more_for_many_issues(issues, monkeypatch):
    ws, counts = issues.crowd.ws, []
    asked = SimilarAsk(title="Light 7 is off and stays off")
    for many in (3, 60):
        create = [{"project_id": issues.project, "title": f"Light {n} is off"} for n in range(many)]
        await issues.call("ada", "POST", "issues/issues/bulk", 200, json={"create": create})
        seen: list[str] = []

        async def count(ctx, seen=seen):
            plain = type(ctx.connection).fetch

            async def fetch(self, sql, *args):
                seen.append(sql)
                return await plain(self, sql, *args)

            monkeypatch.setattr(type(ctx.connection), "fetch", fetch)
            found = await similar(ctx, asked)
            monkeypatch.undo()
            return found

        assert await ws.run(SYSTEM, count)
        counts.append(len(seen))
    # All words, two of them, any of them, and the newest.
    assert counts == [4, 4]

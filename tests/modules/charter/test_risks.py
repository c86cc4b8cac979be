"""Risks: derived scores, their flow, who watches them, and the matrix."""

import re

from tests.modules.charter.conftest import ON_SQLITE


@ON_SQLITE
async def test_a_score_is_derived_and_never_written(charter):
    risk = await charter.add("risks", title="Rain", probability="high", impact="very_high")
    assert risk["score"] == 20
    assert (await charter.add("risks", title="Fog"))["score"] == 9
    said = await charter.add("risks", code=422, title="Sun", score=1)
    assert said["errors"][0]["field"] == "score"
    edited = await charter.edit("risks", risk["id"], impact="low")
    assert (edited["score"], edited["version"]) == (8, 2)
    answer = await charter.crowd.call(
        "ada", "PATCH", f"/api/projects/risks/{risk['id']}", json={"probability": "very_low"}
    )
    assert answer.json()["score"] == 2
    await charter.undo(answer.headers["x-change-set"])
    assert (await charter.get("risks", risk["id"]))["score"] == 8


@ON_SQLITE
async def test_the_verbs_of_a_risk(charter):
    risk = (await charter.add("risks", title="Rain"))["id"]
    for verb, status in (
        ("mitigate", "mitigating"),
        ("monitor", "monitoring"),
        ("occurred", "occurred"),
    ):
        assert (await charter.act("risks", risk, verb))["status"] == status
    said = await charter.act("risks", risk, "occurred", code=409)
    assert said["detail"] == "This risk has occurred already."
    closed = await charter.act("risks", risk, "close")
    assert closed["closed_on"]
    assert "Reopen it first" in (await charter.act("risks", risk, "mitigate", code=409))["detail"]
    again = await charter.act("risks", risk, "reopen")
    assert (again["status"], again["closed_on"]) == ("open", None)
    await charter.act("risks", risk, "close", "carl", code=403)


async def test_who_watches_a_risk_belongs_to_its_project(charter):
    eve, ben = charter.id("eve"), charter.id("ben")
    said = await charter.add("risks", "admin", code=422, title="Rain", owner_id=eve)
    assert said["errors"][0]["field"] == "owner_id"
    assert "must be a member of the project" in said["errors"][0]["message"]
    risk = (await charter.add("risks", title="Rain", owner_id=ben))["id"]
    await charter.edit("risks", risk, "admin", code=422, owner_id=eve)
    update = [{"id": risk, "owner_id": eve, "title": "Hail"}]
    await charter.crowd.call(
        "admin", "POST", "/api/projects/risks/bulk", json={"update": update}, status=422
    )
    assert (await charter.get("risks", risk))["title"] == "Rain"


async def test_a_milestone_at_risk_is_of_the_same_project(charter):
    other = await charter.another()
    data = {"project_id": other, "name": "Roof is on", "due_date": "2027-01-31"}
    path = charter.crowd.ws.registry.noun("milestones.milestone").path
    made = await charter.crowd.call("lead", "POST", f"/api/{path}", json=data, status=201)
    stone = made.json()
    said = await charter.add("risks", "lead", code=422, title="Rain", milestone_id=stone["id"])
    assert said["errors"][0]["message"] == "must be a milestone of the same project"


async def test_the_matrix_counts_open_risks_that_one_may_see(charter):
    for title, probability, impact in (
        ("Rain", "high", "high"),
        ("Hail", "high", "high"),
        ("Fog", "low", "medium"),
    ):
        await charter.add("risks", title=title, probability=probability, impact=impact)
    over = (await charter.add("risks", title="Past", probability="very_high"))["id"]
    await charter.act("risks", over, "close")
    other = await charter.another()
    await charter.add("risks", "lead", project_id=other, title="There", impact="very_high")
    found = await charter.ask("charter", "risk_matrix", project_id=charter.project)
    assert (found["open_count"], found["highest"], found["suggested_level"]) == (3, 16, "critical")
    cells = {(c["probability"], c["impact"]): c["count"] for c in found["cells"] if c["count"]}
    assert cells == {("high", "high"): 2, ("low", "medium"): 1}
    assert found["bands"] == {"critical": 2, "high": 0, "medium": 1, "low": 0}
    assert (await charter.ask("charter", "risk_matrix"))["open_count"] == 3
    assert (await charter.ask("charter", "risk_matrix", "lead"))["open_count"] == 4
    assert (await charter.ask("charter", "risk_matrix", "eve"))["open_count"] == 0
    await charter.ask("charter", "risk_matrix", "eve", code=404, project_id=charter.project)


@ON_SQLITE
async def test_the_matrix_as_a_page_leads_to_the_risks_of_a_cell(charter):
    empty = await charter.page("/projects/risks/matrix")
    assert "No open risks" in empty
    await charter.add("risks", title="Rain & hail", probability="high", impact="high")
    html = await charter.page(f"/projects/risks/matrix?project={charter.project}")
    assert "Rain &amp; hail" in html
    assert "The score is probability times impact" in html
    said = " ".join(re.sub(r"<[^>]*>", " ", html).split()).lower()
    assert "1 risk with probability high and impact high" in said
    (href,) = re.findall(r'href="(/projects/risks\?[^"]*probability=high[^"]*)"', html)
    listed = await charter.page(href.replace("&amp;", "&"))
    assert "Rain &amp; hail" in listed
    await charter.page("/projects/risks/matrix?project=99999", code=404)
    await charter.page("/projects/risks/matrix?project=x", code=404)
    await charter.page(f"/projects/risks/matrix?project={charter.project}", "eve", code=404)
    project = await charter.page(f"/projects/projects/{charter.project}")
    assert "The highest score is 16, which speaks for the risk level critical" in project

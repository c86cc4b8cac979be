"""Issues with story points from Jira: every real row, and every bad one."""

import csv
from pathlib import Path

import pytest

from mainstay.kernel.scope import SYSTEM
from mainstay.modules.projects.presets import STORY_POINTS, readable

DATA = Path(__file__).parents[4] / "shared" / "data" / "story-points"
FACTS = {
    "bamboo": ("BAM", 521, 1260),
    "clover": ("CLOV", 384, 1764),
    "datamanagement": ("DM", 4667, 44640),
    "mesos": ("MESOS", 1680, 5184),
    "mule": ("MULE", 889, 4517),
    "springxd": ("XD", 3526, 13046),
    "talenddataquality": ("TDQ", 1381, 8180),
    "usergrid": ("USERGRID", 482, 1375),
}
ROW = {"issuekey": "BAM-7", "title": " Queue order ", "description": "x", "storypoint": "2"}


def read(name: str) -> list[dict[str, str]]:
    path = DATA / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"{path} is not here: the real issues lie beside the project, not in it")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", FACTS)
def test_every_real_issue_becomes_a_task(name):
    code, count, points = FACTS[name]
    rows = read(name)
    assert STORY_POINTS.marks <= rows[0].keys()
    tasks = [STORY_POINTS.convert(row, f"{name}.csv") for row in rows]
    assert len({task["code"] for task in tasks}) == len(tasks) == count
    assert sum(task["story_points"] for task in tasks) == points
    assert {task["project"]["code"] for task in tasks} == {code}
    (parent,) = STORY_POINTS.parents(tasks, f"{name}.csv")
    assert parent[0] == "projects.project"
    assert parent[1]["code"] == code
    assert parent[1]["settings"]["task_prefix"] == code


async def test_a_real_file_fits_the_fields_as_it_is(workspace):
    rows = [STORY_POINTS.convert(row, "bamboo.csv") for row in read("bamboo")]
    ((key, values),) = STORY_POINTS.parents(rows, "bamboo.csv")
    project = await workspace.create(key, **values)
    noun = workspace.ws.registry.noun("projects.task")

    async def load(ctx):
        for row in rows:
            data = {**row, "project_id": project.id}
            del data["project"]
            await noun.resource.create(ctx, noun.make(noun.check(data, noun.create_type)))

    await workspace.ws.run(SYSTEM, load, slow=True)
    kept = await workspace.fresh(project)
    assert (kept.name, kept.code, kept.task_count) == ("Bamboo", "BAM", 521)
    task = await workspace.create("task", project_id=project.id, title="New")
    highest = max(int(row["code"].split("-")[1]) for row in rows)
    assert task.code == f"BAM-{highest + 1}"
    found = await workspace.ask("project_overview", project_id=project.id)
    assert found.points_total == 1260
    page = await workspace.ws.page(SYSTEM, "projects.task", q="CVS locking", limit="5")
    assert "BAM-65" in {item.code for item in page.items}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"title": "  "}, "BAM-7 has no title"),
        ({"title": "x" * 501}, "more than 500 characters"),
        ({"issuekey": "seven"}, "'SEVEN' is not an issue key like ABC-123"),
        ({"issuekey": ""}, "is not an issue key"),
        ({"storypoint": "many"}, "'many' is not a number"),
        ({"storypoint": "-1"}, "is not between 0 and 1000"),
        ({"storypoint": "nan"}, "is not between 0 and 1000"),
        ({"description": "x" * 100_001}, "more than 100000 characters"),
    ],
)
def test_a_bad_row_says_what_is_wrong(change, says):
    with pytest.raises(ValueError, match=says):
        STORY_POINTS.convert(ROW | change, "bamboo.csv")


def test_a_row_without_points_is_fine_and_its_status_is_left_alone():
    task = STORY_POINTS.convert(ROW | {"storypoint": ""}, "bamboo.csv")
    assert task["story_points"] is None
    assert task["title"] == "Queue order"
    assert "status" not in task


def test_a_file_with_two_prefixes_makes_two_projects():
    rows = [STORY_POINTS.convert(ROW | {"issuekey": key}, "x.csv") for key in ("AB-1", "CD-1")]
    parents = STORY_POINTS.parents(rows, "exports/my_team-board.csv")
    assert [(values["code"], values["name"]) for _, values in parents] == [
        ("AB", "My Team Board"),
        ("CD", "My Team Board (CD)"),
    ]
    assert readable("???.csv") == "Import"

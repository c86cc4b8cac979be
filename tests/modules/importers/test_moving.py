"""Whole exports moved in: what becomes of them, twice, in part, and back."""

import json
from pathlib import Path
from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Denied
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.api import create_user
from mainstay.modules.importers import running
from mainstay.modules.importers.choices import Choices
from mainstay.modules.importers.loading import items as loading
from mainstay.modules.importers.staging import staged
from tests.modules.importers import exports


class Dock:
    """A workspace where exports arrive, with short words for what these tests do."""

    def __init__(self, ws: Workspace, me: Me, folder: Path) -> None:
        self.ws, self.me, self.folder = ws, me, folder
        self.count = 0

    async def plan(self, text: str, **said: Any) -> running.Plan:
        self.count += 1
        name = "export.csv" if text.startswith("\ufeff") else "export.json"
        path = exports.written(self.folder, f"{self.count}-{name}", text)
        folder = self.folder / f"{self.count}.read"
        await staged(path, name, folder)
        return await running.planned(self.ws, self.me, folder, Choices(**said) if said else None)

    async def start(self, plan: running.Plan) -> running.Move:
        run = await running.begin(self.ws, self.me, plan, job=False)
        return running.Move(
            self.ws, self.me, run.id, plan.folder, plan.survey, plan.choices, run.done
        )

    async def move(self, text: str, **said: Any) -> Any:
        move = await self.start(await self.plan(text, **said))
        await move.go()
        return await running.found(self.ws, move.run)

    async def back(self, run: Any) -> Any:
        noun = self.ws.registry.noun("importers.move_run")
        act = noun.actions["take_back"]
        await self.ws.run(self.me, lambda ctx: perform.act(ctx, noun, act, run.id, {}))
        while await self.ws.jobs.run_due():
            pass
        return await running.found(self.ws, run.id)

    async def all(self, key: str, **filters: Any) -> list[Any]:
        kind = self.ws.registry.noun(key).entity
        filters = {"sort": "id", **filters}
        return await self.ws.look(
            SYSTEM, lambda ctx: ctx.all(kind, anywhere=True, limit=10_000, **filters)
        )

    async def tasks(self) -> dict[str, Any]:
        return {task.code: task for task in await self.all("projects.task")}

    async def edit(self, task: Any, **data: Any) -> None:
        noun = self.ws.registry.noun("projects.task")
        await self.ws.run(self.me, lambda ctx: perform.update(ctx, noun, task.id, data))


@pytest.fixture
async def dock(workspace: Workspace, tmp_path: Path) -> Dock:
    """A workspace with an administrator, and Anna, whom exports name."""
    boss = await create_user(workspace, "boss@x.org", username="boss", roles=("admin",))
    await create_user(workspace, "a@x.org", username="anna", first_name="Anna", last_name="Meier")
    me = Me(id=boss, name="boss", grants=frozenset({"*"}))
    return Dock(workspace, me, tmp_path)


def agrees(run: Any) -> dict[str, bool]:
    report = running.report_of(run)
    return {one.what: one.agrees for one in (*report.counts, *report.sums)}


async def test_a_project_of_jira_comes_in_whole(dock: Dock) -> None:
    text = exports.jira_csv(exports.STORY, exports.PART, exports.EPIC)
    run = await dock.move(text)
    assert (run.state, run.created, run.failed) == ("done", 3, 0)
    tasks = await dock.tasks()
    one, part, epic = tasks["PROJ-1"], tasks["PROJ-2"], tasks["PROJ-3"]
    (project,) = await dock.all("projects.project")
    assert (project.code, project.name, project.settings.task_prefix) == (
        "PROJ",
        "Project One",
        "PROJ",
    )
    people = {u.id: u for u in await dock.all("identity.user")}
    assert people[one.assignee_id].username == "anna"  # by her full name, the only one
    assert (one.status, one.type, one.priority) == ("done", "story", "high")
    assert (one.story_points, str(one.estimated_hours), str(one.actual_hours)) == (
        5.0,
        "8.00",
        "1.50",
    )
    assert str(one.created_at) == "2021-03-12 16:05:00+00:00"
    assert str(one.completed_at) == "2021-03-13 09:00:00+00:00"
    assert (part.parent_id, one.epic_id, epic.type) == (one.id, epic.id, "epic")
    assert part.sort_order < one.sort_order < epic.sort_order
    assert "| Severity | Major |" in one.description
    assert "[a shot.png](https://j.example.org/a/1/a%20shot.png)" in one.description
    assert "| Duplicates | OTHER-9 |" in one.description
    labels = {label.id: label.name for label in await dock.all("projects.label")}
    assert sorted(labels[one_] for one_ in one.labels) == ["backend", "ui"]
    (wait,) = await dock.all("projects.task_dependency")
    assert (wait.task_id, wait.depends_on_id, wait.type) == (one.id, part.id, "finish_to_start")
    wrong = {what for what, same in agrees(run).items() if not same}
    assert wrong == {"links"}  # OTHER-9 is not in the file


async def test_what_belongs_to_an_issue_of_jira_comes_along(dock: Dock) -> None:
    await dock.move(exports.jira_csv(exports.STORY, exports.PART, exports.EPIC))
    one = (await dock.tasks())["PROJ-1"]
    people = {u.id: u for u in await dock.all("identity.user")}
    (milestone,) = await dock.all("milestones.milestone")
    assert (one.milestone_id, milestone.name) == (milestone.id, "1.0")
    first, second = await dock.all("comments.comment")
    assert (people[first.created_by].username, str(first.created_at)) == (
        "anna",
        "2021-03-12 17:00:00+00:00",
    )
    assert second.body == "hm"  # carl got an account, because he is named
    sprint = next(s for s in await dock.all("scrum.sprint") if s.id == one.sprint_id)
    assert (sprint.name, sprint.status, sprint.completed_points) == ("Sprint 2", "completed", 5.0)
    hours = [(str(e.hours), str(e.date)) for e in await dock.all("projects.time_entry")]
    # 3600 s, 1200 s, and 600 s that Jira counts without a worklog: 5400 s are 1.50 hours.
    assert hours == [("1.00", "2021-03-12"), ("0.33", "2021-03-13"), ("0.17", "2021-03-13")]


async def test_a_second_time_nothing_comes_twice_and_changes_meet(dock: Dock) -> None:
    await dock.move(exports.jira_csv(exports.STORY, exports.PART))
    task = (await dock.tasks())["PROJ-1"]
    before = {key: len(await dock.all(key)) for key in ("comments.comment", "projects.time_entry")}
    same = await dock.move(exports.jira_csv(exports.STORY, exports.PART))
    assert (same.created, same.updated, same.unchanged) == (0, 0, 2)
    assert {key: len(await dock.all(key)) for key in before} == before
    await dock.edit(task, title="Ours", due_date="2030-01-01")
    newer = exports.STORY | {
        "Summary": "Theirs",
        "Priority": "Low",
        "Comment": [*exports.STORY["Comment"], "14/Mar/21 5:00 PM;bob;third"],
        "Labels": [],
    }
    head = [*exports.CSV_HEAD, "Comment"]
    run = await dock.move(exports.jira_csv(newer, exports.PART, head=head))
    task = (await dock.tasks())["PROJ-1"]
    # What was changed here stays; what was not is as there; a file without labels clears none.
    assert (task.title, task.priority, str(task.due_date)) == ("Ours", "low", "2030-01-01")
    assert len(task.labels) == 2
    assert (run.updated, running.report_of(run).kept) == (1, 1)
    assert [c.body for c in await dock.all("comments.comment")][-1] == "third"
    run = await dock.move(exports.jira_csv(newer, exports.PART, head=head), overwrite=True)
    assert (await dock.tasks())["PROJ-1"].title == "Theirs"


async def test_another_format_of_the_same_project_doubles_nothing(dock: Dock) -> None:
    """A CSV names neither comments nor times by number; they are met by what they say."""
    anna = exports.person("5b10a", "Anna Meier")
    said = {"author": anna, "created": "2021-03-12T17:05:00.000+0100", "id": "77"}
    issue = exports.rest("PROJ-1", "One", worklog={"worklogs": [
        {"author": anna, "started": "2021-03-12T10:00:00.000+0100", "timeSpentSeconds": 3600}
    ]}, comment={"comments": [{**said, "body": "*Ship* it"}, {**said, "id": "78", "body": "+1"}]},
        fixVersions=[{"name": "1", "released": True, "releaseDate": "2021-04-01"}])  # fmt: skip
    restricted = {**said, "id": "79", "body": "secret", "visibility": {"value": "Admins"}}
    issue["fields"]["comment"]["comments"].append(restricted)
    await dock.move(exports.search(issue))
    table = (
        "Summary,Issue key,Issue Type,Status,Assignee,Assignee Id,Log Work,"
        "Comment,Comment,Comment\n"
        "One,PROJ-1,Story,Open,Anna Meier,5b10a,;12/Mar/21 1:00 PM;5b10a;3600,"
        "12/Mar/21 8:00 PM;5b10a;*Ship* it,12/Mar/21 8:01 PM;5b10a;+1,12/Mar/21 8:02 PM;5b10a;+1\n"
    )
    run = await dock.move(table)
    assert (run.state, run.failed, agrees(run)["comments"]) == ("done", 0, True)
    comments = await dock.all("comments.comment")
    assert [one.body for one in comments] == ["**Ship** it", "+1", "secret", "+1"]
    assert [one.internal for one in comments] == [False, False, True, False]
    (entry,) = await dock.all("projects.time_entry")
    assert str(entry.hours) == "1.00"
    # A release that is out says nothing about the work that is still open.
    (project,) = await dock.all("projects.project")
    assert project.status == "active"


async def test_all_of_it_is_taken_back_and_may_come_again(dock: Dock) -> None:
    text = exports.jira_csv(exports.STORY, exports.PART, exports.EPIC)
    run = await dock.back(await dock.move(text))
    assert (run.state, run.message, run.change_sets) == ("undone", "", [])
    for key in (
        "projects.task",
        "projects.project",
        "comments.comment",
        "scrum.sprint",
        "projects.time_entry",
        "projects.label",
        "importers.moved",
    ):
        assert not await dock.all(key), key
    again = await dock.move(text)
    assert again.created == 3


async def test_what_was_changed_since_stays_when_a_move_is_taken_back(dock: Dock) -> None:
    run = await dock.move(exports.jira_csv(exports.STORY, exports.PART))
    other = Me(id=(await dock.all("identity.user"))[1].id, name="x", grants=frozenset({"*"}))
    noun, task = dock.ws.registry.noun("projects.task"), (await dock.tasks())["PROJ-2"]
    await dock.ws.run(other, lambda ctx: perform.update(ctx, noun, task.id, {"title": "Mine"}))
    run = await dock.back(run)
    assert run.state == "undone"
    assert "Somebody has changed" in run.message
    assert {code: task.title for code, task in (await dock.tasks()).items()} == {"PROJ-2": "Mine"}
    assert len(await dock.all("projects.project")) == 1  # what stays keeps its project


def chained(count: int) -> list[dict[str, Any]]:
    """Return issues with a comment each, of which each waits for the one before it."""
    found = []
    for n in range(count):
        said = {"id": f"{n}", "body": "word", "author": exports.person("a", "Anna Meier")}
        blocks = {"name": "Blocks", "inward": "is blocked by"}
        links = [{"type": blocks, "inwardIssue": {"key": f"BIG-{n - 1}"}}] if n else []
        more = {"comment": {"comments": [said]}, "issuelinks": links}
        found.append(exports.rest(f"BIG-{n}", f"Issue {n}", **more))
    return found


@pytest.mark.parametrize("after", [1, 2])
async def test_a_move_that_dies_goes_on_where_it_was(
    dock: Dock, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    issues = chained(12)
    monkeypatch.setattr(running, "MOST_ITEMS", 4)
    monkeypatch.setattr(running, "LINKED", 4)
    plan = await dock.plan(exports.search(*issues))
    move, real, calls = await dock.start(plan), running.Move._take, 0

    async def dying(self: Any, *args: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise OSError("the power is gone")
        await real(self, *args)

    monkeypatch.setattr(running.Move, "_take", dying)
    with pytest.raises(OSError, match="power"):
        await move.go()
    monkeypatch.setattr(running.Move, "_take", real)
    half = await running.found(dock.ws, move.run)
    assert (half.state, half.done) == ("running", 4 * after)
    # Read anew, other things are suggested: who was to be made is here by now.
    plan = await dock.plan(exports.search(*issues))
    again = await dock.start(plan)
    assert (again.run, again.done) == (move.run, 4 * after)
    await again.go()
    run = await running.found(dock.ws, move.run)
    assert (run.state, run.created, all(agrees(run).values())) == ("done", 12, True)
    assert len(await dock.all("comments.comment")) == 12
    assert len(await dock.all("projects.task_dependency")) == 11


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_move_in_the_background_stops_and_goes_on(
    dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_ITEMS", 2)
    monkeypatch.setattr(running, "SLICE", -1.0)  # one batch a turn
    issues = [exports.rest(f"BIG-{n}", f"Issue {n}") for n in range(6)]
    plan = await dock.plan(exports.search(*issues))
    run = await running.begin(dock.ws, dock.me, plan)
    noun = dock.ws.registry.noun("importers.move_run")

    async def act(verb: str) -> None:
        action = noun.actions[verb]
        await dock.ws.run(dock.me, lambda ctx: perform.act(ctx, noun, action, run.id, {}))

    while not (await running.found(dock.ws, run.id)).done:
        assert await dock.ws.jobs.run_due(limit=1) == 1
    await act("stop")
    await dock.ws.jobs.run_due()
    half = await running.found(dock.ws, run.id)
    assert (half.state, half.done, len(await dock.tasks())) == ("stopped", 2, 2)
    await act("resume")
    await dock.ws.jobs.run_due()
    done = await running.found(dock.ws, run.id)
    assert (done.state, done.created, len(await dock.tasks())) == ("done", 6, 6)
    assert not plan.folder.exists()


async def test_one_item_that_is_refused_holds_up_no_other(
    dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loading.told

    def told(item: Any, *args: Any, **more: Any) -> Any:
        if item.key == "BIG-2":
            raise Denied("This one is not welcome.")
        return real(item, *args, **more)

    monkeypatch.setattr(loading, "told", told)
    issues = [exports.rest(f"BIG-{n}", f"Issue {n}") for n in range(5)]
    run = await dock.move(exports.search(*issues))
    assert (run.state, run.created, run.failed) == ("done", 4, 1)
    items = next(one for one in running.report_of(run).counts if one.what == "items")
    assert (items.file, items.here, items.why[0].why) == ("5", "4", "This one is not welcome.")


async def test_bugs_become_issues_and_a_board_brings_its_bytes(dock: Dock) -> None:
    bug = exports.rest(
        "PROJ-1",
        "Broken",
        issuetype={"name": "Bug"},
        priority={"name": "Blocker"},
        status={"name": "Closed", "statusCategory": {"key": "done"}},
        resolution={"name": "Duplicate"},
        resolutiondate="2021-03-13T09:00:00.000+0000",
        timeoriginalestimate=3600,
    )
    other = exports.rest(
        "PROJ-2",
        "Broken too",
        issuetype={"name": "Bug"},
        issuelinks=[
            {
                "type": {"name": "Duplicate", "outward": "duplicates"},
                "outwardIssue": {"key": "PROJ-1"},
            }
        ],
    )
    run = await dock.move(exports.search(bug, other), bugs_as_issues=True)
    one, two = await dock.all("issues.issue")
    assert (one.code, one.status, one.resolution) == ("PROJ-1", "cancelled", "duplicate")
    assert (one.severity, one.origin, two.status) == ("critical", "import", "open")
    assert str(one.closed_at) == "2021-03-13 09:00:00+00:00"
    (link,) = await dock.all("issues.issue_link")
    assert (link.issue_id, link.linked_id, link.type) == (two.id, one.id, "duplicates")
    assert [what for what, same in agrees(run).items() if not same] == ["estimate"]
    run = await dock.move(json.dumps(exports.TRELLO))
    assert all(agrees(run).values()), running.report_of(run)
    (file,) = await dock.all("files.file")
    assert (file.name, file.size) == ("hi.txt", 12)
    cards = {task.title: task for task in await dock.all("projects.task")}
    assert (cards["Card"].status, cards["Old"].status) == ("done", "cancelled")
    (checklist,) = await dock.all("checklists.checklist")
    assert (checklist.item_count, checklist.done_count) == (2, 1)


async def test_circles_and_depths_are_left_out_and_said(dock: Dock) -> None:
    def issue(n: int, **fields: Any) -> dict[str, Any]:
        return exports.rest(f"C-{n}", f"Issue {n}", **fields)

    def blocks(n: int) -> dict[str, Any]:
        return {
            "issuelinks": [
                {"type": {"name": "Blocks", "outward": "blocks"}, "outwardIssue": {"key": f"C-{n}"}}
            ]
        }

    ring = [issue(n, **blocks((n + 1) % 3), parent={"key": f"C-{(n + 1) % 3}"}) for n in range(3)]
    deep = [issue(n, parent={"key": f"C-{n - 1}"}) for n in range(4, 11)]
    run = await dock.move(exports.search(*ring, issue(3), *deep))
    assert (run.state, run.failed) == ("done", 0)
    left = {(one.what, one.why): one.count for one in running.report_of(run).left}
    assert left["links", "they would wait for one another in a circle"] == 1
    assert left["parents", "they would be parts of one another in a circle"] == 1
    assert left["parents", "tasks nest at most 5 deep here"] >= 1
    assert len(await dock.all("projects.task_dependency")) == 2


async def test_a_try_leaves_nothing_behind(dock: Dock) -> None:
    plan = await dock.plan(exports.jira_csv(exports.STORY, exports.PART))
    seen = await running.preview(dock.ws, dock.me, plan)
    assert (seen.created, seen.total, seen.looked_at) == (2, 2, 2)
    assert seen.diff
    for key in ("projects.task", "projects.project", "importers.move_run", "importers.moved"):
        assert not await dock.all(key), key
    assert len(await dock.all("identity.user")) == 2


async def test_people_are_matched_made_or_named(dock: Dock) -> None:
    issue = exports.rest(
        "P-1",
        "x",
        assignee=exports.person("1", "Somebody Else", emailAddress="A@x.org"),
        reporter=exports.person("2", "Left Long", active=False),
        comment={
            "comments": [
                {
                    "id": "1",
                    "body": "w",
                    "author": exports.person("3", "New Face", emailAddress="new@x.org"),
                },
                {"id": "2", "body": "v", "author": exports.person("4", "No One")},
            ]
        },
    )
    await dock.move(exports.search(issue), people={"4": "nobody"})
    users = {u.display_name: u for u in await dock.all("identity.user")}
    (task,) = await dock.all("projects.task")
    assert task.assignee_id == users["Anna Meier"].id  # the same e-mail says more than the name
    assert (users["Left Long"].status, users["New Face"].status) == ("inactive", "pending")
    assert users["New Face"].email == "new@x.org"
    one, two = await dock.all("comments.comment")
    assert (one.created_by, one.body) == (users["New Face"].id, "w")
    assert (two.created_by, two.body) == (None, "**No One:**\n\nv")


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_statements_do_not_grow_with_the_items(
    dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for size, key in ((10, "A"), (80, "B")):
        issues = [
            exports.rest(
                f"{key}-{n}",
                "x",
                labels=["l"],
                comment={
                    "comments": [
                        {"id": "1", "body": "w", "author": exports.person("a", "Anna Meier")}
                    ]
                },
            )
            for n in range(size)
        ]
        move = await dock.start(await dock.plan(exports.search(*issues)))
        sent = 0
        kind = SqliteConnection
        for name in ("fetch", "run", "many"):
            real = getattr(kind, name)

            async def counted(self: Any, *args: Any, _real: Any = real) -> Any:
                nonlocal sent
                sent += 1
                return await _real(self, *args)

            monkeypatch.setattr(kind, name, counted)
        await move.go()
        monkeypatch.undo()
        counts.append(sent)
    assert counts[1] <= counts[0] + 6, counts

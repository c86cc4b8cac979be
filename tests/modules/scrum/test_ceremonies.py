"""Stand-ups, impediments and retrospectives: who says what, and what follows from it."""

import asyncio
from datetime import date

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound, Stale
from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.modules.projects.api import Task
from mainstay.modules.scrum.actions.impediments import impediment_move
from mainstay.modules.scrum.actions.retrospectives import action_move
from mainstay.modules.scrum.actions.standups import say
from mainstay.modules.scrum.entities import (
    ActionItem,
    Impediment,
    Standup,
    StandupUpdate,
)


async def speak(stage, who, sprint, **said):
    noun = stage.noun("standup_update")
    values = {"sprint_id": sprint.id, **said}
    return await stage.run(who, lambda ctx: perform.act(ctx, noun, say, None, values))


async def begun(stage, **data):
    sprint = await stage.sprint(**data)
    for who in ("ann", "bob"):
        await stage.make("sprint_member", sprint_id=sprint.id, user_id=stage.people[who].id)
    return await stage.act(sprint, "start")


# ---- stand-ups ----


async def test_everybody_says_their_own_part_and_leads_may_fill_in(stage):
    sprint = await begun(stage)
    mine = await speak(stage, "bob", sprint, yesterday="Piers", today="Decks", mood=4)
    with pytest.raises(Denied, match="say in a stand-up what somebody else does"):
        await speak(stage, "bob", sprint, user_id=stage.people["ann"].id, today="Rest")
    with pytest.raises(Denied):
        await speak(stage, "cli", sprint, today="Watch")
    with pytest.raises(NotFound):
        await speak(stage, "sam", sprint, today="Spy")
    day = await stage.ask("standup", sprint_id=sprint.id)
    assert [(one.name, one.said, one.mine) for one in day.speakers] == [
        ("Ann Example", False, True),
        ("Bob Example", True, False),
    ]
    assert (day.silent, day.mood, day.date) == (1, 4.0, date(2026, 11, 18))
    # Whoever knows an older version overwrites nothing; what is left out stays.
    await speak(stage, "ann", sprint, user_id=mine.user_id, blockers="No crane", version=1)
    with pytest.raises(Stale, match="changed meanwhile"):
        await speak(stage, "bob", sprint, today="Else", version=1)
    (bob,) = (one for one in (await stage.ask("standup", sprint_id=sprint.id)).speakers if one.said)
    assert (bob.yesterday, bob.today, bob.blockers, bob.version) == (
        "Piers",
        "Decks",
        "No crane",
        2,
    )


async def test_several_who_speak_at_once_open_one_standup_and_lose_nothing(stage):
    sprint = await begun(stage)
    await asyncio.gather(
        speak(stage, "ann", sprint, today="A", mood=2),
        speak(stage, "bob", sprint, today="B", mood=5),
        speak(stage, "ann", sprint, blockers="C"),
    )
    standups = await stage.run("", lambda ctx: ctx.all(Standup, anywhere=True))
    assert len(standups) == 1
    said = await stage.run("", lambda ctx: ctx.all(StandupUpdate, anywhere=True, sort="user_id"))
    assert [(one.today, one.blockers) for one in said] == [("A", "C"), ("B", "")]
    day = await stage.ask("standup", sprint_id=sprint.id)
    assert (day.silent, day.mood) == (0, 3.5)  # (2 + 5) / 2


async def test_yesterday_is_suggested_from_what_was_completed_and_logged(stage):
    sprint = await begun(stage)
    bob = stage.people["bob"].id
    done, under, other = await stage.tasks("ABC", sprint_id=sprint.id, assignee_id=bob)
    await speak(stage, "ann", sprint, today="Begin")
    await stage.act(other, "complete", "bob")
    stage.later(1)
    await speak(stage, "ann", sprint, date="2026-11-19", today="On")
    stage.later(1)
    await stage.act(done, "complete", "bob")
    await stage.act(under, "start", "bob")
    for day, hours in (("2026-11-20", "2.5"), ("2026-11-17", "4")):
        data = {"task_id": under.id, "user_id": bob, "date": day, "hours": hours}
        await stage.make("projects.time_entry", "bob", **data)
    day = await stage.ask("standup", "bob", sprint_id=sprint.id, date="2026-11-20")
    (me,) = (one for one in day.speakers if one.mine)
    # C was completed before the stand-up of the 19th, the 4 hours were worked before it too.
    assert [(one.kind, one.title, str(one.hours)) for one in me.hints] == [
        ("completed", "A", "None"),
        ("worked", "B", "2.50"),
        ("begun", "B", "None"),
    ]
    assert [(one.date.day, one.said) for one in day.days] == [(18, 1), (19, 1)]


async def test_what_was_said_in_a_sprint_that_is_over_stays(stage):
    sprint = await begun(stage)
    update = await speak(stage, "bob", sprint, today="B")
    said = stage.last
    with pytest.raises(Invalid, match="must be a day of the sprint"):
        await speak(stage, "bob", sprint, date="2026-11-15", today="Before")
    await stage.act(sprint, "complete")
    for late in (
        speak(stage, "bob", sprint, today="C"),
        stage.change(update, "bob", today="C"),
        stage.undo("bob", said),
    ):
        with pytest.raises(Conflict, match="This sprint is completed; its stand-ups cannot"):
            await late


async def test_what_is_in_the_way_becomes_an_impediment_once(stage):
    sprint = await begun(stage)
    update = await speak(stage, "bob", sprint, blockers="No crane\nIt is in Bremen.")
    made = await stage.act(update, "make_impediment", "ann")
    last = stage.last
    (it,) = await stage.run("", lambda ctx: ctx.all(Impediment, anywhere=True))
    assert (it.id, it.title, it.description) == (made.impediment_id, "No crane", "It is in Bremen.")
    assert (it.reported_by, it.severity) == (stage.people["bob"].id, "medium")
    with pytest.raises(Conflict, match="an impediment already"):
        await stage.act(update, "make_impediment", "bob")
    await stage.undo("ann", last)
    assert (await stage.fresh(update)).impediment_id is None
    await stage.act(update, "make_impediment", "bob")


# ---- impediments ----


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ("open", "in_progress", True),
        ("open", "resolved", True),
        ("in_progress", "cancelled", True),
        ("in_progress", "open", True),
        ("resolved", "open", True),
        ("resolved", "in_progress", True),
        ("resolved", "cancelled", False),
        ("cancelled", "open", True),
        ("cancelled", "resolved", False),
    ],
)
def test_ways_of_an_impediment(before, after, may):
    assert (impediment_move(before, after) is None) is may
    assert action_move("completed", "cancelled")


async def test_an_impediment_is_taken_away_with_a_word_on_how(stage):
    sprint = await begun(stage)
    way = await stage.make("impediment", "bob", sprint_id=sprint.id, title="No crane")
    assert way.reported_by == stage.people["bob"].id
    for refused in (
        stage.act(way, "resolve", "bob", resolution="  "),
        stage.change(way, "bob", status="resolved"),
    ):
        with pytest.raises(Invalid, match="resolution"):
            await refused
    way = await stage.act(way, "start", "bob")
    assert (way.status, way.owner_id) == ("in_progress", stage.people["bob"].id)
    way = await stage.act(way, "resolve", "ann", resolution="Rented one")
    assert (way.status, way.resolved_at) == ("resolved", stage.clock.now())
    with pytest.raises(Conflict, match="Reopen it first"):
        await stage.act(way, "cancel", "bob")
    way = await stage.act(way, "reopen", "bob")
    assert (way.status, way.resolution, way.resolved_at) == ("open", "", None)
    await stage.undo("bob")
    assert (await stage.fresh(way)).resolution == "Rented one"


async def test_impediments_know_only_tasks_and_people_of_their_project(stage):
    sprint = await begun(stage)
    foreign = await stage.samples.record(stage.noun("projects.task"))
    with pytest.raises(Invalid, match="must be a task of the sprint's own project"):
        await stage.make("impediment", "", sprint_id=sprint.id, title="X", task_id=foreign.id)
    sam = stage.people["sam"].id
    with pytest.raises(Invalid, match="owner_id must be a member of the project"):
        await stage.make("impediment", "bob", sprint_id=sprint.id, title="X", owner_id=sam)
    way = await stage.make("impediment", "ann", sprint_id=sprint.id, title="X")
    with pytest.raises(Denied):
        await stage.change(way, "cli", title="Y")
    with pytest.raises(NotFound):
        await stage.change(way, "sam", title="Y")
    with pytest.raises(Invalid):
        await stage.make("impediment", "sam", sprint_id=sprint.id, title="X")


# ---- retrospectives ----


async def looked_back(stage, sprint=None):
    sprint = sprint or await begun(stage)
    return sprint, await stage.make("retrospective", "bob", sprint_id=sprint.id)


async def test_votes_are_one_a_person_however_often_and_together_they_are_pressed(stage):
    _, back = await looked_back(stage)
    note = await stage.make("retrospective_note", "bob", retrospective_id=back.id, text="Tea")
    await asyncio.gather(*(stage.act(note, "vote", who, agree=True) for who in ("ann", "bob")))
    assert len((await stage.fresh(note)).votes) == 2
    await asyncio.gather(*(stage.act(note, "vote", "ann", agree=True) for _ in range(3)))
    assert sorted((await stage.fresh(note)).votes) == sorted(
        stage.people[who].id for who in ("ann", "bob")
    )
    note = await stage.act(note, "vote", "ann")
    assert note.votes == [stage.people["bob"].id]
    note = await stage.act(note, "vote", "ann")
    assert len(note.votes) == 2
    with pytest.raises(Denied):
        await stage.act(note, "vote", "cli", agree=True)
    with pytest.raises(Invalid):
        await stage.change(note, "bob", votes=[])


async def test_notes_keep_their_authors_words_and_anybody_sorts_them(stage):
    sprint, back = await looked_back(stage)
    with pytest.raises(Conflict, match="has its retrospective already"):
        await stage.make("retrospective", sprint_id=sprint.id)
    one, two, three = [
        await stage.make("retrospective_note", who, retrospective_id=back.id, text=text)
        for who, text in (("ann", "One"), ("bob", "Two"), ("ann", "Three"))
    ]
    with pytest.raises(Denied, match="reword what somebody else noted"):
        await stage.change(one, "bob", text="Uno")
    await stage.change(two, "ann", text="Second")  # a lead
    await stage.act(three, "move", "bob", kind="went_well", before_id=one.id)
    await stage.act(one, "move", "bob", kind="idea")
    with pytest.raises(Invalid, match="another note of the same retrospective and column"):
        await stage.act(two, "move", "bob", kind="went_well", after_id=one.id)
    found = await stage.ask("retrospective", "bob", sprint_id=sprint.id)
    assert [[n.text for n in part] for part in (found.went_well, found.went_wrong, found.idea)] == [
        ["Three", "Second"],
        [],
        ["One"],
    ]


async def test_the_mood_is_what_was_set_or_the_average_of_the_days(stage):
    sprint, back = await looked_back(stage)
    for who, mood in (("ann", 2), ("bob", 5)):
        await speak(stage, who, sprint, today="x", mood=mood)
    await speak(stage, "bob", sprint, date="2026-11-17", today="y", mood=4)
    found = await stage.ask("retrospective", sprint_id=sprint.id)
    # (2 + 5 + 4) / 3 = 3.67
    assert (found.mood, found.mood_set, found.moods) == (3.7, False, 3)
    await stage.change(back, "bob", team_mood=5)
    found = await stage.ask("retrospective", sprint_id=sprint.id)
    assert (found.mood, found.mood_set) == (5.0, True)


async def test_an_action_becomes_a_task_and_follows_it(stage):
    _, back = await looked_back(stage)
    bob = stage.people["bob"].id
    data = {"retrospective_id": back.id, "title": "Order earlier", "owner_id": bob}
    item = await stage.make("action_item", "bob", **data, due_date="2026-12-01")
    item = await stage.act(item, "make_task", "bob")
    noun = stage.noun("projects.task")
    task = await stage.run("", lambda ctx: ctx.load(noun, item.task_id, anywhere=True))
    assert (task.title, task.project_id, task.assignee_id, task.due_date) == (
        "Order earlier",
        stage.project.id,
        bob,
        date(2026, 12, 1),
    )
    with pytest.raises(Conflict, match="is a task already"):
        await stage.act(item, "make_task", "bob")
    with pytest.raises(Conflict, match=f"became the task {task.code}. Complete that"):
        await stage.act(item, "complete", "bob")
    await stage.act(task, "complete", "ann")
    assert (await stage.fresh(item)).status == "completed"
    await stage.act(task, "reopen", "bob")
    reopened = stage.last
    assert (await stage.fresh(item)).status == "open"
    await stage.undo("bob", reopened)
    assert (await stage.fresh(item)).status == "completed"
    await stage.bin(task)
    await stage.act(item, "reopen", "bob")  # its task is gone, so it is done by hand again
    # Undoing that an action became a task takes the task along.
    other = await stage.make("action_item", "bob", retrospective_id=back.id, title="Tea")
    made = await stage.act(other, "make_task", "bob")
    await stage.undo("bob")
    assert (await stage.fresh(other)).task_id is None
    assert made.task_id is not None


async def test_what_is_still_open_is_shown_to_the_next_retrospective(stage):
    sprint, back = await looked_back(stage)
    for title in ("Done already", "Order earlier"):
        await stage.make("action_item", "bob", retrospective_id=back.id, title=title)
    (first, _) = await stage.run("", lambda ctx: ctx.all(ActionItem, anywhere=True, sort="id"))
    await stage.act(first, "complete", "bob")
    following = await stage.sprint(start_date="2026-11-30", end_date="2026-12-11")
    left = (await stage.ask("retrospective", sprint_id=following.id)).earlier
    assert [(one.title, one.sprint) for one in left] == [("Order earlier", sprint.name)]
    mine = await stage.ask("open_actions", project_id=stage.project.id)
    assert len(mine.actions) == 1
    with pytest.raises(NotFound):
        await stage.ask("open_actions", "sam", project_id=stage.project.id)


async def test_actions_follow_in_sets(stage, monkeypatch):
    ran = []
    for kind in (SqliteConnection, PostgresConnection):
        plain = kind.fetch

        async def counted(self, sql, *args, plain=plain):
            ran.append(sql)
            return await plain(self, sql, *args)

        monkeypatch.setattr(kind, "fetch", counted)
    _, back = await looked_back(stage)
    noun = stage.noun("projects.task")

    async def completing(count):
        tasks = []
        for n in range(count):
            data = {"retrospective_id": back.id, "title": f"Act {count}.{n}"}
            tasks.append(await stage.act(await stage.make("action_item", **data), "make_task"))
        ran.clear()
        both = perform.Bulk(update=[{"id": one.task_id, "status": "done"} for one in tasks])
        await stage.run("ann", lambda ctx: perform.bulk(ctx, noun, both))
        return len(ran)

    assert await completing(2) == await completing(5)
    items = await stage.run("", lambda ctx: ctx.all(ActionItem, anywhere=True))
    assert {one.status for one in items} == {"completed"}


async def test_clients_read_no_inner_meetings(stage):
    sprint, back = await looked_back(stage)
    await stage.act(sprint, "add_people")
    await stage.make("impediment", "bob", sprint_id=sprint.id, title="The crane")
    await stage.make("retrospective_note", "bob", retrospective_id=back.id, text="Sore")
    await stage.make("action_item", "bob", retrospective_id=back.id, title="Grease")
    await speak(stage, "bob", sprint, today="Quarrel", mood=1)
    # Sam works here and looks into this project as its client; Cli is one in the workspace too.
    data = {"project_id": stage.project.id, "user_id": stage.me("sam").id, "role": "client"}
    await stage.make("projects.project_member", "", **data)
    inner = ("standup", "standup_update", "impediment", "retrospective", "retrospective_note")
    for noun in (*inner, "action_item", "sprint_member"):
        assert (await stage.ws.page(stage.me("bob"), f"scrum.{noun}")).items
        assert not (await stage.ws.page(stage.me("sam"), f"scrum.{noun}")).items
        with pytest.raises(Denied):
            await stage.ws.page(stage.me("cli"), f"scrum.{noun}")
    project, one = {"project_id": stage.project.id}, {"sprint_id": sprint.id}
    asked = {"standup": one, "retrospective": one, "sprint_health": one, "sprint_report": one}
    for name, about in {**asked, "sprint_capacity": one, "open_actions": project}.items():
        assert await stage.ask(name, "bob", **about)
        for who in ("sam", "cli"):
            with pytest.raises(Denied):
                await stage.ask(name, who, **about)
    for who in ("sam", "cli"):
        assert (await stage.ask("burndown", who, **one)).sprint_id == sprint.id
        assert await stage.ask("velocity", who, **project)
        assert (await stage.ws.page(stage.me(who), "scrum.sprint")).items
        assert (await stage.ask("backlog", who, **project)).items == []


async def test_an_action_follows_its_task_out_of_the_bin_and_two_open_one_retrospective(stage):
    _, back = await looked_back(stage)
    item = await stage.make("action_item", "bob", retrospective_id=back.id, title="Grease")
    item = await stage.act(item, "make_task", "bob")
    task = await stage.run("bob", lambda ctx: ctx.get(Task, item.task_id))
    await stage.bin(task, "bob")
    await stage.act(item, "complete", "bob")
    assert (await stage.fresh(item)).status == "completed"
    await stage.restore(task, "bob")
    assert (await stage.fresh(item)).status == "open"
    # Two people open the look back on another sprint at once: one of them is told the other has.
    other = await stage.sprint(start_date=None, end_date=None)
    made = await asyncio.gather(
        *(stage.make("retrospective", who, sprint_id=other.id) for who in ("ann", "bob")),
        return_exceptions=True,
    )
    (refused,) = [one for one in made if isinstance(one, Exception)]
    assert "has its retrospective already" in str(refused)
    # A sprint without days has those from the one on which it was made.
    for day in ("2026-11-17", "2026-11-20", "0001-01-01"):
        with pytest.raises(Invalid, match="must be a day of the sprint"):
            await speak(stage, "bob", other, date=day, today="x")
    await speak(stage, "bob", other, today="x")

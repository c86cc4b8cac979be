"""A team's goals, rituals, metrics and skills: what their verbs do, and who may."""

from datetime import date, timedelta

import pytest

from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict, Denied, Invalid
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.teams.actions.goals import close_goals


async def test_a_goal_is_reached_missed_and_taken_back(deck):
    with pytest.raises(Invalid) as refused:
        await deck.create("lead", "team_goal", team_id=deck.team, title="Nothing", target=0)
    assert refused.value.errors[0].field == "target"
    data = {"team_id": deck.team, "target": 8, "due_date": "2026-11-30"}
    goal = await deck.create("lead", "team_goal", title="Eight masts", **data)
    assert (goal.status, goal.progress) == ("draft", 0)
    with pytest.raises(Conflict, match="Activate it first"):
        await deck.act("ada", goal, "record_progress", current=2)
    await deck.act("lead", goal, "activate")
    await deck.act("ada", goal, "record_progress", current=6)
    assert (await deck.fresh(goal)).progress == 0.75
    await deck.act("ada", goal, "record_progress", current=9)
    reached = deck.change
    goal = await deck.fresh(goal)
    assert (goal.status, goal.progress, goal.current) == ("achieved", 1, 9)
    await deck.undo("ada", reached)
    goal = await deck.fresh(goal)
    assert (goal.status, goal.progress, goal.current) == ("active", 0.75, 6)
    # An edit of the target counts as well, in the same change.
    await deck.update("lead", goal, target=6)
    assert (await deck.fresh(goal)).status == "achieved"


async def test_a_goal_is_changed_by_those_who_may_and_missed_by_its_day(deck):
    data = {"team_id": deck.team, "target": 8, "due_date": "2026-11-30"}
    # Members say where it is; the rest is for who leads the team, and nothing for strangers.
    other = await deck.create("lead", "team_goal", title="Paint", **data)
    with pytest.raises(Denied):
        await deck.act("ada", other, "activate")
    await deck.act("lead", other, "activate", due_date="2026-11-18")
    with pytest.raises(Denied):
        await deck.act("eve", other, "record_progress", current=1)
    with pytest.raises(Denied):
        await deck.update("ada", other, title="Mine")
    with pytest.raises(Denied):
        await deck.create("ben", "team_goal", title="Mine", **data)

    async def job(ctx: Context) -> None:
        await close_goals(ctx, {})

    await deck.ws.run(SYSTEM, job)
    assert (await deck.fresh(other)).status == "active"
    deck.ws.clock.advance(timedelta(days=1))
    await deck.ws.run(SYSTEM, job)
    assert (await deck.fresh(other)).status == "missed"
    with pytest.raises(Invalid) as refused:
        await deck.act("lead", other, "activate")
    assert refused.value.errors[0].field == "due_date"
    await deck.act("lead", other, "activate", due_date="2026-12-24")
    await deck.act("lead", other, "defer")
    await deck.act("lead", other, "cancel")
    with pytest.raises(Conflict):
        await deck.act("lead", other, "cancel")


async def test_rituals_follow_what_was_noted(deck):
    data = {"team_id": deck.team, "name": "Friday talk", "next_on": "2026-11-20"}
    ritual = await deck.create("lead", "ritual", **data)
    await deck.act("ada", ritual, "held")
    held = deck.change
    ritual = await deck.fresh(ritual)
    assert (ritual.last_on, ritual.next_on) == (date(2026, 11, 18), date(2026, 11, 27))
    await deck.undo("ada", held)
    assert (await deck.fresh(ritual)).next_on == date(2026, 11, 20)
    # Two people say it of the same meeting: the one of the 27th is not skipped.
    await deck.act("ada", ritual, "held")
    await deck.act("ben", ritual, "held")
    assert (await deck.fresh(ritual)).next_on == date(2026, 11, 27)
    for who in ("eve", "vera"):
        with pytest.raises(Denied):
            await deck.act(who, ritual, "held")
    with pytest.raises(Denied):
        await deck.update("ada", ritual, next_on="2027-01-01")
    with pytest.raises(Invalid):
        await deck.act("ada", ritual, "held", on="2026-11-19")
    # Daily ones skip days off: Thursday 19th is one, so Friday comes next.
    await deck.create("", "planning.holiday", name="Sea day", date="2026-11-19")
    daily = await deck.create("lead", "ritual", team_id=deck.team, name="Muster", frequency="daily")
    await deck.act("ben", daily, "held")
    assert (await deck.fresh(daily)).next_on == date(2026, 11, 20)


async def test_metrics_follow_what_was_noted(deck):
    metric = await deck.create("lead", "team_metric", team_id=deck.team, name="Knots", target=9)
    first = await deck.act("ada", metric, "measure", value=10, date="2026-11-16")
    one = deck.change
    await deck.act("ben", metric, "measure", value=12)
    found = await deck.fresh(metric)
    assert (found.current, found.trend, found.version) == (12, "up", metric.version)
    assert found.measured_at.date() == date(2026, 11, 18)
    # The earlier value goes though a later one stands on it; the trend is told anew.
    await deck.undo("ada", one)
    found = await deck.fresh(metric)
    assert (found.current, found.trend) == (12, "flat")
    assert (await deck.fresh(first)).deleted_at is not None
    for who, data in (("eve", {}), ("ada", {"date": "2026-11-19"})):
        with pytest.raises((Denied, Invalid)):
            await deck.act(who, metric, "measure", value=1, **data)
    page = await deck.page("ada", f"/teams/metrics/{metric.id}")
    assert "Two values are needed" in page
    await deck.act("ada", metric, "measure", value=8)
    page = await deck.page("ada", f"/teams/metrics/{metric.id}")
    assert "falling" in page
    assert "Target" in page


async def test_the_matrix_shows_gaps_and_who_could_help(deck):
    rope = await deck.create("admin", "identity.skill", name="Rope work")
    tar = await deck.create("admin", "identity.skill", name="Tarring")
    noted = await deck.create(
        "ada", "identity.user_skill", user_id=deck.id("ada"), skill_id=rope.id, proficiency=5
    )
    expiry = {"certified": True, "certification_expiry": "2026-12-01"}
    await deck.update("ada", noted, **expiry)
    with pytest.raises(Denied):
        await deck.create(
            "ada", "identity.user_skill", user_id=deck.id("ben"), skill_id=rope.id, proficiency=1
        )
    data = {"user_id": deck.id("eve"), "skill_id": tar.id, "proficiency": 4}
    await deck.create("eve", "identity.user_skill", **data)
    for who in ("ada", "eve"):
        with pytest.raises(Denied):
            await deck.create(who, "team_skill", team_id=deck.team, skill_id=tar.id, demand=0.6)
    for skill, demand in ((rope, 0.3), (tar, 0.6)):
        await deck.create("lead", "team_skill", team_id=deck.team, skill_id=skill.id, demand=demand)
    found = await deck.ask("ben", "skill_matrix", team_id=deck.team)
    # One of three people with the same hours knows it fully: a third of 1.
    assert [(one.name, one.demand, one.supply, one.gap) for one in found.skills] == [
        ("Tarring", 0.6, 0, 0.6),
        ("Rope work", 0.3, 0.3333, -0.0333),
    ]
    assert [(one.name, one.level) for one in found.skills[0].elsewhere] == [("Eve Example", 4)]
    assert [(one.skill, one.days) for one in found.certificates] == [("Rope work", 13)]
    path = f"/teams/skills?team={deck.team}"
    # Who leads says what is needed, and everybody notes their own levels.
    text = await deck.page("ada", path)
    assert text.count("data-note=") == 2
    assert "data-need=" not in text
    text = await deck.page("lead", path)
    assert text.count("data-note=") == 2
    assert "data-need=" in text
    assert (await deck.page("admin", path)).count("data-note=") == 6


async def test_performance_counts_and_is_for_those_it_concerns(deck):
    noun = {"title": "Splice", "estimated_hours": 4, "story_points": 3}
    done = await deck.work("ada", "ben", due_date="2026-11-18", **noun)
    for status in ("in_progress", "done", "in_progress", "done"):
        deck.ws.clock.advance(timedelta(hours=6))
        await deck.update("ada", await deck.fresh(done), status=status)
    late = await deck.work("ada", due_date="2026-11-02")
    await deck.update("ada", late, status="done")
    entry = {"task_id": done.id, "project_id": deck.project, "date": "2026-11-18"}
    for hours, paid in ((5, True), (3, False)):
        await deck.create("ada", "projects.time_entry", hours=hours, billable=paid, **entry)
    found = await deck.ask("lead", "performance", team_id=deck.team)
    by = {one.user_id: one.measures for one in found.people}
    ada, ben = by[deck.id("ada")], by[deck.id("ben")]
    assert (ada.completed, ada.on_time, ada.points, ada.reopened) == (2, 0.0, 1.5, 0.5)
    assert (ada.accuracy, ada.hours, ada.billable) == (0.5, 8, 0.625)
    assert ada.cycle_days == pytest.approx(0.75)
    assert (ben.completed, ben.points, ben.reopened, ben.hours) == (1, 1.5, 1.0, 0)
    # Together every task counts once.
    assert (found.together.completed, found.together.points) == (2, 3)
    # The splice was done on the 19th, a day late; it was due at the end of the 18th.
    assert [one.name for one in found.people] == ["Ada Example", "Ben Example", "Lead Example"]
    own = await deck.ask("ada", "performance")
    assert [one.user_id for one in own.people] == [deck.id("ada")]
    assert own.people[0].rating is None
    for who, whom in (("ben", "ada"), ("ada", "lead"), ("eve", "ada")):
        with pytest.raises(Denied):
            await deck.ask(who, "performance", person_id=deck.id(whom))
    found = await deck.ask("ben", "performance", team_id=deck.team)
    assert ([one.user_id for one in found.people], found.hidden) == ([deck.id("ben")], 2)
    early = {"first": "2026-01-01", "last": "2026-02-01"}
    found = await deck.ask("lead", "performance", team_id=deck.team, **early)
    assert found.together.completed == 0
    with pytest.raises(Invalid):
        await deck.ask("lead", "performance", first="2026-12-01", last="2026-11-01")

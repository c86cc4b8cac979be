"""Who has how much to do: what counts, who may know of it, and shifting it away."""

import re
from typing import Any

import pytest

from mainstay.kernel.problems import Denied, Invalid, NotFound, Stale
from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection


async def weeks(deck, who, person):
    found = await deck.ask(who, "heat_map", person_id=deck.id(person), weeks=3)
    (one,) = found.people
    return [round(week.planned, 2) for week in one.weeks], one


async def loaded(deck):
    """Give ada work of every kind, some of it where the others do not look."""
    hidden = await deck.secret()
    parent = await deck.work("ada", title="Whole", estimated_hours=100, due_date="2026-11-20")
    dates = {"start_date": "2026-11-18", "due_date": "2026-11-24"}
    await deck.work("ada", title="Part", parent_id=parent.id, estimated_hours=20, **dates)
    await deck.work("ada", "ben", title="Together", estimated_hours=10, **dates)
    await deck.work("ada", title="Some day", status="backlog", estimated_hours=50)
    await deck.work("ada", title="Nobody knows")
    await deck.work("ada", title="Any time", remaining_hours=3)
    await deck.work("ada", title="Late", estimated_hours=2, due_date="2026-11-10")
    await deck.work("ada", title="Gold", project=hidden, estimated_hours=30, due_date="2026-11-27")
    return hidden


async def test_what_counts_and_who_may_know_of_it(deck):
    await loaded(deck)
    # 20 over five days, three of them this week: 12 + 8; half of 10: 3 + 2; no dates 3, late 2.
    # The lead leads ada: the 30 hours before Friday 27th count as well (24th to 27th 32 h: 30).
    planned, one = await weeks(deck, "lead", "ada")
    assert planned == [20, 40, 0]
    assert [week.other for week in one.weeks] == [0, 30, 0]
    assert (one.whole, one.unestimated, one.undated, one.late) == (True, 1, 1, 1)
    assert [week.capacity for week in one.weeks] == [40, 40, 40]
    # Ben shares a project and a team with her: that much and no more, and it is said.
    planned, one = await weeks(deck, "ben", "ada")
    assert planned == [20, 10, 0]
    assert [week.other for week in one.weeks] == [0, 0, 0]
    assert not one.whole
    planned, one = await weeks(deck, "ada", "ada")
    assert planned == [20, 40, 0]
    assert [week.other for week in one.weeks] == [0, 0, 0]

    cell = await deck.ask("lead", "week_work", person_id=deck.id("ada"), week="2026-11-26")
    assert [task.title for task in cell.tasks] == ["Part", "Together"]
    assert (cell.planned, cell.other) == (40, 30)
    assert [task.title for task in cell.unestimated] == ["Nobody knows"]
    path = f"/teams/workload/week?person={deck.id('ada')}&week=2026-11-23&dialog=1"
    text = await deck.page("lead", path)
    assert "Gold" not in text
    assert "Keel" not in text
    assert "Other work: 30 hours" in text
    assert "Gold" in await deck.page("ada", path)
    assert "Other work" not in await deck.page("ben", path)


async def test_strangers_are_told_nothing(deck):
    hidden = await loaded(deck)
    # Eve is in no team and leads nobody; a client has no business here.
    for ask in ("heat_map", "week_work"):
        more = {"week": "2026-11-18"} if ask == "week_work" else {}
        with pytest.raises(NotFound):
            await deck.ask("eve", ask, person_id=deck.id("ada"), **more)
        with pytest.raises(Denied):
            await deck.ask("carl", ask, person_id=deck.id("carl"), **more)
    found = await deck.ask("eve", "heat_map", team_id=deck.team)
    assert (found.people, found.hidden) == ([], 3)
    found = await deck.ask("eve", "heat_map")
    assert [one.user_id for one in found.people] == [deck.id("eve")]
    with pytest.raises(NotFound):
        await deck.ask("ben", "heat_map", project_id=hidden)
    found = await deck.ask("admin", "heat_map", project_id=hidden, weeks=2)
    assert {one.user_id: one.weeks[1].of_project for one in found.people}[deck.id("ada")] == 30

    shares = await deck.ask("ada", "allocations", person_id=deck.id("ada"))
    assert (shares[0].team_total, shares[0].project_total, shares[0].over) == (1, 2, True)
    shares = await deck.ask("ben", "allocations", person_id=deck.id("ada"))
    assert shares[0].project_total == 1


async def test_what_a_shift_brings_is_shown_first(deck):
    dates = {"start_date": "2026-11-23", "due_date": "2026-11-27"}
    task = await deck.work("ada", title="Splice", estimated_hours=30, **dates)
    base = f"/teams/workload/week?person={deck.id('ada')}&week=2026-11-23&task={task.id}"
    text = await deck.page("lead", f"{base}&way=give&to={deck.id('ben')}&dialog=1")
    # ada 30 → 0, ben 0 → 30
    assert re.findall(r"<(?:del|ins)[^>]*>([\d.]+)<", text) == ["30", "0", "0", "30"]
    assert "Give it to Ben Example" in text
    text = await deck.page("lead", f"{base}&way=share&to={deck.id('ben')}&dialog=1")
    assert re.findall(r"<(?:del|ins)[^>]*>([\d.]+)<", text) == ["30", "15", "0", "15"]
    text = await deck.page("lead", f"{base}&way=move&start=2026-11-30&due=2026-12-04&dialog=1")
    assert re.findall(r"<(?:del|ins)[^>]*>([\d.]+)<", text) == ["30", "0", "0", "30"]
    assert "move_dates" in text


async def test_work_is_handed_over_by_those_who_may(deck):
    task = await deck.work("ada", title="Splice", estimated_hours=30, due_date="2026-11-27")
    give = {"from_id": deck.id("ada"), "to_id": deck.id("ben")}
    await deck.act("lead", task, "hand_over", **give)
    change = deck.change
    assert (await deck.fresh(task)).assignees == [deck.id("ben")]
    assert (await weeks(deck, "lead", "ben"))[0] == [0, 30, 0]
    await deck.undo("lead", change)
    assert (await deck.fresh(task)).assignees == [deck.id("ada")]
    await deck.act("ada", task, "hand_over", share=True, **give)
    shared = await deck.fresh(task)
    assert (shared.assignee_id, shared.assignees) == (
        deck.id("ada"),
        [deck.id("ada"), deck.id("ben")],
    )
    for given, field in ((give, "to_id"), ({**give, "from_id": deck.id("lead")}, "from_id")):
        with pytest.raises(Invalid) as refused:
            await deck.act("lead", task, "hand_over", **given)
        assert refused.value.errors[0].field == field
    # Only who leads the project takes somebody in; eve cannot even see it, vera only reads.
    new = {"from_id": deck.id("ada"), "to_id": deck.id("eve")}
    with pytest.raises(Invalid):
        await deck.act("ada", task, "hand_over", **new)
    with pytest.raises(NotFound):
        await deck.act("eve", task, "hand_over", **new)
    with pytest.raises(Denied):
        await deck.act("vera", task, "hand_over", **new)
    with pytest.raises(Stale):
        await deck.act("lead", task, "hand_over", **new, version=1)
    await deck.act("lead", task, "hand_over", **new)
    assert (await deck.fresh(task)).assignees == [deck.id("eve"), deck.id("ben")]
    # Somebody else was quicker: the page says so, and nothing breaks.
    gone = f"/teams/workload/week?person={deck.id('ada')}&task={task.id}&way=give&dialog=1"
    assert "not among this person" in await deck.page("lead", gone)
    await deck.page("lead", "/teams/workload/week?person=0x1", 400)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that runs."""
    seen: list[str] = []

    def spy(kind: type) -> None:
        plain = kind.fetch

        async def wrapped(self: Any, sql: str, *args: Any) -> Any:
            seen.append(sql)
            return await plain(self, sql, *args)

        monkeypatch.setattr(kind, "fetch", wrapped)

    for kind in (SqliteConnection, PostgresConnection):
        spy(kind)
    return seen


async def test_statements_do_not_grow_with_people_and_tasks(deck, counted):
    counts = []
    for _ in range(2):
        for who in ("lead", "ada", "ben"):
            await deck.work(who, estimated_hours=4, due_date="2026-12-01")
        counted.clear()
        await deck.ask("lead", "heat_map", team_id=deck.team)
        await deck.ask("lead", "capacity", team_id=deck.team)
        await deck.ask("lead", "skill_matrix", team_id=deck.team)
        await deck.ask("lead", "performance", team_id=deck.team)
        await deck.ask("lead", "allocations")
        counts.append(len(counted))
    assert counts[0] == counts[1]


async def test_capacity_health_and_who_is_told(deck):
    await deck.work("ada", estimated_hours=30, start_date="2026-11-16", due_date="2026-11-20")
    other = await deck.create("", "identity.team", name="Rigging", cost_per_hour="10")
    data = {"team_id": other.id, "user_id": deck.id("ada"), "allocation": 0.5}
    await deck.create("", "identity.team_member", **data)
    found = await deck.ask("lead", "capacity", team_id=deck.team)
    # Three of 40 hours; of ada's 30 hours this team has 40 / (40 + 20) = two thirds.
    assert (found.total_hours, found.committed_hours, found.available_hours) == (120, 20, 100)
    assert found.utilisation_percent == pytest.approx(100 / 6)
    assert (found.active_members, found.average_seniority) == (3, 4)
    assert found.weekly_cost is None
    assert [(one.capacity, one.confidence) for one in found.forecast] == [(120, 0.8)] * 4
    found = await deck.ask("admin", "capacity", team_id=other.id)
    assert (found.total_hours, found.committed_hours, found.weekly_cost) == (20, 10, 200)
    found = await deck.ask("eve", "capacity", team_id=deck.team)
    assert (found.total_hours, found.committed_hours) == (120, None)
    with pytest.raises(Denied):
        await deck.ask("eve", "health", team_id=deck.team)
    with pytest.raises(Denied):
        await deck.ask("carl", "capacity", team_id=deck.team)
    healthy = await deck.ask("ben", "health", team_id=deck.team)
    # Utilisation 100/6 %: -0.25 · (70 - 16.667) / 70; three members, no sprint, no goal.
    assert healthy.health == pytest.approx(1 - 0.25 * (70 - 100 / 6) / 70, abs=1e-4)
    assert healthy.band == "Excellent"
    assert [one.effect < 0 for one in healthy.factors] == [True, False, False, False]
    assert "17 %" in healthy.factors[0].why
    off = {"name": "Knee", "date": "2026-11-23", "end_date": "2026-11-25", "type": "sick_leave"}
    await deck.create("", "planning.holiday", people=[deck.id("ada")], **off)
    found = await deck.ask("lead", "capacity", team_id=deck.team)
    # Three of ada's five days are off in the next week: 24 of her 40 hours.
    assert [one.there for one in found.forecast][:2] == [96, 120]
    here = f"/identity/teams/{deck.team}"
    assert "Knee" in await deck.page("lead", here)
    text = await deck.page("ben", here)
    assert "Knee" not in text
    assert "is away" in text
    text = await deck.page("eve", here)
    assert "Ada Example</b>" not in text
    assert "Hours a week" in text


async def test_pages_are_for_those_who_may(deck):
    for who in ("admin", "lead", "ada", "eve"):
        for path in ("workload", "skills", "performance"):
            assert "<h1" in await deck.page(who, f"/teams/{path}")
    await deck.page("carl", "/teams/workload", 403)
    await deck.page("vera", "/teams/performance", 403)
    assert "How the work went" in await deck.page("lead", f"/identity/users/{deck.id('ada')}")
    assert "How the work went" not in await deck.page("ben", f"/identity/users/{deck.id('ada')}")
    assert "How the work went" in await deck.page("ada", f"/identity/users/{deck.id('ada')}")
    for path in ("/teams/workload?team=x", "/teams/workload/week?person=1&way=burn"):
        await deck.page("lead", path, 400)
    far = f"/teams/workload/week?person={deck.id('ada')}&week=2029-01-01"
    await deck.page("lead", far, 422)

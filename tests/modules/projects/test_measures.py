"""The measures of a project against numbers worked out by hand, and its course of phases."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.projects import rules
from mainstay.modules.projects.module import MODULE
from tests.modules.projects.conftest import LEAD, NOW
from tests.modules.projects.test_rules import TODAY, plan

D = Decimal


@pytest.mark.parametrize(
    ("changes", "name", "effect", "why"),
    [
        ({"budget": None, "cost": D(9)}, "cost", 0, "No budget is set."),
        ({"budget": D(80), "cost": D(60)}, "cost", 0, "The cost so far is 75 % of the budget."),
        # 120 of 100 is a fifth over, not more than that.
        (
            {"budget": D(100), "cost": D(120)},
            "cost",
            -0.125,
            "The cost so far is 120 % of the budget, over it.",
        ),
        # 125.5 / 100 = 125.5 %
        (
            {"budget": D(100), "cost": D("125.5")},
            "cost",
            -0.25,
            "The cost so far is 125.5 % of the budget, over it by more than a fifth.",
        ),
        # 20 days planned, 10 passed: 20 * (0.9 / 0.5 - 1) = 16 ahead
        ({"progress": 0.9}, "schedule", 0, "The project is 16 days ahead."),
        ({"progress": 0.5}, "schedule", 0, "The project is on schedule."),
        # 20 * (0.4 / 0.5 - 1) = -4
        ({"progress": 0.4}, "schedule", -0.125, "The project is 4 days behind."),
        # 20 * (0.3 / 0.5 - 1) = -8, more than a week
        ({"progress": 0.3}, "schedule", -0.25, "The project is 8 days behind."),
        # 0.8 * 0.5 = 0.4 is what should be done; 0.3 is less
        ({"progress": 0.3}, "progress", -0.25, "30 % are done; at least 40 % should be by now."),
        ({"progress": 0.4}, "progress", 0, "40 % are done; at least 40 % should be by now."),
        # Half is always enough: 0.8 * 1 = 0.8, but from 0.5 on nothing is taken.
        (
            {"end": date(2026, 11, 18), "progress": 0.5},
            "progress",
            0,
            "50 % are done; at least 50 % should be by now.",
        ),
        (
            {"status": "on_hold", "progress": 0.0},
            "progress",
            0,
            "Progress counts while a project with planned dates is active.",
        ),
        ({"risk": "high"}, "risk", -0.125, "The risk level is high."),
        ({"risk": "critical"}, "risk", -0.25, "The risk level is critical."),
        ({"risk": "medium"}, "risk", 0, "The risk level is medium."),
    ],
)
def test_each_factor_of_the_health_says_what_it_takes_and_why(changes, name, effect, why):
    found = {factor.name: factor for factor in rules.health(plan(**changes), TODAY).factors}
    assert (found[name].effect, found[name].why) == (effect, why)


@pytest.mark.parametrize(
    ("total", "sale", "value"),
    [
        (D("1000.50"), D("99.50"), D("1100.00")),
        (D(5), None, D(5)),
        (None, D(7), D(7)),
        (None, None, None),
    ],
)
def test_what_a_project_is_worth(total, sale, value):
    assert rules.total_value(total, sale) == value


@pytest.mark.parametrize(
    ("day", "today", "due"),
    [
        (31, date(2026, 11, 18), date(2026, 11, 30)),
        (31, date(2026, 11, 30), date(2026, 11, 30)),
        (18, date(2026, 11, 18), date(2026, 11, 18)),
        (17, date(2026, 11, 18), date(2026, 12, 17)),
        (31, date(2027, 2, 1), date(2027, 2, 28)),
        (30, date(2028, 2, 10), date(2028, 2, 29)),
        (1, date(2026, 12, 2), date(2027, 1, 1)),
    ],
)
def test_the_next_day_of_a_month(day, today, due):
    assert rules.next_monthly(day, today) == due


@given(st.integers(1, 31), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_next_monthly_day_is_within_a_month_and_never_past(day, today):
    due = rules.next_monthly(day, today)
    assert today <= due <= today + timedelta(days=31)
    assert due.day == day or (due + timedelta(days=1)).day == 1


def test_an_average_to_the_cent():
    # 100 / 3 = 33.333…, 200 / 3 = 66.666…
    assert [rules.average(D(n), 3) for n in (100, 200)] == [D("33.33"), D("66.67")]
    assert rules.average(D(0), 0) is None


PAID = (
    # active and completed count; the others have an amount too, but nothing is paid for them
    ("active", "EUR", "100.10", "1000"),
    ("completed", "EUR", "50.05", "500.01"),
    ("active", "USD", "20", None),
    ("planning", "EUR", "999", "300"),
    ("cancelled", "EUR", "999", None),
)


async def test_recurring_revenue(workspace):
    ann = await workspace.person("Ann", LEAD)
    sam = await workspace.person("Sam")
    for n, (status, currency, monthly, total) in enumerate(PAID):
        said = {"currency": currency, "monthly_recurring_amount": monthly, "total_amount": total}
        said |= {"status": status, "monthly_recurring_date": 31 - n}
        await workspace.create("project", ann, name=f"P{n}", **said)
    found = await workspace.ask("recurring_revenue", ann)
    assert found.as_of == TODAY
    # 100.10 + 50.05
    assert [(m.currency, m.amount, m.projects) for m in found.monthly] == [
        ("EUR", D("150.15"), 2),
        ("USD", D("20.00"), 1),
    ]
    worth = {(s.currency, s.status): (s.count, s.sum, s.average) for s in found.statuses}
    assert worth["EUR", "completed"] == (1, D("500.01"), D("500.01"))
    assert worth["EUR", "cancelled"] == (1, D("0.00"), None)
    # The 31st is the 30th in November; the 30th and the 29th follow by name and day.
    assert [(c.name, c.on.isoformat()) for c in found.coming] == [
        ("P2", "2026-11-29"),
        ("P0", "2026-11-30"),
        ("P1", "2026-11-30"),
    ]
    with pytest.raises(Denied, match="read_pay"):
        await workspace.ask("recurring_revenue", sam)


async def test_money_in_the_overview_is_for_those_who_may_see_pay(workspace):
    ann, bob, *_, project = await workspace.team()
    said = {"total_amount": "1000", "sale_price": "250", "monthly_recurring_amount": "10"}
    await workspace.update(project, ann, status="active", monthly_recurring_date=5, **said)
    seen = await workspace.ask("project_overview", ann, project_id=project.id)
    assert (seen.total_project_value, seen.monthly_recurring_amount) == (D("1250.00"), D("10.00"))
    assert seen.next_recurring_on == date(2026, 12, 5)
    hidden = await workspace.ask("project_overview", bob, project_id=project.id)
    assert (hidden.total_project_value, hidden.monthly_recurring_amount) == (None, None)
    # Ann leads, Bob works on a task twice over; Vic only looks.
    await workspace.update(project, ann, project_manager_id=ann.id)
    for title in ("A", "B"):
        await workspace.create(
            "task", ann, project_id=project.id, title=title, assignees=[bob.id, ann.id]
        )
    seen = await workspace.ask("project_overview", ann, project_id=project.id)
    assert (seen.team_count, seen.member_count) == (2, 3)
    assert (seen.open_risks, seen.milestones_total, seen.goals_total) == (0, 0, 0)


async def test_the_seeded_course_of_a_project(workspace):
    await workspace.ws.run(SYSTEM, MODULE.seed)
    await workspace.ws.run(SYSTEM, MODULE.seed)
    categories = await workspace.ws.page(SYSTEM, "projects.project_category", [("limit", "50")])
    by_code = {one.code: one for one in categories.items}
    assert len(by_code) == len(categories.items) == 11
    phases = await workspace.ws.page(
        SYSTEM,
        "projects.project_phase",
        [("category_id", by_code["SOLAR_COM"].id), ("sort", "sort_order")],
    )
    assert [(one.code, one.default_days) for one in phases.items] == [
        ("INIT", 7),
        ("SURVEY", 3),
        ("DESIGN", 7),
        ("APPROVE", 5),
        ("PROCURE", 14),
        ("INSTALL", 14),
        ("CONNECT", 7),
        ("COMMISS", 3),
        ("HANDOVER", 2),
        ("WARRANTY", 365),
    ]
    assert [one.code for one in phases.items if one.is_milestone] == [
        "APPROVE",
        "COMMISS",
        "HANDOVER",
    ]


async def test_going_from_phase_to_phase(workspace):
    await workspace.ws.run(SYSTEM, MODULE.seed)
    categories = await workspace.ws.page(SYSTEM, "projects.project_category", [("limit", "50")])
    by_code = {one.code: one for one in categories.items}
    solar, farm = by_code["SOLAR_COM"], by_code["SOLAR_FARM"]
    phases = await workspace.ws.page(SYSTEM, "projects.project_phase", [("sort", "sort_order")])
    ann, _, vic, _, project = await workspace.team()
    with pytest.raises(Conflict, match="category first"):
        await workspace.act(project, "advance_phase", ann)
    with pytest.raises(Invalid, match="choose the project's category first"):
        await workspace.update(project, ann, current_phase_id=phases.items[0].id)
    await workspace.update(project, ann, category_id=solar.id)
    reached = [
        (await workspace.act(project, "advance_phase", ann)).current_phase_id for _ in range(10)
    ]
    assert reached == [one.id for one in phases.items]
    with pytest.raises(Conflict, match="Warranty is the last phase"):
        await workspace.act(project, "advance_phase", ann)
    with pytest.raises(Denied):
        await workspace.act(project, "advance_phase", vic)
    # Another category: the old phase goes, and cannot be chosen any more.
    project = await workspace.update(project, ann, category_id=farm.id)
    assert project.current_phase_id is None
    with pytest.raises(Invalid, match="of another one"):
        await workspace.update(project, ann, current_phase_id=phases.items[2].id)
    with pytest.raises(Conflict, match="no phases yet"):
        await workspace.act(project, "advance_phase", ann)


async def test_the_phases_as_the_page_shows_them(workspace):
    await workspace.ws.run(SYSTEM, MODULE.seed)
    ann, bob, *_, sam, project = await workspace.team()
    found = await workspace.ask("project_phases", bob, project_id=project.id)
    assert (found.place, found.steps) == (-1, [])
    page = await workspace.ws.page(SYSTEM, "projects.project_category", [("code", "SOLAR_COM")])
    await workspace.update(project, ann, category_id=page.items[0].id)
    for _ in range(2):
        await workspace.act(project, "advance_phase", ann)
    found = await workspace.ask("project_phases", bob, project_id=project.id)
    assert [step.state for step in found.steps[:3]] == ["done", "current", "ahead"]
    await workspace.act(project, "complete", ann)
    found = await workspace.ask("project_phases", bob, project_id=project.id)
    assert {step.state for step in found.steps} == {"done"}
    with pytest.raises(NotFound):
        await workspace.ask("project_phases", sam, project_id=project.id)


async def test_what_a_manager_edited_is_not_seeded_over(workspace):
    await workspace.ws.run(SYSTEM, MODULE.seed)
    ann = await workspace.person("Ann", (*LEAD, "projects.*"))
    page = await workspace.ws.page(SYSTEM, "projects.project_category", [("code", "EPC")])
    noun = workspace.ws.registry.noun("projects.project_category")

    async def rename(ctx):
        (await ctx.load(noun, page.items[0].id)).name = "Turnkey"

    await workspace.ws.run(ann, rename)
    await workspace.ws.run(SYSTEM, MODULE.seed)
    again = await workspace.ws.page(SYSTEM, "projects.project_category", [("code", "EPC")])
    assert [one.name for one in again.items] == ["Turnkey"]
    assert NOW.date() == TODAY

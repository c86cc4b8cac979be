"""What hours bring and cost, how they are rounded and added up, and who may see it."""

from datetime import date
from decimal import Decimal

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.modules.timesheets.questions import reports
from mainstay.modules.timesheets.routes import report_lines
from mainstay.modules.timesheets.views import report_ask

D = Decimal

MONTH = {"first": "2026-11-01", "last": "2026-11-30"}


async def test_rates_are_those_of_the_day_and_change_only_when_asked(office):
    bob, project = office.me("bob").id, office.project.id
    plain = await office.log("bob", "1")
    assert (plain.hourly_rate, plain.cost_rate) == (D(95), D(80))  # the project's, and his own
    usual = {"name": "All", "billing_rate": "70.00", "cost_rate": "60.00", "currency": "EUR"}
    await office.make("root", "hourly_rate", **usual)
    mine = {"name": "Bob here", "user_id": bob, "project_id": project, "currency": "EUR"}
    await office.make("root", "hourly_rate", billing_rate="120.00", valid_from="2026-11-17", **mine)
    assert (await office.fresh(plain)).hourly_rate == D(95)
    assert (await office.log("bob", "1", "2026-11-16")).hourly_rate == D(95)
    tuesday = await office.log("bob", "1", "2026-11-17")
    assert tuesday.hourly_rate == D(120)
    said = await office.log("ann", "1", "2026-11-17", hourly_rate="50.00")
    assert said.hourly_rate == D(50)
    with pytest.raises(Invalid, match="must be EUR"):
        await office.make(
            "root", "hourly_rate", name="X", project_id=project, billing_rate="1", currency="USD"
        )
    await office.make("root", "hourly_rate", **mine, billing_rate="130.00")
    await office.log("bob", "1", "2026-11-09")
    await office.do("bob", "hand_in", week="2026-11-09")
    span = {"first": "2026-11-09", "last": "2026-11-30"}
    preview = await office.ask("root", "repricing", **span)
    assert (preview.changed, preview.locked) == (3, 1)
    done = await office.do("root", "reprice", "hourly_rate", **span)
    assert (done.changed, done.locked) == (3, 1)
    assert (await office.fresh(plain)).hourly_rate == D(130)
    assert (await office.fresh(tuesday)).hourly_rate == D(120)  # it has a first day, so it is later
    assert (await office.ask("root", "repricing", **span)).changed == 0
    await office.undo("root")
    assert (await office.fresh(plain)).hourly_rate == D(95)
    with pytest.raises(Denied):
        await office.do("bob", "reprice", "hourly_rate", **span)
    with pytest.raises(Denied):
        await office.ask("bob", "repricing", **span)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_many_entries_are_priced_in_a_fixed_number_of_statements(office, monkeypatch):
    noun, counts = office.noun("projects.time_entry"), []
    people = [office.me(who).id for who in ("ann", "bob")]
    seen, plain = [], SqliteConnection.fetch

    async def counted(self, sql, *args):
        seen.append(sql)
        return await plain(self, sql, *args)

    monkeypatch.setattr(SqliteConnection, "fetch", counted)
    for many in (3, 12):
        about = {"project_id": office.project.id, "hours": "1", "date": f"2026-09-{many:02d}"}
        rows = [about | {"user_id": people[n % 2]} for n in range(many)]
        wanted = perform.decoded(perform.Bulk, {"create": rows})
        seen.clear()
        await office.run("root", lambda ctx, w=wanted: perform.bulk(ctx, noun, w))
        counts.append(sum("INSERT" not in sql for sql in seen))
    assert counts[0] == counts[1]


async def test_reports_add_up(office):
    """Bob: 0:20 + 0:20 on Monday and 1:00 not billable; Ann: 2:00. Rounded up to 15 minutes."""
    here = {"name": "Quarter hours", "project_id": office.project.id, "round_each": "entry"}
    policy = await office.make("root", "time_policy", **here, round_to=15, rounding="up")
    for hours in ("0.33", "0.33"):
        await office.log("bob", hours, task_id=office.task.id)
    await office.log("bob", "1", type="training", billable=False)
    await office.log("ann", "2", type="meeting")
    await wholly_inside(office)
    answer = await office.ask("root", "time_report", **MONTH, by="person", then="type")
    found = {
        tuple(part.title for part in one.parts): (one.hours, one.billable_hours, one.billed_hours)
        for one in answer.groups
    }
    assert found == {
        ("Bob Example", "development"): (D("0.67"), D("0.67"), D("1.00")),  # 0:40; 2 times 0:30
        ("Bob Example", "training"): (D(1), D(0), D(0)),
        ("Ann Example", "meeting"): (D(2), D(2), D(2)),
    }
    assert answer.total.hours == D("3.67")  # 3:40
    (amount,) = answer.total.amounts
    # 3 billed hours at 95; 3:40 at 80, which each of them costs.
    assert (amount.currency, amount.amount, amount.cost) == ("EUR", D("285.00"), D("293.33"))
    listed = await office.ws.page(
        office.me("ann"),
        "projects.time_entry",
        [tuple(one.split("=")) for one in answer.groups[1].href.partition("?")[2].split("&")],
    )
    assert sum(entry.hours for entry in listed.items) == answer.groups[1].hours
    await office.change("root", policy, round_each="day")
    again = await office.ask("ann", "time_report", **MONTH, by="project")
    # His Monday: 40 minutes together, so 0:45; hers 2:00.
    assert again.groups[0].billed_hours == D("2.75")
    customers = await office.ask("ann", "time_report", **MONTH, by="customer")
    assert len(customers.groups) == 1
    (amount,) = customers.total.amounts
    assert (amount.amount > 0, amount.cost) == (True, None)  # leads see no wages
    assert len(next(report_lines(customers))) == 6
    await sees_no_pay(office)


async def wholly_inside(office):
    """A timer that ended after the period is not wholly inside it."""
    with pytest.raises(Invalid):
        await office.ask("ann", "time_report", first="2026-11-30", last="2026-11-01")
    span = {"started_at": "2026-11-17T23:00:00Z", "ended_at": "2026-11-18T01:00:00Z"}
    late = await office.make("ann", "projects.time_entry", project_id=office.project.id, **span)
    own = await office.ask("ann", "person_hours", first="2026-11-16", last="2026-11-17")
    assert (own.hours, own.billable_hours, own.entries) == (D(2), D(2), 1)
    own = await office.ask("ann", "person_hours", first="2026-11-16", last="2026-11-18")
    assert (own.hours, own.entries) == (D(4), 2)
    await office.bin("ann", late)


async def sees_no_pay(office):
    """Who may not see pay sees none of it."""
    answer = await office.ask("bob", "time_report", **MONTH, by="person")
    assert answer.total.hours == D("3.67")
    assert answer.total.amounts is None
    assert all(group.amounts is None for group in answer.groups)
    lines = list(report_lines(answer))
    assert len(lines[0]) == 5
    for name, asked in (
        ("profitability", {"project_id": office.project.id}),
        ("repricing", MONTH),
    ):
        with pytest.raises(Denied):
            await office.ask("bob", name, **asked)
    with pytest.raises(Denied):
        await office.ws.page(office.me("bob"), "timesheets.hourly_rate")
    assert (await office.ask("sam", "time_report", **MONTH)).groups == []


async def test_profit_of_a_project(office):
    """Six hours: four of Bob's at 95, cost 80; two of Ann's that nobody pays for."""
    await office.change(
        "ann", office.project, billing_type="time_and_materials", actual_cost="20", budget="800"
    )
    await office.log("bob", "4")
    await office.log("ann", "2", billable=False)
    leads = await office.ask("ann", "profitability", project_id=office.project.id)
    assert (leads.shows_cost, leads.profit.revenue) == (False, D("380.00"))
    assert (leads.profit.cost, leads.profit.margin, leads.profit.burn) == (None, None, None)
    assert (leads.books.time_cost, [one.cost for one in leads.people]) == (0, [None, None])
    with pytest.raises(Denied):
        await office.log("ann", "1", cost_rate="1.00")
    found = await office.ask("root", "profitability", project_id=office.project.id)
    assert found.currency == "EUR"
    assert (found.profit.revenue, found.profit.cost) == (D("380.00"), D("500.00"))  # 6 * 80 + 20
    assert found.profit.margin == D("-120.00")
    assert found.profit.effective_rate == D("63.33")  # 380 / 6
    assert found.profit.burn == 0.625
    assert found.hours_without_cost == 0
    assert [(one.hours, one.amount) for one in found.people] == [
        (D(4), D("380.00")),
        (D(2), D("0.00")),
    ]
    # What the task took against its estimate: six hours for four.
    await office.change("bob", office.task, estimated_hours="4", assignee_id=office.me("bob").id)
    await office.log("bob", "6", task_id=office.task.id)
    await office.act("bob", office.task, "complete")
    found = await office.ask("bob", "estimates", by="person", last="2026-11-18")
    assert (found.total.tasks, found.total.ratio, found.total.over) == (1, 1.5, 1)
    assert found.distribution == [0, 0, 0, 0, 1, 0]  # 150 %
    assert [task.id for task in found.worst] == [office.task.id]
    assert (await office.ask("bob", "estimates", last="2026-11-17")).total.tasks == 0


async def test_days_are_rounded_in_minutes_and_kept_when_approved(office):
    """Monday 6 times 0:10, Tuesday 3 times 0:20: an hour each, whatever their hundredths."""
    policy = await office.make(
        "root",
        "time_policy",
        name="Days",
        project_id=office.project.id,
        round_to=15,
        rounding="up",
        round_each="day",
    )
    noun = office.noun("projects.time_entry")
    days = [("2026-11-16", "0.17")] * 6 + [("2026-11-17", "0.33")] * 3
    rows = [{"project_id": office.project.id, "date": day, "hours": h} for day, h in days]
    wanted = perform.decoded(perform.Bulk, {"create": rows})
    await office.run("bob", lambda ctx: perform.bulk(ctx, noun, wanted))

    async def billed():
        return (await office.ask("root", "time_report", **MONTH)).total.billed_hours

    assert await billed() == D("2.00")
    await office.change("root", policy, round_to=60, rounding="down")
    assert await billed() == D("2.00")
    sheet = await office.do("bob", "hand_in", week="2026-11-16")
    assert sheet.hours == D("2.00")  # not 6 * 0.17 + 3 * 0.33 = 2.01
    (week,) = (await office.ask("mia", "weeks_to_approve")).weeks
    assert (week.minutes, [minutes for _, minutes, _ in week.days[:2]]) == (120, [60, 60])
    shown = await office.ask("bob", "timesheet_week", week="2026-11-16")
    assert shown.minutes == 120
    await office.act("mia", sheet, "approve")
    await office.change("root", policy, round_to=480, rounding="up")
    assert await billed() == D("2.00")  # as it was approved, whatever the policy says now
    await office.change("bob", sheet, note="Thanks")
    assert await billed() == D("2.00")
    await office.act("mia", sheet, "reopen")
    assert await billed() == D("16.00")  # two days of eight hours


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_priced_time_keeps_its_currency(office):
    project = office.noun("projects.project")
    await office.change("ann", office.project, currency="CHF")
    await office.change("ann", office.project, currency="EUR")
    entry = await office.log("bob", "1")
    wanted = perform.decoded(
        perform.Bulk, {"update": [{"id": office.project.id, "currency": "CHF"}]}
    )
    for way in (
        office.change("ann", office.project, currency="CHF"),
        office.run("root", lambda ctx: perform.bulk(ctx, project, wanted)),
    ):
        with pytest.raises(Conflict, match="1 time entries, 0 hourly rates"):
            await way
    await office.bin("bob", entry)
    await office.change("ann", office.project, currency="CHF")
    moving = office.last
    rate = {"name": "Here", "project_id": office.project.id, "currency": "CHF"}
    await office.make("root", "hourly_rate", billing_rate="99", **rate)
    with pytest.raises(Conflict, match="0 time entries, 1 hourly rates"):
        await office.undo("ann", moving)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_price_follows_its_day_and_stays_within_reason(office):
    for first, amount in (("2026-11-01", "100.00"), ("2026-11-16", "120.00")):
        rate = {"project_id": office.project.id, "currency": "EUR", "valid_from": first}
        await office.make("root", "hourly_rate", name=first, billing_rate=amount, **rate)
    entry = await office.log("bob", "1", "2026-11-15")
    assert entry.hourly_rate == D(100)
    assert (await office.change("bob", entry, date="2026-11-16")).hourly_rate == D(120)
    with pytest.raises(Invalid, match=r"99[,.]?999[,.]?999"):
        await office.log("root", "1", hourly_rate="9999999999999.99")


async def test_reports_lead_to_what_they_add_up_and_files_have_all_of_it(office, monkeypatch):
    unit = await office.samples.record(office.noun("identity.organisation_unit"))
    other = await office.samples.record(
        office.noun("projects.project"),
        currency="EUR",
        entity_id=unit.id,
        client_contact_id=office.me("mia").id,
    )
    await office.change("root", office.project, entity_id=unit.id)
    await office.log("root", "1", project_id=other.id)
    await office.log("bob", "1")
    await office.log("bob", "1")
    answer = await office.ask("root", "time_report", **MONTH, by="customer")
    for group in answer.groups:
        pairs = [tuple(one.split("=")) for one in group.href.partition("?")[2].split("&")]
        listed = await office.ws.page(office.me("root"), "projects.time_entry", pairs)
        assert len(listed.items) == group.entries
    assert answer.hours_without_rate == D(1)  # the other project has no rate
    monkeypatch.setattr(reports, "MOST", 1)
    ask = report_ask(MONTH | {"by": "customer"}, date(2026, 11, 18))
    shown = await office.ws.look(office.me("root"), lambda ctx: reports.time_report(ctx, ask))
    assert (len(shown.groups), shown.more) == (1, True)
    whole = await office.ws.look(office.me("root"), lambda ctx: reports.whole_report(ctx, ask))
    assert (len(whole.groups), whole.more) == (2, False)


def test_a_report_is_read_from_its_address():
    ask = report_ask({"by": "person", "then": "person", "billable": "yes"}, date(2026, 11, 18))
    assert (ask.first, ask.last) == (date(2026, 11, 1), date(2026, 11, 30))
    assert (ask.by, ask.then, ask.billable) == ("person", None, True)

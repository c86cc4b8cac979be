"""Weeks that are filled, handed in, approved and then locked, whatever way somebody tries."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound, Problem, Stale
from mainstay.modules.identity.entities import User
from mainstay.modules.planning.api import availability

D = Decimal

WEEK = "2026-11-16"


async def sheet(office, who="bob"):
    found = await office.ws.page(
        office.me(""), "timesheets.timesheet", user_id=office.me(who).id, week_start=WEEK
    )
    return found.items[0]


async def test_a_locked_week_stays_as_it_is(office):
    """No way leads into a week that is handed in: each is refused, and each sum stays."""
    entry = await office.log("bob", "2", task_id=office.task.id)
    gone = await office.log("bob", "1", task_id=office.task.id)
    await office.bin("bob", gone)
    binning = office.last
    outside = await office.log("bob", "3", "2026-11-23")
    making = office.last
    handed = await office.do("bob", "hand_in", week="2026-11-18", note="All in.")
    assert (handed.status, handed.hours, handed.billable_hours) == ("submitted", D(2), D(2))
    assert (await office.fresh(entry)).timesheet_id == handed.id
    bulk = {"update": [{"id": entry.id, "hours": "5"}]}
    noun = office.noun("projects.time_entry")
    ways = (
        office.log("bob", "1"),
        office.log("ann", "1", user_id=office.me("bob").id),
        office.change("bob", entry, hours="4"),
        office.change("bob", entry, description="Other words"),
        office.change("bob", entry, date="2026-11-24"),
        office.change("bob", outside, date="2026-11-17"),
        office.bin("bob", entry),
        office.undo("bob", binning),
        office.do("bob", "fill", row=f"t{office.task.id}.meeting", date=WEEK, hours="1"),
        office.run("bob", lambda ctx: perform.bulk(ctx, noun, perform.decoded(perform.Bulk, bulk))),
        office.run("bob", lambda ctx: perform.restore(ctx, noun, gone.id)),
        office.do("bob", "start", row=f"t{office.task.id}.development"),
        office.act("bob", office.task, "start_timer"),
    )
    for way in ways:
        with pytest.raises(Conflict, match=r"week of 2026-11-16 is handed in") as refusal:
            await way
        assert "ithdraw" in refusal.value.detail
    assert (await office.fresh(office.task)).actual_hours == D(2)
    assert (await sheet(office)).hours == D(2)
    # Outside of the week everything goes on, also its undo.
    await office.undo("bob", making)


async def test_who_decides(office):
    await office.log("bob", "8")
    handed = await office.do("bob", "hand_in", week=WEEK)
    for who, verb, refusal in (
        ("bob", "approve", Conflict),  # nobody on a week of their own
        ("sam", "approve", NotFound),
    ):
        with pytest.raises(refusal):
            await office.act(who, handed, verb)
    for who in ("mia", "ann", "root"):  # whom he reports to, who leads the project, an admin
        waiting = await office.ask(who, "weeks_to_approve")
        assert [(week.user_id, week.minutes) for week in waiting.weeks] == [
            (office.me("bob").id, 480)
        ]
    assert (await office.ask("sam", "weeks_to_approve")).weeks == []
    sent = await office.act("mia", handed, "reject", reason="Where is Tuesday?")
    assert (sent.status, sent.reason, sent.decided_by) == (
        "rejected",
        "Where is Tuesday?",
        office.me("mia").id,
    )
    assert (await office.fresh(handed)).status == "rejected"
    added = await office.log("bob", "4", "2026-11-17")
    assert (await sheet(office)).hours == D(12)  # kept right while it is open
    await office.act("bob", handed, "submit")
    await office.act("bob", handed, "withdraw")
    await office.change("bob", added, hours="5")
    await office.act("bob", handed, "submit", note="Tuesday is there.")
    approved = await office.act("ann", handed, "approve")
    assert (approved.status, approved.hours, approved.reason) == ("approved", D(13), "")
    await locked_then_open(office, handed, added, office.last)


async def locked_then_open(office, handed, added, approving):
    """What is approved is locked; whoever may decide opens it again."""
    with pytest.raises(Conflict, match=r"approved and locked\. Ann Example can reopen it"):
        await office.change("bob", added, hours="1")
    with pytest.raises(Conflict):
        await office.act("bob", handed, "withdraw")
    with pytest.raises(Conflict, match="week of their own"):
        await office.act("bob", handed, "reopen")
    await office.undo("ann", approving)
    assert (await sheet(office)).status == "submitted"
    seen = (await sheet(office)).version
    with pytest.raises(Stale, match="changed since you looked"):
        await office.do("mia", "approve_all", weeks=[[handed.id, seen - 1]])
    done = await office.do("mia", "approve_all", weeks=[[handed.id, seen]])
    assert done.count == 1
    await office.act("mia", handed, "reopen")
    await office.change("bob", added, hours="1")
    assert (await sheet(office)).hours == D(9)
    with pytest.raises(Invalid, match="may not see"):
        await office.do("sam", "approve_all", weeks=[[handed.id, 1]])
    with pytest.raises(Denied):
        await office.change("mia", handed, note="Not mine to write")


async def test_a_policy_may_lock_and_free_weeks(office):
    await office.make("root", "time_policy", name="All", approval_required=False)
    await office.log("bob", "8")
    handed = await office.do("bob", "hand_in", week=WEEK)
    assert (handed.status, handed.decided_by) == ("approved", None)
    own = {"name": "Site", "project_id": office.project.id, "locked_until": "2026-11-08"}
    await office.make("root", "time_policy", **own)
    with pytest.raises(Conflict, match="up to 2026-11-08 is locked"):
        await office.log("bob", "1", "2026-11-08")
    await office.log("bob", "1", "2026-11-09")
    with pytest.raises(Invalid, match="policy of all other projects"):
        await office.make("root", "time_policy", name="Another")
    # Whom he reports to sees his week, but not what she may not see.
    await office.log("bob", "2", "2026-11-24", task_id=office.task.id)
    week = await office.ask("mia", "timesheet_week", week="2026-11-24", user_id=office.me("bob").id)
    assert (week.minutes, week.hidden_minutes, week.may_edit) == (120, 0, False)
    assert (week.rows[0].title, week.rows[0].project, week.rows[0].code) == ("", "", "")


async def test_an_entry_and_the_end_of_its_week_come_one_after_the_other(office):
    """Whatever is first counts: an entry is in the sum of its week, or it is refused."""
    for turn in range(3):
        day = f"2026-10-{5 + 7 * turn:02d}"
        first = await office.log("bob", "1", day)
        adding = [office.log("bob", "1", day) for _ in range(4)]
        done = await asyncio.gather(
            *adding[:2],
            office.do("bob", "hand_in", week=day),
            *adding[2:],
            office.change("bob", first, hours="2"),
            return_exceptions=True,
        )
        assert all(not isinstance(one, Exception) or isinstance(one, Problem) for one in done)
        found = await office.ws.page(
            office.me(""), "projects.time_entry", user_id=office.me("bob").id, date=day
        )
        handed = done[2]
        kept = await office.fresh(handed)
        assert kept.status == "submitted"
        assert kept.hours == sum(entry.hours for entry in found.items)
        assert {entry.timesheet_id for entry in found.items} == {handed.id}


async def test_cells(office):
    """A cell is written, written again, cleared; and not over what another window wrote."""
    row = f"t{office.task.id}.testing"
    done = await office.do("bob", "fill", row=row, date=WEEK, hours="1h30", known=[])
    assert (done.hours, done.spoken) == (D("1.50"), "1:30")
    first = done.entries
    done = await office.do("bob", "fill", row=row, date=WEEK, hours="2", known=first)
    assert done.entries[0][0] == first[0][0]
    with pytest.raises(Stale, match="holds 2:00 now") as stale:
        await office.do("bob", "fill", row=row, date=WEEK, hours="5", known=first)
    assert stale.value.current.entries == done.entries
    with pytest.raises(Stale):
        await office.do("bob", "fill", row=row, date=WEEK, hours="5", known=[])
    week = await office.ask("bob", "timesheet_week", week=WEEK)
    (line,) = week.rows
    assert (line.key, line.cells[0].minutes, week.minutes, week.planned_minutes) == (
        row,
        120,
        120,
        2400,
    )
    await several(office, row, done)
    await refused(office, row)


async def several(office, row, done):
    """A cell of two entries is changed entry by entry, cleared, and brought back."""
    more = await office.do(
        "bob",
        "fill",
        row=row,
        date=WEEK,
        hours="0:30",
        known=done.entries,
        another=True,
        description="Again",
        billable=False,
    )
    assert (more.spoken, len(more.entries)) == ("2:30", 2)
    with pytest.raises(Conflict, match="holds 2 entries"):
        await office.do("bob", "fill", row=row, date=WEEK, hours="1", known=more.entries)
    last = more.entries[-1][0]
    done = await office.do(
        "bob", "fill", row=row, date=WEEK, hours="", known=more.entries, entry_id=last
    )
    assert done.spoken == "2:00"
    done = await office.do("bob", "fill", row=row, date=WEEK, hours="", known=done.entries)
    assert (done.spoken, done.entries) == ("", [])
    assert (await office.fresh(office.task)).actual_hours == D(0)
    await office.undo("bob")
    assert (await office.fresh(office.task)).actual_hours == D(2)


async def refused(office, row):
    """What is no time, no row, or not one's own is refused; so is a second window."""
    for wrong, field in (
        ({"hours": "25"}, "hours"),
        ({"row": "t1"}, "row"),
        ({"row": f"t{10**17}.other"}, "task_id"),
        ({"row": f"t{office.task.id}.sleeping"}, "row"),
    ):
        with pytest.raises(Invalid) as refusal:
            await office.do("bob", "fill", **({"row": row, "date": WEEK, "hours": "1"} | wrong))
        assert refusal.value.errors[0].field == field
    with pytest.raises(Problem):  # a task that she may not see, and somebody else's week
        await office.do("sam", "fill", row=row, date=WEEK, hours="1")
    # Two windows write the same empty cell: one writes, the others are told.
    row = f"p{office.project.id}.other"
    ask = {"row": row, "date": WEEK, "hours": "1", "known": []}
    done = await asyncio.gather(
        *(office.do("bob", "fill", **ask) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(one, Stale) for one in done) == 2
    with pytest.raises(NotFound):
        await office.ask("sam", "timesheet_week", week=WEEK, user_id=office.me("bob").id)


async def test_timers(office):
    row = f"t{office.task.id}.development"
    first = await office.do("bob", "start", row=row, description="Cables")
    office.later(minutes=90)
    second = await office.do("bob", "start", row=f"p{office.project.id}.meeting")
    assert (await office.fresh(first)).hours == D("1.50")
    with pytest.raises(Conflict, match="timer runs on a day of this week"):
        await office.do("bob", "hand_in", week=WEEK)
    office.later(hours=15)
    week = await office.ask("bob", "timesheet_week", week=WEEK)
    assert week.timer.forgotten
    with pytest.raises(Invalid, match="15:00 hours, as if it had been forgotten"):
        await office.do("bob", "halt", entry_id=second.id)
    with pytest.raises(Conflict, match="say when that work ended"):
        await office.act("bob", office.task, "start_timer")
    await office.do("bob", "halt", entry_id=second.id, hours="0:45")
    assert (await office.fresh(second)).hours == D("0.75")
    third = await office.do("bob", "start", row=row)
    office.later(hours=30)
    with pytest.raises(Invalid, match="at most 24"):
        await office.do("bob", "halt", entry_id=third.id, confirm=True)
    await office.do("bob", "halt", entry_id=third.id, hours="24")
    assert (await office.fresh(third)).hours == D(24)


async def test_time_on_issues(office):
    issue = await office.samples.record(
        office.noun("issues.issue"), project_id=office.project.id, title="It drips"
    )
    entry = await office.log("bob", "1.25", issue_id=issue.id)
    assert entry.project_id == office.project.id
    with pytest.raises(Invalid, match="one of them"):
        await office.log("bob", "1", issue_id=issue.id, task_id=office.task.id)
    moved = await office.change("bob", entry, task_id=office.task.id)
    assert (moved.issue_id, moved.task_id) == (None, office.task.id)
    assert (await office.fresh(office.task)).actual_hours == D("1.25")
    await office.act("bob", issue, "start_timer")
    office.later(minutes=30)
    await office.act("bob", issue, "stop_timer")
    week = await office.ask("bob", "timesheet_week", week=WEEK)
    assert {line.key: line.minutes for line in week.rows} == {
        f"t{office.task.id}.development": 75,
        f"i{issue.id}.development": 30,
    }
    choices = await office.ask("bob", "row_choices", q="drips")
    assert [choice.key for choice in choices] == [f"i{issue.id}.support"]
    assert await office.ask("sam", "row_choices", q="drips") == []


async def test_old_and_empty_weeks(office):
    """One absurd week must not spoil what approvers are told about the others."""
    await office.log("bob", "8")
    mine, span = office.me("bob").id, "must be a week from 2025-11-10 to 2027-01-11"
    for week in ("1990-01-01", "2025-11-03", "2027-01-18"):
        with pytest.raises(Invalid, match=span):
            await office.make("bob", "timesheet", user_id=mine, week_start=week)
        with pytest.raises(Invalid, match=span):
            await office.do("bob", "hand_in", week=week)
    with pytest.raises(Conflict, match="no time in this week"):
        await office.do("bob", "hand_in", week="2026-11-09")
    await office.log("bob", "8", "2016-02-01")  # old time, moved in from elsewhere
    for week in ("2016-02-01", WEEK):
        await office.do("bob", "hand_in", week=week)
    old, new = (await office.ask("mia", "weeks_to_approve")).weeks
    for one in (old, new):
        assert (one.planned_minutes, one.minutes) == (2400, 480)
        assert one.signs[-1].minutes == 2400 - 480
    with pytest.raises(Invalid, match="at most 1000 days"):
        await office.ws.look(
            office.me("bob"),
            lambda ctx: availability(ctx, [1], date(2016, 1, 1), date(2026, 1, 1)),
        )


async def test_an_old_lock_never_comes_back_over_changed_time(office):
    entry = await office.log("bob", "8")
    handed = await office.do("bob", "hand_in", week=WEEK)
    await office.act("ann", handed, "approve")
    await office.act("ann", handed, "reopen")
    await office.undo("ann")  # who leads finds it still, and nothing was changed
    assert (await sheet(office)).status == "approved"
    for who, steps in (("mia", ["reopen"]), ("mia", ["reject"]), ("bob", ["withdraw"])):
        if (await sheet(office)).status in ("open", "rejected"):
            await office.act("bob", handed, "submit")
        said = {"reason": "No"} if steps == ["reject"] else {}
        await office.act(who, handed, steps[0], **said)
        opening = office.last
        await office.change("bob", entry, date="2026-11-10")
        await office.change("bob", entry, date=WEEK)
        with pytest.raises(Conflict, match="changed since it was opened"):
            await office.undo(who, opening)
        assert (await sheet(office)).status in ("open", "rejected")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_timers_and_stated_hours(office):
    """Whatever the way, one timer runs, it has begun, and it can be stopped."""
    row = f"t{office.task.id}.development"
    first = await office.do("bob", "start", row=row)
    await office.bin("bob", first)
    noun = office.noun("projects.time_entry")
    second = await office.do("bob", "start", row=row)
    with pytest.raises(Conflict, match="Another timer runs"):
        await office.run("bob", lambda ctx: perform.restore(ctx, noun, first.id))
    office.later(minutes=30)
    policy = {"name": "All", "locked_until": "2026-11-18"}
    with pytest.raises(Invalid, match="those of Bob Example must be stopped"):
        await office.make("root", "time_policy", **policy)
    for hours in ("NaN", "sNaN", "Infinity", "1e400"):
        with pytest.raises(Invalid):
            await office.act("bob", second, "stop", hours=hours)
    await office.act("bob", second, "stop")
    stopped = office.last
    await office.undo("bob", stopped)
    assert (await office.fresh(second)).ended_at is None
    assert (await office.fresh(second)).hours == 0
    await office.change("bob", second, hours="2")  # said, so it runs no more
    with pytest.raises(Conflict, match="not running"):
        await office.act("bob", second, "stop")
    assert (await office.fresh(second)).hours == D(2)
    here = {"project_id": office.project.id}
    for start in ("2026-11-18T12:00:00Z", "2027-11-18T12:00:00Z"):
        with pytest.raises(Invalid, match="future"):
            await office.make("bob", "projects.time_entry", **here, started_at=start)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_day_follows_its_span_where_the_person_is(office):
    """03:30 UTC on the 19th is the evening of the 18th in New York, whoever writes it down."""

    async def move(ctx):
        (await ctx.get(User, office.me("bob").id)).timezone = "America/New_York"

    await office.run("", move)
    here = {"project_id": office.project.id, "user_id": office.me("bob").id}
    span = {"started_at": "2026-11-19T03:30:00Z", "ended_at": "2026-11-19T04:30:00Z"}
    entry = await office.make("ann", "projects.time_entry", **here, **span)
    assert entry.date == date(2026, 11, 18)
    later = {"started_at": "2026-11-25T10:00:00Z", "ended_at": "2026-11-25T11:00:00Z"}
    assert (await office.change("ann", entry, **later)).date == date(2026, 11, 25)
    said = await office.change("ann", entry, **span, date="2026-11-20")
    assert said.date == date(2026, 11, 20)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_note_changes_no_hours_and_searches_take_signs_as_they_are(office):
    span = {"started_at": "2026-11-18T01:00:00Z", "ended_at": "2026-11-18T06:54:36Z"}
    entry = await office.make("bob", "projects.time_entry", task_id=office.task.id, **span)
    assert entry.hours == D("5.91")
    cell = {"row": f"t{office.task.id}.development", "date": "2026-11-18", "hours": "5:55"}
    await office.do("bob", "fill", **cell, entry_id=entry.id, description="Cables")
    now = await office.fresh(entry)
    assert (now.hours, now.description) == (D("5.91"), "Cables")
    for signs in ("%", "_", "\\"):
        assert await office.ask("bob", "row_choices", q=signs) == []

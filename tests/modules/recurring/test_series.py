"""Making, changing, pausing and skipping a series: who may, and what is refused and why."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid, NotFound
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.modules.recurring.making import make_due
from tests.modules.recurring.conftest import refused

REFUSED = {
    "neither": ({"rule": ""}, "rule", "is required for a task that comes by the calendar"),
    "both": ({"days_after": 3}, "days_after", "must be empty for a task that comes by"),
    "no days": ({"mode": "after_completion"}, "days_after", "is required for a task that"),
    "rule too": (
        {"mode": "after_completion", "days_after": 1, "rule": "FREQ=DAILY"},
        "rule",
        "must be empty for a task that comes after completion",
    ),
    "no zone": ({"zone": "Mars/Olympus"}, "zone", "must be a time zone like Europe/Berlin"),
    "never": (
        {"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"},
        "rule",
        "never happens: no day fits all of its parts",
    ),
    "over": ({"rule": "FREQ=DAILY;UNTIL=20261117"}, "rule", "has no day from today on"),
    "hourly": ({"rule": "FREQ=HOURLY"}, "rule", "use DAILY or a rarer FREQ"),
    "timed": ({"rule": "FREQ=DAILY;BYHOUR=9"}, "rule", "cannot name times"),
    "wrong": ({"rule": "FREQ=DAILY;INTERVAL=0"}, "rule", "INTERVAL must be a whole number"),
    "lines": (
        {"rule": "DTSTART:20260101\nRRULE:FREQ=DAILY"},
        "rule",
        "the first day is the field Starts on",
    ),
    "flood": ({"rule": "FREQ=DAILY", "lead_days": 90}, "lead_days", "look fewer days ahead"),
}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_what_cannot_come_again_is_refused_with_the_remedy(office):
    for data, field, words in REFUSED.values():
        with refused(field, words):
            await office.series(**data)


async def test_the_next_day_is_right_after_every_change(office):
    series = await office.series(rule="RRULE:freq=weekly;byday=TH,TU;")
    assert (series.rule, series.next_on) == ("FREQ=WEEKLY;BYDAY=TU,TH", date(2026, 11, 19))
    for data, day in (
        ({"rule": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"}, date(2026, 11, 30)),
        ({"except_on": ["2026-11-30"]}, date(2026, 12, 31)),
        ({"starts_on": "2027-01-15"}, date(2027, 1, 29)),
        ({"rule": "FREQ=DAILY;COUNT=2"}, date(2027, 1, 15)),
        # Kiritimati is 14 hours ahead: it is the 18th there still; the day does not move.
        ({"zone": "Pacific/Kiritimati"}, date(2027, 1, 15)),
        ({"mode": "after_completion", "days_after": 5}, date(2027, 1, 15)),
    ):
        series = await office.update(series, **data)
        assert series.next_on == day, data
    assert (series.rule, series.except_on) == ("", [])
    series = await office.update(series, mode="schedule", rule="FREQ=DAILY")
    assert series.days_after is None


async def test_a_start_long_ago_makes_nothing_of_the_past(office):
    series = await office.series(starts_on="2016-01-01", rule="FREQ=DAILY")
    assert series.next_on == date(2026, 11, 18)
    await office.round()
    assert len(await office.tasks()) == 1


async def test_skipping_pausing_and_making_one_now(office):
    series = await office.series()
    series = await office.act(series, "skip_next")
    assert series.next_on == date(2026, 11, 24)
    series = await office.act(series, "make_now")
    assert series.next_on == date(2026, 11, 26)
    assert [str(task.due_date) for task in await office.tasks()] == ["2026-11-24"]
    with refused("on_day", "must be a day on which it has not come yet"):
        await office.act(series, "make_now", on_day="2026-11-19")
    series = await office.act(series, "make_now", on_day="2026-11-20")
    assert (series.next_on, series.made_count) == (date(2026, 11, 26), 2)
    series = await office.act(series, "pause")
    assert (series.status, series.next_on) == ("paused", None)
    with pytest.raises(Conflict, match="Resume it first"):
        await office.act(series, "make_now")
    office.clock.at = datetime(2026, 12, 4, 9, tzinfo=UTC)
    await office.round()
    series = await office.act(series, "resume")
    assert series.next_on == date(2026, 12, 8), "what passed meanwhile stays out"
    assert await office.came(series) == [
        ("11-19", "skipped"),
        ("11-20", "made"),
        ("11-24", "made"),
    ]


async def test_skipping_is_taken_back_and_the_day_stays_skipped(office):
    series = await office.series()
    await office.act(series, "skip_next")
    change = await office.last_change("recurring.task_series", series.id)
    await office.ws.undo(office.bob, change)
    assert (await office.fresh(series)).next_on == date(2026, 11, 24)


async def test_a_series_from_the_bin_starts_from_today(office):
    series = await office.series(rule="FREQ=DAILY", starts_on="2026-11-18")
    noun = office.ws.registry.noun("recurring.task_series")
    await office.ws.run(office.bob, lambda ctx: perform.delete(ctx, noun, series.id))
    office.clock.advance(timedelta(days=5))
    await office.round()
    assert await office.tasks() == []
    await office.ws.run(office.bob, lambda ctx: perform.restore(ctx, noun, series.id))
    assert (await office.fresh(series)).next_on == date(2026, 11, 23)


async def test_a_task_becomes_the_first_of_a_series(office):
    task = await office.create(
        "projects.task",
        office.bob,
        project_id=office.project.id,
        title="Report",
        due_date="2026-11-18",
        assignees=[office.bob.id],
    )
    series = await office.repeat(office.bob, task_id=task.id, rule="FREQ=WEEKLY")
    assert (series.title, series.assignees, series.starts_on) == (
        "Report",
        [office.bob.id],
        date(2026, 11, 18),
    )
    assert series.next_on == date(2026, 11, 25)
    assert await office.came(series) == [("11-18", "made")]
    with pytest.raises(Conflict, match="comes again already"):
        await office.repeat(office.bob, task_id=task.id, rule="FREQ=WEEKLY")
    again = await office.create(
        "projects.task", office.bob, project_id=office.project.id, title="Report"
    )
    series = await office.repeat(
        office.bob, task_id=again.id, mode="after_completion", days_after=2
    )
    assert series.next_on is None, "it waits until the task is done"
    await office.act(again, "complete")
    await office.round()
    assert (await office.fresh(series)).next_on == date(2026, 11, 20)


async def test_only_those_who_work_in_the_project_touch_its_series(office):
    series = await office.series()
    task = await office.create(
        "projects.task", office.bob, project_id=office.project.id, title="Report"
    )
    for act, kind in (
        (office.series, (Denied, Invalid)),
        (lambda who: office.update(series, who, title="Mine"), (Denied, NotFound)),
        (lambda who: office.act(series, "make_now", who), (Denied, NotFound)),
        (lambda who: office.act(series, "skip_next", who), (Denied, NotFound)),
        (lambda who: office.repeat(who, task_id=task.id, rule="FREQ=DAILY"), (Denied, NotFound)),
    ):
        for who in (office.vic, office.sam):
            with pytest.raises(kind):
                await act(who)
    assert (await office.fresh(series)).title == "Report"
    with refused("assignees", "must be members of the project"):
        await office.series(assignees=[office.sam.id])


async def test_a_series_acts_for_who_changed_it_last(office):
    """So nobody borrows another's rights by changing what their series makes."""
    series = await office.series(office.ann)
    assert series.maker_id == office.ann.id
    series = await office.update(series, office.bob, description="More")
    assert series.maker_id == office.bob.id


async def test_a_preview_says_what_a_rule_means_or_what_is_wrong(office):
    async def ask(**asked):
        return await office.ws.ask_question(office.vic, "recurring.preview", asked)

    found = await ask(rule="FREQ=WEEKLY;BYDAY=TU,TH", except_on="2026-11-24, 2026-12-01")
    assert found.words == "every Tuesday and Thursday"
    assert [str(one.day)[5:] for one in found.days] == ["11-19", "11-26", "12-03", "12-08", "12-10"]
    assert (found.more, found.problem) == (True, "")
    assert found.choices.weekdays == ("TU", "TH")
    assert "use one of YEARLY" in (await ask(rule="FREQ=X")).problem
    assert "never happens" in (await ask(rule="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")).problem
    assert "date like" in (await ask(rule="FREQ=DAILY", starts_on="soon")).problem
    assert (await ask(rule="FREQ=DAILY;UNTIL=20200101")).problem


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_many_series_are_made_in_as_few_statements_as_some(office, monkeypatch):
    said: list[str] = []

    def spy(name):
        plain = getattr(SqliteConnection, name)

        async def wrapped(self, sql, *args):
            # Who watches is the facet's own line for each new record.
            if "watchers_watcher" not in sql:
                said.append(sql)
            return await plain(self, sql, *args)

        monkeypatch.setattr(SqliteConnection, name, wrapped)

    for name in ("fetch", "run", "many"):
        spy(name)
    costs = []
    for count in (10, 40):
        noun = office.ws.registry.noun("recurring.task_series")
        data = {
            "project_id": office.project.id,
            "title": "Report",
            "rule": "FREQ=DAILY",
            "starts_on": "2026-11-18",
            "zone": "UTC",
            "assignees": [office.bob.id],
        }
        wanted = perform.Bulk(create=[data] * count)
        await office.ws.run(office.bob, lambda ctx, w=wanted, n=noun: perform.bulk(ctx, n, w))
        said.clear()
        await make_due(office.ws, {})
        costs.append(len(said))
    assert len(await office.tasks(limit=100)) == 50
    assert costs[1] <= costs[0], costs

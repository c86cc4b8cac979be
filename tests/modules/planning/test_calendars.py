"""Working calendars: exactly one usual one, known countries, days off for some or for all."""

from datetime import date

import pytest

from mainstay.kernel.problems import Conflict, Invalid
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.planning.calendars import STANDARD, WEEK, Calendars, Off, Week, hours_a_day
from mainstay.modules.planning.entities import WorkCalendar
from tests.modules.planning.test_moves import plans, undo_last

DAY = date(2026, 11, 17)
BAVARIA = Week(id=1, name="Munich", hours=(8, 8, 8, 8, 5, 0, 0), country="DE", subdivision="BY")


@pytest.mark.parametrize(
    ("offs", "day", "person", "hours"),
    [
        ([], "2026-11-17", 0, 8),
        ([], "2026-11-20", 0, 5),
        ([], "2026-01-06", 0, 0),  # Epiphany is free in Bavaria
        ([Off("Closed", date(2026, 11, 16), date(2026, 11, 18))], "2026-11-17", 0, 0),
        ([Off("Elsewhere", DAY, DAY, calendar_id=9)], "2026-11-17", 0, 8),
        ([Off("Eve", DAY, DAY, half=True)], "2026-11-17", 0, 4),
        ([Off("Away", DAY, DAY, people=frozenset({7}))], "2026-11-17", 0, 8),
        ([Off("Away", DAY, DAY, people=frozenset({7}))], "2026-11-17", 7, 0),
        (
            [
                Off("Eve", DAY, DAY, half=True),
                Off("Closed", DAY, DAY),
            ],
            "2026-11-17",
            0,
            0,
        ),
    ],
)  # fmt: skip
def test_hours_of_a_day(offs, day, person, hours):
    calendars = Calendars([BAVARIA], offs, date(2026, 11, 18))
    assert calendars.of(1, person).hours_on(date.fromisoformat(day)) == hours


def test_a_year_says_its_free_days_but_not_those_on_a_weekend():
    calendars = Calendars([BAVARIA], [], date(2026, 11, 18))
    names = {
        one.day.isoformat(): one.name
        for one in calendars.free_days(BAVARIA, 2026, language="en_US")
    }
    assert names["2026-05-25"] == "Pentecost Monday"
    assert "2026-10-03" not in names  # German Unity Day is a Saturday
    assert hours_a_day(BAVARIA) == pytest.approx(37 / 5)
    assert calendars.week(99) is BAVARIA
    assert Calendars([], [], date(2026, 11, 18)).week(None) is STANDARD


async def calendar(office, me=SYSTEM, **data):
    return await office.create("planning.work_calendar", me, **{"name": "Other", **data})


async def usual(office):
    rows = await office.ws.look(SYSTEM, lambda ctx: ctx.all(WorkCalendar, is_default=True))
    return [row.name for row in rows]


async def test_exactly_one_is_the_usual_one(office):
    assert await usual(office) == ["Standard"]
    other = await calendar(office, is_default=True)
    assert await usual(office) == ["Other"]
    await undo_last(office)
    assert await usual(office) == ["Standard"]
    third = await calendar(office, name="Third", is_default=True)
    for refused in (office.delete(third), office.update(third, is_default=False)):
        with pytest.raises(Conflict, match="One calendar must be the usual one"):
            await refused
    await office.restore(other)
    assert await usual(office) == ["Third"]
    await office.update(other, is_default=True)
    assert await usual(office) == ["Other"]
    await office.delete(third)


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        ({"country": "XX"}, "country", "no country whose public holidays are known"),
        ({"country": "DE", "subdivision": "ZZ"}, "subdivision", "no part of DE; known are BB, BE"),
        ({"subdivision": "BY"}, "country", "is required with a subdivision"),
        (dict.fromkeys(WEEK[:5], 0), "monday", "nobody"),
    ],
)  # fmt: skip
async def test_what_cannot_be_worked_by_is_refused(office, data, field, says):
    with pytest.raises(Invalid, match=says) as refusal:
        await calendar(office, **data)
    assert refusal.value.errors[0].field == field


async def test_days_off_of_others_are_their_own_matter(office):
    ann, bob = [await office.person(name) for name in ("Ann", "Bob")]
    for name, people in (("All", []), ("Ann's", [ann.id])):
        await office.create("planning.holiday", name=name, date="2026-12-01", people=people)
    see = ("planning.holiday.read",)
    me = type(bob)(id=bob.id, name="Bob", grants=frozenset(see))
    page = await office.ws.page(me, "planning.holiday", sort="id")
    assert [row.name for row in page.items] == ["All"]
    page = await office.ws.page(plans(bob), "planning.holiday", sort="id")
    assert [row.name for row in page.items] == ["All", "Ann's"]
    with pytest.raises(Invalid, match="before the first day"):
        await office.create("planning.holiday", name="X", date="2026-12-02", end_date="2026-12-01")

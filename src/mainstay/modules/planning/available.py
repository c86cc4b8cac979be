"""How many hours people can work on each day: their calendar's, less days off."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from mainstay.kernel.context import Context
from mainstay.kernel.problems import Invalid
from mainstay.modules.planning.scopes import calendars

LONGEST = 1000


async def availability(
    ctx: Context,
    people: Collection[int],
    first: date,
    last: date,
    *,
    calendar_id: int | None = None,
) -> Mapping[int, Mapping[date, float]]:
    """Return the hours that each person can work on each day from first to last, both included.

    The calendar's working hours count, less public holidays and days off, their own too. Whoever
    books leave makes a day off (`Holiday`) of it, and every capacity follows.
    """
    known = await calendars(ctx)
    if (last - first).days >= LONGEST:
        raise Invalid(
            f"The hours that people can work are told for at most {LONGEST} days at once; "
            f"{first} to {last} is longer. Take a shorter span."
        )
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    own = {person: known.of(calendar_id, person) for person in people}
    return {person: {day: own[person].hours_on(day) for day in days} for person in people}

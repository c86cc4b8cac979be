"""The working days that templates count by: the project's calendar, or the usual one."""

from mainstay.kernel.context import Context
from mainstay.modules.planning.api import calendars
from mainstay.scheduling import Calendar


async def calendar_of(ctx: Context, calendar_id: int | None) -> Calendar:
    """Return a calendar to count by."""
    return (await calendars(ctx)).of(calendar_id)

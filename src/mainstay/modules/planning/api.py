"""The face of this room: working calendars, and what a plan was on a day."""

from mainstay.modules.planning.available import availability
from mainstay.modules.planning.calendars import Calendars, FreeDay
from mainstay.modules.planning.entities import Baseline, Holiday, WorkCalendar
from mainstay.modules.planning.scopes import calendars

__all__ = [
    "Baseline",
    "Calendars",
    "FreeDay",
    "Holiday",
    "WorkCalendar",
    "availability",
    "calendars",
]

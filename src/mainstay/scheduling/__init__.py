"""Scheduling as pure functions: plain inputs, plain answers, no database and no clock.

- `critical_path` and `schedule_dates`: forward and backward pass, in numbers or over calendars.
- `level` and `solve`: starts within the capacities, by heuristic or by the optional solver.
- `when`, `how_many` and `percentiles`: forecasts from a team's own past.
- `read_psplib`: published instances.

`docs/guide/scheduling.md` says what each takes, gives and refuses.
"""

from mainstay.scheduling.calendars import Calendar, NoDayLeft, as_date
from mainstay.scheduling.dates import DatedActivity, DateSchedule, schedule_dates
from mainstay.scheduling.forecast import Forecast, how_many, percentiles, when
from mainstay.scheduling.graph import CircularLinks, Link, find_circle
from mainstay.scheduling.levelling import Levelled, level
from mainstay.scheduling.network import Activity, Schedule, critical_path
from mainstay.scheduling.psplib import Instance
from mainstay.scheduling.psplib import read as read_psplib
from mainstay.scheduling.solver import SolverFailed, SolverMissing, solve, solver_installed

__all__ = [
    "Activity",
    "Calendar",
    "CircularLinks",
    "DateSchedule",
    "DatedActivity",
    "Forecast",
    "Instance",
    "Levelled",
    "Link",
    "NoDayLeft",
    "Schedule",
    "SolverFailed",
    "SolverMissing",
    "as_date",
    "critical_path",
    "find_circle",
    "how_many",
    "level",
    "percentiles",
    "read_psplib",
    "schedule_dates",
    "solve",
    "solver_installed",
    "when",
]

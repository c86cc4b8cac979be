"""Working calendars, holidays, and what a plan looked like on a day."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Day, Flag, Links, Real, Ref, Text
from mainstay.modules.projects.kinds import Count, Hours, ProjectId, Share, TaskId, UserId

Name = Annotated[str, Text(100, least=1)]
DayHours = Annotated[float, Real(most=24.0, help="Hours that are worked; 0 for a free day.")]
Region = Annotated[
    str,
    Text(
        2,
        pattern=r"^([A-Z]{2})?$",
        help="An ISO 3166 code like DE; its public holidays are free. None when left out.",
    ),
]


class WorkCalendar(Entity, kw_only=True):
    """Which days are worked, for how many hours, and whose public holidays are free."""

    __unique__: ClassVar = (("name",),)

    name: Name
    description: Annotated[str, Text(500, lines=True)] = ""
    monday: DayHours = 8.0
    tuesday: DayHours = 8.0
    wednesday: DayHours = 8.0
    thursday: DayHours = 8.0
    friday: DayHours = 8.0
    saturday: DayHours = 0.0
    sunday: DayHours = 0.0
    country: Region = ""
    subdivision: Annotated[
        str, Text(20, help="A part of the country with holidays of its own, like BY for Bavaria.")
    ] = ""
    is_default: Annotated[
        bool,
        Flag(
            label="Usual calendar",
            help="Whether projects without a calendar of their own follow it.",
        ),
    ] = False


From = Annotated[date, Day(label="From")]
Until = Annotated[date, Day(label="To", help="The last day; one day when left out.")]


class Holiday(Entity, kw_only=True):
    """Days off, for everybody of a calendar or for the people named."""

    __index__: ClassVar = (("calendar_id", "date"), ("date", "end_date"))

    calendar_id: (
        Annotated[
            int,
            Ref(
                target="planning.work_calendar",
                label="Calendar",
                help="Whose calendar; every one's when left out.",
            ),
        ]
        | None
    ) = None
    name: Name
    date: From
    end_date: Until | None = None
    type: Annotated[
        Literal[
            "public",
            "company",
            "team",
            "personal",
            "sick_leave",
            "vacation",
            "training",
            "conference",
        ],
        Choice(),
    ] = "company"
    half_day: Annotated[bool, Flag(help="Whether half of each day is worked.")] = False
    people: Annotated[
        list[int], Links(target="identity.user", help="Who is off; everybody when left out.")
    ] = []


class Baseline(Entity, kw_only=True):
    """A project's plan as it was on a day, to compare with."""

    __index__: ClassVar = (("project_id", "taken_at"),)

    project_id: ProjectId
    name: Name
    note: Annotated[str, Text(500, lines=True)] = ""
    taken_at: datetime | None = None
    taken_by: UserId | None = None
    task_count: Count = 0
    planned_end: Annotated[date, Day(help="The last day of the plan as it was.")] | None = None


class BaselineTask(Entity, kw_only=True):
    """What a baseline keeps of one task."""

    __unique__: ClassVar = (("baseline_id", "task_id"),)

    baseline_id: Annotated[int, Ref(target="planning.baseline", cascade=True)]
    task_id: TaskId
    start_date: Annotated[date, Day()] | None = None
    due_date: Annotated[date, Day(label="Due")] | None = None
    estimated_hours: Hours | None = None
    progress: Share = 0.0

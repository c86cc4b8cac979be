"""Tasks that come again by a rule, and each time they came."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Day, Lines, Links, Ref, Repeats, Text, Whole
from mainstay.modules.projects.kinds import (
    Hours,
    Points,
    Priority,
    ProjectId,
    TaskId,
    TaskTitle,
    Words,
)

PREVIEW = "/api/recurring/ask/preview"


def read_days(text: str) -> list[str]:
    """Read dates with line breaks, blanks or commas between them."""
    return text.replace(",", " ").split()


def days_text(days: Sequence[object]) -> str:
    """Write dates, one a line."""
    return "\n".join(str(day) for day in days)


Days = Annotated[
    list[date],
    Lines(
        shape=list[date],
        reads=read_days,
        writes=days_text,
        label="Except on",
        help="Days on which it is left out, one a line, like 2026-12-24.",
        when="mode=schedule",
    ),
]
RuleText = Annotated[
    str,
    Repeats(
        preview=PREVIEW,
        label="Repeats",
        help="How often, and on which days.",
        when="mode=schedule",
    ),
]
DaysAfter = Annotated[
    int,
    Whole(
        most=3650,
        label="Days after completion",
        help="How many days after one is done the next falls due.",
        when="mode=after_completion",
    ),
]
Mode = Annotated[
    Literal["schedule", "after_completion"],
    Choice(label="Comes again", help="By the calendar, or counted from when the last was done."),
]
Template = Annotated[
    int,
    Ref(
        target="templates.task_template",
        label="Template",
        help="Its steps and checklists come with each task.",
    ),
]
Zone = Annotated[
    str, Text(64, label="Time zone", help="Whose midnight counts; yours when left out.")
]
Lead = Annotated[
    int, Whole(most=365, label="Days ahead", help="How many days before it is due a task is made.")
]


class TaskSeries(Entity, kw_only=True):
    """A task that comes again, like every Tuesday or 3 days after it was done, made when due."""

    __index__: ClassVar = (("status", "make_on"), ("project_id",))

    project_id: ProjectId
    title: TaskTitle
    description: Words = ""
    priority: Priority = "medium"
    assignees: Annotated[
        list[int], Links(target="identity.user", help="Who does it, the lead first.")
    ] = []
    estimated_hours: Hours | None = None
    story_points: Points | None = None
    template_id: Template | None = None
    mode: Mode = "schedule"
    rule: RuleText = ""
    days_after: DaysAfter | None = None
    starts_on: Annotated[date, Day(label="Starts on", help="The first day it may fall on.")]
    zone: Zone = ""
    except_on: Days = []
    lead_days: Lead = 0
    status: Annotated[
        Literal["active", "paused", "ended"],
        Choice(colors=(("active", "green"), ("paused", "yellow"), ("ended", "grey"))),
    ] = "active"
    reason: Annotated[str, Text(500, help="Why no more tasks are made.")] = ""
    next_on: Annotated[date, Day(label="Next", help="When it falls due next.")] | None = None
    make_on: Annotated[date, Day(label="Made on", help="When the next task is made.")] | None = None
    made_count: Annotated[int, Whole(label="Made", help="How many tasks it has made.")] = 0
    maker_id: (
        Annotated[
            int,
            Ref(
                target="identity.user",
                label="Made for",
                help="With whose rights its tasks are made: who changed it last.",
            ),
        ]
        | None
    ) = None


class Occurrence(Entity, kw_only=True):
    """One time that a series came: its task was made, or it was skipped or missed."""

    __unique__: ClassVar = (("series_id", "on_day"),)
    __index__: ClassVar = (("task_id",),)

    series_id: Annotated[int, Ref(target="recurring.task_series", cascade=True)]
    on_day: Annotated[date, Day(label="Day")]
    task_id: TaskId | None = None
    state: Annotated[
        Literal["made", "skipped", "missed"],
        Choice(colors=(("made", "green"), ("skipped", "grey"), ("missed", "yellow"))),
    ] = "made"

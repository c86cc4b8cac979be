"""Tasks that come again by a rule, and each time they came."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Day, Flag, Links, Ref, Text, Whole
from mainstay.modules.projects.kinds import (
    Count,
    Hours,
    Points,
    Priority,
    ProjectId,
    TaskId,
    TaskTitle,
    Words,
)


class TaskSeries(Entity, kw_only=True):
    """A task that comes again: by a calendar rule, or some days after it was done."""

    __index__: ClassVar = (("is_active", "next_on"), ("project_id",))

    project_id: ProjectId
    title: TaskTitle
    description: Words = ""
    priority: Priority = "medium"
    assignees: Annotated[
        list[int], Links(target="identity.user", help="Who does it, the lead first.")
    ] = []
    estimated_hours: Hours | None = None
    story_points: Points | None = None
    template_id: (
        Annotated[
            int,
            Ref(
                target="templates.task_template",
                label="Template",
                help="Steps and checklists that each task gets.",
            ),
        ]
        | None
    ) = None
    mode: Annotated[
        Literal["schedule", "after_completion"],
        Choice(help="By the calendar, or counted from when the last one was done."),
    ] = "schedule"
    rule: Annotated[
        str,
        Text(
            1000,
            help="An RFC 5545 rule like FREQ=WEEKLY;BYDAY=TU,TH.",
            when="mode=schedule",
        ),
    ] = ""
    days_after: (
        Annotated[
            int,
            Whole(
                least=0,
                most=3650,
                help="Days from completion to the next one.",
                when="mode=after_completion",
            ),
        ]
        | None
    ) = None
    starts_on: Annotated[date, Day(help="The first day it may fall on.")]
    zone: Annotated[
        str, Text(64, label="Time zone", help="Whose midnight counts; yours when left out.")
    ] = ""
    except_on: list[date] = []
    lead_days: Annotated[
        int, Whole(most=365, help="How many days before it is due the task is made.")
    ] = 0
    is_active: Annotated[bool, Flag(label="Active")] = True
    next_on: Annotated[date, Day(label="Next", help="When it falls due next.")] | None = None
    made_count: Count = 0


class Occurrence(Entity, kw_only=True):
    """One time that a series came: the task of a day, or that it was skipped."""

    __unique__: ClassVar = (("series_id", "on_day"),)

    series_id: Annotated[int, Ref(target="recurring.task_series", cascade=True)]
    on_day: Annotated[date, Day(label="Day")]
    task_id: TaskId | None = None
    skipped: bool = False

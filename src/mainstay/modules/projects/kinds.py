"""Kinds of values that projects share with the rooms built on them: status, money, people."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from mainstay.kernel.fields import Choice, Day, Dec, Json, Real, Ref, Text, Whole


def trimmed(text: str) -> str:
    """Return a code in its usual form: no spaces around it, capital letters."""
    return text.strip().upper()


ProjectStatus = Literal["planning", "active", "review", "on_hold", "completed", "cancelled"]
TaskStatus = Literal[
    "backlog", "todo", "in_progress", "review", "testing", "blocked", "done", "cancelled"
]
PriorityName = Literal["lowest", "low", "medium", "high", "highest"]
Role = Literal["owner", "admin", "member", "viewer", "client"]
PRIORITIES = (("urgent", "highest"), ("critical", "highest"), ("normal", "medium"))
HEX = r"^#[0-9A-Fa-f]{6}$"

Status = Annotated[
    TaskStatus,
    Choice(
        aliases=(
            ("completed", "done"),
            ("in_review", "review"),
            ("pending", "todo"),
            ("new", "todo"),
        ),
        colors=(
            ("backlog", "secondary"),
            ("todo", "azure"),
            ("in_progress", "blue"),
            ("review", "purple"),
            ("testing", "indigo"),
            ("blocked", "red"),
            ("done", "green"),
            ("cancelled", "secondary"),
        ),
        help="Where the task stands in the flow of work.",
    ),
]
Stage = Annotated[
    ProjectStatus,
    Choice(
        aliases=(
            ("todo", "planning"),
            ("pending", "planning"),
            ("in_progress", "active"),
            ("in_review", "review"),
            ("done", "completed"),
        ),
        colors=(
            ("planning", "azure"),
            ("active", "blue"),
            ("review", "purple"),
            ("on_hold", "yellow"),
            ("completed", "green"),
            ("cancelled", "secondary"),
        ),
        help="Where the project stands.",
    ),
]
Priority = Annotated[
    PriorityName,
    Choice(
        ordered=True,
        aliases=PRIORITIES,
        colors=(
            ("lowest", "secondary"),
            ("low", "azure"),
            ("medium", "blue"),
            ("high", "orange"),
            ("highest", "red"),
        ),
        help="How much it matters against the rest.",
    ),
]
Risk = Annotated[
    Literal["low", "medium", "high", "critical"],
    Choice(ordered=True, help="How likely the project is to miss its aim."),
]
Color = Annotated[str, Text(7, pattern=HEX, help="A colour like #3B82F6.")]
Words = Annotated[str, Text(100_000, lines=True)]
Hours = Annotated[Decimal, Dec(8, 2, help="In hours.")]
Money = Annotated[Decimal, Dec(15, 2)]
# Above this no hour is priced in any currency, and sums of many entries stay exact.
HIGHEST_RATE = Decimal("99999999.99")
Share = Annotated[float, Real(most=1.0, help="From 0 to 1.")]
Count = Annotated[int, Whole()]

UserId = Annotated[int, Ref(target="identity.user")]
ProjectId = Annotated[int, Ref(target="projects.project")]
TaskId = Annotated[int, Ref(target="projects.task")]
Owner = Annotated[int, Ref(target="identity.user", help="Who answers for it.")]
Assignee = Annotated[int, Ref(target="identity.user", label="Assignee", help="Who does it.")]


Custom = Annotated[
    dict[str, Any], Json(label="Custom fields", help="What this workspace has added.")
]

TaskTitle = Annotated[str, Text(500, least=1)]
Line = Annotated[str, Text(100)]
Order = Annotated[float, Real(most=1e15)]
Points = Annotated[float, Real(most=1000.0, help="How big it is, against other tasks.")]
Started = Annotated[date, Day(help="When work begins or began.")]
Due = Annotated[date, Day(label="Due", help="When it must be done.")]
Units = Annotated[int, Whole(help="In ten-thousandths, so that sums stay exact.")]
LinkType = Annotated[
    Literal["finish_to_start", "start_to_start", "finish_to_finish", "start_to_finish"],
    Choice(
        aliases=(("blocks", "finish_to_start"), ("blocked_by", "finish_to_start")),
        help="Which end of the earlier one holds which end of the later one.",
    ),
]
Lag = Annotated[int, Whole(least=-3650, most=3650, help="Days between the two; may be negative.")]
Currency = Annotated[
    str, Text(3, pattern=r"^[A-Z]{3}$", normal=trimmed, help="An ISO 4217 code like EUR.")
]
UnitId = Annotated[
    int,
    Ref(target="identity.organisation_unit", label="Unit", help="The part of the organisation."),
]

"""The nouns of time beyond an entry: a person's week, what an hour costs, how time is rounded."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Day, Dec, Flag, Instant, Ref, Text, Whole
from mainstay.modules.projects.kinds import HIGHEST_RATE, Currency, Hours, UserId

Said = Annotated[str, Text(500, lines=True)]


class Timesheet(Entity, kw_only=True):
    """One person's week: filled, handed in, approved, and then locked."""

    __unique__: ClassVar = (("user_id", "week_start"),)
    __index__: ClassVar = (("status", "week_start"), ("week_start",))

    user_id: UserId
    week_start: Annotated[date, Day(label="Week", help="Its first day, a Monday.")]
    status: Annotated[
        Literal["open", "submitted", "approved", "rejected"],
        Choice(
            colors=(
                ("open", "azure"),
                ("submitted", "yellow"),
                ("approved", "green"),
                ("rejected", "red"),
            ),
            help="Whether it is filled, waits for approval, or is locked.",
        ),
    ] = "open"
    note: Said = ""
    hours: Hours = Decimal(0)
    billable_hours: Hours = Decimal(0)
    submitted_at: Annotated[datetime, Instant(label="Handed in")] | None = None
    decided_at: Annotated[datetime, Instant(label="Decided")] | None = None
    decided_by: UserId | None = None
    reason: Said = ""
    changed_at: Annotated[datetime, Instant(label="Time changed")] | None = None


class HourlyRate(Entity, kw_only=True):
    """What an hour costs the customer and the company: the most telling rate of a day counts."""

    __index__: ClassVar = (("project_id", "user_id"), ("valid_from",))

    name: Annotated[str, Text(100, least=1)]
    user_id: (
        Annotated[int, Ref(target="identity.user", help="Whose; everybody's if left out.")] | None
    ) = None
    project_id: (
        Annotated[int, Ref(target="projects.project", help="Where; everywhere if left out.")] | None
    ) = None
    type: (
        Annotated[
            Literal[
                "development",
                "testing",
                "meeting",
                "documentation",
                "support",
                "training",
                "other",
            ],
            Choice(help="For which kind of work; for all if left out."),
        ]
        | None
    ) = None
    billing_rate: (
        Annotated[
            Decimal, Dec(15, 2, group="pay", highest=HIGHEST_RATE, help="What the customer pays.")
        ]
        | None
    ) = None
    cost_rate: (
        Annotated[
            Decimal,
            Dec(15, 2, group="cost", highest=HIGHEST_RATE, help="What it costs the company."),
        ]
        | None
    ) = None
    currency: Currency = "USD"
    valid_from: Annotated[date, Day(label="From")] | None = None
    valid_until: Annotated[date, Day(label="Until")] | None = None


class TimePolicy(Entity, kw_only=True):
    """How time is rounded for customers, and whether weeks need approval; a project's own first."""

    __unique__: ClassVar = (("project_id",),)

    name: Annotated[str, Text(100, least=1)]
    project_id: (
        Annotated[int, Ref(target="projects.project", help="Whose; every project's if left out.")]
        | None
    ) = None
    round_to: Annotated[
        int, Whole(most=480, label="Round to", help="In minutes; 0 leaves time as it is.")
    ] = 0
    rounding: Annotated[Literal["up", "nearest", "down"], Choice()] = "nearest"
    round_each: Annotated[
        Literal["entry", "day"],
        Choice(help="Whether each entry is rounded, or each person's day."),
    ] = "entry"
    weekly_hours: Annotated[
        Decimal, Dec(5, 2, help="What a full week has, where no calendar says it.")
    ] = Decimal(40)
    approval_required: Annotated[bool, Flag(help="Whether weeks are handed in and approved.")] = (
        True
    )
    locked_until: (
        Annotated[date, Day(help="Time up to this day can no longer be changed.")] | None
    ) = None

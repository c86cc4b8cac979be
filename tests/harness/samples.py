"""Valid input for any resource, made from its declaration."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from mainstay.kernel import perform
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import (
    Choice,
    Day,
    Dec,
    Field,
    Flag,
    Instant,
    Json,
    Links,
    Real,
    Ref,
    Text,
    Whole,
)
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace

COUNT = itertools.count(1)
CODES = (f"{one}{two}" for one in "qxy" for two in "abcdefghijklmnopqrstuvwxyz")

# What a declaration alone cannot say: values with a form of their own.
SPECIAL: dict[str, Any] = {
    "email": lambda n: f"person{n}@example.com",
    "username": lambda n: f"person{n}",
    "timezone": lambda _: "Europe/Berlin",
    "time_zone": lambda _: "Europe/Berlin",
    "color": lambda _: "#3B82F6",
    "currency": lambda _: "EUR",
    "iso2": lambda n: "".join(chr(97 + (n // 26**k) % 26) for k in (1, 0)),
    "iso3": lambda n: "".join(chr(97 + (n // 26**k) % 26) for k in (2, 1, 0)),
    "language": lambda _: "de",
    "phone": lambda n: f"+4930123{n % 10000:04d}",
    "mobile": lambda n: f"+4917012{n % 100000:05d}",
    "avatar_url": lambda _: "https://example.com/a.png",
    "hourly_rate": lambda _: "80.00",
    "currency_code": lambda _: "EUR",
    "permissions": lambda _: ["projects.task.read"],
    "code": lambda n: f"c{n}",
}
BY_NOUN: dict[str, dict[str, Any]] = {
    "projects.project": {"code": lambda n: f"P{n}"},
    "identity.language": {
        "iso2": lambda _: next(CODES),
        "iso3": lambda n: f"q{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}",
    },
    "recurring.task_series": {
        "rule": lambda n: f"FREQ=DAILY;INTERVAL={n % 300 + 2}",
        "mode": lambda _: "schedule",
        "days_after": lambda _: None,
        "starts_on": lambda n: f"2050-01-{n % 28 + 1:02d}",
        "except_on": lambda _: [],
        "zone": lambda _: "Europe/Berlin",
    },
    "planning.work_calendar": {
        "country": lambda _: "DE",
        "subdivision": lambda _: "BY",
        "is_default": lambda _: False,
    },
    "custom_fields.custom_field": {
        "name": lambda n: f"field_{n}",
        "currency": lambda _: "",
        "refers_to": lambda _: "",
        "initial": lambda _: "Said by nobody",
        "within_id": lambda _: None,
    },
    "views.column_limit": {"field": lambda _: "status", "value": lambda _: "review"},
    "places.favourite": {"path": lambda n: f"/projects/tasks/{n}"},
    "identity.role": {"code": lambda n: f"role{n}"},
    "templates.task_template": {"is_draft": lambda _: True},
    "issues.issue_form": {"address": lambda n: f"form-{n}"},
    "issues.sla_policy": {
        "zone": lambda _: "Europe/Berlin",
        "day_starts": lambda _: "08:30",
        "warn_share": lambda _: 0.5,
    },
    "scrum.standup": {"date": lambda _: datetime.now(UTC).date().isoformat()},
    "teams.metric_value": {"date": lambda n: f"2025-01-{n % 28 + 1:02d}"},
    "checklists.task_result": {"result_type": lambda _: "", "result_id": lambda _: None},
    "timesheets.hourly_rate": {
        "valid_from": lambda _: "2026-01-01",
        "valid_until": lambda _: "2026-12-31",
    },
    "timesheets.time_policy": {"locked_until": lambda _: "2001-01-01"},
    "timesheets.timesheet": {
        "week_start": lambda n: f"{datetime.now(UTC).date() - timedelta(days=n % 300)}"
    },
}


# References that a room's own rule asks for, though the declaration leaves them open.
ALSO = {
    "checklists.step_tracker": ("user_id",),
    "planning.holiday": ("people",),
    "projects.time_entry": ("project_id", "user_id", "hours"),
    "recurring.task_series": ("rule",),
    "issues.sla_policy": ("project_id",),
    "scrum.standup_update": ("user_id",),
    "templates.task_template": ("name", "is_draft"),
    "templates.step_template": ("name",),
    "templates.checklist_item": ("name",),
    "timesheets.hourly_rate": ("billing_rate",),
    "timesheets.time_policy": ("project_id",),
}
# Lists that decide who sees the record: with nobody in them everybody does.
NAMING = {("planning.holiday", "people")}
# References that a room's own rule takes only of some: a member of the project, a supporter.
NOT_JUST_ANYBODY = {
    ("charter.goal", "support_employee_id"),
    ("charter.project_risk", "owner_id"),
    ("issues.issue_form", "assignee_id"),
}


class Samples:
    """Makes inputs and records, and what they refer to."""

    def __init__(self, ws: Workspace, me: Me = SYSTEM) -> None:
        self.ws, self.me = ws, me

    async def data(self, noun: Noun, *, full: bool = False, **given: Any) -> dict[str, Any]:
        """Return a valid input: the required fields, or with `full` every field."""
        values = await self._belonging(noun, given)
        for name in ALSO.get(noun.key, ()):
            if name not in values:
                values[name] = await self.value(noun, noun.fields[name], needed=True)
        for part in noun.create_type.__struct_fields__:
            item = noun.fields[part]
            if part in values or not (item.required or full):
                continue
            value = await self.value(noun, item)
            if value is not None:
                values[part] = value
        return values

    async def _belonging(self, noun: Noun, given: dict[str, Any]) -> dict[str, Any]:
        """Return the values that say which record something belongs to."""
        values = dict(given)
        if {"entity", "record_id"} <= set(noun.create_type.__struct_fields__):
            project = self.ws.registry.nouns["projects.project"]
            values.setdefault("entity", project.key)
            if "record_id" not in values:
                values["record_id"] = (await self.record(project)).id
        elif "entity" in noun.create_type.__struct_fields__:
            values.setdefault("entity", "projects.task")
        if noun.key == "watchers.watcher" and "user_id" not in values:
            values["user_id"] = await self.onlooker()
        if noun.key == "views.column_limit" and "within_id" not in values:
            # A column has one limit in each project.
            project = self.ws.registry.nouns["projects.project"]
            values["within_id"] = (await self.record(project)).id
        return values

    async def value(self, noun: Noun, item: Field, *, needed: bool = False) -> Any:
        """Return one valid value of a field."""
        number, kind = next(COUNT), item.kind
        special = BY_NOUN.get(noun.key, {}).get(item.name) or SPECIAL.get(item.name)
        if special and not isinstance(kind, Ref):
            return special(number)
        if isinstance(kind, Ref):
            elsewhere = item.optional and kind.target != "identity.user"
            elsewhere = elsewhere or (noun.key, item.name) in NOT_JUST_ANYBODY
            if kind.target == noun.key or (elsewhere and not needed):
                return None
            return (await self.record(self.ws.registry.nouns[kind.target])).id
        if isinstance(kind, Links):
            named = (noun.key, item.name) in NAMING
            return [(await self.record(self.ws.registry.nouns[kind.target])).id] if named else []
        return plain(kind, item, number)

    async def onlooker(self) -> int:
        """Return somebody who has signed in and may see everything."""
        noun = self.ws.registry.nouns["identity.user"]
        user = await self.record(noun, permissions=["*"])

        async def activate(ctx: Any) -> None:
            """Let them sign in."""
            (await ctx.load(noun, user.id)).status = "active"

        await self.ws.run(SYSTEM, activate)
        return user.id

    async def record(self, noun: Noun, **given: Any) -> Entity:
        """Create a record and return it."""
        data = await self.data(noun, **given)
        return await self.ws.run(self.me, lambda ctx: perform.create(ctx, noun, data))


def plain(kind: Any, item: Field, number: int) -> Any:  # noqa: C901 - one line for each kind
    """Return a value that needs nothing but its kind."""
    if isinstance(kind, Text) and kind.web:
        return f"https://example.com/{number}"
    if isinstance(kind, Text):
        return f"{item.label} {number}"[: kind.most]
    if isinstance(kind, Choice):
        return kind.values[0]
    if isinstance(kind, Dec):
        return str(max(kind.least, Decimal(1)).quantize(kind.step))
    if isinstance(kind, Real):
        return max(kind.least, min(1.0, kind.most))
    if isinstance(kind, Whole):
        return max(kind.least, min(2, kind.most))
    if isinstance(kind, Flag):
        return True
    if isinstance(kind, Day):
        return "2026-12-01"
    if isinstance(kind, Instant):
        return "2026-12-01T10:00:00Z"
    if isinstance(kind, Json):
        return [] if "list" in str(kind.shape) else {}
    raise AssertionError(f"no sample for {kind}")

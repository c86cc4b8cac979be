"""What can be done in the grid of a week: fill a cell, and run a timer on a row."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from msgspec import Meta, Struct

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Stale, invalid
from mainstay.modules.projects.api import TimeEntry, near
from mainstay.modules.timesheets import rules, scopes

ROW = re.compile(r"([tip])(\d{1,18})\.([a-z]+)")
FIELDS = {"t": "task_id", "i": "issue_id", "p": "project_id"}
KINDS = ("development", "testing", "meeting", "documentation", "support", "training", "other")


class Row(NamedTuple):
    """What a line of the grid is about: a task, an issue or a project, and a kind of work."""

    what: str
    id: int
    type: str

    @property
    def key(self) -> str:
        """Return how addresses and cells name the row: t12.development."""
        return f"{self.what}{self.id}.{self.type}"

    def values(self) -> dict[str, Any]:
        """Return what an entry of this row says about it."""
        return {FIELDS[self.what]: self.id, "type": self.type}


def row_of(text: str) -> Row | None:
    """Read the name of a row, or None when it is none."""
    found = ROW.fullmatch(text)
    if found is None or found[3] not in KINDS or not 0 < int(found[2]) < 2**63:
        return None
    return Row(found[1], int(found[2]), found[3])


def row_in(text: str) -> Row:
    """Read the name of a row that must be one."""
    found = row_of(text)
    if found is None:
        raise invalid(
            "row",
            "must be t, i or p with the number of a task, an issue or a project, and a kind of "
            "work, like t12.development",
        )
    return found


class Fill(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a cell should hold, and what the window knew of it."""

    row: Annotated[str, Meta(description="Like t12.development, i7.support or p3.meeting")]
    date: Annotated[date, Meta(description="The day")]
    hours: Annotated[
        str, Meta(max_length=20, description="Like 1:30, 1.5, 90m or 1h30; nothing clears the cell")
    ]
    known: Annotated[
        list[tuple[int, int]] | None,
        Meta(
            description="The entries that the cell held, each with its version; not checked if "
            "left out"
        ),
    ] = None
    user_id: Annotated[int | None, Meta(description="Whose week; your own when left out")] = None
    entry_id: Annotated[
        int | None, Meta(description="Which entry of the cell is meant, where it has several")
    ] = None
    another: Annotated[
        bool, Meta(description="Whether a further entry is added to those that are there")
    ] = False
    description: Annotated[str, Meta(max_length=2000, description="What was done")] | None = None
    billable: Annotated[bool | None, Meta(description="Whether the customer pays for it")] = None


class Filled(Struct, kw_only=True):
    """A cell as it is now."""

    row: str
    date: date
    hours: Decimal
    spoken: str
    entries: list[tuple[int, int]]


class Run(Struct, forbid_unknown_fields=True, kw_only=True):
    """What the timer is for."""

    row: Annotated[str, Meta(description="Like t12.development, i7.support or p3.meeting")]
    description: Annotated[str, Meta(max_length=2000, description="What you are doing")] = ""
    billable: Annotated[bool, Meta(description="Whether the customer pays for it")] = True


@action(label="Fill a cell", icon="pencil", grant="fill", quiet=True)
async def fill(ctx: Context, data: Fill) -> Filled:
    """Write the hours of one cell of a week: what a task, an issue or a project took on a day."""
    near(date=data.date)
    row, user = row_in(data.row), data.user_id or ctx.me.id
    if user is None:
        raise invalid("user_id", "must say whose week it is")
    try:
        hours = rules.hours_in(data.hours)
    except ValueError as wrong:
        raise invalid("hours", str(wrong)) from None
    await scopes.hold_weeks(ctx, [(user, rules.monday(data.date))])
    held = await entries_of(ctx, user, row, data.date)
    if data.known is not None and sorted(data.known) != _known(held):
        raise Stale(
            f"This cell was changed in another window: it holds {_spoken(held)} now. "
            "Look at it, then write again.",
            current=_filled(row, data.date, held),
        )
    await _write(ctx, user, row, data, held, hours)
    await ctx.flush("update")
    return _filled(row, data.date, await entries_of(ctx, user, row, data.date))


async def _write(
    ctx: Context, user: int, row: Row, data: Fill, held: Sequence[TimeEntry], hours: Decimal
) -> None:
    noun = ctx.registry.noun(TimeEntry)
    said = {"description": data.description, "billable": data.billable}
    values = {name: value for name, value in said.items() if value is not None}
    if data.entry_id is not None:
        held = [entry for entry in held if entry.id == data.entry_id]
        if not held:
            raise Stale("This entry is not in the cell any more. Look at it again.")
    if data.another or not held:
        if hours:
            start = {"user_id": user, "date": data.date.isoformat(), "hours": str(hours)}
            await perform.create(ctx, noun, {**row.values(), **start, **values})
        return
    if len(held) > 1:
        raise Conflict(
            f"This cell holds {len(held)} entries. Open its list and change one of them."
        )
    (entry,) = held
    if _runs(entry):
        raise Conflict("Your timer runs in this cell. Stop it first, then change its time.")
    if hours:
        same = rules.minutes_of(hours) == rules.minutes_of(entry.hours)
        changed = values if same else {"hours": str(hours), **values}
        if changed:
            await perform.update(ctx, noun, entry.id, changed)
    else:
        await perform.delete(ctx, noun, entry.id)


async def entries_of(ctx: Context, user: int, row: Row, day: date) -> list[TimeEntry]:
    """Return the live entries of one cell that the asking person may see."""
    wanted: dict[str, Any] = {"user_id": user, "date": day, **row.values()}
    if row.what == "p":
        wanted |= {"task_id__isnull": True, "issue_id__isnull": True}
    found = await ctx.all(TimeEntry, **wanted)
    return [entry for entry in found if entry.deleted_at is None]


def _runs(entry: TimeEntry) -> bool:
    return entry.started_at is not None and entry.ended_at is None and not entry.hours


def _known(held: Sequence[TimeEntry]) -> list[tuple[int, int]]:
    return sorted((entry.id, entry.version) for entry in held)


def _spoken(held: Sequence[TimeEntry]) -> str:
    return rules.clock(sum(rules.minutes_of(entry.hours) for entry in held))


def _filled(row: Row, day: date, held: Sequence[TimeEntry]) -> Filled:
    return Filled(
        row=row.key,
        date=day,
        hours=rules.hours_of(sum(rules.minutes_of(entry.hours) for entry in held)),
        spoken=_spoken(held) if held else "",
        entries=_known(held),
    )


@action(label="Start a timer", icon="player-play", grant="fill", quiet=True)
async def start(ctx: Context, data: Run) -> TimeEntry:
    """Run your timer on a task, an issue or a project; one that runs elsewhere stops first."""
    row = row_in(data.row)
    if ctx.me.id is None:
        raise Conflict("Only a person can run a timer. Sign in as one.")
    values = {
        **row.values(),
        "user_id": ctx.me.id,
        "started_at": ctx.now,
        "date": ctx.today.isoformat(),
        "description": data.description,
        "billable": data.billable,
    }
    entry = await perform.create(ctx, ctx.registry.noun(TimeEntry), values)
    assert isinstance(entry, TimeEntry)
    return entry


class Halt(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which timer stops, and how long the work really was."""

    entry_id: Annotated[int, Meta(description="The running entry")]
    hours: Annotated[str, Meta(max_length=20, description="Like 7:30; until now when left out")] = (
        ""
    )
    confirm: Annotated[bool, Meta(description="That it really went on for more than ten hours")] = (
        False
    )


@action(label="Stop a timer", icon="player-stop", grant="fill", quiet=True)
async def halt(ctx: Context, data: Halt) -> TimeEntry:
    """Stop a running timer now, or say how long the work really was."""
    try:
        hours = rules.hours_in(data.hours)
    except ValueError as wrong:
        raise invalid("hours", str(wrong)) from None
    values = {"hours": str(hours)} if hours else {"confirm": data.confirm}
    noun = ctx.registry.noun(TimeEntry)
    entry = await perform.act(ctx, noun, noun.actions["stop"], data.entry_id, values)
    assert isinstance(entry, TimeEntry)
    return entry

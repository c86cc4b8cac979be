"""What can be done with a week: hand it in, take it back, approve it, send it back, reopen it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, Denied, Stale, invalid
from mainstay.kernel.scope import Me
from mainstay.modules.planning.api import availability
from mainstay.modules.projects.api import near
from mainstay.modules.timesheets import rules, scopes
from mainstay.modules.timesheets.actions.events import (
    WeekApproved,
    WeekRejected,
    WeekReopened,
    WeekSubmitted,
    WeekWithdrawn,
)
from mainstay.modules.timesheets.entities import Timesheet
from mainstay.modules.timesheets.questions.adding import keep_billed

SEE_ALL = "timesheets.timesheet.see_all"
# Edits of its owner; what the verbs change is theirs.
PLAIN = frozenset({"note", "deleted_at", "deleted_by"})
AT_ONCE = 200
# How long before the first time, and how far ahead, a week may lie.
AGO, AHEAD = timedelta(days=365), timedelta(weeks=8)


Note = Annotated[str, Meta(max_length=500, description="What the approver should know")]


class HandIn(Struct, forbid_unknown_fields=True):
    """Which week is handed in."""

    week: Annotated[date, Meta(description="Any day of the week")]
    note: Note | None = None


class Remark(Struct, forbid_unknown_fields=True):
    """What the approver should know."""

    note: Note | None = None


class Why(Struct, forbid_unknown_fields=True):
    """Why a week is sent back."""

    reason: Annotated[str, Meta(min_length=1, max_length=500, description="What should be changed")]


class Weeks(Struct, forbid_unknown_fields=True):
    """Several weeks at once, each as it was seen."""

    weeks: Annotated[
        list[tuple[int, int]],
        Meta(
            min_length=1,
            max_length=AT_ONCE,
            description="The weeks, each with the version that was looked at",
        ),
    ]


class Approved(Struct, kw_only=True):
    """How many weeks were approved."""

    count: int


# ---- plain editing, and what holds whatever the way ----


async def create_sheet(ctx: Context, sheet: Entity) -> Timesheet:
    """Open a week of one's own, to write a note on it; any day stands for its week."""
    assert isinstance(sheet, Timesheet)
    if ctx.me.kind != "system" and sheet.user_id != ctx.me.id and not ctx.can(SEE_ALL):
        raise invalid("user_id", "must be yourself; people open their own weeks")
    near(week_start=sheet.week_start)
    sheet.week_start = rules.monday(sheet.week_start)
    await _lies_near(ctx, sheet.user_id, sheet.week_start, "week_start")
    return await ctx.create(sheet)


async def _lies_near(ctx: Context, user_id: int, week: date, field: str) -> None:
    """Refuse weeks long before somebody's first time, and far ahead."""
    begun = rules.monday(await scopes.first_day(ctx, user_id) or ctx.today)
    first = rules.monday(begun - AGO)
    last = rules.monday(ctx.today + AHEAD)
    if not first <= week <= last:
        raise invalid(
            field,
            f"must be a week from {first} to {last}: a year before the first time, "
            "and a few weeks ahead, are the farthest",
        )


async def settle_sheets(ctx: Context, changes: Sequence[Change]) -> None:
    """Refuse ways around the verbs, then bring the links and sums of the weeks up to date."""
    noun = changes[0].noun
    found = await ctx.load_all(
        noun, [change.record_id for change in changes], anywhere=True, deleted="with"
    )
    sheets = [sheet for sheet in found.values() if isinstance(sheet, Timesheet)]
    await scopes.hold_weeks(ctx, [(sheet.user_id, sheet.week_start) for sheet in sheets])
    for change in changes:
        sheet = found[change.record_id]
        assert isinstance(sheet, Timesheet)
        _check(ctx, sheet, change)
    await _still_the_same(ctx, changes, {sheet.id: sheet for sheet in sheets})
    await scopes.keep_sheets(ctx, sheets)
    await keep_billed(ctx, [sheet.id for sheet in sheets])


async def _still_the_same(
    ctx: Context, changes: Sequence[Change], sheets: Mapping[int, Timesheet]
) -> None:
    """Refuse to bring a lock back over time that was changed since; a fresh lock begins anew."""
    closed = {
        change.record_id
        for change in changes
        if sheets[change.record_id].status in rules.LOCKED
        and (change.before or {}).get("status", "open") not in rules.LOCKED
        and "status" in (change.after or {})
    }
    if not closed:
        return
    if ctx.undoing and (moved := await scopes.changed_since(ctx, closed)):
        raise Conflict(
            f"Time in the week of {moved[0].isoformat()} was changed since it was opened, so the "
            "old state cannot be brought back. Let its owner hand the week in again."
        )
    await scopes.mark_changed(ctx, closed, None)


def _check(ctx: Context, sheet: Timesheet, change: Change) -> None:
    before, after = change.before or {}, set(change.after or ())
    mine = sheet.user_id == ctx.me.id or ctx.me.kind == "system" or ctx.can(SEE_ALL)
    if change.before is not None and after <= PLAIN and after and not mine:
        raise Denied("Only its owner may change a week. Send it back with a reason instead.")
    if "deleted_at" in after and sheet.status in rules.LOCKED:
        raise Conflict("A week that is handed in or approved cannot be put into the bin.")
    was = before.get("status")
    if was and sheet.status not in rules.WAYS.get(was, ()) and not ctx.undoing:
        raise Conflict(f"A week cannot go from {was} to {sheet.status}.")
    if ctx.undoing and was and "approved" in (was, sheet.status):
        _not_own(sheet, ctx.me)


# ---- the verbs ----


async def _sheet_of(ctx: Context, user_id: int, first: date) -> Timesheet:
    """Return somebody's week, made where there is none yet."""
    await scopes.hold_entries(ctx, user_id, first)
    await scopes.hold_weeks(ctx, [(user_id, first)])
    found = await ctx.find(Timesheet, user_id=user_id, week_start=first)
    return found or await ctx.create(Timesheet(user_id=user_id, week_start=first))


@action(label="Hand in a week", icon="send", grant="submit", quiet=True)
async def hand_in(ctx: Context, data: HandIn) -> Timesheet:
    """Hand in a week of yours; from then on its time is locked until it is sent back."""
    if ctx.me.id is None:
        raise Conflict("Only a person can hand in a week. Sign in as one.")
    near(week=data.week)
    await _lies_near(ctx, ctx.me.id, rules.monday(data.week), "week")
    sheet = await _sheet_of(ctx, ctx.me.id, rules.monday(data.week))
    if reason := _may_submit(sheet, ctx.me):
        raise Conflict(reason)
    return await _submit(ctx, sheet, data.note)


def _may_submit(sheet: Timesheet, me: Me) -> str | None:
    if sheet.user_id != me.id:
        return "People hand in their own weeks."
    if sheet.status in rules.LOCKED:
        said = "handed in" if sheet.status == "submitted" else "approved"
        return f"This week is {said} already."
    return None


@action(label="Submit", icon="send", allowed=_may_submit)
async def submit(ctx: Context, sheet: Timesheet, data: Remark) -> Timesheet:
    """Hand the week in for approval; from then on its time is locked until it is sent back."""
    await scopes.hold_entries(ctx, sheet.user_id, sheet.week_start)
    await scopes.hold_weeks(ctx, [(sheet.user_id, sheet.week_start)])
    return await _submit(ctx, sheet, data.note)


async def _submit(ctx: Context, sheet: Timesheet, note: str | None) -> Timesheet:
    if sheet.week_start > ctx.today:
        raise Conflict("This week has not begun yet. Hand it in when its time is in it.")
    if await scopes.running_in(ctx, sheet.user_id, sheet.week_start):
        raise Conflict("Your timer runs on a day of this week. Stop it first, then hand it in.")
    if await _forgotten(ctx, sheet):
        raise Conflict(
            "There is no time in this week yet. Write down what you did, or have your days off "
            "entered in the calendar, then hand it in."
        )
    sheet.status = "submitted"
    sheet.submitted_at, sheet.decided_at, sheet.decided_by = ctx.now, None, None
    sheet.reason = ""
    sheet.note = sheet.note if note is None else note
    if not await _needs_approval(ctx, sheet):
        sheet.status, sheet.decided_at = "approved", ctx.now
    ctx.emit(WeekSubmitted(timesheet_id=sheet.id, user_id=sheet.user_id), sheet)
    return sheet


async def _forgotten(ctx: Context, sheet: Timesheet) -> bool:
    """Return whether a week has no time though it has working days; a week off may be empty."""
    if await scopes.projects_in(ctx, sheet.user_id, sheet.week_start):
        return False
    days = scopes.week_span(sheet.week_start)
    plan = await availability(ctx, [sheet.user_id], days[0], days[-1])
    return any(plan[sheet.user_id].values())


async def _needs_approval(ctx: Context, sheet: Timesheet) -> bool:
    """Return whether the general policy, or one of a project in the week, asks for approval."""
    known = await scopes.policies(ctx)
    general = known.get(None, rules.Policy())
    projects = await scopes.projects_in(ctx, sheet.user_id, sheet.week_start)
    if not projects:
        return general.approval_required
    return any(known.get(one, general).approval_required for one in projects)


def _may_withdraw(sheet: Timesheet, me: Me) -> str | None:
    if sheet.user_id != me.id:
        return "Only its owner can withdraw a week."
    return None if sheet.status == "submitted" else "Only a week that waits can be withdrawn."


@action(label="Withdraw", icon="arrow-back-up", grant="submit", allowed=_may_withdraw)
async def withdraw(ctx: Context, sheet: Timesheet) -> Timesheet:
    """Take a week back that waits for approval, to change its time."""
    await scopes.hold_weeks(ctx, [(sheet.user_id, sheet.week_start)])
    sheet.status, sheet.submitted_at = "open", None
    ctx.emit(WeekWithdrawn(timesheet_id=sheet.id, user_id=sheet.user_id), sheet)
    return sheet


def _own(sheet: Timesheet, me: Me) -> str | None:
    return "Nobody decides on a week of their own." if sheet.user_id == me.id else None


def _not_own(sheet: Timesheet, me: Me) -> None:
    if sheet.user_id == me.id:
        raise Denied("Nobody decides on a week of their own.")


def _may_decide(sheet: Timesheet, me: Me) -> str | None:
    if sheet.status != "submitted":
        return "Only a week that is handed in can be decided on."
    return _own(sheet, me)


def _may_reopen(sheet: Timesheet, me: Me) -> str | None:
    if sheet.status != "approved":
        return "Only an approved week can be reopened."
    return _own(sheet, me)


async def _decide(ctx: Context, sheet: Timesheet) -> None:
    await scopes.hold_weeks(ctx, [(sheet.user_id, sheet.week_start)])
    sheet.decided_at, sheet.decided_by = ctx.now, ctx.me.id


@action(label="Approve", icon="check", allowed=_may_decide)
async def approve(ctx: Context, sheet: Timesheet) -> Timesheet:
    """Approve the week; its time stays locked."""
    await _decide(ctx, sheet)
    sheet.status = "approved"
    ctx.emit(WeekApproved(timesheet_id=sheet.id, user_id=sheet.user_id), sheet)
    return sheet


@action(label="Send back", icon="arrow-back-up", allowed=_may_decide, grant="approve")
async def reject(ctx: Context, sheet: Timesheet, data: Why) -> Timesheet:
    """Send the week back with a reason; its owner can change it and hand it in again."""
    await _decide(ctx, sheet)
    sheet.status, sheet.reason = "rejected", data.reason
    said = WeekRejected(timesheet_id=sheet.id, user_id=sheet.user_id, reason=data.reason)
    ctx.emit(said, sheet)
    return sheet


@action(label="Reopen", icon="lock-open", allowed=_may_reopen, grant="approve")
async def reopen(ctx: Context, sheet: Timesheet) -> Timesheet:
    """Open an approved week again, so that its owner can change its time."""
    await _decide(ctx, sheet)
    sheet.status, sheet.submitted_at = "open", None
    ctx.emit(WeekReopened(timesheet_id=sheet.id, user_id=sheet.user_id), sheet)
    return sheet


@action(label="Approve several", icon="checks", grant="approve", quiet=True)
async def approve_all(ctx: Context, data: Weeks) -> Approved:
    """Approve several weeks together; when one of them cannot be, none is."""
    noun: Noun = ctx.registry.noun(Timesheet)
    known = dict(data.weeks)
    found = await ctx.load_all(noun, known)
    lost = [one for one in known if one not in found]
    if lost:
        raise invalid("weeks", f"names weeks that you may not see: {', '.join(map(str, lost))}")
    sheets = [sheet for sheet in found.values() if isinstance(sheet, Timesheet)]
    if changed := [sheet for sheet in sheets if sheet.version != known[sheet.id]]:
        raise Stale(
            f"The week of {changed[0].week_start.isoformat()} was changed since you looked at it. "
            "Look at the weeks again, then approve them."
        )
    await scopes.hold_weeks(ctx, [(sheet.user_id, sheet.week_start) for sheet in sheets])
    for sheet in sheets:
        if reason := _may_decide(sheet, ctx.me):
            raise Conflict(reason)
        sheet.status, sheet.decided_at, sheet.decided_by = "approved", ctx.now, ctx.me.id
        ctx.emit(WeekApproved(timesheet_id=sheet.id, user_id=sheet.user_id), sheet)
    await ctx.save_all(sheets, "approve")
    return Approved(count=len(sheets))

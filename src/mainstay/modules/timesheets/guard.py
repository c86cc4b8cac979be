"""Holds locked weeks: whatever changes an entry, and by whatever way, it is looked at here."""

from collections.abc import Sequence
from datetime import date
from typing import NoReturn

from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.problems import Conflict
from mainstay.modules.timesheets import rules, scopes
from mainstay.modules.timesheets.scopes import ENTRY, Sheet, Week

KEPT = frozenset({"timesheet_id", "billed_hours"})
PROJECT = "projects.project"


async def guard(ctx: Context, changes: Sequence[Change]) -> None:
    """Refuse changes of time in locked weeks; keep the sums of those that are still open."""
    await _one_currency(ctx, changes)
    own = [c for c in changes if c.noun.key == ENTRY and _tells(c)]
    if not own:
        return
    weeks, days = await _touched(ctx, own)
    for project_id, day in sorted(days, key=lambda one: (one[1], one[0] or 0)):
        last = await scopes.locked_until(ctx, project_id)
        if last and day <= last:
            raise Conflict(
                f"Time up to {last.isoformat()} is locked, and this is of {day.isoformat()}. "
                "Who keeps the time policies can unlock it."
            )
    if not weeks:
        return  # time of nobody's, moved in from elsewhere
    await scopes.hold_weeks(ctx, weeks)
    sheets = await scopes.sheets_of(ctx, weeks)
    for sheet in sheets.values():
        if sheet.status in rules.LOCKED:
            await _refuse(ctx, sheet)
    await scopes.keep_sheets(ctx, list(sheets.values()))
    if sheets:
        await scopes.mark_changed(ctx, [sheet.id for sheet in sheets.values()], ctx.now)


async def _touched(
    ctx: Context, own: Sequence[Change]
) -> tuple[set[Week], set[tuple[int | None, date]]]:
    """Return the weeks and days that entries were in, and are in now."""
    noun = own[0].noun
    ids = [change.record_id for change in own]
    found = await ctx.load_all(noun, ids, anywhere=True, deleted="with")
    weeks: set[Week] = set()
    days: set[tuple[int | None, date]] = set()
    for change in own:
        entry, before = found[change.record_id], change.before or {}
        now = {name: getattr(entry, name) for name in ("user_id", "date", "project_id")}
        for values in (now, now | {name: before[name] for name in now if name in before}):
            if values["user_id"] and values["date"]:
                weeks.add((values["user_id"], rules.monday(values["date"])))
                days.add((values["project_id"], values["date"]))
    return weeks, days


async def _one_currency(ctx: Context, changes: Sequence[Change]) -> None:
    """Refuse another currency for a project whose time or rates are in the one it has."""
    moved = [
        c.record_id for c in changes if c.noun.key == PROJECT and "currency" in (c.before or ())
    ]
    if not moved:
        return
    entries, rates = await scopes.priced_in(ctx, moved)
    if entries or rates:
        raise Conflict(
            "The currency of a project cannot be changed any more: its time has rates in it "
            f"already ({entries} time entries, {rates} hourly rates). Take the rates away first, "
            "or make a new project in the other currency."
        )


def _tells(change: Change) -> bool:
    """Return whether a change is more than the link to the week it was handed in with."""
    return change.before is None or not KEPT.issuperset(change.after or {"?": 0})


async def _refuse(ctx: Context, sheet: Sheet) -> NoReturn:
    """Say which week is locked, and who can open it again."""
    week = sheet.week_start.isoformat()
    if sheet.status == "submitted" and sheet.user_id == ctx.me.id:
        raise Conflict(
            f"The week of {week} is handed in, so its time cannot be changed. "
            "Withdraw the week first."
        )
    approved = sheet.status == "approved"
    boss = sheet.decided_by or await scopes.manager_of(ctx, sheet.user_id) if approved else None
    names = await scopes.names_of(ctx, [one for one in (boss, sheet.user_id) if one])
    if not approved:
        who = names.get(sheet.user_id, "")
        raise Conflict(
            f"The week of {week} is handed in, so its time cannot be changed. "
            f"{who} can withdraw it, and who approves it can send it back."
        )
    if boss in names:
        raise Conflict(f"The week of {week} is approved and locked. {names[boss]} can reopen it.")
    raise Conflict(f"The week of {week} is approved and locked. Who approves weeks can reopen it.")

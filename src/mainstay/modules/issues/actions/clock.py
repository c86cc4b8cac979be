"""The clock of each issue: how it starts, stands and goes on with what happens to the issue."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Event
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Duplicate, FieldError, invalid
from mainstay.modules.identity.api import me_of
from mainstay.modules.issues import sla
from mainstay.modules.issues.entities import Issue, SlaPause, SlaPolicy
from mainstay.modules.issues.questions import kept
from mainstay.modules.issues.questions.kept import Kept
from mainstay.modules.issues.rules import ENDED, RESOLVED
from mainstay.modules.projects.api import require_lead, require_work, standing

MARK = "issues.mark_clocks"
COUNT = "issues.count_clocks"
# What lets a clock run otherwise than before.
TURNS = frozenset({"status", "priority", "type", "project_id", "deleted_at"})
CALENDARS = frozenset({"planning.work_calendar", "planning.holiday"})
COMMENT = "comments.comment"
FEW = 200
BATCH = 500
# So long is waited before it is asked again whether older units of work have ended.
SOON = timedelta(seconds=5)
# Two people who give two promises for every project one name are told apart by this row's lock.
LOCK = "issues.sla_policy"
OVER = ("met", "missed")


class IssueWarned(Event, frozen=True):
    """Most of the time promised for an issue is used."""

    issue_id: int
    due_at: datetime | None


class IssueBreached(Event, frozen=True):
    """The time promised for an issue, or for its first answer, is over."""

    issue_id: int
    clock: Literal["resolution", "response"]
    due_at: datetime | None


class ClockPaused(Event, frozen=True):
    """Somebody let the clock of an issue stand."""

    issue_id: int
    reason: str


class ClockResumed(Event, frozen=True):
    """Somebody let the clock of an issue go on."""

    issue_id: int


# ---- verbs ----


def may_pause(issue: Issue) -> str | None:
    """Return why a clock cannot be paused, or None."""
    if issue.sla_status == "none":
        return "No promise counts for this issue, so there is no clock to pause."
    if issue.status in ENDED:
        return "The clock was stopped when the issue ended. Reopen the issue first."
    return "The clock is paused already. Resume it first." if issue.sla_since else None


def may_resume(issue: Issue) -> str | None:
    """Return why a clock cannot go on, or None."""
    if issue.status in ENDED:
        return "The clock was stopped when the issue ended. Reopen the issue instead."
    return None if issue.sla_since else "The clock runs; there is nothing to resume."


class Hold(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why the clock stands."""

    reason: Annotated[
        str,
        Meta(min_length=1, max_length=500, description="What is waited for, like: their logs."),
    ]


@action(label="Pause the clock", icon="player-pause", allowed=may_pause)
async def pause_clock(ctx: Context, issue: Issue, data: Hold) -> Issue:
    """Let the clock stand, for example while the reporter is asked; the time is not counted."""
    require_work(await standing(ctx, issue.project_id))
    reason = data.reason.strip()
    if not reason:
        raise invalid("reason", "is required; say what is waited for")
    if reason_not := may_pause(issue):
        raise Conflict(reason_not)
    pause = SlaPause(issue_id=issue.id, began_at=ctx.now, reason=reason, paused_by=ctx.me.id)
    await ctx.create(pause, verb="pause")
    ctx.emit(ClockPaused(issue_id=issue.id, reason=reason), issue)
    return issue


@action(label="Resume the clock", icon="player-play", allowed=may_resume)
async def resume_clock(ctx: Context, issue: Issue) -> Issue:
    """Let the clock go on; what is due is due later by the working time of the pause."""
    require_work(await standing(ctx, issue.project_id))
    for pause in await ctx.all(SlaPause, anywhere=True, issue_id=issue.id, ended_at__isnull=True):
        pause.ended_at = ctx.now
    ctx.emit(ClockResumed(issue_id=issue.id), issue)
    return issue


# ---- counting ----


async def settle_clock(ctx: Context, changes: Sequence[Change]) -> None:
    """Let the clocks of issues that were changed start, stand or go on."""
    made = {c.record_id for c in changes if c.before is None and c.after is not None}
    turned = {c.record_id for c in changes if c.before and not TURNS.isdisjoint(c.before)}
    if made | turned:
        await count_clocks(ctx, made | turned, made=made)
    if ctx.undoing:
        begun = {c.record_id: _began(c) for c in changes}
        await _take_back(ctx, {one: {at} for one, at in begun.items() if at})


def _began(change: Change) -> datetime | None:
    """Return when work began that a change says has not begun."""
    gone = change.before and "started_at" in change.before
    if not gone or (change.after or {}).get("started_at") is not None:
        return None
    at: datetime | None = change.before["started_at"] if change.before else None
    return at


async def count_clocks(
    ctx: Context, ids: Iterable[int], *, made: frozenset[int] | set[int] = frozenset()
) -> None:
    """Count the clocks of these issues anew, in a number of statements that does not grow."""
    noun = ctx.registry.noun(Issue)
    wanted = sorted(set(ids))
    held = {one: ctx.held(noun, one) for one in wanted}
    found = [kept.kept_of(one) for one in held.values() if isinstance(one, Issue)]
    away = [one for one, entity in held.items() if entity is None]
    found += await kept.kept_by_id(ctx, away) if away else []
    await _count(ctx, found, made=made)


async def _count(
    ctx: Context, found: Sequence[Kept], *, made: Iterable[int] = (), anyway: bool = False
) -> None:
    fresh = set(made)
    was = {one.id: msgspec.structs.replace(one) for one in found}
    going = [one for one in found if not (_frozen(one) or _as_it_ended(ctx, one))]
    pauses = await kept.pauses_of(ctx, [one.id for one in going if one.id not in fresh])
    await _stand(ctx, going, pauses, fresh)
    known = await kept.policies(ctx) if going else []
    chosen = {one.id: _policy(one, known, fresh) for one in going}
    used = {policy.id: policy for policy in chosen.values() if policy}
    times = await kept.times(ctx, used.values())
    for one in going:
        policy = chosen[one.id]
        stretches = kept.stretches(pauses.get(one.id, ()))
        if policy is None:
            _unpromised(one)
        else:
            read(one, policy, times[policy.id], stretches, ctx.now)
    changed = [(was[one.id], one) for one in found if anyway or one != was[one.id]]
    await kept.write_clocks(ctx, [one for _, one in changed])
    await _tell(ctx, changed)


def _frozen(one: Kept) -> bool:
    """Return whether an issue has ended and its clock with it, for good until it is reopened."""
    return one.status in RESOLVED and one.sla_status in OVER


def _as_it_ended(ctx: Context, one: Kept) -> bool:
    """Put a clock back as it stood at the end that an undo brings back."""
    end = kept.ending_of(one) if ctx.undoing and one.status in RESOLVED else None
    if end is None or end.at not in (one.resolved_at, one.closed_at):
        return False
    one.sla_policy_id, one.sla_status, one.sla_since = end.policy_id, end.state, end.at
    one.sla_due_at, one.sla_warn_at, one.sla_used_minutes = end.due, end.warn, end.used
    one.sla_response, one.sla_response_due_at = end.response, end.response_due
    return True


def _policy(one: Kept, known: Sequence[SlaPolicy], fresh: set[int]) -> SlaPolicy | None:
    """Return the promise that counts for an issue; one that ended before it came in has none.

    An issue that ends keeps its own while there is one; for one that is cancelled, none is kept
    or broken.
    """
    if one.status == "cancelled":
        return None
    if one.status in ENDED:
        if one.sla_status == "none" and not (one.id in fresh and _lived(one)):
            return None
        own = next((policy for policy in known if policy.id == one.sla_policy_id), None)
        return own or sla.choose(known, one.project_id, one.type)
    return sla.choose(known, one.project_id, one.type)


async def _stand(
    ctx: Context, found: Sequence[Kept], pauses: dict[int, list[SlaPause]], fresh: set[int]
) -> None:
    """Note since when clocks stand: ended issues since their end, paused ones since the pause.

    What passed between an end and a reopening becomes a pause; an end ends a pause.
    """
    ending: list[SlaPause] = []
    gaps: list[SlaPause] = []
    for one in found:
        own = pauses.setdefault(one.id, [])
        open_ = [pause for pause in own if pause.ended_at is None]
        stopped = one.sla_status in OVER or (one.sla_status == "none" and bool(one.sla_since))
        if one.status in ENDED and one.id in fresh:
            one.sla_since = _lived(one)
        elif one.status in ENDED:
            one.sla_since = one.sla_since if stopped else _ended(ctx, one)
            ending += open_
        elif stopped and one.sla_since and not ctx.undoing:
            gap = SlaPause(issue_id=one.id, began_at=one.sla_since, ended_at=ctx.now, kind="ended")
            own.append(gap)
            gaps.append(gap)
            one.sla_since = None
        else:
            one.sla_since = open_[0].began_at if open_ else None
        one.first_response_at = _first(one.first_response_at, one.started_at)
    await ctx.create_many(gaps, verb="reopen")
    noun = ctx.registry.noun(SlaPause)
    real = await ctx.load_all(noun, [pause.id for pause in ending], anywhere=True)
    since = {one.id: one.sla_since for one in found}
    for pause in ending:
        pause.ended_at = real[pause.id].ended_at = since[pause.issue_id]  # type: ignore[attr-defined]
    await ctx.save_all(real.values(), "end")


def _first(*instants: datetime | None) -> datetime | None:
    """Return the earliest of the instants that there are."""
    return min((one for one in instants if one is not None), default=None)


def _lived(one: Kept) -> datetime | None:
    """Return when an issue that came in as ended did end, if that was after it was reported."""
    said = one.resolved_at or one.closed_at
    return said if said and said > one.created_at else None


def _ended(ctx: Context, one: Kept) -> datetime:
    """Return when an issue ended: now, or when it is put back, as it says itself."""
    said = one.resolved_at or one.closed_at
    return min(said, ctx.now) if ctx.undoing and said else ctx.now


def _unpromised(one: Kept) -> None:
    """Let no promise count; since when an issue has ended is kept for when it is reopened."""
    if one.status not in ENDED:
        one.sla_since = None
    one.sla_policy_id = one.sla_due_at = one.sla_warn_at = one.sla_response_due_at = None
    one.sla_status = one.sla_response = "none"
    one.sla_used_minutes = 0


def read(
    one: Kept,
    policy: SlaPolicy,
    time: sla.WorkingTime,
    pauses: Sequence[sla.Pause],
    now: datetime,
) -> sla.Reading:
    """Write into an issue how its clock stands at an instant, and return the reading."""
    run = run_of(one, policy, time, pauses)
    found = run.read(now)
    one.sla_policy_id, one.sla_status = policy.id, found.state
    one.sla_due_at, one.sla_warn_at = found.due, found.warn
    one.sla_used_minutes = sla.minutes(found.used)
    one.sla_response, one.sla_response_due_at = sla.answered(
        time,
        one.created_at,
        timedelta(hours=getattr(policy, f"{one.priority}_response")),
        pauses,
        one.first_response_at,
        over=run.stopped,
        now=now,
    )
    if run.stopped is not None:
        one.sla_end = _ending(one, policy, run)
    return found


def _ending(one: Kept, policy: SlaPolicy, run: sla.Run) -> str:
    """Return what is kept of a clock that has ended."""
    assert run.stopped is not None
    allowed, left = answer_minutes(one, policy, run, run.stopped)
    end = kept.Ending(
        at=run.stopped,
        state=one.sla_status,  # type: ignore[arg-type]
        used=one.sla_used_minutes,
        due=one.sla_due_at,
        warn=one.sla_warn_at,
        response=one.sla_response,  # type: ignore[arg-type]
        response_due=one.sla_response_due_at,
        answered=one.first_response_at,
        policy_id=policy.id,
        policy=policy.name,
        calendar_id=policy.calendar_id,
        around_the_clock=policy.around_the_clock,
        zone=policy.zone,
        warn_share=policy.warn_share,
        allowed=sla.minutes(run.allowed),
        response_allowed=allowed,
        response_left=left,
    )
    return msgspec.json.encode(end).decode()


def answer_minutes(one: Kept, policy: SlaPolicy, run: sla.Run, now: datetime) -> tuple[int, int]:
    """Return the minutes promised for the first answer, and how many of them are left."""
    allowed = sla.minutes(timedelta(hours=getattr(policy, f"{one.priority}_response")))
    upto = _first(one.first_response_at, run.stopped, now)
    assert upto is not None
    return allowed, allowed - sla.minutes(sla.used(run.time, run.start, upto, run.pauses))


def run_of(
    one: Kept, policy: SlaPolicy, time: sla.WorkingTime, pauses: Sequence[sla.Pause]
) -> sla.Run:
    """Return an issue's clock as it is counted."""
    return sla.Run(
        time,
        one.created_at,
        timedelta(hours=getattr(policy, f"{one.priority}_resolve")),
        policy.warn_share,
        pauses,
        stopped=one.sla_since if one.status in ENDED else None,
    )


async def _tell(ctx: Context, changed: Sequence[tuple[Kept, Kept]]) -> None:
    """Say once that a promise is warned or broken, where counting anew has found it so."""
    warned = [b.id for a, b in changed if b.sla_status == "warned" and a.sla_status != "warned"]
    broken = [b.id for a, b in changed if b.sla_status == "breached" != a.sla_status]
    silent = [b.id for a, b in changed if b.sla_response == "breached" != a.sla_response]
    await _announce(ctx, warned, broken, silent)


async def _announce(
    ctx: Context, warned: Sequence[int], broken: Sequence[int], silent: Sequence[int]
) -> None:
    ids = {*warned, *broken, *silent}
    if not ids:
        return
    found: dict[int, Any] = await ctx.load_all(ctx.registry.noun(Issue), ids, anywhere=True)
    for one in warned:
        if issue := found.get(one):
            ctx.emit(IssueWarned(issue_id=one, due_at=issue.sla_due_at), issue)
    for one in broken:
        if issue := found.get(one):
            said = IssueBreached(issue_id=one, clock="resolution", due_at=issue.sla_due_at)
            ctx.emit(said, issue)
    for one in silent:
        if issue := found.get(one):
            at = issue.sla_response_due_at
            ctx.emit(IssueBreached(issue_id=one, clock="response", due_at=at), issue)


# ---- what else moves clocks ----


async def guard(ctx: Context, changes: Sequence[Change]) -> None:
    """Count anew what pauses, answers and calendars have changed."""
    keys = {change.noun.key for change in changes}
    if "issues.sla_pause" in keys:
        await _paused(ctx, changes)
    if COMMENT in keys:
        await _answered(ctx, [change for change in changes if change.noun.key == COMMENT])
    if keys & CALENDARS:
        await ctx.later(COUNT, {}, key=f"{COUNT}:{ctx.change_set}")


async def _paused(ctx: Context, changes: Sequence[Change]) -> None:
    """Count the clocks whose pauses were changed by a verb or an undo."""
    noun = ctx.registry.noun(SlaPause)
    ids = [change.record_id for change in changes if change.noun is noun]
    found = await ctx.load_all(noun, ids, anywhere=True, deleted="with")
    issues = {one.issue_id for one in found.values() if isinstance(one, SlaPause)}
    await count_clocks(ctx, issues)


async def _answered(ctx: Context, changes: Sequence[Change]) -> None:
    """Take a comment for the first answer, where somebody who works there is not the reporter.

    Internal comments are none: whoever reported it may not read them. A comment that goes, by an
    undo or into the bin, takes the answer with it; one that comes back is one again.
    """
    said = [change.after or {} for change in changes if change.before is None]
    ids = {
        one["record_id"]
        for one in said
        if one.get("entity") == "issues.issue" and "record_id" in one and not one.get("internal")
    }
    if ids and ctx.me.kind == "user" and not ctx.undoing:
        await _first_answers(ctx, ids)
    moved = [change for change in changes if "deleted_at" in (change.before or ())]
    if moved:
        await _moved_answers(ctx, moved)


async def _first_answers(ctx: Context, ids: Iterable[int]) -> None:
    found = await kept.kept_by_id(ctx, ids)
    fresh = [one for one in found if not one.first_response_at and one.reporter_id != ctx.me.id]
    answered = []
    for one in fresh:
        if (await standing(ctx, one.project_id)).works:
            one.first_response_at = ctx.now
            answered.append(one)
    if answered:
        await _count(ctx, answered, anyway=True)


async def _moved_answers(ctx: Context, moved: Sequence[Change]) -> None:
    """Look for the first answer anew where comments have gone or come back."""
    ids = [change.record_id for change in moved]
    found: dict[int, Any] = await ctx.load_all(moved[0].noun, ids, anywhere=True, deleted="with")
    gone: dict[int, set[datetime]] = {}
    back: dict[int, set[datetime]] = {}
    for one in found.values():
        if one.entity == "issues.issue" and not one.internal:
            which = back if one.deleted_at is None else gone
            which.setdefault(one.record_id, set()).add(one.created_at)
    await _take_back(ctx, gone, back)


async def _take_back(
    ctx: Context,
    gone: Mapping[int, set[datetime]],
    back: Mapping[int, set[datetime]] | None = None,
) -> None:
    """Find the first answer anew where the one that counted has gone, or an earlier one is back."""
    back = back or {}
    wanted = []
    for one in await kept.kept_by_id(ctx, {*gone, *back}) if gone or back else []:
        first = one.first_response_at
        earlier = any(first is None or at < first for at in back.get(one.id, ()))
        if earlier or first in gone.get(one.id, ()):
            wanted.append(one)
    if not wanted:
        return
    said = await kept.answers_to(ctx, [one.id for one in wanted])
    for one in wanted:
        one.first_response_at = _first(one.started_at, await _counts(ctx, said.get(one.id, ())))
    await _count(ctx, wanted, anyway=True)


async def _counts(ctx: Context, said: Iterable[tuple[datetime, int, bool]]) -> datetime | None:
    """Return when the first of these was said by somebody who works there, or everywhere."""
    for at, who, worked in said:
        if worked:
            return at
        person: Any = await ctx.find(
            ctx.registry.noun("identity.user").entity, anywhere=True, id=who
        )
        if person and (await me_of(ctx, person)).can("projects.project.see_all"):
            return at
    return None


# ---- jobs ----


async def mark_clocks(ctx: Context, payload: dict[str, Any]) -> None:
    """Mark what has been warned or breached since the last time, and say so once."""
    del payload
    broken = await kept.mark(ctx, "sla_status", "breached", ("running", "warned"), "sla_due_at")
    warned = await kept.mark(ctx, "sla_status", "warned", ("running",), "sla_warn_at")
    silent = await kept.mark(ctx, "sla_response", "breached", ("running",), "sla_response_due_at")
    await _announce(ctx, warned, broken, silent)


async def recount(ctx: Context, payload: dict[str, Any]) -> None:
    """Count the clocks of the next open issues, and leave the others to a job that follows.

    Whoever writes an issue meanwhile counts by what was before. So it is done once more as soon
    as all who were at it then have ended; `until` is the first that was not.
    """
    oldest, following = await kept.running(ctx)
    until = payload.get("until")
    if until is not None and oldest < until:
        await ctx.later(COUNT, payload, at=ctx.now + SOON)
        return
    if until is None and oldest < following:
        late, key = {"until": following}, f"{COUNT}:{following}"
        await ctx.later(COUNT, late, at=ctx.now + SOON, key=key)
    found = await kept.open_issues(ctx, payload.get("after", 0), BATCH)
    await _count(ctx, found)
    if len(found) == BATCH:
        await ctx.later(COUNT, {"after": found[-1].id, "until": until or following})


# ---- policies ----


async def create_policy(ctx: Context, policy: SlaPolicy) -> SlaPolicy:
    """Make a promise; for one project its leads may, for every project who manages them all."""
    await _checked(ctx, policy)
    return await ctx.create(policy)


async def update_policy(ctx: Context, policy: SlaPolicy, before: SlaPolicy) -> None:
    """Change a promise; it counts for open issues from the next moment on."""
    del before
    await _checked(ctx, policy)


async def _checked(ctx: Context, policy: SlaPolicy) -> None:
    if not sla.zone_known(policy.zone):
        raise invalid("zone", "is no time zone that is known; write one like Europe/Berlin")
    for name in sla.PRIORITIES:
        if getattr(policy, f"{name}_resolve") <= 0:
            raise invalid(f"{name}_resolve", "must be more than 0 hours")
        if getattr(policy, f"{name}_response") > getattr(policy, f"{name}_resolve"):
            raise invalid(
                f"{name}_response", "must not be longer than the time to resolve the issue"
            )
    (time,) = (await kept.times(ctx, [policy])).values()
    longest = max(getattr(policy, f"{name}_resolve") for name in sla.PRIORITIES)
    try:
        time.after(ctx.now, timedelta(hours=longest))
    except sla.TooFar:
        raise invalid(
            "calendar_id", "leaves so little working time that the promise would never end"
        ) from None


async def settle_policies(ctx: Context, changes: Sequence[Change]) -> None:
    """Let a promise count for open issues: at once for a few, in the background for many."""
    noun = ctx.registry.noun(SlaPolicy)
    found = await ctx.load_all(noun, [c.record_id for c in changes], anywhere=True, deleted="with")
    owners = {p for one in found.values() if isinstance(one, SlaPolicy) for p in (one.project_id,)}
    owners |= {(c.before or {}).get("project_id", p) for c in changes for p in list(owners)}
    for project_id in owners:
        if project_id is not None:
            require_lead(await standing(ctx, project_id), "change its promises")
        elif not (ctx.me.kind == "system" or ctx.can("issues.sla_policy.see_all")):
            raise Conflict(
                "A promise for every project is made by managers. Name a project that you lead."
            )
    await _no_namesake(ctx, [one for one in found.values() if isinstance(one, SlaPolicy)])
    if await kept.count_open(ctx, FEW + 1) <= FEW:
        await _count(ctx, await kept.open_issues(ctx, 0, FEW))
    await ctx.later(COUNT, {}, key=f"{COUNT}:{ctx.change_set}")


async def _no_namesake(ctx: Context, policies: Sequence[SlaPolicy]) -> None:
    """Refuse two promises of one name, of one project or for every project.

    The database sees to it within a project; what has none, it never takes for the same.
    """
    general = [one for one in policies if one.project_id is None and one.deleted_at is None]
    if not general:
        return
    await ctx.raise_number(LOCK, 0)
    others = await ctx.all(SlaPolicy, anywhere=True, project_id__isnull=True)
    for one in general:
        if any(other.name == one.name and other.id != one.id for other in others):
            raise Duplicate(
                "There is a promise of this name for every project already. Choose another name.",
                errors=[FieldError("name", "is already taken")],
            )

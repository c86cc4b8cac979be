"""How the clock of an issue stands, and how promises are kept over all."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import require
from mainstay.modules.issues import sla
from mainstay.modules.issues.actions.clock import answer_minutes, read, run_of
from mainstay.modules.issues.entities import Issue, SlaPause
from mainstay.modules.issues.questions import kept
from mainstay.modules.issues.questions.kept import ID, Ending, answer
from mainstay.modules.issues.rules import ENDED, RESOLVED
from mainstay.modules.planning.api import calendars
from mainstay.modules.projects.api import visible

MOST = 50
MONTHS = 6
AHEAD = timedelta(days=35)
RUNNING = ("running", "warned", "breached")


class ClockAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which issue."""

    issue_id: Annotated[int, Meta(ge=1, description="The issue's id")]


class Stretch(Struct, kw_only=True, frozen=True):
    """A time of work, or of a pause."""

    began: datetime
    ended: datetime | None = None


class PauseLine(Struct, kw_only=True, frozen=True):
    """A stretch in which the clock stood, and why."""

    began: datetime
    ended: datetime | None
    kind: str
    reason: str
    paused_by: int | None


class Free(Struct, kw_only=True, frozen=True):
    """A day on which less is worked than usual, and why."""

    day: date
    name: str
    hours: float


class Clock(Struct, kw_only=True):
    """How the clock of an issue stands at an instant, and why it stands so."""

    as_of: datetime
    state: sla.State
    simple: str | None = None
    policy_id: int | None = None
    policy: str = ""
    calendar: str = ""
    around_the_clock: bool = False
    zone: str = "UTC"
    allowed_minutes: int = 0
    used_minutes: int = 0
    left_minutes: int = 0
    warn_share: float = 1.0
    started: datetime | None = None
    due: datetime | None = None
    warn: datetime | None = None
    since: datetime | None = None
    response: sla.Answer = "none"
    response_minutes: int = 0
    response_due: datetime | None = None
    response_left_minutes: int = 0
    first_response_at: datetime | None = None
    pauses: list[PauseLine] = []
    free_days: list[Free] = []
    windows: list[Stretch] = []


async def issue_of(ctx: Context, issue_id: int) -> Issue:
    """Return an issue that the asking person may see."""
    noun = ctx.registry.noun(Issue)
    require(ctx.me, noun.permission("read"))
    ask = ctx.ask(noun, {"id": issue_id, "limit": 1, "sort": "id"})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found:
        raise NotFound(f"There is no issue {issue_id}, or you may not see it.")
    assert isinstance(found[0], Issue)
    return found[0]


@question(label="Clock of an issue")
async def clock(ctx: Context, ask: ClockAsk) -> Clock:
    """Tell how long an issue may still take in working time, until when, and what counts for it."""
    return await clock_of(ctx, await issue_of(ctx, ask.issue_id))


async def clock_of(ctx: Context, issue: Issue) -> Clock:
    """Return an issue's clock as it stands now, whatever was last written.

    One that has ended with its issue stays as it was then.
    """
    one = kept.kept_of(issue)
    if one.sla_status == "none":
        return Clock(as_of=ctx.now, state="none", first_response_at=one.first_response_at)
    end = kept.ending_of(one) if one.status in RESOLVED else None
    own = (await kept.pauses_of(ctx, [one.id])).get(one.id, [])
    if end is None:
        found, calendar_id, time = await _going(ctx, one, kept.stretches(own))
    else:
        found, calendar_id, time = _ended(ctx, end), end.calendar_id, None
    found.started, found.since = one.created_at, one.sla_since
    found.pauses = [_pause(each) for each in own]
    if found.state != "none":
        await _days(ctx, found, calendar_id, time)
    return found


async def _going(
    ctx: Context, one: kept.Kept, stretches: Sequence[sla.Pause]
) -> tuple[Clock, int | None, sla.WorkingTime | None]:
    """Return a clock that is counted now, with its calendar and working time."""
    known = await kept.policies(ctx)
    policy = next((each for each in known if each.id == one.sla_policy_id), None)
    if policy is None:
        return Clock(as_of=ctx.now, state="none"), None, None
    time = (await kept.times(ctx, [policy]))[policy.id]
    run = run_of(one, policy, time, stretches)
    found = read(one, policy, time, stretches, ctx.now)
    promised, left = answer_minutes(one, policy, run, ctx.now)
    clock_ = Clock(
        as_of=ctx.now,
        state=found.state,
        simple=sla.simple(found.state),
        policy_id=policy.id,
        policy=policy.name,
        around_the_clock=policy.around_the_clock,
        zone=policy.zone,
        allowed_minutes=sla.minutes(run.allowed),
        used_minutes=sla.minutes(found.used),
        left_minutes=sla.minutes(run.allowed) - sla.minutes(found.used),
        warn_share=policy.warn_share,
        due=found.due,
        warn=found.warn,
        response=one.sla_response,  # type: ignore[arg-type]
        response_minutes=promised,
        response_due=one.sla_response_due_at,
        response_left_minutes=left,
        first_response_at=one.first_response_at,
    )
    return clock_, policy.calendar_id, time


def _ended(ctx: Context, end: Ending) -> Clock:
    """Return a clock as it stood when its issue ended."""
    return Clock(
        as_of=ctx.now,
        state=end.state,
        simple=sla.simple(end.state),
        policy_id=end.policy_id,
        policy=end.policy,
        around_the_clock=end.around_the_clock,
        zone=end.zone,
        allowed_minutes=end.allowed,
        used_minutes=end.used,
        left_minutes=end.allowed - end.used,
        warn_share=end.warn_share,
        due=end.due,
        warn=end.warn,
        response=end.response,
        response_minutes=end.response_allowed,
        response_due=end.response_due,
        response_left_minutes=end.response_left,
        first_response_at=end.answered,
    )


def _pause(one: SlaPause) -> PauseLine:
    return PauseLine(
        began=one.began_at,
        ended=one.ended_at,
        kind=one.kind,
        reason=one.reason,
        paused_by=one.paused_by,
    )


async def _days(
    ctx: Context, found: Clock, calendar_id: int | None, time: sla.WorkingTime | None
) -> None:
    """Write which calendar counts, its free days until the end, and the next times of work."""
    until = max(found.due or found.as_of, found.as_of) + AHEAD
    if time is not None and found.state in RUNNING:
        windows = time.windows(found.as_of, min(until, found.as_of + 2 * AHEAD))
        found.windows = [Stretch(began=a, ended=b) for a, b in windows[:80]]
    if found.around_the_clock:
        return
    known = await calendars(ctx)
    week = known.week(calendar_id)
    found.calendar = week.name
    assert found.started
    first = today_in(found.zone, found.started)
    last = today_in(found.zone, found.due or found.since or found.as_of)
    years = range(first.year, min(last.year, first.year + 5) + 1)
    days = [day for year in years for day in known.free_days(week, year, language=ctx.me.locale)]
    between = [one for one in days if first <= one.day <= last]
    found.free_days = [Free(day=d.day, name=d.name, hours=d.hours) for d in between[:20]]


# ---- over all ----


class OverviewAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Of which project, or of every one; and how many months back."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")] | None = None
    months: Annotated[int, Meta(ge=1, le=24, description="How many months back")] = MONTHS


class ClockLine(Struct, kw_only=True, frozen=True):
    """An issue in a list of clocks."""

    id: int
    code: str
    title: str
    status: str
    priority: str
    assignee_id: int | None
    project_id: int
    project: str
    state: str
    due: datetime | None
    over_minutes: int = 0


class Month(Struct, kw_only=True, frozen=True):
    """How many promises were kept in a month."""

    first: date
    met: int
    missed: int

    @property
    def share(self) -> float | None:
        """Return the share that was kept, or None where nothing ended."""
        total = self.met + self.missed
        return self.met / total if total else None


class PolicyMonths(Struct, kw_only=True, frozen=True):
    """One policy's months."""

    policy_id: int | None
    policy: str
    months: list[Month]


class SlaOverview(Struct, kw_only=True):
    """What is breached, warned or due next, and which share of promises was kept."""

    as_of: datetime
    breached: list[ClockLine]
    warned: list[ClockLine]
    next: list[ClockLine]
    unanswered: list[ClockLine]
    breached_count: int
    warned_count: int
    running_count: int
    paused_count: int
    unanswered_count: int
    months: list[Month]
    policies: list[PolicyMonths]


@question(label="Promises and how they are kept")
async def sla_overview(ctx: Context, ask: OverviewAsk) -> SlaOverview:
    """List what is breached, warned and due next, and the share that was met by month and policy.

    Met share = issues that ended in time / issues that ended with a promise, in the month of
    their end; those that are open do not count.
    """
    require(ctx.me, "issues.issue.read")
    counts = await _counts(ctx, ask.project_id)
    by_policy = await _months(ctx, ask)
    firsts = _firsts(ctx, ask.months)
    total = [
        Month(
            first=first,
            met=sum(one.months[place].met for one in by_policy),
            missed=sum(one.months[place].missed for one in by_policy),
        )
        for place, first in enumerate(firsts)
    ]
    return SlaOverview(
        as_of=ctx.now,
        breached=await _lines(ctx, ask.project_id, "breached"),
        warned=await _lines(ctx, ask.project_id, "warned"),
        next=await _lines(ctx, ask.project_id, "next"),
        unanswered=await _lines(ctx, ask.project_id, "unanswered"),
        breached_count=counts[0],
        warned_count=counts[1],
        running_count=counts[2],
        paused_count=counts[3],
        unanswered_count=counts[4],
        months=total,
        policies=by_policy,
    )


def _conditions(c: Any) -> dict[str, sa.ColumnElement[bool]]:
    """Return how open clocks stand at the instant `now`, by their instants rather than marks."""
    now = sa.bindparam("now", None, type_=c.sla_due_at.type)
    runs = sa.and_(c.status.not_in(ENDED), c.sla_status.in_(RUNNING))
    breached = sa.and_(runs, c.sla_due_at <= now)
    warned = sa.and_(runs, c.sla_due_at > now, c.sla_warn_at <= now)
    next_ = sa.and_(runs, c.sla_due_at > now, sa.or_(c.sla_warn_at > now, c.sla_warn_at.is_(None)))
    paused = sa.and_(c.status.not_in(ENDED), c.sla_status == "paused")
    silent = sa.and_(
        c.status.not_in(ENDED),
        c.first_response_at.is_(None),
        c.sla_response.in_(("running", "breached")),
        c.sla_response_due_at <= now,
    )
    return {
        "breached": breached,
        "warned": warned,
        "next": next_,
        "paused": paused,
        "unanswered": silent,
    }


def _where(ctx: Context, project_id: int | None) -> list[sa.ColumnElement[bool]]:
    noun = ctx.registry.noun(Issue)
    found = visible(ctx, noun)
    if project_id is not None:
        found.append(noun.table.c.project_id == sa.bindparam("project", 0, type_=ID))
    return found


def _key(ctx: Context, name: str, project_id: int | None) -> str:
    scoped = ctx.reader.scoped(ctx.registry.noun(Issue), ctx.me)
    return f"{name} {'scoped' if scoped else 'all'} {'project' if project_id else 'every'}"


async def _counts(ctx: Context, project_id: int | None) -> list[int]:
    c = ctx.registry.tables["issues.issue"].c
    named = _conditions(c)
    order = ("breached", "warned", "next", "paused", "unanswered")

    def build() -> sa.Select[Any]:
        """Count each state in one pass over the open issues."""
        sums = [sa.func.coalesce(sa.func.sum(sa.case((named[n], 1), else_=0)), 0) for n in order]
        chosen = sa.select(*sums).select_from(c.id.table)
        return chosen.where(*_where(ctx, project_id), c.status.not_in(ENDED))

    (row,) = await answer(
        ctx,
        _key(ctx, "sla counts", project_id),
        build,
        [None] * len(order),
        now=ctx.now,
        project=project_id or 0,
    )
    return [int(value) for value in row]


async def _lines(ctx: Context, project_id: int | None, state: str) -> list[ClockLine]:
    noun = ctx.registry.noun(Issue)
    c, project = noun.table.c, ctx.registry.tables["projects.project"]
    due = c.sla_response_due_at if state == "unanswered" else c.sla_due_at
    names = ("id", "code", "title", "status", "priority", "assignee_id", "project_id")
    columns = [*(c[name] for name in names), project.c.name, due]

    def build() -> sa.Select[Any]:
        """Read those that come first."""
        chosen = sa.select(*columns).join_from(noun.table, project, project.c.id == c.project_id)
        chosen = chosen.where(*_where(ctx, project_id), _conditions(c)[state])
        return chosen.order_by(due, c.id).limit(MOST)

    rows = await answer(
        ctx,
        _key(ctx, f"sla {state}", project_id),
        build,
        columns,
        now=ctx.now,
        project=project_id or 0,
    )
    return [
        ClockLine(**dict(zip(names, row[:7], strict=True)), project=row[7], state=state, due=row[8])
        for row in rows
    ]


def _firsts(ctx: Context, months: int) -> list[date]:
    """Return the first days of the last months, this one last."""
    this = ctx.today.replace(day=1)
    found = [this]
    for _ in range(months - 1):
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


async def _months(ctx: Context, ask: OverviewAsk) -> list[PolicyMonths]:
    """Return for each policy how many promises were kept and broken, in one statement."""
    c = ctx.registry.tables["issues.issue"].c
    policy = ctx.registry.tables["issues.sla_policy"]
    firsts = _firsts(ctx, ask.months)
    edges = [sla.midnight(day, ctx.me.zone) for day in firsts]

    def build() -> sa.Select[Any]:
        """Add up each month's own."""
        sums = []
        for place in range(ask.months):
            low = sa.bindparam(f"m{place}", None, type_=c.sla_since.type)
            inside = c.sla_since >= low
            if place + 1 < ask.months:
                high = sa.bindparam(f"m{place + 1}", None, type_=c.sla_since.type)
                inside = sa.and_(inside, c.sla_since < high)
            for state in ("met", "missed"):
                hit = sa.and_(inside, c.sla_status == state)
                sums.append(sa.func.sum(sa.case((hit, 1), else_=0)))
        joined = c.id.table.join(policy, policy.c.id == c.sla_policy_id)
        chosen = sa.select(policy.c.id, policy.c.name, *sums).select_from(joined)
        first = sa.bindparam("m0", None, type_=c.sla_since.type)
        kept_ = c.sla_status.in_(("met", "missed"))
        chosen = chosen.where(*_where(ctx, ask.project_id), kept_, c.sla_since >= first)
        return chosen.group_by(policy.c.id, policy.c.name).order_by(policy.c.name, policy.c.id)

    rows = await answer(
        ctx,
        _key(ctx, f"sla months {ask.months}", ask.project_id),
        build,
        [None] * (2 + 2 * ask.months),
        project=ask.project_id or 0,
        **{f"m{place}": at for place, at in enumerate(edges)},
    )
    return [_policy_months(row, firsts) for row in rows]


def _policy_months(row: Sequence[Any], firsts: Sequence[date]) -> PolicyMonths:
    """Return a row of a policy and its sums, two for each month."""
    months = [
        Month(first=first, met=int(row[2 + 2 * n]), missed=int(row[3 + 2 * n]))
        for n, first in enumerate(firsts)
    ]
    return PolicyMonths(policy_id=row[0], policy=row[1], months=months)

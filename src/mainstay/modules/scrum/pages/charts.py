"""What the pages about a sprint's and a project's history show: answers, drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from mainstay.delivery.words import exact_day, language, locale_of, ngettext, number
from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.fields import spoken
from mainstay.kernel.problems import Malformed, NotFound
from mainstay.modules.projects.api import standing
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.history import project_of, sprint_of
from mainstay.modules.scrum.pages.ways import pages_of
from mainstay.modules.scrum.questions.burndown import (
    CUT,
    LOST,
    BurndownAsk,
    BurndownDay,
    SprintBurndown,
    burndown,
)
from mainstay.modules.scrum.questions.flows import LOST as NOT_TOLD
from mainstay.modules.scrum.questions.flows import (
    CumulativeFlow,
    CycleTimes,
    FlowAsk,
    TaskKind,
    TaskTime,
    TimesAsk,
    cumulative_flow,
    cycle_times,
)
from mainstay.modules.scrum.questions.velocity import ProjectVelocity, VelocityAsk, velocity
from mainstay.modules.scrum.scopes import inside
from mainstay.plots import (
    Band,
    Bars,
    Dot,
    Frame,
    Key,
    Level,
    Line,
    Moment,
    Plot,
    bars,
    lines,
    scatter,
)

LIVE = "projects.task,scrum.sprint"
LIMIT_TONE = "tone-red"
# The same status has the same colour in every chart.
TONES = {
    "done": "series-3",
    "testing": "series-6",
    "review": "series-4",
    "blocked": "series-7",
    "in_progress": "series-1",
    "todo": "series-8",
    "backlog": "tone-grey",
}
MEASURES = ("points", "hours", "tasks")
TYPES: tuple[TaskKind, ...] = ("story", "bug", "epic", "spike", "task", "feature", "improvement")
SHOWN = 100
USUAL, MOST = 12, 100


# ---- reading an address ----


def _number(given: Mapping[str, str], name: str) -> int:
    text = given[name]
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound("There is nothing at this address.")
    return int(text)


def _day(given: Mapping[str, str], name: str) -> date | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed(f"{name}={text[:20]} is no day. Write 2026-11-20.") from None


def _one_of(given: Mapping[str, str], name: str, known: Sequence[str]) -> str:
    text = given.get(name, "").strip() or known[0]
    if text not in known:
        raise Malformed(f"{name}={text[:20]} is unknown. Known: {', '.join(filter(None, known))}.")
    return text


def _whole(given: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = given.get(name, "").strip() or str(usual)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise Malformed(f"{name}={text[:20]} must be a whole number from 1 to {most}.")
    return int(text)


def short_day(day: date) -> str:
    """Write a day as briefly as it fits under a chart: 9 Nov, 9. Nov."""
    locale = locale_of(language.get())
    return format_date(day, "d MMM" if locale.language in ("en", "vi") else "d. MMM", locale=locale)


# ---- a sprint's burndown ----


async def burndown_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a sprint's burndown or burnup as of a day."""
    measure = _one_of(given, "measure", MEASURES)
    form = _one_of(given, "show", ("down", "up"))
    as_of = _day(given, "as_of")
    sprint = await sprint_of(ctx, _number(given, "sprint"))
    ask = BurndownAsk(sprint_id=sprint.id, as_of=as_of, measure=measure)  # type: ignore[arg-type]
    answer = await burndown(ctx, ask)
    within = inside(ctx, await standing(ctx, sprint.project_id))
    return {
        "sprint": sprint,
        "inside": within,
        "project": await project_of(ctx, sprint.project_id),
        "answer": answer,
        "plot": None if answer.missing else drawn_burndown(ctx, answer, up=form == "up"),
        "measure": measure,
        "measures": [(one, measured(one)) for one in MEASURES],
        "show": form,
        "as_of": as_of,
        "unit": lambda value: counted(measure, value),
        "said": whys(),
        "changes": answer.changes[::-1][:SHOWN],
        "more": max(0, len(answer.changes) - SHOWN),
        "lost": answer.missing == LOST,
        "cut": answer.definition.endswith(CUT),
        "sprint_pages": pages_of(ctx, [] if within else [sprint.id]),
        "today": ctx.today,
        "live": LIVE,
    }


def whys() -> dict[str, str]:
    """Return the words for what changed a sprint's scope."""
    return {
        "created": _("Made in the sprint"),
        "moved_in": _("Put into the sprint"),
        "moved_out": _("Taken out"),
        "deleted": _("Put into the bin"),
        "restored": _("Taken out of the bin"),
        "raised": _("Estimated higher"),
        "lowered": _("Estimated lower"),
        "dropped": _("Cancelled"),
        "kept": _("Taken up again"),
    }


def measured(measure: str) -> str:
    """Return what a sprint is counted in, as a word of its own."""
    return {"points": _("Points"), "hours": _("Hours"), "tasks": _("Tasks")}[measure]


def counted(measure: str, value: float) -> str:
    """Say so many points, hours or tasks."""
    shown = number(round(value, 2))
    if measure == "hours":
        return _("%(count)s h") % {"count": shown}
    plural = 1 if value == 1 else 2
    if measure == "points":
        return ngettext("%(count)s point", "%(count)s points", plural) % {"count": shown}
    return ngettext("%(count)s task", "%(count)s tasks", plural) % {"count": shown}


def title_of(answer: SprintBurndown) -> str:
    """Answer in one line: what remains, and whether that is on pace."""
    left = counted(answer.measure, answer.remaining)
    if answer.completed_at is not None:
        done = counted(answer.measure, answer.completed)
        if answer.remaining <= 0:
            return _("All was done: %(done)s") % {"done": done}
        return _("%(done)s done, %(left)s were left") % {"done": done, "left": left}
    if answer.remaining <= 0:
        return _("Nothing is left to do")
    late = answer.days_behind
    if late > 0:
        said = ngettext(
            "%(left)s remain, %(num)s working day behind",
            "%(left)s remain, %(num)s working days behind",
            late,
        )
    elif late < 0:
        said = ngettext(
            "%(left)s remain, %(num)s working day ahead",
            "%(left)s remain, %(num)s working days ahead",
            -late,
        )
    else:
        return _("%(left)s remain, on pace") % {"left": left}
    return said % {"left": left, "num": abs(late)}


def drawn_burndown(ctx: Context, answer: SprintBurndown, *, up: bool = False) -> Plot:
    """Draw a sprint: what remains with its scope, or what is done under its scope."""
    days = answer.days
    first = days[0].date.toordinal()
    ends = {one.date: float(one.date.toordinal() + 1) for one in days}
    running = answer.completed_at is None and answer.as_of == ctx.today
    if running and ctx.today in ends:
        ends[ctx.today] = ctx.today.toordinal() + _share(ctx)
    known = [one for one in days if one.remaining is not None]
    frame = _sprint_frame(ctx, answer, ends, running=running)
    committed = answer.committed
    # Where the log was cut, nothing is drawn before the first day that is known.
    begun = not known or known[0] is days[0]
    scope = [(float(first), committed)] * begun
    scope += [(ends[one.date], one.scope or 0.0) for one in known]
    pace = [(float(first), committed)]
    pace += [(one.date.toordinal() + 1.0, one.ideal) for one in days]
    if up:
        done = [(float(first), 0.0)] * begun
        done += [(ends[one.date], one.completed or 0.0) for one in known]
        series = [
            Line(_("Scope"), scope, "series-2", "step"),
            Line(_("Completed"), done, "series-3"),
            Line(_("Even pace"), [(x, committed - y) for x, y in pace], "series-8", dash="ideal"),
        ]
    else:
        left = [(float(first), committed)] * begun
        left += [(ends[one.date], one.remaining or 0.0) for one in known]
        series = [
            Line(_("Remaining"), left, "series-1"),
            Line(_("Even pace"), pace, "series-8", dash="ideal"),
            Line(_("Scope"), scope, "series-2", "step"),
        ]
    return replace(lines(frame, series), **_sums(known))


def _share(ctx: Context) -> float:
    """Return how much of today is over where the asking person is."""
    local = ctx.now.astimezone(ZoneInfo(ctx.me.zone))
    return max(0.02, (local.hour * 60 + local.minute) / 1440)


def _sprint_frame(
    ctx: Context, answer: SprintBurndown, ends: Mapping[date, float], *, running: bool
) -> Frame:
    first = answer.days[0].date
    free = [
        Band(run[0].date.toordinal(), run[-1].date.toordinal() + 1)
        for works, days in groupby(answer.days, key=lambda one: one.working)
        if not works and (run := list(days))
    ]
    said = {float(first.toordinal()): _("Start")}
    said |= {end: exact_day(day) for day, end in ends.items()}
    today = [Moment(ends[ctx.today], _("Today"))] if running and ctx.today in ends else []
    return Frame(
        title=title_of(answer),
        desc=_(
            "Committed is what was in the sprint when it started. Whatever is put in or taken out "
            "after that, deleted, cancelled or estimated anew is added or removed. Remaining is "
            "committed plus added less removed less completed, at the end of each day."
        ),
        axis=measured(answer.measure),
        over=_("Day"),
        bands=free,
        moments=today,
        number=lambda value: number(round(value, 2)),
        label=lambda x: said.get(float(x), "") if not isinstance(x, date) else exact_day(x),
        ticks=[(one.date.toordinal() + 0.5, short_day(one.date)) for one in answer.days],
    )


def _sums(known: Sequence[BurndownDay]) -> dict[str, Any]:
    """Return the table of a burndown: the five sums of each day, and how they belong together."""
    head = (
        _("Day"),
        _("Committed"),
        _("Added"),
        _("Removed"),
        _("Completed"),
        _("Remaining"),
        _("Even pace"),
    )
    rows = tuple(
        (
            exact_day(one.date),
            *(
                number(round(value or 0.0, 2))
                for value in (
                    one.committed,
                    one.added,
                    one.removed,
                    one.completed,
                    one.remaining,
                    one.ideal,
                )
            ),
        )
        for one in known
    )
    return {"head": head, "rows": rows}


async def burndown_panel(ctx: Context, sprint: Sprint) -> dict[str, Any] | None:
    """Return a sprint's burndown for its own page, once it has started."""
    if sprint.started_at is None or not ctx.can("scrum.burndown.read"):
        return None
    answer = await burndown(ctx, BurndownAsk(sprint_id=sprint.id))
    if answer.missing:
        return None
    return {"sprint": sprint, "plot": drawn_burndown(ctx, answer), "answer": answer}


# ---- velocity ----


async def velocity_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a project's velocity as of a day."""
    project = await project_of(ctx, _number(given, "project"))
    as_of, last = _day(given, "as_of"), _whole(given, "last", USUAL, MOST)
    answer = await velocity(ctx, VelocityAsk(project_id=project.id, last=last, as_of=as_of))
    return {
        "project": project,
        "tab": "velocity",
        "answer": answer,
        "plot": None if answer.missing else drawn_velocity(ctx, answer),
        "as_of": as_of,
        "last": last,
        "today": ctx.today,
        "live": "scrum.sprint",
    }


def drawn_velocity(ctx: Context, answer: ProjectVelocity) -> Plot:
    """Draw what each sprint committed to and completed, with average and range."""
    sprints = answer.sprints
    assert answer.average is not None
    assert answer.low is not None
    assert answer.high is not None
    shown = {name: number(round(getattr(answer, name), 1)) for name in ("average", "low", "high")}
    if len(sprints) > 1:
        title = _("%(average)s points a sprint, between %(low)s and %(high)s") % shown
    else:
        title = _("%(average)s points in the one sprint so far") % shown
    frame = Frame(
        title=title,
        desc=_(
            "Velocity is the points that a sprint completed, as they were when it ended; "
            "predictability is what was completed as a share of what was committed when the "
            "sprint started."
        ),
        axis=_("Points"),
        over=_("Sprint"),
        levels=[Level(answer.average, _("average %(average)s") % shown)],
        bands=[Band(answer.low, answer.high, _("range"), level=True)] if len(sprints) > 1 else [],
        number=lambda value: number(round(value, 2)),
    )
    hrefs = [f"/scrum/sprints/{one.sprint_id}/burndown" for one in sprints]
    names = [one.name for one in sprints]
    series = [
        Bars(_("Committed"), [one.committed for one in sprints], "series-8", hrefs, faint=True),
        Bars(_("Completed"), [one.completed for one in sprints], "series-1", hrefs),
    ]
    return replace(bars(frame, names, series), **_velocities(ctx, answer))


def _velocities(ctx: Context, answer: ProjectVelocity) -> dict[str, Any]:
    """Return the table of a velocity chart."""
    head = (
        _("Sprint"),
        _("Ended"),
        _("Committed"),
        _("Completed"),
        _("Completed of committed"),
    )
    rows = tuple(
        (
            one.name,
            exact_day(one.completed_at.astimezone(ZoneInfo(ctx.me.zone)).date())
            if one.completed_at
            else "",
            number(one.committed),
            number(one.completed),
            "" if one.predictability is None else f"{number(round(one.predictability * 100))} %",
        )
        for one in answer.sprints
    )
    return {"head": head, "rows": rows}


# ---- flow ----


async def flow_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a project's cumulative flow, its cycle or lead times, and what ages in work."""
    project = await project_of(ctx, _number(given, "project"))
    first, last = _day(given, "from"), _day(given, "to")
    kind = _one_of(given, "kind", ("cycle", "lead"))
    chosen = _one_of(given, "type", ("", *TYPES))
    told = await cumulative_flow(ctx, FlowAsk(project_id=project.id, first=first, last=last))
    asked = TimesAsk(
        project_id=project.id,
        first=first,
        last=last,
        kind=kind,  # type: ignore[arg-type]
        type=chosen or None,  # type: ignore[arg-type]
    )
    times = await cycle_times(ctx, asked)
    return {
        "project": project,
        "tab": "flow",
        "flow": told,
        "times": times,
        "lost": told.missing == NOT_TOLD,
        "drawn_flow": None if told.missing else drawn_flow(ctx, told),
        "drawn_times": None if times.missing else drawn_times(ctx, times),
        "drawn_bins": None if times.missing else drawn_bins(times),
        "kind": kind,
        "type": chosen,
        "types": [(one, _(spoken(one))) for one in TYPES],
        "first": first or times.first,
        "last": last or ctx.today,
        "ageing": times.ageing[:SHOWN],
        "days": days_said,
        "stage": status_said,
        "today": ctx.today,
        "live": LIVE,
    }


def status_said(status: str) -> str:
    """Return a status in the reader's language."""
    return _(spoken(status))


def days_said(value: float) -> str:
    """Say so many days."""
    shown = number(round(value, 1))
    return ngettext("%(count)s day", "%(count)s days", 1 if value == 1 else 2) % {"count": shown}


def drawn_flow(ctx: Context, answer: CumulativeFlow) -> Plot:
    """Draw how much stood in each status, what is done at the bottom."""
    days = [(day.date, day.statuses) for day in answer.days if day.statuses is not None]
    last = days[-1][1]
    done = last.get("done", 0.0)
    coming = sum(last.get(one, 0.0) for one in ("todo", "backlog"))
    sums = {
        "done": number(done),
        "work": number(sum(last.values()) - done - coming),
        "coming": number(coming),
    }
    frame = Frame(
        title=_("%(work)s tasks in work, %(done)s done, %(coming)s to come") % sums,
        desc=_(
            "How many tasks stood in each status at the end of each day; cancelled ones and those "
            "in the bin are left out. A band that grows wider is work that waits."
        ),
        axis=_("Tasks"),
        over=_("Day"),
        label=lambda x: exact_day(x) if isinstance(x, date) else "",
        short=lambda x: short_day(_date(x)),
        number=lambda value: number(round(value, 2)),
        whole=True,
    )
    series = [
        Line(
            status_said(one),
            [(day, statuses.get(one, 0.0)) for day, statuses in days],
            TONES[one],
        )
        for one in answer.statuses
    ]
    return lines(frame, series, stacked=True)


def times_meaning(kind: str) -> str:
    """Say what the time of a task is."""
    if kind == "cycle":
        return _(
            "The cycle time of a task is how many days passed from when it was first taken up "
            "until it was last done."
        )
    return _(
        "The lead time of a task is how many days passed from when it was made until it was last "
        "done."
    )


def drawn_times(ctx: Context, answer: CycleTimes) -> Plot:
    """Draw how long each task took, in the order in which they were done."""
    zone = ZoneInfo(ctx.me.zone)
    shares = answer.percentiles
    said = {percent: days_said(value) for percent, value in shares.items()}
    title = _("85 %% were done within %(days)s") % {"days": said[85]}
    levels = [Level(value, f"{percent} %: {said[percent]}") for percent, value in shares.items()]
    if answer.upper is not None:
        words = _("upper limit: %(days)s") % {"days": days_said(answer.upper)}
        levels.append(Level(answer.upper, words, LIMIT_TONE))
    frame = Frame(
        title=title,
        desc=times_meaning(answer.kind),
        axis=_("Days"),
        over=_("Done"),
        levels=levels,
        number=lambda value: number(round(value, 1)),
        label=lambda x: exact_day(_date(x)),
        short=lambda x: short_day(_date(x)),
    )
    dots = [_dot(one, answer.upper, zone) for one in answer.tasks]
    rolling = [
        (_moment(one.done_at, zone), one.rolling) for one in answer.tasks if one.rolling is not None
    ]
    over = [Line(_("Mean of the last ten"), rolling, "series-2")] if rolling else []
    keys = [Key(_("A task that was done"), "series-1", "dot")]
    if any(dot.tone == LIMIT_TONE for dot in dots):
        keys.append(Key(_("Beyond the upper limit"), LIMIT_TONE, "dot"))
    plot = scatter(frame, dots, over, keys=keys)
    head = (_("Task"), _("Type"), _("Done"), _("Days"))
    rows = tuple(
        (
            one.task,
            _(spoken(one.type)),
            exact_day(one.done_at.astimezone(zone).date()),
            number(round(one.days, 1)),
        )
        for one in answer.tasks[::-1]
    )
    return replace(plot, head=head, rows=rows)


def _dot(one: TaskTime, upper: float | None, zone: ZoneInfo) -> Dot:
    beyond = upper is not None and one.days > upper
    words = f"{one.task}: {days_said(one.days)}"
    href, tone = f"/projects/tasks/{one.task_id}", LIMIT_TONE if beyond else "series-1"
    return Dot(_moment(one.done_at, zone), one.days, words, href, tone, strong=beyond)


def _moment(at: datetime, zone: ZoneInfo) -> float:
    """Return an instant as a number of days, so that tasks of one day stand beside each other."""
    local = at.astimezone(zone)
    begun = datetime.combine(local.date(), time(), zone)
    return local.date().toordinal() + (local - begun) / timedelta(days=1)


def _date(x: float | date) -> date:
    return x if isinstance(x, date) else date.fromordinal(int(x))


def drawn_bins(answer: CycleTimes) -> Plot:
    """Draw how many tasks took how many days."""
    shares = answer.percentiles
    frame = Frame(
        title=_("Half took %(days)s or less") % {"days": days_said(shares[50])},
        desc="",
        axis=_("Tasks"),
        over=_("Days"),
        number=lambda value: number(round(value, 2)),
        whole=True,
        height=200,
    )
    places = [
        number(one.least) if one.below - one.least == 1 else f"{one.least:g}-{one.below - 1:g}"
        for one in answer.histogram
    ]
    return bars(frame, places, [Bars(_("Tasks"), [one.tasks for one in answer.histogram])])

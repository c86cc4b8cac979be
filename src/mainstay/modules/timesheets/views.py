"""What this room's pages and panels show: the answers of its questions, ready to be drawn."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, cast

from babel import Locale
from babel.dates import format_date, format_interval
from markupsafe import Markup

from mainstay.delivery import cells as drawn
from mainstay.delivery import words
from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import ngettext
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import spoken
from mainstay.kernel.module import Place
from mainstay.kernel.problems import Malformed, NotFound, Problem
from mainstay.modules.issues.api import Issue
from mainstay.modules.projects.api import Project, Task
from mainstay.modules.timesheets import rules, scopes
from mainstay.modules.timesheets.actions.cells import KINDS, row_of
from mainstay.modules.timesheets.actions.rates import COST, PAY, Span
from mainstay.modules.timesheets.entities import HourlyRate, Timesheet
from mainstay.modules.timesheets.questions.estimates import Estimates, EstimatesAsk, estimates
from mainstay.modules.timesheets.questions.prices import repricing
from mainstay.modules.timesheets.questions.profit import (
    PROJECT_PAY,
    Profitability,
    ProfitAsk,
    profitability,
)
from mainstay.modules.timesheets.questions.reports import (
    By,
    ReportAsk,
    TimeReport,
    time_report,
)
from mainstay.modules.timesheets.questions.waiting import WaitingAsk, weeks_to_approve
from mainstay.modules.timesheets.questions.week import (
    ChoicesAsk,
    WeekAsk,
    on_record,
    row_choices,
    running,
    timesheet_week,
)
from mainstay.plots import Bars, Frame, Plot, bars

LIVE = "projects.time_entry,timesheets.timesheet"
LEVELS: tuple[By, ...] = ("person", "project", "task", "issue", "type", "customer")
DRAWN = 12
LABEL = 16
DASH = "\u2013"
STATES = {"open": "azure", "submitted": "yellow", "approved": "green", "rejected": "red"}
WAITS: tuple[Literal["submitted", "approved", "rejected"], ...] = (
    "submitted",
    "approved",
    "rejected",
)


# ---- reading an address ----


def day_of(given: Mapping[str, str], name: str) -> date | None:
    """Read a day of an address."""
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed(f"{name}={text[:20]} is no day. Write 2026-11-20.") from None


def number_of(given: Mapping[str, str], name: str) -> int | None:
    """Read the number of a record of an address."""
    text = given.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Malformed(f"{name}={text[:20]} must be the number of a record.")
    return int(text)


def one_of(given: Mapping[str, str], name: str, known: Sequence[str], usual: str) -> str:
    """Read one of some words of an address."""
    text = given.get(name, "").strip() or usual
    if text not in known and text != usual:
        raise Malformed(f"{name}={text[:20]} is unknown. Known: {', '.join(known)}.")
    return text


# ---- words ----


def _day(form: str) -> Callable[[date], str]:
    return lambda day: str(format_date(day, form, locale=_locale()))


def _money(amount: Decimal, unit: str) -> str:
    """Write an amount so that its sign stays on its line."""
    return drawn.money(amount, unit, words.language.get()).replace("-", "\u2212")


def _locale() -> Locale:
    return words.locale_of(words.language.get())


def _tools() -> dict[str, Any]:
    """Return what every template of the room writes with."""
    return {
        "clock": rules.clock,
        "hours_clock": lambda hours: rules.clock(rules.minutes_of(hours)),
        "weekday": _day("EEE"),
        "weekday_long": _day("EEEE, d MMMM"),
        "short_day": _day("d MMM"),
        "full_day": _day("d MMMM y"),
        "kind_word": lambda kind: _(spoken(kind)),
        "kinds": KINDS,
        "state": lambda value: Markup(drawn.pill(value, STATES.get(value, ""))),  # noqa: S704
        "money": _money,
        "percent": lambda share: DASH if share is None else f"{words.number(round(share * 100))} %",
    }


def _span(first: date, last: date) -> str:
    """Write the days from first to last, as the reader writes them."""
    return str(format_interval(first, last, "yMMMd", locale=_locale()))


# ---- the week ----


async def week_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return one person's week with its grid, its timer and what can be done with it."""
    ask = WeekAsk(
        week=day_of(given, "week"),
        user_id=number_of(given, "user"),
        add=given.get("add", "")[:4000],
        copy_rows=given.get("copy") == "1",
    )
    week = await timesheet_week(ctx, ask)
    mine = week.user_id == ctx.me.id
    whose = () if mine else (("user", week.user_id),)
    return {
        **_tools(),
        "week": week,
        "span": _span(week.first, week.last),
        "mine": mine,
        "before": week.first - rules.WEEK,
        "after": week.first + rules.WEEK,
        "whose": whose,
        "now_here": week.first <= ctx.today <= week.last,
        "here": given.get("week", ""),
        "today": ctx.today,
        "live": LIVE,
        "may_fill": week.may_edit,
        "approves": ctx.can("timesheets.timesheet.approve"),
        "starting": given.get("start") == "1",
    }


async def cell_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the entries of one cell, for the dialog that shows them."""
    day, row = day_of(given, "date"), row_of(given.get("row", ""))
    if day is None or row is None:
        raise Malformed("Say which cell is meant: row=t12.development&date=2026-11-16.")
    person = number_of(given, "user")
    ask = WeekAsk(week=day, user_id=person, add=row.key)
    week = await timesheet_week(ctx, ask)
    line = next((one for one in week.rows if one.key == row.key), None)
    if line is None:
        raise NotFound("There is nothing in this row that you may see.")
    cell = next(one for one in line.cells if one.day == day)
    locked = next(one.locked for one in week.days if one.day == day)
    return {
        **_tools(),
        "week": week,
        "line": line,
        "cell": cell,
        "may_fill": week.may_edit and not locked,
        "locked": locked,
        "known": [(entry.id, entry.version) for entry in cell.entries],
    }


async def rows_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the rows that may be added, for the dialog that offers them."""
    q = given.get("q", "").replace("\x00", "")[:100]
    return {
        **_tools(),
        "q": q,
        "for_timer": given.get("for") == "timer",
        "choices": await row_choices(ctx, ChoicesAsk(q=q)),
    }


async def timer_offer(ctx: Context) -> list[Place]:
    """Return the running timer, or the way to start one, for the command palette."""
    if ctx.me.id is None or not ctx.can("timesheets.timesheet.fill"):
        return []
    timer = await running(ctx)
    if timer is None:
        return [Place("/time?start=1", _("Start a timer …"), "player-play")]
    what = f"{timer.code} {timer.title}".strip() or _("your work")
    title = _("Stop the timer: %(what)s") % {"what": what}
    return [
        Place("/time#timer", title, "player-stop", rules.clock(rules.minutes_of(timer.hours))),
        Place("/time?start=1", _("Switch the timer …"), "player-play"),
    ]


# ---- approvals ----


async def approvals_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the weeks that wait for somebody's approval, or that were decided on."""
    status = one_of(given, "status", WAITS, "submitted")
    ask = WaitingAsk(status=cast("Literal['submitted']", status))
    return {
        **_tools(),
        "answer": await weeks_to_approve(ctx, ask),
        "which": status,
        "statuses": WAITS,
        "sign": _sign,
        "span": lambda first: _span(first, first + timedelta(days=6)),
        "today": ctx.today,
        "live": LIVE,
    }


def _sign(sign: rules.Sign) -> tuple[str, str]:
    """Return what is special about a week in words, and how much it matters."""
    time = rules.clock(sign.minutes)
    days = ", ".join(_day("EEE")(day) for day in sign.days)
    if sign.kind == "missing":
        said = ngettext(
            "%(num)s working day without time", "%(num)s working days without time", len(sign.days)
        )
        return f"{said % {'num': len(sign.days)}} ({days})", "warn"
    if sign.kind == "free":
        return _("%(time)s on free days (%(days)s)") % {"time": time, "days": days}, "warn"
    if sign.kind == "over":
        return _("%(time)s more than planned") % {"time": time}, "warn"
    return _("%(time)s less than planned") % {"time": time}, ""


async def way_panel(ctx: Context, sheet: Timesheet) -> dict[str, Any]:
    """Return the way from a week's record to its grid."""
    return {"sheet": sheet, "mine": sheet.user_id == ctx.me.id}


# ---- reports ----


def _period(given: Mapping[str, str], today: date) -> tuple[date, date, list[dict[str, Any]]]:
    """Return the days of a report, this month's if none are said, and the usual spans."""
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    monday = rules.monday(today)
    spans = [
        (_("This week"), monday, monday + timedelta(days=6)),
        (_("Last week"), monday - rules.WEEK, monday - timedelta(days=1)),
        (_("This month"), month, _month_end(month)),
        (_("Last month"), before, month - timedelta(days=1)),
        (_("This quarter"), quarter, _month_end(quarter.replace(month=quarter.month + 2))),
        (_("This year"), today.replace(month=1, day=1), today.replace(month=12, day=31)),
    ]
    first = day_of(given, "first") or month
    last = day_of(given, "last") or (_month_end(month) if "first" not in given else today)
    usual = [
        {"title": title, "first": a, "last": z, "here": (a, z) == (first, last)}
        for title, a, z in spans
    ]
    return first, last, usual


def _month_end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def report_ask(given: Mapping[str, str], today: date) -> ReportAsk:
    """Read a report's address."""
    first, last, _usual = _period(given, today)
    by = one_of(given, "by", LEVELS, "project")
    then = one_of(given, "then", LEVELS, "")
    billable = {"yes": True, "no": False}.get(one_of(given, "billable", ("yes", "no"), ""))
    return ReportAsk(
        first=first,
        last=last,
        by=cast("By", by),
        then=cast("By", then) if then and then != by else None,
        project_id=number_of(given, "project"),
        user_id=number_of(given, "user"),
        billable=billable,
    )


async def reports_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a report of time with its drawing."""
    ask = report_ask(given, ctx.today)
    problem, answer = "", None
    try:
        answer = await time_report(ctx, ask)
    except Problem as refusal:
        problem = refusal.detail
    _first, _last, usual = _period(given, ctx.today)
    asked = {
        "first": ask.first,
        "last": ask.last,
        "by": ask.by,
        "then": ask.then,
        "project": ask.project_id,
        "user": ask.user_id,
        "billable": given.get("billable") or None,
    }
    return {
        **_tools(),
        "answer": answer,
        "problem": problem,
        "asked": asked,
        "given": [(name, value) for name, value in asked.items() if value],
        "usual": usual,
        "levels": LEVELS,
        "level_word": level_word,
        "part_title": part_title,
        "plot": _plot(answer) if answer and answer.groups else None,
        "pay": ctx.can(PAY),
        "costs": ctx.can(COST),
        "may_reprice": all(ctx.can(one) for one in (PAY, COST, "timesheets.hourly_rate.reprice")),
        "today": ctx.today,
        "live": "projects.time_entry",
    }


def level_word(level: str) -> str:
    """Return how one way to group is called."""
    return {
        "person": _("Person"),
        "project": _("Project"),
        "task": _("Task"),
        "issue": _("Issue"),
        "type": _("Kind of work"),
        "customer": _("Customer"),
    }[level]


def part_title(part: Any) -> str:
    """Return how one group is called; what may not be seen, and what there is none of, says so."""
    if part.by == "type":
        return _(spoken(part.value))
    if part.id is None:
        return {
            "task": _("Without a task"),
            "issue": _("Without an issue"),
            "customer": _("Without a customer"),
        }.get(part.by, DASH)
    return part.title or _("What you cannot see")


def _plot(answer: TimeReport) -> Plot:
    """Draw the hours of the first level, billable and not."""
    merged: dict[str, list[Decimal]] = {}
    for group in answer.groups:
        both = merged.setdefault(part_title(group.parts[0]), [Decimal(0), Decimal(0)])
        both[0] += group.billable_hours
        both[1] += group.hours - group.billable_hours
    most = sorted(merged.items(), key=lambda one: -sum(one[1]))[:DRAWN]
    title = _("%(hours)s hours, %(share)s %% of them billable") % {
        "hours": words.number(answer.total.hours),
        "share": words.number(round((answer.total.billable_share or 0) * 100)),
    }
    frame = Frame(
        title,
        _("All time entries of these days that you may see, by the day they count for."),
        axis=_("Hours"),
        over=level_word(answer.by),
        number=words.number,
        whole=False,
    )
    series = [
        Bars(_("Billable"), [float(both[0]) for _name, both in most], "series-1"),
        Bars(_("Not billable"), [float(both[1]) for _name, both in most], "series-8"),
    ]
    return bars(frame, [_short(name) for name, _both in most], series, stacked=True)


def _short(name: str) -> str:
    """Return a name that fits under a bar."""
    return name if len(name) <= LABEL else f"{name[: LABEL - 1].rstrip()}…"


async def estimates_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return how estimates turned out, with the spread of the ratios."""
    by = one_of(given, "by", ("person", "type", "project"), "person")
    ask = EstimatesAsk(
        first=day_of(given, "first"),
        last=day_of(given, "last"),
        project_id=number_of(given, "project"),
        by=cast("Literal['person']", by),
    )
    problem, answer = "", None
    try:
        answer = await estimates(ctx, ask)
    except Problem as refusal:
        problem = refusal.detail
    return {
        **_tools(),
        "answer": answer,
        "problem": problem,
        "ask": ask,
        "by": by,
        "level_word": level_word,
        "plot": _spread(answer) if answer and answer.total.tasks else None,
        "group_title": lambda one: (
            _(spoken(one.title)) if by == "type" else one.title or _("Nobody")
        ),
        "today": ctx.today,
        "live": "projects.task",
    }


def _spread(answer: Estimates) -> Plot:
    """Draw how many tasks took which share of their estimate."""
    places, before = [], 0
    for upto in answer.upto:
        places.append(f"> {before} %" if upto is None else f"{before}{DASH}{upto} %")
        before = upto or 0
    title = _("%(share)s %% of the estimated time was needed") % {
        "share": words.number(round((answer.total.ratio or 0) * 100))
    }
    frame = Frame(
        title,
        _("Finished tasks by the share of their estimate that they took; 100 % is just on it."),
        axis=_("Tasks"),
        over=_("Share of the estimate"),
        number=words.number,
    )
    return bars(frame, places, [Bars(_("Tasks"), [float(n) for n in answer.distribution])])


# ---- prices and profit ----


async def anew_panel(ctx: Context, rate: HourlyRate) -> dict[str, Any]:
    """Return the way from a rate to pricing its days anew."""
    first = rate.valid_from or ctx.today.replace(day=1)
    last = min(rate.valid_until or ctx.today, ctx.today)
    only = {"project": rate.project_id, "user": rate.user_id}
    given = {"first": first, "last": max(first, last), **{n: v for n, v in only.items() if v}}
    return {"given": list(given.items())}


async def reprice_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what pricing a span anew would change, where a span is said."""
    first, last = day_of(given, "first"), day_of(given, "last")
    month = ctx.today.replace(day=1)
    problem, answer, people = "", None, {}
    project, user = number_of(given, "project"), number_of(given, "user")
    if first and last:
        try:
            ask = Span(first=first, last=last, project_id=project, user_id=user)
            answer = await repricing(ctx, ask)
            people = await scopes.names_of(ctx, [line.user_id for line in answer.lines])
        except Problem as refusal:
            problem = refusal.detail
    return {
        **_tools(),
        "first": first or month,
        "last": last or ctx.today,
        "project_id": project,
        "user_id": user,
        "answer": answer,
        "people": people,
        "problem": problem,
        "today": ctx.today,
    }


async def profit_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what a project earns, costs and leaves."""
    text = given["project"]
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound("There is nothing at this address.")
    answer = await profitability(ctx, ProfitAsk(project_id=int(text)))
    project = await ctx.find(Project, id=int(text))
    return {
        **_tools(),
        "project": project,
        "answer": answer,
        "today": ctx.today,
        "plot": _profit_plot(answer),
        "live": "projects.time_entry,projects.project,timesheets.hourly_rate",
    }


def _profit_plot(answer: Profitability) -> Plot | None:
    """Draw what people's time brings and costs."""
    if not answer.people:
        return None
    people = answer.people[:DRAWN]
    frame = Frame(
        _("What each person's time brings and costs")
        if answer.shows_cost
        else _("What each person's time brings"),
        _("Billed hours times their rate, and all hours times their cost.")
        if answer.shows_cost
        else _("Billed hours times their rate."),
        axis=answer.currency,
        over=_("Person"),
        number=words.number,
        whole=False,
    )
    series = [
        Bars(_("Brings"), [float(one.amount) for one in people], "series-1"),
    ]
    if answer.shows_cost:
        costs = [float(one.cost or 0) for one in people]
        series.append(Bars(_("Costs"), costs, "series-2"))
    return bars(frame, [_short(one.name) for one in people], series)


async def profit_panel(ctx: Context, project: Project) -> dict[str, Any] | None:
    """Return a project's profit on its page, to those who may see pay."""
    if not (ctx.can(PROJECT_PAY) and ctx.can(PAY)):
        return None
    answer = await profitability(ctx, ProfitAsk(project_id=project.id))
    return {**_tools(), "answer": answer, "project": project}


# ---- time on a task or an issue ----


async def task_time_panel(ctx: Context, task: Task) -> dict[str, Any]:
    """Return the time on a task, and the person's timer."""
    return await _time_panel(ctx, "t", task)


async def issue_time_panel(ctx: Context, issue: Issue) -> dict[str, Any]:
    """Return the time on an issue, and the person's timer."""
    return await _time_panel(ctx, "i", issue)


async def _time_panel(ctx: Context, what: str, record: Entity) -> dict[str, Any]:
    timer = await running(ctx) if ctx.me.id else None
    here = timer if timer and timer.key.startswith(f"{what}{record.id}.") else None
    field = "task_id" if what == "t" else "issue_id"
    return {
        **_tools(),
        "sums": await on_record(ctx, field, record.id),
        "timer": here,
        "elsewhere": timer if timer and not here else None,
        "row": f"{what}{record.id}.development" if what == "t" else f"{what}{record.id}.support",
        "list": f"/projects/time_entries?{field}={record.id}",
        "may_fill": ctx.me.id is not None and ctx.can("timesheets.timesheet.fill"),
    }

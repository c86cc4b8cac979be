"""What this room's own pages show: the answers of its questions, ready to be drawn."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from mainstay.delivery.pages.views.plot import spread, up
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Malformed, NotFound, Problem
from mainstay.modules.planning import scopes
from mainstay.modules.planning.entities import Baseline, WorkCalendar
from mainstay.modules.planning.questions.compared import Compared, ComparedAsk, compared
from mainstay.modules.planning.questions.forecast import ForecastAsk, ProjectForecast, forecast
from mainstay.modules.planning.questions.levelled import How, ReplanAsk, replanned
from mainstay.modules.planning.questions.schedule import ProjectSchedule, ScheduleAsk, schedule
from mainstay.modules.projects.api import Project, standing
from mainstay.scheduling import solver_installed

SHOWN = 100
HOWS: dict[str, How] = {"schedule": "schedule", "level": "level", "solve": "solve"}
WORST = 100


# ---- reading an address ----


def project_id(given: Mapping[str, str]) -> int:
    """Read which project an address is about."""
    text = given["project"]
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound("There is nothing at this address.")
    return int(text)


def day_of(given: Mapping[str, str], name: str) -> date | None:
    """Read a day of an address."""
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed(f"{name}={text[:20]} is no day. Write 2026-11-20.") from None


def whole_of(given: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    """Read a whole number of an address."""
    text = given.get(name, "").strip() or str(usual)
    if not (text.isascii() and text.isdecimal() and least <= int(text[:9]) <= most):
        raise Malformed(f"{name}={text[:20]} must be a whole number from {least} to {most}.")
    return int(text)


async def _about(ctx: Context, number: int, tab: str) -> dict[str, Any]:
    """Return what every page of a project's plan shows around its own content."""
    project = await scopes.project_of(ctx, number)
    at = await standing(ctx, number)
    may = ctx.can("projects.project.plan") and at.leads and not at.binned
    return {"project": project, "tab": tab, "may_plan": may, "today": ctx.today}


# ---- pages ----


async def plans_page(ctx: Context) -> dict[str, Any]:
    """Return the projects that have a plan to look at: those that are not over."""
    noun = ctx.registry.noun(Project)
    ask = ctx.ask(noun, {"status__in": "planning,active,review,on_hold", "sort": "end_date,id"})
    ask.limit = SHOWN
    found, more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    keys = ("planning.baseline", "planning.work_calendar", "planning.holiday")
    nouns = [ctx.registry.noun(key) for key in keys]
    lists = [one for one in nouns if ctx.can(one.permission("read"))]
    return {"projects": found, "more": more, "today": ctx.today, "lists": lists}


async def schedule_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a project's schedule, and what planning it anew would bring where that is asked."""
    number = project_id(given)
    about = await _about(ctx, number, "schedule")
    planned = given.get("as") == "planned"
    problem, answer = "", None
    try:
        answer = await schedule(ctx, ScheduleAsk(project_id=number, as_planned=planned))
    except Problem as refusal:
        problem = refusal.detail
    how = given.get("how", "")
    if how and how not in HOWS:
        raise Malformed(f"how={how[:20]} is unknown. Known: {', '.join(HOWS)}.")
    preview, refused = None, ""
    start = day_of(given, "start")
    if how and "start" in given:
        try:
            preview = await replanned(ctx, ReplanAsk(project_id=number, start=start, how=HOWS[how]))
        except Problem as refusal:
            refused = refusal.detail
    shown = _tasks(answer, given.get("show", "")) if answer else []
    return {
        **about,
        "answer": answer,
        "problem": problem,
        "as_planned": planned,
        "show": given.get("show", ""),
        "way": _path(answer) if answer else [],
        "shown": shown[:SHOWN],
        "left": max(0, len(shown) - SHOWN),
        "how": how,
        "start": start or about["today"],
        "preview": preview,
        "refused": refused,
        "solver": solver_installed(),
        "live": "projects.task,projects.task_dependency",
    }


def _path(answer: ProjectSchedule) -> list[Any]:
    """Return the tasks that decide the end, one after the other."""
    known = {one.task_id: one for one in answer.tasks}
    return [known[task] for task in answer.longest_path[:SHOWN]]


def _tasks(answer: ProjectSchedule, show: str) -> list[Any]:
    """Return the open tasks in the order of their days; the critical or the late ones alone."""
    tasks = [one for one in answer.tasks if one.standing != "done"]
    if show == "critical":
        tasks = [one for one in tasks if one.critical]
    if show == "late":
        tasks = [one for one in tasks if one.days_late]
    return sorted(tasks, key=lambda one: (one.early_start, one.early_finish, one.task_id))


async def forecast_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a project's forecast with its drawing."""
    number = project_id(given)
    weeks = whole_of(given, "weeks", 12, 1, 104)
    remaining = whole_of(given, "remaining", 0, 0, 100_000) or None
    by = day_of(given, "by")
    about = await _about(ctx, number, "forecast")
    ask = ForecastAsk(project_id=number, weeks=weeks, remaining=remaining, by=by)
    problem, answer = "", None
    try:
        answer = await forecast(ctx, ask)
    except Problem as refusal:
        problem = refusal.detail
    return {
        **about,
        "answer": answer,
        "problem": problem,
        "asked": remaining,
        "drawn": _drawn(answer) if answer and answer.histogram else None,
        "live": "projects.task",
    }


def _drawn(answer: ProjectForecast) -> dict[str, Any]:
    """Place the columns of the histogram, and mark where 50, 85 and 95 % are reached."""
    shares = [one.trials / 100 for one in answer.histogram]
    span, marks = spread(shares, whole=False)
    sure = next(one.day for one in answer.dates if one.percent == 85)
    band = 100 / len(shares)
    columns = []
    for place, (one, share) in enumerate(zip(answer.histogram, shares, strict=True)):
        top = up(span, share)
        before = 1.0 if not place else 0.0
        reached = [p.percent for p in answer.dates if one.first <= p.day <= one.last]
        if not reached and before:
            reached = [p.percent for p in answer.dates if p.day < one.first]
        columns.append(
            {
                "x": round(place * band + band * 0.08, 3),
                "width": round(band * 0.84, 3),
                "y": top,
                "height": round(100 - top, 3),
                "middle": round((place + 0.5) * band, 3),
                "one": one,
                "share": share,
                "reached": reached,
                "beyond": one.first > sure,
            }
        )
    ticks = [{"at": up(span, mark), "mark": mark} for mark in marks if mark]
    each = max(1, -(-len(columns) // 8))
    return {"columns": columns, "ticks": ticks, "each": each}


async def baselines_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a project's baselines, and one of them against a day."""
    number = project_id(given)
    about = await _about(ctx, number, "baselines")
    kept = await scopes.baselines_of(ctx, [number])
    chosen = given.get("baseline", "")
    row = next((one for one in kept if str(one[0]) == chosen), kept[0] if kept else None)
    if chosen and (row is None or str(row[0]) != chosen):
        raise NotFound(f"There is no baseline {chosen[:20]} of this project.")
    answer = None
    if row is not None:
        ask = ComparedAsk(baseline_id=row[0], as_of=day_of(given, "as_of"))
        answer = await compared(ctx, ask)
    show = given.get("show", "")
    return {
        **about,
        "kept": kept,
        "chosen": row,
        "show": show,
        **drawn_comparison(answer, show),
        "live": "projects.task,planning.baseline",
    }


def drawn_comparison(answer: Compared | None, show: str = "") -> dict[str, Any]:
    """Return a comparison with its lines in order, and how far each bar of a variance goes."""
    if answer is None:
        return {"answer": None, "shown": [], "left": 0, "widest": 1}
    tasks = list(answer.tasks)
    if show == "changed":
        tasks = [t for t in tasks if t.fate != "kept" or t.finish_variance or t.start_variance]
    tasks.sort(key=lambda t: (-abs(t.finish_variance or 0), t.fate == "kept", t.task_id))
    widest = max((abs(t.finish_variance or 0) for t in tasks), default=1) or 1
    left = max(0, len(tasks) - WORST)
    return {"answer": answer, "shown": tasks[:WORST], "left": left, "widest": widest}


# ---- panels ----


async def plan_panel(ctx: Context, project: Project) -> dict[str, Any]:
    """Return the ways from a project to the pages of its plan."""
    return {"project": project}


async def compared_panel(ctx: Context, baseline: Baseline) -> dict[str, Any] | None:
    """Return a baseline's totals against today."""
    if not ctx.can("planning.compared.read"):
        return None
    answer = await compared(ctx, ComparedAsk(baseline_id=baseline.id))
    return {"answer": answer, "baseline": baseline}


async def free_days_panel(ctx: Context, calendar: WorkCalendar) -> dict[str, Any]:
    """Return the free days of this year and the next on a calendar."""
    calendars = await scopes.calendars(ctx)
    week = calendars.week(calendar.id)
    years = (ctx.today.year, ctx.today.year + 1)
    free = [(year, calendars.free_days(week, year, language=_spoken(ctx))) for year in years]
    counts = {year: _working_days(calendars.of(calendar.id), year) for year in years}
    return {"years": free, "counts": counts, "today": ctx.today, "week": week}


def _spoken(ctx: Context) -> str:
    """Return the language that holidays are named in."""
    return {"de": "de", "en": "en_US"}.get(ctx.me.locale[:2], "")


def _working_days(calendar: Any, year: int) -> int:
    return int(calendar.working_days_between(date(year, 1, 1), date(year + 1, 1, 1) - timedelta(1)))

"""What was planned against what became of it, as of any day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.past import known_since, records_at
from mainstay.kernel.problems import NotFound, invalid
from mainstay.kernel.scope import require
from mainstay.modules.planning import scopes
from mainstay.modules.planning.entities import Baseline
from mainstay.modules.planning.questions.schedule import late
from mainstay.scheduling import Calendar

DEFINITION = (
    "A variance is how many working days a task starts or ends later (above zero) or earlier "
    "(below zero) than the baseline said; for a task that was done by that day its last day is "
    "the one on which it was completed."
)
NAMES = ("code", "title", "status", "start_date", "due_date", "estimated_hours", "completed_at")
Fate = Literal["kept", "added", "removed"]


class ComparedAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which baseline, and as of which day; today when left out."""

    baseline_id: Annotated[int, Meta(ge=1, description="The baseline's id")]
    as_of: Annotated[date | None, Meta(description="The end of that day counts")] = None


class TaskVariance(Struct, kw_only=True, frozen=True):
    """One task as planned and as it was on the day; above zero is later than planned."""

    task_id: int
    code: str
    title: str
    status: str
    fate: Fate
    planned_start: date | None
    planned_finish: date | None
    start: date | None
    finish: date | None
    start_variance: int | None
    finish_variance: int | None
    planned_hours: float | None
    hours: float | None
    done: bool


class Compared(Struct, kw_only=True, frozen=True):
    """A baseline against its project as of a day, with totals."""

    baseline_id: int
    project_id: int
    name: str
    taken_at: datetime
    as_of: date
    known_since: datetime | None
    definition: str
    planned_end: date | None
    end: date | None
    end_variance: int | None
    kept: int
    added: int
    removed: int
    later: int
    earlier: int
    on_time: int
    planned_hours: float
    hours: float
    tasks: list[TaskVariance]


@question(label="Against a baseline", slow=True)
async def compared(ctx: Context, ask: ComparedAsk) -> Compared:
    """Each task's dates against a baseline as of a day, what came and went, and the end."""
    baseline = await baseline_of(ctx, ask.baseline_id)
    day, taken = ask.as_of or ctx.today, baseline.taken_at or baseline.created_at
    if day > ctx.today:
        raise invalid("as_of", "must not be after today; what is to come is a schedule's matter")
    project = await scopes.project_of(ctx, baseline.project_id)
    calendar = (await scopes.calendars(ctx)).of(project.calendar_id)
    planned = await scopes.baseline_rows(ctx, baseline.id)
    records = await _as_of(ctx, baseline.project_id, day)
    lost = await scopes.task_names(ctx, planned.keys() - records.keys())
    tasks = [
        _line(ctx, task, planned.get(task), records.get(task), lost.get(task), calendar)
        for task in sorted(planned.keys() | records.keys())
    ]
    tasks = [one for one in tasks if one.fate != "added" or one.status != "cancelled"]
    was, now = _last(tasks, "planned_finish"), _last(tasks, "finish")
    return Compared(
        baseline_id=baseline.id,
        project_id=baseline.project_id,
        name=baseline.name,
        taken_at=taken,
        as_of=day,
        known_since=await known_since(ctx),
        definition=DEFINITION,
        planned_end=was,
        end=now,
        end_variance=variance(was, now, calendar),
        **_totals(tasks),
        tasks=tasks,
    )


async def baseline_of(ctx: Context, baseline_id: int) -> Baseline:
    """Return a baseline that the asking person may see."""
    noun = ctx.registry.noun(Baseline)
    require(ctx.me, noun.permission("read"))
    found: list[Any] = []
    if 0 < baseline_id < 2**63:
        ask = ctx.ask(noun, {"id": baseline_id, "limit": 1, "sort": "id"})
        found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found:
        raise NotFound(f"There is no baseline {baseline_id}, or you may not see it.")
    assert isinstance(found[0], Baseline)
    return found[0]


async def _as_of(ctx: Context, project_id: int, day: date) -> Mapping[int, Mapping[str, Any]]:
    """Return the tasks as they were at the end of a day, where the asking person is."""
    noun, zone = ctx.registry.noun("projects.task"), ZoneInfo(ctx.me.zone or "UTC")
    night = datetime.combine(day + timedelta(1), time(), zone) - timedelta(microseconds=1)
    at = min(night, ctx.now)
    return await records_at(ctx, noun, at, within=("project_id", project_id), names=NAMES)


def _line(
    ctx: Context,
    task: int,
    planned: Sequence[Any] | None,
    record: Mapping[str, Any] | None,
    lost: tuple[str, str] | None,
    calendar: Calendar,
) -> TaskVariance:
    """Set one task's dates beside each other."""
    was = planned or (None, None, None)
    known = record or {}
    dropped = known.get("status") == "cancelled"
    gone = record is None or (dropped and planned is not None)
    start, finish = known.get("start_date"), known.get("due_date")
    done = known.get("status") == "done"
    if done and known["completed_at"]:
        finish = today_in(ctx.me.zone, known["completed_at"])
        start = min(start, finish) if start else start
    planned_finish = was[1] or was[0]
    finish = None if gone else finish or start
    fate: Fate = "removed" if gone else "kept" if planned else "added"
    return TaskVariance(
        task_id=task,
        code=known.get("code") or (lost or ("", ""))[0],
        title=known.get("title") or (lost or ("", ""))[1],
        status=known.get("status", ""),
        fate=fate,
        planned_start=was[0],
        planned_finish=planned_finish,
        start=None if gone else start,
        finish=finish,
        start_variance=None if gone else variance(was[0], start, calendar),
        finish_variance=variance(planned_finish, finish, calendar),
        planned_hours=None if was[2] is None else float(was[2]),
        hours=None
        if gone or known.get("estimated_hours") is None
        else float(known["estimated_hours"]),
        done=done,
    )


def variance(planned: date | None, actual: date | None, calendar: Calendar) -> int | None:
    """Return how many working days a day is later (above zero) or earlier than it was planned."""
    if planned is None or actual is None:
        return None
    return late(actual, planned, calendar) or -late(planned, actual, calendar)


def _last(tasks: Sequence[TaskVariance], name: str) -> date | None:
    return max((day for one in tasks if (day := getattr(one, name))), default=None)


def _totals(tasks: Sequence[TaskVariance]) -> dict[str, Any]:
    ends = [one.finish_variance for one in tasks if one.finish_variance is not None]
    fates = [one.fate for one in tasks]
    return {
        "kept": fates.count("kept"),
        "added": fates.count("added"),
        "removed": fates.count("removed"),
        "later": sum(one > 0 for one in ends),
        "earlier": sum(one < 0 for one in ends),
        "on_time": sum(one == 0 for one in ends),
        "planned_hours": round(sum(one.planned_hours or 0.0 for one in tasks), 2),
        "hours": round(sum(one.hours or 0.0 for one in tasks), 2),
    }

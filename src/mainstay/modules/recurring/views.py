"""What this room shows on its own pages, and on the page of a task."""

from itertools import islice
from typing import Any

from mainstay.delivery import words
from mainstay.kernel.context import Context
from mainstay.modules.projects.api import Task
from mainstay.modules.recurring import rules, scopes
from mainstay.modules.recurring.entities import TaskSeries
from mainstay.modules.recurring.planning import today_of
from mainstay.modules.recurring.questions import SHOWN, series_words

GRANT = "recurring.task_series.read"


def upper(text: str) -> str:
    """Begin a sentence with a capital."""
    return text[:1].upper() + text[1:]


async def series_panel(ctx: Context, series: TaskSeries) -> dict[str, Any]:
    """Return when a series comes, and the days that come next."""
    came = (await scopes.came(ctx, {series.id: series.zone}))[series.id]
    days = []
    if series.next_on and series.mode == "schedule":
        found = rules.coming(
            series.rule, series.starts_on, series.except_on, after=rules.before(series.next_on)
        )
        taken = {one.on_day for one in came}
        days = list(islice((day for day in found if day not in taken), SHOWN))
    last = came[-1] if came else None
    waits = None
    if series.mode == "after_completion" and series.status == "active" and not series.next_on:
        waits = await _task_brief(ctx, last.task_id) if last and last.task_id else None
    return {
        "series": series,
        "sentence": upper(series_words(series)),
        "days": days or ([series.next_on] if series.next_on else []),
        "waits": waits,
        "binned": bool(last and last.task_id and not waits),
        "today": today_of(ctx, series),
        "may_change": ctx.can("recurring.task_series.update"),
    }


async def _task_brief(ctx: Context, task_id: int) -> dict[str, Any] | None:
    """Return a live task's id, code and title, as far as it may be seen."""
    noun = ctx.registry.noun(Task)
    ask = ctx.ask(noun, {"id": task_id, "limit": 1, "sort": "id"})
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found:
        return None
    task = found[0]
    assert isinstance(task, Task)
    return {"id": task.id, "code": task.code, "title": task.title}


async def task_panel(ctx: Context, task: Task) -> dict[str, Any] | None:
    """Return the series that a task came from, or nothing."""
    series_id = await scopes.series_of(ctx, task.id)
    if series_id is None:
        return None
    noun = ctx.registry.noun(TaskSeries)
    ask = ctx.ask(noun, {"id": series_id, "limit": 1, "sort": "id"})
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found:
        return None
    series = found[0]
    assert isinstance(series, TaskSeries)
    sentence = words.gettext("Repeats %(when)s") % {"when": series_words(series)}
    return {"series": series, "sentence": sentence, "today": today_of(ctx, series)}

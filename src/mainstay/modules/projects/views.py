"""What this room's own pages show: the answers of its questions, ready to be drawn."""

from typing import Any

from markupsafe import Markup

from mainstay.delivery import cells, words
from mainstay.facets.comments import api as comments
from mainstay.facets.places import api as places
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice
from mainstay.modules.projects import rules
from mainstay.modules.projects.entities import Project, Task
from mainstay.modules.projects.questions import (
    PAY,
    ProjectAsk,
    news_of,
    phases_of,
    project_overview,
    recurring_revenue,
    work_of,
)
from mainstay.modules.projects.totals.questions import blockers_of

MENTIONS = 5
FAVOURITES = 8
GROUPS = (
    ("overdue", "Overdue"),
    ("today", "Today"),
    ("this_week", "This week"),
    ("later", "Later"),
    ("no_date", "No date"),
)


async def my_work_page(ctx: Context) -> dict[str, Any]:
    """Return what the page My work shows: what is due, what is new, what was opened lately."""
    work = await work_of(ctx, [])
    since = await places.since(ctx)
    news = await news_of(ctx, since) if since else []
    mentions = await comments.mentions_of(ctx, ctx.me, limit=MENTIONS)
    recent = await places.recent(ctx)
    return {
        "work": work,
        "groups": [(name, title, getattr(work, name)) for name, title in GROUPS],
        "since": since,
        "news": [(one, ctx.registry.nouns[one.entity]) for one in news],
        "mentions": mentions,
        "recent": recent,
        "favourites": (await places.favourites(ctx))[:FAVOURITES],
        "newcomer": not (work.open_count or recent or mentions or news),
        "pill": _pills(ctx, "status"),
        "mark": _mark,
        "today": ctx.today,
        "live": "projects.task,projects.time_entry,comments.comment",
        "may_create": ctx.can("projects.project.create"),
        "may_add": ctx.can("projects.task.create"),
    }


async def overview_panel(ctx: Context, project: Project) -> dict[str, Any]:
    """Return what the overview on a project's page shows."""
    course = await phases_of(ctx, project)
    here, last = course.place, len(course.steps) - 1
    open_ = project.status not in rules.ENDED
    may_advance = open_ and here < last and ctx.can("projects.project.update")
    return {
        "project": project,
        "overview": await project_overview(ctx, ProjectAsk(project_id=project.id)),
        "course": course,
        "phase": course.steps[here] if here >= 0 else None,
        "ahead": course.steps[here + 1] if may_advance else None,
        "pill": _pills(ctx, "status"),
        "money": lambda amount: cells.money(amount, project.currency, words.language.get()),
        "may_pay": ctx.can(PAY),
        "today": ctx.today,
    }


async def revenue_page(ctx: Context) -> dict[str, Any]:
    """Return what customers pay every month, and what projects are worth by their status."""
    return {
        "revenue": await recurring_revenue(ctx),
        "pill": _pills(ctx, "status", "projects.project"),
        "money": lambda amount, currency: cells.money(amount, currency, words.language.get()),
        "today": ctx.today,
        "live": "projects.project",
    }


async def waits(ctx: Context, task: Task) -> dict[str, Any] | None:
    """Return what an open task's page says about what it waits for, or None when nothing does."""
    found = await blockers_of(ctx, task)
    begun = task.status in rules.STARTED
    shown = [one for one in found.blockers if one.holds == "end" or not begun]
    if task.status in rules.CLOSED or not shown:
        return None
    starts = any(one.holds == "start" for one in shown)
    return {"blockers": shown, "starts": starts, "pill": _pills(ctx, "status")}


def _pills(ctx: Context, name: str, key: str = "projects.task") -> Any:
    """Return how a status is drawn, in the colours its declaration gives."""
    kind = ctx.registry.noun(key).fields[name].kind
    assert isinstance(kind, Choice)
    colors = dict(kind.colors)

    def pill(value: str) -> Markup:
        """Draw one."""
        return Markup(cells.pill(value, colors.get(value, "")))  # noqa: S704 - escaped there

    return pill


def _mark(priority: str) -> Markup:
    """Draw a priority."""
    return Markup(cells.priority(priority))  # noqa: S704 - escaped there

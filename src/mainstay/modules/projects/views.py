"""What this room's own pages show: the answers of its questions, ready to be drawn."""

from typing import Any

from markupsafe import Markup

from mainstay.delivery import cells
from mainstay.facets.comments import api as comments
from mainstay.facets.places import api as places
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice
from mainstay.modules.projects.entities import Project
from mainstay.modules.projects.questions import (
    ProjectAsk,
    news_of,
    project_overview,
    work_of,
)

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
    return {
        "project": project,
        "overview": await project_overview(ctx, ProjectAsk(project_id=project.id)),
        "pill": _pills(ctx, "status"),
        "today": ctx.today,
    }


def _pills(ctx: Context, name: str) -> Any:
    """Return how a task's status is drawn, in the colours its declaration gives."""
    kind = ctx.registry.noun("projects.task").fields[name].kind
    assert isinstance(kind, Choice)
    colors = dict(kind.colors)

    def pill(value: str) -> Markup:
        """Draw one."""
        return Markup(cells.pill(value, colors.get(value, "")))  # noqa: S704 - escaped there

    return pill


def _mark(priority: str) -> Markup:
    """Draw a priority."""
    return Markup(cells.priority(priority))  # noqa: S704 - escaped there

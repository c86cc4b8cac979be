"""What this room's own pages show: the answers of its questions, ready to be drawn."""

from typing import Any

from markupsafe import Markup

from mainstay.delivery import cells
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice
from mainstay.modules.projects.entities import Project
from mainstay.modules.projects.questions import ProjectAsk, my_work, project_overview

GROUPS = (
    ("overdue", "Overdue"),
    ("today", "Today"),
    ("this_week", "This week"),
    ("later", "Later"),
    ("no_date", "No date"),
)


async def my_work_page(ctx: Context) -> dict[str, Any]:
    """Return what the page My work shows."""
    work = await my_work(ctx)
    return {
        "work": work,
        "groups": [(name, title, getattr(work, name)) for name, title in GROUPS],
        "pill": _pills(ctx, "status"),
        "mark": _mark,
        "today": ctx.today,
        "live": "projects.task,projects.time_entry",
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

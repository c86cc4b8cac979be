"""What this room's page and panel are given: what waits, and what became of one's own wishes."""

from typing import Any

from markupsafe import Markup

from mainstay.delivery import cells
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice
from mainstay.modules.projects.api import Task
from mainstay.modules.requests.questions import request_inbox, request_of


async def inbox_page(ctx: Context, given: dict[str, str]) -> dict[str, Any]:
    """Return what the inbox of requests shows: what one may decide, or what one asked for."""
    inbox = await request_inbox(ctx)
    asked = given.get("show", "")
    usual = "mine" if inbox.mine and not inbox.pending else "decide"
    return {
        "inbox": inbox,
        "show": asked if asked in ("decide", "mine") else usual,
        "may_ask": ctx.can("requests.task_request.create"),
        "may_decide": ctx.can("requests.task_request.approve"),
        "pill": _pills(ctx, "requests.task_request"),
        "task_pill": _pills(ctx, "projects.task"),
        "mark": _mark,
        "today": ctx.today,
        "live": "requests.task_request",
    }


async def origin_panel(ctx: Context, task: Task) -> dict[str, Any] | None:
    """Return who asked for a task, or None when nobody did."""
    request = await request_of(ctx, task.id)
    return {"origin": request} if request else None


def _pills(ctx: Context, key: str) -> Any:
    """Return how a status is drawn, in the colours its declaration gives."""
    kind = ctx.registry.noun(key).fields["status"].kind
    assert isinstance(kind, Choice)
    colors = dict(kind.colors)

    def pill(value: str) -> Markup:
        """Draw one."""
        return Markup(cells.pill(value, colors.get(value, "")))  # noqa: S704 - escaped there

    return pill


def _mark(priority: str) -> Markup:
    """Draw a priority."""
    return Markup(cells.priority(priority))  # noqa: S704 - escaped there

"""What this room's panels and pages are given: the answers of its questions, ready to be drawn."""

from typing import Any

from markupsafe import Markup

from mainstay.delivery import cells
from mainstay.delivery.words import number
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice
from mainstay.modules.checklists.actions.checklists import SHOWN_BY
from mainstay.modules.checklists.api import guides_of
from mainstay.modules.checklists.questions import (
    MineAsk,
    ResultLine,
    Show,
    my_checklists,
    my_clock,
    work_of,
)
from mainstay.modules.projects.api import Task, standing

SHOWS: tuple[tuple[Show, str], ...] = (
    ("open", "Open"),
    ("validate", "To validate"),
    ("done", "Done"),
    ("all", "All"),
)


async def work_panel(ctx: Context, task: Task) -> dict[str, Any] | None:
    """Return what a task's page shows of how it is done, or None where there is nothing to show."""
    work = await work_of(ctx, task.id)
    at = await standing(ctx, task.project_id)
    works = at.works and not at.binned
    may = {
        name: works and ctx.can(f"checklists.{permission}")
        for name, permission in (
            ("add_step", "step.create"),
            ("step", "step.update"),
            ("add_list", "checklist.create"),
            ("list", "checklist.update"),
            ("add_item", "checklist_item.create"),
            ("item", "checklist_item.update"),
            ("validate", "checklist_item.validate"),
            ("add_result", "task_result.create"),
        )
    }
    if not (work.steps or work.checklists or work.results or any(may.values())):
        return None
    items = [item.id for one in work.checklists for item in one.items]
    return {
        "work": work,
        "may": may,
        "guides": await guides_of(ctx, items) if items else {},
        "shown": {one.id: _shown(ctx, one) for one in work.results},
        "metrics": _metrics,
        "shown_by": SHOWN_BY,
        "pill": _pills(ctx),
        "today": ctx.today,
        "me_id": ctx.me.id,
    }


def _shown(ctx: Context, result: ResultLine) -> tuple[str, str]:
    """Return the address and the words of the record that shows a result."""
    noun = ctx.registry.nouns.get(result.result_type)
    if noun is None or result.result_id is None:
        return "", ""
    named = result.performance_metrics.get("checklist")
    words = str(named) if result.result_type == SHOWN_BY and named else ""
    return f"/{noun.path}/{result.result_id}", words or f"{noun.title} {result.result_id}"


def _metrics(result: ResultLine) -> list[tuple[str, str]]:
    """Return the further numbers that somebody noted with a result, those that fit a line."""
    found = []
    for name, value in result.performance_metrics.items():
        if isinstance(value, str):
            found.append((name.replace("_", " "), value[:60]))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append((name.replace("_", " "), number(value)))
    return found[:8]


async def mine_page(ctx: Context, given: dict[str, str]) -> dict[str, Any]:
    """Return what the page My checklists shows: what is yours, by task, late ones first."""
    asked = given.get("show", "")
    show: Show = next((name for name, _ in SHOWS if name == asked), "open")
    answer = await my_checklists(ctx, MineAsk(show=show))
    return {
        "answer": answer,
        "shows": SHOWS,
        "clock": await my_clock(ctx),
        "pill": _pills(ctx),
        "today": ctx.today,
        "live": "checklists.checklist_item,checklists.step,checklists.step_tracker",
    }


def _pills(ctx: Context) -> Any:
    """Return how an item's status is drawn, in the colours its declaration gives."""
    kind = ctx.registry.noun("checklists.checklist_item").fields["status"].kind
    assert isinstance(kind, Choice)
    colors = dict(kind.colors)

    def pill(value: str) -> Markup:
        """Draw one."""
        return Markup(cells.pill(value, colors.get(value, "")))  # noqa: S704 - escaped there

    return pill

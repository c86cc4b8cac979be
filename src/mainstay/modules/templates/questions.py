"""What a template would make, before it is made: every task with its days."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.module import question
from mainstay.modules.templates import rules
from mainstay.modules.templates.days import calendar_of
from mainstay.modules.templates.entities import MilestoneTemplate, ProjectTemplate, TaskTemplate
from mainstay.modules.templates.making import Outline, begun, outline, total_cost, total_hours
from mainstay.modules.templates.trees import Tree, tree_of
from mainstay.scheduling import Calendar

LEVELS: dict[str, type[Entity]] = {
    "project": ProjectTemplate,
    "milestone": MilestoneTemplate,
    "task": TaskTemplate,
}


class PreviewAsk(Struct, forbid_unknown_fields=True):
    """Which template, and when it would begin."""

    template_id: Annotated[int, Meta(ge=1, le=2**53)]
    level: Annotated[
        Literal["project", "milestone", "task"], Meta(description="What kind of template")
    ] = "project"
    start_date: Annotated[date | None, Meta(description="Today when left out")] = None
    calendar_id: Annotated[int | None, Meta(description="The usual one when left out")] = None
    follow: Annotated[bool, Meta(description="Whether tasks wait for what they depend on")] = True


class Planned(Struct):
    """One milestone or task that would be made."""

    kind: str
    template_id: int
    milestone_template_id: int | None
    name: str
    first_day: date
    last_day: date | None
    copy: int = 1
    copies: int = 1


class Preview(Struct):
    """All that would be made, in its order, with its days."""

    start_date: date
    last_day: date | None
    working_days: int
    task_count: int
    hours: Decimal
    cost: Decimal
    drafts: int
    parts: list[Planned]


def at_home(root: Entity, begin: date, calendar: Calendar) -> date:
    """Return the day from which a template's offsets count, so that it begins on a day itself."""
    return begun(calendar, begin, getattr(root, "offset_days", 0))


@question(label="What a template makes")
async def preview(ctx: Context, ask: PreviewAsk) -> Preview:
    """Say which milestones and tasks a template makes from a day on, in working days."""
    root = await ctx.get(LEVELS[ask.level], ask.template_id)
    tree = await tree_of(ctx, root)
    calendar = await calendar_of(ctx, ask.calendar_id)
    begin = ask.start_date or ctx.today
    lines = outline(tree, at_home(root, begin, calendar), calendar, follow=ask.follow)
    last = lines.last
    return Preview(
        start_date=begin,
        last_day=last,
        working_days=rules.length(calendar, begin, last) if last else 0,
        task_count=len(lines.plan.spots),
        hours=total_hours(tree, lines.plan),
        cost=total_cost(tree, lines.plan),
        drafts=sum(one.is_draft for one in tree.each()),
        parts=_parts(tree, lines),
    )


def _parts(tree: Tree, lines: Outline) -> list[Planned]:
    """Return the milestones, each with its tasks behind it, and the other tasks at the end."""
    order = [one.milestone_template_id for one in tree.in_project] or list(tree.milestones)
    tasks: dict[int, list[Planned]] = {}
    for spot, when in zip(lines.plan.spots, lines.spans, strict=True):
        planned = Planned(
            "task",
            spot.template,
            spot.place or None,
            tree.tasks[spot.template].name,
            when.first,
            when.last,
            spot.copy,
            spot.copies,
        )
        tasks.setdefault(spot.place, []).append(planned)
    found: list[Planned] = []
    for key in order:
        span = lines.milestones[key]
        name = tree.milestones[key].name
        found.append(Planned("milestone", key, key, name, span.first, span.last))
        found += tasks.get(key, [])
    return [*found, *tasks.get(0, [])]

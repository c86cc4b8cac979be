"""What the editor of templates is given: the tree as rows, with its days and what it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from markupsafe import Markup

from mainstay.delivery.cells import Look, as_row, draw
from mainstay.delivery.pages.inline import attributes
from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context, missing
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Links, Ref
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, Invalid, NotFound
from mainstay.kernel.scope import require
from mainstay.modules.templates import rules
from mainstay.modules.templates.days import calendar_of
from mainstay.modules.templates.entities import (
    MilestoneTemplate,
    ProjectTemplate,
    StepTemplate,
    TaskTemplate,
)
from mainstay.modules.templates.making import Outline, outline, total_hours
from mainstay.modules.templates.questions import at_home
from mainstay.modules.templates.trees import OWN, Tree, tree_of
from mainstay.scheduling import Calendar

# Beyond these a page would be too long to arrange: steps are left to the pages of their tasks,
# and tasks to those of their milestones.
MOST_ROWS, MOST_INNER = 1200, 500
WIDTH = 1000
ICONS = {"milestone": "flag", "task": "checkbox", "step": "list-numbers", "item": "square-check"}
NUMBERS = {
    "milestone": ("offset_days", "days", ""),
    "task": ("offset_days", "duration_days", "expected_hours"),
    "step": ("", "", "hours_planned"),
    "item": ("", "", ""),
}
FACTS = {
    "milestone": ("offset_days", "days", "entity_id", "description"),
    "task": (
        "template_type",
        "action_id",
        "object_id",
        "professions",
        "task_quantity",
        "priority",
        "story_points",
        "cost",
        "frequency_id",
        "description",
    ),
    "step": ("action_id", "object_id", "tool_id", "mode", "only_checklist", "description"),
    "item": (
        "acceptance_criteria",
        "required",
        "needs_validation",
        "action_id",
        "object_id",
        "tool_id",
        "placement_id",
    ),
}
KEYS = {
    "milestone": "templates.milestone_template",
    "task": "templates.task_template",
    "step": "templates.step_template",
    "item": "templates.checklist_item",
}
ROOTS = {
    ProjectTemplate: "project",
    MilestoneTemplate: "milestone",
    TaskTemplate: "task",
    StepTemplate: "step",
}


@dataclass
class Row:
    """One line of the tree: a template where it stands, and what stands below it."""

    path: str
    kind: str
    template: Any
    within: str
    within_id: int
    noun: Any
    level: int
    parent: int = 0
    lacks: str = ""
    waits: list[str] = field(default_factory=list)
    first: int = 0
    last: int = 0
    bar: tuple[int, int] | None = None
    parts: list["Row"] = field(default_factory=list)
    below: list["Row"] = field(default_factory=list)
    inner: int = 0

    @property
    def numbers(self) -> list[tuple[str, Any]]:
        """Return the three numbers of the line: begins after, takes, hours; with their fields."""
        found = []
        for name in NUMBERS[self.kind]:
            value = getattr(self.template, name) if name else None
            empty = value is None or (name in ("expected_hours", "hours_planned") and not value)
            found.append((name, None if empty else value))
        return found

    @property
    def rows(self) -> list["Row"]:
        """Return what stands below it: parts, then steps or items."""
        return [*self.parts, *self.below]


@dataclass
class Drawing:
    """What rows are drawn from."""

    registry: Any
    tree: Tree
    begin: date
    calendar: Calendar
    lines: Outline | None
    deep: bool
    names: Mapping[int, str] = field(default_factory=dict)
    total: int = 1
    spans: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    waits: dict[int, list[str]] = field(default_factory=dict)

    def measure(self) -> None:
        """Count the days of every line from the beginning, and how many there are in all."""
        if self.lines is None:
            return
        for spot, when in zip(self.lines.plan.spots, self.lines.spans, strict=True):
            first = self.day(when.first)
            last = self.day(when.last) if when.last else first
            old = self.spans.get((spot.place, spot.template), (first, last))
            self.spans[spot.place, spot.template] = (min(first, old[0]), max(last, old[1]))
        for key, when in self.lines.milestones.items():
            last = self.day(when.last or when.first)
            self.spans[-1, key] = (self.day(when.first), last)
        self.total = max((last for _first, last in self.spans.values()), default=1)
        for wait in self.tree.waits:
            name = self.tree.tasks[wait.depends_on_id].name
            self.waits.setdefault(wait.task_template_id, []).append(name)

    def day(self, when: date) -> int:
        """Return the number of a working day, the first is 1."""
        return rules.distance(self.calendar, self.begin, when) + 1

    def place(self, row: Row, key: tuple[int, int]) -> None:
        """Say on which days a line is planned."""
        found = self.spans.get(key)
        if found is None:
            return
        row.first, row.last = found
        left = round(WIDTH * (row.first - 1) / self.total)
        row.bar = (left, max(6, round(WIDTH * row.last / self.total) - left))


async def editor_panel(ctx: Context, root: Entity) -> dict[str, Any] | None:
    """Return the tree of a template as the editor draws it."""
    level = ROOTS[type(root)]
    tree = await tree_of(ctx, root)
    calendar, begin = await calendar_of(ctx, None), ctx.today
    begin = calendar.next_working_day(begin)
    why, lines = "", None
    if level != "step":
        try:
            lines = outline(tree, at_home(root, begin, calendar), calendar)
        except (Conflict, Invalid) as problem:
            why = problem.detail
    deep = len(tree.steps) + len(tree.items) <= MOST_INNER or level in ("task", "step")
    drawing = Drawing(ctx.registry, tree, begin, calendar, lines, deep)
    drawing.measure()
    rows = _rows(drawing, root, level)
    open_ = [one for one in tree.each() if one.is_draft and one.id != root.id]
    return {
        "root": root,
        "level": level,
        "rows": rows,
        "shown": len(tree.tasks) <= MOST_ROWS or level != "project",
        "why": why,
        "drafts": len(open_),
        "wanting": [(one, found) for one in tree.tasks.values() if (found := lacking(one))],
        "counts": (len(tree.milestones), len(lines.plan.spots) if lines else len(tree.tasks)),
        "inner": (len(tree.steps), len(tree.items)),
        "hours": total_hours(tree, lines.plan) if lines else 0,
        "days": drawing.total if lines and drawing.spans else 0,
        "deep": deep,
        "icons": ICONS,
        "width": WIDTH,
        "edits": ctx.can("templates.project_template.update"),
        "uses": ctx.can("templates.project_template.instantiate"),
        "today": begin,
    }


def lacking(template: TaskTemplate) -> str:
    """Return what a task template lacks to be published, in the reader's words."""
    said = {
        "type": _("type"),
        "action": _("action"),
        "object": _("object"),
        "type and action": _("type and action"),
        "type and object": _("type and object"),
        "action and object": _("action and object"),
        "type, action and object": _("type, action and object"),
    }
    lacks = [word for _name, word in rules.missing(template)]
    return said[rules.listed(lacks)] if lacks else ""


def _rows(drawing: Drawing, root: Entity, level: str) -> list[Row]:
    """Return the lines of the first level, each with what is below it."""
    tree = drawing.tree
    if level == "step":
        return _items(drawing, root.id, "", 1)
    if level == "task":
        return _steps(drawing, root.id, "", 1)
    if level == "milestone":
        return _tasks(drawing, root.id, "milestone", root.id, "", 1)
    found = []
    for join in tree.in_project:
        key = join.milestone_template_id
        path = f"m{key}"
        row = _row(drawing, "milestone", tree.milestones[key], path, ("project", root.id), 1)
        drawing.place(row, (-1, key))
        row.inner = len(tree.places[key])
        if len(tree.tasks) <= MOST_ROWS:
            row.parts = _tasks(drawing, key, "milestone", key, f"{path}-", 2)
        found.append(row)
    return [*found, *_tasks(drawing, OWN, "project", root.id, "", 1)]


def _row(
    drawing: Drawing, kind: str, template: Any, path: str, within: tuple[str, int], level: int
) -> Row:
    noun = drawing.registry.nouns[KEYS[kind]]
    lacks = lacking(template) if kind == "task" else ""
    row = Row(path, kind, template, *within, noun, level, lacks=lacks)
    if kind == "task":
        row.waits = drawing.waits.get(template.id, [])
    return row


def _tasks(
    drawing: Drawing, place: int, within: str, within_id: int, path: str, level: int
) -> list[Row]:
    """Return the tasks of a place: parts below their parents, steps below both."""
    tree = drawing.tree
    ids = [one.task_template_id for one in tree.places.get(place, ())]
    above = {
        one: next((p for p in tree.parents.get(one, ()) if p in ids and p != one), 0) for one in ids
    }
    below: dict[int, list[int]] = {}
    for one in ids:
        below.setdefault(above[one], []).append(one)

    def draw_one(one: int, depth: int) -> Row:
        """Return the line of a task."""
        mine = f"{path}t{one}"
        row = _row(drawing, "task", tree.tasks[one], mine, (within, within_id), depth)
        row.parent = above[one]
        drawing.place(row, (place, one))
        row.parts = [draw_one(part, depth + 1) for part in below.get(one, ())]
        row.inner = len(tree.in_task.get(one, ()))
        if drawing.deep:
            row.below = _steps(drawing, one, f"{mine}-", depth + 1)
        return row

    return [draw_one(one, level) for one in below.get(0, ())]


def _steps(drawing: Drawing, task: int, path: str, level: int) -> list[Row]:
    tree = drawing.tree
    found = []
    for join in tree.in_task.get(task, ()):
        key = join.step_template_id
        mine = f"{path}s{key}"
        row = _row(drawing, "step", tree.steps[key], mine, ("task", task), level)
        row.below = _items(drawing, key, f"{mine}-", level + 1)
        row.inner = len(row.below)
        found.append(row)
    return found


def _items(drawing: Drawing, step: int, path: str, level: int) -> list[Row]:
    tree = drawing.tree
    return [
        _row(
            drawing,
            "item",
            tree.items[join.checklist_item_id],
            f"{path}i{join.checklist_item_id}",
            ("step", step),
            level,
        )
        for join in tree.in_step.get(step, ())
    ]


async def inside_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what the line of a part does not say about it, ready to be edited there."""
    kind, text = given.get("kind", ""), given.get("id", "")
    if kind not in KEYS or not text.isdecimal() or len(text) > 18:
        raise NotFound("There is nothing at this address.")
    noun = ctx.registry.nouns[KEYS[kind]]
    require(ctx.me, noun.permission("read"))
    found = await ctx.find(noun.entity, id=int(text))
    if found is None:
        raise missing(noun, int(text))
    row = await _with_names(ctx, noun, found, FACTS[kind])
    look = Look(ctx.me, ctx.now, ctx.today, ctx.registry)
    return {
        "noun": noun,
        "kind": kind,
        "row": row,
        "facts": [
            (
                name,
                noun.fields[name].label,
                Markup(draw(noun, name, row, look)),  # noqa: S704 - cells escape what people wrote
                attributes(noun, name, row, ctx.me),
            )
            for name in FACTS[kind]
        ],
        "edits": ctx.can(noun.permission("update")),
        "lacks": [name for name, _word in rules.missing(found)] if kind == "task" else [],
    }


async def _with_names(
    ctx: Context, noun: Noun, record: Entity, names: Sequence[str]
) -> dict[str, Any]:
    """Return a record as a row, with what it refers to beside it."""
    row = dict(as_row(record))
    for name in names:
        kind, value = noun.fields[name].kind, row[name]
        if not value or not isinstance(kind, (Ref, Links)):
            continue
        target = ctx.registry.nouns[kind.target]
        ids = value if isinstance(value, list) else [value]
        seen = ctx.can(target.permission("read"))
        known = {one.id: one for one in await ctx.all(target.entity, id__in=ids)} if seen else {}
        if name in noun.links:
            row[name] = [as_row(known[one]) for one in ids if one in known]
        else:
            row[name.removesuffix("_id")] = known.get(value)
    return row

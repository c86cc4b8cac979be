"""A project with all that is in it, read at once: for saving it as a template and copying it."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.modules.charter.api import ProjectRisk
from mainstay.modules.checklists.api import Checklist, ChecklistItem, Step
from mainstay.modules.milestones.api import Milestone
from mainstay.modules.projects.api import Project, Task, TaskDependency
from mainstay.modules.templates.trees import MANY

E = TypeVar("E", bound=Entity)


@dataclass
class Living:
    """What is in a project, in the order in which it is told: parents before their parts."""

    project_id: int = 0
    risks: list[ProjectRisk] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    waits: list[TaskDependency] = field(default_factory=list)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    checklists: dict[int, list[Checklist]] = field(default_factory=dict)
    items: dict[int, list[ChecklistItem]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many records there are."""
        parts = (self.steps, self.checklists, self.items)
        inner = sum(len(found) for part in parts for found in part.values())
        return len(self.milestones) + len(self.tasks) + len(self.waits) + inner

    def home(self, task: Task) -> int | None:
        """Return the milestone that a task belongs to, if it is there."""
        return task.milestone_id if task.milestone_id in self._begun else None

    def starts(self, milestone: Milestone) -> date:
        """Return a milestone's first day: its own, or that of its earliest task."""
        return self._begun[milestone.id]

    @cached_property
    def _begun(self) -> dict[int, date]:
        """Return the first day of every milestone."""
        days = {one.id: one.start_date or one.due_date for one in self.milestones}
        for task in self.tasks:
            first = min((day for day in (task.start_date, task.due_date) if day), default=None)
            if first and task.milestone_id in days:
                days[task.milestone_id] = min(days[task.milestone_id], first)
        return days

    @property
    def first_day(self) -> date | None:
        """Return the first day that anything in it names."""
        dates = [one for task in self.tasks for one in (task.start_date, task.due_date)]
        dates += [one for m in self.milestones for one in (m.start_date, m.due_date)]
        return min((day for day in dates if day), default=None)


async def seen(ctx: Context, kind: type[E], **filters: Any) -> list[E]:
    """Return the records that the asking person may read and sees."""
    if not ctx.can(ctx.registry.noun(kind).permission("read")):
        return []
    return await ctx.all(kind, limit=MANY, **filters)


async def living(ctx: Context, project: Project) -> Living:
    """Read what is in a project, in a number of statements that does not grow with it."""
    found = Living(project.id)
    found.milestones = await seen(ctx, Milestone, project_id=project.id, sort="sort_order,id")
    tasks = await seen(
        ctx, Task, project_id=project.id, sort="sort_order,id", status__ne="cancelled"
    )
    found.tasks = in_order(tasks, [one.id for one in found.milestones])
    ids = sorted(task.id for task in tasks)
    if not ids:
        return found
    waits = await seen(ctx, TaskDependency, task_id__in=ids, sort="id")
    known = set(ids)
    found.waits = [one for one in waits if one.depends_on_id in known]
    for step in await seen(ctx, Step, task_id__in=ids, sort="sort_order,id"):
        found.steps.setdefault(step.task_id, []).append(step)
    lists = await seen(ctx, Checklist, task_id__in=ids, sort="sort_order,id")
    for one in lists:
        found.checklists.setdefault(one.task_id, []).append(one)
    if lists:
        mine = sorted(one.id for one in lists)
        for item in await seen(ctx, ChecklistItem, checklist_id__in=mine, sort="sort_order,id"):
            found.items.setdefault(item.checklist_id, []).append(item)
    return found


def in_order(tasks: list[Task], milestones: list[int]) -> list[Task]:
    """Return tasks milestone by milestone, each parent before its parts."""
    place = {milestone: number for number, milestone in enumerate(milestones)}
    ranked = sorted(tasks, key=lambda one: place.get(one.milestone_id or 0, -1))
    known = {task.id for task in tasks}
    below: dict[int | None, list[Task]] = {}
    for task in ranked:
        below.setdefault(task.parent_id if task.parent_id in known else None, []).append(task)
    found: list[Task] = []
    waiting = below.get(None, [])[::-1]
    while waiting:
        task = waiting.pop()
        found.append(task)
        waiting += below.get(task.id, [])[::-1]
    return found

"""Copying a project: its plan, as it was when it began, from another day on."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Day, Flag, Text
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Problem, invalid
from mainstay.kernel.scope import require
from mainstay.modules.charter.api import Goal, ProjectRisk, ServiceProvided
from mainstay.modules.checklists.api import Checklist, ChecklistItem, Step
from mainstay.modules.milestones.api import (
    Deliverable,
    MilestoneApproval,
    MilestoneCondition,
    MilestoneDependency,
    SuccessMetric,
)
from mainstay.modules.projects.api import (
    Label,
    Project,
    ProjectMember,
    Subtask,
    Task,
    counter,
    create_project,
    task_code,
)
from mainstay.modules.templates import rules
from mainstay.modules.templates.actions.use import Code
from mainstay.modules.templates.days import calendar_of
from mainstay.modules.templates.living import Living, living, seen
from mainstay.modules.templates.making import GAP, MOST_RECORDS
from mainstay.modules.templates.trees import MANY
from mainstay.scheduling import Calendar, NoDayLeft

E = TypeVar("E", bound=Entity)
# What says how the work went stays behind; everything else that can be written goes along.
FRESH: dict[str, dict[str, Any]] = {
    "projects.project": {
        "status": "planning",
        "actual_start": None,
        "actual_end": None,
        "actual_cost": Decimal(0),
        "customer_reviews": "",
        "support_reviews": "",
        "tech_reviews": "",
        "current_phase_id": None,
    },
    "projects.task": {"status": "todo", "remaining_hours": None, "blocked_reason": ""},
    "projects.subtask": {"completed": False},
    "milestones.milestone": {
        "status": "planned",
        "actual_hours": Decimal(0),
        "actual_cost": Decimal(0),
        "review_notes": "",
        "lessons_learned": "",
    },
    "milestones.milestone_condition": {"status": "not_started", "evidence": [], "note": ""},
    "milestones.deliverable": {
        "status": "not_started",
        "review_status": "not_reviewed",
        "file_path": "",
        "url": "",
    },
    "milestones.success_metric": {"actual": None, "status": "not_measured"},
    "milestones.milestone_approval": {"status": "pending", "comment": "", "conditions": ""},
    "charter.goal": {"status": "planning"},
    "charter.project_risk": {"status": "open"},
    "checklists.step": {"is_completed": False},
    "checklists.checklist_item": {"status": "pending", "reason": ""},
}
DAYS = ("start_date", "end_date", "due_date", "not_before", "review_on")
PEOPLE = "identity.user"


class Copy(Struct, forbid_unknown_fields=True):
    """What the copy is called, when it begins, and what goes along."""

    name: Annotated[
        str, Text(200), Meta(max_length=200, description="The project's, as a copy, when left out")
    ] = ""
    code: Code = ""
    start_date: (
        Annotated[date, Day(label="Starts on", help="All dates move along; none when left out.")]
        | None
    ) = None
    with_people: Annotated[
        bool,
        Flag(label="With its people", help="Members with their roles, and who does what."),
    ] = True
    with_risks: Annotated[bool, Flag(label="With its risks")] = True


@dataclass
class Copying:
    """What is being copied, from which day to which, and what became of each record."""

    ctx: Context
    live: Living
    calendar: Calendar
    old: date
    new: date
    people: bool
    project: Project
    became: dict[str, dict[int, int]] = field(default_factory=dict)

    def fresh(self, record: E) -> E:
        """Return a copy of a record as it was before work began, with its links to copies."""
        noun = self.ctx.registry.noun(type(record))
        values = {n: copy(getattr(record, n)) for n in self._kept(noun)}
        values |= FRESH.get(noun.key, {})
        for name in DAYS:
            if values.get(name) is not None:
                values[name] = self._shifted(record, name)
        return type(record)(**values)

    def _shifted(self, record: Entity, name: str) -> date | None:
        """Return a date of a record as far from the new beginning as it was from the old one."""
        day: date | None = getattr(record, name)
        try:
            return rules.shifted(self.calendar, day, self.old, self.new)
        except NoDayLeft:
            raise self._too_far(record, day) from None

    def _too_far(self, record: Entity, day: date | None) -> Problem:
        """Return whose date lies too far away: the copy's first day, or one of the original."""
        now = self.ctx.today
        if day is None or abs(self.new - now) >= abs(day - now):
            return invalid(
                "start_date",
                "lies too far away: the copy would leave the years from 1 to 9999; "
                "choose a nearer day",
            )
        called = (str(getattr(record, name, "")) for name in ("code", "title", "name"))
        title = " ".join(word for word in called if word)
        return Conflict(f"{title} ({day}) lies too far away to be copied. Change its dates first.")

    def _kept(self, noun: Any) -> Iterable[str]:
        """Return the fields that go along."""
        names = {*noun.resource.write, *noun.resource.create_only, "sort_order"}
        for name, item in noun.fields.items():
            if name not in names or (item.kind.group and not self._may(noun, item)):
                continue
            if not self.people and getattr(item.kind, "target", "") == PEOPLE:
                continue
            yield name

    def _may(self, noun: Any, item: Any) -> bool:
        return self.ctx.can(noun.permission(f"read_{item.kind.group}"))

    async def write(self, key: str, found: Sequence[E], made: Sequence[E]) -> None:
        """Write copies, and note what each record became."""
        await self.ctx.create_many(made)
        self.became[key] = {old.id: new.id for old, new in zip(found, made, strict=True)}

    def now(self, key: str, record_id: int | None) -> int | None:
        """Return what a record became, or None where it was not copied."""
        return self.became.get(key, {}).get(record_id or 0)


@action(label="Copy this project", icon="copy", grant="create", slow=True)
async def copy_project(ctx: Context, source: Project, data: Copy) -> Project:
    """Copy the project with its milestones, tasks, links and checklists, as if it had not begun."""
    require(ctx.me, "projects.task.read")
    live = await living(ctx, source)
    if len(live) > MOST_RECORDS:
        raise Conflict(
            f"This would make {len(live)} records; at most {MOST_RECORDS} can be made at once."
        )
    old = source.start_date or live.first_day or ctx.today
    new = data.start_date or old
    calendar = await calendar_of(ctx, source.calendar_id)
    copying = Copying(ctx, live, calendar, old, new, data.with_people, source)
    await _project(copying, data)
    await _charter(copying, risks=data.with_risks)
    await _milestones(copying)
    await _tasks(copying)
    await _within_tasks(copying)
    return copying.project


async def _project(copying: Copying, data: Copy) -> None:
    """Begin the copy: what it is, its people and its labels."""
    ctx, source = copying.ctx, copying.project
    project = copying.fresh(source)
    project.name = data.name.strip() or f"{rules.shortened(source.name, 190)} (copy)"
    project.code = data.code.strip().upper()
    project.project_template_id = source.project_template_id
    project.owner_id = ctx.me.id or source.owner_id
    if data.start_date:
        project.start_date = copying.new
    copying.project = await create_project(ctx, project)
    if copying.people:
        there = await ctx.all(ProjectMember, anywhere=True, limit=MANY, project_id=project.id)
        known = {one.user_id for one in there}
        members = await seen(ctx, ProjectMember, project_id=source.id, sort="id")
        await ctx.create_many(
            [
                ProjectMember(
                    project_id=project.id,
                    user_id=one.user_id,
                    role=one.role,
                    permissions=list(one.permissions),
                    allocation=one.allocation,
                    joined_at=ctx.now,
                )
                for one in members
                if one.user_id not in known
            ]
        )
    labels = await seen(ctx, Label, project_id=source.id, sort="id")
    await _into(copying, "label", labels)


async def _into(copying: Copying, key: str, found: Sequence[E]) -> Sequence[E]:
    """Copy records that belong to the project itself."""
    made = [copying.fresh(one) for one in found]
    for one in made:
        one.project_id = copying.project.id  # type: ignore[attr-defined]
    await copying.write(key, found, made)
    return made


async def _charter(copying: Copying, *, risks: bool) -> None:
    """Copy goals and services, and the risks that are not over."""
    ctx = copying.ctx
    mine: dict[str, Any] = {"project_id": copying.live.project_id, "sort": "id"}
    await _into(copying, "goal", await seen(ctx, Goal, **mine))
    await _into(copying, "service", await seen(ctx, ServiceProvided, **mine))
    if risks:
        found = await seen(ctx, ProjectRisk, **mine)
        copying.live.risks = [one for one in found if one.status != "closed"]


async def _milestones(copying: Copying) -> None:
    """Copy milestones with what decides about them, and the risks that name them."""
    ctx, live = copying.ctx, copying.live
    made = [copying.fresh(one) for one in live.milestones]
    for one, new in zip(live.milestones, made, strict=True):
        new.project_id, new.milestone_template_id = copying.project.id, one.milestone_template_id
    await copying.write("milestone", live.milestones, made)
    ids = sorted(one.id for one in live.milestones)
    mine: dict[str, Any] = {"milestone_id__in": ids, "sort": "id"}
    kinds = [
        MilestoneCondition,
        Deliverable,
        SuccessMetric,
        *([MilestoneApproval] * copying.people),
    ]
    for kind in kinds if ids else ():
        found: Sequence[Any] = await seen(ctx, kind, **mine)
        fresh = [copying.fresh(one) for one in found]
        for old, new in zip(found, fresh, strict=True):
            new.milestone_id = copying.now("milestone", old.milestone_id)
        await ctx.create_many(fresh)
    links = await seen(ctx, MilestoneDependency, **mine) if ids else []
    await _links(copying, links, "milestone_id", copying.became["milestone"])
    risks = [copying.fresh(one) for one in live.risks]
    for old_risk, new_risk in zip(live.risks, risks, strict=True):
        new_risk.project_id = copying.project.id
        new_risk.milestone_id = copying.now("milestone", old_risk.milestone_id)
    await ctx.create_many(risks)


async def _links(
    copying: Copying, links: Sequence[Any], name: str, became: Mapping[int, int]
) -> None:
    """Copy links between copies; one to something elsewhere stays behind."""
    both = [one for one in links if getattr(one, name) in became and one.depends_on_id in became]
    made = [copying.fresh(one) for one in both]
    for old, new in zip(both, made, strict=True):
        setattr(new, name, became[getattr(old, name)])
        new.depends_on_id = became[old.depends_on_id]
    await copying.ctx.create_many(made)


async def _tasks(copying: Copying) -> None:
    """Copy tasks with new numbers, and which waits for which."""
    ctx, live, project = copying.ctx, copying.live, copying.project
    found = live.tasks
    if not found:
        return
    first = await ctx.next_number(counter(project.id), count=len(found))
    ids = await ctx.reserve(Task, len(found))
    became = {old.id: new for old, new in zip(found, ids, strict=True)}
    made = []
    for place, old in enumerate(found):
        new = copying.fresh(old)
        new.id, new.project_id = ids[place], project.id
        new.code = task_code(project.settings.task_prefix, first + place)
        new.status = "backlog" if old.status == "backlog" else "todo"
        new.parent_id = became.get(old.parent_id or 0)
        new.goal_id = copying.now("goal", old.goal_id)
        new.milestone_id = copying.now("milestone", old.milestone_id)
        new.labels = [now for one in old.labels if (now := copying.now("label", one))]
        new.task_template_id = old.task_template_id
        new.sort_order = GAP * (place + 1)
        new.reporter_id = ctx.me.id
        made.append(new)
    await copying.write("task", found, made)
    await _links(copying, live.waits, "task_id", copying.became["task"])


async def _within_tasks(copying: Copying) -> None:
    """Copy subtasks, steps, checklists and their items, nothing ticked."""
    ctx, live, tasks = copying.ctx, copying.live, copying.became.get("task", {})
    if not tasks:
        return
    subtasks = await seen(ctx, Subtask, task_id__in=sorted(tasks), sort="id")
    for kind, found in (("subtask", subtasks), ("step", _flat(live.steps))):
        made = [copying.fresh(one) for one in found]
        for old, new in zip(found, made, strict=True):
            new.task_id = tasks[old.task_id]
            if isinstance(new, Step) and isinstance(old, Step):
                new.step_template_id = old.step_template_id
        await copying.write(kind, found, made)
    lists: list[Checklist] = _flat(live.checklists)
    fresh = [copying.fresh(one) for one in lists]
    for one, now in zip(lists, fresh, strict=True):
        now.task_id, now.step_id = tasks[one.task_id], copying.now("step", one.step_id)
    await copying.write("checklist", lists, fresh)
    await _items(copying, _flat(live.items))


async def _items(copying: Copying, items: Sequence[ChecklistItem]) -> None:
    """Copy items, each after the one it waits for."""
    ids = await copying.ctx.reserve(ChecklistItem, len(items))
    became = {old.id: new for old, new in zip(items, ids, strict=True)}
    made = []
    for place, old in enumerate(items):
        new = copying.fresh(old)
        new.id, new.template_id = ids[place], old.template_id
        new.checklist_id = copying.became["checklist"][old.checklist_id]
        new.depends_on_id = became.get(old.depends_on_id or 0)
        made.append(new)
    await copying.ctx.create_many(_referring(made))


def _referring(items: Sequence[ChecklistItem]) -> list[ChecklistItem]:
    """Return items so that each comes after the one that it names."""
    waiting, known, found = list(items), set[int](), list[ChecklistItem]()
    while waiting:
        ready = [one for one in waiting if one.depends_on_id is None or one.depends_on_id in known]
        if not ready:
            return [*found, *waiting]
        found += ready
        known |= {one.id for one in ready}
        waiting = [one for one in waiting if one.id not in known]
    return found


def _flat(groups: Mapping[int, Sequence[Any]]) -> list[Any]:
    """Return all records of groups in one list."""
    return [one for group in groups.values() for one in group]

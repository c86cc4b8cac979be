"""What items stand on: people, projects with their labels, sprints and milestones, and fields."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

from mainstay.facets.custom_fields.entities import CustomField
from mainstay.facets.custom_fields.rules import name_from
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict
from mainstay.kernel.scope import require
from mainstay.modules.importers.choices import Choices
from mainstay.modules.importers.loading.notes import Notes, ext
from mainstay.modules.importers.model import Left, Milestone, SeenField, Sprint, Survey
from mainstay.modules.importers.model import Project as Theirs
from mainstay.modules.importers.people import create_people
from mainstay.modules.importers.readers import PROGRAMS
from mainstay.modules.importers.scopes import moved
from mainstay.modules.importers.values import shortened
from mainstay.modules.milestones.api import Milestone as OurMilestone
from mainstay.modules.projects.api import (
    Label,
    Project,
    ProjectSettings,
    counter,
    create_project,
    ensure_member,
    require_lead,
    require_work,
    standing,
)

SPRINT = "scrum.sprint"
USER = "identity.user"
PROJECT = "projects.project"
FIELD = "custom_fields.custom_field"
GAP = 1024.0
LONGEST_SPRINT = 30
MANY = 100_000
HUE = re.compile(r"#[0-9A-Fa-f]{6}")
# Rooms that watch over what is planned let pass what only comes in from elsewhere.
IMPORTING = "scrum.importing"
CODE = re.compile(r"^[A-Z][A-Z0-9]{0,19}$")
PREFIX = re.compile(r"^[A-Z][A-Z0-9_]{0,11}$")
OPTION = re.compile(r'^[^\s,<>"|][^,<>"|\n]{0,59}$')
HUES = ("#3B82F6", "#10B981", "#F59E0B", "#EF4444", "#8B5CF6", "#EC4899", "#14B8A6", "#6B7280")


@dataclass
class Defined:
    """A field of this workspace that a field of the file becomes."""

    name: str
    kind: str
    options: frozenset[str] = frozenset()


@dataclass
class Ground:
    """Ids of everything that items name."""

    site: str
    program: str
    choices: Choices
    people: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    projects: dict[str, int] = field(default_factory=dict)
    prefixes: dict[int, str] = field(default_factory=dict)
    labels: dict[tuple[int, str], int] = field(default_factory=dict)
    sprints: dict[tuple[str, str], int] = field(default_factory=dict)
    closed: frozenset[tuple[str, str]] = frozenset()
    milestones: dict[tuple[str, str], int] = field(default_factory=dict)
    fields: dict[str, Defined] = field(default_factory=dict)
    issue_fields: dict[str, Defined] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    speaks: frozenset[str] = frozenset()

    def who(self, key: str) -> int | None:
        """Return who a person of the file is here, or None."""
        return self.people.get(key)

    def called(self, key: str) -> str:
        """Return what a person of the file is called."""
        return self.names.get(key) or key


class Laying:
    """Finds or makes what the items stand on; a second time it only finds."""

    def __init__(self, ctx: Context, survey: Survey, choices: Choices, run_id: int) -> None:
        """Begin with what the file says and what was decided."""
        self.ctx, self.survey, self.choices = ctx, survey, choices
        self.notes = Notes(ctx, run_id, survey.site)
        self.ground = Ground(site=survey.site, program=PROGRAMS[survey.source], choices=choices)
        self.ground.names = {
            one.key: one.name or one.username or one.email for one in survey.people
        }
        self.ground.speaks = frozenset(survey.speaks)
        self.ground.closed = frozenset(
            (one.project, one.key) for one in survey.sprints if one.state == "closed"
        )

    async def people(self) -> None:
        """Find everybody, and make those who shall be made."""
        said = {one.key: self.choices.people.get(one.key, "nobody") for one in self.survey.people}
        known = await moved(self.ctx, self.survey.site, USER, [_person(key) for key in said])
        wanted = []
        for one in self.survey.people:
            fate = said[one.key]
            if fate.isdecimal():
                self.ground.people[one.key] = int(fate)
            elif fate == "new" and _person(one.key) in known:
                self.ground.people[one.key] = known[_person(one.key)][0]
            elif fate == "new":
                wanted.append(one)
        noun = self.ctx.registry.noun(USER)
        ids = [int(fate) for fate in said.values() if fate.isdecimal()]
        there = await self.ctx.load_all(noun, ids, anywhere=True) if ids else {}
        for key, user_id in list(self.ground.people.items()):
            if said[key].isdecimal() and user_id not in there:
                raise Conflict(f"There is no person {user_id}, whom {key!r} shall be.")
        if wanted:
            require(self.ctx.me, noun.permission("create"))
            made = await create_people(self.ctx, wanted)
            self.ground.people |= made
            records = await self.ctx.load_all(noun, made.values(), anywhere=True)
            for key, user_id in made.items():
                self.notes.add(_person(key), records[user_id])
        await self.notes.write()

    async def projects(self) -> None:
        """Find the projects, or begin them, with everything that belongs to them."""
        survey = self.survey
        known = await moved(self.ctx, survey.site, PROJECT, [one.key for one in survey.projects])
        noun = self.ctx.registry.noun(Project)
        for one in survey.projects:
            chosen = self.choices.project_id
            there = known.get(one.key)
            if there and not chosen:
                self.ground.projects[one.key] = there[0]
            elif chosen:
                project = await self.ctx.get(Project, chosen)
                self.ground.projects[one.key] = project.id
                if not there:
                    self.notes.add(one.key, project)
            else:
                project = await self._begin(one)
                self.ground.projects[one.key] = project.id
                self.notes.add(one.key, project)
        ids = dict.fromkeys(self.ground.projects.values())
        found = await self.ctx.load_all(noun, ids, anywhere=True)
        for project_id in ids:
            project = cast("Project | None", found.get(project_id))  # type: ignore[assignment]
            if project is None:
                raise Conflict(
                    "The project that this file was moved into is in the bin. Restore it first, "
                    "or choose another one."
                )
            at = await standing(self.ctx, project_id)
            require_work(at)
            require_lead(at, "move work of another program into it")
            self.ground.prefixes[project_id] = project.settings.task_prefix
        await self.notes.write()
        await self._members(list(ids))
        await self._labels()
        await self._sprints()
        await self._milestones()
        await self._fields()
        await self.notes.write()

    async def _begin(self, one: Theirs) -> Project:
        """Begin a project for one of theirs, with their code where nobody has it."""
        require(self.ctx.me, "projects.project.create")
        wanted = one.key.upper() if CODE.match(one.key.upper()) and len(one.key) <= 10 else ""
        if wanted and await self.ctx.find(Project, anywhere=True, code=wanted):
            wanted = ""
        settings = ProjectSettings()
        scrum = bool(self.survey.sprints)
        if PREFIX.match(one.key.upper()):
            settings.task_prefix = one.key.upper()
        if scrum or any(self.survey.sums.get(name) for name in ("points",)):
            settings.estimation_unit = "points"
        project = Project(
            name=shortened(one.name or one.key, 200) or "Project",
            code=wanted,
            description=_described(one, self.ground.program),
            status="active",
            methodology="scrum" if scrum else "kanban",
            settings=settings,
        )
        made = await create_project(self.ctx, project)
        if not PREFIX.match(one.key.upper()) and PREFIX.match(made.code):
            made.settings = ProjectSettings(
                task_prefix=made.code, estimation_unit=settings.estimation_unit
            )
            await self.ctx.flush()
        return made

    async def _members(self, projects: Sequence[int]) -> None:
        """Make those members who work on what comes in."""
        workers = [
            self.ground.people[o.key]
            for o in self.survey.people
            if o.works and o.key in self.ground.people
        ]
        for project_id in projects:
            for user_id in sorted(set(workers)):
                await ensure_member(self.ctx, project_id, user_id, "member")

    async def _labels(self) -> None:
        wanted: dict[tuple[int, str], None] = {}
        for key, names in self.survey.labels.items():
            wanted |= {(self.ground.projects[key], name): None for name in names}
        known = (
            await self.ctx.all(
                Label, anywhere=True, limit=MANY, project_id__in=sorted({p for p, _ in wanted})
            )
            if wanted
            else []
        )
        self.ground.labels = {(one.project_id, one.name): one.id for one in known}
        fresh = [pair for pair in wanted if pair not in self.ground.labels]
        colors = {
            (self.ground.projects.get(key), name): color
            for key, said in self.survey.colors.items()
            for name, color in said.items()
            if HUE.fullmatch(color)
        }
        made = [
            Label(
                project_id=project,
                name=name,
                color=colors.get((project, name)) or HUES[sum(name.encode()) % len(HUES)],
            )
            for project, name in fresh
        ]
        await self.ctx.create_many(made)
        self.ground.labels |= {(one.project_id, one.name): one.id for one in made}
        for one in made:
            self.notes.add(ext("label", str(one.project_id), one.name), one)

    async def _sprints(self) -> None:
        """Make sprints; they are begun and completed when what is in them is there."""
        if not self.survey.sprints:
            return
        noun = self.ctx.registry.noun(SPRINT)
        names = {ext(one.project, one.key): one for one in self.survey.sprints}
        known = await moved(self.ctx, self.survey.site, SPRINT, names)
        for name, sprint in names.items():
            if name in known:
                self.ground.sprints[sprint.project, sprint.key] = known[name][0]
        fresh = [one for name, one in names.items() if name not in known]
        fresh.sort(key=lambda one: (one.starts or one.ends or date.max, one.name))
        made: list[Any] = [await self._sprint(noun.entity, one) for one in fresh]
        await self.ctx.create_many(made)
        for one, sprint in zip(fresh, made, strict=True):
            self.ground.sprints[one.project, one.key] = sprint.id
            self.notes.add(ext(one.project, one.key), sprint)

    async def _sprint(self, kind: Any, one: Sprint) -> Any:
        project = self.ground.projects[one.project]
        starts, ends = span(one)
        if starts and ends and (starts, ends) != (one.starts, one.ends):
            why = f"a sprint lasts at most {LONGEST_SPRINT} days here; its last day was moved"
            self.ground.left.append(Left(what="days of sprints", why=why, example=one.name))
        number = await self.ctx.next_number(f"{SPRINT}:{project}")
        return kind(
            project_id=project,
            sprint_number=number,
            name=shortened(one.name, 100),
            goal=one.goal[:2000],
            start_date=starts,
            end_date=ends,
        )

    async def _milestones(self) -> None:
        names = {ext(one.project, one.key): one for one in self.survey.milestones}
        if not names:
            return
        key = "milestones.milestone"
        known = await moved(self.ctx, self.survey.site, key, names)
        fresh: list[tuple[str, Milestone]] = []
        for name, one in names.items():
            if name in known:
                self.ground.milestones[one.project, one.key] = known[name][0]
            else:
                fresh.append((name, one))
        made = [self._milestone(one, place) for place, (_, one) in enumerate(fresh, 1)]
        self.ctx.notes[IMPORTING] = True
        await self.ctx.create_many(made)
        for (name, one), milestone in zip(fresh, made, strict=True):
            self.ground.milestones[one.project, one.key] = milestone.id
            self.notes.add(name, milestone)

    def _milestone(self, one: Milestone, place: int) -> OurMilestone:
        due = one.due or self.ctx.today
        return OurMilestone(
            project_id=self.ground.projects[one.project],
            name=shortened(one.name, 255),
            description=one.description[:5000],
            milestone_type="release" if self.ground.program == "Jira" else "deliverable",
            status="completed" if one.closed else "planned",
            due_date=due,
            completed_date=(one.closed_on or due) if one.closed else None,
            sort_order=GAP * place,
        )

    async def _fields(self) -> None:
        """Find or define the fields that shall be fields here too."""
        wanted = [f for f in self.survey.fields if self.choices.fields.get(f.name) == "field"]
        for noun_key, into in (
            ("projects.task", self.ground.fields),
            ("issues.issue", self.ground.issue_fields),
        ):
            if noun_key == "issues.issue" and not self.choices.bugs_as_issues:
                continue
            known = await self.ctx.all(CustomField, anywhere=True, limit=MANY, entity=noun_key)
            for one in wanted:
                into[one.name] = await self._field(noun_key, one, known)

    async def _field(self, noun_key: str, one: SeenField, known: list[CustomField]) -> Defined:
        name = name_from(one.name)
        there = next(
            (f for f in known if f.name == name or f.label.casefold() == one.name.casefold()), None
        )
        if there is None:
            values = [value for value in one.values if OPTION.match(value)]
            kind = one.kind if one.kind != "choice" or values else "text"
            only = next(iter(self.ground.projects.values()))
            alone = len(set(self.ground.projects.values())) == 1
            data: dict[str, Any] = {
                "entity": noun_key,
                "label": shortened(one.name, 80),
                "kind": kind,
                "within_id": only if alone else None,
            }
            if kind == "choice":
                data["options"] = [{"value": value} for value in values]
            there = cast(
                "CustomField",
                await perform.create(self.ctx, self.ctx.registry.noun(CustomField), data),
            )
            known.append(there)
            self.notes.add(ext("field", noun_key, one.name), there)
        options = frozenset(option.value for option in there.options if not option.retired)
        return Defined(there.name, there.kind, options)


def span(one: Sprint) -> tuple[date | None, date | None]:
    """Return the days of a sprint, no more than one may have."""
    starts, ends = one.starts, one.ends
    if starts and ends:
        ends = max(starts, min(ends, starts + timedelta(LONGEST_SPRINT - 1)))
    return starts, ends


async def lay(ctx: Context, survey: Survey, choices: Choices, run_id: int) -> Ground:
    """Find or make all that the items stand on, in one unit of work."""
    laying = Laying(ctx, survey, choices, run_id)
    await laying.people()
    await laying.projects()
    await _numbers(ctx, survey, laying.ground)
    return laying.ground


async def _numbers(ctx: Context, survey: Survey, ground: Ground) -> None:
    """Let new numbers begin above those that come along."""
    for key, project_id in ground.projects.items():
        highest = survey.highest.get(key, 0)
        if highest:
            await ctx.raise_number(counter(project_id), highest)
            if ground.choices.bugs_as_issues:
                await ctx.raise_number(f"issues.issue:{project_id}", highest)


def _person(key: str) -> str:
    return ext("person", key)


def _described(one: Theirs, program: str) -> str:
    origin = f"*From {program}: [{one.name or one.key}]({one.url})*" if one.url else ""
    return "\n\n".join(part for part in (one.description[:90_000], origin) if part)


__all__ = ["GAP", "Defined", "Ground", "lay", "span"]

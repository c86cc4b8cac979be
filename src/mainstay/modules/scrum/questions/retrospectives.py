"""What people ask about retrospectives: what was noted and agreed, and what is still open."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import IDS, Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound
from mainstay.modules.projects.api import Project, answer, decoded
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.questions.sights import names_of, sprint_seen
from mainstay.modules.scrum.scopes import require_inside

MOST = 500
EARLIER = 50
KINDS = ("went_well", "went_wrong", "idea")
OPEN = ("open", "in_progress")


class RetrospectiveAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which sprint."""

    sprint_id: Annotated[int, Meta(ge=1, description="The sprint's id")]


class OpenActionsAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which project, and before which of its sprints."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")]
    before: (
        Annotated[int, Meta(ge=1, description="Only of sprints with a lower number than this")]
        | None
    ) = None


class NoteLine(Struct, kw_only=True, frozen=True):
    """One note, who wrote it, and who agrees."""

    id: int
    version: int
    kind: str
    text: str
    author_id: int | None
    author: str
    votes: int
    voters: list[str]
    agreed: bool


class ActionLine(Struct, kw_only=True, frozen=True):
    """Something that was agreed on, and how far it is."""

    id: int
    version: int
    title: str
    status: str
    owner_id: int | None
    owner: str
    due_date: date | None
    overdue: bool
    task_id: int | None
    task_code: str
    task_status: str
    sprint_id: int
    sprint: str


class LookBack(Struct, kw_only=True, frozen=True):
    """The retrospective of a sprint; without an id none was held yet.

    `mood` is the one that was set, else the average of those given in the stand-ups.
    """

    sprint_id: int
    as_of: date
    id: int | None
    version: int
    held_on: date | None
    summary: str
    mood: float | None
    mood_set: bool
    moods: int
    went_well: list[NoteLine]
    went_wrong: list[NoteLine]
    idea: list[NoteLine]
    actions: list[ActionLine]
    earlier: list[ActionLine]


class OpenActions(Struct, kw_only=True, frozen=True):
    """What was agreed on in a project's retrospectives and is still open, the oldest first."""

    project_id: int
    as_of: date
    actions: list[ActionLine]


@question(label="Retrospective")
async def retrospective(ctx: Context, ask: RetrospectiveAsk) -> LookBack:
    """What was noted and agreed on after a sprint, and what earlier sprints left open."""
    return await look_back(ctx, await sprint_seen(ctx, ask.sprint_id))


@question(label="Open actions")
async def open_actions(ctx: Context, ask: OpenActionsAsk) -> OpenActions:
    """What was agreed on in a project's retrospectives and is still to be done."""
    if await ctx.find(Project, id=ask.project_id) is None:
        raise NotFound(f"There is no project {ask.project_id}, or you may not see it.")
    await require_inside(ctx, ask.project_id)
    found = await actions_left(ctx, ask.project_id, ask.before)
    return OpenActions(project_id=ask.project_id, as_of=ctx.today, actions=found)


async def look_back(ctx: Context, sprint: Sprint) -> LookBack:
    """Return the retrospective of a sprint that the asking person sees."""
    row = await _held(ctx, sprint.id)
    notes = await _notes(ctx, row[0]) if row else []
    actions = await _actions(ctx, "of", look_back=row[0]) if row else []
    mean, moods = await moods_of(ctx, sprint.id)
    was_set = row[3] if row else None
    columns = {kind: [note for note in notes if note.kind == kind] for kind in KINDS}
    return LookBack(
        sprint_id=sprint.id,
        as_of=ctx.today,
        id=row[0] if row else None,
        version=row[1] if row else 0,
        held_on=row[2] if row else None,
        summary=row[4] if row else "",
        mood=float(was_set) if was_set else mean,
        mood_set=was_set is not None,
        moods=moods,
        **columns,
        actions=actions,
        earlier=await actions_left(ctx, sprint.project_id, sprint.sprint_number),
    )


async def actions_left(
    ctx: Context, project_id: int, before: int | None = None
) -> list[ActionLine]:
    """Return what is still to be done of what was agreed on in a project, the oldest first."""
    upto = before if before is not None else 2**31
    return await _actions(ctx, "left", project=project_id, upto=upto)


async def _held(ctx: Context, sprint_id: int) -> Sequence[Any] | None:
    """Return a sprint's retrospective: id, version, day, mood and summary."""
    c = ctx.registry.tables["scrum.retrospective"].c
    columns = [c.id, c.version, c.held_on, c.team_mood, c.summary]

    def build() -> sa.Select[Any]:
        """Read the one there is."""
        mine = c.sprint_id == sa.bindparam("sprint", type_=IDS)
        return sa.select(*columns).where(mine, c.deleted_at.is_(None)).limit(1)

    found = decoded(ctx, columns, await answer(ctx, "scrum: look back", build, sprint=sprint_id))
    return found[0] if found else None


async def moods_of(ctx: Context, sprint_id: int) -> tuple[float | None, int]:
    """Return the average of the moods that were given in a sprint's stand-ups, and their number."""
    s = ctx.registry.tables["scrum.standup"].c
    u = ctx.registry.tables["scrum.standup_update"].c
    sums: list[Any] = [sa.func.sum(u.mood), sa.func.count(u.mood)]

    def build() -> sa.Select[Any]:
        """Add up in the database."""
        live = sa.and_(u.standup_id == s.id, u.deleted_at.is_(None), s.deleted_at.is_(None))
        chosen = sa.select(*sums).select_from(s.id.table.join(u.id.table, live))
        return chosen.where(s.sprint_id == sa.bindparam("sprint", type_=IDS))

    ((total, count),) = await answer(ctx, "scrum: moods", build, sprint=sprint_id)
    return (round(int(total) / count, 1) if count else None), count


async def _notes(ctx: Context, look_back_id: int) -> list[NoteLine]:
    """Return the notes of a retrospective in their order, with who wrote and who voted."""
    noun = ctx.registry.noun("scrum.retrospective_note")
    c, link = noun.table.c, noun.link_tables["votes"].c
    columns = [c.id, c.version, c.kind, c.text, c.created_by]

    def build() -> sa.Select[Any]:
        """Read along the index on retrospective, column and order."""
        mine = c.retrospective_id == sa.bindparam("look_back", type_=IDS)
        chosen = sa.select(*columns).where(mine, c.deleted_at.is_(None))
        return chosen.order_by(c.kind, c.sort_order, c.id).limit(MOST)

    def votes() -> sa.Select[Any]:
        """Read the votes of all of them."""
        mine = sa.select(c.id).where(c.retrospective_id == sa.bindparam("look_back", type_=IDS))
        chosen: sa.Select[Any] = sa.select(link.owner_id, link.target_id)
        return chosen.where(link.owner_id.in_(mine)).order_by(link.owner_id, link.position)

    asked = {"look_back": look_back_id}
    found = decoded(ctx, columns, await answer(ctx, "scrum: notes", build, **asked))
    agreed: dict[int, list[int]] = {}
    for note, person in await answer(ctx, "scrum: votes", votes, **asked):
        agreed.setdefault(note, []).append(person)
    people = {row[4] for row in found} | {one for own in agreed.values() for one in own}
    names = await names_of(ctx, people)
    return [
        NoteLine(
            id=row[0],
            version=row[1],
            kind=row[2],
            text=row[3],
            author_id=row[4],
            author=names.get(row[4], ""),
            votes=len(agreed.get(row[0], ())),
            voters=[names[one] for one in agreed.get(row[0], ()) if one in names],
            agreed=ctx.me.id in agreed.get(row[0], ()),
        )
        for row in found
    ]


async def votes_now(ctx: Context, note_id: int) -> list[int]:
    """Return who agrees with a note as of this statement, in the order in which they did."""
    link = ctx.registry.noun("scrum.retrospective_note").link_tables["votes"].c

    def build() -> sa.Select[Any]:
        """Read the list of one note."""
        mine = link.owner_id == sa.bindparam("note", type_=IDS)
        return sa.select(link.target_id).where(mine).order_by(link.position)

    return [row[0] for row in await answer(ctx, "scrum: votes now", build, note=note_id)]


async def _actions(ctx: Context, which: str, **values: Any) -> list[ActionLine]:
    """Return the actions of a retrospective, or those that a project's earlier ones left open."""
    a = ctx.registry.tables["scrum.action_item"].c
    r = ctx.registry.tables["scrum.retrospective"].c
    s = ctx.registry.tables["scrum.sprint"].c
    t = ctx.registry.tables["projects.task"].c
    own = [a.id, a.version, a.title, a.status, a.owner_id, a.due_date]
    columns = [*own, t.id, t.code, t.status, s.id, s.name]

    def build() -> sa.Select[Any]:
        """Join each with its sprint, and with the task that it became."""
        task = sa.and_(t.id == a.task_id, t.deleted_at.is_(None))
        # A task that has moved to another project is not for everybody's eyes.
        task = sa.and_(task, t.project_id == s.project_id)
        joined = (
            a.id.table.join(r.id.table, r.id == a.retrospective_id)
            .join(s.id.table, s.id == r.sprint_id)
            .outerjoin(t.id.table, task)
        )
        chosen = sa.select(*columns).select_from(joined).where(a.deleted_at.is_(None))
        if which == "of":
            mine = a.retrospective_id == sa.bindparam("look_back", type_=IDS)
            return chosen.where(mine).order_by(a.id).limit(MOST)
        still = sa.or_(*(a.status == status for status in OPEN))
        chosen = chosen.where(still, r.deleted_at.is_(None), s.deleted_at.is_(None)).where(
            s.project_id == sa.bindparam("project", type_=IDS),
            s.sprint_number < sa.bindparam("upto", type_=IDS),
        )
        return chosen.order_by(s.sprint_number, a.id).limit(EARLIER)

    found = decoded(ctx, columns, await answer(ctx, f"scrum: actions {which}", build, **values))
    names = await names_of(ctx, (row[4] for row in found))
    return [_action(ctx, row, names) for row in found]


def _action(ctx: Context, row: Sequence[Any], names: dict[int, str]) -> ActionLine:
    return ActionLine(
        id=row[0],
        version=row[1],
        title=row[2],
        status=row[3],
        owner_id=row[4],
        owner=names.get(row[4], ""),
        due_date=row[5],
        overdue=row[5] is not None and row[5] < ctx.today and row[3] in OPEN,
        task_id=row[6],
        task_code=row[7] or "",
        task_status=row[8] or "",
        sprint_id=row[9],
        sprint=row[10],
    )


class FromAction(Struct, kw_only=True, frozen=True):
    """The action that a task came of."""

    id: int
    title: str
    status: str
    sprint_id: int
    sprint: str


async def action_of(ctx: Context, task_id: int, project_id: int) -> FromAction | None:
    """Return the action that a task came of, where it is one of the task's own project."""
    a = ctx.registry.tables["scrum.action_item"].c
    r = ctx.registry.tables["scrum.retrospective"].c
    s = ctx.registry.tables["scrum.sprint"].c
    columns = [a.id, a.title, a.status, s.id, s.name]

    def build() -> sa.Select[Any]:
        """Read the index on the task."""
        joined = a.id.table.join(r.id.table, r.id == a.retrospective_id)
        joined = joined.join(s.id.table, s.id == r.sprint_id)
        chosen = sa.select(*columns).select_from(joined)
        live = (one.deleted_at.is_(None) for one in (a, r, s))
        chosen = chosen.where(a.task_id == sa.bindparam("task", type_=IDS), *live)
        return chosen.where(s.project_id == sa.bindparam("project", type_=IDS)).limit(1)

    asked = {"task": task_id, "project": project_id}
    found = decoded(ctx, columns, await answer(ctx, "scrum: from action", build, **asked))
    return (
        FromAction(
            id=found[0][0],
            title=found[0][1],
            status=found[0][2],
            sprint_id=found[0][3],
            sprint=found[0][4],
        )
        if found
        else None
    )

"""The backlog of a project in its order, what is in its sprints, and its epics."""

from collections.abc import Collection, Sequence
from typing import Annotated, Any

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import Malformed, NotFound
from mainstay.modules.projects.api import OPEN, Project, answer, decoded, visible
from mainstay.modules.scrum.questions.capacity import names_of
from mainstay.modules.scrum.rules import ENDED
from mainstay.modules.scrum.scopes import COUNTED, parted

ID = sa.BigInteger()
END = 1e300
PAGE = 100
MOST_PAGE = 1000
MOST_EPICS = 200
FIELDS = (
    "id",
    "version",
    "code",
    "title",
    "type",
    "status",
    "priority",
    "story_points",
    "assignee_id",
    "epic_id",
    "sprint_id",
)


class BacklogAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which part of a project's backlog."""

    project_id: Annotated[int, Meta(ge=1, description="The project's id")]
    sprint_id: Annotated[int, Meta(ge=0, description="What is in a sprint; 0 for the backlog")] = 0
    q: Annotated[str, Meta(max_length=200, description="Words of the title, or a code")] = ""
    epic_id: Annotated[int | None, Meta(description="Of an epic; 0 for those without one")] = None
    assignee_id: Annotated[int | None, Meta(description="Led by somebody; 0 for nobody")] = None
    label_id: Annotated[int | None, Meta(description="With a label")] = None
    after: Annotated[str, Meta(max_length=60, description="The cursor of the page before")] = ""
    limit: Annotated[int, Meta(ge=1, le=MOST_PAGE)] = PAGE

    @property
    def narrowed(self) -> bool:
        """Return whether fewer than all are asked for."""
        asked = (self.epic_id, self.assignee_id, self.label_id)
        return bool(self.q.strip()) or any(one is not None for one in asked)


class BacklogItem(Struct, kw_only=True, frozen=True):
    """One task of the backlog or of a sprint."""

    id: int
    version: int
    code: str
    title: str
    type: str
    status: str
    priority: str
    story_points: float | None
    assignee_id: int | None
    assignee: str
    epic_id: int | None
    sprint_id: int | None
    labels: list[int]


class BacklogPage(Struct, kw_only=True, frozen=True):
    """Tasks in their order, and where the next page begins."""

    items: list[BacklogItem]
    next: str
    count: int
    points: float
    unestimated: int


class EpicSum(Struct, kw_only=True, frozen=True):
    """An epic with how many stories it has, how many are done, and their points."""

    id: int
    code: str
    title: str
    status: str
    stories: int
    done: int
    points: float
    done_points: float


@question(label="Backlog")
async def backlog(ctx: Context, ask: BacklogAsk) -> BacklogPage:
    """Return the open work of a project in the order of its backlog, page by page.

    With a sprint it is all that is in the sprint, in the same order.
    """
    if await ctx.find(Project, id=ask.project_id) is None:
        raise NotFound(f"There is no project {ask.project_id}, or you may not see it.")
    return await page_of(ctx, ask)


async def page_of(ctx: Context, ask: BacklogAsk, sprints: Collection[int] = ()) -> BacklogPage:
    """Read one page of a section, with the section's sums on its first page.

    With `sprints` it is all of them at once, one order for all.
    """
    noun = ctx.registry.noun("projects.task")
    t = noun.table.c
    columns = [t[name] for name in FIELDS]
    place = sa.case((t.backlog_order == 0.0, sa.literal(END, sa.Double())), else_=t.backlog_order)
    shape = _shape(ctx, ask, sprints)

    def build() -> sa.Select[Any]:
        """Walk along the order from the cursor on."""
        mark = sa.tuple_(
            sa.bindparam("place", 0.0, sa.Double()), sa.bindparam("record", 0, type_=ID)
        )
        chosen = sa.select(*columns, place).where(*_here(ctx, ask, sprints))
        chosen = chosen.where(sa.tuple_(place, t.id) > mark) if ask.after else chosen
        return chosen.order_by(place, t.id).limit(sa.bindparam("limit", type_=ID))

    values = _values(ctx, ask, sprints)
    start = _cursor(ask.after)
    bound = values | {"place": start[0], "record": start[1], "limit": ask.limit + 1}
    bound = bound if ask.after else {k: v for k, v in bound.items() if k not in ("place", "record")}
    found = await answer(ctx, f"backlog {bool(ask.after)} {shape}", build, **bound)
    rows = decoded(ctx, [*columns, None], found)
    shown, more = rows[: ask.limit], len(rows) > ask.limit
    names = await names_of(ctx, {row[8] for row in shown})
    labels = await _labels(ctx, [row[0] for row in shown])
    count, points, unestimated = 0, 0.0, 0
    if not ask.after and not sprints:
        count, points, unestimated = await _sums(ctx, ask)
    items = [
        BacklogItem(
            **dict(zip(FIELDS, row[:-1], strict=True)),
            assignee=names.get(row[8] or 0, ""),
            labels=labels.get(row[0], []),
        )
        for row in shown
    ]
    onward = f"{float(shown[-1][-1])!r}_{shown[-1][0]}" if more else ""
    return BacklogPage(
        items=items, next=onward, count=count, points=points, unestimated=unestimated
    )


def _cursor(text: str) -> tuple[float, int]:
    if not text:
        return 0.0, 0
    place, _, record = text.partition("_")
    try:
        return float(place), int(record)
    except ValueError:
        raise Malformed("after is no cursor of this list; leave it out to begin anew.") from None


def _shape(ctx: Context, ask: BacklogAsk, sprints: Collection[int] = ()) -> str:
    """Return what tells statements for different filters apart."""
    noun = ctx.registry.noun("projects.task")
    parts = [
        "many" if sprints else "sprint" if ask.sprint_id else "open",
        "q" if ask.q.strip() else "",
        *("none" if one == 0 else "one" if one else "" for one in (ask.epic_id, ask.assignee_id)),
        "label" if ask.label_id is not None else "",
        *sorted(ctx.reader.limits(noun, ctx.me)),
    ]
    return " ".join(parts)


def _here(
    ctx: Context, ask: BacklogAsk, sprints: Collection[int] = ()
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of standing in a section, and of the filter."""
    noun = ctx.registry.noun("projects.task")
    t = noun.table.c
    found = [t.project_id == sa.bindparam("project", type_=ID), *visible(ctx, noun)]
    if sprints:
        found.append(ctx.reader.compiler.among(t.sprint_id, "sprints"))
    elif ask.sprint_id:
        found.append(t.sprint_id == sa.bindparam("sprint", type_=ID))
    else:
        s = ctx.registry.tables["scrum.sprint"].alias("over").c
        mine = s.project_id == sa.bindparam("project", type_=ID)
        over = sa.select(s.id).where(mine, sa.or_(*(s.status == one for one in ENDED)))
        found.append(sa.or_(*(t.status == one for one in OPEN)))
        found.append(sa.or_(t.sprint_id.is_(None), t.sprint_id.in_(over)))
        found.append(t.type != "epic")
    if ask.q.strip():
        like = sa.bindparam("q", type_=sa.String())
        title = sa.func.lower(t.title).like(like, escape="\\")
        found.append(sa.or_(title, sa.func.lower(t.code).like(like, escape="\\")))
    for name, value in (("epic_id", ask.epic_id), ("assignee_id", ask.assignee_id)):
        if value == 0:
            found.append(t[name].is_(None))
        elif value is not None:
            found.append(t[name] == sa.bindparam(name, type_=ID))
    if ask.label_id is not None:
        link = noun.link_tables["labels"].c
        worn = sa.select(link.owner_id).where(link.target_id == sa.bindparam("label", type_=ID))
        found.append(t.id.in_(worn))
    return found


def _values(ctx: Context, ask: BacklogAsk, sprints: Collection[int] = ()) -> dict[str, Any]:
    found: dict[str, Any] = {"project": ask.project_id}
    if sprints:
        found["sprints"] = ctx.listed(sorted(sprints))
    elif ask.sprint_id:
        found["sprint"] = ask.sprint_id
    if ask.q.strip():
        words = ask.q.strip().lower()
        for sign in "\\%_":
            words = words.replace(sign, f"\\{sign}")
        found["q"] = f"%{words}%"
    chosen = {"epic_id": ask.epic_id, "assignee_id": ask.assignee_id}
    found |= {name: value for name, value in chosen.items() if value}
    if ask.label_id is not None:
        found["label"] = ask.label_id
    return found


async def _sums(ctx: Context, ask: BacklogAsk) -> tuple[int, float, int]:
    """Count a section: its tasks, their points, and those without any.

    The points of a task are those of its parts, where some are in the section with it.
    """
    table = ctx.registry.tables["projects.task"]
    t = table.c

    def build() -> sa.Select[Any]:
        """Add up in the database."""
        whole = parted(table, COUNTED if ask.sprint_id else OPEN)
        own = sa.case((whole, 0.0), else_=t.story_points)
        points = sa.func.coalesce(sa.func.sum(own), 0.0)
        lacking = sa.func.coalesce(sa.func.sum(sa.case((own.is_(None), 1), else_=0)), 0)
        chosen = sa.select(sa.func.count(), points, lacking).where(*_here(ctx, ask))
        return chosen.where(t.status != "cancelled")

    name = f"backlog sums {_shape(ctx, ask)}"
    (row,) = await answer(ctx, name, build, **_values(ctx, ask))
    return int(row[0]), float(row[1]), int(row[2])


async def _labels(ctx: Context, tasks: Sequence[int]) -> dict[int, list[int]]:
    link = ctx.registry.noun("projects.task").link_tables["labels"].c

    def build() -> sa.Select[Any]:
        """Read the labels of all of them."""
        here = ctx.reader.compiler.among(link.owner_id, "tasks")
        chosen = sa.select(link.owner_id, link.target_id).where(here)
        return chosen.order_by(link.owner_id, link.position)

    found: dict[int, list[int]] = {}
    if tasks:
        wanted = ctx.listed(sorted(tasks))
        for owner, label in await answer(ctx, "backlog labels", build, tasks=wanted):
            found.setdefault(owner, []).append(label)
    return found


async def epics_of(ctx: Context, project_id: int, only: Collection[int] = ()) -> list[EpicSum]:
    """Return a project's epics that are not over, or these ones, with the sums of their stories."""
    noun = ctx.registry.noun("projects.task")
    t, other = noun.table.c, noun.table.alias("story")
    story = other.c
    counts = sa.and_(story.epic_id == t.id, story.deleted_at.is_(None), story.status != "cancelled")
    done = story.status == "done"
    points = sa.func.coalesce(story.story_points, 0.0)
    sums = (
        sa.func.count(story.id),
        sa.func.coalesce(sa.func.sum(sa.case((done, 1), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(points), 0.0),
        sa.func.coalesce(sa.func.sum(sa.case((done, points), else_=0.0)), 0.0),
    )

    def build() -> sa.Select[Any]:
        """Sum up the stories of every epic in one statement."""
        joined = noun.table.outerjoin(other, counts)
        chosen = sa.select(t.id, t.code, t.title, t.status, *sums).select_from(joined)
        mine = t.project_id == sa.bindparam("project", type_=ID)
        chosen = chosen.where(mine, t.type == "epic", *visible(ctx, noun))
        if only:
            chosen = chosen.where(ctx.reader.compiler.among(t.id, "only"))
        else:
            chosen = chosen.where(sa.or_(*(t.status == one for one in OPEN)))
        chosen = chosen.group_by(t.id, t.code, t.title, t.status)
        return chosen.order_by(t.backlog_order, t.id).limit(MOST_EPICS)

    key = f"epics {bool(only)} {sorted(ctx.reader.limits(noun, ctx.me))}"
    values = {"only": ctx.listed(sorted(only))} if only else {}
    rows = await answer(ctx, key, build, project=project_id, **values)
    return [
        EpicSum(
            id=row[0],
            code=row[1],
            title=row[2],
            status=row[3],
            stories=int(row[4]),
            done=int(row[5]),
            points=float(row[6]),
            done_points=float(row[7]),
        )
        for row in rows
    ]

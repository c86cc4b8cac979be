"""Who sees what belongs to issues, and what the room's rules look up whoever asks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import IDS, Context
from mainstay.kernel.fields import Choice
from mainstay.kernel.scope import Scope, Scoping
from mainstay.kernel.storage.base import execute, prepare
from mainstay.modules.issues import rules
from mainstay.modules.projects.api import answer, own_projects, within

IN_ISSUES = within("issues.issue", "issue_id", "You are a member of its issue's project.")


def _both(s: Scoping) -> sa.ColumnElement[bool]:
    issue, c = s.tables["issues.issue"], s.table.c
    seen = sa.select(issue.c.id).where(issue.c.deleted_at.is_(None))
    seen = seen.where(issue.c.project_id.in_(own_projects(s)))
    return sa.and_(c.issue_id.in_(seen), c.linked_id.in_(seen))


BOTH_ISSUES = Scope(_both, "You are a member of the projects of both issues.")


WORKERS = ("owner", "admin", "member")


def _policies(s: Scoping) -> sa.ColumnElement[bool]:
    c = s.table.c
    return sa.or_(c.project_id.is_(None), c.project_id.in_(own_projects(s)))


def _tickets(s: Scoping) -> sa.ColumnElement[bool]:
    issue, member = s.tables["issues.issue"], s.tables["projects.project_member"].alias("worker")
    works = sa.select(member.c.project_id).where(member.c.user_id == s.me)
    roles = [sa.literal(role, member.c.role.type) for role in WORKERS]
    works = works.where(member.c.deleted_at.is_(None), member.c.role.in_(roles))
    seen = sa.select(issue.c.id).where(issue.c.deleted_at.is_(None))
    return s.table.c.issue_id.in_(seen.where(issue.c.project_id.in_(works)))


def _nobody(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.id < 0


OWN_POLICIES = Scope(_policies, "It is for every project, or you are a member of its project.")
# Names and addresses of reporters are for those who answer them, not for clients.
FOR_WORKERS = Scope(_tickets, "You work in its issue's project.")
HIDDEN = Scope(_nobody, "Administrators only.")


async def projects_of_issues(ctx: Context, issues: Iterable[int]) -> dict[int, int]:
    """Return the project of each of these issues, binned or not, without locking them."""
    return await projects_behind(ctx, "issues.issue", issues)


async def projects_behind(ctx: Context, key: str, ids: Iterable[int]) -> dict[int, int]:
    """Return the project of each of these records of a resource, whoever may see them."""
    c = ctx.registry.tables[key].c

    def build() -> sa.Select[Any]:
        """Compare with all of them in one bound value."""
        return sa.select(c.id, c.project_id).where(ctx.reader.compiler.among(c.id, "ids"))

    found = await answer(ctx, f"behind {key}", build, ids=ctx.listed(sorted(set(ids))))
    return {row[0]: row[1] for row in found}


async def members_among(ctx: Context, wanted: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return which of these pairs of a project and a person are a membership."""
    pairs = set(wanted)
    c = ctx.registry.tables["projects.project_member"].c

    def build() -> sa.Select[Any]:
        """Read the memberships of these people in these projects."""
        among = ctx.reader.compiler.among
        chosen = sa.select(c.project_id, c.user_id).where(c.deleted_at.is_(None))
        return chosen.where(among(c.project_id, "projects"), among(c.user_id, "people"))

    projects = ctx.listed(sorted({project for project, _ in pairs}))
    people = ctx.listed(sorted({person for _, person in pairs}))
    found = await answer(ctx, "issue members", build, projects=projects, people=people)
    return {(row[0], row[1]) for row in found} & pairs


async def workers_among(ctx: Context, wanted: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return which of these pairs of a project and a person are active people who work there."""
    pairs = set(wanted)
    m = ctx.registry.tables["projects.project_member"].c
    u = ctx.registry.tables["identity.user"].c

    def build() -> sa.Select[Any]:
        """Read the working memberships of these people, as far as they may sign in."""
        among = ctx.reader.compiler.among
        joined = m.id.table.join(u.id.table, u.id == m.user_id)
        chosen = sa.select(m.project_id, m.user_id).select_from(joined)
        chosen = chosen.where(m.deleted_at.is_(None), _among(m.role, WORKERS))
        chosen = chosen.where(u.deleted_at.is_(None), _among(u.status, ("active",)))
        return chosen.where(among(m.project_id, "projects"), among(m.user_id, "people"))

    if not pairs:
        return pairs
    projects = ctx.listed(sorted({project for project, _ in pairs}))
    people = ctx.listed(sorted({person for _, person in pairs}))
    found = await answer(ctx, "issue workers", build, projects=projects, people=people)
    return {(row[0], row[1]) for row in found} & pairs


async def last_number(ctx: Context, name: str) -> int:
    """Return the last number that a counter has given; 0 when it has given none."""
    c = ctx.registry.metadata.tables["kernel_counter"].c

    def build() -> sa.Select[Any]:
        """Read it by its name."""
        return sa.select(c.value).where(c.name == sa.bindparam("counter", type_=c.name.type))

    found = await answer(ctx, "last number", build, counter=name)
    return int(found[0][0]) if found else 0


async def sprint_states(ctx: Context, ids: Iterable[int]) -> dict[int, str]:
    """Return how each of these sprints stands: its status, or binned."""
    c = ctx.registry.tables["scrum.sprint"].c

    def build() -> sa.Select[Any]:
        """Read them by their primary key."""
        chosen = sa.select(c.id, c.status, c.deleted_at.is_not(None))
        return chosen.where(ctx.reader.compiler.among(c.id, "ids"))

    wanted = sorted(set(ids))
    found = await answer(ctx, "sprint states", build, ids=ctx.listed(wanted)) if wanted else []
    return {row[0]: "binned" if row[2] else row[1] for row in found}


async def held_duplicates(ctx: Context, issues: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Return the original and the code of each of these issues that is a duplicate, both live."""
    c = ctx.registry.tables["issues.issue"].c
    other = c.id.table.alias("original")

    def build() -> sa.Select[Any]:
        """Join the issues with their originals."""
        joined = c.id.table.join(other, other.c.id == c.duplicate_of_id)
        chosen = sa.select(c.id, c.duplicate_of_id, c.code).select_from(joined)
        chosen = chosen.where(c.deleted_at.is_(None), other.c.deleted_at.is_(None))
        return chosen.where(ctx.reader.compiler.among(c.id, "issues"))

    found = await answer(ctx, "held duplicates", build, issues=ctx.listed(sorted(set(issues))))
    return {row[0]: (row[1], row[2]) for row in found}


async def person_name(ctx: Context, user_id: int) -> str:
    """Return what a person is called, whoever asks: their deed is before the reader."""
    c = ctx.registry.tables["identity.user"].c
    found = await ctx.rows(sa.select(c.display_name).where(c.id == user_id))
    return str(found[0][0]) if found else ""


async def issues_of_tasks(ctx: Context, tasks: Iterable[int]) -> list[int]:
    """Return the live issues that these tasks deal with."""
    c = ctx.registry.tables["issues.issue"].c

    def build() -> sa.Select[Any]:
        """Read the index on the task."""
        among = ctx.reader.compiler.among(c.task_id, "tasks")
        return sa.select(c.id).where(among, c.deleted_at.is_(None)).order_by(c.id)

    found = await answer(ctx, "issues of tasks", build, tasks=ctx.listed(sorted(set(tasks))))
    return [row[0] for row in found]


async def reached(
    ctx: Context, kinds: Sequence[str], issues: Iterable[int]
) -> dict[int, list[int]]:
    """Return what links of these kinds lead to from issues, and on from there.

    "A blocks B" leads from B to A, as "B depends on A" does; "A is parent of B" from B to A.
    """
    c = ctx.registry.tables["issues.issue_link"].c
    live = c.deleted_at.is_(None)

    def ways() -> list[sa.Select[Any]]:
        """Return the links as ways from one issue to the next, each kind in its direction."""
        onward = [kind for kind in kinds if kind == "depends_on"]
        back = [kind for kind in kinds if kind != "depends_on"]
        ends = ((onward, c.issue_id, c.linked_id), (back, c.linked_id, c.issue_id))
        return [
            sa.select(start.label("here"), end.label("there")).where(live, _among(c.type, own))
            for own, start, end in ends
            if own
        ]

    def build() -> sa.Select[Any]:
        """Walk the live links; a set, so that it ends even in a circle."""
        way = sa.union_all(*ways()).subquery("way")
        first = sa.select(way.c.here.label("id")).where(
            ctx.reader.compiler.among(way.c.here, "issues")
        )
        met = first.cte("met", recursive=True)
        met = met.union(sa.select(way.c.there).where(way.c.here == met.c.id))
        chosen = sa.select(way.c.here, way.c.there)
        return chosen.where(way.c.here.in_(sa.select(met.c.id))).order_by(way.c.there)

    listed = ctx.listed(sorted(set(issues)))
    found: dict[int, list[int]] = {}
    for here, there in await answer(ctx, f"reached {kinds}", build, issues=listed):
        found.setdefault(here, []).append(there)
    return found


async def originals(ctx: Context, issues: Iterable[int]) -> dict[int, list[int]]:
    """Return which issue each of these is a duplicate of, which one that is, and so on."""
    c = ctx.registry.tables["issues.issue"].c
    named = c.duplicate_of_id.is_not(None)

    def build() -> sa.Select[Any]:
        """Walk from duplicate to original; a set, so that it ends even in a circle."""
        first = sa.select(c.id.label("id")).where(ctx.reader.compiler.among(c.id, "issues"))
        met = first.cte("met", recursive=True)
        other = c.id.table.alias("other")
        step = sa.select(other.c.duplicate_of_id).where(other.c.id == met.c.id)
        met = met.union(step.where(other.c.duplicate_of_id.is_not(None)))
        return sa.select(c.id, c.duplicate_of_id).where(c.id.in_(sa.select(met.c.id)), named)

    found = await answer(ctx, "originals", build, issues=ctx.listed(sorted(set(issues))))
    return {row[0]: [row[1]] for row in found}


async def same_links(
    ctx: Context, pairs: Sequence[tuple[int, int, str]]
) -> set[tuple[int, int, str]]:
    """Return which live links there are among these issues."""
    c = ctx.registry.tables["issues.issue_link"].c

    def build() -> sa.Select[Any]:
        """Read the links that begin at one of them."""
        among = ctx.reader.compiler.among(c.issue_id, "issues")
        return sa.select(c.issue_id, c.linked_id, c.type).where(among, c.deleted_at.is_(None))

    begins = ctx.listed(sorted({pair[0] for pair in pairs}))
    found = await answer(ctx, "same links", build, issues=begins)
    return {(row[0], row[1], row[2]) for row in found} & set(pairs)


async def write_scores(ctx: Context, scores: Mapping[int, int]) -> None:
    """Write the scores of these issues beside the log: a score is no edit of anybody."""
    if not scores:
        return
    noun = ctx.registry.noun("issues.issue")

    def build() -> sa.Update:
        """Write one score."""
        changed = sa.update(noun.table).where(noun.table.c.id == sa.bindparam("record", 0, IDS))
        return changed.values(priority_score=sa.bindparam("score", 0, sa.Integer()))

    ready = ctx.reader.shape("issue score", lambda: prepare(ctx.connection.engine, build()))
    batch = [ready.bind({"record": one, "score": score}) for one, score in scores.items()]
    await ctx.connection.many(ready.sql, batch)
    for one, score in scores.items():
        ctx.written(noun, one, {"priority_score": score})


async def refresh_scores(ctx: Context, now: datetime) -> int:
    """Work out the scores of all open issues anew, as of an instant, in one statement."""
    noun = ctx.registry.noun("issues.issue")
    c = noun.table.c
    total = _score(noun.table, now)
    live = _among(c.status, rules.LIVE)
    changed = sa.update(noun.table).values(priority_score=total)
    changed = changed.where(live, c.deleted_at.is_(None), c.priority_score != total)
    return await execute(ctx.connection, changed)


def _score(table: sa.Table, now: datetime) -> sa.ColumnElement[int]:
    """Return the score as an expression of the database, the same as `rules.score`."""
    c = table.c
    parts: list[Any] = [
        _chosen(c.priority, rules.PRIORITY_POINTS),
        _chosen(c.severity, rules.SEVERITY_POINTS),
    ]
    made = [(c.created_at <= at, sa.literal(points)) for at, points in rules.thresholds(now)]
    met = [(c.impact_users > above, sa.literal(points)) for above, points in rules.USER_POINTS]
    parts += [sa.case(*made, else_=0), sa.case(*met, else_=0)]
    parts += [
        sa.case((c[name].is_(sa.true()), n), else_=0) for name, n in rules.FLAG_POINTS.items()
    ]
    total: sa.ColumnElement[int] = sum(parts[1:], start=parts[0])
    return total


def _among(column: sa.Column[Any], values: Iterable[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a choice has one of these values."""
    return column.in_([sa.literal(one, column.type) for one in values])


def _chosen(column: sa.Column[Any], points: Mapping[str, int]) -> sa.ColumnElement[int]:
    """Return the points of a choice, by its value."""
    each = [(column == sa.literal(name, column.type), sa.literal(n)) for name, n in points.items()]
    return sa.case(*each, else_=0)


def choices(ctx: Context, name: str) -> tuple[str, ...]:
    """Return the values that a choice of an issue may have, in their order."""
    kind = ctx.registry.noun("issues.issue").fields[name].kind
    assert isinstance(kind, Choice)
    return tuple(kind.values)

"""What stands around an issue: its links seen from either end, its duplicates, and its task."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from mainstay.kernel.context import IDS, Context
from mainstay.kernel.module import question
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import me_bind, require
from mainstay.modules.issues import rules
from mainstay.modules.issues.questions.measures import IssueAsk, issue_of
from mainstay.modules.projects.api import answer, decoded

MOST = 200


class LinkLine(Struct, kw_only=True, frozen=True):
    """What an issue is to another one, in words, and how that one stands."""

    id: int
    type: str
    inverse: bool
    words: str
    issue_id: int
    code: str
    title: str
    status: str
    severity: str


class Original(Struct, kw_only=True, frozen=True):
    """An issue by its code, title and status, who reported it and who watches it."""

    id: int
    code: str
    title: str
    status: str
    reporter_id: int | None = None
    watchers: list[int] = []


class Around(Struct, kw_only=True, frozen=True):
    """An issue's links, the issue it is a duplicate of, and those that are duplicates of it."""

    links: list[LinkLine]
    original: Original | None
    duplicates: list[Original]


@question(label="Around an issue")
async def issue_links(ctx: Context, ask: IssueAsk) -> Around:
    """What an issue is to others, and they to it; only issues that you may see are named."""
    issue = await issue_of(ctx, ask.issue_id)
    return await around(ctx, issue.id, issue.duplicate_of_id)


async def around(ctx: Context, issue_id: int, original_id: int | None) -> Around:
    """Return what stands around an issue."""
    links = await _links(ctx, issue_id)
    original = await _issues(ctx, "id", original_id) if original_id else []
    duplicates = await _issues(ctx, "duplicate_of_id", issue_id)
    watched = await _watchers(ctx, [one.id for one in duplicates])
    return Around(
        links=links,
        original=original[0] if original else None,
        duplicates=[
            Original(
                id=one.id,
                code=one.code,
                title=one.title,
                status=one.status,
                reporter_id=one.reporter_id,
                watchers=watched.get(one.id, []),
            )
            for one in duplicates
        ],
    )


async def _links(ctx: Context, issue_id: int) -> list[LinkLine]:
    """Return the links of an issue from both ends, in the order of their words."""
    require(ctx.me, ctx.registry.noun("issues.issue_link").permission("read"))
    noun = ctx.registry.noun("issues.issue")
    link = ctx.registry.tables["issues.issue_link"].c

    def side(own: Any, other: Any, inverse: int) -> sa.Select[Any]:
        """Read the links that begin, or end, at the issue."""
        o = noun.table.alias("other")
        joined = link.id.table.join(o, o.c.id == other)
        chosen = sa.select(
            link.id,
            link.type,
            sa.literal(inverse, sa.Integer()).label("inverse"),
            o.c.id.label("issue"),
            o.c.code,
            o.c.title,
            o.c.status,
            o.c.severity,
        ).select_from(joined)
        here = own == sa.bindparam("issue", type_=IDS)
        return chosen.where(here, link.deleted_at.is_(None), *_seen(ctx, noun, o))

    def build() -> sa.CompoundSelect[Any]:
        """Put both ends together."""
        both = sa.union_all(
            side(link.issue_id, link.linked_id, 0), side(link.linked_id, link.issue_id, 1)
        )
        return both.limit(MOST)

    c = noun.table.c
    kinds = [None, link.type, None, None, c.code, c.title, c.status, c.severity]
    name = f"issue links {ctx.reader.scoped(noun, ctx.me)}"
    rows = decoded(ctx, kinds, await answer(ctx, name, build, issue=issue_id))
    order = list(rules.LINK_WORDS)
    rows = sorted(rows, key=lambda row: (order.index(row[1]), row[2], row[3]))
    return [_line(row) for row in rows]


def _line(row: Sequence[Any]) -> LinkLine:
    return LinkLine(
        id=row[0],
        type=row[1],
        inverse=bool(row[2]),
        words=rules.link_words(row[1], inverse=bool(row[2])),
        issue_id=row[3],
        code=row[4],
        title=row[5],
        status=row[6],
        severity=row[7],
    )


def _seen(ctx: Context, noun: Noun, alias: Any) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that an issue under another name is live and may be seen."""
    found: list[sa.ColumnElement[bool]] = [alias.c.deleted_at.is_(None)]
    limits = ctx.reader.limits(noun, ctx.me)
    if noun.key in limits:
        scope = ctx.registry.scope_condition(noun, me_bind(), alias, limits)
        found += [] if scope is None else [scope]
    return found


async def _issues(ctx: Context, name: str, value: int) -> list[Original]:
    """Return the issues with a value in a field, as far as one may see them."""
    noun = ctx.registry.noun("issues.issue")
    asked = ctx.ask(noun, {name: value, "limit": MOST, "sort": "id"})
    found, _more = await ctx.reader.entities(ctx.connection, noun, asked, ctx.me)
    return [_original(one) for one in found]


def _original(one: Any) -> Original:
    return Original(
        id=one.id,
        code=one.code,
        title=one.title,
        status=one.status,
        reporter_id=one.reporter_id,
    )


async def _watchers(ctx: Context, issues: Sequence[int]) -> dict[int, list[int]]:
    """Return who watches each of these issues, in one statement."""
    if not issues or not ctx.can("watchers.watcher.read"):
        return {}
    c = ctx.registry.tables["watchers.watcher"].c

    def build() -> sa.Select[Any]:
        """Read the watchers of all of them."""
        among = ctx.reader.compiler.among(c.record_id, "issues")
        of_issues = c.entity == sa.literal("issues.issue", c.entity.type)
        chosen = sa.select(c.record_id, c.user_id).where(of_issues, among, c.deleted_at.is_(None))
        return chosen.order_by(c.id)

    found: dict[int, list[int]] = {}
    for issue, person in await answer(ctx, "issue watchers", build, issues=ctx.listed(issues)):
        found.setdefault(issue, []).append(person)
    return found


async def task_of(ctx: Context, task_id: int | None) -> Any | None:
    """Return the task that deals with an issue, if the asking person may see it."""
    noun = ctx.registry.noun("projects.task")
    if task_id is None or not ctx.can(noun.permission("read")):
        return None
    asked = ctx.ask(noun, {"id": task_id, "limit": 1, "sort": "id"})
    found, _more = await ctx.reader.entities(ctx.connection, noun, asked, ctx.me)
    return found[0] if found else None

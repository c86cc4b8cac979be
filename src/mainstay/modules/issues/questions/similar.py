"""Which issues say nearly the same: found by the words' index, ranked by how alike they are."""

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, Any

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.kernel import search
from mainstay.kernel.context import IDS, Context
from mainstay.kernel.module import question
from mainstay.kernel.scope import me_bind, require
from mainstay.modules.issues import likeness
from mainstay.modules.issues.likeness import Report
from mainstay.modules.projects.api import answer, decoded

SHOWN = 5
POOLS = {"all": 60, "pairs": 120, "any": 200, "newest": 150}
PAIRED = 4
PREFIX_LEAST = 4


class SimilarAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody is about to report."""

    title: Annotated[str, Meta(max_length=500, description="What it is called")]
    description: Annotated[
        str, Meta(max_length=100_000, description="What is said of it, if anything")
    ] = ""
    project_id: (
        Annotated[int, Meta(ge=1, description="In which project; in all that one sees if left out")]
        | None
    ) = None
    but_id: (
        Annotated[int, Meta(ge=1, description="An issue that is not to be suggested: itself")]
        | None
    ) = None


class Alike(Struct, kw_only=True, frozen=True):
    """An issue that may say the same; `likeness` is from 0 to 1."""

    id: int
    code: str
    title: str
    status: str
    resolution: str
    severity: str
    project_id: int
    likeness: float


@question(label="Similar issues")
async def similar(ctx: Context, ask: SimilarAsk) -> list[Alike]:
    """The issues that may say the same as a new one, most alike first."""
    noun = ctx.registry.noun("issues.issue")
    require(ctx.me, noun.permission("read"))
    title = ask.title.strip()
    words = likeness.lookups(title)
    if not words:
        return []
    found: dict[int, Sequence[Any]] = {}
    for way, query in _ways(ctx, words):
        for row in await _candidates(ctx, way, query, ask.project_id):
            found.setdefault(row[0], row)
    found.pop(ask.but_id or 0, None)
    reports = [Report(row[0], row[2], row[7] or "") for row in found.values()]
    best = likeness.rank(Report(0, title, ask.description), reports, SHOWN)
    severity = noun.table.c.severity
    rows = decoded(ctx, [*[None] * 5, severity, None, None], [found[one] for one, _ in best])
    return [_alike(row, share) for row, (_, share) in zip(rows, best, strict=True)]


def _alike(row: Sequence[Any], share: float) -> Alike:
    return Alike(
        id=row[0],
        code=row[1],
        title=row[2],
        status=row[3],
        resolution=row[4],
        severity=row[5],
        project_id=row[6],
        likeness=share,
    )


def _ways(ctx: Context, words: Sequence[str]) -> list[tuple[str, str]]:
    """Return how candidates are looked for: all words, two of them, any, and the newest."""
    lite = ctx.connection.engine.name == "sqlite"
    both, either = (" AND ", " OR ") if lite else (" & ", " | ")
    said = [_said(word, lite) for word in words]
    pairs = [f"({both.join(pair)})" for pair in combinations(said[:PAIRED], 2)]
    ways = [("all", both.join(said))] if len(said) > 2 else []
    ways += [("pairs", either.join(pairs))] if pairs else []
    return [*ways, ("any", either.join(said)), ("newest", "")]


def _said(word: str, lite: bool) -> str:
    """Return a word as the index is asked for it: a longer one perhaps with an ending."""
    open_end = len(word) >= PREFIX_LEAST or bool(likeness.UNSPACED.match(word))
    if lite:
        return f'"{word}"*' if open_end else f'"{word}"'
    return f"'{word}':*" if open_end else f"'{word}'"


async def _candidates(
    ctx: Context, way: str, query: str, project_id: int | None
) -> Sequence[Sequence[Any]]:
    """Return a bounded number of issues that one may see, however many there are."""
    noun = ctx.registry.noun("issues.issue")
    c, engine = noun.table.c, ctx.connection.engine.name
    limits = ctx.reader.limits(noun, ctx.me)

    def build() -> sa.Select[Any]:
        """Look only at a pool of matches, the newest where the index can tell."""
        text = sa.func.substr(c.description, 1, likeness.BODY)
        chosen = sa.select(
            c.id, c.code, c.title, c.status, c.resolution, c.severity, c.project_id, text
        )
        scope = None
        if noun.key in limits:
            scope = ctx.registry.scope_condition(noun, me_bind(), limits=limits)
        if scope is not None and engine == "sqlite" and way != "newest":
            # Else SQLite gathers all that may be seen before it looks at the few that match.
            scope = scope.self_group().op("IS")(sa.literal_column("TRUE"))
        met = [c.deleted_at.is_(None), *([scope] if scope is not None else [])]
        if project_id is not None:
            met.append(c.project_id == sa.bindparam("project", type_=IDS))
        if way != "newest":
            met.append(c.id.in_(_pool(noun.table.name, search.document(noun), engine)))
        return chosen.where(*met).order_by(c.id.desc()).limit(POOLS[way])

    name = f"similar {way} {project_id is None} {sorted(limits)}"
    return await answer(ctx, name, build, q=query, project=project_id)


def _pool(table: str, document: str, engine: str) -> sa.TextClause:
    """Return the first matches of the index: on SQLite the newest, on PostgreSQL any of them."""
    if engine == "sqlite":
        chosen = f"SELECT rowid FROM {table}_fts WHERE {table}_fts MATCH :q ORDER BY rowid DESC"  # noqa: S608
    else:
        chosen = f"SELECT id FROM {table} WHERE {document} @@ to_tsquery('simple', :q)"  # noqa: S608
    limit = search.POOL[engine]
    return sa.text(f"{chosen} LIMIT {limit}").bindparams(sa.bindparam("q", type_=sa.Text()))

"""A record's comments as its page shows them: threads, names, signs, what the reader may do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from mainstay.facets.comments.entities import Comment, Reaction
from mainstay.facets.comments.marks import Known, drawn, known_in
from mainstay.facets.comments.scopes import INTERNAL, MODERATE
from mainstay.kernel.context import Context
from mainstay.kernel.noun import Noun
from mainstay.kernel.query import Ask

MOST_ANSWERS = 500
CREATE = "comments.comment.create"


@dataclass(frozen=True)
class Sign:
    """One sign below a comment: how many gave it, who they are, whether the reader is one."""

    emoji: str
    count: int
    who: str
    mine: bool


@dataclass
class Said:
    """One comment as it is drawn; `place` and `at` say where it stands in the stream."""

    place: int
    at: datetime
    version: int
    author_id: int | None
    author: str
    html: Markup
    internal: bool
    edited: datetime | None
    removed: bool
    mine: bool
    may_remove: bool
    may_answer: bool
    body: str = ""
    outside: bool = False
    signs: list[Sign] = field(default_factory=list)
    answers: list["Said"] = field(default_factory=list)


async def composer(ctx: Context, noun: Noun, record_id: int) -> dict[str, Any] | None:
    """Return what the place to write needs, or None for people who only read here."""
    if not ctx.can(CREATE):
        return None
    return {
        "entity": noun.key,
        "record_id": record_id,
        "may_internal": ctx.can(INTERNAL),
        "may_attach": ctx.can("files.file.create") and "files" in noun.resource.wears,
    }


async def entries(ctx: Context, noun: Noun, record_id: int, before: int, limit: int) -> list[Said]:
    """Return a record's threads, newest first, below a place unless that is 0."""
    roots: list[Comment] = []
    answers: list[Comment] = []
    while len(roots) < limit:
        batch = await _roots(ctx, noun, record_id, before, limit)
        below = await _answers(ctx, noun, record_id, [one.id for one in batch])
        answered = {one.parent_id for one in below}
        roots += [one for one in batch if one.deleted_at is None or one.id in answered]
        answers += below
        if len(batch) < limit:
            break
        before = batch[-1].id
    roots = roots[:limit]
    kept = {one.id for one in roots}
    answers = [one for one in answers if one.parent_id in kept]
    return await told(ctx, noun, record_id, roots, answers)


async def told(
    ctx: Context, noun: Noun, record_id: int, roots: Sequence[Comment], answers: Sequence[Comment]
) -> list[Said]:
    """Draw comments with their answers: one look-up of names and one of signs for all."""
    every = [*roots, *answers]
    signs = await _signs(ctx, [one.id for one in every if one.deleted_at is None])
    people = {one.created_by for one in every if one.created_by}
    people |= {one.user_id for one in signs}
    bodies = [one.body for one in every if one.deleted_at is None]
    known = await known_in(ctx, noun, record_id, bodies, people)
    said = {one.id: _said(ctx, one, known, signs) for one in every}
    for one in answers:
        said[one.parent_id or 0].answers.append(said[one.id])
    return [said[one.id] for one in roots]


async def _read(ctx: Context, ask: Ask) -> list[Comment]:
    noun = ctx.registry.noun(Comment)
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return found  # type: ignore[return-value]


async def _roots(
    ctx: Context, noun: Noun, record_id: int, before: int, limit: int
) -> list[Comment]:
    asked: dict[str, Any] = {"entity": noun.key, "record_id": record_id, "parent_id__isnull": True}
    asked |= {"id__lt": before} if before else {}
    asked |= {"sort": "-id", "limit": limit, "deleted": "with"}
    return await _read(ctx, ctx.ask(ctx.registry.noun(Comment), asked))


async def _answers(ctx: Context, noun: Noun, record_id: int, roots: Sequence[int]) -> list[Comment]:
    if not roots:
        return []
    asked = {"entity": noun.key, "record_id": record_id, "parent_id__in": list(roots)}
    asked |= {"sort": "id", "limit": MOST_ANSWERS}
    return await _read(ctx, ctx.ask(ctx.registry.noun(Comment), asked))


async def _signs(ctx: Context, ids: Sequence[int]) -> list[Reaction]:
    if not ids:
        return []
    noun = ctx.registry.noun(Reaction)
    ask = ctx.ask(noun, {"comment_id__in": list(ids), "sort": "id", "limit": 1000})
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return found  # type: ignore[return-value]


def _said(ctx: Context, one: Comment, known: Known, signs: Iterable[Reaction]) -> Said:
    mine = one.created_by == ctx.me.id
    removed = one.deleted_at is not None
    return Said(
        place=one.id,
        at=one.created_at,
        version=one.version,
        author_id=one.created_by,
        author=one.said_by or known.people.get(one.created_by or 0, "Mainstay"),
        html=Markup() if removed else drawn(one.body, known, one.mentions),
        internal=one.internal,
        edited=one.edited_at,
        removed=removed,
        mine=mine and ctx.can("comments.comment.update"),
        may_remove=ctx.can("comments.comment.delete") and (mine or ctx.can(MODERATE)),
        may_answer=ctx.can(CREATE),
        body="" if removed else one.body,
        outside=bool(one.said_by),
        signs=_below(ctx, one.id, known, signs),
    )


def _below(ctx: Context, comment: int, known: Known, signs: Iterable[Reaction]) -> list[Sign]:
    groups: dict[str, list[int]] = {}
    for one in signs:
        if one.comment_id == comment:
            groups.setdefault(one.emoji, []).append(one.user_id)
    return [
        Sign(emoji, len(who), _who(who, known), ctx.me.id in who) for emoji, who in groups.items()
    ]


def _who(ids: Sequence[int], known: Known) -> str:
    names = [known.people.get(one, "") for one in ids[:20]]
    rest = len(ids) - len(names)
    return ", ".join(filter(None, names)) + (f" +{rest}" if rest else "")

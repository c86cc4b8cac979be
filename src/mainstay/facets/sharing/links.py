"""Making links, and finding out what one may still show: checked anew at every opening."""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from typing import Annotated, ClassVar

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Meta, Struct

from mainstay.facets.sharing import rules, scopes
from mainstay.facets.sharing.entities import ShareLink
from mainstay.kernel.context import Context
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, Denied, Duplicate, NotFound, TooMany, invalid
from mainstay.kernel.scope import SYSTEM, Me, require
from mainstay.kernel.workspace import Workspace

CREATE = "sharing.share_link.create"
GONE = "This link does not lead anywhere. It may have ended, or there never was one."
WINDOW = timedelta(hours=1)
# Each hash takes 64 MiB and a tenth of a second of one core: two at a time, never on the loop.
_HASHER = PasswordHasher()
# Tries that come together are counted one after the other by this row's lock.
TRIES = "sharing.tries"
_THREADS = ThreadPoolExecutor(2, "share")


class ShareWish(Struct, kw_only=True, forbid_unknown_fields=True):
    """What shall be shown: a record, or a list by its address; how long, and behind what."""

    entity: str
    record_id: Annotated[int, Meta(ge=0, le=2**53)] = 0
    query: Annotated[str, Meta(max_length=4000)] = ""
    title: Annotated[str, Meta(max_length=300)] = ""
    password: Annotated[str, Meta(max_length=500)] = ""
    days: Annotated[int, Meta(ge=1, le=rules.LONGEST_DAYS)] = rules.USUAL_DAYS
    with_comments: bool = False


class Shared(Struct, kw_only=True):
    """A new link; it is shown this once, because only its hash is kept."""

    __shown_once__: ClassVar = ("link",)

    id: int
    link: str
    title: str
    expires_at: datetime | None


class Opened(Struct, frozen=True):
    """A link that may be opened now, and the sight that it lends."""

    link: ShareLink
    me: Me
    noun: Noun


def same(given: str, wanted: str) -> bool:
    """Compare two secrets without telling how much of them agrees."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def switched_on(ws: Workspace) -> bool:
    """Return whether links are made and opened here at all."""
    return bool(getattr(ws.settings, "share_links", True))


def sight(ws: Workspace) -> frozenset[str]:
    """Return what a link reads with: records, but nothing that is guarded besides.

    To see all of what records wear would mean internal comments and private files too, so that
    is never lent: these are seen with the record they belong to.
    """
    nouns = ws.registry.nouns.values()
    worn = {noun.key for noun in nouns if noun.resource.scope and noun.resource.scope.worn}
    return frozenset({"*.*.read", *(n.permission("see_all") for n in nouns if n.key not in worn)})


def shareable(noun: Noun) -> bool:
    """Return whether records of this kind may be shown to others: work, not people or rights."""
    return bool(noun.resource.wears)


def require_share(ws: Workspace, me: Me, noun: Noun | None) -> Noun:
    """Refuse who may not share, and what may not be shared."""
    if not switched_on(ws):
        raise Conflict("Public links are switched off in this workspace, by its share_links.")
    require(me, CREATE)
    if noun is None or not shareable(noun):
        raise invalid("entity", "names nothing that may be shared, like projects.task")
    require(me, noun.permission("read"))
    return noun


async def make(ws: Workspace, me: Me, wish: ShareWish) -> tuple[Shared, int]:
    """Make a link; return it with the change set."""
    noun = require_share(ws, me, ws.registry.nouns.get(wish.entity))
    if wish.password and len(wish.password) < rules.LEAST_PASSWORD:
        raise invalid("password", f"must have at least {rules.LEAST_PASSWORD} characters")
    if wish.record_id:
        await ws.one(me, noun.key, wish.record_id, [("fields", "id")])
    else:
        await _readable(ws, me, noun, wish.query)
    token = rules.new_token()
    stored = await _aside_hash(wish.password) if wish.password else ""

    async def work(ctx: Context) -> tuple[Shared, int]:
        """Keep its hash."""
        link = ShareLink(
            entity=noun.key,
            record_id=wish.record_id,
            query="" if wish.record_id else rules.query_of(wish.query),
            title=wish.title,
            with_comments=wish.with_comments and bool(wish.record_id),
            locked=bool(stored),
            digest=rules.digest(token),
            password_hash=stored,
            expires_at=rules.end_of(wish.days, ctx.now),
        )
        ctx.verb = "share"
        made = await ctx.create(link, verb="share")
        base = getattr(ws.settings, "base_url", "") or ""
        shown = Shared(
            id=made.id,
            link=f"{base}/s/{token}",
            title=made.title,
            expires_at=made.expires_at,
        )
        return shown, ctx.change_set

    return await ws.run(me, work)


async def _readable(ws: Workspace, me: Me, noun: Noun, query: str) -> None:
    """Refuse a list's address that says nothing readable."""
    from mainstay.facets.sharing.shown import asked_of

    await ws.page(me, noun.key, [*asked_of(rules.query_of(query)), ("limit", "1")])


async def _aside_hash(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def found(ws: Workspace, token: str) -> Opened:
    """Return what a token may show now; whatever speaks against it, the answer is the same."""
    if not switched_on(ws) or len(token) > 100:
        raise NotFound(GONE)

    async def work(ctx: Context) -> ShareLink | None:
        """Find it by its hash."""
        known = await scopes.by_digest(ctx, rules.digest(token))
        return None if known is None else await ctx.find(ShareLink, anywhere=True, id=known)

    link = await ws.look(SYSTEM, work)
    if link is None or link.created_by is None:
        raise NotFound(GONE)
    if link.expires_at and link.expires_at <= ws.clock.now():
        raise NotFound(GONE)
    noun = ws.registry.nouns.get(link.entity)
    if noun is None or not shareable(noun):
        raise NotFound(GONE)
    try:
        me = await ws.acting(Me(id=link.created_by, grants=frozenset({"*"})))
        require(me, CREATE)
        require(me, noun.permission("read"))
        me = await ws.acting(Me(id=link.created_by, grants=sight(ws)))
        if link.record_id:
            await ws.one(me, noun.key, link.record_id, [("fields", "id")])
    except (Denied, NotFound):
        raise NotFound(GONE) from None
    return Opened(link, msgspec.structs.replace(me, email=""), noun)


async def try_password(ws: Workspace, link: ShareLink, password: str, address: str) -> bool:
    """Compare a password; wrong ones make the next wait, for a place and for the link."""
    place = rules.place_of(address)
    try:
        await ws.run(SYSTEM, lambda ctx: _count(ctx, link.id, place))
    except Duplicate:
        await ws.run(SYSTEM, lambda ctx: _count(ctx, link.id, place))
    stored = link.password_hash
    loop = asyncio.get_running_loop()
    right = await loop.run_in_executor(_THREADS, _verify, stored, password[:500])
    if right:
        await ws.run(SYSTEM, lambda ctx: _right(ctx, link.id, place))
    return right


async def _count(ctx: Context, link: int, place: str) -> None:
    """Count a try as wrong before it is compared, so that many at once are not free."""
    await ctx.raise_number(TRIES, 0)
    counts = []
    for where, free in ((place, rules.FREE_TRIES), (rules.EVERYWHERE, rules.FREE_EVERYWHERE)):
        count, last = await scopes.failures(ctx, link, where)
        count = 0 if ctx.now - last > WINDOW else count
        left = (last + rules.wait_after(count, free) - ctx.now).total_seconds()
        if count and left > 0:
            seconds = max(1, ceil(left))
            raise TooMany(
                f"There were too many wrong passwords. Wait {seconds} s, then try again.",
                headers={"Retry-After": str(seconds)},
            )
        counts.append((where, count + 1))
    for where, count in counts:
        await scopes.note(ctx, link, where, count)


async def _right(ctx: Context, link: int, place: str) -> None:
    await scopes.forget(ctx, link, place)
    count, _ = await scopes.failures(ctx, link, rules.EVERYWHERE)
    await scopes.note(ctx, link, rules.EVERYWHERE, max(0, count - 1))


def _verify(stored: str, password: str) -> bool:
    try:
        _HASHER.verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


@cache
def _nobody() -> str:
    """Return the hash of a password that nobody has."""
    return _HASHER.hash(rules.new_token())

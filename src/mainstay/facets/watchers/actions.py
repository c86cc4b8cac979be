"""What is done with watchers: watching, stopping, and those who watch by what they did."""

from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from mainstay.facets.watchers.entities import Reason, Watcher
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity, Wearer, WearerId
from mainstay.kernel.fields import Links, Ref
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Denied, SignInNeeded, invalid
from mainstay.kernel.sight import who_see

OTHERS = "watchers.watcher.remove_others"
PERSON = "identity.user"
COMMENT = "comments.comment"
MOST = 50
Wanted = dict[tuple[Noun, int], dict[int, Reason]]


class Which(Struct, forbid_unknown_fields=True):
    """The record it is about."""

    entity: Wearer
    record_id: WearerId


async def create_watcher(ctx: Context, watcher: Entity) -> Watcher:
    """Make somebody a watcher of a record that they may see."""
    assert isinstance(watcher, Watcher)
    noun, record = await perform.worn(ctx, "watchers", watcher.entity, watcher.record_id)
    if watcher.user_id not in await who_see(ctx, noun, record.id, [watcher.user_id]):
        raise invalid("user_id", "names somebody who may not see this record")
    watcher.reason = "chosen"
    return await ctx.create(watcher)


async def delete_watcher(ctx: Context, watcher: Entity) -> None:
    """Let people end only their own watching, unless they may end that of others."""
    assert isinstance(watcher, Watcher)
    if watcher.user_id != ctx.me.id and not ctx.can(OTHERS):
        raise Denied(f"Only they themselves can stop watching; to do it for others needs {OTHERS}.")


@action(icon="eye", grant="create")
async def watch(ctx: Context, data: Which) -> Watcher:
    """Watch a record: what happens to it will be told to you."""
    noun, record = await perform.worn(ctx, "watchers", data.entity, data.record_id)
    found = await own(ctx, noun, record.id)
    if found:
        return found
    made = Watcher(entity=noun.key, record_id=record.id, user_id=_me(ctx))
    return await ctx.create(made)


@action(label="Stop watching", icon="eye-off", grant="delete")
async def unwatch(ctx: Context, data: Which) -> None:
    """Stop watching a record; what made you watch it will not do so again."""
    noun, record = await perform.worn(ctx, "watchers", data.entity, data.record_id)
    found = await own(ctx, noun, record.id)
    if found:
        await ctx.delete(found)


def _me(ctx: Context) -> int:
    if ctx.me.id is None:
        raise SignInNeeded("Only a person can watch a record. Sign in with an account.")
    return ctx.me.id


async def own(ctx: Context, noun: Noun, record_id: int) -> Watcher | None:
    """Return the asking person's own watching of a record."""
    return await ctx.find(
        Watcher, anywhere=True, entity=noun.key, record_id=record_id, user_id=_me(ctx)
    )


async def watch_along(ctx: Context, changes: Sequence[Change]) -> None:
    """Make watchers of those who create a record, are named in it, comment on it, or are mentioned.

    Work on many records at once (an import, a bulk edit) makes nobody a watcher.
    """
    wearers = ctx.registry.wearers.get("watchers", ())
    wanted: Wanted = {}
    for change in changes:
        if change.noun.key in wearers:
            _of_record(ctx, change, wanted)
        elif change.noun.key == COMMENT:
            _of_comment(ctx, change, wearers, wanted)
    if ctx.undoing or len(wanted) > MOST:
        return
    for (noun, record_id), people in wanted.items():
        await _add(ctx, noun, record_id, people)


def _of_record(ctx: Context, change: Change, wanted: Wanted) -> None:
    """Note who created a record, and who is newly named in one of its fields for people."""
    found: dict[int, Reason] = {}
    if change.before is None and change.after is not None and ctx.me.id:
        found[ctx.me.id] = "created"
    for name in _people_fields(change.noun):
        before, after = (change.before or {}).get(name), (change.after or {}).get(name)
        for one in _ids(after):
            if one not in _ids(before):
                found.setdefault(one, "assigned")
    if found:
        wanted.setdefault((change.noun, change.record_id), {}).update(found)


@lru_cache(maxsize=256)
def _people_fields(noun: Noun) -> list[str]:
    """Return the fields that name people and that people write."""
    kinds = {name: noun.fields[name].kind for name in noun.resource.write}
    return [n for n, k in kinds.items() if isinstance(k, (Ref, Links)) and k.target == PERSON]


def _ids(value: object) -> list[int]:
    many = value if isinstance(value, list) else [value]
    return [one for one in many if isinstance(one, int)]


def _of_comment(ctx: Context, change: Change, wearers: tuple[str, ...], wanted: Wanted) -> None:
    """Note who comments, and who is mentioned in what they say."""
    held = ctx.held(change.noun, change.record_id)
    entity, record_id = getattr(held, "entity", ""), getattr(held, "record_id", 0)
    if change.after is None or entity not in wearers:
        return
    found: dict[int, Reason] = {}
    if change.before is None and ctx.me.id:
        found[ctx.me.id] = "commented"
    known = _ids((change.before or {}).get("mentions"))
    for one in _ids(change.after.get("mentions")):
        if one not in known:
            found.setdefault(one, "mentioned")
    if found:
        wanted.setdefault((ctx.registry.nouns[entity], record_id), {}).update(found)


async def _known(
    ctx: Context, noun: Noun, record_id: int, people: dict[int, Reason]
) -> list[Watcher]:
    """Return who of these people watches, or has stopped; of a new record nobody does yet."""
    return await ctx.all(
        Watcher,
        anywhere=True,
        deleted="with",
        entity=noun.key,
        record_id=record_id,
        user_id__in=sorted(people),
    )


async def _add(ctx: Context, noun: Noun, record_id: int, people: dict[int, Reason]) -> None:
    """Add those who may see the record, do not watch it, and have not stopped for this reason."""
    new = people.get(ctx.me.id or 0) == "created"
    known = [] if new else await _known(ctx, noun, record_id, people)
    stopped = {(one.user_id, one.reason) for one in known if one.deleted_at}
    watching = {one.user_id for one in known if not one.deleted_at}
    fresh = [p for p, why in people.items() if p not in watching and (p, why) not in stopped]
    others = [one for one in fresh if people[one] != "created"]
    seeing = await who_see(ctx, noun, record_id, others) if others else set()
    made = [
        Watcher(entity=noun.key, record_id=record_id, user_id=one, reason=people[one])
        for one in fresh
        if one in seeing or people[one] == "created"
    ]
    if len(made) == 1:
        await ctx.create(made[0])
    else:
        await ctx.create_many(made)

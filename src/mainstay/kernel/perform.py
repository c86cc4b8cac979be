"""The one pipeline every write goes through, whoever calls: REST, pages, commands, jobs, agents."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from decimal import Decimal
from typing import Any, cast

import msgspec
from msgspec import Struct

from mainstay.kernel.context import Context, hidden, missing, public
from mainstay.kernel.custom import changed_values, new_values
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import unfit_within
from mainstay.kernel.log import HIDDEN, Change, Entry
from mainstay.kernel.module import Action
from mainstay.kernel.noun import CUSTOM, Noun, readable
from mainstay.kernel.problems import (
    Conflict,
    Denied,
    FieldError,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    Problem,
    Stale,
    invalid,
)
from mainstay.kernel.scope import Me, require

MOST_BULK = 5000


class Diff(Struct, kw_only=True):
    """What one change did, or would do, to one record."""

    resource: str
    id: int
    verb: str
    version: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Outcome(Struct, kw_only=True):
    """What a change set did; with `dry_run`, what it would do."""

    change_set: int | None
    dry_run: bool
    diff: list[Diff]
    items: list[Any] = []


class Bulk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Many creations, updates and deletions of one resource that happen together or not at all."""

    create: list[dict[str, Any]] = []
    update: list[dict[str, Any]] = []
    delete: list[int] = []
    dry_run: bool = False


async def create(ctx: Context, noun: Noun, data: Mapping[str, Any]) -> Entity:
    """Create one record from an input, by the room's own verb where it has one."""
    _offered(noun, "create")
    require(ctx.me, noun.permission("create"))
    values = noun.check(data, noun.create_type)
    _groups(ctx, noun, values)
    await ctx.check_refs(noun, values)
    await new_values(ctx, noun, values)
    entity = noun.make(values)
    if noun.resource.create:
        return cast("Entity", await noun.resource.create(ctx, entity))
    return await ctx.create(entity)


async def update(
    ctx: Context, noun: Noun, record_id: int, data: Mapping[str, Any], version: int | None = None
) -> Entity:
    """Change fields of one record; refused when somebody else changed it first."""
    entity = await edit(ctx, noun, record_id, data, version)
    await ctx.save(entity, "update")
    return entity


async def edit(
    ctx: Context, noun: Noun, record_id: int, data: Mapping[str, Any], version: int | None = None
) -> Entity:
    """Change fields of one loaded record as `update` does, and leave the writing to the caller."""
    _offered(noun, "update")
    require(ctx.me, noun.permission("update"))
    values = noun.check(data, noun.update_type)
    said = values.pop("version", None)
    _groups(ctx, noun, values)
    await ctx.check_refs(noun, values)
    entity = await loaded(ctx, noun, record_id, version if version is not None else said)
    await changed_values(ctx, noun, entity, values)
    before = copy(entity)
    for name, value in values.items():
        setattr(entity, name, value)
    if noun.resource.update:
        await noun.resource.update(ctx, entity, before)
    return entity


async def delete(ctx: Context, noun: Noun, record_id: int, version: int | None = None) -> Entity:
    """Put one record into the bin."""
    _offered(noun, "delete")
    require(ctx.me, noun.permission("delete"))
    entity = await loaded(ctx, noun, record_id, version)
    if noun.resource.delete:
        await noun.resource.delete(ctx, entity)
    await ctx.delete(entity)
    return entity


async def restore(ctx: Context, noun: Noun, record_id: int, version: int | None = None) -> Entity:
    """Take one record out of the bin."""
    _offered(noun, "restore")
    require(ctx.me, noun.permission("restore"))
    entity = await ctx.load(noun, record_id, deleted="with")
    if entity.deleted_at is None:
        raise Conflict(f"This {noun.title.lower()} is not in the bin.")
    _same_version(ctx, noun, entity, version)
    await ctx.restore(entity)
    return entity


async def act(
    ctx: Context,
    noun: Noun,
    action: Action,
    record_id: int | None,
    data: Mapping[str, Any],
    version: int | None = None,
) -> Any:
    """Run a verb on one record, or on the resource as a whole."""
    require(ctx.me, noun.permission(action.grant))
    data = dict(data)
    if "version" in data and "version" not in (
        action.data.__struct_fields__ if action.data else ()
    ):
        said = data.pop("version")
        if not isinstance(said, int) or isinstance(said, bool):
            raise invalid("version", "must be a whole number")
        version = version if version is not None else said
    ctx.verb = action.name
    args: list[Any] = [ctx]
    entity = None
    if action.entity is not None:
        if record_id is None:
            raise Malformed(f"{action.label} needs the id of one {noun.name}.")
        entity = await loaded(ctx, noun, record_id, version)
        if reason := action.why_not(entity, ctx.me):
            raise Conflict(reason)
        args.append(entity)
    if action.data is not None:
        args.append(decoded(action.data, data))
    elif data:
        raise Invalid(
            f"{action.label} takes no values.", errors=[FieldError(n, "unknown") for n in data]
        )
    result = await action.run(*args)
    await ctx.flush(action.name, entity)
    ctx.verb = ""
    return result


async def loaded(ctx: Context, noun: Noun, record_id: int, version: int | None) -> Entity:
    """Load a record within the caller's scope and check the version they know."""
    entity = await ctx.load(noun, record_id)
    _same_version(ctx, noun, entity, version)
    return entity


def _same_version(ctx: Context, noun: Noun, entity: Entity, version: int | None) -> None:
    if version is not None and version != entity.version:
        raise Stale(
            f"This {noun.title.lower()} is at version {entity.version} now, you sent {version}. "
            "Load it again and repeat your change.",
            current=public(noun, entity, ctx.me),
        )


def _offered(noun: Noun, verb: str) -> None:
    if verb not in noun.resource.verbs:
        raise NotAllowed(f"{noun.plural} cannot be {verb.removesuffix('e')}ed here.")


def _groups(ctx: Context, noun: Noun, values: Mapping[str, Any]) -> None:
    """Refuse fields of a guarded group without its grant."""
    for name in values:
        group = noun.fields[name].kind.group
        if group and not ctx.can(noun.permission(f"read_{group}")):
            raise Denied(f"{name} needs the permission {noun.permission(f'read_{group}')}.")


def decoded(kind: type[Struct], data: Mapping[str, Any]) -> Any:
    """Check a verb's or question's values against its struct, naming every field that is wrong."""
    wrong = [FieldError(*one) for name in data for one in unfit_within(name, data[name])]
    if wrong:
        raise Invalid(f"{wrong[0].field} {wrong[0].message}.", errors=wrong[:100])
    try:
        return _finite(msgspec.convert(data, kind, strict=False))
    except msgspec.ValidationError as error:
        errors = [
            FieldError(name, f"is unknown; known are {', '.join(kind.__struct_fields__)}")
            for name in data
            if name not in kind.__struct_fields__
        ]
        for part in msgspec.structs.fields(kind):
            if part.name not in data:
                if part.required:
                    errors.append(FieldError(part.name, "is required"))
                continue
            try:
                msgspec.convert(data[part.name], part.type, strict=False)
            except msgspec.ValidationError as wrong:
                errors.append(FieldError(part.name, readable(str(wrong))))
        said = "; ".join(f"{e.field} {e.message}" for e in errors) or readable(str(error))
        raise Invalid(f"{said}.", errors=errors) from None


def _finite(value: Any, name: str = "") -> Any:
    """Refuse numbers that are none, like NaN and Infinity, wherever a value holds one."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise invalid(name, "must be a number")
    for part in value.__struct_fields__ if isinstance(value, Struct) else ():
        _finite(getattr(value, part), part)
    for part in value if isinstance(value, (list, tuple)) else ():
        _finite(part, name)
    return value


async def bulk(ctx: Context, noun: Noun, wanted: Bulk) -> list[Entity]:
    """Create, update and delete many records in one change set; any refusal undoes all of it."""
    total = len(wanted.create) + len(wanted.update) + len(wanted.delete)
    if total > MOST_BULK:
        raise Invalid(f"At most {MOST_BULK} changes at once; these are {total}.")
    refused: list[FieldError] = []
    run = _Bulk(ctx, noun)
    await run.foresee(wanted)
    steps: list[tuple[str, Any, Any]] = [
        *((f"create[{n}]", run.create, data) for n, data in enumerate(wanted.create)),
        *((f"update[{n}]", run.update, data) for n, data in enumerate(wanted.update)),
        ("", run.write, "update"),
        *((f"delete[{n}]", run.delete, record) for n, record in enumerate(wanted.delete)),
        ("", run.write, "delete"),
    ]
    for where, step, data in steps:
        if not where and refused:
            continue
        try:
            await step(data)
        except (Invalid, Conflict, NotFound) as problem:
            if not where:
                raise
            refused += _within(where, problem)
    if refused:
        raise Invalid(
            f"{len(refused)} of {total} changes were not accepted. Nothing was changed.",
            errors=refused[:100],
        )
    return run.done


class _Bulk:
    """Many changes of one resource: loaded, looked up and written in sets, checked one by one."""

    def __init__(self, ctx: Context, noun: Noun) -> None:
        self.ctx, self.noun = ctx, noun
        self.done: list[Entity] = []
        self.waiting: dict[int, Entity] = {}

    async def foresee(self, wanted: Bulk) -> None:
        """Load what will be changed, and look up what the inputs refer to."""
        said = [data.get("id") for data in wanted.update]
        ids = [one for one in said if type(one) is int]
        if len(ids) + len(wanted.delete) > 1:
            await self.ctx.load_all(self.noun, (*ids, *wanted.delete))
        if len(wanted.create) + len(wanted.update) > 1:
            await self.ctx.meet(self.noun, (*wanted.create, *wanted.update))

    async def create(self, data: Mapping[str, Any]) -> None:
        """Create one record."""
        self.done.append(await create(self.ctx, self.noun, data))

    async def update(self, said: Mapping[str, Any]) -> None:
        """Change one record; it is written with the others, unless it is changed once more."""
        data = dict(said)
        record_id = data.pop("id", None)
        if not isinstance(record_id, int) or isinstance(record_id, bool):
            raise Invalid("is required", errors=[FieldError("id", "is required")])
        if record_id in self.waiting:
            await self.ctx.save(self.waiting.pop(record_id), "update")
        entity = await edit(self.ctx, self.noun, record_id, data)
        self.waiting[record_id] = entity
        self.done.append(entity)

    async def delete(self, record_id: int) -> None:
        """Put one record into the bin; where the room has a say in it, it is written at once."""
        if self.noun.resource.delete:
            self.done.append(await delete(self.ctx, self.noun, record_id))
            return
        _offered(self.noun, "delete")
        require(self.ctx.me, self.noun.permission("delete"))
        if record_id in self.waiting:
            raise missing(self.noun, record_id)
        entity = await loaded(self.ctx, self.noun, record_id, None)
        entity.deleted_at, entity.deleted_by = self.ctx.now, self.ctx.me.id
        self.waiting[record_id] = entity
        self.done.append(entity)

    async def write(self, verb: str) -> None:
        """Write what waits."""
        await self.ctx.save_all(self.waiting.values(), verb)
        self.waiting.clear()


def _within(where: str, problem: Problem) -> Sequence[FieldError]:
    if not problem.errors:
        return [FieldError(where, problem.detail)]
    return [FieldError(f"{where}.{error.field}", error.message) for error in problem.errors]


def diff(changes: Sequence[Change], me: Me) -> list[Diff]:
    """Return the changes of a unit of work as this person may see them.

    What follows in resources that they may not read is left out, and so are guarded fields.
    """
    kept = {noun: hidden(noun, me) for noun in {change.noun for change in changes}}
    return [
        Diff(
            resource=change.noun.key,
            id=change.record_id,
            verb=change.verb,
            version=change.version,
            before=_without(change.before, kept[change.noun]),
            after=_without(change.after, kept[change.noun]),
        )
        for change in changes
        if me.can(change.noun.permission("read"))
    ]


def _without(values: dict[str, Any] | None, kept: frozenset[str]) -> dict[str, Any] | None:
    return values and {name: value for name, value in values.items() if name not in kept}


async def undo(ctx: Context, entries: Sequence[Entry]) -> None:
    """Take back a change set, newest change first; refused where later changes stand on it."""
    ctx.undoing = True
    newest: dict[tuple[str, int], int] = {}
    for entry in entries:
        key = (entry.entity, entry.record_id)
        newest[key] = max(newest.get(key, 0), entry.version)
    await _load_undone(ctx, newest)
    for entry in sorted(entries, key=lambda row: row.id, reverse=True):
        if entry.before is None and entry.after is None:
            continue
        noun = ctx.registry.noun(entry.entity)
        if not noun.resource.undo:
            raise Conflict(
                f"What ends or changes {noun.plural.lower()} cannot be taken back. "
                "Do the opposite instead, as a change of its own."
            )
        require(ctx.me, noun.permission("update"))
        entity = await ctx.load(noun, entry.record_id, deleted="with")
        await _undo_one(ctx, noun, entity, entry, newest[entry.entity, entry.record_id])
    await ctx.flush("undo")


async def _load_undone(ctx: Context, keys: Iterable[tuple[str, int]]) -> None:
    """Load the records that are taken back, in one statement for each resource."""
    found: dict[str, list[int]] = {}
    for key, record_id in keys:
        found.setdefault(key, []).append(record_id)
    for key, ids in found.items():
        if len(ids) > 1:
            await ctx.load_all(ctx.registry.noun(key), ids, deleted="with")


async def _undo_one(ctx: Context, noun: Noun, entity: Entity, entry: Entry, newest: int) -> None:
    if entry.before is None:
        if entity.version > newest and entity.updated_by not in (None, entry.actor_id):
            raise Conflict(
                f"Somebody has changed {noun.title.lower()} {entity.id} since it was made. "
                "Undo the later change first, or put it into the bin."
            )
        if entity.deleted_at is None:
            require(ctx.me, noun.permission("delete"))
            if noun.resource.delete:
                await noun.resource.delete(ctx, entity)
            entity.deleted_at, entity.deleted_by = ctx.now, ctx.me.id
        return
    before = copy(entity)
    own = {n: was for n, was in entry.before.items() if n not in noun.resource.derived}
    for name, was in own.items():
        item, value = noun.fields[name], was
        now, after = msgspec.to_builtins(getattr(entity, name)), (entry.after or {}).get(name)
        if HIDDEN in (value, after):
            raise Conflict(f"{item.label} is kept out of the log, so it cannot be taken back.")
        if name == CUSTOM and noun.extensible:
            value, now, after = _parts(value or {}, now, after or {})
        if now != after:
            raise Conflict(
                f"{item.label} of {noun.title.lower()} {entity.id} was changed again since. "
                "Undo the later change first, or edit the field."
            )
        setattr(entity, name, msgspec.convert(value, item.type | None, strict=False))
    if noun.resource.update:
        await noun.resource.update(ctx, entity, before)


def _parts(
    before: dict[str, Any], now: dict[str, Any], after: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return what added values become, and what of them must still be as the change left it."""
    names = {name for name in before | after if before.get(name) != after.get(name)}
    back = {n: v for n, v in now.items() if n not in names}
    back |= {n: v for n, v in before.items() if n in names}
    still = {n: v for n, v in now.items() if n in names}
    return back, still, {n: v for n, v in after.items() if n in names}


async def worn(ctx: Context, facet: str, entity: str, record_id: int) -> tuple[Noun, Entity]:
    """Return the record that a comment, a file or the like belongs to, within the caller's sight.

    Refused when its resource does not wear the facet.
    """
    keys = ctx.registry.wearers.get(facet, ())
    if entity not in keys:
        known = ", ".join(keys) or "none"
        raise invalid("entity", f"cannot have {facet.replace('_', ' ')}; known are {known}")
    noun = ctx.registry.nouns[entity]
    require(ctx.me, noun.permission("read"))
    ask = ctx.ask(noun, {"id": record_id, "limit": 1, "sort": "id", "deleted": "with"})
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found:
        raise invalid("record_id", "names a record that is not there")
    return noun, found[0]


async def seen(ctx: Context, noun: Noun, record_id: int) -> Entity:
    """Return a record within the caller's scope, for history and explanations."""
    return await ctx.load(noun, record_id, deleted="with")

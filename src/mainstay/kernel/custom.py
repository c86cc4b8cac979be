"""The values of the fields that a workspace adds: checked by their kinds on every write."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Choices, Day, Ref
from mainstay.kernel.noun import CUSTOM, Added, Noun, readable
from mainstay.kernel.problems import FieldError, Invalid
from mainstay.kernel.query.days import span
from mainstay.kernel.scope import Me

EMPTY: tuple[Any, ...] = (None, "", [])


async def new_values(ctx: Context, noun: Noun, values: dict[str, Any]) -> None:
    """Check and complete the added values of a new record, in place."""
    if not noun.extensible:
        return
    if not noun.added and not values.get(CUSTOM):
        return
    parent = values.get(noun.resource.parent)
    given: dict[str, Any] = {
        item.name: initial_value(item, ctx.me, ctx.today)
        for item in noun.added.values()
        if item.initial and item.applies(parent)
    } | (values.get(CUSTOM) or {})
    checked = await _checked(ctx, noun, given, {}, parent)
    missing = [
        _error(item.name, "is required")
        for item in noun.added.values()
        if item.required and item.applies(parent) and item.name not in checked
    ]
    if missing:
        raise _refusal(missing)
    values[CUSTOM] = checked


async def changed_values(ctx: Context, noun: Noun, entity: Entity, values: dict[str, Any]) -> None:
    """Put the added values that are given over those a record has, in place; null clears one."""
    if CUSTOM not in values or not noun.extensible:
        return
    stored: dict[str, Any] = getattr(entity, CUSTOM)
    given = {n: v for n, v in values[CUSTOM].items() if stored.get(n) != v or n not in noun.added}
    parent_name = noun.resource.parent
    parent = values.get(parent_name, getattr(entity, parent_name)) if parent_name else None
    checked = await _checked(ctx, noun, given, stored, parent)
    kept = {name: value for name, value in stored.items() if name not in given}
    values[CUSTOM] = kept | checked


def initial_value(item: Added, me: Me, today: date) -> Any:
    """Return what a new record gets in a field, or raise ValueError with what is expected."""
    kind, text = item.kind, item.initial.strip()
    if not text:
        return None
    if isinstance(kind, Day) and (days := span(text, today)):
        return days[0].isoformat()
    if isinstance(kind, Ref) and text == "me" and kind.target == "identity.user":
        return me.id
    plain = isinstance(kind, Choice) and not isinstance(kind, Choices)
    return _value(item, text if plain else kind.parse(text), None)


async def _checked(
    ctx: Context, noun: Noun, given: Mapping[str, Any], stored: Mapping[str, Any], parent: Any
) -> dict[str, Any]:
    """Return the values that are given in the form in which they are kept, without empty ones."""
    found: dict[str, Any] = {}
    errors = []
    for name, value in given.items():
        item = noun.added.get(name)
        if item is None:
            known = ", ".join(noun.added) or "none; add fields to the resource first"
            errors.append(_error(name, f"is not a field of {noun.name}; known are {known}"))
        elif value in EMPTY:
            if item.required and name in stored:
                errors.append(_error(name, "is required"))
        elif not item.applies(parent):
            errors.append(
                _error(name, f"is only for records of {noun.resource.parent} {item.within_id}")
            )
        else:
            try:
                found[name] = _value(item, value, stored.get(name))
            except (msgspec.ValidationError, ValueError, TypeError) as error:
                errors.append(_error(name, readable(str(error))))
    errors += [_error(n, "names a record that is not there") for n in await _gone(ctx, noun, found)]
    if errors:
        raise _refusal(errors)
    return found


def _value(item: Added, value: Any, before: Any) -> Any:
    """Return one value as it is kept in JSON; a retired choice may stay where it was."""
    kind = item.kind
    if not isinstance(kind, (Choice, Choices)):
        return msgspec.to_builtins(msgspec.convert(kind.accept(value), kind.wire_type()))
    several = isinstance(kind, Choices)
    if several is not isinstance(value, list):
        raise ValueError("must be a list" if several else "must be one value, not a list")
    old = before if isinstance(before, list) else [before]
    live = [str(one) for one in kind.values if one not in item.retired]
    for part in value if several else [value]:
        if not isinstance(part, str) or (part not in live and part not in old):
            raise ValueError(f"must be one of {', '.join(live)}")
    return list(dict.fromkeys(value)) if several else value


async def _gone(ctx: Context, noun: Noun, values: Mapping[str, Any]) -> list[str]:
    """Return the references to records that are not there or may not be seen."""
    missing = []
    for name, value in values.items():
        kind = noun.added[name].kind
        if isinstance(kind, Ref):
            target = ctx.registry.nouns[kind.target]
            missing += [] if await ctx.sees(target, (value,)) else [name]
    return missing


def _error(name: str, message: str) -> FieldError:
    return FieldError(f"{CUSTOM}.{name}", message)


def _refusal(errors: list[FieldError]) -> Invalid:
    return Invalid("; ".join(f"{e.field} {e.message}" for e in errors[:5]) + ".", errors=errors)

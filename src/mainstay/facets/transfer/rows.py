"""Rows become checked values; other records are found by what a person calls them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import UNSET

from mainstay.delivery.formulas import unguard
from mainstay.facets.transfer.cells import linked, read, wordy
from mainstay.facets.transfer.plan import Plan
from mainstay.facets.transfer.sources import Row
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Field, Links, Text
from mainstay.kernel.noun import Noun, readable
from mainstay.kernel.problems import Problem

MOST_FOUND = 100_000
Natural = tuple[str, tuple[tuple[str, Any], ...]]


@dataclass
class Draft:
    """One row on its way: the values it asks for, or why they are not acceptable."""

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    converted: dict[str, Any] = field(default_factory=dict)
    blank: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Return whether nothing is wrong so far."""
        return not self.faults


def drafts(plan: Plan, rows: Iterable[Row]) -> list[Draft]:
    """Read the cells of each row; no database is needed for that."""
    read_row = _by_preset if plan.preset else _by_columns
    found = []
    for row in rows:
        draft = Draft(row)
        if row.fault:
            draft.faults.append(row.fault)
        else:
            read_row(plan, draft)
        found.append(draft)
    return found


def _by_columns(plan: Plan, draft: Draft) -> None:
    cells = dict(zip(plan.source.columns, draft.row.cells, strict=True))
    exact = plan.source.form == "json"
    for column, name in plan.columns.items():
        cell, item = cells[column], plan.noun.all_fields[name]
        if cell is UNSET:
            continue
        try:
            draft.values[name] = (
                _natural_cell(item, cell) if linked(item) else _cell(plan, item, cell)
            )
        except (ValueError, TypeError) as error:
            draft.faults.append(f"{column} {error}")
            continue
        if draft.values[name] is None and not exact:
            draft.blank.add(name)


def _cell(plan: Plan, item: Field, cell: Any) -> Any:
    if plan.source.form == "json":
        return item.kind.accept(cell)
    if isinstance(cell, str) and plan.source.form == "csv" and wordy(item):
        cell = unguard(cell)
    return read(item, cell)


def _natural_cell(item: Field, cell: Any) -> Any:
    """Read a reference: an id, several ids, or the words by which a person knows the record."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if not text:
        return None
    if isinstance(item.kind, Links):
        parts = [part.strip() for part in text.strip("[]").split(",") if part.strip()]
        return [int(part) if part.isdecimal() else part for part in parts]
    return int(text) if text.isdecimal() else text


def _by_preset(plan: Plan, draft: Draft) -> None:
    assert plan.preset is not None
    cells = zip(plan.source.columns, draft.row.cells, strict=True)
    texts = {name: "" if cell in (None, UNSET) else str(cell) for name, cell in cells}
    try:
        values = plan.preset.convert(texts, plan.source.name)
    except Problem as problem:
        draft.faults.append(problem.detail)
        return
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        draft.faults.append(str(error) or type(error).__name__)
        return
    draft.converted = values
    for name, value in values.items():
        known = name if name in plan.noun.fields else f"{name}_id"
        if known not in plan.noun.fields:
            draft.faults.append(f"{name} is not a field of {plan.noun.name}")
        elif known not in plan.writable and known not in plan.key:
            draft.faults.append(f"{name} cannot be written")
        else:
            draft.values[known] = value


async def resolve(ctx: Context, noun: Noun, found: Sequence[Draft]) -> None:
    """Turn natural keys into ids, and refuse ids of records that are not there or not seen."""
    names = [name for name, item in noun.all_fields.items() if linked(item)]
    wanted: dict[str, set[Any]] = {}
    for draft in found:
        for name in names:
            if draft.values.get(name) is not None:
                wanted.setdefault(name, set()).update(_mentions(draft.values[name]))
    for name, mentions in wanted.items():
        target = ctx.registry.nouns[noun.all_fields[name].kind.target]  # type: ignore[attr-defined]
        known = await lookup(ctx, target, mentions)
        for draft in found:
            if draft.values.get(name) is not None:
                _settle(draft, name, known)


def _mentions(value: Any) -> list[Any]:
    """Return what a reference's value mentions, in a form that can be compared."""
    return [_mention(part) for part in (value if isinstance(value, list) else [value])]


def _mention(part: Any) -> Any:
    if isinstance(part, Mapping):
        return tuple(sorted((name, _plain(value)) for name, value in part.items()))
    return _plain(part)


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float)) else str(value)


def _settle(draft: Draft, name: str, known: Mapping[Any, list[int]]) -> None:
    value = draft.values[name]
    ids = []
    for mention in _mentions(value):
        found = known.get(mention, [])
        if len(found) == 1:
            ids.append(found[0])
            continue
        said = ", ".join(f"{v}" for _, v in mention) if isinstance(mention, tuple) else mention
        draft.faults.append(
            f"{name}: {len(found)} records are called {said!r}; give the id"
            if found
            else f"{name}: there is no {said!r}, or you may not see it"
        )
    draft.values[name] = ids if isinstance(value, list) else next(iter(ids), None)


async def lookup(ctx: Context, target: Noun, mentions: set[Any]) -> dict[Any, list[int]]:
    """Find records by id, by the text they are known by, or by several fields at once."""
    ids = {m for m in mentions if isinstance(m, int) and 0 < m < 2**63}
    found: dict[Any, list[int]] = {}
    for item in await read_all(ctx, target, {"id__in": sorted(ids)}) if ids else []:
        found[item.id] = [item.id]
    if not ctx.can(target.permission("read")):
        return found
    texts = {m for m in mentions if isinstance(m, str)}
    for name in _callings(target):
        missing = sorted(texts - found.keys())
        if missing:
            _note(found, await _by_fields(ctx, target, (name,), [(m,) for m in missing]), texts)
    groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for mention in mentions:
        if isinstance(mention, tuple):
            groups.setdefault(tuple(n for n, _ in mention), []).append(tuple(v for _, v in mention))
    for names, values in groups.items():
        for got, records in (await _by_fields(ctx, target, names, values)).items():
            found[tuple(zip(names, got, strict=True))] = records
    return found


def _note(
    found: dict[Any, list[int]], new: Mapping[tuple[Any, ...], list[int]], texts: set[str]
) -> None:
    for (text,), records in new.items():
        if text in texts:
            found.setdefault(text, records)


def _callings(target: Noun) -> tuple[str, ...]:
    """Return the text fields by which a person may name a record, unique ones first."""
    unique = [group[0] for group in target.entity.__unique__ if len(group) == 1]
    names = dict.fromkeys((*unique, "code", "username", "email", "name", *target.brief))
    return tuple(
        name
        for name in names
        if name in target.columns
        and isinstance(target.columns[name].kind, Text)
        and not target.columns[name].kind.secret
    )


async def _by_fields(
    ctx: Context, target: Noun, names: tuple[str, ...], values: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[int]]:
    """Find records by the values of some fields, in the form in which those are kept."""
    usual = {value: _usual(target, names, value) for value in values}
    wanted = {f"{n}__in": sorted({u[p] for u in usual.values()}) for p, n in enumerate(names)}
    found: dict[tuple[Any, ...], list[int]] = {}
    for item in await read_all(ctx, target, wanted):
        kept = tuple(getattr(item, name) for name in names)
        found.setdefault(kept, []).append(item.id)
    return {value: found[u] for value, u in usual.items() if u in found}


def _usual(target: Noun, names: tuple[str, ...], value: tuple[Any, ...]) -> tuple[Any, ...]:
    parts = []
    for name, part in zip(names, value, strict=True):
        try:
            parts.append(target.fields[name].kind.accept(part))
        except (ValueError, TypeError):
            parts.append(part)
    return tuple(parts)


async def read_all(ctx: Context, noun: Noun, filters: Mapping[str, Any]) -> list[Entity]:
    """Read every record that meets the filters and that the person may see."""
    ask = ctx.ask(noun, {**filters, "sort": "id"})
    ask.limit = MOST_FOUND
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return found


def check(plan: Plan, draft: Draft) -> None:
    """Bring every value into its field's form, and note each one that is not acceptable."""
    for name in list(draft.values):
        item = plan.noun.all_fields[name]
        value = _unsaid(item, draft.values[name])
        if value is UNSET:
            del draft.values[name]
            draft.blank.discard(name)
            continue
        try:
            draft.values[name] = msgspec.convert(item.kind.accept(value), item.wire_type)
        except (msgspec.ValidationError, ValueError, TypeError) as error:
            draft.faults.append(f"{name} {readable(str(error))}")


def _unsaid(item: Field, value: Any) -> Any:
    """Return what an empty cell means: nothing, an empty text, or that nothing was said."""
    if value is not None or item.optional:
        return value
    if isinstance(item.kind, Text):
        return ""
    return [] if isinstance(item.kind, Links) else UNSET

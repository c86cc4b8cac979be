"""A batch of rows in one unit of work: known records are found and changed, new ones made."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mainstay.facets.transfer.cells import measured
from mainstay.facets.transfer.entities import Check
from mainstay.facets.transfer.plan import Plan
from mainstay.facets.transfer.rows import MOST_FOUND, Draft, check, drafts, read_all, resolve
from mainstay.facets.transfer.sources import Row
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.custom import changed_values, new_values
from mainstay.kernel.entity import Entity
from mainstay.kernel.noun import CUSTOM
from mainstay.kernel.problems import Invalid

EMPTY: tuple[Any, ...] = (None, "", [], {})
PRECISION = Decimal("0.000001")
Key = tuple[Any, ...]


@dataclass
class Tally:
    """What became of some rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    parents: int = 0
    faults: list[tuple[Row, str]] = field(default_factory=list)
    sums: dict[str, Check] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Return whether any record was written."""
        return bool(self.created or self.updated or self.parents)


class Batch:
    """The rows of one unit of work."""

    def __init__(
        self, ctx: Context, plan: Plan, rows: Sequence[Row], refused: Mapping[int, str]
    ) -> None:
        """Read the cells; `refused` are rows that an earlier attempt could not take."""
        self.ctx, self.plan, self.noun = ctx, plan, plan.noun
        self.tally = Tally()
        self.pending: list[Entity] = []
        self.settled: list[tuple[Entity, Draft]] = []
        self.known: dict[Key, Entity] = {}
        self.drafts = drafts(plan, rows)
        for draft in self.drafts:
            if draft.row.number in refused:
                draft.faults.append(refused[draft.row.number])

    @property
    def fine(self) -> list[Draft]:
        """Return the rows that nothing is wrong with so far."""
        return [draft for draft in self.drafts if draft.fine]

    async def run(self) -> Tally:
        """Do all of it; a refusal by a room's own rule undoes the whole unit of work."""
        await self._parents()
        await resolve(self.ctx, self.noun, self.fine)
        for draft in self.fine:
            check(self.plan, draft)
        await self._find()
        for draft in self.fine:
            await self._take(draft)
        if self.pending:
            await self.ctx.create_many(self.pending)
        await self.ctx.flush()
        await self._sum()
        self.tally.faults = [(d.row, "; ".join(d.faults)) for d in self.drafts if d.faults]
        return self.tally

    async def _parents(self) -> None:
        """Make the records that the preset's rows belong to, where they are not there yet."""
        preset = self.plan.preset
        if preset is None or not self.fine:
            return
        values = [draft.converted for draft in self.fine]
        for key, wanted in preset.parents(values, self.plan.source.name):
            target = self.ctx.registry.noun(key)
            group = next(
                (g for g in target.entity.__unique__ if wanted.keys() >= {*g}), tuple(wanted)
            )
            there = {f"{n}__in": [target.fields[n].kind.accept(wanted[n])] for n in group}
            if not await read_all(self.ctx, target, there):
                await perform.create(self.ctx, target, wanted)
                self.tally.parents += 1

    def _key(self, draft: Draft) -> Key | None:
        """Return what tells which record a row means; None when it can only be a new one."""
        if not self.plan.key:
            return None
        values = tuple(draft.values.get(name) for name in self.plan.key)
        missing = [n for n, v in zip(self.plan.key, values, strict=True) if v in (None, "")]
        if not missing:
            return values
        if self.plan.mode == "update" or self.plan.key != ("id",):
            draft.faults.append(f"{', '.join(missing)} must say which record is meant")
        return None

    async def _find(self) -> None:
        """Load the records that the rows mean, to work on."""
        keys = [key for draft in self.fine if (key := self._key(draft)) is not None]
        if not keys:
            return
        filters: dict[str, Any] = {
            f"{n}__in": sorted({k[p] for k in keys}) for p, n in enumerate(self.plan.key)
        }
        found = await self.ctx.all(self.noun.entity, limit=MOST_FOUND, **filters)
        for entity in found:
            self.known[tuple(getattr(entity, name) for name in self.plan.key)] = entity

    async def _take(self, draft: Draft) -> None:
        key = self._key(draft)
        current = self.known.get(key) if key is not None else None
        if current is not None:
            await self._change(draft, current)
        elif key is not None and self.plan.key == ("id",):
            draft.faults.append(f"there is no {self.noun.title.lower()} {key[0]}")
        elif not self.plan.creates:
            said = " ".join(str(part) for part in key or ())
            draft.faults.append(f"there is no {self.noun.title.lower()} {said}")
        else:
            await self._make(draft, key)

    async def _make(self, draft: Draft, key: Key | None) -> None:
        values = {n: v for n, v in draft.values.items() if n in self.plan.writable}
        for name, item in self.noun.fields.items():
            if item.required and name not in values:
                draft.faults.append(f"{name} is required")
        if not draft.fine:
            return
        try:
            await new_values(self.ctx, self.noun, self._gathered(values))
        except Invalid as problem:
            draft.faults.append(problem.detail)
            return
        entity = self.noun.make(values)
        if self.noun.resource.create:
            entity = await self.noun.resource.create(self.ctx, entity)
        else:
            self.pending.append(entity)
        if key is not None:
            self.known[key] = entity
        self.settled.append((entity, draft))
        self.tally.created += 1

    async def _change(self, draft: Draft, entity: Entity) -> None:
        changed = {}
        for name, value in draft.values.items():
            old = self.noun.value(entity, name)
            if name in self.plan.key or value == old or (name in draft.blank and old in EMPTY):
                continue
            if name not in self.plan.changeable:
                draft.faults.append(f"{name} cannot be changed any more")
            changed[name] = value
        if not draft.fine:
            return
        try:
            await changed_values(self.ctx, self.noun, entity, self._gathered(changed))
        except Invalid as problem:
            draft.faults.append(problem.detail)
            return
        self.settled.append((entity, draft))
        if not changed:
            self.tally.unchanged += 1
            return
        before = copy(entity)
        for name, value in changed.items():
            setattr(entity, name, value)
        if self.noun.resource.update and entity.id:
            await self.noun.resource.update(self.ctx, entity, before)
        self.tally.updated += 1

    def _gathered(self, values: dict[str, Any]) -> dict[str, Any]:
        """Put the values of added fields into the document they lie in, in place."""
        own = {n: values.pop(n) for n in tuple(values) if n in self.noun.custom}
        if own:
            given = {n.removeprefix("cf."): value for n, value in own.items()}
            values[CUSTOM] = (values.get(CUSTOM) or {}) | given
        return values

    async def _sum(self) -> None:
        """Add up each numeric column twice: from the file's rows, and by the database."""
        last = {entity.id: draft for entity, draft in self.settled}
        if not last:
            return
        ask = self.ctx.ask(self.noun, {"id__in": sorted(last)})
        names = {n for draft in last.values() for n in draft.values if n not in self.plan.key}
        for name in sorted(names & self.noun.all_fields.keys()):
            if not measured(self.noun.all_fields[name]):
                continue
            said = [d.values[name] for d in last.values() if d.values.get(name) is not None]
            if len(last) != sum(name in d.values for d in last.values()):
                continue
            stored = await self.ctx.reader.aggregate(
                self.ctx.connection, self.noun, ask, self.ctx.me, "sum", name
            )
            self.tally.sums[name] = Check(len(said), total(said), total([stored or 0]))


def total(values: Iterable[Any]) -> str:
    """Return a sum as text, exact to six decimal places."""
    added = sum((Decimal(str(value)) for value in values), Decimal(0)).quantize(PRECISION)
    text = format(added, "f")
    return text.rstrip("0").rstrip(".")


def together(one: Mapping[str, Check], other: Mapping[str, Check]) -> dict[str, Check]:
    """Add up the checks of two batches."""
    nothing = Check()
    return {
        name: Check(
            one.get(name, nothing).rows + other.get(name, nothing).rows,
            total([one.get(name, nothing).file, other.get(name, nothing).file]),
            total([one.get(name, nothing).stored, other.get(name, nothing).stored]),
        )
        for name in dict.fromkeys((*one, *other))
    }

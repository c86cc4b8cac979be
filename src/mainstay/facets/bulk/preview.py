"""What a bulk change would do, found out by doing it and taking it back."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mainstay.delivery import cells
from mainstay.delivery.cells import Look, full_title_of
from mainstay.delivery.refusals import refusal
from mainstay.delivery.words import gettext as _
from mainstay.facets.bulk.batch import ENDS, Batch
from mainstay.facets.bulk.deeds import Deed
from mainstay.kernel.context import Context, hidden
from mainstay.kernel.fields import Kind, Links, Ref
from mainstay.kernel.log import Change
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Problem
from mainstay.kernel.workspace import Workspace

LOOKED_AT = 500
SHOWN = 12
REFUSED = 50
PARTS = 3
# What follows by itself, and says nothing to the person who looks.
QUIET = frozenset({"deleted_by", "sort_order", "position"})


@dataclass(frozen=True)
class Effect:
    """What one field becomes in some records, and what it was in how many."""

    count: int
    label: str
    after: str
    before: list[tuple[str, int]]
    others: int


@dataclass(frozen=True)
class Refused:
    """One record that is refused, and why."""

    id: int
    title: str
    reason: str


@dataclass
class Preview:
    """What would happen to the records that were looked at."""

    looked_at: int
    changed: int = 0
    effects: list[Effect] = field(default_factory=list)
    more: int = 0
    beside: list[tuple[str, int]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    versions: dict[int, int] = field(default_factory=dict)
    problem: Problem | None = None

    @property
    def fine(self) -> int:
        """Return how many of them would be done."""
        return self.looked_at - len(self.refused)

    @property
    def skip(self) -> str:
        """Return the refused records' ids, for leaving them out."""
        return ",".join(str(one.id) for one in self.refused)


async def look_at(ws: Workspace, look: Look, deed: Deed, ids: Sequence[int]) -> Preview:
    """Try the deed on the first records, and say in words what it would do."""
    tried = list(ids[:LOOKED_AT])
    batch = Batch(ws, look.me, deed)
    changes: list[Change] = []

    async def note(_ctx: Context, found: Sequence[Change]) -> None:
        """Keep what was changed before it is taken back."""
        changes[:] = found

    seen = Preview(len(tried))
    try:
        await batch.run(tried, note, dry=True)
    except ENDS:
        raise
    except Problem as problem:
        await batch.sift(tried)
        try:
            await batch.run(tried, note, dry=True)
        except ENDS:
            raise
        except Problem:
            seen.problem = problem
    return await _told(ws, look, deed, seen, batch, changes)


async def _told(
    ws: Workspace, look: Look, deed: Deed, seen: Preview, batch: Batch, changes: list[Change]
) -> Preview:
    noun = deed.noun
    own = [c for c in changes if c.noun is noun and c.record_id not in batch.refused]
    seen.changed = len({c.record_id for c in own})
    seen.versions = {c.record_id: c.version - 1 for c in reversed(own)}
    names = await _names(ws, look, noun, own)
    effects = _effects(noun, [one for c in own for one in _differences(c, look, names)])
    seen.effects, seen.more = effects[:SHOWN], max(len(effects) - SHOWN, 0)
    others = Counter(c.noun.plural for c in changes if c.noun is not noun)
    seen.beside = [(_(plural), n) for plural, n in others.most_common()]
    titles = await _titles(ws, look, noun, list(batch.refused))
    seen.refused = [
        Refused(one, titles.get(one, f"{_(noun.title)} {one}"), refusal(why))
        for one, why in batch.refused.items()
    ]
    if seen.problem is None and seen.refused and not own and len(seen.refused) == seen.looked_at:
        seen.problem = await _common(batch)
    return seen


async def _common(batch: Batch) -> Problem | None:
    """Return the refusal that all records share, with the fields it names."""
    reasons = set(batch.refused.values())
    if len(reasons) > 1:
        return None
    return await batch.alone(next(iter(batch.refused)))


Names = dict[str, dict[int, str]]
Difference = tuple[str, str, str]


def _effects(noun: Noun, told: Sequence[Difference]) -> list[Effect]:
    """Gather what becomes the same, the fields that the list shows first."""
    groups: dict[tuple[str, str], Counter[str]] = {}
    for name, before, after in told:
        groups.setdefault((name, after), Counter())[before] += 1
    shown = ["deleted_at", *noun.resource.columns]
    place = {name: n for n, name in reversed(list(enumerate(shown)))}
    order = sorted(groups.items(), key=lambda g: (place.get(g[0][0], 99), -g[1].total()))
    return [
        Effect(
            befores.total(),
            "" if name == "deleted_at" else _(noun.fields[name].label),
            after,
            [(said, n) for said, n in befores.most_common(PARTS) if said],
            sum(befores.values()) - sum(n for _said, n in befores.most_common(PARTS)),
        )
        for (name, after), befores in order
    ]


def _differences(change: Change, look: Look, names: Names) -> Iterable[Difference]:
    before, after = change.before or {}, change.after or {}
    kept = hidden(change.noun, look.me)
    for name in after:
        if name in QUIET:
            continue
        if name in kept:
            continue
        if name == "deleted_at":
            yield (name, "", _("in the bin") if after[name] else _("out of the bin"))
            continue
        old = _worded(change.noun, name, before.get(name), look, names)
        new = _worded(change.noun, name, after[name], look, names)
        yield (name, old, new)


def _worded(noun: Noun, name: str, value: Any, look: Look, names: Names) -> str:
    kind, value = noun.fields[name].kind, _plain(value)
    if isinstance(kind, Ref) and value is not None:
        return names.get(kind.target, {}).get(value, str(value))
    if isinstance(kind, Links):
        known = names.get(kind.target, {})
        return ", ".join(known.get(one, str(one)) for one in value or []) or _("nothing")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value) or _("nothing")
    said: str = cells.said(noun, name, value, look)
    return said


def _plain(value: Any) -> Any:
    return msgspec.json.decode(bytes(value)) if isinstance(value, msgspec.Raw) else value


async def _names(ws: Workspace, look: Look, noun: Noun, changes: Sequence[Change]) -> Names:
    """Return what the records are called that the changed references name."""
    wanted: dict[str, set[int]] = {}
    for change in changes:
        for side in (change.before or {}, change.after or {}):
            for name, value in side.items():
                kind: Kind = noun.fields[name].kind
                if isinstance(kind, (Ref, Links)) and value:
                    ids = [value] if isinstance(kind, Ref) else _plain(value)
                    wanted.setdefault(kind.target, set()).update(ids)
    return {
        key: await _titles(ws, look, ws.registry.nouns[key], sorted(ids))
        for key, ids in wanted.items()
    }


async def _titles(ws: Workspace, look: Look, noun: Noun, ids: Sequence[int]) -> dict[int, str]:
    if not ids or not look.me.can(noun.permission("read")):
        return {}
    asked = {
        "id__in": ",".join(str(one) for one in ids[:LOOKED_AT]),
        "fields": ",".join(noun.brief),
        "deleted": "with",
        "limit": str(LOOKED_AT),
    }
    page = await ws.page(look.me, noun.key, asked)
    return {row.id: full_title_of(noun, row) for row in page.items}

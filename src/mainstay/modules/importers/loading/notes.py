"""What things became, and what was written then: the memory by which a second time is harmless."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.modules.importers.entities import Moved

LONGEST = 200


def ext(*parts: str) -> str:
    """Return one name made of several, never longer than a note can keep."""
    name = "/".join(parts)
    if len(name) <= LONGEST:
        return name
    return f"{name[:150]}~{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def mark(value: Any) -> str:
    """Return a short mark of a value; the same value has the same mark."""
    plain = msgspec.json.encode(value if value not in (None, "", [], {}) else None, order="sorted")
    return hashlib.blake2b(plain, digest_size=6).hexdigest()


def marks(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the marks of a record's values."""
    return {name: mark(value) for name, value in values.items()}


class Notes:
    """Notes of one unit of work that are written together at its end."""

    def __init__(self, ctx: Context, run_id: int, site: str) -> None:
        """Begin with none."""
        self.ctx, self.run_id, self.site = ctx, run_id, site
        self.waiting: list[tuple[str, Entity, str, dict[str, str]]] = []

    def add(self, external_id: str, record: Entity, fingerprint: str = "", **values: Any) -> None:
        """Note what a thing became."""
        self.waiting.append((external_id, record, fingerprint, marks(values)))

    async def write(self) -> None:
        """Write all of them in one statement."""
        made = [
            Moved(
                run_id=self.run_id,
                source=self.site,
                external_id=name,
                entity=self.ctx.registry.noun(type(record)).key,
                record_id=record.id,
                fingerprint=fingerprint,
                written=written,
            )
            for name, record, fingerprint, written in self.waiting
        ]
        self.waiting.clear()
        await self.ctx.create_many(made)


def once(names: Iterable[str]) -> list[str]:
    """Return names, each once."""
    return list(dict.fromkeys(names))

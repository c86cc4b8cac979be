"""The noun: a typed record with an id, a version and a life from creation to the bin."""

import inspect
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, dataclass_transform

import msgspec
from msgspec import Struct

from mainstay.kernel.fields import Field, Ref, Text, Whole, kind_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UserId = Annotated[int, Ref(target="identity.user")]
Wearer = Annotated[
    str, Text(80, least=3, label="Belongs to", help="The resource it belongs to: projects.task.")
]
WearerId = Annotated[
    int, Whole(least=1, label="Record", help="The id of the record it belongs to.")
]
KEPT = (
    "id",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
    "deleted_at",
    "deleted_by",
)


class Entity(Struct, kw_only=True):
    """What every record has: identity, version, who made it and when, and whether it is binned.

    `__unique__` names groups of fields that no two live records share; `__index__` names groups
    of fields that lists are filtered and sorted by.
    """

    __unique__: ClassVar[tuple[tuple[str, ...], ...]] = ()
    __index__: ClassVar[tuple[tuple[str, ...], ...]] = ()

    id: int = 0
    version: int = 1
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH
    created_by: UserId | None = None
    updated_by: UserId | None = None
    deleted_at: datetime | None = None
    deleted_by: UserId | None = None


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Event(Struct, frozen=True, kw_only=True):
    """Something that happened in the domain; the log keeps it with the change it belongs to."""


def fields_of(entity: type[Entity]) -> tuple[Field, ...]:
    """Return the declared fields of a noun, its own first and the kept ones last."""
    found = []
    notes = _annotations(entity)
    for part in msgspec.structs.fields(entity):
        kind, bare, optional = kind_of(notes[part.name])
        found.append(Field(part.name, kind, bare, optional, part.default, part.default_factory))
    return tuple(sorted(found, key=lambda field: field.name in KEPT))


def _annotations(entity: type[Entity]) -> dict[str, Any]:
    """Collect annotations over the class and its parents; live ones, so nothing is evaluated."""
    notes: dict[str, Any] = {}
    for parent in reversed(entity.__mro__):
        notes |= inspect.get_annotations(parent)
    return notes

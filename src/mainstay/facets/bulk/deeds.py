"""One deed on many records: what it is, what it asks for, and how it is done to one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Json, Kind, Links
from mainstay.kernel.module import Action
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import NotFound, invalid
from mainstay.kernel.scope import Me, require

PLAIN = ("update", "delete", "restore")
WAYS = ("set", "add", "remove")


@dataclass(frozen=True)
class Deed:
    """What is done: `update` with values, `delete`, `restore`, or one of the resource's verbs.

    The values of an update are in three parts: `set` replaces, `add` and `remove` change lists.
    Those of a verb are what it asks for.
    """

    noun: Noun
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> Action | None:
        """Return the verb, unless it is one of the three plain deeds."""
        return None if self.name in PLAIN else self.noun.actions[self.name]

    @property
    def label(self) -> str:
        """Return what it is called."""
        if self.action:
            return self.action.label
        return {"update": "Edit", "delete": "Move to the bin", "restore": "Restore"}[self.name]


def deed_of(noun: Noun, name: str, values: Mapping[str, Any]) -> Deed:
    """Return a deed that this resource knows, or refuse it."""
    action = noun.actions.get(name)
    plain = name in PLAIN and name in noun.resource.verbs
    if not plain and (action is None or action.entity is not noun.entity):
        raise NotFound(f"{noun.plural} have no verb {name[:40]} for many at once.")
    if name == "update":
        _check_ways(noun, values)
    return Deed(noun, name, values)


def _check_ways(noun: Noun, values: Mapping[str, Any]) -> None:
    for way, parts in values.items():
        if way not in WAYS or not isinstance(parts, Mapping):
            raise invalid("values", "must be like {set: {…}, add: {…}, remove: {…}}")
        for name in parts:
            if name not in noun.resource.write:
                raise invalid(name, "cannot be written here")
            if way != "set" and not is_list(noun.fields[name].kind):
                raise invalid(name, "is no list, so nothing can be added to it or removed")
            if way != "set" and not _listed(parts[name]):
                raise invalid(name, "must be a list of what is added or removed")


def _listed(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, (int, str)) for one in value)


def is_list(kind: Kind) -> bool:
    """Return whether a field holds several values, which can be added and removed."""
    return isinstance(kind, Links) or (isinstance(kind, Json) and kind.shape == list[str])


def may(me: Me, deed: Deed) -> None:
    """Refuse a person who may not do this, before any record is touched."""
    grant = deed.action.grant if deed.action else deed.name
    require(me, deed.noun.permission("read"))
    require(me, deed.noun.permission(grant))


async def do(ctx: Context, deed: Deed, record_id: int, version: int | None = None) -> None:
    """Do it to one record, by the same way as anybody would by hand."""
    noun = deed.noun
    if deed.name == "delete":
        await perform.delete(ctx, noun, record_id, version)
    elif deed.name == "restore":
        await perform.restore(ctx, noun, record_id, version)
    elif deed.name == "update":
        values = await _merged(ctx, deed, record_id)
        # Written with the others when all are settled, in sets.
        await perform.edit(ctx, noun, record_id, values, version)
    else:
        action = deed.action
        assert action is not None
        await perform.act(ctx, noun, action, record_id, deed.values, version)


async def _merged(ctx: Context, deed: Deed, record_id: int) -> dict[str, Any]:
    """Return the values to write; what is added or removed depends on what is there."""
    values = dict(deed.values.get("set", {}))
    adding, removing = deed.values.get("add", {}), deed.values.get("remove", {})
    if adding or removing:
        require(ctx.me, deed.noun.permission("update"))
        entity = await ctx.load(deed.noun, record_id)
        for name in {*adding, *removing}:
            gone = removing.get(name, [])
            kept = [one for one in getattr(entity, name) if one not in gone]
            values[name] = list(dict.fromkeys((*kept, *adding.get(name, []))))
    return values

"""Every room's card in one place, compiled into nouns, tables and permissions."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa

from mainstay.kernel.entity import Entity, Event
from mainstay.kernel.module import Module, Panel, Question, Run
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import NotFound
from mainstay.kernel.scope import Scope, Scoping
from mainstay.kernel.storage.schema import kernel_tables

E = TypeVar("E", bound=Entity)


class Registry:
    """What this workspace is made of; printed by `mainstay explain`."""

    def __init__(self, modules: Sequence[Module]) -> None:
        """Compile the cards; a mistake in a declaration is refused here, at start-up."""
        self.modules = {module.name: module for module in modules}
        self.metadata = sa.MetaData()
        kernel_tables(self.metadata)
        self.nouns: dict[str, Noun] = {}
        for module in modules:
            self._missing_rooms(module)
            for resource in module.resources:
                noun = Noun(module, resource)
                self.nouns[noun.key] = noun
        for module in modules:
            for key in self.nouns.keys() & module.verbs.keys():
                self.nouns[key].actions |= {verb.name: verb for verb in module.verbs[key]}
        self.by_path = {noun.path: noun for noun in self.nouns.values()}
        self.by_entity = {noun.entity: noun for noun in self.nouns.values()}
        names = {key: key.replace(".", "_") for key in self.nouns}
        for noun in self.nouns.values():
            noun.tables(self.metadata, names)
        self.tables = {key: noun.table for key, noun in self.nouns.items()}
        self.questions: dict[str, tuple[Module, Question]] = {
            f"{module.name}.{asked.name}": (module, asked)
            for module in modules
            for asked in module.questions
        }
        self.guards = [module.guard for module in modules if module.guard]
        self.scope_columns = {key: self._scope_columns(noun) for key, noun in self.nouns.items()}

    def overlays(self, noun: Noun) -> list[Run]:
        """Return what stands over a noun's timeline."""
        every = self.modules.values()
        return [module.overlays[noun.key] for module in every if noun.key in module.overlays]

    def panels(self, noun: Noun) -> tuple[Panel, ...]:
        """Return what fills slots on a noun's pages: its own panels, then those of other rooms."""
        return self._panels.get(noun.key, ())

    @cached_property
    def _panels(self) -> dict[str, tuple[Panel, ...]]:
        found = {key: noun.resource.panels for key, noun in self.nouns.items()}
        for module in self.modules.values():
            for key, panels in module.panels.items():
                # A room may be in the house without the one whose pages it would add to.
                if key in found:
                    found[key] = (*found[key], *panels)
        return found

    def _missing_rooms(self, module: Module) -> None:
        for room in module.depends:
            if room not in self.modules:
                raise TypeError(f"{module.name} depends on {room}, which is not in the house")

    def noun(self, which: str | type[Entity]) -> Noun:
        """Return a noun by its key (`projects.task`), its path (`projects/tasks`) or its class."""
        found = (
            (self.nouns.get(which) or self.by_path.get(which))
            if isinstance(which, str)
            else self.by_entity.get(which)
        )
        if found is None:
            known = ", ".join(sorted(self.nouns))
            raise NotFound(f"There is no resource {which}. Known ones are: {known}.")
        return found

    def scope_condition(
        self,
        noun: Noun,
        me: sa.ColumnElement[int],
        table: sa.FromClause | None = None,
        limits: frozenset[str] | None = None,
    ) -> sa.ColumnElement[bool] | None:
        """Return the SQL condition of what `me` may see, or None when everybody may see all.

        `limits` are those of a known person (`Reader.limits`); without them every resource counts
        as seen in part, and every permission as given.
        """
        scope: Scope | None = noun.resource.scope
        if scope is None:
            return None

        def seen(key: str, other: sa.FromClause) -> sa.ColumnElement[bool] | None:
            """Return the condition of another resource, unless the person sees all of it."""
            if limits is not None and key not in limits:
                return None
            return self.scope_condition(self.nouns[key], me, other, limits)

        where: Any = table if table is not None else noun.table
        wearers = self.wearers.get(noun.module.name, ()) if scope.worn else ()
        return scope.rule(Scoping(where, self.tables, me, wearers, seen, limits or frozenset()))

    @cached_property
    def wearers(self) -> dict[str, tuple[str, ...]]:
        """Return the resources that wear each facet, by the facet's name."""
        found: dict[str, list[str]] = {}
        for noun in self.nouns.values():
            for name in noun.resource.wears:
                found.setdefault(name, []).append(noun.key)
        return {name: tuple(keys) for name, keys in found.items()}

    def _scope_columns(self, noun: Noun) -> frozenset[str]:
        """Find the record's own columns that its scope reads: changing one may hide the record."""
        condition = self.scope_condition(noun, sa.bindparam("me", type_=sa.BigInteger()))
        if condition is None:
            return frozenset()
        return frozenset(
            part.name
            for part in sa.sql.visitors.iterate(condition)
            if isinstance(part, sa.Column) and part.table is noun.table
        )

    @cached_property
    def permissions(self) -> tuple[str, ...]:
        """Return every permission there is, in order."""
        found: set[str] = set()
        for noun in self.nouns.values():
            found |= {noun.permission(verb) for verb in ("read", *noun.resource.verbs)}
            found |= {noun.permission(action.grant) for action in noun.actions.values()}
            found |= {
                noun.permission(f"read_{item.kind.group}")
                for item in noun.fields.values()
                if item.kind.group
            }
            if noun.resource.scope:
                found |= {noun.permission("see_all"), *noun.resource.scope.asks}
        for key, (_, asked) in self.questions.items():
            found.add(f"{key}.{asked.grant}")
        for module in self.modules.values():
            found |= set(module.permissions)
        return tuple(sorted(found))

    @cached_property
    def reactions(self) -> dict[str, list[tuple[type[Event], Run, str]]]:
        """Return who reacts to which event, by the event's name."""
        found: dict[str, list[tuple[type[Event], Run, str]]] = {}
        for module in self.modules.values():
            for event, run in module.on.items():
                found.setdefault(event_name(event), []).append((event, run, module.name))
        return found


def event_name(event: type[Event]) -> str:
    """Return the name an event carries in the log: projects.TaskCompleted."""
    parts = event.__module__.split(".")
    room = parts[parts.index("modules") + 1] if "modules" in parts else parts[-1]
    return f"{room}.{event.__name__}"

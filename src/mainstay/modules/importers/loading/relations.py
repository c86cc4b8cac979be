"""What items say of one another: parents, epics, links and watchers, when all are there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast

from mainstay.facets.watchers.entities import Watcher
from mainstay.kernel.context import Context
from mainstay.modules.importers import crosswalk
from mainstay.modules.importers.loading.ground import Ground
from mainstay.modules.importers.loading.items import IMPORTING, ISSUE, TASK, Tally
from mainstay.modules.importers.loading.notes import Notes, ext, once
from mainstay.modules.importers.model import Link, LinkKind, Thin
from mainstay.modules.importers.scopes import moved
from mainstay.modules.importers.staging import Keys
from mainstay.modules.issues.api import IssueLink
from mainstay.modules.projects.api import DEEPEST, Task, TaskDependency, circle, members_among

DEPENDENCY, ISSUE_LINK = "projects.task_dependency", "issues.issue_link"
Edge = tuple[LinkKind, str, str]
IssueLinkType = Literal["blocks", "relates_to", "duplicates", "causes"]
ISSUE_LINKS: Mapping[LinkKind, IssueLinkType] = {
    "blocks": "blocks",
    "relates": "relates_to",
    "duplicates": "duplicates",
    "causes": "causes",
    "clones": "relates_to",
}
MANY = 100_000


def edge_of(key: str, link: Link) -> Edge:
    """Return a link as both its ends say it: from whom to whom."""
    source, to = (key, link.to) if link.out else (link.to, key)
    if link.kind == "relates":
        source, to = sorted((source, to))
    return link.kind, source, to


def edge_name(edge: Edge) -> str:
    """Return what a link is noted as."""
    return ext(*edge)


class Web:
    """All that the items of a file say of one another, freed of what cannot be."""

    def __init__(self, thin: Sequence[Thin], keys: Keys, ground: Ground) -> None:
        """Look at all of it at once, for a circle shows only in the whole."""
        self.keys, self.ground = keys, ground
        self.parents: dict[str, str] = {}
        self.epics: dict[str, str] = {}
        self.edges: dict[str, list[Edge]] = {}
        self.tally = Tally()
        for one in thin:
            self._family(one)
        self._uproot()
        self._links(thin)

    def _epic(self, key: str) -> bool:
        kind = self.keys.types.get(key, "")
        known = self.ground.choices.types.get(kind) or crosswalk.type_of(kind)
        return known == "epic"

    def _family(self, one: Thin) -> None:
        parent, epic = one.parent, one.epic
        if parent and self._epic(parent) and not self._epic(one.key):
            parent, epic = "", epic or parent
        home = self._home(one.key)
        for what, other in (("parents", parent), ("epics", epic)):
            if other and self._home(other) != home:
                why = "the other one is in another project"
                self.tally.leave(what, why, f"{one.key} → {other}")
                continue
            if other and what == "epics" and not self._epic(other):
                parent = parent or other
            elif other and what == "epics":
                self.epics[one.key] = other
        if parent and self._home(parent) == home:
            self.parents[one.key] = parent

    def _home(self, key: str) -> int | None:
        return self.ground.projects.get(self.keys.projects.get(key, ""))

    def _uproot(self) -> None:
        """Take away parents that would make a circle, or nest deeper than tasks may."""
        for key in list(self.parents):
            way, seen = key, {key}
            while (above := self.parents.get(way)) is not None:
                if above in seen:
                    del self.parents[way]
                    why = "they would be parts of one another in a circle"
                    self.tally.leave("parents", why, f"{way} → {above}")
                    break
                seen.add(above)
                way = above
        for key in list(self.parents):
            depth, way = 1, key
            while way in self.parents:
                depth, way = depth + 1, self.parents[way]
            if depth > DEEPEST:
                above = self.parents.pop(key)
                why = f"tasks nest at most {DEEPEST} deep here"
                self.tally.leave("parents", why, f"{key} → {above}")

    def _links(self, thin: Sequence[Thin]) -> None:
        """Keep each link once, at the item that says it first, and none that closes a circle."""
        met: set[Edge] = set()
        earlier: dict[int, list[int]] = {}
        numbers: dict[str, int] = {}
        pairs: dict[tuple[str, str], LinkKind] = {}
        for one in thin:
            for link in one.links:
                edge = edge_of(one.key, link)
                kind, source, to = edge
                if edge in met or source not in self.keys.types or to not in self.keys.types:
                    continue
                met.add(edge)
                if source == to:
                    self.tally.leave("links", "an issue cannot be linked to itself", source)
                    continue
                if kind == "blocks":
                    a, b = (numbers.setdefault(key, len(numbers) + 1) for key in (source, to))
                    earlier.setdefault(b, []).append(a)
                    if self._closes(earlier, b, a):
                        earlier[b].pop()
                        why = "they would wait for one another in a circle"
                        self.tally.leave("links", why, f"{source} blocks {to}")
                        continue
                known = pairs.setdefault((source, to), kind)
                if known != kind:
                    why = "the two are linked already"
                    self.tally.leave("links", why, f"{source} {kind} {to}")
                    continue
                self.edges.setdefault(one.key, []).append(edge)

    def _closes(self, earlier: Mapping[int, Sequence[int]], later: int, before: int) -> bool:
        """Return whether what comes before waits for the later one, as far as is known."""
        if before not in earlier:
            return False
        return bool(circle(earlier, later))


class Relations:
    """A part of the web, written in one unit of work."""

    def __init__(self, ctx: Context, ground: Ground, web: Web, run_id: int) -> None:
        """Begin."""
        self.ctx, self.ground, self.web = ctx, ground, web
        self.notes = Notes(ctx, run_id, ground.site)
        self.tally = Tally()

    async def take(self, part: Sequence[Thin]) -> Tally:
        """Write what these items say."""
        self.ctx.notes[IMPORTING] = True
        names = once(self._names(part))
        tasks = await moved(self.ctx, self.ground.site, TASK, names)
        issues = await moved(self.ctx, self.ground.site, ISSUE, names)
        self.tasks = {name: found[0] for name, found in tasks.items()}
        self.issues = {name: found[0] for name, found in issues.items()}
        await self._family(part)
        await self._links(part)
        await self._watchers(part)
        await self.ctx.flush()
        await self.notes.write()
        return self.tally

    def _names(self, part: Sequence[Thin]) -> Iterable[str]:
        for one in part:
            yield one.key
            for found in (self.web.parents.get(one.key), self.web.epics.get(one.key)):
                if found:
                    yield found
            for _, source, to in self.web.edges.get(one.key, ()):
                yield source
                yield to

    async def _family(self, part: Sequence[Thin]) -> None:
        noun = self.ctx.registry.noun(Task)
        ids = [self.tasks[one.key] for one in part if one.key in self.tasks]
        held = await self.ctx.load_all(noun, ids, anywhere=True)
        above = [
            self.tasks[found]
            for one in part
            for found in (self.web.parents.get(one.key), self.web.epics.get(one.key))
            if found and found in self.tasks
        ]
        upper = await self.ctx.load_all(noun, above, anywhere=True)
        for one in part:
            task = cast("Task | None", held.get(self.tasks.get(one.key, 0)))
            for name, key in (
                ("parent_id", self.web.parents.get(one.key)),
                ("epic_id", self.web.epics.get(one.key)),
            ):
                if not key:
                    continue
                other = self.tasks.get(key, 0)
                if task is None or other not in upper:
                    self.tally.leave(
                        "parents" if name == "parent_id" else "epics",
                        "one of the two is no task here (an issue, left out, or in the bin)",
                        f"{one.key} → {key}",
                    )
                elif getattr(task, name) is None and other != task.id:
                    setattr(task, name, other)
                    self.tally.updated += 1

    async def _links(self, part: Sequence[Thin]) -> None:
        edges = [edge for one in part for edge in self.web.edges.get(one.key, ())]
        names = [edge_name(edge) for edge in edges]
        site = self.ground.site
        known = {**await moved(self.ctx, site, DEPENDENCY, names)} if names else {}
        known |= await moved(self.ctx, site, ISSUE_LINK, names) if names else {}
        waits: list[tuple[Edge, TaskDependency]] = []
        links: list[tuple[Edge, IssueLink]] = []
        for edge, name in zip(edges, names, strict=True):
            kind, source, to = edge
            if name in known:
                continue
            if source in self.tasks and to in self.tasks:
                waits.append((edge, self._wait(kind, self.tasks[source], self.tasks[to])))
            elif source in self.issues and to in self.issues:
                link = IssueLink(
                    issue_id=self.issues[source],
                    linked_id=self.issues[to],
                    type=ISSUE_LINKS[kind],
                )
                links.append((edge, link))
            else:
                why = "one end is a task and the other an issue, or one was left out"
                self.tally.leave("links", why, f"{source} {kind} {to}")
        waits = await self._apart(waits)
        await self.ctx.create_many([wait for _, wait in waits])
        await self.ctx.create_many([link for _, link in links])
        for edge, record in (*waits, *links):
            self.notes.add(edge_name(edge), record)
        self.tally.created += len(waits) + len(links)
        lost = [edge for edge, _ in waits if edge[0] not in ("blocks", "relates")]
        for kind, source, to in lost:
            why = "between tasks a link of this kind becomes “relates to”"
            self.tally.leave("kinds of links", why, f"{source} {kind} {to}")

    def _wait(self, kind: LinkKind, source: int, to: int) -> TaskDependency:
        if kind == "blocks":
            return TaskDependency(task_id=to, depends_on_id=source, type="finish_to_start")
        return TaskDependency(task_id=source, depends_on_id=to, type="relates_to")

    async def _apart(
        self, waits: Sequence[tuple[Edge, TaskDependency]]
    ) -> list[tuple[Edge, TaskDependency]]:
        """Return links between tasks of which no pair is linked twice, here or before."""
        if not waits:
            return []
        ids = sorted({one.task_id for _, one in waits})
        there = await self.ctx.all(TaskDependency, anywhere=True, limit=MANY, task_id__in=ids)
        taken = {(one.task_id, one.depends_on_id) for one in there}
        found = []
        for edge, one in waits:
            pair = (one.task_id, one.depends_on_id)
            if pair in taken:
                kind, source, to = edge
                self.tally.leave("links", "the two are linked already", f"{source} {kind} {to}")
                continue
            taken.add(pair)
            found.append((edge, one))
        return found

    async def _watchers(self, part: Sequence[Thin]) -> None:
        """Let those watch who watched there, are known here, and may see it."""
        wanted: dict[tuple[str, int], set[int]] = {}
        for one in part:
            for home, ids in ((TASK, self.tasks), (ISSUE, self.issues)):
                if one.key in ids:
                    people = {who for w in one.watchers if (who := self.ground.who(w))}
                    lost = len(one.watchers) - len(people)
                    if lost:
                        why = "they are nobody here"
                        self.tally.leave("watchers", why, one.key, lost)
                    if people:
                        wanted[home, ids[one.key]] = people
        for home in (TASK, ISSUE):
            own = {record: people for (key, record), people in wanted.items() if key == home}
            if own:
                await self._watch(home, own)

    async def _watch(self, home: str, wanted: Mapping[int, set[int]]) -> None:
        noun = self.ctx.registry.nouns[home]
        records = await self.ctx.load_all(noun, wanted, anywhere=True)
        known = await self.ctx.all(
            Watcher,
            anywhere=True,
            deleted="with",
            limit=MANY,
            entity=home,
            record_id__in=sorted(wanted),
        )
        there = {(one.record_id, one.user_id) for one in known}
        made = []
        for record_id, people in wanted.items():
            record: Any = records.get(record_id)
            if record is None:
                continue
            members = await members_among(self.ctx, record.project_id, sorted(people))
            if len(members) < len(people):
                why = "they are not members of the project"
                self.tally.leave("watchers", why, record.code, len(people) - len(members))
            made += [
                Watcher(entity=home, record_id=record_id, user_id=one, reason="chosen")
                for one in sorted(members)
                if (record_id, one) not in there
            ]
        await self.ctx.create_many(made)


__all__ = ["DEPENDENCY", "ISSUE_LINK", "Edge", "Relations", "Web", "edge_name", "edge_of"]

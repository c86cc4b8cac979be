"""An export read once: every item written aside in one form, and a survey of what there is."""

import asyncio
import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import msgspec

from mainstay.kernel.problems import Invalid
from mainstay.modules.importers import crosswalk
from mainstay.modules.importers.model import (
    COUNTS,
    SUMS,
    Alias,
    Attachment,
    Checklist,
    Comment,
    Item,
    Left,
    Link,
    Milestone,
    Person,
    Project,
    Record,
    Sample,
    Seen,
    SeenField,
    SeenPerson,
    Sprint,
    Survey,
    Thin,
    Worklog,
)
from mainstay.modules.importers.readers import PROGRAMS, read, require_source
from mainstay.modules.importers.readers.held import Bytes

ITEMS, SURVEY, RELATIONS, KEYS, HELD = (
    "items.ndjson",
    "survey.json",
    "relations.json",
    "keys.json",
    "held",
)
SAMPLES = 8
# What a file that never mentions it says nothing about, rather than that it is empty.
SPOKEN = (
    "assignees",
    "components",
    "due",
    "environment",
    "estimate",
    "extras",
    "fixed_in",
    "found_in",
    "labels",
    "milestone",
    "points",
    "priority",
    "remaining",
    "reporter",
    "sprints",
    "starts",
)
MOST_VALUES = 50
MOST_LEFT = 200
MOST_KEY = 110
Edge = tuple[str, str, str]


class Keys(msgspec.Struct):
    """What each item of a file is called, and in which order they stand."""

    types: dict[str, str]
    projects: dict[str, str]
    aliases: dict[str, str]
    places: list[int]
    elders: set[str] = set()


def stage(path: Path, name: str, folder: Path) -> Survey:
    """Read a file into a folder of its own; a folder that is complete is read back instead."""
    if (folder / SURVEY).is_file():
        return survey_in(folder)
    source = require_source(path, name)
    fresh = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        survey = _Staging(source, name, fresh).run(path)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
    return survey


async def staged(path: Path, name: str, folder: Path) -> Survey:
    """Read a file without holding up others."""
    return await asyncio.to_thread(stage, path, name, folder)


def survey_in(folder: Path) -> Survey:
    """Return what was found in a file that was read before."""
    return msgspec.json.decode((folder / SURVEY).read_bytes(), type=Survey)


def keys_in(folder: Path) -> Keys:
    """Return what the items of a file are called."""
    return msgspec.json.decode((folder / KEYS).read_bytes(), type=Keys)


def relations_in(folder: Path) -> list[Thin]:
    """Return what items say of one another."""
    return msgspec.json.decode((folder / RELATIONS).read_bytes(), type=list[Thin])


def items_in(folder: Path, start: int = 0) -> Iterator[Item]:
    """Return the items of a file from a place on."""
    decoder = msgspec.json.Decoder(Item)
    with (folder / ITEMS).open("rb") as stream:
        for place, line in enumerate(stream):
            if place >= start:
                yield decoder.decode(line)


@dataclass
class _Staging:
    """What is found while a file is read."""

    source: str
    name: str
    folder: Path
    people: dict[str, SeenPerson] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    sprints: dict[tuple[str, str], Sprint] = field(default_factory=dict)
    milestones: dict[tuple[str, str], Milestone] = field(default_factory=dict)
    latest: dict[tuple[str, str], date] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    thin: list[Thin] = field(default_factory=list)
    ranks: list[str] = field(default_factory=list)
    seen: dict[str, Counter[str]] = field(default_factory=dict)
    stages: dict[str, Counter[str]] = field(default_factory=dict)
    fields: dict[str, SeenField] = field(default_factory=dict)
    labels: dict[str, dict[str, None]] = field(default_factory=dict)
    left: dict[tuple[str, str], Left] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    sums: dict[str, Decimal] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    works: dict[tuple[str, str], list[bool]] = field(default_factory=dict)
    ended: dict[tuple[str, str], datetime] = field(default_factory=dict)
    over: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    site: str = ""
    archived: int = 0
    highest: dict[str, int] = field(default_factory=dict)
    speaks: set[str] = field(default_factory=set)

    def run(self, path: Path) -> Survey:
        """Read the whole file."""
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        encoder = msgspec.json.Encoder()
        with (self.folder / ITEMS).open("wb") as out:
            for record in read(path, self.name, self.source, Bytes(self.folder / HELD)):
                self._take(record, out, encoder)
        if not self.types:
            faults = [one for one in self.left.values() if one.what in ("rows", "issues")]
            because = f" ({faults[0].example}: {faults[0].why})" if faults else ""
            raise Invalid(
                f"The file {self.name} is an export of {PROGRAMS[self.source]}, but there is "
                f"nothing in it to move{because}. Choose what is exported there anew."
            )
        self._relate()
        survey = self._survey(digest.hexdigest())
        (self.folder / SURVEY).write_bytes(encoder.encode(survey))
        return survey

    def _take(self, record: Record | Alias, out: IO[bytes], encoder: msgspec.json.Encoder) -> None:
        match record:
            case Item():
                self._item(record, out, encoder)
            case Alias():
                self.aliases.setdefault(record.name, record.key[:MOST_KEY])
            case Person():
                self._person(record)
            case Project():
                self.projects.setdefault(record.key, record)
            case Sprint():
                self.sprints[record.project, record.key] = record
            case Milestone():
                self.milestones[record.project, record.key] = record
            case Left():
                self._left(record)

    def _person(self, one: Person) -> None:
        known = self.people.get(one.key)
        counted = (known.count, known.works) if known else (0, False)
        said = msgspec.structs.asdict(one)
        self.people[one.key] = SeenPerson(**said, count=counted[0], works=counted[1])

    def _left(self, one: Left) -> None:
        known = self.left.get((one.what, one.why))
        if known is None:
            if len(self.left) < MOST_LEFT:
                self.left[one.what, one.why] = one
        else:
            known.count += one.count

    def _item(self, item: Item, out: IO[bytes], encoder: msgspec.json.Encoder) -> None:
        item.key = item.key[:MOST_KEY]
        if item.key in self.types:
            said = Left(
                what="issues",
                why="the key stands in the file twice; the first one counts",
                example=item.key,
            )
            self._left(said)
            return
        self._tidy(item)
        self._count(item)
        self._look(item)
        self.types[item.key], self.homes[item.key] = item.type, item.project
        number = re.search(r"(?:^#|-)(\d{1,9})$", item.code)
        if number:
            self.highest[item.project] = max(int(number[1]), self.highest.get(item.project, 0))
        if crosswalk.type_of(item.type) == "epic":
            self.titles.setdefault(item.title.casefold(), item.key)
        self.ranks.append(item.rank)
        thin = Thin(
            key=item.key,
            project=item.project,
            type=item.type,
            parent=item.parent,
            epic=item.epic,
            links=item.links,
            watchers=item.watchers,
        )
        if thin.speaks:
            self.thin.append(thin)
        out.write(encoder.encode(item))
        out.write(b"\n")

    def _tidy(self, item: Item) -> None:
        """Bring what any reader gives into bounds that hold for all."""
        item.labels = list(dict.fromkeys(one[:60].strip() for one in item.labels if one.strip()))
        if item.points is not None and not 0 <= item.points <= 1000:
            why = "story points must lie between 0 and 1000"
            self._left(Left(what="story points", why=why, example=item.key))
            item.points = None
        if item.assignee and item.assignee not in item.assignees:
            item.assignees = [item.assignee, *item.assignees]
        kept = [one for one in item.comments if one.body.strip()]
        if len(kept) < len(item.comments):
            lost = len(item.comments) - len(kept)
            why = "they have no text"
            self._left(Left(what="comments", why=why, count=lost, example=item.key))
        item.comments = kept
        _unique(item.comments)
        _unique(item.attachments)
        _unique(item.worklogs)
        _unique(item.checklists)
        logged = sum(one.seconds for one in item.worklogs)
        item.spent = max(item.spent or 0, logged) if item.spent or logged else item.spent

    def _count(self, item: Item) -> None:
        counts = self.counts
        counts["items"] += 1
        counts["comments"] += len(item.comments)
        counts["attachments"] += len(item.attachments)
        counts["checklists"] += len(item.checklists)
        counts["ticks"] += sum(len(one.items) for one in item.checklists)
        counts["worklogs"] += len(item.worklogs)
        self.archived += item.archived
        for name in SUMS:
            value = getattr(item, name)
            if value:
                self.sums[name] = self.sums.get(name, Decimal(0)) + Decimal(str(value))
        if item.votes > 0:
            why = "the file does not name who gave them"
            self._left(Left(what="votes", why=why, count=item.votes, example=item.key))

    def _look(self, item: Item) -> None:
        self.speaks |= {
            name
            for name in SPOKEN
            if name not in self.speaks and getattr(item, name) not in (None, "", [])
        }
        for name, value in (("type", item.type), ("priority", item.priority)):
            if value:
                self.seen.setdefault(name, Counter())[value] += 1
        item.status = item.status or ("closed" if item.stage == "done" else "open")
        self.stages.setdefault(item.status, Counter())[item.stage] += 1
        for label in item.labels:
            self.labels.setdefault(item.project, {})[label] = None
        self._everybody(item)
        self._versions(item)
        self._sprints(item)
        self._extras(item)
        if not self.site and item.url.startswith("http"):
            self.site = urlsplit(item.url).netloc
        if len(self.samples) < SAMPLES:
            said = Sample(key=item.code or item.key, title=item.title, type=item.type)
            said.status, said.assignee = item.status, item.assignee
            said.comments = len(item.comments)
            self.samples.append(said)

    def _everybody(self, item: Item) -> None:
        """Count who is named by an item, and who works on it."""
        for who in (*item.assignees, item.reporter):
            self._met(who, works=who in item.assignees)
        for log in item.worklogs:
            self._met(log.author, works=True)
        for author in (*(c.author for c in item.comments), *(a.author for a in item.attachments)):
            self._met(author)
        for checklist in item.checklists:
            for tick in checklist.items:
                self._met(tick.assignee, works=True)
        for who in item.watchers:
            self._met(who)

    def _extras(self, item: Item) -> None:
        for extra in item.extras:
            known = self.fields.setdefault(extra.name, SeenField(name=extra.name, kind=extra.kind))
            known.count += 1
            if known.kind != extra.kind:
                known.kind = "text" if "text" in (known.kind, extra.kind) else "choice"
            if extra.value not in known.values and len(known.values) < MOST_VALUES:
                known.values.append(extra.value[:200])

    def _met(self, key: str, *, works: bool = False) -> None:
        if not key:
            return
        known = self.people.get(key)
        if known is None:
            known = self.people[key] = SeenPerson(key=key)
        known.count += 1
        known.works = known.works or works

    def _versions(self, item: Item) -> None:
        day = max(
            (one for one in (item.due, _day(item.resolved), _day(item.updated)) if one),
            default=None,
        )
        for name in (*item.fixed_in, *([item.milestone] if item.milestone else ())):
            key = (item.project, name)
            self.milestones.setdefault(key, Milestone(key=name, name=name, project=item.project))
            if day and day > self.latest.get(key, date.min):
                self.latest[key] = day

    def _sprints(self, item: Item) -> None:
        done = crosswalk.stage_of(crosswalk.status_of(item.status, item.stage)) == "done"
        for name in item.sprints:
            key = (item.project, name)
            self.sprints.setdefault(key, Sprint(key=name, name=name, project=item.project))
            self.works.setdefault(key, []).append(done)
            last = item.resolved or item.updated
            if item.resolved:
                self.ended[key] = max(item.resolved, self.ended.get(key, item.resolved))
            if name != item.sprints[-1]:
                self.over[key] = max(filter(None, (last, self.over.get(key))), default=None)

    def _relate(self) -> None:
        """Find whom items mean by the names they call each other, and count what is between."""
        edges: set[Edge] = set()
        for one in self.thin:
            one.parent, one.epic = self._named(one.parent, one), self._named(one.epic, one)
            one.links = [self._link(link, one, edges) for link in one.links]
            self.counts["subtasks"] += bool(one.parent and not self._is_epic(one.parent))
            self.counts["epics"] += bool(
                (one.epic and one.epic in self.types) or (one.parent and self._is_epic(one.parent))
            )
            for what, key in (("parents", one.parent), ("epics", one.epic)):
                if key and key not in self.types:
                    why = "the file does not hold the issue they name"
                    self._left(Left(what=what, why=why, example=f"{one.key} → {key}"[:120]))
        self.counts["links"] = len(edges)
        for kind, source, to in edges:
            if to not in self.types or source not in self.types:
                why = "the other issue is not in the file; it is named in the description"
                said = f"{source} {kind} {to}"[:120]
                self._left(Left(what="links", why=why, example=said))
        for one in self.thin:
            one.parent = one.parent if one.parent in self.types else ""
            one.epic = one.epic if one.epic in self.types else ""
        elders = {one.parent for one in self.thin if one.parent}
        keys = Keys(self.types, self.homes, self.aliases, _places(self.ranks), elders)
        (self.folder / KEYS).write_bytes(msgspec.json.encode(keys))
        (self.folder / RELATIONS).write_bytes(msgspec.json.encode(self.thin))

    def _is_epic(self, key: str) -> bool:
        return crosswalk.type_of(self.types.get(key, "")) == "epic"

    def _named(self, said: str, own: Thin) -> str:
        """Return the item that a name means: its key, its number, or the title of an epic."""
        if not said or said in self.types:
            return said if said != own.key else ""
        found = self.aliases.get(said) or self.titles.get(said.casefold()) or said
        return found if found != own.key else ""

    def _link(self, link: Link, own: Thin, edges: set[Edge]) -> Link:
        to = self._named(link.to, own) or link.to
        source, target = (own.key, to) if link.out else (to, own.key)
        if link.kind == "relates":
            source, target = sorted((source, target))
        edges.add((link.kind, source, target))
        return msgspec.structs.replace(link, to=to)

    def _survey(self, digest: str) -> Survey:
        self._finish_milestones()
        self._finish_sprints()
        homes = {*self.homes.values()}
        for key, home in self.projects.items():
            if home.labels and key in homes:
                said = {name[:60].strip(): None for name in home.labels}
                self.labels[key] = {**self.labels.get(key, {}), **said}
        self.counts["labels"] = sum(len(names) for names in self.labels.values())
        self.counts["sprints"] = len(self.sprints)
        self.counts["milestones"] = len(self.milestones)
        people = [one for one in self.people.values() if one.count]
        self.counts["people"] = len(people)
        for project in {*self.homes.values()}:
            self.projects.setdefault(project, Project(key=project, name=project))
        return Survey(
            source=self.source,
            site=self._namespace(),
            name=self.name,
            digest=digest,
            total=len(self.types),
            linked=len(self.thin),
            projects=[one for key, one in self.projects.items() if key in {*self.homes.values()}],
            people=sorted(people, key=lambda one: (-one.count, one.key)),
            sprints=list(self.sprints.values()),
            milestones=list(self.milestones.values()),
            labels={key: list(names) for key, names in self.labels.items()},
            colors={key: one.labels for key, one in self.projects.items() if one.labels},
            statuses=self._statuses(),
            types=_most(self.seen.get("type", Counter())),
            priorities=_most(self.seen.get("priority", Counter())),
            fields=sorted(self.fields.values(), key=lambda one: (-one.count, one.name)),
            counts={name: self.counts[name] for name in COUNTS},
            sums={name: self.sums.get(name, Decimal(0)) for name in SUMS},
            left=list(self.left.values()),
            samples=self.samples,
            archived=self.archived,
            highest=self.highest,
            speaks=sorted(self.speaks),
        )

    def _namespace(self) -> str:
        """Return what tells this site's items from those of another one."""
        program = PROGRAMS[self.source].lower()
        if program == "jira" and self.site:
            return f"jira:{self.site}"[:190]
        return program

    def _statuses(self) -> list[Seen]:
        found = []
        for name, stages in self.stages.items():
            known = [stage for stage, _ in stages.most_common() if stage]
            told = known[0] if len(known) == 1 and len(stages) == 1 else ""
            count = sum(stages.values())
            found.append(Seen(name=name, count=count, stage=told))  # type: ignore[arg-type]
        return sorted(found, key=lambda one: (-one.count, one.name))

    def _finish_milestones(self) -> None:
        """Give a milestone without a day the last day of what belongs to it, and say so."""
        for key, one in self.milestones.items():
            if one.due is None:
                one.due = one.closed_on or self.latest.get(key)
                why = "the file names no day; the last change of their issues is taken"
                self._left(Left(what="days of milestones", why=why, example=one.name[:80]))

    def _finish_sprints(self) -> None:
        """Find out whether a sprint that only its name is known of is over."""
        for key, one in self.sprints.items():
            works = self.works.get(key, [])
            bare = one.state == "future" and not one.starts and not one.ends and not one.completed
            # An issue is in one sprint at a time: those it names before the last one are over.
            if bare and ((works and all(works)) or key in self.over):
                one.state, one.completed = "closed", self.ended.get(key) or self.over.get(key)
                one.ends = one.completed.date() if one.completed else None
                why = "the file names only them; those whose work is done or went on are completed"
                self._left(Left(what="states of sprints", why=why, example=one.name[:80]))


def _unique(parts: Sequence[Comment | Attachment | Worklog | Checklist]) -> None:
    """Give parts of an item that have the same key different ones."""
    met: set[str] = set()
    for place, one in enumerate(parts):
        key = one.key[:80]
        one.key = f"{key}~{place}" if key in met else key
        met.add(key)


def _most(found: Counter[str]) -> list[Seen]:
    return [Seen(name=name, count=count) for name, count in found.most_common()]


def _day(at: datetime | None) -> date | None:
    return at.astimezone(UTC).date() if at else None


def _places(ranks: list[str]) -> list[int]:
    """Return at which place each item stands; those without a rank keep the file's order."""
    if not any(ranks):
        return []
    numeric = all(re.fullmatch(r"-?\d+(\.\d+)?", rank) for rank in ranks if rank)

    def key(place: int) -> tuple[bool, float, str, int]:
        """Compare ranks as numbers where they are some, else as text."""
        rank = ranks[place]
        return (not rank, float(rank) if numeric and rank else 0.0, rank, place)

    places = [0] * len(ranks)
    for place, index in enumerate(sorted(range(len(ranks)), key=key)):
        places[index] = place
    return places


__all__ = ["Keys", "items_in", "keys_in", "relations_in", "stage", "staged", "survey_in"]

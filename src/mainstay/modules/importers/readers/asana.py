"""Asana's CSV: one row a task, its section for a status, parents and dependencies by name."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from mainstay.facets.transfer.api import Source, examine
from mainstay.modules.importers.markup import clean
from mainstay.modules.importers.model import (
    Extra,
    Item,
    Left,
    Link,
    Person,
    Project,
    Record,
)
from mainstay.modules.importers.readers.jira import kind_of
from mainstay.modules.importers.readers.jira_csv import WIDEST, lines
from mainstay.modules.importers.values import Days, number_of, seconds_of, shortened, texts

NAMES = {
    "id": "taskid id gid",
    "created": "createdat",
    "completed": "completedat",
    "updated": "lastmodified modifiedat",
    "title": "name taskname task",
    "section": "section/column sectioncolumn section column",
    "assignee": "assignee",
    "email": "assigneeemail",
    "starts": "startdate starton",
    "due": "duedate dueon dueat",
    "tags": "tags",
    "text": "notes description",
    "projects": "projects project",
    "parent": "parenttask parent",
    "waits": "blockedby(dependencies) blockedby dependencies",
    "holds": "blocking(dependencies) blocking",
    "points": "storypoints points estimatedpoints",
    "estimate": "estimatedtime estimatedhours estimate",
    "spent": "actualtime timespent",
    "priority": "priority",
    "type": "tasktype type",
    "followers": "followers collaborators",
}
COLUMNS = {word: name for name, words in NAMES.items() for word in words.split()}
MARKS = {
    "taskid",
    "createdat",
    "completedat",
    "lastmodified",
    "name",
    "section/column",
    "assignee",
    "assigneeemail",
    "parenttask",
    "projects",
    "duedate",
    "tags",
    "notes",
    "blockedby(dependencies)",
    "blocking(dependencies)",
}
Row = dict[str, str]


def recognised(columns: Sequence[str]) -> bool:
    """Return whether these are the columns of Asana's CSV."""
    low = {_low(column) for column in columns}
    own = low & {"taskid", "section/column", "assigneeemail", "parenttask", "completedat"}
    return "name" in low and (len(own) > 1 or (bool(own) and len(low & MARKS) > 3))


def read(path: Path, name: str) -> Iterator[Record]:
    """Yield what the file holds."""
    source = examine(path, name, widest=WIDEST)
    try:
        yield from _Reader(source).rows()
    finally:
        source.close()


class _Reader:
    """Reads a file twice: first who is called what, then task after task."""

    def __init__(self, source: Source) -> None:
        self.name, self.source = source.name, source
        self.columns = [_meaning(column) for column in source.columns]
        self.days = Days()
        self.ids: dict[str, list[str]] = {}
        self.people: dict[str, Person] = {}
        self.projects: dict[str, Project] = {}
        self.homes: dict[str, str] = {}
        self.keys: dict[int, str] = {}
        self.places: dict[str, int] = {}

    def _name_rows(self) -> None:
        """Give each row its key: the task's number, or what it is called and where it stands.

        A spreadsheet cuts the numbers down (1.20E+15), so that many tasks have the same.
        """
        met: dict[str, int] = {}
        for number, cells, _ in lines(self.source):
            row = self._row(cells)
            said = row.get("id", "")
            if said.isdecimal() and not (len(said) > 15 and said.endswith("00000")):
                self.keys[number] = said
                continue
            home = row.get("projects") or Path(self.name).stem
            name = shortened(f"{home[:40]}/{row.get('title', '')}", 90)
            met[name] = met.get(name, 0) + 1
            self.keys[number] = name if met[name] == 1 else f"{name}~{met[name]}"

    def rows(self) -> Iterator[Record]:
        """Yield the tasks, and what stands beside them."""
        told = []
        self._name_rows()
        for number, cells, _ in lines(self.source):
            row = self._row(cells)
            title = row.get("title", "").casefold()
            self.ids.setdefault(title, []).append(self.keys[number])
            self.places[self.keys[number]] = number
            # A part of a task is in no project of its own, but in that of the task.
            home = row.get("projects") or self.homes.get(row.get("parent", "").casefold(), "")
            if home:
                self.homes.setdefault(title, home)
            told += [row[name] for name in ("created", "due", "completed") if row.get(name)]
        self.days.learn(told)
        for number, cells, fault in lines(self.source):
            row = self._row(cells)
            if fault and not row.get("title"):
                yield Left(what="rows", why=fault, example=f"row {number}")
                continue
            if not row.get("title") and not row.get("id"):
                yield Left(what="tasks", why="the row has no name", example=f"row {number}")
                continue
            yield from self._task(row, number)
        yield from self.projects.values()
        yield from self.people.values()

    def _row(self, cells: Sequence[str]) -> Row:
        row: Row = {}
        for name, cell in zip(self.columns, cells, strict=False):
            if name and (text := clean(cell).strip()) and name not in row:
                row[name] = text
        return row

    def _task(self, row: Row, number: int) -> Iterator[Record]:
        title = row.get("title", "")
        section = title.endswith(":") and not {*row} - {
            "title",
            "id",
            "created",
            "updated",
            "projects",
            "section",
        }
        if section:
            yield Left(what="sections", why="a section's own row is no task", example=title)
            return
        project, others = self._project(row.get("projects") or self._home(row))
        key = self.keys[number]
        done = self.days.instant(row.get("completed"))
        who = self._person(row.get("assignee", ""), row.get("email", ""))
        item = Item(
            key=key,
            project=project,
            url=f"https://app.asana.com/0/0/{key}" if key.isdecimal() and len(key) > 9 else "",
            title=shortened(title or key, 500),
            description=row.get("text", ""),
            status=row.get("section", ""),
            stage="done" if done or row.get("completed") else "",
            type=row.get("type", "") if row.get("type") not in (None, "default_task") else "",
            priority=row.get("priority", ""),
            assignee=who,
            resolved=done,
        )
        self._facts(item, row)
        item.estimate = _minutes(row.get("estimate"))
        item.spent = _minutes(row.get("spent"))
        yield from self._relations(item, row)
        for name, value in row.items():
            if name.startswith("field:"):
                self._field(item, name.removeprefix("field:"), value)
        if others:
            item.extras.append(Extra(name="Also in projects", value=", ".join(others)))
        yield item

    def _facts(self, item: Item, row: Row) -> None:
        """Fill in when, how big, and the words it is found by."""
        item.created = self.days.instant(row.get("created"))
        item.updated = self.days.instant(row.get("updated"))
        item.starts = self.days.day(row.get("starts"))
        item.due = self.days.day(row.get("due"))
        item.labels = [shortened(tag, 60) for tag in texts(row.get("tags"))]
        item.points = number_of(row.get("points"))
        item.watchers = [one for n in texts(row.get("followers")) if (one := self._person(n, ""))]

    def _field(self, item: Item, name: str, value: str) -> None:
        low = _low(name)
        if low in ("status", "taskprogress") and not item.status:
            item.status = value
            return
        kind = kind_of(value, value, self.days)
        item.extras.append(Extra(name=shortened(name, 80), value=value, kind=kind))  # type: ignore[arg-type]

    def _home(self, row: Row) -> str:
        """Return the project of the task that this one is a part of, however far up."""
        found = self.homes.get(row.get("parent", "").casefold(), "")
        return texts(found)[0] if found else next(iter(self.projects), "")

    def _project(self, said: str) -> tuple[str, list[str]]:
        """Return the first project of a task, and the others it is shown in."""
        names = texts(said) or [Path(self.name).stem]
        if len(names) > 1 and said in self.projects:
            names = [said]
        name = names[0]
        self.projects.setdefault(name, Project(key=name, name=shortened(name, 200)))
        return name, names[1:]

    def _person(self, name: str, email: str) -> str:
        key = email.casefold() or name
        if not key:
            return ""
        known = self.people.setdefault(key, Person(key=key))
        known.name = known.name or shortened(name if "@" not in name else "", 200)
        known.email = known.email or email or (name if "@" in name else "")
        return key

    def _relations(self, item: Item, row: Row) -> Iterator[Left]:
        if said := row.get("parent"):
            found = self._named(said, item.key)
            if found:
                item.parent = found[0]
                if len(self.ids.get(said.casefold(), ())) > 1:
                    why = "several tasks have that name; the one above in the file is taken"
                    said = f"{item.key} → {said}"[:120]
                    yield Left(what="names of parents", why=why, example=said)
            else:
                yield Left(
                    what="parents", why="the file has no task of that name", example=said[:80]
                )
        for name, out in (("waits", False), ("holds", True)):
            if not row.get(name):
                continue
            keys, unknown = self._several(row[name], item.key)
            item.links += [Link(kind="blocks", to=key, out=out) for key in keys]
            for one in unknown:
                yield Left(what="links", why="the file has no task of that name", example=one[:80])

    def _named(self, said: str, own: str) -> list[str]:
        """Return the task that a name or a number means: of several, the last one above.

        Asana writes the parts of a task below it.
        """
        found = self.ids.get(said.casefold().strip(), [])
        if not found and said.strip().isdecimal():
            found = [said.strip()] if any(said.strip() in ids for ids in self.ids.values()) else []
        others = [key for key in found if key != own]
        above = [key for key in others if self.places.get(key, 0) < self.places.get(own, 0)]
        return above[-1:] or others[:1]

    def _several(self, said: str, own: str) -> tuple[list[str], list[str]]:
        """Return the tasks that a list of names means; names may have commas in them."""
        if found := self._named(said, own):
            return found, []
        parts = [part for part in re.split(r"\s*[,;\n]\s*", said) if part.strip()]
        keys: list[str] = []
        unknown: list[str] = []
        place = 0
        while place < len(parts):
            for end in range(len(parts), place, -1):
                if found := self._named(", ".join(parts[place:end]), own):
                    keys, place = keys + found, end
                    break
            else:
                unknown, place = [*unknown, parts[place]], place + 1
        return list(dict.fromkeys(keys)), unknown


def _low(name: str) -> str:
    return re.sub(r"\s+", "", name).casefold()


def _meaning(column: str) -> str:
    text = " ".join(column.split())
    return COLUMNS.get(_low(text)) or (f"field:{text}" if text else "")


def _minutes(raw: str | None) -> int | None:
    """Return a time in seconds; Asana writes hours and minutes, or bare hours."""
    if not raw:
        return None
    if re.fullmatch(r"\d+:\d{2}(:\d{2})?", raw):
        hours, minutes = raw.split(":")[:2]
        return int(hours) * 3600 + int(minutes) * 60
    plain = number_of(raw)
    return round(plain * 3600) if plain is not None else seconds_of(raw)

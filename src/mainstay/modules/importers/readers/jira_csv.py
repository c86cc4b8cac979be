"""Jira's CSV: one row an issue, a column repeated for each comment, label, link and file."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from mainstay.facets.transfer.api import Source, examine
from mainstay.modules.importers.markup import clean, from_html, from_wiki
from mainstay.modules.importers.model import (
    Attachment,
    Comment,
    Item,
    Left,
    Link,
    Project,
    Record,
    Worklog,
)
from mainstay.modules.importers.readers import jira
from mainstay.modules.importers.values import Days, number_of, seconds_of, shortened

# Our name of a column, and what Jira calls it in its languages and ages.
NAMES = {
    "key": "issuekey key workitemkey vorgangsschlüssel schlüssel clédelademande ticketkey",
    "id": "issueid workitemid vorgangsid issueidentifier externalissueid",
    "parent_id": "parentid parentissueid übergeordneteid",
    "parent": "parent parentkey parentissue parentworkitem übergeordnet vorgangübergeordnet",
    "title": "summary zusammenfassung résumé resumen title subject",
    "type": "issuetype worktype workitemtype vorgangstyp type typedeticket tipodeincidencia",
    "status": "status état estado",
    "stage": "statuscategory statuskategorie",
    "project": "projectkey projektschlüssel",
    "project_name": "projectname projektname project projekt",
    "project_text": "projectdescription projektbeschreibung",
    "project_url": "projecturl",
    "priority": "priority priorität priorité prioridad",
    "resolution": "resolution lösung résolution resolución",
    "assignee": "assignee bearbeiter zugewiesenperson zugewieseneperson responsable attribution",
    "assignee_id": "assigneeid",
    "reporter": "reporter autor rapporteur informador",
    "reporter_id": "reporterid",
    "creator": "creator ersteller créateur",
    "creator_id": "creatorid",
    "created": "created erstellt création creada",
    "updated": "updated aktualisiert miseàjour actualizada",
    "resolved": "resolved erledigt résolue resuelta resolutiondate",
    "due": "duedate due fälligkeitsdatum fällig fälligam échéance",
    "labels": "labels label stichwörter étiquettes etiquetas",
    "text": "description beschreibung descripción",
    "environment": "environment umgebung environnement",
    "component": "components component komponenten composants",
    "fixed": "fixversions fixversion fixversionen lösungsversionen lösungsversion",
    "found": (
        "affectsversions affectsversion affectedversions betriftversionen betrifftversionen "
        "betroffeneversionen beeinflussteversionen"
    ),
    "comment": "comment comments kommentar kommentare commentaire",
    "file": "attachment attachments anhang anhänge piècejointe",
    "log": "logwork worklog arbeitsprotokoll arbeitprotokollieren protokolliertearbeit",
    "estimate": "originalestimate timeoriginalestimate ursprünglicheschätzung",
    "remaining": "remainingestimate verbleibendeschätzung timeestimate",
    "spent": "timespent benötigtezeit aufgewendetezeit",
    "watcher": "watchers watcher beobachter",
    "watcher_id": "watchersid",
    "votes": "votes stimmen",
    "sprint": "sprint sprints",
    "subtasks": "subtasks subtask unteraufgaben",
    "security": "securitylevel sicherheitsstufe",
    "parent_title": "parentsummary",
    "linked": "linkedissues linkedworkitems verknüpftevorgänge",
}
COLUMNS = {word: name for name, words in NAMES.items() for word in words.split()}
# What only Jira calls a column.
OWN = {*f"{NAMES['key']} {NAMES['type']}".split()} - {"key", "schlüssel", "ticketkey", "type"}
IDLE = frozenset(
    (
        "projecttype",
        "projectlead",
        "projectleadid",
        "workratio",
        "lastviewed",
        "statuscategorychanged",
        "projektleitung",
        "projektleiter",
        "projekttyp",
        "arbeitsverhältnis",
        "zuletztangezeigt",
        "zuletztangesehen",
        "progress",
        "images",
        "thumbnails",
    )
)
# Sums over subtasks begin with a sigma; they are counted anew here.
SUM = "\u03c3"
LINKED = re.compile(
    r"^(in|out)ward\s+(?:issue|work\s*item)\s+link\s*\((.*)\)$"
    r"|^(?:(ein|aus)gehende\w*).*\((.*)\)$",
    re.IGNORECASE,
)
CUSTOM = re.compile(
    r"^(?:custom field|benutzerdefiniertes feld|champ personnalisé|campo personalizado)\s*"
    r"\((.*)\)$",
    re.IGNORECASE | re.DOTALL,
)
PEOPLE = ("assignee", "reporter", "creator")
# A file's name may have semicolons in it, its address has none before "http".
KEPT = re.compile(r"^([^;\n]{6,40});([^;\n]*);(.*?);((?:https?://|file:|/)\S*|[^;]*)$", re.DOTALL)
SAID = re.compile(r"^([^;\n]{6,40});([^;\n]*);(.*)$", re.DOTALL)
TAGGED = re.compile(
    r"</?(p|div|br|ul|ol|li|b|strong|em|a|span|table|h[1-6])\b[^>]*>", re.IGNORECASE
)
WIDEST = 20_000
BLANK = ("", "Unresolved", "Nicht erledigt", "None")
Row = dict[str, list[str]]


def recognised(columns: Sequence[str]) -> bool:
    """Return whether these are the columns of Jira's CSV."""
    known = {COLUMNS.get(jira.plain(column)) for column in columns}
    has_key = {"key", "title"} <= known
    marks = known & {*NAMES} - {"key", "title", "text"}
    odd = any(LINKED.match(c.strip()) or CUSTOM.match(c.strip()) for c in columns)
    exact = bool({jira.plain(c) for c in columns} & OWN)
    return has_key and len(marks) >= 2 and (exact or odd)


def read(path: Path, name: str) -> Iterator[Record]:
    """Yield what the file holds."""
    source = examine(path, name, widest=WIDEST)
    try:
        yield from _Reader(source).rows()
    finally:
        source.close()


class _Reader:
    """Reads one file: its columns by what they mean, then row after row."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.columns = [_meaning(column) for column in source.columns]
        self.gathered = jira.Gathered()
        self.days = Days()
        self.projects: dict[str, Project] = {}
        self.names: dict[str, str] = {}
        self.called: dict[str, str] = {}

    def rows(self) -> Iterator[Record]:
        """Yield projects and people as they are met, and every issue."""
        self._learn()
        ids = self._ids()
        for number, cells, fault in lines(self.source):
            if fault and len(cells) < len(self.columns) // 2:
                yield Left(what="rows", why=fault, example=f"row {number}")
                continue
            yield from self._issue(self._row(cells), ids, number)
        yield from self.projects.values()
        yield from self.gathered.end()

    def _row(self, cells: Sequence[str]) -> Row:
        row: Row = {}
        for name, cell in zip(self.columns, cells, strict=False):
            if name and (text := clean(cell).strip()):
                row.setdefault(name, []).append(text)
        return row

    def _learn(self) -> None:
        """Look through it first: which part of a date is the day, and who has which account."""
        wanted = {"created", "updated", "resolved", "due"}
        whole = any(f"{name}_id" in self.columns for name in PEOPLE)
        for place, (_, cells, _) in enumerate(lines(self.source)):
            if place > 5000 and not whole:
                return
            if not self.days.order and place <= 5000:
                said = [c for n, c in zip(self.columns, cells, strict=False) if n in wanted and c]
                self.days.learn(said)
            if whole:
                row = self._row(cells)
                for name in PEOPLE:
                    if account := one(row, f"{name}_id"):
                        self.called.setdefault(account, one(row, name) or account)

    def _ids(self) -> dict[str, str]:
        """Return the issues' keys by their numbers, which parents are named by."""
        if "id" not in self.columns or "key" not in self.columns:
            return {}
        place, key = self.columns.index("id"), self.columns.index("key")
        most = max(place, key)
        return {
            cells[place].strip(): cells[key].strip()
            for _, cells, _ in lines(self.source)
            if len(cells) > most and cells[place].strip()
        }

    def _issue(self, row: Row, ids: dict[str, str], number: int) -> Iterator[Record]:
        key, title = one(row, "key"), one(row, "title")
        if not key:
            yield Left(what="issues", why="the row has no key", example=f"row {number}")
            return
        project = one(row, "project") or jira.project_of(key) or one(row, "project_name")
        self.projects.setdefault(
            project,
            Project(
                key=project,
                name=shortened(one(row, "project_name") or project, 200),
                description=markdown(one(row, "project_text")),
                url=one(row, "project_url"),
            ),
        )
        parent = one(row, "parent")
        if not jira.KEY.match(parent):
            parent = ids.get(one(row, "parent_id") or parent, ids.get(parent, ""))
        item = Item(
            key=key,
            code=key,
            project=project,
            title=shortened(title or key, 500),
            description=markdown(one(row, "text"), self.called),
            type=one(row, "type"),
            status=one(row, "status"),
            stage=jira.STAGES.get(one(row, "stage").casefold(), ""),
            priority=one(row, "priority"),
            resolution="" if one(row, "resolution") in BLANK else one(row, "resolution"),
            environment=one(row, "environment"),
            parent=parent if parent != key else "",
        )
        self._facts(item, row)
        yield from self._more(item, row)
        yield item

    def _facts(self, item: Item, row: Row) -> None:
        """Fill in who, when, how long, and the words it is found by."""
        item.assignee = self._person(one(row, "assignee"), one(row, "assignee_id"))
        item.reporter = self._person(
            one(row, "reporter") or one(row, "creator"),
            one(row, "reporter_id") or one(row, "creator_id"),
        )
        item.created = self.days.instant(one(row, "created"))
        item.updated = self.days.instant(one(row, "updated"))
        item.resolved = self.days.instant(one(row, "resolved"))
        item.due = self.days.day(one(row, "due"))
        item.labels = _labels(row.get("labels", []))
        item.components = row.get("component", [])
        item.fixed_in = row.get("fixed", [])
        item.found_in = row.get("found", [])
        item.estimate = seconds_of(one(row, "estimate"))
        item.remaining = seconds_of(one(row, "remaining"))
        item.spent = seconds_of(one(row, "spent"))
        item.votes = int(number_of(one(row, "votes")) or 0)

    def _more(self, item: Item, row: Row) -> Iterator[Left]:
        """Fill in what a row says many times."""
        names, ids = row.get("watcher", []), row.get("watcher_id", [])
        pairs = zip(names, ids if len(ids) == len(names) else [""] * len(names), strict=True)
        item.watchers = [who for n, i in pairs if (who := self._person(n, i))]
        for place, text in enumerate(row.get("comment", []), 1):
            item.comments.append(self._comment(text, place))
        for place, text in enumerate(row.get("file", []), 1):
            item.attachments.append(self._file(text, place))
        for place, text in enumerate(row.get("log", []), 1):
            log = self._log(text, place)
            if log is None:
                yield Left(what="worklogs", why="its time cannot be read", example=item.key)
            else:
                item.worklogs.append(log)
        for name, cells in row.items():
            yield from self._by_name(item, name, cells)

    def _by_name(self, item: Item, name: str, cells: list[str]) -> Iterator[Left]:
        kind, _, said = name.partition(":")
        if kind in ("in", "out") and said:
            for cell in cells:
                for to in re.split(r"[,\s]+", cell):
                    if to and to != item.key:
                        item.links.append(
                            jira.link(to, name=said, phrase="", outward=kind == "out")
                        )
        elif kind == "linked":
            known = {link.to for link in item.links}
            others = {to for cell in cells for to in re.split(r"[,;\s]+", cell)}
            for to in sorted(one for one in others - known if jira.KEY.match(one)):
                item.links.append(Link(kind="relates", to=to, said="linked"))
        elif kind == "sprint":
            yield from jira.take_field(item, "Sprint", cells, self.gathered, self.days)
        elif kind == "field":
            value = cells if len(cells) > 1 else cells[0]
            yield from jira.take_field(item, said, value, self.gathered, self.days)
        elif kind == "security":
            yield from jira.take_field(item, "Security Level", cells[0], self.gathered, self.days)

    def _person(self, name: str, account: str = "") -> str:
        """Note somebody: an account's id says more than their name, which names it elsewhere."""
        if not name and not account:
            return ""
        if account and name:
            self.names.setdefault(name, account)
        key = account or self.names.get(name, name)
        email = name if re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", name) else ""
        single = bool(re.fullmatch(r"[\w.@+-]+", name)) and not email
        username = (
            name if single else (account if re.fullmatch(r"[a-z][\w.-]{1,40}", account) else "")
        )
        return self.gathered.person(key, "" if email else name, email, username=username)

    def _comment(self, text: str, place: int) -> Comment:
        found = SAID.match(text)
        at = self.days.instant(found[1]) if found else None
        if found is None or at is None:
            return Comment(key=f"c{place}", body=markdown(text, self.called))
        author, body = found[2].strip(), found[3]
        return Comment(
            key=f"c{at:%Y%m%d%H%M}.{place}",
            author=self._author(author),
            at=at,
            body=markdown(body, self.called),
        )

    def _author(self, said: str) -> str:
        """Return who wrote something: their account's id, their user name or their name."""
        if said in self.gathered.people or not said:
            return said
        return self._person(said if said not in self.names else "", self.names.get(said, said))

    def _file(self, text: str, place: int) -> Attachment:
        found = KEPT.match(text)
        if found and (at := self.days.instant(found[1])):
            return Attachment(
                key=f"a{place}",
                name=shortened(found[3], 200) or f"file {place}",
                url=found[4].strip(),
                author=self._author(found[2].strip()),
                at=at,
            )
        url = text if re.match(r"https?://", text) else ""
        name = text.rstrip("/").rpartition("/")[2] if url else text
        return Attachment(key=f"a{place}", name=shortened(name, 200), url=url)

    def _log(self, text: str, place: int) -> Worklog | None:
        parts = text.split(";")
        seconds = seconds_of(parts[-1]) if len(parts) > 1 else seconds_of(text)
        if not seconds:
            return None
        if len(parts) < 4:
            at = self.days.instant(parts[0]) if len(parts) > 1 else None
            author = self._author(parts[1].strip()) if len(parts) == 3 else ""
            return Worklog(key=f"w{place}", seconds=seconds, author=author, at=at)
        ends = [n for n, part in enumerate(parts[:-1]) if self.days.instant(part)]
        when = ends[-1] if ends else 0
        return Worklog(
            key=f"w{place}",
            seconds=seconds,
            text=markdown(";".join(parts[:when]))[:2000],
            at=self.days.instant(parts[when]),
            author=self._author(parts[when + 1].strip()) if when + 1 < len(parts) - 1 else "",
        )


def lines(source: Source) -> Iterator[tuple[int, list[str], str]]:
    """Yield each row's number, its cells as text, and what is wrong with it."""
    for row in source.rows():
        yield row.number, [cell_text(cell) for cell in row.cells], row.fault


def cell_text(cell: object) -> str:
    """Return a cell as text, whether it was text or a workbook's number or moment."""
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell).lower()
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def one(row: Row, name: str) -> str:
    """Return the first value of a column, or nothing."""
    return row.get(name, ("",))[0]


def markdown(text: str, called: dict[str, str] | None = None) -> str:
    """Return wiki text, or HTML where somebody's export has that, as Markdown."""
    text = clean(text)
    if not text:
        return ""
    return from_html(text) if TAGGED.search(text) else from_wiki(text, called)


def _labels(cells: list[str]) -> list[str]:
    return list(dict.fromkeys(label for cell in cells for label in jira.label_list(cell)))


def _meaning(column: str) -> str:
    """Return what a column holds: one of our names, a link, a field, or nothing worth keeping."""
    text = " ".join(column.split())
    if found := LINKED.match(text):
        way = "in" if (found[1] or found[3] or "").lower() in ("in", "ein") else "out"
        return f"{way}:{found[2] or found[4] or ''}"
    if found := CUSTOM.match(text):
        return f"field:{found[1].strip()}"
    low = jira.plain(re.sub(r"/s\b", "s", text))
    if low in COLUMNS:
        return COLUMNS[low]
    if not low or low in IDLE or low.startswith((SUM, "column")):
        return ""
    return f"field:{text}"

"""Jira's JSON: answers of its REST search, and the format that its own importer reads."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mainstay.modules.importers.markup import clean, from_adf, from_html, from_wiki
from mainstay.modules.importers.model import (
    Alias,
    Attachment,
    Comment,
    Extra,
    Item,
    Left,
    Milestone,
    Project,
    Record,
    Worklog,
)
from mainstay.modules.importers.readers import jira
from mainstay.modules.importers.readers.held import Bytes
from mainstay.modules.importers.readers.json_stream import pieces
from mainstay.modules.importers.values import Days, seconds_of, shortened

LISTS = frozenset(
    (
        (),
        ("issues",),
        ("users",),
        ("links",),
        ("projects",),
        ("projects", "[]", "issues"),
    )
)
ISSUES = (("issues", "[]"), ("[]",))
# What Jira's cloud calls its own fields; elsewhere the file must say it in `names`.
USUAL = {
    "customfield_10016": "Story point estimate",
    "customfield_10014": "Epic Link",
    "customfield_10020": "Sprint",
    "customfield_10019": "Rank",
    "customfield_10015": "Start date",
    "customfield_10011": "Epic name",
    "customfield_10017": "Issue color",
    "customfield_10021": "Flagged",
    "customfield_10000": "Development",
}
TAKEN = frozenset(
    (
        "summary",
        "description",
        "issuetype",
        "status",
        "priority",
        "resolution",
        "assignee",
        "reporter",
        "creator",
        "created",
        "updated",
        "resolutiondate",
        "duedate",
        "labels",
        "components",
        "fixVersions",
        "versions",
        "environment",
        "parent",
        "subtasks",
        "issuelinks",
        "comment",
        "attachment",
        "worklog",
        "timetracking",
        "timeoriginalestimate",
        "timeestimate",
        "timespent",
        "votes",
        "watches",
        "project",
        "statusCategory",
        "statuscategorychangedate",
        "aggregatetimespent",
        "aggregatetimeoriginalestimate",
        "aggregatetimeestimate",
        "aggregateprogress",
        "progress",
        "workratio",
        "lastViewed",
        "thumbnail",
        "issuerestriction",
        "security",
    )
)
HELD = "the file counts them but does not hold them"
NAMED = "the file counts them but does not name them"
Fields = Mapping[str, Any]


def recognised(head: str) -> bool:
    """Return whether a file begins as Jira's JSON does."""
    rest = '"fields"' in head and '"key"' in head
    searched = rest and any(
        word in head for word in ('"issues"', '"issuetype"', '"summary"', "customfield_")
    )
    own = '"projects"' in head and any(
        word in head for word in ('"issueType"', '"externalId"', '"issues"')
    )
    return searched or own


def read(
    path: Path, name: str, held: Bytes | None = None, encoding: str = "utf-8-sig"
) -> Iterator[Record | Alias]:
    """Yield what the file holds."""
    reader = _Reader(held)
    for place, value in pieces(path, name, LISTS, encoding):
        reader.before(place, value)
    for place, value in pieces(path, name, LISTS, encoding):
        yield from reader.take(place, value)
    yield from reader.end()


class _Reader:
    """Reads issue after issue; what stands beside them is learnt before."""

    def __init__(self, held: Bytes | None) -> None:
        self.held = held
        self.gathered, self.days = jira.Gathered(), Days()
        self.names: dict[str, str] = dict(USUAL)
        self.kinds: dict[str, str] = {}
        self.projects: dict[str, Project] = {}
        self.milestones: dict[tuple[str, str], Milestone] = {}
        self.called: dict[str, str] = {}
        self.links: dict[str, list[tuple[str, str]]] = {}
        self.keys: dict[str, str] = {}
        self.here: dict[str, Any] = {}
        self.top: dict[str, Any] = {}
        self.epics: set[str] = set()
        self.unnamed: dict[str, int] = {}
        self.met = self.total = 0

    # ---- the first time: what an issue must be read with ----

    def before(self, place: tuple[str, ...], value: Any) -> None:
        """Learn names of fields, people, and links that stand apart from the issues."""
        said = _map(value)
        self._look(place, value)
        match place:
            case ("names",):
                self._named(said)
            case ("schema",):
                self.kinds |= {str(k): str(_map(v).get("custom") or "") for k, v in said.items()}
            case ("total",) if isinstance(value, int):
                self.total = max(self.total, value)
            case ("users", "[]"):
                self._user(said)
            case ("links", "[]"):
                way = (str(said.get("name") or ""), str(said.get("destinationId") or ""))
                self.links.setdefault(str(said.get("sourceId") or ""), []).append(way)
            case ("projects", "[]", "{"):
                self.here = {}
            case ("projects", "[]", *_):
                self._key(place, value)
            case ("[]",) if "fields" not in said:
                self._named(_map(said.get("names")))

    def _look(self, place: tuple[str, ...], value: Any) -> None:
        """Keep an issue that is the whole file, and remember which ones are epics."""
        if len(place) == 1 and place[0] in ("key", "id", "self", "fields", "changelog"):
            self.top[place[0]] = value
        if place in ISSUES or place == ("fields",):
            whole = self.top if place == ("fields",) else _map(value)
            for one in (whole, *_list(whole.get("issues"))):
                if _name(_map(_map(one).get("fields")).get("issuetype")).casefold() == "epic":
                    self.epics.add(str(_map(one).get("key") or ""))

    def _named(self, names: Fields) -> None:
        self.names |= {str(key): str(name) for key, name in names.items()}

    def _user(self, said: Fields) -> None:
        key = str(said.get("name") or said.get("accountId") or said.get("key") or "")
        self.gathered.person(
            key,
            str(said.get("fullname") or said.get("displayName") or ""),
            str(said.get("email") or said.get("emailAddress") or ""),
            username=key if re.fullmatch(r"[a-z][\w.@-]{1,49}", key) else "",
            active=said.get("active") is not False,
        )

    def _key(self, place: tuple[str, ...], value: Any) -> None:
        """Remember which issue has which number, for links that name numbers."""
        if place[2:] == ("issues", "[]") and isinstance(value, Mapping):
            number = str(value.get("externalId") or "")
            self.keys[number] = self._own_key(value)
        elif len(place) == 3 and place[2] not in ("{", "}", "issues"):
            self.here[place[2]] = value

    def _own_key(self, value: Fields) -> str:
        number = str(value.get("externalId") or "")
        code = str(self.here.get("key") or "")
        if value.get("key"):
            return str(value["key"])
        if jira.KEY.match(number):
            return number
        return f"{code}-{number}" if code and number.isdecimal() else (number or code)

    # ---- the second time: the issues themselves ----

    def take(self, place: tuple[str, ...], value: Any) -> Iterator[Record | Alias]:
        """Yield what one piece of the file says."""
        if place == ("projects", "[]", "{"):
            self.here = {}
        elif place == ("projects", "[]", "}"):
            self._project_beside()
        elif place[:2] == ("projects", "[]") and place[2:] == ("issues", "[]"):
            if isinstance(value, Mapping):
                yield from self._importer_issue(value)
        elif place[:2] == ("projects", "[]") and len(place) == 3:
            self.here[place[2]] = value
        elif (
            place in ISSUES and isinstance(value, Mapping) and isinstance(value.get("fields"), dict)
        ):
            yield from self._issue(value, value["fields"])
        elif (
            place in ISSUES and isinstance(value, Mapping) and isinstance(value.get("issues"), list)
        ):
            for one in value["issues"]:
                if isinstance(one, Mapping) and isinstance(one.get("fields"), dict):
                    yield from self._issue(one, one["fields"])

    def _issue(self, value: Fields, said: Fields) -> Iterator[Record | Alias]:
        self.met += 1
        key = str(value.get("key") or value.get("id") or "")
        if not key:
            yield Left(what="issues", why="it has no key", example=str(said.get("summary"))[:80])
            return
        project, base = self._project(said, key, str(value.get("self") or ""))
        status = _map(said.get("status"))
        category = _map(status.get("statusCategory")) or _map(said.get("statusCategory"))
        stage = jira.STAGES.get(str(category.get("key") or "").casefold(), "")
        item = Item(
            key=key,
            code=key,
            project=project,
            url=f"{base}/browse/{key}" if base else "",
            title=shortened(clean(said.get("summary")) or key, 500),
            description=self._text(said.get("description")),
            environment=shortened(self._text(said.get("environment")), 2000),
            type=_name(said.get("issuetype")),
            status=_name(status),
            stage=stage,
            priority=_name(said.get("priority")),
            resolution=_name(said.get("resolution")),
            labels=jira.label_list(said.get("labels") or []),
            fixed_in=self._versions(project, said.get("fixVersions")),
        )
        self._facts(item, said)
        self._times(item, said)
        self._parent(item, said.get("parent"))
        yield from self._beside(item, said)
        for name, raw in said.items():
            if name not in TAKEN and raw not in (None, "", [], {}):
                yield from self._field(item, name, raw)
        if said.get("security"):
            item.extras.append(Extra(name="Security level", value=_name(said["security"])))
        if _map(value.get("changelog")).get("histories"):
            yield Left(what="history", why="earlier values are not taken along", example=key)
        yield Alias(name=str(value.get("id") or key), key=key)
        yield item

    def _facts(self, item: Item, said: Fields) -> None:
        """Fill in who, when, and the parts it is about."""
        item.assignee = self._person(said.get("assignee"))
        item.reporter = self._person(said.get("reporter")) or self._person(said.get("creator"))
        item.created = self.days.instant(said.get("created"))
        item.updated = self.days.instant(said.get("updated"))
        item.resolved = self.days.instant(said.get("resolutiondate"))
        item.due = self.days.day(said.get("duedate"))
        item.components = [n for one in _list(said.get("components")) if (n := _name(one))]
        item.found_in = [n for one in _list(said.get("versions")) if (n := _name(one))]
        item.votes = _whole(_map(said.get("votes")).get("votes"))

    def _field(self, item: Item, name: str, raw: Any) -> Iterator[Left]:
        called, kind = self.names.get(name, name), self.kinds.get(name, "")
        if name not in self.names and _like_sprints(raw):
            called = "Sprint"
        elif name not in self.names and isinstance(raw, str) and raw in self.epics:
            called = "Epic Link"
        elif name not in self.names and isinstance(raw, str) and jira.LEXORANK.match(raw):
            called = "Rank"
        elif name not in self.names and name.startswith("customfield_"):
            self.unnamed.setdefault(name, 0)
            self.unnamed[name] += 1
        # The usual name of a field is only a guess, which its value must bear out.
        if called == "Story point estimate" and not isinstance(raw, (int, float)):
            called = name
        yield from jira.take_field(item, called, raw, self.gathered, self.days, kind)

    def _times(self, item: Item, said: Fields) -> None:
        tracked = _map(said.get("timetracking"))

        def seconds(name: str, other: str) -> int | None:
            """Return a time from either place."""
            raw = said.get(name)
            return seconds_of(raw if raw is not None else tracked.get(other))

        item.estimate = seconds("timeoriginalestimate", "originalEstimateSeconds")
        item.remaining = seconds("timeestimate", "remainingEstimateSeconds")
        item.spent = seconds("timespent", "timeSpentSeconds")

    def _parent(self, item: Item, raw: Any) -> None:
        parent = _map(raw)
        key = str(parent.get("key") or (raw if isinstance(raw, str) else "") or "")
        if not key or key == item.key:
            return
        kind = _map(_map(parent.get("fields")).get("issuetype"))
        epic = kind.get("hierarchyLevel") == 1 or _name(kind).casefold() == "epic"
        if epic and item.type.casefold() != "epic":
            item.epic = item.epic or key
        else:
            item.parent = key

    def _beside(self, item: Item, said: Fields) -> Iterator[Left]:
        """Take the comments, files, links, time and watchers."""
        comments = _map(said.get("comment"))
        for place, one in enumerate(_list(comments.get("comments") or said.get("comment")), 1):
            if isinstance(one, Mapping):
                item.comments.append(self._comment(one, place))
        for place, one in enumerate(_list(said.get("attachment")), 1):
            if isinstance(one, Mapping):
                item.attachments.append(self._file(one, place))
        for one in _list(said.get("issuelinks")):
            self._link(item, _map(one))
        logs = _map(said.get("worklog"))
        for place, one in enumerate(_list(logs.get("worklogs")), 1):
            seconds = seconds_of(_map(one).get("timeSpentSeconds") or _map(one).get("timeSpent"))
            if seconds:
                item.worklogs.append(self._log(_map(one), seconds, place))
        watches = _map(said.get("watches"))
        named = (self._person(one) for one in _list(watches.get("watchers")))
        item.watchers = [who for who in named if who]
        told = (
            ("comments", HELD, comments.get("total"), len(item.comments)),
            ("worklogs", HELD, logs.get("total"), len(_list(logs.get("worklogs")))),
            ("watchers", NAMED, watches.get("watchCount"), len(item.watchers)),
        )
        for what, why, total, there in told:
            if (missing := _whole(total) - there) > 0:
                yield Left(what=what, why=why, count=missing, example=item.key)

    def _comment(self, one: Fields, place: int) -> Comment:
        return Comment(
            key=f"c{one.get('id') or place}",
            author=self._person(one.get("author") or one.get("updateAuthor")),
            at=self.days.instant(one.get("created")),
            body=self._text(one.get("body")),
            internal=one.get("jsdPublic") is False
            or bool(_map(one.get("visibility")).get("value")),
        )

    def _file(self, one: Fields, place: int) -> Attachment:
        name = str(one.get("filename") or one.get("name") or f"file {place}")
        url = str(one.get("content") or one.get("uri") or one.get("url") or "")
        held = ""
        if self.held is not None:
            held = self.held.take(one.get("data") or (url if url.startswith("data:") else ""))
        return Attachment(
            key=f"a{one.get('id') or place}",
            name=shortened(name, 200),
            url=url if url.startswith("http") else "",
            size=_whole(one.get("size")),
            author=self._person(one.get("author") or one.get("attacher")),
            at=self.days.instant(one.get("created")),
            held=held,
        )

    def _log(self, one: Fields, seconds: int, place: int) -> Worklog:
        return Worklog(
            key=f"w{one.get('id') or place}",
            seconds=seconds,
            author=self._person(one.get("author")),
            at=self.days.instant(one.get("started") or one.get("startDate") or one.get("created")),
            text=self._text(one.get("comment"))[:2000],
        )

    def _link(self, item: Item, said: Fields) -> None:
        kind = _map(said.get("type"))
        for way, outward in (("outward", True), ("inward", False)):
            to = str(_map(said.get(f"{way}Issue")).get("key") or "")
            if to and to != item.key:
                phrase = str(kind.get(way) or "")
                name = str(kind.get("name") or "")
                item.links.append(jira.link(to, name=name, phrase=phrase, outward=outward))

    def _text(self, raw: Any) -> str:
        if isinstance(raw, Mapping):
            return from_adf(raw, self.called)
        words = clean(raw)
        if re.search(r"</(p|div|ul|ol|li|table|h\d)>", words):
            return from_html(words)
        return from_wiki(words, self.called)

    def _person(self, raw: Any) -> str:
        if isinstance(raw, str):
            single = raw if re.fullmatch(r"[a-z][\w.@-]{1,49}", raw) else ""
            return self.gathered.person(raw, "" if single else raw, username=single)
        said = _map(raw)
        if not said:
            return ""
        name = str(said.get("displayName") or "")
        account = str(said.get("accountId") or said.get("name") or said.get("key") or "")
        username = str(said.get("name") or "")
        key = self.gathered.person(
            account,
            name,
            str(said.get("emailAddress") or ""),
            username=username if re.fullmatch(r"[\w.@+-]{2,50}", username) else "",
            active=said.get("active") is not False,
        )
        if key and name:
            self.called[key] = name
        return key

    def _project(self, said: Fields, key: str, address: str) -> tuple[str, str]:
        project = _map(said.get("project"))
        code = str(project.get("key") or jira.project_of(key))
        parts = urlsplit(address or str(project.get("self") or ""))
        base = ""
        if parts.scheme.startswith("http"):
            base = f"{parts.scheme}://{parts.netloc}{parts.path.partition('/rest/')[0]}"
        name = shortened(str(project.get("name") or code), 200)
        url = f"{base}/browse/{code}" if base else ""
        self.projects.setdefault(code, Project(key=code, name=name, url=url))
        return code, base

    def _versions(self, project: str, raw: Any) -> list[str]:
        names = []
        for one in _list(raw):
            name = shortened(_name(one), 255)
            if not name:
                continue
            said = _map(one)
            day = self.days.day(said.get("releaseDate"))
            known = self.milestones.setdefault(
                (project, name), Milestone(key=name, name=name, project=project)
            )
            known.due = known.due or day
            known.description = known.description or clean(said.get("description"))[:5000]
            if said.get("released") is True or said.get("archived") is True:
                known.closed, known.closed_on = True, known.closed_on or day
            names.append(name)
        return names

    # ---- the importer's own format ----

    def _project_beside(self) -> None:
        code = str(self.here.get("key") or self.here.get("name") or "")
        if code:
            name = shortened(str(self.here.get("name") or code), 200)
            text = clean(self.here.get("description"))
            known = self.projects.setdefault(code, Project(key=code))
            known.name, known.description = name, text
        self._versions(code, self.here.get("versions"))

    def _importer_issue(self, said: Fields) -> Iterator[Record]:
        self.met += 1
        key = self._own_key(said)
        if not key:
            yield Left(what="issues", why="it has no key", example=str(said.get("summary"))[:80])
            return
        project = str(self.here.get("key") or self.here.get("name") or jira.project_of(key))
        self.projects.setdefault(project, Project(key=project, name=project))
        item = Item(
            key=key,
            code=key if jira.KEY.match(key) else "",
            project=project,
            title=shortened(clean(said.get("summary")) or key, 500),
            description=self._text(said.get("description")),
            environment=clean(said.get("environment"))[:2000],
            type=_name(said.get("issueType")),
            status=_name(said.get("status")),
            priority=_name(said.get("priority")),
            resolution=_name(said.get("resolution")),
            fixed_in=self._versions(project, said.get("fixedVersions")),
        )
        self._importer_facts(item, said)
        self._importer_parts(item, said)
        for name, to in self.links.get(str(said.get("externalId") or key), ()):
            other = self.keys.get(to, to)
            if name == "sub-task-link":
                item.parent = other
            else:
                item.links.append(jira.link(other, name=name, phrase="", outward=True))
        for one in _list(said.get("customFieldValues")):
            field = _map(one)
            name, kind = str(field.get("fieldName") or ""), str(field.get("fieldType") or "")
            yield from jira.take_field(
                item, name, field.get("value"), self.gathered, self.days, kind
            )
        if said.get("history"):
            yield Left(what="history", why="earlier values are not taken along", example=key)
        yield item

    def _importer_facts(self, item: Item, said: Fields) -> None:
        """Fill in who, when, how long, and the words it is found by."""
        item.assignee = self._person(said.get("assignee"))
        item.reporter = self._person(said.get("reporter"))
        item.created = self.days.instant(said.get("created"))
        item.updated = self.days.instant(said.get("updated"))
        item.resolved = self.days.instant(said.get("resolutionDate"))
        item.due = self.days.day(said.get("duedate") or said.get("dueDate"))
        item.labels = jira.label_list(said.get("labels") or [])
        item.components = [_name(one) for one in _list(said.get("components"))]
        item.found_in = [_name(one) for one in _list(said.get("affectedVersions"))]
        item.estimate = seconds_of(said.get("originalEstimate"))
        item.remaining = seconds_of(said.get("estimate"))
        item.spent = seconds_of(said.get("timeSpent"))
        item.votes = len(_list(said.get("voters")))
        item.watchers = [who for one in _list(said.get("watchers")) if (who := self._person(one))]

    def _importer_parts(self, item: Item, said: Fields) -> None:
        for place, one in enumerate(_list(said.get("comments")), 1):
            if isinstance(one, Mapping):
                item.comments.append(self._comment(one, place))
            elif one:
                item.comments.append(Comment(key=f"c{place}", body=self._text(one)))
        for place, one in enumerate(_list(said.get("attachments")), 1):
            if isinstance(one, Mapping):
                item.attachments.append(self._file(one, place))
        for place, one in enumerate(_list(said.get("worklogs")), 1):
            seconds = seconds_of(_map(one).get("timeSpent"))
            if seconds:
                item.worklogs.append(self._log(_map(one), seconds, place))

    def end(self) -> Iterator[Record | Alias]:
        """Yield a single issue that is the whole file, and what stands beside the issues."""
        # A file of one issue, or the first of several that follow one another.
        if isinstance(self.top.get("fields"), dict):
            yield from self._issue(self.top, self.top["fields"])
        if self.unnamed:
            yield Left(
                what="names of fields",
                why="the file does not say them; ask for it with expand=names",
                count=len(self.unnamed),
                example=", ".join(self.unnamed)[:120],
            )
        if self.total > self.met:
            yield Left(
                what="issues",
                why="the search found more than this file holds; export the other pages too",
                count=self.total - self.met,
            )
        yield from self.projects.values()
        yield from self.milestones.values()
        yield from self.gathered.end()


def _map(raw: Any) -> Fields:
    return raw if isinstance(raw, Mapping) else {}


def _list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _name(raw: Any) -> str:
    if isinstance(raw, str):
        return raw.strip()
    return str(_map(raw).get("name") or _map(raw).get("value") or "").strip()


def _whole(raw: Any) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw > 0 else 0


def _like_sprints(raw: Any) -> bool:
    """Return whether a value looks like a list of sprints, though nobody says what it is."""
    first = raw[0] if isinstance(raw, list) and raw else None
    if isinstance(first, str):
        return bool(jira.SERIAL.search(first))
    return isinstance(first, Mapping) and "boardId" in first and "state" in first

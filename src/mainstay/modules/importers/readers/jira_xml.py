"""Jira's XML (RSS 0.92): an `item` for each issue, descriptions and comments in HTML."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from mainstay.kernel.problems import Invalid
from mainstay.modules.importers.markup import clean, from_html
from mainstay.modules.importers.model import (
    Attachment,
    Comment,
    Item,
    Left,
    Project,
    Record,
    Worklog,
)
from mainstay.modules.importers.readers import jira
from mainstay.modules.importers.readers.xml_stream import elements
from mainstay.modules.importers.values import Days, seconds_of, shortened

BACKUP = "<entity-engine-xml"
NONE = ("", "-1", "Unresolved")


def recognised(head: str) -> bool:
    """Return whether a file begins as Jira's XML does."""
    low = head.lower()
    jira_like = "jira" in low or ("<channel>" in low and "<key" in low and "<item>" in low)
    return ("<rss" in low and jira_like) or BACKUP in low


def read(path: Path, name: str) -> Iterator[Record]:
    """Yield what the file holds."""
    with path.open("rb") as stream:
        if BACKUP.encode() in stream.read(60_000):
            raise Invalid(
                f"The file {name} is a backup of a whole Jira, which is not read. Search for the "
                "issues of a project there and export them: Export, XML or CSV (all fields)."
            )
    reader = _Reader()
    met = False
    for element in elements(path, name, frozenset(("item", "link"))):
        if element.tag == "link":
            reader.base = reader.base or (element.text or "").strip()
            continue
        met = True
        yield from reader.issue(element)
    if not met:
        yield Left(what="issues", why="there is no issue in the file", count=0)
    yield from reader.projects.values()
    yield from reader.gathered.end()


class _Reader:
    """Reads issue after issue, and remembers the people, sprints and projects."""

    def __init__(self) -> None:
        self.gathered, self.days = jira.Gathered(), Days()
        self.projects: dict[str, Project] = {}
        self.base = ""

    def issue(self, node: Element) -> Iterator[Record]:
        """Yield one issue, and before it what of it is left out."""
        key = text(node, "key")
        if not key:
            yield Left(what="issues", why="it has no key", example=text(node, "title")[:80])
            return
        project = self._project(node, key)
        parent = text(node, "parent")
        status = node.find("status")
        category = node.find("statusCategory")
        stage = category.get("key", "") if category is not None else ""
        item = Item(
            key=key,
            code=key,
            project=project,
            url=text(node, "link"),
            title=shortened(text(node, "summary") or text(node, "title") or key, 500),
            description=html(node, "description"),
            environment=shortened(html(node, "environment"), 2000),
            type=text(node, "type"),
            status=(status.text or "").strip() if status is not None else "",
            stage=jira.STAGES.get(stage.casefold(), ""),
            priority=text(node, "priority"),
            resolution="" if text(node, "resolution") in NONE else text(node, "resolution"),
            parent=parent if parent != key else "",
        )
        self._facts(item, node)
        self._said(item, node)
        self._links(item, node)
        self._logs(item, node)
        for field in node.findall("customfields/customfield"):
            yield from self._field(item, field)
        if level := text(node, "security"):
            yield from jira.take_field(item, "Security Level", level, self.gathered, self.days)
        yield item

    def _facts(self, item: Item, node: Element) -> None:
        """Fill in who, when, how long, and the words it is found by."""
        item.assignee = self._person(node.find("assignee"))
        item.reporter = self._person(node.find("reporter"))
        item.created = self.days.instant(text(node, "created"))
        item.updated = self.days.instant(text(node, "updated"))
        item.resolved = self.days.instant(text(node, "resolved"))
        item.due = self.days.day(text(node, "due"))
        item.labels = [label for one in node.findall("labels/label") if (label := _bare(one))]
        item.components = [part for one in node.findall("component") if (part := _bare(one))]
        item.fixed_in = [part for one in node.findall("fixVersion") if (part := _bare(one))]
        item.found_in = [part for one in node.findall("version") if (part := _bare(one))]
        item.estimate = _seconds(node, "timeoriginalestimate")
        item.remaining = _seconds(node, "timeestimate")
        item.spent = _seconds(node, "timespent")
        item.votes = int(text(node, "votes") or 0) if text(node, "votes").isdecimal() else 0

    def _project(self, node: Element, key: str) -> str:
        found = node.find("project")
        code = (found.get("key") if found is not None else "") or jira.project_of(key)
        name = (found.text or "").strip() if found is not None else ""
        base = self.base.partition("/browse/")[0].partition("/issues/")[0].rstrip("/")
        url = f"{base}/browse/{code}" if base.startswith("http") else ""
        self.projects.setdefault(code, Project(key=code, name=name or code, url=url))
        return code

    def _person(self, node: Element | None) -> str:
        if node is None:
            return ""
        account = node.get("accountid") or node.get("username") or ""
        name = (node.text or "").strip()
        return self.gathered.person(account, name, username=node.get("username") or "")

    def _author(self, said: str) -> str:
        return self.gathered.person(said, "", username=said if "-" not in said else "")

    def _said(self, item: Item, node: Element) -> None:
        for place, one in enumerate(node.findall("comments/comment"), 1):
            item.comments.append(
                Comment(
                    key=f"c{one.get('id') or place}",
                    author=self._author(one.get("author") or ""),
                    at=self.days.instant(one.get("created")),
                    body=from_html(clean(one.text)),
                    internal=bool(one.get("grouplevel") or one.get("rolelevel")),
                )
            )
        for place, one in enumerate(node.findall("attachments/attachment"), 1):
            name, number = one.get("name") or f"file {place}", one.get("id") or ""
            base = (item.url or "").partition("/browse/")[0]
            url = f"{base}/secure/attachment/{number}/{name}" if base and number else ""
            item.attachments.append(
                Attachment(
                    key=f"a{number or place}",
                    name=shortened(name, 200),
                    url=url.replace(" ", "%20"),
                    size=int(one.get("size") or 0) if (one.get("size") or "0").isdecimal() else 0,
                    author=self._author(one.get("author") or ""),
                    at=self.days.instant(one.get("created")),
                )
            )
        watchers = node.findall("watchers/watcher")
        item.watchers = [who for one in watchers if (who := self._person(one))]

    def _links(self, item: Item, node: Element) -> None:
        for kind in node.findall("issuelinks/issuelinktype"):
            name = text(kind, "name")
            groups = [(True, one) for one in kind.findall("outwardlinks")]
            groups += [(False, one) for one in kind.findall("inwardlinks")]
            for outward, group in groups:
                phrase = group.get("description") or ""
                item.links += [
                    jira.link(to, name=name, phrase=phrase, outward=outward)
                    for one in group.iter("issuekey")
                    if (to := _bare(one))
                ]

    def _logs(self, item: Item, node: Element) -> None:
        for place, one in enumerate(node.findall("worklogs/worklog"), 1):
            seconds = seconds_of(one.get("timespentseconds") or one.get("seconds"))
            if seconds:
                item.worklogs.append(
                    Worklog(
                        key=f"w{one.get('id') or place}",
                        seconds=seconds,
                        author=self._author(one.get("author") or ""),
                        at=self.days.instant(one.get("started") or one.get("created")),
                        text=from_html(clean(one.text))[:2000],
                    )
                )

    def _field(self, item: Item, node: Element) -> Iterator[Left]:
        name, kind = text(node, "customfieldname"), node.get("key") or ""
        values = []
        for one in node.findall("customfieldvalues/*"):
            inner = clean("".join(one.itertext())).strip()
            if inner:
                values.append(from_html(inner) if "<" in inner else inner)
        if name and values:
            value = values if len(values) > 1 else values[0]
            yield from jira.take_field(item, name, value, self.gathered, self.days, kind)


def text(node: Element, name: str) -> str:
    """Return a child's words, or nothing."""
    found = node.find(name)
    return clean(found.text).strip() if found is not None else ""


def html(node: Element, name: str) -> str:
    """Return a child's HTML as Markdown."""
    return from_html(text(node, name))


def _bare(node: Element) -> str:
    return (node.text or "").strip()


def _seconds(node: Element, name: str) -> int | None:
    found = node.find(name)
    if found is None:
        return None
    return seconds_of(found.get("seconds") or found.text)

"""Issues of GitHub as JSON: REST lists, what `gh issue list --json` writes, and both wrapped."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mainstay.modules.importers.markup import clean
from mainstay.modules.importers.model import (
    Alias,
    Comment,
    Extra,
    Item,
    Left,
    Link,
    Milestone,
    Person,
    Project,
    Record,
    Stage,
)
from mainstay.modules.importers.readers.json_stream import pieces
from mainstay.modules.importers.values import Days, shortened

LISTS = frozenset(
    (
        (),
        ("issues",),
        ("comments",),
        ("items",),
        ("milestones",),
        ("labels",),
        ("data", "repository", "issues", "nodes"),
        ("issues", "nodes"),
    )
)
ISSUES = (
    ("[]",),
    ("issues", "[]"),
    ("items", "[]"),
    ("issues", "nodes", "[]"),
    ("data", "repository", "issues", "nodes", "[]"),
)
MARKS = (
    '"state_reason"',
    '"stateReason"',
    '"author_association"',
    '"closedAt"',
    '"closed_at"',
    '"assignees"',
    '"milestone"',
    '"html_url"',
    '"labels"',
    '"createdAt"',
    '"locked"',
    '"login"',
    '"state"',
    '"body"',
)
REPOSITORY = re.compile(
    r"(?:github\.[^/]+|api\.github\.com/repos|/api/v3/repos)/([^/]+/[^/]+?)(?:/|$)"
)
NUMBER = re.compile(r"/issues/(\d+)")
BUGS = ("bug", "defect", "type: bug", "kind/bug", "type:bug", "t-bug", "regression")
WISHES = ("enhancement", "feature", "feature request", "kind/feature", "type: feature", "proposal")
EPICS = ("epic", "type: epic", "tracking issue", "meta")
PRIORITY = re.compile(r"^(?:priority|prio|p)[\s:/_-]*([\w-]+)$", re.IGNORECASE)
POINTS = re.compile(
    r"^(?:(?:story )?points?|sp|size|estimate)[\s:/_-]*(\d+(?:\.\d+)?)$", re.IGNORECASE
)
DOUBLE = re.compile(r"\bduplicate of\s+(?:([\w.-]+/[\w.-]+))?#(\d+)", re.IGNORECASE)
FORM = re.compile(r"<!--.*?-->", re.DOTALL)
EMPTY_REACTIONS = ("url", "total_count")
Said = Mapping[str, Any]


def recognised(head: str) -> bool:
    """Return whether a file begins as GitHub's issues do."""
    rest = "github" in head and ('"number"' in head or '"issue_url"' in head)
    marks = sum(mark in head for mark in MARKS)
    return ('"number"' in head and '"title"' in head and marks >= 2) or (rest and marks >= 1)


def read(path: Path, name: str, encoding: str = "utf-8-sig") -> Iterator[Record | Alias]:
    """Yield what the file holds."""
    reader = _Reader(name)
    for place, value in pieces(path, name, LISTS, encoding):
        reader.before(place, value)
    for place, value in pieces(path, name, LISTS, encoding):
        for one in _issues(place, value):
            yield from reader.issue(one)
    yield from reader.end()


def _issues(place: tuple[str, ...], value: Any) -> Iterator[Said]:
    """Yield the issues of one piece of the file; pages may lie in a list of lists."""
    if isinstance(value, list):
        for one in value:
            yield from _issues(place, one)
    elif place in ISSUES and isinstance(value, Mapping):
        if "number" in value and ("title" in value or "state" in value):
            yield value
        elif isinstance(value.get("issues"), list):
            yield from _issues(place, value["issues"])


class _Reader:
    """Reads issue after issue; comments that stand apart are learnt before."""

    def __init__(self, name: str) -> None:
        self.name, self.days = name, Days()
        self.people: dict[str, Person] = {}
        self.milestones: dict[tuple[str, str], Milestone] = {}
        self.projects: dict[str, Project] = {}
        self.comments: dict[tuple[str, str], list[Said]] = {}
        self.pulls = 0
        self.reactions = 0
        self.met = self.total = 0
        self.heard: set[int] = set()
        self.talk = 0
        self.top: dict[str, Any] = {}

    def before(self, place: tuple[str, ...], value: Any) -> None:
        """Remember comments, which name their issue by its address."""
        if len(place) == 1 and place != ("[]",):
            self.top[place[0]] = value
        elif place in (("labels", "[]"), ("comments", "[]")):
            self.top.setdefault(place[0], []).append(value)
        if place[-2:] in (("issues", "totalCount"), ("total_count",)) and isinstance(value, int):
            self.total = max(self.total, value)
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, Mapping) or "body" not in one or "title" in one:
                continue
            address = str(one.get("issue_url") or one.get("html_url") or one.get("url") or "")
            number = NUMBER.search(address)
            said = one.get("issue_number") or one.get("issue") or (number[1] if number else "")
            if said and not isinstance(said, Mapping):
                self.comments.setdefault((_repository(address), str(said)), []).append(one)

    def issue(self, said: Said) -> Iterator[Record | Alias]:
        """Yield one issue; what is a pull request is only counted."""
        self.met += 1
        address = str(said.get("html_url") or said.get("url") or "")
        if said.get("pull_request") or "/pull/" in address or said.get("isPullRequest") is True:
            self._pull(said, address)
            return
        repository = self._project(said, address)
        number = str(said.get("number"))
        # Without an address only the file's name tells one repository's #1 from another's.
        key = f"{repository or Path(self.name).stem}#{number}"
        labels = self._labels(said, repository or self.name)
        state = str(said.get("state") or "open").casefold()
        reason = str(said.get("state_reason") or said.get("stateReason") or "").casefold()
        stage: Stage = "done" if state == "closed" or said.get("closed") is True else "todo"
        people = [who for one in _nodes(said.get("assignees")) if (who := self._person(one))]
        alone = self._person(said.get("assignee"))
        people = people or ([alone] if alone else [])
        item = Item(
            key=key,
            code=f"#{number}",
            project=repository or self.name,
            url=_web(address, repository, number),
            title=shortened(clean(said.get("title")) or key, 500),
            description=FORM.sub("", clean(said.get("body"))).strip(),
            type=_type(said, labels),
            status=state,
            stage=stage,
            resolution=reason if reason not in ("", "completed", "reopened") else "",
            assignee=people[0] if people else "",
            assignees=people,
            labels=labels,
            milestone=self._milestone(repository or self.name, said.get("milestone")),
            priority=next((found[1] for one in labels if (found := PRIORITY.match(one))), ""),
            points=next((float(found[1]) for one in labels if (found := POINTS.match(one))), None),
        )
        self._facts(item, said)
        self._parent(item, said)
        yield from self._talk(item, said, repository, number)
        self._more(item, said)
        yield Alias(name=f"#{number}", key=key)
        yield item

    def _pull(self, said: Said, address: str) -> None:
        """Count a pull request, and what was said about it beside the issues."""
        self.pulls += 1
        talk = self.comments.get((_repository(address), str(said.get("number"))), [])
        self.talk += len(talk)
        self.heard |= {id(one) for one in talk}

    def _facts(self, item: Item, said: Said) -> None:
        """Fill in who asked, and when."""
        item.reporter = self._person(said.get("user") or said.get("author"))
        item.created = self.days.instant(said.get("created_at") or said.get("createdAt"))
        item.updated = self.days.instant(said.get("updated_at") or said.get("updatedAt"))
        item.resolved = self.days.instant(said.get("closed_at") or said.get("closedAt"))

    def _project(self, said: Said, address: str) -> str:
        told = said.get("repository") or said.get("repository_url") or ""
        if isinstance(told, Mapping):
            told = told.get("full_name") or told.get("nameWithOwner") or ""
        repository = _repository(str(told)) or (str(told) if str(told).count("/") == 1 else "")
        repository = repository or _repository(address)
        if not repository:
            repository = ""
        project = repository or self.name
        url = f"https://github.com/{repository}" if repository else ""
        if (
            repository
            and (found := re.match(r"(https?://[^/]+)/", address))
            and "api." not in found[1]
        ):
            url = f"{found[1]}/{repository}"
        name = shortened(repository.partition("/")[2] or Path(project).stem, 200)
        self.projects.setdefault(project, Project(key=project, name=name, url=url))
        return repository

    def _person(self, raw: Any) -> str:
        if isinstance(raw, str) and raw:
            return self.people.setdefault(raw, Person(key=raw, username=raw)).key
        if not isinstance(raw, Mapping):
            return ""
        login = str(raw.get("login") or raw.get("name") or "")
        if not login:
            return ""
        known = self.people.setdefault(login, Person(key=login, username=login))
        known.name = known.name or shortened(str(raw.get("name") or ""), 200)
        known.email = known.email or str(raw.get("email") or "")
        if login == "ghost":
            known.active = False
        return login

    def _labels(self, said: Said, project: str) -> list[str]:
        """Return the names of an issue's labels, and remember their colours."""
        found = []
        for one in _nodes(said.get("labels")):
            name = shortened(one if isinstance(one, str) else str(_get(one, "name") or ""), 60)
            if not name:
                continue
            found.append(name)
            color = str(_get(one, "color") or "").removeprefix("#")
            if color and project in self.projects:
                self.projects[project].labels[name] = f"#{color}"
        return list(dict.fromkeys(found))

    def _milestone(self, project: str, raw: Any) -> str:
        said = raw if isinstance(raw, Mapping) else {"title": raw} if isinstance(raw, str) else {}
        name = shortened(str(said.get("title") or ""), 255)
        if not name:
            return ""
        known = self.milestones.setdefault(
            (project, name), Milestone(key=name, name=name, project=project)
        )
        known.description = known.description or clean(said.get("description"))[:5000]
        known.due = known.due or self.days.day(said.get("due_on") or said.get("dueOn"))
        known.closed = known.closed or str(said.get("state") or "").casefold() == "closed"
        known.closed_on = known.closed_on or self.days.day(
            said.get("closed_at") or said.get("closedAt")
        )
        return name

    def _parent(self, item: Item, said: Said) -> None:
        parent = said.get("parent")
        address = str(said.get("parent_issue_url") or "")
        number = ""
        if isinstance(parent, Mapping):
            address = str(parent.get("html_url") or parent.get("url") or "")
            number = str(parent.get("number") or "")
        if found := NUMBER.search(address):
            number = found[1]
        if number:
            home = _repository(address) or item.key.rpartition("#")[0]
            item.parent = f"{home}#{number}" if home else f"#{number}"
        for name, out in (("blockedBy", False), ("blocked_by", False), ("blocking", True)):
            for one in _nodes(said.get(name)):
                if isinstance(one, Mapping) and one.get("number"):
                    home = _repository(str(one.get("url") or one.get("html_url") or ""))
                    home = home or item.key.rpartition("#")[0]
                    item.links.append(Link(kind="blocks", to=f"{home}#{one['number']}", out=out))

    def _talk(self, item: Item, said: Said, repository: str, number: str) -> Iterator[Left]:
        """Take the comments: within the issue, or beside it."""
        raw = said.get("comments")
        found = [one for one in _nodes(raw) if isinstance(one, Mapping)]
        found = found or self.comments.get((repository, number), [])
        found = found or self.comments.get(("", number), [])
        self.heard |= {id(one) for one in found}
        for place, one in enumerate(found, 1):
            address = str(one.get("html_url") or one.get("url") or "")
            mark = re.search(r"issuecomment-(\d+)", address)
            item.comments.append(
                Comment(
                    key=f"c{one.get('id') or (mark[1] if mark else place)}",
                    body=clean(one.get("body")) or "…",
                    author=self._person(one.get("user") or one.get("author")),
                    at=self.days.instant(one.get("created_at") or one.get("createdAt")),
                )
            )
            self._reacted(one)
        total = raw.get("totalCount") if isinstance(raw, Mapping) else raw
        if isinstance(total, int) and not isinstance(total, bool) and total > len(item.comments):
            yield Left(
                what="comments",
                why="the file only counts them; export issues together with their comments",
                count=total - len(item.comments),
                example=item.key,
            )

    def _more(self, item: Item, said: Said) -> None:
        self._reacted(said)
        if item.resolution == "duplicate":
            words = [item.description, *(one.body for one in reversed(item.comments))]
            found = next((mark for text in words if (mark := DOUBLE.search(text))), None)
            to = f"{found[1] or item.key.rpartition('#')[0]}#{found[2]}" if found else item.key
            if to != item.key:
                item.links.append(Link(kind="duplicates", to=to))
        closers = [
            f"[#{_get(one, 'number')}]({_get(one, 'url')})"
            for one in _nodes(said.get("closedByPullRequestsReferences"))
            if _get(one, "number") and str(_get(one, "url") or "").startswith("http")
        ]
        if closers:
            item.extras.append(Extra(name="Closed by", value=", ".join(closers)))
        if said.get("locked") is True:
            reason = str(said.get("active_lock_reason") or "yes")
            item.extras.append(Extra(name="Locked", value=reason, kind="choice"))
        boards = [
            f"{title}: {status}" if (status := _get(_get(one, "status"), "name")) else str(title)
            for one in _nodes(said.get("projectItems"))
            if (title := _get(one, "title") or _get(_get(one, "project"), "title"))
        ]
        if any(boards):
            item.extras.append(Extra(name="Project boards", value=", ".join(filter(None, boards))))

    def _reacted(self, said: Said) -> None:
        reactions = said.get("reactions")
        if isinstance(reactions, Mapping):
            total = reactions.get("total_count") or reactions.get("totalCount") or 0
            self.reactions += total if isinstance(total, int) else 0
        for one in _nodes(said.get("reactionGroups")):
            users = _get(one, "users") or _get(one, "reactors")
            count = _get(users, "totalCount")
            self.reactions += count if isinstance(count, int) else 0

    def _beyond(self) -> Iterator[Left]:
        """Say what other issues there are, and which comments belong to none of the file's."""
        if self.total > self.met:
            why = "the search found more than this file holds; export the other pages too"
            yield Left(what="issues", why=why, count=self.total - self.met)
        if self.talk:
            yield Left(what="comments", why="they belong to pull requests", count=self.talk)
        strangers = sum(id(o) not in self.heard for found in self.comments.values() for o in found)
        if strangers:
            why = "the file does not hold the issue they name"
            yield Left(what="comments", why=why, count=strangers)

    def end(self) -> Iterator[Record | Alias]:
        """Yield a single issue that is the whole file, what stands beside, what was passed over."""
        # A file of one issue, or the first of several that follow one another.
        if "number" in self.top and "title" in self.top:
            yield from self.issue(self.top)
        yield from self._beyond()
        yield from self.projects.values()
        yield from self.milestones.values()
        yield from self.people.values()
        if self.pulls:
            yield Left(what="pull requests", why="they are no issues", count=self.pulls)
        if self.reactions:
            yield Left(
                what="reactions", why="the file does not name who gave them", count=self.reactions
            )


def _get(raw: Any, name: str) -> Any:
    return raw.get(name) if isinstance(raw, Mapping) else None


def _nodes(raw: Any) -> list[Any]:
    """Return a list, however it is wrapped."""
    if isinstance(raw, Mapping):
        raw = raw.get("nodes") or [
            edge.get("node") for edge in raw.get("edges") or () if isinstance(edge, Mapping)
        ]
    return raw if isinstance(raw, list) else []


def _type(said: Said, labels: list[str]) -> str:
    told = said.get("type") or said.get("issueType")
    name = str(_get(told, "name") or (told if isinstance(told, str) else "") or "")
    if name and name != "Issue":
        return name
    low = [label.casefold() for label in labels]
    for words, kind in ((BUGS, "Bug"), (EPICS, "Epic"), (WISHES, "Feature")):
        if any(label in words for label in low):
            return kind
    return "Issue"


def _repository(address: str) -> str:
    found = REPOSITORY.search(address)
    return found[1] if found else ""


def _web(address: str, repository: str, number: str) -> str:
    if address.startswith("http") and "api." not in address and "/api/" not in address:
        return address
    return f"https://github.com/{repository}/issues/{number}" if repository else ""

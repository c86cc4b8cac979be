"""What every export says in the end: people, projects, sprints, milestones and items."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

Stage = Literal["", "todo", "doing", "done"]
LinkKind = Literal["blocks", "relates", "duplicates", "causes", "clones"]
SprintState = Literal["future", "active", "closed"]


class Person(Struct, kw_only=True, omit_defaults=True):
    """Somebody whom the file names; `key` is what the rest of the file calls them by."""

    key: str
    name: str = ""
    email: str = ""
    username: str = ""
    active: bool = True


class Project(Struct, kw_only=True, omit_defaults=True):
    """A project, board or repository of the other program, and the colours of its labels."""

    key: str
    name: str = ""
    description: str = ""
    url: str = ""
    labels: dict[str, str] = {}


class Sprint(Struct, kw_only=True, omit_defaults=True):
    """A sprint of a project, as far as the file tells of it."""

    key: str
    name: str
    project: str = ""
    goal: str = ""
    state: SprintState = "future"
    starts: date | None = None
    ends: date | None = None
    completed: datetime | None = None


class Milestone(Struct, kw_only=True, omit_defaults=True):
    """A version or milestone of a project."""

    key: str
    name: str
    project: str = ""
    description: str = ""
    due: date | None = None
    closed: bool = False
    closed_on: date | None = None


class Comment(Struct, kw_only=True, omit_defaults=True):
    """What somebody said about an item, in Markdown."""

    key: str
    body: str
    author: str = ""
    at: datetime | None = None
    internal: bool = False


class Attachment(Struct, kw_only=True, omit_defaults=True):
    """A file at an item: where it is kept, or (in `held`) its bytes on this machine."""

    key: str
    name: str
    url: str = ""
    size: int = 0
    author: str = ""
    at: datetime | None = None
    held: str = ""


class Link(Struct, kw_only=True, omit_defaults=True):
    """That this item does something to another one; `out` is false when it suffers it."""

    kind: LinkKind
    to: str
    out: bool = True
    said: str = ""


class Tick(Struct, kw_only=True, omit_defaults=True):
    """One line of a checklist."""

    name: str
    done: bool = False
    assignee: str = ""
    due: date | None = None


class Checklist(Struct, kw_only=True, omit_defaults=True):
    """A list of things to tick off at an item."""

    key: str
    name: str
    items: list[Tick] = []


class Worklog(Struct, kw_only=True, omit_defaults=True):
    """Time that somebody spent on an item."""

    key: str
    seconds: int
    author: str = ""
    at: datetime | None = None
    text: str = ""


class Extra(Struct, kw_only=True, omit_defaults=True):
    """A value of a field that only the other program has."""

    name: str
    value: str
    kind: Literal["text", "number", "date", "choice", "url", "checkbox"] = "text"


class Item(Struct, kw_only=True, omit_defaults=True):
    """An issue, card or task of the other program."""

    key: str
    title: str
    project: str = ""
    code: str = ""
    url: str = ""
    description: str = ""
    type: str = ""
    status: str = ""
    stage: Stage = ""
    resolution: str = ""
    priority: str = ""
    assignee: str = ""
    assignees: list[str] = []
    reporter: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    resolved: datetime | None = None
    starts: date | None = None
    due: date | None = None
    labels: list[str] = []
    components: list[str] = []
    fixed_in: list[str] = []
    found_in: list[str] = []
    milestone: str = ""
    sprints: list[str] = []
    points: float | None = None
    estimate: int | None = None
    remaining: int | None = None
    spent: int | None = None
    parent: str = ""
    epic: str = ""
    environment: str = ""
    archived: bool = False
    rank: str = ""
    comments: list[Comment] = []
    attachments: list[Attachment] = []
    links: list[Link] = []
    checklists: list[Checklist] = []
    worklogs: list[Worklog] = []
    extras: list[Extra] = []
    votes: int = 0
    watchers: list[str] = []


class Alias(Struct, kw_only=True):
    """Another name by which the file speaks of an item: its number, its id."""

    name: str
    key: str


class Left(Struct, kw_only=True, omit_defaults=True):
    """Something of the file that is not taken along, and why."""

    what: str
    why: str
    count: int = 1
    example: str = ""


Record = Person | Project | Sprint | Milestone | Item | Left


class Thin(Struct, kw_only=True):
    """The parts of an item that speak of other items."""

    key: str
    project: str = ""
    type: str = ""
    parent: str = ""
    epic: str = ""
    links: list[Link] = []
    watchers: list[str] = []

    @property
    def speaks(self) -> bool:
        """Return whether it says anything about others."""
        return bool(self.parent or self.epic or self.links or self.watchers)


class Seen(Struct, kw_only=True):
    """A value that items of the file have, how often, and what it seems to mean."""

    name: str
    count: int = 0
    stage: Stage = ""


class SeenField(Struct, kw_only=True):
    """A field that only the other program has."""

    name: str
    kind: str = "text"
    count: int = 0
    values: list[str] = []


class SeenPerson(Person, kw_only=True, omit_defaults=True):
    """A person of the file, with how much speaks of them."""

    count: int = 0
    works: bool = False


class Sample(Struct, kw_only=True):
    """An item as the page shows it before anything is done."""

    key: str
    title: str
    type: str = ""
    status: str = ""
    assignee: str = ""
    comments: int = 0


COUNTS = (
    "items",
    "subtasks",
    "epics",
    "comments",
    "labels",
    "links",
    "attachments",
    "checklists",
    "ticks",
    "worklogs",
    "sprints",
    "milestones",
    "people",
)
SUMS = ("points", "estimate", "spent")


class Survey(Struct, kw_only=True):
    """A file that was read once: what is in it, before anybody decides what becomes of it."""

    source: str
    site: str = ""
    name: str = ""
    digest: str = ""
    total: int = 0
    linked: int = 0
    projects: list[Project] = []
    people: list[SeenPerson] = []
    sprints: list[Sprint] = []
    milestones: list[Milestone] = []
    labels: dict[str, list[str]] = {}
    colors: dict[str, dict[str, str]] = {}
    statuses: list[Seen] = []
    types: list[Seen] = []
    priorities: list[Seen] = []
    fields: list[SeenField] = []
    counts: dict[str, int] = {}
    sums: dict[str, Decimal] = {}
    left: list[Left] = []
    samples: list[Sample] = []
    archived: int = 0
    highest: dict[str, int] = {}
    speaks: list[str] = []

"""The ways to look at a resource: what a declaration says of each, and what follows from none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Look:
    """What every view has: its words on the tab, and its name in addresses."""

    title: str = ""
    kind: ClassVar[str] = ""
    icon: ClassVar[str] = "list"
    says: ClassVar[str] = ""


@dataclass(frozen=True, kw_only=True)
class Table(Look):
    """Rows and columns; `group` is the field whose values head groups of rows."""

    columns: tuple[str, ...] = ()
    group: str = ""
    kind: ClassVar[str] = "table"
    icon: ClassVar[str] = "table"
    says: ClassVar[str] = "Table"


@dataclass(frozen=True, kw_only=True)
class Board(Look):
    """Cards in columns: one column for each value of `by`, a choice or a reference.

    `order` is the number that keeps the cards' order, `lanes` the fields that may part the board
    into rows, `card` what a card shows, `total` the number that each column adds up. `verbs` says
    which verb a drop into a column runs; without one the field is set.
    """

    by: str
    order: str = ""
    lanes: tuple[str, ...] = ()
    card: tuple[str, ...] = ()
    total: str = ""
    verbs: Mapping[str, str] = field(default_factory=dict)
    kind: ClassVar[str] = "board"
    icon: ClassVar[str] = "layout-kanban"
    says: ClassVar[str] = "Board"


@dataclass(frozen=True, kw_only=True)
class Calendar(Look):
    """Records on their days, from `starts` to `ends`; either may be a date or an instant."""

    starts: str
    ends: str = ""
    kind: ClassVar[str] = "calendar"
    icon: ClassVar[str] = "calendar"
    says: ClassVar[str] = "Calendar"


@dataclass(frozen=True, kw_only=True)
class Timeline(Look):
    """Bars from `starts` to `ends` beside a list.

    `links` names the resource of dependencies with its fields of the earlier and of the later
    record: `("projects.task_dependency", "depends_on_id", "task_id")`. `progress` is a share that
    fills the bar.
    """

    starts: str
    ends: str
    links: tuple[str, str, str] | None = None
    progress: str = ""
    group: str = ""
    kind: ClassVar[str] = "timeline"
    icon: ClassVar[str] = "timeline"
    says: ClassVar[str] = "Timeline"


@dataclass(frozen=True, kw_only=True)
class Chart(Look):
    """Counts, sums or averages (`measure`, like `sum:story_points`) by one or two fields."""

    by: str = ""
    over: str = ""
    measure: str = "count"
    kind: ClassVar[str] = "chart"
    icon: ClassVar[str] = "chart-bar"
    says: ClassVar[str] = "Chart"


@dataclass(frozen=True, kw_only=True)
class Pivot(Look):
    """A table of a measure, by one field down and another across."""

    by: str = ""
    over: str = ""
    measure: str = "count"
    kind: ClassVar[str] = "pivot"
    icon: ClassVar[str] = "grid-dots"
    says: ClassVar[str] = "Pivot"


@dataclass(frozen=True, kw_only=True)
class Gallery(Look):
    """Pictures; `image` is a field with a picture's address, or nothing for the first file."""

    image: str = ""
    kind: ClassVar[str] = "gallery"
    icon: ClassVar[str] = "photo"
    says: ClassVar[str] = "Gallery"


View = Table | Board | Calendar | Timeline | Chart | Pivot | Gallery


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a room says about one record on a timeline.

    A `strong` one has a thick outline and its `sign` beside its name; `words` are read with it.
    `free` is the last day it may end on without harm, `planned` where it was to be.
    """

    words: str = ""
    sign: str = ""
    strong: bool = False
    free: date | None = None
    planned: tuple[date, date] | None = None


@dataclass(frozen=True, kw_only=True)
class Point:
    """A diamond on a day of a timeline, among the records that have this value in this field."""

    day: date
    title: str
    href: str
    words: str
    field: str
    value: int
    done: bool = False


@dataclass(frozen=True, kw_only=True)
class Toggle:
    """What may be switched in an address: its option, and the values with their words."""

    option: str
    title: str
    icon: str
    now: str
    values: tuple[tuple[str, str], ...]
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """What a room draws over the records of a timeline.

    `facts` are sentences under the heading. A record is moved with those that wait for it by the
    verb `move`; the address `preview` says which these are. Both speak of the fields `dates`.
    """

    marks: Mapping[int, Mark] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    toggles: tuple[Toggle, ...] = ()
    facts: tuple[str, ...] = ()
    dates: tuple[str, str] = ("", "")
    move: str = ""
    preview: str = ""

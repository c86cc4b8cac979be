"""The ways to look at a resource: what a declaration says of each, and what follows from none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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

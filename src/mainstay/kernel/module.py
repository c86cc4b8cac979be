"""Declarations a room is made of: resources, verbs, questions, and the card that lists them."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, overload

from msgspec import Struct

from mainstay.kernel.entity import Entity, Event
from mainstay.kernel.fields import snake, spoken
from mainstay.kernel.scope import Me, Scope
from mainstay.kernel.views import View

Run = Callable[..., Awaitable[Any]]
Allowed = Callable[..., str | None]


def sentence(text: str | None) -> str:
    """Return the first sentence of a docstring, without its line breaks."""
    first = (text or "").strip().split("\n\n")[0]
    return " ".join(first.split())


@dataclass(frozen=True)
class Action:
    """A verb: the only way a record changes beyond plain editing."""

    name: str
    run: Run
    entity: type[Entity] | None
    data: type[Struct] | None
    doc: str
    label: str
    icon: str
    danger: bool
    allowed: Allowed | None
    grant: str
    page: str = ""
    slow: bool = False
    quiet: bool = False

    async def __call__(self, *args: Any) -> Any:
        """Run the verb inside the unit of work that the context belongs to."""
        return await self.run(*args)

    def why_not(self, record: Entity, me: Me) -> str | None:
        """Return why the verb cannot run on a record now, for this person, or None."""
        if self.allowed is None:
            return None
        asks_who = len(inspect.signature(self.allowed).parameters) > 1
        return self.allowed(record, me) if asks_who else self.allowed(record)


@dataclass(frozen=True)
class Question:
    """A read-only function that answers what a filter cannot say."""

    name: str
    run: Run
    ask: type[Struct] | None
    answer: Any
    doc: str
    label: str
    grant: str
    slow: bool = False

    async def __call__(self, *args: Any) -> Any:
        """Ask it inside the read that the context belongs to."""
        return await self.run(*args)


@overload
def action(run: Run) -> Action: ...
@overload
def action(
    *,
    label: str = "",
    icon: str = "bolt",
    danger: bool = False,
    allowed: Allowed | None = None,
    grant: str = "",
    page: str = "",
    slow: bool = False,
    quiet: bool = False,
) -> Callable[[Run], Action]: ...


def action(  # noqa: PLR0913 - each is said where a verb is declared, by its name
    run: Run | None = None,
    *,
    label: str = "",
    icon: str = "bolt",
    danger: bool = False,
    allowed: Allowed | None = None,
    grant: str = "",
    page: str = "",
    slow: bool = False,
    quiet: bool = False,
) -> Action | Callable[[Run], Action]:
    """Declare a verb: `async def complete(ctx, task)` or `async def issue(ctx, item, data)`.

    `allowed(record)`, or `allowed(record, me)` where it matters who asks, returns why the verb
    cannot run on this record now, or None. `grant` names the permission's last part when it is
    not the verb's own name. `page` is where people decide on it, with the record's {id}, instead
    of a dialog. A `slow` one is kept off the event loop. A `quiet` one is for programs and for a
    room's own pages; no list offers it.
    """

    def declare(function: Run) -> Action:
        """Read the verb's signature: what it acts on and what it asks for."""
        kinds = [part.annotation for part in inspect.signature(function).parameters.values()][1:]
        entity = next((k for k in kinds if isinstance(k, type) and issubclass(k, Entity)), None)
        data = next((k for k in kinds if isinstance(k, type) and k is not entity), None)
        name = function.__name__
        doc = inspect.getdoc(function) or ""
        words = label or spoken(name)
        rest = (danger, allowed, grant or name, page, slow, quiet)
        return Action(name, function, entity, data, doc, words, icon, *rest)

    return declare(run) if run else declare


def question(
    *, label: str = "", grant: str = "read", slow: bool = False
) -> Callable[[Run], Question]:
    """Declare a question: `async def burndown(ctx, ask: BurndownAsk) -> Burndown`."""

    def declare(function: Run) -> Question:
        """Read the question's signature: what it asks for and what it answers."""
        signature = inspect.signature(function)
        kinds = [part.annotation for part in signature.parameters.values()][1:]
        doc = inspect.getdoc(function) or ""
        words = label or spoken(function.__name__)
        ask = kinds[0] if kinds else None
        answer = signature.return_annotation
        return Question(function.__name__, function, ask, answer, doc, words, grant, slow)

    return declare


@dataclass(frozen=True)
class Related:
    """A list on a record's page of the records that point to it."""

    resource: str
    by: str
    title: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """A slot on a record's page that a room fills itself: a template and what it is given.

    `load(ctx, entity)` returns the template's values, or None to show nothing. Without a title the
    template draws its own headings. `live` names the resources that it shows: the page is drawn
    anew when one of their records changes. Without the permission `grant` it is left out. `place`
    is main, side, or top: above all else in the main column, without its title.
    """

    title: str
    template: str
    load: Run
    place: str = "main"
    live: tuple[str, ...] = ()
    grant: str = ""


@dataclass(frozen=True)
class Wear:
    """What records may wear: a slot that a facet fills on the page of every such record.

    `load(ctx, noun, record_id)` returns the template's values, or None to show nothing; a value
    `count` stands beside the title. `place` is main, side or stream. In the stream the template is
    where something is said, and `entries(ctx, noun, record_id, before, limit)` returns what was
    said, newest first, each with its instant `at` and its `place` (its id; only those below
    `before` unless that is 0), drawn by the template `entry`. Without the permission `grant`
    the slot is left out.
    """

    name: str
    title: str
    template: str
    load: Run
    place: str = "main"
    order: int = 50
    entries: Run | None = None
    entry: str = ""
    grant: str = ""


@dataclass(frozen=True)
class Place:
    """A page to go to, with the words that lead there and what is said beside them."""

    href: str
    title: str
    icon: str = ""
    hint: str = ""
    id: int = 0


@dataclass(frozen=True)
class Offer:
    """Places that a person finds on every page: in the left rail, or in the command palette.

    `load(ctx)` returns them, as the person may see them now. In the rail they are drawn by
    `template`, and drawn anew when a record of the resource `live` changes.
    """

    name: str
    title: str
    load: Run
    rail: bool = False
    template: str = ""
    live: str = ""
    order: int = 50


@dataclass(frozen=True)
class Group:
    """Fields that belong together: a heading of a record's page and of its form."""

    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    """The field that says where a record stands, and the ways between its values.

    `move(before, after)` returns why a record may not go from one to the other, or None.
    """

    field: str
    move: Callable[[Any, Any], str | None]


@dataclass(frozen=True)
class Named:
    """A condition with a name: `is=overdue` stands for `query`, written as in an address."""

    name: str
    title: str
    query: str


@dataclass(frozen=True)
class Resource:
    """A noun as the workspace shows it: its address, what may be written, how it is seen.

    `create`, `update` and `delete` replace or precede the default verb. `after(ctx, changes)` runs
    at the end of every unit of work that changed such records, by whatever way (a verb, an edit,
    a restore, an undo, an import), to keep totals elsewhere or to refuse.

    `views` are the ways to look at it, the usual one first; fitting ones are found when none is
    declared. `wears` names the facets its records wear, `named` its conditions with a name. What
    is not `logged` leaves no history: what a person looked at, not what they did. `progress` marks
    runs of long work (with `state`, `done` and `total`): they show in the corner until they end.
    `flow` says which field tells where a record stands, and the ways between its values.
    `asks` are the fields that the form of a new record asks for, where all would be too many; the
    others are on its page. `groups` put fields under a heading; an empty one is folded.
    `derived` names kept totals: a room writes them beside the log, without a new version, and an
    undo never puts them back.
    """

    entity: type[Entity]
    path: str
    write: tuple[str, ...] = ()
    create_only: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    sort: str = "-id"
    scope: Scope | None = None
    actions: tuple[Action, ...] = ()
    verbs: tuple[str, ...] = ("create", "update", "delete", "restore")
    undo: bool = True
    create: Run | None = None
    update: Run | None = None
    delete: Run | None = None
    after: Run | None = None
    main: tuple[str, ...] = ()
    side: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    panels: tuple[Panel, ...] = ()
    filters: tuple[str, ...] = ()
    icon: str = "file"
    title: str = ""
    plural: str = ""
    parent: str = ""
    imports: tuple["ImportPreset", ...] = ()
    views: tuple[View, ...] = ()
    wears: tuple[str, ...] = ()
    named: tuple[Named, ...] = ()
    logged: bool = True
    progress: bool = False
    flow: Flow | None = None
    derived: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def name(self) -> str:
        """Return the noun's own name: task, time_entry."""
        return snake(self.entity.__name__)


@dataclass(frozen=True)
class ImportPreset:
    """A known file layout: which columns mark it, and how each row becomes a record.

    `convert` takes one row and the file's name and returns the values of the record; references
    may be given as natural keys (`project` = "BAM"), resolved by `lookups`.
    """

    name: str
    says: str
    marks: frozenset[str]
    convert: Callable[[Mapping[str, str], str], dict[str, Any]]
    key: tuple[str, ...]
    parents: Callable[[list[dict[str, Any]], str], list[tuple[str, dict[str, Any]]]]


@dataclass(frozen=True)
class Deed:
    """What a facet lets people do from the menu of every record and list that wears something.

    It opens the dialog at `path` with the record's address behind it; people without `grant` do
    not see it, nor does anybody where `setting` is off. A path with `{id}` in it is an address of
    its own, and only records of the resources named in `only` have such a deed.
    """

    label: str
    icon: str
    path: str
    grant: str
    setting: str = ""
    only: tuple[str, ...] = ()

    def opens(self, here: str, record_id: int = 0) -> str:
        """Return the dialog's address for a record or a list."""
        own = "{id}" in self.path
        return self.path.replace("{id}", str(record_id)) if own else f"{self.path}{here}"


@dataclass(frozen=True)
class Menu:
    """The room's entries in the left rail, under a title that several rooms may share.

    A `folded` one is closed until somebody is on one of its pages: what is set up once.
    """

    title: str
    icon: str
    items: tuple[str, ...]
    order: int = 50
    folded: bool = False


@dataclass(frozen=True)
class Page:
    """An extra page that a room adds, drawn by a template from a question or a route."""

    path: str
    title: str
    icon: str
    template: str
    load: Run
    grant: str = ""
    slow: bool = False


@dataclass(frozen=True)
class Module:
    """The card of a room: everything it adds to the house.

    `guard(ctx, changes)` runs at the end of every unit of work, whatever was changed in it, to
    refuse or to keep something beside; facets use it, rooms have `after` on their resources.
    `person(ctx, user_id)` returns who somebody is now, or None when they may no longer sign in;
    `people(ctx, ids)` returns all of those who may, each with their own grants.
    `fields(ctx)` returns the fields that the workspace adds to resources (`noun.Added`), and is
    asked again after each change of a record of this room.
    `shelf(workspace, me, noun)` returns the saved views of a list, as delivery's `Shelf`.
    `panels` fill slots on the pages of lower rooms' records, by the key of their resource.
    `verbs` are verbs on lower rooms' records, and `overlays` what stands over their timelines:
    `load(ctx, noun, ids, options)` returns a `views.Overlay` for the records that are shown.
    """

    name: str
    doc: str
    depends: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    questions: tuple[Question, ...] = ()
    pages: tuple[Page, ...] = ()
    menu: Menu | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    on: Mapping[type[Event], Run] = field(default_factory=dict)
    jobs: Mapping[str, Run] = field(default_factory=dict)
    every: Mapping[str, int] = field(default_factory=dict)
    seed: Run | None = None
    demo: Run | None = None
    permissions: tuple[str, ...] = ()
    wears: tuple[Wear, ...] = ()
    offers: tuple[Offer, ...] = ()
    guard: Run | None = None
    deeds: tuple[Deed, ...] = ()
    person: Run | None = None
    people: Run | None = None
    shelf: Run | None = None
    fields: Run | None = None
    panels: Mapping[str, tuple[Panel, ...]] = field(default_factory=dict)
    verbs: Mapping[str, tuple[Action, ...]] = field(default_factory=dict)
    overlays: Mapping[str, Run] = field(default_factory=dict)

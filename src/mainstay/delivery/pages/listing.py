"""What every view of a list is given: the resource, the reader, the query and the options."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qsl

from mainstay.delivery.cells import PRIORITIES, STATES, Look
from mainstay.delivery.pages.common import Rq
from mainstay.delivery.pages.filters import OPTIONS, OWN, Pairs, conditions
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.kernel.fields import Choice, Day, Instant
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import NotFound
from mainstay.kernel.views import Board, Calendar, Chart, Pivot, Table, Timeline, View
from mainstay.kernel.workspace import Workspace

# What is about one visit, not about the way to look at the list.
PASSING = (*OWN, "v", "at", "open", "cell")
REMEMBERED = frozenset({"sort", *OPTIONS} - {*PASSING})
NONE = "none"


@dataclass(frozen=True)
class Saved:
    """A view that somebody has saved; `mine` says whether this person may change it."""

    id: int
    title: str
    query: str
    shared: bool = False
    icon: str = ""
    usual: bool = False
    usual_for_all: bool = False
    mine: bool = False


@dataclass(frozen=True)
class Shelf:
    """The saved views of a list, and how this person last looked at it.

    A facet fills it (`Module.shelf`); without one there are no saved views. `keeps` and `shares`
    say whether the person may save views for themselves and for everyone, `api` and `remember`
    where the browser sends them.
    """

    views: tuple[Saved, ...] = ()
    memory: str = ""
    keeps: bool = False
    shares: bool = False
    api: str = ""
    remember: str = ""


@dataclass(frozen=True)
class Listing:
    """One request for a list: whose, of what, in which view."""

    request: Rq
    noun: Noun
    look: Look
    ws: Workspace
    pairs: Pairs
    views: tuple[View, ...]
    view: View
    shelf: Shelf = field(default_factory=Shelf)
    saved: Saved | None = None

    @cached_property
    def said(self) -> dict[str, str]:
        """Return the address's values by name."""
        return dict(self.pairs)

    @cached_property
    def asked(self) -> Pairs:
        """Return the part of the address that is the API's query: filters, words, order, page."""
        known = ("fields", "include", *OPTIONS)
        return [p for p in self.pairs if p[0] not in known]

    @cached_property
    def kept(self) -> Pairs:
        """Return the address without a page's place: what a link to another view keeps."""
        return [p for p in self.pairs if p[0] not in OWN]

    @property
    def binned(self) -> bool:
        """Return whether the bin is shown."""
        return self.said.get("deleted") == "only"

    @property
    def filtered(self) -> bool:
        """Return whether fewer than all records are asked for."""
        return bool(conditions(self.asked) or self.said.get("q"))

    @property
    def adding(self) -> str:
        """Return the page that adds a field to this resource, for those who may define one."""
        known = self.look.registry.nouns.values()
        other = next((one for one in known if one.module.fields), None)
        may = other is not None and self.look.me.can(other.permission("create"))
        if other is None or not may or not self.noun.extensible:
            return ""
        return f"/{other.path}/new" + query([("entity", self.noun.key), ("next", self.plain)])

    @property
    def plain(self) -> str:
        """Return the list's address."""
        return f"/{self.noun.path}"

    def option(self, name: str, otherwise: str = "") -> str:
        """Return one of the view's options, or what the declaration says."""
        return self.said.get(name) or otherwise

    def href(self, **changes: Any) -> str:
        """Return the address of this list with some values changed, or taken away when None."""
        return self.plain + query(self.kept, **changes)

    @property
    def group(self) -> str:
        """Return the field that heads groups: the address's, else the declared one."""
        said = self.option("group_by", getattr(self.view, "group", ""))
        return "" if said == NONE else said

    @property
    def density(self) -> str:
        """Return how close the rows stand."""
        return "compact" if self.said.get("density") == "compact" else "comfortable"

    @cached_property
    def way(self) -> str:
        """Return the way the list is looked at, as a saved view keeps it."""
        return query(settled(self.pairs, self.view.kind))[1:]

    @property
    def changed(self) -> bool:
        """Return whether the saved view was changed since it was opened."""
        if self.saved is None:
            return False
        was = settled(parse_qsl(self.saved.query), self.views[0].kind)
        return sorted(was) != sorted(settled(self.pairs, self.view.kind))

    @property
    def address(self) -> str:
        """Return the address that shows just this: short for a saved view as it was saved."""
        if self.saved is not None and not self.changed:
            here = [p for p in self.pairs if p[0] in ("v", "at", "open")]
            return self.plain + query(here)
        return self.plain + query(self.kept)

    @property
    def unfiltered(self) -> str:
        """Return the address with the same view and without any condition."""
        kept = {*OPTIONS, "sort"} - {"v"}
        return self.plain + query([p for p in self.kept if p[0] in kept])


def settled(pairs: Pairs, kind: str) -> Pairs:
    """Return what a saved view keeps of an address: all but the place, and always its kind."""
    kept = [p for p in pairs if p[0] not in (*PASSING, "view") and p[1] != ""]
    return [("view", dict(pairs).get("view") or kind), *kept]


def opened(pairs: Pairs, shelf: Shelf, kinds: tuple[str, ...]) -> tuple[Pairs, Saved | None]:
    """Return the whole query behind an address, and the saved view that it opens.

    An address that names its view is complete. One with `v` otherwise takes over what it does not
    say itself; a bare one opens the usual view, or what is remembered.
    """
    said = dict(pairs)
    asked = {name for name in said if name not in PASSING}
    saved = _named(said.get("v", ""), shelf)
    if saved is None and not asked:
        usual = [v for v in shelf.views if v.usual] or [v for v in shelf.views if v.usual_for_all]
        saved = next(iter(usual), None)
    below: Pairs = []
    if saved is not None and "view" not in said:
        below = [p for p in parse_qsl(saved.query) if p[0] not in (*asked, *PASSING)]
        pairs = [("v", str(saved.id)), *(p for p in pairs if p[0] != "v")]
    elif saved is None and not asked:
        below = [p for p in parse_qsl(shelf.memory) if p[0] in REMEMBERED]
    whole = [*pairs, *below]
    if (below and dict(whole).get("view") not in kinds) or "view" not in dict(whole):
        whole = [("view", kinds[0]), *(p for p in whole if p[0] != "view")]
    return whole, saved


def _named(text: str, shelf: Shelf) -> Saved | None:
    if not text:
        return None
    found = next((one for one in shelf.views if str(one.id) == text), None)
    if found is None:
        raise NotFound(_("There is no such view, or it is not shared with you."))
    return found


async def shelf_of(ws: Workspace, look: Look, noun: Noun) -> Shelf:
    """Return the saved views of a list, from the facet that keeps them."""
    for module in ws.registry.modules.values():
        if module.shelf is not None:
            found: Shelf = await module.shelf(ws, look.me, noun)
            return found
    return Shelf()


@lru_cache(maxsize=1024)
def views_of(noun: Noun) -> tuple[View, ...]:
    """Return a resource's views: the declared ones, or those that fit its fields."""
    if noun.resource.views:
        return noun.resource.views
    own = {n: f.kind for n, f in noun.fields.items() if n in noun.resource.write}
    states = [n for n, k in own.items() if isinstance(k, Choice) and _parts(n, k)]
    days = [n for n, k in own.items() if isinstance(k, (Day, Instant))]
    found: list[View] = [Table()]
    if states:
        found.append(Board(by=states[0], lanes=tuple(states[1:3])))
    if days:
        starts = next((d for d in days if "start" in d or "begin" in d), days[0])
        ends = next((d for d in days if d != starts and ("end" in d or "due" in d)), "")
        found.append(Calendar(starts=starts, ends=ends))
        if ends:
            found.append(Timeline(starts=starts, ends=ends))
    choices = [n for n, f in noun.columns.items() if isinstance(f.kind, Choice)]
    by = next(iter((*states, *choices, *(n for n in noun.refs if n in own))), "")
    if by:
        found += [Chart(by=by), Pivot(by=by)]
    return tuple(found)


def _parts(name: str, kind: Choice) -> bool:
    """Return whether a choice tells where a record stands, so that it makes columns."""
    return any(word in name for word in STATES) or set(kind.values) <= PRIORITIES

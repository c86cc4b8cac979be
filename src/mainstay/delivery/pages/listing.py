"""What every view of a list is given: the resource, the reader, the query and the options."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from mainstay.delivery.cells import PRIORITIES, STATES, Look
from mainstay.delivery.pages.common import Rq
from mainstay.delivery.pages.filters import OWN, Pairs, conditions
from mainstay.delivery.render import query
from mainstay.kernel.fields import Choice, Day, Instant
from mainstay.kernel.noun import Noun
from mainstay.kernel.views import Board, Calendar, Chart, Pivot, Table, Timeline, View
from mainstay.kernel.workspace import Workspace

# What an address says of the view, beside the query that the API knows too.
OPTIONS = (
    "view",
    "v",
    "columns",
    "widths",
    "group_by",
    "column_by",
    "lane_by",
    "starts_on",
    "ends_on",
    "at",
    "zoom",
    "chart_by",
    "chart_over",
    "measure",
    "chart_as",
    "open",
)


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
    def plain(self) -> str:
        """Return the list's address."""
        return f"/{self.noun.path}"

    def option(self, name: str, otherwise: str = "") -> str:
        """Return one of the view's options, or what the declaration says."""
        return self.said.get(name) or otherwise

    def href(self, **changes: Any) -> str:
        """Return the address of this list with some values changed, or taken away when None."""
        return self.plain + query(self.kept, **changes)


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

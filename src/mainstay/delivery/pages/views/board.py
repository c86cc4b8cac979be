"""The board: cards in columns, perhaps in lanes, each column a page of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from markupsafe import Markup, escape

from mainstay.delivery.cells import as_row, drawer, full_title_of, linked
from mainstay.delivery.forms import live_only
from mainstay.delivery.pages.common import asking, renderer, visible
from mainstay.delivery.pages.edits import creatable
from mainstay.delivery.pages.filters import OWN, Pairs
from mainstay.delivery.pages.listing import Listing
from mainstay.delivery.pages.tables import may, unlinked
from mainstay.delivery.pages.views import cards
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.kernel.fields import Choice, Ref, spoken
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Malformed
from mainstay.kernel.scope import Me
from mainstay.kernel.views import Board

SHOWN, MOST_SHOWN = 40, 400
MOST_COLUMNS, MOST_LANES = 40, 60
OFFERED = 100
EMPTY = "none"
LIMITS = "views.column_limit"
# Over and out of the way: these columns begin folded.
PUT_AWAY = frozenset({"cancelled", "archived", "rejected", "expired", "inactive"})


@dataclass(frozen=True)
class Slot:
    """A value that cards stand under: a column's or a lane's."""

    key: str
    label: str
    name: Markup
    value: str

    @property
    def known(self) -> Any:
        """Return the value itself."""
        return msgspec.json.decode(self.value)


@dataclass(frozen=True)
class Limit:
    """How many records a column may hold, and how many it holds."""

    id: int
    version: int
    most: int
    held: int

    @property
    def full(self) -> bool:
        """Return whether no more may come in."""
        return self.held >= self.most


@dataclass(frozen=True)
class Cell:
    """The cards of a column, or of a column in one lane."""

    key: str
    column: Slot
    lane: Slot | None
    count: int
    cards: list[Markup]
    more: str


@dataclass(frozen=True)
class Head:
    """What stands above a column."""

    slot: Slot
    count: int
    total: Markup
    folded: bool
    verb: str
    asks: bool
    limit: Limit | None
    fold: str
    table: str
    add: str


@dataclass(frozen=True)
class Lane:
    """One row of a board; a board without lanes has one, without a name."""

    slot: Slot | None
    count: int
    cells: list[Cell]


@dataclass(frozen=True)
class Plan:
    """What an address asks of a board."""

    listing: Listing
    by: str
    lane: str
    order: str
    sort: str
    card: cards.Card
    board: Board

    @property
    def names(self) -> list[str]:
        """Return the fields that are read of every card."""
        own = [*self.card.names, self.by, *([self.lane] if self.lane else [])]
        return list(dict.fromkeys(own))

    @property
    def asked(self) -> Pairs:
        """Return the conditions that every column shares."""
        return [p for p in self.listing.asked if p[0] not in (*OWN, "sort")]


async def draw(listing: Listing) -> Any:
    """Draw the board, or the next cards of one column when only these were asked for."""
    plan = plan_of(listing)
    cell = listing.said.get("cell", "")
    if cell:
        return await more(plan, cell)
    noun, me = listing.noun, listing.look.me
    groups = await counted(plan)
    columns = columns_of(plan, groups)
    folded = folded_of(listing, columns)
    lanes = lanes_of(plan, groups) if plan.lane else [None]
    loaded = {}
    for slot in columns:
        if slot.key not in folded:
            loaded[slot.key] = await page_of(plan, slot)
    drawn = [lane_of(plan, lane, columns, loaded, groups) for lane in lanes]
    limits = await limits_of(plan, columns)
    heads = [head_of(plan, slot, groups, folded, columns, limits) for slot in columns]
    count = sum(group.count for group in groups)
    return {
        "any": bool(count),
        "count": str(count),
        "heads": heads,
        "lanes": drawn,
        "plan": plan,
        "adding": await adding(plan) if may(noun, me).create else None,
        "limited": limits is not None and me.can(f"{LIMITS}.create"),
        "within": within_of(plan) or "",
        "by_label": _(noun.fields[plan.by].label),
        "lane_label": _(noun.fields[plan.lane].label) if plan.lane else "",
        "column_fields": slots_of(noun, me),
        "movable": movable(noun, me, plan.by),
        "lane_movable": bool(plan.lane) and plan.lane in noun.resource.write,
        "topics": f"{noun.key},{LIMITS}" if limits is not None else noun.key,
    }


def plan_of(listing: Listing) -> Plan:
    """Read a board's address: its columns, its lanes, its order."""
    board, noun, me = listing.view, listing.noun, listing.look.me
    assert isinstance(board, Board)
    known = slots_of(noun, me)
    by = listing.option("column_by", board.by)
    lane = listing.said.get("lane_by", "")
    lane = "" if lane in (EMPTY, by) else lane
    for name, value in (("column_by", by), ("lane_by", lane)):
        if value and value not in known:
            raise Malformed(f"{name}: {value!r} makes no columns. Known: {', '.join(known)}.")
    sort = listing.said.get("sort", "")
    order = "" if sort or board.order not in visible(noun, me) else board.order
    sort = order or sort or noun.resource.sort
    card = cards.card_of(noun, me, board.card, (by, lane))
    return Plan(listing, by, lane, order, sort, card, board)


def slots_of(noun: Noun, me: Me) -> dict[str, str]:
    """Return the fields that may make columns or lanes, with their labels."""
    seen, found = visible(noun, me), {}
    for name in (*noun.resource.write, *noun.resource.create_only, *noun.columns):
        item = noun.fields[name]
        kept = name.endswith("_by")
        if name in seen and not kept and isinstance(item.kind, (Choice, Ref)):
            found[name] = _(item.label)
    return found


def movable(noun: Noun, me: Me, by: str) -> bool:
    """Return whether a person may drag cards from column to column, or at least into order."""
    return "update" in noun.resource.verbs and me.can(noun.permission("update"))


@dataclass(frozen=True)
class Group:
    """How many cards stand under a column's value and a lane's, and their total."""

    column: Any
    lane: Any
    beside: tuple[Any, Any]
    count: int
    total: Any


async def counted(plan: Plan) -> list[Group]:
    """Count the cards of every column and lane, and add up the total, in one statement."""
    listing, lane = plan.listing, plan.lane
    noun, me = listing.noun, listing.look.me
    total = plan.board.total if plan.board.total in visible(noun, me) else ""
    measure = f"count,sum:{total}" if total else "count"
    wanted = [*plan.asked, ("by", f"{plan.by},{lane}" if lane else plan.by), ("measure", measure)]
    found = await listing.ws.summary(me, noun.key, wanted)
    return [
        Group(
            row.key[0],
            row.key[1] if lane else None,
            (row.beside[0], row.beside[1] if lane else None),
            row.values[0],
            row.values[1] if total else None,
        )
        for row in found.rows
    ]


def columns_of(plan: Plan, groups: Sequence[Group]) -> list[Slot]:
    """Return the columns: every value of a choice, or the records that are referred to."""
    noun = plan.listing.noun
    only, never = limited_to(plan.listing, plan.by)
    kind = noun.fields[plan.by].kind
    found = [(group.column, group.beside[0], group.count) for group in groups]
    if isinstance(kind, Choice):
        found = [(value, None, 0) for value in kind.values]
        if any(group.column is None for group in groups):
            found.append((None, None, 0))
    slots = {key_of(value): slot(plan, plan.by, value, beside) for value, beside, _n in found}
    if isinstance(kind, Ref) and noun.fields[plan.by].optional:
        slots.setdefault(EMPTY, slot(plan, plan.by, None, None))
    shown = [s for key, s in slots.items() if key not in never and (not only or key in only)]
    if len(shown) > MOST_COLUMNS:
        size: dict[str, int] = {}
        for group in groups:
            size[key_of(group.column)] = size.get(key_of(group.column), 0) + group.count
        kept = sorted(shown, key=lambda s: -size.get(s.key, 0))[:MOST_COLUMNS]
        shown = [s for s in shown if s in kept]
    return shown


def lanes_of(plan: Plan, groups: Sequence[Group]) -> list[Slot | None]:
    """Return the lanes that hold cards, in their natural order, the empty value last."""
    kind = plan.listing.noun.fields[plan.lane].kind
    found = {key_of(g.lane): (g.lane, g.beside[1]) for g in groups}
    slots = {key: slot(plan, plan.lane, value, one) for key, (value, one) in found.items()}
    values = kind.values if isinstance(kind, Choice) else ()
    # What matters most stands on top.
    values = values[::-1] if isinstance(kind, Choice) and kind.ordered else values
    places = {value: number for number, value in enumerate(values)}

    def place(one: Slot) -> tuple[bool, int, str]:
        """Order choices by their place and records by their words."""
        return (one.key == EMPTY, places.get(one.key, 0), one.label.casefold())

    ordered: list[Slot | None] = [*sorted(slots.values(), key=place)]
    return ordered[:MOST_LANES]


def key_of(value: Any) -> str:
    """Return how addresses and elements name a column's value."""
    return EMPTY if value is None else str(value)


def slot(plan: Plan, name: str, value: Any, beside: Any) -> Slot:
    """Return a value with its words."""
    noun, look = plan.listing.noun, plan.listing.look
    item = noun.fields[name]
    label, html = key_of(value), Markup()
    if value is None:
        label = _("No %(thing)s") % {"thing": _(item.label).lower()}
        html = escape(label)
    elif isinstance(item.kind, Choice):
        label = _(spoken(value))
        html = Markup(drawer(noun, name)(value, {}, look))  # noqa: S704 - drawn by cells
    elif isinstance(item.kind, Ref) and beside is not None:
        target = look.target(item.kind)
        label = full_title_of(target, beside)
        html = Markup(unlinked(linked(target, beside, look)))  # noqa: S704 - drawn by cells
    else:
        label = _("Not visible to you")
        html = escape(label)
    return Slot(key_of(value), label, html, msgspec.json.encode(value).decode())


def limited_to(listing: Listing, by: str) -> tuple[set[str], set[str]]:
    """Return which columns the filter leaves, if it names any, and which it takes away."""
    named = {one.name: one.query for one in listing.noun.resource.named}
    pairs = list(listing.asked)
    for name, value in listing.asked:
        if name == "is":
            pairs += [p for one in value.split(",") for p in parse_qsl(named.get(one, ""))]
    only: set[str] = set()
    never: set[str] = set()
    for name, value in pairs:
        if name in (by, f"{by}__in"):
            parts = {str(listing.look.me.id) if v == "me" else v for v in value.split(",")}
            only = only & parts if only else parts
        elif name == f"{by}__ne":
            never |= set(value.split(","))
    return only, never


def folded_of(listing: Listing, columns: Iterable[Slot]) -> set[str]:
    """Return the folded columns: those of the address, or the ones that are out of the way."""
    if "folded" in listing.said:
        return set(listing.said["folded"].split(","))
    return {one.key for one in columns if one.key in PUT_AWAY}


def within(plan: Plan, name: str, one: Slot) -> tuple[str, str]:
    """Return the condition of standing under a value."""
    value = one.known
    return (f"{name}__isnull", "true") if value is None else (name, str(value))


def shown_of(plan: Plan) -> dict[str, int]:
    """Return how many cards each column shows already, when the page reads itself again."""
    found = {}
    for part in plan.listing.request.headers.get("X-Shown", "")[:2000].split(","):
        key, _colon, count = part.rpartition(":")
        if count.isdecimal() and len(count) < 5:
            found[key] = min(max(int(count), SHOWN), MOST_SHOWN)
    return found


async def page_of(plan: Plan, one: Slot) -> tuple[list[Any], str | None]:
    """Read the first cards of a column."""
    limit = shown_of(plan).get(one.key, SHOWN)
    return await read(plan, [within(plan, plan.by, one)], limit)


async def read(
    plan: Plan, more_: Pairs, limit: int, cursor: str = ""
) -> tuple[list[Any], str | None]:
    """Read cards in the board's order; return them and where the next ones begin."""
    listing = plan.listing
    pairs = [*plan.asked, *more_, ("sort", plan.sort), ("limit", str(limit))]
    pairs += [("cursor", cursor)] if cursor else []
    wanted = [*pairs, *asking(listing.noun, plan.names)]
    page = await listing.ws.page(listing.look.me, listing.noun.key, wanted)
    return [as_row(item) for item in page.items], page.next


def lane_of(
    plan: Plan,
    lane: Slot | None,
    columns: Sequence[Slot],
    loaded: Mapping[str, tuple[list[Any], str | None]],
    groups: Sequence[Group],
) -> Lane:
    """Draw one lane: the cards of each column that belong into it."""
    cells = []
    sizes: dict[str, int] = {}
    for group in groups:
        if lane is None or key_of(group.lane) == lane.key:
            sizes[key_of(group.column)] = sizes.get(key_of(group.column), 0) + group.count
    for one in columns:
        rows, onward = loaded.get(one.key, ([], None))
        own = rows if lane is None else [r for r in rows if key_of(r.get(plan.lane)) == lane.key]
        count = sizes.get(one.key, 0)
        key = one.key if lane is None else f"{one.key}~{lane.key}"
        left = onward if count > len(own) else None
        more_ = plan.listing.href(cell=key, cursor=left) if left else ""
        drawn = cards.draw(plan.listing.noun, plan.card, own, plan.listing.look)
        cells.append(Cell(key, one, lane, count, drawn, more_))
    return Lane(lane, sum(sizes.values()), cells)


async def more(plan: Plan, cell: str) -> Any:
    """Answer the next cards of one column, or of one lane in it."""
    listing = plan.listing
    column, split, lane = cell.partition("~")
    chosen = [condition(plan.listing.noun, plan.by, column)]
    if split and plan.lane:
        chosen.append(condition(plan.listing.noun, plan.lane, lane))
    cursor = listing.said.get("cursor", "")
    rows, onward = await read(plan, chosen, SHOWN, cursor)
    shown = {
        "cards": cards.draw(listing.noun, plan.card, rows, listing.look),
        "key": cell,
        "more": listing.href(cell=cell, cursor=onward) if onward else "",
    }
    drawing = renderer(listing.request)
    html = drawing.text(listing.request, "views/_board_cards.html", **shown)
    return drawing.answer(listing.request, html)


def condition(noun: Noun, name: str, key: str) -> tuple[str, str]:
    """Return the condition that a column's name in an address stands for."""
    return (f"{name}__isnull", "true") if key == EMPTY else (name, key)


def head_of(
    plan: Plan,
    one: Slot,
    groups: Sequence[Group],
    folded: set[str],
    columns: Sequence[Slot],
    limits: Mapping[str, Limit] | None,
) -> Head:
    """Return what stands above a column: its name, numbers, and what can be done with it."""
    listing, noun, look = plan.listing, plan.listing.noun, plan.listing.look
    own = [group for group in groups if key_of(group.column) == one.key]
    totals = [group.total for group in own if group.total is not None]
    total = Markup()
    if totals:
        drawn = drawer(noun, plan.board.total)(sum(totals), {}, look)
        total = Markup(drawn)  # noqa: S704 - drawn by cells
    verb = plan.board.verbs.get(one.key, "") if plan.by == plan.board.by else ""
    action = noun.actions.get(verb)
    turned = folded ^ {one.key}
    kept = [s.key for s in columns if s.key in turned] or ["-"]
    name, value = condition(noun, plan.by, one.key)
    rest = {name: value, "view": "table", "column_by": None, "lane_by": None, "folded": None}
    preset = query([*presets(plan), *([] if value == "true" else [(name, value)])])
    return Head(
        one,
        sum(group.count for group in own),
        total,
        one.key in folded,
        verb,
        bool(action and action.data),
        (limits or {}).get(one.key),
        listing.href(folded=",".join(kept)),
        listing.href(**rest),
        f"/{noun.path}/new{preset}",
    )


def presets(plan: Plan) -> Pairs:
    """Return the values that the filter gives to every card that is added here."""
    noun = plan.listing.noun
    names = {*noun.resource.write, *noun.resource.create_only} - {plan.by}
    found = []
    for name, value in plan.asked:
        if name in names and "," not in value and isinstance(noun.fields[name].kind, (Choice, Ref)):
            me = str(plan.listing.look.me.id or "")
            found.append((name, me if value == "me" else value))
    return found


@dataclass(frozen=True)
class Adding:
    """What a card that is added in place asks for beside its title."""

    lead: str
    label: str
    presets: str
    ask: str
    ask_label: str
    options: list[tuple[str, str]]
    whole: bool


async def adding(plan: Plan) -> Adding:
    """Return how a card is added: by its title alone, with one choice beside it, or by the form."""
    listing, lead = plan.listing, plan.card.lead
    noun, me = listing.noun, listing.look.me
    known = presets(plan)
    offered = creatable(noun)
    given = {lead, plan.by, plan.lane, *(name for name, _value in known)}
    missing = [n for n in offered if noun.fields[n].required and n not in given]
    options: list[tuple[str, str]] = []
    if len(missing) == 1 and isinstance(kind := noun.fields[missing[0]].kind, Ref):
        target = listing.ws.registry.nouns[kind.target]
        if me.can(target.permission("read")):
            wanted = [("fields", ",".join(target.brief)), ("limit", str(OFFERED))]
            page = await listing.ws.page(me, target.key, [*wanted, *live_only(target)])
            options = [(str(row.id), full_title_of(target, row)) for row in page.items]
    ask = missing[0] if options else ""
    label = _(noun.fields[ask].label) if ask else ""
    possible = lead in offered and plan.by in offered and len(missing) == bool(options)
    packed = msgspec.json.encode(dict(known)).decode()
    words = _(noun.fields[lead].label)
    return Adding(lead, words, packed, ask, label, options, not possible)


def within_of(plan: Plan) -> int | None:
    """Return the parent (a project) that the filter keeps to, for limits that count in it."""
    parent = plan.listing.noun.resource.parent
    value = plan.listing.said.get(parent, "") if parent else ""
    return int(value) if value.isdecimal() and len(value) < 19 else None


async def limits_of(plan: Plan, columns: Sequence[Slot]) -> dict[str, Limit] | None:
    """Return the limits of the columns, or None where this person sees none.

    A limit within the project that the board keeps to goes before one that counts everywhere.
    """
    listing, noun, me = plan.listing, plan.listing.noun, plan.listing.look.me
    if LIMITS not in listing.ws.registry.nouns or not me.can(f"{LIMITS}.read"):
        return None
    wanted = {"entity": noun.key, "field": plan.by, "limit": 500}
    found = await listing.ws.page(me, LIMITS, wanted)
    parent = within_of(plan)
    rows = [row for row in found.items if row.within_id in (None, parent)]
    rows.sort(key=lambda row: row.within_id is not None)
    chosen = {row.value: row for row in rows if row.value in {one.key for one in columns}}
    held = {
        inside: await held_in(plan, inside) for inside in {r.within_id for r in chosen.values()}
    }
    return {
        key: Limit(row.id, row.version, row.most, held[row.within_id].get(key, 0))
        for key, row in chosen.items()
    }


async def held_in(plan: Plan, parent: int | None) -> dict[str, int]:
    """Count what the columns hold for their limits, whatever else the board is filtered by."""
    listing, noun = plan.listing, plan.listing.noun
    wanted: Pairs = [("by", plan.by)]
    wanted += [(noun.resource.parent, str(parent))] if parent else []
    found = await listing.ws.summary(listing.look.me, noun.key, wanted)
    return {key_of(row.key[0]): row.values[0] for row in found.rows}

"""Records summed up by one or two fields: what charts and pivot tables show."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from litestar import Response

from mainstay.delivery import words
from mainstay.delivery.cells import SHAPE_OF, TONES, USUAL_TONES, as_day, as_row, full_title_of
from mainstay.delivery.formulas import guard
from mainstay.delivery.pages.common import visible
from mainstay.delivery.pages.filters import OPTIONS
from mainstay.delivery.pages.listing import Listing
from mainstay.delivery.pages.views.spans import DAY, SAID, said, zoom_of
from mainstay.delivery.render import query
from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import inside
from mainstay.kernel.fields import (
    Choice,
    Day,
    Dec,
    Field,
    Flag,
    Instant,
    Links,
    Real,
    Ref,
    Whole,
    spoken,
)
from mainstay.kernel.problems import Malformed

GROUPED = (Choice, Ref, Links, Flag, Day, Instant)
NUMBERS = (Whole, Real, Dec)
WIDTHS = ("day", "week", "month", "quarter", "year")
HOW = ("count", "sum", "avg", "min", "max")
USUAL_WIDTH = "month"
MOST_FILLED = 400
# What an address says of a chart, which a list of the records behind it does not need.
LEFT = frozenset({*OPTIONS, *SAID})
Pair = tuple[str, str]


@dataclass(frozen=True)
class Key:
    """One value of a field that records are grouped by, in words, and how to filter by it."""

    value: Any
    label: str
    tone: str
    where: tuple[Pair, ...]


@dataclass(frozen=True)
class Axis:
    """A field that records are grouped by, its values in their natural order."""

    field: Field
    width: str
    keys: tuple[Key, ...] = ()

    @property
    def name(self) -> str:
        """Return the field as an address names it."""
        return self.field.name

    @property
    def dated(self) -> bool:
        """Return whether its values are stretches of time."""
        return isinstance(self.field.kind, (Day, Instant))

    @property
    def asked(self) -> str:
        """Return the axis as the query language says it."""
        return f"{self.name}:{self.width}" if self.dated else self.name


@dataclass(frozen=True)
class Measured:
    """What is worked out of each group: a count, or a sum, average, least or most of a field."""

    how: str
    field: Field | None = None

    @property
    def asked(self) -> str:
        """Return the measure as the query language says it."""
        return f"{self.how}:{self.field.name}" if self.field else self.how

    @property
    def adds(self) -> bool:
        """Return whether the parts make up the whole, so that they may be stacked."""
        return self.how in ("count", "sum")

    def words(self, plural: str) -> str:
        """Return the measure in words."""
        name = inside(_(self.field.label)) if self.field else ""
        if self.how == "sum":
            return _("Sum of %(field)s") % {"field": name}
        if self.how == "avg":
            return _("Average of %(field)s") % {"field": name}
        if self.how == "min":
            return _("Least %(field)s") % {"field": name}
        if self.how == "max":
            return _("Most %(field)s") % {"field": name}
        return _("Number of %(things)s") % {"things": inside(plural)}


@dataclass
class Sums:
    """The groups of a list with what was measured of each; keys name their places."""

    by: Axis
    over: Axis | None
    measure: Measured
    cells: dict[tuple[Any, Any], Any] = field(default_factory=dict)
    rows: dict[Any, Any] = field(default_factory=dict)
    columns: dict[Any, Any] = field(default_factory=dict)
    total: Any = None
    more: bool = False

    @property
    def numeric(self) -> bool:
        """Return whether what is measured can be drawn as a length."""
        return self.measure.field is None or isinstance(self.measure.field.kind, NUMBERS)


def groupable(listing: Listing) -> list[Field]:
    """Return the fields that records can be grouped by: choices first, dates last."""
    noun = listing.noun
    seen = visible(noun, listing.look.me) | set(noun.custom)
    own = [f for n, f in noun.all_fields.items() if n in seen and isinstance(f.kind, GROUPED)]
    own = [f for f in own if not f.kind.secret and f.name not in ("deleted_at", "deleted_by")]
    order = (Choice, Flag, Ref, Links, Day, Instant)
    return sorted(own, key=lambda f: next(n for n, k in enumerate(order) if isinstance(f.kind, k)))


def measurable(listing: Listing) -> list[Field]:
    """Return the fields that can be added up."""
    noun = listing.noun
    seen = visible(noun, listing.look.me) | set(noun.custom)
    found = [f for n, f in noun.all_fields.items() if n in seen and isinstance(f.kind, NUMBERS)]
    plain = [f for f in found if not isinstance(f.kind, Ref) and not f.kind.secret]
    return [f for f in plain if f.name not in ("id", "version", "sort_order")]


def axes_of(listing: Listing) -> tuple[Axis, Axis | None]:
    """Return what the address groups by, or what is declared."""
    known = {f.name: f for f in groupable(listing)}
    view = listing.view
    by = _axis(listing, "chart_by", getattr(view, "by", "") or next(iter(known), ""), known)
    if by is None:
        raise Malformed(f"{listing.noun.plural} have no field to be grouped by.")
    # An address that names the one field and not the other means that there is no other.
    usual = "" if "chart_by" in listing.said else getattr(view, "over", "")
    over = _axis(listing, "chart_over", usual, known)
    return by, over if over and over.name != by.name else None


def _axis(listing: Listing, option: str, usual: str, known: dict[str, Field]) -> Axis | None:
    text = listing.option(option, usual)
    if text in ("", "none"):
        return None
    name, _colon, width = text.partition(":")
    item = known.get(name) or known.get(f"{name}_id")
    if item is None:
        names = ", ".join(known) or "none"
        raise Malformed(f"{option}={name[:40]} makes no groups. Known: {names}.")
    width = width or zoom_of(listing, WIDTHS, USUAL_WIDTH)
    if width not in WIDTHS:
        raise Malformed(f"{option}: {width[:20]} is no stretch of time. Known: {_list(WIDTHS)}.")
    return Axis(item, width)


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def measure_of(listing: Listing) -> Measured:
    """Return what the address measures, or what is declared."""
    text = listing.option("measure", getattr(listing.view, "measure", "") or "count")
    how, _colon, name = text.partition(":")
    if how not in HOW or (how == "count") == bool(name):
        raise Malformed(
            f"measure={text[:40]} is unknown. Write count, or sum, avg, min or max with a field, "
            "like sum:hours."
        )
    if not name:
        return Measured(how)
    known = {f.name: f for f in measurable(listing)}
    if name not in known:
        raise Malformed(f"measure: {name[:40]} is no number. Known: {_list(known) or 'none'}.")
    return Measured(how, known[name])


async def sums_of(listing: Listing) -> Sums:
    """Read the groups, and the totals along each side and of all, as the database works them out.

    Totals are not added up here: an average has none, and a record with two labels counts once.
    """
    by, over = axes_of(listing)
    sums = Sums(by, over, measure_of(listing))
    rows = await _read(listing, sums.measure, by)
    sums.by = _keyed(listing, by, [(line.key[0], line.beside[0]) for line in rows.rows])
    sums.rows = {_place(line.key[0]): line.values[0] for line in rows.rows}
    sums.more = rows.more
    whole = await _read(listing, sums.measure)
    sums.total = whole.rows[0].values[0] if whole.rows else None
    if over is None:
        return sums
    columns = await _read(listing, sums.measure, over)
    sums.over = _keyed(listing, over, [(line.key[0], line.beside[0]) for line in columns.rows])
    sums.columns = {_place(line.key[0]): line.values[0] for line in columns.rows}
    both = await _read(listing, sums.measure, by, over)
    for line in both.rows:
        sums.cells[_place(line.key[0]), _place(line.key[1])] = line.values[0]
    sums.more = sums.more or columns.more or both.more
    return sums


async def _read(listing: Listing, measure: Measured, *axes: Axis) -> Any:
    kept = [pair for pair in listing.asked if pair[0] not in SAID]
    by = ",".join(axis.asked for axis in axes)
    wanted = [*kept, *([("by", by)] if by else []), ("measure", measure.asked)]
    return await listing.ws.summary(listing.look.me, listing.noun.key, wanted)


def _place(value: Any) -> Any:
    """Return a group's value in a form that both engines share."""
    return value.isoformat() if isinstance(value, date) else value


def _keyed(listing: Listing, axis: Axis, found: Sequence[tuple[Any, Any]]) -> Axis:
    """Return the axis with its values in words."""
    keys = [_key(listing, axis, _place(value), beside) for value, beside in found]
    return replace(axis, keys=tuple(keys))


def _key(listing: Listing, axis: Axis, value: Any, beside: Any) -> Key:
    kind, name = axis.field.kind, axis.name
    if value is None:
        return Key(None, _("None"), "grey", ((f"{name}__isnull", "true"),))
    where: tuple[Pair, ...] = ((name, str(value)),)
    if isinstance(kind, Choice):
        return Key(value, _(spoken(str(value))), tone_of(kind, str(value)), where)
    if isinstance(kind, Flag):
        return Key(value, _("Yes") if value else _("No"), "", ((name, str(bool(value)).lower()),))
    if isinstance(kind, (Ref, Links)):
        if beside is None:
            return Key(value, _("Not visible to you"), "grey", where)
        return Key(value, full_title_of(listing.look.target(kind), as_row(beside)), "", where)
    first = as_day(value)
    last = end_of(first, axis.width)
    span = ((f"{name}__gte", first.isoformat()), (f"{name}__lte", last.isoformat()))
    return Key(value, _days(first, axis.width, listing.look.today), "", span)


def tone_of(kind: Choice, value: str) -> str:
    """Return the colour of a choice: the declared one, or what its meaning suggests."""
    color = dict(kind.colors).get(value, "")
    return TONES.get(color, color) or USUAL_TONES.get(SHAPE_OF.get(value, ""), "")


def end_of(first: date, width: str) -> date:
    """Return the last day of a stretch of time."""
    if width in ("day", "week"):
        return first + (6 if width == "week" else 0) * DAY
    months = {"month": 1, "quarter": 3, "year": 12}[width]
    for _n in range(months):
        first = (first + timedelta(31)).replace(day=1)
    return first - DAY


def _days(first: date, width: str, today: date) -> str:
    if width == "year":
        return str(first.year)
    if width == "quarter":
        return said("yQQQ", first)
    if width == "month":
        return said("yMMM", first)
    return said("MMMd" if first.year == today.year else "yMMMd", first)


def filled(listing: Listing, axis: Axis) -> Axis:
    """Return an axis of days without gaps: a month in which nothing was is shown as nothing."""
    known = [key for key in axis.keys if key.value is not None]
    if not axis.dated or len(known) < 2:
        return axis
    found: list[Key] = []
    day = as_day(known[0].value)
    by_value = {key.value: key for key in known}
    while day <= as_day(known[-1].value) and len(found) < MOST_FILLED:
        value = day.isoformat()
        found.append(by_value.get(value) or _key(listing, axis, value, None))
        day = end_of(day, axis.width) + DAY
    if len(found) >= MOST_FILLED:
        return axis
    return replace(axis, keys=(*found, *(key for key in axis.keys if key.value is None)))


# ---- in words ----


def shown(value: Any) -> str:
    """Return a measured value as the reader writes numbers."""
    if value is None:
        return ""
    if isinstance(value, (date, str)):
        return words.exact_day(as_day(value))
    return words.number(round(value, 2) if isinstance(value, float) else value)


def number_of(value: Any) -> float:
    """Return a measured value as a length."""
    return float(value) if isinstance(value, (int, float, Decimal)) else 0.0


def title_of_sums(listing: Listing, sums: Sums) -> str:
    """Return the answer in a sentence: how many there are, and where most of them are."""
    plural, total = inside(_(listing.noun.plural)), sums.total
    told = [(sums.rows[k.value], k) for k in sums.by.keys if k.value in sums.rows]
    measured = [(value, key) for value, key in told if value is not None]
    if sums.measure.field:
        name = sums.measure.words("")
        head = f"{name}: {shown(total)}" if total is not None else name
    else:
        count = words.ngettext("%(num)s record", "%(num)s records", total or 0)
        head = f"{shown(total)} {plural}" if total != 1 else count % {"num": 1}
    if not sums.numeric or not measured or len(measured) < 2:
        return head
    if sums.measure.how == "min":
        value, key = min(measured, key=lambda one: one[0])
        best = _("least %(what)s (%(value)s)")
    else:
        value, key = max(measured, key=lambda one: one[0])
        best = _("most %(what)s (%(value)s)")
    if key.value is None:
        what = _("without %(field)s") % {"field": inside(_(sums.by.field.label))}
    else:
        what = key.label
    return f"{head}, {best % {'what': what, 'value': shown(value)}}"


def definition_of(listing: Listing, sums: Sums) -> str:
    """Return what is shown, in a sentence."""
    measure = sums.measure.words(_(listing.noun.plural))
    by = inside(_(sums.by.field.label))
    if sums.over:
        both = {"measure": measure, "by": by, "over": inside(_(sums.over.field.label))}
        text = _("%(measure)s by %(by)s and %(over)s") % both
    else:
        text = _("%(measure)s by %(by)s") % {"measure": measure, "by": by}
    if listing.filtered:
        text = _("%(text)s, of those that match the filter") % {"text": text}
    return f"{text}."


def behind(listing: Listing, *keys: Key) -> str:
    """Return the address of the records behind a group."""
    kept = [pair for pair in listing.kept if pair[0] not in LEFT]
    where = [pair for key in keys for pair in key.where]
    return listing.plain + query([*kept, ("view", "table"), *where])


def settings_of(listing: Listing, sums: Sums) -> dict[str, Any]:
    """Return what the popover of settings offers."""
    both = [axis for axis in (sums.by, sums.over) if axis]
    return {
        "fields": groupable(listing),
        "numbers": measurable(listing),
        "hows": [
            ("sum", _("Sum")),
            ("avg", _("Average")),
            ("min", _("Least")),
            ("max", _("Most")),
        ],
        "widths": [
            ("day", _("Day")),
            ("week", _("Week")),
            ("month", _("Month")),
            ("quarter", _("Quarter")),
            ("year", _("Year")),
        ],
        "width": next((axis.width for axis in both if axis.dated), ""),
        "sums": sums,
        "as_csv": listing.href(chart_as="csv"),
    }


def sheet_of(listing: Listing, sums: Sums) -> Response[bytes]:
    """Return the sums as a CSV file, one line for each group, with totals."""
    out = io.StringIO()
    writer = csv.writer(out)
    over = sums.over.keys if sums.over else ()
    head = [_(sums.by.field.label), *(key.label for key in over)]
    writer.writerow([guard(text) for text in (*head, sums.measure.words(_(listing.noun.plural)))])
    for key in sums.by.keys:
        inner = [_raw(sums.cells.get((key.value, other.value))) for other in over]
        writer.writerow([guard(key.label), *inner, _raw(sums.rows.get(key.value))])
    ends = [_raw(sums.columns.get(key.value)) for key in over]
    writer.writerow([guard(_("Total")), *ends, _raw(sums.total)])
    name = f"{listing.noun.resource.path.rpartition('/')[2]}-{sums.by.name}.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return Response(
        b"\xef\xbb\xbf" + out.getvalue().encode(), media_type="text/csv", headers=headers
    )


def _raw(value: Any) -> str:
    return "" if value is None else str(value)

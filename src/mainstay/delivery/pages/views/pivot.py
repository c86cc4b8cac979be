"""The pivot table: a measure by one field down and another across, with totals on every side."""

from dataclasses import dataclass
from typing import Any

from mainstay.delivery.pages.listing import Listing
from mainstay.delivery.pages.views.sums import (
    Key,
    Sums,
    behind,
    definition_of,
    number_of,
    settings_of,
    sheet_of,
    shown,
    sums_of,
    title_of_sums,
)
from mainstay.delivery.words import exact_instant

HEAT = 5


@dataclass(frozen=True)
class Cell:
    """One number of the table, how strong it is among the others, and where it leads."""

    text: str
    heat: int
    href: str


@dataclass(frozen=True)
class Row:
    """One value down, its numbers across, and its total."""

    key: Key
    cells: list[Cell]
    total: str
    href: str


async def draw(listing: Listing) -> Any:
    """Draw the table that the address asks for, or hand it out as a file."""
    sums = await sums_of(listing)
    if listing.option("chart_as") == "csv":
        return sheet_of(listing, sums)
    across = sums.over.keys if sums.over else ()
    return {
        "title": title_of_sums(listing, sums),
        "definition": definition_of(listing, sums),
        "as_of": exact_instant(listing.look.now, listing.look.me.zone),
        "across": [
            (key, shown(sums.columns.get(key.value)), behind(listing, key)) for key in across
        ],
        "lines": rows_of(listing, sums),
        "total": shown(sums.total),
        "any": bool(sums.rows) or listing.filtered,
        **settings_of(listing, sums),
    }


def rows_of(listing: Listing, sums: Sums) -> list[Row]:
    """Return the table's lines; the strongest number of all is the measure of the others."""
    across = sums.over.keys if sums.over else ()
    numbers = [number_of(value) for value in sums.cells.values()]
    least, most = min(numbers, default=0.0), max(numbers, default=0.0)
    found = []
    for key in sums.by.keys:
        cells = []
        for other in across:
            value = sums.cells.get((key.value, other.value))
            href = behind(listing, key, other) if value is not None else ""
            cells.append(Cell(shown(value), heat_of(value, least, most), href))
        total = shown(sums.rows.get(key.value))
        found.append(Row(key, cells, total, behind(listing, key)))
    return found


def heat_of(value: Any, least: float, most: float) -> int:
    """Return how strong a number is, from 0 for none to 5 for the strongest."""
    number, low = number_of(value), min(0.0, least)
    if value is None or not number or most <= low:
        return 0
    return max(1, min(HEAT, round((number - low) / (most - low) * HEAT)))

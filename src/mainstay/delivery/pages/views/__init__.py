"""The ways to look at a list: each draws the same records in its own way.

`draw(listing)` returns what its template `views/<kind>.html` is given, or a whole answer when only
a part of the page was asked for.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from mainstay.delivery.pages.listing import Listing
from mainstay.delivery.pages.views import (
    board,
    calendar,
    chart,
    gallery,
    pivot,
    table,
    timeline,
)

Draw = Callable[[Listing], Awaitable[Any]]
DRAW: dict[str, Draw] = {
    "table": table.draw,
    "board": board.draw,
    "calendar": calendar.draw,
    "timeline": timeline.draw,
    "chart": chart.draw,
    "pivot": pivot.draw,
    "gallery": gallery.draw,
}

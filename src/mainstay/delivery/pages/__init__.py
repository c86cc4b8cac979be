"""The pages people use: every one of them derived from the rooms' declarations."""

from mainstay.delivery.pages import (
    edits,
    home,
    house,
    inline,
    lists,
    palette,
    quick,
    records,
    search,
    style,
)

ROUTES = [
    *lists.ROUTES,
    *records.ROUTES,
    *inline.ROUTES,
    *edits.ROUTES,
    *palette.ROUTES,
    *search.ROUTES,
    *quick.ROUTES,
    *style.ROUTES,
    *house.ROUTES,
    *home.ROUTES,
]

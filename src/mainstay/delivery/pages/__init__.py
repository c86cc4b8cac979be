"""The pages people use: every one of them derived from the rooms' declarations."""

from mainstay.delivery.pages import edits, house, lists, records

ROUTES = [*lists.ROUTES, *records.ROUTES, *edits.ROUTES, *house.ROUTES]

"""The card of places."""

import sqlalchemy as sa

from mainstay.facets.places.actions import keep_favourite
from mainstay.facets.places.api import favourites, recent
from mainstay.facets.places.entities import Favourite, Recent, Visit
from mainstay.kernel.module import Module, Offer, Resource
from mainstay.kernel.scope import Scope, Scoping


def _own(s: Scoping) -> sa.ColumnElement[bool]:
    return s.table.c.user_id == s.me


OWN = Scope(_own, "It is your own.")

MODULE = Module(
    "places",
    "What a person keeps at hand, and where they were lately.",
    depends=("identity",),
    resources=(
        Resource(
            Favourite,
            "places/favourites",
            write=("title", "icon", "sort_order"),
            create_only=("path",),
            columns=("title", "path"),
            brief=("title",),
            sort="sort_order",
            scope=OWN,
            create=keep_favourite,
            icon="star",
        ),
        Resource(
            Recent,
            "places/recent",
            brief=("entity",),
            verbs=(),
            sort="-seen_at",
            scope=OWN,
            logged=False,
        ),
        Resource(
            Visit,
            "places/visits",
            brief=("seen_at",),
            verbs=(),
            sort="-seen_at",
            scope=OWN,
            logged=False,
        ),
    ),
    offers=(
        Offer(
            "favourites",
            "Favourites",
            favourites,
            rail=True,
            template="places/_favourites.html",
            live="places.favourite",
            order=10,
        ),
        Offer("recent", "Recent", recent, order=20),
    ),
)

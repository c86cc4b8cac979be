"""Every view of every resource is drawn: well formed, nothing inline, no id twice."""

import pytest

from mainstay.app import registry
from mainstay.delivery.pages.lists import drawn_views
from tests.delivery.test_pages import tour, well_formed

__all__ = ["tour"]

KINDS = ("calendar", "timeline", "chart", "pivot")
PAIRS = [
    (key, view.kind)
    for key, noun in sorted(registry().nouns.items())
    for view in drawn_views(noun)
    if view.kind in KINDS
]
ZOOMS = {
    "calendar": ("month", "week", "agenda"),
    "timeline": ("day", "week", "month", "quarter"),
    "chart": ("week", "year"),
    "pivot": ("month",),
}


@pytest.mark.parametrize(("key", "kind"), PAIRS)
async def test_every_view_in_time_and_in_sum_is_drawn(tour, key, kind):
    client, samples = tour.client, tour.samples
    noun = samples.ws.registry.nouns[key]
    if "create" in noun.resource.verbs:
        await samples.record(noun)
    for zoom in ZOOMS[kind]:
        page = await client.get(f"/{noun.path}?view={kind}&zoom={zoom}&at=2026-12")
        assert page.status_code == 200, page.text
        well_formed(page)

"""The gallery: records by their pictures, or by a sign of their own where there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from mainstay.delivery.cells import PERSON, as_row, title_of
from mainstay.delivery.pages.common import asking, renderer, visible
from mainstay.delivery.pages.listing import Listing
from mainstay.delivery.pages.tables import count_of
from mainstay.delivery.pages.views import cards
from mainstay.delivery.render import hue, initials, query
from mainstay.kernel.views import Gallery

SHOWN = 48
FACTS = 3
FILES = "files.file"


@dataclass(frozen=True)
class Frame:
    """One record in the gallery."""

    id: int
    version: int
    title: str
    image: str
    letters: str
    hue: int
    round: bool
    facts: Markup


async def draw(listing: Listing) -> Any:
    """Draw the first pictures, or the next ones when only these were asked for."""
    noun, look, request, view = listing.noun, listing.look, listing.request, listing.view
    assert isinstance(view, Gallery)
    seen = visible(noun, look.me)
    image = view.image if view.image in seen else ""
    card = cards.card_of(noun, look.me, (), (image,) if image else ())
    names = [*card.names, *([image] if image else [])]
    limit = [] if "limit" in listing.said else [("limit", str(SHOWN))]
    page = await listing.ws.page(look.me, noun.key, [*listing.asked, *limit, *asking(noun, names)])
    rows = [as_row(item) for item in page.items]
    pictures = {} if image else await attached(listing, [row["id"] for row in rows])
    shown: dict[str, Any] = {
        "noun": noun,
        "frames": [frame(listing, card, row, image, pictures) for row in rows],
        "next": "",
    }
    if page.next:
        onward = query([p for p in listing.pairs if p[0] != "cursor"], cursor=page.next)
        shown["next"] = listing.plain + onward
    if listing.said.get("cursor") and request.headers.get("HX-Target", "").startswith("li#more"):
        html = renderer(request).text(request, "views/_gallery_frames.html", **shown)
        return renderer(request).answer(request, html)
    first = "cursor" not in listing.said
    return {**shown, "any": bool(rows), "count": count_of(page, len(rows), first=first)}


def frame(
    listing: Listing, card: cards.Card, row: Any, image: str, pictures: dict[int, str]
) -> Frame:
    """Return a record with its picture and a few facts."""
    noun, look = listing.noun, listing.look
    title = str(row.get(card.lead) or title_of(noun, row))
    source = str(row.get(image) or "") if image else pictures.get(row["id"], "")
    source = source if cards.is_ours(source) else ""
    drawn = cards.facts(noun, card, row, look)
    faces = "".join(cards.person(noun, name, row, look) for name in card.people)
    words = Markup(drawn + faces)  # noqa: S704 - every part is escaped where it is drawn
    person = noun.key == PERSON
    letters = initials(title)
    return Frame(row["id"], row["version"], title, source, letters, hue(title), person, words)


async def attached(listing: Listing, ids: Sequence[int]) -> dict[int, str]:
    """Return the address of the first picture attached to each record, where files are worn."""
    noun, me = listing.noun, listing.look.me
    nouns = listing.ws.registry.nouns
    if not ids or FILES not in nouns or "files" not in noun.resource.wears:
        return {}
    if not me.can(nouns[FILES].permission("read")):
        return {}
    wanted = [
        ("entity", noun.key),
        ("record_id__in", ",".join(str(one) for one in ids)),
        ("mime__startswith", "image/"),
        ("first_id__isnull", "true"),
        ("fields", "record_id,name"),
        ("sort", "-id"),
        ("limit", "1000"),
    ]
    found = await listing.ws.page(me, FILES, wanted)
    # The newest come first, so that the first picture of each record is the last to be written.
    return {
        row.record_id: f"/file/{row.id}/{quote(row.name, safe='')}?small=1" for row in found.items
    }

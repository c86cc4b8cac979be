"""What a search finds: records by their words, each with its title, address and marked text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from mainstay.delivery.cells import Row, as_row, full_title_of
from mainstay.delivery.marks import marked, snippet
from mainstay.kernel import search
from mainstay.kernel.noun import Noun
from mainstay.kernel.query import Page
from mainstay.kernel.query.ask import USUAL
from mainstay.kernel.scope import Me
from mainstay.kernel.storage.base import Connection
from mainstay.kernel.workspace import Workspace

LONGEST = 200


@dataclass(frozen=True)
class Hit:
    """One record that a search has found."""

    noun: Noun
    id: int
    title: str
    href: str
    html: Markup
    snippet: Markup
    row: Row


def searched(ws: Workspace, me: Me) -> list[Noun]:
    """Return the resources that a person may search, those of the rooms in the menu first.

    What a facet offers on every page (favourites) is at hand already, so it is left out.
    """
    found = [
        noun
        for noun in ws.registry.nouns.values()
        if noun.searchable and me.can(noun.permission("read")) and not noun.module.offers
    ]
    return sorted(found, key=lambda noun: (noun.module.menu is None, _order(noun)))


def _order(noun: Noun) -> int:
    return noun.module.menu.order if noun.module.menu else 0


async def matching(
    ws: Workspace, me: Me, noun: Noun, q: str, *, limit: int, cursor: str = ""
) -> tuple[list[Hit], str]:
    """Return the newest records with all of these words, and where the next ones begin."""
    wanted = [("q", q), ("sort", "-id"), ("limit", str(limit)), ("fields", _fields(noun, True))]
    page = await ws.page(me, noun.key, [*wanted, *([("cursor", cursor)] if cursor else [])])
    return await _hits(ws, me, noun, page, q), page.next or ""


async def near(ws: Workspace, me: Me, q: str, *, each: int) -> list[Hit]:
    """Return the records that a few letters may stand for, the likeliest first."""
    nouns = searched(ws, me)

    async def work(connection: Connection) -> list[list[int]]:
        """Look in every resource within one read."""
        return [await search.nearest(ws.reader, connection, n, me, q, each) for n in nouns]

    found: list[Hit] = []
    for noun, ids in zip(nouns, await ws.engine.read(work), strict=True):
        if ids:
            chosen = [("id__in", ",".join(map(str, ids))), ("limit", str(len(ids)))]
            page = await ws.page(me, noun.key, [*chosen, ("fields", _fields(noun, True))])
            found += await _hits(ws, me, noun, page, q)
    return sorted(found, key=lambda hit: _rank(hit, q.casefold()))


def _rank(hit: Hit, q: str) -> tuple[int, bool, int]:
    """Put the very code first, then titles that begin so, then words that do; newest first."""
    code, title = str(hit.row.get("code") or "").casefold(), hit.title.casefold()
    if q == code:
        place = 0
    elif title.startswith(q) or code.startswith(q):
        place = 1
    else:
        place = 2 if f" {q}" in title else 3
    return place, hit.noun.module.menu is None, -hit.id


def _fields(noun: Noun, texts: bool) -> str:
    also = [n for n in ("status", "entity", "record_id") if n in noun.columns]
    return ",".join(dict.fromkeys((*noun.brief, *also, *(noun.searchable if texts else ()))))


async def _hits(ws: Workspace, me: Me, noun: Noun, page: Page, q: str) -> list[Hit]:
    rows = [as_row(item) for item in page.items]
    worn = noun.resource.scope is not None and noun.resource.scope.worn
    wearers = await _wearers(ws, me, rows) if worn else {}
    found = []
    for row in rows:
        owner = wearers.get((row.get("entity", ""), row.get("record_id", 0)))
        if worn and owner is None:
            continue
        title = owner[0] if owner and noun.brief[0] == "body" else full_title_of(noun, row)
        href = f"{owner[1]}#{noun.name}-{row['id']}" if owner else f"/{noun.path}/{row['id']}"
        title = title[:LONGEST]
        found.append(Hit(noun, row["id"], title, href, marked(title, q), _text(noun, row, q), row))
    return found


def _text(noun: Noun, row: Row, q: str) -> Markup:
    """Return the first searched text beside the title in which the words stand."""
    named = {"code", "title", "name", "display_name"}
    texts = (str(row.get(name) or "") for name in noun.searchable if name not in named)
    return next((part for text in texts if (part := snippet(text, q))), Markup(""))


async def _wearers(
    ws: Workspace, me: Me, rows: Sequence[Row]
) -> dict[tuple[str, int], tuple[str, str]]:
    """Return the title and address of the records that comments and files belong to."""
    groups: dict[str, set[int]] = {}
    for row in rows:
        groups.setdefault(row["entity"], set()).add(row["record_id"])
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for key, ids in groups.items():
        noun = ws.registry.nouns.get(key)
        if noun is None or not me.can(noun.permission("read")):
            continue
        chosen = [("id__in", ",".join(map(str, sorted(ids)))), ("limit", str(USUAL))]
        page = await ws.page(me, key, [*chosen, ("fields", _fields(noun, False))])
        for item in page.items:
            row = as_row(item)
            found[key, row["id"]] = (full_title_of(noun, row), f"/{noun.path}/{row['id']}")
    return found


def answer(hit: Hit) -> dict[str, Any]:
    """Return what the API says of one record; the snippet is HTML with the words marked."""
    return {
        "resource": hit.noun.key,
        "id": hit.id,
        "title": hit.title,
        "url": hit.href,
        "snippet": str(hit.snippet or hit.html),
    }

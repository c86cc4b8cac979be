"""What a link shows: a record's open fields, or a list's rows, with nothing that leads inside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from markupsafe import Markup

from mainstay.delivery.cells import NOTHING, Look, as_row, draw, full_title_of, is_money, written
from mainstay.delivery.pages.common import visible
from mainstay.delivery.pages.filters import OPTIONS
from mainstay.delivery.pages.records import slots
from mainstay.delivery.pages.tables import columns_of, wanted
from mainstay.delivery.words import gettext as _
from mainstay.facets.comments.api import Said, entries
from mainstay.facets.files import api as files
from mainstay.facets.sharing.links import Opened
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Text
from mainstay.kernel.noun import Noun
from mainstay.kernel.workspace import Workspace

ROWS = 100
MOST_COMMENTS = 100
LINK = re.compile(r"(<a\b[^>]*>|</a>)")
CLASS = re.compile(r'\bclass="([\w -]*)"')
INSIDE = re.compile(r'\bhref="(/(?!/)|#|\?|\.)')
PICTURE = re.compile(r'<img\b[^>]*\bsrc="/file/(\d{1,18})/[^"]*"[^>]*>')


@dataclass(frozen=True)
class Part:
    """One field: its name in words, and its value as drawn."""

    label: str
    html: Markup
    long: bool = False


def asked_of(query: str) -> list[tuple[str, str]]:
    """Return the part of a list's address that the API reads."""
    return [p for p in parse_qsl(query) if p[0] not in (*OPTIONS, "fields", "include")]


def open_names(noun: Noun, names: Sequence[str], look: Look) -> list[str]:
    """Return those fields that everybody may read who may read the record.

    None that is personal, and no amounts of money: who shares a project seldom means its budget.
    """
    seen = visible(noun, look.me)
    known = [name for name in names if name in seen and name in noun.fields]
    return [n for n in known if not noun.fields[n].kind.personal and not is_money(noun, n)]


def unled(html: str) -> str:
    """Return a drawn value without the links that lead into the workspace."""
    inside: list[bool] = []
    found = []
    for piece in LINK.split(html):
        shown = piece
        if piece.startswith("<a"):
            inside.append(bool(INSIDE.search(piece)))
            shown = _span(piece) if inside[-1] else piece
        elif piece == "</a>" and inside and inside.pop():
            shown = "</span>"
        found.append(shown)
    return "".join(found)


def _span(link: str) -> str:
    """Return what stands in place of a link, as it would look."""
    css = CLASS.search(link)
    return f'<span class="{css[1]}">' if css else "<span>"


def published(html: str, token: str, known: dict[int, files.File]) -> Markup:
    """Return written words with links to the outside only, and pictures that are public."""

    def picture(match: re.Match[str]) -> str:
        """Show a public picture by the link's own address; leave out any other."""
        file = known.get(int(match[1]))
        if file is None or not file.is_public:
            return ""
        return str(Markup('<img src="{}" alt="{}">').format(address(token, file), file.name))

    return Markup(unled(PICTURE.sub(picture, html)))  # noqa: S704 - drawn and cleaned before


def address(token: str, file: files.File, *, inline: bool = True) -> str:
    """Return where a public file is fetched with a link."""
    return f"/s/{token}{files.href(file)}{'?inline=1' if inline else ''}"


async def record(ws: Workspace, one: Opened, look: Look, token: str) -> dict[str, Any]:
    """Return what the page of a shared record draws."""
    noun, link = one.noun, one.link
    main, side = (open_names(noun, names, look) for names in slots(noun, look))
    names = list(dict.fromkeys((*open_names(noun, noun.brief, look), *main, *side)))
    row = as_row(await ws.one(one.me, noun.key, link.record_id, wanted(noun, names)))
    public = await ws.look(one.me, lambda ctx: _public(ctx, one))
    known = {file.id: file for chain in public for file in chain}
    talk: list[Said] = []
    if link.with_comments and "comments" in noun.resource.wears:
        talk = await ws.look(one.me, lambda ctx: _said(ctx, one))
    parts = [_part(noun, n, row, look, token, known) for n in (*main, *side)]
    return {
        "noun": noun,
        "name": full_title_of(noun, row),
        "short": [p for p in parts if not p.long and p.html != NOTHING],
        "long": [p for p in parts if p.long and p.html != NOTHING],
        "files": [_file(token, chain[0]) for chain in public],
        "said": [_plain(each, token, known) for each in reversed(talk)],
    }


def _part(
    noun: Noun, name: str, row: Any, look: Look, token: str, known: dict[int, files.File]
) -> Part:
    item, value = noun.fields[name], row.get(name)
    if isinstance(item.kind, Text) and item.kind.lines:
        html = published(written(value), token, known) if value else NOTHING
        return Part(_(item.label), Markup(html), True)  # noqa: S704
    return Part(_(item.label), Markup(unled(draw(noun, name, row, look))))  # noqa: S704


async def _public(ctx: Context, one: Opened) -> list[list[files.File]]:
    if "files" not in one.noun.resource.wears or not ctx.can("files.file.read"):
        return []
    found = await files.files_of(ctx, one.noun.key, one.link.record_id, public=True)
    return files.chains(found)


def _file(token: str, file: files.File) -> dict[str, Any]:
    return {
        "name": file.name,
        "about": files.spoken_size(file.size),
        "description": file.description,
        "icon": files.icon_of(file.mime),
        "small": f"{address(token, file, inline=False)}?small=1" if file.thumbnail else "",
        "href": address(token, file, inline=bool(files.shown_as(file.mime))),
    }


async def _said(ctx: Context, one: Opened) -> list[Said]:
    if not ctx.can("comments.comment.read"):
        return []
    return await entries(ctx, one.noun, one.link.record_id, 0, MOST_COMMENTS)


def _plain(one: Said, token: str, known: dict[int, files.File]) -> dict[str, Any]:
    return {
        "author": one.author,
        "at": one.at,
        "removed": one.removed,
        "html": published(str(one.html), token, known),
        "answers": [_plain(each, token, known) for each in one.answers],
    }


async def listed(ws: Workspace, one: Opened, look: Look, cursor: str) -> dict[str, Any]:
    """Return what the page of a shared list draws: one page of rows, as a table."""
    noun = one.noun
    chosen = dict(parse_qsl(one.link.query)).get("columns", "")
    names = open_names(noun, chosen.split(",") if chosen else columns_of(noun, one.me), look)
    names = names or open_names(noun, columns_of(noun, one.me), look)
    more = [("cursor", cursor)] if cursor else []
    asked = [*asked_of(one.link.query), *wanted(noun, names), *more, ("limit", str(ROWS))]
    page = await ws.page(one.me, noun.key, asked)
    return {
        "noun": noun,
        "heads": [_(noun.fields[name].label) for name in names],
        "rows": [
            [Markup(unled(draw(noun, name, row, look))) for name in names]  # noqa: S704
            for row in map(as_row, page.items)
        ],
        "next": page.next or "",
    }

"""How a comment's words are drawn: Markdown, people as chips, codes as links, nothing foreign."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import nh3
from markdown_it.token import Token
from markupsafe import Markup, escape
from msgspec import Struct

from mainstay.delivery.cells import full_title_of
from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import language
from mainstay.facets.comments import rules
from mainstay.facets.comments.scopes import PERSON
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Text
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import SYSTEM

# fmt: off
TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img",
    "li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr",
    "ul",
}
# fmt: on
CLASSES = {
    "a": {"person", "mention", "code", "link"},
    "span": {"person", "mention", "unseen", "todo", "done", "sr"},
}
TODO = re.compile(r"\[([ xX])\]\s+")


class Seen(Struct, frozen=True):
    """A record that a text names: where it is and what it is called."""

    href: str
    title: str


@dataclass
class Known:
    """What the texts of a page name, as far as their reader may know it."""

    people: dict[int, str] = field(default_factory=dict)
    open_people: bool = False
    records: dict[str, Seen] = field(default_factory=dict)


async def known_in(
    ctx: Context, noun: Noun, record_id: int, bodies: Iterable[str], people: Iterable[int] = ()
) -> Known:
    """Look up the people and the records that some texts on one record name."""
    ids, codes, numbers = set(people), set(), set()
    for body in bodies:
        ids.update(rules.mentions(body))
        named, counted = rules.references(body)
        codes |= named
        numbers |= counted
    known = Known(open_people=ctx.can(f"{PERSON}.see_all") and ctx.can(f"{PERSON}.read"))
    known.people = await names_of(ctx, ids)
    known.records = await _coded(ctx, noun, record_id, codes)
    known.records |= await _numbered(ctx, noun, numbers)
    return known


async def names_of(ctx: Context, ids: Iterable[int]) -> dict[int, str]:
    """Return what people are called now, whoever asks: their words are before the reader."""
    wanted = sorted(set(ids))[:1000]
    noun = ctx.registry.nouns[PERSON]
    if not wanted:
        return {}
    ask = ctx.ask(noun, {"id__in": wanted, "deleted": "with", "limit": 1000, "sort": "id"})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, SYSTEM)
    return {
        one.id: str(getattr(one, "display_name", "") or getattr(one, "username", ""))
        for one in found
    }


def _coded_nouns(ctx: Context) -> list[Noun]:
    """Return the kinds of records that are called by a code, and that this person may read."""
    keys = ctx.registry.wearers.get("comments", ())
    nouns = (ctx.registry.nouns[key] for key in keys)
    return [
        noun
        for noun in nouns
        if "code" in noun.columns
        and isinstance(noun.columns["code"].kind, Text)
        and ctx.can(noun.permission("read"))
    ]


async def _coded(ctx: Context, noun: Noun, record_id: int, codes: set[str]) -> dict[str, Seen]:
    """Find records by their codes; where several have one, that beside the record itself."""
    found: dict[str, list[tuple[Noun, Entity]]] = {}
    for kind in _coded_nouns(ctx) if codes else ():
        asked = {"code__in": sorted(codes)[:100], "limit": 500, "sort": "id"}
        rows, _more = await ctx.reader.entities(ctx.connection, kind, ctx.ask(kind, asked), ctx.me)
        for row in rows:
            found.setdefault(str(getattr(row, "code", "")), []).append((kind, row))
    beside = await _home(ctx, noun, record_id) if any(len(x) > 1 for x in found.values()) else None
    chosen = {code: _nearest(rows, noun, beside) for code, rows in found.items()}
    return {code: _seen(*one) for code, one in chosen.items() if one}


async def _home(ctx: Context, noun: Noun, record_id: int) -> Any:
    """Return what the record belongs to, such as its project."""
    parent = noun.resource.parent
    if not parent:
        return None
    ask = ctx.ask(noun, {"id": record_id, "limit": 1, "sort": "id", "deleted": "with"})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return getattr(found[0], parent) if found else None


def _nearest(
    rows: list[tuple[Noun, Entity]], noun: Noun, beside: Any
) -> tuple[Noun, Entity] | None:
    if len(rows) == 1:
        return rows[0]
    parent = noun.resource.parent
    near = [one for one in rows if one[0] is noun and parent and getattr(one[1], parent) == beside]
    return near[0] if len(near) == 1 else None


async def _numbered(ctx: Context, noun: Noun, numbers: set[int]) -> dict[str, Seen]:
    if not numbers:
        return {}
    ask = ctx.ask(noun, {"id__in": sorted(numbers)[:100], "limit": 100, "sort": "id"})
    rows, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return {f"#{row.id}": _seen(noun, row) for row in rows}


def _seen(noun: Noun, row: Entity) -> Seen:
    brief = {"id": row.id} | {name: getattr(row, name, None) for name in noun.brief}
    return Seen(f"/{noun.path}/{row.id}", full_title_of(noun, brief))


def drawn(body: str, known: Known, told: Iterable[int] | None = None) -> Markup:
    """Return a comment as safe HTML; `told` are the mentioned people who may read it."""
    people = tuple((one, known.people[one]) for one in rules.mentions(body) if one in known.people)
    codes, numbers = rules.references(body)
    named = [*sorted(codes), *(f"#{one}" for one in sorted(numbers))]
    records = tuple((one, known.records[one]) for one in named if one in known.records)
    who = None if told is None else tuple(told)
    return _drawn(body, people, records, known.open_people, who, language.get())


@lru_cache(maxsize=2000)
def _drawn(
    body: str,
    people: tuple[tuple[int, str], ...],
    records: tuple[tuple[str, Seen], ...],
    open_people: bool,
    told: tuple[int, ...] | None,
    tongue: str,
) -> Markup:
    """Draw a comment once for everybody who knows the same of what it names."""
    del tongue
    known = Known(dict(people), open_people, dict(records))
    tokens = rules.markdown.parse(body)
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = _line(token.children, known, told)
    _todos(tokens)
    html = nh3.clean(
        rules.markdown.renderer.render(tokens, rules.markdown.options, {}),
        tags=TAGS,
        attributes={"a": {"href", "title"}, "img": {"src", "alt", "title"}, "span": {"title"}},
        allowed_classes=CLASSES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(html)  # noqa: S704 - nh3 has just cleaned it


def _line(pieces: list[Token], known: Known, told: Iterable[int] | None) -> list[Token]:
    """Draw the people, records, addresses and pictures of one line."""
    found: list[Token] = []
    inside, skip = 0, 0
    for place, piece in enumerate(pieces):
        person = rules.mentioned(pieces, place)
        if person is not None and not inside:
            label, skip = _label(pieces, place), _length(pieces, place)
            found[-1] = _text(found[-1].content[:-1])
            found.append(_html(chip(person, label, known, told)))
        if skip:
            skip -= 1
            continue
        inside += {"link_open": 1, "link_close": -1}.get(piece.type, 0)
        if piece.type == "text" and not inside:
            found += _worded(piece.content, known.records)
        elif piece.type == "image" and not rules.OWN_FILE.fullmatch(str(piece.attrGet("src"))):
            found.append(_html(_foreign(piece)))
        else:
            found.append(piece)
    return found


def _length(pieces: list[Token], place: int) -> int:
    """Return how many pieces a link takes, from its opening to its close."""
    ends = (n for n in range(place, len(pieces)) if pieces[n].type == "link_close")
    return next(ends, len(pieces) - 1) - place + 1


def _label(pieces: list[Token], place: int) -> str:
    return "".join(one.content for one in pieces[place : place + _length(pieces, place)])


def chip(person: int, label: str, known: Known, told: Iterable[int] | None) -> str:
    """Return a mention as a chip with the person's name of today."""
    name = escape(f"@{known.people.get(person) or label}")
    if person not in known.people or (told is not None and person not in told):
        why = escape(_("Cannot see this, and was not told."))
        return f'<span class="mention unseen" title="{why}">{name}</span>'
    if known.open_people:
        return f'<a class="mention person" href="/identity/users/{person}">{name}</a>'
    return f'<span class="mention person">{name}</span>'


def _foreign(piece: Token) -> str:
    """Return a link in place of a picture from elsewhere, which would tell its host who reads."""
    address, words = str(piece.attrGet("src") or ""), piece.content
    return f'<a href="{escape(address)}">{escape(words or address)}</a>'


def _worded(text: str, records: Mapping[str, Seen]) -> list[Token]:
    """Split a text at the records and addresses that it names."""
    found: list[Token] = []
    rest = 0
    for start, end, html in sorted((*_addresses(text), *_records(text, records))):
        if start >= rest:
            found += [_text(text[rest:start]), _html(html)]
            rest = end
    return [*found, _text(text[rest:])]


def _addresses(text: str) -> Iterable[tuple[int, int, str]]:
    for one in rules.ADDRESS.finditer(text):
        address = escape(one[0])
        yield one.start(), one.end(), f'<a href="{address}">{address}</a>'


def _records(text: str, records: Mapping[str, Seen]) -> Iterable[tuple[int, int, str]]:
    for one in rules.REFERENCE.finditer(text):
        seen = records.get(one[1] or f"#{one[2]}")
        if seen:
            href, title = escape(seen.href), escape(seen.title)
            link = f'<a class="code link" href="{href}" title="{title}">{escape(one[0])}</a>'
            yield one.start(), one.end(), link


def _todos(tokens: list[Token]) -> None:
    """Draw `[ ]` and `[x]` at the start of a list's point as boxes."""
    for place, token in enumerate(tokens):
        pieces = token.children
        if token.type != "inline" or not pieces or place < 2:
            continue
        if tokens[place - 2].type != "list_item_open" or pieces[0].type != "text":
            continue
        box = TODO.match(pieces[0].content)
        if box is None:
            continue
        done = box[1] != " "
        words = escape(_("Done:") if done else _("To do:"))
        css = "done" if done else "todo"
        pieces[0].content = pieces[0].content[box.end() :]
        pieces.insert(0, _html(f'<span class="{css}"><span class="sr">{words}</span></span>'))


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)


def _html(html: str) -> Token:
    return Token("html_inline", "", 0, content=str(html))

"""Records as cards: what a board and a gallery show of each, drawn at once for speed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

from markupsafe import Markup, escape

from mainstay.delivery.cells import (
    PERSON,
    PRIORITIES,
    Look,
    Row,
    as_plain,
    drawer,
    naming,
    title_of,
)
from mainstay.delivery.pages.common import visible
from mainstay.delivery.pages.tables import columns_of, lead_of, unlinked
from mainstay.delivery.render import hue, icon, initials
from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import language, ngettext
from mainstay.kernel.fields import Choice, Day, Dec, Instant, Json, Links, Real, Ref, Text, Whole
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import Me

TAGS = 3
FACTS = 3
Paint = Callable[[Any, Row, Look], str]


@dataclass(frozen=True)
class Card:
    """What a card shows: the words that open it, its code, its person, and small facts."""

    lead: str
    code: str
    people: tuple[str, ...]
    facts: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Return every field that is read for it."""
        own = (self.lead, self.code, *self.people, *self.facts)
        return [name for name in dict.fromkeys(own) if name]


def card_of(noun: Noun, me: Me, declared: Sequence[str], but: Sequence[str] = ()) -> Card:
    """Return a resource's card: the declared fields, or the first ones that say something."""
    seen = visible(noun, me)
    columns = columns_of(noun, me)
    named = [name for name in naming(noun)[0] if name in seen]
    lead = named[0] if named else lead_of(noun, columns)
    usual = [name for name in columns if not noun.fields[name].kind.personal]
    found = [n for n in declared or usual if n in seen and n not in (lead, *but)]
    code = next((n for n in found if n == "code" or n.endswith("_code")), "")
    people = tuple(n for n in found if _is_person(noun, n))
    facts = [n for n in found if n != code and n not in people]
    return Card(lead, code, people, tuple(facts if declared else facts[:FACTS]))


def _is_person(noun: Noun, name: str) -> bool:
    kind = noun.fields[name].kind
    return isinstance(kind, Ref) and kind.target == PERSON


@lru_cache(maxsize=2048)
def painter(noun: Noun, name: str) -> Paint:
    """Return how a field is drawn on a card: short, without links, named for screen readers."""
    kind = noun.fields[name].kind
    if isinstance(kind, Links):
        return _people(name) if kind.target == PERSON else _chips(name)
    if isinstance(kind, Json) or (isinstance(kind, Text) and name == "tags"):
        return _words
    if isinstance(kind, Choice) and "priority" in name and set(kind.values) <= PRIORITIES:
        return _quiet(noun, name)
    if isinstance(kind, (Day, Instant)):
        return _framed(noun, name, "calendar")
    if isinstance(kind, (Whole, Dec, Real)) and not isinstance(kind, Ref) and not _share(kind):
        mark = kind.mark if isinstance(kind, Whole) else ""
        return _marked(noun, name, mark) if mark else _framed(noun, name, "")
    return _plain(noun, name)


def _share(kind: Any) -> bool:
    return isinstance(kind, Real) and kind.most == 1.0


def _label(noun: Noun, name: str) -> str:
    return _label_in(noun, name, language.get())


@lru_cache(maxsize=4096)
def _label_in(noun: Noun, name: str, spoken_in: str) -> str:
    """Return a field's name in a language; a board needs it a thousand times."""
    return str(escape(_(noun.fields[name].label)))


def _plain(noun: Noun, name: str) -> Paint:
    inner = drawer(noun, name)

    def plain(value: Any, row: Row, look: Look) -> str:
        """Draw it as everywhere, without its link."""
        title = _label(noun, name)
        return f'<span class="fact" title="{title}">{unlinked(inner(value, row, look))}</span>'

    return plain


def _framed(noun: Noun, name: str, sign: str) -> Paint:
    inner = drawer(noun, name)

    def framed(value: Any, row: Row, look: Look) -> str:
        """Draw it in a small frame, with its name on hover and for screen readers."""
        words, said = _label(noun, name), inner(value, row, look)
        mark = icon(sign) if sign else ""
        name_of = f'<span class="sr">{words} </span>'
        return f'<span class="fact framed" title="{words}">{mark}{name_of}{said}</span>'

    return framed


def _marked(noun: Noun, name: str, sign: str) -> Paint:
    framed = _framed(noun, name, sign)

    def marked(value: Any, row: Row, look: Look) -> str:
        """Draw a count with its mark; nothing where there is none."""
        return framed(value, row, look) if value else ""

    return marked


def _quiet(noun: Noun, name: str) -> Paint:
    inner = drawer(noun, name)

    def quiet(value: Any, row: Row, look: Look) -> str:
        """Draw a mark whose word is only said and shown on hover."""
        html = inner(value, row, look)
        mark, _end, word = html.removesuffix("</span>").rpartition("</span>")
        said = f"{_label(noun, name)}: {word}"
        words = f'</span><span class="sr">{said}</span></span>'
        return f'<span class="fact" title="{said}">{mark}{words}</span>'

    return quiet


def _chips(name: str) -> Paint:
    def chips(value: Any, row: Row, look: Look) -> str:
        """Draw linked records as chips, with a dot in their own colour."""
        briefs = [one for one in as_plain(value) or [] if isinstance(one, dict)]
        parts = [_chip(one) for one in briefs[:TAGS]]
        return "".join(parts) + _further(len(briefs) - TAGS)

    return chips


def _chip(brief: dict[str, Any]) -> str:
    words = next((str(brief[n]) for n in ("title", "name", "code") if brief.get(n)), "")
    color = str(brief.get("color") or "")
    dot = ""
    if color.startswith("#"):
        circle = f'<circle cx="4" cy="4" r="4" fill="{escape(color)}"/>'
        dot = f'<svg class="dot" viewBox="0 0 8 8" aria-hidden="true">{circle}</svg>'
    return f'<span class="tag">{dot}{escape(words)}</span>' if words else ""


def _further(count: int) -> str:
    if count <= 0:
        return ""
    said = escape(ngettext("%(num)s more", "%(num)s more", count) % {"num": count})
    return f'<span class="fact" title="{said}">+{count}</span>'


def _people(name: str) -> Paint:
    def people(value: Any, row: Row, look: Look) -> str:
        """Draw linked people as a stack."""
        briefs = [one for one in as_plain(value) or [] if isinstance(one, dict)]
        noun = look.registry.nouns[PERSON]
        faces = "".join(face(title_of(noun, one), one) for one in briefs[:TAGS])
        return f'<span class="stack-of">{faces}</span>' + _further(len(briefs) - TAGS)

    return people


def _words(value: Any, row: Row, look: Look) -> str:
    parts = [str(one) for one in as_plain(value) or [] if isinstance(one, (str, int))]
    chips = "".join(f'<span class="tag">{escape(one)}</span>' for one in parts[:TAGS])
    return chips + _further(len(parts) - TAGS)


def face(name: str, brief: Row | None = None, size: str = "") -> str:
    """Return a person as a picture, or as the first letters of the name."""
    words = escape(name)
    picture = str((brief or {}).get("avatar_url") or "")
    css = f"avatar {size}".strip()
    if is_ours(picture):
        source = f'src="{escape(picture)}" loading="lazy"'
        return f'<img class="{css}" {source} alt="{words}" title="{words}">'
    letters = escape(initials(name))
    return (
        f'<span class="{css} hue-{hue(name)}" title="{words}" role="img" '
        f'aria-label="{words}">{letters}</span>'
    )


def is_ours(address: str) -> bool:
    """Return whether a picture lies in this workspace; pages show no pictures of other sites."""
    return address.startswith("/") and not address.startswith(("//", "/\\"))


def person(noun: Noun, name: str, row: Row, look: Look) -> str:
    """Return the person a field names as a face, or nothing."""
    key = name.removesuffix("_id")
    brief = row.get(key) if key != name else row.get(name)
    if row.get(name) is None or brief is None or isinstance(brief, int):
        return ""
    shown = brief if isinstance(brief, dict) else {n: getattr(brief, n) for n in _fields(brief)}
    return face(title_of(look.registry.nouns[PERSON], brief), shown)


def _fields(brief: Any) -> tuple[str, ...]:
    return tuple(getattr(brief, "__struct_fields__", ()))


def facts(noun: Noun, card: Card, row: Row, look: Look) -> str:
    """Return the small facts of a card in one line."""
    parts = []
    for name in card.facts:
        value = row.get(name)
        if value not in (None, "", []):
            parts.append(painter(noun, name)(value, row, look))
    return "".join(parts)


def draw(noun: Noun, card: Card, rows: Iterable[Row], look: Look) -> list[Markup]:
    """Draw cards for a board; this is the hot path of every board."""
    return [_one(noun, card, row, look) for row in rows]


def _one(noun: Noun, card: Card, row: Row, look: Look) -> Markup:
    here, title = row["id"], escape(row.get(card.lead) or title_of(noun, row))
    code = f'<span class="code">{escape(row[card.code])}</span>' if row.get(card.code) else ""
    faces = "".join(person(noun, name, row, look) for name in card.people)
    small = facts(noun, card, row, look)
    inner = (
        f'<div class="card-top">{code}<span class="card-who">{faces}</span></div>'
        f'<a class="card-title" href="/{noun.path}/{here}" draggable="false" tabindex="-1" '
        f'aria-describedby="board-help">{title}</a>'
        f'<div class="card-facts">{small}</div>'
    )
    # The page passes over cards that are drawn as they were, when it reads itself again.
    drawn = crc32(inner.encode())
    known = f'data-record="{here}" data-version="{row["version"]}" data-drawn="{drawn:x}"'
    whole = f'<li class="card" id="c-{here}" {known}>{inner}</li>'
    return Markup(whole)  # noqa: S704 - every part is escaped where it is drawn

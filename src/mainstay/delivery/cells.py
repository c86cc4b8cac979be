"""How one value looks on a page: pills, people, dates as spoken, money, links, written text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import msgspec
import nh3
from babel.numbers import format_currency, format_percent
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from mainstay.delivery import words
from mainstay.delivery.render import hue, initials
from mainstay.delivery.words import gettext as _
from mainstay.kernel.fields import (
    Choice,
    Choices,
    Day,
    Dec,
    Flag,
    Instant,
    Json,
    Kind,
    Links,
    Real,
    Ref,
    Repeats,
    Text,
    Which,
    Whole,
    spoken,
)
from mainstay.kernel.noun import Noun
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import Me
from mainstay.recurrence import Rule, Speech, in_words

NOTHING = '<span class="none">&ndash;</span>'
PERSON = "identity.user"
LONGEST = 160
TONES = {
    "gray": "grey",
    "slate": "grey",
    "amber": "yellow",
    "gold": "yellow",
    "lime": "green",
    "emerald": "green",
    "violet": "purple",
    "indigo": "blue",
    "sky": "blue",
    "cyan": "teal",
    "pink": "purple",
    "rose": "red",
    "brown": "orange",
    "secondary": "grey",
    "azure": "teal",
}
# What a state means decides its shape, so that no one has to tell colours apart.
SHAPES = {
    "dashed": "backlog draft idea proposed new prospect unknown forming",
    "ring": "todo planned planning open pending queued scheduled invited upcoming low lead",
    "half": "in_progress active running started ongoing working occurred monitoring sent medium",
    "most": "review testing in_review qualified approval submitted on_hold waiting paused high",
    "full": "done completed closed approved resolved accepted won paid passed achieved published",
    "cross": "cancelled rejected blocked failed lost suspended inactive archived expired missed",
}
SHAPE_OF = {word: shape for shape, text in SHAPES.items() for word in text.split()}
USUAL_TONES = {
    "half": "blue",
    "most": "yellow",
    "full": "green",
    "dashed": "grey",
    "ring": "grey",
    "cross": "grey",
}
FINAL = frozenset({"done", "completed", "cancelled", "closed", "resolved", "archived", "rejected"})
PRIORITIES = frozenset({"lowest", "low", "medium", "high", "highest", "urgent", "critical"})
MONEY = ("amount", "budget", "cost", "price", "rate", "salary", "total", "value", "revenue", "pay")
STATES = ("status", "state", "phase", "stage", "health", "result", "outcome")
DUE = ("due", "deadline")
NAMES = ("title", "display_name", "name", "subject", "code", "number", "email")
SAFE_LINKS = ("http://", "https://")


@dataclass(frozen=True)
class Look:
    """Who looks, when, and at which rooms."""

    me: Me
    now: datetime
    today: date
    registry: Registry

    def target(self, kind: Ref | Links) -> Noun:
        """Return the resource that a reference points to."""
        return self.registry.nouns[kind.target]


Row = Mapping[str, Any]
Draw = Callable[[Any, Row, Look], str]


def as_row(item: Any) -> Row:
    """Return a wire row as a mapping."""
    return item if isinstance(item, dict) else msgspec.structs.asdict(item)


def as_day(value: Any) -> date:
    """Return a stored day as a date, whatever the engine made of it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_instant(value: Any) -> datetime:
    """Return a stored instant as a datetime, whatever the engine made of it."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def as_plain(value: Any) -> Any:
    """Return a stored document as plain lists and dictionaries."""
    if isinstance(value, msgspec.Raw):
        return msgspec.json.decode(value)
    return msgspec.to_builtins(value)


@lru_cache(maxsize=1024)
def naming(noun: Noun) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields a record is called by: the ones that name it, and the rest of its brief."""
    texts = [
        name
        for name in noun.brief
        if isinstance(kind := noun.fields[name].kind, Text)
        and "Fa-f]{6}" not in kind.pattern
        and not name.endswith("_url")
    ]
    named = next((name for name in NAMES if name in texts), texts[0] if texts else "")
    rest = tuple(name for name in noun.brief if name not in texts and name != "id")
    return ((named,) if named else ()), rest


def title_of(noun: Noun, brief: Any) -> str:
    """Return the words that stand for a record of this noun."""
    row = as_row(brief)
    named, rest = naming(noun)
    if named:
        return str(row.get(named[0]) or "") or f"{_(noun.title)} {row['id']}"
    parts = [text for name in rest if (text := _part(noun, name, row))]
    return " · ".join(parts) or f"{_(noun.title)} {row['id']}"


def full_title_of(noun: Noun, brief: Any) -> str:
    """Return a record's words with its code before them, where it has one."""
    row = as_row(brief)
    title, code = title_of(noun, row), row.get("code")
    short = code and "title" in noun.brief and code != title
    return f"{code} {title}" if short else title


def _part(noun: Noun, name: str, row: Row) -> str:
    """Return a part of a title that is no text: a record, a choice, a day, a number."""
    kind, value = noun.fields[name].kind, row.get(name)
    if isinstance(kind, Ref):
        value = row.get(name.removesuffix("_id"))
        inner = {} if value is None or isinstance(value, (int, str)) else as_row(value)
        return next((str(inner[n]) for n in NAMES if inner.get(n)), "")
    return "" if value is None else _worded(kind, value) or str(value)


def _worded(kind: Kind, value: Any) -> str:
    """Return a plain value in words, or nothing when its kind says no more than its text."""
    if isinstance(kind, Choice):
        return _(spoken(str(value)))
    if isinstance(kind, Flag):
        return _("Yes") if value else _("No")
    if isinstance(kind, Day):
        return words.exact_day(as_day(value))
    if isinstance(kind, (Dec, Real, Whole)) and not isinstance(kind, Ref):
        return words.number(Decimal(str(value)))
    return ""


def drawer(noun: Noun, name: str) -> Draw:
    """Return how a field of a noun is drawn; made once for each declared field."""
    return _declared(noun, name) if name in noun.fields else _drawer(noun, name)


@cache
def _declared(noun: Noun, name: str) -> Draw:
    return _drawer(noun, name)


def _drawer(noun: Noun, name: str) -> Draw:
    kind = noun.all_fields[name].kind
    if isinstance(kind, Ref):
        return _reference(name, kind)
    if isinstance(kind, Links):
        return _links(name, kind)
    if isinstance(kind, (Choice, Choices)):
        return _choice(name, kind)
    if isinstance(kind, Day):
        return _deadline if name.startswith(DUE) else _plain_day
    if isinstance(kind, Dec) and (amount := _amount(noun, name, kind)):
        return amount
    return _simple(name, kind)


def _amount(noun: Noun, name: str, kind: Dec) -> Draw | None:
    """Return how money is drawn: in its own currency, or in the record's."""
    if kind.currency:
        return lambda value, _row, _look: str(
            escape(money(value, kind.currency, words.language.get()))
        )
    sounds = name in noun.custom or any(word in name for word in MONEY)
    return _money if sounds and "currency" in noun.columns else None


def _simple(name: str, kind: Kind) -> Draw:
    if isinstance(kind, Text):
        return _text(name, kind)
    if isinstance(kind, Instant):
        return _moment
    if isinstance(kind, Flag):
        return _flag
    if isinstance(kind, Json):
        return _document
    if isinstance(kind, Real) and kind.most == 1.0:
        return _progress if name == "completion" or "progress" in name else _share
    return _plain_id if name == "id" else _number


def _repeats(value: Any, _row: Row, _look: Look) -> str:
    """Draw a rule of recurrence in words; the rule itself is its title."""
    try:
        speech = Speech(words.language.get(), words.gettext, words.ngettext)
        said = in_words(Rule.parse(value), speech)
    except ValueError:
        said = str(value)
    return f'<span title="{escape(value)}">{escape(said[:1].upper() + said[1:])}</span>'


def draw(noun: Noun, name: str, row: Row, look: Look) -> str:
    """Return the HTML of one field of a row; nothing is drawn as a dash."""
    value = row.get(name)
    return NOTHING if value in (None, "", []) else drawer(noun, name)(value, row, look)


def is_money(noun: Noun, name: str) -> bool:
    """Return whether a field holds an amount of money, in the record's own currency."""
    kind = noun.fields[name].kind
    amount = isinstance(kind, Dec) and any(word in name for word in MONEY)
    return amount and "currency" in noun.columns


def is_number(noun: Noun, name: str) -> bool:
    """Return whether a column's values stand at the right."""
    kind = noun.all_fields[name].kind
    return isinstance(kind, (Whole, Dec, Real)) and not isinstance(kind, Ref) and name != "id"


def _reference(name: str, kind: Ref) -> Draw:
    key = name.removesuffix("_id")

    def reference(value: Any, row: Row, look: Look) -> str:
        """Draw the record that is referred to, with a link where it may be opened."""
        noun = look.target(kind)
        brief = row.get(key if key != name else f"{name}_{noun.name}")
        if brief is None or isinstance(brief, int):
            return (
                f'<span class="none" title="{escape(_("You may not see this record."))}">·</span>'
            )
        return linked(noun, brief, look)

    return reference


def linked(noun: Noun, brief: Any, look: Look, css: str = "") -> str:
    """Return a record's title as a link, or as text where it may not be opened."""
    row = as_row(brief)
    words_ = escape(full_title_of(noun, row))
    if css == "tag" and (color := row.get("color")):
        words_ = dot(color) + words_
    open_to = look.me.can(noun.permission("read"))
    href = f' href="/{noun.path}/{row["id"]}"' if open_to else ""
    tag = "a" if open_to else "span"
    if noun.key == PERSON and not css:
        return (
            f'<{tag} class="person"{href}><span class="avatar hue-{hue(str(words_))}" '
            f'aria-hidden="true">{escape(initials(str(words_)))}</span><span>{words_}</span></{tag}>'
        )
    mark = f' class="{css}"' if css else ""
    return f"<{tag}{mark}{href}>{words_}</{tag}>"


def _links(name: str, kind: Links) -> Draw:
    def links(value: Any, row: Row, look: Look) -> str:
        """Draw the linked records as chips."""
        noun = look.target(kind)
        briefs = [one for one in as_plain(value) or [] if isinstance(one, dict)]
        if not briefs:
            return NOTHING
        css = "" if noun.key == PERSON else "tag"
        chips = "".join(linked(noun, one, look, css) for one in briefs)
        return f'<span class="tags">{chips}</span>'

    return links


def _choice(name: str, kind: Choice | Choices) -> Draw:
    if kind.given or isinstance(kind, Choices):
        return _given(kind)
    state = bool(kind.colors) or any(word in name for word in STATES)
    if "priority" in name and set(kind.values) <= PRIORITIES:
        return lambda value, _row, _look: priority(value)
    if state:
        colors = dict(kind.colors)
        return lambda value, _row, _look: pill(value, colors.get(value, ""))
    return lambda value, _row, _look: str(escape(_(spoken(value))))


def _given(kind: Choice | Choices) -> Draw:
    colors = dict(kind.colors)

    def given(value: Any, row: Row, look: Look) -> str:
        """Draw one value or several; those that people have named as they are written."""
        several = as_plain(value) if isinstance(kind, Choices) else [value]
        pills = [pill(one, colors.get(one, ""), one if kind.given else "") for one in several]
        return pills[0] if len(pills) == 1 else f'<span class="tags">{" ".join(pills)}</span>'

    return given


def pill(value: str, color: str = "", said: str = "") -> str:
    """Return a state as a shape, a colour and a word."""
    shape = SHAPE_OF.get(value, "dot")
    tone = TONES.get(color, color) or USUAL_TONES.get(shape, "grey")
    words_ = escape(said or _(spoken(value)))
    return (
        f'<span class="pill tone-{escape(tone)}"><span class="shape {shape}"></span>{words_}</span>'
    )


def priority(value: str) -> str:
    """Return a priority as bars and a word."""
    steps = {"lowest": 0, "low": 1, "medium": 2, "high": 3}
    bars = f'<span class="bars n{steps.get(value, 4)}"><i></i><i></i><i></i></span>'
    return f'<span class="pill">{bars}{escape(_(spoken(value)))}</span>'


def _plain_day(value: Any, row: Row, look: Look) -> str:
    day = as_day(value)
    said = escape(words.spoken_day(day, look.today))
    return f'<time datetime="{day}" title="{escape(words.exact_day(day))}">{said}</time>'


def _deadline(value: Any, row: Row, look: Look) -> str:
    """Draw a day that something is due by; late only while it is not done."""
    if row.get("status") in FINAL or row.get("completed_at"):
        return _plain_day(value, row, look)
    day = as_day(value)
    left = (day - look.today).days
    tone = ' class="late"' if left < 0 else ' class="soon"' if left < 2 else ""
    said = escape(words.spoken_deadline(day, look.today))
    return f'<time{tone} datetime="{day}" title="{escape(words.exact_day(day))}">{said}</time>'


def _moment(value: Any, row: Row, look: Look) -> str:
    return moment(as_instant(value), look)


def moment(at: datetime, look: Look) -> str:
    """Return an instant as spoken, with the exact one on hover."""
    said = escape(words.spoken_instant(at, look.now, look.me.zone))
    exact = escape(words.exact_instant(at, look.me.zone))
    return f'<time datetime="{at.isoformat()}" title="{exact}">{said}</time>'


def _flag(value: Any, row: Row, look: Look) -> str:
    return str(escape(_("Yes") if value else _("No")))


def _number(value: Any, row: Row, look: Look) -> str:
    return str(escape(words.number(value)))


def _plain_id(value: Any, row: Row, look: Look) -> str:
    return str(value)


def _share(value: Any, row: Row, look: Look) -> str:
    return str(escape(format_percent(value, locale=words.locale_of(words.language.get()))))


def _progress(value: Any, row: Row, look: Look) -> str:
    said = escape(_share(value, row, look))
    bar = f'<progress class="progress" value="{value}" max="1" aria-label="{said}"></progress>'
    return f'<span class="meter">{bar} {said}</span>'


def _money(value: Any, row: Row, look: Look) -> str:
    return str(escape(money(value, str(row.get("currency") or ""), words.language.get())))


@lru_cache(maxsize=20000)
def money(value: Decimal, currency: str, name: str) -> str:
    """Write an amount with its currency, the way the reader writes money."""
    if not currency:
        return words.number(value)
    return format_currency(value, currency, locale=words.locale_of(name), decimal_quantization=True)


def _text(name: str, kind: Text) -> Draw:
    if "Fa-f]{6}" in kind.pattern:
        return lambda value, _row, _look: swatch(value)
    if isinstance(kind, (Which, Repeats)):
        return _resource if isinstance(kind, Which) else _repeats
    if kind.web or name.endswith(("url", "website", "link")):
        return lambda value, _row, _look: weblink(value)
    if name == "email" or name.endswith("_email"):
        return lambda value, _row, _look: _address("mailto:", value)
    if name in ("phone", "mobile") or name.endswith("_phone"):
        return lambda value, _row, _look: _address("tel:", value)
    return lambda value, _row, _look: str(escape(shortened(value)))


def _resource(value: Any, row: Row, look: Look) -> str:
    """Draw the name of a resource in words."""
    noun = look.registry.nouns.get(value)
    return str(escape(_(noun.plural) if noun else value))


def shortened(value: str) -> str:
    """Return the beginning of a long text, in one line."""
    line = " ".join(value[: LONGEST * 2].split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def swatch(value: str) -> str:
    """Return a colour as a square of it and its code."""
    code = escape(value)
    square = f'<rect width="12" height="12" rx="3" fill="{code}"/>'
    square = f'<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">{square}</svg>'
    return f'<span class="pill">{square}<span class="mono">{code}</span></span>'


@lru_cache(maxsize=1000)
def dot(color: str) -> Markup:
    """Return a dot of a colour, which stands before the word that has it."""
    circle = Markup('<circle cx="4" cy="4" r="4" fill="{}"/>').format(color)
    return Markup('<svg class="dot" viewBox="0 0 8 8" aria-hidden="true">{}</svg>').format(circle)


def weblink(value: str) -> str:
    """Return a web address as a link; anything else stays text."""
    if not value.startswith(SAFE_LINKS):
        return str(escape(value))
    shown = value.partition("://")[2].rstrip("/")
    leaving = 'rel="noopener noreferrer" target="_blank"'
    return f'<a class="link" href="{escape(value)}" {leaving}>{escape(shown)}</a>'


def _address(scheme: str, value: str) -> str:
    return f'<a href="{scheme}{escape(value)}">{escape(value)}</a>'


def _document(value: Any, row: Row, look: Look) -> str:
    plain = as_plain(value)
    if isinstance(plain, list) and plain and all(isinstance(one, dict) for one in plain):
        named = [one["value"] for one in plain if "value" in one and not one.get("retired")]
        plain = named if len(named) == len([o for o in plain if not o.get("retired")]) else plain
    if isinstance(plain, list) and all(isinstance(one, (str, int, float)) for one in plain):
        chips = "".join(f'<span class="tag">{escape(one)}</span>' for one in plain)
        return f'<span class="tags">{chips}</span>' if chips else NOTHING
    if not plain:
        return NOTHING
    return f'<div class="doc">{nested(plain)}</div>'


def nested(value: Any) -> str:
    """Return a document as nested lists of names and values."""
    if isinstance(value, dict):
        lines = (
            f"<div><dt>{escape(_(spoken(str(name))))}</dt><dd>{nested(part)}</dd></div>"
            for name, part in value.items()
            if part not in (None, "", [], {})
        )
        return f'<dl class="facts">{"".join(lines)}</dl>'
    if isinstance(value, list):
        return "".join(f"<div>{nested(part)}</div>" for part in value) or NOTHING
    if isinstance(value, bool):
        return str(escape(_("Yes") if value else _("No")))
    return str(escape(value))


_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)
_TAGS = {
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}


@lru_cache(maxsize=500)
def written(text: str) -> Markup:
    """Return a long text as safe HTML: Markdown in, no scripts and no foreign pictures out."""
    html = nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "img": {"src", "alt", "title"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(html)  # noqa: S704 - nh3 has just cleaned it


def said(noun: Noun, name: str, value: Any, look: Look) -> str:
    """Return a logged value as plain words; references are looked up by the caller."""
    if value in (None, "", [], {}):
        return _("nothing")
    kind = field.kind if (field := noun.field(name)) else Text()
    if isinstance(kind, Instant):
        return words.exact_instant(as_instant(value), look.me.zone)
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode()
    return _worded(kind, value) or shortened(str(value))

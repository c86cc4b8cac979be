"""How Mainstay speaks: texts in the reader's language, dates and numbers as people say them."""

from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from mainstay.kernel.fields import Given

FOLDER = Path(__file__).parents[1] / "locale"
NEAR_DAYS = 6
language: ContextVar[str] = ContextVar("language", default="en")


@lru_cache(maxsize=32)
def catalogue(name: str) -> NullTranslations:
    """Return the texts of a language, read from its .po file; English when there is none."""
    path = FOLDER / name / "LC_MESSAGES" / "mainstay.po"
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as file:
        texts = read_po(file, locale=name)
    packed = BytesIO()
    write_mo(packed, texts)
    packed.seek(0)
    return Translations(packed)


def languages() -> list[str]:
    """Return the languages there are texts for."""
    found = {path.parents[1].name for path in FOLDER.glob("*/LC_MESSAGES/mainstay.po")}
    return sorted({"en", *found})


@lru_cache(maxsize=256)
def locale_of(name: str) -> Locale:
    """Return the locale a person has chosen, or English when it is unknown."""
    try:
        return Locale.parse(name.replace("-", "_") or "en")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def speak(name: str) -> None:
    """Speak this language for the rest of the request."""
    language.set(str(locale_of(name)))


def gettext(text: str) -> str:
    """Return a text in the reader's language; words that somebody gave stay as they are."""
    if isinstance(text, Given):
        return str(text)
    found = _texts()
    return text if type(found) is NullTranslations or not text else found.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Return a text in the reader's language, in the form for this number."""
    return _texts().ngettext(one, many, count)


def _texts() -> NullTranslations:
    name = language.get()
    found = catalogue(name)
    return found if type(found) is not NullTranslations else catalogue(name.partition("_")[0])


_ = gettext


def spoken_day(value: date, today: date) -> str:
    """Say a date as people do when it is near: Today, Tomorrow, Friday, 24 Dec."""
    return _day(value, today, language.get())


@lru_cache(maxsize=20000)
def _day(value: date, today: date, name: str) -> str:
    distance = (value - today).days
    said = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}.get(distance)
    if said:
        return said
    locale = locale_of(name)
    if 0 < distance <= NEAR_DAYS:
        return format_date(value, "EEEE", locale=locale).capitalize()
    skeleton = "d MMM" if locale.language in ("en", "vi") else None
    if value.year == today.year:
        return format_date(value, skeleton or "d. MMM", locale=locale)
    return format_date(value, "medium", locale=locale)


def spoken_deadline(value: date, today: date) -> str:
    """Say a date that something is due by: also how late it is."""
    late = (today - value).days
    if late > 0:
        return ngettext("%d day late", "%d days late", late) % late
    return spoken_day(value, today)


def spoken_instant(value: datetime, now: datetime, zone: str) -> str:
    """Say a moment as people do: 5 minutes ago, Today 14:00, 24 Dec."""
    return _instant(value.replace(second=0, microsecond=0), _minute(now), zone, language.get())


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


@lru_cache(maxsize=20000)
def _instant(value: datetime, now: datetime, zone: str, name: str) -> str:
    locale, place = locale_of(name), zone_of(zone)
    seconds = (now - value).total_seconds()
    if 0 <= seconds < 60:
        return _("Just now")
    if 0 < seconds < 3600:
        return format_timedelta(value - now, locale=locale, add_direction=True, threshold=1)
    local, today = value.astimezone(place), now.astimezone(place).date()
    day = _day(local.date(), today, name)
    if abs((local.date() - today).days) > NEAR_DAYS:
        return day
    return f"{day} {format_time(local, 'short', locale=locale)}"


def exact_instant(value: datetime, zone: str) -> str:
    """Write a moment exactly, in the reader's zone."""
    return _exact(value, zone, language.get())


@lru_cache(maxsize=20000)
def _exact(value: datetime, zone: str, name: str) -> str:
    local = value.astimezone(zone_of(zone))
    return f"{format_datetime(local, 'medium', locale=locale_of(name))} ({zone})"


@lru_cache(maxsize=20000)
def _exact_day(value: date, name: str) -> str:
    return format_date(value, "full", locale=locale_of(name))


def exact_day(value: date) -> str:
    """Write a date exactly: Thursday, 24 December 2026."""
    return _exact_day(value, language.get())


@lru_cache(maxsize=20000)
def _number(value: Decimal | float, name: str) -> str:
    return format_decimal(value, locale=locale_of(name), decimal_quantization=False)


def number(value: Decimal | float) -> str:
    """Write a number the way the reader writes numbers."""
    return _number(value, language.get())


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    """Return a time zone, or UTC when it is unknown."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def direction() -> str:
    """Return which way the reader's language runs."""
    return locale_of(language.get()).text_direction


def inside(text: str) -> str:
    """Return a name as it stands inside a sentence: task, but API token; German keeps capitals."""
    keeps = language.get().startswith("de") or text[1:2].isupper()
    return text if keeps else text[:1].lower() + text[1:]


def preferred(accepted: str) -> str:
    """Return the language a browser asks for, of those there are, or English."""
    wanted = []
    for place, part in enumerate(accepted[:500].split(",")):
        name, _sign, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, name.partition("-")[0].lower()))
        except ValueError:
            continue
    known = set(languages())
    return next((name for _weight, _place, name in sorted(wanted) if name in known), "en")

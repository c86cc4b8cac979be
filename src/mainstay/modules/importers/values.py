"""How other programs write instants, days, lengths of time and numbers, and how they are read."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan january januar jän jänner janv janvier ene enero gen gennaio janeiro янв januari",
            "feb february februar févr fév février febrero febbraio fev fevereiro фев februari",
            "mar march märz mär mrz mars marzo março мар maart mrt",
            "apr april avr avril abr abril aprile апр",
            "may mai mayo maggio mag maio май мая mei",
            "jun june juni juin junio giugno giu junho июн",
            "jul july juli juil juillet julio luglio lug julho июл",
            "aug august août aoû ago agosto авг augustus",
            "sep sept september septembre septiembre settembre set setembro сен",
            "oct october okt oktober octobre octubre ottobre ott out outubro окт",
            "nov november novembre noviembre novembro ноя",
            "dec december dez dezember déc décembre dic diciembre dicembre dezembro дек desember",
        ),
        1,
    )
    for word in words.split()
}
CLOCK = re.compile(
    r"[\s,T](\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?\s*([ap]\.?\s?m\.?|vorm\.?|nachm\.?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
ISO = re.compile(
    r"^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*"
    r"(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$"
)
NUMBERS = re.compile(r"^(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})$")
NAMED = re.compile(r"^(\d{1,2})\.?[-/. ]+([^\W\d]+)\.?[-/., ]+(\d{2,4})$")
NAMED_FIRST = re.compile(r"^([^\W\d]+)\.?[-/. ]+(\d{1,2})(?:st|nd|rd|th)?,?[-/ ]+(\d{2,4})$")
SPAN = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-zäöü]+)", re.IGNORECASE)
UNITS = {"y": 52 * 5 * 8 * 3600, "w": 5 * 8 * 3600, "d": 8 * 3600, "h": 3600, "m": 60, "s": 1}
ISO_SPAN = re.compile(
    r"^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$"
)
EARLIEST, LATEST = 1970, 2200
MOST_SECONDS = 1e10


class Days:
    """Reads dates whose order of day and month only the whole file can tell."""

    def __init__(self, zone: tzinfo = UTC, order: str = "") -> None:
        """Begin without knowing whether the day or the month comes first, unless told."""
        self.zone, self.order = zone, order

    def learn(self, texts: Sequence[str]) -> None:
        """Find out from many dates which part is the day; a part above twelve cannot be a month."""
        for text in texts:
            found = NUMBERS.match(_day_part(text))
            if not found or len(found[1]) == 4 or self.order:
                continue
            first, second = int(found[1]), int(found[3])
            if first > 12 >= second:
                self.order = "dmy"
            elif second > 12 >= first:
                self.order = "mdy"

    def instant(self, raw: object) -> datetime | None:
        """Return an instant, or None when the text is empty or says none."""
        if raw is None or isinstance(raw, bool):
            return None
        if isinstance(raw, (int, float)):
            return _epoch(raw)
        text = " ".join(str(raw).replace("\u202f", " ").replace("\xa0", " ").split())
        if not text:
            return None
        if text.isdecimal() and len(text) in (10, 13):
            return _epoch(int(text))
        with suppress(ValueError, OverflowError):
            return _plausible(self._read(text))
        return None

    def day(self, raw: object) -> date | None:
        """Return the day that a text names, in its own zone."""
        if isinstance(raw, str) and not raw.strip().isdecimal():
            with suppress(ValueError, OverflowError):
                text = " ".join(raw.split())
                found = ISO.match(text)
                named = self._day(text[:10] if found else _day_part(text))
                return named if named and EARLIEST <= named.year <= LATEST else None
            return None
        found_at = self.instant(raw)
        return found_at.date() if found_at else None

    def _read(self, text: str) -> datetime | None:
        if found := ISO.match(text):
            return self._iso(found)
        if re.match(r"^[A-Za-z]{3}, \d.*:", text):
            found_at = parsedate_to_datetime(text)
            known = found_at if found_at.tzinfo else found_at.replace(tzinfo=self.zone)
            return known.astimezone(UTC)
        clock = CLOCK.search(text)
        day = self._day(_day_part(text))
        if day is None:
            return None
        hours, minutes, seconds, zone = _clock(clock)
        zone = zone or self.zone
        return datetime(
            day.year, day.month, day.day, hours, minutes, seconds, tzinfo=zone
        ).astimezone(UTC)

    def _iso(self, found: re.Match[str]) -> datetime:
        year, month, day = (int(found[n]) for n in (1, 2, 3))
        hours, minutes, seconds = (int(found[n] or 0) for n in (4, 5, 6))
        parts = int((found[7] or "0")[:6].ljust(6, "0"))
        zone = _zone(found[8]) or self.zone
        at = datetime(year, month, day, hours, minutes, seconds, parts, tzinfo=zone)
        return at.astimezone(UTC)

    def _day(self, text: str) -> date | None:
        if found := NAMED.match(text):
            return _date(found[3], MONTHS.get(found[2].casefold()), found[1])
        if found := NAMED_FIRST.match(text):
            return _date(found[3], MONTHS.get(found[1].casefold()), found[2])
        if found := ISO.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        found = NUMBERS.match(text)
        if not found:
            return None
        a, sign, b, c = found.groups()
        if len(a) == 4:
            return _date(a, int(b), c)
        day_first = self.order == "dmy" or int(a) > 12 or (sign == "." and self.order != "mdy")
        return _date(c, int(b), a) if day_first else _date(c, int(a), b)


def _day_part(text: str) -> str:
    """Return a text without the clock at its end and the weekday at its beginning."""
    text = " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())
    if found := CLOCK.search(text):
        text = text[: found.start()]
    text = re.sub(r"^[^\W\d]{2,9}\.?,\s+(?=\d)", "", text.strip(" ,"))
    return text.strip(" ,")


def _clock(found: re.Match[str] | None) -> tuple[int, int, int, tzinfo | None]:
    if found is None:
        return 0, 0, 0, None
    hours, half = int(found[1]), (found[4] or "").lower()[:1]
    if half in "pn" and half and hours < 12:
        hours += 12
    if half in "av" and half and hours == 12:
        hours = 0
    return hours, int(found[2]), int(found[3] or 0), _zone(found[5])


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset)


def _date(year: str, month: int | None, day: str) -> date | None:
    if not month:
        return None
    number = int(year)
    if len(year) <= 2:
        number += 2000 if number < 70 else 1900
    return date(number, month, int(day))


def _plausible(at: datetime | None) -> datetime | None:
    return at if at is not None and EARLIEST <= at.year <= LATEST else None


def _epoch(number: float) -> datetime | None:
    seconds = number / 1000 if abs(number) > 1e11 else number
    with suppress(ValueError, OverflowError, OSError):
        return _plausible(datetime.fromtimestamp(seconds, UTC))
    return None


def seconds_of(raw: object) -> int | None:
    """Return a length of time in seconds: a number of them, "1d 4h", "PT3H", "2 hours"."""
    if raw is None or isinstance(raw, bool):
        return None
    if isinstance(raw, (int, float)):
        return _seconds(raw)
    text = str(raw).strip()
    if not text:
        return None
    with suppress(ValueError):
        return _seconds(float(text.replace(",", ".")))
    if (found := ISO_SPAN.match(text.upper())) and len(text) > 1:
        weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return round(weeks * UNITS["w"] + days * UNITS["d"] + hours * 3600 + minutes * 60 + seconds)
    total, used = 0.0, False
    for number, unit in SPAN.findall(text):
        if (worth := UNITS.get(_unit(unit))) is not None:
            total, used = total + float(number.replace(",", ".")) * worth, True
    return round(total) if used else None


def _seconds(number: float) -> int | None:
    """Return whole seconds; what no life is long enough for is no time."""
    return max(0, round(number)) if abs(number) < MOST_SECONDS else None


def _unit(word: str) -> str:
    """Return the letter of a unit: minutes, Std., jours."""
    low = word.casefold()
    german = {"std": "h", "stunde": "h", "stunden": "h", "tag": "d", "tage": "d", "jour": "d"}
    return german.get(low) or german.get(low.rstrip("s")) or low[:1]


def number_of(raw: object) -> float | None:
    """Return a number, whichever sign stands before its decimals; None when it is none."""
    if raw is None or isinstance(raw, bool):
        return None
    if isinstance(raw, (int, float)):
        return float(raw) if abs(raw) < 1e15 else None
    text = re.sub(r"[\s\u202f\xa0']", "", str(raw))
    if not (parts := re.fullmatch(r"([-+]?[\d.,]*\d[\d.,]*)(E[-+]?\d{1,2})?", text)):
        return None
    # A spreadsheet writes fifteen as 1.50E+01.
    text, power = parts[1], parts[2] or ""
    comma, point = text.rfind(","), text.rfind(".")
    plain = text.replace(",", "")
    text = text.replace(".", "").replace(",", ".") if comma > point else plain
    with suppress(ValueError):
        found = float(text + power)
        return found if abs(found) < 1e15 else None
    return None


def texts(raw: object, sign: str = ",") -> list[str]:
    """Return the words of a text that lists several, each once and in their order."""
    parts = (part.strip() for part in str(raw or "").split(sign))
    return list(dict.fromkeys(part for part in parts if part))


def shortened(text: str, most: int) -> str:
    """Return a text in one line, cut with an ellipsis where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"

"""Says a rule in words, in whatever language it is given the texts of."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Final

from babel import Locale
from babel.dates import format_date, format_time, get_day_names, get_month_names
from babel.lists import format_list
from msgspec import Struct

from mainstay.recurrence.choices import SETS
from mainstay.recurrence.rule import Recur, Rule

FEW: Final = 4
THREE: Final = 3
TEENS: Final = range(11, 14)


def _plural(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


class Speech(Struct, frozen=True):
    """A language: its name, and where its texts come from; plain English when left out."""

    language: str = "en"
    gettext: Callable[[str], str] = str
    ngettext: Callable[[str, str, int], str] = _plural

    @property
    def locale(self) -> Locale:
        """Return how dates and lists are written."""
        return Locale.parse(self.language.replace("-", "_"))

    def day(self, value: date) -> str:
        """Write a date with its year: 3 May 2027."""
        return format_date(value, self._pattern("d MMMM y", "d. MMMM y"), locale=self.locale)

    def month_day(self, month: int, day: int) -> str:
        """Write a day of the year: 3 May."""
        pattern = self._pattern("d MMMM", "d. MMMM")
        return format_date(date(2024, month, day), pattern, locale=self.locale)

    def weekday(self, number: int) -> str:
        """Name a weekday; 0 is Monday."""
        return str(get_day_names("wide", "stand-alone", self.locale)[number])

    def month(self, number: int) -> str:
        """Name a month."""
        return str(get_month_names("wide", "stand-alone", self.locale)[number])

    def listed(self, parts: Sequence[str]) -> str:
        """Join words: one, two and three."""
        return format_list(list(parts), locale=self.locale)

    def place(self, number: int) -> str:
        """Write a place: 1st, 2nd in English, 1. elsewhere."""
        if self.locale.language != "en":
            return f"{number}."
        ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{'th' if number % 100 in TEENS else ending}"

    def _pattern(self, english: str, other: str) -> str:
        return english if self.locale.language in ("en", "vi") else other


ENGLISH: Final = Speech()


def in_words(rule: Rule | Recur, say: Speech = ENGLISH) -> str:
    """Say when something happens: every Tuesday and Thursday until 3 May 2027."""
    if isinstance(rule, Recur):
        return _recur(rule, say)
    said = [_recur(one, say) for one in rule.recurs]
    if rule.dates:
        few = len(rule.dates) <= FEW
        days = say.listed([say.day(_day(one)) for one in rule.dates]) if few else ""
        many = say.ngettext("on %(num)s single day", "on %(num)s single days", len(rule.dates))
        number = len(rule.dates)
        said.append(say.gettext("on %(days)s") % {"days": days} if few else many % {"num": number})
    text = say.listed(said)
    if left_out := len(rule.except_dates):
        but = say.ngettext("except on %(num)s day", "except on %(num)s days", left_out)
        text = f"{text}, {but % {'num': left_out}}"
    if rule.except_recurs:
        never = say.listed([_recur(one, say) for one in rule.except_recurs])
        text = say.gettext("%(when)s, but not %(never)s") % {"when": text, "never": never}
    return text


def after_in_words(days: int, say: Speech = ENGLISH) -> str:
    """Say that something comes again some days after it was done."""
    if days == 0:
        return say.gettext("on the day of completion")
    text = say.ngettext("%(num)s day after completion", "%(num)s days after completion", days)
    return text % {"num": days}


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _recur(recur: Recur, say: Speech) -> str:
    parts = [*_days(recur, say), _times(recur, say), _end(recur, say)]
    text = " ".join(part for part in parts if part)
    if recur.count is not None:
        times = say.ngettext("%(num)s time", "%(num)s times", recur.count) % {"num": recur.count}
        text = f"{text}, {times}"
    return text


def _end(recur: Recur, say: Speech) -> str:
    if recur.until is None:
        return ""
    return say.gettext("until %(day)s") % {"day": say.day(_day(recur.until))}


def _every(recur: Recur, say: Speech) -> str:
    """Say how often: every week, every 2 weeks."""
    several = {
        "YEARLY": lambda n: say.ngettext("every year", "every %(num)s years", n),
        "MONTHLY": lambda n: say.ngettext("every month", "every %(num)s months", n),
        "WEEKLY": lambda n: say.ngettext("every week", "every %(num)s weeks", n),
        "DAILY": lambda n: say.ngettext("every day", "every %(num)s days", n),
        "HOURLY": lambda n: say.ngettext("every hour", "every %(num)s hours", n),
        "MINUTELY": lambda n: say.ngettext("every minute", "every %(num)s minutes", n),
        "SECONDLY": lambda n: say.ngettext("every second", "every %(num)s seconds", n),
    }
    return several[recur.freq](recur.interval) % {"num": recur.interval}


def _days(recur: Recur, say: Speech) -> list[str]:
    """Say how often and on which days."""
    months = [say.month(month) for month in recur.by_month]
    if recur.freq == "YEARLY" and _single_day(recur):
        day = say.month_day(recur.by_month[0], recur.by_month_day[0])
        return [_every(recur, say), say.gettext("on %(days)s") % {"days": day}]
    said = _on(recur, say)
    limits = [say.gettext("in %(months)s") % {"months": say.listed(months)}] if months else []
    if recur.by_week:
        weeks = say.listed([str(week) for week in recur.by_week])
        limits.append(say.gettext("in week %(weeks)s") % {"weeks": weeks})
    plain = recur.interval == 1 and not recur.by_set_pos
    if recur.freq in ("WEEKLY", "DAILY") and plain and recur.by_day and not recur.by_month_day:
        return [say.gettext("every %(days)s") % {"days": _weekdays(recur, say)}, *limits]
    rest = [*limits, _positions(recur, say), _only_if(recur, say)]
    if recur.freq == "MONTHLY" and recur.interval == 1 and said and not limits:
        return [say.gettext("%(on_day)s of the month") % {"on_day": say.listed(said)}, *rest]
    return [_every(recur, say), say.listed(said), *rest]


def _single_day(recur: Recur) -> bool:
    """Return whether a rule names one day of the year and nothing else."""
    alone = len(recur.by_month) == len(recur.by_month_day) == 1 and recur.by_month_day[0] > 0
    real = alone and recur.by_month_day[0] <= (29 if recur.by_month[0] == 2 else 30)
    return real and not (recur.by_day or recur.by_year_day or recur.by_week or recur.by_set_pos)


def _on(recur: Recur, say: Speech) -> list[str]:
    """Say on which days, one phrase each."""
    said = []
    if recur.by_day:
        numbered = [day for day in recur.by_day if day.n]
        if chosen := _set(recur):
            said += [_nth(place, _set_name(chosen, say), say) for place in recur.by_set_pos]
        elif len(numbered) < len(recur.by_day) and not recur.by_month_day:
            said.append(say.gettext("on %(days)s") % {"days": _weekdays(recur, say)})
        said += [_nth(day.n, say.weekday(day.weekday), say) for day in numbered]
    ahead = [say.place(day) for day in recur.by_month_day if day > 0]
    if ahead:
        said.append(say.gettext("on the %(places)s") % {"places": say.listed(ahead)})
    said += [_nth(day, say.gettext("day"), say) for day in recur.by_month_day if day < 0]
    if recur.by_year_day:
        numbers = say.listed([str(day) for day in recur.by_year_day])
        said.append(say.gettext("on day %(days)s of the year") % {"days": numbers})
    return said


def _only_if(recur: Recur, say: Speech) -> str:
    """Say which weekday a day of the month must be: Friday the 13th."""
    if not recur.by_month_day or not any(not day.n for day in recur.by_day):
        return ""
    return say.gettext("if it is a %(days)s") % {"days": _weekdays(recur, say)}


def _set(recur: Recur) -> str:
    """Return the name of the days that BYSETPOS chooses from, where they have one."""
    if not recur.by_set_pos or recur.freq not in ("MONTHLY", "YEARLY") or recur.by_month_day:
        return ""
    if len(recur.by_day) == 1 and not recur.by_day[0].n:
        return str(recur.by_day[0])
    return next((name for name, days in SETS.items() if days == recur.by_day), "")


def _set_name(name: str, say: Speech) -> str:
    known = {
        "weekday": say.gettext("weekday"),
        "weekend": say.gettext("weekend day"),
        "day": say.gettext("day"),
    }
    return known.get(name) or say.weekday(("MO", "TU", "WE", "TH", "FR", "SA", "SU").index(name))


def _weekdays(recur: Recur, say: Speech) -> str:
    plain = tuple(day for day in recur.by_day if not day.n)
    if plain == SETS["weekday"]:
        return say.gettext("weekday")
    if plain == SETS["day"]:
        return say.gettext("day")
    return say.listed([say.weekday(day.weekday) for day in plain])


def _nth(number: int, day: str, say: Speech) -> str:
    known = {
        1: say.gettext("on the first %(day)s"),
        2: say.gettext("on the second %(day)s"),
        3: say.gettext("on the third %(day)s"),
        4: say.gettext("on the fourth %(day)s"),
        -1: say.gettext("on the last %(day)s"),
        -2: say.gettext("on the second to last %(day)s"),
    }
    if number in known:
        return known[number] % {"day": day}
    text = say.gettext("on the %(place)s %(day)s")
    if number < 0:
        text = say.gettext("on the %(place)s %(day)s from the end")
    return text % {"place": say.place(abs(number)), "day": day}


def _positions(recur: Recur, say: Speech) -> str:
    """Say what BYSETPOS keeps, where no plainer words do."""
    if not recur.by_set_pos or _set(recur):
        return ""
    numbers = say.listed([str(place) for place in recur.by_set_pos])
    return say.gettext("(of these only number %(numbers)s)") % {"numbers": numbers}


def _times(recur: Recur, say: Speech) -> str:
    """Say at which times, where the rule names any."""
    if recur.by_hour and recur.freq not in ("HOURLY", "MINUTELY", "SECONDLY"):
        minutes = recur.by_minute or (0,)
        moments = [time(hour, minute) for hour in recur.by_hour for minute in minutes]
        shown = [format_time(one, "HH:mm", locale=say.locale) for one in moments[: FEW * THREE]]
        shown += ["…"] if len(moments) > len(shown) else []
        return say.gettext("at %(times)s") % {"times": say.listed(shown)}
    said = []
    if recur.by_hour:
        hours = say.listed([str(hour) for hour in recur.by_hour])
        said.append(say.gettext("in hour %(hours)s") % {"hours": hours})
    if recur.by_minute:
        numbers = say.listed([str(minute) for minute in recur.by_minute])
        said.append(say.gettext("at minute %(minutes)s") % {"minutes": numbers})
    if recur.by_second:
        numbers = say.listed([str(second) for second in recur.by_second])
        said.append(say.gettext("at second %(seconds)s") % {"seconds": numbers})
    return " ".join(said)

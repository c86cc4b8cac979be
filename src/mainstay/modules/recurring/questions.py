"""What a rule means before it is kept: its words, its next days, and the choices that make it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.delivery import words
from mainstay.delivery.refusals import refusal
from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.modules.recurring import rules
from mainstay.modules.recurring.entities import TaskSeries, read_days
from mainstay.recurrence import (
    Choices,
    Recur,
    Speech,
    after_in_words,
    in_words,
    to_choices,
    zone_named,
)

SHOWN = 5


class PreviewAsk(Struct, forbid_unknown_fields=True):
    """A rule as it stands in a form."""

    rule: Annotated[str, Meta(max_length=1000, description="An RFC 5545 rule")]
    starts_on: Annotated[str, Meta(description="The first day; today when left out")] = ""
    zone: Annotated[str, Meta(description="The time zone; yours when left out")] = ""
    except_on: Annotated[str, Meta(max_length=20_000, description="Days that are left out")] = ""
    limit: Annotated[int, Meta(ge=1, le=20, description="How many days")] = SHOWN


class ComingDay(Struct, frozen=True):
    """A day, and how people say it."""

    day: date
    said: str


class Preview(Struct, frozen=True):
    """What a rule means; a problem says what is wrong with it."""

    problem: str = ""
    rule: str = ""
    words: str = ""
    days: list[ComingDay] = []
    more: bool = False
    choices: Choices | None = None


def speech() -> Speech:
    """Return the language that is spoken now."""
    return Speech(words.language.get(), words.gettext, words.ngettext)


@contextmanager
def spoken_to(ctx: Context) -> Iterator[None]:
    """Speak the asking person's language, whoever asks: a page or a program."""
    before = words.language.set(str(words.locale_of(ctx.me.locale)))
    try:
        yield
    finally:
        words.language.reset(before)


@question(label="What a rule means")
async def preview(ctx: Context, ask: PreviewAsk) -> Preview:
    """Say a rule in words with its next days, or what is wrong with it; nothing is kept."""
    with spoken_to(ctx):
        try:
            return _preview(ctx, ask)
        except ValueError as error:
            return Preview(problem=refusal(str(error)))


def _preview(ctx: Context, ask: PreviewAsk) -> Preview:
    recur = rules.read(ask.rule)
    zone = ask.zone.strip() or ctx.me.zone
    zone_named(zone)
    today = today_in(zone, ctx.now)
    starts_on = _day(ask.starts_on) if ask.starts_on.strip() else today
    left_out = [_day(text) for text in read_days(ask.except_on)]
    if not recur.by_day and not recur.by_month_day and len(left_out) > rules.MOST_DAYS:
        raise ValueError(f"may leave out at most {rules.MOST_DAYS} days")
    floor = rules.before(max(starts_on, today))
    found = rules.coming(ask.rule, starts_on, left_out, after=floor)
    days = list(islice(found, ask.limit + 1))
    shown = [ComingDay(day, words.exact_day(day)) for day in days[: ask.limit]]
    never = "" if days else _why_never(recur, starts_on)
    return Preview(
        problem=never,
        rule=str(recur),
        words=in_words(recur, speech()),
        days=shown,
        more=len(days) > ask.limit,
        choices=to_choices(recur),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"must be a date like 2026-12-01, not {text[:40]}") from None


def _why_never(recur: Recur, starts_on: date) -> str:
    ever = rules.coming(str(recur), starts_on, (), after=date.min)
    if next(ever, None) is None:
        return words.gettext("This never happens: no day fits all of its parts.")
    return words.gettext("There is no day from today on. Let it end later.")


def series_words(series: TaskSeries) -> str:
    """Say in words when a series comes again."""
    if series.mode == "after_completion":
        return after_in_words(series.days_after or 0, speech())
    return in_words(rules.read(series.rule), speech())

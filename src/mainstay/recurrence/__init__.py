"""Rules of recurrence by RFC 5545: reading them, when they happen, and saying them in words."""

from mainstay.recurrence.choices import Choices, from_choices, to_choices
from mainstay.recurrence.reading import zone_named
from mainstay.recurrence.rule import Freq, Nth, Recur, Rule
from mainstay.recurrence.search import (
    days,
    each_day,
    moments,
    next_after,
    next_day,
    occurrences,
)
from mainstay.recurrence.words import ENGLISH, Speech, after_in_words, in_words

__all__ = [
    "ENGLISH",
    "Choices",
    "Freq",
    "Nth",
    "Recur",
    "Rule",
    "Speech",
    "after_in_words",
    "days",
    "each_day",
    "from_choices",
    "in_words",
    "moments",
    "next_after",
    "next_day",
    "occurrences",
    "to_choices",
    "zone_named",
]

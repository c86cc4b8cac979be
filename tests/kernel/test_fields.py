"""Every kind of value: written, stored and read back the same, and refused with a sentence."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.kernel.fields import (
    Choice,
    Day,
    Dec,
    Flag,
    Instant,
    Json,
    Kind,
    Links,
    Real,
    Text,
    Whole,
    kind_of,
    spoken,
)

CHOICE = Choice(values=("low", "medium", "high"), ordered=True, aliases=(("urgent", "high"),))
VALUES: list[tuple[Kind, st.SearchStrategy[Any]]] = [
    (Text(500), st.text(max_size=500).filter(lambda text: "\x00" not in text)),
    (Whole(), st.integers(0, 2**53 - 1)),
    (Real(), st.floats(0, 1e12, allow_nan=False)),
    (Dec(15, 2), st.decimals(0, 10**12, places=2)),
    (Flag(), st.booleans()),
    (Day(), st.dates()),
    (Instant(), st.datetimes(timezones=st.just(UTC))),
    (CHOICE, st.sampled_from(["low", "medium", "high"])),
    (Json(shape=list[str]), st.lists(st.text(max_size=20))),
    (Links(target="x.y"), st.lists(st.integers(1, 1000), unique=True)),
]


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=lambda v: type(v).__name__)
@given(data=st.data())
def test_text_form_and_both_stores_give_the_value_back(
    kind: Kind, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    assert kind.parse(kind.text(value)) == value
    if isinstance(kind, Links):
        return
    for engine in ("sqlite", "postgresql"):
        encode, decode = kind.to_db(engine), kind.from_db(engine)
        stored = encode(value) if encode else value
        assert (decode(stored) if decode else stored) == value


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=2))
def test_instants_sort_as_text_on_sqlite(pair: list[datetime]) -> None:
    write = Instant().to_db("sqlite")
    assert write is not None
    assert (write(pair[0]) < write(pair[1])) == (pair[0] < pair[1])


def test_instants_of_any_zone_are_kept_in_utc() -> None:
    write = Instant().to_db("sqlite")
    assert write is not None
    there = datetime(2026, 12, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    assert write(there) == "2026-12-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        (Whole(), "1.5", "whole number"),
        (Whole(most=5), "6", "between 0 and 5"),
        (Real(), "much", "a number"),
        (Real(), "nan", "between"),
        (Dec(8, 2), "1.234", "2 decimal places"),
        (Dec(8, 2), "1e20", "between"),
        (Dec(8, 2), "NaN", "between"),
        (Flag(), "maybe", "true or false"),
        (Day(), "01.12.2026", "2026-12-01"),
        (Instant(), "noon", "2026-12-01T14:00:00Z"),
        (CHOICE, "soon", "low, medium, high"),
        (Json(shape=dict[str, int]), "{", "JSON"),
        (Links(target="x"), "1,a", "ids"),
    ],
)
def test_wrong_texts_are_refused_with_what_is_expected(kind: Kind, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        kind.parse(text)


def test_aliases_and_exact_decimals_are_accepted() -> None:
    assert CHOICE.parse("urgent") == "high"
    assert CHOICE.accept("urgent") == "high"
    assert Dec(8, 2).accept(0.1) == Decimal("0.10")
    assert Dec(8, 2).accept(3) == Decimal("3.00")
    with pytest.raises(ValueError, match="NUL"):
        Text().accept("a\x00b")
    with pytest.raises(ValueError, match="half a character"):
        Text().accept("a\ud800b")
    assert Text().accept("\U0001f600") == "\U0001f600"


def test_annotations_say_their_kind() -> None:
    assert kind_of(str | None) == (Text(), str, True)
    assert kind_of(Literal["a", "b"])[0] == Choice(values=("a", "b"))
    assert isinstance(kind_of(date)[0], Day)
    assert spoken("assignee_id") == "Assignee"
    assert spoken("in_progress") == "In progress"

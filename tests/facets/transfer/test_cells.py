"""Values as text: what is written is read back to the byte."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.delivery.formulas import guard, unguard
from mainstay.facets.transfer.cells import header_key, read, write
from mainstay.kernel.entity import fields_of
from tests.facets.transfer.house import Thing

FIELDS = {item.name: item for item in fields_of(Thing)}
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)))


@given(TEXT)
def test_a_guarded_text_is_harmless_and_comes_back(text):
    safe = guard(text)
    assert unguard(safe) == text
    assert safe[:1] not in ("=", "+", "-", "@", "\t", "\r")


@given(TEXT)
def test_text_that_needs_no_guard_is_left_alone(text):
    if not text.lstrip("'").startswith(("=", "+", "-", "@", "\t", "\r")):
        assert guard(text) == text
        assert unguard(text) == text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("pieces", -7, "-7"),
        ("price", Decimal("-12.50"), "-12.50"),
        ("ready", True, "true"),
        ("due", date(2026, 12, 1), "2026-12-01"),
        ("seen_at", datetime(2026, 12, 1, 9, tzinfo=UTC), "2026-12-01T09:00:00.000000Z"),
        ("people", [3, 1], "3,1"),
        ("facts", {"a": 1}, '{"a":1}'),
        ("size", "in_between", "in_between"),
    ],
)
def test_every_kind_is_written_plainly(name, value, text):
    assert write(FIELDS[name], value) == text
    assert read(FIELDS[name], text) == value


@given(st.floats(-1e9, 1e9))
def test_measured_numbers_come_back_exactly(value):
    assert read(FIELDS["weight"], write(FIELDS["weight"], value)) == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("size", "In between", "in_between"),
        ("size", "big", "large"),
        ("pieces", " 3 ", 3),
        ("pieces", "3.0", 3),
        ("pieces", 3.0, 3),
        ("due", "2026-12-01T00:00:00", date(2026, 12, 1)),
        ("due", datetime.fromisoformat("2026-12-01T00:00:00"), date(2026, 12, 1)),
        ("ready", "Yes", True),
        ("title", 12.0, "12"),
        ("title", "  kept  ", "  kept  "),
        ("price", "", None),
    ],
)
def test_what_people_type_is_understood(name, text, value):
    assert read(FIELDS[name], text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pieces", "3.5"),
        ("due", "01.12.2026"),
        ("price", "1,5"),
        ("size", "huge"),
        ("ready", "perhaps"),
        ("due", "2026-12-01T10:00:00"),
        ("title", "a\x00b"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(name, text):
    with pytest.raises(ValueError, match=r"must"):
        read(FIELDS[name], text)


def test_column_names_are_compared_loosely():
    assert header_key(" Story-Points ") == header_key("story_points") == header_key("STORY points")

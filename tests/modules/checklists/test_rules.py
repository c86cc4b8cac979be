"""Checklists as pure functions: what items amount to, their order, and results in numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.modules.checklists import rules
from mainstay.modules.checklists.rules import Item


def items(text: str) -> list[Item]:
    """Read items from letters: d done, w waits, p in progress, x blocked, t to do; o optional."""
    states = {"d": "completed", "w": "completed", "p": "in_progress", "x": "blocked"}
    return [
        Item(
            n,
            word,
            float(n),
            required="o" not in word,
            status=states.get(word[0], "pending"),
            done=word[0] == "d",
        )
        for n, word in enumerate(text.split(), 1)
    ]


@pytest.mark.parametrize(
    ("text", "count", "done", "status"),
    [
        ("", 0, 0, "pending"),
        ("t t", 2, 0, "pending"),
        ("t p", 2, 0, "in_progress"),
        ("d t", 2, 1, "in_progress"),
        ("w t", 2, 0, "in_progress"),
        ("d w", 2, 1, "in_progress"),  # what waits for validation is not done
        ("d x", 2, 1, "blocked"),
        ("d d", 2, 2, "completed"),
        ("d to", 2, 1, "completed"),  # an optional item holds nothing up
        ("d xo", 2, 1, "completed"),
        ("to do", 2, 1, "in_progress"),  # where none is required, every one is
        ("do do", 2, 2, "completed"),
    ],
)
def test_what_items_amount_to(text, count, done, status):
    tally = rules.tally(items(text))
    assert (tally.items, tally.done, tally.status) == (count, done, status)
    assert tally.completed == (status == "completed")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("d d t", None),
        ("d t d", ("d", "t")),
        ("d to d", None),  # an optional one may be passed over
        ("w t", None),
        ("w d", ("d", "w")),  # the first waits to be validated
        ("t w", ("w", "t")),
    ],
)
def test_what_is_out_of_order(text, wrong):
    found = rules.out_of_order(items(text), sequential=True)
    assert (found and (found[0].name, found[1].name)) == wrong
    assert rules.out_of_order(items(text), sequential=False) is None


STATES = st.lists(
    st.tuples(st.sampled_from("dwpxt"), st.booleans()).map(lambda p: p[0] + "o" * p[1]),
    max_size=8,
)


@given(STATES, st.data())
def test_the_first_to_do_is_what_completing_would_be_refused_for(words, data):
    """Asked before and asked after say the same, for lists that are in order until then."""
    found = items(" ".join(words))
    if rules.out_of_order(found, sequential=True) or not found:
        return
    chosen = data.draw(st.sampled_from(found))
    if chosen.status == "completed":
        return
    first = rules.first_before(found, chosen, sequential=True)
    done = Item(chosen.id, chosen.name, chosen.place, chosen.required, "completed", done=True)
    after = rules.out_of_order(
        [done if one.id == chosen.id else one for one in found], sequential=True
    )
    assert (first is None) == (after is None)
    if first and after:
        assert after == (done, first)


def test_what_waits_for_one_another_is_named():
    def one(number, earlier):
        return Item(number, "abc"[number - 1], 1.0, True, "pending", False, earlier)

    assert rules.circle([one(1, None), one(2, 1), one(3, 2)]) == []
    found = rules.circle([one(1, 3), one(2, 1), one(3, 2)])
    assert [item.name for item in found] == ["a", "c", "b", "a"]
    assert [item.name for item in rules.circle([one(1, 1)])] == ["a", "a"]
    # What waits for one that is gone waits for nothing.
    late = one(2, 9)
    assert rules.out_of_order([late], sequential=False) is None


@pytest.mark.parametrize(
    ("score", "most", "right", "asked", "percent"),
    [
        (None, None, None, None, None),
        (Decimal(17), Decimal(20), None, None, 85.0),  # 17/20
        (Decimal(2), Decimal(3), None, None, 66.67),  # 66.666…, halves up
        (Decimal(17), None, 9, 12, 75.0),  # a score of nothing says nothing; 9 of 12 does
        (Decimal(0), Decimal(20), 9, 12, 0.0),  # the score comes first
        (None, None, 0, 0, None),
    ],
)
def test_results_in_percent(score, most, right, asked, percent):
    assert rules.percent(score, most, right, asked) == percent


@pytest.mark.parametrize(
    ("percent", "mark", "passed", "fits"),
    [
        (85.0, 80.0, True, True),
        (85.0, 80.0, False, False),
        (79.99, 80.0, True, False),
        (80.0, 80.0, True, True),
        (50.0, None, True, True),  # without a mark both may be
        (50.0, None, False, True),
        (0.0, None, True, False),
        (100.0, None, False, False),
        (None, 80.0, True, True),
    ],
)
def test_a_verdict_fits_the_numbers(percent, mark, passed, fits):
    assert (rules.contradicts(percent, mark, passed=passed) is None) == fits
    if mark is not None and percent is not None:
        assert rules.verdict(percent, mark) == (passed if fits else not passed)

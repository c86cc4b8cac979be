"""Scores, bands, flows and numbering, against values worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.modules.charter import rules
from mainstay.modules.charter.questions import matrix
from tests.modules.projects.test_rules import TODAY

LEVEL = st.sampled_from(rules.LEVELS)


@pytest.mark.parametrize(
    ("probability", "impact", "score", "band"),
    [
        ("very_low", "very_low", 1, "low"),
        ("low", "low", 4, "low"),
        ("very_low", "very_high", 5, "medium"),
        ("medium", "medium", 9, "medium"),
        ("low", "very_high", 10, "high"),
        ("medium", "very_high", 15, "high"),
        ("high", "high", 16, "critical"),
        ("very_high", "very_high", 25, "critical"),
    ],
)
def test_the_score_of_a_risk_and_its_band(probability, impact, score, band):
    assert rules.score(probability, impact) == rules.score(impact, probability) == score
    assert rules.risk_band(score) == band


def test_the_level_that_risks_speak_for_is_that_of_the_highest():
    assert rules.suggested_level([4, 12, 9]) == "high"
    assert rules.suggested_level([]) == "low"


@given(st.dictionaries(st.tuples(LEVEL, LEVEL), st.integers(1, 50)))
def test_a_matrix_has_every_cell_once_and_loses_nothing(counts):
    found = matrix(TODAY, None, counts)
    assert len({(c.probability, c.impact) for c in found.cells}) == len(found.cells) == 25
    assert sum(c.count for c in found.cells) == found.open_count == sum(counts.values())
    assert sum(found.bands.values()) == found.open_count
    assert found.highest == max((rules.score(*pair) for pair in counts), default=0)


@pytest.mark.parametrize(
    ("before", "after", "legal"),
    [
        ("identified", "analyzing", True),
        ("open", "mitigating", True),
        ("monitoring", "occurred", True),
        ("open", "identified", False),
        ("occurred", "open", False),
        ("occurred", "closed", True),
        ("closed", "open", True),
        ("closed", "occurred", False),
    ],
)
def test_the_flow_of_risks(before, after, legal):
    assert (rules.risk_move(before, after) is None) is legal


@pytest.mark.parametrize(
    ("revision", "after"),
    [
        ("1.0", "1.1"),
        ("1.9", "1.10"),
        ("2", "3"),
        ("v3", "v4"),
        ("2026-09", "2026-10"),
        ("007", "008"),
        ("1.0b", "1.1b"),
        ("B", "C"),
        ("Z", "Z 2"),
        ("final", "final 2"),
        ("9" * 20, "1.0"),
    ],
)
def test_the_version_that_follows(revision, after):
    assert rules.next_revision(revision) == after


@given(st.text(min_size=1, max_size=20))
def test_any_version_has_one_that_follows_and_differs(revision):
    after = rules.next_revision(revision)
    assert 1 <= len(after) <= rules.LONGEST_REVISION
    assert after != revision.strip() or after == "1.0"

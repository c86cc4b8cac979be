"""Every occurrence that others have asserted of 234 rules."""

import json
from pathlib import Path

import pytest

from mainstay.recurrence import Rule, occurrences

DATA = Path(__file__).parents[3] / "shared/data/recurrence/rrule_expected.json"


@pytest.mark.skipif(not DATA.is_file(), reason=f"{DATA} is not beside this checkout")
def test_every_published_occurrence_holds():
    rules = json.loads(DATA.read_text("utf-8"))
    assert (len(rules), sum(len(one["expected"]) for one in rules)) == (255, 785)
    held = 0
    for one in rules:
        if one["byeaster"]:
            with pytest.raises(ValueError, match="BYEASTER"):
                Rule.parse(one["rule"])
            continue
        rule = Rule.parse(one["rule"])
        assert Rule.parse(str(rule)) == rule
        found = [moment.isoformat() for moment in occurrences(rule, limit=100)]
        assert found == one["expected"], one["rule"]
        held += 1
    assert held == 234

"""Public data that is kept beside the checkout: hostile strings and story points."""

import json
from functools import cache
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"
STRINGS = DATA / "strings" / "blns.json"
STORY_POINTS = DATA / "story-points"


@cache
def naughty_strings() -> tuple[str, ...]:
    """Return the Big List of Naughty Strings, or nothing where it is absent."""
    return tuple(json.loads(STRINGS.read_text("utf-8"))) if STRINGS.exists() else ()


@pytest.fixture(scope="session")
def naughty() -> tuple[str, ...]:
    """Every naughty string, or a skip that says where they should be."""
    return naughty_strings() or pytest.skip(f"no strings: {STRINGS} is absent")


@pytest.fixture(scope="session")
def story_points() -> Path:
    """The folder of CSV files with estimated issues, or a skip."""
    if not STORY_POINTS.is_dir():
        pytest.skip(f"no story points: {STORY_POINTS} is absent")
    return STORY_POINTS

"""Files from elsewhere that this room knows how to read."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from mainstay.kernel.module import ImportPreset

KEY = re.compile(r"([A-Z][A-Z0-9]*)-\d{1,9}")
LONGEST_TITLE = 500
LONGEST_TEXT = 100_000
MOST_POINTS = 1000


def readable(file_name: str) -> str:
    """Return a project's name made from a file's: `spring_xd.csv` becomes "Spring Xd"."""
    words = re.sub(r"[\W_]+", " ", PurePath(file_name).stem).split()
    return " ".join(word[:1].upper() + word[1:] for word in words)[:200] or "Import"


def key_of(row: Mapping[str, str]) -> tuple[str, str]:
    """Return an issue's key and the project prefix in it, or say what is wrong with it."""
    key = (row.get("issuekey") or "").strip().upper()
    found = KEY.fullmatch(key)
    if found is None or len(key) > 20:
        raise ValueError(f"issuekey {key!r} is not an issue key like ABC-123")
    return key, found[1]


def points_of(row: Mapping[str, str]) -> float | None:
    """Return an issue's story points; an empty cell means that nobody has said."""
    text = (row.get("storypoint") or "").strip()
    if not text:
        return None
    try:
        points = float(text)
    except ValueError:
        raise ValueError(f"storypoint {text!r} is not a number") from None
    if not 0 <= points <= MOST_POINTS:
        raise ValueError(f"storypoint {text} is not between 0 and {MOST_POINTS}")
    return points


def story(row: Mapping[str, str], file_name: str) -> dict[str, Any]:
    """Return the task that one issue becomes.

    The status is left to its default, to do, so that a second import undoes nobody's work.
    """
    del file_name
    key, prefix = key_of(row)
    title, text = (row.get("title") or "").strip(), row.get("description") or ""
    if not title:
        raise ValueError(f"{key} has no title")
    if len(title) > LONGEST_TITLE:
        raise ValueError(f"the title of {key} has more than {LONGEST_TITLE} characters")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"the description of {key} has more than {LONGEST_TEXT} characters")
    return {
        "project": {"code": prefix},
        "code": key,
        "title": title,
        "description": text,
        "type": "story",
        "story_points": points_of(row),
    }


def story_projects(rows: list[dict[str, Any]], file_name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the projects that a file's issues belong to: one for each prefix of their keys.

    The first is named after the file; further ones also carry their prefix. `rows` are converted
    rows.
    """
    codes = list(dict.fromkeys(row["project"]["code"] for row in rows))
    name = readable(file_name)
    return [
        (
            "projects.project",
            {
                "code": code,
                "name": name if place == 0 else f"{name} ({code})",
                "settings": {"task_prefix": code, "estimation_unit": "points"},
            },
        )
        for place, code in enumerate(codes)
        if len(code) <= 12
    ]


STORY_POINTS = ImportPreset(
    name="Jira story points",
    says="Issues exported from Jira with their story points: issuekey, title, description, "
    "storypoint. Each project in it becomes a project here, each issue a story to do.",
    marks=frozenset({"issuekey", "title", "description", "storypoint"}),
    convert=story,
    key=("project_id", "code"),
    parents=story_projects,
)

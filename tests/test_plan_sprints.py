"""The example that plans a backlog into sprints: on a small one of our own, and on a real one."""

import csv
import random
import runpy
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "plan_sprints.py"
REAL = ROOT.parent / "shared" / "data" / "story-points" / "clover.csv"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the example; return what it printed."""

    def work(*asked: str) -> list[str]:
        out = tmp_path / "out"
        monkeypatch.setattr(sys, "argv", ["plan_sprints.py", "--out", str(out), *asked])
        runpy.run_path(str(EXAMPLE), run_name="__main__")
        for name in ("velocity.svg", "burndown.svg", "forecast.svg"):
            assert ET.parse(out / name).getroot().tag.endswith("svg")  # noqa: S314 - our own file
        return capsys.readouterr().out.splitlines()

    return work


def test_a_small_backlog_is_planned_and_drawn(tmp_path: Path, run) -> None:
    chance, file = random.Random(2), tmp_path / "small.csv"
    rows = [f'SM-{n},"Story <{n}>",Text,{chance.choice((1, 2, 3, 5, 8))},train' for n in range(40)]
    head = "issuekey,title,description,storypoint,split_mark"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    said = run(str(file), "--sprints", "2")
    total = sum(float(row.split(",")[-2]) for row in rows)
    assert said[0] == f"small.csv: 40 stories, {total:g} points"
    assert said[1].startswith("2 sprints: ")
    # committed + added - removed - completed = remain, as printed
    words = said[2].replace("=", " ").split()
    committed, added, removed, completed, left = (
        float(words[words.index(name) - 1])
        for name in ("committed", "added", "removed", "completed", "remain")
    )
    assert committed + added - removed - completed == left


def test_the_top_of_a_real_backlog_is_planned_and_drawn(tmp_path: Path, run) -> None:
    if not REAL.exists():
        pytest.skip(f"the real backlogs are not here: {REAL.parent}")
    with REAL.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))[:81]
    file = tmp_path / "clover.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)
    total = sum(float(row[3]) for row in rows[1:])
    assert run(str(file), "--sprints", "2")[0] == f"clover.csv: 80 stories, {total:g} points"

"""The guide's code runs as it stands, and so does the example."""

import re
import runpy
import sys
from pathlib import Path

from mainstay import scheduling
from tests.scheduling.test_psplib import RCP, SMALL

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide" / "scheduling.md"


def test_the_code_of_the_guide_runs():
    text = GUIDE.read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {}
    for block in blocks:
        # Our own page; on its own lines, so that a failure names them.
        line = text[: text.index(block)].count("\n")
        exec(compile("\n" * line + block, str(GUIDE), "exec"), names)  # noqa: S102
    assert len(blocks) >= 10


def test_the_guide_names_everything_there_is():
    text = GUIDE.read_text()
    assert [name for name in scheduling.__all__ if f"{name}" not in text] == []


def test_the_example_schedules_files(tmp_path, monkeypatch, capsys):
    (tmp_path / "small.sm").write_text(SMALL)
    (tmp_path / "small.rcp").write_text(RCP)
    files = [str(tmp_path / "small.sm"), str(tmp_path / "small.rcp")]
    monkeypatch.setattr(sys, "argv", ["schedule_psplib.py", *files])
    runpy.run_path(str(ROOT / "examples" / "schedule_psplib.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines[1:3]] == [
        ["small.sm", "5", "7", "9"],
        ["small.rcp", "5", "7", "9"],
    ]

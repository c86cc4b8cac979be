"""The real backlog of eight open projects, imported by the command, even when it is killed."""

import asyncio
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

KILLS = 2
# Large and small ones, with 4,392 of the 13,530 issues: enough batches to be killed between.
KILLED = ("springxd", "clover", "usergrid")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def facts(story_points):
    """Issues and points of each project, as the data's own README has them."""
    text = (story_points.parent / "README.md").read_text("utf-8")
    found = re.findall(r"(\w+) ([\d,]+) / ([\d,]+)", text)
    facts = {name: (int(n.replace(",", "")), int(p.replace(",", ""))) for name, n, p in found}
    assert sum(count for count, _ in facts.values()) == 13_530
    return facts


@pytest.fixture
def place(tmp_path, sqlite_template):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAINSTAY_", "DATABASE_URL"))}
    env["MAINSTAY_DATABASE_URL"] = f"sqlite:///{tmp_path / 'real.db'}"
    program = "from mainstay.cli import main; main()"

    def run(*said, **more):
        return subprocess.run(
            [sys.executable, "-c", program, *said],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            **more,
        )

    def start(*said):
        return subprocess.Popen(
            [sys.executable, "-c", program, *said],
            cwd=tmp_path,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    shutil.copy(sqlite_template, tmp_path / "real.db")
    return run, start, tmp_path / "real.db"


def counted(path, sql):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        return raw.execute(sql).fetchall()


PER_PROJECT = (
    "SELECT p.name, count(*), cast(sum(t.story_points) AS integer) FROM projects_task t "
    "JOIN projects_project p ON p.id = t.project_id GROUP BY p.name"
)


async def test_killed_half_way_it_resumes_with_nothing_lost_or_doubled(place, story_points, facts):
    run, start, path = place
    facts = {name: facts[name] for name in KILLED}
    total = sum(count for count, _ in facts.values())
    files = [str(story_points / f"{name}.csv") for name in sorted(facts)]
    for kill in range(KILLS):
        process = start("import", *files)
        wanted = total * (kill + 1) // (KILLS + 1)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            if counted(path, "SELECT count(*) FROM projects_task")[0][0] >= wanted:
                break
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
    half = counted(path, "SELECT count(*) FROM projects_task")[0][0]
    assert half > 0
    done = run("import", *files, "--json")
    assert done.returncode == 0, done.stderr
    reports = {report["file"].removesuffix(".csv"): report for report in json.loads(done.stdout)}
    for name, (count, points) in facts.items():
        assert reports[name]["total"] == count
        assert reports[name]["failed"] == 0
        assert reports[name]["sums"]["story_points"]["stored"] == str(points)
    found = {name.lower(): (count, points) for name, count, points in counted(path, PER_PROJECT)}
    assert found == facts
    codes = counted(path, "SELECT count(DISTINCT project_id || '/' || code) FROM projects_task")
    assert codes == [(total,)]
    logged = counted(
        path,
        "SELECT count(*) FROM kernel_log WHERE entity = 'projects.task' AND verb = 'create'",
    )
    assert logged == [(total,)]


async def test_a_second_run_changes_nothing(place, story_points, facts):
    run, _, path = place
    files = [str(story_points / f"{name}.csv") for name in ("bamboo", "usergrid")]
    first = run("import", *files)
    assert first.returncode == 0, first.stderr
    assert "story_points 1260" in first.stdout
    before = counted(path, "SELECT count(*) FROM kernel_log WHERE entity LIKE 'projects.%'")
    second = run("import", *files, "--json")
    for report in json.loads(second.stdout):
        count = facts[report["file"].removesuffix(".csv")][0]
        assert (report["created"], report["updated"], report["unchanged"]) == (0, 0, count)
    assert counted(path, "SELECT count(*) FROM kernel_log WHERE entity LIKE 'projects.%'") == before

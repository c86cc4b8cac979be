"""The `mainstay` command: what it prints, what it returns, what it refuses."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing

import httpx
import pytest

from mainstay.cli import cli
from mainstay.cli.docs import reference
from mainstay.cli.main import code_of

PROGRAM = "from mainstay.cli import main; main()"


@pytest.fixture(autouse=True)
def empty_place(tmp_path, monkeypatch):
    for name in tuple(os.environ):
        ours = name.startswith("MAINSTAY_") and not name.startswith("MAINSTAY_TEST_")
        if name == "DATABASE_URL" or ours:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    def said(*args):
        code = code_of([str(arg) for arg in args])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return said


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A workspace that is made once; tests work on copies."""
    folder = tmp_path_factory.mktemp("prepared")
    assert code_of(["--data-dir", str(folder / "var"), "db", "setup", "--no-demo"]) == 0
    return (folder / "var" / "mainstay.db").read_bytes()


@pytest.fixture
def ready(prepared, empty_place):
    (empty_place / "var").mkdir()
    path = empty_place / "var" / "mainstay.db"
    path.write_bytes(prepared)
    return path


@pytest.fixture
def empty_postgres(postgres):
    """The address of an empty database; commands run an event loop of their own."""
    name = f"cli_{uuid.uuid4().hex[:12]}"
    yield asyncio.run(postgres.create_database(name))
    asyncio.run(postgres.drop_database(name))


def test_version_is_quick():
    command = [sys.executable, "-X", "importtime", "-c", PROGRAM, "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("mainstay 0.")
    loaded = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    heavy = {"litestar", "sqlalchemy", "asyncpg", "uvicorn", "jinja2", "babel", "alembic"}
    assert not heavy & loaded


def test_every_command_and_option_has_help():
    def walk(command, path):
        assert command.help, path
        for part in command.params:
            if part.param_type_name == "option" and "--help" not in part.opts:
                assert part.help, f"{path} {part.opts}"
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, f"{path} {name}")

    walk(cli, "mainstay")


def test_help_lists_the_commands_and_exit_codes(run):
    code, out, _ = run("--help")
    assert code == 0
    for name in ("serve", "worker", "db", "user", "import", "export", "explain", "why", "audit"):
        assert name in out
    assert "Exit codes" in out


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["nonsense"], 2, "No such command"),
        (["db", "setup", "--nonsense"], 2, "No such option"),
        (["import", "missing.csv"], 2, "There is no file missing.csv"),
        (["db", "stats"], 3, "mainstay db setup"),
        (["explain", "nothing"], 1, "There is no resource nothing"),
        (["db", "restore", "missing.db"], 2, "There is no file missing.db"),
        (["export", "projects.task", "--filter", "x"], 2, "NAME=VALUE"),
        (["serve", "--workers", "2"], 2, "PostgreSQL"),
        (["serve", "--port", "99999"], 2, "between 0 and 65535"),
        (["--settings", "none.toml", "config"], 2, "none.toml"),
    ],
)
def test_what_cannot_be_done_gets_a_line_and_a_code(run, args, code, words):
    got, out, err = run(*args)
    assert got == code
    assert words in err
    assert out == ""
    assert "Traceback" not in err


def test_a_wrong_variable_is_named(run, monkeypatch):
    monkeypatch.setenv("MAINSTAY_HOSTT", "x")
    code, _, err = run("config")
    assert code == 2
    assert "did you mean MAINSTAY_HOST" in err


def test_a_defect_shows_its_place_only_on_demand(run, monkeypatch):
    import mainstay.settings

    def broken(*_):
        raise RuntimeError("boom")

    monkeypatch.setattr(mainstay.settings, "traced", broken)
    code, _, err = run("config")
    assert code == 70
    assert "boom" in err
    assert "Traceback" not in err
    assert "Traceback" in run("--debug", "config")[2]


def test_config_shows_where_values_come_from(run, monkeypatch, tmp_path):
    (tmp_path / "mainstay.toml").write_text("port = 9001\n")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@db/work")
    code, out, _ = run("config")
    assert code == 0
    assert "port = 9001   [mainstay.toml]" in out
    assert "hunter2" not in out
    found = json.loads(run("config", "--json")[1])
    assert found["database_url"]["source"] == "DATABASE_URL"
    assert found["port"]["value"] == 9001
    assert found["port"]["means"]


def test_setup_makes_a_workspace_and_its_statistics(run, tmp_path):
    code, out, err = run("db", "setup", "--no-demo")
    assert code == 0, err
    assert "projects.task" in out
    assert [word for word in ("Validated", "Indexes", "Seeded") if word in err]
    assert (tmp_path / "var" / "mainstay.db").exists()
    assert run("db", "validate")[:2] == (0, "The database is as declared, and whole.\n")
    stats = json.loads(run("db", "stats", "--json")[1])
    assert stats["records"]["identity.role"]["live"] > 5
    again = run("db", "setup", "--no-demo", "--no-seed", "--no-indexes", "--no-validate")
    assert again[0] == 0
    assert "Seeded" not in again[2]


def test_drop_asks_and_refuses_in_production(run, ready, monkeypatch):
    code, _, err = run("db", "setup", "--drop", "--no-demo")
    assert code == 2
    assert "--yes" in err
    monkeypatch.setenv("MAINSTAY_ENVIRONMENT", "production")
    code, _, err = run("db", "setup", "--drop", "--yes")
    assert code == 2
    assert "--force-production" in err
    assert ready.stat().st_size > 100_000
    monkeypatch.delenv("MAINSTAY_ENVIRONMENT")
    assert run("db", "setup", "--drop", "--yes", "--no-demo", "--no-seed")[0] == 0
    assert json.loads(run("db", "stats", "--json")[1])["records"]["identity.role"]["live"] == 0


def test_rollback_and_migrate(run, ready):
    assert run("db", "rollback", "--to", "base", "--yes")[0] == 0
    code, _, err = run("db", "stats")
    assert code == 3
    assert "empty" in err
    assert run("db", "migrate")[0] == 0
    assert run("db", "migrate", "--to", "9999")[0] == 1
    assert run("db", "seed", "--no-demo")[0] == 0


def test_validate_finds_damage(run, ready):
    with closing(sqlite3.connect(ready)) as raw:
        raw.execute("DROP INDEX ix_projects_task_created_at")
        raw.commit()
    code, out, _ = run("db", "validate")
    assert code == 1
    assert "ix_projects_task_created_at" in out
    assert run("db", "indexes")[0] == 0
    assert run("db", "validate")[0] == 0


def test_a_newer_database_is_left_alone(run, ready):
    with closing(sqlite3.connect(ready)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
    code, _, err = run("db", "stats")
    assert code == 3
    assert "newer version" in err


def test_a_file_that_is_no_database(run, tmp_path):
    (tmp_path / "x.db").write_bytes(b"nothing of the kind" * 100)
    code, _, err = run("--database", tmp_path / "x.db", "db", "stats")
    assert code == 3
    assert "not a Mainstay database" in err


def test_backup_and_restore(run, ready, tmp_path):
    file = tmp_path / "saved.db"
    assert run("db", "backup", file)[0] == 0
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert "exists already" in run("db", "backup", file)[2]
    make = ("user", "create", "--email", "late@example.com", "--invite")
    assert run(*make)[0] == 0
    code, _, err = run("db", "restore", file)
    assert code == 2
    assert "--yes" in err
    assert run("db", "restore", file, "--yes")[0] == 0
    assert "no account" in run("why", "late@example.com", "projects.task", "1")[2]
    assert (ready.parent / "mainstay.db.before-restore").exists()
    file.write_bytes(file.read_bytes()[:30_000])
    code, _, err = run("db", "restore", file, "--yes")
    assert code == 1
    assert "saved.db" in err
    assert run("db", "validate")[0] == 0


def test_restore_waits_for_nobody_who_works(run, ready, tmp_path):
    file = tmp_path / "saved.db"
    run("db", "backup", file)
    with closing(sqlite3.connect(ready, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        code, _, err = run("db", "restore", file, "--yes")
    assert code == 1
    assert "in use" in err


def test_users(run, ready, monkeypatch):
    code, out, _ = run("user", "create", "--email", "kim@example.com", "--invite", "--json")
    made = json.loads(out)
    assert code == 0
    assert "/invite/" in made["link"]
    code, _, err = run("user", "create", "--email", "x@example.com", "--invite", "--role", "king")
    assert code == 1
    assert "king" in err
    assert run("user", "create", "--email", "nobody@example.com")[0] == 2


def test_a_password_can_be_piped(ready, empty_place):
    command = [sys.executable, "-c", PROGRAM, "user", "create", "--email", "ann@example.com"]
    command += ["--name", "Ann Lee", "--role", "manager", "--password-stdin"]
    done = subprocess.run(
        command, input="correct horse 42 staple\n", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    weak = subprocess.run(
        [*command[:-5], "--password-stdin"],
        input="1\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert weak.returncode != 0


def test_import_export_and_why(run, ready, tmp_path):
    (tmp_path / "in.csv").write_text(
        "issuekey,title,description,storypoint\nABC-1,One,,3\nABC-2,Two,words,\nbad,x,,1\n"
    )
    code, out, err = run("import", "in.csv", "--dry-run")
    assert code == 1
    assert "Nothing was changed" in err
    assert json.loads(run("db", "stats", "--json")[1])["records"]["projects.task"]["live"] == 0
    code, out, err = run("import", "in.csv")
    assert code == 1
    assert "story_points 3" in out
    assert "in.csv.errors.csv" in err
    assert "bad" in (tmp_path / "in.csv.errors.csv").read_text()
    code, out, _ = run("import", "in.csv", "--json")
    assert json.loads(out)[0]["unchanged"] == 2
    code, _, err = run("export", "projects.task", "out.csv", "--filter", "code=ABC-2")
    assert code == 0
    assert (tmp_path / "out.csv").read_text().count("\n") == 2
    code, _, err = run("import", "out.csv", "--resource", "projects.task")
    assert code == 0, err
    assert run("export", "projects.task", "o.xlsx")[0] == 0
    assert run("import", "o.xlsx", "--resource", "projects/tasks", "--key", "id")[0] == 0
    run("user", "create", "--email", "kim@example.com", "--invite", "--role", "member")
    code, out, _ = run("why", "kim@example.com", "projects.task", 1)
    assert code == 1
    assert "hidden, because" in out
    found = json.loads(run("why", "kim@example.com", "projects.task", 1, "--json")[1])
    assert found["seen"] is False
    assert found["record"] == "is there"


def test_export_to_standard_output(ready, empty_place):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "export", "identity.role", "--format", "ndjson"],
        capture_output=True,
        check=True,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert "admin" in {row["code"] for row in rows}


def test_explain(run):
    code, out, _ = run("explain", "projects.task")
    assert code == 0
    for word in (
        "POST /api/projects/tasks",
        "projects.task.create",
        "uq_projects_task",
        "TaskCreate",
    ):
        assert word in out
    found = json.loads(run("explain", "--json")[1])
    assert found["projects.task"]["scope"]
    assert "projects.task" in run("explain")[1]


def test_audit(run, ready):
    code, out, _ = run("audit", "seal")
    assert code == 0
    code, out, _ = run("audit", "verify")
    assert (code, out.splitlines()[-1]) == (0, "The log is whole.")
    with closing(sqlite3.connect(ready)) as raw:
        raw.execute("UPDATE kernel_log SET actor = 'Mallory' WHERE id = 3")
        raw.commit()
    code, out, _ = run("audit", "verify")
    assert code == 1
    assert "does not match" in out


def test_the_reference_is_written_and_compared(run, tmp_path):
    assert run("docs")[0] == 0
    folder = tmp_path / "docs" / "reference"
    assert sorted(path.name for path in folder.iterdir()) == sorted(reference())
    assert run("docs", "--check")[0] == 0
    page = folder / "settings.md"
    assert str(tmp_path) not in page.read_text()
    page.write_text(page.read_text() + "more\n")
    (folder / "old.md").write_text("gone\n")
    code, out, _ = run("docs", "--check")
    assert code == 1
    assert "-more" in out
    assert "-gone" in out


def test_openapi(run):
    found = json.loads(run("openapi")[1])
    assert found["openapi"] == "3.1.0"
    assert "/api/projects/tasks" in found["paths"]


def serving(*said, cwd):
    command = [sys.executable, "-c", PROGRAM, "serve", *said]
    return subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def until_ready(process):
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            break
    return "".join(lines)


def test_serve_creates_answers_and_stops(empty_place):
    process = serving("--port", "0", "--no-demo", cwd=empty_place)
    try:
        said = until_ready(process)
        assert "Creating the workspace." in said
        address = next(word for word in said.split() if word.startswith("http"))
        assert "/welcome/" in said
        assert httpx.get(f"{address}/health", timeout=10).status_code == 200
        started = time.perf_counter()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert time.perf_counter() - started < 3
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_a_port_in_use_is_said_at_once(run):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, _, err = run("serve", "--port", other.getsockname()[1])
    assert code == 1
    assert "is in use" in err


def test_several_processes_serve_and_are_replaced(empty_place, empty_postgres):
    env_said = ("--port", "0", "--no-demo", "--workers", "2")
    command = [sys.executable, "-c", PROGRAM, "--database", empty_postgres, "serve", *env_said]
    process = subprocess.Popen(
        command, cwd=empty_place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        said = until_ready(process)
        address = next(word for word in said.split() if word.startswith("http"))
        assert httpx.get(f"{address}/health", timeout=30).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_postgresql_backup_and_restore(run, empty_postgres, tmp_path):
    at = ("--database", empty_postgres)
    assert run(*at, "db", "setup", "--no-demo")[0] == 0
    (tmp_path / "in.csv").write_text(
        'issuekey,title,description,storypoint\nABC-1,One,,3\nABC-2,Zwei äöü "x",\\N\t,1\n'
    )
    assert run(*at, "import", "in.csv")[0] == 0
    assert run(*at, "audit", "seal")[0] == 0
    assert run(*at, "db", "backup", "saved.zip")[0] == 0
    before = run(*at, "export", "projects.task", "before.csv")
    assert run(*at, "db", "restore", "saved.zip")[0] == 2
    assert run(*at, "db", "setup", "--drop", "--yes", "--no-demo")[0] == 0
    assert run(*at, "db", "restore", "saved.zip", "--yes")[0] == 0
    assert run(*at, "db", "validate")[0] == 0
    run(*at, "export", "projects.task", "after.csv")
    assert (tmp_path / "before.csv").read_bytes() == (tmp_path / "after.csv").read_bytes()
    assert run(*at, "audit", "verify")[0] == 0
    assert run(*at, "import", "in.csv")[0] == 0
    assert before[0] == 0
    (tmp_path / "broken.zip").write_bytes((tmp_path / "saved.zip").read_bytes()[:-500])
    code, _, err = run(*at, "db", "restore", "broken.zip", "--yes")
    assert code == 1
    assert "broken.zip" in err

"""Moving in over HTTP: pages, the same for programs, reports, and who may."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.cli.main import code_of
from mainstay.delivery.asgi import build
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.api import create_user
from tests.modules.importers import exports

WORK = frozenset({"projects.*", "comments.*", "importers.move_run.read"})


@pytest.fixture
async def web(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    """A client that speaks as the administrator, or as one who may only work."""
    ids = [await create_user(workspace, f"{n}@x.org", roles=("admin",)) for n in ("boss", "worker")]
    people = {
        "boss": Me(id=ids[0], name="boss", grants=frozenset({"*"})),
        "worker": Me(id=ids[1], name="worker", grants=WORK),
    }

    async def who(_ws, _session, bearer):
        return people.get(bearer or "")

    app = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mainstay.test") as client:
        client.headers["authorization"] = "Bearer boss"
        yield client, workspace


def sent(text: str, name: str = "jira.csv") -> dict[str, tuple[str, bytes]]:
    return {"file": (name, text.encode())}


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_file_is_chosen_looked_at_and_moved_in_on_pages(web) -> None:
    client, ws = web
    text = exports.jira_csv(exports.STORY, exports.PART)
    assert "Where to get the file" in (await client.get("/import/programs")).text
    went = await client.post("/import/programs", files=sent(text))
    assert went.status_code == 303
    page = await client.get(went.headers["location"])
    assert page.status_code == 200
    for words in ("Move in from Jira", "Anna Meier", "In Progress", "Severity", "Same"):
        assert words in page.text
    worker = {"authorization": "Bearer worker"}
    for path in ("/import/programs", went.headers["location"]):
        assert (await client.get(path, headers=worker)).status_code == 403
    assert (await client.get("/import/programs/9-0123456789abcdef-x.csv")).status_code == 404
    said = {"step": "start", "status-0": "review", "person-0": "nobody"}
    begun = await client.post(went.headers["location"], data=said)
    assert begun.status_code == 303
    while await ws.jobs.run_due():
        pass
    record = await client.get(begun.headers["location"])
    assert "Both sides" in record.text
    report = (await client.get("/import/moves/1/report.json")).json()["report"]
    assert {one["what"]: one["here"] for one in report["counts"]}["items"] == "2"
    table = (await client.get("/import/moves/1/report.csv")).text
    assert table.splitlines()[0] == "what,in the file,here,why"
    assert (await client.get("/import/moves/1/report.json", headers=worker)).status_code == 404
    tasks = (await client.get("/api/projects/tasks", params={"sort": "id"})).json()["items"]
    assert [task["code"] for task in tasks] == ["PROJ-1", "PROJ-2"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_broken_file_says_where(web) -> None:
    client, _ = web
    broken = json.dumps(exports.TRELLO)[:-40]
    answer = await client.post("/import/programs", files=sent(broken, "board.json"))
    assert answer.status_code == 422
    assert "line 1, column" in answer.text
    pdf = await client.post("/import/programs", files=sent("%PDF-1.4", "board.pdf"))
    assert "PDF" in pdf.text


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_programs_try_it_and_move_in(web) -> None:
    client, ws = web
    body = json.dumps(exports.TRELLO).encode()
    headers = {"content-type": "application/json"}
    seen = await client.post("/api/import/programs?dry_run=1", content=body, headers=headers)
    assert (seen.status_code, seen.json()["created"]) == (200, 2)
    options = json.dumps({"archived": "left"})
    begun = await client.post(
        "/api/import/programs", params={"options": options}, content=body, headers=headers
    )
    assert begun.status_code == 202
    while await ws.jobs.run_due():
        pass
    run = (await client.get(begun.headers["location"])).json()
    assert (run["state"], run["created"]) == ("done", 1)
    wrong = await client.post(
        "/api/import/programs",
        params={"options": '{"statuses": {"Doing": "x"}}'},
        content=body,
        headers=headers,
    )
    assert wrong.status_code == 422
    assert "known are backlog" in wrong.json()["detail"]
    worker = {**headers, "authorization": "Bearer worker"}
    refused = await client.post("/api/import/programs", content=body, headers=worker)
    assert refused.status_code == 403


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_the_import_page_recognises_such_a_file_and_hands_over(web) -> None:
    client, _ = web
    text = exports.jira_csv(exports.STORY)
    page = await client.post("/import/projects/tasks", files=sent(text))
    assert "This is an export of Jira" in page.text
    href = page.text.partition('class="link" href="/import/programs/')[2].partition('"')[0]
    assert (await client.get(f"/import/programs/{href}")).status_code == 200


async def test_the_command_moves_in_too(
    tmp_path: Path, sqlite_template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = exports.written(tmp_path, "board.json", json.dumps(exports.TRELLO))
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "mainstay.db")
    place = ["--data-dir", str(tmp_path / "data"), "import", str(file), "--json"]

    async def told(*more: str) -> dict[str, Any]:
        """Run the command as its own loop would, and return what it says of the file."""
        assert await asyncio.to_thread(code_of, [*place, *more]) == 0
        return json.loads(capsys.readouterr().out)[0]

    assert (await told("--dry-run"))["created"] == 2
    one = await told()
    assert (one["state"], one["created"], one["failed"]) == ("done", 2, 0)
    counts = {each["what"]: (each["file"], each["here"]) for each in one["report"]["counts"]}
    assert counts["attachments"] == ("2", "2")
    assert (await told())["unchanged"] == 2


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_program_may_send_a_file_as_large_as_an_upload(web) -> None:
    client, _ = web
    text = exports.jira_csv({**exports.STORY, "Description": "x" * 2_500_000})
    went = await client.post("/api/import/programs?dry_run=1", files=sent(text))
    assert (went.status_code, went.json()["created"]) == (200, 1)

"""Import and export over HTTP, for programs and on pages."""

import io
import re

import httpx
import pytest
import xlsxwriter

from mainstay.delivery.asgi import build
from mainstay.facets.transfer.routes import ROUTES
from mainstay.kernel import perform
from mainstay.kernel.scope import SYSTEM, Me
from tests.facets.transfer.house import opened

ADMIN = Me(id=1, name="Ann", grants=frozenset({"*"}))
CLERK = Me(
    id=2,
    name="Bo",
    grants=frozenset({"store.thing.*", "store.crate.*", "transfer.import_run.read"}),
)
READER = Me(id=3, name="Cy", grants=frozenset({"store.thing.read", "transfer.*.read"}))
PEOPLE = {"admin": ADMIN, "clerk": CLERK, "reader": READER}
BASE = "http://work.example"


@pytest.fixture
async def ws(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with opened(f"sqlite:///{tmp_path / 'a.db'}") as workspace:
        noun = workspace.registry.noun("identity.user")
        for person in PEOPLE.values():
            data = {"name": person.name, "email": f"{person.name}@example.com"}
            await workspace.run(SYSTEM, lambda ctx, d=data: perform.create(ctx, noun, d))
        yield workspace


@pytest.fixture
async def client(ws):
    async def authenticate(_, session, bearer):
        return PEOPLE.get(bearer)

    gate = build(ws, authenticate, ROUTES, background=False, upload_limit=200_000)
    transport = httpx.ASGITransport(gate)

    def as_person(name):
        headers = {"Authorization": f"Bearer {name}"} if name else {}
        return httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers)

    return as_person


async def work(ws):
    while await ws.turn():
        pass


async def test_a_body_is_imported_in_the_background(ws, client):
    async with client("clerk") as http:
        sent = await http.post("/api/store/things/import", content="title,pieces\nOne,2\nTwo,x\n")
        assert sent.status_code == 202
        place = sent.headers["location"]
        assert sent.json()["state"] == "waiting"
        assert "stored" not in sent.json()
        assert "person" not in sent.json()
        await work(ws)
        done = (await http.get(place)).json()
        assert (done["state"], done["created"], done["failed"]) == ("done", 1, 1)
        errors = await http.get(f"/import/runs/{done['id']}/errors")
        assert errors.headers["content-type"] == "text/csv; charset=utf-8"
        assert "must be a whole number" in errors.text


async def test_a_form_and_a_dry_run(ws, client):
    async with client("clerk") as http:
        files = {"file": ("stock.csv", "code,Name\nA,One\n", "text/csv")}
        asked = {"dry_run": "1", "map": "Name=name"}
        seen = await http.post("/api/store/crates/import", files=files, data=asked)
        assert seen.status_code == 200
        assert seen.json()["created"] == 1
        assert (await http.get("/api/store/crates")).json()["items"] == []
        sent = await http.post("/api/store/crates/import?mode=create", files=files)
        assert sent.json()["file_name"] == "stock.csv"
        await work(ws)
        assert len((await http.get("/api/store/crates")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("query", "body", "status", "words"),
    [
        ("", b"", 422, "it is empty"),
        ("", b"\x00\x01\x02" * 50, 422, "not text"),
        ("", b"foo\n1\n", 422, "No column"),
        ("mode=replace", b"title\nx\n", 400, "create, update, upsert"),
        ("map=title", b"title\nx\n", 400, "map must be like"),
        ("", b"title\n" + b"x\n" * 150_000, 413, "200,000 bytes"),
    ],
)
async def test_what_cannot_be_imported_is_said(ws, client, query, body, status, words, tmp_path):
    async with client("clerk") as http:
        answer = await http.post(f"/api/store/things/import?{query}", content=body)
        assert answer.status_code == status
        assert words in answer.json()["detail"]
    left = tmp_path / "var" / "uploads"
    assert not left.exists() or not list(left.iterdir())


async def test_who_may(ws, client):
    async with client("reader") as http:
        refused = await http.post("/api/store/things/import", content="title\nx\n")
        assert refused.status_code == 403
        assert (await http.get("/import/store/things")).status_code == 403
        assert (await http.get("/api/store/things/export")).status_code == 200
        assert (await http.get("/api/store/crates/export")).status_code == 403
    async with client("") as http:
        assert (await http.post("/api/store/things/import", content="x")).status_code == 401
        assert (await http.get("/api/store/things/export")).status_code == 401
    async with client("clerk") as http:
        assert (await http.post("/api/transfer/imports/import", content="x")).status_code == 403
        assert (await http.get("/api/store/nothings/export")).status_code == 404


async def test_imports_are_their_owners_business(ws, client):
    async with client("clerk") as http:
        sent = await http.post("/api/store/things/import", content="title\nOne\ncursed\n")
        await work(ws)
        run = sent.json()["id"]
        assert (await http.get(f"/import/runs/{run}")).status_code == 200
    async with client("reader") as http:
        for path in (f"/import/runs/{run}", f"/import/runs/{run}/errors"):
            assert (await http.get(path)).status_code == 404
        assert (await http.get(f"/api/transfer/imports/{run}")).status_code == 404
    async with client("admin") as http:
        assert (await http.get(f"/import/runs/{run}")).status_code == 200


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "xlsx"])
async def test_exports_are_files(ws, client, form):
    async with client("clerk") as http:
        await http.post("/api/store/crates", json={"code": "A", "name": "=1"})
        answer = await http.get(f"/api/store/crates/export?format={form}&code=A")
        assert answer.status_code == 200
        assert f'filename="store-crates.{form}"' in answer.headers["content-disposition"]
        assert answer.content
        await http.post("/api/store/crates/import?mode=upsert", content=answer.content)
        await work(ws)
        done = (await http.get("/api/transfer/imports?sort=-id")).json()["items"][0]
        assert (done["unchanged"], done["failed"]) == (1, 0)


async def test_an_unknown_format_or_filter_is_refused(ws, client):
    async with client("clerk") as http:
        for query in ("format=pdf", "colour=red"):
            answer = await http.get(f"/api/store/crates/export?{query}")
            assert answer.status_code == 400


def hidden(text):
    form = text[text.index('action="/import/store/things"') :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


async def test_the_pages_from_upload_to_report(ws, client):
    async with client("clerk") as http:
        page = await http.get("/import/store/things")
        assert page.status_code == 200
        assert 'enctype="multipart/form-data"' in page.text
        assert "The harbour" in page.text
        files = [
            ("file", ("a.csv", "Bezeichnung,pieces\nOne,1\nTwo,x\n")),
            ("file", ("b.csv", "mark,what,kg\nQ-1,Rope,2\n")),
            ("file", ("c.csv", "")),
        ]
        seen = await http.post("/import/store/things", files=files)
        assert seen.status_code == 200
        assert "it is empty" in seen.text
        assert "ledger" in seen.text
        values = hidden(seen.text)
        token = next(v for k, v in values.items() if v.endswith("a.csv") and k.startswith("token"))
        values |= {f"map-{token}-0": "title", f"map-{token}-1": "pieces"}
        again = await http.post("/import/store/things", data=values | {"step": "preview"})
        assert "must be a whole number" in again.text
        sent = await http.post("/import/store/things", data=values | {"step": "start"})
        assert sent.status_code == 303
        runs = sent.headers["location"]
        busy = await http.get(runs)
        assert 'data-live="transfer.import_run"' in busy.text
        await work(ws)
        done = await http.get(runs)
        assert "1 row that was not accepted" in done.text
        assert "a.csv" in done.text
        things = (await http.get("/api/store/things?sort=title")).json()["items"]
        assert [thing["title"] for thing in things] == ["One", "Rope"]


async def test_an_uploaded_file_belongs_to_one_person(ws, client):
    async with client("admin") as http:
        seen = await http.post("/import/store/things", files={"file": ("a.csv", "title\nOne\n")})
        values = hidden(seen.text)
    async with client("clerk") as http:
        stolen = await http.post("/import/store/things", data=values | {"step": "start"})
        assert stolen.status_code == 200
        assert "Choose it again" in stolen.text
        values["token-1"] = "../../../etc/passwd"
        climbed = await http.post("/import/store/things", data=values | {"step": "start"})
        assert "Choose it again" in climbed.text


async def test_a_running_import_is_stopped_and_resumed(ws, client):
    async with client("clerk") as http:
        sent = await http.post("/api/store/things/import", content="title\nOne\n")
        run = sent.json()["id"]
        assert (await http.post(f"/import/runs/{run}/stop")).status_code == 303
        await work(ws)
        assert (await http.get(f"/api/transfer/imports/{run}")).json()["state"] == "stopped"
        assert "Go on" in (await http.get(f"/import/runs/{run}")).text
        assert (await http.post(f"/import/runs/{run}/resume")).status_code == 303
        await work(ws)
        assert (await http.get(f"/api/transfer/imports/{run}")).json()["state"] == "done"
        assert (await http.post(f"/import/runs/{run}/explode")).status_code == 404


async def test_names_of_files_cannot_leave_the_folder(ws, client, tmp_path):
    async with client("clerk") as http:
        files = {"file": ("../../evil/ü name?.csv", io.BytesIO(b"title\nOne\n"))}
        sent = await http.post("/api/store/things/import", files=files)
        assert sent.status_code == 202
    (kept,) = (tmp_path / "var" / "uploads").iterdir()
    assert kept.name.startswith("2-")
    assert kept.name.endswith("ü name_.csv")


async def test_an_import_is_taken_back_but_for_what_was_changed_since(ws, client):
    async with client("clerk") as http:
        body = "code,name\nA,One\nB,Two\nC,Three\n"
        run = (await http.post("/api/store/crates/import?mode=create", content=body)).json()
        await work(ws)
        crates = {c["code"]: c for c in (await http.get("/api/store/crates")).json()["items"]}
        changed = f"/api/store/crates/{crates['B']['id']}"
        async with client("admin") as other:
            assert (await other.patch(changed, json={"name": "Mine"})).status_code == 200
        page = (await http.get(f"/import/runs/{run['id']}")).text
        assert "Take this import back" in page
        sent = await http.post(f"/import/runs/{run['id']}/take_back")
        assert sent.status_code == 303
        await work(ws)
        left = [c["name"] for c in (await http.get("/api/store/crates")).json()["items"]]
        done = (await http.get(f"/api/transfer/imports/{run['id']}")).json()
    assert done["state"] == "undone"
    assert done["change_sets"] == []
    assert left == ["Mine"]
    assert "1 changes were left as they are" in done["message"]


async def test_a_page_remembers_the_columns_of_the_last_file_like_this(ws, client):
    head = "Kennung,Was,Notiz\n"
    async with client("clerk") as http:
        first = await http.post(
            "/import/store/crates", files={"file": ("a.csv", f"{head}A,One,x\n", "text/csv")}
        )
        token = re.search(r'name="token-1" value="([^"]+)"', first.text)[1]
        said = {"token-1": token, "name-1": "a.csv", "step": "start", "mode": "create"}
        chosen = {f"map-{token}-0": "code", f"map-{token}-1": "name", f"map-{token}-2": ""}
        assert (await http.post("/import/store/crates", data=said | chosen)).status_code == 303
        await work(ws)
        again = await http.post(
            "/import/store/crates", files={"file": ("b.csv", f"{head}B,Two,y\n", "text/csv")}
        )
        assert "as in your last import" in again.text
        assert len(re.findall(r'<option value="name" selected>', again.text)) == 1
        # A program says what it wants: nothing is remembered for it.
        plain = await http.post("/api/store/crates/import", content=f"{head}C,Three,z\n")
        assert plain.status_code == 422


async def test_a_sheet_of_a_workbook_is_chosen(ws, client):
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        for name, row in (("Old", ("A", "One")), ("New", ("B", "Two"))):
            sheet = made.add_worksheet(name)
            sheet.write_row(0, 0, ("code", "name"))
            sheet.write_row(1, 0, row)
    async with client("clerk") as http:
        sent = {"file": ("two.xlsx", book.getvalue())}
        page = await http.post("/import/store/crates", files=sent)
        assert '<option value="New">' in page.text
        wrong = await http.post("/api/store/crates/import?sheet=None", files=sent)
        assert wrong.status_code == 422
        assert "only Old, New" in wrong.json()["detail"]
        run = await http.post("/api/store/crates/import?sheet=New&mode=create", files=sent)
        assert run.status_code == 202
        await work(ws)
        items = (await http.get("/api/store/crates")).json()["items"]
    assert [item["code"] for item in items] == ["B"]

"""Imports: what becomes of rows, twice, half way, and under a room's own rules."""

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest

from mainstay.facets.transfer import load
from mainstay.facets.transfer.entities import ImportRun
from mainstay.facets.transfer.plan import Wish
from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid, Problem
from mainstay.kernel.scope import SYSTEM, Me
from tests.facets.transfer.house import opened

USUAL = Wish()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'a.db'}"


@pytest.fixture
async def ws(url):
    async with opened(url) as workspace:
        yield workspace


async def take(ws, path, which=None, wish=USUAL, me=SYSTEM, upto=None):
    noun = ws.registry.noun(which) if which else None
    plan = await load.prepare(ws, me, path, path.name, noun, wish)
    try:
        run = await load.begin(ws, me, plan, wish)
        errors = load.Errors(load.errors_beside(path), plan.source.columns)
        work = load.Load(ws, me, plan, run.id, errors, done=run.done)
        if upto is not None:
            work.step = stopping(upto)
        await work.go()
    finally:
        plan.source.close()
    return await load.found(ws, run.id)


class Stop(Exception):
    """Ends an import in the middle."""


def stopping(upto):
    def step(done, _):
        if done >= upto:
            raise Stop

    return step


def text_of(path):
    return Path(path).read_text("utf-8")


def file(tmp_path, text, name="in.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


async def records(ws, key, **asked):
    noun = ws.registry.noun(key)
    return await ws.look(SYSTEM, lambda ctx: ctx.all(noun.entity, limit=100_000, **asked))


async def log_rows(ws, key):
    sql = f"SELECT count(*) FROM kernel_log WHERE entity = '{key}'"  # noqa: S608
    found = await ws.look(SYSTEM, lambda ctx: ctx.connection.fetch(sql))
    return found[0][0]


async def create(ws, key, **values):
    noun = ws.registry.noun(key)
    return await ws.run(SYSTEM, lambda ctx: perform.create(ctx, noun, values))


def ledger(tmp_path, count, extra=""):
    rows = "".join(f"C{n % 3}-{n};Thing {n};{n / 10}\n" for n in range(count))
    return file(tmp_path, f"mark;what;kg\n{rows}{extra}", "ledger.csv")


async def test_a_preset_makes_parents_and_keeps_the_files_codes(ws, tmp_path):
    run = await take(ws, ledger(tmp_path, 1200))
    assert (run.preset, run.state) == ("ledger", "done")
    assert (run.created, run.failed, run.parents) == (1200, 0, 3)
    assert run.sums["weight"].agrees
    assert run.sums["weight"].rows == 1200
    assert len(run.change_sets) == 3
    assert await log_rows(ws, "store.thing") == 1200
    things = await records(ws, "store.thing", sort="id")
    assert things[7].code == "C1-7"


async def test_a_second_run_changes_nothing(ws, tmp_path):
    path = ledger(tmp_path, 700)
    await take(ws, path)
    before = await log_rows(ws, "store.thing"), await log_rows(ws, "store.crate")
    run = await take(ws, path)
    assert (run.created, run.updated, run.unchanged, run.failed) == (0, 0, 700, 0)
    assert (await log_rows(ws, "store.thing"), await log_rows(ws, "store.crate")) == before
    assert run.change_sets == []


async def test_bad_rows_go_to_a_file_of_their_own(ws, tmp_path):
    extra = "C1-x;a cursed one;1\nC1-y;fine;heavy\nC1-z;short\nC1-w;good;2\n"
    path = ledger(tmp_path, 20, extra)
    run = await take(ws, path)
    assert (run.created, run.failed) == (21, 3)
    rows = list(csv.DictReader(io.StringIO(text_of(run.error_file))))
    assert [row["mark"] for row in rows] == ["C1-x", "C1-y", "C1-z"]
    assert [row["row"] for row in rows] == ["22", "23", "24"]
    assert rows[0]["reason"] == "Cursed things are not kept."
    assert "heavy" in rows[1]["reason"]
    assert len(await records(ws, "store.thing")) == 21


async def test_many_refused_rows_do_not_stop_the_rest(ws, tmp_path):
    rows = "".join(f"{'cursed' if n % 3 == 0 else 'fine'} {n}\n" for n in range(120))
    run = await take(ws, file(tmp_path, f"title\n{rows}"), "store.thing")
    assert (run.created, run.failed, run.done) == (80, 40, 120)
    assert text_of(run.error_file).count("Cursed") == 40


async def test_an_interrupted_run_goes_on_where_it_stopped(ws, tmp_path):
    path = ledger(tmp_path, 1700, "C1-x;cursed;1\n")
    broken = path.read_text().replace("C0-3;Thing 3;0.3", "C0-3;Thing 3;heavy")
    path.write_text(broken, newline="")
    with pytest.raises(Stop):
        await take(ws, path, upto=1000)
    half = await records(ws, "store.thing")
    assert len(half) == 999
    run = await take(ws, path)
    assert (run.done, run.created, run.failed) == (1701, 1699, 2)
    assert len(await records(ws, "transfer.import_run")) == 1
    assert len(await records(ws, "store.thing")) == 1699
    assert text_of(run.error_file).count("\n") == 3


async def test_errors_of_a_batch_that_was_not_committed_are_not_doubled(tmp_path):
    from mainstay.facets.transfer.sources import Row

    errors = load.Errors(tmp_path / "e.csv", ("a",))
    first = errors.write(0, [(Row(2, ["x"]), "bad")])
    errors.write(first, [(Row(3, ["lost"]), "never committed, and long")])
    second = errors.write(first, [(Row(3, ["y"]), "bad")])
    text = (tmp_path / "e.csv").read_bytes()
    assert b"lost" not in text
    assert len(text) == second


async def test_two_processes_do_not_import_the_same_rows(ws, tmp_path):
    path = ledger(tmp_path, 1500)
    results = await asyncio.gather(take(ws, path), take(ws, path), return_exceptions=True)
    assert any(isinstance(result, ImportRun) for result in results)
    assert len(await records(ws, "store.thing")) == 1500
    for run in await records(ws, "transfer.import_run"):
        assert run.created + run.unchanged == run.done


async def test_header_names_labels_and_references(ws, tmp_path):
    ann = await create(ws, "identity.user", name="Ann", email="ann@example.com")
    await create(ws, "identity.user", name="Bo", email="bo@example.com")
    crate = await create(ws, "store.crate", code="Q1", name="Quay")
    text = (
        "Title,OWNER,People,Crate,Size,Seen At,strange\n"
        'One,ANN@example.com,"Bo,Ann",q1,In between,2026-01-02 03:04:05,x\n'
        f"Two,{ann.id},,{crate.id},,,\n"
        "Three,nobody@example.com,,Q9,,,\n"
        "Four,999,,,,,\n"
    )
    run = await take(ws, file(tmp_path, text), "store.thing")
    assert (run.created, run.failed) == (2, 2)
    one, two = await records(ws, "store.thing", sort="id")
    assert (one.owner_id, one.crate_id, one.size) == (ann.id, crate.id, "in_between")
    assert one.people == [ann.id + 1, ann.id]
    assert (two.owner_id, two.size, two.people) == (ann.id, "small", [])
    told = text_of(run.error_file)
    assert "there is no 'nobody@example.com'" in told
    assert "there is no 'Q9'" in told
    assert "there is no 999" in told


async def test_an_explicit_map_wins_and_can_leave_out(ws, tmp_path):
    path = file(tmp_path, "Bezeichnung,title,note\nOne,ignored,x\n")
    wish = Wish(columns={"bezeichnung": "title", "note": ""})
    run = await take(ws, path, "store.thing", wish)
    assert run.columns == {"Bezeichnung": "title"}
    (thing,) = await records(ws, "store.thing")
    assert (thing.title, thing.note) == ("One", "")


@pytest.mark.parametrize(
    ("text", "wish", "words"),
    [
        ("foo,bar\n1,2\n", Wish(), "No column"),
        ("title\nx\n", Wish("update"), "id column"),
        ("title\nx\n", Wish(columns={"other": "title"}), "no column 'other'"),
        ("title\nx\n", Wish(columns={"title": "name9"}), "no field 'name9'"),
        ("title\nx\n", Wish(preset="nope"), "no preset"),
    ],
)
async def test_a_wish_that_does_not_fit_is_refused_before_any_row(ws, tmp_path, text, wish, words):
    with pytest.raises(Invalid, match=words):
        await take(ws, file(tmp_path, text), "store.thing", wish)
    assert await records(ws, "transfer.import_run") == []


async def test_modes(ws, tmp_path):
    one = await create(ws, "store.crate", code="A", name="Old")
    text = "code,name\nA,New\nB,Fresh\n"
    run = await take(ws, file(tmp_path, text), "store.crate", Wish("update"))
    assert (run.key, run.updated, run.created, run.failed) == (["code"], 1, 0, 1)
    run = await take(ws, file(tmp_path, text), "store.crate")
    assert (run.mode, run.updated, run.unchanged, run.created) == ("upsert", 0, 1, 1)
    run = await take(ws, file(tmp_path, text), "store.crate", Wish("create"))
    assert (run.created, run.failed) == (0, 2)
    run = await take(ws, file(tmp_path, f"id,name\n{one.id},Newer\n99,Z\n,\n"), "store.crate")
    assert (run.updated, run.failed) == (1, 1)
    assert "there is no crate 99" in text_of(run.error_file)


async def test_rows_that_mean_the_same_record_become_one(ws, tmp_path):
    path = file(tmp_path, "code,name\nA,First\na,Second\nB,Other\n")
    run = await take(ws, path, "store.crate")
    assert (run.created, run.updated, run.failed) == (2, 1, 0)
    assert sorted(c.name for c in await records(ws, "store.crate")) == ["Other", "Second"]


async def test_new_records_are_not_made_twice_by_mistake(ws, tmp_path):
    path = file(tmp_path, "title\nOne\n")
    await take(ws, path, "store.thing")
    with pytest.raises(Conflict, match="imported already"):
        await take(ws, path, "store.thing")
    await take(ws, path, "store.thing", Wish(again=True))
    assert len(await records(ws, "store.thing")) == 2


async def test_a_dry_run_tells_and_changes_nothing(ws, tmp_path):
    path = ledger(tmp_path, 600, "C1-x;cursed;1\n")
    plan = await load.prepare(ws, SYSTEM, path, path.name, None, Wish())
    seen = await load.preview(ws, SYSTEM, plan)
    assert (seen.created, seen.failed, seen.looked_at) == (600, 1, 601)
    assert seen.diff[0].resource == "store.crate"
    assert seen.faults[0].row == 602
    assert await records(ws, "store.thing") == []
    assert await records(ws, "transfer.import_run") == []
    first = await load.preview(ws, SYSTEM, plan, most=50)
    assert (first.looked_at, first.total) == (50, 601)


async def test_rights_are_those_of_the_person(ws, tmp_path):
    path = file(tmp_path, "title\nOne\n")
    nobody = Me(id=1, grants=frozenset({"store.thing.read"}))
    with pytest.raises(Denied, match=r"store\.thing\.create"):
        await take(ws, path, "store.thing", me=nobody)
    grants = frozenset({f"identity.user.{verb}" for verb in ("read", "create", "update")})
    path = file(tmp_path, "name,wage\nA,1\n")
    with pytest.raises(Denied, match="read_pay"):
        await take(ws, path, "identity.user", me=Me(id=None, grants=grants))


async def test_secret_fields_can_neither_be_written_nor_named(ws, tmp_path):
    run = await take(ws, file(tmp_path, "name,password\nAnn,hunter2\n"), "identity.user")
    assert run.columns == {"name": "name"}
    assert (await records(ws, "identity.user"))[0].password == ""


async def test_an_uploaded_file_is_imported_by_a_job(ws, tmp_path):
    path = ledger(tmp_path, 900, "C1-x;cursed;1\n")
    plan = await load.prepare(ws, SYSTEM, path, "ledger.csv", None, Wish())
    run = await load.begin(ws, SYSTEM, plan, Wish(), stored=str(path), job=True)
    while await ws.turn():
        pass
    done = await load.found(ws, run.id)
    assert (done.state, done.created, done.failed) == ("done", 900, 1)
    assert not path.exists()
    assert "cursed" in text_of(done.error_file)


async def test_a_job_in_slices_and_a_stopped_one(ws, tmp_path, monkeypatch):
    monkeypatch.setattr(load, "SLICE", 0.0)
    path = ledger(tmp_path, 1600)
    plan = await load.prepare(ws, SYSTEM, path, "ledger.csv", None, Wish())
    run = await load.begin(ws, SYSTEM, plan, Wish(), stored=str(path), job=True)
    await ws.jobs.run_due(limit=1)
    assert (await load.found(ws, run.id)).done == 500
    noun = ws.registry.noun(ImportRun)
    await ws.run(SYSTEM, lambda ctx: perform.act(ctx, noun, noun.actions["stop"], run.id, {}))
    await ws.jobs.run_due()
    assert (await load.found(ws, run.id)).done == 500
    await ws.run(SYSTEM, lambda ctx: perform.act(ctx, noun, noun.actions["resume"], run.id, {}))
    await ws.jobs.run_due()
    done = await load.found(ws, run.id)
    assert (done.state, done.done, done.created) == ("done", 1600, 1600)
    assert len(await records(ws, "store.thing")) == 1600


async def test_a_job_whose_file_is_gone_says_so(ws, tmp_path):
    path = ledger(tmp_path, 10)
    plan = await load.prepare(ws, SYSTEM, path, "ledger.csv", None, Wish())
    run = await load.begin(ws, SYSTEM, plan, Wish(), stored=str(path), job=True)
    path.unlink()
    await ws.jobs.run_due()
    found = await load.found(ws, run.id)
    assert found.state == "failed"
    assert "No such file" in found.message


async def test_json_keeps_the_difference_of_nothing_and_not_said(ws, tmp_path):
    text = json.dumps(
        [
            {"title": "One", "remark": "", "facts": {"a": 1}, "words": ["x", "y,z"]},
            {"title": "Two", "remark": None, "weight": 1.5},
            {"title": 3},
            "not an object",
            {"title": "Five", "facts": {"a": "no number"}},
        ]
    )
    run = await take(ws, file(tmp_path, text, "in.json"), "store.thing")
    assert (run.created, run.failed) == (2, 3)
    one, two = await records(ws, "store.thing", sort="id")
    assert (one.remark, one.facts, one.words) == ("", {"a": 1}, ["x", "y,z"])
    assert (two.remark, two.weight) == (None, 1.5)


async def test_hidden_records_cannot_be_named(ws, tmp_path):
    ann = await create(ws, "identity.user", name="Ann", email="ann@example.com")
    grants = frozenset({"store.thing.read", "store.thing.create", "store.thing.update"})
    me = Me(id=ann.id, grants=grants)
    run = await take(ws, file(tmp_path, "title,owner\nOne,ann@example.com\n"), "store.thing", me=me)
    assert run.failed == 1


async def test_a_problem_of_the_database_ends_the_run_and_leaves_it_resumable(ws, tmp_path):
    from mainstay.kernel.problems import Unavailable

    path = ledger(tmp_path, 600)
    plan = await load.prepare(ws, SYSTEM, path, path.name, None, Wish())
    run = await load.begin(ws, SYSTEM, plan, Wish())
    work = load.Load(ws, SYSTEM, plan, run.id, load.Errors(tmp_path / "e", plan.source.columns))
    original = ws.run

    async def gone(*args, **more):
        raise Unavailable("The disk is gone.")

    ws.run = gone
    with pytest.raises(Problem):
        await work.go()
    ws.run = original
    assert (await load.found(ws, run.id)).state == "waiting"
    assert (await take(ws, path)).created == 600

"""Exports, and the way back: whatever is written comes back to the byte."""

import asyncio
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from mainstay.facets.transfer import export, load
from mainstay.facets.transfer.plan import Wish
from mainstay.facets.transfer.sources import examine
from mainstay.kernel import perform
from mainstay.kernel.problems import Denied, Invalid, Malformed
from mainstay.kernel.scope import SYSTEM, Me
from tests.facets.transfer.house import opened

FORMS = ["csv", "json", "ndjson"]
USUAL = Wish()
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=60)


@pytest.fixture
async def ws(tmp_path):
    async with opened(f"sqlite:///{tmp_path / 'a.db'}") as workspace:
        yield workspace


async def written(ws, key, form, path, me=SYSTEM, **asked):
    asked_for = export.prepare(ws, me, ws.registry.noun(key), asked.items())
    path.write_bytes(b"".join([chunk async for chunk in export.stream(asked_for, form)]))
    return path


async def back(ws, path, key, wish=USUAL):
    plan = await load.prepare(ws, SYSTEM, path, path.name, ws.registry.noun(key), wish)
    run = await load.begin(ws, SYSTEM, plan, wish)
    errors = load.Errors(load.errors_beside(path), plan.source.columns)
    await load.Load(ws, SYSTEM, plan, run.id, errors).go()
    plan.source.close()
    return await load.found(ws, run.id)


async def all_of(ws, key):
    noun = ws.registry.noun(key)
    return await ws.look(SYSTEM, lambda ctx: ctx.all(noun.entity, limit=100_000, sort="id"))


async def fill(ws, key, rows):
    noun = ws.registry.noun(key)

    async def unit(ctx):
        for row in rows:
            await perform.create(ctx, noun, row)

    await ws.run(SYSTEM, unit, slow=True)


@pytest.mark.parametrize("form", FORMS)
async def test_naughty_strings_come_back_to_the_byte(ws, tmp_path, naughty, form):
    texts = [text for text in naughty if "\x00" not in text]
    assert len(texts) == 515
    await fill(ws, "store.plain", [{"text": text, "other": text} for text in texts])
    path = await written(ws, "store.plain", form, tmp_path / f"out.{form}")
    same = await back(ws, path, "store.plain")
    assert (same.unchanged, same.failed) == (515, 0)
    run = await back(ws, path, "store.plain", Wish("create"))
    assert (run.created, run.failed) == (515, 0)
    found = [row.text for row in await all_of(ws, "store.plain")]
    assert found[:515] == texts
    assert found[515:] == texts
    again = [row.other or "" for row in await all_of(ws, "store.plain")]
    assert again[515:] == texts


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=settings.default.max_examples // 3)
@given(texts=st.lists(TEXT, min_size=1, max_size=12))
def test_any_text_comes_back(tmp_path_factory, form, texts):
    async def turn():
        folder = tmp_path_factory.mktemp("any")
        async with opened(f"sqlite:///{folder / 'a.db'}") as ws:
            await fill(ws, "store.plain", [{"text": text} for text in texts])
            path = await written(ws, "store.plain", form, folder / f"out.{form}")
            run = await back(ws, path, "store.plain", Wish("create"))
            assert run.failed == 0
            found = [row.text for row in await all_of(ws, "store.plain")]
            assert found == texts * 2

    asyncio.run(turn())


EVERY = {
    "title": "=SUM(A1)",
    "note": 'two\r\nlines, "quoted"',
    "remark": "'=kept",
    "size": "large",
    "price": Decimal("-0.10"),
    "weight": 0.1 + 0.2,
    "pieces": -3,
    "ready": True,
    "due": date(2026, 2, 28),
    "seen_at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    "facts": {"a": 1},
    "words": ["one", "t,wo"],
}


@pytest.mark.parametrize("form", [*FORMS, "xlsx"])
async def test_every_kind_of_field_comes_back(ws, tmp_path, form):
    people = [{"name": "Ann", "email": "a", "wage": Decimal("12.34")}, {"name": "Bo"}]
    await fill(ws, "identity.user", people)
    await fill(ws, "store.crate", [{"code": "A", "name": "A"}])
    rows = [EVERY | {"crate_id": 1, "owner_id": 2, "people": [2, 1]}, {"title": "bare"}]
    if form == "xlsx":  # its numbers have 15 digits
        rows[0] |= {"weight": 0.3, "note": "two\nlines"}
    await fill(ws, "store.thing", rows)
    path = tmp_path / f"out.{form}"
    if form == "xlsx":
        asked = export.prepare(ws, SYSTEM, ws.registry.noun("store.thing"))
        assert await export.workbook(asked, path) == 2
    else:
        await written(ws, "store.thing", form, path)
    assert (await back(ws, path, "store.thing")).unchanged == 2
    run = await back(ws, path, "store.thing", Wish("create"))
    assert (run.created, run.failed) == (2, 0)
    first, bare, again, bare_again = await all_of(ws, "store.thing")
    for name in (*EVERY, "crate_id", "owner_id", "people"):
        assert getattr(again, name) == getattr(first, name), name
        assert getattr(bare_again, name) == getattr(bare, name), name


async def test_a_workbook_never_holds_formulas(ws, tmp_path):
    await fill(ws, "store.plain", [{"text": "=1+1"}, {"text": "http://x.example"}])
    path = tmp_path / "o.xlsx"
    await export.workbook(export.prepare(ws, SYSTEM, ws.registry.noun("store.plain")), path)
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows] == ["text", "=1+1", "http://x.example"]


async def test_a_workbook_refuses_what_its_cells_cannot_hold(ws, tmp_path):
    await fill(ws, "store.plain", [{"text": "x" * 40_000}])
    with pytest.raises(Invalid, match="32,767"):
        await export.workbook(
            export.prepare(ws, SYSTEM, ws.registry.noun("store.plain")), tmp_path / "o.xlsx"
        )


async def test_csv_guards_cells_that_a_spreadsheet_would_run(ws, tmp_path):
    await fill(ws, "store.plain", [{"text": "=cmd|' /C calc'!A0"}])
    path = await written(ws, "store.plain", "csv", tmp_path / "o.csv")
    assert "'=cmd" in path.read_text()
    assert path.read_bytes().count(b"\r\n") == 2


async def test_filters_fields_and_order(ws, tmp_path):
    await fill(ws, "store.thing", [{"title": f"T{n}", "pieces": n} for n in range(5)])
    path = await written(
        ws, "store.thing", "json", tmp_path / "o", pieces__gte="2", fields="title", sort="-pieces"
    )
    assert json.loads(path.read_text()) == [
        {"id": 5, "title": "T4"},
        {"id": 4, "title": "T3"},
        {"id": 3, "title": "T2"},
    ]


async def test_an_empty_export_is_a_file_with_a_header(ws, tmp_path):
    path = await written(ws, "store.crate", "csv", tmp_path / "o.csv")
    assert path.read_text().startswith("id,code,name,")
    path = await written(ws, "store.crate", "json", tmp_path / "o.json")
    assert json.loads(path.read_text()) == []
    path = await written(ws, "store.crate", "ndjson", tmp_path / "o.nd")
    assert path.read_text().strip() == ""


async def test_many_pages(ws, tmp_path):
    await fill(ws, "store.plain", [{"text": f"{n}"} for n in range(1203)])
    path = await written(ws, "store.plain", "csv", tmp_path / "o.csv", sort="text")
    source = examine(path)
    texts = [row.cells[1] for row in source.rows()]
    assert texts == sorted(f"{n}" for n in range(1203))


async def test_secrets_never_leave_and_groups_need_their_grant(ws, tmp_path):
    await fill(ws, "identity.user", [{"name": "Ann", "wage": Decimal(5)}])
    all_seen = (await written(ws, "identity.user", "csv", tmp_path / "a")).read_text()
    assert "wage" in all_seen
    assert "password" not in all_seen
    reader = Me(id=1, grants=frozenset({"identity.user.read", "identity.user.see_all"}))
    seen = (await written(ws, "identity.user", "csv", tmp_path / "b", me=reader)).read_text()
    assert "wage" not in seen


async def test_what_is_wrong_is_refused_before_the_first_byte(ws):
    noun = ws.registry.noun("store.thing")
    with pytest.raises(Denied):
        export.prepare(ws, Me(id=1), noun)
    with pytest.raises(Malformed, match="Unknown filter"):
        export.prepare(ws, SYSTEM, noun, [("colour", "red")])
    with pytest.raises(Malformed, match="csv, json, ndjson, xlsx"):
        export.known_format("pdf")

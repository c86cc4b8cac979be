"""Files of every kind, sound and damaged."""

import json
import os
import time
import tracemalloc
import zipfile

import pytest
import xlsxwriter
from msgspec import UNSET

from mainstay.facets.transfer.sources import examine
from mainstay.kernel.problems import Invalid

QUICKLY = 20


def seen(path):
    source = examine(path)
    try:
        return source, list(source.rows())
    finally:
        source.close()


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("a,b\nä,€\n".encode(), "utf-8", ","),
        ("\ufeffa;b\r\nä;€\r\n".encode(), "utf-8-sig", ";"),
        ("a\tb\nä\t€\n".encode("utf-16"), "utf-16", "\t"),
        ("a|b\nä|€".encode("utf-16-le"), "utf-16-le", "|"),
        ("a;b\nä;€\n".encode("cp1252"), "cp1252", ";"),
        ("a,b\rä,€\r".encode(), "utf-8", ","),
    ],
)
def test_text_is_read_however_it_is_written(tmp_path, content, encoding, delimiter):
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    source, rows = seen(path)
    assert (source.encoding, source.delimiter) == (encoding, delimiter)
    assert source.columns == ("a", "b")
    assert [row.cells for row in rows] == [["ä", "€"]]
    assert source.total == 1


def test_german_text_in_the_old_encoding_keeps_its_letters(tmp_path):
    path = tmp_path / "alt.csv"
    rows = "Straße;Größe\n" + "plain;text\n" * 9000 + "Müllerstraße;für Ärzte\n"
    path.write_bytes(rows.encode("cp1252"))
    _, found = seen(path)
    assert found[-1].cells == ["Müllerstraße", "für Ärzte"]


def test_quotes_newlines_and_blank_lines(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text('a,b\n"one\r\ntwo","say ""hi"""\n\n , \nlast,x\n', newline="")
    _, rows = seen(path)
    assert [row.cells for row in rows] == [["one\r\ntwo", 'say "hi"'], ["last", "x"]]


def test_a_row_of_another_width_is_told_and_the_rest_read(tmp_path):
    path = tmp_path / "w.csv"
    path.write_text("a,b\n1\n1,2,3\n1,2,,\n4,5\n")
    _, rows = seen(path)
    assert [bool(row.fault) for row in rows] == [True, True, False, False]
    assert "3 cells" in rows[1].fault
    assert rows[1].number == 3


def test_an_open_quote_at_the_end_is_no_row(tmp_path):
    path = tmp_path / "cut.csv"
    path.write_text('a,b\n1,2\n3,"cut off he')
    _, rows = seen(path)
    assert [bool(row.fault) for row in rows] == [False, True]
    assert "quote" in rows[1].fault


def test_huge_cells_are_cells(tmp_path):
    path = tmp_path / "big.csv"
    path.write_text(f'a,b\n1,"{"x" * 3_000_000}"\n')
    _, rows = seen(path)
    assert len(rows[0].cells[1]) == 3_000_000


@pytest.mark.parametrize("form", ["array", "lines", "pretty"])
def test_json_of_any_layout(tmp_path, form):
    records = [{"a": 1, "b": "x\n,]"}, {"b": None, "c": 0.1}, {"a": [1, 2]}]
    path = tmp_path / "data.anything"
    texts = {
        "array": json.dumps(records),
        "lines": "\n".join(json.dumps(record) for record in records),
        "pretty": json.dumps(records, indent=2),
    }
    path.write_text(texts[form])
    source, rows = seen(path)
    assert source.form == "json"
    assert source.columns == ("a", "b", "c")
    assert rows[0].cells == [1, "x\n,]", UNSET]
    assert rows[1].cells[:2] == [UNSET, None]
    assert str(rows[1].cells[2]) == "0.1"


def test_json_longer_than_one_read(tmp_path):
    path = tmp_path / "long.json"
    path.write_text(json.dumps([{"n": n, "text": "é" * 700} for n in range(3000)]))
    source, rows = seen(path)
    assert source.total == 3000
    assert rows[2999].cells == [2999, "é" * 700]


def test_a_workbook_is_known_by_its_content(tmp_path):
    path = tmp_path / "numbers.csv"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Notes")
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["a", "b", "", ""])
        sheet.write_row(1, 0, [1, "x"])
        sheet.write_row(3, 0, [2.5, True])
    source, rows = seen(path)
    assert source.form == "sheet"
    assert source.columns == ("a", "b")
    assert [row.cells for row in rows] == [[1.0, "x"], [2.5, True]]
    assert [row.number for row in rows] == [2, 4]
    assert [entry.name for entry in tmp_path.iterdir()] == ["numbers.csv"]


def _bomb(path):
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(700):
            part.write(bytes(1_000_000))


def _sparse(path):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1048575, 16383, "b")


def _truncated(path):
    whole = path.with_suffix(".whole")
    with xlsxwriter.Workbook(whole) as book:
        book.add_worksheet().write_column(0, 0, [f"text {n}" for n in range(2000)])
    path.write_bytes(whole.read_bytes()[:6000])


def _other_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")


DAMAGED = {
    "empty": b"",
    "blank": b"\n \n\r\n",
    "header only": b"a,b\n",
    "binary": bytes(range(256)) * 400,
    "noise": os.urandom(50_000),
    "pdf": b"%PDF-1.7\n...",
    "10^5 columns": b",".join(b"c%d" % n for n in range(100_000)) + b"\n1\n",
    "one line of 100 MB": 100_000_000 * b"a",
    "a quote that never closes": b'a,b\n"x,1\n' + b"y,2\n" * 6_000_000,
    "deep json": b"[" * 500_000,
    "cut json": b'[{"a": 1}, {"a": ',
    "json of numbers": b"[1, 2, 3]",
    "json and more": b'[{"a": 1}] and more',
    "zip bomb": _bomb,
    "far corner": _sparse,
    "truncated workbook": _truncated,
    "another zip": _other_zip,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_gets_one_clear_sentence_quickly(tmp_path, name):
    made, path = DAMAGED[name], tmp_path / "input.csv"
    if callable(made):
        made(path)
    else:
        path.write_bytes(made)
    before = {entry.name for entry in tmp_path.iterdir()}
    started = time.perf_counter()
    tracemalloc.start()
    try:
        with pytest.raises(Invalid) as caught:
            examine(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    detail = caught.value.detail
    assert detail.startswith("The file input.csv cannot be imported: ")
    assert detail.endswith(".")
    assert "\n" not in detail
    assert len(detail) < 300
    assert time.perf_counter() - started < QUICKLY
    assert peak < 200_000_000
    assert {entry.name for entry in tmp_path.iterdir()} == before


def test_a_folder_and_a_missing_file_are_no_defects(tmp_path):
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(Invalid):
            examine(path)

"""Files that others made: what they are, how they are written, and their rows one after another."""

import codecs
import csv
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from charset_normalizer import from_bytes
from msgspec import UNSET

from mainstay.kernel.problems import Invalid

CHUNK = 1 << 20
SAMPLE = 1 << 16
MOST_COLUMNS = 1000
MOST_TEXT = 16 * CHUNK
PATIENCE = 180
CONTROLS = bytes(n for n in range(32) if n not in (9, 10, 12, 13, 27))
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
ENCODINGS = ["cp1252", "latin_1", "cp1250", "cp1251", "cp1253", "shift_jis", "gb18030", "euc_kr"]
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed file; unpack it first"),
    (b"7z\xbc\xaf", "a compressed file; unpack it first"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
)
END = "\x1eend\x1e"
# Fewer letters beyond ASCII than this tell no language from another.
ENOUGH = 40


class Row(NamedTuple):
    """One row: its number as a spreadsheet shows it, its cells, and what is wrong with it."""

    number: int
    cells: Sequence[Any]
    fault: str = ""


@dataclass(frozen=True)
class Source:
    """A file that was looked through once: its columns are known and its rows are counted."""

    path: Path
    name: str
    digest: str
    form: str
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    total: int
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    widest: int = MOST_COLUMNS

    def rows(self, start: int = 0) -> Iterator[Row]:
        """Return the rows from a place on, read as they are asked for."""
        return islice(_rows(self), start, None)

    def close(self) -> None:
        """Remove what was unpacked for reading."""
        if self.form == "sheet":
            self.path.unlink(missing_ok=True)


def unreadable(name: str, why: str) -> Invalid:
    """Return the refusal of a file, in one sentence."""
    return Invalid(f"The file {name} cannot be imported: {why}.")


def _garbled(source: Source) -> Invalid:
    return unreadable(
        source.name, f"its text is not all written in {source.encoding}; save it as UTF-8"
    )


def examine(path: Path, name: str = "", sheet: str = "", *, widest: int = MOST_COLUMNS) -> Source:
    """Look through a file once: its form, encoding, columns, number of rows and fingerprint.

    Of a workbook the named sheet is taken, or the first that has rows. At most `widest` columns
    are read.
    """
    name = name or path.name
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE)
        if not head:
            raise unreadable(name, "it is empty")
        if head.startswith(WORKBOOKS):
            return _counted(_workbook(path, name, sheet))
        digest, encoding = _encoding(path, name, head)
    except OSError as error:
        raise unreadable(name, str(error.strerror or error)) from None
    source = Source(path, name, digest, "csv", encoding, ",", (), 0, widest=widest)
    try:
        return _counted(_with_columns(source))
    except UnicodeDecodeError:
        raise _garbled(source) from None


def _encoding(path: Path, name: str, head: bytes) -> tuple[str, str]:
    """Return the file's fingerprint and the encoding of its text."""
    for sign, what in FOREIGN:
        if head.startswith(sign):
            raise unreadable(name, f"it is {what}, not a table")
    marked = next((encoding for bom, encoding in BOMS if head.startswith(bom)), "")
    digest, utf8 = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    clean, odd = True, b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            try:
                clean and utf8.decode(chunk)
            except UnicodeDecodeError as error:
                clean, odd = False, error.object[max(error.start - 2000, 0) :][:20000]
    with suppress(UnicodeDecodeError):
        utf8.decode(b"", final=True)
        if not marked and clean and b"\x00" not in head:
            marked = "utf-8"
    return digest.hexdigest(), marked or _guessed(name, head, odd or head)


def _guessed(name: str, head: bytes, strange: bytes) -> str:
    """Guess the encoding of text that is not UTF-8, or see that it is no text at all."""
    if b"\x00" in head:
        even, odd = head[::2].count(0), head[1::2].count(0)
        if max(even, odd) * 4 > len(head):
            return "utf-16-le" if odd > even else "utf-16-be"
        raise unreadable(name, "it is not text; give a CSV, JSON or XLSX file")
    if len(head.translate(None, CONTROLS)) * 50 < len(head) * 49:
        raise unreadable(name, "it is not text; give a CSV, JSON or XLSX file")
    best = from_bytes(strange[:20000], cp_isolation=ENCODINGS).best()
    found = best.encoding if best else "cp1252"
    with suppress(UnicodeDecodeError):
        western = strange.decode("cp1252")
        few = sum(byte > 127 for byte in strange) < ENOUGH
        if few or found in ("latin_1", "ascii") or strange.decode(found) == western:
            return "cp1252"
    return found


def _workbook(path: Path, name: str, sheet: str) -> Source:
    """Unpack a workbook in a process of its own, which a damaged file may take down with it."""
    target = path.with_name(f"{path.name}.rows")
    if not _writable(path.parent):
        import tempfile

        target = Path(tempfile.mkdtemp(prefix="mainstay-")) / "rows"
    program = Path(__file__).with_name("sheet.py")
    command = [sys.executable, "-I", str(program), str(path.absolute()), str(target), sheet]
    answer = ""
    try:
        done = subprocess.run(  # noqa: S603 - our own program, on a file that is only read
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        why = done.stderr.strip().splitlines()[-1:] if done.returncode > 0 else ["it is damaged"]
        answer, failed = done.stdout, done.returncode != 0
    except subprocess.TimeoutExpired:
        why, failed = ["reading it takes too long"], True
    if failed:
        target.unlink(missing_ok=True)
        raise unreadable(name, f"the workbook could not be read; {(why or ['damaged'])[0]}")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    said = json.loads(answer)
    source = Source(target, name, digest.hexdigest(), "sheet", "utf-8", "", (), 0)
    return _with_columns(replace(source, sheet=said["sheet"], sheets=tuple(said["sheets"])))


def _writable(folder: Path) -> bool:
    try:
        probe = folder / ".mainstay-probe"
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _with_columns(source: Source) -> Source:
    """Read the header, after finding out which characters separate the cells."""
    if source.form == "sheet":
        header = [_heading(cell) for cell in next(_sheet(source))]
        return _named(source, header)
    with source.path.open("rb") as file:
        start = file.read(SAMPLE).decode(source.encoding, "ignore").lstrip("\ufeff \t\r\n")
    if not start:
        raise unreadable(source.name, "it has no text in it")
    if start[0] in "[{":
        return replace(source, form="json", columns=_keys(source))
    source = replace(source, delimiter=_delimiter(start))
    with _reading(source) as stream:
        rows = csv.reader(_lines(stream, source.name), delimiter=source.delimiter)
        header = next((row for row in rows if any(cell.strip() for cell in row)), [])
    return _named(source, header)


def _heading(cell: Any) -> str:
    return str(_timed(cell)) if cell is not None else ""


def _named(source: Source, header: Sequence[str]) -> Source:
    """Check the header and give nameless columns a name."""
    columns = [cell.strip().lstrip("\ufeff") for cell in header]
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) > source.widest:
        raise unreadable(
            source.name, f"it has {len(columns):,} columns; at most {source.widest:,} are read"
        )
    if not columns or columns == [END]:
        raise unreadable(source.name, "its first row must name the columns")
    named = [name or f"column {place + 1}" for place, name in enumerate(columns)]
    return replace(source, columns=tuple(named))


def _delimiter(start: str) -> str:
    """Choose the separator that cuts the first lines into the most columns, evenly."""
    lines = start.splitlines(keepends=True)[:20]
    if len(lines) > 1 and len(start) >= SAMPLE // 4:
        lines = lines[:-1] or lines

    def evenness(mark: str) -> tuple[float, int]:
        """Return how many rows are as wide as the header, and that width."""
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
        except csv.Error:
            return (0.0, 0)
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (sum(width == widths[0] for width in widths) / len(widths), widths[0])

    best = max(",;\t|", key=evenness)
    return best if evenness(best)[1] else ","


def _reading(source: Source) -> IO[str]:
    csv.field_size_limit(MOST_TEXT)
    return source.path.open(encoding=source.encoding, newline="")


def _lines(stream: IO[str], name: str) -> Iterator[str]:
    """Return the lines, bounded in length, and a last one that shows whether quotes are closed."""
    first = True
    while line := stream.readline(MOST_TEXT):
        if len(line) >= MOST_TEXT:
            raise unreadable(name, "one of its lines is longer than 16 MB")
        if first and line.strip().lower().startswith("sep=") and len(line.strip()) == 5:
            first = False
            continue
        first = False
        yield line if line.endswith(("\n", "\r")) else f"{line}\n"
    yield END


def _counted(source: Source) -> Source:
    """Count the rows; a file that breaks in the middle is refused here, before anything is done."""
    total = sum(1 for _ in _rows(source))
    if not total:
        source.close()
        raise unreadable(source.name, "it names its columns but has no rows")
    return replace(source, total=total)


def _rows(source: Source) -> Iterator[Row]:
    try:
        if source.form == "csv":
            yield from _csv_rows(source)
        elif source.form == "sheet":
            yield from _sheet_rows(source)
        else:
            yield from _json_rows(source)
    except UnicodeDecodeError:
        raise _garbled(source) from None
    except csv.Error as error:
        why = str(error)
        if "field larger" in why:
            why = "a cell is longer than 16 MB; perhaps a quote is opened and never closed"
        raise unreadable(source.name, why) from None


def _csv_rows(source: Source) -> Iterator[Row]:
    width = len(source.columns)
    headed = False
    with _reading(source) as stream:
        rows = csv.reader(_lines(stream, source.name), delimiter=source.delimiter)
        for number, cells in enumerate(rows, 1):
            if cells == [END]:
                return
            if not any(cell.strip() for cell in cells):
                continue
            if headed:
                yield _csv_row(number, cells, width)
            headed = True


def _csv_row(number: int, cells: list[str], width: int) -> Row:
    if cells[-1].endswith(END):
        cells[-1] = cells[-1].removesuffix(END)
        return Row(number, cells, "a quote is opened in this row and never closed")
    extra = cells[width:]
    if any(cell.strip() for cell in extra):
        return Row(number, cells, f"has {len(cells)} cells, but there are {width} columns")
    if len(cells) < width:
        return Row(number, cells, f"has {len(cells)} cells, but there are {width} columns")
    return Row(number, cells[:width])


def _sheet(source: Source) -> Iterator[list[Any]]:
    with source.path.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _sheet_rows(source: Source) -> Iterator[Row]:
    width = len(source.columns)
    for number, raw in enumerate(_sheet(source), 1):
        cells = [_timed(cell) for cell in raw[:width]]
        if number == 1 or all(cell in ("", None) for cell in cells):
            continue
        yield Row(number, cells)


def _timed(cell: Any) -> Any:
    """Read a moment back that `sheet.py` marked."""
    if not isinstance(cell, dict):
        return cell
    text = cell["t"]
    for kind in (datetime, date, time):
        with suppress(ValueError):
            if kind is not datetime or "T" in text:
                return kind.fromisoformat(text)
    return text


def _keys(source: Source) -> tuple[str, ...]:
    """Return every key that any record of a JSON file has, in the order of their first mention."""
    keys: dict[str, None] = {}
    for _, record in _records(source):
        if isinstance(record, dict):
            keys |= dict.fromkeys(record)
        if len(keys) > MOST_COLUMNS:
            raise unreadable(source.name, f"its records have more than {MOST_COLUMNS:,} keys")
    if not keys:
        raise unreadable(source.name, "it holds no records")
    return tuple(keys)


def _json_rows(source: Source) -> Iterator[Row]:
    for number, record in _records(source):
        if isinstance(record, dict):
            yield Row(number, [record.get(name, UNSET) for name in source.columns])
        else:
            yield Row(number, [UNSET] * len(source.columns), "is not a JSON object")


def _records(source: Source) -> Iterator[tuple[int, Any]]:
    """Return the records of a JSON array, or of one record after another."""
    decoder = json.JSONDecoder(parse_float=Decimal)
    with source.path.open(encoding=source.encoding) as stream:
        buffer = _Buffer(stream)
        if buffer.peek() == "[":
            buffer.place += 1
        number = 0
        while (mark := buffer.peek()) not in ("", "]"):
            number += 1
            yield number, buffer.take(decoder, source.name, number)
        buffer.move()
        if mark == "]" and buffer.peek():
            raise unreadable(source.name, "text follows after the end of its list")


class _Buffer:
    """The part of a JSON file that is being read."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream, self.text, self.place, self.ended = stream, "", 0, False

    def more(self) -> None:
        """Read on, and forget what was used."""
        chunk = self.stream.read(CHUNK)
        self.ended = not chunk
        self.text, self.place = self.text[self.place :] + chunk, 0

    def move(self) -> None:
        """Step over one character."""
        self.place += 1

    def peek(self) -> str:
        """Return the next character that means something, or nothing at the end."""
        while True:
            while self.place < len(self.text):
                if self.text[self.place] not in " \t\r\n,\ufeff":
                    return self.text[self.place]
                self.place += 1
            if self.ended:
                return ""
            self.more()

    def take(self, decoder: json.JSONDecoder, name: str, number: int) -> Any:
        """Read one value; its end may not have been read yet."""
        while True:
            try:
                value, self.place = decoder.raw_decode(self.text, self.place)
            except RecursionError:
                raise unreadable(name, f"record {number} is nested too deeply") from None
            except ValueError as error:
                if self.ended or len(self.text) - self.place > MOST_TEXT:
                    why = getattr(error, "msg", "a number is too long")
                    raise unreadable(name, f"record {number} is not valid JSON: {why}") from None
                self.more()
            else:
                return value


def batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Return the rows in batches."""
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch

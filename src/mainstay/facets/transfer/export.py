"""Records as a file: read in pages, written as they come, so that any number of them fits."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import xlsxwriter  # type: ignore[import-untyped]

from mainstay.facets.transfer.cells import exported, measured, write
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Dec
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Invalid, Malformed
from mainstay.kernel.scope import Me, require
from mainstay.kernel.workspace import Workspace

PAGE = 500
MOST_CELL = 32_767
MOST_ROWS = 1_048_575
EXACT = 10**15
Format = Literal["csv", "json", "ndjson", "xlsx"]
TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Export:
    """One resource's records, as a person may see them."""

    ws: Workspace
    me: Me
    noun: Noun
    params: tuple[tuple[str, str], ...]
    fields: tuple[str, ...]

    async def pages(self) -> AsyncIterator[list[Entity]]:
        """Return the records, a page at a time, by keyset."""
        cursor = ""
        while True:
            found, cursor = await self.ws.look(
                self.me, partial(self._page, cursor=cursor), slow=True
            )
            if found:
                yield found
            if not cursor:
                return
            await asyncio.sleep(0)

    async def _page(self, ctx: Context, cursor: str) -> tuple[list[Entity], str]:
        pairs = [*self.params, ("limit", str(PAGE)), ("cursor", cursor)]
        ask = ctx.ask(self.noun, pairs)
        found, following = await ctx.reader.entities(ctx.connection, self.noun, ask, ctx.me)
        return found, following or ""


def prepare(ws: Workspace, me: Me, noun: Noun, params: Iterable[tuple[str, str]] = ()) -> Export:
    """Check what is asked for; whatever is wrong is refused before the first byte."""
    require(me, noun.permission("read"))
    pairs = [(n, v) for n, v in params if n not in ("limit", "cursor", "count", "include")]
    ask = ws.ask(me, noun, pairs)
    groups = frozenset(
        item.kind.group
        for item in noun.fields.values()
        if item.kind.group and me.can(noun.permission(f"read_{item.kind.group}"))
    )
    if not any(name == "sort" for name, _ in pairs):
        pairs.append(("sort", "id"))
    kept = tuple((n, v) for n, v in pairs if n != "fields")
    return Export(ws, me, noun, kept, exported(noun, groups, ask.fields))


def known_format(text: str) -> Format:
    """Return the format that is meant, or refuse and name the known ones."""
    if text not in get_args(Format):
        raise Malformed(f"format must be one of {', '.join(get_args(Format))}, not {text[:40]!r}.")
    return text  # type: ignore[return-value]


def stream(export: Export, form: Format) -> AsyncIterator[bytes]:
    """Return the file's bytes as they are written."""
    if form == "csv":
        return _csv(export)
    return _json(export, lines=form == "ndjson")


async def _csv(export: Export) -> AsyncIterator[bytes]:
    noun = export.noun
    items = [noun.all_fields[name] for name in export.fields]
    buffer = io.StringIO()
    out = csv.writer(buffer)
    out.writerow(export.fields)
    async for page in export.pages():
        for entity in page:
            out.writerow([write(item, noun.value(entity, item.name)) for item in items])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest.encode()


async def _json(export: Export, *, lines: bool) -> AsyncIterator[bytes]:
    if not lines:
        yield b"["
    between = b"\n" if not lines else b""
    async for page in export.pages():
        written = []
        for entity in page:
            record = {name: export.noun.value(entity, name) for name in export.fields}
            written.append(between + msgspec.json.encode(record))
            between = b"\n" if lines else b",\n"
        yield b"".join(written)
    yield b"\n" if lines else b"\n]\n"


async def workbook(export: Export, path: Path) -> int:
    """Write a workbook, row by row, in a thread; return how many records it holds."""
    book = await asyncio.to_thread(Book, path, export)
    try:
        async for page in export.pages():
            await asyncio.to_thread(book.add, page)
    finally:
        await asyncio.to_thread(book.close)
    return book.rows


class Book:
    """A workbook that is written row by row and keeps none in memory."""

    def __init__(self, path: Path, export: Export) -> None:
        """Write the header."""
        self.export = export
        self.rows = 0
        self.book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": tempfile.gettempdir(),
                "remove_timezone": True,
            },
        )
        self.sheet = self.book.add_worksheet(export.noun.plural[:31].translate(NAMES))
        strong = self.book.add_format({"bold": True})
        for column, name in enumerate(export.fields):
            self.sheet.write_string(0, column, name, strong)
        self.sheet.freeze_panes(1, 1)

    def add(self, page: Sequence[Entity]) -> None:
        """Write some records."""
        noun = self.export.noun
        items = [noun.all_fields[name] for name in self.export.fields]
        for entity in page:
            self.rows += 1
            if self.rows > MOST_ROWS:
                raise Invalid("A workbook holds at most 1,048,575 records. Use CSV, or a filter.")
            for column, item in enumerate(items):
                value = noun.value(entity, item.name)
                if value is None:
                    continue
                if measured(item) and abs(value) < EXACT and not _long(item, value):
                    self.sheet.write_number(self.rows, column, float(value))
                else:
                    self._text(column, item.name, item.kind.text(value))

    def _text(self, column: int, name: str, text: str) -> None:
        if len(text) > MOST_CELL:
            raise Invalid(
                f"{name} of record {self.rows} has {len(text):,} characters, a workbook's cell "
                "holds at most 32,767. Use CSV or JSON."
            )
        self.sheet.write_string(self.rows, column, text)

    def close(self) -> None:
        """Finish the file."""
        self.book.close()


def _long(item: Any, value: Any) -> bool:
    """Return whether a decimal has more digits than a workbook's numbers keep."""
    return isinstance(item.kind, Dec) and len(value.as_tuple().digits) > 15


NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))

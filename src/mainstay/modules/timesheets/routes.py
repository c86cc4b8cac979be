"""A report of time as a file, and what the dialogs of a week show."""

import asyncio
import csv
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from litestar import Request, Response, get

from mainstay.delivery import words
from mainstay.delivery.formulas import guard
from mainstay.delivery.pages.common import reader, renderer, ws_of
from mainstay.delivery.render import is_partial, redirect
from mainstay.delivery.words import gettext as _
from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Malformed
from mainstay.kernel.scope import require
from mainstay.modules.timesheets.questions.reports import TimeReport, whole_report
from mainstay.modules.timesheets.views import (
    cell_page,
    level_word,
    part_title,
    report_ask,
    rows_page,
)

Rq = Request[Any, Any, Any]
Load = Callable[[Context, Mapping[str, str]], Awaitable[dict[str, Any]]]
TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def _inside(request: Rq, template: str, load: Load, grant: str) -> Response[Any]:
    """Draw what a dialog of the week's page shows; asked for by itself, show the page."""
    me = reader(request)
    require(me, grant)
    if request.headers.get("HX-Request") != "true" or is_partial(request):
        return redirect(request, "/time")
    given = dict(request.query_params.items())
    values = await ws_of(request).look(me, lambda ctx: load(ctx, given))
    drawn = renderer(request)
    return drawn.answer(request, drawn.text(request, template, **values))


@get("/time/cell")
async def cell(request: Rq) -> Response[Any]:
    """Show the entries of one cell of a week."""
    grant = "timesheets.timesheet_week.read"
    return await _inside(request, "timesheets/cell.html", cell_page, grant)


@get("/time/rows")
async def rows(request: Rq) -> Response[Any]:
    """Show what a row of a week may be about."""
    return await _inside(request, "timesheets/rows.html", rows_page, "timesheets.row_choices.fill")


@get("/time/reports/export")
async def export_report(request: Rq) -> Response[bytes]:
    """Return a time report as CSV or XLSX, with the same filters and rights as its page."""
    ws, me = request.app.state.ws, request.state.me
    require(me, "timesheets.time_report.read")
    given = dict(request.query_params.items())
    form = given.get("format", "csv")
    if form not in TYPES:
        raise Malformed(f"format={form[:20]} is unknown. Known: csv, xlsx.")
    ask = report_ask(given, today_in(me.zone, ws.clock.now()))

    async def work(ctx: Context) -> TimeReport:
        """Add it up, with every group there is."""
        return await whole_report(ctx, ask)

    answer = await ws.look(me, work, slow=True)
    words.speak(me.locale)
    lines = list(report_lines(answer))
    body = await asyncio.to_thread(_workbook, lines) if form == "xlsx" else _csv(lines)
    name = f"time-{answer.first}-{answer.last}.{form}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body, media_type=TYPES[form], headers=headers)


def report_lines(answer: TimeReport) -> Iterator[list[Any]]:
    """Yield the head and the groups of a report; each currency has columns of its own."""
    levels = [answer.by, *([answer.then] if answer.then else [])]
    units = [one.currency for one in answer.total.amounts or ()]
    head = [level_word(level) for level in levels]
    head += [_("Hours"), _("Billable hours"), _("Billed hours"), _("Entries")]
    costs = any(one.cost is not None for one in answer.total.amounts or ())
    for unit in units:
        head += [f"{_('To bill')} ({unit})"] + ([f"{_('Cost')} ({unit})"] if costs else [])
    yield head
    for group in answer.groups:
        line: list[Any] = [part_title(part) for part in group.parts]
        line += [group.hours, group.billable_hours, group.billed_hours, group.entries]
        known = {one.currency: one for one in group.amounts or ()}
        for unit in units:
            one = known.get(unit)
            both = (one.amount, one.cost) if one else (Decimal(0), Decimal(0))
            line += both if costs else both[:1]
        yield line


def _csv(lines: list[list[Any]]) -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    for line in lines:
        writer.writerow([guard(one) if isinstance(one, str) else one for one in line])
    return out.getvalue().encode("utf-8")


def _workbook(lines: list[list[Any]]) -> bytes:
    """Write the sheet; texts are never read as formulas."""
    with tempfile.TemporaryDirectory(prefix="mainstay-") as folder:
        path = Path(folder) / "time.xlsx"
        book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for row, line in enumerate(lines):
            for column, value in enumerate(line):
                if isinstance(value, str):
                    sheet.write_string(row, column, value, None if row else bold)
                else:
                    sheet.write_number(row, column, float(value))
        sheet.freeze_panes(1, 0)
        sheet.autofit()
        book.close()
        return path.read_bytes()


ROUTES = [cell, rows, export_report]

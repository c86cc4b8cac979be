"""What the room's own pages and panels are given, and which files it takes over."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct

from mainstay.delivery import words
from mainstay.delivery.words import gettext as _
from mainstay.facets.transfer.api import Program
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import spoken
from mainstay.modules.importers import crosswalk
from mainstay.modules.importers.entities import MoveRun
from mainstay.modules.importers.model import Left
from mainstay.modules.importers.readers import PROGRAMS, source_of
from mainstay.modules.importers.running import BEGIN, Plan, may_begin, report_of
from mainstay.modules.importers.verifying import Line, Report

MOST_PEOPLE = 500
START = Program(name="Jira, Trello, GitHub, Asana", href="/import/programs", grant=BEGIN)


def _names() -> dict[str, str]:
    """Return what the lines of a report are called."""
    return {
        "items": _("Issues and tasks"),
        "family": _("Parents and epics"),
        "comments": _("Comments"),
        "labels": _("Labels"),
        "links": _("Links"),
        "attachments": _("Attachments"),
        "checklists": _("Checklists"),
        "ticks": _("Lines of checklists"),
        "worklogs": _("Worklogs"),
        "sprints": _("Sprints"),
        "milestones": _("Milestones"),
        "projects": _("Projects"),
        "people": _("People"),
        "points": _("Story points"),
        "estimate": _("Estimates, in hours"),
        "spent": _("Time spent, in hours"),
    }


def knows(path: Path, name: str) -> Program | None:
    """Return which program wrote a file, and the page that takes it over."""
    source = source_of(path, name)
    if not source:
        return None
    return Program(name=PROGRAMS[source], href=f"{START.href}/{path.name}", grant=BEGIN)


async def upload_page(ctx: Context) -> dict[str, Any]:
    """Ask for a file, and say where each program exports it."""
    may_begin(ctx.me)
    return {"problem": ""}


class PersonRow(Struct, kw_only=True):
    """Somebody of the file on the page: who they seem to be here."""

    key: str
    name: str
    more: str
    count: int
    chosen: str
    known: str = ""
    by: str = ""


class Offered(Struct, kw_only=True):
    """Somebody here who can be chosen."""

    id: str
    name: str


def people_rows(plan: Plan) -> list[PersonRow]:
    """Return the people of a file for the page."""
    rows = []
    for one in plan.survey.people[:MOST_PEOPLE]:
        match = plan.found.get(one.key)
        more = one.email or (f"@{one.username}" if one.username else "")
        rows.append(
            PersonRow(
                key=one.key,
                name=one.name or one.username or one.key,
                more=more,
                count=one.count,
                chosen=plan.choices.people.get(one.key, "nobody"),
                known=match.name if match else "",
                by=match.by if match else "",
            )
        )
    return rows


class Row(Struct, kw_only=True):
    """A line of a report as the page shows it."""

    name: str
    file: str
    here: str
    agrees: bool
    why: str


class LeftRow(Struct, kw_only=True):
    """Something that was not taken along, as the page shows it."""

    what: str
    why: str
    count: int
    example: str


def names_of(lines: Iterable[Line]) -> list[Row]:
    """Return the lines of a report in the reader's language."""
    names = _names()
    return [
        Row(
            name=names.get(line.what, line.what),
            file=_number(line.file),
            here=_number(line.here),
            agrees=line.agrees,
            why="; ".join(_reason(one) for one in line.why),
        )
        for line in lines
    ]


def _number(text: str) -> str:
    return words.number(float(text) if "." in text else int(text))


def _reason(one: Left) -> str:
    why = words.gettext(one.why)
    return f"{words.number(one.count)}: {why}" if one.count else f"{why[:1].upper()}{why[1:]}"


def left_rows(report: Report | None) -> list[LeftRow]:
    """Return what was not taken along, the most of it first."""
    found = sorted(report.left if report else (), key=lambda one: -one.count)
    return [
        LeftRow(
            what=_what(one.what),
            why=words.gettext(one.why),
            count=one.count,
            example=one.example,
        )
        for one in found
    ]


def _what(said: str) -> str:
    """Return what was left out, with a capital letter; names of fields stay as they are."""
    text = words.gettext(said)
    return f"{text[:1].upper()}{text[1:]}"


def statuses() -> list[tuple[str, str]]:
    """Return the statuses of tasks, and what they are called."""
    return _spoken(crosswalk.STATUSES)


def types() -> list[tuple[str, str]]:
    """Return the types of tasks, and what they are called."""
    return _spoken(crosswalk.TYPES)


def priorities() -> list[tuple[str, str]]:
    """Return the priorities, and what they are called."""
    return _spoken(crosswalk.PRIORITIES)


def _spoken(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, words.gettext(spoken(value))) for value in values]


async def report_panel(ctx: Context, entity: Entity) -> dict[str, Any] | None:
    """Show how far a move came, and both sides of what it brought."""
    del ctx
    assert isinstance(entity, MoveRun)
    report: Report = report_of(entity)
    return {
        "run": entity,
        "program": PROGRAMS[entity.source],
        "report": report,
        "counts": names_of(report.counts),
        "sums": names_of(report.sums),
        "left": left_rows(report),
        "busy": entity.state in ("waiting", "running", "undoing"),
    }

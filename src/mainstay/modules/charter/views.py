"""What this room's own pages and panels show: answers of its questions, ready to be drawn."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from mainstay.delivery import cells
from mainstay.delivery.words import gettext as _
from mainstay.facets.comments.api import names_of
from mainstay.facets.files import api as files
from mainstay.facets.files.api import File
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice, spoken
from mainstay.kernel.module import Place
from mainstay.kernel.problems import NotFound
from mainstay.modules.charter import rules
from mainstay.modules.charter.actions.documents import suggested
from mainstay.modules.charter.entities import DocumentVersion, Goal, ProjectDocument
from mainstay.modules.charter.questions import (
    Matrix,
    MatrixAsk,
    risk_lines,
    risk_matrix,
    service_statistics,
)
from mainstay.modules.projects.api import Project, percent

LISTED = 50
OFFERED = 200
KEPT = 200
RISKS = "charter.project_risk.read"
SERVICES = "charter.service_provided.read"
PAY = "projects.project.read_pay"


async def reports(ctx: Context) -> list[Place]:
    """Return the reports over projects that this person may open."""
    every = (
        (RISKS, Place("/projects/risks/matrix", _("Risk matrix"), "grid-dots")),
        (SERVICES, Place("/projects/services/use", _("Use of services"), "chart-bar")),
        (PAY, Place("/projects/projects/revenue", _("Revenue"), "report-money")),
    )
    return [place for grant, place in every if ctx.can(grant)]


async def goal_panel(ctx: Context, goal: Goal) -> dict[str, Any]:
    """Return how far a goal is."""
    done, total = goal.done_count, goal.task_count
    return {"done": done, "total": total, "percent": percent(done, total), "today": ctx.today}


async def risks_panel(ctx: Context, project: Project) -> dict[str, Any] | None:
    """Return a project's risk matrix; nothing while it has no open risk."""
    found = await risk_matrix(ctx, MatrixAsk(project_id=project.id))
    if not found.open_count:
        return None
    return {
        "project": project,
        "matrix": found,
        "rows": _rows(found),
        "differs": found.suggested_level != project.risk_level,
        "may_set": ctx.can("projects.project.update"),
    }


async def matrix_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the matrix of all risks that this person sees, or of those of one project."""
    asked = given.get("project", "")
    if asked and not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        raise NotFound("There is no such project, or you may not see it.")
    project_id = int(asked) if asked else None
    found = await risk_matrix(ctx, MatrixAsk(project_id=project_id))
    lines = await risk_lines(ctx, project_id, LISTED + 1)
    return {
        "project_id": project_id,
        "projects": await _projects(ctx),
        "matrix": found,
        "rows": _rows(found),
        "lines": lines[:LISTED],
        "more": len(lines) > LISTED,
        "all": f"/projects/risks?{_query(project_id)}",
        "pill": _pills(ctx, "charter.project_risk", "status"),
        "may_add": ctx.can("charter.project_risk.create"),
        "live": "charter.project_risk",
    }


async def services_page(ctx: Context) -> dict[str, Any]:
    """Return how often each service is provided, with the way to the projects that do."""
    found = await service_statistics(ctx)
    most = max((one.uses for one in found.services), default=1)
    ways = {
        one.service: "/projects/services?" + urlencode({"service_name": one.service})
        for one in found.services
    }
    return {"found": found, "most": most, "ways": ways, "live": "charter.service_provided"}


async def versions_panel(ctx: Context, document: ProjectDocument) -> dict[str, Any]:
    """Return the present version of a document and the earlier ones, each with its file."""
    noun = ctx.registry.noun(DocumentVersion)
    earlier: Any = ()
    if ctx.can(noun.permission("read")):
        asked = {"document_id": document.id, "sort": "-id", "limit": KEPT}
        earlier, _more = await ctx.reader.entities(
            ctx.connection, noun, ctx.ask(noun, asked), ctx.me
        )
    every = [document, *earlier]
    known = await _files(ctx, [one.file_id for one in every if one.file_id])
    names = await names_of(ctx, [one.revised_by for one in every if one.revised_by])
    return {
        "document": document,
        "versions": every,
        "files": known,
        "names": names,
        "size_of": files.spoken_size,
        "icon_of": files.icon_of,
        "href": files.href,
        "next": suggested(document),
        "pill": _pills(ctx, "charter.project_document", "status"),
        "may_renew": ctx.can(ctx.registry.noun(ProjectDocument).permission("update"))
        and document.status in ("draft", "active"),
        "may_attach": ctx.can("files.file.create"),
    }


async def _files(ctx: Context, ids: list[int]) -> dict[int, File]:
    """Return those of these files that this person may open."""
    noun = ctx.registry.noun(File)
    if not ids or not ctx.can(noun.permission("read")):
        return {}
    ask = ctx.ask(noun, {"id__in": ids, "limit": len(ids), "sort": "id"})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return {one.id: one for one in found}  # type: ignore[misc]


async def _projects(ctx: Context) -> list[Project]:
    """Return the projects that the matrix can be narrowed to."""
    noun = ctx.registry.noun(Project)
    if not ctx.can(noun.permission("read")):
        return []
    ask = ctx.ask(noun, {"sort": "name", "limit": OFFERED})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return found  # type: ignore[return-value]


def _rows(found: Matrix) -> list[dict[str, Any]]:
    """Return the matrix row by row, each cell with the way to its risks."""
    width = len(rules.LEVELS)
    rows = [found.cells[at : at + width] for at in range(0, len(found.cells), width)]
    return [
        {
            "title": spoken(row[0].probability),
            "cells": [
                {
                    "cell": cell,
                    "band": spoken(cell.band),
                    "probability": spoken(cell.probability),
                    "impact": spoken(cell.impact),
                    "href": "/projects/risks?"
                    + _query(found.project_id, probability=cell.probability, impact=cell.impact),
                }
                for cell in row
            ],
        }
        for row in rows
    ]


def _query(project_id: int | None, **conditions: str) -> str:
    whose = {"project_id": project_id} if project_id else {}
    return urlencode({**whose, **conditions, "is": "open", "view": "table"})


def _pills(ctx: Context, key: str, name: str) -> Callable[[str], Markup]:
    """Return how a status is drawn, in the colours its declaration gives."""
    kind = ctx.registry.noun(key).fields[name].kind
    assert isinstance(kind, Choice)
    colors = dict(kind.colors)

    def pill(value: str) -> Markup:
        """Draw one."""
        return Markup(cells.pill(value, colors.get(value, "")))  # noqa: S704 - escaped there

    return pill

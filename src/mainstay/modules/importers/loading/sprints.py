"""Sprints when their work is there: past ones completed with their numbers, one of them active."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from mainstay.kernel.context import Context
from mainstay.modules.importers.loading.ground import SPRINT, Ground, span
from mainstay.modules.importers.loading.items import IMPORTING, Tally
from mainstay.modules.importers.model import Sprint, Survey
from mainstay.modules.scrum.api import sums_of

MANY = 100_000


async def end_sprints(ctx: Context, survey: Survey, ground: Ground) -> Tally:
    """Bring each sprint into the state it had; one that people here began is left alone."""
    ctx.notes[IMPORTING] = True
    tally, noun = Tally(), ctx.registry.noun(SPRINT)
    told = {ground.sprints[one.project, one.key]: one for one in survey.sprints}
    held = await ctx.load_all(noun, told, anywhere=True)
    active = await _active(ctx, {sprint.project_id for sprint in held.values()})  # type: ignore[attr-defined]
    points = await _points(ctx, list(held))
    order = sorted(held.items(), key=lambda pair: told[pair[0]].starts or ctx.today, reverse=True)
    for sprint_id, record in order:
        sprint: Any = record
        one = told[sprint_id]
        if sprint.status != "planning":
            continue
        if one.state == "active":
            if sprint.project_id in active:
                why = "only one of a project is active here; the others are planned"
                tally.leave("active sprints", why, one.name)
                continue
            active.add(sprint.project_id)
            sprint.status, sprint.started_at = "active", _at(ctx, one, starts=True)
            sprint.commitment_points = points.get(sprint_id, (0.0, 0.0))[0]
            tally.updated += 1
        elif one.state == "closed":
            _complete(ctx, sprint, one, points.get(sprint_id, (0.0, 0.0)))
            tally.updated += 1
    await ctx.flush()
    return tally


def _complete(ctx: Context, sprint: Any, one: Sprint, points: tuple[float, float]) -> None:
    sprint.status = "completed"
    sprint.started_at = _at(ctx, one, starts=True)
    sprint.completed_at = one.completed or _at(ctx, one, starts=False)
    sprint.commitment_points, sprint.completed_points = points
    starts, ends = span(one)
    days = (ends - starts).days + 1 if starts and ends else 0
    sprint.velocity = round(points[1] / days, 4) if days else 0.0


def _at(ctx: Context, one: Sprint, *, starts: bool) -> datetime:
    day = one.starts if starts else one.ends
    if day is None:
        return one.completed or ctx.now
    return datetime.combine(day, time(9 if starts else 17), tzinfo=ZoneInfo(ctx.me.zone))


async def _active(ctx: Context, projects: set[int]) -> set[int]:
    kind = ctx.registry.noun(SPRINT).entity
    found: list[Any] = (
        await ctx.all(
            kind, anywhere=True, limit=MANY, project_id__in=sorted(projects), status="active"
        )
        if projects
        else []
    )
    return {one.project_id for one in found}


async def _points(ctx: Context, sprints: list[int]) -> Mapping[int, tuple[float, float]]:
    """Return the points in each sprint, all of them and those of what is done."""
    found = await sums_of(ctx, sprints)
    return {one: (sums.points, sums.done_points) for one, sums in found.items()}

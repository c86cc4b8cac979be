"""What stands over the timeline of tasks: the critical path, slack, milestones, a baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from mainstay.delivery import words
from mainstay.delivery.pages.views.spans import near
from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import ngettext
from mainstay.kernel.context import Context
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict
from mainstay.kernel.views import Mark, Overlay, Point, Toggle
from mainstay.modules.planning import scopes
from mainstay.modules.planning.plan import Planned, Terms
from mainstay.modules.planning.questions.schedule import planned_of, terms_of
from mainstay.modules.projects.api import Project, projects_of

# A timeline of more projects than these shows no plans: choose one of them.
MOST = 20


async def over_tasks(
    ctx: Context, noun: Noun, ids: Sequence[int], options: Mapping[str, str]
) -> Overlay:
    """Return what is drawn over these tasks' bars."""
    words.speak(ctx.me.locale)  # a slow read is in a thread of its own, which speaks nothing yet
    of = await projects_of(ctx, list(ids)) if ids else {}
    projects = sorted(set(of.values()))
    critical, baseline = options.get("critical", ""), options.get("baseline", "")
    if len(projects) > MOST:
        why = _("Too many projects are shown. Filter by one to see its plan.")
        return _overlay(toggles=(_path_toggle("", why),))
    kept = await scopes.baselines_of(ctx, projects) if projects else []
    marks: dict[int, Mark] = {}
    facts: list[str] = []
    if critical == "1" and projects:
        marks, facts = await _critical(ctx, projects)
    chosen = next((row for row in kept if str(row[0]) == baseline), None)
    if chosen is not None:
        rows = await scopes.baseline_rows(ctx, chosen[0])
        marks = _with_plan(marks, rows, ids)
        facts.append(_("The thin bars are the baseline %(name)s.") % {"name": chosen[2]})
    points = await _points(ctx, projects) if projects else ()
    now = str(chosen[0]) if chosen is not None else ""
    toggles = (_path_toggle(critical), _baseline_toggle(now, kept))
    return _overlay(marks=marks, points=points, toggles=toggles, facts=tuple(facts))


def _overlay(**parts: Any) -> Overlay:
    """Return what is drawn, with the way in which tasks are moved together."""
    return Overlay(
        dates=("start_date", "due_date"),
        move="move_dates",
        preview="/api/planning/ask/moved",
        **parts,
    )


def _path_toggle(now: str, why: str = "") -> Toggle:
    title = _("Critical path")
    values = (("1", title),)
    return Toggle(option="critical", title=title, icon="route", now=now, values=values, why_not=why)


def _baseline_toggle(now: str, kept: Sequence[Sequence[object]]) -> Toggle:
    values = (("", _("No baseline")), *((str(row[0]), str(row[2])) for row in kept))
    why = "" if kept else _("No baseline was taken of these projects yet.")
    return Toggle(
        option="baseline", title=_("Baseline"), icon="bookmark", now=now, values=values, why_not=why
    )


async def _critical(ctx: Context, projects: Sequence[int]) -> tuple[dict[int, Mark], list[str]]:
    """Return which tasks are critical and how much slack the others have, project by project."""
    noun = ctx.registry.noun(Project)
    ask = ctx.ask(noun, {"id__in": list(projects), "sort": "id"})
    ask.limit = len(projects)
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    held = [project for project in found if isinstance(project, Project)]
    marks: dict[int, Mark] = {}
    facts = []
    for read in (await scopes.plans_of(ctx, held)).values():
        by = await terms_of(ctx, read, keep=True)
        try:
            planned = await scopes.aside(ctx, partial(planned_of, read, by))
        except Conflict as problem:
            facts.append(problem.detail)
            continue
        own = {key: mark for key in read.works if (mark := _mark(key, planned, by))}
        marks |= own
        count, name = sum(mark.strong for mark in own.values()), read.project.code
        if count:
            said = {"project": name, "day": near(planned.answer.last_day)}
            facts.append(
                ngettext(
                    "%(project)s: %(num)s critical task decides its last day, %(day)s.",
                    "%(project)s: %(num)s critical tasks decide its last day, %(day)s.",
                    count,
                )
                % {**said, "num": count}
            )
    return marks, facts


def _mark(task: int, planned: Planned, by: Terms) -> Mark | None:
    found = planned.answer.activities.get(task)
    if found is None:
        return None
    if found.critical:
        said = _("critical: a day later here is a day later at the end")
        return Mark(words=said, sign=_("Critical"), strong=True)
    slack = found.total_slack
    said = ngettext("%(num)s working day of slack", "%(num)s working days of slack", slack) % {
        "num": slack
    }
    return Mark(words=said, free=found.late_last_day if slack > 0 else None)


def _with_plan(
    marks: Mapping[int, Mark], rows: Mapping[int, tuple[Any, ...]], ids: Sequence[int]
) -> dict[int, Mark]:
    """Add where each task was to be."""
    found = dict(marks)
    for task in ids:
        start, due = (rows.get(task) or (None, None))[:2]
        if start is None and due is None:
            continue
        days: tuple[date, date] = (start or due, due or start)
        found[task] = replace(found.get(task, Mark()), planned=days)
    return found


async def _points(ctx: Context, projects: Sequence[int]) -> tuple[Point, ...]:
    return tuple(
        Point(
            day=row[5] or row[3],
            title=row[2],
            href=f"{_path(ctx)}/{row[0]}",
            words=row[4],
            field="project_id",
            value=row[1],
            done=row[4] == "completed",
        )
        for row in await scopes.milestones_of(ctx, projects)
        if row[3] is not None
    )


def _path(ctx: Context) -> str:
    return f"/{ctx.registry.noun('milestones.milestone').path}"

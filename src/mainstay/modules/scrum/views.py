"""What the room's own pages about sprints and the backlog show, ready to be drawn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup
from msgspec import structs

from mainstay.delivery import cells
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice
from mainstay.kernel.problems import Malformed, NotFound
from mainstay.modules.projects.api import (
    Label,
    Project,
    Standing,
    Task,
    standing,
    standings,
)
from mainstay.modules.scrum import rules
from mainstay.modules.scrum.actions.sprints import days_after
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.history import velocity_of
from mainstay.modules.scrum.pages.charts import drawn_burndown
from mainstay.modules.scrum.pages.ways import pages_of
from mainstay.modules.scrum.questions.backlog import (
    PAGE,
    BacklogAsk,
    BacklogItem,
    BacklogPage,
    epics_of,
    page_of,
)
from mainstay.modules.scrum.questions.burndown import BurndownAsk, burndown
from mainstay.modules.scrum.questions.capacity import SprintCapacity, capacities_of, names_of
from mainstay.modules.scrum.questions.retrospectives import actions_left
from mainstay.modules.scrum.scopes import (
    Sums,
    impediments_in,
    inside,
    leads_in,
    require_inside,
    sums_of,
)

MOST_SPRINTS = 20
MOST_SHOWN = 1000
MOST_LABELS = 200
SPARK = (120, 32)
LIVE = "projects.task,scrum.sprint,scrum.sprint_member"
# So many tasks of a sprint its planning shows at first.
SHOWN = 200
FILTERS = ("q", "epic_id", "assignee_id", "label_id")


class Section(NamedTuple):
    """A part of the backlog's page: a sprint with what is in it."""

    sprint: Sprint
    items: list[BacklogItem]
    sums: Sums
    capacity: float | None
    hours: float
    days_left: int
    next: str = ""


# ---- reading an address ----


def number(given: Mapping[str, str], name: str) -> int:
    """Read which record an address is about."""
    text = given[name]
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound("There is nothing at this address.")
    return int(text)


def _chosen(given: Mapping[str, str], name: str) -> int | None:
    """Read one condition of the filter: a record, or 0 for none."""
    text = given.get(name, "").strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text)
    raise Malformed(f"{name}={text[:20]} is no record. Choose one from the list.")


def asked(given: Mapping[str, str], project_id: int, ctx: Context) -> BacklogAsk:
    """Read the filter of a backlog's address."""
    who = given.get("assignee_id", "").strip()
    shown = given.get("shown", "")
    many = shown.isascii() and shown.isdecimal() and len(shown) < 5
    return BacklogAsk(
        project_id=project_id,
        q=given.get("q", "").strip()[:200],
        epic_id=_chosen(given, "epic_id"),
        assignee_id=(ctx.me.id or 0) if who == "me" else _chosen(given, "assignee_id"),
        label_id=_chosen(given, "label_id"),
        after=given.get("after", ""),
        limit=min(max(int(shown), PAGE), MOST_SHOWN) if many else PAGE,
    )


async def project_of(ctx: Context, project_id: int) -> Project:
    """Return a project within the asking person's sight."""
    noun = ctx.registry.noun(Project)
    ask = ctx.ask(noun, {"id": project_id, "limit": 1, "sort": "id"})
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found:
        raise NotFound(f"There is no project {project_id}, or you may not see it.")
    return found[0]  # type: ignore[return-value]


async def sprint_of(ctx: Context, sprint_id: int) -> Sprint:
    """Return a sprint within the asking person's sight."""
    found = await sprints_where(ctx, id=sprint_id)
    if not found:
        raise NotFound(f"There is no sprint {sprint_id}, or you may not see it.")
    return found[0]


async def inner_sprint_of(ctx: Context, sprint_id: int) -> Sprint:
    """Return a sprint that the asking person may see, and what its team plans and says in it."""
    sprint = await sprint_of(ctx, sprint_id)
    await require_inside(ctx, sprint.project_id)
    return sprint


async def sprints_where(ctx: Context, limit: int = MOST_SPRINTS, **wanted: Any) -> list[Sprint]:
    """Return the sprints that meet a filter, within the asking person's sight."""
    noun = ctx.registry.noun(Sprint)
    ask = ctx.ask(noun, {"sort": "start_date,id", **wanted})
    ask.limit = limit
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return found  # type: ignore[return-value]


# ---- what several pages share ----


async def about(ctx: Context, sprint: Sprint, tab: str) -> dict[str, Any]:
    """Return what stands above every page of a sprint."""
    at = await standing(ctx, sprint.project_id)
    sums = (await sums_of(ctx, [sprint.id]))[sprint.id]
    within = inside(ctx, at)
    stuck = await impediments_in(ctx, [sprint.id] if within else [])
    return {
        "sprint": sprint,
        "project": await project_of(ctx, sprint.project_id),
        "tab": tab,
        "sums": sums,
        "days": rules.days_of(sprint.start_date, sprint.end_date),
        "days_left": rules.days_left(sprint.start_date, sprint.end_date, ctx.today),
        "late": _late(ctx, sprint),
        "impediments": stuck.get(sprint.id, 0),
        "pill": pills(ctx),
        "inside": within,
        "sprint_pages": pages_of(ctx, [] if within else [sprint.id]),
        "today": ctx.today,
        **_may(ctx, at),
    }


def _late(ctx: Context, sprint: Sprint) -> bool:
    return sprint.status == "active" and bool(sprint.end_date and sprint.end_date < ctx.today)


def _may(ctx: Context, at: Standing) -> dict[str, bool]:
    """Return what this person may do in the project."""
    works = at.works and not at.binned
    return {
        "may_plan": at.leads and works and ctx.can("scrum.sprint.update"),
        "may_create": at.leads and works and ctx.can("scrum.sprint.create"),
        "may_rank": works and ctx.can("projects.task.update"),
        "may_add": works and ctx.can("projects.task.create"),
    }


def pills(ctx: Context) -> Any:
    """Return how a choice of a task or a sprint is drawn, in its own colours."""

    def pill(kind: str, name: str, value: str) -> Markup:
        """Draw one value."""
        declared = ctx.registry.noun(kind).fields[name].kind
        assert isinstance(declared, Choice)
        color = dict(declared.colors).get(value, "")
        return Markup(cells.pill(value, color))  # noqa: S704 - escaped there

    return pill


def _mark(priority: str) -> Markup:
    """Draw a priority."""
    return Markup(cells.priority(priority))  # noqa: S704 - escaped there


async def _open_sprints(ctx: Context, project_id: int) -> list[Sprint]:
    """Return a project's sprints that are not over: the active one, then as they come."""
    wanted = ",".join(rules.OPEN)
    found = await sprints_where(ctx, project_id=project_id, status__in=wanted)

    def order(one: Sprint) -> tuple[bool, bool, Any, int]:
        """Put the active one first, and those without days last."""
        return one.status != "active", one.start_date is None, one.start_date, one.sprint_number

    dated = sorted((one for one in found if one.start_date), key=order)
    return [*dated, *(one for one in found if not one.start_date)]


async def _sections(
    ctx: Context, ask: BacklogAsk, sprints: Sequence[Sprint], limit: int = MOST_SHOWN
) -> tuple[list[Section], dict[int, SprintCapacity]]:
    """Return sprints with what is in them; statements do not grow with their number.

    Of a single one also where what comes after the `limit` begins.
    """
    ids = [one.id for one in sprints]
    sums = await sums_of(ctx, ids)
    hours = await capacities_of(ctx, ask.project_id, sprints)
    page = BacklogPage(items=[], next="", count=0, points=0.0, unestimated=0)
    if ids:
        whole = BacklogAsk(
            project_id=ask.project_id,
            q=ask.q,
            epic_id=ask.epic_id,
            assignee_id=ask.assignee_id,
            label_id=ask.label_id,
            limit=limit,
        )
        page = await page_of(ctx, whole, ids)
    found = []
    for one in sprints:
        capacity = float(one.capacity_hours) if one.capacity_hours else hours[one.id].total
        left = rules.days_left(one.start_date, one.end_date, ctx.today)
        own = [item for item in page.items if item.sprint_id == one.id]
        work = hours[one.id].left_hours
        onward = page.next if len(ids) == 1 else ""
        found.append(Section(one, own, sums[one.id], capacity, work, left, onward))
    return found, hours


async def _labels(ctx: Context, project_id: int) -> list[Label]:
    noun = ctx.registry.noun(Label)
    if not ctx.can(noun.permission("read")):
        return []
    ask = ctx.ask(noun, {"project_id": project_id, "sort": "name"})
    ask.limit = MOST_LABELS
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return found  # type: ignore[return-value]


def _rows(ctx: Context, labels: Iterable[Label]) -> dict[str, Any]:
    """Return what a row of the backlog is drawn with."""
    return {
        "labels": {one.id: one for one in labels},
        "pill": pills(ctx),
        "mark": _mark,
        "today": ctx.today,
        "closed": ("done", "cancelled"),
    }


def _query(given: Mapping[str, str]) -> str:
    return urlencode([(name, given[name]) for name in FILTERS if given.get(name, "").strip()])


# ---- pages ----


async def sprints_page(ctx: Context) -> dict[str, Any]:
    """Return the sprints that are under way or planned, wherever this person takes part."""
    found = await sprints_where(ctx, limit=100, status__in=",".join(rules.OPEN))
    ids = [one.id for one in found]
    at = await standings(ctx, {one.project_id for one in found})
    outside = [one.id for one in found if not inside(ctx, at[one.project_id])]
    sums = await sums_of(ctx, ids)
    stuck = await impediments_in(ctx, [one for one in ids if one not in outside])
    noun = ctx.registry.noun(Project)
    ask = ctx.ask(noun, {"status__in": "planning,active,review,on_hold", "sort": "name"})
    ask.limit = 100
    projects, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    named = {one.id: one for one in projects}
    for project_id in sorted({one.project_id for one in found} - named.keys()):
        named[project_id] = await project_of(ctx, project_id)
    lines: list[dict[str, Any]] = [
        {
            "sprint": one,
            "project": named[one.project_id],
            "sums": sums[one.id],
            "impediments": stuck.get(one.id, 0),
            "days": rules.days_of(one.start_date, one.end_date),
            "days_left": rules.days_left(one.start_date, one.end_date, ctx.today),
            "late": _late(ctx, one),
        }
        for one in found
    ]
    busy = {one.project_id for one in found}
    scrum = [one for one in projects if one.id in busy or _plans_in_sprints(one)]
    return {
        "active": [one for one in lines if one["sprint"].status == "active"],
        "planned": [one for one in lines if one["sprint"].status == "planning"],
        "projects": scrum,
        "others": [one for one in projects if one not in scrum],
        "pill": pills(ctx),
        "outside": outside,
        "sprint_pages": pages_of(ctx, outside),
        "today": ctx.today,
        "may_create": ctx.can("scrum.sprint.create"),
        "live": "scrum.sprint,projects.task,scrum.impediment",
    }


def _plans_in_sprints(project: Any) -> bool:
    return getattr(project, "methodology", None) in ("scrum", "agile", "hybrid")


async def backlog_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a project's backlog in its order, its sprints above, its epics beside."""
    project = await project_of(ctx, number(given, "project"))
    at = await standing(ctx, project.id)
    ask = asked(given, project.id, ctx)
    sprints = await _open_sprints(ctx, project.id)
    sections, _ = await _sections(ctx, ask, sprints)
    labels = await _labels(ctx, project.id)
    people = await names_of(ctx, [*await leads_in(ctx, project.id), ctx.me.id])
    first, last = _next_days(ctx, sprints)
    epics = await epics_of(ctx, project.id)
    return {
        "project": project,
        "ask": ask,
        "sections": sections,
        "page": await page_of(ctx, ask),
        "more": _query(given),
        "velocity": await velocity_of(ctx, project.id),
        "epics": epics,
        "epic_names": {one.id: one for one in epics},
        "epic_sums": (sum(one.stories for one in epics), sum(one.points for one in epics)),
        "people": sorted(people.items(), key=lambda one: one[1].casefold()),
        "label_list": labels,
        "next_first": first,
        "next_last": last,
        "me_id": ctx.me.id,
        "live": LIVE,
        **_rows(ctx, labels),
        **_may(ctx, at),
    }


def _next_days(ctx: Context, sprints: Sequence[Sprint]) -> tuple[Any, Any]:
    """Return the days that a new sprint would have."""
    ends = [one for one in sprints if one.end_date]
    last = max(ends, key=lambda one: one.end_date or ctx.today) if ends else None
    length = rules.days_of(last.start_date, last.end_date) if last else rules.USUAL_DAYS
    return rules.next_days(last.end_date if last else None, length, ctx.today)


async def rows_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the next rows of a backlog."""
    project = await project_of(ctx, number(given, "project"))
    chosen = _chosen(given, "sprint_id") or 0
    ask = structs.replace(asked(given, project.id, ctx), sprint_id=chosen)
    at = await standing(ctx, project.id)
    epics = await epics_of(ctx, project.id)
    return {
        "project": project,
        "ask": ask,
        "page": await page_of(ctx, ask),
        "epic_names": {one.id: one for one in epics},
        **_rows(ctx, await _labels(ctx, project.id)),
        **_may(ctx, at),
    }


async def planning_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what a sprint is planned with: people, hours, velocity, its work and the backlog."""
    sprint = await inner_sprint_of(ctx, number(given, "sprint"))
    ask = asked(given, sprint.project_id, ctx)
    # What is found in the backlog narrows nothing of the sprint.
    whole = BacklogAsk(project_id=sprint.project_id)
    sections, hours = await _sections(ctx, whole, [sprint], SHOWN)
    labels = await _labels(ctx, sprint.project_id)
    velocity = await velocity_of(ctx, sprint.project_id)
    epics = await epics_of(ctx, sprint.project_id)
    shown = await about(ctx, sprint, "plan")
    capacity = hours[sprint.id]
    return {
        **shown,
        "section": sections[0],
        "capacity": capacity,
        "velocity": velocity,
        "ask": ask,
        "more": _query(given),
        "page": await page_of(ctx, ask),
        "epic_names": {one.id: one for one in epics},
        "doubts": rules.doubts(_plan(ctx, sprint, sections[0], capacity, velocity))
        if sprint.status in rules.OPEN
        else [],
        "others": await _joining(ctx, sprint, capacity),
        "agreed": await actions_left(ctx, sprint.project_id, sprint.sprint_number),
        "live": f"{LIVE},planning.holiday,projects.project_member",
        **_rows(ctx, labels),
    }


def _plan(
    ctx: Context, sprint: Sprint, section: Section, capacity: SprintCapacity, velocity: Any
) -> rules.Plan:
    over = tuple(one.name or f"#{one.user_id}" for one in capacity.people if one.over)
    return rules.Plan(
        tasks=section.sums.tasks,
        unestimated=capacity.unestimated,
        points=section.sums.points,
        velocity=velocity.average_of_3,
        hours=section.hours,
        capacity=section.capacity,
        overloaded=over,
        unassigned=capacity.unassigned,
        goal=bool(sprint.goal.strip()),
        dates=bool(sprint.start_date and sprint.end_date),
        past=bool(sprint.end_date and sprint.end_date < ctx.today),
    )


async def _joining(ctx: Context, sprint: Sprint, capacity: SprintCapacity) -> list[tuple[int, str]]:
    """Return the project's people who do not take part in the sprint yet."""
    noun = ctx.registry.nouns["projects.project_member"]
    if not ctx.can(noun.permission("read")):
        return []
    ask = ctx.ask(noun, {"project_id": sprint.project_id, "sort": "id"})
    ask.limit = 200
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    here = {one.user_id for one in capacity.people}
    working = [one.user_id for one in found if one.role in ("owner", "admin", "member")]  # type: ignore[attr-defined]
    names = await names_of(ctx, [one for one in working if one not in here])
    return sorted(names.items(), key=lambda one: one[1].casefold())


async def board_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what stands above a sprint's board; the board itself is that of all tasks."""
    sprint = await sprint_of(ctx, number(given, "sprint"))
    shown = await about(ctx, sprint, "board")
    lanes, mine = given.get("lanes", ""), given.get("mine", "") == "1"
    if lanes not in ("", "assignee_id", "epic_id", "priority"):
        raise Malformed(f"lanes={lanes[:20]} is unknown. Known: assignee_id, epic_id, priority.")
    pairs = [("view", "board"), ("sprint_id", str(sprint.id)), ("project_id", sprint.project_id)]
    pairs += [("lane_by", lanes)] if lanes else []
    pairs += [("assignee_id", "me")] if mine else []
    spark, said = await _spark(ctx, sprint)
    return {
        **shown,
        "spark": spark,
        "spark_title": said,
        "board": f"/projects/tasks?{urlencode(pairs)}",
        "lanes": lanes,
        "mine": mine,
        "live": "projects.task,scrum.sprint,scrum.impediment",
    }


async def _spark(ctx: Context, sprint: Sprint) -> tuple[Markup, str]:
    """Return the burndown as a small picture, with what it says; nothing before it began."""
    if sprint.started_at is None or not ctx.can("scrum.burndown.read"):
        return Markup(), ""
    answer = await burndown(ctx, BurndownAsk(sprint_id=sprint.id))
    known = [one.remaining for one in answer.days if one.remaining is not None]
    if answer.missing or not known:
        return Markup(), ""
    top = max(answer.committed, *known, 1.0)
    wide = SPARK[0] / max(len(answer.days), 1)

    def line(values: Sequence[float]) -> str:
        """Return the points of a line through these values."""
        tall = SPARK[1]
        return " ".join(
            f"{n * wide:.1f},{tall - tall * value / top:.1f}" for n, value in enumerate(values)
        )

    ideal = line([answer.committed, *(one.ideal for one in answer.days)])
    drawn = Markup(
        '<svg viewBox="-2 -2 {} {}" aria-hidden="true" focusable="false">'
        '<polyline class="ideal" points="{}"/><polyline class="left" points="{}"/></svg>'
    )
    here = line([answer.committed, *known])
    return drawn.format(SPARK[0] + 4, SPARK[1] + 4, ideal, here), drawn_burndown(ctx, answer).title


async def complete_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what is asked when a sprint is completed: what is not done, and where it may go."""
    sprint = await sprint_of(ctx, number(given, "sprint"))
    shown = await about(ctx, sprint, "complete")
    sections, _ = await _sections(ctx, BacklogAsk(project_id=sprint.project_id), [sprint])
    planned = [one for one in await _open_sprints(ctx, sprint.project_id) if one.id != sprint.id]
    return {
        **shown,
        "left": [item for item in sections[0].items if item.status not in ("done", "cancelled")],
        "planned": [one for one in planned if one.status == "planning"],
        "next_days": await days_after(ctx, sprint),
        "refused": rules.sprint_move(sprint.status, "completed")
        if sprint.status != "completed"
        else "This sprint is completed already.",
    }


# ---- panels ----


async def sprint_panel(ctx: Context, sprint: Sprint) -> dict[str, Any]:
    """Return how a sprint stands, and the ways to its pages."""
    return await about(ctx, sprint, "")


async def project_panel(ctx: Context, project: Project) -> dict[str, Any]:
    """Return the ways from a project to its backlog and its sprint."""
    sprints = await _open_sprints(ctx, project.id)
    active = next((one for one in sprints if one.status == "active"), None)
    sums = await sums_of(ctx, [active.id]) if active else {}
    return {
        "project": project,
        "inside": inside(ctx, await standing(ctx, project.id)),
        "active": active,
        "sums": sums.get(active.id) if active else None,
        "planned": next((one for one in sprints if one.status == "planning"), None),
        "days_left": rules.days_left(active.start_date, active.end_date, ctx.today)
        if active
        else 0,
    }


async def epic_panel(ctx: Context, task: Task) -> dict[str, Any] | None:
    """Return how far an epic's stories are, or None for any other task."""
    if task.type != "epic":
        return None
    (found,) = await epics_of(ctx, task.project_id, [task.id]) or (None,)
    return {"epic": found, "task": task} if found else None

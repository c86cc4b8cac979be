"""What the pages of a sprint's meetings show: the answers of their questions, ready to be drawn."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from mainstay.delivery import cells, words
from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Malformed
from mainstay.modules.projects.api import Project, Standing, Task, standing
from mainstay.modules.scrum import rules, views
from mainstay.modules.scrum.entities import DoneCriterion, Impediment, Retrospective, Sprint
from mainstay.modules.scrum.pages.charts import drawn_burndown, short_day
from mainstay.modules.scrum.questions.burndown import BurndownAsk, burndown
from mainstay.modules.scrum.questions.definition import done_of
from mainstay.modules.scrum.questions.health import SprintStanding, standing_of
from mainstay.modules.scrum.questions.report import SprintReport, report_of
from mainstay.modules.scrum.questions.retrospectives import action_of, look_back
from mainstay.modules.scrum.questions.sights import names_of
from mainstay.modules.scrum.questions.standups import DayLine, StandupDay, standup_of
from mainstay.modules.scrum.scopes import inside
from mainstay.plots import Frame, Line, Plot, lines

MOST = 100
FACES = {1: "mood-cry", 2: "mood-sad", 3: "mood-neutral", 4: "mood-smile", 5: "mood-happy"}
WORK = "projects.task"


def _may(ctx: Context, at: Standing, *permissions: str) -> bool:
    """Return whether this person may do something in the project and has the permissions."""
    return at.works and not at.binned and all(ctx.can(f"scrum.{one}") for one in permissions)


def day_of(given: Mapping[str, str]) -> date | None:
    """Read the day of an address."""
    text = given.get("date", "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed(f"date={text[:20]} is no day. Write 2026-11-20.") from None


# ---- stand-up ----


async def standup_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a sprint's stand-up of a day: who says what, who has not, the days before."""
    sprint = await views.inner_sprint_of(ctx, views.number(given, "sprint"))
    asked = day_of(given)
    at = await standing(ctx, sprint.project_id)
    answer = await standup_of(ctx, sprint, asked or ctx.today)
    if asked is None and sprint.status != "active" and answer.days:
        answer = await standup_of(ctx, sprint, answer.days[-1].date)
    still = sprint.status not in rules.ENDED
    shown = await views.about(ctx, sprint, "standup")
    return {
        **shown,
        "answer": answer,
        "said": [one for one in answer.speakers if one.said],
        "silent": [one for one in answer.speakers if one.expected and not one.said],
        "may_say": still and _may(ctx, at, "standup_update.create", "standup.create"),
        "may_lead": at.leads,
        "may_write": still and _may(ctx, at, "standup.update"),
        "may_raise": _may(ctx, at, "impediment.create", "standup_update.update"),
        "faces": FACES,
        "mood_plot": mood_plot(answer.days),
        "days_shown": _days(ctx, sprint, answer),
        "open": await open_impediments(ctx, sprint),
        "live": "scrum.standup,scrum.standup_update,scrum.impediment",
    }


def _days(ctx: Context, sprint: Sprint, answer: StandupDay) -> list[tuple[date, DayLine | None]]:
    """Return the days that a stand-up was held on, or could have been, the newest first."""
    held = {one.date: one for one in answer.days}
    last = min(ctx.today, sprint.end_date) if sprint.end_date else ctx.today
    days = {answer.date, *held}
    if sprint.status == "active" and sprint.start_date and sprint.start_date <= ctx.today:
        days |= {ctx.today}
        days |= {
            day
            for day in (sprint.start_date + timedelta(n) for n in range(rules.MOST_DAYS))
            if day <= last and day.weekday() < 5
        }
    return [(day, held.get(day)) for day in sorted(days, reverse=True)]


def mood_plot(days: Sequence[Any], height: float = 150.0) -> Plot | None:
    """Draw the mood of a sprint's stand-ups; one day alone is no line."""
    given = [(one.date, one.mood) for one in days if one.mood is not None]
    if len(given) < 2:
        return None
    mean = round(sum(mood for _day, mood in given) / len(given), 1)
    frame = Frame(
        _("Mood %(mean)s of 5 on average") % {"mean": words.number(mean)},
        _("The average of the moods that were given in each day's stand-up, from 1 to 5."),
        over=_("Day"),
        number=words.number,
        label=lambda day: words.exact_day(day) if isinstance(day, date) else str(day),
        short=lambda day: short_day(day) if isinstance(day, date) else str(day),
        whole=True,
        height=height,
    )
    return lines(frame, [Line(_("Mood"), given, tone="series-3", dots=True)])


async def open_impediments(ctx: Context, sprint: Sprint) -> list[dict[str, Any]]:
    """Return what is in the way of a sprint now, the most severe first."""
    noun = ctx.registry.noun(Impediment)
    if not ctx.can(noun.permission("read")):
        return []
    asked = {"sprint_id": sprint.id, "status__in": "open,in_progress", "sort": "-severity,id"}
    ask = ctx.ask(noun, asked | {"limit": MOST})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    kept = [one for one in found if isinstance(one, Impediment)]
    names = await names_of(ctx, (one.owner_id for one in kept))
    return [
        {
            "it": one,
            "owner": names.get(one.owner_id or 0, ""),
            "days": (ctx.now - one.created_at).days,
        }
        for one in kept
    ]


# ---- retrospective ----


async def retrospective_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a sprint's retrospective: three columns of notes, the mood, what was agreed on."""
    sprint = await views.inner_sprint_of(ctx, views.number(given, "sprint"))
    at = await standing(ctx, sprint.project_id)
    answer = await look_back(ctx, sprint)
    member = ctx.registry.noun("projects.project_member")
    people: dict[int, str] = {}
    if ctx.can(member.permission("read")):
        ask = ctx.ask(member, {"project_id": sprint.project_id, "sort": "id", "limit": 200})
        found, _more = await ctx.reader.entities(ctx.connection, member, ask, ctx.me)
        working = ("owner", "admin", "member")
        ids = [one.user_id for one in found if one.role in working]  # type: ignore[attr-defined]
        people = await names_of(ctx, ids)
    return {
        **await views.about(ctx, sprint, "retrospective"),
        "answer": answer,
        "may_open": sprint.status != "cancelled" and _may(ctx, at, "retrospective.create"),
        "may_note": _may(ctx, at, "retrospective_note.create", "retrospective_note.update"),
        "may_bin": _may(ctx, at, "retrospective_note.delete"),
        "may_edit": _may(ctx, at, "retrospective.update"),
        "may_act": _may(ctx, at, "action_item.create", "action_item.update"),
        "may_task": _may(ctx, at, "action_item.update") and ctx.can(f"{WORK}.create"),
        "leads": at.leads,
        "me_id": ctx.me.id,
        "people": sorted(people.items(), key=lambda one: one[1].casefold()),
        "faces": FACES,
        "written": cells.written,
        "live": "scrum.retrospective,scrum.retrospective_note,scrum.action_item",
    }


async def retrospective_panel(ctx: Context, retrospective: Retrospective) -> dict[str, Any]:
    """Return the way from the record of a retrospective to its page."""
    del ctx
    return {"sprint_id": retrospective.sprint_id}


# ---- report ----


async def report_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a sprint's report, ready to be read and printed."""
    sprint = await views.inner_sprint_of(ctx, views.number(given, "sprint"))
    report = await report_of(ctx, sprint)
    live = "" if sprint.status == "completed" else "projects.task,scrum.standup_update,"
    return {
        **await views.about(ctx, sprint, "report"),
        "report": report,
        "by": {fate: [t for t in report.tasks if t.fate == fate] for fate in FATES},
        "came": [task for task in report.tasks if task.added],
        "committed_count": sum(not task.added for task in report.tasks),
        "reached": _reached(report),
        "burndown": await _burndown(ctx, sprint),
        "mood_plot": mood_plot(report.standups),
        "written": cells.written,
        "live": f"{live}scrum.sprint,scrum.impediment,scrum.retrospective,scrum.action_item",
    }


FATES = ("completed", "open", "rolled_on", "went_back", "removed", "dropped")


def _reached(report: SprintReport) -> str:
    """Return how far the sprint came, in one word: all, most, some, none or nothing."""
    if not report.tasks:
        return "nothing"
    kept = [task for task in report.tasks if task.fate not in ("removed", "dropped")]
    done = sum(task.fate == "completed" for task in kept)
    if kept and done == len(kept):
        return "all"
    share = report.completion
    if share is None:
        share = 100 * done / len(kept) if kept else 0.0
    return "most" if share >= 70 else "some" if done else "none"


async def _burndown(ctx: Context, sprint: Sprint) -> Plot | None:
    """Return the picture of a sprint's burndown, where it has one to show."""
    if sprint.started_at is None or not ctx.can("scrum.burndown.read"):
        return None
    answer = await burndown(ctx, BurndownAsk(sprint_id=sprint.id))
    return None if answer.missing else drawn_burndown(ctx, answer)


# ---- health ----


async def health_panel(ctx: Context, sprint: Sprint) -> dict[str, Any] | None:
    """Return what a sprint's page shows of its health, its impediments and its meetings."""
    at = await standing(ctx, sprint.project_id)
    if not inside(ctx, at):
        return None
    answer = await standing_of(ctx, sprint)
    return {
        "sprint": sprint,
        "answer": answer,
        "taken": _taken(answer),
        "open": await open_impediments(ctx, sprint),
        "may_raise": _may(ctx, at, "impediment.create"),
        "pill": views.pills(ctx),
        "today": ctx.today,
    }


def _taken(answer: SprintStanding) -> list[Any]:
    return [factor for factor in answer.health.factors if factor.effect] if answer.health else []


# ---- definition of done ----


async def done_panel(ctx: Context, task: Task) -> dict[str, Any] | None:
    """Return what a task's page shows of its definition of done, and the action it came of."""
    answer = await done_of(ctx, task)
    action = None
    if ctx.can("scrum.action_item.read"):
        action = await action_of(ctx, task.id, task.project_id)
    if not answer.lines and action is None:
        return None
    at = await standing(ctx, task.project_id)
    return {
        "answer": answer,
        "action": action,
        "may_tick": at.works and not at.binned and ctx.can(f"{WORK}.update"),
        "is_done": task.status == "done",
        "pill": views.pills(ctx),
    }


async def definition_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return a project's definition of done, to be read and, by its leads, changed."""
    project: Project = await views.project_of(ctx, views.number(given, "project"))
    at = await standing(ctx, project.id)
    noun = ctx.registry.noun(DoneCriterion)
    ask = ctx.ask(noun, {"project_id": project.id, "sort": "sort_order,id", "limit": MOST})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return {
        "project": project,
        "criteria": found,
        "mode": at.settings.definition_of_done,
        "may_edit": at.leads and _may(ctx, at, "done_criterion.create", "done_criterion.update"),
        "may_insist": at.leads and at.works and ctx.can("projects.project.update"),
        "live": "scrum.done_criterion,projects.project",
    }

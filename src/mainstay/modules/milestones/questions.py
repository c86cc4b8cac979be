"""What people ask about milestones: how far they are, how well they do, and what they lack."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import sqlalchemy as sa
from msgspec import Meta, Struct

from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import ngettext
from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import NotFound, invalid
from mainstay.modules.milestones import rules
from mainstay.modules.milestones.entities import Milestone
from mainstay.modules.milestones.scopes import listed
from mainstay.modules.projects.api import answer, band, decoded

MOST = 500


class MilestoneAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which milestone."""

    milestone_id: Annotated[int, Meta(ge=1, description="The milestone's id")]


class MilestonesAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which milestones: those of a project, or all that you see; the soonest due first."""

    project_id: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="The project's id")
    ] = None
    limit: Annotated[int, Meta(ge=1, le=MOST, description="How many at most")] = 100


class Factor(Struct, kw_only=True, frozen=True):
    """One part of a milestone's health: what it takes away, and why."""

    name: rules.FactorName
    label: str
    effect: float
    why: str


class MilestoneOverview(Struct, kw_only=True, frozen=True):
    """How a milestone stands on a day: completion, health with its factors, and what is open."""

    milestone_id: int
    name: str
    project_id: int
    status: str
    as_of: date
    due_date: date
    days_left: int
    overdue: bool
    completion_percent: float
    progress_percent: float
    condition_count: int
    conditions_met: int
    conditions_late: int
    required_open: int
    approval_count: int
    approvals_pending: int
    approvals_open: int
    task_count: int
    tasks_done: int
    health: float
    health_band: str
    factors: list[Factor]
    says: str
    completion_says: str


class Counted(Struct, frozen=True):
    """What was counted of one milestone's conditions and approvals."""

    conditions: int = 0
    met: int = 0
    late: int = 0
    required: int = 0
    weights: tuple[tuple[str, float], ...] = ()
    approvals: int = 0
    pending: int = 0
    unanswered: int = 0


@question(label="Milestone overview")
async def milestone_overview(ctx: Context, ask: MilestoneAsk) -> MilestoneOverview:
    """How a milestone stands today: completion, what it lacks, and its health explained."""
    found = await _seen(ctx, {"id": ask.milestone_id, "limit": 1, "sort": "id"})
    if not found:
        raise NotFound(f"There is no milestone {ask.milestone_id}, or you may not see it.")
    return (await overviews(ctx, found))[0]


@question(label="Milestones overview")
async def milestones_overview(ctx: Context, ask: MilestonesAsk) -> list[MilestoneOverview]:
    """How the open milestones of a project stand today, or all those you see."""
    filters: dict[str, Any] = {"limit": ask.limit, "sort": "due_date"}
    filters["status__in"] = ",".join(rules.OPEN)
    if ask.project_id is not None:
        filters["project_id"] = ask.project_id
    return await overviews(ctx, await _seen(ctx, filters))


async def _seen(ctx: Context, filters: dict[str, Any]) -> list[Milestone]:
    """Return the milestones that meet the filters and that this person may see."""
    noun = ctx.registry.noun(Milestone)
    found, _more = await ctx.reader.entities(ctx.connection, noun, ctx.ask(noun, filters), ctx.me)
    return [one for one in found if isinstance(one, Milestone)]


async def overviews(
    ctx: Context, milestones: Sequence[Milestone], today: date | None = None
) -> list[MilestoneOverview]:
    """Return how milestones stand, in the order given, with two queries for all of them."""
    if len(milestones) > MOST:
        raise invalid("limit", f"must be {MOST} milestones at most")
    day = today or ctx.today
    counted = await _counted(ctx, [one.id for one in milestones], day)
    return [_overview(one, counted.get(one.id, Counted()), day) for one in milestones]


async def _counted(ctx: Context, ids: Sequence[int], today: date) -> Mapping[int, Counted]:
    """Read all conditions and approvals of some milestones, and count them one by one."""
    condition = ctx.registry.tables["milestones.milestone_condition"].c
    approval = ctx.registry.tables["milestones.milestone_approval"].c
    columns = [
        condition.milestone_id,
        condition.status,
        condition.weight,
        condition.required,
        condition.due_date,
    ]

    def build() -> sa.Select[tuple[object, ...]]:
        """Read what counts of each condition."""
        here = ctx.reader.compiler.among(condition.milestone_id, "milestones")
        return sa.select(*columns).where(here, condition.deleted_at.is_(None))

    def asked() -> sa.Select[tuple[object, ...]]:
        """Read where each approval stands."""
        here = ctx.reader.compiler.among(approval.milestone_id, "milestones")
        chosen = sa.select(approval.milestone_id, approval.status)
        return chosen.where(here, approval.deleted_at.is_(None))

    wanted = listed(ctx, ids)
    rows = await answer(ctx, "milestones conditions", build, milestones=wanted)
    conditions: dict[int, list[Sequence[object]]] = {}
    for row in decoded(ctx, columns, rows):
        conditions.setdefault(row[0], []).append(row[1:])
    approvals: dict[int, list[str]] = {}
    for key, status in await answer(ctx, "milestones approvals", asked, milestones=wanted):
        approvals.setdefault(key, []).append(status)
    return {
        one: counted(conditions.get(one, ()), approvals.get(one, ()), today)
        for one in (*conditions, *approvals)
    }


def counted(
    conditions: Sequence[Sequence[object]], approvals: Sequence[str], today: date
) -> Counted:
    """Count conditions (status, weight, required, due) and approvals (status) of one milestone."""
    unmet = [row for row in conditions if row[0] not in rules.MET]
    return Counted(
        conditions=len(conditions),
        met=len(conditions) - len(unmet),
        late=sum(1 for row in unmet if isinstance(row[3], date) and row[3] < today),
        required=sum(1 for row in unmet if row[2]),
        weights=tuple((str(row[0]), float(str(row[1]))) for row in conditions),
        approvals=len(approvals),
        pending=sum(1 for status in approvals if status == "pending"),
        unanswered=sum(1 for status in approvals if status in rules.UNANSWERED),
    )


def _overview(one: Milestone, count: Counted, today: date) -> MilestoneOverview:
    share = rules.completion(count.weights, one.progress)
    stand = rules.Stand(
        status=one.status,
        completion=share,
        due=one.due_date,
        budget=one.budget,
        cost=one.actual_cost,
        conditions=count.conditions,
        late_conditions=count.late,
        approvals=count.approvals,
        pending_approvals=count.pending,
    )
    score = rules.health(stand, today)
    return MilestoneOverview(
        milestone_id=one.id,
        name=one.name,
        project_id=one.project_id,
        status=one.status,
        as_of=today,
        due_date=one.due_date,
        days_left=(one.due_date - today).days,
        overdue=rules.is_overdue(one.status, one.due_date, today),
        completion_percent=round(share * 100, 1),
        progress_percent=round(one.progress * 100, 1),
        condition_count=count.conditions,
        conditions_met=count.met,
        conditions_late=count.late,
        required_open=count.required,
        approval_count=count.approvals,
        approvals_pending=count.pending,
        approvals_open=count.unanswered,
        task_count=one.task_count,
        tasks_done=one.done_count,
        health=score,
        health_band=band(score),
        factors=explained(stand, today),
        says=_health_says(),
        completion_says=_completion_says(),
    )


def _health_says() -> str:
    return _(
        "Health is 100 less what slow progress, a near or missed day, cost over budget, late "
        "conditions and unanswered approvals take away; from 80 it is excellent, from 60 good, "
        "from 40 at risk."
    )


def _completion_says() -> str:
    return _(
        "Completion is the weight of the conditions that are met, waived ones by half, of the "
        "weight of all; without conditions it is the progress of the tasks."
    )


def explained(stand: rules.Stand, today: date) -> list[Factor]:
    """Return every factor of a milestone's health with what it takes away and why."""
    words: dict[rules.FactorName, tuple[str, str]] = {
        "progress": (_("Progress"), _why_progress(stand)),
        "schedule": (_("Schedule"), _why_schedule(stand, today)),
        "budget": (_("Budget"), _why_budget(stand)),
        "conditions": (_("Conditions"), _why_conditions(stand)),
        "approvals": (_("Approvals"), _why_approvals(stand)),
    }
    return [
        Factor(name=name, label=words[name][0], effect=round(effect, 4), why=words[name][1])
        for name, effect in rules.factors(stand, today).items()
    ]


def _why_progress(stand: rules.Stand) -> str:
    if stand.status != "in_progress":
        return _("Counts while the milestone is in progress.")
    said = _("%(done)s %% done; below 80 %% it counts.")
    return said % {"done": round(stand.completion * 100)}


def _why_schedule(stand: rules.Stand, today: date) -> str:
    days = (stand.due - today).days
    if stand.status not in rules.OPEN:
        return _("Counts while the milestone is open.")
    if days < 0:
        said = ngettext("%(num)s day overdue.", "%(num)s days overdue.", -days)
        return said % {"num": -days}
    said = ngettext(
        "%(num)s day left; below 7 with less than 90 %% done it counts.",
        "%(num)s days left; below 7 with less than 90 %% done it counts.",
        days,
    )
    return said % {"num": days}


def _why_budget(stand: rules.Stand) -> str:
    if not stand.budget:
        return _("No budget is set.")
    over = round(rules.overrun(stand.budget, stand.cost) * 100)
    return _("%(over)s %% over budget.") % {"over": over} if over else _("Within the budget.")


def _why_conditions(stand: rules.Stand) -> str:
    if not stand.conditions:
        return _("There are no conditions.")
    said = _("%(late)s of %(all)s conditions open and late.")
    return said % {"late": stand.late_conditions, "all": stand.conditions}


def _why_approvals(stand: rules.Stand) -> str:
    if not stand.approvals:
        return _("No approval is asked for.")
    said = _("%(pending)s of %(all)s approvals pending.")
    return said % {"pending": stand.pending_approvals, "all": stand.approvals}

"""What can be done with a risk: act against it, watch it, say that it occurred, close it."""

from collections.abc import Callable, Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.charter import rules
from mainstay.modules.charter.actions.access import changed, entering, require_workers
from mainstay.modules.charter.actions.events import RiskOccurred
from mainstay.modules.charter.entities import ProjectRisk, RiskStatus
from mainstay.modules.charter.scopes import projects_behind
from mainstay.modules.projects.api import members_among, spoken


async def create_risk(ctx: Context, risk: Entity) -> ProjectRisk:
    """Note a risk; its score follows from probability and impact."""
    assert isinstance(risk, ProjectRisk)
    _enter(ctx, risk)
    return await ctx.create(risk)


async def update_risk(ctx: Context, risk: Entity, before: Entity) -> None:
    """Keep a risk's flow and its score in order after an edit."""
    assert isinstance(risk, ProjectRisk)
    assert isinstance(before, ProjectRisk)
    reason = rules.risk_move(before.status, risk.status)
    if reason and not ctx.undoing:
        raise Conflict(reason)
    _enter(ctx, risk)


async def settle_risks(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its risks, watched by a member of it."""
    risks: list[ProjectRisk] = await changed(ctx, changes)
    await require_workers(ctx, [risk.project_id for risk in risks])
    if ctx.undoing:
        return
    owned, staged = entering(changes, "owner_id"), entering(changes, "milestone_id")
    await _owners(ctx, [risk for risk in risks if risk.id in owned])
    await _milestones(ctx, [risk for risk in risks if risk.id in staged])


async def _owners(ctx: Context, risks: Sequence[ProjectRisk]) -> None:
    wanted: dict[int, set[int]] = {}
    for risk in risks:
        if risk.owner_id is not None:
            wanted.setdefault(risk.project_id, set()).add(risk.owner_id)
    for project_id, people in sorted(wanted.items()):
        if people - await members_among(ctx, project_id, sorted(people)):
            raise invalid("owner_id", "must be a member of the project; add them to it first")


async def _milestones(ctx: Context, risks: Sequence[ProjectRisk]) -> None:
    ids = [risk.milestone_id for risk in risks if risk.milestone_id is not None]
    if not ids:
        return
    known = await projects_behind(ctx, "milestones.milestone", ids)
    for risk in risks:
        if risk.milestone_id is not None and known.get(risk.milestone_id) != risk.project_id:
            raise invalid("milestone_id", "must be a milestone of the same project")


def _enter(ctx: Context, risk: ProjectRisk) -> None:
    """Work out what follows from a risk's levels and its status."""
    risk.score = rules.score(risk.probability, risk.impact)
    if risk.status != "closed":
        risk.closed_on = None
    elif risk.closed_on is None:
        risk.closed_on = ctx.today


def _going(status: RiskStatus) -> Callable[[ProjectRisk], str | None]:
    """Return a check that a risk may go to a status now."""

    def allowed(risk: ProjectRisk) -> str | None:
        """Say why it may not."""
        if risk.status == status:
            return f"This risk is {spoken(status)} already."
        return rules.risk_move(risk.status, status)

    return allowed


def _may_occur(risk: ProjectRisk) -> str | None:
    if risk.status in ("occurred", "realized"):
        return "This risk has occurred already."
    return rules.risk_move(risk.status, "occurred")


def _may_reopen(risk: ProjectRisk) -> str | None:
    return None if risk.status == "closed" else "Only a closed risk can be reopened."


def _go(ctx: Context, risk: ProjectRisk, status: RiskStatus) -> ProjectRisk:
    risk.status = status
    _enter(ctx, risk)
    return risk


@action(icon="shield", grant="update", allowed=_going("mitigating"))
async def mitigate(ctx: Context, risk: ProjectRisk) -> ProjectRisk:
    """Begin to act so that the risk becomes less likely or less bad."""
    return _go(ctx, risk, "mitigating")


@action(icon="eye", grant="update", allowed=_going("monitoring"))
async def monitor(ctx: Context, risk: ProjectRisk) -> ProjectRisk:
    """Only watch the risk from now on."""
    return _go(ctx, risk, "monitoring")


@action(label="It occurred", icon="alert-triangle", grant="update", allowed=_may_occur)
async def occurred(ctx: Context, risk: ProjectRisk) -> ProjectRisk:
    """Say that it has happened; what was planned for then is to be done now."""
    said = RiskOccurred(risk_id=risk.id, project_id=risk.project_id, score=risk.score)
    ctx.emit(said, risk)
    return _go(ctx, risk, "occurred")


@action(icon="circle-check", grant="update", allowed=_going("closed"))
async def close(ctx: Context, risk: ProjectRisk) -> ProjectRisk:
    """Close the risk from today: it can no longer happen, or is over."""
    return _go(ctx, risk, "closed")


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, risk: ProjectRisk) -> ProjectRisk:
    """Take a closed risk up again."""
    return _go(ctx, risk, "open")

"""What a milestone's own page shows: how it stands, what it lacks, and who is asked for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from markupsafe import Markup

from mainstay.delivery import cells
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice
from mainstay.kernel.module import Action
from mainstay.modules.milestones import rules
from mainstay.modules.milestones.entities import (
    Deliverable,
    Milestone,
    MilestoneApproval,
    MilestoneCommunication,
    MilestoneCondition,
    SuccessMetric,
)
from mainstay.modules.milestones.questions import overviews
from mainstay.modules.projects.api import Standing, standing

E = TypeVar("E", bound=Entity)
MOST = 200
MESSAGES = 5
PERSON = "identity.user"
LEADS_ONLY = frozenset({"waive"})


@dataclass(frozen=True)
class Line:
    """One record of the page, with what this person may do with it now."""

    record: Any
    verbs: list[Action]
    path: str
    late: bool = False
    share: float = 0.0
    x: float = 0.0

    def may(self, name: str) -> bool:
        """Return whether a verb is offered."""
        return any(verb.name == name for verb in self.verbs)

    def rest(self, *names: str) -> list[Action]:
        """Return the verbs that have no button of their own."""
        return [verb for verb in self.verbs if verb.name not in names]


async def milestone_panel(ctx: Context, milestone: Milestone) -> dict[str, Any]:
    """Return what the page of a milestone shows of its conditions, approvals and the rest."""
    at = await standing(ctx, milestone.project_id)
    known = {
        name: await _of(ctx, kind, milestone.id, sort)
        for name, kind, sort in (
            ("conditions", MilestoneCondition, "sort_order"),
            ("approvals", MilestoneApproval, "id"),
            ("deliverables", Deliverable, "id"),
            ("metrics", SuccessMetric, "id"),
            ("messages", MilestoneCommunication, "-id"),
        )
    }
    lines = {name: [_line(ctx, at, one) for one in found] for name, found in known.items()}
    lines["conditions"] = _weighed(lines["conditions"])
    (overview,) = await overviews(ctx, [milestone])
    return {
        "milestone": milestone,
        "overview": overview,
        "lacks": _lacks(known) if milestone.status in rules.OPEN else [],
        "is_open": milestone.status in rules.OPEN,
        "taken": [factor for factor in overview.factors if factor.effect],
        "names": await _names(ctx, milestone, known),
        "may_add": {name: _may_add(ctx, at, kind) for name, kind in ADDED.items()},
        "pill": _pill(ctx),
        "today": ctx.today,
        "my_id": ctx.me.id,
        "messages_shown": MESSAGES,
        "most": MOST,
        **lines,
    }


ADDED = {
    "conditions": "milestone_condition",
    "approvals": "milestone_approval",
    "deliverables": "deliverable",
    "metrics": "success_metric",
    "messages": "milestone_communication",
}


def _may_add(ctx: Context, at: Standing, kind: str) -> bool:
    return at.works and ctx.can(f"milestones.{kind}.create")


async def _of(ctx: Context, kind: type[E], milestone_id: int, sort: str) -> Sequence[E]:
    """Return the records of a milestone that this person may see."""
    noun = ctx.registry.noun(kind)
    if not ctx.can(noun.permission("read")):
        return []
    ask = ctx.ask(noun, {"milestone_id": milestone_id, "limit": MOST, "sort": sort})
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return found  # type: ignore[return-value]


def _line(ctx: Context, at: Standing, record: Entity) -> Line:
    """Return a record with the verbs that this person may run on it now."""
    noun = ctx.registry.noun(type(record))
    verbs = [
        action
        for action in noun.actions.values()
        if action.entity is not None
        and ctx.can(noun.permission(action.grant))
        and (at.works or action.grant != "update")
        and (at.leads or action.name not in LEADS_ONLY)
        and action.why_not(record, ctx.me) is None
    ]
    due: date | None = getattr(record, "due_date", None)
    ended = getattr(record, "status", "") in (*rules.MET, "approved", "delivered")
    late = due is not None and due < ctx.today and not ended
    expires: datetime | None = getattr(record, "expires_at", None)
    if isinstance(record, MilestoneApproval) and record.status == "pending" and expires:
        late = expires <= ctx.now
    return Line(record, verbs, f"/{noun.path}/{record.id}", late)


def _weighed(lines: Sequence[Line]) -> list[Line]:
    """Return conditions with the share of the whole weight that each has, one after the other."""
    whole = sum(rules.weight_of(line.record.weight) for line in lines)
    found, x = [], 0.0
    for line in lines:
        share = 100 * rules.weight_of(line.record.weight) / whole
        found.append(Line(line.record, line.verbs, line.path, line.late, share, round(x, 3)))
        x += share
    return found


def _lacks(known: dict[str, Sequence[Any]]) -> list[tuple[str, Any]]:
    """Return what stands between the milestone and its completion, in the order of the page."""
    conditions = [
        ("condition", one)
        for one in known["conditions"]
        if one.required and one.status not in rules.MET
    ]
    approvals = [("approval", one) for one in known["approvals"] if one.status in rules.UNANSWERED]
    return [*conditions, *approvals]


async def _names(
    ctx: Context, milestone: Milestone, known: dict[str, Sequence[Any]]
) -> dict[int, str]:
    """Return what the people on the page are called, those whom this person may see."""
    fields = ("assigned_to", "completed_by", "approver_id", "reviewer_id", "created_by")
    ids = {getattr(one, name, None) for found in known.values() for one in found for name in fields}
    ids |= {person for one in known["messages"] for person in one.recipients}
    ids |= {milestone.owner_id}
    noun, wanted = ctx.registry.noun(PERSON), sorted(one for one in ids if one)
    if not wanted or not ctx.can(noun.permission("read")):
        return {}
    ask = ctx.ask(noun, {"id__in": wanted, "limit": len(wanted), "sort": "id"})
    found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return {one.id: cells.title_of(noun, cells.as_row(one)) for one in found}


def _pill(ctx: Context) -> Any:
    """Return how a choice is drawn, in the colours its declaration gives."""

    def pill(kind: str, name: str, value: str) -> Markup:
        """Draw one value of a field of one of the room's nouns."""
        declared = ctx.registry.noun(f"milestones.{kind}").fields[name].kind
        assert isinstance(declared, Choice)
        color = dict(declared.colors).get(value, "")
        return Markup(cells.pill(value, color))  # noqa: S704 - escaped there

    return pill

"""What a milestone still lacks before it counts as reached, in words that say what to do."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict, FieldError
from mainstay.modules.milestones import rules
from mainstay.modules.milestones.entities import Milestone, MilestoneApproval, MilestoneCondition
from mainstay.modules.projects.api import spoken

MANY = 100_000
NAMED = 5


class Lack(Struct, kw_only=True, frozen=True):
    """One thing that stands between a milestone and its completion."""

    kind: Literal["condition", "approval"]
    id: int
    milestone_id: int
    title: str
    status: str
    person_id: int | None


async def missing(ctx: Context, ids: Sequence[int]) -> dict[int, list[Lack]]:
    """Return what each of these milestones lacks: required conditions and unanswered approvals."""
    found: dict[int, list[Lack]] = {one: [] for one in ids}
    conditions = await ctx.all(
        MilestoneCondition,
        anywhere=True,
        limit=MANY,
        milestone_id__in=list(ids),
        required="true",
        status__in=list(rules.UNMET),
        sort="sort_order",
    )
    for one in conditions:
        lack = Lack(
            kind="condition",
            id=one.id,
            milestone_id=one.milestone_id,
            title=one.title,
            status=one.status,
            person_id=one.assigned_to,
        )
        found[one.milestone_id].append(lack)
    approvals = await ctx.all(
        MilestoneApproval,
        anywhere=True,
        limit=MANY,
        milestone_id__in=list(ids),
        status__in=list(rules.UNANSWERED),
        sort="id",
    )
    for asked in approvals:
        lack = Lack(
            kind="approval",
            id=asked.id,
            milestone_id=asked.milestone_id,
            title=asked.type,
            status=asked.status,
            person_id=asked.approver_id,
        )
        found[asked.milestone_id].append(lack)
    return found


def refuse(milestone: Milestone, lacks: Sequence[Lack]) -> None:
    """Refuse the completion of a milestone: name what it lacks, and what to do about it."""
    conditions = [one.title for one in lacks if one.kind == "condition"]
    approvals = [f"{one.title} ({spoken(one.status)})" for one in lacks if one.kind == "approval"]
    errors = [FieldError("status", f"lacks {one}") for one in (*conditions, *approvals)]
    name, needed, asked = milestone.name, _some(conditions), _some(approvals)
    if conditions and approvals:
        raise Conflict(
            f"{name} cannot be completed yet. Complete or waive these conditions first: {needed}. "
            f"These approvals are not given: {asked}.",
            errors=errors,
        )
    if conditions:
        raise Conflict(
            f"{name} cannot be completed yet. Complete or waive these conditions first: {needed}.",
            errors=errors,
        )
    if approvals:
        raise Conflict(
            f"{name} cannot be completed yet. These approvals are not given: {asked}.",
            errors=errors,
        )


def _some(names: Sequence[str]) -> str:
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + rest

"""What came of a task: scores that fit, shown by a record that the person may see."""

from collections.abc import Sequence
from typing import Any

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.problems import Conflict, invalid
from mainstay.modules.checklists import rules
from mainstay.modules.checklists.actions.checklists import SHOWN_BY, keep
from mainstay.modules.checklists.actions.common import changed, first_known, working
from mainstay.modules.checklists.entities import TaskResult
from mainstay.modules.projects.api import require_lead

NOTED = ("note",)
MARK = "passing_score"


def _kept() -> Conflict:
    return Conflict(
        "Results of checklists come from their items. Complete or reopen an item instead."
    )


async def create_result(ctx: Context, result: Entity) -> TaskResult:
    """Note what came of a task; it is yours unless you say whose it is."""
    assert isinstance(result, TaskResult)
    if result.result_type == SHOWN_BY:
        raise _kept()
    result.user_id = result.user_id or ctx.me.id
    await _check(ctx, result)
    return await ctx.create(result)


async def update_result(ctx: Context, result: Entity, before: Entity) -> None:
    """Keep a result's numbers and verdict consistent after an edit."""
    assert isinstance(result, TaskResult)
    assert isinstance(before, TaskResult)
    if ctx.undoing:
        return
    if SHOWN_BY in (result.result_type, before.result_type):
        names = [n for n in result.__struct_fields__ if n not in NOTED]
        if any(getattr(result, n) != getattr(before, n) for n in names):
            raise _kept()
        return
    result.user_id = result.user_id or before.user_id
    if result.passed == before.passed:
        # A verdict that followed from the numbers follows them again.
        result.passed = None if before.percent is not None else result.passed
    shown = (result.result_type, result.result_id) != (before.result_type, before.result_id)
    await _check(ctx, result, shown=shown)


async def delete_result(ctx: Context, result: Entity) -> None:
    """Put a result into the bin; a checklist's stays as long as the checklist is completed."""
    assert isinstance(result, TaskResult)
    if result.result_type == SHOWN_BY and not ctx.undoing:
        raise _kept()


async def settle_results(ctx: Context, changes: Sequence[Change]) -> None:
    """Let people note their own results and leaders everybody's; checklists keep theirs."""
    found = [(one, own) for one, own in await changed(ctx, changes) if isinstance(one, TaskResult)]
    if not found:
        return
    at = await working(ctx, (one.task_id for one, _ in found))
    lists = set()
    for one, own in found:
        if one.result_type == SHOWN_BY:
            lists.add(one.result_id or 0)
            continue
        if {one.user_id, first_known(own, "user_id", one.user_id)} != {ctx.me.id}:
            require_lead(at[one.task_id], "change other people's results")
    if lists:
        await keep(ctx, lists)


async def _check(ctx: Context, result: TaskResult, *, shown: bool = True) -> None:
    """Refuse numbers that do not fit, and a record that the person cannot see."""
    _fits(result)
    result.percent = rules.percent(
        result.score, result.max_score, result.correct_answers, result.total_questions
    )
    mark = _mark(result.performance_metrics)
    if result.passed is None:
        result.passed = rules.verdict(result.percent, mark)
    elif reason := rules.contradicts(result.percent, mark, passed=result.passed):
        raise invalid("passed", reason)
    if shown:
        await _seen(ctx, result)


def _fits(result: TaskResult) -> None:
    """Refuse more than could be reached."""
    if result.max_score is not None and result.max_score <= 0:
        raise invalid("max_score", "must be above zero")
    if result.max_score is not None and (result.score or 0) > result.max_score:
        raise invalid("score", f"must be at most the maximum of {result.max_score:f}")
    if result.total_questions is not None and result.total_questions < 1:
        raise invalid("total_questions", "must be at least 1")
    if result.correct_answers is not None and result.total_questions is None:
        raise invalid("total_questions", "is required where right answers are counted")
    if (result.correct_answers or 0) > (result.total_questions or result.correct_answers or 0):
        raise invalid("correct_answers", "must be at most the number of questions")


def _mark(metrics: dict[str, Any]) -> float | None:
    """Return the mark that a result must reach, in percent, if the metrics name one."""
    mark = metrics.get(MARK)
    if mark is None:
        return None
    if isinstance(mark, bool) or not isinstance(mark, int | float) or not 0 <= mark <= 100:
        raise invalid("performance_metrics", f"{MARK} must be a number from 0 to 100")
    return float(mark)


async def _seen(ctx: Context, result: TaskResult) -> None:
    """Refuse a record that does not exist, or that the person may not see."""
    if not result.result_type and result.result_id is None:
        return
    if not result.result_type:
        raise invalid("result_type", "is required where a record is named")
    if result.result_id is None:
        raise invalid("result_id", "is required where a resource is named")
    noun = ctx.registry.nouns.get(result.result_type)
    if noun is None:
        raise invalid("result_type", "is no resource; known are those of /api, like files.file")
    found: list[Any] = []
    if ctx.can(noun.permission("read")):
        ask = ctx.ask(noun, {"id": result.result_id, "limit": 1, "sort": "id"})
        found, _ = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    if not found:
        raise invalid("result_id", "names a record that is not there, or that you may not see")

"""What is kept with an issue: ways around it, tests that show it, and lines of logs."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.module import action
from mainstay.kernel.problems import invalid
from mainstay.modules.issues import rules
from mainstay.modules.issues.entities import Issue, LogEntry, TestCase


class RecordResult(Struct, forbid_unknown_fields=True):
    """How the test went."""

    result: Literal["passed", "failed", "blocked", "skipped"]


class AddLog(Struct, forbid_unknown_fields=True):
    """A piece of a program's log, as it was copied."""

    text: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=500_000,
            description="Each line that begins with a date or a level begins an entry; "
            "times without a zone are UTC",
        ),
    ]
    source: Annotated[
        str, Meta(max_length=100, description="Where it is from, if the lines do not say it")
    ] = ""


@action(label="Record a result", icon="test-pipe", grant="update")
async def record_result(ctx: Context, test: TestCase, data: RecordResult) -> TestCase:
    """Note how the test went just now, and that it was you who ran it."""
    test.last_result = data.result
    test.last_run_at, test.last_run_by = ctx.now, ctx.me.id
    return test


@action(label="Add log lines", icon="logs", grant="update")
async def add_log(ctx: Context, issue: Issue, data: AddLog) -> Issue:
    """Keep pasted log lines with the issue, each with its time and level where they say one."""
    lines = rules.parse_log(data.text)
    if not lines:
        raise invalid("text", "has no line that says anything")
    if len(lines) > rules.MOST_LINES:
        most = rules.MOST_LINES
        raise invalid("text", f"has more than {most} entries; attach it as a file instead")
    entries = [
        LogEntry(
            issue_id=issue.id,
            at=line.at,
            level=line.level,  # type: ignore[arg-type]
            source=line.source or data.source,
            message=line.message,
        )
        for line in lines
    ]
    await ctx.create_many(entries)
    return issue

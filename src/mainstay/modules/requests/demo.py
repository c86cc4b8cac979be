"""What is asked for in the demo company, and what became of it."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.storage.base import execute
from mainstay.modules.requests.entities import TaskRequest

DOMAIN = "helionord.example"

# Project | who asks | hours ago | priority | days until due | who shall do it | title | description
ASKED = """
NOR|Sofia|76|high|6|Lars|Show the caretaker of house 1 the switch-off points|The fire brigade \
asks for it before the next inspection; half an hour on site is enough.
NOR|Hannah|28|medium|14||Photos of house 2 for the newsletter|Three good ones, from the \
courtyard, with people at work if they agree.
KITA|Fatima|20|highest|2|Kwame|Explain the March heat meter reading|The subsidy office doubts one \
number; they want two sentences from an engineer.
"""
TURNED_DOWN = "NOR|Aisha|120|medium|9||Ask the cooperative for a bicycle room key|For house 5."
WHY_NOT = "The cooperative has sent the key already."


async def demo(ctx: Context) -> None:
    """Write some requests into the demo company's projects, unless there are any."""
    people, projects = await _people(ctx), await _projects(ctx)
    if not people or await ctx.find(TaskRequest, anywhere=True):
        return
    lines = [(line, "") for line in ASKED.strip().splitlines()]
    lines.append((TURNED_DOWN, WHY_NOT))
    for line, reason in lines:
        code, who, hours, priority, days, worker, title, says = line.split("|")
        if code not in projects or who not in people:
            continue
        ways: dict[str, Any] = {"priority": priority}
        request = TaskRequest(
            project_id=projects[code][0],
            title=title,
            description=says,
            due_date=ctx.today + timedelta(int(days)),
            assignees=[people[worker]] if worker in people else [],
            **ways,
        )
        if reason:
            request.status, request.reason = "rejected", reason
            request.decided_by = projects[code][1]
            request.decided_at = ctx.now - timedelta(hours=2)
        await ctx.create(request)
        await _asked_by(ctx, request, people[who], int(hours))


async def _asked_by(ctx: Context, request: TaskRequest, person: int, hours: int) -> None:
    """Let a request be somebody's, made some time ago."""
    table = ctx.registry.tables["requests.task_request"]
    asked = sa.update(table).where(table.c.id == request.id)
    at = ctx.now - timedelta(hours=hours)
    await execute(ctx.connection, asked.values(created_by=person, created_at=at))


async def _people(ctx: Context) -> dict[str, int]:
    """Return the demo company's people by first name."""
    c = ctx.registry.tables["identity.user"].c
    chosen = sa.select(c.first_name, c.id).where(c.email.endswith(f"@{DOMAIN}", autoescape=True))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


async def _projects(ctx: Context) -> dict[str, tuple[int, int | None]]:
    """Return the demo company's projects and their owners by code."""
    c = ctx.registry.tables["projects.project"].c
    found = await ctx.rows(sa.select(c.code, c.id, c.owner_id).where(c.deleted_at.is_(None)))
    return {row[0]: (row[1], row[2]) for row in found}

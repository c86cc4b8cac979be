"""The demo company's issues: what customers and colleagues have met, told relative to today."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from mainstay.kernel.context import Context
from mainstay.modules.issues import rules
from mainstay.modules.issues.actions.issues import counter, score_of
from mainstay.modules.issues.entities import Issue, IssueLink, LogEntry, TestCase, Workaround
from mainstay.modules.issues.forms_demo import forms_demo
from mainstay.modules.issues.scopes import write_scores
from mainstay.modules.projects.api import Project, task_code

DOMAIN = "helionord.example"

# Project | type | severity | priority | status, resolution | reporter | assignee | made, ended,
# in days ago | people | flags | category | task that deals with it | title | description.
# Flags: s security, p performance, r regression, t triaged.
ISSUES = """
PORT|bug|critical|high|in_progress .|Hannah|Priya|19 .|140|rt|backend|Firmware 3.2 reports \
negative power|Inverters on firmware 3.2 show negative power at noon|Since the update of the 20 \
kW inverters the yield of a sunny day is below zero in the portal.
PORT|bug|major|medium|open .|Sofia|Priya|6 .|35|t|api|Silent-system mail is sent on foggy \
days|Customers get the silent-system mail although the inverter works|It was foggy, and the \
reading was zero, not missing.
PORT|incident|blocker|highest|resolved fixed|Priya|Priya|12 11.8|1200|spt|api||Sign-in links of \
one customer open another customer's system|The cache key of the link lacked the tenant. Every \
session was ended, and those concerned were told the same evening.
PORT|bug|minor|low|open .|Daniel|.|2 .|0||frontend||Focus is lost after the menu was closed with \
Escape|With a keyboard one starts again at the top of the page.
PORT|bug|major|high|open .|Hannah|.|1 .|60|r|frontend||Yield of the last month is empty on the \
first day of a month|The chart says that there are no readings. The table below it is right.
PORT|bug|major|medium|open .|Sofia|.|0.3 .|12|r|frontend||Chart of last month has no yield on the \
first of the month|A customer has called: the yield of last month is gone.
PORT|feature_request|minor|low|open .|Tomasz|Yuki|33 .|8|t|ui_ux|Let an installer see the systems \
he looks after|Installers want to see the systems that they look after|On the phone, on a ladder, \
with one hand.
PORT|improvement|minor|medium|resolved fixed|Daniel|Priya|26 20|400|pt|database|Export of a year \
takes four minutes|Export of a year is slow|Read by day from the summary table: two seconds now.
PORT|question|trivial|lowest|closed works_as_designed|Kwame|Yuki|40 38|1|t|other||Why does the \
forecast differ from the weather service?|Because it says how much of it lands on this very roof.
PORT|bug|major|high|reopened .|Hannah|Daniel|45 .|90|rt|web|Bars jump when the clocks change|Hour \
bars stand twice when the clocks go back|Fixed in spring, back in autumn: hour 2 exists twice.
PORT|support|minor|medium|open .|Aisha|.|0.1 .|1||mobile||Customer cannot read the display's \
photo upload page on an old phone|The button is below the edge of the screen and the page does \
not scroll.
NOR|bug|critical|high|in_progress .|Tomasz|Lars|9 .|24|t|other||Module clamps of the east half \
come loose in the wind|Four clamps on house 3 turned by hand. The torque was right on the day.
NOR|incident|major|highest|open .|Lars|Tomasz|3 .|6|st|infrastructure||Roof access of house 2 was \
left unlocked overnight|Found by a tenant in the morning. The lock has a key number 7 now.
NOR|change_request|minor|medium|open .|Aisha|.|4 .|0||other||Tenants of house 5 ask for the \
bicycle stand to stay|It is where the scaffolding is to stand from the week after next.
KITA|bug|critical|highest|in_progress .|Rafael|Kwame|10 .|62|rt|other|Bathroom stays below 24 °C \
in the morning|Bathroom of the small ones is cold until half past eight|Two degrees short every \
morning since the night set-back.
KITA|bug|major|high|resolved fixed|Kwame|Kwame|14 8|62|t|other|Find out why pump 2 trips at \
night|Pump 2 stops between three and four at night|High-pressure fault; the bypass valve was set \
for a single unit.
KITA|documentation|trivial|low|open .|Hannah|.|5 .|3||documentation||One-page sheet of the heat \
pump uses the word cascade|The caretaker asked what that is.
DEPOT|bug|minor|medium|closed fixed|Priya|Priya|60 52|4|t|integration||Yield of hall B is counted \
twice in the monthly report|Both meters were summed. The report reads the one at the grid now.
BAKE|question|minor|medium|cancelled .|Sofia|.|8 6|0|t|other||Does the battery run the ovens in a \
power cut?|The Lindner family asked; it is answered in the offer.
"""
PREFIXES = {"PORT": "WEB", "NOR": "SITE", "KITA": "HEAT", "DEPOT": "TRAM", "BAKE": "SHOP"}
MORE: Mapping[str, dict[str, Any]] = {
    "Inverters on firmware 3.2 show negative power at noon": {
        "steps_to_reproduce": "1. Open a system with a 20 kW inverter on firmware 3.2\n"
        "2. Choose a sunny day\n3. Look at the power between 11 and 14 o'clock",
        "expected_result": "Power of up to 20 kW, never below zero while it feeds in.",
        "actual_result": "Power falls to -12.8 kW as soon as it passes 12.7 kW.",
        "stack_trace": "ReadingRejected: power -12774 W outside 0..20000\n"
        "  at reader/decode.py:88 in scaled\n  at reader/modbus.py:214 in poll\n"
        "  at reader/loop.py:61 in run",
        "version_found": "portal 4.11",
        "component": "reader",
        "environment": "production",
        "device": "SunLine 20, firmware 3.2",
        "frequency": "always",
        "business_impact": "Nordhof's tenants are paid by these numbers from next quarter on.",
    },
    "Yield of the last month is empty on the first day of a month": {
        "steps_to_reproduce": "Open the dashboard on the first day of a month.",
        "expected_result": "Bars of the month before.",
        "actual_result": "An empty chart.",
        "version_found": "portal 4.12",
        "browser": "Firefox 128",
        "os": "Android 14",
        "frequency": "often",
        "environment": "production",
    },
    "Focus is lost after the menu was closed with Escape": {
        "accessibility": True,
        "browser": "Chrome 130 with NVDA",
        "frequency": "always",
    },
    "Hour bars stand twice when the clocks go back": {"version_found": "portal 4.12"},
}
LINKS = (
    (
        "Chart of last month has no yield on the first of the month",
        "relates_to",
        "Yield of the last month is empty on the first day of a month",
    ),
    (
        "Inverters on firmware 3.2 show negative power at noon",
        "blocks",
        "Yield of hall B is counted twice in the monthly report",
    ),
    (
        "Inverters on firmware 3.2 show negative power at noon",
        "causes",
        "Customers get the silent-system mail although the inverter works",
    ),
    (
        "Pump 2 stops between three and four at night",
        "causes",
        "Bathroom of the small ones is cold until half past eight",
    ),
)
LOG = """2026-11-02T11:41:07.220Z INFO [reader] polling 38 inverters
2026-11-02T11:41:09.004Z WARN [reader.modbus] 10.7.3.20 register 40083 is 52762, was 12711
2026-11-02T11:41:09.006Z ERROR [reader.decode] power -12774 W outside 0..20000
ReadingRejected: power -12774 W outside 0..20000
  at reader/decode.py:88 in scaled
2026-11-02T11:41:09.010Z INFO [reader] reading of NOR-3 dropped"""


async def demo(ctx: Context) -> None:
    """Report what the demo company's people have met, unless that is there."""
    people, projects = await _people(ctx), await _projects(ctx)
    c = ctx.registry.tables["issues.issue"].c
    there = sa.select(c.id).where(c.project_id.in_(projects.values())).limit(1)
    if not people or not projects or await ctx.rows(there):
        return
    for code, project_id in projects.items():
        project = await ctx.get(Project, project_id)
        project.settings = replace(project.settings, issue_prefix=PREFIXES[code])
    await ctx.flush()
    tasks = await _tasks(ctx, list(projects.values()))
    issues: dict[str, Issue] = {}
    ages: dict[int, float] = {}
    for line in ISSUES.strip().splitlines():
        parts = line.split("|")
        if parts[0] not in projects or parts[5] not in people:
            continue
        issue = _issue(ctx, parts, projects[parts[0]], people, tasks)
        number = await ctx.next_number(counter(issue.project_id))
        issue.code = task_code(PREFIXES[parts[0]], number)
        issues[issue.title] = await ctx.create(issue)
        ages[issue.id] = float(parts[7].split()[0])
    await _made_earlier(ctx, list(issues.values()), ages)
    links = [
        IssueLink(issue_id=issues[one].id, linked_id=issues[other].id, type=kind)  # type: ignore[arg-type]
        for one, kind, other in LINKS
        if one in issues and other in issues
    ]
    await ctx.create_many(links)
    await _parts(ctx, issues)
    await forms_demo(ctx, projects)


def _issue(
    ctx: Context,
    parts: list[str],
    project_id: int,
    people: Mapping[str, int],
    tasks: Mapping[tuple[int, str], int],
) -> Issue:
    """Return the issue that a line tells of."""
    kind, severity, priority, state, reporter, assignee, days, users, flags, category = parts[1:11]
    (status, resolution), (made, ended) = state.split(), days.split()
    values: dict[str, Any] = {
        "type": kind,
        "severity": severity,
        "priority": priority,
        "status": status,
        "resolution": "unresolved" if resolution == "." else resolution,
        "category": category,
        "assignee_id": people.get(assignee),
        "task_id": tasks.get((project_id, parts[11])),
        **MORE.get(parts[12], {}),
    }
    issue = Issue(
        project_id=project_id,
        title=parts[12],
        description=parts[13],
        reporter_id=people[reporter],
        impact_users=int(users),
        security="s" in flags,
        performance="p" in flags,
        regression="r" in flags,
        **values,
    )
    over = None if ended == "." else ctx.now - timedelta(days=float(ended))
    issue.resolved_at = over if status in rules.RESOLVED else None
    issue.closed_at = over if status in ("closed", "cancelled") else None
    if "t" in flags:
        seen = ctx.now - timedelta(days=max(0.0, float(made) - 0.1))
        issue.triaged_at, issue.triaged_by = seen, people[reporter]
        issue.first_response_at = seen
        issue.started_at = seen if status == "in_progress" else None
    return issue


async def _made_earlier(ctx: Context, issues: list[Issue], ages: Mapping[int, float]) -> None:
    """Let the issues be as old as they are told to be, and score them so."""
    noun = ctx.registry.noun(Issue)
    for issue in issues:
        made = ctx.now - timedelta(days=ages[issue.id])
        changed = sa.update(noun.table).where(noun.table.c.id == issue.id)
        await ctx.rows(changed.values(created_at=made).returning(noun.table.c.id))
        ctx.written(noun, issue.id, {"created_at": made})
    await write_scores(ctx, {issue.id: score_of(ctx, issue) for issue in issues})


async def _parts(ctx: Context, issues: Mapping[str, Issue]) -> None:
    """Give the issue with the inverters a way around it, tests, and lines of the log."""
    issue = issues.get("Inverters on firmware 3.2 show negative power at noon")
    if issue is None:
        return
    await ctx.create(
        Workaround(
            issue_id=issue.id,
            title="Read the meter at the grid connection instead",
            steps="Choose the meter as the source in the system's settings. Own use is missing.",
            effectiveness=0.7,
            complexity="moderate",
            success_rate=0.95,
        )
    )
    await ctx.create_many(
        [
            TestCase(
                issue_id=issue.id,
                title="A reading above 12.7 kW keeps its sign",
                type="unit",
                automated=True,
                expected="12 762 W",
                last_result="failed",
                last_run_at=ctx.now - timedelta(hours=20),
                last_run_by=issue.assignee_id,
            ),
            TestCase(
                issue_id=issue.id,
                title="A sunny day on the test roof has no hour below zero",
                type="acceptance",
                steps="Let the test roof run for a day, then open its day in the portal.",
            ),
        ]
    )
    await _log(ctx, issue)


async def _log(ctx: Context, issue: Issue) -> None:
    """Keep the lines of the log with an issue, as if they had been written lately."""
    began = ctx.now - timedelta(days=18)
    first = rules.parse_log(LOG)[0].at or began
    await ctx.create_many(
        [
            LogEntry(
                issue_id=issue.id,
                at=began + ((line.at or first) - first),
                level=line.level,  # type: ignore[arg-type]
                source=line.source,
                message=line.message,
            )
            for line in rules.parse_log(LOG)
        ]
    )


async def _people(ctx: Context) -> dict[str, int]:
    """Return the demo company's people by first name."""
    c = ctx.registry.tables["identity.user"].c
    chosen = sa.select(c.first_name, c.id).where(c.email.endswith(f"@{DOMAIN}", autoescape=True))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


async def _projects(ctx: Context) -> dict[str, int]:
    """Return the demo company's projects by code."""
    c = ctx.registry.tables["projects.project"].c
    codes = sorted({line.split("|")[0] for line in ISSUES.strip().splitlines()})
    chosen = sa.select(c.code, c.id).where(c.code.in_(codes), c.deleted_at.is_(None))
    return {row[0]: row[1] for row in await ctx.rows(chosen)}


async def _tasks(ctx: Context, projects: list[int]) -> dict[tuple[int, str], int]:
    """Return the tasks of these projects by their titles."""
    c = ctx.registry.tables["projects.task"].c
    chosen = sa.select(c.project_id, c.title, c.id).where(c.project_id.in_(projects))
    return {(row[0], row[1]): row[2] for row in await ctx.rows(chosen)}

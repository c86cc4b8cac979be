"""The clock of issues in a workspace: it starts, stands, goes on, is marked, and is asked about."""

import asyncio
import shutil
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from mainstay.facets.comments.module import MODULE as COMMENTS
from mainstay.facets.files.module import MODULE as FILES
from mainstay.facets.tags.module import MODULE as TAGS
from mainstay.kernel import perform
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Conflict, Denied, Duplicate, Invalid, NotFound
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.storage.base import rows
from mainstay.kernel.workspace import Workspace, engine_for
from mainstay.modules.issues.actions import clock
from mainstay.modules.issues.module import LEAD as ISSUE_LEAD
from mainstay.modules.issues.module import MODULE as ISSUES
from mainstay.modules.issues.module import WORK as ISSUE_WORK
from mainstay.modules.milestones.module import MODULE as MILESTONES
from mainstay.modules.planning.demo import seed as calendars
from mainstay.modules.planning.module import MODULE as PLANNING
from mainstay.modules.projects.module import LEAD, WORK
from mainstay.modules.projects.module import MODULE as PROJECTS
from tests.modules.planning.conftest import stand_ins
from tests.modules.projects.conftest import PEOPLE, House, build

# Friday 2026-11-20, ten o'clock; the usual promise counts Monday to Friday from nine to five UTC.
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
REAL = (PEOPLE, TAGS, COMMENTS, FILES, PROJECTS, MILESTONES, PLANNING, ISSUES)
ROOMS = (PEOPLE, TAGS, COMMENTS, FILES, *stand_ins(REAL), *REAL[4:])
TALK = ("comments.comment.read", "comments.comment.create", "comments.comment.read_internal")
WORKS = (*WORK, *ISSUE_WORK, *TALK)
LEADS = (*LEAD, *ISSUE_LEAD, *TALK)


class Desk(House):
    """A workspace with short words for what tests of clocks do."""

    async def issue(self, project: Any, me: Me = SYSTEM, **data: Any) -> Any:
        return await self.create(
            "issues.issue", me, project_id=project.id, title="It hangs", **data
        )

    async def at(self, text: str) -> None:
        """Let it be a later moment, without anything having happened meanwhile."""
        self.clock.at = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)

    async def mark(self) -> None:
        await self.ws.run(SYSTEM, lambda ctx: clock.mark_clocks(ctx, {}))

    async def reads(self, issue: Any, me: Me = SYSTEM) -> Any:
        return await self.ws.ask_question(me, "issues.clock", {"issue_id": issue.id})

    async def events(self) -> Counter[str]:
        """Return how often what was told about clocks."""
        table = self.ws.registry.metadata.tables["kernel_log"]
        chosen = sa.select(table.c.events).where(table.c.entity == "issues.issue")
        found = await self.ws.engine.read(lambda connection: rows(connection, chosen))
        said = [one for (text,) in found if text for one in msgspec.json.decode(text)]
        names = (f"{one['name']} {one['data'].get('clock', '')}" for one in said)
        return Counter(name.strip() for name in names if "Warned" in name or "Breached" in name)

    async def undo(self, change_set: int, me: Me = SYSTEM) -> None:
        await self.ws.undo(me, change_set)


@pytest.fixture(scope="module")
async def empty_clocks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table and nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("clocks") / "empty.db"
    await build(str(path), ROOMS)
    return path


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(
    request: pytest.FixtureRequest, tmp_path: Path, empty_clocks: Path
) -> AsyncIterator[Desk]:
    """A workspace with the usual calendar and the usual promise on each engine."""
    servers, name = None, f"sla_{uuid.uuid4().hex[:16]}"
    if request.param == "postgres":
        servers = request.getfixturevalue("postgres")
        template = await servers.template("clocks", lambda url: build(url, ROOMS))
        url = await servers.create_database(name, template=template)
    else:
        url = str(tmp_path / "clocks.db")
        shutil.copy(empty_clocks, url)
    ws = Workspace(Registry(ROOMS), engine_for(url), clock=FixedClock(NOW))
    await ws.open()
    await ws.run(SYSTEM, calendars)
    assert ISSUES.seed
    await ws.run(SYSTEM, ISSUES.seed)
    yield Desk(ws, ws.clock)  # type: ignore[arg-type]
    await ws.close()
    if servers:
        await servers.drop_database(name)


def hm(text: str) -> datetime:
    """Return an instant of 2026 that is written as 11-20 10:00."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


async def test_a_life(desk: Desk) -> None:
    """A clock starts, is paused, goes on, is stopped, and goes on when the issue is reopened."""
    ann, bob, _vic, sam, project = await desk.team()
    ann, bob = (Me(id=m.id, name=m.name, grants=frozenset(LEADS)) for m in (ann, bob))
    # Highest: eight hours. 7 h on Friday from ten, 1 h on Monday.
    issue = await desk.issue(project, bob, priority="highest")
    assert (issue.sla_status, issue.sla_due_at) == ("running", hm("11-23 10:00"))
    # 6.4 h later warned; the first answer within an hour.
    assert (issue.sla_warn_at, issue.sla_response_due_at) == (hm("11-20 16:24"), hm("11-20 11:00"))
    assert issue.version == 1

    await desk.at("11-20 12:00")
    with pytest.raises(Invalid, match="reason"):
        await desk.act(issue, "pause_clock", bob, reason="   ")
    await desk.act(issue, "pause_clock", bob, reason="We asked for their logs.")
    held = await desk.fresh(issue)
    assert (held.sla_status, held.sla_due_at, held.sla_used_minutes) == ("paused", None, 120)
    with pytest.raises(Conflict, match="paused already"):
        await desk.act(issue, "pause_clock", bob, reason="again")
    stranger = Me(id=sam.id, grants=frozenset(WORKS))
    with pytest.raises(NotFound):
        await desk.act(issue, "resume_clock", stranger)

    # Four working hours stood still: due Monday 14:00.
    await desk.at("11-20 16:00")
    await desk.act(issue, "resume_clock", bob)
    assert (await desk.fresh(issue)).sla_due_at == hm("11-23 14:00")

    await desk.at("11-23 09:30")
    await desk.act(issue, "resolve", ann, resolution="fixed")
    done = await desk.fresh(issue)
    assert (done.sla_status, done.sla_used_minutes) == ("met", 120 + 60 + 30)
    await desk.at("11-25 10:00")
    read = await desk.reads(issue, bob)
    assert (read.state, read.simple, read.left_minutes) == ("met", "Met", 480 - 210)

    # Reopened on Wednesday at ten: 4.5 h are left, until 14:30.
    await desk.act(issue, "reopen", ann)
    again = await desk.fresh(issue)
    assert (again.sla_status, again.sla_due_at) == ("running", hm("11-25 14:30"))
    await desk.at("11-25 15:00")
    read = await desk.reads(issue, bob)
    assert (read.state, read.simple, read.left_minutes) == ("breached", "Breached", -30)
    assert [(p.kind, p.reason) for p in read.pauses] == [
        ("held", "We asked for their logs."),
        ("ended", ""),
    ]
    await desk.act(issue, "resolve", ann, resolution="fixed")
    assert (await desk.fresh(issue)).sla_status == "missed"


async def test_undo(desk: Desk) -> None:
    """What is undone leaves the clock as if it had never been done."""
    _ann, bob, _vic, _sam, project = await desk.team()
    bob = Me(id=bob.id, name="Bob", grants=frozenset(WORKS))
    issue = await desk.issue(project, bob, priority="highest")
    due = issue.sla_due_at

    async def change_set(verb: str, **data: Any) -> int:
        noun = desk.ws.registry.noun("issues.issue")

        async def work(ctx: Context) -> int:
            await perform.act(ctx, noun, noun.actions[verb], issue.id, data)
            return ctx.change_set

        return await desk.ws.run(bob, work)

    paused = await change_set("pause_clock", reason="waiting")
    await desk.at("11-20 11:00")
    await desk.undo(paused, bob)
    back = await desk.fresh(issue)
    assert (back.sla_status, back.sla_due_at, back.sla_since) == ("running", due, None)

    await change_set("pause_clock", reason="waiting")
    resolved = await change_set("resolve", resolution="fixed")
    assert (await desk.fresh(issue)).sla_status == "met"
    await desk.undo(resolved, bob)
    back = await desk.fresh(issue)
    assert (back.sla_status, back.sla_since) == ("paused", hm("11-20 11:00"))


async def test_answers(desk: Desk) -> None:
    """The first public comment by somebody else who works there is the answer; work is too."""
    ann, bob, vic, _sam, project = await desk.team()
    ann, bob, vic = (Me(id=m.id, grants=frozenset(WORKS)) for m in (ann, bob, vic))
    issue = await desk.issue(project, bob, priority="highest")

    async def say(me: Me, **more: Any) -> Any:
        data = {"entity": "issues.issue", "record_id": issue.id, "body": "Well.", **more}
        await desk.create("comments.comment", me, **data)
        return (await desk.fresh(issue)).first_response_at

    await desk.at("11-20 10:30")
    assert await say(bob) is None
    assert await say(ann, internal=True) is None
    # A viewer reads only, and is no worker.
    assert await say(vic) is None
    assert await say(ann) == hm("11-20 10:30")
    found = await desk.fresh(issue)
    assert (found.sla_response, found.version) == ("met", issue.version)
    await desk.at("11-20 15:00")
    assert await say(ann) == hm("11-20 10:30")

    late = await desk.issue(project, bob, priority="highest")
    await desk.at("11-20 16:01")
    await desk.act(late, "start", ann)
    assert (await desk.fresh(late)).sla_response == "missed"


async def test_what_counts(desk: Desk) -> None:
    """The most telling promise counts; a change of priority or promise keeps what was used."""
    ann, bob, _vic, _sam, project = await desk.team()
    ann = Me(id=ann.id, grants=frozenset(LEADS))
    bob = Me(id=bob.id, grants=frozenset(WORKS))
    issue = await desk.issue(project, bob, priority="highest")
    await desk.at("11-20 12:00")
    # High: 24 h from Friday ten: 7 + 8 + 8 + 1.
    await desk.update(issue, bob, priority="high")
    found = await desk.fresh(issue)
    assert (found.sla_due_at, found.sla_used_minutes) == (hm("11-25 10:00"), 120)

    policy = await desk.create(
        "issues.sla_policy",
        ann,
        name="Ours",
        project_id=project.id,
        high_resolve=4.0,
        zone="America/New_York",
        types=["bug"],
    )
    # Four working hours in New York, where nine o'clock is 14:00 UTC.
    found = await desk.fresh(issue)
    assert (found.sla_policy_id, found.sla_due_at) == (policy.id, hm("11-20 18:00"))
    await desk.update(policy, ann, high_resolve=4.5)
    assert (await desk.fresh(issue)).sla_due_at == hm("11-20 18:30")
    await desk.update(issue, bob, type="question")
    assert (await desk.fresh(issue)).sla_due_at == hm("11-25 10:00")
    # Monday becomes a holiday: a job counts open issues anew.
    await desk.create("planning.holiday", SYSTEM, name="Off", date="2026-11-23")
    await desk.ws.jobs.run_due()
    assert (await desk.fresh(issue)).sla_due_at == hm("11-26 10:00")

    with pytest.raises(Conflict, match="every project"):
        await desk.create("issues.sla_policy", ann, name="All")
    with pytest.raises(Invalid, match="Europe/Berlin"):
        await desk.update(policy, ann, zone="Mars/Olympus")
    with pytest.raises(Invalid, match="low_response must not be longer"):
        await desk.update(policy, ann, low_response=1000.0)
    with pytest.raises(Denied):
        await desk.create("issues.sla_policy", bob, name="Mine", project_id=project.id)
    led = Me(id=bob.id, grants=frozenset(LEADS))
    with pytest.raises(Denied, match="owners and admins"):
        await desk.create("issues.sla_policy", led, name="Mine", project_id=project.id)


async def test_an_end_is_kept(desk: Desk) -> None:
    """What is changed after an end changes nothing of it, until the issue is reopened."""
    ann, bob, _vic, _sam, project = await desk.team()
    ann = Me(id=ann.id, grants=frozenset(LEADS))
    bob = Me(id=bob.id, grants=frozenset(WORKS))
    policy = await desk.create(
        "issues.sla_policy", ann, name="Ours", project_id=project.id, around_the_clock=True
    )
    issue = await desk.issue(project, bob)
    await desk.at("11-20 12:00")
    await desk.act(issue, "resolve", bob, resolution="fixed")

    async def stands() -> tuple[Any, ...]:
        kept = await desk.fresh(issue)
        read = await desk.reads(issue, bob)
        read.as_of = NOW
        seen = await desk.ws.ask_question(bob, "issues.sla_overview", {"months": 1})
        fields = ("sla_status", "sla_due_at", "sla_used_minutes", "sla_response", "sla_policy_id")
        months = [(month.met, month.missed) for month in seen.months]
        return read, months, *(getattr(kept, name) for name in fields)

    kept = await stands()
    # Medium: 56 hours, of which two are used, and eight for an answer.
    assert (kept[0].state, kept[0].allowed_minutes, kept[0].left_minutes) == ("met", 3360, 3240)
    assert (kept[0].response_minutes, kept[0].response_left_minutes) == (480, 360)
    assert kept[1] == [(1, 0)]
    await desk.at("11-27 12:00")
    await desk.update(policy, ann, medium_resolve=0.5, medium_response=0.1, name="Tiny")
    await desk.update(issue, bob, priority="highest", type="question")
    await desk.act(issue, "close", bob)
    await desk.update(policy, ann, is_active=False)
    said = {"entity": "issues.issue", "record_id": issue.id, "body": "By the way."}
    await desk.create("comments.comment", ann, **said)
    await desk.ws.jobs.run_due()
    assert await stands() == kept
    # Reopened it counts by what is valid then; taking that back brings back the end as it was.
    noun = desk.ws.registry.noun("issues.issue")

    async def reopen(ctx: Context) -> int:
        await perform.act(ctx, noun, noun.actions["reopen"], issue.id, {})
        return ctx.change_set

    reopened = await desk.ws.run(bob, reopen)
    read = await desk.reads(issue, bob)
    assert (read.policy, read.allowed_minutes, read.started) == ("Standard", 480, NOW)
    await desk.undo(reopened, bob)
    assert await stands() == kept


async def test_a_cancelled_issue_keeps_and_breaks_nothing(desk: Desk) -> None:
    """It has no clock; reopened, the clock goes on as if it had stood meanwhile."""
    _ann, bob, _vic, _sam, project = await desk.team()
    bob = Me(id=bob.id, grants=frozenset(WORKS))
    issue = await desk.issue(project, bob, priority="highest")
    await desk.at("11-25 10:00")
    await desk.act(issue, "cancel", bob)
    gone = await desk.fresh(issue)
    assert (gone.sla_status, gone.sla_response, gone.sla_due_at) == ("none", "none", None)
    assert (await desk.reads(issue, bob)).state == "none"
    found = await desk.ws.ask_question(bob, "issues.sla_overview", {"months": 2})
    assert (found.breached_count, found.policies) == (0, [])
    await desk.at("11-30 10:00")
    await desk.act(issue, "reopen", bob)
    # Seven hours of Friday, eight each of Monday and Tuesday, one of Wednesday.
    read = await desk.reads(issue, bob)
    assert (read.state, read.used_minutes) == ("breached", 24 * 60)
    assert [one.kind for one in read.pauses] == ["ended"]


async def test_names_of_promises(desk: Desk) -> None:
    """A name is taken within a project, or among those for every project, and nowhere else."""
    ann, *_, project = await desk.team()
    ann = Me(id=ann.id, grants=frozenset(LEADS))
    other = await desk.create("project", ann, name="Elsewhere")
    for one in (project, other):
        await desk.create("issues.sla_policy", ann, name="Standard", project_id=one.id)
    with pytest.raises(Duplicate, match="name"):
        await desk.create("issues.sla_policy", ann, name="Standard", project_id=other.id)
    with pytest.raises(Duplicate, match="for every project already"):
        await desk.create("issues.sla_policy", SYSTEM, name="Standard")


@pytest.mark.parametrize("desk", ["postgres"], indirect=True)
async def test_a_promise_changes_while_issues_come_in(desk: Desk) -> None:
    """Whoever reports at that moment counts by the old one; a job counts it anew afterwards."""
    ann, *_, project = await desk.team()
    ann = Me(id=ann.id, grants=frozenset(LEADS))
    counted, changed = asyncio.Event(), asyncio.Event()

    async def report(ctx: Context) -> Any:
        noun = ctx.registry.noun("issues.issue")
        made = await perform.create(ctx, noun, {"project_id": project.id, "title": "It hangs"})
        await ctx.settle()
        counted.set()
        await changed.wait()
        return made

    async with asyncio.timeout(20):
        reporting = asyncio.create_task(desk.ws.run(ann, report))
        await counted.wait()
        ours = {"name": "Ours", "project_id": project.id, "around_the_clock": True}
        await desk.create("issues.sla_policy", ann, **ours)
        await desk.ws.jobs.run_due()
        changed.set()
        issue = await reporting
        # Fifty-six working hours; by now it should be that many hours around the clock.
        assert issue.sla_due_at == hm("12-01 10:00")
        due = NOW + timedelta(hours=56)
        # Units of work of other databases, which run at the same time, are waited for as well.
        while (await desk.fresh(issue)).sla_due_at != due:
            desk.clock.advance(timedelta(minutes=1))
            await desk.ws.jobs.run_due()
            await asyncio.sleep(0.02)


async def test_marks(desk: Desk) -> None:
    """Marks are set in a few statements however many issues there are, and told of once."""
    project = await desk.create("project", name="Solar roof")

    async def many(count: int) -> list[Any]:
        async def work(ctx: Context) -> list[Any]:
            noun = ctx.registry.noun("issues.issue")
            data = {"project_id": project.id, "title": "It hangs", "priority": "highest"}
            return [await perform.create(ctx, noun, data) for _ in range(count)]

        return await desk.ws.run(SYSTEM, work)

    (one,) = await many(1)
    await desk.at("11-20 16:24")
    # Nothing was marked, but the question knows.
    assert (await desk.fresh(one)).sla_status == "running"
    assert (await desk.reads(one)).state == "warned"
    await desk.mark()
    await desk.mark()
    assert (await desk.fresh(one)).sla_status == "warned"
    # The worker was down for days: both clocks of one are breached, once each.
    others = await many(7)
    await desk.at("11-27 09:00")
    await desk.mark()
    await desk.mark()
    assert {(await desk.fresh(each)).sla_status for each in (one, *others)} == {"breached"}
    assert await desk.events() == {
        "issues.IssueWarned": 1,
        "issues.IssueBreached resolution": 8,
        "issues.IssueBreached response": 8,
    }

    counts = []
    for size in (2, 9):
        await many(size)
        desk.clock.advance(timedelta(days=30))
        counts.append(await statements(desk, clock.mark_clocks))
    assert counts[0] == counts[1]


async def statements(desk: Desk, job: Any) -> int:
    """Return how many statements a job takes."""
    seen: list[str] = []

    async def work(ctx: Context) -> None:
        fetch, run, batch = ctx.connection.fetch, ctx.connection.run, ctx.connection.many

        async def fetched(sql: str, args: Any = ()) -> Any:
            seen.append(sql)
            return await fetch(sql, args)

        async def ran(sql: str, args: Any = ()) -> Any:
            seen.append(sql)
            return await run(sql, args)

        async def batched(sql: str, rows: Any) -> Any:
            seen.append(sql)
            return await batch(sql, rows)

        class Counting:
            engine = ctx.connection.engine

        counting: Any = Counting()
        counting.fetch, counting.run, counting.many = fetched, ran, batched
        ctx.connection = counting
        await job(ctx, {})

    await desk.ws.run(SYSTEM, work)
    return len(seen)


async def test_overview(desk: Desk) -> None:
    """What is late, soon due and due next, and the share that was kept by month and promise."""
    _ann, bob, _vic, sam, project = await desk.team()
    bob = Me(id=bob.id, grants=frozenset(WORKS))
    sam = Me(id=sam.id, grants=frozenset(WORKS))
    late = await desk.issue(project, bob, priority="highest")
    kept = await desk.issue(project, bob, priority="highest")
    await desk.act(kept, "resolve", bob, resolution="fixed")
    missed = await desk.issue(project, bob, priority="highest")
    # An import that has ended already has no clock and counts for nothing.
    old = await desk.issue(project, bob, status="resolved", resolution="fixed")
    assert (old.sla_status, old.sla_policy_id) == ("none", None)
    await desk.at("12-01 10:00")
    await desk.act(missed, "resolve", bob, resolution="fixed")
    soon = await desk.issue(project, bob, priority="highest")
    await desk.issue(project, bob, priority="low")
    await desk.at("12-01 16:30")

    found = await desk.ws.ask_question(bob, "issues.sla_overview", {"months": 3})
    assert [line.id for line in found.breached] == [late.id]
    assert [line.id for line in found.warned] == [soon.id]
    assert (found.running_count, len(found.next), found.unanswered_count) == (1, 1, 2)
    assert [(m.first, m.met, m.missed) for m in found.months] == [
        (date(2026, 10, 1), 0, 0),
        (date(2026, 11, 1), 1, 0),
        (date(2026, 12, 1), 0, 1),
    ]
    assert [one.policy for one in found.policies] == ["Standard"]
    nothing = await desk.ws.ask_question(sam, "issues.sla_overview", {})
    assert (nothing.breached, nothing.breached_count, nothing.policies) == ([], 0, [])
    with pytest.raises(NotFound):
        await desk.reads(late, sam)

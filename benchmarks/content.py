"""Makes workspaces of a known size on each engine: 200 projects, 1,000 people, tasks in bulk."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex

from mainstay.app import modules, seed
from mainstay.kernel import migrate, search
from mainstay.kernel.clock import SystemClock
from mainstay.kernel.entity import KEPT
from mainstay.kernel.noun import Noun
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage.base import Connection, execute, rows
from mainstay.kernel.workspace import Workspace, engine_for
from mainstay.modules.identity.entities import Role, User, UserSession
from mainstay.settings import Settings

PROJECTS = 200
PEOPLE = 1000
CALLER_PROJECTS = 20
STATUSES = (("todo", 30), ("in_progress", 15), ("review", 10), ("backlog", 10), ("done", 35))
OPEN = "backlog,todo,in_progress,review,testing,blocked"
KINDS = ("task", "bug", "story", "feature")
START = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Content:
    """A workspace on disk, and who asks in it."""

    url: str
    engine: str
    tasks: int
    caller: int
    tokens: tuple[str, ...]
    projects: tuple[int, ...]
    task_ids: tuple[int, ...]

    @property
    def cookie(self) -> dict[str, str]:
        """Return the caller's session as a request header."""
        return {"cookie": f"mainstay_session={self.tokens[0]}"}


def workspace(url: str) -> Workspace:
    """Return a workspace on a database, not opened yet."""
    return Workspace(Registry(modules()), engine_for(url), settings=Settings(database_url=url))


def token(number: int) -> str:
    """Return the session token of one person."""
    return sha256(f"benchmark {number}".encode()).hexdigest()[:43]


async def build(url: str, tasks: int, *, everybody_in: int = 0) -> Content:
    """Fill an empty database; with `everybody_in`, so many people are members of one project."""
    await migrate.upgrade(url)
    ws = workspace(url)
    await ws.open()
    try:
        await seed(ws)
        first = await ws.run(SYSTEM, _people, slow=True)
        tokens = tuple(token(number) for number in range(PEOPLE))
        await _fill(ws, tasks, first, everybody_in)
        projects, ids = await _own(ws, first)
    finally:
        await ws.close()
    return Content(url, ws.engine.name, tasks, first, tokens, projects, ids)


def made(url: str, tasks: int, *, everybody_in: int = 0) -> Content:
    """Fill an empty database from a program that runs no event loop."""
    return asyncio.run(build(url, tasks, everybody_in=everybody_in))


async def _people(ctx: Any) -> int:
    """Create the people, with the role of ordinary members, and a session for each."""
    role = await ctx.find(Role, anywhere=True, code="member")
    people = [
        User(
            username=f"person{number}",
            email=f"person{number}@example.com",
            display_name=f"Person {number}",
            status="active",
            roles=[role.id],
        )
        for number in range(PEOPLE)
    ]
    await ctx.create_many(people)
    sessions = [
        UserSession(
            user_id=person.id,
            token_hash=sha256(token(number).encode()).hexdigest(),
            expires_at=ctx.now + timedelta(days=30),
            last_activity_at=ctx.now,
            rotated_at=ctx.now + timedelta(days=30),
        )
        for number, person in enumerate(people)
    ]
    await ctx.create_many(sessions)
    return people[0].id


async def _fill(ws: Workspace, tasks: int, first: int, everybody_in: int) -> None:
    """Write projects, members and tasks with a few large statements."""
    lite = ws.engine.name == "sqlite"
    nouns = ws.registry.nouns
    projects = {"name": "'Project ' || n", "code": "'P' || n", "status": "'active'"}
    stride = PROJECTS // CALLER_PROJECTS
    spread = f"((n - 1) / {CALLER_PROJECTS} + ((n - 1) % {CALLER_PROJECTS}) * {stride})"
    members = {
        "project_id": f"1 + {spread} % {PROJECTS}",
        "user_id": f"{first} + (n - 1) / {CALLER_PROJECTS}",
        "role": "'member'",
    }
    await bulk(ws, nouns["projects.project"], PROJECTS, projects)
    await bulk(ws, nouns["projects.project_member"], PEOPLE * CALLER_PROJECTS, members)
    if everybody_in:
        await _join(ws, first, everybody_in)
    days = "((n * 7368787) % 999983 % 500)"
    day = f"date('2026-01-05', '+' || {days} || ' days')"
    day = day if lite else f"date '2026-01-05' + {days}::int"
    task = {
        "project_id": f"1 + (n * 1299709) % 1000033 % {PROJECTS}",
        "code": "'B-' || n",
        "title": "'Check the mooring of berth ' || n || ' before the tide'",
        "description": "'The line was worn when we looked at it last; bring a spare one. No ' || n",
        "status": _status(),
        "type": _pick(KINDS, "n * 5 % 13"),
        "priority": "(1 + (n * 3) % 5) * 10",
        "assignee_id": f"CASE WHEN n % 7 = 0 THEN NULL ELSE {first} + (n * 31) % {PEOPLE} END",
        "reporter_id": f"{first} + (n * 17) % {PEOPLE}",
        "story_points": "(n % 8) * 1.0",
        "estimated_hours": "(n % 40) * 50" if lite else "(n % 40) / 2.0",
        "due_date": f"CASE WHEN n % 13 = 0 THEN NULL ELSE {day} END",
        "sort_order": "n * 16.0",
    }
    await bulk(ws, nouns["projects.task"], tasks, task)
    await _counts(ws)


def _status() -> str:
    """Return the expression that spreads tasks over the statuses, independent of the project."""
    parts, upto = [], 0
    for name, share in STATUSES:
        upto += share
        parts.append(f"WHEN (n * 2654435761) % 1000003 % 100 < {upto} THEN '{name}'")
    return f"CASE {' '.join(parts)} END"


def _pick(values: tuple[str, ...], expression: str) -> str:
    parts = [f"WHEN {place} THEN '{value}'" for place, value in enumerate(values)]
    return f"CASE {expression} {' '.join(parts)} ELSE '{values[0]}' END"


async def bulk(ws: Workspace, noun: Noun, count: int, given: dict[str, str]) -> None:
    """Write many records of one noun from expressions over their number, `n`."""
    columns = {name: _literal(noun, name, ws.engine.name) for name in noun.columns}
    columns |= given | {"id": "n"}
    large = count > 100_000
    series = f"generate_series(1::bigint, {count}) AS s(n)"
    with_ = ""
    if ws.engine.name == "sqlite":
        with_ = (
            f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) "
        )
        series = "s"
    names, values = ", ".join(columns), ", ".join(columns.values())
    table = noun.table.name
    before = _without_indexes(ws, noun) if large else ([], [])
    statements = [*before[0], f"INSERT INTO {table} ({names}) {with_}SELECT {values} FROM {series}"]
    if ws.engine.name == "postgresql":
        statements.append(f"SELECT setval('{table}_id_seq', {count})")
    await ws.engine.script([*statements, *before[1], "ANALYZE" if large else "SELECT 1"])


def _without_indexes(ws: Workspace, noun: Noun) -> tuple[list[str], list[str]]:
    """Return the statements that drop a table's indexes and those that make them again.

    Words are not indexed again: no measurement on a large table searches.
    """
    dialect = ws.engine.dialect
    drop = [f"DROP INDEX {index.name}" for index in noun.table.indexes]
    make = [str(CreateIndex(index).compile(dialect=dialect)) for index in noun.table.indexes]
    return [*search.drop(noun, ws.engine.name), *drop], make


def _literal(noun: Noun, name: str, engine: str) -> str:
    """Return the default of a field as it is written in SQL."""
    item = noun.columns[name]
    if name in ("created_at", "updated_at"):
        value: Any = START
    elif name in KEPT:
        value = {"version": 1}.get(name)
    else:
        value = None if item.required else item.initial()
    if value is None:
        return "NULL"
    encode = item.kind.to_db(engine)
    value = encode(value) if encode else value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


async def _join(ws: Workspace, first: int, count: int) -> None:
    """Make the first people members of the caller's first project."""
    member = ws.registry.tables["projects.project_member"]

    async def work(connection: Connection) -> None:
        """Add those who are no members yet."""
        c = member.c
        here = sa.select(c.user_id).where(c.project_id == 1)
        known = {row[0] for row in await rows(connection, here)}
        template = sa.select(member).where(c.id == 1)
        one = dict(
            zip([column.name for column in c], (await rows(connection, template))[0], strict=True)
        )
        names = [name for name in one if name != "id"]
        engine = connection.engine
        marks = ", ".join(
            "?" if engine.name == "sqlite" else f"${n + 1}" for n in range(len(names))
        )
        batch = [
            [{**one, "user_id": person, "project_id": 1}[name] for name in names]
            for person in range(first, first + count)
            if person not in known
        ]
        await connection.many(
            f"INSERT INTO {member.name} ({', '.join(names)}) VALUES ({marks})", batch
        )

    await ws.engine.write(work)


async def _counts(ws: Workspace) -> None:
    """Bring the projects' own numbers of tasks up to date."""
    project, task = ws.registry.tables["projects.project"], ws.registry.tables["projects.task"]
    own = sa.select(sa.func.count()).where(task.c.project_id == project.c.id)
    done = own.where(task.c.status == "done")
    counts = {"task_count": own.scalar_subquery(), "done_count": done.scalar_subquery()}
    await ws.engine.write(lambda connection: execute(connection, sa.update(project).values(counts)))


async def _own(ws: Workspace, caller: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the caller's projects and some of the tasks in them."""
    member, task = (
        ws.registry.tables["projects.project_member"],
        ws.registry.tables["projects.task"],
    )
    mine = sa.select(member.c.project_id).where(member.c.user_id == caller).order_by("project_id")

    async def work(connection: Connection) -> Any:
        """Read both."""
        projects = tuple(row[0] for row in await rows(connection, mine))
        ids = sa.select(task.c.id).where(task.c.project_id.in_(projects))
        ids = ids.where(task.c.status == "todo").order_by(task.c.id.desc()).limit(640)
        return projects, tuple(row[0] for row in await rows(connection, ids))

    found: tuple[tuple[int, ...], tuple[int, ...]] = await ws.engine.read(work)
    return found


async def vacuum(url: str) -> None:
    """Let PostgreSQL mark what it has settled, as its own housekeeping does within a minute."""
    connection = await asyncpg.connect(url)
    with suppress(asyncpg.PostgresError):
        await connection.execute("VACUUM (ANALYZE)")
    await connection.close()


def moved(made: Content, url: str) -> Content:
    """Return the description of a copy at another address."""
    return replace(made, url=url)


now = SystemClock().now

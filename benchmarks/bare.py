"""The yardstick: bare ASGI, hand-written SQL and msgspec, doing by hand what Mainstay does.

No framework, no query language, no declarations: only this one resource, as an experienced
programmer would write it who wants nothing but speed. It checks the session (a hash in memory
for a minute, like Mainstay; else a query), the permission and the membership, reads and writes
the same rows of the same database with the same durability, and answers the same JSON.
`BARE_COMMIT=each` makes SQLite commit each request alone, as most hand-written code does; the
usual `group` lets requests that wait together share one commit, as Mainstay does.
"""

import asyncio
import hashlib
import os
import secrets
import sqlite3
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import asyncpg
import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

encode = msgspec.json.encode
PRIORITIES = {10: "lowest", 20: "low", 30: "medium", 40: "high", 50: "highest"}
RANKS = {name: rank for rank, name in PRIORITIES.items()}
DECIMALS = ("estimated_hours", "actual_hours", "remaining_hours")
MINE = (
    "SELECT m.project_id FROM projects_project_member m "
    "WHERE m.user_id = $1 AND m.deleted_at IS NULL"
)
ROLE = (
    "SELECT p.settings, m.role FROM projects_project p LEFT JOIN projects_project_member m "
    "ON m.project_id = p.id AND m.user_id = $1 AND m.deleted_at IS NULL "
    "WHERE p.id = $2 AND p.deleted_at IS NULL"
)
SESSION = (
    "SELECT s.user_id, u.display_name FROM identity_user_session s "
    "JOIN identity_user u ON u.id = s.user_id "
    "WHERE s.token_hash = $1 AND s.deleted_at IS NULL AND u.status = 'active'"
)
GRANTS = (
    "SELECT r.permissions FROM identity_user_roles l JOIN identity_role r ON r.id = l.target_id "
    "WHERE l.owner_id = $1 AND r.deleted_at IS NULL"
)
COUNTER = (
    "INSERT INTO kernel_counter (name, value) VALUES ($1, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = kernel_counter.value + 1 RETURNING value"
)
LAST = "SELECT max(sort_order) FROM projects_task WHERE project_id = $1 AND status = $2"
MEMBER = (
    "SELECT 1 FROM projects_project_member "
    "WHERE project_id = $1 AND user_id = $2 AND deleted_at IS NULL"
)
COUNTS = (
    "UPDATE projects_project SET task_count = task_count + 1, "
    "progress = CAST(done_count AS double precision) / (task_count + 1) WHERE id = $1"
)
LINK = "INSERT INTO projects_task_assignees (owner_id, target_id, position) VALUES ($1, $2, 0)"
STATEMENTS = ("ROLE", "SESSION", "GRANTS", "COUNTER", "LAST", "MEMBER", "COUNTS", "LINK", "WATCH")
WATCH = (
    "INSERT INTO watchers_watcher (entity, record_id, user_id, reason, version, created_at, "
    "updated_at, created_by, updated_by) VALUES ('projects.task', $1, $2, $3, 1, $4, $4, $5, $5)"
)
LOG = (
    "INSERT INTO kernel_log (xid, at, actor_id, actor, change_set, entity, record_id, verb, "
    "version, before, after, events) "
    "VALUES ({xid}, $1, $2, $3, $4, 'projects.task', $5, $6, $7, $8, $9, $10)"
)

Title = Annotated[str, Meta(min_length=1, max_length=500)]
Words = Annotated[str, Meta(max_length=100_000)]
Priority = Literal["lowest", "low", "medium", "high", "highest"]
Id = Annotated[int, Meta(ge=1)]


class NewTask(Struct, forbid_unknown_fields=True):
    """What a caller may say of a new task."""

    project_id: Id
    title: Title
    description: Words = ""
    priority: Priority = "medium"
    assignee_id: Id | None = None
    due_date: date | None = None


class Change(Struct, forbid_unknown_fields=True):
    """What a caller may change."""

    title: Title | UnsetType = UNSET
    description: Words | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    due_date: date | UnsetType | None = UNSET


class Person(Struct, frozen=True):
    """Who asks."""

    id: int
    name: str
    grants: frozenset[str]


class Refused(Exception):
    """An answer other than success."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Lite:
    """SQLite on raw `sqlite3`, with Mainstay's own durability."""

    xid = "0"
    gathered = (
        "(SELECT json_group_array(target_id) FROM (SELECT target_id FROM {} ORDER BY position))"
    )

    def __init__(self, path: str, *, group: bool) -> None:
        self.path, self.group = path, group
        self.waiting: deque[tuple[Callable[[Any], Any], asyncio.Future[Any]]] = deque()
        self.task: asyncio.Task[None] | None = None
        self.thread = ThreadPoolExecutor(1)

    async def open(self) -> None:
        """Open one connection to read and one to write."""
        self.reader, self.writer = self.connect(), self.connect()

    def connect(self) -> sqlite3.Connection:
        """Open a connection."""
        raw = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        for pragma in (
            "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000",
            "cache_size=-32000", "temp_store=MEMORY",
        ):  # fmt: skip
            raw.execute(f"PRAGMA {pragma}")
        return raw

    async def fetch(self, sql: str, *args: Any) -> list[Any]:
        """Read."""
        return self.reader.execute(sql, args).fetchall()

    async def write(self, unit: Callable[[Any], Any]) -> Any:
        """Run a unit of work in a transaction."""
        if not self.group:
            return await self.alone(unit)
        done = asyncio.get_running_loop().create_future()
        self.waiting.append((unit, done))
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.flush())
        return await done

    async def alone(self, unit: Callable[[Any], Any]) -> Any:
        """Commit one unit by itself."""
        self.writer.execute("BEGIN IMMEDIATE")
        try:
            found = unit(self.writer)
        except BaseException:
            self.writer.execute("ROLLBACK")
            raise
        self.writer.execute("COMMIT")
        return found

    async def flush(self) -> None:
        """Commit together what waits together."""
        loop = asyncio.get_running_loop()
        while self.waiting:
            batch, results = list(self.waiting), []
            self.waiting.clear()
            self.writer.execute("BEGIN IMMEDIATE")
            for unit, _ in batch:
                self.writer.execute("SAVEPOINT unit")
                try:
                    results.append((unit(self.writer), None))
                except Refused as refusal:
                    self.writer.execute("ROLLBACK TO unit")
                    results.append((None, refusal))
                self.writer.execute("RELEASE unit")
            await loop.run_in_executor(self.thread, self.writer.execute, "COMMIT")
            for (_, done), (found, refusal) in zip(batch, results, strict=True):
                if refusal:
                    done.set_exception(refusal)
                else:
                    done.set_result(found)


class Quiet(asyncpg.Connection):
    """A pooled connection that keeps no session state."""

    def get_reset_query(self) -> str:
        """Return no query."""
        return ""


class Post:
    """PostgreSQL on a raw asyncpg pool."""

    xid = "pg_current_xact_id()::text::bigint"
    gathered = "ARRAY(SELECT target_id FROM {} ORDER BY position)"

    def __init__(self, url: str) -> None:
        self.url = url

    async def open(self) -> None:
        """Connect."""
        self.pool = await asyncpg.create_pool(
            self.url, min_size=1, max_size=10, connection_class=Quiet, statement_cache_size=1000
        )

    async def fetch(self, sql: str, *args: Any) -> list[Any]:
        """Read."""
        async with self.pool.acquire() as raw:
            return await raw.fetch(sql, *args)


class Tasks:
    """The one resource."""

    def __init__(self, url: str) -> None:
        self.lite = url.startswith("sqlite")
        group = os.environ.get("BARE_COMMIT", "group") == "group"
        path = url.removeprefix("sqlite:///")
        self.db: Any = Lite(path, group=group) if self.lite else Post(url)
        self.people: dict[str, tuple[Person, float]] = {}

    def sql(self, text: str) -> str:
        """Write the parameters as this database wants them."""
        return text.replace("$", "?").replace("double precision", "REAL") if self.lite else text

    async def open(self) -> None:
        """Connect, and write the statements."""
        await self.db.open()
        columns = await self._columns()
        self.columns = columns
        self.places = {name: place for place, name in enumerate(columns)}
        brief = [("assignee", Any), ("project", Any)]
        self.row = msgspec.defstruct("Task", [(name, Any) for name in columns] + brief)
        links = [("assignees", Any), ("labels", Any), ("tags", Any)]
        self.full = msgspec.defstruct("TaskFull", [(name, Any) for name in columns] + links)
        self.user = msgspec.defstruct("User", ["id", "display_name", "username", "avatar_url"])
        self.project = msgspec.defstruct("Project", ["id", "name", "code", "color"])
        picks = ", ".join(f"t.{name}" for name in columns)
        gathered = ", ".join(
            self.db.gathered.format(f"projects_task_{name} WHERE owner_id = t.id")
            for name, _ in links
        )
        self.list_sql = (
            f"SELECT {picks}, u.id, u.display_name, u.username, u.avatar_url, p.id, p.name, "
            "p.code, p.color FROM projects_task t "
            "LEFT JOIN identity_user u ON u.id = t.assignee_id "
            "LEFT JOIN projects_project p ON p.id = t.project_id "
            f"WHERE t.deleted_at IS NULL AND t.status = $2 AND t.project_id IN ({MINE}) "
        )
        self.one_sql = self.sql(
            f"SELECT {picks}, {gathered} FROM projects_task t "
            f"WHERE t.id = $2 AND t.deleted_at IS NULL AND t.project_id IN ({MINE})"
        )
        self.first_sql = self.sql(self.list_sql + "ORDER BY t.id DESC LIMIT 51")
        self.next_sql = self.sql(self.list_sql + "AND t.id < $3 ORDER BY t.id DESC LIMIT 51")
        names = [name for name in columns if name != "id"]
        marks = ", ".join(f"${place + 1}" for place in range(len(names)))
        self.insert_names = names
        self.insert_sql = self.sql(
            f"INSERT INTO projects_task ({', '.join(names)}) VALUES ({marks}) RETURNING id"
        )
        self.log_sql = self.sql(LOG.replace("{xid}", self.db.xid))
        for name in STATEMENTS:
            setattr(self, name.lower() + "_sql", self.sql(globals()[name]))

    async def _columns(self) -> list[str]:
        if self.lite:
            found = self.db.reader.execute("SELECT * FROM projects_task LIMIT 0").description
            return [column[0] for column in found]
        sql = (
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = 'projects_task' ORDER BY ordinal_position"
        )
        return [row[0] for row in await self.db.fetch(sql)]

    def values(self, row: Any) -> list[Any]:
        """Return a row's columns as they go over the wire."""
        values = list(row[: len(self.columns)])
        place = self.places["priority"]
        values[place] = PRIORITIES[values[place]]
        place = self.places["custom_fields"]
        values[place] = msgspec.Raw(values[place].encode())
        if self.lite:
            for name in DECIMALS:
                place = self.places[name]
                if values[place] is not None:
                    values[place] = "%.2f" % (values[place] / 100)
        return values

    async def person(self, headers: dict[bytes, bytes]) -> Person:
        """Return who asks: from memory, or by a query and a minute of memory."""
        found = headers.get(b"cookie", b"").partition(b"mainstay_session=")[2].partition(b";")[0]
        if not found:
            raise Refused(401)
        digest = hashlib.sha256(found).hexdigest()
        known = self.people.get(digest)
        now = time.monotonic()
        if known and known[1] > now:
            return known[0]
        rows = await self.db.fetch(self.session_sql, digest)
        if not rows:
            raise Refused(401)
        grants: set[str] = set()
        for row in await self.db.fetch(self.grants_sql, rows[0][0]):
            grants.update(msgspec.json.decode(row[0]))
        person = Person(rows[0][0], rows[0][1], frozenset(grants))
        self.people[digest] = (person, now + 60)
        return person

    def may(self, person: Person, permission: str) -> None:
        """Refuse without the grant."""
        if permission not in person.grants:
            raise Refused(403)

    async def page(self, person: Person, query: dict[str, str]) -> bytes:
        """Answer a page of 50 tasks of one status with their assignees and projects."""
        self.may(person, "projects.*.read")
        args: list[Any] = [person.id, query["status"]]
        sql = self.first_sql
        if cursor := query.get("cursor"):
            sql, args = self.next_sql, [*args, int(cursor)]
        rows = await self.db.fetch(sql, *args)
        size = len(self.columns)
        items = []
        for row in rows[:50]:
            user = self.user(*row[size : size + 4]) if row[size] is not None else None
            items.append(self.row(*self.values(row), user, self.project(*row[size + 4 :])))
        following = str(rows[49][self.places["id"]]) if len(rows) > 50 else None
        return encode({"items": items, "next": following})

    def shown(self, row: Any) -> Any:
        """Return one whole task."""
        links = row[len(self.columns) :]
        if self.lite:
            links = [msgspec.Raw(text.encode()) for text in links]
        return self.full(*self.values(row), *links)

    async def one(self, person: Person, record: int) -> tuple[bytes, int]:
        """Answer one task."""
        self.may(person, "projects.*.read")
        rows = await self.db.fetch(self.one_sql, person.id, record)
        if not rows:
            raise Refused(404)
        task = self.shown(rows[0])
        return encode(task), task.version

    def fresh(self, person: Person, data: NewTask) -> dict[str, Any]:
        """Return a new task's columns."""
        now = datetime.now(UTC)
        stamp: Any = now.isoformat(timespec="microseconds")[:-6] + "Z" if self.lite else now
        due = data.due_date.isoformat() if self.lite and data.due_date else data.due_date
        values: dict[str, Any] = dict.fromkeys(self.columns)
        words = ("description", "note", "blocked_reason", "component", "target_version")
        values |= dict.fromkeys((*words, "environment", "acceptance_criteria"), "")
        counts = ("subtask_count", "subtask_done", "part_count", "part_units")
        values |= dict.fromkeys((*counts, "blocker_count", "waiter_count", "actual_hours"), 0)
        values["fixed_dates"] = 0 if self.lite else False
        return values | {
            "version": 1, "created_at": stamp, "updated_at": stamp, "created_by": person.id,
            "updated_by": person.id, "project_id": data.project_id, "title": data.title,
            "description": data.description, "type": "task", "status": "todo",
            "priority": RANKS[data.priority], "assignee_id": data.assignee_id,
            "reporter_id": person.id, "progress": 0.0, "due_date": due, "custom_fields": "{}",
        }  # fmt: skip

    def created_row(self, values: dict[str, Any]) -> Any:
        """Return the answer to a creation."""
        values = {**values, "priority": PRIORITIES[values["priority"]], "actual_hours": "0.00"}
        values["custom_fields"] = msgspec.Raw(b"{}")
        people = [values["assignee_id"]] if values["assignee_id"] else []
        return self.full(**values, assignees=people, labels=[], tags=[])

    def watchers(self, person: Person, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Return the watchers of a new task: who made it, and who leads it."""
        people = {values["assignee_id"] or person.id: "assigned"} | {person.id: "created"}
        stamp, task = values["created_at"], values["id"]
        return [(task, one, why, stamp, person.id) for one, why in people.items()]

    def log_values(self, person: Person, values: dict[str, Any]) -> list[Any]:
        """Return the log row of a creation."""
        after = {
            name: value for name, value in values.items()
            if value not in (None, "") and name not in ("id", "version", "created_at", "updated_at")
        }  # fmt: skip
        after["priority"] = PRIORITIES[values["priority"]]
        events = None
        if values["assignee_id"]:
            said = {
                "task_id": values["id"], "project_id": values["project_id"],
                "user_id": values["assignee_id"],
            }  # fmt: skip
            events = encode([{"name": "projects.TaskAssigned", "data": said}]).decode()
        return [
            values["created_at"], person.id, person.name, secrets.randbits(52), values["id"],
            "create", 1, None, encode(after).decode(), events,
        ]  # fmt: skip

    async def create(self, person: Person, body: bytes) -> tuple[bytes, int, int]:
        """Create a task with its code, its place, its assignee's link, counts and log row."""
        self.may(person, "projects.task.create")
        data = msgspec.json.decode(body, type=NewTask)
        values = self.fresh(person, data)
        if self.lite:
            await self.db.write(lambda raw: self.create_lite(raw, person, values))
        else:
            async with self.db.pool.acquire() as raw, raw.transaction():
                await self.create_post(raw, person, values)
        return encode(self.created_row(values)), values["id"], 1

    def create_lite(self, raw: Any, person: Person, values: dict[str, Any]) -> None:
        """Write a new task on SQLite."""
        project, assignee = values["project_id"], values["assignee_id"]
        found = raw.execute(self.role_sql, (person.id, project)).fetchone()
        settings = self.works(found)
        if assignee and not raw.execute(self.member_sql, (project, assignee)).fetchone():
            raise Refused(422)
        number = raw.execute(self.counter_sql, (f"projects.task:{project}",)).fetchone()[0]
        values["code"] = f"{settings['task_prefix']}-{number:03d}"
        last = raw.execute(self.last_sql, (project, "todo")).fetchone()[0]
        values["sort_order"] = (last or 0.0) + 1024.0
        args = [values[name] for name in self.insert_names]
        values["id"] = raw.execute(self.insert_sql, args).fetchone()[0]
        if assignee:
            raw.execute(self.link_sql, (values["id"], assignee))
        for watching in self.watchers(person, values):
            raw.execute(self.watch_sql, watching)
        raw.execute(self.counts_sql, (project,))
        raw.execute(self.log_sql, self.log_values(person, values))

    async def create_post(self, raw: Any, person: Person, values: dict[str, Any]) -> None:
        """Write a new task on PostgreSQL."""
        project, assignee = values["project_id"], values["assignee_id"]
        settings = self.works(await raw.fetchrow(self.role_sql, person.id, project))
        if assignee and not await raw.fetchval(self.member_sql, project, assignee):
            raise Refused(422)
        number = await raw.fetchval(self.counter_sql, f"projects.task:{project}")
        values["code"] = f"{settings['task_prefix']}-{number:03d}"
        last = await raw.fetchval(self.last_sql, project, "todo")
        values["sort_order"] = (last or 0.0) + 1024.0
        args = [values[name] for name in self.insert_names]
        values["id"] = await raw.fetchval(self.insert_sql, *args)
        if assignee:
            await raw.execute(self.link_sql, values["id"], assignee)
        for watching in self.watchers(person, values):
            await raw.execute(self.watch_sql, *watching)
        await raw.execute(self.counts_sql, project)
        await raw.execute(self.log_sql, *self.log_values(person, values))

    def works(self, found: Any) -> dict[str, Any]:
        """Refuse those who do not work in the project; return its settings."""
        if found is None or found[1] not in ("owner", "admin", "member"):
            raise Refused(403)
        settings: dict[str, Any] = msgspec.json.decode(found[0])
        return settings

    async def update(
        self, person: Person, record: int, body: bytes, known: bytes
    ) -> tuple[bytes, int]:
        """Change a task whose version the caller knows, with its log row."""
        self.may(person, "projects.task.update")
        data = msgspec.json.decode(body, type=Change)
        said = {
            name: value
            for name in Change.__struct_fields__
            if (value := getattr(data, name)) is not UNSET
        }
        version = int(known.strip(b'"'))
        if self.lite:
            task = await self.db.write(
                lambda raw: self.update_lite(raw, person, record, said, version)
            )
        else:
            async with self.db.pool.acquire() as raw, raw.transaction():
                task = await self.update_post(raw, person, record, said, version)
        return encode(task), task.version

    def changed(
        self, person: Person, row: Any, said: dict[str, Any], version: int
    ) -> tuple[Any, str, list[Any], list[Any]]:
        """Return the changed task, its statement with arguments, and its log row."""
        if row is None:
            raise Refused(404)
        task = self.shown(row)
        if task.version != version:
            raise Refused(409)
        now = datetime.now(UTC)
        stamp: Any = now.isoformat(timespec="microseconds")[:-6] + "Z" if self.lite else now
        before = {name: getattr(task, name) for name in said}
        for name, value in said.items():
            setattr(task, name, value)
        task.version, task.updated_at, task.updated_by = version + 1, stamp, person.id
        args = [task.id, version, stamp, person.id]
        sets = []
        for name, value in said.items():
            stored = RANKS[value] if name == "priority" else value
            stored = stored.isoformat() if self.lite and isinstance(stored, date) else stored
            args.append(stored)
            sets.append(f"{name} = ${len(args)}")
        sql = (
            "UPDATE projects_task SET version = version + 1, updated_at = $3, updated_by = $4, "
            f"{', '.join(sets)} WHERE id = $1 AND version = $2"
        )
        log = [
            stamp, person.id, person.name, secrets.randbits(52), task.id, "update", task.version,
            encode(before).decode(), encode(said).decode(), None,
        ]  # fmt: skip
        return task, self.sql(sql), args, log

    def update_lite(
        self, raw: Any, person: Person, record: int, said: dict[str, Any], version: int
    ) -> Any:
        """Write a change on SQLite."""
        row = raw.execute(self.one_sql, (person.id, record)).fetchone()
        task, sql, args, log = self.changed(person, row, said, version)
        self.works(raw.execute(self.role_sql, (person.id, task.project_id)).fetchone())
        raw.execute(sql, args)
        raw.execute(self.log_sql, log)
        return task

    async def update_post(
        self, raw: Any, person: Person, record: int, said: dict[str, Any], version: int
    ) -> Any:
        """Write a change on PostgreSQL."""
        row = await raw.fetchrow(self.one_sql + " FOR UPDATE OF t", person.id, record)
        task, sql, args, log = self.changed(person, row, said, version)
        self.works(await raw.fetchrow(self.role_sql, person.id, task.project_id))
        await raw.execute(sql, *args)
        await raw.execute(self.log_sql, *log)
        return task


Answer = tuple[int, bytes, list[tuple[bytes, bytes]]]
BASE = "/api/projects/tasks"


async def body_of(receive: Callable[[], Awaitable[Any]]) -> bytes:
    """Read a request's body."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def answer(tasks: Tasks, scope: Any, receive: Any) -> Answer:
    """Answer one request."""
    headers = dict(scope["headers"])
    method, path = scope["method"], scope["path"]
    if path == "/health":
        return 200, b'{"status":"ok"}', []
    person = await tasks.person(headers)
    if path == BASE and method == "GET":
        query = dict(parse_qsl(scope["query_string"].decode()))
        return 200, await tasks.page(person, query), []
    if path == BASE:
        body, record, _ = await tasks.create(person, await body_of(receive))
        return 201, body, [(b"location", f"{BASE}/{record}".encode()), (b"etag", b'"1"')]
    record = int(path.rpartition("/")[2])
    if method == "GET":
        body, version = await tasks.one(person, record)
    else:
        known = headers[b"if-match"]
        body, version = await tasks.update(person, record, await body_of(receive), known)
    return 200, body, [(b"etag", b'"%d"' % version)]


def app() -> Any:
    """Return the application on the database that BENCH_DATABASE names."""
    tasks = Tasks(os.environ["BENCH_DATABASE"])

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        """Speak ASGI."""
        if scope["type"] == "lifespan":
            await receive()
            await tasks.open()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        try:
            status, body, more = await answer(tasks, scope, receive)
        except Refused as refusal:
            status, body, more = refusal.status, b"{}", []
        except msgspec.ValidationError as error:
            status, body, more = 422, str(error).encode(), []
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            *more,
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return bare

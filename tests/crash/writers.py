"""People who write all the time, and the book they keep of what the server has acknowledged."""

import asyncio
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

TASKS = "/api/projects/tasks"


@dataclass
class Known:
    """A task as its only writer knows it; `wish` is a change that was sent but not answered."""

    id: int
    version: int
    title: str
    status: str = "todo"
    gone: bool = False
    wish: dict[str, Any] | None = None


@dataclass
class Post:
    """A creation or a verb that was sent, with the key under which it may be sent again."""

    path: str
    body: dict[str, Any]
    key: str
    writer: "Writer"
    task: Known | None = None


@dataclass
class Book:
    """What the server has acknowledged, and what it has left unanswered."""

    tasks: dict[int, Known] = field(default_factory=dict)
    unanswered: list[Post] = field(default_factory=list)
    bulks: dict[str, int] = field(default_factory=dict)
    titles: set[str] = field(default_factory=set)
    acknowledged: int = 0
    refused: list[str] = field(default_factory=list)


class Unanswered(Exception):
    """The server went away, or could not say what became of a request."""


class Writer:
    """One person at work; nobody else writes to the same tasks."""

    def __init__(self, book: Book, token: str, projects: list[int], seed: int) -> None:
        self.book, self.projects = book, projects
        self.random = random.Random(seed)
        self.headers = {"authorization": f"Bearer {token}"}
        self.mine: list[Known] = []

    def name(self) -> str:
        """Return a title that no other task has."""
        return uuid.UUID(int=self.random.getrandbits(128)).hex

    async def work(self, client: httpx.AsyncClient) -> None:
        """Write until the server goes away."""
        try:
            while True:
                await self.step(client)
        except Unanswered:
            return

    async def step(self, client: httpx.AsyncClient) -> None:
        """Write once, this or that."""
        live = [task for task in self.mine if not task.gone and task.wish is None]
        if len(live) < 5:
            await self.create(client)
            return
        chosen = self.random.choices(
            (self.create, self.bulk, self.update, self.turn, self.delete), (35, 8, 32, 18, 7)
        )[0]
        task = self.random.choice(live)
        await (chosen(client) if chosen in (self.create, self.bulk) else chosen(client, task))

    async def send(
        self, client: httpx.AsyncClient, method: str, path: str, body: Any, **headers: str
    ) -> Any:
        """Send a request; return its answer, or raise when none says what happened."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            answer = await client.request(method, path, json=body, headers={**self.headers, **more})
        except httpx.HTTPError as gone:
            raise Unanswered from gone
        if answer.status_code >= 500:
            if answer.status_code != 503:
                self.book.refused.append(f"{method} {path}: {answer.text}")
            raise Unanswered
        if answer.status_code >= 400:
            self.book.refused.append(f"{method} {path} {body}: {answer.text}")
            raise Unanswered
        self.book.acknowledged += 1
        return answer.json()

    def note(self, shown: dict[str, Any]) -> Known:
        """Write a new task into the book."""
        known = Known(shown["id"], shown["version"], shown["title"], shown["status"])
        self.book.tasks[known.id] = known
        self.mine.append(known)
        return known

    async def post(self, client: httpx.AsyncClient, post: Post) -> Any:
        """Post under a key; remember it when it stays unanswered."""
        try:
            return await self.send(client, "POST", post.path, post.body, idempotency_key=post.key)
        except Unanswered:
            if not self.book.refused:
                self.book.unanswered.append(post)
            raise

    async def create(self, client: httpx.AsyncClient) -> None:
        """Create a task."""
        title = self.name()
        self.book.titles.add(title)
        body = {"project_id": self.random.choice(self.projects), "title": title}
        self.note(await self.post(client, Post(TASKS, body, self.name(), self)))

    async def bulk(self, client: httpx.AsyncClient) -> None:
        """Create several tasks and change one in a single change set."""
        mark, count = self.name(), self.random.randint(3, 9)
        project = self.random.choice(self.projects)
        new = [{"project_id": project, "title": f"{mark} {n}"} for n in range(count)]
        self.book.bulks[mark] = count
        post = Post(f"{TASKS}/bulk", {"create": new}, self.name(), self)
        for shown in (await self.post(client, post))["items"]:
            self.note(shown)

    async def update(self, client: httpx.AsyncClient, task: Known) -> None:
        """Change a title, knowing the version."""
        title = f"{task.title[:32]} {self.random.randint(1, 999)}x"
        task.wish = {"title": title}
        path, known = f"{TASKS}/{task.id}", f'"{task.version}"'
        shown = await self.send(client, "PATCH", path, {"title": title}, if_match=known)
        task.version, task.title, task.wish = shown["version"], shown["title"], None

    async def turn(self, client: httpx.AsyncClient, task: Known) -> None:
        """Complete a task, or reopen it."""
        verb, status = ("reopen", "todo") if task.status == "done" else ("complete", "done")
        task.wish = {"status": status}
        post = Post(f"{TASKS}/{task.id}/{verb}", {}, self.name(), self, task)
        shown = await self.post(client, post)
        task.version, task.status, task.wish = shown["version"], shown["status"], None

    async def delete(self, client: httpx.AsyncClient, task: Known) -> None:
        """Put a task into the bin."""
        task.wish = {"gone": True}
        path, known = f"{TASKS}/{task.id}", f'"{task.version}"'
        shown = await self.send(client, "DELETE", path, None, if_match=known)
        task.version, task.gone, task.wish = shown["version"], True, None

    async def again(self, client: httpx.AsyncClient, post: Post) -> None:
        """Send an unanswered post once more, under the same key."""
        shown = await self.send(client, "POST", post.path, post.body, idempotency_key=post.key)
        if post.task is not None:
            task = post.task
            task.version, task.status, task.wish = shown["version"], shown["status"], None
        else:
            for one in shown.get("items") or [shown]:
                self.note(one)


async def all_at_work(writers: list[Writer], port: int, seconds: float) -> None:
    """Let everybody write for a while; it is the caller who ends it, by killing the server."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        work = [asyncio.create_task(writer.work(client)) for writer in writers]
        await asyncio.wait(work, timeout=seconds)

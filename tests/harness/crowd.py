"""A project with people of every kind around it, spoken to over HTTP, on each engine."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.api import me_of
from mainstay.modules.identity.entities import User
from tests.harness.samples import Samples

# who: their role in the workspace, and their part in the project (none: a stranger to it)
PEOPLE = {
    "admin": ("admin", ""),
    "lead": ("lead", "admin"),
    "ada": ("member", "member"),
    "ben": ("member", "member"),
    "eve": ("member", ""),
    "carl": ("client", "client"),
    "vera": ("viewer", "viewer"),
}


@dataclass
class Crowd:
    """The workspace, who is who, the project and a task in it."""

    ws: Workspace
    people: dict[str, Me]
    client: httpx.AsyncClient
    samples: Samples
    project: int
    task: int

    async def call(
        self, who: str, method: str, path: str, *, status: int = 0, **options: Any
    ) -> httpx.Response:
        """Send a request as one of the people and check the status."""
        headers = {**options.pop("headers", {})}
        if who:
            headers["authorization"] = f"Bearer {who}"
        answer = await self.client.request(method, path, headers=headers, **options)
        if status:
            said = f"{who} {method} {path}: {answer.status_code} {answer.text[:2000]}"
            assert answer.status_code == status, said
        return answer

    async def say(self, who: str, body: str, *, status: int = 201, **more: Any) -> dict[str, Any]:
        """Comment on the task."""
        data = {"entity": "projects.task", "record_id": self.task, "body": body, **more}
        answer = await self.call(who, "POST", "/api/comments/comments", json=data, status=status)
        found: dict[str, Any] = answer.json() | {"change": answer.headers.get("x-change-set")}
        return found

    async def attach(
        self, who: str, name: str, content: bytes, *, status: int = 201, **query: Any
    ) -> dict[str, Any]:
        """Attach a file to the task."""
        params = {"entity": "projects.task", "record_id": self.task, "name": name, **query}
        answer = await self.call(
            who, "POST", "/api/files/upload", params=params, content=content, status=status
        )
        found: dict[str, Any] = answer.json() | {"change": answer.headers.get("x-change-set")}
        return found

    async def refresh(self, who: str) -> None:
        """Let somebody's present rights count."""
        me = self.people[who]

        async def look(ctx: Context) -> Me:
            """Read them anew."""
            return await me_of(ctx, await ctx.get(User, me.id or 0))

        self.people[who] = await self.ws.run(SYSTEM, look)


async def person(samples: Samples, who: str, role: str) -> Me:
    """Create somebody with a role and return who they are."""
    registry = samples.ws.registry
    (found,) = (await samples.ws.page(SYSTEM, "identity.role", {"code": role})).items
    given = {"display_name": f"{who.title()} Example", "username": who, "email": f"{who}@x.example"}
    entity = await samples.record(registry.noun("identity.user"), roles=[found.id], **given)

    async def activate(ctx: Context) -> Me:
        """Let the person in, as an administrator would."""
        user = await ctx.get(User, entity.id)
        user.status = "active"
        return await me_of(ctx, user)

    return await samples.ws.run(SYSTEM, activate)


@pytest.fixture
async def crowd(workspace: Workspace) -> AsyncIterator[Crowd]:
    """A crowd around one task, on each engine."""
    samples = Samples(workspace)
    people = {who: await person(samples, who, role) for who, (role, _) in PEOPLE.items()}
    registry = workspace.registry
    project = await samples.record(registry.noun("projects.project"))
    member = registry.noun("projects.project_member")
    for who, (_, part) in PEOPLE.items():
        if part:
            data = {"project_id": project.id, "user_id": people[who].id, "role": part}
            await workspace.run(SYSTEM, lambda ctx, d=data: perform.create(ctx, member, d))
    task = await samples.record(
        registry.noun("projects.task"), project_id=project.id, title="Grease the capstan"
    )

    async def who(_: Workspace, __: str | None, bearer: str | None) -> Me | None:
        """Let a token be a name."""
        return people.get(bearer or "")

    app: Any = build(workspace, who, ROUTES, background=False, upload_limit=20_000_000)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mainstay.test") as client:
        yield Crowd(workspace, people, client, samples, project.id, task.id)

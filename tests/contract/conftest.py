"""One workspace an engine for all contracts, with people of every kind in it."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.kernel.context import Context
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.api import me_of
from mainstay.modules.identity.entities import User
from tests.harness.samples import Samples
from tests.harness.workspaces import ENGINES, opened, prepare


@dataclass
class Stage:
    """A workspace, its web application, and the people who use it."""

    ws: Workspace
    people: dict[str, Me]
    client: httpx.AsyncClient
    samples: Samples

    async def call(
        self, who: str, method: str, path: str, *, status: int = 0, **options: Any
    ) -> httpx.Response:
        """Send a request as one of the people and check the status."""
        headers = {"authorization": f"Bearer {who}", **options.pop("headers", {})}
        if who == "anonymous":
            headers.pop("authorization")
        answer = await self.client.request(method, path, headers=headers, **options)
        if status:
            assert answer.status_code == status, f"{method} {path}: {answer.text[:2000]}"
        return answer


@pytest.fixture(scope="package", params=ENGINES)
async def stage(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    house: Registry,
    sqlite_template: Path,
) -> AsyncIterator[Stage]:
    """A stage on each engine, shared by all contracts."""
    folder = tmp_path_factory.mktemp("stage")
    if request.param == "sqlite":
        shutil.copy(sqlite_template, folder / "a.db")
        url = f"sqlite:///{folder / 'a.db'}"
    else:
        postgres = request.getfixturevalue("postgres")
        template = await postgres.template("seeded", lambda at: prepare(at, house))
        url = await postgres.create_database(f"stage_{folder.name}_{id(folder)}", template=template)
    ws = opened(url, house, folder)
    await ws.open()
    samples = Samples(ws)
    people = {name: await person(samples, role) for name, role in PEOPLE.items()}

    async def who(_: Workspace, __: str | None, bearer: str | None) -> Me | None:
        """Let a token be a name."""
        return people.get(bearer or "")

    app: Any = build(ws, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mainstay.test") as client:
        yield Stage(ws, people, client, samples)
    await ws.close()


PEOPLE = {"admin": "admin", "member": "member", "other": "member", "viewer": "viewer"}


async def person(samples: Samples, role: str) -> Me:
    """Create a person with a role and return who they are."""
    registry = samples.ws.registry
    noun, roles = registry.noun("identity.user"), registry.noun("identity.role")
    page = await samples.ws.page(SYSTEM, roles.key, {"code": role})
    (found,) = page.items
    entity = await samples.record(noun, roles=[found.id])

    async def activate(ctx: Context) -> Me:
        """Let the person in, as an administrator would."""
        user = await ctx.get(User, entity.id)
        user.status = "active"
        return await me_of(ctx, user)

    return await samples.ws.run(SYSTEM, activate)

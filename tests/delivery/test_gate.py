"""What every request meets: headers, forgery, size, who asks, and what the log says of it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE, csrf_token, unmasked
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity import api
from mainstay.modules.identity.entities import User
from tests.harness.samples import Samples

HEADERS = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "x-frame-options",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "x-request-id",
    "cache-control",
)


@pytest.fixture
def engine_name() -> str:
    """The gate does not depend on the engine."""
    return "sqlite"


@pytest.fixture
async def admin(workspace: Workspace) -> Me:
    """An administrator."""
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    return Me(id=user.id, name="Admin", grants=frozenset({"*"}))


@pytest.fixture
async def client(workspace: Workspace, admin: Me) -> AsyncIterator[httpx.AsyncClient]:
    """A client; the session `good` and the token `key` belong to an administrator."""

    async def who(_: Workspace, session: str | None, bearer: str | None) -> Me | None:
        return admin if session in ("good", "fresh") or bearer == "key" else None

    async def rotate(_: Workspace, session: str) -> str | None:
        return "fresh" if session == "good" else None

    app: Any = build(
        workspace, who, ROUTES, rotate=rotate, background=False, body_limit=5000, upload_limit=9000
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mainstay.test") as client:
        yield client


COOKIES = {"cookie": f"{COOKIE}=good"}
SKILLS = "/api/identity/skills"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in",
        "/no/such/page",
        "/health",
        "/ready",
        "/metrics",
        "/api",
        "/api/x/y/1/2/3",
        SKILLS,
        "/api/openapi.json",
        "/api/reference",
        "/static/app.css",
        "/static/none.css",
        "/problems/stale-version",
    ],
)
async def test_every_answer_has_every_header(client: httpx.AsyncClient, path: str) -> None:
    for headers in ({}, COOKIES, {"authorization": "Bearer key"}):
        answer = await client.get(path, headers=headers)
        assert answer.status_code < 500
        assert not [name for name in HEADERS if name not in answer.headers]


async def test_https_answers_ask_to_stay_with_https(client: httpx.AsyncClient) -> None:
    assert "strict-transport-security" in (await client.get("https://mainstay.test/health")).headers
    assert "strict-transport-security" not in (await client.get("/health")).headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({}, 403),
        ({"x-csrf-token": "wrong"}, 403),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"origin": "http://mainstay.test"}, 201),
        ({"x-csrf-token": csrf_token("good")}, 201),
    ],
)
async def test_forged_requests_are_refused(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await client.post(SKILLS, json={"name": "Sailing"}, headers=COOKIES | headers)
    assert answer.status_code == status, answer.text


async def test_people_are_refused_with_a_page(client: httpx.AsyncClient) -> None:
    foreign = {"origin": "http://evil.test"}
    answer = await client.post("/sign-in", data={"login": "x"}, headers=foreign)
    assert answer.status_code == 403
    assert "<h1" in answer.text
    assert not [name for name in HEADERS if name not in answer.headers]
    large = await client.post("/sign-in", content=b"x" * 6000)
    assert large.status_code == 413
    assert "<h1" in large.text


async def test_a_defect_before_any_handler_is_a_document_with_headers(
    workspace: Workspace,
) -> None:
    async def who(*_: object) -> Me | None:
        raise RuntimeError("broken")

    app: Any = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mainstay.test") as client:
        answer = await client.get(SKILLS, headers={"authorization": "Bearer x"})
    assert answer.status_code == 500
    assert answer.json()["type"] == "/problems/internal-error"
    assert "broken" not in answer.text
    assert not [name for name in HEADERS if name not in answer.headers]


async def test_a_program_with_a_token_needs_no_csrf_token(client: httpx.AsyncClient) -> None:
    head = {"authorization": "Bearer key"}
    assert (await client.post(SKILLS, json={"name": "Tying"}, headers=head)).status_code == 201


async def test_oversized_bodies_are_refused(client: httpx.AsyncClient) -> None:
    head = {"authorization": "Bearer key"}
    told = await client.post(SKILLS, content=b"x" * 6000, headers=head)
    assert told.status_code == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    untold = await client.post(SKILLS, content=pieces(), headers=head)
    assert untold.status_code == 413


async def test_an_old_session_gets_a_new_token_on_a_page(client: httpx.AsyncClient) -> None:
    page = await client.get("/", headers=COOKIES)
    assert page.headers["set-cookie"].startswith(f"{COOKIE}=fresh; Path=/; HttpOnly; SameSite=Lax")
    token = page.text.split('name="csrf" content="')[1].split('"')[0]
    assert unmasked(token) == csrf_token("fresh")
    assert "set-cookie" not in (await client.get("/api", headers=COOKIES)).headers


async def test_the_log_names_no_token(client: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        await client.get("/welcome/very-secret-token?also=secret", headers=COOKIES)
        await client.get(f"{SKILLS}?q=private", headers=COOKIES)
    said = str(lines)
    assert "very-secret-token" not in said
    assert "private" not in said
    assert "good" not in said


async def test_a_secret_answer_is_not_kept_for_replay(
    workspace: Workspace, client: httpx.AsyncClient
) -> None:
    head = {"authorization": "Bearer key", "idempotency-key": "once"}
    body = {"name": "Script", "permissions": ["identity.skill.read"]}
    first = await client.post("/api/identity/tokens/issue", json=body, headers=head)
    assert first.status_code == 200, first.text
    token = first.json()["token"]
    assert token
    again = await client.post("/api/identity/tokens/issue", json=body, headers=head)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["token"] == ""
    assert again.json()["id"] == first.json()["id"]

    async def everything(ctx: Context) -> str:
        tables = ctx.registry.metadata.tables
        found = [await ctx.rows(tables[name].select()) for name in ("kernel_reply", "kernel_log")]
        return str([tuple(row) for rows in found for row in rows])

    assert token not in await workspace.look(SYSTEM, everything)


async def test_real_people_sign_in_and_are_cut_off(workspace: Workspace) -> None:
    one = await api.create_user(workspace, "ann@example.com", password="harbour wall 42")
    app: Any = build(workspace, api.who, ROUTES, rotate=api.rotated, background=False)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mainstay.test") as client:
        wrong = {"email": "ann@example.com", "password": "nope nope nope"}
        assert (await client.post("/api/auth/login", json=wrong)).status_code == 401
        right = {"email": "ann@example.com", "password": "harbour wall 42"}
        answer = await client.post("/api/auth/login", json=right)
        assert answer.status_code in (200, 201), answer.text
        head = {"authorization": f"Bearer {answer.json()['token']}"}
        client.cookies.clear()
        assert (await client.get("/api/auth/me", headers=head)).status_code == 200

        async def deactivate(ctx: Context) -> None:
            (await ctx.get(User, one)).status = "inactive"

        await workspace.hub.start()
        await workspace.run(SYSTEM, deactivate)
        await workspace.hub.pump()
        assert (await client.get("/api/auth/me", headers=head)).status_code == 401


async def test_head_answers_as_get_without_a_body(client: httpx.AsyncClient) -> None:
    for path in ("/health", SKILLS, "/"):
        got = await client.get(path, headers=COOKIES)
        head = await client.head(path, headers=COOKIES)
        assert head.status_code == got.status_code
        assert head.content == b""


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/projects/ask/project_overview?project_id=99999999999999999999", 422),
        ("/api/projects/ask/my_work?x=1", 400),
        ("/api/projects/tasks/\u0663", 404),
        ("/api/projects/tasks/99999999999999999999", 404),
        ("/api/projects/tasks/0", 404),
        ("/api/projects/tasks?count=maybe", 400),
        ("/api/projects/tasks?due_date__isnull=maybe", 400),
        ("/api/projects/tasks?story_points=1e999", 400),
        ("/api/projects/tasks?id=99999999999999999999", 400),
        ("/api/projects/tasks?q=%00", 400),
        ("/api/projects/nothing", 404),
    ],
)
async def test_strange_addresses_get_a_clear_refusal(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await client.get(path, headers={"authorization": "Bearer key"})
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


async def test_strange_changes_get_a_clear_refusal(client: httpx.AsyncClient) -> None:
    head = {"authorization": "Bearer key"}
    for change in ("99999999999999999999", "1", "x"):
        answer = await client.post(f"/api/changes/{change}/undo", headers=head)
        assert answer.status_code == 404
    bad = {"update": [{"id": True, "name": "x"}]}
    assert (await client.post(f"{SKILLS}/bulk", json=bad, headers=head)).status_code == 422

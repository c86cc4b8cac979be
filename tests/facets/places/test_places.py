"""Favourites and recent records are one's own, in order, bounded, and never more than is seen."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mainstay.facets.places import api
from mainstay.kernel import perform
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.problems import Duplicate, Invalid, NotFound
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.grants import EVERYBODY
from tests.harness.samples import Samples
from tests.harness.workspaces import opened

GRANTS = frozenset(grant for grant in EVERYBODY if grant.startswith("places."))
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
async def ada(workspace: Workspace) -> Me:
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    return Me(id=user.id, name="Ada", grants=GRANTS | {"projects.*"})


@pytest.fixture
async def bob(workspace: Workspace) -> Me:
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    return Me(id=user.id, name="Bob", grants=GRANTS)


async def keep(ws: Workspace, me: Me, path: str, title: str = "A page") -> int:
    noun = ws.registry.noun("places.favourite")
    made = await ws.run(me, lambda ctx: perform.create(ctx, noun, {"path": path, "title": title}))
    return made.id


async def paths(ws: Workspace, me: Me) -> list[str]:
    return [place.href for place in await ws.look(me, api.favourites)]


async def test_favourites_are_ones_own_and_stand_in_their_order(
    workspace: Workspace, ada: Me, bob: Me
) -> None:
    noun = workspace.registry.noun("places.favourite")
    first = await keep(workspace, ada, "/projects/tasks?status=todo")
    await keep(workspace, ada, "/projects/projects/1", "Bridge")
    await keep(workspace, bob, "/projects/tasks?status=todo")
    assert await paths(workspace, ada) == ["/projects/tasks?status=todo", "/projects/projects/1"]
    assert await paths(workspace, bob) == ["/projects/tasks?status=todo"]
    with pytest.raises(Duplicate):
        await keep(workspace, ada, "/projects/projects/1")
    await workspace.run(ada, lambda ctx: perform.update(ctx, noun, first, {"sort_order": 9e9}))
    assert await paths(workspace, ada) == ["/projects/projects/1", "/projects/tasks?status=todo"]
    with pytest.raises(NotFound):
        await workspace.run(bob, lambda ctx: perform.update(ctx, noun, first, {"title": "Mine"}))
    with pytest.raises(NotFound):
        await workspace.run(bob, lambda ctx: perform.delete(ctx, noun, first))
    await workspace.run(ada, lambda ctx: perform.delete(ctx, noun, first))
    assert await keep(workspace, ada, "/projects/tasks?status=todo")


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/\\evil", "", "x"])
async def test_a_favourite_never_leads_to_another_site(
    workspace: Workspace, ada: Me, path: str
) -> None:
    with pytest.raises(Invalid):
        await keep(workspace, ada, path)


async def test_favourites_have_a_limit_that_says_so(
    workspace: Workspace, ada: Me, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mainstay.facets.places.actions.MOST", 2)
    await keep(workspace, ada, "/1")
    await keep(workspace, ada, "/2")
    with pytest.raises(Invalid, match="remove one first"):
        await keep(workspace, ada, "/3")


async def test_what_was_opened_is_kept_newest_first_and_leaves_no_history(
    database_url: str, house: Registry, tmp_path: Path
) -> None:
    clock = FixedClock(NOON)
    ws = opened(database_url, house, tmp_path, clock=clock)
    await ws.open()
    samples = Samples(ws)
    user = await samples.record(ws.registry.noun("identity.user"))
    ada = Me(id=user.id, name="Ada", grants=GRANTS | {"projects.*"})
    tasks = [await samples.record(ws.registry.noun("projects.task")) for _ in range(4)]
    before = await ws.engine.read(ws.log.head)
    for task in (*tasks, tasks[0]):
        await ws.run(ada, lambda ctx, task=task: api.seen(ctx, "projects.task", task.id))
        clock.advance(timedelta(seconds=5))
    shown = await ws.look(ada, api.recent)
    assert [place.id for place in shown] == [tasks[0].id, tasks[3].id, tasks[2].id, tasks[1].id]
    assert await ws.engine.read(ws.log.head) == before
    noun = ws.registry.noun("projects.task")
    await ws.run(SYSTEM, lambda ctx: perform.delete(ctx, noun, tasks[3].id))
    shown = await ws.look(ada, api.recent)
    assert tasks[3].id not in [place.id for place in shown]
    blind = Me(id=ada.id, name="Ada", grants=GRANTS)
    assert await ws.look(blind, api.recent) == []
    await ws.close()


async def test_only_fifty_are_kept_and_the_oldest_is_forgotten(
    workspace: Workspace, ada: Me, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "KEPT", 3)
    samples = Samples(workspace)
    noun = workspace.registry.noun("projects.label")
    labels = [(await samples.record(noun)).id for _ in range(5)]
    for label in labels:
        await workspace.run(ada, lambda ctx, one=label: api.seen(ctx, noun.key, one))
    page = await workspace.page(ada, "places.recent", {"limit": 100})
    assert sorted(row.record_id for row in page.items) == labels[2:]


async def test_what_may_not_be_seen_cannot_be_marked_as_opened(
    workspace: Workspace, bob: Me, ada: Me
) -> None:
    task = await Samples(workspace).record(workspace.registry.noun("projects.task"))
    with pytest.raises(Invalid):
        await workspace.run(bob, lambda ctx: api.seen(ctx, "projects.task", task.id))
    with pytest.raises(Invalid):
        await workspace.run(ada, lambda ctx: api.seen(ctx, "no.such", 1))
    narrow = Me(id=bob.id, grants=GRANTS | {"projects.task.read"})
    with pytest.raises(NotFound):
        await workspace.run(narrow, lambda ctx: api.seen(ctx, "projects.task", task.id))


async def test_a_visit_begins_after_a_while_away(
    database_url: str, house: Registry, tmp_path: Path
) -> None:
    clock = FixedClock(NOON)
    ws = opened(database_url, house, tmp_path, clock=clock)
    await ws.open()
    user = await Samples(ws).record(ws.registry.noun("identity.user"))
    ada = Me(id=user.id, name="Ada", grants=GRANTS)
    assert await ws.look(ada, api.since) is None
    await ws.run(ada, api.visited)
    assert await ws.look(ada, api.since) is None
    clock.advance(timedelta(minutes=10))
    await ws.run(ada, api.visited)
    assert await ws.look(ada, api.since) is None
    clock.advance(timedelta(hours=14))
    left = NOON + timedelta(minutes=10)
    assert await ws.look(ada, api.since) == left
    await ws.run(ada, api.visited)
    clock.advance(timedelta(minutes=5))
    assert await ws.look(ada, api.since) == left
    await ws.close()

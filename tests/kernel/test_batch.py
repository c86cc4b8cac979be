"""Many records in one unit of work: written in sets, and as safe as one by one."""

from typing import Any

import pytest

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Invalid, Stale
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.entities import Skill
from tests.harness.samples import Samples


async def skills(ws: Workspace, count: int, start: str) -> list[Skill]:
    made = [Skill(name=f"{start} {n}") for n in range(count)]
    await ws.run(SYSTEM, lambda ctx: ctx.create_many(made))
    return made


async def bulk(ws: Workspace, **wanted: Any) -> list[Any]:
    noun = ws.registry.noun(Skill)
    return await ws.run(SYSTEM, lambda ctx: perform.bulk(ctx, noun, perform.Bulk(**wanted)))


async def named(ws: Workspace, made: list[Skill]) -> list[tuple[str, int]]:
    noun = ws.registry.noun(Skill)

    async def read(ctx: Context) -> list[tuple[str, int]]:
        found = await ctx.load_all(noun, [one.id for one in made], deleted="with")
        return [(one.name, one.version) for one in found.values()]  # type: ignore[attr-defined]

    return await ws.run(SYSTEM, read)


def noting(plain: Any, seen: list[str]) -> Any:
    """Return a way to run statements that notes them."""

    async def noted(connection: Any, sql: str, *args: Any) -> Any:
        seen.append(sql)
        return await plain(connection, sql, *args)

    return noted


async def test_the_same_columns_are_written_at_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    for kind in (SqliteConnection, PostgresConnection):
        for name in ("fetch", "run", "many"):
            monkeypatch.setattr(kind, name, noting(getattr(kind, name), seen))
    costs = []
    for count in (10, 80):
        made = await skills(workspace, count, f"Of {count}")
        seen.clear()
        await bulk(
            workspace,
            update=[
                {"id": one.id, "name": f"New {count} {n}"} | ({"category": "soft"} if n % 2 else {})
                for n, one in enumerate(made)
            ],
        )
        await bulk(workspace, delete=[one.id for one in made[:5]])
        costs.append(len(seen))
        assert await named(workspace, made) == [
            (f"New {count} {n}", 3 if n < 5 else 2) for n in range(count)
        ]
    assert costs[0] == costs[1], costs


async def test_refusals_are_those_of_each_record(workspace: Workspace) -> None:
    one, two, three, four = await skills(workspace, 4, "Skill")
    await bulk(workspace, delete=[four.id])
    with pytest.raises(Invalid) as refusal:
        await bulk(
            workspace,
            update=[
                {"id": one.id, "name": "Fine"},
                {"id": two.id, "name": ""},
                {"id": 10**9, "name": "Nobody"},
                {"id": four.id, "name": "Binned"},
                {"id": three.id, "name": "Stale", "version": 7},
                {"id": True, "name": "No id"},
                {"id": 2**70, "name": "Too far"},
            ],
            delete=[two.id, two.id],
        )
    said = {error.field: error.message for error in refusal.value.errors}
    assert set(said) == {
        "update[1].name",
        "update[2]",
        "update[3]",
        "update[4]",
        "update[5].id",
        "update[6]",
        "delete[1]",
    }
    gone = "There is no skill {}, or you may not see it."
    assert said["update[2]"] == gone.format(10**9)
    assert said["update[3]"] == gone.format(four.id)
    assert said["delete[1]"] == gone.format(two.id)
    assert "is at version 1 now, you sent 7" in said["update[4]"]
    assert await named(workspace, [one, two, three]) == [
        ("Skill 0", 1),
        ("Skill 1", 1),
        ("Skill 2", 1),
    ]


async def test_no_engine_keeps_text_that_the_other_cannot(workspace: Workspace) -> None:
    """Whoever writes: one or many, new or changed, by a verb's input or by a room's own code."""
    (old,) = await skills(workspace, 1, "Old")
    noun, bad = workspace.registry.noun(Skill), "a\x00b"

    async def rename(ctx: Context) -> None:
        (await ctx.get(Skill, old.id)).name = bad

    for work in (
        lambda ctx: ctx.create(Skill(name=bad)),
        lambda ctx: ctx.create_many([Skill(name="Good"), Skill(name=bad)]),
        lambda ctx: perform.create(ctx, noun, {"name": bad}),
        rename,
    ):
        with pytest.raises(Invalid) as refused:
            await workspace.run(SYSTEM, work)
        assert [(e.field, e.message) for e in refused.value.errors] == [
            ("name", "must not contain the NUL character")
        ]
    assert await named(workspace, [old]) == [("Old 0", 1)]


async def test_a_record_that_is_named_twice_is_changed_twice(workspace: Workspace) -> None:
    made = await skills(workspace, 2, "Skill")
    first, other = made
    await bulk(
        workspace,
        update=[
            {"id": first.id, "name": "A", "version": 1},
            {"id": other.id, "name": "B"},
            {"id": first.id, "name": "C", "version": 2},
        ],
    )
    assert await named(workspace, made) == [("C", 3), ("B", 2)]


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    workspace: Workspace,
) -> None:
    if workspace.engine.name == "sqlite":
        pytest.skip("on SQLite nobody else writes while a unit of work runs")
    made = await skills(workspace, 3, "Skill")
    noun = workspace.registry.noun(Skill)

    async def work(ctx: Context) -> None:
        found = await ctx.all(Skill, id__in=[one.id for one in made], sort="id")
        await workspace.run(
            SYSTEM, lambda other: perform.update(other, noun, made[1].id, {"name": "Theirs"})
        )
        for one in found:
            one.name = f"Mine {one.id}"

    with pytest.raises(Stale, match="changed by somebody else"):
        await workspace.run(SYSTEM, work)
    assert await named(workspace, made) == [("Skill 0", 1), ("Theirs", 2), ("Skill 2", 1)]


async def test_what_is_undone_in_one_go_was_done_in_one(workspace: Workspace) -> None:
    made = await skills(workspace, 30, "Skill")
    noun = workspace.registry.noun(Skill)
    wanted = perform.Bulk(update=[{"id": one.id, "name": f"X{one.id}"} for one in made])

    async def unit(ctx: Context) -> int:
        await perform.bulk(ctx, noun, wanted)
        return ctx.change_set

    change_set = await workspace.run(SYSTEM, unit)
    entries = await workspace.engine.read(
        lambda connection: workspace.log.history(connection, noun, made[3].id)
    )
    assert [(entry.verb, entry.change_set) for entry in entries][:1] == [("update", change_set)]
    assert entries[0].before == {"name": "Skill 3"}
    await workspace.undo(SYSTEM, change_set)
    assert [name for name, _ in await named(workspace, made)] == [f"Skill {n}" for n in range(30)]


async def test_references_are_looked_up_once_and_refused_by_name(workspace: Workspace) -> None:
    person = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    noun = workspace.registry.noun("identity.team")
    rows: list[dict[str, Any]] = [{"name": f"Team {n}", "manager_id": person.id} for n in range(3)]
    rows[1]["manager_id"] = 10**9
    with pytest.raises(Invalid) as refusal:
        await workspace.run(SYSTEM, lambda ctx: perform.bulk(ctx, noun, perform.Bulk(create=rows)))
    assert [error.field for error in refusal.value.errors] == ["create[1].manager_id"]

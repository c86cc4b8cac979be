"""Two people at once: no lost update, no doubled number, no doubled reply."""

import asyncio

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Stale
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples

SKILL = "identity.skill"


async def test_no_update_is_lost(workspace: Workspace) -> None:
    """Eight writers add one a hundred times each, with the version that they have read."""
    noun = workspace.registry.noun(SKILL)
    record = await workspace.run(
        SYSTEM, lambda ctx: perform.create(ctx, noun, {"name": "Counter", "description": "0"})
    )

    async def add_one() -> None:
        while True:
            row = await workspace.one(SYSTEM, noun.key, record.id)
            data = {"description": str(int(row.description) + 1), "version": row.version}
            try:
                await workspace.run(
                    SYSTEM, lambda ctx, sent=data: perform.update(ctx, noun, record.id, sent)
                )
            except Stale:
                continue
            return

    async def writer() -> None:
        for _ in range(100):
            await add_one()

    await asyncio.gather(*(writer() for _ in range(8)))
    row = await workspace.one(SYSTEM, noun.key, record.id)
    assert row.description == "800"
    assert row.version == 801


async def test_no_entry_of_a_list_is_lost(workspace: Workspace) -> None:
    """Thirty units each add one entry to the same list, in whatever order they get its lock."""
    samples, noun = Samples(workspace), workspace.registry.noun("identity.user")
    person = await samples.record(noun, units=[])
    unit_noun = workspace.registry.noun("identity.organisation_unit")
    units = [await samples.record(unit_noun) for _ in range(30)]

    async def join(unit: int) -> None:
        async def work(ctx: Context) -> None:
            found = await ctx.load(noun, person.id, anywhere=True)
            found.units = [*found.units, unit]  # type: ignore[attr-defined]

        await workspace.run(SYSTEM, work)

    await asyncio.gather(*(join(one.id) for one in units))
    kept = await workspace.run(SYSTEM, lambda ctx: ctx.load(noun, person.id, anywhere=True))
    assert sorted(kept.units) == sorted(one.id for one in units)  # type: ignore[attr-defined]


async def test_counters_have_no_gap_and_no_double(workspace: Workspace) -> None:
    numbers = await asyncio.gather(
        *(workspace.run(SYSTEM, lambda ctx: ctx.next_number("test")) for _ in range(100))
    )
    assert sorted(numbers) == list(range(1, 101))


async def test_a_rolled_back_unit_gives_its_number_back(workspace: Workspace) -> None:
    await workspace.run(SYSTEM, lambda ctx: ctx.next_number("test"), dry=True)
    assert await workspace.run(SYSTEM, lambda ctx: ctx.next_number("test")) == 1


async def test_one_idempotency_key_makes_one_record_under_fire(workspace: Workspace) -> None:
    noun = workspace.registry.noun(SKILL)

    async def work(ctx: Context) -> tuple[int, bytes]:
        made = await perform.create(ctx, noun, {"name": "Once"})
        return 201, str(made.id).encode()

    answers = await asyncio.gather(
        *(workspace.once(SYSTEM, "same", "request", work) for _ in range(50))
    )
    assert len({answer[1] for answer in answers}) == 1
    assert sum(not answer[2] for answer in answers) == 1
    page = await workspace.page(SYSTEM, noun.key, {"name": "Once"})
    assert len(page.items) == 1


async def test_a_refused_unit_does_not_harm_those_it_shares_a_commit_with(
    workspace: Workspace,
) -> None:
    noun = workspace.registry.noun(SKILL)

    async def create(name: str) -> bool:
        try:
            await workspace.run(SYSTEM, lambda ctx: perform.create(ctx, noun, {"name": name}))
        except Exception:  # noqa: BLE001 - whatever refuses it
            return False
        return True

    names = [f"Name {n % 20}" for n in range(60)]
    done = await asyncio.gather(*(create(name) for name in names))
    assert sum(done) == 20

"""How milestones stand, explained, with as many queries for a hundred as for one."""

import pytest

from mainstay.kernel.problems import NotFound
from mainstay.modules.milestones.questions import overviews
from mainstay.modules.milestones.views import milestone_panel


async def test_health_is_explained_factor_by_factor(stage):
    one = await stage.milestone(due_date="2026-11-16", budget="200", actual_cost="250")
    await stage.act(one, "start")
    about = {"milestone_id": one.id}
    first = await stage.make("milestone_condition", **about, title="A", weight=0.4)
    await stage.make("milestone_condition", **about, title="B", weight=0.6, due_date="2026-11-17")
    await stage.act(first, "complete")
    await stage.make("milestone_approval", **about, approver_id=stage.me("cli").id)
    found = await stage.ask("milestone_overview", "cli", milestone_id=one.id)
    # 1 - 0.3 * (0.8 - 0.4) - 0.25 - 0.2 * 0.25 - 0.15 * 1/2 - 0.1 * 1/1 = 0.405
    assert found.health == pytest.approx(0.405)
    assert found.health_band == "At Risk"
    assert {f.name: f.effect for f in found.factors} == {
        "progress": -0.12,
        "schedule": -0.25,
        "budget": -0.05,
        "conditions": -0.075,
        "approvals": -0.1,
    }
    assert [f.why for f in found.factors] == [
        "40 % done; below 80 % it counts.",
        "2 days overdue.",
        "25 % over budget.",
        "1 of 2 conditions open and late.",
        "1 of 1 approvals pending.",
    ]
    assert (found.completion_percent, found.required_open, found.overdue) == (40.0, 1, True)
    with pytest.raises(NotFound):
        await stage.ask("milestone_overview", "sam", milestone_id=one.id)


async def test_queries_do_not_grow_with_milestones_or_conditions(stage, monkeypatch):
    one = await stage.milestone()
    ws, me = stage.ws, stage.me("ann")

    async def counted(count):
        """Return how many queries the overview of all, and the page of one, take."""
        asked = []

        async def work(ctx):
            kind = type(ctx.connection)
            inner = kind.fetch

            async def fetch(self, *args, **more):
                asked.append(args[0])
                return await inner(self, *args, **more)

            monkeypatch.setattr(kind, "fetch", fetch)
            noun = stage.noun("milestone")
            ask = ctx.ask(noun, {"limit": 200, "sort": "id"})
            found, _ = await ctx.reader.entities(ctx.connection, noun, ask, me)
            assert len(await overviews(ctx, found)) == count
            await milestone_panel(ctx, found[0])
            monkeypatch.undo()

        await ws.look(me, work)
        return len(asked)

    first = await counted(1)
    for number in range(6):
        other = await stage.milestone(f"M{number}")
        for place in (one, other):
            await stage.make(
                "milestone_condition",
                milestone_id=place.id,
                title="C",
                assigned_to=stage.me("bob").id,
            )
    # One more query, for the names of people: there were none on the page before.
    assert await counted(7) <= first + 1

"""Arranging a template: order, parts and places follow every gesture, and undo follows back."""

import pytest

from mainstay.kernel.problems import Conflict, Invalid
from mainstay.modules.templates.questions import PreviewAsk, preview
from mainstay.modules.templates.views import editor_panel

ROOT = "templates.project_template"


class Bench:
    """A project template with two milestones and the gestures of its editor."""

    def __init__(self, shop, root, milestones, tasks):
        self.shop, self.root, self.milestones, self.tasks = shop, root, milestones, tasks

    def at(self, milestone):
        return {"within": "milestone", "within_id": self.milestones[milestone].id, "kind": "task"}

    async def put(self, milestone, name, **more):
        made = await self.shop.act(ROOT, "put", **self.at(milestone), name=name, **more)
        (self.tasks[name],) = await self.shop.all("task_template", id=made.template_id)

    async def shift(self, milestone, name, **more):
        values = {"template_id": self.tasks[name].id, **self.at(milestone), **more}
        await self.shop.act(ROOT, "shift", **values)

    async def tree(self):
        """Return the lines of the editor: how deep, and their names."""
        given = await self.shop.ws.look(self.shop.lead, lambda ctx: editor_panel(ctx, self.root))
        found = []

        def walk(rows):
            for row in rows:
                found.append(f"{'·' * (row.level - 1)}{row.template.name}")
                walk(row.rows)

        walk(given["rows"])
        return " ".join(found)


@pytest.fixture
async def bench(shop):
    root = await shop.create("project_template", name="P")
    milestones = {name: await shop.create("milestone_template", name=name) for name in "MN"}
    for one in milestones.values():
        await shop.into(root, one)
    found = Bench(shop, root, milestones, {})
    for name in "abc":
        await found.put("M", name)
    return found


async def test_parts_are_added_first_behind_another_or_at_the_end(bench):
    await bench.put("M", "d", after_id=0)
    await bench.put("M", "e", after_id=bench.tasks["a"].id)
    assert await bench.tree() == "M ·d ·a ·e ·b ·c N"
    await bench.shop.ws.undo(bench.shop.lead, bench.shop.change_set)
    assert await bench.tree() == "M ·d ·a ·b ·c N"
    with pytest.raises(Invalid, match="name is required"):
        await bench.put("M", "  ")
    with pytest.raises(Invalid, match="cannot stand in a milestone"):
        await bench.shop.act(ROOT, "put", **{**bench.at("M"), "kind": "step"}, name="x")
    with pytest.raises(Invalid, match="at most 500"):
        await bench.put("M", "x" * 500 + "y")


async def test_a_part_moves_up_into_another_task_and_out_again(bench):
    await bench.shift("M", "c", before_id=bench.tasks["b"].id)
    assert await bench.tree() == "M ·a ·c ·b N"
    await bench.shift("M", "c", parent_id=bench.tasks["a"].id)
    await bench.shift("M", "b", parent_id=bench.tasks["c"].id)
    assert await bench.tree() == "M ·a ··c ···b N"
    with pytest.raises(Conflict, match="in a circle"):
        await bench.shift("M", "a", parent_id=bench.tasks["b"].id)
    with pytest.raises(Invalid, match="another task of the same place"):
        await bench.shift("M", "a", parent_id=bench.tasks["a"].id)
    # Into another milestone its parts come along.
    await bench.shift("M", "c", to="milestone", to_id=bench.milestones["N"].id)
    assert await bench.tree() == "M ·a N ·c ··b"
    await bench.shop.ws.undo(bench.shop.lead, bench.shop.change_set)
    assert await bench.tree() == "M ·a ··c ···b N"
    await bench.shift("M", "c")
    assert await bench.tree() == "M ·a ·c ··b N"
    await bench.shift("M", "c", to="project", to_id=bench.root.id)
    assert await bench.tree() == "M ·a N c ·b"


async def test_what_is_taken_out_stays_in_the_library(bench):
    out = {**bench.at("M"), "template_id": bench.tasks["b"].id}
    await bench.shop.act(ROOT, "take_out", **out)
    assert await bench.tree() == "M ·a ·c N"
    assert len(await bench.shop.all("task_template", name="b")) == 1
    with pytest.raises(Invalid, match="does not stand there"):
        await bench.shop.act(ROOT, "take_out", **out)
    await bench.put("N", "d", parent_id=None)
    await bench.shop.act(
        ROOT, "put", **bench.at("N"), template_id=bench.tasks["a"].id
    )  # the same template in a second place
    assert await bench.tree() == "M ·a ·c N ·d ·a"


async def test_waits_are_set_among_those_that_were_offered(bench):
    ids = {name: task.id for name, task in bench.tasks.items()}
    offer = {"template_id": ids["c"], "among": [ids["a"], ids["b"]]}
    await bench.shop.act(ROOT, "set_waits", **offer, depends_on=[ids["a"], ids["b"]])
    await bench.shop.act(ROOT, "set_waits", **offer, depends_on=[ids["b"]])
    links = await bench.shop.all("task_template_dependency")
    assert [link.depends_on_id for link in links] == [ids["b"]]
    with pytest.raises(Invalid, match="other tasks"):
        await bench.shop.act(ROOT, "set_waits", **offer, depends_on=[ids["c"]])
    with pytest.raises(Invalid, match="not there"):
        await bench.shop.act(ROOT, "set_waits", **offer, depends_on=[99_999])
    with pytest.raises(Conflict, match="in a circle"):
        await bench.shop.act(
            ROOT, "set_waits", template_id=ids["b"], among=[ids["c"]], depends_on=[ids["c"]]
        )


async def test_the_preview_says_what_would_be_made_and_when(bench):
    a, b = bench.tasks["a"], bench.tasks["b"]
    await bench.shop.update(a, duration_days=3, expected_hours="20", task_quantity=2)
    await bench.shop.update(b, duration_days=1)
    await bench.shop.act(ROOT, "set_waits", template_id=b.id, among=[a.id], depends_on=[a.id])
    ask = PreviewAsk(template_id=bench.root.id, start_date=None)
    told = await bench.shop.ws.look(bench.shop.lead, lambda ctx: preview(ctx, ask))
    assert (told.task_count, told.hours, told.drafts) == (4, 40, 3)
    names = [(p.kind, p.name, p.copy) for p in told.parts]
    assert names[:4] == [
        ("milestone", "M", 1),
        ("task", "a", 1),
        ("task", "a", 2),
        ("task", "b", 1),
    ]
    days = {p.name: (p.first_day, p.last_day) for p in told.parts}
    assert days["b"][0] > days["a"][1]

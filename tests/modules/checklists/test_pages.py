"""What people see of it: on the task's page, and on a page of their own."""

import re

import pytest

from mainstay.modules.checklists import api
from mainstay.modules.checklists.api import Guide, guides_of, tell_guides


async def page(bench, who, path, status=200):
    answer = await bench.crowd.call(who, "GET", path, status=status)
    return answer.text


async def test_the_tasks_page_shows_it_and_lets_only_workers_tick(bench):
    made, (one, two) = await bench.checklist("Lock <b>it</b>", "Measure", mode="sequential")
    step = await bench.create("ada", "step", task_id=bench.task, name="Dig")
    await bench.act("ben", step, "start_clock")
    shown = f"/projects/tasks/{bench.task}"
    text = await page(bench, "ada", shown)
    assert "Lock &lt;b&gt;it&lt;/b&gt;" in text
    assert f'data-tick-on="/api/checklists/items/{one.id}/complete"' in text
    second = re.search(rf'<input[^>]*items-{two.id}"[^>]*>', text)
    assert second is not None
    assert 'aria-disabled="true"' in second[0]
    assert "Ben Example is working on it" in text
    assert f'id="checklist-{made.id}"' in text
    for name in ("checklists.step", "checklists.checklist_item", "checklists.task_result"):
        assert name in re.search(r'data-live="([^"]*)"', text)[1]
    for who in ("vera", "carl"):
        text = await page(bench, who, shown)
        assert "Measure" in text
        ticks = re.findall(r"<input[^>]*data-tick-on[^>]*>", text)
        assert len(ticks) == 3
        assert all(" disabled" in tick for tick in ticks)
        assert "start_clock" not in text
        assert 'data-add="/api/checklists' not in text
        # Who may not see people does not learn their names here either.
        assert ("Ben Example" in text) == (who == "vera")
    await page(bench, "eve", shown, status=404)


async def test_my_checklists_teach_list_and_offer_what_waits(bench):
    assert "Nothing to tick off" in await page(bench, "ada", "/my-checklists")
    ada = bench.people["ada"].id
    _, (item,) = await bench.checklist(
        "Torque", assignee_id=ada, due_date="2026-11-16", needs_validation=True
    )
    text = await page(bench, "ada", "/my-checklists")
    assert "Torque" in text
    assert "2 days late" in text
    await bench.act("ada", item, "complete")
    assert "Torque" not in await page(bench, "ada", "/my-checklists")
    assert "Torque" in await page(bench, "ada", "/my-checklists?show=done")
    assert "Torque" in await page(bench, "ben", "/my-checklists?show=validate")
    assert "Torque" not in await page(bench, "ada", "/my-checklists?show=validate")
    assert "/my-checklists" in await page(bench, "ada", "/")


async def test_a_room_with_guides_hangs_them_in(bench, monkeypatch):
    monkeypatch.setattr(api, "_sources", [])
    _, (one, two) = await bench.checklist("Lock", "Measure")

    @tell_guides
    async def source(ctx, items):
        return {items[0]: [Guide("How to lock", "/guides/1")]}

    found = await bench.run("ada", lambda ctx: guides_of(ctx, [one.id, two.id]))
    assert found == {one.id: [Guide("How to lock", "/guides/1")]}
    assert 'href="/guides/1"' in await page(bench, "ada", f"/projects/tasks/{bench.task}")


@pytest.mark.parametrize("path", ["/my-checklists", "/request-inbox"])
async def test_these_pages_are_for_those_who_signed_in(bench, path):
    answer = await bench.crowd.call("", "GET", path)
    assert answer.status_code in (303, 401)

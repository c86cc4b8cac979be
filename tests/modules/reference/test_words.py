"""The words a company plans with: what there is from the start, and what stays while it is used."""

import pytest

from mainstay.kernel.problems import Conflict, Denied, Duplicate, Invalid
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.reference.seed import seed
from tests.modules.templates.conftest import WORK


async def test_every_workspace_begins_with_frequencies_and_words(shop):
    found = await shop.all("reference.frequency", sort="days_num")
    assert [(one.name, one.days_num) for one in found] == [
        ("Daily", 1),
        ("Weekly", 7),
        ("Every two weeks", 14),
        ("Monthly", 30),
        ("Quarterly", 91),
        ("Yearly", 365),
    ]
    terms = len(await shop.all("reference.term"))
    await shop.update(found[0], name="Every day")
    await shop.delete(found[1])
    await shop.ws.run(SYSTEM, seed)
    # What somebody has binned stays away; what was renamed is there beside the usual one.
    assert len(await shop.all("reference.term")) == terms
    assert "Weekly" not in [one.name for one in await shop.all("reference.frequency")]


async def test_what_is_used_is_not_deleted_and_says_where(shop):
    action, _thing = await shop.terms()
    tasks = [await shop.task(f"T{n}") for n in range(2)]
    step = await shop.create("step_template", name="S", action_id=action)
    (term,) = await shop.all("reference.term", id=action)
    with pytest.raises(
        Conflict, match=r"“Install” is in use \(Task templates: 2, Step templates: 1"
    ):
        await shop.delete(term)
    for used in (*tasks, step):
        await shop.delete(used)
    await shop.delete(term)
    assert not await shop.all("reference.term", id=action)
    with pytest.raises(Invalid, match="action_id"):
        await shop.create("task_template", name="T", is_draft=True, action_id=action)


async def test_every_kind_of_word_is_kept_while_something_names_it(shop):
    tool = await shop.create("reference.tool", name="Drill")
    placement = await shop.create("reference.placement", name="Shelf", tool_id=tool.id)
    frequency = await shop.create("reference.frequency", name="Hourly", days_num=1)
    await shop.create("checklist_item", name="I", placement_id=placement.id)
    await shop.task("T", frequency_id=frequency.id)
    for word in (tool, placement, frequency):
        with pytest.raises(Conflict, match="is in use"):
            await shop.delete(word)


async def test_words_are_there_once_and_only_leads_change_them(shop):
    with pytest.raises(Duplicate):
        await shop.create("reference.term", kind="action", name="Install")
    await shop.create("reference.term", kind="object", name="Install")
    with pytest.raises(Invalid, match="days_num"):
        await shop.create("reference.frequency", name="Never", days_num=0)
    wim = await shop.person("Wim", (*WORK, "reference.*.read"))
    with pytest.raises(Denied):
        await shop.create("reference.tool", wim, name="Saw")


async def test_units_belong_to_none_of_their_own_parts(shop):
    key = "identity.organisation_unit"
    top, middle, low = [await shop.create(key, SYSTEM, name=name) for name in "ABC"]
    await shop.update(middle, SYSTEM, parent_id=top.id)
    await shop.update(low, SYSTEM, parent_id=middle.id)
    for other in (top, middle, low):
        with pytest.raises(Invalid, match="must not be the unit itself or a part of it"):
            await shop.update(top, SYSTEM, parent_id=other.id)
    await shop.update(low, SYSTEM, parent_id=top.id)

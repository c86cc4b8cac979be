"""The page of a milestone: what it says is missing, and that it offers only what can be done."""

import httpx
import pytest

from mainstay.app import ROUTES
from mainstay.delivery.asgi import build


@pytest.fixture
async def pages(stage):
    """Read pages as one of the people."""

    async def who(_ws, _session, bearer):
        return stage.people.get(bearer or "")

    app = build(stage.ws, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mainstay.test") as client:

        async def read(name: str, path: str) -> str:
            answer = await client.get(path, headers={"authorization": f"Bearer {name}"})
            assert answer.status_code == 200, answer.text[:500]
            return answer.text

        yield read


async def test_the_page_says_what_is_missing_and_who_is_asked(stage, pages):
    one = await stage.milestone(owner_id=stage.me("bob").id)
    about = {"milestone_id": one.id}
    tight = await stage.make("milestone_condition", **about, title="It is <tight>")
    asked = await stage.make("milestone_approval", **about, approver_id=stage.me("cli").id)
    await stage.make("deliverable", **about, name="Drawings")
    await stage.make("success_metric", **about, name="Litres", target=5)
    await stage.make("milestone_communication", **about, subject="Rain is coming")
    path = f"/milestones/milestones/{one.id}"
    lead, work, client = [await pages(name, path) for name in ("ann", "bob", "cli")]
    for page in (lead, work, client):
        assert "It is &lt;tight&gt;" in page
        assert "2 things are missing for completion" in page
        assert "Health is 90 of 100: Excellent" in page
    complete = f"/api/milestones/conditions/{tight.id}/complete"
    assert complete in lead
    assert complete in work
    assert complete not in client
    # Waiving is for leads; answering for the person who was asked, not for the lead.
    waive = f"/milestones/conditions/{tight.id}/do/waive"
    assert (waive in lead, waive in work) == (True, False)
    approve = f"/api/milestones/approvals/{asked.id}/approve"
    assert (approve in lead, approve in client) == (False, True)
    assert "Your approval" in client
    assert "The approval of Cli Example" in lead
    await stage.act(tight, "complete")
    await stage.act(asked, "approve", "cli")
    assert "The milestone can be completed" in await pages("ann", path)


async def test_a_verb_asked_for_on_another_page_comes_back_to_it(stage, pages):
    one = await stage.milestone()
    tight = await stage.make("milestone_condition", milestone_id=one.id, title="It is tight")
    path = f"/milestones/conditions/{tight.id}/do/waive"
    assert f"{path}?next=%2Fmilestones%2Fmilestones%2F{one.id}" in await pages(
        "ann", f"{path}?next=/milestones/milestones/{one.id}"
    )
    assert "evil" not in await pages("ann", f"{path}?next=//evil.example/x")

"""What a lead's pages of time say: billing, and nothing of what people cost."""

import pytest

from tests.harness.crowd import Crowd, crowd

__all__ = ["crowd"]

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
WAGE = "66.13"


async def test_pages_of_leads_say_nothing_of_wages(crowd: Crowd) -> None:
    entry = {"project_id": crowd.project, "date": "2026-11-16", "hours": "1"}
    told = {**entry, "hourly_rate": "95.00", "cost_rate": WAGE}
    await crowd.call("admin", "POST", "/api/projects/time_entries", json=told, status=201)
    made = await crowd.call("ada", "POST", "/api/projects/time_entries", json=entry, status=201)
    done = {"hand_in": {"week": "2026-11-16"}}
    for verb, body in done.items():
        await crowd.call("ada", "POST", f"/api/timesheets/timesheets/{verb}", json=body, status=200)
    project = f"/projects/projects/{crowd.project}"
    span = "first=2026-11-01&last=2026-11-30"
    for path in (
        "/time?week=2026-11-16",
        "/time/approvals",
        f"/time/reports?{span}",
        f"/time/reports/export?{span}",
        "/time/estimates",
        project,
        f"{project}/profitability",
        f"/projects/time_entries/{made.json()['id']}",
    ):
        page = await crowd.call("lead", "GET", path, status=200)
        assert WAGE not in page.text, path
        whole = await crowd.call("admin", "GET", path, status=200)
        if path in (f"{project}/profitability", f"/time/reports/export?{span}"):
            assert WAGE in whole.text, path
    report = await crowd.call("lead", "GET", f"/time/reports?{span}", status=200)
    assert 'aria-label="Download as CSV"' in report.text
    waiting = await crowd.call("lead", "GET", "/time/approvals", status=200)
    assert 'data-version="' in waiting.text

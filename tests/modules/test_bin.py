"""What comes back from the bin is as it was: with what it held, and for whoever put it there."""

import pytest

from tests.harness.crowd import Crowd, crowd

__all__ = ["crowd"]

HOLDERS = {
    "/api/milestones/milestones": ({"name": "Roof", "due_date": "2027-01-15"}, "milestone_id"),
    "/api/projects/goals": ({"title": "Dry feet"}, "goal_id"),
    "/api/projects/tasks": ({"title": "Roof"}, "parent_id"),
}


@pytest.mark.parametrize("path", HOLDERS)
async def test_what_it_held_points_to_it_again_unless_it_points_elsewhere(
    crowd: Crowd, path: str
) -> None:
    given, field = HOLDERS[path]
    tasks = "/api/projects/tasks"
    both = [
        (
            await crowd.call(
                "lead", "POST", path, json=given | {"project_id": crowd.project}, status=201
            )
        ).json()["id"]
        for _ in range(2)
    ]
    held = [
        (
            await crowd.call(
                "lead",
                "POST",
                tasks,
                json={"title": f"Tile {n}", "project_id": crowd.project, field: both[0]},
                status=201,
            )
        ).json()["id"]
        for n in range(3)
    ]
    await crowd.call("lead", "DELETE", f"{path}/{both[0]}", status=200)
    await crowd.call("lead", "PATCH", f"{tasks}/{held[2]}", json={field: both[1]}, status=200)
    await crowd.call("lead", "POST", f"{path}/{both[0]}/restore", status=200)
    now = [(await crowd.call("lead", "GET", f"{tasks}/{one}", status=200)).json() for one in held]
    assert [one[field] for one in now] == [both[0], both[0], both[1]]


async def test_who_bins_a_project_restores_it_or_takes_that_back(crowd: Crowd) -> None:
    path = f"/api/projects/projects/{crowd.project}"
    await crowd.call("lead", "DELETE", path, status=200)
    await crowd.call("eve", "POST", f"{path}/restore", status=403)
    await crowd.call("lead", "POST", f"{path}/restore", status=200)
    await crowd.call("ada", "GET", path, status=200)
    gone = await crowd.call("lead", "DELETE", path, status=200)
    change = gone.headers["x-change-set"]
    await crowd.call("lead", "POST", f"/api/changes/{change}/undo", status=200)
    await crowd.call("ada", "GET", f"/api/projects/tasks/{crowd.task}", status=200)

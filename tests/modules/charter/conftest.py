"""A crowd around one project, which may have goals, services, risks and documents."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.harness.crowd import Crowd, crowd

# For what has no SQL of its own: one engine is enough.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])


@dataclass
class Charter:
    """The crowd's project, with short words for what tests do all the time."""

    crowd: Crowd

    @property
    def project(self) -> int:
        return self.crowd.project

    def id(self, who: str) -> int:
        return self.crowd.people[who].id or 0

    async def add(self, noun: str, who: str = "ada", *, code: int = 201, **data: Any) -> Any:
        data = {"project_id": self.project, **data}
        answer = await self.crowd.call(who, "POST", f"/api/projects/{noun}", json=data, status=code)
        return answer.json() | {"change": answer.headers.get("x-change-set")}

    async def edit(self, noun: str, number: int, who: str = "ada", *, code: int = 200, **data):
        path = f"/api/projects/{noun}/{number}"
        return (await self.crowd.call(who, "PATCH", path, json=data, status=code)).json()

    async def get(self, noun: str, number: int, who: str = "ada", *, code: int = 200) -> Any:
        path = f"/api/projects/{noun}/{number}"
        return (await self.crowd.call(who, "GET", path, status=code)).json()

    async def act(self, noun: str, number: int, verb: str, who="ada", *, code=200, **data) -> Any:
        path = f"/api/projects/{noun}/{number}/{verb}"
        answer = await self.crowd.call(who, "POST", path, json=data, status=code)
        return answer.json() | {"change": answer.headers.get("x-change-set")}

    async def undo(self, change: str, who: str = "ada", *, code: int = 200) -> None:
        await self.crowd.call(who, "POST", f"/api/changes/{change}/undo", status=code)

    async def ask(self, room: str, name: str, who: str = "ada", *, code: int = 200, **asked: Any):
        path = f"/api/{room}/ask/{name}"
        return (await self.crowd.call(who, "GET", path, params=asked, status=code)).json()

    async def page(self, path: str, who: str = "ada", *, code: int = 200) -> str:
        headers = {"accept": "text/html"}
        return (await self.crowd.call(who, "GET", path, headers=headers, status=code)).text

    async def another(self) -> int:
        """Return a project of the lead that nobody else belongs to."""
        data = {"name": "Elsewhere"}
        made = await self.crowd.call("lead", "POST", "/api/projects/projects", json=data)
        return int(made.json()["id"])


@pytest.fixture
def charter(crowd: Crowd) -> Charter:
    """The crowd's project."""
    return Charter(crowd)


__all__ = ["crowd"]

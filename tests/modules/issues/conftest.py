"""A crowd around one project which has issues, with short words for what tests do all the time."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.harness.crowd import Crowd, crowd

# For what has no SQL of its own: one engine is enough.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])


@dataclass
class Issues:
    """The crowd's project and its issues."""

    crowd: Crowd

    @property
    def project(self) -> int:
        return self.crowd.project

    def id(self, who: str) -> int:
        return self.crowd.people[who].id or 0

    async def call(self, who: str, method: str, path: str, code: int, **data: Any) -> Any:
        answer = await self.crowd.call(who, method, f"/api/{path}", status=code, **data)
        found = answer.json() if answer.content else {}
        if not isinstance(found, dict):
            return found
        return found | {"change": answer.headers.get("x-change-set")}

    async def add(self, title: str, who: str = "ada", *, code: int = 201, **data: Any) -> Any:
        if "code_" in data:
            data["code"] = data.pop("code_")
        data = {"project_id": self.project, "title": title, **data}
        return await self.call(who, "POST", "issues/issues", code, json=data)

    async def edit(self, number: int, who: str = "ada", *, code: int = 200, **data: Any) -> Any:
        return await self.call(who, "PATCH", f"issues/issues/{number}", code, json=data)

    async def get(self, number: int, who: str = "ada", *, code: int = 200) -> Any:
        return await self.call(who, "GET", f"issues/issues/{number}", code)

    async def act(self, number: int, verb: str, who="ada", *, code: int = 200, **data: Any) -> Any:
        return await self.call(who, "POST", f"issues/issues/{number}/{verb}", code, json=data)

    async def link(self, one: int, kind: str, other: int, who="ada", *, code: int = 201) -> Any:
        data = {"issue_id": one, "linked_id": other, "type": kind}
        return await self.call(who, "POST", "issues/links", code, json=data)

    async def undo(self, change: str, who: str = "ada", *, code: int = 200) -> Any:
        return await self.call(who, "POST", f"changes/{change}/undo", code, json={})

    async def ask(self, name: str, who: str = "ada", *, code: int = 200, **asked: Any) -> Any:
        return await self.call(who, "GET", f"issues/ask/{name}", code, params=asked)

    async def page(self, path: str, who: str = "ada", *, code: int = 200) -> str:
        headers = {"accept": "text/html"}
        return (await self.crowd.call(who, "GET", path, headers=headers, status=code)).text

    async def another(self, **settings: Any) -> int:
        """Return a project of the lead that nobody else belongs to."""
        data = {"name": "Elsewhere", "settings": settings}
        return int((await self.call("lead", "POST", "projects/projects", 201, json=data))["id"])


@pytest.fixture
def issues(crowd: Crowd) -> Issues:
    """The crowd's project."""
    return Issues(crowd)


__all__ = ["crowd"]

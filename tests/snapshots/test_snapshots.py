"""What must not change unnoticed: the API, permissions, events and the number of queries.

`MAINSTAY_SNAPSHOTS=write pytest tests/snapshots` writes them anew; read the diff.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstay.app import registry
from mainstay.delivery.openapi import document
from mainstay.kernel import perform
from mainstay.kernel.entity import Event
from mainstay.kernel.registry import event_name
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.storage.postgres import PostgresConnection
from mainstay.kernel.storage.sqlite import SqliteConnection
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples

FOLDER = Path(__file__).parent
WRITE = os.getenv("MAINSTAY_SNAPSHOTS") == "write"


def compare(name: str, lines: list[str]) -> None:
    """Compare with the snapshot, or write it."""
    path, text = FOLDER / f"{name}.txt", "\n".join(lines) + "\n"
    if WRITE:
        path.write_text(text, "utf-8")
    known = path.read_text("utf-8") if path.exists() else ""
    assert text == known, f"{name} changed; if that is meant: MAINSTAY_SNAPSHOTS=write"


def test_api() -> None:
    api = document(registry())
    lines = []
    for path, methods in sorted(api["paths"].items()):
        for method, operation in sorted(methods.items()):
            lines.append(
                f"{method.upper()} {path} {named(operation.get('requestBody'))}"
                f"-> {named(next(iter(operation['responses'].values())))}"
            )
    for name, schema in sorted(api["components"]["schemas"].items()):
        required = set(schema.get("required", ()))
        for part, kind in sorted(schema.get("properties", {}).items()):
            lines.append(f"{name}.{part}{'*' if part in required else ''}: {brief(kind)}")
    compare("api", lines)


def named(body: dict[str, Any] | None) -> str:
    if not body:
        return ""
    return "".join(f"{brief(part['schema'])} " for part in body.get("content", {}).values())


def brief(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(brief(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " / ".join(str(value) for value in schema["enum"])
    if "prefixItems" in schema:
        return f"({', '.join(brief(part) for part in schema['prefixItems'])})"
    if schema.get("type") == "array":
        return f"[{brief(schema.get('items', {}))}]"
    if schema.get("type") == "object" and "items" in schema.get("properties", {}):
        return f"page of {brief(schema['properties']['items'])}"
    return str(schema.get("format") or schema.get("type") or "any")


def test_permissions() -> None:
    compare("permissions", list(registry().permissions))


def test_events() -> None:
    def kinds(kind: type[Event]) -> Iterator[type[Event]]:
        for child in kind.__subclasses__():
            yield child
            yield from kinds(child)

    registry()
    lines = {
        f"{event_name(kind)}: {', '.join(kind.__struct_fields__)}"
        for kind in kinds(Event)
        if kind.__module__.startswith("mainstay.modules.")
        and not kind.__module__.endswith(".example")
    }
    compare("events", sorted(lines))


def test_tables() -> None:
    lines = [
        f"{table.name}.{column.name}{'?' if column.nullable else ''}"
        for table in registry().metadata.sorted_tables
        for column in table.columns
    ]
    compare("tables", sorted(lines))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that runs."""
    seen: list[str] = []

    def spy(kind: type, name: str) -> None:
        plain = getattr(kind, name)

        async def wrapped(self: Any, sql: str, *args: Any) -> Any:
            seen.append(sql)
            return await plain(self, sql, *args)

        monkeypatch.setattr(kind, name, wrapped)

    for kind in (SqliteConnection, PostgresConnection):
        for name in ("fetch", "run", "many"):
            spy(kind, name)
    return seen


async def test_query_counts(workspace: Workspace, counted: list[str]) -> None:
    samples, lines = Samples(workspace), []
    for key, noun in sorted(workspace.registry.nouns.items()):
        counts: dict[str, int] = {}

        async def measure(what: str, work: Any, into: dict[str, int] = counts) -> Any:
            await work()
            counted.clear()
            result = await work()
            into[what] = len(counted)
            return result

        refs = ",".join([*noun.refs, *noun.links])
        asked = {"include": refs} if refs else {}
        await measure("list", lambda k=key, a=asked: workspace.page(SYSTEM, k, a))
        await measure("list+count", lambda k=key: workspace.page(SYSTEM, k, {"count": "true"}))
        if "create" in noun.resource.verbs:
            inputs = [await samples.data(noun) for _ in range(2)]

            async def create(n: Any = noun, i: Any = inputs) -> Any:
                return await workspace.run(SYSTEM, lambda ctx: perform.create(ctx, n, i.pop()))

            made = await measure("create", create)
            await measure("get", lambda k=key, m=made: workspace.one(SYSTEM, k, m.id))
            if "delete" in noun.resource.verbs and "restore" in noun.resource.verbs:
                await workspace.run(
                    SYSTEM, lambda ctx, n=noun, m=made: perform.delete(ctx, n, m.id)
                )
                counted.clear()
                await workspace.run(
                    SYSTEM, lambda ctx, n=noun, m=made: perform.restore(ctx, n, m.id)
                )
                counts["restore"] = len(counted)
        lines.append(f"{key}: {', '.join(f'{k} {v}' for k, v in counts.items())}")
    compare(f"queries-{workspace.engine.name}", lines)

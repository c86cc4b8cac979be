"""Custom fields are filtered, sorted and summed up as real ones are, on both engines."""

import itertools
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mainstay.facets.custom_fields.entities import CustomField
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Malformed
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.entities import Task
from tests.facets.custom_fields.conftest import drop, make

SEVERITIES = ["Minor", "Major", "Critical"]


@pytest.fixture
async def tasks(workspace: Workspace, fields: dict[str, CustomField], project: Any) -> list[Any]:
    """Forty tasks with gaps, ties, negative money and lists of every length."""

    async def work(ctx: Context) -> list[Any]:
        found = []
        for n in range(40):
            values = {
                "severity": SEVERITIES[n * 7 % 3] if n % 4 else None,
                "score": n * 3 % 11 - 5.5 if n % 3 else None,
                "cost": f"{n * 37 % 200 - 100}.{n % 100:02}" if n % 5 else None,
                "go_live": date(2026, 11, 20 + n % 11).isoformat() if n % 7 else None,
                "areas": ["UI", "API", "R&D"][n % 3 : n % 4],
                "seen": bool(n % 2) if n % 6 else None,
                "note": f"n{n * 11 % 13:02}" if n % 2 else None,
            }
            data = {"title": f"T{n}", "project_id": project.id, "custom_fields": values}
            found.append(await perform.create(ctx, ctx.registry.noun(Task), data))
        return found

    return await workspace.run(SYSTEM, work)


def val(task: Any, name: str) -> Any:
    """Return a value as Python compares it."""
    value = task.custom_fields.get(name)
    if value is not None and name == "severity":
        return SEVERITIES.index(value)
    return Decimal(value) if value is not None and name == "cost" else value


Case = tuple[str, str, Callable[[Any], bool]]


def compared(name: str, text: str, limit: Any) -> list[Case]:
    """Return every comparison of one field with one value."""
    there: dict[str, Callable[[Any], bool]] = {
        "": lambda v: v == limit,
        "lt": lambda v: v < limit,
        "lte": lambda v: v <= limit,
        "gt": lambda v: v > limit,
        "gte": lambda v: v >= limit,
        "in": lambda v: v == limit,
    }
    found: list[Case] = []
    for op, meets in there.items():

        def met(task: Any, meets: Any = meets) -> bool:
            value = val(task, name)
            return value is not None and meets(value)

        found.append((f"cf.{name}__{op}".removesuffix("__"), text, met))
    found.append((f"cf.{name}__ne", text, lambda t: val(t, name) != limit))
    found.append((f"cf.{name}__isnull", "true", lambda t: val(t, name) is None))
    return found


CASES: list[Case] = [
    *compared("severity", "Major", 1),
    *compared("score", "-2.5", -2.5),
    *compared("cost", "-63.01", Decimal("-63.01")),
    *compared("go_live", "2026-11-24", "2026-11-24"),
    *compared("note", "n07", "n07"),
    ("cf.severity", "Minor,Critical", lambda t: val(t, "severity") in (0, 2)),
    ("cf.severity__ne", "Minor,Critical", lambda t: val(t, "severity") not in (0, 2)),
    ("cf.areas", "API", lambda t: "API" in (val(t, "areas") or [])),
    ("cf.areas", "UI,R&D", lambda t: bool({"UI", "R&D"} & {*(val(t, "areas") or [])})),
    ("cf.areas__isnull", "true", lambda t: not val(t, "areas")),
    ("cf.areas__isnull", "false", lambda t: bool(val(t, "areas"))),
    ("cf.seen", "true", lambda t: val(t, "seen") is True),
    ("cf.seen__ne", "true", lambda t: val(t, "seen") is not True),
    ("cf.note__contains", "N1", lambda t: "n1" in (val(t, "note") or "")),
    (
        "any",
        "cf.severity=Major|cf.score__lt=0;cf.seen=true",
        lambda t: (
            val(t, "severity") == 1
            or (val(t, "score") is not None and val(t, "score") < 0 and val(t, "seen") is True)
        ),
    ),
]


async def test_filters_agree_with_python(workspace: Workspace, tasks: list[Any]) -> None:
    for name, value, keep in CASES:
        page = await workspace.page(SYSTEM, Task, {name: value, "sort": "id", "limit": "100"})
        assert [row.id for row in page.items] == [t.id for t in tasks if keep(t)], (name, value)


SORTS = ["severity", "score", "cost", "go_live", "note", "seen"]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.lists(st.sampled_from(SORTS), unique=True, min_size=1, max_size=2),
    down=st.lists(st.booleans(), min_size=2, max_size=2),
    limit=st.integers(1, 13),
)
async def test_pages_in_any_order_give_each_record_once_and_sorted(
    workspace: Workspace, tasks: list[Any], order: list[str], down: list[bool], limit: int
) -> None:
    sort = ",".join(f"-cf.{n}" if d else f"cf.{n}" for n, d in zip(order, down, strict=False))
    found, cursor = [], ""
    while True:
        asked = {"sort": sort, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        page = await workspace.page(SYSTEM, Task, asked)
        found += [row.id for row in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert sorted(found) == [task.id for task in tasks]
    by_id = {task.id: task for task in tasks}
    values = [val(by_id[one], order[0]) for one in found]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=down[0])
    assert values[len(known) :] == [None] * (len(values) - len(known))


async def test_summaries_agree_with_python(workspace: Workspace, tasks: list[Any]) -> None:
    found = await workspace.summary(SYSTEM, Task, by="cf.severity", measure="sum:cf.cost,count")
    assert [row.key[0] for row in found.rows] == [*SEVERITIES, None]
    for row in found.rows:
        place = None if row.key[0] is None else SEVERITIES.index(row.key[0])
        own = [task for task in tasks if val(task, "severity") == place]
        costs = [val(task, "cost") for task in own if val(task, "cost") is not None]
        assert row.values == [sum(costs, Decimal(0)), len(own)]
    listed = await workspace.summary(SYSTEM, Task, by="cf.areas")
    counts = {row.key[0]: row.values[0] for row in listed.rows}
    every = list(itertools.chain.from_iterable(val(t, "areas") or [None] for t in tasks))
    assert counts == {one: every.count(one) for one in set(every)}
    weeks = await workspace.summary(SYSTEM, Task, by="cf.go_live:week")
    assert {row.key[0] for row in weeks.rows} == {"2026-11-16", "2026-11-23", "2026-11-30", None}


async def test_values_of_an_earlier_field_of_another_kind_are_no_trouble(
    workspace: Workspace, fields: dict[str, CustomField], tasks: list[Any]
) -> None:
    for one in list(fields.values()):
        await drop(workspace, one)
    kinds = {
        "severity": "number",
        "score": "date",
        "note": "money",
        "go_live": "checkbox",
        "cost": "person",
        "seen": "multi_choice",
        "areas": "choice",
    }
    for name, kind in kinds.items():
        options = [{"value": "x"}] if kind.endswith("choice") else []
        await make(
            workspace,
            CustomField,
            entity="projects.task",
            label=name,
            name=name,
            kind=kind,
            options=options,
        )
    for name, kind in kinds.items():
        missing = await workspace.page(SYSTEM, Task, {f"cf.{name}__isnull": "true", "count": "1"})
        assert missing.count == len(tasks), (name, kind)
        if kind != "multi_choice":
            await workspace.page(SYSTEM, Task, {"sort": f"cf.{name}", "fields": f"cf.{name}"})
        if kind not in ("money", "number"):
            await workspace.summary(SYSTEM, Task, by=f"cf.{name}")


async def test_unknown_ones_are_refused_and_known_ones_listed(
    workspace: Workspace, fields: dict[str, CustomField]
) -> None:
    for asked in ({"cf.colour": "x"}, {"sort": "cf.colour"}, {"fields": "cf.colour"}):
        with pytest.raises(Malformed, match=r"'cf.colour' for task. Known: .*cf.severity"):
            await workspace.page(SYSTEM, Task, asked)
    with pytest.raises(Malformed, match="cannot be sorted"):
        await workspace.page(SYSTEM, Task, {"sort": "cf.areas"})
    with pytest.raises(Malformed, match="must be one of UI, API"):
        await workspace.page(SYSTEM, Task, {"cf.areas": "Sales"})

"""Custom fields in files: a column each, and an export that is read in again changes nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mainstay.facets.custom_fields.entities import CustomField
from mainstay.facets.transfer import export, load
from mainstay.facets.transfer.plan import Wish
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.entities import Task
from tests.facets.custom_fields.conftest import make
from tests.facets.custom_fields.test_values import GOOD


@pytest.fixture
async def tasks(workspace: Workspace, fields: dict[str, CustomField], project: Any) -> list[Any]:
    """A task with every value, one with none, and one that a spreadsheet would run."""
    every = [{**GOOD, "sister": project.id}, {}, {"note": "=1+1", "cost": "-0.05"}]
    return [
        await make(workspace, Task, title=f"T{n}", project_id=project.id, custom_fields=one)
        for n, one in enumerate(every)
    ]


async def written(ws: Workspace, form: str, path: Path) -> None:
    """Write an export of all tasks."""
    asked = export.prepare(ws, SYSTEM, ws.registry.noun(Task), [("sort", "id")])
    if form == "xlsx":
        await export.workbook(asked, path)
        return
    chunks = [chunk async for chunk in export.stream(asked, export.known_format(form))]
    await asyncio.to_thread(path.write_bytes, b"".join(chunks))


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
async def test_an_export_that_is_read_in_again_changes_nothing(
    workspace: Workspace, tasks: list[Any], tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"tasks.{form}"
    await written(workspace, form, path)
    noun = workspace.registry.noun(Task)
    plan = await load.prepare(workspace, SYSTEM, path, path.name, noun, Wish("update"))
    try:
        seen = await load.preview(workspace, SYSTEM, plan)
    finally:
        plan.source.close()
    assert seen.faults == []
    assert (seen.unchanged, seen.updated, seen.created) == (3, 0, 0)


async def test_a_column_each_is_read_into_new_and_known_records(
    workspace: Workspace, tasks: list[Any], project: Any, tmp_path: Path
) -> None:
    path = tmp_path / "more.csv"
    path.write_text(
        "id,title,project_id,cf.severity,Score,cf.areas,cf.sister,cf.cost\n"
        f'{tasks[1].id},T1,{project.id},Critical,7,"UI,R&D",Quay,12.5\n'
        f'{tasks[0].id},T0,{project.id},,2.5,"R&D,UI",Quay,1234.50\n'
    )
    noun = workspace.registry.noun(Task)
    plan = await load.prepare(workspace, SYSTEM, path, path.name, noun, Wish("update"))
    run = await load.begin(workspace, SYSTEM, plan, Wish("update"))
    job = load.Load(workspace, SYSTEM, plan, run.id, load.Errors(tmp_path / "e.csv", ()))
    assert await job.go()
    plan.source.close()
    one = await workspace.page(SYSTEM, Task, {"cf.severity": "Critical", "fields": "custom_fields"})
    assert [row.id for row in one.items] == [tasks[1].id]
    cost = await workspace.summary(SYSTEM, Task, measure="sum:cf.cost", **{"cf.score__gte": "7"})
    assert str(cost.rows[0].values[0]) == "12.50"
    none = await workspace.page(SYSTEM, Task, {"cf.severity": "Major", "count": "1"})
    assert none.count == 0


async def test_a_value_that_does_not_fit_is_a_fault_of_its_row(
    workspace: Workspace, tasks: list[Any], project: Any, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        "title,project_id,cf.severity,cf.ticket\n"
        f"A,{project.id},Grave,\n"
        f"B,{project.id},,ftp://x\n"
        f"C,{project.id},Minor,https://x.example\n"
    )
    noun = workspace.registry.noun(Task)
    plan = await load.prepare(workspace, SYSTEM, path, path.name, noun, Wish("create"))
    try:
        seen = await load.preview(workspace, SYSTEM, plan)
    finally:
        plan.source.close()
    assert (seen.created, seen.failed) == (1, 2)
    assert "Minor, Major, Critical" in seen.faults[0].reason
    assert "web address" in seen.faults[1].reason

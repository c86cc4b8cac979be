"""Values of custom fields: checked by kind, merged, defaulted, undone, and kept when hidden."""

from typing import Any

import msgspec
import pytest

from mainstay.facets.custom_fields.entities import CustomField
from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Invalid, Malformed
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.entities import Project, Task
from tests.facets.custom_fields.conftest import change, drop, make

GOOD = {
    "severity": "Major",
    "score": 2.5,
    "cost": "1234.50",
    "go_live": "2026-12-24",
    "areas": ["R&D", "UI"],
    "seen": False,
    "ticket": "https://example.org/t?x=1",
    "note": "one, two",
    "story": "Once\nupon",
}


async def shown(ws: Workspace, record: Any) -> dict[str, Any]:
    """Return the added values as they go over the wire."""
    row = await ws.one(SYSTEM, type(record), record.id)
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(row.custom_fields))
    return found


async def test_values_of_every_kind_come_back_as_they_went_in(
    workspace: Workspace, fields: dict[str, CustomField], project: Any
) -> None:
    given = {**GOOD, "sister": project.id}
    task = await make(workspace, Task, title="A", project_id=project.id, custom_fields=given)
    assert await shown(workspace, task) == given
    names = [f"cf.{name}" for name in given]
    asked = [("fields", ",".join(["title", *names])), ("include", "cf.sister")]
    row = msgspec.json.decode(msgspec.json.encode(await workspace.one(SYSTEM, Task, 1, asked)))
    assert {name: row[f"cf.{name}"] for name in given} == given
    assert row["cf.sister_project"]["name"] == "Quay"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"severity": "Grave"}, "severity must be one of Minor, Major, Critical"),
        ({"severity": ["Minor"]}, "severity must be one value"),
        ({"score": "many"}, "score must be a number"),
        ({"cost": "1.234"}, "cost must have at most 2 decimal places"),
        ({"go_live": "2026-02-30"}, "go_live must be a date"),
        ({"areas": ["UI", "Sales"]}, "areas must be one of UI, API"),
        ({"areas": "UI"}, "areas must be a list"),
        ({"tester": 999}, "tester names a record that is not there"),
        ({"sister": "Quay"}, "sister must be a whole number"),
        ({"seen": "perhaps"}, "seen must be true or false"),
        ({"ticket": "javascript:alert(1)"}, "ticket must be a web address like https"),
        ({"note": "x" * 1001}, "note must have at most 1000 characters"),
        ({"colour": "red"}, "colour is not a field of task; known are severity, score"),
    ],
)
async def test_a_value_of_the_wrong_kind_names_its_field(
    workspace: Workspace,
    fields: dict[str, CustomField],
    project: Any,
    given: dict[str, Any],
    says: str,
) -> None:
    data = {"title": "A", "project_id": project.id, "custom_fields": given}
    with pytest.raises(Invalid, match=f"custom_fields.{says}") as refused:
        await make(workspace, Task, **data)
    assert refused.value.errors[0].field == f"custom_fields.{next(iter(given))}"


async def test_a_patch_changes_only_what_it_names(
    workspace: Workspace, fields: dict[str, CustomField], project: Any
) -> None:
    task = await make(workspace, Task, title="A", project_id=project.id, custom_fields=GOOD)
    await change(workspace, task, custom_fields={"score": 3, "severity": None, "areas": []})
    wanted = {n: v for n, v in GOOD.items() if n not in ("severity", "areas")} | {"score": 3.0}
    assert await shown(workspace, task) == wanted
    await change(workspace, task, custom_fields={})
    assert await shown(workspace, task) == wanted


async def test_two_people_change_two_fields_and_each_can_be_undone(
    workspace: Workspace, fields: dict[str, CustomField], project: Any
) -> None:
    task = await make(workspace, Task, title="A", project_id=project.id, custom_fields=GOOD)
    noun, sets = workspace.registry.noun(Task), []
    for values in ({"score": 1}, {"severity": "Minor"}, {"score": 9}):

        async def work(ctx: Any, values: Any = values) -> int:
            await perform.update(ctx, noun, task.id, {"custom_fields": values})
            return int(ctx.change_set)

        sets.append(await workspace.run(SYSTEM, work))
    await workspace.undo(SYSTEM, sets[1])
    assert (await shown(workspace, task))["severity"] == "Major"
    with pytest.raises(Conflict, match="changed again since"):
        await workspace.undo(SYSTEM, sets[0])
    await workspace.undo(SYSTEM, sets[2])
    await workspace.undo(SYSTEM, sets[0])
    assert await shown(workspace, task) == GOOD


async def test_required_fields_defaults_and_fields_of_one_project(
    workspace: Workspace, project: Any
) -> None:
    other = await make(workspace, Project, name="Other")
    entity = "projects.task"
    await make(workspace, CustomField, entity=entity, label="Due", kind="date", initial="+7d")
    await make(
        workspace, CustomField, entity=entity, label="Own", kind="text", within_id=project.id
    )
    must = await make(
        workspace, CustomField, entity=entity, label="Must", kind="number", required=True
    )
    with pytest.raises(Invalid, match=r"custom_fields\.must is required"):
        await make(workspace, Task, title="A", project_id=project.id)
    elsewhere = {"must": 1, "own": "x"}
    with pytest.raises(Invalid, match="own is only for records of project_id"):
        await make(workspace, Task, title="A", project_id=other.id, custom_fields=elsewhere)
    task = await make(
        workspace, Task, title="A", project_id=project.id, custom_fields={"must": 0, "own": "x"}
    )
    values = await shown(workspace, task)
    assert values.pop("due") > "2026-01-01"
    assert values == {"must": 0.0, "own": "x"}
    with pytest.raises(Invalid, match="must is required"):
        await change(workspace, task, custom_fields={"must": None})
    await change(workspace, must, required=False)
    await change(workspace, task, custom_fields={"must": None, "due": None})
    assert await shown(workspace, task) == {"own": "x"}


async def test_bulk_checks_and_merges_too(
    workspace: Workspace, fields: dict[str, CustomField], project: Any
) -> None:
    noun = workspace.registry.noun(Task)
    task = await make(workspace, Task, title="A", project_id=project.id, custom_fields=GOOD)
    bad = perform.Bulk(update=[{"id": task.id, "custom_fields": {"score": "x"}}])
    with pytest.raises(Invalid) as refused:
        await workspace.run(SYSTEM, lambda ctx: perform.bulk(ctx, noun, bad))
    assert refused.value.errors[0].field == "update[0].custom_fields.score"
    good = perform.Bulk(update=[{"id": task.id, "custom_fields": {"score": 7}}])
    await workspace.run(SYSTEM, lambda ctx: perform.bulk(ctx, noun, good))
    assert await shown(workspace, task) == {**GOOD, "score": 7.0}


async def test_an_option_taken_away_stays_where_it_was_chosen(
    workspace: Workspace, fields: dict[str, CustomField], project: Any
) -> None:
    one = await make(workspace, Task, title="A", project_id=project.id, custom_fields=GOOD)
    two = await make(workspace, Task, title="B", project_id=project.id)
    await change(workspace, fields["severity"], options=[{"value": "Critical"}, {"value": "New"}])
    assert (await shown(workspace, one))["severity"] == "Major"
    found = await workspace.page(SYSTEM, Task, {"cf.severity": "Major"})
    assert [row.id for row in found.items] == [one.id]
    await change(workspace, one, custom_fields={"severity": "Major", "score": 1})
    with pytest.raises(Invalid, match="must be one of Critical, New"):
        await change(workspace, two, custom_fields={"severity": "Major"})


async def test_a_field_in_the_bin_is_hidden_and_its_values_are_kept(
    workspace: Workspace, fields: dict[str, CustomField], project: Any
) -> None:
    task = await make(workspace, Task, title="A", project_id=project.id, custom_fields=GOOD)
    await drop(workspace, fields["severity"])
    assert "severity" not in await shown(workspace, task)
    with pytest.raises(Malformed, match=r"Unknown filter 'cf\.severity'"):
        await workspace.page(SYSTEM, Task, {"cf.severity": "Major"})
    changed = await change(workspace, task, custom_fields={"score": 4})
    assert changed.custom_fields["severity"] == "Major"
    noun = workspace.registry.noun(CustomField)
    gone = fields["severity"].id
    await workspace.run(SYSTEM, lambda ctx: perform.restore(ctx, noun, gone))
    assert await shown(workspace, task) == {**GOOD, "score": 4.0}


async def test_a_reference_must_be_seen_by_the_writer(
    workspace: Workspace, fields: dict[str, CustomField], project: Any
) -> None:
    hidden = await make(workspace, Project, name="Hidden")
    grants = ("task.create", "task.see_all", "project.read")
    worker = Me(id=1, grants=frozenset(f"projects.{one}" for one in grants))
    data = {"title": "A", "project_id": project.id, "custom_fields": {"sister": hidden.id}}
    with pytest.raises(Invalid, match=r"not there|may not see"):
        await make(workspace, Task, worker, **data)

"""Definitions of custom fields: who may make them, what fits together, who learns of them."""

import asyncio
from typing import Any

import pytest

from mainstay.app import registry
from mainstay.facets.custom_fields.entities import CustomField, Option
from mainstay.facets.custom_fields.module import MODULE
from mainstay.facets.custom_fields.rules import name_from, options_text, read_options
from mainstay.kernel import perform
from mainstay.kernel.problems import Conflict, Denied, Invalid
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.entities import Project, Task
from tests.facets.custom_fields.conftest import change, drop, make
from tests.harness.workspaces import opened

TASK = {"entity": "projects.task"}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Severity", "severity"),
        ("Root cause (5 whys)", "root_cause_5_whys"),
        ("Größe & Höhe", "groe_hohe"),
        ("2nd try", "field_2nd_try"),
        ("___", "field"),
        ("x" * 80, "x" * 40),
    ],
)
def test_a_name_is_made_from_the_label(label: str, name: str) -> None:
    assert name_from(label) == name


def test_options_are_written_one_a_line() -> None:
    text = "High | red\n\n  Low  \nR&D | Blue\n"
    found = [Option(**one) for one in read_options(text)]
    assert [(one.value, one.color) for one in found] == [
        ("High", "red"),
        ("Low", ""),
        ("R&D", "blue"),
    ]
    assert (
        options_text([*found, Option(value="Old", retired=True)]) == "High | red\nLow\nR&D | blue"
    )
    for wrong, says in (("High | pink", "no colour pink"), ("a,b", "may not have ,")):
        with pytest.raises(ValueError, match=says):
            read_options(wrong)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"entity": "projects.label", "label": "A", "kind": "text"}, "entity cannot have custom"),
        ({**TASK, "label": "A", "kind": "colour"}, "kind must be one of text, long_text"),
        ({**TASK, "label": "A", "kind": "text", "name": "a__b"}, "name must have the form"),
        ({**TASK, "label": "A", "kind": "choice"}, "options must name at least one"),
        (
            {**TASK, "label": "A", "kind": "choice", "options": [{"value": "x"}, {"value": "x"}]},
            "options name x more than once",
        ),
        (
            {**TASK, "label": "A", "kind": "text", "options": [{"value": "x"}]},
            "options are only for a choice",
        ),
        (
            {**TASK, "label": "A", "kind": "choice", "options": [{"value": "<b>"}]},
            "options must have the form",
        ),
        ({**TASK, "label": "A", "kind": "reference"}, "refers_to is required"),
        ({**TASK, "label": "A", "kind": "reference", "refers_to": "a.b"}, "not a resource"),
        ({**TASK, "label": "A", "kind": "text", "currency": "EUR"}, "currency is only for money"),
        ({**TASK, "label": "A", "kind": "number", "initial": "x"}, "initial must be a number"),
        ({**TASK, "label": "A", "kind": "date", "initial": "soon"}, "initial must be a date"),
        ({**TASK, "label": "A", "kind": "text", "within_id": 99}, "within_id names a record"),
        (
            {"entity": "projects.project", "label": "A", "kind": "text", "within_id": 1},
            "within_id is not for projects",
        ),
    ],
)
async def test_what_does_not_go_together_is_refused(
    workspace: Workspace, data: dict[str, Any], says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        await make(workspace, CustomField, **data)


async def test_a_name_is_taken_only_while_its_field_lives(workspace: Workspace) -> None:
    first = await make(workspace, CustomField, **TASK, label="Score", kind="number")
    with pytest.raises(Invalid, match="name is taken: tasks have a field score"):
        await make(workspace, CustomField, **TASK, label="score", kind="text")
    await make(workspace, CustomField, entity="projects.project", label="Score", kind="text")
    await drop(workspace, first)
    await make(workspace, CustomField, **TASK, label="Score", kind="text")
    noun = workspace.registry.noun(CustomField)
    with pytest.raises(Conflict):
        await workspace.run(SYSTEM, lambda ctx: perform.restore(ctx, noun, first.id))


async def test_only_those_who_may_define_do_and_readers_see_what_they_may_read(
    workspace: Workspace,
) -> None:
    await make(workspace, CustomField, **TASK, label="Score", kind="number")
    await make(workspace, CustomField, entity="projects.project", label="Goal", kind="text")
    member = Me(grants=frozenset({*MODULE.roles["member"], "projects.task.read"}))
    seen = await workspace.page(member, CustomField)
    assert [row.label for row in seen.items] == ["Score"]
    with pytest.raises(Denied):
        await make(workspace, CustomField, member, **TASK, label="Mine", kind="text")
    manager = Me(grants=frozenset({*MODULE.roles["manager"], "projects.*"}))
    made = await make(workspace, CustomField, manager, **TASK, label="Ours", kind="text")
    assert (made.name, made.sort_order) == ("ours", 2048.0)


async def test_fields_change_places(workspace: Workspace) -> None:
    for label in "ABC":
        await make(workspace, CustomField, **TASK, label=label, kind="text")
    noun, tasks = workspace.registry.noun(CustomField), workspace.registry.noun(Task)
    assert list(tasks.custom) == ["cf.a", "cf.b", "cf.c"]
    for verb, record in (("move_up", 3), ("move_down", 1), ("move_up", 3), ("move_up", 3)):
        action = noun.actions[verb]
        await workspace.run(
            SYSTEM,
            lambda ctx, action=action, record=record: perform.act(ctx, noun, action, record, {}),
        )
    assert list(tasks.custom) == ["cf.c", "cf.a", "cf.b"]


async def heard(ws: Workspace) -> None:
    """Read the log until there is something new; older transactions elsewhere may hold it up."""
    while not await ws.hub.pump():
        await asyncio.sleep(0)
    await ws.settled()


async def test_another_process_learns_of_a_field_through_the_log(
    workspace: Workspace, database_url: str, tmp_path: Any
) -> None:
    other = opened(database_url, registry(), tmp_path)
    await other.open()
    try:
        await other.hub.start()
        made = await make(workspace, CustomField, **TASK, label="Score", kind="number")
        assert not other.registry.noun(Task).custom
        await heard(other)
        assert list(other.registry.noun(Task).custom) == ["cf.score"]
        await change(workspace, made, label="Points")
        await heard(other)
        assert other.registry.noun(Task).custom["cf.score"].label == "Points"
    finally:
        await other.close()


async def test_a_field_is_there_again_after_a_restart_and_nouns_do_not_share(
    workspace: Workspace, database_url: str, tmp_path: Any
) -> None:
    await make(workspace, CustomField, **TASK, label="Score", kind="number")
    assert not workspace.registry.noun(Project).custom
    later = opened(database_url, registry(), tmp_path)
    await later.open()
    assert list(later.registry.noun(Task).custom) == ["cf.score"]
    await later.close()

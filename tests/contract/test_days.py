"""Every question of sprints, teams and time that takes a day: one out of reach is named."""

from datetime import date

import msgspec
import pytest

from mainstay.app import registry
from mainstay.kernel.problems import Invalid
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples

ROOMS = ("scrum", "teams", "timesheets")
FAR = ("0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31")
TAKEN = [
    (key, part.name)
    for key, (_, what) in registry().questions.items()
    if what.ask is not None and key.partition(".")[0] in ROOMS
    for part in msgspec.structs.fields(what.ask)
    if "datetime.date" in str(part.type) or part.type is date
]


async def test_a_day_that_no_work_lies_on_is_refused_by_its_name(workspace: Workspace) -> None:
    samples = Samples(workspace)
    sprint = await samples.record(workspace.registry.noun("scrum.sprint"))
    person = await samples.record(workspace.registry.noun("identity.user"))
    known = {
        "sprint_id": sprint.id,
        "project_id": sprint.project_id,
        "person_id": person.id,
        "user_id": person.id,
    }
    assert len(TAKEN) >= 16
    for key, name in TAKEN:
        ask = workspace.registry.questions[key][1].ask
        asked = {one: known[one] for one in ask.__struct_fields__ if one in known}
        days = {one: "2026-11-16" for room, one in TAKEN if room == key}
        for day in FAR:
            with pytest.raises(Invalid) as refused:
                await workspace.ask_question(SYSTEM, key, {**asked, **days, name: day})
            assert [one.field for one in refused.value.errors] == [name], (key, day)

"""The room that CONTRIBUTING.md builds works as it stands there."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.schema import CreateIndex, CreateTable

from mainstay.app import modules
from mainstay.kernel import perform, search
from mainstay.kernel.problems import Conflict
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM
from mainstay.kernel.workspace import Workspace, engine_for
from tests.harness.samples import Samples

TEXT = Path(__file__).parent.parent / "CONTRIBUTING.md"


async def test_the_example_room_lends_a_key(tmp_path: Path) -> None:
    room: dict[str, Any] = {"__name__": "mainstay.modules.keys.example"}
    blocks = re.findall(r"```python\n(.*?)```", TEXT.read_text("utf-8"), re.DOTALL)
    exec("\n".join(blocks), room)  # noqa: S102 - our own page
    registry = Registry((*modules(), room["MODULE"]))
    ws = Workspace(registry, engine_for(str(tmp_path / "keys.db")))
    await ws.open()
    dialect = ws.engine.dialect
    for table in registry.metadata.sorted_tables:
        await ws.engine.script([str(CreateTable(table).compile(dialect=dialect))])
        await ws.engine.script(
            [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
        )
    for noun in registry.nouns.values():
        await ws.engine.script(list(search.create(noun, "sqlite")))
    user = await Samples(ws).record(registry.noun("identity.user"))
    key = registry.noun("keys.key")
    made = await ws.run(SYSTEM, lambda ctx: perform.create(ctx, key, {"mark": "K1", "door": "A"}))
    data = {"holder_id": user.id}
    lend = key.actions["lend"]
    await ws.run(SYSTEM, lambda ctx: perform.act(ctx, key, lend, made.id, data))
    with pytest.raises(Conflict, match="lent already"):
        await ws.run(SYSTEM, lambda ctx: perform.act(ctx, key, lend, made.id, data))
    (held,) = await ws.ask_question(SYSTEM, "keys.keys_out", {})
    assert (held.holder_id, held.keys) == (user.id, 1)
    await ws.close()

"""Writes the next migration from the declarations: `python -m scripts.step "what it does"`."""

import sqlite3
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from mainstay.app import registry
from mainstay.kernel import migrate, search
from mainstay.kernel.registry import Registry

FOLDER = Path(__file__).parent.parent / "src" / "mainstay" / "migrations" / "versions"


def main() -> int:
    """Write the step and say where it is."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    print(write_step(registry(), sys.argv[1], FOLDER))
    return 0


def write_step(registry: Registry, message: str, folder: Path) -> Path:
    """Generate the next step from the declarations, by comparing them with all steps so far."""
    scratch = folder / "scratch.db"
    scratch.unlink(missing_ok=True)
    number = f"{len(migrate.steps()) + 1:04d}"
    engine = sa.create_engine(f"sqlite:///{scratch}")
    with engine.begin() as connection:
        config = migrate.config(connection)
        config.attributes["metadata"] = registry.metadata
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        if migrate.steps():
            command.upgrade(config, "head")
        script: Any = command.revision(config, message, autogenerate=True, rev_id=number)
    engine.dispose()
    path = Path(script.path)
    path.write_text(_with_search(path.read_text(), registry, scratch))
    scratch.unlink()
    return path


def _with_search(text: str, registry: Registry, scratch: Path) -> str:
    """Add the statements of nouns that became searchable to a generated step."""
    with sqlite3.connect(scratch) as raw:
        there = {row[0] for row in raw.execute("SELECT name FROM sqlite_master")}
    new = [
        n for n in registry.nouns.values() if n.searchable and f"{n.table.name}_fts" not in there
    ]
    if not new:
        return text
    lines = ["SEARCH_UP = {"]
    for engine in ("sqlite", "postgresql"):
        lines.append(f'    "{engine}": (')
        lines += [f"        {s!r}," for noun in new for s in search.create(noun, engine)]
        lines.append("    ),")
    lines += ["}", "SEARCH_DOWN = {"]
    for engine in ("sqlite", "postgresql"):
        lines.append(f'    "{engine}": (')
        lines += [f"        {s!r}," for noun in new for s in search.drop(noun, engine)]
        lines.append("    ),")
    lines.append("}")
    run = (
        "    for statement in {}.get(op.get_bind().dialect.name, ()):\n"
        "        op.execute(statement)\n"
    )
    head, rest = text.split("def upgrade() -> None:")
    up, down = rest.split("def downgrade() -> None:")
    up = up.rstrip() + "\n" + run.format("SEARCH_UP") + "\n\n"
    opening, quotes, body = down.partition('back."""\n')
    down = opening + quotes + run.format("SEARCH_DOWN") + body
    return (
        head
        + "\n".join(lines)
        + "\n\n\ndef upgrade() -> None:"
        + up
        + "def downgrade() -> None:"
        + down
    )


if __name__ == "__main__":
    sys.exit(main())

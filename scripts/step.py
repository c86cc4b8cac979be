"""Writes the next migration from the declarations: `python -m scripts.step "what it does"`."""

import json
import re
import sqlite3
import sys
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import command

from mainstay.app import registry
from mainstay.kernel import migrate, search
from mainstay.kernel.fields import Choice, Dec, Field, Flag, Json
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
    text = _with_references(_with_defaults(path.read_text(), registry), registry)
    path.write_text(_with_search(text, registry, scratch))
    scratch.unlink()
    return path


ADDED = re.compile(
    r'op\.add_column\(\s*"(\w+)",\s*sa\.Column\(\s*"(\w+)",\s*'
    r"((?:(?!op\.).)+?),\s*nullable=False\s*\)\s*\)",
    re.DOTALL,
)


def _with_defaults(text: str, registry: Registry) -> str:
    """Give a required column that is added to a table with rows the value that they get."""
    fields = {
        (noun.table.name, field.name): field
        for noun in registry.nouns.values()
        for field in noun.columns.values()
    }

    def completed(found: re.Match[str]) -> str:
        """Write the column with its default."""
        table, name, kind = found.groups()
        value = _literal(fields[table, name])
        return (
            f'op.add_column("{table}", '
            f'sa.Column("{name}", {kind}, nullable=False, server_default={value}))'
        )

    return ADDED.sub(completed, text.replace("'", '"'))


PLAIN = re.compile(
    r'op\.add_column\(\s*"(\w+)",\s*sa\.Column\(\s*"(\w+)",\s*sa\.BigInteger\(\),'
    r"\s*nullable=True\s*\)\s*,?\s*\)"
)


def _with_references(text: str, registry: Registry) -> str:
    """Let an added column name what it refers to, which SQLite can only be told with it."""

    def completed(found: re.Match[str]) -> str:
        """Write the column with its reference, if it has one."""
        table, column = found.groups()
        keys = registry.metadata.tables[table].c[column].foreign_keys
        if not keys:
            return found[0]
        (key,) = keys
        refers = f'sa.ForeignKey("{key.target_fullname}", ondelete="{key.ondelete}")'
        return (
            f'op.add_column("{table}", sa.Column("{column}", sa.BigInteger(), {refers}, '
            "nullable=True), inline_references=True)"
        )

    return PLAIN.sub(completed, text)


def _literal(field: Field) -> str:
    """Return what stands in a step as the value of rows that were there before the column."""
    value, kind = field.initial(), field.kind
    if value is None:
        raise SystemExit(f"{field.name} is required and new: give it a default, or let it be empty")
    if isinstance(kind, Flag):
        return "sa.true()" if value else "sa.false()"
    if isinstance(kind, Choice) and kind.ordered:
        return f'"{kind.rank(value)}"'
    if isinstance(kind, Dec) and value:
        raise SystemExit(f"{field.name}: a decimal other than 0 differs between the engines")
    if isinstance(kind, Dec):
        return '"0"'
    return json.dumps(msgspec.json.encode(value).decode() if isinstance(kind, Json) else str(value))


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

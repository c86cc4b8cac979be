"""Full-text search: FTS5 beside each table on SQLite, an expression index on PostgreSQL."""

import re
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.noun import Noun

WORDS = re.compile(r"\w+")
BREAKS = "./-_@:"


def matches(noun: Noun, engine: str, q: str) -> sa.ColumnElement[bool]:
    """Return the condition that a record contains every word of `q`, each perhaps unfinished."""
    fields = noun.searchable
    if not fields:
        return sa.false()
    if not WORDS.search(q):
        signs = sa.bindparam("q", type_=sa.Text())
        return (
            sa.or_(*(sa.func.instr(noun.table.c[n], signs) > 0 for n in fields))
            if (engine == "sqlite")
            else sa.or_(*(sa.func.strpos(noun.table.c[n], signs) > 0 for n in fields))
        )
    if engine == "sqlite":
        name = f"{noun.table.name}_fts"
        return sa.text(
            f"{noun.table.name}.id IN (SELECT rowid FROM {name} WHERE {name} MATCH :q)"  # noqa: S608
        ).bindparams(sa.bindparam("q", type_=sa.Text()))  # type: ignore[return-value]
    return sa.text(f"{document(noun)} @@ to_tsquery('simple', :q)").bindparams(  # type: ignore[return-value]
        sa.bindparam("q", type_=sa.Text())
    )


def bound(engine: str, q: str) -> dict[str, Any]:
    """Return the bound value of a search."""
    words = WORDS.findall(q.replace("_", " "))
    if not words:
        return {"q": q}
    if engine == "sqlite":
        return {"q": " ".join(f'"{word}"*' for word in words)}
    return {"q": " & ".join(f"'{word}':*" for word in words)}


def document(noun: Noun) -> str:
    """Return the PostgreSQL expression that the index and every search share, to the letter."""
    texts = " || ' ' || ".join(f"coalesce({noun.table.name}.{n}, '')" for n in noun.searchable)
    return f"to_tsvector('simple', translate({texts}, '{BREAKS}', '{' ' * len(BREAKS)}'))"


def create(noun: Noun, engine: str) -> Iterable[str]:
    """Yield the statements that make a noun searchable."""
    table, fields = noun.table.name, ", ".join(noun.searchable)
    if not fields:
        return
    if engine == "postgresql":
        expression = document(noun).replace(f"{table}.", "")
        yield f"CREATE INDEX ix_{table}_search ON {table} USING gin ({expression})"
        return
    new = ", ".join(f"new.{n}" for n in noun.searchable)
    old = ", ".join(f"old.{n}" for n in noun.searchable)
    changed = " OR ".join(f"new.{n} IS NOT old.{n}" for n in noun.searchable)
    fts = f"{table}_fts"
    yield (
        f"CREATE VIRTUAL TABLE {fts} USING fts5({fields}, content='{table}', "
        "content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
    )
    add = f"INSERT INTO {fts}(rowid, {fields}) VALUES (new.id, {new});"  # noqa: S608
    drop = f"INSERT INTO {fts}({fts}, rowid, {fields}) VALUES ('delete', old.id, {old});"  # noqa: S608
    yield f"CREATE TRIGGER {fts}_insert AFTER INSERT ON {table} BEGIN {add} END"
    yield f"CREATE TRIGGER {fts}_delete AFTER DELETE ON {table} BEGIN {drop} END"
    yield (
        f"CREATE TRIGGER {fts}_update AFTER UPDATE OF {fields} ON {table} "
        f"WHEN {changed} BEGIN {drop} {add} END"
    )


def drop(noun: Noun, engine: str) -> Iterable[str]:
    """Yield the statements that undo `create`."""
    table = noun.table.name
    if not noun.searchable:
        return
    if engine == "postgresql":
        yield f"DROP INDEX IF EXISTS ix_{table}_search"
        return
    for event in ("insert", "delete", "update"):
        yield f"DROP TRIGGER IF EXISTS {table}_fts_{event}"
    yield f"DROP TABLE IF EXISTS {table}_fts"

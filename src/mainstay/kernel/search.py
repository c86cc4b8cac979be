"""Full-text search: FTS5 beside each table on SQLite, an expression index on PostgreSQL.

A few letters are looked for in the newest records letter by letter, and in the index only where
those are not enough: an index reads every record that has the word, before it knows the newest.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import Me, me_bind
from mainstay.kernel.storage.base import Connection, Prepared, prepare

WORDS = re.compile(r"\w+")
BREAKS = "./-_@:"
CODES = ("code", "number", "key")
NEWEST = 2000
LATELY = 300
# PostgreSQL splits a text into words again for each row that it looks at in order.
POOL = {"sqlite": 2000, "postgresql": 400}


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


async def nearest(
    reader: Any, connection: Connection, noun: Noun, me: Me, q: str, limit: int
) -> list[int]:
    """Return the ids of the records that a few letters may stand for, newest first.

    The one with this very code comes first. The work is bounded however many records match:
    only the newest of them are looked at.
    """
    words = WORDS.findall(q.replace("_", " "))
    if not noun.searchable or not words:
        return []
    ways = ["code"] if _coded(noun, q) else []
    # SQLite's index yields the newest first; PostgreSQL's gathers all matches of a common word.
    ways += ["newest", *(["lately"] if reader.engine.name == "postgresql" else [])]
    ways += [*(["words"] if len(words) > 1 else []), "index"]
    limits = reader.limits(noun, me)
    found: dict[int, None] = {}
    for way in ways:
        if len(found) >= limit:
            break
        ready = reader.shape(("near", way, noun.key, limits), _shaper(reader, noun, limits, way))
        values = _near_values(connection.engine.name, q, words, way)
        values |= {"me": me.id or 0, "limit": limit}
        rows = await connection.fetch(ready.sql, ready.bind(values))
        found |= dict.fromkeys(row[0] for row in rows)
    return list(found)[:limit]


def _coded(noun: Noun, q: str) -> bool:
    """Return whether the letters look like a code, and the noun has one."""
    return any(letter.isdigit() for letter in q) and bool(_code(noun))


def _code(noun: Noun) -> str:
    return next((name for name in CODES if name in noun.searchable), "")


def _near_values(engine: str, q: str, words: list[str], way: str) -> dict[str, Any]:
    if way == "newest":
        plain = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return {"begins": f"{plain}%", "inside": f"% {plain}%"}
    if way in ("index", "lately"):
        return bound(engine, q)
    lite = engine == "sqlite"
    whole = [f'"{word}"' if lite else f"'{word}'" for word in words]
    if way == "words":  # every word but the last is whole, which is far quicker to look for
        whole[-1] += "*" if lite else ":*"
    both = (" " if lite else " & ").join(whole)
    return {"q": both, "code": q, "upper": q.upper()}


def _shaper(reader: Any, noun: Noun, limits: frozenset[str], way: str) -> Callable[[], Prepared]:
    def compile_it() -> Prepared:
        """Compile one way to look: by code, in the newest records, or in the index."""
        c, text = noun.table.c, sa.Text()
        scope = None
        if noun.key in limits:
            scope = reader.registry.scope_condition(noun, me_bind(), limits=limits)
        if scope is not None and reader.engine.name == "sqlite":
            # Else SQLite gathers all that may be seen before it looks at the few that match.
            scope = scope.self_group().op("IS")(sa.literal_column("TRUE"))
        met = [c.deleted_at.is_(None), *([scope] if scope is not None else [])]
        if way == "newest":
            newest = sa.select(sa.func.coalesce(sa.func.max(c.id), 0)).scalar_subquery()
            begins = (
                c[name].ilike(sa.bindparam(bind, type_=text), escape="\\")
                for name in _named(noun)
                for bind in ("begins", "inside")
            )
            met += [c.id > newest - NEWEST, sa.or_(*begins)]
        else:
            pool = _lately(noun) if way == "lately" else _pool(noun, reader.engine.name)
            met.append(c.id.in_(pool))
        if way == "code":
            either = (sa.bindparam("code", type_=text), sa.bindparam("upper", type_=text))
            met.append(sa.or_(*(c[_code(noun)] == one for one in either)))
        chosen = sa.select(c.id).where(*met).order_by(c.id.desc())
        return prepare(reader.engine, chosen.limit(sa.bindparam("limit", type_=sa.BigInteger())))

    return compile_it


def _named(noun: Noun) -> list[str]:
    """Return the fields that a record is called by, of those that are searched."""
    named = [name for name in noun.brief if name in noun.searchable]
    return named or list(noun.searchable[:1])


def _lately(noun: Noun) -> sa.TextClause:
    """Return the matches among the newest records, found without PostgreSQL's index."""
    table = noun.table.name
    newest = f"(SELECT * FROM {table} ORDER BY id DESC LIMIT {LATELY}) AS {table}"  # noqa: S608
    chosen = f"SELECT {table}.id FROM {newest} WHERE {document(noun)} @@ to_tsquery('simple', :q)"  # noqa: S608
    return sa.text(chosen).bindparams(sa.bindparam("q", type_=sa.Text()))


def _pool(noun: Noun, engine: str) -> sa.TextClause:
    """Return the first matches of the index: on SQLite the newest, on PostgreSQL any of them."""
    table = noun.table.name
    if engine == "sqlite":
        chosen = f"SELECT rowid FROM {table}_fts WHERE {table}_fts MATCH :q ORDER BY rowid DESC"  # noqa: S608
    else:
        chosen = f"SELECT id FROM {table} WHERE {document(noun)} @@ to_tsquery('simple', :q)"  # noqa: S608
    return sa.text(f"{chosen} LIMIT {POOL[engine]}").bindparams(sa.bindparam("q", type_=sa.Text()))

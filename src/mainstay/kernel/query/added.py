"""Fields that a workspace adds, as SQL over the JSON they lie in; what is malformed is empty."""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.fields import Choice, Choices, Day, Dec, Flag, Kind, Real, Ref, Stored

NAME = re.compile(r"[a-z][a-z0-9_]*")
DAY = "^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"

# From the value's text, the name of its JSON type, and its kind, to a value of the kind's column.
Reading = Callable[[Any, Any, Any], Any]


def expression(engine: str, column: Any, name: str, kind: Kind) -> sa.ColumnElement[Any]:
    """Return a value as a column of its kind, so that it compares and sorts as a real one."""
    value, held = _parts(engine, column, name)
    readings = SQLITE if engine == "sqlite" else POSTGRES
    read = next((read for one, read in readings if isinstance(kind, one)), _text)
    return sa.type_coerce(read(value, held, kind), Stored(kind))


def _parts(engine: str, column: Any, name: str) -> tuple[Any, Any]:
    """Return a value's text and the name of its JSON type."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name} cannot be the name of an added field")
    if engine == "sqlite":
        path: Any = sa.literal_column(f"'$.{name}'")
        return (
            sa.func.json_extract(column, path, type_=sa.Text()),
            sa.func.json_type(column, path, type_=sa.Text()),
        )
    key: Any = sa.literal_column(f"'{name}'")
    document = sa.type_coerce(column, sa.Text())
    held = sa.func.jsonb_typeof(document.op("->")(key), type_=sa.Text())
    return sa.type_coerce(document.op("->>")(key), sa.Text()), held


def _text(value: Any, held: Any, _kind: Kind) -> Any:
    return sa.case((_either(held, "text", "string"), value))


def _either(held: Any, one: str, other: str) -> Any:
    return sa.or_(held == one, held == other)


def _ranked(value: Any, _held: Any, kind: Choice) -> Any:
    """Return the rank of a choice: they sort by their place, as ordered ones do."""
    ranks = {str(one): kind.rank(one) for one in kind.values}
    return sa.case(ranks, value=value) if ranks else sa.null()


def _list(value: Any, held: Any, _kind: Kind) -> Any:
    return sa.case((sa.and_(held == "array", value != "[]"), value))


def _sqlite_decimal(value: Any, held: Any, kind: Dec) -> Any:
    """Read the digits without their point: the scaled number that a real column would hold."""
    plain: Any = sa.func.replace(value, ".", "", type_=sa.Text())
    digits = sa.func.ltrim(plain, "-", type_=sa.Text()).op("NOT GLOB")("*[^0-9]*")
    shape = value.op("GLOB")("*[0-9]." + "[0-9]" * kind.scale)
    return sa.case((sa.and_(held == "text", shape, digits), sa.cast(plain, sa.Integer())))


def _postgres_decimal(value: Any, _held: Any, kind: Dec) -> Any:
    fits = value.op("~")(rf"^-?[0-9]{{1,{kind.digits - kind.scale}}}\.[0-9]{{{kind.scale}}}$")
    return sa.case((fits, sa.cast(value, sa.Numeric())))


def _postgres_day(value: Any, _held: Any, _kind: Day) -> Any:
    """Put a date together from its parts, because a cast would refuse a day that is none."""
    year, month, day = (
        sa.cast(sa.func.substr(value, at, many), sa.Integer())
        for at, many in ((1, 4), (6, 2), (9, 2))
    )
    first: Any = sa.func.make_date(year, month, 1, type_=sa.Date())
    return sa.case((value.op("~")(DAY), first.op("+")(sa.type_coerce(day - 1, sa.Integer()))))


def _sqlite_day(value: Any, _held: Any, _kind: Day) -> Any:
    return sa.case((sa.func.date(value, type_=sa.Text()) == value, value))


SQLITE: tuple[tuple[type[Kind], Reading], ...] = (
    (Choices, _list),
    (Choice, _ranked),
    (Day, _sqlite_day),
    (Dec, _sqlite_decimal),
    (Ref, lambda value, held, _: sa.case((held == "integer", value))),
    (Flag, lambda value, held, _: sa.case((_either(held, "true", "false"), value))),
    (
        Real,
        lambda value, held, _: sa.case(
            (_either(held, "integer", "real"), sa.cast(value, sa.REAL()))
        ),
    ),
)
POSTGRES: tuple[tuple[type[Kind], Reading], ...] = (
    (Choices, _list),
    (Choice, _ranked),
    (Day, _postgres_day),
    (Dec, _postgres_decimal),
    (
        Ref,
        lambda value, held, _: sa.case(
            (
                sa.and_(held == "number", value.op("~")("^[0-9]{1,18}$")),
                sa.cast(value, sa.BigInteger()),
            )
        ),
    ),
    (
        Flag,
        lambda value, held, _: sa.case((held == "boolean", sa.cast(value, sa.Boolean()))),
    ),
    (Real, lambda value, held, _: sa.case((held == "number", sa.cast(value, sa.Double())))),
)


def each(engine: str, column: Any, name: str) -> Any:
    """Return the values of a list as rows, to join or to look into."""
    if engine == "sqlite":
        rows = sa.func.json_each(column, sa.literal_column(f"'$.{name}'"))
        return rows.table_valued("value", joins_implicitly=True).alias(f"e_{name}")
    key: Any = sa.literal_column(f"'{name}'")
    inner: Any = sa.type_coerce(column, sa.Text()).op("->")(key)
    held = sa.func.jsonb_typeof(inner, type_=sa.Text())
    whole: Any = sa.case((held == "array", inner), else_=sa.literal_column("'[]'::jsonb"))
    rows = sa.func.jsonb_array_elements_text(whole)
    return rows.table_valued("value", joins_implicitly=True).lateral(f"e_{name}")

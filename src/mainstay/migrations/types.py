"""The column types that migrations are written in; frozen, so that old steps never change."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine


def key() -> TypeEngine[Any]:
    """Return the type of ids."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def instant() -> TypeEngine[Any]:
    """Return the type of moments: fixed-width ISO text on SQLite."""
    return sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def day() -> TypeEngine[Any]:
    """Return the type of dates: ISO text on SQLite."""
    return sa.Date().with_variant(sa.String(10), "sqlite")


def decimal(digits: int, scale: int) -> TypeEngine[Any]:
    """Return the type of exact decimals: a scaled integer on SQLite."""
    return sa.Numeric(digits, scale).with_variant(sa.BigInteger(), "sqlite")


def document() -> TypeEngine[Any]:
    """Return the type of JSON documents."""
    return sa.Text().with_variant(postgresql.JSONB(), "postgresql")

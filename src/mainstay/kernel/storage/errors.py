"""What a database's refusal means to the person who caused it."""

import re
import sqlite3
from typing import Any

import asyncpg

from mainstay.kernel.problems import (
    Conflict,
    Duplicate,
    FieldError,
    Full,
    Invalid,
    Problem,
    Unavailable,
    WrongSchema,
)

RETRY = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
)
LOST = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a dying connection that has not noticed it yet
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.TooManyConnectionsError,
    ConnectionError,
    TimeoutError,
    OSError,
)
UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")
MIGRATE = "Run `mainstay db migrate`, or start the version this database belongs to."


def explain(error: BaseException) -> Problem | None:
    """Return the problem a database error means, or None when it is a defect of ours."""
    if isinstance(error, sqlite3.Error):
        return _sqlite(error)
    if isinstance(error, asyncpg.PostgresError):
        return _postgres(error) or (_lost() if isinstance(error, LOST) else None)
    if isinstance(error, OverflowError | asyncpg.exceptions.DataError):
        return Invalid("A number or value is too large for its column.")
    return None


def lost(error: BaseException) -> BaseException:
    """Return what an error of the driver or the network means to somebody who needs the server."""
    return explain(error) or (_lost() if isinstance(error, LOST) else error)


def duplicate(fields: list[str]) -> Duplicate:
    """Return the refusal of a value that another live record already has."""
    names = " and ".join(fields) or "value"
    return Duplicate(
        f"Another record already has this {names}. Choose another, or restore it from the bin.",
        errors=[FieldError(name, "is already taken") for name in fields],
    )


def _sqlite(error: sqlite3.Error) -> Problem | None:
    text = str(error)
    if found := UNIQUE.match(text):
        return duplicate([part.rpartition(".")[2].strip(" '") for part in found[1].split(",")])
    for sign, problem in (
        ("FOREIGN KEY", Conflict("A record that this one needs is gone, or others still use it.")),
        ("CHECK constraint", Invalid("A value is outside its limits.")),
        ("NOT NULL", Invalid("A required value is missing.")),
        ("locked", Unavailable("The database is busy with another program. Try again shortly.")),
        ("full", Full("The disk is full. Nothing was changed; free some space and try again.")),
        ("readonly", Full("The database file or its folder is read-only. Nothing was changed.")),
        ("disk I/O", Full("The disk reported an error. Nothing was changed.")),
        ("unable to open", Unavailable("The database file cannot be opened. Check its folder.")),
        ("not a database", WrongSchema("The file is not a Mainstay database.")),
        ("malformed", Unavailable("The database file is damaged. Restore a backup.")),
        ("no such table", WrongSchema(f"The database has another version. {MIGRATE}")),
        ("no such column", WrongSchema(f"The database has another version. {MIGRATE}")),
        ("INTEGER value", Invalid("A number is too large.")),
    ):
        if sign in text:
            return problem
    return None


def _postgres(error: Any) -> Problem | None:
    if isinstance(error, asyncpg.UniqueViolationError):
        found = re.search(r"Key \((.+?)\)=", error.detail or "")
        return duplicate([part.strip(' "') for part in found[1].split(",")] if found else [])
    for kind, problem in (
        (
            asyncpg.ForeignKeyViolationError,
            Conflict("A record that this one needs is gone, or others still use it."),
        ),
        (asyncpg.RestrictViolationError, Conflict("Other records still use this one.")),
        (asyncpg.NotNullViolationError, Invalid("A required value is missing.")),
        (asyncpg.CheckViolationError, Invalid("A value is outside its limits.")),
        (asyncpg.DataError, Invalid("A value does not fit its column.")),
        (asyncpg.DiskFullError, Full("The database's disk is full. Nothing was changed.")),
        (asyncpg.ReadOnlySQLTransactionError, Full("The database is read-only.")),
        (asyncpg.UndefinedTableError, WrongSchema(f"The database has another version. {MIGRATE}")),
        (asyncpg.UndefinedColumnError, WrongSchema(f"The database has another version. {MIGRATE}")),
        (RETRY[0], Conflict("Somebody else changed the same records. Try again.")),
        (RETRY[1], Conflict("Somebody else changed the same records. Try again.")),
        (
            asyncpg.InvalidPasswordError,
            Unavailable("PostgreSQL refused the name or password in DATABASE_URL."),
        ),
        (
            asyncpg.InvalidCatalogNameError,
            Unavailable("The database named in DATABASE_URL does not exist. Create it first."),
        ),
    ):
        if isinstance(error, kind):
            return problem
    return None


def _lost() -> Problem:
    return Unavailable("The database cannot be reached. Check that it runs, then try again.")

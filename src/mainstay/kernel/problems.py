"""Everything that can go wrong for a caller, each with a status, a stable type and a remedy."""

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import Struct


class FieldError(Struct, frozen=True):
    """One value that was not accepted, and why."""

    field: str
    message: str


class Problem(Exception):
    """A refusal that the caller can understand and act on (RFC 9457)."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        current: Any = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Say what happened, which fields are meant and, where known, the current record."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.current = current
        self.headers = headers or {}

    def document(self, instance: str = "") -> dict[str, Any]:
        """Return the RFC 9457 problem document."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if instance:
            body["instance"] = instance
        if self.errors:
            body["errors"] = self.errors
        if self.current is not None:
            body["current"] = self.current
        return body


class Defect(Problem):
    """Mainstay itself failed. It was logged with the request's id; nothing was changed."""


class Malformed(Problem):
    """The request cannot be read at all: broken JSON, an unknown filter, a bad cursor."""

    status, code, title = 400, "malformed", "The request could not be read"


class SignInNeeded(Problem):
    """Nobody is signed in, or the token is no longer valid."""

    status, code, title = 401, "sign-in-needed", "Sign in first"


class Denied(Problem):
    """The person is known but lacks the permission."""

    status, code, title = 403, "denied", "You may not do this"


class NotFound(Problem):
    """There is no such record, or none that this person may see."""

    status, code, title = 404, "not-found", "There is nothing here"


class NotAllowed(Problem):
    """The address exists but does not answer this method."""

    status, code, title = 405, "method-not-allowed", "This address does not answer that method"


class Conflict(Problem):
    """The record's state does not allow this now."""

    status, code, title = 409, "conflict", "This cannot be done now"


class Stale(Conflict):
    """Somebody else changed the record first."""

    code, title = "stale-version", "Somebody changed this first"


class Duplicate(Conflict):
    """A value that must be unique is already taken."""

    code, title = "duplicate", "This already exists"


class Invalid(Problem):
    """The request was read, but some values are not acceptable."""

    status, code, title = 422, "invalid", "Some values were not accepted"


class TooLarge(Problem):
    """The body is larger than the setting allows."""

    status, code, title = 413, "too-large", "The request is too large"


class UnsupportedMedia(Problem):
    """The body is not in a format that this address reads."""

    status, code, title = 415, "unsupported-media", "This format is not accepted here"


class TooMany(Problem):
    """Too many attempts in a short time."""

    status, code, title = 429, "too-many", "Too many attempts"


class Unavailable(Problem):
    """The database cannot be reached, is locked, full or read-only."""

    status, code, title = 503, "unavailable", "The workspace is not available right now"


class Full(Unavailable):
    """The disk is full or may not be written."""

    status, code, title = 507, "storage-full", "Nothing can be written"


class WrongSchema(Problem):
    """The database is older or newer than this program."""

    status, code, title = 503, "wrong-schema", "The database does not match this version"


def invalid(field: str, message: str) -> Invalid:
    """Return a refusal of one field."""
    return Invalid(f"{field} {message}.", errors=(FieldError(field, message),))


def catalogue() -> list[type[Problem]]:
    """Return every kind of problem, ordered by status, for the guide and the OpenAPI text."""
    found: list[type[Problem]] = []
    waiting: list[type[Problem]] = list(Problem.__subclasses__())
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return sorted(found, key=lambda kind: (kind.status, kind.code))

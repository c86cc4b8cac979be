"""Every setting of a workspace: what it means, where its value may come from, what it is now."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Meta, Struct

from mainstay.kernel.problems import FieldError, Invalid

PREFIX = "MAINSTAY_"
FILE = "mainstay.toml"
# Read by tests, benchmarks and the settings file's own address, so they are no mistake.
OTHERS = ("MAINSTAY_CONFIG", "MAINSTAY_TEST_", "MAINSTAY_CRASH_", "MAINSTAY_FUZZ_")
ADDRESSES = frozenset({"database_url", "smtp_url", "file_store"})
HIDDEN = "•••"
WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}

Days = Annotated[int, Meta(ge=1, le=36500)]


class Settings(Struct, frozen=True, kw_only=True):
    """How one workspace runs."""

    data_dir: Annotated[
        str,
        Meta(
            description="The folder for the SQLite file, and uploads; relative "
            "ones start at the working directory. It is created on the first start."
        ),
    ] = "var"
    database_url: Annotated[
        str,
        Meta(
            description="The database: a file name, sqlite:///path/to/file.db or "
            "postgresql://user:password@host/name. Empty means mainstay.db in data_dir. "
            "DATABASE_URL is read too."
        ),
    ] = ""
    host: Annotated[str, Meta(description="The address to listen on; 0.0.0.0 means every one.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(ge=0, le=65535, description="The port; 0 means any free one.")] = 8000
    workers: Annotated[
        int,
        Meta(ge=1, le=64, description="How many server processes; above 1 only on PostgreSQL."),
    ] = 1
    base_url: Annotated[
        str,
        Meta(
            description="The address people use, for links in mails and for secure cookies; "
            "https:// behind a proxy. Empty means http:// with host and port."
        ),
    ] = ""
    environment: Annotated[
        Literal["development", "production"],
        Meta(
            description="In development an empty database gets the demo company; in production "
            "it does not, and destroying data needs a flag."
        ),
    ] = "development"
    smtp_url: Annotated[
        str,
        Meta(
            description="The mail server: smtp://user:password@host:587 or smtps://host:465. "
            "Without one, links are shown to an administrator instead of being mailed."
        ),
    ] = ""
    mail_from: Annotated[str, Meta(description="The sender of the workspace's mails.")] = (
        "Mainstay <mainstay@localhost>"
    )
    max_body_bytes: Annotated[
        int, Meta(ge=1024, description="The largest request body that is no upload.")
    ] = 10 * 1024 * 1024
    max_upload_bytes: Annotated[int, Meta(ge=1024, description="The largest uploaded file.")] = (
        100 * 1024 * 1024
    )
    file_store: Annotated[
        str,
        Meta(
            description="Where attachments are kept: a folder, or an S3-compatible bucket as "
            "s3://bucket/prefix?endpoint=https://…&region=… with the keys in AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY. Empty means files in data_dir."
        ),
    ] = ""
    file_types: Annotated[
        tuple[str, ...],
        Meta(
            description="Which kinds of files may be attached, by their endings, separated by "
            "commas; empty means every kind that Mainstay knows."
        ),
    ] = ()
    file_quota_bytes: Annotated[
        int, Meta(ge=0, description="How much all attachments may take together; 0 means no limit.")
    ] = 0
    file_bin_days: Annotated[
        Days, Meta(description="How many days a removed attachment waits in the bin.")
    ] = 30
    share_links: Annotated[
        bool,
        Meta(description="Whether people may show a record or list to others by a public link."),
    ] = True
    session_hours: Annotated[
        int, Meta(ge=1, le=8760, description="How long a sign-in lasts without being used.")
    ] = 24
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="The least important messages that are logged."),
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "text"],
        Meta(description="How messages are logged; auto is text on a terminal, else JSON."),
    ] = "auto"
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(
            description="Addresses or networks of proxies whose X-Forwarded-For and "
            "X-Forwarded-Proto are believed, separated by commas."
        ),
    ] = ()
    run_jobs: Annotated[
        bool,
        Meta(description="Whether `serve` also runs jobs; false where `mainstay worker` does."),
    ] = True
    audit_days: Annotated[
        Days, Meta(description="How many days the log of changes is kept after it was sealed.")
    ] = 730
    reply_hours: Annotated[
        int, Meta(ge=1, le=8760, description="How long an Idempotency-Key replays its answer.")
    ] = 24
    audit_anchor: Annotated[
        str,
        Meta(
            description="Where `mainstay audit seal` notes the last seal outside the database. "
            "Empty means beside data_dir, with .seal.json after its name."
        ),
    ] = ""

    @property
    def folder(self) -> Path:
        """Return the data folder."""
        return Path(self.data_dir)

    @property
    def uploads(self) -> Path:
        """Return the folder of uploaded files that still wait to be imported."""
        return self.folder / "uploads"

    @property
    def attachments(self) -> str:
        """Return where attachments are kept: a folder or a bucket's address."""
        return self.file_store or str(self.folder / "files")

    @property
    def anchor(self) -> Path:
        """Return the file that notes the last seal of the log."""
        return Path(self.audit_anchor)

    @property
    def production(self) -> bool:
        """Return whether real work is done here."""
        return self.environment == "production"

    @property
    def on_sqlite(self) -> bool:
        """Return whether the database is a file of this machine."""
        return "://" not in self.database_url or self.database_url.startswith("sqlite")


class Told(Struct, frozen=True):
    """One setting as `mainstay config` shows it."""

    name: str
    value: Any
    source: str
    variable: str
    expects: str
    means: str


FIELDS = {part.name: part for part in msgspec.structs.fields(Settings)}


def load(
    overrides: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    file: str | Path | None = None,
) -> Settings:
    """Return the settings: built-in values, then the file, the environment, the command line."""
    return traced(overrides, env, file)[0]


def traced(
    overrides: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    file: str | Path | None = None,
) -> tuple[Settings, dict[str, str]]:
    """Return the settings and, for each one that was said, where it was said."""
    env = os.environ if env is None else env
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    mistakes: list[FieldError] = []
    for source, name, label, raw in (
        *_from_file(env, file),
        *_from_env(env),
        *_from_call(overrides),
    ):
        if name not in FIELDS:
            mistakes.append(_unknown(label, source))
            continue
        try:
            values[name] = _value(name, raw)
            sources[name] = source
        except ValueError as error:
            place = "" if source in (label, "command line") else f" (in {source})"
            mistakes.append(FieldError(label, f"{error}, not {shown(name, raw)!r}{place}"))
    settings = Settings() if mistakes else _completed(values)
    mistakes = mistakes or _together(settings)
    if mistakes:
        raise Invalid("; ".join(f"{m.field} {m.message}" for m in mistakes), errors=mistakes)
    return settings, sources


def _from_file(env: Mapping[str, str], file: str | Path | None) -> list[tuple[str, str, str, Any]]:
    named = file or env.get("MAINSTAY_CONFIG")
    path = Path(named or FILE)
    if not named and not path.is_file():
        return []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Invalid(f"The settings file {path} cannot be read: {why}.") from None
    return [(str(path), name, name, value) for name, value in content.items()]


def _from_env(env: Mapping[str, str]) -> list[tuple[str, str, str, Any]]:
    """Read the variables; an empty one counts as not set, because shells export such."""
    found = []
    if env.get("DATABASE_URL"):
        found.append(("DATABASE_URL", "database_url", "DATABASE_URL", env["DATABASE_URL"]))
    for variable in sorted(env):
        if not variable.startswith(PREFIX) or variable.startswith(OTHERS) or not env[variable]:
            continue
        name = variable.removeprefix(PREFIX).lower()
        found.append((variable, name, variable, env[variable]))
    return found


def _from_call(overrides: Mapping[str, Any] | None) -> list[tuple[str, str, str, Any]]:
    return [
        ("command line", name, f"--{name.replace('_', '-')}", value)
        for name, value in (overrides or {}).items()
        if value is not None
    ]


def _unknown(label: str, source: str) -> FieldError:
    """Name the known setting that was probably meant."""
    plain = label.removeprefix(PREFIX).removeprefix("--").replace("-", "_").lower()
    near = difflib.get_close_matches(plain, FIELDS, n=1, cutoff=0.0)
    meant = near[0] if near else next(iter(FIELDS))
    known = variable(meant) if label.startswith(PREFIX) else meant
    where = "" if source == label else f" (in {source})"
    return FieldError(label, f"is not a setting{where}; did you mean {known}?")


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def _value(name: str, raw: Any) -> Any:
    """Bring a value into the setting's type, or say what is expected."""
    part = FIELDS[name]
    if isinstance(raw, str) and _bare(part.type) is not str:
        raw = raw.strip()
    if _bare(part.type) is tuple and isinstance(raw, str):
        raw = [word.strip() for word in raw.split(",") if word.strip()]
    if _bare(part.type) is bool and isinstance(raw, str):
        raw = {"yes": True, "on": True, "no": False, "off": False}.get(raw.lower(), raw.lower())
    try:
        return msgspec.convert(raw, part.type, strict=not isinstance(raw, str))
    except msgspec.ValidationError:
        raise ValueError(f"must be {expects(name)}") from None


def _bare(kind: Any) -> Any:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return get_origin(kind) or kind


def _notes(kind: Any) -> list[Meta]:
    return [note for note in getattr(kind, "__metadata__", ()) if isinstance(note, Meta)]


def expects(name: str) -> str:
    """Return in words what values a setting takes."""
    kind = FIELDS[name].type
    bare = _bare(kind)
    if bare is Literal:
        return "one of " + ", ".join(get_args(get_args(kind)[0]))
    if bare is tuple:
        return "a list of texts"
    least = next((m.ge for m in _notes(kind) if m.ge is not None), None)
    most = next((m.le for m in _notes(kind) if m.le is not None), None)
    words = WORDS[bare]
    if least is not None and most is not None:
        return f"{words} between {least} and {most}"
    return f"{words} of at least {least}" if least is not None else words


def means(name: str) -> str:
    """Return what a setting does."""
    return next((m.description for m in _notes(FIELDS[name].type) if m.description), "")


def _completed(values: dict[str, Any]) -> Settings:
    """Fill in the values that follow from others."""
    plain = Settings(**values)
    folder = Path(plain.data_dir).expanduser().absolute()
    host = f"[{plain.host}]" if ":" in plain.host else plain.host
    host = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - compared
    return msgspec.structs.replace(
        plain,
        data_dir=str(folder),
        database_url=plain.database_url or f"sqlite:///{folder / 'mainstay.db'}",
        base_url=(plain.base_url or f"http://{host}:{plain.port}").rstrip("/"),
        audit_anchor=plain.audit_anchor or f"{folder}.seal.json",
    )


def _together(settings: Settings) -> list[FieldError]:
    """Check what no single value can tell."""
    wrong = []
    if settings.workers > 1 and settings.on_sqlite:
        wrong.append(
            FieldError(
                variable("workers"),
                f"is {settings.workers}, but a SQLite file is served by one process; "
                "use 1, or set DATABASE_URL to a PostgreSQL database",
            )
        )
    if not settings.base_url.startswith(("http://", "https://")):
        wrong.append(
            FieldError(
                variable("base_url"),
                f"must be an address like https://work.example.com, not {settings.base_url!r}",
            )
        )
    if settings.smtp_url and not settings.smtp_url.startswith(("smtp://", "smtps://")):
        wrong.append(FieldError(variable("smtp_url"), "must be an address like smtp://host:587"))
    return wrong


def shown(name: str, value: Any) -> Any:
    """Return a value as it may be printed: secrets and passwords in addresses are masked."""
    if name in ADDRESSES and isinstance(value, str):
        return masked_url(value)
    return list(value) if isinstance(value, tuple) else value


def masked_url(url: str) -> str:
    """Return an address with its password masked."""
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return HIDDEN
    if password is None:
        return url
    user, _, place = parts.netloc.rpartition("@")
    masked = f"{user.partition(':')[0]}:{HIDDEN}@{place}"
    return urlunsplit((parts.scheme, masked, parts.path, parts.query, parts.fragment))


def told(settings: Settings, sources: Mapping[str, str]) -> list[Told]:
    """Return every setting with its value, its source and its meaning."""
    return [
        Told(
            name,
            shown(name, getattr(settings, name)),
            sources.get(name, "built in"),
            variable(name),
            expects(name),
            means(name),
        )
        for name in FIELDS
    ]

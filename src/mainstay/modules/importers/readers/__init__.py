"""Which program wrote a file, and its records one after another."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from mainstay.facets.transfer.api import examine
from mainstay.kernel.problems import Invalid, Problem
from mainstay.modules.importers.model import Alias, Record
from mainstay.modules.importers.readers import (
    asana,
    github,
    jira_csv,
    jira_json,
    jira_xml,
    trello,
)
from mainstay.modules.importers.readers.held import Bytes

HEAD = 1 << 18
TAIL = 1 << 16
PROGRAMS = {
    "jira_csv": "Jira",
    "jira_xml": "Jira",
    "jira_json": "Jira",
    "trello_json": "Trello",
    "github_json": "GitHub",
    "asana_csv": "Asana",
}
KNOWN = (
    "Known are Jira's CSV, XML and JSON, a board of Trello as JSON, issues of GitHub as JSON, "
    "and a project of Asana as CSV"
)
FOREIGN = (
    (b"%PDF", "it is a PDF document, which shows work but does not hold it"),
    (b"\x89PNG", "it is a picture"),
    (b"\xff\xd8\xff", "it is a picture"),
    (b"\x1f\x8b", "it is compressed; unpack it and give the file inside"),
    (b"7z\xbc\xaf", "it is compressed; unpack it and give the file inside"),
    (b"SQLite format 3", "it is a database"),
)
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def encoding_of(head: bytes) -> str:
    """Return how a file's text is written; most are UTF-8."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    if b"\x00" in head[:400]:
        return "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
    try:
        head[: len(head) - 4].decode("utf-8")
    except UnicodeDecodeError as error:
        return "cp1252" if error.start < len(head) - 8 else "utf-8-sig"
    return "utf-8-sig"


def source_of(path: Path, name: str) -> str:
    """Return which export a file is, or nothing for one that is none."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        stream.seek(0, 2)
        size = stream.tell()
        stream.seek(max(0, size - TAIL))
        tail = stream.read() if size > HEAD else b""
    if not head.strip() or any(head.startswith(sign) for sign, _ in FOREIGN):
        return ""
    encoding = encoding_of(head)
    text = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if text[:1] == "<":
        return "jira_xml" if jira_xml.recognised(text[:60_000]) else ""
    if text[:1] in ("{", "["):
        return _json_source(text, tail.decode(encoding, "ignore"))
    return _table_source(path, name)


def _json_source(text: str, tail: str) -> str:
    # What a board's own fields say may stand at its end, behind a long list of actions.
    if trello.recognised(text) or trello.recognised(f"{text[:20_000]}{tail}"):
        return "trello_json"
    if jira_json.recognised(text):
        return "jira_json"
    return "github_json" if github.recognised(text) else ""


def _table_source(path: Path, name: str) -> str:
    with suppress(Problem):
        source = examine(path, name, widest=jira_csv.WIDEST)
        source.close()
        if jira_csv.recognised(source.columns):
            return "jira_csv"
        if asana.recognised(source.columns):
            return "asana_csv"
    return ""


def require_source(path: Path, name: str) -> str:
    """Return which export a file is; refuse others, and say what to do instead."""
    with path.open("rb") as stream:
        head = stream.read(64)
    if not head.strip():
        raise Invalid(f"The file {name} is empty. Export it again, and look whether it has a size.")
    for sign, what in FOREIGN:
        if head.startswith(sign):
            raise Invalid(f"The file {name} cannot be moved in: {what}. {KNOWN}.")
    found = source_of(path, name)
    if found:
        return found
    _explain(path, name, head)
    raise Invalid(
        f"The file {name} is not recognised as an export of Jira, Trello, GitHub or Asana. "
        f"{KNOWN}. A table of one kind of record can be imported from the menu of its list."
    )


def _explain(path: Path, name: str, head: bytes) -> None:
    """Raise what is wrong with a file that is broken rather than unknown."""
    from mainstay.modules.importers.readers.json_stream import pieces

    text = head.decode(encoding_of(head), "replace").lstrip("\ufeff \t\r\n")
    if text[:1] in ("{", "["):
        for _ in pieces(path, name, frozenset(((),))):
            pass
    elif text[:1] != "<":
        examine(path, name, widest=jira_csv.WIDEST).close()


def read(path: Path, name: str, source: str, held: Bytes | None = None) -> Iterator[Record | Alias]:
    """Yield what an export holds."""
    with path.open("rb") as stream:
        encoding = encoding_of(stream.read(HEAD))
    readers: dict[str, Callable[[], Iterator[Record | Alias]]] = {
        "jira_csv": lambda: jira_csv.read(path, name),
        "jira_xml": lambda: jira_xml.read(path, name),
        "jira_json": lambda: jira_json.read(path, name, held, encoding),
        "trello_json": lambda: trello.read(path, name, held, encoding),
        "github_json": lambda: github.read(path, name, encoding),
        "asana_csv": lambda: asana.read(path, name),
    }
    yield from readers[source]()

"""Which kinds of files there are: by their ending, and by how their content must begin."""

import re
from typing import NamedTuple

HEAD = 4096
ZIP, OLE = (b"PK\x03\x04", b"PK\x05\x06"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
RIFF, ISO = b"RIFF", b"ftyp"
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."


class Kind(NamedTuple):
    """One kind of file: its MIME type, how it begins ("text" for words), how it is shown."""

    mime: str
    starts: tuple[bytes, ...] | str
    shown: str = ""


KINDS: dict[str, Kind] = {
    "png": Kind("image/png", (b"\x89PNG\r\n\x1a\n",), "image"),
    "jpg": Kind("image/jpeg", (b"\xff\xd8\xff",), "image"),
    "jpeg": Kind("image/jpeg", (b"\xff\xd8\xff",), "image"),
    "gif": Kind("image/gif", (b"GIF87a", b"GIF89a"), "image"),
    "webp": Kind("image/webp", "webp", "image"),
    "avif": Kind("image/avif", "iso", "image"),
    "heic": Kind("image/heic", "iso"),
    "bmp": Kind("image/bmp", (b"BM",)),
    "tif": Kind("image/tiff", (b"II*\x00", b"MM\x00*")),
    "tiff": Kind("image/tiff", (b"II*\x00", b"MM\x00*")),
    "svg": Kind("image/svg+xml", "text"),
    "pdf": Kind("application/pdf", (b"%PDF-",), "pdf"),
    "txt": Kind("text/plain", "text", "text"),
    "md": Kind("text/markdown", "text", "text"),
    "csv": Kind("text/csv", "text", "text"),
    "tsv": Kind("text/tab-separated-values", "text", "text"),
    "log": Kind("text/plain", "text", "text"),
    "json": Kind("application/json", "text", "text"),
    "yaml": Kind("application/yaml", "text", "text"),
    "yml": Kind("application/yaml", "text", "text"),
    "toml": Kind("application/toml", "text", "text"),
    "xml": Kind("application/xml", "text", "text"),
    "html": Kind("text/html", "text"),
    "ics": Kind("text/calendar", "text"),
    "vcf": Kind("text/vcard", "text"),
    "eml": Kind("message/rfc822", "text"),
    "rtf": Kind("application/rtf", (b"{\\rtf",)),
    "docx": Kind(f"{OFFICE}wordprocessingml.document", ZIP),
    "xlsx": Kind(f"{OFFICE}spreadsheetml.sheet", ZIP),
    "pptx": Kind(f"{OFFICE}presentationml.presentation", ZIP),
    "odt": Kind(f"{OPEN}text", ZIP),
    "ods": Kind(f"{OPEN}spreadsheet", ZIP),
    "odp": Kind(f"{OPEN}presentation", ZIP),
    "doc": Kind("application/msword", OLE),
    "xls": Kind("application/vnd.ms-excel", OLE),
    "ppt": Kind("application/vnd.ms-powerpoint", OLE),
    "msg": Kind("application/vnd.ms-outlook", OLE),
    "zip": Kind("application/zip", ZIP),
    "gz": Kind("application/gzip", (b"\x1f\x8b",)),
    "7z": Kind("application/x-7z-compressed", (b"7z\xbc\xaf\x27\x1c",)),
    "mp3": Kind("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "wav": Kind("audio/wav", "riff"),
    "ogg": Kind("audio/ogg", (b"OggS",)),
    "m4a": Kind("audio/mp4", "iso"),
    "mp4": Kind("video/mp4", "iso"),
    "mov": Kind("video/quicktime", "iso"),
    "webm": Kind("video/webm", (b"\x1a\x45\xdf\xa3",)),
    "dwg": Kind("image/vnd.dwg", (b"AC10",)),
    "dxf": Kind("image/vnd.dxf", "text"),
}
USUAL = ("png", "jpg", "gif", "webp", "pdf", "txt")
ICONS = {"image": "photo", "pdf": "file-type-pdf", "text": "file-text"}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain_name(text: str) -> str:
    """Return a file's own name without folders, control characters and reversing marks."""
    last = CONTROL.sub("", text.replace("\\", "/")).rstrip("/").rpartition("/")[2]
    name = " ".join(last.split()).strip(". ") if last.strip(". ") else ""
    stem, dot, ending = name.rpartition(".")
    if len(name.encode()) <= 200:
        return name
    kept = (stem if dot else name).encode()[: 190 - len(ending.encode()[:20])]
    return kept.decode("utf-8", "ignore") + (f".{ending[:20]}" if dot else "")


def ending_of(name: str) -> str:
    """Return a name's ending in small letters, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def guessed(head: bytes) -> str:
    """Return the ending that fits a content whose name has none, or nothing."""
    return next((ending for ending in USUAL if fits(ending, head)), "")


def fits(ending: str, head: bytes) -> bool:
    """Return whether a content begins as files with this ending do."""
    starts = KINDS[ending].starts
    if isinstance(starts, tuple):
        return head.startswith(starts)
    if starts == "text":
        return _is_text(head)
    if starts == "webp":
        return head.startswith(RIFF) and head[8:12] == b"WEBP"
    if starts == "riff":
        return head.startswith(RIFF) and head[8:12] == b"WAVE"
    return head[4:8] == ISO


def _is_text(head: bytes) -> bool:
    """Return whether bytes are words: no zero bytes, unless UTF-16 says so at its beginning."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\x00" not in head and not head.startswith((b"%PDF-", b"PK\x03\x04"))


def shown_as(mime: str) -> str:
    """Return how a file may be looked at in the browser: image, pdf, text, or nothing."""
    return next((kind.shown for kind in KINDS.values() if kind.mime == mime), "")


def icon_of(mime: str) -> str:
    """Return the icon that stands for a kind of file."""
    if shown := shown_as(mime):
        return ICONS[shown]
    major = mime.partition("/")[0]
    if major in ("image", "video", "audio"):
        return {"image": "photo", "video": "video", "audio": "microphone"}[major]
    for word, icon in (("sheet", "table"), ("excel", "table"), ("presentation", "presentation")):
        if word in mime:
            return icon
    return "archive" if "zip" in mime or "7z" in mime else "file"


def accepted(allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the endings that may be attached: those of the setting, or every known one."""
    wanted = tuple(one.strip().lower().removeprefix(".") for one in allowed)
    return tuple(one for one in KINDS if not wanted or one in wanted)


def spoken_size(size: int) -> str:
    """Write a number of bytes as people say it: 640 kB, 2.4 MB."""
    if size < 1000:
        return f"{size} B"
    amount, units = size / 1000, iter(("kB", "MB", "GB", "TB"))
    unit = next(units)
    while amount >= 1000 and unit != "TB":
        amount, unit = amount / 1000, next(units)
    return f"{amount:.1f} {unit}" if amount < 10 and amount % 1 >= 0.05 else f"{amount:.0f} {unit}"

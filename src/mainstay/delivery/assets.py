"""The browser's files: read once, joined, packed, and named by what is in them."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from litestar import Request, Response, get

from mainstay.kernel.problems import NotFound

STATIC = Path(__file__).parent / "static"
FIRST = ("tokens.css", "base.css")
PACKED = ("text/", "application/javascript", "application/json", "image/svg")
KEPT = "public, max-age=31536000, immutable"
LEAST = 600


@dataclass(frozen=True)
class Asset:
    """One file as it is served, plain and packed."""

    kind: str
    plain: bytes
    packed: bytes


class Assets:
    """Every static file in memory; the stylesheets are joined into `app.css`."""

    def __init__(self, folder: Path = STATIC) -> None:
        """Read the folder; the version changes whenever a file does."""
        paths = sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
        styles = sorted((p for p in paths if p.parent.name == "css"), key=_place)
        self.files = {
            p.relative_to(folder).as_posix(): _asset(p.name, p.read_bytes())
            for p in paths
            if p not in styles
        }
        self.files["app.css"] = _asset("app.css", b"\n".join(p.read_bytes() for p in styles))
        total = hashlib.sha256()
        for name, asset in sorted(self.files.items()):
            total.update(name.encode() + b"\0" + asset.plain)
        self.version = total.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Return where a file is; scripts import one another beside it."""
        return f"/static/{self.version}/{name}"


def _place(path: Path) -> tuple[int, str]:
    return (FIRST.index(path.name) if path.name in FIRST else len(FIRST), path.name)


def _asset(name: str, content: bytes) -> Asset:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = "application/javascript" if kind == "text/javascript" else kind
    worth = kind.startswith(PACKED) and len(content) >= LEAST
    packed = gzip.compress(content, 9, mtime=0) if worth else b""
    return Asset(f"{kind}; charset=utf-8" if worth else kind, content, packed)


@lru_cache(maxsize=1)
def assets() -> Assets:
    """Return the files of this installation."""
    return Assets()


def static(name: str) -> str:
    """Return the address of a static file, changed whenever any of them is."""
    return assets().address(name)


@get("/static/{path:path}")
async def static_file(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Send a file; an address without the version is answered too, but not kept."""
    version, _, rest = request.path_params["path"].lstrip("/").partition("/")
    known = assets()
    current = version == known.version
    name = rest if current or len(version) == len(known.version) else f"{version}/{rest}"
    found = known.files.get(name.strip("/"))
    if found is None:
        raise NotFound("There is no such file.")
    headers = {"Cache-Control": KEPT if current else "no-cache", "Vary": "Accept-Encoding"}
    content = found.plain
    if found.packed and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = found.packed, "gzip"
    return Response(content, media_type=found.kind, headers=headers)


ROUTES = [static_file]

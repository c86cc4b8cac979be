"""What makes the workspace installable: manifest, service worker, the page without a net."""

from functools import lru_cache
from typing import Any

import msgspec
from litestar import Request, Response, get

from mainstay.delivery import words
from mainstay.delivery.assets import assets, static
from mainstay.delivery.render import THEME_COLORS, Renderer, who
from mainstay.delivery.words import gettext as _

Rq = Request[Any, Any, Any]
OFFLINE = "/offline"
KEPT_KINDS = (".js", ".css", ".svg")


@get("/manifest.webmanifest")
async def manifest(request: Rq) -> Response[bytes]:
    """Say how the workspace looks as a program of its own."""
    words.speak(who(request).locale)
    shown = {
        "id": "/",
        "name": _("Mainstay"),
        "short_name": _("Mainstay"),
        "description": _("Work, people and everything around it, in one place."),
        "lang": words.language.get().replace("_", "-"),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": THEME_COLORS[0],
        "theme_color": THEME_COLORS[0],
        "icons": [
            {"src": static("icons/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            *(_icon(size, "any") for size in (192, 512)),
            _icon(512, "maskable"),
        ],
        "shortcuts": [
            {"name": _("Search"), "url": "/search"},
            {"name": _("Profile and preferences"), "url": "/profile"},
        ],
    }
    headers = {"Cache-Control": "no-cache"}
    body = msgspec.json.encode(shown)
    return Response(body, media_type="application/manifest+json", headers=headers)


def _icon(size: int, purpose: str) -> dict[str, str]:
    name = "maskable" if purpose == "maskable" else "icon"
    return {
        "src": static(f"icons/{name}-{size}.png"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


@get("/sw.js")
async def service_worker() -> Response[bytes]:
    """Send the worker that keeps this version's own files, and nothing of anybody's work."""
    return Response(
        _worker(),
        media_type="application/javascript",
        headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"},
    )


@lru_cache(maxsize=1)
def _worker() -> bytes:
    """Write the version and its files in front of the worker's script."""
    known = assets()
    names = sorted(name for name in known.files if name.endswith(KEPT_KINDS) and name != "sw.js")
    says = {
        "version": known.version,
        "offline": OFFLINE,
        "files": [static(name) for name in names],
    }
    head = b"const KNOWN = " + msgspec.json.encode(says) + b";\n"
    return head + known.files["sw.js"].plain


@get(OFFLINE)
async def offline(request: Rq) -> Response[Any]:
    """Show the page that the browser keeps for the time without a connection."""
    renderer: Renderer = request.app.state.renderer
    html = renderer.text(request, "offline.html")
    return Response(html, media_type="text/html", headers={"Cache-Control": "no-cache"})


ROUTES = [manifest, service_worker, offline]

"""Turns templates into pages: the layout, the menus and the words around every room's content."""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    pass_context,
)
from litestar import Request, Response
from litestar.datastructures import Cookie
from markupsafe import Markup, escape
from msgspec import Struct

from mainstay.delivery import words
from mainstay.delivery.assets import static
from mainstay.delivery.keys import Group, groups
from mainstay.delivery.offers import rail_of
from mainstay.delivery.refusals import refusal
from mainstay.kernel.fields import Given
from mainstay.kernel.module import Deed, Menu, Module
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Problem, SignInNeeded
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import ANONYMOUS, Me
from mainstay.kernel.workspace import Workspace

HERE = Path(__file__).parent
FLASH = "mainstay_flash"
RAIL = "mainstay_rail"
MAIN = "main#main"
SPLIT = "aside#split"
HTML = "text/html"
THEME_COLORS = ("#f6f6f8", "#0f1012")
ICON = '<svg class="icon{}" aria-hidden="true"><use href="{}#tabler-{}"></use></svg>'


class Toast(Struct, kw_only=True):
    """What the next page says about what was just done, and what takes it back."""

    text: str
    undo: int = 0
    tone: str = ""


@dataclass(frozen=True)
class Link:
    """One line of the left rail."""

    title: str
    href: str
    icon: str


@dataclass(frozen=True)
class Room:
    """One room of the left rail, with the lists and pages a person may open."""

    name: str
    title: str
    icon: str
    links: tuple[Link, ...]
    folded: bool = False


class Renderer:
    """Draws every page of one workspace."""

    def __init__(self, ws: Workspace) -> None:
        """Find every room's templates; each room's own folder is its name's prefix."""
        self.ws = ws
        self.registry = ws.registry
        self.env = _environment(ws.registry)
        self._menus: dict[frozenset[str], tuple[Room, ...]] = {}

    def page(
        self, request: Request[Any, Any, Any], template: str, *, status: int = 200, **context: Any
    ) -> Response[Any]:
        """Return a whole page, or only its main column when the page swaps that column itself."""
        partial = is_partial(request)
        if is_split(request) and context.get("layout") != "_split.html":
            return leave(here(request))
        html = self.text(request, template, partial=partial, **context)
        if partial and request.method == "GET" and html.lstrip().startswith("<!doctype"):
            return leave(here(request))
        return self.answer(request, html, status)

    def answer(
        self, request: Request[Any, Any, Any], html: str, status: int = 200
    ) -> Response[Any]:
        """Return HTML that no cache keeps, and drop the message that it has just shown."""
        headers = {"Cache-Control": "private, no-store", "Vary": "HX-Request, HX-Target, Cookie"}
        response: Response[Any] = Response(
            html, media_type=HTML, status_code=status, headers=headers
        )
        if FLASH in request.cookies:
            response.delete_cookie(FLASH, path="/")
        return response

    def text(self, request: Request[Any, Any, Any], template: str, **context: Any) -> str:
        """Return a template's text, with everything that every template may use."""
        me = who(request)
        words.speak(spoken_by(request))
        known: dict[str, Any] = {
            "request": request,
            "me": me,
            "csrf": getattr(request.state, "csrf", "") or "",
            "path": request.url.path,
            "theme": me.theme if me.theme in ("light", "dark") else "system",
            "lang": words.language.get().replace("_", "-"),
            "dir": words.direction(),
            "rail_state": "icons" if request.cookies.get(RAIL) == "icons" else "wide",
            "rooms": self.rooms(me),
            "home": self.home(),
            "offers": rail_of(request).offers,
            "shortcuts": lambda: self.shortcuts(me),
            "toast": flashed(request),
            "registry": self.registry,
            "deeds": lambda noun="": self.deeds(me, noun),
            "now": self.ws.clock.now(),
            "partial": False,
            "live": "",
            "theme_colors": THEME_COLORS,
            "place": "{}-{}".format(*getattr(request.state, "place", (0, 0))),
        }
        return self.env.get_template(template).render(known | context)

    def problem(self, request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
        """Return the page that explains a refusal; nobody signed in is sent to sign in."""
        if isinstance(problem, SignInNeeded) and request.method == "GET":
            to = "/sign-in?" + urlencode({"next": here(request)})
            return leave(to) if "HX-Request" in request.headers else redirect(request, to)
        signed = who(request).kind == "user"
        return self.page(
            request,
            "problem.html",
            status=problem.status,
            problem=problem,
            layout="_split.html" if is_split(request) else "base.html" if signed else "bare.html",
        )

    def rooms(self, me: Me) -> tuple[Room, ...]:
        """Return the rooms that this person may enter, in the order of the rail."""
        found = self._menus.get(me.grants)
        if found is None:
            cards = [m for m in self.registry.modules.values() if m.menu]
            cards.sort(key=lambda m: (m.menu.order if m.menu else 0, m.name))
            drawn: dict[str, Room] = {}
            for module in cards:
                assert module.menu
                room = self._room(module, module.menu, me)
                same = drawn.get(room.title, replace(room, links=()))
                drawn[room.title] = replace(same, links=(*same.links, *room.links))
            found = tuple(room for room in drawn.values() if room.links)
            if len(self._menus) > 1000:
                self._menus.clear()
            self._menus[me.grants] = found
        return found

    def shortcuts(self, me: Me) -> list[Group]:
        """Return the keyboard shortcuts, with the letters of the pages this person may open."""
        links = [(self.home().title, "/")]
        links += [(link.title, link.href) for room in self.rooms(me) for link in room.links]
        return groups(self.registry, links)

    def deeds(self, me: Me, noun: str = "") -> list[Deed]:
        """Return what facets let this person do from the menus of records and lists."""
        every = (deed for module in self.registry.modules.values() for deed in module.deeds)
        found = (deed for deed in every if not deed.only or noun in deed.only)
        on = self.ws.settings
        return [d for d in found if me.can(d.grant) and getattr(on, d.setting or "-", True)]

    def _room(self, module: Module, menu: Menu, me: Me) -> Room:
        links = [link for item in menu.items if (link := self._link(module, item, me))]
        return Room(module.name, menu.title, menu.icon, tuple(links), menu.folded)

    def _link(self, module: Module, item: str, me: Me) -> Link | None:
        """Find what a menu entry means: a page's path, or a resource by key, path or last word."""
        for page in module.pages:
            if item in (page.path, page.path.strip("/")):
                allowed = not page.grant or me.can(page.grant)
                return Link(page.title, page.path, page.icon) if allowed else None
        item, _, verb = item.partition(":")
        noun = self._noun(module, item)
        if noun is None or not me.can(noun.permission(verb or "read")):
            return None
        return Link(noun.plural, f"/{noun.path}", noun.resource.icon)

    def _noun(self, module: Module, item: str) -> Noun | None:
        names = (item, f"{module.name}.{item}", f"{module.name}/{item}")
        for name in names:
            found = self.registry.nouns.get(name) or self.registry.by_path.get(name)
            if found:
                return found
        return None

    def home(self) -> Link:
        """Return the first line of the rail."""
        for module in self.registry.modules.values():
            for page in module.pages:
                if page.path == "/":
                    return Link(page.title, "/", page.icon)
        return Link("My work", "/", "home")


Req = Request[Any, Any, Any]


def who(request: Req) -> Me:
    """Return the person who asks."""
    return getattr(request.state, "me", None) or ANONYMOUS


def spoken_by(request: Req) -> str:
    """Return the language of a person's profile, or of the browser of somebody not signed in."""
    me = who(request)
    asked = request.headers.get("accept-language", "")
    return words.preferred(asked) if me.kind == "anonymous" else me.locale


def is_partial(request: Req) -> bool:
    """Return whether the page asks only for its main column."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-Target", "") == MAIN
        and request.headers.get("HX-Request-Type") != "full"
    )


def is_split(request: Req) -> bool:
    """Return whether the page asks for a record that stands beside its list."""
    asked = request.headers.get("HX-Target", "") == SPLIT
    return asked and request.headers.get("HX-Request") == "true"


def is_dialog(request: Req) -> bool:
    """Return whether the page asks for the content of its dialog."""
    return request.headers.get("HX-Target", "") == "div#dialog-body"


def here(request: Req) -> str:
    """Return the address asked for, with its query."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def redirect(request: Req, to: str, toast: Toast | None = None) -> Response[Any]:
    """Send the reader on after a change, with a message for the next page."""
    dialog = is_dialog(request)
    answer: Response[Any]
    if dialog:
        target = {"HX-Target": MAIN}
        place = {"path": to, "target": "#main", "swap": "outerHTML", "headers": target}
        if "Mainstay-Split" in request.headers:
            place |= {"target": "#split", "headers": {"HX-Target": SPLIT}}
        headers = {"HX-Location": msgspec.json.encode(place).decode(), "HX-Trigger": "dialog:done"}
        answer = Response("", media_type=HTML, status_code=200, headers=headers)
    else:
        answer = Response("", media_type=HTML, status_code=303, headers={"Location": to})
    if toast:
        text = base64.urlsafe_b64encode(msgspec.json.encode(toast)).decode()
        secure = request.url.scheme == "https"
        answer.set_cookie(
            Cookie(FLASH, value=text, max_age=60, httponly=True, samesite="lax", secure=secure)
        )
    return answer


def leave(to: str) -> Response[Any]:
    """Make the browser load another page as a whole."""
    return Response("", media_type=HTML, headers={"HX-Redirect": to})


def flashed(request: Req) -> Toast | None:
    """Return the message left for this page, if it can be read."""
    raw = request.cookies.get(FLASH, "")
    if not raw:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(raw), type=Toast)
    except (ValueError, msgspec.MsgspecError):
        return None


@lru_cache(maxsize=1024)
def icon(name: str, extra: str = "") -> Markup:
    """Return an icon of the sprite; it is decoration, so words must stand beside it."""
    more = f" {extra}" if extra else ""
    sprite = static("vendor/icons.svg")
    return Markup(ICON.format(Markup.escape(more), sprite, Markup.escape(name)))  # noqa: S704


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Return one or two letters that stand for a name."""
    parts = [part for part in name.replace("@", " ").split() if part[:1].isalnum()]
    letters = [part[0] for part in (parts if len(parts) < 2 else (parts[0], parts[-1]))]
    return "".join(letters).upper() or "?"


@lru_cache(maxsize=4096)
def hue(name: str) -> int:
    """Return a steady place on the colour wheel for a name, as one of twelve classes."""
    return sum(name.encode()) * 7 % 12


def query(params: Iterable[tuple[str, Any]], **changes: Any) -> str:
    """Return a query string with some values set and those that are None left out."""
    kept = [(name, value) for name, value in params if name not in changes]
    kept += [(name, value) for name, value in changes.items() if value is not None]
    return "?" + urlencode(kept) if kept else ""


def _careful(declared: Any) -> Any:
    """Return the templates' gettext: what is declared counts as safe, what was given never does."""

    @pass_context
    def said(context: Any, text: str, /, **values: Any) -> Any:
        """Escape the words that somebody gave, and translate the declared ones."""
        if isinstance(text, Given):
            return escape(str(text))
        if not values and type(text) is str:
            return _settled(text, words.language.get())
        return declared(context, text, **values)

    return said


@lru_cache(maxsize=20000)
def _settled(text: str, tongue: str) -> Markup:
    """Return a declared text without values; a page says hundreds of them."""
    del tongue
    return Markup(words.gettext(text)) % {}  # noqa: S704


def _environment(registry: Registry) -> Environment:
    own = FileSystemLoader(HERE / "templates")
    prefixes = {
        name: FileSystemLoader(folder)
        for name in registry.modules
        for floor in ("modules", "facets")
        if (folder := HERE.parent / floor / name / "templates").is_dir()
    }
    env = Environment(
        loader=ChoiceLoader([own, PrefixLoader(prefixes)]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals["_"] = env.globals["gettext"] = _careful(env.globals["gettext"])
    env.filters |= {"inside": words.inside, "refusal": refusal}
    env.globals |= {
        "icon": icon,
        "static": static,
        "initials": initials,
        "hue": hue,
        "query": query,
        "number": words.number,
        "spoken_day": words.spoken_day,
        "spoken_deadline": words.spoken_deadline,
        "spoken_instant": words.spoken_instant,
        "exact_instant": words.exact_instant,
        "exact_day": words.exact_day,
    }
    return env


Handler = Callable[..., Any]

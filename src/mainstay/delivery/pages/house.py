"""The pages of the house itself: home, rooms' own pages, search, undo, theme, refusals, style."""

import inspect
import re
from functools import lru_cache
from typing import Any

from litestar import get, post
from markupsafe import Markup

from mainstay.delivery.cells import (
    PERSON,
    SHAPES,
    Look,
    as_row,
    draw,
    full_title_of,
    pill,
    priority,
)
from mainstay.delivery.forms import Field, Option
from mainstay.delivery.pages.common import (
    Answer,
    Rq,
    change,
    entered,
    local,
    look_of,
    reader,
    renderer,
    ws_of,
)
from mainstay.delivery.render import Toast, here, leave, redirect
from mainstay.delivery.words import gettext as _
from mainstay.kernel import perform
from mainstay.kernel.fields import Choice, Dec, Flag, Links, Ref, Text, Whole
from mainstay.kernel.fields import Day as DayKind
from mainstay.kernel.module import Page
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, Invalid, NotFound, Problem, catalogue
from mainstay.kernel.scope import require
from mainstay.kernel.workspace import Workspace

FOUND = 6
THEMES = ("light", "dark", "system")
REMEDIES = {
    400: "Look at the address: a filter, an order or a cursor in it is not known here.",
    401: "Sign in. If you were signed in before, the session has ended.",
    403: "Ask somebody who manages people for a role that includes it.",
    404: "Check the address. The record may be in the bin, or outside of what you may see.",
    409: "Load the page again, look at what has changed, and repeat your change.",
    413: "Send a smaller file, or raise the limit in the settings.",
    422: "Correct the values that are named and send them again. Nothing was changed.",
    429: "Wait a little, then try again.",
    500: "Try again. If it stays, tell whoever runs this workspace the time it happened.",
    503: "Try again in a minute. If it stays, tell whoever runs this workspace.",
    507: "Free space on the server's disk.",
}


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    text = "".join(
        f"(?P<{part}>[^/]+)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
    return re.compile(text + "$")


@lru_cache(maxsize=16)
def _module_pages(ws: Workspace) -> list[tuple[re.Pattern[str], Page]]:
    found = [(_pattern(p.path), p) for m in ws.registry.modules.values() for p in m.pages]
    return sorted(found, key=lambda one: "{" in one[1].path)


async def module_page(request: Rq) -> Answer | None:
    """Show a page that a room has added at this address, or return None when there is none."""
    for pattern, page in _module_pages(ws_of(request)):
        if match := pattern.match(request.url.path):
            return await _shown(request, page, match.groupdict())
    return None


async def _shown(request: Rq, page: Page, params: dict[str, str]) -> Answer:
    """Load a room's page; its `load` takes the context, and the address's values if it wants."""
    me = reader(request)
    if page.grant:
        require(me, page.grant)
    given = dict(request.query_params.items()) | params
    wants = len(inspect.signature(page.load).parameters) > 1
    values = await ws_of(request).look(
        me, lambda ctx: page.load(ctx, given) if wants else page.load(ctx)
    )
    shown = values if isinstance(values, dict) else {"answer": values}
    look = look_of(request)
    return renderer(request).page(request, page.template, **({"page": page, "look": look} | shown))


@get("/")
async def home(request: Rq) -> Answer:
    """Show the home page: a room's own, or the rooms and the newest records."""
    if (answer := await module_page(request)) is not None:
        return answer
    reader(request)
    return renderer(request).page(request, "home.html")


@get(["/{room:str}", "/{room:str}/{plural:str}/{record:str}/{tail:str}"])
async def elsewhere(request: Rq) -> Answer:
    """Show a room's own page, or the overview of a room."""
    return await elsewhere_page(request)


async def elsewhere_page(request: Rq) -> Answer:
    """Find what a room has put at this address."""
    if (answer := await module_page(request)) is not None:
        return answer
    me = reader(request)
    rooms = [room for room in renderer(request).rooms(me) if room.name == request.url.path[1:]]
    if not rooms:
        raise NotFound("There is nothing at this address.")
    doc = ws_of(request).registry.modules[rooms[0].name].doc
    return renderer(request).page(request, "room.html", room=rooms[0], doc=doc)


@get("/search")
async def search(request: Rq) -> Answer:
    """Search every list this person may read."""
    look, q = look_of(request), request.query_params.get("q", "").strip()[:200]
    groups = await found(request, q, look) if q else []
    return renderer(request).page(request, "search.html", q=q, groups=groups)


async def found(request: Rq, q: str, look: Look) -> list[dict[str, Any]]:
    """Return the first matches of each list, the fullest lists first."""
    ws, groups = ws_of(request), []
    for noun in ws.registry.nouns.values():
        if not noun.searchable or not look.me.can(noun.permission("read")):
            continue
        names = [*noun.brief, *(n for n in ("status",) if n in noun.columns)]
        wanted = [("q", q), ("limit", str(FOUND)), ("fields", ",".join(names))]
        page = await ws.page(look.me, noun.key, wanted)
        if page.items:
            rows = [_hit(noun, item, look) for item in page.items]
            groups.append({"noun": noun, "rows": rows, "more": page.next is not None})
    return groups


def _hit(noun: Noun, item: Any, look: Look) -> dict[str, Any]:
    row = as_row(item)
    drawn = Markup(draw(noun, "status", row, look)) if row.get("status") else ""  # noqa: S704
    return {"href": f"/{noun.path}/{row['id']}", "title": full_title_of(noun, row), "status": drawn}


@post("/changes/{change_set:int}/undo", status_code=200)
async def undo(request: Rq) -> Answer:
    """Take back a change."""
    me = reader(request)
    given = await entered(request)
    to = local(given.get("next", [""])[0], "/")
    try:
        await ws_of(request).undo(me, request.path_params["change_set"])
    except (Conflict, NotFound) as problem:
        return redirect(request, to, Toast(text=_(problem.detail), tone="bad"))
    return redirect(request, to, Toast(text=_("Taken back.")))


@post("/theme", status_code=200)
async def theme(request: Rq) -> Answer:
    """Keep the theme a person has chosen in their profile."""
    me, given = reader(request), await entered(request)
    wanted = given.get("theme", [""])[0]
    if wanted not in THEMES:
        raise Invalid("Choose light, dark or system.")
    noun = ws_of(request).registry.nouns.get(PERSON)
    if noun is None or me.id is None:
        raise NotFound("There is no profile to keep this in.")
    await change(request, lambda ctx: _keep_theme(ctx, noun, wanted))
    to = local(given.get("next", [""])[0], "/")
    return leave(to) if "HX-Request" in request.headers else redirect(request, to)


async def _keep_theme(ctx: Any, noun: Noun, wanted: str) -> Any:
    """Write it by the verb for one's own profile where there is one, else by an edit."""
    own = (a for a in noun.actions.values() if a.data and "theme" in a.data.__struct_fields__)
    action = next((a for a in own if ctx.can(noun.permission(a.grant))), None)
    if action is None:
        return await perform.update(ctx, noun, ctx.me.id, {"theme": wanted})
    record = ctx.me.id if action.entity else None
    return await perform.act(ctx, noun, action, record, {"theme": wanted})


@get("/problems")
async def problems(request: Rq) -> Answer:
    """List everything that can go wrong, and what to do about it."""
    return renderer(request).page(request, "problems.html", kinds=catalogue())


@get("/problems/{code:str}")
async def problem_kind(request: Rq) -> Answer:
    """Explain one kind of refusal."""
    code = request.path_params["code"]
    kind = next((one for one in catalogue() if one.code == code), None)
    if kind is None:
        raise NotFound("There is no such problem; /problems lists them.")
    return renderer(request).page(
        request, "problem_kind.html", kind=kind, remedy=REMEDIES.get(kind.status, "")
    )


@get("/style")
async def style(request: Rq) -> Answer:
    """Show every piece that pages are made of."""
    reader(request)
    return renderer(request).page(
        request,
        "style.html",
        shapes=[(s, Markup(pill(text.split()[0]))) for s, text in SHAPES.items()],  # noqa: S704
        priorities=[Markup(priority(p)) for p in ("lowest", "low", "medium", "high", "highest")],  # noqa: S704
        fields=_samples(),
        refusal=Problem,
        address=here(request),
    )


def _samples() -> list[Field]:
    """Return one input of each kind."""
    people = [Option("1", "Ada Lovelace"), Option("2", "Grace Hopper")]
    steps = [Option(v, v.capitalize()) for v in ("low", "medium", "high")]
    choice = Choice(values=("low", "medium", "high"))
    return [
        Field("s_text", "Text", Text(200), required=True, help="Help stands below an input."),
        Field("s_wrong", "Refused", Text(80), value="x", error="must have at least 3 letters"),
        Field("s_number", "Number", Whole(), value="42"),
        Field("s_money", "Decimal", Dec(), value="1250.50", attrs={"step": "0.01"}),
        Field("s_date", "Date", DayKind(), value="2026-12-24"),
        Field("s_choice", "Choice", choice, value="medium", options=steps),
        Field("s_person", "Reference", Ref(target=PERSON), value="1", options=people),
        Field("s_flag", "Checkbox", Flag(), value="true"),
        Field("s_many", "References", Links(target=PERSON), picked=people, source="/style"),
        Field("s_lines", "Long text", Text(2000, lines=True), value="Several lines.\nOf words."),
    ]


ROUTES = [home, search, undo, theme, problems, problem_kind, style, elsewhere]

"""What every page does first: find the resource, the record, the reader; and run a change."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response

from mainstay.delivery import words
from mainstay.delivery.cells import Look, Row, as_row
from mainstay.delivery.render import Renderer, Toast, who
from mainstay.kernel.clock import today_in
from mainstay.kernel.context import Context
from mainstay.kernel.entity import KEPT
from mainstay.kernel.fields import Links, Ref
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import NotFound, SignInNeeded
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace

Rq = Request[Any, Any, Any]
Answer = Response[Any]
Write = Callable[[Context], Awaitable[Any]]
BOOKKEEPING = (*KEPT, "metadata", "custom_fields")


def ws_of(request: Rq) -> Workspace:
    """Return the workspace."""
    return request.app.state.ws  # type: ignore[no-any-return]


def renderer(request: Rq) -> Renderer:
    """Return what draws the pages."""
    return request.app.state.renderer  # type: ignore[no-any-return]


def reader(request: Rq) -> Me:
    """Return the person who asks, who must be signed in."""
    me = who(request)
    if me.kind == "anonymous":
        raise SignInNeeded("Sign in to see this page.")
    words.speak(me.locale)
    return me


def look_of(request: Rq) -> Look:
    """Return who looks, when, and at which rooms."""
    ws, me = ws_of(request), reader(request)
    now = ws.clock.now()
    return Look(me, now, today_in(me.zone, now), ws.registry)


def noun_of(request: Rq) -> Noun:
    """Return the resource that the address names."""
    params = request.path_params
    noun = ws_of(request).registry.by_path.get(f"{params['room']}/{params['plural']}")
    if noun is None:
        raise NotFound("There is nothing at this address.")
    return noun


def record_of(request: Rq) -> int:
    """Return the record's id from the address."""
    text = request.path_params["record"]
    if not text.isdecimal() or not 0 < int(text) < 2**63:
        raise NotFound("There is nothing at this address.")
    return int(text)


def local(path: str, otherwise: str) -> str:
    """Return an address of this workspace, never of another site."""
    parts = urlsplit(path)
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc
    return path if safe and "\n" not in path and "\r" not in path else otherwise


async def entered(request: Rq) -> dict[str, list[str]]:
    """Return the values of a form as they were entered, every name with all of its values."""
    form = await request.form()
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value)
    return values


async def change(request: Rq, work: Write, *, slow: bool = False) -> tuple[Any, int]:
    """Run a unit of work; return its result and the change set that may be taken back, or 0."""

    async def unit(ctx: Context) -> tuple[Any, int]:
        """Do it, and see whether anything was changed."""
        result = await work(ctx)
        await ctx.settle()
        return result, ctx.to_undo

    return await ws_of(request).run(reader(request), unit, slow=slow)


def granted(noun: Noun, me: Me) -> frozenset[str]:
    """Return the guarded groups of fields that this person may read."""
    groups = {item.kind.group for item in noun.fields.values() if item.kind.group}
    return frozenset(g for g in groups if me.can(noun.permission(f"read_{g}")))


def visible(noun: Noun, me: Me) -> set[str]:
    """Return the names of the fields that this person may read."""
    return {*noun.readable(granted(noun, me)), *noun.links}


def asking(noun: Noun, names: list[str]) -> list[tuple[str, str]]:
    """Return the query that reads these fields with what they refer to."""
    beside = (n for n in ("status", "completed_at", "currency") if n in noun.columns)
    extra = [n for n in beside if not noun.fields[n].kind.group]
    plain = [n for n in dict.fromkeys((*names, *extra, "version")) if n not in noun.links]
    include = [n for n in names if isinstance(noun.all_fields[n].kind, (Ref, Links))]
    fields = [n for n in plain if n in noun.all_fields]
    return [("fields", ",".join(fields)), *([("include", ",".join(include))] if include else [])]


async def one_row(request: Rq, noun: Noun, record: int, names: list[str]) -> Row:
    """Return one record as a row, binned or not."""
    wanted = [*asking(noun, [*names, "deleted_at"]), ("deleted", "with")]
    return as_row(await ws_of(request).one(reader(request), noun.key, record, wanted))


def saved(text: str, change_set: int) -> Toast:
    """Return the message that follows a change."""
    return Toast(text=text, undo=change_set)

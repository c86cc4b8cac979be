"""What every page of the house needs: undo, the theme, and the pages that explain refusals."""

from typing import Any

from litestar import get, post

from mainstay.delivery.cells import PERSON
from mainstay.delivery.pages.common import (
    Answer,
    Rq,
    change,
    entered,
    local,
    reader,
    renderer,
    ws_of,
)
from mainstay.delivery.render import Toast, leave, redirect
from mainstay.delivery.words import gettext as _
from mainstay.kernel import perform
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, Invalid, NotFound, catalogue

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


ROUTES = [undo, theme, problems, problem_kind]

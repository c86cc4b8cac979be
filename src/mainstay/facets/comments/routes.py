"""Comments over HTTP beside the API: preview, answering, editing, earlier versions."""

from typing import Any

from litestar import get, post

from mainstay.delivery import rest
from mainstay.delivery.pages.common import Answer, Rq, look_of, renderer, ws_of
from mainstay.facets.comments import rules
from mainstay.facets.comments.entities import Comment
from mainstay.facets.comments.marks import drawn, known_in, names_of
from mainstay.facets.comments.scopes import may_see
from mainstay.facets.comments.stream import composer
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Malformed, NotFound
from mainstay.kernel.scope import require

LONGEST = 5000


@post("/say/preview", status_code=200)
async def preview(request: Rq) -> Answer:
    """Draw a comment as it would be read."""
    look, data = look_of(request), await rest.json_body(request)
    entity, body = data.get("entity"), data.get("body")
    record, internal = data.get("record_id"), data.get("internal") is True
    if not (isinstance(entity, str) and isinstance(body, str) and isinstance(record, int)):
        raise Malformed('Send {"entity": "projects.task", "record_id": 17, "body": "…"}.')

    async def work(ctx: Context) -> str:
        """Look up what it names."""
        noun, _ = await perform.worn(ctx, "comments", entity, record)
        require(ctx.me, "comments.comment.create")
        text = body[:LONGEST]
        known = await known_in(ctx, noun, record, [text])
        told = await may_see(ctx, noun, record, rules.mentions(text)[:50], internal=internal)
        return drawn(text, known, told)

    html = await ws_of(request).look(look.me, work)
    return renderer(request).answer(request, html)


async def _one(request: Rq) -> tuple[Any, Comment]:
    """Return the comment that the address names, within the reader's sight."""
    look, text = look_of(request), request.path_params["comment"]
    if not rest.whole(text):
        raise NotFound("There is nothing at this address.")
    require(look.me, "comments.comment.read")

    async def work(ctx: Context) -> Comment | None:
        """Read it."""
        return await ctx.find(Comment, id=int(text))

    found = await ws_of(request).look(look.me, work)
    if found is None:
        raise NotFound(f"There is no comment {text}, or you may not see it.")
    return look, found


async def _form(request: Rq, one: Comment, **values: Any) -> Answer:
    look = look_of(request)
    noun = ws_of(request).registry.nouns[one.entity]
    given = await ws_of(request).look(look.me, lambda ctx: composer(ctx, noun, one.record_id))
    if given is None:
        raise NotFound("There is nothing at this address.")
    given |= {"noun": noun, "id": one.record_id, "look": look, **values}
    html = renderer(request).text(request, "comments/composer.html", **given)
    return renderer(request).answer(request, html)


@get("/say/{comment:str}/answer")
async def answer_form(request: Rq) -> Answer:
    """Offer the place to answer a comment."""
    _, one = await _one(request)
    return await _form(request, one, parent=one.parent_id or one.id, internal=one.internal)


@get("/say/{comment:str}/edit")
async def edit_form(request: Rq) -> Answer:
    """Offer a comment's words to their author."""
    look, one = await _one(request)
    if one.created_by != look.me.id:
        raise NotFound("Only who wrote a comment may change its words.")
    people = await ws_of(request).look(look.me, lambda ctx: names_of(ctx, rules.mentions(one.body)))
    return await _form(request, one, editing=one, people=people, internal=one.internal)


@get("/say/{comment:str}/versions")
async def versions(request: Rq) -> Answer:
    """Show what a comment said before, each version against the one before it."""
    look, one = await _one(request)
    ws = ws_of(request)
    noun = ws.registry.noun(Comment)
    entries = await rest.history(ws, look.me, noun, one.id, limit=200)
    steps = [entry for entry in entries if (entry["after"] or {}).get("body")]
    shown = [
        {
            "at": step["at"],
            "who": step["actor"],
            "pieces": rules.changes((step["before"] or {}).get("body", ""), step["after"]["body"])
            if step["before"]
            else [("same", step["after"]["body"])],
        }
        for step in steps
    ]
    html = renderer(request).text(request, "comments/versions.html", versions=shown, look=look)
    return renderer(request).answer(request, html)


ROUTES = [preview, answer_form, edit_form, versions]

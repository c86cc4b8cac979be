"""Quick add: a small form over any page, with what a new record cannot do without."""

from collections.abc import Collection
from typing import Any

from litestar import get, post

from mainstay.delivery import forms
from mainstay.delivery.cells import Look, as_row, naming
from mainstay.delivery.forms import Form
from mainstay.delivery.pages.common import (
    Answer,
    Rq,
    change,
    entered,
    local,
    look_of,
    renderer,
    saved,
    ws_of,
)
from mainstay.delivery.pages.edits import creatable
from mainstay.delivery.render import redirect
from mainstay.delivery.words import gettext as _
from mainstay.kernel import perform
from mainstay.kernel.fields import Links, Ref
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, Invalid, NotFound
from mainstay.kernel.scope import require

OWN = ("kind", "resource", "record", "next", "open", "also", "_csrf")


def kinds(look: Look) -> list[Noun]:
    """Return the resources of which a person may create a record by a form, by their rooms."""
    found = [
        noun
        for noun in look.registry.nouns.values()
        if noun.module.menu
        and "create" in noun.resource.verbs
        and look.me.can(noun.permission("create"))
        and not (noun.resource.scope and noun.resource.scope.worn)
    ]
    return sorted(found, key=_rank)


def _rank(noun: Noun) -> tuple[bool, int]:
    """Put what stands in the menu before what belongs to it, in the order of the rooms."""
    menu = noun.module.menu
    names = {noun.key, noun.path, noun.name, noun.path.partition("/")[2]}
    return menu is None or names.isdisjoint(menu.items), menu.order if menu else 0


@get("/quick")
async def quick(request: Rq) -> Answer:
    """Show the small form of a new record, filled from where the person is."""
    look, params = look_of(request), request.query_params
    noun = _kind(request, look)
    form = _form(noun, look, params.get("also", "").split(","))
    given = {name: [value] for name, value in params.items() if value and name not in OWN}
    form.keep({**await _presets(request, noun, look), **given})
    return await _shown(request, noun, form, params.get("next", ""))


@post("/quick", status_code=200)
async def add(request: Rq) -> Answer:
    """Create the record, and stay where the person is, or open it."""
    look, given = look_of(request), await entered(request)
    noun = look.registry.noun(given.get("kind", [""])[0])
    form = _form(noun, look, given)
    form.keep(given)
    values, back = form.read(), local(given.get("next", [""])[0], "/")
    try:
        _whole(form)
        made, group = await change(request, lambda ctx: perform.create(ctx, noun, values))
    except (Invalid, Conflict) as problem:
        if not form.broken or problem.errors:
            form.blame(problem)
        return await _shown(request, noun, form, back, problem.status)
    to = f"/{noun.path}/{made.id}" if given.get("open", [""])[0] else back
    return redirect(request, to, saved(_("%(thing)s created.") % {"thing": _(noun.title)}, group))


def _kind(request: Rq, look: Look) -> Noun:
    """Return which kind is meant: the one asked for, or the one that fits the page."""
    params, known = request.query_params, kinds(look)
    if not known:
        raise NotFound(_("There is nothing that you may create."))
    if wanted := params.get("kind", ""):
        noun = look.registry.noun(wanted)
        require(look.me, noun.permission("create"))
        return noun
    here = look.registry.nouns.get(params.get("resource", ""))
    if here is None:
        return next((noun for noun in known if noun.resource.parent), known[0])
    inside = [look.registry.noun(one.resource) for one in here.resource.related]
    # On a project's page a task of it is meant; on a task's page the next task, not a part of it.
    own = [noun for noun in inside if not _rank(noun)[0]] if params.get("record") else []
    return next(noun for noun in (*own, here, *known) if noun in known)


def _whole(form: Form) -> None:
    """Refuse a form with values that could not be read."""
    if form.broken:
        raise Invalid(_("Check the marked values."))


def _form(noun: Noun, look: Look, also: Collection[str] = ()) -> Form:
    """Return the inputs: what the record is called by, what it must have, what a page asks for."""
    lead, _rest = naming(noun)
    names = creatable(noun, also)
    form = forms.of_noun(noun, names, look.me, creating=True)
    form.fields = [one for one in form.fields if one.required or one.name in {*lead, *also}]
    return form


async def _presets(request: Rq, noun: Noun, look: Look) -> dict[str, list[str]]:
    """Return what the record of the page says about the new one: it, or what it belongs to."""
    here = look.registry.nouns.get(request.query_params.get("resource", ""))
    record = request.query_params.get("record", "")
    if here is None or not (record.isascii() and record.isdecimal() and len(record) < 19):
        return {}
    found = {here.key: record}
    parent = here.resource.parent
    if parent and isinstance(kind := here.fields[parent].kind, Ref):
        row = as_row(await ws_of(request).one(look.me, here.key, int(record), [("fields", parent)]))
        found |= {kind.target: str(row[parent])} if row.get(parent) else {}
    return {
        name: [found[item.kind.target]]
        for name, item in noun.fields.items()
        if isinstance(item.kind, Ref)
        and not isinstance(item.kind, Links)
        and item.kind.target in found
        and name in (noun.resource.parent, f"{look.registry.nouns[item.kind.target].name}_id")
    }


async def _shown(request: Rq, noun: Noun, form: Form, back: str, status: int = 200) -> Answer:
    await forms.offer(form, ws_of(request), f"/{noun.path}")
    values: dict[str, Any] = {
        "noun": noun,
        "kinds": kinds(look_of(request)),
        "form": form,
        "next": local(back, "/"),
    }
    html = renderer(request).text(request, "_quick.html", **values)
    return renderer(request).answer(request, html, status)


ROUTES = [quick, add]

"""Changing records from pages: new, edit, verbs, bin and back, each through the one write path."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from litestar import get, post
from msgspec import Struct

from mainstay.delivery import forms
from mainstay.delivery.cells import LONGEST, as_plain, full_title_of, naming, said, title_of
from mainstay.delivery.forms import Form
from mainstay.delivery.pages.common import (
    Answer,
    Rq,
    change,
    entered,
    local,
    look_of,
    noun_of,
    one_row,
    reader,
    record_of,
    renderer,
    saved,
    visible,
    ws_of,
)
from mainstay.delivery.refusals import refusal
from mainstay.delivery.render import Toast, is_dialog, query, redirect
from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import inside
from mainstay.kernel import perform
from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Links, Ref
from mainstay.kernel.module import Action, sentence
from mainstay.kernel.noun import CUSTOM, Noun
from mainstay.kernel.problems import Conflict, Invalid, NotFound, Problem, Stale
from mainstay.kernel.scope import require

OFFERED = 20
VERBS = [
    "/{room:str}/{plural:str}/{record:str}/do/{verb:str}",
    "/{room:str}/{plural:str}/do/{verb:str}",
]


def creatable(noun: Noun, also: Collection[str] = ()) -> list[str]:
    """Return the fields a new record asks for, in the order they were declared.

    Where these are chosen ones, those in `also` are asked for too.
    """
    names = {*noun.resource.create_only, *noun.resource.write}
    if asked := noun.resource.asks:
        must = {name for name in names if noun.fields[name].required}
        names &= {*asked, *must, CUSTOM, *also}
    order = [*noun.brief, *noun.resource.write, *noun.resource.create_only]
    required = [n for n in order if n in names and noun.fields[n].required]
    return list(dict.fromkeys((*required, *(n for n in order if n in names))))


def parent_of(noun: Noun, given: Mapping[str, list[str]]) -> int | None:
    """Return the record that a new one will belong to, as far as it was said."""
    text = given.get(noun.resource.parent, [""])[0] if noun.resource.parent else ""
    return int(text) if text.isdecimal() and len(text) < 19 else None


@get("/{room:str}/{plural:str}/new")
async def new_page(request: Rq) -> Answer:
    """Show the form of a new record, filled from the address or from another record."""
    noun, me = noun_of(request), reader(request)
    require(me, noun.permission("create"))
    parent = parent_of(noun, {n: [v] for n, v in request.query_params.items()})
    source = request.query_params.get("from", "")
    names = creatable(noun, noun.resource.write if source else request.query_params.keys())
    form = forms.of_noun(
        noun, names, me, creating=True, parent=parent, today=look_of(request).today
    )
    if source.isdigit():
        row = await one_row(request, noun, int(source), [f.name for f in form.fields])
        form.fill(row)
    form.keep({name: [value] for name, value in request.query_params.items() if value})
    return await create_form(request, noun, form)


def _whole(form: Form) -> None:
    """Refuse a form with values that could not be read."""
    if form.broken:
        raise Invalid(_("Check the marked values."))


async def create_form(request: Rq, noun: Noun, form: Form, status: int = 200) -> Answer:
    """Draw the form of a new record."""
    await forms.offer(form, ws_of(request), f"/{noun.path}")
    return renderer(request).page(
        request,
        "form.html",
        status=status,
        noun=noun,
        form=form,
        parts=forms.parted(form, noun),
        action=f"/{noun.path}/new",
        next=local(request.query_params.get("next", ""), ""),
        heading=_("New %(thing)s") % {"thing": inside(_(noun.title))},
        submit=_("Create %(thing)s") % {"thing": inside(_(noun.title))},
        back=local(request.query_params.get("next", ""), f"/{noun.path}"),
        creating=True,
    )


@post("/{room:str}/{plural:str}/new", status_code=200)
async def create(request: Rq) -> Answer:
    """Create a record from a form."""
    noun, me = noun_of(request), reader(request)
    given = await entered(request)
    names = creatable(noun, given.keys())
    form = forms.of_noun(noun, names, me, creating=True, parent=parent_of(noun, given))
    form.keep(given)
    values = form.read()
    try:
        _whole(form)
        made, group = await change(request, lambda ctx: perform.create(ctx, noun, values))
    except (Invalid, Conflict) as problem:
        if not form.broken or problem.errors:
            form.blame(problem)
        return await create_form(request, noun, form, problem.status)
    words = _("%(thing)s created.") % {"thing": _(noun.title)}
    to = local(given.get("next", [""])[0], f"/{noun.path}/{made.id}")
    if "again" in given:
        to = f"/{noun.path}/new"
    return redirect(request, to, saved(words, group))


@get("/{room:str}/{plural:str}/{record:str}/edit")
async def edit_page(request: Rq) -> Answer:
    """Show the form of a record."""
    noun, me, record = noun_of(request), reader(request), record_of(request)
    require(me, noun.permission("update"))
    form, row = await stored_form(request, noun, record)
    return await edit_form(request, noun, form, row, forms.base_of(form))


async def stored_form(request: Rq, noun: Noun, record: int) -> tuple[Form, Mapping[str, Any]]:
    """Return the form of a record as it is stored now."""
    me, above = reader(request), noun.resource.parent
    written = [name for name in noun.resource.write if name != CUSTOM or not noun.extensible]
    names = list(dict.fromkeys((*noun.brief, *written, *noun.custom, *([above] if above else ()))))
    seen = visible(noun, me)
    row = await one_row(request, noun, record, [n for n in names if n in seen or n in noun.custom])
    parent = row.get(above) if above else None
    form = forms.of_noun(noun, noun.resource.write, me, creating=False, parent=parent)
    form.fill(row)
    return form, row


async def edit_form(
    request: Rq,
    noun: Noun,
    form: Form,
    row: Mapping[str, Any],
    base: str,
    *,
    status: int = 200,
    notes: list[str] | None = None,
) -> Answer:
    """Draw the form of an existing record."""
    await forms.offer(form, ws_of(request), f"/{noun.path}")
    return renderer(request).page(
        request,
        "form.html",
        status=status,
        noun=noun,
        form=form,
        parts=forms.parted(form, noun),
        id=row["id"],
        version=row["version"],
        base=base,
        notes=notes or [],
        action=f"/{noun.path}/{row['id']}/edit",
        next="",
        heading=_("Edit %(name)s") % {"name": title_of(noun, row)},
        submit=_("Save changes"),
        back=f"/{noun.path}/{row['id']}",
        creating=False,
    )


@post("/{room:str}/{plural:str}/{record:str}/edit", status_code=200)
async def update(request: Rq) -> Answer:
    """Save a form; only what was changed in it is written."""
    noun, me, record = noun_of(request), reader(request), record_of(request)
    given = await entered(request)
    base = _base(given)
    names = [n for n in noun.resource.write if n != CUSTOM or not noun.extensible]
    names += [name for name in noun.custom if name in base]
    form = forms.of_noun(noun, names, me, creating=False)
    choose(form, given)
    values = changed_values(form, base)
    version = given.get("version", [""])[0]
    known = int(version) if version.isdecimal() else None
    try:
        _whole(form)
        _made, group = await change(
            request, lambda ctx: perform.update(ctx, noun, record, values, known)
        )
    except Stale:
        return await merge(request, noun, record, form, base)
    except (Invalid, Conflict) as problem:
        if not form.broken or problem.errors:
            form.blame(problem)
        _now, row = await stored_form(request, noun, record)
        row = {**row, "version": known or row["version"]}
        packed = msgspec.json.encode(base).decode()
        return await edit_form(request, noun, form, row, packed, status=problem.status)
    words = _("Saved.") if group else _("Nothing was changed.")
    return redirect(request, f"/{noun.path}/{record}", saved(words, group))


def _base(given: Mapping[str, list[str]]) -> dict[str, str]:
    try:
        return msgspec.json.decode(given.get("_base", ["{}"])[0], type=dict[str, str])
    except msgspec.DecodeError:
        return {}


def choose(form: Form, given: Mapping[str, list[str]]) -> None:
    """Take what was entered, and where two values were offered, the one that was chosen."""
    form.keep(given)
    for one in form.each():
        if given.get(f"_take.{one.name}", [""])[0] == "theirs":
            one.value = given.get(f"_theirs.{one.name}", [""])[0].replace("\r\n", "\n")


def changed_values(form: Form, base: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of the inputs that no longer hold what the form began with."""
    values = form.read()
    same = {
        one.name
        for one in form.fields
        if all(part.value == base.get(part.name) for part in (one.parts or [one]))
    }
    for one in form.fields:
        if one.name in same:
            one.error = ""
    found = {name: value for name, value in values.items() if name not in same}
    added = {n: v for n, v in found.get(CUSTOM, {}).items() if f"cf.{n}" not in same}
    return (found | {CUSTOM: added}) if CUSTOM in found else found


async def merge(request: Rq, noun: Noun, record: int, form: Form, base: dict[str, str]) -> Answer:
    """Show both values where two people changed the same; keep both people's other changes."""
    theirs, row = await stored_form(request, noun, record)
    notes = forms.differing(form, base, theirs)
    look = look_of(request)
    for one in form.fields:
        if one.theirs:
            value = row.get(one.name)
            brief = row.get(one.name.removesuffix("_id"))
            linked = isinstance(one.kind, Ref) and brief is not None and not isinstance(brief, int)
            shown = title_of(look.registry.nouns[one.kind.target], brief) if linked else ""  # type: ignore[attr-defined]
            one.theirs_shown = shown or said(noun, one.name, as_plain(value), look)
    packed = forms.base_of(theirs)
    return await edit_form(request, noun, form, row, packed, status=409, notes=notes or [""])


@post("/{room:str}/{plural:str}/{record:str}/delete", status_code=200)
async def delete(request: Rq) -> Answer:
    """Put a record into the bin."""
    noun, record = noun_of(request), record_of(request)
    try:
        _gone, group = await change(request, lambda ctx: perform.delete(ctx, noun, record))
    except Conflict as problem:
        return redirect(
            request, f"/{noun.path}/{record}", Toast(text=refusal(problem.detail), tone="bad")
        )
    words = _("%(thing)s moved to the bin.") % {"thing": _(noun.title)}
    return redirect(request, f"/{noun.path}", saved(words, group))


@post("/{room:str}/{plural:str}/{record:str}/restore", status_code=200)
async def restore(request: Rq) -> Answer:
    """Take a record out of the bin."""
    noun, record = noun_of(request), record_of(request)
    given = await entered(request)
    to = local(given.get("next", [""])[0], f"/{noun.path}/{record}")
    try:
        _back, group = await change(request, lambda ctx: perform.restore(ctx, noun, record))
    except Conflict as problem:
        return redirect(request, to, Toast(text=refusal(problem.detail), tone="bad"))
    words = _("%(thing)s restored.") % {"thing": _(noun.title)}
    return redirect(request, to, saved(words, group))


@get(VERBS)
async def verb_form(request: Rq) -> Answer:
    """Show what a verb asks for."""
    noun, me = noun_of(request), reader(request)
    action = verb_of(request, noun)
    require(me, noun.permission(action.grant))
    form = verb_inputs(request, noun, action)
    form.start({name: [value] for name, value in request.query_params.items()})
    return await ask(request, noun, action, form)


def verb_of(request: Rq, noun: Noun) -> Action:
    """Return the verb that the address names, on a record or on the resource as a whole."""
    action = noun.actions.get(request.path_params["verb"])
    if action is None or (action.entity is None) != ("record" not in request.path_params):
        raise NotFound(_("There is nothing at this address."))
    return action


def verb_inputs(request: Rq, noun: Noun, action: Action) -> Form:
    """Return the empty form of a verb."""
    me = reader(request)
    if action.data is None:
        return Form([], me)
    return forms.of_struct(action.data, me, ws_of(request).registry, noun)


def home_of(request: Rq, noun: Noun) -> str:
    """Return the address that a verb belongs to: the record's or the list's."""
    record = request.path_params.get("record")
    return f"/{noun.path}/{record}" if record else f"/{noun.path}"


def back_of(request: Rq, noun: Noun) -> str:
    """Return the page that a verb was asked for on: the one it names, or where it belongs."""
    return local(request.query_params.get("next", ""), home_of(request, noun))


async def ask(request: Rq, noun: Noun, action: Action, form: Form, status: int = 200) -> Answer:
    """Draw a verb's form, in the dialog or as a page."""
    here, back = home_of(request, noun), back_of(request, noun)
    onward = query([("next", back)]) if back != here else ""
    await forms.offer(form, ws_of(request), f"{here}/do/{action.name}")
    values = {
        "noun": noun,
        "verb": action,
        "form": form,
        "here": here,
        "back": back,
        "action": f"{here}/do/{action.name}{onward}",
        "text": _(sentence(action.doc)),
    }
    if is_dialog(request):
        html = renderer(request).text(request, "_dialog.html", **values)
        return renderer(request).answer(request, html, status)
    return renderer(request).page(request, "verb.html", status=status, **values)


@post(VERBS, status_code=200)
async def run_verb(request: Rq) -> Answer:
    """Run a verb with what was entered."""
    noun = noun_of(request)
    action = verb_of(request, noun)
    given = await entered(request)
    form = verb_inputs(request, noun, action)
    form.keep(given)
    values = form.read()
    record = record_of(request) if "record" in request.path_params else None
    try:
        _whole(form)
        result, group = await change(
            request, lambda ctx: perform.act(ctx, noun, action, record, values), slow=action.slow
        )
    except (Invalid, Conflict) as problem:
        return await refused(request, noun, action, form, problem)
    return await done(request, noun, action, result, group)


async def refused(request: Rq, noun: Noun, action: Action, form: Form, problem: Problem) -> Answer:
    """Return to the form with the reason; a verb without a form says it in a message."""
    if not form.fields and not is_dialog(request):
        toast = Toast(text=refusal(problem.detail), tone="bad")
        return redirect(request, home_of(request, noun), toast)
    if not form.broken or problem.errors:
        form.blame(problem)
    return await ask(request, noun, action, form, problem.status)


async def done(request: Rq, noun: Noun, action: Action, result: Any, group: int) -> Answer:
    """Go to what the verb made, or show what it answered."""
    ws, here = ws_of(request), back_of(request, noun)
    toast = saved(_("%(what)s: done.") % {"what": _(action.label)}, group)
    if isinstance(result, list) and result and isinstance(result[0], Entity):
        result = result[0]
    if isinstance(result, Entity):
        other = ws.registry.noun(type(result))
        elsewhere = other is not noun or action.entity is None
        gone = result.deleted_at is not None
        to = f"/{other.path}/{result.id}" if elsewhere and not gone else here
        return redirect(request, f"/{noun.path}" if gone and not elsewhere else to, toast)
    if isinstance(result, (Struct, dict)) and result:
        answer = msgspec.to_builtins(result)
        values = {"noun": noun, "verb": action, "here": here, "answer": answer}
        name = "_result.html" if is_dialog(request) else "result.html"
        if is_dialog(request):
            html = renderer(request).text(request, name, **values)
            return renderer(request).answer(request, html)
        return renderer(request).page(request, name, **values)
    return redirect(request, here, toast)


@get(
    [
        "/{room:str}/{plural:str}/options",
        "/{room:str}/{plural:str}/do/{verb:str}/options",
        "/{room:str}/{plural:str}/{record:str}/do/{verb:str}/options",
    ]
)
async def options(request: Rq) -> Answer:
    """Offer the records that a reference may name, found by their words."""
    noun, me, ws = noun_of(request), reader(request), ws_of(request)
    name, q = request.query_params.get("field", ""), request.query_params.get("q", "").strip()
    kind = field.kind if (field := noun.field(name)) else None
    if "verb" in request.path_params:
        action = verb_of(request, noun)
        known = {f.name: f.kind for f in verb_inputs(request, noun, action).fields}
        kind = known.get(name)
    if not isinstance(kind, (Ref, Links)):
        raise NotFound(_("There is nothing at this address."))
    target = ws.registry.nouns[kind.target]
    wanted = [("fields", ",".join(target.brief)), ("limit", str(OFFERED)), *forms.live_only(target)]
    if q and target.searchable:
        wanted.append(("q", q))
    elif q:
        wanted.append((f"{(naming(target)[0] or ('id',))[0]}__contains", q))
    page = await ws.page(me, target.key, wanted)
    found = [(row.id, full_title_of(target, row)[:LONGEST]) for row in page.items]
    html = renderer(request).text(request, "_options.html", found=found)
    return renderer(request).answer(request, html)


ROUTES = [
    new_page,
    create,
    edit_page,
    update,
    delete,
    restore,
    verb_form,
    run_verb,
    options,
]

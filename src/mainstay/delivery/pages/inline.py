"""Editing in place: the editor of one value, and the saving of it, for tables and record pages."""

from typing import Any

import msgspec
from litestar import Response, get, post
from markupsafe import Markup, escape

from mainstay.delivery import forms
from mainstay.delivery.cells import (
    NOTHING,
    PERSON,
    STATES,
    Look,
    Row,
    as_row,
    draw,
    full_title_of,
    linked,
    naming,
    pill,
    priority,
    title_of,
    written,
)
from mainstay.delivery.forms import Field, Form, live_only
from mainstay.delivery.pages.common import (
    Answer,
    Rq,
    change,
    entered,
    look_of,
    noun_of,
    reader,
    record_of,
    renderer,
    ws_of,
)
from mainstay.delivery.pages.tables import (
    editable,
    painted,
    painters,
    showable,
    unlinked,
    wanted,
)
from mainstay.delivery.problems import document
from mainstay.delivery.words import gettext as _
from mainstay.kernel import perform
from mainstay.kernel.fields import (
    Choice,
    Choices,
    Flag,
    Json,
    Kind,
    Links,
    Ref,
    Text,
    spoken,
)
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import NotFound, Problem, Stale, invalid
from mainstay.kernel.scope import require

__all__ = ["ROUTES", "attributes", "editable"]

OFFERED = 20
MOST_DRAWN = 60
JSON = "application/json"


def attributes(noun: Noun, name: str, row: Row, me: Any) -> Markup:
    """Return the attributes that let a drawn value be edited, or be redrawn after an edit."""
    if name not in editable(noun, me):
        return Markup(' data-drawn-field="{}"').format(name)
    flag = ""
    if isinstance(kind_of(noun, name), Flag):
        flag = ' data-edit-flag="true"' if row.get(name) else ' data-edit-flag="false"'
    return Markup(' data-edit-field="{}"{}').format(name, Markup(flag))  # noqa: S704


def kind_of(noun: Noun, name: str) -> Kind:
    """Return what a field may hold."""
    field = noun.field(name)
    if field is None:
        raise NotFound(_("There is nothing at this address."))
    return field.kind


@get("/{room:str}/{plural:str}/{record:str}/editor")
async def editor(request: Rq) -> Answer:
    """Show the editor of one field, or only the records that its search finds."""
    noun, look, record = noun_of(request), look_of(request), record_of(request)
    name = request.query_params.get("field", "")
    require(look.me, noun.permission("update"))
    if name not in editable(noun, look.me):
        raise NotFound(_("There is nothing at this address."))
    kind = kind_of(noun, name)
    row = await row_of(request, noun, record, [*noun.brief, name, *parents(noun, kind, look)])
    q = request.query_params.get("q")
    if q is not None and isinstance(kind, (Ref, Links)):
        found = await offered(request, kind, row, q.strip())
        making = creatable(request, kind, q.strip(), [str(label) for _value, label in found])
        html = renderer(request).text(
            request, "_choices.html", choices=found, picked="", making=making
        )
        return renderer(request).answer(request, html)
    one = (form_of(noun, name, look, row)).fields[0]
    values: dict[str, Any] = {
        "noun": noun,
        "one": one,
        "kind": kind_name(kind, one),
        "record": row,
        "title": title_of(noun, row),
        "base": base_of(one),
        "choices": [],
        "chips": [],
        "current": "",
        "sourced": isinstance(kind, (Ref, Links)),
    }
    if isinstance(kind, (Ref, Links)):
        values |= await referring(request, kind, one, row)
    else:
        values["choices"] = listed(name, kind, one)
    if values["kind"] in ("words", "choices"):
        parts = [part.strip() for part in one.value.split(",") if part.strip()]
        said = {option.value: option.label for option in one.options}
        values["chips"] = [(part, said.get(part, part)) for part in parts]
    html = renderer(request).text(request, "_editor.html", **values)
    return renderer(request).answer(request, html)


EDITORS: tuple[tuple[type[Kind], str], ...] = (
    (Links, "references"),
    (Ref, "reference"),
    (Choices, "choices"),
    (Flag, "menu"),
)


def kind_name(kind: Kind, one: Field) -> str:
    """Return which editor a kind of value has."""
    if one.parts:
        return "group"
    found = next((name for type_, name in EDITORS if isinstance(kind, type_)), "")
    if found or one.options:
        return found or "menu"
    if isinstance(kind, Json) and one.widget != "textarea":
        return "words" if kind.shape == list[str] else "json"
    known = {"textarea": "long", **{n: n for n in ("number", "date", "datetime", "color")}}
    return known.get(one.widget, "text")


def form_of(noun: Noun, name: str, look: Look, row: Row) -> Form:
    """Return the form of one field, filled from a record."""
    form = forms.of_noun(noun, [name], look.me, creating=False)
    if not form.fields:
        raise NotFound(_("There is nothing at this address."))
    form.fill(row)
    return form


def base_of(one: Field) -> str:
    """Return what an editor started from, as one text."""
    return msgspec.json.encode([part.value for part in one.parts or [one]]).decode()


async def row_of(request: Rq, noun: Noun, record: int, names: list[str]) -> Row:
    """Return one living record as a row."""
    return as_row(await ws_of(request).one(reader(request), noun.key, record, wanted(noun, names)))


def listed(name: str, kind: Kind, one: Field) -> list[tuple[str, Any]]:
    """Return the values of a menu as they are drawn where they are read."""
    if isinstance(kind, Flag):
        return [("true", _("Yes")), ("false", _("No"))]
    if not isinstance(kind, Choice) or kind.given:
        return [(option.value, option.label) for option in one.options]
    return [(value, Markup(worded(name, kind, value))) for value in kind.values]  # noqa: S704


def worded(name: str, kind: Choice, value: str) -> str:
    """Return a value of a choice as it is drawn in a menu."""
    if "priority" in name:
        return priority(value)
    colors = dict(kind.colors)
    if colors or any(word in name for word in STATES):
        return pill(value, colors.get(value, ""))
    return str(escape(_(spoken(value))))


async def referring(request: Rq, kind: Ref | Links, one: Field, row: Row) -> dict[str, Any]:
    """Return the records to choose from, those that are chosen, and the way to the chosen one."""
    look = look_of(request)
    target = look.target(kind)
    ids = [part for part in one.value.split(",") if part.isdigit()]
    chips = [(part, f"{_(target.title)} {part}") for part in ids]
    if not look.me.can(target.permission("read")):
        return {"chips": chips}
    if ids:
        asked = [("id__in", ",".join(ids)), ("fields", ",".join(target.brief)), ("limit", "500")]
        page = await ws_of(request).page(look.me, target.key, [*asked, ("deleted", "with")])
        names = {str(item.id): full_title_of(target, item) for item in page.items}
        chips = [(part, names.get(part, f"{_(target.title)} {part}")) for part in ids]
    current = f"/{target.path}/{ids[0]}" if isinstance(kind, Ref) and ids else ""
    return {"chips": chips, "current": current, "choices": await offered(request, kind, row, "")}


def parents(noun: Noun, kind: Kind, look: Look) -> list[str]:
    """Return the field that a record shares with those it may refer to: the same project."""
    if not isinstance(kind, (Ref, Links)):
        return []
    target = look.target(kind)
    parent = target.resource.parent
    shared = parent in noun.refs and parent in target.refs
    return [parent] if shared and noun.refs[parent].target == target.refs[parent].target else []


async def offered(request: Rq, kind: Ref | Links, row: Row, q: str) -> list[tuple[str, Markup]]:
    """Return the records that a reference may name, those beside this one first."""
    look, noun = look_of(request), noun_of(request)
    target = look.target(kind)
    base = [("fields", ",".join(target.brief)), ("limit", str(OFFERED)), *live_only(target)]
    if q and target.searchable:
        base.append(("q", q))
    elif q:
        base.append((f"{(naming(target)[0] or ('id',))[0]}__contains", q))
    ws = ws_of(request)
    items: list[Any] = []
    for parent in parents(noun, kind, look):
        if row.get(parent):
            found = await ws.page(look.me, target.key, [*base, (parent, str(row[parent]))])
            items = found.items
    items = items or (await ws.page(look.me, target.key, base)).items
    if not q and target.key == PERSON and look.me.id:
        mine = await ws.page(look.me, target.key, [*base, ("id", str(look.me.id))])
        items = [*mine.items, *(item for item in items if item.id != look.me.id)]
    return [(str(item.id), Markup(unlinked(linked(target, item, look)))) for item in items]  # noqa: S704


def creatable(request: Rq, kind: Ref | Links, q: str, known: list[str]) -> dict[str, str] | None:
    """Return how a record of this name is made, where a name is all that it needs."""
    look = look_of(request)
    target = look.target(kind)
    named, _rest = naming(target)
    needed = [
        n
        for n in (*target.resource.create_only, *target.resource.write)
        if target.fields[n].required
    ]
    may = "create" in target.resource.verbs and look.me.can(target.permission("create"))
    exact = any(Markup(label).striptags().lower() == q.lower() for label in known)  # noqa: S704
    if not q or exact or not may or needed != list(named) or target.key == PERSON:
        return None
    return {"api": f"/api/{target.path}", "field": named[0], "words": q}


@post("/{room:str}/{plural:str}/{record:str}/cell", status_code=200)
async def save(request: Rq) -> Answer:
    """Save one value, and return how it and what follows from it look now."""
    noun, look, record = noun_of(request), look_of(request), record_of(request)
    try:
        given = await entered(request)
        name = given.get("field", [""])[0]
        if name not in editable(noun, look.me):
            require(look.me, noun.permission("update"))
            raise invalid(name or "field", _("cannot be edited here"))
        return await _save(request, noun, record, name, given)
    except Problem as problem:
        status, _raw, body = document(problem, request.scope["path"], look.me.locale)
        return Response(body, status_code=status, media_type="application/problem+json")


async def _save(
    request: Rq, noun: Noun, record: int, name: str, given: dict[str, list[str]]
) -> Answer:
    look = look_of(request)
    form = forms.of_noun(noun, [name], look.me, creating=False)
    values = read(form, name, given)
    version = given.get("version", [""])[0]
    known = int(version) if version.isdecimal() and len(version) < 19 else None
    base = given.get("base", [""])[0]
    try:
        _made, group = await change(
            request, lambda ctx: perform.update(ctx, noun, record, values, known)
        )
    except Stale as stale:
        row = await row_of(request, noun, record, [*noun.brief, name])
        now = base_of(form_of(noun, name, look, row).fields[0])
        if not base or now != base:
            return theirs(request, noun, name, row, now, stale)
        # Somebody changed another field meanwhile: both changes stand.
        _made, group = await change(
            request, lambda ctx: perform.update(ctx, noun, record, values, row["version"])
        )
    label = _(noun.field(name).label)  # type: ignore[union-attr]
    answer = await drawn(request, noun, record, given, look)
    answer["said"] = _("%(field)s changed.") % {"field": label}
    return reply(answer, group)


def read(form: Form, name: str, given: dict[str, list[str]]) -> dict[str, Any]:
    """Return the value that was entered, as it is written; what cannot be read is refused."""
    if not form.fields:
        raise NotFound(_("There is nothing at this address."))
    form.keep(given)
    values = form.read()
    broken = next((one for one in form.each() if one.error), None)
    if broken:
        raise invalid(broken.name, _(broken.error))
    if not values:
        raise invalid(name, _("is required"))
    return values


def theirs(request: Rq, noun: Noun, name: str, row: Row, now: str, stale: Stale) -> Answer:
    """Return what somebody else has written meanwhile, so that a person can choose."""
    look = look_of(request)
    status, _raw, body = document(stale, request.scope["path"], look.me.locale)
    said = msgspec.json.decode(body)
    html = unlinked(draw(noun, name, row, look))
    said.pop("current", None)
    said["theirs"] = {"html": html, "base": now, "version": row["version"]}
    return Response(
        msgspec.json.encode(said), status_code=status, media_type="application/problem+json"
    )


async def drawn(
    request: Rq, noun: Noun, record: int, given: dict[str, list[str]], look: Look
) -> dict[str, Any]:
    """Draw the asked-for values of a record as they stand where they are shown."""
    seen = [part for part in ",".join(given.get("names", [])).split(",") if part]
    columns = [part for part in ",".join(given.get("columns", [])).split(",") if part]
    names = list(dict.fromkeys((*seen, *columns)))[:MOST_DRAWN]
    shown_ = set(showable(noun, look))
    names = [n for n in names if n in shown_]
    row = await row_of(request, noun, record, [*noun.brief, *names])
    fact = given.get("draw", [""])[0] == "fact"
    if fact:
        cells = {name: as_fact(noun, name, row, look) for name in names}
    else:
        lead_first = [n for n in columns if n in names] or names
        cells = {p.name: painted(noun, p, row, look) for p in painters(noun, lead_first, look)}
    flags = {
        name: bool(row.get(name))
        for name in names
        if noun.field(name) and isinstance(kind_of(noun, name), Flag)
    }
    return {"version": row["version"], "cells": cells, "flags": flags}


def as_fact(noun: Noun, name: str, row: Row, look: Look) -> str:
    """Return a value as it stands on a record's page."""
    value = row.get(name)
    kind = noun.field(name)
    if kind and isinstance(kind.kind, Text) and kind.kind.lines:
        return f'<div class="prose">{written(value)}</div>' if value else NOTHING
    return draw(noun, name, row, look)


def reply(answer: dict[str, Any], change_set: int) -> Answer:
    """Return JSON that no cache keeps, and the change set that can be taken back."""
    headers = {"Cache-Control": "private, no-store"}
    if change_set:
        headers["X-Change-Set"] = str(change_set)
    return Response(msgspec.json.encode(answer), media_type=JSON, headers=headers)


ROUTES = [editor, save]

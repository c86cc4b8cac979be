"""The dialogs of changing many records, and the corner where long work is followed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Response, get, post

from mainstay.delivery import words
from mainstay.delivery.cells import as_instant, as_plain
from mainstay.delivery.forms import Form, of_noun, of_struct, offer
from mainstay.delivery.pages.common import Answer, Rq, entered, look_of, noun_of, renderer, ws_of
from mainstay.delivery.refusals import refusal
from mainstay.delivery.words import gettext as _
from mainstay.delivery.words import inside
from mainstay.facets.bulk import runs
from mainstay.facets.bulk.batch import ENDS, Batch, Refusals
from mainstay.facets.bulk.deeds import Deed, deed_of, is_list, may
from mainstay.facets.bulk.entities import BulkRun
from mainstay.facets.bulk.preview import LOOKED_AT, look_at
from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import Conflict, Invalid, Malformed, NotFound, Problem
from mainstay.kernel.scope import Me

AT_ONCE = 500
RECENT = 8
FRESH = timedelta(minutes=10)
Given = Mapping[str, list[str]]


@dataclass(frozen=True)
class Choice:
    """Which records were selected: by their ids, or all that match a query."""

    ids: list[int]
    matching: str = ""

    @property
    def at_once(self) -> bool:
        """Return whether one transaction takes them all."""
        return len(self.ids) <= AT_ONCE


async def choice_of(request: Rq, noun: Noun, given: Given) -> Choice:
    """Read which records were selected."""
    text, me = given.get("matching", [""])[0], look_of(request).me
    if text:
        ids = await runs.matching(ws_of(request), me, noun, parse_qsl(text.removeprefix("?")))
        return Choice(ids, text if len(ids) > AT_ONCE else "")
    parts = [part for part in given.get("ids", [""])[0].split(",") if part]
    if not all(part.isdecimal() and len(part) < 19 for part in parts):
        raise Malformed("ids must be whole numbers, separated by commas.")
    ids = list(dict.fromkeys(int(part) for part in parts))
    if not ids:
        raise Invalid(_("Select at least one record."))
    return Choice(ids)


@post("/many/{room:str}/{plural:str}/{deed:str}", status_code=200)
async def bulk_step(request: Rq) -> Answer:
    """Ask for values, show what would happen, or do it."""
    noun, given = noun_of(request), await entered(request)
    try:
        return await _step(request, noun, given)
    except ENDS:
        raise
    except Problem as problem:
        body = msgspec.json.encode({"detail": refusal(problem.detail)})
        return Response(body, status_code=problem.status, media_type="application/json")


async def _step(request: Rq, noun: Noun, given: Given) -> Answer:
    me, name = look_of(request).me, request.path_params["deed"]
    may(me, deed_of(noun, name, {}))
    choice = await choice_of(request, noun, given)
    step = given.get("step", [""])[0]
    form = _form(request, noun, name, given)
    asking = bool(form.fields) or name == "update"
    if asking and step not in ("preview", "apply", "run"):
        return await _ask(request, noun, name, choice, form, given)
    values = form.read()
    if form.broken or (name == "update" and not values):
        return await _ask(request, noun, name, choice, form, given)
    deed = deed_of(noun, name, _ways(noun, values, given) if name == "update" else values)
    if step == "apply":
        return await _apply(request, deed, choice, form, given)
    if step == "run":
        return await _begin(request, deed, choice)
    return await _preview(request, deed, choice, form, given)


def _form(request: Rq, noun: Noun, name: str, given: Given) -> Form:
    """Return the inputs of a deed: those of the chosen fields, or what the verb asks for."""
    me = look_of(request).me
    action = noun.actions.get(name)
    if name == "update":
        form = of_noun(noun, _names(noun, given), me, creating=False)
        for one in form.fields:
            one.required = not one.optional  # an empty choice is no choice here
    elif action is not None and action.data is not None:
        form = of_struct(action.data, me, ws_of(request).registry, noun)
    else:
        return Form([], me)
    form.keep(given)
    return form


def _names(noun: Noun, given: Given) -> list[str]:
    """Return the fields that were chosen so far, with the one just added or taken away."""
    dropped = given.get("drop", [""])[0]
    names = [*given.get("names", [""])[0].split(","), given.get("add", [""])[0]]
    known = {*noun.resource.write, *noun.custom}
    return [n for n in dict.fromkeys(names) if n in known and n != dropped]


def _ways(noun: Noun, values: Mapping[str, Any], given: Given) -> dict[str, Any]:
    """Part the values into those that replace, and those that are added or removed."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        way = given.get(f"way.{name}", ["set"])[0]
        listed = is_list(noun.fields[name].kind) and way in ("add", "remove")
        found.setdefault(way if listed else "set", {})[name] = value
    return found


async def _ask(
    request: Rq, noun: Noun, name: str, choice: Choice, form: Form, given: Given
) -> Answer:
    """Draw the inputs."""
    at = f"/{noun.path}" if name == "update" else f"/{noun.path}/do/{name}"
    await offer(form, ws_of(request), at)
    chosen = {one.name for one in form.fields}
    others = of_noun(noun, noun.resource.write, form.me, creating=False)
    return _drawn(
        request,
        "bulk/ask.html",
        noun=noun,
        deed=deed_of(noun, name, {}),
        choice=choice,
        form=form,
        ways={n: given.get(f"way.{n}", ["add"])[0] for n in chosen},
        lists={n for n in chosen if n in noun.fields and is_list(noun.fields[n].kind)},
        others=[one for one in others.fields if one.name not in chosen],
        verb=noun.actions.get(name),
    )


async def _preview(
    request: Rq,
    deed: Deed,
    choice: Choice,
    form: Form,
    given: Given,
    note: str = "",
) -> Answer:
    """Show what would happen, found out by doing it and taking it back."""
    seen = await look_at(ws_of(request), look_of(request), deed, choice.ids)
    if seen.problem and seen.problem.errors and form.fields:
        form.blame(seen.problem)
        return await _ask(request, deed.noun, deed.name, choice, form, given)
    return _drawn(
        request,
        "bulk/preview.html",
        noun=deed.noun,
        deed=deed,
        choice=choice,
        seen=seen,
        entered=[(n, v) for n, vs in given.items() if n not in OURS for v in vs],
        names=",".join(one.name for one in form.fields),
        note=note,
        asking=bool(form.fields),
        known=",".join(f"{one}:{version}" for one, version in seen.versions.items()),
        at_once=choice.at_once,
        most=LOOKED_AT,
    )


OURS = ("ids", "matching", "step", "known", "names", "add", "drop", "_csrf")


async def _apply(request: Rq, deed: Deed, choice: Choice, form: Form, given: Given) -> Answer:
    """Do it in one change set when that holds them all, else in the background."""
    if not choice.at_once:
        return await _begin(request, deed, choice)
    refused = {int(part) for part in given.get("skip", [""])[0].split(",") if part.isdecimal()}
    batch = Batch(ws_of(request), look_of(request).me, deed, _known(given))
    ids = [one for one in choice.ids if one not in refused]
    wrote: list[int] = []

    async def note(ctx: Context, changes: Sequence[Change]) -> None:
        """Keep which change set it is, when anything was changed."""
        wrote.extend([ctx.change_set] if changes else [])

    try:
        await batch.once(ids, note)
    except (Refusals, Conflict, Invalid, NotFound):
        words_ = _("Something was changed meanwhile. Look again; nothing was changed yet.")
        return await _preview(request, deed, choice, form, given, words_)
    return _json({"text": _done(deed, len(ids)), "undo": str(wrote[0]) if wrote else ""})


def _known(given: Given) -> dict[int, int]:
    """Return the versions that the preview has shown."""
    pairs = (part.partition(":") for part in given.get("known", [""])[0].split(",") if part)
    return {int(a): int(b) for a, _colon, b in pairs if a.isdecimal() and b.isdecimal()}


def _done(deed: Deed, count: int) -> str:
    things = _(deed.noun.plural if count != 1 else deed.noun.title)
    what = {"things": f"{words.number(count)} {inside(things)}", "what": _(deed.label)}
    said = {
        "update": _("%(things)s changed."),
        "delete": _("%(things)s moved to the bin."),
        "restore": _("%(things)s restored."),
    }
    return said.get(deed.name, _("%(what)s: %(things)s.")) % what


async def _begin(request: Rq, deed: Deed, choice: Choice) -> Answer:
    me = look_of(request).me
    noun = ws_of(request).registry.noun(BulkRun)
    if not me.can(noun.permission("start")):
        raise Conflict(_("So many at once need the permission to start bulk changes."))
    run = await ws_of(request).run(me, lambda ctx: runs.begin(ctx, deed, choice.ids))
    text = _("Working on %(count)s records in the background.")
    return _json({"text": text % {"count": words.number(run.total)}, "run": run.id})


def _json(answer: dict[str, Any]) -> Answer:
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _drawn(request: Rq, template: str, **values: Any) -> Answer:
    html = renderer(request).text(request, template, look=look_of(request), **values)
    return renderer(request).answer(request, html)


# ---- the corner ----


@get("/work")
async def work(request: Rq) -> Answer:
    """Show the long work of this person that goes on, or has ended a short while ago."""
    ws, me = ws_of(request), look_of(request).me
    found: list[tuple[Noun, Any]] = []
    for noun in ws.registry.nouns.values():
        if noun.resource.progress and me.can(noun.permission("read")):
            found += [(noun, run) for run in await _recent(request, noun, me)]
    found.sort(key=lambda one: one[1].id)
    topics = ",".join(dict.fromkeys(noun.key for noun, run in found if _goes_on(run)))
    works = [_work(request, noun, run) for noun, run in found]
    html = renderer(request).text(request, "bulk/tray.html", works=works, topics=topics)
    return renderer(request).answer(request, html)


async def _recent(request: Rq, noun: Noun, me: Me) -> list[Any]:
    ws = ws_of(request)
    asked = [("created_by", str(me.id or 0)), ("sort", "-id"), ("limit", str(RECENT))]
    rows = (await ws.page(me, noun.key, asked)).items
    since = ws.clock.now() - FRESH
    return [r for r in rows if _goes_on(r) or as_instant(r.updated_at) > since]


def _goes_on(run: Any) -> bool:
    return run.state in ("waiting", "running", "undoing")


def _work(request: Rq, noun: Noun, run: Any) -> dict[str, Any]:
    registry = ws_of(request).registry
    of = registry.nouns.get(getattr(run, "resource", ""))
    things = inside(_(of.plural)) if of else ""
    imported = getattr(run, "file_name", "")
    deed = Deed(of, run.deed).label if of and not imported else ""
    title = _("Import of %(file)s") % {"file": imported} if imported else f"{_(deed)}: {things}"
    return {
        "key": f"{noun.key}:{run.id}:{run.state}",
        "api": f"/api/{noun.path}/{run.id}",
        "run": run,
        "title": title,
        "report": f"/import/runs/{run.id}" if of and imported else f"/{noun.path}/{run.id}",
        "goes_on": _goes_on(run),
        "undoable": "take_back" in noun.actions and run.state in ("done", "stopped", "failed"),
        "wrote": bool(as_plain(run.change_sets)),
    }


ROUTES = [bulk_step, work]

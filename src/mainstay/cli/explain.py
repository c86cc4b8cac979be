"""`mainstay explain`: everything that follows from a declaration, so that nothing is magic."""

from typing import TYPE_CHECKING, Any

import rich_click as click

from mainstay.cli import out

if TYPE_CHECKING:
    from mainstay.kernel.fields import Field
    from mainstay.kernel.module import Action
    from mainstay.kernel.noun import Noun
    from mainstay.kernel.registry import Registry


@click.command()
@click.argument("resource", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def explain(terms: out.Terms, resource: str | None, as_json: bool) -> None:
    """Print the routes, permissions, events, pages, indexes and structs of RESOURCE."""
    from mainstay import app

    registry = app.registry()
    if resource is None:
        _every(registry, as_json=as_json)
        return
    found = explained(registry, registry.noun(resource))
    if as_json:
        out.say_json(found)
        return
    out.say(f"{found['resource']}: {found['means']}")
    for title, lines in found.items():
        if title in ("resource", "means") or not lines:
            continue
        out.say(click.style(f"\n{title}", bold=True))
        if isinstance(lines, dict):
            out.facts({f"  {name}": text for name, text in lines.items()})
        else:
            for line in [lines] if isinstance(lines, str) else lines:
                out.say(f"  {line}")


def _every(registry: "Registry", *, as_json: bool) -> None:
    from mainstay.kernel.module import sentence

    if as_json:
        out.say_json({key: explained(registry, noun) for key, noun in registry.nouns.items()})
        return
    rows = [(key, f"/{noun.path}", sentence(noun.doc)) for key, noun in registry.nouns.items()]
    out.table(("resource", "page", "what it is"), rows)
    out.say("\nSay `mainstay explain RESOURCE` for what follows from one of them.")


def explained(registry: "Registry", noun: "Noun") -> dict[str, Any]:
    """Return everything that follows from one declaration."""
    from mainstay.kernel.module import sentence

    scope = noun.resource.scope
    return {
        "resource": noun.key,
        "means": sentence(noun.doc),
        "fields": {name: described(item) for name, item in noun.fields.items()},
        "routes": routes(noun),
        "pages": pages(noun),
        "verbs": {name: _verb(item) for name, item in noun.actions.items()},
        "permissions": permissions(noun),
        "scope": scope.says if scope else "Everybody with the read permission sees every record.",
        "structs": _structs(noun),
        "table": str(noun.table.name),
        "indexes": _indexes(noun),
        "search": list(noun.searchable),
        "referred to by": [
            f"{other.key}.{name}"
            for other in registry.nouns.values()
            for name, kind in other.refs.items()
            if kind.target == noun.key
        ],
        "roles": _roles(registry, noun),
        "reactions": _reactions(registry, noun),
        "imports": {preset.name: preset.says for preset in noun.resource.imports},
    }


def described(item: "Field") -> str:
    """Return what a field takes, in a line."""
    kind = item.kind
    words = [type(kind).__name__.lower(), getattr(kind, "target", "")]
    words = [*filter(None, words), *filter(None, ["|".join(getattr(kind, "values", ()))])]
    marks = {"optional": item.optional, "required": item.required}
    marks |= {"personal": kind.personal, "secret": kind.secret}
    words += [name for name, there in marks.items() if there]
    if kind.group:
        words.append(f"group {kind.group}")
    return " ".join(words) + (f": {kind.help}" if kind.help else "")


def routes(noun: "Noun") -> dict[str, str]:
    """Return every REST route of a resource and the permission it needs."""
    base, grant = f"/api/{noun.path}", noun.permission
    found = {f"GET {base}": grant("read"), f"GET {base}/{{id}}": grant("read")}
    found[f"GET {base}/{{id}}/history"] = grant("read")
    found[f"GET {base}/export"] = grant("read")
    offered = {
        "create": f"POST {base}",
        "update": f"PATCH {base}/{{id}}",
        "delete": f"DELETE {base}/{{id}}",
        "restore": f"POST {base}/{{id}}/restore",
    }
    found |= {route: grant(v) for v, route in offered.items() if v in noun.resource.verbs}
    if {"create", "update"} & {*noun.resource.verbs}:
        found[f"POST {base}/import"] = f"{grant('create')} or {grant('update')}"
        found[f"POST {base}/bulk"] = "those of the changes in it"
    for action in noun.actions.values():
        place = f"{base}/{{id}}/{action.name}" if action.entity else f"{base}/{action.name}"
        found[f"POST {place}"] = grant(action.grant)
    return found


def pages(noun: "Noun") -> list[str]:
    """Return the pages of a resource."""
    found = [f"/{noun.path}", f"/{noun.path}/{{id}}"]
    if "create" in noun.resource.verbs:
        found += [f"/{noun.path}/new", f"/import/{noun.path}"]
    return found


def _verb(action: "Action") -> str:
    from mainstay.kernel.module import sentence

    names = ", ".join(action.data.__struct_fields__) if action.data else ""
    return f"({names}) {sentence(action.doc)}" if names else sentence(action.doc)


def permissions(noun: "Noun") -> list[str]:
    """Return every permission of a resource."""
    groups = {item.kind.group for item in noun.fields.values() if item.kind.group}
    verbs = ["read", *noun.resource.verbs, *(a.grant for a in noun.actions.values())]
    verbs += [f"read_{group}" for group in sorted(groups)]
    verbs += ["see_all"] if noun.resource.scope else []
    return [noun.permission(verb) for verb in dict.fromkeys(verbs)]


def _structs(noun: "Noun") -> dict[str, str]:
    return {
        kind.__name__: ", ".join(kind.__struct_fields__)
        for kind in (noun.create_type, noun.update_type)
    }


def _indexes(noun: "Noun") -> dict[str, str]:
    return {
        str(index.name): ", ".join(str(column.name) for column in index.columns)
        + (" (unique among live records)" if index.unique else "")
        for index in sorted(noun.table.indexes, key=lambda index: str(index.name))
    }


def _roles(registry: "Registry", noun: "Noun") -> dict[str, str]:
    """Return which seeded roles have grants here."""
    from mainstay.kernel.scope import granted

    found: dict[str, str] = {}
    for module in registry.modules.values():
        for role, grants in module.roles.items():
            held = [
                name.rpartition(".")[2]
                for name in permissions(noun)
                if granted(frozenset(grants), name)
            ]
            if held:
                found[role] = ", ".join(dict.fromkeys([*found.get(role, "").split(", "), *held]))
    return {role: text.removeprefix(", ") for role, text in sorted(found.items())}


def _reactions(registry: "Registry", noun: "Noun") -> dict[str, str]:
    return {
        name: ", ".join(room for _, _, room in known)
        for name, known in registry.reactions.items()
        if name.startswith(f"{noun.module.name}.")
    }

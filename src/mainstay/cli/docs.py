"""`mainstay docs` and `mainstay openapi`: the reference, written from the declarations."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from mainstay.cli import out

if TYPE_CHECKING:
    from mainstay.kernel.noun import Noun
    from mainstay.kernel.registry import Registry

FOLDER = Path("docs") / "reference"
HEAD = "<!-- Written by `mainstay docs`; edit the declarations instead. -->\n\n"


@click.command()
@click.option("--check", is_flag=True, help="Only compare; print what differs.")
@click.option("--folder", default=FOLDER, type=click.Path(path_type=Path), help="Where it goes.")
def docs(check: bool, folder: Path) -> int:
    """Write the reference: resources, permissions, events, settings, commands, problems."""
    wanted = reference()
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
    if not check:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in wanted.items():
            (folder / name).write_text(text, "utf-8")
        for name in there.keys() - wanted.keys():
            (folder / name).unlink()
        out.note(f"{len(wanted)} pages written to {folder}.")
        return out.DONE
    for name in sorted(there.keys() | wanted.keys()):
        old, new = there.get(name, ""), wanted.get(name, "")
        lines = difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"{folder / name}", "the declarations", lineterm=""
        )
        for line in lines:
            out.say(line)
    if there == wanted:
        return out.DONE
    out.note(f"{folder} is not what the declarations say. Run `mainstay docs`.")
    return out.REFUSED


@click.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from mainstay import app
    from mainstay.delivery.openapi import document

    out.say_json(document(app.registry()))


def reference() -> dict[str, str]:
    """Return every page of the reference."""
    from mainstay import app

    registry = app.registry()
    pages = {
        "resources.md": _resources(registry),
        "permissions.md": _permissions(registry),
        "events.md": _events(registry),
        "settings.md": _settings(),
        "commands.md": _commands(),
        "problems.md": _problems(),
    }
    return {name: HEAD + "\n".join(lines).rstrip() + "\n" for name, lines in pages.items()}


def cell(text: Any) -> str:
    """Return text as it may stand in a table."""
    return " ".join(str(text).replace("|", "\\|").split())


def _table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(cell(part) for part in row) + " |"
    yield ""


def _resources(registry: "Registry") -> Iterator[str]:
    yield "# Resources\n"
    for module in registry.modules.values():
        nouns = [noun for noun in registry.nouns.values() if noun.module is module]
        if not nouns:
            continue
        yield f"## {module.name}\n\n{module.doc}\n"
        for noun in nouns:
            yield from _resource(noun)
        for asked in module.questions:
            yield f"### GET /api/{module.name}/ask/{asked.name}\n\n{asked.doc}\n"


def _resource(noun: "Noun") -> Iterator[str]:
    from mainstay.cli.explain import described, routes
    from mainstay.kernel.entity import KEPT

    yield f"### {noun.key}\n\n{noun.doc}\n"
    scope = noun.resource.scope
    if scope:
        yield f"Who sees it: {scope.says}\n"
    written = {*noun.resource.write, *noun.resource.create_only}
    rows = [
        (f"`{name}`", described(item), "yes" if name in written else "")
        for name, item in noun.fields.items()
        if name not in KEPT and not item.kind.secret
    ]
    yield from _table(("field", "kind", "written"), rows)
    yield from _table(
        ("route", "permission"), [(f"`{r}`", f"`{p}`") for r, p in routes(noun).items()]
    )
    for action in noun.actions.values():
        yield f"- `{action.name}`: {cell(action.doc)}"
    if noun.actions:
        yield ""


def _permissions(registry: "Registry") -> Iterator[str]:
    from mainstay.kernel.scope import granted

    yield "# Permissions\n"
    yield "Wildcards may stand for any part: `projects.*`, `projects.*.read`, `*`.\n"
    roles: dict[str, set[str]] = {}
    for module in registry.modules.values():
        for role, grants in module.roles.items():
            roles.setdefault(role, set()).update(grants)
    rows = []
    for name in registry.permissions:
        held = [role for role, grants in sorted(roles.items()) if granted(frozenset(grants), name)]
        rows.append((f"`{name}`", ", ".join(held)))
    yield from _table(("permission", "roles that have it from the start"), rows)


def _events(registry: "Registry") -> Iterator[str]:
    from mainstay.kernel.entity import Event
    from mainstay.kernel.module import sentence
    from mainstay.kernel.registry import event_name

    yield "# Events\n"
    yield "Every change of a record is an event too: `<resource>` with its verb.\n"
    kinds = sorted(Event.__subclasses__(), key=event_name)
    rows = [
        (f"`{event_name(kind)}`", sentence(kind.__doc__), ", ".join(kind.__struct_fields__))
        for kind in kinds
        if kind.__module__.startswith("mainstay.")
        and event_name(kind).split(".")[0] in registry.modules
    ]
    yield from _table(("event", "when", "carries"), rows)


def _settings() -> Iterator[str]:
    from mainstay.settings import FIELDS, expects, means, variable

    yield "# Settings\n"
    yield (
        "Read in this order, later ones win: what is built in, `mainstay.toml` in the working "
        "directory (or the file that `MAINSTAY_CONFIG` or `--settings` names), the environment, "
        "the command line. `mainstay config` shows each value and where it came from.\n"
    )
    rows = []
    for name, part in FIELDS.items():
        usual = part.default
        text = ", ".join(usual) if isinstance(usual, tuple) else str(usual)
        said = text.lower() if isinstance(usual, bool) else text
        rows.append(
            (
                f"`{name}`",
                f"`{variable(name)}`",
                f"`{said}`" if said else "",
                expects(name),
                means(name),
            )
        )
    yield from _table(("setting", "variable", "built in", "expects", "means"), rows)


def _commands() -> Iterator[str]:
    from mainstay.cli.main import cli

    yield "# Commands\n"
    yield "Exit codes:\n"
    yield from _table(("code", "meaning"), list(out.CODES.items()))
    yield from _command(cli, "mainstay")


def _command(command: click.Command, path: str) -> Iterator[str]:
    arguments = [
        part.make_metavar(click.Context(command))
        for part in command.params
        if isinstance(part, click.Argument)
    ]
    yield f"## {' '.join(['`' + path, *arguments])}`\n\n{cell(command.help or '')}\n"
    rows = [
        (f"`{' '.join((*part.opts, *part.secondary_opts))}`", part.help or "")
        for part in command.params
        if isinstance(part, click.Option)
    ]
    if rows:
        yield from _table(("option", "meaning"), rows)
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _command(inner, f"{path} {name}")


def _problems() -> Iterator[str]:
    from mainstay.kernel.module import sentence
    from mainstay.kernel.problems import catalogue

    yield "# Problems\n"
    yield "Every refusal is an RFC 9457 document with one of these types.\n"
    rows = [
        (kind.status, f"`/problems/{kind.code}`", kind.title, sentence(kind.__doc__))
        for kind in catalogue()
        if kind.__module__.startswith("mainstay.")
    ]
    yield from _table(("status", "type", "title", "when"), rows)

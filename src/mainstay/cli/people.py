"""`mainstay user` and `mainstay why`: accounts, and what a person may see and why."""

import sys
from typing import TYPE_CHECKING, Any

import rich_click as click

from mainstay.cli import out

if TYPE_CHECKING:
    from mainstay.kernel.scope import Me
    from mainstay.kernel.workspace import Workspace


@click.group()
def user() -> None:
    """Accounts."""


@user.command("create")
@click.option("--email", prompt=True, help="The e-mail address; people sign in with it.")
@click.option("--name", default="", help="First and last name.")
@click.option("--username", default="", help="A short name; made from the e-mail if left out.")
@click.option("--role", "roles", multiple=True, default=("member",), help="May be repeated.")
@click.option("--invite", is_flag=True, help="Send or print a link instead of setting a password.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def create(terms: out.Terms, /, invite: bool, password_stdin: bool, **said: Any) -> None:
    """Create an account with a password, or invite its owner to choose one."""
    password = "" if invite else _password(from_stdin=password_stdin)
    found: dict[str, Any] = out.run(_create(terms, password, invite=invite, **said))
    if said["as_json"]:
        out.say_json(found)
        return
    out.say(f"Created account {found['id']} for {found['email']}.")
    if found.get("link"):
        out.say(f"Hand on this link, it works once: {found['link']}")
    elif invite:
        out.say("The invitation was mailed.")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask for a password: use --invite.")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


async def _create(
    terms: out.Terms, /, password: str, *, invite: bool, **said: Any
) -> dict[str, Any]:
    from mainstay import app
    from mainstay.modules.identity import api

    first, _, last = said["name"].partition(" ")
    ws = await app.open_workspace(terms.settings())
    try:
        if invite:
            return await _invite(ws, first, last, **said)
        made = await api.create_user(
            ws,
            said["email"],
            username=said["username"],
            first_name=first,
            last_name=last,
            password=password,
            roles=tuple(said["roles"]),
        )
        return {"id": made, "email": said["email"], "roles": list(said["roles"])}
    finally:
        await ws.close()


async def _invite(ws: "Workspace", first: str, last: str, **said: Any) -> dict[str, Any]:
    from mainstay.kernel import perform
    from mainstay.kernel.context import Context
    from mainstay.kernel.problems import invalid
    from mainstay.kernel.scope import SYSTEM

    noun, roles = ws.registry.noun("identity.user"), ws.registry.noun("identity.role")

    async def work(ctx: Context) -> Any:
        """Invite as an administrator would."""
        known = {role.code: role.id for role in await ctx.all(roles.entity)}  # type: ignore[attr-defined]
        if unknown := sorted(set(said["roles"]) - known.keys()):
            there = ", ".join(sorted(known))
            raise invalid("role", f"{', '.join(unknown)} is unknown; known are {there}")
        wanted: dict[str, Any] = {
            "email": said["email"],
            "first_name": first,
            "last_name": last,
            "roles": [known[code] for code in said["roles"]],
        }
        action = noun.actions["invite"]
        fields = action.data.__struct_fields__ if action.data else ()
        kept = {name: value for name, value in wanted.items() if name in fields}
        return await perform.act(ctx, noun, action, None, kept)

    answer = await ws.run(SYSTEM, work)
    return {"id": answer.user_id, "email": said["email"], "link": answer.link, "sent": answer.sent}


async def person(ws: "Workspace", who: str) -> "Me":
    """Return a person by id, user name or e-mail, with everything they may do."""
    from mainstay.kernel.context import Context
    from mainstay.kernel.problems import NotFound
    from mainstay.kernel.scope import SYSTEM
    from mainstay.modules.identity import api

    noun = ws.registry.noun("identity.user")
    names = ("id",) if who.isdecimal() else ("email", "username")

    async def look(ctx: Context) -> "Me":
        """Find the account, then its grants."""
        for name in names:
            found = await ctx.find(noun.entity, **{name: who.lower()})  # type: ignore[arg-type]
            if found is not None:
                return await api.me_of(ctx, found)  # type: ignore[arg-type]
        raise NotFound(f"There is no account {who}. Give its id, user name or e-mail address.")

    return await ws.look(SYSTEM, look)


@click.command()
@click.argument("who", metavar="USER")
@click.argument("resource")
@click.argument("record", type=int, metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def why(terms: out.Terms, /, who: str, resource: str, record: int, as_json: bool) -> int:
    """Explain what USER may do with one record, and which rule decides it."""
    found: dict[str, Any] = out.run(_why(terms, who, resource, record))
    if as_json:
        out.say_json(found)
    else:
        out.say(f"{found['person']} (roles: {', '.join(found['roles']) or 'none'})")
        out.say(f"{found['resource']} {found['id']}: {found['verdict']}")
        out.say(f"  record: {found['record']}")
        out.say(f"  scope: {found['scope']}")
        width = max(len(name) for name in found["permissions"])
        for name, grant in found["permissions"].items():
            said = f"granted by {grant}" if grant else "not granted"
            out.say(f"  {name.ljust(width)}  {said}")
    return out.DONE if found["seen"] else out.REFUSED


async def _why(terms: out.Terms, /, who: str, resource: str, record: int) -> dict[str, Any]:
    from mainstay import app
    from mainstay.kernel.scope import SYSTEM, granted

    ws = await app.open_workspace(terms.settings())
    try:
        me, noun = await person(ws, who), ws.registry.noun(resource)
        wanted = ("read", *noun.resource.verbs, *(a.grant for a in noun.actions.values()))
        everything = ("see_all", *wanted) if noun.resource.scope else wanted
        by = {
            noun.permission(verb): next(
                (g for g in sorted(me.grants) if granted(frozenset({g}), noun.permission(verb))), ""
            )
            for verb in dict.fromkeys(everything)
        }
        live = await _there(ws, SYSTEM, noun.key, record)
        inside = bool(live) and bool(await _there(ws, me, noun.key, record))
        state = live or await _there(ws, SYSTEM, noun.key, record, deleted="only")
        return {
            "person": me.name,
            "roles": list(me.roles),
            "resource": noun.key,
            "id": record,
            "seen": inside and bool(by[noun.permission("read")]),
            "verdict": _verdict(noun, by, live=bool(live), inside=inside),
            "record": "is there" if live else "is in the bin" if state else "does not exist",
            "scope": noun.resource.scope.says if noun.resource.scope else "everybody sees all",
            "permissions": by,
        }
    finally:
        await ws.close()


async def _there(ws: "Workspace", me: "Me", key: str, record: int, deleted: str = "no") -> bool:
    from mainstay.kernel.context import Context

    noun = ws.registry.noun(key)

    async def look(ctx: Context) -> bool:
        """Look through the door that every read goes through."""
        ask = ctx.ask(noun, {"id": record, "deleted": deleted, "limit": 1})
        return bool((await ctx.reader.entities(ctx.connection, noun, ask, ctx.me))[0])

    return await ws.look(me, look)


def _verdict(noun: Any, by: dict[str, str], *, live: bool, inside: bool) -> str:
    """Say in a sentence which part decides."""
    if not by[noun.permission("read")]:
        return f"hidden, because {noun.permission('read')} is not granted."
    if not live:
        return "hidden, because there is no live record."
    if noun.resource.scope is None:
        return "seen, because the permission is granted and this resource has no scope."
    if by.get(noun.permission("see_all")):
        return f"seen, because {noun.permission('see_all')} lifts the scope."
    if inside:
        return "seen, because the record is within the scope."
    return "hidden, because the record is outside the scope."

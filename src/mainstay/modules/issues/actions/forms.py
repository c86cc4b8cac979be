"""Public forms: how they are made, and what a report or an answer from outside becomes."""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity, Event
from mainstay.kernel.log import Change
from mainstay.kernel.problems import Conflict, FieldError, Invalid, NotFound, TooMany, invalid
from mainstay.modules.issues.actions.issues import create_issue
from mainstay.modules.issues.entities import (
    Issue,
    IssueForm,
    IssueTicket,
    Severity,
)
from mainstay.modules.issues.questions import public
from mainstay.modules.issues.scopes import projects_of_issues, workers_among
from mainstay.modules.projects.api import require_lead, standing, standings

SOONEST, LONGEST = timedelta(seconds=2), timedelta(hours=24)
# So much is taken in an hour: from one place, and of one form from everywhere together.
REPORTS, ANSWERS, FLOOD = 10, 30, 300
# So many mails an hour go to one address, whoever enters it.
MAILS = 3
# Letters and signs that are drawn as nothing, besides all that is called a space or a control.
EMPTY = frozenset("\u115f\u1160\u2800\u3164\uffa0")
GONE = "There is no form at this address. Check the link, or ask whoever gave it to you."
LOST = "This link does not lead to a report. Check that it is complete."
NOBODY = "Reporter"


class IssueReported(Event, frozen=True):
    """Somebody without an account has reported an issue by a public form."""

    issue_id: int
    form_id: int


class ReporterAnswered(Event, frozen=True):
    """Somebody without an account has said something about the issue that they reported."""

    issue_id: int


class Report(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody reports without an account."""

    title: Annotated[str, Meta(max_length=500, description="In one line")]
    description: Annotated[str, Meta(max_length=20_000, description="What happened")] = ""
    name: Annotated[str, Meta(max_length=100, description="Who reports it")] = ""
    email: Annotated[str, Meta(max_length=255, description="Where an answer finds them")] = ""
    severity: Severity | None = None
    steps: Annotated[str, Meta(max_length=20_000, description="How to make it happen again")] = ""
    version: Annotated[str, Meta(max_length=100, description="Of what it happens in")] = ""


# ---- making forms ----


def slug(name: str) -> str:
    """Return a name as a part of an address: Über uns becomes uber-uns."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "report"


async def create_form(ctx: Context, form: IssueForm) -> IssueForm:
    """Open a form for a project that you lead; its address comes from its name if left out."""
    require_lead(await standing(ctx, form.project_id), "open public forms")
    if not form.address:
        start = slug(form.name)
        taken = await public.addresses_like(ctx, start)
        form.address = next(
            a
            for n in range(1, len(taken) + 3)
            if (a := start if n == 1 else f"{start}-{n}") not in taken
        )
    form.stamp_key = secrets.token_hex(32)
    return await ctx.create(form)


async def settle_forms(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who lead a project open, change, close and bring back its forms."""
    real = [change for change in changes if change.before is not None or change.after is not None]
    noun = ctx.registry.noun(IssueForm)
    found = await ctx.load_all(noun, [c.record_id for c in real], anywhere=True, deleted="with")
    projects = {one.project_id for one in found.values() if isinstance(one, IssueForm)}
    projects |= {c.before["project_id"] for c in real if c.before and "project_id" in c.before}
    for at in (await standings(ctx, projects)).values():
        require_lead(at, "change its public forms")
    chosen = {c.record_id for c in real if "assignee_id" in (c.after or {})}
    await _check_people(ctx, [found[one] for one in sorted(chosen)])


async def _check_people(ctx: Context, chosen: Sequence[Entity]) -> None:
    """Refuse to leave reports to somebody who does not work in the project."""
    named = [one for one in chosen if isinstance(one, IssueForm) and one.assignee_id is not None]
    if ctx.undoing or not named:
        return
    pairs = {(form.project_id, form.assignee_id or 0) for form in named}
    if pairs - await workers_among(ctx, pairs):
        raise invalid(
            "assignee_id", "must be somebody active who works in the project; add them to it first"
        )


async def settle_tickets(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who lead a project end links that reporters follow."""
    if ctx.me.kind == "system":
        return
    noun = ctx.registry.noun(IssueTicket)
    ids = [one.record_id for one in changes]
    found = await ctx.load_all(noun, ids, anywhere=True, deleted="with")
    issues = [one.issue_id for one in found.values() if isinstance(one, IssueTicket)]
    projects = await projects_of_issues(ctx, issues)
    for at in (await standings(ctx, projects.values())).values():
        require_lead(at, "end the links of reporters")


# ---- what may come in ----


def stamp(form: IssueForm, now: datetime) -> str:
    """Return what a form's page carries, so that it is seen when and for whom it was drawn."""
    said = f"{int(now.timestamp())}.{secrets.token_hex(8)}"
    return f"{said}.{_sealed(form, said)}"


def _sealed(form: IssueForm, said: str) -> str:
    text = f"{form.id}.{said}".encode()
    return hmac.new(form.stamp_key.encode(), text, hashlib.sha256).hexdigest()


def check_stamp(form: IssueForm, given: str, now: datetime) -> None:
    """Refuse what no page of this form has sent, or one that was filled in by a program."""
    said, _, seal = given.rpartition(".")
    seconds = said.partition(".")[0]
    right = hmac.compare_digest(seal.encode(), _sealed(form, said).encode())
    if not (right and seconds.isascii() and seconds.isdecimal()):
        raise Conflict("This page was not complete. What you wrote is still here; send it again.")
    age = now.timestamp() - int(seconds)
    if age < SOONEST.total_seconds():
        raise Conflict("That was faster than anybody types. Wait a moment, then send it again.")
    if age > LONGEST.total_seconds():
        raise Conflict("This page was open for more than a day. Read it through and send it again.")


async def use_stamp(ctx: Context, given: str) -> None:
    """Refuse a page that is sent a second time, by a double click or by loading it again."""
    if (await public.counted(ctx, digest(f"stamp|{given}")))[0] > 1:
        raise Conflict(
            "This report was sent already. Open the form again to report something else."
        )


def digest(text: str) -> str:
    """Return a hash that cannot be turned back."""
    return hashlib.sha256(text.encode()).hexdigest()


async def limit(ctx: Context, what: str, most: int) -> TooMany | None:
    """Count one try more; return its refusal where there were too many in the last hour."""
    count, began = await public.counted(ctx, digest(what))
    if count <= most:
        return None
    left = max(1, ceil((began + public.WINDOW - ctx.now).total_seconds()))
    return TooMany(
        f"A lot has come in from here in the last hour. Try again in {ceil(left / 60)} min.",
        headers={"Retry-After": str(left)},
    )


def visible(text: str) -> bool:
    """Return whether there is anything to be seen in a text."""
    return any(unicodedata.category(one)[0] not in "ZC" and one not in EMPTY for one in text)


def mail_address(text: str) -> str:
    """Return an e-mail address as mail servers take it, or raise ValueError."""
    found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    return (found.ascii_email or found.normalized).lower()


def _is_address(text: str) -> bool:
    try:
        mail_address(text)
    except EmailNotValidError:
        return False
    return True


def check_report(form: IssueForm, report: Report) -> None:
    """Refuse a report that lacks what the form asks for, naming every field at once."""
    wrong = []
    if not visible(report.title):
        wrong.append(FieldError("title", "is required; say in one line what it is about"))
    mail = report.email.strip()
    if form.asks_contact == "required":
        if not visible(report.name):
            wrong.append(FieldError("name", "is required"))
        if not mail:
            wrong.append(FieldError("email", "is required"))
    if mail and not _is_address(mail):
        wrong.append(FieldError("email", "is no address; write one like name@example.com"))
    if wrong:
        said = "; ".join(f"{one.field} {one.message}" for one in wrong)
        raise Invalid(f"{said}.", errors=wrong)


# ---- what comes in ----


async def _taker(ctx: Context, form: IssueForm) -> int | None:
    """Return who gets a form's reports; whoever has left meanwhile is not brought back by one."""
    if form.assignee_id is None:
        return None
    pair = (form.project_id, form.assignee_id)
    return form.assignee_id if await workers_among(ctx, [pair]) else None


async def take_report(
    ctx: Context, form: IssueForm, report: Report, token: str, locale: str
) -> tuple[Issue, IssueTicket]:
    """Make an issue of a report, and the ticket with which its reporter follows it."""
    now = await public.form_at(ctx, form.address)
    if now is None:
        raise NotFound(GONE)
    if not now[0].is_open:
        raise Conflict("This form takes no reports now. What you wrote was not sent.")
    asked: dict[str, Any] = {}
    if form.asks_severity and report.severity:
        asked["severity"] = report.severity
    if form.asks_steps:
        asked["steps_to_reproduce"] = report.steps.strip()
    if form.asks_version:
        asked["version_found"] = report.version.strip()
    issue = Issue(
        project_id=form.project_id,
        title=" ".join(report.title.split()),
        description=report.description.strip(),
        type=form.type,
        priority=form.priority,
        assignee_id=await _taker(ctx, form),
        origin="public_form",
        **asked,
    )
    await create_issue(ctx, issue)
    known, mail = form.asks_contact != "no", report.email.strip()
    ticket = IssueTicket(
        issue_id=issue.id,
        form_id=form.id,
        token_hash=digest(token),
        name=report.name.strip() if known and visible(report.name) else "",
        email=mail_address(mail) if known and mail else "",
        locale=locale,
    )
    await ctx.create(ticket)
    await public.received(ctx, form.id)
    ctx.emit(IssueReported(issue_id=issue.id, form_id=form.id), issue)
    return issue, ticket


async def ticket_of(ctx: Context, token: str) -> IssueTicket:
    """Return the ticket that a link opens; whatever speaks against it, the answer is the same."""
    found = await public.ticket_by(ctx, digest(token)) if len(token) <= 100 else None
    if found is None:
        raise NotFound(LOST)
    return found

"""The way in for people without an account: reports, what they follow, answers, and the mail."""

import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any

import msgspec
from markupsafe import Markup
from msgspec import Struct

from mainstay.delivery import words
from mainstay.delivery.cells import written
from mainstay.delivery.words import gettext as _
from mainstay.facets.comments import api as comments
from mainstay.facets.comments.api import Said
from mainstay.facets.files import api as files
from mainstay.facets.sharing.api import published
from mainstay.kernel.context import Context
from mainstay.kernel.fields import unfit
from mainstay.kernel.problems import Conflict, Invalid, NotFound, invalid
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.identity.api import Visit, links
from mainstay.modules.issues.actions import forms
from mainstay.modules.issues.actions.forms import Report
from mainstay.modules.issues.entities import Issue, IssueForm, IssueTicket
from mainstay.modules.issues.questions import public

MAIL = "issues.mail_ticket"
FORGET = "issues.forget_counts"
MOST_FILES = 5
MOST_SAID = 100
LONGEST_ANSWER = 5000
LOOKED = timedelta(minutes=5)
NOUN = "issues.issue"
# What somebody outside reads with: public comments, and nothing else of the workspace.
OUTSIDE = Me(
    kind="anonymous",
    grants=frozenset({"issues.issue.read", "issues.issue.see_all", "comments.comment.read"}),
)
WRITER = msgspec.structs.replace(SYSTEM, name="Public form")
Upload = tuple[str, AsyncIterator[bytes]]


class Received(Struct, kw_only=True):
    """A report that has come in; its link is shown this once, because only its hash is kept."""

    code: str
    title: str
    link: str
    mailed: bool = False


class Followed(Struct, kw_only=True):
    """What a reporter sees of the issue that they reported."""

    code: str
    title: str
    description: str
    status: str
    resolution: str
    version_fixed: str
    reported: Any
    resolved: Any
    closed: Any
    name: str
    ended: bool
    thanks: str
    takes_files: bool
    said: list[dict[str, Any]]
    files: list[str]


async def form_at(ws: Workspace, address: str) -> tuple[IssueForm, str]:
    """Return the form at an address with its project's name, or say that there is none."""
    if not 0 < len(address) <= 60 or unfit(address):
        raise NotFound(forms.GONE)
    found = await ws.look(SYSTEM, lambda ctx: public.form_at(ctx, address))
    if found is None:
        raise NotFound(forms.GONE)
    return found


async def counting(ws: Workspace, *limits: tuple[str, int]) -> None:
    """Count a try against its limits, before anything is done for it; refuse too many."""
    for what, most in limits:
        refused = await ws.run(WRITER, partial(forms.limit, what=what, most=most))
        if refused is not None:
            raise refused


async def report(
    ws: Workspace,
    form: IssueForm,
    given: Report,
    *,
    place: str,
    locale: str,
    uploads: Sequence[Upload] = (),
    stamp: str = "",
) -> Received:
    """Take a report in with its files, all or nothing, and leave the mail to a job."""
    if not form.is_open:
        raise Conflict("This form takes no reports now. What you wrote was not sent.")
    forms.check_report(form, given)
    here = Visit(address=place).place
    await counting(ws, (f"report|{here}", forms.REPORTS), (f"form|{form.id}", forms.FLOOD))
    kept = await _receive(ws, uploads if form.takes_files else ())
    token = secrets.token_urlsafe(32)

    async def work(ctx: Context) -> Received:
        """Make the issue, its ticket and its files."""
        if stamp:
            await forms.use_stamp(ctx, stamp)
        issue, ticket = await forms.take_report(ctx, form, given, token, locale)
        await _attach(ctx, issue, kept)
        mailed = bool(ticket.email) and links.can_mail(ws)
        if mailed and await forms.limit(ctx, f"mail|{ticket.email}", forms.MAILS) is not None:
            mailed = False
        if mailed:
            await ctx.later(MAIL, {"ticket_id": ticket.id})
        return Received(code=issue.code, title=issue.title, link=address(ws, token), mailed=mailed)

    return await ws.run(WRITER, work)


def address(ws: Workspace, token: str) -> str:
    """Return where an issue is followed."""
    base = getattr(ws.settings, "base_url", "") or ""
    return f"{base.rstrip('/')}/track/{token}"


async def _receive(
    ws: Workspace, uploads: Sequence[Upload]
) -> list[tuple[files.Wish, files.Content]]:
    """Keep the contents of files that are accepted here, before anything names them."""
    if len(uploads) > MOST_FILES:
        raise invalid("files", f"are too many; send at most {MOST_FILES} at once")
    kept = []
    for name, pieces in uploads:
        wish = files.Wish(entity=NOUN, record_id=0, name=name)
        kept.append((wish, await files.receive(ws, wish, pieces, None)))
    return kept


async def _attach(
    ctx: Context, issue: Issue, kept: Sequence[tuple[files.Wish, files.Content]]
) -> None:
    quota = files.settings_of(ctx.workspace).file_quota_bytes
    verb = ctx.verb
    for wish, content in kept:
        wish.record_id = issue.id
        await files.attach(ctx, wish, content, quota)
    ctx.verb = verb


# ---- following ----


async def followed(ws: Workspace, token: str) -> Followed:
    """Return what a link shows, and note that its reporter looked."""
    ticket, issue, form = await ws.look(SYSTEM, lambda ctx: _opened(ctx, token))
    said = await ws.look(OUTSIDE, lambda ctx: _said(ctx, issue.id))
    sent = await ws.look(SYSTEM, lambda ctx: _sent(ctx, issue.id))
    now = ws.clock.now()
    if ticket.last_seen_at is None or ticket.last_seen_at < now - LOOKED:
        await ws.run(WRITER, lambda ctx: public.seen(ctx, ticket.id, now - LOOKED))
    return Followed(
        code=issue.code,
        title=issue.title,
        description=issue.description,
        status=issue.status,
        resolution=issue.resolution,
        version_fixed=issue.version_fixed,
        reported=issue.created_at,
        resolved=issue.resolved_at,
        closed=issue.closed_at,
        name=ticket.name,
        ended=issue.status in ("closed", "cancelled"),
        thanks=form.thanks if form else "",
        takes_files=bool(form and form.takes_files),
        said=[_plain(one) for one in reversed(said)],
        files=sent,
    )


async def _opened(ctx: Context, token: str) -> tuple[IssueTicket, Issue, IssueForm | None]:
    ticket = await forms.ticket_of(ctx, token)
    issue = await ctx.find(Issue, anywhere=True, id=ticket.issue_id)
    if issue is None:
        raise NotFound(forms.LOST)
    form = await ctx.find(IssueForm, anywhere=True, id=ticket.form_id) if ticket.form_id else None
    return ticket, issue, form


async def _said(ctx: Context, issue_id: int) -> list[Said]:
    return await comments.entries(ctx, ctx.registry.noun(Issue), issue_id, 0, MOST_SAID)


def _plain(one: Said) -> dict[str, Any]:
    """Return a comment for somebody outside: who and when, and words that lead nowhere inside."""
    return {
        "author": one.author,
        "own": one.outside,
        "at": one.at,
        "removed": one.removed,
        "html": Markup() if one.removed else published(str(written(one.body)), "", {}),
        "answers": [_plain(each) for each in one.answers],
    }


async def _sent(ctx: Context, issue_id: int) -> list[str]:
    """Return the names of the files that came in from outside."""
    found = await files.files_of(ctx, NOUN, issue_id)
    return [one.name for one in reversed(found) if one.created_by is None]


async def say(
    ws: Workspace, token: str, body: str, *, place: str, uploads: Sequence[Upload] = ()
) -> None:
    """Take an answer of a reporter, with files, as a comment of theirs."""
    body = body.strip()
    if len(body) > LONGEST_ANSWER:
        raise invalid("body", f"has {len(body)} characters; at most {LONGEST_ANSWER} are taken")
    if why := unfit(body):
        raise invalid("body", why)
    if not uploads and not forms.visible(body):
        raise invalid("body", "is required; write something, or choose a file")
    ticket, issue, form = await ws.look(SYSTEM, lambda ctx: _opened(ctx, token))
    if issue.status in ("closed", "cancelled"):
        raise Conflict("This report is closed, so nothing more is taken. Report it anew.")
    if uploads and not (form and form.takes_files):
        raise invalid("files", "are not taken here; write what they show")
    here = Visit(address=place).place
    await counting(ws, (f"say|{here}", forms.ANSWERS), (f"said|{ticket.id}", forms.ANSWERS))
    kept = await _receive(ws, uploads)

    async def work(ctx: Context) -> None:
        """Write the comment and the files."""
        again, _issue, _form = await _opened(ctx, token)
        live = await ctx.get(Issue, again.issue_id, anywhere=True)
        if forms.visible(body):
            name = ticket.name or forms.NOBODY
            await comments.say_without_account(ctx, NOUN, live.id, body, name)
        await _attach(ctx, live, kept)
        ctx.emit(forms.ReporterAnswered(issue_id=live.id), live)

    await ws.run(WRITER, work)


# ---- jobs ----


async def mail_ticket(ws: Workspace, payload: dict[str, Any]) -> None:
    """Make the link of a ticket and mail it; made only now, so that the job holds no secret."""

    async def work(ctx: Context) -> tuple[IssueTicket, str, str] | None:
        """Give the ticket a link of its own for the mail, beside the one that was shown."""
        ticket = await ctx.find(IssueTicket, anywhere=True, id=payload["ticket_id"])
        issue = await ctx.find(Issue, anywhere=True, id=ticket.issue_id) if ticket else None
        if ticket is None or issue is None or not ticket.email:
            return None
        token = secrets.token_urlsafe(32)
        ticket.mail_hash = forms.digest(token)
        return ticket, issue.code, token

    made = await ws.run(WRITER, work) if links.can_mail(ws) else None
    if made is not None:
        ticket, code, token = made
        await links.send(ws, letter(ws, ticket, code, address(ws, token)))


mail_ticket.outside = True  # type: ignore[attr-defined]


def letter(ws: Workspace, ticket: IssueTicket, code: str, link: str) -> EmailMessage:
    """Return the mail that carries a link, in the language that the form was filled in.

    It repeats nothing that was entered, so that nobody sends words of their own with it.
    """
    before = words.language.get()
    words.speak(ticket.locale)
    try:
        mail = EmailMessage()
        mail["Subject"] = _("Your report %(code)s") % {"code": code}
        mail["From"] = getattr(ws.settings, "mail_from", "") or "mainstay@localhost"
        mail["To"] = ticket.email
        mail["Auto-Submitted"] = "auto-generated"
        text = _(
            "Hello,\n\nyour report was received as %(code)s. With this link you see how it "
            "stands, and you can answer:\n\n%(link)s\n\nKeep it: whoever has it can read and "
            "answer. If you have not reported anything, ignore this mail.\n"
        )
        mail.set_content(text % {"code": code, "link": link})
    finally:
        words.language.set(before)
    return mail


async def forget_counts(ctx: Context, payload: dict[str, Any]) -> None:
    """Forget what came in more than two days ago; pages are not sent later than after one."""
    del payload
    await public.forget(ctx, ctx.now - timedelta(days=2))


def told(problem: Invalid) -> dict[str, str]:
    """Return what is wrong with each field."""
    return {one.field: one.message for one in problem.errors}

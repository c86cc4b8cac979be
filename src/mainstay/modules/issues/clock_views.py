"""What the pages and panels of clocks and public forms are given, ready to be drawn."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from markupsafe import Markup

from mainstay.delivery import cells, words
from mainstay.delivery.words import gettext as _
from mainstay.facets.comments.api import names_of
from mainstay.kernel.context import Context
from mainstay.kernel.fields import Choice
from mainstay.kernel.problems import Malformed
from mainstay.modules.issues.entities import Issue, IssueForm, IssueTicket
from mainstay.modules.issues.questions.clock import (
    Clock,
    Month,
    OverviewAsk,
    SlaOverview,
    clock_of,
    sla_overview,
)
from mainstay.modules.projects.api import Project
from mainstay.plots import Bars, Frame, Plot, bars

OFFERED = 200
HOUR = 60
TONES = {
    "running": "good",
    "warned": "warn",
    "breached": "bad",
    "missed": "bad",
    "met": "good",
    "paused": "quiet",
}


def spoken_minutes(count: int) -> str:
    """Return working minutes as people say them: 4 h 20 min."""
    hours, rest = divmod(abs(count), HOUR)
    if not hours:
        return _("%(minutes)s min") % {"minutes": rest}
    said = words.number(hours)
    if not rest:
        return _("%(hours)s h") % {"hours": said}
    return _("%(hours)s h %(minutes)s min") % {"hours": said, "minutes": rest}


async def clock_panel(ctx: Context, issue: Issue) -> dict[str, Any] | None:
    """Return how an issue's clock stands now; nothing where nothing was promised."""
    found = await clock_of(ctx, issue)
    if found.state == "none":
        return None
    people = [one.paused_by for one in found.pauses if one.paused_by]
    return {
        "clock": found,
        "tone": TONES[found.state],
        "share": _share(found),
        "minutes": spoken_minutes,
        "names": await names_of(ctx, people),
        "windows": _windows(found),
        "as_of": int(found.as_of.timestamp()),
    }


def _share(found: Clock) -> float:
    """Return the used share, at most all of it."""
    return min(1.0, found.used_minutes / found.allowed_minutes) if found.allowed_minutes else 1.0


def _windows(found: Clock) -> str:
    """Return the coming times of work for the script, as seconds: 1700,1800 2000,2100."""
    pairs = ((one.began, one.ended) for one in found.windows if one.ended)
    return " ".join(f"{int(a.timestamp())},{int(b.timestamp())}" for a, b in pairs)


async def ticket_panel(ctx: Context, issue: Issue) -> dict[str, Any] | None:
    """Return who has reported an issue without an account; nothing where nobody has."""
    if issue.origin != "public_form":
        return None
    noun = ctx.registry.noun(IssueTicket)
    ask = ctx.ask(noun, {"issue_id": issue.id, "limit": 5, "sort": "id"})
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return {"tickets": found, "zone": ctx.me.zone} if found else None


async def form_panel(ctx: Context, form: IssueForm) -> dict[str, Any]:
    """Return where a public form is opened."""
    base = getattr(ctx.workspace.settings, "base_url", "") or ""
    return {
        "form": form,
        "href": f"/report/{form.address}",
        "whole": f"{base}/report/{form.address}",
    }


# ---- the page of promises ----


async def sla_page(ctx: Context, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what is breached, warned and due next, and which share was kept by month."""
    text = given.get("project", "").strip()
    if text and not (text.isascii() and text.isdecimal() and int(text[:18]) > 0):
        raise Malformed(f"project={text[:20]} must be the id of a project.")
    project = int(text[:18]) if text else None
    found = await sla_overview(ctx, OverviewAsk(project_id=project))
    people = {line.assignee_id for line in _every(found) if line.assignee_id}
    return {
        "found": found,
        "project": project,
        "projects": await _projects(ctx),
        "names": await names_of(ctx, people),
        "pill": _pill(ctx, "status"),
        "mark": lambda priority: Markup(cells.priority(priority)),  # noqa: S704 - escaped there
        "plot": plot(found.months),
        "percent": percent,
        "month": month,
        "total": _total(found),
        "live": "issues.issue,issues.sla_pause,issues.sla_policy",
    }


def _every(found: SlaOverview) -> list[Any]:
    return [*found.breached, *found.warned, *found.next, *found.unanswered]


def _total(found: SlaOverview) -> Month:
    """Return all months together."""
    first = found.months[0].first
    return Month(
        first=first,
        met=sum(one.met for one in found.months),
        missed=sum(one.missed for one in found.months),
    )


async def _projects(ctx: Context) -> Sequence[Any]:
    noun = ctx.registry.noun(Project)
    ask = ctx.ask(noun, {"sort": "name"})
    ask.limit = OFFERED
    found, _more = await ctx.reader.entities(ctx.connection, noun, ask, ctx.me)
    return found


def _pill(ctx: Context, name: str) -> Any:
    kind = ctx.registry.noun(Issue).fields[name].kind
    assert isinstance(kind, Choice)
    colors = dict(kind.colors)

    def pill(value: str) -> Markup:
        """Draw one."""
        return Markup(cells.pill(value, colors.get(value, "")))  # noqa: S704 - escaped there

    return pill


def percent(share: float | None) -> str:
    """Return a share as percent, or that there is none."""
    return _("none") if share is None else f"{words.number(round(share * 100))} %"


def month(first: date) -> str:
    """Return a month as people say it: Nov 2026."""
    return str(format_skeleton("yMMM", first, locale=words.locale_of(words.language.get())))


def plot(months: Sequence[Month]) -> Plot | None:
    """Return the share that was kept by month, or None where nothing has ended."""
    ended = [one for one in months if one.share is not None]
    if not ended:
        return None
    met, total = sum(one.met for one in ended), sum(one.met + one.missed for one in ended)
    frame = Frame(
        _("%(percent)s of promises were kept in %(count)s months")
        % {"percent": percent(met / total), "count": len(months)},
        desc=_(
            "Issues that ended in time, of all that ended with a promise, in the month of their "
            "end; open issues and those without a promise do not count."
        ),
        axis="%",
        over=_("Month"),
        number=words.number,
        height=200,
    )
    values = [None if one.share is None else round(one.share * 100, 1) for one in months]
    return bars(frame, [month(one.first) for one in months], [Bars(_("Kept"), values, "series-1")])

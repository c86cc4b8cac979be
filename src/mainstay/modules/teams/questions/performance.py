"""How people's and teams' work went in a period: what was done, in time, as estimated."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from mainstay.delivery.words import gettext as _
from mainstay.kernel.context import Context
from mainstay.kernel.module import question
from mainstay.kernel.problems import Denied, invalid
from mainstay.modules.projects.api import near
from mainstay.modules.teams import rules, scopes
from mainstay.modules.teams.questions.load import known_people
from mainstay.modules.teams.questions.work import (
    Completed,
    hours_spent,
    issues_resolved,
    statuses,
    worked_on,
)
from mainstay.modules.teams.scopes import Person

USUAL = 90
LONGEST = 1100
DAY = 86_400.0
Id = Annotated[int, Meta(ge=1)]


class PerformanceAsk(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose work, from when to when; the last ninety days when left out."""

    team_id: Annotated[Id | None, Meta(description="The people of this team, and it as one")] = None
    person_id: Annotated[Id | None, Meta(description="Only this person")] = None
    first: Annotated[date | None, Meta(description="The first day of the period")] = None
    last: Annotated[date | None, Meta(description="Its last day; today when left out")] = None


class Measures(Struct, kw_only=True, frozen=True):
    """How work went in the period; what cannot be told is empty."""

    completed: int
    on_time: float | None
    with_due: int
    points: float
    accuracy: float | None
    with_hours: int
    cycle_days: float | None
    with_cycle: int
    reopened: float | None
    hours: float
    billable: float | None
    issues: int


class PersonMeasures(Struct, kw_only=True, frozen=True):
    """One person's measures, and how they were rated where that may be read."""

    user_id: int
    name: str
    job_title: str
    measures: Measures
    rating: int | None
    last_review: date | None


class Definition(Struct, kw_only=True, frozen=True):
    """What one measure means."""

    name: str
    says: str


class Performance(Struct, kw_only=True, frozen=True):
    """How work went in a period, person by person in the order of their names, and together."""

    as_of: date
    first: date
    last: date
    people: list[PersonMeasures]
    together: Measures
    hidden: int
    definitions: list[Definition]


def definitions() -> list[Definition]:
    """Return what each measure means, in the reader's language."""
    says = {
        "completed": _(
            "Tasks that were completed in the period and are still done, for each person who "
            "worked on them; a team counts each of them once."
        ),
        "on_time": _("The share of the completed tasks with a due day that were done by that day."),
        "points": _(
            "Story points of the completed tasks, in equal parts for each of their people."
        ),
        "accuracy": _(
            "Estimated over logged hours of the completed tasks that have both: 100 % is exact, "
            "50 % took twice as long."
        ),
        "cycle_days": _(
            "The median of the days from the first start of work to the completion, by the log, "
            "of the completed tasks that were started here."
        ),
        "reopened": _(
            "The share of the tasks completed in the period that were opened again since."
        ),
        "hours": _("The hours that were logged for days of the period."),
        "billable": _("The share of these hours that a customer pays for."),
        "issues": _("Issues that were resolved in the period."),
    }
    return [Definition(name=name, says=text) for name, text in says.items()]


@question(label="Performance", slow=True)
async def performance(ctx: Context, ask: PerformanceAsk) -> Performance:
    """How your work went in a period, or that of the people you lead; it is no ranking."""
    first, last = period(ctx, ask)
    ids, hidden = await _asked(ctx, ask)
    names = await scopes.people(ctx, ids)
    since, until = _instants(ctx, first, last)
    done, again = await _done(ctx, list(names), since, until)
    spent = await hours_spent(ctx, list(names), first, last)
    issues = await issues_resolved(ctx, list(names), since, until)
    ratings = await _ratings(ctx, names, ask.team_id)
    people = []
    for one in names.values():
        own = [task for task in done if task.user_id == one.id]
        hours = spent.get(one.id, (0.0, 0.0))
        reopened = _reopened({t: k for (t, who), k in again.items() if who == one.id})
        people.append(_of_person(one, own, reopened, hours, issues.get(one.id, 0), ratings))
    once = list({task.id: task for task in done}.values())
    logged = sum(part[0] for part in spent.values()), sum(part[1] for part in spent.values())
    reopened = _reopened({task: kept for (task, _who), kept in again.items()})
    whole = sum(points_of([one]) for one in done)
    return Performance(
        as_of=ctx.today,
        first=first,
        last=last,
        people=people,
        together=_measures(once, reopened, logged, sum(issues.values()), whole),
        hidden=hidden,
        definitions=definitions(),
    )


def period(ctx: Context, ask: PerformanceAsk) -> tuple[date, date]:
    """Return the first and the last day that are asked for."""
    near(first=ask.first, last=ask.last)
    last = min(ask.last or ctx.today, ctx.today)
    first = ask.first or last - timedelta(USUAL - 1)
    if first > last:
        raise invalid("first", "must not be after the last day of the period, nor in the future")
    if (last - first).days > LONGEST:
        raise invalid("first", f"must be at most {LONGEST} days before the last day")
    return first, last


def _instants(ctx: Context, first: date, last: date) -> tuple[datetime, datetime]:
    """Return the instants between which the period lies where the asking person is."""
    zone = ZoneInfo(ctx.me.zone)
    since = datetime.combine(first, time(), zone).astimezone(UTC)
    return since, datetime.combine(last + timedelta(1), time(), zone).astimezone(UTC)


async def _asked(ctx: Context, ask: PerformanceAsk) -> tuple[list[int], int]:
    """Return whose measures are asked for and may be seen, and how many may not."""
    mine = await scopes.reach(ctx)
    if ask.person_id is not None:
        if not mine.leads(ask.person_id):
            raise Denied(
                "You see how your own work went, and that of the people you lead. "
                "Ask this person, or who leads them."
            )
        return [ask.person_id], 0
    if ask.team_id is not None:
        await scopes.team_of(ctx, ask.team_id)
        wanted = {one.user_id for one in await scopes.members(ctx, "team_id", [ask.team_id])}
    elif mine.everywhere:
        wanted = await known_people(ctx, mine)
    else:
        wanted = {*mine.led, *({mine.me} if mine.me else ())}
    known = sorted(one for one in wanted if mine.leads(one))
    return known, len(wanted) - len(known)


@dataclass(frozen=True)
class Worked:
    """A task that one person completed with others or alone."""

    id: int
    user_id: int
    done: rules.Done


def points_of(tasks: Iterable[Worked]) -> float:
    """Return the story points of tasks, in equal parts for each of their people."""
    return sum(one.done.points / one.done.people for one in tasks)


async def _done(
    ctx: Context, ids: Collection[int], since: datetime, until: datetime
) -> tuple[list[Worked], dict[tuple[int, int], bool]]:
    """Return what was completed in the period, and which of that was opened again since."""
    tasks = await worked_on(ctx, ids, since)
    log = await statuses(ctx, ids, since)
    days = {task: [(at.timestamp() / DAY, status) for at, status in log[task]] for task in log}
    edges = since.timestamp() / DAY, until.timestamp() / DAY
    zone = ZoneInfo(ctx.me.zone)
    done: list[Worked] = []
    again: dict[tuple[int, int], bool] = {}
    for one in tasks:
        history = rules.changes_of_status(days.get(one.id, ()))
        reopened = rules.was_reopened(history, *edges)
        ended = one.status == "done" and one.completed_at and since <= one.completed_at < until
        if reopened is not None or ended:
            again[one.id, one.user_id] = bool(reopened)
        if ended:
            done.append(Worked(one.id, one.user_id, _as_done(one, history, zone)))
    return done, again


def _as_done(one: Completed, history: Sequence[tuple[float, str]], zone: ZoneInfo) -> rules.Done:
    assert one.completed_at
    return rules.Done(
        on=one.completed_at.astimezone(zone).date(),
        due=one.due,
        points=one.points,
        estimated=one.estimated,
        actual=one.actual,
        people=max(1, one.people),
        cycle=rules.cycle_days(history),
    )


def _reopened(again: Mapping[int, bool]) -> float | None:
    return sum(again.values()) / len(again) if again else None


async def _ratings(
    ctx: Context, names: Mapping[int, Person], team_id: int | None
) -> dict[int, tuple[int | None, date | None]]:
    """Return how people were rated at their last review, where that may be read."""
    if not ctx.can(scopes.RATING):
        return {}
    found: dict[int, tuple[int | None, date | None]] = {}
    for one in await scopes.members(ctx, "user_id", names):
        newer = found.get(one.user_id, (None, None))[1] or date.min
        if team_id in (None, one.team_id) and one.rating and (one.last_review or date.min) >= newer:
            found[one.user_id] = (one.rating, one.last_review)
    return found


def _of_person(
    one: Person,
    own: Sequence[Worked],
    reopened: float | None,
    hours: tuple[float, float],
    issues: int,
    ratings: Mapping[int, tuple[int | None, date | None]],
) -> PersonMeasures:
    rating, review = ratings.get(one.id, (None, None))
    return PersonMeasures(
        user_id=one.id,
        name=one.name,
        job_title=one.job,
        measures=_measures(own, reopened, hours, issues, points_of(own)),
        rating=rating,
        last_review=review,
    )


def _measures(
    own: Sequence[Worked],
    reopened: float | None,
    hours: tuple[float, float],
    issues: int,
    points: float,
) -> Measures:
    done = [one.done for one in own]
    return Measures(
        completed=len(done),
        on_time=rules.on_time(done),
        with_due=sum(one.due is not None for one in done),
        points=round(points, 2),
        accuracy=rules.accuracy(done),
        with_hours=sum(bool(one.estimated and one.actual) for one in done),
        cycle_days=rules.cycle_time(done),
        with_cycle=sum(one.cycle is not None for one in done),
        reopened=reopened,
        hours=round(hours[0], 2),
        billable=hours[1] / hours[0] if hours[0] else None,
        issues=issues,
    )

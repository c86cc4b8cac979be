"""The query language against plain Python over the same records."""

import itertools
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mainstay.kernel import perform
from mainstay.kernel.clock import FixedClock
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Denied, Malformed
from mainstay.kernel.query.days import SPANS, span
from mainstay.kernel.scope import SYSTEM, Me, granted, narrowed
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.entities import Project, Task

PRIORITIES = ["lowest", "low", "medium", "high", "highest"]
TITLES = ["Alpha", "beta", "Gamma 100%", "delta_x", "Épsilon", "zeta \\ eta"]


def rows() -> list[dict[str, Any]]:
    """Thirty tasks with gaps, ties and empty values."""
    return [
        {
            "title": f"{TITLES[n % len(TITLES)]} {n}",
            "priority": PRIORITIES[n * 7 % 5],
            "story_points": float(n % 4) if n % 5 else None,
            "due_date": date(2026, 12, 1 + n % 9).isoformat() if n % 3 else None,
        }
        for n in range(30)
    ]


@pytest.fixture
async def tasks(workspace: Workspace) -> list[Any]:
    """The tasks as they went in."""

    async def work(ctx: Context) -> list[Any]:
        project = await perform.create(ctx, ctx.registry.noun(Project), {"name": "Q"})
        noun = ctx.registry.noun(Task)
        return [
            await perform.create(ctx, noun, {**row, "project_id": project.id}) for row in rows()
        ]

    return await workspace.run(SYSTEM, work)


def ids(page: Any) -> list[int]:
    return [item.id for item in page.items]


CASES: list[tuple[str, str, Any]] = [
    ("priority", "high", lambda t: t.priority == "high"),
    ("priority", "high,low", lambda t: t.priority in ("high", "low")),
    ("priority", "urgent", lambda t: t.priority == "highest"),
    ("priority__in", "high,low", lambda t: t.priority in ("high", "low")),
    ("priority__ne", "high", lambda t: t.priority != "high"),
    ("priority__gte", "high", lambda t: t.priority in ("high", "highest")),
    ("priority__lt", "medium", lambda t: t.priority in ("low", "lowest")),
    ("story_points", "2", lambda t: t.story_points == 2),
    ("story_points__gt", "1", lambda t: (t.story_points or 0) > 1),
    ("story_points__ne", "2", lambda t: t.story_points != 2),
    ("story_points__isnull", "true", lambda t: t.story_points is None),
    ("story_points__isnull", "false", lambda t: t.story_points is not None),
    ("due_date__lte", "2026-12-03", lambda t: t.due_date and t.due_date <= date(2026, 12, 3)),
    ("title__contains", "100%", lambda t: "100%" in t.title),
    ("title__contains", "a_x", lambda t: "a_x" in t.title),
    ("title__contains", "\\", lambda t: "\\" in t.title),
    ("title__contains", "ALPHA", lambda t: "Alpha" in t.title),
    ("title__startswith", "beta", lambda t: t.title.startswith("beta")),
    ("title", "Alpha 0", lambda t: t.title == "Alpha 0"),
    ("q", "alph", lambda t: "Alpha" in t.title),
    ("q", "gamma 100", lambda t: "Gamma 100%" in t.title),
    ("q", "no-such-word", lambda _: False),
    ("project.name", "Q", lambda _: True),
    ("project.name__contains", "zzz", lambda _: False),
    ("assignee__isnull", "true", lambda _: True),
    ("assignees__isnull", "true", lambda _: True),
    ("id__in", "1,2,3", lambda t: t.id in (1, 2, 3)),
]


async def test_filters_agree_with_python(workspace: Workspace, tasks: list[Any]) -> None:
    for name, value, keep in CASES:
        page = await workspace.page(SYSTEM, Task, {name: value, "sort": "id", "limit": "100"})
        assert ids(page) == [t.id for t in tasks if keep(t)], (name, value)
        counted = await workspace.page(SYSTEM, Task, {name: value, "count": "true"})
        assert counted.count == len([t for t in tasks if keep(t)]), (name, value)


SORTS = ["priority", "story_points", "due_date", "title", "id", "created_at"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.lists(st.sampled_from(SORTS), unique=True, min_size=1, max_size=3),
    down=st.lists(st.booleans(), min_size=3, max_size=3),
    limit=st.integers(1, 11),
)
async def test_pages_in_any_order_give_each_record_once_and_sorted(
    workspace: Workspace, tasks: list[Any], order: list[str], down: list[bool], limit: int
) -> None:
    sort = ",".join(f"-{n}" if d else n for n, d in zip(order, down, strict=False))
    found, cursor = [], ""
    while True:
        asked = {"sort": sort, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        page = await workspace.page(SYSTEM, Task, asked)
        found += page.items
        if page.next is None:
            break
        cursor = page.next
    assert sorted(item.id for item in found) == sorted(t.id for t in tasks)
    names = [n for n in order if n != "title"]
    for one, two in itertools.pairwise(found):
        assert not_after(one, two, names[:1], dict(zip(order, down, strict=False)))


def not_after(one: Any, two: Any, names: list[str], down: dict[str, bool]) -> bool:
    """Empty values come last in both directions."""
    for name in names:
        if next(iter(down)) != name:
            return True
        a, b = getattr(one, name), getattr(two, name)
        if name == "priority":
            a, b = PRIORITIES.index(a), PRIORITIES.index(b)
        if a is None or b is None:
            return b is None
        return a >= b if down[name] else a <= b
    return True


async def test_relative_dates_and_me(workspace: Workspace, tasks: list[Any]) -> None:
    for text in ("today", "tomorrow", "yesterday", "+7d", "-2w"):
        await workspace.page(SYSTEM, Task, {"due_date__lt": text})
    assert ids(await workspace.page(SYSTEM, Task, {"assignee": "me"})) == []
    for wrong in ("next week", "+99999999d", "2026-13-01"):
        with pytest.raises(Malformed, match="due_date"):
            await workspace.page(SYSTEM, Task, {"due_date": wrong})


async def test_a_cursor_of_another_order_is_refused(workspace: Workspace, tasks: list[Any]) -> None:
    page = await workspace.page(SYSTEM, Task, {"sort": "title", "limit": "2"})
    with pytest.raises(Malformed, match="another sort order"):
        await workspace.page(SYSTEM, Task, {"sort": "id", "cursor": page.next})


@pytest.mark.parametrize(
    ("grant", "wanted", "covers"),
    [
        ("*", "a.b.c", True),
        ("a.*", "a.b.c", True),
        ("a.*.read", "a.b.read", True),
        ("a.*.read", "a.b.update", False),
        ("a.b.*", "a.b.c", True),
        ("a.b.*", "a.bc.c", False),
        ("a.b", "a.b.c", False),
        ("a.b.c", "a.b.c", True),
    ],
)
def test_grants_cover_by_whole_parts(grant: str, wanted: str, covers: bool) -> None:
    assert granted(frozenset({grant}), wanted) is covers
    assert Me(grants=frozenset({grant})).can(wanted) is covers


def test_a_token_can_never_do_more_than_its_owner() -> None:
    owner = frozenset({"projects.*.read", "projects.task.update"})
    assert narrowed(owner, frozenset({"*"})) == owner
    assert not granted(narrowed(owner, frozenset({"*"})), "identity.user.update")
    some = narrowed(owner, frozenset({"projects.task.*"}))
    assert granted(some, "projects.task.update")
    assert granted(some, "projects.task.read")
    assert not granted(some, "projects.project.read")
    assert not granted(some, "projects.task.delete")


PARTS = st.lists(st.sampled_from(["a", "b", "*"]), min_size=1, max_size=3).map(".".join)
PERMISSIONS = [f"{x}.{y}.{z}" for x in "abc" for y in "abc" for z in "abc"]


@given(st.frozensets(PARTS, max_size=3), st.frozensets(PARTS, max_size=3))
def test_narrowed_grants_cover_just_what_both_cover(
    owner: frozenset[str], scopes: frozenset[str]
) -> None:
    both = narrowed(owner, scopes)
    for wanted in PERMISSIONS:
        assert granted(both, wanted) == (granted(owner, wanted) and granted(scopes, wanted))


NOW = datetime(2026, 12, 9, 3, 30, tzinfo=UTC)
THERE = ZoneInfo("America/Los_Angeles")
ME = msgspec.structs.replace(SYSTEM, zone=str(THERE))
WORDS = ["today", "tomorrow", "yesterday", "+3d", "-2w", "+1m", "-1y", *SPANS]


@pytest.fixture
async def dated(workspace: Workspace) -> list[Any]:
    """Sixty tasks made over two years around a night when the day differs by zone."""

    async def work(ctx: Context) -> Any:
        return await perform.create(ctx, ctx.registry.noun(Project), {"name": "Q"})

    project = await workspace.run(SYSTEM, work)
    found = []
    for n in range(60):
        at = NOW + timedelta(hours=(n * n - 900) * (1 if n % 2 else 9))
        workspace.clock = FixedClock(at)
        row = {
            "project_id": project.id,
            "title": f"{n};a|b\\c" if n % 4 == 0 else f"{n}",
            "priority": PRIORITIES[n % 5],
            "status": ["todo", "review", "done", "cancelled"][n % 4],
            "due_date": at.date().isoformat() if n % 3 else None,
        }
        made = workspace.run(
            SYSTEM, lambda ctx, row=row: perform.create(ctx, ctx.registry.noun(Task), row)
        )
        found.append(await made)
    workspace.clock = FixedClock(NOW)
    return found


def inside(word: str, today: date) -> list[date]:
    """Return the days that a word means, found by looking at every day around."""
    days = [today + timedelta(days=n) for n in range(-800, 801)]
    if word in ("today", "tomorrow", "yesterday"):
        return [today + timedelta(days={"today": 0, "tomorrow": 1, "yesterday": -1}[word])]
    if word in ("+3d", "-2w"):
        return [today + timedelta(days=3 if word == "+3d" else -14)]
    if word in ("+1m", "-1y"):
        return [date(2027, 1, 8) if word == "+1m" else date(2025, 12, 8)]
    turn, _, unit = word.partition("_")
    step = {"last": -1, "this": 0, "next": 1}[turn]
    place: dict[str, Callable[[date], int]] = {
        "week": lambda d: (d.toordinal() - 1) // 7,
        "month": lambda d: d.year * 12 + d.month,
        "quarter": lambda d: d.year * 4 + (d.month - 1) // 3,
        "year": lambda d: d.year,
    }
    return [d for d in days if place[unit](d) == place[unit](today) + step]


def test_the_words_of_the_calendar_mean_what_people_mean() -> None:
    assert span("this_week", date(2026, 12, 6)) == (date(2026, 11, 30), date(2026, 12, 7))
    assert span("next_quarter", date(2026, 12, 31)) == (date(2027, 1, 1), date(2027, 4, 1))
    assert span("+1m", date(2027, 1, 31)) == (date(2027, 2, 28), date(2027, 3, 1))
    assert span("-1y", date(2028, 2, 29)) == (date(2027, 2, 28), date(2027, 3, 1))
    assert span("soon", date(2026, 12, 6)) is None
    for today in (date(2026, 12, 8), date(2027, 1, 1), date(2028, 2, 29), date(2026, 8, 30)):
        for word in SPANS:
            days = inside(word, today)
            assert span(word, today) == (days[0], days[-1] + timedelta(days=1)), (word, today)


def told(task: Any, name: str) -> date | None:
    value = getattr(task, name)
    return value.astimezone(THERE).date() if isinstance(value, datetime) else value


def by_day(name: str, op: str, word: str) -> Callable[[Any], bool]:
    days = inside(word, date(2026, 12, 8))
    first, last = days[0], days[-1]
    meets: dict[str, Callable[[date], bool]] = {
        "": lambda d: first <= d <= last,
        "in": lambda d: first <= d <= last,
        "ne": lambda d: not first <= d <= last,
        "lt": lambda d: d < first,
        "lte": lambda d: d <= last,
        "gt": lambda d: d > last,
        "gte": lambda d: d >= first,
    }

    def meet(task: Any) -> bool:
        day = told(task, name)
        return op == "ne" if day is None else meets[op](day)

    return meet


DAYS_OF = st.builds(
    lambda name, op, word: (
        (f"{name}__{op}".removesuffix("__"), word),
        by_day(name, op, word),
    ),
    st.sampled_from(["due_date", "created_at"]),
    st.sampled_from(["", "ne", "lt", "lte", "gt", "gte", "in"]),
    st.sampled_from(WORDS),
)
OTHERS = st.sampled_from(
    [
        (("priority", "high,low"), lambda t: t.priority in ("high", "low")),
        (("status__ne", "done,cancelled"), lambda t: t.status not in ("done", "cancelled")),
        (("priority__gte", "high"), lambda t: t.priority in ("high", "highest")),
        (("due_date__isnull", "true"), lambda t: t.due_date is None),
        (("title__contains", ";a|b\\c"), lambda t: ";a|b\\c" in t.title),
        (("project.name", "Q"), lambda _: True),
        (("is", "open"), lambda t: t.status in ("todo", "review")),
        (
            ("is", "overdue"),
            lambda t: (
                bool(t.due_date)
                and t.due_date < date(2026, 12, 8)
                and t.status in ("todo", "review")
            ),
        ),
    ]
)
CONDITION = st.one_of(DAYS_OF, OTHERS)
ALTERNATIVES = st.lists(st.lists(CONDITION, min_size=1, max_size=3), min_size=1, max_size=3)


def escaped(value: str) -> str:
    return re.sub(r"([|;\\])", r"\\\1", value)


def joined(group: list[list[Any]]) -> str:
    return "|".join(
        ";".join(f"{name}={escaped(value)}" for (name, value), _ in one) for one in group
    )


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plain=st.lists(CONDITION, max_size=2), groups=st.lists(ALTERNATIVES, max_size=2))
async def test_groups_and_spans_agree_with_python(
    workspace: Workspace, dated: list[Any], plain: list[Any], groups: list[Any]
) -> None:
    pairs = [pair for pair, _ in plain] + [("any", joined(group)) for group in groups]
    page = await workspace.page(ME, Task, [*pairs, ("sort", "id"), ("limit", "100")])

    def kept(task: Any) -> bool:
        own = all(meets(task) for _, meets in plain)
        return own and all(any(all(m(task) for _, m in a) for a in group) for group in groups)

    assert ids(page) == [task.id for task in dated if kept(task)], pairs


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"any": "status"}, "'status' is not a condition"),
        ({"any": "status=todo|"}, "is not a condition"),
        ({"any": "q=word"}, "q cannot stand in it"),
        ({"any": "nope=1"}, "Unknown filter 'nope'.*Known: .*status"),
        ({"any": "priority=nope"}, "priority: must be one of lowest"),
        ({"is": "lost"}, "no condition 'lost'. Known: open, overdue, mine"),
        ({"due_date__in": "today,this_week"}, "this_week is a span"),
        ({"created_at": "today,yesterday"}, "today is a span"),
        ({"due_date": "+99999y"}, "within 100 years"),
        ({"any": "|".join(["status=todo"] * 101)}, "At most 100 conditions"),
    ],
)
async def test_what_is_wrong_with_a_condition_is_named(
    workspace: Workspace, asked: dict[str, str], says: str
) -> None:
    with pytest.raises(Malformed, match=says):
        await workspace.page(SYSTEM, Task, asked)


async def test_a_shape_is_compiled_once_whatever_its_values(
    workspace: Workspace, tasks: list[Any]
) -> None:
    await workspace.page(SYSTEM, Task, {"any": "status=todo|due_date=this_week"})
    known = len(workspace.reader._shapes)
    await workspace.page(SYSTEM, Task, {"any": "status=review|due_date=last_year"})
    assert len(workspace.reader._shapes) == known


async def test_summaries_agree_with_python(workspace: Workspace, dated: list[Any]) -> None:
    def weeks(task: Any) -> str | None:
        day = task.due_date
        return (day - timedelta(days=day.weekday())).isoformat() if day else None

    keys: dict[str, Callable[[Any], Any]] = {
        "status": lambda t: t.status,
        "priority": lambda t: t.priority,
        "due_date:week": weeks,
        "due_date:month": lambda t: t.due_date and t.due_date.replace(day=1).isoformat(),
        "created_at": lambda t: t.created_at.astimezone(THERE).date().isoformat(),
        "created_at:year": lambda t: f"{t.created_at.astimezone(THERE).year}-01-01",
        "project": lambda t: t.project_id,
        "assignee": lambda _: None,
        "labels": lambda _: None,
    }
    for by in [*keys, "status,due_date:month", "project,priority"]:
        found = await workspace.summary(ME, Task, by=by, measure="count,max:due_date")
        wanted: dict[Any, list[Any]] = {}
        for task in dated:
            wanted.setdefault(tuple(keys[part](task) for part in by.split(",")), []).append(task)
        assert {tuple(row.key): row.values[0] for row in found.rows} == {
            key: len(tasks) for key, tasks in wanted.items()
        }, by
        for row in found.rows:
            last = max((t.due_date for t in wanted[tuple(row.key)] if t.due_date), default=None)
            assert row.values[1] == (last and last.isoformat()), by
    by_priority = await workspace.summary(ME, Task, by="priority")
    assert [row.key[0] for row in by_priority.rows] == PRIORITIES
    named = await workspace.summary(ME, Task, by="project")
    assert named.rows[0].beside[0]["name"] == "Q"
    two = await workspace.summary(ME, Task, by="due_date", limit="2")
    assert (len(two.rows), two.more) == (2, True)


async def test_sums_of_money_are_exact(workspace: Workspace) -> None:
    async def work(ctx: Context) -> None:
        for n in range(11):
            values = {"name": f"P{n}", "budget": f"{9_000_000_000_000 + n}.1{n % 10}"}
            await perform.create(ctx, ctx.registry.noun(Project), values)

    await workspace.run(SYSTEM, work)
    found = await workspace.summary(SYSTEM, Project, measure="sum:budget,avg:budget,min:budget")
    added = sum((Decimal(f"{9_000_000_000_000 + n}.1{n % 10}") for n in range(11)), Decimal(0))
    average = (added / 11).quantize(Decimal("0.01"))
    assert found.rows[0].values == [added, average, Decimal("9000000000000.10")]


async def test_summaries_name_what_they_know_and_guard_what_is_guarded(
    workspace: Workspace,
) -> None:
    for asked, says in [
        ({"by": "description_"}, "Unknown group"),
        ({"by": "estimated_hours"}, "cannot be grouped"),
        ({"by": "status:week"}, "is not a date"),
        ({"by": "due_date:decade"}, "Known: day, week, month, quarter, year"),
        ({"by": "status,priority,type"}, "at most two"),
        ({"measure": "median:story_points"}, "Known: count"),
        ({"measure": "sum:title"}, "is not a number"),
        ({"measure": "sum:project_id"}, "is not a number"),
        ({"nope": "1"}, "Unknown filter"),
    ]:
        with pytest.raises(Malformed, match=says):
            await workspace.summary(SYSTEM, Task, asked)
    unpaid = Me(grants=frozenset({"projects.project.read", "projects.project.see_all"}))
    for asked in ({"measure": "sum:hourly_rate"}, {"measure": "count", "hourly_rate__gt": "1"}):
        with pytest.raises(Malformed, match="hourly_rate"):
            await workspace.summary(unpaid, Project, asked)
    with pytest.raises(Denied):
        await workspace.summary(Me(), Project)


async def test_a_summary_counts_only_what_may_be_seen(
    workspace: Workspace, tasks: list[Any]
) -> None:
    stranger = Me(id=999, grants=frozenset({"projects.*.read"}))
    found = await workspace.summary(stranger, Task, by="status")
    assert found.rows == []

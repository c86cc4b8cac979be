"""The query language against plain Python over the same records."""

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.problems import Malformed
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

"""Both sides counted: what the file holds, and what is in the workspace afterwards."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct

from mainstay.kernel.context import Context
from mainstay.modules.importers.loading.ground import PROJECT, SPRINT, Ground
from mainstay.modules.importers.loading.items import COMMENT, ENTRY, FILE, ISSUE, LIST, TASK
from mainstay.modules.importers.loading.notes import ext
from mainstay.modules.importers.loading.relations import (
    DEPENDENCY,
    ISSUE_LINK,
    edge_name,
    edge_of,
)
from mainstay.modules.importers.model import Item, Left, Survey
from mainstay.modules.importers.scopes import Summed, counted, moved
from mainstay.modules.importers.staging import items_in, relations_in

PART = 1000
HOUR = Decimal(3600)
CENT = Decimal("0.01")
MOST_LEFT = 120
MOST_WHY = 6
NOBODY = "who is nobody here is named in the text of what they said and did"
ROUNDED = "times are kept to a hundredth of an hour"
MORE = "more came with an earlier move, or was added here since"
LESS = "some of it was changed here or put into the bin since it came in"
# Which of what is left out explains a difference of which count.
REASONS: dict[str, tuple[str, ...]] = {
    "items": ("issues", "archived items", "rows", "tasks"),
    "family": ("parents", "epics"),
    "links": ("links",),
    "comments": ("comments",),
    "attachments": ("attachments",),
    "worklogs": ("worklogs", "time spent"),
    "points": ("story points", "points of issues"),
    "estimate": ("estimate of issues",),
    "spent": ("time spent", "worklogs"),
    "people": ("people",),
}


class Line(Struct, kw_only=True):
    """One kind of thing: how many the file holds, how many are here, and why they differ."""

    what: str
    file: str
    here: str
    why: list[Left] = []

    @property
    def agrees(self) -> bool:
        """Return whether both sides are the same."""
        return self.file == self.here


class Report(Struct, kw_only=True):
    """What came of a move: counts and sums on both sides, and what was left out."""

    counts: list[Line] = []
    sums: list[Line] = []
    left: list[Left] = []
    kept: int = 0
    binned: int = 0
    invited: int = 0
    tried: int = 0
    warnings: list[str] = []


def together(known: Sequence[Left], more: Sequence[Left]) -> list[Left]:
    """Return what was left out, each reason once with how often it was met."""
    found = {(one.what, one.why): one for one in known}
    for one in more:
        there = found.get((one.what, one.why))
        if there is None:
            found[one.what, one.why] = Left(
                what=one.what, why=one.why, count=one.count, example=one.example
            )
        else:
            there.count += one.count
    return list(found.values())[:MOST_LEFT]


async def verify(
    ctx: Context, survey: Survey, ground: Ground, folder: Path, left: Sequence[Left], upto: int = 0
) -> Report:
    """Count in the database what the file's things became, and hold both sides together.

    With `upto`, only that many items were brought in, and only they are counted.
    """
    report = Report(left=list(left))
    tally = _Tally(ctx, survey, ground)
    for part in _parts(folder, upto):
        await tally.items(part)
    await tally.relations(folder, {*tally.keys})
    await tally.beside()
    whole = not upto or upto >= survey.total
    for name, value in tally.file.items():
        mine = tally.here.get(name, 0)
        line = Line(what=name, file=str(value), here=str(mine))
        line.why = [] if line.agrees else _reasons(name, value, mine, report.left)
        if value or mine:
            report.counts.append(line)
    for name, theirs, ours in tally.sums():
        line = Line(what=name, file=_text(theirs), here=_text(ours))
        if not line.agrees:
            line.why = _sum_why(name, theirs, ours, report.left)
        if theirs or ours:
            report.sums.append(line)
    if not whole:
        report.tried = upto
    return report


def _parts(folder: Path, upto: int) -> Iterator[list[Item]]:
    part: list[Item] = []
    for place, item in enumerate(items_in(folder)):
        if upto and place >= upto:
            break
        part.append(item)
        if len(part) >= PART:
            yield part
            part = []
    if part:
        yield part


class _Tally:
    """Sums that grow part by part, so that no file is held whole."""

    def __init__(self, ctx: Context, survey: Survey, ground: Ground) -> None:
        self.ctx, self.survey, self.ground = ctx, survey, ground
        self.file: dict[str, int] = {}
        self.here: dict[str, int] = {}
        self.theirs = {"points": Decimal(0), "estimate": Decimal(0), "spent": Decimal(0)}
        self.ours = dict(self.theirs)
        self.keys: list[str] = []

    def _add(self, name: str, file: int, here: int) -> None:
        self.file[name] = self.file.get(name, 0) + file
        self.here[name] = self.here.get(name, 0) + here

    async def _count(self, key: str, names: Sequence[str], **more: Any) -> Summed:
        return await counted(self.ctx, self.ground.site, key, names, **more)

    async def items(self, part: Sequence[Item]) -> None:
        """Count some items and all that belongs to them."""
        keys = [item.key for item in part]
        self.keys += keys
        wanted = ("story_points", "estimated_hours", "actual_hours")
        tasks = await self._count(TASK, keys, sums=wanted)
        issues = await self._count(ISSUE, keys)
        self._add("items", len(part), tasks.found + issues.found)
        for name, value in zip(("points", "estimate", "spent"), tasks.sums, strict=True):
            self.ours[name] += value
        for item in part:
            self.theirs["points"] += Decimal(str(item.points or 0))
            self.theirs["estimate"] += Decimal(item.estimate or 0)
            self.theirs["spent"] += Decimal(item.spent or 0)
        said = [ext(item.key, one.key) for item in part for one in item.comments]
        self._add("comments", len(said), (await self._count(COMMENT, said)).found)
        lists = [ext(item.key, one.key) for item in part for one in item.checklists]
        self._add("checklists", len(lists), (await self._count(LIST, lists)).found)
        await self._logs(part)
        await self._ticks(part)
        await self._files(part)
        await self._on_issues(part, issues.found)

    async def _logs(self, part: Sequence[Item]) -> None:
        names = [ext(item.key, log.key) for item in part for log in item.worklogs]
        self._add("worklogs", len(names), (await self._count(ENTRY, names)).found)

    async def _on_issues(self, part: Sequence[Item], there: int) -> None:
        """Add the time of those that became issues, which keep no sum of their own."""
        if not there:
            return
        issues = await moved(self.ctx, self.ground.site, ISSUE, [item.key for item in part])
        names = [
            ext(item.key, log)
            for item in part
            if item.key in issues
            for log in (*(one.key for one in item.worklogs), "w+")
        ]
        names += [ext(name, f"+{n}") for name in names for n in range(1, 5)]
        self.ours["spent"] += (await self._count(ENTRY, names, sums=("hours",))).sums[0]

    async def _ticks(self, part: Sequence[Item]) -> None:
        names = [ext(item.key, one.key) for item in part for one in item.checklists]
        if names:
            file = sum(len(one.items) for item in part for one in item.checklists)
            found = await self._count(LIST, names, sums=("item_count",))
            self._add("ticks", file, int(found.sums[0]))

    async def _files(self, part: Sequence[Item]) -> None:
        """Count files that are here, and those whose link stands in the description."""
        held = [ext(i.key, f.key) for i in part for f in i.attachments if f.held]
        linked = [item for item in part if any(not f.held for f in item.attachments)]
        here = (await self._count(FILE, held)).found if held else 0
        for key in (TASK, ISSUE):
            ids = await moved(self.ctx, self.ground.site, key, [item.key for item in linked])
            noun = self.ctx.registry.nouns[key]
            records = [found[0] for found in ids.values()]
            there: dict[int, Any] = {}
            for start in range(0, len(records), PART):
                asked = self.ctx.ask(noun, {"id__in": records[start : start + PART]})
                asked.limit = PART
                found, _ = await self.ctx.reader.entities(
                    self.ctx.connection, noun, asked, self.ctx.me
                )
                there |= {one.id: one for one in found}
            for item in linked:
                if item.key in ids and ids[item.key][0] in there:
                    text = there[ids[item.key][0]].description
                    here += sum(_named(file, text) for file in item.attachments if not file.held)
        self._add("attachments", sum(len(item.attachments) for item in part), here)

    async def relations(self, folder: Path, keys: set[str]) -> None:
        """Count parents, epics and links between the items that are there."""
        edges: dict[str, None] = {}
        family = 0
        for one in relations_in(folder):
            if one.key not in keys:
                continue
            family += bool(one.parent) + bool(one.epic)
            for link in one.links:
                edges[edge_name(edge_of(one.key, link))] = None
        everything = list(keys)
        held = await self._count(TASK, everything, given=("parent_id",))
        led = await self._count(TASK, everything, given=("epic_id",))
        self._add("family", family, held.found + led.found)
        links = await self._count(DEPENDENCY, list(edges))
        others = await self._count(ISSUE_LINK, list(edges))
        self._add("links", len(edges), links.found + others.found)

    async def beside(self) -> None:
        """Count what belongs to the projects rather than to one item."""
        survey = self.survey
        distinct = {
            (self.ground.projects[key], name)
            for key, names in survey.labels.items()
            for name in names
        }
        here = sum(pair in self.ground.labels for pair in distinct)
        self._add("labels", len(distinct), here)
        sprints = [ext(one.project, one.key) for one in survey.sprints]
        self._add("sprints", len(sprints), (await self._count(SPRINT, sprints)).found)
        milestones = [ext(one.project, one.key) for one in survey.milestones]
        found = await self._count("milestones.milestone", milestones)
        self._add("milestones", len(milestones), found.found)
        projects = [one.key for one in survey.projects]
        self._add("projects", len(projects), (await self._count(PROJECT, projects)).found)
        known = sum(one.key in self.ground.people for one in survey.people)
        self._add("people", len(survey.people), known)

    def sums(self) -> Iterator[tuple[str, Decimal, Decimal]]:
        """Yield each sum of the file and of the workspace, times in hours."""
        for name in ("points", "estimate", "spent"):
            theirs = self.theirs[name]
            if name != "points":
                theirs = (theirs / HOUR).quantize(CENT, ROUND_HALF_UP)
            yield name, theirs, self.ours[name]


def _named(file: Any, text: str) -> bool:
    """Return whether a description names a file as the loader writes it."""
    url = file.url.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    name = file.name.replace("[", "(").replace("]", ")")
    return bool((url and url in text) or name in text)


def _why(name: str, left: Sequence[Left]) -> list[Left]:
    """Return the reasons that explain a difference."""
    if name == "people":
        return [Left(what="people", why=NOBODY, count=0)]
    words = REASONS.get(name, (name,))
    return [one for one in left if one.what in words][:MOST_WHY]


def _sum_why(name: str, theirs: Decimal, ours: Decimal, left: Sequence[Left]) -> list[Left]:
    if name != "points" and abs(theirs - ours) <= Decimal("0.5"):
        return [Left(what="time", why=ROUNDED, count=0)]
    return _reasons(name, theirs, ours, left)


def _reasons(
    name: str, theirs: Decimal | int, ours: Decimal | int, left: Sequence[Left]
) -> list[Left]:
    """Return why both sides differ: what was left out, or what happened before and since."""
    lost = _why(name, left) if ours < theirs else []
    return lost or _more(theirs, ours)


def _more(theirs: Decimal | int, ours: Decimal | int) -> list[Left]:
    """Return why there is more or less here where nothing was left out."""
    return [Left(what="since", why=MORE if ours > theirs else LESS, count=0)]


def _text(value: Decimal) -> str:
    text = format(value.quantize(CENT, ROUND_HALF_UP), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"

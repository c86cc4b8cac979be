"""A move from its first item to its last: tried, begun, stopped, gone on with, and taken back."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
from msgspec import Struct

from mainstay.facets.files.actions import Wish
from mainstay.facets.files.arrive import receive
from mainstay.facets.transfer.api import uploads
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.log import Entry
from mainstay.kernel.perform import Diff
from mainstay.kernel.problems import Conflict, Problem, Stale, Unavailable, WrongSchema
from mainstay.kernel.scope import SYSTEM, Me, require
from mainstay.kernel.workspace import Workspace
from mainstay.modules.importers.choices import Choices, checked, merged, suggested
from mainstay.modules.importers.entities import MoveRun
from mainstay.modules.importers.loading.ground import Ground, lay
from mainstay.modules.importers.loading.items import COMMENT, ISSUE, TASK, Batch, Tally
from mainstay.modules.importers.loading.relations import Relations, Web
from mainstay.modules.importers.loading.sprints import end_sprints
from mainstay.modules.importers.model import Item, Left, Survey, Thin
from mainstay.modules.importers.people import Match, invite, matches
from mainstay.modules.importers.readers import PROGRAMS
from mainstay.modules.importers.scopes import forget, gone, living, site_of
from mainstay.modules.importers.staging import Keys, items_in, keys_in, relations_in, survey_in
from mainstay.modules.importers.verifying import Report, together, verify

JOB, BACK, SWEEP = "importers.move", "importers.take_back", "importers.sweep"
BEGIN = "importers.move_run.begin"
OWN = "importers.move_run"
WEIGHT = 600
MOST_ITEMS = 150
LINKED = 400
TRIED = 200
SHOWN = 12
SLICE = 20.0
TRIES = 3
PART = 4000
# What goes back as a whole, and what stays under the rest of it.
WHOLE = (TASK, ISSUE, COMMENT)
STANDING = ("projects.project", "projects.project_member", "identity.user", "projects.label")
DAY = 86_400
NEEDED = ("projects.task.create", "projects.label.create", "comments.comment.create")
Step = Callable[[int, int], None]


class Preview(Struct, kw_only=True):
    """What a move would do, found out by doing it and taking it back."""

    source: str
    program: str
    file_name: str
    total: int
    looked_at: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    report: Report
    options: Choices
    problem: str = ""
    diff: list[Diff] = []


@dataclass
class Plan:
    """A file that was read, and what is decided about it."""

    folder: Path
    survey: Survey
    choices: Choices
    found: dict[str, Match] = field(default_factory=dict)
    remembered: bool = False
    said: Choices | None = None


class Overtaken(Conflict):
    """Another process works on the same move."""

    code, title = "move-overtaken", "This move is running elsewhere"


# ---- before anything is written ----


def folder_of(ws: Workspace, token: str) -> Path:
    """Return where a file that was read lies."""
    return uploads(ws) / f"{Path(token).name}.moving"


def may_begin(me: Me) -> None:
    """Refuse those who may not move files in, before their file is read."""
    require(me, BEGIN)
    for permission in NEEDED:
        require(me, permission)


async def planned(ws: Workspace, me: Me, folder: Path, said: Choices | None = None) -> Plan:
    """Return what is known of a file, with what fits it and what was said about it."""
    survey = await asyncio.to_thread(survey_in, folder)

    async def look(ctx: Context) -> tuple[str | None, dict[str, Match], dict[str, str], Any]:
        """Read who is here, which fields there are, and how such a file was moved before."""
        program = PROGRAMS[survey.source].lower()
        keys = [one.key for one in survey.projects]
        site = await site_of(ctx, program, keys)
        found = await matches(ctx, survey.people)
        noun = ctx.registry.nouns[TASK]
        own = {item.label.casefold(): name for name, item in noun.custom.items()}
        past = (
            await ctx.all(MoveRun, limit=1, sort="-id", source=survey.source, created_by=me.id)
            if me.id
            else []
        )
        return site, found, own, past[0] if past else None

    site, found, own, past = await ws.look(me, look)
    survey.site = site or survey.site
    before = _decided(past) if past else None
    asked = msgspec.convert(msgspec.to_builtins(said), Choices) if said else None
    ids = {key: str(match.user_id) for key, match in found.items()}
    usual = suggested(
        survey,
        ids,
        before,
        own_fields=own,
        may_define=me.can("custom_fields.custom_field.create"),
        may_create=me.can("identity.user.create"),
    )
    choices = checked(merged(said, usual), survey) if said else usual
    return Plan(folder, survey, choices, found, remembered=before is not None, said=asked)


def _decided(run: MoveRun) -> Choices | None:
    try:
        return msgspec.convert(run.options, Choices)
    except msgspec.ValidationError:
        return None


async def preview(
    ws: Workspace, me: Me, plan: Plan, *, most: int = TRIED, step: Step | None = None
) -> Preview:
    """Move the file, or its first items, in one unit of work, and take it back."""
    keys = await asyncio.to_thread(keys_in, plan.folder)
    part = _first(plan.folder, most)
    shown = {item.key for _, item in part}
    thin = [one for one in relations_in(plan.folder) if one.key in shown]

    async def unit(ctx: Context) -> Preview:
        """Do it; the caller takes it back."""
        run = await ctx.create(_new(me, plan, ""))
        ground = await lay(ctx, plan.survey, plan.choices, run.id)
        tally = await Batch(ctx, ground, keys, run.id).take(part)
        web = Web(thin, keys, ground)
        links = await Relations(ctx, ground, web, run.id).take(thin)
        await ctx.settle()
        ended = await end_sprints(ctx, plan.survey, ground)
        await ctx.settle()
        left = together(plan.survey.left, [*ground.left, *tally.left, *web.tally.left])
        left = together(left, [*links.left, *ended.left])
        report = await verify(ctx, plan.survey, ground, plan.folder, left, upto=len(part))
        report.kept, report.binned = tally.kept, tally.binned
        return Preview(
            source=plan.survey.source,
            program=PROGRAMS[plan.survey.source],
            file_name=plan.survey.name,
            total=plan.survey.total,
            looked_at=len(part),
            created=tally.created,
            updated=tally.updated,
            unchanged=tally.unchanged,
            report=report,
            options=plan.choices,
            diff=perform.diff([c for c in ctx.changes if c.noun.key == TASK][:SHOWN], me),
        )

    found = await ws.run(me, unit, dry=True, slow=True)
    if step:
        step(len(part), plan.survey.total)
    return found


def _first(folder: Path, most: int) -> list[tuple[int, Item]]:
    return [pair for pair, _ in zip(enumerate(items_in(folder)), range(most), strict=False)]


# ---- the move itself ----


def _new(me: Me, plan: Plan, stored: str) -> MoveRun:
    return MoveRun(
        file_name=plan.survey.name[:255],
        content_hash=plan.survey.digest,
        source=plan.survey.source,  # type: ignore[arg-type]
        site=plan.survey.site,
        project_id=plan.choices.project_id,
        total=plan.survey.total + plan.survey.linked,
        options=msgspec.to_builtins(plan.choices),
        stored=stored,
        person=msgspec.to_builtins(me),
    )


async def begin(ws: Workspace, me: Me, plan: Plan, *, job: bool = True) -> MoveRun:
    """Return the run of this file: one that was interrupted, or a new one."""
    may_begin(me)

    async def unit(ctx: Context) -> MoveRun:
        """Look for the same file, half moved; else note a new run."""
        known = await ctx.all(MoveRun, content_hash=plan.survey.digest, sort="-id", limit=20)
        open_ = [
            one for one in known if one.state in ("waiting", "running") and one.created_by == me.id
        ]
        if open_ and _same(plan, open_[0]):
            run = open_[0]
            plan.choices, plan.survey.site = _decided(run) or plan.choices, run.site
            run.stored, run.person = str(plan.folder), msgspec.to_builtins(me)
        elif open_:
            raise Conflict(
                f"This file is being moved in now, with other choices (move {open_[0].id}). "
                "Stop that one first."
            )
        else:
            run = await ctx.create(_new(me, plan, str(plan.folder)))
        if job:
            key = f"{JOB}:{run.id}:{run.done}:{run.version}"
            await ctx.later(JOB, {"run": run.id}, key=key)
        return run

    return await ws.run(me, unit)


def _same(plan: Plan, run: MoveRun) -> bool:
    """Return whether a run was begun with these choices.

    What nobody chose counts as the same: what is suggested changes as soon as a part has come in,
    for people and fields that were new are here then.
    """
    if run.options == msgspec.to_builtins(plan.choices):
        return True
    before = _decided(run)
    if before is None or plan.said is None:
        return before is not None
    usual = msgspec.convert(run.options, Choices)
    return bool(msgspec.to_builtins(merged(plan.said, usual)) == run.options)


@dataclass
class Move:
    """One move that is running."""

    ws: Workspace
    me: Me
    run: int
    folder: Path
    survey: Survey
    choices: Choices
    done: int = 0
    step: Step | None = None
    state: str = "running"
    ground: Ground | None = None
    web: Web | None = None
    timeless: set[str] = field(default_factory=set)

    async def go(self, seconds: float | None = None) -> bool:
        """Move until the end, or until the time is over; return whether the end was reached."""
        started = perf_counter()

        def over() -> bool:
            """Return whether the time of this slice is over."""
            return seconds is not None and perf_counter() - started > seconds

        keys = await asyncio.to_thread(keys_in, self.folder)
        ground = await self._lay()
        if self.done < self.survey.total:
            waiting = batches(self.folder, self.done)
            while part := await asyncio.to_thread(next, waiting, None):
                await self._take(ground, keys, part)
                if self._told() or over():
                    return self.state != "running"
        self.web = Web(await asyncio.to_thread(relations_in, self.folder), keys, ground)
        thin = await asyncio.to_thread(relations_in, self.folder)
        for start in range(self.done - self.survey.total, len(thin), LINKED):
            await self._link(ground, thin[start : start + LINKED])
            if self._told() or over():
                return self.state != "running"
        return await self._end(ground)

    def _told(self) -> bool:
        """Say how far it came; return whether it was stopped."""
        if self.step:
            self.step(self.done, self.survey.total + self.survey.linked)
        return self.state != "running"

    async def _lay(self) -> Ground:
        """Find or make what the items stand on."""

        async def unit(ctx: Context) -> Ground:
            """Do it once; a second time it only finds."""
            run = await self._held(ctx)
            ground = await lay(ctx, self.survey, self.choices, self.run)
            await ctx.flush()
            if run is not None:
                run.state, run.started_at = "running", run.started_at or ctx.now
                run.project_id = run.project_id or next(iter(ground.projects.values()), None)
                self._note(ctx, run, Tally(left=ground.left))
            return ground

        return await self.ws.run(self.me, unit, slow=True)

    async def _held(self, ctx: Context) -> MoveRun | None:
        """Return the run to write on, or nothing when it was stopped meanwhile."""
        run = await ctx.get(MoveRun, self.run, anywhere=True)
        if run.state not in ("waiting", "running"):
            self.state = run.state
            return None
        if run.done != self.done:
            raise Overtaken(f"Another process is moving {run.file_name} at the same time.")
        return run

    def _note(self, ctx: Context, run: MoveRun, tally: Tally) -> None:
        """Keep on the run what became of a part."""
        report = report_of(run)
        report.left = together(report.left, tally.left)
        report.kept += tally.kept
        report.binned += tally.binned
        run.report = msgspec.to_builtins(report)
        run.created += tally.created
        run.updated += tally.updated
        run.unchanged += tally.unchanged
        if any(change.noun.key != OWN for change in ctx.changes):
            run.change_sets = [*run.change_sets, ctx.change_set]

    async def _take(self, ground: Ground, keys: Keys, part: Sequence[tuple[int, Item]]) -> None:
        """Bring a batch in; when one of its items is refused, find that one by halving."""
        contents = await self._contents(ground, part)
        alone = len(part) == 1

        async def unit(ctx: Context) -> None:
            """Write the items and how far the move came, in one transaction."""
            run = await self._held(ctx)
            if run is None:
                return
            batch = Batch(
                ctx,
                ground,
                keys,
                self.run,
                contents=contents,
                timeless=frozenset(self.timeless),
            )
            tally = await batch.take(part)
            await ctx.settle()
            run.done += len(part)
            self._note(ctx, run, tally)

        problem = await self._tried(unit)
        if problem is None:
            self.done += len(part) if self.state == "running" else 0
        elif not alone:
            middle = len(part) // 2
            await self._take(ground, keys, part[:middle])
            if self.state == "running":
                await self._take(ground, keys, part[middle:])
        elif part[0][1].key not in self.timeless and (part[0][1].spent or 0) > 0:
            # A locked week refuses its time; the rest of the item comes in without it.
            self.timeless.add(part[0][1].key)
            await self._take(ground, keys, part)
            await self._refused(part[0][1].key, problem, what="time spent", count=0)
        else:
            await self._refused(part[0][1].key, problem, what="issues", count=1)

    async def _tried(self, unit: Callable[[Context], Any]) -> Problem | None:
        """Run a unit of work; return why it was refused, or None."""
        for attempt in range(TRIES):
            try:
                await self.ws.run(self.me, unit, slow=True)
            except (Unavailable, WrongSchema, Overtaken):
                raise
            except Stale:
                if attempt == TRIES - 1:
                    raise
            except Problem as problem:
                return problem
            else:
                return None
        return None

    async def _refused(self, key: str, problem: Problem, *, what: str, count: int) -> None:
        """Note an item, or a part of one, that a rule of this workspace does not take."""

        async def unit(ctx: Context) -> None:
            """Step over it."""
            run = await self._held(ctx)
            if run is None:
                return
            run.done += count
            run.failed += count
            tally = Tally()
            tally.leave(what, problem.detail[:300], key)
            self._note(ctx, run, tally)

        await self.ws.run(self.me, unit)
        self.done += count if self.state == "running" else 0

    async def _link(self, ground: Ground, part: Sequence[Thin]) -> None:
        """Write what some items say of others; refused links are found by halving."""
        assert self.web is not None
        web = self.web

        async def unit(ctx: Context) -> None:
            """Write them and how far the move came."""
            run = await self._held(ctx)
            if run is None:
                return
            tally = await Relations(ctx, ground, web, self.run).take(part)
            await ctx.settle()
            run.done += len(part)
            tally.created = tally.updated = 0
            self._note(ctx, run, tally)

        problem = await self._tried(unit)
        if problem is None:
            self.done += len(part) if self.state == "running" else 0
        elif len(part) > 1:
            middle = len(part) // 2
            await self._link(ground, part[:middle])
            if self.state == "running":
                await self._link(ground, part[middle:])
        else:
            await self._refused_link(part[0], problem)

    async def _refused_link(self, one: Thin, problem: Problem) -> None:
        async def unit(ctx: Context) -> None:
            """Step over what an item says of others."""
            run = await self._held(ctx)
            if run is None:
                return
            run.done += 1
            tally = Tally()
            tally.leave("links", problem.detail[:300], one.key, max(1, len(one.links)))
            self._note(ctx, run, tally)

        await self.ws.run(self.me, unit)
        self.done += 1 if self.state == "running" else 0

    async def _contents(self, ground: Ground, part: Sequence[tuple[int, Item]]) -> dict[str, Any]:
        """Take in the bytes of files that the export holds, before their records are written."""
        found: dict[str, Any] = {}
        for _, item in part:
            for file in item.attachments:
                if not file.held or file.held in found:
                    continue
                path = self.folder / "held" / file.held
                wish = Wish(entity=TASK, record_id=0, name=file.name)
                try:
                    found[file.held] = await receive(self.ws, wish, _bytes(path), None)
                except (Unavailable, WrongSchema):
                    raise
                except Problem as problem:
                    found[file.held] = problem.detail
        del ground
        return found

    async def _end(self, ground: Ground) -> bool:
        """Complete the sprints, count both sides, and close the run."""
        web = self.web

        async def sprints(ctx: Context) -> None:
            """Bring sprints into their states."""
            run = await self._held(ctx)
            if run is None:
                return
            tally = await end_sprints(ctx, self.survey, ground)
            await ctx.settle()
            tally.left += web.tally.left if web else []
            tally.updated = 0
            self._note(ctx, run, tally)

        problem = await self._tried(sprints)
        if self.state != "running":
            return True
        sent = await self._invite(ground) if self.choices.invite else 0

        async def close(ctx: Context) -> None:
            """Count what is there now."""
            run = await self._held(ctx)
            if run is None:
                return
            known = report_of(run)
            left = together(self.survey.left, known.left)
            if problem is not None:
                left = together(left, [Left(what="states of sprints", why=problem.detail[:300])])
            report = await verify(ctx, self.survey, ground, self.folder, left)
            report.kept, report.binned, report.invited = known.kept, known.binned, sent
            run.report = msgspec.to_builtins(report)
            run.state, run.finished_at = "done", ctx.now

        await self.ws.run(self.me, close, slow=True)
        if self.state == "running":
            self.state = "done"
        return True

    async def _invite(self, ground: Ground) -> int:
        wanted = [
            ground.people[k]
            for k, fate in self.choices.people.items()
            if fate == "new" and k in ground.people
        ]
        return await self.ws.run(self.me, lambda ctx: invite(ctx, wanted))


def batches(folder: Path, start: int) -> Iterator[list[tuple[int, Item]]]:
    """Yield items in batches of about the same weight, each with its place in the file."""
    part: list[tuple[int, Item]] = []
    weight = 0
    for place, item in enumerate(items_in(folder, start), start):
        part.append((place, item))
        weight += 2 + len(item.comments) + len(item.worklogs) + len(item.attachments)
        weight += sum(len(one.items) for one in item.checklists)
        if weight >= WEIGHT or len(part) >= MOST_ITEMS:
            yield part
            part, weight = [], 0
    if part:
        yield part


async def _bytes(path: Path) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(path.read_bytes)


def report_of(run: MoveRun) -> Report:
    """Return what a run has to tell so far."""
    return msgspec.convert(run.report, Report) if run.report else Report()


# ---- in the background ----


async def carry_on(ws: Workspace, payload: dict[str, Any]) -> None:
    """Move a part of a file in the background, and leave a job for the rest."""
    run = await found(ws, payload["run"])
    if run.state not in ("waiting", "running"):
        return
    folder = Path(run.stored)
    try:
        me = await ws.acting(msgspec.convert(run.person, Me))
        may_begin(me)
        move = await resumed(ws, me, run, folder)
        ended = await move.go(SLICE)
    except (Unavailable, WrongSchema):
        raise
    except Overtaken:
        return
    except Problem as problem:
        await _failed(ws, run.id, problem.detail)
        return
    if not ended:
        await _later(ws, run.id, move.done)
    elif move.state == "done":
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


carry_on.outside = True  # type: ignore[attr-defined]


async def resumed(ws: Workspace, me: Me, run: MoveRun, folder: Path) -> Move:
    """Return a move that goes on where it stopped."""
    try:
        survey = await asyncio.to_thread(survey_in, folder)
    except (FileNotFoundError, msgspec.DecodeError):
        raise Conflict(
            "The file that was read is gone. Choose it again: what is here already is not "
            "moved in a second time."
        ) from None
    survey.site = run.site
    choices = msgspec.convert(run.options, Choices)
    return Move(ws, me, run.id, folder, survey, choices, done=run.done)


async def found(ws: Workspace, run_id: int) -> MoveRun:
    """Return a run as it stands now."""

    async def look(ctx: Context) -> MoveRun:
        """Load it."""
        return await ctx.get(MoveRun, run_id)

    return await ws.look(SYSTEM, look)


async def _failed(ws: Workspace, run_id: int, why: str) -> None:
    async def unit(ctx: Context) -> None:
        """Note why it ended."""
        run = await ctx.get(MoveRun, run_id)
        run.state, run.message, run.finished_at = "failed", why[:2000], ctx.now

    await ws.run(SYSTEM, unit)


async def _later(ws: Workspace, run_id: int, done: int) -> None:
    async def unit(ctx: Context) -> None:
        """Leave the rest."""
        await ctx.later(JOB, {"run": run_id}, key=f"{JOB}:{run_id}:{done}")

    await ws.run(SYSTEM, unit)


async def sweep(ws: Workspace, _: dict[str, Any]) -> None:
    """Delete files that were read and never moved, after a day."""
    await asyncio.to_thread(_sweep, uploads(ws), ws.clock.now().timestamp() - DAY)


def _sweep(folder: Path, oldest: float) -> None:
    for path in folder.glob("*.moving*") if folder.is_dir() else ():
        if path.is_dir() and path.stat().st_mtime < oldest:
            shutil.rmtree(path, ignore_errors=True)


sweep.outside = True  # type: ignore[attr-defined]


# ---- and back ----


async def take_back(ws: Workspace, payload: dict[str, Any]) -> None:
    """Take back what a move wrote, change set by change set; what was changed since stays."""
    run = await found(ws, payload["run"])
    if run.state != "undoing":
        return
    me = await ws.acting(msgspec.convert(payload["person"], Me))
    kept: list[str] = []
    made = await _made(ws, run.id)
    for change_set in reversed(run.change_sets):
        first = change_set == run.change_sets[0]
        stays = first and await _stays(ws, made)

        def only(entry: Entry, stays: bool = stays) -> bool:
            """Leave out what goes with its record, and the ground under what stays."""
            own = entry.before is not None and entry.record_id in made.get(entry.entity, ())
            return not own and not (stays and entry.entity in STANDING)

        kept += await ws.take_back(me, change_set, but=OWN, only=only)
        await _noted(ws, run.id, change_set, kept)
    await _forget(ws, run.id)

    async def end(ctx: Context) -> None:
        """Close it."""
        done = await ctx.get(MoveRun, run.id)
        done.state, done.finished_at = "undone", ctx.now

    await ws.run(SYSTEM, end)


take_back.outside = True  # type: ignore[attr-defined]


async def _made(ws: Workspace, run_id: int) -> dict[str, set[int]]:
    """Return the tasks, issues and comments that a move made; they go back as a whole."""
    found: dict[str, set[int]] = {key: set() for key in WHOLE}
    after = 0
    while True:
        notes = await ws.look(SYSTEM, lambda ctx, after=after: gone(ctx, run_id, after, PART))  # type: ignore[misc]
        for _, key, record_id in notes:
            if key in found:
                found[key].add(record_id)
        if not notes:
            return found
        after = notes[-1][0]


async def _stays(ws: Workspace, made: dict[str, set[int]]) -> bool:
    """Return whether something that a move brought stays, because somebody has changed it."""
    for key in (TASK, ISSUE):
        ids = sorted(made[key])
        for start in range(0, len(ids), PART):
            part = ids[start : start + PART]
            if await ws.look(SYSTEM, lambda ctx, key=key, part=part: living(ctx, key, part)):  # type: ignore[misc]
                return True
    return False


async def _noted(ws: Workspace, run_id: int, change_set: int, kept: list[str]) -> None:
    async def unit(ctx: Context) -> None:
        """Note how far it came, so that a new start goes on from here."""
        run = await ctx.get(MoveRun, run_id)
        run.change_sets = [one for one in run.change_sets if one != change_set]
        run.done = min(run.done, len(run.change_sets))
        if kept:
            said = " ".join(kept[:5])
            run.message = f"{len(kept)} changes were left as they are. {said}"[:2000]

    await ws.run(SYSTEM, unit)


async def _forget(ws: Workspace, run_id: int) -> None:
    """Forget what is no longer there, so that the same file can be moved in again."""
    after = 0
    while True:

        async def unit(ctx: Context, after: int = after) -> int:
            """Look at some of the notes."""
            notes = await gone(ctx, run_id, after, 2000)
            by_kind: dict[str, list[tuple[int, int]]] = {}
            for note, key, record_id in notes:
                by_kind.setdefault(key, []).append((note, record_id))
            for key, pairs in by_kind.items():
                there = await living(ctx, key, [record for _, record in pairs])
                await forget(ctx, [note for note, record in pairs if record not in there])
            return notes[-1][0] if notes else 0

        after = await ws.run(SYSTEM, unit)
        if not after:
            return

"""A batch of items in one unit of work: new ones with all their parts, known ones merged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from mainstay.facets.comments.entities import Comment
from mainstay.facets.files.entities import File
from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.modules.checklists.api import GAP, Checklist, ChecklistItem
from mainstay.modules.importers import crosswalk
from mainstay.modules.importers import model as their
from mainstay.modules.importers.entities import Moved
from mainstay.modules.importers.loading.ground import IMPORTING, Ground
from mainstay.modules.importers.loading.notes import Notes, ext, mark
from mainstay.modules.importers.loading.twins import Twins
from mainstay.modules.importers.loading.values import (
    CODE,
    LONGEST_ENTRY,
    Told,
    hours,
    pieces,
    progress_of,
    silent,
    spread,
    told,
)
from mainstay.modules.importers.model import Item, Left
from mainstay.modules.importers.scopes import Birth, backdate, moved, notes_of
from mainstay.modules.importers.staging import Keys
from mainstay.modules.issues.api import Issue, create_issue
from mainstay.modules.projects.api import Task, counter, task_code

TASK, ISSUE, COMMENT = "projects.task", "issues.issue", "comments.comment"
ENTRY, LIST, FILE = "projects.time_entry", "checklists.checklist", "files.file"
MOST_SAID = 4900
PLACE = 1024.0
NOON = timedelta(hours=12)
# What an update never touches: it is said once, when the item comes in.
FIXED = frozenset({"type"})
# What goes along with another value, so that the two never part.
FOLLOWING: Mapping[tuple[str, str], tuple[str, ...]] = {
    (TASK, "status"): ("completed_at",),
    (TASK, "assignees"): ("assignee_id",),
    (ISSUE, "status"): ("resolution", "resolved_at", "closed_at"),
}
FOLLOWED = {
    key: frozenset(name for (home, _), names in FOLLOWING.items() if home == key for name in names)
    for key in (TASK, ISSUE)
}
Contents = Mapping[str, Any]


@dataclass
class Tally:
    """What became of some items."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    binned: int = 0
    left: list[Left] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Return whether anything was written."""
        return bool(self.created or self.updated)

    def leave(self, what: str, why: str, example: str = "", count: int = 1) -> None:
        """Note something that was not taken along."""
        self.left.append(Left(what=what, why=why, count=count, example=example))


class Batch:
    """The items of one unit of work."""

    def __init__(
        self,
        ctx: Context,
        ground: Ground,
        keys: Keys,
        run_id: int,
        *,
        contents: Contents | None = None,
        timeless: frozenset[str] = frozenset(),
    ) -> None:
        """Begin; `contents` are files that arrived, `timeless` items come without their time."""
        self.ctx, self.ground, self.keys = ctx, ground, keys
        self.notes = Notes(ctx, run_id, ground.site)
        self.contents, self.timeless = contents or {}, timeless
        self.tally = Tally()

    async def take(self, items: Sequence[tuple[int, Item]]) -> Tally:
        """Bring all of them in; each comes with its place in the file."""
        self.ctx.notes[IMPORTING] = True
        wanted = [(n, one) for n, one in items if not self._left_out(one)]
        known = await self._known([one.key for _, one in wanted])
        spoken = []
        for place, item in wanted:
            before = known[item.key][0] == ISSUE if item.key in known else None
            one = told(item, self.ground, self.keys, self.ctx.now, issue=before)
            spoken.append((place, one))
        fresh = [(n, one) for n, one in spoken if one.item.key not in known]
        records = await self._make(fresh)
        for _, one in spoken:
            if one.item.key in known:
                key, note = known[one.item.key]
                record = await self._merge(one, key, note)
                if record is not None:
                    records.append((one, record))
        await self.ctx.flush()
        await self._parts(records, {one.item.key for _, one in fresh})
        await self.notes.write()
        return self.tally

    def _left_out(self, item: Item) -> bool:
        if item.archived and self.ground.choices.archived == "left":
            self.tally.leave("archived items", "they were to be left out", item.title[:80])
            return True
        return False

    async def _known(self, names: Sequence[str]) -> dict[str, tuple[str, Moved]]:
        """Return what came in before, as a task or as an issue, with the note about it."""
        found: dict[str, tuple[str, int]] = {}
        for key in (TASK, ISSUE):
            for name, (_, note) in (await moved(self.ctx, self.ground.site, key, names)).items():
                found[name] = (key, note)
        notes = await notes_of(self.ctx, [note for _, note in found.values()]) if found else {}
        return {name: (key, notes[note]) for name, (key, note) in found.items()}

    # ---- new ones ----

    async def _make(self, fresh: Sequence[tuple[int, Told]]) -> list[tuple[Told, Entity]]:
        tasks = [(n, one) for n, one in fresh if not one.issue]
        made: list[tuple[Told, Entity]] = []
        codes = await self._codes([one for _, one in tasks])
        for (place, one), code in zip(tasks, codes, strict=True):
            made.append((one, self._task(one, place, code)))
        await self.ctx.create_many([record for _, record in made])
        for _, one in fresh:
            if one.issue:
                made.append((one, await self._issue(one)))
        births: dict[str, list[Birth]] = {TASK: [], ISSUE: []}
        for one, record in made:
            self.notes.add(one.item.key, record, **one.values)
            if one.item.created:
                reporter = self.ground.who(one.item.reporter)
                key = ISSUE if one.issue else TASK
                births[key].append(Birth(record.id, one.item.created, reporter))
        for key, own in births.items():
            await backdate(self.ctx, self.ctx.registry.noun(key), own)
        self.tally.created += len(made)
        return made

    async def _codes(self, tasks: Sequence[Told]) -> list[str]:
        """Return a code for each task: the one it had where that can be, else the next number."""
        codes = [self._wanted(one) for one in tasks]
        homes = [self.ground.projects[one.item.project] for one in tasks]
        taken: set[tuple[int, str]] = set()
        for project in sorted(set(homes)):
            asked = [c for c, home in zip(codes, homes, strict=True) if c and home == project]
            there = (
                await self.ctx.all(
                    Task, anywhere=True, limit=len(asked) + 1, project_id=project, code__in=asked
                )
                if asked
                else []
            )
            taken |= {(project, one.code) for one in there}
        for place, (code, home) in enumerate(zip(codes, homes, strict=True)):
            if not code or (home, code) in taken:
                number = await self.ctx.next_number(counter(home))
                codes[place] = task_code(self.ground.prefixes[home], number)
            taken.add((home, codes[place]))
        return codes

    def _wanted(self, one: Told) -> str:
        code = one.item.code
        if code.startswith("#") and code[1:].isdecimal() and len(code) < 10:
            home = self.ground.projects[one.item.project]
            return task_code(self.ground.prefixes[home], int(code[1:]))[:20]
        return code if CODE.match(code) and len(code) <= 20 else ""

    def _task(self, one: Told, place: int, code: str) -> Task:
        order = self.keys.places[place] if self.keys.places else place
        actual = sum(spread(self._logs(one)), Decimal(0))
        task = Task(
            project_id=self.ground.projects[one.item.project],
            code=code,
            actual_hours=actual,
            sort_order=PLACE * (order + 1),
            backlog_order=PLACE * (order + 1),
            **one.values,
        )
        task.progress = progress_of(one.status, task.estimated_hours, actual)
        if one.status == "blocked":
            task.blocked_reason = f"It was “{one.item.status}” in {self.ground.program}."[:500]
        return task

    async def _issue(self, one: Told) -> Issue:
        code = self._wanted(one)
        home = self.ground.projects[one.item.project]
        if code and await self.ctx.find(Issue, anywhere=True, project_id=home, code=code):
            code = ""
        issue = Issue(project_id=home, code=code, origin="import", **one.values)
        made = await create_issue(self.ctx, issue)
        for name, value in (("points", one.item.points), ("estimate", one.item.estimate)):
            if value:
                why = "issues have none here; it stands in the description"
                self.tally.leave(f"{name} of issues", why, one.item.key)
        if made.reporter_id != one.values["reporter_id"]:
            made.reporter_id = one.values["reporter_id"]
        return made

    # ---- known ones ----

    async def _merge(self, one: Told, key: str, note: Moved) -> Entity | None:
        """Bring what the other program changed into a record that came in before.

        A value that was changed here since stays, unless it was said that it shall not.
        """
        noun = self.ctx.registry.noun(key)
        held = (await self.ctx.load_all(noun, (note.record_id,), anywhere=True)).get(note.record_id)
        if held is None:
            self.tally.binned += 1
            self.tally.leave("issues", "they were put into the bin here", one.item.key)
            return None
        changed = False
        for name in one.values:
            if name in FIXED or name not in noun.fields or name in FOLLOWED[key]:
                continue
            if silent(name, self.ground):
                continue
            if self._settled(one, name, held, note):
                continue
            for each in (name, *FOLLOWING.get((key, name), ())):
                setattr(held, each, one.values[each])
                note.written = {**note.written, each: mark(one.values[each])}
            changed = True
        self.tally.updated += changed
        self.tally.unchanged += not changed
        return held

    def _settled(self, one: Told, name: str, held: Entity, note: Moved) -> bool:
        """Return whether a value stays as it is here."""
        fresh, before, own = mark(one.values[name]), note.written.get(name), getattr(held, name)
        if fresh == before or mark(own) == fresh:
            return True
        mine = before is not None and mark(own) != before
        if mine and not self.ground.choices.overwrite:
            self.tally.kept += 1
            label = self.ctx.registry.noun(type(held)).fields[name].label
            why = "it was changed here since; that stays"
            self.tally.leave(f"changes of {label}", why, one.item.key)
            return True
        return False

    # ---- what belongs to them ----

    async def _parts(self, records: Sequence[tuple[Told, Entity]], fresh: set[str]) -> None:
        await self._comments(records, fresh)
        await self._checklists(records)
        await self._time(records, fresh)
        await self._files(records)

    async def _there(self, key: str, names: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Return which of these came in before."""
        return await moved(self.ctx, self.ground.site, key, names) if names else {}

    async def _comments(self, records: Sequence[tuple[Told, Entity]], fresh: set[str]) -> None:
        """Write comments with their authors and instants; long ones in several parts."""
        names = [ext(one.item.key, c.key) for one, _ in records for c in one.item.comments]
        known = await self._there(COMMENT, names)
        homes: dict[str, set[int]] = {TASK: set(), ISSUE: set()}
        for one, record in records:
            if one.item.key not in fresh and any(
                ext(one.item.key, c.key) not in known for c in one.item.comments
            ):
                homes[ISSUE if one.issue else TASK].add(record.id)
        twins = Twins(self.ctx)
        await twins.comments(homes, {record_id for record_id, _ in known.values()})
        heads: list[tuple[Comment, their.Comment, str]] = []
        rest: list[tuple[Comment, Comment, their.Comment]] = []
        for one, record in records:
            home = ISSUE if one.issue else TASK
            for said in one.item.comments:
                name = ext(one.item.key, said.key)
                if name in known:
                    await self._reworded(known[name], said)
                    continue
                first, *more = pieces(self._body(said), MOST_SAID)
                if twin := twins.comment(home, record, self.ground.who(said.author), first):
                    self.notes.add(name, twin, mark(said.body), body=twin.body)
                    continue
                head = Comment(entity=home, record_id=record.id, body=first, internal=said.internal)
                heads.append((head, said, name))
                for text in more:
                    part = Comment(
                        entity=home, record_id=record.id, body=text, internal=said.internal
                    )
                    rest.append((part, head, said))
        await self.ctx.create_many([head for head, _, _ in heads])
        for part, head, _ in rest:
            part.parent_id = head.id
        await self.ctx.create_many([part for part, _, _ in rest])
        births = [self._birth(head, said) for head, said, _ in heads]
        births += [self._birth(part, said) for part, _, said in rest]
        await backdate(self.ctx, self.ctx.registry.noun(COMMENT), births, by=True)
        for head, said, name in heads:
            self.notes.add(name, head, mark(said.body), body=head.body)

    def _body(self, said: their.Comment) -> str:
        """Return the words, and who said them where nobody here did."""
        if not said.author or self.ground.who(said.author) is not None:
            return said.body
        return f"**{self.ground.called(said.author)}:**\n\n{said.body}"

    def _birth(self, comment: Comment, said: their.Comment) -> Birth:
        return Birth(comment.id, said.at or self.ctx.now, self.ground.who(said.author))

    async def _reworded(self, known: tuple[int, int], said: their.Comment) -> None:
        """Take over new words of a comment that nobody has changed here."""
        note = (await notes_of(self.ctx, (known[1],))).get(known[1])
        if note is None or note.fingerprint == mark(said.body):
            return
        noun = self.ctx.registry.noun(Comment)
        found = await self.ctx.load_all(noun, (known[0],), anywhere=True)
        held = cast("Comment | None", found.get(known[0]))
        if held is None or mark(held.body) != note.written.get("body"):
            self.tally.kept += 1
            self.tally.leave("changes of comments", "they were changed or removed here", said.key)
            return
        held.body = pieces(self._body(said), MOST_SAID)[0]
        note.fingerprint, note.written = mark(said.body), {"body": mark(held.body)}

    async def _checklists(self, records: Sequence[tuple[Told, Entity]]) -> None:
        own = [(one, r, c) for one, r in records if not one.issue for c in one.item.checklists]
        names = [ext(one.item.key, c.key) for one, _, c in own]
        known = await self._there(LIST, names)
        made: list[tuple[Checklist, their.Checklist]] = []
        for place, ((_, record, said), name) in enumerate(zip(own, names, strict=True), 1):
            if name in known:
                await self._reticked(known[name], said)
                continue
            checklist = Checklist(task_id=record.id, name=said.name or "Checklist")
            checklist.sort_order = GAP * place
            made.append((checklist, said))
        await self.ctx.create_many([checklist for checklist, _ in made])
        ticks = [
            self._tick(checklist.id, tick, place)
            for checklist, said in made
            for place, tick in enumerate(said.items, 1)
        ]
        await self.ctx.create_many(ticks)
        fresh = [name for name in names if name not in known]
        for (checklist, said), name in zip(made, fresh, strict=True):
            self.notes.add(name, checklist, _ticks_mark(said))

    async def _reticked(self, known: tuple[int, int], said: their.Checklist) -> None:
        note = (await notes_of(self.ctx, (known[1],))).get(known[1])
        if note is not None and note.fingerprint != _ticks_mark(said):
            why = "a checklist that is here is not changed again"
            self.tally.leave("changes of checklists", why, said.name[:80])

    def _tick(self, checklist_id: int, tick: their.Tick, place: int) -> ChecklistItem:
        return ChecklistItem(
            checklist_id=checklist_id,
            name=tick.name or "…",
            status="completed" if tick.done else "pending",
            is_completed=tick.done,
            completed_at=self.ctx.now if tick.done else None,
            assignee_id=self.ground.who(tick.assignee),
            due_date=tick.due,
            sort_order=GAP * place,
        )

    def _logs(self, one: Told) -> list[their.Worklog]:
        """Return the time of an item, and what it counts beyond its worklogs as one more."""
        if one.item.key in self.timeless:
            return []
        logs = list(one.item.worklogs)
        beyond = (one.item.spent or 0) - sum(log.seconds for log in logs)
        if beyond > 0:
            at = one.item.resolved or one.item.updated or one.item.created
            text = f"Time counted in {self.ground.program} without a worklog"
            logs.append(their.Worklog(key="w+", seconds=beyond, at=at, text=text))
        return logs

    async def _time(self, records: Sequence[tuple[Told, Entity]], fresh: set[str]) -> None:
        kind = self.ctx.registry.noun(ENTRY).entity
        names = [ext(o.item.key, log.key) for o, _ in records for log in self._logs(o)]
        known = await self._there(ENTRY, names)
        older = [(one, record) for one, record in records if one.item.key not in fresh]
        sums = await self._there(ENTRY, [ext(one.item.key, "w+") for one, _ in older])
        twins = Twins(self.ctx)
        ids = {record.id for one, record in older if not one.issue and one.item.worklogs}
        await twins.times(kind, ids, {record_id for record_id, _ in known.values()})
        entries: list[Entity] = []
        for one, record in records:
            logs = self._logs(one)
            for log, spent in zip(logs, spread(logs), strict=True):
                name = ext(one.item.key, log.key)
                if name in known:
                    continue
                if log.key == "w+" and one.item.key not in fresh:
                    why = "time without a worklog is counted once, when the issue comes in"
                    self.tally.leave("time spent", why, one.item.key)
                    continue
                if log.key != "w+" and ext(one.item.key, "w+") in sums:
                    why = "their time was counted without them when the issue came in"
                    self.tally.leave("worklogs", why, one.item.key)
                    continue
                parts = self._entries(kind, one, record, log, spent)
                if len(parts) == 1 and (twin := twins.time(parts[0])):
                    self.notes.add(name, twin)
                    continue
                entries += parts
                for place, entry in enumerate(parts):
                    self.notes.add(name if not place else ext(name, f"+{place}"), entry)
        await self.ctx.create_many(entries)

    def _entries(
        self, kind: Any, one: Told, record: Entity, log: their.Worklog, spent: Decimal
    ) -> list[Entity]:
        """Return a worklog as entries of at most a day each."""
        user_id = self.ground.who(log.author)
        text = log.text
        if user_id is None and log.author:
            text = (
                f"{self.ground.called(log.author)}: {text}"
                if text
                else self.ground.called(log.author)
            )
        day = _day(log.at) or self.ctx.today
        found = []
        while spent > 0:
            part = min(spent, LONGEST_ENTRY)
            found.append(
                kind(
                    project_id=self.ground.projects[one.item.project],
                    task_id=None if one.issue else record.id,
                    issue_id=record.id if one.issue else None,
                    user_id=user_id,
                    date=day,
                    hours=part,
                    description=text[:2000],
                    billable=False,
                )
            )
            spent -= part
        return found

    async def _files(self, records: Sequence[tuple[Told, Entity]]) -> None:
        """Attach files whose bytes the export holds; the others are links in the description."""
        own = [(one, r, f) for one, r in records for f in one.item.attachments if f.held]
        names = [ext(one.item.key, file.key) for one, _, file in own]
        known = await self._there(FILE, names)
        made: list[tuple[str, File, their.Attachment]] = []
        for (one, record, file), name in zip(own, names, strict=True):
            content = self.contents.get(file.held)
            if name in known:
                continue
            if content is None or isinstance(content, str):
                why = content or "their content is taken in when the move really runs"
                self.tally.leave("attachments", why, file.name[:80])
                continue
            kept = {n: getattr(content, n) for n in content.__struct_fields__}
            attached = File(
                entity=ISSUE if one.issue else TASK, record_id=record.id, name=file.name, **kept
            )
            made.append((name, attached, file))
        await self.ctx.create_many([attached for _, attached, _ in made], verb="attach")
        births = [Birth(a.id, f.at or self.ctx.now, self.ground.who(f.author)) for _, a, f in made]
        await backdate(self.ctx, self.ctx.registry.noun(FILE), births, by=True)
        for name, attached, _ in made:
            self.notes.add(name, attached)


def _ticks_mark(said: their.Checklist) -> str:
    return mark([[tick.name, tick.done] for tick in said.items])


def _day(at: datetime | None) -> date | None:
    return at.astimezone(UTC).date() if at else None


__all__ = [
    "ENTRY",
    "FILE",
    "IMPORTING",
    "ISSUE",
    "LIST",
    "TASK",
    "Batch",
    "Tally",
    "crosswalk",
    "hours",
]

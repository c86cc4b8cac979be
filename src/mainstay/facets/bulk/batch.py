"""Many records in one transaction: those that are refused are found, the others are done."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from mainstay.facets.bulk.deeds import Deed, do
from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.problems import (
    Duplicate,
    Problem,
    SignInNeeded,
    Stale,
    Unavailable,
    WrongSchema,
)
from mainstay.kernel.scope import Me
from mainstay.kernel.workspace import Workspace

Note = Callable[[Context, Sequence[Change]], Awaitable[None]]
# These are no refusals of a record: nothing more can be done at all.
ENDS = (Unavailable, WrongSchema, SignInNeeded)


class Refusals(Exception):
    """Some records were refused on the way, so the transaction was taken back."""

    def __init__(self, found: dict[int, Problem]) -> None:
        """Keep which records, and why; the first is certain, the others may have followed it."""
        super().__init__("records were refused")
        self.found = found


@dataclass
class Batch:
    """Some records on which the same is done."""

    ws: Workspace
    me: Me
    deed: Deed
    versions: dict[int, int] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)

    def left(self, ids: Sequence[int]) -> list[int]:
        """Return the records that were not refused so far."""
        return [one for one in ids if one not in self.refused]

    async def run(self, ids: Sequence[int], note: Note, *, dry: bool = False) -> None:
        """Do it to all that are not refused, in one transaction; `note` sees what was changed.

        Raises the problem when they are refused only together.
        """
        doubtful: set[int] = set()
        while True:
            try:
                await self.ws.run(
                    self.me, lambda ctx: self._unit(ctx, ids, note), dry=dry, slow=True
                )
            except Refusals as refusals:
                first = next(iter(refusals.found))
                for one, problem in refusals.found.items():
                    sure = one == first or one in doubtful
                    if sure or (alone := await self.alone(one)) is not None:
                        self.refused[one] = (problem if sure else alone).detail  # type: ignore[union-attr]
                    else:
                        doubtful.add(one)
            else:
                return

    async def once(self, ids: Sequence[int], note: Note) -> None:
        """Do it to exactly these; a single refusal takes all of it back and is raised."""
        await self.ws.run(self.me, lambda ctx: self._unit(ctx, ids, note), slow=True)

    async def _unit(self, ctx: Context, ids: Sequence[int], note: Note) -> None:
        found: dict[int, Problem] = {}
        if self.deed.name == "update":
            await ctx.load_all(self.deed.noun, self.left(ids))
        for one in self.left(ids):
            try:
                await do(ctx, self.deed, one, self.versions.get(one))
            except ENDS:
                raise
            except Problem as problem:
                found[one] = problem
                if isinstance(problem, (Duplicate, Stale)):
                    break  # the transaction itself may be broken now
        if found:
            raise Refusals(found)
        await ctx.settle()
        await note(ctx, ctx.changes)

    async def alone(self, one: int) -> Problem | None:
        """Return why a record is refused by itself, or None when it is not."""

        async def unit(ctx: Context) -> None:
            """Try it."""
            await do(ctx, self.deed, one, self.versions.get(one))

        try:
            await self.ws.run(self.me, unit, dry=True, slow=True)
        except ENDS:
            raise
        except Problem as problem:
            return problem
        return None

    async def sift(self, ids: Sequence[int]) -> None:
        """Find the records that a rule refuses at the end of a transaction, by halving."""
        left = self.left(ids)
        if not left:
            return
        try:
            await self.run(left, _nothing, dry=True)
        except ENDS:
            raise
        except Problem as problem:
            if len(left) == 1:
                self.refused[left[0]] = problem.detail
                return
            middle = len(left) // 2
            await self.sift(left[:middle])
            await self.sift(left[middle:])


async def _nothing(_ctx: Context, _changes: Sequence[Change]) -> None:
    """Note nothing."""

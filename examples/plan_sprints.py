"""A real backlog, planned into sprints and worked off: velocity, a burndown and a forecast.

Run it: `python examples/plan_sprints.py issues.csv`, a file of Jira issues with the columns
issuekey, title, description and storypoint; without a file it takes one of
`../shared/data/story-points`, where that folder is. It imports the issues into a workspace of its
own, plans them into sprints of two weeks, and lets a team of chance work on them day by day, by a
clock that it sets itself: so the log has a true history of months. What comes out are three
pictures (`velocity.svg`, `burndown.svg`, `forecast.svg`) in the folder `--out`, and a summary.

`--seed` is another team, `--sprints` how many are worked off, and `--database` keeps the workspace:
`mainstay --data-dir DIR serve` shows it when the file is DIR/mainstay.db.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import mainstay
from mainstay.facets.transfer import load
from mainstay.facets.transfer.plan import Wish
from mainstay.kernel.clock import FixedClock
from mainstay.library import Session
from mainstay.modules.planning.questions.forecast import ProjectForecast, forecast
from mainstay.modules.projects.actions.tasks import complete as finish
from mainstay.modules.projects.actions.tasks import start as take_up
from mainstay.modules.projects.entities import Project, Task
from mainstay.modules.scrum.actions.sprints import complete, start
from mainstay.modules.scrum.entities import Sprint
from mainstay.modules.scrum.pages.charts import drawn_burndown, drawn_velocity
from mainstay.modules.scrum.questions.burndown import burndown
from mainstay.modules.scrum.questions.velocity import velocity
from mainstay.plots import Bars, Frame, bars

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "story-points"
FIRST = date(2026, 1, 5)  # a Monday
WEEKS = 2
# So much of a backlog is done in the end; the rest is forecast.
DONE = 0.6
SIZES = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0)


@dataclass
class Team:
    """People who take up the next task when they have done one; no two days bring the same."""

    chance: random.Random
    a_day: float
    wip: int = 7
    open: list[tuple[Task, float]] = field(default_factory=list)
    past: list[float] = field(default_factory=list)

    def planned(self, backlog: Sequence[Task], days: int) -> list[Task]:
        """Return what the team dares to commit to: about what its last three sprints brought."""
        usual = sum(self.past[-3:]) / len(self.past[-3:]) if self.past else self.a_day * days
        room = usual * self.chance.uniform(0.95, 1.15)
        chosen = []
        for task in backlog:
            room -= size(task)
            if room < 0 and chosen:
                break
            chosen.append(task)
        return chosen

    def day(self) -> list[Task]:
        """Work for a day on what is open; return what is done at its end."""
        energy = max(0.0, self.chance.gauss(self.a_day, self.a_day / 3))
        done = []
        while self.open and energy > 0:
            task, left = self.open.pop(0)
            spent = min(left, energy)
            energy -= spent
            if left > spent:
                self.open.insert(0, (task, left - spent))
            else:
                done.append(task)
        return done


def size(task: Task) -> float:
    """Return how much work a task is; what nobody estimated is a small one."""
    return max(0.5, task.story_points or 1.0)


def working_days(first: date, last: date) -> Iterator[date]:
    """Yield the days of a sprint without its weekends."""
    day = first
    while day <= last:
        if day.weekday() < 5:
            yield day
        day += timedelta(1)


async def imported(ws: Session, file: Path) -> Project:
    """Bring the issues in, as the import page does; return the project they are in."""
    plan = await load.prepare(ws.workspace, ws.me, file, file.name, None, Wish())
    try:
        run = await load.begin(ws.workspace, ws.me, plan, Wish())
        errors = load.Errors(file.with_name(f"{file.name}.errors.csv"), plan.source.columns)
        await load.Load(ws.workspace, ws.me, plan, run.id, errors).go()
    finally:
        plan.source.close()
    projects = [(await ws[Task].count(project_id=one.id), one) async for one in ws[Project].each()]
    return max(projects, key=lambda one: one[0])[1]


class Season:
    """The months in which a team works off a backlog, sprint by sprint."""

    def __init__(self, ws: Session, project: Project, team: Team, first: date) -> None:
        """Begin with an empty clock."""
        self.ws, self.project, self.team = ws, project, team
        self.clock = FixedClock(datetime.combine(first, datetime.min.time(), UTC))
        self.ws.workspace.clock = self.clock
        self.backlog: list[Task] = []

    def at(self, day: date, hour: int) -> None:
        """Set the clock."""
        self.clock.at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)

    async def begin(self, sprint: Sprint) -> list[Task]:
        """Fill a sprint from the backlog and start it; return what there is to do in it."""
        assert sprint.start_date
        assert sprint.end_date
        self.at(sprint.start_date, 8)
        carried = (await self.ws[Task].list(sprint_id=sprint.id, limit=1000)).items
        days = len(list(working_days(sprint.start_date, sprint.end_date)))
        wanted = self.team.planned([*carried, *self.backlog], days)
        new = [task for task in wanted if task.sprint_id != sprint.id]
        async with self.ws.transaction() as together:
            for task in new:
                await together[Task].update(task.id, sprint_id=sprint.id)
        del self.backlog[: len(new)]
        self.at(sprint.start_date, 9)
        await self.ws.do(start, sprint.id)
        kept = {task.id for task in carried}
        self.team.open = [(task, left) for task, left in self.team.open if task.id in kept]
        begun = {task.id for task, _left in self.team.open}
        return [*(t for t in carried if t.id not in begun), *new]

    async def work(self, sprint: Sprint, to_do: list[Task], days: Sequence[date]) -> None:
        """Let days go by: tasks are taken up and done, and now and then the scope changes."""
        for day in days:
            self.at(day, 10)
            await self.change_scope(sprint, to_do)
            fresh = to_do[: max(0, self.team.wip - len(self.team.open))]
            del to_do[: len(fresh)]
            await self.all(take_up, fresh)
            self.team.open += [(task, size(task)) for task in fresh]
            for hour in (12, 15, 17):
                done = self.team.day() if hour == 17 else []
                if done:
                    self.at(day, hour)
                    await self.all(finish, done)
            extra = to_do[: max(0, self.team.wip - len(self.team.open))]
            del to_do[: len(extra)]
            await self.all(take_up, extra)
            self.team.open += [(task, size(task)) for task in extra]

    async def all(self, verb: Any, tasks: Sequence[Task]) -> None:
        """Do one thing with some tasks, together."""
        if not tasks:
            return
        async with self.ws.transaction() as together:
            for task in tasks:
                await together.do(verb, task.id)

    async def change_scope(self, sprint: Sprint, to_do: list[Task]) -> None:
        """Put something in, take something out, or learn that a story is larger than it looked."""
        roll = self.team.chance.random()
        if roll < 0.1 and self.backlog:
            task = self.backlog.pop(0)
            await self.ws[Task].update(task.id, sprint_id=sprint.id)
            to_do.append(task)
        elif roll < 0.16 and len(to_do) > 2:
            task = to_do.pop()
            await self.ws[Task].update(task.id, sprint_id=None)
            self.backlog.insert(0, task)
        elif roll < 0.22 and to_do:
            task = to_do[-1]
            larger = next((one for one in SIZES if one > size(task)), size(task))
            to_do[-1] = await self.ws[Task].update(task.id, story_points=larger)

    async def run(self, sprints: int) -> Sprint:
        """Work off so many sprints, and the first half of one more; return that one."""
        page = self.ws[Task].each(project_id=self.project.id, sort="id")
        self.backlog = [task async for task in page]
        first = self.clock.now().date()
        last = first + timedelta(weeks=WEEKS, days=-3)
        sprint = await self.ws[Sprint].create(
            project_id=self.project.id, start_date=first.isoformat(), end_date=last.isoformat()
        )
        for _number in range(sprints):
            to_do = await self.begin(sprint)
            days = list(working_days(first, last))
            await self.work(sprint, to_do, days)
            self.at(last, 18)
            first, last = (day + timedelta(weeks=WEEKS) for day in (first, last))
            following = await self.ws[Sprint].create(
                project_id=self.project.id, start_date=first.isoformat(), end_date=last.isoformat()
            )
            closing = {"unfinished": "next", "sprint_id": following.id}
            ended = await self.ws.do(complete, sprint.id, **closing)
            self.team.past.append(ended.completed_points)
            sprint = following
        to_do = await self.begin(sprint)
        await self.work(sprint, to_do, list(working_days(first, last))[:6])
        return sprint


def drawn_forecast(answer: ProjectForecast) -> str:
    """Draw in how many of the drawn futures the last task is done in which days."""
    sure = next(one for one in answer.dates if one.percent == 85)
    frame = Frame(
        title=f"The {answer.remaining} open stories are done by {sure.day:%d %B %Y}, 85 % certain",
        desc=answer.definition,
        axis="% of draws",
    )
    drawn = sum(one.trials for one in answer.histogram)
    names = [f"{one.first:%d %b}" for one in answer.histogram]
    values = [round(one.trials / drawn * 100, 1) for one in answer.histogram]
    return bars(frame, names, [Bars("Draws", values)]).image


async def told(ws: Session, project: Project, sprint: Sprint) -> tuple[list[str], dict[str, str]]:
    """Return a summary, and the three charts by the names of their files."""
    pace = await ws.ask(velocity, project_id=project.id, last=100)
    down = await ws.ask(burndown, sprint_id=sprint.id)
    ahead = await ws.ask(forecast, project_id=project.id)

    async def draw(ctx: Any) -> tuple[str, str]:
        """Draw as the pages do."""
        return drawn_velocity(ctx, pace).image, drawn_burndown(ctx, down).image

    speed, burn = await ws.read(draw)
    found = {"velocity.svg": speed, "burndown.svg": burn}
    if not ahead.missing:
        found["forecast.svg"] = drawn_forecast(ahead)
    promised = round((pace.predictability or 0) * 100)
    speeds = f"{pace.average:g} points on average, {pace.low:g} to {pace.high:g}"
    grown = f"{down.committed:g} committed + {down.added:g} added - {down.removed:g} removed"
    said = [
        f"{len(pace.sprints)} sprints: {speeds}; {promised} % of what was committed",
        f"{sprint.name}: {grown} - {down.completed:g} completed = {down.remaining:g} remain",
    ]
    said += [f"{one.percent} % certain by {one.day}" for one in ahead.dates]
    return said, found


async def main(asked: argparse.Namespace) -> None:
    """Import, plan, work, draw."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        place = asked.database or Path(folder) / "workspace.db"
        copy = Path(folder) / asked.file.name
        copy.write_bytes(asked.file.read_bytes())
        async with mainstay.open(str(place)) as ws:
            ws.workspace.clock = FixedClock(datetime(2026, 1, 2, 12, tzinfo=UTC))
            project = await imported(ws, copy)
            points = await ws[Task].sum("story_points", project_id=project.id)
            count = await ws[Task].count(project_id=project.id)
            print(f"{asked.file.name}: {count} stories, {points:g} points")
            a_day = max(1.0, points * DONE / asked.sprints / (5 * WEEKS))
            chance = random.Random(asked.seed)  # noqa: S311 - chance needs no secrecy here
            season = Season(ws, project, Team(chance, a_day), asked.first)
            sprint = await season.run(asked.sprints)
            said, found = await told(ws, project, sprint)
    asked.out.mkdir(parents=True, exist_ok=True)
    for name, text in found.items():
        (asked.out / name).write_text(text, encoding="utf-8")
    print(*said, *(asked.out / name for name in found), sep="\n")
    print(f"{time.perf_counter() - began:.1f} s")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Plan a real backlog into sprints.")
    known = sorted(SHARED.glob("mule.csv")) or sorted(SHARED.glob("*.csv"))
    parser.add_argument("file", nargs="?", type=Path, default=known[0] if known else None)
    parser.add_argument("--out", type=Path, default=Path.cwd(), help="where the pictures go")
    parser.add_argument("--sprints", type=int, default=12, help="how many are worked off")
    parser.add_argument("--seed", type=int, default=1, help="another number is another team")
    parser.add_argument("--first", type=date.fromisoformat, default=FIRST, help="a Monday")
    parser.add_argument("--database", type=Path, help="keep the workspace in this file")
    asked = parser.parse_args()
    if asked.file is None:
        parser.error(f"name a file of issues; there are none in {SHARED}")
    return asked


if __name__ == "__main__":
    asyncio.run(main(arguments()))

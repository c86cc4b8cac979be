"""Mainstay as a library: a project, its tasks and the time they took, without a server.

Run it: `python examples/library.py`. It works on a database of its own in a temporary folder.
"""

import asyncio
import tempfile
from datetime import date, timedelta
from pathlib import Path

import mainstay
from mainstay.kernel.problems import Conflict, Invalid, Stale
from mainstay.modules.identity.entities import User
from mainstay.modules.projects.actions.tasks import complete, start
from mainstay.modules.projects.entities import Label, Project, Task, TimeEntry
from mainstay.modules.projects.questions import project_overview


async def main() -> None:
    """Plan a small project, work on it, and look at what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        async with mainstay.open(str(Path(folder) / "workspace.db")) as ws:
            ann = await ws[User].create(username="ann", email="ann@example.com")
            project = await ws[Project].create(name="Harbour wall", code="HARB")

            # Several records together or not at all.
            async with ws.transaction() as together:
                urgent = await together[Label].create(name="urgent", project_id=project.id)
                for number, title in enumerate(("Survey the quay", "Order stone", "Set the crane")):
                    await together[Task].create(
                        title=title,
                        project_id=project.id,
                        story_points=float(number + 2),
                        due_date=(date.today() + timedelta(days=number)).isoformat(),  # noqa: DTZ011
                        labels=[urgent.id] if number == 0 else [],
                    )

            # The same query language as REST and the pages.
            page = await ws[Task].list(project=project.id, sort="-story_points", limit=2)
            print("largest:", ", ".join(f"{task.code} {task.title}" for task in page.items))
            print("urgent:", [task.title for task in await ws[Task].search("survey")])
            print("points:", await ws[Task].sum("story_points", project=project.id))

            # Verbs carry the rules; what they refuse is an exception with a reason.
            survey = (await ws[Task].list(q="survey")).items[0]
            survey = await ws.do(start, survey)
            survey = await ws.do(complete, survey)
            try:
                await ws.do(complete, survey)
            except Conflict as refusal:
                print("refused:", refusal.detail)

            # Nobody's change is lost: an old copy cannot overwrite a newer one.
            old = await ws[Task].get(survey.id)
            await ws[Task].update(old, title="Survey the whole quay")
            try:
                await ws[Task].update(old, title="Survey nothing")
            except Stale as refusal:
                print("stale:", refusal.detail)
            try:
                await ws[Task].create(title="", project_id=project.id, priority="soon")
            except Invalid as refusal:
                print("invalid:", [f"{error.field}: {error.message}" for error in refusal.errors])

            await ws[TimeEntry].create(
                task_id=survey.id, user_id=ann.id, hours="2.50", description="On the quay"
            )
            history = await ws[Task].history(survey.id)
            print("history:", [entry.verb for entry in history])
            overview = await ws.ask(project_overview, project_id=project.id)
            print(f"done: {overview.points_done:g} of {overview.points_total:g} points")


if __name__ == "__main__":
    asyncio.run(main())

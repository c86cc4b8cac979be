"""`mainstay import` for whole exports of Jira, Trello, GitHub and Asana."""

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from mainstay.cli import out

if TYPE_CHECKING:
    from mainstay.kernel.scope import Me
    from mainstay.kernel.workspace import Workspace
    from mainstay.modules.importers.api import Choices, Report


def knows(path: Path) -> bool:
    """Return whether a file is an export that is moved in whole."""
    from mainstay.modules.importers.api import source_of

    return bool(source_of(path, path.name))


async def move(ws: "Workspace", me: "Me", path: Path, **said: Any) -> dict[str, Any]:
    """Move one export in, or only show what would happen."""
    from mainstay.modules.importers import api

    folder = Path(tempfile.mkdtemp(prefix="mainstay-"))
    try:
        await api.staged(path, path.name, folder / "read")
        choices = await _choices(ws, me, said)
        plan = await api.planned(ws, me, folder / "read", choices)
        if said["dry_run"]:
            seen = await api.preview(ws, me, plan)
            counts = {n: getattr(seen, n) for n in ("total", "created", "updated", "unchanged")}
            return _told(path, counts, 0, seen.report)
        run = await api.begin(ws, me, plan, job=False)
        if run.done:
            out.note(f"{path.name}: going on after step {run.done} of {run.total}.")
        with out.progress(path.name) as step:
            work = api.Move(
                ws, me, run.id, folder / "read", plan.survey, plan.choices, run.done, step
            )
            await work.go()
        found = await api.found(ws, run.id)
        counts = {n: getattr(found, n) for n in ("created", "updated", "unchanged")}
        told = _told(
            path, {"total": plan.survey.total, **counts}, found.failed, api.report_of(found)
        )
        return {**told, "import": found.id, "state": found.state}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _choices(ws: "Workspace", me: "Me", said: dict[str, Any]) -> "Choices | None":
    import msgspec

    from mainstay.modules.importers.api import Choices

    choices = None
    if said["options"]:
        try:
            choices = msgspec.json.decode(said["options"].read_bytes(), type=Choices)
        except OSError as error:
            raise click.UsageError(f"{said['options']}: {error.strerror}.") from None
        except msgspec.DecodeError as error:
            raise click.UsageError(f"{said['options']}: {error}.") from None
    if said["project"]:
        page = await ws.page(me, "projects.project", {"code": said["project"], "limit": 1})
        if not page.items:
            raise click.UsageError(f"There is no project {said['project']}.")
        choices = choices or Choices()
        choices.project_id = page.items[0].id
    return choices


def _told(path: Path, counts: dict[str, int], failed: int, report: "Report") -> dict[str, Any]:
    lines = [*report.counts, *report.sums]
    both = [
        f"{one.what}: {one.file} in the file, {one.here} here"
        + (f" ({'; '.join(w.why for w in one.why)})" if one.why else "")
        for one in lines
        if not one.agrees
    ]
    left = [f"not taken along: {one.count} {one.what}: {one.why}" for one in report.left]
    return {
        "file": path.name,
        "resource": "whole",
        **counts,
        "failed": failed,
        "sums": {},
        "problem": "",
        "errors": "",
        "both": both + left,
        "report": report,
    }

"""What the kernel does by itself: seal the log, forget old answers, jobs and log rows."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from mainstay.kernel.context import Context
from mainstay.kernel.log import Seal
from mainstay.kernel.module import Module
from mainstay.kernel.storage.base import execute

if TYPE_CHECKING:
    from mainstay.kernel.workspace import Workspace

REPLY_HOURS = 24
JOB_DAYS = 2


async def seal(ctx: Context, _: dict[str, Any]) -> None:
    """Chain what was appended since the last seal."""
    while await ctx.workspace.log.seal(ctx.connection, ctx.now):
        pass


async def tidy(ctx: Context, _: dict[str, Any]) -> None:
    """Delete replayable answers, finished jobs and log rows that are past their time."""
    settings = ctx.workspace.settings
    table = ctx.registry.metadata.tables["kernel_reply"]
    hours = getattr(settings, "reply_hours", REPLY_HOURS)
    await execute(
        ctx.connection, sa.delete(table).where(table.c.at < ctx.now - timedelta(hours=hours))
    )
    await ctx.workspace.jobs.tidy(ctx.connection, ctx.now - timedelta(days=JOB_DAYS))
    days = getattr(settings, "audit_days", 0)
    if days:
        await ctx.workspace.log.purge(ctx.connection, ctx.now - timedelta(days=days), ctx.now)


async def anchor(workspace: "Workspace", _: dict[str, Any]) -> None:
    """Note the newest seal outside the database, where a cut or rewritten log cannot follow."""
    path = anchor_path(workspace)
    if path is None:
        return
    newest = await workspace.engine.read(workspace.log.last_seal)
    known = read_anchor(path)
    if newest.rows > (known.rows if known else 0):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(newest))
        fresh.replace(path)


anchor.outside = True  # type: ignore[attr-defined]


def anchor_path(workspace: "Workspace") -> Path | None:
    """Return the file that notes the newest seal, if the settings name one."""
    named = getattr(workspace.settings, "audit_anchor", "") if workspace.settings else ""
    return Path(named) if named else None


def read_anchor(path: Path) -> Seal | None:
    """Return the noted seal, or None when none was noted yet."""
    return msgspec.json.decode(path.read_bytes(), type=Seal) if path.exists() else None


HOUSE = Module(
    "kernel",
    "What the house does by itself.",
    jobs={"kernel.seal": seal, "kernel.tidy": tidy, "kernel.anchor": anchor},
    every={"kernel.seal": 60, "kernel.anchor": 120, "kernel.tidy": 3600},
    permissions=(
        "kernel.metrics.read",
        "kernel.change.undo",
        "kernel.job.read",
        "kernel.style.read",
    ),
)

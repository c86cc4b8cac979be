"""A record's files as its page shows them: the newest version of each, and what may be done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from mainstay.facets.comments.api import names_of
from mainstay.facets.files import kinds
from mainstay.facets.files.arrive import settings_of
from mainstay.facets.files.entities import File
from mainstay.facets.files.scopes import CREATE, MODERATE, PRIVATE
from mainstay.kernel.context import Context
from mainstay.kernel.noun import Noun

MOST = 500


@dataclass(frozen=True)
class Shown:
    """One file as it is drawn."""

    id: int
    version: int
    name: str
    description: str
    size: str
    icon: str
    shown: str
    href: str
    small: bool
    width: int | None
    height: int | None
    is_public: bool
    revision: int
    versions: int
    who: str
    at: datetime
    may_edit: bool
    may_remove: bool


def href(file: File) -> str:
    """Return where a file is downloaded; `?inline=1` shows it, `?small=1` its small picture."""
    return f"/file/{file.id}/{quote(file.name, safe='')}"


async def files_of(
    ctx: Context, entity: str, record_id: int, *, public: bool = False
) -> list[File]:
    """Return a record's files that this person may see, every version, the newest first."""
    noun = ctx.registry.noun(File)
    asked: dict[str, Any] = {"entity": entity, "record_id": record_id, "sort": "-id", "limit": MOST}
    asked |= {"is_public": True} if public else {}
    found, _ = await ctx.reader.entities(ctx.connection, noun, ctx.ask(noun, asked), ctx.me)
    return found  # type: ignore[return-value]


def chains(files: list[File]) -> list[list[File]]:
    """Return the versions of each file together, the newest version first."""
    groups: dict[int, list[File]] = {}
    for one in sorted(files, key=lambda file: -file.revision):
        groups.setdefault(one.first_id or one.id, []).append(one)
    return sorted(groups.values(), key=lambda chain: -chain[0].id)


async def load(ctx: Context, noun: Noun, record_id: int) -> dict[str, Any] | None:
    """Return what the slot draws; nothing for people who may neither see nor attach any."""
    may_add = ctx.can(CREATE)
    found = chains(await files_of(ctx, noun.key, record_id))
    if not found and not may_add:
        return None
    names = await names_of(ctx, [one[0].created_by for one in found if one[0].created_by])
    settings = settings_of(ctx.workspace)
    return {
        "count": len(found) or "",
        "files": [shown(ctx, one, names) for one in found],
        "entity": noun.key,
        "record_id": record_id,
        "may_add": may_add,
        "may_private": ctx.can(PRIVATE),
        "most": settings.max_upload_bytes,
        "most_said": kinds.spoken_size(settings.max_upload_bytes),
        "accept": ",".join(f".{ending}" for ending in kinds.accepted(settings.file_types)),
    }


def shown(ctx: Context, chain: list[File], names: dict[int, str]) -> Shown:
    """Return a file with its versions as it is drawn."""
    one = chain[0]
    own = one.created_by == ctx.me.id
    return Shown(
        id=one.id,
        version=one.version,
        name=one.name,
        description=one.description,
        size=kinds.spoken_size(one.size),
        icon=kinds.icon_of(one.mime),
        shown=kinds.shown_as(one.mime),
        href=href(one),
        small=bool(one.thumbnail),
        width=one.width,
        height=one.height,
        is_public=one.is_public,
        revision=one.revision,
        versions=len(chain),
        who=names.get(one.created_by or 0, "Mainstay"),
        at=one.created_at,
        may_edit=ctx.can("files.file.update"),
        may_remove=ctx.can("files.file.delete") and (own or ctx.can(MODERATE)),
    )

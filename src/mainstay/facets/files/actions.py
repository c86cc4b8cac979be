"""What is done with files: attaching, naming, removing with all versions, and taking back."""

from msgspec import Struct

from mainstay.facets.files import kinds
from mainstay.facets.files.entities import File, FileAttached
from mainstay.facets.files.scopes import CREATE, MODERATE, PRIVATE, newest, taken
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.problems import Conflict, Denied, TooLarge, invalid
from mainstay.kernel.scope import require


class Wish(Struct, kw_only=True):
    """Where a file shall go, and what is said about it."""

    entity: str
    record_id: int
    name: str = ""
    description: str = ""
    is_public: bool = False
    first_id: int | None = None


class Content(Struct, kw_only=True):
    """A content that has arrived and is kept."""

    mime: str
    size: int
    digest: str
    storage: str
    path: str
    thumbnail: str = ""
    width: int | None = None
    height: int | None = None


async def welcome(ctx: Context, wish: Wish) -> File | None:
    """Refuse a file before it is sent where it could not stay; return the one it renews."""
    require(ctx.me, CREATE)
    noun, record = await perform.worn(ctx, "files", wish.entity, wish.record_id)
    if record.deleted_at is not None:
        raise Conflict(f"This {noun.title.lower()} is in the bin. Restore it first, then attach.")
    if wish.first_id is None:
        return None
    kind = ctx.registry.noun(File)
    ask = ctx.ask(kind, {"id": wish.first_id, "limit": 1, "sort": "id"})
    # Only looked at: what the unit of work holds already would not be locked by loading it.
    found, _ = await ctx.reader.entities(ctx.connection, kind, ask, ctx.me)
    known: File | None = found[0] if found else None  # type: ignore[assignment]
    if known is None or (known.entity, known.record_id) != (wish.entity, wish.record_id):
        raise invalid("first_id", "names a file that is not attached to this record")
    return known


async def attach(ctx: Context, wish: Wish, content: Content, quota: int) -> File:
    """Write the row of a content that is kept; as a new version where it renews a file."""
    ctx.verb = "attach"
    known = await welcome(ctx, wish)
    if quota and await taken(ctx) + content.size > quota:
        raise over_quota(quota)
    file = File(
        entity=wish.entity,
        record_id=wish.record_id,
        name=wish.name,
        description=wish.description,
        is_public=wish.is_public or not ctx.can(PRIVATE),
        mime=content.mime,
        size=content.size,
        digest=content.digest,
        width=content.width,
        height=content.height,
        storage=content.storage,
        path=content.path,
        thumbnail=content.thumbnail,
    )
    if known is not None:
        first = known.first_id or known.id
        # Held until the end, so that two new versions at once get two numbers.
        await ctx.get(File, first, anywhere=True)
        file.first_id, file.revision = first, await newest(ctx, first) + 1
        file.is_public = known.is_public
        file.description = file.description or known.description
    made = await ctx.create(file, verb="attach")
    ctx.emit(
        FileAttached(
            file_id=made.id,
            entity=made.entity,
            record_id=made.record_id,
            revision=made.revision,
        ),
        made,
    )
    return made


def over_quota(quota: int) -> TooLarge:
    """Return the refusal of what would not fit any more."""
    most = kinds.spoken_size(quota)
    return TooLarge(
        f"All attachments together may take {most} here, and this one would not fit. "
        "Remove some, or ask an administrator to raise file_quota_bytes."
    )


async def edit(ctx: Context, file: File, before: File) -> None:
    """Name and describe a file; its ending stays, and only insiders decide who may see it."""
    if ctx.undoing:
        return
    if file.is_public != before.is_public:
        require(ctx.me, PRIVATE)
    if file.name != before.name:
        file.name = kinds.plain_name(file.name)
        ending = kinds.ending_of(before.name)
        if not file.name or kinds.ending_of(file.name) != ending:
            raise invalid("name", f"must end with .{ending}, because that is what the file is")


async def remove(ctx: Context, file: File) -> None:
    """Remove one's own file, or with the grant to moderate anybody's; the newest takes all along.

    An older version goes alone.
    """
    own = file.created_by == ctx.me.id or ctx.me.kind == "system"
    if not own and not ctx.can(MODERATE):
        raise Denied(
            "Only who attached a file may remove it, or somebody with the permission "
            f"{MODERATE}. Ask one of them."
        )
    if ctx.undoing:
        return
    others = [one for one in await versions(ctx, file) if one.id != file.id]
    if all(one.revision < file.revision for one in others):
        for one in others:
            await ctx.delete(one)


async def versions(ctx: Context, file: File, *, deleted: str = "no") -> list[File]:
    """Return every version of a file, the newest first."""
    first = file.first_id or file.id
    later = await ctx.all(File, anywhere=True, first_id=first, sort="-revision", deleted=deleted)
    root = await ctx.all(File, anywhere=True, id=first, deleted=deleted)
    return [*later, *root]


async def after(ctx: Context, changes: list[Change]) -> None:
    """Bring the other versions back with a file that is restored."""
    for change in changes:
        if change.verb != "restore" or not change.before or not change.before.get("deleted_at"):
            continue
        file = await ctx.get(File, change.record_id, anywhere=True)
        for one in await versions(ctx, file, deleted="only"):
            if one.id != file.id and one.deleted_at == change.before["deleted_at"]:
                await ctx.restore(one)

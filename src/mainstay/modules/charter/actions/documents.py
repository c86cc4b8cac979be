"""What can be done with a document: put down a new version, and keep the earlier ones."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import invalid
from mainstay.modules.charter import rules
from mainstay.modules.charter.actions.access import changed, entering, require_workers
from mainstay.modules.charter.actions.events import DocumentRevised
from mainstay.modules.charter.entities import (
    DocumentVersion,
    FileId,
    Note,
    ProjectDocument,
    Revision,
    Web,
)
from mainstay.modules.charter.scopes import places_of_files, projects_behind, taken_revisions


class NewVersion(Struct, kw_only=True, forbid_unknown_fields=True):
    """The new version: its number, what is new in it, and where it is."""

    revision: Annotated[
        Revision | None, Meta(description="Like 1.1; the next one when left out.")
    ] = None
    note: Note = ""
    file_id: FileId | None = None
    file_url: Web = ""


async def create_document(ctx: Context, document: Entity) -> ProjectDocument:
    """Put a document down, in its first version."""
    assert isinstance(document, ProjectDocument)
    document.revised_at, document.revised_by = ctx.now, ctx.me.id
    return await ctx.create(document)


async def update_document(ctx: Context, document: Entity, before: Entity) -> None:
    """Refuse to call the present version like an earlier one."""
    assert isinstance(document, ProjectDocument)
    assert isinstance(before, ProjectDocument)
    if document.revision != before.revision and not ctx.undoing:
        await _free(ctx, document, document.revision)


async def settle_documents(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its documents, with files of its own."""
    documents: list[ProjectDocument] = await changed(ctx, changes)
    await require_workers(ctx, [one.project_id for one in documents])
    filed = entering(changes, "file_id")
    wanted = [one for one in documents if one.id in filed]
    if not wanted or ctx.undoing:
        return
    places = await places_of_files(ctx, [one.file_id for one in wanted if one.file_id])
    for one in wanted:
        near = (("charter.project_document", one.id), ("projects.project", one.project_id))
        if one.file_id is not None and places.get(one.file_id) not in near:
            raise invalid("file_id", "must be a file attached to this document or its project")


async def settle_versions(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project add to the versions of its documents."""
    versions: list[DocumentVersion] = await changed(ctx, changes)
    ids = [one.document_id for one in versions]
    known = await projects_behind(ctx, "charter.project_document", ids)
    await require_workers(ctx, list(known.values()))


def suggested(document: ProjectDocument) -> str:
    """Return what the next version of a document is called when nobody says otherwise."""
    return rules.next_revision(document.revision) if _is_there(document) else document.revision


def _is_there(document: ProjectDocument) -> bool:
    """Return whether the present version can be opened at all."""
    return document.file_id is not None or bool(document.file_url)


def _may_renew(document: ProjectDocument) -> str | None:
    if document.status in ("draft", "active"):
        return None
    return f"This document is {document.status}. Make it active first."


async def _free(ctx: Context, document: ProjectDocument, revision: str) -> None:
    if revision in await taken_revisions(ctx, document.id):
        raise invalid("revision", f"was used before: {revision} is an earlier version already")


@action(
    label="New version",
    icon="versions",
    grant="update",
    allowed=_may_renew,
    page="/projects/documents/{id}#renew",
)
async def new_version(ctx: Context, document: ProjectDocument, data: NewVersion) -> ProjectDocument:
    """Put down a newer version; the present one is kept with its file as superseded."""
    if data.file_id is None and not data.file_url:
        raise invalid("file_id", "or an address is needed: choose a file or say where it is")
    noun = ctx.registry.noun(ProjectDocument)
    noun.check({"file_url": data.file_url, "version_note": data.note}, noun.update_type)
    await ctx.check_refs(noun, {"file_id": data.file_id})
    revision = (data.revision or "").strip() or suggested(document)
    if _is_there(document):
        if revision == document.revision:
            raise invalid(
                "revision", f"must differ from the present {revision}; leave it out for the next"
            )
        await _keep(ctx, document)
    await _free(ctx, document, revision)
    document.revision, document.version_note = revision, data.note
    document.file_id, document.file_url = data.file_id, data.file_url
    document.revised_at, document.revised_by = ctx.now, ctx.me.id
    said = DocumentRevised(
        document_id=document.id, project_id=document.project_id, revision=revision
    )
    ctx.emit(said, document)
    return document


async def _keep(ctx: Context, document: ProjectDocument) -> None:
    """Keep the present version beside the document."""
    kept = DocumentVersion(
        document_id=document.id,
        revision=document.revision,
        version_note=document.version_note,
        file_id=document.file_id,
        file_url=document.file_url,
        revised_at=document.revised_at,
        revised_by=document.revised_by,
    )
    await ctx.create(kept)

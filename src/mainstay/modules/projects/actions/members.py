"""Who belongs to a project, and in which role."""

from collections.abc import Sequence
from typing import Annotated, get_args

from msgspec import Meta, Struct

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied
from mainstay.modules.projects.actions.events import MemberAdded, MemberRemoved
from mainstay.modules.projects.entities import Project, ProjectMember
from mainstay.modules.projects.kinds import Role
from mainstay.modules.projects.scopes import Standing, members_left, require_lead, standing

MANAGE = "change who belongs to it"
RANKS: tuple[str, ...] = get_args(Role)


class AddMember(Struct, forbid_unknown_fields=True):
    """Who joins, and in which role."""

    user_id: Annotated[int, Meta(ge=1, description="Who joins the project")]
    role: Annotated[Role, Meta(description="What they may do in it")] = "member"


class RemoveMember(Struct, forbid_unknown_fields=True):
    """Who leaves."""

    user_id: Annotated[int, Meta(ge=1, description="Who leaves the project")]


async def membership(ctx: Context, project_id: int, user_id: int) -> ProjectMember | None:
    """Return a person's membership of a project to work on, whoever asks."""
    return await ctx.find(ProjectMember, anywhere=True, project_id=project_id, user_id=user_id)


async def put_member(ctx: Context, project_id: int, user_id: int, role: Role) -> ProjectMember:
    """Make a person a member in a role; somebody who left comes back with their history."""
    member = await membership(ctx, project_id, user_id)
    if member is None:
        pair = {"project_id": project_id, "user_id": user_id, "sort": "-id"}
        member = await ctx.find(ProjectMember, anywhere=True, deleted="only", **pair)
        if member is None:
            member = ProjectMember(project_id=project_id, user_id=user_id, role=role)
            member.joined_at = ctx.now
            return await ctx.create(member)
        member.role, member.joined_at = role, ctx.now
        await ctx.restore(member)
        return member
    member.role = role
    return member


async def ensure_member(ctx: Context, project_id: int, user_id: int, role: Role) -> ProjectMember:
    """Make a person a member in at least this role; a higher one that they have stays."""
    member = await membership(ctx, project_id, user_id)
    if member is not None and RANKS.index(member.role) <= RANKS.index(role):
        return member
    return await put_member(ctx, project_id, user_id, role)


@action(label="Add member", icon="user-plus", grant="update")
async def add_member(ctx: Context, project: Project, data: AddMember) -> Project:
    """Make a person a member; for somebody who is one already, this changes their role."""
    noun = ctx.registry.noun(ProjectMember)
    await ctx.check_refs(noun, {"user_id": data.user_id})
    await put_member(ctx, project.id, data.user_id, data.role)
    said = MemberAdded(project_id=project.id, user_id=data.user_id, role=data.role)
    ctx.emit(said, project)
    return project


@action(label="Remove member", icon="user-minus", grant="update")
async def remove_member(ctx: Context, project: Project, data: RemoveMember) -> Project:
    """Take a person off the project; their tasks and time stay."""
    member = await membership(ctx, project.id, data.user_id)
    if member is None:
        raise Conflict("This person is not a member of the project.")
    ctx.emit(MemberRemoved(project_id=project.id, user_id=data.user_id), project)
    await ctx.delete(member)
    return project


async def create_member(ctx: Context, member: Entity) -> ProjectMember:
    """Join a person to a project, from now on."""
    assert isinstance(member, ProjectMember)
    member.joined_at = member.joined_at or ctx.now
    return await ctx.create(member)


async def settle_members(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only leaders change who belongs to a project, and keep an owner in each."""
    for change in changes:
        along = change.verb == "update" and "deleted_at" in (change.before or {})
        if along:
            continue
        member = await ctx.load(change.noun, change.record_id, anywhere=True, deleted="with")
        assert isinstance(member, ProjectMember)
        await _settle_one(ctx, change, member)


async def _settle_one(ctx: Context, change: Change, member: ProjectMember) -> None:
    noun = ctx.registry.noun(Project)
    project = await ctx.load(noun, member.project_id, anywhere=True, deleted="with")
    assert isinstance(project, Project)
    if ctx.undoing and project.deleted_at == ctx.now:
        return  # they leave with a project that is taken back
    at = await standing(ctx, project.id)
    left = member.deleted_at is not None
    was = (change.before or {}).get("role", None if change.before is None else member.role)
    mine = member.user_id == ctx.me.id
    by = str(was) if mine and was else at.role
    if not (_founded_here(ctx, change, project) or (left and mine)):
        require_lead(Standing(at.project_id, at.settings, at.binned, by, at.everywhere), MANAGE)
        if "owner" in (member.role, was) and by != "owner" and not at.everywhere:
            raise Denied("Only an owner of the project may add, change or remove its owners.")
    if left and member.user_id == project.owner_id:
        raise Conflict("The project's owner cannot leave. Give it to another owner first.")
    if "owner" in (member.role, was) and not await members_left(ctx, project.id, "owner"):
        raise Conflict("A project needs an owner. Make somebody else an owner first.")


def _founded_here(ctx: Context, change: Change, project: Project) -> bool:
    """Return whether this unit of work also began the project, as its first members do."""
    noun = ctx.registry.noun(Project)
    return change.before is None and any(
        other.noun is noun
        and other.record_id == project.id
        and other.before is None
        and other.after
        for other in ctx.changes
    )

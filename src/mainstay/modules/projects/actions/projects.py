"""What can be done with a project: begin, hold, finish and reopen it."""

from collections.abc import Callable, Sequence

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.kernel.log import Change
from mainstay.kernel.module import action
from mainstay.kernel.problems import Conflict, Denied, invalid
from mainstay.modules.projects import rules
from mainstay.modules.projects.actions.events import (
    PhaseReached,
    ProjectCancelled,
    ProjectCompleted,
    ProjectReopened,
    ProjectStarted,
)
from mainstay.modules.projects.actions.members import ensure_member
from mainstay.modules.projects.actions.moves import moved_by_rule
from mainstay.modules.projects.entities import Project, ProjectMember, ProjectPhase
from mainstay.modules.projects.kinds import ProjectStatus
from mainstay.modules.projects.questions import phases_of
from mainstay.modules.projects.scopes import (
    LEADERS,
    Standing,
    codes_like,
    require_lead,
    require_work,
    standing,
)

MANY = 100_000


async def create_project(ctx: Context, project: Entity) -> Project:
    """Begin a project: it gets a code, and its owner and manager become members."""
    assert isinstance(project, Project)
    _check_dates(project)
    await _check_phase(ctx, project)
    if not project.code:
        wanted = rules.project_code(project.name)
        await ctx.raise_number("projects.code", 0)
        project.code = rules.free_code(wanted, await codes_like(ctx, wanted))
    project.owner_id = project.owner_id or ctx.me.id
    _enter(ctx, project, "planning")
    await ctx.create(project)
    await _keep_leaders(ctx, project, creator=ctx.me.id)
    return project


async def update_project(ctx: Context, project: Entity, before: Entity) -> None:
    """Keep a project's flow, dates and leaders in order after an edit."""
    assert isinstance(project, Project)
    assert isinstance(before, Project)
    project.code = project.code or before.code
    if ctx.undoing:
        _measure(project)
    if (project.start_date, project.end_date) != (before.start_date, before.end_date):
        _check_dates(project)
    course = (project.category_id, project.current_phase_id)
    if course != (before.category_id, before.current_phase_id) and not ctx.undoing:
        if project.current_phase_id == before.current_phase_id:
            project.current_phase_id = None
        await _check_phase(ctx, project)
    if project.status != before.status and not ctx.undoing:
        if reason := rules.stage_move(before.status, project.status):
            raise Conflict(reason)
        _enter(ctx, project, before.status)
    leaders = (project.owner_id, project.project_manager_id)
    if leaders != (before.owner_id, before.project_manager_id):
        at = await standing(ctx, project.id)
        owns = at.everywhere or at.role == "owner" or before.owner_id in (None, ctx.me.id)
        if project.owner_id != before.owner_id and not owns:
            raise Denied("Only an owner of the project may give it to somebody else.")
        await _keep_leaders(ctx, project)


async def settle_projects(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only leaders change a project, and take its members along into the bin and out of it."""
    for change in changes:
        if change.before is None or moved_by_rule(change):
            continue
        project = await ctx.load(change.noun, change.record_id, anywhere=True, deleted="with")
        assert isinstance(project, Project)
        at = await standing(ctx, project.id)
        back = await _take_along(ctx, project, change) if "deleted_at" in change.before else []
        led = [one.user_id for one in back if one.role in LEADERS]
        if ctx.me.id not in (project.owner_id, project.project_manager_id, *led) or not ctx.me.id:
            require_lead(at, "change it")


async def _take_along(ctx: Context, project: Project, change: Change) -> list[ProjectMember]:
    """Bin the memberships with their project, or bring back those that went with it."""
    if project.deleted_at is not None:
        for member in await ctx.all(
            ProjectMember, anywhere=True, limit=MANY, project_id=project.id
        ):
            member.deleted_at, member.deleted_by = project.deleted_at, project.deleted_by
        return []
    when = (change.before or {})["deleted_at"]
    gone = {"deleted": "only", "deleted_at": when, "project_id": project.id}
    back = await ctx.all(ProjectMember, anywhere=True, limit=MANY, **gone)
    for member in back:
        member.deleted_at = member.deleted_by = None
    return back


async def _keep_leaders(ctx: Context, project: Project, creator: int | None = None) -> None:
    """Make sure that owner, manager and creator are members who may lead."""
    if project.owner_id:
        await ensure_member(ctx, project.id, project.owner_id, "owner")
    for person in (project.project_manager_id, creator):
        if person:
            await ensure_member(ctx, project.id, person, "admin")


def _check_dates(project: Project) -> None:
    if project.start_date and project.end_date and project.end_date < project.start_date:
        raise invalid("end_date", "must not be before the start date")


async def _check_phase(ctx: Context, project: Project) -> None:
    """Refuse a phase that is not of the project's category."""
    if project.current_phase_id is None:
        return
    phase = await ctx.get(ProjectPhase, project.current_phase_id, anywhere=True)
    if project.category_id is None:
        raise invalid("current_phase_id", "needs a category: choose the project's category first")
    if phase.category_id != project.category_id:
        raise invalid(
            "current_phase_id",
            f"must be a phase of the project's category; {phase.name} is of another one",
        )


def _enter(ctx: Context, project: Project, before: str) -> None:
    """Do what coming into a stage brings with it."""
    stage = project.status
    if stage == "active":
        project.actual_start = project.actual_start or ctx.today
    if stage == "completed":
        project.actual_end = project.actual_end or ctx.today
        project.progress = 1.0
    if before == "completed" and stage != "completed":
        project.actual_end = None
        _measure(project)


def _measure(project: Project) -> None:
    """Bring the progress up to date with the stage and with what is kept of the tasks."""
    units, count = project.progress_units, project.part_count
    project.progress = rules.project_progress(project.status, units, count)


def _going(stage: ProjectStatus) -> Callable[[Project], str | None]:
    """Return a check that a project may go to a stage now."""

    def allowed(project: Project) -> str | None:
        """Say why it may not."""
        if project.status == stage:
            return f"This project is {rules.spoken(stage)} already."
        return rules.stage_move(project.status, stage)

    return allowed


def _go(ctx: Context, project: Project, stage: ProjectStatus) -> Project:
    before = project.status
    project.status = stage
    _enter(ctx, project, before)
    return project


def _may_start(project: Project) -> str | None:
    if project.status in ("planning", "review"):
        return None
    if project.status == "on_hold":
        return "This project is on hold. Resume it."
    if project.status == "active":
        return "This project is active already."
    return f"This project is {rules.spoken(project.status)}. Reopen it first."


def _may_resume(project: Project) -> str | None:
    return None if project.status == "on_hold" else "Only a project on hold can be resumed."


def _may_reopen(project: Project) -> str | None:
    if project.status in rules.ENDED:
        return None
    return "Only a completed or cancelled project can be reopened."


@action(icon="player-play", grant="update", allowed=_may_start)
async def start(ctx: Context, project: Project) -> Project:
    """Begin the work: the project becomes active, from today if it never was."""
    ctx.emit(ProjectStarted(project_id=project.id), project)
    return _go(ctx, project, "active")


@action(icon="circle-check", grant="update", allowed=_going("completed"))
async def complete(ctx: Context, project: Project) -> Project:
    """Close the project as done today, with full progress; open tasks stay as they are."""
    left = project.task_count - project.done_count
    ctx.emit(ProjectCompleted(project_id=project.id, open_tasks=left), project)
    return _go(ctx, project, "completed")


@action(icon="player-pause", grant="update", allowed=_going("on_hold"))
async def hold(ctx: Context, project: Project) -> Project:
    """Let the project rest until it is resumed."""
    return _go(ctx, project, "on_hold")


@action(icon="player-play", grant="update", allowed=_may_resume)
async def resume(ctx: Context, project: Project) -> Project:
    """Go on with a project that was on hold."""
    ctx.emit(ProjectStarted(project_id=project.id), project)
    return _go(ctx, project, "active")


@action(icon="circle-x", danger=True, grant="update", allowed=_going("cancelled"))
async def cancel(ctx: Context, project: Project) -> Project:
    """Give the project up; its tasks stay as they are."""
    ctx.emit(ProjectCancelled(project_id=project.id), project)
    return _go(ctx, project, "cancelled")


@action(icon="rotate", grant="update", allowed=_may_reopen)
async def reopen(ctx: Context, project: Project) -> Project:
    """Make a project that is over active again; its progress is counted anew."""
    ctx.emit(ProjectReopened(project_id=project.id), project)
    return _go(ctx, project, "active")


def _may_advance(project: Project) -> str | None:
    if project.category_id is None:
        return "Give the project a category first; its phases come with it."
    if project.status in rules.ENDED:
        return f"This project is {rules.spoken(project.status)}. Reopen it first."
    return None


@action(label="Next phase", icon="player-skip-forward", grant="update", allowed=_may_advance)
async def advance_phase(ctx: Context, project: Project) -> Project:
    """Go on to the next phase of the category's course; from none, to the first."""
    course = await phases_of(ctx, project)
    if not course.steps:
        raise Conflict("The project's category has no phases yet. Add them to the category first.")
    if course.place == len(course.steps) - 1:
        last = course.steps[-1].name
        raise Conflict(f"{last} is the last phase. Complete the project when it is over.")
    ahead = course.steps[course.place + 1]
    project.current_phase_id = ahead.phase_id
    said = PhaseReached(
        project_id=project.id, phase_id=ahead.phase_id, is_milestone=ahead.is_milestone
    )
    ctx.emit(said, project)
    return project


async def settle_labels(ctx: Context, changes: Sequence[Change]) -> None:
    """Let only those who work in a project change its labels."""
    known: dict[int, Standing] = {}
    for change in changes:
        label = await ctx.load(change.noun, change.record_id, anywhere=True, deleted="with")
        project_id: int = label.project_id  # type: ignore[attr-defined]
        if project_id not in known:
            known[project_id] = await standing(ctx, project_id)
            require_work(known[project_id])

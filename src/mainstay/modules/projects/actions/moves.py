"""Projects that go on by themselves: because of what was reached in them, not by an edit."""

from mainstay.kernel.context import Context
from mainstay.kernel.log import Change
from mainstay.kernel.registry import event_name
from mainstay.modules.projects.actions.events import ProjectMoved
from mainstay.modules.projects.entities import Project
from mainstay.modules.projects.kinds import ProjectStatus

MOVED = frozenset({"status", "current_phase_id", "actual_start"})


def move_project(
    ctx: Context,
    project: Project,
    *,
    milestone_id: int,
    phase_id: int | None = None,
    status: ProjectStatus | None = None,
) -> None:
    """Bring a project into a phase, a status or both, because of one of its milestones.

    It belongs to the change set of what caused it, and needs no right to change the project.
    """
    project.current_phase_id = phase_id or project.current_phase_id
    project.status = status or project.status
    if status:
        project.actual_start = project.actual_start or ctx.today
    said = ProjectMoved(
        project_id=project.id,
        milestone_id=milestone_id,
        phase_id=project.current_phase_id,
        status=project.status,
    )
    ctx.emit(said, project)


def moved_by_rule(change: Change) -> bool:
    """Return whether a change of a project is the consequence of what was reached in it."""
    name = event_name(ProjectMoved)
    caused = any(said["name"] == name for said in change.events)
    return caused and MOVED.issuperset(change.after or ())

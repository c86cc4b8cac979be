"""What happens in projects that other rooms may react to."""

from mainstay.kernel.entity import Event


class ProjectStarted(Event, frozen=True):
    """Work on a project began or went on."""

    project_id: int


class ProjectCompleted(Event, frozen=True):
    """A project reached its aim."""

    project_id: int
    open_tasks: int


class ProjectCancelled(Event, frozen=True):
    """A project was given up."""

    project_id: int


class ProjectReopened(Event, frozen=True):
    """A project that was over goes on."""

    project_id: int


class ProjectMoved(Event, frozen=True):
    """A project is in another phase or status because of one of its milestones."""

    project_id: int
    milestone_id: int
    phase_id: int | None
    status: str


class PhaseReached(Event, frozen=True):
    """A project came into another phase of its category's course."""

    project_id: int
    phase_id: int
    is_milestone: bool


class MemberAdded(Event, frozen=True):
    """A person joined a project, or has a new role in it."""

    project_id: int
    user_id: int
    role: str


class MemberRemoved(Event, frozen=True):
    """A person left a project."""

    project_id: int
    user_id: int


class TaskAssigned(Event, frozen=True):
    """A task has a new person in the lead."""

    task_id: int
    project_id: int
    user_id: int


class TaskBlocked(Event, frozen=True):
    """A task cannot go on, for a reason."""

    task_id: int
    project_id: int
    reason: str


class TaskCompleted(Event, frozen=True):
    """A task is done; some of its subtasks may still be open."""

    task_id: int
    project_id: int
    open_subtasks: int


class TaskReopened(Event, frozen=True):
    """A task that was over goes on."""

    task_id: int
    project_id: int


class TaskStartedBlocked(Event, frozen=True):
    """A task was started while others that it waits for are still open."""

    task_id: int
    project_id: int
    blockers: int

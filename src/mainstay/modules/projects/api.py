"""The face of this room: its nouns and kinds, who may do what in a project, and its counts."""

from mainstay.modules.projects.actions.events import TaskAssigned, TaskCompleted, TaskReopened
from mainstay.modules.projects.actions.members import ensure_member
from mainstay.modules.projects.actions.moves import move_project
from mainstay.modules.projects.actions.projects import create_project
from mainstay.modules.projects.actions.steps import add_steps, count_steps
from mainstay.modules.projects.actions.tasks import counter
from mainstay.modules.projects.entities import (
    Label,
    Project,
    ProjectCategory,
    ProjectMember,
    ProjectPhase,
    ProjectSettings,
    Subtask,
    Task,
    TaskDependency,
)
from mainstay.modules.projects.questions import decoded, visible
from mainstay.modules.projects.rules import (
    CENT,
    DEEPEST,
    ENDED,
    OPEN,
    band,
    circle,
    hours_between,
    percent,
    spoken,
    stage_move,
    task_code,
)
from mainstay.modules.projects.scopes import (
    IN_PROJECTS,
    IN_TASKS,
    Standing,
    answer,
    last_place,
    members_among,
    own_projects,
    projects_of,
    require_lead,
    require_work,
    standing,
    standings,
    within,
)
from mainstay.modules.projects.totals.carry import Shift, take_shifts

__all__ = [
    "CENT",
    "DEEPEST",
    "ENDED",
    "IN_PROJECTS",
    "IN_TASKS",
    "OPEN",
    "Label",
    "Project",
    "ProjectCategory",
    "ProjectMember",
    "ProjectPhase",
    "ProjectSettings",
    "Shift",
    "Standing",
    "Subtask",
    "Task",
    "TaskAssigned",
    "TaskCompleted",
    "TaskDependency",
    "TaskReopened",
    "add_steps",
    "answer",
    "band",
    "circle",
    "count_steps",
    "counter",
    "create_project",
    "decoded",
    "ensure_member",
    "hours_between",
    "last_place",
    "members_among",
    "move_project",
    "own_projects",
    "percent",
    "projects_of",
    "require_lead",
    "require_work",
    "spoken",
    "stage_move",
    "standing",
    "standings",
    "take_shifts",
    "task_code",
    "visible",
    "within",
]

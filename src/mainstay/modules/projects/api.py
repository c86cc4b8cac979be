"""The face of this room: its nouns and kinds, who may do what in a project, and its counts."""

from mainstay.modules.projects.actions.events import TaskAssigned, TaskCompleted, TaskReopened
from mainstay.modules.projects.actions.members import ensure_member
from mainstay.modules.projects.actions.moves import move_project
from mainstay.modules.projects.actions.projects import create_project
from mainstay.modules.projects.actions.steps import add_steps, count_steps
from mainstay.modules.projects.actions.tasks import counter
from mainstay.modules.projects.actions.time import StartTimer, end_timer, run_timer
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
    TimeEntry,
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
    near,
    own_projects,
    projects_of,
    require_lead,
    require_work,
    standing,
    standings,
    within,
)
from mainstay.modules.projects.timing.rules import forgotten
from mainstay.modules.projects.timing.scopes import price_of, rate_on
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
    "StartTimer",
    "Subtask",
    "Task",
    "TaskAssigned",
    "TaskCompleted",
    "TaskDependency",
    "TaskReopened",
    "TimeEntry",
    "add_steps",
    "answer",
    "band",
    "circle",
    "count_steps",
    "counter",
    "create_project",
    "decoded",
    "end_timer",
    "ensure_member",
    "forgotten",
    "hours_between",
    "last_place",
    "members_among",
    "move_project",
    "near",
    "own_projects",
    "percent",
    "price_of",
    "projects_of",
    "rate_on",
    "require_lead",
    "require_work",
    "run_timer",
    "spoken",
    "stage_move",
    "standing",
    "standings",
    "take_shifts",
    "task_code",
    "visible",
    "within",
]

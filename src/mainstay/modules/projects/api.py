"""The face of this room: its nouns and kinds, who may do what in a project, and its counts."""

from mainstay.modules.projects.actions.members import ensure_member
from mainstay.modules.projects.entities import (
    Project,
    ProjectCategory,
    ProjectMember,
    ProjectPhase,
    ProjectSettings,
    Subtask,
    Task,
    TaskDependency,
)
from mainstay.modules.projects.rules import CENT, OPEN, band, hours_between, spoken
from mainstay.modules.projects.scopes import (
    IN_PROJECTS,
    IN_TASKS,
    Standing,
    count_steps,
    own_projects,
    projects_of,
    require_lead,
    require_work,
    standing,
    within,
)

__all__ = [
    "CENT",
    "IN_PROJECTS",
    "IN_TASKS",
    "OPEN",
    "Project",
    "ProjectCategory",
    "ProjectMember",
    "ProjectPhase",
    "ProjectSettings",
    "Standing",
    "Subtask",
    "Task",
    "TaskDependency",
    "band",
    "count_steps",
    "ensure_member",
    "hours_between",
    "own_projects",
    "projects_of",
    "require_lead",
    "require_work",
    "spoken",
    "standing",
    "within",
]

"""The face of this room: its nouns, and making a task from a template."""

from mainstay.modules.templates.actions.use import TemplateUsed, is_ready, make_task
from mainstay.modules.templates.entities import (
    ChecklistItem,
    MilestoneTemplate,
    ProjectTemplate,
    StepTemplate,
    TaskTemplate,
)

__all__ = [
    "ChecklistItem",
    "MilestoneTemplate",
    "ProjectTemplate",
    "StepTemplate",
    "TaskTemplate",
    "TemplateUsed",
    "is_ready",
    "make_task",
]

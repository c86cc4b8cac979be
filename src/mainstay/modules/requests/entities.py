"""Requests for tasks, and the decisions about them."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from mainstay.kernel.entity import Entity
from mainstay.kernel.fields import Choice, Flag, Links, Ref, Text
from mainstay.modules.projects.kinds import Due, Priority, ProjectId, UnitId


class TaskRequest(Entity, kw_only=True):
    """Somebody's wish that a task be done; approving it makes the task."""

    __index__: ClassVar = (
        ("status", "created_at"),
        ("created_by", "status"),
        ("project_id", "status"),
        ("task_id",),
    )

    title: Annotated[str, Text(255, least=1)]
    description: Annotated[str, Text(2000, lines=True)] = ""
    project_id: ProjectId
    template_id: (
        Annotated[
            int,
            Ref(
                target="templates.task_template",
                label="Template",
                help="What the task is made from, with its steps and checklists.",
            ),
        ]
        | None
    ) = None
    priority: Priority = "medium"
    due_date: Due | None = None
    entity_id: UnitId | None = None
    assignees: Annotated[
        list[int], Links(target="identity.user", help="Who shall do it, the lead first.")
    ] = []
    professions: Annotated[
        list[int], Links(target="identity.profession", help="Who could do it.")
    ] = []
    approval_required: Annotated[
        bool,
        Flag(
            label="Needs approval",
            help="Without it the task is made at once, by those who may make tasks there.",
        ),
    ] = True
    status: Annotated[
        Literal["pending", "approved", "rejected", "withdrawn"],
        Choice(
            colors=(
                ("pending", "azure"),
                ("approved", "green"),
                ("rejected", "red"),
                ("withdrawn", "secondary"),
            )
        ),
    ] = "pending"
    task_id: (
        Annotated[int, Ref(target="projects.task", help="The task that came of it.")] | None
    ) = None
    decided_by: Annotated[int, Ref(target="identity.user", label="Decided by")] | None = None
    decided_at: datetime | None = None
    reason: Annotated[str, Text(2000, lines=True, help="Why it was decided so.")] = ""

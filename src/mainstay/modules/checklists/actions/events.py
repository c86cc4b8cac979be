"""What happens while tasks are done that other rooms may react to."""

from mainstay.kernel.entity import Event


class StepCompleted(Event, frozen=True):
    """A step of a task is done."""

    step_id: int
    task_id: int


class ItemBlocked(Event, frozen=True):
    """An item of a checklist cannot go on, for a reason."""

    item_id: int
    checklist_id: int
    reason: str


class ItemRejected(Event, frozen=True):
    """An item was sent back by whoever looked at it, for a reason."""

    item_id: int
    checklist_id: int
    reason: str


class ChecklistCompleted(Event, frozen=True):
    """Every required item of a checklist is done."""

    checklist_id: int
    task_id: int
    items: int


class ChecklistReopened(Event, frozen=True):
    """A checklist that was completed has something to do again."""

    checklist_id: int
    task_id: int

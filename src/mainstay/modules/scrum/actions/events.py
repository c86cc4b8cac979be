"""What happens to sprints that other rooms may react to."""

from mainstay.kernel.entity import Event


class SprintStarted(Event, frozen=True):
    """A sprint began."""

    sprint_id: int
    project_id: int
    points: float


class SprintCompleted(Event, frozen=True):
    """A sprint is over; some of its work may have moved on."""

    sprint_id: int
    project_id: int
    points: float
    moved: int


class SprintCancelled(Event, frozen=True):
    """A sprint was given up; its work went back to the backlog."""

    sprint_id: int
    project_id: int
    moved: int

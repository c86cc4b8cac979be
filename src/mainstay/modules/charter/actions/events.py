"""What happens in this room that other rooms may react to."""

from mainstay.kernel.entity import Event


class GoalReached(Event, frozen=True):
    """A goal of a project was reached."""

    goal_id: int
    project_id: int
    open_tasks: int


class RiskOccurred(Event, frozen=True):
    """What a risk was about has happened."""

    risk_id: int
    project_id: int
    score: int


class DocumentRevised(Event, frozen=True):
    """A document has a newer version."""

    document_id: int
    project_id: int
    revision: str

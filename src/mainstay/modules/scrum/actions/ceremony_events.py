"""What happens in a sprint's meetings that other rooms may react to."""

from mainstay.kernel.entity import Event


class ImpedimentRaised(Event, frozen=True):
    """Something is in the way of a sprint."""

    impediment_id: int
    sprint_id: int
    severity: str
    owner_id: int | None


class ImpedimentStarted(Event, frozen=True):
    """Somebody is at taking it away."""

    impediment_id: int
    sprint_id: int
    owner_id: int | None


class ImpedimentResolved(Event, frozen=True):
    """It is no longer in the way."""

    impediment_id: int
    sprint_id: int
    resolution: str


class ImpedimentReopened(Event, frozen=True):
    """It is in the way again."""

    impediment_id: int
    sprint_id: int


class ImpedimentCancelled(Event, frozen=True):
    """It turned out to be none, or nobody minds any more."""

    impediment_id: int
    sprint_id: int


class ActionAgreed(Event, frozen=True):
    """A team decided in a retrospective to change something."""

    action_item_id: int
    retrospective_id: int
    owner_id: int | None


class ActionCompleted(Event, frozen=True):
    """What a team decided to change is changed."""

    action_item_id: int
    retrospective_id: int


class ActionBecameTask(Event, frozen=True):
    """What a team decided to change became a task."""

    action_item_id: int
    task_id: int

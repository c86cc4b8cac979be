"""What happens to milestones that other rooms may react to."""

from mainstay.kernel.entity import Event


class MilestoneStarted(Event, frozen=True):
    """Work towards a milestone began."""

    milestone_id: int
    project_id: int


class MilestoneSubmitted(Event, frozen=True):
    """A milestone waits for somebody's eyes on it."""

    milestone_id: int
    project_id: int


class MilestoneCompleted(Event, frozen=True):
    """A milestone was reached."""

    milestone_id: int
    project_id: int


class MilestoneCancelled(Event, frozen=True):
    """A milestone was given up."""

    milestone_id: int
    project_id: int


class MilestoneReopened(Event, frozen=True):
    """A milestone that was over is to be reached again."""

    milestone_id: int
    project_id: int


class ConditionCompleted(Event, frozen=True):
    """A condition of a milestone is met."""

    condition_id: int
    milestone_id: int


class ConditionFailed(Event, frozen=True):
    """A condition of a milestone was looked at and is not met."""

    condition_id: int
    milestone_id: int


class ConditionWaived(Event, frozen=True):
    """A milestone shall be reached without one of its conditions."""

    condition_id: int
    milestone_id: int


class ConditionReopened(Event, frozen=True):
    """A condition that was met or waived is open again."""

    condition_id: int
    milestone_id: int


class DeliverableSubmitted(Event, frozen=True):
    """A deliverable waits for its reviewer."""

    deliverable_id: int
    milestone_id: int
    reviewer_id: int


class DeliverableReviewed(Event, frozen=True):
    """A reviewer has said what they think of a deliverable."""

    deliverable_id: int
    milestone_id: int
    review_status: str


class MetricMeasured(Event, frozen=True):
    """A success metric has a new value."""

    metric_id: int
    milestone_id: int
    status: str


class ApprovalRequested(Event, frozen=True):
    """A person is asked to agree to a milestone."""

    approval_id: int
    milestone_id: int
    approver_id: int


class ApprovalAnswered(Event, frozen=True):
    """The person who was asked to agree to a milestone has answered."""

    approval_id: int
    milestone_id: int
    approver_id: int
    status: str


class ApprovalExpired(Event, frozen=True):
    """Nobody answered a request for approval in time."""

    approval_id: int
    milestone_id: int
    approver_id: int


class CommunicationSent(Event, frozen=True):
    """A word about a milestone went out to those it concerns."""

    communication_id: int
    milestone_id: int
    recipients: list[int]

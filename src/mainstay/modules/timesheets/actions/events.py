"""What happens to weeks."""

from mainstay.kernel.entity import Event


class WeekSubmitted(Event, frozen=True):
    """A week was handed in."""

    timesheet_id: int
    user_id: int


class WeekWithdrawn(Event, frozen=True):
    """A week that was handed in was taken back by its owner."""

    timesheet_id: int
    user_id: int


class WeekApproved(Event, frozen=True):
    """A week was approved, and is locked."""

    timesheet_id: int
    user_id: int


class WeekRejected(Event, frozen=True):
    """A week was sent back, with a reason."""

    timesheet_id: int
    user_id: int
    reason: str


class WeekReopened(Event, frozen=True):
    """An approved week was opened again."""

    timesheet_id: int
    user_id: int

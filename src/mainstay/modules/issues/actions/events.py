"""What happens to issues that other rooms may react to."""

from mainstay.kernel.entity import Event


class IssueAssigned(Event, frozen=True):
    """Somebody is to deal with an issue."""

    issue_id: int
    project_id: int
    user_id: int


class IssueTriaged(Event, frozen=True):
    """Somebody looked at a new issue and decided what becomes of it."""

    issue_id: int
    project_id: int
    decision: str


class IssueResolved(Event, frozen=True):
    """An issue is settled, and how."""

    issue_id: int
    project_id: int
    resolution: str


class IssueClosed(Event, frozen=True):
    """A settled issue was accepted as such."""

    issue_id: int
    project_id: int


class IssueReopened(Event, frozen=True):
    """An issue that was over is not."""

    issue_id: int
    project_id: int

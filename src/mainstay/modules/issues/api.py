"""The face of this room: its nouns, how issues are made, and how urgent they are."""

from mainstay.modules.issues.actions.events import (
    IssueAssigned,
    IssueClosed,
    IssueReopened,
    IssueResolved,
    IssueTriaged,
)
from mainstay.modules.issues.actions.issues import create_issue, score_of
from mainstay.modules.issues.entities import (
    Issue,
    IssueForm,
    IssueLink,
    IssueTicket,
    LogEntry,
    SlaPolicy,
    TestCase,
    Workaround,
)
from mainstay.modules.issues.rules import ENDED, LIVE, issue_move, parse_log

__all__ = [
    "ENDED",
    "LIVE",
    "Issue",
    "IssueAssigned",
    "IssueClosed",
    "IssueForm",
    "IssueLink",
    "IssueReopened",
    "IssueResolved",
    "IssueTicket",
    "IssueTriaged",
    "LogEntry",
    "SlaPolicy",
    "TestCase",
    "Workaround",
    "create_issue",
    "issue_move",
    "parse_log",
    "score_of",
]

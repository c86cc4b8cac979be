"""The face of this room: milestones and what decides about them, and how they stand."""

from mainstay.modules.milestones.actions.events import (
    ApprovalAnswered,
    ApprovalExpired,
    ApprovalRequested,
    CommunicationSent,
    ConditionCompleted,
    ConditionFailed,
    ConditionReopened,
    ConditionWaived,
    DeliverableReviewed,
    DeliverableSubmitted,
    MetricMeasured,
    MilestoneCancelled,
    MilestoneCompleted,
    MilestoneReopened,
    MilestoneStarted,
    MilestoneSubmitted,
)
from mainstay.modules.milestones.actions.missing import Lack, missing
from mainstay.modules.milestones.entities import (
    Deliverable,
    Milestone,
    MilestoneApproval,
    MilestoneCommunication,
    MilestoneCondition,
    MilestoneDependency,
    SuccessMetric,
)
from mainstay.modules.milestones.questions import MilestoneOverview, overviews
from mainstay.modules.milestones.rules import ENDED, OPEN
from mainstay.modules.milestones.scopes import refresh

__all__ = [
    "ENDED",
    "OPEN",
    "ApprovalAnswered",
    "ApprovalExpired",
    "ApprovalRequested",
    "CommunicationSent",
    "ConditionCompleted",
    "ConditionFailed",
    "ConditionReopened",
    "ConditionWaived",
    "Deliverable",
    "DeliverableReviewed",
    "DeliverableSubmitted",
    "Lack",
    "MetricMeasured",
    "Milestone",
    "MilestoneApproval",
    "MilestoneCancelled",
    "MilestoneCommunication",
    "MilestoneCompleted",
    "MilestoneCondition",
    "MilestoneDependency",
    "MilestoneOverview",
    "MilestoneReopened",
    "MilestoneStarted",
    "MilestoneSubmitted",
    "SuccessMetric",
    "missing",
    "overviews",
    "refresh",
]

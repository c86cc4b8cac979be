"""The face of this room: its nouns, and how risks are scored."""

from mainstay.modules.charter.entities import (
    DocumentVersion,
    Goal,
    ProjectDocument,
    ProjectRisk,
    ServiceProvided,
)
from mainstay.modules.charter.rules import LIVE_RISKS, risk_band, score

__all__ = [
    "LIVE_RISKS",
    "DocumentVersion",
    "Goal",
    "ProjectDocument",
    "ProjectRisk",
    "ServiceProvided",
    "risk_band",
    "score",
]

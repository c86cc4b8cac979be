"""The face of this room: its words, and what stands for anything."""

from mainstay.modules.reference.entities import Frequency, Placement, Term, Tool
from mainstay.modules.reference.seed import ACTIONS, OBJECTS

ANY_ACTION, ANY_OBJECT = ACTIONS[0], OBJECTS[0]

__all__ = ["ANY_ACTION", "ANY_OBJECT", "Frequency", "Placement", "Term", "Tool"]

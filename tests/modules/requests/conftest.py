"""The bench of checklists serves requests too: a crowd around a project, with short words."""

from tests.harness.crowd import crowd
from tests.modules.checklists.conftest import Bench, bench

__all__ = ["Bench", "bench", "crowd"]

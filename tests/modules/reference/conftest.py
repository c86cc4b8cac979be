"""The same workspace and short words as for templates, which these words are made for."""

from tests.modules.templates.conftest import shop

__all__ = ["shop"]

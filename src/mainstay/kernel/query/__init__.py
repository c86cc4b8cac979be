"""The read path: a request's shape is compiled once, its values are bound each time."""

from mainstay.kernel.query.ask import Ask, parse
from mainstay.kernel.query.read import Page, Reader

__all__ = ["Ask", "Page", "Reader", "parse"]

"""The read path: a request's shape is compiled once, its values are bound each time."""

from mainstay.kernel.query.ask import Ask, parse, parse_summary
from mainstay.kernel.query.read import Page, Reader
from mainstay.kernel.query.summary import Summary

__all__ = ["Ask", "Page", "Reader", "Summary", "parse", "parse_summary"]

"""Verbs of this room: on people, on what gives access, and on teams."""

from mainstay.modules.identity.actions import access, people, teams

__all__ = ["access", "people", "teams"]

"""A workspace whose tasks have one field of every kind."""

from typing import Any

import pytest

from mainstay.facets.custom_fields.entities import CustomField
from mainstay.kernel import perform
from mainstay.kernel.entity import Entity
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from mainstay.modules.projects.entities import Project

FIELDS: list[dict[str, Any]] = [
    {
        "label": "Severity",
        "kind": "choice",
        "options": [
            {"value": "Minor"},
            {"value": "Major", "color": "orange"},
            {"value": "Critical", "color": "red"},
        ],
    },
    {"label": "Score", "kind": "number"},
    {"label": "Cost", "kind": "money", "currency": "EUR"},
    {"label": "Go live", "kind": "date"},
    {
        "label": "Areas",
        "kind": "multi_choice",
        "options": [{"value": "UI"}, {"value": "API"}, {"value": "R&D"}],
    },
    {"label": "Tester", "kind": "person"},
    {"label": "Sister", "kind": "reference", "refers_to": "projects.project"},
    {"label": "Seen", "kind": "checkbox"},
    {"label": "Ticket", "kind": "url"},
    {"label": "Note", "kind": "text"},
    {"label": "Story", "kind": "long_text"},
]


async def make(ws: Workspace, which: Any, me: Me = SYSTEM, **data: Any) -> Any:
    """Create a record through the one write path."""
    noun = ws.registry.noun(which)
    return await ws.run(me, lambda ctx: perform.create(ctx, noun, data))


async def change(ws: Workspace, record: Entity, me: Me = SYSTEM, **data: Any) -> Any:
    """Change a record through the one write path."""
    noun = ws.registry.noun(type(record))
    return await ws.run(me, lambda ctx: perform.update(ctx, noun, record.id, data))


async def drop(ws: Workspace, record: Entity) -> Any:
    """Put a record into the bin."""
    noun = ws.registry.noun(type(record))
    return await ws.run(SYSTEM, lambda ctx: perform.delete(ctx, noun, record.id))


@pytest.fixture
async def fields(workspace: Workspace) -> dict[str, CustomField]:
    """One field of every kind, for all tasks."""
    found = [await make(workspace, CustomField, entity="projects.task", **one) for one in FIELDS]
    return {one.name: one for one in found}


@pytest.fixture
async def project(workspace: Workspace) -> Any:
    """A project for the tasks."""
    return await make(workspace, Project, name="Quay")

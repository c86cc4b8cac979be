"""The card of the room: its resources, and what its roles may do."""

from mainstay.facets.roles import READING, WORKING
from mainstay.kernel.module import Menu, Module, Resource
from mainstay.modules.reference.entities import (
    Frequency,
    Placement,
    Profession,
    Term,
    Tool,
    Unit,
    UserProfession,
)

UNITS = Resource(
    Unit,
    "units",
    write=("name", "description", "parent_id"),
    columns=("name", "parent_id"),
    brief=("name",),
    search=("name", "description"),
)

PROFESSIONS = Resource(
    Profession,
    "professions",
    write=("name", "department", "description"),
    columns=("name", "department"),
    brief=("name",),
    search=("name", "description"),
)

USER_PROFESSIONS = Resource(
    UserProfession,
    "user_professions",
    write=("user_id", "profession_id", "priority"),
    columns=("user_id", "profession_id", "priority"),
    brief=("user_id", "profession_id"),
)

TERMS = Resource(
    Term,
    "terms",
    write=("kind", "name", "description"),
    columns=("kind", "name"),
    brief=("name",),
    search=("name", "description"),
)

TOOLS = Resource(
    Tool,
    "tools",
    write=("name", "link", "description", "icon"),
    columns=("name", "link", "icon"),
    brief=("name",),
    search=("name", "description"),
)

PLACEMENTS = Resource(
    Placement,
    "placements",
    write=("name", "tool_id", "link", "type"),
    columns=("name", "tool_id", "link", "type"),
    brief=("name",),
    search=("name",),
)

FREQUENCY = Resource(
    Frequency,
    "frequencies",
    write=("name", "days_num", "is_active"),
    columns=("name", "days_num", "is_active"),
    brief=("name",),
    search=("name",),
)

MODULE = Module(
    "reference",
    "The words a company plans with: units, professions, terms, tools, placements, frequencies.",
    depends=("identity",),
    resources=(UNITS, PROFESSIONS, USER_PROFESSIONS, TERMS, TOOLS, PLACEMENTS, FREQUENCY),
    menu=Menu(
        "Reference",
        "book-2",
        ("reference.unit", "reference.profession", "reference.user_profession"),
        order=60,
    ),
    roles={
        "manager": ("reference.*",),
        "lead": ("reference.*",),
        **dict.fromkeys((*WORKING, *READING), ("reference.*.read",)),
    },
)

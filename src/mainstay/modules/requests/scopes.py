"""Who sees which requests: those who made them, and everybody in the project they are for."""

from typing import Any

import sqlalchemy as sa

from mainstay.kernel.scope import Scope, Scoping
from mainstay.modules.projects.api import own_projects


def _own(s: Scoping) -> sa.ColumnElement[Any]:
    c = s.table.c
    return sa.or_(c.created_by == s.me, c.project_id.in_(own_projects(s)))


OWN_REQUESTS = Scope(_own, "You made the request, or you are a member of its project.")

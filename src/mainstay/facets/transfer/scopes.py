"""Who sees which imports."""

import sqlalchemy as sa

from mainstay.kernel.scope import Scope, Scoping


def _own(scope: Scoping) -> sa.ColumnElement[bool]:
    return scope.table.c.created_by == scope.me


OWN = Scope(_own, "People see the imports they started themselves.")

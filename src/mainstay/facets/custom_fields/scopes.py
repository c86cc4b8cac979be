"""Who may see the definition of a custom field: whoever may read what it belongs to."""

import sqlalchemy as sa

from mainstay.kernel.scope import Scope, Scoping


def _of_readable(s: Scoping) -> sa.ColumnElement[bool]:
    readable = (key for key in s.tables if s.may(f"{key}.read"))
    return sa.or_(sa.false(), *(s.table.c.entity == key for key in readable))


OF_READABLE = Scope(_of_readable, "You may read the records that have the field.", named=True)

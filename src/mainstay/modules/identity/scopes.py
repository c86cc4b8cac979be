"""Whose records of this room somebody may see, as conditions in SQL."""

from typing import Any

import sqlalchemy as sa

from mainstay.kernel.scope import Scope, Scoping


def _close(scoping: Scoping) -> sa.ColumnElement[bool]:
    member = scoping.tables["identity.team_member"]
    mine, theirs = member.alias("tm_mine"), member.alias("tm_theirs")
    joined = theirs.join(mine, mine.c.team_id == theirs.c.team_id)
    live = mine.c.deleted_at.is_(None), theirs.c.deleted_at.is_(None)
    here = mine.c.status != "inactive", theirs.c.status != "inactive"
    mates = sa.select(theirs.c.user_id).select_from(joined)
    mates = mates.where(mine.c.user_id == scoping.me, *live, *here)
    return sa.or_(scoping.table.c.id == scoping.me, scoping.table.c.id.in_(mates))


def _own(scoping: Scoping) -> sa.ColumnElement[bool]:
    column: sa.Column[Any] = scoping.table.c.user_id
    return column == scoping.me


def _nobody(scoping: Scoping) -> sa.ColumnElement[bool]:
    return scoping.table.c.id < 0


PEOPLE = Scope(_close, "Oneself and the people of one's own teams.")
OWN = Scope(_own, "One's own.")
HIDDEN = Scope(_nobody, "Administrators only.")

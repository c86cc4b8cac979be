"""What people decide before a file is moved in: who is who, and what its words mean here."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from mainstay.kernel.problems import Invalid
from mainstay.modules.importers import crosswalk
from mainstay.modules.importers.model import SeenField, Survey

MOST_NEW_FIELDS = 12
MOST_OPTIONS = 40
# Of more people than this only those who work get an account of their own accord.
FEW_PEOPLE = 100
Fate = Literal["field", "text", "left"]


class Choices(Struct, kw_only=True, forbid_unknown_fields=True):
    """How a file is moved in. What is not said is suggested.

    `people` says of each person of the file which id they have here, or `new`, or `nobody`;
    `statuses`, `types` and `priorities` what each word of the file means here; `fields` whether a
    field that only the other program has becomes a field here, a line of the description, or is
    left out.
    """

    project_id: int | None = None
    people: dict[str, str] = {}
    statuses: dict[str, str] = {}
    types: dict[str, str] = {}
    priorities: dict[str, str] = {}
    fields: dict[str, str] = {}
    bugs_as_issues: bool = False
    archived: Literal["cancelled", "as_it_is", "left"] = "cancelled"
    invite: bool = False
    overwrite: bool = False


def suggested(
    survey: Survey,
    matches: Mapping[str, str],
    before: Choices | None = None,
    *,
    own_fields: Mapping[str, str] | None = None,
    may_define: bool = False,
    may_create: bool = False,
) -> Choices:
    """Return what fits the file: as it was decided before, else as its words suggest.

    `matches` says who people of the file are here, `own_fields` which fields there are already.
    """
    past = before or Choices()
    found = Choices(
        project_id=past.project_id if before and len(survey.projects) == 1 else None,
        bugs_as_issues=past.bugs_as_issues,
        archived=past.archived,
    )
    few = len(survey.people) <= FEW_PEOPLE
    for one in survey.people:
        worth = may_create and (one.works or few or "@" in one.email)
        found.people[one.key] = matches.get(one.key) or ("new" if worth else "nobody")
    for seen in survey.statuses:
        known = past.statuses.get(seen.name)
        found.statuses[seen.name] = known or crosswalk.status_of(seen.name, seen.stage)
    for seen in survey.types:
        found.types[seen.name] = past.types.get(seen.name) or crosswalk.type_of(seen.name)
    for seen in survey.priorities:
        known = past.priorities.get(seen.name)
        found.priorities[seen.name] = known or crosswalk.priority_of(seen.name)
    room = MOST_NEW_FIELDS
    for field in survey.fields:
        fate = past.fields.get(field.name)
        there = field.name.casefold() in (own_fields or {})
        if fate is None:
            worth = may_define and room > 0 and worth_a_field(field, survey.total)
            fate = "field" if there or worth else "text"
            room -= fate == "field" and not there
        found.fields[field.name] = fate
    return found


def worth_a_field(field: SeenField, total: int) -> bool:
    """Return whether a field is used so much, and so regularly, that it is worth one here."""
    often = field.count >= max(3, total // 10)
    if field.kind == "choice":
        return often and len(field.values) <= MOST_OPTIONS and len(field.values) * 2 <= field.count
    return often and field.kind in ("number", "date", "url", "checkbox")


def checked(choices: Choices, survey: Survey) -> Choices:
    """Refuse words that mean nothing here, naming them."""
    for name, said, known in (
        ("statuses", choices.statuses, crosswalk.STATUSES),
        ("types", choices.types, crosswalk.TYPES),
        ("priorities", choices.priorities, crosswalk.PRIORITIES),
        ("fields", choices.fields, ("field", "text", "left")),
    ):
        for word, value in said.items():
            if value not in known:
                raise Invalid(
                    f"{name}: {word!r} cannot become {value!r}; known are {', '.join(known)}."
                )
    there = {one.key for one in survey.people}
    for key, value in choices.people.items():
        if value not in ("new", "nobody") and not (value.isdecimal() and len(value) < 16):
            raise Invalid(f"people: {key!r} must be an id, new or nobody, not {value!r}.")
        if key not in there:
            raise Invalid(f"people: the file names nobody {key!r}.")
    return choices


def merged(said: Choices, usual: Choices) -> Choices:
    """Return what was said, completed with what is suggested."""
    for name in ("people", "statuses", "types", "priorities", "fields"):
        setattr(said, name, {**getattr(usual, name), **getattr(said, name)})
    return said

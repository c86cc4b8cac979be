"""Every verb and question that takes a text: what no database can keep is refused by its field."""

import types
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import pytest

from mainstay.app import registry
from mainstay.kernel.perform import decoded
from mainstay.kernel.problems import Invalid

HOUSE = registry()
NUL = "a\x00b"
TAKEN = {
    **{
        f"{noun.key}.{action.name}": action.data
        for noun in HOUSE.nouns.values()
        for action in noun.resource.actions
        if action.data is not None
    },
    **{key: what.ask for key, (_, what) in HOUSE.questions.items() if what.ask is not None},
}


def with_text(kind: Any) -> Any:
    """Return a value of a type with a NUL in each of its texts; None where it has none."""
    if kind is str or kind is Any:
        return NUL
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        parts = {one.name: with_text(one.type) for one in msgspec.structs.fields(kind)}
        return {name: value for name, value in parts.items() if value is not None} or None
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return with_text(parts[0])
    if origin in (Union, types.UnionType):
        return next((value for part in parts if (value := with_text(part)) is not None), None)
    if origin is dict:
        value = with_text(parts[1])
        return {"key": value} if value is not None else {NUL: 1}
    found = [value for part in parts if part is not ... and (value := with_text(part)) is not None]
    return found if origin in (list, tuple, set) and found else None


def test_every_verb_and_question_names_the_field_of_a_text_that_cannot_be_kept() -> None:
    checked = 0
    for key, kind in TAKEN.items():
        for part in msgspec.structs.fields(kind):
            value = with_text(part.type)
            if value is None:
                continue
            checked += 1
            with pytest.raises(Invalid, match="must not contain the NUL character") as refused:
                decoded(kind, {part.name: value})
            for error in refused.value.errors:
                assert error.field.startswith(part.name), key
    assert checked > 60


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"rows": [{"title": "ok"}, {"title": NUL}]}, "data.rows[1].title"),
        ({"names": {NUL: 1}}, "data.names"),
        ([["x", "half \ud800"]], "data[0][1]"),
    ],
)
def test_the_place_within_a_document_is_named(value: Any, where: str) -> None:
    class Given(msgspec.Struct):
        data: Any

    with pytest.raises(Invalid) as refused:
        decoded(Given, {"data": value})
    assert [one.field for one in refused.value.errors] == [where]

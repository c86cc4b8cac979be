"""Pure rules of custom fields: names from labels, options as lines, kinds of values."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from mainstay.kernel.fields import (
    Choice,
    Choices,
    Day,
    Dec,
    Flag,
    Given,
    Kind,
    Real,
    Ref,
    Text,
)

MOST_FIELDS = 100
MOST_OPTIONS = 200
LARGEST = 1e15
LONGEST = 60
TONES = ("grey", "blue", "teal", "green", "yellow", "orange", "red", "purple")
CHOOSING = ("choice", "multi_choice")
PERSON = "identity.user"


def name_from(label: str) -> str:
    """Return a short name made from a label: Root cause (5 whys) becomes root_cause_5_whys."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    name = "_".join(words)[:40].strip("_")
    return name if name[:1].isalpha() else f"field_{name}".strip("_")[:40]


def read_options(text: str) -> list[dict[str, Any]]:
    """Read values that are written one a line, `High | red`."""
    found = []
    for line in text.splitlines():
        value, _, color = (part.strip() for part in line.partition("|"))
        if color and color.lower() not in TONES:
            raise ValueError(f"has no colour {color}; known are {', '.join(TONES)}")
        if wrong := next((mark for mark in ',<>"' if mark in value), ""):
            raise ValueError(f"may not have {wrong} in {value}")
        if len(value) > LONGEST:
            raise ValueError(f"may have {LONGEST} characters a line: {value[:20]}… has more")
        if value:
            found.append({"value": value, "color": color.lower()} if color else {"value": value})
    return found


def options_text(options: Iterable[Any]) -> str:
    """Write the values that are still offered one a line."""
    lines = []
    for one in options:
        known = one if isinstance(one, dict) else {"value": one.value, "color": one.color}
        retired = one.get("retired") if isinstance(one, dict) else one.retired
        if not retired:
            color = known.get("color")
            lines.append(f"{known['value']} | {color}" if color else known["value"])
    return "\n".join(lines)


def kind_of(
    kind: str,
    *,
    label: str = "",
    help_text: str = "",
    values: Iterable[tuple[str, str]] = (),
    refers_to: str = "",
    currency: str = "",
) -> Kind:
    """Return the kind of value that a definition asks for, with the words people read."""
    said: dict[str, Any] = {"label": Given(label), "help": Given(help_text)}
    known = list(values)
    chosen: dict[str, Any] = {
        "given": True,
        "values": tuple(value for value, _ in known),
        "colors": tuple((value, color) for value, color in known if color),
    }
    most = Decimal(10) ** 13 - Decimal("0.01")
    kinds: dict[str, Kind] = {
        "text": Text(1000, **said),
        "long_text": Text(20_000, lines=True, **said),
        "number": Real(least=-LARGEST, most=LARGEST, **said),
        "money": Dec(15, 2, least=-most, currency=currency, **said),
        "date": Day(**said),
        "choice": Choice(ordered=True, **chosen, **said),
        "multi_choice": Choices(**chosen, **said),
        "person": Ref(target=PERSON, **said),
        "reference": Ref(target=refers_to, **said),
        "checkbox": Flag(**said),
        "url": Text(2000, web=True, **said),
    }
    return kinds[kind]

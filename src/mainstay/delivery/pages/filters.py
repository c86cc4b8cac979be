"""The filter as a tree of conditions: read from an address, changed in one place, written back."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from mainstay.delivery.words import gettext as _
from mainstay.kernel.problems import Malformed
from mainstay.kernel.query.ask import RESERVED

Pairs = list[tuple[str, str]]
OWN = ("limit", "cursor", "count")
# What an address says of the view, beside the query that the API knows too.
OPTIONS = (
    "view",
    "v",
    "columns",
    "widths",
    "group_by",
    "column_by",
    "lane_by",
    "folded",
    "cell",
    "starts_on",
    "ends_on",
    "at",
    "zoom",
    "chart_by",
    "chart_over",
    "measure",
    "chart_as",
    "density",
    "totals",
    "folded",
    "open",
    "critical",
    "baseline",
)
STEP = re.compile(r"([+ -])([0-9]{1,5})d")
NEW = "new"


@dataclass(frozen=True)
class Part:
    """One condition: `status__in` and `todo,review`.

    The last and the next days are one condition to people, though two in the query:
    `due_date__next` and `7` stand for `due_date__gte=today` and `due_date__lte=+7d`.
    """

    name: str
    value: str

    @property
    def path(self) -> str:
        """Return the field, perhaps of a record that this one refers to."""
        return self.name.partition("__")[0]

    @property
    def op(self) -> str:
        """Return the operator, as the query writes it."""
        return self.name.partition("__")[2]

    @property
    def pairs(self) -> Pairs:
        """Return the condition as the query says it."""
        if self.op == "next":
            return [(f"{self.path}__gte", "today"), (f"{self.path}__lte", f"+{self.value}d")]
        if self.op == "past":
            return [(f"{self.path}__gte", f"-{self.value}d"), (f"{self.path}__lte", "today")]
        return [(self.name, self.value)]


Alternatives = list[list[Part]]
Tree = list[Part | Alternatives]


def is_condition(name: str) -> bool:
    """Return whether a name of an address is a condition."""
    return name in ("any", "is") or name not in (*RESERVED, *OPTIONS)


def conditions(pairs: Pairs) -> Pairs:
    """Return the pairs that are conditions."""
    return [pair for pair in pairs if is_condition(pair[0])]


def written(pairs: Pairs) -> str:
    """Write a query as a person may copy it: nothing is escaped that need not be."""
    return urlencode(pairs, quote_via=quote, safe=",|;:@")


def tree_of(pairs: Pairs) -> Tree:
    """Read the conditions of an address."""
    tree: Tree = []
    for name, value in conditions(pairs):
        if name == "any":
            split = [_conditions(text) for text in _split(value, "|")]
            tree.append([part for part in split if part])
        elif name == "is":
            tree += [Part("is", one) for one in value.split(",") if one]
        else:
            tree.append(Part(name, value))
    return _folded(tree)


def _conditions(text: str) -> list[Part]:
    found: Tree = []
    for one in _split(text, ";"):
        name, _equals, value = one.partition("=")
        if name.strip():
            found.append(Part(name.strip(), re.sub(r"\\([|;\\])", r"\1", value)))
    return [part for part in _folded(found) if isinstance(part, Part)]


def _folded(tree: Tree) -> Tree:
    """Join the two conditions that say the last or the next days."""
    found: Tree = []
    for part in tree:
        last = found[-1] if found else None
        joined = _span(last, part) if isinstance(last, Part) and isinstance(part, Part) else None
        if joined:
            found[-1] = joined
        else:
            found.append(part)
    return found


def _span(first: Part, second: Part) -> Part | None:
    if (first.path, first.op, second.op) != (second.path, "gte", "lte"):
        return None
    start, end = STEP.fullmatch(first.value), STEP.fullmatch(second.value)
    if first.value == "today" and end and end[1] != "-":
        return Part(f"{first.path}__next", end[2])
    if second.value == "today" and start and start[1] == "-":
        return Part(f"{first.path}__past", start[2])
    return None


def pairs_from(tree: Tree) -> Pairs:
    """Write the conditions back as an address says them; a group of one is none."""
    pairs: Pairs = []
    for part in tree:
        if isinstance(part, Part):
            pairs += part.pairs
            continue
        kept = [alternative for alternative in part if alternative]
        if len(kept) == 1:
            pairs += [pair for one in kept[0] for pair in one.pairs]
        elif kept:
            pairs.append(("any", "|".join(_joined(one) for one in kept)))
    return list(dict.fromkeys(pairs))


def _joined(parts: list[Part]) -> str:
    pairs = [pair for part in parts for pair in part.pairs]
    return ";".join(f"{name}={_escaped(value)}" for name, value in pairs)


def _escaped(value: str) -> str:
    return re.sub(r"([|;\\])", r"\\\1", value)


def _split(text: str, mark: str) -> list[str]:
    """Split at a mark that has no backslash before it; the backslashes stay."""
    parts, escaped = [""], False
    for letter in text:
        if letter == mark and not escaped:
            parts.append("")
        else:
            parts[-1] += letter
        escaped = letter == "\\" and not escaped
    return parts


def at(tree: Tree, place: str) -> Part | None:
    """Return the condition at a place: `1`, or `2.0.1` within a group; None where one is new."""
    try:
        first, *rest = [int(step) for step in place.split(".")]
        found: Any = tree[first]
        for step in rest:
            found = found[step]
    except (ValueError, IndexError, TypeError):
        return None
    return found if isinstance(found, Part) else None


def put(tree: Tree, place: str, part: Part) -> None:
    """Put a condition at a place.

    `new` adds one, `2.new` another alternative of a group, `2.0.new` a condition to one of its
    alternatives, and `1.or` makes a group of the first condition and this one.
    """
    *way, last = place.split(".")
    if not way:
        if last == NEW:
            tree.append(part)
        else:
            tree[_step(tree, last)] = part
        return
    first = _step(tree, way[0])
    there = tree[first]
    if isinstance(there, Part):
        tree[first] = [[there], [part]]
    elif len(way) == 1:
        there.append([part])
    elif last == NEW:
        there[_step(there, way[1])].append(part)
    else:
        alternative = there[_step(there, way[1])]
        alternative[_step(alternative, last)] = part


def drop(tree: Tree, place: str) -> None:
    """Take the condition at a place away, or a whole group."""
    here: Any = tree
    *way, last = place.split(".")
    for step in way:
        here = here[_step(here, step)]
    del here[_step(here, last)]


def _step(within: Any, text: str) -> int:
    if not isinstance(within, list) or not text.isdecimal() or int(text) >= len(within):
        raise Malformed(_("The filter was changed meanwhile. Try again."))
    return int(text)


def changed(pairs: Pairs, tree: Tree) -> Pairs:
    """Return an address with other conditions, from its first page on."""
    rest = [p for p in pairs if p[0] not in OWN and not is_condition(p[0])]
    return [*rest, *pairs_from(tree)]

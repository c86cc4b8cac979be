"""What all of Jira's exports share: links, sprints, fields that stand for something here."""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, cast

from mainstay.modules.importers.markup import clean, from_adf
from mainstay.modules.importers.model import (
    Extra,
    Item,
    Left,
    Link,
    LinkKind,
    Person,
    Sprint,
    SprintState,
    Stage,
)
from mainstay.modules.importers.values import Days, number_of, shortened, texts

POINTS = frozenset(
    (
        "storypoints",
        "storypointestimate",
        "storypointsestimate",
        "estimatedstorypoints",
        "sp",
        "estimatepoints",
    )
)
EPIC_LINK = frozenset(("epiclink", "epoclink", "epicverknüpfung", "lienépic"))
SPRINT = frozenset(("sprint", "sprints"))
RANK = frozenset(("rank", "rang", "globalrank"))
START = frozenset(("startdate", "startdatum", "targetstart", "plannedstart", "datededébut"))
FLAGGED = frozenset(("flagged", "impediment"))
# What says nothing once the issue is here.
IDLE = frozenset(
    (
        "development",
        "developmentsummary",
        "[chart]dateoffirstresponse",
        "[chart]timeinstatus",
        "issuecolor",
        "epiccolor",
        "epiccolour",
        "epicstatus",
        "epicname",
        "rankobsolete",
        "statuscategory",
        "workratio",
        "lastviewed",
        "timeinstatus",
        "openforms",
        "totalforms",
        "submittedforms",
        "lockedforms",
        "vulnerability",
        "requestlanguage",
        "parentlink",
    )
)
KINDS: tuple[tuple[LinkKind, tuple[str, ...]], ...] = (
    ("duplicates", ("duplic", "dupliziert", "doublon")),
    ("clones", ("clone", "kloner", "klont", "split")),
    ("causes", ("cause", "caused", "regression", "problem/incident")),
    ("blocks", ("block", "depend", "gantt", "requir", "prerequisite", "precede", "rely")),
)
STATES: dict[str, SprintState] = {"closed": "closed", "active": "active", "future": "future"}
STAGES: dict[str, Stage] = {
    "new": "todo",
    "undefined": "",
    "indeterminate": "doing",
    "done": "done",
    "to do": "todo",
    "todo": "todo",
    "in progress": "doing",
    "complete": "done",
}
SERIAL = re.compile(r"service\.sprint\.Sprint@[0-9a-f]+\[(.*)\]\s*$", re.DOTALL)
PAIR = re.compile(r"(?:^|,)([A-Za-z]\w*)=")
EMPTY = ("", "<null>", "null", "None", "none")
KEY = re.compile(r"^[A-Za-z][A-Za-z0-9_]*-\d+$")
LEXORANK = re.compile(r"^\d\|[0-9a-z]{4,}:[0-9a-z]*$")
# What Java says of an object that nobody taught to speak.
OBJECT = re.compile(r"\[?(?:[\w$]+\.){2,}[\w$]+@[0-9a-f]{3,16}\]?")


def plain(name: str) -> str:
    """Return a field's name without spaces, signs and capital letters."""
    return re.sub(r"[\s_/().:-]+", "", name).casefold()


def link_kind(*names: str) -> LinkKind:
    """Return what a kind of link means here; an unknown one relates two issues."""
    said = " ".join(names).casefold()
    for kind, words in KINDS:
        if any(word in said for word in words):
            return kind
    return "relates"


def link(to: str, *, name: str, phrase: str, outward: bool) -> Link:
    """Return a link as one end of it says it.

    "depends on" points the other way round than "blocks": who depends is held up.
    """
    kind, low = link_kind(name, phrase), (phrase or name).casefold()
    out = outward
    if kind == "blocks":
        waits = ("depend", "requires", "is blocked", "relies", "has to be done after", "needs")
        holds = ("depended", "required", "relied", "has to be done before")
        if phrase:
            out = not (any(w in low for w in waits) and not any(h in low for h in holds))
        elif any(word in low for word in ("depend", "requir", "rely")):
            out = not outward
    return Link(kind=kind, to=to.strip(), out=out, said=shortened(phrase or name, 80))


def project_of(key: str) -> str:
    """Return the project's part of an issue's key."""
    return key.rpartition("-")[0]


def number_in(key: str) -> int:
    """Return the number at the end of an issue's key."""
    tail = key.rpartition("-")[2]
    return int(tail) if tail.isdecimal() and len(tail) < 10 else 0


def sprints_of(raw: Any, project: str, days: Days) -> list[Sprint]:
    """Return the sprints that a field names, the last one last, in whichever form it says so."""
    found = []
    for one in raw if isinstance(raw, list) else [raw]:
        sprint = _sprint(one, project, days)
        if sprint is not None:
            found.append(sprint)
    order = {"closed": 0, "active": 1, "future": 1}
    return sorted(found, key=lambda one: order[one.state] if one.starts else 1)


def _sprint(raw: Any, project: str, days: Days) -> Sprint | None:
    said: Mapping[str, Any]
    if isinstance(raw, Mapping):
        said = raw
    elif isinstance(raw, str) and (found := SERIAL.search(raw)):
        said = _serial(found[1])
    elif isinstance(raw, str) and raw.strip().startswith("{") and "name" in raw:
        with suppress(ValueError):
            return _sprint(json.loads(raw), project, days)
        return None
    elif isinstance(raw, str) and raw.strip() not in EMPTY:
        name = shortened(raw, 100)
        return Sprint(key=name, name=name, project=project)
    else:
        return None
    name = shortened(str(said.get("name") or ""), 100)
    if name in EMPTY:
        return None
    state = STATES.get(str(said.get("state") or "").lower(), "future")
    if str(said.get("closed") or "").lower() == "true":
        state = "closed"
    goal = said.get("goal")
    return Sprint(
        key=name,
        name=name,
        project=project,
        goal="" if goal in (None, *EMPTY) else clean(goal)[:2000],
        state=state,
        starts=days.day(said.get("startDate")),
        ends=days.day(said.get("endDate")),
        completed=days.instant(said.get("completeDate")),
    )


def _serial(text: str) -> dict[str, str]:
    """Read what Java writes of an object: names, and values that may have commas in them."""
    places = list(PAIR.finditer(text))
    ends = [*(one.start() for one in places[1:]), len(text)]
    found = {one[1]: text[one.end() : end].strip() for one, end in zip(places, ends, strict=True)}
    return {name: value for name, value in found.items() if value not in EMPTY}


class Gathered:
    """People and sprints that issues name, each told of once, and again when more is known."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.people: dict[str, Person] = {}
        self.sprints: dict[tuple[str, str], Sprint] = {}

    def person(
        self, key: str, name: str = "", email: str = "", *, username: str = "", active: bool = True
    ) -> str:
        """Note somebody and return what they are called by, or nothing for nobody."""
        key = key.strip() or email.strip().casefold() or name.strip()
        if not key or key in ("-1", "Unassigned", "unassigned", "null", "Automatic", "Anonymous"):
            return ""
        known = self.people.setdefault(key, Person(key=key))
        known.name = known.name or shortened(name, 200)
        known.email = known.email or email.strip()
        known.username = known.username or username.strip()
        if not active or re.search(r"\(inactive\)|\[X\]|\(deactivated\)", name, re.IGNORECASE):
            known.active = False
        return key

    def sprint(self, one: Sprint) -> str:
        """Note a sprint, and learn what an earlier mention of it did not say."""
        known = self.sprints.setdefault((one.project, one.key), one)
        if known is not one:
            known.goal = known.goal or one.goal
            known.starts, known.ends = known.starts or one.starts, known.ends or one.ends
            known.completed = known.completed or one.completed
            if known.state == "future":
                known.state = one.state
        return one.key

    def end(self) -> Iterable[Person | Sprint]:
        """Return everybody and every sprint."""
        yield from self.people.values()
        yield from self.sprints.values()


def take_field(
    item: Item, name: str, raw: Any, gathered: Gathered, days: Days, kind: str = ""
) -> Iterable[Left]:
    """Put the value of a field that Jira calls custom where it belongs here."""
    low = plain(name)
    if raw in (None, "", [], {}):
        return
    if low in POINTS:
        points = number_of(_shown(raw))
        if points is None:
            item.extras.append(Extra(name=name, value=_shown(raw)))
        else:
            item.points = points
    elif low in SPRINT or "gh-sprint" in kind:
        for one in sprints_of(raw, item.project, days):
            key = gathered.sprint(one)
            item.sprints = [*(known for known in item.sprints if known != key), key]
    elif low in EPIC_LINK or "gh-epic-link" in kind:
        item.epic = item.epic or _shown(raw)
    elif low in RANK or "gh-lexo-rank" in kind:
        item.rank = item.rank or str(raw)
    elif low in START and (day := days.day(_shown(raw))):
        item.starts = item.starts or day
    elif _idle(low, raw, kind):
        yield Left(what=f"field “{name}”", why="Jira keeps it for itself", example=item.key)
    else:
        _extra(item, name, raw, days)


def _idle(name: str, raw: Any, kind: str) -> bool:
    """Return whether a value says nothing outside of Jira."""
    if isinstance(raw, str) and OBJECT.fullmatch(raw.strip()):
        return True
    return name in IDLE or "devsummary" in kind or "gh-epic-color" in kind


def _extra(item: Item, name: str, raw: Any, days: Days) -> None:
    value = _shown(raw)
    if not value or value in ("{}", "[]"):
        return
    item.extras.append(
        Extra(name=shortened(name, 80), value=value, kind=cast("Any", kind_of(raw, value, days)))
    )


def kind_of(raw: Any, value: str, days: Days) -> str:
    """Guess what kind of value a field of another program holds."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return "number"
    if re.match(r"^https?://\S+$", value):
        return "url"
    if number_of(value) is not None and not value.startswith("0") and len(value) < 16:
        return "number"
    looks = len(value) < 32 and re.search(r"\d{4}|\d[/.-]", value)
    if looks and re.match(r"^[\d]{1,4}[-/. ]", value) and days.day(value):
        return "date"
    return "choice" if len(value) <= 60 and "\n" not in value else "text"


def _shown(raw: Any) -> str:
    """Return a value as a person reads it, whatever it is made of."""
    match raw:
        case None:
            text = ""
        case bool():
            text = "yes" if raw else "no"
        case float() if raw.is_integer():
            text = str(int(raw))
        case list():
            text = ", ".join(part for part in (_shown(one) for one in raw) if part)
        case Mapping():
            text = _shown_map(raw)
        case _:
            text = clean(raw)
    return text


def _shown_map(raw: Mapping[str, Any]) -> str:
    """Return what a document, a person or an option is called."""
    if raw.get("type") == "doc":
        return from_adf(raw)
    for name in ("displayName", "value", "name", "key", "title", "emailAddress"):
        if raw.get(name) not in (None, ""):
            child, own = raw.get("child"), str(raw[name])
            return f"{own} - {_shown(child)}" if isinstance(child, Mapping) else own
    return json.dumps(raw, ensure_ascii=False)[:2000]


def label_list(raw: Any) -> list[str]:
    """Return labels, which are separated by spaces or commas where they are one text."""
    if isinstance(raw, list):
        return list(dict.fromkeys(text for one in raw if (text := _shown(one).strip())))
    text = str(raw or "").strip().strip("[]")
    return texts(text, "," if "," in text else " ") if text else []

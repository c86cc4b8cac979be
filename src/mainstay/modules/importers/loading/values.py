"""What an item of another program says in the fields of a task or an issue, as pure functions."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mainstay.facets.files.kinds import spoken_size
from mainstay.kernel.fields import WEB
from mainstay.modules.importers import crosswalk
from mainstay.modules.importers.loading.ground import Defined, Ground
from mainstay.modules.importers.model import Extra, Item, Worklog
from mainstay.modules.importers.staging import Keys
from mainstay.modules.importers.values import number_of, shortened

HOUR = Decimal(3600)
CENT = Decimal("0.01")
MOST_HOURS = Decimal("999999.99")
LONGEST_ENTRY = Decimal(24)
MOST_WORDS = 100_000
CODE = re.compile(r"^[A-Za-z][A-Za-z0-9_]*-\d{1,9}$")


@dataclass
class Told:
    """An item in our words: the values of its record, and what did not fit into them."""

    item: Item
    issue: bool
    status: str
    values: dict[str, Any] = field(default_factory=dict)
    lost: list[tuple[str, str]] = field(default_factory=list)


def hours(seconds: int | None) -> Decimal | None:
    """Return seconds in hours, to the hundredth, halves up."""
    if seconds is None:
        return None
    return min(MOST_HOURS, (Decimal(seconds) / HOUR).quantize(CENT, ROUND_HALF_UP))


def spread(logs: list[Worklog]) -> list[Decimal]:
    """Return the hours of each worklog, so that together they are the rounded sum of all.

    Three times twenty minutes are 0.33, 0.34 and 0.33 hours: one hour.
    """
    found, before, total = [], Decimal(0), 0
    for log in logs:
        total += log.seconds
        upto = hours(total) or Decimal(0)
        found.append(upto - before)
        before = upto
    return found


def status_of(item: Item, ground: Ground) -> str:
    """Return the status of an item: what its word means, unless the program itself says it ended.

    Work that ended without being done is cancelled; archived work is what was decided for it.
    """
    choices = ground.choices
    status = choices.statuses.get(item.status) or crosswalk.status_of(item.status, item.stage)
    if item.stage == "done" and crosswalk.stage_of(status) != "done":
        status = "done"
    if status == "done" and crosswalk.dropped(item.resolution):
        status = "cancelled"
    if item.archived and status != "done" and choices.archived == "cancelled":
        status = "cancelled"
    return status


# Which part of an item each value comes from.
SAID_BY: Mapping[str, tuple[str, ...]] = {
    "assignee_id": ("assignees",),
    "assignees": ("assignees",),
    "component": ("components",),
    "custom_fields": ("extras",),
    "due_date": ("due",),
    "environment": ("environment",),
    "estimated_hours": ("estimate",),
    "labels": ("labels",),
    "milestone_id": ("milestone", "fixed_in"),
    "priority": ("priority",),
    "remaining_hours": ("remaining",),
    "reporter_id": ("reporter",),
    "severity": ("priority",),
    "sprint_id": ("sprints",),
    "start_date": ("starts",),
    "story_points": ("points",),
    "target_version": ("fixed_in",),
    "version_fixed": ("fixed_in",),
    "version_found": ("found_in",),
}


def is_issue(item: Item, ground: Ground, keys: Keys) -> bool:
    """Return whether an item becomes an issue: a bug that is no part of others and has none."""
    kind = ground.choices.types.get(item.type) or crosswalk.type_of(item.type)
    alone = not item.parent and item.key not in keys.elders
    return ground.choices.bugs_as_issues and kind == "bug" and alone


def silent(name: str, ground: Ground) -> bool:
    """Return whether the file never says what a value comes from, so that it changes nothing."""
    parts = SAID_BY.get(name)
    return parts is not None and not ground.speaks.intersection(parts)


def told(
    item: Item, ground: Ground, keys: Keys, now: datetime, *, issue: bool | None = None
) -> Told:
    """Return what an item says here: as a task or an issue, as it is known to be if it is."""
    kind = is_issue(item, ground, keys) if issue is None else issue
    one = Told(item, kind, status_of(item, ground))
    project = ground.projects[item.project]
    assignee, helpers = _people(one, ground)
    values = one.values
    values["title"] = item.title
    values["priority"] = ground.choices.priorities.get(item.priority) or (
        crosswalk.priority_of(item.priority) if item.priority else "medium"
    )
    values["assignee_id"] = assignee
    values["reporter_id"] = ground.who(item.reporter)
    values["due_date"] = item.due
    values["component"] = _line(one, "Components", item.components)
    values["environment"] = _line(one, "Environment", [item.environment])
    values["sprint_id"] = _sprint(one, ground)
    if one.issue:
        _issue(one, now)
    else:
        _task(one, ground, project, helpers, now)
    fields = ground.issue_fields if one.issue else ground.fields
    values["custom_fields"] = _custom(one, fields, ground)
    values["description"] = _description(one, ground, keys)
    return one


def _people(one: Told, ground: Ground) -> tuple[int | None, list[int]]:
    item, found = one.item, []
    for key in item.assignees:
        user_id = ground.who(key)
        if user_id is None:
            one.lost.append(("Assignee", ground.called(key)))
        elif user_id not in found:
            found.append(user_id)
    if item.reporter and ground.who(item.reporter) is None:
        one.lost.append(("Reporter", ground.called(item.reporter)))
    return (found[0] if found else None), found


def _line(one: Told, name: str, parts: list[str]) -> str:
    """Return a short text; what does not fit into it goes into the description."""
    text = ", ".join(part for part in parts if part)
    if len(text) > 100 or "\n" in text:
        one.lost.append((name, text))
        return shortened(text, 100)
    return text


def _sprint(one: Told, ground: Ground) -> int | None:
    """Return the sprint that the work is in: the last one, unless that is over and it is not."""
    item = one.item
    if not item.sprints:
        return None
    last = item.sprints[-1]
    over = (item.project, last) in ground.closed and one.status not in ("done", "cancelled")
    before = item.sprints if over else item.sprints[:-1]
    if before:
        one.lost.append(("Earlier sprints", ", ".join(before)))
    return None if over else ground.sprints.get((item.project, last))


def _task(one: Told, ground: Ground, project: int, helpers: list[int], now: datetime) -> None:
    item, values = one.item, one.values
    values["type"] = ground.choices.types.get(item.type) or crosswalk.type_of(item.type)
    values["status"] = one.status
    values["assignees"] = helpers
    values["milestone_id"] = _milestone(item, ground)
    values["labels"] = [
        ground.labels[project, name] for name in item.labels if (project, name) in ground.labels
    ]
    values["story_points"] = item.points
    values["estimated_hours"] = hours(item.estimate)
    values["remaining_hours"] = CENT * 0 if one.status == "done" else hours(item.remaining)
    values["start_date"] = item.starts
    if item.starts and item.due and item.due < item.starts:
        values["start_date"] = None
        one.lost.append(("Start", item.starts.isoformat()))
    values["target_version"] = _line(one, "Fix versions", item.fixed_in)
    done = one.status == "done"
    values["completed_at"] = (
        (item.resolved or item.updated or item.created or now) if done else None
    )


def _milestone(item: Item, ground: Ground) -> int | None:
    for name in (item.milestone, *item.fixed_in):
        if name and (item.project, name) in ground.milestones:
            return ground.milestones[item.project, name]
    return None


def _issue(one: Told, now: datetime) -> None:
    item, values = one.item, one.values
    status = crosswalk.ISSUE_STATUS[one.status]
    values["type"] = "bug"
    values["status"] = status
    values["resolution"] = crosswalk.resolution_of(item.resolution, one.status)
    values["severity"] = crosswalk.SEVERITIES.get(values["priority"], "trivial")
    values["version_found"] = _line(one, "Affected versions", item.found_in)
    values["version_fixed"] = _line(one, "Fix versions", item.fixed_in)
    ended = item.resolved or item.updated or item.created or now
    values["resolved_at"] = ended if status == "closed" else None
    values["closed_at"] = ended if status in ("closed", "cancelled") else None
    for name, said in (
        ("Labels", ", ".join(item.labels)),
        ("Story points", f"{item.points:g}" if item.points is not None else ""),
        ("Estimate", _spoken(item.estimate)),
        ("Remaining", _spoken(item.remaining)),
        ("Milestone", item.milestone),
        ("Start", item.starts.isoformat() if item.starts else ""),
        ("Also assigned", ", ".join(item.assignees[1:])),
    ):
        if said:
            one.lost.append((name, said))


def _spoken(seconds: int | None) -> str:
    found = hours(seconds)
    return f"{found.normalize():f} h" if found else ""


def _custom(one: Told, fields: Mapping[str, Defined], ground: Ground) -> dict[str, Any]:
    """Return the values of fields; what fits none of them is a line of the description."""
    found: dict[str, Any] = {}
    for extra in one.item.extras:
        fate = ground.choices.fields.get(extra.name, "text")
        if fate == "left":
            continue
        known = fields.get(extra.name) if fate == "field" else None
        value = value_for(known, extra) if known else None
        if known is None or value is None:
            one.lost.append((extra.name, extra.value))
        else:
            found[known.name] = value
    return found


def value_for(known: Defined, extra: Extra) -> Any:
    """Return a value as a field here keeps it, or None where it does not fit."""
    text = extra.value.strip()
    if known.kind == "choice":
        return text if text in known.options else None
    if known.kind == "multi_choice":
        parts = [part.strip() for part in text.split(",")]
        return parts if set(parts) <= known.options else None
    return FITTING[known.kind](text) if known.kind in FITTING else None


def _money(text: str) -> str | None:
    number = number_of(text)
    return None if number is None else str(Decimal(str(number)).quantize(CENT))


TICKED = {"yes": True, "true": True, "no": False, "false": False}
FITTING: Mapping[str, Callable[[str], Any]] = {
    "number": number_of,
    "money": _money,
    "date": lambda text: text[:10] if re.match(r"^\d{4}-\d\d-\d\d", text) else None,
    "checkbox": lambda text: TICKED.get(text.casefold()),
    "url": lambda text: text if WEB.fullmatch(text) and len(text) <= 2000 else None,
    "text": lambda text: text if len(text) <= 1000 and "\n" not in text else None,
    "long_text": lambda text: text[:20_000],
}


def _description(one: Told, ground: Ground, keys: Keys) -> str:
    """Return the description, and below it where the item came from and what fits no field."""
    item = one.item
    tail = _tail(one, ground, keys)
    body = item.description
    room = MOST_WORDS - len(tail) - 10
    if len(body) > room:
        body = f"{body[: room - 40].rstrip()}\n\n*(cut: it was longer)*"
    return f"{body}\n\n---\n\n{tail}" if body and tail else body or tail


def _tail(one: Told, ground: Ground, keys: Keys) -> str:
    item = one.item
    name = item.code or item.key
    origin = f"[{name}]({item.url})" if item.url else name
    lines = [f"*From {ground.program}: {origin}*"]
    rows = list(one.lost)
    if item.resolution and crosswalk.dropped(item.resolution):
        rows.append(("Resolution", item.resolution))
    if item.found_in and not one.issue:
        rows.append(("Affected versions", ", ".join(item.found_in)))
    if item.votes:
        rows.append(("Votes", str(item.votes)))
    rows += _beyond(item, keys)
    if one.issue:
        for checklist in item.checklists:
            done = "\n".join(f"- [{'x' if t.done else ' '}] {t.name}" for t in checklist.items)
            lines.append(f"**{checklist.name}**\n\n{done}")
    long = [(name, value) for name, value in rows if "\n" in value or len(value) > 300]
    short = [pair for pair in rows if pair not in long]
    if short:
        lines.append("\n".join(["| | |", "| --- | --- |", *(_row(*pair) for pair in short)]))
    lines += [f"**{name}**\n\n{value}" for name, value in long]
    files = [file for file in item.attachments if not file.held]
    if files:
        lines.append("**Attachments**\n\n" + "\n".join(_file(file) for file in files))
    return "\n\n".join(lines)


def _beyond(item: Item, keys: Keys) -> list[tuple[str, str]]:
    """Return what an item says of others that the file does not hold."""
    rows = [
        (f"{link.kind.capitalize()}{'' if link.out else ' (other way)'}", link.to)
        for link in item.links
        if link.to not in keys.types and link.to not in keys.aliases
    ]
    for name, key in (("Parent", item.parent), ("Epic", item.epic)):
        if key and key not in keys.types and key not in keys.aliases:
            rows.append((name, key))
    return rows


def _row(name: str, value: str) -> str:
    plain = " ".join(value.split()).replace("|", "\\|")
    return f"| {name} | {plain} |"


def _file(file: Any) -> str:
    size = f" ({spoken_size(file.size)})" if file.size else ""
    name = file.name.replace("[", "(").replace("]", ")")
    url = file.url.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    return f"- [{name}]({url}){size}" if file.url else f"- {name}{size}"


def progress_of(status: str, estimated: Decimal | None, actual: Decimal) -> float:
    """Return how far a new task is: done, by its hours, or by its status."""
    if status == "done":
        return 1.0
    if estimated:
        return float(min(Decimal(1), actual / estimated).quantize(Decimal("0.0001")))
    return 0.5 if status in ("in_progress", "review", "testing") else 0.0


def pieces(text: str, most: int) -> list[str]:
    """Return a text in pieces that a comment takes, cut between lines where that can be."""
    found = []
    while len(text) > most:
        places = (text.rfind(sign, most // 2, most) for sign in "\n ")
        cut = next((place for place in places if place > 0), most)
        found.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*found, text] if text else found

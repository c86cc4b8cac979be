"""Trello's JSON: one board with its lists, cards, checklists and everything that was done."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mainstay.modules.importers.markup import clean
from mainstay.modules.importers.model import (
    Attachment,
    Checklist,
    Comment,
    Extra,
    Item,
    Left,
    Link,
    Person,
    Project,
    Record,
    Stage,
    Tick,
)
from mainstay.modules.importers.readers.held import Bytes
from mainstay.modules.importers.readers.json_stream import pieces
from mainstay.modules.importers.values import Days, number_of, shortened

LISTS = frozenset(
    (
        ("cards",),
        ("actions",),
        ("lists",),
        ("labels",),
        ("members",),
        ("checklists",),
        ("customFields",),
        ("memberships",),
        ("pluginData",),
    )
)
COLORS = {
    "green": "#4BCE97",
    "yellow": "#E2B203",
    "orange": "#FEA362",
    "red": "#F87168",
    "purple": "#9F8FEF",
    "blue": "#579DFF",
    "sky": "#6CC3E0",
    "lime": "#94C748",
    "pink": "#E774BB",
    "black": "#8590A2",
}
CARD_URL = re.compile(r"https?://trello\.com/c/([A-Za-z0-9]+)")
POINTS = re.compile(r"^\s*[(\[](\d+(?:[.,]\d+)?)[)\]]\s*")
POINT_WORD = re.compile(r"\W")
POINT_FIELDS = frozenset(("points", "storypoints", "estimate", "sp", "size", "effort"))
PRIORITY_FIELDS = frozenset(("priority", "prio", "priorität", "priorité", "prioridad"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COMMENTS = ("commentCard", "copyCommentCard")
MADE = ("createCard", "copyCard", "emailCard", "convertToCardFromCheckItem", "moveCardToBoard")
Said = Mapping[str, Any]


def recognised(head: str) -> bool:
    """Return whether a file begins as a board of Trello does."""
    board = '"idOrganization"' in head or "trello.com" in head or '"labelNames"' in head
    parts = ('"cards"', '"lists"', '"prefs"', '"idList"', '"shortLink"', '"memberships"', '"desc"')
    return head.lstrip("\ufeff \r\n\t").startswith("{") and (
        (board and sum(part in head for part in parts) >= 2)
        or ('"idList"' in head and '"cards"' in head)
    )


def read(
    path: Path, name: str, held: Bytes | None = None, encoding: str = "utf-8-sig"
) -> Iterator[Record]:
    """Yield what the file holds."""
    board = _Board(held)
    for place, value in pieces(path, name, LISTS, encoding):
        board.learn(place, value)
    yield from board.beside()
    cards = []
    for place, value in pieces(path, name, LISTS, encoding):
        if place == ("cards", "[]") and isinstance(value, Mapping):
            cards.append(board.card(value))
    yield from sorted(cards, key=board.order)
    yield from board.left()


class _Board:
    """What the cards of a board refer to."""

    def __init__(self, held: Bytes | None) -> None:
        self.bytes = held
        self.days = Days()
        self.said: dict[str, Any] = {}
        self.lists: dict[str, Said] = {}
        self.labels: dict[str, Said] = {}
        self.people: dict[str, Person] = {}
        self.checklists: dict[str, list[Said]] = {}
        self.fields: dict[str, Said] = {}
        self.comments: dict[str, list[Comment]] = {}
        self.makers: dict[str, tuple[str, datetime | None]] = {}
        self.closed: dict[str, datetime] = {}
        self.moved: dict[str, tuple[datetime, str]] = {}
        self.short: dict[str, str] = {}
        self.places: dict[str, tuple[float, float]] = {}
        self.missing: list[Left] = []
        self.actions = 0

    def learn(self, place: tuple[str, ...], value: Any) -> None:
        """Remember a part of the board."""
        said: Said = value if isinstance(value, Mapping) else {}
        match place:
            case ("actions", "[]"):
                self._action(said)
            case ("cards", "[]"):
                if said.get("shortLink"):
                    self.short[str(said["shortLink"])] = str(said.get("id"))
            case ("lists", "[]"):
                self.lists[str(said.get("id"))] = said
            case ("labels", "[]"):
                self.labels[str(said.get("id"))] = said
            case ("members", "[]"):
                self._member(said)
            case ("checklists", "[]"):
                self.checklists.setdefault(str(said.get("idCard")), []).append(said)
            case ("customFields", "[]"):
                self.fields[str(said.get("id"))] = said
            case (key,):
                self.said[key] = value

    def _member(self, said: Said) -> str:
        """Note somebody and return what they are called by."""
        key = str(said.get("id") or said.get("username") or "")
        if key:
            known = self.people.setdefault(key, Person(key=key))
            known.name = known.name or shortened(str(said.get("fullName") or ""), 200)
            known.username = known.username or str(said.get("username") or "")
            known.email = known.email or str(said.get("email") or "")
            if said.get("activityBlocked") is True or said.get("memberType") == "ghost":
                known.active = False
        return key

    def _action(self, said: Said) -> None:
        self.actions += 1
        kind, data = said.get("type"), said.get("data")
        data = data if isinstance(data, Mapping) else {}
        card = data.get("card")
        card_id = str(card.get("id")) if isinstance(card, Mapping) else ""
        at = self.days.instant(said.get("date"))
        creator = said.get("memberCreator")
        who = self._member(creator) if isinstance(creator, Mapping) else ""
        who = who or str(said.get("idMemberCreator") or "")
        if kind in COMMENTS and data.get("text"):
            self.comments.setdefault(card_id, []).append(
                Comment(key=f"c{said.get('id')}", body=clean(data["text"]), author=who, at=at)
            )
        elif kind in MADE and card_id:
            known = self.makers.get(card_id)
            if known is None or (at and known[1] and at < known[1]):
                self.makers[card_id] = (who, at)
        elif kind == "updateCard" and card_id and at and isinstance(card, Mapping):
            old = data.get("old")
            old = old if isinstance(old, Mapping) else {}
            if (card.get("closed") and "closed" in old) or card.get("dueComplete"):
                self.closed[card_id] = max(at, self.closed.get(card_id, at))
            if "idList" in old and at > self.moved.get(card_id, (EPOCH, ""))[0]:
                after = data.get("listAfter")
                self.moved[card_id] = at, str(after.get("id") if isinstance(after, Mapping) else "")

    def beside(self) -> Iterator[Record]:
        """Yield the board itself; people come last, when all are known."""
        name = shortened(str(self.said.get("name") or "Trello"), 200)
        yield Project(
            key=str(self.said.get("id") or self.said.get("shortLink") or name),
            name=name,
            description=clean(self.said.get("desc")),
            url=str(self.said.get("url") or self.said.get("shortUrl") or ""),
            labels={
                name: COLORS.get(str(one.get("color") or "").partition("_")[0], "")
                for one in self.labels.values()
                if (name := label_name(one))
            },
        )

    @property
    def project(self) -> str:
        """Return what the board is called by."""
        return str(
            self.said.get("id") or self.said.get("shortLink") or self.said.get("name") or "Trello"
        )

    def order(self, item: Item) -> tuple[float, float]:
        """Return where a card stands: its list, and its place in that."""
        return self.places.get(item.key, (0.0, 0.0))

    def card(self, said: Said) -> Item:
        """Return one card."""
        key = str(said.get("id") or said.get("shortLink") or "")
        inside = self.lists.get(str(said.get("idList")), {})
        self.places[key] = (number_of(inside.get("pos")) or 0, number_of(said.get("pos")) or 0)
        title = clean(said.get("name")) or key
        points = None
        if found := POINTS.match(title):
            points, title = number_of(found[1]), title[found.end() :] or title
        members = [str(one) for one in _list(said.get("idMembers"))]
        number = said.get("idShort")
        due = self.days.instant(said.get("due"))
        stage: Stage = "done" if said.get("dueComplete") is True else ""
        item = Item(
            key=key,
            code=f"#{number}" if isinstance(number, int) else "",
            project=self.project,
            url=str(said.get("url") or said.get("shortUrl") or ""),
            title=shortened(title, 500),
            description=clean(said.get("desc")),
            status=str(inside.get("name") or ""),
            stage=stage,
            type="Card",
            assignee=members[0] if members else "",
            assignees=members,
            due=due.date() if due else None,
            points=points,
            labels=self._labels(said),
        )
        self._facts(item, said)
        self._files(item, said)
        self._lists(item, said)
        self._extras(item, said)
        self._missing(item, said)
        return item

    def _missing(self, item: Item, said: Said) -> None:
        """Note comments that the card counts and the board does not hold."""
        badges = said.get("badges")
        counted = badges.get("comments") if isinstance(badges, Mapping) else 0
        if isinstance(counted, int) and counted > len(item.comments):
            self.missing.append(
                Left(
                    what="comments",
                    why="Trello exports only the last thousand actions of a board",
                    count=counted - len(item.comments),
                    example=item.title[:80],
                )
            )

    def _facts(self, item: Item, said: Said) -> None:
        """Fill in who made it, when, and what was said about it."""
        key, inside = item.key, self.lists.get(str(said.get("idList")), {})
        maker, made = self.makers.get(key, ("", None))
        item.reporter = maker or str(said.get("idMemberCreator") or "")
        item.updated = self.days.instant(said.get("dateLastActivity"))
        item.created = made or _born(key) or item.updated
        # What lies in a list for what is done was done when it was put there.
        there, where = self.moved.get(key, (None, ""))
        item.resolved = self.closed.get(key) or (there if where == said.get("idList") else None)
        item.starts = self.days.day(said.get("start"))
        item.archived = said.get("closed") is True or inside.get("closed") is True
        item.votes = len(_list(said.get("idMembersVoted")))
        item.comments = sorted(
            self.comments.get(key, []),
            key=lambda one: one.at or EPOCH,
        )

    def _labels(self, said: Said) -> list[str]:
        found = [one for one in _list(said.get("labels")) if isinstance(one, Mapping)]
        found = found or [
            self.labels[str(one)] for one in _list(said.get("idLabels")) if str(one) in self.labels
        ]
        return list(dict.fromkeys(name for one in found if (name := label_name(one))))

    def _files(self, item: Item, said: Said) -> None:
        for place, one in enumerate(_list(said.get("attachments")), 1):
            if not isinstance(one, Mapping):
                continue
            url = str(one.get("url") or "")
            linked = CARD_URL.match(url)
            if linked and (to := self.short.get(linked[1])) and to != item.key:
                item.links.append(Link(kind="relates", to=to, said="attached card"))
                continue
            item.attachments.append(
                Attachment(
                    key=f"a{one.get('id') or place}",
                    name=shortened(str(one.get("name") or one.get("fileName") or url), 200)
                    or "file",
                    url=url if url.startswith("http") else "",
                    size=int(number_of(one.get("bytes")) or 0),
                    author=str(one.get("idMember") or ""),
                    at=self.days.instant(one.get("date")),
                    held=self.bytes.take(
                        one.get("data") or (url if url.startswith("data:") else "")
                    )
                    if self.bytes
                    else "",
                )
            )

    def _lists(self, item: Item, said: Said) -> None:
        own = self.checklists.get(item.key) or [
            one for one in _list(said.get("checklists")) if isinstance(one, Mapping)
        ]
        for place, one in enumerate(sorted(own, key=lambda one: number_of(one.get("pos")) or 0), 1):
            ticks = [tick for tick in _list(one.get("checkItems")) if isinstance(tick, Mapping)]
            item.checklists.append(
                Checklist(
                    key=f"l{one.get('id') or place}",
                    name=shortened(str(one.get("name") or "Checklist"), 200),
                    items=[
                        Tick(
                            name=shortened(str(tick.get("name") or "…"), 200),
                            done=tick.get("state") == "complete",
                            assignee=str(tick.get("idMember") or ""),
                            due=self.days.day(tick.get("due")),
                        )
                        for tick in sorted(ticks, key=lambda tick: number_of(tick.get("pos")) or 0)
                    ],
                )
            )

    def _extras(self, item: Item, said: Said) -> None:
        for one in _list(said.get("customFieldItems")):
            if not isinstance(one, Mapping):
                continue
            field = self.fields.get(str(one.get("idCustomField")), {})
            name = shortened(str(field.get("name") or "Custom field"), 80)
            extra = _field_value(name, one, field)
            number = number_of(extra.value) if extra else None
            if extra and number is not None and POINT_WORD.sub("", name).casefold() in POINT_FIELDS:
                item.points = number
            elif extra and extra.kind == "choice" and name.casefold() in PRIORITY_FIELDS:
                item.priority = extra.value
            elif extra:
                item.extras.append(extra)
        place = said.get("coordinates")
        if isinstance(place, Mapping):
            spot = f"{place.get('latitude')}, {place.get('longitude')}"
            where = f"{said.get('locationName') or ''} {spot}"
            item.extras.append(Extra(name="Location", value=where.strip()))

    def left(self) -> Iterator[Record]:
        """Yield everybody, and what of the board is not taken along."""
        yield from self.people.values()
        yield from self.missing
        others = self.actions - sum(len(found) for found in self.comments.values())
        if others > 0:
            yield Left(
                what="activity", why="who moved which card when is not taken along", count=others
            )
        if self.said.get("powerUps") or self.said.get("idTags"):
            yield Left(what="power-ups", why="they belong to Trello")


def _list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []


def label_name(said: Said) -> str:
    """Return a label's name, or its colour where it has none."""
    return shortened(str(said.get("name") or said.get("color") or ""), 60)


def _born(key: str) -> datetime | None:
    """Return when a card was made: the first eight signs of its id say the second."""
    if re.fullmatch(r"[0-9a-f]{24}", key):
        return Days().instant(int(key[:8], 16))
    return None


def _field_value(name: str, said: Said, field: Said) -> Extra | None:
    """Return the value of a field of the board, as text."""
    value, chosen = said.get("value"), said.get("idValue")
    found: Extra | None = None
    if isinstance(value, Mapping):
        if value.get("text") is not None:
            found = Extra(name=name, value=clean(value["text"]))
        elif value.get("number") is not None:
            found = Extra(name=name, value=str(value["number"]), kind="number")
        elif value.get("date") is not None:
            found = Extra(name=name, value=str(value["date"])[:10], kind="date")
        elif "checked" in value:
            ticked = str(value["checked"]).lower() == "true"
            found = Extra(name=name, value="yes" if ticked else "no", kind="checkbox")
    for option in _list(field.get("options")):
        if isinstance(option, Mapping) and chosen and option.get("id") == chosen:
            inner = option.get("value")
            text = str(inner.get("text") if isinstance(inner, Mapping) else inner or "")
            found = Extra(name=name, value=text, kind="choice")
    return found if found and found.value else None

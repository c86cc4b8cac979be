"""Every keyboard shortcut, declared once: the sheet behind `?` shows them, the scripts obey it."""

from dataclasses import dataclass
from functools import lru_cache

from mainstay.kernel.registry import Registry

HOME, SEARCH = "/", "/search"
TAKEN = "hs"


@dataclass(frozen=True)
class Key:
    """One shortcut: its keys, what it does, and the part of a page that it needs.

    `deed` names what the scripts do; without one, what carries the same `data-key` is clicked, and
    `own` is obeyed by the view itself. `at` is a selector: where nothing on the page answers to it,
    the shortcut is not there.
    """

    keys: str
    says: str
    deed: str = ""
    at: str = ""


@dataclass(frozen=True)
class Group:
    """Some shortcuts that belong together."""

    title: str
    keys: tuple[Key, ...]


EVERYWHERE = Group(
    "Everywhere",
    (
        Key("mod+k", "Find a page, a record or a command", "palette"),
        Key("/", "Search everything", "search"),
        Key("c", "Add something quickly", "quick"),
        Key("?", "Show this sheet", "keys"),
        Key("Escape", "Close what is open", "close"),
        Key("*", "Keep this page in your favourites", "star", "#star"),
        Key("mod+b", "Fold or unfold the menu", "rail"),
    ),
)
LIST = Group(
    "In a list",
    (
        Key("j", "Next row", "next", "[data-rows]"),
        Key("k", "Row before", "previous", "[data-rows]"),
        Key("Enter", "Open the row", "open", "[data-rows]"),
        Key("x", "Select the row", "own", "#bulk"),
        Key("Shift ↓", "Select more rows", "own", "#bulk"),
        Key("e", "Edit the cell", "own", "td[data-edit-field]"),
        Key("a", "Assign", "own", "td[data-edit-field='assignee_id']"),
        Key("f", "Filter", "", "#main [data-key='f']"),
        Key("n", "New, as a whole form", "", "#main [data-key='n']"),
    ),
)
BOARD = Group(
    "On a board, a calendar or a timeline",
    (
        Key("Space", "Take the card, move it with the arrows, put it down", "own", ".board"),
        Key("t", "Go to today", "", "#main [data-key='t']"),
        Key("ArrowLeft", "What was before", "", "#main [data-key='ArrowLeft']"),
        Key("ArrowRight", "What comes after", "", "#main [data-key='ArrowRight']"),
    ),
)
RECORD = Group(
    "On a record",
    (
        Key("e", "Edit", "", "#main [data-key='e']"),
        Key("a", "Assign", "", ".side [data-key='a']"),
        Key("m", "Write a comment", "", "#main [data-key='m']"),
        Key("w", "Watch, or stop watching", "", "#main [data-key='w']"),
        Key("[", "Record before, in the list you came from", "", "#main [data-key='[']"),
        Key("]", "Next record in the list you came from", "", "#main [data-key=']']"),
        Key("u", "Back to the list", "", "#main [data-key='u']"),
    ),
)


@lru_cache(maxsize=8)
def letters(registry: Registry) -> dict[str, str]:
    """Return the letter that goes to each page of the menu, pressed after `g`.

    Every page gets the first letter of its name that is free, the same for everybody.
    """
    found, taken = {HOME: "h", SEARCH: "s"}, set(TAKEN)
    for title, href in _pages(registry):
        wanted = [*title.lower(), *"abcdefghijklmnopqrstuvwxyz"]
        letter = next((x for x in wanted if x.isascii() and x.isalpha() and x not in taken), "")
        if href not in found and letter:
            found[href] = letter
            taken.add(letter)
    return found


def _pages(registry: Registry) -> list[tuple[str, str]]:
    """Return the menu's pages, whoever may open them, in the order of the rail."""
    cards = sorted((m for m in registry.modules.values() if m.menu), key=lambda m: m.name)
    cards.sort(key=lambda m: m.menu.order if m.menu else 0)
    found = []
    for module in cards:
        paths = {page.path: page.title for page in module.pages}
        for item in module.menu.items if module.menu else ():
            path = item if item.startswith("/") else f"/{item}"
            names = (item, f"{module.name}.{item}")
            noun = next((registry.nouns[n] for n in names if n in registry.nouns), None)
            noun = (
                noun or registry.by_path.get(item) or registry.by_path.get(f"{module.name}/{item}")
            )
            if path in paths:
                found.append((paths[path], path))
            elif noun is not None:
                found.append((noun.plural, f"/{noun.path}"))
    return found


def groups(registry: Registry, menu: list[tuple[str, str]]) -> list[Group]:
    """Return every shortcut; `menu` are the titles and addresses that a person may go to."""
    known = letters(registry)
    go = [Key(f"g {known[href]}", title, f"go:{href}") for title, href in menu if href in known]
    return [EVERYWHERE, Group("Go to", tuple(go)), LIST, BOARD, RECORD]

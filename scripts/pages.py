"""Every kind of page there is, as addresses: for pictures of them, and for tests."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from mainstay.delivery.pages.lists import drawn_views
from mainstay.kernel.noun import Noun
from mainstay.kernel.registry import Registry

HOUSE = (
    "/",
    "/search",
    "/search?q=inverter",
    "/search?q=a&in=projects.task",
    "/profile",
    "/styleguide",
    "/problems",
    "/problems/denied",
    "/nowhere-at-all",
    "/api/reference",
    "/offline",
)
OUTSIDE = ("/sign-in", "/forgot")
SHOWN = ("projects.project", "projects.task", "identity.user")
"""Resources of which every page is shown; of the others the list and one record are enough."""
FEW = SHOWN[1:2]
"""Of the resources that are shown whole, those that stand for all where few pages are wanted."""


def rooms(registry: Registry) -> list[Noun]:
    """Return the resources that have pages of their own in a room."""
    return [noun for noun in registry.nouns.values() if noun.module.menu]


def lists(noun: Noun, *, few: bool = False) -> Iterator[str]:
    """Yield a resource's list in each of its views, filtered, found empty, and its bin.

    With `few`, only those of the resources that stand for all: lists are alike.
    """
    for view in drawn_views(noun) if not few or noun.key in FEW else ():
        yield f"/{noun.path}?{urlencode({'view': view.kind})}"
    if noun.key in (FEW if few else SHOWN):
        if noun.searchable:
            yield f"/{noun.path}?q=nothinglikethis"
        yield f"/{noun.path}?deleted=only"
        yield f"/import/{noun.path}"


def forms(noun: Noun, record: int, *, few: bool = False) -> Iterator[str]:
    """Yield a resource's pages for one record; with `few`, where more than fields is shown."""
    shown = FEW if few else SHOWN
    if record and (not few or noun.resource.panels or noun.key in SHOWN):
        yield f"/{noun.path}/{record}"
        if noun.key in shown:
            yield f"/{noun.path}/{record}/edit"
            yield f"/{noun.path}/{record}/history"
    if noun.key in shown and "create" in noun.resource.verbs:
        yield f"/{noun.path}/new"


def addresses(
    registry: Registry, records: Mapping[str, int], *, few: bool = False, only: tuple[str, ...] = ()
) -> list[str]:
    """Return every kind of page; `records` names one record of each resource that has any.

    `few` leaves out pages that are like others, `only` the resources that it does not name.
    """
    found = list(HOUSE)
    for noun in rooms(registry):
        if only and noun.key not in only:
            continue
        found += lists(noun, few=few)
        found += forms(noun, records.get(noun.key, 0), few=few)
    for module in registry.modules.values():
        found += [path for page in module.pages if (path := filled(page.path, registry, records))]
    return list(dict.fromkeys(found))


def filled(path: str, registry: Registry, records: Mapping[str, int]) -> str:
    """Return a page's address with the id of a record in it, or nothing where there is none."""
    start, parted, rest = path.partition("/{")
    if not parted:
        return path
    noun = next((one for one in registry.nouns.values() if f"/{one.path}" == start), None)
    record = records.get(noun.key, 0) if noun else 0
    return f"{start}/{record}{rest.partition('}')[2]}" if record else ""

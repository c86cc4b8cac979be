"""The words that every workspace begins with: how often, and usual verbs and nouns of work."""

from mainstay.kernel.context import Context
from mainstay.kernel.entity import Entity
from mainstay.modules.reference.entities import Frequency, Term

FREQUENCIES = (
    ("Daily", 1),
    ("Weekly", 7),
    ("Every two weeks", 14),
    ("Monthly", 30),
    ("Quarterly", 91),
    ("Yearly", 365),
)
# The first of each is what stands for anything, where nothing better is known.
ACTIONS = (
    "Do",
    "Approve",
    "Build",
    "Check",
    "Clean",
    "Collect",
    "Configure",
    "Deliver",
    "Design",
    "Document",
    "Hand over",
    "Inspect",
    "Install",
    "Maintain",
    "Measure",
    "Order",
    "Plan",
    "Prepare",
    "Repair",
    "Review",
    "Send",
    "Test",
    "Train",
    "Update",
    "Write",
)
OBJECTS = (
    "tasks",
    "accounts",
    "contracts",
    "customers",
    "documents",
    "drawings",
    "employees",
    "invoices",
    "machines",
    "meetings",
    "offers",
    "orders",
    "permits",
    "plans",
    "reports",
    "sites",
    "systems",
    "tools",
    "vehicles",
)


async def seed(ctx: Context) -> None:
    """Write the words that are not there yet; one that somebody has binned stays away."""
    fresh: list[Entity] = []
    for name, days in await _missing(ctx):
        fresh.append(Frequency(name=name, days_num=days))
    await ctx.create_many(fresh, verb="seed")
    known = {(one.kind, one.name) for one in await ctx.all(Term, deleted="with", limit=10_000)}
    terms = [Term(kind="action", name=n) for n in ACTIONS if ("action", n) not in known]
    terms += [Term(kind="object", name=n) for n in OBJECTS if ("object", n) not in known]
    await ctx.create_many(terms, verb="seed")


async def _missing(ctx: Context) -> list[tuple[str, int]]:
    known = {one.name for one in await ctx.all(Frequency, deleted="with")}
    return [(name, days) for name, days in FREQUENCIES if name not in known]

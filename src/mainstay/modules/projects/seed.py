"""The categories that every workspace begins with, and the course that their projects take."""

from mainstay.kernel.context import Context
from mainstay.modules.projects.entities import ProjectCategory, ProjectPhase
from mainstay.modules.projects.rules import GAP

# code | name | colour | icon | description
CATEGORIES = """
SOLAR_RES|Solar, residential|#F59E0B|home|Roofs of houses and flats.
SOLAR_COM|Solar, commercial|#EAB308|building-store|Roofs of shops, offices and public buildings.
SOLAR_IND|Solar, industrial|#D97706|building-warehouse|Roofs and yards of plants and warehouses.
SOLAR_FARM|Solar farm|#84CC16|sun|Open land.
WIND_ONSHORE|Wind, onshore|#06B6D4|refresh|Turbines on land.
WIND_OFFSHORE|Wind, offshore|#0EA5E9|refresh|Turbines at sea.
HYBRID|Hybrid|#8B5CF6|arrows-split|Several sources behind one connection.
BESS|Battery storage|#10B981|plug|Batteries, alone or beside a plant.
EPC|Engineering and construction|#3B82F6|tools|Everything from design to handover.
OM|Operation and maintenance|#64748B|tool|Plants that are looked after.
CONSULTING|Consulting|#EC4899|messages|Advice, studies and reports.
"""

# category: code name, usual days, and M where its end is a milestone
PHASES = {
    "SOLAR_COM": """
INIT|Initiation|7|
SURVEY|Site survey|3|
DESIGN|Design|7|
APPROVE|Approval|5|M
PROCURE|Procurement|14|
INSTALL|Installation|14|
CONNECT|Grid connection|7|
COMMISS|Commissioning|3|M
HANDOVER|Handover|2|M
WARRANTY|Warranty|365|
"""
}


async def seed(ctx: Context) -> None:
    """Write the categories and phases that are missing; what somebody edited is left alone.

    What was put into the bin stays there.
    """
    known = {one.code: one for one in await ctx.all(ProjectCategory, deleted="with", sort="-id")}
    for place, line in enumerate(CATEGORIES.strip().splitlines(), 1):
        code, name, color, icon, says = line.split("|")
        category = known.get(code) or ProjectCategory(code=code, name=name)
        if category.updated_by is None:
            category.name, category.description = name, says
            category.color, category.icon, category.sort_order = color, icon, place * GAP
        if code not in known:
            known[code] = await ctx.create(category, verb="seed")
    for code, lines in PHASES.items():
        await _phases(ctx, known[code], lines.strip().splitlines())


async def _phases(ctx: Context, category: ProjectCategory, lines: list[str]) -> None:
    if category.deleted_at is not None:
        return
    found = await ctx.all(ProjectPhase, category_id=category.id, deleted="with", sort="-id")
    known = {one.code: one for one in found}
    for place, line in enumerate(lines, 1):
        code, name, days, milestone = line.split("|")
        phase = known.get(code) or ProjectPhase(category_id=category.id, code=code, name=name)
        if phase.updated_by is None:
            phase.name, phase.sort_order = name, place * GAP
            phase.default_days, phase.is_milestone = int(days), milestone == "M"
        if code not in known:
            await ctx.create(phase, verb="seed")

"""What kind of projects the demo company has, how far on their course, and what they are worth."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mainstay.kernel.context import Context

# project: category, phase, total, sale price, monthly amount, its day, kW, kWh a year, t of CO2
WORTH = {
    "NOR": "SOLAR_COM INSTALL 214000 . 420 31 84 79800 30",
    "KITA": "EPC . 108600 . 95 15 . . 14",
    "PORT": "CONSULTING . . . 1250 1 . . .",
    "BAKE": "SOLAR_COM SURVEY 81500 . 60 30 20 18600 7",
    "DEPOT": "SOLAR_COM WARRANTY 189000 4500 310 28 120 114000 43",
}
SITES = {
    "NOR": ("Nordhof 1-6, 24105 Kiel", 54.3361, 10.1327),
    "KITA": ("Wiesenweg 12, 24159 Kiel", 54.3869, 10.1552),
    "BAKE": ("Holtenauer Straße 88, 24105 Kiel", 54.3415, 10.1349),
    "DEPOT": ("Diedrichstraße 5, 24143 Kiel", 54.3041, 10.1502),
}
REVIEWS = {
    "DEPOT": {
        "customer_reviews": "Not one tram was late because of you. We would do it again.",
        "support_reviews": "Two calls since the handover, both about the display in the canteen.",
        "tech_reviews": "Both halls within 2 % of the calculated yield in the first month.",
    }
}


async def value_of(ctx: Context, code: str) -> dict[str, Any]:
    """Return a project's category and phase, where they were seeded, and what it is worth."""
    category, phase, *numbers = WORTH[code].split()
    total, sale, monthly, day, power, energy, saved = (None if n == "." else n for n in numbers)
    found: dict[str, Any] = {
        "category_id": await _of(ctx, "projects.project_category", category),
        "total_amount": Decimal(total) if total else None,
        "sale_price": Decimal(sale) if sale else None,
        "monthly_recurring_amount": Decimal(monthly) if monthly else None,
        "monthly_recurring_date": int(day) if day else None,
        "system_capacity_kw": float(power) if power else None,
        "annual_production_kwh": float(energy) if energy else None,
        "co2_reduction_tons": float(saved) if saved else None,
    }
    if found["category_id"]:
        found["current_phase_id"] = await _of(ctx, "projects.project_phase", phase)
    if code in SITES:
        found["site_address"], found["site_latitude"], found["site_longitude"] = SITES[code]
    return found | REVIEWS.get(code, {})


async def _of(ctx: Context, key: str, code: str) -> int | None:
    c = ctx.registry.tables[key].c
    found = await ctx.rows(sa.select(c.id).where(c.code == code, c.deleted_at.is_(None)))
    return found[0][0] if found else None

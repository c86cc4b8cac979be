"""The style guide: every piece that pages are made of, in every state."""

from litestar import get
from litestar.response import Redirect
from markupsafe import Markup

from mainstay.delivery.cells import PERSON, SHAPES, pill, priority
from mainstay.delivery.forms import Field, Option
from mainstay.delivery.pages.common import Answer, Rq, reader, renderer
from mainstay.kernel.fields import Choice, Dec, Flag, Instant, Links, Ref, Text, Whole
from mainstay.kernel.fields import Day as DayKind
from mainstay.kernel.scope import require

TONES = ("grey", "blue", "green", "yellow", "orange", "red", "purple", "teal")
COLORS = """
bg sunk raised hover press line line-strong edge text muted accent accent-fill accent-fill-hover
accent-soft bad bad-fill bad-soft warn warn-soft good good-soft
"""


@get("/style")
async def style() -> Redirect:
    """Lead from the guide's old address to the present one."""
    return Redirect("/styleguide")


@get("/styleguide")
async def styleguide(request: Rq) -> Answer:
    """Show every piece that pages are made of; for those who look after the workspace."""
    require(reader(request), "kernel.style.read")
    return renderer(request).page(
        request,
        "style.html",
        shapes=[(s, Markup(pill(text.split()[0]))) for s, text in SHAPES.items()],  # noqa: S704
        priorities=[Markup(priority(p)) for p in ("lowest", "low", "medium", "high", "highest")],  # noqa: S704
        fields=_samples,
        tones=TONES,
        colors=COLORS.split(),
    )


def _samples(prefix: str) -> list[Field]:
    """Return one input of each kind, named apart for each theme."""
    people = [Option("1", "Ada Lovelace"), Option("2", "Grace Hopper")]
    steps = [Option(v, v.capitalize()) for v in ("low", "medium", "high")]
    choice = Choice(values=("low", "medium", "high"))
    found = [
        Field("s_text", "Text", Text(200), required=True, help="Help stands below an input."),
        Field("s_wrong", "Refused", Text(80), value="x", error="must have at least 3 letters"),
        Field("s_number", "Number", Whole(), value="42"),
        Field("s_money", "Decimal", Dec(), value="1250.50", attrs={"step": "0.01"}),
        Field("s_date", "Date", DayKind(), value="2026-12-24"),
        Field("s_choice", "Choice", choice, value="medium", options=steps),
        Field("s_person", "Reference", Ref(target=PERSON), value="1", options=people),
        Field("s_flag", "Checkbox", Flag(), value="true"),
        Field(
            "s_many",
            "References",
            Links(target=PERSON),
            picked=people,
            source="/identity/teams/options?field=manager_id",
        ),
        Field("s_lines", "Long text", Text(2000, lines=True), value="Several lines.\nOf words."),
        Field("s_moment", "Moment", Instant(), value="2026-12-24T18:00"),
    ]
    for one in found:
        one.name = f"{prefix}_{one.name}"
    return found


ROUTES = [style, styleguide]

"""Charts as pure functions: plain numbers in, an accessible SVG with its table out.

- `lines`: lines, steps and areas over days or numbers, also stacked; `bars`; `scatter`; `heat`.
- Each gives a `Plot`: `svg` for a page (colours are classes), `image` as a file that stands alone,
  `legend`, and `head` and `rows` of its table.

`docs/guide/charts.md` says what each takes.
"""

from mainstay.plots.bars import bars
from mainstay.plots.heat import heat
from mainstay.plots.lines import lines
from mainstay.plots.parts import Band, Bars, Cell, Dot, Frame, Key, Level, Line, Moment, Plot
from mainstay.plots.scatter import scatter

__all__ = [
    "Band",
    "Bars",
    "Cell",
    "Dot",
    "Frame",
    "Key",
    "Level",
    "Line",
    "Moment",
    "Plot",
    "bars",
    "heat",
    "lines",
    "scatter",
]

"""Charts as SVG: right places, whole tables, safe words, and files that stand alone."""

import csv
import io
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import plots
from mainstay.plots import (
    Band,
    Bars,
    Cell,
    Dot,
    Frame,
    Key,
    Level,
    Line,
    Moment,
    bars,
    heat,
    lines,
    scatter,
)
from mainstay.plots.scale import across, apart, nice, thinned, up

MON = date(2026, 11, 16)
DAYS = [MON + timedelta(n) for n in range(3)]
EVIL = "<script>alert('x')</script>\"&"


def tree(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own text


def every() -> list:
    """Return one chart of each kind, with words that somebody evil gave."""
    frame = Frame(
        EVIL,
        EVIL,
        axis=EVIL,
        over="Day",
        levels=[Level(2, EVIL)],
        bands=[Band(DAYS[0], DAYS[1], EVIL), Band(1, 2, EVIL, level=True)],
        moments=[Moment(DAYS[1], EVIL)],
    )
    line = Line(EVIL, [(day, float(n)) for n, day in enumerate(DAYS)], dots=True)
    step = Line("S", [(DAYS[0], 3.0), (DAYS[2], 1.0)], "series-2", "step")
    flat = Frame(EVIL, levels=[Level(2, EVIL)], bands=[Band(1, 2, EVIL, level=True)])
    return [
        lines(frame, [line, step]),
        lines(frame, [line, Line("A", line.points, kind="area")], stacked=True),
        bars(flat, [EVIL, "B"], [Bars(EVIL, [1, None], hrefs=["/a?b=1&c", ""]), Bars("C", [2, 3])]),
        bars(flat, ["A", "B"], [Bars("C", [1, -2]), Bars("D", [2, 3])], stacked=True),
        scatter(frame, [Dot(DAYS[0], 1, EVIL, "/x"), Dot(DAYS[2], 2, EVIL)], [line]),
        heat(flat, [EVIL, "B"], ["1", EVIL], {(0, 0): Cell(3, words=EVIL, href="/y")}),
    ]


@pytest.mark.parametrize("place", range(6))
def test_every_chart_is_well_formed_and_runs_nothing_that_was_given(place):
    plot = every()[place]
    for text in (str(plot.svg), plot.image):
        names = {element.tag.rpartition("}")[2] for element in tree(text).iter()}
        assert "script" not in names
        assert not re.search(r"\son\w+=|style=\"", text)
    words = "".join(tree(plot.image).itertext())
    assert EVIL in words
    assert "http" not in plot.image.replace("http://www.w3.org/2000/svg", "")
    assert unquote(plot.address).endswith(plot.image)
    if plot.head:
        assert all(len(row) == len(plot.head) for row in plot.rows)


def test_a_line_stands_where_its_numbers_say():
    plot = lines(
        Frame("T", over="Day", height=118, number=lambda v: f"{v:g} p"),
        [Line("A", list(zip(DAYS, [0.0, 10.0, None], strict=True)))],
    )
    # From 0 to 10 over 100 units, 18 left at the top; the last day is a gap.
    assert 'd="M0.000 118.00L50.000 18.00"' in plot.svg
    assert plot.head == ("Day", "A")
    assert plot.rows == (("2026-11-16", "0 p"), ("2026-11-17", "10 p"), ("2026-11-18", ""))
    assert "<title>2026-11-17: A 10 p</title>" in plot.svg
    assert 'role="img" aria-label="T"' in plot.svg
    step = lines(Frame("T", height=118), [Line("A", [(0, 10.0), (1, 0.0)], kind="step")])
    assert 'd="M0.000 18.00H100.000V118.00"' in step.svg


def test_stacked_areas_lie_on_one_another_but_the_table_tells_each_alone():
    series = [Line(n, [(0, v), (1, v)]) for n, v in (("A", 4.0), ("B", 6.0))]
    plot = lines(Frame("T", height=118), series, stacked=True)
    top, bottom = re.findall(r'd="(M[^"]+)"', plot.svg)[::-1]
    assert top.startswith("M0.000 18.00L100.000 18.00L100.000 78.00")  # 10 of 10, then back at 4
    assert bottom.startswith("M0.000 78.00")
    assert plot.rows[0] == ("0", "4", "6")


def test_bars_begin_at_zero_and_lead_somewhere():
    plot = bars(
        Frame("T", height=118),
        ["S1", "S2"],
        [Bars("Done", [10, -10], hrefs=["/one", "/two"], words=["ten & more", "less"])],
    )
    rects = re.findall(r'<rect class="ink series-1"[^>]* y="([\d.]+)" height="([\d.]+)"', plot.svg)
    assert rects == [("18", "50"), ("68", "50")]  # zero is in the middle
    assert '<a href="/one" aria-label="ten &amp; more">' in plot.svg
    assert 'role="group"' in plot.svg
    assert plot.rows == (("S1", "10"), ("S2", "-10"))


def test_the_darkest_cell_is_the_greatest_and_a_tone_says_more():
    cells = {(0, 0): Cell(1), (0, 1): Cell(10), (1, 0): Cell(12, "full", tone="tone-red")}
    plot = heat(Frame("T", over="Who"), ["Ann", "Bob"], ["W1", "W2"], cells)
    shades = re.findall(r'<rect class="([^"]+)"', plot.svg)
    assert shades == [
        "plot-heat plot-heat-1",
        "plot-heat plot-heat-4",
        "ink plot-tint tone-red",
        "plot-empty",
    ]
    assert plot.rows == (("Ann", "1", "10"), ("Bob", "full", ""))


def test_the_sheet_is_a_table_that_no_program_takes_for_formulas():
    plot = bars(Frame("T", over="Sprint"), ["=1+1", "-5", "@x"], [Bars("Ö", [-1, 2.5, None])])
    text = unquote(plot.sheet.partition(",")[2]).removeprefix("\ufeff")
    assert list(csv.reader(io.StringIO(text))) == [
        ["Sprint", "Ö"],
        ["'=1+1", "-1"],
        ["-5", "2.5"],
        ["'@x", ""],
    ]


def test_scatter_names_its_colours_and_nothing_is_drawn_without_numbers():
    keys = [Key("Late", "tone-red", "dot")]
    plot = scatter(Frame("T"), [Dot(1, 2, "x")], keys=keys)
    assert plot.legend == (keys[0],)
    for empty in (lines(Frame("T"), []), scatter(Frame("T"), []), bars(Frame("T"), [], [])):
        assert tree(empty.svg).tag == "svg"
        assert empty.rows == ()


@pytest.mark.parametrize(
    ("step", "found"), [(0.03, 0.05), (1, 1), (1.2, 2), (4, 5), (7, 10), (130, 200), (0, 1)]
)
def test_marks_are_round(step, found):
    assert nice(step) == pytest.approx(found)


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_every_number_has_a_place_inside(values):
    tall, wide = up(values, 280), across(values)
    assert 0 in tall.marks
    for value in values:
        assert 18 - 1e-6 <= tall.at(value) <= 280 + 1e-6
        assert -1e-6 <= wide.at(value) <= 100 + 1e-6


@given(st.lists(st.floats(0, 300), max_size=12))
def test_labels_that_fit_do_not_cover_each_other(places):
    found = sorted(apart(places, 14, 300))
    assert all(b - a >= 14 - 1e-6 for a, b in pairwise(found))
    assert all(one <= 300 + 1e-6 for one in found)


def test_labels_under_an_axis_are_as_many_as_fit():
    assert thinned(3) == [(0, False), (1, False), (2, False)]
    assert [n for n, _rare in thinned(30)] == list(range(0, 30, 3))
    assert len([n for n, rare in thinned(365) if not rare]) <= 5


def test_the_code_of_the_guide_runs():
    text = (Path(__file__).parents[2] / "docs/guide/charts.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, "charts.md", "exec"), {})  # noqa: S102 - our own page
    assert all(name in text for name in plots.__all__)

"""Colours, fonts and small parts that all charts share; the same tokens as web/style.css."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

FONT = "Noto Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, Segoe UI, Arial, sans-serif"
LIGHT = {
    "surface": "#ffffff",
    "line": "#dbe2e8",
    "ink": "#13202b",
    "ink2": "#3f4e5a",
    "ink3": "#596874",
    "accent": "#0b6670",
    "prod": "#d55e00",
    "prod_ink": "#a34700",
    "inj": "#0072b2",
    "inj_ink": "#00629b",
    "better": "#2f8f86",
    "worse": "#e08232",
    "s0": "#56626d",
    "sA": "#00704f",
    "sB": "#9a4a78",
    "sC": "#8a5a00",
    "sD": "#1b6fa0",
    "sE": "#6b6400",
}
DARK = {
    **LIGHT,
    "surface": "#17222d",
    "line": "#2c3c4a",
    "ink": "#f0f5f8",
    "ink2": "#c3d0da",
    "ink3": "#9fb0bd",
    "accent": "#5cc8c4",
    "prod": "#ff8a3c",
    "prod_ink": "#ffab70",
    "inj": "#4db3ff",
    "inj_ink": "#86c9ff",
    "s0": "#aab7c2",
    "sA": "#3fd0a4",
    "sB": "#eaa5cb",
    "sC": "#ffc04a",
    "sD": "#8ccbf0",
    "sE": "#f0e442",
}
THERMAL = ("#042333", "#13306d", "#403891", "#6b4596", "#90548b", "#b8627d", "#de7065", "#f68f46", "#f9b641")


def tokens(theme: str) -> dict[str, str]:
    return DARK if theme == "dark" else LIGHT


def scheme_token(letter: str) -> str:
    """Token of a scheme's line colour by its letter; the baseline has none."""
    return "s" + "ABCDE"[(ord(letter[0]) - ord("A")) % 5] if letter and letter[0].isalpha() else "s0"


def thermal_palette(count: int = 128) -> list[str]:
    """The page's temperature ramp in ``count`` steps."""
    result = []
    for i in range(count):
        at = i / (count - 1) * (len(THERMAL) - 1)
        j = min(int(at), len(THERMAL) - 2)
        a, b = (tuple(int(c[k : k + 2], 16) for k in (1, 3, 5)) for c in THERMAL[j : j + 2])
        mix = [round(p + (at - j) * (q - p)) for p, q in zip(a, b, strict=True)]
        result.append("#{:02x}{:02x}{:02x}".format(*mix))
    return result


def blank_figure(theme: str, **options: Any) -> Any:
    """A figure without frame, tools and title (titles and units are HTML of the page)."""
    from bokeh.plotting import figure

    c = tokens(theme)
    plot = figure(
        sizing_mode="stretch_both",
        toolbar_location=None,
        tools="",
        min_border_left=44,
        min_border_right=10,
        min_border_top=6,
        min_border_bottom=22,
        background_fill_alpha=0,
        border_fill_alpha=0,
        outline_line_color=None,
        output_backend="canvas",
        **options,
    )
    for axis in plot.axis:
        axis.axis_line_color = None
        axis.major_tick_line_color = None
        axis.minor_tick_line_color = None
        axis.major_label_text_color = c["ink3"]
        axis.major_label_text_font = FONT
        axis.major_label_text_font_size = "11.5px"
        axis.axis_label_text_font = FONT
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = "11.5px"
        axis.axis_label_text_color = c["ink3"]
    plot.xgrid.grid_line_color = None
    plot.ygrid.grid_line_color = c["line"]
    plot.toolbar.logo = None
    return plot


def plain_numbers(axis: Any) -> None:
    """Whole numbers with thin spaces and a real minus sign instead of powers of ten."""
    from bokeh.models import CustomJSTickFormatter

    code = (
        "const [w, f] = String(Math.abs(+tick.toFixed(2))).split('.');"
        "return (tick < 0 ? '\u2212' : '') + w.replace(/\\B(?=(\\d{3})+$)/g, '\u2009') + (f ? '.' + f : '')"
    )
    for one in axis:
        one.formatter = CustomJSTickFormatter(code=code)


def cursor(plot: Any, theme: str, year: float) -> Any:
    """The line of the current year."""
    from bokeh.models import Span

    span = Span(location=year, dimension="height", line_color=tokens(theme)["ink"], line_width=1.4)
    plot.add_layout(span)
    return span


def spread_labels(values: Sequence[float], gap: float) -> list[float]:
    """Heights of labels pushed apart to at least ``gap``, in the given order, moved as little as possible."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    placed = [float(v) for v in values]
    for before, after in itertools.pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    if order:
        shift = sum(placed[i] - values[i] for i in order) / len(order)
        placed = [p - shift for p in placed]
    return placed


def padded(low: float, high: float, share: float = 0.12, least: float = 1.0) -> tuple[float, float]:
    """A range with room above and below, never narrower than ``least``."""
    if high - low < least:
        middle = 0.5 * (low + high)
        low, high = middle - 0.5 * least, middle + 0.5 * least
    pad = share * (high - low)
    return low - pad, high + pad

"""Charts made of lines and bars: temperature and pressure, cash flow, sensitivity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.core.properties import value

from sandbox.chart_style import (
    FONT,
    blank_figure,
    cursor,
    padded,
    plain_numbers,
    scheme_token,
    spread_labels,
    thermal_palette,
    tokens,
)
from scenarios.sensitivity import tornado

if TYPE_CHECKING:
    from sandbox.session import Session

# Room right of the last year for the names of the lines, as a share of the years.
LABEL_ROOM = 0.1


def _source(*columns: str) -> Any:
    from bokeh.models import ColumnDataSource

    return ColumnDataSource({name: [] for name in columns})


def _rows(plot: Any, *, height: float = 1.0) -> Any:
    """Text at the end of lines: direct labels instead of a legend."""
    labels = _source("x", "y", "text", "color")
    plot.text(
        "x",
        "y",
        text="text",
        text_color="color",
        text_font=value(FONT),
        text_font_size="12px",
        text_font_style="bold",
        text_baseline="middle",
        x_offset=6,
        source=labels,
    )
    return labels


def _mark_years(plot: Any, last: float, step: int) -> None:
    """Years on the axis up to the last one, not into the room for names."""
    ticks = list(range(0, int(last) + 1, step if last >= 2 * step else 1))
    if list(plot.xaxis[0].ticker.ticks if hasattr(plot.xaxis[0].ticker, "ticks") else []) != ticks:
        plot.xaxis[0].ticker = ticks


class Temperature:
    """Temperature at the well bottoms and pressure at the wells over the years."""

    def __init__(self, session: Session):
        import panel as pn
        from bokeh.models import Range1d

        self.session = session
        self.theme = session.state.theme or "light"
        c = tokens(self.theme)
        self.plot = blank_figure(self.theme, x_range=Range1d(0, 30), y_range=Range1d(0, 1))
        self.others = _source("xs", "ys")
        self.plot.multi_line("xs", "ys", source=self.others, color=c["ink3"], alpha=0.28, line_width=1)
        self.band = _source("x", "low", "high")
        self.plot.varea("x", "low", "high", source=self.band, color=c["prod"], alpha=0.16)
        self.lines = {
            "baseline": self._line(c["s0"], 1.8, "dotted"),
            "before": self._line(c["ink3"], 1.8, "dashed"),
            "mean": self._line(c["sA"], 2.4, "solid"),
            "well": self._line(c["prod"], 3.0, "solid"),
        }
        self.now = _source("x", "y", "text", "color")
        self.plot.scatter(
            "x", "y", size=10, color="color", line_color=c["surface"], line_width=2, source=self.now
        )
        self.plot.text(
            "x",
            "y",
            text="text",
            text_color="color",
            text_font=value(FONT),
            text_font_size="13px",
            text_font_style="bold",
            x_offset=9,
            y_offset=-6,
            source=self.now,
        )
        self.labels = _rows(self.plot)
        self.pressure = blank_figure(self.theme, x_range=Range1d(0, 30), y_range=Range1d(-1, 1), width=300)
        self.pressure.sizing_mode = "stretch_height"
        self.pressures = _source("xs", "ys", "color", "width")
        self.pressure.multi_line("xs", "ys", color="color", line_width="width", source=self.pressures)
        self.pressure_labels = _rows(self.pressure)
        self.cursors = [cursor(plot, self.theme, 0.0) for plot in (self.plot, self.pressure)]
        self.view = pn.Row(
            pn.pane.Bokeh(self.plot, sizing_mode="stretch_both", margin=0),
            pn.pane.Bokeh(self.pressure, sizing_mode="stretch_height", margin=0, width=300),
            sizing_mode="stretch_both",
            margin=0,
        )
        self._colours: dict[str, Any] = {}

    def _line(self, color: str, width: float, dash: str) -> Any:
        source = _source("x", "y")
        renderer = self.plot.line("x", "y", source=source, color=color, line_width=width, line_dash=dash)
        source.tags = [renderer]
        return source

    def show(self, shown: bool) -> None:
        self.plot.visible = self.pressure.visible = shown

    def update(self) -> None:
        session = self.session
        c = tokens(self.theme)
        forecast = session.evaluation.forecast
        years = np.concatenate(([0.0], np.asarray(forecast.years, dtype=float)))
        curves = {n: self._from_start(session.evaluation, n) for n in _producers(session.evaluation)}
        if not curves:
            return
        mean = _mean(session.evaluation, curves)
        selected = session.state.selected if session.state.selected in curves else ""
        entry = session.workspace.active
        token = scheme_token("" if entry.baseline else entry.letter)
        self.plot.x_range.end = float(years[-1]) * (1.0 + 1.8 * LABEL_ROOM)
        _mark_years(self.plot, years[-1], 5)
        self.others.data = {"xs": [years] * len(curves), "ys": list(curves.values())}
        shown = {"mean": (years, mean), "well": (years, curves[selected]) if selected else None}
        base = session.baseline.evaluation if session.baseline else None
        if base is not None and not entry.baseline:
            base_curves = {n: self._from_start(base, n) for n in _producers(base)}
            base_years = np.concatenate(([0.0], np.asarray(base.forecast.years, dtype=float)))
            shown["baseline"] = (base_years, _mean(base, base_curves))
            if selected in base_curves:
                shown["before"] = (base_years, base_curves[selected])
        for name, source in self.lines.items():
            pair = shown.get(name)
            source.data = {"x": pair[0], "y": pair[1]} if pair else {"x": [], "y": []}
        self.lines["mean"].tags[0].glyph.line_color = c[token]
        self._draw_band(years, selected)
        low, high = self._range(curves.values(), shown)
        self._label(shown, selected, entry, (low, high))
        self._draw_now(years, curves[selected] if selected else mean, c["prod" if selected else token])
        self._draw_pressure(forecast, years, selected)

    @staticmethod
    def _from_start(evaluation: Any, name: str) -> np.ndarray:
        series = np.asarray(evaluation.forecast.temperature_degc[name], dtype=float)
        rock = dict(zip(evaluation.facts.plan.hot.names, evaluation.facts.plan.hot.rock_degc, strict=True))
        return np.concatenate(([float(rock.get(name, series[0]))], series))

    def _draw_band(self, years: np.ndarray, selected: str) -> None:
        forecast = self.session.evaluation.forecast
        empty = {"x": [], "low": [], "high": []}
        if not selected or not forecast.low_degc or selected not in forecast.low_degc:
            self.band.data = empty
            return
        low, high = forecast.low_degc[selected], forecast.high_degc[selected]
        self.band.data = {"x": years[1:], "low": np.asarray(low), "high": np.asarray(high)}

    def _range(self, curves: Any, shown: dict[str, Any]) -> tuple[float, float]:
        rows = [*curves, *(pair[1] for pair in shown.values() if pair)]
        low, high = padded(
            min(float(np.min(r)) for r in rows), max(float(np.max(r)) for r in rows), least=2.0
        )
        self.plot.y_range.start, self.plot.y_range.end = low, high
        return low, high

    def _label(self, shown: dict[str, Any], selected: str, entry: Any, span: tuple[float, float]) -> None:
        session, c = self.session, tokens(self.theme)
        token = scheme_token("" if entry.baseline else entry.letter)
        texts = {
            "baseline": (session.text("chart_mean", name=session.text("baseline_short")), c["s0"]),
            "before": (session.text("chart_in_baseline", name=selected), c["ink2"]),
            "mean": (
                session.text(
                    "chart_mean", name=session.text("baseline_short") if entry.baseline else entry.letter
                ),
                c[token],
            ),
            "well": (selected, c["prod_ink"]),
        }
        rows = [(name, pair) for name, pair in shown.items() if pair]
        ends = spread_labels([float(pair[1][-1]) for _, pair in rows], 0.13 * (span[1] - span[0]))
        self.labels.data = {
            "x": [float(pair[0][-1]) for _, pair in rows],
            "y": ends,
            "text": [texts[name][0] for name, _ in rows],
            "color": [texts[name][1] for name, _ in rows],
        }

    def _draw_now(self, years: np.ndarray, curve: np.ndarray, color: str) -> None:
        year = float(self.session.state.year or 0.0)
        for span in self.cursors:
            span.location = year
        value = float(np.interp(year, years, curve))
        unit = "℃" if self.session.lang == "zh" else "°C"
        self.now.data = {"x": [year], "y": [value], "text": [f"{value:.1f} {unit}"], "color": [color]}

    def _draw_pressure(self, forecast: Any, years: np.ndarray, selected: str) -> None:
        c = tokens(self.theme)
        kinds = {w.name: w.kind for w in self.session.evaluation.wells}
        xs, ys, color, width = [], [], [], []
        for name, series in forecast.pressure_change_bar.items():
            if kinds.get(name) not in ("producer", "injector"):
                continue
            xs.append(years[1:])
            ys.append(np.asarray(series, dtype=float))
            color.append(c["prod"] if kinds[name] == "producer" else c["inj"])
            width.append(3.0 if name == selected else 1.0)
        _mark_years(self.pressure, years[-1], 10)
        self.pressure.x_range.end = float(years[-1]) * (1.0 + 4.2 * LABEL_ROOM)
        self.pressures.data = {"xs": xs, "ys": ys, "color": color, "width": width}
        if not ys:
            return
        low, high = padded(min(float(np.min(y)) for y in ys), max(float(np.max(y)) for y in ys), least=1.0)
        self.pressure.y_range.start, self.pressure.y_range.end = low, high
        groups = (("prod_ink", "chart_producers", "producer"), ("inj_ink", "chart_injectors", "injector"))
        ends = []
        for token, key, kind in groups:
            of_kind = [
                float(y[-1])
                for y, n in zip(ys, forecast.pressure_change_bar, strict=False)
                if kinds.get(n) == kind
            ]
            if of_kind:
                ends.append((c[token], self.session.text(key), float(np.mean(of_kind))))
        self.pressure_labels.data = {
            "x": [float(years[-1])] * len(ends),
            "y": spread_labels([e[2] for e in ends], 0.14 * (high - low)),
            "text": [e[1] for e in ends],
            "color": [e[0] for e in ends],
        }


def _producers(evaluation: Any) -> list[str]:
    return [
        w.name
        for w in evaluation.wells
        if w.kind == "producer" and w.name in evaluation.forecast.temperature_degc
    ]


def _mean(evaluation: Any, curves: dict[str, np.ndarray]) -> np.ndarray:
    """Flow-weighted mean of the producers."""
    rates = np.array([w.rate_m3_h for w in evaluation.wells if w.name in curves])
    table = np.array([curves[w.name] for w in evaluation.wells if w.name in curves])
    return rates @ table / rates.sum() if rates.sum() > 0 else table.mean(axis=0)


class Cash:
    """Net cash of each year as bars, its sum from the start as lines, the payback as a mark."""

    def __init__(self, session: Session):
        import panel as pn
        from bokeh.models import Range1d, Span

        self.session = session
        self.theme = session.state.theme or "light"
        c = tokens(self.theme)
        self.plot = blank_figure(self.theme, x_range=Range1d(-0.8, 30.6), y_range=Range1d(-1, 1))
        plain_numbers(self.plot.yaxis)
        self.plot.add_layout(Span(location=0, dimension="width", line_color=c["ink3"], line_width=1))
        self.bars = _source("x", "top", "color")
        self.plot.vbar("x", 0.62, "top", color="color", alpha=0.85, source=self.bars)
        self.sum = _source("x", "y")
        self.line = self.plot.line("x", "y", source=self.sum, line_width=2.6, color=c["accent"])
        self.base = _source("x", "y")
        self.plot.line("x", "y", source=self.base, line_width=1.8, color=c["s0"], line_dash="dotted")
        self.mark = _source("x", "y", "text")
        self.plot.scatter(
            "x", "y", size=10, color=c["accent"], line_color=c["surface"], line_width=2, source=self.mark
        )
        self.plot.text(
            "x",
            "y",
            text="text",
            source=self.mark,
            text_font=value(FONT),
            text_font_size="12px",
            text_font_style="bold",
            text_color=c["accent"],
            x_offset=6,
            y_offset=20,
        )
        self.labels = _rows(self.plot)
        self.cursors = [cursor(self.plot, self.theme, 0.0)]
        self.view = pn.pane.Bokeh(self.plot, sizing_mode="stretch_both", margin=0)

    def show(self, shown: bool) -> None:
        self.plot.visible = shown

    def update(self) -> None:
        session, c = self.session, tokens(self.theme)
        scale = 1e4 if session.lang == "zh" else 1e6
        flows = np.asarray(session.evaluation.cash_flow.flows_cny) / scale
        years = np.arange(len(flows))
        total = np.cumsum(flows)
        self.bars.data = {
            "x": years,
            "top": flows,
            "color": [c["better"] if v >= 0 else c["worse"] for v in flows],
        }
        self.sum.data = {"x": years, "y": total}
        rows = [(session.text("chart_total"), float(total[-1]), c["accent"])]
        spans = [total, flows]
        base = session.baseline.evaluation if session.baseline else None
        if base is not None and not session.workspace.active.baseline:
            other = np.cumsum(np.asarray(base.cash_flow.flows_cny)) / scale
            self.base.data = {"x": np.arange(len(other)), "y": other}
            rows.append((session.text("baseline_short"), float(other[-1]), c["s0"]))
            spans.append(other)
        else:
            self.base.data = {"x": [], "y": []}
        low, high = padded(min(float(s.min()) for s in spans), max(float(s.max()) for s in spans))
        self.plot.y_range.start, self.plot.y_range.end = low, high
        _mark_years(self.plot, len(flows) - 1, 5)
        self.plot.x_range.end = (len(flows) - 1) * (1.0 + LABEL_ROOM)
        self._mark(total)
        self.labels.data = {
            "x": [len(flows) - 1.0] * len(rows),
            "y": spread_labels([r[1] for r in rows], 0.13 * (high - low)),
            "text": [r[0] for r in rows],
            "color": [r[2] for r in rows],
        }
        self.cursors[0].location = float(session.state.year or 0.0)

    def _mark(self, total: np.ndarray) -> None:
        payback = self.session.evaluation.kpis["payback_years"].value
        if payback is None or payback > len(total) - 1:
            self.mark.data = {"x": [], "y": [], "text": []}
            return
        text = self.session.text("chart_payback", years=f"{payback:.1f}")
        self.mark.data = {"x": [payback], "y": [0.0], "text": [text]}


class Sensitivity:
    """Change of the net present value at the low and the high end of each assumption."""

    def __init__(self, session: Session):
        import panel as pn
        from bokeh.models import FactorRange, Range1d, Span

        self.session = session
        self.theme = session.state.theme or "light"
        c = tokens(self.theme)
        self.plot = blank_figure(self.theme, x_range=Range1d(-1, 1), y_range=FactorRange(factors=[]))
        plain_numbers(self.plot.xaxis)
        self.plot.min_border_left = 150
        self.plot.ygrid.grid_line_color = None
        self.plot.xgrid.grid_line_color = c["line"]
        self.plot.yaxis.major_label_text_color = c["ink2"]
        self.plot.yaxis.major_label_text_font_size = "13px"
        self.bars = _source("y", "left", "right", "color")
        self.plot.hbar("y", 0.56, "right", "left", color="color", source=self.bars)
        self.ends = _source("x", "y", "text", "align", "dx")
        self.plot.text(
            "x",
            "y",
            text="text",
            source=self.ends,
            text_font=value(FONT),
            text_font_size="12px",
            text_color=c["ink2"],
            text_align="align",
            text_baseline="middle",
            x_offset="dx",
        )
        self.plot.add_layout(Span(location=0, dimension="height", line_color=c["ink3"], line_width=1.2))
        self.cursors: list[Any] = []
        self._key: Any = None
        self.view = pn.pane.Bokeh(self.plot, sizing_mode="stretch_both", margin=0)

    def show(self, shown: bool) -> None:
        self.plot.visible = shown

    def update(self) -> None:
        session, c = self.session, tokens(self.theme)
        key = (id(session.evaluation), session.lang)
        if key == self._key:
            return
        self._key = key
        scale = 1e4 if session.lang == "zh" else 1e6
        swings = [s for s in tornado(session.evaluation.facts) if s.low is not None and s.high is not None]
        names = [f"{session.text('vary_' + s.key)}  {s.low_at:+.0f} / {s.high_at:+.0f}" for s in swings]
        if "discount_rate" in {s.key for s in swings}:
            names = [
                f"{session.text('vary_discount_rate')}  {s.low_at:.0f} / {s.high_at:.0f} %"
                if s.key == "discount_rate"
                else f"{name} {'K' if s.key.endswith('_k') else '%'}"
                for s, name in zip(swings, names, strict=True)
            ]
        names = [name.replace("-", "\u2212") for name in names]
        bars: dict[str, list[Any]] = {"y": [], "left": [], "right": [], "color": []}
        ends: dict[str, list[Any]] = {"x": [], "y": [], "text": [], "align": [], "dx": []}
        most = max((s.size for s in swings), default=1.0) / scale
        for name, swing in zip(names, swings, strict=True):
            for move in (swing.low / scale, swing.high / scale):  # type: ignore[operator]
                bars["y"].append(name)
                bars["left"].append(min(move, 0.0))
                bars["right"].append(max(move, 0.0))
                bars["color"].append(c["better"] if move > 0 else c["worse"])
                ends["x"].append(move)
                ends["y"].append(name)
                ends["text"].append(f"{move:+,.0f}".replace("-", "\u2212").replace(",", "\u2009"))
                ends["align"].append("left" if move > 0 else "right")
                ends["dx"].append(5 if move > 0 else -5)
        self.plot.y_range.factors = list(reversed(names))
        self.plot.x_range.start, self.plot.x_range.end = -1.25 * most, 1.25 * most
        self.bars.data, self.ends.data = bars, ends


__all__ = ["Cash", "Sensitivity", "Temperature", "thermal_palette"]

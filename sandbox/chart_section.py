"""Section along the selected well: layers, the well's path, rock and reservoir temperature at the year shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.core.properties import value

from sandbox.chart_style import FONT, thermal_palette, tokens
from sandbox.places import well_state
from twin_models.sites import Site

if TYPE_CHECKING:
    from sandbox.session import Session

COLUMNS, ROWS = 480, 240
SURFACE_DEGC = 12.0
LEAST_HALF_WIDTH_M = 900.0
NEAR_M = 250.0


def warm() -> None:
    """Import HoloViews and datashader and compile their first picture."""
    import holoviews as hv
    import panel as pn
    from holoviews.operation.datashader import regrid

    pn.extension()
    hv.extension("bokeh")
    picture = hv.Image(np.zeros((8, 8)), bounds=(0, 0, 1, 1))
    hv.render(regrid(picture, dynamic=False, width=4, height=4))


def section_line(well: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, float]:
    """Start, unit direction and length (m) of the section: through head and target, with room at both ends."""
    head = np.array([well["head_x_m"], well["head_y_m"]])
    target = np.array([well["x_m"], well["y_m"]])
    step = target - head
    reach = float(np.hypot(*step))
    along = step / reach if reach > 1.0 else np.array([1.0, 0.0])
    room = max(LEAST_HALF_WIDTH_M, 0.6 * reach)
    return head - along * room, along, reach + 2.0 * room


def rock_column(site: Site, depths_m: np.ndarray, top_m: float, top_degc: float) -> np.ndarray:
    """Undisturbed rock temperature (degC): straight from the surface to the top of the reservoir and on below."""
    gradient = (top_degc - SURFACE_DEGC) / max(top_m, 1.0)
    return SURFACE_DEGC + gradient * depths_m


def section_grid(
    site: Site, fields: Any, well: dict[str, Any], year: float, deepest_m: float
) -> tuple[np.ndarray, float]:
    """Temperature (ROWS, COLUMNS), row 0 at the surface, and the length of the section (m)."""
    start, along, length = section_line(well)
    at = np.linspace(0.0, length, COLUMNS)
    points = start[None, :] + at[:, None] * along[None, :]
    frame = _frame_at(fields, year)
    ny, nx = frame.shape
    (x0, y0), (lx, ly) = fields.origin_m, fields.extent_m
    column = np.clip(((points[:, 0] - x0) / lx * nx).astype(int), 0, nx - 1)
    row = np.clip(((points[:, 1] - y0) / ly * ny).astype(int), 0, ny - 1)
    reservoir = frame[row, column]
    first = fields.temperature_degc[0][row, column]
    depths = np.linspace(0.0, deepest_m, ROWS)
    grid = rock_column(site, depths, well["top_m"], float(np.median(first)))[:, None].repeat(COLUMNS, axis=1)
    inside = (depths >= well["top_m"]) & (depths <= well["base_m"])
    grid[inside] = reservoir[None, :]
    return grid, length


def _frame_at(fields: Any, year: float) -> np.ndarray:
    """Map at a year, linear between the frames."""
    years = np.asarray(fields.years, dtype=float)
    j = int(np.clip(np.searchsorted(years, year), 1, len(years) - 1))
    share = float(np.clip((year - years[j - 1]) / (years[j] - years[j - 1]), 0.0, 1.0))
    return (1.0 - share) * fields.temperature_degc[j - 1] + share * fields.temperature_degc[j]


class Section:
    """HoloViews picture that follows the selected well and the year."""

    def __init__(self, session: Session):
        import holoviews as hv
        import panel as pn

        hv.extension("bokeh")
        self.session = session
        self.cursors: list[Any] = []
        self.theme = session.state.theme or "light"
        self.pipe: Any = None
        self.view = pn.Column(pn.Spacer(height=0, margin=0), sizing_mode="stretch_both", margin=0)
        self._key: Any = None

    def show(self, shown: bool) -> None:
        """Its place in the frame is shown and hidden by the board."""

    def update(self) -> None:
        session = self.session
        settled = session.compute.cached(session.scheme)
        fields = settled.evaluation.forecast.fields if settled else None
        well = self._well()
        key = (id(fields), session.state.selected, round(float(session.state.year or 0.0), 1), session.lang)
        if key == self._key or fields is None or well is None:
            return
        self._key = key
        data = {"fields": fields, "well": well, "year": float(session.state.year or 0.0)}
        if self.pipe is None:
            self._begin(data)
        else:
            self.pipe.send(data)

    def _begin(self, data: dict[str, Any]) -> None:
        """The pane comes with its first data: a picture without any would be kept."""
        import holoviews as hv
        import panel as pn
        from holoviews.streams import Pipe

        self.pipe = Pipe(data=data)
        picture = hv.DynamicMap(self._draw, streams=[self.pipe])
        self.view.append(pn.pane.HoloViews(picture, sizing_mode="stretch_both", margin=0, linked_axes=False))

    def _well(self) -> dict[str, Any] | None:
        scheme = self.session.scheme
        named = [w for w in scheme.wells if w.name == self.session.state.selected]
        chosen = named or [w for w in scheme.wells if w.kind == "producer"][:1] or list(scheme.wells[:1])
        return well_state(self.session.site, chosen[0], scheme) if chosen else None

    def _draw(self, data: dict[str, Any]) -> Any:
        import holoviews as hv
        from holoviews.operation.datashader import regrid

        site, well = self.session.site, data["well"]
        deepest = float(well["base_m"]) * 1.12
        grid, length = section_grid(site, data["fields"], well, data["year"], deepest)
        picture = hv.Image(grid, bounds=(0.0, -deepest, length, 0.0))
        # Datashader brings the grid to the pixels there are, whatever the width of the frame.
        small = regrid(picture, dynamic=False, width=360, height=150, aggregator="mean")
        return self._dressed(small, well, length, deepest)

    def _dressed(self, picture: Any, well: dict[str, Any], length: float, deepest: float) -> Any:
        """The picture with layers, wells and names; always the same elements, some of them empty."""
        import holoviews as hv

        c = tokens(self.theme)
        site = self.session.site
        tops = [s.top_m for s in site.strata if 0.0 < s.top_m < deepest]
        lines = [[(0.0, -top), (length, -top)] for top in tops]
        parts = [
            picture.opts(cmap=thermal_palette(), clim=(SURFACE_DEGC, 90.0), colorbar=False),
            hv.Path(lines).opts(color=c["surface"], alpha=0.65, line_width=1),
        ]
        groups = self._paths(well, length)
        for width, name in ((1.6, "thin"), (4.0, "bold")):
            for kind, token in (("producer", "prod"), ("injector", "inj")):
                parts.append(hv.Path(groups.get((name, kind), [])).opts(color=c[token], line_width=width))
        for names, size, style in (
            (self._strata(length, deepest), "12px", "normal"),
            (self._name(well), "13px", "bold"),
        ):
            parts.append(
                hv.Labels(names, ["x", "y"], "text").opts(
                    text_color="#ffffff",
                    text_font_size=size,
                    text_font_style=style,
                    text_align="left",
                    text_font=value(FONT),
                )
            )
        return hv.Overlay(parts).opts(
            responsive=True,
            xlim=(0.0, length),
            ylim=(-deepest, 0.0),
            toolbar=None,
            default_tools=[],
            xlabel=self.session.text("chart_along"),
            ylabel=self.session.text("chart_depth"),
            show_frame=False,
            bgcolor=c["surface"],
            fontsize={"labels": "11.5px", "ticks": "11.5px"},
            hooks=[_quiet],
        )

    def _paths(self, well: dict[str, Any], length: float) -> dict[tuple[str, str], list[np.ndarray]]:
        """The selected well bold, its neighbours within 250 m of the plane thin."""
        start, along, _ = section_line(well)
        across = np.array([-along[1], along[0]])
        groups: dict[tuple[str, str], list[np.ndarray]] = {}
        for other in self.session.state.wells or []:
            path = np.array(other["path"], dtype=float)
            away, on = (path[:, :2] - start) @ across, (path[:, :2] - start) @ along
            mine = other["id"] == well["id"]
            if mine or (abs(away[-1]) < NEAR_M and 0.0 <= on[-1] <= length):
                key = ("bold" if mine else "thin", other["kind"])
                groups.setdefault(key, []).append(np.column_stack([on, -path[:, 2]]))
        return groups

    def _strata(self, length: float, deepest: float) -> list[tuple[float, float, str]]:
        lang = self.session.lang
        return [
            (0.012 * length, -(max(s.top_m, 0.0) + min(s.base_m, deepest)) / 2, s.name.get(lang))
            for s in self.session.site.strata
            if s.top_m < deepest and min(s.base_m, deepest) - max(s.top_m, 0.0) > 0.06 * deepest
        ]

    def _name(self, well: dict[str, Any]) -> list[tuple[float, float, str]]:
        start, along, _ = section_line(well)
        foot = (np.array([well["x_m"], well["y_m"]]) - start) @ along
        return [(float(foot), -float(well["top_m"]), f"   {well['id']}")]


def _quiet(plot: Any, _element: Any) -> None:
    """Depths are positive downward on the axis, and the figure has no frame of its own."""
    from bokeh.models import CustomJSTickFormatter

    figure = plot.state
    figure.yaxis.formatter = CustomJSTickFormatter(code="return Math.abs(tick).toFixed(0)")
    figure.outline_line_color = None
    figure.border_fill_alpha = 0
    figure.min_border_left = 58
    for axis in figure.axis:
        axis.axis_label_text_font_style = "normal"
        axis.axis_line_color = axis.minor_tick_line_color = axis.major_tick_line_color = None
        axis.axis_label_text_font = FONT
        axis.major_label_text_font = FONT

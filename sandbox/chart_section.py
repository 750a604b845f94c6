"""Section along the selected well: layers, the well's path, rock and reservoir temperature at the year shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sandbox.chart_style import FONT, thermal_palette, tokens
from sandbox.show import well_state
from twin_models.sites import Site

if TYPE_CHECKING:
    from sandbox.session import Session

COLUMNS, ROWS = 480, 240
SURFACE_DEGC = 12.0
LEAST_HALF_WIDTH_M = 900.0


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
        from holoviews.streams import Pipe

        hv.extension("bokeh")
        self.session = session
        self.cursor = None
        self.theme = session.state.theme or "light"
        self.pipe = Pipe(data=None)
        self.view = pn.pane.HoloViews(
            hv.DynamicMap(self._draw, streams=[self.pipe]),
            sizing_mode="stretch_both",
            margin=0,
            linked_axes=False,
        )
        self._key: Any = None

    def update(self) -> None:
        session = self.session
        settled = session.compute.cached(session.scheme)
        fields = settled.evaluation.forecast.fields if settled else None
        well = self._well()
        key = (id(fields), session.state.selected, round(float(session.state.year or 0.0), 1), session.lang)
        if key == self._key or fields is None or well is None:
            return
        self._key = key
        self.pipe.send({"fields": fields, "well": well, "year": float(session.state.year or 0.0)})

    def _well(self) -> dict[str, Any] | None:
        scheme = self.session.scheme
        named = [w for w in scheme.wells if w.name == self.session.state.selected]
        chosen = named or [w for w in scheme.wells if w.kind == "producer"][:1] or list(scheme.wells[:1])
        return well_state(self.session.site, chosen[0], scheme) if chosen else None

    def _draw(self, data: dict[str, Any] | None) -> Any:
        import holoviews as hv
        from holoviews.operation.datashader import regrid

        if not data:
            return self._dressed(hv.Image(np.zeros((2, 2)), bounds=(0, 0, 1, 1)), [], 1.0, 1.0)
        site, well = self.session.site, data["well"]
        deepest = float(well["base_m"]) * 1.12
        grid, length = section_grid(site, data["fields"], well, data["year"], deepest)
        picture = hv.Image(grid[::-1], bounds=(0.0, -deepest, length, 0.0), kdims=["along", "depth"])
        parts = [
            self._layers(site, length, deepest),
            self._paths(well),
            self._names(site, length, deepest, well),
        ]
        # Datashader brings the grid to the pixels there are, whatever the width of the frame.
        small = regrid(picture, dynamic=False, width=360, height=150, aggregator="mean")
        return self._dressed(small, parts, length, deepest)

    def _layers(self, site: Site, length: float, deepest: float) -> Any:
        import holoviews as hv

        c = tokens(self.theme)
        lines = [[(0.0, -s.top_m), (length, -s.top_m)] for s in site.strata if 0.0 < s.top_m < deepest]
        return hv.Path(lines).opts(color=c["surface"], alpha=0.65, line_width=1)

    def _paths(self, well: dict[str, Any]) -> Any:
        """The selected well bold, its neighbours within 250 m of the plane thin."""
        import holoviews as hv

        c = tokens(self.theme)
        start, along, length = section_line(well)
        across = np.array([-along[1], along[0]])
        thin, bold = [], []
        for other in self.session.state.wells or []:
            path = np.array(other["path"], dtype=float)
            away = (path[:, :2] - start) @ across
            on = (path[:, :2] - start) @ along
            if other["id"] == well["id"]:
                bold.append((other["kind"], np.column_stack([on, -path[:, 2]])))
            elif np.abs(away[-1]) < 250.0 and 0.0 <= on[-1] <= length:
                thin.append((other["kind"], np.column_stack([on, -path[:, 2]])))
        shown = hv.Overlay([hv.Path([])])
        for width, group in ((1.6, thin), (4.0, bold)):
            for kind in ("producer", "injector"):
                lines = [line for k, line in group if k == kind]
                if lines:
                    shown *= hv.Path(lines).opts(
                        color=c["prod" if kind == "producer" else "inj"], line_width=width
                    )
        return shown

    def _names(self, site: Site, length: float, deepest: float, well: dict[str, Any]) -> Any:
        import holoviews as hv

        lang = self.session.lang
        rows = [
            (0.012 * length, -(max(s.top_m, 0.0) + min(s.base_m, deepest)) / 2, s.name.get(lang))
            for s in site.strata
            if s.top_m < deepest and min(s.base_m, deepest) - s.top_m > 0.06 * deepest
        ]
        labels = hv.Labels(rows, ["along", "depth"], "text").opts(
            text_color="#ffffff", text_font_size="12px", text_align="left", text_font=FONT
        )
        start, along, _ = section_line(well)
        foot = (np.array([well["x_m"], well["y_m"]]) - start) @ along
        name = hv.Labels(
            [(float(foot), -float(well["top_m"]), f"  {well['id']}")], ["along", "depth"], "text"
        )
        return labels * name.opts(
            text_color="#ffffff",
            text_font_size="13px",
            text_font_style="bold",
            text_align="left",
            text_font=FONT,
        )

    def _dressed(self, picture: Any, parts: list[Any], length: float, deepest: float) -> Any:
        c = tokens(self.theme)
        result = picture.opts(cmap=thermal_palette(), clim=(SURFACE_DEGC, 90.0), colorbar=False)
        for part in parts:
            result *= part
        return result.opts(
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
        axis.axis_label_text_font = FONT
        axis.major_label_text_font = FONT

"""Assessments in the scene: weights repaint the basin, correlations redraw the heat, a place becomes a scheme.

What takes longer than a frame runs on workers of their own, newest request only, so that a slider may move as
fast as the hand and a simulation elsewhere does not wait.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sandbox import basin, points, quality, suitability
from sandbox.controllers.wells import number
from sandbox.i18n import dictionary
from scenarios.assess.handover import with_uncertainty
from scenarios.assess.indicators import PUBLISHED
from services.importer.from_basin import sites_folder
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

MAX_WEIGHT = 1.0
STEPS = 20  # of a correlation from 0 to 1: results are kept, so a slider that comes back answers at once
RECOVERY = (0.01, 0.6)
KINDS = ("suitability", "heat", "quality", "printed", "place", "points")

# Two: maps are read for the first time while the heat is being drawn.
_workers = ThreadPoolExecutor(2, thread_name_prefix="assess")


class Newest:
    """Runs the newest piece of work of its kind; older ones that have not begun are forgotten."""

    def __init__(self, session: Session, kind: str):
        self.session, self.kind = session, kind
        self._next: tuple[Callable[[], Any], Callable[[Any], None]] | None = None
        self._task: asyncio.Task[None] | None = None

    def ask(self, work: Callable[[], Any], show: Callable[[Any], None]) -> None:
        self._next = (work, show)
        self._busy(True)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def _busy(self, on: bool) -> None:
        kinds = set(self.session.state.assessing or ()) - {self.kind}
        self.session.state.assessing = sorted(kinds | {self.kind} if on else kinds)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._next is not None:
            (work, show), self._next = self._next, None
            try:
                result = await loop.run_in_executor(_workers, work)
                with self.session.state:
                    show(result)
            except InputError as error:
                self.session.refuse(error.faults[0])
            except Exception:
                traceback.print_exc()
        with self.session.state:
            self._busy(False)


class Assess:
    """What one session has chosen: weights, correlations, a place."""

    def __init__(self, session: Session):
        self.session = session
        self.state = session.state
        self.jobs = {kind: Newest(session, kind) for kind in KINDS}
        self.preset = "published"
        self.weights: np.ndarray | None = None
        self.result: suitability.Painted | None = None
        self.place: tuple[float, float] | None = None
        self.correlation = {"units": 0.0, "parameters": 0.0}
        self.recovery = basin.RECOVERY
        self.temperature: float | None = None
        self.matrices: dict[str, Any] = {}

    # --- suitability ---------------------------------------------------------------------------

    def paint(self) -> None:
        self.jobs["suitability"].ask(self._painted, self._show_painted)

    def _painted(self) -> tuple[suitability.Painted, dict[str, Any], dict[str, Any]]:
        if self.weights is None:
            self.weights = suitability.presets()[0][self.preset].copy()
        result = suitability.painted(self.weights.copy())
        return result, suitability.page_state(result, preset=self.preset), suitability.raster(result)

    def _show_painted(self, made: tuple[suitability.Painted, dict[str, Any], dict[str, Any]]) -> None:
        self.result, page, raster = made
        self.state.suit = page
        self.state.suit_map = raster
        self._show_place()

    def _show_place(self) -> None:
        if self.result is not None and self.place is not None:
            self.state.suit_place = suitability.place_state(self.result, *self.place)

    def weight(self, id: str, value: Any) -> None:
        if id not in PUBLISHED:
            raise InputError(Fault("weight", "unknown", f"must be one of {', '.join(PUBLISHED)}, got {id!r}"))
        share = number("weight", value)
        if not 0.0 <= share <= MAX_WEIGHT:
            raise InputError(Fault("weight", "range", f"must be from 0 to {MAX_WEIGHT:g}, got {share:g}"))
        if self.weights is None:
            self.weights = suitability.presets()[0][self.preset].copy()
        changed = self.weights.copy()
        changed[PUBLISHED.index(id)] = share
        if not changed.any():
            raise InputError(Fault("weight", "range", "must not all be 0"))
        self.weights, self.preset = changed, "own"
        self.paint()

    def use_preset(self, name: str) -> None:
        sets, _ = suitability.presets()
        if name not in sets:
            raise InputError(Fault("preset", "unknown", f"must be one of {', '.join(sets)}, got {name!r}"))
        self.preset, self.weights = name, sets[name].copy()
        self.paint()

    def look(self, x_m: Any, y_m: Any) -> None:
        self.place = (number("x_m", x_m), number("y_m", y_m))
        self._show_place()

    def forget_place(self) -> None:
        self.place = None
        self.state.suit_place = None

    def start_here(self) -> dict[str, Any]:
        """A new scheme in the field model at the chosen place; refused in words where there is none."""
        session = self.session
        place = (
            suitability.place_state(self.result, *self.place)
            if self.result is not None and self.place is not None
            else None
        )
        field = place["field"] if place else None
        if place is None or field is None or not field["near"]:
            raise InputError(
                Fault("place", "missing", "has no field model", {
                    "text_zh": session.text("suit_no_field"), "text_en": session.text("suit_no_field"),
                })
            )  # fmt: skip
        name = session.text("suit_scheme_name", roman=place["roman"], km=f"{field['away_km']:.1f}")
        if session.site.name != field["name"]:
            session.switch_site(field["name"])
        self._scheme_of(place, name)
        return {"site": field["name"], "scheme": session.workspace.active_id}

    def _scheme_of(self, place: dict[str, Any], name: str) -> None:
        """A scheme of one's own on the open site, with the assessment's ranges of thickness and temperature."""
        session = self.session
        session.workspace.duplicate(session.workspace.baseline.id, fresh=True)
        session.workspace.rename(session.workspace.active_id, name)
        spreads = suitability.spreads_at(*self.place) if self.place else None
        if spreads:
            text = {lang: dictionary(lang)["suit_spreads_edit"] for lang in ("zh", "en")}
            session.workspace.edit(
                with_uncertainty(session.scheme, spreads), label_zh=text["zh"], label_en=text["en"]
            )
        session.actions["set_scale"](scale="field")
        session.reopen()
        session.toast("suit_started", roman=place["roman"], name=session.site.title.get(session.lang))

    def build_here(self) -> None:
        """A schematic field from the basin model where no field has been described, and a scheme in it."""
        session, at, folder = self.session, self.place, sites_folder()
        place = suitability.place_state(self.result, *at) if self.result is not None and at else None
        if place is None or at is None or folder is None:
            raise InputError(Fault("place", "missing", "choose a place of the basin first", {
                "text_zh": session.text("suit_click"), "text_en": session.text("suit_click"),
            }))  # fmt: skip

        def show(site: str) -> None:
            session.switch_site(site)
            self._scheme_of(place, session.text("suit_scheme_built", roman=place["roman"]))

        self.jobs["place"].ask(partial(suitability.field_at, *at, folder), show)

    def points(self) -> None:
        """A million points of equal heat, counted once a process."""

        def show(layer: dict[str, Any]) -> None:
            self.state.point_map = layer

        self.jobs["points"].ask(points.layer, show)

    # --- heat in place -------------------------------------------------------------------------

    def known(self) -> dict[str, Any]:
        return basin.statistics(self.correlation["units"], self.correlation["parameters"], self.recovery)

    def resource(self, unit: str) -> dict[str, Any]:
        return basin.unit_state(self.session.lang, unit, self.known()) | {"correlation": self.correlation}

    def correlate(self, which: str, value: Any) -> None:
        if which not in self.correlation:
            raise InputError(Fault("correlation", "unknown", "must be units or parameters"))
        share = number("correlation", value)
        if not 0.0 <= share <= 1.0:
            raise InputError(Fault("correlation", "range", f"must be from 0 to 1, got {share:g}"))
        self.correlation = {**self.correlation, which: round(share * STEPS) / STEPS}
        self._draw()

    def recover(self, value: Any) -> None:
        share = number("recovery_factor", value)
        low, high = RECOVERY
        if not low <= share <= high:
            raise InputError(Fault("recovery_factor", "range", f"must be {low:g} to {high:g}, got {share:g}"))
        self.recovery = round(share, 2)
        self._draw()

    def open_basin(self) -> None:
        """First look at the basin: its heat, and, while it is looked at, the maps that suitability needs."""
        self._draw()
        _workers.submit(suitability.presets)

    def _draw(self) -> None:
        def show(_known: dict[str, Any]) -> None:
            self.state.resource = self.resource((self.state.resource or {}).get("id", ""))

        self.jobs["heat"].ask(self.known, show)

    # --- quality of a field, printed figures ---------------------------------------------------

    def quality(self, temperature_degc: Any = None) -> None:
        degc = None if temperature_degc is None else round(number("temperature_degc", temperature_degc), 1)
        low, high = quality.RANGE_DEGC
        if degc is not None and not low <= degc <= high:
            raise InputError(Fault("temperature_degc", "range", f"must be {low:g} to {high:g}, got {degc:g}"))
        self.temperature = degc
        if degc is None:
            self.matrices = {}
        site = self.session.site.name

        def show(result: dict[str, Any] | None) -> None:
            if self.session.site.name == site:
                self.state.quality = result

        self.jobs["quality"].ask(partial(quality.quality_state, site, degc, dict(self.matrices)), show)

    def judge(self, matrix: str, row: int, column: int, value: Any) -> None:
        """One comparison of a judgement matrix, typed into its cell."""
        shown = {m["id"]: m for m in (self.state.quality or {}).get("matrices", [])}
        if matrix not in shown:
            raise InputError(Fault("matrix", "unknown", f"must be one of {', '.join(shown)}, got {matrix!r}"))
        changed = quality.judged_anew(shown[matrix]["matrix"], int(row), int(column), value)
        matrices = {**self.matrices, matrix: changed}
        self.state.quality = quality.quality_state(self.session.site.name, self.temperature, matrices)
        self.matrices = matrices

    def printed(self, part: str) -> None:
        if part and part not in quality.PRINTED:
            raise InputError(Fault("part", "unknown", f"must be one of {', '.join(quality.PRINTED)}"))
        if not part or (self.state.printed or {}).get("part") == part:
            self.state.printed = None
            return

        def show(rows: list[dict[str, Any]]) -> None:
            self.state.printed = {"part": part, "rows": rows}

        self.jobs["printed"].ask(partial(quality.printed_rows, part), show)


def register(session: Session) -> None:
    own = Assess(session)
    session.assess = own
    drawer, colour = session.actions["set_drawer"], session.actions["colour_by"]

    def colour_by(quantity: str) -> None:
        colour(quantity=quantity)
        if quantity == "suitability" and session.state.suit is None:
            own.paint()
        if quantity == "points" and session.state.point_map is None:
            own.points()

    def set_drawer(**given: Any) -> None:
        drawer(**given)
        here = session.state.drawer == "subsurface" and session.site.name in quality.CASES
        if here and session.state.quality is None:
            own.quality()

    session.actions |= {
        "colour_by": colour_by,
        "set_drawer": set_drawer,
        "suit_weight": own.weight,
        "suit_preset": own.use_preset,
        "suit_at": own.look,
        "suit_forget": own.forget_place,
        "suit_start": own.start_here,
        "suit_build": own.build_here,
        "heat_correlation": own.correlate,
        "heat_recovery": own.recover,
        "quality_temperature": own.quality,
        "quality_cell": own.judge,
        "printed": own.printed,
    }

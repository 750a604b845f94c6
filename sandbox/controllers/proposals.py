"""Around a proposal: where nothing may stand, which uses are wished for, and portfolios of uses side by side."""

from __future__ import annotations

import asyncio
import re
import threading
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from scenarios import keep_out
from scenarios.kpis import KPIS
from scenarios.optimise import portfolios
from scenarios.scheme import Scheme
from twin_models.base import Cancelled
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

NAP_S, PACE_S = 0.02, 0.3
WISHES = ("", "wanted", "excluded")
SHOWN = (
    "temperature_decline_k",
    "lifetime_years",
    "annual_heat_gj",
    "demand_met_pct",
    "electric_power_mw",
    "capex_cny",
    "npv_cny",
    "lcoh_cny_per_gj",
    "payback_years",
    "co2_avoided_t_per_year",
    "coal_replaced_tce_per_year",
)
SERIES = ("degc", "heat_gj", "worth_cny", "co2_t")


class Proposals:
    """Keep-out areas, wishes and portfolios of one session."""

    def __init__(self, session: Session):
        self.session, self.state = session, session.state
        self.wishes: dict[str, str] = dict.fromkeys(portfolios.FIVE, "")
        self.found: list[portfolios.Portfolio] = []
        self.site = ""
        self._stop = threading.Event()
        self._running = False
        self._progress = (0, 0)
        self._error: InputError | None = None
        self._known: tuple[str, dict[str, dict[str, str] | None]] = ("", {})

    # --- keep-out areas -----------------------------------------------------------------------

    def show_areas(self) -> None:
        """The active scheme's areas as the page draws and lists them."""
        areas = [
            {
                "ring": [list(p) for p in ring],
                "km2": keep_out.area_m2(ring) / 1e6,
                "text": "; ".join(f"{x:.0f} {y:.0f}" for x, y in ring),
            }
            for ring in self.session.scheme.keep_out
        ]
        if areas != self.state.keep_out:
            self.state.keep_out = areas

    def add_area(self, ring: Any) -> dict[str, Any]:
        """An area drawn on the ground (points) or typed (``x y; x y; x y``)."""
        rings = [list(r) for r in self.session.scheme.keep_out]
        return self._set([*rings, self._points(ring, len(rings))])

    def set_area(self, index: int, value: Any) -> dict[str, Any]:
        rings: list[Any] = [list(r) for r in self.session.scheme.keep_out]
        self._known_area(index)
        rings[index] = self._points(value, index)
        return self._set(rings)

    def remove_area(self, index: int) -> dict[str, Any]:
        self._known_area(index)
        return self._set([r for i, r in enumerate(self.session.scheme.keep_out) if i != index])

    def _known_area(self, index: int) -> None:
        if not (isinstance(index, int) and 0 <= index < len(self.session.scheme.keep_out)):
            raise InputError(Fault("keep_out", "unknown", f"no keep-out area number {index}"))

    def _points(self, given: Any, index: int) -> Any:
        if not isinstance(given, str):
            return given
        numbers = [
            re.split(r"[\s,，]+", part.strip()) for part in re.split(r"[;；\n]+", given) if part.strip()
        ]
        try:
            return [(float(x), float(y)) for x, y in numbers]
        except ValueError:
            raise InputError(
                Fault(f"keep_out[{index}]", "syntax", "write corners as x y; x y; x y (metres)", {
                    "text_zh": "请把角点写成 x y; x y; x y（米）",
                    "text_en": "write corners as x y; x y; x y (metres)",
                })
            ) from None  # fmt: skip

    def _set(self, rings: list[Any]) -> dict[str, Any]:
        scheme, edit = keep_out.set_rings(self.session.scheme, rings)
        self.session.commit(scheme, edit)
        return {"areas": len(scheme.keep_out)}

    # --- uses wished for ----------------------------------------------------------------------

    def form(self) -> list[dict[str, Any]]:
        """The five uses: wish, whether the scheme has it, why it cannot be."""
        scheme = self.session.scheme
        reasons = self._reasons(scheme)
        have = portfolios.uses_of(scheme)
        return [
            {
                "id": use,
                "name": {"zh": portfolios.ZH[use], "en": portfolios.EN[use]},
                "wish": self.wishes[use],
                "have": use in have,
                "reason": reasons.get(use),
            }
            for use in portfolios.FIVE
        ]

    def _reasons(self, scheme: Scheme) -> dict[str, dict[str, str] | None]:
        if self._known[0] != scheme.key():
            try:
                reasons = portfolios.feasible(scheme)
            except InputError:
                reasons = {}
            self._known = (scheme.key(), reasons)
        return self._known[1]

    def wish(self, use: str, value: str) -> None:
        if use not in self.wishes or value not in WISHES:
            raise InputError(Fault(f"uses.{use}", "unknown", f"must be one of {', '.join(WISHES)}"))
        self.wishes[use] = value
        self.session.suggest.show_form()

    def asked(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Uses wanted and excluded."""
        return tuple(tuple(u for u, wish in self.wishes.items() if wish == word) for word in WISHES[1:])  # type: ignore[return-value]

    # --- portfolios ---------------------------------------------------------------------------

    def start(self) -> None:
        """Make portfolios of uses for the active scheme, each simulated over 50 years."""
        scheme, wishes = self.session.scheme, self.asked()
        portfolios.masks(scheme, *wishes)  # impossible wishes are refused at once
        self.stop()
        self.found, self._error, self._running, self._progress = [], None, True, (0, 0)
        self.site = self.session.site.name
        self._stop = stop = threading.Event()
        loop = asyncio.get_running_loop()
        self.show()
        threading.Thread(
            target=self._run, args=(scheme, wishes, stop, loop), name="portfolios", daemon=True
        ).start()

    def _run(self, scheme: Scheme, wishes: Any, stop: threading.Event, loop: Any) -> None:
        said = time.monotonic()

        def cancel() -> bool:
            while self.session.drag.origin is not None and not stop.is_set():
                time.sleep(NAP_S)
            return stop.is_set()

        def tell(done: int, total: int, found: list[portfolios.Portfolio]) -> None:
            nonlocal said
            if found or time.monotonic() - said > PACE_S:
                said = time.monotonic()
                self._say(loop, stop, done, total, found, True)

        error = None
        found: list[portfolios.Portfolio] | None = None
        try:
            found = portfolios.generate(
                scheme, wanted=wishes[0], excluded=wishes[1], tell=tell, cancel=cancel
            )
        except Cancelled:
            return
        except InputError as fault:
            error = fault
        except Exception:
            traceback.print_exc()
            error = InputError(
                Fault("portfolios", "failed", "could not be computed", {"text_zh": "未能算出"})
            )
        self._error = error
        self._say(loop, stop, *self._progress, found if found is not None else self.found, False)

    def _say(
        self, loop: Any, stop: threading.Event, done: int, total: int, found: Any, running: bool
    ) -> None:
        def hear() -> None:
            if stop is not self._stop or stop.is_set():
                return
            self._progress, self._running = (done, total), running
            if found or not running:
                self.found = list(found)
            with self.state:
                self.show()

        with suppress(RuntimeError):  # the loop has closed: the page is gone
            loop.call_soon_threadsafe(hear)

    def stop(self) -> None:
        self._stop.set()

    def cancel(self) -> None:
        self.stop()
        self._running = False
        self.show()

    def adopt(self, index: int) -> dict[str, Any]:
        """Take over the uses of a portfolio: one change, one undo."""
        if not (isinstance(index, int) and 0 <= index < len(self.found)):
            raise InputError(Fault("portfolios", "unknown", f"no portfolio number {index}"))
        scheme, edit = portfolios.adopt(self.session.scheme, self.found[index])
        self.session.commit(scheme, edit)
        return {"uses": list(self.found[index].uses)}

    def follow(self) -> None:
        """The scheme has changed: its areas and its uses are shown; another site has no portfolios yet."""
        self.show_areas()
        if self.site and self.site != self.session.site.name:
            self.stop()
            self.found, self.site, self._running = [], "", False
            self.state.portfolios = None
        elif self.state.portfolios:
            self.show()

    def show(self) -> None:
        now = (self.session.scheme.uses, self.session.scheme.season_days)
        fault = self._error.faults[0] if self._error else None
        self.state.portfolios = {
            "running": self._running,
            "done": self._progress[0],
            "total": self._progress[1],
            "years": portfolios.YEARS,
            "keys": [k for k in SHOWN if any(p.values.get(k) for p in self.found)] or list(SHOWN),
            "better": {k: KPIS[k].better for k in SHOWN},
            "error": None
            if fault is None
            else {"zh": fault.context.get("text_zh") or fault.text, "en": fault.text},
            "rows": [
                {
                    "title": p.title,
                    "uses": list(p.uses),
                    "own": p.is_own,
                    "here": (p.scheme.uses, p.scheme.season_days) == now,
                    "state": p.state,
                    "season_days": p.scheme.season_days,
                    "sizes": _sizes(p),
                    "values": {k: p.values.get(k) for k in SHOWN},
                    "series": {k: list((p.series or {}).get(k, ())) for k in SERIES},
                }
                for p in self.found
            ],
        }


def _sizes(portfolio: portfolios.Portfolio) -> list[dict[str, Any]]:
    """Sizes of the uses beside heating, as they stand in the scheme."""
    uses = portfolio.scheme.uses_dict()
    return [
        {"use": name, "key": key, "value": uses[name][key]}
        for name, (key, _) in portfolios.SIZES.items()
        if name in portfolio.uses and isinstance(uses.get(name), dict) and key in uses[name]
    ]


def register(session: Session) -> None:
    own = Proposals(session)
    session.proposals = own
    session.actions |= {
        "keep_out_add": own.add_area,
        "keep_out_set": own.set_area,
        "keep_out_remove": own.remove_area,
        "suggest_wish": own.wish,
        "portfolios_start": own.start,
        "portfolios_stop": own.cancel,
        "portfolio_adopt": own.adopt,
    }

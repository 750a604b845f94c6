"""Resource panel of the basin: heat in place of a structural unit, of all units, and how sure that is."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from scenarios.assess.cases import resolve
from scenarios.assess.draws import Structure, quantile
from scenarios.assess.heat_in_place import COAL_J_PER_TCE, FREE, band_limits, draw_heat, exact_means
from scenarios.assess.heat_input import Given, read_given
from twin_models.sites import load_site

BASIN = "nw-shandong"
CASE = "nw-shandong-2025"
BINS = 24
TOTAL_BINS = 48
CURVE_POINTS = 61
SHOWN = (0.002, 0.998)  # the ends of a histogram: beyond them bars are too low to be seen
RECOVERY = 0.25  # GB/T 11615 for sandstone; the width is ours
RECOVERY_WIDTH = 0.2


@lru_cache(maxsize=1)
def case() -> tuple[Given, dict[str, dict[str, float]]]:
    """The published case, and the bands of its total at the ends of the correlation; once per process (0.3 s)."""
    asked, _ = resolve({"case": CASE}, "heat-in-place", free=FREE)
    given = read_given(asked)
    return given, band_limits(given)


@lru_cache(maxsize=1)
def reach() -> tuple[float, float, int]:
    """Ends (J) of the axis of the total and the tallest bar on it, the same whatever is correlated."""
    _, limits = case()
    widest = limits["everything_correlated"]
    pad = 0.12 * (widest["p95"] - widest["p5"])
    low, high = widest["p5"] - pad, widest["p95"] + pad
    total = _draws(0.0, 0.0).sum(axis=0, dtype=np.float64)
    return low, high, int(np.histogram(total, bins=TOTAL_BINS, range=(low, high))[0].max())


@lru_cache(maxsize=3)
def _draws(units: float, parameters: float) -> np.ndarray:
    """Heat (J) of every unit in every draw; kept, so that the recovery factor moves without drawing again."""
    given, _ = case()
    return draw_heat(replace(given, structure=Structure(parameters=parameters, units=units)))


@lru_cache(maxsize=64)
def _means(parameters: float) -> np.ndarray:
    """Exact means (J) by unit: correlation between units does not move them, between parameters it does."""
    given, _ = case()
    return np.asarray(exact_means(replace(given, structure=Structure(parameters=parameters))))


@lru_cache(maxsize=16)
def statistics(units: float = 0.0, parameters: float = 0.0, recovery: float = RECOVERY) -> dict[str, Any]:
    """Draws of the published case under a correlation (0..1) between units and between parameters.

    Per unit ``mean_j`` (exact), ``p5_j``, ``p95_j``, ``histogram``; of the total ``sums`` with histogram and
    exceedance curve; ``independent`` and ``correlated``: its band at both ends of the correlation of units.
    """
    given, limits = case()
    heat, mean = _draws(units, parameters), _means(parameters)
    ends = np.quantile(heat, (0.05, 0.95), axis=1).astype(np.float64)
    return {
        "draws": given.draws,
        "mean_j": mean,
        "p5_j": ends[0],
        "p95_j": ends[1],
        "histogram": [histogram(row) for row in heat],
        "independent": [limits["independent"][p] for p in ("p5", "p95")],
        "correlated": [limits["units_correlated"][p] for p in ("p5", "p95")],
        "sums": sums(heat.sum(axis=0, dtype=np.float64), float(mean.sum()), recovery, seed=given.seed),
    }


def sums(total: np.ndarray, mean: float, recovery: float, *, seed: int) -> dict[str, Any]:
    """What is drawn and said of the total (J): histogram, exceedance, and the part that can be produced.

    The recovery factor is triangular, 20 % of itself to either side, one draw for all units.
    """
    low, high, tallest = reach()
    counts, edges = np.histogram(total, bins=TOTAL_BINS, range=(low, high))
    p5, p50, p95 = (float(v) for v in np.quantile(total, (0.05, 0.5, 0.95)))
    levels = np.linspace(low, high, CURVE_POINTS)
    ordered = np.sort(total)
    above = 1.0 - np.searchsorted(ordered, levels) / ordered.size
    ranks = np.random.default_rng([seed, 1]).random(total.size)
    triple = recovery * np.array([1.0 - RECOVERY_WIDTH, 1.0, 1.0 + RECOVERY_WIDTH])
    produced = total * quantile(triple, ranks)
    ends = np.quantile(produced, (0.05, 0.95))
    return {
        "low_j": low,
        "high_j": high,
        "bars": [round(100.0 * int(c) / tallest, 2) for c in counts],
        "tail": [bool(b <= p5 or a >= p95) for a, b in itertools.pairwise(edges)],
        "exceedance": [round(float(v), 4) for v in above],
        "mean_j": mean,
        "p5_j": p5,
        "p50_j": p50,
        "p95_j": p95,
        "coal_tce": mean / COAL_J_PER_TCE,
        "recovery": recovery,
        "recoverable_j": mean * recovery,
        "recoverable_p5_j": float(ends[0]),
        "recoverable_p95_j": float(ends[1]),
        "recoverable_tce": mean * recovery / COAL_J_PER_TCE,
    }


def histogram(draws: np.ndarray) -> dict[str, Any]:
    """Bars of equal width; ``tail``: those that lie wholly outside P5 to P95."""
    low, high = np.quantile(draws, SHOWN)
    counts, edges = np.histogram(draws, bins=BINS, range=(float(low), float(high)))
    p5, p95 = np.quantile(draws, (0.05, 0.95))
    tail = [bool(b <= p5 or a >= p95) for a, b in itertools.pairwise(edges)]
    return {"counts": counts.tolist(), "max": int(counts.max()), "tail": tail}


def unit_state(lang: str, unit: str, known: dict[str, Any] | None = None) -> dict[str, Any]:
    """The chosen unit (the richest one for ``""``), all units richest first, their total, and who says so.

    ``known``: what ``statistics`` gives for the correlation in force; everything independent without it.
    """
    basin = load_site(BASIN)
    known = known or statistics()
    published = statistics()["mean_j"]
    rows = []
    for u in basin.units:
        # The case names its units in its own way; their published means tell them apart.
        place = int(np.argmin(np.abs(published - u.heat_j_mean)))
        rows.append(
            {
                "id": u.id,
                "name": u.name.get(lang),
                "area_km2": u.area_km2,
                "thickness_m": list(u.thickness_m),
                "porosity": list(u.porosity),
                "temperature_degc": list(u.temperature_degc),
                "heat_j_mean": float(known["mean_j"][place]),
                "heat_j_p5": float(known["p5_j"][place]),
                "heat_j_p95": float(known["p95_j"][place]),
                "source": u.source,
                "place": place,
            }
        )
    chosen = next((r for r in rows if r["id"] == unit), max(rows, key=lambda r: r["heat_j_mean"]))
    total = sum(r["heat_j_mean"] for r in rows)
    alone, together = (known[name][1] - known[name][0] for name in ("independent", "correlated"))
    return {
        "id": chosen["id"],
        "unit": chosen,
        "units": sorted(rows, key=lambda r: -r["heat_j_mean"]),
        "total_j": total,
        "share_pct": 100.0 * chosen["heat_j_mean"] / total,
        "draws": known["draws"],
        "histogram": known["histogram"][chosen["place"]],
        "total": {
            "independent": known["independent"],
            "correlated": known["correlated"],
            "ratio": together / alone,
            "width": (known["sums"]["p95_j"] - known["sums"]["p5_j"]) / alone,
        },
        "sums": known["sums"],
        "provenance": basin.provenance.get(lang),
    }

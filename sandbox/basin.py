"""Resource panel of the basin: heat in place of a structural unit, of all units, and how sure that is."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

import numpy as np

from scenarios.assess.cases import resolve
from scenarios.assess.heat_in_place import FREE, band_limits, draw_heat, exact_means
from scenarios.assess.heat_input import read_given
from twin_models.sites import load_site

BASIN = "nw-shandong"
CASE = "nw-shandong-2025"
BINS = 24
SHOWN = (0.002, 0.998)  # the ends of a histogram: beyond them bars are too low to be seen


@lru_cache(maxsize=1)
def statistics() -> dict[str, Any]:
    """Draws of the published case, once per process (0.3 s): ``mean_j`` and ``histogram`` by unit, bands of the total."""
    asked, _ = resolve({"case": CASE}, "heat-in-place", free=FREE)
    given = read_given(asked)
    heat = draw_heat(given)
    limits = band_limits(given)
    return {
        "draws": given.draws,
        "mean_j": np.asarray(exact_means(given)),
        "histogram": [histogram(row) for row in heat],
        "independent": [limits["independent"][p] for p in ("p5", "p95")],
        "correlated": [limits["units_correlated"][p] for p in ("p5", "p95")],
    }


def histogram(draws: np.ndarray) -> dict[str, Any]:
    """Bars of equal width; ``tail``: those that lie wholly outside P5 to P95."""
    low, high = np.quantile(draws, SHOWN)
    counts, edges = np.histogram(draws, bins=BINS, range=(float(low), float(high)))
    p5, p95 = np.quantile(draws, (0.05, 0.95))
    tail = [bool(b <= p5 or a >= p95) for a, b in itertools.pairwise(edges)]
    return {"counts": counts.tolist(), "max": int(counts.max()), "tail": tail}


def unit_state(lang: str, unit: str) -> dict[str, Any]:
    """The chosen unit (the richest one for ``""``), all units richest first, their total, and who says so."""
    basin = load_site(BASIN)
    rows = [
        {
            "id": u.id,
            "name": u.name.get(lang),
            "area_km2": u.area_km2,
            "thickness_m": list(u.thickness_m),
            "porosity": list(u.porosity),
            "temperature_degc": list(u.temperature_degc),
            "heat_j_mean": u.heat_j_mean,
            "heat_j_p5": u.heat_j_p5,
            "heat_j_p95": u.heat_j_p95,
            "source": u.source,
        }
        for u in basin.units
    ]
    chosen = next((r for r in rows if r["id"] == unit), max(rows, key=lambda r: r["heat_j_mean"]))
    total = sum(r["heat_j_mean"] for r in rows)
    known = statistics()
    # The case names its units in its own way; their published means tell them apart.
    place = int(np.argmin(np.abs(known["mean_j"] - chosen["heat_j_mean"])))
    alone, together = (known[name][1] - known[name][0] for name in ("independent", "correlated"))
    return {
        "id": chosen["id"],
        "unit": chosen,
        "units": sorted(rows, key=lambda r: -r["heat_j_mean"]),
        "total_j": total,
        "share_pct": 100.0 * chosen["heat_j_mean"] / total,
        "draws": known["draws"],
        "histogram": known["histogram"][place],
        "total": {
            "independent": known["independent"],
            "correlated": known["correlated"],
            "ratio": together / alone,
        },
        "provenance": basin.provenance.get(lang),
    }

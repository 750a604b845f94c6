"""Heat stored in a reservoir and how sure that is: the volumetric method with triangular inputs.

    q = A M (T - T_0) [rho_r c_r (1 - phi) + rho_w c_w phi]        J      (source 003 eq. 1-3, GB/T 11615)

Every factor may be a triple (least, mode, greatest). The mean needs no sampling: for independent factors it
is the product of triangular means (q is linear in each factor), otherwise a quadrature. Percentiles come
from draws. Source 003 drew everything independently, which makes the 90 % band of a sum of units 2.2 times
narrower than if the units shared their geology; so correlation is an input.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from scenarios.assess.cases import judged, note, resolve
from scenarios.assess.draws import Structure, exact_mean, quantile, sampled
from scenarios.assess.heat_input import PARAMETERS, Given, read_given
from scenarios.schema_io import plain

COAL_J_PER_TCE = 29.3076e9  # 7000 kcal/kg; the factor all source documents use
BINS = 60
EXCEEDANCE_POINTS = 101
LIMIT_DRAWS = 50_000  # for the bands at the ends of the correlation, which only orient
FREE = ("draws", "seed", "recovery_factor")
QUANTITIES = {
    "mean": "J", "mean_exact": "J", "sd": "J", "p5": "J", "p50": "J", "p95": "J", "value_at_modes": "J",
    "abundance": "J/km2", "coal_equivalent": "tce", "area_km2": "km2",
}  # fmt: skip


def heat_in_place(data: Any) -> dict[str, Any]:
    """Assess heat in place (``docs/assess.md`` lists the keys). Raises ``InputError``.

    Out, per unit and in total: ``mean`` of the draws, ``mean_exact``, ``sd``, ``p5``, ``p50``, ``p95`` (the
    value that 5, 50, 95 % of the draws stay below), ``value_at_modes`` in J, ``abundance`` in J/km2,
    ``coal_equivalent`` of the exact mean in tce; in total also ``histogram`` and ``exceedance``.
    """
    asked, case = resolve(data, "heat-in-place", free=FREE)
    given = read_given(asked)
    draws = draw_heat(given)
    total = draws.sum(axis=0, dtype=np.float64)
    exact = exact_means(given)
    at_modes = heat_at(given, given.corner(1))
    draws.sort(axis=1)
    rows = [
        {"name": name, **_summary(draws[i], exact[i], at_modes[i], area=given.area_mean_km2[i])}
        for i, name in enumerate(given.names)
    ]
    total.sort()
    whole: dict[str, Any] = _summary(total, exact.sum(), at_modes.sum(), area=given.area_mean_km2.sum())
    whole |= {"histogram": _histogram(total), "exceedance": _exceedance(total)}
    limits = band_limits(given)
    result = {
        "method": "heat-in-place",
        "draws": given.draws,
        "seed": given.seed,
        "correlation": given.structure.as_dict(),
        "reference_temperature_degc": given.reference_degc,
        "quantities": QUANTITIES,
        "units": rows,
        "total": whole,
        "band_limits": limits,
        "drivers": _drivers(given),
        "recoverable": _recoverable(given, total, exact.sum(), at_modes.sum()),
        "notes": _notes(given, limits),
    }
    if case is not None:
        result["printed"] = judged(case["printed"], _published(given, result))
    answer: dict[str, Any] = plain(result)
    return answer


# --- the method ----------------------------------------------------------------------------------------


def heat_at(given: Given, values: np.ndarray) -> np.ndarray:
    """Heat (J) of each unit (units,) for factor values (parameters, units), in the order ``PARAMETERS``."""
    area, thickness, porosity, temperature, density, capacity = values
    stored = density * capacity * (1.0 - porosity) + given.water_j_m3k * porosity
    return np.asarray(area * 1e6 * thickness * (temperature - given.reference_degc) * stored)


def draw_heat(given: Given) -> np.ndarray:
    """Heat (J) of every unit in every draw, float32 of shape (units, draws); the same seed, the same draws."""
    heat = np.empty((len(given.names), given.draws), dtype=np.float32)
    for place, unit, factors in sampled(
        given.triples, given.structure, seed=given.seed, draws=given.draws, shared=given.shared_rows
    ):
        area, thickness, porosity, temperature, density, capacity = factors
        rock = density * capacity
        stored = rock + (np.float32(given.water_j_m3k) - rock) * porosity
        stored *= thickness * (temperature - np.float32(given.reference_degc))
        stored *= area * np.float32(1e6)
        heat[unit, place] = stored
    return heat


def exact_means(given: Given) -> np.ndarray:
    """Expected heat (J) of each unit without sampling, to about 1e-7.

    Independent factors: the product of their means (min + mode + max)/3. Correlated ones: given the common
    normal variable f of the unit they are independent again, so E q = E_f of the product of E[x|f].
    """

    def product(values: np.ndarray) -> np.ndarray:
        return heat_at(given, values)

    return exact_mean(given.triples, given.structure, product, shared=given.shared_rows)


def band_limits(given: Given) -> dict[str, dict[str, float]]:
    """P5, P50, P95 of the total (J) at the ends of the correlation, so that a reader sees what it may do.

    ``independent`` and ``units_correlated`` (each parameter of one rank in all units, parameters
    independent) from 50 000 draws; ``everything_correlated`` without draws: every factor raises the heat
    where water stores more than rock, so the total at rank u is the u-quantile of the total.
    """
    limits = {}
    for name, structure in (("independent", Structure()), ("units_correlated", Structure(units=1.0))):
        other = replace(given, structure=structure, draws=LIMIT_DRAWS)
        limits[name] = _percentiles(np.sort(draw_heat(other).sum(axis=0, dtype=np.float64)))
    heaviest = (given.triples[4, :, 2] * given.triples[5, :, 2]).max()
    if heaviest < given.water_j_m3k:
        shape = given.triples.shape[:2]
        limits["everything_correlated"] = {
            name: float(heat_at(given, quantile(given.triples, np.full(shape, u))).sum())
            for name, u in (("p5", 0.05), ("p50", 0.5), ("p95", 0.95))
        }
    return limits


# --- what is said about the draws ----------------------------------------------------------------------


def _percentiles(draws: np.ndarray) -> dict[str, float]:
    """P5, P50, P95 of sorted draws, by linear interpolation between them."""
    place = np.array((0.05, 0.5, 0.95)) * (draws.size - 1)
    values = np.interp(place, np.arange(draws.size), draws)
    return dict(zip(("p5", "p50", "p95"), values.tolist(), strict=True))


def _summary(draws: np.ndarray, exact: float, at_modes: float, *, area: float) -> dict[str, float]:
    """What is told of one unit or the total; ``draws`` sorted."""
    mean = float(draws.mean(dtype=np.float64))
    scale = max(abs(mean), 1.0)  # squares of 1e20 J do not fit into single precision
    away = (draws - draws.dtype.type(mean)) / draws.dtype.type(scale)
    return {
        "mean": mean,
        "mean_exact": float(exact),
        "sd": scale * float(np.sqrt(np.dot(away, away) / draws.size)),
        **_percentiles(draws),
        "value_at_modes": float(at_modes),
        "abundance": float(exact / area),
        "coal_equivalent": float(exact / COAL_J_PER_TCE),
        "area_km2": float(area),
    }


def _histogram(draws: np.ndarray) -> dict[str, Any]:
    """Share of the sorted draws in equal bins; ``edges_j`` has one more entry than ``share``."""
    edges = np.linspace(draws[0], draws[-1], BINS + 1)
    below = np.searchsorted(draws, edges[1:-1])
    return {"edges_j": edges, "share": np.diff(below, prepend=0, append=draws.size) / draws.size}


def _exceedance(draws: np.ndarray) -> dict[str, Any]:
    """Heat that is exceeded with a probability: the curve read from right to left is the distribution."""
    probability = np.linspace(0.0, 1.0, EXCEEDANCE_POINTS)
    place = (1.0 - probability) * (draws.size - 1)
    return {"probability": probability, "heat_j": np.interp(place, np.arange(draws.size), draws)}


def _drivers(given: Given) -> list[dict[str, Any]]:
    """Total heat with one factor at its least and greatest value in all units, the others at their modes."""
    rows = []
    for p, name in enumerate(PARAMETERS):
        ends = []
        for corner in (0, 2):
            values = given.corner(1).copy()
            values[p] = given.triples[p, :, corner]
            ends.append(float(heat_at(given, values).sum()))
        rows.append({"parameter": name, "low_j": ends[0], "high_j": ends[1], "swing_j": ends[1] - ends[0]})
    return sorted(rows, key=lambda row: -abs(row["swing_j"]))


def _recoverable(given: Given, total: np.ndarray, exact: float, at_modes: float) -> dict[str, Any] | None:
    """The part that can be produced; the factor is one draw for all units, independent of everything."""
    if given.recovery is None:
        return None
    low, mode, high = given.recovery
    rng = np.random.default_rng([given.seed, 1])
    factor = quantile(np.array(given.recovery), rng.random(given.draws))
    draws = np.sort(total * factor)
    mean = exact * (low + mode + high) / 3.0
    return {
        "recovery_factor": {"min": low, "mode": mode, "max": high},
        "mean": float(draws.mean()),
        "mean_exact": mean,
        **_percentiles(draws),
        "value_at_modes": at_modes * mode,
        "coal_equivalent": mean / COAL_J_PER_TCE,
    }


def _notes(given: Given, limits: dict[str, dict[str, float]]) -> list[dict[str, str]]:
    notes = []
    width = {name: band["p95"] - band["p5"] for name, band in limits.items()}
    if given.structure.units < 1.0 and width["units_correlated"] > 1.05 * width["independent"] > 0.0:
        times = width["units_correlated"] / width["independent"]
        notes.append(
            note(
                f"若各单元地质条件相同(单元间相关 = 1),总量的 90 % 区间是独立抽样的 {times:.1f} 倍宽。",
                "If units share their geology (correlation between units = 1), the 90 % band of the total is "
                f"{times:.1f} times as wide as with independent draws.",
            )
        )
    notes.append(
        note(
            "直方图最高柱的位置和概率取决于分组数,不作为“最可能资源量”。",
            "The tallest bar of a histogram and its probability depend on the number of bins; they are not "
            "given as the most probable heat.",
        )
    )
    return notes


# --- source 003 ------------------------------------------------------------------------------------------


def _published(given: Given, result: dict[str, Any]) -> dict[str, float]:
    """Our figures under the keys of the printed ones (heat in kJ, as source 003 prints it)."""
    total = result["total"]
    by_name = {row["name"]: row for row in result["units"]}
    area = given.area_mean_km2
    modes = given.corner(1)
    values = {f"total_{key}": total[key] / 1e3 for key in ("mean_exact", "p5", "p95", "value_at_modes")}
    for name, row in by_name.items():
        values |= {f"{name}:{key}": row[key] / 1e3 for key in ("mean_exact", "p5", "p95")}
        values[f"{name}:abundance"] = row["abundance"] / 1e3
    most = total["value_at_modes"]
    values |= {
        "total_coal_t": total["coal_equivalent"],
        "most_probable_coal_t": most / COAL_J_PER_TCE,
        "abundance": total["abundance"] / 1e3,
        "abundance_coal_kg": 1e3 * total["coal_equivalent"] / area.sum(),
        "area": float(area.sum()),
        "area_from_construction_land": 4507.0 / 0.2375,
        "area_from_suitable": 5557.0 / 0.3563,
        "area_huimin_minus_dezhou": by_name["Huimin"]["area_km2"] - by_name["Dezhou"]["area_km2"],
        "heat_flow_huimin_pct": 100.0 * (58.34 / 65.74 - 1.0),
        "porosity_huimin_points": 26.60 - 100.0 * float(modes[2, given.names.index("Huimin")]),
        "thickness_least": float(given.triples[1, :, 0].min()),
        "thickness_greatest": float(given.triples[1, :, 2].max()),
        "thickness_mean": float(np.dot(modes[1], area) / area.sum()),
        "temperature_mean": float(np.dot(modes[3], area) / area.sum()),
        "porosity_mean": 100.0 * float(np.dot(modes[2], area) / area.sum()),
        "depth_of_mean_temperature": (55.67 - 13.1) / 35.3,
    }
    return values

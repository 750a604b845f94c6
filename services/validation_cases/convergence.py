"""How errors fall with cells and with the time between two solutions for pressure."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import zoom
from scipy.special import erfc, erfcx

from services.validation import Outcome
from services.validation_cases.analytic import exact_doublet
from services.validation_cases.common import (
    ENGINES,
    Inputs,
    box,
    drop_year,
    forecast,
    rms,
    volumetric,
    wells,
    worst,
)
from twin_models.analytic import DARCY_MD_M2
from twin_models.types import DAYS_PER_YEAR, SECONDS_PER_YEAR


def order(cells_m: list[float], errors: list[float]) -> float:
    """Slope of log error against log cell size (least squares)."""
    return float(np.polyfit(np.log(cells_m), np.log(errors), 1)[0])


def doublet_cells(inputs: Inputs) -> Outcome:
    cells = inputs["cells_m"]
    years = np.arange(0.5, 50.01, 0.5)
    exact = exact_doublet(inputs, years, rock=True)
    fine = np.arange(10.0, 30.0, 0.01)
    drop = drop_year(fine, exact_doublet(inputs, fine, rock=True), initial_degc=70.0)
    rows: dict[str, list[float]] = {}
    for name, engine, more in (
        ("tvd", "tvd", {}),
        ("near", "tvd", {"refine": inputs["refine"]}),
        ("upwind", "upwind", {}),
    ):
        for cell in cells:
            got = forecast(inputs, years, engine, cell_m=cell, **more).temperature_degc["P"]
            rows.setdefault(f"{name}_rms", []).append(rms(got, exact))
            rows.setdefault(f"{name}_max", []).append(worst(got, exact))
            rows.setdefault(f"{name}_drop", []).append(drop - drop_year(years, got, initial_degc=70.0))
    figures = {f"{engine}_order": order(cells, rows[f"{engine}_rms"]) for engine in ("tvd", "upwind")}
    figures["tvd_rms_30"] = rows["tvd_rms"][cells.index(30.0)]
    at_60 = cells.index(60.0)
    figures |= {"near_rms_60": rows["near_rms"][at_60], "near_drop_60": abs(rows["near_drop"][at_60])}
    return Outcome(figures, cells, rows)


def flux_boundary_degc(
    x_m: np.ndarray,
    time_s: float,
    *,
    speed: float,
    diffusivity: float,
    initial_degc: float,
    injected_degc: float,
) -> np.ndarray:
    """Front on a half-line into which heat is injected at a given rate, as an injector does.

    With a = (x - vt)/(2 sqrt(Dt)), b = (x + vt)/(2 sqrt(Dt)) the share of the injected temperature is
    erfc(a)/2 + sqrt(v^2 t/(pi D)) exp(-a^2) - (1 + vx/D + v^2 t/D) exp(vx/D) erfc(b)/2. Van Genuchten & Alves
    (1982), USDA Technical Bulletin 1661, solution A2; exp(vx/D) erfc(b) = exp(-a^2) erfcx(b).
    """
    root = 2.0 * np.sqrt(diffusivity * time_s)
    a, b = (x_m - speed * time_s) / root, (x_m + speed * time_s) / root
    bell = np.exp(-(a**2))
    share = 0.5 * erfc(a) + np.sqrt(speed**2 * time_s / (np.pi * diffusivity)) * bell
    share -= 0.5 * (1.0 + speed * x_m / diffusivity + speed**2 * time_s / diffusivity) * bell * erfcx(b)
    return initial_degc + (injected_degc - initial_degc) * share


def smooth_front(inputs: Inputs) -> Outcome:
    """Errors at fixed places round a front that conduction has made wide."""
    ground = box(inputs)
    water, bulk = volumetric(ground)
    layer = ground.layers[0]
    places = np.arange(inputs["reach_m"][0], inputs["reach_m"][1] + 1.0, 16.0)
    exact = flux_boundary_degc(
        places,
        inputs["years"] * SECONDS_PER_YEAR,
        speed=inputs["darcy_m_s"] * water / bulk,
        diffusivity=layer.conductivity_w_mk / bulk,
        initial_degc=float(layer.temperature_degc),
        injected_degc=inputs["wells"][0]["temperature_degc"],
    )
    cells = inputs["cells_m"]
    asked = {**inputs, "monitors": [[float(x), 0.5] for x in places]}
    rows: dict[str, list[float]] = {"tvd": [], "upwind": []}
    for cell in cells:
        for engine, errors in rows.items():
            found = forecast(asked, [inputs["years"]], engine, cell_m=cell).temperature_degc
            errors.append(rms([found[f"M{n}"][0] for n in range(places.size)], exact))
    figures = {f"{engine}_order": order(cells, errors) for engine, errors in rows.items()}
    figures["finest_k"] = rows["tvd"][-1]
    return Outcome(figures, cells, rows)


def near_wells(inputs: Inputs) -> Outcome:
    """A doublet moved about within cells of several sizes, and the size of the cold bank round its injector."""
    ground = box(inputs)
    water, bulk = volumetric(ground)
    layer, (producer, injector) = ground.layers[0], inputs["wells"]
    gap, rate = injector["x_m"] - producer["x_m"], producer["rate_m3_h"] / 3600.0
    kh = float(layer.permeability_md) * DARCY_MD_M2 * layer.thickness_m
    viscosity = float(ground.fluid.viscosity) * 1e-3
    exact = rate * viscosity / (2.0 * np.pi * kh) * np.log(gap / 0.1) / 1e5
    volume = rate * inputs["years"] * SECONDS_PER_YEAR * water / bulk
    rows: dict[str, list[float]] = {"pressure": [], "spread": [], "cooled": []}
    for cell in inputs["cells_m"]:
        drops, banks = [], []
        for off in inputs["offsets"]:
            moved = [
                {**w, "x_m": w["x_m"] + off[0] * cell, "y_m": w["y_m"] + off[1] * cell}
                for w in inputs["wells"]
            ]
            told = ENGINES["tvd"].forecast(
                box(inputs, cell_m=cell), wells({**inputs, "wells": moved}), np.array([inputs["years"]]),
                fields=[inputs["years"]],
            )  # fmt: skip
            change = told.pressure_change_bar
            drops.append(0.5 * float(change["I"][0] - change["P"][0]))
            assert told.fields is not None
            half = 0.5 * (float(layer.temperature_degc) + injector["temperature_degc"])
            banks.append(_cold_m3(told.fields.temperature_degc[-1], half, cell, layer.thickness_m))
        rows["pressure"].append(100.0 * max(abs(d / exact - 1.0) for d in drops))
        rows["spread"].append(100.0 * (max(drops) - min(drops)) / exact)
        rows["cooled"].append(100.0 * max(abs(np.sqrt(b / volume) - 1.0) for b in banks))
    at_30 = inputs["cells_m"].index(30.0)
    figures = {
        "pressure_pct": max(rows["pressure"]),
        "spread_pct": max(rows["spread"]),
        "cooled_pct": rows["cooled"][at_30],
    }
    return Outcome(figures, inputs["cells_m"], rows)


def _cold_m3(degc: np.ndarray, half_degc: float, cell_m: float, thickness_m: float) -> float:
    """Volume colder than ``half_degc``, cells split where the temperature passes it between their neighbours."""
    fine = zoom(np.asarray(degc, dtype=np.float64), 8, order=1, grid_mode=True, mode="nearest")
    return float((fine < half_degc).sum()) * (cell_m / 8.0) ** 2 * thickness_m


def years_between_pressures(inputs: Inputs) -> Outcome:
    """A schedule makes the engine solve for pressure at each of its steps; equal steps would be taken as one, so
    that rates go up and down by a part in a thousand million."""
    years = np.arange(1.0, inputs["years"] + 1.0)
    starts = np.arange(0.0, inputs["years"] * DAYS_PER_YEAR - 1.0, inputs["days"])
    told = []
    for well in inputs["wells"]:
        degc, rate = well.get("temperature_degc"), well["rate_m3_h"]
        steps = [[float(s), rate * (1.0 + inputs["tremble"] * (n % 2)), degc] for n, s in enumerate(starts)]
        told.append({**well, "schedule": steps})
    dense = {**inputs, "wells": told}

    def change(**changed: Any) -> tuple[float, float, float]:
        usual, often = forecast(inputs, years, **changed), forecast(dense, years, **changed)
        apart = worst(usual.temperature_degc["P"], often.temperature_degc["P"])
        return apart, usual.diagnostics["pressure_solves"], often.diagnostics["pressure_solves"]

    worst_k, solves, solves_fine = change()
    control_k, _, _ = change(fluid={"viscosity": inputs["constant_mpas"]})
    return Outcome({"worst_k": worst_k, "control_k": control_k, "solves": solves, "solves_fine": solves_fine})

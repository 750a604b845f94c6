"""Caofeidian: well table and reservoir rasters inside the ranges published for the Guantao reservoir.

Source 002 gives ranges and means, no map and no well list; the pattern in space is synthetic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from twin_models.generate.fields import (
    centres_m,
    gaussian_field,
    krige,
    lognormal_between,
    read_table,
    write_arrays,
    write_table,
)
from twin_models.generate.schemes import balanced, scheme_wells, write_scheme
from twin_models.site_types import local_xy_m

ORIGIN = (118.57, 39.20)  # lon, lat of the local (0, 0): the middle pad
CELLS, CELL_M = 180, 50.0
BOX_ORIGIN_M = -CELLS * CELL_M / 2.0
SLOT_M = 8.0  # between the heads on one pad
SEED = 2
# The Gaoliu fault, drawn 0.5 km south of the trace in tables/caofeidian_geology.geojson (whose place is
# from memory, +-8 km) so that the synthetic wells keep a believable distance from it.
FAULT_M = np.array([(-10_600.0, -4_400.0), (2_600.0, -2_720.0), (16_400.0, -4_400.0)])
PERMEABILITY_MD = (121.2, 596.3, 3174.4)  # min, mean, max: source 002
POROSITY = (0.188, 0.275, 0.536)
TEMPERATURE_DEGC = (78.0, 90.0)
THICKNESS_M = (254.1, 318.5, 517.2)
# Only the lower main sands are taken as produced: the low end of the 120-300 m of reservoir in the abstract of
# Dong et al. 2021. How much of the formation the wells' screens cover was not readable.
PRODUCED_M = 120.0
SEASON_DAYS = 95.2  # full-load days: 5.96e14 J a year / (2.30e6 m2 x 31.5 W/m2), both 002
# 80 at the wellhead less the 37 K that the published heat and flow ask for leaves 43 degC = 40 + 3 K approach
HEATING: dict[str, Any] = {
    "area_m2": 2_300_000,
    "load_w_m2": 31.5,
    "season_days": SEASON_DAYS,
    "supply_degc": 50,
    "return_degc": 40,
    "approach_k": 3,
}
# The whole development is priced, wells that stand included: a scheme is a plan for the field, not for the next well.
ECONOMICS: dict[str, Any] = {
    "discount_rate": 0.08,
    "baseline": "coal_boiler",
    "grid": "north",
    "include_existing": True,
}
# What the growing district would take (assumed, about a third more than today): all plans meet the same demand.
PLANNED_AREA_M2 = 3_100_000
NEW_WELL_KEYS = ("name", "kind", "pad", "head_x_m", "head_y_m", "x_m", "y_m")
# The first new doublet is drilled tight, so that a planner sees what spacing costs and can mend it.
NEW_WELLS = (
    ("P-17", "producer", "P8", 2946.0, -450.0, 3160.0, -560.0),
    ("I-25", "injector", "P8", 2954.0, -450.0, 2960.0, -400.0),
    ("P-18", "producer", "P9", -2954.0, 500.0, -3200.0, 750.0),
    ("I-26", "injector", "P9", -2946.0, 500.0, -2750.0, 200.0),
)
# 85 m3/h: inside the 55-88 m3/h that one well takes by gravity (002)
NEW_WELL_REST: dict[str, object] = {"rate_m3_h": 85.0, "temperature_degc": "", "existing": "false"}


def write(folder: Path, seed: int = SEED) -> list[Path]:
    """Write ``wells.csv`` and ``fields.npz`` into the site's folder."""
    rows = read_table(folder / "tables" / "caofeidian_wells.csv")
    wells = well_rows(rows)
    return [
        write_table(folder / "wells.csv", wells),
        write_arrays(folder / "fields.npz", fields(rows, seed)),
        *write_schemes(folder / "schemes", wells),
    ]


def write_schemes(folder: Path, rows: list[dict[str, object]]) -> list[Path]:
    """The baseline as it runs and three ways to change it."""
    new = [{**dict(zip(NEW_WELL_KEYS, values, strict=True)), **NEW_WELL_REST} for values in NEW_WELLS]
    fewer = [row for row in rows if row["pad"] not in ("P6", "P7")]
    plans: dict[str, tuple[str, list[dict[str, Any]], dict[str, Any]]] = {
        "baseline": ("baseline 80-43", scheme_wells(rows), HEATING),
        "two-pads": ("two more pads", scheme_wells([*rows, *new]), HEATING | {"area_m2": PLANNED_AREA_M2}),
        "heat-pumps": (
            "heat pumps, return 30",
            scheme_wells(rows),
            HEATING | {"area_m2": PLANNED_AREA_M2, "heat_pump": {"tail_degc": 30, "cop": 5}},
        ),
        "five-pads": ("five pads", balanced(scheme_wells(fewer)), HEATING | {"area_m2": PLANNED_AREA_M2}),
    }
    times = {"years": 30, "season_days": SEASON_DAYS, "output_years": [5, 10, 15, 20, 25, 30], "seed": 0}
    return [
        write_scheme(
            folder / f"{key}.json",
            name=name,
            site="caofeidian",
            wells=wells,
            **times,
            uses={"heating": heating},
            economics=ECONOMICS,
        )
        for key, (name, wells, heating) in plans.items()
    ]


def well_rows(rows: list[dict[str, str]]) -> list[dict[str, object]]:
    """The well table: heads in a row on their pad, targets as in the source table."""
    out: list[dict[str, object]] = []
    for row in rows:
        pad = row["platform"]
        slots = [r["well"] for r in rows if r["platform"] == pad]
        x, y = local_xy_m(float(row["lon_surface"]), float(row["lat_surface"]), origin=ORIGIN)
        shift = SLOT_M * (slots.index(row["well"]) - (len(slots) - 1) / 2.0)
        out.append(
            {
                "name": row["well"],
                "kind": {"P": "producer", "I": "injector"}[row["type"]],
                "pad": pad,
                "head_x_m": round(x + shift, 1),
                "head_y_m": round(y, 1),
                "x_m": round(1000.0 * float(row["x_bottom_km"]), 1),
                "y_m": round(1000.0 * float(row["y_bottom_km"]), 1),
                "rate_m3_h": row["rate_m3h"],
                "temperature_degc": "",
                "existing": "true",
                "schematic": "true",
            }
        )
    return out


def fields(rows: list[dict[str, str]], seed: int) -> dict[str, np.ndarray]:
    """Permeability, porosity, temperature, top and thickness of the produced sands, (180, 180) each."""
    rng = np.random.default_rng(seed)
    shape = (CELLS, CELLS)
    latent = gaussian_field(shape, 750.0 / CELL_M, rng=rng)
    rough = gaussian_field(shape, 200.0 / CELL_M, rng=rng)
    quality = 0.95 * latent + np.sqrt(1.0 - 0.95**2) * rough
    low, mean, high = PERMEABILITY_MD
    axis = centres_m(BOX_ORIGIN_M, CELL_M, CELLS)
    at = np.column_stack([a.ravel() for a in np.meshgrid(axis, axis)])
    wells = np.array([(1e3 * float(r["x_bottom_km"]), 1e3 * float(r["y_bottom_km"])) for r in rows])

    def column(name: str) -> np.ndarray:
        return np.array([float(r[name]) for r in rows])

    def surface(values: np.ndarray, nugget: float) -> np.ndarray:
        return _surface(wells, values, at, nugget).reshape(shape)

    formation = column("base_guantao_tvd_m") - column("top_guantao_tvd_m")
    thickness = np.clip(surface(formation, 0.5), THICKNESS_M[0], THICKNESS_M[2])
    share = PRODUCED_M / THICKNESS_M[1]
    return {
        "permeability_md": lognormal_between(quality, mean=mean, low=low, high=high, sigma=0.62),
        "porosity": np.clip(POROSITY[1] + 0.030 * quality, POROSITY[0], POROSITY[2]),
        "temperature_degc": np.clip(surface(column("T_mid_reservoir_C"), 0.05), *TEMPERATURE_DEGC),
        "top_m": surface(column("top_guantao_tvd_m"), 0.05) + (1.0 - share) * thickness,
        "thickness_m": share * thickness,
    }


def _surface(wells: np.ndarray, values: np.ndarray, at: np.ndarray, nugget: float) -> np.ndarray:
    """Plane plus a rise towards the fault (the conduit), with the wells' residuals kriged on top."""

    def trend(places: np.ndarray) -> np.ndarray:
        near = np.exp(-fault_distance_m(places) / 2000.0)
        return np.column_stack([np.ones(len(places)), places / 10_000.0, near])

    design = trend(wells)
    # A little ridge keeps the plane from running away outside the wells.
    keep = np.linalg.solve(design.T @ design + np.diag([0.0, 0.2, 0.2, 0.2]), design.T @ values)
    residual = values - design @ keep
    return trend(at) @ keep + krige(wells, residual, at, range_m=1200.0, nugget=nugget)


def fault_distance_m(places: np.ndarray) -> np.ndarray:
    """Horizontal distance (n,) of places (n, 2) from the Gaoliu trace."""
    start, step = FAULT_M[:-1], np.diff(FAULT_M, axis=0)
    offset = places[:, None] - start[None]
    along = np.clip((offset * step).sum(axis=2) / (step**2).sum(axis=1), 0.0, 1.0)
    return np.asarray(np.linalg.norm(offset - along[..., None] * step, axis=2).min(axis=1))

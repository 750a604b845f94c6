"""Linqing communities A and B with their wells and RH1: reservoir rasters and the three schemes of source 004."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from twin_models.generate.fields import centres_m, gaussian_field, lognormal_between, read_table, write_arrays
from twin_models.generate.schemes import scheme_wells, write_scheme

CELLS, CELL_M = 96, 25.0
SEED = 4
SEASON_DAYS = 120  # 004: 120 d of 24 h
# K 0.7699 m/d measured at RH1 before the first season (dzykt 2024(3), abstract): k = K mu / (rho g) with water at
# 60 degC (mu 0.467 mPa s, rho 983 kg/m3) = 4.3e-13 m2 = 0.44 D. The spread around it is this project's.
PERMEABILITY_MD = (200.0, 440.0, 900.0)
TEMPERATURE_DEGC = 63.5  # gives about 62 degC at the wellhead (004) at 90 m3/h from 1,400 m
GRADIENT_K_PER_M = 0.0373  # unit GG, 69.5 mW/m2 / 1.862 W/mK
TOP_M = 1330.0
ECONOMICS: dict[str, Any] = {
    "heat_price_cny_per_m2": 18,
    "electricity_price_cny_per_kwh": 0.78,
    "staff": 4,
    "discount_rate": 0.08,
    "baseline": "coal_boiler",
    "grid": "north",
}
HEAT_PUMP: dict[str, Any] = {"tail_degc": 15, "cop": 5}
DIRECT = {"mode": "direct", "supply_degc": 47, "return_degc": 37}
LINKED = {"supply_degc": 40, "return_degc": 30, "approach_k": 3}


def write(folder: Path, seed: int = SEED) -> list[Path]:
    """Write ``fields.npz`` and the schemes; ``wells.csv`` is kept by hand (three rows)."""
    rows = read_table(folder / "wells.csv")
    return [write_arrays(folder / "fields.npz", fields(seed)), *write_schemes(folder / "schemes", rows)]


def fields(seed: int) -> dict[str, np.ndarray]:
    """Permeability, temperature and top (96, 96): gentle, since nothing is known between the wells."""
    rng = np.random.default_rng(seed)
    shape = (CELLS, CELLS)
    latent = gaussian_field(shape, 400.0 / CELL_M, rng=rng)
    relief = gaussian_field(shape, 900.0 / CELL_M, rng=rng)
    low, mean, high = PERMEABILITY_MD
    axis = centres_m(-CELLS * CELL_M / 2.0, CELL_M, CELLS)
    x, y = np.meshgrid(axis, axis)
    top = TOP_M + 4.0 * relief + 0.006 * (x - y) / np.sqrt(2.0)
    return {
        "permeability_md": lognormal_between(latent, mean=mean, low=low, high=high, sigma=0.25),
        "temperature_degc": TEMPERATURE_DEGC + GRADIENT_K_PER_M * (top - TOP_M),
        "top_m": top,
    }


def write_schemes(folder: Path, rows: list[dict[str, str]]) -> list[Path]:
    """As printed: today without reinjection; linked at 32 W/m2; linked at today's load."""
    today = {"area_m2": 160000, "load_w_m2": 29.08, "design_load_w_m2": 34.53, "season_days": SEASON_DAYS}
    linked = today | {"load_w_m2": 32, "design_load_w_m2": 38} | LINKED
    plans: dict[str, tuple[str, dict[str, float], dict[str, Any]]] = {
        "baseline": ("today, no reinjection", {"A": 90.0, "B": 70.0}, today | DIRECT),
        "linked": (
            "linked, two stages, RH1",
            {"A": 58.54, "B": 35.13, "RH1": 93.67},
            linked | {"heat_pump": HEAT_PUMP | {"capacity_mw": 2.4}},
        ),
        # 62 -> 15 instead of 62 -> 37 degC: the same heat takes 25/47 of the water
        "like-for-like": (
            "linked at today's heat",
            {"A": 47.87, "B": 37.23, "RH1": 85.1},
            today | LINKED | {"heat_pump": HEAT_PUMP | {"capacity_mw": 2.4}},
        ),
    }
    out = []
    for key, (name, rates, heating) in plans.items():
        chosen = [row | {"rate_m3_h": rates[row["name"]]} for row in rows if row["name"] in rates]
        out.append(
            write_scheme(
                folder / f"{key}.json",
                name=name,
                site="linqing-ab",
                wells=scheme_wells(chosen),
                years=20,
                season_days=SEASON_DAYS,
                output_years=[1, 2, 3, 5, 10, 15, 20],
                seed=0,
                uses={"heating": heating},
                economics=ECONOMICS,
            )
        )
    return out

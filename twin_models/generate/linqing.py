"""Linqing city: 65 wells as they run, the plan of source 004 with injectors placed, rasters and communities."""

from __future__ import annotations

import math
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

CELL_M = 50.0
SHAPE = (130, 140)  # ny, nx
ORIGIN_M = (-2900.0, -3350.0)
SEED = 5
TOP_M, GRADIENT_K_PER_M = 1330.0, 0.0373
WELLHEAD_LOSS_K = 1.5  # between reservoir and wellhead at the usual rates, so that the wellheads come out
PERMEABILITY_MD = (150.0, 440.0, 1200.0)  # mean: RH1's 0.7699 m/d with water at 60 degC
SEASON_DAYS = 120
LOAD_W_M2 = 28.8  # 1e7 m3 a season over 3.5e6 m2 at 25 K (004)
SPACING_M = 450.0  # producer to injector, 004
BETWEEN_INJECTORS_M = 250.0
REACH_M = 1500.0
LINKED_SHARE = 1.0 - 0.4146  # flow that is left, 004
SAME_HEAT_SHARE = 25.0 / 47.0  # 62 -> 15 instead of 62 -> 37 degC for the same heat
DIRECT: dict[str, Any] = {"mode": "direct", "supply_degc": 47, "return_degc": 37}
LINKED: dict[str, Any] = {
    "supply_degc": 40,
    "return_degc": 30,
    "approach_k": 3,
    "heat_pump": {"tail_degc": 15, "cop": 5},
}
ECONOMICS: dict[str, Any] = {
    "heat_price_cny_per_m2": 18,
    "electricity_price_cny_per_kwh": 0.78,
    "discount_rate": 0.08,
    "baseline": "coal_boiler",
    "grid": "north",
}
Rows = list[dict[str, str]]


def write(folder: Path, seed: int = SEED) -> list[Path]:
    """Write ``wells.csv``, ``communities.csv``, ``fields.npz`` and the schemes."""
    rows = read_table(folder / "tables" / "linqing_wells.csv")
    blocks = {
        r["block"]: int(r["new_injectors"]) for r in read_table(folder / "tables" / "linqing_blocks.csv")
    }
    wells = [well_row(row) for row in rows]
    return [
        write_table(folder / "wells.csv", wells),
        write_table(folder / "communities.csv", communities(rows)),
        write_arrays(folder / "fields.npz", fields(rows, seed)),
        *write_schemes(folder / "schemes", rows, blocks),
    ]


def place(row: dict[str, str]) -> tuple[float, float]:
    return round(1000.0 * float(row["x_km"]), 1), round(1000.0 * float(row["y_km"]), 1)


def well_row(row: dict[str, str], rate: float | None = None, kind: str = "") -> dict[str, Any]:
    """A vertical well at its place; the unused one watches the water level."""
    x, y = place(row)
    own = float(row["mean_rate_m3h"])
    return {
        "name": row["well"],
        "kind": kind or ("producer" if own > 0.0 else "monitor"),
        "pad": "",
        "head_x_m": x,
        "head_y_m": y,
        "x_m": x,
        "y_m": y,
        "rate_m3_h": round(own if rate is None else rate, 1),
        "temperature_degc": "",
        "existing": "true",
        "schematic": "true",
    }


def communities(rows: Rows) -> list[dict[str, Any]]:
    """One community a heating well, at the well; A and B have their names (004), the others are numbered."""
    named = {"LQ-A": ("御水天城小区", "Yushui Tiancheng"), "LQ-B": ("嘉和苑小区", "Jiahe Yuan")}
    out = []
    for row in rows:
        if float(row["mean_rate_m3h"]) <= 0.0:
            continue
        number = row["well"].removeprefix("LQ-")
        zh, en = named.get(row["well"], (f"小区 {number}", f"Community {number}"))
        x, y = place(row)
        out.append(
            {
                "id": number,
                "name_zh": zh,
                "name_en": en,
                "x_m": round(x + 60.0, 1),
                "y_m": round(y - 60.0, 1),
                "area_m2": row["heated_area_m2"],
                "load_w_m2": LOAD_W_M2,
                "wells": row["well"],
                "block": row["block"],
            }
        )
    return out


def fields(rows: Rows, seed: int) -> dict[str, np.ndarray]:
    """Permeability, temperature and top of the produced part, (130, 140).

    Temperature: the wellheads smoothed (single wells differ by their pipes, not by the rock) plus the loss
    on the way up.
    """
    rng = np.random.default_rng(seed)
    latent = gaussian_field(SHAPE, 600.0 / CELL_M, rng=rng)
    relief = gaussian_field(SHAPE, 2500.0 / CELL_M, rng=rng)
    x, y = (centres_m(ORIGIN_M[i], CELL_M, SHAPE[1 - i]) for i in (0, 1))
    at = np.column_stack([a.ravel() for a in np.meshgrid(x, y)])
    wells = np.array([place(r) for r in rows])
    warm = np.array([float(r["wellhead_T_C"] or "nan") for r in rows])
    known = np.isfinite(warm)
    mean = float(warm[known].mean())
    smooth = krige(wells[known], warm[known] - mean, at, range_m=1500.0, nugget=2.0).reshape(SHAPE)
    low, middle, high = PERMEABILITY_MD
    return {
        "permeability_md": lognormal_between(latent, mean=middle, low=low, high=high, sigma=0.45),
        "temperature_degc": mean + WELLHEAD_LOSS_K + smooth,
        "top_m": TOP_M + 8.0 * relief + smooth / GRADIENT_K_PER_M * 0.3,
    }


def write_schemes(folder: Path, rows: Rows, blocks: dict[str, int]) -> list[Path]:
    """Today, the plan of 004 with 41.46 % less water, and the same plan at today's heat."""
    today = {"area_m2": 3_500_000, "load_w_m2": LOAD_W_M2, "season_days": SEASON_DAYS}
    injectors = place_injectors(rows, blocks)
    plans: dict[str, tuple[str, list[dict[str, Any]], dict[str, Any]]] = {
        "baseline": ("today, no reinjection", scheme_wells([well_row(r) for r in rows]), today | DIRECT),
        "linked": ("linked in 21 blocks", linked_wells(rows, injectors, LINKED_SHARE), today | LINKED),
        "linked-same-heat": (
            "linked at today's heat",
            linked_wells(rows, injectors, SAME_HEAT_SHARE),
            today | LINKED,
        ),
    }
    return [
        write_scheme(
            folder / f"{key}.json",
            name=name,
            site="linqing",
            wells=wells,
            years=20,
            season_days=SEASON_DAYS,
            output_years=[1, 2, 5, 10, 15, 20],
            seed=0,
            uses={"heating": heating},
            economics=ECONOMICS,
        )
        for key, (name, wells, heating) in plans.items()
    ]


def producing(rows: Rows) -> Rows:
    """The wells that go on producing: 30 kept in blocks and 8 of single communities."""
    return [r for r in rows if r["plan"].startswith(("keep", "single"))]


def linked_wells(rows: Rows, injectors: list[dict[str, Any]], share: float) -> list[dict[str, Any]]:
    """Kept wells carry their whole block's reduced flow; closed wells stand by and are watched."""
    group = {r["well"]: r["block"] or r["well"] for r in rows}
    flow: dict[str, float] = {}
    capacity: dict[str, float] = {}
    for row in rows:
        key = group[row["well"]]
        flow[key] = flow.get(key, 0.0) + share * float(row["mean_rate_m3h"])
        if row in producing(rows):
            capacity[key] = capacity.get(key, 0.0) + float(row["mean_rate_m3h"])
    wells = []
    for row in rows:
        key = group[row["well"]]
        if row in producing(rows):
            wells.append(well_row(row, flow[key] * float(row["mean_rate_m3h"]) / capacity[key]))
        else:
            wells.append(well_row(row, 0.0, "monitor"))
    for injector in injectors:
        same = sum(1 for other in injectors if other["block"] == injector["block"])
        wells.append(injector | {"rate_m3_h": round(flow[injector["block"]] / same, 1)})
    return balanced(scheme_wells(wells))


def place_injectors(rows: Rows, blocks: dict[str, int]) -> list[dict[str, Any]]:
    """Targets for the new injectors, each as near its block as the 450 m to every producer allow.

    Heads stand 12 m beside a kept well of the block. Places are tried on a 25 m raster, the injectors of
    the most crowded wells first.
    """
    active = producing(rows)
    producers = np.array([place(r) for r in active])
    others = np.array([place(r) for r in rows if r not in active])
    margin = 300.0
    axes = (
        np.arange(ORIGIN_M[i] + margin, ORIGIN_M[i] + SHAPE[1 - i] * CELL_M - margin + 1.0, 25.0)
        for i in (0, 1)
    )
    spots = np.column_stack([a.ravel() for a in np.meshgrid(*axes)])
    spots = spots[_nearest(spots, producers) >= SPACING_M + 1.0]
    spots = spots[_nearest(spots, others) >= 205.0]
    wanted = []
    for row in active:
        key = row["block"] or row["well"]
        same = [r for r in active if (r["block"] or r["well"]) == key]
        count = blocks.get(key, 1)
        wanted += [(key, place(row))] * (count // len(same) + (same.index(row) < count % len(same)))
    wanted.sort(key=lambda item: -float(_nearest(np.array([item[1]]), spots)[0]))
    out: list[dict[str, Any]] = []
    for key, head in wanted:
        distance = np.hypot(spots[:, 0] - head[0], spots[:, 1] - head[1])
        best = int(distance.argmin())
        if distance[best] > REACH_M:
            raise ValueError(f"no place for the injector of {key} within {REACH_M:g} m")
        target = spots[best]
        out.append(
            _injector(f"R-{len(out) + 1:02d}", key, head, (float(target[0]), float(target[1])), len(out))
        )
        spots = spots[_nearest(spots, target[None]) >= BETWEEN_INJECTORS_M]
    return out


def _nearest(places: np.ndarray, to: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.norm(places[:, None] - to[None], axis=2).min(axis=1))


def _injector(
    name: str, block: str, head: tuple[float, float], target: tuple[float, float], turn: int
) -> dict[str, Any]:
    angle = 2.399963 * turn  # golden angle, so that two heads beside one well do not fall together
    return {
        "name": name,
        "kind": "injector",
        "pad": "",
        "head_x_m": round(head[0] + 12.0 * math.cos(angle), 1),
        "head_y_m": round(head[1] + 12.0 * math.sin(angle), 1),
        "x_m": target[0],
        "y_m": target[1],
        "temperature_degc": "",
        "existing": "false",
        "block": block,
    }

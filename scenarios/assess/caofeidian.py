"""What source 002 prints about Caofeidian, recomputed from what it prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scenarios.assess.ahp_input import Given
from scenarios.assess.judgement import hierarchical

COAL_J_PER_TCE = 29.3076e9
SECONDS_PER_YEAR = 365.25 * 86400.0
MG_PER_MEQ = {"mg": 12.153, "hco3": 61.017}  # equivalent masses of Mg2+ and HCO3-
WATER_J_M3K, ROCK_J_M3K = 4.1868e6, 2650.0 * 878.0  # ours: neither is printed


def published_values(
    given: Given, result: Mapping[str, Any], facts: Mapping[str, float]
) -> dict[str, float | None]:
    """Our figures under the keys of the printed ones. ``facts``: printed inputs outside the matrices."""
    values: dict[str, float | None] = {}
    for name, row in result["matrices"].items():
        mean = row["geometric_mean"]
        values[f"{name}:lambda"] = mean["lambda_max"]
        values[f"{name}:cr"] = row["cr_by_random_index"]["paper-002"]["geometric_mean"]
        for item, weight in zip(row["items"], mean["weights"], strict=True):
            values[f"{name}:{item}"] = float(weight)
    values |= {f"global:{key}": 100.0 * w for key, w in _paper_global(given, facts).items()}
    values |= {f"Y:{row['id']}": row["contribution"] for row in result["indicators"]}
    values |= {f"X:{row['id']}": row["by_table"]["grade"] for row in result["indicators"] if row["by_table"]}
    values["score"] = result["score"]
    values["weight_sum"] = 100.0 * result["weight_sum"]
    values["C4_sum"] = 100.0 * sum(
        row["weight"] for row in result["indicators"] if row["id"] in given.tree["C4"]
    )
    values["class_rank"] = 3.0 if result["class"]["id"] == "II-1" else None
    return values | _resource(facts)


def _paper_global(given: Given, facts: Mapping[str, Any]) -> dict[str, float]:
    """Second criteria and leaves from the printed local weights, not rounded on the way.

    Leaves of C4 start from its printed 32 %, as section 3.1.4 does.
    """
    local = facts["printed_local"]
    weights = hierarchical(given.tree, {"A": local["A"], "B1": local["B1"], **{
        node: [1.0 / len(given.tree[node])] * len(given.tree[node]) for node in given.tree if node not in ("A", "B1")
    }}, "A")  # fmt: skip
    found = {key: weights[key] for key in ("C1", "C2", "C3", "C4")}
    found |= {leaf: 0.32 * w for leaf, w in zip(given.tree["C4"], local["C4"], strict=True)}
    return found


def _resource(facts: Mapping[str, float]) -> dict[str, float | None]:
    """Section 4.2 and 4.3: amounts, years, power, corrosion and scaling (eq. 20, 23, 25)."""
    heat, area = facts["heat_j"], facts["area_km2"]
    recoverable = 0.25 * heat
    coal = recoverable / COAL_J_PER_TCE
    net_m = facts["gross_m"] * facts["net_ratio"]
    stored = ROCK_J_M3K * (1.0 - facts["porosity"]) + WATER_J_M3K * facts["porosity"]
    season_j = facts["load_w_m2"] * facts["heated_m2"] * 120.0 * 86400.0
    electricity_kwh = facts["coal_recoverable_t"] * 2000.0
    return {
        "coal": heat / COAL_J_PER_TCE,
        "recoverable": recoverable,
        "recoverable_coal": coal,
        "abundance": facts["coal_t"] / area / 1e4,
        "recoverable_water": 0.20 * facts["water_m3"],
        "water_in_place": area * 1e6 * net_m * facts["porosity"],
        "years": heat / facts["season_j"],
        "years_recoverable": recoverable / facts["season_j"],
        "electricity": electricity_kwh,
        "power": electricity_kwh / (30.0 * 8760.0) / 1e3,
        "thermal_power": recoverable / (30.0 * SECONDS_PER_YEAR) / 1e6,
        "yield": 107.0 * 24.0,
        "season_heat": season_j,
        "corrosion": 1.008 * (facts["mg_mg_l"] - facts["hco3_mg_l"]),
        "corrosion_meq": 1.008 * (facts["mg_mg_l"] / MG_PER_MEQ["mg"] - facts["hco3_mg_l"] / MG_PER_MEQ["hco3"]),
        "ri": 0.5 * (5.28 + 7.08),
        "heat": None,
        "dt_gross": heat / (area * 1e6 * facts["gross_m"] * stored),
        "dt_net": heat / (area * 1e6 * net_m * stored),
    }  # fmt: skip

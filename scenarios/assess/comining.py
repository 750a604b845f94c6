"""Heat from a mine that is worked anyway (source 001): what roadways, holes and broken rock can give.

Source 001 proposes joint mining and heat extraction and prints no flow, power, temperature or cost of one: so
every figure here is computed from stated inputs by conduction alone, shown with its bounds, and labelled as a
concept. Water flow through blasted rock, ground pressure and safety are not modelled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from scenarios.assess.cases import judged, note, resolve
from scenarios.assess.comining_heat import LevelHeat, level_heat
from scenarios.assess.comining_input import Given, Level, read_given
from scenarios.economics import irr, levelised_cost, npv, payback
from scenarios.schema_io import plain

HOURS_A_YEAR = 365.25 * 24.0
DOUBLET_MW = 100.0 / 3600.0 * 4.1868 * 30.0  # 100 m3/h cooled by 30 K, for comparison
WATER_J_M3K = 4.1868e6
AIR_J_KGK, GRAVITY_M_S2 = 1005.0, 9.80665
SHAFT_ENDS = (0.0, 1.0)


def comining(data: Any) -> dict[str, Any]:
    """Assess heat extraction in a mine (``docs/assess.md`` lists the keys). Raises ``InputError``.

    Out: ``levels`` and ``total`` with heat by year (MW, mean of the year, and GJ), ``bounds``, ``cooling``
    saved, ``loops`` (temperatures, exergy), ``economics`` at the given shaft share and at 0 and 100 %.
    """
    asked, case = resolve(data, "comining", free=("economics",), merged=("economics", "rock", "cooling"))
    given = read_given(asked)
    levels = [level_heat(given, level) for level in given.levels]
    total = sum((row.power_mw for row in levels), np.zeros(given.years))
    cooling = _cooling(given, levels)
    result: dict[str, Any] = {
        "method": "comining",
        "years": list(range(1, given.years + 1)),
        "levels": [_level(given, level, row) for level, row in zip(given.levels, levels, strict=True)],
        "total": {
            "power_mw": total,
            "heat_gj": total * HOURS_A_YEAR * 3.6,
            "mean_power_mw": float(total.mean()),
            "doublets": float(total.mean()) / DOUBLET_MW,
            "per_km_roadway_mw": _per_km(given, levels),
        },
        "bounds": _bounds(given, levels, total),
        "cooling": cooling,
        "loops": _loops(given, levels),
        "economics": None if given.economics is None else _economics(given, levels, cooling),
        "notes": _notes(total),
    }
    if case is not None:
        result["findings"] = case["findings"]
        result["printed"] = judged(case["printed"], _published(case["facts"]))
    answer: dict[str, Any] = plain(result)
    return answer


def _level(given: Given, level: Level, row: LevelHeat) -> dict[str, Any]:
    return {
        "name": level.name,
        "depth_m": level.depth_m,
        "rock_degc": level.rock_degc,
        "mining": level.mining,
        "mined_year": level.mined_year,
        "roadways_mw": row.roadways_mw,
        "holes_mw": row.holes_mw,
        "blocks_mw": row.blocks_mw,
        "power_mw": row.power_mw,
        "heat_gj": row.power_mw * HOURS_A_YEAR * 3.6,
        "interference": row.interference,
        "parts": {
            "roadways_m": sum(r.length_m for r in level.roadways),
            "holes_m": sum(h.count * h.length_m for h in level.holes),
            "blocks_m3": sum(b.volume_m3 for b in level.blocks),
        },
    }


def _per_km(given: Given, levels: list[LevelHeat]) -> list[float] | None:
    """Heat of the walls of all roadways by year and kilometre (MW/km), the figure to compare mines by."""
    length = sum(r.length_m for level in given.levels for r in level.roadways) / 1e3
    if length <= 0.0:
        return None
    walls = sum((row.walls_mw for row in levels), np.zeros(given.years))
    return [float(v) / length for v in walls]


def _bounds(given: Given, levels: list[LevelHeat], total: np.ndarray) -> dict[str, Any]:
    """Three figures that belong together, mean over the years (MW): in place, by conduction, and the result.

    In place: all heat of the broken rock, and of the rock within 2 sqrt(alpha t) of roadways and holes, evenly over
    the years. Conductive: every hole alone in infinite rock, all heat of the walls gathered, broken rock
    drained as fast as its fragments let it.
    """
    seconds = given.years * HOURS_A_YEAR * 3600.0
    in_place = sum(row.in_place_j for row in levels)
    conductive = sum((row.conductive_mw for row in levels), np.zeros(given.years))
    return {
        "energy_in_place_gj": in_place / 1e9,
        "energy_in_place_mw": in_place / seconds / 1e6,
        "conductive_mw": float(conductive.mean()),
        "conductive_by_year_mw": conductive,
        "result_mw": float(total.mean()),
        "blocks_recoverable_mw": sum(row.recoverable_j for row in levels) / seconds / 1e6,
    }


# --- cooling of the mine ---------------------------------------------------------------------------------


def _cooling(given: Given, levels: list[LevelHeat]) -> dict[str, Any]:
    """Heat of the walls that no longer warms the air, and the electricity a chiller would have used on it.

    Autocompression (g/c_p, 9.76 K/km of shaft) is a load too; it is shown, and nothing here saves it.
    """
    walls = sum((row.walls_mw for row in levels), np.zeros(given.years))
    saved = sum((row.roadways_mw for row in levels), np.zeros(given.years))
    deepest = max(level.depth_m for level in given.levels)
    flow = given.cooling["airflow_kg_s"]
    electric = saved / given.cooling["cop"]
    return {
        "strata_heat_mw": walls,
        "autocompression_k": GRAVITY_M_S2 / AIR_J_KGK * deepest,
        "autocompression_mw": flow * GRAVITY_M_S2 * deepest / 1e6,
        "saved_mw": saved,
        "saved_share": float(saved.sum() / walls.sum()) if walls.sum() > 0.0 else 0.0,
        "saved_electric_mw": electric,
        "saved_mwh": electric * HOURS_A_YEAR,
        "cop": given.cooling["cop"],
    }


# --- temperature levels -------------------------------------------------------------------------------------


def _loops(given: Given, levels: list[LevelHeat]) -> dict[str, Any]:
    """One loop for each part of a level: flow, temperatures, exergy; ranked, and all of them mixed.

    The wall or fluid temperature that draws the heat is the mean of supply and return. Exergy factor of
    heat between them: 1 - T0 ln(Ts/Tr) / (Ts - Tr), kelvin.
    """
    rows: list[dict[str, Any]] = []
    for level, row in zip(given.levels, levels, strict=True):
        for kind, held, by_year in row.by_part:
            power = float(by_year.mean())
            if power <= 0.0:
                continue
            supply, back = held + 0.5 * level.loop_drop_k, held - 0.5 * level.loop_drop_k
            ambient = given.ambient_degc + 273.15
            factor = 1.0 - ambient * math.log((supply + 273.15) / (back + 273.15)) / (supply - back)
            rows.append(
                {
                    "level": level.name,
                    "part": kind,
                    "supply_degc": supply,
                    "return_degc": back,
                    "flow_m3_h": power * 1e6 / (WATER_J_M3K * level.loop_drop_k) * 3600.0,
                    "power_mw": power,
                    "exergy_factor": factor,
                    "exergy_mw": factor * power,
                }
            )
    rows.sort(key=lambda r: -r["exergy_factor"])
    flow = sum(r["flow_m3_h"] for r in rows)
    warm = sum(r["flow_m3_h"] * r["supply_degc"] for r in rows)
    return {
        "by_exergy": rows,
        "mixed": {"flow_m3_h": flow, "supply_degc": warm / flow if flow > 0.0 else None},
        "exergy_mw": sum(r["exergy_mw"] for r in rows),
    }


# --- money --------------------------------------------------------------------------------------------------


def _delivered(given: Given, levels: list[LevelHeat], terms: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Heat as used (MW, years): direct where the loop is warm enough, else raised by heat pumps with their work."""
    direct, raised = np.zeros(given.years), np.zeros(given.years)
    for level, row in zip(given.levels, levels, strict=True):
        for _, held, by_year in row.by_part:
            if held + 0.5 * level.loop_drop_k >= terms["use_degc"]:
                direct += by_year
            else:
                raised += by_year
    work = raised / (terms["heat_pump_cop"] - 1.0)
    return {
        "direct_mw": direct,
        "raised_mw": raised,
        "heat_pump_mw": work,
        "delivered_mw": direct + raised + work,
    }


def _economics(given: Given, levels: list[LevelHeat], cooling: Mapping[str, Any]) -> dict[str, Any]:
    """Incremental to the mine: what heat extraction adds, with a share of the shaft from none to all of it."""
    terms = given.economics or {}
    heat = _delivered(given, levels, terms)
    heat_gj = heat["delivered_mw"] * HOURS_A_YEAR * 3.6
    mine = given.levels
    gathered_m = sum(r.length_m * (r.collected_share > 0.0) for level in mine for r in level.roadways)
    parts = {
        "roadways": terms["roadway_cny_per_m"] * gathered_m,
        "holes": terms["hole_cny_per_m"] * sum(h.count * h.length_m for level in mine for h in level.holes),
        "blocks": terms["block_cny_per_m3"] * sum(b.volume_m3 for level in mine for b in level.blocks),
        "plant": terms["plant_cny_per_kw"] * 1e3 * float(heat["delivered_mw"].max()),
        "fixed": terms["fixed_capex_cny"],
    }
    own = sum(parts.values())
    used_kwh = terms["pump_kwh_per_gj"] * heat_gj + heat["heat_pump_mw"] * HOURS_A_YEAR * 1e3
    costs = terms["opex_share_per_year"] * own + used_kwh * terms["electricity_price_cny_per_kwh"]
    saving = np.asarray(cooling["saved_mwh"]) * 1e3 * terms["electricity_price_cny_per_kwh"]
    income = heat_gj * terms["heat_price_cny_per_gj"]
    rows = []
    for share in sorted({*SHAFT_ENDS, terms["shaft_share"]}):
        capex = own + share * terms["shaft_capex_cny"]
        flows = np.concatenate(([-capex], income + saving - costs))
        back = float(payback(flows)[0])
        rows.append(
            {
                "shaft_share": share,
                "capex_cny": capex,
                "lcoh_cny_per_gj": levelised_cost(
                    capex, costs - saving, energy=heat_gj, rate=terms["discount_rate"]
                ),
                "npv_cny": float(npv(flows, terms["discount_rate"])),
                "irr": irr(flows),
                "payback_years": back if math.isfinite(back) else None,
                "chosen": share == terms["shaft_share"],
            }
        )
    return {
        **heat,
        "use_degc": terms["use_degc"],
        "capex_own_cny": parts,
        "shaft_capex_cny": terms["shaft_capex_cny"],
        "income_cny": income,
        "cooling_saving_cny": saving,
        "costs_cny": costs,
        "electricity_mwh": used_kwh / 1e3,
        "discount_rate": terms["discount_rate"],
        "by_shaft_share": rows,
    }


# --- what is said -------------------------------------------------------------------------------------------


def _notes(total: np.ndarray) -> list[dict[str, str]]:
    mean = float(total.mean())
    return [
        note(
            "概念级估算：文献 001 自己说明国际上没有先例，也没有印出任何共采方案的流量、功率、温度或费用。",
            "Concept level: source 001 itself says there is no precedent, and prints no flow, power, temperature or "
            "cost of a co-mining scheme.",
        ),
        note(
            f"多年平均 {mean:.3g} MW，约为一组 100 m³/h、温差 30 K 对井({DOUBLET_MW:.2f} MW)的 {mean / DOUBLET_MW:.2g} 倍。"
            "裸巷道每公里只有 0.1–0.4 MW；要到兆瓦级，需上千万立方米破碎岩体或真实的流体循环。",
            f"Mean {mean:.3g} MW, {mean / DOUBLET_MW:.2g} times one doublet of 100 m3/h at 30 K ({DOUBLET_MW:.2f} MW). Bare "
            "roadways give 0.1 to 0.4 MW per km; megawatts need ten million m3 of broken rock or real circulation.",
        ),
        note(
            "仅为热传导：没有给出破碎岩体渗透率或流量的依据；地压与安全未模拟。",
            "Conduction only: nothing is claimed about permeability or flow in blasted rock; ground pressure and "
            "safety are not modelled.",
        ),
        note(
            "经济性为增量口径；竖井费用的分摊比例是人为约定，两端(0 与 100 %)一并列出。",
            "Money is incremental to the mine; the share of the shaft is a convention, so both ends (0 and 100 %) "
            "are shown.",
        ),
    ]


def _published(facts: Mapping[str, float]) -> dict[str, float]:
    return {
        "hdr_over_shallow": facts["hdr_tce"] / facts["shallow_tce"],
        "hdr_over_hydrothermal": facts["hdr_tce"] / facts["hydrothermal_tce"],
        "projects": facts["projects_conventional"] + facts["projects_egs"],
        "growth_2018": 100.0 * (facts["power_2018_mw"] / facts["power_2017_mw"] - 1.0),
        "growth_2019": 100.0 * (facts["power_2019_mw"] / facts["power_2018_mw"] - 1.0),
        "gshp_w_m2": facts["gshp_mw"] * 1e6 / facts["gshp_m2"],
        "gonghe_gradient": (facts["gonghe_degc"] - 5.0) / facts["gonghe_m"] * 1e3,
        "mine_gradient": (facts["mine_degc"] - 15.0) / facts["mine_m"] * 1e3,
        "shallow_j": facts["shallow_tce"] * 29.3076e9,
        "hydrothermal_j": facts["hydrothermal_tce"] * 29.3076e9,
        "hdr_j": facts["hdr_tce"] * 29.3076e9,
    }

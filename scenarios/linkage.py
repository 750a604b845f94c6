"""Wells of neighbouring communities linked to one station: flows, reduction, money, emissions.

The method of source 004 (Liu Dongyi et al. 2025, Science Technology and Engineering 25(8), 3102-3109), and
what it would say if compared like for like. ``linkage`` works for any communities; with the paper's own
input (``load_case()``, ``assets/cases/linkage_004.yaml``) ``printed`` holds every printed figure beside ours.

    W = 4.1868 Q (T - T_out)   kW, Q in L/s                     (004 eq. 1)
    q = W / S                  W/m2                             (004 eq. 2)
    N = C / (income - opex)    a                                (004, static payback)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from scenarios.costs import load_library
from scenarios.economics import discount_factors, irr, npv, payback
from scenarios.linkage_input import read_case
from twin_models.reading import read_yaml
from twin_models.sites import assets_dir

WATER_KJ_LK = 4.1868  # 004 eq. (1)
DAYS_A_MONTH = 30.0


def load_case() -> dict[str, Any]:
    """The A/B case of source 004 as input of ``linkage``."""
    label = "assets/cases/linkage_004.yaml"
    return read_yaml(assets_dir() / "cases" / "linkage_004.yaml", label)


def linkage(case: Any) -> dict[str, Any]:
    """Assess linking communities to one station with reinjection. ``case``: see ``assets/cases``.

    Out: ``before``, ``after`` (flows, heat, loads), ``reduction`` under each definition (per cent),
    ``capex_cny``, ``opex_cny`` by item, ``income_cny``, ``payback_years``, ``economics``, ``emissions``,
    ``notes``, and ``printed`` where the case carries printed figures. Raises ``InputError``.
    """
    given = read_case(case)
    before, after = _before(given), _after(given)
    capex = float(sum(item["cost_cny"] for item in given["capex"]))
    opex = _opex(given)
    area = sum(c["area_m2"] for c in given["communities"])
    income = area * given["heat_price_cny_per_m2"]
    result: dict[str, Any] = {
        "before": before,
        "after": after,
        "reduction": _reductions(given, before, after),
        "capex_cny": capex,
        "capex": given["capex"],
        "opex_cny": opex,
        "income_cny": income,
        "economics": _economics(given, capex, opex, income=income, heat_kw=after["heat_mean_kw"]),
        "emissions": _emissions(given, after, opex),
        "notes": _notes(given, after, opex),
    }
    result["payback_years"] = result["economics"]["payback_years"]
    printed = given["printed"]
    if printed:
        result["printed"] = _beside(printed, result, given)
    return result


def heat_kw(flow_m3_h: float, degc: float, outlet_degc: float) -> float:
    """W = 4.1868 Q (T - T_out), Q in L/s (004 eq. 1)."""
    return WATER_KJ_LK * flow_m3_h / 3.6 * (degc - outlet_degc)


def flow_m3_h(power_kw: float, drop_k: float) -> float:
    """Flow that carries a heat at a temperature drop (004 eq. 1 solved for Q)."""
    return power_kw * 3.6 / (WATER_KJ_LK * drop_k)


def _before(given: Mapping[str, Any]) -> dict[str, Any]:
    hot, out = given["wellhead_degc"], given["outlet_before_degc"]
    area = sum(c["area_m2"] for c in given["communities"])
    result: dict[str, Any] = {"drop_k": hot - out, "communities": []}
    for c in given["communities"]:
        result["communities"].append(
            {
                "name": c["name"],
                "flow_mean_l_s": c["flow_mean_m3_h"] / 3.6,
                "flow_peak_l_s": c["flow_peak_m3_h"] / 3.6,
                "flow_mean_m3_d": c["flow_mean_m3_h"] * 24.0,
                "flow_peak_m3_d": c["flow_peak_m3_h"] * 24.0,
            }
        )
    for kind in ("mean", "peak"):
        flow = sum(c[f"flow_{kind}_m3_h"] for c in given["communities"])
        heat = heat_kw(flow, hot, out)
        result[f"flow_{kind}_m3_h"] = flow
        result[f"heat_{kind}_kw"] = heat
        result[f"load_{kind}_w_m2"] = 1e3 * heat / area
    return result


def _after(given: Mapping[str, Any]) -> dict[str, Any]:
    drop = given["wellhead_degc"] - given["outlet_after_degc"]
    result: dict[str, Any] = {"drop_k": drop, "communities": []}
    for c in given["communities"]:
        row: dict[str, Any] = {"name": c["name"]}
        for kind in ("mean", "peak"):
            row[f"heat_{kind}_kw"] = c["area_m2"] * c[f"load_{kind}_w_m2"] / 1e3
            row[f"flow_{kind}_m3_h"] = flow_m3_h(row[f"heat_{kind}_kw"], drop)
        result["communities"].append(row)
    for kind in ("mean", "peak"):
        result[f"heat_{kind}_kw"] = sum(row[f"heat_{kind}_kw"] for row in result["communities"])
        result[f"flow_{kind}_m3_h"] = flow_m3_h(result[f"heat_{kind}_kw"], drop)
    return result


def _reductions(
    given: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """How much less water is taken, under each way of comparing (per cent)."""
    hot, back = given["wellhead_degc"], given["outlet_after_degc"]
    first, cop = given["outlet_exchanger_degc"], given["cop"]
    lifted = (hot - first) + (first - back) * cop / (cop - 1.0)  # K of heat delivered per K of water
    raised = after["heat_mean_kw"]
    kept = before["heat_mean_kw"]

    def less(flow: float, against: float) -> float:
        return 100.0 * (1.0 - flow / against)

    rows = (
        (
            "as_defined_mean",
            after["flow_mean_m3_h"],
            "flow_mean_m3_h",
            "heat raised to the design load; heat-pump work not counted as heat (004)",
            "负荷提高到设计值,不计热泵做功(原文定义)",
        ),
        (
            "as_defined_peak",
            after["flow_peak_m3_h"],
            "flow_peak_m3_h",
            "the same on the coldest day",
            "同上,最冷日",
        ),
        (
            "same_heat",
            flow_m3_h(kept, hot - back),
            "flow_mean_m3_h",
            "the heat delivered before kept: like for like",
            "供热量与改造前相同:同口径比较",
        ),
        (
            "with_heat_pump_work",
            flow_m3_h(raised, lifted),
            "flow_mean_m3_h",
            "raised load; the heat pumps' electricity is heat too",
            "负荷提高,热泵耗电也转化为热量",
        ),
        (
            "same_heat_with_heat_pump_work",
            flow_m3_h(kept, lifted),
            "flow_mean_m3_h",
            "same heat and heat-pump work counted",
            "供热量相同且计入热泵做功",
        ),
    )
    return {
        key: {"flow_m3_h": flow, "percent": less(flow, before[against]), "en": en, "zh": zh}
        for key, flow, against, en, zh in rows
    }


def _opex(given: Mapping[str, Any]) -> dict[str, float]:
    """Running cost of one season by item, CNY."""
    price, days = given["electricity_price_cny_per_kwh"], given["season_days"]
    pump_kw = sum(p["count"] * p["kw"] for p in given["pumps"])
    pumps_kwh = pump_kw * 24.0 * days
    heat_pump_kw = given["heat_pump_kw"] / given["cop"]
    heat_pump_kwh = heat_pump_kw * given["heat_pump_hours_per_day"] * days
    items = {
        "pumps": pumps_kwh * price,
        "staff": given["staff"] * given["wage_cny_per_month"] * given["wage_months"],
        "heat_pumps": heat_pump_kwh * price,
    }
    printed = given["printed_opex"]
    result = {**items, **printed}
    result["total"] = sum(result.values())
    result["total_from_inputs"] = sum(items.values())
    result["pumps_from_inputs"] = items["pumps"]
    result["staff_season_only"] = given["staff"] * given["wage_cny_per_month"] * days / DAYS_A_MONTH
    result["heat_pumps_all_day"] = heat_pump_kw * 24.0 * days * price
    result["pump_kw"] = pump_kw
    result["heat_pump_electric_kw"] = heat_pump_kw
    result["electricity_mwh"] = (pumps_kwh + heat_pump_kwh) / 1e3
    return result


def _economics(
    given: Mapping[str, Any], capex: float, items: Mapping[str, float], *, income: float, heat_kw: float
) -> dict[str, Any]:
    """Measures over the life in seasons, year-end discounting, and against the stated baseline."""
    opex, stated = items["total"], items["total_from_inputs"]
    years, rate = int(given["life_seasons"]), given["discount_rate"]
    energy_gj = heat_kw * given["season_days"] * 0.0864
    flows = np.array([-capex, *[income - opex] * years])
    factor = float(discount_factors(rate, years).sum())
    rise = (income - given["baseline_income_cny"]) - (opex - given["baseline_opex_cny"])
    above = np.array([-capex, *[rise] * years])
    return {
        "net_income_cny": income - opex,
        "payback_years": _number(payback(flows)[0]),
        "discounted_payback_years": _number(payback(flows, rate)[0]),
        "npv_cny": float(npv(flows, rate)),
        "irr": irr(flows),
        "net_over_life_undiscounted_cny": float(flows.sum()),
        "lcoh_cny_per_gj": (capex + opex * factor) / (energy_gj * factor),
        "capex_cny_per_kw": capex / heat_kw,
        "from_inputs": {
            "opex_cny": stated,
            "payback_years": _number(payback(np.array([-capex, *[income - stated] * years]))[0]),
        },
        "against_baseline": {
            "npv_cny": float(npv(above, rate)),
            "irr": irr(above),
            "payback_years": _number(payback(above)[0]),
        },
    }


def _emissions(
    given: Mapping[str, Any], after: Mapping[str, Any], opex: Mapping[str, float]
) -> dict[str, float]:
    """Of one season, against coal boilers of the stated efficiency; gross and net of electricity."""
    factors = load_library().factors
    heat_gj = after["heat_mean_kw"] * given["season_days"] * 0.0864
    coal = heat_gj / factors["coal_gj_per_tce"].value
    fuel = coal / given["boiler_efficiency"]
    gross = fuel * factors["coal_co2_t_per_tce"].value
    own = opex["electricity_mwh"] * given["grid_co2_kg_per_kwh"]
    return {
        "heat_gj": heat_gj,
        "coal_tce": fuel,
        "carbon_t": fuel * factors["coal_co2_t_per_tce"].value * 12.0 / 44.0,
        "co2_gross_t": gross,
        "co2_own_electricity_t": own,
        "co2_net_t": gross - own,
        "so2_t": fuel * factors["coal_so2_kg_per_tce"].value / 1e3,
        "dust_t": fuel * factors["coal_dust_kg_per_tce"].value / 1e3,
        "spf": heat_gj / (3.6 * opex["electricity_mwh"]) if opex["electricity_mwh"] > 0.0 else math.inf,
    }


def _notes(
    given: Mapping[str, Any], after: Mapping[str, Any], opex: Mapping[str, float]
) -> list[dict[str, str]]:
    """What a reader should know before comparing."""
    notes = []
    if given["baseline_income_cny"] > 0.0:
        notes.append(
            {
                "en": "The buildings were heated, and paid, before: against doing nothing the income is not new."
                " The gain is less water taken and all of it returned.",
                "zh": "改造前已有地热供暖并已收费:相对维持现状,收入并非新增;收益在于少采水并全部回灌。",
            }
        )
    total = opex["total_from_inputs"]
    if abs(total - opex["total"]) > 0.005 * max(total, 1.0):
        notes.append(
            {
                "en": f"Printed running costs add to {opex['total'] / 1e4:.2f}, the stated inputs to {total / 1e4:.2f}"
                " (10^4 CNY).",
                "zh": f"印刷的运行费合计 {opex['total'] / 1e4:.2f} 万元,按所列输入应为 {total / 1e4:.2f} 万元。",
            }
        )
    return notes


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


# --- printed figures beside ours -----------------------------------------------------------------------


def _beside(
    printed: list[dict[str, Any]], result: Mapping[str, Any], given: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Each printed figure, what its inputs give, and whether it follows from them.

    ``ok``: to its printed digits; ``rounding``: within one unit of the last digit; ``differs``: not.
    """
    ours = _ours(result, given)
    rows = []
    for row in printed:
        value = ours[row["key"]] / row.get("scale", 1.0)
        digits = row["digits"]
        unit = 10.0**-digits
        off = abs(value - row["value"])
        verdict = "ok" if off <= 0.5 * unit * (1.0 + 1e-9) else "rounding" if off <= unit else "differs"
        rows.append(
            {
                "key": row["key"],
                "zh": row["zh"],
                "en": row["en"],
                "unit": row["unit"],
                "printed": row["value"],
                "recomputed": value,
                "digits": digits,
                "verdict": verdict,
                "where": row["where"],
                "note_zh": row.get("note_zh", ""),
                "note_en": row.get("note_en", ""),
            }
        )
    return rows


def _ours(result: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, float]:
    """Our figures under the keys that printed rows name."""
    before, after, opex = result["before"], result["after"], result["opex_cny"]
    values: dict[str, float] = {
        "extra_k": after["drop_k"] - before["drop_k"],
        "capex": result["capex_cny"],
        "opex_pumps": opex["pumps_from_inputs"],
        "opex_staff": opex["staff_season_only"],
        "opex_heat_pumps": opex["heat_pumps"],
        "opex_heat_pumps_per_m2": opex["heat_pumps"] / sum(c["area_m2"] for c in given["communities"]),
        "heat_pump_electric": opex["heat_pump_electric_kw"],
        "opex_total": opex["total"],
        "capex_and_opex": result["capex_cny"] + opex["total"],
        "income": result["income_cny"],
        "payback": result["payback_years"] or math.nan,
        "net_over_life": result["economics"]["net_over_life_undiscounted_cny"],
        "reduction_mean": result["reduction"]["as_defined_mean"]["percent"],
        "season_heat": result["emissions"]["heat_gj"],
    }
    for when, part in (("before", before), ("after", after)):
        for key, value in part.items():
            if key != "communities":
                values[f"{when}_{key}"] = value
        for row in part["communities"]:
            values.update({f"{when}_{row['name']}_{k}": v for k, v in row.items() if k != "name"})
    # The paper's savings start from its own season heat, so they are judged from that figure.
    factors = load_library().factors
    heat = next(
        (r["value"] * r.get("scale", 1.0) for r in given["printed"] if r["key"] == "season_heat"), 0.0
    )
    coal = heat / factors["coal_gj_per_tce"].value / given["boiler_efficiency"]
    values["coal"] = coal
    values["so2"] = coal * factors["coal_so2_kg_per_tce"].value / 1e3
    values["dust"] = coal * factors["coal_dust_kg_per_tce"].value / 1e3
    values["co2"] = coal * factors["coal_co2_t_per_tce"].value
    return values

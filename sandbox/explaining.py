"""Explain a figure: what it means, the numbers it came from, how sure it is, what moves it most."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.costs import load_library
from scenarios.economics import discount_factors
from scenarios.evaluate import Evaluation
from scenarios.kpis import KPIS
from scenarios.sensitivity import tornado
from scenarios.uncertainty import bands_of

if TYPE_CHECKING:
    from sandbox.session import Session

DOTS = 20
CLOSE = 1e-6
# Money in the words of the page: 10^4 CNY in Chinese, million CNY in English.
MONEY = {"zh": (1e4, "万元"), "en": (1e6, "M CNY")}


def explanation(session: Session, key: str) -> dict[str, Any]:
    """Everything the explain sheet shows of one KPI. ``key``: known to ``KPIS``."""
    return {**at_once(session, key), **in_a_moment(session, session.evaluation, key)}


def at_once(session: Session, key: str) -> dict[str, Any]:
    """What is known without computing: meaning, formula, its numbers, inputs, sources."""
    row = KPIS[key]
    zh = session.lang == "zh"
    shown: dict[str, Any] = {
        "key": key,
        "label": row.zh if zh else row.en,
        "unit": row.unit,
        "better": row.better,
        "definition": row.definition_zh if zh else row.definition_en,
        "formula": row.formula,
        "words": session.text(f"how_{key}"),
        "source": session.text(f"src_{key}"),
        "engine": "",
        "inputs": [],
        "numbers": "",
        "futures": None,
        "tornado": [],
    }
    result = session.evaluation
    if result is None:
        return shown
    shown["engine"] = f"{result.forecast.engine} {result.forecast.engine_version}"
    shown["inputs"] = INPUTS[row.group](session, result)
    shown["numbers"] = numbers(session, result, key)
    return shown


def in_a_moment(session: Session, result: Evaluation | None, key: str) -> dict[str, Any]:
    """What takes some tenths of a second: possible futures, and what moves the figure most."""
    if result is None:
        return {"futures": None, "tornado": []}
    return {
        "futures": futures(session, result, key),
        "tornado": [
            {"label": session.text(f"vary_{s.key}"), "low": s.low, "high": s.high}
            for s in tornado(result.facts, key)
            if s.low is not None and s.high is not None and s.size > 0.0
        ][:5],
    }


# --- where an input is set ------------------------------------------------------------------------------
# Fields of the forms by which an assumption can be challenged on the spot; else the drawer that holds it.

HEAT_PRICE = ("economics.heat_price_cny_per_gj", "economics.heat_price_cny_per_m2")
DEMAND = ("uses.heating.area_m2", "uses.heating.load_w_m2")
RETURN = ("uses.heating.heat_pump.tail_degc", "uses.heating.return_degc", "uses.heating.approach_k")
POWER = "economics.electricity_price_cny_per_kwh"
FIELDS: dict[str, tuple[str, ...]] = {
    "tail": RETURN,
    "injected": RETURN,
    "days": ("uses.heating.season_days",),
    "demand": DEMAND,
    "heat": DEMAND,
    "costs": (POWER, "economics.staff", "economics.resource_tax_cny_per_m3"),
    "income": HEAT_PRICE,
    "price": HEAT_PRICE,
    "power": (POWER,),
    "rate": ("economics.discount_rate",),
    "electricity": ("uses.heating.heat_pump.cop", *RETURN[:1]),
    "reference": ("economics.baseline",),
    "boiler": ("economics.factors.coal_boiler_efficiency",),
    "coal_co2": ("economics.factors.coal_co2_t_per_tce",),
    "grid": ("economics.grid",),
}
DRAWERS = {"flow": "wells", "wellhead": "subsurface", "thickness": "subsurface", "permeability": "subsurface",
           "rock": "subsurface", "capex": "economics"}  # fmt: skip
LARGEST_COSTS = 4


def where(key: str, result: Evaluation | None) -> dict[str, Any]:
    """Fields and drawer of an input; an investment leads to its largest unit costs."""
    fields = list(FIELDS.get(key, ()))
    if key == "capex" and result is not None:
        known = load_library().costs
        largest = sorted(
            (k for k in result.cash_flow.capex if k in known), key=lambda k: -result.cash_flow.capex[k]
        )
        fields = [f"economics.costs.{k}" for k in largest[:LARGEST_COSTS]]
    return {"id": key, "fields": fields, "drawer": DRAWERS.get(key, "")}


# --- inputs ---------------------------------------------------------------------------------------------


def line(session: Session, key: str, text: str, unit: str, **more: Any) -> dict[str, Any]:
    return {
        **where(key, session.evaluation),
        "label": session.text(f"input_{key}"),
        "text": text,
        "unit": unit,
        **more,
    }


def spaced(value: float, digits: int) -> str:
    """Thin spaces between thousands, a real minus sign."""
    return f"{value:,.{digits}f}".replace(",", "\u2009").replace("-", "\u2212")


def _percent(terms: Any, key: str) -> str:
    low, high = terms.uncertainty[key]
    return f"{low:+g} / {high:+g} {'K' if key.endswith('_k') else '%'}".replace("-", "\u2212")


def _water(session: Session, result: Evaluation) -> list[dict[str, Any]]:
    now = result.station.at(0.0)
    t, q = now["temperatures_degc"], now["flows_m3_h"]
    days = float(np.mean(result.facts.plan.days))
    return [
        line(session, "flow", spaced(q["geothermal"], 1), "m³/h"),
        line(session, "wellhead", f"{t['wellhead']:.1f}", "℃", range=_percent(result.terms, "temperature_k")),
        line(session, "tail", f"{t['tail']:.1f}", "℃"),
        line(session, "days", f"{days:.1f}", "d/a"),
        line(
            session,
            "demand",
            spaced(now["duties_kw"]["demand"] / 1e3, 2) if np.isfinite(now["duties_kw"]["demand"]) else "–",
            "MW",
            range=_percent(result.terms, "demand_pct"),
        ),
    ]


def _ground(session: Session, result: Evaluation) -> list[dict[str, Any]]:
    plan, ground = result.facts.plan, session.scheme.ground()
    terms = result.terms
    thick = sum(float(layer.thickness_m) for layer in ground.layers)
    permeability = float(np.mean([np.nanmean(layer.permeability_md) for layer in ground.layers]))
    rows = [
        line(session, "thickness", spaced(thick, 0), "m", range=_percent(terms, "thickness_pct")),
        line(
            session, "permeability", spaced(permeability, 0), "mD", range=_percent(terms, "permeability_pct")
        ),
        line(
            session,
            "rock",
            f"{float(np.mean(plan.hot.rock_degc)):.1f}",
            "℃",
            range=_percent(terms, "temperature_k"),
        ),
    ]
    if len(result.facts.run.injected_degc):
        rows.append(line(session, "injected", f"{float(np.mean(result.facts.run.injected_degc)):.1f}", "℃"))
    rows.append(line(session, "days", f"{float(np.mean(plan.days)):.1f}", "d/a"))
    return rows


def _money(session: Session, result: Evaluation) -> list[dict[str, Any]]:
    scale, unit = MONEY[session.lang]
    flow, terms, library = result.cash_flow, result.terms, load_library()
    basis = "m²" if flow.price_basis == "m2" else "GJ"
    price = library.prices["heat_cny_per_m2" if flow.price_basis == "m2" else "heat_cny_per_gj"]
    power = library.prices["electricity_cny_per_kwh"]
    yuan = "元" if session.lang == "zh" else "CNY"
    return [
        line(session, "capex", spaced(flow.capex_cny / scale, 1), unit, range=_percent(terms, "capex_pct")),
        line(session, "costs", spaced(float(np.mean(flow.costs_cny)) / scale, 2), f"{unit}/a"),
        line(session, "income", spaced(float(np.mean(flow.income_cny)) / scale, 1), f"{unit}/a"),
        line(
            session,
            "price",
            f"{flow.price_cny:g}",
            f"{yuan}/{basis}",
            range=f"{price.low:g} – {price.high:g}",
            source=price.source_in(session.lang),
        ),
        line(
            session,
            "power",
            f"{terms.electricity_price_cny_per_kwh:g}",
            f"{yuan}/kWh",
            range=f"{power.low:g} – {power.high:g}",
            source=power.source_in(session.lang),
        ),
        line(session, "heat", spaced(float(np.mean(flow.heat_gj)), 0), "GJ/a"),
        line(session, "rate", f"{100 * terms.discount_rate:g}", "%", source=session.text("year_end")),
        line(session, "life", f"{len(flow.heat_gj)}", "a"),
    ]


def _energy(session: Session, result: Evaluation) -> list[dict[str, Any]]:
    flow, terms = result.cash_flow, result.terms
    library = load_library()
    coal = library.factors["coal_co2_t_per_tce"]
    return [
        line(session, "heat", spaced(float(np.mean(flow.heat_gj)), 0), "GJ/a"),
        line(session, "electricity", spaced(float(np.mean(flow.electricity_mwh)), 0), "MWh/a"),
        line(session, "reference", session.text(f"choice_baseline_{terms.baseline.kind}"), ""),
        line(session, "boiler", f"{terms.baseline.boiler_efficiency:g}", "–"),
        line(
            session,
            "coal_co2",
            f"{terms.factors['coal_co2_t_per_tce']:g}",
            "t/tce",
            range=f"{coal.low:g} – {coal.high:g}",
            source=coal.source_in(session.lang),
        ),
        line(
            session,
            "grid",
            f"{terms.grid_co2_kg_per_kwh:g}",
            "kg/kWh",
            source=library.grid_source.source_in(session.lang),
        ),
    ]


INPUTS: dict[str, Callable[[Any, Evaluation], list[dict[str, Any]]]] = {
    "productivity": _water,
    "sustainability": _ground,
    "economics": _money,
    "environment": _energy,
}


# --- the formula with its numbers -------------------------------------------------------------------------


def numbers(session: Session, result: Evaluation, key: str) -> str:
    """The formula with the numbers of this evaluation; empty unless they give the KPI again to 1e-6."""
    value = result.kpis[key].value
    made = _numbers(session, result, key)
    if made is None or value is None:
        return ""
    again, text = made
    return text if abs(again - value) <= CLOSE * max(abs(value), 1e-12) else ""


def _numbers(session: Session, result: Evaluation, key: str) -> tuple[float, str] | None:
    flow = result.cash_flow
    years = len(flow.heat_gj)
    discount = discount_factors(result.terms.discount_rate, years)
    scale, unit = MONEY[session.lang]
    heat = float(flow.heat_gj @ discount)
    costs, net = float(flow.costs_cny @ discount), float(flow.net_cny @ discount)
    if key == "lcoh_cny_per_gj" and heat > 0.0:
        again = (flow.capex_cny + costs) / heat
        text = f"( {spaced(flow.capex_cny / scale, 1)} + {spaced(costs / scale, 1)} ) {unit} / {spaced(heat, 0)} GJ"
        return again, f"{text} = {again:.2f}"
    if key == "npv_cny":
        again = net - flow.capex_cny
        text = f"{spaced(net / scale, 1)} − {spaced(flow.capex_cny / scale, 1)}"
        return again, f"{text} = {spaced(again / scale, 1)} {unit}"
    if key == "annual_heat_gj":
        again = float(np.mean(flow.heat_gj))
        return again, f"{spaced(float(flow.heat_gj.sum()), 0)} GJ / {years} a = {spaced(again, 0)}"
    power = 3.6 * float(flow.electricity_mwh.sum())
    if key == "spf" and power > 0.0:
        again = float(flow.heat_gj.sum()) / power
        return again, f"{spaced(float(flow.heat_gj.sum()), 0)} GJ / {spaced(power, 0)} GJ = {again:.2f}"
    if key == "opex_cny_per_year":
        again = float(np.mean(flow.costs_cny))
        return (
            again,
            f"{spaced(float(flow.costs_cny.sum()) / scale, 1)} {unit} / {years} a = {spaced(again / scale, 2)}",
        )
    return None


# --- how sure ----------------------------------------------------------------------------------------------


def futures(session: Session, result: Evaluation, key: str) -> dict[str, Any] | None:
    """In how many of twenty equally likely futures the KPI beats the baseline's value (money: zero)."""
    row, value = KPIS[key], result.kpis[key].value
    if row.better is None or value is None:
        return None
    own = session.workspace.active.baseline
    base = session.baseline.evaluation.kpis[key].value if session.baseline and not own else None
    if base is None and key not in ("npv_cny", "irr_pct"):
        return None
    against = 0.0 if base is None else base
    values = {k: kpi.value for k, kpi in result.kpis.items()}
    draws = bands_of(session.scheme, result.facts, values).draws.get(key)
    if draws is None:
        return None
    known = draws[np.isfinite(draws)]
    if len(known) < DOTS // 4 or float(np.ptp(known)) == 0.0:
        return None
    middle = float(np.median(known))
    moved = known * (value / middle) if middle > 0.0 and value > 0.0 else known + (value - middle)
    # The dots are quantiles, each standing for one twentieth of what may happen.
    dots = np.quantile(moved, (np.arange(DOTS) + 0.5) / DOTS)
    count = int(np.sum(dots > against if row.better == "up" else dots < against))
    word = "futures_zero" if base is None else "futures_baseline"
    return {"count": count, "text": session.text(word)}

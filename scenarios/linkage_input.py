"""The door of ``linkage``: what a case must hold, every fault named."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from scenarios.costs import load_library
from twin_models.reading import Reader

_TEMPERATURES = {  # what is needed of the two ways of running
    "wellhead_degc": (5.0, 200.0, None),
    "outlet_before_degc": (1.0, 200.0, None),
    "outlet_exchanger_degc": (1.0, 200.0, None),
    "outlet_after_degc": (1.0, 200.0, None),
}
_PLANT = {
    "season_days": (1.0, 366.0, 120.0),
    "cop": (1.01, 50.0, 5.0),
    "heat_pump_kw": (0.0, 1e6, None),
    "heat_pump_hours_per_day": (0.0, 24.0, 24.0),
    "staff": (0.0, 1e4, 0.0),
    "wage_cny_per_month": (0.0, 1e6, 0.0),
    "wage_months": (0.0, 12.0, 12.0),
    "electricity_price_cny_per_kwh": (0.0, 100.0, 0.78),
    "heat_price_cny_per_m2": (0.0, 1e4, 18.0),
    "life_seasons": (1.0, 100.0, 20.0),
    "discount_rate": (-0.5, 1.0, 0.08),
    "boiler_efficiency": (0.1, 1.2, 1.0),
    "grid_co2_kg_per_kwh": (0.0, 5.0, None),
    "baseline_income_cny": (0.0, 1e12, 0.0),
    "baseline_opex_cny": (0.0, 1e12, 0.0),
}
_COMMUNITY = {
    "area_m2": (1.0, 1e9, None),
    "flow_mean_m3_h": (0.01, 1e5, None),
    "flow_peak_m3_h": (0.01, 1e5, None),
    "load_mean_w_m2": (0.1, 1000.0, None),
    "load_peak_w_m2": (0.1, 1000.0, None),
}


def read_case(case: Any) -> dict[str, Any]:
    """The case with defaults filled in. Raises ``InputError`` with every fault found."""
    reader = Reader()
    if not isinstance(case, Mapping):
        reader.fault("case", "type", "must be an object with communities, temperatures, capex and pumps")
        reader.done()
    got = reader.mapping(
        case,
        "",
        required=("communities", *_TEMPERATURES),
        optional=("format", "title", "source", "capex", "pumps", "printed", "printed_opex_cny", *_PLANT),
    )
    values: dict[str, Any] = {}
    for name, (low, high, _) in _TEMPERATURES.items():
        values[name] = reader.number(got.get(name, low), name, low=low, high=high, default=low)
    for name, (low, high, default) in _PLANT.items():
        if got.get(name) is None:
            values[name] = default
        else:
            values[name] = reader.number(got[name], name, low=low, high=high, default=low)
    _order(reader, values, got)
    values["communities"] = [
        _community(reader, item, f"communities[{i}]")
        for i, item in enumerate(reader.items(got.get("communities", [{}]), "communities", at_least=1))
    ]
    values["capex"] = [
        _priced(reader, item, f"capex[{i}]")
        for i, item in enumerate(reader.items(got.get("capex", []), "capex"))
    ]
    values["pumps"] = [
        _pump(reader, item, f"pumps[{i}]")
        for i, item in enumerate(reader.items(got.get("pumps", []), "pumps"))
    ]
    extra = reader.mapping(
        got.get("printed_opex_cny") or {}, "printed_opex_cny", optional=("pumps", "staff", "heat_pumps")
    )
    values["printed_opex"] = {
        key: reader.number(value, f"printed_opex_cny.{key}", low=0.0) for key, value in extra.items()
    }
    values["printed"] = [
        _printed_row(reader, item, f"printed[{i}]")
        for i, item in enumerate(reader.items(got.get("printed") or [], "printed"))
    ]
    if values["grid_co2_kg_per_kwh"] is None:
        values["grid_co2_kg_per_kwh"] = load_library().grid["north"]
    reader.done()
    if values["heat_pump_kw"] is None:
        values["heat_pump_kw"] = _needed_heat_pump_kw(values)
    return values


def _order(reader: Reader, values: Mapping[str, Any], got: Mapping[str, Any]) -> None:
    chain = ("wellhead_degc", "outlet_exchanger_degc", "outlet_after_degc")
    for above, below in pairwise(chain):
        if above in got and below in got and values[below] > values[above]:
            reader.fault(
                below, "order", f"must not be above {above} ({values[above]:g}), got {values[below]:g}"
            )
    for below in ("outlet_before_degc", "outlet_after_degc"):
        if below in got and "wellhead_degc" in got and values[below] >= values["wellhead_degc"]:
            reader.fault(below, "order", f"must be below wellhead_degc, got {values[below]:g}")


def _needed_heat_pump_kw(values: Mapping[str, Any]) -> float:
    """Heat that the second stage gives at peak, with the pumps' own work."""
    drop = values["wellhead_degc"] - values["outlet_after_degc"]
    share = (values["outlet_exchanger_degc"] - values["outlet_after_degc"]) / drop
    peak = sum(c["area_m2"] * c["load_peak_w_m2"] for c in values["communities"]) / 1e3
    return peak * share * values["cop"] / (values["cop"] - 1.0)


def _community(reader: Reader, item: Any, path: str) -> dict[str, Any]:
    got = reader.mapping(
        item, path, required=("name", "area_m2", "flow_mean_m3_h", "load_mean_w_m2"), optional=_COMMUNITY
    )
    row: dict[str, Any] = {"name": reader.text(got.get("name", "?"), f"{path}.name")}
    for key, (low, high, _) in _COMMUNITY.items():
        fallback = row.get(key.replace("peak", "mean"), low)
        row[key] = (
            fallback
            if got.get(key) is None
            else reader.number(got[key], f"{path}.{key}", low=low, high=high, default=low)
        )
    return row


def _priced(reader: Reader, item: Any, path: str) -> dict[str, Any]:
    got = reader.mapping(item, path, required=("cost_cny",), optional=("key", "zh", "en"))
    cost = reader.number(got.get("cost_cny", 0.0), f"{path}.cost_cny", low=0.0)
    return {
        "key": str(got.get("key", "")),
        "zh": str(got.get("zh", "")),
        "en": str(got.get("en", "")),
        "cost_cny": cost,
    }


def _pump(reader: Reader, item: Any, path: str) -> dict[str, Any]:
    got = reader.mapping(item, path, required=("count", "kw"), optional=("zh", "en"))
    return {
        "count": reader.number(got.get("count", 0.0), f"{path}.count", low=0.0, high=1e4),
        "kw": reader.number(got.get("kw", 0.0), f"{path}.kw", low=0.0, high=1e5),
        "zh": str(got.get("zh", "")),
        "en": str(got.get("en", "")),
    }


def _printed_row(reader: Reader, item: Any, path: str) -> dict[str, Any]:
    names = ("key", "zh", "en", "unit", "value", "digits", "where")
    got = reader.mapping(item, path, required=names, optional=("scale", "note_zh", "note_en"))
    got["value"] = reader.number(got.get("value", 0.0), f"{path}.value")
    got["digits"] = reader.integer(got.get("digits", 0), f"{path}.digits", low=-9, high=9)
    got["scale"] = reader.number(got.get("scale", 1.0), f"{path}.scale", low=1e-12)
    return got

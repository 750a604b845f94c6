"""Values for the nodes of the knowledge graph, from the tables of a site and the evaluation of a scheme."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scenarios.kpis import KPIS
from twin_models.errors import Fault, InputError
from twin_models.reading import read_yaml
from twin_models.site_types import Site, Text
from twin_models.sites import assets_dir, inside_parent, load_site
from twin_models.types import Reservoir
from twin_models.water import fluid_viscosity_pa_s

SWING_NODES = {  # key of the tornado -> node
    "thickness_pct": "thickness",
    "permeability_pct": "permeability",
    "temperature_k": "temperature",
    "demand_pct": "demand",
    "heat_price_pct": "heat_price",
    "capex_pct": "capex",
    "electricity_price_pct": "electricity_price",
}
ECONOMICS = Text("方案的经济参数", "economics of the scheme")
SWINGS = Text(
    "scenarios/sensitivity.py：每项输入分别取 P10 与 P90，assets/factors.yaml",
    "scenarios/sensitivity.py: each input at its P10 and P90, assets/factors.yaml",
)
GROUND_DEGC = 14.0  # source 003: yearly mean of the ground
BASIN_NODES = {  # node -> map of the basin
    "heat_flow": "heat_flow_mw_m2",
    "formation_thickness": "thickness_m",
    "heat_in_place": "heat_gj_m2",
}
KPI_NODES = {  # node -> (KPI, factor)
    "power": ("thermal_power_mw", 1.0),
    "breakthrough": ("breakthrough_years", 1.0),
    "decline": ("temperature_decline_k", 1.0),
    "drawdown": ("max_drawdown_bar", 1.0),
    "reinjection": ("reinjection_ratio_pct", 1.0),
    "pumping": ("spf", 1.0),
    "demand": ("demand_met_pct", 1.0),
    "heat_sold": ("annual_heat_gj", 1.0),
    "capex": ("capex_cny", 1e-6),
    "cost": ("lcoh_cny_per_gj", 1.0),
    "value": ("npv_cny", 1e-6),
    "carbon": ("co2_avoided_t_per_year", 1.0),
}


@dataclass(frozen=True)
class Facts:
    """``values``: node -> value in the node's unit; ``origin``: where each comes from; ``unknown``: node -> why.

    ``beyond``: nodes that are larger than their value (nothing happened within the years computed).
    ``swings``: node -> (change of the goal at its low end, at its high end, unit).
    """

    name: str
    site: str | None
    title: Text
    values: Mapping[str, float | None]
    origin: Mapping[str, Text]
    unknown: Mapping[str, Text] = field(default_factory=dict)
    swings: Mapping[str, tuple[float, float, str]] = field(default_factory=dict)
    swing_source: Text | None = None
    beyond: frozenset[str] = frozenset()

    def ranked(self) -> list[tuple[str, tuple[float, float, str]]]:
        """Swings, the largest first."""
        rows = [(k, s) for k, s in self.swings.items() if max(abs(s[0]), abs(s[1])) > 0.0]
        return sorted(rows, key=lambda row: (-max(abs(row[1][0]), abs(row[1][1])), row[0]))


def facts_of_scheme(evaluation: Any) -> Facts:
    """What is known of a scheme's place: ground, wells, and the figures of its evaluation."""
    from scenarios.sensitivity import tornado

    scheme = evaluation.scheme
    site = load_site(scheme.site) if scheme.site is not None else None
    values: dict[str, float | None] = {}
    origin: dict[str, Text] = {}
    unknown: dict[str, Text] = {"salinity": Text("没有水质资料", "no analysis of the water")}
    own = Text("方案自带的热储", "tables of the scheme's own reservoir")
    tables = Text(f"场地数据表：{site.title.zh}", f"tables of site {site.name}") if site is not None else own
    ground = scheme.ground()
    _ground(values, ground, site)
    _wells(values, scheme, site)
    for key in values:
        origin[key] = tables
    if site is not None and site.parent is not None:
        _basin_below(values, origin, unknown, site)
    _unknown(unknown, site)
    engine = evaluation.forecast.engine
    for node, (kpi, factor) in KPI_NODES.items():
        value = evaluation.kpis[kpi].value
        if value is not None:
            values[node] = factor * value
            origin[node] = Text(f"评价结果：{KPIS[kpi].zh}（{engine}）", f"evaluation: {kpi}, {engine}")
        elif node == "breakthrough":
            values[node] = float(scheme.years)
            origin[node] = Text("评价结果：计算年限内未发生", "evaluation: none within the years computed")
    basis = "m2" if evaluation.use.area_m2 else "GJ"
    kind, price = evaluation.terms.heat_price(basis)
    if kind == "GJ":
        values["heat_price"], origin["heat_price"] = price, ECONOMICS
    values["electricity_price"] = evaluation.terms.electricity_price_cny_per_kwh
    origin["electricity_price"] = ECONOMICS
    beyond = frozenset({"breakthrough"} if evaluation.kpis["breakthrough_years"].value is None else ())
    swings = {}
    for swing in tornado(evaluation.facts):
        if swing.key in SWING_NODES and swing.low is not None and swing.high is not None:
            swings[SWING_NODES[swing.key]] = (swing.low * 1e-6, swing.high * 1e-6, "million CNY")
    title = site.title if site is not None else Text(scheme.name, scheme.name)
    return Facts(scheme.name, scheme.site, title, values, origin, unknown, swings, SWINGS, beyond)


def _ground(values: dict[str, float | None], ground: Reservoir, site: Site | None) -> None:
    """Means over the layers that let water through, weighted by net thickness."""
    layers = [layer for layer in ground.layers if np.any(layer.permeability_md)]
    net = np.array([layer.thickness_m * layer.net_to_gross for layer in layers])

    def mean(name: str) -> float:
        return float(np.average([np.mean(getattr(layer, name)) for layer in layers], weights=net))

    values["depth"] = layers[0].top_m
    values["temperature"] = mean("temperature_degc")
    values["thickness"] = float(net.sum())
    values["porosity"] = 100.0 * mean("porosity")
    warm_degc, perm_md = mean("temperature_degc"), mean("permeability_md")
    values["permeability"] = perm_md
    values["transmissivity"] = perm_md * float(net.sum()) * 1e-3
    values["viscosity"] = 1e3 * float(fluid_viscosity_pa_s(ground.fluid, warm_degc))
    if site is not None:
        caps = [s for s in site.strata if s.role == "cap"]
        values["cap"] = sum(s.base_m - s.top_m for s in caps) if caps else None
        middle = layers[0].top_m + 0.5 * layers[0].thickness_m
        if middle > 100.0:
            values["gradient"] = (float(np.mean(layers[0].temperature_degc)) - GROUND_DEGC) / middle * 1e3


def _basin_below(
    values: dict[str, float | None], origin: dict[str, Text], unknown: dict[str, Text], site: Site
) -> None:
    """What the basin's maps say of the place: heat flow, thickness of the formation, heat in place."""
    if not inside_parent(site) or site.parent is None:
        return
    basin = load_site(site.parent)
    x, y = (a - b for a, b in zip(site.world_origin_m, basin.world_origin_m, strict=True))
    for node, raster in BASIN_NODES.items():
        value = basin.raster_at(raster, x, y) if raster in basin.rasters else math.nan
        if math.isfinite(value):
            values[node] = value
            origin[node] = Text(
                f"盆地图：{basin.title.zh}，场地原点处", f"map of {basin.name} at the site's zero"
            )
            unknown[node] = Text("取自示意的盆地图", "read from the basin's schematic map")


def _wells(values: dict[str, float | None], scheme: Any, site: Site | None) -> None:
    producers = [w for w in scheme.wells if w.kind == "producer"]
    injectors = [w for w in scheme.wells if w.kind == "injector"]
    if producers:
        values["rate"] = sum(w.rate_m3_h for w in producers) / len(producers)
    gaps = [math.dist((p.x_m, p.y_m), (i.x_m, i.y_m)) for p in producers for i in injectors]
    if gaps:
        values["spacing"] = min(gaps)
    if site is not None and site.faults and (producers or injectors):
        values["fault_distance"] = min(
            f.distance_m(w.x_m, w.y_m) for f in site.faults for w in (*producers, *injectors)
        )


def _unknown(unknown: dict[str, Text], site: Site | None) -> None:
    """Nodes whose values are made up, as far as the tables say so themselves."""
    if site is None:
        return
    if any(f.schematic for f in site.faults):
        unknown["fault_distance"] = Text("断层位置为示意", "the fault's place is schematic")
    if any(w.schematic for w in site.wells):
        unknown["breakthrough"] = Text("井位为示意", "the wells' places are schematic")


def facts_of_basin(site: Site, unit: str | None = None) -> Facts:
    """A basin by its structural units: means weighted by area, swings from the least to the greatest unit; or one
    unit, swings over its own published range. Raises ``InputError`` for a unit that is not there."""
    units = [u for u in site.units if unit is None or u.id == unit]
    if not units:
        known = ", ".join(u.id for u in site.units)
        raise InputError(Fault("unit", "unknown", f"must be one of {known}, got {str(unit)[:40]!r}"))
    area = np.array([u.area_km2 for u in units])

    def mean(of: Any) -> float:
        return float(np.average([of(u) for u in units], weights=area))

    volumetric: dict[str, Any] = {
        "temperature": lambda u: u.temperature_degc,
        "formation_thickness": lambda u: u.thickness_m,
        "porosity": lambda u: tuple(100.0 * v for v in u.porosity),
    }
    middle = {key: mean(lambda u, of=of: of(u)[1]) for key, of in volumetric.items()}
    values: dict[str, float | None] = dict(middle)
    values["heat_flow"] = mean(lambda u: u.heat_flow_mw_m2)
    values["gradient"] = mean(lambda u: u.gradient_k_per_km)
    values["heat_in_place"] = mean(lambda u: u.heat_j_mean / u.area_km2 / 1e15)
    rock = mean(lambda u: u.rock_density_kg_m3[1] * u.rock_heat_capacity_j_kgk[1])
    usual = _heat_gj_m2(rock, **middle)
    swings = {}
    for key, of in volumetric.items():
        ends = [of(units[0])[0], of(units[0])[2]] if unit is not None else [
            min(of(u)[1] for u in units), max(of(u)[1] for u in units)
        ]  # fmt: skip
        low, high = (_heat_gj_m2(rock, **(middle | {key: end})) - usual for end in ends)
        swings[key] = (low, high, "GJ/m2")
    origin = dict.fromkeys(values, _told_by({u.source for u in units}))
    unknown = {"salinity": Text("没有水质资料", "no analysis of the water")}
    assigned = next((t for t in site.schematic if t.en.startswith("heat flow")), None)
    if assigned is not None:
        unknown["heat_flow"] = assigned
    title = site.title if unit is None else units[0].name
    zh, en = (
        ("该量最小与最大的单元", "the unit with least and with most of it")
        if unit is None
        else ("该单元的最小值与最大值", "the least and the greatest value of the unit")
    )
    how = Text(f"热储法，一项输入取{zh}（units.csv）", f"volumetric heat with one input at {en} (units.csv)")
    return Facts(unit or site.name, site.name, title, values, origin, unknown, swings, how)


def _told_by(sources: set[str]) -> Text:
    """Words of a table about its sources; in Chinese where ``assets/knowledge`` has them, else as they stand."""
    rows = read_yaml(assets_dir() / "knowledge" / "nodes.yaml", "assets/knowledge/nodes.yaml")["sources"]
    known = {row["en"]: row["zh"] for row in rows}
    told = sorted(sources)
    return Text("；".join(known.get(s, s) for s in told), "; ".join(told))


def _heat_gj_m2(
    rock_j_m3k: float, *, temperature: float, formation_thickness: float, porosity: float
) -> float:
    """Heat in place per area (GB/T 11615): h (rho_r c_r (1 - phi) + rho_w c_w phi) (T - T0), T0 = 14 degC (003)."""
    share = porosity / 100.0
    stored = rock_j_m3k * (1.0 - share) + 4.1868e6 * share
    return formation_thickness * stored * (temperature - GROUND_DEGC) / 1e9

"""Money of a scheme: what it costs to build, to run and to renew, what it earns, year by year (real CNY)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from scenarios.chain import Plan, Run
from scenarios.costs import load_library
from scenarios.economics import Terms
from scenarios.energy_system import power_bill
from scenarios.network import equivalent_length_m
from scenarios.taxes import profit_tax
from twin_models.uses.base import Delivery, Step

GJ_PER_MW_DAY = 86.4
MIN_STAFF = 4.0  # 004: four persons run the smallest station
SURFACE = (
    "well_pump",
    "injection_pump",
    "filters",
    "pipe",
    "exchanger1",
    "exchanger2",
    "heat_pump",
    "circulation_pumps",
    "intermediate_pumps",
    "station",
    "peak_boiler",
    "orc",
    "absorption_chiller",
    "air_heater",
    "greenhouse_heating",
    "pond_heating",
    "pool_heating",
    "tank",
    "aquifer_store",
    "network_pipe",
)
WELLS = ("well_vertical", "well_deviated", "wellhead", "pad")


@dataclass(frozen=True)
class CapexItem:
    """One line of the investment: ``quantity`` x ``unit_cost_cny``; ``low_cny``/``high_cny`` from the library."""

    key: str
    quantity: float
    unit: str
    unit_cost_cny: float
    cost_cny: float
    low_cny: float
    high_cny: float


@dataclass(frozen=True)
class CashFlow:
    """Yearly table, arrays (t,), real CNY; year t is the end of the t-th year of operation.

    ``capex_cny`` at time 0, subsidy already taken off. ``heat_gj``: delivered; ``demand_gj`` (NaN: no limit);
    ``electricity_mwh``, ``fuel_gj``: used. ``electricity_cny`` ... ``renewal_cny``: the costs by kind.
    ``income_cny``: heat, cold and electricity sold and subsidies on heat, by use in ``income_by_use``. ``tax_cny``: on profit,
    not among the costs (the levelised cost is before tax). ``baseline_cny``: what the
    baseline would earn net. ``net_cny``: income minus costs minus baseline. ``generated_mwh``: own electricity,
    used first for the scheme's own needs, ``sold_mwh`` of it to the grid. ``cold_gj``: cold delivered.
    ``byproducts_cny``: income from cold and electricity, which the levelised cost of heat takes off.
    """

    capex_cny: float
    capex: Mapping[str, float]
    quantities: Mapping[str, float]
    heat_gj: np.ndarray
    demand_gj: np.ndarray
    electricity_mwh: np.ndarray
    fuel_gj: np.ndarray
    electricity_cny: np.ndarray
    fuel_cny: np.ndarray
    staff_cny: np.ndarray
    maintenance_cny: np.ndarray
    resource_tax_cny: np.ndarray
    renewal_cny: np.ndarray
    income_cny: np.ndarray
    baseline_cny: np.ndarray
    price_basis: str
    price_cny: float
    income_by_use: Mapping[str, np.ndarray] = field(default_factory=dict)
    generated_mwh: np.ndarray | float = 0.0
    sold_mwh: np.ndarray | float = 0.0
    cold_gj: np.ndarray | float = 0.0
    byproducts_cny: np.ndarray | float = 0.0
    income_tax_pct: float = 0.0
    depreciation_years: float = 20.0
    tax_cny: np.ndarray = field(init=False)
    costs_cny: np.ndarray = field(init=False)
    net_cny: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        costs = (
            self.electricity_cny
            + self.fuel_cny
            + self.staff_cny
            + self.maintenance_cny
            + self.resource_tax_cny
            + self.renewal_cny
        )
        object.__setattr__(self, "costs_cny", costs)
        profit = self.income_cny - costs
        pct, years = self.income_tax_pct, self.depreciation_years
        object.__setattr__(self, "tax_cny", profit_tax(profit, self.capex_cny, pct=pct, years=years))
        object.__setattr__(self, "net_cny", profit - self.tax_cny - self.baseline_cny)

    @property
    def flows_cny(self) -> np.ndarray:
        """(t + 1,): the investment, then the net of each year."""
        return np.concatenate(([-self.capex_cny], self.net_cny))


def quantities(plan: Plan, run: Run, terms: Terms) -> dict[str, float]:
    """How much of each priced thing must be built (in the unit of the cost library)."""
    hot, cold = plan.hot, plan.cold
    count_all = terms.include_existing
    new_hot, new_cold = (~side.existing | count_all for side in (hot, cold))
    drilled = {False: 0.0, True: 0.0}
    heads = 0.0
    both = np.isin(cold.index, hot.index)  # a storage well stands on both sides but is drilled once
    for side, new in ((hot, new_hot), (cold, new_cold & ~both)):
        drilled[True] += float(side.drilled_m[new & side.deviated].sum())
        drilled[False] += float(side.drilled_m[new & ~side.deviated].sum())
        heads += float(new.sum())
    result = {
        "well_vertical": drilled[False],
        "well_deviated": drilled[True],
        "wellhead": heads,
        "pad": _new_pads(plan, count_all),
        "well_pump": float(run.well_pump_kw.max(axis=0, initial=0.0)[new_hot].sum()),
        "injection_pump": float(run.injection_pump_kw.max(axis=0, initial=0.0)[new_cold].sum()),
        "filters": float(cold.rate_m3_h.max(axis=0, initial=0.0)[new_cold].sum()),
        "pipe": equivalent_length_m(hot.pipes, all_lines=count_all)
        + equivalent_length_m(cold.pipes, all_lines=count_all),
    }
    for key, size_kw in run.delivery.sizes_kw.items():
        result[key] = size_kw
    return result


def _new_pads(plan: Plan, count_all: bool) -> float:
    """Pads on which every well is new; a well without a pad name stands on a pad of its own."""
    old: dict[object, bool] = {}
    for side in (plan.hot, plan.cold):
        for i, pad, existing in zip(side.index, side.pads, side.existing, strict=True):
            key: object = pad if pad is not None else int(i)
            old[key] = old.get(key, False) or (bool(existing) and not count_all)
    return float(sum(not was for was in old.values()))


def capex_of(amounts: Mapping[str, float], costs: Mapping[str, float]) -> dict[str, float]:
    """CNY by item, contingency as an item of its own."""
    result = {key: amount * costs[key] for key, amount in amounts.items() if amount > 0.0}
    result["contingency"] = sum(result.values()) * costs["contingency_pct"] / 100.0
    return result


def capex_items(flow: CashFlow, terms: Terms) -> tuple[CapexItem, ...]:
    """The investment line by line with the library's range, for people to read."""
    library = load_library().costs
    items = []
    for key, cost in flow.capex.items():
        row = library["contingency_pct" if key == "contingency" else key]
        low, high = row.ratio
        unit_cost = terms.costs["contingency_pct" if key == "contingency" else key]
        quantity = flow.quantities.get(key, 1.0)
        items.append(CapexItem(key, quantity, row.unit, unit_cost, cost, cost * low, cost * high))
    return tuple(items)


def cash_flow(plan: Plan, run: Run, terms: Terms) -> CashFlow:
    """The yearly table of a scheme (formulas: the fields of ``CashFlow`` and docs of each cost)."""
    delivery, costs = run.delivery, terms.costs
    lengths = np.diff(plan.edges)
    amounts = quantities(plan, run, terms)
    capex = capex_of(amounts, costs)
    sales = _sales(plan, delivery, terms, lengths)
    fuel = delivery.fuel_mw * delivery.days * GJ_PER_MW_DAY
    electricity = delivery.power_mw * delivery.days * 24.0 + run.pump_mwh
    wells = sum(capex.get(key, 0.0) for key in WELLS)
    surface = sum(capex.get(key, 0.0) for key in SURFACE)
    upkeep = wells * costs["maintenance_wells_pct"] + surface * costs["maintenance_surface_pct"]
    staff = terms.staff
    if staff is None:
        staff = max(MIN_STAFF, costs["staff_per_mw"] * amounts.get("station", 0.0) / 1e3)
    basis, price = terms.heat_price(plan.use.price_basis)
    own, bill = power_bill(plan, run, terms, used_mwh=electricity, generated_mwh=sales.generated_mwh)
    sold = sales.generated_mwh - own
    income = sales.income_cny
    if sales.power is not None:
        income = {**income, sales.power: sold * 1e3 * sales.power_price_cny_per_kwh}
    if terms.heat_subsidy_cny_per_gj > 0.0:
        paid = np.clip(terms.heat_subsidy_years - plan.edges[:-1], 0.0, lengths) / lengths
        income = {**income, "subsidy": sales.heat_gj * paid * terms.heat_subsidy_cny_per_gj}
    abstracted = np.maximum(plan.hot.volume_of_year_m3 - plan.cold.volume_of_year_m3, 0.0)
    baseline = terms.baseline
    return CashFlow(
        capex_cny=sum(capex.values()) - terms.subsidy_cny,
        capex=capex,
        quantities=amounts,
        heat_gj=sales.heat_gj,
        demand_gj=sales.demand_gj,
        electricity_mwh=electricity,
        fuel_gj=fuel,
        electricity_cny=bill,
        fuel_cny=fuel * _fuel_price(plan, terms),
        staff_cny=staff * costs["wage_cny_per_year"] * lengths,
        maintenance_cny=upkeep / 100.0 * lengths,
        resource_tax_cny=abstracted * terms.resource_tax_cny_per_m3,
        renewal_cny=_renewals(capex, costs, len(lengths)),
        income_cny=sum(income.values(), start=np.zeros(len(lengths))),
        baseline_cny=(baseline.income_cny_per_year - baseline.cost_cny_per_year) * lengths,
        price_basis=basis,
        price_cny=price,
        income_by_use=income,
        generated_mwh=sales.generated_mwh,
        sold_mwh=sold,
        cold_gj=sales.cold_gj,
        byproducts_cny=sales.cold_cny + income.get(sales.power or "", 0.0 * sold),
        income_tax_pct=terms.income_tax_pct,
        depreciation_years=terms.depreciation_years,
    )


@dataclass(frozen=True)
class _Sales:
    """What the uses deliver, (t,): heat and its demand, cold, electricity, and what heat and cold earn."""

    heat_gj: np.ndarray
    demand_gj: np.ndarray
    cold_gj: np.ndarray
    cold_cny: np.ndarray
    generated_mwh: np.ndarray
    income_cny: dict[str, np.ndarray]
    power: str | None = None
    power_price_cny_per_kwh: float = 0.0


def _sales(plan: Plan, delivery: Delivery, terms: Terms, lengths: np.ndarray) -> _Sales:
    """Products by kind. Heating is sold by area or heat, everything else by what is delivered."""
    nothing = np.zeros(len(lengths))
    prices = {} if plan.cascade is None else {step.name: price_of(step) for step in plan.cascade.steps}
    heat, demand, cold, cold_cny, generated = nothing, nothing, nothing, nothing, nothing
    income: dict[str, np.ndarray] = {}
    power = None
    for name, part in (delivery.parts or {"heating": delivery}).items():
        amount = part.product_mw * part.days * GJ_PER_MW_DAY
        if part.kind == "power":
            generated, power = generated + amount / 3.6, name
            continue
        if part.kind == "cold":
            cold, cold_cny = cold + amount, cold_cny + amount * prices[name]
            income[name] = amount * prices[name]
            continue
        wanted = part.demand_mw * np.minimum(part.demand_days, lengths * 365.25) * GJ_PER_MW_DAY
        heat, demand = heat + amount, demand + wanted
        if name == "heating":
            basis, price = terms.heat_price(plan.use.price_basis)
            income[name] = _income(plan, amount, wanted, basis=basis, price=price)
        else:
            income[name] = amount * prices[name]
    return _Sales(heat, demand, cold, cold_cny, generated, income, power, prices.get(power or "", 0.0))


def price_of(step: Step) -> float:
    """CNY per GJ (per kWh for electricity): the user's own, else the library's."""
    return load_library().prices[step.price_key].value if step.price is None else step.price


def _fuel_price(plan: Plan, terms: Terms) -> float:
    if terms.fuel_price_cny_per_gj is not None:
        return terms.fuel_price_cny_per_gj
    boiler = plan.use.peak_boiler
    return terms.factors[f"{boiler.fuel}_price_cny_per_gj"] if boiler and boiler.fuel != "electric" else 0.0


def _income(plan: Plan, heat: np.ndarray, demand: np.ndarray, *, basis: str, price: float) -> np.ndarray:
    """Per GJ, or per m2 and season in proportion to the share of the demand that is met."""
    if basis == "GJ":
        return heat * price
    area = plan.use.area_m2 or 0.0
    met = np.divide(heat, demand, out=np.zeros_like(heat), where=demand > 0.0)
    return area * price * np.minimum(met, 1.0) * (demand > 0.0)


def _renewals(capex: Mapping[str, float], costs: Mapping[str, float], years: int) -> np.ndarray:
    """What has a life in the cost library is bought again at its end, never in the last year."""
    result = np.zeros(years)
    for key in (key for key in capex if f"{key}_life_years" in costs):
        life = max(costs[f"{key}_life_years"], 1.0)
        times = np.arange(1, int(years / life) + 1) * life
        at = np.ceil(times - 1e-9).astype(int)
        np.add.at(result, at[at < years] - 1, capex.get(key, 0.0))
    return result

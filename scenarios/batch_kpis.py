"""Money and KPIs of many schemes at once: ``cash_flow`` and ``kpi_formulas`` with a leading axis (see ``batch``).

Every figure is an array (b,), NaN where the scalar chain says ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from scenarios.batch import Batch, Flank, Warm, Work
from scenarios.cash_flow import GJ_PER_MW_DAY, MIN_STAFF, SURFACE, WELLS
from scenarios.cash_flow import _fuel_price as fuel_price
from scenarios.economics import discount_factors, irr, payback
from scenarios.ground import drained_area_m2
from scenarios.kpi_formulas import BREAKTHROUGH_SHARE, LIFETIME_SHARE, LONE_WELL_MARGIN_M
from scenarios.taxes import profit_tax

NEWTON = 6
NEVER_K = 1e30  # no well loses that much


@dataclass(frozen=True, eq=False)
class Money:
    """``cash_flow.CashFlow`` of all schemes: (b,) investment, (b, t) the rest."""

    capex_cny: np.ndarray
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
    income_tax_pct: float = 0.0
    depreciation_years: float = 20.0

    @cached_property
    def costs_cny(self) -> np.ndarray:
        running = self.electricity_cny + self.fuel_cny + self.staff_cny
        return running + self.maintenance_cny + self.resource_tax_cny + self.renewal_cny

    @cached_property
    def flows_cny(self) -> np.ndarray:
        """(b, t + 1): the investment, then the net of each year."""
        profit = self.income_cny - self.costs_cny
        pct, years = self.income_tax_pct, self.depreciation_years
        net = profit - profit_tax(profit, self.capex_cny, pct=pct, years=years) - self.baseline_cny
        return np.concatenate([-self.capex_cny[:, None], net], axis=1)


def quantities(batch: Batch, heat: Warm, work: Work) -> dict[str, np.ndarray]:
    """How much of each priced thing must be built, (b,), as ``cash_flow.quantities``."""
    hot, cold, whole = batch.hot, batch.cold, batch.terms.include_existing
    new_hot, new_cold = ~hot.existing | whole, ~cold.existing | whole
    flanks = ((hot, new_hot), (cold, new_cold))
    return {
        "well_vertical": _sum((f.drilled_m, new & ~f.deviated) for f, new in flanks),
        "well_deviated": _sum((f.drilled_m, new & f.deviated) for f, new in flanks),
        "wellhead": _sum((1.0, new) for _, new in flanks),
        "pad": _new_pads(hot, cold, whole),
        "well_pump": _sum([(work.well_pump_kw.max(axis=1, initial=0.0), new_hot)]),
        "injection_pump": _sum([(work.injection_pump_kw.max(axis=1, initial=0.0), new_cold)]),
        "filters": _sum([(cold.rate_m3_h, new_cold)]),
        "pipe": hot.equivalent_m + cold.equivalent_m,
        **heat.sizes_kw,
    }


def _sum(parts) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Sum over wells of what is new: pairs (amount, mask), (b, n)."""
    return sum((np.where(new, amount, 0.0).sum(axis=1) for amount, new in parts), start=np.zeros(1))


def _new_pads(hot: Flank, cold: Flank, whole: bool) -> np.ndarray:
    """Pads on which every well is new; a well without a pad name stands on a pad of its own."""
    pads = np.concatenate([hot.pads, cold.pads], axis=1)
    old = np.concatenate([hot.existing, cold.existing], axis=1) & (not whole)
    codes, at = np.unique(pads, return_inverse=True)
    b, n = pads.shape
    slot = (at.reshape(b, n) + len(codes) * np.arange(b)[:, None]).ravel()
    some = np.bincount(slot, minlength=b * len(codes)).reshape(b, -1) > 0
    kept = np.bincount(slot, old.ravel(), minlength=b * len(codes)).reshape(b, -1) > 0
    return (some & ~kept).sum(axis=1).astype(np.float64)


def money(batch: Batch, heat: Warm, work: Work) -> Money:
    """The yearly tables of all schemes."""
    plan, terms, delivery = batch.plan, batch.terms, heat.delivery
    costs, lengths, years = terms.costs, np.diff(plan.edges), len(plan.edges) - 1
    amounts = quantities(batch, heat, work)
    capex = {key: amount * costs[key] for key, amount in amounts.items()}
    total = sum(capex.values(), start=np.zeros(batch.count)) * (1.0 + costs["contingency_pct"] / 100.0)
    wells = sum((capex[key] for key in WELLS if key in capex), start=np.zeros(batch.count))
    surface = sum((capex[key] for key in SURFACE if key in capex), start=np.zeros(batch.count))
    upkeep = wells * costs["maintenance_wells_pct"] + surface * costs["maintenance_surface_pct"]
    station = amounts.get("station", np.zeros(batch.count)) / 1e3
    staff = np.maximum(MIN_STAFF, costs["staff_per_mw"] * station) if terms.staff is None else terms.staff
    product = delivery.product_mw * delivery.days * GJ_PER_MW_DAY
    wanted = delivery.demand_mw * np.minimum(delivery.demand_days, lengths * 365.25) * GJ_PER_MW_DAY
    fuel = delivery.fuel_mw * delivery.days * GJ_PER_MW_DAY
    electricity = delivery.power_mw * delivery.days * 24.0 + work.pump_mwh
    abstracted = np.maximum(batch.hot.volume_of_year_m3 - batch.cold.volume_of_year_m3, 0.0)
    baseline = terms.baseline.income_cny_per_year - terms.baseline.cost_cny_per_year

    def yearly(values: np.ndarray | float) -> np.ndarray:
        return np.broadcast_to(values, (batch.count, years))

    return Money(
        capex_cny=total - terms.subsidy_cny,
        heat_gj=product,
        demand_gj=wanted,
        electricity_mwh=electricity,
        fuel_gj=fuel,
        electricity_cny=electricity * 1e3 * terms.electricity_price_cny_per_kwh,
        fuel_cny=fuel * fuel_price(plan, terms),
        staff_cny=yearly(np.reshape(staff, (-1, 1)) * costs["wage_cny_per_year"] * lengths),
        maintenance_cny=yearly(upkeep[:, None] / 100.0 * lengths),
        resource_tax_cny=yearly(abstracted * terms.resource_tax_cny_per_m3),
        renewal_cny=_renewals(capex, costs, years, batch.count),
        income_cny=_income(batch, product, wanted) + _subsidy(batch, product),
        baseline_cny=yearly(baseline * lengths),
        income_tax_pct=terms.income_tax_pct,
        depreciation_years=terms.depreciation_years,
    )


def _income(batch: Batch, heat: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """Per GJ, or per m2 and season in proportion to the share of the demand that is met."""
    use = batch.plan.use
    basis, price = batch.terms.heat_price(use.price_basis)
    if basis == "GJ":
        return heat * price
    met = np.divide(heat, demand, out=np.zeros_like(heat), where=demand > 0.0)
    return (use.area_m2 or 0.0) * price * np.minimum(met, 1.0) * (demand > 0.0)


def _subsidy(batch: Batch, heat: np.ndarray) -> np.ndarray:
    """Paid on heat delivered in the first years."""
    edges, terms = batch.plan.edges, batch.terms
    lengths = np.diff(edges)
    paid = np.clip(terms.heat_subsidy_years - edges[:-1], 0.0, lengths) / lengths
    return heat * paid * terms.heat_subsidy_cny_per_gj


def _renewals(
    capex: Mapping[str, np.ndarray], costs: Mapping[str, float], years: int, count: int
) -> np.ndarray:
    result = np.zeros((count, years))
    for key in (key for key in capex if f"{key}_life_years" in costs):
        life = max(costs[f"{key}_life_years"], 1.0)
        times = np.arange(1, int(years / life) + 1) * life
        for at in np.ceil(times - 1e-9).astype(int).tolist():
            if at < years:
                result[:, at - 1] += capex[key]
    return result


# --- figures -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything the figures of all schemes may be computed from; the later parts are made when asked for.

    ``hot_ends_degc``, ``hot_bar``, ``cold_bar`` (b, t, n): forecast at the years' ends.
    """

    batch: Batch
    heat: Warm
    hot_ends_degc: np.ndarray
    hot_bar: np.ndarray
    cold_bar: np.ndarray
    make_work: Callable[[Batch, Warm, np.ndarray, np.ndarray], Work]

    @cached_property
    def work(self) -> Work:
        return self.make_work(self.batch, self.heat, self.hot_bar, self.cold_bar)

    @cached_property
    def flow(self) -> Money:
        return money(self.batch, self.heat, self.work)

    def with_flow(self, flow: Money) -> Facts:
        """The same with another cash flow (other prices and costs); nothing physical is computed anew."""
        other = replace(self)
        other.__dict__.update(self.__dict__)
        other.__dict__["flow"] = flow
        return other

    @cached_property
    def returned_degc(self) -> np.ndarray:
        """(b, t)"""
        volume = self.batch.cold.volume_m3
        if not volume.shape[2]:
            return self.heat.tail_degc
        total = volume.sum(axis=2)
        mean = (volume * self.heat.injected_degc[:, None, :]).sum(axis=2) / np.maximum(total, 1e-9)
        return np.where(total > 0.0, mean, self.heat.tail_degc)

    @cached_property
    def extracted_mw(self) -> np.ndarray:
        """(b, t)"""
        lost = (self.batch.hot.volume_m3 * (self.heat.bottom_degc - self.returned_degc[..., None])).sum(
            axis=2
        )
        joule = lost * self.batch.plan.heat_capacity_mj_m3k
        seconds = np.broadcast_to(self.batch.days * 86_400.0, joule.shape)
        return np.divide(joule, seconds, out=np.zeros_like(joule), where=seconds > 0.0)

    @cached_property
    def losses(self) -> tuple[np.ndarray, np.ndarray]:
        """Temperature lost by each producer (b, t + 1, n) and the span (b, n)."""
        rock = self.batch.hot.rock_degc
        lost = rock[:, None, :] - self.hot_ends_degc
        lost = np.concatenate([np.zeros((len(lost), 1, lost.shape[2])), lost], axis=1)
        return lost, rock - self.returned_degc.mean(axis=1)[:, None]

    @cached_property
    def mean_loss(self) -> tuple[np.ndarray, np.ndarray]:
        """Flow-weighted loss (b, t + 1) and span (b,)."""
        lost, span = self.losses
        weight = self.batch.hot.volume_m3
        mean = (lost[:, 1:] * weight).sum(axis=2) / np.maximum(weight.sum(axis=2), 1e-9)
        life = weight.sum(axis=1)
        mean = np.concatenate([np.zeros((len(mean), 1)), mean], axis=1)
        return mean, (span * life).sum(axis=1) / np.maximum(life.sum(axis=1), 1e-9)


def _nothing(f: Facts) -> np.ndarray:
    return np.full(f.batch.count, np.nan)


def _all(f: Facts, values: np.ndarray | float) -> np.ndarray:
    return np.array(np.broadcast_to(values, (f.batch.count,)), dtype=np.float64)


def _ratio(f: Facts, above: np.ndarray, below: np.ndarray) -> np.ndarray:
    some = below > 0.0
    return _all(f, np.where(some, above / np.where(some, below, 1.0), np.nan))


def total_flow(f: Facts) -> np.ndarray:
    days = float(f.batch.days[0, 0])
    return _all(f, f.batch.hot.volume_of_year_m3[:, 0] / (days * 24.0) if days > 0.0 else 0.0)


def yearly_heat(f: Facts) -> np.ndarray:
    return f.flow.heat_gj.sum(axis=1) / f.batch.plan.edges[-1]


def first_below(years: np.ndarray, lost: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """First time any loss (b, t + 1, n) reaches its limit (b, n), infinite if never."""
    over = lost - limit[:, None, :]
    reached = over >= 0.0
    row = reached.argmax(axis=1)
    before = np.maximum(row - 1, 0)
    now = np.take_along_axis(over, row[:, None], axis=1)[:, 0]
    last = np.take_along_axis(over, before[:, None], axis=1)[:, 0]
    step = np.where(row > 0, now - last, 1.0)
    part = np.where(row > 0, -last / np.where(step != 0.0, step, 1.0), 0.0)
    when = years[before] + part * (years[row] - years[before])
    return np.where(reached.any(axis=1), when, np.inf).min(axis=1, initial=np.inf)


def _late(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _both(f: Facts) -> bool:
    return f.batch.hot.rate_m3_h.shape[1] > 0 and f.batch.cold.rate_m3_h.shape[1] > 0


def breakthrough(f: Facts) -> np.ndarray:
    if not _both(f):
        return _nothing(f)
    lost, span = f.losses
    moving = (f.batch.hot.volume_m3.sum(axis=1) > 0.0) & (span > 0.0)
    limit = np.where(moving, BREAKTHROUGH_SHARE * span, NEVER_K)
    return _all(f, _late(first_below(f.batch.plan.edges, lost, limit)))


def lifetime(f: Facts) -> np.ndarray:
    if not _both(f):
        return _nothing(f)
    mean, span = f.mean_loss
    limit = np.where(span > 0.0, LIFETIME_SHARE * span, NEVER_K)
    return _all(f, _late(first_below(f.batch.plan.edges, mean[..., None], limit[:, None])))


def decline(f: Facts) -> np.ndarray:
    return _all(f, f.mean_loss[0][:, -1]) if f.batch.hot.rate_m3_h.shape[1] else _nothing(f)


def _largest(f: Facts, changes: np.ndarray) -> np.ndarray:
    return _all(f, changes.max(axis=(1, 2), initial=0.0)) if changes.size else _nothing(f)


def returned(f: Facts) -> np.ndarray:
    return _ratio(f, 100.0 * f.batch.cold.volume_m3.sum(axis=(1, 2)), f.batch.hot.volume_m3.sum(axis=(1, 2)))


def recovery(f: Facts) -> np.ndarray:
    plan = f.batch.plan
    if not f.batch.hot.rate_m3_h.shape[1]:
        return _nothing(f)
    hot, cold = f.batch.hot.places_m, f.batch.cold.places_m
    margin = np.full(len(hot), LONE_WELL_MARGIN_M)
    if cold.shape[1]:
        gaps = np.hypot(*np.moveaxis(hot[:, :, None, :] - cold[:, None, :, :], -1, 0))
        margin = gaps.min(axis=2).mean(axis=1)
        margin = np.where(margin > 0.0, margin, LONE_WELL_MARGIN_M)
    both = np.concatenate([hot, cold], axis=1)
    area = drained_area_m2(both, margin)
    box = plan.ground.reservoir.extent_m
    area = np.minimum(area, box[0] * box[1])
    in_place = f.batch.thicker * area * plan.ground.heat_j_per_m2(plan.use.pumping.surface_degc)
    produced = (f.extracted_mw * f.batch.days * 86_400.0).sum(axis=1) * 1e6
    return _ratio(f, 100.0 * produced, in_place)


def rate_of_return(f: Facts) -> np.ndarray:
    return 100.0 * irr_many(f.flow.flows_cny)


def irr_many(flows: np.ndarray) -> np.ndarray:
    """``economics.irr`` of many cash flows (k, n + 1), NaN for ``None``.

    An investment and then returns (one change of sign) has one root, found by halving in log(1 + r) and
    Newton's steps; anything else is left to the scalar search.
    """
    signs = np.sign(flows)
    filled = signs.copy()
    for n in range(1, filled.shape[1]):
        filled[:, n] = np.where(filled[:, n] == 0.0, filled[:, n - 1], filled[:, n])
    changes = ((filled[:, 1:] != filled[:, :-1]) & (filled[:, :-1] != 0.0)).sum(axis=1)
    years = np.arange(flows.shape[1], dtype=np.float64)
    low, high = np.full(len(flows), np.log(0.1)), np.full(len(flows), np.log(11.0))

    def worth(growth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = flows * np.exp(-growth[:, None] * years)
        return parts.sum(axis=1), -(parts * years).sum(axis=1)

    usual = (changes == 1) & (flows[:, 0] < 0.0) & (worth(low)[0] > 0.0) & (worth(high)[0] < 0.0)
    for _ in range(16):
        middle = 0.5 * (low + high)
        positive = worth(middle)[0] > 0.0
        low, high = np.where(positive, middle, low), np.where(positive, high, middle)
    at = 0.5 * (low + high)
    for _ in range(NEWTON):
        value, slope = worth(at)
        at = np.clip(at - value / np.where(slope != 0.0, slope, 1.0), low, high)
    result = np.expm1(at)
    for n in np.flatnonzero(~usual).tolist():
        found = irr(flows[n])
        result[n] = np.nan if found is None else found
    return result


def worth(f: Facts) -> np.ndarray:
    """Net present value. Sums run along each row, so that a scheme's figure does not depend on its company."""
    flows = f.flow.flows_cny
    return (flows * discount_factors(f.batch.terms.discount_rate, flows.shape[1], first=0)).sum(axis=1)


def lcoh(f: Facts) -> np.ndarray:
    factors = discount_factors(f.batch.terms.discount_rate, f.flow.heat_gj.shape[1])
    costs = (f.flow.costs_cny * factors).sum(axis=1)
    return _ratio(f, f.flow.capex_cny + costs, (f.flow.heat_gj * factors).sum(axis=1))


def fuel_gj(f: Facts) -> np.ndarray:
    base = f.batch.terms.baseline
    if base.kind not in ("coal_boiler", "gas_boiler"):
        return np.zeros(f.batch.count)
    return yearly_heat(f) / base.boiler_efficiency


def coal_tce(f: Facts) -> np.ndarray:
    return fuel_gj(f) / f.batch.terms.factors["coal_gj_per_tce"]


def co2(f: Facts) -> np.ndarray:
    terms, years = f.batch.terms, float(f.batch.plan.edges[-1])
    factors = terms.factors
    coal = factors["coal_co2_t_per_tce"] / factors["coal_gj_per_tce"]
    gas = factors["gas_co2_kg_per_gj"] / 1e3
    per_gj = {"coal_boiler": coal, "gas_boiler": gas}.get(terms.baseline.kind, 0.0)
    boiler = f.batch.plan.use.peak_boiler
    burnt_t = f.flow.fuel_gj.sum(axis=1) / years * (coal if boiler and boiler.fuel == "coal" else gas)
    before_mwh = yearly_heat(f) * terms.baseline.electricity_kwh_per_gj / 1e3
    now_mwh = f.flow.electricity_mwh.sum(axis=1) / years
    return fuel_gj(f) * per_gj + (before_mwh - now_mwh) * terms.grid_co2_kg_per_kwh - burnt_t


def coal_emission(f: Facts, key: str) -> np.ndarray:
    factors, boiler = f.batch.terms.factors, f.batch.plan.use.peak_boiler
    if f.batch.terms.baseline.kind != "coal_boiler":
        return np.zeros(f.batch.count)
    own = f.flow.fuel_gj.sum(axis=1) / f.batch.plan.edges[-1] if boiler and boiler.fuel == "coal" else 0.0
    return (coal_tce(f) - own / factors["coal_gj_per_tce"]) * factors[key] / 1e3


FIGURES: dict[str, Callable[[Facts], np.ndarray]] = {
    "flow_m3_h": total_flow,
    "thermal_power_mw": lambda f: _all(f, f.extracted_mw[:, 0]),
    "thermal_power_end_mw": lambda f: _all(f, f.extracted_mw[:, -1]),
    "annual_heat_gj": yearly_heat,
    "electric_power_mw": lambda f: np.zeros(f.batch.count),
    "demand_met_pct": lambda f: _ratio(f, 100.0 * f.flow.heat_gj.sum(axis=1), f.flow.demand_gj.sum(axis=1)),
    "spf": lambda f: _ratio(f, f.flow.heat_gj.sum(axis=1), f.flow.electricity_mwh.sum(axis=1) * 3.6),
    "breakthrough_years": breakthrough,
    "lifetime_years": lifetime,
    "temperature_decline_k": decline,
    "max_drawdown_bar": lambda f: _largest(f, -f.hot_bar),
    "max_injection_pressure_bar": lambda f: _largest(f, f.cold_bar),
    "reinjection_ratio_pct": returned,
    "heat_recovery_pct": recovery,
    "capex_cny": lambda f: f.flow.capex_cny,
    "opex_cny_per_year": lambda f: f.flow.costs_cny.sum(axis=1) / f.batch.plan.edges[-1],
    "lcoh_cny_per_gj": lcoh,
    "npv_cny": worth,
    "irr_pct": rate_of_return,
    "payback_years": lambda f: payback(f.flow.flows_cny),
    "discounted_payback_years": lambda f: payback(f.flow.flows_cny, f.batch.terms.discount_rate),
    "co2_avoided_t_per_year": co2,
    "coal_replaced_tce_per_year": coal_tce,
    "so2_avoided_t_per_year": lambda f: coal_emission(f, "coal_so2_kg_per_tce"),
    "dust_avoided_t_per_year": lambda f: coal_emission(f, "coal_dust_kg_per_tce"),
}


NOT_OF_ONE = ("probability_npv_negative_pct",)  # of futures, not of a scheme


def knows(keys: Collection[str]) -> bool:
    """Whether all these figures can be had here."""
    return all(key in FIGURES or key in NOT_OF_ONE for key in keys)


def figures(facts: Facts, keys: Collection[str]) -> dict[str, np.ndarray]:
    """The wanted figures, key -> (b,); keys outside ``FIGURES`` are left out."""
    return {key: FIGURES[key](facts) for key in keys if key in FIGURES}

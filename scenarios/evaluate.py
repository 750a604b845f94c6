"""From a scheme to its figures: predictor, wells, station, money, KPIs. One call, the same for everybody.

The temperature at which injectors put water back is a result of the station, and the station's inlet is a
result of the reservoir: a fixed point. It is found by following the chain once with a reservoir that does
not cool, forecasting with the return temperature this leaves, and forecasting a second time only where the
cooled wells move the return by more than ``CLOSE_K`` (demand met with water to spare). Nothing is remembered
between calls: equal schemes give equal figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from scenarios.cash_flow import CashFlow, cash_flow
from scenarios.chain import Plan, Run, first_guess, follow, make_plan, resolved_wells, warm
from scenarios.curtail import curtailed
from scenarios.economics import Terms, parse_terms
from scenarios.kpi_formulas import Facts
from scenarios.kpis import KPIS, Kpi, compute
from scenarios.schema_io import FrozenDict, thaw
from scenarios.station import StationState, station_state
from twin_models.base import ForecastModel
from twin_models.models import LIVE, load_model
from twin_models.simulators.limits import within_limits
from twin_models.types import Forecast, Notice, Well
from twin_models.uses import Portfolio, parse_uses
from twin_models.uses.cascade import Balance, Cascade, balance
from twin_models.uses.climate import climate_of
from twin_models.uses.heating import HeatingUse

CLOSE_K = 0.5


@dataclass(frozen=True)
class Evaluation:
    """All that is known of a scheme after one evaluation.

    ``wells``: as forecast, return temperatures filled in. ``terms``, ``use``: as in force, defaults filled
    in. ``notices``: the predictor's and the chain's.
    """

    scheme: Any
    forecast: Forecast
    kpis: dict[str, Kpi]
    cash_flow: CashFlow
    notices: tuple[Notice, ...]
    wells: tuple[Well, ...]
    use: HeatingUse
    terms: Terms
    facts: Facts = field(repr=False)

    @cached_property
    def station(self) -> StationState:
        """Every temperature, flow and duty of station and wells, year by year."""
        return station_state(self.facts.plan, self.facts.run)

    @cached_property
    def balance(self) -> Balance:
        """Energy and exergy through all uses, against the temperature of the ground's surface."""
        plan, stream = self.facts.plan, self.facts.run.stream
        site = getattr(self.scheme, "site", None)
        cascade = plan.cascade or Cascade((), climate_of(site))
        return balance(cascade, stream, plan.use, dead_degc=plan.use.pumping.surface_degc)

    def kpi_dict(self) -> dict[str, dict[str, Any]]:
        """The KPIs as they stand in files and answers."""
        return {key: kpi.as_dict() for key, kpi in self.kpis.items()}


def evaluate(
    scheme: Any,
    engine: ForecastModel | str = LIVE,
    *,
    with_fields: Sequence[float] | None = None,
    bands: bool = False,
    cancel: Callable[[], bool] | None = None,
) -> Evaluation:
    """Evaluate a scheme (``scenarios.scheme.Scheme``) with a predictor or its name.

    ``with_fields``: years at which maps are wanted. ``bands``: 80 % bands and the probability of a loss
    (some 0.1 s; no further forecast). Raises ``InputError`` and ``Cancelled``.
    """
    model = load_model(engine) if isinstance(engine, str) else engine
    use, terms, station_m = settings_of(scheme)
    plan = make_plan(scheme, use, station_m=station_m, cascade=cascade_of(scheme))
    forecast, run, wells = fixed_point(scheme, plan, model, with_fields=with_fields, cancel=cancel)
    plan = curtailed(plan, forecast)
    flow = cash_flow(plan, run, terms)
    facts = Facts(plan, forecast, run, flow, terms)
    values = compute(facts)
    state = forecast.state if forecast.in_range else "out_of_range"
    spread: Mapping[str, tuple[float | None, float | None]] = {}
    if bands:
        from scenarios.uncertainty import bands_of

        result = bands_of(scheme, facts, values, cancel=cancel)
        spread = result.bands
        values["probability_npv_negative_pct"] = result.probability_npv_negative_pct
    kpis = {
        key: Kpi(values[key], row.unit, *spread.get(key, (None, None)), state) for key, row in KPIS.items()
    }
    return Evaluation(
        scheme=scheme,
        forecast=forecast,
        kpis=kpis,
        cash_flow=flow,
        notices=(*forecast.warnings, *notices_of(facts)),
        wells=wells,
        use=use,
        terms=terms,
        facts=facts,
    )


def figure(scheme: Any, model: ForecastModel, key: str) -> float | None:
    """One KPI and nothing else: the same number as ``evaluate(...).kpis[key].value``, for carpets and searches."""
    use, terms, station_m = settings_of(scheme)
    plan = make_plan(scheme, use, station_m=station_m, cascade=cascade_of(scheme))
    forecast, run, _ = fixed_point(scheme, plan, model, with_fields=None, cancel=None)
    plan = curtailed(plan, forecast)
    return KPIS[key].compute(Facts(plan, forecast, run, cash_flow(plan, run, terms), terms))


def forecast_years(scheme: Any) -> np.ndarray:
    """Ends of all operating years and the years asked for, increasing."""
    whole = math.ceil(scheme.years - 1e-9)
    ends = np.minimum(np.arange(1, whole + 1, dtype=np.float64), scheme.years)
    return np.unique(np.concatenate([ends, np.asarray(scheme.output_years, dtype=np.float64)]))


def fixed_point(
    scheme: Any,
    plan: Plan,
    model: ForecastModel,
    *,
    with_fields: Sequence[float] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> tuple[Forecast, Run, tuple[Well, ...]]:
    """Forecast, chain and wells that agree on the return temperature (module text)."""
    years = forecast_years(scheme)
    left = np.isnan(plan.cold.stated_degc)

    def ask(wells: tuple[Well, ...]) -> Forecast:
        found = model.forecast(
            plan.ground.reservoir,
            wells,
            years,
            season_days=scheme.season_days,
            fields=with_fields,
            cancel=cancel,
        )
        return within_limits(found, plan.ground.reservoir, wells)

    if not left.any():
        forecast = ask(plan.wells)
        cut = curtailed(plan, forecast)
        return forecast, follow(cut, forecast, warm(cut, forecast)), plan.wells
    guess = first_guess(plan)
    wells = resolved_wells(plan, guess)
    forecast = ask(wells)
    heat = warm(plan, forecast)
    if np.abs(heat.injected_degc - guess)[left].max() > CLOSE_K:
        wells = resolved_wells(plan, heat.injected_degc)
        forecast = ask(wells)
        heat = warm(plan, forecast)
    cut = curtailed(plan, forecast)
    return forecast, follow(cut, forecast, heat if cut is plan else warm(cut, forecast)), wells


# --- what a scheme leaves open -------------------------------------------------------------------------


def settings_of(scheme: Any) -> tuple[HeatingUse, Terms, tuple[float, float] | None]:
    """Use, money terms and the station's place: what the scheme says, else its site, else the defaults."""
    uses, place = _with_site(scheme.site, freeze_key(scheme.uses))
    return _use(uses), _terms(freeze_key(scheme.economics)), place


def freeze_key(data: Mapping[str, Any]) -> FrozenDict:
    return data if isinstance(data, FrozenDict) else FrozenDict(data)


def cascade_of(scheme: Any) -> Cascade | None:
    """The uses beside heating in their order, ``None`` where buildings are all that is heated."""
    uses, _ = _with_site(scheme.site, freeze_key(scheme.uses))
    return _cascade(scheme.site, uses)


@lru_cache(maxsize=256)
def _cascade(site: str | None, uses: FrozenDict) -> Cascade | None:
    portfolio = _portfolio(uses)
    if not portfolio.steps and portfolio.system is None:
        return None
    return Cascade(
        portfolio.steps,
        climate_of(site),
        heated=portfolio.heated,
        order=portfolio.order,
        system=portfolio.system,
    )


def _use(uses: FrozenDict) -> HeatingUse:
    return _portfolio(uses).heating


@lru_cache(maxsize=256)
def _portfolio(uses: FrozenDict) -> Portfolio:
    return parse_uses(thaw(uses))


@lru_cache(maxsize=256)
def _terms(economics: FrozenDict) -> Terms:
    return parse_terms(thaw(economics))


@lru_cache(maxsize=256)
def _with_site(site: str | None, uses: FrozenDict) -> tuple[FrozenDict, tuple[float, float] | None]:
    """The uses with the heated area and mean load of the site's station where the scheme gives none."""
    if site is None:
        return uses, None
    from twin_models.sites import load_site

    station = load_site(site).station
    if station is None:
        return uses, None
    plain = thaw(uses)
    if plain.get("heating") is False:
        return uses, (station.x_m, station.y_m)
    own = plain.get("heating")
    own = own if isinstance(own, dict) else {}
    if own.get("area_m2") is None and station.area_m2 > 0.0:
        load = sum(c.area_m2 * c.load_w_m2 for c in station.communities) / station.area_m2
        own = {"load_w_m2": load, **own, "area_m2": station.area_m2}
        plain["heating"] = own
    return FrozenDict(plain), (station.x_m, station.y_m)


def notices_of(facts: Facts) -> tuple[Notice, ...]:
    """What the chain has to say about its own result."""
    plan, run = facts.plan, facts.run
    found = []
    floor = plan.floor_degc
    outlet = float(np.mean(run.tail_degc))
    if floor is not None and outlet > floor + 1.0:
        found.append(
            Notice(
                "heat_unused",
                "wells",
                f"the station sends water back at {outlet:.1f} degC, the wells state {floor:.1f}: the heat between"
                " is cooled away unused",
                f"能源站回水 {outlet:.1f} ℃,方案给定回灌 {floor:.1f} ℃:其间的热量未被利用",
            )
        )
    if run.delivery.unreached.any():
        found.append(
            Notice(
                "supply_not_reached",
                "uses.heating.supply_degc",
                "the water is not hot enough for exchange alone to reach the network's supply temperature",
                "地热水温度不足,仅靠换热达不到供水温度",
            )
        )
    if plan.cascade is not None:
        found += plan.cascade.remarks(run.stream, run.delivery)
    wanted = float(np.nansum(facts.flow.demand_gj))
    if wanted > 0.0 and facts.flow.heat_gj.sum() < 0.995 * wanted:
        share = 100.0 * float(facts.flow.heat_gj.sum()) / wanted
        found.append(
            Notice(
                "demand_unmet",
                "uses.heating" if plan.cascade is None else "uses",
                f"only {share:.0f} % of the heat demand is met over the life",
                f"全寿命仅满足热需求的 {share:.0f} %",
            )
        )
    return tuple(found)

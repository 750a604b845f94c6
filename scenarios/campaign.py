"""A campaign's availability back into a scheme: wells give less in years of drilling, outage and repair.

One way only: the field's events do not wait for the reservoir. The yearly volume of each well is scaled by the share of
the year in which its doublet runs; within the season the rate is lowered instead of being switched, which the ground
hardly tells apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scenarios.evaluate import Evaluation, evaluate
from scenarios.kpis import compute
from scenarios.scheme import Scheme
from twin_models.base import ForecastModel
from twin_models.errors import Fault, InputError
from twin_models.operations import Campaign, Operation, Shock, availability_of, operate
from twin_models.types import DAYS_PER_YEAR, Step, Well


def doublets_of(scheme: Scheme) -> tuple[tuple[int, ...], ...]:
    """Wells that are built and stand still together: each producer with the next injector in the list, places in
    ``scheme.wells``. Injectors left over belong to the last doublet, producers left over stand alone."""
    kinds = [w.well.kind for w in scheme.wells]
    producers = [i for i, kind in enumerate(kinds) if kind == "producer"]
    injectors = [i for i, kind in enumerate(kinds) if kind == "injector"]
    groups = [[p, *injectors[n : n + 1]] for n, p in enumerate(producers)]
    if groups:
        groups[-1] += injectors[len(producers) :]
    return tuple(tuple(group) for group in groups)


def campaign_of(scheme: Scheme, **more: Any) -> Campaign:
    """A campaign for a scheme's doublets: those of existing wells run from the start. ``more``: fields of ``Campaign``."""
    groups = doublets_of(scheme)
    if not groups:
        raise InputError(Fault("wells", "missing", "there is no producer to be drilled or kept running", {}))
    existing = sum(all(scheme.wells[i].existing for i in group) for group in groups)
    return Campaign(**{"doublets": len(groups), "existing": existing, "years": scheme.years, **more})


def with_availability(scheme: Scheme, availability: np.ndarray) -> Scheme:
    """The scheme with yearly rates times the availability (doublets, years) of ``doublets_of``; wells with schedules of
    their own, storage wells and monitors stay as they are. Existing doublets come first in ``availability``."""
    groups = doublets_of(scheme)
    order = sorted(range(len(groups)), key=lambda g: not all(scheme.wells[i].existing for i in groups[g]))
    wells = list(scheme.wells)
    for row, g in enumerate(order):
        for i in groups[g]:
            if not wells[i].well.schedule:
                changed = _scheduled(wells[i].well, availability[row], scheme.season_days)
                wells[i] = replace(wells[i], well=changed)
    return replace(scheme, wells=tuple(wells))


def _scheduled(well: Well, share: np.ndarray, season_days: float) -> Well:
    steps = []
    for year, part in enumerate(share):
        start = year * DAYS_PER_YEAR
        steps.append(Step(start, well.rate_m3_h * float(part), well.temperature_degc))
        if season_days < DAYS_PER_YEAR:
            steps.append(Step(start + season_days, 0.0, well.temperature_degc))
    return replace(well, schedule=tuple(steps))


def delayed(
    scheme: Scheme, *, shocks: Sequence[Shock] = (), realisations: int = 20, **more: Any
) -> tuple[Scheme, np.ndarray]:
    """The scheme as a campaign would let it run on average, and the availability used. Seeded by ``scheme.seed``."""
    campaign = campaign_of(scheme, **more)
    share = availability_of(campaign, seed=scheme.seed, realisations=realisations, shocks=shocks)
    return with_availability(scheme, share), share


# --- what a campaign does to the figures -------------------------------------------------------------------

MONTH_DAYS = DAYS_PER_YEAR / 12.0
EVENTS: dict[str, Shock] = {  # workshop events; days from the start of the campaign
    "rig_late": Shock("rig_late", 0.0, 2 * MONTH_DAYS),
    "permit_hold": Shock("permit_hold", 0.0, 3 * MONTH_DAYS),
    "pump_fails": Shock("pump_fails", 5 * DAYS_PER_YEAR + 15.0),
    "gas_doubles": Shock("price", 0.0, 1e6, what="gas", factor=2.0),
    "power_dearer": Shock("price", 0.0, 1e6, what="electricity", factor=1.5),
    "heat_cheaper": Shock("price", 0.0, 1e6, what="heat", factor=0.8),
}


@dataclass(frozen=True)
class Outcome:
    """``planned``: figures of the scheme as it stands; ``usual``: with drilling times, failures and repairs; ``struck``: with
    the events as well. ``operation``: one of the realisations, for the picture; ``share``: mean availability (doublets,
    years) with the events, ``share_usual`` without. ``names``: of the doublets, those existing first."""

    planned: dict[str, float | None]
    usual: dict[str, float | None]
    struck: dict[str, float | None]
    operation: Operation
    share: np.ndarray
    share_usual: np.ndarray
    names: tuple[str, ...]
    existing: int
    scheme: Scheme


def outcome(
    scheme: Scheme,
    engine: ForecastModel | str,
    *,
    events: Sequence[str] = (),
    realisations: int = 12,
    **more: Any,
) -> Outcome:
    """What a campaign and its events do to a scheme, all figures by the same predictor. ``more``: fields of ``Campaign``."""
    campaign = campaign_of(scheme, **more)
    unknown = [name for name in events if name not in EVENTS]
    if unknown:
        raise InputError(
            Fault("events", "unknown", f"must be one of {', '.join(EVENTS)}, got {unknown[0]}", {})
        )
    shocks = [EVENTS[name] for name in events]
    usual = availability_of(campaign, seed=scheme.seed, realisations=realisations)
    struck = availability_of(campaign, seed=scheme.seed, realisations=realisations, shocks=shocks)
    run = operate(campaign, seed=scheme.seed, shocks=shocks)
    planned = evaluate(scheme, engine)
    plain = evaluate(with_availability(scheme, usual), engine)
    hit_scheme = with_availability(scheme, struck)
    hit = plain if np.array_equal(usual, struck) else evaluate(hit_scheme, engine)
    return Outcome(
        planned={key: kpi.value for key, kpi in planned.kpis.items()},
        usual={key: kpi.value for key, kpi in plain.kpis.items()},
        struck=with_prices(hit, run.factors),
        operation=run,
        share=struck,
        share_usual=usual,
        names=_names(scheme),
        existing=campaign.existing,
        scheme=hit_scheme,
    )


def with_prices(result: Evaluation, factors: Mapping[str, np.ndarray]) -> dict[str, float | None]:
    """Figures with the prices of gas, electricity and heat times a factor each year. Gas: where the boiler burns it;
    heat: all income that is not from electricity."""
    facts, flow = result.facts, result.cash_flow
    years = len(flow.fuel_cny)
    gas, power, heat = (np.asarray(factors[key])[:years] for key in ("gas", "electricity", "heat"))
    boiler = facts.plan.use.peak_boiler
    electric = flow.income_by_use.get("power", np.zeros(years))
    changed = replace(
        flow,
        fuel_cny=flow.fuel_cny * (gas if boiler is not None and boiler.fuel == "gas" else 1.0),
        electricity_cny=flow.electricity_cny * power,
        income_cny=(flow.income_cny - electric) * heat + electric * power,
    )
    return compute(replace(facts, flow=changed))


def _names(scheme: Scheme) -> tuple[str, ...]:
    """Names of the doublets by their wells, existing ones first as in ``with_availability``."""
    groups = sorted(doublets_of(scheme), key=lambda g: not all(scheme.wells[i].existing for i in g))
    return tuple(" / ".join(scheme.wells[i].name for i in group[:2]) for group in groups)

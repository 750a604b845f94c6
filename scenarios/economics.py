"""Cash flows and their measures: levelised cost, net present value, rate of return, paybacks.

Our own convention is real money with year-end discounting: capital is spent at time 0, year ``t`` of
operation is discounted by (1 + r)^t, t = 1..n. Three other published conventions of the levelised cost
are offered so that results can be compared with other tools:

* ``first_year_undiscounted``: operating years are discounted by t = 0..n-1, so that the first one counts in
  full ("standard levelised cost" of GEOPHIRES-X, MIT licence, restated from its manual);
* ``fcr``: fixed charge rate, (FCR C + mean cost) / mean energy;
* ``bicycle``: levelised over an equity/debt mix with taxes and inflation (Hardie 1981, LA-8909-MS, as used
  by GEOPHIRES-X).

Net present value, internal rate of return and paybacks are those of the cash flow itself and are year-end
in every convention. A quantity that is not defined is ``None``, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.optimize import brentq

from scenarios.costs import load_library
from twin_models.errors import Fault
from twin_models.reading import Reader

CONVENTIONS = ("year_end", "first_year_undiscounted", "fcr", "bicycle")
MAX_YEARS = 1000
_BICYCLE = {  # name -> (lowest, highest, default or None when it must be given)
    "bond_fraction": (0.0, 1.0, None),
    "bond_rate": (-0.5, 5.0, None),
    "equity_rate": (-0.5, 5.0, None),
    "tax_rate": (0.0, 0.99, None),
    "inflation": (-0.5, 5.0, None),
    "gross_revenue_tax": (0.0, 0.99, 0.0),
    "property_tax": (0.0, 1.0, 0.0),
    "investment_tax_credit": (0.0, 1.0, 0.0),
}
_LOWEST_RATE, _HIGHEST_RATE = -0.99, 1e6


# --- measures of one or many cash flows --------------------------------------------------------------


def discount_factors(rate: float, years: int, *, first: int = 1) -> np.ndarray:
    """(1 + rate)^-t for t = first .. first + years - 1, shape (years,)."""
    return (1.0 + rate) ** -np.arange(first, first + years, dtype=np.float64)


def npv(flows: np.ndarray, rate: float) -> np.ndarray:
    """Net present value of flows (..., n + 1), entry t at the end of year t: sum CF_t / (1 + r)^t."""
    return np.asarray(flows) @ discount_factors(rate, np.shape(flows)[-1], first=0)


def payback(flows: np.ndarray, rate: float = 0.0) -> np.ndarray:
    """First time (years) at which the cumulative discounted flow is no longer negative; NaN if never.

    ``flows``: (..., n + 1). Straight-line interpolation inside the year. rate 0 gives the static payback.
    """
    flows = np.atleast_2d(np.asarray(flows, dtype=np.float64))
    total = np.cumsum(flows * discount_factors(rate, flows.shape[-1], first=0), axis=-1)
    reached = total >= 0.0
    year = reached.argmax(axis=-1)
    rows = np.arange(len(total))
    before = total[rows, np.maximum(year - 1, 0)]
    step = total[rows, year] - before
    inside = np.where(step > 0.0, -before / np.where(step > 0.0, step, 1.0), 0.0)
    result = np.where(year > 0, year - 1 + inside, 0.0)
    return np.where(reached.any(axis=-1), result, np.nan)


def irr(flows: Sequence[float] | np.ndarray) -> float | None:
    """Internal rate of return (1/a) of one cash flow (n + 1,), or ``None``.

    ``None`` when the flows never change sign, and when the net present value has no root or several
    roots between -99 % and 1e8 %: then no single rate describes the flow.
    """
    values = [float(v) for v in flows]
    signs = [v > 0.0 for v in values if v != 0.0]
    changes = sum(a != b for a, b in pairwise(signs))
    if changes == 0:
        return None
    if changes == 1:
        return _root(values, _LOWEST_RATE, _HIGHEST_RATE)
    edges = [*np.linspace(_LOWEST_RATE, 1.0, 400).tolist(), *np.geomspace(1.01, _HIGHEST_RATE, 100).tolist()]
    worth = [_present(values, rate) for rate in edges]
    brackets = [i for i in range(len(edges) - 1) if (worth[i] > 0.0) != (worth[i + 1] > 0.0)]
    if len(brackets) != 1:
        return None
    return _root(values, edges[brackets[0]], edges[brackets[0] + 1])


def _present(values: list[float], rate: float) -> float:
    """Horner's scheme in the discount factor; scaled so that rates near -99 % do not overflow."""
    total = 0.0
    if rate >= 0.0:
        factor = 1.0 / (1.0 + rate)
        for value in reversed(values):
            total = total * factor + value
        return total
    growth = 1.0 + rate  # sign of NPV equals the sign of NPV (1 + r)^n
    for value in values:
        total = total * growth + value
    return total


def _root(values: list[float], low: float, high: float) -> float | None:
    """Rate between two bounds at which the present value is zero; ``None`` if both have the same sign.

    Brent's method (scipy) in log(1 + r), where flows of some decades are close to exponentials.
    """
    at_low, at_high = _present(values, low), _present(values, high)
    if at_low == 0.0:
        return low
    if (at_low > 0.0) == (at_high > 0.0):
        return None
    inside = 1.0  # most projects return less than 100 % a year: a narrow bracket saves half the steps
    if low < inside < high:
        if (_present(values, inside) > 0.0) == (at_low > 0.0):
            low = inside
        else:
            high = inside
    found = brentq(lambda x: _present(values, math.expm1(x)), math.log1p(low), math.log1p(high), xtol=1e-13)
    return math.expm1(float(found))


def irr_rows(flows: np.ndarray) -> np.ndarray:
    """Internal rates of return of many cash flows (k, n + 1); NaN where there is none in [-0.9, 10].

    For uncertainty bands: assumes an investment followed by returns (the present value falls through zero
    once). Bisection in log(1 + r), 40 steps.
    """
    flows = np.asarray(flows, dtype=np.float64)
    years = np.arange(flows.shape[1])
    low = np.full(len(flows), math.log(0.1))
    high = np.full(len(flows), math.log(11.0))

    def worth(log_growth: np.ndarray) -> np.ndarray:
        return (flows * np.exp(-log_growth[:, None] * years)).sum(axis=1)

    bracketed = (worth(low) > 0.0) & (worth(high) < 0.0)
    for _ in range(40):
        middle = 0.5 * (low + high)
        positive = worth(middle) > 0.0
        low, high = np.where(positive, middle, low), np.where(positive, high, middle)
    return np.where(bracketed, np.expm1(0.5 * (low + high)), np.nan)


def levelised_cost(
    capex: float,
    costs: np.ndarray,
    *,
    energy: np.ndarray,
    rate: float,
    first: int = 1,
) -> float | None:
    """(C + sum O_t / (1 + r)^t) / sum E_t / (1 + r)^t, t from ``first``; ``None`` without energy.

    Money per unit of energy. Costs and energy: (n,). Source: the usual definition; first = 1 is year-end.
    """
    factors = discount_factors(rate, len(energy), first=first)
    denominator = float(np.dot(energy, factors))
    if denominator <= 0.0:
        return None
    return (capex + float(np.dot(costs, factors))) / denominator


def bicycle_cost(
    capex: float,
    costs: np.ndarray,
    *,
    energy: np.ndarray,
    terms: Mapping[str, float],
    construction_inflation: float = 0.0,
) -> float | None:
    """Levelised cost with debt, equity, taxes and inflation (the BICYCLE model).

    i = f_b i_b (1 - tax) + (1 - f_b) i_e;  CRF = i / (1 - (1 + i)^-n)  (1/n when i = 0).
    Numerator: capital C' CRF, property tax C' p (1 + pi)^t, income tax tax/(1 - tax) (C' CRF - C/n), costs
    O_t (1 + pi)^t, each times (1 + i)^-t and summed over t = 1..n; minus the credit C' itc / (1 - tax); plus
    gross-revenue tax g/(1 - g) of all that. Denominator: E_t (1 + pi)^t (1 + i)^-t. C' = C (1 + i_c).
    """
    years = len(energy)
    bonds, tax = terms["bond_fraction"], terms["tax_rate"]
    rate = bonds * terms["bond_rate"] * (1.0 - tax) + (1.0 - bonds) * terms["equity_rate"]
    built = capex * (1.0 + construction_inflation)
    recovery = 1.0 / years if rate == 0.0 else rate / (1.0 - (1.0 + rate) ** -years)
    discount = discount_factors(rate, years)
    inflated = discount * (1.0 + terms["inflation"]) ** np.arange(1, years + 1)
    denominator = float(np.dot(energy, inflated))
    if denominator <= 0.0:
        return None
    total = built * recovery * discount.sum()
    total += built * terms["property_tax"] * inflated.sum()
    total += tax / (1.0 - tax) * (built * recovery - capex / years) * discount.sum()
    total += float(np.dot(costs, inflated))
    total -= built * terms["investment_tax_credit"] / (1.0 - tax)
    revenue_tax = terms["gross_revenue_tax"]
    total += revenue_tax / (1.0 - revenue_tax) * total
    return float(total) / denominator


# --- the door: any cash flow -------------------------------------------------------------------------


def cash_flow_metrics(case: Any) -> dict[str, float | None]:
    """Measures of a cash flow handed in as plain data (section 5 of the outside contract).

    ``case``: ``capex``, ``energy`` [per year], ``costs`` [per year], and optionally ``income`` [per year],
    ``discount_rate``, ``construction_inflation`` (0), ``convention`` ("year_end"), ``fcr``, ``bicycle``.
    Out: ``levelised_cost`` (money per energy), ``npv``, ``irr`` (1/a), ``payback_years``,
    ``discounted_payback_years``; ``None`` where undefined (no income, no discount rate, no sign change).
    Raises ``InputError`` with every fault found.
    """
    given = _read_case(case)
    capex = given["capex"] * (1.0 + given["construction_inflation"])
    energy, costs, rate = given["energy"], given["costs"], given["discount_rate"]
    cost: float | None
    if given["convention"] == "fcr":
        mean = float(energy.mean())
        cost = (given["fcr"] * capex + float(costs.mean())) / mean if mean > 0.0 else None
    elif given["convention"] == "bicycle":
        cost = bicycle_cost(
            given["capex"],
            costs,
            energy=energy,
            terms=given["bicycle"],
            construction_inflation=given["construction_inflation"],
        )
    else:
        first = 1 if given["convention"] == "year_end" else 0
        cost = levelised_cost(capex, costs, energy=energy, rate=rate, first=first)
    result = {
        "levelised_cost": cost,
        "npv": None,
        "irr": None,
        "payback_years": None,
        "discounted_payback_years": None,
    }
    if given["income"] is not None:
        flows = np.concatenate(([-capex], given["income"] - costs))
        result["irr"] = irr(flows)
        result["payback_years"] = _finite(payback(flows)[0])
        if rate is not None:
            result["npv"] = float(npv(flows, rate))
            result["discounted_payback_years"] = _finite(payback(flows, rate)[0])
    return result


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _read_case(case: Any) -> dict[str, Any]:
    reader = Reader()
    if not isinstance(case, Mapping):
        reader.fault("case", "type", "must be an object with capex, energy and costs")
        reader.done()
    got = reader.mapping(
        case,
        "",
        required=("capex", "energy", "costs"),
        optional=("discount_rate", "construction_inflation", "convention", "income", "fcr", "bicycle"),
    )
    convention = reader.choice(got.get("convention", "year_end"), "convention", CONVENTIONS)
    result: dict[str, Any] = {"convention": convention, "income": None, "discount_rate": None, "fcr": None}
    result["capex"] = reader.number(got.get("capex", 0.0), "capex", low=0.0, high=1e30)
    result["construction_inflation"] = reader.number(
        got.get("construction_inflation", 0.0), "construction_inflation", low=-0.5, high=10.0
    )
    if got.get("discount_rate") is not None:
        result["discount_rate"] = reader.number(got["discount_rate"], "discount_rate", low=-0.5, high=10.0)
    elif convention in ("year_end", "first_year_undiscounted"):
        reader.fault("discount_rate", "missing", f'is missing (the convention "{convention}" needs it)')
    result["energy"] = _series(reader, got.get("energy", [0.0]), "energy", low=0.0)
    result["costs"] = _series(reader, got.get("costs", [0.0]), "costs")
    if got.get("income") is not None:
        result["income"] = _series(reader, got["income"], "income")
    for name in ("costs", "income"):
        if result[name] is not None and "energy" in got and len(result[name]) != len(result["energy"]):
            reader.fault(
                name,
                "length",
                f"must have as many years as energy ({len(result['energy'])}), got {len(result[name])}",
            )
    if convention == "fcr" or got.get("fcr") is not None:
        if got.get("fcr") is None:
            reader.fault("fcr", "missing", 'is missing (the convention "fcr" needs it)')
        else:
            result["fcr"] = reader.number(got["fcr"], "fcr", low=0.0, high=10.0)
    result["bicycle"] = _read_bicycle(reader, got.get("bicycle"), needed=convention == "bicycle")
    reader.done()
    return result


def _read_bicycle(reader: Reader, data: Any, *, needed: bool) -> dict[str, float]:
    if data is None:
        if needed:
            reader.fault("bicycle", "missing", 'is missing (the convention "bicycle" needs it)')
        return {}
    required = [name for name, (_, _, default) in _BICYCLE.items() if default is None]
    optional = [name for name in _BICYCLE if name not in required]
    got = reader.mapping(data, "bicycle", required=required, optional=optional)
    return {
        name: reader.number(got.get(name, default or 0.0), f"bicycle.{name}", low=low, high=high)
        for name, (low, high, default) in _BICYCLE.items()
    }


def _series(reader: Reader, value: Any, path: str, *, low: float = -math.inf) -> np.ndarray:
    parts = reader.items(value, path, at_least=1)
    if len(parts) > MAX_YEARS:
        reader.fault(path, "range", f"must have at most {MAX_YEARS} years, got {len(parts)}")
        parts = parts[:MAX_YEARS]
    return np.array(
        [reader.number(part, f"{path}[{i}]", low=low, high=math.inf) for i, part in enumerate(parts)],
        dtype=np.float64,
    )


# --- the money terms of a scheme ---------------------------------------------------------------------

BASELINES = ("coal_boiler", "gas_boiler", "existing_geothermal", "none")
_TERMS = {  # field -> (lowest, highest, default)
    "discount_rate": (-0.5, 1.0, 0.08),
    "heat_price_cny_per_gj": (0.0, 1e4, None),
    "heat_price_cny_per_m2": (0.0, 1e4, None),
    "electricity_price_cny_per_kwh": (0.0, 100.0, None),
    "fuel_price_cny_per_gj": (0.0, 1e4, None),
    "staff": (0.0, 1e5, None),
    "resource_tax_cny_per_m3": (0.0, 1e3, 0.0),
    "subsidy_cny": (0.0, 1e12, 0.0),
    "heat_subsidy_cny_per_gj": (0.0, 1e4, 0.0),
    "heat_subsidy_years": (0.0, 1e3, 10.0),
    "income_tax_pct": (0.0, 99.0, 0.0),
    "depreciation_years": (1.0, 1e3, 20.0),
}
_BASELINE = {
    "boiler_efficiency": (0.1, 1.2, None),
    "electricity_kwh_per_gj": (0.0, 1e3, None),
    "income_cny_per_year": (-1e12, 1e12, 0.0),
    "cost_cny_per_year": (-1e12, 1e12, 0.0),
}


@dataclass(frozen=True)
class Baseline:
    """What would be done without the scheme; benefits are differences to it.

    ``kind``: a boiler of that fuel, the existing geothermal supply, or nothing. ``boiler_efficiency``: heat
    per fuel (lower heating value). ``electricity_kwh_per_gj``: what the baseline itself uses. ``income`` and
    ``cost``: what it earns and spends a year; the scheme's cash flow counts above it.
    """

    kind: str = "coal_boiler"
    boiler_efficiency: float = 0.8
    electricity_kwh_per_gj: float = 0.0
    income_cny_per_year: float = 0.0
    cost_cny_per_year: float = 0.0


@dataclass(frozen=True)
class Terms:
    """Prices, costs and factors of a scheme, real CNY. ``costs``: unit costs in force (CNY, cost library).

    Heat is sold per m2 and season when the heated area is known and no price per GJ is given, else per GJ.
    ``staff``: persons, ``None`` by size. ``include_existing``: price existing wells as if they were new.
    ``uncertainty``: P10 and P90 of what varies in the bands. ``heat_subsidy_cny_per_gj``: paid on heat delivered in the first
    ``heat_subsidy_years``. ``income_tax_pct``: on profit after straight-line depreciation over ``depreciation_years``.
    """

    discount_rate: float
    heat_price_cny_per_gj: float | None
    heat_price_cny_per_m2: float | None
    electricity_price_cny_per_kwh: float
    fuel_price_cny_per_gj: float | None
    staff: float | None
    resource_tax_cny_per_m3: float
    subsidy_cny: float
    include_existing: bool
    grid: str
    grid_co2_kg_per_kwh: float
    baseline: Baseline
    costs: Mapping[str, float]
    factors: Mapping[str, float]
    uncertainty: Mapping[str, tuple[float, float]]
    heat_subsidy_cny_per_gj: float = 0.0
    heat_subsidy_years: float = 10.0
    income_tax_pct: float = 0.0
    depreciation_years: float = 20.0

    def heat_price(self, basis: str) -> tuple[str, float]:
        """("m2" or "GJ", price): per m2 only for a known area (``basis`` "m2") and without a price per GJ."""
        library = load_library()
        if basis == "m2" and self.heat_price_cny_per_gj is None:
            given = self.heat_price_cny_per_m2
            return "m2", library.prices["heat_cny_per_m2"].value if given is None else given
        given = self.heat_price_cny_per_gj
        return "GJ", library.prices["heat_cny_per_gj"].value if given is None else given


def parse_terms(data: Any, path: str = "economics", faults: list[Fault] | None = None) -> Terms:
    """The ``economics`` object of a scheme; what is absent has the library's default.

    Faults are appended to ``faults``; with ``None`` they are raised as one ``InputError``.
    """
    library = load_library()
    reader = Reader()
    if faults is not None:
        reader.faults = faults
    more = ("include_existing", "grid", "grid_co2_kg_per_kwh", "baseline", "costs", "factors", "uncertainty")
    got = reader.mapping({} if data is None else data, path, optional=(*_TERMS, *more))
    values: dict[str, Any] = {
        name: default
        if got.get(name) is None
        else reader.number(got[name], f"{path}.{name}", low=low, high=high)
        for name, (low, high, default) in _TERMS.items()
    }
    if values["heat_price_cny_per_gj"] is not None and values["heat_price_cny_per_m2"] is not None:
        reader.fault(
            f"{path}.heat_price_cny_per_m2", "conflict", "cannot be given together with heat_price_cny_per_gj"
        )
    if values["electricity_price_cny_per_kwh"] is None:
        values["electricity_price_cny_per_kwh"] = library.prices["electricity_cny_per_kwh"].value
    values["include_existing"] = reader.flag(got.get("include_existing", False), f"{path}.include_existing")
    grid = values["grid"] = reader.choice(got.get("grid", "north"), f"{path}.grid", list(library.grid))
    own = got.get("grid_co2_kg_per_kwh")
    values["grid_co2_kg_per_kwh"] = (
        library.grid.get(grid, 0.0)
        if own is None
        else reader.number(own, f"{path}.grid_co2_kg_per_kwh", low=0.0, high=5.0)
    )
    costs, factors = library.defaults, {key: f.value for key, f in library.factors.items()}
    values["costs"] = _overrides(reader, got.get("costs"), f"{path}.costs", costs)
    values["factors"] = _overrides(reader, got.get("factors"), f"{path}.factors", factors)
    values["baseline"] = _baseline(reader, got.get("baseline"), f"{path}.baseline", values["factors"])
    values["uncertainty"] = _uncertainty(reader, got.get("uncertainty"), f"{path}.uncertainty")
    if faults is None:
        reader.done()
    return Terms(**values)


def _overrides(reader: Reader, data: Any, path: str, defaults: dict[str, float]) -> Mapping[str, float]:
    got = reader.mapping({} if data is None else data, path, optional=defaults)
    given = {
        key: reader.number(value, f"{path}.{key}", low=1e-9 if "life" in key or "efficiency" in key else 0.0)
        for key, value in got.items()
        if key in defaults
    }
    return MappingProxyType({**defaults, **given})


def _baseline(reader: Reader, data: Any, path: str, factors: Mapping[str, float]) -> Baseline:
    if isinstance(data, str):
        data = {"kind": data}
    got = reader.mapping({} if data is None else data, path, optional=("kind", *_BASELINE))
    kind = reader.choice(got.get("kind", "coal_boiler"), f"{path}.kind", BASELINES)
    defaults: dict[str, float] = {"boiler_efficiency": 1.0, "electricity_kwh_per_gj": 0.0}
    if kind in ("coal_boiler", "gas_boiler"):
        defaults["boiler_efficiency"] = factors[f"{kind}_efficiency"]
    elif kind == "existing_geothermal":
        defaults["electricity_kwh_per_gj"] = factors["existing_geothermal_kwh_per_gj"]
    values: dict[str, float] = {}
    for name, (low, high, default) in _BASELINE.items():
        fallback = defaults.get(name, default or 0.0)
        values[name] = (
            fallback
            if got.get(name) is None
            else reader.number(got[name], f"{path}.{name}", low=low, high=high)
        )
    return Baseline(kind=kind, **values)


def _uncertainty(reader: Reader, data: Any, path: str) -> Mapping[str, tuple[float, float]]:
    result = {key: (spread.low, spread.high) for key, spread in load_library().uncertainty.items()}
    got = reader.mapping({} if data is None else data, path, optional=result)
    for key, value in got.items():
        if key in result:
            low, high = reader.numbers(value, f"{path}.{key}", 2, low=-95.0, high=1000.0)
            if not low <= 0.0 <= high:
                reader.fault(
                    f"{path}.{key}", "order", f"must be [low <= 0, high >= 0], got [{low:g}, {high:g}]"
                )
            result[key] = (low, high)
    return MappingProxyType(result)

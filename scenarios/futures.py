"""A few hundred possible futures of several schemes: ground, prices, demand and luck with the drill.

Every scheme meets the same futures in the same order (common random numbers), so that the difference of two
schemes is theirs and not the draw's. A future is a row of a Latin hypercube; the geology of the units follows
given correlations, imposed on ranks so that each marginal stays as stated (Iman & Conover 1982, Commun. Stat.
Simul. Comput. 11(3), 311-334). The ground of a future is not simulated: the forecast in hand is scaled as in
``scenarios.uncertainty``, for a ground whose factors are the means of its units' factors, weighted by their
transmissivity (flow of parallel layers).

Drilling: a well that is not there yet succeeds with the stated probability; one that fails is drilled again
until it succeeds (attempts are geometric), each attempt at the cost of the well. Wells of the same name have
the same luck in every scheme. Time lost is not counted here (``scenarios.campaign`` does).
"""

from __future__ import annotations

import math
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.batch_futures import in_futures
from scenarios.batch_kpis import figures
from scenarios.costs import load_library
from scenarios.kpi_formulas import Facts
from scenarios.kpis import KPIS, compute
from scenarios.scheme import Scheme, open_layers
from scenarios.uncertainty import NEVER_IS_LATE, Ground, scaled_forecast, spread, unit_draws
from scenarios.uncertainty import _facts_in as facts_in
from twin_models.errors import Fault, InputError
from twin_models.reading import read_yaml
from twin_models.types import Forecast

COUNT, MOST = 200, 2000
GEOLOGY = ("thickness_pct", "permeability_pct", "temperature_k")
MARKET = ("demand_pct", "heat_price_pct", "capex_pct", "electricity_price_pct")
LIMITS = {"_pct": (-90.0, 400.0), "_k": (-40.0, 40.0)}
SHARES = ("drilling_success_pct", "between_units", "thickness_permeability")
HEADLINES = (
    "npv_cny",
    "lcoh_cny_per_gj",
    "annual_heat_gj",
    "demand_met_pct",
    "lifetime_years",
    "temperature_decline_k",
    "capex_cny",
    "payback_years",
    "irr_pct",
    "co2_avoided_t_per_year",
    "thermal_power_mw",
    "max_drawdown_bar",
)

Range = tuple[float, float]


@lru_cache(maxsize=1)
def library() -> dict[str, dict[str, Any]]:
    """The shipped assumptions (``assets/futures.yaml``): value, low, high, source, source_zh."""
    path = Path(__file__).parents[1] / "assets" / "futures.yaml"
    data = read_yaml(path, "assets/futures.yaml")
    return {key: dict(data[key]) for key in SHARES}


@dataclass(frozen=True)
class Beliefs:
    """What is uncertain and by how much: P10 and P90 as changes of the value in force.

    ``units``: unit -> range of each of ``GEOLOGY``. ``market``: range of each of ``MARKET``.
    ``between_units``: correlation of one quantity between two units; ``thickness_permeability``: of the two
    within a unit.
    """

    units: Mapping[str, Mapping[str, Range]]
    market: Mapping[str, Range]
    drilling_success_pct: float
    between_units: float
    thickness_permeability: float
    count: int = COUNT
    seed: int = 0

    def __post_init__(self) -> None:
        faults = []
        for unit, rows in self.units.items():
            faults += [f for key, r in rows.items() for f in _range_faults(f"units.{unit}.{key}", r)]
        faults += [f for key, r in self.market.items() for f in _range_faults(f"market.{key}", r)]
        for name in SHARES:
            value, row = getattr(self, name), library()[name]
            low, high = (1.0 if name.endswith("_pct") else row["low"]), row["high"]
            if not (_finite(value) and low <= value <= high):
                faults.append(
                    _fault(
                        name,
                        f"must be {low:g} to {high:g}, got {value}",
                        f"须为 {low:g} 至 {high:g}，实际为 {value}",
                    )
                )
        if not 20 <= self.count <= MOST:
            faults.append(
                _fault(
                    "count",
                    f"must be 20 to {MOST}, got {self.count}",
                    f"须为 20 至 {MOST}，实际为 {self.count}",
                )
            )
        if faults:
            raise InputError(faults)

    @cached_property
    def key(self) -> str:
        units = {u: dict(rows) for u, rows in self.units.items()}
        return repr((units, dict(self.market), [getattr(self, n) for n in SHARES], self.count, self.seed))

    @cached_property
    def draws(self) -> Draws:
        return _drawn(self)

    def with_range(self, path: str, low: float, high: float) -> Beliefs:
        """Another range at ``units.<unit>.<key>`` or ``market.<key>``. Raises ``InputError``."""
        group, _, rest = path.partition(".")
        if group == "market" and rest in self.market:
            return replace(self, market={**self.market, rest: (low, high)})
        unit, _, key = rest.rpartition(".")
        if group == "units" and key in self.units.get(unit, {}):
            return replace(self, units={**self.units, unit: {**self.units[unit], key: (low, high)}})
        raise InputError(_fault(path, "is not one of the uncertain quantities", "不是可设置的不确定量"))

    def with_share(self, name: str, value: float) -> Beliefs:
        """Another ``drilling_success_pct`` or correlation. Raises ``InputError``."""
        if name not in SHARES:
            raise InputError(_fault(name, f"must be one of {', '.join(SHARES)}", "不是可设置的不确定量"))
        changed: dict[str, Any] = {name: value}
        return replace(self, **changed)


def _fault(path: str, en: str, zh: str) -> Fault:
    return Fault(f"futures.{path}", "range", en, {"text_zh": zh, "text_en": en})


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _range_faults(path: str, given: Range) -> list[Fault]:
    floor, top = LIMITS["_k" if path.endswith("_k") else "_pct"]
    low, high = given
    if not (_finite(low) and _finite(high)):
        return [_fault(path, "must be two numbers", "须为两个数字")]
    if not floor <= low <= 0.0 <= high <= top:
        return [
            _fault(
                path,
                f"low must be {floor:g} to 0 and high 0 to {top:g}, got {low:g} and {high:g}",
                f"下限须为 {floor:g} 至 0，上限须为 0 至 {top:g}，实际为 {low:g} 与 {high:g}",
            )
        ]
    return []


def usual_beliefs(scheme: Scheme, *, count: int = COUNT, seed: int = 0) -> Beliefs:
    """The library's ranges for every unit of the scheme's ground, and the shipped correlations."""
    spreads = {key: (row.low, row.high) for key, row in load_library().uncertainty.items()}
    shares = {name: float(library()[name]["value"]) for name in SHARES}
    units = {layer.name: {k: spreads[k] for k in GEOLOGY} for layer in _units(scheme)}
    return Beliefs(units, {k: spreads[k] for k in MARKET}, count=count, seed=seed, **shares)


def _units(scheme: Scheme) -> list[Any]:
    """Layers that any well is open to, top first."""
    ground = scheme.ground()
    used = {layer.name for w in scheme.wells for layer in open_layers(w.well, ground)}
    return [layer for layer in ground.layers if layer.name in used]


def unit_shares(scheme: Scheme, units: Mapping[str, Any]) -> np.ndarray:
    """Share of each unit in the transmissivity that the scheme's wells are open to; sums to 1."""
    ground = scheme.ground()
    total = dict.fromkeys(units, 0.0)
    for well in scheme.wells:
        for layer in open_layers(well.well, ground):
            if layer.name in total:
                kh = float(np.mean(layer.permeability_md)) * float(np.mean(layer.thickness_m))
                total[layer.name] += kh
    values = np.array(list(total.values()))
    return values / values.sum() if values.sum() > 0.0 else np.full(len(values), 1.0 / max(len(values), 1))


# --- draws ---------------------------------------------------------------------------------------------


def correlated(scores: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """Normal scores (n, k) whose ranks follow a correlation (k, k), each column keeping its own values.

    Iman & Conover (1982) with the draws themselves as scores, freed of their own chance correlation first.
    The matrix may be singular (fully correlated).
    """
    values, vectors = np.linalg.eigh(correlation)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    chance = np.linalg.cholesky(np.corrcoef(scores, rowvar=False))
    mixed = np.linalg.solve(chance, scores.T).T @ root
    out = np.empty_like(scores)
    for j in range(scores.shape[1]):
        ordered = np.sort(scores[:, j])
        out[np.argsort(mixed[:, j], kind="stable"), j] = ordered
    return out


def _between(beliefs: Beliefs) -> np.ndarray:
    """Correlation of all geology scores, unit by unit: units x quantities (Kronecker)."""
    n = len(beliefs.units)
    units = np.full((n, n), beliefs.between_units) + (1.0 - beliefs.between_units) * np.eye(n)
    own = np.eye(len(GEOLOGY))
    own[0, 1] = own[1, 0] = beliefs.thickness_permeability
    return np.kron(units, own)


@dataclass(frozen=True)
class Draws:
    """The futures of one set of beliefs. ``geology``: unit -> (n, 3), ``market``: key -> (n,) factors."""

    geology: Mapping[str, np.ndarray]
    market: Mapping[str, np.ndarray]


def _drawn(beliefs: Beliefs) -> Draws:
    width = len(GEOLOGY) * len(beliefs.units)
    scores = unit_draws(beliefs.seed, beliefs.count, width + len(MARKET))
    ground = correlated(scores[:, :width], _between(beliefs))
    geology = {}
    for u, (name, ranges) in enumerate(beliefs.units.items()):
        part = ground[:, u * len(GEOLOGY) : (u + 1) * len(GEOLOGY)]
        geology[name] = np.column_stack(
            [spread(part[:, j], *ranges[k], per_cent=k.endswith("_pct")) for j, k in enumerate(GEOLOGY)]
        )
    market = {
        k: spread(scores[:, width + j], *beliefs.market[k], per_cent=True) for j, k in enumerate(MARKET)
    }
    return Draws(geology, market)


def extra_attempts(name: str, beliefs: Beliefs) -> np.ndarray:
    """Failed attempts at a well in every future (n,), geometric; the same for every scheme with that well."""
    success = beliefs.drilling_success_pct / 100.0
    if success >= 1.0:
        return np.zeros(beliefs.count)
    luck = np.random.default_rng([beliefs.seed, beliefs.count, zlib.crc32(name.encode())]).random(
        beliefs.count
    )
    return np.floor(np.log1p(-luck) / math.log(1.0 - success))


def redrilling_cny(scheme: Scheme, facts: Facts, beliefs: Beliefs) -> np.ndarray:
    """Cost of failed wells in every future (n,), CNY, before the overrun on all investment."""
    paid = sum(facts.flow.capex.get(k, 0.0) for k in ("well_vertical", "well_deviated"))
    depth: dict[str, float] = {}
    for side in (facts.plan.cold, facts.plan.hot):
        for name, metres, stands in zip(side.names, side.drilled_m, side.existing, strict=True):
            if not stands or facts.terms.include_existing:
                depth[name] = float(metres)
    total = sum(depth.values())
    cost = np.zeros(beliefs.count)
    for name in sorted(depth) if total > 0.0 else ():
        cost += paid * depth[name] / total * extra_attempts(name, beliefs)
    return cost


# --- one scheme in its futures -------------------------------------------------------------------------


@dataclass(eq=False)
class Ensemble:
    """KPIs of one evaluated scheme in every future, computed part by part.

    ``values``: KPI -> (n,); NaN: undefined or not yet computed (``done``), infinite: never. ``lock``: to be held
    by whoever advances it.
    """

    scheme: Scheme
    facts: Facts
    beliefs: Beliefs
    done: int = 0
    values: dict[str, np.ndarray] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.values = {key: np.full(self.beliefs.count, np.nan) for key in HEADLINES}
        shares = unit_shares(self.scheme, self.beliefs.units)
        drawn = self.beliefs.draws
        self.ground = sum(
            (s * g for s, g in zip(shares, drawn.geology.values(), strict=True)),
            start=np.zeros((self.beliefs.count, len(GEOLOGY))),
        )
        self.market = drawn.market
        self.lost_cny = redrilling_cny(self.scheme, self.facts, self.beliefs)

    @property
    def complete(self) -> bool:
        return self.done >= self.beliefs.count

    def ground_of(self, index: int) -> Ground:
        thickness, permeability, warmer = self.ground[index].tolist()
        return Ground(thickness, permeability, warmer, float(self.market["demand_pct"][index]))

    def advance(self, futures: int) -> None:
        """Compute the next ``futures`` futures."""
        stop = min(self.done + futures, self.beliefs.count)
        if self._advance_together(stop):
            return
        for i in range(self.done, stop):
            found = self.future(i)
            for key, column in self.values.items():
                value = found[key]
                missing = math.inf if key in NEVER_IS_LATE else math.nan
                column[i] = missing if value is None else value
            self.done = i + 1

    def _advance_together(self, stop: int) -> bool:
        """The same for all of them at once, where the scheme allows it; else ``False``."""
        rows = slice(self.done, stop)
        many = in_futures(self.facts, [self.ground_of(i) for i in range(self.done, stop)])
        if many is None:
            return False
        price, build, power = (
            self.market[k][rows] for k in ("heat_price_pct", "capex_pct", "electricity_price_pct")
        )
        moved = many.with_flow(
            replace(
                many.flow,
                capex_cny=(many.flow.capex_cny + self.lost_cny[rows]) * build,
                maintenance_cny=many.flow.maintenance_cny * build[:, None],
                renewal_cny=many.flow.renewal_cny * build[:, None],
                income_cny=many.flow.income_cny * price[:, None],
                electricity_cny=many.flow.electricity_cny * power[:, None],
            )
        )
        for key, found in figures(moved, self.values).items():
            missing = math.inf if key in NEVER_IS_LATE else math.nan
            self.values[key][rows] = np.where(np.isnan(found), missing, found)
        self.done = stop
        return True

    def future(self, index: int) -> dict[str, float | None]:
        """All KPIs in one future."""
        there = facts_in(self.facts, self.ground_of(index), None)
        flow, (price, build, power) = (
            there.flow,
            (float(self.market[k][index]) for k in ("heat_price_pct", "capex_pct", "electricity_price_pct")),
        )
        moved = replace(
            flow,
            capex_cny=(flow.capex_cny + float(self.lost_cny[index])) * build,
            maintenance_cny=flow.maintenance_cny * build,
            renewal_cny=flow.renewal_cny * build,
            income_cny=flow.income_cny * price,
            electricity_cny=flow.electricity_cny * power,
        )
        return compute(replace(there, flow=moved))

    def forecast(self, index: int) -> Forecast:
        """Temperatures and pressures of the wells in one future."""
        plan, run = self.facts.plan, self.facts.run
        return scaled_forecast(plan, self.facts.forecast, self.ground_of(index), run.injected_degc)

    def maps(self, index: int) -> np.ndarray | None:
        """Temperature maps (k, ny, nx), degC, at the years of the forecast's own, scaled as its wells are."""
        fields = self.facts.forecast.fields
        if fields is None:
            return None
        ground, base = self.ground_of(index), np.asarray(fields.temperature_degc, dtype=float)
        return scaled_maps(np.asarray(fields.years), base, ground, self.facts.run.injected_degc)

    def in_words(self, index: int) -> dict[str, float]:
        """What is otherwise in one future: changes in per cent or kelvins, and wells drilled again (CNY)."""
        ground = self.ground_of(index)
        out = {
            "thickness_pct": 100.0 * (ground.thickness - 1.0),
            "permeability_pct": 100.0 * (ground.permeability - 1.0),
            "temperature_k": ground.warmer_k,
        }
        out |= {k: 100.0 * (float(v[index]) - 1.0) for k, v in self.market.items()}
        return out | {"redrilling_cny": float(self.lost_cny[index])}


def scaled_maps(years: np.ndarray, maps: np.ndarray, ground: Ground, injected_degc: np.ndarray) -> np.ndarray:
    """Maps at their years in another ground: fronts 1/h as fast, rock warmer by dT (``scaled_forecast``).

    Between and beyond the stored years in straight lines.
    """
    out = np.empty_like(maps)
    for i, year in enumerate(years.tolist()):
        at = year / ground.thickness
        k = int(np.clip(np.searchsorted(years, at) - 1, 0, len(years) - 2)) if len(years) > 1 else 0
        if len(years) == 1:
            out[i] = maps[0]
            continue
        share = (at - years[k]) / (years[k + 1] - years[k])
        out[i] = maps[k] + share * (maps[k + 1] - maps[k])
    first = maps[0]
    if not len(injected_degc):
        return out + ground.warmer_k
    back = float(np.mean(injected_degc))
    span = np.where(np.abs(first - back) < 0.5, 0.5, first - back)
    left = np.clip((out - back) / span, 0.0, None)
    scaled: np.ndarray = back + (span + ground.warmer_k) * left
    return scaled


# --- summaries -----------------------------------------------------------------------------------------


def percentiles(values: np.ndarray) -> tuple[float | None, float | None, float | None]:
    """P10, P50 and P90 of the known values; ``None`` for "never" and where fewer than five are known."""
    known = values[~np.isnan(values)]
    if len(known) < 5:
        return None, None, None
    low, middle, high = np.quantile(known, (0.1, 0.5, 0.9), method="inverted_cdf").tolist()
    return tuple(v if math.isfinite(v) else None for v in (low, middle, high))  # type: ignore[return-value]


def twenty(own: np.ndarray, other: np.ndarray | None, *, key: str, count: int = 20) -> list[dict[str, Any]]:
    """Twenty equally likely futures, worst first: ``future`` (its number), ``value``, ``good``.

    With another scheme they are ranked by the difference in the same future, and good means better than it;
    without, by value, and good means above zero (where zero divides gain from loss) or nothing (``None``).
    """
    sign = -1.0 if KPIS[key].better == "down" else 1.0
    known = np.flatnonzero(~np.isnan(own) if other is None else ~(np.isnan(own) | np.isnan(other)))
    if not len(known):
        return []
    if other is None:
        worth = sign * own[known]
        good: np.ndarray | None = own[known] > 0.0 if key in ("npv_cny", "irr_pct") else None
    else:
        with np.errstate(invalid="ignore"):
            worth = sign * (own[known] - other[known])
        worth = np.where(np.isnan(worth), 0.0, worth)  # never against never
        good = worth > 0.0
    order = np.argsort(worth, kind="stable")
    picked = order[((np.arange(count) + 0.5) / count * len(order)).astype(int)]
    rows = []
    for k in picked.tolist():
        value = float(own[known[k]])
        rows.append(
            {
                "future": int(known[k]),
                "value": value if math.isfinite(value) else None,
                "good": None if good is None else bool(good[k]),
            }
        )
    return rows


def better_share(own: np.ndarray, other: np.ndarray, *, key: str) -> float | None:
    """Probability that a scheme is better than another, over common futures; ties count half."""
    from scenarios.decide import chance

    share = float(chance(own, other, key=key)["probability"])
    return share if math.isfinite(share) else None


__all__ = ["HEADLINES", "Beliefs", "Ensemble", "better_share", "percentiles", "twenty", "usual_beliefs"]

"""Use portfolios made automatically: which of the five uses together, how large, how long a season, over 50 years.

Every subset of the five uses is a candidate unless its water is too cold for one of them (``required_degc`` of the
use against the hottest wellhead) or the user has excluded or demanded otherwise. Sizes come from a coarse grid:
the uses beside heating share a part of the scheme's thermal power; the wells run for the scheme's own season or
for most of the year. What stays is the set that no other candidate beats in all criteria, thinned to a few with
the extremes kept; each of these is simulated before it is offered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from scenarios.chain import make_plan
from scenarios.chain import warm as warm_chain
from scenarios.economics import discount_factors
from scenarios.edits import Change, Edit
from scenarios.evaluate import Evaluation, cascade_of, evaluate, settings_of
from scenarios.optimise.predict import Values
from scenarios.schema_io import FrozenDict
from scenarios.scheme import Scheme, every_year, read_scheme, to_dict
from twin_models.base import Cancelled
from twin_models.errors import Fault, InputError
from twin_models.models import LIVE
from twin_models.uses import parse_uses
from twin_models.uses.climate import climate_of

FIVE = ("heating", "drying", "power", "agriculture", "wellness")
YEARS = 50.0
LONG_SEASON_DAYS = 330.0
SHARES = (0.1, 0.3)  # of the thermal power, for all uses beside heating together
OFFERED = 6
# What a use is sized by, and at what size its load is looked up (it is linear).
SIZES: dict[str, tuple[str, float]] = {
    "drying": ("feed_t_per_day", 10.0),
    "agriculture": ("greenhouse_m2", 1e4),
    "wellness": ("pools_m2", 1e3),
}
ZH = {
    "heating": "供暖与制冷",
    "drying": "工业烘干",
    "power": "发电",
    "agriculture": "农业",
    "wellness": "文旅康养",
}
EN = {
    "heating": "heating and cooling",
    "drying": "industrial drying",
    "power": "power",
    "agriculture": "agriculture",
    "wellness": "tourism and wellness",
}
# KPI and the direction that is better: resource, effect, economy (two), environment.
CRITERIA = (
    ("temperature_decline_k", -1.0),
    ("annual_heat_gj", 1.0),
    ("npv_cny", 1.0),
    ("lcoh_cny_per_gj", -1.0),
    ("co2_avoided_t_per_year", 1.0),
)


@dataclass(frozen=True, eq=False)
class Portfolio:
    """A scheme with other uses. ``share``: of the thermal power given to the uses beside heating (0 for none).

    ``series``: yearly figures by theme (``projection``), of the simulation; empty for an estimate.
    """

    uses: tuple[str, ...]
    share: float
    scheme: Scheme
    values: Values
    state: str = "estimate"
    is_own: bool = False
    series: Mapping[str, Sequence[float]] | None = None

    @property
    def title(self) -> dict[str, str]:
        long_season = (
            {"zh": " · 全年", "en": ", all year"} if self.scheme.season_days > 200.0 else {"zh": "", "en": ""}
        )
        if self.is_own:
            return {"zh": "原有用途", "en": "uses so far"}
        return {
            "zh": "+".join(ZH[u] for u in self.uses) + long_season["zh"],
            "en": " + ".join(EN[u] for u in self.uses) + long_season["en"],
        }


def uses_of(scheme: Scheme) -> tuple[str, ...]:
    """Which of the five a scheme has now."""
    found = parse_uses(scheme.uses_dict())
    names = {step.name for step in found.steps}
    here = {"agriculture" if n == "aquaculture" else "heating" if n == "cooling" else n for n in names}
    return tuple(u for u in FIVE if u in here or (u == "heating" and found.heated))


def wellhead_degc(scheme: Scheme) -> float:
    """Temperature of the mixed water at the station before anything has cooled (degC)."""
    use, _, station_m = settings_of(scheme)
    plan = make_plan(scheme, use, station_m=station_m, cascade=cascade_of(scheme))
    if not len(plan.hot.names):
        raise InputError(
            _fault("wells", "no producer: there is no water to use", "没有开采井，没有可利用的热水")
        )
    return float(np.max(warm_chain(plan, None).stream.temperature_degc))


def _fault(field: str, en: str, zh: str) -> Fault:
    return Fault(field, "impossible", en, {"text_zh": zh, "text_en": en})


def feasible(scheme: Scheme) -> dict[str, dict[str, str] | None]:
    """For each use ``None`` if the water is hot enough, else why not, in both languages."""
    water = wellhead_degc(scheme)
    out: dict[str, dict[str, str] | None] = {"heating": None}
    for name in FIVE[1:]:
        need = _step(name).required_degc
        out[name] = None
        if need > water:
            out[name] = {
                "zh": f"{ZH[name]}至少需要 {need:.0f} ℃ 的水，站前最高 {water:.0f} ℃",
                "en": f"{EN[name]} needs water of at least {need:.0f} °C; {water:.0f} °C arrives",
            }
    return {name: out[name] for name in FIVE}


@lru_cache(maxsize=64)
def _step(name: str) -> Any:
    size = {} if name == "power" else {SIZES[name][0]: SIZES[name][1]}
    return parse_uses({"heating": False, name: size}).steps[-1]


@lru_cache(maxsize=64)
def _peak_mw(name: str, site: str | None) -> float:
    """Largest heat load of a use at its look-up size (MW)."""
    return float(_step(name).hourly_mw(climate_of(site)).max())


def masks(scheme: Scheme, wanted: Iterable[str], excluded: Iterable[str]) -> list[tuple[str, ...]]:
    """Subsets of the five that are hot enough and as asked for. Raises ``InputError`` where that is impossible."""
    want, out = set(wanted), set(excluded)
    faults = [
        Fault(f"uses.{u}", "unknown", f"must be one of {', '.join(FIVE)}")
        for u in sorted((want | out) - set(FIVE))
    ]
    faults += [
        Fault(
            f"uses.{u}", "contradiction", "is both wanted and excluded", {"text_zh": "既要求又排除，互相矛盾"}
        )
        for u in FIVE
        if u in want & out
    ]
    if not faults and out >= set(FIVE):
        faults.append(Fault("uses", "contradiction", "all uses are excluded: nothing would use the heat",
                            {"text_zh": "排除了全部用途，热量无处可用"}))  # fmt: skip
    if faults:
        raise InputError(faults)
    reasons = feasible(scheme)
    cold = [
        _fault(f"uses.{u}", r["en"], r["zh"]) for u in FIVE if u in want and (r := reasons[u]) is not None
    ]
    if cold:
        raise InputError(cold)
    free = [u for u in FIVE if u not in out and reasons[u] is None]
    found = [m for n in range(1, len(free) + 1) for m in combinations(free, n) if want <= set(m)]
    if not found:
        raise InputError(
            _fault("uses", "no use that is left can work with this water", "剩下的用途都用不了这样的水")
        )
    return found


def with_uses(
    scheme: Scheme, uses: Sequence[str], *, share: float, season_days: float, power_mw: float
) -> Scheme:
    """The scheme with those uses; one that it has already keeps its own settings, a new one is sized by ``share``."""
    own = scheme.uses_dict()
    have = uses_of(scheme)
    kept = {k: v for k, v in own.items() if k not in (*FIVE, "order")}
    data: dict[str, Any] = dict(kept)
    new = [u for u in uses if u != "heating" and u not in have]
    each_mw = share * power_mw / max(len(new), 1)
    for name in uses:
        if name in have and (name in own or name == "heating"):
            data[name] = own.get(name, {})
        elif name == "heating" or name == "power":
            data[name] = {}
        else:
            key, size = SIZES[name]
            data[name] = {key: _round(size * each_mw / _peak_mw(name, scheme.site))}
    if "heating" not in uses:
        data["heating"] = False
        data.pop("system", None)
    changed = replace(scheme, uses=FrozenDict(data), season_days=season_days)
    return read_scheme(to_dict(changed))


def _round(value: float) -> float:
    """Two significant figures: a size nobody believes to the last square metre."""
    digits = 1 - math.floor(math.log10(value)) if value > 0.0 else 0
    return float(round(value, digits))


def over(scheme: Scheme, years: float) -> Scheme:
    """The scheme over another length of operation."""
    return replace(scheme, years=years, output_years=every_year(years))


def candidates(scheme: Scheme, wanted: Iterable[str] = (), excluded: Iterable[str] = ()) -> list[Portfolio]:
    """Every portfolio worth an evaluation, the scheme's own first; none evaluated yet."""
    chosen = masks(scheme, wanted, excluded)
    have = uses_of(scheme)
    power = evaluate(scheme, LIVE).kpis["thermal_power_mw"].value or 0.0
    out = [Portfolio(have, 0.0, scheme, {}, is_own=True)]
    seen = {scheme.key()}
    for uses in chosen:
        more = any(u != "heating" and u not in have for u in uses)
        seasons = (
            {scheme.season_days, max(scheme.season_days, LONG_SEASON_DAYS)} if more else {scheme.season_days}
        )
        for share in SHARES if more else (0.0,):
            for season in sorted(seasons):
                made = with_uses(scheme, uses, share=share, season_days=season, power_mw=power)
                if made.key() not in seen:
                    seen.add(made.key())
                    out.append(Portfolio(uses, share, made, {}))
    return out


def generate(
    scheme: Scheme,
    *,
    wanted: Iterable[str] = (),
    excluded: Iterable[str] = (),
    years: float = YEARS,
    tell: Callable[[int, int, list[Portfolio]], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> list[Portfolio]:
    """The portfolios to choose between, simulated over ``years``; the scheme's own first, then by net present value.

    ``tell(done, total, portfolios)``: called as estimates and simulations come in. Raises ``InputError`` for wishes
    that contradict each other or the water, and ``Cancelled``.
    """
    found = [replace(p, scheme=over(p.scheme, years)) for p in candidates(scheme, wanted, excluded)]
    total = len(found) + min(OFFERED, len(found))
    estimated: list[Portfolio] = []
    for n, portfolio in enumerate(found):
        if cancel is not None and cancel():
            raise Cancelled
        values = _values(portfolio.scheme, LIVE)
        if values:
            estimated.append(replace(portfolio, values=values))
        if tell is not None:
            tell(n + 1, total, [])
    chosen = choose(estimated)
    confirmed: list[Portfolio] = []
    for n, portfolio in enumerate(chosen):
        if cancel is not None and cancel():
            raise Cancelled
        confirmed.append(simulated(portfolio))
        if tell is not None:
            tell(len(found) + n + 1, total, _sorted(confirmed))
    return _sorted(confirmed)


def _sorted(found: list[Portfolio]) -> list[Portfolio]:
    return sorted(found, key=lambda p: (not p.is_own, -(p.values.get("npv_cny") or -math.inf)))


def _values(scheme: Scheme, engine: str) -> Values:
    try:
        return {key: kpi.value for key, kpi in evaluate(scheme, engine).kpis.items()}
    except InputError:
        return {}


def simulated(portfolio: Portfolio) -> Portfolio:
    """The portfolio as the simulation sees it, with its yearly series."""
    found = evaluate(portfolio.scheme, "simulation")
    values = {key: kpi.value for key, kpi in found.kpis.items()}
    return replace(portfolio, values=values, state="simulated", series=projection(found))


def choose(found: Sequence[Portfolio], count: int = OFFERED) -> list[Portfolio]:
    """At most ``count``: the scheme's own, the best in each criterion, then those least beaten."""
    own = [p for p in found if p.is_own]
    rest = [p for p in found if not p.is_own]
    table = np.array([_costs(p.values) for p in rest]).reshape(len(rest), len(CRITERIA))
    alive = [i for i in range(len(rest)) if not _beaten(table, i)]
    paying = [i for i in alive if (rest[i].values.get("npv_cny") or 0.0) > 0.0]
    alive = paying or alive  # doing hardly anything is always kindest to the ground, and no answer
    picked: list[int] = []
    for j in range(len(CRITERIA)):
        best = min(alive, key=lambda i: (table[i, j], i), default=None)
        if best is not None and best not in picked:
            picked.append(best)
    npv = [k for k, _ in CRITERIA].index("npv_cny")
    picked += [i for i in sorted(alive, key=lambda i: (table[i, npv], i)) if i not in picked]
    return own + [rest[i] for i in picked[: count - len(own)]]


def _costs(values: Values) -> list[float]:
    return [math.inf if values.get(k) is None else -sign * float(values[k] or 0.0) for k, sign in CRITERIA]


def _beaten(table: np.ndarray, i: int) -> bool:
    with np.errstate(invalid="ignore"):
        return bool(((table <= table[i]).all(axis=1) & (table < table[i]).any(axis=1)).any())


def projection(found: Evaluation) -> dict[str, list[float]]:
    """Yearly figures of a scheme: resource, effect, economy and environment.

    ``degc``: flow-weighted production temperature; ``heat_gj``, ``power_mwh``, ``cold_gj``: delivered;
    ``worth_cny``: discounted cash up to each year; ``co2_t``: avoided up to each year, the mean of the life shared
    out by the heat of each year.
    """
    facts = found.facts
    flow = facts.flow
    years = np.asarray(facts.plan.edges[1:])
    weight = facts.plan.hot.volume_m3
    total = np.maximum(weight.sum(axis=1), 1e-9)
    heat = np.asarray(flow.heat_gj, dtype=float)
    discount = discount_factors(facts.terms.discount_rate, len(years))
    avoided = float(found.kpis["co2_avoided_t_per_year"].value or 0.0) * float(years[-1])
    share = heat / heat.sum() if heat.sum() > 0.0 else np.full(len(heat), 1.0 / len(heat))
    series = {
        "years": years,
        "degc": (facts.run.bottom_degc * weight).sum(axis=1) / total,
        "heat_gj": heat,
        "power_mwh": np.broadcast_to(flow.generated_mwh, heat.shape),
        "cold_gj": np.broadcast_to(flow.cold_gj, heat.shape),
        "worth_cny": -flow.capex_cny + np.cumsum(flow.net_cny * discount),
        "co2_t": np.cumsum(avoided * share),
    }
    return {key: [round(float(v), 3) for v in values] for key, values in series.items()}


def adopt(scheme: Scheme, portfolio: Portfolio) -> Change:
    """The scheme with the uses and the season of a portfolio; its wells and its length of operation stay."""
    there = portfolio.scheme
    taken = replace(scheme, uses=there.uses, season_days=there.season_days)
    title = portfolio.title
    params = {"uses": there.uses_dict(), "season_days": there.season_days}
    edit = Edit("adopt_uses", params, f"采用用途组合:{title['zh']}", f"Adopt uses: {title['en']}")
    return read_scheme(to_dict(taken)), edit

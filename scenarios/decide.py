"""Choosing between schemes: weights, rankings and how firm they are, disagreement, regret, chances.

All functions are pure; values come as ``{scheme: {kpi: value}}``. Weighing, TOPSIS and their stability under
TOPSIS are those of ``scenarios.assess.weighting``. Nothing is averaged over people: where stakeholders differ,
that is the result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from scenarios.assess.weighting import min_max, ranks_of, topsis, winner_limits
from scenarios.compare import NEVER_IS_BEST
from scenarios.kpi_formulas import Facts
from scenarios.kpis import KPIS, compute
from scenarios.uncertainty import Ground, bands_of
from scenarios.uncertainty import _facts_in as facts_in
from twin_models.errors import Fault, InputError

Values = Mapping[str, Mapping[str, float | None]]
Method = Literal["weighted", "topsis"]
METHODS: tuple[Method, ...] = ("weighted", "topsis")
USUAL_CRITERIA = (
    "lcoh_cny_per_gj",
    "npv_cny",
    "temperature_decline_k",
    "co2_avoided_t_per_year",
    "demand_met_pct",
)
DOTS = 20
CHANCE_LIKE = 0.25  # two schemes whose chances differ by less are not told apart


# --- weights -------------------------------------------------------------------------------------------


def swing_weights(points: Mapping[str, float]) -> dict[str, float]:
    """Weights of sum 1 from swing points: with every criterion at its worst, the one whose improvement to its
    best is wanted most gets 100, the others what theirs is worth beside it (von Winterfeldt & Edwards 1986).

    Any positive scale will do. Raises ``InputError`` for unknown criteria, negative points, or none above 0.
    """
    faults = [
        Fault(f"weights.{key}", "unknown", f'no KPI "{key}" that can get better or worse')
        for key in points
        if key not in KPIS or KPIS[key].better is None
    ]
    for key, value in points.items():
        if not math.isfinite(value) or value < 0.0:
            faults.append(Fault(f"weights.{key}", "range", f"must be at least 0, got {value}"))
    if not faults and not sum(points.values()) > 0.0:
        faults.append(Fault("weights", "empty", "at least one criterion must weigh more than 0"))
    if faults:
        raise InputError(faults)
    total = sum(points.values())
    return {key: value / total for key, value in points.items()}


def ranges(values: Values, criteria: Sequence[str] = USUAL_CRITERIA) -> dict[str, dict[str, float | None]]:
    """Worst and best of each criterion among the schemes: what a swing goes from and to."""
    names, matrix = decision_matrix(values, criteria)
    out: dict[str, dict[str, float | None]] = {}
    for j, key in enumerate(criteria):
        column = matrix[:, j]
        low, high = float(column.min()), float(column.max())
        up = KPIS[key].better == "up"
        out[key] = {"worst": low if up else high, "best": high if up else low}
    return out if names else {}


def decision_matrix(
    values: Values, criteria: Sequence[str], *, horizon_years: float = 50.0
) -> tuple[list[str], np.ndarray]:
    """Names and (schemes, criteria) as numbers. A lifetime that never ends counts as the horizon; what is
    otherwise undefined counts as the worst of the others. Raises ``InputError`` for fewer than two schemes."""
    names = list(values)
    if len(names) < 2:
        raise InputError(Fault("schemes", "range", f"a ranking needs at least two schemes, got {len(names)}"))
    matrix = np.array([[_number(values[n].get(k), k, horizon_years) for k in criteria] for n in names])
    for j, key in enumerate(criteria):
        missing = np.isnan(matrix[:, j])
        known = matrix[~missing, j]
        worst = 0.0 if not len(known) else known.min() if KPIS[key].better == "up" else known.max()
        matrix[missing, j] = worst
    return names, matrix


def _number(value: float | None, key: str, horizon_years: float) -> float:
    if value is None or not math.isfinite(value):
        return horizon_years if key in NEVER_IS_BEST else math.nan
    return float(value)


# --- rankings ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Ranking:
    """``scores``, ``ranks`` (1 the best) by scheme; ``parts``: what each criterion adds to a weighted score.

    ``limits``: criterion -> how far its weight may fall and rise, the others keeping their proportions, before
    another scheme comes first (``None``: never), and which. ``tied``: schemes that share the first place.
    """

    method: Method
    weights: Mapping[str, float]
    scores: Mapping[str, float]
    ranks: Mapping[str, int]
    parts: Mapping[str, Mapping[str, float]]
    limits: Mapping[str, Mapping[str, Any]]
    tied: tuple[str, ...]

    @property
    def winner(self) -> str:
        return min(self.ranks, key=lambda n: self.ranks[n])

    def as_dict(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "weights": dict(self.weights),
            "winner": self.winner,
            "tied": list(self.tied),
            "scores": dict(self.scores),
            "ranks": dict(self.ranks),
            "parts": {n: dict(p) for n, p in self.parts.items()},
            "limits": {k: dict(row) for k, row in self.limits.items()},
        }


def rank(
    values: Values,
    weights: Mapping[str, float],
    *,
    method: Method = "weighted",
    horizon_years: float = 50.0,
    limits: bool = True,
) -> Ranking:
    """Rank schemes by weights (``swing_weights`` first: they must sum to 1).

    ``weighted``: sum of w_j u_j with u_j the criterion on 0..1 between the worst and best of the schemes, which
    is the scale that swing weights speak of. ``topsis``: nearness to the best of all. ``limits``: whether the
    intervals of stability are wanted (the long part under TOPSIS).
    """
    if method not in METHODS:
        raise InputError(Fault("method", "unknown", f'must be one of {", ".join(METHODS)}, got "{method}"'))
    weights = swing_weights(weights)
    criteria = list(weights)
    names, matrix = decision_matrix(values, criteria, horizon_years=horizon_years)
    benefit = np.array([KPIS[k].better == "up" for k in criteria])
    w = np.array(list(weights.values()))
    unit = min_max(matrix, benefit)
    scores = unit @ w if method == "weighted" else topsis(matrix, benefit, w)
    ranks = ranks_of(np.round(scores, 12))
    if not limits:
        rows: list[dict[str, Any]] = [{"weight": float(x)} for x in w]
    elif method == "weighted":
        rows = weighted_limits(unit, w)
    else:
        rows = [dict(row) for row in winner_limits(matrix, benefit, w)]
    for row in rows:
        for side in ("lower_winner", "upper_winner"):
            row[side] = None if row.get(side) is None else names[row[side]]
    return Ranking(
        method=method,
        weights=weights,
        scores=dict(zip(names, scores.tolist(), strict=True)),
        ranks=dict(zip(names, ranks.tolist(), strict=True)),
        parts={n: dict(zip(criteria, (unit[i] * w).tolist(), strict=True)) for i, n in enumerate(names)},
        limits=dict(zip(criteria, rows, strict=True)),
        tied=tuple(n for n, r in zip(names, ranks.tolist(), strict=True) if r == 1),
    )


def weighted_limits(unit: np.ndarray, weights: np.ndarray) -> list[dict[str, Any]]:
    """For each criterion, the interval of its weight in which the first stays first; exact.

    With the others in proportion, the score at weight x is x u_j + (1 - x) v, v the score of the others alone:
    a straight line in x, so two schemes cross once, at x = (v_a - v_b) / ((v_a - v_b) - (u_a - u_b)).
    """
    winner = int(np.argmax(np.round(unit @ weights, 12)))
    rows = []
    for j, weight in enumerate(weights.tolist()):
        others = np.delete(weights, j)
        total = others.sum()
        share = others / total if total > 1e-12 else np.full(len(others), 1.0 / max(len(others), 1))
        rest = np.delete(unit, j, axis=1) @ share
        row: dict[str, Any] = {"weight": weight, "lower": None, "upper": None}
        row |= {"lower_winner": None, "upper_winner": None}
        for b in range(len(unit)):
            at = _crossing(rest[winner] - rest[b], unit[winner, j] - unit[b, j])
            if b == winner or at is None:
                continue
            if (
                at <= weight
                and (row["lower"] is None or at > row["lower"])
                and _loses(rest, unit, winner, b, j, -1)
            ):
                row |= {"lower": at, "lower_winner": b}
            if (
                at >= weight
                and (row["upper"] is None or at < row["upper"])
                and _loses(rest, unit, winner, b, j, 1)
            ):
                row |= {"upper": at, "upper_winner": b}
        gaps = [abs(row[side] - weight) for side in ("lower", "upper") if row[side] is not None]
        rows.append({**row, "margin": min(gaps) if gaps else None})
    return rows


def _crossing(rest: float, own: float) -> float | None:
    """Weight at which two straight lines meet, if that is a weight."""
    slope = own - rest
    if abs(slope) < 1e-15:
        return None
    at = -rest / slope
    return float(at) if 0.0 <= at <= 1.0 else None


def _loses(rest: np.ndarray, unit: np.ndarray, a: int, b: int, j: int, side: int) -> bool:
    """Whether ``a`` falls behind ``b`` on that side of their crossing."""
    slope = (unit[a, j] - unit[b, j]) - (rest[a] - rest[b])
    return bool(slope * side < 0.0)


# --- people --------------------------------------------------------------------------------------------


def disagreement(
    values: Values,
    stakeholders: Mapping[str, Mapping[str, float]],
    *,
    method: Method = "weighted",
    horizon_years: float = 50.0,
) -> dict[str, Any]:
    """Each stakeholder's own ranking side by side, and where they part.

    ``concordance``: Kendall's W, 12 S / (m^2 (n^3 - n) - m sum T) with ties corrected (Kendall & Babington
    Smith 1939): 1 for equal rankings, 0 for none in common. ``acceptable``: schemes that everybody has in the
    better half. ``split``: criteria whose weights differ most. No average ranking is given, on purpose.
    """
    if not stakeholders:
        raise InputError(Fault("stakeholders", "empty", "at least one set of weights is needed"))
    faults: list[Fault] = []
    rankings = {}
    for who, points in stakeholders.items():
        try:
            rankings[who] = rank(values, points, method=method, horizon_years=horizon_years, limits=False)
        except InputError as error:
            faults += [replace(f, field=f"stakeholders.{who}.{f.field}") for f in error.faults]
    if faults:
        raise InputError(faults)
    names = list(values)
    ranks = np.array([[r.ranks[n] for n in names] for r in rankings.values()], dtype=float)
    half = math.ceil(len(names) / 2)
    criteria = list(dict.fromkeys(k for r in rankings.values() for k in r.weights))
    spread = {k: [r.weights.get(k, 0.0) for r in rankings.values()] for k in criteria}
    split = sorted(criteria, key=lambda k: min(spread[k]) - max(spread[k]))
    return {
        "rankings": {who: r.as_dict() for who, r in rankings.items()},
        "winners": {who: r.winner for who, r in rankings.items()},
        "agreed": len({r.winner for r in rankings.values()}) == 1,
        "rank_best": {n: int(ranks[:, i].min()) for i, n in enumerate(names)},
        "rank_worst": {n: int(ranks[:, i].max()) for i, n in enumerate(names)},
        "acceptable": [n for i, n in enumerate(names) if ranks[:, i].max() <= half],
        "concordance": concordance(np.array([[r.scores[n] for n in names] for r in rankings.values()])),
        "split": [{"criterion": k, "least": min(spread[k]), "most": max(spread[k])} for k in split],
    }


def concordance(scores: np.ndarray) -> float | None:
    """Kendall's W of scores (people, schemes); ``None`` for one person, or when nobody tells schemes apart."""
    from scipy.stats import rankdata

    m, n = scores.shape
    if m < 2 or n < 2:
        return None
    ranks = rankdata(np.round(scores, 12), axis=1)
    totals = ranks.sum(axis=0)
    squares = float(((totals - totals.mean()) ** 2).sum())
    ties = 0.0
    for row in ranks:
        _, counts = np.unique(row, return_counts=True)
        ties += float((counts**3 - counts).sum())
    below = m * m * (n**3 - n) - m * ties
    return 12.0 * squares / below if below > 0.0 else None


# --- futures -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Future:
    """A named future: factors on what is given (kelvins for ``warmer_k``), the same for every scheme."""

    key: str
    zh: str
    en: str
    thickness: float = 1.0
    permeability: float = 1.0
    warmer_k: float = 0.0
    demand: float = 1.0
    heat_price: float = 1.0
    electricity_price: float = 1.0
    fuel_price: float = 1.0
    capex: float = 1.0
    group: str = field(default="ground")


AS_PLANNED = Future("as_planned", "如所设", "as planned", group="base")
FUTURES: tuple[Future, ...] = (
    AS_PLANNED,
    Future("thin", "储层薄 30 %", "reservoir 30 % thinner", thickness=0.7),
    Future("tight", "渗透率减半", "half the permeability", permeability=0.5),
    Future("cool", "岩温低 5 K", "rock 5 K cooler", warmer_k=-5.0),
    Future("low_demand", "热需求少 20 %", "20 % less demand", demand=0.8, group="demand"),
    Future("high_demand", "热需求多 20 %", "20 % more demand", demand=1.2, group="demand"),
    Future("cheap_heat", "热价低 20 %", "heat sells 20 % lower", heat_price=0.8, group="prices"),
    Future("dear_power", "电价高 50 %", "electricity 50 % dearer", electricity_price=1.5, group="prices"),
    Future("dear_fuel", "燃料价翻倍", "fuel twice as dear", fuel_price=2.0, group="prices"),
    Future("dear_build", "投资高 30 %", "investment 30 % higher", capex=1.3, group="costs"),
)


def in_future(facts: Facts, future: Future) -> dict[str, float | None]:
    """KPIs of an evaluated scheme (``Evaluation.facts``) in a named future. The ground as in ``uncertainty``:
    the forecast in hand is scaled, not made anew."""
    ground = Ground(future.thickness, future.permeability, future.warmer_k, future.demand)
    there = facts if ground == Ground(1.0, 1.0, 0.0, 1.0) else facts_in(facts, ground, None)
    flow = there.flow
    moved = replace(
        flow,
        capex_cny=flow.capex_cny * future.capex,
        maintenance_cny=flow.maintenance_cny * future.capex,
        renewal_cny=flow.renewal_cny * future.capex,
        income_cny=flow.income_cny * future.heat_price,
        electricity_cny=flow.electricity_cny * future.electricity_price,
        fuel_cny=flow.fuel_cny * future.fuel_price,
    )
    return compute(replace(there, flow=moved))


def regret(outcomes: Mapping[str, Mapping[str, float | None]], *, key: str = "npv_cny") -> dict[str, Any]:
    """Regret table of ``{scheme: {future: value}}``: how far each scheme stays behind the best one of a future.

    ``least_regret``: the scheme whose largest regret is smallest (Savage 1951). ``best_share``: share of the
    futures in which a scheme is the best. A value that is missing in a future leaves that future out.
    """
    if key not in KPIS or KPIS[key].better is None:
        raise InputError(Fault("key", "unknown", f'no KPI "{key}" that can get better or worse'))
    sign = 1.0 if KPIS[key].better == "up" else -1.0
    names = list(outcomes)
    if not names:
        raise InputError(Fault("schemes", "empty", "must have at least one scheme, got none"))
    futures = [f for f in outcomes[names[0]] if all(_is_number(outcomes[n].get(f)) for n in names)]
    left_out = [f for f in outcomes[names[0]] if f not in futures]
    worth = sign * np.array([[outcomes[n][f] for f in futures] for n in names], dtype=float).reshape(
        len(names), len(futures)
    )
    best = worth.max(axis=0, initial=-math.inf)
    table = best - worth
    largest = table.max(axis=1, initial=0.0)
    tops = np.isclose(table, 0.0, atol=1e-12)
    return {
        "key": key,
        "futures": futures,
        "left_out": left_out,
        "regret": {n: dict(zip(futures, table[i].tolist(), strict=True)) for i, n in enumerate(names)},
        "largest": dict(zip(names, largest.tolist(), strict=True)),
        "mean": dict(zip(names, table.mean(axis=1).tolist() if futures else [0.0] * len(names), strict=True)),
        "best_share": dict(zip(names, (tops.mean(axis=1) if futures else largest).tolist(), strict=True)),
        "least_regret": names[int(np.argmin(largest))],
    }


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def regret_of(
    evaluations: Mapping[str, Any], *, key: str = "npv_cny", futures: Sequence[Future] = FUTURES
) -> dict[str, Any]:
    """The regret table of evaluated schemes over named futures, with the futures in words."""
    outcomes = {
        name: {f.key: in_future(evaluation.facts, f).get(key) for f in futures}
        for name, evaluation in evaluations.items()
    }
    named = {f.key: {"zh": f.zh, "en": f.en, "group": f.group} for f in futures}
    return {**regret(outcomes, key=key), "values": outcomes, "named": named}


# --- chances -------------------------------------------------------------------------------------------


def draws_of(evaluation: Any, key: str) -> np.ndarray:
    """Values of a KPI in the futures of its bands. Schemes of one seed meet the same futures in the same order
    (common random numbers), so their draws may be compared one by one."""
    values = {k: kpi.value for k, kpi in evaluation.kpis.items()}
    return np.asarray(bands_of(evaluation.scheme, evaluation.facts, values).draws[key])


def chance(a: np.ndarray, b: np.ndarray, *, key: str) -> dict[str, Any]:
    """Probability that A is better than B, over common futures: share of draws, ties counting half."""
    if a.shape != b.shape:
        raise InputError(
            Fault("seed", "unequal", "both schemes must be evaluated with the same seed and futures")
        )
    sign = 1.0 if KPIS[key].better == "up" else -1.0
    known = ~(np.isnan(a) | np.isnan(b))
    with np.errstate(invalid="ignore"):
        step = sign * (a[known] - b[known])
    step = np.where(np.isnan(step), 0.0, step)  # never against never
    share = float((step > 0.0).mean() + 0.5 * (step == 0.0).mean()) if known.any() else math.nan
    return {
        "key": key,
        "probability": share,
        "dots": round(DOTS * share) if known.any() else None,
        "alike": abs(share - 0.5) < CHANCE_LIKE / 2,
        "futures": int(known.sum()),
    }


def quantile_dots(draws: np.ndarray, count: int = DOTS) -> list[float | None]:
    """``count`` equally likely values, lowest first: quantiles at (i + 1/2)/count (Kay et al. 2016, CHI).

    Each dot stands for one future in ``count``. ``None`` for those in which it never happens.
    """
    known = np.sort(draws[~np.isnan(draws)])
    if not len(known):
        return []
    at = (np.arange(count) + 0.5) / count
    picked = np.quantile(known, at, method="inverted_cdf")
    return [float(v) if math.isfinite(v) else None for v in picked]

"""Choosing between schemes, against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scenarios.decide import (
    FUTURES,
    Future,
    chance,
    concordance,
    disagreement,
    draws_of,
    in_future,
    quantile_dots,
    ranges,
    rank,
    regret,
    regret_of,
    swing_weights,
)
from scenarios.economics import discount_factors
from scenarios.evaluate import Evaluation, evaluate
from scenarios.scheme import read_scheme
from twin_models.errors import InputError

# Unit values: NPV A 1, B 0, C 0.4; cost of heat A 0, B 1, C 0.8.
THREE: dict[str, dict[str, float | None]] = {
    "A": {"npv_cny": 10.0, "lcoh_cny_per_gj": 40.0},
    "B": {"npv_cny": 0.0, "lcoh_cny_per_gj": 20.0},
    "C": {"npv_cny": 4.0, "lcoh_cny_per_gj": 24.0},
}
EVEN = {"npv_cny": 0.5, "lcoh_cny_per_gj": 0.5}


def doublet(**more: Any) -> Evaluation:
    data = {
        "format": "geosandbox-scheme/1",
        "reservoir": {
            "extent_m": [2000, 2000],
            "origin_m": [-1000, -1000],
            "cell_m": 50,
            "boundary": "constant_pressure",
            "layers": [{"name": "sand", "top_m": 1400, "thickness_m": 40, "temperature_degc": 70}],
        },
        "wells": [
            {"name": "P", "kind": "producer", "x_m": -150, "y_m": 0, "rate_m3_h": 60},
            {"name": "I", "kind": "injector", "x_m": 150, "y_m": 0, "rate_m3_h": 60, "temperature_degc": 25},
        ],
        "years": 20,
        "uses": {"heating": {"area_m2": 60000, "load_w_m2": 40, "supply_degc": 45, "return_degc": 35}},
        **more,
    }
    return evaluate(read_scheme(data), "streamline")


@pytest.fixture(scope="module")
def base() -> Evaluation:
    return doublet()


# --- weights and rankings ----------------------------------------------------------------------------


def test_swing_points_become_weights() -> None:
    """100, 60 and 40 of 200 points."""
    weights = swing_weights({"npv_cny": 100, "lcoh_cny_per_gj": 60, "spf": 40})
    assert weights == {"npv_cny": 0.5, "lcoh_cny_per_gj": 0.3, "spf": 0.2}


@pytest.mark.parametrize(
    ("points", "line"),
    [
        ({"npv": 1}, 'error: weights.npv: no KPI "npv"'),
        ({"flow_m3_h": 1}, 'error: weights.flow_m3_h: no KPI "flow_m3_h" that can get better'),
        ({"npv_cny": -1}, "error: weights.npv_cny: must be at least 0, got -1"),
        ({"npv_cny": float("nan")}, "error: weights.npv_cny: must be at least 0, got nan"),
        ({"npv_cny": 0}, "error: weights: at least one criterion must weigh more than 0"),
        ({}, "error: weights: at least one criterion must weigh more than 0"),
    ],
)
def test_weights_that_weigh_nothing_are_refused(points: dict[str, float], line: str) -> None:
    with pytest.raises(InputError) as caught:
        swing_weights(points)
    assert caught.value.faults[0].line().startswith(line)


def test_a_weighted_ranking_and_how_firm_it_is() -> None:
    """Scores 0.5, 0.5, 0.6. C leads while 1 - x < 0.8 - 0.4 x, that is x > 1/3, and x < 0.8 - 0.4 x, x < 4/7."""
    found = rank(THREE, EVEN)
    assert found.scores == pytest.approx({"A": 0.5, "B": 0.5, "C": 0.6})
    assert found.ranks == {"C": 1, "A": 2, "B": 2} and found.winner == "C"
    assert found.parts["C"] == pytest.approx({"npv_cny": 0.2, "lcoh_cny_per_gj": 0.4})
    row = found.limits["npv_cny"]
    assert (row["lower"], row["upper"]) == (pytest.approx(1 / 3), pytest.approx(4 / 7))
    assert (row["lower_winner"], row["upper_winner"]) == ("B", "A")
    assert row["margin"] == pytest.approx(4 / 7 - 0.5)
    assert rank(THREE, {"npv_cny": 0.56, "lcoh_cny_per_gj": 0.44}).winner == "C"
    assert rank(THREE, {"npv_cny": 0.58, "lcoh_cny_per_gj": 0.42}).winner == "A"
    assert rank(THREE, {"npv_cny": 0.32, "lcoh_cny_per_gj": 0.68}).winner == "B"


def test_the_exact_limits_agree_with_a_scan_of_the_weights() -> None:
    """Five schemes, three criteria, drawn once: the winner changes within 1e-3 of each limit and not before."""
    rng = np.random.default_rng(3)
    keys = ("npv_cny", "lcoh_cny_per_gj", "co2_avoided_t_per_year")
    values = {f"S{i}": dict(zip(keys, rng.uniform(1, 9, 3).tolist(), strict=True)) for i in range(5)}
    weights = {"npv_cny": 0.3, "lcoh_cny_per_gj": 0.3, "co2_avoided_t_per_year": 0.4}
    found = rank(values, weights)
    changes = 0
    for key, row in found.limits.items():
        rest = 1.0 - weights[key]

        def winner(x: float, key: str = key, rest: float = rest) -> str:
            return rank(values, {k: x if k == key else (1 - x) * w / rest for k, w in weights.items()}).winner

        for side, out in (("lower", -1e-3), ("upper", 1e-3)):
            if row[side] is not None:
                changes += 1
                assert winner(row[side] - out) == found.winner
                assert winner(row[side] + out) == row[f"{side}_winner"]
            else:
                assert winner(0.0 if side == "lower" else 1.0) == found.winner
    assert changes >= 2


def test_topsis_is_the_one_of_the_assessments() -> None:
    """Two criteria, two mirror-image schemes and one in the middle of the ideal line: by symmetry A = B."""
    values = {"A": {"npv_cny": 1.0, "spf": 2.0}, "B": {"npv_cny": 2.0, "spf": 1.0}}
    found = rank(values, {"npv_cny": 0.5, "spf": 0.5}, method="topsis")
    assert found.scores == pytest.approx({"A": 0.5, "B": 0.5}) and found.tied == ("A", "B")


def test_never_counts_as_the_horizon_and_the_undefined_as_the_worst() -> None:
    values = {
        "A": {"lifetime_years": None, "irr_pct": None},
        "B": {"lifetime_years": 30.0, "irr_pct": 4.0},
        "C": {"lifetime_years": 20.0, "irr_pct": 9.0},
    }
    spans = ranges(values, ["lifetime_years", "irr_pct"])
    assert spans["lifetime_years"] == {"worst": 20.0, "best": 50.0}
    assert spans["irr_pct"] == {"worst": 4.0, "best": 9.0}
    assert rank(values, {"lifetime_years": 1}).winner == "A"
    assert rank(values, {"irr_pct": 1}).ranks == {"C": 1, "A": 2, "B": 2}


def test_one_scheme_is_no_ranking() -> None:
    with pytest.raises(InputError, match="at least two schemes, got 1"):
        rank({"A": THREE["A"]}, EVEN)
    with pytest.raises(InputError, match="method: must be one of weighted, topsis"):
        rank(THREE, EVEN, method="guess")  # type: ignore[arg-type]


# --- people ------------------------------------------------------------------------------------------


def test_disagreement_is_shown_and_not_averaged() -> None:
    """One wants worth (A, C, B), one cheap heat (B, C, A): opposite rankings, Kendall's W = 0."""
    found = disagreement(THREE, {"investor": {"npv_cny": 1}, "city": {"lcoh_cny_per_gj": 1}})
    assert found["winners"] == {"investor": "A", "city": "B"} and not found["agreed"]
    assert (found["rank_best"]["C"], found["rank_worst"]["C"]) == (2, 2)
    assert found["acceptable"] == ["C"]
    assert found["concordance"] == pytest.approx(0.0)
    assert found["split"][0] in ({"criterion": k, "least": 0.0, "most": 1.0} for k in EVEN)
    assert not {"mean", "average", "score"} & found.keys()
    with pytest.raises(InputError, match=r"stakeholders\.city\.weights\.npv: no KPI"):
        disagreement(THREE, {"city": {"npv": 1}})


def test_concordance_of_three_judges() -> None:
    """Ranks 1 2 3, 1 3 2, 2 1 3: totals 4, 6, 8, S = 8, W = 12 x 8 / (9 x 24) = 0.444."""
    scores = -np.array([[1, 2, 3], [1, 3, 2], [2, 1, 3]], dtype=float)
    assert concordance(scores) == pytest.approx(96 / 216)
    assert concordance(-np.array([[1.0, 2, 3], [1, 2, 3]])) == pytest.approx(1.0)
    assert concordance(scores[:1]) is None


# --- futures -----------------------------------------------------------------------------------------


def test_regret_by_hand() -> None:
    """Best 10 and 5: A stays 0 and 5 behind, B 4 and 0. The future that B has no value in is left out."""
    found = regret({"A": {"x": 10.0, "y": 0.0, "z": 1.0}, "B": {"x": 6.0, "y": 5.0, "z": None}})
    assert found["regret"] == {"A": {"x": 0.0, "y": 5.0}, "B": {"x": 4.0, "y": 0.0}}
    assert found["largest"] == {"A": 5.0, "B": 4.0} and found["least_regret"] == "B"
    assert found["best_share"] == {"A": 0.5, "B": 0.5} and found["left_out"] == ["z"]
    cheap = regret({"A": {"x": 10.0}, "B": {"x": 6.0}}, key="lcoh_cny_per_gj")
    assert cheap["regret"]["A"]["x"] == 4.0 and cheap["least_regret"] == "B"


def test_the_future_as_planned_is_the_evaluation_itself(base: Evaluation) -> None:
    found = in_future(base.facts, FUTURES[0])
    for key, kpi in base.kpis.items():
        assert found[key] == (pytest.approx(kpi.value, rel=1e-12) if kpi.value is not None else None), key


def test_dearer_building_costs_what_it_says(base: Evaluation) -> None:
    """30 % more on investment, upkeep and renewals takes 0.3 times their present value off the NPV."""
    found = in_future(base.facts, Future("dear", "", "", capex=1.3))
    flow, rate = base.facts.flow, base.facts.terms.discount_rate
    factors = discount_factors(rate, len(flow.maintenance_cny))
    built = flow.capex_cny + float((flow.maintenance_cny + flow.renewal_cny) @ factors)
    assert found["capex_cny"] == pytest.approx(1.3 * flow.capex_cny)
    assert found["npv_cny"] == pytest.approx(base.kpis["npv_cny"].value - 0.3 * built)  # type: ignore[operator]


def test_named_futures_move_what_they_name(base: Evaluation) -> None:
    named = {f.key: in_future(base.facts, f) for f in FUTURES}
    plan = named["as_planned"]
    assert named["tight"]["max_drawdown_bar"] == pytest.approx(2 * plan["max_drawdown_bar"])  # type: ignore[operator]
    assert named["thin"]["lifetime_years"] < plan["lifetime_years"]  # type: ignore[operator]
    assert named["cool"]["thermal_power_mw"] < plan["thermal_power_mw"]  # type: ignore[operator]
    assert named["cheap_heat"]["npv_cny"] < plan["npv_cny"]  # type: ignore[operator]
    assert named["dear_power"]["lcoh_cny_per_gj"] > plan["lcoh_cny_per_gj"]  # type: ignore[operator]
    assert named["low_demand"]["annual_heat_gj"] <= plan["annual_heat_gj"]  # type: ignore[operator]


def test_the_regret_table_of_evaluations_names_its_futures(base: Evaluation) -> None:
    pump = {"efficiency": 0.3}
    worse = doublet(uses={**base.scheme.uses_dict(), "pumping": pump})
    found = regret_of({"good": base, "bad": worse})
    assert found["least_regret"] == "good" and found["best_share"]["good"] == 1.0
    assert found["named"]["thin"]["zh"] == "储层薄 30 %"
    assert all(v > 0.0 for v in found["regret"]["bad"].values())


# --- chances -----------------------------------------------------------------------------------------


def test_the_chance_that_a_beats_b() -> None:
    """Against 2, 2, 2, 2: 1 loses, 2 ties, 3 and 4 win: (2 + 1/2)/4, that is 12 or 13 of 20 dots."""
    a, b = np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 2.0)
    assert chance(a, b, key="npv_cny") == {
        "key": "npv_cny",
        "probability": 0.625,
        "dots": 12,
        "alike": False,
        "futures": 4,
    }
    assert chance(a, b, key="lcoh_cny_per_gj")["probability"] == pytest.approx(0.375)
    never = np.array([np.inf, np.inf])
    assert chance(never, never, key="lifetime_years")["probability"] == 0.5
    with pytest.raises(InputError, match="same seed"):
        chance(a, b[:2], key="npv_cny")


def test_common_futures_tell_apart_what_bands_do_not(base: Evaluation) -> None:
    """2 % less heat price is far inside the band of the NPV, but worse in every single future."""
    price = base.facts.terms.heat_price("m2")[1]
    poorer = evaluate(read_scheme_with(base, economics={"heat_price_cny_per_m2": 0.98 * price}), "streamline")
    a, b = draws_of(base, "npv_cny"), draws_of(poorer, "npv_cny")
    assert chance(a, b, key="npv_cny")["probability"] == 1.0
    assert a.min() < b.max()
    assert chance(a, a, key="npv_cny")["alike"]


def read_scheme_with(base: Evaluation, **changes: Any) -> Any:
    from scenarios.schema_io import freeze

    return replace(base.scheme, **{k: freeze(v) for k, v in changes.items()})


def test_twenty_dots_are_the_quantiles() -> None:
    assert quantile_dots(np.arange(1.0, 21.0)) == [float(i) for i in range(1, 21)]
    assert quantile_dots(np.array([5.0, np.inf, np.nan]), 4) == [5.0, 5.0, None, None]
    assert quantile_dots(np.array([np.nan])) == []

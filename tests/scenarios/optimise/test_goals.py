"""Goals as people write them: what they mean, and why some are refused."""

from __future__ import annotations

import pytest

from scenarios.optimise.goals import Limit, read_goals
from twin_models.errors import InputError


def test_a_limit_is_missed_by_its_relative_distance() -> None:
    """50 asked and 40 reached misses by 10/50; 45 with at most 36 misses by 9/36."""
    assert Limit("flow_m3_h", ">=", 50.0).violation({"flow_m3_h": 40.0}) == pytest.approx(0.2)
    assert Limit("lcoh_cny_per_gj", "<=", 36.0).violation({"lcoh_cny_per_gj": 45.0}) == pytest.approx(0.25)
    assert Limit("flow_m3_h", ">=", 50.0).violation({"flow_m3_h": 50.0}) == 0.0


def test_never_keeps_a_limit_on_lifetime_and_misses_any_other() -> None:
    assert Limit("lifetime_years", ">=", 20.0).violation({"lifetime_years": None}) == 0.0
    assert Limit("lifetime_years", "<=", 20.0).violation({"lifetime_years": None}) == 1.0
    assert Limit("irr_pct", ">=", 5.0).violation({"irr_pct": None}) == 1.0


def test_the_direction_is_the_better_one_unless_told() -> None:
    assert read_goals("npv_cny").objective.direction == "maximise"
    assert read_goals("lcoh_cny_per_gj").objective.direction == "minimise"
    assert read_goals("npv_cny", minimise=True).objective.direction == "minimise"
    assert read_goals("flow_m3_h").objective.direction == "maximise"


def test_limits_come_before_the_objective_in_a_ranking() -> None:
    goals = read_goals("npv_cny", limits=["capex_cny<=100"])
    rich = {"npv_cny": 9.0, "capex_cny": 200.0}
    poor = {"npv_cny": 1.0, "capex_cny": 100.0}
    assert goals.rank_key(poor) < goals.rank_key(rich)
    assert goals.missed(rich) == list(goals.limits) and goals.missed(poor) == []


def test_a_lifetime_beyond_the_horizon_is_told_apart_by_the_heat_that_is_left() -> None:
    merit = read_goals("lifetime_years", horizon_years=30.0).objective.merit
    never_cold = {"lifetime_years": None, "temperature_decline_k": 0.1}
    never = {"lifetime_years": None, "temperature_decline_k": 2.0}
    assert merit(never_cold) > merit(never) > merit({"lifetime_years": 29.9, "temperature_decline_k": 5.0})


def test_ways_to_write_a_limit() -> None:
    goals = read_goals("npv_cny", limits=[" spf >= 3", "capex_cny<1e8", "spf>=4", "demand_met_pct=100"])
    assert [limit.text() for limit in goals.limits] == [
        "spf>=4",
        "capex_cny<=100000000",
        "demand_met_pct>=100",
        "demand_met_pct<=100",
    ]


@pytest.mark.parametrize(
    ("objective", "limits", "line"),
    [
        ("npv", [], 'error: objective: no KPI "npv"; did you mean "npv_cny"?'),
        (
            "probability_npv_negative_pct",
            [],
            "error: objective: probability_npv_negative_pct is known only",
        ),
        ("npv_cny", ["spf"], 'error: constraint[0]: must look like KPI>=VALUE or KPI<=VALUE, got "spf"'),
        ("npv_cny", ["spf>=x"], "error: constraint[0]: spf must be compared with a finite number, got x"),
        (
            "npv_cny",
            ["spf>=nan"],
            "error: constraint[0]: spf must be compared with a finite number, got nan",
        ),
        ("npv_cny", ["spff>=1"], 'error: constraint[0]: no KPI "spff"; did you mean "spf"?'),
        ("npv_cny", ["spf>=4", "spf<=3"], "error: constraint spf>=4: cannot hold together with spf<=3"),
        (
            "npv_cny",
            ["demand_met_pct>=101"],
            "error: constraint demand_met_pct>=101: demand_met_pct never goes above 100",
        ),
        (
            "npv_cny",
            ["max_drawdown_bar<=-1"],
            "error: constraint max_drawdown_bar<=-1: max_drawdown_bar never goes below 0",
        ),
        (
            "npv_cny",
            ["lifetime_years>=50"],
            "error: constraint lifetime_years>=50: the scheme is computed for 30 years only",
        ),
    ],
)
def test_goals_that_cannot_be_are_refused_with_the_reason(
    objective: str, limits: list[str], line: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_goals(objective, limits=limits)
    [fault] = caught.value.faults
    assert fault.line().startswith(line)
    assert fault.context["text_zh"]


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        read_goals("np", limits=["a>=1", "spf~2"])
    assert [f.field for f in caught.value.faults] == ["objective", "constraint[0]", "constraint[1]"]

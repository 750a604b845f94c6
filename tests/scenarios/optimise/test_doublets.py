"""The curve over the number of doublets, and points of the Pareto set, on a small box."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.optimise import make_problem, pareto, read_goals, report, suggest
from scenarios.optimise.doublets import as_rows, curve, points_of
from scenarios.scheme import read_scheme
from tests.scenarios.test_futures import BOX
from twin_models.errors import InputError

BUDGET = 40


@pytest.fixture(scope="module")
def problem() -> Any:
    return make_problem(read_scheme(BOX), read_goals("npv_cny"), doublets=1)


@pytest.fixture(scope="module")
def found(problem: Any) -> Any:
    return suggest(problem, budget=BUDGET, seed=3)


def test_every_number_is_simulated_and_the_same_for_the_same_seed(problem: Any) -> None:
    points = curve(problem, 1, budget=24, seed=1)
    assert [p.producers for p in points] == sorted({p.producers for p in points})
    assert len(points) >= 2
    assert all(p.state == "simulated" for p in points)
    again = curve(problem, 1, budget=24, seed=1)
    assert as_rows(again, "npv_cny") == as_rows(points, "npv_cny")
    with pytest.raises(InputError):
        curve(problem, 0)


def test_numbers_of_one_search_are_confirmed(found: Any) -> None:
    points = points_of(found)
    assert {p.producers for p in points} >= {1}
    assert all(p.state == "simulated" for p in points)


def test_points_of_the_set_are_schemes_and_none_beats_another(found: Any) -> None:
    points = pareto.points_of(found)
    assert sum(p.is_start for p in points) == 1
    others = [p for p in points if not p.is_start]
    assert others
    assert not any(p.beaten for p in others)
    assert set(pareto.axes(points)) <= set(pareto.AXES)
    assert pareto.settle(others[0]).state == "simulated"
    rows = report(found)["pareto"]
    assert all(read_scheme(row["scheme"]).wells for row in rows)

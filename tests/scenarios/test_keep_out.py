"""Keep-out areas: read from a file, named by the checks, kept by handles and by proposals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scenarios.checks import check_layout, check_well, nearest_legal
from scenarios.keep_out import area_m2, read_rings, set_rings
from scenarios.optimise import make_problem, read_goals
from scenarios.scheme import read_scheme, to_dict
from tests.scenarios.test_futures import BOX
from twin_models.errors import InputError
from twin_models.site_types import point_in_ring

SQUARE = [[1500, 1400], [1900, 1400], [1900, 1700], [1500, 1700]]


@pytest.fixture(scope="module")
def scheme() -> Any:
    return read_scheme(BOX | {"keep_out": [SQUARE]})


def test_a_ring_comes_back_from_the_file_and_changes_no_figure(scheme: Any) -> None:
    assert read_scheme(to_dict(scheme)) == scheme
    assert scheme != read_scheme(BOX)
    assert scheme.key() == read_scheme(BOX).key()
    assert area_m2(scheme.keep_out[0]) == 400 * 300


def test_a_planned_well_inside_breaks_a_hard_rule_and_a_drilled_one_does_not(scheme: Any) -> None:
    """I1 at (1600, 1500) is 100 m from the nearest side of the square."""
    [found] = [f for f in check_layout(scheme, None) if f.rule == "keep_out"]
    assert (found.well, found.severity, found.distance_m) == ("I1", "hard", -100.0)
    assert found.text_zh.startswith("I1 井")
    drilled = replace(scheme, wells=(scheme.wells[0], replace(scheme.wells[1], existing=True)))
    assert all(f.rule != "keep_out" for f in check_well(drilled, None, well="I1"))


def test_the_handle_stops_at_the_edge(scheme: Any) -> None:
    x, y = nearest_legal(scheme, None, well="P1", x_m=1520.0, y_m=1550.0)
    assert x == pytest.approx(1500.0, abs=0.05)
    assert y == pytest.approx(1550.0, abs=0.05)
    assert not point_in_ring(x, y, scheme.keep_out[0])


def test_proposals_respect_the_scheme_s_own_areas(scheme: Any) -> None:
    problem = make_problem(scheme, read_goals("npv_cny"))
    inside = problem.legal_place(scheme, "P1", (1700.0, 1550.0))
    assert inside is None or not point_in_ring(
        inside.well("P1").x_m, inside.well("P1").y_m, scheme.keep_out[0]
    )


@pytest.mark.parametrize(
    ("ring", "said"),
    [
        ([[0, 0], [10, 10]], "corners"),
        ([[0, 0], [100, 100], [100, 0], [0, 90]], "crosses itself"),
        ([[0, 0], [10, 0], [20, 0]], "no area"),
        ([[0, 0], [1e9, 0], [0, 5]], "within"),
        ("everywhere", "points"),
        ([[0, 0], [1, True], [0, 5]], "points"),
    ],
)
def test_rings_that_are_none_are_refused_by_name(ring: Any, said: str) -> None:
    rings, [fault] = read_rings([SQUARE, ring])
    assert len(rings) == 1
    assert fault.field == "keep_out[1]"
    assert said in fault.text
    with pytest.raises(InputError):
        read_scheme(BOX | {"keep_out": [ring]})


def test_setting_areas_is_an_edit(scheme: Any) -> None:
    now, edit = set_rings(scheme, [])
    assert now.keep_out == ()
    assert edit.label_en == "Remove a keep-out area"
    assert set_rings(now, [SQUARE])[0] == scheme

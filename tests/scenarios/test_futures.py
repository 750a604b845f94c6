"""Possible futures: correlation, common random numbers, luck with the drill, twenty dots."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scenarios.evaluate import evaluate
from scenarios.futures import (
    Ensemble,
    better_share,
    correlated,
    extra_attempts,
    percentiles,
    scaled_maps,
    twenty,
    unit_shares,
    usual_beliefs,
)
from scenarios.scheme import read_scheme
from scenarios.uncertainty import Ground, unit_draws
from twin_models.errors import InputError

BOX = {
    "format": "geosandbox-scheme/1",
    "reservoir": {
        "extent_m": [3000, 3000],
        "cell_m": 100,
        "boundary": "constant_pressure",
        "layers": [
            {"name": "upper", "top_m": 1400, "thickness_m": 30, "cells": 1, "porosity": 0.25,
             "permeability_md": 400, "temperature_degc": 68},
            {"name": "lower", "top_m": 1450, "thickness_m": 60, "cells": 1, "porosity": 0.25,
             "permeability_md": 600, "temperature_degc": 71},
        ],
    },
    "wells": [
        {"name": "P1", "kind": "producer", "x_m": 1000, "y_m": 1500, "rate_m3_h": 200},
        {"name": "I1", "kind": "injector", "x_m": 1600, "y_m": 1500, "rate_m3_h": 200, "temperature_degc": 30},
    ],
    "years": 20,
    "season_days": 300,
    "uses": {"heating": {"area_m2": 120000}},
}  # fmt: skip


@pytest.fixture(scope="module")
def scheme() -> Any:
    return read_scheme(BOX)


@pytest.fixture(scope="module")
def near(scheme: Any) -> Any:
    """The same with the injector 300 m nearer: colder water sooner, so never better."""
    moved = scheme.wells[1].with_well(x_m=1300.0)
    return replace(scheme, wells=(scheme.wells[0], replace(moved, head_x_m=1300.0)))


def made(scheme: Any, count: int = 40, **beliefs: Any) -> Ensemble:
    held = replace(usual_beliefs(scheme, count=count), **beliefs)
    ensemble = Ensemble(scheme, evaluate(scheme, "streamline").facts, held)
    ensemble.advance(count)
    return ensemble


def test_ranks_are_correlated_as_asked_and_values_stay() -> None:
    """With 400 draws the rank correlation of two columns comes within 0.05 of the one asked for."""
    scores = unit_draws(3, 400, 3)
    wanted = np.array([[1.0, 0.7, 0.0], [0.7, 1.0, 0.0], [0.0, 0.0, 1.0]])
    out = correlated(scores, wanted)
    assert np.array_equal(np.sort(out, axis=0), np.sort(scores, axis=0))
    found = np.corrcoef(out, rowvar=False)
    assert found == pytest.approx(wanted, abs=0.05)
    one = correlated(scores[:, :2], np.ones((2, 2)))
    assert np.corrcoef(one, rowvar=False)[0, 1] == pytest.approx(1.0, abs=1e-9)


def test_units_count_by_their_transmissivity(scheme: Any) -> None:
    """kh: upper 400 x 30 = 12000, lower 600 x 60 = 36000: shares 1/4 and 3/4."""
    assert unit_shares(scheme, {"upper": 0, "lower": 0}) == pytest.approx([0.25, 0.75])


def test_independent_units_spread_less_than_dependent_ones(scheme: Any) -> None:
    """Variance of the mean of two equal independent units with weights 1/4, 3/4: 10/16 of the dependent one."""
    facts = evaluate(scheme, "streamline").facts
    apart = Ensemble(scheme, facts, replace(usual_beliefs(scheme, count=400), between_units=0.0))
    alike = Ensemble(scheme, facts, replace(usual_beliefs(scheme, count=400), between_units=1.0))
    ratio = apart.ground[:, 2].var() / alike.ground[:, 2].var()
    assert ratio == pytest.approx(10.0 / 16.0, rel=0.08)


def test_failed_wells_are_geometric_and_the_same_everywhere(scheme: Any) -> None:
    """With success p the mean number of failures before it is (1 - p)/p: 0.25 at 80 %."""
    beliefs = replace(usual_beliefs(scheme, count=2000), drilling_success_pct=80.0)
    lost = extra_attempts("P1", beliefs)
    assert lost.mean() == pytest.approx(0.25, abs=0.05)
    assert np.array_equal(lost, extra_attempts("P1", beliefs))
    assert not np.array_equal(lost, extra_attempts("I1", beliefs))
    sure = replace(beliefs, drilling_success_pct=100.0)
    assert not extra_attempts("P1", sure).any()


def test_a_scheme_is_not_better_than_itself_and_a_worse_one_seldom_is(scheme: Any, near: Any) -> None:
    own, other = made(scheme), made(near)
    key = "temperature_decline_k"
    assert better_share(own.values[key], own.values[key], key=key) == 0.5
    assert better_share(own.values[key], other.values[key], key=key) == 1.0
    dots = twenty(own.values[key], other.values[key], key=key)
    assert len(dots) == 20
    assert all(d["good"] for d in dots)
    assert len({d["future"] for d in dots}) == 20


def test_dots_agree_with_the_probability(scheme: Any) -> None:
    """Half of 40 futures above zero are ten of twenty dots, worst first."""
    values = np.arange(40.0) - 19.5
    dots = twenty(values, None, key="npv_cny")
    assert sum(d["good"] for d in dots) == 10
    assert [d["value"] for d in dots] == sorted(d["value"] for d in dots)
    assert percentiles(np.r_[values[:30], np.full(10, np.inf)])[2] is None


def test_parts_are_the_whole_and_a_later_price_changes_money_only(scheme: Any) -> None:
    whole = made(scheme)
    parts = Ensemble(scheme, whole.facts, whole.beliefs)
    while not parts.complete:
        parts.advance(7)
    for key, values in whole.values.items():
        assert np.array_equal(values, parts.values[key], equal_nan=True)
    dear = made(scheme, market={**whole.beliefs.market, "heat_price_pct": (-50.0, 50.0)})
    assert np.array_equal(dear.values["temperature_decline_k"], whole.values["temperature_decline_k"])
    assert dear.values["npv_cny"].std() > whole.values["npv_cny"].std()


def test_maps_follow_the_ground() -> None:
    """Half as fast through twice the thickness: the map of year 10 is the one of year 5; 2 K warmer rock keeps the
    share of the way down to the injected 30: 30 + (70 + 2 - 30) (50 - 30)/(70 - 30) = 51."""
    years = np.array([0.0, 5.0, 10.0])
    maps = np.array([70.0, 50.0, 40.0])[:, None, None] * np.ones((3, 2, 2))
    slow = scaled_maps(years, maps, Ground(2.0, 1.0, 0.0, 1.0), np.array([30.0]))
    assert slow[2] == pytest.approx(np.full((2, 2), 50.0))
    warm = scaled_maps(years, maps, Ground(1.0, 1.0, 2.0, 1.0), np.array([30.0]))
    assert warm[1] == pytest.approx(np.full((2, 2), 51.0))


@pytest.mark.parametrize(
    ("path", "low", "high"),
    [
        ("units.upper.thickness_pct", 10.0, 20.0),
        ("market.capex_pct", -95.0, 10.0),
        ("market.luck", -1.0, 1.0),
    ],
)
def test_impossible_ranges_are_refused_at_their_field(
    scheme: Any, path: str, low: float, high: float
) -> None:
    with pytest.raises(InputError) as caught:
        usual_beliefs(scheme).with_range(path, low, high)
    assert caught.value.faults[0].field == f"futures.{path}"
    with pytest.raises(InputError):
        usual_beliefs(scheme).with_share("drilling_success_pct", 0.0)
    assert not math.isnan(usual_beliefs(scheme).with_share("between_units", 1.0).between_units)

"""Why a figure changed: shares that add up, against games and cash flows worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scenarios.causes import (
    GROUPS,
    by_input,
    changed_groups,
    hybrid,
    hybrids,
    lcoh_ways,
    npv_ways,
    parts_of,
    shapley,
)
from scenarios.evaluate import Evaluation, evaluate
from scenarios.kpis import KPIS
from scenarios.schema_io import FrozenDict
from scenarios.scheme import Scheme, read_scheme


def scheme(**more: Any) -> Scheme:
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
        "years": 10,
        "uses": {"heating": {"area_m2": 60000, "load_w_m2": 40, "supply_degc": 45, "return_degc": 35}},
    }
    return read_scheme({**data, **more})


def run(one: Scheme) -> Evaluation:
    return evaluate(one, "streamline")


@pytest.fixture(scope="module")
def before() -> Evaluation:
    return run(scheme())


@pytest.fixture(scope="module")
def after() -> Evaluation:
    """Everything changed: a well moved, more area, another discount rate."""
    start = scheme(economics={"discount_rate": 0.05})
    area = FrozenDict({"heating": {**start.uses["heating"], "area_m2": 80000}})
    wells = (start.wells[0].with_well(x_m=-300.0), start.wells[1])
    return run(replace(start, wells=wells, uses=area))


def test_shapley_of_a_game_by_hand() -> None:
    """v(a) = 1, v(b) = 2, v(ab) = 6: a adds 1 first and 4 last, so 2.5; b adds 2 or 5, so 3.5."""
    worth = {(): 0.0, ("a",): 1.0, ("b",): 2.0, ("a", "b"): 6.0}
    assert shapley(("a", "b"), worth.__getitem__) == {"a": 2.5, "b": 3.5}


def test_what_belongs_to_which_group() -> None:
    assert parts_of("station") == ("uses",)
    assert "wells" in parts_of("reservoir")
    assert "name" not in parts_of("reservoir")
    start = scheme()
    assert changed_groups(start, replace(start, name="other", note="said")) == ()
    assert changed_groups(start, replace(start, years=9.0)) == ("reservoir",)


def test_hybrids_take_whole_groups(before: Evaluation, after: Evaluation) -> None:
    between = hybrids(before.scheme, after.scheme)
    assert len(between) == 6  # three groups: every subset but none and all
    some = between[("station",)]
    assert some.uses == after.scheme.uses
    assert some.wells == before.scheme.wells
    assert hybrid(before.scheme, after.scheme, GROUPS).key() == after.scheme.key()
    assert hybrids(before.scheme, replace(before.scheme, years=9.0)) == {}


def test_shares_add_up_to_the_change(before: Evaluation, after: Evaluation) -> None:
    between = {some: run(one) for some, one in hybrids(before.scheme, after.scheme).items()}
    shares = by_input(before, after, between)
    assert len(shares) > 10
    for key, share in shares.items():
        change = after.kpis[key].value - before.kpis[key].value
        assert sum(share.values()) == pytest.approx(change, rel=1e-9, abs=1e-9), key
    assert KPIS["flow_m3_h"].key in shares
    # Money does not move water: the discount rate has no share in heat, the area none in the flow.
    assert shares["annual_heat_gj"]["economics"] == pytest.approx(0.0, abs=1e-9)
    assert shares["flow_m3_h"]["station"] == pytest.approx(0.0, abs=1e-9)


def test_a_single_group_takes_all(before: Evaluation) -> None:
    moved = run(
        replace(before.scheme, wells=(before.scheme.wells[0].with_well(x_m=-400.0), before.scheme.wells[1]))
    )
    shares = by_input(before, moved, {})
    assert shares["npv_cny"] == pytest.approx(
        {"reservoir": moved.kpis["npv_cny"].value - before.kpis["npv_cny"].value}
    )


def test_ways_of_money_add_up(before: Evaluation, after: Evaluation) -> None:
    ways = npv_ways(before, after)
    change = after.kpis["npv_cny"].value - before.kpis["npv_cny"].value
    assert sum(ways.values()) == pytest.approx(change, rel=1e-9)
    lcoh = lcoh_ways(before, after)
    assert lcoh is not None
    change = after.kpis["lcoh_cny_per_gj"].value - before.kpis["lcoh_cny_per_gj"].value
    assert sum(lcoh.values()) == pytest.approx(change, rel=1e-9)


def test_dearer_electricity_moves_npv_by_the_electricity_alone(before: Evaluation) -> None:
    """A price doubled: the electricity's present value is lost once more, nothing else changes."""
    price = before.terms.electricity_price_cny_per_kwh
    dear = run(scheme(economics={"electricity_price_cny_per_kwh": 2 * price}))
    ways = npv_ways(before, dear)
    assert ways["electricity"] < 0.0
    assert {k: v for k, v in ways.items() if k != "electricity"} == pytest.approx(
        dict.fromkeys([k for k in ways if k != "electricity"], 0.0), abs=1e-6
    )

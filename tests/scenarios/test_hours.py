"""A scheme's heating by the hour agrees with its season means."""

from __future__ import annotations

import json

import pytest

from scenarios.evaluate import Evaluation, evaluate
from scenarios.hours import year_of_hours
from scenarios.scheme import read_scheme
from twin_models.sites import assets_dir
from twin_models.uses.dispatch import Network, Tank


@pytest.fixture(scope="module")
def linked() -> Evaluation:
    path = assets_dir() / "sites" / "linqing-ab" / "schemes" / "linked.json"
    return evaluate(read_scheme(json.loads(path.read_text(encoding="utf-8"))), "streamline")


def test_the_hours_add_up_to_the_season(linked: Evaluation) -> None:
    """Load and delivered heat of the first year within 3 % of the live figures: neither wells nor load swing much."""
    year = year_of_hours(linked.facts.plan, linked.facts.run)
    flow = linked.cash_flow
    assert year.totals["load_mwh"] * 3.6 == pytest.approx(flow.demand_gj[0], rel=0.03)
    delivered = (year.totals["load_mwh"] - year.totals["unmet_mwh"]) * 3.6
    assert delivered == pytest.approx(flow.heat_gj[0], rel=0.03)


def test_losses_need_more_and_a_tank_helps(linked: Evaluation) -> None:
    plan, run = linked.facts.plan, linked.facts.run
    bare = year_of_hours(plan, run)
    lossy = year_of_hours(plan, run, network=Network(4000.0))
    assert lossy.need.sum() > bare.need.sum()
    assert lossy.totals["unmet_mwh"] >= bare.totals["unmet_mwh"]
    held = year_of_hours(plan, run, network=Network(4000.0), tank=Tank(2000.0))
    assert held.totals["unmet_mwh"] <= lossy.totals["unmet_mwh"] + 1e-6
    assert held.totals["electricity_cny"] < lossy.totals["electricity_cny"]
    assert held.totals["tank_loss_mwh"] > 0.0


def test_behind_hotter_uses_less_is_left(linked: Evaluation) -> None:
    scheme = linked.scheme
    data = {**scheme.uses_dict(), "wellness": {"pools_m2": 2000}}
    from dataclasses import replace

    from scenarios.schema_io import FrozenDict

    both = evaluate(replace(scheme, uses=FrozenDict(data)), "streamline")
    one = year_of_hours(linked.facts.plan, linked.facts.run)
    two = year_of_hours(both.facts.plan, both.facts.run)
    assert two.exchange.sum() < one.exchange.sum()

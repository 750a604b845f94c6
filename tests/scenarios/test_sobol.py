"""Sobol indices: a model whose indices are known, and a scheme whose price must matter to its worth but not to its heat."""

from __future__ import annotations

import pytest

from scenarios.evaluate import evaluate
from scenarios.kpi_formulas import Facts
from scenarios.scheme import read_scheme
from scenarios.sobol import indices_of, sobol
from tests.scenarios.test_uses import doublet
from twin_models.base import Cancelled
from twin_models.errors import InputError


@pytest.fixture(scope="module")
def facts() -> Facts:
    heating = {"area_m2": 9e4, "load_w_m2": 32, "season_days": 120}
    return evaluate(read_scheme(doublet(uses={"heating": heating}, years=10)), "streamline").facts


def test_indices_of_a_sum_by_hand() -> None:
    """y = 3 a + 4 b + 0 c of uniform inputs: variances 9/12 and 16/12, so that first order and total alike are 0.36, 0.64, 0."""
    found, values = indices_of(lambda x: 3.0 * x[:, 0] + 4.0 * x[:, 1], ("a", "b", "c"), samples=128, seed=1)
    assert len(values) == 128 * 5
    shares = {row.key: (row.first, row.total) for row in found}
    assert [row.key for row in found] == ["b", "a", "c"]
    for key, share in (("a", 0.36), ("b", 0.64), ("c", 0.0)):
        assert shares[key] == pytest.approx((share, share), abs=0.04)


def test_an_interaction_shows_in_the_total_only_by_hand() -> None:
    """y = (a - 1/2)(b - 1/2): no input matters alone, both matter wholly together."""
    found, _ = indices_of(lambda x: (x[:, 0] - 0.5) * (x[:, 1] - 0.5), ("a", "b"), samples=128, seed=1)
    for row in found:
        assert row.first == pytest.approx(0.0, abs=0.15) and row.total == pytest.approx(1.0, abs=0.15)
    assert indices_of(lambda x: 0.0 * x[:, 0], ("a", "b"), samples=8, seed=1)[0] == ()


def test_price_moves_worth_and_not_heat(facts: Facts) -> None:
    worth = {row.key: row for row in sobol(facts, samples=16).indices}
    heat = {row.key: row for row in sobol(facts, "annual_heat_gj", samples=16).indices}
    assert worth["heat_price_pct"].total > 0.1
    assert heat["heat_price_pct"].total == pytest.approx(0.0, abs=1e-9)
    assert heat["demand_pct"].total > 0.5
    assert sobol(facts, samples=16) == sobol(facts, samples=16)


def test_refusals(facts: Facts) -> None:
    for kpi, samples, word in (
        ("wealth", 16, "kpi"),
        ("npv_cny", 17, "samples"),
        ("reinjection_ratio_pct", 16, "kpi"),
    ):
        with pytest.raises(InputError) as caught:
            sobol(facts, kpi, samples=samples)
        assert caught.value.faults[0].field == word
    with pytest.raises(Cancelled):
        sobol(facts, samples=16, cancel=lambda: True)

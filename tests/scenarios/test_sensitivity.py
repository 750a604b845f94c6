"""One assumption at a time, against numbers that follow from the cash flow by hand."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.economics import discount_factors
from scenarios.evaluate import Evaluation, evaluate
from scenarios.scheme import read_scheme
from scenarios.sensitivity import tornado
from twin_models.base import Cancelled
from twin_models.sites import assets_dir


@pytest.fixture(scope="module")
def result() -> Evaluation:
    return evaluate(read_scheme(assets_dir() / "sites" / "caofeidian" / "schemes" / "baseline.json"))


def swing(result: Evaluation, key: str, kpi: str = "npv_cny"):
    return next(s for s in tornado(result.facts, kpi) if s.key == key)


def test_heat_price_moves_the_value_by_its_share_of_the_income(result: Evaluation) -> None:
    """NPV is linear in income: +-p % change it by p % of the discounted income."""
    flow, terms = result.cash_flow, result.terms
    worth = float(np.asarray(flow.income_cny) @ discount_factors(terms.discount_rate, len(flow.income_cny)))
    low_pct, high_pct = terms.uncertainty["heat_price_pct"]
    found = swing(result, "heat_price_pct")
    assert found.low == pytest.approx(worth * low_pct / 100.0, rel=1e-9)
    assert found.high == pytest.approx(worth * high_pct / 100.0, rel=1e-9)


def test_investment_moves_upkeep_and_renewals_too(result: Evaluation) -> None:
    flow, terms = result.cash_flow, result.terms
    upkeep = np.asarray(flow.maintenance_cny) + np.asarray(flow.renewal_cny)
    cost = flow.capex_cny + float(upkeep @ discount_factors(terms.discount_rate, len(upkeep)))
    high_pct = terms.uncertainty["capex_pct"][1]
    assert swing(result, "capex_pct").high == pytest.approx(-cost * high_pct / 100.0, rel=1e-9)


def test_drawdown_follows_permeability(result: Evaluation) -> None:
    """Drawdown goes as 1/k: at k x f it is value / f."""
    value = result.kpis["max_drawdown_bar"].value
    low_pct = result.terms.uncertainty["permeability_pct"][0]
    expected = value / (1.0 + low_pct / 100.0) - value
    assert swing(result, "permeability_pct", "max_drawdown_bar").low == pytest.approx(expected, rel=1e-6)


def test_largest_first_and_every_assumption_once(result: Evaluation) -> None:
    swings = tornado(result.facts)
    assert [s.size for s in swings] == sorted((s.size for s in swings), reverse=True)
    assert len({s.key for s in swings}) == len(swings) == 8


def test_unknown_kpi_and_cancelling(result: Evaluation) -> None:
    with pytest.raises(KeyError):
        tornado(result.facts, "happiness")
    with pytest.raises(Cancelled):
        tornado(result.facts, cancel=lambda: True)

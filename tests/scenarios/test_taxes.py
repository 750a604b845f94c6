"""Taxes and subsidies as options of a scheme: by hand, and through all money figures."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.cash_flow import capex_of
from scenarios.economics import npv
from scenarios.evaluate import Evaluation, evaluate
from scenarios.scheme import read_scheme
from scenarios.taxes import profit_tax
from tests.scenarios.test_uses import doublet

HEATING = {"area_m2": 2.2e5, "load_w_m2": 32, "design_load_w_m2": 40, "season_days": 130}


def run(**economics: object) -> Evaluation:
    data = doublet(uses={"heating": HEATING}, economics={"heat_price_cny_per_gj": 120, **economics})
    return evaluate(read_scheme(data), "streamline", bands=True)


@pytest.fixture(scope="module")
def plain() -> Evaluation:
    return run()


def test_tax_by_hand() -> None:
    """100 written off over 2 years; profits 30, 70, 60, 10. Taxable -20, 20, 60, 10: the loss covers the second year, so
    25 % of 0, 0, 60, 10 is paid."""
    paid = profit_tax(np.array([30.0, 70.0, 60.0, 10.0]), 100.0, pct=25.0, years=2.0)
    assert paid.tolist() == [0.0, 0.0, 15.0, 2.5]
    many = profit_tax(np.array([[30.0, 70.0], [80.0, 80.0]]), np.array([100.0, 40.0]), pct=50.0, years=2.0)
    assert many.tolist() == [[0.0, 0.0], [30.0, 30.0]]
    assert not profit_tax(np.array([-5.0, -1.0]), 10.0, pct=25.0, years=1.0).any()
    half = profit_tax(np.array([60.0, 60.0]), 100.0, pct=10.0, years=1.5)  # 66.7 and 33.3 written off
    assert half == pytest.approx([0.0, 10.0 / 100.0 * 20.0])


def test_tax_lowers_worth_and_not_the_levelised_cost(plain: Evaluation) -> None:
    taxed = run(income_tax_pct=25)
    flow = taxed.cash_flow
    assert flow.tax_cny.sum() > 0.0 and not plain.cash_flow.tax_cny.any()
    assert flow.net_cny == pytest.approx(flow.income_cny - flow.costs_cny - flow.tax_cny - flow.baseline_cny)
    worth = npv(np.concatenate(([-flow.capex_cny], flow.net_cny)), taxed.terms.discount_rate)
    assert taxed.kpis["npv_cny"].value == pytest.approx(float(worth))
    assert taxed.kpis["npv_cny"].value < plain.kpis["npv_cny"].value
    assert taxed.kpis["npv_cny"].high < plain.kpis["npv_cny"].high  # the bands pay it too
    assert taxed.kpis["lcoh_cny_per_gj"].value == plain.kpis["lcoh_cny_per_gj"].value
    slower = run(income_tax_pct=25, depreciation_years=5)
    assert slower.kpis["npv_cny"].value > taxed.kpis["npv_cny"].value  # written off sooner, paid later


def test_a_subsidy_on_heat_is_income_for_its_years(plain: Evaluation) -> None:
    aided = run(heat_subsidy_cny_per_gj=20, heat_subsidy_years=2.5)
    paid = aided.cash_flow.income_by_use["subsidy"]
    heat = aided.cash_flow.heat_gj
    assert paid[:4] == pytest.approx([20 * heat[0], 20 * heat[1], 10 * heat[2], 0.0])
    assert aided.cash_flow.income_cny == pytest.approx(plain.cash_flow.income_cny + paid)
    longer = run(heat_subsidy_cny_per_gj=20, heat_subsidy_years=12)
    assert longer.kpis["npv_cny"].value > aided.kpis["npv_cny"].value > plain.kpis["npv_cny"].value


@pytest.mark.parametrize("key", ["income_tax_pct", "heat_subsidy_cny_per_gj", "depreciation_years"])
def test_a_negative_option_is_refused_at_its_field(key: str) -> None:
    from twin_models.errors import InputError

    with pytest.raises(InputError) as caught:
        run(**{key: -1})
    assert [f.field for f in caught.value.faults] == [f"economics.{key}"]


def test_what_has_a_life_is_bought_again() -> None:
    """A plant with a life of 12 a in 30 a is bought again in the years 12 and 24; without power nothing is."""
    data = doublet(uses={"power": {}}, season_days=365.25, economics={"costs": {"orc_life_years": 12}})
    data["reservoir"]["layers"][0]["temperature_degc"] = 120
    found = evaluate(read_scheme(data), "streamline").cash_flow
    price = found.capex["orc"]
    pump = found.capex["well_pump"]
    again = found.renewal_cny
    assert again[11] == pytest.approx(price) and again[23] == pytest.approx(price)
    assert again[4] == pytest.approx(pump)
    assert capex_of({"orc": 2.0}, {"orc": 3.0, "contingency_pct": 0.0})["orc"] == 6.0

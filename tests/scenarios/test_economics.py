"""Measures of cash flows, and the money terms of a scheme."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.economics import cash_flow_metrics, irr, irr_rows, npv, parse_terms, payback
from twin_models.errors import InputError

# GEOPHIRES-X v3.11.12 examples 2 and 4 (MIT licence), figures of their result files: yearly energy in GWh.
EX2_HEAT = (
    "178.401323 180.385551 181.197443 181.675973 182.010831 182.266053 182.470959 181.597101 175.838561"
    " 174.559195 173.208607 171.792798 170.316648 168.784483 167.200230 165.567519 163.889754 162.170151"
    " 160.411777 158.617568 156.790347 154.932832 153.047650 151.137338 149.528466"
)
EX2_PUMP = (
    "6.160340 6.155573 6.153621 6.152470 6.151664 6.151050 6.150556 6.160831 6.220804 6.234671 6.249082 6.263997"
    " 6.279376 6.295185 6.311388 6.327953 6.344849 6.362043 6.379505 6.397207 6.415121 6.433218 6.451473 6.469861"
    " 6.485265"
)
EX4_NET = (
    "64.170351 63.510586 62.854395 62.201769 61.552698 60.907174 60.265188 59.626730 58.991791 58.360361 57.732433"
    " 57.107996 56.487041 55.869560 55.255543 54.644982 54.037866 53.434187 52.833937 52.237104 51.643682 51.053661"
    " 50.467031 49.883783 49.303909 48.727400 48.154246 47.584438 47.017968 46.524977"
)
USD_PER_MMBTU = 2.931 * 100.0  # GEOPHIRES' own factor from MUSD/GWh (2.931 cents/kWh per USD/MMBtu)


def numbers(text: str) -> list[float]:
    return [float(part) for part in text.split()]


def ex2(**more: object) -> dict[str, object]:
    """Direct heat, 25 a, 5 %; cost = O&M + pump electricity at 0.05 USD/kWh, all in MUSD."""
    costs = [1.0511809 + 0.05 * pump for pump in numbers(EX2_PUMP)]
    return {
        "capex": 35.7434,
        "discount_rate": 0.05,
        "energy": numbers(EX2_HEAT),
        "costs": costs,
        "convention": "first_year_undiscounted",
        **more,
    }


def test_levelised_cost_of_heat_agrees_with_a_published_example() -> None:
    """GEOPHIRES-X example 2: LCOH 6.4181644 USD/MMBtu, standard model (first year not discounted)."""
    cost = cash_flow_metrics(ex2())["levelised_cost"]
    assert cost * USD_PER_MMBTU == pytest.approx(6.4181644, rel=1e-7)


def test_net_present_value_and_return_agree_with_a_published_example() -> None:
    """The same example prints NPV 10.2476 MUSD and IRR 7.844 %, without pump electricity (income 0.025 USD/kWh)."""
    case = ex2(costs=[1.0511809] * 25, income=[0.025 * heat for heat in numbers(EX2_HEAT)])
    result = cash_flow_metrics(case)
    assert result["npv"] == pytest.approx(10.2476, abs=5e-5)
    assert 100.0 * result["irr"] == pytest.approx(7.844, abs=5e-4)


def test_bicycle_agrees_with_a_published_example() -> None:
    """GEOPHIRES-X example 4: 10.6110832 c/kWh with i = 0.069664 and 30 a."""
    case = {
        "capex": 51.538293,
        "convention": "bicycle",
        "energy": numbers(EX4_NET),
        "costs": [1.7624374] * 30,
        "bicycle": {
            "bond_fraction": 0.65,
            "bond_rate": 0.07,
            "equity_rate": 0.12,
            "tax_rate": 0.392,
            "inflation": 0.025,
        },
    }
    assert 100.0 * cash_flow_metrics(case)["levelised_cost"] == pytest.approx(10.6110832, rel=1e-7)


def test_two_years_by_hand() -> None:
    """C 100, O 10, E 50 then 60, income 80, r 10 %.

    Factors 1/1.1 = 0.909091 and 1/1.21 = 0.826446. LC = (100 + 10 x 1.735537)/(50 x .909091 + 60 x .826446)
    = 117.355372/95.041322 = 1.2347826. CF = -100, 70, 70: NPV = -100 + 70 x 1.735537 = 21.487603;
    IRR: 70/(1+r) + 70/(1+r)^2 = 100 -> x = (-70 + sqrt(4900 + 28000))/140, r = 1/x - 1 = 0.2568982;
    payback 1 + 30/70; discounted: after year 1 -36.363636, year 2 adds 57.851240: 1.628571.
    """
    case = {"capex": 100, "discount_rate": 0.1, "energy": [50, 60], "costs": [10, 10], "income": [80, 80]}
    result = cash_flow_metrics(case)
    x = (-70 + math.sqrt(4900 + 28000)) / 140
    assert result["levelised_cost"] == pytest.approx(1.2347826087, rel=1e-9)
    assert result["npv"] == pytest.approx(21.487603306, rel=1e-9)
    assert result["irr"] == pytest.approx(1 / x - 1, rel=1e-10)
    assert result["payback_years"] == pytest.approx(1 + 3 / 7)
    assert result["discounted_payback_years"] == pytest.approx(1.6285714286)
    # first year undiscounted: (100 + 10 (1 + .909091))/(50 + 60 x .909091) = 119.090909/104.545455
    first = cash_flow_metrics({**case, "convention": "first_year_undiscounted"})
    assert first["levelised_cost"] == pytest.approx(119.0909090909 / 104.5454545455)
    # fixed charge rate 12 %: (12 + 10)/55; with 5 % construction inflation (12.6 + 10)/55
    fixed = {**case, "convention": "fcr", "fcr": 0.12}
    assert cash_flow_metrics(fixed)["levelised_cost"] == pytest.approx(22 / 55)
    assert cash_flow_metrics({**fixed, "construction_inflation": 0.05})["levelised_cost"] == pytest.approx(
        22.6 / 55
    )


def test_undefined_measures_are_none() -> None:
    never = {"capex": 100, "discount_rate": 0.1, "energy": [0, 0], "costs": [10, 10], "income": [5, 5]}
    assert cash_flow_metrics(never) == {
        "levelised_cost": None,
        "npv": pytest.approx(-100 - 5 * (1 / 1.1 + 1 / 1.21)),
        "irr": None,
        "payback_years": None,
        "discounted_payback_years": None,
    }
    silent = cash_flow_metrics({"capex": 1, "discount_rate": 0.1, "energy": [1], "costs": [0]})
    assert silent["npv"] is None and silent["irr"] is None and silent["payback_years"] is None


def test_a_loss_has_a_negative_rate_of_return() -> None:
    """-100, 40, 40: 40 x + 40 x^2 = 100 with x = 1/(1+r) -> x = (-1 + sqrt(11))/2, r = -0.1368."""
    assert irr([-100.0, 40.0, 40.0]) == pytest.approx(2 / (math.sqrt(11) - 1) - 1, abs=1e-12)


def test_a_flow_with_several_rates_has_none() -> None:
    """-1, 2.3, -1.32 is zero at r = 10 % and at r = 20 %: (1 - 1.1 x)(1 - 1.2 x) = 1 - 2.3 x + 1.32 x^2."""
    assert irr([-1.0, 2.3, -1.32]) is None


def test_nothing_invested_is_paid_back_at_once() -> None:
    assert payback(np.array([0.0, 5.0]))[0] == 0.0


@given(
    st.floats(1.0, 1e9),
    st.lists(st.floats(0.01, 1e9), min_size=2, max_size=40),
)
def test_net_present_value_is_zero_at_the_rate_of_return(capex: float, income: list[float]) -> None:
    flows = np.array([-capex, *income])
    rate = irr(flows)
    if rate is None:  # beyond the bracket: returns of more than 1e8 % or a loss of more than 99 %
        assert max(income) > 1e6 * capex or sum(income) < 0.02 * len(income) * capex
        return
    scale = float(np.abs(flows * (1.0 + rate) ** -np.arange(len(flows))).sum())
    assert abs(float(npv(flows, rate))) <= 1e-8 * scale


def test_many_rates_agree_with_one() -> None:
    flows = np.array([[-100.0, *[y] * 20] for y in (4.0, 8.0, 15.0, 60.0)])
    rows = irr_rows(flows)
    assert rows == pytest.approx([irr(f) for f in flows], abs=1e-9)
    assert np.isnan(irr_rows(np.array([[-1.0, -1.0, -1.0]]))[0])


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"capex": -1}, "capex", "range"),
        ({"capex": float("nan")}, "capex", "not_finite"),
        ({"capex": "12"}, "capex", "type"),
        ({"energy": []}, "energy", "range"),
        ({"energy": [1, -2]}, "energy[1]", "range"),
        ({"costs": [1]}, "costs", "length"),
        ({"income": [1, 2, 3]}, "income", "length"),
        ({"discount_rate": None}, "discount_rate", "missing"),
        ({"discount_rate": 50}, "discount_rate", "range"),
        ({"convention": "annuity"}, "convention", "unknown"),
        ({"convention": "fcr"}, "fcr", "missing"),
        ({"convention": "bicycle"}, "bicycle", "missing"),
        ({"convention": "bicycle", "bicycle": {"bond_rate": 0.1}}, "bicycle.equity_rate", "missing"),
        ({"opex": [1, 2]}, "opex", "unknown"),
    ],
)
def test_each_fault_names_its_field(change: dict[str, object], field: str, reason: str) -> None:
    case = {"capex": 1, "discount_rate": 0.1, "energy": [1, 1], "costs": [0, 0], **change}
    with pytest.raises(InputError) as caught:
        cash_flow_metrics(case)
    assert (field, reason) in [(f.field, f.reason) for f in caught.value.faults]


def test_all_faults_come_at_once() -> None:
    with pytest.raises(InputError) as caught:
        cash_flow_metrics({"capex": -1, "energy": [float("inf")], "x": 1})
    assert {f.field for f in caught.value.faults} >= {"capex", "energy[0]", "x", "costs", "discount_rate"}


def test_something_else_than_an_object_is_a_fault() -> None:
    with pytest.raises(InputError):
        cash_flow_metrics([1, 2])


def test_terms_have_sourced_defaults() -> None:
    """004: 0.78 CNY/kWh, 18 CNY/m2; 18 / (32 W/m2 x 120 d = 0.331776 GJ/m2) = 54.2535 CNY/GJ."""
    terms = parse_terms({})
    assert terms.electricity_price_cny_per_kwh == 0.78
    assert terms.heat_price("m2") == ("m2", 18.0)
    basis, price = terms.heat_price("GJ")
    assert basis == "GJ" and price == pytest.approx(18.0 / (32 * 120 * 86400 / 1e9), rel=1e-4)
    assert terms.grid_co2_kg_per_kwh == 0.6361


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"discount_rte": 0.1}, "economics.discount_rte"),
        ({"discount_rate": 2.0}, "economics.discount_rate"),
        ({"heat_price_cny_per_gj": 5, "heat_price_cny_per_m2": 5}, "economics.heat_price_cny_per_m2"),
        ({"grid": "mars"}, "economics.grid"),
        ({"costs": {"pipes": 1}}, "economics.costs.pipes"),
        ({"costs": {"pipe": -1}}, "economics.costs.pipe"),
        ({"factors": {"coal_gj_per_tce": "x"}}, "economics.factors.coal_gj_per_tce"),
        ({"baseline": {"kind": "wood"}}, "economics.baseline.kind"),
        ({"baseline": {"boiler_efficiency": 0}}, "economics.baseline.boiler_efficiency"),
        ({"uncertainty": {"capex_pct": [5, 3]}}, "economics.uncertainty.capex_pct"),
        ({"include_existing": 1}, "economics.include_existing"),
    ],
)
def test_bad_terms_name_their_field(data: dict[str, object], field: str) -> None:
    faults: list = []
    parse_terms(data, "economics", faults)
    assert field in [f.field for f in faults]
    with pytest.raises(InputError):
        parse_terms(data)

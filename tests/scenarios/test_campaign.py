"""Availability of a campaign in the forecast: less volume in the years it takes away, nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.campaign import campaign_of, delayed, doublets_of, outcome, with_availability, with_prices
from scenarios.evaluate import evaluate
from scenarios.scheme import Scheme, read_scheme
from twin_models.errors import InputError
from twin_models.operations import Shock


def scheme(**more: object) -> Scheme:
    wells = [
        {"name": "P1", "kind": "producer", "x_m": -400, "y_m": 0, "rate_m3_h": 80, "existing": True},
        {"name": "P2", "kind": "producer", "x_m": -400, "y_m": 600, "rate_m3_h": 80},
        {"name": "I1", "kind": "injector", "x_m": 400, "y_m": 0, "rate_m3_h": 80, "existing": True},
        {"name": "I2", "kind": "injector", "x_m": 400, "y_m": 600, "rate_m3_h": 80},
    ]
    return read_scheme(
        {
            "format": "geosandbox-scheme/1",
            "reservoir": {
                "extent_m": [3600, 3600],
                "origin_m": [-1800, -1800],
                "cell_m": 120,
                "boundary": "constant_pressure",
                "layers": [{"name": "Guantao", "top_m": 1400, "thickness_m": 60, "temperature_degc": 70}],
            },
            "wells": wells,
            "years": 10,
            "season_days": 120,
            **more,
        }
    )


def test_wells_go_in_pairs() -> None:
    assert doublets_of(scheme()) == ((0, 2), (1, 3))
    campaign = campaign_of(scheme(), rigs=2)
    assert (campaign.doublets, campaign.existing, campaign.years, campaign.rigs) == (2, 1, 10.0, 2)


def test_full_availability_changes_nothing() -> None:
    base = evaluate(scheme(), "streamline")
    same = evaluate(with_availability(scheme(), np.ones((2, 10))), "streamline")
    for key in ("annual_heat_gj", "flow_m3_h", "capex_cny"):
        assert same.kpis[key].value == pytest.approx(base.kpis[key].value, rel=2e-3), key


def test_the_years_taken_away_are_missing_and_no_others() -> None:
    """The new doublet stands in the first year and runs half of the second: volumes 1/2, 3/4, 1 of the whole."""
    share = np.ones((2, 10))
    share[1, 0], share[1, 1] = 0.0, 0.5
    result = evaluate(with_availability(scheme(), share), "streamline")
    volume = result.facts.plan.hot.volume_of_year_m3
    assert volume / (160.0 * 24 * 120) == pytest.approx([0.5, 0.75, *[1.0] * 8], rel=1e-9)
    assert result.cash_flow.heat_gj[0] < 0.6 * result.cash_flow.heat_gj[5]


def test_a_late_rig_costs_heat() -> None:
    usual, _ = delayed(scheme(), realisations=4)
    late, share = delayed(scheme(), realisations=4, shocks=[Shock("rig_late", 0.0, 300.0)])
    assert share[1, 0] == 0.0 and share[0, 0] > 0.9  # the existing doublet runs on
    heat = [evaluate(s, "streamline").kpis["annual_heat_gj"].value for s in (scheme(), usual, late)]
    assert heat[0] > heat[1] > heat[2]


def test_without_a_producer_there_is_nothing_to_build() -> None:
    with pytest.raises(InputError, match="producer"):
        campaign_of(
            scheme(
                wells=[
                    {
                        "name": "I",
                        "kind": "injector",
                        "x_m": 0,
                        "y_m": 0,
                        "rate_m3_h": 5,
                        "temperature_degc": 20,
                    }
                ]
            )
        )


def test_events_show_what_they_change() -> None:
    """A late rig costs heat and worth against the same campaign without it; a price alone costs no heat."""
    usual = outcome(scheme(), "streamline", realisations=4)
    late = outcome(scheme(), "streamline", realisations=4, events=("rig_late",))
    assert usual.planned["annual_heat_gj"] > usual.usual["annual_heat_gj"]
    assert usual.struck == usual.usual
    assert late.usual == usual.usual and late.planned == usual.planned
    assert late.struck["annual_heat_gj"] < late.usual["annual_heat_gj"]
    assert late.share.sum() < late.share_usual.sum()
    assert len(late.names) == 2 and late.existing == 1
    assert {h.what for h in late.operation.log} >= {"drill_injector", "drill_producer", "hook_up", "rig_late"}
    dearer = outcome(scheme(), "streamline", realisations=4, events=("power_dearer",))
    assert dearer.struck["annual_heat_gj"] == usual.usual["annual_heat_gj"]
    assert dearer.struck["npv_cny"] < usual.usual["npv_cny"]


def test_prices_by_hand() -> None:
    """Electricity 50 % dearer: half of what it costs is added, year by year; gas counts only where gas is burnt."""
    result = evaluate(scheme(), "streamline")
    years = np.ones(len(result.cash_flow.fuel_cny))
    plain = {"gas": years, "electricity": years, "heat": years}
    assert with_prices(result, plain)["npv_cny"] == pytest.approx(result.kpis["npv_cny"].value)
    dearer = with_prices(result, {**plain, "electricity": 1.5 * years})
    rate = result.terms.discount_rate
    factors = (1.0 + rate) ** -np.arange(1, len(years) + 1)
    more = 0.5 * float(result.cash_flow.electricity_cny @ factors)
    assert result.kpis["npv_cny"].value - dearer["npv_cny"] == pytest.approx(more)
    assert with_prices(result, {**plain, "gas": 2.0 * years}) == with_prices(result, plain)


def test_an_unknown_event_is_named() -> None:
    with pytest.raises(InputError, match="rig_late"):
        outcome(scheme(), "streamline", events=("earthquake",))

"""Use portfolios: which are possible, how they are sized, what is offered, what adopting one changes."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.optimise import portfolios as made
from scenarios.scheme import read_scheme
from tests.scenarios.test_futures import BOX
from twin_models.errors import InputError


@pytest.fixture(scope="module")
def scheme() -> Any:
    return read_scheme(BOX)


@pytest.fixture(scope="module")
def found(scheme: Any) -> list[made.Portfolio]:
    return made.generate(scheme, excluded=["drying"], years=50.0)


def test_what_is_too_cold_says_why(scheme: Any) -> None:
    """The water is at most 71 degC; power needs 90."""
    reasons = made.feasible(scheme)
    assert "90" in reasons["power"]["en"]
    assert reasons["wellness"] is None


def test_subsets_are_as_asked_for(scheme: Any) -> None:
    """Of heating, agriculture and wellness (no power, drying excluded) with wellness: four subsets."""
    chosen = made.masks(scheme, ["wellness"], ["drying"])
    assert sorted(chosen) == sorted(
        [
            ("wellness",),
            ("heating", "wellness"),
            ("agriculture", "wellness"),
            ("heating", "agriculture", "wellness"),
        ]
    )


@pytest.mark.parametrize(
    ("wanted", "excluded", "field"),
    [
        (["drying"], ["drying"], "uses.drying"),
        (["power"], [], "uses.power"),
        ([], list(made.FIVE), "uses"),
        (["magic"], [], "uses.magic"),
        ([], ["heating", "drying", "agriculture", "wellness"], "uses"),
    ],
)
def test_impossible_wishes_are_explained(
    scheme: Any, wanted: list[str], excluded: list[str], field: str
) -> None:
    with pytest.raises(InputError) as caught:
        made.masks(scheme, wanted, excluded)
    assert caught.value.faults[0].field == field


def test_a_new_use_gets_its_share_of_the_power(scheme: Any) -> None:
    """Load of a use is linear in its size: twice the share is twice the size, to two figures."""
    small = made.with_uses(scheme, ("heating", "wellness"), share=0.1, season_days=120.0, power_mw=4.0)
    large = made.with_uses(scheme, ("heating", "wellness"), share=0.2, season_days=120.0, power_mw=4.0)
    one, two = (s.uses_dict()["wellness"]["pools_m2"] for s in (small, large))
    assert two == pytest.approx(2.0 * one, rel=0.06)
    assert small.uses_dict()["heating"] == scheme.uses_dict()["heating"]


def test_offers_are_simulated_over_fifty_years_and_none_is_beaten(found: list[made.Portfolio]) -> None:
    assert found[0].is_own
    assert 2 < len(found) <= made.OFFERED
    for portfolio in found:
        assert portfolio.state == "simulated"
        assert portfolio.scheme.years == 50.0
        assert "drying" not in portfolio.uses
        series = portfolio.series
        assert {len(v) for v in series.values()} == {50}
        assert series["worth_cny"][-1] == pytest.approx(portfolio.values["npv_cny"], rel=1e-6, abs=1.0)
        assert sum(series["heat_gj"]) / 50.0 == pytest.approx(portfolio.values["annual_heat_gj"], rel=1e-6)
        assert series["co2_t"][-1] / 50.0 == pytest.approx(
            portfolio.values["co2_avoided_t_per_year"], rel=1e-6
        )


def test_adopting_one_changes_uses_and_season_only(scheme: Any, found: list[made.Portfolio]) -> None:
    other = next(p for p in found if not p.is_own)
    now, edit = made.adopt(scheme, other)
    assert now.wells == scheme.wells
    assert now.years == scheme.years
    assert now.uses == other.scheme.uses
    assert made.EN[other.uses[0]] in edit.label_en

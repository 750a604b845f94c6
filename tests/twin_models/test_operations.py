"""Campaign and operation: hand-made sequences without luck, renewal theory with it, surprises that cost only themselves."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from twin_models.errors import InputError
from twin_models.operations import Campaign, Shock, availability_of, operate
from twin_models.types import DAYS_PER_YEAR

CERTAIN = Campaign(
    doublets=2,
    years=3,
    drill_spread=0.0,
    sidetrack_pct=0.0,
    pump_years=100.0,
    pump_shape=10.0,
    backflush_days=0.0,
)


def test_two_doublets_one_rig_by_hand() -> None:
    """70 + 70 d of drilling each, hook-up 30 d: heat on day 170 and, the rig being busy, on day 140 + 140 + 30 = 310."""
    done = operate(CERTAIN)
    assert done.first_heat_day == pytest.approx(170.0)
    assert done.built_day == pytest.approx([170.0, 310.0])
    assert done.rig_idle_days == pytest.approx(0.0)
    assert done.availability[:, 0] == pytest.approx([1 - 170 / 365.25, 1 - 310 / 365.25])
    assert (done.availability[:, 1:] == 1.0).all()
    assert [h.what for h in done.log] == [
        "drill_injector", "drill_producer", "hook_up", "drill_injector", "drill_producer", "hook_up",
    ]  # fmt: skip


def test_two_rigs_build_side_by_side() -> None:
    assert operate(replace(CERTAIN, rigs=2, crews=2)).built_day == pytest.approx([170.0, 170.0])
    assert operate(replace(CERTAIN, rigs=2)).built_day == pytest.approx(
        [170.0, 200.0]
    )  # one crew hooks up in turn
    assert operate(replace(CERTAIN, permit_days=90)).built_day == pytest.approx([260.0, 400.0])


def test_a_late_rig_and_a_held_permit_by_hand() -> None:
    """Rig away for the first 60 days: everything 60 days later. A hold from day 100 to 200: the producer, due on
    day 70, is not touched; the next well waits from day 140 to 200."""
    late = operate(CERTAIN, shocks=[Shock("rig_late", 0.0, 60.0)])
    assert late.built_day == pytest.approx([230.0, 370.0])
    held = operate(CERTAIN, shocks=[Shock("permit_hold", 100.0, 100.0)])
    assert held.built_day == pytest.approx([170.0, 370.0])
    assert "permit_hold" in [h.what for h in held.log]


def test_a_pump_that_fails_in_january_by_hand() -> None:
    """Existing doublet, day 400: a spare lies ready, 21 d of repair. Without one it comes after 90 d: 111 d."""
    standing = replace(CERTAIN, doublets=1, existing=1, repair_days=(21.0, 0.0))
    shock = [Shock("pump_fails", 400.0, doublet=0)]
    for spares, out in ((1, 21.0), (0, 111.0)):
        done = operate(replace(standing, spares=spares), shocks=shock)
        assert done.availability[0, 1] == pytest.approx(1.0 - out / 365.25)
        assert done.pump_changes == 1
    assert operate(standing).availability == pytest.approx(np.ones((1, 3)))


def test_backflush_by_hand() -> None:
    """After every 100 days of running 1 day off, from day 100: 3 in the first year (100, 201, 302)."""
    standing = replace(
        CERTAIN, doublets=1, existing=1, years=1, backflush_every_days=100.0, backflush_days=1.0
    )
    assert operate(standing).availability[0, 0] == pytest.approx(1.0 - 3.0 / 365.25)


def test_prices_and_demand_by_hand() -> None:
    """Gas doubles for the second half of the second year: 1.5 on its mean; demand falls to 0.8 for year three."""
    year = DAYS_PER_YEAR
    shocks = [
        Shock("price", 1.5 * year, 0.5 * year, what="gas", factor=2.0),
        Shock("demand", 2 * year, year, factor=0.8),
    ]
    done = operate(CERTAIN, shocks=shocks)
    assert done.factors["gas"] == pytest.approx([1.0, 1.5, 1.0])
    assert done.factors["demand"] == pytest.approx([1.0, 1.0, 0.8])
    assert done.factors["heat"] == pytest.approx(np.ones(3))


@pytest.mark.parametrize(("spares", "spare_days", "down"), [(9, 1.0, 21.0), (0, 90.0, 111.0)])
def test_long_run_availability_is_that_of_a_renewal_process(
    spares: int, spare_days: float, down: float
) -> None:
    """Life over life and outage: 3 x 365.25 / (3 x 365.25 + 21) = 0.9812, with a spare to wait for 0.9080.

    100 realisations of 95 years, the first five left out; standard error about 0.001.
    """
    campaign = Campaign(
        doublets=1,
        existing=1,
        years=100,
        spares=spares,
        spare_days=spare_days,
        repair_days=(21.0, 5.0),
        backflush_days=0.0,
    )
    mean = float(availability_of(campaign, seed=3, realisations=100)[0, 5:].mean())
    assert mean == pytest.approx(1095.75 / (1095.75 + down), abs=0.004)


def test_drilling_time_has_the_stated_median_and_side_tracks() -> None:
    """Two wells in a row: median of each 70 d; side-tracks of 15 to 40 d on 8 %: mean 70 exp(0.25^2/2) + 0.08 x 27.5."""
    campaign = Campaign(doublets=1, years=3)
    spans = [
        h.until - h.day
        for i in range(300)
        for h in operate(campaign, realisation=i).log
        if h.what.startswith("drill")
    ]
    assert np.median(spans) == pytest.approx(70.0, rel=0.05)
    assert np.mean(spans) == pytest.approx(70.0 * math.exp(0.25**2 / 2) + 0.08 * 27.5, rel=0.04)


def test_equal_luck_with_and_without_a_surprise() -> None:
    """A pump made to fail at the first doublet leaves the others as they were, to the last digit."""
    campaign = Campaign(doublets=4, existing=4, crews=9, spares=99)
    plain, struck = operate(campaign, seed=5), operate(campaign, seed=5, shocks=[Shock("pump_fails", 200.0)])
    assert (plain.availability[1:] == struck.availability[1:]).all()
    assert struck.availability[0, 0] < plain.availability[0, 0]
    assert (operate(campaign, seed=5).availability == plain.availability).all()
    assert (operate(campaign, seed=6).availability != plain.availability).any()


def test_scarce_spares_and_crews_cost_availability() -> None:
    rich = Campaign(doublets=12, existing=12, spares=12, crews=4)
    poor = replace(rich, spares=0, crews=1)
    assert availability_of(poor, realisations=5).mean() < availability_of(rich, realisations=5).mean() - 0.02


@pytest.mark.parametrize(
    ("campaign", "shocks", "field"),
    [
        (Campaign(doublets=0), [], "campaign.doublets"),
        (Campaign(existing=5), [], "campaign.existing"),
        (Campaign(pump_years=float("nan")), [], "campaign.pump_years"),
        (Campaign(), [Shock("flood", 1.0)], "shocks[0].kind"),  # type: ignore[arg-type]
        (Campaign(), [Shock("price", 1.0, what="bread")], "shocks[0].what"),
        (Campaign(), [Shock("pump_fails", 1.0, doublet=7)], "shocks[0].doublet"),
        (Campaign(), [Shock("rig_late", -1.0)], "shocks[0]"),
    ],
)
def test_bad_campaigns_are_named(campaign: Campaign, shocks: list[Shock], field: str) -> None:
    with pytest.raises(InputError) as caught:
        operate(campaign, shocks=shocks)
    assert field in [fault.field for fault in caught.value.faults]

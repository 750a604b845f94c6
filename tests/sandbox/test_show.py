"""What the page is told of a result, where it is more than a copy."""

from __future__ import annotations

import pytest

from sandbox.show import carried
from scenarios.kpis import Kpi


def test_an_estimate_takes_the_last_band_along_with_its_value() -> None:
    """80 with a band of 70 to 100, now 40: half of everything."""
    settled = Kpi(80.0, "MW", 70.0, 100.0, "simulated")
    assert carried(Kpi(40.0, "MW"), settled) == pytest.approx((35.0, 50.0))


def test_a_band_round_zero_is_shifted() -> None:
    settled = Kpi(-10.0, "CNY", -30.0, 20.0, "simulated")
    assert carried(Kpi(5.0, "CNY"), settled) == pytest.approx((-15.0, 35.0))


def test_own_bands_and_missing_values_stay() -> None:
    settled = Kpi(80.0, "MW", 70.0, 100.0)
    assert carried(Kpi(50.0, "MW", 45.0, 60.0), settled) == (45.0, 60.0)
    assert carried(Kpi(None, "a"), settled) == (None, None)
    assert carried(Kpi(50.0, "MW"), None) == (None, None)
    assert carried(Kpi(50.0, "MW"), Kpi(80.0, "MW")) == (None, None)

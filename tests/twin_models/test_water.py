"""Water: viscosity at 15 MPa and density, against printed values."""

from __future__ import annotations

import numpy as np
import pytest

from twin_models.types import Fluid
from twin_models.water import density_kg_m3, fluid_viscosity_pa_s, fluidity_table, look_up, viscosity_pa_s


@pytest.mark.parametrize(
    ("degc", "mpa_s"),
    [
        (15, 1.1292),
        (25, 0.8897),
        (40, 0.6541),
        (45, 0.5974),
        (60, 0.4685),
        (70, 0.4065),
        (80, 0.3574),
        (90, 0.3178),
    ],
)
def test_viscosity_is_that_of_islam_and_carlson(degc: float, mpa_s: float) -> None:
    """Values of the published form at 150 bar, four digits."""
    assert viscosity_pa_s(degc) * 1e3 == pytest.approx(mpa_s, abs=1e-4)


@pytest.mark.parametrize(("degc", "kg_m3"), [(4, 999.972), (20, 998.203), (70, 977.76), (100, 958.35)])
def test_density_is_that_of_the_steam_tables(degc: float, kg_m3: float) -> None:
    """CRC Handbook values for liquid water at one atmosphere."""
    assert density_kg_m3(degc) == pytest.approx(kg_m3, abs=0.02)


def test_table_follows_the_formula() -> None:
    degc = np.linspace(1.0, 160.0, 1000)
    out = np.empty_like(degc)
    look_up(degc, fluidity_table(Fluid()), out)
    assert np.max(np.abs(out * viscosity_pa_s(degc) - 1.0)) < 1e-5


def test_constant_fluid_ignores_temperature() -> None:
    out = np.empty(3)
    look_up(np.array([10.0, 50.0, 400.0]), fluidity_table(Fluid(viscosity=0.5)), out)
    np.testing.assert_allclose(out, 2000.0)
    np.testing.assert_allclose(fluid_viscosity_pa_s(Fluid(viscosity=0.5), np.zeros(2)), 5e-4)

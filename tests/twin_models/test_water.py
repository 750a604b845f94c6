"""Water: viscosity at 15 MPa and density, against printed values."""

from __future__ import annotations

import numpy as np
import pytest

from twin_models.types import Fluid
from twin_models.water import (
    density_kg_m3,
    density_table,
    fluid_viscosity_pa_s,
    fluidity_table,
    look_up,
    salt_density_kg_m3,
    salt_viscosity_factor,
    viscosity_pa_s,
)


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


def test_salt_thickens_and_weighs() -> None:
    """NaCl 15 % at 25 degC: 1.3 to 1.4 times as viscous (handbooks); 1.1086 g/cm3 at 20 degC (CRC Handbook)
    against 0.9982 of water. No salt: nothing at all."""
    assert float(salt_viscosity_factor(25.0, 150.0)) == pytest.approx(1.36, abs=0.05)
    assert float(salt_density_kg_m3(20.0, 150.0)) == pytest.approx(1108.6 - 998.2, abs=3.0)
    assert float(salt_viscosity_factor(25.0, 0.0)) == 1.0 and float(salt_density_kg_m3(25.0, 0.0)) == 0.0
    brine = Fluid(salinity_g_kg=150.0)
    assert np.all(fluidity_table(brine) < fluidity_table(Fluid()))
    assert np.all(density_table(brine) > density_table(Fluid()) + 100.0)

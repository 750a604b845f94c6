"""Wellbore: Ramey's closed forms with printed values, friction, pump and injection pressure by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from twin_models.wellbore import (
    column_bar,
    friction_bar,
    friction_factor,
    injected_bottom_degc,
    injection_pressure,
    production_lift,
    ramey_length_m,
    ramey_time_function,
    reservoir_pressure_bar,
    water_density_kg_m3,
    water_viscosity_mpas,
    wellhead_temperature_degc,
)

# Length m, rate m3/h, days, f, A m, wellhead degC for 70 degC below, bottom degC when injecting 25 degC.
# Gradient 0.03 K/m, k 2.5 W/m/K, 2.2 MJ/m3/K, r_w 0.1 m, surface 10 degC (Ramey 1962, worked out by hand).
PRINTED = [
    (2000.0, 100.0, 30.0, 3.24586, 23569.37, 67.5248, 26.2548),
    (2000.0, 100.0, 365.25, 4.49556, 32643.83, 68.1989, 25.9096),
    (1500.0, 60.0, 3652.5, 5.64685, 24602.27, 68.6556, 25.4571),
    (2000.0, 5.0, 365.25, 4.49556, 1632.19, 44.5867, 39.8182),
]


@pytest.mark.parametrize(("depth", "flow", "days", "f", "length", "head", "bottom"), PRINTED)
def test_ramey_values(depth, flow, days, f, length, head, bottom) -> None:
    assert ramey_time_function(days, 0.1) == pytest.approx(f, abs=1e-5)
    assert ramey_length_m(flow, days) == pytest.approx(length, abs=0.01)
    produced = wellhead_temperature_degc(
        70.0, flow, measured_depth_m=depth, elapsed_days=days, surface_degc=70.0 - 0.03 * depth
    )
    assert produced == pytest.approx(head, abs=1e-4)
    injected = injected_bottom_degc(
        25.0,
        flow,
        measured_depth_m=depth,
        elapsed_days=days,
        surface_degc=10.0,
        rock_bottom_degc=10.0 + 0.03 * depth,
    )
    assert injected == pytest.approx(bottom, abs=1e-4)


def test_deviated_well_solves_the_same_equation_along_the_hole() -> None:
    """dT/ds = -(T - T_rock(s)) / A up a 2400 m hole of 2000 m depth, water 8 K colder than the rock."""
    md, surface, rock, bottom = 2400.0, 12.0, 72.0, 64.0
    a = float(ramey_length_m(80.0, 400.0))
    ode = solve_ivp(
        lambda s, t: -(t - (rock - (rock - surface) * s / md)) / a, (0, md), [bottom], rtol=1e-10, atol=1e-10
    )
    got = wellhead_temperature_degc(
        bottom, 80.0, measured_depth_m=md, elapsed_days=400.0, surface_degc=surface, rock_bottom_degc=rock
    )
    assert got == pytest.approx(ode.y[0, -1], abs=1e-6)


def test_arrays_of_years_and_wells_and_a_resting_well() -> None:
    days = np.array([[30.0], [365.0], [3650.0]])
    flow = np.array([0.0, 20.0, 100.0])
    out = wellhead_temperature_degc(70.0, flow, measured_depth_m=1800.0, elapsed_days=days)
    assert out.shape == (3, 3)
    assert np.allclose(out[:, 0], 12.0)  # no flow: the column takes the ground's temperature
    assert np.all(np.diff(out[:, 1:], axis=0) > 0)  # the hole warms up
    assert np.all(out < 70)
    resting = injected_bottom_degc(
        25.0, flow, measured_depth_m=1800.0, elapsed_days=days, rock_bottom_degc=66.0
    )
    assert np.allclose(resting[:, 0], 66.0)


def test_water_density_and_viscosity() -> None:
    """IAPWS-95 at 1 atm: 999.84 (0), 997.05 (25), 977.76 (70), 958.35 (100) kg/m3; viscosity of
    water 0.890 (25 degC) and 0.404 (70 degC) mPa s (IAPWS), within 2.5 %."""
    density = water_density_kg_m3(np.array([0.0, 25.0, 70.0, 100.0]))
    assert density == pytest.approx([999.84, 997.05, 977.76, 958.35], abs=0.02)
    assert water_viscosity_mpas(np.array([25.0, 70.0])) == pytest.approx([0.890, 0.404], rel=0.025)


@pytest.mark.parametrize(("re", "rough"), [(5e3, 1e-3), (1e5, 5e-4), (4e5, 5e-4), (1e7, 1e-6)])
def test_friction_factor_solves_colebrook(re: float, rough: float) -> None:
    root = brentq(
        lambda f: 1 / math.sqrt(f) + 2 * math.log10(rough / 3.7 + 2.51 / (re * math.sqrt(f))), 1e-3, 0.2
    )
    assert friction_factor(re, rough) == pytest.approx(root, rel=1e-4)
    assert friction_factor(1000.0, rough) == pytest.approx(0.064)


def test_friction_by_hand() -> None:
    """100 m3/h through 0.2 m: v = 0.884194 m/s; at 70 degC rho 977.76, Re = 427 000, f = 0.01781 (e/d 5e-4)
    -> 0.01781 * 977.76 * 0.884194^2 * 2000 / 0.4 = 68.07 kPa."""
    assert friction_bar(100.0, measured_depth_m=2000.0, temperature_degc=70.0) == pytest.approx(
        0.6807, abs=0.002
    )
    assert friction_bar(0.0, measured_depth_m=2000.0, temperature_degc=70.0) == 0.0


def test_column_weight_against_fine_sums() -> None:
    z = (np.arange(20000) + 0.5) / 20000
    fine = (water_density_kg_m3(12 + 60 * z)).mean() * 9.80665 * 1800 / 1e5
    assert column_bar(1800.0, 12.0, 72.0) == pytest.approx(fine, rel=1e-6)


def test_pump_power_by_hand() -> None:
    """Isothermal 50 degC, level at 40 m, so columns cancel: pump = 40 m + friction + 3 bar + 2 bar.

    40 m at 988.04 kg/m3 = 3.8757 bar; power = pump * 1e5 * (100/3600) / 0.65 W.
    """
    lift = production_lift(
        100.0,
        3.0,
        true_depth_m=1500.0,
        measured_depth_m=1500.0,
        bottom_degc=50.0,
        wellhead_degc=50.0,
        surface_degc=50.0,
        static_level_m=40.0,
    )
    expected = 3.8757 + float(lift.friction_bar) + 5.0
    assert lift.pump_bar == pytest.approx(expected, abs=2e-3)
    assert lift.power_kw == pytest.approx(expected * 1e5 / 36.0 / 0.65 / 1e3, rel=1e-3)
    assert lift.thermosiphon_bar == pytest.approx(0.0, abs=1e-12)
    assert lift.dynamic_level_m == pytest.approx((expected - 2.0) / (988.04 * 9.80665 / 1e5), abs=0.05)


def test_a_hot_column_lifts_itself_and_a_well_at_rest_needs_no_pump() -> None:
    common = {"true_depth_m": 2000.0, "measured_depth_m": 2000.0, "rock_bottom_degc": 75.0}
    hot = production_lift(100.0, 2.0, bottom_degc=75.0, wellhead_degc=73.0, **common)
    cool = production_lift(100.0, 2.0, bottom_degc=45.0, wellhead_degc=44.0, **common)
    assert hot.thermosiphon_bar > 1.5
    assert hot.pump_bar < cool.pump_bar
    rest = production_lift(0.0, 0.0, bottom_degc=75.0, wellhead_degc=12.0, **common)
    assert rest.power_kw == 0.0


def test_gravity_reinjection_turns_at_the_level_head() -> None:
    """Isothermal water, level 60 m below ground (5.81 bar): 5 bar of rise runs in by itself, 6 bar does not."""
    common = {
        "true_depth_m": 1500.0,
        "measured_depth_m": 1500.0,
        "wellhead_degc": 50.0,
        "bottom_degc": 50.0,
        "rock_bottom_degc": 50.0,
        "surface_degc": 50.0,
        "static_level_m": 60.0,
    }
    out = injection_pressure(np.array([60.0, 60.0]), np.array([5.0, 6.0]), **common)
    assert out.gravity.tolist() == [True, False]
    assert out.wellhead_bar[0] == 0.0
    assert out.power_kw[0] == 0.0
    expected = 6.0 + float(out.friction_bar[1]) - 60 * 988.04 * 9.80665 / 1e5
    assert out.wellhead_bar[1] == pytest.approx(expected, abs=2e-3)
    assert out.power_kw[1] == pytest.approx(expected * 1e5 / 60.0 / 0.65 / 1e3, rel=1e-2)


def test_cold_water_sinks() -> None:
    out = injection_pressure(
        80.0,
        4.0,
        true_depth_m=2000.0,
        measured_depth_m=2100.0,
        wellhead_degc=30.0,
        bottom_degc=31.0,
        rock_bottom_degc=75.0,
    )
    weight = column_bar(2000.0, 30.0, 31.0) - reservoir_pressure_bar(2000.0, rock_bottom_degc=75.0)
    assert out.thermosiphon_bar == pytest.approx(float(weight))
    assert out.thermosiphon_bar > 1.0

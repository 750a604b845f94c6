"""Closed forms against values worked out independently (integrating the streamlines, tables, by hand)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from twin_models.analytic import (
    avdonin_radial_degc,
    doublet_arrival_s,
    doublet_breakthrough_s,
    gringarten_sauty_degc,
    lauwerier_degc,
    linear_arrival_s,
    ogata_banks_degc,
    peaceman_radius_m,
    radial_arrival_s,
    theis_drawdown_m,
    thiem_drawdowns_m,
    transmissivity_m2_s,
    with_image_wells,
)

YEAR_S = 365.25 * 86400.0
HEAT = {"rc_water": 4.18e6, "rc_aquifer": 0.25 * 4.18e6 + 0.75 * 2.2e6}
ROCK = {"k_rock": 2.5, "rc_rock": 2.2e6}
ENDS = {"initial_degc": 70.0, "injected_degc": 25.0}
M3_H = 1 / 3600.0

DOUBLETS = [  # D m, h m, Q m3/h, breakthrough a, bare and with rock at 10, 20, 30, 40, 50 years
    (480, 100, 100, 17.7457, (70, 62.212, 53.999, 50.371, 48.083), (70, 67.796, 60.776, 57.354, 55.158)),
    (600, 50, 100, 13.8638, (70, 56.529, 50.832, 47.860, 45.910), (70, 66.132, 61.441, 58.717, 56.857)),
    (1000, 100, 100, 77.0211, (70,) * 5, (70,) * 5),
    (1500, 50, 150, 57.7658, (70,) * 5, (70,) * 5),
]


@pytest.mark.parametrize(("d", "h", "q", "arrival", "bare", "rock"), DOUBLETS)
def test_doublet_table(d, h, q, arrival, bare, rock) -> None:
    assert doublet_breakthrough_s(d, h, q * M3_H, **HEAT) / YEAR_S == pytest.approx(arrival, abs=1e-4)
    years = np.arange(10, 51, 10) * YEAR_S
    assert gringarten_sauty_degc(years, d, h, q * M3_H, **ENDS, **HEAT) == pytest.approx(bare, abs=1e-3)
    with_rock = gringarten_sauty_degc(years, d, h, q * M3_H, **ENDS, **HEAT, **ROCK)
    assert with_rock == pytest.approx(rock, abs=1e-3)


def test_first_kelvin_of_the_480_m_doublet() -> None:
    """The 1 K drop comes after 19.0 years with confining rock (fine table of the integral). Without it T0 - T = 45 a/pi = 1 gives
    a = pi/45 = 0.069813, tau/t_B = 3 (1/3 + 2 a^2/15 + ...) = 1.00195: 17.78 years at 100 m3/h."""
    fine = np.linspace(17, 21, 2001)
    for rock, expected in ((ROCK, 19.0), ({}, 17.78)):
        drop = 70 - gringarten_sauty_degc(fine * YEAR_S, 480, 100, 100 * M3_H, **ENDS, **HEAT, **rock)
        assert np.interp(1.0, drop, fine) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("angle", [0.2, 1.0, 2.0])
def test_arrival_by_following_a_particle(angle: float) -> None:
    d, h, q = 480.0, 100.0, 2400 / 86400

    def velocity(_, p):
        left, right = p[0] + d / 2, p[0] - d / 2
        r1, r2 = left**2 + p[1] ** 2, right**2 + p[1] ** 2
        c = q / (2 * np.pi * h)
        return [c * (left / r1 - right / r2), c * p[1] * (1 / r1 - 1 / r2)]

    def arrived(_, p):
        return np.hypot(p[0] - d / 2, p[1]) - 0.05

    arrived.terminal = True
    start = [-d / 2 + 1e-3 * np.cos(angle), 1e-3 * np.sin(angle)]
    path = solve_ivp(velocity, [0, 1e13], start, events=arrived, rtol=1e-9, atol=1e-9, method="DOP853")
    water = doublet_arrival_s(angle, d, h, q, rc_water=1.0, rc_aquifer=1.0)
    assert path.t[-1] == pytest.approx(float(water), rel=1e-5)


def test_lauwerier_linear_and_radial() -> None:
    x, years = np.array([50, 100, 100, 200, 200.0]), np.array([10, 10, 30, 30, 50.0])
    tau = linear_arrival_s(x, 5e-7, **HEAT)
    assert tau[1] / YEAR_S == pytest.approx(4.0861, abs=1e-4)
    common = {**ENDS, **ROCK, "rc_aquifer": HEAT["rc_aquifer"]}
    got = lauwerier_degc(years * YEAR_S, tau, 20.0, **common)
    assert got == pytest.approx([33.8961, 44.7383, 34.8358, 45.4560, 40.1979], abs=1e-4)
    r, years = np.array([100, 150, 200, 250.0]), np.array([5, 10, 20, 30.0])
    tau = radial_arrival_s(r, 100 * M3_H, 30.0, **HEAT)
    got = lauwerier_degc(years * YEAR_S, tau, 30.0, **common)
    assert got == pytest.approx([27.7610, 29.4307, 30.5057, 32.0300], abs=1e-4)
    assert lauwerier_degc(1.0, tau, 30.0, **common) == pytest.approx([70.0] * 4)


def test_avdonin_radial() -> None:
    """Data of the Stanford code comparison problem 1 (SGP-TR-42): 10 kg/s, lambda 20, 170 -> 160 degC."""
    nu = 1.7229
    thickness = 10 * 4330 / (4 * np.pi * 20 * nu)
    common = {
        "flow_m3_s": 1.0,
        "rc_water": 10 * 4330.0,
        "rc_aquifer": 2.78e6,
        "conductivity": 20.0,
        "thickness_m": thickness,
        "initial_degc": 170.0,
        "injected_degc": 160.0,
    }
    near = avdonin_radial_degc(37.5, np.array([5e7, 1e8, 2e8]), **common)
    assert near == pytest.approx([163.3951, 161.3691, 160.4814], abs=2e-4)
    late = avdonin_radial_degc(np.array([100, 200, 300.0]), 1e9, **common)
    assert late == pytest.approx([160.8289, 164.9538, 168.6695], abs=2e-4)


def test_ogata_banks_limits_and_equation() -> None:
    """At x = 0 the boundary value; in the far field untouched; and rc dT/dt + rc_F q dT/dx = k d2T/dx2."""
    common = {**ENDS, **HEAT, "darcy_m_s": 3e-7, "conductivity": 2.5}
    assert ogata_banks_degc(0.0, 5 * YEAR_S, **common) == pytest.approx(25.0)
    assert ogata_banks_degc(5000.0, 5 * YEAR_S, **common) == pytest.approx(70.0)
    x, t, dx, dt = 40.0, 4 * YEAR_S, 0.05, 3e4
    grid = ogata_banks_degc(np.array([x - dx, x, x + dx]), t, **common)
    before, after = ogata_banks_degc(x, np.array([t - dt, t + dt]), **common)
    storage = HEAT["rc_aquifer"] * (after - before) / (2 * dt)
    advection = HEAT["rc_water"] * 3e-7 * (grid[2] - grid[0]) / (2 * dx)
    conduction = 2.5 * (grid[2] - 2 * grid[1] + grid[0]) / dx**2
    assert storage + advection == pytest.approx(conduction, rel=1e-3)


def test_theis_table() -> None:
    t = transmissivity_m2_s(500, 100, 0.42, 980)
    assert t == pytest.approx(1.12914799e-3, rel=1e-8)
    storativity = 980 * 9.80665 * 100 * 0.25 * 1e-9
    assert storativity == pytest.approx(2.40262925e-4, rel=1e-8)
    r, time = np.array([0.1, 500, 1000, 0.1]), np.array([86400, 2.592e6, 3.15576e7, 9.46728e8])
    s = theis_drawdown_m(r, time, flow_m3_s=100 * M3_H, transmissivity=t, storativity=storativity)
    assert s == pytest.approx([35.88088, 9.20180, 11.37411, 54.09058], abs=1e-5)
    assert s[0] * 980 * 9.80665 / 1e5 == pytest.approx(3.448338, abs=1e-6)


@pytest.mark.parametrize(("d", "head"), [(480, 33.18767), (1000, 36.06139)])
def test_thiem_doublet(d: float, head: float) -> None:
    t = transmissivity_m2_s(500, 100, 0.42, 980)
    q = np.array([1, -1]) * 100 * M3_H
    s = thiem_drawdowns_m(np.array([[0, 0], [d, 0]]), q, transmissivity=t)
    assert s == pytest.approx([head, -head], abs=1e-5)


def test_image_wells() -> None:
    t = transmissivity_m2_s(500, 100, 0.42, 980)
    wells, q = np.array([[0, 0], [500, 0]]), np.array([1, -1]) * 100 * M3_H
    free = thiem_drawdowns_m(wells, q, transmissivity=t)[0]
    closed = thiem_drawdowns_m(*with_image_wells(wells, q, boundary_y_m=300), transmissivity=t)[0]
    open_ = thiem_drawdowns_m(
        *with_image_wells(wells, q, boundary_y_m=300, constant_head=True), transmissivity=t
    )[0]
    assert (free, closed, open_) == pytest.approx((33.347498, 34.379879, 32.315118), abs=1e-6)


def test_peaceman_radius_of_a_square_cell() -> None:
    assert peaceman_radius_m(30, 30) == pytest.approx(0.198 * 30, rel=1e-3)

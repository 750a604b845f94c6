"""Closed forms from the literature that the predictors are measured against (SI units throughout).

Notation: ``flow_m3_s`` volume rate; ``rc_water``, ``rc_aquifer``, ``rc_rock`` volumetric heat capacities
(J/m3/K) of water, saturated aquifer and confining rock; ``k_rock`` conductivity of the confining rock
(W/m/K). Times are seconds, so that a formula reads as in its source; functions take arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import erfc, erfcx, exp1, gammaincc

GRAVITY_M_S2 = 9.80665
DARCY_MD_M2 = 9.869233e-16

Values = Any


# -- heat ---------------------------------------------------------------------------------------------


def doublet_breakthrough_s(
    spacing_m: float, thickness_m: float, flow_m3_s: float, *, rc_water: float, rc_aquifer: float
) -> float:
    """First arrival of the injected temperature: t_B = (pi/3) (rc_A/rc_F) D^2 h / Q.

    Gringarten & Sauty (1975), J. Geophys. Res. 80(35), 4956-4962.
    """
    return np.pi / 3.0 * rc_aquifer / rc_water * spacing_m**2 * thickness_m / flow_m3_s


def doublet_arrival_s(
    angle_rad: Values,
    spacing_m: float,
    thickness_m: float,
    flow_m3_s: float,
    *,
    rc_water: float,
    rc_aquifer: float,
) -> np.ndarray:
    """Arrival of the streamline that leaves the injector at ``angle_rad`` (0 < a < pi) to the producer.

    tau(a) = pi (rc_A/rc_F) (D^2 h/Q) (1 - a cot a) / sin^2 a; Gringarten & Sauty (1975).
    """
    a = np.asarray(angle_rad, dtype=np.float64)
    safe = np.where(a < 1e-3, 0.5, a)
    exact = (1.0 - safe / np.tan(safe)) / np.sin(safe) ** 2
    shape = np.where(a < 1e-3, 1.0 / 3.0 + 2.0 * a * a / 15.0, exact)
    return np.pi * rc_aquifer / rc_water * spacing_m**2 * thickness_m / flow_m3_s * shape


def _arrived_angle(time_s: np.ndarray, arrival) -> np.ndarray:
    """The angle whose streamline arrives at each time (bisection; arrival rises with the angle)."""
    low = np.zeros_like(time_s)
    high = np.full_like(time_s, np.pi - 1e-9)
    for _ in range(80):
        middle = 0.5 * (low + high)
        early = arrival(middle) < time_s
        low, high = np.where(early, middle, low), np.where(early, high, middle)
    return low


def gringarten_sauty_degc(
    time_s: Values,
    spacing_m: float,
    thickness_m: float,
    flow_m3_s: float,
    *,
    initial_degc: float,
    injected_degc: float,
    rc_water: float,
    rc_aquifer: float,
    k_rock: float = 0.0,
    rc_rock: float = 0.0,
) -> np.ndarray:
    """Temperature produced by a doublet in an infinite aquifer, without and with confining rock.

    T = T0 - (T0 - Ti)/pi * int_0^a(t) erfc(kappa tau / sqrt(t - tau)) da,
    kappa = sqrt(k_rock rc_rock) / (rc_A h) for rock on both sides; ``k_rock`` 0 means none.
    Gringarten & Sauty (1975), J. Geophys. Res. 80(35), 4956-4962.
    """

    def arrival(angle: np.ndarray) -> np.ndarray:
        return doublet_arrival_s(
            angle, spacing_m, thickness_m, flow_m3_s, rc_water=rc_water, rc_aquifer=rc_aquifer
        )

    time = np.atleast_1d(np.asarray(time_s, dtype=np.float64))
    kappa = np.sqrt(k_rock * rc_rock) / (rc_aquifer * thickness_m)
    nodes, weights = np.polynomial.legendre.leggauss(200)
    s = 0.5 * (nodes + 1.0)
    last = _arrived_angle(time, arrival)
    angle = last[:, None] * (1.0 - s * s)  # crowds the nodes where t - tau goes to zero
    tau = arrival(angle)
    share = erfc(kappa * tau / np.sqrt(np.maximum(time[:, None] - tau, 1e-30)))
    integral = (share * weights * s).sum(axis=1) * last  # da = -2 a s ds, ds = dnode / 2
    cooled = np.where(time > arrival(np.zeros_like(time)), integral / np.pi, 0.0)
    return initial_degc - (initial_degc - injected_degc) * cooled


def lauwerier_degc(
    time_s: Values,
    arrival_s: Values,
    thickness_m: float,
    *,
    initial_degc: float,
    injected_degc: float,
    rc_aquifer: float,
    k_rock: float,
    rc_rock: float,
) -> np.ndarray:
    """Temperature in the aquifer where the heat front without losses would arrive at ``arrival_s``.

    T = T0 - (T0 - Ti) erfc(sqrt(k rc) tau / (rc_A h sqrt(t - tau))) for t > tau, rock on both sides.
    Lauwerier (1955), Appl. Sci. Res. A5, 145-150. ``arrival_s`` from ``linear_arrival_s`` or
    ``radial_arrival_s``.
    """
    time, tau = np.broadcast_arrays(
        np.asarray(time_s, dtype=np.float64), np.asarray(arrival_s, dtype=np.float64)
    )
    left = np.maximum(time - tau, 1e-30)
    share = erfc(np.sqrt(k_rock * rc_rock) * tau / (rc_aquifer * thickness_m * np.sqrt(left)))
    return np.where(time > tau, initial_degc - (initial_degc - injected_degc) * share, initial_degc)


def linear_arrival_s(x_m: Values, darcy_m_s: float, *, rc_water: float, rc_aquifer: float) -> np.ndarray:
    """tau = rc_A x / (rc_F q)."""
    return rc_aquifer * np.asarray(x_m, dtype=np.float64) / (rc_water * darcy_m_s)


def radial_arrival_s(
    r_m: Values, flow_m3_s: float, thickness_m: float, *, rc_water: float, rc_aquifer: float
) -> np.ndarray:
    """tau = rc_A h pi r^2 / (rc_F Q)."""
    return rc_aquifer * thickness_m * np.pi * np.asarray(r_m, dtype=np.float64) ** 2 / (rc_water * flow_m3_s)


def ogata_banks_degc(
    x_m: Values,
    time_s: Values,
    *,
    darcy_m_s: float,
    initial_degc: float,
    injected_degc: float,
    rc_water: float,
    rc_aquifer: float,
    conductivity: float,
) -> np.ndarray:
    """1-D advection and conduction from a boundary held at ``injected_degc``, no loss to confining rock.

    (T - T0)/(Ti - T0) = [erfc((x - vt)/(2 sqrt(Dt))) + exp(vx/D) erfc((x + vt)/(2 sqrt(Dt)))] / 2,
    v = q rc_F/rc_A, D = lambda/rc_A. Ogata & Banks (1961), USGS Prof. Paper 411-A; Avdonin (1964).
    The second term is written with erfcx so that it cannot overflow.
    """
    x = np.asarray(x_m, dtype=np.float64)
    t = np.asarray(time_s, dtype=np.float64)
    v = darcy_m_s * rc_water / rc_aquifer
    d = conductivity / rc_aquifer
    root = 2.0 * np.sqrt(d * t)
    first = (x - v * t) / root
    second = (x + v * t) / root
    share = 0.5 * (erfc(first) + np.exp(-(first**2)) * erfcx(second))
    return initial_degc + (injected_degc - initial_degc) * share


def avdonin_radial_degc(
    r_m: Values,
    time_s: Values,
    *,
    flow_m3_s: float,
    thickness_m: float,
    initial_degc: float,
    injected_degc: float,
    rc_water: float,
    rc_aquifer: float,
    conductivity: float,
) -> np.ndarray:
    """Radial advection and conduction from an injector, no loss to confining rock.

    (T - T0)/(Ti - T0) = Gamma(nu, r^2 rc_A/(4 lambda t)) / Gamma(nu) (upper incomplete),
    nu = Q rc_F/(4 pi h lambda). Avdonin (1964), Neft i Gaz 3, 37-41.
    """
    nu = flow_m3_s * rc_water / (4.0 * np.pi * thickness_m * conductivity)
    u = np.asarray(r_m, dtype=np.float64) ** 2 * rc_aquifer / (4.0 * conductivity * np.asarray(time_s))
    return initial_degc + (injected_degc - initial_degc) * gammaincc(nu, u)


# -- pressure -----------------------------------------------------------------------------------------


def transmissivity_m2_s(
    permeability_md: float, thickness_m: float, viscosity_mpas: float, density_kg_m3: float
) -> float:
    """T = k rho g h / mu."""
    k = permeability_md * DARCY_MD_M2
    return k * density_kg_m3 * GRAVITY_M_S2 * thickness_m / (viscosity_mpas * 1e-3)


def theis_drawdown_m(
    r_m: Values, time_s: Values, *, flow_m3_s: float, transmissivity: float, storativity: float
) -> np.ndarray:
    """s = Q/(4 pi T) W(u), u = r^2 S/(4 T t). Theis (1935), Trans. AGU 16, 519-524."""
    u = np.asarray(r_m, dtype=np.float64) ** 2 * storativity / (4.0 * transmissivity * np.asarray(time_s))
    return flow_m3_s / (4.0 * np.pi * transmissivity) * exp1(u)


def thiem_drawdowns_m(
    well_xy_m: np.ndarray,
    flow_m3_s: np.ndarray,
    *,
    transmissivity: float,
    radius_m: float | np.ndarray = 0.1,
    at_xy_m: np.ndarray | None = None,
) -> np.ndarray:
    """Steady drawdown (m) of balanced wells, s_i = sum_j Q_j ln(1/r_ij) / (2 pi T).

    ``flow_m3_s`` (n,): produced positive, injected negative, sum zero (then the outer radius cancels).
    At the wells themselves (``at_xy_m`` omitted) r_ii is the well radius. Thiem (1906); superposition.
    """
    wells = np.asarray(well_xy_m, dtype=np.float64)
    points = wells if at_xy_m is None else np.asarray(at_xy_m, dtype=np.float64)
    gap = np.hypot(*(points[:, None, :] - wells[None, :, :]).transpose(2, 0, 1))
    distance = np.maximum(gap, np.broadcast_to(np.asarray(radius_m, dtype=np.float64), (len(wells),)))
    return -(np.log(distance) @ np.asarray(flow_m3_s, dtype=np.float64)) / (2.0 * np.pi * transmissivity)


def with_image_wells(
    well_xy_m: np.ndarray, flow_m3_s: np.ndarray, *, boundary_y_m: float, constant_head: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Wells and their images across the line y = ``boundary_y_m``: same sign for a no-flow boundary,
    opposite sign for a constant head (method of images; Ferris et al. 1962, USGS WSP 1536-E)."""
    wells = np.asarray(well_xy_m, dtype=np.float64)
    flow = np.asarray(flow_m3_s, dtype=np.float64)
    mirror = wells * np.array([1.0, -1.0]) + np.array([0.0, 2.0 * boundary_y_m])
    return np.vstack((wells, mirror)), np.concatenate((flow, -flow if constant_head else flow))


def peaceman_radius_m(dx_m: float, dy_m: float) -> float:
    """Radius at which the cell pressure holds: 0.14 sqrt(dx^2 + dy^2). Peaceman (1983), SPEJ 23, 531-543."""
    return 0.14 * float(np.hypot(dx_m, dy_m))

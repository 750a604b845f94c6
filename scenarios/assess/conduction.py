"""Heat that conduction brings to a roadway, a hole or broken rock (SI units; infinite homogeneous rock)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import exp1, j0, y0

EULER = 0.5772156649015329
YEAR_S = 365.25 * 86400.0
NODES = 900
_GAUSS_X, _GAUSS_W = np.polynomial.legendre.leggauss(NODES)
Values = Any


def cylinder_flux(fourier: Values) -> np.ndarray:
    """q'/(k dT) per metre of a cylinder whose wall is held at dT below the rock, at Fo = alpha t / r^2.

    (8/pi) int_0^inf exp(-Fo u^2) / (u [J0(u)^2 + Y0(u)^2]) du; Carslaw & Jaeger (1959), Conduction of Heat in
    Solids, 13.5 eq. 8. Towards u = 0 the integrand falls only like 1/(u ln^2 u): that part is added in closed form,
    int_0^(e^L) = (pi/2) [atan((2/pi)(L - ln 2 + gamma)) + pi/2], since J0 -> 1, Y0 -> (2/pi)(ln(u/2) + gamma).
    """
    fo = np.atleast_1d(np.asarray(fourier, dtype=np.float64))
    low, x, weight = _log_nodes(fo)
    u = np.exp(x)
    body = (weight * np.exp(-fo[:, None] * u * u) / (j0(u) ** 2 + y0(u) ** 2)).sum(axis=1)
    result = 8.0 / np.pi * (body + _near_zero(low))
    return np.asarray(result.reshape(np.shape(fourier)) if np.ndim(fourier) else result[0])


def cylinder_heat(fourier: Values) -> np.ndarray:
    """int_0^Fo q'/(k dT) dFo: heat drawn per metre up to Fo, over rho c r^2 dT.

    (8/pi) int (1 - exp(-Fo u^2)) / (u^3 [J0^2 + Y0^2]) du; beyond the nodes J0^2 + Y0^2 -> 2/(pi u), so that
    the rest is (pi/2) u_max^-1.
    """
    fo = np.atleast_1d(np.asarray(fourier, dtype=np.float64))
    low, x, weight = _log_nodes(fo, top=3000.0)
    u = np.exp(x)
    body = (weight * -np.expm1(-fo[:, None] * u * u) / (u * u * (j0(u) ** 2 + y0(u) ** 2))).sum(axis=1)
    rest = 0.5 * np.pi / np.exp(x[:, -1] + 0.0)
    result = 8.0 / np.pi * (body + fo * _near_zero(low) + rest)
    return np.asarray(result.reshape(np.shape(fourier)) if np.ndim(fourier) else result[0])


def _log_nodes(fo: np.ndarray, *, top: float = 6.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower end L (n,) and Gauss nodes and weights (n, nodes) in x = ln u, from 1e-3 / sqrt(1 + Fo) to top / sqrt(Fo)."""
    low = np.log(1e-3 / np.sqrt(1.0 + fo))
    high = np.log(top / np.sqrt(fo))
    half = 0.5 * (high - low)
    return low, low[:, None] + half[:, None] * (_GAUSS_X + 1.0), half[:, None] * _GAUSS_W


def _near_zero(low: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * np.pi * (np.arctan(2.0 / np.pi * (low - np.log(2.0) + EULER)) + 0.5 * np.pi))


def interference(
    distances_m: np.ndarray, counts: np.ndarray, radius_m: float, spread_m2: Values
) -> np.ndarray:
    """Factor (0..1] by which neighbours lower what a hole draws, by superposed line sources.

    E1(r^2/4 alpha t) / [E1(r^2/4 alpha t) + sum_j n_j E1(s_j^2/4 alpha t)]; ``spread_m2`` = alpha t, (...,);
    ``counts`` n_j (may be broken: an average over the holes of a row) at ``distances_m`` s_j.
    """
    spread = np.asarray(spread_m2, dtype=np.float64)
    own = exp1(radius_m**2 / (4.0 * spread))
    others = (counts * exp1(np.asarray(distances_m) ** 2 / (4.0 * spread[..., None]))).sum(axis=-1)
    return np.where(own > 0.0, own / np.where(own > 0.0, own + others, 1.0), 1.0)


def slab_share(fourier: Values) -> np.ndarray:
    """Share of its heat that a slab of half-thickness b has given at Fo = alpha t / b^2, surfaces held cold.

    1 - sum_n 8/((2n+1)^2 pi^2) exp(-(2n+1)^2 pi^2 Fo / 4); Carslaw & Jaeger (1959), 3.3 (Crank). Early,
    (2/sqrt(pi)) sqrt(Fo), where the series is slow.
    """
    fo = np.asarray(fourier, dtype=np.float64)
    odd = 2.0 * np.arange(60) + 1.0
    left = (8.0 / (odd * np.pi) ** 2 * np.exp(-((odd * np.pi) ** 2) * fo[..., None] / 4.0)).sum(axis=-1)
    return np.asarray(np.where(fo < 0.02, 2.0 / np.sqrt(np.pi) * np.sqrt(np.maximum(fo, 0.0)), 1.0 - left))


def yearly_cylinder_w_m(
    k_w_mk: float, diffusivity_m2_s: float, radius_m: float, ages_a: np.ndarray
) -> np.ndarray:
    """Mean heat flow per metre and kelvin (W/m/K) of a cylinder between successive ages (n + 1,) in years."""
    fo = diffusivity_m2_s * np.maximum(ages_a, 0.0) * YEAR_S / radius_m**2
    drawn = np.where(fo > 0.0, cylinder_heat(np.maximum(fo, 1e-12)), 0.0)
    step = np.diff(fo)
    return np.asarray(k_w_mk * np.diff(drawn) / np.where(step > 0.0, step, 1.0))

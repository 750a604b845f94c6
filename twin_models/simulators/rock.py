"""Heat exchange with rock that reaches far above and below, as a sum of a few decaying memories.

The flux into a half-space whose surface has changed by theta(t) is sqrt(K rc / pi) times the integral of
theta'(s) / sqrt(t - s) (Carslaw & Jaeger 1959, 2.5). Writing 1/sqrt(t) as a sum of exponentials turns the
history into a handful of numbers per cell that each step updates (as Beylkin & Monzon 2005, Appl. Comput.
Harmon. Anal. 19, do for such kernels). Unlike the profile of Vinsome & Westerveld (1980) it stays right when
the surface warms and cools in turn, as under a heat store.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import nnls

TERMS_PER_DECADE = 2.0


@dataclass(frozen=True)
class Memory:
    """One step's coefficients for a memory of m terms: y' = decay y + gain dtheta, mean flux / sqrt(K rc/pi)
    = sum(weight y) + now dtheta."""

    weight: np.ndarray
    decay: np.ndarray
    gain: np.ndarray
    now: float


def decay_rates(shortest_s: float, horizon_s: float) -> np.ndarray:
    """Rates (1/s) that span the times from one step to the whole run."""
    horizon_s = max(horizon_s, 4.0 * shortest_s)
    terms = math.ceil(TERMS_PER_DECADE * math.log10(horizon_s / shortest_s)) + 2
    return np.geomspace(0.35 / horizon_s, 2.2 / shortest_s, terms)


def memory(rates: np.ndarray, dt_s: float, horizon_s: float) -> Memory:
    """Weights for steps of ``dt_s``, fitted once and kept."""
    return _fitted(tuple(rates), round(dt_s, 3), round(horizon_s, 0))


@lru_cache(maxsize=512)
def _fitted(rates: tuple[float, ...], dt_s: float, horizon_s: float) -> Memory:
    """Least squares in relative error, weights not negative (so that no history grows).

    Both the rise of theta and the flux are averaged over a step: with steps of unit length, a rise in one
    step makes the mean flux (4/3) ((n+1)^1.5 - 2 n^1.5 + (n-1)^1.5) n steps later, and 4/3 in its own step.
    """
    s = np.array(rates)
    most = max(2.0, horizon_s / dt_s)
    lag = np.unique(np.round(np.geomspace(1.0, most, 80)))
    exact = np.where(
        lag < 1e3,
        4.0 / 3.0 * ((lag + 1.0) ** 1.5 - 2.0 * lag**1.5 + (lag - 1.0) ** 1.5),
        1.0 / np.sqrt(lag),
    ) / math.sqrt(dt_s)
    gain = -np.expm1(-s * dt_s) / (s * dt_s)
    basis = gain**2 * np.exp(-np.outer(lag - 1.0, s * dt_s)) / exact[:, None]
    scale = basis.max(axis=0)
    weight, _ = nnls(basis / scale, np.ones(lag.size))
    return Memory(weight / scale * gain, np.exp(-s * dt_s), gain, 4.0 / 3.0 / math.sqrt(dt_s))

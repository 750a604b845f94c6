"""From the network's numbers to curves that are physically possible.

Two curves are known of every producer: of the streamlines (sharp, but of the first day's flow) and of the coarse
simulation (the flow of every day, but smeared). The network says, at ``NODES`` times, how much of each to take (``mix``), how
much sooner or later than both think cold water comes (``delay``: ln of a factor on time, within ``MOST_DELAY``) and
how the mixture is bent (``bend``). A curve stretched in time stays between injected and initial temperature, never
warms where both do not, and is zero where both are: no output can be nonsense, whatever the network says.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from twin_models.surrogates.lines import FAR, RASTER

NODES = 12
STEPS = 51  # times of a finished curve, evenly from 0 to the horizon
MOST_DELAY = 0.9
MOST_BEND = 0.7
UNASKED = -2.0  # logit of the streamlines' part where the network says nothing
SAYS = 4 * NODES  # numbers per producer: delays, bends, mixtures, and ln of the error that it expects
LEAST_ERROR, MOST_ERROR = -8.0, 0.0  # ln of parts of the cooling


def curves(fraction: np.ndarray, coarse: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Parts of cooling (m, p, STEPS) from the curves of streamlines and coarse simulation (p, RASTER) and the network's
    ``out`` (m, p, SAYS)."""
    made = np.empty((*out.shape[:2], STEPS))
    delay, bend = MOST_DELAY * np.tanh(out[..., :NODES]), MOST_BEND * np.tanh(out[..., NODES : 2 * NODES])
    mix = 1.0 / (1.0 + np.exp(-np.clip(out[..., 2 * NODES : 3 * NODES] + UNASKED, -30.0, 30.0)))
    _curves(np.ascontiguousarray(fraction), np.ascontiguousarray(coarse), delay, bend, mix, made)
    return made


def expected_error(out: np.ndarray) -> np.ndarray:
    """Parts of the cooling (p, STEPS) by which the members themselves expect to be off, their mean."""
    told = np.exp(np.clip(out[..., 3 * NODES :], LEAST_ERROR, MOST_ERROR)).mean(axis=0)
    place = np.maximum(np.linspace(0.0, 1.0, STEPS) * NODES - 1.0, 0.0)
    low = np.minimum(place.astype(int), NODES - 2)
    made: np.ndarray = told[:, low] + (place - low) * (told[:, low + 1] - told[:, low])
    return made


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _never_warms(row):
    return np.all(row[1:] >= row[:-1] - 1e-9)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _curves(fraction, coarse, delay, bend, mix, made):
    """Between nodes (at 1/NODES ... 1 of the horizon) linear, held before the first."""
    members, count, nodes = delay.shape
    for p in range(count):
        falls = _never_warms(fraction[p]) and _never_warms(coarse[p])
        for m in range(members):
            most = -1e300
            for k in range(STEPS):
                at = k / (STEPS - 1)
                node = max(at * nodes - 1.0, 0.0)
                n = min(int(node), nodes - 2)
                f = node - n
                stretch = math.exp(delay[m, p, n] * (1.0 - f) + delay[m, p, n + 1] * f)
                part = mix[m, p, n] * (1.0 - f) + mix[m, p, n + 1] * f
                place = min(at * stretch, FAR) / FAR * (RASTER - 1)
                low = min(int(place), RASTER - 2)
                g = place - low
                sharp = fraction[p, low] + g * (fraction[p, low + 1] - fraction[p, low])
                smeared = coarse[p, low] + g * (coarse[p, low + 1] - coarse[p, low])
                seen = part * sharp + (1.0 - part) * smeared
                inside = min(max(seen, 0.0), 1.0)
                bent = bend[m, p, n] * (1.0 - f) + bend[m, p, n + 1] * f
                seen += bent * inside * (1.0 - inside)
                if falls:
                    most = max(most, seen)
                    seen = most
                made[m, p, k] = seen

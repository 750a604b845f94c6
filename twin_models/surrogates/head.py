"""From the network's numbers to curves that are physically possible.

The network says, at ``NODES`` times, how much sooner or later than the streamlines think cold water comes
(``delay``: ln of a factor on time, within ``MOST_DELAY``) and how the mixture is bent (``bend``). A curve
stretched in time stays between injected and initial temperature, never warms where the base does not, and is
zero where the base is: no output can be nonsense, whatever the network says.
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


def curves(fraction: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Parts of cooling (m, p, STEPS) from base ``fraction`` (p, RASTER) and network ``out`` (m, p, 2 NODES)."""
    made = np.empty((*out.shape[:2], STEPS))
    delay, bend = MOST_DELAY * np.tanh(out[..., :NODES]), MOST_BEND * np.tanh(out[..., NODES:])
    _curves(np.ascontiguousarray(fraction), delay, bend, made)
    return made


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _curves(fraction, delay, bend, made):
    """Between nodes (at 1/NODES ... 1 of the horizon) linear, held before the first."""
    members, count, nodes = delay.shape
    for p in range(count):
        falls = True
        for r in range(1, RASTER):
            falls = falls and fraction[p, r] >= fraction[p, r - 1] - 1e-9
        for m in range(members):
            most = -1e300
            for k in range(STEPS):
                at = k / (STEPS - 1)
                node = max(at * nodes - 1.0, 0.0)
                n = min(int(node), nodes - 2)
                f = node - n
                stretch = math.exp(delay[m, p, n] * (1.0 - f) + delay[m, p, n + 1] * f)
                place = min(at * stretch, FAR) / FAR * (RASTER - 1)
                low = min(int(place), RASTER - 2)
                seen = fraction[p, low] + (place - low) * (fraction[p, low + 1] - fraction[p, low])
                inside = min(max(seen, 0.0), 1.0)
                bent = bend[m, p, n] * (1.0 - f) + bend[m, p, n + 1] * f
                seen += bent * inside * (1.0 - inside)
                if falls:
                    most = max(most, seen)
                    seen = most
                made[m, p, k] = seen

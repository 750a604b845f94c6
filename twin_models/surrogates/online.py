"""Bands that learn while people work: conformal factors from the layouts that the simulation has audited.

Every release of a well is an experiment: the estimate was on the page, the simulation answers moments later.
The error of each producer's whole curve over the width that was expected of it is a score, and a band that
holds 80 % of scores like those seen holds about 80 % of curves like those (split conformal prediction, Vovk,
Gammerman & Shafer 2005; Lei et al. 2018, JASA 113, 1094). Until there are enough, scores as the model's
calibration saw them stand in; the more audits, the less they weigh.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

import numpy as np

KEPT = 400  # latest scores: what was long ago was another layout
PRIOR_SCORES = 39  # scores that the calibration is worth


class Recalibration:
    """Scores of one kind of estimate. ``factor_80``, ``factor_90``: of the calibration the model came with."""

    def __init__(self, factor_80: float = 1.0, factor_90: float = 1.8):
        self.prior = _like_calibration(factor_80, factor_90)
        self.scores: deque[float] = deque(maxlen=KEPT)
        self._inside: deque[bool] = deque(maxlen=KEPT)

    def add(self, scores: Iterable[float]) -> None:
        """Audited curves: largest error over the width expected of it, one number a curve."""
        limit = self.factor(0.8)
        for score in scores:
            self._inside.append(score <= limit)
            self.scores.append(float(score))

    def factor(self, part: float) -> float:
        """Factor on the expected width such that ``part`` of curves lie inside."""
        ranked = np.sort(np.concatenate([self.prior, np.array(self.scores)]))
        return float(ranked[min(math.ceil((ranked.size + 1) * part), ranked.size) - 1])

    @property
    def audited(self) -> int:
        return len(self.scores)

    @property
    def inside_pct(self) -> float | None:
        """Part of the audited curves that lay in the 80 % band which was then shown; ``None`` before the first."""
        return 100.0 * sum(self._inside) / len(self._inside) if self._inside else None


def _like_calibration(factor_80: float, factor_90: float) -> np.ndarray:
    """Scores whose 80 and 90 % quantiles are given: s = a (-ln(1 - q))^b, a Weibull law with its two knowns."""
    b = math.log(max(factor_90 / factor_80, 1.01)) / math.log(math.log(10.0) / math.log(5.0))
    a = factor_80 / math.log(5.0) ** b
    q = (np.arange(PRIOR_SCORES) + 1.0) / (PRIOR_SCORES + 1)
    return a * (-np.log1p(-q)) ** b

"""How sure the difference between two schemes is: the same futures in both, so that what they share cancels."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

import numpy as np

from scenarios.evaluate import Evaluation
from scenarios.uncertainty import bands_of

KEPT = 48
_draws: OrderedDict[str, dict[str, np.ndarray]] = OrderedDict()
_lock = Lock()


def draws_of(evaluation: Evaluation) -> dict[str, np.ndarray]:
    """KPI -> its value in every future (the same futures for every scheme of one seed); kept by content."""
    key = f"{evaluation.scheme.key()}:{evaluation.forecast.engine}"
    with _lock:
        if key in _draws:
            _draws.move_to_end(key)
            return _draws[key]
    values = {k: kpi.value for k, kpi in evaluation.kpis.items()}
    made = dict(bands_of(evaluation.scheme, evaluation.facts, values).draws)
    with _lock:
        _draws[key] = made
        while len(_draws) > KEPT:
            _draws.popitem(last=False)
    return made


def band(base: Evaluation, other: Evaluation, key: str) -> tuple[float | None, float | None]:
    """P10 and P90 of ``other - base`` over common futures, moved so that the median is the difference in hand."""
    one, two = base.kpis[key].value, other.kpis[key].value
    if one is None or two is None or base is other:
        return None, None
    first, second = draws_of(base).get(key), draws_of(other).get(key)
    if first is None or second is None or len(first) != len(second):
        return None, None
    both = np.isfinite(first) & np.isfinite(second)
    if int(both.sum()) < 5:
        return None, None
    low, middle, high = np.quantile(second[both] - first[both], (0.1, 0.5, 0.9))
    step = two - one
    return float(step + low - middle), float(step + high - middle)

"""Tax on the profit of a scheme: real money, straight-line depreciation, losses carried forward."""

from __future__ import annotations

import numpy as np


def profit_tax(profit: np.ndarray, capex: np.ndarray | float, *, pct: float, years: float) -> np.ndarray:
    """Tax on profit (..., n), the end of each year; losses are carried forward without limit and never paid out.

    ``profit``: income less costs; the ``capex`` (...,) is written off in equal parts over ``years``. With the taxable
    profit T_t = profit_t - write-off_t and S_t its sum up to t: tax_t = pct (M_t - M_(t-1)), M_t = max(0, S_1 ... S_t).
    """
    profit = np.asarray(profit, dtype=np.float64)
    if pct == 0.0:
        return np.zeros_like(profit)
    built = np.asarray(capex, dtype=np.float64)[..., None]
    written = built * np.clip(years - np.arange(profit.shape[-1]), 0.0, 1.0) / years
    most = np.maximum.accumulate(np.maximum(np.cumsum(profit - written, axis=-1), 0.0), axis=-1)
    return np.asarray(pct / 100.0 * np.diff(most, axis=-1, prepend=0.0))

"""Weights of criteria and rankings of alternatives: closed forms in numpy.

Decision matrices are (alternatives, criteria). ``benefit`` is a boolean array: more is better.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.optimize import nnls
from scipy.special import ndtri
from scipy.stats import rankdata

CONDITION_LIMIT = 1e3  # beyond it the combination's coefficients answer to rounding, not to the weights
PROBIT_FROM = 10  # alternatives needed before rank-sum ratios are graded


def min_max(matrix: np.ndarray, benefit: np.ndarray) -> np.ndarray:
    """Each column on 0..1, 1 the best: (x - min)/(max - min), or (max - x)/(max - min) for a cost.

    Source 003 eq. 5 has the first form only, which is wrong for costs such as depth. A constant column is 0.5.
    """
    low, high = matrix.min(axis=0), matrix.max(axis=0)
    width = np.where(high > low, high - low, 1.0)
    unit = np.where(benefit, matrix - low, high - matrix) / width
    return np.asarray(np.where(high > low, unit, 0.5))


def entropy_weights(matrix: np.ndarray) -> np.ndarray:
    """W_j = (1 - e_j) / sum_j (1 - e_j), e_j = -(1/ln n) sum_i D_ij ln D_ij, D_ij = x_ij / sum_i x_ij.

    Source 003 eq. 9, 10 with the missing brackets and the sum over criteria; 0 ln 0 is 0. No negative values.
    """
    total = matrix.sum(axis=0)
    share = matrix / np.where(total > 0.0, total, 1.0)
    logs = np.log(np.where(share > 0.0, share, 1.0))
    spread = 1.0 + (share * logs).sum(axis=0) / np.log(len(matrix))
    spread = np.where(total > 0.0, np.maximum(spread, 0.0), 0.0)
    return _normalised(spread)


def variation_weights(matrix: np.ndarray) -> np.ndarray:
    """W_j = V_j / sum V_j, V_j = S_j / |mean_j| (source 003 eq. 11-14, one matrix throughout).

    1/n or 1/(n - 1) in S cancels. A column whose mean is 0 has no variation coefficient and counts 0.
    """
    mean = np.abs(matrix.mean(axis=0))
    variation = np.where(mean > 0.0, matrix.std(axis=0) / np.where(mean > 0.0, mean, 1.0), 0.0)
    return _normalised(variation)


def _normalised(values: np.ndarray) -> np.ndarray:
    """Sum 1; equal weights where nothing varies."""
    total = values.sum()
    return np.asarray(values / total if total > 1e-15 else np.full(len(values), 1.0 / len(values)))


def combination(vectors: np.ndarray) -> dict[str, Any]:
    """Game-theory combination of weight vectors (vectors, criteria), and whether to trust it.

    Source 003 eq. 17 is identically zero as printed; meant is the least distance of sum_k a_k w_k to every
    w_i, whose conditions are sum_k a_k (w_i . w_k) = w_i . w_i. Nearly equal vectors make that system
    singular and the coefficients wild; so it is solved for a >= 0 (non-negative least squares), its
    condition number is told, and the plain average is used where a is not positive by itself or the system
    is ill-conditioned.
    """
    gram = vectors @ vectors.T
    right = np.diag(gram).copy()
    condition = float(np.linalg.cond(gram))
    free = np.linalg.lstsq(gram, right, rcond=None)[0]
    bounded, _ = nnls(gram, right)
    share = bounded / bounded.sum() if bounded.sum() > 0.0 else np.full(len(vectors), 1.0 / len(vectors))
    average = vectors.mean(axis=0)
    trusted = bool(condition < CONDITION_LIMIT and (free > 0.0).all())
    return {
        "coefficients_unconstrained": free,
        "coefficients": bounded,
        "coefficients_normalised": share,
        "condition_number": condition,
        "condition_limit": CONDITION_LIMIT,
        "game": share @ vectors,
        "average": average,
        "used": "game" if trusted else "average",
        "weights": share @ vectors if trusted else average,
    }


# --- rankings ----------------------------------------------------------------------------------------------


def topsis(matrix: np.ndarray, benefit: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Closeness to the ideal, (alternatives,) or (k, alternatives) for k weight vectors (k, criteria).

    Hwang & Yoon (1981): columns divided by their length, times weights; best and worst value of each column;
    C = d- / (d+ + d-). All alternatives equal: 0.5.
    """
    length = np.sqrt((matrix**2).sum(axis=0))
    scaled = matrix / np.where(length > 0.0, length, 1.0)
    high, low = scaled.max(axis=0), scaled.min(axis=0)
    best, worst = np.where(benefit, high, low), np.where(benefit, low, high)
    squares = np.atleast_2d(weights) ** 2
    to_best = np.sqrt(squares @ ((scaled - best) ** 2).T)
    to_worst = np.sqrt(squares @ ((scaled - worst) ** 2).T)
    both = to_best + to_worst
    close = np.where(both > 0.0, to_worst / np.where(both > 0.0, both, 1.0), 0.5)
    return np.asarray(close[0] if np.ndim(weights) == 1 else close)


def rank_sum_ratio(matrix: np.ndarray, benefit: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
    """WRSR_i = sum_j w_j R_ij / n, R the rank in the column (n the best, ties share the middle rank).

    Tian (1993). From ten alternatives on, graded by the probit of their cumulative frequency: a straight line
    WRSR = a + b probit and classes below 4, 4 to 6, above 6.
    """
    n = len(matrix)
    ranks = rankdata(np.where(benefit, matrix, -matrix), axis=0)
    ratio = ranks @ weights / n
    if n < PROBIT_FROM:
        return {"scores": ratio, "grades": None, "graded_from": PROBIT_FROM}
    frequency = rankdata(ratio) / n
    frequency = np.where(frequency >= 1.0, 1.0 - 1.0 / (4.0 * n), frequency)
    probit = 5.0 + ndtri(frequency)
    slope, start = np.polyfit(probit, ratio, 1)
    grades = np.digitize(ratio, start + slope * np.array([4.0, 6.0])) + 1
    return {
        "scores": ratio,
        "grades": grades,
        "graded_from": PROBIT_FROM,
        "line": {"start": float(start), "slope": float(slope)},
    }


def ranks_of(scores: np.ndarray) -> np.ndarray:
    """1 for the highest score; equal scores share the better rank."""
    return np.asarray(rankdata(-scores, method="min", axis=-1).astype(int))


# --- stability ---------------------------------------------------------------------------------------------


def moved(weights: np.ndarray, j: int, value: np.ndarray) -> np.ndarray:
    """Weight vectors (k, criteria) with criterion j at each value, the others scaled so that all add to 1."""
    value = np.atleast_1d(value)
    rest = 1.0 - weights[j]
    others = np.delete(weights, j)
    share = others / rest if rest > 1e-12 else np.full(len(others), 1.0 / max(len(others), 1))
    result = np.empty((len(value), len(weights)))
    result[:, np.arange(len(weights)) != j] = (1.0 - value)[:, None] * share
    result[:, j] = value
    return result


def winner_limits(matrix: np.ndarray, benefit: np.ndarray, weights: np.ndarray) -> list[Mapping[str, Any]]:
    """For each criterion, how far its weight may fall or rise before another alternative wins in TOPSIS.

    Weights on a grid of 1/2000, the change then bisected to 1e-9; ``None`` where the winner stays to the end.
    """
    grid = np.linspace(0.0, 1.0, 2001)
    winner = int(topsis(matrix, benefit, weights).argmax())

    def best(j: int, value: np.ndarray) -> np.ndarray:
        return np.asarray(topsis(matrix, benefit, moved(weights, j, value)).argmax(axis=-1))

    rows: list[Mapping[str, Any]] = []
    for j, weight in enumerate(weights):
        row: dict[str, Any] = {"weight": float(weight)}
        for side, values in (("lower", grid[grid < weight][::-1]), ("upper", grid[grid > weight])):
            other = np.flatnonzero(best(j, values) != winner) if len(values) else np.array([], dtype=int)
            if not len(other):
                row |= {side: None, f"{side}_winner": None}
                continue
            out = float(values[other[0]])
            kept = float(values[other[0] - 1]) if other[0] else float(weight)
            for _ in range(30):
                middle = 0.5 * (kept + out)
                if best(j, np.array([middle]))[0] == winner:
                    kept = middle
                else:
                    out = middle
            row |= {side: out, f"{side}_winner": int(best(j, np.array([out]))[0])}
        gaps = [abs(row[side] - weight) for side in ("lower", "upper") if row[side] is not None]
        row["margin"] = min(gaps) if gaps else None
        rows.append(row)
    return rows

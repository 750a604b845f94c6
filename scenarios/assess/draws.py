"""Correlated triangular variables: draws, quantiles and exact means.

Variable (p, u) is parameter p of unit u. Its rank is that of a normal variable built from four independent
ones (a Gaussian copula), with a = correlation of parameters and b = correlation of units:

    z_pu = sqrt(b) [sqrt(a) g + sqrt(1-a) g_p] + sqrt(1-b) [sqrt(a) e_u + sqrt(1-a) e_pu]

so that two parameters of one unit have correlation a, one parameter of two units b, and different ones of
different units a b. 0 is independence, 1 is one common rank. Each variable takes 65 536 equally likely
values (midpoint quantiles), so that a draw is a look-up and not a square root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

CHUNK = 32_768
LEVELS = 65_536
REACH = 6.0  # normal scores beyond this many deviations are drawn as if at it
OUTER, INNER = 240, 120  # nodes of the quadrature for exact means


@dataclass(frozen=True)
class Structure:
    """Correlation 0..1 between parameters of one unit and between units in one parameter."""

    parameters: float = 0.0
    units: float = 0.0

    def as_dict(self) -> dict[str, float]:
        return {"parameters": self.parameters, "units": self.units}


def quantile(triples: np.ndarray, u: np.ndarray) -> np.ndarray:
    """u-quantile of triangular distributions; ``triples`` (..., 3) of min, mode, max broadcasts with ``u``.

    F^-1(u) = l + sqrt(u (h - l)(m - l)) up to the mode, h - sqrt((1 - u)(h - l)(h - m)) beyond.
    """
    low, mode, high = triples[..., 0], triples[..., 1], triples[..., 2]
    width = high - low
    left = low + np.sqrt(u * width * (mode - low))
    right = high - np.sqrt((1.0 - u) * width * (high - mode))
    return np.asarray(np.where(u * width <= mode - low, left, right))


def sampled(
    triples: np.ndarray, structure: Structure, *, seed: int, draws: int, shared: Sequence[int] = ()
) -> Iterator[tuple[slice, int, list[np.ndarray]]]:
    """Draws in chunks: (place, unit, one float32 array for each parameter).

    ``triples``: (parameters, units, 3). ``shared``: parameters with one rank for all units, independent of
    the others. The random numbers do not depend on the structure, so that results move smoothly with it.
    """
    count, units = triples.shape[:2]
    rng = np.random.Generator(np.random.PCG64(seed))
    independent = structure.parameters == 0.0 and structure.units == 0.0
    ranks = (np.arange(LEVELS) + 0.5) / LEVELS
    scores = ndtri(ranks).astype(np.float32)
    by_score = ndtr((np.arange(LEVELS) + 0.5) * (2.0 * REACH / LEVELS) - REACH)
    fixed = triples[..., 0] == triples[..., 2]
    tables = {
        (p, u): quantile(
            triples[p, u], ranks if independent or p in shared else by_score
        ).astype(np.float32)
        for p in range(count)
        for u in range(units)
    }  # fmt: skip
    a, b = structure.parameters, structure.units
    weights = [np.float32(np.sqrt(w)) for w in (b * a, b * (1 - a), (1 - b) * a, (1 - b) * (1 - a))]
    for start in range(0, draws, CHUNK):
        size = min(CHUNK, draws - start)
        common = _levels(rng, 1, size)[0]
        by_parameter = _levels(rng, count, size)
        base = None if independent else weights[0] * scores[common]
        for u in range(units):
            own = _levels(rng, count + 1, size)
            of_unit = None if independent else base + weights[2] * scores[own[count]]
            factors = []
            for p in range(count):
                if fixed[p, u]:
                    factors.append(np.full(size, triples[p, u, 0], dtype=np.float32))
                elif p in shared:
                    factors.append(tables[p, u].take(by_parameter[p]))
                elif of_unit is None:
                    factors.append(tables[p, u].take(own[p]))
                else:
                    score = of_unit + weights[1] * scores.take(by_parameter[p])
                    score += weights[3] * scores.take(own[p])
                    factors.append(tables[p, u].take(_place(score)))
            yield slice(start, start + size), u, factors


def _levels(rng: np.random.Generator, rows: int, size: int) -> np.ndarray:
    """Equally likely levels 0 .. 65535, (rows, size)."""
    return rng.integers(0, LEVELS, size=(rows, size), dtype=np.uint16)


def _place(score: np.ndarray) -> np.ndarray:
    """Index of the cell of a table over scores -6 .. 6."""
    score += np.float32(REACH)
    score *= np.float32(LEVELS / (2.0 * REACH))
    np.clip(score, 0.0, LEVELS - 1.0, out=score)
    return score.astype(np.uint16)


def exact_mean(
    triples: np.ndarray,
    structure: Structure,
    product: Callable[[np.ndarray], np.ndarray],
    *,
    shared: Sequence[int] = (),
) -> np.ndarray:
    """E[product] for each unit (units,), where ``product`` is linear in each row of its (parameters, units).

    Given the unit's common normal variable f the ranks are independent: z_p = sqrt(a) f + sqrt(1-a) e_p. So
    the mean is the integral over f of the product at the conditional means; Gauss-Legendre in the ranks.
    """
    means = triples.mean(axis=-1)
    a = structure.parameters
    if a == 0.0:
        return product(means)
    outer, outer_weight = _legendre(OUTER)
    inner, inner_weight = _legendre(INNER)
    if a == 1.0:
        inner, inner_weight = np.array([0.5]), np.array([1.0])
    ranks = ndtr(np.sqrt(a) * ndtri(outer)[:, None] + np.sqrt(1.0 - a) * ndtri(inner)[None, :])
    conditional: Any = np.empty((*triples.shape[:2], OUTER))
    for p in range(triples.shape[0]):
        for u in range(triples.shape[1]):
            if p in shared or triples[p, u, 0] == triples[p, u, 2]:
                conditional[p, u] = means[p, u]
            else:
                conditional[p, u] = quantile(triples[p, u], ranks) @ inner_weight
    total = np.zeros(triples.shape[1])
    for k in range(OUTER):
        total += outer_weight[k] * product(conditional[:, :, k])
    return total


def _legendre(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on (0, 1), crowded to both ends where quantiles bend like a square root."""
    x, w = np.polynomial.legendre.leggauss(count)
    t = 0.5 * (x + 1.0)
    return t * t * (3.0 - 2.0 * t), 0.5 * w * 6.0 * t * (1.0 - t)

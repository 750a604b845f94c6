"""Judgement matrices of the analytic hierarchy process: weights, consistency, reciprocity.

Saaty (1980), The Analytic Hierarchy Process; weights by row geometric means as in source 002 and by the
principal eigenvector as in source 003 (eq. 6). CI = (lambda_max - n)/(n - 1), CR = CI/RI; the random index
RI differs between authors, so its table is always named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from twin_models.reading import read_yaml
from twin_models.sites import assets_dir

RECIPROCAL_TOLERANCE = 0.02  # 0.33 x 3 and 0.143 x 7 are rounding, 0.5 x 1 is a contradiction
CONSISTENT_BELOW = 0.10


@lru_cache(maxsize=1)
def quality_system() -> dict[str, Any]:
    """The rating system of source 002 (tree, matrices, tables, classes); do not change it."""
    label = "assets/assess/systems/quality-002.yaml"
    system: dict[str, Any] = read_yaml(assets_dir() / "assess" / "systems" / "quality-002.yaml", label)
    return system


def random_indices() -> Mapping[str, Mapping[int, float]]:
    """Tables of the random index by name; orders 1 and 2 are always 0."""
    tables: Mapping[str, Mapping[int, float]] = quality_system()["random_index"]
    return tables


def random_index(name: str, n: int) -> float | None:
    """RI of order n in the named table, ``None`` beyond its end."""
    return 0.0 if n <= 2 else random_indices()[name].get(n)


def geometric_mean_weights(matrix: np.ndarray) -> np.ndarray:
    """w_i proportional to (prod_j a_ij)^(1/n), sum 1."""
    weights = np.exp(np.log(matrix).mean(axis=1))
    return np.asarray(weights / weights.sum())


def eigenvector_weights(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """Principal right eigenvector (sum 1) and eigenvalue of a positive matrix (Perron)."""
    values, vectors = np.linalg.eig(matrix)
    best = int(np.argmax(values.real))
    weights = np.abs(vectors[:, best].real)
    return weights / weights.sum(), float(values[best].real)


def mean_lambda(matrix: np.ndarray, weights: np.ndarray) -> float:
    """lambda_max as the mean of (A w)_i / w_i (the form that goes with geometric-mean weights)."""
    return float(((matrix @ weights) / weights).mean())


def consistency(lambda_max: float, n: int, table: str) -> dict[str, float | None]:
    """``lambda_max``, ``ci`` and ``cr`` (0 for n <= 2, ``None`` beyond the table of the random index)."""
    ci = 0.0 if n <= 2 else (lambda_max - n) / (n - 1)
    index = random_index(table, n)
    cr = 0.0 if n <= 2 else None if index is None else ci / index
    return {"lambda_max": lambda_max, "ci": ci, "cr": cr}


def evaluated(matrix: np.ndarray, *, table: str) -> dict[str, Any]:
    """Weights and consistency by both methods, CR under every random index."""
    n = len(matrix)
    by_mean = geometric_mean_weights(matrix)
    by_vector, largest = eigenvector_weights(matrix)
    lambdas = {"geometric_mean": mean_lambda(matrix, by_mean), "eigenvector": largest}
    weights = {"geometric_mean": by_mean, "eigenvector": by_vector}
    result: dict[str, Any] = {
        name: {"weights": weights[name], **consistency(lambdas[name], n, table)} for name in weights
    }
    result["cr_by_random_index"] = {
        other: {name: consistency(lambdas[name], n, other)["cr"] for name in weights}
        for other in random_indices()
    }
    return result


def reciprocity_faults(matrix: np.ndarray, items: Sequence[str]) -> list[dict[str, Any]]:
    """Pairs of cells whose product is not 1 within rounding, and diagonal cells that are not 1."""
    faults = []
    for i in range(len(matrix)):
        for j in range(i, len(matrix)):
            product = float(matrix[i, j] * matrix[j, i])
            if abs(product - 1.0) <= RECIPROCAL_TOLERANCE:
                continue
            a, b = float(matrix[i, j]), float(matrix[j, i])
            faults.append(
                {
                    "row": i,
                    "column": j,
                    "items": [items[i], items[j]],
                    "values": [a, b],
                    "product": product,
                    "zh": f"{items[i]}:{items[j]} = {a:g},而 {items[j]}:{items[i]} = {b:g};应互为倒数"
                    f"({1 / a:g} 或 {1 / b:g})。",
                    "en": f"{items[i]}:{items[j]} is {a:g} but {items[j]}:{items[i]} is {b:g}; one must be the "
                    f"inverse of the other ({1 / a:g} or {1 / b:g}).",
                }
            )
    return faults


def repairs(matrix: np.ndarray, faults: Sequence[Mapping[str, Any]], *, table: str) -> list[dict[str, Any]]:
    """The matrix with every faulty pair made reciprocal, once from the cell above the diagonal, once below."""
    if not faults:
        return []
    rows = []
    for kept in ("above", "below"):
        mended = matrix.copy()
        for fault in faults:
            i, j = fault["row"], fault["column"]
            if i == j:
                mended[i, i] = 1.0
            elif kept == "above":
                mended[j, i] = 1.0 / mended[i, j]
            else:
                mended[i, j] = 1.0 / mended[j, i]
        rows.append({"kept": kept, "matrix": mended, **evaluated(mended, table=table)})
    return rows


def hierarchical(
    tree: Mapping[str, Sequence[str]], local: Mapping[str, Sequence[float]], root: str
) -> dict[str, float]:
    """Global weights of all nodes below the root: products of local weights on the way down."""
    result = {root: 1.0}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for child, weight in zip(tree.get(node, ()), local.get(node, ()), strict=True):
            result[child] = result[node] * float(weight)
            waiting.append(child)
    return result


def leaves(tree: Mapping[str, Sequence[str]], root: str) -> list[str]:
    """Indicators in the order of the tree."""
    children = tree.get(root)
    if children is None:
        return [root]
    return [leaf for child in children for leaf in leaves(tree, child)]


def as_ratio(text: str) -> float:
    """ "1/7" as a number; NaN when it is none."""
    top, _, bottom = text.partition("/")
    try:
        return float(top) / float(bottom) if bottom else float(top)
    except (ValueError, ZeroDivisionError):
        return math.nan

"""The blocked factor solves what the matrix says, for sources anywhere and many or few at a time."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg as sla

from twin_models.simulators.factor import BLOCK, factor_of

RNG = np.random.default_rng(4)


def lattice(nx: int, ny: int) -> sp.csc_matrix:
    """Five-point matrix of uneven conductances with a held outer edge."""
    n = nx * ny
    matrix = sp.lil_matrix((n, n))
    for j in range(ny):
        for i in range(nx):
            at = j * nx + i
            matrix[at, at] += 0.1
            for other in ([at + 1] if i + 1 < nx else []) + ([at + nx] if j + 1 < ny else []):
                t = float(RNG.lognormal())
                matrix[at, at] += t
                matrix[other, other] += t
                matrix[at, other] = matrix[other, at] = -t
    return matrix.tocsc()


def blocked(matrix: sp.csc_matrix):
    options = {"SymmetricMode": True, "DiagPivotThresh": 0.0}
    return factor_of(sla.splu(matrix, permc_spec="MMD_AT_PLUS_A", options=options))


def test_two_cells_by_hand() -> None:
    """[[3, -1], [-1, 2]] x = (5, 0): x = (2, 1)."""
    factor = blocked(sp.csc_matrix([[3.0, -1.0], [-1.0, 2.0]]))
    assert factor.solve(np.array([[5.0, 0.0]]))[0] == pytest.approx([2.0, 1.0])


@pytest.mark.parametrize("count", [1, 2, 3, BLOCK, BLOCK + 3])
@pytest.mark.parametrize("sparse", [True, False])
def test_residual_vanishes(count: int, sparse: bool) -> None:
    matrix = lattice(23, 17)
    b = RNG.normal(size=(count, matrix.shape[0]))
    if sparse:
        b *= RNG.uniform(size=b.shape) < 0.01
        b[0] = 0.0
        b[0, 5] = 1.0
    x = blocked(matrix).solve(b)
    assert np.abs(x @ matrix.toarray() - b).max() < 1e-12 * max(np.abs(x).max(), 1.0) * 10
    assert np.abs(x).max() > 0.0


def test_exchanged_rows_are_refused() -> None:
    """Without a diagonal rows must change places, and L D L' is not what SuperLU holds."""
    assert factor_of(sla.splu(sp.csc_matrix([[0.0, 1.0], [1.0, 0.0]]), permc_spec="NATURAL")) is None

"""Which uncertainty matters most, with all of them moving at once: Sobol indices of a KPI (SALib).

First order: share of the KPI's variance that goes with one input alone; total: share that would be left if all others
were known. Saltelli's sampling scheme, N (D + 2) futures of the D inputs of the bands, with their distributions (P10 and
P90 as stated, independent); the ground is scaled, not simulated anew, as for the bands. Saltelli et al. (2010), Computer
Physics Communications 181, 259-270; Sobol sequences are pairs of a power of two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from scenarios.kpi_formulas import Facts
from scenarios.kpis import KPIS
from scenarios.uncertainty import GROUND_KEYS, MONEY_KEYS, Ground, _facts_in, spread
from twin_models.base import Cancelled
from twin_models.errors import Fault, InputError

KEYS = (*GROUND_KEYS, *MONEY_KEYS)
TOLD_EVERY = 24
SAMPLES = (8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True)
class Index:
    """``first``, ``total``: indices with half the width of their 95 % intervals (bootstrap)."""

    key: str
    first: float
    first_conf: float
    total: float
    total_conf: float


@dataclass(frozen=True)
class Sobol:
    """Largest total first. ``mean``, ``std``: of the KPI over the futures; ``futures``: how many."""

    kpi: str
    indices: tuple[Index, ...]
    mean: float
    std: float
    futures: int


def sobol(
    facts: Facts,
    kpi: str = "npv_cny",
    *,
    samples: int = 64,
    seed: int = 0,
    cancel: Callable[[], bool] | None = None,
    tell: Callable[[float], None] | None = None,
) -> Sobol:
    """Indices of a KPI that is a number in every future; ``tell``: hears the share done. Equal seeds give equal indices.
    Raises ``InputError`` and ``Cancelled``."""
    if kpi not in KPIS:
        raise InputError(Fault("kpi", "unknown", f"must be one of {', '.join(KPIS)}, got {kpi}", {}))
    if samples not in SAMPLES:
        allowed = ", ".join(map(str, SAMPLES))
        raise InputError(Fault("samples", "range", f"must be one of {allowed}, got {samples}", {}))

    def model(shares: np.ndarray) -> np.ndarray:
        values = _values(facts, kpi, _draws(facts, shares), cancel, tell)
        if np.isnan(values).any():
            text = f"{kpi} is not a number in {int(np.isnan(values).sum())} of {len(values)} futures"
            raise InputError(Fault("kpi", "undefined", text, {}))
        return values

    indices, values = indices_of(model, KEYS, samples=samples, seed=seed)
    if not indices:
        raise InputError(Fault("kpi", "constant", f"{kpi} is the same in all futures", {}))
    return Sobol(kpi, indices, float(values.mean()), float(values.std()), len(values))


def indices_of(
    model: Callable[[np.ndarray], np.ndarray], keys: tuple[str, ...], *, samples: int, seed: int
) -> tuple[tuple[Index, ...], np.ndarray]:
    """Indices of a model of shares (n, D) in 0..1, largest total first, and its values (n,); none for a constant."""
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    problem = {"num_vars": len(keys), "names": list(keys), "bounds": [[0.0, 1.0]] * len(keys)}
    values = model(sampling.sample(problem, samples, calc_second_order=False, seed=seed))
    if values.std() <= 1e-12 * max(abs(float(values.mean())), 1e-12):
        return (), values
    # a seed of 0 counts as none there
    found = analysis.analyze(problem, values, calc_second_order=False, seed=seed + 1)
    rows = [
        Index(key, *(float(found[name][i]) for name in ("S1", "S1_conf", "ST", "ST_conf")))
        for i, key in enumerate(keys)
    ]
    return tuple(sorted(rows, key=lambda row: -row.total)), values


def _draws(facts: Facts, shares: np.ndarray) -> np.ndarray:
    """Values of the inputs (n, D) at shares (0..1) of their distributions."""
    scores = ndtri(np.clip(shares, 1e-4, 1.0 - 1e-4))
    ranges = facts.terms.uncertainty
    columns = [
        spread(scores[:, j], *ranges[key], per_cent=key.endswith("_pct")) for j, key in enumerate(KEYS)
    ]
    return np.column_stack(columns)


def _values(
    facts: Facts,
    kpi: str,
    draws: np.ndarray,
    cancel: Callable[[], bool] | None,
    tell: Callable[[float], None] | None,
) -> np.ndarray:
    """The KPI in every future (n,), NaN where it is not defined; a ground that comes again is not computed again."""
    known: dict[tuple[float, ...], Facts] = {}
    grounds = len(GROUND_KEYS)
    out = np.full(len(draws), np.nan)
    for i, row in enumerate(draws.tolist()):
        if cancel is not None and cancel():
            raise Cancelled
        if tell is not None and i % TOLD_EVERY == 0:
            tell(i / len(draws))
        at = tuple(row[:grounds])
        if at not in known:
            known[at] = _facts_in(facts, Ground(*at), None)
        there = known[at]
        price, build, power = row[grounds:]
        flow = there.flow
        moved = replace(
            flow,
            capex_cny=flow.capex_cny * build,
            maintenance_cny=flow.maintenance_cny * build,
            renewal_cny=flow.renewal_cny * build,
            income_cny=flow.income_cny * price,
            electricity_cny=flow.electricity_cny * power,
        )
        value = KPIS[kpi].compute(replace(there, flow=moved))
        out[i] = np.nan if value is None else value
    return out

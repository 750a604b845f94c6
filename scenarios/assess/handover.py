"""From the assessment of a place to the uncertainty of a scheme there.

The assessment knows a structural unit by triangular ranges (source 003, Table 1) and a place by the basin model.
A scheme's bands, futures and Sobol indices draw thickness and temperature round the place's value
(``economics.uncertainty``, P10 and P90): the unit's own P10 and P90, seen from that value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from scenarios.assess.draws import quantile
from scenarios.schema_io import freeze
from scenarios.scheme import Scheme
from twin_models.site_types import UnitRow

ENDS = np.array([0.1, 0.9])
WIDEST_PCT = 90.0


def spreads_of(unit: UnitRow, *, thickness_m: float, temperature_degc: float) -> dict[str, list[float]]:
    """P10 and P90 of ``thickness_pct`` and ``temperature_k`` about the values at a place of the unit.

    A place at the rim of its unit's range has one end at 0: the unit says nothing beyond.
    """
    thick = quantile(np.array(unit.thickness_m), ENDS)
    warm = quantile(np.array(unit.temperature_degc), ENDS)
    pct = np.clip(100.0 * (thick / thickness_m - 1.0), -WIDEST_PCT, WIDEST_PCT)
    return {
        "thickness_pct": _ends(float(pct[0]), float(pct[1])),
        "temperature_k": _ends(float(warm[0]) - temperature_degc, float(warm[1]) - temperature_degc),
    }


def _ends(low: float, high: float) -> list[float]:
    return [round(min(low, 0.0), 2), round(max(high, 0.0), 2)]


def with_uncertainty(scheme: Scheme, spreads: dict[str, list[float]]) -> Scheme:
    """The scheme with these ranges in place of the usual ones; what it says of others stays."""
    economics: dict[str, Any] = scheme.economics_dict()
    economics["uncertainty"] = {**economics.get("uncertainty", {}), **spreads}
    return replace(scheme, economics=freeze(economics))

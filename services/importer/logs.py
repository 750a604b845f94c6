"""Well logs: what a LAS file says of a layer fills what the table of layers leaves open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from services.importer.columns import CURVES, TABLES
from services.importer.tables import Log
from services.importer.units import factor_of
from twin_models.errors import Fault

WORDS_ZH = {"temperature": "温度", "porosity": "孔隙度", "permeability": "渗透率"}
FEWEST = 3  # samples inside a layer before their mean is used
_LIMITS = {c.key: c for c in TABLES["layers"]}


def fill_from_logs(
    layers: list[dict[str, Any]],
    logs: Sequence[Log],
    wells: set[str],
    faults: list[Fault],
    notes: list[tuple[str, str]],
) -> None:
    """Mean over wells of the mean over the layer, for reservoir layers whose cell is empty."""
    read = [(log, curves) for log in logs if (curves := _curves(log, wells, faults)) is not None]
    for layer in layers:
        if layer["role"] != "reservoir":
            continue
        for key in CURVES:
            if layer[key] is not None or key in layer["row"].bad:
                continue
            means = [
                m for _, curves in read if (m := _mean(curves, key, layer["top"], layer["base"])) is not None
            ]
            if means:
                layer[key] = round(sum(means) / len(means), 4)
                zh, en = layer["name"]
                notes.append((
                    f"{zh}的{WORDS_ZH[key]}取自 {len(means)} 口井测井曲线的平均值",
                    f"{key} of {en}: mean of the logs of {len(means)} well(s)",
                ))  # fmt: skip


def _fault(log: Log, row: int | None, column: str, reason: str, text: str, value: Any = None) -> Fault:
    where = {"file": log.file, "row": row, "column": column, "value": value}
    at = f"{log.file}, row {row}, column {column}" if row else f"{log.file}, column {column}"
    return Fault(at, reason, text, where)


def _curves(log: Log, wells: set[str], faults: list[Fault]) -> dict[str, list[float]] | None:
    """Depth and the curves that are used, in our units; ``None`` if the depth cannot be used."""
    if log.well not in wells:
        faults.append(
            _fault(
                log,
                None,
                "WELL",
                "unknown",
                f"names the well {log.well[:40]!r}, which is not in the table of wells",
            )
        )
    if not log.head or not log.columns[0]:
        faults.append(_fault(log, None, "DEPT", "empty", "has no samples"))
        return None
    factor = factor_of("length", log.units[0] or "m")
    if factor is None:
        faults.append(
            _fault(log, None, log.head[0], "unit", f"has the unit {log.units[0]!r}; depth must be in m or ft")
        )
        return None
    depth = [math.nan if not isinstance(v, (int, float)) else v * factor[0] for v in log.columns[0]]
    for i, (above, below) in enumerate(pairwise(depth)):
        if not below > above:
            row = log.first_row + i + 1
            faults.append(
                _fault(
                    log, row, log.head[0], "range", f"must be deeper than the row above, {above:g} m", below
                )
            )
            return None
    out = {"depth": depth}
    for i, head in enumerate(log.head[1:], start=1):
        key = next((k for k, names in CURVES.items() if head.strip().lower().split(":")[0] in names), None)
        if key is None or key in out:
            continue
        out[key] = _values(log, i, key, faults)
    return out


def _values(log: Log, i: int, key: str, faults: list[Fault]) -> list[float]:
    column = _LIMITS[key]
    head, unit = log.head[i], log.units[i]
    factor = factor_of(column.quantity, unit) if unit else (1.0, 0.0)
    if factor is None:
        faults.append(_fault(log, None, head, "unit", f"has the unit {unit!r}, which is not known for {key}"))
        return [math.nan] * len(log.columns[i])
    out = []
    said = False
    for k, value in enumerate(log.columns[i]):
        number = math.nan if not isinstance(value, (int, float)) else value * factor[0] + factor[1]
        if math.isfinite(number) and not column.low <= number <= column.high:
            if not said:  # one wrong null value repeats a thousand times
                text = f"must be between {column.low:g} and {column.high:g}, got {number:g} (first of this curve)"
                faults.append(_fault(log, log.first_row + k, head, "range", text, value))
            said, number = True, math.nan
        out.append(number)
    return out


def _mean(curves: dict[str, list[float]], key: str, top: float, base: float) -> float | None:
    """Mean over the layer; ``None`` with fewer than ``FEWEST`` samples in it."""
    if key not in curves:
        return None
    inside = [
        v for d, v in zip(curves["depth"], curves[key], strict=True) if top <= d <= base and math.isfinite(v)
    ]
    return sum(inside) / len(inside) if len(inside) >= FEWEST else None

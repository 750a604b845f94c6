"""Grades from printed tables, with their gaps and overlaps found and shown.

A table is rows of a grade and a range; ``above``/``below`` exclude the bound, ``from``/``to`` include it.
Rows marked ``ours`` fill what is not printed. Nothing here knows the indicators: they are data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

Row = Mapping[str, Any]


def lower(row: Row) -> float:
    return float(row.get("above", row.get("from", -math.inf)))


def upper(row: Row) -> float:
    return float(row.get("below", row.get("to", math.inf)))


def holds(row: Row, value: float) -> bool:
    """Whether a value lies in a row's range."""
    return (
        value > row.get("above", -math.inf)
        and value >= row.get("from", -math.inf)
        and value < row.get("below", math.inf)
        and value <= row.get("to", math.inf)
    )


def range_text(row: Row) -> str:
    """``800 < x <= 2000``."""
    left = f"{row['above']:g} < " if "above" in row else f"{row['from']:g} <= " if "from" in row else ""
    right = f" < {row['below']:g}" if "below" in row else f" <= {row['to']:g}" if "to" in row else ""
    return f"{left}x{right}"


def grade_of(rows: Sequence[Row], value: float, *, overlap: str = "lowest") -> dict[str, Any]:
    """The grade of a value: ``grade``, ``state`` (one, overlap, gap), the ``rows`` that hold it, a note.

    ``gap``: only a row of ours holds it. In an overlap the lowest grade counts unless ``overlap`` says
    "highest".
    """
    found = [row for row in rows if holds(row, value)]
    printed = [row for row in found if not row.get("ours")]
    pick = max if overlap == "highest" else min
    chosen = pick(printed or found, key=lambda row: row["grade"])
    differ = len({row["grade"] for row in printed}) > 1
    state = "overlap" if differ else "one" if printed else "gap"
    answer: dict[str, Any] = {
        "grade": float(chosen["grade"]),
        "state": state,
        "rows": [{"grade": row["grade"], "range": range_text(row)} for row in found],
        "note_zh": "",
        "note_en": "",
    }
    if state == "gap":
        answer["note_zh"], answer["note_en"] = chosen["zh"], chosen["en"]
    if state == "overlap":
        both = " / ".join(f"{row['grade']:g} ({range_text(row)})" for row in printed)
        word = "最高" if overlap == "highest" else "最低"
        answer["note_zh"] = f"印刷表中两行都含此值:{both};取{word}。"
        answer["note_en"] = f"Two printed rows hold this value: {both}; the {overlap} is taken."
    return answer


def table_faults(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Gaps and overlaps of the printed rows over the whole line, found from their bounds."""
    printed = [row for row in rows if not row.get("ours")]
    edges = sorted({edge for row in printed for edge in (lower(row), upper(row)) if math.isfinite(edge)})
    probes = [(-math.inf, edges[0]), *pairwise(edges), (edges[-1], math.inf)]
    faults = []
    for low, high in probes:
        inside = high - 1.0 if math.isinf(low) else low + 1.0 if math.isinf(high) else 0.5 * (low + high)
        grades = sorted({float(row["grade"]) for row in printed if holds(row, inside)}, reverse=True)
        if len(grades) == 1:
            continue
        kind = "overlap" if grades else "gap"
        filled = grade_of(rows, inside)["grade"] if any(holds(row, inside) for row in rows) else None
        faults.append(
            {
                "kind": kind,
                "low": None if math.isinf(low) else low,
                "high": None if math.isinf(high) else high,
                "grades": grades,
                "used": filled,
            }
        )
    return faults


def thresholds(rows: Sequence[Row], value: float, *, overlap: str = "lowest") -> list[dict[str, float]]:
    """The nearest bound below and above a value across which the grade changes, and the grade beyond it."""
    edges = sorted({edge for row in rows for edge in (lower(row), upper(row)) if math.isfinite(edge)})
    here = grade_of(rows, value, overlap=overlap)["grade"]
    found = []
    for side in (-1, 1):
        beyond = [edge for edge in edges if (edge - value) * side >= 0.0][::side]
        for edge in beyond:
            tries = (edge, edge + side * 1e-9 * max(abs(edge), 1.0))
            others = [(probe, grade_of(rows, probe, overlap=overlap)["grade"]) for probe in tries]
            changed = [(probe, grade) for probe, grade in others if grade != here]
            if changed:
                found.append({"threshold": edge, "grade_beyond": changed[0][1], "distance": edge - value})
                break
    return found


def class_of(score: float, classes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The class of a score; classes stand from best to worst, the last has no lower bound."""
    rounded = round(score, 9)  # 0.80 as a sum of sixteen products is 0.8000000000000002
    return next(c for c in classes if c["above"] is None or rounded > c["above"])

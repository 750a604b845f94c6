"""Quality of a field (source 002) as the page shows it, and printed figures of any method beside ours."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from scenarios.assess import assess
from scenarios.assess.cases import load_case
from scenarios.assess.judgement import quality_system
from twin_models.errors import Fault, InputError

CASES = {"caofeidian": "caofeidian-2023"}
TEMPERATURE = "D12"
RANGE_DEGC = (25.0, 160.0)
UNITS = {"degC": "℃", "m3/d": "m³/d", "1e4 t/km2": "10⁴ t/km²", "RI, LI or mg/L": "", "km2": "km²", "-": ""}
PRINTED = {
    "heat": ("heat-in-place", "nw-shandong-2025"),
    "suitability": ("suitability", "nw-shandong-suitability-2025"),
    "quality": ("ahp", "caofeidian-2023"),
}


def number(value: float) -> str:
    return f"{value:g}"


def value_text(row: dict[str, Any], unit: str) -> dict[str, str]:
    """Value of an indicator in both languages: a number, a range or a category."""
    value = row["value"]
    if isinstance(value, list):
        ends = list(dict.fromkeys(number(v) for v in value))
        scale = (row["by_table"] or {}).get("scale") or ""
        text = f"{scale} {'–'.join(ends)} {unit}".strip()
        return {"zh": text, "en": text}
    category = row["by_table"]["rows"][0] if row["by_table"] else {}
    return {"zh": category.get("zh", str(value)), "en": category.get("en", str(value))}


def indicator_rows(result: dict[str, Any]) -> list[dict[str, Any]]:
    known = quality_system()["indicators"]
    rows = []
    for row in result["indicators"]:
        unit = known[row["id"]].get("unit", "")
        table = row["by_table"]
        rows.append(
            {
                "id": row["id"],
                "zh": known[row["id"]]["zh"],
                "en": known[row["id"]]["en"],
                "text": value_text(row, UNITS.get(unit, unit)),
                "grade": row["grade"],
                "weight_pct": 100.0 * row["weight"],
                "part_pct": 100.0 * row["contribution"],
                "by_table": table["grade"] if table else None,
                "differs": bool(row["differs"]),
                "note": {"zh": (table or {}).get("note_zh", ""), "en": (table or {}).get("note_en", "")},
            }
        )
    return rows


def matrix_rows(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Consistency of each judgement matrix under its named random index, and pairs that are no inverses."""
    return [
        {
            "id": name,
            "zh": result["names"][name]["zh"],
            "en": result["names"][name]["en"],
            "n": row["n"],
            "items": row["items"],
            "matrix": row["matrix"],
            "weights": row["geometric_mean"]["weights"],
            "lambda_max": row["geometric_mean"]["lambda_max"],
            "cr": row["geometric_mean"]["cr"],
            "index": row["random_index"]["name"],
            "index_value": row["random_index"]["value"],
            "consistent": row["consistent"],
            "faults": [{"zh": f["zh"], "en": f["en"]} for f in row["reciprocity_faults"]],
            "repairs": [r["geometric_mean"]["cr"] for r in row["repairs"]],
        }
        for name, row in result["matrices"].items()
    ]


def judged_anew(matrix: list[list[float]], row: int, column: int, value: Any) -> list[list[Any]]:
    """A judgement matrix with one pair of cells changed: the value, and its inverse on the other side.

    ``value``: a number or a text such as ``1/7``. Raises ``InputError``.
    """
    size = len(matrix)
    if not (0 <= row < size and 0 <= column < size and row != column):
        raise InputError(Fault("cell", "range", f"must be off the diagonal of {size} x {size}"))
    number_ = ratio(value)
    changed: list[list[Any]] = [list(line) for line in matrix]
    changed[row][column], changed[column][row] = number_, 1.0 / number_
    return changed


def ratio(value: Any) -> float:
    """A comparison of the scale 1/9 to 9, typed as a number or a fraction."""
    try:
        top, _, bottom = str(value).partition("/")
        result = float(top) / float(bottom or 1.0)
    except (ValueError, ZeroDivisionError):
        result = float("nan")
    if not 1.0 / 9.0 - 1e-9 <= result <= 9.0 + 1e-9:
        raise InputError(
            Fault("cell", "range", f"must be from 1/9 to 9, got {str(value)[:20]!r}", {
                "text_zh": f"应在 1/9 到 9 之间，输入的是“{str(value)[:20]}”",
                "text_en": f"must be from 1/9 to 9, got {str(value)[:20]!r}",
            })
        )  # fmt: skip
    return result


def quality_state(
    site: str, temperature_degc: float | None = None, matrices: dict[str, Any] | None = None
) -> dict[str, Any] | None:
    """The field's quality; ``None`` without a published case.

    ``temperature_degc`` stands in place of the printed range; ``matrices`` in place of printed ones, and then
    the weights are those of all matrices, not the printed rounded ones.
    """
    case = CASES.get(site)
    if case is None:
        return None
    given: dict[str, Any] = {"case": case}
    if temperature_degc is not None:
        given["values"] = {TEMPERATURE: temperature_degc}
    if matrices:
        given["matrices"] = {**load_case(case)["input"].get("matrices", system_matrices()), **matrices}
    result = assess("ahp", given)
    middle = next(row for row in result["indicators"] if row["id"] == TEMPERATURE)["value"]
    return {
        "rows": indicator_rows(result),
        "score": result["score"],
        "score_normalised": result["score_normalised"],
        "edited": sorted(matrices or ()),
        "own": bool(matrices) or temperature_degc is not None,
        "weight_sum_pct": 100.0 * result["weight_sum"],
        "class": result["class"],
        "classes": quality_system()["classes"],
        "matrices": matrix_rows(result),
        "variants": [{k: v[k] for k in ("key", "zh", "en", "score", "class")} for v in result["variants"]],
        "findings": [*gaps(result), *({"zh": f["zh"], "en": f["en"]} for f in result["table_findings"])],
        "temperature": {
            "value": temperature_degc if temperature_degc is not None else sum(middle) / len(middle),
            "own": temperature_degc is not None,
            "printed": value_text(next(r for r in result["indicators"] if r["id"] == TEMPERATURE), "℃"),
            "min": RANGE_DEGC[0],
            "max": RANGE_DEGC[1],
            "thresholds": [
                {
                    "at": t["threshold"],
                    "grade": t["grade_beyond"],
                    "score": t["score_beyond"],
                    "class": t["class_beyond"],
                    "changes": t["class_changes"],
                }
                for t in result["sensitivity"]["thresholds"]
                if t["id"] == TEMPERATURE and RANGE_DEGC[0] < t["threshold"] < RANGE_DEGC[1]
            ],
        },
    }


def system_matrices() -> dict[str, Any]:
    return dict(quality_system()["matrices"])


def gaps(result: dict[str, Any]) -> list[dict[str, str]]:
    """Holes and overlaps of the printed tables, in words."""
    known = quality_system()["indicators"]
    texts = []
    for fault in result["table_faults"]:
        zh, en = known[fault["id"]]["zh"], known[fault["id"]]["en"]
        unit = UNITS.get(fault["unit"], fault["unit"])
        low, high = (None if v is None else number(v) for v in (fault["low"], fault["high"]))
        where = f"{low}–{high}" if low and high else f"< {high}" if high else f"> {low}"
        gap = fault["kind"] == "gap"
        texts.append(
            {
                "zh": f"{zh} {where} {unit}".strip()
                + f"：表中{'没有分级' if gap else '有两个分级'}，取 {fault['used']:g}。",
                "en": f"{en.capitalize()} {where} {unit}".strip()
                + f": the table has {'no grade' if gap else 'two grades'}; "
                f"{fault['used']:g} is taken.",
            }
        )
    return texts


@lru_cache(maxsize=4)
def printed_rows(part: str) -> list[dict[str, Any]]:
    """Printed figures of a published case, ours, the verdict and why; those that differ come first."""
    method, case = PRINTED[part]
    order = {"differs": 0, "not_reproducible": 1, "ok_assuming": 2, "ok": 3}
    rows = assess(method, {"case": case})["printed"]
    return [
        {
            "key": row["key"],
            "name": {"zh": row["zh"], "en": row["en"]},
            "unit": UNITS.get(row["unit"], row["unit"].replace("/km2", "/km²")),
            "printed": row["printed"],
            "ours": row["recomputed"],
            "verdict": row["verdict"],
            "where": row["where"],
            "why": {"zh": row["why_zh"], "en": row["why_en"]},
        }
        for row in sorted(rows, key=lambda row: order[row["verdict"]])
    ]

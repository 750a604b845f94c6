"""Quality of a geothermal field by the analytic hierarchy process (source 002), and any judgement tree.

    F = sum_i W_i X_i        (source 002 eq. 6, 7)

W_i global weights, X_i grades from printed tables. Reported with it: consistency under a named random
index, cells that contradict each other, gaps and overlaps of the tables, what a small change would do to
the class. An empty input is the published case, Caofeidian.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scenarios.assess import grades as tables
from scenarios.assess.ahp_input import Given, read_given
from scenarios.assess.caofeidian import published_values
from scenarios.assess.cases import case_names, judged, load_case, note, resolve
from scenarios.assess.judgement import (
    CONSISTENT_BELOW,
    evaluated,
    hierarchical,
    quality_system,
    random_index,
    reciprocity_faults,
    repairs,
)
from scenarios.schema_io import plain

WEIGHT_SHIFT = 0.2  # a weight is moved by this share, the others give way in proportion
DEFAULT_CASE = "caofeidian-2023"


def ahp(data: Any) -> dict[str, Any]:
    """Assess a judgement tree (``docs/assess.md`` lists the keys). Raises ``InputError``.

    Out: ``matrices`` (weights by geometric mean and eigenvector, lambda_max, CI, CR, reciprocity faults and
    repairs), ``global_weights``, and with grades for every indicator ``indicators``, ``score``,
    ``score_normalised``, ``class``, ``variants``, ``sensitivity``.
    """
    asked, case = resolve(_over_case(data), "ahp", free=("random_index",), default=DEFAULT_CASE)
    given = read_given(asked)
    matrices = {name: _matrix(given, name) for name in given.matrices}
    result: dict[str, Any] = {
        "method": "ahp",
        "random_index": given.random_index,
        "priorities": given.priorities,
        "matrices": matrices,
        "reciprocity_faults": [
            {"matrix": name, **fault} for name, row in matrices.items() for fault in row["reciprocity_faults"]
        ],
        "global_weights": _global_weights(given, matrices),
        "names": _names(given),
        "notes": _notes(matrices),
    }
    if len(matrices) == 1:  # one matrix alone: its figures at the top too
        only = next(iter(matrices.values()))
        for key in ("geometric_mean", "eigenvector"):
            result[key] = only[key]
    if given.root is not None and (given.grades or given.values):
        result |= _quality(given, result["global_weights"])
    if case is not None:
        result["variants"].append(_printed_local(given, case["facts"]["printed_local"]))
        result["printed"] = judged(case["printed"], published_values(given, result, case["facts"]))
    answer: dict[str, Any] = plain(result)
    return answer


def _over_case(data: Any) -> Any:
    """A case with single values, grades or matrices replaced, in the sense a person means it.

    A new value is graded by its table, not by the case's printed grade; new matrices or group weights undo
    the case's printed, rounded leaf weights.
    """
    if not isinstance(data, Mapping) or data.get("case") not in case_names("ahp"):
        return data
    own, known = dict(data), load_case(data["case"])["input"]
    changed = {
        key: own[key]
        for key in ("values", "grades", "matrices", "weights")
        if isinstance(own.get(key), Mapping)
    }
    if {"matrices", "weights"} & changed.keys():
        own.setdefault("leaf_weights", None)
    if "values" in changed:
        own["values"] = {**known["values"], **changed["values"]}
    if {"values", "grades"} & changed.keys():
        kept = {k: g for k, g in known["grades"].items() if k not in changed.get("values", {})}
        own["grades"] = {**kept, **changed.get("grades", {})}
    return own


# --- weights ---------------------------------------------------------------------------------------------


def _matrix(given: Given, name: str) -> dict[str, Any]:
    matrix, items = given.matrices[name], given.tree[name]
    table = given.random_index
    faults = reciprocity_faults(matrix, items)
    row = evaluated(matrix, table=table)
    cr = row["geometric_mean"]["cr"]
    return {
        "n": len(matrix),
        "items": list(items),
        "matrix": matrix,
        **row,
        "random_index": {"name": table, "value": random_index(table, len(matrix))},
        "consistent": cr is not None and cr < CONSISTENT_BELOW,
        "reciprocal": not faults,
        "reciprocity_faults": faults,
        "repairs": repairs(matrix, faults, table=table),
    }


def _global_weights(given: Given, matrices: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Weights of every node by each method; without one top each group by itself."""
    result = {}
    for method in ("geometric_mean", "eigenvector"):
        local: dict[str, Any] = {name: row[method]["weights"] for name, row in matrices.items()}
        local |= given.local
        tops = [given.root] if given.root is not None else list(given.tree)
        weights: dict[str, float] = {}
        for top in tops:
            weights |= hierarchical(given.tree, local, top)
        result[method] = weights
    return result


def _names(given: Given) -> dict[str, dict[str, str]]:
    system = quality_system()
    known: dict[str, dict[str, str]] = {}
    if given.published:
        known = {key: dict(name) for key, name in system["names"].items()}
        known |= {key: {"zh": row["zh"], "en": row["en"]} for key, row in system["indicators"].items()}
    return known | {
        str(key): {"zh": str(name.get("zh", key)), "en": str(name.get("en", key))}
        for key, name in given.names.items()
        if isinstance(name, Mapping)
    }


def _notes(matrices: Mapping[str, Any]) -> list[dict[str, str]]:
    notes = []
    for name, row in matrices.items():
        cr = row["geometric_mean"]["cr"]
        index = row["random_index"]["name"]
        if cr is not None and cr >= CONSISTENT_BELOW:
            notes.append(
                note(
                    f"矩阵 {name} 的 CR = {cr:.3f} ≥ 0.1(随机指数 {index}),判断前后矛盾。",
                    f"Matrix {name} has CR {cr:.3f}, not below 0.1 (random index {index}): its judgements clash.",
                )
            )
        if row["reciprocity_faults"]:
            notes.append(
                note(
                    f"矩阵 {name} 不满足互反性;同时给出按原样和两种修正的结果。",
                    f"Matrix {name} is not reciprocal; results as given and with both repairs are shown.",
                )
            )
    return notes


# --- grades and score --------------------------------------------------------------------------------------


def _quality(given: Given, global_weights: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    rows = [_indicator(given, leaf) for leaf in given.leaves]
    missing = [row["id"] for row in rows if row["grade"] is None]
    if missing:
        return {"indicators": rows, "score": None, "without_grade": missing}
    hierarchy = {leaf: global_weights[given.priorities][leaf] for leaf in given.leaves}
    weights = dict(given.leaf_weights) if given.leaf_weights is not None else hierarchy
    used = {row["id"]: row["grade"] for row in rows}
    for row in rows:
        row |= {"weight": weights[row["id"]], "contribution": weights[row["id"]] * row["grade"]}
    score = _score(weights, used)
    result: dict[str, Any] = {
        "indicators": rows,
        "score": score,
        "weight_sum": sum(weights.values()),
        "score_normalised": score / sum(weights.values()),
        "class": _class(score),
        "class_normalised": _class(score / sum(weights.values())),
        "variants": _variants(given, rows, weights, hierarchy),
        "sensitivity": _sensitivity(given, rows, weights, used),
    }
    if given.published:
        result["table_faults"] = _table_faults(given)
        result["table_findings"] = quality_system()["findings"]
    return result


def _score(weights: Mapping[str, float], grades: Mapping[str, float]) -> float:
    return sum(weights[key] * grades[key] for key in weights)


def _class(score: float) -> dict[str, Any]:
    """Class of source 002 with the distance of the score to the next class on either side."""
    classes = quality_system()["classes"]
    found = tables.class_of(score, classes)
    place = classes.index(found)
    ceiling = classes[place - 1]["above"] if place else None
    return {
        "id": found["id"],
        "zh": found["zh"],
        "en": found["en"],
        "label_zh": found["label_zh"],
        "label_en": found["label_en"],
        "above": found["above"],
        "to": ceiling,
        "margin_up": None if ceiling is None else ceiling - score,
        "margin_down": None if found["above"] is None else score - found["above"],
        "of": len(classes),
    }


def _rows_for(given: Given, leaf: str, scale: str | None) -> list[dict[str, Any]]:
    ranges = quality_system()["indicators"][leaf]["ranges"]
    rows: list[dict[str, Any]] = ranges[scale or (given.rock if given.rock in ranges else "default")]
    return rows


def _indicator(given: Given, leaf: str) -> dict[str, Any]:
    """Grade of one indicator: the given one first, the table's beside it."""
    value = given.values.get(leaf)
    table = None if value is None else _by_table(given, leaf, value)
    given_grade = given.grades.get(leaf)
    grade = given_grade if given_grade is not None else table["grade"] if table else None
    return {
        "id": leaf,
        "value": list(value[:2]) if isinstance(value, tuple) else value,
        "grade": grade,
        "source": "given" if given_grade is not None else "table" if table else None,
        "by_table": table,
        "differs": table is not None and given_grade is not None and abs(given_grade - table["grade"]) > 1e-9,
    }


def _by_table(given: Given, leaf: str, value: Any) -> dict[str, Any]:
    indicator = quality_system()["indicators"][leaf]
    if "categories" in indicator:
        row = next(row for row in indicator["categories"] if row["id"] == value)
        grade = float(row["grade"])
        return {"grade": grade, "grades": [grade, grade], "state": "one", "rows": [dict(row)],
                "note_zh": "", "note_en": ""}  # fmt: skip
    low, high, scale = value
    rows, overlap = _rows_for(given, leaf, scale), indicator.get("overlap", "lowest")
    answer = tables.grade_of(rows, 0.5 * (low + high), overlap=overlap)
    ends = [tables.grade_of(rows, end, overlap=overlap)["grade"] for end in (low, high)]
    return answer | {"grades": ends, "scale": scale}


def _variants(
    given: Given, rows: list[dict[str, Any]], weights: Mapping[str, float], hierarchy: Mapping[str, float]
) -> list[dict[str, Any]]:
    """The score under other readings of the same input."""
    used = {row["id"]: row["grade"] for row in rows}
    by_table = {row["id"]: row["by_table"]["grade"] if row["by_table"] else row["grade"] for row in rows}
    total = sum(weights.values())
    found = [
        ("as_given", "按给定权重和分级", "weights and grades as given", _score(weights, used)),
        ("normalised", "权重归一", "weights scaled to add to 1", _score(weights, used) / total),
    ]
    if by_table != used:
        changed = [key for key in used if by_table[key] != used[key]]
        found.append(("tables", "分级全部按表", "all grades by the tables", _score(weights, by_table)))
        found += [
            (
                f"table:{key}",
                f"仅 {key} 按表",
                f"only {key} by its table",
                _score(weights, used | {key: by_table[key]}),
            )
            for key in changed
        ]
    if given.leaf_weights is not None:
        found.append(
            (
                "hierarchy",
                "由判断矩阵逐层相乘的未取整权重",
                "unrounded weights from the matrices",
                _score(hierarchy, used),
            )
        )
    return [
        {"key": key, "zh": zh, "en": en, "score": score, "class": _class(score)["id"]}
        for key, zh, en, score in found
    ]


def _printed_local(given: Given, local: Mapping[str, Any]) -> dict[str, Any]:
    """The score with the local weights that the paper prints, multiplied without rounding on the way."""
    groups: dict[str, Any] = {**given.local, **local}
    weights = hierarchical(given.tree, groups, given.root or "")
    score = _score({leaf: weights[leaf] for leaf in given.leaves}, given.grades)
    return {
        "key": "printed_local",
        "zh": "由印出的各层权重逐层相乘(未取整)",
        "en": "unrounded products of the printed local weights",
        "score": score,
        "class": _class(score)["id"],
    }


# --- what a small change would do --------------------------------------------------------------------------


def _sensitivity(
    given: Given, rows: list[dict[str, Any]], weights: Mapping[str, float], used: Mapping[str, float]
) -> dict[str, Any]:
    """``thresholds``: nearest bound of each table and the score beyond; ``weights``: each moved by 20 %."""
    score = _score(weights, used)
    here = _class(score)["id"]
    beyond = []
    for row in rows:
        value = given.values.get(row["id"])
        if not isinstance(value, tuple) or not given.published:
            continue
        indicator = quality_system()["indicators"][row["id"]]
        table = _rows_for(given, row["id"], value[2])
        middle = 0.5 * (value[0] + value[1])
        for found in tables.thresholds(table, middle, overlap=indicator.get("overlap", "lowest")):
            change = weights[row["id"]] * (found["grade_beyond"] - used[row["id"]])
            beyond.append(
                {
                    "id": row["id"],
                    "unit": indicator.get("unit", ""),
                    "value": middle,
                    **found,
                    "inside_range": value[0] <= found["threshold"] <= value[1],
                    "score_beyond": score + change,
                    "class_beyond": _class(score + change)["id"],
                    "class_changes": _class(score + change)["id"] != here,
                }
            )
    total = sum(weights.values())
    shifted = []
    for key in weights:
        ends = []
        for factor in (1.0 - WEIGHT_SHIFT, 1.0 + WEIGHT_SHIFT):
            own = weights[key] * factor
            rest = (total - own) / (total - weights[key]) if total > weights[key] else 0.0
            ends.append(own * used[key] + rest * (score - weights[key] * used[key]))
        low, high = min(ends), max(ends)
        shifted.append(
            {"id": key, "score_low": low, "score_high": high,
             "class_low": _class(low)["id"], "class_high": _class(high)["id"]}
        )  # fmt: skip
    return {"thresholds": beyond, "weights": shifted, "weight_shift": WEIGHT_SHIFT}


def _table_faults(given: Given) -> list[dict[str, Any]]:
    """Gaps and overlaps of every printed table that applies."""
    faults = []
    for key, indicator in quality_system()["indicators"].items():
        for name, rows in indicator.get("ranges", {}).items():
            if name in ("sandstone", "carbonate") and name != given.rock:
                continue
            for fault in tables.table_faults(rows):
                fault |= {"id": key, "scale": name, "unit": indicator.get("unit", "")}
                faults.append(fault)
    return faults

"""Weights of criteria from judgement and data, their combination, and rankings of alternatives with them.

Any mix may be given: a decision matrix (objective weights, rankings), a judgement matrix (AHP), weight vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios.assess.ahp_input import read_matrix
from scenarios.assess.cases import note
from scenarios.assess.judgement import (
    CONSISTENT_BELOW,
    evaluated,
    random_index,
    random_indices,
    reciprocity_faults,
    repairs,
)
from scenarios.assess.weighting import (
    combination,
    entropy_weights,
    min_max,
    moved,
    rank_sum_ratio,
    ranks_of,
    topsis,
    variation_weights,
    winner_limits,
)
from scenarios.schema_io import DoorReader, plain

TYPES = {"benefit": True, "cost": False, "max": True, "min": False}
NORMALISATIONS = ("raw", "min_max")
WEIGHT_SHIFT = 0.2
MAX_ALTERNATIVES, MAX_CRITERIA = 1000, 30


@dataclass(frozen=True, eq=False)
class Given:
    """A checked input; ``matrix`` (alternatives, criteria), ``benefit`` (criteria,) or ``None``."""

    criteria: list[str]
    alternatives: list[str]
    matrix: np.ndarray | None
    benefit: np.ndarray | None
    judgement: np.ndarray | None
    vectors: dict[str, np.ndarray]
    normalisation: str
    combine: list[str] | None
    use: str | None
    random_index: str


def weights(data: Any) -> dict[str, Any]:
    """Weigh criteria and rank alternatives (``docs/assess.md`` lists the keys). Raises ``InputError``.

    Out: ``weights`` by source (``ahp``, ``entropy``, ``coefficient_of_variation`` and the given vectors),
    ``ahp`` (consistency), ``combination`` where there are two or more, and with a decision matrix ``topsis``,
    ``rank_sum_ratio``, ``stability`` under the weights named in ``used``.
    """
    given = _read(data)
    vectors = _vectors(given)
    result: dict[str, Any] = {
        "method": "weights",
        "criteria": given.criteria,
        "alternatives": given.alternatives,
        "normalisation": given.normalisation,
        "weights": vectors,
        "notes": [],
    }
    if given.judgement is not None:
        result["ahp"] = _judgement(given, given.judgement)
    names = given.combine or list(vectors)
    if len(names) > 1:
        result["combination"] = {"methods": names, **combination(np.array([vectors[n] for n in names]))}
    used = given.use or ("combined" if len(names) > 1 else names[0])
    chosen = result["combination"]["weights"] if used == "combined" else vectors[used]
    result |= {"used": used, "used_weights": chosen}
    if given.matrix is not None and given.benefit is not None:
        result |= _rankings(given, given.matrix, given.benefit, chosen)
    result["notes"] = _notes(given, result)
    answer: dict[str, Any] = plain(result)
    return answer


def _vectors(given: Given) -> dict[str, np.ndarray]:
    """Every weight vector, sum 1: judgement first, then the data's own, then those given."""
    vectors: dict[str, np.ndarray] = {}
    if given.judgement is not None:
        vectors["ahp"] = evaluated(given.judgement, table=given.random_index)["geometric_mean"]["weights"]
    if given.matrix is not None and given.benefit is not None and len(given.matrix) > 1:
        values = given.matrix if given.normalisation == "raw" else min_max(given.matrix, given.benefit)
        vectors["entropy"] = entropy_weights(values)
        vectors["coefficient_of_variation"] = variation_weights(values)
    return vectors | given.vectors


def _judgement(given: Given, matrix: np.ndarray) -> dict[str, Any]:
    faults = reciprocity_faults(matrix, given.criteria)
    row = evaluated(matrix, table=given.random_index)
    cr = row["geometric_mean"]["cr"]
    return {
        "n": len(matrix),
        **row,
        "random_index": {"name": given.random_index, "value": random_index(given.random_index, len(matrix))},
        "consistent": cr is not None and cr < CONSISTENT_BELOW,
        "reciprocity_faults": faults,
        "repairs": repairs(matrix, faults, table=given.random_index),
    }


def _rankings(given: Given, matrix: np.ndarray, benefit: np.ndarray, chosen: np.ndarray) -> dict[str, Any]:
    scores = topsis(matrix, benefit, chosen)
    ratio = rank_sum_ratio(matrix, benefit, chosen)
    limits = winner_limits(matrix, benefit, chosen)
    names = given.alternatives

    def name(which: int | None) -> str | None:
        return None if which is None else names[which]

    return {
        "types": ["benefit" if b else "cost" for b in benefit],
        "topsis": {"scores": scores, "ranks": ranks_of(scores), "winner": names[int(scores.argmax())]},
        "rank_sum_ratio": {**ratio, "ranks": ranks_of(ratio["scores"]), "winner": names[int(ratio["scores"].argmax())]},
        "stability": {
            "winner": names[int(scores.argmax())],
            "criteria": [
                {"criterion": given.criteria[j], **row, "lower_winner": name(row["lower_winner"]),
                 "upper_winner": name(row["upper_winner"])}
                for j, row in enumerate(limits)
            ],
            **_rank_ranges(matrix, benefit, chosen),
        },
    }  # fmt: skip


def _rank_ranges(matrix: np.ndarray, benefit: np.ndarray, chosen: np.ndarray) -> dict[str, Any]:
    """Best and worst TOPSIS rank of each alternative while one weight at a time moves by 20 % of itself."""
    ends = (1.0 - WEIGHT_SHIFT, 1.0, 1.0 + WEIGHT_SHIFT)
    tries = [moved(chosen, j, np.minimum(1.0, chosen[j] * np.array(ends))) for j in range(len(chosen))]
    ranks = ranks_of(topsis(matrix, benefit, np.concatenate(tries)))
    return {"weight_shift": WEIGHT_SHIFT, "rank_best": ranks.min(axis=0), "rank_worst": ranks.max(axis=0)}


def _notes(given: Given, result: Mapping[str, Any]) -> list[dict[str, str]]:
    notes = []
    combined = result.get("combination")
    if combined is not None and combined["used"] == "average":
        notes.append(
            note(
                f"博弈组合不可靠(条件数 {combined['condition_number']:.3g},或无约束系数有负值),改用各法平均。",
                f"The game combination is not reliable (condition number {combined['condition_number']:.3g}, or "
                "a coefficient is negative without the constraint): the plain average is used.",
            )
        )
    if "ahp" in result and not result["ahp"]["consistent"]:
        notes.append(
            note(
                "判断矩阵 CR ≥ 0.1,前后矛盾。",
                "The judgement matrix has CR 0.1 or more: its judgements clash.",
            )
        )
    if "ahp" in result and result["ahp"]["reciprocity_faults"]:
        notes.append(note("判断矩阵不满足互反性。", "The judgement matrix is not reciprocal."))
    if "topsis" in result:
        notes.append(
            note(
                "TOPSIS 的名次可能因增减一个方案而颠倒。",
                "TOPSIS ranks can change when an alternative is added or taken away.",
            )
        )
        basis = "原始数据" if given.normalisation == "raw" else "极差标准化后的数据"
        notes.append(
            note(
                f"熵权与变异系数取自{basis};两种取法结果不同。",
                f"Entropy and variation weights come from {'raw' if given.normalisation == 'raw' else 'min-max'} "
                "data; the two choices differ.",
            )
        )
    return notes


# --- the door ------------------------------------------------------------------------------------------------


def _read(data: Any) -> Given:
    reader = DoorReader()
    got = reader.mapping(
        data,
        "",
        optional=(
            "format", "title", "source", "criteria", "alternatives", "matrix", "types", "judgement", "weights",
            "normalisation", "combine", "use", "random_index",
        ),
    )  # fmt: skip
    if not {"matrix", "judgement", "weights"} & got.keys():
        reader.fault("matrix", "missing", "give a decision matrix, a judgement matrix or weights")
        reader.done()
    normalisation = reader.choice(got.get("normalisation", "raw"), "normalisation", NORMALISATIONS)
    count = _count(got)
    criteria = _labels(reader, got.get("criteria"), "criteria", count, "C")
    matrix, benefit = _decision(reader, got, count, normalisation)
    judgement = None
    if "judgement" in got:
        judgement = read_matrix(reader, got["judgement"], "judgement", count)
    alternatives = _labels(
        reader, got.get("alternatives"), "alternatives", 0 if matrix is None else len(matrix), "A"
    )
    vectors = _given_vectors(reader, got.get("weights", {}), count)
    known = [name for name, there in (("ahp", judgement is not None), ("entropy", matrix is not None),
             ("coefficient_of_variation", matrix is not None)) if there] + list(vectors)  # fmt: skip
    if not known and not reader.faults:
        reader.fault("weights", "missing", "must hold at least one vector where there is no matrix")
    combine = None
    if got.get("combine") is not None:
        rows = reader.items(got["combine"], "combine", at_least=1)
        combine = [reader.choice(name, f"combine[{i}]", known or ("",)) for i, name in enumerate(rows)]
    use = None
    if got.get("use") is not None:
        use = reader.choice(
            got["use"], "use", [*known, *(["combined"] if len(combine or known) > 1 else [])] or [""]
        )
    table = reader.choice(got.get("random_index", "saaty"), "random_index", tuple(random_indices()))
    reader.done()
    return Given(
        criteria, alternatives, matrix, benefit, judgement, vectors, normalisation, combine, use, table
    )


def _count(got: Mapping[str, Any]) -> int:
    """Number of criteria, by whatever says it first."""
    for key in ("criteria", "types", "judgement"):
        if isinstance(got.get(key), (list, tuple)) and got[key]:
            return len(got[key])
    rows = got.get("matrix")
    if isinstance(rows, (list, tuple)) and rows and isinstance(rows[0], (list, tuple)):
        return len(rows[0])
    given = got.get("weights")
    vectors = list(given.values()) if isinstance(given, Mapping) else given
    if not isinstance(vectors, (list, tuple)) or not vectors:
        return 1
    return len(vectors[0]) if isinstance(vectors[0], (list, tuple)) else len(vectors)


def _labels(reader: DoorReader, value: Any, path: str, count: int, stem: str) -> list[str]:
    if value is None:
        return [f"{stem}{i + 1}" for i in range(count)]
    names = [reader.text(v, f"{path}[{i}]") for i, v in enumerate(reader.items(value, path))]
    if count and len(names) != count:
        reader.fault(path, "length", f"must name {count}, got {len(names)}")
    for i, name in enumerate(names):
        if name in names[:i]:
            reader.fault(f"{path}[{i}]", "duplicate", f'"{name}" stands twice')
    return names


def _decision(
    reader: DoorReader, got: Mapping[str, Any], count: int, normalisation: str
) -> tuple[np.ndarray | None, np.ndarray | None]:
    if "matrix" not in got:
        return None, None
    if not 1 <= count <= MAX_CRITERIA:
        reader.fault("matrix", "shape", f"must have 1 to {MAX_CRITERIA} columns, got {count}")
    rows = reader.items(got["matrix"], "matrix", at_least=2)
    if len(rows) > MAX_ALTERNATIVES:
        reader.fault("matrix", "shape", f"must have at most {MAX_ALTERNATIVES} rows, got {len(rows)}")
    low = 0.0 if normalisation == "raw" else -1e15  # entropy of raw data needs shares
    values = np.array(
        [
            reader.numbers(row, f"matrix[{i}]", count, low=low, high=1e15)
            for i, row in enumerate(rows[:MAX_ALTERNATIVES])
        ]
    )
    if "types" not in got:
        reader.fault("types", "missing", 'is missing: "benefit" or "cost" for each column of matrix')
        return None, None
    types = reader.items(got["types"], "types")
    if len(types) != count:
        reader.fault("types", "length", f"must have {count} entries, one for each column, got {len(types)}")
    benefit = [TYPES[reader.choice(t, f"types[{i}]", tuple(TYPES))] for i, t in enumerate(types)]
    return values, np.array(benefit)


def _given_vectors(reader: DoorReader, value: Any, count: int) -> dict[str, np.ndarray]:
    """Weight vectors by name, a list of them, or one."""
    if isinstance(value, (list, tuple)):
        single = bool(value) and not isinstance(value[0], (list, tuple))
        value = {"given": value} if single else {f"given_{i + 1}": row for i, row in enumerate(value)}
    vectors = {}
    for name, row in reader.mapping(value, "weights", optional=None).items():
        if name in ("ahp", "entropy", "coefficient_of_variation", "combined"):
            reader.fault(f"weights.{name}", "reserved", "is the name of a computed vector: choose another")
        numbers = np.array(reader.numbers(row, f"weights.{name}", count, low=0.0, high=1e9))
        if numbers.sum() > 0.0:
            vectors[str(name)] = numbers / numbers.sum()
        else:
            reader.fault(f"weights.{name}", "range", "must not all be 0")
    return vectors

"""Source 002: He et al. 2023, Petroleum Reservoir Evaluation and Development 13(6), 713-725."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scenarios.assess import assess
from scenarios.assess.grades import class_of, grade_of, table_faults
from scenarios.assess.judgement import eigenvector_weights, geometric_mean_weights, quality_system
from twin_models.errors import InputError

CASE = {"case": "caofeidian-2023"}
# matrix -> lambda and CR by geometric means, lambda and CR by eigenvector (random index of the paper, p. 719)
CONSISTENCY = {
    "A": (3.000667, 0.000641, 3.000667, 0.000641),
    "B1": (4.112993, 0.042319, 4.113835, 0.042635),
    "C1": (3.053622, 0.051559, 3.053622, 0.051559),
    "C4": (5.057656, 0.012870, 5.063180, 0.014103),
}
WEIGHTS = {  # geometric mean, eigenvector: eq. 2-5
    "A": ((0.77772, 0.11114, 0.11114), (0.77772, 0.11114, 0.11114)),
    "B1": ((0.275501, 0.147651, 0.175588, 0.40126), (0.27813, 0.14418, 0.177984, 0.399707)),
    "C1": ((0.412599, 0.259921, 0.32748), (0.412599, 0.259921, 0.32748)),
    "C4": (
        (0.204507, 0.178034, 0.178034, 0.204507, 0.234917),
        (0.208861, 0.178, 0.176879, 0.197504, 0.238755),
    ),
}
DIFFERS = {
    "A:B2", "A:B3", "C1:D1", "C1:D2", "B1:lambda", "B1:cr", "C1:cr", "global:C2", "global:C3", "global:C4",
    "C4_sum", "weight_sum", "X:D2", "X:D16", "water_in_place", "season_heat", "corrosion_meq",
}  # fmt: skip
NOT_REPRODUCIBLE = {"X:D15", "heat", "ri"}


@pytest.fixture(scope="module")
def result() -> dict:
    return assess("ahp", {})


def test_a_consistent_matrix_by_hand() -> None:
    """a_ij = w_i / w_j with w = (4, 2, 1)/7: both methods give w, lambda = 3, CR = 0."""
    matrix = [[1, 2, 4], ["1/2", 1, 2], ["1/4", "1/2", 1]]
    out = assess("ahp", {"matrix": matrix, "items": ["a", "b", "c"]})
    for method in ("geometric_mean", "eigenvector"):
        assert out[method]["weights"] == pytest.approx([4 / 7, 2 / 7, 1 / 7])
        assert out[method]["lambda_max"] == pytest.approx(3.0)
        assert out[method]["cr"] == pytest.approx(0.0, abs=1e-12)
    assert out["global_weights"]["eigenvector"]["b"] == pytest.approx(2 / 7)
    assert out["reciprocity_faults"] == [] and out["matrices"]["A"]["consistent"]


def test_weights_and_consistency_of_the_printed_matrices(result: dict) -> None:
    """Eq. 2-5, p. 719, to six digits by both methods."""
    for name, (lambda_mean, cr_mean, lambda_vector, cr_vector) in CONSISTENCY.items():
        row = result["matrices"][name]
        assert row["geometric_mean"]["weights"] == pytest.approx(WEIGHTS[name][0], abs=1e-6)
        assert row["eigenvector"]["weights"] == pytest.approx(WEIGHTS[name][1], abs=1e-6)
        assert row["geometric_mean"]["lambda_max"] == pytest.approx(lambda_mean, abs=1e-6)
        assert row["eigenvector"]["lambda_max"] == pytest.approx(lambda_vector, abs=1e-6)
        assert row["geometric_mean"]["cr"] == pytest.approx(cr_mean, abs=1e-6)
        assert row["eigenvector"]["cr"] == pytest.approx(cr_vector, abs=1e-6)
        assert row["random_index"]["name"] == "paper-002"


def test_the_random_index_is_named_and_can_be_saaty_s() -> None:
    """CR of B1: 0.112993/3/0.89 = 0.0423 in the paper's table, /0.90 = 0.0418 in Saaty's; C1: 0.0268/0.58."""
    row = assess("ahp", CASE | {"random_index": "saaty"})["matrices"]
    assert row["B1"]["random_index"] == {"name": "saaty", "value": 0.9}
    assert row["B1"]["geometric_mean"]["cr"] == pytest.approx(0.112993 / 3 / 0.90, abs=1e-6)
    assert row["C1"]["geometric_mean"]["cr"] == pytest.approx(0.026811 / 0.58, abs=1e-5)
    assert row["B1"]["cr_by_random_index"]["paper-002"]["geometric_mean"] == pytest.approx(0.042319, abs=1e-6)


def test_c4_contradicts_itself_and_is_shown_with_both_repairs(result: dict) -> None:
    """Eq. 5: D9:D11 = 0.5 but D11:D9 = 1. Repaired: CR 0.0483 (2 kept) and 0.0356 (1 kept), eigenvector."""
    [fault] = result["reciprocity_faults"]
    assert (fault["matrix"], fault["items"], fault["values"]) == ("C4", ["D9", "D11"], [0.5, 1.0])
    above, below = result["matrices"]["C4"]["repairs"]
    assert above["geometric_mean"]["weights"] == pytest.approx(
        [0.1985, 0.1728, 0.1728, 0.2280, 0.2280], abs=5e-5
    )
    assert below["geometric_mean"]["weights"] == pytest.approx(
        [0.1992, 0.1992, 0.1734, 0.1992, 0.2289], abs=5e-5
    )
    assert above["eigenvector"]["cr"] == pytest.approx(0.0483, abs=5e-5)
    assert below["eigenvector"]["cr"] == pytest.approx(0.0356, abs=5e-5)
    assert above["matrix"][3][1] == 2.0 and below["matrix"][1][3] == 1.0
    for name in ("A", "B1", "C1"):  # 0.143 x 7 and 0.33 x 3 are rounding
        assert result["matrices"][name]["reciprocal"]


def test_score_step_by_step(result: dict) -> None:
    """Eq. 8-28, p. 721-723: sixteen terms, F = 0.787 (printed 0.8), class II-1; other readings alongside."""
    terms = [
        0.054,
        0.03,
        0.035,
        0.036,
        0.035,
        0.06,
        0.056,
        0.07,
        0.06,
        0.06,
        0.056,
        0.032,
        0.06,
        0.048,
        0.05,
        0.045,
    ]
    assert [row["contribution"] for row in result["indicators"]] == pytest.approx(terms)
    assert result["score"] == pytest.approx(0.787)
    assert result["score_normalised"] == pytest.approx(0.7716, abs=5e-5)
    scores = {row["key"]: row["score"] for row in result["variants"]}
    assert scores == pytest.approx(
        {
            "as_given": 0.787, "normalised": 0.7716, "tables": 0.788, "table:D2": 0.793, "table:D16": 0.782,
            "hierarchy": 0.7729, "printed_local": 0.7719,
        },
        abs=5e-5,
    )  # fmt: skip
    assert {row["class"] for row in result["variants"]} == {"II-1"}
    assert result["class"]["margin_up"] == pytest.approx(0.013)
    assert result["class"]["margin_down"] == pytest.approx(0.037)
    differing = [row["id"] for row in result["indicators"] if row["differs"]]
    assert differing == ["D2", "D16"]


def test_ninety_degrees_is_a_threshold(result: dict) -> None:
    """Table 2: at 90 degC the grade jumps from 0.4 to 0.7; 8 % x 0.3 lifts F to 0.811, class I-2."""
    [found] = [row for row in result["sensitivity"]["thresholds"] if row["id"] == "D12"]
    assert found["threshold"] == 90.0 and found["inside_range"] and found["class_changes"]
    assert (found["score_beyond"], found["class_beyond"]) == (pytest.approx(0.811), "I-2")
    for value, score, name in ((89.999, 0.787, "II-1"), (90, 0.811, "I-2")):
        changed = assess("ahp", CASE | {"values": {"D12": value}})
        assert (changed["score"], changed["class"]["id"]) == (pytest.approx(score), name)
        assert "printed" not in changed


def test_every_printed_figure_follows_or_is_explained(result: dict) -> None:
    rows = {row["key"]: row for row in result["printed"]}
    assert len(rows) == len(result["printed"]) >= 65
    by = {v: {k for k, row in rows.items() if row["verdict"] == v} for v in ("differs", "not_reproducible")}
    assert by == {"differs": DIFFERS, "not_reproducible": NOT_REPRODUCIBLE}
    for row in result["printed"]:
        if row["verdict"] != "ok":
            assert row["why_zh"] and row["why_en"], row["key"]
    ours = {key: row["recomputed"] for key, row in rows.items()}
    assert ours["coal"] == pytest.approx(7.711e7, rel=1e-3)
    assert ours["water_in_place"] == pytest.approx(1.904e9, rel=1e-3)
    assert ours["years"] == pytest.approx(3792, abs=0.5)
    assert ours["power"] == pytest.approx(146.9, abs=0.05)
    assert ours["thermal_power"] == pytest.approx(597, abs=0.5)
    assert ours["corrosion_meq"] == pytest.approx(-8.64, abs=0.005)
    assert ours["season_heat"] == pytest.approx(7.51e14, rel=1e-3)


def test_gaps_and_overlaps_of_the_tables_are_found(result: dict) -> None:
    """Table 2: cap 400-600 m has two grades; no grade for net-to-gross 20-30, basement <= 800 m, T < 25 degC."""
    faults = {(row["id"], row["scale"]): row for row in result["table_faults"]}
    assert faults["D7", "default"] | {"unit": ""} == {
        "kind": "overlap", "low": 400.0, "high": 600.0, "grades": [0.6, 0.4], "used": 0.4, "id": "D7",
        "scale": "default", "unit": "",
    }  # fmt: skip
    assert (faults["D11", "default"]["low"], faults["D11", "default"]["used"]) == (20.0, 0.5)
    assert faults["D2", "default"]["high"] == 800.0 and faults["D12", "default"]["high"] == 25.0
    assert set(faults) == {(d, "default") for d in ("D2", "D7", "D11", "D12")} | {("D16", "LI")}
    assert len(result["table_findings"]) >= 5


@pytest.mark.parametrize(
    ("key", "value", "grade", "state"),
    [
        ("D2", 3750, 0.6, "one"),
        ("D2", 800, 0.4, "gap"),
        ("D2", 2000, 1.0, "one"),
        ("D7", 500, 0.4, "overlap"),
        ("D7", 700, 0.8, "one"),
        ("D11", 25, 0.5, "gap"),
        ("D11", 30, 0.6, "one"),
        ("D12", 20, 0.4, "gap"),
        ("D12", 150, 1.0, "one"),
    ],
)
def test_grades_at_the_bounds_of_table_2(key: str, value: float, grade: float, state: str) -> None:
    found = grade_of(quality_system()["indicators"][key]["ranges"]["default"], value)
    assert (found["grade"], found["state"]) == (grade, state)
    if state != "one":
        assert found["note_zh"] and found["note_en"]


def test_every_table_of_the_system_grades_every_number() -> None:
    for indicator in quality_system()["indicators"].values():
        for rows in indicator.get("ranges", {}).values():
            assert all(fault["used"] is not None for fault in table_faults(rows))


@pytest.mark.parametrize(
    ("score", "name"),
    [(0.86, "I-1"), (0.85, "I-2"), (0.8 + 1e-12, "II-1"), (0.81, "I-2"), (0.75, "II-2"), (0.7, "II-3"), (0.65, "III-1"), (0.6, "III-2")],
)  # fmt: skip
def test_seven_classes_with_open_lower_bounds(score: float, name: str) -> None:
    """Table 7 and section 3.3: (0.80, 0.85], ..., not more than 0.60."""
    assert class_of(score, quality_system()["classes"])["id"] == name
    assert len(quality_system()["classes"]) == 7


def test_an_edited_matrix_replaces_the_printed_leaf_weights() -> None:
    """B1 three times, not seven times, as important: w_B1 = 3/5; the leaves follow and add to 1."""
    third = "1/3"
    out = assess("ahp", CASE | {"matrices": {"A": [[1, 3, 3], [third, 1, 1], [third, 1, 1]]}})
    assert out["global_weights"]["geometric_mean"]["B1"] == pytest.approx(0.6)
    assert out["weight_sum"] == pytest.approx(1.0)
    assert out["score"] == pytest.approx(out["score_normalised"])


def test_two_methods_agree_where_judgements_do() -> None:
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.1, 1.0, 6)
    matrix = weights[:, None] / weights[None, :]
    vector, largest = eigenvector_weights(matrix)
    assert vector == pytest.approx(geometric_mean_weights(matrix))
    assert largest == pytest.approx(6.0)


def test_an_inconsistent_matrix_is_said_to_be_one() -> None:
    """a over b over c over a, 5 to 1 each: lambda = 1 + 5 + 1/5 = 6.2, CI = 1.6, CR = 2.76."""
    out = assess("ahp", {"matrix": [[1, 5, "1/5"], ["1/5", 1, 5], [5, "1/5", 1]]})
    assert out["eigenvector"]["lambda_max"] == pytest.approx(6.2)
    assert out["eigenvector"]["cr"] == pytest.approx(1.6 / 0.58)
    assert not out["matrices"]["A"]["consistent"]
    assert "CR" in out["notes"][0]["zh"]


def test_the_answer_is_plain_json(result: dict) -> None:
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        ({"matrix": [[1, 2], [0.5]]}, "matrix[1]", "must have 2 cells"),
        ({"matrix": [[1, 0], [0.5, 1]]}, "matrix[0][1]", "between 0.01 and 100, got 0"),
        ({"matrix": [[1, "a/b"], [0.5, 1]]}, "matrix[0][1]", "such as"),
        ({"matrix": [[1, 2], [0.5, 1]], "items": ["a"]}, "items", "must name 2 parts"),
        ({"matrices": {"A": [[1, 2], [0.5, 1]]}, "tree": {"A": ["x", "y", "z"]}}, "matrices.A", "must have 3 rows"),
        ({"tree": {"A": ["x", "y"]}, "matrices": {}}, "matrices.A", "is missing"),
        ({"tree": {"A": ["B"], "B": ["A"]}, "matrices": {"A": [[1]], "B": [[1]]}}, "tree", "no top"),
        ({"tree": {"A": ["x", "x"]}, "matrices": {"A": [[1, 1], [1, 1]]}}, "tree.A[1]", "stands below"),
        (CASE | {"grades": {"D1": 1.4}}, "grades.D1", "between 0 and 1, got 1.4"),
        (CASE | {"values": {"D1": "sag"}}, "values.D1", "must be one of"),
        (CASE | {"values": {"D2": [4000, 3500]}}, "values.D2", "low <= high"),
        (CASE | {"values": {"D17": 3}}, "values.D17", "unknown key"),
        (CASE | {"random_index": "saty"}, "random_index", 'did you mean "saaty"'),
        ({"matrix": [[1]], "values": {"D1": 1}}, "values", "published tables"),
        ({"case": "caofeidian"}, "case", "caofeidian-2023"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(data: dict, field: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        assess("ahp", data)
    assert any(f.field == field and says in f.text for f in caught.value.faults), caught.value

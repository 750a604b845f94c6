"""Fixtures: the 4 x 4 matrix on which pymcdm, pyDecision and scikit-criteria agree; source 003 eq. 5-19."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scenarios.assess import assess
from scenarios.assess.weighting import combination, entropy_weights, min_max, moved, rank_sum_ratio, topsis
from twin_models.errors import InputError

MATRIX = [[12, 34, 2.7, 4574], [15, 31, 3.4, 5100], [9, 28, 2.2, 3600], [18, 40, 5.1, 6100]]
TYPES = ["max", "min", "min", "max"]
OWN = [0.27351338, 0.23739186, 0.22735995, 0.26173481]
DATA = {"matrix": MATRIX, "types": TYPES, "weights": {"own": OWN}, "use": "own"}


@pytest.fixture(scope="module")
def result() -> dict:
    return assess("weights", DATA)


def test_topsis_by_hand() -> None:
    """(3, 4) and (4, 3), both benefit, equal weights: columns divided by 5, ideals (0.8, 0.8) and (0.6, 0.6).

    Both lie 0.1 from either ideal: closeness 1/2. With all weight on the first, the second is the ideal: 0, 1.
    """
    matrix, benefit = np.array([[3.0, 4.0], [4.0, 3.0]]), np.array([True, True])
    assert topsis(matrix, benefit, np.array([0.5, 0.5])) == pytest.approx([0.5, 0.5])
    assert topsis(matrix, benefit, np.array([1.0, 0.0])) == pytest.approx([0.0, 1.0])


def test_entropy_and_variation_by_hand() -> None:
    """Columns (1, 3) and (2, 2): e_1 = -(ln(1/4)/4 + 3 ln(3/4)/4)/ln 2 = 0.8113, e_2 = 1: all weight on the first.

    The variation coefficient of an even column is 0 as well.
    """
    out = assess("weights", {"matrix": [[1, 2], [3, 2]], "types": ["benefit", "cost"]})
    assert out["weights"]["entropy"] == pytest.approx([1.0, 0.0])
    assert out["weights"]["coefficient_of_variation"] == pytest.approx([1.0, 0.0])


def test_library_fixture(result: dict) -> None:
    """TOPSIS, WRSR and entropy to the digits on which the libraries agree."""
    assert result["topsis"]["scores"] == pytest.approx([0.5391055, 0.6280982, 0.4814546, 0.5185454], abs=5e-8)
    assert result["topsis"]["ranks"] == [2, 1, 4, 3]
    assert result["rank_sum_ratio"]["scores"] == pytest.approx(
        [0.55683999, 0.69316001, 0.59856386, 0.65143614], abs=5e-9
    )
    assert result["weights"]["entropy"] == pytest.approx(
        [0.28826565, 0.0805625, 0.47003633, 0.16113553], abs=5e-9
    )


def test_variation_weights_depend_on_the_scaling(result: dict) -> None:
    """Raw (.28 .15 .37 .21), min-max (.27 .24 .23 .26): the paper does not say which it used."""
    scaled = assess("weights", DATA | {"normalisation": "min_max"})
    assert result["weights"]["coefficient_of_variation"] == pytest.approx([0.28, 0.15, 0.37, 0.21], abs=5e-3)
    assert scaled["weights"]["coefficient_of_variation"] == pytest.approx([0.27, 0.24, 0.23, 0.26], abs=5e-3)
    assert "raw" in result["notes"][-1]["en"] and "min-max" in scaled["notes"][-1]["en"]


def test_min_max_turns_costs_round_and_needs_the_limit_of_x_ln_x() -> None:
    matrix, benefit = np.array(MATRIX, dtype=float), np.array([True, False, False, True])
    unit = min_max(matrix, benefit)
    assert unit.min() == 0.0 and unit.max() == 1.0
    assert unit[2, 1] == 1.0 and unit[3, 2] == 0.0  # least and greatest cost
    assert np.isfinite(entropy_weights(unit)).all()
    assert min_max(np.ones((3, 2)), benefit[:2]) == pytest.approx(0.5)


def test_game_combination_fixture() -> None:
    """w_i . (sum_k a_k w_k) = w_i . w_i for three vectors: a = (.515625, .515625, .10625), w as below."""
    rows = [[0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.25, 0.5, 0.25]]
    out = assess("weights", {"weights": rows})["combination"]
    assert out["methods"] == ["given_1", "given_2", "given_3"]
    assert out["coefficients"] == pytest.approx([0.515625, 0.515625, 0.10625])
    assert out["coefficients_normalised"] == pytest.approx([0.4532967, 0.4532967, 0.0934066], abs=5e-8)
    assert out["weights"] == pytest.approx([0.3406593, 0.3186813, 0.3406593], abs=5e-8)
    assert out["used"] == "game"
    assert out["average"] == pytest.approx([0.95 / 3, 1.1 / 3, 0.95 / 3])


def test_nearly_equal_vectors_fall_back_on_the_average() -> None:
    """Two vectors 1e-3 apart make the free coefficients wild; they are told, and the average is used."""
    near = np.array([[0.5, 0.3, 0.2], [0.25, 0.35, 0.4], [0.251, 0.35, 0.399]])
    out = combination(near)
    assert out["condition_number"] > 1e5
    assert out["used"] == "average"
    assert out["weights"] == pytest.approx(near.mean(axis=0))
    assert (out["coefficients"] >= 0.0).all()
    notes = assess("weights", {"weights": near.tolist()})["notes"]
    assert "average" in notes[0]["en"] and "平均" in notes[0]["zh"]


def test_one_vector_twice_has_no_unique_combination() -> None:
    same = np.array([[0.6, 0.4], [0.6, 0.4]])
    assert combination(same)["weights"] == pytest.approx([0.6, 0.4])


def test_how_far_a_weight_may_move(result: dict) -> None:
    """Just inside each limit the winner stays, just outside the named one wins; without a limit it stays to 1."""
    matrix, benefit, own = np.array(MATRIX, dtype=float), np.array([True, False, False, True]), np.array(OWN)
    own = own / own.sum()
    names = result["alternatives"]
    assert result["stability"]["winner"] == "A2"
    for j, row in enumerate(result["stability"]["criteria"]):
        for side, step in (("lower", -1e-6), ("upper", 1e-6)):
            limit = row[side]
            if limit is None:
                end = 0.0 if side == "lower" else 1.0
                assert topsis(matrix, benefit, moved(own, j, np.array([end])))[0].argmax() == 1
                continue
            inside, outside = topsis(matrix, benefit, moved(own, j, np.array([limit - step, limit + step])))
            assert names[inside.argmax()] == "A2"
            assert names[outside.argmax()] == row[f"{side}_winner"] != "A2"
    assert result["stability"]["criteria"][2]["margin"] == pytest.approx(0.0801, abs=1e-4)


def test_ranks_under_twenty_per_cent(result: dict) -> None:
    spread = result["stability"]
    assert spread["rank_best"][1] == spread["rank_worst"][1] == 1
    assert all(best <= rank <= worst for best, rank, worst in
               zip(spread["rank_best"], result["topsis"]["ranks"], spread["rank_worst"], strict=True))  # fmt: skip


def test_rank_sum_ratio_with_ties_and_grades() -> None:
    """Column (1, 1, 2): middle ranks 1.5, 1.5, 3; ratios 1/2, 1/2, 1. From ten rows on the classes rise with it."""
    one = rank_sum_ratio(np.array([[1.0], [1.0], [2.0]]), np.array([True]), np.array([1.0]))
    assert one["scores"] == pytest.approx([0.5, 0.5, 1.0]) and one["grades"] is None
    many = rank_sum_ratio(np.arange(12.0)[:, None], np.array([True]), np.array([1.0]))
    assert list(many["grades"]) == sorted(many["grades"]) and set(many["grades"]) == {1, 2, 3}


def test_judgement_goes_in_with_its_consistency() -> None:
    out = assess("weights", {"judgement": [[1, 2], ["1/2", 1]], "criteria": ["heat", "cost"]})
    assert out["weights"]["ahp"] == pytest.approx([2 / 3, 1 / 3])
    assert out["ahp"]["consistent"] and out["used"] == "ahp"
    assert "topsis" not in out
    json.dumps(out, allow_nan=False)


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        ({}, "matrix", "give a decision matrix"),
        ({"weights": []}, "weights", "at least one vector"),
        ({"matrix": MATRIX}, "types", "is missing"),
        ({"matrix": MATRIX, "types": ["max", "min"]}, "matrix[0]", "must be 2 numbers"),
        ({"matrix": MATRIX, "types": [*TYPES[:3], "more"]}, "types[3]", "must be one of benefit, cost"),
        ({"matrix": [[1, -2], [3, 4]], "types": ["max", "min"]}, "matrix[0][1]", "between 0 and"),
        ({"matrix": [[1, 2]], "types": ["max", "min"]}, "matrix", "at least 2 entries"),
        (DATA | {"weights": {"own": [0, 0, 0, 0]}}, "weights.own", "must not all be 0"),
        (DATA | {"weights": {"entropy": OWN}, "use": None}, "weights.entropy", "computed vector"),
        (DATA | {"use": "combine"}, "use", 'did you mean "combined"'),
        (DATA | {"alternatives": ["a", "b"]}, "alternatives", "must name 4, got 2"),
        (DATA | {"criteria": ["a", "a", "b", "c"]}, "criteria[1]", "stands twice"),
        ({"judgement": [[1, 2, 3], [1, 2], [1, 1, 1]]}, "judgement[1]", "must have 3 cells"),
    ],
)
def test_what_is_wrong_is_named(data: dict, field: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        assess("weights", data)
    assert any(f.field == field and says in f.text for f in caught.value.faults), caught.value

"""What all assessments share: cases, verdicts, plain data, faults instead of tracebacks."""

from __future__ import annotations

import json

import pytest

from scenarios.assess import METHODS, assess
from scenarios.assess.cases import VERDICTS, case_names, judged, load_case
from twin_models.errors import InputError

CASES = [(load_case(name)["method"], name) for name in case_names()]


def test_every_method_of_the_contract_is_there() -> None:
    assert {"heat-in-place", "ahp", "weights", "suitability", "linkage", "comining"} <= METHODS.keys()


@pytest.mark.parametrize(("method", "name"), CASES, ids=[name for _, name in CASES])
def test_every_case_runs_and_judges_every_printed_figure(method: str, name: str) -> None:
    document = load_case(name)
    result = assess(method, {"case": name})
    json.dumps(result, allow_nan=False)
    assert document["title"]["zh"] and document["title"]["en"] and document["source"]
    assert [row["key"] for row in result["printed"]] == [row["key"] for row in document["printed"]]
    for row in result["printed"]:
        assert row["verdict"] in VERDICTS and row["where"] and row["zh"] and row["en"], row["key"]
        if row["verdict"] != "ok":
            assert row["why_zh"] and row["why_en"], row["key"]


def test_verdicts_by_hand() -> None:
    """0.197 rounds to the printed 0.2; 0.26 does not; 5 % apart agrees at 10 % but only under the assumption."""
    base = {"key": "x", "zh": "甲", "en": "a", "unit": "-", "value": 0.2, "where": "p. 1"}

    def verdict(ours: float | None, **more: object) -> str:
        return judged([{**base, **more}], {"x": ours})[0]["verdict"]

    assert verdict(0.197, digits=1) == "ok"
    assert verdict(0.26, digits=1) == "differs"
    assert verdict(0.21, tolerance=0.1, assumes_en="if so", assumes_zh="若") == "ok_assuming"
    assert verdict(None, digits=1) == "not_reproducible"
    assert verdict(0.2, digits=1, not_reproducible=True) == "not_reproducible"


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("data", [None, 3, "x", [], [1], True, {"nonsense": 1}, {"case": 7}])
def test_nonsense_is_a_fault(method: str, data: object) -> None:
    with pytest.raises(InputError) as caught:
        assess(method, data)
    assert all(fault.field and fault.text for fault in caught.value.faults)

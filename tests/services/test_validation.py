"""The validation report: its short cases run here, and what is stored, printed and served is one thing."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient

from services import validation
from services.rest import add_routes
from services.settings import Settings
from services.validation_cases import convergence
from services.validation_cases.common import drop_year
from services.validation_text import blocks, markdown, number
from twin_models.errors import InputError
from twin_models.models import MODELS, load_model

ROOT = Path(__file__).parent.parent.parent
QUICK = [case for case in validation.cases() if case.quick]
# A stored figure may differ from one made now by this part of its tolerance before the report counts as stale.
DRIFT = 0.25


@pytest.fixture(scope="module")
def report() -> dict:
    return validation.stored()


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.key)
def test_short_cases_keep_their_tolerances_and_the_stored_figures(
    case: validation.Case, report: dict
) -> None:
    """Each tolerance holds now, and the stored figure is the one made now (else: `geosandbox validate`)."""
    made = validation.run([case.key])["cases"][0]
    kept = next(c for c in report["cases"] if c["key"] == case.key)
    for now, then in zip(made["figures"], kept["figures"], strict=True):
        assert now["holds"] is not False, (now["key"], now["value"])
        if now["tolerance"]:
            part = abs(now["reference"]) if now["limit"] == "within_part" else 1.0
            assert abs(now["value"] - then["value"]) <= DRIFT * now["tolerance"] * part, now["key"]
        assert now["tolerance"] == then["tolerance"] and now["label"] == then["label"]


def test_the_stored_report_is_whole(report: dict) -> None:
    """All cases, nothing outside, made by the predictors of today."""
    assert [c["key"] for c in report["cases"]] == [c.key for c in validation.cases()]
    assert report["quick"] is False and report["held"] == report["judged"] > 50
    assert {f["holds"] for c in report["cases"] for f in c["figures"]} == {True, None}
    assert {name: report["versions"][name] for name in MODELS} == {
        name: load_model(name).version for name in MODELS
    }
    assert {c["family"] for c in report["cases"]} == set(validation.FAMILIES)


def test_the_document_is_the_stored_report(report: dict) -> None:
    assert (ROOT / "docs" / "validation.md").read_text("utf-8") == markdown(report)


def test_both_languages_say_the_same_things(report: dict) -> None:
    english, chinese = blocks(report, "en"), blocks(report, "zh")
    assert [b[0] for b in english] == [b[0] for b in chinese]
    for ours, theirs in zip(english, chinese, strict=True):
        if ours[0] == "table":
            assert np.shape(ours[2]) == np.shape(theirs[2])
        else:
            assert any("\u4e00" <= c <= "\u9fff" for c in theirs[1]) or ours[0] == "h1", theirs
            assert not any("\u4e00" <= c <= "\u9fff" for c in ours[1]), ours


def test_what_a_figure_leaves_out_is_said_everywhere() -> None:
    for case in validation.cases():
        for words in (case.entry["title"], case.entry["source"], case.entry["leaves_out"]):
            assert words["en"].strip() and words["zh"].strip(), case.key


@pytest.mark.parametrize(
    ("value", "reference", "limit", "tolerance", "expected"),
    [
        (1.5, None, "at_most", 1.5, True),
        (1.6, None, "at_most", 1.5, False),
        (0.9, None, "at_least", 1.0, False),
        (10.2, 10.0, "within", 0.25, True),
        (10.2, 10.0, "within_part", 0.01, False),
        (-21.9, -22.0, "within_part", 0.01, True),
        (math.nan, None, "at_most", 1.0, False),
        (math.nan, 1.0, "within", 1.0, False),
    ],
)
def test_holding_a_tolerance(value, reference, limit: str, tolerance: float, expected: bool) -> None:
    assert validation.holds(value, reference, limit, tolerance) is expected


def test_a_miss_is_told_in_words_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that goes astray is counted, and both languages say so."""
    case = next(c for c in QUICK if c.key == "ramey")
    astray = validation.Case(
        case.key, case.family, case.entry, lambda _inputs: validation.Outcome({"up_k": 0.5, "down_k": 0.0})
    )
    monkeypatch.setattr(validation, "cases", lambda: (astray,))
    report = validation.run()
    assert (report["held"], report["judged"]) == (1, 2)
    assert "OUTSIDE" in markdown(report) and "超出" in markdown(report)


def test_a_figure_too_many_is_refused() -> None:
    case = next(c for c in QUICK if c.key == "ramey")
    with pytest.raises(ValueError, match="figures differ"):
        validation._told_case(case, validation.Outcome({"up_k": 0.0, "down_k": 0.0, "sideways_k": 0.0}))


def test_unknown_cases_are_named() -> None:
    with pytest.raises(InputError, match='no case "thime"'):
        validation.run(["thime"])


def test_faults_of_a_file_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"zh": "一", "en": "one"}
    entry = {
        "title": words,
        "source": words,
        "leaves_out": words,
        "figures": {"up_k": {**words, "unit": "K", "at_most": 1.0, "within": 2.0, "aim": 3.0}},
    }
    folder = tmp_path / "validation"
    folder.mkdir()
    (folder / "analytic.yaml").write_text(
        yaml.safe_dump({"ramey": entry, "nobody": entry}, sort_keys=False), "utf-8"
    )
    monkeypatch.setattr(validation, "assets_dir", lambda: tmp_path)
    with pytest.raises(InputError) as caught:
        validation._family("analytic")
    assert [f.field.split(": ")[1] for f in caught.value.faults[:2]] == [
        "ramey.figures.up_k.aim",
        "ramey.figures.up_k",
    ]
    assert any(f.field.endswith("nobody") and f.reason == "unknown" for f in caught.value.faults)


def test_the_interface_serves_the_stored_report(tmp_path: Path, report: dict) -> None:
    app = FastAPI()
    add_routes(app, Settings.make(host="127.0.0.1", port=0, site="caofeidian", data=tmp_path))
    answer = TestClient(app).get("/api/v1/validation")
    assert answer.status_code == 200 and answer.json() == json.loads(json.dumps(report))


def test_heat_behind_a_front_is_the_heat_injected() -> None:
    """Heat conducted and carried into a half-line at v (T0 - Ti): the cooled length is v t, 1e-6 x 1e8 = 100 m."""
    x = np.linspace(0.0, 600.0, 60_001)
    degc = convergence.flux_boundary_degc(
        x, 1e8, speed=1e-6, diffusivity=5e-6, initial_degc=70.0, injected_degc=25.0
    )
    assert np.trapezoid((70.0 - degc) / 45.0, x) == pytest.approx(100.0, rel=1e-6)


def test_order_and_drop_by_hand() -> None:
    """Errors 0.08, 0.02 on cells 4, 2 fall by four per halving: order 2. From 69.5 in year 2 to 68.5 in year 4 a
    straight line passes 69 in year 3; a curve that never falls so far has no such year."""
    assert convergence.order([4.0, 2.0], [0.08, 0.02]) == pytest.approx(2.0)
    years = np.array([0.0, 2.0, 4.0])
    assert drop_year(years, np.array([70.0, 69.5, 68.5]), initial_degc=70.0) == pytest.approx(3.0)
    assert math.isnan(drop_year(years, np.array([70.0, 70.0, 69.9]), initial_degc=70.0))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (33.347498, "33.35"),
        (0.158419, "0.1584"),
        (4.98982e-15, "4.99e-15"),
        (1712.0, "1712"),
        (-21.913, "-21.91"),
    ],
)
def test_numbers_as_people_read_them(value: float, text: str) -> None:
    assert number(value) == text

"""A whole decision: setup, every stakeholder's weights and ranking, the record; against numbers worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scenarios.decision import (
    SOURCES,
    Setup,
    ahp_of,
    decide,
    even,
    judged,
    ones,
    ranked,
    read_setup,
    with_criteria,
    with_person,
)
from scenarios.decision_record import FORMATS, Said, document, inputs_hash, make_record, read_said
from scenarios.decision_words import WORDS, figure
from scenarios.evaluate import Evaluation, evaluate
from scenarios.scheme import read_scheme
from twin_models.errors import InputError

# Unit values: NPV A 1, B 0, C 0.4; cost of heat A 0, B 1, C 0.8.
THREE: dict[str, dict[str, float | None]] = {
    "A": {"npv_cny": 10.0, "lcoh_cny_per_gj": 40.0},
    "B": {"npv_cny": 0.0, "lcoh_cny_per_gj": 20.0},
    "C": {"npv_cny": 4.0, "lcoh_cny_per_gj": 24.0},
}
TWO_KEYS = ["npv_cny", "lcoh_cny_per_gj"]


def setup(*people: dict[str, Any], **more: Any) -> Setup:
    return read_setup({"criteria": TWO_KEYS, "stakeholders": list(people) or None, **more})


def person(name: str, npv: float, cost: float, **more: Any) -> dict[str, Any]:
    return {"name": name, "points": {"npv_cny": npv, "lcoh_cny_per_gj": cost}, **more}


def doublet(rate_m3_h: float) -> Evaluation:
    data = {
        "format": "geosandbox-scheme/1",
        "name": f"{rate_m3_h:g}",
        "reservoir": {
            "extent_m": [2000, 2000],
            "origin_m": [-1000, -1000],
            "cell_m": 50,
            "boundary": "constant_pressure",
            "layers": [{"name": "sand", "top_m": 1400, "thickness_m": 40, "temperature_degc": 70}],
        },
        "wells": [
            {"name": "P", "kind": "producer", "x_m": -150, "y_m": 0, "rate_m3_h": rate_m3_h},
            {
                "name": "I",
                "kind": "injector",
                "x_m": 150,
                "y_m": 0,
                "rate_m3_h": rate_m3_h,
                "temperature_degc": 25,
            },
        ],
        "years": 10,
        "uses": {"heating": {"area_m2": 60000, "load_w_m2": 40, "supply_degc": 45, "return_degc": 35}},
    }
    return evaluate(read_scheme(data), "streamline")


@pytest.fixture(scope="module")
def pair() -> dict[str, Evaluation]:
    return {"small": doublet(40.0), "large": doublet(80.0)}


# --- weights and rankings ----------------------------------------------------------------------------------


def test_a_weight_beyond_its_interval_flips_the_rank() -> None:
    """At weight x of NPV: A scores x, B 1 - x, C 0.4 x + 0.8 (1 - x) = 0.8 - 0.4 x. Even weights: C with 0.6.
    A passes C at x = 0.8 / 1.4 = 4/7; B passes C at 1 - x = 0.8 - 0.4 x, x = 1/3."""
    found = ranked(THREE, setup(person("one", 50, 50)))["people"][0]
    assert found["ranking"]["winner"] == "C"
    limit = found["ranking"]["limits"]["npv_cny"]
    assert limit["lower"] == pytest.approx(1 / 3)
    assert limit["upper"] == pytest.approx(4 / 7)
    assert (limit["lower_winner"], limit["upper_winner"]) == ("B", "A")
    for weight, winner in (
        (100 / 3 - 0.1, "B"),
        (100 / 3 + 0.1, "C"),
        (400 / 7 - 0.1, "C"),
        (400 / 7 + 0.1, "A"),
    ):
        again = ranked(THREE, setup(person("one", weight, 100 - weight)))["people"][0]
        assert again["ranking"]["winner"] == winner


def test_a_swing_nobody_would_notice_is_marked() -> None:
    """Temperature decline is told to hundredths of a kelvin: 0.004 K apart is no reason, 0.4 K is one."""
    for step, negligible in ((0.004, True), (0.4, False)):
        values = {
            "A": {"npv_cny": 1e6, "temperature_decline_k": 0.5},
            "B": {"npv_cny": 2e6, "temperature_decline_k": 0.5 + step},
        }
        found = ranked(values, read_setup({"criteria": ["npv_cny", "temperature_decline_k"]}))
        assert [c["negligible"] for c in found["criteria"]] == [False, negligible]


def test_people_who_disagree_are_not_averaged() -> None:
    found = ranked(THREE, setup(person("investor", 100, 0), person("city", 0, 100)))
    assert found["disagreement"]["winners"] == {"investor": "A", "city": "B"}
    assert found["disagreement"]["agreed"] is False
    # Orders A C B and B C A: rank sums 4, 4, 4, so S = 0 and W = 0.
    assert found["disagreement"]["concordance"] == pytest.approx(0.0, abs=1e-12)
    assert "average" not in json.dumps(found["disagreement"])


def test_weights_of_the_data_are_the_same_for_everybody() -> None:
    for source in ("entropy", "variation"):
        found = ranked(THREE, setup(person("a", 100, 0), person("b", 0, 100), weights_from=source))
        one, two = (p["used"] for p in found["people"])
        assert one == pytest.approx(two)
        assert found["disagreement"]["same_for_all"] is True


def test_every_source_gives_weights_that_add_to_one() -> None:
    judged_by = person("a", 60, 40, judgement=[[1, 3], ["1/3", 1]])
    for source in SOURCES:
        found = ranked(THREE, setup(judged_by, weights_from=source, method="topsis"))["people"][0]
        assert sum(found["used"].values()) == pytest.approx(1.0)
    assert found["combination"]["of"] == ["swing", "ahp", "entropy", "variation"]
    assert found["sources"]["ahp"]["npv_cny"] == pytest.approx(0.75)  # 3 : 1


def test_consistency_of_judgements() -> None:
    """4 : 2 : 1 without contradiction; then first against third set to 1/4 in place of 4."""
    good = ahp_of([[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]])
    assert good["weights"] == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert good["cr"] == pytest.approx(0.0, abs=1e-12)
    assert good["worst_pair"] is None
    bad = ahp_of([[1, 2, 0.25], [0.5, 1, 2], [4, 0.5, 1]])
    assert bad["consistent"] is False
    assert bad["random_index"]["name"] == "saaty"
    assert bad["cr"] > 0.1
    assert bad["worst_pair"]["fitting"] > 0.0


def test_a_judgement_brings_its_mirror() -> None:
    one = judged(even("a", TWO_KEYS), 2, 0, 1, 5.0)
    assert one.judgement == ((1.0, 5.0), (0.2, 1.0))
    assert ones(2) == ((1.0, 1.0), (1.0, 1.0))


def test_criteria_come_and_go_without_losing_what_was_said() -> None:
    start = setup(person("a", 70, 30, judgement=[[1, 3], ["1/3", 1]]))
    more = with_criteria(start, ["npv_cny", "capex_cny", "lcoh_cny_per_gj"])
    assert more.people[0].points == {"npv_cny": 70, "capex_cny": 50, "lcoh_cny_per_gj": 30}
    assert more.people[0].judgement[0] == (1.0, 1.0, 3.0)
    assert with_criteria(more, TWO_KEYS) == start
    assert with_person(start, 0, name="b").people[0].name == "b"


# --- the door ----------------------------------------------------------------------------------------------


def test_a_setup_reads_back_as_it_was() -> None:
    start = setup(person("a", 70, 30, judgement=[[1, 3], ["1/3", 1]]), method="topsis", weights_from="ahp")
    assert read_setup(json.loads(json.dumps(start.as_dict()))) == start


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"criteria": ["npv_cny"]}, "criteria"),
        ({"criteria": ["npv_cny", "npv_cny"]}, "criteria"),
        ({"criteria": ["npv_cny", "flow_m3_h"]}, "criteria[1]"),  # neither direction is better
        ({"method": "average"}, "method"),
        ({"stakeholders": []}, "stakeholders"),
        ({"stakeholders": [{"name": "a"}, {"name": "a"}]}, "stakeholders[1].name"),
        ({"stakeholders": [{"name": "a", "points": {"npv_cny": -1}}]}, "stakeholders[0].points.npv_cny"),
        ({"stakeholders": [{"name": "a", "points": {"npv_cny": 0}}]}, "stakeholders[0].points"),
        ({"stakeholders": [{"name": "a"}], "weights_from": "ahp"}, "stakeholders[0].judgement"),
        (
            {"criteria": TWO_KEYS, "stakeholders": [{"name": "a", "judgement": [[1, 3], [3, 1]]}]},
            "stakeholders[0].judgement[1][0]",
        ),
        ({"pareto": ["npv_cny"]}, "pareto"),
        ([], "file"),
    ],
)
def test_a_bad_setup_names_the_place(data: Any, field: str) -> None:
    with pytest.raises(InputError) as error:
        read_setup(data)
    assert field in [f.field for f in error.value.faults]


# --- the record ----------------------------------------------------------------------------------------------


def record_of(pair: dict[str, Evaluation], **more: Any) -> dict[str, Any]:
    start = read_setup({"stakeholders": [{"name": "city"}, {"name": "investor", "points": {"npv_cny": 1}}]})
    words = {
        "choice": "large",
        "who": "Li <b>",
        "why": "more heat\nfor | less",
        "evidence": ["26 cases"],
        **more,
    }
    return make_record(pair, start, decide(pair, start), read_said(words, list(pair)), baseline="small")


def test_a_record_holds_what_it_speaks_of(pair: dict[str, Evaluation]) -> None:
    record = record_of(pair, objections=[{"key": "npv_cny", "text": "price too high", "by": "Wu"}])
    assert record["schemes"]["large"]["kpis"]["npv_cny"]["value"] == pair["large"].kpis["npv_cny"].value
    assert read_scheme(record["schemes"]["large"]["scheme"]) == pair["large"].scheme
    assert read_setup(record["setup"]).as_dict() == record["setup"]
    json.dumps(record, allow_nan=False)
    for lang in WORDS:
        told = {kind: document(record, kind, lang) for kind in FORMATS}
        assert "Li &lt;b&gt;" in told["html"]
        assert "for \\| less" in told["md"]
        assert record["inputs_sha256"] in told["html"]
        assert "price too high" in told["md"]
        for name in ("city", "investor"):
            assert told["html"].count(name) >= 3


def test_the_hash_tells_whether_inputs_are_the_same(pair: dict[str, Evaluation]) -> None:
    one = read_setup({})
    assert inputs_hash(pair, one) == inputs_hash(dict(pair), read_setup({}))
    assert inputs_hash(pair, one) != inputs_hash(pair, read_setup({"method": "topsis"}))
    assert inputs_hash(pair, one) != inputs_hash({**pair, "large": doublet(81.0)}, one)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"who": "a", "why": "b"}, "record.choice"),
        ({"choice": "x", "who": "a", "why": "b"}, "record.choice"),
        ({"choice": "large", "who": " ", "why": "b"}, "record.who"),
        ({"choice": "large", "who": "a", "why": "b" * 5000}, "record.why"),
        ({"choice": "large", "who": "a", "why": "b", "objections": [{"key": "npv_cny"}]}, "record.objections[0].text"),
    ],
)  # fmt: skip
def test_a_record_without_its_words_is_refused(words: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as error:
        read_said(words, ["small", "large"])
    assert field in [f.field for f in error.value.faults]


def test_a_choice_that_is_no_scheme_is_refused(pair: dict[str, Evaluation]) -> None:
    start = read_setup({})
    with pytest.raises(InputError):
        make_record(pair, start, decide(pair, start), Said("none", "a", "b"))


def test_words_of_both_languages_match() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()


def test_figures_as_people_write_them() -> None:
    assert figure("npv_cny", -12_345_678.0, "zh") == "\u22121\u2009235 万元"
    assert figure("npv_cny", -12_345_678.0, "en") == "\u221212.3 M CNY"
    assert figure("lifetime_years", None, "en") == "not within the years"

"""The knowledge graph: sound by itself, and its answers follow from tables and evaluation."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scenarios.evaluate import evaluate
from scenarios.knowledge import Node, explain_evaluation, explain_site, load_graph
from scenarios.knowledge_facts import facts_of_basin
from scenarios.scheme import read_scheme
from scenarios.sensitivity import tornado
from twin_models.errors import InputError
from twin_models.site_types import Text
from twin_models.sites import load_site

HAN = re.compile(r"[\u4e00-\u9fff]")
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@pytest.fixture(scope="module")
def evaluation() -> Any:
    return evaluate(read_scheme(load_site("linqing-ab").schemes[0].path), "streamline")


@pytest.fixture(scope="module")
def answer(evaluation: Any) -> dict[str, Any]:
    return explain_evaluation(evaluation)


def test_the_graph_is_sound() -> None:
    """Every node leads to money or heat; no relation twice; all five types are there; everything has a source."""
    graph = load_graph()
    assert {node.type for node in graph.nodes.values()} == {
        "structure",
        "reservoir",
        "fluid",
        "engineering",
        "economics",
    }
    ends = [(r.start, r.end) for r in graph.relations]
    assert len(set(ends)) == len(ends)
    for key in graph.nodes:
        assert graph.path(key, "value") is not None or key == "carbon", key
    for thing in (*graph.nodes.values(), *graph.relations, *graph.measurements):
        assert thing.source.zh.strip() and not HAN.search(thing.source.en)
        assert sorted(FIGURE.findall(thing.source.zh)) == sorted(FIGURE.findall(thing.source.en)), thing
    texts = [n.name for n in graph.nodes.values()] + [m.text for m in graph.measurements]
    for text in texts:
        assert HAN.search(text.zh) and not HAN.search(text.en)


def test_the_graph_has_no_circle() -> None:
    """A cause that is its own effect would explain nothing."""
    graph = load_graph()
    for relation in graph.relations:
        assert graph.path(relation.end, relation.start) is None, relation


def test_paths_are_the_shortest_and_hang_together() -> None:
    """porosity -> permeability -> transmissivity -> drawdown -> pumping -> value: five steps by hand."""
    path = load_graph().path("porosity", "value")
    assert [step.end for step in path] == ["permeability", "transmissivity", "drawdown", "pumping", "value"]
    assert all(a.end == b.start for a, b in itertools.pairwise(path))
    assert load_graph().path("value", "value") == ()
    assert load_graph().path("value", "porosity") is None


@pytest.mark.parametrize(
    ("better", "value", "grade"),
    [
        ("up", 60.0, "good"),
        ("up", 59.0, "fair"),
        ("up", 40.0, "poor"),
        ("down", 40.0, "good"),
        ("down", 61.0, "poor"),
    ],
)
def test_grades_at_their_limits(better: str, value: float, grade: str) -> None:
    limits = (60.0, 40.0) if better == "up" else (40.0, 60.0)
    node = Node("x", "reservoir", Text("名", "name"), "m", 0, better, *limits, "source")
    assert node.grade(value) == grade


def test_values_are_those_of_the_tables_and_the_evaluation(answer: dict[str, Any], evaluation: Any) -> None:
    values = {node["id"]: node["value"] for node in answer["nodes"]}
    layer = load_site("linqing-ab").reservoir.layers[0]
    net = layer.thickness_m * layer.net_to_gross
    assert values["thickness"] == pytest.approx(net)
    assert values["transmissivity"] == pytest.approx(np.mean(layer.permeability_md) * net / 1000.0)
    assert values["value"] == pytest.approx(evaluation.kpis["npv_cny"].value / 1e6)
    assert values["reinjection"] == evaluation.kpis["reinjection_ratio_pct"].value == 0.0
    assert values["salinity"] is None


def test_nothing_returned_is_what_speaks_against_this_place(answer: dict[str, Any]) -> None:
    poor = [s for s in answer["why"]["sentences"] if s["grade"] == "poor"]
    assert [s["node"] for s in poor] == ["reinjection"]
    assert next((p["from"], p["relation"], p["to"]) for p in poor[0]["path"]) == (
        "reinjection",
        "lowers",
        "drawdown",
    )
    assert answer["why"]["sentences"][0]["node"] == "value"


def test_every_sentence_has_both_languages_a_way_and_sources(answer: dict[str, Any]) -> None:
    for part in (answer["why"]["sentences"], answer["controls"], answer["measure_next"]):
        assert part
        for sentence in part:
            assert HAN.search(sentence["text"]["zh"]) and not HAN.search(sentence["text"]["en"])
            assert sentence["sources"] and all(sentence["sources"])
            assert len(sentence["sources_zh"]) == len(sentence["sources"])
            ends = [sentence["node"], *(step["to"] for step in sentence["path"])]
            assert ends[-1] == answer["goal"]["id"]
            assert all(step["source"] for step in sentence["path"])
            assert all(step["source_zh"] for step in sentence["path"])


def test_what_controls_is_the_tornado(answer: dict[str, Any], evaluation: Any) -> None:
    largest = next(s for s in tornado(evaluation.facts) if s.key != "discount_rate")
    assert answer["controls"][0]["node"] == {"heat_price_pct": "heat_price"}[largest.key]
    assert answer["controls"][0]["low"] == pytest.approx(largest.low / 1e6)
    sizes = [max(abs(c["low"]), abs(c["high"])) for c in answer["controls"]]
    assert sizes == sorted(sizes, reverse=True)


def test_in_chinese_sources_are_told_in_chinese() -> None:
    """All but laws and papers that have a name only, and files."""
    for told in (explain_site("nw-shandong"), explain_site("nw-shandong", unit="WD")):
        for sentence in (*told["why"]["sentences"], *told["controls"], *told["measure_next"]):
            assert any(HAN.search(source) for source in sentence["sources_zh"]), sentence["sources_zh"]
            assert not any(HAN.search(source) for source in sentence["sources"])


def test_same_question_same_answer(answer: dict[str, Any], evaluation: Any) -> None:
    assert explain_evaluation(evaluation) == answer


def test_a_dear_place_is_told_as_bad() -> None:
    """Heat given away makes the value negative, and the first sentence says so."""
    scheme = read_scheme(load_site("linqing-ab").schemes[0].path)
    free = replace(scheme, economics={**scheme.economics, "heat_price_cny_per_m2": 1.0})
    first = explain_evaluation(evaluate(free, "streamline"))["why"]["sentences"][0]
    assert first["node"] == "value" and first["value"] < 0 and first["grade"] == "poor"


def test_a_basin_is_told_by_its_units() -> None:
    """Dezhou: 1.439967e20 J over 3321 km2 = 43.36 GJ/m2 (units.csv, recomputed from 003 Table 1)."""
    answer = explain_site("nw-shandong", unit="DZ")
    values = {node["id"]: node["value"] for node in answer["nodes"]}
    assert values["heat_in_place"] == pytest.approx(1.439967e20 / 3321e6 / 1e9, rel=1e-9)
    assert answer["goal"]["id"] == "heat_in_place"
    assert answer["controls"][0]["node"] == "formation_thickness"
    whole = explain_site("nw-shandong")
    assert whole["why"]["verdict"] != answer["why"]["verdict"]
    assert any(m["node"] == "heat_flow" for m in whole["measure_next"])
    with pytest.raises(InputError, match="must be one of CZK"):
        explain_site("nw-shandong", unit="XX")


def test_swings_of_a_unit_follow_the_volumetric_formula() -> None:
    """Thickness from its mode to its least value changes the heat in that proportion: H (242/362 - 1)."""
    facts = facts_of_basin(load_site("nw-shandong"), "DZ")
    unit = next(u for u in load_site("nw-shandong").units if u.id == "DZ")
    rock = unit.rock_density_kg_m3[1] * unit.rock_heat_capacity_j_kgk[1]
    heat = 362 * (rock * 0.72 + 4.1868e6 * 0.28) * (61 - 14) / 1e9
    assert facts.swings["formation_thickness"][0] == pytest.approx(heat * (242 / 362 - 1))

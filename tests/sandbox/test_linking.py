"""Blocks and answers as the page shows them: layout of the city, rows of both sides, the case A/B, and the why state."""

from __future__ import annotations

import pytest

from sandbox import linking, why
from scenarios.blocks import regroup
from scenarios.evaluate import evaluate
from scenarios.scheme import read_scheme
from twin_models.sites import load_site


def test_layout_colours_stay_when_others_are_regrouped() -> None:
    site = load_site("linqing")
    linked = linking.linked_scheme(site)
    assert linked is not None
    before = {b["id"]: b["colour"] for b in linking.layout("linqing", linked)["blocks"]}
    scheme, _ = regroup(linked, site, members=["01"], into="alone")
    after = {b["id"]: b["colour"] for b in linking.layout("linqing", scheme)["blocks"]}
    assert all(after[b] == colour for b, colour in before.items() if b in after)
    assert len(linking.layout("linqing", scheme)["communities"]) == 64


def test_case_ab_to_the_printed_digit_and_its_like_for_like_variants() -> None:
    """source_numbers section 3: 41.456 as defined, 46.81 at unchanged heat, 46.57 with heat-pump work counted."""
    told = linking.paper()
    percent = {w["key"]: w["percent"] for w in told["ways"]}
    assert percent["as_defined_mean"] == pytest.approx(41.456, abs=0.002)
    assert percent["same_heat"] == pytest.approx(46.81, abs=0.005)
    assert percent["with_heat_pump_work"] == pytest.approx(46.57, abs=0.01)
    rows = {r["key"]: r for r in told["rows"]}
    assert rows["reduction_mean"]["printed"] == rows["reduction_mean"]["ours"] == "41.46"
    assert rows["payback"]["ours"] == "2.74"


def test_answers_stand_side_by_side() -> None:
    site = load_site("linqing-ab")
    today, linked = (evaluate(read_scheme(s.path), "streamline") for s in site.schemes[:2])
    told = linking.answers("linqing-ab", linked, today)
    rows = {r["key"]: (r["today"], r["now"]) for r in told["rows"]}
    assert rows["flow_m3_h"] == pytest.approx((160.0, 93.67))
    assert rows["reinjection_ratio_pct"] == pytest.approx((0.0, 100.0))
    assert told["blocks"]["L1"]["level_m"] > told["blocks"]["L1"]["level_today_m"]
    assert told["state"] == "estimate"


def test_every_path_of_an_answer_is_drawn() -> None:
    told = why.of_unit("linqing", "GG")
    nodes = {n["id"] for n in told["graph"]["nodes"]}
    edges = {e["id"] for e in told["graph"]["edges"]}
    items = [a for g in told["groups"] for a in g["items"]]
    assert items
    for item in items:
        assert set(item["nodes"]) <= nodes
        assert set(item["edges"]) <= edges
        assert len(item["chain"]) == len(item["edges"]) + 1
        assert item["chain"][-1]["sign"] == ""
    assert all(0 <= n["x"] <= told["graph"]["width"] for n in told["graph"]["nodes"])

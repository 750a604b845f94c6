"""Layout rules against distances worked out by hand, and where a handle stops."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import edits
from scenarios.checks import Finding, check_layout, check_well, nearest_legal
from scenarios.scheme import Scheme, SchemeWell
from twin_models.site_types import Area, FaultLine, Rule, Site, Text
from twin_models.sites import load_site
from twin_models.types import Layer, Reservoir, Well

BOX = Reservoir(
    (4000.0, 4000.0), (-2000.0, -2000.0), 50.0, (Layer("sand", 2000.0, 100.0),), "constant_pressure"
)


def rule(kind: Any, severity: Any, value_m: float | None) -> Rule:
    return Rule(f"{kind}-{severity}", kind, severity, value_m, Text("规则", "the rule"), "this test")


RULES = (
    rule("producer_injector_spacing", "soft", 450.0),
    rule("well_spacing", "hard", 200.0),
    rule("fault_distance", "soft", 300.0),
    rule("fault_distance", "hard", 100.0),
    rule("pad_reach", "soft", 1500.0),
    rule("inside_area", "hard", None),
)
FAULT = FaultLine(
    "F", Text("断层甲", "fault A"), ((1000.0, -3000.0), (1000.0, 3000.0)), True, 60.0, 90.0, True, ""
)
SQUARE = ((-1500.0, -1500.0), (1500.0, -1500.0), (1500.0, 1500.0), (-1500.0, 1500.0))


def site(**changes: Any) -> Site:
    """A square of 3 km, a fault along x = 1000, and the rules above."""
    parts: dict[str, Any] = {"faults": (FAULT,), "rules": RULES, "reservoir": BOX}
    parts["area"] = Area(Text("区", "area"), SQUARE, "", True)
    return replace(load_site("caofeidian"), **{**parts, **changes})


SITE = site()


def well(name: str, kind: Any, x_m: float, y_m: float, **more: Any) -> SchemeWell:
    head = more.pop("head", (x_m, y_m))
    return SchemeWell(Well(name, kind, x_m, y_m, 0.0 if kind == "monitor" else 50.0, **more), *head)


def scheme(*wells: SchemeWell, box: Reservoir = BOX) -> Scheme:
    return Scheme(wells=wells, reservoir=box)


def said(found: list[Finding], severity: str | None = None) -> list[tuple[str, str, float | None]]:
    return [(f.rule, f.well, f.distance_m) for f in found if severity in (None, f.severity)]


def test_a_layout_that_keeps_every_rule_has_no_finding() -> None:
    assert check_layout(scheme(well("P", "producer", 0, 0), well("I", "injector", 500, 0)), SITE) == []


def test_spacing_is_measured_between_targets() -> None:
    """3-4-5 triangle: (0, 0) and (240, 320) are 400 m apart, less than 450 and more than 200."""
    found = check_layout(scheme(well("P", "producer", 0, 0), well("I", "injector", 240, 320)), SITE)
    assert said(found) == [("producer_injector_spacing-soft", "P", 400.0)]
    (finding,) = found
    assert (finding.other, finding.limit_m, finding.severity, finding.point) == (
        "I",
        450.0,
        "soft",
        (240, 320),
    )
    assert finding.text_en == "P is 400 m from I (the rule)"
    assert finding.text_zh == "P 距 I 400 m(规则)"


def test_two_producers_may_stand_nearer_than_a_pair_but_not_on_top_of_each_other() -> None:
    near = scheme(well("P1", "producer", 0, 0), well("P2", "producer", 300, 0))
    assert check_layout(near, SITE) == []
    nearer = scheme(well("P1", "producer", 0, 0), well("P2", "producer", 150, 0))
    assert said(check_layout(nearer, SITE), "hard") == [("well_spacing-hard", "P1", 150.0)]


def test_a_pair_too_near_breaks_both_spacing_rules_hard_one_first() -> None:
    found = check_layout(scheme(well("P", "producer", 0, 0), well("I", "injector", 150, 0)), SITE)
    assert [f.severity for f in found] == ["hard", "soft"]


def test_monitors_and_wells_of_other_layers_do_not_disturb() -> None:
    box = replace(BOX, layers=(Layer("sand", 2000.0, 100.0), Layer("lime", 2200.0, 80.0)))
    place = site(reservoir=box)
    watched = scheme(well("P", "producer", 0, 0), well("M", "monitor", 10, 0), box=box)
    assert check_layout(watched, place) == []
    stacked = scheme(
        well("P", "producer", 0, 0, layers=("sand",)), well("I", "injector", 50, 0, layers=("lime",)), box=box
    )
    assert check_layout(stacked, place) == []


@pytest.mark.parametrize(
    ("x_m", "severity", "limit"), [(650.0, "ok", 300.0), (750.0, "soft", 300.0), (930.0, "hard", 100.0)]
)
def test_distance_to_a_fault(x_m: float, severity: str, limit: float) -> None:
    """The trace runs along x = 1000."""
    found = check_well(scheme(well("P", "producer", x_m, 20.0)), SITE, well="P")
    (finding,) = (f for f in found if f.rule.startswith("fault_distance"))
    assert (finding.severity, finding.limit_m, finding.other) == (severity, limit, "fault A")
    assert finding.distance_m == pytest.approx(1000.0 - x_m)
    assert finding.point == pytest.approx((1000.0, 20.0))


def test_the_end_of_a_fault_is_measured_as_a_point() -> None:
    """From the end (0, 0) of a trace that leads west, the place (60, 80) is 100 m away."""
    short = replace(FAULT, line_m=((-900.0, 0.0), (0.0, 0.0)))
    found = check_well(scheme(well("P", "producer", 60.0, 80.0)), site(faults=(short,)), well="P")
    assert next(f.distance_m for f in found if f.rule.startswith("fault")) == pytest.approx(100.0)


def test_outside_the_area_and_outside_the_model() -> None:
    outside = check_layout(scheme(well("P", "producer", -1600, 0)), SITE)
    assert said(outside, "hard") == [("inside_area-hard", "P", -100.0)]
    assert outside[0].point == pytest.approx((-1500.0, 0.0))
    beyond = check_layout(scheme(well("P", "producer", -2100, 0)), site(rules=()))
    assert said(beyond, "hard") == [("inside_box", "P", -100.0)]


def test_reach_and_inclination_of_a_bent_well() -> None:
    """Head 1600 m from the target: beyond the 1500 m asked; depth 2000 m, kick-off 300 m: V = 1700 > D = 1600,
    R = R_max = (D^2 + V^2) / (2 D) / 2 = 851.6 m, so the dog-leg is 30 (180 / pi) / R = 2.02 deg."""
    bent = scheme(well("P", "producer", 600.0, 0.0, head=(-1000.0, 0.0)))
    found = {f.rule: f for f in check_well(bent, SITE, well="P")}
    assert (found["pad_reach-soft"].severity, found["pad_reach-soft"].distance_m) == ("soft", 1600.0)
    radius = (1600.0**2 + 1700.0**2) / (2 * 1600.0) / 2
    assert found["dogleg"].distance_m == pytest.approx(30 * 180 / math.pi / radius, abs=0.01)
    assert found["dogleg"].severity == "ok"


def test_a_shallow_target_far_from_its_head_needs_too_sharp_a_bend() -> None:
    """Depth 400 m, kick-off 200 m: V = 200 m is the largest radius for D = 600 > V; 3 deg per 30 m asks 573 m."""
    box = replace(BOX, layers=(Layer("sand", 400.0, 50.0),))
    bent = scheme(well("P", "producer", 600.0, 0.0, head=(0.0, 0.0)), box=box)
    found = {f.rule: f for f in check_layout(bent, None)}
    assert found["dogleg"].severity == "hard"
    assert found["dogleg"].distance_m == pytest.approx(30 * 180 / math.pi / 200.0, abs=0.01)
    assert found["inclination"].severity == "soft"


def test_a_place_can_be_tried_before_the_well_stands_there() -> None:
    start = scheme(well("P", "producer", 0, 0), well("I", "injector", 600, 0))
    tried = check_well(start, SITE, well="P", x_m=300.0, y_m=0.0)
    moved, _ = edits.move_target(start, "P", x_m=300.0, y_m=0.0)
    spacing = [f for f in tried if "spacing" in f.rule]
    assert spacing == [f for f in check_well(moved, SITE, well="P") if "spacing" in f.rule]
    assert {f.distance_m for f in spacing} == {300.0}


def test_one_well_is_told_about_every_rule_worst_first() -> None:
    found = check_well(scheme(well("P", "producer", 0, 0), well("I", "injector", 300, 0)), SITE, well="P")
    assert [f.severity for f in found] == ["soft", "ok", "ok", "ok", "ok", "ok"]
    assert {f.rule.split("-")[0] for f in found} == {
        "inside_box",
        "inside_area",
        "fault_distance",
        "pad_reach",
        "well_spacing",
        "producer_injector_spacing",
    }
    assert all(f.text_zh and f.text_en for f in found)


# --- where the handle stops --------------------------------------------------------------------------


def test_a_legal_place_is_left_alone() -> None:
    assert nearest_legal(scheme(well("P", "producer", 0, 0)), SITE, well="P", x_m=123.4, y_m=-5.0) == (
        123.4,
        -5.0,
    )


@pytest.mark.parametrize(
    ("hand", "stop"),
    [
        ((950.0, 40.0), (900.0, 40.0)),  # the fault's 100 m, on the hand's side
        ((1080.0, 40.0), (1100.0, 40.0)),
        ((-1700.0, 40.0), (-1500.0, 40.0)),  # the area's edge
        ((-9000.0, 9000.0), (-1500.0, 1500.0)),  # its corner
        ((-400.0, 50.0), (-400.0, 200.0)),  # 200 m from the other well, straight off it
    ],
)
def test_the_handle_stops_at_the_nearest_legal_place(
    hand: tuple[float, float], stop: tuple[float, float]
) -> None:
    start = scheme(well("P", "producer", 0, 600), well("I", "injector", -400, 0))
    found = nearest_legal(start, SITE, well="P", x_m=hand[0], y_m=hand[1])
    assert found == pytest.approx(stop, abs=0.05)


def test_a_well_with_no_legal_place_left_stays() -> None:
    """An area of 20 m across, filled by a well that asks for 200 m."""
    tiny = Area(Text("区", "area"), ((0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)), "", True)
    start = scheme(well("P", "producer", 1.0, 1.0), well("I", "injector", 10.0, 10.0))
    assert nearest_legal(start, site(area=tiny), well="P", x_m=15.0, y_m=15.0) == (1.0, 1.0)


@given(st.floats(-3000, 3000), st.floats(-3000, 3000))
def test_wherever_the_hand_goes_the_handle_breaks_no_hard_rule(x_m: float, y_m: float) -> None:
    others = [well(f"W{i}", "injector", -1200.0 + 380.0 * i, 300.0 * math.sin(i)) for i in range(6)]
    start = scheme(well("P", "producer", 0.0, 1200.0), *others)
    place = nearest_legal(start, SITE, well="P", x_m=x_m, y_m=y_m)
    found = check_well(start, SITE, well="P", x_m=place[0], y_m=place[1])
    assert said(found, "hard") == []


def test_shipped_baselines_can_be_checked_and_say_everything_in_both_languages() -> None:
    from scenarios.scheme import read_scheme
    from twin_models.sites import site_names

    for name in site_names():
        place = load_site(name)
        for file in place.schemes:
            for finding in check_layout(read_scheme(file.path), place):
                assert finding.text_zh and finding.text_en and finding.severity in ("soft", "hard")

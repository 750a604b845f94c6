"""Schemes beside a baseline: what changed in words, what a difference means, who is dominated."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import edits
from scenarios.compare import HEADLINE, compare, delta, dominated_by, verdict, what_changed
from scenarios.evaluate import evaluate
from scenarios.kpis import KPIS, Kpi
from scenarios.report import comparison_report
from scenarios.schema_io import freeze
from scenarios.scheme import Scheme, SchemeWell
from twin_models.errors import InputError
from twin_models.types import Layer, Reservoir, Step, Well

BOX = Reservoir(
    (4000.0, 4000.0), (-2000.0, -2000.0), 100.0, (Layer("sand", 1500.0, 50.0),), "constant_pressure"
)
BASE = Scheme(
    wells=(
        SchemeWell(Well("P1", "producer", 0.0, 0.0, 100.0), 0.0, 10.0, "A", True),
        SchemeWell(Well("P2", "producer", 900.0, 0.0, 80.0), 0.0, 0.0, "A"),
        SchemeWell(Well("I1", "injector", 0.0, 900.0, 90.0, 30.0), 0.0, 900.0),
        SchemeWell(Well("I2", "injector", 900.0, 900.0, 90.0, 30.0), 900.0, 900.0),
    ),
    reservoir=BOX,
    name="base",
)


def texts(other: Scheme, base: Scheme = BASE) -> list[tuple[str, str, str]]:
    return [(c.group, c.text_en, c.text_zh) for c in what_changed(base, other)]


def test_nothing_changed_is_an_empty_list() -> None:
    assert texts(replace(BASE, name="other name", note="x")) == []


def test_moves_are_told_by_length_and_direction() -> None:
    """(0, 0) to (300, 400): 500 m, north-east; (0, 900) to (0, 800): 100 m, south."""
    other, _ = edits.move_target(BASE, "P1", x_m=300.0, y_m=400.0)
    other, _ = edits.move_well(other, "I1", x_m=0.0, y_m=800.0)
    assert texts(other) == [
        ("wells", "P1 target moved 500 m NE", "P1 目标向东北移动 500 m"),
        ("wells", "I1 moved 100 m S", "I1 向南移动 100 m"),
    ]


def test_a_pad_that_moved_is_one_line() -> None:
    whole, _ = edits.move_pad(BASE, "A", x_m=100.0, y_m=5.0)
    assert not whole.wells[0].existing  # moved, so to be drilled anew; the line says only that it moved
    assert texts(whole) == [("wells", "Pad A (2 wells) moved 100 m E", "井台 A(2 口井)向东移动 100 m")]
    heads, _ = edits.move_pad(BASE, "A", x_m=100.0, y_m=5.0, targets=False)
    assert texts(heads) == [
        ("wells", "Pad A (2 wells) moved 100 m E, targets kept", "井台 A(2 口井)向东移动 100 m(目标不变)")
    ]


def test_wells_come_go_and_change_names() -> None:
    other, _ = edits.add_well(BASE, "producer", x_m=-900.0, y_m=0.0)
    other, _ = edits.delete_well(other, "I2")
    other, _ = edits.rename(other, "P1", name="first")
    assert texts(other) == [
        ("wells", "Removed injector I2", "取消回灌井 I2"),
        ("wells", "Added producer P-1", "新增开采井 P-1"),
        ("wells", "P1 renamed to first", "P1 改名为 first"),
    ]


def test_the_same_change_of_several_wells_is_one_line() -> None:
    other, _ = edits.set_temperature(BASE, "I1", temperature_degc=20.0)
    other, _ = edits.set_temperature(other, "I2", temperature_degc=20.0)
    other, _ = edits.set_rate(other, "P1", rate_m3_h=110.0)
    assert texts(other) == [
        ("wells", "P1: rate 100 m³/h → 110 m³/h", "P1:流量 100 m³/h → 110 m³/h"),
        ("wells", "I1, I2: injection temperature 30 °C → 20 °C", "I1、I2:回灌温度 30 °C → 20 °C"),
    ]


def test_many_different_rates_become_a_sum() -> None:
    """100 + 80 = 180 produced becomes 101 + 82 = 183; 90 + 90 = 180 injected becomes 93 + 94 = 187."""
    other = BASE
    for name, rate in (("P1", 101.0), ("P2", 82.0), ("I1", 93.0), ("I2", 94.0)):
        other, _ = edits.set_rate(other, name, rate_m3_h=rate)
    assert [text for _, text, _ in texts(other)] == [
        "2 producers: total rate 180 → 183 m³/h",
        "2 injectors: total rate 180 → 187 m³/h",
    ]


def test_surface_money_and_times_have_groups_of_their_own() -> None:
    other, _ = edits.set_use(BASE, "heating.heat_pump.cop", value=4.5)
    other, _ = edits.set_economics(other, "discount_rate", value=0.07)
    other, _ = edits.set_times(other, years=20.0)
    assert texts(other) == [
        ("surface", "heat pump COP: default → 4.5", "热泵 COP:默认 → 4.5"),
        ("economics", "discount rate: default → 0.07", "折现率:默认 → 0.07"),
        ("scheme", "years of operation: 30 → 20", "运行年限:30 → 20"),
    ]


def test_an_object_with_usual_values_counts_as_there() -> None:
    other = replace(BASE, uses=freeze({"heating": {"heat_pump": {}}}))
    assert texts(other) == [("surface", "heat pumps: default → present", "热泵:默认 → 有")]


def test_kind_schedule_and_pad_are_told() -> None:
    wells = list(BASE.wells)
    wells[3] = wells[3].with_well(schedule=(Step(0.0, 50.0, 20.0),))
    wells[1] = replace(wells[1], pad="B", existing=True)
    other, _ = edits.set_kind(replace(BASE, wells=tuple(wells)), "I1", kind="monitor")
    found = {c.kind: c.text_en for c in what_changed(BASE, other)}
    assert found["kind"] == "I1: kind injector → monitoring well"
    assert found["pad"] == "P2: pad A → B"
    assert found["existing"] == "P2: existing well no → yes"
    assert found["schedule"] == "I2: schedule 0 → 1"
    json.dumps([c.as_dict() for c in what_changed(BASE, other)])


places = st.floats(-1900, 1900).map(lambda v: round(v, 0))


@given(st.lists(st.tuples(st.sampled_from(["P1", "P2", "I1", "I2"]), places, places), max_size=5))
def test_what_changed_speaks_of_exactly_the_wells_that_differ(moves: list[tuple[str, float, float]]) -> None:
    other = BASE
    for name, x_m, y_m in moves:
        try:
            other, _ = edits.move_target(other, name, x_m=x_m, y_m=y_m)
        except InputError:
            continue
    found = what_changed(BASE, other)
    assert {name for c in found for name in c.wells} == {
        w.name for w in other.wells if w != BASE.well(w.name)
    }

    def lengths(changes: list[Any]) -> dict[tuple[str, ...], float]:
        return {c.wells: math.dist(c.before, c.after) for c in changes if c.kind.startswith("moved")}

    assert lengths(found) == pytest.approx(lengths(what_changed(other, BASE)))


# --- what a difference means -------------------------------------------------------------------------


def kpi(key: str, value: float | None, low: float | None = None, high: float | None = None) -> Kpi:
    return Kpi(value, KPIS[key].unit, low, high)


@pytest.mark.parametrize(
    ("key", "before", "after", "said"),
    [
        ("npv_cny", 1e6, 2e6, "better"),
        ("npv_cny", 1e6, -2e6, "worse"),
        ("lcoh_cny_per_gj", 40.0, 30.0, "better"),
        ("lcoh_cny_per_gj", 40.0, None, "worse"),
        ("lcoh_cny_per_gj", 40.0, 40.0001, "same"),  # equal in the two digits shown
        ("lifetime_years", None, 20.0, "worse"),  # never is the best
        ("lifetime_years", 20.0, None, "better"),
        ("lifetime_years", None, None, "same"),
        ("payback_years", 5.0, None, "worse"),  # here never is the worst
        ("flow_m3_h", 100.0, 200.0, "different"),
        ("demand_met_pct", None, 50.0, "unknown"),
        ("no_such_kpi", 1.0, 2.0, "unknown"),
    ],
)
def test_a_difference_is_better_or_worse_by_the_kpis_direction(
    key: str, before: float | None, after: float | None, said: str
) -> None:
    assert verdict(key, Kpi(before, ""), Kpi(after, "")) == said


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ((105.0, 85.0, 125.0), "better"),  # both ends move up by 5: the same draws, a better scheme
        ((105.0, 75.0, 125.0), "same"),  # wider: 80..120 lies inside, the ends disagree
        ((150.0, 79.0, 200.0), "same"),
        ((150.0, 110.0, 190.0), "better"),  # 10 of 40 shared
    ],
)
def test_bands_decide_whether_a_difference_can_be_told(other: tuple[float, float, float], said: str) -> None:
    """Baseline 100 with band 80 to 120."""
    assert verdict("npv_cny", kpi("npv_cny", 1e2, 8e1, 1.2e2), kpi("npv_cny", *other)) == said


def test_a_delta_has_value_and_percent_of_the_size() -> None:
    assert delta("npv_cny", kpi("npv_cny", -200.0), kpi("npv_cny", -150.0)) == {
        "value": 50.0,
        "percent": 25.0,
        "verdict": "better",
    }
    assert delta("npv_cny", kpi("npv_cny", 0.0), kpi("npv_cny", 10.0))["percent"] is None
    assert delta("npv_cny", kpi("npv_cny", None), kpi("npv_cny", 10.0))["value"] is None


def test_dominated_is_who_is_nowhere_better() -> None:
    """Heat up, cost down: b beats a in both, c trades one for the other, d equals b."""
    values: dict[str, dict[str, float | None]] = {
        "a": {"annual_heat_gj": 10.0, "lcoh_cny_per_gj": 50.0},
        "b": {"annual_heat_gj": 12.0, "lcoh_cny_per_gj": 45.0},
        "c": {"annual_heat_gj": 15.0, "lcoh_cny_per_gj": 60.0},
        "d": {"annual_heat_gj": 12.0, "lcoh_cny_per_gj": 45.0},
    }
    assert dominated_by(values) == {"a": ["b", "d"], "b": [], "c": [], "d": []}


scores = st.dictionaries(
    st.sampled_from(HEADLINE), st.one_of(st.none(), st.integers(0, 3).map(float)), min_size=5
)


@given(st.lists(scores, min_size=1, max_size=5))
def test_no_scheme_dominates_itself_and_never_both_ways(rows: list[dict[str, float | None]]) -> None:
    beaten = dominated_by({str(i): row for i, row in enumerate(rows)})
    for i, by in beaten.items():
        assert i not in by
        assert all(i not in beaten[j] for j in by)
    assert any(not by for by in beaten.values())


# --- the whole table ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evaluated() -> dict[str, Any]:
    colder, _ = edits.set_temperature(BASE, "I1", temperature_degc=20.0)
    poorer, _ = edits.set_economics(BASE, "heat_price_cny_per_gj", value=1.0)
    return {name: evaluate(s, "streamline") for name, s in (("0", BASE), ("A", colder), ("B", poorer))}


def test_the_table_has_every_kpi_its_delta_and_what_changed(evaluated: dict[str, Any]) -> None:
    table = compare(evaluated, baseline="0")
    assert table["baseline"] == "0" and list(table["schemes"]) == ["0", "A", "B"]
    base, colder, poorer = table["schemes"].values()
    assert set(base["kpis"]) == set(base["deltas"]) == set(KPIS)
    assert all(d["verdict"] in ("same", "unknown") for d in base["deltas"].values())
    assert colder["deltas"]["annual_heat_gj"]["verdict"] == "better"
    gained = colder["kpis"]["annual_heat_gj"]["value"] - base["kpis"]["annual_heat_gj"]["value"]
    assert colder["deltas"]["annual_heat_gj"]["value"] == gained > 0.0
    assert [c["text"]["en"] for c in poorer["changes"]] == ["heat price CNY/GJ: default → 1"]
    assert poorer["deltas"]["npv_cny"]["verdict"] == "worse"
    assert poorer["dominated"] and "0" in poorer["dominated_by"]
    assert not base["dominated"] or "A" in base["dominated_by"]


def test_the_first_scheme_is_the_baseline_unless_told(evaluated: dict[str, Any]) -> None:
    assert compare(evaluated)["baseline"] == "0"
    assert compare(evaluated, baseline="B")["schemes"]["0"]["deltas"]["npv_cny"]["verdict"] == "better"
    with pytest.raises(InputError, match='baseline: must be one of 0, A, B, got "C"'):
        compare(evaluated, baseline="C")
    with pytest.raises(InputError, match="schemes: must have at least one scheme"):
        compare({})


def test_the_report_is_plain_json(evaluated: dict[str, Any]) -> None:
    assert json.loads(json.dumps(comparison_report(evaluated), allow_nan=False))["objectives"] == list(
        HEADLINE
    )

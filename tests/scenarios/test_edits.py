"""Edits: each gives a new scheme and a name for what was done; a log of them rebuilds the scheme."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import edits
from scenarios.labels import direction
from scenarios.scheme import Scheme, SchemeWell, read_scheme, to_dict
from twin_models.errors import InputError
from twin_models.types import Confining, Layer, Reservoir, Well

BOX = Reservoir(
    (4000.0, 4000.0),
    (-2000.0, -2000.0),
    50.0,
    (Layer("upper", 1500.0, 50.0), Layer("lower", 1550.0, 50.0)),
    "constant_pressure",
    Confining(),
)
START = Scheme(
    wells=(
        SchemeWell(Well("P-01", "producer", 0.0, 0.0, 100.0), -20.0, 0.0, "A", True),
        SchemeWell(Well("P-02", "producer", 900.0, 0.0, 80.0), 0.0, 0.0, "A"),
        SchemeWell(Well("I-01", "injector", 0.0, 900.0, 90.0, 30.0), 0.0, 900.0),
    ),
    reservoir=BOX,
)


def refused(function: Any, *args: Any, **params: Any) -> str:
    with pytest.raises(InputError) as caught:
        function(*args, **params)
    (fault,) = caught.value.faults
    return fault.line()


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ((1, 0), "E"),
        ((3, 3), "NE"),
        ((0, 2), "N"),
        ((-5, 5), "NW"),
        ((-1, 0), "W"),
        ((-2, -2), "SW"),
        ((0, -1), "S"),
    ],
)
def test_compass(step: tuple[float, float], name: str) -> None:
    assert direction(*step)[1] == name


def test_a_moved_target_keeps_its_head_and_is_named_by_distance_and_direction() -> None:
    """A step of (300, 400) m is 500 m long, 53 degrees north of east: north-east."""
    scheme, edit = edits.move_target(START, "P-01", x_m=300.0, y_m=400.0)
    moved = scheme.well("P-01")
    assert (moved.x_m, moved.y_m, moved.head_x_m, moved.head_y_m) == (300.0, 400.0, -20.0, 0.0)
    assert (edit.label_en, edit.label_zh) == ("Move P-01 500 m NE", "移动 P-01 向东北 500 m")
    assert scheme.wells[1:] == START.wells[1:]
    assert START.well("P-01").x_m == 0.0


def test_a_well_that_stands_is_a_new_one_elsewhere() -> None:
    moved, _ = edits.move_target(START, "P-01", x_m=5.0, y_m=0.0)
    assert START.well("P-01").existing and not moved.well("P-01").existing
    same, _ = edits.move_target(START, "P-01", x_m=0.0, y_m=0.0)
    assert same.well("P-01").existing


def test_a_doublet_has_its_spacing_and_one_rate() -> None:
    """The producer stands where asked, the injector 500 m away inside the box, both at the producers' usual 90."""
    scheme, edit = edits.add_doublet(START, x_m=-1000.0, y_m=-1000.0)
    producer, injector = scheme.wells[-2:]
    assert (producer.kind, producer.x_m, producer.y_m) == ("producer", -1000.0, -1000.0)
    assert injector.kind == "injector" and injector.temperature_degc == 30.0
    assert math.dist((injector.x_m, injector.y_m), (-1000.0, -1000.0)) == pytest.approx(500.0, abs=0.1)
    assert producer.rate_m3_h == injector.rate_m3_h == 90.0
    assert (edit.label_en, edit.label_zh) == ("Add doublet P-1/I-1", "新增对井 P-1/I-1")
    placed, _ = edits.add_doublet(START, x_m=-1000.0, y_m=0.0, injector_x_m=-1000.0, injector_y_m=450.0)
    assert (placed.wells[-1].x_m, placed.wells[-1].y_m) == (-1000.0, 450.0)


def test_a_bent_wells_head_moves_alone_a_vertical_well_moves_whole() -> None:
    scheme, edit = edits.move_head(START, "P-01", x_m=-20.0, y_m=100.0)
    moved = scheme.well("P-01")
    assert (moved.x_m, moved.y_m, moved.head_y_m, edit.label_en) == (
        0.0,
        0.0,
        100.0,
        "Move head of P-01 100 m N",
    )
    scheme, edit = edits.move_head(START, "I-01", x_m=50.0, y_m=900.0)
    moved = scheme.well("I-01")
    assert moved.is_vertical and moved.x_m == 50.0 and edit.label_en == "Move I-01 50 m E"
    scheme, _ = edits.move_head(START, "I-01", x_m=50.0, y_m=900.0, bend=True)
    assert scheme.well("I-01").x_m == 0.0 and not scheme.well("I-01").is_vertical


def test_a_pad_takes_its_wells_along() -> None:
    """The middle of the heads at -20 and 0 is (-10, 0); moved to (90, 0), everything shifts by 100 m."""
    assert edits.pad_centre(START, "A") == (-10.0, 0.0)
    scheme, edit = edits.move_pad(START, "A", x_m=90.0, y_m=0.0)
    assert [(w.x_m, w.head_x_m) for w in scheme.wells] == [(100.0, 80.0), (1000.0, 100.0), (0.0, 0.0)]
    assert edit.label_en == "Move pad A (2 wells) 100 m E"
    scheme, _ = edits.move_pad(START, "A", x_m=90.0, y_m=0.0, targets=False)
    assert [(w.x_m, w.head_x_m) for w in scheme.wells[:2]] == [(0.0, 80.0), (900.0, 100.0)]
    assert refused(edits.move_pad, START, "B", x_m=0.0, y_m=0.0) == 'error: pad: no pad "B"'


def test_a_path_from_the_file_moves_with_the_well_and_is_planned_anew_when_it_bends() -> None:
    path = ((0.0, 900.0, 0.0), (10.0, 900.0, 1500.0))
    start, _ = edits.delete_well(START, "I-01")
    well = SchemeWell(Well("I-01", "injector", 10.0, 900.0, 90.0, 30.0, trajectory=path), 0.0, 900.0)
    start = Scheme(wells=(*start.wells, well), reservoir=BOX)
    whole, _ = edits.move_well(start, "I-01", x_m=110.0, y_m=900.0)
    assert whole.well("I-01").well.trajectory == ((100.0, 900.0, 0.0), (110.0, 900.0, 1500.0))
    bent, _ = edits.move_target(start, "I-01", x_m=110.0, y_m=900.0)
    assert bent.well("I-01").well.trajectory is None


def test_values_of_a_well() -> None:
    scheme, edit = edits.set_rate(START, "P-01", rate_m3_h=120.5)
    assert scheme.well("P-01").rate_m3_h == 120.5
    assert (edit.label_en, edit.label_zh) == ("P-01 rate 100 → 120.5 m³/h", "P-01 流量 100 → 120.5 m³/h")
    scheme, edit = edits.set_temperature(START, "I-01", temperature_degc=None)
    assert scheme.well("I-01").temperature_degc is None
    assert edit.label_en == "I-01 injection temperature 30 °C → as returned"
    scheme, edit = edits.set_layers(START, "I-01", layers=["lower"])
    assert scheme.well("I-01").well.layers == ("lower",) and edit.label_en == "I-01 open to lower"
    scheme, _ = edits.rename(START, "I-01", name="回灌一")
    assert scheme.wells[2].name == "回灌一"


def test_a_new_kind_drops_what_it_does_not_have() -> None:
    scheme, edit = edits.set_kind(START, "I-01", kind="producer")
    assert (scheme.well("I-01").rate_m3_h, scheme.well("I-01").temperature_degc) == (90.0, None)
    assert (edit.label_en, edit.label_zh) == ("Make I-01 a producer", "I-01 改为开采井")
    watching, _ = edits.set_kind(START, "P-01", kind="monitor")
    assert watching.well("P-01").rate_m3_h == 0.0
    back, _ = edits.set_kind(watching, "P-01", kind="producer")
    assert back.well("P-01").rate_m3_h == 80.0  # the median of the producers left
    storing, _ = edits.set_kind(START, "P-01", kind="storage")
    assert storing.well("P-01").temperature_degc == 30.0


def test_a_new_well_is_like_its_kind() -> None:
    scheme, edit = edits.add_well(START, "injector", x_m=-900.0, y_m=0.0)
    new = scheme.wells[-1]
    assert (new.name, new.rate_m3_h, new.temperature_degc, new.is_vertical) == ("I-1", 90.0, 30.0, True)
    assert (edit.label_en, edit.label_zh) == ("Add injector I-1", "新增回灌井 I-1")
    on_pad, _ = edits.add_well(START, "producer", x_m=-900.0, y_m=0.0, pad="A")
    assert (on_pad.wells[-1].head_x_m, on_pad.wells[-1].pad) == (-20.0, "A")


def test_a_copy_takes_the_next_name_stands_apart_and_is_not_drilled_yet() -> None:
    scheme, edit = edits.duplicate_well(START, "P-01")
    copy = scheme.wells[-1]
    assert (copy.name, copy.rate_m3_h, copy.pad, copy.existing) == ("P-03", 100.0, "A", False)
    assert min(abs(copy.x_m - w.x_m) + abs(copy.y_m - w.y_m) for w in START.wells) > 100.0
    assert edit.label_en == "Duplicate P-01 as P-03"
    placed, _ = edits.duplicate_well(START, "I-01", x_m=500.0, y_m=500.0, name="neu")
    assert (placed.wells[-1].x_m, placed.wells[-1].head_x_m) == (500.0, 500.0)


def test_the_last_well_cannot_be_deleted() -> None:
    scheme, edit = edits.delete_well(START, "P-01")
    assert [w.name for w in scheme.wells] == ["P-02", "I-01"] and edit.label_zh == "删除 P-01"
    scheme, _ = edits.delete_well(scheme, "P-02")
    assert refused(edits.delete_well, scheme, "I-01").startswith("error: wells: must have at least one well")


def test_values_of_uses_and_money() -> None:
    scheme, edit = edits.set_economics(START, "discount_rate", value=0.07)
    assert scheme.economics == {"discount_rate": 0.07}
    assert (edit.label_en, edit.label_zh) == ("discount rate: default → 0.07", "折现率:默认 → 0.07")
    scheme, edit = edits.set_use(scheme, "heating.heat_pump.cop", value=4.5)
    assert scheme.uses == {"heating": {"heat_pump": {"cop": 4.5}}}
    scheme, _ = edits.set_use(scheme, "heating.heat_pump.cop", value=None)
    assert scheme.uses == {"heating": {"heat_pump": {}}}  # there still are heat pumps, with usual values
    assert START.economics == {}


def test_times_and_name_of_the_scheme() -> None:
    scheme, edit = edits.set_times(START, years=12.0, season_days=120.0)
    assert (scheme.years, scheme.output_years[-1], scheme.season_days) == (12.0, 12.0, 120.0)
    assert edit.label_en == "Operate 12 years, 120 days a year"
    scheme, _ = edits.rename_scheme(START, "甲")
    assert scheme.name == "甲" and scheme.key() == START.key()


REFUSED: dict[str, tuple[Any, tuple[Any, ...], dict[str, Any], str]] = {
    "rate": (
        edits.set_rate,
        ("I-01",),
        {"rate_m3_h": -5},
        "error: wells[2].rate_m3_h: must be between 0 and 1000, got -5",
    ),
    "outside": (
        edits.move_target,
        ("P-01",),
        {"x_m": 2500.0, "y_m": 0.0},
        "error: wells[0].x_m: must be between -2000 and 2000, got 2500.0",
    ),
    "on another": (
        edits.move_target,
        ("P-01",),
        {"x_m": 900.5, "y_m": 0.0},
        'error: wells[0]: must stand at least 1 m from wells[1] "P-02"',
    ),
    "nan": (
        edits.move_head,
        ("P-01",),
        {"x_m": float("nan"), "y_m": 0.0},
        "error: wells[0].head_x_m: must be a finite number, got nan",
    ),
    "unknown well": (
        edits.set_rate,
        ("P-1",),
        {"rate_m3_h": 5},
        'error: well: no well "P-1"; did you mean "P-01"?',
    ),
    "taken name": (
        edits.rename,
        ("P-01",),
        {"name": "P-02"},
        'error: wells[0].name: "P-02" is also the name of wells[1]',
    ),
    "unknown layer": (
        edits.set_layers,
        ("P-01",),
        {"layers": ["uper"]},
        'error: wells[0].layers[0]: no layer "uper"; the layers are upper, lower; did you mean "upper"?',
    ),
    "money out of range": (
        edits.set_economics,
        ("discount_rate",),
        {"value": "high"},
        "error: economics.discount_rate: must be a number, got 'high'",
    ),
    "unknown use": (
        edits.set_use,
        ("heating.are_m2",),
        {"value": 3},
        'error: uses.heating.are_m2: unknown key; did you mean "area_m2"?',
    ),
    "empty name": (edits.rename_scheme, ("  ",), {}, "error: name: must have between 1 and 200 characters"),
    "kind": (
        edits.set_kind,
        ("P-01",),
        {"kind": "pump"},
        'error: kind: must be one of producer, injector, storage, monitor, got "pump"',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_change_that_no_reader_accepts_is_refused(case: str) -> None:
    function, args, params, line = REFUSED[case]
    before = to_dict(START)
    assert refused(function, START, *args, **params) == line
    assert to_dict(START) == before


def test_a_value_inside_a_number_does_not_exist() -> None:
    scheme, _ = edits.set_economics(START, "discount_rate", value=0.07)
    assert refused(edits.set_economics, scheme, "discount_rate.x", value=1).endswith(
        '"discount_rate" holds no further values'
    )


def test_a_log_hands_in_only_what_fits() -> None:
    assert (
        refused(edits.apply, START, "set_rat", {})
        == 'error: kind: no edit "set_rat"; did you mean "set_rate"?'
    )
    assert "missing a required argument: 'rate_m3_h'" in refused(
        edits.apply, START, "set_rate", {"well": "P-01"}
    )
    with pytest.raises(InputError, match="x_m: must be a number, got 'a'"):
        edits.apply(START, "move_target", {"well": "P-01", "x_m": "a", "y_m": 0})


places = st.floats(-1900, 1900).map(lambda v: round(v, 1))
steps = st.one_of(
    st.tuples(
        st.sampled_from(["move_target", "move_head", "move_well"]),
        st.builds(
            lambda w, x, y: {"well": w, "x_m": x, "y_m": y}, st.sampled_from(["P-01", "I-01"]), places, places
        ),
    ),
    st.tuples(st.just("move_pad"), st.builds(lambda x, y: {"pad": "A", "x_m": x, "y_m": y}, places, places)),
    st.tuples(st.just("set_rate"), st.builds(lambda r: {"well": "P-02", "rate_m3_h": r}, st.floats(0, 1000))),
    st.tuples(
        st.just("add_doublet"),
        st.builds(lambda x, y: {"x_m": x, "y_m": y}, places, places),
    ),
    st.tuples(
        st.just("add_well"),
        st.builds(
            lambda k, x, y: {"kind": k, "x_m": x, "y_m": y},
            st.sampled_from(["producer", "injector"]),
            places,
            places,
        ),
    ),
    st.tuples(st.just("duplicate_well"), st.just({"well": "I-01"})),
    st.tuples(st.just("set_kind"), st.just({"well": "P-02", "kind": "injector"})),
    st.tuples(st.just("set_times"), st.builds(lambda y: {"years": y}, st.floats(1, 50))),
    st.tuples(
        st.just("set_use"), st.builds(lambda v: {"path": "heating.area_m2", "value": v}, st.floats(1, 1e6))
    ),
)


@given(st.lists(steps, max_size=6))
def test_a_log_of_edits_rebuilds_the_scheme_and_every_step_is_a_valid_file(
    log: list[tuple[str, dict]],
) -> None:
    scheme, done = START, []
    for kind, params in log:
        try:
            scheme, edit = edits.apply(scheme, kind, params)
        except InputError:
            continue
        assert edit.label_zh and edit.label_en
        done.append(json.loads(json.dumps(edit.as_dict())))
        assert read_scheme(json.loads(json.dumps(to_dict(scheme)))) == scheme
    again = START
    for step in done:
        again, _ = edits.apply(again, step["kind"], step["params"])
    assert again == scheme

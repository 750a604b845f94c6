"""Scheme files: what is read, every fault by its name, and the way back to a file."""

from __future__ import annotations

import copy
import json
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.schema_io import FrozenDict, freeze, load_json, parse_json, thaw
from scenarios.scheme import Scheme, SchemeWell, read_scheme, scheme_notices, to_dict
from twin_models.errors import InputError
from twin_models.sites import load_site, site_names
from twin_models.types import Confining, Fluid, Layer, Reservoir, Step, Well

# The example of section 2 of the outside contract.
BOX = {
    "extent_m": [4320, 4320],
    "origin_m": [-2160, -2160],
    "cell_m": 15,
    "boundary": "closed",
    "layers": [{"name": "Guantao", "top_m": 1400, "thickness_m": 100, "permeability_md": 500}],
}
EXAMPLE: dict[str, Any] = {
    "format": "geosandbox-scheme/1",
    "name": "two wells",
    "site": None,
    "reservoir": BOX,
    "wells": [
        {"name": "P1", "kind": "producer", "x_m": 0, "y_m": 0, "rate_m3_h": 100, "layers": ["Guantao"]},
        {"name": "I1", "kind": "injector", "x_m": 480, "y_m": 0, "rate_m3_h": 100, "temperature_degc": 25},
    ],
    "years": 30,
    "season_days": 365.25,
    "output_years": [5, 10, 20, 30],
    "seed": 0,
}
GONE = object()


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The example with values changed; a path such as ``wells.1.rate_m3_h``, ``GONE`` takes the key away."""
    data = copy.deepcopy(EXAMPLE)
    for path, value in changes:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        inner: Any = data
        for part in way:
            inner = inner[part]
        if value is GONE:
            del inner[last]
        elif isinstance(inner, list) and last == len(inner):
            inner.append(value)
        else:
            inner[last] = value
    return data


def lines(data: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_scheme(data)
    return [fault.line() for fault in caught.value.faults]


def test_the_example_of_the_contract_is_read_as_it_says() -> None:
    scheme = read_scheme(EXAMPLE)
    assert (scheme.name, scheme.years, scheme.season_days, scheme.seed) == ("two wells", 30.0, 365.25, 0)
    assert scheme.output_years == (5.0, 10.0, 20.0, 30.0)
    producer, injector = scheme.wells
    assert (producer.kind, producer.x_m, producer.rate_m3_h, producer.well.layers) == (
        "producer",
        0.0,
        100.0,
        ("Guantao",),
    )
    assert (injector.temperature_degc, injector.well.radius_m, injector.well.skin) == (25.0, 0.1, 0.0)
    assert injector.is_vertical
    assert scheme.ground() is scheme.reservoir


def test_what_is_left_out_has_the_defaults_of_the_contract() -> None:
    plain = changed(
        *((key, GONE) for key in ("name", "site", "years", "season_days", "output_years", "seed"))
    )
    scheme = read_scheme(plain)
    assert (scheme.years, scheme.season_days, scheme.seed) == (30.0, 365.25, 0)
    assert scheme.output_years == tuple(float(year) for year in range(1, 31))
    assert scheme.ground().confining == Confining()


def test_a_life_of_part_of_a_year_reports_its_end() -> None:
    assert read_scheme(changed(("years", 2.5), ("output_years", GONE))).output_years == (1.0, 2.0, 2.5)
    assert read_scheme(changed(("years", 0.4), ("output_years", GONE))).output_years == (0.4,)


# what is changed -> the one line that says it
REFUSED: dict[str, tuple[list[tuple[str, Any]], str]] = {
    "rate below": (
        [("wells.1.rate_m3_h", -5)],
        "error: wells[1].rate_m3_h: must be between 0 and 1000, got -5",
    ),
    "rate above": (
        [("wells.0.rate_m3_h", 1000.5)],
        "error: wells[0].rate_m3_h: must be between 0 and 1000, got 1000.5",
    ),
    "rate missing": (
        [("wells.0.rate_m3_h", GONE)],
        "error: wells[0].rate_m3_h: is missing (a schedule may stand instead)",
    ),
    "rate as text": (
        [("wells.0.rate_m3_h", "100")],
        "error: wells[0].rate_m3_h: must be a number, got '100'",
    ),
    "rate as flag": ([("wells.0.rate_m3_h", True)], "error: wells[0].rate_m3_h: must be a number, got True"),
    "rate NaN": (
        [("wells.0.rate_m3_h", math.nan)],
        "error: wells[0].rate_m3_h: must be a finite number, got nan",
    ),
    "place infinite": ([("wells.0.x_m", math.inf)], "error: wells[0].x_m: must be a finite number, got inf"),
    "years NaN": ([("years", math.nan)], "error: years: must be a finite number, got nan"),
    "years zero": ([("years", 0)], "error: years: must be between 0.01 and 1000, got 0"),
    "season too long": ([("season_days", 400)], "error: season_days: must be between 1 and 365.25, got 400"),
    "seed broken": ([("seed", 1.5)], "error: seed: must be a whole number, got 1.5"),
    "outside the model": (
        [("wells.1.x_m", 5000)],
        "error: wells[1].x_m: must be between -2160 and 2160, got 5000",
    ),
    "two in one place": (
        [("wells.1.x_m", 0.5)],
        'error: wells[1]: must stand at least 1 m from wells[0] "P1", got 0.5 m',
    ),
    "same name": ([("wells.1.name", "P1")], 'error: wells[1].name: "P1" is also the name of wells[0]'),
    "no name": ([("wells.0.name", GONE)], "error: wells[0].name: is missing"),
    "empty name": ([("wells.0.name", " ")], "error: wells[0].name: must be a text, got ' '"),
    "kind misspelt": (
        [("wells.0.kind", "producter")],
        "error: wells[0].kind: must be one of injector, monitor, producer, storage, got 'producter'"
        '; did you mean "producer"?',
    ),
    "key misspelt": (
        [("wells.0.rate_m3h", 5)],
        'error: wells[0].rate_m3h: unknown key; did you mean "rate_m3_h"?',
    ),
    "wrong unit": (
        [("wells.1.temperature_k", 298)],
        'error: wells[1].temperature_k: unknown key; did you mean "temperature_degc"?',
    ),
    "top key misspelt": ([("yeas", 3)], 'error: yeas: unknown key; did you mean "years"?'),
    "layer key misspelt": (
        [("reservoir.layers.0.porosty", 0.2)],
        'error: reservoir.layers[0].porosty: unknown key; did you mean "porosity"?',
    ),
    "layer unknown": (
        [("wells.0.layers", ["Guantau"])],
        'error: wells[0].layers[0]: no layer "Guantau"; the layers are Guantao; did you mean "Guantao"?',
    ),
    "layer array of a wrong shape": (
        [("reservoir.layers.0.porosity", [[0.2, 0.3]])],
        "error: reservoir.layers[0].porosity: must have the shape (ny, nx) = (288, 288), got (1, 2)",
    ),
    "no wells": ([("wells", [])], "error: wells: must have at least one well, got none"),
    "wells missing": ([("wells", GONE)], "error: wells: is missing"),
    "wells no list": ([("wells", {})], "error: wells: must be a list, got {}"),
    "well no object": ([("wells.1", 7)], "error: wells[1]: must be a mapping, got 7"),
    "no injector": (
        [("wells.1", GONE)],
        'error: wells: no injector, and the boundary of the reservoir is "closed": add one, use "constant_pressure", '
        "or give the reservoir a compressibility_per_pa to be drained",
    ),
    "no producer": (
        [("wells.0", GONE)],
        'error: wells: no producer, and the boundary of the reservoir is "closed": add one, use "constant_pressure", '
        "or give the reservoir a compressibility_per_pa to be drained",
    ),
    "only monitors": (
        [("wells", [{"name": "M", "kind": "monitor", "x_m": 0, "y_m": 0}])],
        "error: wells: must have a producer, an injector or a storage well, got none",
    ),
    "monitor with a rate": (
        [("wells.2", {"name": "M", "kind": "monitor", "x_m": 9, "y_m": 9, "rate_m3_h": 5})],
        "error: wells[2].rate_m3_h: a monitor has no rate: leave it out or give 0, got 5",
    ),
    "storage without temperature": (
        [("wells.2", {"name": "S", "kind": "storage", "x_m": 9, "y_m": 9, "rate_m3_h": 5})],
        "error: wells[2].temperature_degc: is missing: this storage well injects water",
    ),
    "site and reservoir": (
        [("site", "caofeidian")],
        'error: site: exactly one of "site" and "reservoir" is needed, both are given',
    ),
    "neither": (
        [("reservoir", None)],
        'error: site: exactly one of "site" and "reservoir" is needed, neither is given',
    ),
    "format missing": ([("format", GONE)], "error: format: is missing"),
    "format of tomorrow": (
        [("format", "geosandbox-scheme/9")],
        'error: format: must be "geosandbox-scheme/1", got "geosandbox-scheme/9"',
    ),
    "output beyond the life": (
        [("output_years", [5, 31])],
        "error: output_years[1]: must be between 0.001 and 30, got 31",
    ),
    "output not rising": (
        [("output_years", [5, 5])],
        "error: output_years[1]: must be above 5, the one before it, got 5",
    ),
    "output empty": ([("output_years", [])], "error: output_years: must have at least 1 entries, got 0"),
    "schedule not rising": (
        [("wells.0.schedule", [{"start_day": 5, "rate_m3_h": 1}, {"start_day": 5, "rate_m3_h": 2}])],
        "error: wells[0].schedule[1].start_day: must be above 5, the start of the step before it, got 5",
    ),
    "schedule step without rate": (
        [("wells.0.schedule", [{"start_day": 5}])],
        "error: wells[0].schedule[0].rate_m3_h: is missing",
    ),
    "path upwards": (
        [("wells.0.trajectory", [[0, 0, 1400], [0, 0, 0]])],
        "error: wells[0].trajectory: must run from the head down: the last point lies no deeper than the first",
    ),
    "path not from the head": (
        [("wells.0.trajectory", [[9, 0, 0], [0, 0, 1400]]), ("wells.0.head_x_m", 0), ("wells.0.head_y_m", 0)],
        "error: wells[0].trajectory[0]: must start at the head (head_x_m, head_y_m) when both are given",
    ),
    "use misspelt": (
        [("uses", {"heating": {"are_m2": 5}})],
        'error: uses.heating.are_m2: unknown key; did you mean "area_m2"?',
    ),
    "price misspelt": (
        [("economics", {"discount_rat": 0.05})],
        'error: economics.discount_rat: unknown key; did you mean "discount_rate"?',
    ),
    "uses no object": ([("uses", [])], "error: uses: must be an object"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_one_fault_is_one_line(case: str) -> None:
    changes, line = REFUSED[case]
    assert lines(changed(*changes)) == [line]


def test_an_unknown_site_lists_those_there_are() -> None:
    (line,) = lines(changed(("reservoir", None), ("site", "caofeidan")))
    assert line.startswith(f"error: site: must be one of {', '.join(site_names())}, got ")
    assert line.endswith('did you mean "caofeidian"?')


def test_every_fault_of_a_file_is_said_at_once() -> None:
    found = lines(changed(("years", -1), ("wells.0.x_m", "a"), ("wells.1.kind", None), ("bogus", 1)))
    assert [line.split(": ")[1] for line in found] == ["bogus", "years", "wells[0].x_m", "wells[1].kind"]


@pytest.mark.parametrize("value", [None, 5, "text", [1, 2], True])
def test_a_document_that_is_no_object_is_refused(value: Any) -> None:
    if isinstance(value, str):
        assert lines(value) == ["error: text: no such file"]
    else:
        assert lines(value)[0].startswith("error: file: must be an object")


def test_an_open_box_runs_without_injector_and_says_so() -> None:
    lone = changed(("reservoir.boundary", "constant_pressure"), ("wells.1", GONE))
    assert [(n.code, bool(n.text_zh)) for n in scheme_notices(read_scheme(lone))] == [("no_injector", True)]
    book = changed(("reservoir.boundary", "constant_pressure"), ("wells.0", GONE))
    assert [n.code for n in scheme_notices(read_scheme(book))] == ["no_producer"]


def test_a_temperature_that_nothing_injects_is_kept_and_said_to_be_ignored() -> None:
    notices = scheme_notices(read_scheme(changed(("wells.0.temperature_degc", 60))))
    assert [(n.code, n.field) for n in notices] == [("ignored", "wells[0].temperature_degc")]


def test_wells_in_one_place_may_be_open_to_different_layers_or_only_watch() -> None:
    layers = [
        {"name": "upper", "top_m": 1400, "thickness_m": 50},
        {"name": "lower", "top_m": 1450, "thickness_m": 50},
    ]
    apart = changed(("reservoir.layers", layers), ("wells.0.layers", ["upper"]), ("wells.1.x_m", 0))
    apart["wells"][1]["layers"] = ["lower"]
    assert len(read_scheme(apart).wells) == 2
    watched = changed(("wells.2", {"name": "M", "kind": "monitor", "x_m": 0, "y_m": 0}))
    assert len(read_scheme(watched).wells) == 3


# --- files -------------------------------------------------------------------------------------------


def test_a_syntax_error_says_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text('{"format": "geosandbox-scheme/1",\n "years": 30,,\n}', encoding="utf-8")
    (line,) = lines(file)
    assert line.startswith(f"error: {file}: not valid JSON: ")
    assert line.endswith("at line 2 column 14")


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "bom.json"
    file.write_text(json.dumps(EXAMPLE), encoding="utf-8-sig")
    assert read_scheme(str(file)) == read_scheme(EXAMPLE)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00{", "not UTF-8 text (byte 0)"),
        (b"", "not valid JSON: Expecting value at line 1 column 1"),
        (b"[" * 200_000, "not valid JSON: nested too deeply"),
    ],
)
def test_a_file_that_is_no_text_of_ours(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(content)
    assert lines(file) == [f"error: {file}: {said}"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert lines(tmp_path) == [f"error: {tmp_path}: cannot be read: Is a directory"]


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(InputError, match="years: the key stands twice in one object"):
        parse_json('{"years": 1, "years": 2}')


def test_numbers_that_json_does_not_have_are_named_where_they_stand() -> None:
    text = json.dumps(EXAMPLE).replace('"y_m": 0', '"y_m": NaN', 1).replace('"seed": 0', '"seed": 1e999')
    found = lines(parse_json(text))
    assert found == [
        "error: seed: must be a finite number, got inf",
        "error: wells[0].y_m: must be a finite number, got nan",
    ]


# --- the way back ------------------------------------------------------------------------------------

metres = st.floats(-2000, 2000).map(lambda v: round(v, 3))
degc = st.one_of(st.none(), st.floats(1, 150))
words = st.text("abc 井-7", max_size=12)


@st.composite
def any_well(draw: st.DrawFn, index: int) -> SchemeWell:
    kind = draw(st.sampled_from(["producer", "injector", "storage", "monitor"]))
    rate = 0.0 if kind == "monitor" else draw(st.floats(0, 1000))
    temperature = draw(st.floats(1, 90)) if kind == "storage" else draw(degc)
    steps = draw(st.lists(st.floats(0, 500), max_size=3)) if kind != "monitor" else []
    x, y = 7.0 * index + draw(st.floats(0, 3)), draw(metres)
    points = draw(st.lists(st.tuples(metres, metres, st.floats(1, 900)), min_size=1, max_size=3, unique=True))
    trajectory = None
    if draw(st.booleans()):
        trajectory = ((x, y, 0.0), *points)
    head = (x, y) if trajectory or draw(st.booleans()) else (draw(metres), draw(metres))
    return SchemeWell(
        Well(
            name=f"W{index}",
            kind=kind,
            x_m=x,
            y_m=y,
            rate_m3_h=rate,
            temperature_degc=temperature,
            layers=draw(st.sampled_from([None, ("upper",), ("lower", "upper")])),
            radius_m=draw(st.floats(0.05, 0.3)),
            skin=draw(st.floats(-2, 5)),
            trajectory=trajectory,
            schedule=tuple(Step(100.0 * i, rate, draw(degc)) for i, rate in enumerate(steps)),
        ),
        *head,
        pad=draw(st.sampled_from([None, "P1", "井台"])),
        existing=draw(st.booleans()),
        note=draw(words),
    )


def two_layers(raster: bool) -> Reservoir:
    porosity = np.linspace(0.1, 0.3, 12).reshape(3, 4) if raster else 0.2
    return Reservoir(
        (4400.0, 4050.0),
        (-2100.0, -2025.0),
        1350.0,
        (
            Layer("upper", 1000.0, 50.0, porosity=porosity),
            Layer("lower", 1060.0, 30.0, cells=2, net_to_gross=0.5),
        ),
        boundary="constant_pressure",
        confining=None,
        fluid=Fluid(viscosity=0.4),
    )


@st.composite
def any_scheme(draw: st.DrawFn) -> Scheme:
    count = draw(st.integers(1, 6))
    wells = [draw(any_well(i)) for i in range(count)]
    wells.append(SchemeWell(Well("P", "producer", -500.0, 2001.0, 50.0), -500.0, 2001.0))
    years = draw(st.floats(0.5, 60))
    return Scheme(
        wells=tuple(wells),
        reservoir=two_layers(draw(st.booleans())),
        name=draw(words.filter(str.strip)),
        years=years,
        season_days=draw(st.floats(1, 365.25)),
        output_years=draw(st.sampled_from([(), (0.25, 0.5)])),
        seed=draw(st.integers(0, 1000)),
        uses=freeze(draw(st.sampled_from([{}, {"heating": {"area_m2": 1e5, "heat_pump": {"cop": 5}}}]))),
        economics=freeze(draw(st.sampled_from([{}, {"discount_rate": 0.06}]))),
        note=draw(words),
    )


@given(any_scheme())
def test_writing_and_reading_gives_the_same_scheme(scheme: Scheme) -> None:
    again = read_scheme(json.loads(json.dumps(to_dict(scheme))))
    assert again == scheme
    assert again.key() == scheme.key()
    assert to_dict(again) == to_dict(scheme)


@pytest.mark.parametrize("name", site_names())
def test_shipped_schemes_are_read_and_survive_the_way_back(name: str) -> None:
    for file in load_site(name).schemes:
        scheme = read_scheme(file.path)
        assert read_scheme(to_dict(scheme)) == scheme
        assert set(load_json(file.path)) <= set(to_dict(scheme)) | {
            "reservoir",
            "site",
            "uses",
            "economics",
            "note",
        }


def test_the_site_fills_what_a_scheme_leaves_open() -> None:
    """Caofeidian heats for 95.2 full-load days a year (its site.yaml), not all year round."""
    wells = [{"name": "P", "kind": "producer", "x_m": 0, "y_m": 0, "rate_m3_h": 50}]
    scheme = read_scheme({"format": "geosandbox-scheme/1", "site": "caofeidian", "wells": wells})
    assert scheme.season_days == 95.2
    wanted = {"format": "geosandbox-scheme/1", "site": "caofeidian", "wells": wells, "season_days": 200}
    assert read_scheme(wanted).season_days == 200.0


# --- the value itself --------------------------------------------------------------------------------


def test_the_key_is_that_of_the_content_not_of_the_name() -> None:
    scheme = read_scheme(EXAMPLE)
    assert read_scheme(changed(("name", "other"))).key() == scheme.key()
    assert read_scheme(changed(("name", "other"))) != scheme
    for path, value in [
        ("wells.0.rate_m3_h", 101),
        ("wells.1.x_m", 481),
        ("wells.1.temperature_degc", 26),
        ("years", 31),
        ("season_days", 100),
        ("reservoir.layers.0.porosity", 0.26),
        ("economics", {"discount_rate": 0.07}),
        ("uses", {"heating": {"area_m2": 5e4}}),
    ]:
        assert read_scheme(changed((path, value))).key() != scheme.key(), path


def test_a_scheme_cannot_be_changed_and_travels_to_other_processes() -> None:
    scheme = read_scheme(changed(("uses", {"heating": {"area_m2": 5e4}})))
    with pytest.raises(AttributeError):
        scheme.years = 5  # type: ignore[misc]
    for change in (lambda d: d.update(a=1), lambda d: d.pop("heating"), lambda d: d.__setitem__("a", 1)):
        with pytest.raises(TypeError):
            change(scheme.uses)
    assert pickle.loads(pickle.dumps(scheme)) == scheme
    assert thaw(scheme.uses) == {"heating": {"area_m2": 5e4}}
    assert isinstance(scheme.uses["heating"], FrozenDict)


def test_a_well_whose_head_stands_elsewhere_is_bent_to_its_target() -> None:
    """Head at x = 0, target 480 m east at the top of the layer (1400 m); the path goes on to its base."""
    scheme = read_scheme(changed(("wells.1.head_x_m", 0), ("wells.1.head_y_m", 0)))
    vertical, bent = scheme.ground_wells()
    assert vertical.trajectory is None
    path = np.array(bent.trajectory)
    assert tuple(path[0]) == (0.0, 0.0, 0.0)
    at_top = np.array([np.interp(1400.0, path[:, 2], path[:, axis]) for axis in (0, 1)])
    assert at_top == pytest.approx([480.0, 0.0], abs=0.01)
    assert path[-1, 2] == pytest.approx(1500.0, abs=1e-3)


def test_a_path_given_in_the_file_is_taken_as_it_is() -> None:
    points = [[100, 0, 0], [300, 0, 900], [480, 0, 1400]]
    scheme = read_scheme(changed(("wells.1.trajectory", points)))
    assert scheme.ground_wells()[1].trajectory == (
        (100.0, 0.0, 0.0),
        (300.0, 0.0, 900.0),
        (480.0, 0.0, 1400.0),
    )
    assert (scheme.wells[1].head_x_m, scheme.wells[1].head_y_m) == (100.0, 0.0)


# --- both languages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", REFUSED)
def test_every_fault_is_said_in_chinese_too(case: str) -> None:
    with pytest.raises(InputError) as caught:
        read_scheme(changed(*REFUSED[case][0]))
    for fault in caught.value.faults:
        said = fault.context["text_zh"]
        assert any("\u4e00" <= sign <= "\u9fff" for sign in said), fault.text
        assert ", got" not in said and "must" not in said


def test_the_chinese_sentence_keeps_the_values() -> None:
    with pytest.raises(InputError) as caught:
        read_scheme(changed(("wells.1.rate_m3_h", -5), ("wells.0.rate_m3h", 3)))
    first, second = caught.value.faults
    assert first.context["text_zh"] == "未知的键;是否指“rate_m3_h”?"
    assert second.context["text_zh"] == "应在 0 与 1000 之间,实际为 -5"

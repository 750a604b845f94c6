"""The learned predictor beside what holds for every engine (``tests/contract``): band, flag, card, cost of nonsense."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from twin_models.errors import InputError
from twin_models.models import load_model
from twin_models.sites import assets_dir
from twin_models.surrogates import head
from twin_models.surrogates.lines import FAR, RASTER
from twin_models.surrogates.network import Surrogate, finish
from twin_models.surrogates.surrogate import MODEL
from twin_models.surrogates.tokens import FEATURES, Tokens
from twin_models.types import Layer, Reservoir, Step, Well

YEARS = np.arange(1.0, 31.0)
HOME = assets_dir() / "models" / MODEL


def box(**more) -> Reservoir:
    layer = Layer("sand", 1400.0, 80.0, permeability_md=600.0, **more)
    return Reservoir((2400.0, 2400.0), (-1200.0, -1200.0), 40.0, (layer,))


def wells(rate: float = 110.0, cold: float = 25.0) -> list[Well]:
    return [
        Well("P1", "producer", -310.0, 130.0, rate),
        Well("I1", "injector", 170.0, 90.0, rate, cold),
    ]


def outputs(count: int = 1, *, mix: float = 30.0) -> np.ndarray:
    """Outputs of zero but for the part of the streamlines: all (30) or nothing (-30)."""
    out = np.zeros((1, count, head.SAYS))
    out[..., 2 * head.NODES : 3 * head.NODES] = mix
    return out


@pytest.mark.parametrize(("mix", "height"), [(30.0, 0.6), (-30.0, 0.4)])
def test_a_delay_of_nothing_gives_a_base_back(mix: float, height: float) -> None:
    """Outputs of zero: the curve of the streamlines, or of the coarse simulation, read at the head's own times."""
    raster = np.linspace(0.0, FAR, RASTER)
    sharp, smeared = (np.clip(raster - 0.3, 0.0, top)[None] for top in (0.6, 0.4))
    made = head.curves(sharp, smeared, outputs(mix=mix))[0, 0]
    at = np.linspace(0.0, 1.0, head.STEPS)
    np.testing.assert_allclose(made, np.interp(at, raster, np.clip(raster - 0.3, 0.0, height)), atol=1e-9)


def test_a_delay_stretches_time() -> None:
    """tanh(x) MOST_DELAY = ln 1.5 everywhere: what came at 0.6 of the horizon comes at 0.4."""
    raster = np.linspace(0.0, FAR, RASTER)
    fraction = np.clip(raster, 0.0, 1.0)[None] * 0.5
    out = outputs()
    out[..., : head.NODES] = np.arctanh(np.log(1.5) / head.MOST_DELAY)
    made = head.curves(fraction, fraction, out)[0, 0]
    assert made[20] == pytest.approx(0.5 * 0.6, abs=1e-9)


@pytest.mark.parametrize("size", [1.0, 1e3, 1e30])
def test_nonsense_from_the_network_stays_physical(size: float) -> None:
    rng = np.random.default_rng(0)
    sharp, smeared = (np.sort(rng.random((6, RASTER)), axis=1) for _ in range(2))
    sharp[:, 0] = smeared[:, 0] = 0.0
    made = head.curves(sharp, smeared, size * rng.standard_normal((3, 6, head.SAYS)))
    assert np.all(np.isfinite(made)) and made.min() >= 0.0 and made.max() <= 1.0
    assert np.all(np.diff(made, axis=-1) >= 0.0)


def test_the_file_is_the_one_of_the_card() -> None:
    card = yaml.safe_load((HOME / "card.yaml").read_text("utf-8"))
    assert hashlib.sha256((HOME / card["file"]).read_bytes()).hexdigest() == card["sha256"]
    assert (HOME / card["file"]).stat().st_size < 3_000_000
    assert not list(HOME.glob("*.pkl")) and not list(HOME.glob("*.pt"))


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(HOME, tmp_path / MODEL))
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(InputError) as caught:
        Surrogate(folder)
    assert caught.value.faults[0].reason == "changed"


def test_the_card_says_what_the_report_measured() -> None:
    """The promoted model beats every other variant that is as fast, on schemes it was not fitted to."""
    card = yaml.safe_load((HOME / "card.yaml").read_text("utf-8"))
    found = json.loads((HOME / "report.json").read_text("utf-8"))
    assert card["errors"]["rmse_k"] == pytest.approx(found["variants"]["surrogate"]["rmse_k"], abs=1e-3)
    for other in ("null", "streamline"):
        assert found["variants"]["surrogate"]["rmse_k"] < found["variants"][other]["rmse_k"]
    assert set(card["errors"]["aims_met"]) <= set(card["errors"]["aims"])


def test_nearer_to_the_simulation_than_its_base() -> None:
    """Three doublets in a row of 60 m of sand, 30 years: mean error against the simulation on 20 m cells."""
    layer = Layer("sand", 1500.0, 60.0, permeability_md=500.0, temperature_degc=75.0)
    ground = Reservoir((3600.0, 2400.0), (0.0, 0.0), 20.0, (layer,))
    layout = []
    for n, x in enumerate((900.0, 1700.0, 2600.0)):
        layout.append(Well(f"P{n}", "producer", x, 1000.0, 90.0 + 20.0 * n))
        layout.append(Well(f"I{n}", "injector", x + 150.0, 1430.0, 90.0 + 20.0 * n, 25.0))
    of = {
        name: load_model(name).forecast(ground, layout, YEARS).temperature_degc
        for name in ("simulation", "surrogate", "streamline")
    }
    error = {
        name: np.sqrt(np.mean([(of[name][f"P{n}"] - of["simulation"][f"P{n}"]) ** 2 for n in range(3)]))
        for name in ("surrogate", "streamline")
    }
    assert error["surrogate"] < error["streamline"]


def test_the_band_holds_the_estimate_and_stays_possible() -> None:
    result = load_model("surrogate").forecast(box(), wells(), YEARS)
    made, low, high = result.temperature_degc["P1"], result.low_degc["P1"], result.high_degc["P1"]
    assert np.all((low <= made) & (made <= high))
    assert low.min() >= 25.0 and high.max() <= 70.0
    assert high[0] - low[0] <= high[-1] - low[-1]
    assert set(result.low_degc) == {"P1"} and result.model.startswith(MODEL)


@pytest.mark.parametrize(
    ("ground", "layout", "field"),
    [
        (box(), wells(rate=600.0), "wells[0].rate_m3_h"),
        (box(), wells(rate=4.0), "wells[0].rate_m3_h"),
        (box(), wells(cold=60.0), "wells[1].temperature_degc"),
        (box(temperature_degc=140.0), wells(), "reservoir.layers[0].temperature_degc"),
        (replace(box(), layers=(Layer("thin", 1400.0, 8.0),)), wells(), "reservoir.layers.thickness_m"),
        (
            replace(box(), layers=(Layer("tight", 1400.0, 80.0, permeability_md=1.0),)),
            wells(),
            "reservoir.layers[0].permeability_md",
        ),
    ],
)
def test_inputs_outside_the_box_are_flagged_by_field(
    ground: Reservoir, layout: list[Well], field: str
) -> None:
    result = load_model("surrogate").forecast(ground, layout, YEARS)
    assert not result.in_range and result.state == "out_of_range"
    said = {n.field: n for n in result.warnings if n.code == "out_of_range"}
    assert field in said and said[field].text and said[field].text_zh


def test_wells_open_to_some_of_the_layers_that_touch_are_flagged() -> None:
    """Between layers that do not touch nothing crosses: each has its own estimate, and any well its own layers."""
    model = load_model("surrogate")
    upper = Layer("upper", 1400.0, 40.0, permeability_md=600.0)
    lower = replace(upper, name="lower", top_m=1440.0)
    shale = Layer("shale", 1440.0, 20.0, permeability_md=0.0)
    touching = replace(box(), layers=(upper, lower))
    apart = replace(box(), layers=(upper, shale, replace(lower, top_m=1460.0)))
    partly = [replace(wells()[0], layers=("lower",)), wells()[1]]

    def told(ground: Reservoir, layout: list[Well]) -> set[str]:
        return {n.field for n in model.forecast(ground, layout, YEARS).warnings if n.code == "out_of_range"}

    assert told(touching, partly) == {"wells[0].layers"}
    assert not told(touching, wells()) and not told(apart, partly)


def test_times_outside_the_box_are_flagged() -> None:
    model = load_model("surrogate")
    long = model.forecast(box(), wells(), np.array([30.0, 90.0]))
    short = model.forecast(box(), wells(), YEARS, season_days=20.0)
    assert "years" in {n.field for n in long.warnings} and not long.in_range
    assert "season_days" in {n.field for n in short.warnings} and not short.in_range


def test_a_layout_like_those_of_training_is_in_range() -> None:
    assert load_model("surrogate").forecast(box(), wells(), YEARS).in_range


def test_layouts_without_a_producer_or_an_injector_are_answered() -> None:
    """Nothing to correct: the injected temperature, the rock's own, the producer's own."""
    ground = replace(box(), boundary="constant_pressure")
    producer, injector = wells()
    model = load_model("surrogate")
    alone = model.forecast(ground, [injector], YEARS)
    np.testing.assert_allclose(alone.temperature_degc["I1"], 25.0)
    assert alone.low_degc == {}
    watched = model.forecast(ground, [Well("M", "monitor", 0.0, 0.0)], YEARS)
    np.testing.assert_allclose(watched.temperature_degc["M"], 70.0)
    lone = model.forecast(ground, [producer], YEARS)
    np.testing.assert_allclose(lone.temperature_degc["P1"], 70.0)


def test_warmer_injection_and_schedules_stay_possible_and_flagged() -> None:
    """Water of 90 degC into rock of 70 degC warms the producer, never beyond what goes in."""
    producer, injector = wells()
    hot = load_model("surrogate").forecast(box(), [producer, replace(injector, temperature_degc=90.0)], YEARS)
    made = hot.temperature_degc["P1"]
    assert made.min() >= 70.0 - 1e-6 and 71.0 < made.max() <= 90.0
    assert not hot.in_range
    steps = (Step(0.0, 110.0, 25.0), Step(3000.0, 60.0, 30.0))
    planned = load_model("surrogate").forecast(box(), [producer, replace(injector, schedule=steps)], YEARS)
    assert not planned.in_range and planned.temperature_degc["P1"].min() >= 25.0


def test_where_no_cold_water_is_in_sight_no_error_is_expected() -> None:
    """Whatever the network says there, of which it has learned nothing: the band stays narrow and the flag down."""
    count = 3
    tokens = Tokens(
        producer=np.zeros((count, len(FEATURES))),
        injector=np.zeros((1, 6)),
        pair=np.zeros((count, 1, 5)),
        takes=np.full((count, 1), 0.1),
        gives=np.full((1, count), 0.1),
        fraction=np.zeros((count, RASTER)),
        coarse=np.zeros((count, RASTER)),
        cooling_k=np.full(count, 40.0),
        start_degc=np.full(count, 70.0),
    )
    model = Surrogate(HOME)
    out = np.zeros((3, count, head.SAYS))
    out[..., 3 * head.NODES :] = 5.0  # as sure to be wrong as it can say
    none = np.zeros(count)
    answer = finish(tokens, out, none, none, none, model.limits)
    assert np.all(answer.drop_k == 0.0)
    assert answer.half_80_k.max() <= 1.001 * model.limits.factor_80 * model.limits.floor_k
    assert not answer.doubtful(model.limits)

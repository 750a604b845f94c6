"""The carpet answers what the live predictor would, place by place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twin_models.base import Cancelled
from twin_models.errors import InputError
from twin_models.simulators.carpet import BLOCK, WellMoveBatch
from twin_models.simulators.streamline import LINES, StreamlineModel
from twin_models.types import Layer, Reservoir, Well

YEARS = np.array([1.0, 10.0, 30.0])
RNG = np.random.default_rng(3)
LAYERS = (
    Layer("upper", 1400.0, 40.0, permeability_md=500 * np.exp(0.5 * RNG.standard_normal((24, 24)))),
    Layer("shale", 1440.0, 10.0, permeability_md=0.0),
    Layer(
        "lower",
        1450.0,
        40.0,
        permeability_md=300 * np.exp(0.5 * RNG.standard_normal((24, 24))),
        temperature_degc=74.0,
    ),
)
WELLS = (
    Well("P1", "producer", 700.0, 800.0, 80.0),
    Well("I1", "injector", 1500.0, 900.0, 60.0, 25.0),
    Well("P2", "producer", 900.0, 1700.0, 60.0),
    Well("I2", "injector", 1700.0, 1600.0, 80.0, 35.0, layers=("upper",)),
    Well("M", "monitor", 1200.0, 1200.0),
)


def reservoir(boundary: str = "closed") -> Reservoir:
    return Reservoir((2400.0, 2400.0), (0.0, 0.0), 100.0, LAYERS, boundary=boundary)


@pytest.mark.parametrize("boundary", ["closed", "constant_pressure"])
@pytest.mark.parametrize("index", [0, 1])
def test_same_as_the_live_predictor(boundary: str, index: int) -> None:
    box, model = reservoir(boundary), StreamlineModel()
    batch = WellMoveBatch(box, WELLS, index, YEARS, 200.0, lines=LINES)
    places = np.array([(650.0, 640.0), (1210.0, 333.0), (980.0, 1500.0), (2390.0, 20.0), (1505.0, 905.0)])
    answer = batch.evaluate(places)
    for n, (x, y) in enumerate(places):
        wells = list(WELLS)
        wells[index] = replace(WELLS[index], x_m=float(x), y_m=float(y))
        direct = model.forecast(box, wells, YEARS, season_days=200.0)
        row = batch.forecast(answer, n)
        for well in wells:
            if well.kind != "monitor":
                assert row.temperature_degc[well.name] == pytest.approx(
                    direct.temperature_degc[well.name], abs=1e-6
                )
            assert row.pressure_change_bar[well.name] == pytest.approx(
                direct.pressure_change_bar[well.name], abs=1e-8
            )


def test_fewer_lines_stay_close() -> None:
    places = np.array([(x, y) for x in np.linspace(400, 1300, 4) for y in np.linspace(400, 1300, 4)])
    quick = WellMoveBatch(reservoir(), WELLS, 0, YEARS).evaluate(places)["production_degc"]
    full = WellMoveBatch(reservoir(), WELLS, 0, YEARS, lines=LINES).evaluate(places)["production_degc"]
    assert np.sqrt(np.mean((quick - full) ** 2)) < 0.4


def test_flow_weighted_production_and_places_outside() -> None:
    batch = WellMoveBatch(reservoir(), WELLS, 0, YEARS)
    answer = batch.evaluate(np.array([(700.0, 800.0), (-50.0, 800.0)]))
    made = (80 * answer["temperature_degc"][0, 0] + 60 * answer["temperature_degc"][0, 2]) / 140
    assert answer["production_degc"][0] == pytest.approx(made)
    assert answer["inside"].tolist() == [True, False]
    assert np.isnan(answer["temperature_degc"][1]).all()
    assert np.isnan(answer["production_degc"][1]).all()


def test_threads_and_blocks_do_not_matter() -> None:
    batch = WellMoveBatch(reservoir(), WELLS, 1, YEARS)
    places = np.array([(600.0 + 37 * n, 900.0 + 11 * n) for n in range(3 * BLOCK + 1)])
    one, two = batch.evaluate(places), batch.evaluate(places, threads=2)
    for key in one:
        assert np.array_equal(one[key], two[key])
    alone = batch.evaluate(places[-1:])
    assert np.allclose(alone["temperature_degc"][0], one["temperature_degc"][-1], atol=1e-9)


def test_variants_with_their_own_paths() -> None:
    path = ((300.0, 300.0, 0.0), (700.0, 800.0, 1400.0), (730.0, 840.0, 1490.0))
    bent = replace(WELLS[0], trajectory=path)
    batch = WellMoveBatch(reservoir(), (bent, *WELLS[1:]), 0, YEARS, lines=LINES)
    other = replace(bent, x_m=800.0, trajectory=(path[0], (800.0, 800.0, 1400.0), (840.0, 840.0, 1490.0)))
    answer = batch.evaluate_wells([other])
    direct = StreamlineModel().forecast(reservoir(), (other, *WELLS[1:]), YEARS)
    assert batch.forecast(answer, 0).temperature_degc["P1"] == pytest.approx(
        direct.temperature_degc["P1"], abs=1e-6
    )
    with pytest.raises(InputError) as caught:
        batch.evaluate_wells([replace(bent, rate_m3_h=10.0)])
    assert caught.value.faults[0].field == "variants[0]"


def test_cancel_stops_between_blocks() -> None:
    batch = WellMoveBatch(reservoir(), WELLS, 0, YEARS)
    with pytest.raises(Cancelled):
        batch.evaluate(np.full((4 * BLOCK, 2), 900.0), cancel=lambda: True)


def test_one_layer_takes_the_short_way_to_the_same_answer() -> None:
    box = replace(reservoir("constant_pressure"), layers=LAYERS[:1])
    wells = tuple(replace(w, layers=None) for w in WELLS)
    batch = WellMoveBatch(box, wells, 1, YEARS, lines=LINES)
    answer = batch.evaluate(np.array([(1210.0, 333.0)]))
    there = replace(wells[1], x_m=1210.0, y_m=333.0)
    direct = StreamlineModel().forecast(box, (wells[0], there, *wells[2:]), YEARS)
    row = batch.forecast(answer, 0)
    assert row.temperature_degc["P2"] == pytest.approx(direct.temperature_degc["P2"], abs=1e-6)
    assert row.pressure_change_bar["I1"] == pytest.approx(direct.pressure_change_bar["I1"], abs=1e-8)

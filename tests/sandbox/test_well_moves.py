"""A well at many places: with all lines the answer is that of an evaluation there, with few it stays near."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from sandbox import carpet
from sandbox.carpet import Carpet
from scenarios.evaluate import evaluate
from scenarios.kpis import KPIS
from scenarios.many import figures_given
from scenarios.scheme import Scheme, read_scheme
from scenarios.well_moves import WellMoves
from twin_models.corrected import CorrectedModel
from twin_models.models import load_model
from twin_models.simulators.streamline import LINES


def scheme() -> Scheme:
    layer = {"name": "sand", "top_m": 1400, "thickness_m": 60, "temperature_degc": 70, "permeability_md": 600}
    wells = [
        {"name": "P1", "kind": "producer", "x_m": -500, "y_m": 100, "rate_m3_h": 120},
        {"name": "P2", "kind": "producer", "x_m": 500, "y_m": -300, "rate_m3_h": 90},
        {"name": "I1", "kind": "injector", "x_m": 0, "y_m": 300, "rate_m3_h": 110, "temperature_degc": 25},
        {
            "name": "I2",
            "kind": "injector",
            "x_m": -100,
            "y_m": -500,
            "rate_m3_h": 100,
            "temperature_degc": 28,
        },
    ]
    box = {
        "extent_m": [3000, 3000],
        "origin_m": [-1500, -1500],
        "cell_m": 60,
        "boundary": "closed",
        "layers": [layer],
    }
    return read_scheme(
        {"format": "geosandbox-scheme/1", "name": "four", "reservoir": box, "wells": wells, "years": 30}
    )


def elsewhere(start: Scheme, index: int, places: list[tuple[float, float]]) -> list[Scheme]:
    out = []
    for x, y in places:
        wells = list(start.wells)
        wells[index] = replace(wells[index].with_well(x_m=x, y_m=y), head_x_m=x, head_y_m=y)
        out.append(replace(start, wells=tuple(wells)))
    return out


PLACES = [(-500.0, 100.0), (-333.0, 141.0), (-620.0, -90.0), (-410.0, 420.0)]


@pytest.mark.parametrize("index", [0, 2])
def test_all_lines_give_what_an_evaluation_gives(index: int) -> None:
    start = scheme()
    now = evaluate(start, "streamline")
    variants = elsewhere(start, index, PLACES)
    moves = WellMoves(start, now.wells, index, home=now.forecast, fine=True, lines=LINES)
    many = figures_given(variants, moves.answers(variants), KPIS)
    for n, variant in enumerate(variants):
        for key, kpi in evaluate(variant, "streamline").kpis.items():
            if kpi.value is None:
                assert np.isnan(many[key][n]), key
            else:
                assert many[key][n] == pytest.approx(kpi.value, rel=1e-6, abs=1e-6), key


@pytest.mark.parametrize("key", ["npv_cny", "temperature_decline_k"])
def test_carpet_of_a_simulated_scheme(key: str) -> None:
    """Sixteen lines a well and a residual that stays: within a tenth of what the carpet spans."""
    start = scheme()
    live = CorrectedModel(load_model("streamline"))
    simulated = evaluate(start, "simulation")
    plain = load_model("streamline").forecast(start.ground(), simulated.wells, simulated.forecast.years)
    live.learn(simulated.forecast, plain)
    now = evaluate(start, live)
    picture = Carpet(start, now.wells, "P1", "target", key=key, live=live).paint(0, threading.Event())
    assert picture is not None
    xs = np.linspace(picture["x0"], picture["x1"], picture["nx"])
    ys = np.linspace(picture["y0"], picture["y1"], picture["ny"])
    values = np.array(picture["values"], dtype=float).reshape(picture["ny"], picture["nx"])
    assert values[4, 4] == 0.0, "the middle is where the well stands"
    home = now.kpis[key].value or 0.0
    errors = []
    for j, i in ((0, 0), (2, 6), (5, 1), (8, 4), (6, 7)):
        target = start.wells[0].with_well(x_m=float(xs[i]), y_m=float(ys[j]))
        there = replace(start, wells=(replace(target, existing=False), *start.wells[1:]))
        errors.append(values[j, i] - ((evaluate(there, live).kpis[key].value or 0.0) - home))
    assert np.sqrt(np.mean(np.square(errors))) < 0.1 * np.ptp(values)


def test_the_first_picture_leaves_a_core_to_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cores: what is woven while the hand moves on is woven by one thread, the caller's own."""
    monkeypatch.setattr(carpet, "THREADS", 2)
    start = scheme()
    woven = Carpet(
        start,
        start.ground_wells(),
        "P1",
        "target",
        key="npv_cny",
        live=CorrectedModel(load_model("streamline")),
    )
    used: set[int] = set()

    def figures(places: list[tuple[float, float]], stop: threading.Event) -> list[float | None]:
        used.add(threading.get_ident())
        return [0.0] * len(places)

    monkeypatch.setattr(woven, "_figures", figures)
    picture = woven.paint(0, threading.Event())
    assert picture is not None
    assert picture["nx"] == 9
    assert used == {threading.get_ident()}

"""The coarse simulation of several layers: the full simulation beside it, and what must hold whatever the layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.twin_models.surrogates.test_coarse import YEARS, box, doublet, fall
from twin_models.simulators.layered import LayeredSimulation
from twin_models.types import Confining, Fluid, Layer, Reservoir

SAND = Layer("sand", 1500.0, 60.0, permeability_md=500.0)


def stack(*sheets: tuple[float, float], **more) -> Reservoir:
    """Layers of (thickness, permeability), the top one first."""
    tops = 1500.0 + np.concatenate(([0.0], np.cumsum([h for h, _ in sheets])))
    layers = tuple(
        replace(SAND, name=f"L{n}", top_m=float(top), thickness_m=h, permeability_md=k)
        for n, (top, (h, k)) in enumerate(zip(tops, sheets, strict=False))
    )
    return replace(box(), layers=layers, **more)


@pytest.mark.parametrize("confining", [None, Confining()])
@pytest.mark.parametrize(
    ("sheets", "viscosity", "most_k"),
    [
        (((30.0, 200.0), (30.0, 800.0)), 0.4, 0.4),
        (((12.0, 900.0), (25.0, 100.0), (15.0, 500.0)), 0.4, 0.5),
        (((12.0, 900.0), (25.0, 100.0), (15.0, 500.0)), "water", 0.9),
    ],
)
def test_like_the_full_simulation(sheets, viscosity, most_k, confining) -> None:
    """Layers of unlike speed: conduction between them, water crossing when viscosity changes, cold water sinking."""
    ground = stack(*sheets, fluid=Fluid(viscosity=viscosity), confining=confining)
    sim = LayeredSimulation(periods_per_sweep=16).forecast(ground, doublet(), YEARS)
    truth = 70.0 - sim.temperature_degc["P"]
    assert truth[-1] > 5.0
    assert np.sqrt(np.mean((fall(ground, doublet())[0] - truth) ** 2)) < most_k


def test_alike_layers_are_one() -> None:
    """Without rock around, a sand cut in three falls as the whole one."""
    cut = stack((20.0, 500.0), (20.0, 500.0), (20.0, 500.0), confining=None)
    np.testing.assert_allclose(fall(cut, doublet()), fall(box(confining=None), doublet()), atol=2e-3)


def test_water_as_warm_as_the_rock_changes_nothing() -> None:
    ground = stack((20.0, 900.0), (40.0, 100.0), confining=Confining())
    np.testing.assert_allclose(fall(ground, doublet(cold=70.0)), 0.0, atol=1e-3)


def test_conduction_between_layers_delays_the_first_cold() -> None:
    """A fast layer next to a slow one: the better they conduct, the later the cold arrives."""
    falls = []
    for conductivity in (0.5, 2.0, 8.0):
        ground = stack((8.0, 2000.0), (50.0, 20.0))
        layers = tuple(replace(layer, conductivity_w_mk=conductivity) for layer in ground.layers)
        falls.append(fall(replace(ground, layers=layers), doublet())[0, 4])
    assert falls[0] > falls[1] > falls[2] > 0.0


def test_wells_open_to_one_layer() -> None:
    """Both wells in the thin upper layer: as the full simulation, but that water is taken to cross freely even next to wells."""
    ground = stack((15.0, 500.0), (60.0, 500.0), confining=Confining())
    narrow = tuple(replace(w, layers=("L0",)) for w in doublet())
    truth = 70.0 - LayeredSimulation().forecast(ground, narrow, YEARS).temperature_degc["P"]
    assert np.sqrt(np.mean((fall(ground, narrow)[0] - truth) ** 2)) < 1.5


@pytest.mark.parametrize("thin", [0.05, 2.0])
def test_a_very_thin_layer_stays_possible(thin) -> None:
    ground = stack((thin, 3000.0), (60.0, 50.0), (thin, 1.0), confining=Confining())
    fell = fall(ground, doublet())
    assert np.all(np.isfinite(fell)) and fell.min() > -0.5 and fell.max() < 45.5


@pytest.mark.parametrize("kv_kh", [0.3, 0.1])
def test_cold_water_sinks(kv_kh) -> None:
    """Two thick, very permeable layers, 100 K between the waters: cold water runs ahead along the lower one, the less
    the more rock hinders it upright."""
    sheets = stack((60.0, 3000.0), (60.0, 3000.0), fluid=Fluid(viscosity="water"), confining=None)

    def rock(ratio: float) -> Reservoir:
        layers = tuple(replace(layer, kv_kh=ratio, temperature_degc=110.0) for layer in sheets.layers)
        return replace(sheets, layers=layers)

    wells = tuple(replace(w, rate_m3_h=200.0) for w in doublet(cold=10.0))
    truth = (
        110.0
        - LayeredSimulation(periods_per_sweep=16).forecast(rock(kv_kh), wells, YEARS).temperature_degc["P"]
    )
    fell, tight = fall(rock(kv_kh), wells)[0], fall(rock(1e-6), wells)[0]
    assert np.sqrt(np.mean((fell - truth) ** 2)) < 1.2
    assert fell[11] > tight[11] + 2.0

"""Smaller cells near wells: against cells as small everywhere and the closed form, balances, symmetry, bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenarios.scheme_write import reservoir_dict
from twin_models.analytic import gringarten_sauty_degc
from twin_models.box import read_box
from twin_models.errors import InputError
from twin_models.grid import grid_of
from twin_models.simulators.completion import complete
from twin_models.simulators.layered import LayeredSimulation
from twin_models.simulators.windows import joined, windows_of
from twin_models.types import (
    SECONDS_PER_YEAR,
    Confining,
    FaultLine,
    Fluid,
    Forecast,
    Layer,
    Refine,
    Reservoir,
    Step,
    Well,
)

SIM = LayeredSimulation()
WATER, ROCK = 4.18e6, 2.2e6


def sheet(cell_m: float, refine: Refine | None = None, **more) -> Reservoir:
    """100 m of sand in a box of 8.64 km that conducts heat to the rock above and below only."""
    side = more.pop("side_m", 8640.0)
    layer = more.pop("layer", Layer("sand", 1400.0, 100.0, conductivity_w_mk=1e-6))
    more = {"fluid": Fluid(0.5, conductivity_w_mk=0.0), "confining": Confining(2.5, 2.2), **more}
    return Reservoir((side, side), (-side / 2, -side / 2), cell_m, (layer,), refine=refine, **more)


def doublet(x_m: float = 0.0, y_m: float = 0.0) -> list[Well]:
    return [
        Well("P", "producer", x_m - 240.0, y_m, 100.0),
        Well("I", "injector", x_m + 240.0, y_m, 100.0, 25.0),
    ]


def error_k(forecast: Forecast) -> float:
    """Rms distance of the produced temperature to Gringarten & Sauty (1975), 480 m, 100 m3/h, 70 and 25 degC."""
    exact = gringarten_sauty_degc(
        forecast.years * SECONDS_PER_YEAR, 480.0, 100.0, 100.0 / 3600.0, initial_degc=70.0, injected_degc=25.0,
        rc_water=WATER, rc_aquifer=0.25 * WATER + 0.75 * ROCK, k_rock=2.5, rc_rock=ROCK,
    )  # fmt: skip
    return float(np.sqrt(np.mean((forecast.temperature_degc["P"] - exact) ** 2)))


@pytest.mark.parametrize(("x_m", "y_m"), [(0.0, 0.0), (17.0, 23.0)])
def test_small_cells_near_the_wells_give_their_accuracy(x_m: float, y_m: float) -> None:
    """Cells of 60 m, of 15 m within 300 m of the wells: a fifth of the error at most (reached: 0.17 and 0.18), with
    fewer than a tenth of the cells that 15 m everywhere would take (331 776)."""
    years = np.arange(1.0, 51.0)
    coarse = error_k(SIM.forecast(sheet(60.0), doublet(x_m, y_m), years))
    told = SIM.forecast(sheet(60.0, Refine(4, 300.0)), doublet(x_m, y_m), years)
    assert coarse > 0.25
    assert error_k(told) < 0.2 * coarse
    assert told.diagnostics["cells"] == 144**2 + told.diagnostics["refined_cells"] < 33_000
    assert told.diagnostics["energy_error"] < 1e-12 and told.diagnostics["mass_error"] < 1e-12


def test_patchy_rock_and_the_viscosity_of_water() -> None:
    """Against cells of 25 m everywhere, of the same rock: temperature and pressure of four wells come within a
    third of what cells of 75 m miss."""
    rng = np.random.default_rng(5)
    patches = 400.0 * np.exp(rng.normal(0.0, 0.7, (12, 12)))
    layer = Layer("sand", 1400.0, 60.0, permeability_md=patches.repeat(4, 0).repeat(4, 1))
    fine = replace(layer, permeability_md=patches.repeat(12, 0).repeat(12, 1))
    wells = [
        Well("P", "producer", -310.0, 40.0, 80.0),
        Well("I", "injector", 160.0, -90.0, 90.0, 25.0),
        Well("Q", "producer", 210.0, 420.0, 70.0),
        Well("J", "injector", -200.0, 520.0, 60.0, 35.0),
    ]
    years = np.arange(2.0, 31.0, 2.0)
    asked = {"side_m": 3600.0, "fluid": Fluid(), "boundary": "constant_pressure"}
    truth = SIM.forecast(sheet(25.0, layer=fine, **asked), wells, years)
    rough = SIM.forecast(sheet(75.0, layer=layer, **asked), wells, years)
    near = SIM.forecast(sheet(75.0, Refine(3, 300.0), layer=layer, **asked), wells, years)

    def missed(told: Forecast, names: str, of: str) -> float:
        gaps = [getattr(told, of)[n] - getattr(truth, of)[n] for n in names]
        return float(np.sqrt(np.mean(np.square(gaps))))

    assert missed(rough, "PQ", "temperature_degc") > 0.2
    assert missed(near, "PQ", "temperature_degc") < missed(rough, "PQ", "temperature_degc") / 3.0
    assert missed(near, "PIQJ", "pressure_change_bar") < missed(rough, "PIQJ", "pressure_change_bar") / 3.0


def stack(**more) -> tuple[Reservoir, list[Well]]:
    """Two sands of several cells with a shale between, gravity, a bent injector, a store by its calendar, monitors."""
    layers = (
        Layer("upper", 1400.0, 30.0, cells=2, permeability_md=600.0),
        Layer("shale", 1430.0, 6.0, permeability_md=1e-3, porosity=0.05),
        Layer("lower", 1436.0, 40.0, cells=2, permeability_md=300.0, temperature_degc=75.0),
    )
    box = Reservoir((2400.0, 1800.0), (0.0, 0.0), 60.0, layers, **more)
    path = ((900.0, 911.0, 0.0), (950.0, 911.0, 1400.0), (1050.0, 950.0, 1480.0))
    store = (Step(0.0, 40.0, 80.0), Step(100.0, -40.0), Step(200.0, 0.0), Step(365.0, 40.0, 80.0))
    return box, [
        Well("P", "producer", 600.0, 900.0, 80.0),
        Well("I", "injector", 1000.0, 911.0, 80.0, 25.0, trajectory=path),
        Well("S", "storage", 1900.0, 300.0, layers=("lower",), schedule=store),
        Well("M", "monitor", 800.0, 900.0),
        Well("N", "monitor", 2300.0, 1700.0, layers=("shale",)),
    ]


FAULT = (FaultLine("F", ((780.0, -10.0), (830.0, 1900.0)), 0.01),)
CASES = [
    ("tvd", {"boundary": "closed"}),
    ("upwind", {"boundary": "constant_pressure"}),
    ("tvd", {"boundary": "constant_pressure", "faults": FAULT, "confining": None}),
    ("tvd", {"boundary": "constant_pressure", "compressibility_per_pa": 1e-9}),
]


@pytest.mark.parametrize(("scheme", "more"), CASES, ids=["closed", "upwind", "fault", "transient"])
def test_water_and_heat_balance_with_everything_at_once(scheme: str, more: dict) -> None:
    """Energy and mass to rounding, no temperature beyond those that there were, maps on the box's own cells."""
    box, wells = stack(**more)
    told = LayeredSimulation(scheme).forecast(
        replace(box, refine=Refine(3, 100.0)), wells, np.array([0.2, 0.5, 1.5]), fields=[1.0, 1.5]
    )
    assert told.diagnostics["refined_cells"] > 0.0
    assert told.diagnostics["energy_error"] < 1e-12 and told.diagnostics["mass_error"] < 1e-9
    assert told.fields is not None and told.fields.temperature_degc.shape == (3, 30, 40)
    assert 24.99 < told.fields.temperature_degc.min() < 60.0
    assert told.fields.temperature_degc.max() < 80.01
    assert told.temperature_degc["S"][0] == 80.0 and 70.0 < told.temperature_degc["S"][1] < 80.0
    assert told.temperature_degc["N"] == pytest.approx(70.0, abs=1e-3)


def test_layers_without_a_link_between_them_balance() -> None:
    """Three layers that pass nothing down, in a window that reaches every closed side: each has its pressure but for a
    constant, which must not drift."""
    box, wells = stack(boundary="closed")
    layers = tuple(
        replace(layer, kv_kh=0.0, permeability_md=200.0 + 100.0 * n) for n, layer in enumerate(box.layers)
    )
    apart = replace(box, layers=layers, refine=Refine(2, 2500.0))
    told = SIM.forecast(apart, wells[:2], np.array([3.0]))
    assert told.diagnostics["mass_error"] < 1e-9 and told.diagnostics["energy_error"] < 1e-12
    plain = SIM.forecast(replace(apart, refine=None), wells[:2], np.array([3.0])).pressure_change_bar
    assert told.pressure_change_bar["P"] == pytest.approx(plain["P"], rel=0.02)


def test_a_seal_holds_inside_the_windows() -> None:
    """Behind a seal that shares its window with the injector nothing cools; pressures are those of the box with
    the same seal and no window, within 2 %."""
    seal = (FaultLine("F", ((800.0, -10.0), (800.0, 1900.0)), 0.0),)
    box, wells = stack(boundary="constant_pressure", faults=seal)
    told = SIM.forecast(replace(box, refine=Refine(3, 300.0)), wells[:2], np.array([20.0]))
    open_ = SIM.forecast(replace(box, refine=Refine(3, 300.0), faults=()), wells[:2], np.array([20.0]))
    assert told.temperature_degc["P"][0] > 71.5 > 70.0 > open_.temperature_degc["P"][0]
    plain = SIM.forecast(box, wells[:2], np.array([20.0])).pressure_change_bar
    for name in ("P", "I"):
        assert told.pressure_change_bar[name] == pytest.approx(plain[name], rel=0.02)
        assert told.pressure_change_bar[name] != pytest.approx(open_.pressure_change_bar[name], rel=0.05)


def test_mirror_images_are_mirrored() -> None:
    """Wells at mirrored places give the same answer, also where a window ends at the box's corner."""
    years = np.array([5.0, 15.0])
    for x_m, y_m in ((100.0, -70.0), (-600.0, 780.0)):
        box = sheet(60.0, Refine(3, 180.0), side_m=1800.0, boundary="constant_pressure")
        one = SIM.forecast(box, doublet(x_m, y_m), years)
        flipped = [replace(w, y_m=-w.y_m) for w in doublet(x_m, y_m)]
        turned = [replace(w, x_m=w.y_m, y_m=w.x_m) for w in doublet(x_m, y_m)]
        for other in (SIM.forecast(box, flipped, years), SIM.forecast(box, turned, years)):
            for name in ("P", "I"):
                np.testing.assert_allclose(
                    other.temperature_degc[name], one.temperature_degc[name], atol=1e-4
                )
                np.testing.assert_allclose(
                    other.pressure_change_bar[name], one.pressure_change_bar[name], atol=1e-4
                )


def test_a_window_over_the_whole_box_is_the_fine_grid() -> None:
    """A radius that reaches every side leaves only small cells: the answer of those, but for the length of steps
    and what the sides let through in their own places."""
    years = np.array([5.0, 15.0])
    for boundary in ("closed", "constant_pressure"):
        asked = {"side_m": 1200.0, "boundary": boundary}
        whole = SIM.forecast(sheet(60.0, Refine(3, 5000.0), **asked), doublet(), years)
        fine = SIM.forecast(sheet(20.0, **asked), doublet(), years)
        np.testing.assert_allclose(whole.temperature_degc["P"], fine.temperature_degc["P"], atol=0.05)
        np.testing.assert_allclose(whole.pressure_change_bar["P"], fine.pressure_change_bar["P"], atol=0.01)
        assert whole.diagnostics["energy_error"] < 1e-12


@pytest.mark.parametrize("boundary", ["closed", "constant_pressure"])
def test_wells_on_a_side_see_their_images(boundary: str) -> None:
    """An injector 2 m from the box's side: within 1 % of what small cells everywhere say."""
    wells = [Well("I", "injector", -598.0, 30.0, 50.0, 25.0), Well("P", "producer", 100.0, -40.0, 50.0)]
    asked = {"side_m": 1200.0, "boundary": boundary}
    near = SIM.forecast(sheet(60.0, Refine(4, 130.0), **asked), wells, np.array([3.0])).pressure_change_bar
    fine = SIM.forecast(sheet(15.0, **asked), wells, np.array([3.0])).pressure_change_bar
    for name in ("I", "P"):
        assert near[name] == pytest.approx(fine[name], rel=0.01)


def test_one_row_of_cells_is_divided_along_it_only() -> None:
    """The 1-D column of a book case: 40 m cells cut into five between the wells come within 0.02 K of 8 m cells."""
    layer = Layer("sand", 1000.0, 20.0, conductivity_w_mk=1e-6)
    wells = [
        Well("I", "injector", 0.0, 0.5, 0.036, 25.0),
        Well("P", "producer", 600.0, 0.5, 0.036),
        Well("M", "monitor", 100.0, 0.5),
    ]
    box = Reservoir((600.0, 1.0), (0.0, 0.0), 40.0, (layer,), confining=Confining(), fluid=Fluid(0.5))
    years = np.array([10.0, 30.0])
    fine = SIM.forecast(replace(box, cell_m=8.0), wells, years).temperature_degc["M"]
    near = SIM.forecast(replace(box, refine=Refine(5, 320.0)), wells, years).temperature_degc["M"]
    rough = SIM.forecast(box, wells, years).temperature_degc["M"]
    np.testing.assert_allclose(near, fine, atol=0.02)
    assert np.abs(rough - fine).max() > 0.1


def test_without_the_field_nothing_changes() -> None:
    """The factor 1 and a scheme without wells that move water are the plain box, to the last digit and by key."""
    box, wells = stack()
    years = np.array([1.0])
    plain = SIM.forecast(box, wells, years)
    one = SIM.forecast(replace(box, refine=Refine(1, 200.0)), wells, years)
    for name in "PISMN":
        assert np.array_equal(one.temperature_degc[name], plain.temperature_degc[name])
        assert np.array_equal(one.pressure_change_bar[name], plain.pressure_change_bar[name])
    assert replace(box, refine=None).key == box.key != replace(box, refine=Refine(2, 200.0)).key


def test_windows_that_would_touch_become_one() -> None:
    """Rows 0-3 and 5-8 lie two cells apart and stay; a third one between them takes both in."""
    assert joined([(0, 3, 0, 3), (5, 8, 0, 3)]) == [(0, 3, 0, 3), (5, 8, 0, 3)]
    assert joined([(0, 3, 0, 3), (5, 8, 0, 3), (4, 6, 2, 9)]) == [(0, 8, 0, 9)]
    box = sheet(60.0, Refine(3, 100.0), side_m=2400.0)
    found = windows_of(grid_of(box), doublet(), complete(grid_of(box), doublet()))
    assert [(w.j0, w.j1, w.i0, w.i1) for w in found] == [(18, 22, 14, 18), (18, 22, 22, 26)]
    assert all(w.grid.nx == w.grid.ny == 12 and w.grid.dx_m == 20.0 for w in found)


def test_it_is_read_written_and_refused_by_name() -> None:
    box = sheet(60.0, Refine(3, 250.0), side_m=1200.0)
    written = reservoir_dict(box)
    assert written["refine"] == {"factor": 3, "radius_m": 250.0}
    assert read_box(written) == box and read_box(written).key == box.key
    assert read_box({**written, "refine": {"factor": 1, "radius_m": 250.0}}).refine is None
    for bad, path in (
        ({"factor": 0, "radius_m": 250.0}, "reservoir.refine.factor"),
        ({"factor": 2.5, "radius_m": 250.0}, "reservoir.refine.factor"),
        ({"factor": 11, "radius_m": 250.0}, "reservoir.refine.factor"),
        ({"factor": 3, "radius_m": -1.0}, "reservoir.refine.radius_m"),
        ({"factor": 3}, "reservoir.refine.radius_m"),
        ({"factor": 3, "radius_m": 250.0, "wells": []}, "reservoir.refine.wells"),
        (3, "reservoir.refine"),
    ):
        with pytest.raises(InputError) as caught:
            read_box({**written, "refine": bad})
        assert path in [fault.field for fault in caught.value.faults]
    huge = sheet(10.0, Refine(10, 5000.0))
    with pytest.raises(InputError) as caught:
        SIM.forecast(huge, doublet(), np.array([1.0]))
    assert caught.value.faults[0].field == "reservoir.refine"

"""Wells on and near the sides of a box, against image wells and Muskat's five-spot."""

from __future__ import annotations

import math

import numpy as np
import pytest

from twin_models.box import read_box
from twin_models.grid import MILLIDARCY_M2, grid_of
from twin_models.models import load_model
from twin_models.simulators.walls import near_walls, wall_loss
from twin_models.types import Layer, Reservoir, Well

VISCOSITY, MD, HEIGHT, RADIUS = 0.5e-3, 500.0, 50.0, 0.1
UNIT_BAR = 60.0 / 3600.0 * VISCOSITY / (2.0 * math.pi * MD * MILLIDARCY_M2 * HEIGHT) / 1e5


def _box(extent_m: tuple[float, float], cell_m: float, boundary: str = "closed"):
    layer = {"name": "sand", "top_m": 1000.0, "thickness_m": HEIGHT, "permeability_md": MD}
    return read_box(
        {
            "extent_m": extent_m,
            "cell_m": cell_m,
            "boundary": boundary,
            "layers": [layer],
            "confining": None,
            "fluid": {"viscosity": VISCOSITY * 1e3},
        }
    )


def _pair(a: tuple[float, float], b: tuple[float, float]) -> list[Well]:
    return [
        Well("P", "producer", *a, rate_m3_h=60.0, radius_m=RADIUS),
        Well("I", "injector", *b, rate_m3_h=60.0, temperature_degc=25.0, radius_m=RADIUS),
    ]


@pytest.mark.parametrize("engine", ["simulation", "streamline"])
@pytest.mark.parametrize(
    ("boundary", "off_m"),
    [
        ("closed", 0.0),
        ("closed", 3.0),
        ("closed", 40.0),
        ("constant_pressure", 3.0),
        ("constant_pressure", 40.0),
    ],
)
def test_a_doublet_along_a_side_needs_the_pressure_of_its_images(
    engine: str, boundary: str, off_m: float
) -> None:
    """s = Q mu / (2 pi k h) [ln(D/r) +- ln(sqrt(D^2 + 4 b^2) / 2b)], and twice ln(D/r) for wells on the side itself."""
    spacing = 600.0
    ground = _box((6000.0, 6000.0), 50.0, boundary)
    wells = _pair((2710.0, off_m), (3310.0, off_m))
    got = load_model(engine).forecast(ground, wells, np.array([1.0])).pressure_change_bar["P"][0]
    own = math.log(spacing / RADIUS)
    image = own if off_m == 0.0 else math.log(math.hypot(spacing, 2.0 * off_m) / (2.0 * off_m))
    assert -got == pytest.approx(UNIT_BAR * (own + (image if boundary == "closed" else -image)), rel=0.006)


@pytest.mark.parametrize("cell_m", [20.0, 10.0])
def test_quarter_of_a_five_spot_needs_the_pressure_of_the_whole(cell_m: float) -> None:
    """Muskat (1937): the pressure difference of a five-spot is Q mu / (pi k h) [ln(d/r) - 0.619], Q of a whole well:
    four times the rate of an element with wells in its corners, d the distance between injector and producer."""
    side = 400.0
    wells = _pair((0.0, 0.0), (side, side))
    change = load_model("simulation").forecast(_box((side, side), cell_m), wells, np.array([1.0]))
    got = change.pressure_change_bar["I"][0] - change.pressure_change_bar["P"][0]
    assert got == pytest.approx(
        8.0 * UNIT_BAR * (math.log(side * math.sqrt(2.0) / RADIUS) - 0.619), rel=0.005
    )


def test_wells_said_to_be_far_from_walls_lack_nothing() -> None:
    """Which of many wells have something to mend is told at once, and rightly; a section has no walls across."""
    layer = Layer("sand", 1500.0, 60.0, permeability_md=500.0)
    grid = grid_of(Reservoir((1000.0, 600.0), (0.0, 0.0), 50.0, (layer,)))
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.0, 1000.0, 300), rng.uniform(0.0, 600.0, 300)
    near = near_walls(grid, x / grid.dx_m, y / grid.dy_m)
    lacks = np.array([wall_loss(grid, float(a), float(b), 0.1) for a, b in zip(x, y, strict=True)])
    assert 0 < near.sum() < near.size
    assert np.all(lacks[~near] == 0.0)
    assert np.count_nonzero(lacks[near]) > 0.9 * near.sum()
    section = grid_of(Reservoir((1000.0, 50.0), (0.0, 0.0), 50.0, (layer,)))
    assert not near_walls(section, np.array([0.1, 10.0]), np.array([0.5, 0.5])).any()
    assert wall_loss(section, 5.0, 25.0, 0.1) == 0.0

"""Cells of a box and the wells' cells, against numbers made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from twin_models.errors import InputError
from twin_models.grid import MILLIDARCY_M2, grid_of, hole_points, resample, wells_to_cells
from twin_models.simulators.completion import complete, surrounding
from twin_models.types import Layer, Reservoir, Well

SAND = Layer("sand", 1400.0, 60.0, cells=2, porosity=0.2, permeability_md=400.0)
CAP = Layer("cap", 1300.0, 100.0, cells=4, porosity=0.05, permeability_md=1e-5)


def box(*layers: Layer, extent: tuple[float, float] = (1000.0, 600.0), cell: float = 100.0) -> Reservoir:
    return Reservoir(extent, (-500.0, 0.0), cell, layers or (SAND,))


def test_cells_are_never_coarser_than_asked() -> None:
    """1000 m in cells of at most 130 m: eight of 125 m; 600 m: five of 120 m."""
    grid = grid_of(box(cell=130.0))
    assert (grid.nx, grid.ny, grid.nz) == (8, 5, 2)
    assert (grid.dx_m, grid.dy_m) == (125.0, 120.0)


def test_one_cell_wide_boxes_are_sections() -> None:
    line = grid_of(box(extent=(600.0, 1.0), cell=10.0))
    assert (line.nx, line.ny) == (60, 1)
    held = Reservoir((600.0, 1.0), (0.0, 0.0), 10.0, (SAND,), boundary="constant_pressure")
    assert grid_of(held).open_sides == (True, False)


def test_heat_capacity_counts_water_and_rock() -> None:
    """0.2 x 4.18 + 0.8 x 2.2 = 2.596 MJ/m3/K; with net-to-gross 0.5 half the pores: 0.1 x 4.18 + 0.9 x 2.2."""
    assert grid_of(box()).heat_capacity_j_m3k[0, 0, 0] == pytest.approx(2.596e6)
    half = Layer("half", 1400.0, 60.0, porosity=0.2, net_to_gross=0.5)
    assert grid_of(box(half)).heat_capacity_j_m3k[0, 0, 0] == pytest.approx(2.398e6)
    assert grid_of(box(half)).net_m[0] == pytest.approx(30.0)


def test_only_permeable_layers_are_active() -> None:
    grid = grid_of(box(CAP, SAND, Layer("base", 1460.0, 50.0, permeability_md=1e-4)))
    assert grid.active == slice(4, 6)
    assert grid.transmissivity_m3[0].max() == 0.0
    assert grid.transmissivity_m3[4, 0, 0] == pytest.approx(400.0 * MILLIDARCY_M2 * 30.0)


def test_a_box_of_rock_alone_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        grid_of(box(CAP))
    assert caught.value.faults[0].field == "reservoir.layers"


def test_resampling_keeps_the_mean_both_ways() -> None:
    raster = np.arange(12.0).reshape(3, 4)
    for shape in ((6, 8), (5, 7), (2, 2), (1, 1)):
        assert resample(raster, *shape).mean() == pytest.approx(raster.mean())
    assert resample(raster, 3, 4) is not raster
    # Two halves of 10 and 1000 mD flow as their geometric mean.
    assert resample(np.array([[10.0, 1000.0]]), 1, 1, logarithmic=True)[0, 0] == pytest.approx(100.0)


def test_grids_are_kept_by_content() -> None:
    assert grid_of(box()) is grid_of(box())
    assert grid_of(box(), cell_m=50.0).nx == 20


def test_vertical_well_has_peacemans_index() -> None:
    """2 pi k h / ln(r_o/r_w) with r_o = 0.14 sqrt(100^2 + 100^2) = 19.799 m, per layer cell of 30 m."""
    at = wells_to_cells(grid_of(box()), [Well("P", "producer", 0.0, 50.0, 10.0)])
    assert list(at.k) == [0, 1] and list(at.i) == [5, 5] and list(at.j) == [0, 0]
    expected = 2.0 * math.pi * 400.0 * MILLIDARCY_M2 * 30.0 / math.log(0.14 * math.hypot(100, 100) / 0.1)
    np.testing.assert_allclose(at.index_m3, expected)
    np.testing.assert_allclose(at.share, 0.5)


def test_deviated_well_opens_the_cells_it_passes() -> None:
    """From (0, 50) at 1400 m to (200, 50) at 1460 m: 100 m east in each of the two layer cells."""
    path = ((0.0, 50.0, 0.0), (0.0, 50.0, 1400.0), (200.0, 50.0, 1460.0))
    well = Well("P", "producer", 0.0, 50.0, 10.0, trajectory=path)
    at = wells_to_cells(grid_of(box()), [well])
    assert set(zip(at.k.tolist(), at.i.tolist(), strict=True)) == {(0, 5), (1, 6)}
    assert at.share.sum() == pytest.approx(1.0)


def test_short_path_goes_on_vertically() -> None:
    path = ((0.0, 50.0, 0.0), (0.0, 50.0, 1390.0))
    points = hole_points(grid_of(box()), Well("P", "producer", 0.0, 50.0, trajectory=path), 1)
    assert sum(part for _, _, part in points) == pytest.approx(1.0)
    assert {(x, y) for x, y, _ in points} == {(0.0, 50.0)}


@pytest.mark.parametrize(
    ("well", "field", "reason"),
    [
        (Well("P", "producer", 501.0, 50.0), "wells[0].x_m", "outside"),
        (Well("P", "producer", 0.0, -1.0), "wells[0].y_m", "outside"),
        (Well("P", "producer", math.nan, 0.0), "wells[0].x_m", "not_finite"),
        (Well("P", "producer", 0.0, 50.0, layers=("chalk",)), "wells[0].layers", "unknown"),
        (Well("P", "producer", 0.0, 50.0, layers=("cap",)), "wells[0].layers", "range"),
    ],
)
@pytest.mark.parametrize("opened", [wells_to_cells, complete])
def test_bad_places_are_named(opened, well: Well, field: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        opened(grid_of(box(CAP, SAND)), [well])
    assert [(f.field, f.reason) for f in caught.value.faults] == [(field, reason)]


def test_all_bad_wells_are_named_at_once() -> None:
    wells = [
        Well("A", "producer", 9e9, 0.0),
        Well("B", "producer", 0.0, 50.0),
        Well("C", "producer", 0.0, 9e9),
    ]
    with pytest.raises(InputError) as caught:
        complete(grid_of(box()), wells)
    assert [f.field for f in caught.value.faults] == ["wells[0].x_m", "wells[2].y_m"]


def test_a_monitor_may_sit_in_tight_rock() -> None:
    at = complete(grid_of(box(CAP, SAND)), [Well("M", "monitor", 0.0, 50.0, layers=("cap",))])
    assert set(at.level.tolist()) == {0, 1, 2, 3} and at.index_m3.max() == 0.0


def test_weights_put_the_well_where_it_stands() -> None:
    """The weighted centre of the surrounding cells is the well's own place, anywhere between centres."""
    grid = grid_of(box())
    for x, y in ((-123.4, 377.0), (50.0, 250.0), (0.0, 300.0)):
        around = surrounding(grid, [(x, y, 1.0)])
        assert sum(around.values()) == pytest.approx(1.0)
        assert sum(w * grid.x_m[i] for (_, i), w in around.items()) == pytest.approx(x)
        assert sum(w * grid.y_m[j] for (j, _), w in around.items()) == pytest.approx(y)


def test_a_well_at_a_cell_centre_keeps_peacemans_index() -> None:
    grid = grid_of(box())
    well = Well("P", "producer", 50.0, 250.0, 10.0)
    np.testing.assert_allclose(complete(grid, [well]).index_m3, wells_to_cells(grid, [well]).index_m3)


def test_a_well_at_a_corner_sees_a_wider_radius() -> None:
    """Four equal cells of a square lattice: the mean lies 2 pi (8/4 + 4/pi)/16 = 1.28540 above ln r_o."""
    grid = grid_of(box())
    at = complete(grid, [Well("P", "producer", 0.0, 300.0, 10.0)])
    kh = 400.0 * MILLIDARCY_M2 * 30.0
    loss = math.log(0.14 * math.hypot(100, 100) / 0.1) + 1.28540
    np.testing.assert_allclose(at.index_m3, 2.0 * math.pi * kh / loss, rtol=1e-5)

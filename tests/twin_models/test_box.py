"""The box of a scheme or a site: what is read, what is refused, and how it is said."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from twin_models.box import cells_across, read_box
from twin_models.errors import InputError

# The example of section 2 of the outside contract.
BOOK = {
    "extent_m": [4320, 4320],
    "origin_m": [-2160, -2160],
    "cell_m": 15,
    "boundary": "closed",
    "layers": [
        {
            "name": "Guantao",
            "top_m": 1400,
            "thickness_m": 100,
            "cells": 1,
            "porosity": 0.25,
            "permeability_md": 500,
            "kv_kh": 0.1,
            "temperature_degc": 70,
            "rock_heat_capacity_mj_m3k": 2.2,
            "conductivity_w_mk": 2.5,
        }
    ],
    "confining": {"conductivity_w_mk": 2.5, "heat_capacity_mj_m3k": 2.2},
    "fluid": {"viscosity": "water", "heat_capacity_mj_m3k": 4.18, "conductivity_w_mk": 0.6},
}


def broken(path: list[str | int], value: object) -> dict:
    """The book case with one value changed (or, for ``...``, taken away)."""
    data = copy.deepcopy(BOOK)
    at = data
    for key in path[:-1]:
        at = at[key]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return data


def test_book_case_is_read_as_written() -> None:
    box = read_box(BOOK)
    assert (box.extent_m, box.origin_m, box.cell_m) == ((4320.0, 4320.0), (-2160.0, -2160.0), 15.0)
    (layer,) = box.layers
    assert (layer.top_m, layer.base_m, layer.permeability_md) == (1400.0, 1500.0, 500.0)
    assert box.confining.heat_capacity_mj_m3k == 2.2
    assert box.fluid.viscosity == "water"


def test_confining_null_means_none_and_absent_means_default() -> None:
    assert read_box(broken(["confining"], None)).confining is None
    assert read_box(broken(["confining"], ...)).confining.conductivity_w_mk == 2.5


def test_cells_cover_the_extent_without_a_sliver() -> None:
    assert [cells_across(e, 0.1) for e in (0.3, 0.31, 0.05)] == [3, 4, 1]  # 0.3 / 0.1 is 2.9999999999999996


def test_arrays_by_name_and_by_rows() -> None:
    data = broken(["cell_m"], 1440) | {}
    data["layers"][0]["permeability_md"] = "k"
    data["layers"][0]["temperature_degc"] = [[60, 61, 62], [70, 71, 72], [80, 81, 82]]
    (layer,) = read_box(data, arrays={"k": np.full((3, 3), 7.0)}).layers
    assert layer.permeability_md.shape == (3, 3)
    assert layer.temperature_degc[0, 2] == 62.0  # row 0 is the southern edge


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        (["cell_m"], -1, "reservoir.cell_m", "range"),
        (["cell_m"], math.nan, "reservoir.cell_m", "not_finite"),
        (["cell_m"], "15", "reservoir.cell_m", "type"),
        (["cell_m"], True, "reservoir.cell_m", "type"),
        (["cell_m"], 0.5, "reservoir.cell_m", "range"),  # 75 million cells
        (["extent_m"], [4320], "reservoir.extent_m", "range"),
        (["boundary"], "open", "reservoir.boundary", "unknown"),
        (["layers"], [], "reservoir.layers", "range"),
        (["layers"], ..., "reservoir.layers", "missing"),
        (["layers", 0, "thickness_m"], ..., "reservoir.layers[0].thickness_m", "missing"),
        (["layers", 0, "porosity"], 1.5, "reservoir.layers[0].porosity", "range"),
        (["layers", 0, "porosity"], [[0.2]], "reservoir.layers[0].porosity", "shape"),
        (["layers", 0, "porosity"], [[0.2], [0.1, 0.2]], "reservoir.layers[0].porosity", "type"),
        (["layers", 0, "permeability_md"], 0, "reservoir.layers", "range"),
        (["layers", 0, "permeability_md"], "k", "reservoir.layers[0].permeability_md", "unknown"),
        (["layers", 0, "permeabilty_md"], 100, "reservoir.layers[0].permeabilty_md", "unknown"),
        (["layers", 0, "cells"], 1.5, "reservoir.layers[0].cells", "type"),
        (["fluid", "viscosity"], "oil", "reservoir.fluid.viscosity", "unknown"),
        (["confining", "conductivity_w_mk"], -2, "reservoir.confining.conductivity_w_mk", "range"),
    ],
)
def test_one_wrong_value_gives_one_fault_that_names_it(
    path: list[str | int], value: object, field: str, reason: str
) -> None:
    with pytest.raises(InputError) as error:
        read_box(broken(path, value))
    assert [(f.field, f.reason) for f in error.value.faults] == [(field, reason)]


def test_all_faults_come_at_once() -> None:
    data = broken(["cell_m"], -1)
    data["layers"][0]["porosity"] = 7
    data["colour"] = "red"
    with pytest.raises(InputError) as error:
        read_box(data)
    fields = {f.field for f in error.value.faults}
    assert fields == {"reservoir.cell_m", "reservoir.layers[0].porosity", "reservoir.colour"}


def test_overlapping_or_twice_named_layers_are_refused() -> None:
    data = copy.deepcopy(BOOK)
    data["layers"].append(data["layers"][0] | {"top_m": 1450})
    with pytest.raises(InputError) as error:
        read_box(data)
    assert {f.field for f in error.value.faults} == {
        "reservoir.layers[1].name",
        "reservoir.layers[1].top_m",
    }

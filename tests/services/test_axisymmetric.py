"""The printed figures of the validation case `heat-store` come from a calculation that anybody can repeat."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from services import validation

FILE = Path(__file__).with_name("axisymmetric.py")


@pytest.mark.parametrize(("sideways", "key"), [(False, "printed_pct"), (True, "lateral_pct")])
def test_the_heat_stores_printed_figures(sideways: bool, key: str) -> None:
    """Rings of 1 m and steps of half a day against the printed ones of 0.5 m and a quarter: within 0.4 points."""
    spec = importlib.util.spec_from_file_location("axisymmetric", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    case = next(c for c in validation.cases() if c.key == "heat-store").entry["inputs"]
    layer, rock = case["reservoir"]["layers"][0], case["reservoir"]["confining"]
    bulk = layer["porosity"] * 4.18e6 + (1.0 - layer["porosity"]) * layer["rock_heat_capacity_mj_m3k"] * 1e6
    store = module.Store(
        layer["thickness_m"],
        (layer["conductivity_w_mk"], bulk),
        (rock["conductivity_w_mk"], rock["heat_capacity_mj_m3k"] * 1e6),
        sideways=sideways,
    )
    hot = case["injected_degc"] - layer["temperature_degc"]
    rate = case["volume_m3"] / case["fill_days"] / 24.0
    rest = 365.25 - case["fill_days"] - case["rest_days"] - case["draw_days"]
    cycle = [
        (case["fill_days"], rate, hot),
        (case["rest_days"], 0.0, 0.0),
        (case["draw_days"], -rate, 0.0),
        (rest, 0.0, 0.0),
    ]
    got = 100.0 * np.array(store.drawn(cycle * 2)) / hot
    np.testing.assert_allclose(got, case[key][:2], atol=0.4)

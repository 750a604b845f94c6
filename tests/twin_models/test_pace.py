"""Flow solved as often as it changes: stores whose hot water has come to lie over the cold need few solutions."""

from __future__ import annotations

import numpy as np
import pytest

from twin_models.models import load_model
from twin_models.simulators.timeline import Interval, Pace, flow_periods
from twin_models.types import SECONDS_PER_DAY, Layer, Reservoir, Step, Well


def test_periods_grow_while_little_changes_and_shrink_again() -> None:
    """From 2 days at most by half, never below 2 days, halved at once when the flow turns; the whole interval covered."""
    none = np.zeros(1)
    pace, spans = Pace(2.0 * SECONDS_PER_DAY), []
    periods = flow_periods(Interval(0.0, 60.0 * SECONDS_PER_DAY, none, none, none), steady=False, pace=pace)
    for n, (start, end) in enumerate(periods):
        spans.append((start, end))
        pace.note(0.01 if n < 4 else 0.5)
    days = np.diff([s for s, _ in spans]) / SECONDS_PER_DAY
    np.testing.assert_allclose(days[:6], [2.0, 3.0, 4.5, 6.75, 10.125, 5.0625])
    assert days.min() >= 2.0 - 1e-9 and spans[-1][1] == 60.0 * SECONDS_PER_DAY


def test_a_store_with_strong_buoyancy_is_as_before_with_fewer_solutions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """80 degC into 20 m of 60 darcy at 20 degC for 60 days, 120 days of rest, drawn for 40: what comes back within a
    point of what solutions at the shortest pace give, with less than half of them."""
    ground = Reservoir(
        (240.0, 240.0),
        (-120.0, -120.0),
        8.0,
        (Layer("sand", 40.0, 20.0, cells=5, permeability_md=60_000.0, kv_kh=0.3, temperature_degc=20.0),),
        boundary="constant_pressure",
    )
    rates = Step(0.0, 25.0, 80.0), Step(60.0, 0.0), Step(180.0, -37.5)
    days = 180.0 + np.arange(0.5, 40.0)
    found = {}
    for name in ("paced", "shortest"):
        if name == "shortest":
            monkeypatch.setattr(Pace, "note", lambda self, changed: None)
        run = load_model("simulation").forecast(
            ground, [Well("S", "storage", 0.0, 0.0, schedule=rates)], days / 365.25
        )
        found[name] = (run.temperature_degc["S"].mean(), run.diagnostics["pressure_solves"])
    assert found["paced"][0] == pytest.approx(found["shortest"][0], abs=0.6)
    assert found["paced"][1] < 0.5 * found["shortest"][1]

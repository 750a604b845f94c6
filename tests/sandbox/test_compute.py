"""What a session remembers between an estimate and its simulation."""

from __future__ import annotations

import asyncio
import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from sandbox.compute import Compute, Settled, _settle
from scenarios.edits import move_target
from scenarios.scheme import Scheme, read_scheme
from twin_models.models import BATCHED, LIVE
from twin_models.sites import load_site


@pytest.fixture(scope="module")
def pair() -> tuple[Settled, Settled]:
    """The first shipped scheme of the two communities, and the same with its producer elsewhere, simulated."""
    start = read_scheme(load_site("linqing-ab").schemes[0].path)
    held = next(w for w in start.wells if w.kind == "producer")
    moved, _ = move_target(start, held.name, x_m=held.x_m + 60.0, y_m=held.y_m + 20.0)
    one, two = (_settle(scheme, threading.Event()) for scheme in (start, moved))
    return one, two


def producers(scheme: Scheme) -> int:
    return sum(w.kind == "producer" for w in scheme.wells)


def test_each_simulation_audits_the_estimate_once(pair: tuple[Settled, Settled]) -> None:
    """First layout: nothing known of its wells. Second: they start from the first. Coming back to either scores nothing."""
    one, two = pair
    count = producers(one.evaluation.scheme)
    compute = Compute(ThreadPoolExecutor(1))
    compute.anchor(one)
    assert (compute.live.free.audited, compute.live.anchored.audited) == (count, 0)
    compute.anchor(two)
    compute.anchor(one)
    compute.anchor(two)
    assert (compute.live.free.audited, compute.live.anchored.audited) == (count, count)
    compute.anchor(None)
    assert (compute.live.free.audited, compute.live.anchored.audited) == (0, 0)


def test_an_estimate_of_the_audited_layout_is_its_simulation(pair: tuple[Settled, Settled]) -> None:
    one, _ = pair
    compute = Compute(ThreadPoolExecutor(1))
    compute.anchor(one)
    found, _ = compute.estimate(one.evaluation.scheme)
    truth = one.evaluation.forecast
    assert found.forecast.engine == LIVE and one.batched.engine == BATCHED
    for name, series in found.forecast.temperature_degc.items():
        np.testing.assert_allclose(series, truth.temperature_degc[name], atol=0.02)
    assert found.forecast.low_degc and set(found.forecast.low_degc) <= set(truth.temperature_degc)


def test_sessions_with_equal_schemes_hold_one_result_and_keep_their_own_names() -> None:
    start = read_scheme(load_site("linqing-ab").schemes[0].path)
    with ThreadPoolExecutor(1) as workers:
        one, two = Compute(workers), Compute(workers)
        first = asyncio.run(one.settle(replace(start, name="mine")))
        assert first is not None
        second = two.cached(replace(start, name="yours"))
        assert second is not None
        assert second.evaluation.forecast.fields is first.evaluation.forecast.fields
        assert (first.evaluation.scheme.name, second.evaluation.scheme.name) == ("mine", "yours")
        moved, _ = move_target(
            start, start.wells[0].name, x_m=start.wells[0].x_m + 5.0, y_m=start.wells[0].y_m
        )
        assert two.cached(moved) is None
    del one, two, first, second
    gc.collect()
    assert Compute(workers).cached(start) is None

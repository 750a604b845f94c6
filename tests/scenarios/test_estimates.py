"""Whole schemes estimated together are what each is by itself: flow, return temperature, corrections, money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenarios.optimise.predict import Confirmed, confirm, estimate, estimates, learnt
from scenarios.scheme import Scheme, read_scheme
from twin_models.sites import load_site


def layouts(count: int, *, stated: bool = False) -> list[Scheme]:
    """Eight wells of the shipped field with one or two of them moved and their rates changed."""
    start = read_scheme(load_site("caofeidian").schemes[0].path)
    kinds = {kind: [w for w in start.wells if w.kind == kind][:4] for kind in ("producer", "injector")}
    base = replace(start, wells=(*kinds["producer"], *kinds["injector"]), years=20)
    rng = np.random.default_rng(2)
    out = []
    for _ in range(count):
        wells = list(base.wells)
        for i in rng.choice(8, 2, replace=False).tolist():
            dx, dy = rng.uniform(-250.0, 250.0, 2).tolist()
            old = wells[i]
            rate = float(old.rate_m3_h * rng.uniform(0.8, 1.3))
            wells[i] = old.with_well(x_m=old.x_m + dx, y_m=old.y_m + dy, trajectory=None, rate_m3_h=rate)
        if stated:
            wells = [w.with_well(temperature_degc=24.0) if w.kind == "injector" else w for w in wells]
        out.append(replace(base, wells=tuple(wells)))
    return out


def same(model, schemes: list[Scheme]) -> None:
    together = estimates((model, tuple(schemes)))
    for scheme, many in zip(schemes, together, strict=True):
        one = estimate((model, scheme))
        assert many.values.keys() == one.values.keys()
        assert bool(many.fault) == bool(one.fault)
        for key, value in one.values.items():
            if value is None:
                assert many.values[key] is None, key
            else:
                assert many.values[key] == pytest.approx(value, rel=1e-8, abs=1e-8), key


def test_together_as_one_by_one() -> None:
    same(learnt(Confirmed({}, {}, None, None)), layouts(5))


def test_with_what_a_simulation_said_and_stated_temperatures() -> None:
    schemes = layouts(3, stated=True)
    same(learnt(confirm((schemes[0], False))), schemes)


def test_unlike_schemes_and_one_without_an_answer() -> None:
    """Another order of kinds and a well outside the model stand in one task with the others."""
    schemes = layouts(3)
    turned = replace(schemes[1], wells=schemes[1].wells[::-1])
    outside = schemes[2].wells[0].with_well(x_m=1e6, trajectory=None)
    lost = replace(schemes[2], wells=(outside, *schemes[2].wells[1:]))
    model = learnt(Confirmed({}, {}, None, None))
    found = estimates((model, (schemes[0], turned, lost)))
    assert found[0].values and found[1].values
    assert not found[2].values and found[2].fault
    same(model, [schemes[0], turned])

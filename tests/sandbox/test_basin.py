"""Resource panel: published means and bands of source 003, and histograms that hold all draws shown."""

from __future__ import annotations

import numpy as np
import pytest

from sandbox import basin


def test_total_and_bands_are_the_published_ones() -> None:
    """Source 003: 5.54e20 J in all; P5 to P95 4.76 to 6.32 independent, 3.83 to 7.34 fully correlated."""
    state = basin.unit_state("en", "")
    assert state["total_j"] == pytest.approx(5.5376e20, rel=1e-3)
    assert np.array(state["total"]["independent"]) / 1e20 == pytest.approx([4.76, 6.32], abs=0.02)
    assert np.array(state["total"]["correlated"]) / 1e20 == pytest.approx([3.83, 7.33], abs=0.02)
    assert state["total"]["ratio"] == pytest.approx(2.2, abs=0.05)


def test_units_come_richest_first_and_the_richest_is_chosen() -> None:
    state = basin.unit_state("zh", "")
    heats = [u["heat_j_mean"] for u in state["units"]]
    assert len(heats) == 8
    assert heats == sorted(heats, reverse=True)
    assert state["unit"]["heat_j_mean"] == heats[0]
    assert basin.unit_state("zh", "DZ")["unit"]["name"] == "德州潜断陷"
    assert sum(100 * h / state["total_j"] for h in heats) == pytest.approx(100.0)


def test_each_unit_has_its_own_histogram() -> None:
    """The tallest bar of the narrowest unit (Gaotang, P95/P5 = 1.36) is no wider spread than the widest one's."""
    known = basin.statistics()
    assert len(known["histogram"]) == len(known["mean_j"]) == 8
    for bars in known["histogram"]:
        assert 0.99 * known["draws"] < sum(bars["counts"]) <= known["draws"]
        assert bars["tail"][0]
        assert bars["tail"][-1]
        assert not bars["tail"][basin.BINS // 2]


def test_histogram_marks_what_lies_outside_p5_to_p95() -> None:
    """1000 equal steps of 0 to 1: 24 equal bars, the first one (0.002 to 0.0435) below P5 = 0.05."""
    bars = basin.histogram(np.linspace(0.0, 1.0, 1001))
    assert max(bars["counts"]) - min(bars["counts"]) <= 2
    assert [i for i, outside in enumerate(bars["tail"]) if outside] == [0, 23]

"""The memory of the live predictor: residuals by predictor, bands by what audits showed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twin_models.corrected import FLOOR_K, MOVED_PART, CorrectedModel
from twin_models.surrogates.online import PRIOR_SCORES, Recalibration
from twin_models.types import Forecast, Layer, Reservoir, Well

YEARS = np.array([10.0, 20.0, 30.0])
GROUND = Reservoir((1000.0, 1000.0), (0.0, 0.0), 50.0, (Layer("sand", 1400.0, 50.0),))
WELLS = (
    Well("P1", "producer", 200.0, 500.0, 50.0),
    Well("P2", "producer", 400.0, 500.0, 50.0),
    Well("I1", "injector", 800.0, 500.0, 100.0, 25.0),
)


def forecast(p1: list[float], p2: list[float], *, engine: str = "quick", half_k: float = 0.5) -> Forecast:
    degc = {"P1": np.array(p1), "P2": np.array(p2), "I1": np.full(3, 25.0)}
    bar = {name: np.full(3, -1.0) for name in degc}
    low, high = ({n: degc[n] + s * half_k for n in ("P1", "P2")} for s in (-1.0, 1.0))
    return Forecast(engine, "1", YEARS, degc, bar, low_degc=low, high_degc=high)


class Quick:
    """Answers with what it was given."""

    name, version = "quick", "1"

    def __init__(self, answer: Forecast):
        self.answer = answer

    def check(self, *_) -> tuple[()]:
        return ()

    def forecast(self, *_, **__) -> Forecast:
        return self.answer


def test_on_the_audited_layout_the_estimate_is_the_simulation() -> None:
    said, truth = forecast([70, 66, 60], [70, 70, 68]), forecast([70, 65, 57], [70, 70, 69], engine="sim")
    model = CorrectedModel(Quick(said))
    model.learn(truth, said)
    made = model.forecast(GROUND, WELLS, YEARS)
    for name in ("P1", "P2"):
        np.testing.assert_allclose(made.temperature_degc[name], truth.temperature_degc[name])
        np.testing.assert_allclose(
            made.high_degc[name] - made.temperature_degc[name],
            np.minimum(model.anchored.factor(0.8) * FLOOR_K, 70.0 - truth.temperature_degc[name]),
        )


def test_each_predictor_is_mended_by_its_own_residual() -> None:
    """The batched predictor of the carpet is 3 K off where the live one is 1 K off: both end at the simulation."""
    truth = forecast([70, 65, 57], [70, 70, 70], engine="sim")
    live, batch = forecast([70, 65, 58], [70, 70, 70]), forecast([70, 65, 60], [70, 70, 70], engine="batch")
    model = CorrectedModel(Quick(live))
    model.learn(truth, live, batch)
    for said in (live, batch):
        np.testing.assert_allclose(model.correct(said, GROUND, WELLS).temperature_degc["P1"][-1], 57.0)
    unknown = forecast([70, 65, 61], [70, 70, 70], engine="other")
    np.testing.assert_allclose(model.correct(unknown, GROUND, WELLS).temperature_degc["P1"][-1], 61.0)


def test_the_band_widens_with_what_the_estimate_has_moved_and_never_narrows_again() -> None:
    said, truth = forecast([70, 66, 60], [70, 70, 68]), forecast([70, 66, 60], [70, 70, 68], engine="sim")
    model = CorrectedModel(Quick(said))
    model.learn(truth, said)
    now = model.correct(forecast([70, 62, 60], [70, 70, 68]), GROUND, WELLS)
    half = now.temperature_degc["P1"] - now.low_degc["P1"]
    expected = model.anchored.factor(0.8) * (FLOOR_K + MOVED_PART * np.array([0.0, 4.0, 4.0]))
    np.testing.assert_allclose(half, expected)


def test_a_well_that_was_not_audited_keeps_the_predictors_own_band() -> None:
    said, truth = forecast([70, 66, 60], [70, 70, 68]), forecast([70, 65, 59], [70, 70, 68], engine="sim")
    model = CorrectedModel(Quick(said))
    known = replace(truth, temperature_degc={n: v for n, v in truth.temperature_degc.items() if n != "P2"})
    model.learn(known, said)
    made = model.forecast(GROUND, WELLS, YEARS)
    np.testing.assert_allclose(made.temperature_degc["P2"], [70, 70, 68])
    half = made.temperature_degc["P2"] - made.low_degc["P2"]
    np.testing.assert_allclose(half, model.free.factor(0.8) * 0.5)


def test_bands_stay_possible() -> None:
    said = forecast([70, 66, 26], [70, 70, 68], half_k=9.0)
    made = CorrectedModel(Quick(said)).forecast(GROUND, WELLS, YEARS)
    assert made.low_degc["P1"].min() >= 25.0 and made.high_degc["P1"].max() <= 70.0


def test_audits_recalibrate_the_band() -> None:
    """An estimate that is always twice as wrong as its band says: after some releases the band is twice as wide."""
    said = forecast([70, 66, 60], [70, 70, 66])
    model = CorrectedModel(Quick(said))
    before = model.free.factor(0.8)
    truth = forecast([70, 65, 59], [70, 69, 65], engine="sim")
    for _ in range(60):
        model.audit(truth, said, GROUND, WELLS)
    assert model.free.audited == 120 and model.anchored.audited == 0
    assert before == pytest.approx(1.0, abs=0.1) and model.free.factor(0.8) == pytest.approx(2.0)
    made = model.forecast(GROUND, WELLS, YEARS)
    np.testing.assert_allclose(made.temperature_degc["P1"] - made.low_degc["P1"], 1.0)
    model.recalibrate()
    assert model.free.factor(0.8) == before and model.free.inside_pct is None


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_coverage_comes_to_what_it_promises(scale: float) -> None:
    """Scores of any size: of those that come after some hundred audits, about 80 and 90 % lie inside."""
    rng = np.random.default_rng(5)
    scores = scale * rng.lognormal(0.0, 1.0, 2000)
    band = Recalibration()
    inside = {0.8: 0, 0.9: 0}
    for n, score in enumerate(scores):
        if n >= 400:
            for part in inside:
                inside[part] += score <= band.factor(part)
        band.add([score])
    for part, count in inside.items():
        assert count / 1600 == pytest.approx(part, abs=0.03)


def test_before_the_first_audit_the_calibration_speaks() -> None:
    band = Recalibration(2.0, 3.0)
    assert band.prior.size == PRIOR_SCORES
    assert band.factor(0.8) == pytest.approx(2.0)
    assert band.factor(0.9) == pytest.approx(3.0)

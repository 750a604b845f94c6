"""Clogging and backflushing: against the season of Linqing RH1 and hand-made saw-teeth."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from scenarios.evaluate import evaluate
from scenarios.report import forecast_report
from scenarios.scheme import read_scheme, to_dict
from twin_models.errors import InputError
from twin_models.models import load_model
from twin_models.simulators.clogging import clogging_bar, days_injecting, injectivity
from twin_models.types import Clogging, Fluid, Layer, Reservoir, Step, Well

GROUND = Reservoir((3000.0, 3000.0), (0.0, 0.0), 50.0, (Layer("sand", 1400.0, 80.0),), fluid=Fluid(0.5))
RH1 = -math.expm1(math.log(0.3254 / 0.7699) / 120.0)  # loss a day that makes 0.7699 into 0.3254 m/d


def injector(**more) -> Well:
    return Well("I", "injector", 1800.0, 1500.0, 80.0, 30.0, **more)


PRODUCER = Well("P", "producer", 1200.0, 1500.0, 80.0)


def test_a_season_of_rh1() -> None:
    """0.7699 m/d before and 0.3254 after 120 days (abstract, dzykt 2024(3)): what is left is 0.4227."""
    left = injectivity(Clogging(RH1), np.array([0.0, 60.0, 120.0]))
    np.testing.assert_allclose(left, [1.0, math.sqrt(0.3254 / 0.7699), 0.3254 / 0.7699], rtol=1e-12)


def test_backflushing_makes_saw_teeth() -> None:
    """1 % a day, every 10 days half of what is missing comes back: 0.99^10 = 0.904382, then (1 + 0.904382)/2 = 0.952191,
    ten days later 0.861144 and 0.930572; whole restoring starts anew each time."""
    clogging = Clogging(0.01, backflush_days=10.0, restored=0.5)
    left = injectivity(clogging, np.array([9.9999999, 10.0, 19.9999999, 20.0]))
    np.testing.assert_allclose(left, [0.904382, 0.952191, 0.861144, 0.930572], atol=2e-6)
    whole = injectivity(replace(clogging, restored=1.0), np.array([25.0, 1e5 + 5.0]))
    np.testing.assert_allclose(whole, 0.99**5.0, rtol=1e-9)


def test_days_count_injection_only() -> None:
    storage = Well(
        "S", "storage", 0.0, 0.0, schedule=(Step(0.0, 50.0, 60.0), Step(100.0, 0.0), Step(150.0, -50.0), Step(200.0, 40.0, 60.0))
    )  # fmt: skip
    days, rate = days_injecting(storage, np.array([50.0, 120.0, 180.0, 230.0]) / 365.25, 365.25)
    np.testing.assert_allclose(days, [50.0, 100.0, 100.0, 130.0])
    np.testing.assert_allclose(rate, [50.0, 0.0, 0.0, 40.0])
    days, rate = days_injecting(injector(), np.array([2.0]), 120.0)
    np.testing.assert_allclose([days[0], rate[0]], [240.0, 80.0])


@pytest.mark.parametrize("engine", ["simulation", "streamline", "surrogate"])
def test_the_pressure_follows_and_nothing_else(engine: str) -> None:
    """dp = Q mu / (2 pi k h) ln(500 / 0.1) (1/f - 1), with 80 m of 500 mD and 0.5 mPa s; temperatures stay."""
    model, years = load_model(engine), np.array([0.5, 1.0])
    clogging = Clogging(0.005)
    fresh = model.forecast(GROUND, [PRODUCER, injector()], years, season_days=120.0)
    clogged = model.forecast(GROUND, [PRODUCER, injector(clogging=clogging)], years, season_days=120.0)
    unit = 80.0 / 3600.0 * 0.5e-3 / (2.0 * math.pi * 500.0 * 9.869233e-16 * 80.0) / 1e5
    expected = unit * math.log(5000.0) * (0.995 ** (-120.0 * years) - 1.0)
    more = clogged.pressure_change_bar["I"] - fresh.pressure_change_bar["I"]
    np.testing.assert_allclose(more, expected, rtol=1e-9)
    assert clogged.temperature_degc["P"].tolist() == fresh.temperature_degc["P"].tolist()
    assert clogged.pressure_change_bar["P"].tolist() == fresh.pressure_change_bar["P"].tolist()


def test_a_limit_passed_is_said() -> None:
    well = injector(clogging=Clogging(0.01, limit_bar=6.0))
    told = load_model("simulation").forecast(GROUND, [PRODUCER, well], np.array([0.1, 0.5, 1.0]))
    assert [n.code for n in told.warnings if n.code == "clogging"] == ["clogging"]
    kept = replace(well, clogging=Clogging(0.01, backflush_days=5.0, limit_bar=6.0))
    told = load_model("simulation").forecast(GROUND, [PRODUCER, kept], np.array([0.1, 0.5, 1.0]))
    assert "clogging" not in [n.code for n in told.warnings]


@pytest.mark.parametrize("boundary", ["constant_pressure", "closed"])
def test_a_limit_cuts_the_rate_to_what_still_goes_in(boundary: str) -> None:
    """Pressure is linear in the rate: the well that would need p takes limit / p of it. The year is simulated with the
    smaller rate, so that the pressure comes out at the limit or a little below (the producer's pull is not cut with it in
    an open box); a closed box draws what it puts back. Unlimited, nothing changes."""
    ground, years = replace(GROUND, boundary=boundary), np.array([0.5, 1.0, 2.0])
    model, clogs = load_model("simulation"), Clogging(0.002)
    free = model.forecast(ground, [PRODUCER, injector(clogging=clogs)], years)
    limit = float(free.pressure_change_bar["I"][1])
    high = model.forecast(ground, [PRODUCER, injector(clogging=replace(clogs, limit_bar=99.0))], years)
    assert free.taken is None and high.taken is None
    assert high.pressure_change_bar["I"].tolist() == free.pressure_change_bar["I"].tolist()
    held = model.forecast(ground, [PRODUCER, injector(clogging=replace(clogs, limit_bar=limit))], years)
    expected = limit / free.pressure_change_bar["I"][2]
    assert held.taken is not None
    np.testing.assert_allclose(held.taken["I"], [1.0, 1.0, expected], rtol=1e-9)
    assert ("P" in held.taken) == (boundary == "closed")
    assert (
        limit * (0.95 if boundary == "constant_pressure" else 0.999)
        < held.pressure_change_bar["I"][2]
        <= limit
    )
    drawn = expected if boundary == "closed" else 1.0
    ratio = held.pressure_change_bar["P"][2] / free.pressure_change_bar["P"][2]
    assert ratio == pytest.approx(drawn, rel=0.1)


@pytest.mark.parametrize("engine", ["simulation", "streamline", "surrogate"])
def test_kpis_count_what_goes_in(engine: str) -> None:
    """5 years at a loss of 0.2 % a day of 120 a year: past its limit the well puts back less than was drawn, and pumps
    less; the years before are whole."""
    clogging = {"loss_per_day": 0.002, "limit_bar": 8.0}
    place = {"kind": "injector", "x_m": 1800, "y_m": 1500, "rate_m3_h": 80, "temperature_degc": 30}
    data = {
        "format": "geosandbox-scheme/1",
        "reservoir": {
            "extent_m": [3000, 3000],
            "cell_m": 100,
            "boundary": "constant_pressure",
            "fluid": {"viscosity": 0.5},
            "layers": [{"name": "sand", "top_m": 1400, "thickness_m": 80}],
        },
        "wells": [
            {"name": "P", "kind": "producer", "x_m": 1200, "y_m": 1500, "rate_m3_h": 80},
            {"name": "I", **place, "clogging": clogging},
        ],
        "years": 5,
        "season_days": 120,
    }
    found = evaluate(read_scheme(data), engine)
    part = found.forecast.taken["I"]
    assert part[0] == 1.0 and part[-1] < 0.9
    kpis = {key: kpi.value for key, kpi in found.kpis.items()}
    assert kpis["reinjection_ratio_pct"] == pytest.approx(100.0 * part.mean(), rel=1e-9)
    assert kpis["max_injection_pressure_bar"] == pytest.approx(8.0, rel=0.05)
    assert kpis["flow_m3_h"] == pytest.approx(80.0)
    report = forecast_report(found)["wells"]
    assert report["I"]["rate_m3_h"][-1] == pytest.approx(80.0 * part[-1]) and "rate_m3_h" not in report["P"]
    assert "clogging" in [n.code for n in found.notices]


def test_only_injectors_clog_and_files_come_back() -> None:
    assert clogging_bar(GROUND, [replace(PRODUCER, clogging=Clogging(0.1))], np.array([1.0]), 365.25) == {}
    box = {
        "extent_m": [1000, 1000],
        "cell_m": 50,
        "layers": [{"name": "s", "top_m": 1400, "thickness_m": 50}],
    }
    data = {
        "format": "geosandbox-scheme/1",
        "reservoir": box,
        "wells": [
            {"name": "P", "kind": "producer", "x_m": 200, "y_m": 500, "rate_m3_h": 50},
            {"name": "I", "kind": "injector", "x_m": 700, "y_m": 500, "rate_m3_h": 50, "temperature_degc": 25,
             "clogging": {"loss_per_day": 0.00718, "backflush_days": 30, "restored": 0.9}},
        ],
    }  # fmt: skip
    scheme = read_scheme(data)
    assert scheme.wells[1].well.clogging == Clogging(0.00718, 30.0, 0.9)
    assert read_scheme(to_dict(scheme)) == scheme
    data["wells"][0]["clogging"] = {"loss_per_day": 2.0}
    with pytest.raises(InputError) as caught:
        read_scheme(data)
    assert {f.field for f in caught.value.faults} == {"wells[0].clogging", "wells[0].clogging.loss_per_day"}

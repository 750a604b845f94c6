"""What every use must keep to, whichever it is: ``USES`` finds them, nothing here is written for one of them."""

from __future__ import annotations

import numpy as np
import pytest

from twin_models.uses import USES, parse_uses
from twin_models.uses.base import Delivery, Step, Stream
from twin_models.uses.cascade import Cascade, balance
from twin_models.uses.climate import climate_of

EXAMPLES = {
    "heating": {"area_m2": 5e4, "load_w_m2": 30, "cooling": {"area_m2": 5000}},
    "power": {},
    "drying": {"feed_t_per_day": 15},
    "agriculture": {"greenhouse_m2": 8000, "ponds_m2": 800},
    "wellness": {"pools_m2": 800, "visitors_per_day": 300},
}
STEPS: dict[str, Step] = {
    step.name: step for name, data in EXAMPLES.items() for step in parse_uses({name: data}).steps
}
CLIMATE = climate_of(None)


def stream(flow: float, degc: float, floor: float | None = None, days: float = 365.25) -> Stream:
    one = np.ones(1)
    return Stream(flow * one, degc * one, days * one, 4.18, floor)


def alone(step: Step, *args: float | None) -> Delivery:
    return Cascade((step,), CLIMATE, heated=False).deliver(stream(*args)).parts[step.name]  # type: ignore[arg-type]


def test_the_five_uses_are_here() -> None:
    assert set(USES) == {"heating", "power", "drying", "agriculture", "wellness"} == set(EXAMPLES)
    assert {*STEPS, "heating"} == {
        "heating",
        "cooling",
        "power",
        "drying",
        "agriculture",
        "aquaculture",
        "wellness",
    }


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_words_and_sources(step: Step) -> None:
    assert isinstance(step, Step)
    assert all(step.sources) and step.zh and step.en
    assert step.price_key


@pytest.mark.parametrize("degc", [25.0, 45.0, 62.0, 80.0, 110.0, 150.0])
@pytest.mark.parametrize("floor", [None, 40.0])
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_energy_and_limits(step: Step, floor: float | None, degc: float) -> None:
    """No more out than in; never below the floor; never more than is wanted; the water cools by what is taken."""
    out = alone(step, 80.0, degc, floor)
    assert out.product_mw[0] >= 0.0 and out.extracted_mw[0] >= 0.0 and out.power_mw[0] >= 0.0
    assert out.product_mw[0] <= out.extracted_mw[0] + out.power_mw[0] + out.fuel_mw[0] + 1e-12
    assert out.outlet_degc[0] >= (floor or 0.0) - 1e-9 or out.extracted_mw[0] == 0.0
    assert (
        out.product_mw[0] * out.days[0]
        <= np.nan_to_num(out.demand_mw[0] * out.demand_days[0], nan=1e9) + 1e-9
    )
    cooled = out.series["inlet_degc"][0] - out.outlet_degc[0]
    assert cooled * 4.18 * 80.0 / 3600.0 == pytest.approx(out.extracted_mw[0], abs=1e-12)
    if degc < step.required_degc:
        assert out.extracted_mw[0] == 0.0


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_more_and_hotter_water_never_gives_less(step: Step) -> None:
    by_flow = [alone(step, flow, 95.0).product_mw[0] for flow in (0.0, 1.0, 5.0, 20.0, 80.0, 300.0)]
    by_heat = [alone(step, 15.0, degc).product_mw[0] for degc in np.arange(20.0, 160.0, 2.5)]
    assert (np.diff(by_flow) >= -1e-12).all() and by_flow[0] == 0.0 and by_flow[-1] > 0.0
    assert (np.diff(by_heat) >= -1e-12).all() and by_heat[-1] > 0.0


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_too_cold_says_why_in_both_languages(step: Step) -> None:
    water = stream(50.0, step.required_degc - 5.0)
    cascade = Cascade((step,), CLIMATE, heated=False)
    (notice,) = cascade.remarks(water, cascade.deliver(water))
    assert notice.code == "use_too_cold" and notice.field.startswith("uses.")
    assert f"{step.required_degc:.0f}" in notice.text and f"{step.required_degc:.0f}" in notice.text_zh
    warm = stream(500.0, 140.0)
    assert not list(cascade.remarks(warm, cascade.deliver(warm)))


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_no_use_makes_exergy(step: Step) -> None:
    water = stream(60.0, 120.0)
    found = balance(Cascade((step,), CLIMATE, heated=False), water, None, dead_degc=12.8)
    lost = found.exergy_taken[step.name] + found.power[step.name] - found.useful[step.name]
    assert lost[0] >= 0.0
    assert 0.0 < found.efficiency[0] < 1.0

"""The energy station for heating, against numbers derived by hand and those of source 004."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin_models.errors import InputError
from twin_models.uses.base import Stream
from twin_models.uses.heating import HeatingUse, HeatPump, PeakBoiler, parse

WATER = 4.1868  # MJ/m3K, as 004 eq. (1)


def stream(flow: float, degc: float, *, days: float = 120.0, floor: float | None = None) -> Stream:
    one = np.ones(1)
    return Stream(flow * one, degc * one, days * one, WATER, floor)


def two_stages(**more: object) -> HeatingUse:
    """004: 62 -> 33 -> 15 degC against a 40/30 network, COP 5."""
    return parse(
        {
            "heating": {
                "supply_degc": 40,
                "return_degc": 30,
                "approach_k": 3,
                "heat_pump": {"tail_degc": 15, "cop": 5},
                **more,
            }
        }
    )


def test_direct_use_of_004_before_the_retrofit() -> None:
    """004 eq. (1): 160 m3/h = 44.444 L/s, 62 -> 37 degC: 4.1868 x 44.444 x 25 = 4652 kW (printed 4651)."""
    use = parse({"heating": {"mode": "direct", "return_degc": 37, "supply_degc": 62}})
    out = use.deliver(stream(160.0, 62.0))
    assert out.product_mw[0] == pytest.approx(4.652, abs=1e-6)
    assert out.outlet_degc[0] == pytest.approx(37.0)
    assert out.sizes_kw["exchanger1"] == 0.0  # well water in the radiators: no exchanger to buy


def test_two_stages_with_heat_pump() -> None:
    """93.67 m3/h, c Q = 4.1868 x 93.67/3600 = 0.1089382 MW/K.

    Stage 1: x 29 K = 3.159208 MW. Stage 2 source: x 18 K = 1.960888; heat pump x 5/4 = 2.451110, power
    0.490222. Total 5.610318 MW, of which 5.120 (= x 47 K) from the ground: 004's 5120 kW.
    """
    out = two_stages().deliver(stream(93.67, 62.0))
    assert out.series["exchanger1_mw"][0] == pytest.approx(3.159208, abs=2e-6)
    assert out.series["exchanger2_mw"][0] == pytest.approx(1.960888, abs=2e-6)
    assert out.series["heat_pump_mw"][0] == pytest.approx(2.451110, abs=2e-6)
    assert out.series["heat_pump_power_mw"][0] == pytest.approx(0.490222, abs=2e-6)
    assert out.extracted_mw[0] == pytest.approx(5.120, abs=2e-4)
    assert out.series["exchanger1_out_degc"][0] == pytest.approx(33.0)
    assert out.outlet_degc[0] == pytest.approx(15.0)


def test_caofeidian_by_exchange_alone() -> None:
    """002: 2.30e6 m2 x 31.5 W/m2 = 72.45 MW; at 80 -> 43 degC that needs 72.45/(37 x 4.1868/3600) = 1683.7 m3/h."""
    use = parse(
        {
            "heating": {
                "area_m2": 2.3e6,
                "load_w_m2": 31.5,
                "supply_degc": 50,
                "return_degc": 40,
                "approach_k": 3,
            }
        }
    )
    assert use.demand_mw == pytest.approx(72.45)
    enough = use.deliver(stream(1683.7, 80.0))
    assert enough.product_mw[0] == pytest.approx(72.45, rel=1e-4)
    assert enough.outlet_degc[0] == pytest.approx(43.0, abs=0.01)
    half = use.deliver(stream(841.85, 80.0))
    assert half.product_mw[0] == pytest.approx(36.225, rel=1e-4)


def test_water_to_spare_goes_back_warmer() -> None:
    """1 MW taken from 100 m3/h at 60 degC: 60 - 1/(4.1868 x 100/3600) = 51.4015 degC."""
    use = parse({"heating": {"area_m2": 1e6 / 32, "supply_degc": 40, "return_degc": 30}})
    out = use.deliver(stream(100.0, 60.0))
    assert out.product_mw[0] == pytest.approx(1.0)
    assert out.outlet_degc[0] == pytest.approx(60.0 - 3600.0 / 418.68, abs=1e-9)


def test_load_duration_line() -> None:
    """Mean 2, design 3 MW: the load falls from 3 to 1 MW; a source of 2 MW serves 2 - (1/2)(1)(1/2) = 1.75 MW.

    The mean unmet load is the triangle above 2 MW: half the season, 1 MW high. 24 levels keep it within 0.2 %.
    """
    area = 2e6 / 20
    use = parse({"heating": {"area_m2": area, "load_w_m2": 20, "design_load_w_m2": 30, "supply_degc": 40}})
    flow = 2.0 / (27.0 * WATER) * 3600.0  # 2 MW from 60 down to 33 degC
    assert use.deliver(stream(flow, 60.0)).product_mw[0] == pytest.approx(1.75, rel=2e-3)
    boiler = parse(
        {
            "heating": {
                "area_m2": area,
                "load_w_m2": 20,
                "design_load_w_m2": 30,
                "supply_degc": 40,
                "peak_boiler": {"efficiency": 0.9},
            }
        }
    )
    out = boiler.deliver(stream(flow, 60.0))
    assert out.product_mw[0] == pytest.approx(2.0)
    assert out.fuel_mw[0] == pytest.approx(0.25 / 0.9, rel=0.02)
    assert out.sizes_kw["peak_boiler"] == pytest.approx(1000.0)  # 3 MW on the coldest day


def test_too_cool_for_the_supply_temperature() -> None:
    """38 degC water, approach 3 K, network 40/30: exchange reaches 35 degC, half of the load and no more."""
    use = parse({"heating": {"area_m2": 1e6 / 32, "supply_degc": 40, "return_degc": 30, "approach_k": 3}})
    out = use.deliver(stream(1000.0, 38.0))
    assert out.product_mw[0] == pytest.approx(0.5)
    assert out.unreached[0]


def test_performance_of_the_heat_pump() -> None:
    """004: 15/7 -> 40/30 degC. Carnot 313.15/33 = 9.489, x .53 = 5.03; Lorenz 308.12/24.03 = 12.84, x .39 = 5.01."""
    assert HeatPump(cop=None, carnot_fraction=0.53).performance(40, 30) == pytest.approx(5.029, abs=1e-3)
    assert HeatPump(cop=None, lorenz_fraction=0.39).performance(40, 30) == pytest.approx(5.009, abs=2e-3)
    assert HeatPump().performance(90, 80) == 5.0


def test_pump_power_of_the_network() -> None:
    """5.12 MW at 10 K: 5.12/41.8 x 3600 = 440.96 m3/h; 43 m, 70 %: 9.80665 x 440.96/3600 x 43/.7 = 73.79 kW.

    004 runs four pumps of 20 kW.
    """
    use = two_stages(area_m2=160000, load_w_m2=32)
    out = use.deliver(stream(160.0, 62.0))
    assert out.series["network_flow_m3_h"][0] == pytest.approx(440.957, abs=1e-3)
    assert 1e3 * out.series["circulation_power_mw"][0] == pytest.approx(73.788, abs=1e-3)


def test_a_stated_injection_temperature_sets_the_return() -> None:
    """Without a heating section the network is just cold enough for 25 degC: all heat down to it is used."""
    out = HeatingUse().deliver(stream(100.0, 70.0, floor=25.0))
    assert out.outlet_degc[0] == pytest.approx(25.0)
    assert out.product_mw[0] == pytest.approx(WATER * 100 / 3600 * 45)


def test_no_water_no_heat() -> None:
    out = two_stages(area_m2=1e5).deliver(stream(0.0, 62.0, days=0.0))
    assert out.product_mw[0] == 0.0 and out.outlet_degc[0] == 62.0


def test_a_short_season_of_demand() -> None:
    use = two_stages(area_m2=1e5, season_days=90)
    out = use.deliver(stream(100.0, 62.0, days=120.0))
    assert out.days[0] == 90.0 and out.demand_days[0] == 90.0


@given(
    st.floats(1.0, 3000.0),
    st.floats(20.0, 110.0),
    st.floats(1e4, 5e6),
    st.floats(1.0, 2.0),
    st.booleans(),
    st.booleans(),
)
def test_energy_balance_and_limits(
    flow: float, degc: float, area: float, peak: float, pumped: bool, fired: bool
) -> None:
    """Heat out = heat from the ground + heat-pump work + boiler; nothing above demand, no outlet below the tail."""
    use = HeatingUse(
        area_m2=area,
        load_w_m2=30.0,
        design_load_w_m2=30.0 * peak,
        supply_degc=45.0,
        return_degc=35.0,
        heat_pump=HeatPump() if pumped else None,
        peak_boiler=PeakBoiler() if fired else None,
    )
    out = use.deliver(stream(flow, degc))
    s = out.series
    given_out = out.extracted_mw + s["heat_pump_power_mw"] + s["peak_boiler_mw"]
    assert out.product_mw[0] == pytest.approx(given_out[0], rel=1e-9, abs=1e-9)
    assert out.product_mw[0] <= (use.demand_mw or 0.0) * (1 + 1e-9)
    assert out.outlet_degc[0] >= min(degc, 15.0 if pumped else 38.0) - 1e-6
    assert out.outlet_degc[0] <= degc + 1e-9
    if fired:
        assert out.product_mw[0] == pytest.approx(use.demand_mw, rel=1e-9)


@given(st.floats(40.0, 100.0), st.floats(10.0, 500.0), st.floats(0.01, 5.0))
def test_warmer_water_never_delivers_less(degc: float, flow: float, more: float) -> None:
    use = two_stages(area_m2=3e5, load_w_m2=30, design_load_w_m2=40)
    cool, warm = (use.deliver(stream(flow, t)).product_mw[0] for t in (degc, degc + more))
    assert warm >= cool - 1e-9


@pytest.mark.parametrize(
    ("heating", "field"),
    [
        ({"area": 5}, "uses.heating.area"),
        ({"area_m2": -5}, "uses.heating.area_m2"),
        ({"load_w_m2": float("nan")}, "uses.heating.load_w_m2"),
        ({"load_w_m2": 30, "design_load_w_m2": 70}, "uses.heating.design_load_w_m2"),
        ({"load_w_m2": 30, "design_load_w_m2": 20}, "uses.heating.design_load_w_m2"),
        ({"supply_degc": 30, "return_degc": 40}, "uses.heating.supply_degc"),
        ({"mode": "steam"}, "uses.heating.mode"),
        ({"heat_pump": {"cop": 0.5}}, "uses.heating.heat_pump.cop"),
        ({"heat_pump": {"cop": 4, "carnot_fraction": 0.5}}, "uses.heating.heat_pump.carnot_fraction"),
        ({"heat_pump": {"tail_degc": 50}}, "uses.heating.heat_pump.tail_degc"),
        ({"peak_boiler": {"fuel": "peat"}}, "uses.heating.peak_boiler.fuel"),
        ({"station_x_m": 5}, "uses.heating.station_y_m"),
        ([], "uses.heating"),
    ],
)
def test_bad_input_names_its_field(heating: object, field: str) -> None:
    faults: list = []
    parse({"heating": heating}, "uses", faults)
    assert field in [f.field for f in faults]
    with pytest.raises(InputError):
        parse({"heating": heating})


def test_unknown_use_and_bad_pumping() -> None:
    faults: list = []
    parse({"heatng": {}, "pumping": {"efficiency": 2.0}}, "uses", faults)
    assert {f.field for f in faults} == {"uses.heatng", "uses.pumping.efficiency"}


def test_heating_alone_is_what_it_was_before_other_uses_came() -> None:
    """Golden: printed by this module at commit cea92e5, before the cascade shared its two stages; all parts in use."""
    use = parse(
        {
            "heating": {
                "area_m2": 1.8e5,
                "load_w_m2": 32,
                "design_load_w_m2": 40,
                "season_days": 120,
                "supply_degc": 42,
                "return_degc": 31,
                "heat_pump": {"tail_degc": 16, "lorenz_fraction": 0.4, "capacity_mw": 1.0},
                "peak_boiler": {"efficiency": 0.9, "capacity_mw": 1.5},
                "network_loss_pct": 5,
            }
        }
    )
    two = np.array([100.0, 90.0]), np.array([62.0, 43.0]), np.array([150.0, 100.0])
    out = use.deliver(Stream(*two, 4.18, None))
    golden = {
        "product_mw": [5.237074074074072, 3.2684749999999996],
        "extracted_mw": [4.053398260166717, 1.7427871490556068],
        "outlet_degc": [27.090349912439756, 26.322611013821945],
        "power_mw": [0.27397116286026446, 0.24682204046575998],
        "fuel_mw": [1.4017760450508987, 1.6666666666666665],
        "days": [120.0, 100.0],
    }
    for name, values in golden.items():
        assert getattr(out, name) == pytest.approx(values, rel=1e-13), name
    assert out.sizes_kw["exchanger2"] == pytest.approx(802.2871490556071, rel=1e-13)
    assert out.sizes_kw["station"] == pytest.approx(5751.111111111111, rel=1e-13)

"""Each use against numbers derived by hand and published ones; the weather against its means."""

from __future__ import annotations

import numpy as np
import pytest

from twin_models.uses import parse_uses
from twin_models.uses.agriculture import COVERS, GreenhouseUse, PondUse
from twin_models.uses.base import Draw, Stream, Water
from twin_models.uses.climate import Climate, climate_of, climates, moments, saturation_kpa
from twin_models.uses.cooling import CoolingUse
from twin_models.uses.drying import DryingUse
from twin_models.uses.pools import indoor_loss_w_m2, outdoor_evaporation
from twin_models.uses.power import PowerUse, exergy_mj_kg, plant_outlet_degc, specific_mj_kg
from twin_models.uses.wellness import WellnessUse

LINQING = climate_of("linqing")
STEADY = Climate("steady", 36.8, 10.0, 10.0, 10.0, 0.0, 2600.0, swing_k=0.0)


def water(degc: float, *, capacity: float = 0.1, outdoor: float = 15.0, floor: float = -np.inf) -> Water:
    one = np.ones((1, 1))
    return Water(degc * one, capacity * one, np.array([outdoor]), floor)


def draw(use: object, degc: float, load: float = np.inf, **more: float) -> Draw:
    return use.draw(water(degc, **more), np.array([load]))  # type: ignore[attr-defined]


# --- power ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("degc", "kj_kg", "first_law_pct"),
    [
        (90, 5.35, 6.6),
        (100, 7.93, 6.7),
        (110, 11.16, 7.1),
        (120, 15.13, 7.7),
        (130, 19.89, 8.5),
        (145, 28.66, 9.9),
        (170, 48.13, 12.5),
    ],
)
def test_power_per_kilogram(degc: float, kj_kg: float, first_law_pct: float) -> None:
    """The correlations of GEOPHIRES-X evaluated apart from this code, ambient 15 degC."""
    made = float(specific_mj_kg(degc, 15.0)) * 1e3
    assert made == pytest.approx(kj_kg, abs=0.006)
    heat = 4.18 * (degc - float(plant_outlet_degc(degc, 15.0)))
    assert 100.0 * made / heat == pytest.approx(first_law_pct, abs=0.06)


def test_power_of_the_published_plant() -> None:
    """GEOPHIRES-X example 4: three wells of 110 kg/s at 145 degC, largest gross output 9.45724 MW.

    330 kg/s carry 330 x 4.18e-3 = 1.3794 MW/K.
    """
    out = draw(PowerUse(), 145.0, capacity=1.3794)
    assert out.product[0, 0] == pytest.approx(9.45724, abs=1e-5)
    # 145 -> 0.0894 x 145 + 62.6 = 75.563 degC
    assert out.extracted[0, 0] == pytest.approx(1.3794 * (145 - 75.563), rel=1e-9)


def test_exergy_of_water_by_its_definition() -> None:
    """With constant c the integral is c ((T - T0) - T0 ln(T/T0)); 4.18 against 4.04..4.4 of the fit: within 4 %."""
    hot, cold = 403.15, 288.15
    plain = 4.18e-3 * (hot - cold - cold * np.log(hot / cold))
    assert float(exergy_mj_kg(130.0, 15.0)) == pytest.approx(plain, rel=0.04)


def test_power_follows_ambient_size_floor_and_minimum() -> None:
    cold, warm = draw(PowerUse(), 120.0, outdoor=5.0), draw(PowerUse(), 120.0, outdoor=25.0)
    assert cold.product[0, 0] > 1.15 * warm.product[0, 0]
    assert draw(PowerUse(), 120.0, outdoor=-20.0).product == cold.product  # held below 5 degC
    full = draw(PowerUse(), 120.0)
    half = draw(PowerUse(capacity_mw=float(full.product[0, 0]) / 2), 120.0)
    assert half.product[0, 0] == pytest.approx(0.5 * full.product[0, 0])
    assert half.extracted[0, 0] == pytest.approx(0.5 * full.extracted[0, 0])
    floored = draw(PowerUse(), 120.0, floor=100.0)  # outlet 73.3 without a floor: 20/46.7 of the water passes
    assert floored.product[0, 0] / full.product[0, 0] == pytest.approx(20.0 / (120 - 73.328), rel=1e-6)
    assert draw(PowerUse(), 89.9).product[0, 0] == 0.0
    own = draw(PowerUse(own_use_pct=10), 120.0)
    assert own.product[0, 0] == pytest.approx(0.9 * full.product[0, 0])


# --- cooling -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("generator", "cop", "capacity_pct"), [(60, 0.73, 36), (70, 0.77, 62), (80, 0.78, 87), (90, 0.79, 113)]
)
def test_absorption_chiller(generator: float, cop: float, capacity_pct: float) -> None:
    """Kuehn's coefficients at 30/15 degC. By hand for 60: ddt = 60 - 75 + 27 = 12, QE 5.94, QG 8.12: COP 0.7315;
    at 85 QE = 0.42 x 37 + 0.9 = 16.44, so 36.1 %."""
    capacity, got = CoolingUse().characteristic(generator)
    assert float(got) == pytest.approx(cop, abs=0.005)
    assert 100.0 * float(capacity) == pytest.approx(capacity_pct, abs=0.6)


def test_cooling_takes_heat_for_its_cold_and_grows_when_the_water_is_poor() -> None:
    """Generator at 67 - 3 - 4 = 60 degC: 0.1 MW of cold needs 0.1/0.7315 MW of heat and a chiller of 0.1/0.3613 MW."""
    out = draw(CoolingUse(), 67.0, 0.1, capacity=1.0)
    assert out.product[0, 0] == pytest.approx(0.1)
    assert out.extracted[0, 0] == pytest.approx(0.1 / 0.731527, rel=1e-5)
    assert CoolingUse().sizes_kw(out)["absorption_chiller"] == pytest.approx(100.0 / 0.361314, rel=1e-5)
    assert draw(CoolingUse(), 61.9, 0.1).extracted[0, 0] == 0.0
    small = draw(CoolingUse(), 67.0, 10.0, capacity=0.1)  # no more than a glide of 8 K is taken
    assert small.extracted[0, 0] == pytest.approx(0.8)


def test_cooling_load_has_the_stated_mean() -> None:
    use = CoolingUse(area_m2=1e4, load_w_m2=50, season_days=365.25 * 90 / 365)
    hourly = use.hourly_mw(LINQING)
    assert (hourly > 0.0).sum() == 90 * 24
    assert hourly.sum() == pytest.approx(0.5 * 90 * 24)


# --- drying --------------------------------------------------------------------------------------------


def test_heat_of_drying() -> None:
    """80 -> 14 % wet basis: 0.66/0.86 = 0.76744 t of water per tonne. 2.501 - 0.002361 x 27 = 2.43725, warming
    0.004186 x 15 = 0.06279: 2.50004 MJ/kg; at 60 %: 4.16674. 10 t/d: 7674.4 kg x 4.16674 / 86400 = 0.370107 MW."""
    use = DryingUse(feed_t_per_day=10)
    assert use.water_t_per_day == pytest.approx(7.67442, abs=1e-5)
    assert use.hourly_mw(LINQING).max() == pytest.approx(0.370107, abs=2e-6)


@pytest.mark.parametrize(
    ("moisture_in", "moisture_out", "kwh_per_t"), [(94, 10, 1450), (20, 14, 136)], ids=["tomato", "rice"]
)
def test_measured_dryers_lie_within_the_efficiencies_seen(
    moisture_in: float, moisture_out: float, kwh_per_t: float
) -> None:
    """FAO: tomato 1450, rice 136 kWh per tonne; electric dryers from 31 %, gas dryers up to 70 % efficient."""

    def heat(efficiency: float) -> float:
        use = DryingUse(
            feed_t_per_day=1,
            moisture_in_pct=moisture_in,
            moisture_out_pct=moisture_out,
            efficiency=efficiency,
        )
        return use.hourly_mw(LINQING).max() * 24e3

    assert heat(0.70) < kwh_per_t < heat(0.31)


def test_colder_air_dries_less() -> None:
    """60 degC of air wanted, wet bulb 27. Water of 60 degC gives 52: 25/33 of the load; below 53 degC nothing."""
    use = DryingUse()
    assert draw(use, 75.0, 0.2).product[0, 0] == pytest.approx(0.2)
    assert draw(use, 60.0, 0.2).product[0, 0] == pytest.approx(0.2 * 25 / 33)
    assert draw(use, 52.9, 0.2).product[0, 0] == 0.0
    assert draw(use, 60.0, 9.0).extracted[0, 0] == pytest.approx(0.1 * 25.0)  # down to 35 degC
    assert draw(use, 60.0, 9.0, outdoor=35.0).extracted[0, 0] == pytest.approx(0.1 * 17.0)  # air comes at 35


# --- agriculture ---------------------------------------------------------------------------------------


def test_greenhouse_at_night() -> None:
    """Double polyethylene 4.0 x 1.4 + 0.34 x 1.0 x 3.5 = 6.79 W/m2K; 16 inside, 10 outside: 40.74 W/m2, no sun."""
    use = GreenhouseUse(greenhouse_m2=1e4)
    hourly = use.hourly_mw(STEADY)
    assert use.loss_w_m2k == pytest.approx(6.79)
    assert hourly[0] == pytest.approx(0.4074)
    noon = hourly.reshape(365, 24)[170, 12]
    assert noon == 0.0  # the sun of June does it alone


def test_two_layers_of_polyethylene_save_what_is_published() -> None:
    """Rafferty: 30 to 40 % (of the loss; the sun makes the saving of a year a little larger)."""
    single, double = (GreenhouseUse(cover=c) for c in ("single_polyethylene", "double_polyethylene"))
    assert 0.30 <= 1.0 - double.loss_w_m2k / single.loss_w_m2k <= 0.40
    year = 1.0 - double.hourly_mw(LINQING).sum() / single.hourly_mw(LINQING).sum()
    assert 0.30 <= year <= 0.45
    assert list(COVERS.values()) == sorted(COVERS.values(), reverse=True)


def test_evaporation_of_the_published_pond() -> None:
    """Rafferty (1986): 500 ft2 at 80 F, 7.33 ft/s, 0.507 and 0.074 psi: 99.1 lb/h = 0.012486 kg/s on 46.452 m2."""
    psi = 6.894757
    flux = outdoor_evaporation(26.667, 0.074 * psi, 7.33 * 0.3048)
    lack = (0.507 - 0.074) * psi  # his table's vapour pressure instead of ours
    ours = float(saturation_kpa(26.667)) - 0.074 * psi
    assert float(flux) * 46.452 * lack / ours == pytest.approx(99.1 * 0.453592 / 3600, rel=2e-3)
    assert ours == pytest.approx(lack, rel=6e-3)


def test_pond_renewal() -> None:
    """1000 m2 x 1.5 m x 5 %/d = 75 m3/d x 4.18 x 12 K = 3762 MJ/d = 0.043542 MW above the surface's loss."""
    still = PondUse(ponds_m2=1000, pond_renewal_pct_per_day=0.0).hourly_mw(STEADY)
    moved = PondUse(ponds_m2=1000).hourly_mw(STEADY)
    winter = still > 0.0
    assert (moved - still)[winter] == pytest.approx(0.043542, abs=1e-6)


# --- wellness ------------------------------------------------------------------------------------------


def test_indoor_pool() -> None:
    """40 degC, air 28 degC 60 %, F 1, air 0.1 m/s: film 88.5 + 7.79 = 96.29 W/(m2 kPa).

    p_w 7.3749, p_a 0.6 x 3.7799 = 2.2680 kPa: 491.75 W/m2; convection 96.29 x 0.0665 x 12 = 76.84; radiation
    0.95 x 5.670374e-8 x (313.15^4 - 301.15^4) = 74.98. Total 643.6 W/m2.
    """
    loss = indoor_loss_w_m2(40.0, air_degc=28.0, humidity_pct=60.0, activity=1.0)
    assert loss == pytest.approx(643.6, abs=0.3)


def test_spa_renewal_and_showers_with_heat_recovery() -> None:
    """1000 m2 x 1 m x 30 % = 300 m3/d and 500 x 60 L = 30 m3/d; x 4.18 x 26 K x 0.6 / 86400 = 0.249058 MW."""
    use = WellnessUse(pools_m2=1000, visitors_per_day=500)
    assert use.renewal_mw == pytest.approx(0.249058, abs=1e-6)
    inside = WellnessUse(pools_m2=1000, visitors_per_day=500, outdoor_pct=0.0)
    assert inside.hourly_mw(LINQING) == pytest.approx(0.249058 + 0.6436, abs=3e-4)
    assert use.hourly_mw(LINQING).sum() > inside.hourly_mw(LINQING).sum()


# --- weather -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(climates()))
def test_weather_keeps_its_published_means(name: str) -> None:
    climate = climates()[name]
    daily = climate.outdoor_degc.reshape(365, 24)
    assert daily.mean() == pytest.approx(climate.mean_degc, abs=1e-9)
    assert np.ptp(daily, axis=1) == pytest.approx(climate.daily_range_k, rel=0.01)
    assert daily[:31].mean() == pytest.approx(climate.january_degc, abs=1.0)
    assert daily[181:212].mean() == pytest.approx(climate.july_degc, abs=1.0)
    yearly_kwh = climate.sun_w_m2.sum() / 1e3
    assert 1350 < yearly_kwh < 1750  # kWh/m2, the north China plain
    assert climate.source


def test_typical_days_keep_the_demand_of_the_year() -> None:
    """Whatever the cuts: sum over groups of duration x load = sum over 8760 hours (of a year of 365.25 days)."""
    hourly = GreenhouseUse().hourly_mw(LINQING)
    for cuts in ((), (120.0,), (33.3, 275.25)):
        groups = moments(LINQING, cuts)
        days = np.diff(groups.edges_d)
        assert float(days @ groups.means(hourly)) == pytest.approx(hourly.mean() * 365.25)
        assert groups.means(hourly)[0] == hourly.max()
        assert (np.diff(groups.outdoor_degc) > 0.0).all()
    assert groups.durations(np.array([100.0]))[0].sum() == pytest.approx(100.0)


# --- reading -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uses", "field"),
    [
        ({"power": {"capacity_mw": -1}}, "uses.power.capacity_mw"),
        ({"power": {"minimum_degc": 50}}, "uses.power.minimum_degc"),
        ({"drying": {}}, "uses.drying.feed_t_per_day"),
        ({"drying": {"feed_t_per_day": 5, "moisture_in_pct": 10}}, "uses.drying.moisture_out_pct"),
        ({"drying": {"feed_t_per_day": 5, "minimum_air_degc": 90}}, "uses.drying.minimum_air_degc"),
        ({"drying": {"feed_t_per_day": 5, "season": "spring"}}, "uses.drying.season"),
        ({"agriculture": {}}, "uses.agriculture.greenhouse_m2"),
        ({"agriculture": {"greenhouse_m2": 5, "supply_degc": 24}}, "uses.agriculture.supply_degc"),
        ({"agriculture": {"greenhouse_m2": 5, "cover": "straw"}}, "uses.agriculture.cover"),
        ({"wellness": {"pool_degc": 60, "pools_m2": 5}}, "uses.wellness.pool_degc"),
        ({"wellness": {}}, "uses.wellness.pools_m2"),
        ({"wellness": []}, "uses.wellness"),
        ({"heating": {"cooling": {"season_days": 90}}}, "uses.heating.cooling.area_m2"),
        ({"heating": False}, "uses.heating"),
        ({"baking": {}}, "uses.baking"),
    ],
)
def test_bad_uses_are_named(uses: dict, field: str) -> None:
    faults: list = []
    parse_uses(uses, faults=faults)
    assert field in [fault.field for fault in faults]


def test_who_is_heated() -> None:
    """Buildings unless told otherwise: by ``false``, or by naming other uses and not heating."""
    spa = {"wellness": {"pools_m2": 100}}
    assert parse_uses({}).heated and not parse_uses({}).steps
    assert not parse_uses(spa).heated
    assert parse_uses({**spa, "heating": {}}).heated
    assert not parse_uses({**spa, "heating": False}).heated
    assert [s.name for s in parse_uses({"heating": {"area_m2": 9, "cooling": {"area_m2": 9}}}).steps] == [
        "cooling"
    ]
    both = parse_uses({"agriculture": {"greenhouse_m2": 10, "ponds_m2": 5}})
    assert [s.name for s in both.steps] == ["agriculture", "aquaculture"]


def test_a_use_alone() -> None:
    """30 m3/h of 60 degC all year, spa of constant need: taken as wanted, the rest flows on."""
    one = np.ones(1)
    stream = Stream(30.0 * one, 60.0 * one, 365.25 * one)
    use = WellnessUse(pools_m2=200, outdoor_pct=0.0)
    out = use.deliver(stream)
    assert out.product_mw[0] == pytest.approx(use.hourly_mw(LINQING)[0], rel=1e-6)
    assert out.outlet_degc[0] == pytest.approx(60.0 - out.extracted_mw[0] / (4.18 * 30 / 3600))

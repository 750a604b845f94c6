"""Heat that an open water surface loses: evaporation, convection, radiation.

Outdoors (pond, outdoor pool), Rafferty (1986), Geo-Heat Center Quarterly Bulletin 9(4), in SI units:

    w = 0.010197 (1 + 0.738 v) (p_w - p_a) / T_w   kg/(s m2), kPa, K, m/s

(his example: 500 ft2 at 80 F, 5 mph, vapour pressures 0.507 and 0.074 psi: 99.1 lb/h). Other formulas in use give
0.6 to 1.2 of it. Indoors, the ASHRAE pool equation with an activity factor F (0.5 empty, 1.0 public or spa):

    q = F (0.0885 + 0.0779 v) (p_w - p_a)   kW/m2

Convection follows from evaporation by Bowen's ratio with the psychrometric constant 0.0665 kPa/K (FAO-56 equation
8); radiation to the sky at 0.0552 T_a^1.5 (Swinbank 1963), or to walls as warm as the air.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from twin_models.uses.climate import Climate, saturation_kpa

KELVIN = 273.15
EVAPORATION_KJ_KG = 2430.0
PSYCHROMETRIC_KPA_K = 0.0665
STEFAN_BOLTZMANN = 5.670374e-8
EMISSIVITY = 0.95
ABSORBED = 0.9
INDOOR_AIR_M_S = 0.1


def outdoor_evaporation(water_degc: Any, vapour_kpa: Any, wind_m_s: Any) -> Any:
    """Water evaporated (kg/(s m2)), never below zero."""
    lack = np.maximum(saturation_kpa(water_degc) - vapour_kpa, 0.0)
    return 0.010197 * (1.0 + 0.738 * wind_m_s) * lack / (water_degc + KELVIN)


def outdoor_loss_w_m2(water_degc: float, climate: Climate) -> np.ndarray:
    """Net loss of every hour (8760,), W/m2, sunshine taken off; negative when the sun more than warms it."""
    air, vapour = climate.outdoor_degc, climate.vapour_kpa
    evaporation = outdoor_evaporation(water_degc, vapour, climate.wind_m_s) * EVAPORATION_KJ_KG * 1e3
    film = 0.010197 * (1.0 + 0.738 * climate.wind_m_s) / (water_degc + KELVIN) * EVAPORATION_KJ_KG * 1e3
    convection = film * PSYCHROMETRIC_KPA_K * (water_degc - air)
    sky = 0.0552 * (air + KELVIN) ** 1.5
    radiation = EMISSIVITY * STEFAN_BOLTZMANN * ((water_degc + KELVIN) ** 4 - sky**4)
    return evaporation + convection + radiation - ABSORBED * climate.sun_w_m2


def indoor_loss_w_m2(water_degc: float, *, air_degc: float, humidity_pct: float, activity: float) -> float:
    """Loss of an indoor pool, W/m2, never below zero."""
    lack = float(saturation_kpa(water_degc) - humidity_pct / 100.0 * saturation_kpa(air_degc))
    film = activity * (88.5 + 77.9 * INDOOR_AIR_M_S)
    evaporation = film * max(lack, 0.0)
    convection = film * PSYCHROMETRIC_KPA_K * (water_degc - air_degc)
    radiation = EMISSIVITY * STEFAN_BOLTZMANN * ((water_degc + KELVIN) ** 4 - (air_degc + KELVIN) ** 4)
    return max(evaporation + convection + radiation, 0.0)

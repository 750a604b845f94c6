"""Viscosity and density of reservoir water against temperature.

Viscosity follows the form of Islam & Carlson (2012, Energy & Fuels 26, 5325-5336) for pure water: three
exponentials for the saturated liquid and a cubic correction with pressure, here at 15 MPa (about 1500 m).
Density is Kell's rational polynomial (1975, J. Chem. Eng. Data 20, 97-105) for water at one atmosphere.
Salt (NaCl) raises both: viscosity as in Mao & Duan (2009), density as in Batzle & Wang (1992, Geophysics 57,
1396-1408).
"""

from __future__ import annotations

import numba as nb
import numpy as np

from twin_models.types import Fluid

REFERENCE_PRESSURE_MPA = 15.0
NACL_G_MOL = 58.44
TABLE_MIN_DEGC = 0.0
TABLE_MAX_DEGC = 250.0
TABLE_STEP_K = 0.25


def viscosity_pa_s(temperature_degc: np.ndarray | float) -> np.ndarray:
    """Dynamic viscosity of water at 15 MPa. ``temperature_degc``: any shape, 0 to 250 °C. Pa s."""
    kelvin = np.asarray(temperature_degc, dtype=np.float64) + 273.15
    saturated = (
        9.03591045e1
        + 3.40285740e4 * np.exp(-1.40090092e-2 * kelvin)
        + 8.23556123e8 * np.exp(-4.86126399e-2 * kelvin)
        - 9.28022905e8 * np.exp(-5.26696663e-2 * kelvin)
    )
    warm = kelvin - 293.15
    per_mpa = -1.22757462e-1 + 2.15995021e-2 * warm - 3.65253919e-4 * warm**2 + 1.97270835e-6 * warm**3
    return (saturated + REFERENCE_PRESSURE_MPA * per_mpa) * 1e-6


def salt_viscosity_factor(temperature_degc: np.ndarray | float, salinity_g_kg: float) -> np.ndarray:
    """Viscosity of brine over that of water (Mao & Duan 2009, Int. J. Thermophys. 30, 1510-1523), to 6 mol/kg."""
    kelvin = np.asarray(temperature_degc, dtype=np.float64) + 273.15
    m = salinity_g_kg / NACL_G_MOL / (1.0 - 1e-3 * salinity_g_kg)
    a = -0.21319213 + 0.13651589e-2 * kelvin - 0.12191756e-5 * kelvin**2
    b = 0.69161945e-1 - 0.27292263e-3 * kelvin + 0.20852448e-6 * kelvin**2
    c = -0.25988855e-2 + 0.77989227e-5 * kelvin
    return np.exp(a * m + b * m**2 + c * m**3)


def salt_density_kg_m3(temperature_degc: np.ndarray | float, salinity_g_kg: float) -> np.ndarray:
    """What salt adds to the density at 15 MPa (Batzle & Wang 1992, eq. 27b)."""
    t, s, p = np.asarray(temperature_degc, dtype=np.float64), salinity_g_kg * 1e-3, REFERENCE_PRESSURE_MPA
    warm = t * (80.0 + 3.0 * t - 3300.0 * s - 13.0 * p + 47.0 * p * s)
    return 1e3 * s * (0.668 + 0.44 * s + 1e-6 * (300.0 * p - 2400.0 * p * s + warm))


def density_kg_m3(temperature_degc: np.ndarray | float) -> np.ndarray:
    """Density of water at one atmosphere (Kell 1975). ``temperature_degc``: any shape, 0 to 150 °C."""
    t = np.asarray(temperature_degc, dtype=np.float64)
    above = 999.83952 + t * (
        16.945176 + t * (-7.9870401e-3 + t * (-46.170461e-6 + t * (105.56302e-9 - 280.54253e-12 * t)))
    )
    return above / (1.0 + 16.879850e-3 * t)


def fluidity_table(fluid: Fluid) -> np.ndarray:
    """1/viscosity (1/(Pa s)) every 0.25 K from 0 to 250 °C, for ``look_up``; constant if the fluid's is.

    Linear interpolation in it is within 1e-5 of the formula, and costs a tenth of it.
    """
    degc = np.arange(TABLE_MIN_DEGC, TABLE_MAX_DEGC + TABLE_STEP_K / 2, TABLE_STEP_K)
    if fluid.viscosity == "water":
        return 1.0 / fluid_viscosity_pa_s(fluid, degc)
    return np.full(degc.size, 1.0 / (float(fluid.viscosity) * 1e-3))


def density_table(fluid: Fluid) -> np.ndarray:
    """Density (kg/m3) on the same temperatures, for ``look_up``. A fluid of constant viscosity is one that
    does not know its temperature: it has one density too, and does not rise or sink."""
    degc = np.arange(TABLE_MIN_DEGC, TABLE_MAX_DEGC + TABLE_STEP_K / 2, TABLE_STEP_K)
    if fluid.viscosity == "water":
        return density_kg_m3(degc) + salt_density_kg_m3(degc, fluid.salinity_g_kg)
    return np.full(degc.size, 1000.0)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def look_up(temperature_degc: np.ndarray, table: np.ndarray, out: np.ndarray) -> None:
    """Interpolate in ``table``; arrays flat and of one size. Clamped at the table's ends."""
    last = table.size - 2
    for c in range(temperature_degc.size):
        place = (temperature_degc[c] - TABLE_MIN_DEGC) / TABLE_STEP_K
        low = min(max(int(place), 0), last)
        part = min(max(place - low, 0.0), 1.0)
        out[c] = table[low] + part * (table[low + 1] - table[low])


def fluid_viscosity_pa_s(fluid: Fluid, temperature_degc: np.ndarray | float) -> np.ndarray:
    """Viscosity of the fluid as its description says: water's own, or the constant."""
    if fluid.viscosity == "water":
        fresh = viscosity_pa_s(temperature_degc)
        if fluid.salinity_g_kg == 0.0:
            return fresh
        return fresh * salt_viscosity_factor(temperature_degc, fluid.salinity_g_kg)
    return np.full(np.shape(temperature_degc), float(fluid.viscosity) * 1e-3)

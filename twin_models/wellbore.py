"""What happens between the reservoir and the wellhead: heat lost, pressure needed, pump power.

All functions take numbers or arrays that broadcast together (say years in rows, wells in columns) and
return arrays of that shape. Rates are positive volumes; pressures are gauge (0 = open air).

Pressure bookkeeping. The undisturbed reservoir carries a column of water that has come to the
temperature of the rock and stands ``static_level_m`` below the ground:

    p_res = integral over the geotherm of rho(T) g dz,  from static_level to the reservoir depth

A running well holds water of another temperature, so the difference of the two columns helps or
hinders: that is the thermosiphon (hot producer lifted, cold injector sinking).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twin_models.types import SECONDS_PER_DAY
from twin_models.water import density_kg_m3, viscosity_pa_s

GRAVITY_M_S2 = 9.80665
PA_PER_BAR = 1e5
RAMEY_MIN_DAYS = 7.0  # the line-source time function holds after about a week
ROUGHNESS_M = 1e-4  # new to lightly scaled steel casing; Colebrook e of GEOPHIRES-X WellBores.py
PUMP_EFFICIENCY = 0.65  # wire to water; sources span 0.6 (PyThermoNomics) to 0.8 (GEOPHIRES-X)

Values = Any  # float or array


def water_density_kg_m3(temperature_degc: Values) -> np.ndarray:
    """Density of pure water (kg/m3), temperatures held to 0-150 degC (``water.density_kg_m3``).

    At 150 bar water is about 0.6 % heavier and geothermal brine some tenths of a per cent more; differences
    of columns, which matter here, are hardly touched.
    """
    return density_kg_m3(np.clip(np.asarray(temperature_degc, dtype=np.float64), 0.0, 150.0))


def water_viscosity_mpas(temperature_degc: Values) -> np.ndarray:
    """Viscosity of water for pipe friction (mPa s), temperatures held to 0-250 degC (``water``)."""
    return viscosity_pa_s(np.clip(np.asarray(temperature_degc, dtype=np.float64), 0.0, 250.0)) * 1e3


def ramey_time_function(
    elapsed_days: Values,
    radius_m: Values,
    *,
    rock_conductivity_w_mk: float = 2.5,
    rock_heat_capacity_mj_m3k: float = 2.2,
) -> np.ndarray:
    """Ramey (1962), JPT 14(4), 427-435: f = -ln(r_w / (2 sqrt(alpha t))) - 0.290.

    Days of flow below ``RAMEY_MIN_DAYS`` are taken as that. For seasonal use hand in days of flow.
    """
    diffusivity = rock_conductivity_w_mk / (rock_heat_capacity_mj_m3k * 1e6)
    seconds = np.maximum(np.asarray(elapsed_days, dtype=np.float64), RAMEY_MIN_DAYS) * SECONDS_PER_DAY
    f = np.log(2.0 * np.sqrt(diffusivity * seconds) / np.asarray(radius_m)) - 0.290
    return np.maximum(f, 0.1)


def ramey_length_m(
    flow_m3_h: Values,
    elapsed_days: Values,
    *,
    radius_m: Values = 0.1,
    rock_conductivity_w_mk: float = 2.5,
    rock_heat_capacity_mj_m3k: float = 2.2,
    water_density: Values = 980.0,
    water_heat_capacity_j_kgk: float = 4190.0,
) -> np.ndarray:
    """Relaxation length A = W c f(t) / (2 pi k_e), no resistance in the casing. Zero flow gives 0."""
    f = ramey_time_function(
        elapsed_days,
        radius_m,
        rock_conductivity_w_mk=rock_conductivity_w_mk,
        rock_heat_capacity_mj_m3k=rock_heat_capacity_mj_m3k,
    )
    mass_kg_s = np.asarray(flow_m3_h, dtype=np.float64) / 3600.0 * water_density
    return mass_kg_s * water_heat_capacity_j_kgk * f / (2.0 * np.pi * rock_conductivity_w_mk)


def wellhead_temperature_degc(
    bottom_degc: Values,
    flow_m3_h: Values,
    *,
    measured_depth_m: Values,
    elapsed_days: Values,
    surface_degc: Values = 12.0,
    rock_bottom_degc: Values | None = None,
    **ramey: Any,
) -> np.ndarray:
    """Temperature of produced water at the wellhead (Ramey 1962).

    ``bottom_degc``: water entering at the bottom. ``rock_bottom_degc``: undisturbed rock there; the
    water's own temperature when omitted (then it is Ramey's printed form). The rock temperature falls
    linearly along the hole from there to ``surface_degc``, gradient a = (T_rock - T_s) / MD, so a
    deviated well of measured depth MD and true depth TVD has a = gradient * TVD / MD:

        T = T_s + a A (1 - e) + (T_bottom - T_rock) e,   e = exp(-MD / A)

    ``ramey``: keywords of ``ramey_length_m``. Without flow the water is at the surface temperature.
    """
    bottom = np.asarray(bottom_degc, dtype=np.float64)
    rock = bottom if rock_bottom_degc is None else np.asarray(rock_bottom_degc, dtype=np.float64)
    length = ramey_length_m(flow_m3_h, elapsed_days, **ramey)
    depth = np.asarray(measured_depth_m, dtype=np.float64)
    decay = np.exp(-depth / np.maximum(length, 1e-6))
    gradient = (rock - surface_degc) / depth
    return surface_degc + gradient * length * (1.0 - decay) + (bottom - rock) * decay


def injected_bottom_degc(
    wellhead_degc: Values,
    flow_m3_h: Values,
    *,
    measured_depth_m: Values,
    elapsed_days: Values,
    rock_bottom_degc: Values,
    surface_degc: Values = 12.0,
    **ramey: Any,
) -> np.ndarray:
    """Temperature at which injected water reaches the reservoir (Ramey 1962).

        T = a z + T_s - a A + (T_in + a A - T_s) exp(-z / A),   z = MD,   a = (T_rock - T_s) / MD

    Without flow it is that of the rock.
    """
    length = ramey_length_m(flow_m3_h, elapsed_days, **ramey)
    depth = np.asarray(measured_depth_m, dtype=np.float64)
    gradient = (np.asarray(rock_bottom_degc, dtype=np.float64) - surface_degc) / depth
    decay = np.exp(-depth / np.maximum(length, 1e-6))
    return rock_bottom_degc - gradient * length + (wellhead_degc + gradient * length - surface_degc) * decay


def friction_factor(reynolds: Values, relative_roughness: Values) -> np.ndarray:
    """Darcy friction factor: 64/Re below Re 2300, else Colebrook (1939) by three fixed-point steps.

    The start is Haaland (1983), J. Fluids Eng. 105, 89-90, itself within 2 %; three steps leave less
    than 1e-4 of relative error.
    """
    re = np.maximum(np.asarray(reynolds, dtype=np.float64), 1e-9)
    rough = np.asarray(relative_roughness, dtype=np.float64)
    turbulent = np.maximum(re, 2300.0)
    x = -1.8 * np.log10((rough / 3.7) ** 1.11 + 6.9 / turbulent)
    for _ in range(3):
        x = -2.0 * np.log10(rough / 3.7 + 2.51 * x / turbulent)
    return np.where(re < 2300.0, 64.0 / re, 1.0 / (x * x))


def friction_bar(
    flow_m3_h: Values,
    *,
    measured_depth_m: Values,
    temperature_degc: Values,
    inner_radius_m: Values = 0.1,
    roughness_m: float = ROUGHNESS_M,
) -> np.ndarray:
    """Friction loss in the casing (bar): f rho v^2 L / (2 d) (Darcy-Weisbach)."""
    diameter = 2.0 * np.asarray(inner_radius_m, dtype=np.float64)
    rho = water_density_kg_m3(temperature_degc)
    speed = np.abs(np.asarray(flow_m3_h, dtype=np.float64)) / 3600.0 / (np.pi * diameter**2 / 4.0)
    reynolds = rho * speed * diameter / (water_viscosity_mpas(temperature_degc) * 1e-3)
    factor = friction_factor(reynolds, roughness_m / diameter)
    return factor * rho * speed**2 * measured_depth_m / (2.0 * diameter) / PA_PER_BAR


def column_bar(true_depth_m: Values, top_degc: Values, bottom_degc: Values) -> np.ndarray:
    """Weight of a water column (bar) whose temperature goes linearly from top to bottom.

    Three-point Gauss-Legendre rule on the density (better than 1e-6 over 150 K).
    """
    middle = (np.asarray(top_degc, dtype=np.float64) + bottom_degc) / 2.0
    half = (np.asarray(bottom_degc, dtype=np.float64) - top_degc) / 2.0 * np.sqrt(0.6)
    rho = (
        5.0 * water_density_kg_m3(middle - half)
        + 8.0 * water_density_kg_m3(middle)
        + 5.0 * water_density_kg_m3(middle + half)
    ) / 18.0
    return rho * GRAVITY_M_S2 * true_depth_m / PA_PER_BAR


def reservoir_pressure_bar(
    true_depth_m: Values,
    *,
    static_level_m: Values = 0.0,
    surface_degc: Values = 12.0,
    rock_bottom_degc: Values = 70.0,
) -> np.ndarray:
    """Undisturbed gauge pressure (bar) under a column at rock temperature, standing at the static level."""
    depth = np.asarray(true_depth_m, dtype=np.float64)
    share = np.asarray(static_level_m, dtype=np.float64) / depth
    top = surface_degc + share * (np.asarray(rock_bottom_degc, dtype=np.float64) - surface_degc)
    return column_bar(depth - static_level_m, top, rock_bottom_degc)


@dataclass(frozen=True)
class Lift:
    """What a producer's pump must do. Arrays of one shape.

    ``pump_bar``: pressure the pump adds (0 for a well that flows by itself at the wanted rate).
    ``lift_m``: the same as head of hot water. ``dynamic_level_m``: water level in the pumped well below
    the ground. ``thermosiphon_bar``: lighter hot column against the rock-temperature one.
    """

    pump_bar: np.ndarray
    lift_m: np.ndarray
    dynamic_level_m: np.ndarray
    power_kw: np.ndarray
    friction_bar: np.ndarray
    thermosiphon_bar: np.ndarray


def production_lift(
    flow_m3_h: Values,
    drawdown_bar: Values,
    *,
    true_depth_m: Values,
    measured_depth_m: Values,
    bottom_degc: Values,
    wellhead_degc: Values,
    static_level_m: Values = 0.0,
    surface_degc: Values = 12.0,
    rock_bottom_degc: Values | None = None,
    wellhead_pressure_bar: Values = 2.0,
    inner_radius_m: Values = 0.1,
    efficiency: float = PUMP_EFFICIENCY,
) -> Lift:
    """Pump pressure and electric power (kW) of a producer.

        p_pump = p_wellhead + hot column + friction + drawdown - p_res,   P = p_pump Q / efficiency

    ``drawdown_bar``: positive fall of pressure at the well, well losses included.
    """
    rock = bottom_degc if rock_bottom_degc is None else rock_bottom_degc
    resting = reservoir_pressure_bar(
        true_depth_m, static_level_m=static_level_m, surface_degc=surface_degc, rock_bottom_degc=rock
    )
    hot = column_bar(true_depth_m, wellhead_degc, bottom_degc)
    mean_degc = (np.asarray(bottom_degc, dtype=np.float64) + wellhead_degc) / 2.0
    friction = friction_bar(
        flow_m3_h,
        measured_depth_m=measured_depth_m,
        temperature_degc=mean_degc,
        inner_radius_m=inner_radius_m,
    )
    level_bar = hot + friction + drawdown_bar - resting
    flow_m3_s = np.asarray(flow_m3_h, dtype=np.float64) / 3600.0
    pump = np.where(flow_m3_s > 0.0, np.maximum(level_bar + wellhead_pressure_bar, 0.0), 0.0)
    bar_per_m = water_density_kg_m3(mean_degc) * GRAVITY_M_S2 / PA_PER_BAR
    return Lift(
        pump_bar=pump,
        lift_m=pump / bar_per_m,
        dynamic_level_m=level_bar / bar_per_m,
        power_kw=pump * PA_PER_BAR * flow_m3_s / efficiency / 1e3,
        friction_bar=friction,
        thermosiphon_bar=column_bar(true_depth_m, surface_degc, rock) - hot,
    )


@dataclass(frozen=True)
class Injection:
    """What it takes to press water back. Arrays of one shape.

    ``wellhead_bar``: gauge pressure needed at the head, never below 0. ``gravity``: whether the weight
    of the cold column alone takes the rate. ``spare_head_m``: depth of the water level below the ground
    when it does (negative: head missing). ``thermosiphon_bar``: heavier cold column against the
    rock-temperature one.
    """

    wellhead_bar: np.ndarray
    gravity: np.ndarray
    spare_head_m: np.ndarray
    power_kw: np.ndarray
    friction_bar: np.ndarray
    thermosiphon_bar: np.ndarray


def injection_pressure(
    flow_m3_h: Values,
    pressure_rise_bar: Values,
    *,
    true_depth_m: Values,
    measured_depth_m: Values,
    wellhead_degc: Values,
    bottom_degc: Values,
    rock_bottom_degc: Values,
    static_level_m: Values = 0.0,
    surface_degc: Values = 12.0,
    inner_radius_m: Values = 0.1,
    efficiency: float = PUMP_EFFICIENCY,
) -> Injection:
    """Wellhead pressure and pump power (kW) of an injector.

        p_wellhead = p_res + rise + friction - cold column;  at or below 0 the water runs in by itself

    ``pressure_rise_bar``: positive rise of pressure at the well, well losses included.
    """
    resting = reservoir_pressure_bar(
        true_depth_m,
        static_level_m=static_level_m,
        surface_degc=surface_degc,
        rock_bottom_degc=rock_bottom_degc,
    )
    cold = column_bar(true_depth_m, wellhead_degc, bottom_degc)
    mean_degc = (np.asarray(bottom_degc, dtype=np.float64) + wellhead_degc) / 2.0
    friction = friction_bar(
        flow_m3_h,
        measured_depth_m=measured_depth_m,
        temperature_degc=mean_degc,
        inner_radius_m=inner_radius_m,
    )
    needed = resting + pressure_rise_bar + friction - cold
    pressure = np.maximum(needed, 0.0)
    flow_m3_s = np.asarray(flow_m3_h, dtype=np.float64) / 3600.0
    bar_per_m = water_density_kg_m3(mean_degc) * GRAVITY_M_S2 / PA_PER_BAR
    return Injection(
        wellhead_bar=pressure,
        gravity=needed <= 0.0,
        spare_head_m=-needed / bar_per_m,
        power_kw=pressure * PA_PER_BAR * flow_m3_s / efficiency / 1e3,
        friction_bar=friction,
        thermosiphon_bar=cold - column_bar(true_depth_m, surface_degc, rock_bottom_degc),
    )

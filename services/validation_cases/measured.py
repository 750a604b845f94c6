"""Measured cases: heat stored and drawn again, an injector that clogs, a field after five seasons."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from services.validation import Outcome
from services.validation_cases.common import ENGINES, Inputs, box, forecast
from services.validation_cases.common import wells as wells_of
from twin_models.analytic import DARCY_MD_M2, GRAVITY_M_S2
from twin_models.simulators.clogging import clogging_bar
from twin_models.types import DAYS_PER_YEAR, Clogging
from twin_models.water import density_kg_m3, viscosity_pa_s
from twin_models.wellbore import wellhead_temperature_degc

COLD_WATER_MPAS = 1.0  # at which a conductivity in m/d of shallow ground is told


def _auburn(inputs: Inputs) -> Outcome:
    """Fill at an even rate, rest, draw the same volume; heat counted above the ground's own temperature."""
    fill, rest, draw = inputs["charge_days"], inputs["rest_days"], inputs["draw_days"]
    volume, hot = inputs["injected_m3"], inputs["injected_degc"]
    schedule = [
        [0.0, volume / fill / 24.0, hot],
        [fill, 0.0],
        [fill + rest, -volume / draw / 24.0],
    ]
    layer = dict(inputs["reservoir"]["layers"][0])
    metres_per_second = inputs["hydraulic_conductivity_m_d"] / 86400.0
    layer["permeability_md"] = (
        metres_per_second * COLD_WATER_MPAS * 1e-3 / (998.0 * GRAVITY_M_S2) / DARCY_MD_M2
    )
    well = {**inputs["wells"][0], "schedule": schedule}
    days = np.arange(0.5, draw)
    years = (fill + rest + days) / DAYS_PER_YEAR
    cold, shown, rows, parts = layer["temperature_degc"], [0, 10, 20, 30, 40], {}, {}
    # a fluid of constant viscosity has one density: it does not rise
    for name, fluid in (("drawn", "water"), ("sinking", COLD_WATER_MPAS)):
        ground = {**inputs["reservoir"], "layers": [layer], "fluid": {"viscosity": fluid}}
        degc = forecast({"reservoir": ground, "wells": [well]}, years).temperature_degc["S"]
        parts[name] = 100.0 * float(np.mean(degc - cold)) / (hot - cold)
        rows[name] = degc[shown]
    figures = {"recovered_pct": parts["drawn"], "without_rise_pct": parts["sinking"]}
    return Outcome(figures, [0.5 + n for n in shown], rows)


auburn_cycle_2 = _auburn
auburn_cycle_5 = _auburn
auburn_cycle_6 = _auburn


def linqing_rh1(inputs: Inputs) -> Outcome:
    """What the measured loss of conductivity costs in pressure, for the whole sand or as a skin of the well."""
    before, after = inputs["before_m_d"], inputs["after_m_d"]
    lost = before / after
    degc = inputs["reference_degc"]
    md = (
        before
        / 86400.0
        * float(viscosity_pa_s(degc))
        / (float(density_kg_m3(degc)) * GRAVITY_M_S2)
        / DARCY_MD_M2
    )
    layer = inputs["reservoir"]["layers"][0]
    worse = [{**layer, "permeability_md": layer["permeability_md"] / lost}]
    fresh = forecast(inputs, [1.0]).pressure_change_bar["RH1"][0]
    spoiled = forecast(inputs, [1.0], layers=worse).pressure_change_bar["RH1"][0]
    # dp = a (ln-part + skin): one run with a known skin gives both parts
    probe = 5.0
    skinned = _with_skin(inputs, probe)
    per_skin = (skinned - fresh) / probe
    skin = (lost - 1.0) * fresh / per_skin
    ends = np.array([7.0, inputs["season_days"]])
    pipe = inputs["wellhead"]
    head = wellhead_temperature_degc(
        pipe["bottom_degc"], pipe["rate_m3_h"], measured_depth_m=pipe["measured_depth_m"], elapsed_days=ends
    )
    return Outcome(
        {
            "loss_pct": 100.0 * (1.0 - after / before),
            "md_before": md,
            "pressure_ratio": (float(spoiled / fresh), lost),
            "skin": float(skin),
            "skin_ratio": (_with_skin(inputs, float(skin)) / fresh, lost),
            "law_ratio": (1.0 + _clogged(inputs, lost) / fresh, lost),
            "flushed_m3_h": inputs["predicted_m3_h"] / (1.0 + _clogged(inputs, lost, flush_days=7.0) / fresh),
            "left_m3_h": inputs["predicted_m3_h"] / lost,
            "decay_per_day": float(np.log(lost)) / inputs["season_days"],
            "warming_k": float(head[1] - head[0]),
        }
    )


def _clogged(inputs: Inputs, lost: float, *, flush_days: float | None = None) -> float:
    """Pressure (bar) that clogging adds to RH1 at the end of its season, with the measured rate of loss."""
    daily = -math.expm1(-math.log(lost) / inputs["season_days"])
    injector = next(w for w in wells_of(inputs) if w.name == "RH1")
    clogging = Clogging(daily, backflush_days=flush_days, restored=0.9)
    added = clogging_bar(
        box(inputs), [replace(injector, clogging=clogging)], np.array([1.0]), inputs["season_days"]
    )
    return float(added["RH1"][0])


def _with_skin(inputs: Inputs, skin: float) -> float:
    injector, producer = inputs["wells"]
    asked = {**inputs, "wells": [{**injector, "skin": skin}, producer]}
    return float(forecast(asked, [1.0]).pressure_change_bar["RH1"][0])


def caofeidian_five_seasons(inputs: Inputs) -> Outcome:
    """The shipped scheme of today's wells, run for the seasons that have been reported."""
    from scenarios.scheme import read_scheme
    from twin_models.sites import load_site

    site = load_site(inputs["site"])
    file = next(f for f in site.schemes if f.path.stem == inputs["scheme"])
    scheme = read_scheme(file.path)
    ground = scheme.ground()
    wells = [
        replace(w, temperature_degc=inputs["injected_degc"]) if w.kind == "injector" else w
        for w in scheme.ground_wells()
    ]
    up = [w for w in wells if w.kind == "producer"]
    down = [w for w in wells if w.kind == "injector"]
    years = np.array([0.01, float(inputs["seasons"])])
    found = {
        name: ENGINES[name].forecast(ground, wells, years, season_days=scheme.season_days)
        for name in ("tvd", "live")
    }

    def cooling(name: str) -> float:
        return max(float(t[0] - t[1]) for w in up for t in [found[name].temperature_degc[w.name]])

    rates = np.array([w.rate_m3_h for w in up])
    bottom = np.array([found["tvd"].temperature_degc[w.name][1] for w in up])
    head = wellhead_temperature_degc(
        bottom, rates, measured_depth_m=inputs["depth_m"], elapsed_days=inputs["seasons"] * scheme.season_days
    )
    capacity = ground.fluid.heat_capacity_mj_m3k
    heat = float(np.sum(rates / 3600.0 * (head - inputs["injected_degc"]))) * capacity
    design = inputs["heated_m2"] * inputs["actual_w_m2"] / 1e6
    rise = [found["tvd"].pressure_change_bar[w.name][1] for w in down]
    return Outcome(
        {
            "cooling_k": cooling("tvd"),
            "cooling_live_k": cooling("live"),
            "wellhead_degc": float(np.average(head, weights=rates)),
            "rate_m3_h": float(rates.mean()),
            "reinjected_m3_h": float(np.mean([w.rate_m3_h for w in down])),
            "heat_mw": (heat, design),
            "load_factor": inputs["annual_heat_j"] / (design * 1e6 * 120.0 * 86400.0),
            "pressure_bar": float(np.mean(rise)),
        }
    )

"""Closed forms of the literature (``twin_models.analytic``) against the simulation and the streamline estimate."""

from __future__ import annotations

import numpy as np

from services.validation import Outcome
from services.validation_cases.common import Inputs, box, drop_year, forecast, rms, volumetric, worst
from twin_models import analytic
from twin_models.types import DAYS_PER_YEAR, SECONDS_PER_DAY, SECONDS_PER_YEAR
from twin_models.wellbore import injected_bottom_degc, wellhead_temperature_degc

PA_PER_BAR = 1e5
RELATIVE_STEADY = 0.01


def thiem(inputs: Inputs) -> Outcome:
    """Drawdown of a doublet as half the difference of its two wells' pressures, in metres of water."""
    to_m = PA_PER_BAR / (inputs["density_kg_m3"] * analytic.GRAVITY_M_S2)
    figures: dict[str, float] = {}
    for side, changed in inputs["sides"].items():
        for engine, name in (("tvd", side), ("live", f"{side}_live")):
            shifted = {**inputs, "wells": [{**w, "y_m": changed["y_m"]} for w in inputs["wells"]]}
            change = forecast(shifted, [1.0], engine, boundary=changed["boundary"]).pressure_change_bar
            figures[name] = 0.5 * to_m * float(change["I"][0] - change["P"][0])
    seal = inputs["fault"]
    shifted = {**inputs, "wells": [{**w, "y_m": seal["y_m"]} for w in inputs["wells"]]}
    for engine, name in (("tvd", "fault"), ("live", "fault_live")):
        cut = [{"points_m": seal["trace_m"], "transmissibility": 0.0}]
        change = forecast(shifted, [1.0], engine, faults=cut).pressure_change_bar
        figures[name] = 0.5 * to_m * float(change["I"][0] - change["P"][0])
    return Outcome(figures)


def theis(inputs: Inputs) -> Outcome:
    """The formula against tabulated values, the simulation against it, and how long the transient lasts."""
    t = analytic.transmissivity_m2_s(
        inputs["permeability_md"], inputs["thickness_m"], inputs["viscosity_mpas"], inputs["density_kg_m3"]
    )
    storage = inputs["density_kg_m3"] * analytic.GRAVITY_M_S2 * inputs["thickness_m"]
    storage *= inputs["porosity"] * inputs["compressibility_per_pa"]
    flow = inputs["rate_m3_h"] / 3600.0
    radius, gap = inputs["well_radius_m"], inputs["spacing_m"]
    table = np.array(inputs["table"])
    got = analytic.theis_drawdown_m(
        table[:, 0], table[:, 1], flow_m3_s=flow, transmissivity=t, storativity=storage
    )

    def doublet(seconds: float) -> float:
        own, other = analytic.theis_drawdown_m(
            np.array([radius, gap]), seconds, flow_m3_s=flow, transmissivity=t, storativity=storage
        )
        return float(own - other)

    steady = flow / (2.0 * np.pi * t) * np.log(gap / radius)
    seconds = np.geomspace(1.0, 1e8, 4001)
    close = next(s for s in seconds if abs(doublet(s) - steady) <= RELATIVE_STEADY * steady)
    single = analytic.theis_drawdown_m(
        radius,
        np.array([1.0, 30.0]) * SECONDS_PER_YEAR,
        flow_m3_s=flow,
        transmissivity=t,
        storativity=storage,
    )

    def lone(r_m: float, days: float) -> float:
        found = analytic.theis_drawdown_m(
            r_m, days * SECONDS_PER_DAY, flow_m3_s=flow, transmissivity=t, storativity=storage
        )
        return float(found)

    pumped, rested, far = inputs["pumped_days"], inputs["rested_days"], inputs["far_m"]
    told = _pumped(inputs)
    return Outcome(
        {
            "transient_well_m": (told[0], lone(radius, pumped)),
            "transient_far_m": (told[1], lone(far, pumped)),
            "recovery_m": (told[2], lone(radius, pumped + rested) - lone(radius, rested)),
            "table_error": float(np.max(np.abs(got / table[:, 2] - 1.0))),
            "steady_m": (doublet(30.0 * SECONDS_PER_YEAR), steady),
            "hours_to_steady": float(close) / 3600.0,
            "unbalanced_growth_m": float(single[1] - single[0]),
        }
    )


def _pumped(inputs: Inputs) -> list[float]:
    """Drawdowns of the simulation (m): in the well and far away at the end of pumping, in the well after a rest."""
    layer = {"name": "sand", "top_m": 1400.0, "thickness_m": inputs["thickness_m"]}
    layer |= {"porosity": inputs["porosity"], "permeability_md": inputs["permeability_md"]}
    ground = {
        "extent_m": [inputs["extent_m"]] * 2,
        "cell_m": inputs["cell_m"],
        "confining": None,
        "layers": [layer],
        "fluid": {"viscosity": inputs["viscosity_mpas"]},
        "compressibility_per_pa": inputs["compressibility_per_pa"],
    }
    middle, pumped = 0.5 * inputs["extent_m"] + 0.5 * inputs["cell_m"], inputs["pumped_days"]
    steps = [[0.0, inputs["rate_m3_h"]], [pumped, 0.0]]
    well = {"name": "P", "kind": "producer", "x_m": middle, "y_m": middle, "schedule": steps}
    case = {"reservoir": ground, "wells": [well], "monitors": [[middle + inputs["far_m"], middle]]}
    days = np.array([pumped, pumped + inputs["rested_days"]])
    change = forecast(case, days / DAYS_PER_YEAR).pressure_change_bar
    to_m = -PA_PER_BAR / (inputs["density_kg_m3"] * analytic.GRAVITY_M_S2)
    return [to_m * float(v) for v in (change["P"][0], change["M0"][0], change["P"][1])]


def _at_monitors(inputs: Inputs, engine: str) -> np.ndarray:
    """Temperatures at the pairs (monitor, year) that a case lists."""
    years = sorted({float(y) for _, y in inputs["looks"]})
    found = forecast(inputs, years, engine).temperature_degc
    return np.array([found[f"M{m}"][years.index(float(y))] for m, y in inputs["looks"]])


def _looked(inputs: Inputs, exact: np.ndarray, *, live: bool) -> Outcome:
    got = _at_monitors(inputs, "tvd")
    rows = {"formula": exact, "simulation": got}
    figures = {"worst_k": worst(got, exact), "formula_error_k": worst(exact, inputs["printed_degc"])}
    if live:
        rows["live"] = _at_monitors(inputs, "live")
        figures["worst_live_k"] = worst(rows["live"], exact)
    return Outcome(figures, [str(look) for look in inputs["look_names"]], rows)


def _lauwerier(inputs: Inputs, arrival_s: np.ndarray, years: np.ndarray) -> Outcome:
    ground = box(inputs)
    _, bulk = volumetric(ground)
    rock = ground.confining
    assert rock is not None
    exact = analytic.lauwerier_degc(
        years * SECONDS_PER_YEAR,
        arrival_s,
        ground.layers[0].thickness_m,
        initial_degc=70.0,
        injected_degc=25.0,
        rc_aquifer=bulk,
        k_rock=rock.conductivity_w_mk,
        rc_rock=rock.heat_capacity_mj_m3k * 1e6,
    )
    return _looked(inputs, exact, live=True)


def _looks(inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """Distance from the injector at the origin (m) and time (years) of every look."""
    place = [np.hypot(*inputs["monitors"][m]) for m, _ in inputs["looks"]]
    return np.array(place, dtype=np.float64), np.array([y for _, y in inputs["looks"]], dtype=np.float64)


def lauwerier_linear(inputs: Inputs) -> Outcome:
    water, bulk = volumetric(box(inputs))
    x = np.array([inputs["monitors"][m][0] for m, _ in inputs["looks"]], dtype=np.float64)
    arrival = analytic.linear_arrival_s(x, inputs["darcy_m_s"], rc_water=water, rc_aquifer=bulk)
    return _lauwerier(inputs, arrival, _looks(inputs)[1])


def lauwerier_radial(inputs: Inputs) -> Outcome:
    ground = box(inputs)
    water, bulk = volumetric(ground)
    r, years = _looks(inputs)
    flow = inputs["wells"][0]["rate_m3_h"] / 3600.0
    arrival = analytic.radial_arrival_s(
        r, flow, ground.layers[0].thickness_m, rc_water=water, rc_aquifer=bulk
    )
    return _lauwerier(inputs, arrival, years)


def _avdonin(inputs: Inputs) -> Outcome:
    ground = box(inputs)
    water, bulk = volumetric(ground)
    r, years = _looks(inputs)
    exact = analytic.avdonin_radial_degc(
        r,
        years * SECONDS_PER_YEAR,
        flow_m3_s=inputs["wells"][0]["rate_m3_h"] / 3600.0,
        thickness_m=ground.layers[0].thickness_m,
        initial_degc=float(ground.layers[0].temperature_degc),
        injected_degc=inputs["wells"][0]["temperature_degc"],
        rc_water=water,
        rc_aquifer=bulk,
        conductivity=ground.layers[0].conductivity_w_mk,
    )
    return _looked(inputs, exact, live=False)


avdonin_near = _avdonin
avdonin_far = _avdonin


def ogata_banks(inputs: Inputs) -> Outcome:
    """The side held at the injected temperature is a first cell through which much more water circulates."""
    ground = box(inputs)
    water, bulk = volumetric(ground)
    x = np.array([inputs["monitors"][m][0] for m, _ in inputs["looks"]], dtype=np.float64)
    exact = analytic.ogata_banks_degc(
        x,
        _looks(inputs)[1] * SECONDS_PER_YEAR,
        darcy_m_s=inputs["darcy_m_s"],
        initial_degc=70.0,
        injected_degc=25.0,
        rc_water=water,
        rc_aquifer=bulk,
        conductivity=ground.layers[0].conductivity_w_mk,
    )
    got = _at_monitors(inputs, "tvd")
    rows = {"formula": exact, "simulation": got}
    return Outcome({"worst_k": worst(got, exact)}, [str(n) for n in inputs["look_names"]], rows)


def exact_doublet(inputs: Inputs, years: np.ndarray, *, rock: bool) -> np.ndarray:
    """Gringarten and Sauty's answer for the doublet of a case."""
    ground = box(inputs)
    water, bulk = volumetric(ground)
    injector, producer = inputs["wells"]
    side = ground.confining
    return analytic.gringarten_sauty_degc(
        years * SECONDS_PER_YEAR,
        float(np.hypot(injector["x_m"] - producer["x_m"], injector["y_m"] - producer["y_m"])),
        ground.layers[0].thickness_m,
        injector["rate_m3_h"] / 3600.0,
        initial_degc=float(ground.layers[0].temperature_degc),
        injected_degc=injector["temperature_degc"],
        rc_water=water,
        rc_aquifer=bulk,
        k_rock=side.conductivity_w_mk if rock and side else 0.0,
        rc_rock=side.heat_capacity_mj_m3k * 1e6 if rock and side else 0.0,
    )


def wider(inputs: Inputs, times: float) -> Inputs:
    """The same wells in a box so many times as wide, about the same centre."""
    ground = inputs["reservoir"]
    more = {name: [times * v for v in ground[name]] for name in ("extent_m", "origin_m")}
    return {**inputs, "reservoir": {**ground, **more}}


def _gringarten_sauty(inputs: Inputs) -> Outcome:
    rock = inputs["reservoir"].get("confining", {}) is not None
    years = np.arange(0.5, 50.01, 0.5)
    exact = exact_doublet(inputs, years, rock=rock)
    fine = np.arange(10.0, 30.0, 0.01)
    drop = drop_year(fine, exact_doublet(inputs, fine, rock=rock), initial_degc=70.0)
    printed = exact[[19, 39, 59, 79, 99]]
    figures: dict[str, object] = {"formula_error_k": worst(printed, inputs["printed_degc"])}
    rows = {"formula": printed}
    wide = wider(inputs, 2.0)
    runs = (("m30", inputs, "tvd", 30.0), ("m15", inputs, "tvd", 15.0), ("wide", wide, "tvd", 15.0))
    for name, asked, engine, cell in (*runs, ("live", inputs, "live", 30.0)):
        got = forecast(asked, years, engine, cell_m=cell).temperature_degc["P"]
        figures[f"rms_{name}"] = rms(got, exact)
        figures[f"max_{name}"] = worst(got, exact)
        figures[f"drop_{name}"] = (drop_year(years, got, initial_degc=70.0), drop)
        rows[name] = got[[19, 39, 59, 79, 99]]
    return Outcome(figures, [10, 20, 30, 40, 50], rows)


gringarten_sauty_rock = _gringarten_sauty
gringarten_sauty_no_rock = _gringarten_sauty


def ramey(inputs: Inputs) -> Outcome:
    """Wellhead of a producer and bottom of an injector against the printed form."""
    up, down = [], []
    for length, rate, days, _, _ in inputs["table"]:
        more = {"measured_depth_m": length, "elapsed_days": days}
        # the printed form has its gradient and surface apart from each other: 0.03 K/m down from 10 degC
        bottom = inputs["bottom_degc"]
        up.append(
            wellhead_temperature_degc(
                bottom, rate, surface_degc=bottom - inputs["gradient_k_m"] * length, **more
            )
        )
        rock = inputs["surface_degc"] + inputs["gradient_k_m"] * length
        down.append(
            injected_bottom_degc(
                inputs["injected_degc"],
                rate,
                surface_degc=inputs["surface_degc"],
                rock_bottom_degc=rock,
                **more,
            )
        )
    printed = np.array(inputs["table"], dtype=np.float64)
    figures = {"up_k": worst(up, printed[:, 3]), "down_k": worst(down, printed[:, 4])}
    rows = {"up_printed": printed[:, 3], "up": up, "down_printed": printed[:, 4], "down": down}
    return Outcome(figures, [str(n) for n in inputs["names"]], rows)


def patterns(inputs: Inputs) -> Outcome:
    """Elements of well patterns: wells in the corners or on the sides of a closed box, at multiples of breakthrough."""
    ground, rows, figures = box(inputs), {}, {}
    water, bulk = volumetric(ground)
    flow = inputs["rate_m3_h"] / 3600.0
    hot, cold = float(np.mean(ground.layers[0].temperature_degc)), inputs["injected_degc"]
    for name, case in inputs["patterns"].items():
        wide, deep = case["extent_m"]
        filled = wide * deep * ground.layers[0].thickness_m * bulk / (water * flow) / SECONDS_PER_YEAR
        pair = [
            {
                "name": "I",
                "kind": "injector",
                "temperature_degc": cold,
                "x_m": case["injector"][0],
                "y_m": 0.0,
            },
            {"name": "P", "kind": "producer", "x_m": wide, "y_m": deep},
        ]
        asked = {**inputs, "wells": [{**w, "rate_m3_h": inputs["rate_m3_h"]} for w in pair]}
        years = filled * case["sweep"] * np.array(inputs["times"])
        found = forecast(asked, years, extent_m=case["extent_m"])
        rows[name] = hot - (hot - cold) * np.array(case["arrived"])
        rows[f"{name}_simulated"] = found.temperature_degc["P"]
        figures[f"{name}_k"] = worst(rows[name], rows[f"{name}_simulated"])
        if name == "five_spot":
            change = found.pressure_change_bar
            figures["five_spot_bar"] = float(change["I"][0] - change["P"][0])
    return Outcome(figures, [f"{x:g}" for x in inputs["times"]], rows)

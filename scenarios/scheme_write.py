"""Writes schemes as they stand in a file; ``scheme_file.read`` gives the same scheme back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from scenarios.schema_io import thaw
from scenarios.scheme import FORMAT, Scheme, SchemeWell
from twin_models.types import Confining, FaultLine, Fluid, Layer, Reservoir, Step


def write(scheme: Scheme) -> dict[str, Any]:
    """The scheme as it stands in a file; ``read(write(s)) == s``."""
    out: dict[str, Any] = {
        "format": FORMAT,
        "name": scheme.name,
        "site": scheme.site,
        "reservoir": None if scheme.reservoir is None else reservoir_dict(scheme.reservoir),
        "wells": [well_dict(w) for w in scheme.wells],
        "years": scheme.years,
        "season_days": scheme.season_days,
        "output_years": list(scheme.output_years),
        "seed": scheme.seed,
    }
    if scheme.uses:
        out["uses"] = thaw(scheme.uses)
    if scheme.economics:
        out["economics"] = thaw(scheme.economics)
    if scheme.note:
        out["note"] = scheme.note
    if scheme.keep_out:
        out["keep_out"] = [[list(p) for p in ring] for ring in scheme.keep_out]
    return out


def well_dict(scheme_well: SchemeWell) -> dict[str, Any]:
    """A well as it stands in a file; optional keys only where they say something."""
    well = scheme_well.well
    out: dict[str, Any] = {"name": well.name, "kind": well.kind, "x_m": well.x_m, "y_m": well.y_m}
    if well.kind != "monitor" and (well.rate_m3_h or not well.schedule):
        out["rate_m3_h"] = well.rate_m3_h
    if well.temperature_degc is not None:
        out["temperature_degc"] = well.temperature_degc
    if well.layers is not None:
        out["layers"] = list(well.layers)
    if well.radius_m != 0.1:
        out["radius_m"] = well.radius_m
    if well.skin:
        out["skin"] = well.skin
    if (scheme_well.head_x_m, scheme_well.head_y_m) != (well.x_m, well.y_m) or well.trajectory:
        out["head_x_m"], out["head_y_m"] = scheme_well.head_x_m, scheme_well.head_y_m
    if well.trajectory is not None:
        out["trajectory"] = [list(point) for point in well.trajectory]
    if well.clogging is not None:
        out["clogging"] = {k: v for k, v in asdict(well.clogging).items() if v is not None}
    if well.schedule:
        out["schedule"] = [_step_dict(step) for step in well.schedule]
    if scheme_well.pad is not None:
        out["pad"] = scheme_well.pad
    if scheme_well.existing:
        out["existing"] = True
    if scheme_well.note:
        out["note"] = scheme_well.note
    return out


def _step_dict(step: Step) -> dict[str, Any]:
    out: dict[str, Any] = {"start_day": step.start_day, "rate_m3_h": step.rate_m3_h}
    if step.temperature_degc is not None:
        out["temperature_degc"] = step.temperature_degc
    return out


def reservoir_dict(reservoir: Reservoir) -> dict[str, Any]:
    """A box as it stands in a file."""
    out = {
        "extent_m": list(reservoir.extent_m),
        "origin_m": list(reservoir.origin_m),
        "cell_m": reservoir.cell_m,
        "boundary": reservoir.boundary,
        "layers": [_layer_dict(layer) for layer in reservoir.layers],
        "confining": None if reservoir.confining is None else _confining_dict(reservoir.confining),
        "fluid": _fluid_dict(reservoir.fluid),
    }
    if reservoir.faults:
        out["faults"] = [_fault_dict(fault) for fault in reservoir.faults]
    if reservoir.compressibility_per_pa is not None:
        out["compressibility_per_pa"] = reservoir.compressibility_per_pa
    if reservoir.refine is not None:
        out["refine"] = {"factor": reservoir.refine.factor, "radius_m": reservoir.refine.radius_m}
    return out


def _fault_dict(fault: FaultLine) -> dict[str, Any]:
    out: dict[str, Any] = {
        "name": fault.name,
        "points_m": [list(point) for point in fault.points_m],
        "transmissibility": fault.transmissibility,
    }
    if fault.layers is not None:
        out["layers"] = list(fault.layers)
    return out


def _layer_dict(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "top_m": layer.top_m,
        "thickness_m": layer.thickness_m,
        "cells": layer.cells,
        "porosity": _plain(layer.porosity),
        "permeability_md": _plain(layer.permeability_md),
        "kv_kh": layer.kv_kh,
        "temperature_degc": _plain(layer.temperature_degc),
        "rock_heat_capacity_mj_m3k": layer.rock_heat_capacity_mj_m3k,
        "conductivity_w_mk": layer.conductivity_w_mk,
        "net_to_gross": layer.net_to_gross,
    }


def _confining_dict(rock: Confining) -> dict[str, Any]:
    return {"conductivity_w_mk": rock.conductivity_w_mk, "heat_capacity_mj_m3k": rock.heat_capacity_mj_m3k}


def _fluid_dict(fluid: Fluid) -> dict[str, Any]:
    out = {
        "viscosity": fluid.viscosity,
        "heat_capacity_mj_m3k": fluid.heat_capacity_mj_m3k,
        "conductivity_w_mk": fluid.conductivity_w_mk,
    }
    if fluid.salinity_g_kg:
        out["salinity_g_kg"] = fluid.salinity_g_kg
    return out


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value

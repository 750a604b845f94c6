"""Stacks of permeable layers that exchange water freely, each seen as one sheet of flow.

Layers that touch are taken to be in vertical equilibrium: one pressure over the height, the flow divided by
permeability x thickness / viscosity. Impermeable layers separate units; a well open to several units divides
its rate between them in the same proportion, and units do not influence each other. So the estimate for a
layered reservoir costs one flat solution per unit.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from twin_models.errors import InputError
from twin_models.grid import Grid, Perforations, RecentlyUsed, grid_of, wells_to_cells
from twin_models.simulators.near_well import contrast_round, equivalent_radius_factor, lattice_kernel
from twin_models.simulators.pressure import PressureSystem, pressure_system
from twin_models.simulators.walls import near_walls, wall_loss
from twin_models.types import Reservoir, Well
from twin_models.water import fluid_viscosity_pa_s, fluidity_table

LEAST_CELLS = 12  # a box narrower than this gets no near-well mending: too many walls
LEAST_LOSS = 0.2  # lower bound of ln(r_e / r_w) + skin, as in ``grid``


@dataclass(frozen=True, eq=False)
class FlowUnit:
    """One sheet of flow. Sizes: nl layers, (ny, nx) cells.

    ``levels``: grid cells (k) of each layer; ``water`` (ny, nx): heat capacity of the permeable stack over
    that of water, m3 per cell; ``ratio`` (nl, ny, nx): travel time of heat in a layer over that of the stack;
    ``theta`` (nl, ny, nx): initial temperature; ``kappa`` (nl,): sqrt(K rc)/(rc_A h) of the rock around,
    1/sqrt(s); ``mobility`` (nl, ny, nx): k h / viscosity, m3/(Pa s), ``sheet_mobility`` its sum,
    ``resistance`` that sum's inverse; ``fluidity``: table of ``water``; ``thin``: 1 or 2 for a box one cell wide
    in y or x.
    """

    system: PressureSystem
    levels: tuple[np.ndarray, ...]
    water: np.ndarray
    ratio: np.ndarray
    theta: np.ndarray
    kappa: np.ndarray
    mobility: np.ndarray
    sheet_mobility: np.ndarray
    resistance: np.ndarray
    fluidity: np.ndarray
    thickness_m: np.ndarray
    kernel: np.ndarray
    aspect: float
    equivalent_radius_m: float
    thin: int
    middle_m: float

    @property
    def grid(self) -> Grid:
        return self.system.grid

    @property
    def mended(self) -> bool:
        return self.thin == 0 and min(self.grid.nx, self.grid.ny) >= LEAST_CELLS


@dataclass(frozen=True, eq=False)
class Place:
    """Where one well meets one unit. ``cx``, ``cy``: cell coordinates; ``share``: part of the well's rate;
    ``layer_share`` (nl,): of that part by layer; ``loss``: head fall per rate between equivalent radius and
    well, Pa s/m3; ``contrast``: 0..1, see ``near_well``."""

    cx: float
    cy: float
    share: float
    layer_share: np.ndarray
    loss: float
    contrast: float
    open_mobility: float


def _runs(permeable: np.ndarray) -> list[np.ndarray]:
    where = np.flatnonzero(permeable)
    return np.split(where, np.flatnonzero(np.diff(where) > 1) + 1)


def _effusivity(grid: Grid, k: int) -> float:
    """sqrt(conductivity x heat capacity) of the rock at level k, 0 if water flows there, of the confining
    rock outside the layers."""
    if 0 <= k < grid.nz:
        if grid.permeable[k]:
            return 0.0
        return math.sqrt(grid.conductivity_w_mk[k] * float(grid.heat_capacity_j_m3k[k].mean()))
    rock = grid.reservoir.confining
    return 0.0 if rock is None else math.sqrt(rock.conductivity_w_mk * rock.heat_capacity_mj_m3k * 1e6)


def _only(reservoir: Reservoir, grid: Grid, run: np.ndarray) -> Reservoir:
    """The reservoir with every layer outside the unit made impermeable."""
    kept = set(grid.layer_of[run].tolist())
    layers = tuple(
        layer if n in kept else replace(layer, permeability_md=0.0)
        for n, layer in enumerate(reservoir.layers)
    )
    return replace(reservoir, layers=layers)


def _unit(reservoir: Reservoir, grid: Grid, run: np.ndarray, single: bool) -> FlowUnit:
    system = pressure_system(reservoir if single else _only(reservoir, grid, run))
    levels = tuple(run[grid.layer_of[run] == n] for n in np.unique(grid.layer_of[run]))
    capacity = grid.heat_capacity_j_m3k * grid.dz_m[:, None, None]
    viscosity = fluid_viscosity_pa_s(reservoir.fluid, grid.temperature_degc)
    per_cell = grid.transmissivity_m3 / viscosity
    mobility = np.stack([per_cell[ks].sum(axis=0) for ks in levels])
    heat = np.stack([capacity[ks].sum(axis=0) for ks in levels])
    sheet = mobility.sum(axis=0)
    stack = heat.sum(axis=0)
    part = mobility / np.maximum(sheet, 1e-300)
    ratio = (heat / stack) / np.maximum(part, 1e-6)
    theta = np.stack([np.average(grid.temperature_degc[ks], axis=0, weights=grid.dz_m[ks]) for ks in levels])
    kappa = np.array(
        [
            0.5 * (_effusivity(grid, int(ks[0]) - 1) + _effusivity(grid, int(ks[-1]) + 1)) / float(h.mean())
            for ks, h in zip(levels, heat, strict=True)
        ]
    )
    aspect = grid.dy_m / grid.dx_m
    rounded = float(f"{aspect:.4g}")
    radius = equivalent_radius_factor(rounded) if 0.05 < aspect < 20.0 else 0.2
    return FlowUnit(
        system=system,
        levels=levels,
        water=np.ascontiguousarray(
            stack * grid.dx_m * grid.dy_m / (reservoir.fluid.heat_capacity_mj_m3k * 1e6)
        ),
        ratio=np.ascontiguousarray(ratio),
        theta=np.ascontiguousarray(theta),
        kappa=kappa,
        mobility=mobility,
        sheet_mobility=sheet,
        resistance=1.0 / np.maximum(sheet, 1e-6 * max(float(sheet.max()), 1e-300)),
        fluidity=fluidity_table(reservoir.fluid),
        thickness_m=np.array([float(grid.dz_m[ks].sum()) for ks in levels]),
        kernel=lattice_kernel(rounded) if 0.05 < aspect < 20.0 else lattice_kernel(1.0),
        aspect=aspect,
        equivalent_radius_m=radius * math.sqrt(grid.dx_m * grid.dy_m),
        thin=1 if grid.ny == 1 else (2 if grid.nx == 1 else 0),
        middle_m=float(grid.top_m[run[0]] + 0.5 * grid.dz_m[run].sum()),
    )


_UNITS = RecentlyUsed()
_PLACES = RecentlyUsed(4096)


def flow_units(reservoir: Reservoir) -> tuple[FlowUnit, ...]:
    """The units of a reservoir, from the top down, factors included (kept by the reservoir's key)."""

    def make() -> tuple[FlowUnit, ...]:
        grid = grid_of(reservoir)
        runs = _runs(grid.permeable)
        return tuple(_unit(reservoir, grid, run, len(runs) == 1) for run in runs)

    return _UNITS.get(reservoir.key, make)


def _crossing_xy(well: Well, depth_m: float) -> tuple[float, float]:
    """Where the well's path passes a depth (its target without a path; straight down below its end)."""
    if well.trajectory is None or len(well.trajectory) < 2:
        return well.x_m, well.y_m
    path = well.trajectory
    for a, b in itertools.pairwise(path):
        if a[2] <= depth_m < b[2]:
            f = (depth_m - a[2]) / (b[2] - a[2])
            return a[0] + f * (b[0] - a[0]), a[1] + f * (b[1] - a[1])
    return path[-1][0], path[-1][1]


def _cell_coordinates(grid: Grid, x_m: float, y_m: float) -> tuple[float, float]:
    """Cell coordinates, kept a hair inside the box and off cell corners."""
    x0, y0 = grid.reservoir.origin_m
    cx, cy = (x_m - x0) / grid.dx_m + 1e-7, (y_m - y0) / grid.dy_m + 2e-7
    return min(max(cx, 1e-6), grid.nx - 1e-6), min(max(cy, 1e-6), grid.ny - 1e-6)


def _meet(unit: FlowUnit, well: Well, at: Perforations | None) -> Place:
    """``at``: where the well is open, ``None`` if there is only one layer that it can be open to."""
    grid = unit.grid
    cx, cy = _cell_coordinates(grid, *_crossing_xy(well, unit.middle_m))
    j, i = int(cy), int(cx)
    by_layer = np.ones(1)
    if at is not None:
        by_layer = np.array([at.share[np.isin(at.k, ks)].sum() for ks in unit.levels])
    share = float(by_layer.sum())
    is_open = by_layer > 0.0
    here = unit.mobility[:, j, i] * is_open
    open_mobility = float(here.sum())
    weights = here if open_mobility > 0.0 else is_open.astype(float)
    plain = math.log(unit.equivalent_radius_m / max(well.radius_m, 1e-3)) + well.skin
    denominator = max(plain + wall_loss(grid, *_crossing_xy(well, unit.middle_m), well.radius_m), LEAST_LOSS)
    smooth = 1.0
    if unit.mended:
        smooth = float(contrast_round(unit.sheet_mobility, np.array([cx]), np.array([cy]))[0])
    return Place(
        cx=cx,
        cy=cy,
        share=share,
        layer_share=weights / max(float(weights.sum()), 1e-300),
        loss=denominator / (2.0 * math.pi * max(open_mobility, 1e-300)),
        contrast=smooth if unit.mended else 0.0,
        open_mobility=open_mobility,
    )


def _plainly(unit: FlowUnit, wells: Sequence[Well]) -> list[Place]:
    """Places of wells that are open to the only layer of the only unit, many at once."""
    grid = unit.grid
    crossings = [_crossing_xy(w, unit.middle_m) for w in wells]
    spots = np.array([_cell_coordinates(grid, *place) for place in crossings])
    cx, cy = spots[:, 0].copy(), spots[:, 1].copy()
    mobility = unit.sheet_mobility[cy.astype(np.int64), cx.astype(np.int64)]
    smooth = contrast_round(unit.sheet_mobility, cx, cy) if unit.mended else np.zeros(len(wells))
    whole = np.ones(1)
    radius = np.array([max(w.radius_m, 1e-3) for w in wells])
    fall = np.log(unit.equivalent_radius_m / radius) + np.array([w.skin for w in wells])
    for n in np.flatnonzero(near_walls(grid, cx, cy)):
        fall[n] += wall_loss(grid, *crossings[n], radius[n])
    loss = np.maximum(fall, LEAST_LOSS) / (2.0 * math.pi * np.maximum(mobility, 1e-300))
    return [
        Place(x, y, 1.0, whole, lost, even, m)
        for x, y, lost, m, even in zip(*map(np.ndarray.tolist, (cx, cy, loss, mobility, smooth)), strict=True)
    ]


def _is_plain(units: Sequence[FlowUnit], reservoir: Reservoir, well: Well) -> bool:
    """Whether the well stands inside the model and is open to its only permeable layer, where water moves."""
    if len(units) != 1 or len(units[0].levels) != 1 or not reservoir.contains(well.x_m, well.y_m):
        return False
    name = reservoir.layers[int(units[0].grid.layer_of[units[0].levels[0][0]])].name
    return well.layers is None or set(well.layers) == {name}


def fresh_places(reservoir: Reservoir, wells: Sequence[Well]) -> list[tuple[Place, ...]]:
    """As ``places``, but nothing is kept: carpets ask thousands."""
    units, grid = flow_units(reservoir), grid_of(reservoir)
    plain = [n for n, w in enumerate(wells) if _is_plain(units, reservoir, w)]
    quick = dict(zip(plain, _plainly(units[0], [wells[n] for n in plain]), strict=True)) if plain else {}
    out: list[tuple[Place, ...]] = []
    for n, well in enumerate(wells):
        place = quick.get(n)
        if place is not None and place.open_mobility > 0.0:
            out.append((place,))
            continue
        at = wells_to_cells(grid, [well])
        out.append(tuple(_meet(unit, well, at) for unit in units))
    return out


def places(reservoir: Reservoir, wells: Sequence[Well]) -> list[tuple[Place, ...]]:
    """For every well its place in every unit. Only wells not seen before cost anything: a drag moves one.

    Raises ``InputError`` with all faults of all wells.
    """
    keys = [(reservoir.key, *_geometry(well)) for well in wells]
    known = [_PLACES.seen(key) for key in keys]
    missing = [n for n, place in enumerate(known) if place is None]
    if missing:
        try:
            made = fresh_places(reservoir, [wells[n] for n in missing])
        except InputError:
            wells_to_cells(grid_of(reservoir), wells)  # the same faults again, under the wells' own numbers
            raise
        for n, place in zip(missing, made, strict=True):
            known[n] = _PLACES.get(keys[n], partial(_itself, place))
    return [place for place in known if place is not None]


def _geometry(well: Well) -> tuple[Any, ...]:
    """All of a well that its places depend on: not its rate, nor what the station lets it inject."""
    return well.kind == "monitor", well.x_m, well.y_m, well.layers, well.radius_m, well.skin, well.trajectory


def _itself(place: tuple[Place, ...]) -> tuple[Place, ...]:
    return place


def moved(reservoir: Reservoir, well: Well, x_m: float, y_m: float) -> tuple[Place, ...]:
    """Places of the well at another target, its path shifted along (not kept: carpets ask thousands)."""
    path = well.trajectory
    if path is not None:
        dx, dy = x_m - well.x_m, y_m - well.y_m
        path = tuple((x + dx, y + dy, z) for x, y, z in path)
    there = replace(well, x_m=x_m, y_m=y_m, trajectory=path)
    return fresh_places(reservoir, [there])[0]

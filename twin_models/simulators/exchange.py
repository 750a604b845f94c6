"""What one flow solution does to heat: between wells and their cells, and through the faces of all cells."""

from __future__ import annotations

import numpy as np

from twin_models.simulators.completion import Completions
from twin_models.simulators.flow import Solution
from twin_models.simulators.observe import Stencil, watch_sets
from twin_models.simulators.transport import Drive


def drive_of(
    at: Completions,
    monitors: dict[int, Stencil],
    rates_m3_s: np.ndarray,
    injected_degc: np.ndarray,
    flow: Solution,
    *,
    now_degc: np.ndarray,
    capacity: float,
    pore: np.ndarray,
    spare: bool,
) -> Drive:
    """What ``flow`` does to cells of the temperatures ``now_degc`` (nz, ny, nx); ``rates_m3_s`` and
    ``injected_degc`` (wells,). ``capacity``: heat capacity of water, J/m3/K; ``pore`` (na, ny, nx): pore volume.
    A flow that nobody else needs (``spare``) is turned into it in place."""
    watch = watch_sets(at, monitors, rates_m3_s, flow.entry_m3_s)
    cells, brings, entry, takes = well_heat(
        at, rates_m3_s, injected_degc, flow.entry_m3_s, now_degc=now_degc, capacity=capacity
    )
    released, stored = capacity * flow.released_per_s, pore
    if flow.release_m3_s is not None:
        released, stored = capacity, flow.release_m3_s
    hx, hy, hz = (np.multiply(f, capacity, out=f if spare else None) for f in (flow.fx, flow.fy, flow.fz))
    return Drive(hx, hy, hz, cells, brings, entry, takes, released, stored, watch)


def well_heat(
    at: Completions,
    rates_m3_s: np.ndarray,
    injected_degc: np.ndarray,
    entry_m3_s: np.ndarray,
    *,
    now_degc: np.ndarray,
    capacity: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cells with wells, what wells bring to them (W/K), its temperature, and what they take.

    Water that enters the reservoir has the mixed temperature of its well. Cells fed most come first, so
    that those they feed in turn find them up to date.
    """
    q, well, n = entry_m3_s, at.entry_well, at.n_wells
    drawn = np.maximum(-q, 0.0)
    surface = np.maximum(rates_m3_s, 0.0)
    amount = surface + np.bincount(well, drawn, n)
    warmth = surface * np.nan_to_num(injected_degc)
    warmth += np.bincount(well, drawn * now_degc.reshape(-1)[at.cells], n)
    mixed = np.divide(warmth, amount, out=np.zeros(n), where=amount > 0.0)
    cells, place = np.unique(at.cells[q != 0.0], return_inverse=True)
    q, well = q[q != 0.0], well[q != 0.0]
    gets = np.maximum(q, 0.0)
    brings = np.bincount(place, gets, cells.size)
    entry = np.bincount(place, gets * mixed[well], cells.size) / np.where(brings > 0.0, brings, 1.0)
    takes = np.bincount(place, np.maximum(-q, 0.0), cells.size)
    order = np.argsort(-brings, kind="stable")
    return cells[order], capacity * brings[order], entry[order], capacity * takes[order]

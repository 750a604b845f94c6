"""The door of ``heat-in-place``: what an input must hold, every fault named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios.assess.cases import case_names
from scenarios.assess.draws import Structure
from scenarios.schema_io import DoorReader

PARAMETERS = (
    "area_km2", "thickness_m", "porosity", "temperature_degc", "rock_density_kg_m3", "rock_heat_capacity_j_kgk",
)  # fmt: skip
_LIMITS = {
    "area_km2": (1e-6, 1e8),
    "thickness_m": (1e-3, 2e4),
    "porosity": (0.0, 1.0),
    "temperature_degc": (-50.0, 1000.0),
    "rock_density_kg_m3": (100.0, 1e4),
    "rock_heat_capacity_j_kgk": (50.0, 1e4),
}
WATER_J_M3K = 4.1868e6  # 1000 kg/m3 x 4186.8 J/(kg K)
MAX_UNITS = 500
MAX_DRAWS = 2_000_000
MAX_VALUES = 100_000_000  # draws x units kept in memory, 4 bytes each


@dataclass(frozen=True, eq=False)
class Given:
    """A checked input. ``triples``: (parameters, units, 3) of least, mode, greatest, order ``PARAMETERS``.

    ``shared``: parameters drawn once for all units (one rock density for the whole basin, say).
    """

    names: tuple[str, ...]
    triples: np.ndarray
    reference_degc: float
    water_j_m3k: float
    draws: int
    seed: int
    structure: Structure
    shared: tuple[str, ...]
    recovery: tuple[float, float, float] | None

    def corner(self, which: int) -> np.ndarray:
        """Least (0), mode (1) or greatest (2) values, (parameters, units)."""
        return np.asarray(self.triples[:, :, which])

    @property
    def shared_rows(self) -> tuple[int, ...]:
        return tuple(PARAMETERS.index(name) for name in self.shared)

    @property
    def area_mean_km2(self) -> np.ndarray:
        return np.asarray(self.triples[0].mean(axis=1))


def read_given(data: Mapping[str, Any]) -> Given:
    """The input with its defaults, or ``InputError`` with every fault."""
    reader = DoorReader()
    got = reader.mapping(
        data,
        "",
        required=("units", "reference_temperature_degc"),
        optional=(
            "format", "title", "source", "draws", "seed", "correlation", "shared", "recovery_factor",
            "water_heat_capacity_j_m3k",
        ),
    )  # fmt: skip
    if "units" not in got and "case" not in got:
        known = ", ".join(case_names("heat-in-place"))
        reader.fault("case", "missing", f"give units, or name a published case here: {known}")
    reference = reader.number(
        got.get("reference_temperature_degc", 0.0), "reference_temperature_degc", low=-50.0, high=500.0
    )
    rows = reader.items(got.get("units", [{}]), "units", at_least=1)
    if len(rows) > MAX_UNITS:
        reader.fault("units", "range", f"must have at most {MAX_UNITS} entries, got {len(rows)}")
    units = [_unit(reader, row, f"units[{i}]") for i, row in enumerate(rows[:MAX_UNITS])] if got else []
    _check_names(reader, units)
    for i, (_, triples) in enumerate(units):
        if triples[3][0] < reference:
            reader.fault(
                f"units[{i}].temperature_degc",
                "range",
                f"must not lie below reference_temperature_degc ({reference:g}), got {triples[3][0]:g}",
            )
    draws = reader.integer(got.get("draws", 100_000), "draws", low=100, high=MAX_DRAWS)
    if draws * len(units) > MAX_VALUES:
        reader.fault(
            "draws", "range", f"draws times units must be at most {MAX_VALUES}, got {draws * len(units)}"
        )
    seed = reader.integer(got.get("seed", 0), "seed", low=0, high=2**53)
    structure = _structure(reader, got.get("correlation", 0.0))
    shared = [
        reader.choice(name, f"shared[{i}]", PARAMETERS)
        for i, name in enumerate(reader.items(got.get("shared", []), "shared"))
    ]
    recovery = got.get("recovery_factor")
    factor = None if recovery is None else triple(reader, recovery, "recovery_factor", low=0.0, high=1.0)
    water = reader.number(
        got.get("water_heat_capacity_j_m3k", WATER_J_M3K), "water_heat_capacity_j_m3k", low=1e5, high=1e7
    )
    reader.done()
    return Given(
        names=tuple(name for name, _ in units),
        triples=np.array([triples for _, triples in units]).transpose(1, 0, 2),
        reference_degc=reference,
        water_j_m3k=water,
        draws=draws,
        seed=seed,
        structure=structure,
        shared=tuple(dict.fromkeys(shared)),
        recovery=factor,
    )


def _unit(reader: DoorReader, row: Any, path: str) -> tuple[str, list[tuple[float, float, float]]]:
    got = reader.mapping(row, path, required=PARAMETERS, optional=("name", "name_zh"))
    name = reader.text(got.get("name", path), f"{path}.name")
    triples = []
    for key in PARAMETERS:
        low, high = _LIMITS[key]
        if key in got:
            triples.append(triple(reader, got[key], f"{path}.{key}", low=low, high=high))
        else:
            triples.append((low, low, low))
    if "temperature_degc" not in got:
        triples[3] = (1000.0, 1000.0, 1000.0)  # missing is fault enough
    return name, triples


def _check_names(reader: DoorReader, units: list[tuple[str, Any]]) -> None:
    seen: dict[str, int] = {}
    for i, (name, _) in enumerate(units):
        if name in seen:
            reader.fault(f"units[{i}].name", "duplicate", f'"{name}" stands at units[{seen[name]}] already')
        seen.setdefault(name, i)


def triple(
    reader: DoorReader, value: Any, path: str, *, low: float, high: float
) -> tuple[float, float, float]:
    """Least, mode and greatest value: one number, a list of three, or a mapping min, mode, max."""
    stand_in = (low, low, low)
    if isinstance(value, Mapping):
        got = reader.mapping(value, path, required=("min", "mode", "max"))
        if not {"min", "mode", "max"} <= got.keys():
            return stand_in
        parts: list[Any] = [got["min"], got["mode"], got["max"]]
        names = [f"{path}.{key}" for key in ("min", "mode", "max")]
    elif isinstance(value, (list, tuple)):
        if len(value) != 3:
            reader.fault(path, "length", f"must be one number or (min, mode, max), got {len(value)} numbers")
            return stand_in
        parts, names = list(value), [f"{path}[{i}]" for i in range(3)]
    else:
        fixed = reader.number(value, path, low=low, high=high, default=low)
        return fixed, fixed, fixed
    before = len(reader.faults)
    numbers = [
        reader.number(part, name, low=low, high=high, default=low)
        for part, name in zip(parts, names, strict=True)
    ]
    if len(reader.faults) > before:
        return stand_in
    if not numbers[0] <= numbers[1] <= numbers[2]:
        shown = ", ".join(f"{number:g}" for number in numbers)
        reader.fault(path, "order", f"must be min <= mode <= max, got {shown}")
        return stand_in
    return numbers[0], numbers[1], numbers[2]


def _structure(reader: DoorReader, value: Any) -> Structure:
    """One number (between units, parameters independent), or ``{"parameters": ..., "units": ...}``."""
    if isinstance(value, Mapping):
        got = reader.mapping(value, "correlation", optional=("parameters", "units"))
        return Structure(
            parameters=reader.number(got.get("parameters", 0.0), "correlation.parameters", low=0.0, high=1.0),
            units=reader.number(got.get("units", 0.0), "correlation.units", low=0.0, high=1.0),
        )
    return Structure(units=reader.number(value, "correlation", low=0.0, high=1.0))

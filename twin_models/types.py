"""The few types that everything else speaks: reservoir, well, forecast.

Units stand in the names. Coordinates are metres in the site's local frame (x east, y north),
depth is positive downward, years have 365.25 days. All objects are immutable; arrays inside them
are made read-only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

SECONDS_PER_DAY = 86_400.0
DAYS_PER_YEAR = 365.25
SECONDS_PER_YEAR = SECONDS_PER_DAY * DAYS_PER_YEAR

WellKind = Literal["producer", "injector", "storage", "monitor"]


def _frozen_array(value: Any) -> Any:
    """Scalars become float, arrays become read-only float64 arrays."""
    if np.ndim(value) == 0:
        return float(value)
    array = np.array(value, dtype=np.float64)
    array.setflags(write=False)
    return array


def content_hash(value: Any) -> str:
    """Hash of a value built from dataclasses, tuples, dicts, arrays and scalars (hex, 16 digits)."""
    digest = hashlib.sha256()

    def feed(item: Any) -> None:
        if is_dataclass(item) and not isinstance(item, type):
            digest.update(type(item).__name__.encode())
            for f in fields(item):
                if f.metadata.get("quiet") and getattr(item, f.name) == f.default:
                    continue  # came later: what does not use it keeps its hash
                digest.update(f.name.encode())
                feed(getattr(item, f.name))
        elif isinstance(item, np.ndarray):
            digest.update(str((item.shape, item.dtype)).encode())
            digest.update(np.ascontiguousarray(item).tobytes())
        elif isinstance(item, dict):
            for key in sorted(item):
                digest.update(str(key).encode())
                feed(item[key])
        elif isinstance(item, (list, tuple)):
            digest.update(b"(")
            for part in item:
                feed(part)
            digest.update(b")")
        else:
            digest.update(repr(item).encode())
        digest.update(b"|")

    feed(value)
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Layer:
    """One layer of a box reservoir, top first.

    ``porosity``, ``permeability_md`` and ``temperature_degc`` are scalars or arrays (ny, nx) given on
    the box's own raster: row 0 is the southern edge, column 0 the western edge. ``conductivity_w_mk``
    is the saturated bulk value. ``net_to_gross`` scales the thickness that stores and carries water;
    the rest of the thickness is rock that stores heat.
    """

    name: str
    top_m: float
    thickness_m: float
    cells: int = 1
    porosity: Any = 0.25
    permeability_md: Any = 500.0
    kv_kh: float = 0.1
    temperature_degc: Any = 70.0
    rock_heat_capacity_mj_m3k: float = 2.2
    conductivity_w_mk: float = 2.5
    net_to_gross: float = 1.0

    def __post_init__(self) -> None:
        for name in ("porosity", "permeability_md", "temperature_degc"):
            object.__setattr__(self, name, _frozen_array(getattr(self, name)))

    @property
    def base_m(self) -> float:
        return self.top_m + self.thickness_m


@dataclass(frozen=True)
class Confining:
    """Rock above and below the layers: it conducts heat and holds no moving water."""

    conductivity_w_mk: float = 2.5
    heat_capacity_mj_m3k: float = 2.2


@dataclass(frozen=True)
class Fluid:
    """Reservoir water. ``viscosity`` is ``"water"`` (temperature dependent) or a constant in mPa s.

    ``salinity_g_kg``: grams of salt (NaCl) in a kilogram of brine; makes ``"water"`` denser and more viscous.
    """

    viscosity: float | Literal["water"] = "water"
    heat_capacity_mj_m3k: float = 4.18
    conductivity_w_mk: float = 0.6
    salinity_g_kg: float = field(default=0.0, metadata={"quiet": True})


@dataclass(frozen=True)
class FaultLine:
    """A fault that hinders flow across it: the faces that its trace (x, y points) crosses let ``transmissibility``
    times as much through (0 seals, 1 does nothing), in the named layers or in all."""

    name: str
    points_m: tuple[tuple[float, float], ...]
    transmissibility: float = 0.0
    layers: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Refine:
    """Smaller cells near wells, for the simulation: cells within ``radius_m`` of a well that moves water, east to
    west and south to north, are divided by ``factor`` along each horizontal direction (1: not at all)."""

    factor: int = 3
    radius_m: float = 300.0


@dataclass(frozen=True)
class Reservoir:
    """A box of layers in the site's local frame. ``cell_m`` is the coarsest cell allowed.

    ``compressibility_per_pa``: total, of water and pores. With it the simulation's pressure is transient; without
    it (``None``) pressure is steady at every moment, and a closed box is drained evenly. ``refine``: smaller cells
    near wells.
    """

    extent_m: tuple[float, float]
    origin_m: tuple[float, float]
    cell_m: float
    layers: tuple[Layer, ...]
    boundary: Literal["closed", "constant_pressure"] = "closed"
    confining: Confining | None = field(default_factory=Confining)
    fluid: Fluid = field(default_factory=Fluid)
    faults: tuple[FaultLine, ...] = ()
    compressibility_per_pa: float | None = None
    refine: Refine | None = field(default=None, metadata={"quiet": True})

    @cached_property
    def key(self) -> str:
        """Content hash: equal keys mean equal geology, so factors and grids may be reused."""
        return content_hash(
            (
                self.extent_m,
                self.origin_m,
                self.cell_m,
                self.layers,
                self.boundary,
                self.confining,
                self.fluid,
                *((self.faults,) if self.faults else ()),
                *((self.compressibility_per_pa,) if self.compressibility_per_pa is not None else ()),
                *((self.refine,) if self.refine is not None else ()),
            )
        )

    def contains(self, x_m: float, y_m: float) -> bool:
        x0, y0 = self.origin_m
        return x0 <= x_m <= x0 + self.extent_m[0] and y0 <= y_m <= y0 + self.extent_m[1]


@dataclass(frozen=True)
class Step:
    """One step of a well's schedule, in force from ``start_day`` until the next step."""

    start_day: float
    rate_m3_h: float
    temperature_degc: float | None = None


@dataclass(frozen=True)
class Clogging:
    """How an injector clogs while it injects (``simulators.clogging``).

    ``loss_per_day``: part of the injectivity lost a day of injection, of what is left (1/d). ``backflush_days``:
    days of injection between two backflushings, ``None`` for never; each gives back the part ``restored`` of what
    is missing. ``limit_bar``: pressure rise that must not be passed; from then on the well takes less.
    """

    loss_per_day: float
    backflush_days: float | None = None
    restored: float = 1.0
    limit_bar: float | None = None


@dataclass(frozen=True)
class Well:
    """A well as the reservoir sees it.

    ``x_m``, ``y_m``: where it meets the reservoir (the *target*). ``trajectory``: (n, 3) points
    x, y, depth from the head down; without it the well is vertical. ``rate_m3_h``: produced by a
    producer, injected by an injector, signed (injected > 0) for storage, ignored for a monitor.
    ``temperature_degc``: of the injected water. ``layers``: names of the layers it is open to, all
    permeable layers when ``None``.
    """

    name: str
    kind: WellKind
    x_m: float
    y_m: float
    rate_m3_h: float = 0.0
    temperature_degc: float | None = None
    layers: tuple[str, ...] | None = None
    radius_m: float = 0.1
    skin: float = 0.0
    trajectory: tuple[tuple[float, float, float], ...] | None = None
    schedule: tuple[Step, ...] = ()
    clogging: Clogging | None = None

    @property
    def signed_rate_m3_h(self) -> float:
        """Volume rate into the reservoir: injection positive, production negative."""
        if self.kind == "producer":
            return -self.rate_m3_h
        return 0.0 if self.kind == "monitor" else self.rate_m3_h


@dataclass(frozen=True)
class Notice:
    """Something a user should know about a result: outside a range, a rule broken, an assumption made."""

    code: str
    field: str
    text: str
    text_zh: str = ""
    severity: Literal["info", "soft", "hard"] = "soft"


@dataclass(frozen=True)
class Forecast:
    """What the ground does under a set of wells.

    ``years``: (t,) ends of the reported times, in years from the start of operation.
    ``temperature_degc``: well name -> (t,) at the reservoir (well bottom); for producers the produced
    water, for injectors the injected water, for monitors the rock at their place.
    ``pressure_change_bar``: well name -> (t,) at the well (losses included), production negative.
    ``low_degc`` / ``high_degc``: well name -> (t,) 80 % band, for predictors that have one.
    ``fields``: optional maps for the scene, see ``FieldFrames``. ``taken``: well name -> (t,) part of its stated rate
    that a well still moves, for wells cut short by a pressure limit (``None``: no well is).
    """

    engine: str
    engine_version: str
    years: np.ndarray
    temperature_degc: dict[str, np.ndarray]
    pressure_change_bar: dict[str, np.ndarray]
    state: Literal["estimate", "simulated", "out_of_range"] = "estimate"
    model: str | None = None
    low_degc: dict[str, np.ndarray] | None = None
    high_degc: dict[str, np.ndarray] | None = None
    in_range: bool = True
    warnings: tuple[Notice, ...] = ()
    elapsed_ms: float = 0.0
    fields: FieldFrames | None = None
    diagnostics: dict[str, float] = field(default_factory=dict)
    taken: dict[str, np.ndarray] | None = None


@dataclass(frozen=True)
class FieldFrames:
    """Maps over time for the scene: thickness-averaged over the layers the wells are open to.

    ``years``: (k,) including 0. ``temperature_degc``: (k, ny, nx) float32, row 0 = south.
    ``pressure_bar``: (k, ny, nx) change of pressure, or ``None``. ``extent_m``/``origin_m``: as in
    ``Reservoir``.
    """

    years: np.ndarray
    temperature_degc: np.ndarray
    origin_m: tuple[float, float]
    extent_m: tuple[float, float]
    pressure_bar: np.ndarray | None = None

"""A scheme: the wells, rates, uses and money terms that a person decides on. Immutable; a change makes a new one.

The file format is section 2 of the outside contract (read and written in ``scenarios.scheme_file``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from scenarios.schema_io import FrozenDict, thaw
from twin_models.errors import Fault, InputError
from twin_models.types import DAYS_PER_YEAR, Layer, Notice, Reservoir, Well, WellKind, content_hash

FORMAT = "geosandbox-scheme/1"
SAME_PLACE_M = 1.0


@dataclass(frozen=True)
class SchemeWell:
    """A well of a scheme: what the reservoir sees, and where it stands on the ground.

    ``well.x_m, well.y_m`` is the target at the reservoir, ``head_x_m, head_y_m`` the wellhead (m).
    ``well.trajectory`` is set only when the file gives one; otherwise the path is planned from head to
    target (``Scheme.ground_wells``). ``pad``: wells of one pad move together. ``existing``: already
    drilled (costs no drilling).
    """

    well: Well
    head_x_m: float
    head_y_m: float
    pad: str | None = None
    existing: bool = False
    note: str = ""

    @property
    def name(self) -> str:
        return self.well.name

    @property
    def kind(self) -> WellKind:
        return self.well.kind

    @property
    def x_m(self) -> float:
        return self.well.x_m

    @property
    def y_m(self) -> float:
        return self.well.y_m

    @property
    def rate_m3_h(self) -> float:
        return self.well.rate_m3_h

    @property
    def temperature_degc(self) -> float | None:
        return self.well.temperature_degc

    @property
    def is_vertical(self) -> bool:
        """Head straight above the target and no path of its own."""
        return self.well.trajectory is None and (self.head_x_m, self.head_y_m) == (self.x_m, self.y_m)

    def with_well(self, **changes: Any) -> SchemeWell:
        """The same with fields of ``well`` changed."""
        return replace(self, well=replace(self.well, **changes))


@dataclass(frozen=True, eq=False)
class Scheme:
    """One way to develop a place. Exactly one of ``site`` (a shipped site's name) and ``reservoir`` is set.

    ``years``: length of operation (a). ``season_days``: days a year at the stated rates. ``output_years``:
    times reported (a), increasing. ``uses``, ``economics``: JSON as given; what is absent has a default.
    ``keep_out``: rings (m) in which no new well may stand; no figure depends on them.
    """

    wells: tuple[SchemeWell, ...]
    site: str | None = None
    reservoir: Reservoir | None = None
    name: str = "scheme"
    years: float = 30.0
    season_days: float = DAYS_PER_YEAR
    output_years: tuple[float, ...] = ()
    seed: int = 0
    uses: FrozenDict = field(default_factory=FrozenDict)
    economics: FrozenDict = field(default_factory=FrozenDict)
    note: str = ""
    keep_out: tuple[tuple[tuple[float, float], ...], ...] = ()

    def __post_init__(self) -> None:
        if not self.output_years:
            object.__setattr__(self, "output_years", every_year(self.years))

    def key(self) -> str:
        """Hash of everything that a result depends on (not of the scheme's name and notes)."""
        return self._key

    @cached_property
    def _key(self) -> str:
        ground = self.reservoir.key if self.reservoir is not None else self.site
        rest = (self.years, self.season_days, self.output_years, self.seed)
        wells = [(w.well, w.head_x_m, w.head_y_m, w.pad, w.existing) for w in self.wells]
        money = content_hash((self.uses, self.economics))
        return hashlib.sha256(repr((ground, rest, wells, money)).encode()).hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        # reservoirs may hold arrays, so field by field comparison has no plain answer
        if not isinstance(other, Scheme):
            return NotImplemented
        notes = [w.note for w in self.wells] == [w.note for w in other.wells]
        same = (self._key, self.name, self.note, self.keep_out)
        return notes and same == (other._key, other.name, other.note, other.keep_out)

    def __hash__(self) -> int:
        return hash(self._key)

    def index(self, name: str) -> int:
        """Position of the well of that name. Raises ``KeyError``."""
        for i, well in enumerate(self.wells):
            if well.name == name:
                return i
        raise KeyError(name)

    def well(self, name: str) -> SchemeWell:
        return self.wells[self.index(name)]

    def ground(self) -> Reservoir:
        """The reservoir of the scheme: its own box, or the one of its site."""
        if self.reservoir is not None:
            return self.reservoir
        ground = site_reservoir(self.site or "")
        if ground is None:
            raise InputError(Fault("site", "unknown", f'"{self.site}" has no reservoir model'))
        return ground

    def ground_wells(self) -> tuple[Well, ...]:
        """The wells as the predictors want them, each bent well with its planned path."""
        return self._ground_wells

    @cached_property
    def _ground_wells(self) -> tuple[Well, ...]:
        if all(w.is_vertical or w.well.trajectory is not None for w in self.wells):
            return tuple(w.well for w in self.wells)
        ground = _Keyed(self.ground())
        return tuple(_with_path(w, ground) for w in self.wells)

    def uses_dict(self) -> dict[str, Any]:
        return thaw(self.uses)

    def economics_dict(self) -> dict[str, Any]:
        return thaw(self.economics)


def read_scheme(source: Mapping[str, Any] | str | Path, *, name: str = "file") -> Scheme:
    """The scheme in a dictionary or a JSON file. Raises ``InputError`` with every fault found.

    ``name``: what a dictionary as a whole is called in faults.
    """
    from scenarios.scheme_file import read  # the reader needs the types above

    return read(source, name=name)


def to_dict(scheme: Scheme) -> dict[str, Any]:
    """The scheme as it stands in a file; ``read_scheme(to_dict(s)) == s``."""
    from scenarios.scheme_write import write

    return write(scheme)


def every_year(years: float) -> tuple[float, ...]:
    """1, 2, ... up to ``years``, which is always the last."""
    whole = [float(i) for i in range(1, int(years) + 1)]
    return tuple(whole if whole and whole[-1] == years else [*whole, float(years)])


def site_reservoir(name: str) -> Reservoir | None:
    """The reservoir of a shipped site (``None``: it has none). Raises ``InputError`` for an unknown site."""
    from twin_models.sites import load_site

    return load_site(name).reservoir


def open_layers(well: Well, reservoir: Reservoir) -> list[Layer]:
    """The layers a well is open to, top first: those it names, or all that let water through."""
    if well.layers is not None:
        return [layer for layer in reservoir.layers if layer.name in well.layers]
    passing = [layer for layer in reservoir.layers if _passes_water(layer)]
    return passing or list(reservoir.layers)


def _passes_water(layer: Layer) -> bool:
    value = layer.permeability_md
    return bool(value.any()) if hasattr(value, "any") else value > 0


class _Keyed:
    """A reservoir that compares by its key, so that a cache need not hash its arrays."""

    __slots__ = ("key", "reservoir")

    def __init__(self, reservoir: Reservoir):
        self.reservoir, self.key = reservoir, reservoir.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self.key == other.key


@lru_cache(maxsize=8192)
def _with_path(well: SchemeWell, ground: _Keyed) -> Well:
    """The well with its planned path. While one well is dragged, the paths of all others are remembered."""
    if well.is_vertical or well.well.trajectory is not None:
        return well.well
    return replace(well.well, trajectory=planned_path(well, ground.reservoir).as_trajectory())


def ground_well(well: SchemeWell, reservoir: Reservoir) -> Well:
    """One well as the predictors want it, with its planned path if it is bent."""
    return _with_path(well, _Keyed(reservoir))


def planned_path(well: SchemeWell, reservoir: Reservoir) -> Any:
    """The path (``twin_models.trajectory.WellPath``) from the head to the top of the well's first layer and on."""
    layers = open_layers(well.well, reservoir)
    return _plan(
        well.head_x_m, well.head_y_m, well.x_m, well.y_m, float(layers[0].top_m), float(layers[-1].base_m)
    )


@lru_cache(maxsize=4096)
def _plan(hx_m: float, hy_m: float, x_m: float, y_m: float, top_m: float, base_m: float) -> Any:
    from twin_models.trajectory import plan_path  # compiled code: only schemes with bent wells wait for it

    return plan_path((hx_m, hy_m), (x_m, y_m, top_m), base_depth_m=base_m)


def injects(well: Well) -> bool:
    """Whether the well ever puts water into the ground."""
    if well.kind == "injector":
        return True
    steps = well.schedule or (well,)
    return well.kind == "storage" and any(step.rate_m3_h > 0 for step in steps)


def produces(well: Well) -> bool:
    """Whether the well ever takes water out of the ground."""
    if well.kind == "producer":
        return True
    steps = well.schedule or (well,)
    return well.kind == "storage" and any(step.rate_m3_h < 0 for step in steps)


def scheme_notices(scheme: Scheme) -> tuple[Notice, ...]:
    """What a reader of the result should know about the input, though it can be computed."""
    notices = []
    wells = [w.well for w in scheme.wells]
    if not any(injects(w) for w in wells):
        notices.append(
            Notice(
                "no_injector",
                "wells",
                "no injector: the water comes from the open boundary, pressure falls with nothing put back",
                "没有回灌井:水量全部由开放边界补给,压力只降不补",
            )
        )
    if not any(produces(w) for w in wells):
        notices.append(
            Notice("no_producer", "wells", "no producer: the scheme yields no heat", "没有开采井:方案不产热")
        )
    for i, well in enumerate(wells):
        if well.kind in ("producer", "monitor") and well.temperature_degc is not None:
            notices.append(
                Notice(
                    "ignored",
                    f"wells[{i}].temperature_degc",
                    f"ignored: a {well.kind} injects nothing",
                    "已忽略:该井不回灌",
                    "info",
                )
            )
    return tuple(notices)

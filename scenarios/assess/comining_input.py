"""The door of ``comining``: a mine's levels with roadways, holes and broken rock, every fault named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scenarios.assess.cases import case_names
from scenarios.schema_io import DoorReader

MINING = ("none", "fill", "cave", "leach")
LAYOUTS = ("radial", "parallel")
PATTERNS = ("U", "L", "Q")
MAX_YEARS, MAX_LEVELS, MAX_PARTS = 100, 50, 200
_ROCK = {  # name -> (lowest, highest, default)
    "conductivity_w_mk": (0.1, 20.0, 3.0),
    "heat_capacity_mj_m3k": (0.5, 10.0, 2.332),
    "surface_degc": (-30.0, 40.0, 15.0),
    "gradient_k_per_km": (0.0, 300.0, 30.0),
}
_COOLING = {
    "cop": (0.5, 20.0, 3.0),
    "airflow_kg_s": (0.0, 1e4, 0.0),
    "surface_air_degc": (-40.0, 50.0, 15.0),
}
_ECONOMICS = {
    "shaft_capex_cny": (0.0, 1e13, 0.0),
    "shaft_share": (0.0, 1.0, 0.5),
    "roadway_cny_per_m": (0.0, 1e7, 0.0),
    "hole_cny_per_m": (0.0, 1e6, 0.0),
    "block_cny_per_m3": (0.0, 1e5, 0.0),
    "plant_cny_per_kw": (0.0, 1e6, 0.0),
    "fixed_capex_cny": (0.0, 1e13, 0.0),
    "opex_share_per_year": (0.0, 1.0, 0.03),
    "pump_kwh_per_gj": (0.0, 1e3, 8.0),
    "heat_price_cny_per_gj": (0.0, 1e4, 40.0),
    "electricity_price_cny_per_kwh": (0.0, 100.0, 0.65),
    "discount_rate": (-0.5, 1.0, 0.08),
    "use_degc": (0.0, 200.0, 45.0),
    "heat_pump_cop": (1.5, 20.0, 4.0),
}


@dataclass(frozen=True)
class Roadway:
    """``collected_share``: the part of the wall's heat that is gathered before it warms the air."""

    length_m: float
    radius_m: float
    wall_degc: float
    collected_share: float
    from_year: float
    to_year: float


@dataclass(frozen=True)
class Holes:
    """``count`` holes: a fan around a roadway node (``radial``) or a row at ``spacing_m`` (``parallel``)."""

    count: int
    length_m: float
    radius_m: float
    fluid_degc: float
    layout: str
    pattern: str
    start_radius_m: float
    spacing_m: float
    from_year: float
    to_year: float


@dataclass(frozen=True)
class Block:
    """Broken rock; ``half_spacing_m`` of the fragments, ``recovery``: part of its heat that can be taken."""

    volume_m3: float
    half_spacing_m: float
    fluid_degc: float
    recovery: float
    from_year: float
    to_year: float


@dataclass(frozen=True)
class Level:
    name: str
    depth_m: float
    rock_degc: float
    loop_drop_k: float
    mining: str
    mined_year: float | None
    roadways: tuple[Roadway, ...]
    holes: tuple[Holes, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Given:
    years: int
    rock: Mapping[str, float]
    levels: tuple[Level, ...]
    cooling: Mapping[str, float]
    economics: Mapping[str, float] | None
    ambient_degc: float

    @property
    def diffusivity_m2_s(self) -> float:
        return self.rock["conductivity_w_mk"] / (1e6 * self.rock["heat_capacity_mj_m3k"])


def read_given(data: Mapping[str, Any]) -> Given:
    """The input with its defaults, or ``InputError`` with every fault."""
    reader = DoorReader()
    got = reader.mapping(
        data,
        "",
        required=("levels",),
        optional=("format", "title", "source", "years", "rock", "cooling", "economics", "ambient_degc"),
    )
    if "levels" not in got:
        reader.fault(
            "case", "missing", f"give levels, or name a case here: {', '.join(case_names('comining'))}"
        )
    years = reader.integer(got.get("years", 20), "years", low=1, high=MAX_YEARS)
    rock = _table(reader, got.get("rock", {}), "rock", _ROCK)
    rows = reader.items(got.get("levels", [{}]), "levels", at_least=1)
    if len(rows) > MAX_LEVELS:
        reader.fault("levels", "range", f"must be at most {MAX_LEVELS}, got {len(rows)}")
    levels = []
    for i, row in enumerate(rows[:MAX_LEVELS] if "levels" in got else []):
        levels.append(_level(reader, row, f"levels[{i}]", rock, years))
    names = [level.name for level in levels]
    for i, name in enumerate(names):
        if name in names[:i]:
            reader.fault(f"levels[{i}].name", "duplicate", f'"{name}" stands twice')
    economics = None
    if got.get("economics") is not None:
        economics = _table(reader, got["economics"], "economics", _ECONOMICS)
    given = Given(
        years=years,
        rock=rock,
        levels=tuple(levels),
        cooling=_table(reader, got.get("cooling", {}), "cooling", _COOLING),
        economics=economics,
        ambient_degc=reader.number(got.get("ambient_degc", 15.0), "ambient_degc", low=-40.0, high=50.0),
    )
    reader.done()
    return given


def _table(
    reader: DoorReader, value: Any, path: str, limits: Mapping[str, tuple[float, float, float]]
) -> dict[str, float]:
    got = reader.mapping(value, path, optional=limits)
    return {
        name: default
        if got.get(name) is None
        else reader.number(got[name], f"{path}.{name}", low=low, high=high, default=default)
        for name, (low, high, default) in limits.items()
    }


def _level(reader: DoorReader, value: Any, path: str, rock: Mapping[str, float], years: int) -> Level:
    got = reader.mapping(
        value,
        path,
        required=("name", "depth_m"),
        optional=(
            "rock_degc", "loop_drop_k", "mining", "mined_year", "roadways", "holes", "blocks",
        ),
    )  # fmt: skip
    depth = reader.number(got.get("depth_m", 0.0), f"{path}.depth_m", low=0.0, high=12_000.0)
    by_gradient = rock["surface_degc"] + rock["gradient_k_per_km"] * depth / 1e3
    warm = _number(reader, got, f"{path}.rock_degc", -30.0, 700.0, by_gradient)
    mining = reader.choice(got.get("mining", "none"), f"{path}.mining", MINING)
    mined = None
    if got.get("mined_year") is not None:
        mined = reader.number(got["mined_year"], f"{path}.mined_year", low=0.0, high=float(MAX_YEARS))
    if (mining == "none") != (mined is None):
        text = f'must be given with mining fill, cave or leach, and only then (mining is "{mining}")'
        reader.fault(f"{path}.mined_year", "missing", text)

    def parts(key: str, read: Any) -> tuple[Any, ...]:
        items = reader.items(got.get(key, []), f"{path}.{key}")
        if len(items) > MAX_PARTS:
            reader.fault(f"{path}.{key}", "range", f"must be at most {MAX_PARTS}, got {len(items)}")
        return tuple(
            read(reader, item, f"{path}.{key}[{i}]", years) for i, item in enumerate(items[:MAX_PARTS])
        )

    level = Level(
        name=reader.text(got.get("name", "?"), f"{path}.name"),
        depth_m=depth,
        rock_degc=warm,
        loop_drop_k=_number(reader, got, f"{path}.loop_drop_k", 0.1, 200.0, 10.0),
        mining=mining,
        mined_year=mined,
        roadways=parts("roadways", _roadway),
        holes=parts("holes", _holes),
        blocks=parts("blocks", _block),
    )
    if not (level.roadways or level.holes or level.blocks):
        reader.fault(path, "missing", "must have roadways, holes or blocks")
    _warm_enough(reader, level, path)
    return level


def _warm_enough(reader: DoorReader, level: Level, path: str) -> None:
    """Water cannot leave warmer than the rock: the held temperature is the mean of supply and return."""
    groups: tuple[tuple[str, tuple[Roadway | Holes | Block, ...]], ...] = (
        ("roadways", level.roadways),
        ("holes", level.holes),
        ("blocks", level.blocks),
    )
    for key, parts in groups:
        for i, part in enumerate(parts):
            held = part.wall_degc if isinstance(part, Roadway) else part.fluid_degc
            supply = held + 0.5 * level.loop_drop_k
            if held < level.rock_degc < supply:
                name = "wall_degc" if isinstance(part, Roadway) else "fluid_degc"
                reader.fault(
                    f"{path}.{key}[{i}].{name}",
                    "range",
                    f"plus half of loop_drop_k ({level.loop_drop_k:g} K) must not be above the rock "
                    f"({level.rock_degc:g} degC), got {held:g}",
                )


def _number(
    reader: DoorReader, got: Mapping[str, Any], path: str, low: float, high: float, default: float
) -> float:
    key = path.rpartition(".")[2]
    if got.get(key) is None:
        return default
    return reader.number(got[key], path, low=low, high=high, default=default)


def _span(reader: DoorReader, got: Mapping[str, Any], path: str, years: int) -> tuple[float, float]:
    start = _number(reader, got, f"{path}.from_year", 0.0, float(MAX_YEARS), 0.0)
    end = _number(reader, got, f"{path}.to_year", 0.0, float(MAX_YEARS), float(years))
    if end < start:
        reader.fault(f"{path}.to_year", "order", f"must not be before from_year ({start:g}), got {end:g}")
    return start, max(start, end)


def _roadway(reader: DoorReader, value: Any, path: str, years: int) -> Roadway:
    got = reader.mapping(
        value,
        path,
        required=("length_m",),
        optional=("radius_m", "wall_degc", "collected_share", "from_year", "to_year"),
    )
    start, end = _span(reader, got, path, years)
    return Roadway(
        length_m=_number(reader, got, f"{path}.length_m", 0.0, 1e6, 0.0),
        radius_m=_number(reader, got, f"{path}.radius_m", 0.1, 20.0, 2.5),
        wall_degc=_number(reader, got, f"{path}.wall_degc", -30.0, 100.0, 28.0),
        collected_share=_number(reader, got, f"{path}.collected_share", 0.0, 1.0, 1.0),
        from_year=start,
        to_year=end,
    )


def _holes(reader: DoorReader, value: Any, path: str, years: int) -> Holes:
    got = reader.mapping(
        value,
        path,
        required=("count", "length_m"),
        optional=(
            "radius_m", "fluid_degc", "layout", "pattern", "start_radius_m", "spacing_m", "from_year", "to_year",
        ),
    )  # fmt: skip
    layout = reader.choice(got.get("layout", "radial"), f"{path}.layout", LAYOUTS)
    if layout == "parallel" and got.get("spacing_m") is None:
        reader.fault(f"{path}.spacing_m", "missing", "is missing (holes in a row need their distance)")
    start, end = _span(reader, got, path, years)
    radius = _number(reader, got, f"{path}.radius_m", 0.01, 1.0, 0.075)
    return Holes(
        count=reader.integer(got.get("count", 1), f"{path}.count", low=1, high=10_000),
        length_m=_number(reader, got, f"{path}.length_m", 0.0, 1e4, 0.0),
        radius_m=radius,
        fluid_degc=_number(reader, got, f"{path}.fluid_degc", -30.0, 500.0, 20.0),
        layout=layout,
        pattern=reader.choice(got.get("pattern", "U"), f"{path}.pattern", PATTERNS),
        start_radius_m=_number(reader, got, f"{path}.start_radius_m", 0.1, 100.0, 2.5),
        spacing_m=_number(reader, got, f"{path}.spacing_m", 2.0 * radius, 1e4, 10.0),
        from_year=start,
        to_year=end,
    )


def _block(reader: DoorReader, value: Any, path: str, years: int) -> Block:
    got = reader.mapping(
        value,
        path,
        required=("volume_m3", "half_spacing_m"),
        optional=("fluid_degc", "recovery", "from_year", "to_year"),
    )
    start, end = _span(reader, got, path, years)
    return Block(
        volume_m3=_number(reader, got, f"{path}.volume_m3", 0.0, 1e12, 0.0),
        half_spacing_m=_number(reader, got, f"{path}.half_spacing_m", 0.01, 1e3, 1.0),
        fluid_degc=_number(reader, got, f"{path}.fluid_degc", -30.0, 500.0, 20.0),
        recovery=_number(reader, got, f"{path}.recovery", 0.0, 1.0, 0.5),
        from_year=start,
        to_year=end,
    )

"""The cost library and the factors: what a thing costs, what a fuel emits, each with range and source.

The tables live in ``assets/costs/*.yaml`` and ``assets/factors.yaml``; adding a cost needs a row there and,
for a new piece of equipment, one line in ``scenarios.cash_flow``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twin_models.reading import Reader, read_yaml
from twin_models.sites import assets_dir

EVIDENCE = ("published", "derived", "assumption")
_SOURCE = ("source", "source_zh")
_ROW = ("label", "unit", "low", "mode", "high", "year", "evidence", *_SOURCE)


@dataclass(frozen=True, kw_only=True)
class Sourced:
    """Where a value comes from: ``source`` in English (files, API), ``source_zh`` the same in Chinese."""

    source: str
    source_zh: str

    def source_in(self, lang: str) -> str:
        """The source in a language of the page."""
        return self.source_zh if lang == "zh" else self.source


@dataclass(frozen=True)
class Cost(Sourced):
    """One row: ``low``/``mode``/``high`` in ``unit``, money of ``year``; ``evidence`` says how well it is known."""

    key: str
    label_zh: str
    label_en: str
    unit: str
    low: float
    mode: float
    high: float
    year: int
    evidence: str

    @property
    def ratio(self) -> tuple[float, float]:
        """Low and high over the mode."""
        return (self.low / self.mode, self.high / self.mode) if self.mode else (1.0, 1.0)


@dataclass(frozen=True)
class Factor(Sourced):
    """An energy or emission factor or a price; ``low`` and ``high`` equal ``value`` where no range is known."""

    key: str
    value: float
    low: float
    high: float
    unit: str


@dataclass(frozen=True)
class Spread(Sourced):
    """P10 and P90 of what varies in the bands, as a change of the value in force (per cent or K)."""

    low: float
    high: float


@dataclass(frozen=True)
class Library:
    """Everything priced. ``grid``: kg CO2 per kWh by region of China."""

    costs: Mapping[str, Cost]
    factors: Mapping[str, Factor]
    prices: Mapping[str, Factor]
    grid: Mapping[str, float]
    grid_source: Sourced
    uncertainty: Mapping[str, Spread]

    @property
    def defaults(self) -> dict[str, float]:
        """Cost key -> mode."""
        return {key: cost.mode for key, cost in self.costs.items()}


GRID_SOURCE = Sourced(
    source="Ministry of Ecology and Environment and National Bureau of Statistics, 2023 (as reported 2026-01)",
    source_zh="生态环境部、国家统计局，2023 年（2026-01 报道）",
)


@lru_cache(maxsize=4)
def load_library(folder: Path | None = None) -> Library:
    """The library in ``assets`` (or another folder of that shape). Raises ``InputError`` for bad tables."""
    root = folder or assets_dir()
    costs: dict[str, Cost] = {}
    for path in sorted((root / "costs").glob("*.yaml")):
        label = f"assets/costs/{path.name}"
        reader = Reader(label)
        got = reader.mapping(
            read_yaml(path, label), "", required=("format", "currency", "items"), optional=("rates",)
        )
        reader.choice(got.get("currency", "CNY"), "currency", ("CNY",))
        for part in ("items", "rates"):
            for key, row in reader.mapping(got.get(part, {}), part, optional=None).items():
                if key in costs:
                    reader.fault(f"{part}.{key}", "duplicate", "stands in two tables")
                costs[key] = _cost(reader, key, row, f"{part}.{key}")
        reader.done()
    label = "assets/factors.yaml"
    reader = Reader(label)
    got = reader.mapping(
        read_yaml(root / "factors.yaml", label),
        "",
        required=("format", "factors", "grid_co2_kg_per_kwh", "prices", "uncertainty"),
    )
    factors = _factors(reader, got.get("factors", {}), "factors")
    prices = _factors(reader, got.get("prices", {}), "prices")
    grid = reader.mapping(got.get("grid_co2_kg_per_kwh", {}), "grid_co2_kg_per_kwh", optional=None)
    values = {k: reader.number(v, f"grid_co2_kg_per_kwh.{k}", low=0.0, high=2.0) for k, v in grid.items()}
    spreads = _spreads(reader, got.get("uncertainty", {}))
    reader.done()
    return Library(
        MappingProxyType(costs),
        MappingProxyType(factors),
        MappingProxyType(prices),
        MappingProxyType(values),
        GRID_SOURCE,
        MappingProxyType(spreads),
    )


def _sources(reader: Reader, row: Mapping[str, Any], path: str) -> dict[str, str]:
    """Both texts of where a row comes from."""
    return {name: reader.text(row.get(name, ""), f"{path}.{name}") for name in _SOURCE}


def _spreads(reader: Reader, data: Any) -> dict[str, Spread]:
    result = {}
    for key, row in reader.mapping(data, "uncertainty", optional=None).items():
        at = f"uncertainty.{key}"
        parts = reader.mapping(row, at, required=("low", "high", *_SOURCE))
        result[key] = Spread(
            reader.number(parts.get("low", 0.0), f"{at}.low", low=-95.0, high=0.0),
            reader.number(parts.get("high", 0.0), f"{at}.high", low=0.0),
            **_sources(reader, parts, at),
        )
    return result


def _cost(reader: Reader, key: str, row: Any, path: str) -> Cost:
    got = reader.mapping(row, path, required=_ROW)
    label = reader.mapping(got.get("label", {}), f"{path}.label", required=("zh", "en"))
    low, mode, high = (
        reader.number(got.get(name, 0.0), f"{path}.{name}", low=0.0) for name in ("low", "mode", "high")
    )
    if not low <= mode <= high:
        reader.fault(path, "order", f"low, mode, high must rise, got {low:g}, {mode:g}, {high:g}")
    return Cost(
        key=key,
        label_zh=str(label.get("zh", "")),
        label_en=str(label.get("en", "")),
        unit=reader.text(got.get("unit", ""), f"{path}.unit"),
        low=low,
        mode=mode,
        high=high,
        year=reader.integer(got.get("year", 2000), f"{path}.year", low=1990, high=2100),
        evidence=reader.choice(got.get("evidence", ""), f"{path}.evidence", EVIDENCE),
        **_sources(reader, got, path),
    )


def _factors(reader: Reader, data: Any, path: str) -> Mapping[str, Factor]:
    result = {}
    for key, row in reader.mapping(data, path, optional=None).items():
        at = f"{path}.{key}"
        got = reader.mapping(row, at, required=("value", "unit", *_SOURCE), optional=("low", "high"))
        value = reader.number(got.get("value", 0.0), f"{at}.value", low=0.0)
        low = reader.number(got.get("low", value), f"{at}.low", low=0.0, high=value)
        high = reader.number(got.get("high", value), f"{at}.high", low=value)
        unit = reader.text(got.get("unit", ""), f"{at}.unit")
        result[key] = Factor(key, value, low, high, unit, **_sources(reader, got, at))
    return MappingProxyType(result)

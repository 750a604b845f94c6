"""A mine that gives ore and heat: what the page shows of it, and the one way its numbers change.

The state of a mine is the input of ``scenarios.assess.comining`` (plain data); ``changed`` makes a new one.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

from scenarios.assess.cases import resolve
from scenarios.assess.comining import DOUBLET_MW, comining
from scenarios.assess.comining_input import read_given as read_given
from scenarios.schema_io import thaw
from twin_models.errors import Fault, InputError

MINES = {"jiaodong": "jiaodong-2024"}
# part, key -> lowest, highest, step: what a slider or a handle may do (the method itself takes more)
LIMITS: dict[tuple[str, str], tuple[float, float, float]] = {
    ("level", "depth_m"): (400.0, 2050.0, 10.0),
    ("level", "mined_year"): (0.0, 20.0, 1.0),
    ("level", "loop_drop_k"): (4.0, 20.0, 1.0),
    ("roadways", "length_m"): (0.0, 8000.0, 50.0),
    ("roadways", "wall_degc"): (18.0, 34.0, 1.0),
    ("roadways", "collected_share"): (0.0, 1.0, 0.05),
    ("holes", "count"): (1.0, 120.0, 1.0),
    ("holes", "length_m"): (0.0, 400.0, 5.0),
    ("holes", "fluid_degc"): (20.0, 60.0, 1.0),
    ("blocks", "volume_m3"): (0.0, 3.0e7, 1.0e5),
    ("blocks", "half_spacing_m"): (0.5, 40.0, 0.5),
    ("blocks", "fluid_degc"): (20.0, 60.0, 1.0),
    ("blocks", "recovery"): (0.0, 1.0, 0.05),
    ("economics", "shaft_share"): (0.0, 1.0, 0.05),
    ("economics", "heat_price_cny_per_gj"): (20.0, 200.0, 5.0),
    ("rock", "gradient_k_per_km"): (15.0, 60.0, 1.0),
    ("cooling", "cop"): (1.5, 8.0, 0.5),
}
CHOICES = {"mining": ("none", "fill", "cave", "leach"), "pattern": ("U", "L", "Q")}
USUAL = {
    "roadways": {"length_m": 2000.0, "radius_m": 2.5, "wall_degc": 27.0, "collected_share": 0.5},
    "holes": {"count": 24, "length_m": 100.0, "radius_m": 0.075, "fluid_degc": 30.0, "layout": "radial", "pattern": "U"},
    "blocks": {"volume_m3": 1.0e6, "half_spacing_m": 5.0, "fluid_degc": 30.0, "recovery": 0.5},
}  # fmt: skip


def has_mine(site_name: str) -> bool:
    return site_name in MINES


@lru_cache(maxsize=4)
def _shipped(site_name: str) -> Any:
    asked, case = resolve({"case": MINES[site_name]}, "comining", free=("economics",))
    assert case is not None
    return thaw(asked), case["findings"]


def shipped(site_name: str) -> dict[str, Any]:
    """The example mine as it ships, every level with one of each part at most."""
    return copy.deepcopy(_shipped(site_name)[0])


def changed(mine: dict[str, Any], *, part: str, key: str, value: Any, level: int = 0) -> dict[str, Any]:
    """The mine with one number or choice changed; a part of 0 length or volume is there and gives nothing.

    Raises ``InputError`` where the method does not take the result.
    """
    new = copy.deepcopy(mine)
    target = _target(new, part, level)
    if key in CHOICES:
        if value not in CHOICES[key]:
            raise _range(
                key,
                f"must be one of {', '.join(CHOICES[key])}, got {value!r}",
                f"应为 {'、'.join(CHOICES[key])} 之一",
            )
        target[key] = value
        if key == "mining":
            if value == "none":
                target.pop("mined_year", None)
            else:
                target.setdefault("mined_year", 10)
    else:
        if (part, key) not in LIMITS:
            raise _range(key, f"{part}.{key} cannot be changed here", "此处不可修改")
        low, high, step = LIMITS[(part, key)]
        number = float(value)
        if not low <= number <= high:
            raise _range(
                key, f"must be from {low:g} to {high:g}, got {number:g}", f"应在 {low:g} 与 {high:g} 之间"
            )
        number = round(round(number / step) * step, 6)
        target[key] = int(number) if key == "count" else number
    read_given(new)
    return new


def _range(key: str, en: str, zh: str) -> InputError:
    return InputError(Fault(f"mine.{key}", "range", en, {"text_zh": zh, "text_en": en}))


def _target(mine: dict[str, Any], part: str, level: int) -> dict[str, Any]:
    if part in ("economics", "rock", "cooling"):
        return mine.setdefault(part, {})
    if not 0 <= level < len(mine["levels"]):
        raise _range("level", f"must be 0 to {len(mine['levels']) - 1}", "没有这个中段")
    own: dict[str, Any] = mine["levels"][level]
    if part == "level":
        return own
    if part not in USUAL:
        raise _range("part", f"must be one of {', '.join(USUAL)}, got {part!r}", "没有这种部件")
    if not own.get(part):
        own[part] = [dict(USUAL[part])]
    return own[part][0]


def answer(mine: dict[str, Any]) -> dict[str, Any]:
    """What the mine gives: by level and year, bounds, cooling, loops, money. 70 ms: for a worker thread."""
    result = comining(mine)
    total = result["total"]["power_mw"]
    money = result["economics"]
    depth = {level["name"]: level["depth_m"] for level in mine["levels"]}  # names stay when a level is moved
    return {
        "years": result["years"],
        "levels": [
            {
                "rock_degc": level["rock_degc"],
                "power_mw": [round(v, 4) for v in level["power_mw"]],
                "parts": {
                    part: round(_mean(level[f"{part}_mw"]), 4) for part in ("roadways", "holes", "blocks")
                },
                "year1_mw": level["power_mw"][0],
                "mean_mw": _mean(level["power_mw"]),
                "interference": level["interference"][0] if level["interference"] else None,
            }
            for level in result["levels"]
        ],
        "power_mw": [round(v, 4) for v in total],
        "most_mw": max(max(total), 1e-6),
        "mean_mw": result["total"]["mean_power_mw"],
        "doublets": result["total"]["doublets"],
        "doublet_mw": DOUBLET_MW,
        "per_km_mw": result["total"]["per_km_roadway_mw"],
        "bounds": {k: result["bounds"][k] for k in ("energy_in_place_mw", "conductive_mw", "result_mw")},
        "cooling": {
            "saved_mw": _mean(result["cooling"]["saved_mw"]),
            "saved_electric_mw": _mean(result["cooling"]["saved_electric_mw"]),
            "saved_mwh": _mean(result["cooling"]["saved_mwh"]),
            "share": result["cooling"]["saved_share"],
            "autocompression_mw": result["cooling"]["autocompression_mw"],
            "cop": result["cooling"]["cop"],
        },
        "loops": [row | {"depth_m": depth[row["level"]]} for row in result["loops"]["by_exergy"]],
        "mixed": result["loops"]["mixed"],
        "money": money["by_shaft_share"] if money else [],
        "shaft_capex_cny": money["shaft_capex_cny"] if money else None,
        "notes": result["notes"],
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def page_state(site_name: str, mine: dict[str, Any]) -> dict[str, Any]:
    """The mine and the limits of its sliders; the answer follows."""
    return {
        "site": site_name,
        "mine": mine,
        "limits": {f"{part}.{key}": list(limits) for (part, key), limits in LIMITS.items()},
        "edited": mine != shipped(site_name),
        "findings": _shipped(site_name)[1],
    }

"""Colours of the scenery: strata, units, water. All sRGB; hex in tables, uint8 RGBA in arrays."""

from __future__ import annotations

import numpy as np

# Reservoir and water temperature, dark to bright; the basin adds two brighter stops.
THERMAL = ["#042333", "#13306d", "#403891", "#6b4596", "#90548b", "#b8627d", "#de7065", "#f68f46", "#f9b641"]
THERMAL_BASIN = (*THERMAL, "#f7cb44", "#efe350")
WATER_RANGE_DEGC = (10.0, 66.0)

DARK_LINE = "#2b3640"
FAULT_DEEP = "#23191b"
FAULT_GROUND = "#7d3b34"
PRODUCER = "#d55e00"
INJECTOR = "#0072b2"
PRODUCER_BRIGHT, INJECTOR_BRIGHT = "#f27d1c", "#2397de"  # on equipment and in sections
NO_RESERVOIR = "#a3a8ad"

# Two tints per formation for the walls (sand and mud beds), cool to warm with depth.
STRATA_TINTS: dict[str, tuple[str, str]] = {
    "pingyuan": ("#efe8d3", "#eae1c8"),
    "minghuazhen": ("#e2d9c1", "#d9cfb5"),
    "guantao": ("#cf9656", "#bf8444"),
    "dongying": ("#9b8d7b", "#8f806d"),
    "shahejie": ("#857e75", "#7b746b"),
    "kongdian": ("#857e75", "#7b746b"),
    "basement": ("#646870", "#5a5e66"),
}
GUANTAO_CAP = ("#dfc7a0", "#d6bb91")
UNIT_TINTS: dict[str, str] = {
    "CZK": "#e6e6cd",
    "WD": "#d3e0d0",
    "DZ": "#f0e0b6",
    "HM": "#d3e4e2",
    "GG": "#e2dac6",
    "GT": "#ecd9c6",
    "DS": "#dcd8e2",
    "TJ": "#e9dcd5",
    "ABS": "#d9dbdc",
}


def rgb(colour: str) -> np.ndarray:
    """(3,) float 0..255 of ``#rrggbb``."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)


def hexed(colour: np.ndarray) -> str:
    """``#rrggbb`` of 0..255 values."""
    return "#" + "".join(f"{round(min(255.0, max(0.0, float(c)))):02x}" for c in colour[:3])


def rgba(colour: str, *, alpha: float = 1.0) -> np.ndarray:
    """(4,) uint8."""
    return np.append(np.rint(rgb(colour)), round(255 * alpha)).astype(np.uint8)


def mix(a: str, b: str, share: float) -> str:
    """``a`` with a share (0..1) of ``b``."""
    return hexed(rgb(a) * (1 - share) + rgb(b) * share)


def shade(colour: str, factor: float) -> str:
    """Darker (< 1) or lighter (> 1) by the same factor in each channel."""
    return hexed(rgb(colour) * factor)


def ramp(
    values: np.ndarray, low: float, high: float, *, stops: tuple[str, ...] | list[str] = THERMAL
) -> np.ndarray:
    """(n, 4) uint8 colours of values on a scale of evenly spaced stops, clamped at both ends."""
    table = np.stack([rgb(stop) for stop in stops])
    at = np.clip((np.asarray(values, dtype=float) - low) / max(high - low, 1e-12), 0, 1) * (len(table) - 1)
    i = np.minimum(at.astype(int), len(table) - 2)
    part = (at - i)[..., None]
    out = np.full((*at.shape, 4), 255, dtype=np.uint8)
    out[..., :3] = np.rint(table[i] * (1 - part) + table[i + 1] * part)
    return out


def water(temperature_degc: float) -> str:
    """Colour of water in pipes."""
    return hexed(ramp(np.array([temperature_degc]), *WATER_RANGE_DEGC)[0])


def tints(stratum_id: str, colour: str, *, role: str = "") -> tuple[str, str]:
    """The two tints of a formation; those of its own colour for a formation the table does not know.

    Among the layers over a reservoir its own formation is paler, so that the reservoir stands out.
    """
    if role == "cap" and "guantao" in stratum_id.lower():
        return GUANTAO_CAP
    for key, pair in STRATA_TINTS.items():
        if key in stratum_id.lower():
            return pair
    return shade(colour, 1.03), shade(colour, 0.96)

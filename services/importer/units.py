"""Units that people write in the heads of their tables, and how each becomes ours.

ours = factor * theirs + offset. Factors: SI brochure (9th edition) and, for the darcy, 1 D = 9.869233e-13 m2
(API RP 27); US gallon 3.785411784 L.
"""

from __future__ import annotations

import re

UNITS: dict[str, dict[str, tuple[float, float]]] = {
    "length": {
        "m": (1.0, 0.0),
        "米": (1.0, 0.0),
        "km": (1000.0, 0.0),
        "ft": (0.3048, 0.0),
        "f": (0.3048, 0.0),
    },
    "rate": {
        "m3/h": (1.0, 0.0),
        "m3/d": (1.0 / 24.0, 0.0),
        "m3/s": (3600.0, 0.0),
        "l/s": (3.6, 0.0),
        "gpm": (0.2271247, 0.0),
    },
    "temperature": {
        "degc": (1.0, 0.0),
        "c": (1.0, 0.0),
        "degf": (5.0 / 9.0, -160.0 / 9.0),
        "k": (1.0, -273.15),
    },
    "permeability": {
        "md": (1.0, 0.0),
        "d": (1000.0, 0.0),
        "m2": (1.0 / 9.869233e-16, 0.0),
        "um2": (1013.25, 0.0),
    },
    "fraction": {"1": (1.0, 0.0), "v/v": (1.0, 0.0), "%": (0.01, 0.0), "pu": (0.01, 0.0)},
    "conductivity": {"w/mk": (1.0, 0.0)},
    "heat_capacity": {"mj/m3k": (1.0, 0.0), "kj/m3k": (1e-3, 0.0), "j/m3k": (1e-6, 0.0)},
    "angle": {"deg": (1.0, 0.0)},
    "degrees": {"deg": (1.0, 0.0)},
}
_SPELLINGS = {
    "℃": "degc",
    "°c": "degc",
    "deg c": "degc",
    "celsius": "degc",
    "摄氏度": "degc",
    "℉": "degf",
    "°f": "degf",
    "fahrenheit": "degf",
    "°": "deg",
    "度": "deg",
    "-": "1",
    "frac": "1",
    "fraction": "1",
    "dec": "1",
    "pct": "%",
    "percent": "%",
    "%": "%",
    "百分比": "%",
    "feet": "ft",
    "meter": "m",
    "metre": "m",
    "metres": "m",
    "meters": "m",
    "千米": "km",
    "方/时": "m3/h",
    "方/天": "m3/d",
    "l/sec": "l/s",
    "darcy": "d",
    "达西": "d",
    "毫达西": "md",
    "μm2": "um2",
    "µm2": "um2",
}
_ENDINGS = {  # a head such as top_ft or rate_m3_d
    "_m3_h": "m3/h",
    "_m3_d": "m3/d",
    "_l_s": "l/s",
    "_degc": "degc",
    "_degf": "degf",
    "_pct": "%",
    "_md": "md",
    "_km": "km",
    "_ft": "ft",
    "_w_mk": "w/mk",
    "_mj_m3k": "mj/m3k",
    "_deg": "deg",
    "_m": "m",
}
_BRACKETS = re.compile(r"^(.*?)\s*[\[(（【]\s*([^\])）】]*?)\s*[\])）】]\s*$")


def normal(unit: str) -> str:
    """One spelling for each unit: ``"m³ / h"`` and ``"m^3/h"`` are ``"m3/h"``."""
    text = unit.strip().lower().replace("³", "3").replace("²", "2").replace("^", "")
    text = text.replace("·", "").replace("*", "").replace("(", "").replace(")", "").replace(" k", "k")
    text = _SPELLINGS.get(text, text).replace(" ", "")
    text = text.replace("立方米", "m3").replace("小时", "h").replace("天", "d").replace("米", "m")
    return _SPELLINGS.get(text, text)


def head_and_unit(head: str) -> tuple[str, str | None]:
    """A column's head without its unit, and the unit if one is written: ``"Top [ft]"`` -> ``("top", "ft")``."""
    text = head.strip().lower()
    found = _BRACKETS.match(text)
    if found and found.group(1):
        return found.group(1).strip().replace(" ", "_"), normal(found.group(2))
    text = text.replace(" ", "_")
    for ending, unit in _ENDINGS.items():
        if text.endswith(ending) and len(text) > len(ending):
            return text.removesuffix(ending), unit
    return text, None


def factor_of(quantity: str, unit: str) -> tuple[float, float] | None:
    """(factor, offset) that makes ours of theirs; ``None`` for a unit that is not known for the quantity."""
    return UNITS[quantity].get(normal(unit))

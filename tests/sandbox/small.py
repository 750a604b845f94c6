"""A small doublet with a monitoring well, as a scheme file says it; what several tests of commands start from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def doublet(*, half_m: float, extent_m: tuple[float, float], **more: Any) -> dict[str, Any]:
    """Wells ``half_m`` to both sides of the middle of a field; ``more``: further keys of the scheme."""
    injector = {
        "name": "I1",
        "kind": "injector",
        "x_m": half_m,
        "y_m": 0,
        "rate_m3_h": 60,
        "temperature_degc": 25,
    }
    return {
        "format": "geosandbox-scheme/1",
        "name": "small doublet",
        "reservoir": {
            "extent_m": list(extent_m),
            "origin_m": [-0.5 * side for side in extent_m],
            "cell_m": 50,
            "layers": [{"name": "sand", "top_m": 1400, "thickness_m": 40, "temperature_degc": 70}],
        },
        "wells": [
            {"name": "P1", "kind": "producer", "x_m": -half_m, "y_m": 0, "rate_m3_h": 60},
            injector,
            {"name": "M1", "kind": "monitor", "x_m": 0, "y_m": 100},
        ],
        **more,
    }


def written(folder: Path, scheme: dict[str, Any], name: str = "scheme.json") -> Path:
    file = folder / name
    file.write_text(json.dumps(scheme), encoding="utf-8")
    return file

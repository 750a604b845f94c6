"""Scheme files for the shipped sites, made from their well tables (format: section 2 of the outside contract)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def scheme_wells(rows: Iterable[Row], *, return_degc: float | None = None) -> list[dict[str, Any]]:
    """Wells of a scheme from rows of a well table; ``return_degc`` is given to injectors that have none."""
    wells = []
    for row in rows:
        well: dict[str, Any] = {
            "name": row["name"],
            "kind": row["kind"],
            "x_m": float(row["x_m"]),
            "y_m": float(row["y_m"]),
            "rate_m3_h": float(row["rate_m3_h"]),
            "head_x_m": float(row["head_x_m"]),
            "head_y_m": float(row["head_y_m"]),
        }
        if row["pad"]:
            well["pad"] = row["pad"]
        if row["kind"] == "injector":
            warm = (
                float(row["temperature_degc"]) if row["temperature_degc"] not in ("", None) else return_degc
            )
            if warm is not None:
                well["temperature_degc"] = warm
        if str(row["existing"]).lower() == "true":
            well["existing"] = True
        wells.append(well)
    return wells


def balanced(wells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same wells with injection rates scaled so that all that is produced goes back (to 0.1 m3/h)."""
    injectors = [w for w in wells if w["kind"] == "injector"]
    produced = sum(w["rate_m3_h"] for w in wells if w["kind"] == "producer")
    factor = produced / sum(w["rate_m3_h"] for w in injectors)
    rates = {w["name"]: round(w["rate_m3_h"] * factor, 1) for w in injectors}
    last = injectors[-1]["name"]
    rates[last] = round(rates[last] + produced - sum(rates.values()), 1)
    return [w | ({"rate_m3_h": rates[w["name"]]} if w["name"] in rates else {}) for w in wells]


def write_scheme(path: Path, *, name: str, site: str, wells: list[dict[str, Any]], **more: Any) -> Path:
    """A scheme file, one well a line, so that two schemes can be compared by eye."""
    head = {"format": "geosandbox-scheme/1", "name": name, "site": site, "reservoir": None}
    parts = [f" {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in (head | more).items()]
    lines = ",\n".join("  " + json.dumps(well, ensure_ascii=False) for well in wells)
    parts.insert(4, f' "wells": [\n{lines}\n ]')
    path.parent.mkdir(exist_ok=True)
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    return path

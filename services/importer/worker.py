"""Opens files that other people's compiled code reads (GeoPackage, LAS), in a process that may die.

Run by path with ``python -I worker.py``; knows nothing of the rest of the program. Standard input: JSON list of
``{"path", "kind"}``; standard output: JSON list of ``{"layers": …}``, ``{"log": …}`` or ``{"fault": text}``.
"""

from __future__ import annotations

import io
import json
import math
import sys
from contextlib import suppress

MEMORY_BYTES = 4 << 30  # address space: libraries reserve far more than they touch
CPU_SECONDS = 40
MAX_ROWS = 20_000
MAX_VERTICES = 500_000
MAX_CURVES = 200
MAX_SAMPLES = 2_000_000


def _limit() -> None:
    try:
        import resource
    except ImportError:  # a system without limits; the parent's clock still holds
        return
    for what, value in (
        ("AS", MEMORY_BYTES),
        ("CPU", CPU_SECONDS),
        ("FSIZE", 1 << 20),
        ("CORE", 0),
        ("NOFILE", 256),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{what}"), (value, value))


def _plain(value):
    """A table cell as JSON knows it."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None if str(value) in ("NaT", "<NA>") else str(value)


def _geopackage(path):
    import geopandas
    import pyogrio

    with open(path, "rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            return {"fault": "is not a GeoPackage (it does not begin as an SQLite file)"}
    layers = {}
    for name, _ in pyogrio.list_layers(path)[:50]:
        info = pyogrio.read_info(path, layer=name)
        if info["features"] > MAX_ROWS:
            return {"fault": f"has {info['features']} rows in {name!r}, at most {MAX_ROWS}"}
        frame = pyogrio.read_dataframe(path, layer=name, max_features=MAX_ROWS)
        shapes, crs = None, None
        if isinstance(frame, geopandas.GeoDataFrame):
            if frame.geometry.count_coordinates().sum() > MAX_VERTICES:
                return {"fault": f"has more than {MAX_VERTICES} points in {name!r}"}
            if frame.crs is not None and not (frame.crs.is_engineering or "Undefined" in frame.crs.name):
                frame, crs = frame.to_crs(4326), "lonlat"
            shapes = [None if g is None or g.is_empty else g.__geo_interface__ for g in frame.geometry]
            frame = frame.drop(columns=frame.geometry.name)
        rows = [[_plain(v) for v in row] for row in frame.itertuples(index=False, name=None)]
        layers[str(name)] = {
            "head": [str(c) for c in frame.columns],
            "rows": rows,
            "shapes": shapes,
            "crs": crs,
        }
    return {"layers": layers}


def _log(path):
    import lasio

    with open(path, "rb") as file:
        raw = file.read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    las = lasio.read(io.StringIO(text), ignore_header_errors=False)
    if len(las.curves) > MAX_CURVES or sum(len(c.data) for c in las.curves) > MAX_SAMPLES:
        return {"fault": f"is larger than {MAX_CURVES} curves and {MAX_SAMPLES} values"}
    first = next(
        (i for i, line in enumerate(text.splitlines(), start=1) if line.strip().lower().startswith("~a")), 0
    )
    well = las.well["WELL"].value if "WELL" in las.well else ""
    columns = [[_plain(v) for v in curve.data] for curve in las.curves]
    log = {
        "well": str(well),
        "head": [str(c.mnemonic) for c in las.curves],
        "units": [str(c.unit or "") for c in las.curves],
        "columns": columns,
        "first_row": first + 1,
    }
    return {"log": log}


def main():
    _limit()
    out = []
    for task in json.load(sys.stdin):
        try:
            out.append({"gpkg": _geopackage, "las": _log}[task["kind"]](task["path"]))
        except MemoryError:
            out.append({"fault": "needs more memory than an import may use"})
        except Exception as error:
            out.append(
                {"fault": f"cannot be read ({type(error).__name__}: {' '.join(str(error).split())[:160]})"}
            )
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main()

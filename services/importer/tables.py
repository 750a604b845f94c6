"""Opens every file of a data set as plain tables: heads, rows with the numbers people see, shapes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.importer.columns import TABLES
from services.importer.manifest import FILE, Manifest
from twin_models.errors import Fault

WORKER = Path(__file__).with_name("worker.py")
SECONDS = 60.0
MAX_ROWS = 20_000
MAX_ANSWER = 128_000_000


@dataclass(frozen=True)
class Table:
    """One table. ``rows[i]`` has the cells under ``head``; ``numbers[i]`` is its row as a spreadsheet counts
    (heads are row 1) or, in map files, the feature's number. ``shapes``: GeoJSON geometries or ``None``.
    ``crs``: ``lonlat``, ``local``, ``EPSG:…`` or ``None`` where the file does not say."""

    kind: str
    file: str
    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    numbers: tuple[int, ...]
    shapes: tuple[dict[str, Any] | None, ...] | None = None
    crs: str | None = None


@dataclass(frozen=True)
class Log:
    """One LAS file: curves as columns; row ``first_row`` of the file is the first sample."""

    file: str
    well: str
    head: tuple[str, ...]
    units: tuple[str, ...]
    columns: tuple[tuple[Any, ...], ...]
    first_row: int


@dataclass(frozen=True)
class Opened:
    tables: tuple[Table, ...]
    logs: tuple[Log, ...]
    unused: tuple[str, ...]


def open_all(files: Sequence[Path], manifest: Manifest, faults: list[Fault]) -> Opened:
    """Every table that the data set holds; what cannot be opened is a fault."""
    tables: list[Table] = []
    unused: list[str] = []
    compiled = [p for p in files if p.suffix.lower() in (".gpkg", ".las")]
    answers = dict(zip(compiled, _isolated(compiled), strict=True))
    logs = []
    for path in files:
        suffix = path.suffix.lower()
        if suffix == ".csv":
            found = _csv(path, faults)
        elif suffix in (".geojson", ".json"):
            found = _geojson(path, faults)
        elif path in answers:
            answer = answers[path]
            if "fault" in answer:
                faults.append(Fault(path.name, "syntax", answer["fault"]))
                continue
            if "log" in answer:
                logs.append(_log(path.name, answer["log"]))
                continue
            found = [_layer(path.name, name, layer) for name, layer in answer["layers"].items()]
        else:
            found = []
            if path.name != FILE:
                unused.append(path.name)
        for table in found:
            kind = _kind(table, manifest)
            if kind is None:
                unused.append(table.file)
            else:
                tables.append(_as(table, kind))
    _check_files(tables, manifest, faults)
    return Opened(tuple(tables), tuple(logs), tuple(unused))


def _as(table: Table, kind: str) -> Table:
    return Table(kind, table.file, table.head, table.rows, table.numbers, table.shapes, table.crs)


def _kind(table: Table, manifest: Manifest) -> str | None:
    """What a file is: what the manifest says, else what its name says (``my_wells.csv`` are wells)."""
    if table.file in manifest.files.values():
        return next(k for k, f in manifest.files.items() if f == table.file)
    stem = table.file.rpartition("#")[2].rsplit(".", 1)[0].lower()
    words = {"wells": "well", "layers": "layer", "faults": "fault", "boundary": "boundar", "pads": "pad"}
    words_zh = {"wells": "井", "layers": "层", "faults": "断", "boundary": "边界", "pads": "井场"}
    found = [k for k in TABLES if words[k] in stem]
    found = found or [k for k in ("pads", "faults", "boundary", "layers", "wells") if words_zh[k] in stem][:1]
    kind = found[0] if len(found) == 1 else None
    return None if kind in manifest.files else kind


def _check_files(tables: list[Table], manifest: Manifest, faults: list[Fault]) -> None:
    for kind in TABLES:
        files = [t.file for t in tables if t.kind == kind]
        if len(files) > 1:
            text = f"{' and '.join(files)} both hold {kind}; name one under tables.{kind} in {FILE}"
            faults.append(Fault(files[1], "duplicate", text))
    there = {t.file for t in tables}
    for kind, file in manifest.files.items():
        if file not in there and not any(f.field.startswith(file.partition("#")[0]) for f in faults):
            faults.append(Fault(f"{FILE}: tables.{kind}", "missing", f"names {file!r}, which is not there"))
    for kind in ("wells", "layers"):
        if kind not in {t.kind for t in tables} and kind not in manifest.files:
            text = f"no table of {kind}: a file {kind}.csv, {kind}.geojson or a GeoPackage layer {kind} is needed"
            faults.append(Fault(kind, "missing", text))


def _csv(path: Path, faults: list[Fault]) -> list[Table]:
    """A comma, semicolon or tab table in UTF-8 or GB 18030, with every ragged row named."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            faults.append(
                Fault(path.name, "encoding", f"is neither UTF-8 nor GB 18030 text (byte {error.start})")
            )
            return []
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        faults.append(Fault(path.name, "syntax", f"is not a table ({error})"))
        return []
    if not lines or not any(cell.strip() for cell in lines[0]):
        faults.append(Fault(path.name, "empty", "has no heads in its first row"))
        return []
    head = tuple(cell.strip() for cell in lines[0])
    if len(lines) > MAX_ROWS:
        faults.append(Fault(path.name, "range", f"must have at most {MAX_ROWS} rows, got {len(lines)}"))
        return []
    rows, numbers = [], []
    for number, line in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != len(head):
            text = f"must have {len(head)} cells as the heads, got {len(line)}"
            where = {"file": path.name, "row": number, "column": None}
            faults.append(Fault(f"{path.name}, row {number}", "shape", text, where))
            continue
        rows.append(tuple(cell.strip() or None for cell in line))
        numbers.append(number)
    return [Table("", path.name, head, tuple(rows), tuple(numbers))]


def _geojson(path: Path, faults: list[Fault]) -> list[Table]:
    """A feature collection; coordinates are longitude and latitude (RFC 7946) unless the manifest says else."""
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
        items = data["features"] if data.get("type") == "FeatureCollection" else None
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        faults.append(
            Fault(path.name, "syntax", f"is not valid GeoJSON ({' '.join(str(error).split())[:120]})")
        )
        return []
    if not isinstance(items, list) or len(items) > MAX_ROWS:
        faults.append(
            Fault(path.name, "syntax", f"must be a feature collection of at most {MAX_ROWS} features")
        )
        return []
    found = [item if isinstance(item, dict) else {} for item in items]
    properties = [p if isinstance(p := item.get("properties"), dict) else {} for item in found]
    head = tuple(dict.fromkeys(str(k) for p in properties for k in p))
    rows = tuple(tuple(_cell(p.get(k)) for k in head) for p in properties)
    shapes = tuple(g if isinstance(g := item.get("geometry"), dict) else None for item in found)
    return [Table("", path.name, head, rows, tuple(range(1, len(rows) + 1)), shapes)]


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float, bool)) else json.dumps(value)[:200]


def _layer(file: str, name: str, layer: dict[str, Any]) -> Table:
    rows = tuple(tuple(row) for row in layer["rows"])
    shapes = None if layer["shapes"] is None else tuple(layer["shapes"])
    numbers = tuple(range(1, len(rows) + 1))
    return Table("", f"{file}#{name}", tuple(layer["head"]), rows, numbers, shapes, layer["crs"])


def _log(file: str, log: dict[str, Any]) -> Log:
    columns = tuple(tuple(c) for c in log["columns"])
    return Log(file, log["well"].strip(), tuple(log["head"]), tuple(log["units"]), columns, log["first_row"])


def _isolated(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """What the worker read; when it dies or takes too long, which file it was is found out one by one."""
    if not paths:
        return []
    tasks = [{"path": str(p), "kind": p.suffix.lower()[1:]} for p in paths]
    answer = _ask(tasks)
    if answer is not None:
        return answer
    alone = [_ask([task]) for task in tasks] if len(tasks) > 1 else [None]
    lost = {"fault": f"cannot be read: the reader stopped (more than {SECONDS:g} s or too much memory)"}
    return [a[0] if a else lost for a in alone]


def _ask(tasks: list[dict[str, str]]) -> list[dict[str, Any]] | None:
    """One run of the worker: no settings of ours, no network drivers' settings, one thread, a clock."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
        "PROJ_NETWORK": "OFF",
    }
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(WORKER)],
            input=json.dumps(tasks).encode(),
            capture_output=True,
            timeout=SECONDS,
            env=environment,
            check=False,
        )
        if done.returncode != 0 or len(done.stdout) > MAX_ANSWER:
            return None
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None

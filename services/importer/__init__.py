"""A user's own field: tables in, a checked site out; and back.

``preview`` says what was understood and every fault; ``import_site`` makes the folder of a site, or nothing.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.importer.archive import collect
from services.importer.build import SCHEME_FORMAT, baseline_of, box_of, demand_of, write_site
from services.importer.columns import TABLES
from services.importer.draft import Draft, make_draft, recentre
from services.importer.faults_zh import place_zh, sentence_zh
from services.importer.manifest import Manifest, read_manifest, with_mapping
from services.importer.tables import open_all
from services.importer.units import UNITS
from twin_models.errors import Fault, InputError
from twin_models.site_files import NAME, read_site
from twin_models.sites import load_site, shipped_names, site_names

MAX_SITES = 200


@dataclass
class _Attempt:
    """One try to import. ``label``: the name of the data set, for want of a better name."""

    manifest: Manifest = field(default_factory=Manifest)
    draft: Draft = field(default_factory=Draft)
    box: dict[str, Any] | None = None
    files: list[Path] = field(default_factory=list)
    unused: tuple[str, ...] = ()
    name: str = ""
    title: tuple[str, str] = ("", "")
    faults: list[Fault] = field(default_factory=list)


def preview(
    source: Path | bytes,
    *,
    name: str | None = None,
    sites: Path | None = None,
    mapping: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What an import would make, as plain data; all faults stand in it and none is raised.

    ``mapping``: what a person says of files, columns and units, in the form of ``import.yaml``; it goes over the
    data set's own.
    """
    with tempfile.TemporaryDirectory(prefix="geosandbox-") as room:
        attempt = _try(source, Path(room) / "given", name, sites, mapping)
        if not attempt.faults:
            try:
                _stage(attempt, Path(room))
            except InputError as error:
                attempt.faults += error.faults
        return _report(attempt)


def import_site(
    source: Path | bytes,
    *,
    name: str | None = None,
    sites: Path,
    mapping: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make a site of a data set in the folder ``sites``. Raises ``InputError`` with every fault, having made nothing.

    ``source``: a folder, a zip, or the bytes of a zip. Returns the report of ``preview`` with the site's folder.
    """
    with tempfile.TemporaryDirectory(prefix="geosandbox-") as room:
        attempt = _try(source, Path(room) / "given", name, sites, mapping)
        if attempt.faults or attempt.box is None:
            raise InputError(attempt.faults)
        sites.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".importing-", dir=sites) as staging:
            made = _stage(attempt, Path(staging))
            try:
                made.rename(sites / attempt.name)
            except OSError:
                raise InputError(_taken(attempt.name)) from None
        return _report(attempt) | {"folder": str(sites / attempt.name)}


def _stage(attempt: _Attempt, folder: Path) -> Path:
    """The site's folder, written aside and read once: the reader of shipped sites has the last word."""
    assert attempt.box is not None
    made = folder / attempt.name
    write_site(
        made,
        attempt.draft,
        manifest=attempt.manifest,
        title=attempt.title,
        box=attempt.box,
        files=attempt.files,
    )
    read_site(made)
    return made


def _taken(name: str) -> Fault:
    return Fault("name", "taken", f"a site named {name!r} is there already; give another with --name")


def _try(
    source: Path | bytes, room: Path, name: str | None, sites: Path | None, mapping: Mapping[str, Any] | None
) -> _Attempt:
    attempt = _Attempt()
    room.mkdir()
    try:
        attempt.files = collect(source, room)
        attempt.manifest = with_mapping(read_manifest(room), mapping or {})
    except InputError as error:
        attempt.faults += error.faults
        return attempt
    label = "" if isinstance(source, bytes) else source.resolve().stem
    attempt.name = _name(name or attempt.manifest.name or _slug(label), attempt.faults, sites)
    attempt.title = attempt.manifest.title or _title(attempt.name)
    opened = open_all(attempt.files, attempt.manifest, attempt.faults)
    attempt.unused = opened.unused
    attempt.draft = make_draft(opened, attempt.manifest, attempt.faults)
    parent = attempt.manifest.parent
    if parent is not None and (
        parent not in site_names() or load_site(parent).scale == attempt.manifest.scale
    ):
        attempt.faults.append(
            Fault("import.yaml: parent", "unknown", f"no coarser site is named {parent[:40]!r}")
        )
    if not attempt.faults:
        _together(attempt)
    return attempt


def _slug(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:40].strip("-") or "my-field"


def _title(name: str) -> tuple[str, str]:
    words = name.replace("-", " ")
    return f"导入场地 {words}", words[:1].upper() + words[1:]


def _name(name: str, faults: list[Fault], sites: Path | None) -> str:
    if not NAME.match(name):
        faults.append(
            Fault("name", "range", f"must be lower case letters, digits and single dashes, got {name[:60]!r}")
        )
    elif name in shipped_names() or name in site_names() or (sites is not None and (sites / name).exists()):
        faults.append(_taken(name))
    elif sites is not None and sites.is_dir() and sum(1 for _ in sites.iterdir()) >= MAX_SITES:
        faults.append(
            Fault("name", "range", f"there are {MAX_SITES} imported sites already; remove one first")
        )
    return name


def _together(attempt: _Attempt) -> None:
    """What only shows when a scheme is made of it: checked by the reader of schemes, said by rows of the table."""
    from scenarios.scheme import read_scheme

    draft = attempt.draft
    box = box_of(draft, attempt.manifest)
    (x0, y0), (wide, high) = box["origin_m"], box["extent_m"]
    if "extent_m" not in attempt.manifest.reservoir and not (x0 < 0.0 < x0 + wide and y0 < 0.0 < y0 + high):
        recentre(draft, (x0 + round(wide / 2.0), y0 + round(high / 2.0)))
        box = box_of(draft, attempt.manifest)
    defaults = demand_of(Draft(wells=draft.wells), attempt.manifest, box)
    scheme = baseline_of(draft, attempt.name, defaults) | {
        "format": SCHEME_FORMAT,
        "site": None,
        "reservoir": box,
    }
    rows = [w["row"] for w in draft.wells if w["existing"]]
    try:
        read_scheme(scheme, name="baseline")
    except InputError as error:
        attempt.faults += [_in_table(fault, rows) for fault in error.faults]
        return
    attempt.box = box


def _in_table(fault: Fault, rows: list[Any]) -> Fault:
    found = re.search(r"wells\[(\d+)\](?:\.(\w+?)(?:_m3_h|_degc|_m)?)?$", fault.field)
    if not found or int(found[1]) >= len(rows):
        return fault
    return rows[int(found[1])].at(found[2] or "name", fault.reason, fault.text)


def _report(attempt: _Attempt) -> dict[str, Any]:
    draft = attempt.draft
    kinds = [w["kind"] for w in draft.wells]
    reservoir = None
    if attempt.box is not None:
        reservoir = {k: attempt.box[k] for k in ("extent_m", "cell_m")} | {
            "layers": [layer["name"] for layer in attempt.box["layers"]]
        }
    return {
        "ready": not attempt.faults,
        "name": attempt.name,
        "title": {"zh": attempt.title[0], "en": attempt.title[1]},
        "tables": draft.mapping,
        "not_used": list(attempt.unused),
        "frame": {"lon": draft.frame[0], "lat": draft.frame[1]},
        "found": {
            "wells": len(kinds),
            "producers": kinds.count("producer"),
            "injectors": kinds.count("injector"),
            "layers": len(draft.layers),
            "faults": len(draft.faults),
            "pads": len(draft.pads),
            "boundary": bool(draft.ring),
        },
        "reservoir": reservoir,
        "map": _map(draft),
        "choices": choices(),
        "assumed": [{"zh": zh, "en": en} for zh, en in draft.notes],
        "faults": [
            {
                "field": f.field,
                "reason": f.reason,
                "text": f.text,
                "text_zh": sentence_zh(f.text),
                "where_zh": place_zh(f),
                **{k: f.context.get(k) for k in ("file", "row", "column")},
            }
            for f in attempt.faults
        ],
    }


def _map(draft: Draft) -> dict[str, Any]:
    """Places in local metres, for a picture of what was understood."""
    return {
        "wells": [
            {
                "name": w["name"],
                "kind": w["kind"],
                "x_m": w["x_m"],
                "y_m": w["y_m"],
                "existing": w["existing"],
            }
            for w in draft.wells
        ],
        "pads": [{"id": p["id"], "x_m": p["x_m"], "y_m": p["y_m"]} for p in draft.pads],
        "faults": [{"name": f["name"], "line_m": f["line_m"]} for f in draft.faults],
        "boundary": [list(p) for p in draft.ring],
    }


def choices() -> dict[str, Any]:
    """What a table and its columns may be: kinds of tables, our columns, and the units each may have."""
    return {
        kind: [
            {"key": c.key, "required": c.required, "units": list(UNITS[c.quantity]) if c.quantity else []}
            for c in columns
        ]
        for kind, columns in TABLES.items()
    }


__all__ = ["import_site", "preview"]

"""A field of one's own: every fault of a broken data set, the good one as a site, hostile archives refused."""

from __future__ import annotations

import io
import json
import math
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from scenarios.scheme import read_scheme
from services.importer import archive, import_site, preview, tables
from services.importer.export import export
from services.importer.units import factor_of, head_and_unit
from twin_models.errors import InputError
from twin_models.sites import load_site, site_names

MANIFEST = """format: geosandbox-import/1
name: my-field
title: {zh: 我的热田, en: My field}
source: survey of 2025
tables:
  wells: {file: wells.csv, columns: {rate: 设计水量}, units: {rate: m3/d}}
demand: {area_m2: 100000, load_w_m2: 35, season_days: 120}
"""
WELLS = """井名,井别,lon,lat,设计水量,回灌温度 [℉],井场
P-1,开采井,116.30,37.40,1920,,A
I-1,回灌井,116.306,37.40,1920,86,A
P-2,producer,116.30,37.406,2000,,B
I-2,I,116.307,37.406,2000,86,B
"""
LAYERS = """name_zh,name_en,top [ft],base [ft],role,porosity [%],permeability,temperature
明化镇组,Minghuazhen Fm,0,3608.924,cap,,,
馆陶组,Guantao Fm,3608.924,4265.092,reservoir,27,600,
东营组,Dongying Fm,4265.092,5577.428,deep,,,
"""
FAULT_LINE = [[116.33, 37.38], [116.335, 37.42]]
RING = [[116.28, 37.39], [116.325, 37.39], [116.325, 37.42], [116.28, 37.42], [116.28, 37.39]]


def feature(kind: str, coordinates: Any, **properties: Any) -> str:
    geometry = {"type": kind, "coordinates": coordinates}
    item = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [item]})


def las(rows: list[str], well: str = "P-1", unit: str = "DEGC") -> str:
    head = ["~VERSION INFORMATION", " VERS. 2.0 :", " WRAP. NO :", "~WELL INFORMATION", " NULL. -999.25 :",
            f" WELL. {well} : WELL", "~CURVE INFORMATION", " DEPT.M : depth", f" TEMP.{unit} : temperature", "~A"]  # fmt: skip
    return "\n".join([*head, *rows]) + "\n"


GOOD = {
    "import.yaml": MANIFEST,
    "wells.csv": WELLS,
    "layers.csv": LAYERS,
    "faults.geojson": feature("LineString", FAULT_LINE, name="东断层", dip=70, dip_to=90),
    "boundary.geojson": feature("Polygon", [RING]),
    "P-1.las": las([f"{d:.1f} {14 + 0.035 * d:.3f}" for d in range(1000, 1401, 20)]),
}


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "sites"
    monkeypatch.setenv("GEOSANDBOX_SITES", str(folder))
    return folder


def folder_of(files: dict[str, str], place: Path) -> Path:
    place.mkdir()
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
    return place


def zip_of(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return out.getvalue()


def test_units_become_ours() -> None:
    """1 L/s = 3.6 m3/h; 86 degF = 30 degC; 1 D = 1000 mD; 27 % = 0.27."""
    for quantity, unit, theirs, ours in [
        ("rate", "L/s", 10.0, 36.0),
        ("rate", "m³ / d", 24.0, 1.0),
        ("temperature", "℉", 86.0, 30.0),
        ("permeability", "D", 1.5, 1500.0),
        ("fraction", "%", 27.0, 0.27),
        ("length", "ft", 1000.0, 304.8),
    ]:
        factor, offset = factor_of(quantity, unit) or (math.nan, math.nan)
        assert factor * theirs + offset == pytest.approx(ours), unit
    assert head_and_unit("Top depth [ft]") == ("top_depth", "ft")
    assert head_and_unit("温度（℉）") == ("温度", "degf")
    assert head_and_unit("rate_m3_d") == ("rate", "m3/d")


def test_a_good_data_set_becomes_a_site(tmp_path: Path, sites: Path) -> None:
    """1920 m3/d = 80 m3/h; 3608.924 ft = 1100 m; of the log, 1120 to 1300 m lie in the layer
    (its top is 1100.00003 m): 14 + 0.035 x 1210 = 56.35 degC."""
    source = folder_of(GOOD, tmp_path / "given")
    seen = preview(source, sites=sites)
    assert seen["ready"] and seen["faults"] == [] and not sites.exists()
    columns = {c["head"]: (c["as"], c["unit"]) for t in seen["tables"] for c in t["columns"]}
    assert columns["设计水量"] == ("rate", "m3/d") and columns["base [ft]"] == ("base", "ft")
    made = import_site(source, sites=sites)
    assert made["folder"] == str(sites / "my-field") and "my-field" in site_names()
    site = load_site("my-field")
    layer = site.reservoir.layers[0]
    assert (layer.top_m, layer.thickness_m) == (
        pytest.approx(1100.0, abs=1e-3),
        pytest.approx(200.0, abs=1e-3),
    )
    assert float(layer.temperature_degc) == pytest.approx(56.35, abs=0.01)
    assert float(layer.porosity) == pytest.approx(0.27)
    wells = site.well_by_name
    assert [w.kind for w in site.wells] == ["producer", "injector"] * 2
    assert wells["P-1"].rate_m3_h == pytest.approx(80.0) and wells["I-1"].temperature_degc == pytest.approx(
        30.0
    )
    gap = math.dist((wells["P-1"].x_m, wells["P-1"].y_m), (wells["I-1"].x_m, wells["I-1"].y_m))
    assert gap == pytest.approx(0.006 * 111_320.0 * math.cos(math.radians(37.4)), rel=1e-3)
    assert site.area is not None and site.faults[0].dip_deg == 70.0
    assert {p.name for p in (site.folder / "tables").iterdir()} == set(GOOD)
    assert list(sites.iterdir()) == [sites / "my-field"]


def test_an_imported_site_passes_the_contract_of_sites(tmp_path: Path, sites: Path) -> None:
    """The very tests that shipped sites pass, called with it."""
    from importlib import util

    import_site(folder_of(GOOD, tmp_path / "given"), sites=sites)
    file = Path(__file__).parents[1] / "contract" / "test_sites.py"
    spec = util.spec_from_file_location("contract_of_sites", file)
    contract = util.module_from_spec(spec)
    spec.loader.exec_module(contract)
    assert "my-field" in contract.NAMES
    checks = [
        f for name, f in vars(contract).items() if name.startswith("test_") and f.__code__.co_argcount == 1
    ]
    assert len(checks) >= 10
    for check in checks:
        check(load_site("my-field"))


BROKEN = {
    "import.yaml": MANIFEST,
    "wells.csv": """井名,井别,lon,lat,设计水量,回灌温度 [℉],井场
P-1,开采井,116.30,37.40,1920,,A
P-1,开采井,116.302,37.40,many,,A
I-1,drain,116.306,37.40,1920,86,A
I-2,回灌井,116.306,,1920,86,A
I-3,回灌井,116.310,37.40,,500,A
I-4,回灌井,116.40,37.40,1920,86,A
I-5,回灌井,116.30,37.40
""",
    "layers.csv": """name_zh,name_en,top,base,role,porosity,permeability,temperature [furlong]
明化镇组,Minghuazhen Fm,0,1100,cap,,,
馆陶组,Guantao Fm,1000,1300,reservoir,27,600,56
东营组,Dongying Fm,1300,-1700,aquitard,,,
""",
    "faults.geojson": feature("Point", [116.3, 37.4], name="F"),
    "boundary.geojson": feature("Polygon", [[RING[0], RING[2], RING[1], RING[3], RING[0]]]),
    "P-1.las": las(["1000.0 50", "990.0 51"], well="P-9"),
}


def test_a_broken_data_set_names_every_fault_and_loads_nothing(tmp_path: Path, sites: Path) -> None:
    source = folder_of(BROKEN, tmp_path / "given")
    with pytest.raises(InputError) as raised:
        import_site(source, sites=sites)
    found = {
        (f.context.get("file"), f.context.get("row"), f.context.get("column")) for f in raised.value.faults
    }
    assert found == {
        ("wells.csv", 3, "井名"),  # the name of row 2
        ("wells.csv", 3, "设计水量"),  # no number
        ("wells.csv", 4, "井别"),  # no such kind
        ("wells.csv", 5, "lat"),  # empty
        ("wells.csv", 6, "设计水量"),  # an injector needs one
        ("wells.csv", 6, "回灌温度 [℉]"),  # 260 degC
        ("wells.csv", 8, None),  # four cells short
        ("layers.csv", 1, "temperature [furlong]"),  # no unit of temperature
        ("layers.csv", 3, "top"),  # above the base of the layer over it
        ("layers.csv", 3, "porosity"),  # 27 without a unit
        ("layers.csv", 4, "base"),  # negative
        ("layers.csv", 4, "role"),  # no such role
        ("faults.geojson", 1, "geometry"),  # a point
        ("boundary.geojson", 1, "geometry"),  # crosses itself
        ("P-1.las", None, "WELL"),  # no such well
        ("P-1.las", 12, "DEPT"),  # goes up
    }
    lines = {f.line() for f in raised.value.faults}
    assert "error: wells.csv, row 3, column 设计水量: must be a number, got 'many'" in lines
    assert any("for per cent write the head as porosity [%]" in line for line in lines)
    assert any("depths are positive downward" in line for line in lines)
    assert not sites.exists() and "my-field" not in site_names()
    seen = preview(source, sites=sites)
    assert not seen["ready"] and len(seen["faults"]) == len(raised.value.faults)


def test_wells_outside_the_boundary_are_told_by_row(tmp_path: Path, sites: Path) -> None:
    files = GOOD | {"wells.csv": WELLS + "I-9,I,116.40,37.40,100,86,B\n"}
    [fault] = preview(folder_of(files, tmp_path / "given"), sites=sites)["faults"]
    assert (fault["row"], fault["text"]) == (6, "stands outside the boundary")


def test_what_a_scheme_refuses_is_told_too(tmp_path: Path, sites: Path) -> None:
    """A closed box cannot take water for years when none is taken out."""
    only = "\n".join(line for line in WELLS.splitlines() if not line.startswith("P-"))
    files = {k: v for k, v in GOOD.items() if k != "P-1.las"} | {"wells.csv": only}
    files["layers.csv"] = LAYERS.replace("600,\n", "600,56\n")
    files["import.yaml"] = MANIFEST + "reservoir: {boundary: closed}\n"
    [fault] = preview(folder_of(files, tmp_path / "given"), sites=sites)["faults"]
    assert "no producer" in fault["text"]


def test_export_and_import_give_the_same_site(tmp_path: Path, sites: Path) -> None:
    """Places to the millimetre, by tables and by the GeoPackage alone; only maps become their means."""
    answer = export("caofeidian", tmp_path / "out")
    assert {"wells.csv", "faults.geojson", "caofeidian.gpkg", "import.yaml"} <= set(answer["files"])
    assert any("maps" in text for text in answer["lost"])
    import_site(tmp_path / "out", name="by-tables", sites=sites)
    alone = folder_of({}, tmp_path / "alone")
    (alone / "all.gpkg").write_bytes((tmp_path / "out" / "caofeidian.gpkg").read_bytes())
    manifest = (tmp_path / "out" / "import.yaml").read_text(encoding="utf-8")
    cut = manifest.index("tables:"), manifest.index("reservoir:")
    (alone / "import.yaml").write_text(manifest[: cut[0]] + manifest[cut[1] :], encoding="utf-8")
    import_site(alone, name="by-geopackage", sites=sites)
    old = load_site("caofeidian")
    for name in ("by-tables", "by-geopackage"):
        new = load_site(name)
        assert [w.name for w in new.wells] == [w.name for w in old.wells]
        for a, b in zip(old.wells, new.wells, strict=True):
            assert math.dist((a.x_m, a.y_m, a.head_x_m), (b.x_m, b.y_m, b.head_x_m)) < 2e-3
            assert (a.kind, a.rate_m3_h, a.pad) == (b.kind, b.rate_m3_h, b.pad)
        assert (
            new.reservoir.extent_m == old.reservoir.extent_m and new.reservoir.cell_m == old.reservoir.cell_m
        )
        assert [s.top_m for s in new.strata] == [s.top_m for s in old.strata]
        assert new.faults[0].dip_deg == old.faults[0].dip_deg
        assert new.area.area_m2 == pytest.approx(old.area.area_m2, rel=1e-6)
        mean = float(old.reservoir.layers[0].permeability_md.mean())
        assert float(new.reservoir.layers[0].permeability_md) == pytest.approx(mean, rel=1e-6)
    baseline = read_scheme(load_site("by-tables").schemes[0].path)
    assert len(baseline.wells) == 40


def test_a_taken_name_is_refused(tmp_path: Path, sites: Path) -> None:
    source = folder_of(GOOD, tmp_path / "given")
    for name in ("caofeidian", "../my-field", "My Field"):
        with pytest.raises(InputError) as raised:
            import_site(source, name=name, sites=sites)
        assert {f.field for f in raised.value.faults} == {"name"}
    import_site(source, sites=sites)
    with pytest.raises(InputError, match="there already"):
        import_site(source, sites=sites)


def test_an_own_site_that_breaks_later_is_left_out(tmp_path: Path, sites: Path) -> None:
    broken = sites / "broken"
    broken.mkdir(parents=True)
    (broken / "site.yaml").write_text("format: geosandbox-site/1\n", encoding="utf-8")
    assert "broken" not in site_names()
    with pytest.raises(InputError, match="is missing"):
        load_site("broken")


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        entry = zipfile.ZipInfo("wells.csv")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(entry, "/etc/passwd")
    return out.getvalue()


def lying() -> bytes:
    """A directory that says 10 bytes where a megabyte comes out."""
    data = zip_of({"wells.csv": b"0" * 1_000_000})
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", 10) + data[at + 28 :]


HOSTILE = {
    "no zip at all": (b"PK\x03\x04 nothing", "archive"),
    "up and out": (zip_of({"../../wells.csv": "x"}), "../../wells.csv"),
    "from the root": (zip_of({"/etc/wells.csv": "x"}), "/etc/wells.csv"),
    "a drive": (zip_of({"C:wells.csv": "x"}), "C:wells.csv"),
    "deep": (zip_of({"a/b/wells.csv": "x"}), "a/b/wells.csv"),
    "a program": (zip_of({"wells.py": "x"}), "wells.py"),
    "a pickle": (zip_of({"fields.npz": "x"}), "fields.npz"),
    "twice": (zip_of({"a/wells.csv": "x", "b/WELLS.csv": "y"}), "b/WELLS.csv"),
    "a link": (linked(), "wells.csv"),
    "too many": (zip_of({f"t{i}.csv": "x" for i in range(archive.MAX_FILES + 1)}), "archive"),
    "lies about its size": (lying(), "archive"),
    "empty": (zip_of({}), "archive"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_archives_are_refused(what: str, sites: Path) -> None:
    data, field = HOSTILE[what]
    with pytest.raises(InputError) as raised:
        import_site(data, name="hostile", sites=sites)
    assert {f.field for f in raised.value.faults} == {field}
    assert not sites.exists()


def test_a_bomb_is_refused_while_it_unpacks(sites: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 1_000_000)
    data = zip_of({f"{n}.csv": b"0" * 600_000 for n in "ab"})
    assert len(data) < 5_000
    with pytest.raises(InputError, match="unpacks to more than"):
        import_site(data, name="bomb", sites=sites)


def test_mutated_archives_never_crash_the_importer(tmp_path: Path) -> None:
    """300 archives with bytes changed or cut: each opens or is refused in words."""
    import random

    good = zip_of(dict(GOOD))
    draw = random.Random(3)
    refused = 0
    for i in range(300):
        data = bytearray(good)
        for _ in range(draw.randrange(1, 8)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        if i % 3 == 0:
            del data[draw.randrange(len(data)) :]
        room = tmp_path / str(i)
        room.mkdir()
        try:
            archive.collect(bytes(data), room)
        except InputError as error:
            refused += bool(error.faults)
    assert refused > 100


def test_files_of_compiled_readers_are_read_apart(tmp_path: Path, sites: Path) -> None:
    """What is no GeoPackage and no log is a fault of that file, not of the program."""
    files = GOOD | {
        "more.gpkg": "<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>"
    }
    files["P-1.las"] = "not a log"
    seen = preview(folder_of(files, tmp_path / "given"), sites=sites)
    by_file = {f["field"]: f["text"] for f in seen["faults"]}
    assert "is not a GeoPackage" in by_file["more.gpkg"]
    assert "cannot be read" in by_file["P-1.las"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("format: geosandbox-import/1\nname: &a x\ntitle: *a\n", "import.yaml"),
        ("format: [", "import.yaml"),
        ("format: geosandbox-import/1\ncoordinates: ../proj.db\n", "import.yaml: coordinates"),
        ("format: geosandbox-import/1\nspell: x\n", "import.yaml: spell"),
        (MANIFEST.replace("m3/d", "cups"), "import.yaml: tables.wells.units.rate"),
        (MANIFEST.replace("wells.csv", "../wells.csv"), "import.yaml: tables.wells"),
    ],
)
def test_a_wrong_manifest_is_a_named_fault(text: str, field: str, tmp_path: Path, sites: Path) -> None:
    files = {k: v for k, v in GOOD.items() if not k.endswith(".las")} | {"import.yaml": text}
    seen = preview(folder_of(files, tmp_path / "given"), sites=sites)
    assert field in {f["field"] for f in seen["faults"]}


def test_tables_in_projected_metres_and_chinese_encoding(tmp_path: Path, sites: Path) -> None:
    """CGCS2000 / 3-degree zone 39 (EPSG:4527 holds 39,500,000 + x): 117 E is the middle meridian."""
    text = WELLS.replace("lon,lat", "东坐标,北坐标")
    for lon, lat in (("116.306", "37.40"), ("116.307", "37.406"), ("116.30", "37.406"), ("116.30", "37.40")):
        east, north = 39_500_000 + (float(lon) - 117.0) * 88_500, 4_140_000 + (float(lat) - 37.4) * 111_000
        text = text.replace(f"{lon},{lat},", f"{east:.1f},{north:.1f},")
    manifest = MANIFEST + "coordinates: EPSG:4527\n"
    given = folder_of({k: v for k, v in GOOD.items() if k.startswith(("layers", "P-1"))}, tmp_path / "given")
    (given / "import.yaml").write_text(manifest, encoding="utf-8")
    (given / "wells.csv").write_bytes(text.encode("gb18030"))
    seen = preview(given, sites=sites)
    assert seen["faults"] == []
    assert seen["frame"]["lon"] == pytest.approx(116.303, abs=0.01)
    assert seen["frame"]["lat"] == pytest.approx(37.4, abs=0.02)


@pytest.mark.parametrize(
    "code", ["while True:\n    pass\n", "import os\nos.kill(os.getpid(), 9)\n", "print('no json')\n"]
)
def test_a_reader_that_hangs_or_dies_is_a_fault(
    code: str, tmp_path: Path, sites: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(code, encoding="utf-8")
    monkeypatch.setattr(tables, "WORKER", worker)
    monkeypatch.setattr(tables, "SECONDS", 0.5)
    seen = preview(folder_of(GOOD, tmp_path / "given"), sites=sites)
    assert "the reader stopped" in {f["field"]: f["text"] for f in seen["faults"]}["P-1.las"]


def test_the_reader_has_limits(tmp_path: Path) -> None:
    """The worker sets them itself before it opens anything: 4 GiB of addresses, 40 s, files of 1 MiB."""
    code = "import resource as r, runpy, sys, io\nsys.stdin = io.StringIO('[]')\nrunpy.run_path(sys.argv[1], run_name='__main__')\n"
    code += "print([r.getrlimit(getattr(r, 'RLIMIT_' + n))[0] for n in ('AS', 'CPU', 'FSIZE', 'CORE')])"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tables.WORKER)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[][4294967296, 40, 1048576, 0]\n"

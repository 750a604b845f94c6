"""Sites: geometry by hand, what a folder may hold, and that no broken folder ends in a traceback."""

from __future__ import annotations

import copy
import math
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from twin_models import site_files, sites
from twin_models.errors import InputError
from twin_models.site_files import read_site
from twin_models.site_types import Area, FaultLine, Text
from twin_models.sites import assets_dir, load_site, local_xy_m, world_xy_m

BAD = [math.nan, math.inf, "x", "", [], {}, -1e30, True, None, [[]], 10**400]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the smallest site, to be broken."""
    return Path(shutil.copytree(assets_dir() / "sites" / "linqing-ab", tmp_path / "linqing-ab"))


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    file = folder / "site.yaml"
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(data)
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def faults_of(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as error:
        read_site(folder)
    return [(f.field, f.reason) for f in error.value.faults]


def test_world_frame_by_hand() -> None:
    """One degree east of the origin is cos(36.9 deg) x 111.32 km = 0.799685 x 111.32 = 89.0209 km."""
    assert world_xy_m(117.4, 36.9) == pytest.approx((89_020.9, 0.0), abs=1.0)
    assert world_xy_m(116.4, 37.9) == pytest.approx((0.0, 110_980.0), abs=1e-6)


def test_local_frame_is_true_at_its_own_latitude() -> None:
    """At 60 N a degree of longitude is half as long as at the equator: 55.66 km."""
    assert local_xy_m(11.0, 60.0, origin=(10.0, 60.0))[0] == pytest.approx(55_660.0, abs=1e-6)


def test_distance_to_a_fault_by_hand() -> None:
    """Beside the middle it is the offset, beyond the end the 3-4-5 triangle."""
    line = FaultLine("f", Text("断", "f"), ((0.0, 0.0), (100.0, 0.0)), True, 60, 180, True, "test")
    assert line.distance_m(50.0, -7.0) == pytest.approx(7.0)
    assert line.distance_m(103.0, 4.0) == pytest.approx(5.0)


def test_area_by_hand() -> None:
    """An L of three unit squares: area 3, the missing corner is outside."""
    ring = ((0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0), (1.0, 2.0), (0.0, 2.0))
    area = Area(Text("区", "area"), ring, "test", True)
    assert area.area_m2 == pytest.approx(3.0)
    assert area.contains(0.5, 1.5) and area.contains(1.5, 0.5)
    assert not area.contains(1.5, 1.5)


def test_caofeidian_has_the_published_counts_and_means() -> None:
    """Source 002: 7 pads, 40 wells, porosity 27.5 %, permeability 121.2-3174.4 (596.3) mD, 37.1 km2, all returned."""
    site = load_site("caofeidian")
    assert len([pad for pad in site.pads if pad.existing]) == 7
    kinds = [well.kind for well in site.wells]
    assert (kinds.count("producer"), kinds.count("injector")) == (16, 24)
    assert sum(w.as_well().signed_rate_m3_h for w in site.wells) == pytest.approx(0.0, abs=1e-9)
    permeability = site.rasters["permeability_md"]
    assert permeability.mean(dtype=float) == pytest.approx(596.3, rel=1e-4)
    assert permeability.min() >= 121.19 and permeability.max() <= 3174.41
    assert site.rasters["porosity"].mean(dtype=float) == pytest.approx(0.275, rel=2e-3)
    assert site.area.area_m2 == pytest.approx(37.1e6, rel=1e-3)
    warm = [site.raster_at("temperature_degc", w.x_m, w.y_m) for w in site.wells]
    assert min(warm) >= 78.0 and max(warm) <= 90.0


def test_caofeidian_heat_agrees_with_the_published_demand() -> None:
    """2.30e6 m2 x 31.5 W/m2 = 72.45 MW; x 95.2 d = 5.96e14 J, the published annual supply (002)."""
    site = load_site("caofeidian")
    (community,) = site.station.communities
    joules = community.area_m2 * community.load_w_m2 * site.scheme_defaults["season_days"] * 86_400.0
    assert joules == pytest.approx(5.96e14, rel=2e-3)


def test_linqing_has_the_published_totals() -> None:
    """Source 004: 65 wells, 3.5e6 m2, about 1e7 m3 in a season of 120 d."""
    site = load_site("linqing")
    assert len(site.wells) == 65
    assert site.station.area_m2 == pytest.approx(3.5e6, rel=1e-3)
    season_m3 = sum(w.rate_m3_h for w in site.wells if w.kind == "producer") * 24 * 120
    assert season_m3 == pytest.approx(1e7, rel=2e-3)
    blocks = {c.block for c in site.station.communities if c.block}
    assert len(blocks) == 21
    assert sum(c.block is None for c in site.station.communities) == 8


def test_sites_know_their_place_in_each_other() -> None:
    assert sites.children("nw-shandong") == ["caofeidian", "jiaodong", "linqing"]
    assert sites.inside_parent(load_site("linqing"))
    assert not sites.inside_parent(load_site("caofeidian"))
    assert sites.inside_parent(load_site("linqing-ab"))


def test_raster_at_reads_the_cell_under_a_place() -> None:
    site = load_site("linqing-ab")
    raster = site.rasters["top_m"]
    assert site.raster_at("top_m", -1199.0, -1199.0) == pytest.approx(float(raster[0, 0]))
    assert site.raster_at("top_m", 1199.0, -1199.0) == pytest.approx(float(raster[0, -1]))
    assert math.isnan(site.raster_at("top_m", 1201.0, 0.0))


def test_loading_twice_gives_the_same_object_and_arrays_are_read_only() -> None:
    site = load_site("linqing-ab")
    assert load_site("linqing-ab") is site
    with pytest.raises(ValueError, match="read-only"):
        site.rasters["top_m"][0, 0] = 0.0


@pytest.mark.parametrize(
    "name", ["", "nowhere", "../sites/caofeidian", "caofeidian/", "CON\0", "a" * 500, None, 3]
)
def test_unknown_site_is_an_input_error_that_lists_the_sites(name: Any) -> None:
    with pytest.raises(InputError, match="caofeidian"):
        load_site(name)


def test_assets_setting_wins_and_falls_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    monkeypatch.setenv(sites.ASSETS_VARIABLE, str(tmp_path))
    assert assets_dir() == tmp_path.resolve()
    assert sites.site_names() == []
    monkeypatch.setenv(sites.ASSETS_VARIABLE, str(tmp_path / "absent"))
    assert (assets_dir() / "sites" / "caofeidian").is_dir()


def drop_sources(folder: Path) -> None:
    (folder / "SOURCES.md").unlink()


def pickle_arrays(folder: Path) -> None:
    np.savez(folder / "fields.npz", top_m=np.array([{"a": 1}], dtype=object))


def cut_arrays(folder: Path) -> None:
    file = folder / "fields.npz"
    file.write_bytes(file.read_bytes()[:2000])


def small_arrays(folder: Path) -> None:
    names = ("permeability_md", "temperature_degc", "top_m")
    np.savez(folder / "fields.npz", **{name: np.ones((5, 5)) for name in names})


def table(text: str) -> Callable[[Path], None]:
    return lambda folder: folder.joinpath("wells.csv").write_text(text, encoding="utf-8")


HEAD = "name,kind,pad,head_x_m,head_y_m,x_m,y_m,rate_m3_h,temperature_degc,existing,schematic\n"
A, B = "A,producer,A,0,0,0,0,90,,true,true\n", "B,producer,B,9,9,300,300,70,,true,true\n"
WELLS = "linqing-ab/wells.csv: "


@pytest.mark.parametrize(
    ("damage", "field", "reason"),
    [
        (drop_sources, "linqing-ab/site.yaml: SOURCES.md", "missing"),
        (pickle_arrays, "linqing-ab/fields.npz", "syntax"),
        (cut_arrays, "linqing-ab/fields.npz", "syntax"),
        (small_arrays, "linqing-ab/site.yaml: reservoir.layers[0].permeability_md", "shape"),
        (table(""), WELLS + "name", "missing"),
        (table(HEAD + A + B + A), WELLS + "wells[2].name", "duplicate"),
        (table(HEAD + A + B + A.replace("A,", "C,", 1)), WELLS + "wells[2].x_m", "duplicate"),
        (table(HEAD + A + B.replace("300,300", "1300,300")), WELLS + "wells[1].x_m", "outside"),
        (table(HEAD + A + B.replace("producer", "pump")), WELLS + "wells[1].kind", "unknown"),
        (table(HEAD + A + B.replace(",70,", ",-5,")), WELLS + "wells[1].rate_m3_h", "range"),
        (table(HEAD + A + B.replace(",70,", ",nan,")), WELLS + "wells[1].rate_m3_h", "not_finite"),
        (table(HEAD + A + B.replace(",70,", ",many,")), WELLS + "wells[1].rate_m3_h", "type"),
        (table(HEAD + A + B.replace("B,9", "Z,9")), WELLS + "wells[1].pad", "unknown"),
        (table(HEAD + A + B.replace("true,true", "yes,true")), WELLS + "wells[1].existing", "type"),
        (table(HEAD + A + B.replace(",,", ",")), WELLS + "line 3", "shape"),
        (table(HEAD + A + '"B,broken'), "linqing-ab/wells.csv", "syntax"),
    ],
)
def test_a_damaged_file_is_named(
    folder: Path, damage: Callable[[Path], None], field: str, reason: str
) -> None:
    damage(folder)
    assert (field, reason) in faults_of(folder)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (lambda d: d.update(format="geosandbox-site/9"), "format", "unknown"),
        (lambda d: d.update(name="other"), "name", "range"),
        (lambda d: d.update(colour="red"), "colour", "unknown"),
        (lambda d: d.pop("title"), "title", "missing"),
        (lambda d: d["title"].pop("zh"), "title.zh", "missing"),
        (lambda d: d["location"].update(lon=math.nan), "location.lon", "not_finite"),
        (lambda d: d["pads"].append(d["pads"][0]), "pads[3].id", "duplicate"),
        (lambda d: d["strata"][1].update(top_m=300), "strata[1].top_m", "range"),
        (lambda d: d["strata"][1].update(colour="red"), "strata[1].colour", "range"),
        (lambda d: d["rules"][0].pop("value_m"), "rules[0].value_m", "missing"),
        (lambda d: d["rules"][0].update(kind="far"), "rules[0].kind", "unknown"),
        (lambda d: d.pop("area"), "area", "missing"),
        (lambda d: d.pop("reservoir"), "reservoir", "missing"),
        (
            lambda d: d["station"]["communities"][0].update(wells=["Z"]),
            "station.communities[0].wells[0]",
            "unknown",
        ),
        (lambda d: d["schemes"][0].update(file="../secret.json"), "schemes[0].file", "outside"),
        (lambda d: d["schemes"][0].update(file="absent.json"), "schemes[0].file", "missing"),
        (
            lambda d: d["reservoir"]["layers"][0].update(porosity="phi"),
            "reservoir.layers[0].porosity",
            "unknown",
        ),
    ],
)
def test_a_wrong_entry_is_named(
    folder: Path, change: Callable[[dict[str, Any]], None], field: str, reason: str
) -> None:
    edit(folder, change)
    assert (f"linqing-ab/site.yaml: {field}", reason) in faults_of(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "a: 1\na: 2",
        "- 1",
        "x: !!python/object:os.system {}",
        "a: &a [*a]",
        "? [1]\n: 2",
        "\x00",
        "2024-13-45",
    ],
)
def test_what_is_no_site_file_is_refused(folder: Path, text: str) -> None:
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    assert all(field.startswith("linqing-ab/site.yaml") for field, _ in faults_of(folder))


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*at, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from paths(item, (*at, i))


def test_any_value_anywhere_gives_a_site_or_faults_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """300 seeded replacements of any part of site.yaml by nonsense: read or refused, never another error."""
    data = yaml.safe_load((folder / "site.yaml").read_text(encoding="utf-8"))
    places = list(paths(data))
    rng = random.Random(1)
    refused: list[InputError] = []
    for _ in range(300):
        changed = copy.deepcopy(data)
        *way, last = rng.choice(places)
        spot = changed
        for key in way:
            spot = spot[key]
        spot[last] = rng.choice(BAD)
        monkeypatch.setattr(site_files, "read_yaml", lambda *_, changed=changed: changed)
        try:
            read_site(folder)
        except InputError as error:
            refused.append(error)
    assert len(refused) > 200
    assert all(f.field and f.text for error in refused for f in error.faults)

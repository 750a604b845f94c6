"""Every scene of every shipped site: sound meshes, sizes, both languages, the word schematic, and the joints."""

from __future__ import annotations

import re

import numpy as np
import pytest

from scenes.basin_block import block_of
from scenes.build import BUILDERS, build_scene, main, scene_bytes, scene_key
from scenes.container import Scene, read_scene, write_scene
from scenes.levels import SCALES, all_scenes, scene_of
from twin_models.errors import InputError
from twin_models.sites import load_site, site_names

SCENES = all_scenes()
LARGEST_BYTES = {"basin": 3_000_000, "field": 1_500_000, "site": 2_000_000}
FIELDS = [name for name, scale in SCENES if scale == "field"]
STATIONS = [name for name, scale in SCENES if scale == "site"]


@pytest.fixture(params=SCENES, ids=lambda pair: "-".join(pair))
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param


@pytest.fixture
def scene(pair: tuple[str, str]) -> Scene:
    return read_scene(scene_bytes(*pair))


def mesh(scene: Scene, name: str):
    return next(m for m in scene.meshes if m.name == name)


def test_every_site_shows_something_at_every_scale():
    for name in site_names():
        for scale in SCALES:
            target = scene_of(name, scale)
            assert target in site_names(), (name, scale)
            assert (target, scale) in SCENES


def test_unknown_names_are_refused():
    with pytest.raises(InputError):
        scene_bytes("atlantis", "field")
    with pytest.raises(InputError):
        scene_bytes(site_names()[0], "galaxy")


def test_meshes_are_sound(scene: Scene):
    """Finite points, indices inside the vertices, no mesh twice, colours and uv for every vertex."""
    names = [m.name for m in scene.meshes]
    assert len(set(names)) == len(names)
    for m in scene.meshes:
        assert len(m.points) and len(m.index), m.name
        assert np.isfinite(m.points).all(), m.name
        assert m.index.max() < len(m.points), m.name
        assert m.color is None or m.color.shape == (len(m.points), 4), m.name
        assert all(np.isfinite(v).all() and len(v) == len(m.points) for v in m.attributes.values()), m.name
        assert re.fullmatch(r"#[0-9a-f]{6}", m.material.color) and 0 < m.material.opacity <= 1, m.name


def test_no_triangle_is_flat_to_nothing(scene: Scene):
    """Fewer than one triangle in fifty may be without area (beds pinch out, nothing else may)."""
    for m in scene.meshes:
        if m.primitive == "triangles":
            p = m.points.astype(float)[m.index]
            area = np.linalg.norm(np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]), axis=1)
            if not m.name.startswith(("wall", "front", "sides")):
                assert (area <= 1e-9).mean() < 0.02, m.name


def test_size_stays_below_the_budget(pair: tuple[str, str]):
    assert len(scene_bytes(*pair)) <= LARGEST_BYTES[pair[1]]


def test_all_scenes_of_one_site_fit_the_first_load():
    for name in site_names():
        assert sum(len(scene_bytes(name, scale)) for scale in SCALES) < 6_000_000


def test_equal_sites_give_equal_bytes(pair: tuple[str, str]):
    name, scale = pair
    assert write_scene(BUILDERS[scale](load_site(name))) == scene_bytes(name, scale)
    assert re.fullmatch(r"[0-9a-f]{16}", scene_key(name, scale))


def test_labels_speak_both_languages(scene: Scene):
    ids = [label.id for label in scene.labels]
    assert len(set(ids)) == len(ids)
    for label in scene.labels:
        assert label.text["zh"] and label.text["en"], label.id
        assert not re.search(r"[\u4e00-\u9fff]", label.text["en"]), label.text
        assert all(np.isfinite(label.at_m)), label.id


def test_what_is_schematic_says_so(scene: Scene):
    site = load_site(scene.site)
    assert "示意" in scene.provenance["zh"] and "schematic" in scene.provenance["en"].lower()
    drawn = {label.id: label for label in scene.labels}
    for fault in site.faults:
        if fault.schematic and f"fault-{fault.id}" in drawn:
            text = drawn[f"fault-{fault.id}"].text
            assert "示意" in text["zh"] and "schematic" in text["en"]


def test_camera_looks_at_the_scene_from_outside(scene: Scene):
    x0, x1, y0, y1, z0, z1 = scene.bounds_m
    x, y, z = scene.camera.target_m
    assert x0 < x < x1 and y0 < y < y1 and z0 < z <= z1 + 1
    assert 27 <= scene.camera.elevation_deg <= 36
    assert scene.camera.distance_m > np.hypot(x1 - x0, y1 - y0) * 0.5


@pytest.mark.parametrize("name", FIELDS)
def test_walls_and_fronts_meet_the_floor(name: str):
    """The lowest wall vertices and the highest front vertices along a side are the floor's own."""
    scene = build_scene(name, "field")
    floor = mesh(scene, "floor")
    x0, x1, y0, y1, z0, _ = scene.bounds_m
    sides = {"n": (1, y1), "s": (1, y0), "e": (0, x1), "w": (0, x0)}
    for side, (axis, value) in sides.items():
        rim = {tuple(np.round(p, 2)) for p in floor.points[np.isclose(floor.points[:, axis], value)]}
        wall = {tuple(np.round(p, 2)) for p in mesh(scene, f"wall-{side}").points}
        front = mesh(scene, f"front-{side}").points
        assert rim <= wall, side
        assert rim <= {tuple(np.round(p, 2)) for p in front}, side
        assert front[:, 2].min() == pytest.approx(z0), side


@pytest.mark.parametrize("name", FIELDS)
def test_floor_lies_at_the_reservoirs_top(name: str):
    """Away from the rim the floor agrees with the raster at the same place to within its steps."""
    scene, site = build_scene(name, "field"), load_site(name)
    floor = mesh(scene, "floor")
    assert floor.uv is not None
    assert floor.uv.min() == 0 and floor.uv.max() == 1
    corner = floor.points[np.argmin(floor.uv.sum(axis=1))]
    assert site.reservoir is not None
    np.testing.assert_allclose(corner[:2], site.reservoir.origin_m)
    if "top_m" in site.rasters:
        step = (
            np.abs(np.diff(site.rasters["top_m"], axis=0)).max()
            + np.abs(np.diff(site.rasters["top_m"])).max()
        )
        for x, y, z in floor.points[::997]:
            if site.reservoir.contains(x + 1, y + 1) and site.reservoir.contains(x - 1, y - 1):
                assert z == pytest.approx(-site.raster_at("top_m", x, y), abs=float(step) + 0.01)


@pytest.mark.parametrize("name", FIELDS)
def test_faces_look_the_right_way(name: str):
    """Walls face inwards, fronts outwards, floor and lid up: mean normals, so that culling hides no wall."""
    scene = build_scene(name, "field")
    outward = {"n": (0, 1, 0), "s": (0, -1, 0), "e": (1, 0, 0), "w": (-1, 0, 0)}

    def normal(name: str) -> np.ndarray:
        p = mesh(scene, name).points.astype(float)[mesh(scene, name).index]
        n = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]).sum(axis=0)
        return n / np.linalg.norm(n)

    for side, out in outward.items():
        assert normal(f"wall-{side}") @ out == pytest.approx(-1, abs=1e-6)
        assert normal(f"front-{side}") @ out == pytest.approx(1, abs=1e-6)
    assert normal("floor")[2] > 0.99 and normal("lid")[2] == pytest.approx(1)


def test_the_basin_carries_its_units_and_quantities():
    scene, site = build_scene("nw-shandong", "basin"), load_site("nw-shandong")
    assert [p.id for p in scene.picks] == [row.id for row in site.units] and len(scene.picks) == 8
    horizon = mesh(scene, "horizon")
    assert set(horizon.attributes) == {"temperature", "thickness", "heat"}
    legends = {legend["attribute"]: legend for legend in scene.legends}
    for name, values in horizon.attributes.items():
        low, high = legends[name]["min"], legends[name]["max"]
        assert low <= values.min() and values.max() <= high + 0.02 * (high - low), name
    assert {"zh": "馆陶组缺失", "en": "Guantao absent"} in [label.text for label in scene.labels]


def test_unit_polygons_keep_their_published_area():
    """Shoelace area of each pick against Table 1; polygons are schematic, drawn to within 3 %."""
    scene = build_scene("nw-shandong", "basin")
    for pick in scene.picks:
        x, y = np.array(pick.polygon_m).T
        area_km2 = 0.5e-6 * abs(x @ np.roll(y, -1) - y @ np.roll(x, -1))
        assert area_km2 == pytest.approx(pick.data["area_km2"], rel=0.05), pick.id


def test_the_basins_sides_stand_under_its_surfaces():
    """Every outer vertex of the horizon that is neither at the grey area nor at the cut is one of the sides."""
    scene = build_scene("nw-shandong", "basin")
    horizon, grey = mesh(scene, "horizon"), mesh(scene, "no-reservoir").points
    edges = np.sort(horizon.index[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2).astype(np.int64), axis=1)
    unique, counts = np.unique(edges, axis=0, return_counts=True)
    rim = horizon.points[np.unique(unique[counts == 1])].astype(float)
    block = block_of(load_site("nw-shandong"))
    rim = rim[np.abs(block.north_of_cut(rim[:, :2])) > 2000.0]
    rim = rim[np.linalg.norm(rim[:, None, :2] - grey[None, :, :2], axis=2).min(axis=1) > 2500.0]
    sides = mesh(scene, "sides").points.astype(float)
    gap = np.linalg.norm(rim[:, None] - sides[None], axis=2).min(axis=1)
    assert len(rim) > 100
    assert gap.max() < 0.5


@pytest.mark.parametrize("name", STATIONS)
def test_the_station_names_what_the_page_needs(name: str):
    scene = build_scene(name, "site")
    labels = {label.id for label in scene.labels}
    assert {"hx1", "hx2", "hp", "pumps", "supply", "return"} <= labels
    temperatures = {m.tags.get("temperature") for m in scene.meshes if m.role == "water-pipe"}
    assert temperatures == {
        "station_in", "hx1_out", "tail", "supply", "return", "intermediate_in", "intermediate_out",
    }  # fmt: skip
    assert all(m.color is None for m in scene.meshes if "temperature" in m.tags)
    assert {m.tags["cold"] for m in scene.meshes if m.role == "cold"} == {1, 2, 3, 4}


def test_communities_a_and_b_have_their_wells_and_areas():
    """Source 004: A 100,000 m2 with well A, B 60,000 m2 with well B; RH1 takes the water back."""
    labels = {label.id: label.text for label in build_scene("linqing-ab", "site").labels}
    assert {"well-A", "well-B", "inj-RH1"} <= set(labels)
    assert "10 万 m²" in labels["community-A"]["zh"] and "60,000 m²" in labels["community-B"]["en"]


def test_depth_of_the_cut_face_is_compressed_as_it_says():
    """Linqing: foot of the column (1480 m + 20 %) drawn at 0.06 of its depth, 106.6 m."""
    scene = build_scene("linqing-ab", "site")
    face = mesh(scene, "face-s")
    assert face.tags["depth_scale"] == 0.06
    assert -face.points[:, 2].min() == pytest.approx(0.06 * 1.2 * 1480, abs=0.1)


def test_prebuilding_writes_what_the_server_would_send(tmp_path, capsys):
    assert main([str(tmp_path)]) == 0
    for name, scale in SCENES:
        assert (tmp_path / f"{name}-{scale}.bin").read_bytes() == scene_bytes(name, scale)
    assert "MB" in capsys.readouterr().out

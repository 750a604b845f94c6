"""The file format, checked byte by byte and by round trips."""

from __future__ import annotations

import itertools
import json
import struct

import numpy as np
import pytest

from scenes.container import (
    Camera,
    Label,
    Material,
    Mesh,
    Pick,
    Scene,
    frames_bytes,
    read_frames,
    read_header,
    read_scene,
    write_scene,
)
from twin_models.errors import InputError
from twin_models.types import FieldFrames


def tiny_scene() -> Scene:
    triangle = Mesh(
        name="t",
        role="floor",
        points=np.array([[0, 0, -1], [10, 0, -2], [0, 10, -3]]),
        index=np.array([[0, 1, 2]]),
        color=np.array([[1, 2, 3, 255]] * 3),
        uv=np.array([[0, 0], [1, 0], [0, 1]]),
        attributes={"temperature": np.array([45.0, 50.0, 66.0])},
        material=Material(color="#c98a4b", opacity=0.5),
        tags={"side": "n"},
    )
    line = Mesh("l", "line", np.zeros((2, 3)), np.array([[0, 1]]), primitive="lines")
    return Scene(
        site="a",
        scale="field",
        world_origin_m=(1.0, 2.0),
        ve=2.0,
        bounds_m=(0, 10, 0, 10, -3, 0),
        camera=Camera((5.0, 5.0, -1.0), 140.0, 32.0, 100.0),
        meshes=(triangle, line),
        labels=(Label("f", {"zh": "断层（示意）", "en": "fault (schematic)"}, (1.0, 2.0, 3.0), "fault"),),
        provenance={"zh": "示意", "en": "schematic"},
        picks=(Pick("DZ", "unit", {"zh": "德州", "en": "Dezhou"}, ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))),),
    )


def test_bytes_stand_where_the_format_says():
    """First point of the first mesh: float32 at header end + its offset."""
    data = write_scene(tiny_scene())
    (length,) = struct.unpack_from("<I", data, 4)
    header = json.loads(data[8 : 8 + length].decode("utf-8"))
    assert data[:4] == b"GSB1" and (8 + length) % 4 == 0
    position = header["meshes"][0]["position"]
    assert struct.unpack_from("<9f", data, 8 + length + position["offset"]) == (
        0,
        0,
        -1,
        10,
        0,
        -2,
        0,
        10,
        -3,
    )
    assert header["meshes"][0]["index"]["count"] == 3 and header["meshes"][1]["index"]["count"] == 2


def test_every_offset_is_aligned_and_no_two_buffers_overlap():
    header, buffers = read_header(write_scene(tiny_scene()))
    spans = []
    for mesh in header["meshes"]:
        parts = [(mesh["position"], 12), (mesh["index"], 4)]
        parts += [(mesh[k], w) for k, w in (("color", 4), ("uv", 8)) if mesh[k]]
        parts += [(part, 4) for part in mesh.get("attributes", {}).values()]
        spans += [(part["offset"], part["offset"] + part["count"] * width) for part, width in parts]
    spans.sort()
    assert all(start % 4 == 0 for start, _ in spans)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    assert spans[-1][1] <= len(buffers)


def test_round_trip_keeps_everything():
    scene = tiny_scene()
    again = read_scene(write_scene(scene))
    assert write_scene(again) == write_scene(scene)
    mesh = again.meshes[0]
    np.testing.assert_array_equal(mesh.points, scene.meshes[0].points)
    np.testing.assert_array_equal(mesh.attributes["temperature"], [45, 50, 66])
    assert again.labels[0].text["zh"] == "断层（示意）" and mesh.material.opacity == 0.5


@pytest.mark.parametrize("data", [b"", b"PNG1\0\0\0\0", b"GSB1\xff\xff\0\0{}"])
def test_other_files_are_refused(data: bytes):
    with pytest.raises(InputError):
        read_header(data)


def test_frames_come_back_within_half_a_step():
    """From 25 to 90 degrees a step is 65 / 255 = 0.255 K, so no value moves by more than 0.128 K."""
    rng = np.random.default_rng(5)
    temperature = rng.uniform(25, 90, (4, 6, 5)).astype(np.float32)
    temperature[0, 0, 0], temperature[0, 0, 1] = 25, 90
    frames = FieldFrames(np.array([0, 1, 2, 5.0]), temperature, (-4500.0, -4500.0), (9000.0, 9000.0))
    data = frames_bytes(frames)
    header, _ = read_header(data)
    again = read_frames(data)
    assert header["format"] == "geosandbox-frames/1" and header["pressure"] is None
    assert (header["nx"], header["ny"]) == (5, 6) and header["temperature"]["max"] == 90
    assert np.abs(again.temperature_degc - temperature).max() <= 65 / 510 + 1e-4
    assert again.temperature_degc[0, 0, 0] == 25 and again.extent_m == (9000.0, 9000.0)


def test_frames_of_one_value_and_with_pressure():
    same = np.full((1, 2, 3), 70.0, dtype=np.float32)
    pressure = np.array([[[-3, 0, 3], [0, 0, 0]]], dtype=np.float32)
    again = read_frames(frames_bytes(FieldFrames(np.array([0.0]), same, (0.0, 0.0), (3.0, 2.0), pressure)))
    np.testing.assert_array_equal(again.temperature_degc, same)
    assert again.pressure_bar is not None
    np.testing.assert_allclose(again.pressure_bar, pressure, atol=6 / 510 + 1e-6)


def test_frames_are_no_scene():
    frames = FieldFrames(np.array([0.0]), np.zeros((1, 2, 2), dtype=np.float32), (0.0, 0.0), (1.0, 1.0))
    with pytest.raises(InputError):
        read_scene(frames_bytes(frames))

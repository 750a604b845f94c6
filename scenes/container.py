"""GSB1, the one binary file that the page reads: a JSON header and plain little-endian buffers.

    bytes 0-3    ``GSB1``
    bytes 4-7    uint32, length H of the header
    8 .. 8+H     header, UTF-8 JSON, padded with spaces so that 8 + H is a multiple of 4
    8+H ..       buffers; offsets in the header count from here, each a multiple of 4

Used for the scenery of a scale (``scene_bytes``) and for maps over time (``frames_bytes``).
Positions are float32 metres in the site's local frame, z upward, without vertical exaggeration.
Indices and edges are uint32, colours uint8 RGBA (sRGB), ``uv`` float32 pairs, attributes float32.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from twin_models.errors import Fault, InputError
from twin_models.types import FieldFrames

MAGIC = b"GSB1"
SCENE_FORMAT = "geosandbox-scene/1"
FRAMES_FORMAT = "geosandbox-frames/1"
ALIGN = 4

Text = dict[str, str]  # "zh" and "en"


@dataclass(frozen=True)
class Material:
    """How a mesh without vertex colours looks; the rest holds for both. ``color`` is ``#rrggbb``."""

    color: str = "#cccccc"
    opacity: float = 1.0
    unlit: bool = False
    double_sided: bool = False
    width_px: float = 1.0


@dataclass(frozen=True)
class Mesh:
    """One drawable. ``points`` (n, 3) m; ``index`` (m, 3) for triangles, (m, 2) for lines."""

    name: str
    role: str
    points: np.ndarray
    index: np.ndarray
    primitive: Literal["triangles", "lines"] = "triangles"
    color: np.ndarray | None = None
    uv: np.ndarray | None = None
    attributes: Mapping[str, np.ndarray] = field(default_factory=dict)
    material: Material = Material()
    tags: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Label:
    """Text at a place, drawn by the page as HTML. ``along_m``: two points that give the direction."""

    id: str
    text: Text
    at_m: tuple[float, float, float]
    kind: str
    priority: int = 5
    along_m: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None
    tone: Literal["dark", "light"] = "dark"


@dataclass(frozen=True)
class Pick:
    """A polygon that can be chosen, with what the page shows about it. ``outline_m``: the polygon's ring laid
    on the scenery, for the outline of the chosen one."""

    id: str
    kind: str
    name: Text
    polygon_m: tuple[tuple[float, float], ...]
    z_m: float = 0.0
    data: Mapping[str, Any] = field(default_factory=dict)
    outline_m: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True)
class Camera:
    """Start view: from ``azimuth_deg`` (clockwise from north) and ``elevation_deg`` towards the target."""

    target_m: tuple[float, float, float]
    azimuth_deg: float
    elevation_deg: float
    distance_m: float
    fov_deg: float = 20.0


@dataclass(frozen=True)
class Scene:
    """Everything static of one scale of one site. ``bounds_m``: x0, x1, y0, y1, z0, z1."""

    site: str
    scale: str
    world_origin_m: tuple[float, float]
    ve: float
    bounds_m: tuple[float, float, float, float, float, float]
    camera: Camera
    meshes: tuple[Mesh, ...]
    labels: tuple[Label, ...]
    provenance: Text
    picks: tuple[Pick, ...] = ()
    legends: tuple[Mapping[str, Any], ...] = ()


class _Buffers:
    """Appends arrays, each at a multiple of four bytes."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def add(self, array: np.ndarray, dtype: str) -> int:
        """Offset of the array's bytes."""
        raw = np.ascontiguousarray(array, dtype=np.dtype(dtype).newbyteorder("<")).tobytes()
        raw += b"\0" * (-len(raw) % ALIGN)
        offset = self.size
        self.parts.append(raw)
        self.size += len(raw)
        return offset


def _pack(header: Mapping[str, Any], buffers: _Buffers) -> bytes:
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-(8 + len(text)) % ALIGN)
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *buffers.parts])


def _plain(value: Any) -> Any:
    """Numpy scalars and tuples as JSON knows them; lengths to the centimetre."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return round(float(value), 6)
    return value


def _mesh_header(mesh: Mesh, buffers: _Buffers) -> dict[str, Any]:
    points = np.asarray(mesh.points)
    count = len(points)
    index = np.asarray(mesh.index)
    entry: dict[str, Any] = {
        "name": mesh.name,
        "role": mesh.role,
        "primitive": mesh.primitive,
        "position": {"offset": buffers.add(points, "f4"), "count": count},
        "index": {"offset": buffers.add(index, "u4"), "count": int(index.size)},
        "color": None,
        "uv": None,
        "material": vars(mesh.material),
        "tags": _plain(mesh.tags),
    }
    if mesh.color is not None:
        entry["color"] = {"offset": buffers.add(mesh.color, "u1"), "count": count}
    if mesh.uv is not None:
        entry["uv"] = {"offset": buffers.add(mesh.uv, "f4"), "count": count}
    if mesh.attributes:
        entry["attributes"] = {
            name: {
                "offset": buffers.add(values, "f4"),
                "count": count,
                "min": round(float(np.min(values)), 4),
                "max": round(float(np.max(values)), 4),
            }
            for name, values in mesh.attributes.items()
        }
    return entry


def write_scene(scene: Scene) -> bytes:
    """The file of a scene. Equal scenes give equal bytes."""
    buffers = _Buffers()
    header = {
        "format": SCENE_FORMAT,
        "site": scene.site,
        "scale": scene.scale,
        "world_origin_m": _plain(scene.world_origin_m),
        "ve": scene.ve,
        "bounds_m": _plain(scene.bounds_m),
        "camera": _plain(vars(scene.camera)),
        "meshes": [_mesh_header(mesh, buffers) for mesh in scene.meshes],
        "labels": [_plain(vars(label)) for label in scene.labels],
        "picks": [_plain(vars(pick)) for pick in scene.picks],
        "provenance": scene.provenance,
        "legends": _plain(scene.legends),
    }
    return _pack(header, buffers)


def read_header(data: bytes) -> tuple[dict[str, Any], memoryview]:
    """Header and buffers of a GSB1 file. Raises ``InputError`` for anything else."""
    if len(data) < 8 or data[:4] != MAGIC:
        raise InputError(Fault("file", "format", "is not a GSB1 file"))
    (length,) = struct.unpack_from("<I", data, 4)
    if 8 + length > len(data):
        raise InputError(Fault("file", "format", "ends inside its header"))
    return json.loads(data[8 : 8 + length]), memoryview(data)[8 + length :]


def _array(buffers: memoryview, offset: int, count: int, dtype: str) -> np.ndarray:
    return np.frombuffer(buffers, dtype=np.dtype(dtype).newbyteorder("<"), count=count, offset=offset)


def _read_mesh(entry: Mapping[str, Any], buffers: memoryview) -> Mesh:
    count = entry["position"]["count"]
    width = 3 if entry["primitive"] == "triangles" else 2
    color, uv = entry["color"], entry["uv"]
    return Mesh(
        name=entry["name"],
        role=entry["role"],
        points=_array(buffers, entry["position"]["offset"], 3 * count, "f4").reshape(-1, 3),
        index=_array(buffers, entry["index"]["offset"], entry["index"]["count"], "u4").reshape(-1, width),
        primitive=entry["primitive"],
        color=None if color is None else _array(buffers, color["offset"], 4 * count, "u1").reshape(-1, 4),
        uv=None if uv is None else _array(buffers, uv["offset"], 2 * count, "f4").reshape(-1, 2),
        attributes={
            name: _array(buffers, part["offset"], count, "f4")
            for name, part in entry.get("attributes", {}).items()
        },
        material=Material(**entry["material"]),
        tags=entry["tags"],
    )


def read_scene(data: bytes) -> Scene:
    """The scene back from its file (arrays are read-only views)."""
    header, buffers = read_header(data)
    if header.get("format") != SCENE_FORMAT:
        raise InputError(Fault("format", "format", f"{header.get('format')!r} is not {SCENE_FORMAT!r}"))
    return Scene(
        site=header["site"],
        scale=header["scale"],
        world_origin_m=tuple(header["world_origin_m"]),
        ve=header["ve"],
        bounds_m=tuple(header["bounds_m"]),
        camera=Camera(**header["camera"]),
        meshes=tuple(_read_mesh(entry, buffers) for entry in header["meshes"]),
        labels=tuple(Label(**entry) for entry in header["labels"]),
        picks=tuple(Pick(**entry) for entry in header["picks"]),
        provenance=header["provenance"],
        legends=tuple(header["legends"]),
    )


def _quantised(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Values as 0..255 between their lowest and highest; error at most half a step, (max - min) / 510."""
    values = np.asarray(values, dtype=np.float32)
    low, high = float(values.min()), float(values.max())
    span = high - low
    scale = 255.0 / span if span > 0 else 0.0
    return np.rint((values - np.float32(low)) * np.float32(scale)).astype(np.uint8), low, high


def frames_bytes(frames: FieldFrames) -> bytes:
    """Maps over time, one byte a cell: uint8 (k, ny, nx), row 0 = south, with min and max in the header."""
    buffers = _Buffers()
    _, ny, nx = frames.temperature_degc.shape
    header: dict[str, Any] = {
        "format": FRAMES_FORMAT,
        "years": [round(float(year), 6) for year in frames.years],
        "nx": nx,
        "ny": ny,
        "origin_m": _plain(frames.origin_m),
        "extent_m": _plain(frames.extent_m),
        "pressure": None,
    }
    for name, values in (("temperature", frames.temperature_degc), ("pressure", frames.pressure_bar)):
        if values is not None:
            quantised, low, high = _quantised(values)
            header[name] = {"min": low, "max": high, "offset": buffers.add(quantised, "u1")}
    return _pack(header, buffers)


def read_frames(data: bytes) -> FieldFrames:
    """The maps back, to within half a step of the quantisation."""
    header, buffers = read_header(data)
    if header.get("format") != FRAMES_FORMAT:
        raise InputError(Fault("format", "format", f"{header.get('format')!r} is not {FRAMES_FORMAT!r}"))
    shape = (len(header["years"]), header["ny"], header["nx"])

    def values(part: Mapping[str, Any] | None) -> np.ndarray | None:
        if part is None:
            return None
        raw = _array(buffers, part["offset"], int(np.prod(shape)), "u1").reshape(shape)
        step = (part["max"] - part["min"]) / 255.0
        return (part["min"] + raw * step).astype(np.float32)

    temperature = values(header["temperature"])
    assert temperature is not None
    return FieldFrames(
        years=np.array(header["years"]),
        temperature_degc=temperature,
        origin_m=tuple(header["origin_m"]),
        extent_m=tuple(header["extent_m"]),
        pressure_bar=values(header["pressure"]),
    )

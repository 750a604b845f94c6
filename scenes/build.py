"""The files of all scenery: ``scene_bytes(site, scale)``, kept in memory once built.

``python -m scenes.build FOLDER`` writes them all into a folder, for a server that wants them ready.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from scenes.container import Scene, write_scene
from scenes.levels import all_scenes, scene_of
from twin_models.errors import Fault, InputError
from twin_models.sites import Site, load_site


def _basin(site: Site) -> Scene:
    from scenes.basin import build_basin

    return build_basin(site)


def _field(site: Site) -> Scene:
    from scenes.field import build_field

    return build_field(site)


def _site(site: Site) -> Scene:
    from scenes.site import build_site

    return build_site(site)


BUILDERS: dict[str, Callable[[Site], Scene]] = {"basin": _basin, "field": _field, "site": _site}


def build_scene(name: str, scale: str) -> Scene:
    """The scene that a site shows at a scale. Raises ``InputError`` where there is none."""
    return BUILDERS[scale](load_site(_target(name, scale)))


def scene_bytes(name: str, scale: str) -> bytes:
    """The scene's file: a pure function of the site, built once per process."""
    return _bytes_of(_target(name, scale), scale)


def scene_key(name: str, scale: str) -> str:
    """Hash of the file's content (16 hex digits), for an ETag."""
    return hashlib.sha256(scene_bytes(name, scale)).hexdigest()[:16]


def _target(name: str, scale: str) -> str:
    target = scene_of(name, scale)
    if target is None:
        raise InputError(Fault("scale", "missing", f"site {name!r} has no scene {scale!r}"))
    return target


@lru_cache(maxsize=48)
def _bytes_of(target: str, scale: str) -> bytes:
    return write_scene(BUILDERS[scale](load_site(target)))


def main(arguments: list[str] | None = None) -> int:
    """Write every scene as ``<site>-<scale>.bin`` into a folder."""
    parser = argparse.ArgumentParser(prog="python -m scenes.build", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, scale in all_scenes():
        data = scene_bytes(name, scale)
        (folder / f"{name}-{scale}.bin").write_bytes(data)
        print(f"{name}-{scale}.bin  {len(data) / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

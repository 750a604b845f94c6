"""Brings a data set into a fresh folder: from a folder or a zip, only files of known kinds, all within limits.

A zip is never trusted: nothing is extracted by its own path, bytes are counted as they come out (what the
directory of the zip says about sizes is not believed), and every refused entry is a fault of its own.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from twin_models.errors import Fault, InputError

SUFFIXES = (".csv", ".geojson", ".json", ".gpkg", ".las", ".yaml", ".yml", ".md", ".txt")
MAX_ZIP_BYTES = 32_000_000
MAX_FILE_BYTES = 64_000_000
MAX_TOTAL_BYTES = 128_000_000
MAX_FILES = 200
CHUNK = 1 << 16
NAME = re.compile(r"[\w][\w .()（）+=-]{0,99}\Z")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, KeyError, UnicodeDecodeError,
    RuntimeError, OSError, ValueError, OverflowError,
)  # fmt: skip


def collect(source: Path | bytes, target: Path) -> list[Path]:
    """The files of a data set, copied into ``target``. Raises ``InputError`` with every refused file."""
    if isinstance(source, bytes):
        return _unzip(io.BytesIO(source), len(source), target)
    if source.is_dir():
        return _copy(source, target)
    if source.is_file():
        with source.open("rb") as file:
            return _unzip(file, source.stat().st_size, target)
    raise InputError(Fault(str(source), "missing", "is neither a folder nor a zip file"))


def fault_of_name(name: str) -> str | None:
    """Why a file of that name is not taken, or ``None``."""
    if not NAME.match(name) or name != name.strip() or ".." in name:
        return "has a name that is not taken: letters, digits, spaces and . _ - ( ) only, at most 100"
    if Path(name).suffix.lower() not in SUFFIXES:
        return f"is of a kind that is not taken: {', '.join(SUFFIXES)} only"
    return None


def _copy(source: Path, target: Path) -> list[Path]:
    faults: list[Fault] = []
    found: list[Path] = []
    total = 0
    for path in sorted(source.iterdir()):
        if path.name.startswith(".") or path.is_dir():
            continue
        why = fault_of_name(path.name)
        if why is None and (path.is_symlink() or not path.is_file()):
            why = "is a link or no plain file"
        size = 0 if why else path.stat().st_size
        total += size
        if why is None and (size > MAX_FILE_BYTES or total > MAX_TOTAL_BYTES):
            why = f"is too large: at most {MAX_FILE_BYTES} bytes a file and {MAX_TOTAL_BYTES} together"
        if why is None and len(found) >= MAX_FILES:
            why = f"is one file too many: at most {MAX_FILES}"
        if why is not None:
            faults.append(Fault(path.name, "refused", why))
            continue
        copy = target / path.name
        copy.write_bytes(path.read_bytes())
        found.append(copy)
    return _all_or_nothing(found, faults, source.name)


def _all_or_nothing(found: list[Path], faults: list[Fault], label: str) -> list[Path]:
    if not found and not faults:
        faults.append(Fault(label, "empty", "holds no file that could be read"))
    if faults:
        raise InputError(faults)
    return found


def _unzip(file: io.BufferedIOBase | io.BytesIO, size: int, target: Path) -> list[Path]:
    if size > MAX_ZIP_BYTES:
        raise InputError(Fault("archive", "range", f"must be at most {MAX_ZIP_BYTES} bytes, got {size}"))
    try:
        with zipfile.ZipFile(file) as archive:
            return _entries(archive, target)
    except InputError:
        raise
    except _BROKEN as error:
        text = " ".join(str(error).split())[:120]
        raise InputError(
            Fault("archive", "syntax", f"is not a usable zip ({type(error).__name__}: {text})")
        ) from None


def _entries(archive: zipfile.ZipFile, target: Path) -> list[Path]:
    """Names are checked for all before the first byte is unpacked."""
    faults: list[Fault] = []
    wanted: list[tuple[zipfile.ZipInfo, str]] = []
    infos = [i for i in archive.infolist() if not _harmless(i.filename)]
    if len(infos) > MAX_FILES:
        raise InputError(Fault("archive", "range", f"must hold at most {MAX_FILES} files, got {len(infos)}"))
    seen: set[str] = set()
    for info in infos:
        parts = PurePosixPath(info.filename).parts
        why = _fault_of_entry(info, parts)
        name = parts[-1] if parts else ""
        if why is None and name.casefold() in seen:
            why = "is there twice"
        seen.add(name.casefold())
        if why is not None:
            faults.append(Fault(_shown(info.filename), "refused", why))
        else:
            wanted.append((info, name))
    if faults:
        raise InputError(faults)
    found, total = [], 0
    for info, name in wanted:
        total = _stream(archive, info, target / name, total)
        found.append(target / name)
    return _all_or_nothing(found, faults, "archive")


def _harmless(name: str) -> bool:
    """Folders and what file managers add by themselves; left out in silence."""
    parts = PurePosixPath(name).parts
    folder = name.endswith("/") and ".." not in parts and not name.startswith("/")
    return folder or (bool(parts) and (parts[0] == "__MACOSX" or parts[-1] in (".DS_Store", "Thumbs.db")))


def _fault_of_entry(info: zipfile.ZipInfo, parts: tuple[str, ...]) -> str | None:
    name = info.filename
    if name.startswith("/") or "\\" in name or ":" in name or ".." in parts or "\0" in info.orig_filename:
        return "has a path that leads out of the archive"
    if len(parts) > 2:
        return "lies deeper than one folder"
    if info.flag_bits & 0x1:
        return "is encrypted"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link"
    if info.file_size > MAX_FILE_BYTES:
        return f"unpacks to {info.file_size} bytes, at most {MAX_FILE_BYTES}"
    return fault_of_name(parts[-1]) if parts else "has no name"


def _stream(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, total: int) -> int:
    """Unpack one entry, counting; returns the bytes unpacked so far."""
    own = 0
    with archive.open(info) as packed, target.open("wb") as file:
        while chunk := packed.read(CHUNK):
            own += len(chunk)
            total += len(chunk)
            if own > MAX_FILE_BYTES or total > MAX_TOTAL_BYTES:
                text = f"unpacks to more than {MAX_FILE_BYTES} bytes (or {MAX_TOTAL_BYTES} with the others)"
                raise InputError(Fault(_shown(info.filename), "refused", text))
            file.write(chunk)
    return total


def _shown(name: str) -> str:
    return repr(name[:80]).strip("'\"")

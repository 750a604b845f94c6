"""The door for JSON files: syntax, unknown keys with the closest known one, parts that stay as given.

``FrozenDict`` keeps the free-form parts of a scheme (uses, economics) immutable.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from scenarios.faults_zh import in_both
from twin_models.errors import Fault, InputError
from twin_models.reading import Reader

MAX_FILE_BYTES = 64_000_000


class FrozenDict(dict):
    """A dict that cannot be changed; nested dicts and lists are frozen by ``freeze``."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this mapping is read-only: make a new one")

    __setitem__ = __delitem__ = update = pop = popitem = clear = setdefault = __ior__ = _refuse  # type: ignore[assignment]

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted((k, repr(v)) for k, v in self.items())))

    def __reduce__(self) -> tuple[Any, ...]:
        return (FrozenDict, (dict(self),))


def freeze(value: Any) -> Any:
    """JSON value with dicts and lists made immutable (lists become tuples)."""
    if isinstance(value, Mapping):
        return FrozenDict({str(k): freeze(v) for k, v in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(freeze(v) for v in value)
    return value


def thaw(value: Any) -> Any:
    """The plain dicts and lists of a frozen JSON value, safe to change."""
    if isinstance(value, Mapping):
        return {k: thaw(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [thaw(v) for v in value]
    return value


def plain(value: Any) -> Any:
    """A result as plain JSON data: arrays as lists, what is not finite as ``None``."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):  # numpy arrays and scalars
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def closest(word: str, known: Iterable[str]) -> str:
    """``; did you mean "x"?``, or nothing when no known word resembles it."""
    match = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{match[0]}"?' if match else ""


class DoorReader(Reader):
    """The shared reader, whose faults for unknown keys and words name the closest known one."""

    def mapping(
        self, value: Any, path: str, *, required: Collection[str] = (), optional: Collection[str] | None = ()
    ) -> dict[str, Any]:
        got = super().mapping(value, path or "file", required=(), optional=None)
        known = {*required, *(optional or ())}
        if optional is not None:
            for key in got.keys() - known:
                hint = closest(str(key), known) or f"; allowed: {', '.join(sorted(known))}"
                self.fault(under(path, str(key)), "unknown", f"unknown key{hint}")
        if isinstance(value, Mapping):
            for key in required:
                if key not in got:
                    self.fault(under(path, key), "missing", "is missing")
        return got

    def done(self) -> None:
        """Raise what was found, each fault in both languages."""
        self.faults = [in_both(fault) for fault in self.faults]
        super().done()

    def choice(self, value: Any, path: str, allowed: Collection[str]) -> str:
        before = len(self.faults)
        word = super().choice(value, path, allowed)
        if len(self.faults) > before and isinstance(value, str):
            last = self.faults.pop()
            self.faults.append(replace(last, text=last.text + closest(value, allowed)))
        return word


def suggesting(fault: Fault) -> Fault:
    """A fault of the shared reader for an unknown key, naming the closest key allowed there (if one is close)."""
    marker = "; allowed: "
    if fault.reason != "unknown" or marker not in fault.text:
        return fault
    hint = closest(fault.field.rpartition(".")[2], fault.text.split(marker, 1)[1].split(", "))
    return replace(fault, text=f"unknown key{hint}") if hint else fault


def refusal(field: str, reason: str, text: str) -> InputError:
    """An error of one fault, in both languages."""
    return InputError(in_both(Fault(field, reason, text)))


def under(path: str, key: str) -> str:
    """``path.key``, or the key alone at the top."""
    return f"{path}.{key}" if path else key


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise InputError(Fault(key, "duplicate", "the key stands twice in one object"))
        seen[key] = value
    return seen


def parse_json(text: str, *, name: str = "file") -> Any:
    """The value of a JSON text; ``InputError`` with line and column for a syntax error.

    ``NaN`` and ``Infinity`` are let through here, so that the reader can name the field they stand in.
    """
    try:
        return json.loads(text, object_pairs_hook=_no_twins)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise InputError(Fault(name, "syntax", f"not valid JSON: {error.msg} at {where}")) from None
    except RecursionError:
        raise InputError(Fault(name, "syntax", "not valid JSON: nested too deeply")) from None


def load_json(path: str | Path) -> Any:
    """The value in a JSON file (UTF-8); ``InputError`` that names the file when it cannot be read."""
    file = Path(path)
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise InputError(Fault(str(path), "size", f"larger than {MAX_FILE_BYTES // 1_000_000} MB"))
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(Fault(str(path), "missing", "no such file")) from None
    except UnicodeDecodeError as error:
        raise InputError(Fault(str(path), "encoding", f"not UTF-8 text (byte {error.start})")) from None
    except OSError as error:
        raise InputError(Fault(str(path), "file", f"cannot be read: {error.strerror}")) from None
    except ValueError:
        raise InputError(Fault(repr(str(path)), "file", "not a file name")) from None
    return parse_json(text, name=str(path))

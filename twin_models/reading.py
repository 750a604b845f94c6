"""Reading what people write (YAML, JSON) with every fault named by its path.

A ``Reader`` walks a parsed document and collects faults instead of stopping at the first; call
``done()`` at the end. Values that are wrong come back as a harmless stand-in, so that reading can go on;
nothing read may be used before ``done()`` has passed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from twin_models.errors import Fault, InputError


class Reader:
    """Collects faults while a document is read. ``source`` is put before every path (a file name)."""

    def __init__(self, source: str = "") -> None:
        self.source = source
        self.faults: list[Fault] = []

    def fault(self, path: str, reason: str, text: str, **context: Any) -> None:
        where = f"{self.source}: {path}" if self.source and path else self.source or path
        self.faults.append(Fault(where, reason, text, context))

    def done(self) -> None:
        """Raise ``InputError`` if anything was wrong."""
        if self.faults:
            raise InputError(self.faults)

    def mapping(
        self, value: Any, path: str, *, required: Collection[str] = (), optional: Collection[str] | None = ()
    ) -> dict[str, Any]:
        """A mapping with all required keys and no others than the optional ones (``None``: any)."""
        if not isinstance(value, Mapping):
            self.fault(path, "type", f"must be a mapping, got {_short(value)}")
            return {}
        for key in required:
            if key not in value:
                self.fault(_join(path, key), "missing", "is missing")
        if optional is not None:
            allowed = {*required, *optional}
            for key in value:
                if key not in allowed:
                    self.fault(
                        _join(path, str(key)), "unknown", f"is not known here; allowed: {_list(allowed)}"
                    )
        return dict(value)

    def items(self, value: Any, path: str, *, at_least: int = 0) -> list[Any]:
        """A list with at least so many entries."""
        if not isinstance(value, (list, tuple)):
            self.fault(path, "type", f"must be a list, got {_short(value)}")
            return []
        if len(value) < at_least:
            self.fault(path, "range", f"must have at least {at_least} entries, got {len(value)}")
        return list(value)

    def number(
        self, value: Any, path: str, *, low: float = -math.inf, high: float = math.inf, default: float = 0.0
    ) -> float:
        """A finite number inside [low, high]; text that looks like a number is not one."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fault(path, "type", f"must be a number, got {_short(value)}")
            return default
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.fault(path, "not_finite", f"must be a finite number, got {_short(value)}")
            return default
        if not low <= number <= high:
            self.fault(path, "range", f"must be {_range(low, high)}, got {value}", low=low, high=high)
            return default
        return number

    def integer(self, value: Any, path: str, *, low: int, high: int) -> int:
        number = self.number(value, path, low=low, high=high, default=float(low))
        if number != int(number):
            self.fault(path, "type", f"must be a whole number, got {value}")
        return int(number)

    def text(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or not value.strip():
            self.fault(path, "type", f"must be a text, got {_short(value)}")
            return ""
        return value

    def choice(self, value: Any, path: str, allowed: Collection[str]) -> str:
        if not isinstance(value, str) or value not in allowed:
            self.fault(path, "unknown", f"must be one of {_list(allowed)}, got {_short(value)}")
            return next(iter(allowed))
        return value

    def flag(self, value: Any, path: str) -> bool:
        if not isinstance(value, bool):
            self.fault(path, "type", f"must be true or false, got {_short(value)}")
        return value is True

    def numbers(
        self, value: Any, path: str, length: int, *, low: float = -math.inf, high: float = math.inf
    ) -> tuple[float, ...]:
        """Exactly so many numbers."""
        parts = self.items(value, path)
        if len(parts) != length:
            self.fault(path, "range", f"must be {length} numbers, got {_short(value)}")
            return (0.0,) * length
        return tuple(self.number(part, f"{path}[{i}]", low=low, high=high) for i, part in enumerate(parts))


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML that refuses the same key twice: the second would silently replace the first."""


def _unique_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            continue  # the loader itself refuses keys that are lists or mappings
        key = key_node.value
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key {key!r} twice", key_node.start_mark)
        seen.add(key)
    return loader.construct_mapping(node, deep)


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)


def read_yaml(path: Path, label: str) -> Any:
    """Parse a YAML file; anything unreadable becomes an ``InputError`` that names the file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # a SafeLoader
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Fault(label, "missing", f"cannot be read ({_first_line(error)})")) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(Fault(label, "syntax", f"is not valid YAML ({_first_line(error)})")) from None


def _first_line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}: {getattr(error, 'problem', '')}"
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return f"at least {low:g}"
    if math.isinf(low):
        return f"at most {high:g}"
    return f"between {low:g} and {high:g}"

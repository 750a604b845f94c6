"""Measured figures by name: ``geosandbox bench [NAME…]``. Figures, not tests: they depend on the machine.

A benchmark is a function with ``@benchmark``; it returns at least ``value`` and ``unit``. Modules that hold
benchmarks are loaded only when figures are asked for (``MODULES``, and what the caller adds).
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from twin_models.errors import Fault, InputError

Figures = dict[str, Any]
MODULES = (
    "services.bench_models",
    "services.bench_engine",
    "services.bench_refined",
    "services.bench_surrogate",
    "services.bench_store",
    "services.bench_optimise",
    "services.bench_proposals",
    "services.bench_batch",
)
PACKAGES = ("geosandbox", "numpy", "scipy", "numba")


@dataclass(frozen=True)
class Benchmark:
    """``aim``: the value that the project set itself, in the figure's unit; smaller is better."""

    name: str
    text: str
    run: Callable[[], Figures]
    aim: float | None = None


BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str, text: str, *, aim: float | None = None) -> Callable[[Callable[[], Figures]], Any]:
    """Enter a function into the table under a name that no other has."""

    def enter(function: Callable[[], Figures]) -> Callable[[], Figures]:
        known = BENCHMARKS.get(name)
        if known is not None and known.run.__module__ != function.__module__:
            raise ValueError(f"two benchmarks are named {name}")
        BENCHMARKS[name] = Benchmark(name, text, function, aim)
        return function

    return enter


def run(
    names: Sequence[str] = (), *, modules: Iterable[str] = (), told: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Figures of the named benchmarks (all without names), with the machine described.

    ``modules``: further modules with benchmarks. ``told``: called with a line before each one starts. A
    benchmark that fails says so in its place and does not stop the others.
    """
    for module in (*MODULES, *modules):
        import_module(module)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        known = ", ".join(sorted(BENCHMARKS))
        raise InputError(
            [Fault("name", "unknown", f'no benchmark "{name}"; there are {known}') for name in unknown]
        )
    figures = {}
    for name in names or BENCHMARKS:
        if told is not None:
            told(f"{name}: {BENCHMARKS[name].text}")
        figures[name] = _figure(BENCHMARKS[name])
    return {"machine": machine(), "figures": figures}


def _figure(entry: Benchmark) -> Figures:
    start = time.perf_counter()
    try:
        figure = entry.run()
    except Exception as error:
        # One figure that cannot be had (no browser, say) must not cost the others.
        figure = {"value": None, "unit": "", "error": f"{type(error).__name__}: {error}"}
    figure = {"value": figure.pop("value"), "unit": figure.pop("unit"), "what": entry.text, **figure}
    if entry.aim is not None:
        figure["aim"] = entry.aim
        if figure["value"] is not None:
            figure["value_over_aim"] = round(figure["value"] / entry.aim, 3)
    figure["took_s"] = round(time.perf_counter() - start, 2)
    return {k: round(v, 5) if isinstance(v, float) else v for k, v in figure.items()}


def times_ms(work: Callable[[int], Any], *, repeats: int, cpu: bool = False) -> list[float]:
    """Milliseconds of ``work(i)`` for i = 0 .. repeats - 1, after one run that is not counted."""
    clock = time.process_time if cpu else time.perf_counter
    work(-1)
    out = []
    for i in range(repeats):
        start = clock()
        work(i)
        out.append(1e3 * (clock() - start))
    return out


def spread_of(values: Sequence[float], *, unit: str = "ms") -> Figures:
    """Median as the value, with the 95th percentile and the extremes beside it."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return {
        "value": statistics.median(ordered),
        "unit": unit,
        "p95": p95,
        "least": ordered[0],
        "most": ordered[-1],
        "runs": len(ordered),
    }


def machine() -> dict[str, Any]:
    """Processor, cores, memory and versions, as far as the system tells."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {
        "cpu": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": _memory_gb(),
        "system": f"{platform.system()} {platform.release()}",
        "python": sys.version.split()[0],
        "versions": versions,
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (ValueError, OSError, AttributeError):
        return None

"""The predictors held to closed forms, other codes, measurements and their own balances: ``geosandbox validate``.

A case is an entry of ``assets/validation/<family>.yaml`` (words in both languages, source, inputs, tolerances)
and the function of the same name in ``services/validation_cases/<family>.py``, which returns the figures reached.
The report made from all of them is stored in ``assets/validation/report.json``; the page, the API and
``docs/validation.md`` show that one report.
"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from twin_models.errors import Fault, InputError
from twin_models.reading import Reader, read_yaml
from twin_models.sites import assets_dir

FORMAT = "geosandbox-validation/1"
FAMILIES = ("analytic", "codes", "measured", "convergence", "balances", "limits")
PACKAGES = ("geosandbox", "numpy", "scipy", "numba")
LIMITS = ("within", "within_part", "at_most", "at_least")
DIGITS = 6

Words = dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What a case's function returns.

    ``figures``: key -> value reached, or (value, reference). ``columns``, ``rows``: an optional table of curves;
    ``columns`` are numbers (years, cell sizes) or keys of words in the case, ``rows`` key -> values.
    """

    figures: dict[str, Any]
    columns: Sequence[Any] = ()
    rows: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One entry of a family's file, with the function that runs it."""

    key: str
    family: str
    entry: Mapping[str, Any]
    function: Callable[[Mapping[str, Any]], Outcome]

    @property
    def quick(self) -> bool:
        return bool(self.entry.get("quick", False))

    def run(self) -> Outcome:
        return self.function(self.entry.get("inputs", {}))


def report_path() -> Path:
    return assets_dir() / "validation" / "report.json"


@cache
def cases() -> tuple[Case, ...]:
    """All cases in the order of the files. Raises ``InputError`` naming what is wrong in a file."""
    return tuple(case for family in FAMILIES for case in _family(family))


def _family(family: str) -> list[Case]:
    label = f"validation/{family}.yaml"
    reader = Reader(label)
    entries = reader.mapping(
        read_yaml(assets_dir() / "validation" / f"{family}.yaml", label), "", optional=None
    )
    functions = import_module(f"services.validation_cases.{family}")
    out = []
    for key, entry in entries.items():
        got = reader.mapping(
            entry,
            key,
            required=("title", "source", "leaves_out", "figures"),
            optional=("quick", "inputs", "table", "rows", "columns", "note"),
        )
        for name, figure in reader.mapping(got.get("figures", {}), f"{key}.figures", optional=None).items():
            path = f"{key}.figures.{name}"
            spec = reader.mapping(
                figure, path, required=("en", "zh", "unit"), optional=(*LIMITS, "printed", "machine", "aim")
            )
            aim = spec.get("aim", {"at_most": 0.0})
            if not isinstance(aim, Mapping) or len(aim) != 1 or not set(aim) <= set(LIMITS):
                reader.fault(f"{path}.aim", "type", f"must be one of {', '.join(LIMITS)} with its value")
            if sum(name in spec for name in LIMITS) > 1:
                reader.fault(path, "range", "has more than one tolerance")
        function = getattr(functions, key.replace("-", "_"), None)
        if function is None:
            reader.fault(key, "unknown", f"has no function in services/validation_cases/{family}.py")
            continue
        out.append(Case(key, family, got, function))
    reader.done()
    return out


def run(
    names: Sequence[str] = (), *, quick: bool = False, told: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """The report of the named cases (all without names; ``quick``: the short ones only).

    ``told``: called with a line before each case starts.
    """
    known = {case.key: case for case in cases()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            [Fault("name", "unknown", f'no case "{n}"; there are {", ".join(known)}') for n in unknown]
        )
    chosen = [known[n] for n in names] or [c for c in known.values() if c.quick or not quick]
    done = []
    for case in chosen:
        if told is not None:
            told(f"{case.key}: {case.entry['title']['en']}")
        done.append(_told_case(case, case.run()))
    judged = [f["holds"] for c in done for f in c["figures"] if f["holds"] is not None]
    aims = [f["aim"]["reached"] for c in done for f in c["figures"] if "aim" in f]
    return {
        "format": FORMAT,
        "quick": quick,
        "versions": versions(),
        "machine": machine(),
        "judged": len(judged),
        "held": sum(judged),
        "aims": len(aims),
        "reached": sum(aims),
        "cases": done,
    }


def _told_case(case: Case, outcome: Outcome) -> dict[str, Any]:
    entry = case.entry
    specs = entry["figures"]
    odd = set(outcome.figures) ^ set(specs)
    if odd:
        raise ValueError(f"{case.key}: figures differ between file and function: {sorted(odd)}")
    told: dict[str, Any] = {
        "key": case.key,
        "family": case.family,
        "quick": case.quick,
        "title": entry["title"],
        "source": entry["source"],
        "leaves_out": entry["leaves_out"],
        "figures": [_told_figure(key, specs[key], outcome.figures[key]) for key in specs],
    }
    if "note" in entry:
        told["note"] = entry["note"]
    if outcome.rows:
        words = entry.get("columns", {})
        told["table"] = {
            "title": entry["table"],
            "columns": [_words(words.get(c, c)) for c in outcome.columns],
            "rows": [
                {"key": key, "label": entry["rows"][key], "values": [rounded(float(v)) for v in values]}
                for key, values in outcome.rows.items()
            ],
        }
    return told


def _words(value: Any) -> Words:
    if isinstance(value, Mapping):
        return dict(value)
    text = f"{value:g}" if isinstance(value, (int, float)) else str(value)
    return {"zh": text, "en": text}


def _told_figure(key: str, spec: Mapping[str, Any], got: Any) -> dict[str, Any]:
    value, reference = got if isinstance(got, tuple) else (got, spec.get("printed"))
    value = rounded(float(value))
    limit = next((name for name in LIMITS if name in spec), None)
    out: dict[str, Any] = {
        "key": key,
        "label": {"zh": spec["zh"], "en": spec["en"]},
        "unit": spec["unit"],
        "value": value,
        "reference": None if reference is None else rounded(float(reference)),
        "limit": limit,
        "tolerance": None if limit is None else spec[limit],
        "holds": None,
    }
    if limit is not None:
        out["holds"] = holds(value, out["reference"], limit, float(spec[limit]))
    if "aim" in spec:
        ((kind, wanted),) = spec["aim"].items()
        reached = holds(value, out["reference"], kind, float(wanted))
        out["aim"] = {"limit": kind, "tolerance": wanted, "reached": reached}
    if spec.get("machine"):
        out["machine"] = True
    return out


def holds(value: float, reference: float | None, limit: str, tolerance: float) -> bool:
    """Whether a figure keeps its tolerance; a figure that is not a number never does."""
    if not math.isfinite(value):
        return False
    if limit == "at_most":
        return value <= tolerance
    if limit == "at_least":
        return value >= tolerance
    if reference is None:
        raise ValueError(f'"{limit}" needs a reference')
    scale = abs(reference) if limit == "within_part" else 1.0
    return abs(value - reference) <= tolerance * scale


def rounded(value: float) -> float:
    """Six significant digits: what does not depend on the processor's last bits."""
    return float(f"{value:.{DIGITS}g}")


def versions() -> dict[str, str]:
    from twin_models.models import MODELS, load_model

    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found | {name: str(load_model(name).version) for name in MODELS}


def machine() -> dict[str, Any]:
    from services.bench import machine as described

    return {k: v for k, v in described().items() if k in ("cpu", "cores", "memory_gb")}


def stored() -> dict[str, Any]:
    """The committed report. Raises ``InputError`` when there is none."""
    try:
        return json.loads(report_path().read_text("utf-8"))
    except FileNotFoundError:
        text = "there is no report yet; make one with: geosandbox validate -o docs/validation.md"
        raise InputError(Fault("validation", "missing", text)) from None

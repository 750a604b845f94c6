"""Assessments by name: ``geosandbox assess METHOD INPUT.json``. One row per method; nothing else chooses."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from scenarios.schema_io import closest
from twin_models.errors import Fault, InputError

# METHOD -> "module:function"; the function takes the parsed input and gives plain data, or raises InputError
METHODS: dict[str, str] = {
    "ahp": "scenarios.assess.ahp:ahp",
    "comining": "scenarios.assess.comining:comining",
    "heat-in-place": "scenarios.assess.heat_in_place:heat_in_place",
    "suitability": "scenarios.assess.suitability:suitability",
    "weights": "scenarios.assess.weights:weights",
    "linkage": "scenarios.linkage:linkage",
}


def assess(method: str, data: Any) -> dict[str, Any]:
    """The result of an assessment (section 6 of the outside contract)."""
    if method not in METHODS:
        known = ", ".join(METHODS)
        raise InputError(
            Fault("method", "unknown", f'must be one of {known}, got "{method}"{closest(method, METHODS)}')
        )
    module, function = METHODS[method].split(":")
    result: dict[str, Any] = getattr(import_module(module), function)(data)
    return result

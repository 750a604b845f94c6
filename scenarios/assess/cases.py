"""Published cases (``assets/assess``) as input of the assessments, and their printed figures beside ours.

A case is one YAML file with ``method``, ``title``, ``source``, ``input`` and ``printed``. An assessment's
input may name it (``{"case": "nw-shandong-2025"}``) and replace any key of it; the printed figures are
judged only while nothing that they follow from was replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any

from scenarios.schema_io import closest
from twin_models.errors import Fault, InputError
from twin_models.reading import read_yaml
from twin_models.sites import assets_dir

FORMAT = "geosandbox-assess-case/1"
VERDICTS = ("ok", "ok_assuming", "differs", "not_reproducible")


def case_names(method: str | None = None) -> list[str]:
    """Names of the published cases, all or those of one method."""
    names = sorted(path.stem for path in (assets_dir() / "assess").glob("*.yaml"))
    return [name for name in names if method is None or _document(name).get("method") == method]


def load_case(name: str) -> dict[str, Any]:
    """The whole document of a case, yours to change."""
    return deepcopy(_document(name))


@lru_cache(maxsize=32)
def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = read_yaml(
        assets_dir() / "assess" / f"{name}.yaml", f"assets/assess/{name}.yaml"
    )
    return document


def resolve(
    data: Any, method: str, *, free: Collection[str], merged: Collection[str] = (), default: str | None = None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The input with its case filled in, and the case if its printed figures may be judged.

    ``free``: keys that a user may replace without changing what the printed figures follow from.
    ``merged``: objects of which single keys may be replaced. ``default``: the case of an empty input. Raises ``InputError``.
    """
    if not isinstance(data, Mapping):
        raise InputError(Fault("input", "type", f"must be an object, got {type(data).__name__}"))
    if default is not None and not data:
        data = {"case": default}
    if "case" not in data:
        return dict(data), None
    name, known = data["case"], case_names(method)
    if not isinstance(name, str) or name not in known:
        hint = closest(name, known) if isinstance(name, str) else ""
        raise InputError(
            Fault("case", "unknown", f"must be one of {', '.join(known)}, got {str(name)[:40]!r}{hint}")
        )
    case = load_case(name)
    own = {key: value for key, value in data.items() if key != "case"}
    for key in merged:
        if isinstance(own.get(key), Mapping) and isinstance(case["input"].get(key), Mapping):
            own[key] = {**case["input"][key], **own[key]}
    return {**case["input"], **own}, case if set(own) <= set(free) else None


def judged(rows: list[dict[str, Any]], values: Mapping[str, float | None]) -> list[dict[str, Any]]:
    """Each printed figure, what its printed inputs give, and the verdict.

    A row has ``key``, ``zh``, ``en``, ``unit``, ``value`` (as printed), ``where`` (page, table or
    equation) and one of ``digits`` (agreement to half a unit of that decimal) and ``tolerance``
    (relative). ``assumes_zh/en``: one stated assumption under which it follows (``ok_assuming``).
    ``not_reproducible: true``: its inputs are not printed. ``why_zh``, ``why_en`` say what a reader must know.
    """
    return [_judged(row, values.get(row["key"])) for row in rows]


def _judged(row: Mapping[str, Any], ours: float | None) -> dict[str, Any]:
    printed = float(row["value"])
    if row.get("not_reproducible") or ours is None:
        verdict = "not_reproducible"
    else:
        room = (
            0.5 * 10.0 ** -row["digits"] * (1.0 + 1e-9)
            if "digits" in row
            else abs(row["tolerance"] * printed)
        )
        agrees = abs(ours - printed) <= room
        verdict = ("ok_assuming" if "assumes_en" in row else "ok") if agrees else "differs"
    why = {lang: row.get(f"why_{lang}") or row.get(f"assumes_{lang}") or "" for lang in ("zh", "en")}
    return {
        "key": row["key"],
        "zh": row["zh"],
        "en": row["en"],
        "unit": row["unit"],
        "printed": printed,
        "recomputed": ours,
        "verdict": verdict,
        "where": row["where"],
        "why_zh": why["zh"],
        "why_en": why["en"],
    }


def note(zh: str, en: str) -> dict[str, str]:
    """A remark for people, in both languages."""
    return {"zh": zh, "en": en}

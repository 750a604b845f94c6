"""What the API answers, as plain data: the same reports that the commands print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from scenarios.economics import cash_flow_metrics
from scenarios.evaluate import Evaluation
from scenarios.evaluate import evaluate as run
from scenarios.report import comparison_report, engine_name, evaluated, evaluation_report, forecast_report
from scenarios.scheme import Scheme, read_scheme, to_dict
from services.jobs import Work
from twin_models.errors import Fault, InputError

MAX_SCHEMES = 8
JOB_KINDS = ("forecast", "evaluate")


def checked(data: Any) -> dict[str, Any]:
    """The scheme with its defaults, after every check. Raises ``InputError``."""
    return to_dict(read_scheme(_mapping(data, "body"), name="body"))


def forecast(data: Any, engine: str) -> dict[str, Any]:
    return forecast_report(evaluated(read_scheme(_mapping(data, "body"), name="body"), engine))


def evaluate(data: Any, engine: str) -> dict[str, Any]:
    return evaluation_report(evaluated(read_scheme(_mapping(data, "body"), name="body"), engine, bands=True))


def compare(data: Any, engine: str) -> dict[str, Any]:
    """``{"schemes": [scheme, …], "baseline": index}``; columns are named by their place, "0", "1", …"""
    evaluations, baseline, _ = _columns(data, engine, ("schemes", "baseline"))
    return comparison_report(evaluations, baseline=baseline)


def decide(data: Any, engine: str, *, must_record: bool = False) -> dict[str, Any]:
    """As ``compare`` with ``decision`` (``docs/decide.md``): the analysis, and the record where words are given."""
    from scenarios.report import decision_report

    evaluations, baseline, given = _columns(data, engine, ("schemes", "baseline", "decision"))
    return decision_report(
        evaluations, given.get("decision", {}), baseline=baseline, path="decision", must_record=must_record
    )


def _columns(
    data: Any, engine: str, known: tuple[str, ...]
) -> tuple[dict[str, Evaluation], str, dict[str, Any]]:
    """Evaluated schemes by place, the baseline's place, and the whole body."""
    given = _mapping(data, "body")
    unknown = sorted(given.keys() - set(known))
    if unknown:
        raise InputError(Fault(unknown[0], "unknown", f"must be one of {', '.join(known)}"))
    rows = given.get("schemes")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_SCHEMES:
        raise InputError(Fault("schemes", "range", f"must be a list of 1 to {MAX_SCHEMES} schemes"))
    baseline = given.get("baseline", 0)
    if isinstance(baseline, bool) or not isinstance(baseline, int) or not 0 <= baseline < len(rows):
        raise InputError(
            Fault("baseline", "range", f"must be between 0 and {len(rows) - 1}, got {baseline!r}")
        )
    evaluations = {str(i): evaluated(s, engine, bands=True) for i, s in enumerate(_schemes(rows))}
    return evaluations, str(baseline), given


def _schemes(rows: list[Any]) -> list[Scheme]:
    """All schemes of a list, or every fault of every one of them."""
    found, faults = [], []
    for i, row in enumerate(rows):
        try:
            found.append(read_scheme(_mapping(row, f"schemes[{i}]"), name=f"schemes[{i}]"))
        except InputError as error:
            own = f"schemes[{i}]"
            faults += [
                f if f.field.startswith(own) else replace(f, field=f"{own}.{f.field}") for f in error.faults
            ]
    if faults:
        raise InputError(faults)
    return found


def economics(data: Any) -> dict[str, Any]:
    return cash_flow_metrics(_mapping(data, "body"))


def assess(method: str, data: Any) -> dict[str, Any]:
    from scenarios.assess import assess as answer

    return answer(method, data)


def job(data: Any) -> Work:
    """Check a job's input now and give the work that can be done later. Raises ``InputError``."""
    given = _mapping(data, "body")
    if given.get("kind") == "suggest":
        from services.suggesting import suggest_work

        return suggest_work(given)
    unknown = sorted(given.keys() - {"kind", "scheme", "engine"})
    if unknown:
        raise InputError(Fault(unknown[0], "unknown", "must be one of kind, scheme, engine"))
    kind = given.get("kind")
    if kind not in JOB_KINDS:
        raise InputError(
            Fault("kind", "unknown", f"must be one of {', '.join((*JOB_KINDS, 'suggest'))}, got {kind!r}")
        )
    scheme = read_scheme(_mapping(given.get("scheme"), "scheme"), name="scheme")
    engine = engine_name(str(given.get("engine", "auto")))
    report = forecast_report if kind == "forecast" else evaluation_report

    def work(cancelled: Callable[[], bool], _tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        return report(run(scheme, engine, bands=kind == "evaluate", cancel=cancelled))

    return work


def _mapping(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(Fault(field, "type", f"must be an object, got {type(value).__name__}"))
    return value

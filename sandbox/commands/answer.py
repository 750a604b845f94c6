"""Commands that answer a file: forecast, evaluate, compare, economics, assess."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace
from typing import Any

from scenarios.schema_io import MAX_FILE_BYTES, load_json, parse_json
from twin_models.errors import Fault, InputError

STDIN = "-"


def document(path: str) -> Any:
    """The JSON in a file, or on standard input for ``-``."""
    if path != STDIN:
        return load_json(path)
    try:
        text = sys.stdin.buffer.read(MAX_FILE_BYTES + 1).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(Fault("stdin", "encoding", f"not UTF-8 text (byte {error.start})")) from None
    return parse_json(text, name="stdin")


def forecast(args: Namespace) -> dict[str, Any]:
    from scenarios.scheme import read_scheme

    scheme = read_scheme(document(args.scheme), name=args.scheme)
    from scenarios.report import evaluated, forecast_report

    if args.maps is None:
        return forecast_report(evaluated(scheme, args.engine))
    from scenarios.evaluate import evaluate as run
    from scenarios.report import engine_name

    evaluation = run(scheme, engine_name(args.engine), with_fields=scheme.output_years)
    report = forecast_report(evaluation)
    _write_maps(evaluation.forecast.fields, args.maps)
    return {**report, "maps": args.maps}


def _write_maps(maps: Any, path: str) -> None:
    """Years (k,), cell centres x_m (nx,) and y_m (ny,), temperature_degc and pressure_bar (k, ny, nx)."""
    import numpy as np

    if maps is None:
        raise InputError(Fault("--maps", "missing", "this engine draws no maps"))
    _, ny, nx = maps.temperature_degc.shape
    arrays = {
        "years": maps.years,
        "x_m": maps.origin_m[0] + (np.arange(nx) + 0.5) * maps.extent_m[0] / nx,
        "y_m": maps.origin_m[1] + (np.arange(ny) + 0.5) * maps.extent_m[1] / ny,
        "temperature_degc": maps.temperature_degc,
    }
    if maps.pressure_bar is not None:
        arrays["pressure_bar"] = maps.pressure_bar
    try:
        with open(path, "wb") as file:
            np.savez_compressed(file, **arrays)
    except OSError as error:
        raise InputError(Fault("--maps", "unwritable", f"cannot write {path} ({error.strerror})")) from None


def evaluate(args: Namespace) -> dict[str, Any]:
    from scenarios.scheme import read_scheme

    scheme = read_scheme(document(args.scheme), name=args.scheme)
    from scenarios.report import evaluated, evaluation_report

    return evaluation_report(evaluated(scheme, args.engine, bands=True))


def compare(args: Namespace) -> dict[str, Any]:
    from scenarios.report import comparison_report

    return comparison_report(side_by_side(args), baseline=args.baseline)


def side_by_side(args: Namespace) -> dict[str, Any]:
    """The evaluated schemes of ``args.schemes`` by path, the baseline among them."""
    from scenarios.scheme import Scheme, read_scheme

    paths = list(args.schemes)
    if args.baseline is not None and args.baseline not in paths:
        paths.insert(0, args.baseline)
    faults: list[Fault] = []
    schemes: dict[str, Scheme] = {}
    for path in paths:
        if path in schemes:
            faults.append(Fault(path, "duplicate", "the same file is given twice"))
            continue
        try:
            schemes[path] = read_scheme(document(path), name=path)
        except InputError as error:
            faults += [f if f.field == path else replace(f, field=f"{path}: {f.field}") for f in error.faults]
    if faults:
        raise InputError(faults)
    from scenarios.report import evaluated

    return {path: evaluated(scheme, args.engine, bands=True) for path, scheme in schemes.items()}


def economics(args: Namespace) -> dict[str, Any]:
    from scenarios.economics import cash_flow_metrics

    return cash_flow_metrics(document(args.cash_flow))


def assess(args: Namespace) -> dict[str, Any]:
    from scenarios.assess import assess as run

    return run(args.method, document(args.input))

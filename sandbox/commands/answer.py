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

    return forecast_report(evaluated(scheme, args.engine))


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

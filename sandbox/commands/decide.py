"""The command ``decide``: rank schemes by stakeholders' weights, show regret, write the decision down."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.commands.answer import document, side_by_side
from twin_models.errors import Fault, InputError

SUFFIXES = {".html": "html", ".md": "md", ".json": "json"}


def arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("schemes", nargs="+", metavar="SCHEME.json")
    parser.add_argument("--baseline", metavar="SCHEME.json", help="default: the first")
    parser.add_argument(
        "--with", dest="setup", metavar="DECISION.json", help="criteria, stakeholders, words of the record"
    )
    parser.add_argument(
        "--record", metavar="FILE", help="write the decision record there (.html, .md or .json)"
    )
    parser.add_argument("--lang", default="en", choices=("zh", "en"), help="of the record (en)")
    parser.add_argument("--engine", default="auto", metavar="ENGINE", help="as for evaluate")


def decide(args: Namespace) -> dict[str, Any]:
    from scenarios.report import decision_report

    kind = _kind(args.record)
    evaluations = side_by_side(args)
    data = {} if args.setup is None else document(args.setup)
    try:
        answer = decision_report(
            evaluations, data, baseline=args.baseline, must_record=args.record is not None
        )
    except InputError as error:
        at = f"{args.setup}: " if args.setup else ""
        raise InputError([replace(f, field=f"{at}{f.field}") for f in error.faults]) from None
    if args.record is not None:
        from scenarios.decision_record import document as told

        _write(Path(args.record), told(answer["record"], kind, args.lang))
    return answer


def _kind(path: str | None) -> str:
    suffix = Path(path or "x.json").suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            Fault("--record", "unknown", f"must end in {', '.join(SUFFIXES)}, got {suffix or path!r}")
        )
    return SUFFIXES[suffix]


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(Fault("--record", "file", f'cannot write "{target}": {error.strerror}')) from None

"""The command ``validate``: the report of all validation cases, as JSON or as the document and the stored report."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any


def arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("cases", nargs="*", metavar="CASE", help="which (default: all)")
    parser.add_argument("--quick", action="store_true", help="the short cases only")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write there instead of printing: JSON, or Markdown when it ends in .md (a full run then also "
        "renews the report that the app shows)",
    )


def validate(args: Namespace) -> dict[str, Any] | None:
    """Run; exit status 1 when a figure is outside its tolerance."""
    from sandbox.cli import pretty
    from services import validation
    from services.validation_text import markdown
    from twin_models.errors import Fault, InputError

    report = validation.run(args.cases, quick=args.quick, told=_told)
    outside = [
        f"{case['key']}.{figure['key']}: {figure['value']:g}"
        for case in report["cases"]
        for figure in case["figures"]
        if figure["holds"] is False
    ]
    text = pretty(report) + "\n"
    try:
        if args.output is None:
            sys.stdout.write(text)
        elif args.output.endswith(".md"):
            # the document is made from what is stored, so that the two cannot differ
            Path(args.output).write_text(markdown(json.loads(text)), encoding="utf-8")
            if not args.cases and not args.quick:
                validation.report_path().write_text(text, encoding="utf-8")
        else:
            Path(args.output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            Fault("--output", "file", f'cannot write "{args.output}": {error.strerror}')
        ) from None
    for line in outside:
        print(f"outside its tolerance: {line}", file=sys.stderr)
    if outside:
        raise SystemExit(1)
    return None


def _told(line: str) -> None:
    print(line, file=sys.stderr)

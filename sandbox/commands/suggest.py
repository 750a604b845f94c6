"""The command ``suggest``: better layouts for a goal, each confirmed by the simulation."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from typing import Any

from sandbox.commands.answer import document
from twin_models.errors import Fault, InputError

# How the command calls what the search calls by another name.
OPTIONS = {
    "objective": "--objective",
    "constraint": "--constraint",
    "budget": "--budget",
    "doublets": "--doublets",
    "locked": "--lock",
}


def arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("scheme", metavar="SCHEME.json")
    parser.add_argument("--objective", required=True, metavar="KPI", help="what should get better")
    parser.add_argument(
        "--minimise", action="store_true", help="make it small (default: the way that is better for the KPI)"
    )
    parser.add_argument(
        "--constraint", action="append", default=[], metavar="KPI>=VALUE", help="a limit; may be repeated"
    )
    parser.add_argument("--budget", type=int, metavar="N", help="evaluations, simulations included (600)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="same seed, same answer (0)")
    parser.add_argument(
        "--workers", default="1", metavar="N|tcp://HOST:PORT", help="processes, or a Dask scheduler (1)"
    )
    parser.add_argument("--doublets", type=int, metavar="N", help="pairs of wells that may be added (3)")
    parser.add_argument(
        "--from-nothing", action="store_true", help="lay out up to N doublets anew instead of changing wells"
    )
    parser.add_argument(
        "--lock",
        action="append",
        default=[],
        metavar="WELL",
        help="a well that stays as it is; may be repeated",
    )
    parser.add_argument(
        "--seconds", type=float, metavar="S", help="stop after this time too (answers then vary)"
    )


def suggest(args: Namespace) -> dict[str, Any]:
    from scenarios.scheme import read_scheme
    from services.engine import parse_workers

    workers = parse_workers(args.workers)
    if args.seed < 0:
        raise InputError(Fault("--seed", "range", f"must be at least 0, got {args.seed}"))
    if args.seconds is not None and not args.seconds > 0.0:
        raise InputError(Fault("--seconds", "range", f"must be above 0, got {args.seconds}"))
    scheme = read_scheme(document(args.scheme), name=args.scheme)
    try:
        return _found(args, scheme, workers)
    except InputError as error:
        raise InputError(_as_option(fault) for fault in error.faults) from None


def _as_option(fault: Fault) -> Fault:
    """The fault with the option that it speaks of in front, where it is one of the command's own."""
    word = re.match(r"[a-z_]*", fault.field)
    name = word[0] if word else ""
    return replace(fault, field=OPTIONS[name] + fault.field[len(name) :]) if name in OPTIONS else fault


def _found(args: Namespace, scheme: Any, workers: int | str) -> dict[str, Any]:
    from scenarios import optimise
    from scenarios.optimise.propose import USUAL_BUDGET
    from services.engine import Engine

    problem = optimise.problem_of(
        scheme,
        args.objective,
        minimise=args.minimise,
        limits=args.constraint,
        doublets=args.doublets,
        from_nothing=args.from_nothing,
        locked=args.lock,
    )
    with Engine(workers) as engine:
        found = optimise.suggest(
            problem,
            batch=engine,
            budget=USUAL_BUDGET if args.budget is None else args.budget,
            seed=args.seed,
            seconds=args.seconds,
            tell=_told if sys.stderr.isatty() else None,
        )
        for notice in engine.notices:
            print(f"note: {notice}", file=sys.stderr)
    return optimise.report(found)


def _told(event: dict[str, Any]) -> None:
    """One line for each improvement, for whoever watches."""
    value = event["step"]["gains"][event["objective"]]["value"]
    what = "; ".join(change["text"]["en"] for change in event["step"]["changes"][:2])
    shown = "undefined" if value is None else f"{value:.6g}"
    print(f"{event['elapsed_s']:6.1f} s  {event['objective']} {shown}  {what}", file=sys.stderr)

"""The command line ``geosandbox``: JSON on standard output, faults one a line on standard error, never a traceback."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from sandbox.commands import decide, own, suggest, validate
from scenarios.schema_io import plain
from twin_models.errors import Fault, InputError

BAD_INPUT, INTERNAL, INTERRUPTED, BROKEN_PIPE = 2, 1, 130, 141
DEBUG = "GEOSANDBOX_DEBUG"
LINE_WIDTH = 110


class _Parser(argparse.ArgumentParser):
    """Usage faults look like all others: ``error: --port: invalid int value: 'x'``."""

    def error(self, message: str) -> NoReturn:
        field, text = "arguments", message
        if message.startswith("argument "):
            field, _, text = message.removeprefix("argument ").partition(": ")
        raise InputError(Fault(field.split("/")[-1], "arguments", text))


def parser() -> argparse.ArgumentParser:
    """All commands; ``args.run`` names the function ("module:function") that does it."""
    top = _Parser(prog="geosandbox", description="Geothermal decision sandbox.")
    top.add_argument("--debug", action="store_true", help="show the details of an unexpected failure")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, run: str, text: str, *, prints: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run, output=None)
        sub.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        if prints:
            sub.add_argument(
                "-o", "--output", metavar="FILE", help="write the JSON there instead of printing it"
            )
        return sub

    serve = command("serve", "around:serve", "serve the app", prints=False)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8080)
    serve.add_argument("--site", metavar="NAME", help="the site a visit begins with")
    serve.add_argument("--data", metavar="DIR", help="where schemes and history are kept")
    command("sites", "around:sites", "the sites shipped, what is measured and what is schematic")
    _answers(command)
    suggest.arguments(
        command("suggest", "suggest:suggest", "better layouts for a goal, confirmed by simulation")
    )
    models = command("models", "around:models", "the model cards; verify: check the files against them")
    models.add_argument("action", nargs="?", choices=["verify"])
    bench = command("bench", "around:bench", "measured figures with the machine described")
    bench.add_argument("names", nargs="*", metavar="NAME", help="which (default: all)")
    text = "the predictors held to closed forms, codes and measurements"
    validate.arguments(command("validate", "validate:validate", text, prints=False))
    decide.arguments(
        command("decide", "decide:decide", "schemes ranked by weights, regret, a decision record")
    )
    own.arguments(command)
    command("warm", "around:warm", "compile every kernel once")
    return top


def _answers(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Commands that read a file; ``-`` is standard input."""

    def engine(sub: argparse.ArgumentParser) -> None:
        text = "auto (= simulation), simulation, surrogate or streamline"
        sub.add_argument("--engine", default="auto", metavar="ENGINE", help=text)

    forecast = command("forecast", "answer:forecast", "temperatures, pressures and heat over the years")
    forecast.add_argument("scheme", metavar="SCHEME.json")
    text = "also write maps of temperature and pressure at the output years (NumPy archive)"
    forecast.add_argument("--maps", metavar="FILE.npz", help=text)
    engine(forecast)
    evaluate = command("evaluate", "answer:evaluate", "forecast summary and KPIs of a scheme")
    evaluate.add_argument("scheme", metavar="SCHEME.json")
    engine(evaluate)
    compare = command("compare", "answer:compare", "schemes beside a baseline")
    compare.add_argument("schemes", nargs="+", metavar="SCHEME.json")
    compare.add_argument("--baseline", metavar="SCHEME.json", help="default: the first")
    engine(compare)
    economics = command("economics", "answer:economics", "levelised cost, NPV, IRR, paybacks of a cash flow")
    economics.add_argument("cash_flow", metavar="CASHFLOW.json")
    assess = command("assess", "answer:assess", "an assessment method on its input")
    assess.add_argument("method", metavar="METHOD")
    assess.add_argument("input", metavar="INPUT.json")


def pretty(value: Any, indent: int = 0) -> str:
    """JSON with objects indented and everything that fits on one line kept there."""
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if len(flat) + indent <= LINE_WIDTH or not isinstance(value, (dict, list)) or not value:
        return flat
    inner = " " * (indent + 1)
    if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
        return flat
    if isinstance(value, dict):
        parts = [f"{json.dumps(k, ensure_ascii=False)}: {pretty(v, indent + 1)}" for k, v in value.items()]
        opening, closing = "{", "}"
    else:
        parts = [pretty(item, indent + 1) for item in value]
        opening, closing = "[", "]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{' ' * indent}{closing}"


def write(result: Any, output: str | None) -> None:
    """Print a result, or put it whole into a file (nothing is left of one that fails)."""
    text = pretty(plain(result)) + "\n"
    if output is None:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    target = Path(output)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.is_dir():
            raise IsADirectoryError(None, "is a folder")
        part.write_text(text, encoding="utf-8")
        os.replace(part, target)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise InputError(Fault("--output", "file", f'cannot write "{output}": {error.strerror}')) from None


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status (0, 2 for bad input, 1 for a failure of ours)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments or bool(os.environ.get(DEBUG))
    try:
        args = parser().parse_args(arguments)
        own.look_for_own_sites(getattr(args, "data", None))
        module, function = args.run.split(":")
        result = getattr(import_module(f"sandbox.commands.{module}"), function)(args)
        if result is not None:
            write(result, args.output)
        return 0
    except InputError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; whatever is still buffered must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as error:
        if debug:
            raise
        text = " ".join(str(error).split())[:200]
        print(f"error: internal: {type(error).__name__}: {text} (details with --debug)", file=sys.stderr)
        return INTERNAL


def _refuse(error: InputError) -> int:
    sys.stderr.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for fault in error.faults:
        print(" ".join(fault.line().split()), file=sys.stderr)
    return BAD_INPUT


if __name__ == "__main__":
    raise SystemExit(main())

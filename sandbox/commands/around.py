"""Commands around the answers: serve, sites, models, bench, warm."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import time
from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from twin_models.errors import Fault, InputError
from twin_models.reading import Reader, read_yaml

PAGE_FIGURES = ("sandbox.bench_browser", "sandbox.bench_assess")  # figures that need the page's libraries
CARD = "card.yaml"
CARD_KEYS = ("name", "version", "file", "sha256", "engine", "training_range", "errors")


def serve(args: Namespace) -> None:
    from twin_models.sites import load_site, site_names

    site = args.site or _first_site(site_names())
    if not load_site(site).schemes:
        raise InputError(Fault("--site", "range", f'"{site}" ships no scheme to start from'))
    if not 1 <= args.port <= 65535:
        raise InputError(Fault("--port", "range", f"must be between 1 and 65535, got {args.port}"))
    _check_free(args.host, args.port)
    data = None if args.data is None else _folder(args.data)
    from sandbox.server import serve as run

    run(host=args.host, port=args.port, site=site, data=data)


def _first_site(names: list[str]) -> str:
    """Where a visit begins: the setting, else the field that shows most, else whatever ships."""
    wanted = os.environ.get("GEOSANDBOX_SITE", "caofeidian")
    return wanted if wanted in names else names[0]


def _check_free(host: str, port: int) -> None:
    """Whether the address can be served on, said before the slow part of the start."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise InputError(Fault("--host", "unknown", f'"{host}" is not an address of this machine')) from None
    except OSError as error:
        text = f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port"
        raise InputError(Fault("--port", "taken", text)) from None


def _folder(path: str) -> Path:
    try:
        folder = Path(path).expanduser().resolve()
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(Fault("--data", "file", f'cannot use "{path}": {error.strerror}')) from None
    if not os.access(folder, os.W_OK):
        raise InputError(Fault("--data", "file", f'cannot write in "{path}"'))
    return folder


def sites(_args: Namespace) -> dict[str, Any]:
    from twin_models.sites import summaries

    return {"sites": summaries()}


def models(args: Namespace) -> dict[str, Any]:
    from twin_models.models import MODELS, load_model
    from twin_models.sites import assets_dir

    cards = [read_card(path) for path in sorted((assets_dir() / "models").glob(f"*/{CARD}"))]
    if args.action == "verify":
        faults = [fault for card in cards for fault in wrong_file(card)]
        if faults:
            raise InputError(faults)
        return {"verified": [card["name"] for card in cards]}
    predictors = [{"name": name, "version": load_model(name).version} for name in MODELS]
    return {
        "models": [{k: v for k, v in c.items() if k != "folder"} for c in cards],
        "predictors": predictors,
    }


def read_card(path: Path) -> dict[str, Any]:
    """A model card with every required key (``CARD_KEYS``), and the folder it stands in."""
    label = f"models/{path.parent.name}/{CARD}"
    reader = Reader(label)
    card = reader.mapping(read_yaml(path, label), "", required=CARD_KEYS, optional=None)
    reader.done()
    return {**card, "folder": str(path.parent)}


def wrong_file(card: dict[str, Any]) -> list[Fault]:
    """A fault when the model's file is missing or is not the one its card describes."""
    file = Path(card["folder"]) / card["file"]
    field = f"models.{card['name']}.sha256"
    if not file.is_file():
        return [Fault(field, "missing", f"the file {card['file']} is not there")]
    got = hashlib.sha256(file.read_bytes()).hexdigest()
    return [] if got == card["sha256"] else [Fault(field, "changed", f"must be {card['sha256']}, got {got}")]


def bench(args: Namespace) -> dict[str, Any]:
    from services.bench import run

    page = [name for name in PAGE_FIGURES if find_spec(name) is not None]
    return run(args.names, modules=page, told=lambda line: print(line, file=sys.stderr))


def warm(_args: Namespace) -> dict[str, Any]:
    """Compile every kernel, so that the first visitor does not wait for it."""
    start = time.perf_counter()
    from scenarios.evaluate import evaluate
    from scenarios.scheme import read_scheme
    from twin_models.models import MODELS
    from twin_models.sites import load_site, site_names
    from twin_models.warm import warm as compile_kernels

    compile_kernels()
    shipped = [file for name in site_names() for file in load_site(name).schemes[:1]]
    for file in shipped[:1]:
        scheme = read_scheme(file.path)
        for engine in MODELS:
            evaluate(scheme, engine)
    return {"warmed_s": round(time.perf_counter() - start, 2)}

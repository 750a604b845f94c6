"""Commands around a user's own field: import, export, explain."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.settings import data_folder
from twin_models.sites import add_sites_folder


def arguments(command: Callable[..., ArgumentParser]) -> None:
    """The three commands with their options."""
    bring = command("import", "own:bring", "a site from a folder or zip of tables and logs, checked")
    bring.add_argument("source", metavar="FOLDER|ZIP")
    bring.add_argument("--name", metavar="NAME", help="of the new site: lower case letters, digits, dashes")
    bring.add_argument(
        "--preview", action="store_true", help="say what would be made and every fault; make nothing"
    )
    give = command("export", "own:give", "a site or scheme as CSV, GeoJSON and GeoPackage")
    give.add_argument("what", metavar="SITE|SCHEME.json")
    give.add_argument("--to", required=True, metavar="FOLDER", help="a new or empty folder")
    explain = command(
        "explain", "own:explain", "why a place is good or bad, what controls it, what to measure next"
    )
    explain.add_argument("what", metavar="SITE|SCHEME.json")
    explain.add_argument("--unit", metavar="ID", help="one structural unit of a basin")
    explain.add_argument("--engine", default="auto", metavar="ENGINE", help="as for evaluate")


def look_for_own_sites(data: str | None) -> None:
    """Imported sites count like shipped ones: those of ``--data``, else of the usual data folder."""
    add_sites_folder(Path(data or data_folder()).expanduser().resolve() / "sites")


def bring(args: Namespace) -> dict[str, Any]:
    from services.importer import import_site, preview

    folder = data_folder() / "sites"
    if args.preview:
        return preview(Path(args.source), name=args.name, sites=folder)
    return import_site(Path(args.source), name=args.name, sites=folder)


def give(args: Namespace) -> dict[str, Any]:
    from services.importer.export import export

    return export(args.what, Path(args.to))


def explain(args: Namespace) -> dict[str, Any]:
    from scenarios.knowledge import explain_scheme, explain_site

    if args.what.endswith(".json") or args.what == "-":
        from sandbox.commands.answer import document
        from scenarios.scheme import read_scheme

        return explain_scheme(read_scheme(document(args.what), name=args.what), args.engine)
    return explain_site(args.what, args.engine, unit=args.unit)

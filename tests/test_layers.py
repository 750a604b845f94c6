"""Who may import whom, read from the source of every module.

    sandbox -> services -> scenarios -> twin_models        and        sandbox -> scenes -> twin_models

A new rule is a row in one of the two tables.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

ALLOWED_BELOW: dict[str, set[str]] = {
    "sandbox": {"services", "scenarios", "scenes", "twin_models"},
    "services": {"scenarios", "twin_models"},
    "scenarios": {"twin_models"},
    "scenes": {"twin_models"},
    "twin_models": set(),
}
NEVER_IMPORTED = {
    "assets": "it is data; read it as files",
    "tests": "the product does not know its tests",
    "pytest": "it is installed for development only",
    "hypothesis": "it is installed for development only",
    "playwright": "it is installed for development only",
}
# benchmarks drive a browser; nothing imports them but ``geosandbox bench``
EXCEPTIONS = {("sandbox/bench_browser.py", "playwright")}
LIBRARIES_BY_HOME = {
    ("twin_models",): "torch onnx onnxscript onnxruntime",
    ("scenes",): "pyvista vtk vtkmodules",
    ("sandbox",): "trame trame_server trame_client trame_common wslink "
    "panel holoviews datashader bokeh bokeh_fastapi",
    ("sandbox", "services"): "fastapi starlette uvicorn",
    ("services",): "sqlalchemy alembic",
}
LIBRARY_HOMES = {library: homes for homes, names in LIBRARIES_BY_HOME.items() for library in names.split()}


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a module imports, by statement or by a literal name at run time."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield node.lineno, module
            case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_]) if (
                ast.unparse(func).split(".")[-1] in {"import_module", "__import__"}
            ) and not name.startswith("."):
                yield node.lineno, name


def broken_rules(package: str, tree: ast.AST) -> list[tuple[int, str]]:
    """Line and complaint for every import that `package` may not make."""
    complaints = []
    for line, module in imports(tree):
        top = module.split(".")[0]
        if top in NEVER_IMPORTED:
            complaints.append((line, f"imports {module}, which no package may: {NEVER_IMPORTED[top]}"))
        elif top in ALLOWED_BELOW and top != package and top not in ALLOWED_BELOW[package]:
            allowed = ", ".join(sorted(ALLOWED_BELOW[package])) or "none of ours"
            complaints.append((line, f"imports {module}; {package} may import {allowed}"))
        elif package not in LIBRARY_HOMES.get(top, (package,)):
            homes = " and ".join(LIBRARY_HOMES[top])
            complaints.append((line, f"imports {module}; {top} is for {homes} only"))
    return complaints


@pytest.mark.parametrize("package", ALLOWED_BELOW)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules, f"{package}/ holds no Python file"
    faults = [
        f"{module.relative_to(ROOT)}:{line}: {complaint}"
        for module in modules
        for line, complaint in broken_rules(package, ast.parse(module.read_text("utf-8")))
        if not any(
            str(module.relative_to(ROOT)) == file and f"imports {library}" in complaint
            for file, library in EXCEPTIONS
        )
    ]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(
    ("package", "source", "says"),
    [
        ("twin_models", "from scenarios.kpis import KPIS", "twin_models may import none of ours"),
        ("scenarios", "import scenes.wells", "scenarios may import twin_models"),
        ("scenes", "from scenarios import evaluate", "scenes may import twin_models"),
        ("services", "def draw():\n    import scenes", "services may import scenarios, twin_models"),
        ("scenarios", "if TYPE_CHECKING:\n    from sandbox.state import State", "imports sandbox.state"),
        ("sandbox", "import assets.sites", "which no package may"),
        ("services", "import importlib\nimportlib.import_module('scenes.wells')", "imports scenes.wells"),
        ("scenarios", "import torch.nn as nn", "torch is for twin_models only"),
        ("sandbox", "from onnxruntime import InferenceSession", "onnxruntime is for twin_models only"),
        ("sandbox", "from vtkmodules.util import numpy_support", "vtkmodules is for scenes only"),
        ("services", "import panel as pn", "panel is for sandbox only"),
        ("scenarios", "import fastapi", "fastapi is for sandbox and services only"),
        ("sandbox", "from sqlalchemy.orm import Session", "sqlalchemy is for services only"),
    ],
)
def test_a_wrong_import_is_found_and_explained(package: str, source: str, says: str) -> None:
    [(line, complaint)] = broken_rules(package, ast.parse(source))
    assert line == len(source.splitlines())
    assert says in complaint


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("sandbox", "import scenes, services, scenarios, twin_models, trame.app, uvicorn"),
        ("services", "from scenarios import evaluate\nimport sqlalchemy, fastapi"),
        ("scenarios", "from twin_models.types import Well\nfrom . import kpis\nfrom .scenes import x"),
        ("scenes", "import pyvista, numpy, twin_models"),
        ("twin_models", "import onnxruntime, numba\nimport twin_models.types"),
    ],
)
def test_a_right_import_passes(package: str, source: str) -> None:
    assert broken_rules(package, ast.parse(source)) == []

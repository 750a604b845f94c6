"""What a fresh clone relies on: pinned requirements, complete packages, and nothing that ties us to one machine."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ["sandbox", "twin_models", "scenes", "scenarios", "services"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# train.txt is for an environment of its own; torch's wheel has another hash on every index, so it has none
REQUIREMENTS = sorted(p for p in (ROOT / "requirements").glob("*.txt") if p.name != "train.txt")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_lines(path: Path) -> list[str]:
    """Each requirement with its hashes on one line, comments left out."""
    joined = path.read_text("utf-8").replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins(path: Path) -> dict[str, set[str]]:
    """Name -> the versions pinned; more than one where systems or Python versions differ."""
    versions: dict[str, set[str]] = {}
    for line in requirement_lines(path):
        name, version = line.split()[0].split("==")
        versions.setdefault(canonical(name), set()).add(version)
    return versions


# --- requirements


def test_requirements_are_pinned_with_hashes() -> None:
    assert [path.name for path in REQUIREMENTS] == ["dev.txt", "runtime.txt"]
    for line in (line for path in REQUIREMENTS for line in requirement_lines(path)):
        assert re.fullmatch(r"[\w.-]+==\S+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+ *", line), line[:80]


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").iterdir()), ids=lambda path: path.name)
def test_requirements_name_no_place_to_fetch_from(path: Path) -> None:
    text = path.read_text("utf-8")
    for word in ("://", "--index", "--extra-index", "--find-links", "--trusted-host", "file:"):
        assert word not in text, f"{path.name} holds {word}"


def test_development_adds_to_the_runtime_and_changes_nothing_in_it() -> None:
    runtime, dev = pins(ROOT / "requirements/runtime.txt"), pins(ROOT / "requirements/dev.txt")
    assert {name: dev.get(name) for name in runtime} == runtime


def test_requirements_cover_what_the_project_declares_and_leave_training_out() -> None:
    runtime, dev = (set(pins(ROOT / f"requirements/{name}.txt")) for name in ("runtime", "dev"))
    extras = PROJECT["project"]["optional-dependencies"]

    def names(requirements: list[str]) -> set[str]:
        return {canonical(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}  # type: ignore[index]

    assert names(PROJECT["project"]["dependencies"]) <= runtime
    assert names(extras["dev"] + extras["cluster"]) <= dev
    assert not names(extras["train"]) & dev


def test_no_required_library_is_under_the_gpl() -> None:
    """The LGPL is fine, since we load such libraries unchanged; the GPL would reach into our own code."""
    for name in {name for path in REQUIREMENTS for name in pins(path)}:
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:  # pinned for another system
            continue
        stated = [metadata.get("License-Expression") or "", (metadata.get("License") or "").split("\n")[0]]
        stated += [c for c in metadata.get_all("Classifier") or [] if c.startswith("License")]
        for licence in stated:
            assert not re.search(r"(?<!L)\bA?GPL|(?<!Lesser )General Public", licence), f"{name}: {licence}"


# --- packages


def test_the_project_ships_five_packages_and_one_command() -> None:
    include = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    assert sorted(include) == sorted(PACKAGES + [f"{name}.*" for name in PACKAGES])
    assert PROJECT["project"]["scripts"] == {"geosandbox": "sandbox.cli:main"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_python_is_a_package(package: str) -> None:
    """A folder without __init__.py works in the checkout and is silently missing when installed."""
    folders = {module.parent for module in (ROOT / package).rglob("*.py")}
    missing = [str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "__init__.py").exists()]
    assert not missing, f"add an empty __init__.py to {', '.join(missing)}"


def test_assets_are_data() -> None:
    assert not list((ROOT / "assets").rglob("__init__.py"))


def test_the_changelog_knows_the_version() -> None:
    version = PROJECT["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## \[?({re.escape(version)}|Unreleased)\b", changelog, re.MULTILINE)


# --- make


def make_plan(*arguments: str) -> str:
    """The commands that make would run, without running them."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "--always-make", "--dry-run", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


def test_make_run_passes_its_settings_on() -> None:
    plan = make_plan("run", "PORT=9123", "HOST=0.0.0.0", "SITE=linqing", "DATA=/tmp/somewhere")
    assert "serve --host 0.0.0.0 --port 9123 --site linqing --data /tmp/somewhere" in plan
    plain = make_plan("run")
    assert "serve --host 127.0.0.1 --port 8080" in plain
    assert "--site" not in plain
    assert plain.index("--require-hashes") < plain.index("sandbox warm") < plain.index("serve")


def test_make_run_installs_nothing_for_development() -> None:
    assert "dev.txt" not in make_plan("run")
    assert "dev.txt" in make_plan("test")


# --- code


def unpickling(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of what reads pickled objects: opening such a file runs whatever its writer put in."""
    modules = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if modules & {alias.name.split(".")[0] for alias in names}:
                yield node.lineno, ast.unparse(node)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in modules and node.level == 0:
                yield node.lineno, ast.unparse(node)
            case ast.Call(func=ast.Attribute(attr="read_pickle")):
                yield node.lineno, ast.unparse(node)
            case ast.Call(func=ast.Attribute(attr="load", value=ast.Name(id="torch"))):
                yield node.lineno, ast.unparse(node)
            case ast.keyword(arg="allow_pickle", value=value) if ast.unparse(value) != "False":
                yield value.lineno, ast.unparse(node)


def test_our_code_loads_no_pickles() -> None:
    faults = [
        f"{module.relative_to(ROOT)}:{line}: {text}"
        for package in PACKAGES
        for module in sorted((ROOT / package).rglob("*.py"))
        for line, text in unpickling(ast.parse(module.read_text("utf-8")))
    ]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "def f():\n    import dill as d",
        "torch.load('model.pt', weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "pd.read_pickle(path)",
    ],
)
def test_a_pickle_is_found(source: str) -> None:
    assert list(unpickling(ast.parse(source)))


def test_loading_plain_arrays_is_fine() -> None:
    assert not list(unpickling(ast.parse("np.load(path); np.load(path, allow_pickle=False); json.load(f)")))


# Written in two parts, so that this file does not find itself.
MACHINE_PATH = re.compile(rb"(?<![\w.}>-])/" + rb"(?:work|root|home/[a-z]+)/[\w.]")


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=60)
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_committed_text_names_a_machines_own_folders() -> None:
    faults = []
    for path in committed_files():
        content = path.read_bytes()
        if b"\0" not in content[:8192] and (match := MACHINE_PATH.search(content)):
            line = content.count(b"\n", 0, match.start()) + 1
            faults.append(f"{path.relative_to(ROOT)}:{line}: {match[0].decode()}…")
    assert not faults, "\n" + "\n".join(faults)


def test_a_machines_own_folder_is_found() -> None:
    for text in ("see /{}/x", '"/{}/data"', "open('/{}/.cache')"):
        for folder in ("work", "root", "home/anna"):
            assert MACHINE_PATH.search(text.format(folder).encode())
    assert not MACHINE_PATH.search(b"https://example.org/work/page and ./work/x and a/root/b")

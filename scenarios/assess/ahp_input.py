"""The door of ``ahp``: trees, judgement matrices, grades and values, every fault named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios.assess.judgement import as_ratio, leaves, quality_system, random_indices
from scenarios.schema_io import DoorReader

LEAST_JUDGEMENT, GREATEST_JUDGEMENT = 0.01, 100.0  # Saaty's scale is 1/9 to 9; coarser ones are in use
MAX_ORDER = 30
METHODS = ("geometric_mean", "eigenvector")
KEYS = (
    "format", "title", "source", "tree", "matrices", "weights", "leaf_weights", "grades", "values", "rock",
    "random_index", "priorities", "names", "matrix", "items", "system",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Given:
    """A checked input. ``local``: given weights of groups without a matrix; ``published``: own tables known."""

    tree: Mapping[str, tuple[str, ...]]
    root: str | None
    matrices: Mapping[str, np.ndarray]
    local: Mapping[str, np.ndarray]
    leaf_weights: Mapping[str, float] | None
    grades: Mapping[str, float]
    values: Mapping[str, Any]
    rock: str
    random_index: str
    priorities: str
    names: Mapping[str, Mapping[str, str]]
    published: bool

    @property
    def leaves(self) -> list[str]:
        return leaves(self.tree, self.root) if self.root is not None else []


def read_given(data: Mapping[str, Any]) -> Given:
    """The input with its defaults, or ``InputError`` with every fault.

    Without ``tree`` and ``matrices``, or with ``system`` "quality-002", the rating system of source 002 is
    used (``matrices`` then replaces some of its own); with ``matrices`` alone each is judged by itself.
    """
    reader = DoorReader()
    got = reader.mapping(data, "", optional=KEYS)
    published = "system" in got or not {"tree", "matrices", "matrix"} & got.keys()
    system = quality_system() if published else {}
    if published:
        reader.choice(got.get("system", "quality-002"), "system", ("quality-002",))
    for key in ("tree", "matrix") if published else ("matrices", "tree") if "matrix" in got else ():
        if key in got:
            reader.fault(
                key, "conflict", f"cannot be given together with {'system' if published else 'matrix'}"
            )
    tree, matrices = _groups(reader, got, system)
    root = _root(reader, tree)
    weights = {key: w for key, w in system.get("weights", {}).items() if key not in matrices}
    weights |= reader.mapping(got.get("weights", {}), "weights", optional=None)
    local = _local(reader, weights, tree, matrices)
    for node in tree:
        if node not in matrices and node not in local and not reader.faults:
            reader.fault(f"matrices.{node}", "missing", f"is missing (or give weights.{node} for its parts)")
    known = leaves(tree, root) if root is not None and not reader.faults else None
    given = Given(
        tree=tree,
        root=root,
        matrices=matrices,
        local=local,
        leaf_weights=_shares(reader, got.get("leaf_weights"), known),
        grades=_grades(reader, got.get("grades", {}), known),
        values=_values(reader, got.get("values", {}), known, published=published),
        rock=reader.choice(got.get("rock", "sandstone"), "rock", ("sandstone", "carbonate")),
        random_index=reader.choice(got.get("random_index", "saaty"), "random_index", tuple(random_indices())),
        priorities=reader.choice(got.get("priorities", "geometric_mean"), "priorities", METHODS),
        names=_names(reader, got.get("names", {})),
        published=published,
    )
    reader.done()
    return given


def _groups(
    reader: DoorReader, got: Mapping[str, Any], system: Mapping[str, Any]
) -> tuple[dict[str, tuple[str, ...]], dict[str, np.ndarray]]:
    """The tree and its matrices; matrices without a tree have parts "A.1", "A.2", ... or ``items``."""
    tree = _tree(reader, system.get("tree") or got.get("tree", {}))
    if "matrix" in got:
        matrix = read_matrix(reader, got["matrix"], "matrix", None)
        matrices = {} if matrix is None else {"A": matrix}
        if "items" in got and matrix is not None:
            tree = _tree(reader, {"A": got["items"]})
            if len(tree["A"]) != len(matrix):
                reader.fault("items", "length", f"must name {len(matrix)} parts, got {len(tree['A'])}")
    else:
        raw = reader.mapping(got.get("matrices", {}), "matrices", optional=None)
        matrices = _matrices(reader, {**system.get("matrices", {}), **raw}, tree)
    if not tree:
        tree = {name: tuple(f"{name}.{i + 1}" for i in range(len(m))) for name, m in matrices.items()}
    return tree, matrices


def _tree(reader: DoorReader, value: Any) -> dict[str, tuple[str, ...]]:
    tree: dict[str, tuple[str, ...]] = {}
    parents: dict[str, str] = {}
    for node, children in reader.mapping(value, "tree", optional=None).items():
        path = f"tree.{node}"
        names = [
            reader.text(c, f"{path}[{i}]") for i, c in enumerate(reader.items(children, path, at_least=1))
        ]
        for i, name in enumerate(names):
            if name in parents:
                reader.fault(f"{path}[{i}]", "duplicate", f'"{name}" stands below "{parents[name]}" already')
            parents[name] = str(node)
        tree[str(node)] = tuple(names)
    return tree


def _root(reader: DoorReader, tree: Mapping[str, tuple[str, ...]]) -> str | None:
    """The one node that is nobody's part; ``None`` where matrices stand side by side without a tree."""
    below = {child for children in tree.values() for child in children}
    tops = [node for node in tree if node not in below]
    if not tree:
        reader.fault("matrices", "missing", "is missing: give matrices, or a tree with them")
        return None
    if not tops:
        reader.fault("tree", "cycle", "has no top: every node is a part of another")
        return None
    if len(tops) > 1:
        return None
    reached, waiting = set(), [tops[0]]
    while waiting:
        node = waiting.pop()
        reached.add(node)
        waiting += [child for child in tree.get(node, ()) if child not in reached]
    for node in tree:
        if node not in reached:
            reader.fault(f"tree.{node}", "cycle", f'is not reached from "{tops[0]}"')
    return tops[0]


def _matrices(reader: DoorReader, value: Any, tree: Mapping[str, tuple[str, ...]]) -> dict[str, np.ndarray]:
    matrices = {}
    for node, rows in reader.mapping(value, "matrices", optional=None).items():
        path = f"matrices.{node}"
        if tree and node not in tree:
            reader.fault(path, "unknown", f"is not a node of the tree; there are {', '.join(tree)}")
            continue
        matrix = read_matrix(reader, rows, path, len(tree[node]) if tree else None)
        if matrix is not None:
            matrices[str(node)] = matrix
    return matrices


def read_matrix(reader: DoorReader, value: Any, path: str, order: int | None) -> np.ndarray | None:
    """A square judgement matrix of numbers or ratios such as "1/7"; ``None`` when it has faults."""
    rows = reader.items(value, path, at_least=1)
    n = len(rows)
    if order is not None and n != order:
        reader.fault(path, "shape", f"must have {order} rows, one for each part, got {n}")
        return None
    if n > MAX_ORDER:
        reader.fault(path, "shape", f"must have at most {MAX_ORDER} rows, got {n}")
        return None
    before = len(reader.faults)
    cells = [_row(reader, row, f"{path}[{i}]", n) for i, row in enumerate(rows)]
    return np.array(cells) if len(reader.faults) == before and n else None


def _row(reader: DoorReader, value: Any, path: str, n: int) -> list[float]:
    parts = reader.items(value, path)
    if len(parts) != n:
        reader.fault(path, "shape", f"must have {n} cells (the matrix is square), got {len(parts)}")
        return [1.0] * n
    cells = []
    for j, part in enumerate(parts):
        number = as_ratio(part) if isinstance(part, str) else part
        if isinstance(part, str) and math.isnan(number):
            reader.fault(f"{path}[{j}]", "type", f'must be a number or a ratio such as "1/7", got {part!r}')
            number = 1.0
        cells.append(
            reader.number(number, f"{path}[{j}]", low=LEAST_JUDGEMENT, high=GREATEST_JUDGEMENT, default=1.0)
        )
    return cells


def _local(
    reader: DoorReader,
    value: Any,
    tree: Mapping[str, tuple[str, ...]],
    matrices: Mapping[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """Normalised weights of groups that have no matrix."""
    local = {}
    for node, numbers in reader.mapping(value, "weights", optional=None).items():
        path = f"weights.{node}"
        if node not in tree:
            reader.fault(path, "unknown", f"is not a node of the tree; there are {', '.join(tree)}")
        elif node in matrices:
            reader.fault(path, "conflict", f"cannot be given together with matrices.{node}")
        else:
            parts = np.array(reader.numbers(numbers, path, len(tree[node]), low=0.0, high=1e6))
            if parts.sum() > 0.0:
                local[str(node)] = parts / parts.sum()
            else:
                reader.fault(path, "range", "must not all be 0")
    return local


def _shares(reader: DoorReader, value: Any, known: list[str] | None) -> dict[str, float] | None:
    if value is None:
        return None
    got = reader.mapping(value, "leaf_weights", required=known or (), optional=() if known else None)
    shares = {key: reader.number(v, f"leaf_weights.{key}", low=0.0, high=1.0) for key, v in got.items()}
    if shares and not any(shares.values()):
        reader.fault("leaf_weights", "range", "must not all be 0")
    return shares


def _grades(reader: DoorReader, value: Any, known: list[str] | None) -> dict[str, float]:
    got = reader.mapping(value, "grades", optional=known)
    return {key: reader.number(v, f"grades.{key}", low=0.0, high=1.0) for key, v in got.items()}


def _values(reader: DoorReader, value: Any, known: list[str] | None, *, published: bool) -> dict[str, Any]:
    """Measured values; only the published system has tables to grade them by."""
    if not value:
        return {}
    if not published:
        reader.fault(
            "values", "conflict", "need the published tables: leave out tree and matrices, or give grades"
        )
        return {}
    indicators = quality_system()["indicators"]
    got = reader.mapping(value, "values", optional=known)
    return {
        key: _value(reader, v, f"values.{key}", indicators[key])
        for key, v in got.items()
        if key in indicators
    }


def _names(reader: DoorReader, value: Any) -> dict[str, Mapping[str, str]]:
    """Names of nodes in both languages."""
    names: dict[str, Mapping[str, str]] = {}
    for key, name in reader.mapping(value, "names", optional=None).items():
        got = reader.mapping(name, f"names.{key}", required=("zh", "en"))
        names[str(key)] = {
            lang: reader.text(got.get(lang, "?"), f"names.{key}.{lang}") for lang in ("zh", "en")
        }
    return names


def _value(reader: DoorReader, value: Any, path: str, indicator: Mapping[str, Any]) -> Any:
    """A category's id; or (low, high, scale) of a number, a range or ``{"RI": 6.2}``."""
    if "categories" in indicator:
        return reader.choice(value, path, [row["id"] for row in indicator["categories"]])
    scale = indicator.get("scale_default")
    if isinstance(value, Mapping):
        if scale is None or len(value) != 1:
            reader.fault(path, "type", "must be a number or a range of two numbers")
            return (0.0, 0.0, scale)
        key, value = next(iter(value.items()))
        scale, path = reader.choice(key, f"{path}", tuple(indicator["ranges"])), f"{path}.{key}"
    if isinstance(value, (list, tuple)):
        low, high = reader.numbers(value, path, 2, low=-1e6, high=1e9)
        if low > high:
            reader.fault(path, "order", f"must be low <= high, got {low:g}, {high:g}")
        return (low, high, scale)
    number = reader.number(value, path, low=-1e6, high=1e9)
    return (number, number, scale)

"""Reads the cells of tables: columns found by name, units made ours, every wrong cell named by file, row and column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.importer.columns import NO, TABLES, YES, Column
from services.importer.manifest import FILE, Manifest
from services.importer.tables import Table
from services.importer.units import factor_of, head_and_unit
from twin_models.errors import Fault

MAX_FAULTS = 500


@dataclass(frozen=True)
class Found:
    """Where one of our columns stands in a table, and what makes its numbers ours."""

    column: Column
    index: int
    head: str
    unit: str
    factor: float = 1.0
    offset: float = 0.0


@dataclass
class Row:
    """One row with its values under our names. ``at`` makes a fault of one of its cells."""

    file: str
    number: int
    values: dict[str, Any]
    heads: dict[str, str]
    shape: dict[str, Any] | None = None
    crs: str | None = None
    bad: set[str] = field(default_factory=set)

    def at(self, key: str, reason: str, text: str) -> Fault:
        column = self.heads.get(key, key)
        where = {"file": self.file, "row": self.number, "column": column, "value": self.values.get(key)}
        return Fault(f"{self.file}, row {self.number}, column {column}", reason, text, where)


def map_columns(table: Table, manifest: Manifest, faults: list[Fault]) -> list[Found]:
    """Which head is which column: by the manifest, else by the names people use."""
    wanted = manifest.columns.get(table.kind, {})
    units = manifest.units.get(table.kind, {})
    found: list[Found] = []
    taken: dict[int, str] = {}
    plain = [head_and_unit(head) for head in table.head]
    for head in {h for h in table.head if table.head.count(h) > 1}:
        faults.append(_of_column(table, head, "duplicate", "is there twice"))
    for column in TABLES[table.kind]:
        if column.key in wanted:
            index = next((i for i, h in enumerate(table.head) if h == wanted[column.key]), None)
            if index is None:
                text = f"names the column {wanted[column.key]!r}, which is not in {table.file}"
                faults.append(Fault(f"{FILE}: tables.{table.kind}.columns.{column.key}", "missing", text))
                continue
        else:
            index = _by_name(column, table.head, plain, {*taken, *_asked(table, wanted)})
        if index is None:
            continue
        if index in taken:
            faults.append(
                _of_column(table, table.head[index], "duplicate", f"stands for {taken[index]} already")
            )
            continue
        taken[index] = column.key
        found.append(_with_unit(table, column, index, units.get(column.key) or plain[index][1], faults))
    return found


def _asked(table: Table, wanted: Any) -> set[int]:
    return {i for i, head in enumerate(table.head) if head in wanted.values()}


def _by_name(
    column: Column, heads: Sequence[str], plain: Sequence[tuple[str, str | None]], taken: set[int]
) -> int | None:
    names = (column.key, *column.names)
    for name in names:
        for i, head in enumerate(heads):
            if i not in taken and name in (head.strip().lower().replace(" ", "_"), plain[i][0]):
                return i
    return None


def _with_unit(table: Table, column: Column, index: int, unit: str | None, faults: list[Fault]) -> Found:
    head = table.head[index]
    if not column.quantity or unit is None:
        return Found(column, index, head, "")
    factor = factor_of(column.quantity, unit)
    if factor is None:
        faults.append(
            _of_column(table, head, "unit", f"has the unit {unit!r}, which is not known for {column.key}")
        )
        return Found(column, index, head, unit)
    return Found(column, index, head, unit, *factor)


def _of_column(table: Table, head: str, reason: str, text: str) -> Fault:
    where = {"file": table.file, "row": 1, "column": head}
    return Fault(f"{table.file}, column {head}", reason, text, where)


def read_rows(table: Table, found: Sequence[Found], faults: list[Fault]) -> list[Row]:
    """All rows with their values; wrong cells are faults and leave ``None``."""
    by_key = {f.column.key: f for f in found}
    for column in TABLES[table.kind]:
        if column.required and column.key not in by_key:
            names = ", ".join((column.key, *column.names))
            text = f"is missing: no head is called {names} (or name it under tables.{table.kind}.columns in {FILE})"
            faults.append(_of_column(table, column.key, "missing", text))
    out = []
    for i, cells in enumerate(table.rows):
        row = Row(
            table.file,
            table.numbers[i],
            {},
            {f.column.key: f.head for f in found},
            table.shapes[i] if table.shapes else None,
            table.crs,
        )
        for item in found:
            row.values[item.column.key] = _value(row, item, cells[item.index], faults)
        out.append(row)
    if not table.rows:
        faults.append(Fault(table.file, "empty", "has no rows"))
    return out


def _value(row: Row, item: Found, cell: Any, faults: list[Fault]) -> Any:
    column = item.column
    row.values[column.key] = cell
    wrong: Fault | None = None
    value: Any = None
    text = "" if cell is None else str(cell).strip()
    if not text:
        if column.required:
            wrong = row.at(column.key, "missing", "is empty")
        value = None
    elif column.kind == "number":
        value, wrong = _number(row, item, text)
    elif column.kind == "choice":
        value = next((w for w, names in column.words if text.lower() == w or text.lower() in names), None)
        if value is None:
            allowed = ", ".join(w for w, _ in column.words)
            wrong = row.at(column.key, "unknown", f"must be one of {allowed}, got {text[:40]!r}")
    elif column.kind == "flag":
        value = True if text.lower() in YES else False if text.lower() in NO else None
        if value is None:
            wrong = row.at(column.key, "type", f"must be yes or no, got {text[:40]!r}")
    elif len(text) > 80 or not text.isprintable():
        wrong = row.at(column.key, "range", "must be a printable text of at most 80 signs")
    else:
        value = text
    if wrong is not None:
        row.bad.add(column.key)
        if len(faults) < MAX_FAULTS:
            faults.append(wrong)
    return value


def _number(row: Row, item: Found, text: str) -> tuple[float | None, Fault | None]:
    column = item.column
    try:
        number = float(text)
    except ValueError:
        hint = "; write the decimal sign as a point" if "," in text else ""
        return None, row.at(column.key, "type", f"must be a number, got {text[:40]!r}{hint}")
    if not math.isfinite(number):
        return None, row.at(column.key, "not_finite", f"must be a finite number, got {text[:40]!r}")
    ours = item.factor * number + item.offset
    if not column.low <= ours <= column.high:
        same = (item.factor, item.offset) == (1.0, 0.0)
        shown = f"{text[:20]}" if same else f"{text[:20]} {item.unit} = {ours:.6g}"
        limits = f"must be between {column.low:g} and {column.high:g}{_unit_of(column)}, got {shown}"
        return None, row.at(column.key, "range", limits + _hint(column, ours, item))
    return ours, None


def _unit_of(column: Column) -> str:
    words = {"length": " m", "rate": " m3/h", "temperature": " degC", "permeability": " mD", "angle": " deg"}
    return words.get(column.quantity, "")


def _hint(column: Column, ours: float, item: Found) -> str:
    """What may have been meant by a number outside the limits."""
    if item.unit:
        return ""
    if column.quantity == "fraction" and column.high < ours <= 100.0 * column.high:
        return f"; for per cent write the head as {item.head} [%]"
    if column.quantity == "length" and ours < 0.0 and column.low == 0.0:
        return "; depths are positive downward"
    return ""

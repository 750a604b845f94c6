"""Undo, redo and reopening of a workspace on the shipped Caofeidian schemes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios import edits
from services.store import Store
from services.workspace import Workspace
from twin_models.errors import InputError

SITE = "caofeidian"


@pytest.fixture
def store(tmp_path: Path):
    store = Store(tmp_path / "test.sqlite")
    yield store
    store.close()


def move(ws: Workspace, index: int, by_m: float) -> None:
    well = ws.active.scheme.wells[index]
    scheme, edit = edits.move_target(ws.active.scheme, well.name, x_m=well.x_m + by_m, y_m=well.y_m)
    ws.edit(scheme, label_zh=edit.label_zh, label_en=edit.label_en)


def picture(ws: Workspace) -> list[tuple[str, str, str]]:
    return [(e.id, e.name_en, e.scheme.key()) for e in ws.entries]


def test_opens_with_the_shipped_schemes_and_a_pinned_baseline(store: Store) -> None:
    ws = Workspace.open(store, "session", SITE)
    assert ws.entries[0].baseline
    assert not any(e.baseline for e in ws.entries[1:])
    assert not ws.active.baseline, "the first scheme a visitor touches can be changed"
    ws.activate(ws.baseline.id)
    with pytest.raises(InputError, match="cannot be edited"):
        move(ws, 0, 10.0)
    with pytest.raises(InputError, match="cannot be deleted"):
        ws.delete(ws.baseline.id)


def test_undo_names_the_step_and_redo_brings_it_back(store: Store) -> None:
    ws = Workspace.open(store, "session", SITE)
    start = picture(ws)
    assert ws.undo_label("en") is None
    move(ws, 0, 120.0)
    moved = picture(ws)
    assert "120 m" in (ws.undo_label("en") or "")
    assert ws.undo()
    assert picture(ws) == start
    assert "120" in (ws.redo_label("zh") or "")
    ws.redo()
    assert picture(ws) == moved
    assert ws.redo() is None


def test_every_kind_of_change_can_be_undone(store: Store) -> None:
    ws = Workspace.open(store, "session", SITE)
    start = picture(ws)
    copy = ws.duplicate(ws.active_id)
    ws.rename(copy, "Mine")
    move(ws, 1, 50.0)
    ws.delete(copy)
    for _ in range(4):
        ws.undo()
    assert picture(ws) == start


def test_the_last_change_is_that_of_the_active_scheme(store: Store) -> None:
    ws = Workspace.open(store, "session", SITE)
    assert ws.last_change("en") is None
    first = ws.active
    move(ws, 0, 10.0)
    moved = ws.active.scheme
    ws.duplicate(first.id)
    assert ws.last_change("en") is None  # a copy nobody has touched
    move(ws, 1, 30.0)
    before, label = ws.last_change("en") or (None, "")
    assert before is not None
    assert (before.key(), label) == (moved.key(), ws.undo_label("en"))
    ws.activate(first.id)
    before, label = ws.last_change("en") or (None, "")
    assert before is not None
    assert before.key() == first.scheme.key()


def test_a_new_change_drops_what_was_undone(store: Store) -> None:
    ws = Workspace.open(store, "session", SITE)
    move(ws, 0, 10.0)
    ws.undo()
    move(ws, 0, 30.0)
    assert ws.redo_label("en") is None


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.sampled_from(["move", "undo", "redo", "copy", "rename"]), max_size=12),
    number=st.integers(),
)
def test_reopening_gives_the_same_place_in_history(store: Store, steps: list[str], number: int) -> None:
    ws = Workspace.open(store, f"s{number}x{len(steps)}", SITE)
    for i, step in enumerate(steps):
        if step == "move":
            move(ws, i % 3, 20.0 + i)
        elif step == "copy":
            ws.duplicate(ws.active_id)
        elif step == "rename":
            ws.rename(ws.active_id, f"name {i}") if not ws.active.baseline else None
        else:
            getattr(ws, step)()
    again = Workspace.open(store, f"s{number}x{len(steps)}", SITE)
    assert picture(again) == picture(ws)
    assert again.active_id == ws.active_id
    assert (again.undo_label("en"), again.redo_label("en")) == (ws.undo_label("en"), ws.redo_label("en"))
    store.verify(ws.key)

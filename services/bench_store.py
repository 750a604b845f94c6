"""Figures of the store: how long a change takes until it is safe on the disk."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from services.bench import Figures, benchmark, spread_of, times_ms


@benchmark("store-write", "one change of a 40-well scheme made durable")
def store_write() -> Figures:
    from scenarios.edits import move_target
    from services.store import Store
    from services.workspace import Workspace

    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "bench.sqlite")
        workspace = Workspace.open(store, "bench", "caofeidian")
        workspace.duplicate(workspace.baseline.id)
        held = workspace.active.scheme.wells[0]

        def change(i: int) -> None:
            scheme, edit = move_target(
                workspace.active.scheme, held.name, x_m=held.x_m + 0.5 * (i + 2), y_m=held.y_m
            )
            workspace.edit(scheme, label_zh=edit.label_zh, label_en=edit.label_en)

        return spread_of(times_ms(change, repeats=200))

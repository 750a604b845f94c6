"""Schemes side by side: add, duplicate, rename, activate, delete, undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import edits
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

MAX_NAME = 60


def register(session: Session) -> None:
    def undo() -> dict[str, Any]:
        session.remember()
        label = session.workspace.undo()
        session.reopen()
        return {"label": label}

    def redo() -> dict[str, Any]:
        session.remember()
        label = session.workspace.redo()
        session.reopen()
        return {"label": label}

    def scheme_add() -> None:
        """A new scheme that starts as the baseline."""
        session.workspace.duplicate(session.workspace.baseline.id, fresh=True)
        session.reopen()

    def scheme_duplicate(id: str = "") -> None:
        session.workspace.duplicate(id or session.workspace.active_id)
        session.reopen()

    def scheme_rename(id: str, name: str) -> None:
        name = " ".join(str(name).split())
        if not 1 <= len(name) <= MAX_NAME:
            raise InputError(Fault("name", "range", f"must have 1 to {MAX_NAME} characters, got {len(name)}"))
        session.workspace.rename(id, name)
        session.reopen()

    def scheme_activate(id: str) -> None:
        session.before = None
        session.workspace.activate(id)
        session.reopen()

    def scheme_delete(id: str) -> None:
        session.workspace.delete(id)
        session.reopen()

    def set_use(path: str, value: Any) -> None:
        session.commit(*edits.set_use(session.scheme, path, value=value))

    def set_term(path: str, value: Any) -> None:
        session.commit(*edits.set_economics(session.scheme, path, value=value))

    def set_times(path: str, value: Any) -> None:
        if path not in ("years", "season_days"):
            raise InputError(Fault("path", "unknown", f"must be years or season_days, got {path!r}"))
        if value is None:
            raise InputError(Fault(path, "missing", "must be given"))
        session.commit(*edits.set_times(session.scheme, **{path: value}))

    session.actions |= {
        "undo": undo,
        "redo": redo,
        "scheme_add": scheme_add,
        "scheme_duplicate": scheme_duplicate,
        "scheme_rename": scheme_rename,
        "scheme_activate": scheme_activate,
        "scheme_delete": scheme_delete,
        "set_use": set_use,
        "set_term": set_term,
        "set_times": set_times,
    }

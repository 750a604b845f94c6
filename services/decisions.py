"""Decision records that outlive the session: one append-only log per owner, written like every other change."""

from __future__ import annotations

import json
from typing import Any

from scenarios.decision import Setup, read_setup
from services.store import Store
from twin_models.errors import Fault, InputError

SETUP = "decide"


class Decisions:
    """The records of one owner (``session:site``, or ``api``), newest last, and the setup being worked on."""

    def __init__(self, store: Store, session: str, site: str):
        self._store = store
        self._session, self._site = session, site
        self._log = f"{session}:{site}:decisions"

    def all(self) -> list[dict[str, Any]]:
        """Every record with its ``id`` (its place in the log) and the log's own hash."""
        return [
            {**op.snapshot, "id": str(op.rev), "log_hash": op.hash} for op in self._store.history(self._log)
        ]

    def get(self, id: str) -> dict[str, Any]:
        for record in self.all():
            if record["id"] == id:
                return record
        raise InputError(Fault("id", "unknown", f"no decision {id!r}"))

    def save(self, record: dict[str, Any]) -> dict[str, Any]:
        """Write a record; on disk when this returns. Records are never changed or deleted."""
        rev = len(self._store.history(self._log)) + 1
        op = self._store.append(
            self._log,
            rev=rev,
            kind="decide",
            label_zh="记录决定",
            label_en="Record a decision",
            snapshot=record,
            bodies={},
        )
        return {**record, "id": str(rev), "log_hash": op.hash}

    # --- the setup in hand ----------------------------------------------------------------------

    def setup(self) -> tuple[Setup, list[str], list[dict[str, str]]] | None:
        """The setup as it was left, the schemes left out of it, and objections not yet in a record."""
        text = self._store.preference(self._session, f"{SETUP}:{self._site}"[:40])
        if text is None:
            return None
        try:
            kept = json.loads(text)
            return read_setup(kept["setup"]), list(kept["left_out"]), list(kept["objections"])
        except (InputError, KeyError, ValueError):
            return None  # written by another version: start afresh rather than fail the page

    def keep(self, setup: Setup, left_out: list[str], objections: list[dict[str, str]]) -> None:
        kept = {"setup": setup.as_dict(), "left_out": left_out, "objections": objections}
        text = json.dumps(kept, ensure_ascii=False)
        self._store.set_preference(self._session, f"{SETUP}:{self._site}"[:40], text)

"""What outlives the server: an append-only log of workspaces in SQLite (or PostgreSQL by URL).

Three things are kept. ``state``: schemes as JSON under the hash of their content, so that a hundred undo
steps of one scheme cost what differs and nothing twice. ``op``: one row per change of a workspace, never
updated and never deleted, each carrying the hash of the row before it; the log is the audit trail, and
undo is one more row. ``preference``: language, site and theme per session.

SQLite runs in WAL mode with ``synchronous=FULL``: a change is acknowledged only after it is on disk, so a
killed server loses nothing that a page was told is saved.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

SCHEMA_VERSION = 1
GENESIS = "0" * 64

metadata = MetaData()
meta_table = Table(
    "meta", metadata, Column("key", String(40), primary_key=True), Column("value", Text, nullable=False)
)
state_table = Table(
    "state", metadata, Column("hash", String(64), primary_key=True), Column("body", Text, nullable=False)
)
op_table = Table(
    "op",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("workspace", String(120), nullable=False, index=True),
    Column("rev", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("label_zh", Text, nullable=False),
    Column("label_en", Text, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("workspace", "rev", name="uq_op_workspace_rev"),
)
preference_table = Table(
    "preference",
    metadata,
    Column("session", String(60), primary_key=True),
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)


class StoreError(RuntimeError):
    """The database cannot be used; the message says why in words for people."""


class Conflict(RuntimeError):
    """Somebody else wrote the next revision of this workspace first."""


@dataclass(frozen=True)
class Op:
    """One change of a workspace. ``kind``: open, edit, undo or redo; ``snapshot``: the workspace after it."""

    workspace: str
    rev: int
    kind: str
    label_zh: str
    label_en: str
    snapshot: dict[str, Any]
    at: float
    prev_hash: str
    hash: str


def canonical(value: Any) -> str:
    """JSON with one spelling, so that equal content has equal hashes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _op_hash(prev: str, workspace: str, rev: int, kind: str, label_en: str, snapshot: str, at: float) -> str:
    return _digest(prev, workspace, str(rev), kind, label_en, snapshot, repr(at))


class Store:
    """One database. Safe to use from several threads; writes of one process run one at a time."""

    def __init__(self, target: Path | str):
        url = (
            target if isinstance(target, str) and "://" in target else f"sqlite:///{_prepared(Path(target))}"
        )
        self._engine: Engine = create_engine(url, future=True)
        self._write = threading.Lock()
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _durable)
        try:
            metadata.create_all(self._engine)
            self._check_version()
        except StoreError:
            raise
        except Exception as error:
            raise StoreError(f"the database at {url} cannot be opened: {error}") from error

    def _check_version(self) -> None:
        with self._engine.begin() as db:
            found = db.execute(select(meta_table.c.value).where(meta_table.c.key == "schema")).scalar()
            if found is None:
                db.execute(insert(meta_table).values(key="schema", value=str(SCHEMA_VERSION)))
            elif int(found) > SCHEMA_VERSION:
                raise StoreError(
                    f"the database was written by a newer version (schema {found}, this program knows {SCHEMA_VERSION})"
                )

    # --- scheme bodies ------------------------------------------------------------------------

    def body(self, key: str) -> dict[str, Any]:
        """The scheme stored under a hash. Raises ``KeyError``."""
        with self._engine.connect() as db:
            text = db.execute(select(state_table.c.body).where(state_table.c.hash == key)).scalar()
        if text is None:
            raise KeyError(key)
        return json.loads(text)

    # --- log ----------------------------------------------------------------------------------

    def history(self, workspace: str) -> list[Op]:
        """Every change of a workspace, oldest first."""
        query = select(op_table).where(op_table.c.workspace == workspace).order_by(op_table.c.rev)
        with self._engine.connect() as db:
            rows = db.execute(query).mappings().all()
        return [
            Op(
                **{
                    k: row[k]
                    for k in ("workspace", "rev", "kind", "label_zh", "label_en", "at", "prev_hash", "hash")
                },
                snapshot=json.loads(row["snapshot"]),
            )
            for row in rows
        ]

    def append(
        self,
        workspace: str,
        *,
        rev: int,
        kind: str,
        label_zh: str,
        label_en: str,
        snapshot: dict[str, Any],
        bodies: dict[str, dict[str, Any]],
    ) -> Op:
        """Write one change; on disk when this returns. Raises ``Conflict`` if ``rev`` is taken."""
        at = time.time()
        text = canonical(snapshot)
        with self._write, self._engine.begin() as db:
            prev = (
                db.execute(
                    select(op_table.c.hash)
                    .where(op_table.c.workspace == workspace)
                    .order_by(op_table.c.rev.desc())
                    .limit(1)
                ).scalar()
                or GENESIS
            )
            for key, body in bodies.items():
                if db.execute(select(state_table.c.hash).where(state_table.c.hash == key)).scalar() is None:
                    db.execute(insert(state_table).values(hash=key, body=canonical(body)))
            digest = _op_hash(prev, workspace, rev, kind, label_en, text, at)
            values = {
                "workspace": workspace,
                "rev": rev,
                "kind": kind,
                "label_zh": label_zh,
                "label_en": label_en,
                "snapshot": text,
                "at": at,
                "prev_hash": prev,
                "hash": digest,
            }
            try:
                db.execute(insert(op_table).values(**values))
            except IntegrityError as error:
                raise Conflict(f"revision {rev} of {workspace} exists already") from error
        return Op(**{**values, "snapshot": snapshot})

    def verify(self, workspace: str) -> int:
        """Check the hash chain of a workspace's log; returns its length. Raises ``StoreError`` at the first break."""
        prev = GENESIS
        ops = self.history(workspace)
        for op in ops:
            text = canonical(op.snapshot)
            expected = _op_hash(prev, op.workspace, op.rev, op.kind, op.label_en, text, op.at)
            if op.prev_hash != prev or op.hash != expected:
                raise StoreError(f"the log of {workspace} is broken at revision {op.rev}")
            prev = op.hash
        return len(ops)

    def workspaces(self, prefix: str) -> list[str]:
        """Names of all workspaces that begin so."""
        with self._engine.connect() as db:
            names = db.execute(select(op_table.c.workspace).distinct()).scalars().all()
        return sorted(name for name in names if name.startswith(prefix))

    # --- sessions -----------------------------------------------------------------------------

    def has_session(self, session: str) -> bool:
        query = select(preference_table.c.key).where(preference_table.c.session == session).limit(1)
        with self._engine.connect() as db:
            if db.execute(query).first():
                return True
            pattern = op_table.c.workspace.like(f"{session.replace('_', '!_')}:%", escape="!")
            return db.execute(select(op_table.c.seq).where(pattern).limit(1)).first() is not None

    def preference(self, session: str, key: str) -> str | None:
        query = select(preference_table.c.value).where(
            preference_table.c.session == session, preference_table.c.key == key
        )
        with self._engine.connect() as db:
            return db.execute(query).scalar()

    def set_preference(self, session: str, key: str, value: str) -> None:
        table = preference_table
        with self._write, self._engine.begin() as db:
            where = (table.c.session == session, table.c.key == key)
            if db.execute(table.update().where(*where).values(value=value)).rowcount == 0:
                db.execute(insert(table).values(session=session, key=key, value=value))

    def close(self) -> None:
        self._engine.dispose()


def _prepared(path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the data folder {path.parent} cannot be made: {error.strerror}") from error
    return path


def _durable(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()

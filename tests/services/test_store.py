"""The log: nothing acknowledged is lost, nothing is rewritten, a broken chain is noticed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from services.store import Conflict, Store, StoreError


def put(store: Store, rev: int, *, workspace: str = "w:site", value: int = 0) -> None:
    store.append(
        workspace,
        rev=rev,
        kind="edit",
        label_zh="改",
        label_en="edit",
        snapshot={"value": value},
        bodies={f"body{value}": {"value": value}},
    )


@pytest.fixture
def store(tmp_path: Path):
    store = Store(tmp_path / "a" / "test.sqlite")
    yield store
    store.close()


def test_history_comes_back_in_order_and_bodies_are_stored_once(store: Store) -> None:
    for rev in range(1, 6):
        put(store, rev, value=rev % 2)
    assert [op.snapshot["value"] for op in store.history("w:site")] == [1, 0, 1, 0, 1]
    assert store.body("body1") == {"value": 1}
    assert store.verify("w:site") == 5
    assert store.history("w:other") == []


def test_a_revision_is_written_once(store: Store) -> None:
    put(store, 1)
    with pytest.raises(Conflict):
        put(store, 1)
    assert len(store.history("w:site")) == 1


def test_sessions_are_known_by_what_they_wrote(store: Store) -> None:
    put(store, 1, workspace="ab_c:site")
    assert store.has_session("ab_c")
    assert not store.has_session("abxc"), "the underscore is no wild card"
    store.set_preference("second", "lang", "en")
    store.set_preference("second", "lang", "zh")
    assert store.preference("second", "lang") == "zh"
    assert store.has_session("second")


def test_a_changed_row_breaks_the_chain(store: Store, tmp_path: Path) -> None:
    for rev in range(1, 4):
        put(store, rev)
    with sqlite3.connect(tmp_path / "a" / "test.sqlite") as raw:
        raw.execute("update op set label_en = 'something else' where rev = 2")
    with pytest.raises(StoreError, match="revision 2"):
        store.verify("w:site")


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    Store(tmp_path / "x.sqlite").close()
    with sqlite3.connect(tmp_path / "x.sqlite") as raw:
        raw.execute("update meta set value = '99'")
    with pytest.raises(StoreError, match="newer version"):
        Store(tmp_path / "x.sqlite")


def test_an_unusable_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="data folder"):
        Store(tmp_path / "file" / "sub" / "x.sqlite")


WRITER = """
    import sys
    from services.store import Store
    store = Store(sys.argv[1])
    for rev in range(1, 100_000):
        store.append("w:site", rev=rev, kind="edit", label_zh="", label_en="", snapshot={"n": rev}, bodies={})
        print(rev, flush=True)
"""


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "killed.sqlite"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(path)], stdout=subprocess.PIPE, text=True, env=env
    )
    assert process.stdout is not None
    acknowledged = 0
    for line in process.stdout:
        acknowledged = int(line)
        if acknowledged >= 40:
            break
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    acknowledged = int(rest[-1]) if rest else acknowledged
    store = Store(path)
    assert store.verify("w:site") >= acknowledged
    store.close()

"""A workspace: the schemes one person works on at one site, with undo and redo of every change.

A change replaces the whole (small) snapshot: which schemes there are, in what order, which is active, and
the hash of each scheme's content. Undo and redo walk over earlier snapshots and are written to the log
like everything else, so reopening after a crash gives the same place in history.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from scenarios.scheme import Scheme, read_scheme, to_dict
from services.store import Op, Store, _digest, canonical
from twin_models.errors import Fault, InputError
from twin_models.sites import load_site

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_SCHEMES = 26


@dataclass(frozen=True)
class Entry:
    """A scheme in the workspace. The baseline is pinned: it is never edited or deleted."""

    id: str
    letter: str
    name_zh: str
    name_en: str
    baseline: bool
    scheme: Scheme

    def title(self, lang: str) -> str:
        return self.name_zh if lang == "zh" else self.name_en


@lru_cache(maxsize=512)
def body_key(scheme: Scheme) -> str:
    """Hash of a scheme's whole file, name and notes included."""
    return _digest(canonical(to_dict(scheme)))


@lru_cache(maxsize=512)
def _read(store: Store, key: str) -> Scheme:
    return read_scheme(store.body(key))


@dataclass(frozen=True)
class _Snapshot:
    entries: tuple[Entry, ...]
    active: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "active": self.active,
            "schemes": [
                {
                    "id": e.id,
                    "letter": e.letter,
                    "name_zh": e.name_zh,
                    "name_en": e.name_en,
                    "baseline": e.baseline,
                    "body": body_key(e.scheme),
                }
                for e in self.entries
            ],
        }


@dataclass(frozen=True)
class _Past:
    """A state of the workspace that undo can return to, and the change that led to it."""

    snapshot: _Snapshot
    label_zh: str
    label_en: str


class Workspace:
    def __init__(self, store: Store, key: str, site_name: str):
        self._store = store
        self.key = key
        self.site_name = site_name
        self._done: list[_Past] = []
        self._undone: list[_Past] = []
        self.rev = 0

    # --- opening ------------------------------------------------------------------------------

    @classmethod
    def open(cls, store: Store, session: str, site_name: str) -> Workspace:
        """The workspace of a session at a site: replayed from the log, or made from the shipped schemes."""
        ws = cls(store, f"{session}:{site_name}", site_name)
        ops = store.history(ws.key)
        if ops:
            ws._replay(ops)
            last = store.preference(session, f"active:{site_name}")
            if last in {e.id for e in ws.entries}:
                ws.activate(last)
        else:
            ws._push("open", _shipped(site_name), "打开", "Open")
        return ws

    def _replay(self, ops: list[Op]) -> None:
        for op in ops:
            past = _Past(self._restore(op.snapshot), op.label_zh, op.label_en)
            if op.kind == "undo":
                self._undone.append(self._done.pop())
            elif op.kind == "redo":
                self._done.append(self._undone.pop())
            else:
                self._done.append(past)
                self._undone.clear()
            self.rev = op.rev

    def _restore(self, data: dict[str, Any]) -> _Snapshot:
        entries = tuple(
            Entry(
                s["id"], s["letter"], s["name_zh"], s["name_en"], s["baseline"], _read(self._store, s["body"])
            )
            for s in data["schemes"]
        )
        return _Snapshot(entries, data["active"])

    # --- reading ------------------------------------------------------------------------------

    @property
    def _now(self) -> _Snapshot:
        return self._done[-1].snapshot

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._now.entries

    @property
    def active_id(self) -> str:
        return self._now.active

    @property
    def active(self) -> Entry:
        return self.entry(self.active_id)

    @property
    def baseline(self) -> Entry:
        return next(e for e in self.entries if e.baseline)

    def entry(self, id: str) -> Entry:
        for e in self.entries:
            if e.id == id:
                return e
        raise InputError(
            Fault("id", "unknown", f"no scheme {id!r}; there are {', '.join(e.id for e in self.entries)}")
        )

    def undo_label(self, lang: str) -> str | None:
        """What undo would take back, or ``None``."""
        if len(self._done) < 2:
            return None
        return self._done[-1].label_zh if lang == "zh" else self._done[-1].label_en

    def redo_label(self, lang: str) -> str | None:
        if not self._undone:
            return None
        return self._undone[-1].label_zh if lang == "zh" else self._undone[-1].label_en

    def last_change(self, lang: str) -> tuple[Scheme, str] | None:
        """The active scheme's content before its last change, and what that change was; ``None`` if untouched."""
        now = self.active.scheme
        for at in range(len(self._done) - 1, 0, -1):
            entries = {e.id: e for e in self._done[at - 1].snapshot.entries}
            if self.active_id not in entries:
                return None
            if entries[self.active_id].scheme.key() != now.key():
                past = self._done[at]
                return entries[self.active_id].scheme, past.label_zh if lang == "zh" else past.label_en
        return None

    # --- changing (each is durable when it returns) -------------------------------------------

    def edit(self, scheme: Scheme, *, label_zh: str, label_en: str) -> None:
        """Replace the active scheme's content."""
        if self.active.baseline:
            raise InputError(Fault("scheme", "pinned", "the baseline cannot be edited; duplicate it first"))
        entries = tuple(replace(e, scheme=scheme) if e.id == self.active_id else e for e in self.entries)
        self._push("edit", _Snapshot(entries, self.active_id), label_zh, label_en)

    def duplicate(self, id: str, *, fresh: bool = False) -> str:
        """Copy a scheme (as an unnamed new one when ``fresh``) and make the copy active; returns its id."""
        source = self.entry(id)
        if len(self.entries) >= MAX_SCHEMES:
            raise InputError(Fault("schemes", "range", f"at most {MAX_SCHEMES} schemes in one workspace"))
        used = {e.letter for e in self.entries}
        letter = next(c for c in LETTERS if c not in used)
        name_zh = "新方案" if fresh or source.baseline else f"{source.name_zh} 副本"
        name_en = "New scheme" if fresh or source.baseline else f"{source.name_en} copy"
        number = 1 + max((int(e.id[1:]) for e in self.entries if e.id[1:].isdigit()), default=0)
        copy = Entry(f"s{number}", letter, name_zh, name_en, False, source.scheme)
        labels = ("新增方案", "Add scheme") if fresh else ("复制方案", "Duplicate scheme")
        self._push(
            "edit",
            _Snapshot((*self.entries, copy), copy.id),
            f"{labels[0]} {letter}",
            f"{labels[1]} {letter}",
        )
        return copy.id

    def rename(self, id: str, name: str) -> None:
        entry = self.entry(id)
        entries = tuple(replace(e, name_zh=name, name_en=name) if e.id == id else e for e in self.entries)
        label = entry.letter or "0"
        self._push(
            "edit", _Snapshot(entries, self.active_id), f"重命名方案 {label}", f"Rename scheme {label}"
        )

    def delete(self, id: str) -> None:
        entry = self.entry(id)
        if entry.baseline:
            raise InputError(Fault("id", "pinned", "the baseline cannot be deleted"))
        entries = tuple(e for e in self.entries if e.id != id)
        active = self.active_id if self.active_id != id else entries[-1].id
        self._push(
            "edit", _Snapshot(entries, active), f"删除方案 {entry.letter}", f"Delete scheme {entry.letter}"
        )

    def activate(self, id: str) -> None:
        """Look at another scheme. Not a change of any scheme, so undo does not step over it."""
        self.entry(id)
        top = self._done[-1]
        if self._now.active != id:
            self._done[-1] = replace(top, snapshot=replace(top.snapshot, active=id))
            session, _, site = self.key.partition(":")
            self._store.set_preference(session, f"active:{site}", id)

    def undo(self) -> str | None:
        """Take the last change back; returns its label, or ``None`` when there is nothing to undo."""
        if len(self._done) < 2:
            return None
        last = self._done[-1]
        self._log("undo", self._done[-2].snapshot, last.label_zh, last.label_en)
        self._undone.append(self._done.pop())
        return last.label_en

    def redo(self) -> str | None:
        if not self._undone:
            return None
        last = self._undone[-1]
        self._log("redo", last.snapshot, last.label_zh, last.label_en)
        self._done.append(self._undone.pop())
        return last.label_en

    def _push(self, kind: str, snapshot: _Snapshot, label_zh: str, label_en: str) -> None:
        self._log(kind, snapshot, label_zh, label_en)
        self._done.append(_Past(snapshot, label_zh, label_en))
        self._undone.clear()

    def _log(self, kind: str, snapshot: _Snapshot, label_zh: str, label_en: str) -> None:
        bodies = {body_key(e.scheme): to_dict(e.scheme) for e in snapshot.entries}
        self._store.append(
            self.key,
            rev=self.rev + 1,
            kind=kind,
            label_zh=label_zh,
            label_en=label_en,
            snapshot=snapshot.as_dict(),
            bodies=bodies,
        )
        self.rev += 1


def _shipped(site_name: str) -> _Snapshot:
    """The site's shipped schemes: the first is the baseline, the second (if any) is opened."""
    site = load_site(site_name)
    entries = []
    for index, file in enumerate(site.schemes):
        letter = "" if index == 0 else LETTERS[index - 1]
        scheme = read_scheme(file.path)
        entries.append(Entry(f"s{index}", letter, file.title.zh, file.title.en, index == 0, scheme))
    if not entries:
        raise InputError(Fault("site", "missing", f"site {site_name!r} ships no scheme"))
    return _Snapshot(tuple(entries), entries[min(1, len(entries) - 1)].id)

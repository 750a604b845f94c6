"""Two schemes in linked views and all of them in one delta table against the baseline."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sandbox import differences, show
from scenarios.compare import what_changed

if TYPE_CHECKING:
    from sandbox.session import Session


def register(session: Session) -> None:
    def compare_set(side: str, id: str) -> None:
        pair = dict(session.pair)
        pair["a" if side == "a" else "b"] = id
        session.pair = pair
        session.open_compare()

    session.actions |= {"compare_set": compare_set}


def default_pair(session: Session) -> dict[str, str]:
    """Baseline beside the active scheme; the first two when the baseline itself is active."""
    ws = session.workspace
    ids = [e.id for e in ws.entries]
    a = ws.baseline.id
    b = ws.active_id if ws.active_id != a else next((i for i in ids if i != a), a)
    pair = {"a": a, "b": b, **session.pair}
    return {side: id if id in ids else (a if side == "a" else b) for side, id in pair.items()}


async def fill(session: Session) -> None:
    """Simulate what is missing, then show views, table and the list of changes."""
    ws = session.workspace
    pair = default_pair(session)
    settled = {}
    loop = asyncio.get_running_loop()
    order = sorted(ws.entries, key=lambda e: e.id not in (ws.baseline.id, pair["a"], pair["b"]))
    for entry in order:
        result = await session.compute.settle_beside(entry.scheme)
        if result is None:
            continue
        settled[entry.id] = result
        # The futures behind the bands of differences are drawn beside the loop.
        await loop.run_in_executor(session.workers, differences.draws_of, result.evaluation)
        if session.baseline is None and entry.baseline:
            session.baseline = result
        if {ws.baseline.id, pair["a"], pair["b"]} <= settled.keys():
            with session.state:
                show.compare(session, pair, settled)
        await asyncio.sleep(0)


def changes(session: Session, pair: dict[str, str]) -> list[dict[str, Any]]:
    """What differs between the two views, in the session's language."""
    ws = session.workspace
    lang = session.lang
    return [
        {
            "group": c.group,
            "kind": c.kind,
            "wells": list(c.wells),
            "sign": {"added": "+", "removed": "−"}.get(c.kind, "Δ"),
            "text": c.text_zh if lang == "zh" else c.text_en,
        }
        for c in what_changed(ws.entry(pair["a"]).scheme, ws.entry(pair["b"]).scheme)
    ]

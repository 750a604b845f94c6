"""Compare: two to four schemes in linked views, and all of them in one delta table against any of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sandbox import comparing, differences
from sandbox.comparing import MODES, SIDES
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

FEWEST, MOST = 2, len(SIDES)


def register(session: Session) -> None:
    """``session.pair``: scheme by side (a to d); ``session.compared``: mode and baseline of the table."""
    session.compared = {"mode": "side", "base": ""}

    def compare_set(side: str, id: str) -> None:
        session.workspace.entry(id)
        _one_of("side", side, tuple(SIDES))
        session.pair = {**dict(zip(SIDES, views(session), strict=False)), side: id}
        session.open_compare()

    def compare_mode(mode: str) -> None:
        session.compared = {**session.compared, "mode": _one_of("mode", mode, MODES)}
        session.open_compare()

    def compare_views(count: int) -> None:
        """As many views as asked for; new ones take schemes that are not shown yet."""
        if not FEWEST <= int(count) <= MOST:
            raise InputError(Fault("count", "range", f"must be {FEWEST} to {MOST}, got {count}"))
        now = views(session)
        rest = [e.id for e in session.workspace.entries if e.id not in now]
        wanted = (now + rest)[: int(count)]
        session.pair = dict(zip(SIDES, wanted, strict=False))
        session.compared = {**session.compared, "mode": "side"}
        session.open_compare()

    def compare_base(id: str) -> None:
        session.workspace.entry(id)
        session.compared = {**session.compared, "base": id}
        session.open_compare()

    def compare_promote(id: str) -> None:
        """A small picture becomes a large view beside the first."""
        compare_mode("side")
        compare_set("b" if views(session)[0] != id else "a", id)

    for action in (compare_set, compare_mode, compare_views, compare_base, compare_promote):
        session.actions[action.__name__] = action


def views(session: Session) -> list[str]:
    """Schemes of the views by place: what was chosen as far as it still exists, else baseline and active."""
    ws = session.workspace
    ids = [e.id for e in ws.entries]
    chosen = {side: id for side, id in session.pair.items() if id in ids}
    first = chosen.get("a", ws.baseline.id)
    other = ws.active_id if ws.active_id != first else next((i for i in ids if i != first), first)
    return [first, chosen.get("b", other), *(chosen[side] for side in SIDES[2:] if side in chosen)]


async def fill(session: Session) -> None:
    """Simulate what is missing, then show views, table and the list of changes."""
    ws = session.workspace
    shown = views(session)
    ids = [e.id for e in ws.entries]
    base = session.compared["base"] if session.compared["base"] in ids else ws.baseline.id
    settled: dict[str, Any] = {}
    loop = asyncio.get_running_loop()
    needed = {base, ws.baseline.id, *shown}
    for entry in sorted(ws.entries, key=lambda e: e.id not in needed):
        result = await session.compute.settle_beside(entry.scheme)
        if result is None:
            continue
        settled[entry.id] = result
        # The futures behind the bands of differences are drawn beside the loop.
        await loop.run_in_executor(session.workers, differences.draws_of, result.evaluation)
        if session.baseline is None and entry.baseline:
            session.baseline = result
        if needed <= settled.keys():
            with session.state:
                comparing.fill(session, shown, session.compared["mode"], base, settled)
        await asyncio.sleep(0)


def _one_of(field: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise InputError(Fault(field, "unknown", f"must be one of {', '.join(allowed)}, got {value!r}"))
    return str(value)

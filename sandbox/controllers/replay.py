"""Replay of the last change of the active scheme: settled before and after, causes named, shown by the page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sandbox import replaying
from sandbox.compute import report
from sandbox.i18n import dictionary
from scenarios.causes import hybrids
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session


def register(session: Session) -> None:
    tasks: dict[str, asyncio.Task[None]] = {}

    def stop() -> None:
        task = tasks.pop("replay", None)
        if task is not None:
            task.cancel()

    def replay() -> dict[str, Any]:
        """Tell the last change again; what it needs is simulated beside the page."""
        stop()
        found = session.workspace.last_change(session.lang)
        if found is None:
            texts = {f"text_{lang}": dictionary(lang)["rep_nothing"] for lang in ("zh", "en")}
            raise InputError(Fault("replay", "empty", texts["text_en"], texts))
        before, label = found
        session.state.workspace = "explore"
        if session.site.reservoir is not None:
            session.state.scale = "field"
        session.state.explain = None
        session.state.replay = {"ready": False, "label": label}
        tasks["replay"] = asyncio.get_running_loop().create_task(_tell(session, before, label))
        tasks["replay"].add_done_callback(report)
        return {}

    def replay_close() -> None:
        stop()
        session.state.replay = None

    session.actions |= {"replay": replay, "replay_close": replay_close}


async def _tell(session: Session, before: Any, label: str) -> None:
    after = session.scheme
    settle = session.compute.settle_beside
    one, two = await settle(before), await settle(after)
    between = {some: await settle(scheme) for some, scheme in hybrids(before, after).items()}
    if one is None or two is None or any(s is None for s in between.values()):
        return
    loop = asyncio.get_running_loop()
    made = await loop.run_in_executor(
        session.workers,
        lambda: replaying.told(session, label, one, two, between),  # type: ignore[arg-type]
    )
    if session.scheme.key() == after.key():
        with session.state:
            session.state.replay = made

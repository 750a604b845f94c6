"""All sessions of this process: made on first visit, private from each other, freed when idle."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trame_server.core import Server

from sandbox import bridge
from sandbox.i18n import dictionary
from sandbox.session import Session
from scenes.levels import scene_of
from services.settings import Settings
from services.store import Store

WEB = Path(__file__).with_name("web")


class SessionLimit(RuntimeError):
    """More sessions than the settings allow."""


class Sessions:
    def __init__(self, settings: Settings):
        self.settings = settings
        self.store = Store(settings.database)
        # Two workers: one simulation and one carpet may run while the loop keeps answering the hand.
        self.workers = ThreadPoolExecutor(2, thread_name_prefix="compute")
        self.ready = False
        self._sessions: dict[str, Session] = {}
        self._starting = asyncio.Lock()
        self._scenery: dict[tuple[str, str], tuple[bytes, str]] = {}
        self._page: bytes | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def warm(self) -> None:
        """Load what the first visitor would otherwise wait for: kernels, scenery of the landing site."""
        from twin_models.warm import warm

        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self.workers, warm)
        for scale in ("field", "basin", "site"):
            if scene_of(self.settings.site, scale) is not None:
                await loop.run_in_executor(self.workers, self.scenery, self.settings.site, scale)
        self.pattern = bridge.new_server("pattern")
        self.pattern.enable_module({"serve": {"__gs": str(WEB)}})
        await self._start_pattern()
        self._sweeper = asyncio.create_task(self._sweep())
        self.ready = True

    async def _start_pattern(self) -> None:
        from sandbox.app import build_page

        build_page(self.pattern)
        await bridge.start(self.pattern)

    pattern: Server

    def new_id(self) -> str:
        # Lower case only: trame's client writes the address of its websocket in lower case.
        return secrets.token_hex(16)

    def known(self, sid: str) -> bool:
        return sid in self._sessions or self.store.has_session(sid)

    def find(self, sid: str) -> Session | None:
        return self._sessions.get(sid)

    async def get(self, sid: str) -> Session:
        """The session of that id, made if need be. Raises ``SessionLimit``."""
        async with self._starting:
            session = self._sessions.get(sid)
            if session is None:
                if len(self._sessions) >= self.settings.max_sessions:
                    raise SessionLimit
                session = Session(sid, self.settings.site, self.store, self.workers)
                await session.start()
                self._sessions[sid] = session
        return session

    async def _sweep(self) -> None:
        """Free sessions nobody looks at; their schemes stay in the store."""
        while True:
            await asyncio.sleep(60)
            limit = time.monotonic() - 60 * self.settings.idle_minutes
            for sid, session in list(self._sessions.items()):
                if session.visitors == 0 and session.last_seen < limit:
                    del self._sessions[sid]
                    await session.close()

    def scenery(self, site: str, scale: str) -> tuple[bytes, str]:
        """Scenery of a scale (gzip) and its ETag. Raises ``KeyError`` for an unknown site or scale."""
        from scenes.build import scene_bytes
        from twin_models.sites import site_names

        if (
            scale not in ("basin", "field", "site")
            or site not in site_names()
            or scene_of(site, scale) is None
        ):
            raise KeyError(f"{site}/{scale}")
        if (site, scale) not in self._scenery:
            data = gzip.compress(scene_bytes(site, scale), 6)
            self._scenery[site, scale] = (data, f'"{hashlib.sha256(data).hexdigest()[:16]}"')
        return self._scenery[site, scale]

    def page(self) -> bytes:
        """trame's start page with our name, style and skeleton, so that the first paint is ours."""
        if self._page is None:
            index = (Path(self.pattern._www) / "index.html").read_text("utf-8")
            self._page = _brand(index).encode()
        return self._page

    async def close(self) -> None:
        if self._sweeper:
            self._sweeper.cancel()
        for session in self._sessions.values():
            await session.close()
        self.workers.shutdown(wait=False, cancel_futures=True)
        self.store.close()


def _brand(index: str) -> str:
    text = dictionary("zh")["product"]
    # Named outright, so that trame's client does not first ask for a launcher that is not there.
    socket = (
        "<script>{const u=new URL(location);u.searchParams.set('sessionURL',"
        "u.protocol.replace('http','ws')+'//'+u.host+u.pathname.replace(/[^/]*$/,'ws'));"
        "history.replaceState(null,'',u)}</script>"
    )
    head = (
        f"<title>{text}</title>{socket}"
        '<link rel="stylesheet" href="__gs/style.css">'
        '<link rel="modulepreload" href="__gs/vendor/three.module.min.js">'
        '<link rel="modulepreload" href="__gs/main.js">'
    )
    start = index.index("<title>")
    end = index.index("</title>") + len("</title>")
    index = index[:start] + head + index[end:]
    index = index.replace('href="logo.png"', 'href="__gs/logo.svg"')
    script = index.index("<script>\n      fetch(")
    close = index.index("</script>", script) + len("</script>")
    skeleton = (WEB / "skeleton.html").read_text("utf-8")
    index = index[:script] + index[close:]
    return index.replace('<div id="app"></div>', f'<div id="app">{skeleton}</div>')

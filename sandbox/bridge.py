"""The one place that knows how trame speaks to a browser.

trame runs with its ``generic`` back end (no web server of its own); a FastAPI websocket carries its
messages. ``Server._server`` and ``WsEndpoint`` are private names of trame 4: they are used here and
nowhere else, and tests/browser/test_socket.py fails first when they change.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
from fastapi.responses import Response
from trame.app import get_server
from trame_server.core import Server

# Messages a page may send are small (a drag is 100 bytes); the limit keeps a hostile page from filling memory.
MAX_MESSAGE_BYTES = 2_000_000


@dataclass
class _Message:
    """What wslink expects of an incoming websocket message."""

    type: int
    data: Any


def new_server(name: str) -> Server:
    server = get_server(name)
    server.client_type = "vue3"
    return server


async def start(server: Server) -> None:
    """Start the server's protocol inside the running loop; opens no port."""
    server.start(
        port=0,
        exec_mode="task",
        backend="generic",
        timeout=0,
        open_browser=False,
        show_connection_info=False,
    )
    for _ in range(200):
        await asyncio.sleep(0.005)
        if server._server is not None and server._server["ws"] is not None:
            return
    raise RuntimeError("trame did not start")


def _endpoint(server: Server) -> Any:
    return server._server["ws"]


async def carry(server: Server, socket: WebSocket) -> None:
    """Carry messages both ways until the browser leaves."""
    await socket.accept()
    connection = await _endpoint(server).connect()

    async def outgoing(is_binary: bool, message: Any) -> None:
        # The browser may leave between two messages of one flush: nothing is lost, it will ask again.
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await (socket.send_bytes(message) if is_binary else socket.send_text(message))

    connection.on_message(outgoing)
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            data = message.get("bytes")
            binary = data is not None
            data = data if binary else message.get("text")
            if data is None or len(data) > MAX_MESSAGE_BYTES:
                await socket.close(code=1009)
                return
            await connection.send(binary, _Message(0, data))
    finally:
        await connection.close()


async def delivered(server: Server, *, timeout_s: float = 1.0) -> None:
    """Wait until what was published has left for the browsers.

    trame answers a call at once and publishes the state in a later turn of the loop: without this wait
    the page would hear "done" before it sees what was done.
    """
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(server.network_completion, timeout_s)


async def stop(server: Server) -> None:
    """Stop and forget a session's server (trame keeps every server it ever made)."""
    from trame.app import core as app_core

    with contextlib.suppress(Exception):
        await server.stop()
    getattr(app_core, "AVAILABLE_SERVERS", {}).pop(server.name, None)


_CACHE: dict[tuple[str, float], tuple[bytes, bytes, str]] = {}


def static_file(path: Path, accept_encoding: str) -> Response:
    """A static file, compressed once and kept; browsers revalidate by ETag."""
    key = (str(path), path.stat().st_mtime)
    if key not in _CACHE:
        raw = path.read_bytes()
        media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if path.suffix in (".js", ".mjs"):
            media = "text/javascript"
        _CACHE[key] = (raw, gzip.compress(raw, 6), media)
    raw, packed, media = _CACHE[key]
    headers = {
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        "ETag": f'"{hash(key) & 0xFFFFFFFFFFFF:x}"',
    }
    if "gzip" in accept_encoding and len(packed) < len(raw):
        return Response(packed, media_type=media, headers=headers | {"Content-Encoding": "gzip"})
    return Response(raw, media_type=media, headers=headers)


def find_static(server: Server, path: str) -> Path | None:
    """The file behind a path of the page, or ``None``; never outside the folders that are served."""
    roots = [("", server._www)] + [
        (name, folder[0] if isinstance(folder, (list, tuple)) else folder)
        for name, folder in server.serve.items()
    ]
    for name, folder in sorted(roots, key=lambda item: -len(item[0])):
        if folder and path.startswith(name):
            root = Path(folder).resolve()
            file = (root / path[len(name) :].lstrip("/")).resolve()
            if file.is_file() and file.is_relative_to(root):
                return file
    return None

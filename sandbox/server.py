"""One process, one port, one loop: the page (trame), the charts (Panel) and the API (FastAPI)."""

from __future__ import annotations

import asyncio
import gzip
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse, RedirectResponse, Response

from sandbox import bridge
from sandbox.pages import add_pages
from sandbox.rooms import SessionLimit, Sessions
from services.settings import Settings

COOKIE = "geosandbox"
SID = re.compile(r"^[a-z0-9_-]{16,40}$")
# How long a computing thread may keep the interpreter from the loop that answers the hand (5 ms by default): beside
# a value carpet being woven, 90 % of the answers of 44 wells come within 31 instead of 40 ms.
SWITCH_S = 0.0005


def create_app(settings: Settings) -> FastAPI:
    """The whole web application. Nothing heavy runs at import; sessions are made on first visit."""
    sessions = Sessions(settings)

    @asynccontextmanager
    async def life(_app: FastAPI):
        await sessions.warm()
        # not before: who opens the address at once would find nobody there
        print(f"Geothermal decision sandbox: http://{settings.host}:{settings.port}", file=sys.stderr)
        yield
        await sessions.close()

    app = FastAPI(
        title="Geothermal decision sandbox", lifespan=life, openapi_url="/api/v1/openapi.json", docs_url=None
    )
    app.state.sessions = sessions
    _mount_api(app, settings)
    _mount_charts(app, sessions)
    add_pages(app)
    _mount_page(app, sessions)
    return app


def _mount_api(app: FastAPI, settings: Settings) -> None:
    from services.rest import add_routes

    add_routes(app, settings, app.state.sessions.store)


def _mount_charts(app: FastAPI, sessions: Sessions) -> None:
    from sandbox.charts import add_charts

    add_charts(app, sessions)


def _allowed_origin(socket: WebSocket) -> bool:
    """Pages of other hosts may not open our websocket (browsers always send Origin)."""
    origin = socket.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == socket.headers.get("host")


def _mount_page(app: FastAPI, sessions: Sessions) -> None:
    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        ready = sessions.ready
        return JSONResponse({"status": "ok" if ready else "starting"}, status_code=200 if ready else 503)

    @app.get("/")
    async def root(request: Request) -> Response:
        sid = request.cookies.get(COOKIE, "")
        if not SID.match(sid) or not sessions.known(sid):
            sid = sessions.new_id()
        query = urlencode(list(request.query_params.multi_items()))
        response = RedirectResponse(f"/t/{sid}/index.html" + (f"?{query}" if query else ""), status_code=303)
        response.set_cookie(COOKIE, sid, httponly=True, samesite="strict", max_age=90 * 86_400)
        return response

    @app.websocket("/t/{sid}/ws")
    async def socket(websocket: WebSocket, sid: str) -> None:
        if not SID.match(sid) or not _allowed_origin(websocket):
            await websocket.close(code=1008)
            return
        try:
            session = await sessions.get(sid)
        except SessionLimit:
            await websocket.close(code=1013)
            return
        session.arrive()
        try:
            await bridge.carry(session.server, websocket)
        finally:
            session.leave()

    @app.get("/t/{sid}/frames/{key}.bin")
    async def frames(sid: str, key: str, request: Request) -> Response:
        session = sessions.find(sid)
        data = session.frames.get(key) if session else None
        if data is None:
            return JSONResponse({"detail": "no such frames"}, status_code=404)
        return _binary(data, request, cache="private, max-age=31536000, immutable")

    @app.get("/scene/{site}/{scale}.bin")
    async def scene(site: str, scale: str, request: Request) -> Response:
        try:
            data, tag = await asyncio.to_thread(sessions.scenery, site, scale)
        except KeyError:
            return JSONResponse({"detail": "no such scene"}, status_code=404)
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304)
        return Response(
            data,
            media_type="application/octet-stream",
            headers={"Content-Encoding": "gzip", "ETag": tag, "Cache-Control": "no-cache"},
        )

    @app.get("/t/{sid}/{path:path}")
    async def page(sid: str, path: str, request: Request) -> Response:
        if not SID.match(sid):
            return JSONResponse({"detail": "no such session"}, status_code=404)
        if path in ("", "index.html"):
            return Response(sessions.page(), media_type="text/html", headers={"Cache-Control": "no-cache"})
        file = bridge.find_static(sessions.pattern, path)
        if file is None:
            return JSONResponse({"detail": "no such file"}, status_code=404)
        return bridge.static_file(file, request.headers.get("accept-encoding", ""))


def _binary(data: bytes, request: Request, *, cache: str) -> Response:
    headers = {"Cache-Control": cache}
    if "gzip" in request.headers.get("accept-encoding", ""):
        data = gzip.compress(data, 1)
        headers["Content-Encoding"] = "gzip"
    return Response(data, media_type="application/octet-stream", headers=headers)


def serve(*, host: str, port: int, site: str, data: Path | None) -> None:
    """Serve until interrupted. Raises ``OSError`` when the port is taken."""
    import uvicorn

    settings = Settings.make(host=host, port=port, site=site, data=data)
    # trame and Panel read sys.argv when they start; our own options would confuse them.
    sys.argv = sys.argv[:1]
    sys.setswitchinterval(SWITCH_S)
    print("starting (some ten seconds) ...", file=sys.stderr)
    app = create_app(settings)
    uvicorn.run(
        app, host=host, port=port, log_level="warning", loop="asyncio", ws_max_size=bridge.MAX_MESSAGE_BYTES
    )

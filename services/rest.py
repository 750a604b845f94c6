"""The API under /api/v1: thin routes over the same functions that the page and the commands call.

Faults come back as ``application/problem+json`` (RFC 9457) with the field paths of the command line.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from typing import Any

from fastapi import APIRouter, FastAPI, Header, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.jobs import Jobs
from services.settings import Settings
from services.store import Conflict, Store
from twin_models.errors import Fault, InputError

MAX_BODY = 256_000
PROBLEM = "application/problem+json"


def problem(status: int, title: str, *, faults: tuple[Fault, ...] = (), detail: str = "") -> JSONResponse:
    """An error a program can read; ``errors`` lists every fault with its field path."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if faults:
        body["errors"] = [{"field": f.field, "reason": f.reason, "text": f.text} for f in faults]
    return JSONResponse(body, status_code=status, media_type=PROBLEM)


def finite(value: Any) -> Any:
    """NaN and infinity have no JSON; they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(v) for v in value]
    return value


async def body_of(request: Request) -> Any:
    """The JSON body, counted as it arrives so that a chunked upload cannot slip past the limit."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BODY:
            raise HTTPException(413, f"body larger than {MAX_BODY} bytes")
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(Fault("body", "json", f"is not valid JSON: {error}")) from None


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not allowed")


def add_routes(app: FastAPI, settings: Settings, store: Store | None = None) -> None:
    """Mount the API. ``store``: shared with the page when given."""
    from services.rest_decide import decide_routes
    from services.rest_sites import site_routes

    store = store or Store(settings.database)
    jobs = Jobs()
    app.state.jobs = jobs
    app.include_router(_reading())
    app.include_router(_computing(jobs))
    app.include_router(_schemes(store))
    app.include_router(decide_routes(store))
    app.include_router(site_routes(settings))
    _handle_errors(app)


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(InputError)
    async def bad_input(_request: Request, error: InputError) -> JSONResponse:
        return problem(422, "The input cannot be used", faults=error.faults)

    @app.exception_handler(RequestValidationError)
    async def bad_request(_request: Request, error: RequestValidationError) -> JSONResponse:
        faults = tuple(Fault(".".join(str(p) for p in e["loc"]), e["type"], e["msg"]) for e in error.errors())
        return problem(422, "The request cannot be used", faults=faults)

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail))


def _reading() -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["reading"])

    @router.get("/sites")
    async def sites() -> JSONResponse:
        from twin_models.sites import summaries

        return JSONResponse(finite({"sites": summaries()}))

    @router.get("/kpis")
    async def kpis() -> JSONResponse:
        from scenarios.kpis import KPIS

        rows = [
            {
                "key": r.key,
                "unit": r.unit,
                "group": r.group,
                "better": r.better,
                "label": {"zh": r.zh, "en": r.en},
                "definition": {"zh": r.definition_zh, "en": r.definition_en},
                "formula": r.formula,
                "source": r.source,
            }
            for r in KPIS.values()
        ]
        return JSONResponse({"kpis": rows})

    @router.get("/validation")
    async def validation() -> JSONResponse:
        from services.validation import stored

        return JSONResponse(stored())

    return router


def _computing(jobs: Jobs) -> APIRouter:
    from services import answers

    router = APIRouter(prefix="/api/v1", tags=["computing"])

    @router.post("/forecast")
    async def forecast(request: Request, engine: str = "auto") -> JSONResponse:
        data = await body_of(request)
        return JSONResponse(finite(await asyncio.to_thread(answers.forecast, data, engine)))

    @router.post("/evaluate")
    async def evaluate(request: Request, engine: str = "auto") -> JSONResponse:
        data = await body_of(request)
        return JSONResponse(finite(await asyncio.to_thread(answers.evaluate, data, engine)))

    @router.post("/compare")
    async def compare(request: Request, engine: str = "auto") -> JSONResponse:
        """Body: ``{"schemes": [scheme, …], "baseline": index}``."""
        data = await body_of(request)
        return JSONResponse(finite(await asyncio.to_thread(answers.compare, data, engine)))

    @router.post("/economics")
    async def economics(request: Request) -> JSONResponse:
        return JSONResponse(finite(await asyncio.to_thread(answers.economics, await body_of(request))))

    @router.post("/assess/{method}")
    async def assess(request: Request, method: str) -> JSONResponse:
        return JSONResponse(finite(await asyncio.to_thread(answers.assess, method, await body_of(request))))

    @router.post("/jobs", status_code=202)
    async def submit(request: Request) -> JSONResponse:
        """Body: ``{"kind": "forecast"|"evaluate", "scheme": …, "engine": …}``, or ``{"kind": "suggest", "scheme": …,
        "objective": KPI, "constraints": ["KPI>=VALUE", …], …}`` (``services/suggesting``)."""
        data = await body_of(request)
        work = answers.job(data)
        job = jobs.submit(data["kind"], work)
        return JSONResponse(job.public(), status_code=202, headers={"Location": f"/api/v1/jobs/{job.id}"})

    @router.get("/jobs/{id}")
    async def watch(id: str) -> JSONResponse:
        return JSONResponse(_job(jobs, id).public())

    @router.delete("/jobs/{id}")
    async def cancel(id: str) -> JSONResponse:
        _job(jobs, id)
        return JSONResponse(jobs.cancel(id).public())

    @router.get("/jobs/{id}/result")
    async def result(id: str) -> JSONResponse:
        job = _job(jobs, id)
        if job.state != "done":
            return problem(
                409, "No result", detail=f"the job is {job.state}" + (f": {job.error}" if job.error else "")
            )
        return JSONResponse(finite(job.result))

    return router


def _job(jobs: Jobs, id: str) -> Any:
    try:
        return jobs.get(id)
    except KeyError:
        raise HTTPException(404, f"no job {id!r}") from None


Key = Path(pattern=r"^[A-Za-z0-9_-]{1,40}$")


class _Logs:
    """The log of each scheme: read to its head, append a revision."""

    def __init__(self, store: Store):
        self.store = store

    def all(self, id: str) -> list[Any]:
        ops = self.store.history(f"api:{id}")
        if not ops:
            raise HTTPException(404, f"no scheme {id!r}")
        return ops

    def head(self, id: str) -> Any:
        last = self.all(id)[-1]
        if last.kind == "delete":
            raise HTTPException(410, f"scheme {id!r} was deleted")
        return last

    def write(self, id: str, rev: int, kind: str, scheme: dict[str, Any] | None) -> JSONResponse:
        try:
            op = self.store.append(
                f"api:{id}",
                rev=rev,
                kind=kind,
                label_zh=kind,
                label_en=kind,
                snapshot={"scheme": scheme},
                bodies={},
            )
        except Conflict:
            raise HTTPException(412, "somebody else changed the scheme first") from None
        body = {"id": id, "rev": op.rev, "scheme": scheme}
        return JSONResponse(
            body, status_code=201 if kind == "create" else 200, headers={"ETag": f'"{op.rev}"'}
        )


def _schemes(store: Store) -> APIRouter:
    """Schemes as resources. Each has its own append-only log; deleting writes a row that says so."""
    from services import answers

    router = APIRouter(prefix="/api/v1/schemes", tags=["schemes"])
    logs = _Logs(store)

    @router.get("")
    async def index() -> JSONResponse:
        found = []
        for name in store.workspaces("api:"):
            last = store.history(name)[-1]
            if last.kind != "delete":
                scheme = last.snapshot["scheme"]
                found.append({"id": name.removeprefix("api:"), "rev": last.rev, "name": scheme.get("name")})
        return JSONResponse({"schemes": found})

    @router.post("", status_code=201)
    async def create(request: Request) -> JSONResponse:
        scheme = answers.checked(await body_of(request))
        return logs.write(secrets.token_urlsafe(9), 1, "create", scheme)

    @router.get("/{id}")
    async def read(id: str = Key) -> JSONResponse:
        last = logs.head(id)
        body = {"id": id, "rev": last.rev, "scheme": last.snapshot["scheme"]}
        return JSONResponse(body, headers={"ETag": f'"{last.rev}"'})

    @router.put("/{id}")
    async def update(
        request: Request, id: str = Key, if_match: str | None = Header(default=None)
    ) -> JSONResponse:
        last = logs.head(id)
        if if_match is not None and if_match.strip('"') != str(last.rev):
            raise HTTPException(412, f"the scheme is at revision {last.rev}")
        return logs.write(id, last.rev + 1, "edit", answers.checked(await body_of(request)))

    @router.delete("/{id}")
    async def delete(id: str = Key) -> JSONResponse:
        return logs.write(id, logs.head(id).rev + 1, "delete", None)

    @router.get("/{id}/history")
    async def history(id: str = Key) -> JSONResponse:
        ops = [{"rev": op.rev, "kind": op.kind, "at": op.at, "hash": op.hash} for op in logs.all(id)]
        return JSONResponse({"id": id, "history": ops})

    return router

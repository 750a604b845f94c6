"""Deciding under /api/v1: the analysis of a set of schemes, and decision records that are kept."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from services.decisions import Decisions
from services.rest import body_of, finite
from services.store import Store
from twin_models.errors import InputError

MEDIA = {"html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8"}


def decide_routes(store: Store) -> APIRouter:
    from services import answers

    router = APIRouter(prefix="/api/v1", tags=["deciding"])
    kept = Decisions(store, "api", "all")

    @router.post("/decide")
    async def decide(request: Request, engine: str = "auto") -> JSONResponse:
        """Body: ``{"schemes": [scheme, …], "baseline": index, "decision": {…}}``; columns are "0", "1", …"""
        data = await body_of(request)
        return JSONResponse(finite(await asyncio.to_thread(answers.decide, data, engine)))

    @router.post("/decisions", status_code=201)
    async def record(request: Request, engine: str = "auto") -> JSONResponse:
        """The same body with ``decision.record`` (choice, who, why); the record is saved and answered."""
        data = await body_of(request)
        answer = await asyncio.to_thread(answers.decide, data, engine, must_record=True)
        saved = await asyncio.to_thread(kept.save, answer["record"])
        return JSONResponse(
            finite(saved), status_code=201, headers={"Location": f"/api/v1/decisions/{saved['id']}"}
        )

    @router.get("/decisions")
    async def index() -> JSONResponse:
        rows = [
            {k: r[k] for k in ("id", "at", "site", "choice", "who", "inputs_sha256", "log_hash")}
            for r in kept.all()
        ]
        return JSONResponse({"decisions": rows})

    @router.get("/decisions/{id}")
    async def read(id: str, format: str = "json", lang: str = "zh") -> Any:
        """A record as JSON, or as a document (``format=html`` or ``md``)."""
        from scenarios.decision_record import document
        from services.rest import problem

        try:
            found = kept.get(id)
        except InputError as error:
            return problem(404, "No such decision", faults=error.faults)
        if format == "json":
            return JSONResponse(finite(found))
        return Response(document(found, format, lang), media_type=MEDIA.get(format))

    return router

"""Sites as resources: a data set in (a zip), the tables of a site out, and why a site is good or bad."""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
import zipfile
from pathlib import Path as FilePath
from typing import Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from services.importer.archive import MAX_ZIP_BYTES
from services.settings import Settings
from twin_models.sites import add_sites_folder, load_site, site_names

ZIP = "application/zip"
MAX_MAPPING = 20_000
PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$"
Name = Path(pattern=PATTERN)


async def zip_of(request: Request) -> bytes:
    """The body, counted as it arrives. A form of another page cannot send this content type."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != ZIP:
        raise HTTPException(415, f"the body must be a zip ({ZIP})")
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_ZIP_BYTES:
            raise HTTPException(413, f"body larger than {MAX_ZIP_BYTES} bytes")
    return bytes(data)


def site_routes(settings: Settings) -> APIRouter:
    """Routes under /api/v1/sites. Imported sites are kept in ``settings.sites``."""
    from services.rest import finite

    add_sites_folder(settings.sites)
    router = APIRouter(prefix="/api/v1/sites", tags=["sites"])
    busy = asyncio.Lock()

    @router.post("", status_code=201)
    async def bring(
        request: Request,
        name: str | None = Query(default=None, pattern=PATTERN),
        preview: bool = False,
        mapping: str = Query(default="", max_length=MAX_MAPPING),
    ) -> JSONResponse:
        """Body: a zip of tables. ``preview``: say what would be made and every fault, and make nothing.

        ``mapping``: JSON in the form of ``import.yaml``, over the data set's own.
        """
        from services import importer

        said = _mapping(mapping)
        data = await zip_of(request)
        if busy.locked():
            raise HTTPException(503, "another import is under way; try again in a moment")
        async with busy:
            if preview:
                seen = await asyncio.to_thread(
                    importer.preview, data, name=name, sites=settings.sites, mapping=said
                )
                return JSONResponse(finite(seen))
            made = await asyncio.to_thread(
                importer.import_site, data, name=name, sites=settings.sites, mapping=said
            )
        made.pop("folder")  # a path of the server is nobody's business
        place = f"/api/v1/sites/{made['name']}"
        return JSONResponse(finite(made), status_code=201, headers={"Location": place})

    @router.get("/{name}")
    async def read(name: str = Name) -> JSONResponse:
        return JSONResponse(finite(_site(name).summary()))

    @router.get("/{name}/export")
    async def export(name: str = Name) -> Response:
        """The site as a zip that POST takes back."""
        _site(name)
        data = await asyncio.to_thread(_packed, name)
        head = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
        return Response(data, media_type=ZIP, headers=head)

    @router.get("/{name}/why")
    async def why(
        name: str = Name,
        engine: str = "streamline",
        unit: str | None = Query(default=None, pattern=r"^[A-Za-z0-9-]{1,20}$"),
    ) -> JSONResponse:
        """Why the place is good or bad, what controls it, what to measure next. ``unit``: one of a basin."""
        from scenarios.knowledge import explain_site

        _site(name)
        return JSONResponse(finite(await asyncio.to_thread(explain_site, name, engine, unit=unit)))

    return router


def _mapping(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        raise HTTPException(422, "mapping must be JSON") from None
    if not isinstance(said, dict):
        raise HTTPException(422, "mapping must be an object")
    return said


def _site(name: str) -> Any:
    if name not in site_names():
        raise HTTPException(404, f"no site {name!r}")
    return load_site(name)


def _packed(name: str) -> bytes:
    from services.importer.export import export

    out = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="geosandbox-") as room:
        folder = FilePath(room) / name
        export(name, folder)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, path.name)
    return out.getvalue()

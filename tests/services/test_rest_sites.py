"""Sites over the API: a zip in, tables out, and why."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from services import rest_sites
from services.rest import add_routes
from services.settings import Settings
from services.store import Store

ZIP = {"content-type": "application/zip"}
WELLS = "name,kind,lon,lat,rate,temperature\nP,producer,116.30,37.40,80,\nI,injector,116.31,37.40,80,30\n"
LAYERS = "name_zh,name_en,top,base,role,porosity,permeability,temperature\n馆陶组,Guantao Fm,1100,1300,reservoir,0.27,600,56\n"


def packed(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    return out.getvalue()


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GEOSANDBOX_SITES", "")
    app = FastAPI()
    store = Store(tmp_path / "x.sqlite")
    add_routes(app, Settings(data=tmp_path), store)
    with TestClient(app) as client:
        yield client
    app.state.jobs.close()
    store.close()


def test_a_zip_becomes_a_site_and_comes_back(client: TestClient, tmp_path: Path) -> None:
    data = packed(wells=WELLS, layers=LAYERS)
    seen = client.post("/api/v1/sites?name=mine&preview=true", content=data, headers=ZIP)
    assert seen.status_code == 200
    assert seen.json()["ready"] and client.get("/api/v1/sites/mine").status_code == 404
    made = client.post("/api/v1/sites?name=mine", content=data, headers=ZIP)
    assert made.status_code == 201 and made.headers["location"] == "/api/v1/sites/mine"
    assert str(tmp_path) not in made.text
    assert client.get("/api/v1/sites/mine").json()["wells"] == {"total": 2, "producers": 1, "injectors": 1}
    assert "mine" in {s["name"] for s in client.get("/api/v1/sites").json()["sites"]}
    out = client.get("/api/v1/sites/mine/export")
    again = client.post("/api/v1/sites?name=again", content=out.content, headers=ZIP)
    assert again.status_code == 201, again.text
    why = client.get("/api/v1/sites/mine/why").json()
    assert why["why"]["sentences"] and why["controls"] and why["measure_next"]


def test_faults_come_with_row_and_column(client: TestClient) -> None:
    data = packed(wells=WELLS.replace("80,30", "lots,30"), layers=LAYERS)
    answer = client.post("/api/v1/sites?name=mine", content=data, headers=ZIP)
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == ["wells.csv, row 3, column rate"]


def test_what_is_not_taken(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(wells=WELLS, layers=LAYERS)
    form = {"content-type": "multipart/form-data; boundary=x"}
    assert client.post("/api/v1/sites", content=data, headers=form).status_code == 415
    assert client.post("/api/v1/sites?name=../x", content=data, headers=ZIP).status_code == 422
    assert client.post("/api/v1/sites?name=caofeidian", content=data, headers=ZIP).status_code == 422
    assert client.get("/api/v1/sites/nowhere/why").status_code == 404
    assert client.get("/api/v1/sites/nw-shandong/why?unit=XX").status_code == 422
    monkeypatch.setattr(rest_sites, "MAX_ZIP_BYTES", 100)
    chunks = (data[i : i + 50] for i in range(0, len(data), 50))
    assert client.post("/api/v1/sites", content=chunks, headers=ZIP).status_code == 413

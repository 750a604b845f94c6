"""The API: the same answers as the commands, and a named fault for everything that is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from services.rest import MAX_BODY, add_routes
from services.settings import Settings
from services.store import Store

DOUBLET = {
    "format": "geosandbox-scheme/1",
    "name": "two wells",
    "reservoir": {
        "extent_m": [2000, 2000],
        "origin_m": [-1000, -1000],
        "cell_m": 100,
        "boundary": "closed",
        "layers": [
            {
                "name": "sand",
                "top_m": 1400,
                "thickness_m": 100,
                "permeability_md": 500,
                "temperature_degc": 70,
            }
        ],
    },
    "wells": [
        {"name": "P1", "kind": "producer", "x_m": -240, "y_m": 0, "rate_m3_h": 100},
        {"name": "I1", "kind": "injector", "x_m": 240, "y_m": 0, "rate_m3_h": 100, "temperature_degc": 25},
    ],
    "years": 10,
    "output_years": [5, 10],
}


@pytest.fixture
def client(tmp_path: Path):
    app = FastAPI(openapi_url="/api/v1/openapi.json")
    store = Store(tmp_path / "x.sqlite")
    add_routes(app, Settings(data=tmp_path), store)
    with TestClient(app) as client:
        yield client
    app.state.jobs.close()
    store.close()


def faults(answer: Any) -> dict[str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return {e["field"]: e["text"] for e in answer.json().get("errors", [])}


def test_forecast_of_a_box(client: TestClient) -> None:
    answer = client.post("/api/v1/forecast", json=DOUBLET).json()
    assert answer["years"] == [5, 10]
    assert answer["engine"] == "simulation"
    assert 25 < answer["wells"]["P1"]["temperature_degc"][1] <= 70


def test_evaluate_and_compare_agree(client: TestClient) -> None:
    one = client.post("/api/v1/evaluate?engine=streamline", json=DOUBLET).json()["kpis"]
    body = {"schemes": [DOUBLET, {**DOUBLET, "name": "again"}]}
    both = client.post("/api/v1/compare?engine=streamline", json=body).json()
    assert both["schemes"]["0"]["kpis"]["npv_cny"]["value"] == one["npv_cny"]["value"]
    assert both["schemes"]["1"]["deltas"]["npv_cny"]["value"] == 0


def test_sites_and_kpis_are_listed(client: TestClient) -> None:
    names = {s["name"] for s in client.get("/api/v1/sites").json()["sites"]}
    assert {"nw-shandong", "caofeidian", "linqing"} <= names
    keys = {k["key"] for k in client.get("/api/v1/kpis").json()["kpis"]}
    assert "lcoh_cny_per_gj" in keys
    assert client.get("/api/v1/openapi.json").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"wells": [{**DOUBLET["wells"][0], "rate_m3_h": -5}, DOUBLET["wells"][1]]}, "wells[0].rate_m3_h"),
        ({"wellz": []}, "wellz"),
        ({"wells": []}, "wells"),
        ({"site": "nowhere", "reservoir": None}, "site"),
    ],
)
def test_bad_schemes_name_the_field(client: TestClient, change: dict[str, Any], field: str) -> None:
    answer = client.post("/api/v1/evaluate", json={**DOUBLET, **change})
    assert answer.status_code == 422
    assert field in faults(answer)


@pytest.mark.parametrize("body", [b"{", b'{"a": NaN}', b"[" * 5000, b"\xff\xfe", b"[]", b"null"])
def test_bad_json_is_explained(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/forecast", content=body)
    assert answer.status_code == 422
    assert "body" in faults(answer)


def test_large_bodies_are_refused_even_in_chunks(client: TestClient) -> None:
    def chunks():
        for _ in range(MAX_BODY // 1000 + 2):
            yield b" " * 1000

    assert client.post("/api/v1/forecast", content=chunks()).status_code == 413


def test_schemes_are_kept_with_their_history(client: TestClient) -> None:
    made = client.post("/api/v1/schemes", json=DOUBLET)
    assert made.status_code == 201
    id = made.json()["id"]
    renamed = {**DOUBLET, "name": "renamed"}
    assert client.put(f"/api/v1/schemes/{id}", json=renamed, headers={"If-Match": '"1"'}).json()["rev"] == 2
    assert client.put(f"/api/v1/schemes/{id}", json=renamed, headers={"If-Match": '"1"'}).status_code == 412
    assert client.get(f"/api/v1/schemes/{id}").json()["scheme"]["name"] == "renamed"
    assert [s["name"] for s in client.get("/api/v1/schemes").json()["schemes"]] == ["renamed"]
    assert client.delete(f"/api/v1/schemes/{id}").status_code == 200
    assert client.get(f"/api/v1/schemes/{id}").status_code == 410
    assert [h["kind"] for h in client.get(f"/api/v1/schemes/{id}/history").json()["history"]] == [
        "create",
        "edit",
        "delete",
    ]
    assert client.get("/api/v1/schemes/unknown").status_code == 404


def test_jobs_run_and_report(client: TestClient) -> None:
    made = client.post("/api/v1/jobs", json={"kind": "forecast", "scheme": DOUBLET, "engine": "streamline"})
    assert made.status_code == 202
    id = made.json()["id"]
    for _ in range(400):
        state = client.get(f"/api/v1/jobs/{id}").json()["state"]
        if state not in ("queued", "running"):
            break
        client.app.state.jobs.get(id).finished.wait(0.05)
    assert state == "done"
    assert client.get(f"/api/v1/jobs/{id}/result").json()["years"] == [5, 10]
    assert client.get("/api/v1/jobs/none").status_code == 404
    assert client.post("/api/v1/jobs", json={"kind": "dance", "scheme": DOUBLET}).status_code == 422


def test_answers_hold_no_nan(client: TestClient) -> None:
    text = client.post("/api/v1/evaluate?engine=streamline", json=DOUBLET).text
    json.loads(text, parse_constant=lambda word: pytest.fail(word))

"""Decisions over HTTP and on disk: analysed, recorded, read again as a document, never changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from scenarios.decision import read_setup
from services.decisions import Decisions
from services.rest import PROBLEM, add_routes
from services.settings import Settings
from services.store import Store
from twin_models.errors import InputError

SCHEME = {
    "format": "geosandbox-scheme/1",
    "name": "two wells",
    "site": "caofeidian",
    "wells": [
        {"name": "P1", "kind": "producer", "x_m": 0, "y_m": 0, "rate_m3_h": 100},
        {"name": "I1", "kind": "injector", "x_m": 480, "y_m": 0, "rate_m3_h": 100, "temperature_degc": 25},
    ],
    "years": 10,
}
FAR = {**SCHEME, "wells": [SCHEME["wells"][0], {**SCHEME["wells"][1], "x_m": 900}]}  # type: ignore[index,dict-item]
WORDS = {"choice": "1", "who": "陈", "why": "farther apart"}


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    app = FastAPI()
    add_routes(app, Settings(data=tmp_path))
    return TestClient(app)


def test_analyse_record_and_read_again(client: TestClient) -> None:
    body = {"schemes": [SCHEME, FAR], "baseline": 0}
    found = client.post("/api/v1/decide?engine=streamline", json=body)
    assert found.status_code == 200
    assert found.json()["schemes"] == ["0", "1"]
    assert found.json()["regret"]["futures"]

    missing = client.post("/api/v1/decisions?engine=streamline", json=body)
    assert missing.status_code == 422
    assert missing.headers["content-type"] == PROBLEM
    assert missing.json()["errors"][0]["field"] == "decision.record"

    made = client.post("/api/v1/decisions?engine=streamline", json={**body, "decision": {"record": WORDS}})
    assert made.status_code == 201
    where = made.headers["location"]
    again = client.get(where).json()
    assert again["who"] == "陈"
    assert again["inputs_sha256"] == made.json()["inputs_sha256"]
    page = client.get(where, params={"format": "html", "lang": "en"})
    assert page.headers["content-type"].startswith("text/html")
    assert "farther apart" in page.text
    assert client.get(where, params={"format": "pdf"}).status_code == 422
    assert [r["id"] for r in client.get("/api/v1/decisions").json()["decisions"]] == ["1"]
    assert client.get("/api/v1/decisions/7").status_code == 404


def test_faults_name_the_place_in_the_body(client: TestClient) -> None:
    body = {"schemes": [SCHEME, FAR], "decision": {"stakeholders": [{"name": "a", "points": {"npv": 1}}]}}
    answer = client.post("/api/v1/decide?engine=streamline", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "decision.stakeholders[0].points.npv"


def test_records_are_kept_in_order_and_their_log_is_whole(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.db")
    one = Decisions(store, "s", "caofeidian")
    assert one.all() == []
    first = one.save({"who": "a"})
    one.save({"who": "b"})
    assert [r["who"] for r in Decisions(store, "s", "caofeidian").all()] == ["a", "b"]
    assert one.get(first["id"])["who"] == "a"
    assert store.verify("s:caofeidian:decisions") == 2
    assert Decisions(store, "other", "caofeidian").all() == []
    with pytest.raises(InputError):
        one.get("9")
    store.close()


def test_the_setup_in_hand_survives(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.db")
    kept = Decisions(store, "s", "caofeidian")
    assert kept.setup() is None
    setup = read_setup({"method": "topsis", "stakeholders": [{"name": "市政"}]})
    kept.keep(setup, ["s2"], [{"key": "npv_cny", "text": "?", "by": ""}])
    assert kept.setup() == (setup, ["s2"], [{"key": "npv_cny", "text": "?", "by": ""}])
    store.set_preference("s", "decide:caofeidian", "{not json")
    assert kept.setup() is None
    store.close()

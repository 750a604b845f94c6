"""``geosandbox suggest`` as people script against it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox import cli
from scenarios.evaluate import evaluate
from scenarios.kpis import KPIS
from scenarios.scheme import read_scheme
from tests.sandbox import small
from twin_models.sites import load_site

SCHEME = small.doublet(half_m=150, extent_m=(1600, 1600), years=20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return small.written(tmp_path, SCHEME)


def answered(capsys: pytest.CaptureFixture[str], *args: object) -> dict[str, Any]:
    assert cli.main([str(a) for a in args]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_ranked_schemes_with_kpis_and_the_number_of_evaluations(
    file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    args = ("suggest", file, "--objective", "lifetime_years", "--constraint", "flow_m3_h>=60", "--budget", 60)
    answer = answered(capsys, *args)
    assert 10 <= answer["evaluations"] <= 60 and answer["simulations"] >= 2
    assert answer["objective"]["direction"] == "maximise"
    assert {"key": "flow_m3_h", "op": ">=", "value": 60.0, "origin": "given"} in answer["constraints"]
    assert [row["rank"] for row in answer["schemes"]] == list(range(1, len(answer["schemes"]) + 1))
    best = answer["schemes"][0]
    assert set(best["kpis"]) == set(KPIS) and best["kpis"]["flow_m3_h"]["value"] >= 60.0
    (tmp_path / "best.json").write_text(json.dumps(best["scheme"]), encoding="utf-8")
    again = answered(capsys, "evaluate", tmp_path / "best.json")
    for key, kpi in best["kpis"].items():
        value = kpi["value"]
        assert again["kpis"][key]["value"] == (value if value is None else pytest.approx(value, rel=1e-9)), (
            key
        )
    assert any(w["name"] == "M1" for w in best["scheme"]["wells"])
    assert answered(capsys, *args) == answer


@pytest.mark.parametrize(("site", "objective"), [("linqing", "lcoh_cny_per_gj"), ("caofeidian", "npv_cny")])
def test_the_sites_layouts_are_beaten_within_their_limits(
    site: str, objective: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = load_site(site).schemes[1].path
    answer = answered(capsys, "suggest", path, "--objective", objective, "--budget", 60)
    sign = 1.0 if objective == "npv_cny" else -1.0
    given = evaluate(read_scheme(path), "simulation").kpis[objective].value
    best = answer["schemes"][0]
    assert answer["feasible"] and answer["improved"] and given is not None
    assert sign * (best["objective"] - given) > 0.02 * abs(given)
    assert best["gain"] == pytest.approx(best["objective"] - given)
    assert {c["key"] for c in answer["constraints"]} >= {"demand_met_pct"}
    assert best["changes"] and best["wells"]


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (["--objective", "npv"], 'error: --objective: no KPI "npv"; did you mean "npv_cny"?'),
        (
            ["--objective", "npv_cny", "--constraint", "spf"],
            "error: --constraint[0]: must look like KPI>=VALUE",
        ),
        (
            ["--objective", "npv_cny", "--constraint", "spf>=4", "--constraint", "spf<=3"],
            "error: --constraint spf>=4: cannot hold together with spf<=3",
        ),
        (
            ["--objective", "npv_cny", "--budget", "3"],
            "error: --budget: must be between 10 and 1000000, got 3",
        ),
        (["--objective", "npv_cny", "--workers", "0"], "error: --workers: must be between 1 and 256"),
        (
            ["--objective", "npv_cny", "--workers", "tcp://"],
            "error: --workers: must be tcp://HOST:PORT, got tcp://",
        ),
        (["--objective", "npv_cny", "--lock", "Q"], 'error: --lock: no well "Q"'),
        (["--objective", "npv_cny", "--seed", "-1"], "error: --seed: must be at least 0, got -1"),
        (["--objective", "npv_cny", "--seconds", "0"], "error: --seconds: must be above 0, got 0.0"),
        (["--objective", "npv_cny", "--doublets", "900"], "error: --doublets: must be between 0 and"),
        ([], "error: arguments: the following arguments are required: --objective"),
    ],
)
def test_bad_goals_are_refused_in_one_line_each(
    more: list[str], line: str, file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    assert cli.main(["suggest", str(file), "-o", str(out), *more]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(line) and said.err.count("\n") == 1
    assert not said.out and not out.exists()

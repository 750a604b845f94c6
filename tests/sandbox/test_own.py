"""import, export and explain as people type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.cli import main

WELLS = "name,kind,lon,lat,rate,temperature\nP,producer,116.30,37.40,80,\nI,injector,116.31,37.40,80,30\n"
LAYERS = "name_zh,name_en,top,base,role,porosity,permeability,temperature\n馆陶组,Guantao Fm,1100,1300,reservoir,0.27,600,56\n"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOSANDBOX_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GEOSANDBOX_SITES", "")
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "wells.csv").write_text(WELLS, encoding="utf-8")
    (tmp_path / "given" / "layers.csv").write_text(LAYERS, encoding="utf-8")
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main(arguments) == 0
    return json.loads(capsys.readouterr().out)


def test_from_tables_to_reasons_and_back(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = str(data / "given")
    assert answer(capsys, "import", given, "--name", "mine", "--preview")["ready"]
    assert not (data / "data").exists()
    assert answer(capsys, "import", given, "--name", "mine")["found"]["wells"] == 2
    assert "mine" in {site["name"] for site in answer(capsys, "sites")["sites"]}
    why = answer(capsys, "explain", "mine", "--engine", "streamline")
    assert why["goal"]["id"] == "value" and why["why"]["sentences"]
    scheme = str(data / "data" / "sites" / "mine" / "schemes" / "baseline.json")
    assert answer(capsys, "explain", scheme, "--engine", "streamline") == why
    out = answer(capsys, "export", scheme, "--to", str(data / "out"))
    assert {"scheme.json", "wells.csv", "mine.gpkg"} <= set(out["files"])


def test_faults_are_lines_with_row_and_column(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "given" / "wells.csv").write_text(WELLS.replace("80,30", ",30"), encoding="utf-8")
    assert main(["import", str(data / "given"), "--name", "mine"]) == 2
    assert capsys.readouterr().err == "error: wells.csv, row 3, column rate: is needed for every injector\n"
    assert not (data / "data").exists()


def test_words_for_what_cannot_be_done(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "nw-shandong", "--to", str(data / "out")]) == 2
    assert main(["explain", "nowhere"]) == 2
    assert main(["import", str(data / "nothing")]) == 2
    err = capsys.readouterr().err
    assert (
        "no reservoir model" in err
        and "no site named 'nowhere'" in err
        and "neither a folder nor a zip" in err
    )
    assert "Traceback" not in err

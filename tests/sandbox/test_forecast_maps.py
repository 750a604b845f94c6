"""``geosandbox forecast --maps``: what the archive holds, and a path that cannot be written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sandbox import cli

SCHEME = {
    "format": "geosandbox-scheme/1",
    "reservoir": {
        "extent_m": [1200, 800],
        "origin_m": [-600, -400],
        "cell_m": 40,
        "layers": [{"name": "sand", "top_m": 1400, "thickness_m": 60}],
        "faults": [{"points_m": [[0, -500], [0, 500]], "transmissibility": 0.1}],
    },
    "wells": [
        {"name": "P", "kind": "producer", "x_m": -200, "y_m": 0, "rate_m3_h": 60},
        {"name": "I", "kind": "injector", "x_m": 200, "y_m": 0, "rate_m3_h": 60, "temperature_degc": 25},
    ],
    "years": 10,
    "output_years": [5, 10],
}


def test_maps_come_beside_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, maps = tmp_path / "a.json", tmp_path / "maps.npz"
    file.write_text(json.dumps(SCHEME), "utf-8")
    assert cli.main(["forecast", str(file), "--maps", str(maps)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["maps"] == str(maps) and answer["years"] == [5, 10]
    with np.load(maps, allow_pickle=False) as got:
        assert got["years"].tolist() == [0.0, 5.0, 10.0]
        assert got["x_m"][[0, -1]].tolist() == [-580.0, 580.0] and got["y_m"].size == 20
        assert got["temperature_degc"].shape == got["pressure_bar"].shape == (3, 20, 30)
        coldest = np.unravel_index(got["temperature_degc"][2].argmin(), (20, 30))
        assert abs(got["x_m"][coldest[1]] - 200.0) <= 40.0 and abs(got["y_m"][coldest[0]]) <= 40.0
        assert got["pressure_bar"][2][:, 20].mean() > 0.0 > got["pressure_bar"][2][:, 9].mean()
    plain = tmp_path / "nowhere" / "maps.npz"
    assert cli.main(["forecast", str(file), "--maps", str(plain)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: --maps: cannot write")

"""What the page adds to an import: a mapping over the data set's own words, a map, and faults in Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.importer import import_site, preview
from services.importer.faults_zh import place_zh, sentence_zh
from tests.services.test_importer import GOOD, folder_of
from twin_models.errors import Fault, InputError
from twin_models.sites import load_site

BARE = {k: v for k, v in GOOD.items() if k != "import.yaml"}
MAPPING = {"tables": {"wells": {"columns": {"rate": "设计水量"}, "units": {"rate": "m3/d"}}}}


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "sites"
    monkeypatch.setenv("GEOSANDBOX_SITES", str(folder))
    return folder


def test_a_mapping_says_what_the_files_do_not(tmp_path: Path, sites: Path) -> None:
    source = folder_of(BARE, tmp_path / "bare")
    assert not preview(source, sites=sites)["ready"]
    seen = preview(source, sites=sites, mapping=MAPPING)
    assert seen["ready"]
    assert [w["kind"] for w in seen["map"]["wells"]] == ["producer", "injector", "producer", "injector"]
    assert len(seen["map"]["boundary"]) == 4
    made = import_site(source, name="mapped", sites=sites, mapping=MAPPING)
    assert load_site(made["name"]).wells[0].rate_m3_h == pytest.approx(80.0)


def test_a_mapping_is_checked_like_a_manifest(tmp_path: Path, sites: Path) -> None:
    source = folder_of(BARE, tmp_path / "bare")
    wrong = {"tables": {"wells": {"units": {"rate": "furlongs"}}}}
    seen = preview(source, sites=sites, mapping=wrong)
    assert seen["faults"][0]["field"].endswith("tables.wells.units.rate")
    with pytest.raises(InputError):
        import_site(source, name="never", sites=sites, mapping=wrong)
    assert not (sites / "never").exists()


def test_every_fault_of_a_broken_set_has_a_chinese_sentence(tmp_path: Path, sites: Path) -> None:
    broken = BARE | {
        "wells.csv": BARE["wells.csv"].replace("P-2,producer", "P-1,nonsense").replace("116.307", "far"),
        "layers.csv": BARE["layers.csv"]
        .replace("27", "270")
        .replace("4265.092,reservoir", "3265.092,reservoir"),
    }
    seen = preview(folder_of(broken, tmp_path / "broken"), sites=sites)
    assert len(seen["faults"]) >= 6
    for fault in seen["faults"]:
        assert any("\u4e00" <= c <= "\u9fff" for c in fault["text_zh"]), fault


def test_places_and_sentences_in_chinese() -> None:
    fault = Fault("wells.csv, row 3, column rate", "missing", "is needed for every injector",
                  {"file": "wells.csv", "row": 3, "column": "rate"})  # fmt: skip
    assert place_zh(fault) == "wells.csv 第 3 行，rate 列"
    assert sentence_zh(fault.text) == "每口回灌井都必须给出"
    assert sentence_zh("no such sentence") == "no such sentence"

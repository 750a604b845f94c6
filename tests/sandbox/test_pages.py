"""The page /validation and the command that makes what it shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from sandbox import cli
from sandbox.pages import add_pages, page
from services import validation
from services.validation_text import WORDS


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    add_pages(app)
    return TestClient(app)


@pytest.mark.parametrize(("lang", "other"), [("en", "zh"), ("zh", "en")])
def test_every_case_stands_on_the_page(client: TestClient, lang: str, other: str) -> None:
    answer = client.get(f"/validation?lang={lang}")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    for case in validation.cases():
        assert f"<h3>{case.entry['title'][lang]}</h3>" in answer.text
    assert f'href="?lang={other}' in answer.text and "--accent: #0b6670" in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize(("header", "lang"), [("zh-CN,zh;q=0.9", "zh"), ("de-DE", "en"), ("", "en")])
def test_the_browser_chooses_the_language(client: TestClient, header: str, lang: str) -> None:
    text = client.get("/validation", headers={"accept-language": header}).text
    assert f"<h1>{WORDS['title'][lang]}</h1>" in text


def test_dark_and_light(client: TestClient) -> None:
    assert 'data-theme="dark"' in client.get("/validation?theme=dark").text
    assert 'data-theme="light"' in client.get("/validation?theme=<b>").text


def test_texts_cannot_carry_markup() -> None:
    report = validation.stored()
    report["cases"][0]["title"] = {"en": "<img src=x>", "zh": "<img src=x>"}
    assert "<img" not in page(report, "en") and "&lt;img src=x&gt;" in page(report, "en")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_misses_stand_out(lang: str) -> None:
    report = validation.stored()
    figure = report["cases"][0]["figures"][0]
    figure["holds"], figure["aim"] = False, {"limit": "at_most", "tolerance": 1.0, "reached": False}
    text = page(report, lang)
    assert f'<td class="no">{WORDS["no"][lang]}</td>' in text
    assert f'<td class="no">{WORDS["aim_no"][lang].format(text="≤ 1 m")}</td>' in text


def test_the_command_prints_one_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "ramey"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [c["key"] for c in printed["cases"]] == ["ramey"] and printed["held"] == 2


def test_a_part_of_the_cases_leaves_the_stored_report(tmp_path: Path) -> None:
    before = validation.report_path().read_bytes()
    target = tmp_path / "part.md"
    assert cli.main(["validate", "ramey", "-o", str(target)]) == 0
    assert "Ramey" in target.read_text("utf-8") and validation.report_path().read_bytes() == before


def test_a_figure_outside_makes_the_command_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(validation, "holds", lambda *_: False)
    with pytest.raises(SystemExit) as caught:
        cli.main(["validate", "ramey"])
    assert caught.value.code == 1 and "outside its tolerance: ramey.up_k" in capsys.readouterr().err


def test_bad_requests_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "theiss"]) == 2
    assert 'no case "theiss"' in capsys.readouterr().err
    assert cli.main(["validate", "ramey", "-o", str(tmp_path / "none" / "x.md")]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("error: --output")

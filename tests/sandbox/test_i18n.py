"""Every word of the page exists in both languages, and no template asks for one that does not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from trame.app import get_server

from sandbox.app import templates
from sandbox.forms import UNITS_ZH
from sandbox.i18n import LANGUAGES, dictionary, files, pick
from scenarios.causes import GROUPS
from scenarios.costs import load_library
from scenarios.decide import METHODS
from scenarios.decision import SOURCES
from scenarios.economics import BASELINES
from scenarios.kpis import KPIS

SANDBOX = Path(__file__).parents[2] / "sandbox"
SCRIPTS = ("format.js", "page.js", "timeline.js")
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def markup() -> str:
    server = get_server("words")
    server.client_type = "vue3"
    return "\n".join(templates(server).values())


def test_both_languages_hold_the_same_files_and_keys() -> None:
    keys = [
        {file.name: list(json.loads(file.read_text("utf-8"))) for file in files(lang)} for lang in LANGUAGES
    ]
    assert keys[0] == keys[1]


def test_no_key_stands_twice() -> None:
    for lang in LANGUAGES:
        pairs: list[tuple[str, str]] = []
        for file in files(lang):
            json.loads(file.read_text("utf-8"), object_pairs_hook=pairs.extend)
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys))


def test_placeholders_agree() -> None:
    zh, en = (dictionary(lang) for lang in LANGUAGES)
    for key in zh:
        names = [sorted(re.findall(r"\{(\w+)\}", text[key])) for text in (zh, en)]
        assert names[0] == names[1], key


def test_english_has_no_chinese_and_nothing_is_empty() -> None:
    zh, en = (dictionary(lang) for lang in LANGUAGES)
    assert not [key for key, text in en.items() if HAN.search(text)]
    assert not [key for key in zh if not zh[key].strip() or not en[key].strip()]


def test_templates_and_scripts_ask_for_words_that_exist(markup: str) -> None:
    source = markup + "".join((SANDBOX / "web" / name).read_text("utf-8") for name in SCRIPTS)
    asked = set(re.findall(r"\bt\.([a-z_][a-z_0-9]*)", source))
    assert len(asked) > 150
    assert asked <= set(dictionary("zh"))


def test_server_side_words_exist() -> None:
    source = "".join(path.read_text("utf-8") for path in SANDBOX.glob("**/*.py"))
    asked = set(re.findall(r"\b(?:text|toast)\(\"([a-z_0-9]+)\"", source))
    assert "event_start" in asked
    assert asked <= set(dictionary("zh"))


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("kpi_", list(KPIS)),
        ("how_", list(KPIS)),
        ("src_", list(KPIS)),
        ("rep_by_", list(GROUPS)),
        ("dec_", [*SOURCES, *METHODS]),
        ("group_", sorted({row.group for row in KPIS.values()})),
        ("state_", ["estimate", "refining", "simulated", "out_of_range", "stale"]),
        ("engine_", ["streamline", "simulation", "surrogate"]),
        ("kind_", ["producer", "injector", "storage", "monitor"]),
        ("choice_baseline_", list(BASELINES)),
        ("choice_grid_", list(load_library().grid)),
        ("factor_", list(load_library().factors)),
        ("evidence_", ["published", "derived", "assumption"]),
        ("verdict_", ["ok", "rounding", "differs"]),
        ("saved_", ["saved", "saving", "error"]),
    ],
)
def test_words_made_of_parts_exist(prefix: str, names: list[str]) -> None:
    assert [n for n in names if prefix + n not in dictionary("en")] == []


def test_unknown_language_is_refused() -> None:
    with pytest.raises(KeyError):
        dictionary("de")


def test_pick_falls_back_to_english_and_passes_plain_text() -> None:
    assert pick({"zh": "井", "en": "well"}, "zh") == "井"
    assert pick({"en": "well"}, "zh") == "well"
    assert pick("P-17", "zh") == "P-17"


def test_no_unit_hides_in_a_longer_one_that_is_replaced_later() -> None:
    names = [en for en, _ in UNITS_ZH]
    assert not [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if a in b]

"""The model card as data: figures of the shipped folder, the scheme's place in the range, words in both languages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.compute import Compute
from sandbox.i18n import LANGUAGES, dictionary
from sandbox.model_card import card_of, flag_of, shipped
from scenarios.scheme import Scheme, read_scheme
from twin_models.models import LIVE
from twin_models.sites import load_site


def session_of(scheme: Scheme, lang: str = "en") -> Any:
    compute = Compute(ThreadPoolExecutor(1))
    evaluation, _ = compute.estimate(scheme)
    return SimpleNamespace(compute=compute, scheme=scheme, evaluation=evaluation, lang=lang)


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return read_scheme(load_site("linqing-ab").schemes[0].path)


def test_the_card_shows_what_the_report_measured(scheme: Scheme) -> None:
    card, found = shipped()
    shown = card_of(session_of(scheme))
    assert [r["key"] for r in shown["rows"]] == ["null", "streamline", "inside", "surrogate", "coarse", "aim"]
    of = {r["key"]: r["rmse_k"] for r in shown["rows"]}
    assert of["surrogate"] == found["variants"]["surrogate"]["rmse_k"]
    assert of["surrogate"] < of["inside"] < of["streamline"] < of["null"]
    assert shown["sha256"] == card["sha256"] and len(shown["sha256"]) == 64
    assert shown["live"] is (LIVE == "surrogate")
    assert shown["online"]["free"] == {"audited": 0, "inside_pct": None, "factor": pytest.approx(1.0)}


def test_the_scheme_is_held_against_the_training_range(scheme: Scheme) -> None:
    inside = {r["key"]: r for r in card_of(session_of(scheme))["domain"]}
    assert all(r["inside"] is not False for r in inside.values()) and inside["wells"]["here"] == "2"
    wells = tuple(
        replace(w, well=replace(w.well, rate_m3_h=400.0)) if w.kind == "producer" else w for w in scheme.wells
    )
    fast = session_of(replace(scheme, wells=wells))
    shown = card_of(fast)
    assert {r["key"]: r for r in shown["domain"]}["rate_m3_h"]["inside"] is False
    for lang in LANGUAGES:
        flag = flag_of(fast.evaluation.forecast, lang)
        assert flag is not None and any("400" in r["text"] for r in flag["reasons"])
    assert shown["flag"]["reasons"]


def test_every_row_has_its_words(scheme: Scheme) -> None:
    shown = card_of(session_of(scheme))
    for lang in LANGUAGES:
        words = dictionary(lang)
        for row in shown["rows"]:
            assert words[f"model_row_{row['key']}"]
        for row in shown["domain"]:
            assert words[f"model_q_{row['key']}"]
        assert all(text[lang] for text in shown["left_out"])


@pytest.mark.parametrize("site", ["caofeidian", "linqing", "linqing-ab"])
def test_shipped_fields_lie_inside_the_training_range(site: str) -> None:
    """The flag says something only if it is down where people start."""
    for entry in load_site(site).schemes[:2]:
        session = session_of(read_scheme(entry.path))
        assert session.evaluation.forecast.in_range, (site, entry.path.name, card_of(session)["flag"])

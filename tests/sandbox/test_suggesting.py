"""The search beside a session: it stands aside, ends when told, and says what is left to accept."""

from __future__ import annotations

import threading
import time

import pytest

from sandbox.i18n import LANGUAGES, dictionary
from sandbox.suggesting import Found, News, Polite, Search, group_names, reasons, rows_left, without
from scenarios import optimise
from scenarios.edits import move_target
from scenarios.scheme import Scheme
from services.store import Store
from services.workspace import Workspace
from twin_models.base import Cancelled


@pytest.fixture(scope="module")
def scheme(tmp_path_factory: pytest.TempPathFactory) -> Scheme:
    store = Store(tmp_path_factory.mktemp("suggest") / "log.sqlite")
    return Workspace.open(store, "s", "caofeidian").active.scheme


def moved(scheme: Scheme, *names: str) -> Scheme:
    for name in names:
        well = scheme.well(name)
        scheme, _ = move_target(scheme, name, x_m=well.x_m + 60.0, y_m=well.y_m)
    return scheme


def test_the_batch_waits_for_the_hand_and_ends_when_told() -> None:
    stop, held, counted = threading.Event(), threading.Event(), []
    batch = Polite(stop, held.is_set, counted.append)
    assert batch.map(lambda x: 2 * x, [1, 2, 3]) == [2, 4, 6]
    assert counted == [1, 1, 1]
    held.set()
    threading.Timer(0.15, held.clear).start()
    began = time.monotonic()
    batch.map(str, [1])
    assert time.monotonic() - began >= 0.1
    stop.set()
    with pytest.raises(Cancelled):
        batch.map(str, [1])


def test_what_is_left_shrinks_with_what_the_scheme_has(scheme: Scheme) -> None:
    proposal = moved(scheme, "P-17", "I-25")
    assert {r["name"] for r in rows_left(scheme, scheme, proposal)} == {"P-17", "I-25"}
    taken, edit = optimise.accept(scheme, proposal, ["P-17"])
    assert [r["name"] for r in rows_left(scheme, taken, proposal)] == ["I-25"]
    assert "P-17" in edit.label_en
    assert "P-17" in edit.label_zh
    assert rows_left(scheme, proposal, proposal) == []
    # What the user did to other wells is the user's own and no ghost.
    other = moved(scheme, "P-18")
    assert {r["name"] for r in rows_left(scheme, other, proposal)} == {"P-17", "I-25"}


def test_taking_one_group_back_leaves_the_others(scheme: Scheme) -> None:
    problem = optimise.problem_of(scheme, "npv_cny")
    proposal = moved(scheme, "P-17", "I-25")
    rows = rows_left(scheme, scheme, proposal)
    assert sorted(group_names(rows)) == [("I-25",), ("P-17",)]
    back = without(problem, proposal, ("P-17",))
    assert back.well("P-17").x_m == scheme.well("P-17").x_m
    assert back.well("I-25").x_m == pytest.approx(scheme.well("I-25").x_m + 60.0)


def test_a_search_that_is_stopped_keeps_what_it_found_as_an_estimate(scheme: Scheme) -> None:
    heard: list[News] = []
    first, over = threading.Event(), threading.Event()

    def tell(news: News) -> None:
        heard.append(news)
        if news.found:
            first.set()
        if news.phase != "searching":
            over.set()

    search = Search(optimise.problem_of(scheme, "npv_cny"), lambda: False, tell)
    search.start()
    assert first.wait(30)
    search.stop()
    assert over.wait(5)
    best: Found = heard[-1].found[0]
    assert heard[-1].phase == "stopped"
    assert best.state == "estimate"
    assert best.values["npv_cny"] > best.before["npv_cny"]


def test_every_phase_has_its_words_in_both_languages() -> None:
    for lang in LANGUAGES:
        words = dictionary(lang)
        for phase in ("searching", "stopping", "done", "stopped", "failed"):
            assert "{n}" in words[f"suggest_{phase}"]
    assert dictionary("en")["rail_suggest"]


def test_money_is_explained_by_what_is_sold_and_paid_and_nothing_by_what_hardly_moved() -> None:
    rest: dict[str, float | None] = {
        "annual_heat_gj": 662e3,
        "capex_cny": 194e6,
        "opex_cny_per_year": 8.6e6,
        "max_drawdown_bar": 10.5,
        "temperature_decline_k": 0.0193,
    }
    whole = rest | {
        "annual_heat_gj": 803e3,
        "capex_cny": 205e6,
        "max_drawdown_bar": 13.0,
        "temperature_decline_k": 0.0218,
    }
    assert reasons("npv_cny", whole, rest) == {
        "annual_heat_gj": 141e3,
        "capex_cny": 11e6,
        "max_drawdown_bar": 2.5,
    }
    assert list(reasons("lifetime_years", whole, rest)) == ["max_drawdown_bar", "annual_heat_gj", "capex_cny"]
    assert reasons("npv_cny", rest, rest) == {}

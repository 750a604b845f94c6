"""Futures beside a session: computed on a thread that stands aside, kept by scheme and beliefs, ended when told."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from sandbox.futures import Futures, range_rows
from scenarios.evaluate import evaluate
from scenarios.futures import usual_beliefs
from scenarios.scheme import read_scheme
from tests.scenarios.test_futures import BOX


@pytest.fixture(scope="module")
def evaluation() -> Any:
    return evaluate(read_scheme(BOX), "streamline")


def test_results_are_told_and_kept_for_the_same_scheme_and_beliefs(evaluation: Any) -> None:
    over = threading.Event()
    runner = Futures(lambda: False, over.set)
    beliefs = usual_beliefs(evaluation.scheme, count=40)
    runner.begin({"s0": evaluation}, beliefs)
    assert over.wait(30)
    first = runner.ensembles["s0"]
    assert first.complete
    assert not runner.failed
    runner.begin({"s0": evaluation, "s1": evaluation}, beliefs)
    assert runner.ensembles["s0"] is first
    assert runner.ensembles["s1"] is first  # the same scheme under two names
    assert not runner.running
    runner.begin({"s0": evaluation}, replace(beliefs, seed=1))
    assert runner.ensembles["s0"] is not first
    runner.stop()


def test_the_thread_waits_for_the_hand_and_ends_when_told(evaluation: Any) -> None:
    asked, told = threading.Event(), []

    def held() -> bool:
        asked.set()
        return True

    runner = Futures(held, lambda: told.append(1))
    runner.begin({"s0": evaluation}, usual_beliefs(evaluation.scheme, count=40))
    assert asked.wait(10)
    thread = runner._thread
    assert runner.ensembles["s0"].done == 0
    runner.stop()
    assert thread is not None
    thread.join(10)
    assert not thread.is_alive()
    assert not told


def test_what_is_uncertain_is_listed_unit_by_unit(evaluation: Any) -> None:
    rows = range_rows(usual_beliefs(evaluation.scheme))
    assert [r["group"] for r in rows] == ["upper"] * 3 + ["lower"] * 3 + [""] * 4
    assert all(r["low"] <= 0.0 <= r["high"] for r in rows)

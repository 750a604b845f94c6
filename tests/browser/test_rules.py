"""Where the handle stops while a well is in the hand: the page's own rules, answered in the same frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SOURCE = (Path(__file__).parents[2] / "sandbox" / "web" / "rules.js").read_text("utf-8")
WELL = {"id": "P1", "kind": "producer", "x_m": 0, "y_m": 0, "head_x_m": 0, "head_y_m": 0}
SITE = {
    "rules": [],
    "box": {"origin_m": [-1000, -1000], "extent_m": [2000, 2000]},
    "keep_out": [[[100, -200], [500, -200], [500, 200], [100, 200]]],
}


@pytest.fixture(scope="module")
def rules(browser: Any) -> Iterator[Any]:
    """A blank page with only the rules in it."""
    page = browser.new_page()
    page.evaluate(
        "async (s) => { window.rules = await import('data:text/javascript,' + encodeURIComponent(s)); }",
        SOURCE,
    )
    yield page
    page.close()


def legal(page: Any, x: float, y: float) -> list[float]:
    return page.evaluate("([s, w, x, y]) => rules.nearestLegal(s, [w], w, x, y, null)", [SITE, WELL, x, y])


def test_a_handle_stops_at_the_nearest_edge_of_a_keep_out_area(rules: Any) -> None:
    assert legal(rules, 150, 0) == pytest.approx([100, 0], abs=0.2)  # 50 m from the west edge
    assert legal(rules, 300, 190) == pytest.approx([300, 200], abs=0.2)  # 10 m from the north edge
    assert legal(rules, 50, 0) == [50, 0]  # outside: where the hand is
    x, y = legal(rules, 150, 0)
    assert not rules.evaluate("([r, x, y]) => rules.insideRing(r, x, y)", [SITE["keep_out"][0], x, y])


def test_what_stopped_it_is_named(rules: Any) -> None:
    ask = (
        "([s, w, x, y]) => rules.checkTarget(s, [w], w, x, y).map((f) => [f.kind, f.severity, f.other.name])"
    )
    x, y = legal(rules, 150, 0)
    assert rules.evaluate(ask, [SITE, WELL, x, y]) == [["keep_out", "hard", "1"]]
    assert rules.evaluate(ask, [SITE, WELL, 0, 0]) == []


def test_a_handle_stays_in_the_model(rules: Any) -> None:
    assert legal(rules, 5000, 0) == pytest.approx([1000, 0], abs=0.1)


def test_a_dear_frame_waits_for_the_hand_to_pause(browser: Any) -> None:
    """Where frames are dear none is drawn until the hand has rested for 200 ms; without a hand it comes at once."""
    page = browser.new_page()
    page.evaluate(
        "async (s) => { window.pace = await import('data:text/javascript,' + encodeURIComponent(s)); }",
        (Path(__file__).parents[2] / "sandbox" / "web" / "pace.js").read_text("utf-8"),
    )
    waited = page.evaluate(
        """async () => {
             const gl = { fenceSync: () => 1, flush() {}, clientWaitSync: () => 0, deleteSync() {}, getExtension: () => null };
             const after = async (moves) => {
               let drawn;
               const done = new Promise((resolve) => { drawn = resolve; });
               const p = new pace.Pace(gl, () => drawn(performance.now()));
               p.cost = 150;
               p.calm = moves > 0;
               p.handAt = performance.now() + moves;
               const from = performance.now();
               p.invalidate();
               return await done - from;
             };
             return [await after(300), await after(0)];
           }"""
    )
    page.close()
    assert waited[0] >= 499
    assert waited[1] < waited[0]

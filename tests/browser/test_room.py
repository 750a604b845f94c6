"""Panels over the scene give way to the wells, and a film that is left leaves the scene as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import act, drag, settled

INSETS = (Path(__file__).parents[2] / "sandbox" / "web" / "insets.js").read_text("utf-8")
SCENE = {"left": 56, "top": 84, "right": 1066, "bottom": 724}
DRAWER = {"left": 56, "top": 84, "right": 356, "bottom": 724}
SHEET = {"left": 634, "top": 84, "right": 1066, "bottom": 724}
CHARTS = {"left": 56, "top": 464, "right": 1066, "bottom": 724}
NOTE = {"left": 900, "top": 90, "right": 1060, "bottom": 130}


def test_what_panels_cover_of_the_picture(browser: Any) -> None:
    page = browser.new_page()
    page.evaluate(
        "async (s) => { window.room = await import('data:text/javascript,' + encodeURIComponent(s)); }",
        INSETS,
    )

    def covered(*panels: dict[str, int]) -> list[int]:
        inset = page.evaluate("([box, panels]) => room.covered(box, panels)", [SCENE, list(panels)])
        return [inset[side] for side in ("left", "top", "right", "bottom")]

    assert covered() == [0, 0, 0, 0]
    assert covered(DRAWER, CHARTS) == [300, 0, 0, 260]
    assert covered(SHEET) == [0, 0, 432, 0]
    assert covered(DRAWER, SHEET) == [300, 0, 0, 0]  # 278 px would be left: the sheet lies over the picture
    assert covered(NOTE) == [0, 0, 0, 0]
    assert covered({**DRAWER, "left": -300, "right": 0}) == [0, 0, 0, 0]
    page.close()


def targets(page: Any) -> dict[str, dict[str, Any]]:
    return {h["id"]: h for h in page.evaluate("() => window.geosandbox.handles()") if h["handle"] == "target"}


def test_no_well_lies_under_an_open_drawer_and_dragging_stays_exact(page: Any) -> None:
    assert page.viewport_size["width"] == 1366
    wide = targets(page)
    page.evaluate("() => window.trame.state.set('ui_drawer', true)")
    drawer = page.locator(".drawer").first
    drawer.wait_for()
    page.wait_for_function("() => window.gs.app.viewer.inset.left === 300")
    settled(page)
    edge = drawer.bounding_box()
    free = targets(page)
    assert len(free) == len(page.evaluate("() => window.trame.state.get('wells')"))
    assert all(h["x"] > edge["x"] + edge["width"] + 20 for h in free.values())
    assert page.locator(".scales").bounding_box()["x"] >= edge["x"] + edge["width"]

    producers = [h for h in free.values() if h["kind"] == "producer"]
    held = min(producers, key=lambda h: h["x"])
    drag(page, held, 24, 10)
    settled(page)
    there = targets(page)[held["id"]]
    assert (there["x"], there["y"]) == pytest.approx((held["x"] + 24, held["y"] + 10), abs=1.0)

    page.evaluate("() => window.trame.state.set('ui_drawer', false)")
    page.wait_for_function("() => window.gs.app.viewer.inset.left === 0")
    settled(page)
    back = targets(page)
    still = next(h for h in producers if h["id"] != held["id"])["id"]
    assert (back[still]["x"], back[still]["y"]) == pytest.approx(
        (wide[still]["x"], wide[still]["y"]), abs=1.0
    )


def test_a_sheet_opened_by_key_takes_the_focus_and_gives_it_back(page: Any) -> None:
    opener = page.get_by_test_id("explain-npv_cny")
    opener.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.xp')?.contains(document.activeElement)")
    page.keyboard.press("Escape")
    page.locator(".xp").wait_for(state="detached")
    page.wait_for_function("() => document.activeElement?.dataset.testid === 'explain-npv_cny'")
    page.keyboard.press("?")
    page.locator(".sheet").wait_for()
    page.keyboard.press("Escape")
    page.locator(".sheet").wait_for(state="detached")


def test_escape_leaves_the_film_and_the_floor_as_it_is(page: Any) -> None:
    page.emulate_media(reduced_motion="reduce")  # the film lies at its end, and is moved by hand
    well = next(w for w in page.evaluate("() => window.geosandbox.scheme().wells") if w["kind"] == "producer")
    assert act(page, "nudge", {"well": well["name"], "dx_m": 300, "dy_m": 0, "handle": "target"})["ok"]
    settled(page)
    act(page, "replay")
    moment = page.get_by_test_id("replay-at")
    moment.wait_for()
    page.wait_for_function(
        "() => window.gs.app.replayer.mixed && window.trame.state.get('ui_replay').at === 1"
    )
    pale = "() => [window.gs.app.viewer.mute, window.gs.app.viewer.views[0].field === window.gs.app.replayer.mixed]"
    moment.press("Home")
    assert page.evaluate(pale) == [1, True]
    moment.press("Escape")
    page.get_by_test_id("replay-panel").wait_for(state="detached")
    settled(page)
    assert page.evaluate(pale) == [0, False]

    act(page, "replay")
    moment.wait_for()
    page.wait_for_function("() => window.trame.state.get('ui_replay').at === 1")
    moment.press("Home")
    act(page, "set_workspace", {"workspace": "compare"})
    settled(page)
    assert page.evaluate(pale) == [0, False]
    assert page.evaluate("() => window.trame.state.get('replay')") is None

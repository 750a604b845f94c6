"""The mine, the import and the why drawer, used as a person would use them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import act, settled
from tests.services.test_importer import GOOD


@pytest.fixture(scope="module")
def page(shared_page: Any) -> Any:
    return shared_page


def state(page: Any, key: str) -> Any:
    return page.evaluate("(k) => window.trame.state.get(k)", key)


def test_a_level_is_moved_and_the_heat_follows(page: Any) -> None:
    """30 K/km: 300 m less depth is 9 K less; with a handle in the scene, then by key, then taken back."""
    act(page, "set_site", {"name": "jiaodong"})
    page.wait_for_function("() => window.trame.state.get('site').mine === true")
    settled(page)
    page.locator("#gs-rail-mining").click()
    page.wait_for_function("() => window.trame.state.get('mine')?.answer")
    settled(page)
    before = page.get_by_test_id("mining-mean").inner_text()
    handle = page.get_by_test_id("mine-handle-2-level")
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in (15, 30, 45):
        page.mouse.move(x, y - step)
    page.mouse.up()
    page.wait_for_function("() => window.trame.state.get('mine').can_undo")
    settled(page)
    depth = state(page, "mine")["mine"]["levels"][2]["depth_m"]
    assert depth < 1950
    assert state(page, "mine")["answer"]["levels"][2]["rock_degc"] == pytest.approx(13 + 0.03 * depth)
    assert page.get_by_test_id("mining-mean").inner_text() != before
    handle.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function(
        "(d) => window.trame.state.get('mine').mine.levels[2].depth_m === d", arg=depth + 10
    )
    act(page, "mine_reset")
    settled(page)
    page.wait_for_function("() => !window.trame.state.get('mine').edited")
    assert page.get_by_test_id("mining-mean").inner_text() == before


def test_tables_of_ones_own_become_a_site(page: Any, tmp_path: Path) -> None:
    """Without its import.yaml the heads say less: every missing rate is told by row, and two choices mend it."""
    for name, text in GOOD.items():
        if name != "import.yaml":
            (tmp_path / name).write_text(text, encoding="utf-8")
    page.locator(".pname").click()
    page.get_by_test_id("importing-open").click()
    page.get_by_test_id("importing-files").set_input_files(sorted(tmp_path.iterdir()))
    page.get_by_test_id("importing-faults").wait_for()
    faults = page.get_by_test_id("importing-faults").inner_text()
    assert faults.count("wells.csv 第") == 4
    assert page.get_by_test_id("importing-make").is_disabled()
    assert "my-field" not in [s["name"] for s in state(page, "sites")]
    ready = "() => { const u = window.trame.state.get('ui_import'); return !u.busy && u.report?.ready; }"
    page.get_by_test_id("use-wells-设计水量").select_option("rate")
    page.get_by_test_id("unit-wells-rate").wait_for()  # 1920 m3/h would be too much, so it is not ready yet
    page.get_by_test_id("unit-wells-rate").select_option("m3/d")
    page.wait_for_function(ready)
    assert page.locator(".imap circle").count() == 4
    page.get_by_test_id("importing-make").click()
    page.wait_for_function("() => window.trame.state.get('site').name === 'my-field'")
    settled(page)
    rates = {w["id"]: w["rate_m3_h"] for w in state(page, "wells")}
    assert rates["P-1"] == pytest.approx(1920 / 24)


def test_why_shows_the_path_of_a_sentence(page: Any) -> None:
    page.locator("#gs-rail-why").click()
    page.get_by_test_id("why").wait_for()
    settled(page)
    assert page.get_by_test_id("path-why-1").count() == 0
    page.get_by_test_id("why-1").click()
    chain = page.get_by_test_id("path-why-1").locator("li").count()
    assert chain >= 2
    assert page.locator(".wyg path.on").count() == chain - 1
    assert page.locator(".wyg g.on").count() == chain
    act(page, "set_lang", {"lang": "en"})
    settled(page)
    shown = page.get_by_test_id("why-measure_next").inner_text()
    assert shown
    assert not [c for c in shown if "\u4e00" <= c <= "\u9fff"]

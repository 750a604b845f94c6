"""The panels round the scene: where they stand, what they say, and edits without a mouse in the scene."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from scenarios.kpis import KPIS
from tests.browser.conftest import act, kpi, settled

REGIONS = ("topbar", "schemes", "scene", "kpi", "timeline")
OVERLAYS = (".scales", ".tools", ".lg", ".sbar")


def box(page: Any, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found, selector
    return found


def apart(a: dict[str, float], b: dict[str, float]) -> bool:
    return (
        a["x"] + a["width"] <= b["x"] + 1
        or b["x"] + b["width"] <= a["x"] + 1
        or a["y"] + a["height"] <= b["y"] + 1
        or b["y"] + b["height"] <= a["y"] + 1
    )


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768)])
def test_regions_never_overlap_and_nothing_scrolls(
    open_page: Callable[..., Any], width: int, height: int
) -> None:
    page = open_page(width, height)
    for lang in ("zh", "en"):
        if page.evaluate("() => window.trame.state.get('lang')") != lang:
            page.get_by_test_id("lang").click()
            page.wait_for_function(f"() => document.documentElement.lang.startsWith('{lang}')")
        boxes = [box(page, f'[data-testid="{name}"]') for name in REGIONS]
        for i, one in enumerate(boxes):
            assert all(apart(one, other) for other in boxes[i + 1 :]), (lang, REGIONS[i])
            assert one["x"] >= 0
            assert one["x"] + one["width"] <= width + 1
        over = [box(page, f'[data-testid="scene"] {name}') for name in OVERLAYS]
        for i, one in enumerate(over):
            assert all(apart(one, other) for other in over[i + 1 :]), (lang, OVERLAYS[i])
        size = page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        assert size == [width, height]
        cut = page.evaluate(
            """() => [...document.querySelectorAll('.topbar .tabs button, .kc .kv, .rail button, .scales button')]
                 .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"""
        )
        assert cut == []


def test_all_figures_are_on_the_page_and_targets_are_large_enough(page: Any) -> None:
    for key in KPIS:
        assert page.get_by_test_id(f"kpi-{key}").count() == 1
        assert page.get_by_test_id(f"explain-{key}").count() == 1
    small = page.evaluate(
        """() => [...document.querySelectorAll('button')].map(b => [b.getBoundingClientRect(), b.outerHTML.slice(0, 90)])
             .filter(([r]) => r.width > 0 && (r.width < 23.5 || r.height < 23.5)).map(([r, h]) => h)"""
    )
    # Marks on the timeline are exempt: the slider under them does the same.
    assert [h for h in small if 'class="ev' not in h] == []


def test_no_chinese_is_left_in_english_and_no_key_in_either(page: Any) -> None:
    page.get_by_test_id("lang").click()
    page.wait_for_function("() => document.documentElement.lang === 'en'")
    settled(page)
    for drawer in ("wells", "layers", "subsurface", "surface", "economics", "assumptions", "outline"):
        act(page, "set_drawer", {"drawer": drawer})
        page.evaluate("() => window.trame.state.set('ui_drawer', true)")
        page.wait_for_timeout(120)
        text = page.evaluate(
            "() => document.querySelector('.drawerhost').innerText + document.querySelector('.kpi').innerText"
        )
        assert not re.search(r"[\u4e00-\u9fff]", text), drawer
        assert not re.search(r"\b(?:kpi|chart|vary|rock|fields|assume)_[a-z_]+\b", text), drawer
        assert "undefined" not in text
        assert "NaN" not in text


def test_a_figure_is_explained_with_its_own_numbers(page: Any) -> None:
    page.get_by_test_id("explain-lcoh_cny_per_gj").click()
    sheet = page.locator(".xp")
    sheet.wait_for()
    shown = page.get_by_test_id("kpi-lcoh_cny_per_gj").locator(".kv b").inner_text()
    assert sheet.locator(".xv b").inner_text() == shown
    assert "=" in sheet.locator(".fx").inner_text()
    assert sheet.locator(".xr").count() >= 5
    assert sheet.locator(".dots .on").count() <= 20
    assert page.get_by_test_id("kpi-npv_cny").is_visible()


def test_a_price_changes_the_money_and_a_wrong_one_says_so_at_the_field(page: Any) -> None:
    act(page, "set_drawer", {"drawer": "economics"})
    page.evaluate("() => window.trame.state.set('ui_drawer', true)")
    before = kpi(page)
    field = page.locator('[id="f-discount_rate"]')
    field.fill("4")
    field.press("Enter")
    page.wait_for_function(f"() => window.geosandbox.kpi().npv_cny.value > {before['npv_cny']['value']}")
    settled(page)
    assert kpi(page)["thermal_power_mw"]["value"] == pytest.approx(before["thermal_power_mw"]["value"])
    good = kpi(page)["npv_cny"]["value"]
    field.fill("900")
    field.press("Enter")
    page.locator(".fr .error").wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    assert kpi(page)["npv_cny"]["value"] == pytest.approx(good)


def test_a_well_is_moved_and_removed_from_the_outline_by_keyboard(page: Any) -> None:
    page.keyboard.press("Tab")
    row = page.get_by_test_id("outline").locator('[role="treeitem"][aria-level="2"]').first
    row.focus()
    name = row.get_attribute("data-well")

    def well() -> dict[str, Any] | None:
        scheme = page.evaluate("() => window.geosandbox.scheme()")
        return next((w for w in scheme["wells"] if w["name"] == name), None)

    before = well()
    assert before
    row.press("Enter")
    page.wait_for_function(f"() => window.trame.state.get('selected') === '{name}'")
    row.press("Alt+ArrowRight")
    page.wait_for_function(
        f"() => window.geosandbox.scheme().wells.find(w => w.name === '{name}').x_m !== {before['x_m']}"
    )
    moved = well()
    assert moved
    assert moved["x_m"] == pytest.approx(before["x_m"] + 50, abs=0.11)
    row.press("Delete")
    page.wait_for_function(f"() => !window.geosandbox.scheme().wells.some(w => w.name === '{name}')")
    page.get_by_test_id("undo").click()
    page.wait_for_function(f"() => window.geosandbox.scheme().wells.some(w => w.name === '{name}')")


def test_each_cell_of_the_table_is_scheme_minus_baseline(page: Any) -> None:
    page.get_by_test_id("ws-compare").click()
    page.wait_for_function("() => (window.trame.state.get('compare')?.columns || []).length >= 3")
    table = page.evaluate("() => window.trame.state.get('compare')")
    base = next(c["id"] for c in table["columns"] if c["baseline"])
    for row in table["table"]:
        for cell in row["cells"].values():
            if cell["delta"] is not None:
                assert cell["delta"] == pytest.approx(cell["value"] - row["cells"][base]["value"])
            if cell["delta_low"] is not None:
                assert cell["delta_low"] <= cell["delta"] + 1e-9
                assert cell["delta_high"] >= cell["delta"] - 1e-9
    npv = page.locator('tr[data-key="npv_cny"] .d').first
    better = npv.evaluate("e => e.classList.contains('up')")
    arrow = npv.inner_text()[0]
    assert (arrow == "▲") == better or arrow == "≈"
    views = [page.get_by_test_id(f"view-{side}").bounding_box() for side in "ab"]
    assert apart(*views)
    assert views[0]["width"] == pytest.approx(views[1]["width"], abs=2)

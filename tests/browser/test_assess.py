"""Assessments in the scene: a weight, a correlation or a temperature moves, and map, curves and numbers follow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import act, settled

LINQING = {"x_m": -61_000.0, "y_m": -6_000.0}
FAR_FROM_ANY_FIELD = {"x_m": -20_000.0, "y_m": -30_000.0}


@pytest.fixture(scope="module")
def basin(shared_page: Any) -> Any:
    """At basin scale: the tests leave it there."""
    act(shared_page, "set_scale", {"scale": "basin"})
    shared_page.get_by_test_id("heat-total").wait_for()
    settled(shared_page)
    return shared_page


def slide(page: Any, testid: str, value: float) -> None:
    """Move a slider the way a hand does: an input event, no change event."""
    page.get_by_test_id(testid).evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )
    settled(page)


def state(page: Any, key: str) -> Any:
    return page.evaluate("(k) => window.trame.state.get(k)", key)


def picture(page: Any) -> str:
    return page.evaluate("() => window.gs.png()")


def text(page: Any, testid: str) -> str:
    return page.get_by_test_id(testid).inner_text()


def figure(page: Any, testid: str) -> float:
    return float(
        "".join(c for c in text(page, testid).replace("P5", "").replace("P95", "") if c in "0123456789.")
    )


def test_correlation_widens_histogram_curve_and_band(basin: Any) -> None:
    """Units alike: the 90 % band is 2.2 times as wide as with independent draws (source 003, recomputed)."""
    slide(basin, "heat_units", 0)
    before = list(state(basin, "resource")["sums"]["bars"])
    curve = basin.get_by_test_id("heat-exceedance").get_attribute("d")
    assert figure(basin, "heat-mean") == pytest.approx(5.54, abs=0.005)
    assert figure(basin, "heat-p5") == pytest.approx(4.76, abs=0.011)
    slide(basin, "heat_units", 1)
    assert figure(basin, "heat-mean") == pytest.approx(5.54, abs=0.005)
    assert figure(basin, "heat-p5") == pytest.approx(3.83, abs=0.02)
    assert figure(basin, "heat-p95") == pytest.approx(7.33, abs=0.02)
    assert state(basin, "resource")["total"]["width"] == pytest.approx(2.24, abs=0.03)
    bars = state(basin, "resource")["sums"]["bars"]
    assert max(bars) < 0.6 * max(before)
    assert basin.get_by_test_id("heat-exceedance").get_attribute("d") != curve
    slide(basin, "heat_units", 0)


def test_recovery_factor_scales_what_can_be_produced(basin: Any) -> None:
    slide(basin, "heat_recovery", 0.2)
    assert text(basin, "heat-recoverable").startswith("1.11")  # 0.20 x 5.5376
    slide(basin, "heat_recovery", 0.4)
    assert text(basin, "heat-recoverable").startswith("2.22")


def test_printed_figures_stand_beside_ours_with_the_reason(basin: Any) -> None:
    basin.get_by_test_id("printed-heat").click()
    settled(basin)
    rows = basin.locator(".pf")
    assert rows.count() == 33
    assert basin.locator(".pf.differs").count() == 6
    assert "19" in basin.locator(".pf.differs").first.inner_text()
    assert all(basin.locator(".pf.differs small:not(.where)").nth(i).inner_text() for i in range(6))
    basin.get_by_test_id("printed-heat").click()


def test_a_weight_repaints_map_and_shares(basin: Any) -> None:
    act(basin, "colour_by", {"quantity": "suitability"})
    basin.get_by_test_id("suitability").wait_for()
    settled(basin)
    cells, shown = state(basin, "suit_map")["cells"], picture(basin)
    share = text(basin, "suit-share-5")
    good = figure(basin, "suit-good-HM")
    slide(basin, "suit_thickness", 0.4)
    assert state(basin, "suit_map")["cells"] != cells
    assert picture(basin) != shown
    assert text(basin, "suit-share-5") != share
    assert figure(basin, "suit-good-HM") > good  # Huimin has the thickest reservoir
    assert basin.get_by_test_id("suit-preset").input_value() == "own"
    total = sum(figure(basin, f"suit-share-{n}") for n in range(1, 6))
    assert total == pytest.approx(100.0, abs=0.3)
    basin.get_by_test_id("suit-preset").select_option("published")
    settled(basin)
    assert state(basin, "suit_map")["cells"] == cells
    assert picture(basin) == shown


def test_a_refused_combination_says_so(basin: Any) -> None:
    basin.get_by_test_id("suit-preset").select_option("combined")
    settled(basin)
    assert "10.6" in text(
        basin, "suit-combination"
    )  # its third coefficient is negative, so the average is used
    basin.get_by_test_id("suit-preset").select_option("published")
    settled(basin)


def test_a_click_says_what_drives_the_class(basin: Any) -> None:
    box = basin.get_by_test_id("scene").bounding_box()
    basin.mouse.click(box["x"] + 0.40 * box["width"], box["y"] + 0.48 * box["height"])
    settled(basin)
    assert basin.locator(".spart").count() == 9
    assert text(basin, "suit-class") in ("I", "II", "III", "IV", "V")
    signs = [basin.locator(".spart b").nth(i).inner_text() for i in range(9)]
    sizes = [abs(float(s.replace("\u2212", "-"))) for s in signs]
    assert sizes == sorted(sizes, reverse=True)


def test_where_no_field_stands_the_page_says_what_is_missing(basin: Any) -> None:
    act(basin, "suit_at", FAR_FROM_ANY_FIELD)
    settled(basin)
    assert basin.get_by_test_id("suit-missing").locator("li").count() == 4
    assert basin.get_by_test_id("suit-start").count() == 0
    schemes = state(basin, "schemes")
    answer = act(basin, "suit_start")
    assert answer["ok"] is False
    assert answer["text"] == state(basin, "t")["suit_no_field"]
    assert state(basin, "schemes") == schemes


def test_panels_speak_both_languages(basin: Any) -> None:
    act(basin, "suit_at", LINQING)
    act(basin, "set_lang", {"lang": "en"})
    settled(basin)
    shown = basin.get_by_test_id("suitability").inner_text()
    assert not [c for c in shown if "\u4e00" <= c <= "\u9fff"]
    act(basin, "set_lang", {"lang": "zh"})


def test_temperature_beyond_90_raises_the_class_of_the_field(basin: Any) -> None:
    """Source 002: F 0.787, class II-1; at 90 degC and above grade 0.7 for 0.4, weight 8 %: 0.811, class I-2."""
    act(basin, "set_scale", {"scale": "field"})
    act(basin, "set_drawer", {"drawer": "subsurface"})
    settled(basin)
    assert text(basin, "quality-score") == "0.787"
    assert "II" not in text(basin, "quality-class")  # Roman numerals of the source are single signs
    assert basin.locator(".qi").count() == 16
    assert "0.0423" in text(basin, "quality-matrix-B1")
    assert "0.048 / 0.035" in text(basin, "quality-matrix-C4")
    printed = text(basin, "quality-class")
    slide(basin, "quality_temperature", 92)
    assert text(basin, "quality-score") == "0.811"
    assert text(basin, "quality-class") != printed
    basin.get_by_test_id("quality-as-printed").click()
    settled(basin)
    assert text(basin, "quality-score") == "0.787"


def test_a_judgement_is_edited_and_checked(basin: Any) -> None:
    """C4 with D9:D11 = 1/2 and its inverse: CR 0.0481 (index 1.12), weights that add to 100 % again."""
    basin.get_by_test_id("quality-edit-C4").click()
    cell = basin.get_by_test_id("quality-C4-1-3")
    cell.fill("99")
    cell.press("Enter")
    basin.locator(".qgrid .error").wait_for()
    assert "0.0129" in text(basin, "quality-matrix-C4")  # refused: nothing has moved
    cell.fill("0.5001")
    cell.press("Enter")
    basin.wait_for_function("() => window.trame.state.get('quality').edited.length === 1")
    assert "0.048" in text(basin, "quality-matrix-C4")
    assert basin.locator("[data-testid=quality-matrix-C4] .bad").count() == 0
    assert float(text(basin, "quality-score")) == pytest.approx(0.773, abs=0.0015)
    basin.get_by_test_id("quality-as-printed").click()
    settled(basin)
    assert text(basin, "quality-score") == "0.787"
    assert basin.locator("[data-testid=quality-matrix-C4] .bad").count() == 1
    act(basin, "set_scale", {"scale": "basin"})


def test_a_suitable_place_with_a_field_becomes_a_scheme(basin: Any) -> None:
    act(basin, "colour_by", {"quantity": "suitability"})
    act(basin, "suit_at", LINQING)
    settled(basin)
    assert text(basin, "suit-class") == "V"
    basin.get_by_test_id("suit-start").click()
    basin.wait_for_function("() => window.trame.state.get('site').name === 'linqing'")
    settled(basin)
    active = next(s for s in state(basin, "schemes") if s["active"])
    assert active["name"].startswith("V ")
    assert not active["baseline"]
    assert state(basin, "scale") == "field"


def test_a_block_is_regrouped_and_the_reservoir_answers(basin: Any) -> None:
    """Source 004: 65 wells, 21 blocks, 30 kept, 26 standing by, 30 new injectors; then one community stands alone."""
    act(basin, "set_drawer", {"drawer": "linking"})
    basin.get_by_test_id("linking-start").click()
    basin.wait_for_function("() => window.trame.state.get('blocks')?.answers?.state === 'simulated'")
    settled(basin)
    shown = {
        k: text(basin, f"linking-{k}") for k in ("wells", "blocks", "kept", "standby", "injectors", "alone")
    }
    assert shown == {
        "wells": "65",
        "blocks": "21",
        "kept": "30",
        "standby": "26",
        "injectors": "30",
        "alone": "8",
    }
    cost, outline = text(basin, "linking-row-npv_cny"), basin.locator(".gs-blocks path")
    assert outline.count() == 29
    dot = basin.locator(".gs-blocks circle").nth(0).bounding_box()
    basin.get_by_test_id("linking-lasso").click()
    x, y = dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2
    basin.mouse.move(x - 7, y - 7)
    basin.mouse.down()
    for dx, dy in ((7, -7), (7, 7), (-7, 7), (-7, -7)):
        basin.mouse.move(x + dx, y + dy)
    basin.mouse.up()
    basin.wait_for_function("() => window.trame.state.get('blocks').chosen.length > 0")
    chosen = state(basin, "blocks")["chosen"]
    assert state(basin, "blocks")["communities"][0]["id"] in chosen
    key = state(basin, "blocks")["answers"]["key"]
    basin.get_by_test_id("linking-into").select_option("alone")
    basin.wait_for_function(
        "(k) => { const a = window.trame.state.get('blocks').answers; return a && a.key !== k && a.state === 'simulated'; }",
        arg=key,
    )
    settled(basin)
    assert int(text(basin, "linking-alone")) == 8 + len(chosen)
    assert basin.locator(".gs-blocks path").count() > 29
    assert text(basin, "linking-row-npv_cny") != cost
    answers = state(basin, "blocks")["answers"]["blocks"]
    assert (
        answers[f"C{chosen[0]}"]["level_m"] > answers[f"C{chosen[0]}"]["level_today_m"]
    )  # the water comes back
    act(basin, "undo")
    settled(basin)
    basin.wait_for_function("() => window.trame.state.get('blocks').counts.alone === 8")

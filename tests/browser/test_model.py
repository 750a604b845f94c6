"""The surrogate in the page: it answers while a well is in the hand, says when it leaves its range, and has its card."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import act, settled

STATE = "key => window.trame.state.get(key)"


def grab_and_move(page: Any, well: dict[str, Any], *, by_m: float) -> None:
    """A well taken in the hand and moved, as the page's own drag says it."""
    page.evaluate("w => window.trame.trigger('grab', [w, 'target'])", well["name"])
    page.evaluate(
        "([w, x, y]) => window.trame.trigger('drag', [9001, w, 'target', x, y])",
        [well["name"], well["x_m"] + by_m, well["y_m"]],
    )
    page.wait_for_function("() => window.trame.state.get('kpi_seq') === 9001")


def drop(page: Any, well: dict[str, Any], *, by_m: float) -> None:
    page.evaluate(
        "([w, x, y]) => window.trame.trigger('drop', [9002, w, 'target', x, y])",
        [well["name"], well["x_m"] + by_m, well["y_m"]],
    )
    settled(page)


def test_the_surrogate_answers_the_hand_and_flags_what_it_has_not_learned(page: Any) -> None:
    producer = next(
        w for w in page.evaluate("() => window.geosandbox.scheme().wells") if w["kind"] == "producer"
    )
    grab_and_move(page, producer, by_m=40.0)
    assert page.evaluate(STATE, "status")["engine"] == "surrogate"
    assert page.evaluate("() => window.geosandbox.kpi().npv_cny.state") == "estimate"
    assert page.get_by_test_id("model-flag").count() == 0
    drop(page, producer, by_m=40.0)
    assert page.evaluate("() => window.geosandbox.kpi().npv_cny.state") == "simulated"

    act(page, "set_well", {"well": producer["name"], "field": "rate_m3_h", "value": 420})
    settled(page)
    grab_and_move(page, producer, by_m=80.0)
    assert page.evaluate("() => window.geosandbox.kpi().npv_cny.state") == "out_of_range"
    page.get_by_test_id("model-flag").wait_for()
    assert "420" in page.get_by_test_id("model-flag").inner_text()
    drop(page, producer, by_m=80.0)
    page.get_by_test_id("model-flag").wait_for(state="detached")
    assert page.evaluate("() => window.geosandbox.kpi().npv_cny.state") == "simulated"


def test_the_model_card_is_one_click_from_the_mark(page: Any) -> None:
    page.get_by_test_id("badge-npv_cny").click()
    card = page.get_by_test_id("model-card")
    card.wait_for()
    assert page.get_by_test_id("model-card-errors").locator("tbody tr").count() == 6
    sha = page.evaluate(STATE, "model_card")["sha256"]
    assert sha[:12] in card.inner_text()
    producer = next(
        w for w in page.evaluate("() => window.geosandbox.scheme().wells") if w["kind"] == "producer"
    )
    grab_and_move(page, producer, by_m=60.0)
    drop(page, producer, by_m=60.0)
    page.wait_for_function("() => window.trame.state.get('model_card').online.anchored.audited > 0")
    act(page, "set_lang", {"lang": "en"})
    page.wait_for_function(
        "() => document.querySelector('[data-testid=model-card]').innerText.includes('Training range')"
    )
    page.get_by_test_id("model-card-close").click()
    card.wait_for(state="detached")

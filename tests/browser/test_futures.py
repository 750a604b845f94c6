"""Possible futures in the page: twenty dots, one future shown and left, a belief changed."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import act, kpi, settled

STATE = "() => window.trame.state.get('futures')"


def complete(page: Any) -> None:
    page.wait_for_function(
        "() => { const f = window.trame.state.get('futures');"
        " return f && f.total > 0 && f.done >= f.total && !f.running; }"
    )


def test_one_of_twenty_futures_is_shown_and_left_again(page: Any) -> None:
    planned = kpi(page)["npv_cny"]["value"]
    page.locator("#gs-rail-futures").click()
    page.get_by_test_id("futures-dots").wait_for()
    act(page, "futures_count", {"value": 40})
    page.wait_for_function("() => window.trame.state.get('futures').count === 40")
    complete(page)
    state = page.evaluate(STATE)
    assert len(state["dots"]) == 20
    assert page.locator(".fdot").count() == 20
    assert str(state["good"]) in page.get_by_test_id("futures-sentence").inner_text()
    for row in state["schemes"]:
        assert row["p10"] <= row["p50"] <= row["p90"]
    assert next(s for s in state["schemes"] if s["baseline"])["better_share"] is None

    curves = page.evaluate("() => JSON.stringify(window.trame.state.get('curves').mean)")
    frames = page.evaluate("() => window.trame.state.get('frames').key")
    page.locator('.fdot[data-dot="0"]').click()
    page.get_by_test_id("futures-banner").wait_for()
    settled(page)
    here = kpi(page)["npv_cny"]
    assert here["state"] == "future"
    assert here["value"] != planned
    assert page.evaluate("() => JSON.stringify(window.trame.state.get('curves').mean)") != curves
    assert page.evaluate("() => window.trame.state.get('frames').key") != frames
    page.get_by_test_id("futures-leave").first.click()
    page.wait_for_function("() => !window.trame.state.get('futures').shown")
    settled(page)
    assert kpi(page)["npv_cny"]["value"] == planned
    assert page.evaluate("() => window.trame.state.get('frames').key") == frames

    field = page.get_by_test_id("futures-heat_price_pct-high")
    field.fill("-5")
    field.press("Enter")
    page.locator(".fuq .error").wait_for()
    field.fill("60")
    field.press("Enter")
    page.wait_for_function(
        "() => window.trame.state.get('futures').ranges.find(r => r.key === 'heat_price_pct').high === 60"
    )
    complete(page)
    wider = page.evaluate(STATE)
    own, was = (next(s for s in f["schemes"] if s["active"]) for f in (wider, state))
    assert own["p90"] - own["p50"] > was["p90"] - was["p50"]

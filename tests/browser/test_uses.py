"""Uses in the page: two are added, one is changed, figures and cascade follow, undo takes it all back."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import act, settled

PLACES = "() => (window.trame.state.get('cascade')?.places || []).map(p => p.id)"


def uses(page: Any) -> dict[str, Any]:
    return page.evaluate("() => window.geosandbox.scheme().uses || {}")


def heat(page: Any) -> float:
    return page.evaluate("() => window.geosandbox.kpi().annual_heat_gj.value")


def test_two_uses_are_added_one_is_changed_and_undone(page: Any) -> None:
    before_uses, before, start = uses(page), heat(page), page.evaluate(PLACES)
    act(page, "set_drawer", {"drawer": "surface"})
    page.evaluate(
        "() => { window.trame.state.set('ui_drawer', true); window.trame.state.set('ui_dock', true) }"
    )
    for name in ("wellness", "agriculture"):
        page.get_by_test_id(f"use-add-{name}").click()
        page.wait_for_function(f"n => ({PLACES})().includes(n)", arg=name)
    act(page, "set_dock", {"dock": "cascade"})
    page.get_by_test_id("place-wellness").wait_for(state="attached")
    assert page.evaluate(PLACES) != start
    settled(page)
    with_two = heat(page)
    assert with_two != before

    page.get_by_test_id("use-open-wellness").click() if not page.get_by_test_id("use-wellness").locator(
        "input"
    ).count() else None
    field = page.locator("[id='f-wellness.pools_m2']")
    field.wait_for()
    field.fill("4000")
    field.press("Enter")
    page.wait_for_function("() => window.geosandbox.scheme().uses.wellness.pools_m2 === 4000")
    settled(page)
    assert heat(page) != with_two
    text = page.get_by_test_id("place-wellness").inner_text()
    assert "MW" in text or "kW" in text

    field.fill("-5")
    field.press("Enter")
    page.locator(".usf .error").wait_for()
    assert uses(page)["wellness"]["pools_m2"] == 4000

    for _ in range(3):
        page.get_by_test_id("undo").click()
        settled(page)
    page.wait_for_function(
        "text => JSON.stringify(window.geosandbox.scheme().uses || {}) === text",
        arg=page.evaluate("u => JSON.stringify(u)", before_uses),
    )
    settled(page)
    assert page.evaluate(PLACES) == start
    assert heat(page) == before

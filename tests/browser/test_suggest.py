"""Suggest in the page: goal, search, ghosts in the scene, acceptance as one step that undo takes back."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import act

GHOSTS = "() => window.trame.state.get('ghosts')"


def open_drawer(page: Any) -> None:
    page.get_by_test_id("suggest").click()
    page.get_by_test_id("suggest-start").wait_for()


def wells(page: Any) -> list[dict[str, Any]]:
    return page.evaluate("() => window.geosandbox.scheme().wells")


def test_a_ghost_appears_is_accepted_and_taken_back(page: Any) -> None:
    open_drawer(page)
    before = wells(page)
    page.get_by_test_id("suggest-start").click()
    page.get_by_test_id("ghost-accept").first.wait_for()
    page.locator("[data-ghost]").first.wait_for(state="attached")
    page.get_by_test_id("suggest-stop").click()
    page.wait_for_function("() => !window.trame.state.get('ghosts').running", timeout=2_000)
    page.wait_for_function("() => window.trame.state.get('ghosts').phase === 'stopped'")
    assert page.get_by_test_id("suggest-best").locator(".badge.est").count() == 1

    group = page.evaluate(GHOSTS)["groups"][0]["wells"]
    page.get_by_test_id("ghost-accept").first.click()
    page.wait_for_function(
        "names => !(window.trame.state.get('ghosts')?.wells || []).some(w => names.includes(w.name))",
        arg=group,
    )
    after = wells(page)
    assert after != before
    changed = {w["name"] for w in after if w not in before} | {w["name"] for w in before if w not in after}
    assert changed == set(group)
    page.get_by_test_id("undo").click()
    page.wait_for_function(
        "text => JSON.stringify(window.geosandbox.scheme().wells) === text",
        arg=page.evaluate("w => JSON.stringify(w)", before),
    )
    again = {w["name"] for w in page.evaluate(GHOSTS)["wells"]}
    assert set(group) <= again

    page.get_by_test_id("suggest-clear").click()
    page.wait_for_function("() => !window.trame.state.get('ghosts')")
    assert page.locator("[data-ghost]").count() == 0


def test_a_goal_that_cannot_be_met_is_refused_at_its_field(page: Any) -> None:
    open_drawer(page)
    page.get_by_test_id("suggest-limit-add").click()
    page.get_by_test_id("suggest-limit-0").wait_for()
    act(page, "suggest_limit_set", {"index": 0, "field": "key", "value": "demand_met_pct"})
    field = page.get_by_test_id("suggest-limit-0")
    field.fill("abc")
    field.press("Enter")
    page.locator(".sgc .error").wait_for()
    assert "abc" in page.locator(".sgc .error").inner_text()
    field.fill("150")
    field.press("Enter")
    page.wait_for_function("() => window.trame.state.get('suggest').limits[0].value === 150")
    page.get_by_test_id("suggest-start").click()
    page.locator(".sgc .error").wait_for()
    assert "100" in page.locator(".sgc .error").inner_text()
    assert not page.evaluate(GHOSTS)
    page.get_by_test_id("suggest-doublets").fill("99")
    page.get_by_test_id("suggest-doublets").press("Enter")
    page.locator('.sgb > .error:has-text("10")').wait_for()

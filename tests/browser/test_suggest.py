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


def taken(page: Any, names: list[str]) -> None:
    """Wait until none of these wells is a ghost any more."""
    page.wait_for_function(
        "names => !(window.trame.state.get('ghosts')?.wells || []).some(w => names.includes(w.name))",
        arg=names,
    )


def back_to(page: Any, before: list[dict[str, Any]]) -> None:
    page.get_by_test_id("undo").click()
    page.wait_for_function(
        "text => JSON.stringify(window.geosandbox.scheme().wells) === text",
        arg=page.evaluate("w => JSON.stringify(w)", before),
    )


def test_two_proposed_changes_are_accepted_one_by_one_and_taken_back(page: Any) -> None:
    open_drawer(page)
    before = wells(page)
    page.get_by_test_id("suggest-start").click()
    page.wait_for_function("() => (window.trame.state.get('ghosts')?.groups || []).length > 1")
    page.locator("[data-ghost]").first.wait_for(state="attached")
    page.get_by_test_id("suggest-stop").click()
    page.wait_for_function("() => window.trame.state.get('ghosts').phase === 'stopped'")
    assert page.get_by_test_id("suggest-best").locator(".badge.est").count() == 1

    seen = [before]
    groups = []
    for _ in range(2):
        group = page.evaluate(GHOSTS)["groups"][0]["wells"]
        page.get_by_test_id("ghost-accept").first.click()
        taken(page, group)
        now = wells(page)
        changed = {w["name"] for w in now if w not in seen[-1]} | {
            w["name"] for w in seen[-1] if w not in now
        }
        assert changed == set(group)
        seen.append(now)
        groups.append(group)
    for earlier in reversed(seen[:-1]):
        back_to(page, earlier)
    again = {w["name"] for w in page.evaluate(GHOSTS)["wells"]}
    assert {name for group in groups for name in group} <= again

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
    act(page, "suggest_doublets", {"value": 2})  # a state that arrives while a field is being filled
    page.wait_for_function("() => window.trame.state.get('suggest').doublets === 2")
    assert field.input_value() == "150"
    field.press("Enter")
    page.wait_for_function("() => window.trame.state.get('suggest').limits[0].value === 150")
    page.get_by_test_id("suggest-start").click()
    page.locator(".sgc .error").wait_for()
    assert "100" in page.locator(".sgc .error").inner_text()
    assert not page.evaluate(GHOSTS)
    page.get_by_test_id("suggest-doublets").fill("99")
    page.get_by_test_id("suggest-doublets").press("Enter")
    page.locator('.sgb > .error:has-text("10")').wait_for()
    # An area drawn by corners is part of the scheme and stands in the scene; one that is none is refused.
    page.get_by_test_id("keep-out-new").fill("0 0; 400 0; 400 400")
    page.get_by_test_id("keep-out-new").press("Enter")
    page.locator("[data-area]").wait_for(state="attached")
    assert len(page.evaluate("() => window.geosandbox.scheme().keep_out")) == 1
    page.get_by_test_id("keep-out-new").fill("0 0; 400")
    page.get_by_test_id("keep-out-new").press("Enter")
    page.locator('.sgb > .error:has-text("x y")').wait_for()
    # Another is drawn with the pointer; undo takes it back.
    page.get_by_test_id("keep-out-draw").click()
    page.locator(".gs-area-stroke").wait_for()
    box = page.get_by_test_id("scene").bounding_box()
    x, y = box["x"] + 0.7 * box["width"], box["y"] + 0.65 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    for dx, dy in ((60, 0), (60, 40), (0, 40), (0, 5)):
        page.mouse.move(x + dx, y + dy)
    page.mouse.up()
    page.wait_for_function("() => window.geosandbox.scheme().keep_out.length === 2")
    act(page, "undo")
    assert len(page.evaluate("() => window.geosandbox.scheme().keep_out")) == 1
    page.get_by_test_id("wish-power-wanted").click()
    page.wait_for_function(
        "() => window.trame.state.get('suggest').uses.find(u => u.id === 'power').wish === 'wanted'"
    )
    act(page, "suggest_limit_remove", {"index": 0})
    page.get_by_test_id("suggest-start").click()
    page.locator('.sgu .error:has-text("90")').wait_for()

"""Compare three schemes, change a weight and see the rank flip, write the decision down; challenge a figure, replay."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from tests.browser.conftest import act, kpi, settled

RANKS = "() => Object.fromEntries(window.trame.state.get('decide_rank').rows.map(r => [r.id, r.rank]))"
COMPARE = "() => window.trame.state.get('compare')"


def test_three_schemes_are_compared_ranked_and_decided_on(page: Any) -> None:
    page.get_by_test_id("ws-compare").click()
    page.wait_for_function("() => (window.trame.state.get('compare')?.columns || []).length >= 4")
    page.get_by_test_id("compare-views-3").click()
    page.get_by_test_id("view-c").wait_for()
    page.wait_for_function("() => window.gs.app.viewer.views.length === 3")
    boxes = [page.get_by_test_id(f"view-{side}").bounding_box() for side in "abc"]
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] <= right["x"] + 1  # beside each other, none covered

    first = page.evaluate(COMPARE)
    other = next(c["id"] for c in first["columns"] if not c["baseline"])
    page.get_by_test_id("compare-base").select_option(other)
    page.wait_for_function("id => window.trame.state.get('compare').base === id", arg=other)
    row = next(r for r in page.evaluate(COMPARE)["table"] if r["key"] == "npv_cny")
    for cell in row["cells"].values():
        assert abs(cell["delta"] - (cell["value"] - row["cells"][other]["value"])) < 1.0

    page.get_by_test_id("compare-swipe").click()
    divider = page.get_by_test_id("compare-divider")
    divider.press("ArrowLeft")
    page.wait_for_function("() => window.trame.state.get('ui_split') < 0.5")
    clips = page.evaluate("() => window.gs.app.viewer.views.map(v => v.clip)")
    assert clips[0]["x"] + clips[0]["width"] <= clips[1]["x"]
    page.get_by_test_id("compare-difference").click()
    page.wait_for_function("() => window.gs.app.viewer.views[0].look?.lut === 'delta'")

    page.get_by_test_id("ws-decide").click()
    page.get_by_test_id("decide-regret").wait_for()
    before = page.evaluate(RANKS)
    winner = next(id for id, rank in before.items() if rank == 1)
    limits = page.evaluate("() => window.trame.state.get('decide_rank').criteria")
    key = next(c["key"] for c in limits if c["upper_winner"] or c["lower_winner"])
    side = next(c for c in limits if c["key"] == key)
    # Beyond the end of its interval of stability the weight puts the scheme first that the page names.
    for c in limits:
        if c["key"] != key:
            page.get_by_test_id(f"decide-weight-{c['key']}").press("Home" if side["upper_winner"] else "End")
    page.get_by_test_id(f"decide-weight-{key}").press("End" if side["upper_winner"] else "Home")
    page.wait_for_function(
        "id => window.trame.state.get('decide_rank').rows.find(r => r.id === id).rank > 1", arg=winner
    )
    shown = page.locator('[data-testid="decide-ranking"] [data-rank="1"]').first
    assert shown.get_attribute("data-scheme") == page.evaluate(
        "() => window.trame.state.get('decide_rank').winner"
    )

    page.get_by_test_id("decide-save").click()
    page.locator(".drec .error").first.wait_for()  # a record says who and why
    page.get_by_test_id("decide-who").fill("陈工")
    page.get_by_test_id("decide-why").fill("供热更多")
    page.get_by_test_id("decide-save").click()
    page.get_by_test_id("decide-document").wait_for()
    told = page.frame_locator(".ddoc iframe").locator("body")
    told.get_by_text("供热更多").wait_for()
    assert "陈工" in told.inner_text()
    file = act(page, "decide_export", {"id": "1", "kind": "md"})
    assert file["ok"]
    assert "供热更多" in file["text"]


def test_an_assumption_is_challenged_in_its_sheet_and_the_change_replayed(page: Any) -> None:
    before = kpi(page)["npv_cny"]["value"]
    page.get_by_test_id("explain-npv_cny").click()
    page.get_by_test_id("explain").wait_for()
    page.get_by_test_id("challenge-rate").click()
    field = page.locator("[id='x-discount_rate']")
    field.fill("3")
    field.press("Enter")
    page.wait_for_function("v => window.geosandbox.kpi().npv_cny.value > v", arg=before)
    settled(page)
    after = kpi(page)["npv_cny"]["value"]
    page.wait_for_function(
        "() => window.trame.state.get('explain').inputs.find(i => i.id === 'rate').text === '3'"
    )
    page.get_by_test_id("objection").fill("3 % 太低")
    page.get_by_test_id("objection-save").click()
    page.wait_for_function("() => window.trame.state.get('explain').objections.length === 1")

    page.emulate_media(reduced_motion="reduce")  # the film then lies at its end, and is moved by hand
    page.get_by_test_id("replay").click()
    page.get_by_test_id("replay-figures").wait_for()
    film = page.evaluate("() => window.trame.state.get('replay')")
    assert film["groups"] == ["economics"]
    npv = next(r for r in film["rows"] if r["key"] == "npv_cny")
    assert abs(npv["before"] - before) < 1.0
    assert abs(npv["after"] - after) < 1.0
    page.wait_for_function("() => window.trame.state.get('ui_replay').at === 1")
    ended = page.get_by_test_id("replay-figures").inner_text()
    page.get_by_test_id("replay-at").press("Home")
    page.wait_for_function("() => window.trame.state.get('ui_replay').at === 0")
    assert page.get_by_test_id("replay-figures").inner_text() != ended
    page.get_by_test_id("replay-close").click()
    page.get_by_test_id("replay-panel").wait_for(state="hidden")
    settled(page)

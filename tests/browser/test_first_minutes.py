"""What a person does in the first minutes: look, drag, undo, compare, switch language, come back."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sandbox.app import MODULE
from tests.browser.conftest import ROOT, Server, act, drag, handle_of, kpi, settled

HEADLINES = ("thermal_power_mw", "annual_heat_gj", "lcoh_cny_per_gj", "npv_cny")


def well(page: Any, name: str) -> dict[str, Any]:
    scheme = page.evaluate("() => window.geosandbox.scheme()")
    return next(w for w in scheme["wells"] if w["name"] == name)


def spread(page: Any) -> float:
    """Standard deviation of the scene's brightness as the compositor shows it: 0 for an empty canvas."""
    png = page.get_by_test_id("scene").screenshot()
    return float(np.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=float).std())


def test_the_landing_scene_is_full_and_settles(page: Any) -> None:
    assert spread(page) > 8
    assert page.evaluate("() => window.geosandbox.scale()") == "field"
    for key in HEADLINES:
        assert kpi(page)[key]["state"] == "simulated"
    assert len(page.evaluate("() => window.geosandbox.handles()")) > 20
    assert "示意" in page.get_by_test_id("scene").inner_text()


# The client adds every script at once and the browser runs each as it arrives, in any order.
LAST_FIRST = """
(() => {
  const append = Node.prototype.appendChild;
  const held = [];
  window.lastFirst = held;
  Node.prototype.appendChild = function (node) {
    const ours = node.tagName === 'SCRIPT' && node.type !== 'module' && (node.src || '').includes('__gs/');
    if (!ours) return append.call(this, node);
    held.push(node);
    if (held.length === 1) setTimeout(() => [...held].reverse().forEach((script) => {
      script.async = false;
      append.call(document.body, script);
    }));
    return node;
  };
})();
"""


def test_scripts_may_arrive_in_any_order(open_page: Any, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.add_init_script(LAST_FIRST)
    page = open_page(context=context)
    names = page.evaluate("() => window.lastFirst.map((script) => script.src.split('/').pop())")
    assert len(names) == len(set(names)) == len(MODULE["scripts"])
    assert page.evaluate("() => Object.keys(window.trame.utils.gs.icons).length") > 40
    context.close()


@pytest.mark.parametrize("scale", ["basin", "field", "site"])
def test_each_scale_shows_something(page: Any, scale: str) -> None:
    page.get_by_test_id(f"scale-{scale}").click()
    settled(page)
    assert page.evaluate("() => window.geosandbox.scale()") == scale
    assert spread(page) > 8


def test_dragging_a_well_moves_the_numbers_and_the_simulation_confirms(page: Any) -> None:
    handle = handle_of(page, "producer")
    before, place = kpi(page), well(page, handle["id"])
    drag(page, handle, 90, 30, drop=False)
    page.wait_for_function("() => Object.values(window.geosandbox.kpi()).some(k => k.state === 'estimate')")
    held = kpi(page)
    assert held["capex_cny"]["value"] != before["capex_cny"]["value"]
    page.mouse.up()
    settled(page)
    after = kpi(page)
    assert after["npv_cny"]["state"] == "simulated"
    assert after["npv_cny"]["value"] != before["npv_cny"]["value"]
    assert after["npv_cny"]["low"] <= after["npv_cny"]["value"] <= after["npv_cny"]["high"]
    moved = well(page, handle["id"])
    assert (moved["x_m"], moved["y_m"]) != (place["x_m"], place["y_m"])
    assert page.evaluate("() => window.geosandbox.perf()['drag-kpi'].length") > 0


def test_the_carpet_appears_while_the_well_is_held(page: Any) -> None:
    handle = handle_of(page, "producer")
    drag(page, handle, 8, 4, steps=2, drop=False)
    page.wait_for_function("() => window.trame.state.get('carpet')")
    carpet = page.evaluate("() => window.trame.state.get('carpet')")
    values = [v for v in carpet["values"] if v is not None]
    assert len(values) > 20
    assert max(values) > min(values)
    page.keyboard.press("Escape")
    page.mouse.up()
    settled(page)
    assert page.evaluate("() => window.trame.state.get('carpet')") is None


def test_escape_puts_the_well_back(page: Any) -> None:
    handle = handle_of(page, "injector")
    scheme = page.evaluate("() => window.geosandbox.scheme()")
    drag(page, handle, 60, 40, drop=False)
    page.keyboard.press("Escape")
    page.mouse.up()
    settled(page)
    assert page.evaluate("() => window.geosandbox.scheme()") == scheme


def test_undo_and_redo(page: Any) -> None:
    handle = handle_of(page, "producer")
    start = well(page, handle["id"])
    values = kpi(page)["npv_cny"]["value"]
    drag(page, handle, 70, 0)
    settled(page)
    moved = well(page, handle["id"])
    page.get_by_test_id("undo").click()
    settled(page)
    assert well(page, handle["id"]) == start
    assert kpi(page)["npv_cny"]["value"] == pytest.approx(values, rel=1e-12)
    page.get_by_test_id("redo").click()
    settled(page)
    assert well(page, handle["id"]) == moved


def test_keyboard_moves_the_selected_well(page: Any) -> None:
    name = handle_of(page, "producer")["id"]
    act(page, "select", {"well": name})
    start = well(page, name)
    page.get_by_test_id("scene").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([n, x]) => window.geosandbox.scheme().wells.find(w => w.name === n).x_m > x",
        arg=[name, start["x_m"]],
    )
    settled(page)
    assert well(page, name)["x_m"] == pytest.approx(start["x_m"] + 50.0, abs=0.2)


def test_numbers_can_be_typed_and_bad_ones_are_explained(page: Any) -> None:
    name = handle_of(page, "producer")["id"]
    start = well(page, name)
    answer = act(page, "set_well", {"well": name, "field": "rate_m3_h", "value": -5})
    assert not answer["ok"]
    assert "1000" in answer["text"]
    assert well(page, name) == start, "the work is kept"
    assert act(page, "set_well", {"well": name, "field": "rate_m3_h", "value": 80})["ok"]
    settled(page)
    assert well(page, name)["rate_m3_h"] == 80


def test_wells_are_added_duplicated_and_deleted(page: Any) -> None:
    count = len(page.evaluate("() => window.geosandbox.scheme().wells"))
    added = act(page, "add_doublet", {"x_m": 2500, "y_m": -2500})["well"]
    settled(page)
    assert len(page.evaluate("() => window.geosandbox.scheme().wells")) == count + 2
    copy = act(page, "duplicate_well", {"well": added})["well"]
    assert copy != added
    assert act(page, "delete_well", {"well": copy})["ok"]
    settled(page)
    assert len(page.evaluate("() => window.geosandbox.scheme().wells")) == count + 2


def test_a_warning_can_be_mended_by_one_click(page: Any) -> None:
    warnings = page.evaluate("() => window.trame.state.get('warnings')")
    tight = next(w for w in warnings if w["well"])
    place, worth = well(page, tight["well"]), kpi(page)["npv_cny"]["value"]
    page.get_by_test_id("warnings").get_by_role("button", name="试试修正").first.click()
    page.wait_for_function("() => window.trame.state.get('history').can_undo")
    settled(page)
    assert well(page, tight["well"]) != place
    left = page.evaluate("() => window.trame.state.get('warnings')")
    assert tight["text"] not in [w["text"] for w in left]
    assert kpi(page)["npv_cny"]["value"] != worth


def test_language_switches_without_reload(page: Any) -> None:
    page.evaluate("() => { window.stayed = true }")
    numbers = kpi(page)
    page.get_by_test_id("lang").get_by_text("EN").click()
    page.wait_for_function("() => document.documentElement.lang === 'en'")
    settled(page)
    assert page.evaluate("() => window.stayed")
    text = page.locator("body").inner_text()
    assert not re.search(r"\b[a-z]+_[a-z_]+\b", text), "a key shows through instead of its text"
    assert "schematic" in page.get_by_test_id("scene").inner_text()
    assert {k: v["value"] for k, v in kpi(page).items()} == {k: v["value"] for k, v in numbers.items()}
    chinese = set(re.findall(r"[\u4e00-\u9fff]+", text)) - {"中"}
    assert not chinese, chinese


def test_compare_shows_deltas_against_the_baseline(page: Any) -> None:
    page.get_by_test_id("ws-compare").click()
    settled(page)
    table = page.get_by_test_id("delta-table")
    table.wait_for()
    page.wait_for_function(
        "() => document.querySelectorAll('[data-testid=delta-table] [data-key]').length > 5"
    )
    compare = page.evaluate("() => window.trame.state.get('compare')")
    row = next(r for r in compare["table"] if r["key"] == "npv_cny")
    base = next(c["id"] for c in compare["columns"] if c["baseline"])
    for id, cell in row["cells"].items():
        if id != base and cell["delta"] is not None:
            assert cell["delta"] == pytest.approx(cell["value"] - row["cells"][base]["value"], rel=1e-6)
    assert compare["changes"]
    for side in ("view-a", "view-b"):
        box = page.get_by_test_id(side).bounding_box()
        assert box["width"] > 200
        assert box["height"] > 150
    assert spread(page) > 8


def test_settled_page_equals_the_command_line(page: Any, tmp_path: Path) -> None:
    scheme = page.evaluate("() => window.geosandbox.scheme()")
    path = tmp_path / "scheme.json"
    path.write_text(json.dumps(scheme), "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "sandbox", "evaluate", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(run.stdout)["kpis"]
    for key, shown in kpi(page).items():
        value = told[key]["value"]
        assert shown["value"] == (value if value is None else pytest.approx(value, rel=1e-9)), key


def test_two_people_do_not_see_each_other(open_page: Any) -> None:
    one, two = open_page(), open_page()
    before = two.evaluate("() => window.geosandbox.scheme()")
    assert act(one, "add_well", {"kind": "producer", "x_m": 100, "y_m": 3300})["ok"]
    settled(one)
    assert two.evaluate("() => window.geosandbox.scheme()") == before


def test_a_killed_server_loses_nothing_it_acknowledged(open_page: Any, browser: Any, tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    try:
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = open_page(url=server.url, context=context)
        assert act(page, "add_well", {"kind": "producer", "x_m": 100, "y_m": 3300})["ok"]
        assert act(page, "scheme_duplicate")["ok"]
        scheme = page.evaluate("() => window.trame.state.get('scheme_json')")
        server.kill()
        page.close()
        server.start()
        again = open_page(url=server.url, context=context)
        assert again.evaluate("() => window.geosandbox.scheme()") == scheme
        assert act(again, "undo")["ok"]
        assert act(again, "undo")["ok"]
        settled(again)
        names = [w["name"] for w in again.evaluate("() => window.geosandbox.scheme()")["wells"]]
        assert len(names) == len(scheme["wells"]) - 1
        context.close()
    finally:
        server.stop()

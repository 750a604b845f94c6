"""Names that others script against: every hook and test id of the outside contract is on the page."""

from __future__ import annotations

from typing import Any

from scenarios.kpis import KPIS
from tests.browser.conftest import act, settled

EVERYWHERE = (
    *(
        "topbar",
        "breadcrumb",
        "scale-basin",
        "scale-field",
        "scale-site",
        "scene",
        "kpi",
        "schemes",
        "scheme-add",
    ),
    *(
        "scheme-duplicate",
        "undo",
        "redo",
        "replay",
        "timeline",
        "ws-explore",
        "ws-compare",
        "ws-present",
        "lang",
    ),
    *("warnings", "status"),
)
HOOKS = [
    "ready",
    "scale",
    "setScale",
    "handles",
    "scheme",
    "kpi",
    "schemes",
    "camera",
    "setCamera",
    "settled",
    "perf",
]


def test_every_promised_name_is_on_the_page(page: Any) -> None:
    missing = [name for name in EVERYWHERE if page.get_by_test_id(name).count() == 0]
    missing += [f"kpi-{key}" for key in KPIS if page.get_by_test_id(f"kpi-{key}").count() == 0]
    missing += [f"explain-{key}" for key in KPIS if page.get_by_test_id(f"explain-{key}").count() == 0]
    missing += [hook for hook in HOOKS if not page.evaluate(f"() => '{hook}' in window.geosandbox")]
    assert act(page, "set_drawer", {"drawer": "outline"})["ok"]
    page.get_by_test_id("outline").wait_for()
    page.get_by_test_id("ws-compare").click()
    for name in ("delta-table", "view-a", "view-b"):
        page.get_by_test_id(name).wait_for()
    assert not missing, missing


def test_kpis_have_the_promised_shape(page: Any) -> None:
    kpis = page.evaluate("() => window.geosandbox.kpi()")
    assert set(kpis) >= set(KPIS)
    for key, row in KPIS.items():
        assert {"value", "unit", "low", "high", "state"} <= set(kpis[key]), key
        assert kpis[key]["unit"] == row.unit
        assert kpis[key]["state"] in ("estimate", "simulated", "out_of_range")


def test_the_camera_can_be_read_and_set(page: Any) -> None:
    start = page.evaluate("() => window.geosandbox.camera()")
    page.get_by_test_id("scene").hover()
    page.mouse.wheel(0, -400)
    settled(page)
    page.evaluate("c => window.geosandbox.setCamera(c)", start)
    settled(page)
    assert page.evaluate("() => JSON.stringify(window.geosandbox.camera())") == page.evaluate(
        "c => JSON.stringify(c)", start
    )


def test_every_scale_is_reached_by_its_key(page: Any) -> None:
    for key, scale in (("1", "basin"), ("3", "site"), ("2", "field")):
        page.get_by_test_id("scene").focus()
        page.keyboard.press(key)
        page.wait_for_function(f"() => window.geosandbox.scale() === '{scale}'")
        settled(page)


def test_nothing_overlaps_and_nothing_scrolls_sideways(open_page: Any) -> None:
    for width, height in ((1920, 1080), (1366, 768)):
        page = open_page(width, height)
        boxes = {
            n: page.get_by_test_id(n).bounding_box()
            for n in ("topbar", "schemes", "scene", "kpi", "timeline")
        }
        assert all(boxes.values()), boxes
        names = list(boxes)
        for i, a in enumerate(names):
            for b in names[i + 1 :]:
                p, q = boxes[a], boxes[b]
                wide = min(p["x"] + p["width"], q["x"] + q["width"]) - max(p["x"], q["x"])
                high = min(p["y"] + p["height"], q["y"] + q["height"]) - max(p["y"], q["y"])
                assert wide <= 1 or high <= 1, (width, a, b)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        assert boxes["scene"]["width"] >= 0.5 * width

"""Figures that need the page: a real server, headless Chromium, a hand that drags.

Browser, server and the software that draws WebGL share the same cores here, so every latency is worse than
for a person with a graphics card. Needs the development packages (playwright) and Debian's chromium.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.bench_site import NAME, make_assets
from services.bench import Figures, benchmark, spread_of

# Without these flags Chromium draws WebGL in the page's own thread, a second a frame.
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
MOVES = 60
STEP_MS = 33
ROUNDS = 3
PAGE = {"width": 1280, "height": 800}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(site: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server of its own on a site, with the synthetic field among the sites."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "GEOSANDBOX_ASSETS": str(make_assets(Path(folder) / "assets"))}
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "sandbox",
            "serve",
            "--port",
            str(port),
            "--site",
            site,
            "--data",
            folder,
        ]
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        try:
            wait_ready(url, process)
            yield url, process
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until the server's health says yes; an error when it ends or takes longer than two minutes."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


@contextmanager
def opened(url: str) -> Iterator[tuple[Any, dict[str, float]]]:
    """A page that is ready to be dragged, with how long that took (s) and what it loaded (bytes)."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise RuntimeError("needs chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport=PAGE)
        page.set_default_timeout(90_000)
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        loaded = {"http": 0.0, "websocket": 0.0}
        client.on(
            "Network.loadingFinished",
            lambda e: loaded.__setitem__("http", loaded["http"] + e["encodedDataLength"]),
        )
        client.on(
            "Network.webSocketFrameReceived",
            lambda e: loaded.__setitem__(
                "websocket", loaded["websocket"] + len(e["response"]["payloadData"])
            ),
        )
        start = time.perf_counter()
        page.goto(f"{url}/?test=1", wait_until="commit")
        page.wait_for_function(
            "() => window.geosandbox && window.geosandbox.ready && window.geosandbox.handles().length"
        )
        ready = time.perf_counter() - start
        page.evaluate("() => window.geosandbox.settled()")
        yield page, {"ready_s": ready, "settled_s": time.perf_counter() - start, **loaded}
        browser.close()


def _handle(page: Any) -> dict[str, Any]:
    """A producer's target well inside the picture."""
    box = page.get_by_test_id("scene").bounding_box()
    handles = page.evaluate("() => window.geosandbox.handles()")
    middle = (box["x"] + box["width"] / 2, box["y"] + 0.6 * box["height"])
    wells = [h for h in handles if h["kind"] == "producer"]
    return min(wells, key=lambda h: (h["x"] - middle[0]) ** 2 + (h["y"] - middle[1]) ** 2)


def drag(page: Any) -> dict[str, list[float]]:
    """Drag a well out and back for some seconds, several times; what the page measured of it (ms)."""
    for _ in range(ROUNDS):
        handle = _handle(page)
        page.mouse.move(handle["x"], handle["y"])
        page.mouse.down()
        for i in range(MOVES):
            away = min(i, MOVES - i)
            page.mouse.move(handle["x"] + 1.5 * away, handle["y"] + 0.4 * away)
            page.wait_for_timeout(STEP_MS)
        page.mouse.up()
        page.evaluate("() => window.geosandbox.settled()")
    return page.evaluate("() => window.geosandbox.perf()")


def _dragged(site: str) -> dict[str, list[float]]:
    with served(site) as (url, _), opened(url) as (page, _):
        return drag(page)


@benchmark("browser-drag-40", "pointer to KPI text in headless Chromium, Caofeidian, 44 wells", aim=50.0)
def drag_caofeidian() -> Figures:
    perf = _dragged("caofeidian")
    figure = spread_of(perf["drag-kpi"])
    return {**figure, "value": figure["p95"], "p50": figure["value"], **_beside(perf)}


@benchmark("browser-drag-60", "pointer to KPI text in headless Chromium, synthetic field, 60 wells", aim=50.0)
def drag_synthetic() -> Figures:
    perf = _dragged(NAME)
    figure = spread_of(perf["drag-kpi"])
    return {**figure, "value": figure["p95"], "p50": figure["value"], **_beside(perf)}


def _beside(perf: dict[str, list[float]]) -> Figures:
    """Handle drawn, and release to simulated value shown (ms)."""
    frame, release = spread_of(perf["drag-frame"]), spread_of(perf["release-refined"])
    return {
        "frame_p50": frame["value"],
        "frame_p95": frame["p95"],
        "release_simulated_ms": release["value"],
        "release_simulated_most_ms": release["most"],
    }


@benchmark("browser-first-drag", "opening the page to the first possible drag, fresh browser", aim=5.0)
def first_drag() -> Figures:
    with served("caofeidian") as (url, _), opened(url) as (_, seen):
        return {"value": seen["ready_s"], "unit": "s", "settled_s": seen["settled_s"]}


@benchmark("browser-first-load", "what a first visit loads: compressed HTTP and websocket", aim=12.0)
def first_load() -> Figures:
    with served("caofeidian") as (url, _), opened(url) as (page, seen):
        page.wait_for_timeout(3000)
        return {
            "value": (seen["http"] + seen["websocket"]) / 1e6,
            "unit": "MB",
            "http_mb": seen["http"] / 1e6,
            "websocket_mb": seen["websocket"] / 1e6,
        }


@benchmark("browser-carpet", "grab to the first picture of the value carpet, Caofeidian", aim=0.5)
def carpet() -> Figures:
    with served("caofeidian") as (url, _), opened(url) as (page, _):
        handle = _handle(page)
        page.mouse.move(handle["x"], handle["y"])
        start = time.perf_counter()
        page.mouse.down()
        page.wait_for_function("() => window.trame.state.get('carpet')", polling=20)
        first = time.perf_counter() - start
        page.wait_for_function("() => (window.trame.state.get('carpet') || {}).nx === 40", polling=50)
        full = time.perf_counter() - start
        page.mouse.up()
        return {"value": first, "unit": "s", "forty_by_forty_s": full}


@benchmark("session-memory", "memory of each further session with its page's state", aim=10.0)
def session_memory() -> Figures:
    from playwright.sync_api import sync_playwright

    count = 4
    with served("caofeidian") as (url, process):
        with opened(url):
            pass
        before = _resident_mb(process.pid)
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            for _ in range(count):
                page = browser.new_context(viewport=PAGE).new_page()
                page.goto(f"{url}/?test=1")
                page.wait_for_function("() => window.geosandbox && window.geosandbox.ready", timeout=90_000)
                page.evaluate("() => window.geosandbox.settled()")
            after = _resident_mb(process.pid)
            browser.close()
    return {"value": (after - before) / count, "unit": "MB", "process_mb": after}


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")

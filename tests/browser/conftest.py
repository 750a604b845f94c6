"""A real server, a real browser. Each test gets a page of its own in a fresh context."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.bench_browser import FLAGS as BROWSER_FLAGS
from sandbox.bench_browser import free_port, wait_ready

ROOT = Path(__file__).parents[2]
FLAGS = [*BROWSER_FLAGS, "--font-render-hinting=none"]


class Server:
    """``geosandbox serve`` as a process; ``kill`` is a real kill -9."""

    def __init__(self, data: Path):
        self.data = data
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        command = [
            sys.executable,
            "-m",
            "sandbox",
            "serve",
            "--port",
            str(self.port),
            "--data",
            str(self.data),
        ]
        self.log = open(self.data / "server.log", "ab")  # noqa: SIM115 - closed in stop
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=self.log, stderr=self.log)
        try:
            wait_ready(self.url, self.process)
        except RuntimeError as error:
            raise RuntimeError(f"{error}:\n" + (self.data / "server.log").read_text()[-3000:]) from error
        return self

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("data")).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "browser tests need Debian's chromium (apt-get install chromium)"
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def pages(browser: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """``open_(width, height)`` -> a ready page, in a fresh context; errors of a page fail the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def open_(width: int = 1366, height: int = 768, *, url: str | None = None, context: Any = None) -> Any:
        if context is None:
            context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
        page.goto((url or server.url) + "/?test=1")
        page.wait_for_function("() => window.geosandbox && window.geosandbox.ready")
        settled(page)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def open_page(browser: Any, server: Server) -> Iterator[Callable[..., Any]]:
    with pages(browser, server) as open_:
        yield open_


@pytest.fixture(scope="module")
def shared_page(browser: Any, server: Server) -> Iterator[Any]:
    """One page for a whole file."""
    with pages(browser, server) as open_:
        yield open_(1920, 1080)


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    return open_page()


def act(page: Any, action: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    return page.evaluate("([a, p]) => window.trame.trigger('act', [a, p])", [action, params or {}])


def settled(page: Any) -> None:
    page.evaluate("() => window.geosandbox.settled()")


def kpi(page: Any) -> dict[str, Any]:
    return page.evaluate("() => window.geosandbox.kpi()")


def handle_of(page: Any, kind: str) -> dict[str, Any]:
    """A draggable handle of that kind well inside the scene."""
    box = page.get_by_test_id("scene").bounding_box()
    handles = page.evaluate("() => window.geosandbox.handles()")
    inside = [
        h
        for h in handles
        if h["kind"] == kind
        and box["x"] + 250 < h["x"] < box["x"] + box["width"] - 200
        and box["y"] + 120 < h["y"] < box["y"] + box["height"] - 120
    ]
    assert inside, f"no {kind} handle in view among {len(handles)}"
    return inside[0]


def drag(
    page: Any, handle: dict[str, Any], dx: float, dy: float, *, steps: int = 12, drop: bool = True
) -> None:
    page.mouse.move(handle["x"], handle["y"])
    page.mouse.down()
    for i in range(1, steps + 1):
        page.mouse.move(handle["x"] + dx * i / steps, handle["y"] + dy * i / steps)
    if drop:
        page.mouse.up()

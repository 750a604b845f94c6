"""The page's socket as a script would speak it: trame's own messages to the running server, no browser."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from wslink.chunking import UnChunker, generate_chunks

from sandbox.bridge import MAX_MESSAGE_BYTES
from tests.browser.conftest import Server

SID = "0123456789abcdef0123456789abcdef"


class Page:
    """What trame's client in the browser does, without the browser."""

    def __init__(self, socket: Any):
        self.socket = socket
        self.state: dict[str, Any] = {}
        self._joiner = UnChunker()
        self._joiner.set_max_message_size(1 << 30)
        self._ask("system:c0:0", "wslink.hello", [{"secret": "wslink-secret"}])
        self.state |= self._ask("rpc:c0:1", "trame.state.get", [])["state"]

    def act(self, action: str, **params: Any) -> Any:
        return self._ask("rpc:c0:2", "trame.trigger", ["act", [action, params], {}])

    def _ask(self, id: str, method: str, args: list[Any]) -> Any:
        """The answer; states published before it are taken in, as the page takes them in."""
        message = msgpack.packb({"wslink": "1.0", "id": id, "method": method, "args": args, "kwargs": {}})
        for chunk in generate_chunks(message, 0):
            self.socket.send(chunk)
        while True:
            whole = self._joiner.process_chunk(self.socket.recv(timeout=60))
            if whole is None:
                continue
            if whole["id"] == id:
                assert "error" not in whole, whole
                return whole["result"]
            if whole["id"].startswith("publish:trame.state.topic"):
                self.state |= whole["result"]


@pytest.fixture
def page(server: Server) -> Iterator[Page]:
    address = server.url.replace("http", "ws", 1) + f"/t/{SID}/ws"
    with connect(address, max_size=None, compression=None) as socket:
        yield Page(socket)


def test_an_answer_follows_the_state_it_speaks_of(page: Page) -> None:
    for x_m in (100.0, 400.0, 700.0, 1000.0):
        before = len(page.state["scheme_json"]["wells"])
        assert page.act("add_well", kind="producer", x_m=x_m, y_m=3300.0)["ok"]
        assert len(page.state["scheme_json"]["wells"]) == before + 1
    for _ in range(4):
        before = len(page.state["scheme_json"]["wells"])
        assert page.act("undo")["ok"]
        assert len(page.state["scheme_json"]["wells"]) == before - 1


def test_a_refusal_stands_on_the_page_when_it_is_heard(page: Page) -> None:
    answer = page.act("set_scale", scale="galaxy")
    assert not answer["ok"]
    assert page.state["edit_error"] == {"field": "scale", "text": answer["text"]}


def test_an_endless_message_closes_the_socket(page: Page) -> None:
    """Refused by what its first bytes announce (RFC 6455, 5.2: binary, masked, length in eight bytes), not after it came."""
    announced = b"\x82\xff" + struct.pack(">Q", MAX_MESSAGE_BYTES + 1) + b"mask"
    page.socket.socket.sendall(announced)  # what is sent after them could undo the server's last word
    with pytest.raises(ConnectionClosed, match="1009"):
        page.socket.recv(timeout=60)

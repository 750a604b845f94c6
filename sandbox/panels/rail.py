"""Rail: the tools of the explore workspace."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Icon, word

TOOLS = (
    "wells",
    "layers",
    "subsurface",
    "surface",
    "economics",
    "assumptions",
    "suggest",
    "futures",
    "linking",
    "mining",
    "why",
    "outline",
)
ICONS = {"suggest": "bulb", "futures": "dots", "linking": "link", "why": "help", "mining": "layers"}
ONLY = {"linking": "site.linkable", "mining": "site.mine"}


def build(server: Server) -> Any:
    root = El("nav.rail", trame_server=server, b_aria_label="t.tools")
    with root:
        for name in TOOLS:
            with El(
                "button",
                type="button",
                if_=ONLY.get(name),
                b_class=f"{{on: drawer==='{name}' && ui_drawer}}",
                b_aria_pressed=f"drawer==='{name}' && ui_drawer",
                on_click=f"utils.gs.rail('{name}')",
                id=f"gs-rail-{name}",
                testid="suggest" if name == "suggest" else None,
            ):
                Icon(ICONS.get(name, name), 22)
                El("span", word(f"rail_{name}"))
    return root

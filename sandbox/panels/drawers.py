"""Drawer: the content of the tool chosen on the rail."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels import (
    forms,
    futures,
    ground,
    importing,
    linking,
    mining,
    outline,
    suggest,
    uses,
    wells,
    why,
)
from sandbox.panels.dom import El, Tool


def build(server: Server) -> Any:
    root = El("div.drawerhost", trame_server=server)
    with root:
        with El(
            "section.drawer",
            b_aria_label="t['rail_'+(drawer||'wells')]",
            if_="drawer && drawer!=='outline' && ui_drawer",
        ):
            Tool("close", "close", "ui_drawer = false", cls="closedrawer")
            with El("template", if_="drawer==='wells'"):
                wells.table()
            with El("template", if_="drawer==='layers'"):
                ground.layers()
            with El("template", if_="drawer==='subsurface'"):
                ground.subsurface()
            with El("template", if_="drawer==='surface'"):
                uses.drawer()
            with El("template", if_="drawer==='economics'"):
                forms.economics()
            with El("template", if_="drawer==='assumptions'"):
                forms.assumptions()
            with El("template", if_="drawer==='suggest'"):
                suggest.drawer()
            with El("template", if_="drawer==='futures'"):
                futures.drawer()
            with El("template", if_="drawer==='linking'"):
                linking.drawer()
            with El("template", if_="drawer==='importing'"):
                importing.drawer()
            with El("template", if_="drawer==='why'"):
                why.drawer()
            with El("template", if_="drawer==='mining'"):
                mining.drawer()
        outline.tree()
    return root

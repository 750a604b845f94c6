"""The frame: where the panels stand. The 3D host never moves in the tree, whatever the workspace."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El


def panel(name: str) -> El:
    """Place of another template."""
    return El("trame-template", template_name=name)


def build(server: Server) -> Any:
    root = El(
        "div.app",
        trame_server=server,
        id="gs-app",
        b_data_workspace="workspace",
        b_data_scale="scale",
        b_data_drawer="drawer && ui_drawer ? 'open' : 'closed'",
        b_data_theme="workspace==='present' ? 'dark' : theme",
        b_data_lang="lang",
    )
    with root:
        for name in ("topbar", "schemes", "rail", "drawer", "changes"):
            panel(name)
        with El("main.mid"):
            panel("views")
            with El(
                "div.scene",
                testid="scene",
                id="gs-scene",
                role="application",
                tabindex="0",
                b_aria_label="t.scene_label",
            ):
                El("div", id="gs-canvas")
                El("div", id="gs-overlay")
                panel("overlays")
            panel("dock")
            panel("delta")
            panel("explain")
            panel("replay")
            panel("model_card")
        panel("kpi")
        panel("timeline")
        panel("present")
        panel("decide")
        panel("notices")
    return root

"""Dock under the scene: charts (Panel in a frame) and, at the well site, the process diagram and its check."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels import campaign, process, sobol, uses_dock
from sandbox.panels.dom import El, Icon, act, word

CHARTS = ("temperature", "cash", "section", "sensitivity")
PICTURES = ("cascade", "hours", "campaign")


def build(server: Server) -> Any:
    root = El(
        "section.dock",
        trame_server=server,
        b_aria_label="t.charts",
        b_class="{closed: !ui_dock || scale==='basin' || workspace!=='explore', tall: scale==='site'}",
    )
    with root:
        with El("div.dt", role="tablist", b_aria_label="t.charts"):
            for name in ("process", "source"):
                _tab(name, "scale==='site'" if name == "process" else "scale==='site' && linkage")
            for name in (*PICTURES, *CHARTS):
                _tab(name, None)
            El("small", "{{ t['axis_'+dock] || '' }}")
            sobol.button()
            with El(
                "button.ib.small",
                type="button",
                b_aria_label="ui_dock ? t.close_charts : t.open_charts",
                b_title="ui_dock ? t.close_charts : t.open_charts",
                b_aria_expanded="ui_dock",
                on_click="ui_dock = !ui_dock",
            ):
                Icon("ui_dock ? 'down' : 'up'", 20, bound=True)
        with El("div.dc", role="tabpanel", if_="ui_dock"):
            process.diagram()
            process.source_table()
            uses_dock.cascade()
            uses_dock.hours()
            campaign.gantt()
            sobol.panel()
            El(
                "iframe.charts",
                show="['temperature','cash','section','sensitivity'].includes(dock)",
                b_src="sid ? '../../panel/charts?sid='+sid+'&theme='+theme : 'about:blank'",
                b_title="t.charts",
                loading="lazy",
            )
    return root


def _tab(name: str, only: str | None) -> None:
    El(
        "button",
        word(f"dock_{name}"),
        type="button",
        role="tab",
        if_=only,
        b_class=f"{{on: dock==='{name}'}}",
        b_aria_selected=f"dock==='{name}'",
        on_click=f"ui_dock = true; {act('set_dock', f'{{dock:{chr(39)}{name}{chr(39)}}}')}",
    )

"""The page: which panels there are and how they are wired to one trame server.

The markup is the same for every session, so it is built once and handed to each server as text. Every
panel is a template of its own: a change of state redraws only the panels that mention it, which keeps a
drag (``kpi`` changes many times a second) off the long lists.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from trame_client.ui.core import AbstractLayout
from trame_server.core import Server

from sandbox.panels import (
    compare,
    decide,
    dock,
    drawers,
    explain,
    frame,
    kpi,
    model_card,
    notices,
    overlays,
    present,
    rail,
    replay,
    schemes,
    timeline,
    topbar,
)

WEB = Path(__file__).with_name("web")
MODULE = {
    "serve": {"__gs": str(WEB)},
    "styles": [
        "__gs/style.css",
        "__gs/panels.css",
        "__gs/suggest.css",
        "__gs/proposals.css",
        "__gs/futures.css",
        "__gs/uses.css",
        "__gs/decide.css",
        "__gs/compare.css",
        "__gs/replay.css",
        "__gs/model_card.css",
        "__gs/linking.css",
        "__gs/importing.css",
        "__gs/why.css",
        "__gs/mining.css",
    ],
    "scripts": [
        "__gs/icons.js",
        "__gs/format.js",
        "__gs/page.js",
        "__gs/timeline.js",
        "__gs/assess.js",
        "__gs/suggest.js",
        "__gs/futures.js",
        "__gs/proposals.js",
        "__gs/uses.js",
        "__gs/importing.js",
        "__gs/decide.js",
        "__gs/replay_words.js",
    ],
    "module_scripts": ["__gs/main.js"],
}
# Main comes last: it mentions the others.
PANELS: dict[str, Callable[[Server], Any]] = {
    "topbar": topbar.build,
    "schemes": schemes.build,
    "rail": rail.build,
    "drawer": drawers.build,
    "overlays": overlays.build,
    "views": compare.build_views,
    "kpi": kpi.build,
    "dock": dock.build,
    "timeline": timeline.build,
    "changes": compare.build_changes,
    "delta": compare.build_table,
    "present": present.build,
    "decide": decide.build,
    "explain": explain.build,
    "replay": replay.build,
    "model_card": model_card.build,
    "notices": notices.build,
    "main": frame.build,
}
# What only the browser knows: never sent to the server.
PAGE_STATE: dict[str, Any] = {
    "ui_drawer": True,
    "ui_dock": True,
    "ui_menu": "",
    "ui_rename": "",
    "ui_split": 0.5,
    "ui_challenge": "",
    "ui_replay": {"at": 0, "playing": False},
    "ui_flip": False,
    "ui_difference": 10,
    "ui_search": "",
    "ui_matrix": "",
    "ui_all": False,
    "ui_offline": False,
    "ui_toast": "",
    "ui_warnings": False,
    "ui_suggest": False,
    "ui_suggest_tab": "wells",
    "ui_axis_x": "",
    "ui_axis_y": "",
    "ui_playing_futures": False,
    "ui_use": "",
    "ui_building": False,
    "ui_block": "",
    "ui_why": "",
    "ui_import": {"busy": False, "files": "", "report": None, "error": "", "name": "", "mapping": {}},
    "ui_mine": 2,
    "ui_folded": ["costs", "factors"],
}
SHARED_BY_PAGE = ("year", "playing", "speed")
# Keys that other modules fill later; a template may only mention keys that exist.
EMPTY: dict[str, Any] = {
    "t": {},
    "kpi": {},
    "wells": [],
    "pads": [],
    "schemes": [],
    "findings": [],
    "warnings": [],
    "events": [],
    "curves": {},
    "history": {"undo": "", "redo": "", "can_undo": False, "can_redo": False},
    "status": {"engine": "", "ms": 0, "text": ""},
    "layers": {},
    "site": {},
    "sites": [],
    "station": None,
    "resource": None,
    "suit": None,
    "suit_map": None,
    "suit_place": None,
    "quality": None,
    "printed": None,
    "assessing": [],
    "suggest": None,
    "uses": None,
    "cascade": None,
    "hours_year": None,
    "campaign": None,
    "sobol": None,
    "uses_tab": "uses",
    "ghosts": None,
    "keep_out": [],
    "portfolios": None,
    "futures": None,
    "compare": None,
    "replay": None,
    "decide": None,
    "decide_rank": None,
    "decide_doc": None,
    "explain": None,
    "model_card": None,
    "model_flag": None,
    "carpet": None,
    "frames": None,
    "busy": None,
    "toast": None,
    "edit_error": None,
    "correction": {},
    "terms": {},
    "fields": [],
    "assumptions": [],
    "strata": [],
    "linkage": None,
    "blocks": None,
    "why": None,
    "life_years": 30,
    "kpi_seq": 0,
    "lang": "zh",
    "theme": "light",
    "scale": "field",
    "workspace": "explore",
    "mine": None,
    "point_map": None,
    "drawer": "wells",
    "dock": "temperature",
    "selected": "",
    "scheme_id": "",
    "saved": "saved",
    "sid": "",
    "colour_by": "temperature",
    "carpet_key": "npv_cny",
    "year": 0.0,
    "playing": False,
    "speed": 2,
    "help_open": False,
}

_templates: dict[str, str] = {}


def templates(server: Server) -> dict[str, str]:
    """Markup by template name, built on the first call."""
    if not _templates:
        for name, build in PANELS.items():
            layout = AbstractLayout(server, build(server), template_name=name)
            _templates[name] = layout.html
    return _templates


def build_page(server: Server) -> None:
    """Give a server the page: scripts, styles, templates and the state that templates mention."""
    server.enable_module(MODULE)
    state = server.state
    for key, value in {**EMPTY, **PAGE_STATE}.items():
        state.setdefault(key, value)
    state.client_only(*PAGE_STATE, *SHARED_BY_PAGE)
    for name, markup in templates(server).items():
        state[f"trame__template_{name}"] = markup

"""What comes and goes: toasts, connection banner, help sheet."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Icon, Tool, act, word

KEYS = (
    ("1 2 3", "key_scales"),
    ("H", "key_home"),
    ("Ctrl Z · Ctrl Y", "key_undo"),
    ("R", "key_replay"),
    ("Space", "key_play"),
    ("← ↑ ↓ →", "key_nudge"),
    ("Shift ←…→", "key_nudge_far"),
    ("Enter", "key_place"),
    ("Esc", "key_escape"),
    ("Ctrl D", "key_duplicate"),
    ("Delete", "key_delete"),
)


def build(server: Server) -> Any:
    root = El("div.notices", trame_server=server)
    with root:
        with El("div.banner", if_="ui_offline", role="alert"):
            Icon("offline", 20)
            El("b", word("offline"))
            El("span", word("offline_kept"))
        El("div.toast", "{{ ui_toast }}", if_="ui_toast", role="status")
        with El("div.sheet", if_="help_open", role="dialog", b_aria_label="t.help"):
            with El("div.dh"):
                El("span", word("help"))
                Tool("close", "close", act("toggle", "{key:'help_open'}"))
            with El("ol.steps"):
                for n in range(1, 6):
                    El("li", word(f"help_{n}"))
            El(
                "a.link",
                word("validation_link"),
                b_href="'/validation?lang=' + lang + '&theme=' + theme",
                target="_blank",
                rel="noopener",
            )
            El("h3.bh", word("shortcuts"))
            with El("dl.keys"):
                for keys, text in KEYS:
                    with El("dt"):
                        for k in keys.split(" "):
                            El("kbd", k) if k != "·" else El("span", "·")
                    El("dd", word(text))
    return root

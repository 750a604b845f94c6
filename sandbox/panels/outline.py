"""Outline: every editable object as an accessible tree; each edit can be done here with the keyboard.

The tree is always in the page. While another tool is open it takes no room, and shows itself when the
focus enters it, so that keyboard and screen-reader users can reach it from anywhere.
"""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, Tool, act, well_symbol, word

FIELDS = (
    ("x_m", "E", "m", 0),
    ("y_m", "N", "m", 0),
    ("head_x_m", "field_head_e", "m", 0),
    ("head_y_m", "field_head_n", "m", 0),
    ("rate_m3_h", "field_rate", "m³/h", 1),
    ("temperature_degc", "field_temperature", "℃", 1),
)


def tree() -> None:
    with El(
        "section.drawer.outline",
        testid="outline",
        b_class="{open: drawer==='outline' && ui_drawer}",
        b_aria_label="t.rail_outline",
    ):
        with El("div.dh"):
            El("span", word("rail_outline"))
            El("small", word("outline_hint"))
        with (
            El("div.scroll"),
            El(
                "ul.tree",
                role="tree",
                b_aria_label="t.rail_outline",
                on_keydown="utils.gs.rove($event,'[role=treeitem]')",
            ),
            El("li", role="none", for_="p in utils.gs.byPad(wells)", key="p.pad"),
        ):
            with El(
                "div.tp",
                role="treeitem",
                tabindex="-1",
                aria_level="1",
                aria_expanded="true",
                b_aria_label="p.pad ? utils.gs.fill(t.pad_named,{pad:p.pad}) : t.no_pad",
            ):
                Icon("down", 16)
                El("b", "{{ p.pad ? utils.gs.fill(t.pad_named,{pad:p.pad}) : t.no_pad }}")
                El("small", "{{ p.wells.length }}")
            with El("ul", role="group"):
                _well()


def _well() -> None:
    with El("li", role="none", for_="w in p.wells", key="w.id", memo="[w, selected===w.id, edit_error, t]"):
        with El(
            "div.tw",
            role="treeitem",
            b_tabindex="selected===w.id || (!selected && w===wells[0]) ? 0 : -1",
            aria_level="2",
            b_aria_selected="selected===w.id",
            b_aria_expanded="selected===w.id",
            b_aria_label="w.id + ' ' + t['kind_'+w.kind]",
            b_class="{on: selected===w.id}",
            b_data_well="w.id",
            on_click=act("select", "{well:w.id}"),
            on_keydown="utils.gs.treeKey($event,w.id)",
        ):
            well_symbol("w.kind")
            El("b", "{{ w.id }}")
            El("span", "{{ t['kind_'+w.kind] }}")
            El("small", "{{ utils.gs.fmt(w.rate_m3_h,1) }} m³/h")
        with El("div.te", if_="selected===w.id", role="group", b_aria_label="w.id"):
            for field, label, unit, digits in FIELDS:
                _field(field, label, unit, digits)
            _nudges()


def _field(field: str, label: str, unit: str, digits: int) -> None:
    text = label if len(label) == 1 else word(label)
    shown = f"w.{field}===null ? '' : utils.gs.fmt(w.{field},{digits},'')"
    with El(
        "label.tf", if_="w.kind==='injector' || w.kind==='storage'" if field == "temperature_degc" else None
    ):
        El("span", text)
        El(
            "input",
            inputmode="decimal",
            b_value=shown,
            b_placeholder="t.from_uses" if field == "temperature_degc" else None,
            b_aria_invalid=f"edit_error && edit_error.field && edit_error.field.endsWith('{field}') ? 'true' : null",
            on_keydown__enter="$event.target.blur()",
            on_keydown__esc=f"utils.gs.escape($event,{shown})",
            on_keydown__stop="",
            on_blur=f"utils.gs.commit($event,'set_well',{{well:w.id, field:'{field}'}},{shown})",
        )
        El("i", unit)


def _nudges() -> None:
    with El("div.tn", role="group", b_aria_label="t.nudge"):
        for icon, dx, dy in (("west", -50, 0), ("south", 0, -50), ("north", 0, 50), ("east", 50, 0)):
            Tool(icon, f"nudge_{icon}", f"utils.gs.nudge(w.id,({dx}),({dy}),$event)", size=18)
        Tool("copy", "duplicate_well", act("duplicate_well", "{well:w.id}"), size=18)
        Tool("trash", "delete_well", act("delete_well", "{well:w.id}"), size=18)
    El("p.error", "{{ edit_error.text }}", if_="edit_error", role="alert")

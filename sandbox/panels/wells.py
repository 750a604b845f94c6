"""Wells drawer: all wells as a table with search, and adding of new ones by placing."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, act, badge, well_symbol, word

ADD = (("doublet", "plus"), ("producer", ""), ("injector", ""))


def table() -> None:
    """Head, add buttons, search, rows."""
    with El("div.dh"):
        El("span", word("rail_wells"))
        El(
            "small",
            "{{ utils.gs.fill(t.well_counts, "
            "{p: utils.gs.count(wells,'producer'), i: utils.gs.count(wells,'injector'), pads: pads.length}) }}",
        )
    with El("div.addr"):
        for kind, icon in ADD:
            with El(
                "button",
                type="button",
                id=f"gs-add-{kind}",
                b_title=f"t.add_{kind}_hint",
                on_click=f"utils.gs.place('{kind}')",
            ):
                if icon:
                    Icon(icon, 16)
                else:
                    well_symbol(f"'{kind}'", 13)
                El("span", word(f"add_{kind}"))
    with El("label.find"):
        Icon("search", 17)
        El(
            "input",
            type="search",
            b_placeholder="t.find_well",
            b_aria_label="t.find_well",
            b_value="ui_search",
            on_input="ui_search = $event.target.value",
        )
    with El("div.wr.hd", aria_hidden="true"):
        El("span")
        El("span", word("col_well"))
        El("span", "m³/h")
        El("span", word("col_top"))
        El("span", word("col_state"))
    found = "utils.gs.found(utils.gs.kindSort(wells), ui_search)"
    with El("div.wlistbox", on_keydown="utils.gs.rove($event,'.wr')"):
        with El(
            "button.wr",
            type="button",
            for_=f"w in {found}",
            key="w.id",
            b_class="{on: selected===w.id, inj: w.kind==='injector'}",
            b_aria_pressed="selected===w.id",
            on_click=act("select", "{well: selected===w.id ? '' : w.id}"),
            on_dblclick="utils.gs.view('flyTo', w.id)",
        ):
            well_symbol("w.kind")
            El("b", "{{ w.id }}")
            El("span", "{{ utils.gs.fmt(w.rate_m3_h, w.rate_m3_h%1 ? 1 : 0) }}")
            El("span", "{{ utils.gs.fmt(w.top_m,0) }}")
            _state()
        El("p.hint", word("no_well_found"), if_=f"!{found}.length")
    with El("div.wmore", if_="!selected"):
        El("span", word("drag_hint"))


def _state() -> None:
    finding = "utils.gs.findingOf(findings, w.id)"
    with El("span.badge.warnb", if_=finding, b_class=f"{finding}.severity", b_title=f"{finding}.text"):
        El("i", f"{{{{ {finding}.severity==='hard' ? '✕' : '!' }}}}")
    badge("(schemes.find(s=>s.active)||{}).state", word_too=False, else_=True)

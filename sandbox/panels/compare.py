"""Compare: what changed, two views of the one canvas, and the table of differences to the baseline."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Icon, act, badge, word


def build_changes(server: Server) -> Any:
    """List of what differs between A and B, by group."""
    root = El("aside.changes", trame_server=server, b_aria_label="t.what_changed")
    with root, El("template", if_="workspace==='compare'"):
        with El("div.dh"):
            El("span", word("what_changed"))
            El(
                "small",
                "{{ utils.gs.letter(compare.columns, compare.a) }} → {{ utils.gs.letter(compare.columns, compare.b) }} · "
                "{{ utils.gs.fill(t.n_items, {n: compare.changes.length}) }}",
                if_="compare",
            )
        with El("div.scroll", if_="compare"):
            with El("section", for_="g in utils.gs.groups(compare.changes)", key="g.name"):
                El("h3.dg", "{{ t['changed_'+g.name] || g.name }}")
                with El("div.di", for_="(c, i) in g.rows", key="i", b_class="utils.gs.sign(c).cls"):
                    El("i", "{{ utils.gs.sign(c).glyph }}", aria_hidden="true")
                    with El("div"):
                        El("b", "{{ utils.gs.firstPart(c.text) }}")
                        El("span", "{{ utils.gs.restPart(c.text) }}")
            El("p.hint", word("nothing_changed"), if_="!compare.changes.length")
        with El("div.why", if_="compare && compare.cause"):
            Icon("bulb", 22)
            El("span", "{{ utils.gs.causeText(compare.cause, lang, t) }}")
        with El("div.skeletons", if_="!compare", aria_busy="true"):
            for _ in range(5):
                El("span.sk")
    return root


MODES = (
    ("side", "compare"),
    ("swipe", "swap"),
    ("blink", "eye"),
    ("difference", "difference"),
    ("grid", "grid"),
)
MODE = "(compare ? compare.mode : 'side')"


def build_views(server: Server) -> Any:
    """Tool bar over the views: how they stand, how many, what the colours mean."""
    root = El("div.viewshost", trame_server=server)
    with root, El("template", if_="workspace==='compare'"), El("div.ctb"):
        with El("div.seg", role="group", b_aria_label="t.cmp_modes"):
            for name, icon in MODES:
                with El(
                    "button",
                    type="button",
                    testid=f"compare-{name}",
                    b_class=f"{{on: {MODE}==='{name}'}}",
                    b_aria_pressed=f"{MODE}==='{name}'",
                    b_title=f"t.cmp_{name}_hint",
                    on_click=act("compare_mode", f"{{mode:'{name}'}}"),
                ):
                    Icon(icon, 17)
                    El("span", word(f"cmp_{name}"))
        with El("div.seg", role="group", b_aria_label="t.cmp_count", if_=f"compare && {MODE}==='side'"):
            for count in (2, 3, 4):
                El(
                    "button",
                    str(count),
                    type="button",
                    if_=f"schemes.length>={count}",
                    testid=f"compare-views-{count}",
                    b_class=f"{{on: compare.views.length==={count}}}",
                    b_aria_pressed=f"compare.views.length==={count}",
                    b_aria_label=f"utils.gs.fill(t.cmp_n_views, {{n: {count}}})",
                    on_click=act("compare_views", f"{{count:{count}}}"),
                )
        with El(
            "button.ghostbtn.hold",
            type="button",
            if_=f"{MODE}==='blink'",
            testid="compare-flip",
            b_aria_pressed="ui_flip",
            on_click="utils.gs.view('flip', !ui_flip)",
        ):
            El("kbd", "B")
            El("span", word("cmp_hold"))
        with El("span.lk"):
            Icon("link", 18)
            El("span", word("linked"))
        _legend()
    return root


def _legend() -> None:
    with El("span.cl", if_=f"{MODE}!=='difference'"):
        El("span", "{{ t.reservoir_temperature }} {{ utils.gs.legendTicks('field','',lang,frames)[0] }}")
        El("i.ramp", b_style="{background: utils.gs.ramp('thermal')}")
        El("span", "{{ utils.gs.legendTicks('field','',lang,frames)[3] }}")
        El("i.cold")
        El("span", word("cold_body"))
    with El("span.cl", else_=True):
        letters = (
            "{a: utils.gs.letter(compare.columns, compare.a), b: utils.gs.letter(compare.columns, compare.b)}"
        )
        El("span", "{{ utils.gs.fill(t.cmp_minus, " + letters + ") }} −{{ ui_difference }}")
        El("i.ramp", b_style="{background: utils.gs.ramp('delta')}")
        El("span", "+{{ ui_difference }} K")


def views() -> None:
    """Heads of the views and what is laid over them; the one canvas below draws into their frames."""
    with El(
        "div.views",
        if_="workspace==='compare'",
        b_data_mode=MODE,
        b_data_count="compare ? compare.views.length : 2",
        b_style=f"{MODE}==='swipe' ? {{gridTemplateColumns: (100*ui_split)+'% minmax(0,1fr)'}} : {{}}",
    ):
        for index, side in enumerate("abcd"):
            _view(side, index)
        El(
            "div.divider",
            if_=f"{MODE}==='swipe'",
            role="slider",
            tabindex="0",
            testid="compare-divider",
            aria_orientation="horizontal",
            b_aria_label="t.cmp_divider",
            b_aria_valuenow="Math.round(100*ui_split)",
            aria_valuemin="0",
            aria_valuemax="100",
            b_style="{left: (100*ui_split)+'%'}",
            on_pointerdown="utils.gs.view('grabDivider', $event)",
            on_keydown="utils.gs.view('dividerKey', $event)",
        )
        _thumbs()


def _view(side: str, index: int) -> None:
    own = f"((compare && utils.gs.column(compare, compare.chosen[{index}])) || {{}})"
    shown = {0: "", 1: ""}.get(index, f"compare && compare.views.length>{index}")
    hidden = f"{MODE}==='grid'" + (
        f" || ({MODE}==='blink' && {'ui_flip' if index == 0 else '!ui_flip'})" if index < 2 else ""
    )
    with El(
        "section.view",
        testid=f"view-{side}",
        if_=shown or None,
        b_class=f"{{gone: {hidden}, lower: {MODE}==='difference' && {index}===1}}",
        b_style=f"{{'--c': {own}.color || 'var(--s0)'}}",
    ):
        with El("div.vh", b_class=f"{{base: {own}.baseline}}"):
            El("span.L", f"{{{{ {own}.letter }}}}", if_=f"{own}.letter")
            with El("label.sel"):
                with El(
                    "select",
                    b_value=f"compare && compare.chosen[{index}]",
                    b_aria_label=f"utils.gs.fill(t.cmp_view_n, {{n: '{side.upper()}'}})",
                    on_change=act("compare_set", f"{{side:'{side}', id:$event.target.value}}"),
                ):
                    El("option", "{{ s.name }}", for_="s in schemes", key="s.id", b_value="s.id")
                Icon("down", 18)
            badge(f"{own}.state || 'refining'", cls="r")
        mark = f"utils.gs.firstBreak(compare.events[{index}])"
        with El("div.pan.vn", if_=f"compare && {MODE}!=='difference'"):
            El(
                "span",
                f"{{{{ {mark} ? {mark}.text + ' · ' + utils.gs.fmt({mark}.year,1) + ' a' : t.no_breakthrough }}}}",
            )


def _thumbs() -> None:
    """Every scheme as a small picture of its floor temperature; one becomes large by a click."""
    with (
        El("div.thumbs", if_=f"compare && {MODE}==='grid'", testid="compare-thumbs", data_ui="1"),
        El(
            "button.thumb",
            for_="s in compare.thumbs",
            key="s.id",
            type="button",
            b_data_thumb="s.id",
            b_style="{'--c': utils.gs.column(compare, s.id).color || 'var(--s0)'}",
            b_aria_label="utils.gs.fill(t.cmp_enlarge, {name: utils.gs.column(compare, s.id).name || ''})",
            on_click=act("compare_promote", "{id: s.id}"),
        ),
    ):
        El("canvas", aria_hidden="true")
        with El("span.tn1", b_class="{base: utils.gs.column(compare, s.id).baseline}"):
            El("span.L", "{{ utils.gs.column(compare, s.id).letter }}")
            El(
                "b",
                "{{ utils.gs.column(compare, s.id).name }}",
                b_title="utils.gs.column(compare, s.id).name",
            )
        El("small", "{{ utils.gs.thumbLine(compare, s.id, lang, t, life_years) }}")


def build_table(server: Server) -> Any:
    """Rows KPI, columns schemes; bars of a row share one zero line, whiskers are P10-P90 of the difference."""
    root = El(
        "section.tblw",
        trame_server=server,
        if_="workspace==='compare'",
        b_class="{tall: ui_all}",
        b_aria_label="t.delta_table",
    )
    with root:
        with El("div.tscroll"), El("table", testid="delta-table"):
            with El("thead"), El("tr"):
                with El("th", scope="col"):
                    El("span", word("kpi_delta"))
                with El("th.b", scope="col"), El("label.sel.bsel", b_title="t.cmp_base"):
                    with El(
                        "select",
                        testid="compare-base",
                        b_value="compare && compare.base",
                        b_aria_label="t.cmp_base",
                        on_change=act("compare_base", "{id: $event.target.value}"),
                    ):
                        El(
                            "option",
                            "{{ s.letter }} {{ s.name }}",
                            for_="s in schemes",
                            key="s.id",
                            b_value="s.id",
                        )
                    Icon("down", 16)
                with El(
                    "th.hc",
                    if_="compare",
                    for_="c in utils.gs.others(compare)",
                    key="c.id",
                    colspan="3",
                    scope="colgroup",
                    b_style="{'--c': c.color}",
                ):
                    El("span.L", "{{ c.letter }}")
                    El("span.nm", "{{ c.name }}", b_title="c.name")
            with El("tbody", if_="compare"):
                _row()
        with El("div.skeletons", if_="!compare", aria_busy="true"):
            for _ in range(4):
                El("span.sk")
        with El(
            "button.mr", type="button", on_click="ui_all = !ui_all", b_aria_expanded="ui_all", if_="compare"
        ):
            El("span", "{{ ui_all ? t.fewer : utils.gs.fill(t.all_rows, {n: compare.table.length}) }}")
            Icon("ui_all ? 'down' : 'up'", 16, bound=True)
    return root


def _row() -> None:
    with El(
        "tr",
        for_="r in utils.gs.tableRows(compare)",
        key="r.key",
        b_class="{on: carpet_key===r.key}",
        b_data_key="r.key",
        on_click=act("carpet_key", "{key:r.key}"),
    ):
        with El("th", scope="row"):
            El("span", "{{ t['kpi_'+r.key] || r.label }}")
            El("small", "{{ utils.gs.unit(r.key,lang) }}")
        El(
            "td.b",
            "{{ utils.gs.value(r.key, (utils.gs.baseCell(compare,r)||{}).value, lang, t, life_years) }}",
        )
        with El("template", for_="c in utils.gs.others(compare)", key="c.id"):
            El("td.v", "{{ utils.gs.value(r.key, (r.cells[c.id]||{}).value, lang, t, life_years) }}")
            with El("td.dl"):
                cell = "utils.gs.cellDelta(r, r.cells[c.id], utils.gs.baseCell(compare,r), lang, t)"
                with El("span.d", b_class=f"{cell}.cls"):
                    El("i", f"{{{{ {cell}.arrow }}}}", if_=f"{cell}.arrow", aria_hidden="true")
                    El("span", f"{{{{ {cell}.text }}}}")
            with El("td.bx"):
                bar = "utils.gs.cellBar(r, utils.gs.others(compare), r.cells[c.id])"
                with El("div.db", if_=bar, b_class=f"{cell}.cls", aria_hidden="true"):
                    El("i.z", b_style=f"{{left: {bar}.zero+'%'}}")
                    El("i.br", b_style=f"{{left: {bar}.x+'%', width: {bar}.w+'%'}}")
                    El(
                        "i.wh",
                        if_=f"{bar}.lo!==null",
                        b_style=f"{{left: {bar}.lo+'%', width: ({bar}.hi-{bar}.lo)+'%'}}",
                    )

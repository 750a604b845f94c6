"""Explain: what a number means, how it came about, what it rests on. Never shown during a drag."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Icon, Tool, act, badge, word

KPI = "(kpi[explain.key] || {})"


def build(server: Server) -> Any:
    root = El(
        "aside.xp",
        trame_server=server,
        if_="explain && workspace==='explore'",
        b_aria_label="explain && explain.label",
        role="dialog",
    )
    with root:
        with El("div.xh"):
            with El("div"):
                El("b", "{{ t['kpi_'+explain.key] || explain.label }}")
                El("span", "{{ explain.definition }}")
            Tool("close", "close", act("explain", "{key:''}"))
        with El("div.xv"):
            El("b", "{{ utils.gs.value(explain.key, " + KPI + ".value, lang, t, life_years) }}")
            El("span", "{{ utils.gs.unit(explain.key, lang) }}")
            badge(KPI + ".state")
            El("em", "{{ utils.gs.kpiView(explain.key, kpi[explain.key], lang, t, life_years).range }}")
        with El("div.scroll"):
            El("h3.gh", word("formula"))
            with El("div.fx"):
                El("div", "{{ explain.formula }}")
                El("div.nums", "{{ explain.numbers }}", if_="explain.numbers")
            El("h3.gh", word("inputs"), if_="(explain.inputs||[]).length")
            with El("div.xr", for_="(r, i) in (explain.inputs||[])", key="i"):
                El("span", "{{ r.label }}")
                El("b", "{{ r.text !== undefined ? r.text : utils.gs.sig(r.value,4,3) }}")
                El("i", "{{ r.unit }}")
                El("em", "{{ utils.gs.rangeText(r) }}")
                El("small", "{{ r.source }}", if_="r.source")
            _futures()
            _tornado()
            El("h3.gh", word("model_and_source"))
            with El("dl.xs"):
                El("dt", word("model"))
                El(
                    "dd",
                    "{{ t['engine_'+(explain.engine||'').split(' ')[0]] || '' }} {{ (explain.engine||'').split(' ').slice(1).join(' ') }}",
                )
                El("dt", word("source"))
                El("dd", "{{ explain.source }}")
        with El("div.xf"):
            with El("span.badge", b_class=KPI + ".state==='out_of_range' ? 'oor' : 'sim'"):
                El("i", "{{ " + KPI + ".state==='out_of_range' ? '⚠' : '✓' }}", aria_hidden="true")
                El("span", "{{ " + KPI + ".state==='out_of_range' ? t.inputs_outside : t.inputs_inside }}")
            with El("button.fix", type="button", on_click="utils.gs.rail('economics')"):
                Icon("assumptions", 17)
                El("span", word("change_assumptions"))
    return root


def _futures() -> None:
    """Twenty dots: in how many of the possible futures the KPI is better than the baseline's value."""
    with El("template", if_="explain.futures"):
        El("h3.gh", word("futures"))
        with El("div.px"):
            El("b", "{{ explain.futures.count }}")
            El("span", " {{ explain.futures.text }}")
            with El("div.dots", aria_hidden="true"):
                El("i", for_="n in 20", key="n", b_class="{on: n<=explain.futures.count}")


def _tornado() -> None:
    with El("template", if_="(explain.tornado||[]).length"):
        El("h3.gh", word("strongest"))
        with El("div.tnd", for_="r in utils.gs.tornado(explain)", key="r.label"):
            El("span", "{{ r.label }}")
            with El("div.db", aria_hidden="true"):
                El("i.z", style="left:50%")
                El(
                    "i.br",
                    for_="b in r.bars",
                    key="b.x",
                    b_class="b.cls",
                    b_style="{left:b.x+'%',width:b.w+'%'}",
                )
            El("b", "{{ r.text }}")

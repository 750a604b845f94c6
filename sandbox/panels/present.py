"""Present: a dark stage with four figures that can be read from the back of a room."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Icon, act, word

STAGE = "['thermal_power_mw','breakthrough_years','lcoh_cny_per_gj','npv_cny'].map(k => utils.gs.kpiView(k, kpi[k], lang, t, life_years))"


def build(server: Server) -> Any:
    root = El("section.pres", trame_server=server, if_="workspace==='present'", b_aria_label="t.ws_present")
    with root:
        El("div.grad", aria_hidden="true")
        with El("div.cap"):
            with (
                El("template", for_="s in schemes.filter(s => s.active)", key="s.id"),
                El("span.chip.on", b_style="{'--c': s.color, '--ci': s.color}", b_class="{base: s.baseline}"),
            ):
                El("span.L", "{{ s.letter }}")
                El("span", "{{ s.name }}")
            El("h1", "{{ site.title }}")
            El("p", "{{ utils.gs.stageLine(wells, kpi, life_years, lang, t) }}")
            El("small", "{{ site.provenance }}")
        with El("button.exit", type="button", on_click=act("set_workspace", "{workspace:'explore'}")):
            Icon("close", 24)
            El("span", word("leave_stage"))
        with El("div.lgp", aria_hidden="true"):
            El("span", "{{ t.reservoir_temperature }} {{ utils.gs.legendTicks('field','',lang,frames)[0] }}")
            El("i", b_style="{background: utils.gs.ramp('thermal')}")
            El("span", "{{ utils.gs.legendTicks('field','',lang,frames)[3] }}")
            El("u")
            El("span", word("cold_water"))
        with El("div.yrp"):
            with El(
                "button.play",
                type="button",
                on_click="utils.gs.play()",
                b_aria_label="playing ? t.pause : t.play",
            ):
                Icon("playing ? 'pause' : 'play'", 26, bound=True)
            El("b", "{{ utils.gs.fill(t.year_n,{year: utils.gs.fmt(year,0)}) }}")
            El(
                "input.range",
                type="range",
                min="0",
                b_max="life_years || 30",
                step="0.5",
                b_value="year",
                b_aria_label="t.year_slider",
                b_style="{'--p': utils.gs.percent(year,life_years)+'%'}",
                on_input="utils.gs.scrub(Number($event.target.value))",
            )
        with El("div.low"), El("div.c", for_=f"c in {STAGE}", key="c.key"):
            with El("div.n"):
                El("span", "{{ t['stage_'+c.key] || c.name }}")
                with El("span.badge", b_class="c.badge.cls"):
                    El("i", "{{ c.badge.glyph }}", aria_hidden="true")
                    El("span", "{{ c.badge.word }}")
            with El("div.big"):
                El("b", "{{ utils.gs.stage(c, kpi[c.key], lang).text }}", b_class="{words: c.words}")
                El("i", "{{ utils.gs.stage(c, kpi[c.key], lang).unit }}")
            with El("em.d", b_class="c.delta.cls"):
                El("span", "{{ utils.gs.stageDelta(c, kpi[c.key], lang, t) }}")
            with El("div.kb.pb", if_="c.band", b_class="{worse: c.delta.cls==='dn'}", aria_hidden="true"):
                El(
                    "span.rng",
                    if_="c.band.lo!==null",
                    b_style="{left:c.band.lo+'%',width:(c.band.hi-c.band.lo)+'%'}",
                )
                El("span.tick", if_="c.band.base!==null", b_style="{left:c.band.base+'%'}")
                El("span.now", b_style="{left:c.band.now+'%'}")
    return root

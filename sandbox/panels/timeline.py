"""Timeline: play, year, events, speed, and in the same row what is saved and which engine answered."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Icon, word

SPEEDS = (1, 2, 5, 10)
MARKS = {"drilling": ("◆", ""), "breakthrough": ("▲", "prod"), "workover": ("✚", "")}


def build(server: Server) -> Any:
    root = El("footer.timeline", trame_server=server, testid="timeline", b_aria_label="t.timeline")
    with root:
        with El(
            "button.play",
            type="button",
            on_click="utils.gs.play()",
            b_aria_label="playing ? t.pause : t.play",
            b_title="playing ? t.pause : t.play",
            b_disabled="scale==='basin'",
        ):
            Icon("playing ? 'pause' : 'play'", 22, bound=True)
        with El("div.yr"):
            El(
                "span",
                "{{ scale==='basin' ? t.today : utils.gs.fill(t.year_n,{year: utils.gs.fmt(year, 0)}) }}",
            )
            El(
                "small",
                "{{ scale==='basin' ? t.static_map : workspace==='compare' ? t.both_views : utils.gs.season(year, terms, t) }}",
            )
        _rail()
        with El("div.seg.speed", role="group", b_aria_label="t.speed"):
            for value in SPEEDS:
                El(
                    "button",
                    str(value),
                    type="button",
                    b_class=f"{{on: speed==={value}}}",
                    b_aria_pressed=f"speed==={value}",
                    on_click=f"speed = {value}",
                )
            El("span.un", word("years_per_second"))
        _status()
    return root


def _rail() -> None:
    with El("div.tlx", id="gs-timerail"):
        with (
            El("div.marks", if_="scale!=='basin'"),
            El(
                "button.ev",
                for_="(e, i) in utils.gs.marks(events, life_years)",
                key="i",
                type="button",
                b_class="[e.kind, e.side]",
                b_style="{left: e.at+'%'}",
                b_title="e.text",
                on_click="utils.gs.scrub(e.year)",
            ),
        ):
            for kind, (glyph, _) in MARKS.items():
                El("i", glyph, if_=f"e.kind==='{kind}'", aria_hidden="true")
            El("span", "{{ e.text }}")
        with El("div.track", aria_hidden="true"):
            El("span.buf", if_="frames", b_style="{width:'100%'}")
            El("span.done", b_style="{width: utils.gs.percent(scale==='basin' ? 0 : year, life_years)+'%'}")
            El(
                "i",
                for_="k in utils.gs.ticks(life_years)",
                key="k.year",
                b_class="{named: k.named}",
                b_style="{left: k.at+'%'}",
            )
            El(
                "em",
                "{{ k.year }}",
                for_="k in utils.gs.ticks(life_years).filter(k => k.named)",
                key="'n'+k.year",
                b_style="{left: k.at+'%'}",
            )
            El("b", b_style="{left: utils.gs.percent(scale==='basin' ? 0 : year, life_years)+'%'}")
        El(
            "input.seek",
            type="range",
            min="0",
            b_max="life_years || 30",
            step="0.5",
            b_value="year",
            b_disabled="scale==='basin'",
            b_aria_label="t.year_slider",
            b_aria_valuetext="utils.gs.fill(t.year_n,{year: utils.gs.fmt(year,1)})",
            on_input="utils.gs.scrub(Number($event.target.value))",
        )


def _status() -> None:
    with El("div.stat", testid="status", role="status"):
        with El("span.x.err", if_="ui_offline"):
            Icon("offline", 16)
            El("span", word("offline_short"))
        with El("span.x", else_=True, b_class="{err: saved==='error'}"):
            Icon("saved==='saved' ? 'saved' : saved==='saving' ? 'saving' : 'unsaved'", 16, bound=True)
            El("span.hide13", "{{ t['saved_'+saved] }}")
        with El("span.x.busy", if_="busy"):
            El("i.turn", "◔", aria_hidden="true")
            El("span", "{{ busy.text }}")
        with El("span.x", if_="!busy", b_title="status.text"):
            Icon("chip", 16, cls="hide13")
            El(
                "span.eng",
                "{{ t['engine_'+status.engine] || status.engine || status.text || t.engine_wait }}",
            )
            El("span", "· {{ utils.gs.fmt(status.ms, status.ms<10 ? 1 : 0) }} ms", if_="status.engine")
        El(
            "button.link",
            word("retry"),
            if_="!status.engine && status.text",
            type="button",
            on_click="utils.gs.act('retry')",
        )

"""Replay: the last change as a film over the scene, with figures that run along and their causes."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Icon, Tool, act, word

AT = "ui_replay.at"
CURVE = f"utils.gs.repCurve(replay, {AT})"


def build(server: Server) -> Any:
    root = El(
        "section.rp",
        trame_server=server,
        if_="replay && workspace==='explore'",
        role="dialog",
        b_aria_label="t.rep_title",
        testid="replay-panel",
        data_ui="1",
    )
    with root:
        with El("div.rph"):
            El("b", word("rep_title"))
            El("span", "{{ replay.label }}")
            Tool("close", "close", act("replay_close"), size=18, cls="small", testid="replay-close")
        with El("div.rpw", if_="!replay.ready", role="status"):
            El("i.turn", "◔", aria_hidden="true")
            El("span", word("rep_wait"))
        with El("template", if_="replay.ready"):
            with El("div.rpb"):
                _left()
                _figures()
            _bar()
    return root


def _left() -> None:
    with El("div.rpl"):
        El("h3.gh", word("what_changed"))
        with El("ul.facts"):
            El("li", "{{ c }}", for_="(c, i) in replay.changes", key="i")
        with El("template", if_=CURVE):
            El("h3.gh", word("rep_curve"))
            with El("svg.rpc", viewBox="0 0 100 100", preserveAspectRatio="none", aria_hidden="true"):
                for name in ("before", "after", "now"):
                    El("path", cls=name, b_d=f"{CURVE}.{name}")
            with El("div.rl"):
                El(
                    "span",
                    "{{ utils.gs.fmt("
                    + CURVE
                    + ".low, 1) }} – {{ utils.gs.fmt("
                    + CURVE
                    + ".high, 1) }} {{ utils.gs.degc(lang) }}",
                )
                El("span", word("rep_legend"))


def _figures() -> None:
    with (
        El("div.rpf", testid="replay-figures"),
        El("section", for_="r in replay.rows", key="r.key", b_data_key="r.key"),
    ):
        with El("div.rp1"):
            El("span", "{{ t['kpi_'+r.key] }}")
            El("b", "{{ utils.gs.repValue(r, " + AT + ", lang, t, life_years) }}")
            El("i", "{{ utils.gs.unit(r.key, lang) }}")
            with El("em.d", b_class="utils.gs.repDelta(r, lang, t).cls"):
                El("i", "{{ utils.gs.repDelta(r, lang, t).arrow }}", aria_hidden="true")
                El("span", "{{ utils.gs.repDelta(r, lang, t).text }}")
        _parts("r.by", "rep_by_", "r.by.length>1")
        _parts("r.ways", "rep_way_", "r.ways.length")
    El("p.hint", word("rep_same"), if_="!replay.rows.length")


def _parts(rows: str, prefix: str, shown: str) -> None:
    with El("div.rpp", if_=shown), El("div", for_=f"p in {rows}", key="p.key"):
        El("span", "{{ t['" + prefix + "'+p.key] }}")
        with El("div.db", aria_hidden="true", b_class="utils.gs.repGood(r, p.value) ? 'up' : 'dn'"):
            El("i.z", style="left:50%")
            El("i.br", b_style=f"utils.gs.repBar(p, {rows})")
        El("small", "{{ utils.gs.repPart(r.key, p.value, lang) }}")


def _bar() -> None:
    with El("div.rpx"):
        with El(
            "button.play",
            type="button",
            testid="replay-play",
            on_click="utils.gs.view('replayer', 'toggle')",
            b_aria_label="ui_replay.playing ? t.pause : t.play",
        ):
            Icon("ui_replay.playing ? 'pause' : 'play'", 20, bound=True)
        El("span", word("rep_before"))
        El(
            "input.range",
            type="range",
            min="0",
            max="1",
            step="0.01",
            testid="replay-at",
            b_value=AT,
            b_style="{'--p': (100*ui_replay.at)+'%'}",
            b_aria_label="t.rep_moment",
            b_aria_valuetext="utils.gs.fmt(100*ui_replay.at,0) + ' %'",
            on_input="utils.gs.view('replayer', 'scrub', $event.target.value)",
        )
        El("span", word("rep_after"))
        El("small", "{{ replay.groups.map(g => t['rep_by_'+g]).join(' + ') }}")

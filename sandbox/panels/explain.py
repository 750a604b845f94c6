"""Explain: what a number means, how it came about, what it rests on, and a way to challenge that. Never during a drag."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Icon, Tool, act, badge, word
from sandbox.panels.forms import number_row

KPI = "(kpi[explain.key] || {})"
VIEW = "utils.gs.kpiView(explain.key, kpi[explain.key], lang, t, life_years)"


def build(server: Server) -> Any:
    root = El(
        "aside.xp",
        trame_server=server,
        if_="explain && workspace==='explore'",
        b_aria_label="explain && explain.label",
        role="dialog",
        testid="explain",
    )
    with root:
        _head()
        with El("div.scroll"):
            El("h3.gh", word("formula"))
            with El("div.fx"):
                El("div", "{{ explain.formula }}")
                El("small", "{{ explain.words }}")
                El("div.nums", "{{ explain.numbers }}", if_="explain.numbers")
            _inputs()
            _futures()
            _tornado()
            _model()
            _objection()
        with El("div.xf"):
            with El("span.badge", b_class=KPI + ".state==='out_of_range' ? 'oor' : 'sim'"):
                El("i", "{{ " + KPI + ".state==='out_of_range' ? '⚠' : '✓' }}", aria_hidden="true")
                El("span", "{{ " + KPI + ".state==='out_of_range' ? t.inputs_outside : t.inputs_inside }}")
            with El("button.fix", type="button", on_click="utils.gs.rail('economics')"):
                Icon("assumptions", 17)
                El("span", word("change_assumptions"))
    return root


def _head() -> None:
    """Name, meaning, value; while an assumption is challenged the value before stands beside it."""
    with El("div.xh"):
        with El("div"):
            El("b", "{{ t['kpi_'+explain.key] || explain.label }}")
            El("span", "{{ explain.definition }}")
        Tool("close", "close", act("explain", "{key:''}"))
    with El("div.xv"):
        El("s.was0", "{{ " + VIEW + ".old }}", if_=VIEW + ".old")
        El(
            "b",
            "{{ utils.gs.value(explain.key, " + KPI + ".value, lang, t, life_years) }}",
            testid="explain-value",
        )
        El("span", "{{ utils.gs.unit(explain.key, lang) }}")
        badge(KPI + ".state")
        El("em", "{{ " + VIEW + ".range }}")


def _inputs() -> None:
    El("h3.gh", word("inputs"), if_="(explain.inputs||[]).length")
    with El("template", for_="(r, i) in (explain.inputs||[])", key="r.id"):
        with El("div.xr", b_class="{open: ui_challenge===r.id}", b_data_input="r.id"):
            El("span", "{{ r.label }}")
            El("b", "{{ r.text !== undefined ? r.text : utils.gs.sig(r.value,4,3) }}")
            El("i", "{{ r.unit }}")
            El("em", "{{ utils.gs.inputRange(r) }}")
            with El(
                "button.chl",
                type="button",
                if_="r.fields.length || r.drawer",
                b_testid="'challenge-'+r.id",
                b_aria_expanded="r.fields.length ? ui_challenge===r.id : null",
                b_title="t.xp_challenge",
                b_aria_label="t.xp_challenge + ': ' + r.label",
                on_click="r.fields.length ? (ui_challenge = ui_challenge===r.id ? '' : r.id) : utils.gs.rail(r.drawer)",
            ):
                Icon("pencil", 15)
            El("small", "{{ r.source }}", if_="r.source")
        with El("div.xc", if_="ui_challenge===r.id"):
            El("p.hint", word("xp_challenge_hint"))
            number_row("fields.filter(f => r.fields.includes(f.field))", prefix="x-")
            El("p.hint", word("xp_not_here"), if_="!fields.some(f => r.fields.includes(f.field))")


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


def _model() -> None:
    El("h3.gh", word("model_and_source"))
    with El("dl.xs"):
        El("dt", word("model"))
        El(
            "dd",
            "{{ t['engine_'+(explain.engine||'').split(' ')[0]] || '' }} {{ (explain.engine||'').split(' ').slice(1).join(' ') }}",
        )
        El("dt", word("source"))
        El("dd", "{{ explain.source }}")


def _objection() -> None:
    """What somebody doubts goes into the decision record."""
    El("h3.gh", word("xp_object"))
    with El("div.xo"):
        with El("div.dobj", for_="(o, i) in explain.objections", key="i"):
            El("span", "{{ o.text }}{{ o.by ? ' ('+o.by+')' : '' }}")
        El(
            "textarea",
            id="gs-objection",
            testid="objection",
            rows="2",
            maxlength="1000",
            b_placeholder="t.xp_object_hint",
            b_aria_label="t.xp_object",
            on_keydown__stop="",
        )
        El(
            "p.error",
            "{{ edit_error.text }}",
            if_="edit_error && edit_error.field==='objection'",
            role="alert",
        )
        with El("button.fix", type="button", testid="objection-save", on_click="utils.gs.object()"):
            Icon("pencil", 16)
            El("span", word("xp_object_save"))

"""KPI panel: six cards, all other KPIs as rows, warnings; at basin scale the resource of a unit instead."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels import model_card, resource
from sandbox.panels.dom import El, Icon, act, word

CARDS = "utils.gs.cards(kpi, scale, lang, t, life_years, correction)"
ROWS = "utils.gs.rows(kpi, scale, lang, t, life_years)"


def build(server: Server) -> Any:
    root = El("aside.kpi", trame_server=server, testid="kpi", b_aria_label="t.kpi_panel")
    with root:
        resource.panel()
        model_card.chip()
        with El("div.kpibody", show="scale!=='basin'", b_class="{all: ui_all}"):
            with El("div.cards"), El("template", for_=f"(c, i) in {CARDS}", key="c.key"):
                with El("h2.gh", if_="c.head"):
                    El("span", "{{ c.head }}")
                    El("small", word("versus_baseline"), if_="i===0")
                _card()
            _more()
        _warnings()
        El(
            "div.sr",
            "{{ kpi.npv_cny ? t.kpi_npv_cny + ' ' + utils.gs.badge(kpi.npv_cny.state,t).word : '' }}",
            role="status",
        )
    return root


def _card() -> None:
    with El("div.kc", b_testid="'kpi-'+c.key", b_data_state="c.state", b_title="c.range"):
        with El("div.kh"):
            El("span.nm", "{{ c.name }}", b_title="c.name")
            _explain("c.key", "c.name")
            with El("button.badge.r", type="button", b_class="c.badge.cls", b_title="t.model_open",
                    b_testid="'badge-'+c.key", on_click=act("model_card")):  # fmt: skip
                El("i", "{{ c.badge.glyph }}", aria_hidden="true")
                El("span", "{{ c.badge.word }}")
        with El("div.kv"):
            with El("span.ghost", if_="c.old", b_class="{gone: c.settled}", aria_hidden="true"):
                El("span.old", "{{ c.old }}")
                El("span.ar", "→")
            El("b", "{{ c.text }}", b_class="{words: c.words}")
            El("span.u", "{{ c.unit }}")
            _delta("c.delta")
        _band("c.band", "c.delta.cls==='dn'")
        El("div.off", "{{ c.off }}", if_="c.off && c.settled", key="c.off")


def _delta(view: str) -> None:
    with El("span.d", b_class=f"{view}.cls"):
        El("i", f"{{{{ {view}.arrow }}}}", if_=f"{view}.arrow", aria_hidden="true")
        El("span", f"{{{{ {view}.text }}}}")
        El("small", f"{{{{ {view}.word || {view}.pct }}}}", if_=f"{view}.word || {view}.pct")


def _band(band: str, worse: str) -> None:
    """Track, P10-P90, value before (hollow), baseline (tick), value now."""
    with El("div.kb", if_=band, b_class=f"{{worse: {worse}}}", aria_hidden="true"):
        El(
            "span.rng",
            if_=f"{band}.lo!==null",
            b_style=f"{{left:{band}.lo+'%',width:({band}.hi-{band}.lo)+'%'}}",
        )
        El("span.was", if_=f"{band}.was!==null", b_style=f"{{left:{band}.was+'%'}}")
        El("span.tick", if_=f"{band}.base!==null", b_style=f"{{left:{band}.base+'%'}}")
        El("span.now", b_style=f"{{left:{band}.now+'%'}}")
    El("div.kb.none", else_=True)


def _explain(key: str, name: str) -> None:
    with El(
        "button.why",
        type="button",
        b_testid=f"'explain-'+{key}",
        b_aria_label=f"t.explain + ' ' + {name}",
        b_title="t.explain",
        on_click=act("explain", f"{{key:{key}}}"),
    ):
        Icon("info", 15)


def _more() -> None:
    with El("div.more"):
        with El(
            "button.gh.morebtn",
            type="button",
            on_click="ui_all = !ui_all",
            b_aria_expanded="ui_all",
        ):
            El("span", word("more_kpis"))
            El("span.count", "{{ ui_all ? t.fewer : utils.gs.kpiKeys.length - 6 }}")
            Icon("ui_all ? 'down' : 'up'", 16, bound=True)
        with (
            El("div.rows", tabindex="0", b_aria_label="t.more_kpis", role="group"),
            El("div.kr", for_=f"r in {ROWS}", key="r.key", b_testid="'kpi-'+r.key", b_title="r.range"),
        ):
            El("span.nm", "{{ r.name }}", b_title="r.name")
            _explain("r.key", "r.name")
            El("b", "{{ r.text }}", b_class="r.badge.cls+'-ink'")
            El("span.u", "{{ r.unit }}")
            with El("span.d", b_class="r.delta.cls"):
                El("span", "{{ r.delta.text }}")


def _warnings() -> None:
    with El(
        "div.warn",
        testid="warnings",
        show="scale!=='basin'",
        b_class="{none: !warnings.length, open: ui_warnings}",
    ):
        with (
            El("ul.wlist", if_="ui_warnings && warnings.length > 1"),
            El("li", for_="(w, i) in warnings", key="i", b_class="w.severity"),
        ):
            El("i.mark", "{{ w.severity==='hard' ? '✕' : '!' }}", aria_hidden="true")
            El("span", "{{ w.text }}")
            El(
                "button.link",
                "{{ w.well }}",
                if_="w.well",
                type="button",
                on_click=act("select", "{well:w.well}"),
            )
        with El("div.wtop", if_="warnings.length"):
            Icon("alert", 20)
            with El("span.wtext", b_title="warnings[0].text"):
                El(
                    "b",
                    "{{ utils.gs.fill(warnings.length===1 ? t.one_warning : t.n_warnings, {n: warnings.length}) }} ",
                )
                El("span", "{{ warnings[0].text }}")
            El(
                "button.fix",
                word("try_fix"),
                if_="warnings[0].fix",
                type="button",
                on_click="utils.gs.act(warnings[0].fix.action, warnings[0].fix.params)",
            )
            with El(
                "button.ib.small",
                if_="warnings.length>1",
                type="button",
                on_click="ui_warnings = !ui_warnings",
                b_aria_expanded="ui_warnings",
                b_aria_label="t.all_warnings",
                b_title="t.all_warnings",
            ):
                Icon("ui_warnings ? 'down' : 'up'", 18, bound=True)
        with El("div.wtop.ok", else_=True):
            Icon("check", 18)
            El("span", word("no_warnings"))

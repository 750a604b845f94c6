"""Why drawer: a verdict, three kinds of answers, the graph, and the chosen answer's path through it."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, act, word

KINDS = ("why", "controls", "measure_next")
CHOSEN = "utils.gs.whyItem(why, ui_why)"


def drawer() -> None:
    with El("div.dh"):
        El("span", word("why_title"))
        El("small", word("why_sub"))
    El("p.hint", word("why_wait"), if_="!why || why.site!==site.name")
    with El("div.scroll.why_", else_=True, testid="why"):
        _subject()
        with El("div.wyv", testid="why-verdict", role="status"):
            El("b", "{{ why.verdict[lang] }}")
            El("small", "{{ t.why_goal }} {{ why.goal[lang] }}")
        _graph()
        for kind in KINDS:
            _answers(kind)


def _subject() -> None:
    with El("div.wys"):
        with El("div.seg", role="group", b_aria_label="t.why_about"):
            for name in ("scheme", "field"):
                El(
                    "button",
                    word(f"why_{name}"),
                    type="button",
                    testid=f"why-{name}",
                    if_="site.scale!=='basin'",
                    b_class=f"{{on: why.subject==='{name}'}}",
                    b_aria_pressed=f"why.subject==='{name}'",
                    on_click=act("why_about", f"{{subject:'{name}'}}"),
                )
        with El("span.sel", if_="why.units.length"):
            with El(
                "select",
                testid="why-unit",
                b_class="{on: why.subject==='unit'}",
                b_value="why.subject==='unit' ? why.unit : ''",
                b_aria_label="t.why_unit",
                on_change="$event.target.value && "
                + act("why_about", "{subject:'unit', unit:$event.target.value}"),
            ):
                El("option", word("why_unit"), value="", if_="why.subject!=='unit'")
                El("option", "{{ u[lang] }}", for_="u in why.units", key="u.id", b_value="u.id")
            Icon("down", 16)


def _graph() -> None:
    with El("figure.wyg", testid="why-graph"):
        with El(
            "svg",
            b_viewBox="'0 0 '+why.graph.width+' '+why.graph.height",
            role="img",
            b_aria_label="t.why_graph",
        ):
            El(
                "text.ty",
                "{{ ty[lang] }}",
                for_="(ty, i) in why.graph.types",
                key="'t'+i",
                b_x="ty.x",
                y="11",
            )
            El(
                "path",
                for_="e in why.graph.edges",
                key="e.id",
                b_d="e.d",
                b_class=f"{{on: {CHOSEN} && {CHOSEN}.edges.includes(e.id), [e.kind]: true}}",
            )
            with El(
                "g",
                for_="n in why.graph.nodes",
                key="n.id",
                b_class=f"[n.grade, {CHOSEN} && {CHOSEN}.nodes.includes(n.id) ? 'on' : '']",
            ):
                El("circle", b_cx="n.x", b_cy="n.y", b_r="n.grade==='goal' ? 6.5 : 5")
                El("title", "{{ n[lang] }}")
        with El("figcaption"):
            for grade in ("good", "fair", "poor", "unknown", "goal"):
                with El("span"):
                    El(f"i.{grade}", aria_hidden="true")
                    El("small", word(f"why_g_{grade}"))


def _answers(kind: str) -> None:
    with El("section.fg", testid=f"why-{kind}"):
        El("h2.gh", word(f"why_h_{kind}"))
        group = f"why.groups.find(g => g.kind==='{kind}').items"
        El("p.hint", word("why_none"), if_=f"!{group}.length")
        with El("template", for_=f"a in {group}", key="a.id"):
            with El(
                "button.wya",
                type="button",
                b_testid="a.id",
                b_class="[a.grade, {on: ui_why===a.id}]",
                b_aria_expanded="ui_why===a.id",
                on_click="ui_why = ui_why===a.id ? '' : a.id",
            ):
                El("i", "{{ utils.gs.gradeGlyph(a.grade) }}", aria_hidden="true")
                El("span", "{{ a[lang] }}")
            with El("div.wyp", if_="ui_why===a.id", b_testid="'path-'+a.id"):
                with El("ol"), El("li", for_="(c, i) in a.chain", key="c.id"):
                    El("b", "{{ c[lang] }}")
                    with El("span", if_="c.sign"):
                        El("em", "{{ c.sign }}", b_class="{dn: c.sign==='−'}")
                        El("small", "{{ c.source[lang] }}")
                El("small", "{{ t.why_sources }} {{ a.sources[lang].join(lang==='zh' ? '；' : '; ') }}")

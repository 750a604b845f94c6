"""Parts of the Suggest drawer: uses wished for, keep-out areas, the Pareto set, the curve over doublets, portfolios."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, Tool, act, word

POINTS = "utils.gs.scatter(ghosts,ui_axis_x,ui_axis_y)"
CURVE = "utils.gs.curveOver(ghosts.curve)"


def _error(test: str) -> None:
    El("p.error", "{{ edit_error.text }}", if_=f"edit_error && {test}", role="alert")


def tabs() -> None:
    with El("div.seg.sgtabs", role="tablist"):
        for name in ("wells", "uses"):
            El(
                "button",
                word(f"suggest_tab_{name}"),
                type="button",
                role="tab",
                testid=f"suggest-tab-{name}",
                b_class=f"{{on: ui_suggest_tab==='{name}'}}",
                b_aria_selected=f"ui_suggest_tab==='{name}'",
                on_click=f"ui_suggest_tab='{name}'",
            )


def from_nothing() -> None:
    with El("label.sgd"):
        El("span.sgl", word("suggest_nothing"))
        El(
            "input.sgcheck",
            type="checkbox",
            testid="suggest-nothing",
            b_checked="suggest.from_nothing",
            on_change=act("suggest_nothing", "{on: $event.target.checked}"),
        )


def wishes() -> None:
    """Each of the five: as it likes, wanted, excluded."""
    with El("div.sgb", if_="suggest.uses.length"):
        El("span.sgl", word("suggest_uses"))
        with El("div.sgu", for_="u in suggest.uses", key="u.id", b_title="u.reason ? u.reason[lang] : ''"):
            El("span", "{{ u.name[lang] }}{{ u.have ? ' ✓' : '' }}", b_class="{nocan: u.reason}")
            with El("span.seg"):
                for wish in ("", "wanted", "excluded"):
                    El(
                        "button",
                        word(f"suggest_wish_{wish or 'free'}"),
                        type="button",
                        b_testid=f"'wish-'+u.id+'-{wish or 'free'}'",
                        b_class=f"{{on: u.wish==='{wish}'}}",
                        b_aria_pressed=f"u.wish==='{wish}'",
                        on_click=act("suggest_wish", f"{{use: u.id, value: '{wish}'}}"),
                    )
            El("small", "{{ u.reason[lang] }}", if_="u.reason")
            _error("(edit_error.field==='uses.'+u.id || edit_error.field==='suggest.uses.'+u.id)")
        _error("(edit_error.field==='uses' || edit_error.field==='suggest.uses')")


def areas() -> None:
    """Where nothing may stand: drawn on the ground or typed."""
    with El("div.sgb"):
        El("span.sgl", word("keep_out_title"))
        with El("div.sgk2", for_="(a, i) in keep_out", key="i", testid="keep-out"):
            El("b", "{{ i+1 }}")
            El(
                "input",
                autocomplete="off",
                b_id="'keep-out-'+i",
                b_value="utils.gs.kept('keep-out-'+i, a.text)",
                b_aria_label="utils.gs.fill(t.keep_out_corners, {n: i+1})",
                b_aria_invalid="edit_error && edit_error.field==='keep_out['+i+']' ? 'true' : null",
                on_keydown__enter="$event.target.blur()",
                on_keydown__stop="",
                on_blur="utils.gs.commitText($event,'keep_out_set',{index: i},a.text)",
            )
            El("small", "{{ utils.gs.fmt(a.km2, a.km2<1 ? 2 : 1) }} km²")
            Tool("close", "keep_out_remove", act("keep_out_remove", "{index: i}"), size=16, cls="small")
            _error("edit_error.field==='keep_out['+i+']'")
        with El("div.sgk2.new"):
            with El(
                "button.ghostbtn",
                type="button",
                testid="keep-out-draw",
                if_="scale==='field'",
                on_click="utils.gs.view('drawArea')",
            ):
                Icon("pencil", 16)
                El("span", word("keep_out_draw"))
            El(
                "input",
                id="keep-out-new",
                testid="keep-out-new",
                autocomplete="off",
                b_value="utils.gs.kept('keep-out-new', '')",
                b_placeholder="t.keep_out_type",
                b_aria_label="t.keep_out_type",
                on_keydown__enter="$event.target.blur()",
                on_keydown__stop="",
                on_blur="utils.gs.commitText($event,'keep_out_add',{},'','ring')",
            )
        _error("edit_error.field==='keep_out['+keep_out.length+']'")


def pareto() -> None:
    with El("section.sgx", if_="ghosts.points.length>1 && ghosts.axes.length>1", testid="suggest-pareto"):
        with El("div.gh"):
            El("span", word("suggest_pareto"))
        with El("svg.sgscatter", viewBox="0 0 300 176", role="group", b_aria_label="t.suggest_pareto"):
            El("path.ax", d="M34 6V150H296")
            El(
                "circle",
                for_=f"p in {POINTS}.points",
                key="p.i",
                b_cx="p.x",
                b_cy="p.y",
                b_r="p.on ? 8 : 6",
                b_class="p.cls",
                b_data_point="p.i",
                tabindex="0",
                role="button",
                b_aria_label="utils.gs.pointText(ghosts.points[p.i],ui_axis_x,ui_axis_y,lang,t)",
                on_click=act("suggest_point", "{index: p.i}"),
                on_keydown__enter=act("suggest_point", "{index: p.i}"),
            )
            El("text.ay", f"{{{{ {POINTS}.y }}}}", x="36", y="13")
            El("text", f"{{{{ {POINTS}.x0 }}}}", x="34", y="163")
            El("text", f"{{{{ {POINTS}.x1 }}}}", x="296", y="163", text_anchor="end")
            El("text", f"{{{{ {POINTS}.y0 }}}}", x="30", y="150", text_anchor="end")
            El("text", f"{{{{ {POINTS}.y1 }}}}", x="30", y="24", text_anchor="end")
        with El("div.sgaxes"):
            for name, sign in (("y", "↑"), ("x", "→")):
                El("b", sign, aria_hidden="true")
                with El(
                    "select",
                    b_value=f"utils.gs.axisOf(ghosts.axes,ui_axis_{name},'{name}')",
                    b_aria_label=f"t.suggest_axis_{name}",
                    on_change=f"ui_axis_{name}=$event.target.value",
                ):
                    El(
                        "option",
                        "{{ t['kpi_'+k] }} {{ utils.gs.unit(k,lang) }}",
                        for_="k in ghosts.axes",
                        key="k",
                        b_value="k",
                    )
        El("p.hint", "{{ ghosts.settling!==null ? t.suggest_settling : t.suggest_pareto_note }}")


def numbers() -> None:
    with El("section.sgx", if_="ghosts.curve.length>1", testid="suggest-curve"):
        with El("div.gh"):
            El("span", word("suggest_curve"))
            El("small", "{{ t['kpi_'+ghosts.objective] }} {{ utils.gs.unit(ghosts.objective,lang) }}")
        with (
            El("div.sgbars"),
            El(
                "button",
                type="button",
                for_=f"(p, i) in {CURVE}",
                key="i",
                b_class="{on: p.on, bad: !p.feasible}",
                b_title="utils.gs.fill(t.suggest_pairs, {p: p.producers, i: p.injectors})",
                b_aria_label="utils.gs.fill(t.suggest_pairs, {p: p.producers, i: p.injectors})+' '"
                "+utils.gs.value(ghosts.objective,p.value,lang,t)",
                on_click=act("suggest_number", "{index: i}"),
            ),
        ):
            El("i", b_style="{height: p.height+'%'}")
            El("b", "{{ utils.gs.brief(ghosts.objective,p.value,lang) }}")
            El("small", "{{ p.producers }}")
        El("p.hint", word("suggest_curve_note"))


def portfolios() -> None:
    """Uses side by side over 50 years."""
    with El("div.uport", testid="portfolios"):
        wishes()
        with El("div.next"):
            with El(
                "button.b1",
                type="button",
                testid="portfolios-start",
                if_="!portfolios || !portfolios.running",
                on_click=act("portfolios_start"),
            ):
                Icon("bulb", 20)
                El("span", word("portfolios_start"))
            with El(
                "button.b1.stop",
                type="button",
                else_=True,
                testid="portfolios-stop",
                on_click=act("portfolios_stop"),
            ):
                Icon("pause", 20)
                El("span", word("suggest_stop"))
        with El("template", if_="portfolios"):
            with El("div.sgp", if_="portfolios.running", role="status"):
                with El("div.sgt", aria_hidden="true"):
                    El("i", b_style="{width: 100*portfolios.done/Math.max(portfolios.total,1)+'%'}")
                El(
                    "span",
                    "{{ utils.gs.fill(t.portfolios_running, {n: portfolios.done, k: portfolios.total}) }}",
                )
            El("p.error", "{{ portfolios.error[lang] }}", if_="portfolios.error", role="alert")
            _portfolio_table()
        El("p.hint", word("portfolios_note"))


def _portfolio_table() -> None:
    with (
        El("div.pfwrap", if_="portfolios.rows.length", tabindex="0"),
        El("table.pft", testid="portfolio-table"),
    ):
        with El("thead"), El("tr"):
            El("th", "{{ utils.gs.fill(t.portfolios_years, {n: portfolios.years}) }}")
            with El("th", for_="(p, i) in portfolios.rows", key="i", b_class="{own: p.own}"):
                El("b", "{{ p.title[lang] }}")
                El(
                    "small",
                    "{{ t['portfolios_'+z.key] }} {{ utils.gs.fmt(z.value,0) }}",
                    for_="z in p.sizes",
                    key="z.key",
                )
                El("small", "{{ utils.gs.fill(t.portfolios_season, {n: utils.gs.fmt(p.season_days,0)}) }}")
                El("span.here", word("portfolios_here"), if_="p.here")
                El(
                    "button.fix",
                    word("portfolios_adopt"),
                    type="button",
                    else_=True,
                    testid="portfolio-adopt",
                    on_click=act("portfolio_adopt", "{index: i}"),
                )
        with El("tbody"):
            with El("tr.spark", for_="s in ['degc','heat_gj','worth_cny','co2_t']", key="s"):
                El("th", "{{ t['portfolios_'+s] }}")
                with El("td", for_="(p, i) in portfolios.rows", key="i"):
                    with El("svg", viewBox="0 0 100 34", preserveAspectRatio="none", aria_hidden="true"):
                        El("path.zero", b_d="utils.gs.zeroLine(portfolios.rows,s)", if_="s==='worth_cny'")
                        El("path", b_d="utils.gs.spark(portfolios.rows,i,s)")
                    El("small", "{{ utils.gs.sparkText(p,s,lang,t) }}")
            with El("tr", for_="k in portfolios.keys", key="k"):
                with El("th"):
                    El("span", "{{ t['kpi_'+k] }}")
                    El("small", " {{ utils.gs.unit(k,lang) }}")
                El(
                    "td",
                    "{{ utils.gs.value(k,p.values[k],lang,t,portfolios.years) }}",
                    for_="(p, i) in portfolios.rows",
                    key="i",
                    b_class="{best: utils.gs.isBest(portfolios,k,i)}",
                )

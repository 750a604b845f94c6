"""Suggest drawer: goal, limits, search, and its proposals group by group."""

from __future__ import annotations

from sandbox.panels import proposals
from sandbox.panels.dom import El, Icon, Tool, act, badge, word

HERE = "ghosts.best"


def _fault(field: str) -> None:
    El("p.error", "{{ edit_error.text }}", if_=f"edit_error && edit_error.field==={field}", role="alert")


def drawer() -> None:
    with El("div.dh"):
        El("span", word("suggest_title"))
        El("small", word("suggest_sub"))
    proposals.tabs()
    with El("div.scroll.sg", if_="ui_suggest_tab==='uses' && suggest"):
        proposals.portfolios()
    with El("div.scroll.sg", if_="ui_suggest_tab!=='uses' && suggest"):
        with El("template", if_="!ghosts || (ui_suggest && !ghosts.running)"):
            _goal()
            _limits()
            proposals.wishes()
            proposals.areas()
        with El("div.sgw", else_=True):
            El(
                "span",
                "{{ t.suggest_goal }} · {{ t['kpi_'+ghosts.objective] }}"
                "{{ suggest.limits.length ? ' · '+t.suggest_limits+' '+suggest.limits.length : '' }}",
            )
            with El(
                "button.ghostbtn",
                type="button",
                testid="suggest-change",
                if_="!ghosts.running",
                on_click="ui_suggest = true",
            ):
                Icon("pencil", 15)
                El("span", word("suggest_change"))
        _go()
        with El("template", if_="ghosts"):
            _progress()
            _result()


def _goal() -> None:
    with El("div.sgb"):
        El("span.sgl", word("suggest_goal"))
        with El("span.sel"):
            with El(
                "select",
                testid="suggest-objective",
                b_value="suggest.objective",
                b_aria_label="t.suggest_goal",
                on_change=act("suggest_objective", "{objective: $event.target.value}"),
            ):
                El(
                    "option",
                    "{{ (suggest.down.includes(k) ? '↓ ' : '↑ ') + t['kpi_'+k] }}",
                    for_="k in suggest.objectives",
                    key="k",
                    b_value="k",
                )
            Icon("down", 18)
        _fault("'suggest.objective'")
        with El("div.sgd"):
            El("label.sgl", word("suggest_doublets"), **{"for": "gs-suggest-doublets"})
            El(
                "input",
                id="gs-suggest-doublets",
                testid="suggest-doublets",
                inputmode="numeric",
                autocomplete="off",
                b_value="utils.gs.kept('gs-suggest-doublets', String(suggest.doublets))",
                b_aria_invalid="edit_error && edit_error.field==='suggest.doublets' ? 'true' : null",
                on_keydown__enter="$event.target.blur()",
                on_keydown__stop="",
                on_blur="utils.gs.commit($event,'suggest_doublets',{},suggest.doublets)",
            )
        _fault("'suggest.doublets'")
        proposals.from_nothing()


def _limits() -> None:
    with El("div.sgb"):
        El("span.sgl", word("suggest_limits"))
        with El("div.sgc", for_="(c, i) in suggest.limits", key="i", b_data_limit="i"):
            with El("span.sel"):
                with El(
                    "select",
                    b_value="c.key",
                    b_aria_label="t.suggest_limit_of",
                    on_change=act(
                        "suggest_limit_set", "{index: i, field: 'key', value: $event.target.value}"
                    ),
                ):
                    El("option", "{{ t['kpi_'+k] }}", for_="k in suggest.limited", key="k", b_value="k")
                Icon("down", 16)
            El(
                "button.sgo",
                "{{ c.op==='>=' ? '≥' : '≤' }}",
                type="button",
                b_title="t.suggest_turn",
                b_aria_label="(c.op==='>=' ? '≥' : '≤')+' '+t.suggest_turn",
                on_click=act(
                    "suggest_limit_set", "{index: i, field: 'op', value: c.op==='>=' ? '<=' : '>='}"
                ),
            )
            shown = "(c.value===null ? '' : utils.gs.plain(c.key,c.value,lang))"
            El(
                "input",
                inputmode="decimal",
                autocomplete="off",
                b_testid="'suggest-limit-'+i",
                b_id="'gs-limit-'+i",
                b_value=f"utils.gs.kept('gs-limit-'+i, {shown})",
                b_aria_label="t['kpi_'+c.key]",
                b_aria_invalid="edit_error && edit_error.field==='suggest.limit.'+i ? 'true' : null",
                on_keydown__enter="$event.target.blur()",
                on_keydown__stop="",
                on_blur=f"utils.gs.commit($event,'suggest_limit_set',{{index: i, field: 'value'}},{shown},"
                "utils.gs.divisor(c.key,lang))",
            )
            El("small", "{{ utils.gs.unit(c.key,lang) }}")
            Tool(
                "close",
                "suggest_limit_remove",
                act("suggest_limit_remove", "{index: i}"),
                size=16,
                cls="small",
            )
            _fault("'suggest.limit.'+i")
        with El(
            "button.ghostbtn",
            type="button",
            testid="suggest-limit-add",
            if_="!suggest.full",
            on_click=act("suggest_limit_add"),
        ):
            Icon("plus", 16)
            El("span", word("suggest_limit_add"))


def _go() -> None:
    with El("div.next"):
        with El(
            "button.b1",
            type="button",
            testid="suggest-start",
            if_="!ghosts || !ghosts.running",
            on_click="ui_suggest = false, " + act("suggest_start"),
        ):
            Icon("bulb", 20)
            El("span", "{{ ghosts ? t.suggest_again : t.suggest_start }}")
        with El(
            "button.b1.stop",
            type="button",
            testid="suggest-stop",
            else_=True,
            b_disabled="ghosts.phase==='stopping'",
            on_click=act("suggest_stop"),
        ):
            Icon("pause", 20)
            El("span", word("suggest_stop"))
    with El("div.sgb.tight", if_="edit_error && edit_error.field==='suggest'"):
        _fault("'suggest'")


def _progress() -> None:
    with El("div.sgp", role="status", testid="suggest-progress"):
        with El("div.sgt", aria_hidden="true", if_="ghosts.running"):
            El("i", b_style="{width: Math.min(100, 100*ghosts.evaluations/ghosts.budget)+'%'}")
        El(
            "span",
            "{{ utils.gs.fill(t['suggest_'+ghosts.phase], {n: ghosts.evaluations, "
            "s: utils.gs.fmt(ghosts.elapsed_s,0), k: ghosts.simulations}) }}",
        )
    El("p.error", "{{ ghosts.error[lang] }}", if_="ghosts.error", role="alert")
    El("p.hint", word("suggest_none"), if_="!ghosts.best && !ghosts.running && ghosts.phase!=='failed'")
    El("p.hint.bad", "{{ c[lang] }}", for_="(c, i) in ghosts.conflicts", key="i")


def _result() -> None:
    with El("section.sgr", if_=HERE, testid="suggest-best"):
        with El("div.gh"):
            El("span", word("suggest_best"))
            badge(f"{HERE}.state")
        with El("div.sgk", for_=f"r in {HERE}.rows", key="r.key"):
            El("span", "{{ t['kpi_'+r.key] }}")
            El("b", "{{ utils.gs.value(r.key,r.value,lang,t,life_years) }}")
            El("small", "{{ r.value===null ? '' : utils.gs.unit(r.key,lang) }}")
            delta = "utils.gs.delta(r.key,r.value,r.before,lang,t,r.better)"
            El(
                "em.d",
                f"{{{{ {delta}.arrow }}}} {{{{ {delta}.pct || {delta}.text }}}}",
                b_class=f"{delta}.cls",
            )
        El(
            "p.hint",
            "{{ utils.gs.fill(t.suggest_gap, {a: utils.gs.value(ghosts.objective,ghosts.best.estimated,lang,t), "
            "b: utils.gs.value(ghosts.objective,ghosts.best.rows[0].value,lang,t), "
            "u: utils.gs.unit(ghosts.objective,lang), "
            "d: utils.gs.gainText(ghosts.objective,ghosts.best.gap,lang)}) }}",
            if_=f"{HERE}.gap!==null",
            testid="suggest-gap",
        )
        El("p.hint.bad", word("suggest_infeasible"), if_=f"!{HERE}.feasible")
        _offers()
        _uses_row()
        _groups()
    proposals.pareto()
    proposals.numbers()


def _offers() -> None:
    with El("div.sgf", if_="ghosts.offers.length", role="group", b_aria_label="t.suggest_offers"):
        El("span", word("suggest_offers"))
        with El("span.seg"):
            El(
                "button",
                "{{ i+1 }}",
                type="button",
                for_="(o, i) in ghosts.offers",
                key="i",
                b_class="{on: i===ghosts.chosen}",
                b_aria_pressed="i===ghosts.chosen",
                b_title="t['kpi_'+ghosts.objective]+' '+utils.gs.value(ghosts.objective,o.value,lang,t)",
                on_click=act("suggest_choose", "{index: i}"),
            )


def _uses_row() -> None:
    with El("div.sgg", if_="ghosts.uses", testid="ghost-uses"):
        El("span", "{{ t.suggest_uses_row }} {{ ghosts.uses.text[lang] }}")
        El(
            "button.fix",
            word("suggest_accept"),
            type="button",
            testid="ghost-accept-uses",
            on_click=act("suggest_uses"),
        )


def _groups() -> None:
    with El("div.gh", if_="ghosts.groups.length"):
        El("span", "{{ utils.gs.fill(t.suggest_changes, {n: ghosts.groups.length}) }}")
    El("p.hint", word("suggest_all_taken"), if_="!ghosts.groups.length && !ghosts.anew")
    El("p.hint", word("suggest_anew"), if_="ghosts.anew")
    with El("div.sgg", for_="g in ghosts.groups", key="g.wells.join()", testid="ghost-group"):
        El("span", "{{ g.text[lang] }}")
        El(
            "button.fix",
            word("suggest_accept"),
            type="button",
            testid="ghost-accept",
            on_click=act("suggest_accept", "{wells: g.wells}"),
        )
        El(
            "small",
            "{{ g.gain===null ? t.suggest_gain_unknown : utils.gs.fill(t.suggest_gain, {k: t['kpi_'+ghosts.objective], "
            "d: utils.gs.gainText(ghosts.objective, ghosts.best.rows[0].better==='down' ? -g.gain : g.gain, lang)}) }}",
        )
        El("small.sgwhy", "{{ utils.gs.whyText(g.why,lang,t) }}", if_="g.why.length", testid="ghost-why")
    with El("div.next.tail"):
        with El(
            "button.b1",
            type="button",
            testid="suggest-accept-all",
            if_="ghosts.groups.length || (ghosts.anew && !ghosts.running)",
            on_click=act("suggest_accept_all"),
        ):
            Icon("check", 20)
            El("span", "{{ ghosts.anew ? t.suggest_as_scheme : t.suggest_accept_all }}")
        with El("button.b2", type="button", testid="suggest-clear", on_click=act("suggest_clear")):
            El("span", word("suggest_clear"))

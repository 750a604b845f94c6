"""Futures drawer: twenty dots, schemes side by side, all figures with P10 to P90, regret, what is uncertain."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, Tool, act, word

F = "futures"
VALUE = "utils.gs.value(futures.key,{},lang,t,life_years)"


def drawer() -> None:
    with El("div.dh"):
        El("span", word("futures_title"))
        El("small", "{{ futures ? utils.gs.fill(t.futures_sub, {n: futures.count}) : '' }}")
    El("p.hint.pad", word("futures_no_model"), if_="!futures && scale==='basin'")
    with El("div.scroll.fu", if_=F):
        _choice()
        _dots()
        _schemes()
        _figures()
        _regret()
        _beliefs()


def _choice() -> None:
    with El("div.sgb"):
        with El("span.sel"):
            with El(
                "select",
                testid="futures-key",
                b_value="futures.key",
                b_aria_label="t.futures_key",
                on_change=act("futures_key", "{key: $event.target.value}"),
            ):
                El("option", "{{ t['kpi_'+k] }}", for_="k in futures.keys", key="k", b_value="k")
            Icon("down", 18)
        with El("div.fup", role="status", testid="futures-progress", if_="futures.running"):
            with El("div.sgt", aria_hidden="true"):
                El("i", b_style="{width: 100*futures.done/Math.max(futures.total,1)+'%'}")
            El("span", "{{ utils.gs.fill(t.futures_running, {n: futures.done, k: futures.total}) }}")
            El("button.link", word("futures_stop"), type="button", on_click=act("futures_stop"))
        with El("div.fup", elif_="futures.done<futures.total"):
            El("span", "{{ utils.gs.fill(t.futures_part, {n: futures.done, k: futures.total}) }}")
            El("button.link", word("futures_go_on"), type="button", on_click=act("futures_run"))
        El("p.error", word("futures_failed"), if_="futures.failed", role="alert")


def _dots() -> None:
    with El("div.fud", if_="futures.dots.length", testid="futures-dots"):
        El("p.fus", "{{ utils.gs.dotSentence(futures,lang,t,life_years) }}", testid="futures-sentence")
        with El("div.fug", role="group", b_aria_label="t.futures_dots"):
            El(
                "button.fdot",
                type="button",
                for_="(d, i) in futures.dots",
                key="i",
                b_class="{good: d.good!==false, on: futures.shown && futures.shown.dot===i}",
                b_data_dot="i",
                b_title="utils.gs.dotTitle(d,i,futures,lang,t,life_years)",
                b_aria_label="utils.gs.dotTitle(d,i,futures,lang,t,life_years)",
                b_aria_pressed="!!futures.shown && futures.shown.dot===i",
                on_click="utils.gs.showFuture(i)",
            )
        with El("div.fuc"):
            with El(
                "button.ghostbtn",
                type="button",
                testid="futures-play",
                if_="!utils.gs.stillness()",
                on_click="utils.gs.playFutures()",
                b_aria_pressed="ui_playing_futures",
            ):
                Icon("ui_playing_futures ? 'pause' : 'play'", 16, bound=True)
                El("span", "{{ ui_playing_futures ? t.futures_pause : t.futures_play }}")
            El(
                "button.ghostbtn",
                word("futures_next"),
                type="button",
                testid="futures-next",
                on_click="utils.gs.nextFuture()",
            )
            El(
                "button.ghostbtn",
                word("futures_leave"),
                type="button",
                testid="futures-leave",
                if_="futures.shown",
                on_click="utils.gs.leaveFutures()",
            )
        with El("p.fuw", if_="futures.shown", testid="futures-shown"):
            El("b", "{{ utils.gs.fill(t.futures_one_of, {k: futures.shown.of}) }}")
            El("span", "{{ utils.gs.futureWords(futures.shown.changes,lang,t) }}")


def _schemes() -> None:
    with El("div.gh"):
        El("span", word("futures_schemes"))
    with El(
        "div.fur", for_="s in futures.schemes", key="s.id", b_class="{act: s.active}", testid="futures-scheme"
    ):
        El("i.disc", "{{ s.letter || t.baseline_letter }}", b_style="{background: s.color}")
        El("span.fun", "{{ s.name }}", b_title="s.name")
        El(
            "b",
            "{{ " + VALUE.format("s.p50") + " }}",
            b_class="{words: s.p50===null}",
        )
        El("small", "{{ s.p50===null ? '' : utils.gs.unit(futures.key,lang) }}")
        with El("div.fub", aria_hidden="true"):
            El(
                "span.rng",
                if_="s.p10!==null && futures.axis",
                b_style="utils.gs.spanOn(futures.axis, s.p10, s.p90, s.color)",
            )
            El("span.mid", if_="s.p50!==null && futures.axis", b_style="utils.gs.markOn(futures.axis, s.p50)")
            El(
                "span.plan",
                if_="s.planned!==null && futures.axis",
                b_style="utils.gs.markOn(futures.axis, s.planned)",
            )
        El(
            "small.fut",
            "{{ utils.gs.rangeText(futures.key,s,lang,t,life_years) }}"
            "{{ s.better_share===null ? '' : ' · '+utils.gs.fill(t.futures_beats, {p: utils.gs.fmt(100*s.better_share,0)}) }}",
        )
    El("p.hint.pad", word("futures_key_note"))


def _figures() -> None:
    with El("div.gh", if_="futures.kpis.length"):
        El("span", word("futures_figures"))
    with El("table.fuk", if_="futures.kpis.length", testid="futures-figures"):
        with El("thead"), El("tr"):
            El("th", "")
            El("th", "P10")
            El("th", "P50")
            El("th", "P90")
            El("th", word("futures_here"), if_="futures.shown")
        with El("tbody"), El("tr", for_="r in futures.kpis", key="r.key"):
            with El("th", b_title="t['kpi_'+r.key]"):
                El("span", "{{ t['kpi_'+r.key] }}")
                El("small", "{{ utils.gs.unit(r.key,lang) }}")
            for field in ("p10", "p50", "p90"):
                El("td", f"{{{{ utils.gs.brief(r.key,r.{field},lang) }}}}")
            El("td.here", "{{ utils.gs.brief(r.key,r.here,lang) }}", if_="futures.shown")


def _regret() -> None:
    with El("div.gh", if_="futures.regret"):
        El("span", word("futures_regret"))
        El("small", "{{ utils.gs.unit(futures.key,lang) }}")
    with El("table.fuk.heat", if_="futures.regret", testid="futures-regret"):
        with El("thead"), El("tr"):
            El("th", "")
            with El("th", for_="r in futures.regret.rows", key="r.id"):
                El("i.disc", "{{ r.letter || t.baseline_letter }}", b_style="{background: r.color}")
        with El("tbody"):
            with El("tr", for_="(f, i) in futures.regret.futures", key="f.key"):
                El("th", "{{ f.text }}")
                El(
                    "td",
                    "{{ r.cells[i].value===0 ? '0' : utils.gs.brief(futures.key,r.cells[i].value,lang) }}",
                    for_="r in futures.regret.rows",
                    key="r.id",
                    b_style="{'--s': r.cells[i].share}",
                )
            with El("tr.sum"):
                El("th", word("futures_largest"))
                El(
                    "td",
                    "{{ r.least ? '✓ ' : '' }}{{ utils.gs.brief(futures.key,r.largest,lang) }}",
                    for_="r in futures.regret.rows",
                    key="r.id",
                    b_class="{least: r.least}",
                )
    El("p.hint.pad", word("futures_regret_note"), if_="futures.regret")


def _beliefs() -> None:
    with El("div.gh"):
        El("span", word("futures_uncertain"))
        Tool("undo", "futures_reset", act("futures_reset"), size=16, cls="small")
    with El("div.fuq"):
        El("span")
        El("small", "P10")
        El("small", "P90")
    with El("template", for_="(r, i) in futures.ranges", key="r.path"):
        El(
            "h4.fuh",
            "{{ r.group || t.futures_market }}",
            if_="i===0 || r.group!==futures.ranges[i-1].group",
        )
        with El("div.fuq"):
            El("span", "{{ t['futures_'+r.key] }}")
            for end in ("low", "high"):
                El(
                    "input",
                    inputmode="decimal",
                    autocomplete="off",
                    b_id=f"'fu-'+r.path+'-{end}'",
                    b_testid=f"'futures-'+r.key+'-{end}'",
                    b_value=f"utils.gs.kept('fu-'+r.path+'-{end}', String(r.{end}))",
                    b_aria_label=f"t['futures_'+r.key]+' {'P10' if end == 'low' else 'P90'}'",
                    on_keydown__enter="$event.target.blur()",
                    on_keydown__stop="",
                    on_blur=f"utils.gs.commit($event,'futures_range',{{path: r.path, end: '{end}'}},String(r.{end}))",
                )
            El("small", "{{ r.key.endsWith('_k') ? 'K' : '%' }}")
            El(
                "p.error",
                "{{ edit_error.text }}",
                if_="edit_error && edit_error.field==='futures.'+r.path",
                role="alert",
            )
    _shares()
    El("p.hint.pad", word("futures_one_unit"), if_="futures.units<2")
    _count()
    El("p.hint.pad", word("futures_method"))


def _shares() -> None:
    """Chance of a well and the correlations, as sliders."""
    rows = El("template", for_="s in futures.shares", key="s.name")
    with rows, El("label.slider.pad", if_="s.name!=='between_units' || futures.units>1", b_title="s.source"):
        El("span", "{{ t['futures_'+s.name] }}")
        El("b", "{{ s.step<1 ? utils.gs.fmt(s.value,2) : utils.gs.fmt(s.value,0)+' %' }}")
        El(
            "input.range",
            type="range",
            b_min="s.min",
            b_max="s.max",
            b_step="s.step",
            b_value="s.value",
            b_testid="'futures-'+s.name",
            b_style="{'--p': (100*(s.value-s.min)/(s.max-s.min))+'%'}",
            on_input="utils.gs.slideShare($event, s)",
            on_change=act("futures_share", "{name: s.name, value: Number($event.target.value)}"),
            on_keydown__stop="",
        )


def _count() -> None:
    with El("div.fuq"):
        El("span", word("futures_count"))
        El(
            "input",
            inputmode="numeric",
            autocomplete="off",
            id="fu-count",
            testid="futures-count",
            b_value="utils.gs.kept('fu-count', String(futures.count))",
            b_aria_label="t.futures_count",
            on_keydown__enter="$event.target.blur()",
            on_keydown__stop="",
            on_blur="utils.gs.commit($event,'futures_count',{},String(futures.count))",
        )
        El(
            "p.error",
            "{{ edit_error.text }}",
            if_="edit_error && edit_error.field==='futures.count'",
            role="alert",
        )


def banner() -> None:
    """Over the scene while one future is shown: nobody must take it for the plan."""
    with El("div.fubanner", if_="futures && futures.shown", role="status", testid="futures-banner"):
        El("b", "{{ utils.gs.fill(t.futures_one_of, {k: futures.shown.of}) }}")
        El("span", word("futures_banner"))
        El("button.link", word("futures_leave"), type="button", on_click="utils.gs.leaveFutures()")

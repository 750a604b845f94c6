"""Decide: weights on the left, ranking and trade-off in the middle, futures and the written decision on the right."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels import decide_record
from sandbox.panels.decide_parts import NAME, letter
from sandbox.panels.dom import El, Icon, Tool, act, word

ON = "workspace==='decide'"


def build(server: Server) -> Any:
    root = El("section.dec", trame_server=server, testid="decide", b_aria_label="t.ws_decide", if_=ON)
    with root:
        with El("div.dcol.dw"), El("template", if_="decide_rank && decide"):
            _people()
            _source()
            _weights()
            _judgements()
        with El("div.dcol.dm"):
            with El("template", if_="decide_rank && decide"):
                _ranking()
                _disagreement()
            with El("div.skeletons", if_="!decide", aria_busy="true"):
                for _ in range(6):
                    El("span.sk")
            El("p.hint", word("dec_few"), if_="decide && decide.few")
            with El("template", if_="decide && decide.pareto"):
                _pareto()
        with El("div.dcol.dr"):
            with El("template", if_="decide && decide.regret"):
                decide_record.regret()
                decide_record.chances()
            with El("div.skeletons", if_="decide && !decide.few && !decide.regret", aria_busy="true"):
                for _ in range(4):
                    El("span.sk")
            with El("template", if_="decide"):
                decide_record.record()
                decide_record.kept()
        decide_record.document()
    return root


# --- left ------------------------------------------------------------------------------------------------


def _people() -> None:
    with El("div.dh"):
        El("span", word("dec_people"))
        El("small", word("dec_people_sub"))
    with El("div.dpeople", role="tablist", b_aria_label="t.dec_people"):
        El(
            "button",
            "{{ n }}",
            for_="(n, i) in decide_rank.names",
            key="i",
            type="button",
            role="tab",
            b_class="{on: i===decide_rank.person}",
            b_aria_selected="i===decide_rank.person",
            b_data_person="i",
            on_click=act("decide_person", "{index: i}"),
        )
        Tool(
            "plus",
            "dec_person_add",
            act("decide_person_add"),
            size=18,
            cls="small",
            testid="decide-person-add",
        )
    with El("div.dname"):
        El(
            "input",
            testid="decide-name",
            maxlength="40",
            autocomplete="off",
            b_value="decide_rank.names[decide_rank.person]",
            b_aria_label="t.dec_person_name",
            on_keydown__stop="",
            on_keydown__enter="$event.target.blur()",
            on_change=act("decide_person_rename", "{index: decide_rank.person, name: $event.target.value}"),
        )
        Tool(
            "trash",
            "dec_person_delete",
            act("decide_person_delete", "{index: decide_rank.person}"),
            size=17,
            cls="small",
            if_="decide_rank.names.length>1",
        )
    El(
        "p.error",
        "{{ edit_error.text }}",
        if_="edit_error && edit_error.field.startsWith('stakeholders')",
        role="alert",
    )


def _source() -> None:
    with El("div.dsrc"):
        for label, key, values, action, argument in (
            ("dec_weights_from", "decide.source", "decide.sources", "decide_source", "source"),
            ("dec_method", "decide.method", "['weighted','topsis']", "decide_method", "method"),
        ):
            with El("label"):
                El("span", word(label))
                with El("span.sel"):
                    with El(
                        "select",
                        testid=action.replace("_", "-"),
                        b_value=key,
                        on_change=act(action, f"{{{argument}: $event.target.value}}"),
                    ):
                        El("option", "{{ t['dec_'+s] }}", for_=f"s in {values}", key="s", b_value="s")
                    Icon("down", 18)
    El("p.hint", "{{ t['dec_hint_'+decide.source] }}")
    with El("p.hint", if_="decide.source==='combined'"):
        El("span", "{{ utils.gs.decCombination(decide_rank, t) }}")


def _weights() -> None:
    with (
        El("div.dcrit"),
        El("section", for_="(c, i) in decide_rank.criteria", key="c.key", b_data_key="c.key"),
    ):
        with El("div.cr1"):
            El("i.shade", b_style="{background: utils.gs.decShade(i)}", aria_hidden="true")
            El("span", "{{ t['kpi_'+c.key] }}")
            El("b", "{{ utils.gs.fmt(100*c.weight, 0) }} %")
            Tool(
                "close",
                "dec_drop",
                act("decide_criterion", "{key: c.key, on: false}"),
                size=15,
                cls="small",
                if_="decide_rank.criteria.length>2",
            )
        El(
            "small.crr",
            "{{ utils.gs.decRange(c, lang, t, life_years) }}",
            b_class="{bad: c.constant || c.negligible}",
        )
        El(
            "input.range",
            if_="decide.source==='swing' || decide.source==='combined'",
            type="range",
            min="0",
            max="100",
            step="1",
            b_testid="'decide-weight-'+c.key",
            b_value="utils.gs.held('decide:'+decide_rank.person+c.key, c.points)",
            b_style="{'--p': utils.gs.held('decide:'+decide_rank.person+c.key, c.points)+'%'}",
            b_aria_label="t.dec_points + ' ' + t['kpi_'+c.key]",
            b_aria_valuetext="utils.gs.fmt(c.points,0) + ' · ' + utils.gs.fmt(100*c.weight,0) + ' %'",
            on_input=(
                "utils.gs.live('decide:'+decide_rank.person+c.key, $event, 'decide_points',"
                " {key: c.key, person: decide_rank.person})"
            ),
        )
        with El("div.stab", b_title="utils.gs.decStable(decide, c, t)"):
            El("span", b_style="utils.gs.decBand(c)", aria_hidden="true")
            El("i", b_style="{left: (100*c.weight)+'%'}", aria_hidden="true")
        El("small.crs", "{{ utils.gs.decStable(decide, c, t) }}")
    with El("div.dadd"), El("span.sel"):
        with El(
            "select",
            testid="decide-criterion-add",
            b_aria_label="t.dec_add",
            b_value="''",
            on_change=act("decide_criterion", "{key: $event.target.value, on: true}"),
        ):
            El("option", word("dec_add"), value="")
            El(
                "option",
                "{{ t['kpi_'+k] }}",
                for_="k in decide.rankable.filter(k => !decide.criteria.includes(k))",
                key="k",
                b_value="k",
            )
        Icon("plus", 17)


def _judgements() -> None:
    with El("template", if_="decide.source==='ahp' || decide_rank.judged"):
        with El("div.dh.line"):
            El("span", word("dec_judge"))
            El(
                "small",
                "{{ utils.gs.decConsistency(decide_rank, t) }}",
                b_class="{bad: decide_rank.ahp && !decide_rank.ahp.consistent}",
            )
        El("p.hint", word("dec_judge_hint"))
        with El("div.scrollx"), El("table.djudge", testid="decide-judgement"):
            with El("thead"), El("tr"):
                El("th")
                El(
                    "th",
                    "{{ t['kpi_'+c.key] }}",
                    for_="(c, i) in decide_rank.criteria",
                    key="c.key",
                    b_title="t['kpi_'+c.key]",
                    scope="col",
                )
            with (
                El("tbody"),
                El("tr", for_="(row, i) in decide_rank.judgement", key="i"),
            ):
                El("th", "{{ t['kpi_'+decide_rank.criteria[i].key] }}", scope="row")
                with El(
                    "td",
                    for_="(v, j) in row",
                    key="j",
                    b_class="{same: i===j, odd: utils.gs.decOdd(decide_rank, i, j)}",
                ):
                    El("span", "1", if_="i===j")
                    with El(
                        "select",
                        if_="i<j",
                        b_testid="'decide-judge-'+i+'-'+j",
                        b_value="utils.gs.decNear(decide.judgements, v)",
                        b_aria_label="t['kpi_'+decide_rank.criteria[i].key] + ' : ' + t['kpi_'+decide_rank.criteria[j].key]",
                        on_change=act(
                            "decide_judge", "{row: i, column: j, value: Number($event.target.value)}"
                        ),
                    ):
                        El(
                            "option",
                            "{{ utils.gs.ratio(o) }}",
                            for_="o in decide.judgements",
                            key="o",
                            b_value="o",
                        )
                    El("span.mirror", "{{ utils.gs.ratio(v) }}", if_="i>j")
        El(
            "p.hint.bad",
            "{{ utils.gs.decWorst(decide_rank, t) }}",
            if_="decide_rank.ahp && !decide_rank.ahp.consistent",
        )


# --- middle ----------------------------------------------------------------------------------------------


def _ranking() -> None:
    with El("div.dh"):
        El("span", word("dec_ranking"))
        El(
            "small",
            "{{ utils.gs.fill(t.dec_by, {who: decide_rank.names[decide_rank.person]}) }} · {{ t['dec_'+decide.method] }}",
        )
    with El(
        "div.rk",
        testid="decide-ranking",
        role="list",
        b_style="{height: (46*decide_rank.rows.length)+'px'}",
    ):
        _rank_row()
    El("p.dsay", "{{ utils.gs.decSay(decide, decide_rank, t) }}", testid="decide-say", role="status")
    with El("p.hint", if_="decide.schemes.some(s => s.out)"):
        El("span", word("dec_out"))
        with El(
            "button.link",
            for_="s in decide.schemes.filter(s => s.out)",
            key="s.id",
            type="button",
            on_click=act("decide_leave", "{id: s.id, on: false}"),
        ):
            El("span", " {{ s.letter }} {{ s.name }}")


def _rank_row() -> None:
    """One scheme: place, name, what each criterion adds, the other method's place."""
    with El(
        "div.rkr",
        for_="r in decide_rank.rows",
        key="r.id",
        role="listitem",
        b_data_scheme="r.id",
        b_data_rank="r.rank",
        b_style="{transform: 'translateY('+(46*r.place)+'px)'}",
        b_class="{first: r.rank===1, on: r.id===scheme_id}",
    ):
        El("b.rkn", "{{ r.rank }}")
        with El("button.rkb", type="button", on_click=act("scheme_activate", "{id: r.id}")):
            letter("r.id")
            El("span", "{{ " + NAME.format("r.id") + " }}", b_title=NAME.format("r.id"))
        with El("div.rkbar", aria_hidden="true"):
            El(
                "i",
                for_="p in r.parts",
                key="p.key",
                if_="decide.method==='weighted'",
                b_style="{width: (100*p.value)+'%', background: utils.gs.decShade(p.shade)}",
                b_title="t['kpi_'+p.key] + ' ' + utils.gs.fmt(100*p.value,1)",
            )
            El(
                "i",
                if_="decide.method!=='weighted'",
                b_style="{width: (100*r.score)+'%', background: 'var(--accent)'}",
            )
        El("b.rks", "{{ utils.gs.fmt(100*r.score, 0) }}")
        El(
            "small",
            "{{ utils.gs.fill(t.dec_other_rank, {n: r.other_rank}) }}",
            b_class="{bad: r.other_rank!==r.rank}",
        )
        Tool(
            "eyeoff",
            "dec_leave",
            act("decide_leave", "{id: r.id, on: true}"),
            size=16,
            cls="small",
            if_="decide_rank.rows.length>2",
        )


def _disagreement() -> None:
    with El("template", if_="decide_rank.names.length>1"):
        with El("div.dh.line"):
            El("span", word("dec_apart"))
            El("small", "{{ utils.gs.decApart(decide, decide_rank, t) }}")
        with El("div.scrollx"), El("table.dtab", testid="decide-people"):
            with El("thead"), El("tr"):
                El("th", word("dec_scheme"), scope="col")
                El("th", "{{ n }}", for_="(n, i) in decide_rank.names", key="i", scope="col")
                El("th", word("dec_span"), scope="col")
            with El("tbody"), El("tr", for_="r in utils.gs.decOrdered(decide_rank)", key="r.id"):
                with El("th", scope="row"):
                    letter("r.id")
                    El("span", "{{ " + NAME.format("r.id") + " }}", b_title=NAME.format("r.id"))
                El("td", "{{ n }}", for_="(n, i) in r.by_person", key="i", b_class="{best: n===1}")
                El("td", "{{ utils.gs.decSpan(decide_rank, r.id) }}")
        El("p.hint", "{{ utils.gs.decSplit(decide_rank, t) }}")


def _pareto() -> None:
    with El("div.dh.line"):
        El("span", word("dec_tradeoff"))
        El("small", word("dec_tradeoff_sub"))
    with El("div.daxes"):
        for axis, glyph in (("x", "→"), ("y", "↑")):
            with El("label"):
                El("span", glyph, aria_hidden="true")
                with El("span.sel"):
                    with El(
                        "select",
                        b_value=f"decide.pareto.{axis}",
                        b_aria_label=f"t.dec_axis_{axis}",
                        on_change=act("decide_axis", f"{{axis: '{axis}', key: $event.target.value}}"),
                    ):
                        El("option", "{{ t['kpi_'+k] }}", for_="k in decide.rankable", key="k", b_value="k")
                    Icon("down", 18)
    with El("div.pareto", testid="decide-pareto"):
        with El("svg", viewBox="0 0 100 100", preserveAspectRatio="none", aria_hidden="true"):
            cross = "utils.gs.decScatter(decide, lang, t, life_years).base"
            El("path", if_=cross, b_d=f"'M'+{cross}.x+' 0V100M0 '+{cross}.y+'H100'", **{"class": "cross"})
            El(
                "path",
                b_d="utils.gs.decScatter(decide, lang, t, life_years).front",
                **{"class": "front"},
            )
        with El(
            "button.pt",
            for_="p in utils.gs.decScatter(decide, lang, t, life_years).points",
            key="p.scheme",
            type="button",
            b_class="{beaten: !p.front, on: p.scheme===scheme_id}",
            b_style="{left: p.left+'%', top: p.top+'%', '--c': utils.gs.decCol(decide, p.scheme).color}",
            b_title="p.text",
            b_aria_label="p.text",
            on_click=act("scheme_activate", "{id: p.scheme}"),
        ):
            El("span", "{{ utils.gs.decCol(decide, p.scheme).letter }}")
        El("em.ax", "{{ utils.gs.decAxis('x', decide, lang, t) }}")
        El("em.ay", "{{ utils.gs.decAxis('y', decide, lang, t) }}")

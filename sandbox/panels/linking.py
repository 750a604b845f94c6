"""Linking drawer: blocks of communities, choosing and regrouping, today's wells beside the linked ones."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, act, badge, word

HERE = "blocks && blocks.site===site.name"


def drawer() -> None:
    with El("div.dh"):
        El("span", word("linking_title"))
        El("small", word("linking_sub"))
    with El("div.scroll.lkd", if_=HERE, testid="linking"):
        _counts()
        with El("template", if_="blocks.can_start"):
            El("p.hint", word("linking_start_hint"))
            with (
                El("div.next"),
                El("button.b1", type="button", testid="linking-start", on_click=act("blocks_start")),
            ):
                Icon("link", 20)
                El("span", word("linking_start"))
        _choose()
        El(
            "p.error",
            "{{ edit_error.text }}",
            role="alert",
            if_="edit_error && ['members','into','blocks','wells'].includes(edit_error.field)",
        )
        _beside()
        _blocks()
        _paper()
    El("p.hint", word("linking_none"), if_=f"!({HERE})")


def _counts() -> None:
    with El("div.lkn", testid="linking-counts"):
        for key in ("wells", "blocks", "kept", "standby", "injectors", "alone"):
            shown = "blocks.counts.wells + blocks.counts.unused" if key == "wells" else f"blocks.counts.{key}"
            with El("span"):
                El("b", f"{{{{ {shown} }}}}", testid=f"linking-{key}")
                El("small", word(f"linking_n_{key}"))


def _choose() -> None:
    with El("div.lkc"):
        with El(
            "button.b2",
            type="button",
            testid="linking-lasso",
            if_="scale==='field' && workspace==='explore'",
            on_click="utils.gs.view('lasso')",
        ):
            Icon("pencil", 17)
            El("span", word("linking_lasso"))
        El(
            "span",
            "{{ blocks.chosen.length ? utils.gs.fill(t.linking_chosen,{n: blocks.chosen.length, "
            "ids: blocks.chosen.join(' ')}) : t.linking_choose_hint }}",
            testid="linking-chosen",
        )
    with El("div.lkc", if_="blocks.chosen.length"):
        with El("span.sel"):
            with El(
                "select",
                testid="linking-into",
                b_aria_label="t.linking_into",
                b_value="''",
                on_change="$event.target.value && " + act("blocks_into", "{block: $event.target.value}"),
            ):
                El("option", word("linking_into"), value="")
                El("option", word("linking_new"), value="new")
                El("option", word("linking_alone"), value="alone")
                El(
                    "option",
                    "{{ b.id }}",
                    for_="b in blocks.blocks.filter(b => !b.alone)",
                    key="b.id",
                    b_value="b.id",
                )
            Icon("down", 18)
        El("button.link", word("linking_clear"), type="button", on_click=act("blocks_choose", "{ids:[]}"))


def _beside() -> None:
    answer = "blocks.answers"
    with El("h2.gh"):
        El("span", word("linking_beside"))
        badge(f"{answer} ? {answer}.state : 'refining'")
    with El("div.lkt", testid="linking-beside"):
        with El("div.lkr.hd"):
            El("span")
            El("b", word("linking_today"))
            El("b", "{{ blocks.linked ? t.linking_now : t.linking_scheme }}")
        with (
            El("template", if_=answer),
            El("div.lkr", for_=f"r in {answer}.rows", key="r.key", b_testid="'linking-row-'+r.key"),
        ):
            El("span", "{{ t['kpi_'+r.key] }} {{ utils.gs.unit(r.key,lang) }}")
            for side in ("today", "now"):
                El("b", f"{{{{ utils.gs.value(r.key, r.{side}, lang, t, blocks.answers.years) }}}}")
        with El("div.lkr", if_=answer, testid="linking-level"):
            El("span", word("linking_level"))
            El("b", f"{{{{ utils.gs.fmt({answer}.level.today,1) }}}}")
            El("b", f"{{{{ utils.gs.fmt({answer}.level.now,1) }}}}")
    El("p.hint", word("linking_level_note"))
    with (
        El("div.lkc", if_="schemes.some(s => s.active && !s.baseline)"),
        El("button.b2", type="button", testid="linking-views", on_click=act("blocks_beside")),
    ):
        Icon("compare", 17)
        El("span", word("linking_views"))


def _blocks() -> None:
    El("h2.gh", word("linking_blocks"))
    with El("div.lkb.hd", aria_hidden="true"):
        for key in ("", "col_block", "col_members", "col_wells", "col_level", "col_break"):
            El("span", word(f"linking_{key}") if key else "")
    with El("template", for_="b in blocks.blocks", key="b.id"):
        answer = "(blocks.answers && blocks.answers.blocks[b.id])"
        with El(
            "button.lkb",
            type="button",
            b_testid="'block-'+b.id",
            b_class="{on: ui_block===b.id, warn: b.near || b.large}",
            b_aria_expanded="ui_block===b.id",
            b_title="b.near ? t.linking_near : b.large ? t.linking_large : ''",
            on_click="ui_block = ui_block===b.id ? '' : b.id",
        ):
            El("i", b_style="{background: b.colour}", aria_hidden="true")
            El("b", "{{ b.alone ? b.members[0] : b.id }}")
            El("span", "{{ b.members.length }}")
            El("span", "{{ b.kept.length }} / {{ b.standby.length }} / {{ b.injectors.length }}")
            El(
                "span",
                f"{{{{ {answer} && {answer}.level_today_m!==null ? utils.gs.fmt({answer}.level_today_m,0)+'→'"
                f"+utils.gs.fmt({answer}.level_m,0) : '…' }}}}",
            )
            El(
                "span",
                f"{{{{ !{answer} ? '…' : {answer}.breakthrough_a===null ? '> '+blocks.answers.years"
                f" : utils.gs.fmt({answer}.breakthrough_a,1) }}}}",
            )
        with El("div.lkm", if_="ui_block===b.id"):
            with El(
                "button.chipb",
                type="button",
                for_="m in b.members",
                key="m",
                b_testid="'community-'+m",
                b_class="{on: blocks.chosen.includes(m)}",
                b_aria_pressed="blocks.chosen.includes(m)",
                on_click=act("blocks_toggle", "{id:m}"),
            ):
                El("span", "{{ (blocks.communities.find(c => c.id===m)||{})[lang] }}")
            El(
                "small",
                "{{ utils.gs.fill(t.linking_block_text,{area: utils.gs.fmt(b.area_m2/1e4,1), today: "
                "utils.gs.fmt(b.flow_today,0), flow: utils.gs.fmt(b.flow,0), spacing: b.spacing_m===null ? '–' : b.spacing_m, "
                "kept: b.kept.join(' ')||'–', standby: b.standby.join(' ')||'–', back: b.injectors.join(' ')||'–'}) }}",
            )


def _paper() -> None:
    with El("section.fg.printed"):
        with El(
            "button.bh.fold",
            type="button",
            testid="linking-paper",
            b_aria_expanded="ui_block==='paper'",
            on_click="ui_block = ui_block==='paper' ? '' : 'paper'",
        ):
            El("span", word("linking_paper"))
            El("small", "{{ blocks.paper.ok }} / {{ blocks.paper.printed }}")
            Icon("down", 18, show="ui_block==='paper'")
            Icon("right", 18, show="ui_block!=='paper'")
        with El("template", if_="ui_block==='paper'"):
            with El("div.lkr.hd"):
                El("span")
                El("b", word("printed_col"))
                El("b", word("printed_ours"))
            with El("div.lkr", for_="r in blocks.paper.rows", key="r.key", b_class="r.verdict"):
                El("span", "{{ r[lang] }} {{ r.unit }}")
                El("b", "{{ r.printed }}")
                El("b", "{{ r.ours }}")
            El("p.hint", word("linking_ways"))
            with El("div.lkr.way", for_="w in blocks.paper.ways", key="w.key", b_testid="'way-'+w.key"):
                El("span", "{{ w[lang] }}")
                El("b", "{{ utils.gs.fmt(w.flow,2) }}")
                El("b", "{{ utils.gs.fmt(w.percent,2) }} %")

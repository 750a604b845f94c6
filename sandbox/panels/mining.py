"""Mining drawer: levels and their parts, heat by level, bounds, cooling, loops, money with the shaft's share."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, act, word

A = "mine.answer"
PARTS = {
    "roadways": (("length_m", 0, " m"), ("wall_degc", 0, " ℃"), ("collected_share", 2, "")),
    "holes": (("count", 0, ""), ("length_m", 0, " m"), ("fluid_degc", 0, " ℃")),
    "blocks": (("volume_m3", 0, " m³"), ("half_spacing_m", 1, " m"), ("fluid_degc", 0, " ℃"), ("recovery", 2, "")),
}  # fmt: skip


def drawer() -> None:
    with El("div.dh"):
        El("span", word("mining_title"))
        El("small", word("mining_sub"))
    El("p.hint", word("mining_none"), if_="!mine || mine.site!==site.name")
    with El("div.scroll.mnd", else_=True, testid="mining"):
        _total()
        El(
            "p.error",
            "{{ edit_error.text }}",
            role="alert",
            if_="edit_error && (edit_error.field.startsWith('mine') || edit_error.field.startsWith('levels'))",
        )
        _levels()
        _bounds()
        _cooling()
        _loops()
        _money()
        _said()


def _total() -> None:
    with El("div.mnt", if_=A, testid="mining-total"):
        with El("div.kv"):
            El("b", f"{{{{ utils.gs.fmt({A}.mean_mw,2) }}}}", testid="mining-mean")
            El("span.u", "MW")
            El("span.d", word("mining_mean"))
        El(
            "p",
            f"{{{{ utils.gs.fill(t.mining_doublets,{{n: utils.gs.sig({A}.doublets,2,2), mw: utils.gs.fmt({A}.doublet_mw,2)}}) }}}}",
            testid="mining-order",
        )
        with El(
            "svg.mny",
            viewBox="0 0 100 34",
            preserveAspectRatio="none",
            role="img",
            b_aria_label="t.mining_years",
        ):
            El(
                "path",
                for_="(l, i) in mine.mine.levels",
                key="i",
                b_d=f"utils.gs.mineArea({A}, i)",
                b_fill="utils.gs.mineColour(i)",
            )
        with El("div.mna"):
            El("span", word("mining_year_first"))
            El("span", f"{{{{ utils.gs.fill(t.mining_year_last,{{n: {A}.years.length}}) }}}}")
    with El("div.lkc"):
        with El(
            "button.b2",
            type="button",
            testid="mining-undo",
            b_disabled="!mine.can_undo",
            on_click=act("mine_undo"),
        ):
            Icon("undo", 17)
            El("span", word("undo"))
        El("button.link", word("mining_reset"), type="button", if_="mine.edited", on_click=act("mine_reset"))
        El("span", word("mining_drag"), if_="scale==='field'")


def _slider(part: str, key: str, *, level: str, shown: str, digits: int, unit: str, testid: str) -> None:
    """A slider that acts while it moves; ``shown``: expression of its value."""
    limits = f"mine.limits['{part}.{key}']"
    held = f"utils.gs.held('mine-{part}-{key}-'+({level}), {shown})"
    with El("label.mns"):
        El("span", word(f"mining_{part}_{key}"))
        El("b", f"{{{{ utils.gs.fmt({held},{digits}) }}}}{unit}")
        El(
            "input.range",
            type="range",
            b_testid=testid,
            b_min=f"{limits}[0]",
            b_max=f"{limits}[1]",
            b_step=f"{limits}[2]",
            b_value=held,
            b_style=f"{{'--p': (100*({held}-{limits}[0])/({limits}[1]-{limits}[0]))+'%'}}",
            on_input=f"utils.gs.live('mine-{part}-{key}-'+({level}),$event,'mine_set',"
            f"{{part:'{part}',key:'{key}',level:{level},final:false}})",
            on_change=act(
                "mine_set",
                f"{{part:'{part}',key:'{key}',level:{level},value:Number($event.target.value),final:true}}",
            ),
        )


def _levels() -> None:
    El("h2.gh", word("mining_levels"))
    with El("template", for_="(l, i) in mine.mine.levels", key="i"):
        with El(
            "button.mnl",
            type="button",
            b_testid="'mine-level-'+i",
            b_class="{on: ui_mine===i}",
            b_aria_expanded="ui_mine===i",
            on_click="ui_mine = ui_mine===i ? -1 : i",
        ):
            El("i", b_style="{background: utils.gs.mineColour(i)}", aria_hidden="true")
            El("b", "−{{ utils.gs.fmt(l.depth_m,0) }} m")
            El("span", f"{{{{ {A} ? utils.gs.fmt({A}.levels[i].rock_degc,0)+' ℃' : '' }}}}")
            El(
                "em",
                f"{{{{ {A} ? utils.gs.fmt({A}.levels[i].year1_mw,2)+' → '+utils.gs.fmt({A}.levels[i].mean_mw,2)+' MW' : '…' }}}}",
                b_title="t.mining_first_mean",
                b_testid="'mine-heat-'+i",
            )
        with El("div.mnb", if_="ui_mine===i"):
            _slider(
                "level",
                "depth_m",
                level="i",
                shown="l.depth_m",
                digits=0,
                unit=" m",
                testid="'mine-depth-'+i",
            )
            for part, sliders in PARTS.items():
                _part(part, sliders)
            with El("div.mnq"):
                El("span", word("mining_mining"))
                with El("span.sel"):
                    with El(
                        "select",
                        b_value="l.mining||'none'",
                        b_testid="'mine-mining-'+i",
                        b_aria_label="t.mining_mining",
                        on_change=act(
                            "mine_set", "{part:'level',key:'mining',level:i,value:$event.target.value}"
                        ),
                    ):
                        for name in ("none", "fill", "cave", "leach"):
                            El("option", word(f"mining_m_{name}"), value=name)
                    Icon("down", 15)
            with El("template", if_="l.mining && l.mining!=='none'"):
                _slider(
                    "level",
                    "mined_year",
                    level="i",
                    shown="l.mined_year",
                    digits=0,
                    unit="",
                    testid="'mine-year-'+i",
                )
                El("p.hint", "{{ t['mining_s_'+l.mining] }}")


def _part(part: str, sliders: tuple[tuple[str, int, str], ...]) -> None:
    own = f"(l.{part}||[])[0]"
    with El("div.mnp", if_=own):
        with El("div.mnq"):
            El("b", word(f"mining_{part}"))
            El("em", f"{{{{ {A} ? utils.gs.fmt({A}.levels[i].parts.{part},3)+' MW' : '' }}}}")
            if part == "holes":
                with El("div.seg", role="group", b_aria_label="t.mining_pattern"):
                    for name in ("U", "L", "Q"):
                        El(
                            "button",
                            name,
                            type="button",
                            b_class=f"{{on: {own}.pattern==='{name}'}}",
                            b_aria_pressed=f"{own}.pattern==='{name}'",
                            on_click=act(
                                "mine_set", f"{{part:'holes',key:'pattern',level:i,value:'{name}'}}"
                            ),
                        )
        for key, digits, unit in sliders:
            _slider(
                part,
                key,
                level="i",
                shown=f"{own}.{key}",
                digits=digits,
                unit=unit,
                testid=f"'mine-{part}-{key}-'+i",
            )
    with El("div.mnp", else_=True):
        El(
            "button.link",
            f"+ {{{{ t.mining_{part} }}}}",
            type="button",
            on_click=act(
                "mine_set",
                f"{{part:'{part}',key:'{sliders[0][0]}',level:i,value:{{roadways:2000,holes:24,blocks:1e6}}.{part}}}",
            ),
        )


def _bounds() -> None:
    with El("section.fg", if_=A, testid="mining-bounds"):
        El("h2.gh", word("mining_bounds"))
        with El(
            "div.mnx", for_="k in ['energy_in_place_mw','conductive_mw','result_mw']", key="k", b_class="k"
        ):
            El("span", "{{ t['mining_'+k] }}")
            El("i", b_style=f"{{width: utils.gs.mineBar({A}.bounds, k)+'%'}}")
            El("b", f"{{{{ utils.gs.sig({A}.bounds[k],3,2) }}}} MW")
        El(
            "p.hint",
            f"{{{{ utils.gs.fill(t.mining_per_km,{{first: utils.gs.fmt({A}.per_km_mw[0],2), "
            f"last: utils.gs.fmt({A}.per_km_mw[{A}.per_km_mw.length-1],2)}}) }}}}",
            if_=f"{A}.per_km_mw",
        )


def _cooling() -> None:
    with El("section.fg", if_=A, testid="mining-cooling"):
        El("h2.gh", word("mining_cooling"))
        for key, text in (
            ("saved_mw", f"{{{{ utils.gs.fmt({A}.cooling.saved_mw,2) }}}} MW"),
            ("saved_electric_mw", f"{{{{ utils.gs.fmt({A}.cooling.saved_electric_mw,2) }}}} MW"),
            ("saved_mwh", f"{{{{ utils.gs.fmt({A}.cooling.saved_mwh,0) }}}} MWh"),
            ("autocompression_mw", f"{{{{ utils.gs.fmt({A}.cooling.autocompression_mw,1) }}}} MW"),
        ):
            with El("div.lkr.one"):
                El("span", word(f"mining_{key}"))
                El("b", text)


def _loops() -> None:
    with El("section.fg", if_=A, testid="mining-loops"):
        El("h2.gh", word("mining_loops"))
        with El("div.mno", for_=f"r in {A}.loops", key="r.level+r.part"):
            El("b", "−{{ utils.gs.fmt(r.depth_m,0) }}")
            El("span", "{{ t['mining_'+r.part] }}")
            El("span", "{{ utils.gs.fmt(r.supply_degc,0) }}/{{ utils.gs.fmt(r.return_degc,0) }} ℃")
            El("span", "{{ utils.gs.fmt(r.flow_m3_h,0) }} m³/h")
            El("em", "{{ utils.gs.fmt(100*r.exergy_factor,1) }} %", b_title="t.mining_exergy")
        El(
            "p.hint",
            f"{{{{ utils.gs.fill(t.mining_mixed,{{flow: utils.gs.fmt({A}.mixed.flow_m3_h,0), "
            f"degc: utils.gs.fmt({A}.mixed.supply_degc,1)}}) }}}}",
            if_=f"{A}.mixed.supply_degc!==null",
        )


def _money() -> None:
    with El("section.fg", if_=f"{A} && {A}.money.length", testid="mining-money"):
        El("h2.gh", word("mining_money"))
        for key, digits, unit in (("shaft_share", 2, ""), ("heat_price_cny_per_gj", 0, "")):
            _slider(
                "economics",
                key,
                level="0",
                shown=f"mine.mine.economics.{key}",
                digits=digits,
                unit=unit,
                testid=f"'mine-{key}'",
            )
        with El("div.mnm.hd"):
            for key in ("share", "capex", "npv", "lcoh"):
                El("span", word(f"mining_c_{key}"))
        with El("div.mnm", for_=f"r in {A}.money", key="r.shaft_share", b_class="{on: r.chosen}"):
            El("b", "{{ utils.gs.fmt(100*r.shaft_share,0) }} %")
            El("span", "{{ utils.gs.value('capex_cny', r.capex_cny, lang, t) }}")
            El("span", "{{ utils.gs.value('npv_cny', r.npv_cny, lang, t) }}")
            El("span", "{{ utils.gs.fmt(r.lcoh_cny_per_gj,0) }}")
        El("p.hint", "{{ utils.gs.fill(t.mining_money_note,{unit: utils.gs.unit('npv_cny',lang)}) }}")


def _said() -> None:
    with El("section.fg", if_=A):
        El("h2.gh", word("mining_notes"))
        with El("ul.facts"):
            El("li", "{{ n[lang] }}", for_=f"(n, i) in {A}.notes", key="i")
            El("li", "{{ n[lang] }}", for_="(n, i) in mine.findings", key="'f'+i")

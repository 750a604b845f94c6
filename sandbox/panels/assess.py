"""Suitability at basin scale: weights in the drawer; classes, firmness and one place in the panel."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, Tool, act, word

ON = "colour_by==='suitability'"
CLASS = "utils.gs.classColour"


def slider(
    label: str,
    *,
    value: str,
    shown: str,
    key: str,
    action: str,
    params: str,
    step: str,
    ends: tuple[str, str],
) -> None:
    """A slider that acts while it moves, newest value first. All but ``label`` and ``action`` are expressions.

    ``value``: what the server holds; ``params``: what goes with the value, and under which name it goes.
    """
    own, (low, high) = f"utils.gs.held({key},{value})", ends
    with El("label.slider"):
        El("span", label)
        El("b", "{{ " + shown + " }}")
        El(
            "input.range",
            type="range",
            b_min=low,
            b_max=high,
            b_step=step,
            b_value=own,
            b_style=f"{{'--p': (100*({own}-{low})/({high}-{low}))+'%'}}",
            b_testid=key,
            on_input=f"utils.gs.live({key},$event,'{action}',{params})",
            on_keydown__stop="",
        )


def weights() -> None:
    """Sources of the weights and a slider for each indicator."""
    with El("template", if_=f"scale==='basin' && {ON}"), El("div.scroll.suitw", if_="suit"):
        with El("div.box"):
            El("h3.bh", word("suit_source"))
            with El("label.sel"):
                with El(
                    "select",
                    testid="suit-preset",
                    b_value="suit.preset",
                    b_aria_label="t.suit_source",
                    on_change="utils.gs.forget('suit_'), utils.gs.act('suit_preset',{name: $event.target.value})",
                ):
                    El("option", word("suit_preset_own"), value="own", if_="suit.preset==='own'")
                    El("option", "{{ t['suit_preset_'+p] }}", for_="p in suit.presets", key="p", b_value="p")
                Icon("down", 18)
            El(
                "p.hint",
                "{{ utils.gs.combination(suit.combination, t) }}",
                if_="suit.preset==='combined'",
                testid="suit-combination",
            )
        with El("div.box.ws9"):
            El("h3.bh", word("suit_weights"))
            with El("div.sw9", for_="r in suit.rows", key="r.id", b_title="r.schematic ? t.suit_note : ''"):
                slider(
                    "{{ r[lang] }}{{ r.benefit ? '' : ' ↓' }}{{ r.schematic ? ' · '+t.suit_schematic : '' }}",
                    value="r.weight",
                    shown="utils.gs.fmt(r.share_pct,1)+' %'",
                    key="'suit_'+r.id",
                    action="suit_weight",
                    params="{id: r.id}",
                    step="0.005",
                    ends=("0", "Math.max(0.4, r.weight)"),
                )
            El(
                "p.hint",
                "↓ {{ t.suit_cost }} · {{ utils.gs.fill(t.suit_painted,{ms: utils.gs.fmt(suit.ms,0)}) }}",
            )
        El("p.hint", word("suit_note"))


def panel() -> None:
    """Class shares, units, stability and the chosen place, in place of the resource panel."""
    with El("div.resource.suit", if_=f"scale==='basin' && {ON} && suit", testid="suitability"):
        with El("div.rh"):
            El("b", word("suit_title"))
            El("small", word("suit_sub"))
        with El("div.scroll"):
            El("h2.gh", word("suit_shares"))
            with El("div.cbar", role="img", b_aria_label="utils.gs.sharesText(suit.classes, lang)"):
                El(
                    "i",
                    "{{ c.share_pct > 6 ? c.roman : '' }}",
                    for_="c in suit.classes",
                    key="c.n",
                    b_style=f"{{width: c.share_pct+'%', background: {CLASS}(c.n), color: c.n>3 ? '#fff' : '#13202b'}}",
                )
            with (
                El("div.crow"),
                El("span", for_="c in suit.classes", key="c.n", b_testid="'suit-share-'+c.n"),
            ):
                El("small", "{{ c.roman }} {{ c[lang] }}")
                El("b", "{{ utils.gs.fmt(c.share_pct,1) }} %")
            _place()
            El("h2.gh", "{{ utils.gs.fill(t.suit_units,{pct: suit.shift_pct}) }}")
            _units()
            with El("div.note", testid="suit-steady"):
                Icon("bulb", 20)
                El(
                    "span",
                    "{{ utils.gs.fill(t.suit_steady_text,{pct: suit.shift_pct, n: suit.draws, "
                    "same: utils.gs.fmt(suit.steady_pct,1), never: utils.gs.fmt(suit.never_pct,1)}) }}",
                )
            printed("suitability")


def _units() -> None:
    with El(
        "button.su",
        type="button",
        for_="u in suit.units",
        key="u.id",
        b_class="{on: resource && u.id===resource.id}",
        b_aria_pressed="!!resource && u.id===resource.id",
        on_click=act("pick_unit", "{id:u.id}"),
    ):
        El("span", "{{ u[lang] }}")
        El("b", "{{ utils.gs.fmt(u.good_pct,0) }} %", b_testid="'suit-good-'+u.id")
        El("em", "{{ utils.gs.fmt(u.steady_pct,0) }} %")
        with El("span.cbar.thin", aria_hidden="true"):
            El(
                "i",
                for_="(s, k) in u.shares",
                key="k",
                b_style=f"{{width: s+'%', background: {CLASS}(k+1)}}",
            )


def _place() -> None:
    El("h2.gh", word("suit_place"))
    El("p.hint", word("suit_click"), if_="!suit_place")
    with El("div.splace", if_="suit_place", testid="suit-place"):
        with El("div.sp1"):
            El(
                "i.cnum",
                "{{ suit_place.roman }}",
                testid="suit-class",
                b_style=f"{{background: {CLASS}(suit_place.n), color: suit_place.n>3 ? '#fff' : '#13202b'}}",
            )
            with El("div"):
                El("b", "{{ suit_place[lang] }} · {{ suit_place.unit[lang] }}")
                El(
                    "small",
                    "{{ utils.gs.fill(t.suit_place_text,{index: utils.gs.fmt(suit_place.index,2), "
                    "pct: suit.shift_pct, steady: utils.gs.fmt(suit_place.steady_pct,0)}) }}",
                )
            Tool("close", "close", act("suit_forget"), size=17, cls="small")
        El("p.sh", word("suit_parts"))
        with El("div.spart", for_="p in utils.gs.parts(suit_place.parts, lang)", key="p.id"):
            El("span", "{{ p[lang] }}", b_title="p[lang]")
            with El("div.db", b_class="p.cls", aria_hidden="true"):
                El("i.z", style="left:50%")
                El("i.br", b_style="{left: p.left+'%', width: p.width+'%'}")
            El("b", "{{ p.text }}")
            El("em", "{{ p.shown }}")
        _start()


def _start() -> None:
    field = "suit_place.field"
    with El("template", if_=f"{field} && {field}.near"):
        El(
            "p.hint",
            "{{ utils.gs.fill(t.suit_not_suitable,{roman: suit_place.roman}) }}",
            if_="!suit_place.suitable",
        )
        with El("div.next"), El("button.b1", type="button", testid="suit-start", on_click=act("suit_start")):
            Icon("plus", 20)
            El("span", word("suit_start"))
        El("p.hint", "{{ utils.gs.spreadsHere(suit_place.spreads, t) }}", if_="suit_place.spreads")
        El(
            "p.hint",
            f"{{{{ utils.gs.fill(t.suit_start_note,{{name: {field}[lang], km: utils.gs.fmt({field}.away_km,1)}}) }}}}",
        )
    with El("div.smiss", else_=True, testid="suit-missing"):
        El("b", word("suit_missing"))
        with El("ul.facts"):
            for key in ("reservoir", "wells", "area", "demand"):
                El("li", word(f"suit_missing_{key}"))
        El("p", "{{ utils.gs.knownHere(suit_place.known, t, lang) }}")
        El("p", "{{ utils.gs.spreadsHere(suit_place.spreads, t) }}", if_="suit_place.spreads")
        with El("div.next"), El("button.b2", type="button", testid="suit-build", on_click=act("suit_build")):
            Icon("plus", 18)
            El("span", word("suit_build"))
        El("p", word("suit_build_note"))
        El(
            "p",
            f"{{{{ utils.gs.fill(t.suit_nearest,{{name: {field}[lang], km: utils.gs.fmt({field}.away_km,0)}}) }}}}",
            if_=field,
        )


def legend() -> None:
    """Five swatches with their numerals in place of a ramp."""
    with El("div.cls5", if_=f"scale==='basin' && {ON}"), El("span", for_="n in 5", key="n"):
        El("i", b_style=f"{{background: {CLASS}(n)}}")
        El("b", "{{ utils.gs.roman(n) }}")
        El("small", "{{ suit ? suit.classes[n-1][lang] : '' }}")


def printed(part: str) -> None:
    """Printed figures beside ours, folded until asked for."""
    is_open = f"printed && printed.part==='{part}'"
    with El("section.fg.printed"):
        with El(
            "button.bh.fold",
            type="button",
            testid=f"printed-{part}",
            b_aria_expanded=f"!!({is_open})",
            on_click=act("printed", f"{{part:'{part}'}}"),
        ):
            El("span", word("printed_show"))
            El("small", "{{ printed.rows.length }}", if_=is_open)
            Icon("down", 18, show=is_open)
            Icon("right", 18, show=f"!({is_open})")
        with (
            El("template", if_=is_open),
            El("div.pf", for_="r in printed.rows", key="r.key", b_class="r.verdict"),
        ):
            El("span", "{{ r.name[lang] }}", b_title="r.where")
            El("b", "{{ utils.gs.figure(r.printed) }}", b_title="t.printed_col")
            El(
                "em",
                "{{ r.ours===null ? '–' : utils.gs.figure(r.ours) }} {{ r.unit }}",
                b_title="t.printed_ours",
            )
            El("i", "{{ utils.gs.verdictGlyph(r.verdict) }} {{ t['verdict_'+r.verdict] }}")
            El("small", "{{ r.why[lang] }}", if_="r.why[lang]")
            El("small.where", "{{ r.where }}")

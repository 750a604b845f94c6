"""Dock pictures of the uses: the cascade as a stream that is tapped, and the dispatched year."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, act, word


def cascade() -> None:
    """Heat flows from left to right; each use takes its share, the rest goes back."""
    with (
        El("div.csc", if_="dock==='cascade' && cascade", testid="cascade"),
        El("div.csg", b_style="{'--n': cascade.places.length + 2}"),
    ):
        with El("svg", viewBox="0 0 1000 100", preserveAspectRatio="none", aria_hidden="true"):
            El(
                "path",
                for_="s in utils.gs.cascadeShapes(cascade)",
                key="s.id",
                b_d="s.d",
                b_fill="s.fill",
                b_class="s.cls",
            )
        _end("wells", "cascade.wellhead", "t.uses_from_wells", "utils.gs.fmt(cascade.flow,0)+' m³/h'")
        with El(
            "button.cst",
            type="button",
            for_="p in cascade.places",
            key="p.id",
            b_class="{idle: p.idle, bad: p.warn.length}",
            b_title="p.warn.join('\\n')",
            b_testid="'place-'+p.id",
            on_click="ui_use = p.use; ui_drawer = true; "
            + act("uses_tab", "{tab:'uses'}")
            + "; "
            + act("set_drawer", "{drawer:'surface'}"),
        ):
            with El("span.th"):
                Icon("p.icon", 18, bound=True)
                El("b", "{{ p.name }}")
            El("strong", "{{ utils.gs.placeMw(p) }}")
            El("span", "{{ utils.gs.placeDegc(p,lang) }}")
            El("small", "{{ utils.gs.fmt(p.share,1) }} % {{ t.uses_of_heat }}")
            El("small", "{{ utils.gs.placeText(p,lang,t) }}")
            El("em", "⚠ {{ p.warn[0] }}", if_="p.warn.length")
        _end("inject", "cascade.tail", "utils.gs.tailText(cascade,t)", "''")


def _end(icon: str, degc: str, text: str, more: str) -> None:
    with El("div.cst.end"):
        with El("span.th"):
            Icon(icon, 18)
            El("b", f"{{{{ utils.gs.fmt({degc},1) }}}} {{{{ utils.gs.degc(lang) }}}}")
        El("span", f"{{{{ {text} }}}}")
        El("small", f"{{{{ {more} }}}}")


def hours() -> None:
    """Demand and supply by month, the heating's sources by month, its coldest day, its load-duration line."""
    with El("div.hry", if_="dock==='hours' && hours_year", testid="hours"):
        _chart("utils.gs.monthsOfUses(hours_year,lang)", "uses_chart_months", "GWh", use_names=True)
        with El("template", if_="hours_year.stack"):
            _chart("utils.gs.monthsOfHeat(hours_year)", "uses_chart_heat", "GWh")
            _chart("utils.gs.winterDay(hours_year)", "uses_chart_day", "MW")
            _chart("utils.gs.duration(hours_year)", "uses_chart_duration", "MW")
        with El("dl.hrs", if_="hours_year.stack"):
            for key in ("load", "network_loss", "unmet", "curtailed", "store_out", "tank_out", "power"):
                with El("div", b_class=f"{{bad: '{key}'==='unmet' && hours_year.stack.sums.unmet>0.5}}"):
                    El("dt", word(f"uses_sum_{key}"))
                    El("dd", f"{{{{ utils.gs.sig(hours_year.stack.sums.{key},4,1) }}}} MWh")
            with El("div"):
                El("dt", word("uses_sum_unmet_hours"))
                El("dd", "{{ utils.gs.fmt(hours_year.stack.sums.unmet_hours,0) }} h")
            with El("div"):
                El("dt", word("uses_sum_bill"))
                El("dd", "{{ utils.gs.moneyShort(hours_year.stack.sums.electricity_cny,lang) }}")
        El("p.hint", word("uses_no_load"), if_="!hours_year.stack")
    El("p.hint", word("uses_computing"), if_="dock==='hours' && !hours_year")


def _chart(expression: str, title: str, unit: str, *, use_names: bool = False) -> None:
    """One chart: stacked shapes, an optional line, ticks; ``expression`` gives {shapes, line, max, ticks, keys}."""
    with El("figure.hrc", for_=f"g in [{expression}]", key="0"):
        with El("figcaption"):
            El("b", word(title), b_title=f"t.{title}")
            El("small", "{{ utils.gs.fill(t.uses_year_n, {n: hours_year.year}) }}")
        with El("div.hrp"):
            El("span.hm", f"{{{{ utils.gs.sig(g.max,2,3) }}}} {unit}")
            with El(
                "svg",
                viewBox="0 0 100 100",
                preserveAspectRatio="none",
                role="img",
                b_aria_label=f"t.{title}",
            ):
                El("path", for_="s in g.shapes", key="s.id", b_d="s.d", b_class="'src-'+s.id")
                El("path.ln", if_="g.line", b_d="g.line")
        with El("div.hrt", aria_hidden="true"):
            El("span", "{{ k }}", for_="(k, i) in g.ticks", key="i")
        with El("div.hrk"), El("span", for_="s in g.shapes", key="s.id", b_class="'src-'+s.id"):
            El("i", aria_hidden="true")
            El("em", "{{ t['uses_src_'+s.id] || s.id }}")

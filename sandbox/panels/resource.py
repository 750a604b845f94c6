"""Basin scale: heat in place of a structural unit, of all units, and how sure it is."""

from __future__ import annotations

from sandbox.panels import assess
from sandbox.panels.dom import El, Icon, act, word

UNIT = "resource.unit"


def panel() -> None:
    """Resource panel in place of the KPI cards."""
    assess.panel()
    with El("div.resource", if_=f"scale==='basin' && resource && !({assess.ON} && suit)"):
        with El("div.rh"):
            El("span", word("selected_unit"))
            El("b", "{{ " + UNIT + ".name }}")
            El("small", "{{ utils.gs.fmt(" + UNIT + ".area_km2,0) }} km² · {{ t.guantao }}")
        with El("div.scroll"):
            _hero()
            _properties()
            El("h2.gh", word("resource_numbers"))
            _numbers()
            El("h2.gh", "{{ utils.gs.fill(t.all_units, {n: resource.units.length}) }}")
            _total()
            _recoverable()
            with El("div.note", if_="resource.total && resource.total.ratio"):
                Icon("bulb", 20)
                El(
                    "span",
                    "{{ utils.gs.fill(t.correlation_note, {x: utils.gs.fmt(resource.total.ratio,1)}) }}",
                )
            assess.printed("heat")
        fly = "utils.gs.fill(t.fly_to, {name: site.title})"
        go = act("set_scale", "{scale:'field'}")
        with El("div.next"), El("button.b1", type="button", b_title=fly, on_click=go):
            Icon("field", 20)
            El("span.cut", f"{{{{ {fly} }}}}")


def _numbers() -> None:
    for label, value, unit in (
        ("abundance", "utils.gs.sci({u}.heat_j_mean/1e3/{u}.area_km2)", "kJ/km²"),
        ("coal_equivalent", "utils.gs.coal({u}.heat_j_mean, lang)", ""),
    ):
        expression = value.replace("{u}", UNIT)
        with El("div.kr"):
            El("span.nm", word(label))
            El("b", "{{ " + expression + ".m }}{{ " + expression + ".e }}")
            El("span.u", unit or "{{ " + expression + ".u }}")


def _hero() -> None:
    with El("div.hero"):
        with El("div.kh"):
            El("span.nm", word("heat_in_place"))
            with El("span.badge.sim.r", if_="resource.draws"):
                El("i", "✓", aria_hidden="true")
                El("span", "{{ utils.gs.fill(t.n_draws, {n: utils.gs.fmt(resource.draws,0)}) }}")
        with El("div.kv"):
            El("b", "{{ utils.gs.sci(" + UNIT + ".heat_j_mean/1e3).m }}")
            El("span.u", "{{ utils.gs.sci(" + UNIT + ".heat_j_mean/1e3).e }} kJ")
            El("span.d.eq", "{{ utils.gs.fill(t.share_of_all, {pct: utils.gs.fmt(resource.share_pct,0)}) }}")
        with El("div.histo", aria_hidden="true", if_="resource.histogram"):
            El(
                "i",
                for_="(h, i) in resource.histogram.counts",
                key="i",
                b_class="{tail: resource.histogram.tail[i]}",
                b_style="{height: (100*h/resource.histogram.max)+'%'}",
            )
        with El("div.rl"):
            scale = "utils.gs.fmt({v}/10**Math.floor(Math.log10(" + UNIT + ".heat_j_mean)),2)"
            El("span", "P5 {{ " + scale.replace("{v}", UNIT + ".heat_j_p5") + " }}")
            El("span", "{{ t.mean }} {{ " + scale.replace("{v}", UNIT + ".heat_j_mean") + " }}")
            El("span", "P95 {{ " + scale.replace("{v}", UNIT + ".heat_j_p95") + " }}")


def _properties() -> None:
    El("h2.gh", word("unit_properties"))
    for key, unit, factor in (
        ("thickness_m", "m", 1),
        ("porosity", "%", 100),
        ("temperature_degc", "{{ utils.gs.degc(lang) }}", 1),
    ):
        value = f"utils.gs.range3({UNIT}.{key}, {factor})"
        with El("div.pr"):
            El("span", word(f"unit_{key}"))
            with El("div.kb", aria_hidden="true"):
                El("span.rng", b_style=f"{value}.bar")
                El("span.now", b_style=f"{value}.dot")
            El("b", "{{ " + value + ".text }}")
            El("i", unit)


def _total() -> None:
    """The total of all units: histogram and exceedance on an axis that stays, so that widening is seen."""
    sums = "resource.sums"
    with El("div.hero.tot", testid="heat-total"):
        with El("div.kh"):
            El("span.nm", word("heat_total"))
            with El("span.badge.sim.r", b_class="{ref: assessing.includes('heat')}"):
                El("i", "{{ assessing.includes('heat') ? '◔' : '✓' }}", aria_hidden="true")
                El("span", "{{ utils.gs.fill(t.n_draws, {n: utils.gs.fmt(resource.draws,0)}) }}")
        with El("div.kv"):
            El("b", f"{{{{ utils.gs.sci({sums}.mean_j/1e3).m }}}}", testid="heat-mean")
            El("span.u", f"{{{{ utils.gs.sci({sums}.mean_j/1e3).e }}}} kJ")
            El(
                "span.d.eq",
                "{{ utils.gs.fill(t.heat_width, {x: utils.gs.fmt(resource.total.width,2)}) }}",
                testid="heat-width",
            )
        with El("div.histo.wide", aria_hidden="true"):
            El(
                "i",
                for_=f"(h, i) in {sums}.bars",
                key="i",
                b_class=f"{{tail: {sums}.tail[i]}}",
                b_style="{height: h+'%'}",
            )
            with El("svg.exc", viewBox="0 0 100 100", preserveAspectRatio="none"):
                El("path", b_d=f"utils.gs.exceedance({sums}.exceedance)", testid="heat-exceedance")
            El("u.pm", b_style=f"{{left: utils.gs.onAxis({sums}.mean_j,{sums})}}")
        with El("div.rl"):
            El("span", f"P5 {{{{ utils.gs.sci({sums}.p5_j/1e3).m }}}}", testid="heat-p5")
            El("span.exk", word("heat_exceedance"))
            El("span", f"P95 {{{{ utils.gs.sci({sums}.p95_j/1e3).m }}}}", testid="heat-p95")
    for key in ("independent", "correlated"):
        with El("div.kr", if_="resource.total"):
            pair = f"resource.total.{key}"
            El("span.nm", word(f"total_{key}"), b_title=f"t.total_{key}")
            El(
                "b",
                f"{{{{ utils.gs.sci({pair}[0]/1e3).m }}}} – {{{{ utils.gs.sci({pair}[1]/1e3).m }}}}",
            )
            El("span.u", f"{{{{ utils.gs.sci({pair}[1]/1e3).e }}}} kJ")


def _recoverable() -> None:
    sums = "resource.sums"
    with El("div.kr"):
        El("span.nm", word("heat_recoverable"), b_title="t.heat_recoverable")
        El(
            "b",
            f"{{{{ utils.gs.sci({sums}.recoverable_j/1e3).m }}}} "
            f"({{{{ utils.gs.fmt({sums}.recoverable_p5_j/10**Math.floor(Math.log10({sums}.recoverable_j)),2) }}}}–"
            f"{{{{ utils.gs.fmt({sums}.recoverable_p95_j/10**Math.floor(Math.log10({sums}.recoverable_j)),2) }}}})",
            testid="heat-recoverable",
        )
        El("span.u", f"{{{{ utils.gs.sci({sums}.recoverable_j/1e3).e }}}} kJ")
    with El("div.kr"):
        coal = f"utils.gs.coal({sums}.recoverable_j, lang)"
        El("span.nm", word("coal_equivalent"))
        El("b", f"{{{{ {coal}.m }}}}")
        El("span.u", f"{{{{ {coal}.u }}}}")

"""Layers and subsurface drawers: what is shown, and what the ground is made of."""

from __future__ import annotations

from sandbox.panels import assess, quality
from sandbox.panels.dom import El, Icon, act, word

LAYERS = {
    "wells": "wells",
    "faults": "fault",
    "labels": "label",
    "grid": "grid",
    "rivers": "river",
    "counties": "city",
}


def layers() -> None:
    """Switches of what the scene shows; at basin scale also what colours it and the units."""
    with El("div.dh"):
        El("span", word("rail_layers"))
    _switches()
    _colours()
    with El("div.box", if_="scale==='field'"):
        El("h3.bh", word("carpet_of"))
        with El("label.sel"):
            with El(
                "select",
                b_value="carpet_key",
                b_aria_label="t.carpet_of",
                on_change=act("carpet_key", "{key: $event.target.value}"),
            ):
                El("option", "{{ t['kpi_'+k] }}", for_="k in utils.gs.kpiKeys", key="k", b_value="k")
            Icon("down", 18)
        El("p.hint", word("carpet_hint"))
    assess.weights()
    _units()


def _switches() -> None:
    """One row a layer."""
    for name, icon in LAYERS.items():
        only = (
            "scale==='basin'"
            if name in ("rivers", "counties")
            else "scale!=='basin'"
            if name in ("grid", "wells")
            else None
        )
        with El(
            "button.lrow",
            type="button",
            if_=only,
            b_class=f"{{off: !layers.{name}}}",
            b_aria_pressed=f"layers.{name}",
            on_click=act("toggle_layer", f"{{layer:'{name}'}}"),
        ):
            Icon(icon, 20)
            El("span", word(f"layer_{name}"))
            with El("span.e"):
                Icon(f"layers.{name} ? 'eye' : 'eyeoff'", 20, bound=True)


def _colours() -> None:
    """What colours the basin."""
    with El("div.box", if_="scale==='basin'"):
        El("h3.bh", word("colour_by"))
        with El("div.seg", role="group", b_aria_label="t.colour_by"):
            for name in ("temperature", "thickness", "heat", "suitability", "points"):
                El(
                    "button",
                    word(f"colour_{name}"),
                    type="button",
                    b_class=f"{{on: colour_by==='{name}'}}",
                    b_aria_pressed=f"colour_by==='{name}'",
                    on_click=act("colour_by", f"{{quantity:'{name}'}}"),
                )


def _units() -> None:
    """Heat in place by structural unit, each with its range."""
    with El("template", if_=f"scale==='basin' && resource && !({assess.ON})"):
        _uncertainty()
        with El("div.dh.line"):
            El("span", word("unit_heat"))
            El(
                "small",
                "{{ utils.gs.power10(Math.floor(Math.log10(resource.units[0].heat_j_mean/1e3))) }} kJ · P5–P95",
            )
        with (
            El("div.scroll"),
            El(
                "button.ur",
                type="button",
                for_="u in resource.units",
                key="u.id",
                b_class="{on: u.id===resource.id}",
                b_aria_pressed="u.id===resource.id",
                on_click=act("pick_unit", "{id:u.id}"),
            ),
        ):
            with El("span.a"):
                El("b", "{{ u.name }}")
                El(
                    "span",
                    "{{ utils.gs.fmt(u.heat_j_mean/10**Math.floor(Math.log10(resource.units[0].heat_j_mean)),2) }}",
                )
            with El("span.kb", aria_hidden="true"):
                bar = "utils.gs.unitBar(u, resource.units)"
                El("span.rng", b_style=f"{{left: {bar}.left, width: {bar}.width}}")
                El("span.now", b_style=f"{{left: {bar}.dot}}")


def _uncertainty() -> None:
    """What makes the total more or less sure: correlation between units and parameters, recovery factor."""
    with El("div.box.heatc"):
        El("h3.bh", word("heat_uncertainty"))
        for which in ("units", "parameters"):
            value = f"resource.correlation.{which}"
            assess.slider(
                word(f"heat_corr_{which}"),
                value=value,
                shown=f"utils.gs.fmt({value},2)",
                key=f"'heat_{which}'",
                action="heat_correlation",
                params=f"{{which:'{which}'}}",
                step="0.05",
                ends=("0", "1"),
            )
        assess.slider(
            word("heat_recovery"),
            value="resource.sums.recovery",
            shown="utils.gs.fmt(100*resource.sums.recovery,0)+' %'",
            key="'heat_recovery'",
            action="heat_recovery",
            params="{}",
            step="0.01",
            ends=("0.01", "0.6"),
        )
        El("p.hint", word("heat_hint"))


def subsurface() -> None:
    """Strata from top to bottom with the reservoir's properties, faults, and what is measured."""
    with El("div.dh"):
        El("span", word("rail_subsurface"))
        El("small", "{{ site.title }}")
    with El("div.scroll"):
        with (
            El("div.strat", if_="strata.length"),
            El("div.st", for_="s in strata", key="s.id", b_class="{res: s.role==='reservoir'}"),
        ):
            El("i.sw", b_style="{background: s.colour}")
            El("b", "{{ s.name }}")
            El("span", "{{ utils.gs.fmt(s.top_m,0) }}–{{ utils.gs.fmt(s.base_m,0) }} m")
            with (
                El("dl", if_="s.facts && s.facts.length"),
                El("template", for_="f in s.facts", key="f.label"),
            ):
                El("dt", "{{ f.label }}")
                El("dd", "{{ f.text }}")
        quality.box()
        with El("div.box", if_="(site.faults||[]).length"):
            El("h3.bh", word("faults"))
            El("p.fact", "{{ f.name }}", for_="f in site.faults", key="f.id")
        with El("div.box", if_="(site.rules||[]).length"):
            El("h3.bh", word("rules"))
            with El("div.rule", for_="r in site.rules", key="r.id"):
                El(
                    "i.mark",
                    "{{ r.severity==='hard' ? '✕' : '!' }}",
                    b_class="r.severity",
                    aria_hidden="true",
                )
                with El("div"):
                    El("b", "{{ r.text }}")
                    El("small", "{{ r.source }}")
        for key in ("measured", "schematic"):
            with El("div.box", if_=f"(site.{key}||[]).length"):
                El("h3.bh", word(f"what_{key}"))
                with El("ul.facts"):
                    El("li", "{{ m }}", for_=f"m in site.{key}", key="m")

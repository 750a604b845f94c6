"""Surface drawer: equipment of the energy station and how it is run."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, word


def equipment() -> None:
    """Equipment list with live values, sliders, use settings."""
    with El("div.dh"):
        El("span", word("energy_station"))
        El("small", "{{ utils.gs.fill(t.n_items, {n: utils.gs.equipment(station, wells, lang, t).length}) }}")
    with El("div.scroll"):
        with El("div.er", for_="e in utils.gs.equipment(station, wells, lang, t)", key="e.id"):
            Icon("e.icon", 22, bound=True)
            with El("div"):
                El("b", "{{ e.name }}")
                El("span", "{{ e.value }}")
            El("i", "{{ e.note }}")
            El("em", aria_hidden="true")
        El("p.hint", word("no_station"), if_="!station || !station.temps")
        _uses()
    with El("div.pol"):
        El("h3.bh", word("strategy"))
        _sliders()


def _uses() -> None:
    field = "fields.filter(f => f.group==='use')"
    with El("div.box", if_=f"{field}.length"):
        El("h3.bh", word("use_settings"))
        from sandbox.panels.forms import number_row

        number_row(field)


def _sliders() -> None:
    with El("template", for_="f in fields.filter(f => f.slider)", key="f.path"), El("label.slider"):
        El("span", "{{ f.label }}")
        El("b", "{{ utils.gs.fmt(f.value, f.step<1 ? 1 : 0) }} {{ f.unit }}")
        El(
            "input.range",
            type="range",
            b_min="f.min",
            b_max="f.max",
            b_step="f.step",
            b_value="f.value",
            b_aria_label="f.label",
            b_style="{'--p': (100*(f.value-f.min)/(f.max-f.min))+'%'}",
            on_input="utils.gs.slide($event, f)",
            on_change="utils.gs.act(f.action, {path: f.path, value: Number($event.target.value)})",
        )
    El(
        "p.error",
        "{{ edit_error.text }}",
        if_="edit_error && edit_error.field && edit_error.field.startsWith('uses')",
        role="alert",
    )

"""Economics and assumptions drawers: every number with unit, range and source."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, word


def number_row(rows: str, *, prefix: str = "f-") -> None:
    """One line per value of ``rows`` (an expression): label, field, unit, range, source, fault.

    ``prefix``: of the fields' ids, which must differ where the same field stands twice on the page.
    """
    with El("div.fr", for_=f"f in {rows}", key="f.path", b_class="{own: f.own}"):
        El("label.fl", "{{ f.label }}", b_for=f"'{prefix}'+f.path")
        with El("span.sel", if_="f.choices"):
            with El(
                "select",
                b_id=f"'{prefix}'+f.path",
                b_value="f.value",
                on_change="utils.gs.act(f.action,{path:f.path, value:f.choices[$event.target.selectedIndex].value})",
            ):
                El("option", "{{ c.text }}", for_="c in f.choices", key="c.value", b_value="c.value")
            Icon("down", 16)
        with El("span.fi", else_=True):
            El(
                "input",
                b_id=f"'{prefix}'+f.path",
                inputmode="decimal",
                autocomplete="off",
                b_value="f.text",
                b_placeholder="f.fallback",
                b_aria_invalid="edit_error && edit_error.field===f.field ? 'true' : null",
                on_keydown__enter="$event.target.blur()",
                on_keydown__esc="utils.gs.escape($event,f.text)",
                on_keydown__stop="",
                on_blur="utils.gs.commit($event,f.action,{path:f.path},f.text,f.factor)",
            )
            El("span.u", "{{ f.unit }}")
        with El("small.fs", if_="f.range || f.source", b_title="f.source"):
            El("b", "{{ f.range }}", if_="f.range")
            El("span", "{{ f.source }}")
        El("p.error", "{{ edit_error.text }}", if_="edit_error && edit_error.field===f.field", role="alert")


def _groups(part: str) -> None:
    groups = f"utils.gs.groups(fields.filter(f => f.part==='{part}'))"
    with El("div.scroll"):
        with El("section.fg", for_=f"g in {groups}", key="g.name"):
            with El(
                "button.bh.fold",
                type="button",
                b_aria_expanded="!ui_folded.includes(g.name)",
                on_click="ui_folded = ui_folded.includes(g.name) ? ui_folded.filter(x => x!==g.name) : [...ui_folded, g.name]",
            ):
                El("span", "{{ t['fields_'+g.name] }}")
                El("small", "{{ g.rows.length }}")
                Icon("ui_folded.includes(g.name) ? 'right' : 'down'", 18, bound=True)
            with El("template", if_="!ui_folded.includes(g.name)"):
                number_row("g.rows")
        El("p.hint", word("no_fields"), if_=f"!{groups}.length")


def economics() -> None:
    with El("div.dh"):
        El("span", word("rail_economics"))
        El("small", word("economics_hint"))
    _groups("economics")


def assumptions() -> None:
    """Everything taken for granted: ground, factors, convention; read here, changed where it belongs."""
    with El("div.dh"):
        El("span", word("rail_assumptions"))
        El("small", "{{ utils.gs.fill(t.n_items, {n: assumptions.length}) }}")
    with El("div.scroll"), El("section.fg", for_="g in utils.gs.groups(assumptions)", key="g.name"):
        El("h3.bh", "{{ t['assume_'+g.name] }}")
        with El("div.as", for_="a in g.rows", key="a.key"):
            El("span", "{{ a.label }}")
            El("b", "{{ a.text }}")
            El("i", "{{ a.unit }}")
            El("em", "{{ a.range }}", if_="a.range")
            El("small", "{{ a.source }}")

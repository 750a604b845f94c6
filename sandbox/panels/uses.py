"""Drawer of the uses: the cascade as a list from the wells to the injector, each use with its numbers; energy system."""

from __future__ import annotations

from sandbox.panels import campaign, surface
from sandbox.panels.dom import El, Icon, Tool, act, word
from sandbox.panels.forms import number_row

TABS = ("uses", "system", "campaign", "equipment")


def drawer() -> None:
    """Tabs: uses, energy system, campaign and operation, equipment."""
    with El("div.dh"):
        El("span", word("rail_surface"))
    with El("div.ust", role="tablist", b_aria_label="t.rail_surface"):
        for name in TABS:
            El(
                "button",
                word(f"uses_tab_{name}"),
                type="button",
                role="tab",
                testid=f"uses-tab-{name}",
                b_class=f"{{on: uses_tab==='{name}'}}",
                b_aria_selected=f"uses_tab==='{name}'",
                on_click=act("uses_tab", f"{{tab:'{name}'}}"),
            )
    with El("template", if_="uses_tab==='equipment'"):
        surface.equipment()
    with El("div.scroll", if_="uses_tab==='uses' && uses && cascade", testid="uses"):
        _uses()
    with El("div.scroll", if_="uses_tab==='system' && uses", testid="energy-system"):
        _system()
    with El("template", if_="uses_tab==='campaign'"):
        campaign.drawer()


def _uses() -> None:
    _water("cascade.wellhead", "t.uses_from_wells", "wells")
    with El("template", for_="c in uses.cards", key="c.id"):
        _card()
    El(
        "button.link.uslink",
        word("uses_hottest_first"),
        type="button",
        if_="uses.ordered_by_hand",
        testid="use-hottest",
        on_click=act("use_hottest_first"),
    )
    _water("cascade.tail", "utils.gs.tailText(cascade,t)", "inject")
    El("p.error", "{{ x }}", for_="x in uses.notes", key="x", cls="soft")
    with El("div.usadd"):
        El("h3.bh", word("uses_add"), if_="uses.available.length")
        with El(
            "button.b2",
            type="button",
            for_="a in uses.available",
            key="a.path",
            b_testid="'use-add-'+a.path",
            on_click=act("use_add", "{path:a.path}") + ".then(() => { ui_use = a.path })",
        ):
            Icon("a.icon", 18, bound=True)
            El("span", "{{ a.name }}")
        El("p.hint", word("uses_all_there"), if_="!uses.available.length")
    El(
        "p.error",
        "{{ edit_error.text }}",
        if_="edit_error && utils.gs.usesFault(edit_error.field, uses, ui_use)",
        role="alert",
        testid="uses-fault",
    )


def _water(degc: str, text: str, icon: str) -> None:
    """A point of the water's way: its temperature and what it is."""
    with El("div.usw"):
        El("i", b_style=f"{{background: utils.gs.water({degc})}}", aria_hidden="true")
        Icon(icon, 18)
        El("b", f"{{{{ utils.gs.fmt({degc},1) }}}} {{{{ utils.gs.degc(lang) }}}}")
        El("span", f"{{{{ {text} }}}}")


def _card() -> None:
    places = "cascade.places.filter(p => p.use===c.id)"
    with El("section.usc", b_class="{open: ui_use===c.id, bad: c.warn.length}", b_testid="'use-'+c.id"):
        with El("div.usch"):
            with El(
                "button.usn",
                type="button",
                b_aria_expanded="ui_use===c.id",
                b_testid="'use-open-'+c.id",
                on_click="ui_use = ui_use===c.id ? '' : c.id",
            ):
                Icon("c.icon", 20, bound=True)
                El("b", "{{ c.name }}")
                Icon("ui_use===c.id ? 'down' : 'right'", 16, bound=True)
            for step, icon, key in ((-1, "up", "uses_earlier"), (1, "down", "uses_later")):
                edge = "0" if step < 0 else "uses.places.length-1"
                Tool(
                    icon,
                    key,
                    act("use_move", f"{{name:c.place, step:{step}}}"),
                    size=16,
                    cls="small",
                    b_disabled=f"!c.place || uses.places.indexOf(c.place)==={edge}",
                    b_testid=f"'use-{icon}-'+c.id",
                )
            Tool(
                "trash",
                "uses_remove",
                act("use_remove", "{path:c.id}"),
                size=16,
                cls="small",
                b_testid="'use-remove-'+c.id",
            )
        with El("div.usp", for_=f"p in {places}", key="p.id", b_class="{idle: p.idle}"):
            El("i", b_style="utils.gs.fade(p)", aria_hidden="true")
            El("span", "{{ p.name }}", if_=f"{places}.length>1")
            El("b", "{{ utils.gs.placeMw(p) }}")
            El("em", "{{ utils.gs.placeDegc(p,lang) }}")
            El("small", "{{ utils.gs.placeText(p,lang,t) }}")
        El("p.error", "{{ x }}", for_="x in c.warn", key="x", cls="soft")
        with El("div.usf", if_="ui_use===c.id"):
            number_row("c.rows")
            with El("template", for_="q in c.parts", key="q.path"):
                _part()


def _part() -> None:
    """A part with its switch; ``q`` is the part."""
    with El("div.usq"):
        with El("label.swt"):
            El(
                "input",
                type="checkbox",
                role="switch",
                b_checked="q.on",
                b_testid="'part-'+q.path",
                on_change="utils.gs.togglePart($event, q)",
            )
            El("b", "{{ q.name }}")
        El(
            "p.error",
            "{{ edit_error.text }}",
            if_="edit_error && edit_error.field===q.field",
            role="alert",
        )
        with El("template", if_="q.on"):
            number_row("q.rows")


def _system() -> None:
    El("p.hint", word("uses_system_hint"))
    with El("div.usk", if_="uses.hours"):
        for key in ("unmet", "curtailed"):
            with El("div"):
                El("span", word(f"uses_{key}"))
                El("b", f"{{{{ utils.gs.fmt(uses.hours.{key},0) }}}} MWh/a", testid=f"hours-{key}")
    El("p.error", "{{ x }}", for_="x in uses.system.warn", key="x", cls="soft")
    with El("div.usf"), El("template", for_="q in uses.system.parts", key="q.path"):
        _part()
    with El("div.box", if_="uses.system.tariff_hours.length"):
        El("h3.bh", word("uses_tariff_hours"))
        with El("div.ush"):
            El(
                "button",
                "{{ h }}",
                type="button",
                for_="(k, h) in uses.system.tariff_hours",
                key="h",
                b_class="k",
                b_aria_label="utils.gs.fill(t.uses_hour_is, {h: h, k: t['uses_'+k]})",
                b_title="t['uses_'+k]",
                on_click=act("tariff_hour", "{hour:h}"),
            )
        with El("div.uskey"):
            for kind in ("valley", "flat", "peak"):
                with El("span", cls=kind):
                    El("i", aria_hidden="true")
                    El("em", word(f"uses_{kind}"))

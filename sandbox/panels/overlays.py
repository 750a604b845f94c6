"""What lies over the scene: scales, camera tools, legend, scale bar, edit strip, coach mark."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels import assess, compare, futures
from sandbox.panels.dom import El, Icon, Tool, act, well_symbol, word

SCALES = (("basin", "earth"), ("field", "field"), ("site", "site"))
STRIP = (("x_m", "E", "m", 0), ("y_m", "N", "m", 0), ("rate_m3_h", "field_rate", "m³/h", 1))


def build(server: Server) -> Any:
    root = El("div.ovs", trame_server=server)
    with root:
        _scales()
        _tools()
        _legend()
        _scale_bar()
        _edit_strip()
        compare.views()
        futures.banner()
    return root


def _scales() -> None:
    with El("nav.ov.pan.scales", b_aria_label="t.scales", if_="workspace!=='present'"):
        for name, icon in SCALES:
            with El(
                "button",
                type="button",
                testid=f"scale-{name}",
                b_class=f"{{on: scale==='{name}'}}",
                b_aria_pressed=f"scale==='{name}'",
                on_click=act("set_scale", f"{{scale:'{name}'}}"),
            ):
                Icon(icon, 17)
                El("span", word(f"scale_{name}"))


def _tools() -> None:
    with El("div.ov.tools", if_="workspace!=='present'"):
        with (
            El(
                "button.compass",
                type="button",
                id="gs-compass",
                b_title="t.north_up",
                b_aria_label="t.north_up",
                on_click="utils.gs.view('north')",
            ),
            El("svg", width="60", height="60", viewBox="-30 -30 60 60", aria_hidden="true"),
        ):
            El("circle", r="29", fill="var(--glass)", stroke="rgba(120,140,156,.45)")
            with El("g", data_needle=True):
                El("path", d="M0-14 4.6 2 0-1-4.6 2Z", fill="var(--needle)")
                El("path", d="M0 16 4.6 2 0 5-4.6 2Z", fill="#93a1ac")
                El(
                    "text",
                    word("north_letter"),
                    y="-17",
                    text_anchor="middle",
                    font_size="11.5",
                    font_weight="700",
                    fill="var(--ink)",
                )
        with El("span.pan.vec", id="gs-ve", b_title="t.ve_title"):
            El("span", "{{ t.ve }} 2×", data_text=True)
        with El("div.pan.col"):
            Tool("home", "home_view", "utils.gs.view('home')")
            Tool("cube", "top_view", "utils.gs.view('top')")
            Tool("camera", "screenshot", "utils.gs.screenshot()")
            Tool(
                "chart",
                "charts",
                "ui_dock = !ui_dock",
                cls="narrowonly",
                b_aria_pressed="ui_dock",
                if_="scale!=='basin'",
            )


def _legend() -> None:
    with El("div.ov.pan.lg", if_="workspace==='explore'", b_class="{site: scale==='site'}"):
        with El("template", if_="scale==='field' && carpet"):
            with El("div.t"):
                Icon("carpet", 17)
                El("span", "{{ utils.gs.fill(t.carpet_title,{kpi: t['kpi_'+carpet.key]}) }}")
                El("small", word("if_moved_here"))
            El("div.ramp", b_style="{background: utils.gs.ramp('carpet')}")
            most = "utils.gs.carpetEnd(carpet, lang)"
            with El("div.rl"):
                El("span", "{{ " + most + ".left }}")
                El("span", "{{ t.worse }}")
                El("b", "0")
                El("span", "{{ t.better }}")
                El("span", "{{ " + most + ".right }}")
            with El("div.rl"):
                El("span", "{{ utils.gs.unit(carpet.key,lang) }} · {{ t.white_line }}")
                El("span", "{{ carpet.nx }}×{{ carpet.ny }}")
            El("div.gap")
        with El("div.t.two", if_="scale==='field'"):
            El("span", word("reservoir_temperature"))
            El(
                "small",
                "{{ utils.gs.fill(t.in_year,{year: utils.gs.fmt(year,0)}) }}{{ carpet ? t.muted : '' }}",
            )
        with El("div.t", if_="scale!=='field'"):
            Icon("thermometer", 17)
            El("span", "{{ scale==='site' ? t.water_temperature : t['legend_'+colour_by] }}")
        assess.legend()
        ramp = f"!(scale==='basin' && {assess.ON})"
        El(
            "div.ramp",
            if_=ramp,
            b_style="{background: utils.gs.ramp(utils.gs.rampOf(scale, colour_by)), opacity: carpet ? .6 : 1}",
        )
        with El("div.rl", if_=ramp):
            El("span", "{{ v }}", for_="v in utils.gs.legendTicks(scale, colour_by, lang, frames)", key="v")
        El(
            "p.prov",
            "{{ scale==='basin' && resource ? resource.provenance : scale==='site' ? t.site_schematic : site.provenance }}",
        )


def _scale_bar() -> None:
    with El("div.ov.pan.sbar", if_="workspace==='explore'"):
        with El("span.ro", id="gs-readout"):
            El("span", "", data_text=True)
        with El("span.sb", id="gs-scalebar"):
            El("span", "1 km", data_text=True)
            El("span.bar", data_bar=True)


def _edit_strip() -> None:
    well = "utils.gs.well(wells, selected)"
    with (
        El(
            "div.ov.pan.edit",
            if_=f"selected && {well} && scale==='field' && workspace==='explore'",
            role="group",
            b_aria_label="utils.gs.fill(t.edit_well,{well:selected})",
        ),
        El("template", for_=f"w in [{well}]", key="w.id"),
    ):
        with El("span.who"):
            well_symbol("w.kind", 15)
            El("b", "{{ w.id }}")
            El("small", "{{ t['kind_'+w.kind] }}")
        for field, label, unit, digits in STRIP:
            _input(field, label, unit, digits)
        _input(
            "temperature_degc", "field_temperature", "℃", 1, only="w.kind==='injector' || w.kind==='storage'"
        )
        with El("span.facts", b_class="{bad: !w.feasible}"):
            El("span", "{{ t.field_inclination }} {{ utils.gs.fmt(w.inclination_deg,0) }}°")
            El("span", "{{ utils.gs.fmt(w.dogleg_deg_30m,1) }}°/30 m")
            El("span", "{{ t.field_md }} {{ utils.gs.fmt(w.md_m,0) }} m")
        with El("span.tn", role="group", b_aria_label="t.nudge"):
            for icon, dx, dy in (("west", -50, 0), ("south", 0, -50), ("north", 0, 50), ("east", 50, 0)):
                Tool(
                    icon, f"nudge_{icon}", f"utils.gs.nudge(w.id,({dx}),({dy}),$event)", size=17, cls="small"
                )
        with El(
            "button.ghostbtn", type="button", on_click="utils.gs.moveHere(w.id)", b_title="t.move_here_hint"
        ):
            Icon("place", 17)
            El("span", word("move_here"))
        Tool("copy", "duplicate_well", act("duplicate_well", "{well:w.id}"), size=17, cls="small")
        Tool("trash", "delete_well", act("delete_well", "{well:w.id}"), size=17, cls="small")
        Tool("close", "close", act("select", "{well:''}"), size=17, cls="small")
        El("p.error", "{{ edit_error.text }}", if_="edit_error", role="alert")


def _input(field: str, label: str, unit: str, digits: int, *, only: str | None = None) -> None:
    shown = f"w.{field}===null ? '' : utils.gs.fmt(w.{field},{digits},'')"
    with El("label", if_=only):
        El("span", label if len(label) == 1 else word(label))
        El(
            "input",
            inputmode="decimal",
            b_value=shown,
            b_placeholder="t.from_uses_short" if field == "temperature_degc" else None,
            b_aria_invalid=f"edit_error && edit_error.field && edit_error.field.endsWith('{field}') ? 'true' : null",
            on_keydown__enter="$event.target.blur()",
            on_keydown__esc=f"utils.gs.escape($event,{shown})",
            on_keydown__stop="",
            on_blur=f"utils.gs.commit($event,'set_well',{{well:w.id, field:'{field}'}},{shown})",
        )
        El("i", unit)

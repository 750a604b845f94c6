"""Process view of the energy station: tiles and pipes with live numbers, and the check against its source."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, word

# Pipes: (line, temperature that colours it, where its number stands, condition).
PUMPED = "station.sizes && station.sizes.heat_pump>0"
STAGED = "station.sizes && station.sizes.exchanger2>0"
PIPES = (
    ("M158 62H262", "wellhead", (210, 48), ""),
    ("M418 62H512", "hx1_out", (465, 48), STAGED),
    ("M668 62H842", "tail", (755, 48), STAGED),
    ("M418 62H842", "tail", (630, 48), f"!({STAGED})"),
    ("M322 112V192", "supply", (302, 152), ""),
    ("M362 112V192", "return", (382, 152), ""),
    ("M568 112V158", "intermediate_out", (546, 135), PUMPED),
    ("M604 112V158", "intermediate_in", (628, 135), PUMPED),
    ("M158 208H262", "supply", (210, 194), ""),
    ("M158 228H262", "return", (210, 243), ""),
    ("M418 208H512", "supply", None, PUMPED),
    ("M418 228H512", "return", None, PUMPED),
)
# Tiles: (id, x, y, width, height, icon, tone).
TILES = (
    ("wells", 8, 12, 150, 100, "wells", "prod"),
    ("hx1", 262, 12, 156, 100, "swap", ""),
    ("hx2", 512, 12, 156, 100, "swap", ""),
    ("reinjection", 842, 12, 150, 100, "inject", "inj"),
    ("users", 8, 158, 150, 100, "users", ""),
    ("network", 262, 192, 156, 52, "radiator", ""),
    ("heat_pump", 512, 158, 190, 100, "heatpump", ""),
    ("peak_boiler", 722, 158, 130, 100, "fire", ""),
)
TEMPERATURE = "station.temps"


def diagram() -> None:
    """Wells, exchangers, heat pumps, network and users; every pipe carries the water's temperature."""
    with El("div.process", if_="dock==='process' && station && station.temps"), El("div.board"):
        with El("svg", viewBox="0 0 1000 270", preserveAspectRatio="none", aria_hidden="true"):
            for line, name, _, only in PIPES:
                El(
                    "path",
                    d=line,
                    if_=only or None,
                    fill="none",
                    stroke_width="5",
                    stroke_linecap="round",
                    vector_effect="non-scaling-stroke",
                    b_stroke=f"utils.gs.water({TEMPERATURE}.{name})",
                )
        for _, name, place, only in PIPES:
            if place is not None:
                El(
                    "span.pn",
                    f"{{{{ utils.gs.fmt({TEMPERATURE}.{name},0) }}}} {{{{ utils.gs.degc(lang) }}}}",
                    if_=only or None,
                    style=f"left:{place[0] / 10:.1f}%;top:{place[1] / 2.7:.1f}%",
                )
        for tile in TILES:
            _tile(*tile)
        with El("div.checkbox", if_="linkage"):
            El("b", word("check_title"))
            El("p", "{{ utils.gs.checkNote(linkage,t) }}")
    El("p.hint", word("no_station"), if_="dock==='process' && !(station && station.temps)")


def _tile(name: str, x: int, y: int, width: int, height: int, icon: str, tone: str) -> None:
    item = f"utils.gs.tile(station,wells,'{name}',terms,lang,t)"
    with El(
        "div.tile",
        cls=tone,
        if_=f"{item}",
        style=f"left:{x / 10:.1f}%;top:{y / 2.7:.1f}%;width:{width / 10:.1f}%;height:{height / 2.7:.1f}%",
    ):
        with El("span.th"):
            Icon(icon, 18)
            El("b", f"{{{{ {item}.name }}}}")
        El("span.tv", f"{{{{ {item}.value }}}}", if_=f"{item}.value")
        El("span.tx", f"{{{{ {item}.note }}}}", if_=f"{item}.note")


def source_table() -> None:
    """Printed figures of the source beside ours, and what its saving is under each way of comparing."""
    with El("div.srctable", if_="dock==='source' && linkage"):
        with El("div.ways"), El("div.way", for_="w in linkage.ways", key="w.key"):
            El("b", "{{ w.percent }} %")
            El("span", "{{ w.flow }} m³/h")
            El("small", "{{ w.text }}")
        with El("table"):
            with El("thead"), El("tr"):
                for name in ("quantity", "printed", "recomputed", "verdict", "where"):
                    El("th", word(f"source_{name}"), scope="col")
            with El("tbody"), El("tr", for_="r in linkage.rows", key="r.key"):
                with El("th", scope="row"):
                    El("span", "{{ r.label }}")
                    El("small", "{{ r.unit }}")
                El("td", "{{ r.printed }}")
                El("td", "{{ r.recomputed }}")
                with El("td.vd", b_class="r.verdict"):
                    El("span", "{{ t['verdict_'+r.verdict] }}")
                El("td.nt", "{{ r.where }}{{ r.note ? ' · ' + r.note : '' }}")
        El("p.hint", "{{ n }}", for_="n in linkage.notes", key="n")

"""Process view of the energy station: tiles and pipes with live numbers, and the check against its source."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, word

# Pipes: (points of the line, temperature that colours it, where its number stands).
PIPES = (
    ("M158 62H262", "wellhead", (210, 54)),
    ("M418 62H512", "hx1_out", (465, 54)),
    ("M668 62H842", "tail", (755, 54)),
    ("M322 112V212", "supply", (306, 166)),
    ("M362 112V212", "return", (378, 166)),
    ("M568 112V158", "evaporator_out", (552, 140)),
    ("M604 112V158", "evaporator_in", (620, 140)),
    ("M158 204H262", "supply", (210, 196)),
    ("M158 226H262", "return", (210, 244)),
    ("M418 212H512", "supply", None),
    ("M418 226H512", "return", None),
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
)
TEMPERATURE = "station.temps"


def diagram() -> None:
    """Wells, exchangers, heat pumps, network and users; every pipe carries the water's temperature."""
    with El("div.process", if_="dock==='process' && station"), El("div.board"):
        with El("svg", viewBox="0 0 1000 270", preserveAspectRatio="none", aria_hidden="true"):
            for line, name, _ in PIPES:
                El(
                    "path",
                    d=line,
                    if_=f"{TEMPERATURE}.{name}!==undefined && {TEMPERATURE}.{name}!==null",
                    fill="none",
                    stroke_width="5",
                    stroke_linecap="round",
                    vector_effect="non-scaling-stroke",
                    b_stroke=f"utils.gs.water({TEMPERATURE}.{name})",
                )
        for _, name, place in PIPES:
            if place is not None:
                El(
                    "span.pn",
                    f"{{{{ utils.gs.fmt({TEMPERATURE}.{name},0) }}}} {{{{ utils.gs.degc(lang) }}}}",
                    if_=f"{TEMPERATURE}.{name}!==undefined && {TEMPERATURE}.{name}!==null",
                    style=f"left:{place[0] / 10:.1f}%;top:{place[1] / 2.7:.1f}%",
                )
        for tile in TILES:
            _tile(*tile)
        with El("div.checkbox", if_="linkage && linkage.note"):
            El("b", "{{ linkage.note.title }}")
            El("p", "{{ linkage.note.text }}")
    El("p.hint", word("no_station"), if_="dock==='process' && !station")


def _tile(name: str, x: int, y: int, width: int, height: int, icon: str, tone: str) -> None:
    item = f"utils.gs.tile(station,'{name}',t)"
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
    """Printed figures of the source beside ours, and what changes under each variant."""
    with El("div.srctable", if_="dock==='source' && linkage"), El("table"):
        with El("thead"), El("tr"):
            El("th", word("source_quantity"), scope="col")
            El("th", word("source_printed"), scope="col")
            El("th", word("source_recomputed"), scope="col")
            El("th", "{{ v.name }}", for_="v in linkage.variants", key="v.id", b_title="v.note", scope="col")
        with El("tbody"), El("tr", for_="r in linkage.rows", key="r.key"):
            with El("th", scope="row"):
                El("span", "{{ r.label }}")
                El("small", "{{ r.unit }}")
            El("td", "{{ r.printed }}")
            El("td", "{{ r.recomputed }}", b_class="{same: r.agrees, differs: r.agrees===false}")
            El("td", "{{ r.variants[v.id] }}", for_="v in linkage.variants", key="v.id")
    El("p.hint", "{{ linkage.source }}", if_="dock==='source' && linkage && linkage.source")

"""Sobol indices in the dock, over the tornado: a bar for the total, a darker one for the first order."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, Tool, act, word


def button() -> None:
    """In the dock's head, where the tornado is shown."""
    with El(
        "button.ghostbtn",
        type="button",
        if_="dock==='sensitivity'",
        testid="sobol-run",
        b_disabled="sobol && sobol.running",
        on_click=act("sobol_run", "{kpi:'npv_cny'}"),
    ):
        Icon("dots", 16)
        El("span", word("sobol_run"))


def panel() -> None:
    with El("div.sob", if_="dock==='sensitivity' && sobol", testid="sobol"):
        with El("div.sobh"):
            El("b", "{{ utils.gs.fill(t.sobol_title, {kpi: t['kpi_'+sobol.figure]}) }}")
            El(
                "small",
                "{{ sobol.running ? t.sobol_running+' '+sobol.done+' %' : utils.gs.fill(t.sobol_note, {n: sobol.futures}) }}",
            )
            Tool("close", "close", act("sobol_close"), size=16, cls="small")
        with El("div.sobr", for_="r in sobol.rows", key="r.key"):
            El("span", "{{ r.label }}")
            with El("div", aria_hidden="true"):
                El("i", b_style="{width: (100*Math.min(r.total,1))+'%'}")
                El("u", b_style="{width: (100*Math.min(r.first,1))+'%'}")
            El("b", "{{ utils.gs.fmt(100*r.first,0) }} %")
            El("b", "{{ utils.gs.fmt(100*r.total,0) }} ± {{ utils.gs.fmt(100*r.conf,0) }} %")
        with El("div.hrk", if_="sobol.rows.length"):
            for cls, key in (("sob1", "sobol_first"), ("sobt", "sobol_total")):
                with El("span", cls=cls):
                    El("i", aria_hidden="true")
                    El("em", word(key))

"""Quality of a field in the subsurface drawer: score and class, indicators, threshold of temperature, matrices."""

from __future__ import annotations

from sandbox.panels.assess import printed, slider
from sandbox.panels.dom import El, act, word

Q = "quality"
T = "quality.temperature"


def box() -> None:
    with El("div.qual", if_="quality && scale!=='basin'", testid="quality"):
        with El("div.dh.line"):
            El("span", word("quality_title"))
        with El("div.qh"):
            El("b", "{{ utils.gs.fmt(quality.score,3) }}", testid="quality-score")
            with El("div"):
                El(
                    "strong",
                    "{{ quality.class[lang] }} · {{ quality.class['label_'+lang] }}",
                    testid="quality-class",
                )
                El(
                    "small",
                    "{{ utils.gs.fill(t.quality_margin,{up: utils.gs.fmt(quality.class.margin_up,3), "
                    "down: utils.gs.fmt(quality.class.margin_down,3)}) }}",
                )
                El(
                    "small",
                    "{{ utils.gs.fill(t.quality_normalised,{sum: utils.gs.fmt(quality.weight_sum_pct,0), "
                    "score: utils.gs.fmt(quality.score_normalised,3)}) }}",
                )
        with El("div.qladder", aria_hidden="true"):
            El(
                "i",
                "{{ c.id }}",
                for_="c in [...quality.classes].reverse()",
                key="c.id",
                b_class="{on: c.id===quality.class.id}",
            )
        _temperature()
        El("h2.gh", word("quality_indicators"))
        with El("div.qi", for_="r in quality.rows", key="r.id", b_title="r.note[lang]"):
            El("span", "{{ r.id }} {{ r[lang] }}", b_title="r[lang]")
            El("em", "{{ r.text[lang] }}", b_title="r.text[lang]")
            El("b", "{{ utils.gs.fmt(r.grade,1) }}")
            El("i", "{{ utils.gs.fmt(r.weight_pct,0) }} %")
            El(
                "small",
                "{{ utils.gs.fill(t.quality_by_table,{grade: utils.gs.fmt(r.by_table,1)}) }}",
                if_="r.differs",
            )
        _matrices()
        El("h2.gh", word("quality_variants"))
        with El("div.qv", for_="v in quality.variants", key="v.key"):
            El("span", "{{ v[lang] }}")
            El("b", "{{ utils.gs.fmt(v.score,3) }}")
            El("em", "{{ v.class }}")
        El("h2.gh", word("quality_findings"))
        with El("ul.facts.qf"):
            El("li", "{{ f[lang] }}", for_="(f, k) in quality.findings", key="k")
        printed("quality")


def _temperature() -> None:
    with El("div.box"):
        slider(
            word("quality_temperature"),
            value=f"{T}.value",
            shown=f"{T}.own ? utils.gs.fmt({T}.value,0)+' '+utils.gs.degc(lang) : {T}.printed[lang]",
            key="'quality_temperature'",
            action="quality_temperature",
            params="{}, 'temperature_degc'",
            step="1",
            ends=(f"{T}.min", f"{T}.max"),
        )
        El(
            "p.hint",
            "{{ utils.gs.fill(t.quality_threshold,{at: utils.gs.fmt(h.at,0), grade: utils.gs.fmt(h.grade,1), "
            "score: utils.gs.fmt(h.score,3), class: h.class}) }}",
            for_=f"h in {T}.thresholds",
            key="h.at",
        )
        El(
            "button.link",
            word("quality_as_printed"),
            type="button",
            testid="quality-as-printed",
            if_="quality.own",
            on_click="utils.gs.forget('quality_'), " + act("quality_temperature"),
        )


def _grid() -> None:
    """Cells above the diagonal are typed; the other side follows as their inverse."""
    with El("div.qgrid", if_="ui_matrix===m.id", b_style="{'--n': m.n}"):
        El("i")
        El("b", "{{ c }}", for_="c in m.items", key="'h'+c")
        with El("template", for_="(line, i) in m.matrix", key="i"):
            El("b", "{{ m.items[i] }} {{ utils.gs.fmt(100*m.weights[i],1) }} %")
            with El("template", for_="(v, j) in line", key="j"):
                shown = "utils.gs.ratio(v)"
                El(
                    "input",
                    if_="j>i",
                    autocomplete="off",
                    b_value=shown,
                    b_aria_label="m.items[i]+' : '+m.items[j]",
                    b_testid="'quality-'+m.id+'-'+i+'-'+j",
                    on_keydown__enter="$event.target.blur()",
                    on_keydown__stop="",
                    on_blur="utils.gs.commit($event,'quality_cell',{matrix:m.id,row:i,column:j},utils.gs.ratio(v))",
                )
                El("span", "{{ " + shown + " }}", else_=True)
        El("p.error", "{{ edit_error.text }}", if_="edit_error && edit_error.field==='cell'", role="alert")


def _matrices() -> None:
    El("h2.gh", word("quality_matrices"))
    with El("div.qm", for_="m in quality.matrices", key="m.id", b_testid="'quality-matrix-'+m.id"):
        El("span", "{{ m.id }} {{ m[lang] }} ({{ m.n }}×{{ m.n }})")
        El("b", "CR {{ m.cr===null ? '–' : utils.gs.fmt(m.cr,4) }}")
        El("i.mark", "{{ m.consistent ? '✓' : '✕' }}", b_class="m.consistent ? 'fine' : 'hard'")
        with El("button.qme", type="button", b_testid="'quality-edit-'+m.id", b_aria_expanded="ui_matrix===m.id",
                on_click="ui_matrix = ui_matrix===m.id ? '' : m.id"):  # fmt: skip
            El("span", word("quality_edit"))
        _grid()
        El(
            "small",
            "λ {{ utils.gs.fmt(m.lambda_max,3) }} · {{ utils.gs.fill(t.quality_index,"
            "{name: t['quality_index_'+m.index], value: utils.gs.fmt(m.index_value,2)}) }}",
        )
        with El("small.bad", for_="(f, k) in m.faults", key="k"):
            El("b", word("quality_not_reciprocal"))
            El("span", "{{ f[lang] }} {{ utils.gs.fill(t.quality_repairs,{list: utils.gs.crs(m.repairs)}) }}")

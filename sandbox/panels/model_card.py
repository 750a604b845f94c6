"""Model card: what the estimate learned from, how good it is beside simpler predictors, where it may be asked."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Tool, act, word

M = "model_card"
COLUMNS = (("rmse_k", 2), ("p95_k", 2), ("fall_1k_mae_a", 2), ("energy_mape_pct", 2))


def build(server: Server) -> Any:
    root = El(
        "aside.xp.mc",
        trame_server=server,
        if_=f"{M} && workspace==='explore'",
        b_aria_label="t.model_title",
        role="dialog",
        testid="model-card",
    )
    with root:
        with El("div.xh"):
            with El("div"):
                El("b", word("model_title"))
                El(
                    "span",
                    f"{{{{ {M}.name }}}} {{{{ {M}.version }}}} · sha256 {{{{ {M}.sha256.slice(0,12) }}}}",
                    b_title=f"{M}.sha256",
                )
            Tool("close", "close", act("model_card", "{open:false}"), testid="model-card-close")
        with El("div.scroll"):
            _standing()
            El("p.hint", word("model_what"))
            _figures()
            _bands()
            _domain()
            _made()
    return root


def _standing() -> None:
    """Whether the scheme on the page lies inside the range, and why not."""
    with El("div.mcf", b_class=f"{M}.flag ? 'oor' : 'sim'", role="status", testid="model-card-flag"):
        El("i", f"{{{{ {M}.flag ? '⚠' : '✓' }}}}", aria_hidden="true")
        with El("div"):
            El("b", f"{{{{ {M}.flag ? t.model_outside : t.model_inside }}}}")
            with El("template", if_=f"{M}.flag"):
                El("p", "{{ r.text }}", for_=f"(r, i) in {M}.flag.reasons", key="i")
                El(
                    "p",
                    f"{{{{ utils.gs.fill(t.model_more_reasons,{{n: {M}.flag.more}}) }}}}",
                    if_=f"{M}.flag.more",
                )


def _figures() -> None:
    El("h3.gh", word("model_errors"))
    with El("table.mct", testid="model-card-errors"):
        with El("thead"), El("tr"):
            El("th", word("model_predictor"))
            for key, _ in COLUMNS:
                El("th", word(f"model_{key}"))
        with (
            El("tbody"),
            El(
                "tr",
                for_=f"r in {M}.rows",
                key="r.key",
                b_class="{on: r.key==='surrogate', aim: r.key==='aim'}",
            ),
        ):
            El("th", "{{ t['model_row_'+r.key] }}", scope="row")
            for key, digits in COLUMNS:
                El(
                    "td",
                    f"{{{{ r.{key}===null || r.{key}===undefined ? '–' : utils.gs.fmt(r.{key},{digits}) }}}}"
                    f"{{{{ r.missed && r.missed.{key} ? ' ✕' : r.missed ? ' ✓' : '' }}}}",
                )
    El(
        "p.hint",
        f"{{{{ utils.gs.fill(t.model_on,{{n: {M}.schemes, p: {M}.producers}}) }}}}",
    )
    El(
        "p.hint",
        f"{{{{ utils.gs.fill(t.model_best,{{n: {M}.best.schemes, s: utils.gs.fmt({M}.best.surrogate,2), "
        f"b: utils.gs.fmt({M}.best.streamline,2)}}) }}}}",
        if_=f"{M}.best",
    )


def _bands() -> None:
    El("h3.gh", word("model_bands"))
    with El("dl.xs.wide"):
        El("dt", word("model_coverage"))
        El(
            "dd",
            f"{{{{ utils.gs.fill(t.model_coverage_is,{{a: utils.gs.fmt({M}.coverage.curves_in_80_pct,1), "
            f"b: utils.gs.fmt({M}.coverage.curves_in_90_pct,1)}}) }}}}",
        )
        El("dt", word("model_audit"))
        El(
            "dd",
            f"{{{{ utils.gs.fill(t['model_audit_'+kind],{{n: {M}.online[kind].audited, "
            f"p: utils.gs.fmt({M}.online[kind].inside_pct,0), f: utils.gs.fmt({M}.online[kind].factor,2)}}) }}}}",
            for_=f"kind in ['anchored', 'free'].filter(kind => {M}.online[kind].audited)",
            key="kind",
            testid="model-card-audit",
        )
        El("dd", word("model_audit_none"), if_=f"!{M}.online.anchored.audited && !{M}.online.free.audited")
        El("dt", word("model_flag"))
        El(
            "dd",
            f"{{{{ utils.gs.fill(t.model_flag_is,{{c: utils.gs.fmt({M}.flags.caught,0), "
            f"f: utils.gs.fmt({M}.flags.false,1), k: utils.gs.fmt({M}.flags.unflagged_k,2)}}) }}}}",
        )


def _domain() -> None:
    El("h3.gh", word("model_domain"))
    with El("table.mct", testid="model-card-domain"):
        with El("thead"), El("tr"):
            for key in ("model_quantity", "model_range", "model_here"):
                El("th", word(key))
        with El("tbody"), El("tr", for_=f"r in {M}.domain", key="r.key", b_class="{out: r.inside===false}"):
            El("th", "{{ t['model_q_'+r.key] }}{{ r.unit ? ' '+r.unit : '' }}", scope="row")
            El("td", "{{ r.range }}")
            with El("td"):
                El("span", "{{ r.here }}")
                El("i", "{{ r.inside===false ? ' ⚠' : '' }}")


def _made() -> None:
    El("h3.gh", word("model_training"))
    El(
        "p.hint",
        f"{{{{ utils.gs.fill(t.model_training_is,{{n: {M}.training.schemes, a: {M}.training.cells[0], "
        f"b: {M}.training.cells[1], m: {M}.training.members}}) }}}}",
    )
    El("h3.gh", word("model_left_out"))
    with El("ul.facts.qf"):
        El("li", "{{ f[lang] }}", for_=f"(f, k) in {M}.left_out", key="k")
    El(
        "a.link.mcv",
        word("validation_link"),
        b_href="'/validation?lang=' + lang + '&theme=' + theme",
        target="_blank",
        rel="noopener",
    )


def chip() -> None:
    """In the KPI panel: the estimate is beyond what the predictor learned, and the way to the card."""
    with El("div.mcf.oor.chip", if_="model_flag && scale!=='basin'", role="status", testid="model-flag"):
        El("i", "⚠", aria_hidden="true")
        with El("div"):
            El("b", word("model_flagged"))
            El("span", "{{ model_flag.reasons.length ? model_flag.reasons[0].text : '' }}")
        El("button.link", word("model_open"), type="button", on_click=act("model_card"))

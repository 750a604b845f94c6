"""Decide, the right column: regret over named futures, chances, and the decision written down."""

from __future__ import annotations

from sandbox.panels.decide_parts import NAME, letter
from sandbox.panels.dom import El, Icon, Tool, act, word


def regret() -> None:
    with El("div.dh"):
        El("span", word("dec_regret"))
        El("small", "{{ utils.gs.fill(t.dec_least, {name: " + NAME.format("decide.regret.least") + "}) }}")
    with El("div.daxes"), El("label"):
        El("span", word("dec_regret_of"))
        with El("span.sel"):
            with El(
                "select",
                b_value="decide.regret.key",
                on_change=act("decide_regret", "{key: $event.target.value}"),
            ):
                El("option", "{{ t['kpi_'+k] }}", for_="k in decide.rankable", key="k", b_value="k")
            Icon("down", 18)
    with El("div.scrollx"), El("table.dtab.heat", testid="decide-regret"):
        with El("thead"), El("tr"):
            El("th", "{{ t.dec_future }} · {{ utils.gs.unit(decide.regret.key, lang) }}", scope="col")
            with El("th", for_="s in decide.schemes.filter(s => !s.out)", key="s.id", scope="col"):
                letter("s.id")
        with El("tbody"):
            with El("tr", for_="r in decide.regret.rows", key="r.key"):
                El("th", "{{ r.name }}", scope="row")
                El(
                    "td",
                    "{{ utils.gs.decRegret(decide, r.cells[s.id], lang, t) }}",
                    for_="s in decide.schemes.filter(s => !s.out)",
                    key="s.id",
                    b_style="utils.gs.decHeat(r.cells[s.id])",
                    b_class="{best: r.cells[s.id] && r.cells[s.id].best}",
                )
            with El("tr.sum"):
                El("th", word("dec_largest"), scope="row")
                El(
                    "td",
                    "{{ utils.gs.decRegret(decide, {value: decide.regret.largest[s.id]}, lang, t) }}",
                    for_="s in decide.schemes.filter(s => !s.out)",
                    key="s.id",
                    b_class="{best: s.id===decide.regret.least}",
                )


def chances() -> None:
    with El("template", if_="utils.gs.decChance(decide, decide_rank)"):
        chance = "utils.gs.decChance(decide, decide_rank)"
        El("div.dh.line", "{{ t.dec_chance }}")
        with El("div.px"):
            El("b", "{{ " + chance + ".dots }}")
            El("span", " {{ utils.gs.decChanceText(decide, " + chance + ", t) }}")
            with El("div.dots", aria_hidden="true"):
                El("i", for_="n in 20", key="n", b_class="{on: n<=" + chance + ".dots}")


def record() -> None:
    with El("div.dh.line"):
        El("span", word("dec_record"))
        El("small", "{{ decide.hash }}", b_title="t.dec_hash_title")
    with El("div.drec"):
        with El("label"):
            El("span", word("dec_choice"))
            with El("span.sel"):
                with El(
                    "select",
                    id="gs-dec-choice",
                    testid="decide-choice",
                    b_key="decide_rank && decide_rank.winner",
                ):
                    El(
                        "option",
                        "{{ s.letter }} {{ s.name }}",
                        for_="s in decide.schemes.filter(s => !s.out)",
                        key="s.id",
                        b_value="s.id",
                        b_selected="decide_rank && s.id===decide_rank.winner",
                    )
                Icon("down", 18)
        _words()
        with El("div", if_="decide.objections.length"):
            El("span.sgl", word("dec_objections"))
            with El("div.dobj", for_="(o, i) in decide.objections", key="i"):
                El(
                    "span",
                    "{{ o.key ? t['kpi_'+o.key]+': ' : '' }}{{ o.text }}{{ o.by ? ' ('+o.by+')' : '' }}",
                )
                Tool("close", "dec_withdraw", act("decide_object_delete", "{index: i}"), size=15, cls="small")
        El("p.error", "{{ edit_error.text }}", if_="edit_error && edit_error.field==='schemes'", role="alert")
        with El("button.b1", type="button", testid="decide-save", on_click="utils.gs.decSave()"):
            Icon("check", 18)
            El("span", word("dec_save"))


def _words() -> None:
    """Who, why, on which evidence and assumptions; each fault at its field."""
    for name, rows, hint in (
        ("who", 0, False),
        ("why", 3, False),
        ("evidence", 2, True),
        ("assumptions", 2, True),
    ):
        with El("label"):
            El("span", "{{ t.dec_" + name + " }}")
            field = f"'record.{name}'"
            shared = {
                "id": f"gs-dec-{name}",
                "testid": f"decide-{name}",
                "on_keydown__stop": "",
                "b_aria_invalid": f"edit_error && edit_error.field==={field} ? 'true' : null",
            }
            if rows:
                El(
                    "textarea",
                    rows=rows,
                    maxlength="4000",
                    b_placeholder="t.dec_lines" if hint else "''",
                    **shared,
                )
            else:
                El("input", maxlength="200", autocomplete="name", **shared)
            El(
                "p.error",
                "{{ edit_error.text }}",
                if_=f"edit_error && edit_error.field==={field}",
                role="alert",
            )


def kept() -> None:
    with El("template", if_="decide.records.length"):
        El("div.dh.line", "{{ t.dec_kept }}")
        with El("div.dkept", for_="r in decide.records", key="r.id", b_data_record="r.id"):
            with El("button.dk1", type="button", on_click=act("decide_open", "{id: r.id}")):
                El("b", "{{ r.choice }}")
                El("span", "{{ r.who }} · {{ r.at }}")
                El(
                    "small",
                    "{{ r.changed.length ? utils.gs.fill(t.dec_changed, {names: r.changed.join(', ')}) : t.dec_unchanged }}",
                    b_class="{bad: r.changed.length}",
                )
            for kind in ("html", "md"):
                El(
                    "button.ghostbtn",
                    kind.upper(),
                    type="button",
                    b_testid=f"'decide-{kind}-'+r.id",
                    b_title=f"t.dec_export + ' {kind.upper()}'",
                    on_click=f"utils.gs.decExport(r.id, '{kind}')",
                )


def document() -> None:
    with El(
        "div.ddoc", if_="decide_doc", role="dialog", b_aria_label="t.dec_record", testid="decide-document"
    ):
        with El("div.xh"):
            with El("div"):
                El("b", "{{ decide_doc.choice }}")
                changed = "utils.gs.fill(t.dec_changed, {names: decide_doc.changed.join(', ')})"
                El("span", "{{ decide_doc.changed.length ? " + changed + " : t.dec_unchanged }}")
            with El("button.fix", type="button", on_click=act("decide_restore", "{id: decide_doc.id}")):
                Icon("refresh", 17)
                El("span", word("dec_restore"))
            for kind in ("html", "md", "json"):
                El(
                    "button.fix",
                    kind.upper(),
                    type="button",
                    on_click=f"utils.gs.decExport(decide_doc.id, '{kind}')",
                )
            Tool("close", "close", act("decide_close"))
        El("iframe", sandbox="", b_srcdoc="decide_doc.html", b_title="t.dec_record")

"""Import drawer: files of one's own, what was understood of them, every fault, and the new site."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, word

SEEN = "ui_import.report"


def drawer() -> None:
    with El("div.dh"):
        El("span", word("importing_title"))
        El("small", word("importing_sub"))
    with El("div.scroll.imp", testid="importing"):
        _files()
        El("p.error", "{{ ui_import.error }}", if_="ui_import.error", role="alert")
        with El("template", if_=SEEN):
            _verdict()
            _faults()
            _map()
            _tables()
            _places()
            _assumed()
            _make()
        _export()


def _files() -> None:
    El("p.hint", word("importing_hint"))
    with El(
        "label.drop",
        b_class="{busy: ui_import.busy}",
        on_dragover__prevent="",
        on_drop__prevent="utils.gs.importFiles($event.dataTransfer.files)",
    ):
        Icon("plus", 22)
        El(
            "span",
            "{{ ui_import.busy ? t.importing_busy : ui_import.files ? ui_import.files : t.importing_drop }}",
        )
        El(
            "input",
            type="file",
            multiple=True,
            testid="importing-files",
            accept=".zip,.csv,.geojson,.json,.gpkg,.las,.yaml,.yml",
            b_aria_label="t.importing_drop",
            on_change="utils.gs.importFiles($event.target.files); $event.target.value = ''",
        )


def _verdict() -> None:
    with El("div.iv", b_class=f"{{bad: !{SEEN}.ready}}", testid="importing-verdict", role="status"):
        El(
            "b",
            f"{{{{ {SEEN}.ready ? t.importing_ready : utils.gs.fill(t.importing_faults,{{n: {SEEN}.faults.length}}) }}}}",
        )
        El("small", f"{{{{ utils.gs.fill(t.importing_found, {SEEN}.found) }}}}")


def _faults() -> None:
    with (
        El("ul.ifl", if_=f"{SEEN}.faults.length", testid="importing-faults"),
        El("li", for_=f"(f, i) in {SEEN}.faults.slice(0, 100)", key="i"),
    ):
        El("b", "{{ lang==='zh' ? f.where_zh : f.field }}")
        El("span", "{{ lang==='zh' ? f.text_zh : f.text }}")


def _map() -> None:
    picture = f"utils.gs.importMap({SEEN}.map)"
    with El(
        "figure.imap", if_=f"{SEEN}.map.wells.length || {SEEN}.map.boundary.length", testid="importing-map"
    ):
        with El("svg", b_viewBox=f"{picture}.box", role="img", b_aria_label="t.importing_map"):
            El("path.ring", b_d=f"{picture}.ring", if_=f"{picture}.ring")
            El("path.flt", for_=f"(d, i) in {picture}.faults", key="'f'+i", b_d="d")
            with El("g", for_=f"w in {picture}.wells", key="w.name", b_class="w.kind"):
                El("circle", b_cx="w.x", b_cy="w.y", b_r="w.r")
                El("title", "{{ w.name }}")
        El("figcaption", f"{{{{ {picture}.scale }}}}")


def _select(
    value: str, *, label: str, change: str, shown: str | None = None, testid: str | None = None
) -> El:
    """A field of choices; ``with`` it the options are added. ``change`` speaks of ``chosen``."""
    with El("span.sel", if_=shown):
        field = El(
            "select",
            b_value=value,
            b_testid=testid,
            b_aria_label=label,
            on_change=change.replace("chosen", "$event.target.value"),
        )
        Icon("down", 15)
    return field


def _columns() -> None:
    """What a column of a table may be."""
    El("option", "{{ k.key }}", for_=f"k in {SEEN}.choices[tb.table]", key="k.key", b_value="k.key")


def _tables() -> None:
    units = "utils.gs.importUnits(ui_import.report, tb.table, c.as)"
    with El("section.fg", for_=f"tb in {SEEN}.tables", key="tb.file+tb.table", b_testid="'table-'+tb.table"):
        El("h2.gh", "{{ t['importing_t_'+tb.table] }} · {{ tb.file }} · {{ tb.rows }}")
        with El("div.icol", for_="c in tb.columns", key="c.as"):
            El("span", "{{ c.head }}", b_title="c.head")
            change = "utils.gs.importColumn(tb.table, chosen, c.head)"
            with _select("c.as", label="t.importing_as+' '+c.head", change=change):
                _columns()
            with _select(
                "c.unit||''",
                label="t.importing_unit+' '+c.head",
                change="utils.gs.importUnit(tb.table, c.as, chosen)",
                shown=f"{units}.length",
                testid="'unit-'+tb.table+'-'+c.as",
            ):
                El("option", "{{ c.unit || '–' }}", b_value="c.unit||''")
                El("option", "{{ u }}", for_=f"u in {units}.filter(u => u!==c.unit)", key="u", b_value="u")
            El("em", "{{ c.example===null ? '' : c.example }}")
        with El("div.icol", for_="h in tb.not_used", key="h"):
            El("span.no", "{{ h }}", b_title="h")
            change = "utils.gs.importColumn(tb.table, chosen, h)"
            use = "'use-'+tb.table+'-'+h"
            with _select("''", label="t.importing_as+' '+h", change=change, testid=use):
                El("option", word("importing_unused"), value="")
                _columns()
    _other_files()


def _other_files() -> None:
    """Files that are no table yet: a person may say which."""
    with El("section.fg", if_=f"{SEEN}.not_used.length"):
        El("h2.gh", word("importing_not_used"))
        with El("div.icol", for_=f"f in {SEEN}.not_used", key="f"):
            El("span.no", "{{ f }}")
            change = "utils.gs.importTable(chosen, f)"
            with _select("''", label="t.importing_is+' '+f", change=change):
                El("option", word("importing_unused"), value="")
                El(
                    "option",
                    "{{ t['importing_t_'+k] }}",
                    for_=f"(v, k) in {SEEN}.choices",
                    key="k",
                    b_value="k",
                )


def _places() -> None:
    with El("section.fg"):
        El("h2.gh", word("importing_places"))
        with El("div.icol"):
            El("span", word("importing_system"))
            system = "(ui_import.mapping||{}).coordinates||''"
            change = "utils.gs.importSystem(chosen)"
            with _select(system, label="t.importing_system", change=change):
                El("option", word("importing_auto"), value="")
                for value in ("lonlat", "local", "EPSG:4527", "EPSG:4548", "EPSG:32650"):
                    El("option", value if ":" in value else word(f"importing_{value}"), value=value)
        with El("div.icol", if_="(ui_import.mapping||{}).coordinates==='local'"):
            El("span", word("importing_frame"))
            for key in ("lon", "lat"):
                El(
                    "input",
                    inputmode="decimal",
                    b_aria_label=f"t.importing_frame+' {key}'",
                    b_value=f"utils.gs.importFrameShown('{key}')",
                    placeholder=key,
                    on_keydown__stop="",
                    on_change=f"utils.gs.importFrame('{key}', $event.target.value)",
                )


def _assumed() -> None:
    with El("section.fg", if_=f"{SEEN}.assumed.length"):
        El("h2.gh", word("importing_assumed"))
        with El("ul.facts"):
            El("li", "{{ a[lang] }}", for_=f"a in {SEEN}.assumed", key="a.en")


def _make() -> None:
    with El("div.ime"):
        with El("label"):
            El("span", word("importing_name"))
            El(
                "input",
                testid="importing-name",
                maxlength="40",
                b_value="ui_import.name",
                on_keydown__stop="",
                on_change="utils.gs.importName($event.target.value)",
            )
        with El(
            "button.b1",
            type="button",
            testid="importing-make",
            b_disabled=f"!{SEEN}.ready || ui_import.busy",
            on_click="utils.gs.importMake()",
        ):
            Icon("plus", 20)
            El("span", word("importing_make"))


def _export() -> None:
    with (
        El("div.next", if_="site.scale!=='basin'"),
        El(
            "a.b2",
            b_href="'/api/v1/sites/'+site.name+'/export'",
            b_download="site.name+'.zip'",
            testid="importing-export",
        ),
    ):
        Icon("down", 18)
        El("span", "{{ utils.gs.fill(t.importing_export,{name: site.title}) }}")
    El("p.hint", word("importing_export_hint"), if_="site.scale!=='basin'")

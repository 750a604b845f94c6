"""Campaign and operation: settings, events as buttons, what they change; the building time as bars in the dock."""

from __future__ import annotations

from sandbox.panels.dom import El, Icon, act, word

RESULT = "campaign.result"


def drawer() -> None:
    with El("div.scroll", testid="campaign"):
        El("p.hint", word("campaign_hint"))
        with El("div.box", if_="campaign"):
            El("h3.bh", word("campaign_events"))
            with (
                El("div.evs"),
                El(
                    "button",
                    type="button",
                    for_="e in campaign.events",
                    key="e.key",
                    b_class="{on: e.on}",
                    b_aria_pressed="e.on",
                    b_testid="'event-'+e.key",
                    on_click=act("campaign_event", "{key:e.key}"),
                ),
            ):
                El("span", "{{ e.text }}")
        _result()
        with El("div.box", if_="campaign"):
            El("h3.bh", word("campaign_settings"))
            _fields()
        with (
            El("div.next"),
            El(
                "button.b1",
                type="button",
                b_disabled="!campaign || campaign.running",
                testid="campaign-run",
                on_click=act("campaign_run"),
            ),
        ):
            Icon("play", 18)
            El("span", "{{ campaign && campaign.running ? t.campaign_running : t.campaign_run }}")


def _fields() -> None:
    with El("div.fr", for_="f in campaign.fields", key="f.key", b_class="{own: f.own}"):
        El("label.fl", "{{ f.label }}", b_for="'cm-'+f.key")
        with El("span.fi"):
            El(
                "input",
                b_id="'cm-'+f.key",
                inputmode="decimal",
                autocomplete="off",
                b_value="f.text",
                b_aria_invalid="edit_error && edit_error.field===f.field ? 'true' : null",
                on_keydown__enter="$event.target.blur()",
                on_keydown__esc="utils.gs.escape($event,f.text)",
                on_keydown__stop="",
                on_blur="utils.gs.commit($event,'campaign_set',{key:f.key},f.text)",
            )
            El("span.u", "{{ f.unit }}")
        El("p.error", "{{ edit_error.text }}", if_="edit_error && edit_error.field===f.field", role="alert")


def _result() -> None:
    with El("div.box", if_=f"campaign && {RESULT}", testid="campaign-result"):
        El("h3.bh", word("campaign_changes"))
        with El("div.cmk.head"):
            for key in ("", "campaign_planned", "campaign_usual", "campaign_struck"):
                El("span", word(key) if key else "")
        with El("div.cmk", for_=f"k in {RESULT}.kpis", key="k.key", b_testid="'campaign-'+k.key"):
            El("span", "{{ t['kpi_'+k.key] }} {{ utils.gs.unit(k.key,lang) }}")
            for part in ("planned", "before", "after"):
                El("b", f"{{{{ utils.gs.campaignValue(k.key,k.{part},lang,t) }}}}")
            El("em", "{{ utils.gs.kpiStep(k,lang,t).text }}", b_class="utils.gs.kpiStep(k,lang,t).cls")
        with El("ul.facts"):
            pair = f"{{a: {RESULT}.availability_usual_pct, b: {RESULT}.availability_pct}}"
            El("li", f"{{{{ utils.gs.fill(t.campaign_availability, {pair}) }}}}")
            El("li", f"{{{{ utils.gs.builtText({RESULT},t) }}}}")
            El("li", f"{{{{ utils.gs.fill(t.campaign_pumps, {{n: {RESULT}.pump_changes}}) }}}}")
        with El("div.addr"):
            with El(
                "button", type="button", on_click="ui_dock = true; " + act("set_dock", "{dock:'campaign'}")
            ):
                Icon("chart", 16)
                El("span", word("campaign_show"))
            with El("button", type="button", testid="campaign-apply", on_click=act("campaign_apply")):
                Icon("check", 16)
                El("span", word("campaign_apply"))
    El(
        "p.error",
        "{{ edit_error.text }}",
        if_="edit_error && edit_error.field==='campaign'",
        role="alert",
    )


def gantt() -> None:
    """Bars of the field and its doublets; the building time, or the whole life."""
    with El("div.gnt", if_=f"dock==='campaign' && campaign && {RESULT}", testid="gantt"):
        with El("div.gnh"):
            with El("div.seg"):
                for value, key in (("false", "campaign_life"), ("true", "campaign_building")):
                    El(
                        "button",
                        word(key),
                        type="button",
                        b_class=f"{{on: ui_building==={value}}}",
                        b_aria_pressed=f"ui_building==={value}",
                        b_disabled=f"{value} && !{RESULT}.build_days",
                        on_click=f"ui_building = {value}",
                    )
            with El("div.hrk"):
                for what in (
                    "drill_injector",
                    "drill_producer",
                    "hook_up",
                    "pump_change",
                    "rig_late",
                    "permit_hold",
                ):
                    with El("span", cls=f"bar-{what}"):
                        El("i", aria_hidden="true")
                        El("em", word(f"campaign_bar_{what}"))
            El("small", "{{ utils.gs.fill(t.campaign_one_of, {n: 12}) }}")
        with El("div.gnb"):
            with El("div.gnr", for_="r in utils.gs.gantt(campaign.result, ui_building)", key="r.id"):
                El("span", "{{ r.name }}")
                with El("div"):
                    El(
                        "i",
                        for_="(b, i) in r.bars",
                        key="i",
                        b_class="'bar-'+b.what",
                        b_style="b.style",
                        b_title="b.text+' '+utils.gs.fmt(b.day,0)+'–'+utils.gs.fmt(b.until,0)+' d'",
                    )
            with El("div.gnr.axis", aria_hidden="true"):
                El("span")
                with El("div"):
                    El(
                        "em",
                        "{{ k.y }}",
                        for_="k in utils.gs.ganttTicks(campaign.result, ui_building)",
                        key="k.y",
                        b_style="{left: k.left}",
                    )
    El("p.hint", word("campaign_none"), if_=f"dock==='campaign' && !(campaign && {RESULT})")

"""Scheme bar: one chip per scheme, baseline first; add, duplicate, rename, delete."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Icon, act, badge, word


def build(server: Server) -> Any:
    root = El("div.schemes", trame_server=server, testid="schemes", role="toolbar", b_aria_label="t.schemes")
    with root:
        with El("div.chips"):
            _chip()
        with El(
            "button.ghostbtn",
            type="button",
            testid="scheme-add",
            b_title="t.scheme_add",
            b_aria_label="t.scheme_add",
            on_click=act("scheme_add"),
        ):
            Icon("plus", 20)
        with El(
            "button.ghostbtn",
            type="button",
            testid="scheme-duplicate",
            b_title="t.scheme_duplicate",
            on_click=act("scheme_duplicate"),
        ):
            Icon("copy", 17)
            El("span", word("duplicate"))
        _menu()
        El("span.provenance.hide13", "{{ site.provenance }}", b_title="site.provenance")
    return root


def _chip() -> None:
    with El(
        "div.chip",
        for_="s in schemes",
        key="s.id",
        b_class="{on: s.active, base: s.baseline}",
        b_style="{'--c': s.color, '--ci': s.ink}",
        b_data_scheme="s.id",
    ):
        with El(
            "button.pick",
            type="button",
            b_aria_pressed="s.active",
            b_title="s.name",
            on_click="s.active && !s.baseline ? utils.gs.menu('scheme') : utils.gs.act('scheme_activate',{id:s.id})",
            on_dblclick="s.baseline || utils.gs.rename(s.id)",
        ):
            El("span.L", "{{ s.letter }}")
            El("span.nm", "{{ s.name }}", if_="ui_rename!==s.id")
            badge("s.active && kpi.npv_cny ? kpi.npv_cny.state : s.state", word_too=False)
        El(
            "input.rename",
            if_="ui_rename===s.id",
            id="gs-rename",
            b_value="s.name",
            maxlength="60",
            b_aria_label="t.scheme_rename",
            on_keydown__enter__prevent="$event.target.blur()",
            on_keydown__esc__prevent="$event.target.value=s.name; $event.target.blur()",
            on_blur="utils.gs.renamed($event,s.id,s.name)",
            on_keydown__stop="",
        )


def _menu() -> None:
    """What can be done with the active scheme; the baseline can neither be renamed nor deleted."""
    with El("div.menuhost", if_="schemes.some(s => s.active && !s.baseline)"):
        with El(
            "button.ghostbtn",
            type="button",
            b_title="t.scheme_more",
            b_aria_label="t.scheme_more",
            b_aria_expanded="ui_menu==='scheme'",
            on_click="utils.gs.menu('scheme')",
        ):
            Icon("down", 18)
        with El("div.menu", if_="ui_menu==='scheme'", role="menu"):
            with El("button.mi", type="button", role="menuitem", on_click="utils.gs.rename(scheme_id)"):
                Icon("pencil", 17)
                El("span", word("scheme_rename"))
            with El(
                "button.mi",
                type="button",
                role="menuitem",
                on_click="utils.gs.closeMenus(); utils.gs.act('scheme_delete',{id:scheme_id})",
            ):
                Icon("trash", 17)
                El("span", word("scheme_delete"))

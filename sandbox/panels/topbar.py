"""Top bar: site, breadcrumb, workspaces, undo, redo, replay, language, theme, help."""

from __future__ import annotations

from typing import Any

from trame_server.core import Server

from sandbox.panels.dom import El, Icon, Tool, act, word

WORKSPACES = (("explore", "explore"), ("compare", "compare"), ("decide", "check"), ("present", "present"))


def build(server: Server) -> Any:
    root = El("header.topbar", trame_server=server, testid="topbar")
    with root:
        with El("div.tl"):
            El("img.mark", src="__gs/logo.svg", alt="", width="28", height="28")
            _site_menu()
            El("span.sep.hide13")
            _breadcrumb()
        _workspaces()
        with El("div.tr"):
            _tools()
    return root


def _site_menu() -> None:
    with El("div.menuhost"):
        with El(
            "button.pname",
            type="button",
            on_click="utils.gs.menu('site')",
            b_aria_expanded="ui_menu==='site'",
            aria_haspopup="menu",
        ):
            El("span", "{{ site.title || t.product }}")
            Icon("down", 18)
        with El("div.menu", if_="ui_menu==='site'", role="menu"):
            El("div.menuhead", word("choose_site"))
            with El(
                "button.mi",
                type="button",
                role="menuitem",
                for_="s in sites",
                key="s.name",
                b_class="{on: s.name===site.name}",
                on_click="utils.gs.closeMenus(); utils.gs.act('set_site',{name:s.name})",
            ):
                El("b", "{{ s.title }}")
            El(
                "button.mi.own",
                word("importing_menu"),
                type="button",
                role="menuitem",
                testid="importing-open",
                on_click="utils.gs.openImport()",
            )


def _breadcrumb() -> None:
    crumbs = "utils.gs.crumbs({t, scale, title: site.title, selected, wells})"
    with (
        El("nav.bc", testid="breadcrumb", b_aria_label="t.breadcrumb"),
        El("ol"),
        El(
            "li",
            for_=f"(c, i) in {crumbs}",
            key="c.key",
            b_class=f"{{on: i==={crumbs}.length-1, opt: i<{crumbs}.length-2}}",
        ),
    ):
        Icon("right", 16, if_="i>0")
        El(
            "button",
            "{{ c.text }}",
            if_="c.scale",
            type="button",
            b_title="c.text",
            b_aria_current=f"i==={crumbs}.length-1 ? 'location' : null",
            on_click=act("set_scale", "{scale:c.scale}"),
        )
        El("span", "{{ c.text }}", else_=True, b_title="c.text")


def _workspaces() -> None:
    with El("nav.tabs", b_aria_label="t.workspaces"):
        for name, icon in WORKSPACES:
            with El(
                "button",
                type="button",
                testid=f"ws-{name}",
                b_class=f"{{on: workspace==='{name}'}}",
                b_aria_pressed=f"workspace==='{name}'",
                on_click=act("set_workspace", f"{{workspace:'{name}'}}"),
            ):
                Icon(icon, 18)
                El("span", word(f"ws_{name}"))


def _tools() -> None:
    Tool(
        "undo",
        "undo",
        act("undo"),
        testid="undo",
        b_disabled="!history.can_undo",
        title="history.undo ? t.undo + '：' + history.undo : t.undo",
    )
    Tool(
        "redo",
        "redo",
        act("redo"),
        testid="redo",
        b_disabled="!history.can_redo",
        title="history.redo ? t.redo + '：' + history.redo : t.redo",
    )
    Tool("replay", "replay", "utils.gs.act('replay')", testid="replay", b_disabled="!history.can_undo")
    El("span.sep")
    with El(
        "button.lang",
        type="button",
        testid="lang",
        b_aria_label="t.language",
        b_title="t.language",
        on_click=act("set_lang", "{lang: lang==='zh' ? 'en' : 'zh'}"),
    ):
        El("span", "中", b_class="{on: lang==='zh'}", lang="zh")
        El("span", "EN", b_class="{on: lang==='en'}", lang="en")
    Tool("moon", "theme", act("set_theme", "{theme:'dark'}"), if_="theme!=='dark'")
    Tool("sun", "theme", act("set_theme", "{theme:'light'}"), else_=True)
    Tool("help", "help", act("toggle", "{key:'help_open'}"), b_aria_expanded="help_open")

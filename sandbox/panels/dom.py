"""Short spelling of page elements: one class for every tag, one for icons, words by key.

The page is a set of Vue templates over trame state. Attribute names are Python keywords:
``if_``, ``for_``, ``show``, ``key`` are Vue directives, ``on_click`` an event (``on_keydown__enter`` carries
a modifier), ``b_title`` a bound attribute, ``html_`` raw HTML; everything else is a plain attribute with
``_`` for ``-``. ``testid`` is ``data-testid``.
"""

from __future__ import annotations

from typing import Any

from trame_client.widgets.core import AbstractElement

_DIRECTIVES = {
    "if_": "v-if",
    "elif_": "v-else-if",
    "for_": "v-for",
    "show": "v-show",
    "key": ":key",
    "html_": "v-html",
    "memo": "v-memo",
    "model": "v-model",
    "testid": "data-testid",
    "b_testid": ":data-testid",
}


def _attribute(name: str, value: Any) -> str:
    """One attribute as it stands in the template."""
    if name == "else_":
        return "v-else"
    if name in _DIRECTIVES:
        name = _DIRECTIVES[name]
    elif name.startswith("on_"):
        name = "@" + name[3:].replace("__", ".").replace("_", "-")
    elif name.startswith("b_"):
        name = ":" + name[2:].replace("_", "-")
    else:
        name = name.rstrip("_").replace("_", "-")
    if value is True:
        return name
    return f'{name}="' + str(value).replace('"', "&quot;") + '"'


class El(AbstractElement):
    """An element: ``El("button.ib.big", "text", on_click="...")``."""

    def __init__(self, spec: str, *children: Any, cls: str = "", **attributes: Any):
        tag, *classes = spec.split(".")
        server = attributes.pop("trame_server", None)
        names = " ".join([*classes, cls]).strip()
        raw = [f'class="{names}"'] if names else []
        raw += [_attribute(k, v) for k, v in attributes.items() if v is not None and v is not False]
        extra = {"trame_server": server} if server is not None else {}
        super().__init__(tag or "div", list(children), raw_attrs=raw, **extra)


def word(key: str) -> str:
    """Text of a key in the current language."""
    return "{{ t." + key + " }}"


def act(action: str, params: str = "{}") -> str:
    """Expression that asks the server for an action; ``params`` is a JavaScript object."""
    return f"utils.gs.act('{action}',{params})"


class Icon(El):
    """An icon of web/icons.js by name; ``bound`` takes an expression that gives the name instead."""

    def __init__(self, name: str, size: int = 20, *, bound: bool = False, cls: str = "", **attributes: Any):
        super().__init__(
            "svg.ic",
            cls=cls,
            width=size,
            height=size,
            viewBox="0 0 24 24",
            aria_hidden="true",
            focusable="false",
            **attributes,
        )
        at = name if bound else f"'{name}'"
        with self:
            El("path", b_d=f"utils.gs.icons[{at}]")


class Tool(El):
    """Icon-only button with tooltip and label from a word key (or an expression in ``title``)."""

    def __init__(
        self,
        icon: str,
        label: str,
        click: str,
        *,
        size: int = 20,
        title: str = "",
        cls: str = "",
        **more: Any,
    ):
        text = title or f"t.{label}"
        super().__init__(
            "button.ib",
            cls=cls,
            type="button",
            on_click=click,
            b_title=text,
            b_aria_label=text,
            **more,
        )
        with self:
            Icon(icon, size)


def badge(state: str, *, word_too: bool = True, **attributes: Any) -> El:
    """State badge; ``state`` is an expression. Without the word the glyph keeps it as accessible name."""
    view = f"utils.gs.badge({state},t)"
    el = El(
        "span.badge",
        b_class=f"{view}.cls",
        b_title=f"{view}.word",
        b_aria_label=f"{view}.word",
        role="img" if not word_too else None,
        **attributes,
    )
    with el:
        El("i", "{{ " + view + ".glyph }}", aria_hidden="true")
        if word_too:
            El("span", "{{ " + view + ".word }}")
    return el


def well_symbol(kind: str, size: int = 14) -> El:
    """Producer filled warm triangle, injector open cool one, storage diamond, monitor circle; ``kind``: expression."""
    svg = El("svg.ws", width=size, height=size, viewBox="-8 -8 16 16", aria_hidden="true")
    with svg:
        El("path", if_=f"{kind}==='producer'", d="M0-6.5 6.8 5.5H-6.8Z", fill="var(--prod)")
        El(
            "path",
            elif_=f"{kind}==='injector'",
            d="M0 5.8 5.9-4.6H-5.9Z",
            fill="none",
            stroke="var(--inj)",
            stroke_width="2",
            stroke_linejoin="round",
        )
        with El("g", elif_=f"{kind}==='storage'"):
            El("path", d="M0-7V7L-6.5 0Z", fill="var(--prod)")
            El("path", d="M0-7V7L6.5 0Z", fill="var(--inj)")
        El("circle", else_=True, r="5", fill="none", stroke="var(--ink2)", stroke_width="2")
    return svg

"""Plain pages beside the twin: /validation shows the stored report as text, in Chinese or English."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from services.validation import stored
from services.validation_text import LANGUAGES, WORDS, Block, blocks

STYLE = Path(__file__).parent / "web" / "style.css"
OTHER = {"en": ("zh", "中文"), "zh": ("en", "English")}
BACK = {"en": "Back to the twin", "zh": "返回孪生"}
HTML_LANG = {"en": "en", "zh": "zh-CN"}
LAYOUT = """
body { margin: 0; background: var(--bg); color: var(--ink); font-variant-numeric: tabular-nums;
  font: 400 15px/1.6 "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Segoe UI", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 64px; }
nav { display: flex; gap: 20px; } a { color: var(--accent); } a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--focus); }
h1 { font-size: 26px; margin: 16px 0 8px; } h2 { font-size: 20px; margin: 40px 0 4px; }
h3 { font-size: 16px; margin: 28px 0 4px; } p { margin: 8px 0; color: var(--ink2); max-width: 86ch; }
.scroll { overflow-x: auto; margin: 10px 0; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { padding: 6px 12px; text-align: right; border-top: 1px solid var(--surface3); white-space: nowrap; }
th { color: var(--ink3); font-weight: 400; border-top: 0; }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 15em; }
.yes { color: var(--better); } .no { color: var(--oor); font-weight: 700; } .shown { color: var(--ink3); }
"""


def add_pages(app: FastAPI) -> None:
    """Mount the pages. ``?lang=zh|en`` (else the browser's language), ``?theme=dark``."""

    @app.get("/validation", include_in_schema=False)
    def validation(request: Request) -> HTMLResponse:
        lang = request.query_params.get("lang", "")
        if lang not in LANGUAGES:
            lang = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
        theme = "dark" if request.query_params.get("theme") == "dark" else "light"
        return HTMLResponse(page(stored(), lang, theme), headers={"Cache-Control": "no-cache"})


def page(report: dict[str, Any], lang: str, theme: str = "light") -> str:
    """The report as one HTML document, with the tokens of the app and no script."""
    tokens = STYLE.read_text("utf-8").split("* { box-sizing", 1)[0]
    other, name = OTHER[lang]
    inner = "\n".join(_html(block, lang) for block in blocks(report, lang))
    return (
        f'<!doctype html><html lang="{HTML_LANG[lang]}" data-theme="{theme}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{WORDS["title"][lang]}</title>'
        f"<style>{tokens}{LAYOUT}</style></head><body><main>"
        f'<nav><a href="/">{BACK[lang]}</a>'
        f'<a href="?lang={other}&amp;theme={theme}" hreflang="{HTML_LANG[other]}">{name}</a></nav>\n'
        f"{inner}\n</main></body></html>\n"
    )


def _html(block: Block, lang: str) -> str:
    kind = block[0]
    if kind == "table":
        return _table(block[1], block[2], lang)
    # the only mark-up in our texts is `code`
    parts = escape(block[1]).split("`")
    text = "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
    return f"<{kind}>{text}</{kind}>"


def _table(header: list[str], rows: list[list[str]], lang: str) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    lines = []
    for row in rows:
        cells = "".join(f"<td{_class(cell, lang)}>{escape(cell)}</td>" for cell in row)
        lines.append(f"<tr>{cells}</tr>")
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    # wide tables scroll by themselves, with the keyboard too
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(header[0])}">{table}</div>'


def _class(cell: str, lang: str) -> str:
    """Verdicts and missed aims stand out; their words say the same."""
    verdicts = {WORDS[key][lang]: key for key in ("yes", "no", "shown")}
    missed = cell.endswith(WORDS["aim_no"][lang].removeprefix("{text}"))
    name = "no" if missed else verdicts.get(cell)
    return f' class="{name}"' if name else ""

"""The validation report as text: a list of blocks in one language, which become Markdown here and HTML in the app.

Blocks: ("h1" | "h2" | "h3" | "p", text) and ("table", header, rows).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

LANGUAGES = ("en", "zh")
Block = tuple[Any, ...]

WORDS: dict[str, dict[str, str]] = {
    "title": {"en": "Validation", "zh": "验证"},
    "intro": {
        "en": "The predictors held to closed forms, to another code, to measurements and to their own balances. "
        "Each case gives the figure reached, what it is held to, and what the model leaves out. Made by "
        "`geosandbox validate -o docs/validation.md`; the page /validation and GET /api/v1/validation show the "
        "same report. Inputs and tolerances stand in `assets/validation/`.",
        "zh": "用解析解、另一程序的结果、实测数据和自身的守恒律检验各预测器。每个案例给出达到的数值、允许的范围，"
        "以及模型没有考虑什么。由 `geosandbox validate -o docs/validation.md` 生成；页面 /validation 与 "
        "GET /api/v1/validation 显示同一份报告。输入与容差见 `assets/validation/`。",
    },
    "held": {
        "en": "{held} of {judged} figures keep their tolerance, {reached} of {aims} reach the aim that the project set "
        "itself. A tolerance guards what was reached against getting worse; figures without one are shown, not judged.",
        "zh": "{judged} 项有容差的指标中，{held} 项在容差内；{aims} 项设有目标的指标中，{reached} 项达到目标。"
        "容差用来防止已达到的水平变差；没有容差的数值只列出，不作判断。",
    },
    "versions": {"en": "Versions: {text}.", "zh": "版本：{text}。"},
    "machine": {
        "en": "Figures marked † are times or rates of one machine: {text}.",
        "zh": "标 † 的数值是某台机器上的时间或速率：{text}。",
    },
    "case": {"en": "Case", "zh": "案例"},
    "kept": {"en": "Within tolerance", "zh": "在容差内"},
    "figure": {"en": "Figure", "zh": "指标"},
    "reached": {"en": "Reached", "zh": "达到"},
    "expected": {"en": "Expected", "zh": "应为"},
    "tolerance": {"en": "Tolerance", "zh": "容差"},
    "verdict": {"en": "Verdict", "zh": "判断"},
    "yes": {"en": "holds", "zh": "符合"},
    "no": {"en": "OUTSIDE", "zh": "超出"},
    "aim": {"en": "Aim", "zh": "目标"},
    "aim_yes": {"en": "{text}: reached", "zh": "{text}：达到"},
    "aim_no": {"en": "{text}: MISSED", "zh": "{text}：未达到"},
    "shown": {"en": "shown", "zh": "仅列出"},
    "source": {"en": "Source: {text}.", "zh": "来源：{text}。"},
    "leaves_out": {"en": "Left out: {text}", "zh": "未考虑：{text}"},
    "points": {"en": "points", "zh": "个百分点"},
    "of": {"en": "{n} of {m}", "zh": "{n} / {m}"},
    "analytic": {"en": "Closed forms", "zh": "解析解"},
    "codes": {"en": "Another code", "zh": "与其他程序对照"},
    "measured": {"en": "Measured in the field", "zh": "实测"},
    "convergence": {"en": "Convergence", "zh": "收敛性"},
    "balances": {"en": "Balances, symmetry, bounds", "zh": "守恒、对称与上下限"},
    "limits": {"en": "Distance to the hardware's limit", "zh": "离硬件极限的距离"},
}
SIGNS = {"at_most": "≤", "at_least": "≥"}


def blocks(report: Mapping[str, Any], lang: str) -> list[Block]:
    """The whole report in one language."""

    def say(key: str, **fill: Any) -> str:
        return WORDS[key][lang].format(**fill)

    listed = "; ".join(f"{k} {v}" for k, v in report["versions"].items())
    hardware = ", ".join(
        str(v) + {"cores": " cores", "memory_gb": " GB"}.get(k, "") for k, v in report["machine"].items()
    )
    out: list[Block] = [("h1", say("title")), ("p", say("intro"))]
    out.append(("p", say("held", **{k: report[k] for k in ("held", "judged", "reached", "aims")})))
    rows = [[case["title"][lang], _kept(case, lang)] for case in report["cases"]]
    out.append(("table", [say("case"), say("kept")], rows))
    family = ""
    for case in report["cases"]:
        if case["family"] != family:
            family = case["family"]
            out.append(("h2", say(family)))
        out += _case(case, lang)
    out.append(("p", say("versions", text=listed)))
    out.append(("p", say("machine", text=hardware)))
    return out


def _kept(case: Mapping[str, Any], lang: str) -> str:
    judged = [f["holds"] for f in case["figures"] if f["holds"] is not None]
    return WORDS["of"][lang].format(n=sum(judged), m=len(judged)) if judged else WORDS["shown"][lang]


def _case(case: Mapping[str, Any], lang: str) -> list[Block]:
    def say(key: str, **fill: Any) -> str:
        return WORDS[key][lang].format(**fill)

    header = [say(k) for k in ("figure", "reached", "expected", "tolerance", "verdict", "aim")]
    out: list[Block] = [
        ("h3", case["title"][lang]),
        ("p", say("source", text=case["source"][lang].rstrip(".。"))),
        ("table", header, [_figure(f, lang) for f in case["figures"]]),
    ]
    if "table" in case:
        table = case["table"]
        head = [table["title"][lang], *(c[lang] for c in table["columns"])]
        out.append(
            (
                "table",
                head,
                [[r["label"][lang], *(number(v, digits=5) for v in r["values"])] for r in table["rows"]],
            )
        )
    out.append(("p", say("leaves_out", text=case["leaves_out"][lang])))
    if "note" in case:
        out.append(("p", case["note"][lang]))
    return out


def _figure(figure: Mapping[str, Any], lang: str) -> list[str]:
    verdict = {True: "yes", False: "no", None: "shown"}[figure["holds"]]
    return [
        figure["label"][lang] + (" †" if figure.get("machine") else ""),
        with_unit(figure["value"], figure["unit"]),
        "" if figure["reference"] is None else with_unit(figure["reference"], figure["unit"]),
        _tolerance(figure, figure["unit"], lang),
        WORDS[verdict][lang],
        _aim(figure, lang),
    ]


def _aim(figure: Mapping[str, Any], lang: str) -> str:
    if "aim" not in figure:
        return ""
    key = "aim_yes" if figure["aim"]["reached"] else "aim_no"
    return WORDS[key][lang].format(text=_tolerance(figure["aim"], figure["unit"], lang))


def _tolerance(held_to: Mapping[str, Any], unit: str, lang: str) -> str:
    limit, value = held_to["limit"], held_to["tolerance"]
    if limit is None:
        return ""
    if limit == "within_part":
        return f"± {number(100.0 * value)} %"
    if limit == "within" and unit == "%":
        return f"± {number(value)} {WORDS['points'][lang]}"
    return f"{SIGNS.get(limit, '±')} {with_unit(value, unit)}"


def with_unit(value: float, unit: str) -> str:
    shown = {"1": "", "degC": " °C", "m3/h": " m³/h"}.get(unit, f" {unit}")
    return number(value) + shown


def number(value: float, *, digits: int = 4) -> str:
    """So many significant digits; plain between 0.001 and a million."""
    if value == 0.0:
        return "0"
    if 1e-3 <= abs(value) < 1e6:
        places = max(0, digits - 1 - int(f"{value:e}".split("e")[1]))
        text = f"{value:.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.3g}"


def markdown(report: Mapping[str, Any]) -> str:
    """Both languages in one file, English first."""
    parts = [
        "<!-- made by `geosandbox validate`; edit assets/validation/*.yaml instead -->",
        "[English](#validation) · [中文](#验证)",
    ]
    for lang in LANGUAGES:
        parts += [_markdown(block) for block in blocks(report, lang)]
    return "\n\n".join(parts) + "\n"


def _markdown(block: Block) -> str:
    kind = block[0]
    if kind == "table":
        return "\n".join(_table_lines(block[1], block[2]))
    mark = {"h1": "# ", "h2": "## ", "h3": "### ", "p": ""}[kind]
    return mark + block[1]


def _table_lines(header: list[str], rows: list[list[str]]) -> Iterable[str]:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"

    yield line(header)
    yield "|" + "---|" + "---:|" * (len(header) - 1)
    yield from (line(row) for row in rows)

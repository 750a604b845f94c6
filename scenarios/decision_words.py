"""Words and figures of a decision record in both languages."""

from __future__ import annotations

import math

from scenarios.compare import NEVER_IS_BEST
from scenarios.kpis import KPIS

# KPI units that people count otherwise: unit -> language -> (divisor, unit shown, decimals).
_MONEY = {"zh": (1e4, "万元", 0), "en": (1e6, "M CNY", 1)}
_MONEY_A = {"zh": (1e4, "万元/a", 1), "en": (1e6, "M CNY/a", 2)}
SCALED = {"npv_cny": _MONEY, "capex_cny": _MONEY, "opex_cny_per_year": _MONEY_A}


def kpi_name(key: str, lang: str) -> str:
    row = KPIS[key]
    return row.zh if lang == "zh" else row.en


def figure(key: str, value: float | None, lang: str, *, bare: bool = False) -> str:
    """A KPI's value with its unit, as a document says it; ``bare`` leaves the unit out."""
    row = KPIS[key]
    if value is None or not math.isfinite(value):
        return WORDS[lang]["never"] if key in NEVER_IS_BEST else "–"
    divisor, unit, digits = SCALED.get(key, {}).get(lang, (1.0, row.unit, row.digits))
    text = f"{value / divisor:,.{digits}f}".replace(",", "\u2009").replace("-", "\u2212")
    return text if bare or unit in ("", "-") else f"{text} {unit}"


WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "title": "决定:{choice}",
        "when": "决定人:{who}。记录时间:{at}。",
        "why": "理由",
        "evidence": "依据",
        "assumptions": "补充假设",
        "in_force": "数字所依据的假设",
        "objections": "异议",
        "by": "({who})",
        "schemes": "各方案的数字",
        "figure": "指标(括号内 P10–P90)",
        "changes": "与“{base}”相比的改动",
        "weights": "权重与排序",
        "method": "排序方法:{method};权重来源:{source}。每位利益相关者各列一栏,不取平均。",
        "weighted": "加权和(各指标按方案间最差至最好折算为 0–1)",
        "topsis": "TOPSIS",
        "from_swing": "摆幅权重",
        "from_ahp": "层次分析法",
        "from_entropy": "熵权",
        "from_variation": "变异系数",
        "from_combined": "博弈论组合",
        "criterion": "准则",
        "rank": "名次",
        "agreed": "各方首选一致。",
        "apart": "各方首选不同。",
        "concordance": "Kendall 协和系数 W = {w:.2f}(1 为名次完全一致)。",
        "firm": "{who}:无论单独改变哪个权重,“{winner}”都居首位。",
        "flips": "{who}:首选“{winner}”;“{key}”的权重由 {weight:.0f} % 变到 {at:.0f} % 时,“{other}”居首。",
        "regret": "各种未来下的遗憾值({key},与该未来中最好的方案之差)",
        "future": "未来",
        "largest": "最大遗憾",
        "least_regret": "最大遗憾最小的方案:{name}。",
        "inputs": "输入",
        "hash": "全部方案、权重与引擎的 SHA-256:{hash}",
        "engines": "引擎:{engines}。",
        "quantity": "量",
        "value": "取值",
        "years": "年限",
        "season_days": "年运行天数",
        "discount_rate": "折现率",
        "heat_price": "热价",
        "electricity_price": "电价",
        "grid_co2": "电网排放因子",
        "baseline": "减排对比基准",
        "baseline_coal_boiler": "燃煤锅炉",
        "baseline_gas_boiler": "燃气锅炉",
        "baseline_existing_geothermal": "既有地热供热",
        "baseline_none": "无",
        "never": "年限内不发生",
    },
    "en": {
        "title": "Decision: {choice}",
        "when": "Decided by {who}. Recorded {at}.",
        "why": "Why",
        "evidence": "Evidence",
        "assumptions": "Further assumptions",
        "in_force": "Assumptions the figures rest on",
        "objections": "Objections",
        "by": " ({who})",
        "schemes": "Figures of the schemes",
        "figure": "Figure (P10–P90 in brackets)",
        "changes": 'Changed against "{base}"',
        "weights": "Weights and ranking",
        "method": "Ranked by {method}; weights by {source}. One column a stakeholder, no average.",
        "weighted": "weighted sum (each criterion on 0–1 from worst to best of the schemes)",
        "topsis": "TOPSIS",
        "from_swing": "swing weights",
        "from_ahp": "pairwise judgements (AHP)",
        "from_entropy": "entropy",
        "from_variation": "coefficients of variation",
        "from_combined": "game-theory combination",
        "criterion": "Criterion",
        "rank": "Rank",
        "agreed": "All put the same scheme first.",
        "apart": "They do not put the same scheme first.",
        "concordance": "Kendall's W = {w:.2f} (1: the same order).",
        "firm": '{who}: "{winner}" stays first whichever single weight changes.',
        "flips": '{who}: "{winner}" first; "{other}" comes first when the weight of {key} goes from {weight:.0f} % to {at:.0f} %.',
        "regret": "Regret in named futures ({key}, behind the best scheme of that future)",
        "future": "Future",
        "largest": "Largest regret",
        "least_regret": "Smallest largest regret: {name}.",
        "inputs": "Inputs",
        "hash": "SHA-256 of all schemes, weights and engines: {hash}",
        "engines": "Engines: {engines}.",
        "quantity": "Quantity",
        "value": "Value",
        "years": "Years",
        "season_days": "Days of operation a year",
        "discount_rate": "Discount rate",
        "heat_price": "Heat price",
        "electricity_price": "Electricity price",
        "grid_co2": "Emission factor of the grid",
        "baseline": "Baseline of avoided emissions",
        "baseline_coal_boiler": "coal boiler",
        "baseline_gas_boiler": "gas boiler",
        "baseline_existing_geothermal": "the geothermal heating there is",
        "baseline_none": "none",
        "never": "not within the years",
    },
}

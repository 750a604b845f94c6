"""The figures that people decide on: one row per KPI; the arithmetic is in ``kpi_formulas``.

Adding a KPI: one function there and one row in ``KPIS``; panel, tables, files and documents follow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from scenarios import kpi_formulas as formulas
from scenarios.economics import npv, payback
from scenarios.kpi_formulas import Facts

Group = Literal["productivity", "sustainability", "economics", "environment"]


@dataclass(frozen=True)
class Kpi:
    """A figure of a scheme. ``low`` and ``high``: 80 % band (P10, P90), ``None`` where none was asked for."""

    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    state: str = "estimate"

    def as_dict(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "unit": self.unit,
            "low": self.low,
            "high": self.high,
            "state": self.state,
        }


@dataclass(frozen=True)
class Row:
    """How a KPI is named, shown and explained. ``better``: the direction people want, ``None`` if neither."""

    key: str
    zh: str
    en: str
    unit: str
    group: Group
    better: Literal["up", "down"] | None
    digits: int
    definition_zh: str
    definition_en: str
    formula: str
    source: str
    compute: Callable[[Facts], float | None]


_OWN = "definition of this project"
_USUAL = "usual definition of the field"
KPIS: dict[str, Row] = {
    row.key: row
    for row in (
        Row(
            "flow_m3_h",
            "总采水量",
            "Total production",
            "m3/h",
            "productivity",
            None,
            0,
            "第一年全部开采井在运行期的平均流量之和。",
            "Water produced by all wells while they run, first year.",
            "sum(V_year1) / (24 d)",
            _USUAL,
            formulas.total_flow,
        ),
        Row(
            "thermal_power_mw",
            "热功率",
            "Heat power",
            "MW",
            "productivity",
            "up",
            2,
            "第一年供热季从热储取出的平均热功率(井底温度与回灌温度之差)。",
            "Heat drawn from the reservoir, mean over the first season: well bottom against reinjection.",
            "rho c Q (T_bottom - T_injection)",
            "004 eq. (1); volumetric heat capacity of the reservoir's water",
            lambda f: float(f.extracted_mw[0]),
        ),
        Row(
            "thermal_power_end_mw",
            "末年热功率",
            "Heat power, last year",
            "MW",
            "productivity",
            "up",
            2,
            "最后一年供热季的平均热功率。",
            "The same over the last season.",
            "rho c Q (T_bottom - T_injection)",
            "004 eq. (1)",
            lambda f: float(f.extracted_mw[-1]),
        ),
        Row(
            "annual_heat_gj",
            "年供热量",
            "Heat a year",
            "GJ/a",
            "productivity",
            "up",
            0,
            "送到用户的热量,全寿命年平均,含热泵与调峰;各类用热合计,不含冷与电。",
            "Heat delivered to users, mean over the life, heat pumps and peak boiler included; all uses of heat"
            " together, without cold and electricity.",
            "sum(E_t) / years",
            _USUAL,
            formulas.yearly_heat,
        ),
        Row(
            "electric_power_mw",
            "净发电功率",
            "Net electric power",
            "MW",
            "productivity",
            "up",
            2,
            "扣除井泵与厂用电后的发电功率,第一年平均;没有发电利用时为 0。",
            "Electricity generated net of well pumps and auxiliaries, mean over the first year's days of flow;"
            " 0 without a power use.",
            "P_plant - P_wells",
            "binary plant as in twin_models/uses/power.py",
            formulas.net_power,
        ),
        Row(
            "demand_met_pct",
            "需求满足率",
            "Demand met",
            "%",
            "productivity",
            "up",
            1,
            "供热量占年热需求的比例;未给定供暖面积时无定义。",
            "Heat delivered over the yearly demand; undefined when no heated area is given.",
            "100 sum(E_t) / sum(D_t)",
            _USUAL,
            formulas.met,
        ),
        Row(
            "spf",
            "系统能效比",
            "Seasonal performance",
            "-",
            "productivity",
            "up",
            1,
            "供热量与全部用电(井泵、热泵、循环泵)之比。",
            "Heat delivered over all electricity used: well pumps, heat pumps, circulation.",
            "sum(E_t) / sum(W_t)",
            "seasonal performance factor with well pumps; 004 gives 9.6",
            formulas.spf,
        ),
        Row(
            "breakthrough_years",
            "热突破时间",
            "Thermal breakthrough",
            "a",
            "sustainability",
            "up",
            1,
            "任一开采井温度首次下降(初始温度-回灌温度)的 1 % 的时间;期内未发生则为空。",
            "First time any producer has lost 1 % of (T_initial - T_injection); empty if never within the life.",
            "min t: T_0 - T(t) >= 0.01 (T_0 - T_inj)",
            "contract section 4",
            formulas.breakthrough,
        ),
        Row(
            "lifetime_years",
            "系统寿命",
            "Lifetime",
            "a",
            "sustainability",
            "up",
            1,
            "按流量加权的开采温度首次下降(初始温度-回灌温度)的 10 % 的时间;期内未发生则为空。",
            "First time the flow-weighted production temperature has lost 10 % of (T_initial - T_injection).",
            "min t: <T_0 - T(t)> >= 0.10 <T_0 - T_inj>",
            "contract section 4",
            formulas.lifetime,
        ),
        Row(
            "temperature_decline_k",
            "期末降温",
            "Temperature decline",
            "K",
            "sustainability",
            "down",
            2,
            "期末按流量加权的开采温度降幅。",
            "Fall of the flow-weighted production temperature at the end.",
            "<T_0 - T(end)>",
            _USUAL,
            formulas.decline,
        ),
        Row(
            "max_drawdown_bar",
            "最大降压",
            "Largest drawdown",
            "bar",
            "sustainability",
            "down",
            2,
            "开采井底压力降的最大值,含井损。",
            "Largest fall of pressure at a producer, well losses included.",
            "max(-dp)",
            "Peaceman well index in the engine",
            formulas.drawdown,
        ),
        Row(
            "max_injection_pressure_bar",
            "最大回灌升压",
            "Largest injection rise",
            "bar",
            "sustainability",
            "down",
            2,
            "回灌井底压力升的最大值,含井损。",
            "Largest rise of pressure at an injector, well losses included.",
            "max(dp)",
            "Peaceman well index in the engine",
            formulas.injection,
        ),
        Row(
            "reinjection_ratio_pct",
            "回灌率",
            "Reinjection",
            "%",
            "sustainability",
            "up",
            0,
            "回灌水量与开采水量之比。",
            "Volume injected over volume produced.",
            "100 V_in / V_out",
            _USUAL,
            formulas.returned,
        ),
        Row(
            "heat_recovery_pct",
            "热采收率",
            "Heat recovered",
            "%",
            "sustainability",
            None,
            2,
            "全寿命采出热量与井群范围内热储热量(高于地表年均温)之比;范围为井底凸包外扩采灌井距。",
            "Heat produced over the life against heat in place, above surface temperature, within the hull of the"
            " well targets widened by the producer-injector distance.",
            "100 sum(P_t t) / (A H')",
            "volumetric heat in place: USGS Circular 790; area by Steiner's formula",
            formulas.recovery,
        ),
        Row(
            "capex_cny",
            "总投资",
            "Investment",
            "CNY",
            "economics",
            "down",
            0,
            "建设期投资:新井、井场、管线、能源站,扣除补贴;已有井不计。",
            "Year-0 investment: new wells, pads, pipes, station, less subsidy; existing wells cost nothing.",
            "sum(quantity x unit cost) (1 + contingency)",
            "cost library, mostly 004 table 1",
            lambda f: f.flow.capex_cny,
        ),
        Row(
            "opex_cny_per_year",
            "年运行费",
            "Running cost",
            "CNY",
            "economics",
            "down",
            0,
            "电、燃料、人员、维护、资源税和设备更换,年平均。",
            "Electricity, fuel, staff, upkeep, resource tax and renewals, yearly mean.",
            "sum(O_t) / years",
            "cost library; electricity price of 004",
            lambda f: float(f.flow.costs_cny.sum() / f.plan.edges[-1]),
        ),
        Row(
            "lcoh_cny_per_gj",
            "平准化供热成本",
            "Levelised cost of heat",
            "CNY/GJ",
            "economics",
            "down",
            2,
            "投资与折现运行费之和除以折现供热量(年末折现,不含基准方案);售冷、售电收入 B 抵扣费用。",
            "Investment and discounted costs over discounted heat, year-end, without the baseline; income B from"
            " cold and electricity is taken off the costs.",
            "(C + sum (O_t - B_t)/(1+r)^t) / sum E_t/(1+r)^t",
            "usual definition; GEOPHIRES-X compared",
            formulas.lcoh,
        ),
        Row(
            "npv_cny",
            "净现值",
            "Net present value",
            "CNY",
            "economics",
            "up",
            0,
            "相对基准方案的净现值,实际价,年末折现。",
            "Net present value above the stated baseline, real money, year-end discounting.",
            "sum CF_t/(1+r)^t, t = 0..n",
            _USUAL,
            lambda f: float(npv(f.flow.flows_cny, f.terms.discount_rate)),
        ),
        Row(
            "irr_pct",
            "内部收益率",
            "Rate of return",
            "%",
            "economics",
            "up",
            1,
            "使净现值为零的折现率;没有或不唯一时为空。",
            "Discount rate at which the net present value is zero; empty when there is none or several.",
            "NPV(irr) = 0",
            _USUAL,
            formulas.rate_of_return,
        ),
        Row(
            "payback_years",
            "静态回收期",
            "Payback",
            "a",
            "economics",
            "down",
            1,
            "累计净收益首次抵偿投资的时间,年内线性内插。",
            "First time cumulative net income has repaid the investment, interpolated inside the year.",
            "min t: sum CF >= 0",
            "004: N = C / (income - opex)",
            lambda f: formulas.finite(payback(f.flow.flows_cny)[0]),
        ),
        Row(
            "discounted_payback_years",
            "动态回收期",
            "Discounted payback",
            "a",
            "economics",
            "down",
            1,
            "按折现现金流计算的回收期。",
            "The same with discounted cash flows.",
            "min t: sum CF/(1+r)^t >= 0",
            _USUAL,
            lambda f: formulas.finite(payback(f.flow.flows_cny, f.terms.discount_rate)[0]),
        ),
        Row(
            "probability_npv_negative_pct",
            "亏损概率",
            "Probability of a loss",
            "%",
            "economics",
            "down",
            0,
            "在给定的不确定性下净现值为负的概率。",
            "Probability that the net present value is negative under the stated uncertainties.",
            "share of draws with NPV < 0",
            "scenarios/uncertainty",
            lambda f: None,
        ),
        Row(
            "co2_avoided_t_per_year",
            "CO2 减排",
            "CO2 avoided",
            "t/a",
            "environment",
            "up",
            0,
            "基准方案排放减去本方案用电与燃料排放。",
            "Emissions of the stated baseline minus those of the scheme's own electricity and fuel.",
            "E/eta f_fuel + (W_base - W) f_grid - F f_fuel",
            "assets/factors.yaml",
            formulas.co2,
        ),
        Row(
            "coal_replaced_tce_per_year",
            "替代标煤",
            "Coal replaced",
            "tce/a",
            "environment",
            "up",
            0,
            "基准锅炉为同等供热量所需燃料,折标准煤。",
            "Fuel that the baseline's boiler would burn for the same heat, as standard coal.",
            "E / (29.3076 GJ/tce eta)",
            "assets/factors.yaml",
            formulas.coal_tce,
        ),
        Row(
            "so2_avoided_t_per_year",
            "SO2 减排",
            "SO2 avoided",
            "t/a",
            "environment",
            "up",
            1,
            "按惯用系数(未脱硫锅炉)计;仅当基准为燃煤锅炉。",
            "By the customary factor of an unabated boiler; only against a coal boiler.",
            "tce x 16.5 kg",
            "factor implied by 004",
            formulas.coal_emission("coal_so2_kg_per_tce"),
        ),
        Row(
            "dust_avoided_t_per_year",
            "粉尘减排",
            "Dust avoided",
            "t/a",
            "environment",
            "up",
            1,
            "按惯用系数(未除尘锅炉)计;仅当基准为燃煤锅炉。",
            "By the customary factor of an unabated boiler; only against a coal boiler.",
            "tce x 9.6 kg",
            "factor implied by 004",
            formulas.coal_emission("coal_dust_kg_per_tce"),
        ),
    )
}


def compute(facts: Facts) -> dict[str, float | None]:
    """Every KPI of the table, key -> value (``None`` where undefined)."""
    return {key: row.compute(facts) for key, row in KPIS.items()}


def as_markdown() -> str:
    """The table as the page ``docs/kpis.md`` has it."""
    lines = [
        "# What each figure means",
        "",
        "Written from `scenarios/kpis.py` (`python -m scenarios.kpis > docs/kpis.md`); a test keeps the two equal.",
        "Money is real CNY, discounted at year ends; a year has 365.25 days. Bands are P10 and P90 (80 %).",
    ]
    for group in ("productivity", "sustainability", "economics", "environment"):
        lines += ["", f"## {group.capitalize()}"]
        for row in (row for row in KPIS.values() if row.group == group):
            lines += [
                "",
                f"### {row.zh} · {row.en} — `{row.key}` [{row.unit}]",
                "",
                f"{row.definition_zh}  ",
                row.definition_en,
                "",
                f"`{row.formula}` — {row.source}",
            ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_markdown(), end="")

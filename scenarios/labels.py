"""Words for what people change in a scheme, in both languages."""

from __future__ import annotations

import math

from scenarios.use_labels import USE_LABELS

COMPASS = ("E", "NE", "N", "NW", "W", "SW", "S", "SE")
COMPASS_ZH = ("东", "东北", "北", "西北", "西", "西南", "南", "东南")
KIND_ZH = {"producer": "开采井", "injector": "回灌井", "storage": "储能井", "monitor": "监测井"}
KIND_EN = {
    "producer": "producer",
    "injector": "injector",
    "storage": "storage well",
    "monitor": "monitoring well",
}

# path of a value in a scheme file -> (Chinese, English); what is not here is shown by its path
_LABELS = {
    "years": ("运行年限", "years of operation"),
    "season_days": ("每年运行天数", "days of operation a year"),
    "seed": ("随机种子", "random seed"),
    "uses.heating.area_m2": ("供暖面积 m²", "heated area m²"),
    "uses.heating.load_w_m2": ("平均热负荷 W/m²", "mean heat load W/m²"),
    "uses.heating.design_load_w_m2": ("设计热负荷 W/m²", "design heat load W/m²"),
    "uses.heating.season_days": ("供暖季天数", "heating season, days"),
    "uses.heating.supply_degc": ("供水温度 °C", "network supply °C"),
    "uses.heating.return_degc": ("回水温度 °C", "network return °C"),
    "uses.heating.approach_k": ("换热端差 K", "exchanger approach K"),
    "uses.heating.mode": ("供热方式", "way of heating"),
    "uses.heating.heat_pump": ("热泵", "heat pumps"),
    "uses.heating.heat_pump.cop": ("热泵 COP", "heat pump COP"),
    "uses.heating.heat_pump.tail_degc": ("热泵尾水温度 °C", "tail temperature behind heat pumps °C"),
    "uses.heating.heat_pump.capacity_mw": ("热泵容量 MW", "heat pump capacity MW"),
    "uses.heating.peak_boiler": ("调峰锅炉", "peak boiler"),
    "uses.heating.peak_boiler.fuel": ("调峰燃料", "peak boiler fuel"),
    "uses.heating.network_loss_pct": ("管网热损失 %", "network loss %"),
    "uses.pumping.efficiency": ("水泵效率", "pump efficiency"),
    "uses.pumping.static_level_m": ("静水位埋深 m", "resting water level m"),
    "economics.discount_rate": ("折现率", "discount rate"),
    "economics.heat_price_cny_per_gj": ("热价 元/GJ", "heat price CNY/GJ"),
    "economics.heat_price_cny_per_m2": ("热价 元/m²", "heat price CNY/m²"),
    "economics.electricity_price_cny_per_kwh": ("电价 元/kWh", "electricity price CNY/kWh"),
    "economics.fuel_price_cny_per_gj": ("燃料价 元/GJ", "fuel price CNY/GJ"),
    "economics.staff": ("员工人数", "staff"),
    "economics.resource_tax_cny_per_m3": ("资源税 元/m³", "resource tax CNY/m³"),
    "economics.subsidy_cny": ("补贴 元", "subsidy CNY"),
    "economics.heat_subsidy_cny_per_gj": ("供热补贴 元/GJ", "subsidy on heat CNY/GJ"),
    "economics.heat_subsidy_years": ("供热补贴年限", "years of the subsidy on heat"),
    "economics.income_tax_pct": ("所得税率 %", "tax on profit %"),
    "economics.depreciation_years": ("折旧年限", "years of depreciation"),
    "economics.include_existing": ("计入既有井投资", "price existing wells as new"),
    "economics.grid": ("电网", "power grid"),
    "economics.grid_co2_kg_per_kwh": ("电网排放因子 kg/kWh", "grid emission factor kg/kWh"),
    "economics.baseline.kind": ("基准供热方式", "baseline"),
    "economics.baseline.electricity_kwh_per_gj": ("基准单位热量耗电 kWh/GJ", "baseline electricity kWh/GJ"),
    "economics.baseline.income_cny_per_year": ("基准年收入 元/a", "baseline income CNY/year"),
    "economics.baseline.cost_cny_per_year": ("基准年费用 元/a", "baseline cost CNY/year"),
    "economics.baseline.boiler_efficiency": ("基准锅炉效率", "baseline boiler efficiency"),
}


def label(path: str) -> tuple[str, str]:
    """(Chinese, English) name of a value of a scheme file."""
    return _LABELS.get(path) or USE_LABELS.get(path, (path, path))


def direction(dx_m: float, dy_m: float) -> tuple[str, str]:
    """The nearest of eight compass directions of a step, (Chinese, English); empty for no step."""
    if math.hypot(dx_m, dy_m) in (0.0, math.inf) or math.isnan(dx_m + dy_m):
        return "", ""
    index = round(math.atan2(dy_m, dx_m) / (math.pi / 4)) % 8
    return COMPASS_ZH[index], COMPASS[index]


def short_number(value: float) -> str:
    """Four figures, or whole numbers from 10 000."""
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"

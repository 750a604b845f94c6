"""Words for the settings of the uses beside heating: field -> (Chinese, English), put under each use's path."""

from __future__ import annotations

_POWER = {
    "capacity_mw": ("装机容量 MW", "plant size MW"),
    "minimum_degc": ("最低发电水温 °C", "coldest water for power °C"),
    "own_use_pct": ("厂用电率 %", "plant's own use %"),
    "price_cny_per_kwh": ("上网电价 元/kWh", "price of electricity sold CNY/kWh"),
}
_COOLING = {
    "area_m2": ("供冷面积 m²", "cooled area m²"),
    "load_w_m2": ("平均冷负荷 W/m²", "mean cooling load W/m²"),
    "season_days": ("供冷季天数", "cooling season, days"),
    "chilled_degc": ("蒸发器平均温度 °C", "mean evaporator temperature °C"),
    "recooling_degc": ("冷却水平均温度 °C", "mean recooling temperature °C"),
    "minimum_degc": ("发生器最低温度 °C", "coldest generator °C"),
    "approach_k": ("换热端差 K", "exchanger approach K"),
    "generator_glide_k": ("热水温降 K", "cooling of the hot water K"),
    "power_per_cold": ("单位冷量耗电", "electricity per cold"),
    "price_cny_per_gj": ("冷价 元/GJ", "price of cold CNY/GJ"),
}
_DRYING = {
    "feed_t_per_day": ("湿料处理量 t/d", "wet feed t/d"),
    "moisture_in_pct": ("进料含水率 %", "moisture of the feed %"),
    "moisture_out_pct": ("成品含水率 %", "moisture of the product %"),
    "season_days": ("烘干季天数", "drying season, days"),
    "season": ("烘干季节", "drying season"),
    "air_degc": ("干燥风温 °C", "drying air °C"),
    "minimum_air_degc": ("最低风温 °C", "coldest drying air °C"),
    "wet_bulb_degc": ("湿球温度 °C", "wet bulb °C"),
    "approach_k": ("加热器端差 K", "air heater approach K"),
    "outlet_degc": ("最低出水温度 °C", "coldest outlet °C"),
    "efficiency": ("干燥热效率", "thermal efficiency of the dryer"),
    "fan_kwh_per_t_water": ("风机电耗 kWh/t 水", "fans kWh per tonne of water"),
    "price_cny_per_gj": ("工业热价 元/GJ", "price of process heat CNY/GJ"),
}
_AGRICULTURE = {
    "greenhouse_m2": ("温室面积 m²", "greenhouse floor m²"),
    "cover": ("温室覆盖材料", "greenhouse cover"),
    "cover_ratio": ("覆盖面积比", "cover over floor area"),
    "height_m": ("温室高度 m", "greenhouse height m"),
    "air_changes_per_h": ("换气次数 1/h", "air changes 1/h"),
    "indoor_degc": ("室内温度 °C", "temperature inside °C"),
    "sun_used_pct": ("太阳得热利用率 %", "sun used %"),
    "supply_degc": ("温室供水 °C", "greenhouse supply °C"),
    "return_degc": ("温室回水 °C", "greenhouse return °C"),
    "ponds_m2": ("养殖水面 m²", "fish ponds m²"),
    "pond_degc": ("池水温度 °C", "pond temperature °C"),
    "pond_depth_m": ("池深 m", "pond depth m"),
    "pond_renewal_pct_per_day": ("日换水率 %", "pond water renewed a day %"),
    "fresh_degc": ("补水温度 °C", "fresh water °C"),
    "approach_k": ("换热端差 K", "exchanger approach K"),
    "power_per_heat": ("单位热量耗电", "electricity per heat"),
    "price_cny_per_gj": ("农业热价 元/GJ", "price of greenhouse heat CNY/GJ"),
}
_WELLNESS = {
    "pools_m2": ("泡池水面 m²", "pools m²"),
    "pool_degc": ("池水温度 °C", "pool temperature °C"),
    "supply_above_k": ("供水高于池水 K", "supply above the pool K"),
    "outdoor_pct": ("室外泡池比例 %", "outdoor pools %"),
    "depth_m": ("池深 m", "pool depth m"),
    "renewal_pct_per_day": ("日换水率 %", "pool water renewed a day %"),
    "visitors_per_day": ("日均游客", "visitors a day"),
    "shower_l_per_visitor": ("人均淋浴用水 L", "shower water per visitor L"),
    "fresh_degc": ("补水温度 °C", "fresh water °C"),
    "heat_recovery_pct": ("排水热回收率 %", "heat recovered from waste water %"),
    "air_degc": ("室内气温 °C", "air inside °C"),
    "humidity_pct": ("室内湿度 %", "humidity inside %"),
    "activity": ("水面活动系数", "activity factor"),
    "approach_k": ("换热端差 K", "exchanger approach K"),
    "power_per_heat": ("单位热量耗电", "electricity per heat"),
    "price_cny_per_gj": ("康养热价 元/GJ", "price of spa heat CNY/GJ"),
}
_SYSTEM = {
    "tank.volume_m3": ("蓄热罐容积 m³", "tank m³"),
    "tank.usable_k": ("蓄热罐可用温差 K", "tank, usable difference K"),
    "tank.loss_w_m2k": ("罐壁散热 W/(m² K)", "tank wall loss W/(m² K)"),
    "tank.power_mw": ("充放热功率 MW", "tank power MW"),
    "aquifer.volume_m3": ("季节储热含水层体积 m³", "seasonal store, rock m³"),
    "aquifer.usable_k": ("储热可用温差 K", "store, usable difference K"),
    "aquifer.power_mw": ("储热充放热功率 MW", "store power MW"),
    "aquifer.loss_pct_per_month": ("储热月损失 %", "store loss a month %"),
    "aquifer.kwh_per_mwh": ("储热泵电耗 kWh/MWh", "store pumps kWh/MWh"),
    "network.length_m": ("供热管网长度 m", "network length m"),
    "network.dn": ("管网公称直径", "network nominal width"),
    "network.ground_degc": ("管道埋深地温 °C", "ground at the pipes °C"),
    "network.friction_pa_per_m": ("管网比摩阻 Pa/m", "network friction Pa/m"),
    "tariff.valley_factor": ("谷段电价系数", "valley price factor"),
    "tariff.peak_factor": ("峰段电价系数", "peak price factor"),
    "tariff.valley_hours": ("谷段小时", "valley hours"),
    "tariff.peak_hours": ("峰段小时", "peak hours"),
    "tariff.own_power": ("自发电用法", "own power"),
}
USE_LABELS: dict[str, tuple[str, str]] = {
    f"uses.{use}.{key}": words
    for use, table in (
        ("power", _POWER),
        ("heating.cooling", _COOLING),
        ("drying", _DRYING),
        ("agriculture", _AGRICULTURE),
        ("wellness", _WELLNESS),
        ("system", _SYSTEM),
    )
    for key, words in table.items()
} | {
    "uses.heating": ("供暖与制冷", "heating and cooling"),
    "uses.heating.cooling": ("吸收式制冷", "absorption cooling"),
    "uses.order": ("梯级顺序", "order of the cascade"),
    "uses.system": ("能源系统", "energy system"),
    "uses.system.tank": ("蓄热罐", "hot water tank"),
    "uses.system.aquifer": ("季节性含水层储热", "seasonal aquifer store"),
    "uses.system.network": ("供热管网", "heat network"),
    "uses.system.tariff": ("分时电价", "tariff by time"),
    "uses.power": ("发电", "power"),
    "uses.drying": ("工业烘干", "drying"),
    "uses.agriculture": ("农业", "agriculture"),
    "uses.wellness": ("文旅康养", "wellness"),
}

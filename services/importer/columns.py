"""What each table may hold: columns with the names people give them, units and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from twin_models.site_tables import COORDINATE_M

Kind = Literal["text", "number", "choice", "flag"]


@dataclass(frozen=True)
class Column:
    """``quantity``: key of ``units.UNITS`` for numbers. ``default``: used (and said) where nothing is given.

    ``names``: other heads, lower case, without unit. ``words``: what a choice may be called.
    """

    key: str
    kind: Kind = "text"
    quantity: str = ""
    low: float = -COORDINATE_M
    high: float = COORDINATE_M
    required: bool = False
    default: object = None
    names: tuple[str, ...] = ()
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()


WELL_KINDS = (
    ("producer", ("p", "prod", "production", "extraction", "开采井", "采水井", "生产井", "采")),
    ("injector", ("i", "inj", "injection", "reinjection", "回灌井", "注入井", "灌")),
    ("storage", ("s", "ates", "储能井")),
    ("monitor", ("m", "observation", "monitoring", "监测井", "观测井")),
)
ROLES = (
    ("cap", ("cover", "seal", "盖层")),
    ("reservoir", ("aquifer", "热储", "储层", "热储层")),
    ("deep", ("below", "深部")),
    ("basement", ("base", "基底", "基岩")),
)
PLACE = (
    Column(
        "x", "number", "length", names=("easting", "east", "target_x", "x坐标", "东坐标"), low=-1e8, high=1e8
    ),
    Column(
        "y",
        "number",
        "length",
        names=("northing", "north", "target_y", "y坐标", "北坐标"),
        low=-1e8,
        high=1e8,
    ),
    Column("lon", "number", "degrees", names=("longitude", "lng", "经度"), low=-180.0, high=180.0),
    Column("lat", "number", "degrees", names=("latitude", "纬度"), low=-85.0, high=85.0),
)
NAMES = (
    Column("name", names=("well", "well_name", "id", "名称", "井名", "井号", "层位", "地层", "断层")),
    Column("name_zh", names=("中文名",)),
    Column("name_en", names=("english",)),
)
TABLES: dict[str, tuple[Column, ...]] = {
    "wells": (
        Column("name", required=True, names=("well", "well_name", "id", "名称", "井名", "井号")),
        Column("kind", "choice", required=True, names=("type", "use", "类型", "井别", "井型"), words=WELL_KINDS),
        *PLACE,
        Column("head_x", "number", "length", names=("wellhead_x", "surface_x", "井口x"), low=-1e8, high=1e8),
        Column("head_y", "number", "length", names=("wellhead_y", "surface_y", "井口y"), low=-1e8, high=1e8),
        Column("head_lon", "number", "degrees", low=-180.0, high=180.0, names=("井口经度",)),
        Column("head_lat", "number", "degrees", low=-85.0, high=85.0, names=("井口纬度",)),
        Column("pad", names=("platform", "井场", "平台")),
        Column("rate", "number", "rate", -1000.0, 1000.0, names=("flow", "flow_rate", "q", "流量", "水量", "采水量")),
        Column(
            "temperature", "number", "temperature", 0.0, 150.0,
            names=("injection_temperature", "回灌温度", "注入温度"),
        ),
        Column("existing", "flag", default=True, names=("drilled", "既有", "已有")),
    ),
    "layers": (
        *NAMES,
        Column("top", "number", "length", 0.0, 20_000.0, True, names=("top_depth", "顶深", "顶面埋深", "顶板埋深")),
        Column("base", "number", "length", 0.0, 20_000.0, names=("bottom", "base_depth", "底深", "底面埋深", "底板埋深")),
        Column("thickness", "number", "length", 0.01, 5_000.0, names=("厚度",)),
        Column("role", "choice", required=True, names=("type", "作用", "类型"), words=ROLES),
        Column("porosity", "number", "fraction", 0.0, 0.99, names=("phi", "孔隙度")),
        Column("permeability", "number", "permeability", 0.0, 1e7, names=("perm", "k", "渗透率")),
        Column("temperature", "number", "temperature", 0.0, 400.0, names=("temp", "温度", "热储温度")),
        Column("net_to_gross", "number", "fraction", 0.001, 1.0, default=1.0, names=("ntg", "净毛比", "砂厚比")),
        Column("kv_kh", "number", "fraction", 0.0, 10.0, default=0.1),
        Column("conductivity", "number", "conductivity", 0.1, 20.0, default=2.5, names=("热导率", "导热系数")),
        Column(
            "rock_heat_capacity", "number", "heat_capacity", 0.1, 10.0, default=2.2,
            names=("heat_capacity", "体积热容"),
        ),
    ),
    "faults": (
        *NAMES,
        *PLACE,
        Column("dip", "number", "angle", 1.0, 90.0, default=90.0, names=("倾角",)),
        Column("dip_to", "number", "angle", 0.0, 360.0, default=0.0, names=("dip_direction", "倾向")),
        Column("main", "flag", default=False, names=("major", "主断层", "主断裂")),
    ),
    "boundary": (*NAMES, *PLACE),
    "pads": (
        Column("name", required=True, names=("pad", "id", "platform", "名称", "井场", "平台")),
        *PLACE,
        Column("existing", "flag", default=True, names=("built", "既有", "已有")),
    ),
}  # fmt: skip
SHAPE_OF = {"wells": "point", "pads": "point", "faults": "line", "boundary": "polygon"}
CURVES = {  # what a log may tell about a layer -> curve names, as vendors write them
    "temperature": ("temp", "temperature", "tmp", "btemp", "wtep", "温度"),
    "porosity": ("por", "poro", "porosity", "phi", "phit", "phie", "nphi", "孔隙度"),
    "permeability": ("perm", "permeability", "k", "kint", "渗透率"),
}
YES = ("true", "1", "yes", "y", "是", "有")
NO = ("false", "0", "no", "n", "否", "无")

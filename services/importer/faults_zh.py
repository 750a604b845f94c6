"""The Chinese of an import's faults: sentence by pattern, place by its parts. What is not here stays English."""

from __future__ import annotations

import re

from scenarios.faults_zh import chinese
from twin_models.errors import Fault

_GOT = r"(?:, got (?P<got>.*?))?"
_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"has no heads in its first row", "第一行没有列名"),
    (r"has no rows", "没有数据行"),
    (r"holds no file that could be read", "没有可读的文件"),
    (r"is a second polygon; one boundary is taken", "有第二个多边形；边界只取一个"),
    (r"is empty", "为空"),
    (r"is empty, and no thickness is given either", "为空，也没有给厚度"),
    (
        r"is empty: a place needs x and y, lon and lat, or a point",
        "为空：位置需要 x 与 y、经度与纬度或点图形",
    ),
    (
        r"is missing: local metres need the longitude and latitude of their zero",
        "缺少：局部坐标需要原点的经纬度",
    ),
    (r"is needed for a reservoir, and no log covers this layer", "热储层必须给出，且没有测井覆盖该层"),
    (r"is there twice", "重复出现"),
    (r"must be above 0 in a reservoir", "热储层中应大于 0"),
    (r"must be a printable text of at most 80 signs", "应为不超过 80 个字符的可见文字"),
    (r"must have a row whose role is reservoir", "至少要有一行的作用（role）为热储"),
    (r"stands outside the boundary", "位于边界之外"),
    (r"a site named (?P<a>'.*?') is there already.*", "已有名为 {a} 的场地，请换一个名称"),
    (r"has coordinates that are no places in (?P<a>.*)", "坐标不在 {a} 的有效范围内"),
    (r"has the unit (?P<a>'.*'), which is not known for (?P<b>.*)", "单位 {a} 不适用于 {b}"),
    (r"is needed for every (?P<a>.*)", "每口{a}都必须给出"),
    (
        r"is neither UTF-8 nor GB 18030 text \(byte (?P<a>\d+)\)",
        "既不是 UTF-8 也不是 GB 18030 文本（字节 {a}）",
    ),
    (r"is no proper polygon: (?P<a>.*)", "不是有效的多边形：{a}"),
    (r"is not a table \((?P<a>.*)\)", "不是表格（{a}）"),
    (r"is not a usable zip \((?P<a>.*)\)", "不是可用的 zip（{a}）"),
    (r"is not valid GeoJSON \((?P<a>.*)\)", "不是有效的 GeoJSON（{a}）"),
    (r"is not valid YAML \((?P<a>.*)\)", "不是有效的 YAML（{a}）"),
    (r"is the same as in row (?P<a>\d+)", "与第 {a} 行相同"),
    (r"is the same place as (?P<a>'.*') in row (?P<b>\d+)", "与第 {b} 行的 {a} 在同一位置"),
    (r"must be a finite number" + _GOT, "应为有限的数字{got}"),
    (r"must be a number, got (?P<got>'.*?')(?P<a> .*)?", "应为数字{got}"),
    (r"must be yes or no" + _GOT, "应为是或否{got}"),
    (r"must be an? (?P<a>\w+)" + _GOT, "图形应为 {a}{got}"),
    (r"must be at least 0 for a (?P<a>.*?), got (?P<got>.*)", "{a}的流量应不小于 0{got}"),
    (r"must be deeper than the top at (?P<a>\S+) m" + _GOT, "应比顶面 {a} m 更深{got}"),
    (r"must not be above (?P<a>\S+) m, the base of (?P<b>'.*?')" + _GOT, "不应高于 {b} 的底面 {a} m{got}"),
    (
        r"must be lower case letters, digits and single dashes.*?" + _GOT,
        "名称应为小写字母、数字与单个连字符{got}",
    ),
    (r"must have at least 2 different points" + _GOT, "至少要有 2 个不同的点{got}"),
    (r"must have at least 3 corners" + _GOT, "至少要有 3 个角点{got}"),
    (r"must have at most (?P<a>\d+) rows" + _GOT, "最多 {a} 行{got}"),
    (r"must hold at most (?P<a>\d+) files" + _GOT, "最多 {a} 个文件{got}"),
    (
        r"must have at least one existing well that moves water.*",
        "至少要有一口已有的采水或注水井：首个方案表示现状",
    ),
    (r"names the pad (?P<a>'.*'), which is not in the table of pads", "井台 {a} 不在井台表中"),
    (r"names (?P<a>'.*'), which is not there", "所指的 {a} 不存在"),
    (r"names the column (?P<a>'.*'), which is not in (?P<b>.*)", "所指的列 {a} 不在 {b} 中"),
    (r"no coarser site is named (?P<a>'.*')", "没有名为 {a} 的上级场地"),
    (r"no table of (?P<a>\w+): .*", "缺少 {a} 表：需要文件 {a}.csv、{a}.geojson 或 GeoPackage 图层 {a}"),
    (r"stands for (?P<a>\S+) already", "已对应 {a}"),
    (r"(?P<a>.*) is not a known reference system", "{a} 不是已知的坐标系"),
    (r"is of a kind that is not taken: .*", "文件类型不被接受"),
    (r"has a name that is not taken: .*", "文件名不被接受"),
    (r"line (?P<a>\d+): anchors and aliases are not taken", "第 {a} 行：不接受锚点与别名"),
    (r"must be at most (?P<a>\d+) bytes" + _GOT, "最大 {a} 字节{got}"),
    (r"must be local, lonlat or EPSG:<number>" + _GOT, "应为 local、lonlat 或 EPSG:编号{got}"),
)
_PATTERNS = tuple((re.compile(english), words) for english, words in _SENTENCES)
_WORDS = {"producer": "开采井", "injector": "回灌井", "storage": "储能井", "monitor": "监测井", "well": "井"}


def sentence_zh(text: str) -> str:
    """A fault's sentence in Chinese; the shared sentences of schemes where this table has none."""
    for pattern, words in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            parts = {k: _WORDS.get(v, v) for k, v in found.groupdict().items() if v is not None}
            got = f"，实际为 {parts['got']}" if parts.get("got") else ""
            return words.format(**{**parts, "got": got})
    return chinese(text)


def place_zh(fault: Fault) -> str:
    """Where: file, row and column."""
    at = fault.context
    if at.get("file") and at.get("row"):
        column = f"，{at['column']} 列" if at.get("column") else ""
        return f"{at['file']} 第 {at['row']} 行{column}"
    return re.sub(r", column (.*)", r"，\1 列", re.sub(r", row (\d+)", r" 第 \1 行", fault.field))

"""The Chinese sentence of a fault, from its English one.

Faults are written in English where they arise; the sentences are few and regular, so one table of patterns
says them in Chinese. What is not in the table stays English.
"""

from __future__ import annotations

import re
from dataclasses import replace

from twin_models.errors import Fault

_HINT = r'(?:; did you mean "(?P<hint>.*)"\?)?'
_GOT = r"(?:, got (?P<got>.*?))?"

# English (whole sentence) -> Chinese with the named parts
_SENTENCES: tuple[tuple[str, str], ...] = (
    (
        r"must be between load_w_m2 and twice that \((?P<a>\S+) to (?P<b>\S+)\)" + _GOT,
        "应在平均热负荷与其两倍之间({a} 至 {b}){got}",
    ),
    (rf"must be at least 1 K above return_degc{_GOT}", "应比回水温度至少高 1 K{got}"),
    (rf"must lie below the outlet of the first exchanger .*?{_GOT}", "应低于一级换热器出口温度{got}"),
    (r"cannot be given together with (?P<a>\S+)", "不能与 {a} 同时给出"),
    (r"is missing \(or ponds_m2\): there is nothing to heat", "缺少(或给出 ponds_m2):没有可供热的对象"),
    (rf"must be below moisture_in_pct{_GOT}", "应低于进料含水率{got}"),
    (
        rf"must be between wet_bulb_degc \+ 1 and air_degc \((?P<a>\S+) to (?P<b>\S+)\){_GOT}",
        "应在湿球温度加 1 与干燥风温之间({a} 至 {b}){got}",
    ),
    (r"hour (?P<a>\d+) cannot be a valley hour and a peak hour at once", "{a} 时不能既是谷段又是峰段"),
    (rf"must be at most peak_factor \((?P<a>\S+)\){_GOT}", "应不大于峰段系数 {a}{got}"),
    (r"serves the heating of buildings, which this scheme does without", "服务于建筑供暖,而本方案不供暖"),
    (r"is there already", "已经存在"),
    (r"(?P<a>\S+) is the same in all futures", "{a} 在所有未来中都相同,无法分解"),
    (r"(?P<a>\S+) is not a number in (?P<b>\d+) of (?P<c>\d+) futures", "{a} 在 {c} 个未来中有 {b} 个无定义"),
    (rf"must be between 0 and doublets{_GOT}", "应在 0 与井组数之间{got}"),
    (r"is false and no other use is named: .*", "不供暖也没有其他利用方式:热量无处可用"),
    (rf"must be below (?P<a>\d+){_GOT}", "应小于 {a}{got}"),
    (r"day, days and factor must not be negative", "时间、时长与系数不能为负"),
    (r"there is no producer to be drilled or kept running", "没有可钻或可运行的开采井"),
    (r"is missing \(a place needs both\)", "缺少:位置需要两个坐标"),
    (rf"must be between (?P<a>\S+) and (?P<b>\S+?){_GOT}", "应在 {a} 与 {b} 之间{got}"),
    (rf"must be above (?P<a>\S+), the (?:one|start of the step) before it{_GOT}", "应大于前一项 {a}{got}"),
    (rf"must be at least (?P<a>\S+?)(?: \(base of the layer above\))?{_GOT}", "应不小于 {a}{got}"),
    (rf"must be at most (?P<a>\S+?){_GOT}", "应不大于 {a}{got}"),
    (rf"must be a number{_GOT}", "应为数字{got}"),
    (rf"must be a finite number{_GOT}", "应为有限的数字{got}"),
    (rf"must be a whole number{_GOT}", "应为整数{got}"),
    (rf"must be a text{_GOT}", "应为文字{got}"),
    (rf"must be true or false{_GOT}", "应为 true 或 false{got}"),
    (rf"must be a list{_GOT}", "应为列表{got}"),
    (rf"must be (?:a mapping|an object){_GOT}", "应为对象{got}"),
    (rf"must be (?P<a>\d+) numbers{_GOT}", "应为 {a} 个数字{got}"),
    (rf"must be one of (?P<a>.*?){_GOT}{_HINT}", "应为以下之一:{a}{got}{hint}"),
    (rf'must be "(?P<a>[^"]*)"{_GOT}', "应为“{a}”{got}"),
    (r"is missing(?: \(a schedule may stand instead\))?", "缺少"),
    (r"is missing: this (?:storage well|step) injects water", "缺少:注水需要给定温度"),
    (rf"unknown key{_HINT}", "未知的键{hint}"),
    (r"unknown key; allowed: (?P<a>.*)", "未知的键;可用:{a}"),
    (r"is not known here; allowed: (?P<a>.*)", "未知的键;可用:{a}"),
    (rf"must have at least one well.*{_GOT}", "至少要有一口井"),
    (rf"must have at least (?P<a>\d+) entries{_GOT}", "至少要有 {a} 项{got}"),
    (rf"must have at most (?P<a>\d+) (?:entries|wells){_GOT}", "最多 {a} 项{got}"),
    (rf"must have at most (?P<a>\d+) characters{_GOT}", "最多 {a} 个字符{got}"),
    (r"must have between (?P<a>\d+) and (?P<b>\d+) characters", "应有 {a} 到 {b} 个字符"),
    (r"must be text of at most (?P<a>\d+) characters", "应为不超过 {a} 个字符的文字"),
    (r"must have a producer, an injector or a storage well, got none", "至少要有一口开采井、回灌井或储能井"),
    (
        r'must stand at least 1 m from (?P<a>wells\[\d+\]) "(?P<b>.*?)"' + _GOT,
        "与 {a}“{b}”的距离应不小于 1 m{got}",
    ),
    (r'"(?P<a>.*)" is also the name of (?P<b>wells\[\d+\])', "“{a}”与 {b} 重名"),
    (r'"(?P<a>.*)" is named twice', "“{a}”重复"),
    (
        rf'no layer "(?P<a>.*?)"; the layers are (?P<b>.*?){_HINT}',
        "没有名为“{a}”的层;已有:{b}{hint}",
    ),
    (rf'no well "(?P<a>.*?)"{_HINT}', "没有名为“{a}”的井{hint}"),
    (rf'no pad "(?P<a>.*?)"{_HINT}', "没有名为“{a}”的井台{hint}"),
    (r"no injector, and the boundary .*", "没有回灌井,而储层边界封闭:请加回灌井,或用定压边界"),
    (r"no producer, and the boundary .*", "没有开采井,而储层边界封闭:请加开采井,或用定压边界"),
    (r"a monitor has no rate: .*", "监测井没有流量"),
    (r"a monitor has no schedule", "监测井没有运行计划"),
    (r"must run from the head down: .*", "井轨迹应从井口向下"),
    (r"must start at the head .*", "井轨迹应从井口开始"),
    (r"is the same point as the one before it", "与前一点相同"),
    (r'exactly one of "site" and "reservoir" is needed, .*', "“site”与“reservoir”应给且只给其一"),
    (r'"(?P<a>.*)" holds no further values', "“{a}”下没有更多的值"),
    (r"is not the name of a value", "不是可设的值"),
    (r"not valid JSON: (?P<a>.*)", "不是有效的 JSON:{a}"),
    (rf"must have the shape \(ny, nx\) = (?P<a>\(.*?\)){_GOT}", "数组形状应为 (ny, nx) = {a}{got}"),
    (r"must be a number or rows of numbers, .*", "应为数字,或每行等长的数字表"),
    (r"must hold finite numbers only", "只能包含有限的数字"),
    (r"must lie between (?P<a>\S+) and (?P<b>\S+), got (?P<got>.*)", "应全部在 {a} 与 {b} 之间{got}"),
    (r"must include a layer with a permeability above 0", "至少要有一层渗透率大于 0"),
    (r"(?P<a>'.*') is there twice", "{a} 重复"),
    (r"makes (?P<a>\d+) cells, at most (?P<b>\d+)", "网格数 {a} 超过上限 {b}"),
    (rf'must be "water" or a number in mPa s{_GOT}', "应为 “water” 或以 mPa·s 为单位的数字{got}"),
    (r"no such file", "没有这个文件"),
    (r"the key stands twice in one object", "同一对象中键重复"),
)
_PATTERNS = tuple((re.compile(english), chinese) for english, chinese in _SENTENCES)


def chinese(text: str) -> str:
    """The Chinese of a fault's sentence; the sentence itself where there is none."""
    for pattern, answer in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            parts = found.groupdict()
            got = f",实际为 {parts['got']}" if parts.get("got") else ""
            hint = f";是否指“{parts['hint']}”?" if parts.get("hint") else ""
            return answer.format(**{**parts, "got": got, "hint": hint})
    return text


def in_both(fault: Fault) -> Fault:
    """The fault with its Chinese sentence in ``context["text_zh"]``."""
    if "text_zh" in fault.context:
        return fault
    return replace(fault, context={**fault.context, "text_zh": chinese(fault.text)})

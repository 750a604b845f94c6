"""Edits of what a scheme does with its heat: uses and parts of the energy system added, removed, sorted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scenarios.edits import Change, Edit, refusal
from scenarios.labels import label
from scenarios.schema_io import DoorReader, thaw
from scenarios.scheme import Scheme
from scenarios.scheme_file import read_part
from twin_models.uses import PLACES, USES, parse_uses

# What a use or a part begins with when it is added: the sizes it cannot do without.
STARTS: dict[str, Any] = {
    "heating": {},
    "power": {},
    "drying": {"feed_t_per_day": 10},
    "agriculture": {"greenhouse_m2": 5000},
    "wellness": {"pools_m2": 800},
    "heating.cooling": {"area_m2": 10000},
    "heating.heat_pump": {"tail_degc": 15},
    "heating.peak_boiler": {"fuel": "gas"},
    "system.tank": {"volume_m3": 500},
    "system.aquifer": {"volume_m3": 100000},
    "system.network": {"length_m": 2000},
    "system.tariff": {"valley_factor": 0.5, "peak_factor": 1.5},
}


def _replaced(scheme: Scheme, uses: Mapping[str, Any], edit: Edit) -> Change:
    """The scheme with those uses, checked as a file's would be."""
    reader = DoorReader()
    frozen = read_part(reader, {"uses": dict(uses)}, "uses")
    reader.done()
    return replace(scheme, uses=frozen), edit


def add_part(scheme: Scheme, path: str, *, heated: bool) -> Change:
    """Add a use (``drying``) or a part (``heating.heat_pump``, ``system.tank``) with the size it begins with.

    ``heated``: whether the scheme heats buildings now, said or not; that stays so when another use is named.
    """
    if path not in STARTS:
        raise refusal(f"uses.{path}", "unknown", f"must be one of {', '.join(STARTS)}, got {path}")
    whole = thaw(scheme.uses)
    inner = whole
    *parents, last = path.split(".")
    for key in parents:
        if not isinstance(inner.get(key), dict):
            inner[key] = {}
        inner = inner[key]
    if isinstance(inner.get(last), dict):
        raise refusal(f"uses.{path}", "conflict", "is there already")
    inner[last] = thaw(STARTS[path])
    if heated and path in USES and whole.get("heating") is None:
        whole["heating"] = {}
    zh, en = label(f"uses.{path}")
    return _replaced(
        scheme, whole, Edit("add_part", {"path": path, "heated": heated}, f"增加{zh}", f"Add {en}")
    )


def remove_part(scheme: Scheme, path: str) -> Change:
    """Take a use or a part away; without heating something else must be there to use the heat."""
    if path not in STARTS:
        raise refusal(f"uses.{path}", "unknown", f"must be one of {', '.join(STARTS)}, got {path}")
    whole = thaw(scheme.uses)
    inner = whole
    *parents, last = path.split(".")
    for key in parents:
        inner = inner.get(key) if isinstance(inner.get(key), dict) else {}
    if path == "heating":
        whole["heating"] = False
    else:
        inner.pop(last, None)
        if whole.get("system") == {}:
            whole.pop("system")
    zh, en = label(f"uses.{path}")
    return _replaced(scheme, whole, Edit("remove_part", {"path": path}, f"移除{zh}", f"Remove {en}"))


def move_place(scheme: Scheme, name: str, *, step: int, now: tuple[str, ...]) -> Change:
    """Move a place of the cascade up (-1) or down (1); ``now``: all its places in their order."""
    if name not in now:
        raise refusal("uses.order", "unknown", f"must be one of {', '.join(now)}, got {name}")
    at = now.index(name)
    to = min(max(at + (1 if step > 0 else -1), 0), len(now) - 1)
    order = [n for n in now if n != name]
    order.insert(to, name)
    zh, en = label(f"uses.{name}")
    whole = {**thaw(scheme.uses), "order": order}
    up = step < 0
    edit = Edit(
        "move_place",
        {"name": name, "step": step, "now": list(now)},
        f"{zh}在梯级中{'提前' if up else '后移'}",
        f"{en} {'earlier' if up else 'later'} in the cascade",
    )
    return _replaced(scheme, whole, edit)


def hottest_first(scheme: Scheme) -> Change:
    """Back to the order of the temperatures that the uses require."""
    whole = thaw(scheme.uses)
    whole.pop("order", None)
    return _replaced(scheme, whole, Edit("hottest_first", {}, "梯级按温度排序", "Cascade hottest first"))


def places_of(uses: Mapping[str, Any]) -> tuple[str, ...]:
    """Places of the cascade that a scheme's uses have, in the order in which water passes them."""
    found = parse_uses(thaw(uses) if not isinstance(uses, dict) else uses)
    names = [step.name for step in found.steps]
    if found.heated:
        names.append("heating")
    return tuple(sorted(names, key=PLACES.index))

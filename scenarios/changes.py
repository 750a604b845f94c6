"""What changed in the inputs between two schemes: grouped, in words, in both languages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scenarios.labels import KIND_EN, KIND_ZH, direction, label, short_number
from scenarios.scheme import Scheme, SchemeWell
from twin_models.types import Well

Group = Literal["wells", "surface", "economics", "scheme"]
GROUPS: tuple[Group, ...] = ("wells", "surface", "economics", "scheme")
NAMED = 3  # wells that a line names before it only counts them
MOVED_M = 0.05


@dataclass(frozen=True)
class Change:
    """One line of the list. ``wells``: the wells it speaks of; ``before``, ``after``: values as in a file."""

    group: Group
    kind: str
    wells: tuple[str, ...]
    before: Any
    after: Any
    text_zh: str
    text_en: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "group": self.group,
            "kind": self.kind,
            "wells": list(self.wells),
            "before": self.before,
            "after": self.after,
            "text": {"zh": self.text_zh, "en": self.text_en},
        }


def what_changed(a: Scheme, b: Scheme) -> list[Change]:
    """What ``b`` has otherwise than ``a``: wells first, then surface, money, and the scheme as a whole."""
    pairs, renamed, added, removed = _matched(a, b)
    found = [*_removed(removed), *_added(added), *_renamed(renamed)]
    found += [*_moves(pairs), *_values(pairs)]
    found += _leaves("surface", "uses", a.uses, b.uses)
    found += _leaves("economics", "economics", a.economics, b.economics)
    found += _whole(a, b)
    return found


_Pairs = list[tuple[SchemeWell, SchemeWell]]


def _matched(a: Scheme, b: Scheme) -> tuple[_Pairs, _Pairs, list[SchemeWell], list[SchemeWell]]:
    """Wells of both schemes by name; one that only changed its name is found by place and kind."""
    old = {w.name: w for w in a.wells}
    new = {w.name: w for w in b.wells}
    pairs = [(old[name], well) for name, well in new.items() if name in old]
    removed = [w for name, w in old.items() if name not in new]
    added = [w for name, w in new.items() if name not in old]
    renamed: _Pairs = []
    for well in list(added):
        same = [w for w in removed if w.kind == well.kind and _step(w, well) < MOVED_M]
        if same:
            renamed.append((same[0], well))
            removed.remove(same[0])
            added.remove(well)
    return [*pairs, *renamed], renamed, added, removed


def _step(a: SchemeWell, b: SchemeWell) -> float:
    return math.hypot(b.x_m - a.x_m, b.y_m - a.y_m)


def names(wells: tuple[str, ...]) -> tuple[str, str]:
    """(Chinese, English) list of wells, cut to a readable length."""
    if len(wells) <= NAMED:
        return "、".join(wells), ", ".join(wells)
    shown = wells[:NAMED]
    more = len(wells) - NAMED
    return f"{'、'.join(shown)} 等 {len(wells)} 口井", f"{', '.join(shown)} and {more} more"


def _removed(wells: list[SchemeWell]) -> list[Change]:
    out = []
    for kind in KIND_ZH:
        these = tuple(w.name for w in wells if w.kind == kind)
        if these:
            zh, en = names(these)
            what = (f"取消{KIND_ZH[kind]} {zh}", f"Removed {_count(kind, len(these))} {en}")
            out.append(Change("wells", "removed", these, kind, None, *what))
    return out


def _added(wells: list[SchemeWell]) -> list[Change]:
    out = []
    for kind in KIND_ZH:
        these = tuple(w.name for w in wells if w.kind == kind)
        if these:
            zh, en = names(these)
            what = (f"新增{KIND_ZH[kind]} {zh}", f"Added {_count(kind, len(these))} {en}")
            out.append(Change("wells", "added", these, None, kind, *what))
    return out


def _count(kind: str, count: int) -> str:
    return KIND_EN[kind] if count == 1 else f"{count} {KIND_EN[kind]}s"


def _renamed(pairs: _Pairs) -> list[Change]:
    return [
        Change(
            "wells",
            "renamed",
            (new.name,),
            old.name,
            new.name,
            f"{old.name} 改名为 {new.name}",
            f"{old.name} renamed to {new.name}",
        )
        for old, new in pairs
    ]


# --- moves -------------------------------------------------------------------------------------------


def _moves(pairs: _Pairs) -> list[Change]:
    """Targets and heads that moved; a pad that moved as a whole is one line."""
    steps: dict[str, tuple[float, float, float, float]] = {}
    for old, new in pairs:
        step = (
            new.x_m - old.x_m,
            new.y_m - old.y_m,
            new.head_x_m - old.head_x_m,
            new.head_y_m - old.head_y_m,
        )
        if max(map(abs, step)) >= MOVED_M:
            steps[new.name] = step
    out = []
    for pad in sorted({new.pad for _, new in pairs if new.pad}):
        members = [new.name for _, new in pairs if new.pad == pad]
        moved = {tuple(round(v, 1) for v in steps[n]) for n in members if n in steps}
        if len(members) < 2 or len(moved) != 1 or not all(n in steps for n in members):
            continue
        dx, dy, hx, hy = steps[members[0]]
        if math.hypot(hx, hy) >= MOVED_M:
            whole = math.hypot(dx - hx, dy - hy) < 1.0
            out.append(_pad_moved(pad, tuple(members), (hx, hy), whole=whole))
            for name in members:
                del steps[name]
    for old, new in pairs:
        if new.name in steps:
            out += _well_moved(old, new)
    return out


def _pad_moved(pad: str, members: tuple[str, ...], step: tuple[float, float], *, whole: bool) -> Change:
    zh, en = direction(*step)
    distance = f"{math.hypot(*step):.0f} m"
    tail = ("", "") if whole else ("(目标不变)", ", targets kept")
    return Change(
        "wells",
        "moved_pad",
        members,
        None,
        [round(step[0], 1), round(step[1], 1)],
        f"井台 {pad}({len(members)} 口井)向{zh}移动 {distance}{tail[0]}",
        f"Pad {pad} ({len(members)} wells) moved {distance} {en}{tail[1]}",
    )


def _well_moved(old: SchemeWell, new: SchemeWell) -> list[Change]:
    target = (new.x_m - old.x_m, new.y_m - old.y_m)
    head = (new.head_x_m - old.head_x_m, new.head_y_m - old.head_y_m)
    together = math.hypot(target[0] - head[0], target[1] - head[1]) < MOVED_M
    parts = []
    if math.hypot(*target) >= MOVED_M:
        what = ("moved", "", "") if together else ("moved_target", "目标", " target")
        parts.append((*what, target, [old.x_m, old.y_m], [new.x_m, new.y_m]))
    if math.hypot(*head) >= MOVED_M and not together:
        places = [old.head_x_m, old.head_y_m], [new.head_x_m, new.head_y_m]
        parts.append(("moved_head", "井口", " head", head, *places))
    out = []
    for kind, what_zh, what_en, step, before, after in parts:
        zh, en = direction(*step)
        distance = f"{math.hypot(*step):.0f} m"
        out.append(
            Change(
                "wells",
                kind,
                (new.name,),
                before,
                after,
                f"{new.name} {what_zh}向{zh}移动 {distance}",
                f"{new.name}{what_en} moved {distance} {en}",
            )
        )
    return out


# --- values ------------------------------------------------------------------------------------------


def _rate_text(well: Well) -> str:
    return "scheduled" if well.schedule else f"{short_number(well.rate_m3_h)} m³/h"


# field -> (Chinese name, English name, how its value is said)
_FIELDS: dict[str, tuple[str, str, Any]] = {
    "kind": ("井别", "kind", lambda w: w.kind),
    "rate_m3_h": ("流量", "rate", _rate_text),
    "temperature_degc": (
        "回灌温度",
        "injection temperature",
        lambda w: "–" if w.temperature_degc is None else f"{short_number(w.temperature_degc)} °C",
    ),
    "layers": ("取水层", "open layers", lambda w: "–" if w.layers is None else ", ".join(w.layers)),
    "radius_m": ("井半径", "radius", lambda w: f"{short_number(w.radius_m)} m"),
    "skin": ("表皮系数", "skin", lambda w: short_number(w.skin)),
    "schedule": ("运行计划", "schedule", lambda w: f"{len(w.schedule)}"),
    "trajectory": ("井轨迹", "path", lambda w: "–" if w.trajectory is None else f"{len(w.trajectory)}"),
}


def _values(pairs: _Pairs) -> list[Change]:
    """Changed values of wells; wells with the same change share a line, many different rates become a sum."""
    out = []
    for name, (zh, en, said) in _FIELDS.items():
        same: dict[tuple[str, str], list[tuple[SchemeWell, SchemeWell]]] = {}
        for old, new in pairs:
            before, after = getattr(old.well, name), getattr(new.well, name)
            if before != after and not (name == "trajectory" and (before is None or after is None)):
                same.setdefault((said(old.well), said(new.well)), []).append((old, new))
        if name == "rate_m3_h" and len(same) > NAMED:
            out += _rate_sums([pair for group in same.values() for pair in group])
            continue
        for (before, after), group in same.items():
            wells = tuple(new.name for _, new in group)
            these_zh, these_en = names(wells)
            words = [before, after]
            words_zh = [{**KIND_ZH, "scheduled": "按计划"}.get(w, w) for w in words]
            words_en = [KIND_EN.get(w, w) for w in words]
            first = getattr(group[0][0].well, name), getattr(group[0][1].well, name)
            out.append(
                Change(
                    "wells",
                    name,
                    wells,
                    _plain(first[0]),
                    _plain(first[1]),
                    f"{these_zh}:{zh} {words_zh[0]} → {words_zh[1]}",
                    f"{these_en}: {en} {words_en[0]} → {words_en[1]}",
                )
            )
    return [*out, *_fields_of_place(pairs, "existing"), *_fields_of_place(pairs, "pad")]


def _rate_sums(pairs: _Pairs) -> list[Change]:
    out = []
    for kind in KIND_ZH:
        these = [(old, new) for old, new in pairs if new.kind == kind]
        if not these:
            continue
        before = sum(old.rate_m3_h for old, _ in these)
        after = sum(new.rate_m3_h for _, new in these)
        change = f"{short_number(before)} → {short_number(after)} m³/h"
        out.append(
            Change(
                "wells",
                "rate_m3_h",
                tuple(new.name for _, new in these),
                before,
                after,
                f"{len(these)} 口{KIND_ZH[kind]}:合计流量 {change}",
                f"{_count(kind, len(these))}: total rate {change}",
            )
        )
    return out


def _fields_of_place(pairs: _Pairs, name: str) -> list[Change]:
    """Whether a well exists already, and the pad it belongs to."""
    out = []
    for old, new in pairs:
        before, after = getattr(old, name), getattr(new, name)
        if before == after or (name == "existing" and _place(old) != _place(new)):
            continue  # that a moved well must be drilled anew goes without saying
        zh, en = {"existing": ("既有井", "existing well"), "pad": ("井台", "pad")}[name]
        said = [
            {True: ("是", "yes"), False: ("否", "no"), None: ("–", "–")}.get(v, (v, v))
            for v in (before, after)
        ]
        out.append(
            Change(
                "wells",
                name,
                (new.name,),
                before,
                after,
                f"{new.name}:{zh} {said[0][0]} → {said[1][0]}",
                f"{new.name}: {en} {said[0][1]} → {said[1][1]}",
            )
        )
    return out


def _place(well: SchemeWell) -> tuple[float, ...]:
    return well.x_m, well.y_m, well.head_x_m, well.head_y_m


def _plain(value: Any) -> Any:
    """A value of a well as it stands in JSON."""
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value if value is None or isinstance(value, (str, int, float)) else value.__dict__


# --- the rest ----------------------------------------------------------------------------------------


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Leaves of nested objects by dotted path."""
    if isinstance(value, Mapping) and value:
        out: dict[str, Any] = {}
        for key, inner in value.items():
            out.update(flat(inner, f"{path}.{key}" if path else str(key)))
        return out
    return {path: value} if path else {}


def _leaves(group: Group, path: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    old, new = flat(a, path), flat(b, path)
    out = []
    for leaf in dict.fromkeys([*old, *new]):
        if leaf == path:  # one side is empty
            continue
        before, after = old.get(leaf), new.get(leaf)
        if before == after and (leaf in old) == (leaf in new):
            continue
        zh, en = label(leaf)
        said = [_said(leaf in side, side.get(leaf)) for side in (old, new)]
        text = f"{zh}:{said[0][0]} → {said[1][0]}", f"{en}: {said[0][1]} → {said[1][1]}"
        out.append(Change(group, leaf, (), _json(before), _json(after), *text))
    return out


def _said(given: bool, value: Any) -> tuple[str, str]:
    if not given:
        return "默认", "default"
    if value is None:
        return "无", "none"
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if isinstance(value, (int, float)):
        return short_number(float(value)), short_number(float(value))
    if isinstance(value, Mapping):  # an empty object: present with its usual values
        return "有", "present"
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return text, text


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _whole(a: Scheme, b: Scheme) -> list[Change]:
    out = []
    if (a.site, a.reservoir.key if a.reservoir else None) != (
        b.site,
        b.reservoir.key if b.reservoir else None,
    ):
        places = [s.site or "box" for s in (a, b)]
        text = f"储层:{places[0]} → {places[1]}", f"reservoir: {places[0]} → {places[1]}"
        out.append(Change("scheme", "reservoir", (), a.site, b.site, *text))
    for name in ("years", "season_days", "seed"):
        before, after = getattr(a, name), getattr(b, name)
        if before != after:
            zh, en = label(name)
            said = f"{short_number(before)} → {short_number(after)}"
            out.append(Change("scheme", name, (), before, after, f"{zh}:{said}", f"{en}: {said}"))
    return out

"""A small knowledge graph: structure, reservoir, fluid, engineering, economics, and how one leads to the other.

Nodes, relations and measurements stand in ``assets/knowledge``, each with its source; the values come from the
tables of a site and from the evaluation of a scheme. It answers three questions, each sentence with its path of
relations: why is this place good or bad, what controls it, what should be measured next. Nothing is learned and
nothing is guessed: a node without a value is said to be unknown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scenarios.knowledge_facts import Facts, facts_of_basin, facts_of_scheme
from scenarios.scheme import Scheme, read_scheme
from twin_models.errors import Fault, InputError
from twin_models.reading import Reader, read_yaml
from twin_models.site_types import Text
from twin_models.sites import assets_dir, load_site

FORMAT = "geosandbox-knowledge/1"
KINDS = {"raises": ("提高", "raises"), "lowers": ("降低", "lowers"), "limits": ("限制", "limits")}
GRADES = {
    "good": ("有利", "good"),
    "fair": ("一般", "fair"),
    "poor": ("不利", "poor"),
    "known": ("", ""),
}
UNITS = {  # unit -> (Chinese, English) where the sign itself would not do
    "million CNY": ("百万元", "million CNY"),
    "CNY/GJ": ("元/GJ", "CNY/GJ"),
    "CNY/kWh": ("元/kWh", "CNY/kWh"),
    "degC": ("℃", "°C"),
    "GJ/a": ("GJ/年", "GJ/a"),
    "t/a": ("t/年", "t/a"),
    "a": ("年", "years"),
    "m3/h": ("m³/h", "m³/h"),
    "GJ/m2": ("GJ/m²", "GJ/m²"),
    "mW/m2": ("mW/m²", "mW/m²"),
}
SHOWN = 5
_NODE = ("type", "zh", "en", "unit", "digits", "source", "source_zh")


@dataclass(frozen=True)
class Node:
    """A thing that can be known of a place. ``better``: ``up``, ``down`` or ``None``; limits in ``unit``."""

    id: str
    type: str
    name: Text
    unit: str
    digits: int
    better: str | None
    good: float
    poor: float
    source: Text

    def grade(self, value: float) -> str:
        """good, fair or poor by the limits; known where there are none."""
        if self.better is None:
            return "known"
        sign = 1.0 if self.better == "up" else -1.0
        if sign * value >= sign * self.good:
            return "good"
        return "poor" if sign * value <= sign * self.poor else "fair"


@dataclass(frozen=True)
class Relation:
    """``start`` raises, lowers or limits ``end``."""

    start: str
    end: str
    kind: str
    source: Text

    @property
    def sign(self) -> int:
        return -1 if self.kind == "lowers" else 1


@dataclass(frozen=True)
class Measurement:
    """Something that can be done to know a node better. ``effort``: rank, 1 cheap to 5 a new well."""

    id: str
    of: str
    effort: int
    text: Text
    source: Text


@dataclass(frozen=True)
class Graph:
    types: Mapping[str, Text]
    nodes: Mapping[str, Node]
    relations: tuple[Relation, ...]
    measurements: tuple[Measurement, ...]

    def path(self, start: str, goal: str) -> tuple[Relation, ...] | None:
        """The shortest way of relations; among equals the one that stands first in the file."""
        came: dict[str, Relation | None] = {start: None}
        queue = deque([start])
        while queue:
            at = queue.popleft()
            if at == goal:
                break
            for relation in self.relations:
                if relation.start == at and relation.end not in came:
                    came[relation.end] = relation
                    queue.append(relation.end)
        if goal not in came:
            return None
        steps: list[Relation] = []
        at = goal
        while (step := came[at]) is not None:
            steps.append(step)
            at = step.start
        return tuple(reversed(steps))


@lru_cache(maxsize=1)
def load_graph() -> Graph:
    """The graph of ``assets/knowledge``. Raises ``InputError`` with every fault found."""
    reader = Reader("assets/knowledge")
    folder = assets_dir() / "knowledge"
    parts = {
        n: read_yaml(folder / f"{n}.yaml", f"assets/knowledge/{n}.yaml")
        for n in ("nodes", "relations", "measurements")
    }
    got = reader.mapping(
        parts["nodes"], "nodes", required=("format", "types", "nodes"), optional=("sources",)
    )
    types = {k: _text(reader, v, f"types.{k}") for k, v in got.get("types", {}).items()}
    nodes = {k: _node(reader, k, v, types) for k, v in got.get("nodes", {}).items()}
    relations = []
    for i, row in enumerate(parts["relations"]["relations"]):
        path = f"relations[{i}]"
        row = reader.mapping(row, path, required=("from", "to", "kind", "source", "source_zh"))
        ends = [reader.choice(row.get(k), f"{path}.{k}", nodes) for k in ("from", "to")]
        kind = reader.choice(row.get("kind"), f"{path}.kind", KINDS)
        relations.append(Relation(ends[0], ends[1], kind, _source(reader, row, path)))
    measurements = []
    for i, row in enumerate(parts["measurements"]["measurements"]):
        path = f"measurements[{i}]"
        row = reader.mapping(row, path, required=("id", "of", "effort", "zh", "en", "source", "source_zh"))
        of = reader.choice(row.get("of"), f"{path}.of", nodes)
        effort = reader.integer(row.get("effort"), f"{path}.effort", low=1, high=5)
        text, source = _text(reader, row, path), _source(reader, row, path)
        measurements.append(Measurement(reader.text(row.get("id"), f"{path}.id"), of, effort, text, source))
    reader.done()
    return Graph(types, nodes, tuple(relations), tuple(measurements))


def _text(reader: Reader, value: Mapping[str, Any], path: str) -> Text:
    return Text(reader.text(value.get("zh"), f"{path}.zh"), reader.text(value.get("en"), f"{path}.en"))


def _source(reader: Reader, row: Mapping[str, Any], path: str) -> Text:
    """Where a row comes from, in both languages."""
    return Text(
        reader.text(row.get("source_zh"), f"{path}.source_zh"),
        reader.text(row.get("source"), f"{path}.source"),
    )


def _sources(*sources: Text | None) -> dict[str, list[str]]:
    """``sources`` in English as ever, ``sources_zh`` beside them."""
    told = [s for s in sources if s is not None]
    return {"sources": [s.en for s in told], "sources_zh": [s.zh for s in told]}


def _node(reader: Reader, id: str, value: Any, types: Mapping[str, Text]) -> Node:
    path = f"nodes.{id}"
    row = reader.mapping(value, path, required=_NODE, optional=("better", "good", "poor"))
    better = row.get("better")
    if better is not None:
        reader.choice(better, f"{path}.better", ("up", "down"))
    limits = [reader.number(row.get(k, 0.0), f"{path}.{k}") for k in ("good", "poor")]
    return Node(
        id=id,
        type=reader.choice(row.get("type"), f"{path}.type", types),
        name=_text(reader, row, path),
        unit=reader.text(row.get("unit"), f"{path}.unit"),
        digits=reader.integer(row.get("digits"), f"{path}.digits", low=0, high=6),
        better=better,
        good=limits[0],
        poor=limits[1],
        source=_source(reader, row, path),
    )


# ---- answers --------------------------------------------------------------------------------------------


def explain_site(name: str, engine: str = "auto", *, unit: str | None = None) -> dict[str, Any]:
    """The answers for a site: by its first scheme, or for a basin by its units (or one ``unit`` of them).

    Raises ``InputError``.
    """
    site = load_site(name)
    if site.schemes and unit is None:
        return explain_scheme(read_scheme(site.schemes[0].path), engine)
    if not site.units:
        raise InputError(Fault("site", "range", f"{name!r} has neither wells nor units to tell about"))
    return _answers(facts_of_basin(site, unit), "heat_in_place")


def explain_scheme(scheme: Scheme, engine: str = "auto") -> dict[str, Any]:
    """The answers for a scheme, with the figures of its evaluation. Raises ``InputError``."""
    from scenarios.report import evaluated

    return explain_evaluation(evaluated(scheme, engine))


def explain_evaluation(evaluation: Any) -> dict[str, Any]:
    """The answers for an evaluation that is there already (the page has one)."""
    return _answers(facts_of_scheme(evaluation), "value")


def _answers(facts: Facts, goal: str) -> dict[str, Any]:
    graph = load_graph()
    return {
        "name": facts.name,
        "site": facts.site,
        "goal": _node_dict(graph, goal),
        "why": _why(graph, facts, goal),
        "controls": _controls(graph, facts, goal),
        "measure_next": _measure(graph, facts, goal),
        "nodes": [
            _node_dict(graph, key)
            | {
                "value": facts.values.get(key),
                "grade": _grade(graph, facts, key),
                "from": origin.en if (origin := facts.origin.get(key)) else None,
            }
            for key in graph.nodes
            if key in facts.values or key in facts.unknown
        ],
    }


def _grade(graph: Graph, facts: Facts, key: str) -> str | None:
    value = facts.values.get(key)
    return None if value is None else graph.nodes[key].grade(value)


def _node_dict(graph: Graph, key: str) -> dict[str, Any]:
    node = graph.nodes[key]
    return {
        "id": key,
        "type": node.type,
        "type_name": graph.types[node.type].as_dict(),
        "label": node.name.as_dict(),
        "unit": node.unit,
        "limits_source": node.source.en,
        "limits_source_zh": node.source.zh,
    }


def _steps(graph: Graph, path: tuple[Relation, ...]) -> list[dict[str, Any]]:
    out = []
    for step in path:
        start, end = graph.nodes[step.start].name, graph.nodes[step.end].name
        zh, en = KINDS[step.kind]
        out.append({
            "from": step.start, "relation": step.kind, "to": step.end,
            "source": step.source.en, "source_zh": step.source.zh,
            "text": {"zh": f"{start.zh}{zh}{end.zh}", "en": f"{start.en} {en} {end.en}"},
        })  # fmt: skip
    return out


def _shown(node: Node, value: float, *, beyond: bool = False) -> Text:
    """A value with its unit, in both languages."""
    number = f"{'> ' if beyond else ''}{value:,.{node.digits}f}"
    return Text(*(number if node.unit == "1" else f"{number} {unit}" for unit in _unit(node.unit)))


def _unit(unit: str) -> tuple[str, str]:
    return UNITS.get(unit, (unit, unit))


def _way(graph: Graph, path: tuple[Relation, ...]) -> Text:
    """The path as the end of a sentence: ``; a →(+) b →(−) c``; empty for the goal itself."""
    if not path:
        return Text("", "")
    start = graph.nodes[path[0].start].name
    zh, en = f"；{start.zh}", f"; {start.en}"
    for step in path:
        sign = "limits" if step.kind == "limits" else "+" if step.sign > 0 else "−"
        end = graph.nodes[step.end].name
        zh += f" →({'限' if sign == 'limits' else sign}) {end.zh}"
        en += f" →({sign}) {end.en}"
    return Text(zh, en)


def _why(graph: Graph, facts: Facts, goal: str) -> dict[str, Any]:
    """What speaks for the place and what against it, each with its way to the goal; the goal itself first."""
    sentences: list[dict[str, Any]] = []
    counts = {"good": 0, "fair": 0, "poor": 0, "known": 0}
    for key, value in facts.values.items():
        if value is None:
            continue
        node = graph.nodes[key]
        grade = _grade(graph, facts, key) or "known"
        counts[grade] += 1
        path = graph.path(key, goal)
        if grade == "known" or path is None:
            continue
        zh, en = GRADES[grade]
        way, shown = _way(graph, path), _shown(node, value, beyond=key in facts.beyond)
        limit = _limit(node, goal)
        sentences.append({
            "node": key, "value": value, "unit": node.unit, "grade": grade,
            "text": {
                "zh": f"{node.name.zh} {shown.zh}：{zh}{limit.zh}{way.zh}。",
                "en": f"{_first(node.name.en)} is {shown.en}: {en}{limit.en}{way.en}.",
            },
            "path": _steps(graph, path),
            **_sources(facts.origin.get(key), node.source),
        })  # fmt: skip
    order = {"poor": 0, "good": 1, "fair": 2}
    sentences.sort(key=lambda s: (s["node"] != goal, order[s["grade"]], len(s["path"])))
    told = {k: counts[k] for k in ("good", "fair", "poor")}
    verdict = Text(
        f"{facts.title.zh}：{told['good']} 项有利、{told['fair']} 项一般、{told['poor']} 项不利。",
        f"{facts.title.en}: {told['good']} things are good, {told['fair']} fair, {told['poor']} poor.",
    )
    return {"verdict": verdict.as_dict(), "counts": told, "sentences": sentences}


def _limit(node: Node, goal: str) -> Text:
    """What good and poor mean, in brackets."""
    if node.id == goal == "value":
        return Text("", "")
    good, poor = _shown(node, node.good), _shown(node, node.poor)
    return Text(f"（{good.zh} 起为有利，{poor.zh} 起为不利）", f" (good from {good.en}, poor from {poor.en})")


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _controls(graph: Graph, facts: Facts, goal: str) -> list[dict[str, Any]]:
    """What moves the goal most, by the evaluation's own swings (or the spread over a basin's units)."""
    name = graph.nodes[goal].name
    out = []
    for key, (low, high, unit) in facts.ranked()[:SHOWN]:
        node = graph.nodes[key].name
        path = graph.path(key, goal) or ()
        way = _way(graph, path)
        span = f"{min(low, high):+,.1f} … {max(low, high):+,.1f}"
        unit_zh, unit_en = _unit(unit)
        out.append({
            "node": key, "low": low, "high": high, "unit": unit,
            "text": {
                "zh": f"{node.zh}使{name.zh}变化 {span} {unit_zh}{way.zh}。",
                "en": f"{_first(node.en)} moves the {name.en} by {span} {unit_en}{way.en}.",
            },
            "path": _steps(graph, path),
            **_sources(facts.swing_source),
        })  # fmt: skip
    return out


def _measure(graph: Graph, facts: Facts, goal: str) -> list[dict[str, Any]]:
    """Where a measurement would say most: unknown or made-up nodes, and large swings for little effort."""
    swings = dict(facts.ranked())
    largest = max((_size(s) for s in swings.values()), default=0.0) or 1.0
    found = []
    for m in graph.measurements:
        weight = _size(swings[m.of]) / largest if m.of in swings else 0.0
        unknown = m.of in facts.unknown
        if m.of not in swings and not unknown:
            continue
        score = (weight + (0.3 if unknown else 0.0)) / (1.0 + 0.25 * (m.effort - 1))
        found.append((score, m, weight, unknown))
    found.sort(key=lambda item: (-item[0], item[1].id))
    out = []
    for score, m, weight, unknown in found[:SHOWN]:
        path = graph.path(m.of, goal) or ()
        node, way = graph.nodes[m.of].name, _way(graph, path)
        zh = f"影响为最大项的 {100 * weight:.0f} %" if weight else "目前未知"
        en = f"its effect is {100 * weight:.0f} % of the largest" if weight else "not known today"
        if unknown and weight:
            zh, en = f"{zh}，且{facts.unknown[m.of].zh}", f"{en}, and {facts.unknown[m.of].en}"
        elif unknown:
            zh, en = facts.unknown[m.of].zh, facts.unknown[m.of].en
        out.append({
            "measurement": m.id, "node": m.of, "score": round(score, 4), "effort": m.effort,
            "text": {
                "zh": f"{m.text.zh}：{node.zh}，{zh}{way.zh}。",
                "en": f"{_first(m.text.en)}: {node.en}, {en}{way.en}.",
            },
            "path": _steps(graph, path),
            **_sources(m.source),
        })  # fmt: skip
    return out


def _size(swing: tuple[float, float, str]) -> float:
    return max(abs(swing[0]), abs(swing[1]))

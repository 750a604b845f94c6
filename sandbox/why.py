"""Why a place is good or bad, as the page tells it: sentences of the knowledge graph, and the graph as a picture."""

from __future__ import annotations

from typing import Any

from scenarios.knowledge import explain_evaluation, explain_site, load_graph
from twin_models.sites import load_site

BASIN = "nw-shandong"
WIDTH, HEIGHT = 288.0, 190.0  # of the picture, px at one to one
LEFT, TOP = 16.0, 24.0
GROUPS = ("why", "controls", "measure_next")


def units(site_name: str) -> list[dict[str, str]]:
    """Structural units that can be asked about, where the site stands in a basin or is one."""
    site = load_site(site_name)
    basin = site if site.units else load_site(site.parent) if site.parent else None
    return [{"id": u.id, "zh": u.name.zh, "en": u.name.en} for u in basin.units] if basin else []


def of_unit(site_name: str, unit: str) -> dict[str, Any]:
    """Answers for one structural unit of the basin."""
    site = load_site(site_name)
    basin = site.name if site.units else site.parent or BASIN
    return told(explain_site(basin, unit=unit), subject="unit")


def of_evaluation(evaluation: Any, *, subject: str) -> dict[str, Any]:
    """Answers for a scheme (``scheme``) or for the field as it stands today (``field``)."""
    return told(explain_evaluation(evaluation), subject=subject)


def told(answers: dict[str, Any], *, subject: str) -> dict[str, Any]:
    """Answers as page state: sentences with their paths, and the graph they run through."""
    items = {"why": answers["why"]["sentences"], **{k: answers[k] for k in GROUPS[1:]}}
    groups = [
        {"kind": kind, "items": [_item(kind, i, answer) for i, answer in enumerate(items[kind])]}
        for kind in GROUPS
    ]
    return {
        "subject": subject,
        "verdict": answers["why"]["verdict"],
        "counts": answers["why"]["counts"],
        "goal": answers["goal"]["label"],
        "groups": groups,
        "graph": picture(answers),
    }


def _item(kind: str, number: int, answer: dict[str, Any]) -> dict[str, Any]:
    graph = load_graph()
    steps = answer["path"]
    chain = [answer["node"], *(step["to"] for step in steps)]
    return {
        "id": f"{kind}-{number}",
        "grade": answer.get("grade", ""),
        **_first_part(answer["text"]),
        "nodes": chain,
        "edges": [f"{step['from']}>{step['to']}" for step in steps],
        "chain": [
            {
                "id": node,
                "zh": graph.nodes[node].name.zh,
                "en": graph.nodes[node].name.en,
                "sign": _sign(steps[i]) if i < len(steps) else "",
                "source": (
                    {"zh": steps[i]["source_zh"], "en": steps[i]["source"]} if i < len(steps) else None
                ),
            }
            for i, node in enumerate(chain)
        ],
        "sources": {"zh": answer["sources_zh"], "en": answer["sources"]},
    }


def _first_part(text: dict[str, str]) -> dict[str, str]:
    """The sentence without its way: the page draws that."""
    zh, en = text["zh"].partition("；")[0], text["en"].partition("; ")[0]
    return {"zh": zh.rstrip("。") + "。", "en": en.rstrip(".") + "."}


def _sign(step: dict[str, Any]) -> str:
    return {"raises": "+", "lowers": "−", "limits": "≤"}[step["relation"]]


def picture(answers: dict[str, Any]) -> dict[str, Any]:
    """The graph: a column a type from structure to economics, relations between the nodes that are told of."""
    graph = load_graph()
    grades = {n["id"]: n["grade"] for n in answers["nodes"]}
    goal = answers["goal"]["id"]
    on_path = {
        end
        for kind in GROUPS
        for a in (answers["why"]["sentences"] if kind == "why" else answers[kind])
        for step in a["path"]
        for end in (step["from"], step["to"])
    }
    shown = [key for key in graph.nodes if key in grades or key in on_path or key == goal]
    columns = list(graph.types)
    place = {}
    for c, kind in enumerate(columns):
        own = [key for key in shown if graph.nodes[key].type == kind]
        for r, key in enumerate(own):
            x = LEFT + (WIDTH - 2.0 * LEFT) * c / (len(columns) - 1)
            step = (HEIGHT - TOP - 12.0) / max(len(own), 1)
            place[key] = (round(x, 1), round(TOP + step * (r + 0.5), 1))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "types": [
            {"zh": graph.types[k].zh, "en": graph.types[k].en, "x": LEFT + (WIDTH - 2.0 * LEFT) * c / (len(columns) - 1)}
            for c, k in enumerate(columns)
        ],
        "nodes": [
            {
                "id": key,
                "zh": graph.nodes[key].name.zh,
                "en": graph.nodes[key].name.en,
                "x": place[key][0],
                "y": place[key][1],
                "grade": "goal" if key == goal else grades.get(key) or "unknown",
            }
            for key in shown
        ],
        "edges": [
            {"id": f"{r.start}>{r.end}", "d": _curve(place[r.start], place[r.end]), "kind": r.kind}
            for r in graph.relations
            if r.start in place and r.end in place
        ],
    }  # fmt: skip


def _curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    """An arc between two nodes, bowed sideways within a column so that it does not run over the nodes between."""
    (x0, y0), (x1, y1) = start, end
    bow = 14.0 if abs(x1 - x0) < 1.0 else 0.0
    middle = (x0 + x1) / 2.0 + bow
    return f"M{x0} {y0}C{middle:.1f} {y0} {middle:.1f} {y1} {x1} {y1}"

"""The Decide workspace as page state: weights and rankings at once, regret and chances as they come in.

``decide_rank`` is what a weight moves (small, many times a second); ``decide`` is the rest. The analysis is
``scenarios.decision``; here it only gets colours, letters and words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.show import letter_style
from scenarios import decision
from scenarios.decision import SOURCES, Setup
from scenarios.decision_record import inputs_hash
from scenarios.evaluate import Evaluation
from scenarios.kpis import KPIS
from scenarios.schema_io import plain
from scenarios.scheme import to_dict

if TYPE_CHECKING:
    from sandbox.session import Session

RANKABLE = tuple(key for key, row in KPIS.items() if row.better is not None)
JUDGEMENTS = (*range(9, 1, -1), 1, *(1.0 / n for n in range(2, 10)))
MARKED_REGRET = 0.02  # share of the largest regret below which a cell is as good as the best


def column(session: Session, id: str) -> dict[str, Any]:
    """A scheme as the page names it."""
    entry = session.workspace.entry(id)
    letter = session.text("baseline_letter") if entry.baseline else entry.letter
    return {
        "id": id,
        "letter": letter,
        "name": entry.title(session.lang),
        "baseline": entry.baseline,
        "active": id == session.workspace.active_id,
        **letter_style("0" if entry.baseline else entry.letter),
    }


def rank_state(
    values: Mapping[str, Mapping[str, float | None]], setup: Setup, person: int, years: float
) -> Any:
    """What follows from the weights, for all stakeholders and for the one looked at."""
    part = decision.ranked(values, setup, horizon_years=years, only=person)
    people = part["people"]
    mine = people[person]
    points = mine["points"]
    part["person"] = person
    part["criteria"] = [
        {
            **row,
            "points": points.get(row["key"], 0.0),
            "weight": mine["used"][row["key"]],
            "by_source": {name: w[row["key"]] for name, w in mine["sources"].items()},
            **{k: mine["ranking"]["limits"][row["key"]].get(k) for k in ("lower", "upper")},
            **{k: mine["ranking"]["limits"][row["key"]].get(k) for k in ("lower_winner", "upper_winner")},
        }
        for row in part["criteria"]
    ]
    order = sorted(part["schemes"], key=lambda n: (mine["ranking"]["ranks"][n], part["schemes"].index(n)))
    part["rows"] = [
        {
            "id": name,
            "place": order.index(name),
            "rank": mine["ranking"]["ranks"][name],
            "score": mine["ranking"]["scores"][name],
            "other_rank": mine["other"]["ranks"][name],
            "parts": [
                {"key": k, "value": v, "shade": i}
                for i, (k, v) in enumerate(mine["ranking"]["parts"][name].items())
            ],
            "by_person": [p["ranking"]["ranks"][name] for p in people],
        }
        for name in part["schemes"]
    ]
    part["winner"] = mine["ranking"]["winner"]
    part["tied"] = mine["ranking"]["tied"]
    part["ahp"], part["combination"] = mine["ahp"], mine["combination"]
    part["other_winner"] = mine["other"]["winner"]
    part["judgement"] = [list(r) for r in mine["judgement"] or decision.ones(len(setup.criteria))]
    part["judged"] = mine["judgement"] is not None
    part["names"] = [p["name"] for p in people]
    return plain(part)


def weighed_state(part: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Regret, chances and trade-off (``decision.weighed``) in the page's language."""
    regret = part["regret"]
    most = max((v for row in regret["regret"].values() for v in row.values()), default=0.0)
    shown = {
        "key": regret["key"],
        "least": regret["least_regret"],
        "most": most,
        "rows": [
            {
                "key": f,
                "name": regret["named"][f][lang],
                "group": regret["named"][f]["group"],
                "cells": {
                    n: {
                        "value": row[f],
                        "share": row[f] / most if most > 0.0 else 0.0,
                        "best": row[f] <= MARKED_REGRET * most,
                    }
                    for n, row in regret["regret"].items()
                },
            }
            for f in regret["futures"]
        ],
        "largest": regret["largest"],
        "best_share": regret["best_share"],
        "left_out": [regret["named"][f][lang] for f in regret["left_out"]],
    }
    return dict(
        plain(
            {
                "regret": shown,
                "chances": part["chances"],
                "pareto": {
                    **part["pareto"],
                    "better": {axis: KPIS[part["pareto"][axis]].better for axis in ("x", "y")},
                },
                "dominated": part["dominated"],
            }
        )
    )


def choices(session: Session) -> dict[str, Any]:
    """What may be chosen: criteria and sources of weights."""
    return {"rankable": list(RANKABLE), "sources": list(SOURCES), "judgements": list(JUDGEMENTS)}


def record_row(session: Session, record: Mapping[str, Any]) -> dict[str, Any]:
    """A kept record in the list: what was chosen, by whom, and which of its schemes are no longer the same."""
    lang = session.lang
    now = {e.id: e for e in session.workspace.entries}
    changed = [
        row["name"][lang]
        for id, row in record["schemes"].items()
        if id not in now or plain(to_dict(now[id].scheme)) != row["scheme"]
    ]
    return {
        "id": record["id"],
        "at": record["at"].replace("T", " ").removesuffix("Z")[:16] + " UTC",
        "who": record["who"],
        "choice": record["schemes"][record["choice"]]["name"][lang],
        "hash": record["inputs_sha256"][:12],
        "changed": changed,
    }


def fingerprint(evaluations: Mapping[str, Evaluation], setup: Setup) -> str:
    """The beginning of the hash that a record made now would carry."""
    return inputs_hash(evaluations, setup)[:12]

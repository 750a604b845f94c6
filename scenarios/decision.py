"""A decision between evaluated schemes: weights of every stakeholder, rankings, regret, chances, trade-off.

One analysis for page, command and API. What people say comes in as a ``Setup`` (``read_setup``); the methods are
those of ``scenarios.decide`` and ``scenarios.assess``. Nothing is averaged over people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from scenarios import decide as methods
from scenarios.assess.ahp_input import read_matrix
from scenarios.assess.judgement import CONSISTENT_BELOW, evaluated, random_index, reciprocity_faults
from scenarios.assess.weighting import combination, entropy_weights, min_max, variation_weights
from scenarios.compare import dominated_by
from scenarios.kpis import KPIS
from scenarios.schema_io import DoorReader, plain

FORMAT = "geosandbox-decision/1"
RANDOM_INDEX = "saaty"
Source = Literal["swing", "ahp", "entropy", "variation", "combined"]
SOURCES: tuple[Source, ...] = ("swing", "ahp", "entropy", "variation", "combined")
BY_DATA = ("entropy", "variation")  # the same for everybody: they ask the schemes, not the people
USUAL_PARETO = ("lcoh_cny_per_gj", "npv_cny")
MAX_PEOPLE, MAX_CRITERIA, MAX_TEXT = 12, 9, 4000


@dataclass(frozen=True)
class Person:
    """A stakeholder: swing points by criterion (any positive scale), and pairwise judgements if given."""

    name: str
    points: Mapping[str, float]
    judgement: tuple[tuple[float, ...], ...] | None = None


@dataclass(frozen=True)
class Setup:
    """How a decision is looked at. ``weights_from``: where the weights come from; ``method``: how they rank."""

    criteria: tuple[str, ...] = methods.USUAL_CRITERIA
    method: methods.Method = "weighted"
    weights_from: Source = "swing"
    people: tuple[Person, ...] = field(default_factory=lambda: (even("1", methods.USUAL_CRITERIA),))
    regret_key: str = "npv_cny"
    pareto: tuple[str, str] = USUAL_PARETO

    def as_dict(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "criteria": list(self.criteria),
            "method": self.method,
            "weights_from": self.weights_from,
            "stakeholders": [
                {
                    "name": p.name,
                    "points": dict(p.points),
                    **({"judgement": [list(row) for row in p.judgement]} if p.judgement else {}),
                }
                for p in self.people
            ],
            "regret_key": self.regret_key,
            "pareto": list(self.pareto),
        }


def even(name: str, criteria: Sequence[str]) -> Person:
    """Somebody to whom every swing is worth the same."""
    return Person(name, dict.fromkeys(criteria, 100.0))


def ones(count: int) -> tuple[tuple[float, ...], ...]:
    """Pairwise judgements before anybody has judged."""
    return tuple((1.0,) * count for _ in range(count))


# --- the door --------------------------------------------------------------------------------------------

KEYS = ("format", "criteria", "method", "weights_from", "stakeholders", "regret_key", "pareto", "record")


def read_setup(data: Any) -> Setup:
    """A checked setup (``docs/decide.md`` lists the keys; all may be left out). Raises ``InputError``."""
    reader = DoorReader()
    got = reader.mapping(data, "", optional=KEYS)
    if "format" in got:
        reader.choice(got["format"], "format", (FORMAT,))
    criteria = tuple(
        _kpi(reader, key, f"criteria[{i}]")
        for i, key in enumerate(reader.items(got.get("criteria", methods.USUAL_CRITERIA), "criteria"))
    )
    if len(set(criteria)) != len(criteria):
        reader.fault("criteria", "duplicate", "a criterion stands twice")
    if not 2 <= len(criteria) <= MAX_CRITERIA:
        reader.fault("criteria", "range", f"must be 2 to {MAX_CRITERIA} criteria, got {len(criteria)}")
    people = _people(reader, got.get("stakeholders"), criteria)
    pareto = [
        _kpi(reader, key, f"pareto[{i}]")
        for i, key in enumerate(reader.items(got.get("pareto", USUAL_PARETO), "pareto"))
    ]
    if len(pareto) != 2:
        reader.fault("pareto", "length", f"must name two KPIs, got {len(pareto)}")
    method = reader.choice(got.get("method", "weighted"), "method", methods.METHODS)
    source = reader.choice(got.get("weights_from", "swing"), "weights_from", SOURCES)
    regret_key = _kpi(reader, got.get("regret_key", "npv_cny"), "regret_key")
    if source == "ahp":
        for i, person in enumerate(people):
            if person.judgement is None:
                reader.fault(
                    f"stakeholders[{i}].judgement", "missing", "is missing: weights come from judgements"
                )
    reader.done()
    return Setup(criteria, method, source, tuple(people), regret_key, (pareto[0], pareto[1]))  # type: ignore[arg-type]


def _kpi(reader: DoorReader, value: Any, path: str) -> str:
    return reader.choice(value, path, [k for k, row in KPIS.items() if row.better is not None])


def _people(reader: DoorReader, value: Any, criteria: Sequence[str]) -> list[Person]:
    if value is None:
        return [even("1", criteria)]
    rows = reader.items(value, "stakeholders", at_least=1)
    if len(rows) > MAX_PEOPLE:
        reader.fault("stakeholders", "range", f"must be at most {MAX_PEOPLE}, got {len(rows)}")
    people: list[Person] = []
    for i, row in enumerate(rows[:MAX_PEOPLE]):
        path = f"stakeholders[{i}]"
        got = reader.mapping(row, path, required=("name",), optional=("points", "judgement"))
        name = reader.text(got.get("name", ""), f"{path}.name")
        if name in [p.name for p in people]:
            reader.fault(f"{path}.name", "duplicate", f'"{name}" stands twice')
        people.append(
            Person(name, _points(reader, got, path, criteria), _judged(reader, got, path, criteria))
        )
    return people


def _points(
    reader: DoorReader, got: Mapping[str, Any], path: str, criteria: Sequence[str]
) -> dict[str, float]:
    if got.get("points") is None:
        return dict.fromkeys(criteria, 100.0)
    given = reader.mapping(got["points"], f"{path}.points", optional=criteria)
    points = {
        key: reader.number(given.get(key, 0.0), f"{path}.points.{key}", low=0.0, high=1e6) for key in criteria
    }
    if not sum(points.values()) > 0.0:
        reader.fault(f"{path}.points", "range", "at least one criterion must have more than 0 points")
    return points


def _judged(
    reader: DoorReader, got: Mapping[str, Any], path: str, criteria: Sequence[str]
) -> tuple[tuple[float, ...], ...] | None:
    """Pairwise judgements; a matrix that contradicts itself cell by cell is refused, not mended in silence."""
    if got.get("judgement") is None:
        return None
    matrix = read_matrix(reader, got["judgement"], f"{path}.judgement", len(criteria))
    if matrix is None:
        return None
    for fault in reciprocity_faults(matrix, criteria):
        place = f"{path}.judgement[{fault['column']}][{fault['row']}]"
        reader.fault(place, "reciprocity", fault["en"])
    return tuple(tuple(float(v) for v in row) for row in matrix)


# --- weights -----------------------------------------------------------------------------------------------


def weights_of(person: Person, setup: Setup, matrix: np.ndarray) -> dict[str, Any]:
    """Weight vectors of one person by source, their combination, AHP consistency, and those in use.

    ``matrix`` (schemes, criteria). Entropy and variation look at the columns on 0..1 (worst to best), as NPV may
    be negative. The combination is game-theoretic where it can be trusted, else the mean (``weighting``).
    """
    criteria = list(setup.criteria)
    benefit = np.array([KPIS[k].better == "up" for k in criteria])
    unit = min_max(matrix, benefit)
    swing = methods.swing_weights({k: float(person.points.get(k, 0.0)) for k in criteria})
    vectors = {"swing": np.array([swing[k] for k in criteria])}
    ahp = None
    if person.judgement is not None:
        ahp = ahp_of(person.judgement)
        vectors["ahp"] = np.array(ahp["weights"])
    vectors["entropy"] = entropy_weights(unit)
    vectors["variation"] = variation_weights(unit)
    mixed = combination(np.array(list(vectors.values())))
    sources = [*vectors]
    vectors["combined"] = mixed["weights"]
    used = setup.weights_from if setup.weights_from in vectors else "swing"
    return {
        "sources": {name: dict(zip(criteria, v.tolist(), strict=True)) for name, v in vectors.items()},
        "used": dict(zip(criteria, vectors[used].tolist(), strict=True)),
        "ahp": ahp,
        "combination": {
            "of": sources,
            "coefficients": mixed["coefficients_normalised"].tolist(),
            "condition_number": mixed["condition_number"],
            "condition_limit": mixed["condition_limit"],
            "used": mixed["used"],
        },
    }


def ahp_of(judgement: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Geometric-mean weights of a judgement matrix with its consistency and the random index named."""
    matrix = np.array(judgement, dtype=float)
    row = evaluated(matrix, table=RANDOM_INDEX)["geometric_mean"]
    cr = row["cr"]
    return {
        "weights": row["weights"].tolist(),
        "lambda_max": row["lambda_max"],
        "ci": row["ci"],
        "cr": cr,
        "random_index": {"name": RANDOM_INDEX, "value": random_index(RANDOM_INDEX, len(matrix))},
        "consistent": cr is not None and cr < CONSISTENT_BELOW,
        "worst_pair": worst_pair(matrix, row["weights"]),
    }


def worst_pair(matrix: np.ndarray, weights: np.ndarray) -> dict[str, Any] | None:
    """The judgement that fits the others least: largest |ln(a_ij w_j / w_i)|, and the value that would fit."""
    n = len(matrix)
    off = [
        (abs(float(np.log(matrix[i, j] * weights[j] / weights[i]))), i, j)
        for i in range(n)
        for j in range(i + 1, n)
    ]
    size, i, j = max(off, default=(0.0, 0, 0))
    if size < 1e-9:
        return None
    return {"row": i, "column": j, "value": float(matrix[i, j]), "fitting": float(weights[i] / weights[j])}


# --- the analysis ------------------------------------------------------------------------------------------


def ranked(
    values: methods.Values, setup: Setup, *, horizon_years: float = 50.0, only: int | None = None
) -> dict[str, Any]:
    """What follows from weights alone: every stakeholder's ranking and where they part. A few milliseconds.

    A criterion is ``negligible`` where the schemes differ by less than the digits in which the KPI is told: its
    swing is then no reason to choose, however much it weighs.

    ``values``: scheme -> KPI -> value. ``only``: the one stakeholder whose intervals of stability are wanted
    (they are the long part under TOPSIS). Raises ``InputError`` for fewer than two schemes.
    """
    names, matrix = methods.decision_matrix(values, setup.criteria, horizon_years=horizon_years)
    people = [
        _opinion(values, matrix, person, setup, horizon_years, firm=only is None or only == i)
        for i, person in enumerate(setup.people)
    ]
    apart = methods.disagreement(
        values,
        {p["name"]: p["used"] for p in people},
        method=setup.method,
        horizon_years=horizon_years,
    )
    del apart["rankings"]
    spans = methods.ranges(values, setup.criteria)
    return {
        "schemes": names,
        "criteria": [
            {
                "key": key,
                "unit": KPIS[key].unit,
                "better": KPIS[key].better,
                **spans[key],
                "constant": spans[key]["worst"] == spans[key]["best"],
                "negligible": abs((spans[key]["best"] or 0.0) - (spans[key]["worst"] or 0.0))
                < 10.0 ** -KPIS[key].digits,
            }
            for key in setup.criteria
        ],
        "method": setup.method,
        "weights_from": setup.weights_from,
        "people": people,
        "disagreement": {**apart, "same_for_all": setup.weights_from in BY_DATA},
    }


def _opinion(
    values: methods.Values, matrix: np.ndarray, person: Person, setup: Setup, years: float, *, firm: bool
) -> dict[str, Any]:
    """Weights and ranking of one stakeholder, and where the other method would put the schemes."""
    weights = weights_of(person, setup, matrix)
    used = weights["used"]
    ranking = methods.rank(values, used, method=setup.method, horizon_years=years, limits=firm)
    other: methods.Method = "topsis" if setup.method == "weighted" else "weighted"
    second = methods.rank(values, used, method=other, horizon_years=years, limits=False)
    return {
        "name": person.name,
        "points": dict(person.points),
        "judgement": [list(row) for row in person.judgement] if person.judgement else None,
        **weights,
        "ranking": ranking.as_dict(),
        "other": {"method": other, "winner": second.winner, "ranks": dict(second.ranks)},
    }


def weighed(evaluations: Mapping[str, Any], setup: Setup) -> dict[str, Any]:
    """What does not depend on weights: regret over named futures, chances that one beats another, the trade-off."""
    values = values_of(evaluations)
    key = setup.regret_key
    names = list(evaluations)
    draws = {name: methods.draws_of(evaluations[name], key) for name in names if len(names) <= 8}
    chances = [
        {"a": a, "b": b, **methods.chance(draws[a], draws[b], key=key)}
        for a in draws
        for b in draws
        if a != b and draws[a].shape == draws[b].shape
    ]
    return {
        "regret": methods.regret_of(evaluations, key=key),
        "chances": chances,
        "dots": {name: methods.quantile_dots(d) for name, d in draws.items()},
        "pareto": pareto_of(values, setup.pareto),
        "dominated": dominated_by(values),
    }


def decide(evaluations: Mapping[str, Any], setup: Setup) -> dict[str, Any]:
    """The whole analysis as plain data. ``evaluations``: ``Evaluation`` by name or id, two or more."""
    life = max((float(e.scheme.years) for e in evaluations.values()), default=50.0)
    part = ranked(values_of(evaluations), setup, horizon_years=life)
    return dict(plain({"setup": setup.as_dict(), **part, **weighed(evaluations, setup)}))


def values_of(evaluations: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    return {name: {k: kpi.value for k, kpi in e.kpis.items()} for name, e in evaluations.items()}


def pareto_of(values: methods.Values, axes: Sequence[str]) -> dict[str, Any]:
    """Two KPIs of every scheme, and which schemes no other beats in both."""
    x, y = axes
    beaten = dominated_by(values, objectives=axes)
    return {
        "x": x,
        "y": y,
        "points": [
            {
                "scheme": n,
                "x": row.get(x),
                "y": row.get(y),
                "front": not beaten[n],
                "dominated_by": beaten[n],
            }
            for n, row in values.items()
        ],
    }


# --- changes of a setup (the page's) -----------------------------------------------------------------------


def with_person(setup: Setup, index: int, **changes: Any) -> Setup:
    """The setup with one stakeholder changed."""
    people = list(setup.people)
    people[index] = replace(people[index], **changes)
    return replace(setup, people=tuple(people))


def with_criteria(setup: Setup, criteria: Sequence[str]) -> Setup:
    """Other criteria: points of those that stay are kept, judgements too, new ones start even."""
    old = list(setup.criteria)
    people = []
    for person in setup.people:
        middle = float(np.mean([*person.points.values()])) if person.points else 100.0
        points = {k: person.points.get(k, middle) for k in criteria}
        judgement = None
        if person.judgement is not None:
            judgement = tuple(
                tuple(
                    person.judgement[old.index(a)][old.index(b)] if a in old and b in old else 1.0
                    for b in criteria
                )
                for a in criteria
            )
        people.append(replace(person, points=points, judgement=judgement))
    return replace(setup, criteria=tuple(criteria), people=tuple(people))


def judged(person: Person, count: int, row: int, column: int, value: float) -> Person:
    """One judgement changed, and its mirror with it: the matrix stays reciprocal."""
    matrix = [list(r) for r in (person.judgement or ones(count))]
    matrix[row][column], matrix[column][row] = value, 1.0 / value
    return replace(person, judgement=tuple(tuple(r) for r in matrix))

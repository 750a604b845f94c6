"""Proposals: which layout serves a goal better, within limits, confirmed by the simulation.

``problem_of`` (what is wanted and what may change) -> ``suggest`` (search and confirm) -> ``report`` (as data).
"""

from scenarios.optimise.ghosts import accept, ghosts
from scenarios.optimise.goals import Goals, Limit, Objective, read_goals
from scenarios.optimise.problem import Problem, make_problem
from scenarios.optimise.propose import Offer, Suggestion, suggest
from scenarios.optimise.report import named, problem_of, report

__all__ = [
    "Goals",
    "Limit",
    "Objective",
    "Offer",
    "Problem",
    "Suggestion",
    "accept",
    "ghosts",
    "make_problem",
    "named",
    "problem_of",
    "read_goals",
    "report",
    "suggest",
]

"""The predictors by name. One line per predictor; nothing else may choose between them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from twin_models.base import ForecastModel


def _simulation() -> ForecastModel:
    from twin_models.simulators.layered import LayeredSimulation

    return LayeredSimulation()


def _streamline() -> ForecastModel:
    from twin_models.simulators.streamline import StreamlineModel

    return StreamlineModel()


def _surrogate() -> ForecastModel:
    from twin_models.surrogates.surrogate import SurrogateModel

    return SurrogateModel()


MODELS: dict[str, Callable[[], ForecastModel]] = {
    "simulation": _simulation,
    "streamline": _streamline,
    "surrogate": _surrogate,
}
LIVE = "surrogate"  # follows the hand
BATCHED = "streamline"  # answers many places of one well at once, and searches


@cache
def load_model(name: str) -> ForecastModel:
    """The predictor of that name (made once per process). Raises ``KeyError`` for an unknown name."""
    return MODELS[name]()

"""A shipped model: card, checksum and ONNX session.

Nothing but ONNX and YAML is read. The file's sha256 must be the card's, or the model is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from twin_models.errors import Fault, InputError
from twin_models.reading import read_yaml
from twin_models.surrogates.head import SAYS, curves, expected_error
from twin_models.surrogates.tokens import FEATURES, LOOKS, Tokens

INPUTS = ("producer", "injector", "pair", "takes", "gives")
REACHED = 0.005  # part of the cooling
# What says how far off an answer may be: ln of each, kelvin but for the two distances. See ``_signs``.
SIGNS = (
    *("spread", "correction", "coarse simulation less streamlines", "fall", "distance", "near"),
    *(
        "mean spread",
        "mean correction",
        "mean of coarse less streamlines",
        "expected error",
        "mean expected error",
    ),
)
LEAST_SIGN = 0.01


@dataclass(frozen=True)
class Limits:
    """Thresholds and band factors, from the card. ``half_width = factor x (spread + expected error + floor + part x correction)``.

    ``distance``, ``near``: largest distances to the training wells that count as in range; ``risk_k``: largest error
    expected anywhere in a layout that is still trusted. That expectation is exp(weights . (1, ``Answer.signs``)), fitted on
    calibration schemes; without weights it is the largest spread + expected error + floor + part x correction.
    """

    distance: float
    near: float
    risk_k: float
    floor_k: float
    part: float
    factor_80: float
    factor_90: float
    risk_weights: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Answer:
    """Of one unit: ``mean``, ``half_80`` (p, steps) parts of cooling as K; flags are the worst over producers."""

    drop_k: np.ndarray
    half_80_k: np.ndarray
    spread_k: float
    risk_k: float
    distance: float
    outside: float
    near: float
    signs: np.ndarray

    def doubtful(self, limits: Limits) -> bool:
        """Whether the answer rests on what the network has not seen, or its members do not agree enough."""
        return self.unlike(limits) or self.risk_k > limits.risk_k

    def unlike(self, limits: Limits) -> bool:
        return self.distance > limits.distance or self.near > limits.near or self.outside > 0.0


class Surrogate:
    """The network of one folder of ``assets/models``."""

    def __init__(self, folder: Path):
        label = f"models/{folder.name}/card.yaml"
        self.card: dict[str, Any] = read_yaml(folder / "card.yaml", label)
        data = (folder / self.card["file"]).read_bytes()
        got = hashlib.sha256(data).hexdigest()
        if got != self.card["sha256"]:
            text = f"must be {self.card['sha256']}, got {got}"
            raise InputError(Fault(f"models.{self.card['name']}.sha256", "changed", text))
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.enable_mem_pattern = True
        self.session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        # inputs and outputs were only ever added at the end: an older champion is asked what it knows
        told = self.card["limits"]
        self.limits = Limits(
            **{f.name: float(told.get(f.name, np.inf)) for f in fields(Limits) if f.name != "risk_weights"},
            risk_weights=tuple(float(w) for w in told.get("risk_weights", ())),
        )
        self._width = int({i.name: i.shape[-1] for i in self.session.get_inputs()}["producer"])

    @property
    def of_this_make(self) -> bool:
        """Whether the network takes and gives what this version of the program makes and reads."""
        out = next(o for o in self.session.get_outputs() if o.name == "out")
        return self._width == len(FEATURES) and out.shape[-1] in (SAYS, None)

    @property
    def name(self) -> str:
        return f"{self.card['name']} {self.card['version']}"

    @property
    def training_range(self) -> dict[str, tuple[float, float]]:
        return {k: (float(v[0]), float(v[1])) for k, v in self.card["training_range"].items()}

    def run(self, tokens: Tokens) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Network outputs (members, p, 2 nodes); distance, number of inputs outside and nearness (p,)."""
        feed = {name: getattr(tokens, name).astype(np.float32) for name in INPUTS}
        feed["producer"] = feed["producer"][:, : self._width]
        out, distance, outside, *near = self.session.run(None, feed)
        return out.astype(np.float64), distance, outside, near[0] if near else np.zeros_like(distance)

    def answer(self, tokens: Tokens) -> Answer:
        return finish(tokens, *self.run(tokens), self.limits)


def finish(
    tokens: Tokens,
    out: np.ndarray,
    distance: np.ndarray,
    outside: np.ndarray,
    near: np.ndarray,
    limits: Limits,
) -> Answer:
    """Mean, band and flags from the members' raw outputs.

    Producers that no cold water reaches within ``FAR`` horizons raise no flag: nothing is corrected there.
    """
    reached = np.abs(tokens.fraction).max(axis=1, initial=0.0) > REACHED
    reached |= np.abs(tokens.coarse).max(axis=1, initial=0.0) > REACHED
    cooling = np.abs(tokens.cooling_k)[:, None]
    every = curves(tokens.fraction, tokens.coarse, out)
    mean = every.mean(axis=0)
    spread = every.std(axis=0) * cooling
    base = curves(tokens.fraction, tokens.coarse, np.zeros((1, *out.shape[1:])))[0]
    # where no cold water comes in sight nothing was learned, and nothing can be off by more than is in sight
    sight = np.maximum(np.abs(tokens.fraction).max(axis=1), np.abs(tokens.coarse).max(axis=1))[:, None]
    told = np.minimum(expected_error(out), sight) * cooling
    scale = spread + told + limits.floor_k + limits.part * np.abs(mean - base) * cooling
    fed = (tokens.takes.sum(axis=1) > 0.0)[:, None]
    near_most, far_most = float(near[reached].max(initial=0.0)), float(distance[reached].max(initial=0.0))
    signs = _signs(tokens, mean, base, (spread, told), (far_most, near_most))
    risk = float(scale[fed[:, 0]].max(initial=0.0))
    if limits.risk_weights and reached.any():
        risk = float(np.exp(limits.risk_weights[0] + np.dot(limits.risk_weights[1:], signs)))
    return Answer(
        drop_k=mean * tokens.cooling_k[:, None],
        half_80_k=limits.factor_80 * np.where(fed, scale, limits.floor_k),
        spread_k=float(spread.max(initial=0.0)),
        risk_k=risk,
        distance=far_most,
        outside=float(outside[reached].max(initial=0.0)),
        near=near_most,
        signs=signs,
    )


def _signs(
    tokens: Tokens,
    mean: np.ndarray,
    base: np.ndarray,
    doubt: tuple[np.ndarray, np.ndarray],
    far: tuple[float, float],
) -> np.ndarray:
    """``SIGNS`` of one unit's answer; how far the streamlines lie from the coarse simulation ends the producers' inputs."""
    cooling = np.abs(tokens.cooling_k)[:, None]
    coarse = np.abs(tokens.producer[:, -LOOKS:]) * cooling
    moved, fall = np.abs(mean - base) * cooling, np.abs(mean) * cooling
    spread, told = doubt
    found = [*(x.max(initial=0.0) for x in (spread, moved, coarse, fall)), *far]
    found += [float(x.mean()) if x.size else 0.0 for x in (spread, moved, coarse)]
    found += [float(told.max(initial=0.0)), float(told.mean()) if told.size else 0.0]
    return np.log(np.maximum(found, LEAST_SIGN))

"""The trained ensemble as one ONNX file, with everything that says how far a question lies from training."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from twin_models.surrogates.network import INPUTS
from twin_models.training.dataset import Example
from twin_models.training.net import Network

MARGIN = 0.05  # of each input's range, beyond which it counts as outside
RIDGE = 0.05
AXES = 16  # of the whitened inputs, widest first, in which neighbours are looked for
CENTRES = 320  # that stand for all training wells
OUTPUTS = ("out", "distance", "outside", "near")


class Exported(nn.Module):
    """One scheme (no batch axis): raw outputs (M, p, SAYS); per producer (p,) Mahalanobis distance, inputs outside
    their range, and distance to the nearest of the centres that stand for the training wells."""

    def __init__(self, net: Network, ranges: dict[str, np.ndarray]):
        super().__init__()
        self.net = net
        for name, value in ranges.items():
            self.register_buffer(name, torch.tensor(value, dtype=torch.float32))

    def forward(
        self, producer: Tensor, injector: Tensor, pair: Tensor, takes: Tensor, gives: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        one = (producer[None], injector[None], pair[None], takes[None], gives[None])
        out = self.net(*one)[0]
        plain = (producer - self.mean) / self.std
        z = torch.matmul(plain, self.white)
        y = torch.matmul(plain, self.axes)
        square = (y * y).sum(-1, keepdim=True) + (self.centres * self.centres).sum(-1)[None]
        square = square - 2.0 * torch.matmul(y, self.centres.transpose(0, 1))
        near = torch.sqrt(torch.clamp(square.amin(-1), min=0.0))
        distance = torch.sqrt((z * z).sum(-1))
        outside = ((producer < self.low) | (producer > self.high)).to(torch.float32).sum(-1)
        return out, distance, outside, near


def ranges_of(training: Sequence[Example]) -> dict[str, np.ndarray]:
    """What the flags measure distance by: range, mean, spread and centres of the producers' inputs."""
    rows = np.concatenate([e.tokens.producer for e in training])
    low, high = rows.min(axis=0), rows.max(axis=0)
    room = MARGIN * np.maximum(high - low, 1e-3)
    mean, std = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-3)
    spread = np.cov(((rows - mean) / std).T) + RIDGE * np.eye(rows.shape[1])
    values, vectors = np.linalg.eigh(spread)
    axes = vectors[:, np.argsort(values)[::-1][:AXES]]
    return {
        "low": low - room,
        "high": high + room,
        "mean": mean,
        "std": std,
        "white": vectors / np.sqrt(values) / np.sqrt(rows.shape[1]),
        "axes": axes,
        "centres": k_means(((rows - mean) / std) @ axes, CENTRES),
    }


def widened(ranges: dict[str, np.ndarray], examples: Sequence[Example]) -> dict[str, np.ndarray]:
    """Ranges that take in further schemes: their inputs' extremes and their wells as centres."""
    rows = np.concatenate([e.tokens.producer for e in examples])
    plain = (rows - ranges["mean"]) / ranges["std"]
    more = k_means(plain @ ranges["axes"], 32)
    return ranges | {
        "low": np.minimum(ranges["low"], rows.min(axis=0)),
        "high": np.maximum(ranges["high"], rows.max(axis=0)),
        "centres": np.concatenate([ranges["centres"], more]),
    }


def k_means(rows: np.ndarray, count: int, rounds: int = 12) -> np.ndarray:
    """Centres (count, axes) of the rows: Lloyd's iteration from evenly drawn rows, the same every time."""
    rng = np.random.default_rng(0)
    rows = rows[rng.permutation(len(rows))[:12_000]]
    centres = rows[: min(count, len(rows))].copy()
    for _ in range(rounds):
        square = (centres**2).sum(axis=1)[None] - 2.0 * rows @ centres.T
        owner = square.argmin(axis=1)
        for k in np.unique(owner):
            centres[k] = rows[owner == k].mean(axis=0)
    return centres


def export(net: Network, ranges: dict[str, np.ndarray], sample_of: Example, path: Path) -> None:
    """Write ``path`` (ONNX, a few megabytes at most, needs no other file) and ``weights.npz`` beside it, plain arrays
    from which the network can be tuned further."""
    t = sample_of.tokens
    exported = Exported(net.cpu().eval(), ranges).eval()
    sample = tuple(torch.tensor(getattr(t, name), dtype=torch.float32) for name in INPUTS)
    axes = {
        "producer": {0: "p"},
        "injector": {0: "i"},
        "pair": {0: "p", 1: "i"},
        "takes": {0: "p", 1: "i"},
        "gives": {0: "i", 1: "p"},
        "out": {1: "p"},
        "distance": {0: "p"},
        "outside": {0: "p"},
        "near": {0: "p"},
    }
    with warnings.catch_warnings():
        # the tracing exporter writes one small file; the newer one needs more packages for the same graph
        warnings.simplefilter("ignore")
        torch.onnx.export(
            exported,
            sample,
            str(path),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    arrays: dict[str, Any] = {f"net/{name}": value.numpy() for name, value in net.state_dict().items()}
    np.savez_compressed(path.with_name("weights.npz"), **(arrays | ranges))


def read_weights(path: Path) -> tuple[Network, dict[str, np.ndarray]]:
    """Network and ranges of a ``weights.npz``."""
    with np.load(path, allow_pickle=False) as kept:
        arrays = {name: kept[name] for name in kept.files}
    state = {name[4:]: torch.tensor(v) for name, v in arrays.items() if name.startswith("net/")}
    members, producer, width = state["enter.weight"].shape
    sizes = (producer, state["enter_injector.weight"].shape[1], state["pair_mean"].shape[0])
    layers = len({name.split(".")[1] for name in state if name.startswith("listen.")})
    net = Network(sizes, members=members, width=width, layers=layers)
    net.load_state_dict(state)
    return net.eval(), {name: v for name, v in arrays.items() if not name.startswith("net/")}

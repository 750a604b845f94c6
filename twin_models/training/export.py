"""The trained ensemble as one ONNX file, with everything that says how far a question lies from training."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

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
    """One scheme (no batch axis): raw outputs (M, p, 2 NODES); per producer (p,) Mahalanobis distance, inputs outside
    their range, and distance to the nearest of the centres that stand for the training wells."""

    def __init__(self, net: Network, training: Sequence[Example]):
        super().__init__()
        self.net = net
        rows = np.concatenate([e.tokens.producer for e in training])
        low, high = rows.min(axis=0), rows.max(axis=0)
        room = MARGIN * np.maximum(high - low, 1e-3)
        mean, std = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-3)
        spread = np.cov(((rows - mean) / std).T) + RIDGE * np.eye(rows.shape[1])
        values, vectors = np.linalg.eigh(spread)
        white = vectors / np.sqrt(values) / np.sqrt(rows.shape[1])
        for name, value in (("low", low - room), ("high", high + room), ("mean", mean), ("std", std)):
            self.register_buffer(name, torch.tensor(value, dtype=torch.float32))
        self.register_buffer("white", torch.tensor(white, dtype=torch.float32))
        axes = vectors[:, np.argsort(values)[::-1][:AXES]]
        self.register_buffer("axes", torch.tensor(axes, dtype=torch.float32))
        centres = k_means(((rows - mean) / std) @ axes, CENTRES)
        self.register_buffer("centres", torch.tensor(centres, dtype=torch.float32))

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


def export(net: Network, training: Sequence[Example], path: Path) -> None:
    """Write the model; the file must stay within a few megabytes and needs no other file."""
    t = training[0].tokens
    exported = Exported(net.cpu().eval(), training).eval()
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

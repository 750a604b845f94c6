"""The network in torch: tokens in, delays, bends and mixtures out, a whole ensemble in one batch.

Bipartite attention between the producers and injectors of a flow unit. The prior of each attention weight is
the streamlines' own flow allocation (which part of a producer's water comes from which injector, and back);
the network only re-weighs it. Members of the ensemble are a leading axis of every weight, so that the exported
graph has the operators of one network.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from twin_models.surrogates.head import LEAST_ERROR, MOST_BEND, MOST_DELAY, MOST_ERROR, NODES, UNASKED

CLAMP = 4.0  # inputs in standard deviations
LEAST_STD = 0.15
PRIOR = 1e-3
UNSURE = 4.0  # -ln of the error expected before anything is learned


class Members(nn.Module):
    """``count`` linear maps side by side: (..., M, n, a) -> (..., M, n, b)."""

    def __init__(self, count: int, inputs: int, outputs: int, scale: float = 1.0):
        super().__init__()
        bound = scale * math.sqrt(3.0 / inputs)
        self.weight = nn.Parameter(torch.empty(count, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(count, 1, outputs))

    def forward(self, x: Tensor) -> Tensor:
        return torch.matmul(x, self.weight) + self.bias


class Exchange(nn.Module):
    """One side of the wells listens to the other, weighted by flow."""

    def __init__(self, count: int, width: int, pair: int):
        super().__init__()
        self.query, self.key = Members(count, width, width), Members(count, width, width)
        self.value = Members(count, width, width)
        self.bias, self.extra = Members(count, pair, 1), Members(count, pair, width)
        self.mix, self.out = Members(count, 2 * width, width), Members(count, width, width, 0.5)
        self.scale = 1.0 / math.sqrt(width)

    def forward(self, mine: Tensor, other: Tensor, pair: Tensor, part: Tensor) -> Tensor:
        """``mine`` (B, M, a, d), ``other`` (B, M, b, d), ``pair`` (B, 1, a, b, e), ``part`` (B, 1, a, b)."""
        shape = pair.shape
        flat = pair.reshape(shape[0], 1, shape[2] * shape[3], shape[4])
        members = mine.shape[1]
        bias = self.bias(flat).reshape(shape[0], members, shape[2], shape[3])
        logits = torch.matmul(self.query(mine), self.key(other).transpose(-1, -2)) * self.scale + bias
        weights = part * torch.exp(torch.clamp(logits, -4.0, 4.0))
        rest = torch.clamp(1.0 - part.sum(-1, keepdim=True), min=PRIOR)
        weights = weights / (weights.sum(-1, keepdim=True) + rest)
        heard = torch.matmul(weights, self.value(other))
        # the pairs' mean by these weights, as one product per well of mine: a sum over a fifth axis runs four times as long
        seen = torch.matmul(weights.transpose(1, 2), pair.squeeze(1)).transpose(1, 2)
        heard = heard + self.extra(seen)
        new = nn.functional.silu(self.mix(torch.cat([mine, heard], -1)))
        return mine + self.out(new)


class Network(nn.Module):
    """``forward`` (B, p, F), (B, i, 6), (B, p, i, 5), (B, p, i), (B, i, p) -> (B, M, p, SAYS)."""

    def __init__(self, sizes: tuple[int, int, int], *, members: int = 4, width: int = 32, layers: int = 2):
        super().__init__()
        producer, injector, pair = sizes
        for name, size in (("producer", producer), ("injector", injector), ("pair", pair)):
            self.register_buffer(f"{name}_mean", torch.zeros(size))
            self.register_buffer(f"{name}_std", torch.ones(size))
        self.members, self.width = members, width
        self.enter, self.enter2 = Members(members, producer, width), Members(members, width, width)
        self.enter_injector = Members(members, injector, width)
        self.listen = nn.ModuleList(Exchange(members, width, pair) for _ in range(layers))
        self.answer = nn.ModuleList(Exchange(members, width, pair) for _ in range(layers - 1))
        self.last = Members(members, width + producer, 2 * width)
        self.head = Members(members, 2 * width, 3 * NODES, 0.1)
        self.doubt = Members(members, 2 * width, NODES, 0.1)

    def _norm(self, x: Tensor, name: str) -> Tensor:
        mean, std = getattr(self, f"{name}_mean"), getattr(self, f"{name}_std")
        return torch.clamp((x - mean) / std, -CLAMP, CLAMP)

    def forward(
        self, producer: Tensor, injector: Tensor, pair: Tensor, takes: Tensor, gives: Tensor
    ) -> Tensor:
        silu = nn.functional.silu
        x = self._norm(producer, "producer").unsqueeze(1)
        p = self.enter2(silu(self.enter(x)))
        i = silu(self.enter_injector(self._norm(injector, "injector").unsqueeze(1)))
        e = self._norm(pair, "pair").unsqueeze(1)
        back = e.transpose(2, 3)
        takes, gives = takes.unsqueeze(1), gives.unsqueeze(1)
        for n, layer in enumerate(self.listen):
            p = layer(p, i, e, takes)
            if n < len(self.answer):
                i = self.answer[n](i, p, back, gives)
        wide = x.expand(-1, p.shape[1], -1, -1)
        known = silu(self.last(torch.cat([p, wide], -1)))
        # what it expects to be off is read from what it knows, and does not change what it knows
        return torch.cat([self.head(known), self.doubt(known.detach()) - UNSURE], -1)


def curves(fraction: Tensor, coarse: Tensor, out: Tensor, at: Tensor, far: float) -> Tensor:
    """``surrogates.head.curves`` in torch, at parts of the horizon ``at`` (t,): (B, M, p, t)."""
    place = torch.clamp(at * NODES - 1.0, min=0.0)
    low = torch.clamp(place.long(), max=NODES - 2)
    part = place - low

    def between(nodes: Tensor) -> Tensor:
        return nodes[..., low] * (1.0 - part) + nodes[..., low + 1] * part

    delay = between(MOST_DELAY * torch.tanh(out[..., :NODES]))
    bend = between(MOST_BEND * torch.tanh(out[..., NODES : 2 * NODES]))
    mix = between(torch.sigmoid(out[..., 2 * NODES : 3 * NODES] + UNASKED))
    raster = fraction.shape[-1]
    when = torch.clamp(at * torch.exp(delay), max=far) / far * (raster - 1)
    index = torch.clamp(when.detach().long(), max=raster - 2)

    def read(base: Tensor) -> Tensor:
        base = base.unsqueeze(1).expand(*out.shape[:-1], raster)
        left, right = base.gather(-1, index), base.gather(-1, index + 1)
        return left + (when - index) * (right - left)

    seen = mix * read(fraction) + (1.0 - mix) * read(coarse)
    inside = torch.clamp(seen, 0.0, 1.0)
    return seen + bend * inside * (1.0 - inside)


def doubts(out: Tensor, at: Tensor) -> Tensor:
    """ln of the error that each member expects, parts of the cooling (B, M, p, t) (``surrogates.head.expected_error``)."""
    place = torch.clamp(at * NODES - 1.0, min=0.0)
    low = torch.clamp(place.long(), max=NODES - 2)
    told = torch.clamp(out[..., 3 * NODES :], LEAST_ERROR, MOST_ERROR)
    return told[..., low] * (1.0 - (place - low)) + told[..., low + 1] * (place - low)

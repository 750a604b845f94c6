"""Fit the network: minutes on one CPU thread, a GPU is taken where there is one.

State (weights, optimiser, epoch) goes to ``train.npz`` after every few epochs; a run that was interrupted goes
on from there. Arrays only, nothing pickled.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from twin_models.surrogates.lines import FAR
from twin_models.training.dataset import STEPS, Example
from twin_models.training.net import LEAST_STD, Network, curves, doubts

HUBER_K = 1.5
NOISE = 0.06  # standard deviations added to the producers' inputs: the curve is flat, so guard against learning by heart
DECAY = 0.03
LEAST_PART = 5e-4  # of the cooling: smaller errors count as this
KEEP_PART = 0.85  # of the training schemes seen by each member
SAVE_EVERY = 5
SAME_BATCHES = 8  # epochs for which the schemes stay together, so that they need to be padded only once


@dataclass(frozen=True)
class Settings:
    """What a run is made of."""

    members: int = 4
    width: int = 32
    layers: int = 2
    epochs: int = 40
    batch: int = 32
    rate: float = 3e-3
    seed: int = 0


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def sizes(examples: Sequence[Example]) -> tuple[int, int, int]:
    t = examples[0].tokens
    return t.producer.shape[1], t.injector.shape[1], t.pair.shape[2]


def pad(
    batch: Sequence[Example], on: torch.device
) -> tuple[list[Tensor], tuple[Tensor, Tensor], Tensor, Tensor, Tensor]:
    """Inputs of the network, both base curves (B, p, RASTER), cooling (B, p), target (B, p, STEPS), mask (B, p)."""
    p = max(len(e.tokens.start_degc) for e in batch)
    i = max(max(e.tokens.injector.shape[0], 1) for e in batch)
    t0 = batch[0].tokens
    arrays = {
        "producer": np.zeros((len(batch), p, t0.producer.shape[1])),
        "injector": np.zeros((len(batch), i, t0.injector.shape[1])),
        "pair": np.zeros((len(batch), p, i, t0.pair.shape[2])),
        "takes": np.zeros((len(batch), p, i)),
        "gives": np.zeros((len(batch), i, p)),
        "fraction": np.zeros((len(batch), p, t0.fraction.shape[1])),
        "coarse": np.zeros((len(batch), p, t0.coarse.shape[1])),
        "cooling_k": np.zeros((len(batch), p)),
    }
    target, mask = np.zeros((len(batch), p, STEPS)), np.zeros((len(batch), p))
    for b, example in enumerate(batch):
        for name, into in arrays.items():
            value = getattr(example.tokens, name)
            into[b][tuple(slice(0, n) for n in value.shape)] = value
        n = len(example.truth)
        target[b, :n] = example.tokens.start_degc[:, None] - example.truth
        mask[b, :n] = 1.0
    made = {name: torch.tensor(value, dtype=torch.float32, device=on) for name, value in arrays.items()}
    inputs = [made[name] for name in ("producer", "injector", "pair", "takes", "gives")]
    more = [torch.tensor(v, dtype=torch.float32, device=on) for v in (target, mask)]
    return inputs, (made["fraction"], made["coarse"]), made["cooling_k"], more[0], more[1]


def set_scales(net: Network, examples: Sequence[Example]) -> None:
    """Means and standard deviations of the inputs over the training tokens."""
    for name in ("producer", "injector", "pair"):
        rows = [getattr(e.tokens, name).reshape(-1, getattr(e.tokens, name).shape[-1]) for e in examples]
        every = np.concatenate(rows)
        mean, std = every.mean(axis=0), np.maximum(every.std(axis=0), LEAST_STD)
        getattr(net, f"{name}_mean").copy_(torch.tensor(mean, dtype=torch.float32))
        getattr(net, f"{name}_std").copy_(torch.tensor(std, dtype=torch.float32))


def _error_k(net: Network, padded: tuple) -> tuple[Tensor, Tensor, Tensor]:
    """Error in kelvin (B, M, p, STEPS - 1), what its ln was expected to be (of parts of the cooling), mask (B, 1, p, 1)."""
    inputs, (fraction, coarse), cooling, target, mask = padded
    at = torch.linspace(0.0, 1.0, STEPS, device=fraction.device)[1:]
    out = net(*inputs)
    seen = curves(fraction, coarse, out, at, FAR)
    return seen * cooling[:, None, :, None] - target[:, None, :, 1:], doubts(out, at), mask[:, None, :, None]


def _batches(examples: Sequence[Example], batch: int, rng: np.random.Generator) -> list[list[int]]:
    """Schemes of like size together, order and borders changed every epoch."""
    size = np.array([len(e.truth) * 1.0 for e in examples]) * np.exp(0.1 * rng.standard_normal(len(examples)))
    order = np.argsort(size)
    groups = [order[n : n + batch].tolist() for n in range(0, len(order), batch)]
    return [groups[n] for n in rng.permutation(len(groups))]


def fit(
    training: Sequence[Example], validation: Sequence[Example], settings: Settings, state: Path
) -> Network:
    """The trained ensemble, best epoch by validation error of the mean of members."""
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1 if device().type == "cpu" else 4)
    on = device()
    net = Network(sizes(training), members=settings.members, width=settings.width, layers=settings.layers).to(
        on
    )
    set_scales(net, training)
    optimiser = torch.optim.AdamW(net.parameters(), settings.rate, weight_decay=DECAY)
    rng = np.random.default_rng(settings.seed)
    keep = rng.random((len(training), settings.members)) < KEEP_PART
    best, best_error, first = None, np.inf, 0
    if state.exists():
        first, best_error, best = _load(state, net, optimiser)
        print(f"going on at epoch {first}", flush=True)
    checked = [pad(validation[n : n + 64], on) for n in range(0, len(validation), 64)]
    era, batches = -1, []
    for epoch in range(first, settings.epochs):
        began = time.perf_counter()
        rng = np.random.default_rng([settings.seed, epoch])
        _set_rate(optimiser, settings, epoch)
        if epoch // SAME_BATCHES != era:
            era = epoch // SAME_BATCHES
            grouped = np.random.default_rng([settings.seed, era, 1])
            batches = [
                (pad([training[n] for n in group], on), keep[group])
                for group in _batches(training, settings.batch, grouped)
            ]
        loss = _epoch(net, batches, optimiser, rng)
        last = epoch == settings.epochs - 1
        if epoch % SAVE_EVERY == SAVE_EVERY - 1 or last:
            error = _validate(net, checked)
            if error < best_error:
                best, best_error = {k: v.detach().clone() for k, v in net.state_dict().items()}, error
            _save(state, net, optimiser, epoch + 1, best_error, best)
            print(
                f"epoch {epoch + 1}/{settings.epochs} loss {loss:.4f} validation rmse {error:.3f} K "
                f"({time.perf_counter() - began:.1f} s)",
                flush=True,
            )
    if best is not None:
        net.load_state_dict(best)
    return net.eval()


def tune(net: Network, examples: Sequence[Example], *, epochs: int, rate: float = 6e-4) -> Network:
    """A trained network after some gentle epochs on more schemes (a site's); scales of the inputs stay."""
    torch.manual_seed(0)
    torch.set_num_threads(1 if device().type == "cpu" else 4)
    net = net.to(device())
    settings = Settings(members=net.members, epochs=epochs, batch=8, rate=rate)
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=DECAY)
    keep = np.ones((len(examples), net.members), dtype=bool)
    for epoch in range(epochs):
        _set_rate(optimiser, settings, epoch)
        rng = np.random.default_rng(epoch)
        groups = _batches(examples, settings.batch, rng)
        padded = [(pad([examples[n] for n in group], device()), keep[group]) for group in groups]
        _epoch(net, padded, optimiser, rng)
    return net.eval()


def _set_rate(optimiser: torch.optim.Optimizer, settings: Settings, epoch: int) -> None:
    """One warm-up, then a cosine down to a fiftieth."""
    done = epoch / max(settings.epochs - 1, 1)
    shape = min(1.0, (epoch + 1) / 4) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * done)))
    for group in optimiser.param_groups:
        group["lr"] = settings.rate * shape


def _epoch(
    net: Network,
    batches: Sequence[tuple[tuple, np.ndarray]],
    optimiser: torch.optim.Optimizer,
    rng: np.random.Generator,
) -> float:
    """One pass in fresh order; ``batches``: padded schemes and which members see them (B, M)."""
    net.train()
    total = 0.0
    for n in rng.permutation(len(batches)):
        padded, keep = batches[n]
        noisy = padded[0][0] + NOISE * net.producer_std * torch.randn_like(padded[0][0])
        padded = ([noisy, *padded[0][1:]], *padded[1:])
        error, doubt, mask = _error_k(net, padded)
        seen = torch.tensor(keep, dtype=torch.float32, device=error.device)[:, :, None, None]
        weight = mask * seen
        loss = (
            torch.nn.functional.huber_loss(error, torch.zeros_like(error), reduction="none", delta=HUBER_K)
            * weight
        ).sum()
        part = error.detach().abs() / torch.clamp(padded[2].abs(), min=1.0)[:, None, :, None] + LEAST_PART
        loss = loss + (weight * (doubt + part * torch.exp(-doubt))).sum()  # Laplace's likelihood of the error
        loss = loss / (weight.sum() * error.shape[-1])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        total += float(loss.detach())
    return total / len(batches)


@torch.no_grad()
def _validate(net: Network, checked: Sequence[tuple]) -> float:
    """Root mean square error of the ensemble mean, K."""
    net.eval()
    square = count = 0.0
    for padded in checked:
        error, _, mask = _error_k(net, padded)
        mean = error.mean(dim=1, keepdim=True) * mask
        square += float((mean**2).sum())
        count += float(mask.sum()) * error.shape[-1]
    return float(np.sqrt(square / max(count, 1.0)))


def _save(state: Path, net, optimiser, epoch: int, best_error: float, best) -> None:
    arrays = {f"net/{k}": v.cpu().numpy() for k, v in net.state_dict().items()}
    arrays |= {f"best/{k}": v.cpu().numpy() for k, v in best.items()}
    for n, moments in optimiser.state_dict()["state"].items():
        arrays |= {f"opt/{n}/{k}": np.asarray(v.cpu()) for k, v in moments.items()}
    part = state.with_name(f"part-{state.name}")
    np.savez(part, epoch=np.array(epoch), best_error=np.array(best_error), **arrays)
    part.replace(state)


def _load(state: Path, net, optimiser) -> tuple[int, float, dict]:
    with np.load(state, allow_pickle=False) as kept:
        on = device()
        read = {name: torch.tensor(kept[name]) for name in kept.files}
    net.load_state_dict({k[4:]: v for k, v in read.items() if k.startswith("net/")})
    moments: dict[int, dict] = {}
    for name, value in read.items():
        if name.startswith("opt/"):
            _, n, key = name.split("/")
            moments.setdefault(int(n), {})[key] = value
    optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})
    best = {k[5:]: v.to(on) for k, v in read.items() if k.startswith("best/")}
    return int(read["epoch"]), float(read["best_error"]), best

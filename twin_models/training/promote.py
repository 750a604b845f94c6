"""The model factory: ``python -m twin_models.training.promote`` generates what is missing, trains, evaluates
against the current champion on the same test set, and replaces it only if the candidate is better.

``--roll-back VERSION`` brings back a champion that was replaced (kept beside the data).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from twin_models.sites import assets_dir
from twin_models.surrogates.network import Limits, Surrogate
from twin_models.surrogates.surrogate import MODEL
from twin_models.surrogates.tokens import FEATURES
from twin_models.training.dataset import Example, build
from twin_models.training.domain import CELL_M, DOMAIN, LAYERED_FROM, WIDE, WIDE_FROM
from twin_models.training.evaluate import OPEN, base_curves, calibrate, figures, predictions, report
from twin_models.training.generate import FINER, FINER_LAYERED, PERIODS, SEED, generate

BEST_PART = 0.1
AIMS = {
    "rmse_k": 0.3,
    "p95_k": 0.8,
    "fall_1k_mae_a": 0.4,
    "energy_mape_pct": 1.0,
}
LEFT_OUT = [
    {"zh": "运行计划与储热（取平均流量）", "en": "schedules and storage (mean rates are taken)"},
    {"zh": "被隔水层分开的单元之间的流动", "en": "flow between units separated by impermeable layers"},
    {"zh": "矿化度", "en": "salinity"},
    {
        "zh": "断层（仅通过流线与粗网格体现）",
        "en": "faults, but for what streamlines and the coarse simulation know",
    },
]
NEAREST = FEATURES.index("ln distance to the nearest injector")


@dataclass(frozen=True)
class Split:
    """Schemes by use. ``best``: the best tenth of all layouts, which nothing else contains; ``wide``: unseen schemes
    of the domain's wide part, told apart so that ``test`` stays what it was."""

    training: list[Example]
    validation: list[Example]
    calibration: list[Example]
    test: list[Example]
    best: list[Example]
    wide: list[Example]


def quality(examples: Sequence[Example]) -> np.ndarray:
    """How much less a layout cools than others whose wells stand as far apart for the water they move.

    Residual of the mean cooling at the horizon (parts of initial less injected temperature) against the
    mean ln distance over swept radius, fitted by a parabola; negative is better.
    """
    apart = np.array([e.tokens.producer[:, NEAREST].mean() for e in examples])
    fall = np.array(
        [float(np.mean((e.truth[:, 0] - e.truth[:, -1]) / np.abs(e.tokens.cooling_k))) for e in examples]
    )
    return fall - np.polyval(np.polyfit(apart, fall, 2), apart)


def split(examples: Sequence[Example]) -> Split:
    """By scheme number: no scheme is in two parts."""
    usable = [e for e in examples if e.tokens.injector.shape[0] > 0]
    wide = [e for e in usable if WIDE_FROM <= e.index < LAYERED_FROM]
    core = [e for e in usable if e.index < WIDE_FROM]
    cooled = [e for e in core if (e.truth[:, 0] - e.truth[:, -1]).max() > 0.3]
    ranked = np.argsort(quality(cooled))
    best = {cooled[n].index for n in ranked[: round(BEST_PART * len(cooled))]}
    parts: dict[int, list[Example]] = {0: [], 1: [], 2: [], 3: []}
    apart: list[Example] = []
    for e in (*core, *wide):
        if e.index not in best:
            part = min(e.index // 4 % 10, 3)  # the live grids go by index % 4
            (apart if part == 0 and e.index >= WIDE_FROM else parts[part]).append(e)
    # Layered ones are to learn from only: tests stay what they were.
    parts[3] += [e for e in usable if e.index >= LAYERED_FROM]
    return Split(parts[3], parts[2], parts[1], parts[0], [e for e in core if e.index in best], apart)


def plain_limits(limits: Limits) -> dict[str, Any]:
    return {k: [float(w) for w in v] if isinstance(v, tuple) else float(v) for k, v in asdict(limits).items()}


def write_card(folder: Path, limits: Any, version: str, notes: dict[str, Any], errors: dict) -> None:
    card = {
        "name": MODEL,
        "version": version,
        "file": "model.onnx",
        "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "engine": notes["engine"],
        "training_range": {k: [float(v[0]), float(v[1])] for k, v in notes["range"].items()},
        "errors": errors,
        "limits": plain_limits(limits),
        "training": notes["training"],
        "left_out": LEFT_OUT,
    }
    with (folder / "card.yaml").open("w", encoding="utf-8") as file:
        yaml.safe_dump(card, file, sort_keys=False, allow_unicode=True)


def write_limits(folder: Path, home: Path, limits: Limits | None) -> None:
    """The card of ``home`` for a model tuned from it: its own checksum, and its own limits where they are known."""
    card = yaml.safe_load((home / "card.yaml").read_text("utf-8"))
    card["sha256"] = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    card["version"] = f"{str(card['version']).split('+')[0]}+site"
    if limits is not None:
        card["limits"] = plain_limits(limits)
    with (folder / "card.yaml").open("w", encoding="utf-8") as file:
        yaml.safe_dump(card, file, sort_keys=False, allow_unicode=True)


def candidate(parts: Split, folder: Path, args: argparse.Namespace) -> Surrogate:
    """Train, export and calibrate; the folder then holds a model that can be evaluated."""
    from twin_models.training.export import export, ranges_of
    from twin_models.training.train import Settings, fit

    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(members=args.members, width=args.width, epochs=args.epochs, seed=args.seed)
    net = fit(parts.training, parts.validation, settings, folder / "train.npz")
    export(net, ranges_of(parts.training), parts.training[0], folder / "model.onnx")
    wide = any(e.index >= WIDE_FROM for e in parts.training)
    notes = {
        "range": DOMAIN | WIDE if wide else DOMAIN,
        "engine": "simulation (LayeredSimulation, tvd)",
        "training": {
            "schemes": {name: len(getattr(parts, name)) for name in Split.__dataclass_fields__},
            "data_seed": SEED,
            "truth_cell_m": [round(CELL_M[0] * FINER, 2), round(CELL_M[1] * FINER_LAYERED, 2)],
            "truth_periods_per_sweep": PERIODS,
            **{k: v for k, v in asdict(settings).items() if k not in ("batch", "rate")},
        },
    }
    write_card(folder, OPEN, args.version, notes, {})
    write_card(
        folder, calibrate(Surrogate(folder), parts.calibration, parts.validation), args.version, notes, {}
    )
    return Surrogate(folder)


def adopt(model: Surrogate, folder: Path, found: dict[str, Any], champions: Path) -> None:
    """Put the candidate into ``assets``; the old one is kept under its version."""
    home = assets_dir() / "models" / MODEL
    if (home / "card.yaml").exists():
        old = yaml.safe_load((home / "card.yaml").read_text("utf-8"))["version"]
        shutil.copytree(home, champions / str(old), dirs_exist_ok=True)
    home.mkdir(parents=True, exist_ok=True)
    card = model.card
    card["errors"] = {
        "on": f"{found['schemes']} schemes never seen, {found['producers']} producers",
        **{k: round(v, 3) for k, v in found["variants"]["surrogate"].items()},
        "aims": AIMS,
        "aims_met": [k for k, aim in AIMS.items() if found["variants"]["surrogate"][k] <= aim],
        "coverage": {k: round(v, 2) for k, v in found["coverage"].items()},
        "flags": {k: round(v, 2) for k, v in found["flags"].items()},
        **(
            {"wide": {k: round(v, 3) for k, v in found["wide"]["surrogate"].items()}}
            if "wide" in found
            else {}
        ),
    }
    for name in ("model.onnx", "weights.npz"):
        shutil.copy(folder / name, home / name)
    (home / "report.json").write_text(
        json.dumps(rounded(found), indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    with (home / "card.yaml").open("w", encoding="utf-8") as file:
        yaml.safe_dump(card, file, sort_keys=False, allow_unicode=True)


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, float):
        return round(value, 4) if np.isfinite(value) else None
    return value


def compete(
    parts: Split, model: Surrogate, folder: Path, args: argparse.Namespace, *, ship: bool = True
) -> bool:
    """Whether the candidate is better than the champion; it is promoted if it is and may be."""
    found = report(model, parts.test, parts.best, SEED, wide=parts.wide)
    (folder / "report.json").write_text(json.dumps(rounded(found), indent=1) + "\n", "utf-8")
    mine = found["variants"]["surrogate"]["rmse_k"]
    limit, against = figures(parts.test, [base_curves(e) for e in parts.test], SEED)["rmse_k"], "streamline"
    limit, against = min((limit, against), champions_rmse(parts))
    better = mine < limit
    print(f"candidate {mine:.3f} K, {against} {limit:.3f} K: {'better' if better else 'not better'}")
    if better and ship:
        found["against"] = {"name": against, "rmse_k": limit}
        adopt(model, folder, found, args.data / "champions")
    return better


def champions_rmse(parts: Split) -> tuple[float, str]:
    """The champion's error on the same test schemes. One of another make, with other inputs or outputs, cannot be asked
    any more: it counts with what its own report says."""
    home = assets_dir() / "models" / MODEL
    if not (home / "card.yaml").exists():
        return float("inf"), "none"
    champion = Surrogate(home)
    if not champion.of_this_make:
        told = float(champion.card["errors"]["rmse_k"])
        return told, f"{champion.name} (of another make, by its own report)"
    seen = [p["curve"] for p in predictions(champion, parts.test)]
    return figures(parts.test, seen, SEED)["rmse_k"], champion.name


def roll_back(version: str, champions: Path) -> None:
    source = champions / version
    if not (source / "card.yaml").exists():
        known = ", ".join(sorted(p.name for p in champions.glob("*"))) or "none"
        raise SystemExit(f"error: --roll-back: no champion {version}; kept are {known}")
    if not Surrogate(source).of_this_make:
        text = (
            "takes other inputs or gives other outputs than this program; check out the program of its time"
        )
        raise SystemExit(f"error: --roll-back: champion {version} {text}")
    shutil.copytree(source, assets_dir() / "models" / MODEL, dirs_exist_ok=True)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(".cache/surrogate"))
    parser.add_argument("--schemes", type=int, default=16000)
    parser.add_argument("--wide", type=int, default=500, help="schemes as fields come, besides")
    parser.add_argument("--layered", type=int, default=4000, help="schemes of several layers, besides")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes for data")
    parser.add_argument("--epochs", type=int, default=80)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--width", type=int, default=36)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--version", default="1")
    parser.add_argument("--run", default="candidate", help="name of the folder beside the data")
    parser.add_argument(
        "--small",
        action="store_true",
        help="some 500 schemes, 20 epochs, in a folder of its own: to see that everything works; ships nothing",
    )
    parser.add_argument("--roll-back", dest="back", metavar="VERSION")
    args = parser.parse_args(argv)
    if args.back:
        roll_back(args.back, args.data / "champions")
        return
    if args.small:
        args.data, args.epochs = Path(".cache/surrogate-small"), min(args.epochs, 20)
        args.schemes, args.wide, args.layered = (
            min(args.schemes, 400),
            min(args.wide, 80),
            min(args.layered, 40),
        )
    more = {"wide": args.wide, "layered": args.layered, "workers": args.workers}
    generate(args.data, schemes=args.schemes, **more)
    parts = split(build(args.data, workers=args.workers))
    print({name: len(getattr(parts, name)) for name in Split.__dataclass_fields__}, flush=True)
    folder = args.data / args.run
    compete(parts, candidate(parts, folder, args), folder, args, ship=not args.small)


if __name__ == "__main__":
    main()

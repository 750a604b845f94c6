"""The model card as the page shows it, and why an estimate is out of range: plain data, words by key.

Figures come from the folder of the shipped model (``assets/models``), the same that ``geosandbox models`` prints.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from twin_models.models import LIVE, load_model
from twin_models.sites import assets_dir

if TYPE_CHECKING:
    from sandbox.session import Session
    from twin_models.types import Forecast

VARIANTS = {
    "null": "null",
    "streamline": "streamline",
    "coarse simulation of the surrogate": "inside",
    "surrogate": "surrogate",
}
COLUMNS = ("rmse_k", "p95_k", "fall_1k_mae_a", "energy_mape_pct")
UNITS = {
    "wells": "",
    "thickness_m": "m",
    "permeability_md": "mD",
    "sigma_ln_permeability": "",
    "rate_m3_h": "m³/h",
    "reservoir_degc": "℃",
    "injection_degc": "℃",
    "season_days": "d",
    "years": "a",
}


@cache
def shipped() -> tuple[dict[str, Any], dict[str, Any]]:
    """Card and error report of the model behind the live predictor."""
    card: dict[str, Any] = load_model("surrogate").network.card  # type: ignore[attr-defined]
    folder = assets_dir() / "models" / card["name"]
    return card, json.loads((folder / "report.json").read_text("utf-8"))


def card_of(session: Session) -> dict[str, Any]:
    """Everything the panel shows; ``session.evaluation`` is the scheme it is held against."""
    card, found = shipped()
    errors = card["errors"]
    return {
        "live": LIVE == "surrogate",
        "name": card["name"],
        "version": card["version"],
        "sha256": card["sha256"],
        "engine": card["engine"],
        "flag": standing_of(session),
        "rows": rows_of(found, errors["aims"]),
        "schemes": found["schemes"],
        "producers": found["producers"],
        "best": best_of(found),
        "coverage": {k: found["coverage"][k] for k in ("curves_in_80_pct", "curves_in_90_pct")},
        "flags": {
            "caught": found["flags"]["flagged_of_schemes_with_error_over_1.5_k_pct"],
            "false": found["flags"]["flagged_of_schemes_with_error_under_1.5_k_pct"],
            "unflagged_k": found["flags"]["rmse_of_unflagged_k"],
        },
        "online": online_of(session),
        "domain": domain_of(session, card["training_range"]),
        "training": {
            "schemes": sum(card["training"]["schemes"].values()),
            "cells": card["training"]["truth_cell_m"],
            "members": card["training"]["members"],
        },
        "left_out": [t if isinstance(t, dict) else {"zh": t, "en": t} for t in card["left_out"]],
    }


def rows_of(found: dict[str, Any], aims: dict[str, float]) -> list[dict[str, Any]]:
    """One row a predictor on the same unseen schemes, the aims last."""
    rows = []
    for name, figures in found["variants"].items():
        key = VARIANTS.get(name, "coarse")
        rows.append({"key": key, **{c: figures.get(c) for c in COLUMNS}})
    missed = {c: found["variants"]["surrogate"][c] > aims[c] for c in COLUMNS if c in aims}
    return [*rows, {"key": "aim", **{c: aims.get(c) for c in COLUMNS}, "missed": missed}]


def best_of(found: dict[str, Any]) -> dict[str, float] | None:
    best = found.get("best_decile")
    if best is None:
        return None
    return {
        "schemes": best["schemes"],
        "surrogate": best["surrogate"]["energy_mape_pct"],
        "streamline": best["streamline"]["energy_mape_pct"],
    }


def online_of(session: Session) -> dict[str, Any]:
    """What the simulations of this session said of the bands, by kind of estimate."""
    live = session.compute.live
    return {
        name: {
            "audited": band.audited,
            "inside_pct": band.inside_pct,
            "factor": band.factor(0.8),
        }
        for name, band in (("anchored", live.anchored), ("free", live.free))
    }


def standing_of(session: Session) -> dict[str, Any] | None:
    """As ``flag_of`` for the live predictor's own answer on the active scheme, simulated or not."""
    settled = session.compute.cached(session.scheme)
    if settled is not None:
        return flag_of(settled.estimated, session.lang)
    return flag_of(session.evaluation.forecast, session.lang) if session.evaluation is not None else None


def flag_of(forecast: Forecast, lang: str) -> dict[str, Any] | None:
    """Why the predictor says that it is asked beyond what it was built for; ``None`` when it does not."""
    if forecast.in_range:
        return None
    reasons = [
        {"field": n.field, "text": n.text_zh if lang == "zh" and n.text_zh else n.text}
        for n in forecast.warnings
        if n.severity == "hard"
    ]
    return {"reasons": reasons[:6], "more": max(len(reasons) - 6, 0)}


def domain_of(session: Session, box: dict[str, Any]) -> list[dict[str, Any]]:
    """Training range of each quantity beside what the active scheme spans."""
    here = spans_of(session) if session.evaluation is not None else {}
    rows = []
    for key, (low, high) in box.items():
        span = here.get(key)
        rows.append(
            {
                "key": key,
                "unit": UNITS.get(key, ""),
                "range": f"{_short(low)}–{_short(high)}",
                "here": "" if span is None else "–".join(dict.fromkeys(_short(v) for v in span)),
                "inside": None if span is None else bool(low <= span[0] * 1.01 and span[1] <= high * 1.01),
            }
        )
    return rows


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def spans_of(session: Session) -> dict[str, tuple[float, float]]:
    """Smallest and largest value of each quantity in the active scheme."""
    scheme, wells = session.scheme, session.evaluation.wells
    ground = scheme.ground()
    working = [w for w in wells if w.kind != "monitor" and w.rate_m3_h != 0.0]
    rates = [abs(w.rate_m3_h) for w in working if w.kind == "producer"]
    cold = [w.temperature_degc for w in working if w.kind == "injector" and w.temperature_degc is not None]
    active = [layer for layer in ground.layers if float(np.max(layer.permeability_md)) > 1.0]
    degc = [float(np.mean(layer.temperature_degc)) for layer in active]
    k = [float(np.exp(np.mean(np.log(np.maximum(layer.permeability_md, 1e-6))))) for layer in active]
    height = sum(layer.thickness_m for layer in active)
    found = {
        "wells": [float(len(working))],
        "thickness_m": [height] if active else [],
        "permeability_md": k,
        "rate_m3_h": rates,
        "reservoir_degc": degc,
        "injection_degc": cold,
        "season_days": [float(scheme.season_days)],
        "years": [float(scheme.years)],
    }
    return {key: (min(v), max(v)) for key, v in found.items() if v}

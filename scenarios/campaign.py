"""A campaign's availability back into a scheme: wells give less in years of drilling, outage and repair.

One way only: the field's events do not wait for the reservoir. The yearly volume of each well is scaled by the share of
the year in which its doublet runs; within the season the rate is lowered instead of being switched, which the ground
hardly tells apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scenarios.scheme import Scheme
from twin_models.errors import Fault, InputError
from twin_models.operations import Campaign, Shock, availability_of
from twin_models.types import DAYS_PER_YEAR, Step, Well


def doublets_of(scheme: Scheme) -> tuple[tuple[int, ...], ...]:
    """Wells that are built and stand still together: each producer with the next injector in the list, places in
    ``scheme.wells``. Injectors left over belong to the last doublet, producers left over stand alone."""
    kinds = [w.well.kind for w in scheme.wells]
    producers = [i for i, kind in enumerate(kinds) if kind == "producer"]
    injectors = [i for i, kind in enumerate(kinds) if kind == "injector"]
    groups = [[p, *injectors[n : n + 1]] for n, p in enumerate(producers)]
    if groups:
        groups[-1] += injectors[len(producers) :]
    return tuple(tuple(group) for group in groups)


def campaign_of(scheme: Scheme, **more: Any) -> Campaign:
    """A campaign for a scheme's doublets: those of existing wells run from the start. ``more``: fields of ``Campaign``."""
    groups = doublets_of(scheme)
    if not groups:
        raise InputError(Fault("wells", "missing", "there is no producer to be drilled or kept running", {}))
    existing = sum(all(scheme.wells[i].existing for i in group) for group in groups)
    return Campaign(**{"doublets": len(groups), "existing": existing, "years": scheme.years, **more})


def with_availability(scheme: Scheme, availability: np.ndarray) -> Scheme:
    """The scheme with yearly rates times the availability (doublets, years) of ``doublets_of``; wells with schedules of
    their own, storage wells and monitors stay as they are. Existing doublets come first in ``availability``."""
    groups = doublets_of(scheme)
    order = sorted(range(len(groups)), key=lambda g: not all(scheme.wells[i].existing for i in groups[g]))
    wells = list(scheme.wells)
    for row, g in enumerate(order):
        for i in groups[g]:
            if not wells[i].well.schedule:
                changed = _scheduled(wells[i].well, availability[row], scheme.season_days)
                wells[i] = replace(wells[i], well=changed)
    return replace(scheme, wells=tuple(wells))


def _scheduled(well: Well, share: np.ndarray, season_days: float) -> Well:
    steps = []
    for year, part in enumerate(share):
        start = year * DAYS_PER_YEAR
        steps.append(Step(start, well.rate_m3_h * float(part), well.temperature_degc))
        if season_days < DAYS_PER_YEAR:
            steps.append(Step(start + season_days, 0.0, well.temperature_degc))
    return replace(well, schedule=tuple(steps))


def delayed(
    scheme: Scheme, *, shocks: Sequence[Shock] = (), realisations: int = 20, **more: Any
) -> tuple[Scheme, np.ndarray]:
    """The scheme as a campaign would let it run on average, and the availability used. Seeded by ``scheme.seed``."""
    campaign = campaign_of(scheme, **more)
    share = availability_of(campaign, seed=scheme.seed, realisations=realisations, shocks=shocks)
    return with_availability(scheme, share), share
